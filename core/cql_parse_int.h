/*
 * cql_parse_int.h - the parser of the query language, for its own files only: cql_lex.c characters, nodes and messages,
 * cql_token.c what stands between brackets, cql.c what stands outside of them.
 */
#ifndef DS_CQL_PARSE_INT_H
#define DS_CQL_PARSE_INT_H

#include "cql_int.h"

struct ds_cql {
    const ds_alloc *alloc;
    ds_cql_node *nodes;
    size_t count, cap;
    uint32_t root;
    ds_cql_within unit;
    uint32_t span;
    ds_str names[DS_CQL_CAPTURES_MAX];
    uint32_t captures;
    ds_buf pool;    /* all strings; views are set when it no longer grows */
    ds_buf text;
};

typedef struct cql_parser {
    ds_cql *q;
    ds_str s;
    size_t at;
    uint32_t depth;
    ds_status status;
    ds_error *err;
} cql_parser;

#define NO_NODE DS_CQL_NONE

/* A rule of the grammar: the node of what it has read, NO_NODE with p->status set. */
typedef uint32_t cql_rule(cql_parser *p);

/* Failures keep the first status and message; they return NO_NODE. */
uint32_t cql_fail_at(cql_parser *p, ds_status st, size_t at, const char *message);
uint32_t cql_fail_expected(cql_parser *p, const char *expected);
uint32_t cql_fail_memory(cql_parser *p);

/* A new node that begins at byte `off`; NO_NODE: failed. */
uint32_t cql_add_node(cql_parser *p, ds_cql_kind kind, size_t off);
uint32_t cql_add_parent(cql_parser *p, ds_cql_kind kind, size_t off, uint32_t child);
/* The value of a node: what the pool holds from byte `from` on. */
void cql_set_value(cql_parser *p, uint32_t node, size_t from);

void cql_skip_space(cql_parser *p);
/* The next character behind white space, '\0' at the end; cql_take takes it when it is `c`. */
char cql_peek(cql_parser *p);
bool cql_take(cql_parser *p, char c);
/* The name that begins here, empty: none; nothing is taken. */
ds_str cql_peek_name(cql_parser *p);
bool cql_is_word(ds_str s, const char *word);
/* The text between the quotation marks that begin here. */
bool cql_take_quoted(cql_parser *p, ds_str *raw, char *quote);
/* One level of nesting deeper; false: too deep. */
bool cql_enter(cql_parser *p);
/* One or more of what `part` reads, `c` between them; several have a parent of `kind`. */
uint32_t cql_parse_joined(cql_parser *p, cql_rule *part, char c, ds_cql_kind kind);

/* [condition], from the bracket on. */
uint32_t cql_parse_token(cql_parser *p);

#endif

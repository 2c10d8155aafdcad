/*
 * cql.h - the query language of corpus stores: its text to a tree.
 *
 * The core of CQP's language (Christ 1994; Evert and Hardie 2011), with phrases on the character layer in place of bare
 * words.  doc/QUERY.md has the grammar for users.
 *
 * Life     ds_cql_parse -> read the nodes -> ds_cql_free.  A tree does not change and knows nothing of an index.
 * Memory   one object that owns all its strings.
 * Units    offsets are bytes of the query's text, columns in messages characters from 1.
 * Errors   DS_EFORMAT: the text is no query; err->off is the byte of the place, err->msg names its column and what was
 *          expected.  DS_ELIMIT: longer, deeper or larger than the ceilings below.  DS_ENOMEM.
 * Threads  a tree may be read by several.
 */
#ifndef DS_CQL_H
#define DS_CQL_H

#include "fold.h"

#ifndef DS_CQL_TEXT_MAX
#define DS_CQL_TEXT_MAX 65536u /* bytes of a query */
#endif
#ifndef DS_CQL_NODES_MAX
#define DS_CQL_NODES_MAX 4096u
#endif
#define DS_CQL_DEPTH_MAX 64u    /* parentheses and `!` within each other */
#define DS_CQL_CAPTURES_MAX 16u /* different names */
#define DS_CQL_REPEAT_MAX 1000u /* the largest number between braces */

typedef enum ds_cql_kind {
    /* What stands outside of brackets. */
    DS_CQL_SEQUENCE, /* its children one behind the other; two or more */
    DS_CQL_CHOICE,   /* one of its children */
    DS_CQL_REPEAT,   /* its child `min` to `max` times */
    DS_CQL_CAPTURE,  /* its child, under the name of number `capture` */
    DS_CQL_TOKEN,    /* a token; its child is the condition, none: any */
    DS_CQL_PHRASE,   /* characters: `value`, folded */
    /* Conditions on a token. */
    DS_CQL_AND,
    DS_CQL_OR,
    DS_CQL_NOT,
    DS_CQL_TEST /* attribute = "value" */
} ds_cql_kind;

typedef enum ds_cql_attr {
    DS_CQL_WORD,
    DS_CQL_KEY,
    DS_CQL_POS,
    DS_CQL_LEMMA,
    DS_CQL_CLASS,
    DS_CQL_ENTITY,
    DS_CQL_ATTRS
} ds_cql_attr;

#define DS_CQL_NONE UINT32_MAX
#define DS_CQL_UNBOUNDED UINT32_MAX /* as `max` */

typedef struct ds_cql_node {
    ds_cql_kind kind;
    uint32_t child; /* the first one, DS_CQL_NONE: none */
    uint32_t next;  /* the next child of the same parent */
    uint32_t off;   /* byte of the query where it begins */
    uint32_t min, max;
    uint32_t capture;
    ds_cql_attr attr;
    bool ignore_case; /* %c */
    bool pattern;     /* `value` is a regular expression, to match the whole string */
    ds_str value;     /* key and phrase: folded */
} ds_cql_node;

typedef enum ds_cql_within { DS_CQL_SENTENCE, DS_CQL_PARAGRAPH, DS_CQL_DOC, DS_CQL_TOKENS } ds_cql_within;

typedef struct ds_cql ds_cql;

/* Reads a query.  `err` may be NULL. */
DS_MUSTUSE ds_status ds_cql_parse(const ds_alloc *a, ds_str text, ds_cql **out, ds_error *err);
void ds_cql_free(ds_cql *q);

/* The node that the whole query is. */
uint32_t ds_cql_root(const ds_cql *q);
/* Node `i`, below ds_cql_count. */
const ds_cql_node *ds_cql_at(const ds_cql *q, uint32_t i);
uint32_t ds_cql_count(const ds_cql *q);
/* What no match may reach beyond: DS_CQL_DOC unless the query says less. */
ds_cql_within ds_cql_unit(const ds_cql *q);
/* How many of these, one behind the other, a match may take: 1 unless the query says more. */
uint32_t ds_cql_span(const ds_cql *q);
/* The captures' names, in the order in which they are first written. */
uint32_t ds_cql_captures(const ds_cql *q);
ds_str ds_cql_capture(const ds_cql *q, uint32_t i);
/* The text as it was given. */
ds_str ds_cql_text(const ds_cql *q);
/* "word", "key", ...; "" for a number out of range. */
const char *ds_cql_attr_name(ds_cql_attr attr);
/* The column, from 1, of a byte of the query. */
uint32_t ds_cql_column(ds_str text, size_t off);

#endif

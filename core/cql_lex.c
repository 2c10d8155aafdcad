/* cql_lex.c - what every rule of the query language is made of: messages, nodes, characters; see cql_parse_int.h. */
#include "cql_parse_int.h"

#include <string.h>

uint32_t ds_cql_column(ds_str text, size_t off)
{
    return (uint32_t)ds_utf8_count((ds_str){text.p, off < text.n ? off : text.n}) + 1;
}

/* ------------------------------------------------------------------ errors */

/* What stands at `at`, for messages: a word, a character, or the end. */
static void describe(const cql_parser *p, size_t at, char *out, size_t cap)
{
    uint32_t cp;
    size_t n = 0;
    if (at >= p->s.n) {
        memcpy(out, "the end", sizeof "the end");
        return;
    }
    while (at + n < p->s.n && n < 16 && ((p->s.p[at + n] | 32) >= 'a' && (p->s.p[at + n] | 32) <= 'z'))
        n++;
    if (n == 0)
        n = ds_utf8_decode(p->s.p + at, p->s.n - at, &cp);
    if (n + 3 > cap)
        n = cap - 3;
    out[0] = '\'';
    memcpy(out + 1, p->s.p + at, n);
    memcpy(out + 1 + n, "'", 2);
}

uint32_t cql_fail_at(cql_parser *p, ds_status st, size_t at, const char *message)
{
    if (p->status == DS_OK)
        p->status = ds_fail(p->err, st, at, 0, "query, character %u: %s", ds_cql_column(p->s, at), message);
    return NO_NODE;
}

uint32_t cql_fail_expected(cql_parser *p, const char *expected)
{
    char found[24];
    if (p->status == DS_OK) {
        describe(p, p->at, found, sizeof found);
        p->status = ds_fail(p->err, DS_EFORMAT, p->at, 0, "query, character %u: expected %s, found %s",
                            ds_cql_column(p->s, p->at), expected, found);
    }
    return NO_NODE;
}

uint32_t cql_fail_memory(cql_parser *p)
{
    if (p->status == DS_OK)
        p->status = ds_fail_nomem(p->err);
    return NO_NODE;
}

/* ------------------------------------------------------------------ nodes and characters */

uint32_t cql_add_node(cql_parser *p, ds_cql_kind kind, size_t off)
{
    ds_cql *q = p->q;
    if (p->status != DS_OK)
        return NO_NODE;
    if (q->count >= DS_CQL_NODES_MAX)
        return cql_fail_at(p, DS_ELIMIT, off, "the query has too many parts");
    if (ds_grow(q->alloc, (void **)&q->nodes, &q->cap, q->count + 1, sizeof *q->nodes) != DS_OK)
        return cql_fail_memory(p);
    q->nodes[q->count] = (ds_cql_node){
        .kind = kind, .child = NO_NODE, .next = NO_NODE, .off = (uint32_t)off, .min = 1, .max = 1, .capture = NO_NODE};
    return (uint32_t)q->count++;
}

uint32_t cql_add_parent(cql_parser *p, ds_cql_kind kind, size_t off, uint32_t child)
{
    uint32_t n = cql_add_node(p, kind, off);
    if (n != NO_NODE)
        p->q->nodes[n].child = child;
    return n;
}

void cql_skip_space(cql_parser *p)
{
    uint32_t cp;
    while (p->at < p->s.n) {
        size_t len = ds_utf8_decode(p->s.p + p->at, p->s.n - p->at, &cp);
        if (!cql_is_space(cp))
            return;
        p->at += len;
    }
}

char cql_peek(cql_parser *p)
{
    cql_skip_space(p);
    return p->at < p->s.n ? p->s.p[p->at] : '\0';
}

bool cql_take(cql_parser *p, char c)
{
    if (p->at >= p->s.n || cql_peek(p) != c || p->at >= p->s.n)
        return false;
    p->at++;
    return true;
}

static bool is_name(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

/* The name that begins here, empty: none; nothing is taken. */
ds_str cql_peek_name(cql_parser *p)
{
    size_t n = 0;
    cql_skip_space(p);
    while (p->at + n < p->s.n && is_name(p->s.p[p->at + n], n == 0))
        n++;
    return (ds_str){p->s.p + p->at, n};
}

bool cql_is_word(ds_str s, const char *word)
{
    return ds_str_eq(s, ds_str_of(word));
}

/* One level of nesting deeper; false: too deep. */
bool cql_enter(cql_parser *p)
{
    if (p->depth >= DS_CQL_DEPTH_MAX) {
        cql_fail_at(p, DS_ELIMIT, p->at, "nested too deep");
        return false;
    }
    p->depth++;
    return true;
}

/* ------------------------------------------------------------------ strings */

/* The text between the quotation marks that begin here. */
bool cql_take_quoted(cql_parser *p, ds_str *raw, char *quote)
{
    size_t from = ++p->at;
    *quote = p->s.p[from - 1];
    for (; p->at < p->s.n; p->at++) {
        if (p->s.p[p->at] == '\\' && p->at + 1 < p->s.n) {
            p->at++;
        } else if (p->s.p[p->at] == *quote) {
            *raw = (ds_str){p->s.p + from, p->at++ - from};
            return true;
        }
    }
    cql_fail_at(p, DS_EFORMAT, from - 1, "the quotation mark that opens here is never closed");
    return false;
}

/* Until the pool is complete a value's address counts from the pool's start. */
void cql_set_value(cql_parser *p, uint32_t node, size_t from)
{
    ds_cql *q = p->q;
    q->nodes[node].value = (ds_str){(const char *)(uintptr_t)from, q->pool.n - from};
}

/* ------------------------------------------------------------------ lists */

/* One or more of what `part` reads, `c` between them; several have a parent of `kind`. */
uint32_t cql_parse_joined(cql_parser *p, cql_rule *part, char c, ds_cql_kind kind)
{
    cql_skip_space(p);
    size_t off = p->at;
    uint32_t first = part(p), last = first;
    if (first == NO_NODE || !cql_take(p, c))
        return first;
    do {
        uint32_t n = part(p);
        if (n == NO_NODE)
            return n;
        p->q->nodes[last].next = n;
        last = n;
    } while (cql_take(p, c));
    return cql_add_parent(p, kind, off, first);
}

/* query_types.c - which types a condition holds for; regular expressions by PCRE2, on the vocabulary only. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "query_int.h"

#include <pcre2.h>
#include <string.h>

#ifndef Q_MATCH_LIMIT
#define Q_MATCH_LIMIT 200000u /* PCRE2's steps for one word */
#endif
#define Q_HEAP_LIMIT 4096u /* KiB for one word */

enum { REGEX_MEMORY = 64 }; /* strings whose answer is remembered: parts of speech repeat */

struct q_regex {
    pcre2_general_context *general;
    pcre2_match_context *match;
    pcre2_code *code;
    pcre2_match_data *data;
    struct {
        ds_str s;
        bool yes;
    } seen[REGEX_MEMORY];
};

/* ------------------------------------------------------------------ PCRE2's memory from ours */

/* PCRE2 does not say how large a block is when it frees it: the size stands before it. */
enum { BLOCK_HEAD = 16 };

static void *regex_malloc(size_t n, void *ud)
{
    size_t all;
    if (!ds_add(n, BLOCK_HEAD, &all))
        return NULL;
    char *p = ds_malloc(ud, all);
    if (p == NULL)
        return NULL;
    memcpy(p, &all, sizeof all);
    return p + BLOCK_HEAD;
}

static void regex_free(void *p, void *ud)
{
    size_t all;
    if (p == NULL)
        return;
    memcpy(&all, (char *)p - BLOCK_HEAD, sizeof all);
    ds_mfree(ud, (char *)p - BLOCK_HEAD, all);
}

/* ------------------------------------------------------------------ regular expressions */

static void regex_close(const ds_alloc *a, q_regex *r)
{
    if (r == NULL)
        return;
    pcre2_match_data_free(r->data);
    pcre2_code_free(r->code);
    pcre2_match_context_free(r->match);
    pcre2_general_context_free(r->general);
    ds_mfree(a, r, sizeof *r);
}

static bool needs_regex(const ds_cql_node *t)
{
    return t->kind == DS_CQL_TEST && t->attr != DS_CQL_ENTITY &&
           (t->pattern || (t->ignore_case && t->attr != DS_CQL_KEY));
}

static ds_status regex_compile(ds_query *q, q_regex *r, const ds_cql_node *t, ds_error *err)
{
    int code;
    PCRE2_SIZE at;
    uint32_t flags = PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_MATCH_INVALID_UTF |
                     PCRE2_NEVER_BACKSLASH_C | PCRE2_DOTALL;
    if (!t->pattern)
        flags = PCRE2_UTF | PCRE2_LITERAL | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_MATCH_INVALID_UTF;
    if (t->ignore_case || t->attr == DS_CQL_KEY)
        flags |= PCRE2_CASELESS;
    pcre2_compile_context *context = pcre2_compile_context_create(r->general);
    if (context == NULL)
        return ds_fail_nomem(err);
    pcre2_set_parens_nest_limit(context, DS_CQL_DEPTH_MAX);
    r->code = pcre2_compile((PCRE2_SPTR)t->value.p, t->value.n, flags, &code, &at, context);
    pcre2_compile_context_free(context);
    if (r->code == NULL) {
        unsigned char why[96];
        if (code == PCRE2_ERROR_NOMEMORY || code == 121 /* failed to allocate heap memory */)
            return ds_fail_nomem(err);
        pcre2_get_error_message(code, why, sizeof why);
        return ds_fail(err, DS_EINVAL, t->off, 0, "query, character %u: the value is no regular expression: %s",
                       ds_cql_column(ds_cql_text(q->tree), t->off), (const char *)why);
    }
    pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* without it, it is slower */
    return DS_OK;
}

static ds_status regex_open(ds_query *q, const ds_cql_node *t, q_regex **out, ds_error *err)
{
    q_regex *r = *out = ds_calloc(q->alloc, 1, sizeof *r);
    if (r == NULL)
        return ds_fail_nomem(err);
    r->general = pcre2_general_context_create(regex_malloc, regex_free, (void *)(uintptr_t)q->alloc);
    if (r->general == NULL || (r->match = pcre2_match_context_create(r->general)) == NULL)
        return ds_fail_nomem(err);
    pcre2_set_match_limit(r->match, Q_MATCH_LIMIT);
    pcre2_set_heap_limit(r->match, Q_HEAP_LIMIT);
    ds_status st = regex_compile(q, r, t, err);
    if (st != DS_OK)
        return st;
    r->data = pcre2_match_data_create_from_pattern(r->code, r->general);
    return r->data != NULL ? DS_OK : ds_fail_nomem(err);
}

ds_status q_regexes_new(ds_query *q, ds_error *err)
{
    uint32_t n = ds_cql_count(q->tree);
    q->regexes = ds_calloc(q->alloc, n, sizeof *q->regexes);
    if (q->regexes == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        const ds_cql_node *t = ds_cql_at(q->tree, i);
        if (!needs_regex(t))
            continue;
        ds_status st = regex_open(q, t, &q->regexes[i], err);
        if (st != DS_OK)
            return st;
    }
    return DS_OK;
}

void q_regexes_free(ds_query *q)
{
    uint32_t n = ds_cql_count(q->tree);
    for (uint32_t i = 0; q->regexes != NULL && i < n; i++)
        regex_close(q->alloc, q->regexes[i]);
    ds_mfree(q->alloc, q->regexes, n * sizeof *q->regexes);
}

static bool regex_match(ds_query *q, const q_regex *r, const ds_cql_node *t, ds_str s)
{
    PCRE2_SPTR p = (PCRE2_SPTR)(s.p != NULL ? s.p : "");
    int rc = pcre2_match(r->code, p, s.n, 0, 0, r->data, r->match);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
        rc = pcre2_match(r->code, p, s.n, 0, PCRE2_NO_JIT, r->data, r->match);
    if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
        return rc >= 0;
    if (q->status != DS_OK)
        return false;
    if (rc == PCRE2_ERROR_NOMEMORY)
        q->status = ds_fail_nomem(&q->error);
    else
        q->status = q_fail(q, DS_ELIMIT, t->off, "the regular expression takes too long on", s);
    return false;
}

static bool regex_matches(ds_query *q, uint32_t node, const ds_cql_node *t, ds_str s)
{
    q_regex *r = q->regexes[node];
    if (t->attr != DS_CQL_POS && t->attr != DS_CQL_CLASS)
        return regex_match(q, r, t, s);
    unsigned h = (unsigned)(s.n * 7);
    for (size_t i = 0; i < s.n && i < 8; i++)
        h = h * 31 + (unsigned char)s.p[i];
    h %= REGEX_MEMORY;
    if (r->seen[h].s.p == NULL || !ds_str_eq(r->seen[h].s, s)) {
        r->seen[h].yes = regex_match(q, r, t, s);
        r->seen[h].s = s;
    }
    return r->seen[h].yes;
}

/* ------------------------------------------------------------------ conditions on one type */

static bool is_form(const ds_query *q, uint32_t node, ds_str key)
{
    for (uint32_t i = 0; i < q->phrase_n[node]; i++)
        if (ds_str_eq(q->phrases[q->phrase_of[node] + i].text, key))
            return true;
    return false;
}

static bool test_holds(ds_query *q, uint32_t node, const ds_cql_node *n, const ds_type *t)
{
    ds_str s = t->word;
    switch (n->attr) {
    case DS_CQL_KEY: s = t->key; break;
    case DS_CQL_POS: s = t->pos; break;
    case DS_CQL_LEMMA: s = t->lemma; break;
    case DS_CQL_CLASS: s = ds_str_of(ds_class_name((ds_class)t->cls)); break;
    case DS_CQL_ENTITY: return is_form(q, node, t->key);
    default: break;
    }
    if (q->regexes[node] != NULL)
        return regex_matches(q, node, n, s);
    return ds_str_eq(s, n->value);
}

bool q_holds(ds_query *q, uint32_t expr, const ds_type *t)
{
    if (expr == DS_CQL_NONE)
        return true;
    const ds_cql_node *n = ds_cql_at(q->tree, expr);
    switch (n->kind) {
    case DS_CQL_NOT: return !q_holds(q, n->child, t);
    case DS_CQL_AND:
        for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(q->tree, c)->next)
            if (!q_holds(q, c, t))
                return false;
        return true;
    case DS_CQL_OR:
        for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(q->tree, c)->next)
            if (q_holds(q, c, t))
                return true;
        return false;
    default: return test_holds(q, expr, n, t);
    }
}

/* ------------------------------------------------------------------ few words to try */

static uint32_t first_folded(ds_str s)
{
    uint32_t cp, out[DS_FOLD_CP_MAX];
    ds_utf8_decode(s.p, s.n, &cp);
    if (cp == DS_UTF8_BAD)
        return cp;
    ds_fold_cp(cp, DS_FOLD_ALL, out);
    return out[0];
}

static uint32_t last_folded(ds_str s)
{
    uint32_t cp, out[DS_FOLD_CP_MAX];
    size_t at = ds_utf8_prev(s, s.n);
    ds_utf8_decode(s.p + at, s.n - at, &cp);
    if (cp == DS_UTF8_BAD)
        return cp;
    return out[ds_fold_cp(cp, DS_FOLD_ALL, out) - 1];
}

static bool has_char(const char *set, char c)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Whether every word that the pattern matches begins with the pattern's first character. */
static bool begins_plain(ds_str s)
{
    uint32_t cp;
    if (s.n == 0 || has_char("\\^$.[|()?*+{", s.p[0]) || memchr(s.p, '|', s.n) != NULL)
        return false;
    size_t n = ds_utf8_decode(s.p, s.n, &cp);
    return n == s.n || !has_char("?*{", s.p[n]);
}

static bool ends_plain(ds_str s)
{
    if (s.n == 0 || has_char("\\^$.[]|()?*+{}", s.p[s.n - 1]) || memchr(s.p, '|', s.n) != NULL)
        return false;
    size_t at = ds_utf8_prev(s, s.n);
    if (memchr(s.p, '[', s.n) != NULL || memchr(s.p, '(', s.n) != NULL || memchr(s.p, '\\', s.n) != NULL)
        return false; /* the last character might belong to something else, such as \p{..} or (?x) # */
    return at > 0;
}

typedef struct candidates {
    const uint32_t *v; /* ascending */
    size_t n;
} candidates;

/* A short list that has all types for which a test can hold; false: none is known. */
static bool test_candidates(ds_query *q, const ds_cql_node *n, candidates *out)
{
    ds_str s = n->value;
    bool regex = n->pattern || (n->ignore_case && n->attr != DS_CQL_KEY);
    if ((n->attr != DS_CQL_WORD && n->attr != DS_CQL_KEY) || s.n == 0)
        return false;
    if (!regex || (n->pattern ? begins_plain(s) : true)) {
        uint32_t cp = first_folded(s);
        out->v = cp != DS_UTF8_BAD ? ds_index_first(q->ix, cp, &out->n) : NULL;
        return cp != DS_UTF8_BAD;
    }
    if (!ends_plain(s))
        return false;
    uint32_t cp = last_folded(s);
    out->v = cp != DS_UTF8_BAD ? ds_index_last(q->ix, cp, &out->n) : NULL;
    return cp != DS_UTF8_BAD;
}

static ds_status keep_holding(ds_query *q, uint32_t expr, candidates c, q_types *out)
{
    ds_type t;
    for (size_t i = 0; i < c.n; i++) {
        if (c.v[i] == DS_TYPE_END)
            continue;
        ds_index_type(q->ix, c.v[i], &t);
        if (t.cls == DS_CLASS_SPACE || !q_holds(q, expr, &t))
            continue;
        if (!q_list_add(q->alloc, &out->ids, c.v[i]))
            return ds_fail_nomem(&q->error);
    }
    return q->status;
}

/* Appends all types that may fulfil `expr`; false: that would take the whole vocabulary, or there is no memory. */
static bool few_types(ds_query *q, uint32_t expr, uint32_t whole, q_types *out)
{
    candidates c;
    if (expr == DS_CQL_NONE || q->status != DS_OK)
        return false;
    const ds_cql_node *n = ds_cql_at(q->tree, expr);
    if (n->kind == DS_CQL_TEST && n->attr == DS_CQL_ENTITY) {
        for (uint32_t i = 0; i < q->phrase_n[expr]; i++) {
            ds_str form = q->phrases[q->phrase_of[expr] + i].text;
            c.v = ds_index_first(q->ix, first_folded(form), &c.n);
            if ((q->status = keep_holding(q, whole, c, out)) != DS_OK)
                return false;
        }
        return true;
    }
    if (n->kind == DS_CQL_TEST) {
        if (!test_candidates(q, n, &c))
            return false;
        q->status = keep_holding(q, whole, c, out);
        return q->status == DS_OK;
    }
    if (n->kind != DS_CQL_AND && n->kind != DS_CQL_OR)
        return false;
    size_t had = out->ids.n;
    for (uint32_t k = n->child; k != DS_CQL_NONE; k = ds_cql_at(q->tree, k)->next) {
        bool few = few_types(q, k, whole, out);
        if (few && n->kind == DS_CQL_AND)
            return true;
        if (!few && n->kind == DS_CQL_OR) {
            out->ids.n = had;
            return false;
        }
    }
    return n->kind == DS_CQL_OR;
}

static void count_tokens(ds_query *q, q_types *t)
{
    ds_type type;
    t->tokens = 0;
    for (size_t i = 0; i < t->ids.n; i++) {
        ds_index_type(q->ix, t->ids.v[i], &type);
        t->tokens += type.count;
    }
}

static ds_status all_types(ds_query *q, uint32_t expr, q_types *out)
{
    ds_type t;
    uint32_t n = ds_index_types(q->ix);
    for (uint32_t i = 1; i < n && q->status == DS_OK; i++) {
        ds_index_type(q->ix, i, &t);
        if (t.cls == DS_CLASS_SPACE || !q_holds(q, expr, &t))
            continue;
        if (!q_list_add(q->alloc, &out->ids, i))
            return ds_fail_nomem(&q->error);
        if ((i & 1023) == 0 && q_step(q, 8192))
            break;
    }
    return q->status;
}

ds_status q_list_types(ds_query *q, q_token *t, bool all)
{
    if (t->listed)
        return DS_OK;
    if (few_types(q, t->expr, t->expr, &t->types)) {
        if (!q_list_sort(q->alloc, &t->types.ids))
            return ds_fail_nomem(&q->error);
        q_list_unique(&t->types.ids);
    } else if (q->status != DS_OK) {
        return q->status;
    } else if (!all) {
        return DS_OK;
    } else {
        ds_status st = all_types(q, t->expr, &t->types);
        if (st != DS_OK)
            return st;
    }
    count_tokens(q, &t->types);
    t->listed = true;
    return DS_OK;
}

ds_status q_list_spaces(ds_query *q)
{
    static const uint32_t others[] = {0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF};
    uint32_t cps[64];
    size_t n = 0, count;
    ds_type t;
    if (q->spaces.ids.n > 0)
        return DS_OK;
    cps[n++] = ' ';
    for (uint32_t c = '\t'; c <= '\r'; c++)
        cps[n++] = c;
    for (uint32_t c = 0x2000; c <= 0x200A; c++)
        cps[n++] = c;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cps[n++] = others[i];
    for (size_t i = 0; i < n; i++) {
        const uint32_t *v = ds_index_first(q->ix, cps[i], &count);
        for (size_t k = 0; k < count; k++) {
            ds_index_type(q->ix, v[k], &t);
            if (t.cls == DS_CLASS_SPACE && !q_list_add(q->alloc, &q->spaces.ids, v[k]))
                return ds_fail_nomem(&q->error);
        }
    }
    if (!q_list_sort(q->alloc, &q->spaces.ids))
        return ds_fail_nomem(&q->error);
    q_list_unique(&q->spaces.ids);
    count_tokens(q, &q->spaces);
    return DS_OK;
}

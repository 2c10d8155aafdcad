/*
 * fuzz_query.c - the reader of queries, and what they find in small stores, against the naive evaluator.
 *
 * Byte 0: which of the stores (2 bits), 4: overlap.  The rest is the query: each byte below the number of pieces is one of
 * them; others stand for themselves.
 */
#include "../core/naive_query.h"
#include "fuzz_text.h"

enum { STORES = 4, QUERY_MOST = 300 };

static const char *const pieces[] = {
    "[", "]", "(", ")", " ", "|", "&", "!", "?", "*", "+", "{0,2}", "{2}", "{1,}", "[]", " within s", " within p", "@a:",
    "key=\"人\"", "key=\"中国\"", "word=\"国\"", "pos=\"n\"", "pos!=\"n\"", "pos=\"n.*\"", "class=\"han\"", "key=\".*人\"",
    "key=\"[ab]+\"", "lemma=\"a\"", "entity=\"zhong\"", "entity=\"ab\"", "word=\"AB\"%c", "\"人\"", "\"人人\"", "\"中国\"",
    "\"国中\"", "\"a b\"", "\"ab\"", "\"aba\"", "\"中国人\"", "\"", "'", "%l", "\\", "{", "}", ",", "3", "word=", "价",
    "[entity=\"zhong\"]", "[pos=\"n\"]", "[key=\"人\"]", "[word=\"A\"]", "[class=\"punct\"]",
    " within 2 s", " within 3 p", " within 4", " within ", " s",
};
enum { PIECES = sizeof pieces / sizeof *pieces };

/* The naive evaluator knows few regular expressions, and is slow where much is repeated. */
static bool is_known(const ds_cql *q)
{
    static const char *const regexes[] = {"n.*", ".*人", "[ab]+"};
    uint64_t work = 1;
    for (uint32_t i = 0; i < ds_cql_count(q); i++) {
        const ds_cql_node *n = ds_cql_at(q, i);
        bool known = n->kind != DS_CQL_TEST || !n->pattern;
        for (size_t k = 0; n->kind == DS_CQL_TEST && !n->ignore_case && k < 3; k++)
            known = known || ds_str_eq(n->value, ds_str_of(regexes[k]));
        if (!known || (n->kind == DS_CQL_TEST && (n->ignore_case ? n->value.n >= 8 : n->value.n >= 200)))
            return false;
        if (n->kind == DS_CQL_TEST && n->attr == DS_CQL_ENTITY && !ds_str_eq(n->value, ds_str_of("zhong")) &&
            !ds_str_eq(n->value, ds_str_of("ab")))
            return false;
        if (n->kind == DS_CQL_TEST && memchr(n->value.p, '\0', n->value.n) != NULL)
            return false;
        if (n->kind == DS_CQL_PHRASE && memchr(n->value.p, '\0', n->value.n) != NULL)
            return false;
        if (n->kind == DS_CQL_REPEAT)
            work *= n->max > 8 ? 8 : n->max;
        if (work > 5000)
            return false;
    }
    return true;
}

static void check_hits(const nq_corpus *c, const ds_cql *tree, bool overlap)
{
    static ds_found got[sizeof ((nq_hits *)0)->v / sizeof(ds_found)];
    static nq_hits want;
    ds_query *q;
    size_t n;
    uint64_t count;
    ds_error err = {.status = DS_OK};
    ds_query_options o = {.forms = nq_forms, .overlap = overlap};
    ds_status st = ds_query_new(NULL, c->ix, tree, &o, &q, &err);
    FUZZ_CHECK(st == DS_OK || (q == NULL && (st == DS_EINVAL || st == DS_ELIMIT) && err.msg[0] != '\0'));
    if (st != DS_OK)
        return;
    FUZZ_CHECK(ds_query_next(q, got, sizeof got / sizeof *got, &n, &err) == DS_OK && !ds_query_partial(q));
    FUZZ_CHECK(ds_query_count(q, &count, &err) == DS_OK && count == n);
    for (size_t i = 0; i < n; i++) {
        ds_query_detail d;
        FUZZ_CHECK(ds_query_look(q, &got[i], &d, &err) == DS_OK);
        for (uint32_t k = 0; k < ds_cql_captures(tree); k++)
            FUZZ_CHECK(d.captures[k].end == 0 || (d.captures[k].beg >= got[i].beg && d.captures[k].end <= got[i].end));
    }
    if (is_known(tree)) {
        nq_run(c, tree, overlap, NULL, &want);
        FUZZ_CHECK(n == want.n);
        for (size_t i = 0; i < n; i++)
            FUZZ_CHECK(got[i].beg == want.v[i].beg && got[i].end == want.v[i].end);
    }
    ds_query_free(q);
}

static nq_corpus stores[STORES];

static void build_stores(void)
{
    for (uint64_t i = 0; stores[i].store == NULL; i = (i + 1) % STORES) {
        nq_build(&stores[i], 500 + i, i == 0 ? 2 : 12, i == 3);
        unlink(stores[i].path); /* open files stay readable */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    ds_cql *tree;
    ds_error err = {.status = DS_OK};
    if (n < 2 || n > QUERY_MOST)
        return 0;
    build_stores();
    ds_str text = fuzz_spell(pieces, PIECES, data + 1, n - 1, 4096);
    ds_status st = ds_cql_parse(NULL, text, &tree, &err);
    FUZZ_CHECK(st == DS_OK ? tree != NULL : tree == NULL && (st == DS_EFORMAT || st == DS_ELIMIT) && err.msg[0] != '\0');
    FUZZ_CHECK(st == DS_OK || err.off <= text.n);
    if (st == DS_OK)
        check_hits(&stores[data[0] & 3], tree, (data[0] & 4) != 0);
    ds_cql_free(tree);
    fuzz_free(text);
    return 0;
}

/* test_query.c - queries on real stores, against the naive evaluator. */
#include "naive_query.h"
#include "testing.h"

enum { CORPORA = 6, HITS_MAX = NQ_DOCS * NQ_TOKENS * 2 };

static ds_query *open_query(const nq_corpus *c, const char *text, const ds_query_options *opt, ds_cql **tree)
{
    ds_error err = {.status = DS_OK};
    ds_query *q;
    ck_assert_msg(ds_cql_parse(NULL, ds_str_of(text), tree, &err) == DS_OK, "%s: %s", text, err.msg);
    ck_assert_msg(ds_query_new(NULL, c->ix, *tree, opt, &q, &err) == DS_OK, "%s: %s", text, err.msg);
    return q;
}

static void print_hits(const char *what, const ds_found *v, size_t n)
{
    printf("%s:", what);
    for (size_t i = 0; i < n; i++)
        printf(" [%u,%u)%d", v[i].beg, v[i].end, (int)v[i].from);
    printf("\n");
}

static bool same_hits(const ds_found *a, size_t n, const nq_hits *b, bool compare_from)
{
    if (n != b->n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (a[i].beg != b->v[i].beg || a[i].end != b->v[i].end ||
            (compare_from && a[i].from != DS_QUERY_WHOLE && a[i].from != b->v[i].from))
            return false;
    return true;
}

/* Runs a query by `page` hits at a time, and counts; both as the naive evaluator has it. */
static size_t check_query(const nq_corpus *c, const char *text, bool overlap, const uint64_t *docs, size_t page)
{
    static ds_found got[sizeof ((nq_hits *)0)->v / sizeof(ds_found)];
    static nq_hits want;
    ds_error err = {.status = DS_OK};
    ds_query_options opt = {.forms = nq_forms, .overlap = overlap, .docs = docs};
    ds_cql *tree;
    ds_query *q = open_query(c, text, &opt, &tree);
    size_t n = 0, more;
    uint64_t count;
    do {
        ck_assert_msg(ds_query_next(q, got + n, page, &more, &err) == DS_OK, "%s: %s", text, err.msg);
        n += more;
    } while (more == page);
    nq_run(c, tree, overlap, docs, &want);
    bool same = same_hits(got, n, &want, true);
    if (!same) {
        ds_buf plan;
        print_hits("got ", got, n);
        print_hits("want", want.v, want.n);
        ds_buf_init(&plan, NULL);
        ck_assert_int_eq(ds_query_explain(q, &plan, &err), DS_OK);
        printf("%.*s", (int)plan.n, plan.p);
        ds_buf_clear(&plan);
    }
    ck_assert_msg(same, "%s (overlap %d): %zu hits, the naive evaluator has %zu", text, overlap, n, want.n);
    ck_assert(!ds_query_partial(q));
    ck_assert_int_eq(ds_query_count(q, &count, &err), DS_OK);
    ck_assert_msg(count == n, "%s: counted %llu, ran %zu", text, (unsigned long long)count, n);
    ds_query_free(q);
    ds_cql_free(tree);
    return n;
}

static const char *const queries[] = {
    "\"中国\"", "\"國人\"", "\"中国人人\"", "\"人人\"", "\"人\"", "\"人人人人\"", "\"国中国\"", "\"ab\"", "\"aba\"", "\"a b\"",
    "\"a b a\"", "\"人 人\"", "\"，\"", "\"中国\" | \"国人\"", "\"人\" | \"人人人\"", "@x:\"中国\"", "\"中国\" within s",
    "\"人人\" within p", "[entity=\"zhong\"]", "[entity=\"ab\"]", "[entity=\"zhong\"] | \"国\"", "[entity=\"ab\"] within s",
    "[]", "[key=\"中国\"]", "[word=\"中國\"]", "[word=\"中国\" | word=\"人\"]", "[pos=\"n\"]", "[pos=\"n.*\"]", "[pos=\"n|v\"]",
    "[word=\"中.*\"]", "[key=\".*人\"]", "[key=\"[ab]+\"]", "[class=\"money\"]", "[class=\"m.*y|num.*\"]", "[lemma=\"ab\"]",
    "[word=\"AB\"%c]", "[word!=\"人\"]", "[!(pos=\"n\" & word=\"人\")]", "[pos=\"n\" & word!=\"人\" & class=\"han\"]",
    "[entity=\"zhong\" & pos=\"ns\"]", "[entity!=\"zhong\"]",
    "[key=\"中国\"] [key=\"人\"]", "[key=\"中国\"] []{0,3} [key=\"人\"]", "[key=\"人\"] []* [class=\"latin\"] within s",
    "[pos=\"n\"]+", "[pos=\"n\"]{2}", "[pos=\"n\"]{2,3}", "[pos=\"n\"]{2,} [pos=\"x\"]?", "[pos=\"x\"]* [class=\"number\"]",
    "([key=\"a\"] [key=\"b\"])+", "([key=\"a\"] | [key=\"ab\"] [])* [pos=\"w\"]", "[key=\"国\"]? \"中国\" [pos=\"n\"]?",
    "\"国\" []", "[] \"人\"", "\"中\" \"国\"", "\"a\" []{0,2} \"b\"", "(\"a\" | [pos=\"n\"]) [pos=\"w\"]", "\"a b\" []",
    "[key=\"人\"] [entity=\"ab\"]", "[entity=\"zhong\"] []{0,4} [class=\"punct\"]", "\"国\" | [key=\"a\"]",
    "\"人人\" | [pos=\"v\"]", "[key=\"人\"] | [key=\"国\"] [key=\"人\"]", "@a:[pos=\"n\"] @b:([pos=\"x\"] [])?",
    "[key=\"$1\"%l] []{2,5} [key=\"1\"] within p", "[word=\"zzz\"]", "\"零\"", "[word=\"zzz\"] | [key=\"1\"]", "[] [] []",
    "\"人\"+", "(\"a\" \"b\")? [pos=\"n\"]", "[key=\"人\"] []* [class=\"latin\"] within 2 s", "[pos=\"n\"] []* [pos=\"v\"] within 3 s",
    "[key=\"国\"] [] [] within 2 p", "[key=\"中国\"] []* [key=\"人\"] within 6", "[]{2,} within 4", "\"中国\" within 1", "\"a b\" within 2",
    "\"人人\" within 1", "\"a b\" within 2 s", "[key=\"中国\"]+ []? within 1", "[pos=\"w\"] (\"国\"? [pos=\"n\"]){1,2} within s",
};

START_TEST(queries_agree_with_the_naive_evaluator)
{
    static nq_corpus c[CORPORA];
    static const size_t pages[] = {1, 3, 4096};
    size_t hits = 0;
    for (size_t i = 0; i < CORPORA; i++) {
        nq_build(&c[i], 100 + i, i == 0 ? 3 : NQ_DOCS, i >= CORPORA / 2);
        for (size_t k = 0; k < sizeof queries / sizeof *queries; k++) {
            uint64_t docs = 0x5A5A5A5A5A5A5A5Au >> i;
            hits += check_query(&c[i], queries[k], false, NULL, pages[k % 3]);
            hits += check_query(&c[i], queries[k], true, NULL, pages[(k + 1) % 3]);
            hits += check_query(&c[i], queries[k], false, &docs, pages[(k + 2) % 3]);
        }
        nq_close(&c[i]);
    }
    ck_assert_uint_gt(hits, 10000);
}
END_TEST

/* ---- random queries ---- */

static size_t put_random(char *out, int depth);

static size_t put_test(char *out)
{
    static const char *const tests[] = {
        "key=\"中国\"", "word=\"中國\"", "key=\"a\"", "key=\"人\"", "pos=\"n\"", "pos!=\"n\"", "pos=\"n.*\"", "class=\"han\"",
        "class=\"punct\"", "word=\"A\"", "key=\"国\" | key=\"中\"", "key=\".*人\" & pos=\"n\"", "!(pos=\"x\")", "lemma=\"a\"",
        "entity=\"zhong\"", "entity=\"ab\" | pos=\"w\"", "key=\"1\"",
    };
    return (size_t)sprintf(out, "[%s]", tests[nq_rnd(sizeof tests / sizeof *tests)]);
}

static size_t put_atom(char *out, int depth)
{
    static const char *const phrases[] = {"中", "中国", "国人", "人人", "人人人", "a", "ab", "a b", "ba", "国中", "，", "中国人", "b a"};
    switch (nq_rnd(depth > 0 ? 8 : 6)) {
    case 0: return (size_t)sprintf(out, "[]");
    case 1:
    case 2: return (size_t)sprintf(out, "\"%s\"", phrases[nq_rnd(sizeof phrases / sizeof *phrases)]);
    case 6:
    case 7: {
        size_t n = (size_t)sprintf(out, "(");
        n += put_random(out + n, depth - 1);
        return n + (size_t)sprintf(out + n, ")");
    }
    default: return put_test(out);
    }
}

static size_t put_random(char *out, int depth)
{
    static const char *const often[] = {"?", "*", "+", "{2}", "{0,2}", "{1,3}", "{2,}"};
    size_t n = 0;
    for (uint32_t i = 0, parts = 1 + nq_rnd(3); i < parts; i++) {
        n += put_atom(out + n, depth);
        if (nq_rnd(3) == 0)
            n += (size_t)sprintf(out + n, "%s", often[nq_rnd(7)]);
        n += (size_t)sprintf(out + n, nq_rnd(6) == 0 && i + 1 < parts ? " | " : " ");
    }
    return n;
}

START_TEST(random_queries_agree_with_the_naive_evaluator)
{
    static nq_corpus c;
    static const char *const within[] = {"",           "within s",   "within p", "",         "within 2 s",
                                         "within 3 s", "within 2 p", "within 5", "within 2", "within 1 s"};
    char text[4096];
    size_t hits = 0, ran = 0;
    nq_build(&c, 900 + (uint64_t)_i, NQ_DOCS, _i % 2 == 1);
    nq_state = 77 + (uint64_t)_i;
    for (int round = 0; round < 200; round++) {
        size_t n = put_random(text, 2);
        sprintf(text + n, "%s", within[nq_rnd(10)]);
        ds_cql *tree;
        ds_error err;
        if (ds_cql_parse(NULL, ds_str_of(text), &tree, &err) != DS_OK)
            continue; /* all of it optional */
        ds_cql_free(tree);
        ran++;
        hits += check_query(&c, text, round % 3 == 0, NULL, 1 + nq_rnd(50));
    }
    ck_assert_uint_gt(ran, 100);
    ck_assert_uint_gt(hits, 2000);
    nq_close(&c);
}
END_TEST

/* ---- single promises ---- */

/* Where a naive walk through the folded text finds the phrase: details of hits are compared with it. */
START_TEST(hits_tell_their_bytes_and_captures)
{
    static nq_corpus c;
    static ds_found v[HITS_MAX];
    static const struct {
        const char *query, *phrase;
    } cases[] = {{"\"国人\"", "国人"}, {"\"中国\"", "中国"}, {"\"aba\"", "aba"}, {"\"人人\"", "人人"}, {"@x:\"ba\"", "ba"}};
    nq_build(&c, 7, NQ_DOCS, false);
    size_t seen = 0;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        ds_cql *tree;
        ds_query *q = open_query(&c, cases[k].query, NULL, &tree);
        size_t n;
        ck_assert_int_eq(ds_query_next(q, v, HITS_MAX, &n, NULL), DS_OK);
        for (size_t i = 0; i < n; i++, seen++) {
            ds_query_detail d;
            ds_buf text, folded;
            ck_assert_int_eq(ds_query_look(q, &v[i], &d, NULL), DS_OK);
            ds_buf_init(&text, NULL);
            ds_buf_init(&folded, NULL);
            uint32_t doc = ds_index_doc_at(c.ix, v[i].beg), beg, end;
            ds_index_doc_range(c.ix, doc, &beg, &end);
            for (uint32_t p = v[i].beg; p < v[i].end; p++) {
                const char *w = c.docs[doc].tokens[p - beg]->word;
                size_t from = p == v[i].beg ? d.from : 0, to = p + 1 == v[i].end ? d.to : strlen(w);
                ds_buf_put(&text, w + from, to - from);
            }
            ck_assert_int_eq(ds_fold(ds_buf_str(&text), DS_FOLD_ALL, &folded, NULL, NULL), DS_OK);
            ck_assert_msg(ds_str_eq(ds_buf_str(&folded), ds_str_of(cases[k].phrase)), "%s: '%.*s'", cases[k].query,
                          (int)folded.n, folded.p);
            if (cases[k].query[0] == '@')
                ck_assert(d.captures[0].beg == v[i].beg && d.captures[0].end == v[i].end);
            ds_buf_clear(&text);
            ds_buf_clear(&folded);
        }
        ds_query_free(q);
        ds_cql_free(tree);
    }
    ck_assert_uint_gt(seen, 50);
    nq_close(&c);
}
END_TEST

START_TEST(captures_take_as_much_as_they_can_from_the_left)
{
    static nq_corpus c;
    static ds_found v[HITS_MAX];
    nq_build(&c, 8, NQ_DOCS, false);
    ds_cql *tree;
    ds_query *q = open_query(&c, "@a:[pos=\"n\"]+ @b:[pos=\"n.*\"]* @c:[pos=\"v\"]?", NULL, &tree);
    size_t n, both = 0;
    ck_assert_int_eq(ds_query_next(q, v, HITS_MAX, &n, NULL), DS_OK);
    ck_assert_uint_gt(n, 20);
    for (size_t i = 0; i < n; i++) {
        ds_query_detail d;
        ck_assert_int_eq(ds_query_look(q, &v[i], &d, NULL), DS_OK);
        uint32_t doc = ds_index_doc_at(c.ix, v[i].beg), beg, end, p = v[i].beg;
        ds_index_doc_range(c.ix, doc, &beg, &end);
        uint32_t last = p;
        for (; p < v[i].end; p++) {
            const nq_token *t = c.docs[doc].tokens[p - beg];
            if (t->cls == DS_CLASS_SPACE)
                continue;
            if (strcmp(t->pos, "n") != 0)
                break;
            last = p + 1;
        }
        ck_assert(d.captures[0].beg == v[i].beg && d.captures[0].end == last);
        both += d.captures[1].end > d.captures[1].beg && d.captures[2].end > d.captures[2].beg;
        if (d.captures[2].end > 0)
            ck_assert_uint_eq(d.captures[2].end, v[i].end);
    }
    ck_assert_uint_gt(both, 0);
    ds_query_detail d;
    ck_assert_int_eq(ds_query_look(q, &(ds_found){1, 1, DS_QUERY_WHOLE}, &d, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_query_look(q, &(ds_found){0, UINT32_MAX, DS_QUERY_WHOLE}, &d, NULL), DS_EINVAL);
    ds_query_free(q);
    ds_cql_free(tree);
    nq_close(&c);
}
END_TEST

static bool stop_after(void *ud)
{
    int *left = ud;
    return (*left)-- <= 0;
}

START_TEST(a_stopped_query_is_partial_and_gives_true_hits)
{
    static nq_corpus c;
    static ds_found all[HITS_MAX], v[HITS_MAX];
    nq_build(&c, 9, NQ_DOCS, false);
    static const char *const texts[] = {
        "[pos=\"n\"] []{0,3} [pos=\"x\"]", "\"人\"", "[] [pos=\"n\"]", "[key=\"人\"] []", "\"人人\"", "\"中国\" | \"国人\"",
        "[pos!=\"n\"]", "[word=\".*人\"]{2,}", "[!(pos=\"n\")] []{0,5} [pos=\"x\"] within 2 s", "[]{0,5} [key=\"人\"] within 4",
        "[entity=\"zhong\"] []"};
    size_t partial = 0;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        ds_cql *tree;
        ds_query *q = open_query(&c, texts[k], &(ds_query_options){.forms = nq_forms}, &tree);
        size_t n, got;
        ck_assert_int_eq(ds_query_next(q, all, HITS_MAX, &n, NULL), DS_OK);
        ds_query_free(q);
        for (uint64_t budget = 1; budget < 2000000; budget *= 3) {
            ds_query_options o = {.budget = budget, .forms = nq_forms};
            ds_error err;
            uint64_t count;
            ck_assert_int_eq(ds_query_new(NULL, c.ix, tree, &o, &q, &err), DS_OK);
            ck_assert_int_eq(ds_query_next(q, v, HITS_MAX, &got, NULL), DS_OK);
            ck_assert(got == n || ds_query_partial(q));
            partial += ds_query_partial(q);
            ck_assert_int_eq(ds_query_count(q, &count, NULL), DS_OK);
            ck_assert(count == n || (count < n && ds_query_partial(q)));
            for (size_t i = 0; i < got; i++) {
                bool is = false;
                for (size_t j = 0; j < n; j++)
                    is = is || (all[j].beg == v[i].beg && all[j].end == v[i].end);
                ck_assert(is);
            }
            ds_query_free(q);
        }
        int calls = 1000;
        ds_query_options o = {.stop = stop_after, .stop_ud = &calls, .forms = nq_forms};
        ck_assert_int_eq(ds_query_new(NULL, c.ix, tree, &o, &q, NULL), DS_OK);
        ck_assert_int_eq(ds_query_next(q, v, HITS_MAX, &got, NULL), DS_OK);
        ck_assert(got == n && !ds_query_partial(q));
        ds_query_free(q);
        ds_cql_free(tree);
    }
    ck_assert_uint_gt(partial, 10);
    nq_close(&c);
}
END_TEST

START_TEST(queries_without_meaning_are_refused)
{
    static nq_corpus c;
    static const struct {
        const char *text, *message;
        ds_status status;
    } cases[] = {
        {"[] [word=\"(\"]", "query, character 5: the value is no regular expression: ", DS_EINVAL},
        {"[entity=\"nobody\"]", "query, character 2: no entity is called 'nobody'", DS_EINVAL},
        {"([]{1000}){1000}", "the query is too large: ", DS_ELIMIT},
        {"[word=\"((a+)+)+$\"] [word=\"(a|a)*b\"]", NULL, DS_OK},
    };
    nq_build(&c, 10, 4, false);
    for (size_t i = 0; i < 4; i++) {
        ds_cql *tree;
        ds_query *q;
        ds_error err = {.status = DS_OK};
        ds_query_options o = {.forms = nq_forms};
        ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(cases[i].text), &tree, &err), DS_OK);
        ck_assert_int_eq(ds_query_new(NULL, c.ix, tree, &o, &q, &err), cases[i].status);
        ck_assert((q == NULL) == (cases[i].status != DS_OK));
        if (cases[i].message != NULL)
            ck_assert_msg(strncmp(err.msg, cases[i].message, strlen(cases[i].message)) == 0, "%s", err.msg);
        ds_query_free(q);
        ds_cql_free(tree);
    }
    char phrase[600] = "\"";
    for (int i = 0; i < 129; i++)
        strcat(phrase, "人");
    strcat(phrase, "\"");
    ds_cql *tree;
    ds_query *q;
    ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(phrase), &tree, NULL), DS_OK);
    ck_assert_int_eq(ds_query_new(NULL, c.ix, tree, NULL, &q, NULL), DS_ELIMIT);
    ds_cql_free(tree);
    nq_close(&c);
}
END_TEST

static nq_corpus oom_corpus;

static ds_status oom_body(const ds_alloc *a, void *ud)
{
    static ds_found v[HITS_MAX];
    ds_cql *tree = NULL;
    ds_query *q = NULL;
    ds_buf plan;
    size_t n;
    uint64_t count;
    ds_buf_init(&plan, a);
    ds_query_options o = {.forms = nq_forms};
    ds_status st = ds_cql_parse(a, ds_str_of(ud), &tree, NULL);
    if (st == DS_OK)
        st = ds_query_new(a, oom_corpus.ix, tree, &o, &q, NULL);
    ck_assert((st == DS_OK) == (q != NULL));
    if (st == DS_OK)
        st = ds_query_next(q, v, HITS_MAX, &n, NULL);
    if (st == DS_OK && n > 0) {
        ds_query_detail d;
        st = ds_query_look(q, &v[n / 2], &d, NULL);
    }
    if (st == DS_OK)
        st = ds_query_count(q, &count, NULL);
    if (st == DS_OK)
        st = ds_query_explain(q, &plan, NULL);
    if (st == DS_OK)
        ck_assert_uint_eq(count, n);
    ds_buf_clear(&plan);
    ds_query_free(q);
    ds_cql_free(tree);
    return st;
}

START_TEST(lack_of_memory_is_reported_and_leaks_nothing)
{
    char texts[][64] = {"\"人人\"", "\"中国\" []{0,2} [pos=\"n.*\"]", "[entity=\"zhong\"] | \"a b\"",
                        "@a:[word=\"中.*\" | key=\"a\"]+ within s"};
    nq_build(&oom_corpus, 11, 6, false);
    for (size_t i = 0; i < 4; i++)
        oom_sweep(oom_body, texts[i]);
    nq_close(&oom_corpus);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("query");
    TCase *t = tcase_create("query");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, queries_agree_with_the_naive_evaluator);
    tcase_add_loop_test(t, random_queries_agree_with_the_naive_evaluator, 0, 4);
    tcase_add_test(t, hits_tell_their_bytes_and_captures);
    tcase_add_test(t, captures_take_as_much_as_they_can_from_the_left);
    tcase_add_test(t, a_stopped_query_is_partial_and_gives_true_hits);
    tcase_add_test(t, queries_without_meaning_are_refused);
    tcase_add_test(t, lack_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, t);
    return test_main(s);
}

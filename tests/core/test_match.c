/* test_match.c - the automaton against a naive evaluator, and every promise of match.h. */
#include "match.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"

static uint64_t rng_state;

static uint32_t rnd(uint32_t n)
{
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return (uint32_t)((rng_state * 2685821657736338717u) >> 33) % n;
}

/* ---------------------------------------------------------------- the naive evaluator */

#define MAX_SYMS 4096

/* A folded text: one symbol an item; border: it begins a character; off: where that one stands. */
typedef struct folded {
    uint32_t sym[MAX_SYMS];
    bool border[MAX_SYMS + 1];
    size_t off[MAX_SYMS + 1];
    size_t n;
} folded;

static void fold_naively(ds_str s, unsigned flags, folded *f)
{
    uint32_t cp, out[DS_FOLD_CP_MAX];
    f->n = 0;
    for (size_t off = 0, len; off < s.n; off += len) {
        len = ds_utf8_decode(s.p + off, s.n - off, &cp);
        size_t n = cp == DS_UTF8_BAD ? len : ds_fold_cp(cp, flags, out);
        for (size_t i = 0; i < n; i++) {
            ck_assert_uint_lt(f->n, MAX_SYMS);
            f->sym[f->n] = cp == DS_UTF8_BAD ? 0x200000u + (unsigned char)s.p[off + i] : out[i];
            f->border[f->n] = i == 0;
            f->off[f->n++] = off;
        }
    }
    f->border[f->n] = true;
    f->off[f->n] = s.n;
}

static bool occurs_at(const folded *text, const folded *term, size_t i)
{
    return i + term->n <= text->n && text->border[i] && text->border[i + term->n] &&
           memcmp(text->sym + i, term->sym, term->n * sizeof *term->sym) == 0;
}

static int by_place(const void *a, const void *b)
{
    const ds_hit *x = a, *y = b;
    if (x->beg != y->beg)
        return x->beg < y->beg ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return x->term < y->term ? -1 : x->term > y->term;
}

/* All hits, in order; the caller frees. */
static ds_hit *match_naively(const ds_str *terms, size_t count, unsigned flags, ds_str text, size_t *n)
{
    static folded ft, fk;
    ds_hit *hits = malloc((count * text.n + 1) * sizeof *hits);
    ck_assert_ptr_nonnull(hits);
    *n = 0;
    fold_naively(text, flags, &ft);
    for (size_t t = 0; t < count; t++) {
        fold_naively(terms[t], flags, &fk);
        for (size_t i = 0; i < ft.n;)
            if (occurs_at(&ft, &fk, i)) {
                hits[(*n)++] = (ds_hit){ft.off[i], ft.off[i + fk.n], (uint32_t)t};
                i += fk.n;
            } else {
                i++;
            }
    }
    qsort(hits, *n, sizeof *hits, by_place);
    return hits;
}

/* ---------------------------------------------------------------- comparing */

static void print_bytes(const char *what, ds_str s)
{
    printf("%s \"", what);
    for (size_t i = 0; i < s.n; i++)
        printf("\\x%02x", (unsigned char)s.p[i]);
    printf("\"\n");
}

static void explain(const ds_str *terms, size_t count, unsigned flags, ds_str text)
{
    printf("flags %u, ", flags);
    print_bytes("text", text);
    for (size_t t = 0; t < count; t++)
        print_bytes("term", terms[t]);
}

/* The matcher's hits and counts must be the naive ones; returns the number of hits. */
static size_t check_against_naive(const ds_str *terms, size_t count, unsigned flags, ds_str text)
{
    ds_matcher *m;
    ds_error err;
    ck_assert_int_eq(ds_matcher_new(NULL, terms, count, flags, &m, &err), DS_OK);
    ds_hits got;
    ds_hits_init(&got, NULL);
    uint64_t *counts = calloc(count + 1, sizeof *counts);
    ck_assert_int_eq(ds_match_all(m, text, &got, &err), DS_OK);
    ck_assert_int_eq(ds_match_count(m, text, counts, &err), DS_OK);
    size_t n;
    ds_hit *want = match_naively(terms, count, flags, text, &n);
    bool same = n == got.count;
    for (size_t i = 0; same && i < n; i++)
        same = by_place(&want[i], &got.items[i]) == 0;
    for (size_t i = 0; i < n; i++)
        counts[want[i].term]--;
    for (size_t t = 0; t < count; t++)
        same = same && counts[t] == 0;
    if (!same)
        explain(terms, count, flags, text);
    ck_assert_msg(same, "%zu hits, the naive evaluator has %zu", got.count, n);
    free(want);
    free(counts);
    ds_hits_clear(&got);
    ds_matcher_free(m);
    return n;
}

/* ---------------------------------------------------------------- random texts */

static const char *const alphabets[][12] = {
    {"a", "b"},
    {"a", "A", "b", "\xEF\xBC\xA1", "\xEF\xBD\x82"},                                     /* with Ａ ｂ */
    {"s", "S", "\xC3\x9F", "\xEF\xAC\x80", "f", "\xEF\xAC\x83", "i", "\xC4\xB0"},        /* ß ﬀ ﬃ İ */
    {"价", "價", "格", "战", "戰", "，"},
    {"內", "内", "卷", "捲", "R", "1", "２"},
    {"\xE4", "\xE4\xBB", "\xBB", "\xB7", "价", "a", "\xF0\x9F", "\xFF"},                 /* broken sequences */
    {"\xF0\x9F\x98\x80", "한", "ｶ", "カ", "ﾞ", "\xEA\xB0\x80", "é", "É", "\xCC\x81"},
    {"", "a", "", "b"}, /* "" is written as NUL below */
};

static size_t alphabet_size(size_t a)
{
    size_t n = 0;
    while (n < 12 && alphabets[a][n] != NULL)
        n++;
    return n;
}

static ds_str random_text(char *buf, size_t max_chars, size_t a)
{
    size_t n = 0, chars = rnd((uint32_t)max_chars) + 1, letters = alphabet_size(a);
    for (size_t i = 0; i < chars; i++) {
        const char *c = alphabets[a][rnd((uint32_t)letters)];
        size_t len = c[0] == '\0' ? 1 : strlen(c);
        memcpy(buf + n, c, len);
        n += len;
    }
    return (ds_str){buf, n};
}

START_TEST(random_texts_agree_with_the_naive_evaluator)
{
    static char text_buf[400 * 4], term_buf[24][8 * 4];
    size_t a = (size_t)_i;
    rng_state = 3000u + (uint64_t)a;
    size_t hits = 0;
    printf("random_texts: alphabet %zu, seed %zu\n", a, 3000 + a);
    for (int round = 0; round < 60; round++) {
        ds_str terms[24];
        size_t count = rnd(24) + 1;
        for (size_t t = 0; t < count; t++)
            terms[t] = random_text(term_buf[t], 1 + rnd(7), a);
        ds_str text = random_text(text_buf, 300, a);
        hits += check_against_naive(terms, count, round % 2 == 0 ? DS_FOLD_ALL : rnd(8), text);
    }
    ck_assert_uint_gt(hits, 1000);
}
END_TEST

/* ---------------------------------------------------------------- single promises */

#define TERMS_MAX 10

static const struct example {
    const char *terms[TERMS_MAX];
    unsigned flags;
    const char *text;
    size_t counts[TERMS_MAX];
} examples[] = {
    {{"低价", "内卷"}, DS_FOLD_ALL, "低價內捲，低价内卷", {2, 2}},
    {{"低价", "低價"}, DS_FOLD_ALL, "低價与低价", {2, 2}},
    {{"低价", "低價"}, 0, "低價与低价", {1, 1}},
    {{"哈哈"}, DS_FOLD_ALL, "哈哈哈哈哈", {2}},
    {{"a", "aa", "aaa", "aaaa"}, 0, "aaaaaaa", {7, 3, 2, 1}},
    {{"aba"}, 0, "ababababa", {2}},
    {{"价格战", "价格", "格战"}, DS_FOLD_ALL, "價格戰", {1, 1, 1}},
    {{"openai"}, DS_FOLD_ALL, "OpenAI ＯＰＥＮＡＩ oPeNaI", {3}},
    {{"openai"}, DS_FOLD_CASE, "OpenAI ＯＰＥＮＡＩ", {1}},
    {{"ss", "s", "fuss"}, DS_FOLD_CASE, "Fuß", {1, 0, 1}}, /* ß is "ss", never half of it */
    {{"uss", "us", "sx"}, DS_FOLD_CASE, "ußx", {1, 0, 0}},
    {{"\xE4\xBB"}, DS_FOLD_ALL, "价", {0}},
    {{"\xE4\xBB"}, DS_FOLD_ALL, "\xE4\xBB" "a\xE4\xBB", {2}},
    {{"\xE4", "\xBB"}, DS_FOLD_ALL, "\xE4\xBB", {0, 0}}, /* one ill-formed sequence, not two */
    {{"同一词", "同一词", "同一词"}, DS_FOLD_ALL, "同一词同一词", {2, 2, 2}},
};

START_TEST(examples_count_as_stated)
{
    const struct example *e = &examples[_i];
    ds_str terms[TERMS_MAX], text = ds_str_of(e->text);
    size_t n = 0;
    for (; n < TERMS_MAX && e->terms[n] != NULL; n++)
        terms[n] = ds_str_of(e->terms[n]);
    check_against_naive(terms, n, e->flags, text);
    ds_matcher *m;
    uint64_t counts[TERMS_MAX] = {0};
    ck_assert_int_eq(ds_matcher_new(NULL, terms, n, e->flags, &m, NULL), DS_OK);
    ck_assert_int_eq(ds_match_count(m, text, counts, NULL), DS_OK);
    for (size_t t = 0; t < n; t++)
        ck_assert_msg(counts[t] == e->counts[t], "\"%s\" in \"%s\": %" PRIu64 ", want %zu", e->terms[t], e->text,
                      counts[t], e->counts[t]);
    ds_matcher_free(m);
}
END_TEST

START_TEST(hits_carry_the_offsets_of_the_text_as_given)
{
    ds_str terms[] = {ds_str_of("gpt"), ds_str_of("价格战")};
    ds_matcher *m;
    ds_hits v;
    ds_hits_init(&v, NULL);
    ck_assert_int_eq(ds_matcher_new(NULL, terms, 2, DS_FOLD_ALL, &m, NULL), DS_OK);
    ck_assert_uint_eq(ds_matcher_terms(m), 2);
    ck_assert_int_eq(ds_match_all(m, ds_str_of("ＧＰＴ：價格戰"), &v, NULL), DS_OK);
    ck_assert_uint_eq(v.count, 2);
    ck_assert(v.items[0].beg == 0 && v.items[0].end == 9 && v.items[0].term == 0);
    ck_assert(v.items[1].beg == 12 && v.items[1].end == 21 && v.items[1].term == 1);
    /* A second scan appends. */
    ck_assert_int_eq(ds_match_all(m, ds_str_of("gpt"), &v, NULL), DS_OK);
    ck_assert_uint_eq(v.count, 3);
    ck_assert(v.items[2].beg == 0 && v.items[2].end == 3);
    ds_hits_clear(&v);
    ds_matcher_free(m);
}
END_TEST

START_TEST(terms_of_one_key_name_the_first_of_them)
{
    ds_str terms[] = {ds_str_of("內卷"), ds_str_of("x"), ds_str_of("内卷"), ds_str_of("Ｘ"), ds_str_of("內捲")};
    ds_matcher *m;
    ck_assert_int_eq(ds_matcher_new(NULL, terms, 5, DS_FOLD_ALL, &m, NULL), DS_OK);
    static const uint32_t want[] = {0, 1, 0, 1, 0};
    for (uint32_t t = 0; t < 5; t++)
        ck_assert_uint_eq(ds_matcher_same(m, t), want[t]);
    ds_matcher_free(m);
}
END_TEST

START_TEST(no_terms_find_nothing)
{
    ds_matcher *m;
    ds_hits v;
    uint64_t counts[1] = {77};
    ds_hits_init(&v, NULL);
    ck_assert_int_eq(ds_matcher_new(NULL, NULL, 0, DS_FOLD_ALL, &m, NULL), DS_OK);
    ck_assert_uint_eq(ds_matcher_terms(m), 0);
    ck_assert_int_eq(ds_match_all(m, ds_str_of("任何文字 \xFF"), &v, NULL), DS_OK);
    ck_assert_int_eq(ds_match_count(m, ds_str_of("任何文字"), counts, NULL), DS_OK);
    ck_assert_uint_eq(v.count, 0);
    ck_assert_uint_eq(counts[0], 77);
    ds_matcher_free(m);
    ds_matcher_free(NULL);
}
END_TEST

START_TEST(an_empty_text_has_no_hits)
{
    ds_str term = ds_str_of("a"), empty = {NULL, 0};
    ds_matcher *m;
    ds_hits v;
    ds_hits_init(&v, NULL);
    ck_assert_int_eq(ds_matcher_new(NULL, &term, 1, 0, &m, NULL), DS_OK);
    ck_assert_int_eq(ds_match_all(m, empty, &v, NULL), DS_OK);
    ck_assert_uint_eq(v.count, 0);
    ds_matcher_free(m);
}
END_TEST

START_TEST(an_empty_term_is_refused_by_number)
{
    ds_str terms[] = {ds_str_of("一"), ds_str_of("二"), {NULL, 0}};
    ds_matcher *m = (ds_matcher *)terms;
    ds_error err;
    ck_assert_int_eq(ds_matcher_new(NULL, terms, 3, DS_FOLD_ALL, &m, &err), DS_EINVAL);
    ck_assert_ptr_null(m);
    ck_assert_uint_eq(err.line, 3);
    ck_assert_int_eq(ds_matcher_new(NULL, terms, 3, DS_FOLD_ALL, &m, NULL), DS_EINVAL);
}
END_TEST

START_TEST(too_many_different_characters_are_refused)
{
    enum { N = 70000 };
    char *buf = malloc(N * 4);
    size_t n = 0;
    for (uint32_t cp = 0x10000; n + 4 <= N * 4; cp++)
        n += ds_utf8_encode(cp, buf + n);
    ds_str term = {buf, n};
    ds_matcher *m;
    ds_error err;
    ck_assert_int_eq(ds_matcher_new(NULL, &term, 1, 0, &m, &err), DS_ELIMIT);
    ck_assert_ptr_null(m);
    free(buf);
}
END_TEST

/* 20,000 random terms of two to five characters out of 120; a text of 1,500 characters. */
START_TEST(twenty_thousand_terms_agree_with_the_naive_evaluator)
{
    enum { N = 20000 };
    static char buf[N][16], text[1500 * 3];
    static ds_str terms[N];
    rng_state = 20000;
    for (size_t t = 0; t < N; t++) {
        size_t n = 0;
        for (uint32_t i = 0, len = 2 + rnd(4); i < len; i++)
            n += ds_utf8_encode(0x4E00 + rnd(120) * 7, buf[t] + n);
        terms[t] = (ds_str){buf[t], n};
    }
    size_t n = 0;
    while (n + 3 <= sizeof text)
        n += ds_utf8_encode(0x4E00 + rnd(120) * 7, text + n);
    ck_assert_uint_gt(check_against_naive(terms, N, DS_FOLD_ALL, (ds_str){text, n}), 100);
}
END_TEST

START_TEST(long_terms_and_long_chains_agree)
{
    enum { N = 150 };
    static char a[N + 1], text[900];
    ds_str terms[N];
    memset(a, 'a', N);
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < 9; i++)
        text[99 * (i + 1) - 1 - i * i] = 'b';
    for (size_t t = 0; t < N; t++)
        terms[t] = (ds_str){a, N - t};
    check_against_naive(terms, N, DS_FOLD_ALL, (ds_str){text, sizeof text});
}
END_TEST

static ds_status oom_body(const ds_alloc *a, void *ud)
{
    const char *words[] = {"价格战", "價格戰", "哈哈", "aa", "ﬀ", "\xFF", (const char *)ud};
    ds_str terms[7];
    for (size_t i = 0; i < 7; i++)
        terms[i] = ds_str_of(words[i]);
    ds_matcher *m;
    ds_hits v;
    uint64_t counts[7] = {0};
    ds_hits_init(&v, a);
    ds_str text = ds_str_of("價格戰哈哈哈哈aaaa價格戰哈哈哈哈aaaa");
    ds_status st = ds_matcher_new(a, terms, 7, DS_FOLD_ALL, &m, NULL);
    if (st != DS_OK) {
        ck_assert_ptr_null(m);
        return st;
    }
    st = ds_match_count(m, text, counts, NULL);
    ck_assert_uint_eq(counts[2], st == DS_OK ? 4 : 0);
    if (st == DS_OK) {
        st = ds_match_all(m, text, &v, NULL);
        ck_assert_uint_eq(v.count, st == DS_OK ? 12 : 0);
    }
    ds_hits_clear(&v);
    ds_matcher_free(m);
    return st;
}

START_TEST(lack_of_memory_is_reported_and_leaks_nothing)
{
    char longer[DS_MATCH_SMALL * 2 + 1];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    char shorter[] = "xyz";
    oom_sweep(oom_body, shorter);
    oom_sweep(oom_body, longer);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("match");
    TCase *t = tcase_create("match");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, examples_count_as_stated, 0, (int)(sizeof examples / sizeof *examples));
    tcase_add_loop_test(t, random_texts_agree_with_the_naive_evaluator, 0,
                        (int)(sizeof alphabets / sizeof *alphabets));
    tcase_add_test(t, hits_carry_the_offsets_of_the_text_as_given);
    tcase_add_test(t, terms_of_one_key_name_the_first_of_them);
    tcase_add_test(t, no_terms_find_nothing);
    tcase_add_test(t, an_empty_text_has_no_hits);
    tcase_add_test(t, an_empty_term_is_refused_by_number);
    tcase_add_test(t, too_many_different_characters_are_refused);
    tcase_add_test(t, twenty_thousand_terms_agree_with_the_naive_evaluator);
    tcase_add_test(t, long_terms_and_long_chains_agree);
    tcase_add_test(t, lack_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, t);
    return test_main(s);
}

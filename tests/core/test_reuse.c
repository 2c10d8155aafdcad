/* test_reuse.c - passages that texts share. */
#include "reuse.h"

#include <string.h>

#include "testing.h"

/* Sentences that have nothing in common. */
#define S1 "潮水退去以后海滩上留下许多贝壳和一只旧鞋"
#define S2 "工程师把第三台样机搬进了走廊尽头的实验室"
#define S3 "昨夜一场小雨让城里的空气忽然清爽了不少呢"
#define S3T "昨夜一場小雨，讓城裏的空氣忽然清爽了不少呢"
#define S4 "他在菜市场门口摆摊修钟表已经二十七年整了"

static ds_reuse *index_of(const char *const *texts, size_t n, const ds_reuse_options *o)
{
    ds_reuse *r;
    ck_assert_int_eq(ds_reuse_new(NULL, o, &r, NULL), DS_OK);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(ds_reuse_add(r, ds_str_of(texts[i]), NULL), DS_OK);
    ck_assert_int_eq(ds_reuse_build(r, NULL), DS_OK);
    ck_assert_uint_eq(ds_reuse_count(r), n);
    return r;
}

static ds_reuse_matches found(const ds_reuse *r, size_t b)
{
    ds_reuse_matches m;
    ds_reuse_matches_init(&m, NULL);
    ck_assert_int_eq(ds_reuse_find(r, b, &m, NULL), DS_OK);
    return m;
}

START_TEST(a_passage_is_found_with_its_places)
{
    const char *texts[] = {S1 "。" S3, S2 "——" S3T "！" S4, S4 S1};
    ds_reuse *r = index_of(texts, 3, NULL);
    ds_reuse_matches m = found(r, 0);
    ck_assert_uint_eq(m.count, 0);
    ds_reuse_matches_clear(&m);
    m = found(r, 1);
    ck_assert_uint_eq(m.count, 1);
    ck_assert_uint_eq(m.items[0].a, 0);
    ck_assert_uint_eq(m.items[0].common, 20);
    ck_assert_uint_eq(m.items[0].a_beg, 20);
    ck_assert_uint_eq(m.items[0].a_end, 40);
    ck_assert_uint_eq(m.items[0].b_beg, 20);
    ck_assert_uint_eq(m.items[0].b_end, 40);
    ds_reuse_matches_clear(&m);
    m = found(r, 2);
    ck_assert_uint_eq(m.count, 2); /* S1 of the first, S4 of the second */
    ck_assert(m.items[0].a == 0 && m.items[1].a == 1 && m.items[1].b_beg == 0 && m.items[0].b_beg == 20);
    ds_reuse_matches_clear(&m);
    ds_reuse_free(r);
}
END_TEST

START_TEST(neighbours_are_joined_over_a_gap_in_one_order_only)
{
    const char *texts[] = {S1 S2, S1 "据本报记者昨天了解到的最新情况" S2, S2 "据" S1};
    ds_reuse *r = index_of(texts, 3, NULL);
    ds_reuse_matches m = found(r, 1);
    ck_assert_uint_eq(m.count, 1);
    ck_assert_uint_eq(m.items[0].common, 40);
    ck_assert_uint_eq(m.items[0].b_end, 55);
    ds_reuse_matches_clear(&m);
    m = found(r, 2);
    ck_assert_uint_eq(m.count, 4); /* two of either */
    ds_reuse_matches_clear(&m);
    ds_reuse_free(r);
}
END_TEST

START_TEST(letters_of_an_alphabet_weigh_half)
{
    const char *texts[] = {"甲 Deep Research, Chatbot Arena, Grok 乙", "丙 Deep Research / Chatbot Arena / Grok 丁", S1, "丙" S1};
    ds_reuse *r = index_of(texts, 4, NULL);
    ds_reuse_matches m = found(r, 1);
    ck_assert_uint_eq(m.count, 1); /* 28 letters */
    ds_reuse_matches_clear(&m);
    ds_reuse_free(r);
    ds_reuse_options o = {.min = 15};
    r = index_of(texts, 4, &o);
    m = found(r, 1);
    ck_assert_uint_eq(m.count, 0);
    ds_reuse_matches_clear(&m);
    m = found(r, 3);
    ck_assert_uint_eq(m.count, 1);
    ds_reuse_matches_clear(&m);
    ds_reuse_free(r);
}
END_TEST

START_TEST(what_everybody_has_is_compared_with_the_earliest)
{
    enum { N = 100 };
    ds_reuse_options o = {.most = 8};
    ds_reuse *r;
    size_t total = 0;
    ck_assert_int_eq(ds_reuse_new(NULL, &o, &r, NULL), DS_OK);
    for (int i = 0; i < N; i++)
        ck_assert_int_eq(ds_reuse_add(r, ds_str_of(S1 S2), NULL), DS_OK);
    ck_assert_int_eq(ds_reuse_build(r, NULL), DS_OK);
    for (size_t b = 1; b < N; b++) {
        ds_reuse_matches m = found(r, b);
        ck_assert_msg(m.count >= 1 && m.items[0].a == 0, "article %zu", b);
        ck_assert_uint_le(m.count, 8);
        total += m.count;
        ds_reuse_matches_clear(&m);
    }
    ck_assert_uint_eq(total, 36 + 91); /* 1 + 2 + … + 8, then one each */
    ds_reuse_free(r);
}
END_TEST

START_TEST(texts_that_repeat_themselves_end)
{
    enum { N = 60000 };
    char *text = malloc(N + 1);
    for (int i = 0; i + 3 <= N; i += 3)
        memcpy(text + i, i % 9 == 0 ? "啊" : "哈", 3);
    text[N] = '\0';
    const char *texts[] = {text, text, ""};
    ds_reuse *r = index_of(texts, 3, NULL);
    ds_reuse_matches m = found(r, 1);
    ck_assert_uint_eq(m.count, 1);
    ck_assert_uint_eq(m.items[0].common, N / 3);
    ds_reuse_matches_clear(&m);
    m = found(r, 2);
    ck_assert_uint_eq(m.count, 0);
    ds_reuse_matches_clear(&m);
    ds_reuse_free(r);
    free(text);
}
END_TEST

START_TEST(misuse_is_refused)
{
    ds_reuse *r;
    ds_error err;
    ds_reuse_options o = {.shingle = DS_SHINGLE_MAX + 1};
    ck_assert_int_eq(ds_reuse_new(NULL, &o, &r, &err), DS_EINVAL);
    ck_assert_ptr_null(r);
    ck_assert_int_eq(ds_reuse_new(NULL, NULL, &r, &err), DS_OK);
    ds_reuse_matches m;
    ds_reuse_matches_init(&m, NULL);
    ck_assert_int_eq(ds_reuse_find(r, 0, &m, &err), DS_EINVAL); /* not built */
    ck_assert_int_eq(ds_reuse_build(r, &err), DS_OK);
    ck_assert_int_eq(ds_reuse_build(r, &err), DS_OK);
    ck_assert_int_eq(ds_reuse_find(r, 0, &m, &err), DS_EINVAL); /* empty */
    ck_assert_int_eq(ds_reuse_add(r, ds_str_of(S1), &err), DS_EINVAL);
    ds_reuse_free(r);
    ds_reuse_free(NULL);
}
END_TEST

static ds_status compare(const ds_alloc *a, void *ud)
{
    ds_reuse *r;
    ds_reuse_matches m;
    (void)ud;
    ds_reuse_matches_init(&m, a);
    ds_status st = ds_reuse_new(a, NULL, &r, NULL);
    if (st != DS_OK) {
        ck_assert_ptr_null(r);
        return st;
    }
    if ((st = ds_reuse_add(r, ds_str_of(S1 S2 S3), NULL)) == DS_OK && (st = ds_reuse_add(r, ds_str_of(S4 S3 S1), NULL)) == DS_OK &&
        (st = ds_reuse_build(r, NULL)) == DS_OK)
        st = ds_reuse_find(r, 1, &m, NULL);
    ck_assert_uint_eq(m.count, st == DS_OK ? 2 : 0);
    ds_reuse_matches_clear(&m);
    ds_reuse_free(r);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(compare, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("reuse");
    TCase *tc = tcase_create("reuse");
    tcase_add_test(tc, a_passage_is_found_with_its_places);
    tcase_add_test(tc, neighbours_are_joined_over_a_gap_in_one_order_only);
    tcase_add_test(tc, letters_of_an_alphabet_weigh_half);
    tcase_add_test(tc, what_everybody_has_is_compared_with_the_earliest);
    tcase_add_test(tc, texts_that_repeat_themselves_end);
    tcase_add_test(tc, misuse_is_refused);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

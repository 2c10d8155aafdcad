/* test_newwords.c - strings that behave like words, against counting by hand. */
#include "newwords.h"

#include <math.h>
#include <string.h>

#include "testing.h"

static ds_newwords *words_of(const char *const *texts, size_t n, const ds_newwords_options *o)
{
    ds_newwords *w;
    ck_assert_int_eq(ds_newwords_new(NULL, o, &w, NULL), DS_OK);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(ds_newwords_add(w, ds_str_of(texts[i]), NULL), DS_OK);
    return w;
}

/* The word among the results, or NULL. */
static const ds_newword *look_up(ds_newwords *w, const char *word)
{
    const ds_newword *found, *hit = NULL;
    size_t n;
    ds_buf text;
    ck_assert_int_eq(ds_newwords_find(w, &found, &n, NULL), DS_OK);
    ds_buf_init(&text, NULL);
    for (size_t i = 0; i < n; i++) {
        ds_buf_reset(&text);
        ds_newwords_text(w, &found[i], &text);
        if (ds_str_eq(ds_buf_str(&text), ds_str_of(word)))
            hit = &found[i];
    }
    ds_buf_clear(&text);
    return hit;
}

START_TEST(measures_are_those_of_the_formulas)
{
    /* 14 Han characters: 算 4, 力 4 (3 of them 算力); before 算力: 甲, 乙, 乙; behind: 丙, the end, the end. */
    static const char *texts[] = {"甲算力丙，乙算力", "乙算力。算丁戊力"};
    ds_newwords_options o = {.min = 2, .longest = 3};
    ds_newwords *w = words_of(texts, 2, &o);
    const ds_newword *x = look_up(w, "算力");
    ck_assert_uint_eq(ds_newwords_size(w), 14);
    ck_assert_ptr_nonnull(x);
    ck_assert_uint_eq(x->count, 3);
    ck_assert_uint_eq(x->texts, 2);
    ck_assert_uint_eq(x->first, 0);
    ck_assert(fabs(x->cohesion - log2(3.0 * 14 / (4 * 4))) < 1e-12);
    ck_assert(fabs(x->left - (log2(3) - 2.0 / 3 * log2(2))) < 1e-12);
    ck_assert(fabs(x->right - log2(3)) < 1e-12); /* each end is a surrounding of its own */
    const ds_newword *y = look_up(w, "乙算力");
    ck_assert_ptr_nonnull(y); /* cuts: 乙|算力 2*14/(2*3), 乙算|力 2*14/(2*4) */
    ck_assert(fabs(y->cohesion - log2(2.0 * 14 / (2 * 4))) < 1e-12);
    ck_assert_uint_eq(y->count, 2);
    ck_assert_ptr_null(look_up(w, "甲算")); /* once only */
    ds_newwords_free(w);
}
END_TEST

START_TEST(scripts_are_folded_and_runs_end_at_other_characters)
{
    static const char *texts[] = {"價格戰", "价格战", "价格，战", "价格A战"};
    ds_newwords_options o = {.min = 2};
    ds_newwords *w = words_of(texts, 4, &o);
    const ds_newword *x = look_up(w, "价格战");
    ck_assert_ptr_nonnull(x);
    ck_assert_uint_eq(x->count, 2);
    ck_assert_uint_eq(look_up(w, "价格")->count, 4);
    ds_newwords_free(w);
}
END_TEST

START_TEST(thresholds_hold)
{
    static const char *texts[] = {"甲算力丙。乙算力丁。戊算力己。戊己戊己戊己"};
    ds_newwords_options o = {.min = 3, .entropy = 1.5};
    ds_newwords *w = words_of(texts, 1, &o);
    ck_assert_ptr_nonnull(look_up(w, "算力"));
    ck_assert_ptr_null(look_up(w, "戊己")); /* 己 goes before it twice of three times */
    ds_newwords_free(w);
    o.cohesion = 9;
    w = words_of(texts, 1, &o);
    ck_assert_ptr_null(look_up(w, "算力"));
    ds_newwords_free(w);
}
END_TEST

/* All strings of a text by hand, against find without thresholds. */
START_TEST(every_frequent_string_is_counted)
{
    enum { N = 300, LONG = 5, MIN = 3 };
    static const char *const letters[] = {"天", "地", "人", "，"};
    char text[3 * N + 1];
    uint64_t state = (uint64_t)_i + 11;
    int code[N];
    for (int i = 0; i < N; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        code[i] = (int)((state >> 33) % 16 / 5);
        memcpy(text + 3 * i, letters[code[i]], 3);
    }
    text[3 * N] = '\0';
    const char *texts[] = {text};
    ds_newwords_options o = {.min = MIN, .longest = LONG, .cohesion = -1e9, .entropy = -1};
    ds_newwords *w = words_of(texts, 1, &o);
    const ds_newword *found;
    size_t n, want = 0;
    ck_assert_int_eq(ds_newwords_find(w, &found, &n, NULL), DS_OK);
    for (int len = 2; len <= LONG; len++)
        for (int i = 0; i + len <= N; i++) {
            int count = 0, first = i, han = 1;
            for (int k = 0; k < len; k++)
                han &= code[i + k] != 3;
            for (int j = 0; han && j + len <= N; j++)
                if (memcmp(code + i, code + j, (size_t)len * sizeof *code) == 0) {
                    count++;
                    first = j < first ? j : first;
                }
            if (count < MIN || first != i)
                continue;
            want++;
            char word[3 * LONG + 1];
            memcpy(word, text + 3 * i, (size_t)(3 * len));
            word[3 * len] = '\0';
            const ds_newword *x = look_up(w, word);
            ck_assert_ptr_nonnull(x);
            ck_assert_uint_eq(x->count, (uint32_t)count);
            ck_assert_uint_eq(x->len, (uint32_t)len);
        }
    ck_assert_msg(n > 5 && n == want, "%zu of %zu", n, want);
    ds_newwords_free(w);
}
END_TEST

START_TEST(nothing_and_misuse)
{
    ds_newwords *w;
    const ds_newword *found;
    size_t n;
    ds_newwords_options o = {.longest = 13};
    ck_assert_int_eq(ds_newwords_new(NULL, &o, &w, NULL), DS_EINVAL);
    ck_assert_ptr_null(w);
    ck_assert_int_eq(ds_newwords_new(NULL, NULL, &w, NULL), DS_OK);
    ck_assert_int_eq(ds_newwords_add(w, ds_str_of("abc \xFF\xE4"), NULL), DS_OK);
    ck_assert_int_eq(ds_newwords_find(w, &found, &n, NULL), DS_OK);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(ds_newwords_add(w, ds_str_of("x"), NULL), DS_EINVAL);
    ds_newwords_free(w);
    ds_newwords_free(NULL);
}
END_TEST

static ds_status count_some(const ds_alloc *a, void *ud)
{
    ds_newwords *w;
    const ds_newword *found;
    size_t n = 0;
    ds_newwords_options o = {.min = 2};
    (void)ud;
    ds_status st = ds_newwords_new(a, &o, &w, NULL);
    if (st != DS_OK) {
        ck_assert_ptr_null(w);
        return st;
    }
    if ((st = ds_newwords_add(w, ds_str_of("甲算力丙，乙算力"), NULL)) == DS_OK)
        st = ds_newwords_find(w, &found, &n, NULL);
    ck_assert_uint_eq(n, st == DS_OK ? 1 : 0);
    ds_newwords_free(w);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(count_some, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("newwords");
    TCase *tc = tcase_create("newwords");
    tcase_add_test(tc, measures_are_those_of_the_formulas);
    tcase_add_test(tc, scripts_are_folded_and_runs_end_at_other_characters);
    tcase_add_test(tc, thresholds_hold);
    tcase_add_loop_test(tc, every_frequent_string_is_counted, 0, 20);
    tcase_add_test(tc, nothing_and_misuse);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

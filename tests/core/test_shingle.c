/* test_shingle.c - letters of a text, fingerprints, alignment. */
#include "shingle.h"

#include <string.h>

#include "align.h"
#include "testing.h"

/* ---- letters ---- */

static const struct fold_case {
    const char *one, *other;
} same[] = {
    {"馬斯克在社交平台X上說：「顯然」。", "马斯克在社交平台x上说:“显然”"},
    {"價格戰", "价 格\n战"},
    {"**DeepSeek** 有 5 萬塊", "ＤｅｅｐＳｅｅｋ有５万块"},
    {"见https://example.com/a?b=1，看", "见看"},
    {"见 www.example.com/页", "见页"},
    {"Straße", "STRASSE"},
    {"壞\xFF字", "坏字"},
    {"《書》（一）", "书一"},
    {"", "。，！ \t"},
};

START_TEST(copies_have_the_same_letters)
{
    ds_codes a, b;
    ds_codes_init(&a, NULL, true);
    ds_codes_init(&b, NULL, false);
    ck_assert_int_eq(ds_codes_add(&a, ds_str_of(same[_i].one), NULL), DS_OK);
    ck_assert_int_eq(ds_codes_add(&b, ds_str_of(same[_i].other), NULL), DS_OK);
    ck_assert_msg(a.count == b.count, "%s: %zu letters, %zu", same[_i].one, a.count, b.count);
    ck_assert(a.count == 0 || memcmp(a.code, b.code, a.count * sizeof *a.code) == 0);
    ds_codes_clear(&a);
    ds_codes_clear(&b);
}
END_TEST

START_TEST(offsets_are_where_the_letters_stand)
{
    ds_str text = ds_str_of("「馬a，\n克」x");
    static const size_t want[][2] = {{3, 6}, {6, 7}, {11, 14}, {17, 18}};
    ds_codes c;
    ds_codes_init(&c, NULL, true);
    ck_assert_int_eq(ds_codes_add(&c, text, NULL), DS_OK);
    ck_assert_uint_eq(c.count, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(c.off[i], want[i][0]);
        ck_assert_uint_eq(ds_codes_char_end(text, c.off[i]), want[i][1]);
    }
    ds_codes_clear(&c);
}
END_TEST

/* ---- fingerprints ---- */

static uint32_t next_number(uint64_t *state, uint32_t n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % n;
}

static bool has_print(const ds_prints *p, uint32_t hash)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].hash == hash)
            return true;
    return false;
}

START_TEST(texts_with_a_window_in_common_have_a_fingerprint_in_common)
{
    enum { N = 200, K = 6, W = 5, SHARED = K + W - 1 };
    uint64_t state = (uint64_t)_i + 1;
    uint16_t a[N], b[N];
    uint32_t letters = _i % 3 == 0 ? 2 : 5000; /* also texts that repeat themselves */
    for (int i = 0; i < N; i++) {
        a[i] = (uint16_t)next_number(&state, letters);
        b[i] = (uint16_t)(6000 + next_number(&state, letters));
    }
    memcpy(b + next_number(&state, N - SHARED), a + next_number(&state, N - SHARED), SHARED * sizeof *a);
    ds_prints p, q;
    ds_prints_init(&p, NULL);
    ds_prints_init(&q, NULL);
    ck_assert_int_eq(ds_winnow(&p, a, N, K, W, NULL), DS_OK);
    ck_assert_int_eq(ds_winnow(&q, b, N, K, W, NULL), DS_OK);
    size_t common = 0;
    for (size_t i = 0; i < q.count; i++)
        common += has_print(&p, q.items[i].hash);
    ck_assert_msg(common > 0, "seed %d: none of %zu and %zu fingerprints", _i, p.count, q.count);
    ds_prints_clear(&p);
    ds_prints_clear(&q);
}
END_TEST

START_TEST(few_shingles_are_kept_and_a_short_text_has_one)
{
    enum { N = 100000 };
    uint64_t state = 7;
    uint16_t *a = malloc(N * sizeof *a);
    ds_prints p;
    ds_prints_init(&p, NULL);
    for (int i = 0; i < N; i++)
        a[i] = (uint16_t)next_number(&state, 60000);
    ck_assert_int_eq(ds_winnow(&p, a, N, 10, 7, NULL), DS_OK);
    ck_assert_msg(p.count > N / 4 * 0.97 && p.count < N / 4 * 1.03, "2/(7+1) of %d is not %zu", N, p.count);
    for (size_t i = 1; i < p.count; i++)
        ck_assert_uint_gt(p.items[i].pos, p.items[i - 1].pos);
    ds_prints_clear(&p);
    ck_assert_int_eq(ds_winnow(&p, a, 10, 10, 7, NULL), DS_OK);
    ck_assert_uint_eq(p.count, 1);
    ck_assert_int_eq(ds_winnow(&p, a, 9, 10, 7, NULL), DS_OK);
    ck_assert_uint_eq(p.count, 1);
    ck_assert_int_eq(ds_winnow(&p, a, 9, 0, 7, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_winnow(&p, a, 9, 10, DS_SHINGLE_MAX + 1, NULL), DS_EINVAL);
    ds_prints_clear(&p);
    free(a);
}
END_TEST

static ds_status fold_and_winnow(const ds_alloc *a, void *ud)
{
    ds_codes c;
    ds_prints p;
    (void)ud;
    ds_codes_init(&c, a, true);
    ds_prints_init(&p, a);
    ds_status st = ds_codes_add(&c, ds_str_of("价格战打了整整一个夏天，媒体送给肇事者两个绰号"), NULL);
    ck_assert_uint_eq(c.count, st == DS_OK ? 22 : 0);
    if (st == DS_OK)
        st = ds_winnow(&p, c.code, c.count, 4, 3, NULL);
    ck_assert(st == DS_OK ? p.count > 0 : p.count == 0);
    ds_codes_clear(&c);
    ds_prints_clear(&p);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(fold_and_winnow, NULL);
}
END_TEST

/* ---- alignment ---- */

/* Differences of the beginnings of two texts, by a table of all of them; returns the best score, doubled. */
static int fill_table(const uint16_t *a, int na, const uint16_t *b, int nb, int d[12][12])
{
    int best = 0;
    for (int i = 0; i <= na; i++)
        for (int j = 0; j <= nb; j++) {
            d[i][j] = i == 0 ? j : i;
            if (i > 0 && j > 0) {
                d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
                d[i][j] = d[i - 1][j] + 1 < d[i][j] ? d[i - 1][j] + 1 : d[i][j];
                d[i][j] = d[i][j - 1] + 1 < d[i][j] ? d[i][j - 1] + 1 : d[i][j];
            }
            best = i + j - 4 * d[i][j] > best ? i + j - 4 * d[i][j] : best;
        }
    return best;
}

START_TEST(short_texts_are_aligned_as_the_whole_table_says)
{
    uint64_t state = (uint64_t)_i * 977 + 5;
    uint16_t a[11], b[11], ra[11], rb[11];
    int na = (int)next_number(&state, 11), nb = (int)next_number(&state, 11);
    for (int i = 0; i < na; i++)
        a[i] = (uint16_t)next_number(&state, 3);
    for (int i = 0; i < nb; i++)
        b[i] = i < na && next_number(&state, 3) > 0 ? a[i] : (uint16_t)next_number(&state, 3);
    for (int i = 0; i < na; i++)
        ra[na - 1 - i] = a[i];
    for (int i = 0; i < nb; i++)
        rb[nb - 1 - i] = b[i];
    int d[12][12], want = fill_table(a, na, b, nb, d);
    ds_reach f = ds_align_forward(a, (size_t)na, b, (size_t)nb);
    ds_reach back = ds_align_backward(ra + na, (size_t)na, rb + nb, (size_t)nb);
    ck_assert(f.a <= (size_t)na && f.b <= (size_t)nb && f.common <= f.a && f.common <= f.b);
    ck_assert_msg((int)(f.a + f.b) - 4 * d[f.a][f.b] == want, "case %d: to %zu, %zu", _i, f.a, f.b);
    ck_assert_uint_eq(f.a, back.a);
    ck_assert_uint_eq(f.b, back.b);
    ck_assert_uint_eq(f.common, back.common);
}
END_TEST

START_TEST(alignment_goes_over_changes_and_stops_where_nothing_is_alike)
{
    enum { N = 2000 };
    uint16_t a[N], b[N];
    uint64_t state = 99;
    size_t nb = 0, common = 0;
    for (int i = 0; i < N; i++)
        a[i] = (uint16_t)next_number(&state, 30000);
    for (int i = 0; i < 1500; i++) { /* every tenth letter another one, left out, or one put in */
        if (i % 10 == 9 && i % 30 == 9)
            b[nb++] = 40000;
        else if (i % 10 != 9 || i % 30 == 29)
            b[nb++] = a[i], common++;
        if (i % 30 == 29)
            b[nb++] = 40001;
    }
    size_t end = nb;
    while (nb < N)
        b[nb++] = (uint16_t)(50000 + next_number(&state, 3000));
    ds_reach r = ds_align_forward(a, N, b, N);
    ck_assert_msg(r.common >= common - 2 && r.common <= common, "%zu of %zu", r.common, common);
    ck_assert(r.a >= 1490 && r.a <= 1500 && r.b + 10 >= end && r.b <= end);
    ds_reach none = ds_align_forward(a, 0, b, N);
    ck_assert_uint_eq(none.a + none.b + none.common, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("shingle");
    TCase *tc = tcase_create("shingle");
    tcase_add_loop_test(tc, copies_have_the_same_letters, 0, (int)(sizeof same / sizeof *same));
    tcase_add_test(tc, offsets_are_where_the_letters_stand);
    tcase_add_loop_test(tc, texts_with_a_window_in_common_have_a_fingerprint_in_common, 0, 60);
    tcase_add_test(tc, few_shingles_are_kept_and_a_short_text_has_one);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    tcase_add_loop_test(tc, short_texts_are_aligned_as_the_whole_table_says, 0, 300);
    tcase_add_test(tc, alignment_goes_over_changes_and_stops_where_nothing_is_alike);
    suite_add_tcase(s, tc);
    return test_main(s);
}

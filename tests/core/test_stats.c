/* test_stats.c - exact sums: known hard cases, order and grouping, agreement with Python's math.fsum. */
#include "stats.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"

static uint64_t rng_state;

/* xorshift64*: the same sequence everywhere. */
static uint64_t rnd(void)
{
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return rng_state * 2685821657736338717u;
}

static uint64_t bits(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static double sum_of(const double *x, size_t n)
{
    ds_fsum s;
    ds_fsum_init(&s, NULL);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(ds_fsum_add(&s, x[i], NULL), DS_OK);
    double v = ds_fsum_value(&s);
    ds_fsum_clear(&s);
    return v;
}

#define HUGE_1 DBL_MAX
#define TINY 0x1p-1074

static const struct hard_case {
    double x[8];
    size_t n;
    double want;
} hard_cases[] = {
    {{0}, 0, 0.0},
    {{-0.0}, 1, 0.0},
    {{0.1, 0.2, 0.3, -0.6}, 4, 0x1p-55}, /* what the rounding of these four literals leaves over */
    {{1e100, 1.0, -1e100}, 3, 1.0},
    {{1e100, 1.0, -1e100, 1e-100, 1e50, -1.0, -1e50}, 7, 1e-100},
    {{0x1p53, -0.5, -0x1p-54}, 3, 0x1p53 - 1.0},
    {{0x1p53, 1.0, 0x1p-100}, 3, 0x1p53 + 2.0}, /* a tie that only the last part breaks */
    {{0x1p53, 1.0, -0x1p-100}, 3, 0x1p53},
    {{0x1p53, 1.0}, 2, 0x1p53}, /* exact ties go to even */
    {{0x1p53 + 2.0, 1.0}, 2, 0x1p53 + 4.0},
    {{0x1p53 + 10.0, 1.0, 0x1p-100}, 3, 0x1p53 + 12.0},
    {{TINY, TINY, -TINY}, 3, TINY},
    {{1.0, TINY, -1.0}, 3, TINY},
    /* Beyond the range and back. */
    {{HUGE_1, HUGE_1, -HUGE_1}, 3, HUGE_1},
    {{HUGE_1, HUGE_1, HUGE_1, -HUGE_1, -HUGE_1, -HUGE_1, TINY}, 7, TINY},
    {{-HUGE_1, -HUGE_1, HUGE_1, 1.0, HUGE_1}, 5, 1.0},
    {{0x1p1023, 0x1p1023, -0x1p1023}, 3, 0x1p1023},
    {{0x1p1022, 0x1p1022, 0x1p1022, 0x1p1022}, 4, INFINITY},
    {{HUGE_1, 0x1p970}, 2, INFINITY}, /* the tie above the largest double goes to even: out of range */
    {{HUGE_1, 0x1p970, -TINY}, 3, HUGE_1},
    {{HUGE_1, 0x1p969}, 2, HUGE_1},
    {{-HUGE_1, -0x1p970}, 2, -INFINITY},
    {{0x1p1023, 0x1p1023, -0x1p971}, 3, HUGE_1},
    /* Not finite. */
    {{1.0, INFINITY, HUGE_1}, 3, INFINITY},
    {{-INFINITY, HUGE_1, HUGE_1}, 3, -INFINITY},
};

START_TEST(hard_cases_are_rounded_correctly_in_any_rotation)
{
    const struct hard_case *c = &hard_cases[_i];
    for (size_t shift = 0; shift < (c->n > 0 ? c->n : 1); shift++) {
        double x[8];
        for (size_t i = 0; i < c->n; i++)
            x[i] = c->x[(i + shift) % c->n];
        double got = sum_of(x, c->n);
        ck_assert_msg(bits(got) == bits(c->want), "case %d, rotated by %zu: %a, want %a", _i, shift, got, c->want);
    }
}
END_TEST

START_TEST(every_nan_has_the_same_bits)
{
    double by_sum[] = {INFINITY, 1.0, -INFINITY}, turned[] = {-INFINITY, INFINITY};
    double given[] = {-NAN, 1.0}, after[] = {1.0, INFINITY, NAN};
    uint64_t want = bits(sum_of(given, 2));
    ck_assert(isnan(sum_of(given, 2)));
    ck_assert_uint_eq(bits(sum_of(by_sum, 3)), want);
    ck_assert_uint_eq(bits(sum_of(turned, 2)), want);
    ck_assert_uint_eq(bits(sum_of(after, 3)), want);
}
END_TEST

/* A double of any exponent within +-range of 1; now and then the negation of an earlier one. */
static double random_double(int range, const double *earlier, size_t n)
{
    if (n > 0 && rnd() % 8 == 0)
        return -earlier[rnd() % n];
    double m = (double)(int64_t)rnd() * 0x1p-63;
    return ldexp(m, (int)(rnd() % (uint64_t)(2 * range + 1)) - range);
}

static void random_values(double *x, size_t n, int range)
{
    for (size_t i = 0; i < n; i++)
        x[i] = random_double(range, x, i);
}

static void shuffle(double *x, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = rnd() % i;
        double t = x[i - 1];
        x[i - 1] = x[j];
        x[j] = t;
    }
}

START_TEST(order_does_not_change_a_bit)
{
    static const int ranges[] = {2, 60, 500, 1023};
    enum { N = 60 };
    rng_state = 20250127u + (uint64_t)_i;
    double x[N];
    random_values(x, N, ranges[_i % 4]);
    double want = sum_of(x, N);
    for (int round = 0; round < 20; round++) {
        shuffle(x, N);
        ck_assert_msg(bits(sum_of(x, N)) == bits(want), "seed %d, round %d", 20250127 + _i, round);
    }
}
END_TEST

/* Sums x[0, n) by cutting it in two at random places. */
static void sum_tree(const double *x, size_t n, ds_fsum *out)
{
    ds_fsum_init(out, NULL);
    if (n <= 2) {
        for (size_t i = 0; i < n; i++)
            ck_assert_int_eq(ds_fsum_add(out, x[i], NULL), DS_OK);
        return;
    }
    size_t cut = rnd() % (n + 1);
    if (cut == n)
        cut = 1;
    ds_fsum left, right;
    sum_tree(x, cut, &left);
    sum_tree(x + cut, n - cut, &right);
    ck_assert_int_eq(ds_fsum_merge(out, &left, NULL), DS_OK);
    ck_assert_int_eq(ds_fsum_merge(out, &right, NULL), DS_OK);
    ds_fsum_clear(&left);
    ds_fsum_clear(&right);
}

START_TEST(grouping_does_not_change_a_bit)
{
    enum { N = 40 };
    rng_state = 424242u + (uint64_t)_i;
    double x[N];
    random_values(x, N, _i % 2 == 0 ? 40 : 1023);
    double want = sum_of(x, N);
    for (int round = 0; round < 10; round++) {
        ds_fsum s;
        sum_tree(x, N, &s);
        ck_assert_msg(bits(ds_fsum_value(&s)) == bits(want), "seed %d, round %d", 424242 + _i, round);
        ds_fsum_clear(&s);
    }
}
END_TEST

START_TEST(a_sum_merged_into_itself_doubles)
{
    double x[] = {1e100, 1.0, -1e50, 1e-100, DBL_MAX};
    ds_fsum s, twice;
    ds_fsum_init(&s, NULL);
    ds_fsum_init(&twice, NULL);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < 5; i++)
            ck_assert_int_eq(ds_fsum_add(&twice, i == 4 && round == 1 ? -DBL_MAX : x[i], NULL), DS_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(ds_fsum_add(&s, x[i], NULL), DS_OK);
    ck_assert_int_eq(ds_fsum_merge(&s, &s, NULL), DS_OK);
    ck_assert_uint_eq(bits(ds_fsum_value(&s)), bits(ds_fsum_value(&twice)));
    ds_fsum_clear(&s);
    ds_fsum_clear(&twice);
}
END_TEST

START_TEST(the_parts_stay_few)
{
    ds_fsum s;
    ds_fsum_init(&s, NULL);
    rng_state = 7;
    for (int i = 0; i < 20000; i++) {
        ck_assert_int_eq(ds_fsum_add(&s, random_double(1023, NULL, 0), NULL), DS_OK);
        ck_assert_uint_le(s.count, 128);
        for (size_t k = 0; k < s.count; k++)
            ck_assert(s.parts[k] != 0 && fabs(s.parts[k]) <= 0x1p1022);
    }
    ds_fsum_clear(&s);
}
END_TEST

static ds_status oom_body(const ds_alloc *a, void *ud)
{
    (void)ud;
    ds_fsum s, t;
    ds_fsum_init(&s, a);
    ds_fsum_init(&t, a);
    ds_status st = DS_OK;
    double x = 1;
    for (int i = 0; i < 30 && st == DS_OK; i++, x *= 0x1p-60)
        st = ds_fsum_add(i % 2 == 0 ? &s : &t, x * (1 + 0x1p-52), NULL);
    double before = ds_fsum_value(&s);
    if (st == DS_OK && (st = ds_fsum_merge(&s, &t, NULL)) != DS_OK)
        ck_assert_uint_eq(bits(ds_fsum_value(&s)), bits(before));
    ds_fsum_clear(&s);
    ds_fsum_clear(&t);
    return st;
}

START_TEST(lack_of_memory_leaves_the_sum_as_it_was)
{
    oom_sweep(oom_body, NULL);
}
END_TEST

#define PY_ROWS 200
#define PY_COLS 30

/* Writes the rows as hexadecimal floats, has Python sum each, and compares. */
START_TEST(python_fsum_agrees)
{
    if (system("python3 -c 'import math' >/dev/null 2>&1") != 0) {
        printf("skipped: python_fsum_agrees (no python3)\n");
        return;
    }
    char path[] = "/tmp/ds-fsum-XXXXXX", cmd[400];
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *f = fdopen(fd, "w");
    ck_assert_ptr_nonnull(f);
    static double x[PY_ROWS][PY_COLS];
    rng_state = 99;
    for (size_t r = 0; r < PY_ROWS; r++) {
        random_values(x[r], PY_COLS, r % 3 == 0 ? 3 : r % 3 == 1 ? 100 : 1000);
        for (size_t c = 0; c < PY_COLS; c++)
            fprintf(f, "%a ", x[r][c]);
        fputc('\n', f);
    }
    fclose(f);
    snprintf(cmd, sizeof cmd,
             "python3 -c 'import math\nfor r in open(\"%s\"): print(math.fsum(map(float.fromhex, r.split())).hex())'",
             path);
    FILE *p = popen(cmd, "r");
    ck_assert_ptr_nonnull(p);
    char line[80];
    for (size_t r = 0; r < PY_ROWS; r++) {
        ck_assert_ptr_nonnull(fgets(line, sizeof line, p));
        double want = strtod(line, NULL), got = sum_of(x[r], PY_COLS);
        ck_assert_msg(bits(want) == bits(got), "seed 99, row %zu: %a, Python has %a", r, got, want);
    }
    ck_assert_int_eq(pclose(p), 0);
    remove(path);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stats");
    TCase *t = tcase_create("fsum");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, hard_cases_are_rounded_correctly_in_any_rotation, 0,
                        (int)(sizeof hard_cases / sizeof *hard_cases));
    tcase_add_test(t, every_nan_has_the_same_bits);
    tcase_add_loop_test(t, order_does_not_change_a_bit, 0, 12);
    tcase_add_loop_test(t, grouping_does_not_change_a_bit, 0, 12);
    tcase_add_test(t, a_sum_merged_into_itself_doubles);
    tcase_add_test(t, the_parts_stay_few);
    tcase_add_test(t, lack_of_memory_leaves_the_sum_as_it_was);
    tcase_add_test(t, python_fsum_agrees);
    suite_add_tcase(s, t);
    return test_main(s);
}

/* test_acc.c - accumulators: values, merging in any order and grouping to the same bytes, damage, failing memory. */
#include "acc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"

static const double edges[] = {-1, 0, 0.5, 10};

static const ds_acc_spec specs[] = {
    {.kind = DS_ACC_COUNT},
    {.kind = DS_ACC_SUM},
    {.kind = DS_ACC_MOMENTS},
    {.kind = DS_ACC_TOP, .k = 7},
    {.kind = DS_ACC_HISTOGRAM, .edges = edges, .n_edges = 4},
    {.kind = DS_ACC_DISTINCT},
    {.kind = DS_ACC_SAMPLE, .k = 7, .seed = 42},
};
#define KINDS (sizeof specs / sizeof *specs)

static uint64_t rng_state = 1;

static uint64_t rnd(void)
{
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return rng_state * 2685821657736338717u;
}

static ds_acc *make(size_t kind)
{
    ds_acc *a;
    ck_assert_int_eq(ds_acc_new(NULL, &specs[kind], &a, NULL), DS_OK);
    return a;
}

static double number_of(size_t i)
{
    return (double)((i * 2654435761u) % 1000003u) * (i % 3 == 0 ? 1e-9 : i % 3 == 1 ? -1e3 : 0.1);
}

/* Adds thing number i, whatever the kind takes. */
static ds_status add(ds_acc *a, size_t i, ds_error *err)
{
    char key[32];
    ds_str s = {key, (size_t)snprintf(key, sizeof key, "key %zu", i)};
    switch (ds_acc_kind_of(a)) {
    case DS_ACC_COUNT:
        return ds_acc_add_integer(a, (int64_t)(i * 0x100000001u) - 77, err);
    case DS_ACC_TOP:
        return ds_acc_add_item(a, floor(number_of(i) / 1e5), s, err);
    case DS_ACC_DISTINCT:
    case DS_ACC_SAMPLE:
        return ds_acc_add_key(a, s, (ds_str){"item", i % 5}, err);
    default:
        return ds_acc_add_number(a, number_of(i), err);
    }
}

static void save(const ds_acc *a, ds_buf *b)
{
    ds_buf_init(b, NULL);
    ck_assert_int_eq(ds_acc_save(a, b, NULL), DS_OK);
}

static void assert_same(const ds_acc *a, const ds_acc *b)
{
    ds_buf x, y;
    save(a, &x);
    save(b, &y);
    ck_assert(ds_str_eq(ds_buf_str(&x), ds_buf_str(&y)));
    ds_buf_clear(&x);
    ds_buf_clear(&y);
}

/* Divides 0 .. n - 1 at random among `parts`, adds backwards, merges as a random tree. */
static ds_acc *divided(size_t kind, size_t n, size_t parts)
{
    ds_acc *a[16];
    for (size_t i = 0; i < parts; i++)
        a[i] = make(kind);
    for (size_t i = n; i-- > 0;)
        ck_assert_int_eq(add(a[rnd() % parts], i, NULL), DS_OK);
    for (size_t left = parts; left > 1; left--) {
        size_t x = rnd() % left, y = (x + 1 + rnd() % (left - 1)) % left;
        ck_assert_int_eq(ds_acc_merge(a[x], a[y], NULL), DS_OK);
        ds_acc_free(a[y]);
        a[y] = a[left - 1];
        if (x == left - 1)
            x = y;
    }
    return a[0];
}

/* Around the bound of exact counting, too. */
START_TEST(test_any_division_gives_the_same_bytes)
{
    static const size_t sizes[] = {0, 1, 2, 100, 2047, 2048, 2049, 9000};
    size_t kind = (size_t)_i;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        ds_acc *whole = make(kind);
        for (size_t i = 0; i < sizes[s]; i++)
            ck_assert_int_eq(add(whole, i, NULL), DS_OK);
        for (size_t parts = 1; parts <= 16; parts += 5) {
            ds_acc *a = divided(kind, sizes[s], parts);
            assert_same(whole, a);
            ds_acc_free(a);
        }
        ds_acc_free(whole);
    }
}
END_TEST

START_TEST(test_saved_and_loaded_goes_on)
{
    size_t kind = (size_t)_i;
    for (size_t n = 0; n < 5000; n = n * 3 + 1) {
        ds_acc *a = make(kind), *b;
        ds_buf bytes;
        for (size_t i = 0; i < n; i++)
            ck_assert_int_eq(add(a, i, NULL), DS_OK);
        save(a, &bytes);
        ck_assert_int_eq(ds_acc_load(NULL, ds_buf_str(&bytes), &b, NULL), DS_OK);
        ck_assert_int_eq(ds_acc_kind_of(b), specs[kind].kind);
        for (size_t i = n; i < n + 9; i++) {
            ck_assert_int_eq(add(a, i, NULL), DS_OK);
            ck_assert_int_eq(add(b, i, NULL), DS_OK);
        }
        assert_same(a, b);
        ds_buf_clear(&bytes);
        ds_acc_free(a);
        ds_acc_free(b);
    }
}
END_TEST

/* Every truncation is refused; every flipped bit loads as something or is refused, and what loads can be used. */
START_TEST(test_damage_is_refused_or_harmless)
{
    size_t kind = (size_t)_i;
    ds_acc *a = make(kind), *b;
    ds_buf bytes;
    ds_error err;
    for (size_t i = 0; i < 20; i++)
        ck_assert_int_eq(add(a, i, NULL), DS_OK);
    save(a, &bytes);
    for (size_t n = 0; n < bytes.n; n++) {
        ck_assert_int_eq(ds_acc_load(NULL, (ds_str){bytes.p, n}, &b, &err), DS_EFORMAT);
        ck_assert_ptr_null(b);
    }
    for (size_t bit = 0; bit < bytes.n * 8; bit++) {
        bytes.p[bit / 8] = (char)(bytes.p[bit / 8] ^ 1 << bit % 8);
        if (ds_acc_load(NULL, ds_buf_str(&bytes), &b, &err) == DS_OK) {
            int64_t whole;
            double x;
            bool exact;
            ds_acc_moments m;
            (void)ds_acc_total(b, &whole, &x);
            (void)ds_acc_distinct(b, &exact);
            ck_assert_int_eq(ds_acc_moments_of(b, &m, NULL), DS_OK);
            if (ds_acc_merge(b, a, &err) != DS_OK)
                ck_assert(err.status == DS_EINVAL || err.status == DS_ELIMIT);
            ds_acc_free(b);
        }
        bytes.p[bit / 8] = (char)(bytes.p[bit / 8] ^ 1 << bit % 8);
    }
    ds_buf_clear(&bytes);
    ds_acc_free(a);
}
END_TEST

/* A failed add changes nothing: what was added before is saved to the same bytes. */
static ds_status with_memory(const ds_alloc *alloc, void *ud)
{
    size_t kind = *(size_t *)ud, n = 0;
    ds_acc *a = NULL, *mirror, *loaded = NULL;
    ds_status st = ds_acc_new(alloc, &specs[kind], &a, NULL);
    if (st != DS_OK)
        return st;
    while (n < 12 && (st = add(a, n, NULL)) == DS_OK)
        n++;
    mirror = make(kind);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(add(mirror, i, NULL), DS_OK);
    ds_buf x, y;
    ds_buf_init(&x, alloc);
    save(mirror, &y);
    ds_status saved = ds_acc_save(a, &x, NULL);
    if (saved == DS_OK)
        ck_assert(ds_str_eq(ds_buf_str(&x), ds_buf_str(&y)));
    if (st == DS_OK)
        st = saved;
    if (st == DS_OK)
        st = ds_acc_load(alloc, ds_buf_str(&y), &loaded, NULL);
    if (st == DS_OK)
        st = ds_acc_merge(a, loaded, NULL);
    ds_acc_moments m;
    if (st == DS_OK)
        st = ds_acc_moments_of(a, &m, NULL);
    ds_buf_clear(&x);
    ds_buf_clear(&y);
    ds_acc_free(a);
    ds_acc_free(mirror);
    ds_acc_free(loaded);
    return st;
}

START_TEST(test_memory_that_fails)
{
    size_t kind = (size_t)_i;
    oom_sweep(with_memory, &kind);
}
END_TEST

START_TEST(test_integers_stay_integers)
{
    static const int64_t hard[] = {INT64_MIN, INT64_MAX, -1, INT64_MAX, INT64_MIN, 1, 0, INT64_MIN + 1, INT64_MAX};
    ds_acc *a = make(0);
    int64_t whole, want = 0;
    double x;
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
        ck_assert_int_eq(ds_acc_add_integer(a, hard[i], NULL), DS_OK);
        want = (int64_t)((uint64_t)want + (uint64_t)hard[i]);
    }
    ck_assert(ds_acc_total(a, &whole, &x));
    ck_assert_int_eq(whole, want);
    ds_acc_free(a);
    a = make(1);
    ck_assert_int_eq(ds_acc_add_integer(a, INT64_MAX, NULL), DS_OK);
    ck_assert_int_eq(ds_acc_add_integer(a, INT64_MAX, NULL), DS_OK);
    ck_assert(!ds_acc_total(a, &whole, &x));
    ck_assert_double_eq(x, 0x1p64);
    ck_assert_int_eq(ds_acc_add_number(a, -0x1p64, NULL), DS_OK);
    ck_assert(!ds_acc_total(a, &whole, &x));
    ck_assert_double_eq(x, -2);
    ds_acc_free(a);
}
END_TEST

/* A variance that loses every digit in the text-book formula. */
START_TEST(test_moments_are_exact)
{
    ds_acc *a = make(2);
    ds_acc_moments m;
    ck_assert_int_eq(ds_acc_moments_of(a, &m, NULL), DS_OK);
    ck_assert(m.n == 0 && isnan(m.mean) && isnan(m.variance) && isnan(m.min));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(ds_acc_add_number(a, 1e9 + 4 + 3 * i * i, NULL), DS_OK); /* 4, 7, 16 above */
    ck_assert_int_eq(ds_acc_moments_of(a, &m, NULL), DS_OK);
    ck_assert_int_eq((int)m.n, 3);
    ck_assert_double_eq(m.mean, 1e9 + 9);
    ck_assert_double_eq(m.variance, 39);
    ck_assert_double_eq(m.min, 1e9 + 4);
    ck_assert_double_eq(m.max, 1e9 + 16);
    ck_assert_int_eq(ds_acc_add_number(a, (double)NAN, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_acc_add_number(a, (double)INFINITY, NULL), DS_EINVAL);
    ds_acc_free(a);
}
END_TEST

START_TEST(test_bins_are_half_open_and_the_last_is_closed)
{
    static const double x[] = {-1.5, -1, -0.5, 0, 0.25, 0.5, 9, 10, 10.5, 1e300};
    ds_acc *a = make(4);
    const double *e;
    const uint64_t *n;
    uint64_t below, above;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        ck_assert_int_eq(ds_acc_add_number(a, x[i], NULL), DS_OK);
    ck_assert_uint_eq(ds_acc_bins(a, &e, &n, &below, &above), 4);
    ck_assert(n[0] == 2 && n[1] == 2 && n[2] == 3 && below == 1 && above == 2);
    ds_acc_free(a);
}
END_TEST

START_TEST(test_top_keeps_the_greatest)
{
    static const double x[] = {3, -0.0, 0.0, (double)INFINITY, -5, 3, 7, -1e300};
    static const char *const want[] = {"d", "g", "a", "f", "b", "c", "e"};
    ds_acc *a = make(3);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        ck_assert_int_eq(ds_acc_add_item(a, x[i], (ds_str){"abcdefgh" + i, 1}, NULL), DS_OK);
    ck_assert_uint_eq(ds_acc_count(a), 7);
    for (size_t i = 0; i < 7; i++)
        ck_assert(ds_str_eq(ds_acc_at(a, i).item, ds_str_of(want[i])));
    ck_assert_double_eq(ds_acc_at(a, 6).value, -5);
    ck_assert_int_eq(ds_acc_add_item(a, 4, ds_str_of("i"), NULL), DS_OK); /* goes on after it was read */
    ck_assert(ds_str_eq(ds_acc_at(a, 2).item, ds_str_of("i")));
    ds_acc_free(a);
}
END_TEST

/* Exact up to the bound, within four standard deviations beyond it. */
START_TEST(test_distinct)
{
    ds_acc *a = make(5);
    bool exact;
    for (size_t n = 1; n <= 1000000; n++) {
        ck_assert_int_eq(add(a, n, NULL), DS_OK);
        ck_assert_int_eq(add(a, n / 2 + 1, NULL), DS_OK); /* seen before */
        if ((n & (n - 1)) != 0)
            continue;
        double got = ds_acc_distinct(a, &exact);
        ck_assert_int_eq(exact, n <= DS_ACC_EXACT);
        ck_assert_double_le(fabs(got - (double)n), exact ? 0 : 4 * 0.0081 * (double)n);
    }
    ds_acc_free(a);
}
END_TEST

/* Every key has the same chance: 20,000 draws of 7 of 50, four standard deviations. */
START_TEST(test_samples_are_even)
{
    int drawn[50] = {0};
    for (uint64_t seed = 0; seed < 20000; seed++) {
        ds_acc *a;
        ck_assert_int_eq(ds_acc_new(NULL, &(ds_acc_spec){.kind = DS_ACC_SAMPLE, .k = 7, .seed = seed}, &a, NULL), DS_OK);
        for (size_t i = 0; i < 50; i++)
            ck_assert_int_eq(ds_acc_add_key(a, (ds_str){"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn" + i, 1},
                                            (ds_str){"", 0}, NULL), DS_OK);
        for (size_t i = 0; i < 7; i++) {
            const char *c = ds_acc_at(a, i).key.p;
            drawn[strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn", *c) -
                  strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn", '0')]++;
        }
        ds_acc_free(a);
    }
    for (int i = 0; i < 50; i++)
        ck_assert_int_le(abs(drawn[i] - 2800), 4 * 50);
}
END_TEST

START_TEST(test_misuse_is_refused)
{
    ds_error err;
    ds_acc *a;
    static const double wrong[] = {1, 1}, endless[] = {0, (double)INFINITY};
    static const ds_acc_spec bad[] = {
        {.kind = 0},
        {.kind = DS_ACC_KINDS},
        {.kind = DS_ACC_TOP},
        {.kind = DS_ACC_SAMPLE, .k = DS_ACC_K_MAX + 1},
        {.kind = DS_ACC_HISTOGRAM, .edges = wrong, .n_edges = 2},
        {.kind = DS_ACC_HISTOGRAM, .edges = endless, .n_edges = 2},
        {.kind = DS_ACC_HISTOGRAM, .edges = wrong, .n_edges = 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(ds_acc_new(NULL, &bad[i], &a, &err), DS_EINVAL);
    for (size_t i = 0; i < KINDS; i++)
        for (size_t j = 0; j < KINDS; j++) {
            ds_acc *x = make(i), *y = make(j);
            ck_assert_int_eq(ds_acc_merge(x, y, &err), i == j ? DS_OK : DS_EINVAL);
            ds_acc_free(x);
            ds_acc_free(y);
        }
    a = make(3);
    ck_assert_int_eq(ds_acc_add_integer(a, 1, &err), DS_EINVAL);
    ck_assert_str_eq(err.msg, "top takes no integer");
    ck_assert_int_eq(ds_acc_add_item(a, (double)NAN, ds_str_of("x"), &err), DS_EINVAL);
    ck_assert_int_eq(ds_acc_merge(a, a, &err), DS_EINVAL);
    ds_acc_free(a);
}
END_TEST

/* Saved bytes and hashes are the same on every machine: these are written down. */
START_TEST(test_the_form_does_not_change)
{
    ck_assert(ds_acc_hash(0, ds_str_of("")) == ds_acc_hash(0, ds_str_of("")));
    ck_assert(ds_acc_hash(0, ds_str_of("a")) != ds_acc_hash(1, ds_str_of("a")));
    ds_acc *a = make(0);
    ds_buf b;
    ck_assert_int_eq(ds_acc_add_integer(a, 3, NULL), DS_OK);
    save(a, &b);
    ck_assert_uint_eq(b.n, 8 + 5 * 8 + 2 * 32);
    ck_assert(memcmp(b.p, "acc1\1\0\0\0\0\0\0\0\0\0\0\0\3\0\0\0", 20) == 0);
    ds_buf_clear(&b);
    ds_acc_free(a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("acc");
    TCase *tc = tcase_create("acc");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_any_division_gives_the_same_bytes, 0, (int)KINDS);
    tcase_add_loop_test(tc, test_saved_and_loaded_goes_on, 0, (int)KINDS);
    tcase_add_loop_test(tc, test_damage_is_refused_or_harmless, 0, (int)KINDS);
    tcase_add_loop_test(tc, test_memory_that_fails, 0, (int)KINDS);
    tcase_add_test(tc, test_integers_stay_integers);
    tcase_add_test(tc, test_moments_are_exact);
    tcase_add_test(tc, test_bins_are_half_open_and_the_last_is_closed);
    tcase_add_test(tc, test_top_keeps_the_greatest);
    tcase_add_test(tc, test_distinct);
    tcase_add_test(tc, test_samples_are_even);
    tcase_add_test(tc, test_misuse_is_refused);
    tcase_add_test(tc, test_the_form_does_not_change);
    suite_add_tcase(s, tc);
    return test_main(s);
}

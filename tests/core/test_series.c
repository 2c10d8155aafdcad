/* test_series.c - change points: a known change, planted changes, misuse. */
#include "series.h"

#include <math.h>

#include "testing.h"

/* Annual flow of the Nile at Aswan, 1871 to 1970, 10^8 m^3: it falls between 1898 and 1899 (Cobb 1978, "The Problem of the
 * Nile").  The statistic is the one that tests/data/series.py gives. */
static const double nile[] = {
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
};

START_TEST(pettitt_finds_the_change_of_the_nile)
{
    ds_change c;
    ck_assert_int_eq(ds_series_pettitt(nile, sizeof nile / sizeof *nile, &c, NULL), DS_OK);
    ck_assert_uint_eq(c.at, 28);
    ck_assert(c.statistic == 1617);
    ck_assert_msg(fabs(c.p - 3.5910221769e-07) < 1e-16, "%.10g", c.p);
}
END_TEST

START_TEST(poisson_finds_a_planted_change_and_leaves_gaps_out)
{
    double count[30], size[30];
    for (int i = 0; i < 30; i++) {
        size[i] = i % 7 == 3 ? 0 : 100 + i % 5;
        count[i] = size[i] == 0 ? 0 : i < 17 ? 2 + i % 2 : 9 + i % 3;
    }
    ds_change c;
    ck_assert_int_eq(ds_series_poisson(NULL, count, size, 30, 3, 999, 1, &c, NULL), DS_OK);
    ck_assert_uint_eq(c.at, 18); /* 17 is a gap */
    ck_assert_msg(c.p <= 0.001 + 1e-12, "%g", c.p);
    ds_change again;
    ck_assert_int_eq(ds_series_poisson(NULL, count, size, 30, 3, 999, 1, &again, NULL), DS_OK);
    ck_assert(c.p == again.p && c.statistic == again.statistic);
}
END_TEST

START_TEST(nothing_is_found_where_nothing_changes)
{
    double count[20], size[20];
    for (int i = 0; i < 20; i++)
        count[i] = 3, size[i] = 10;
    ds_change c;
    ck_assert_int_eq(ds_series_poisson(NULL, count, size, 20, 1, 99, 1, &c, NULL), DS_OK);
    ck_assert_uint_eq(c.at, 0);
    ck_assert_int_eq(ds_series_pettitt(count, 20, &c, NULL), DS_OK);
    ck_assert(c.at == 0 && c.p == 1);
    ck_assert_int_eq(ds_series_poisson(NULL, count, size, 5, 3, 99, 1, &c, NULL), DS_OK); /* too few */
    ck_assert_uint_eq(c.at, 0);
    ck_assert_int_eq(ds_series_poisson(NULL, count, size, 0, 3, 99, 1, &c, NULL), DS_OK);
    ck_assert_int_eq(ds_series_pettitt(count, 1, &c, NULL), DS_OK);
}
END_TEST

/* Under exchangeable bursts p is as small as alpha in alpha of the cases. */
START_TEST(p_is_uniform_when_nothing_changes)
{
    uint64_t state = 5;
    int below = 0;
    for (int run = 0; run < 300; run++) {
        double count[24], size[24];
        for (int i = 0; i < 24; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            size[i] = 20 + (double)(state >> 60);
            count[i] = state >> 33 & 7 ? (double)(state >> 40 & 3) : 12; /* burst now and then */
        }
        ds_change c;
        ck_assert_int_eq(ds_series_poisson(NULL, count, size, 24, 2, 199, (uint64_t)run, &c, NULL), DS_OK);
        below += c.p <= 0.1;
    }
    ck_assert_msg(below > 15 && below < 47, "%d of 300 at the level of 0.1", below);
}
END_TEST

START_TEST(misuse_is_refused)
{
    double bad[] = {1, NAN, 3}, negative[] = {1, -1, 2}, size[] = {1, 0, 2}, count[] = {1, 1, 1};
    ds_change c;
    ck_assert_int_eq(ds_series_pettitt(bad, 3, &c, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_series_poisson(NULL, bad, size, 3, 1, 9, 1, &c, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_series_poisson(NULL, negative, size, 3, 1, 9, 1, &c, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_series_poisson(NULL, count, negative, 3, 1, 9, 1, &c, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_series_poisson(NULL, count, size, 3, 1, 9, 1, &c, NULL), DS_EINVAL);
}
END_TEST

static ds_status one_test(const ds_alloc *a, void *ud)
{
    double count[] = {1, 2, 9, 8}, size[] = {5, 5, 5, 5};
    ds_change c;
    (void)ud;
    ds_status st = ds_series_poisson(a, count, size, 4, 1, 9, 1, &c, NULL);
    ck_assert_uint_eq(c.at, st == DS_OK ? 2 : 0);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(one_test, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("series");
    TCase *tc = tcase_create("series");
    tcase_add_test(tc, pettitt_finds_the_change_of_the_nile);
    tcase_add_test(tc, poisson_finds_a_planted_change_and_leaves_gaps_out);
    tcase_add_test(tc, nothing_is_found_where_nothing_changes);
    tcase_add_test(tc, p_is_uniform_when_nothing_changes);
    tcase_add_test(tc, misuse_is_refused);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

/* test_measures.c - association, keyness and dispersion: figures published with the formulas, identities, damage. */
#include "measures.h"

#include <math.h>
#include <string.h>

#include "testing.h"

/* Equal to the digits that were printed. */
#define ck_printed(got, want, unit) \
    ck_assert_msg(fabs((got) - (want)) <= (unit) / 2 * (1 + 1e-9), "%.12g, published %.12g", (double)(got), (double)(want))
#define ck_near(got, want)                                                                                     \
    ck_assert_msg(fabs((got) - (want)) <= 1e-12 * fmax(1, fabs((double)(want))), "%.17g, want %.17g", (double)(got), \
                  (double)(want))

static ds_assoc assoc_of(double o11, double r1, double c1, double n)
{
    ds_assoc m;
    ds_pair p = {o11, r1, c1, n, 0};
    ck_assert_int_eq(ds_measures_assoc(&p, &m, NULL), DS_OK);
    return m;
}

static ds_keyness key_of(double a, double c, double b, double d, double k)
{
    ds_keyness m;
    ds_keyness_counts n = {a, c, b, d, k};
    ck_assert_int_eq(ds_measures_keyness(&n, &m, NULL), DS_OK);
    return m;
}

/* ---- published figures ---- */

/* Dunning (1993), table of bigrams ranked by log-likelihood: k(AB), k(A ~B), k(~A B), k(~A ~B). */
static const struct dunning_row {
    double ll, ab, a_, b_, none;
} dunning[] = {
    {270.72, 110, 2442, 111, 29114}, /* the swiss */
    {263.90, 29, 13, 123, 31612},    /* can be */
    {256.84, 31, 23, 139, 31584},    /* previous year */
    {167.23, 10, 0, 3, 31764},       /* mineral water */
    {157.21, 76, 104, 2476, 29121},  /* at the */
    {157.03, 16, 16, 51, 31694},     /* real terms */
};

START_TEST(log_likelihood_as_dunning_published_it)
{
    const struct dunning_row *d = &dunning[_i];
    ds_assoc m = assoc_of(d->ab, d->ab + d->a_, d->ab + d->b_, d->ab + d->a_ + d->b_ + d->none);
    ck_printed(m.ll, d->ll, 0.01);
}
END_TEST

/* Manning and Schuetze (1999), Foundations of Statistical NLP, section 5.3.1 and table 5.14 (N = 14,307,668). */
START_TEST(t_and_mutual_information_as_manning_and_schuetze_published_them)
{
    const double n = 14307668;
    ck_printed(assoc_of(8, 15828, 4675, n).t, 0.999932, 0.000002); /* new companies */
    ck_printed(assoc_of(20, 42, 20, n).mi, 18.38, 0.01);           /* Ayatollah Ruhollah */
    ck_printed(assoc_of(20, 41, 27, n).mi, 17.98, 0.01);           /* Bette Midler */
}
END_TEST

/* Gries (2013), of course: the pair 5,610; of elsewhere 168,938; course elsewhere 2,257; neither 10,233,063. */
START_TEST(delta_p_as_gries_published_it)
{
    ds_assoc m = assoc_of(5610, 5610 + 168938, 5610 + 2257, 5610 + 168938 + 2257 + 10233063);
    ck_printed(m.delta_p21, 0.032, 0.001);
    ck_printed(m.delta_p12, 0.697, 0.001);
}
END_TEST

/* Rychly (2008): at most 14; 0 when there is less than one pair in 16,000 of each word; doubling adds one. */
START_TEST(log_dice_has_the_properties_that_rychly_states)
{
    ck_near(assoc_of(500, 500, 500, 1e6).log_dice, 14);
    ck_near(assoc_of(1, 16384, 16384, 1e6).log_dice, 0);
    ck_near(assoc_of(40, 900, 700, 1e6).log_dice - assoc_of(20, 900, 700, 1e6).log_dice, 1);
    ck_near(assoc_of(20, 900, 700, 1e9).log_dice, assoc_of(20, 900, 700, 1e6).log_dice); /* the corpus does not matter */
}
END_TEST

/* Hardie (2014): twice as frequent 1, four times 2, half -1, equal 0; 0.0006 against 0.0002 is log2 of 3. */
START_TEST(log_ratio_counts_doublings)
{
    ck_near(key_of(60, 1e5, 20, 1e5, 100).log_ratio, log2(3));
    ck_near(key_of(400, 1e6, 100, 1e6, 100).log_ratio, 2);
    ck_near(key_of(50, 1e6, 50, 5e5, 100).log_ratio, -1);
    ck_near(key_of(8, 1e6, 0, 1e6, 100).log_ratio, 4); /* nothing counts as a half */
    ck_near(assoc_of(30, 1000, 50, 2000).log_ratio, log2(1.5));
}
END_TEST

/* Kilgarriff (2009): the three words of his table, per million, with constants of 1, 10, 100 and 1,000. */
static const struct kilgarriff_row {
    double k, obscurish, middling, common;
} kilgarriff[] = {{1, 11.00, 1.99, 1.20}, {10, 2.00, 1.91, 1.20}, {100, 1.10, 1.50, 1.20}, {1000, 1.01, 1.09, 1.18}};

START_TEST(simple_maths_as_kilgarriff_published_it)
{
    const struct kilgarriff_row *w = &kilgarriff[_i];
    ck_printed(key_of(10, 1e6, 0, 1e6, w->k).simple_maths, w->obscurish, 0.01);
    ck_printed(key_of(200, 1e6, 100, 1e6, w->k).simple_maths, w->middling, 0.01);
    ck_printed(key_of(12000, 1e6, 10000, 1e6, w->k).simple_maths, w->common, 0.01);
}
END_TEST

/* The critical values on the page of Rayson's calculator: the b for which ll reaches them has that p. */
START_TEST(p_at_the_critical_values)
{
    static const struct { double ll, p; } level[] = {{3.84, 0.05}, {6.63, 0.01}, {10.83, 0.001}, {15.13, 0.0001}};
    for (int i = 0; i < 4; i++) { /* equal corpora: ll grows with a, b = 1000 fixed */
        double low = 1000, high = 2000;
        while (high - low > 1e-9) {
            double mid = (low + high) / 2;
            if (key_of(mid, 1e6, 1000, 1e6, 100).ll < level[i].ll)
                low = mid;
            else
                high = mid;
        }
        double p = key_of(low, 1e6, 1000, 1e6, 100).p;
        ck_assert_msg(fabs(p / level[i].p - 1) < 0.01, "ll %.2f: p %.6f", level[i].ll, p);
    }
}
END_TEST

/* Gries (2008): the letter a in five parts of a corpus of 50 letters. */
static const ds_part gries_parts[] = {{1, 9}, {2, 10}, {3, 10}, {4, 10}, {5, 11}};

START_TEST(dispersion_as_gries_published_it)
{
    ds_dispersion m;
    ck_assert_int_eq(ds_measures_dispersion(gries_parts, 5, &m, NULL), DS_OK);
    ck_assert(m.parts == 5 && m.n == 15 && m.size == 50 && m.range == 5);
    ck_printed(m.juilland_d, 0.785, 0.001);
    ck_printed(m.carroll_d2, 0.938, 0.001);
    ck_printed(m.rosengren_s, 0.950, 0.001);
    ck_printed(m.dp, 0.18, 0.01);
    ck_printed(m.dp_norm, 0.22, 0.01);
}
END_TEST

/* Benjamini and Hochberg (1995), section 3.2: fifteen comparisons of two treatments of infarction.  At 0.05 their
 * procedure rejects four hypotheses, Bonferroni's three. */
static const double infarction[15] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                      0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};

static int rejected(const double *p, size_t n)
{
    int count = 0;
    for (size_t i = 0; i < n; i++)
        count += p[i] <= 0.05;
    return count;
}

START_TEST(adjusting_rejects_as_many_as_benjamini_and_hochberg_report)
{
    double bh[15], bonferroni[15];
    ck_assert_int_eq(ds_measures_adjust(NULL, DS_ADJUST_BH, infarction, 15, bh, NULL), DS_OK);
    ck_assert_int_eq(ds_measures_adjust(NULL, DS_ADJUST_BONFERRONI, infarction, 15, bonferroni, NULL), DS_OK);
    ck_assert_int_eq(rejected(bh, 15), 4);
    ck_assert_int_eq(rejected(bonferroni, 15), 3);
}
END_TEST

/* ---- identities ---- */

START_TEST(a_table_and_its_transpose_agree)
{
    ds_assoc m = assoc_of(37, 512, 90, 20000), w = assoc_of(37, 90, 512, 20000);
    ck_near(m.ll, w.ll);
    ck_near(m.mi3, w.mi3);
    ck_near(m.log_dice, w.log_dice);
    ck_near(m.delta_p12, w.delta_p21);
    ck_near(m.delta_p21, w.delta_p12);
}
END_TEST

START_TEST(independence_gives_nothing)
{
    ds_assoc m = assoc_of(10, 100, 1000, 10000);
    ck_assert(m.ll == 0 && m.mi == 0 && m.t == 0 && m.z == 0 && m.o_e == 1);
    ds_keyness k = key_of(7, 1000, 21, 3000, 100);
    ck_assert(k.ll == 0 && k.p == 1 && k.diff == 0);
    ck_near(k.log_ratio, 0);
    ck_near(k.odds_ratio, 1);
}
END_TEST

/* With O - E far below O the series is used: 2 (d^2/E1 + d^2/E2) / 2 to first order, of which the sum of
 * O ln(O/E) would keep no digit. */
START_TEST(small_log_likelihoods_keep_their_digits)
{
    ds_keyness k = key_of(1e12 + 1, 1e15, 1e12, 1e15, 100);
    double e = 1e12 + 0.5, first_order = 0.25 / e + 0.25 / e;
    ck_assert_msg(fabs(k.ll / first_order - 1) < 1e-9, "%.17g, want %.17g", k.ll, first_order);
}
END_TEST

/* ARF is the mean, over all beginnings, of the number of segments of length v with the word in them (Savicky and
 * Hlavacova 2002): counted out where v is whole. */
START_TEST(arf_is_the_mean_of_the_reduced_frequencies)
{
    static const double pos[] = {1, 2, 3, 17, 40};
    enum { N = 50, F = 5, V = N / F };
    int sum = 0;
    for (int shift = 0; shift < V; shift++)
        for (int seg = 0; seg < F; seg++) {
            int has = 0;
            for (int i = 0; i < F; i++)
                has |= ((int)pos[i] - 1 + N - shift) % N / V == seg;
            sum += has;
        }
    double arf;
    ck_assert_int_eq(ds_measures_arf(pos, F, N, &arf, NULL), DS_OK);
    ck_near(arf, (double)sum / V);
}
END_TEST

START_TEST(arf_of_an_even_word_is_its_count_and_of_a_burst_near_one)
{
    double even[20], burst[20], arf;
    for (int i = 0; i < 20; i++) {
        even[i] = 50 * i + 13;
        burst[i] = 400 + i;
    }
    ck_assert_int_eq(ds_measures_arf(even, 20, 1000, &arf, NULL), DS_OK);
    ck_near(arf, 20);
    ck_assert_int_eq(ds_measures_arf(burst, 20, 1000, &arf, NULL), DS_OK);
    ck_near(arf, 1 + 19 / 50.0);
    ck_assert_int_eq(ds_measures_arf(NULL, 0, 0, &arf, NULL), DS_OK);
    ck_assert(arf == 0);
}
END_TEST

START_TEST(dispersion_at_its_ends)
{
    ds_dispersion m;
    ds_part even[] = {{3, 10}, {6, 20}, {9, 30}, {0, 0}}, one[] = {{5, 10}, {0, 10}, {0, 10}, {0, 10}}, alone[] = {{5, 9}};
    ck_assert_int_eq(ds_measures_dispersion(even, 4, &m, NULL), DS_OK);
    ck_assert(m.parts == 3 && m.range == 3 && m.dp == 0 && m.dp_norm == 0);
    ck_near(m.juilland_d, 1);
    ck_near(m.carroll_d2, 1);
    ck_near(m.rosengren_s, 1);
    ck_assert_int_eq(ds_measures_dispersion(one, 4, &m, NULL), DS_OK);
    ck_assert(m.range == 1 && m.dp == 0.75 && m.dp_norm == 1 && m.carroll_d2 == 0);
    ck_near(m.juilland_d, 0);
    ck_assert(m.juilland_d >= 0);
    ck_assert_int_eq(ds_measures_dispersion(alone, 1, &m, NULL), DS_OK);
    ck_assert(m.dp == 0 && isnan(m.dp_norm) && isnan(m.juilland_d) && isnan(m.carroll_d2));
    ck_assert_int_eq(ds_measures_dispersion(NULL, 0, &m, NULL), DS_OK);
    ck_assert(m.parts == 0 && isnan(m.dp));
}
END_TEST

START_TEST(adjusting_keeps_the_order_of_the_input_and_may_write_over_it)
{
    double p[] = {0.04, 0.01, 1, 0.03, 0.01}, want[] = {0.05, 0.025, 1, 0.05, 0.025};
    ck_assert_int_eq(ds_measures_adjust(NULL, DS_ADJUST_BH, p, 5, p, NULL), DS_OK);
    for (int i = 0; i < 5; i++)
        ck_near(p[i], want[i]);
    ck_assert_int_eq(ds_measures_adjust(NULL, DS_ADJUST_BH, NULL, 0, NULL, NULL), DS_OK);
}
END_TEST

/* ---- the undefined and the impossible ---- */

START_TEST(what_is_undefined_is_nan_and_nothing_is_infinite)
{
    static const double some[] = {0, 1, 2, 5};
    for (int i = 0; i < 256; i++) {
        ds_pair p = {some[i & 3], some[i >> 2 & 3], some[i >> 4 & 3], some[i >> 6 & 3], 0};
        ds_assoc m;
        ds_error err = {0};
        ds_status st = ds_measures_assoc(&p, &m, &err);
        double all[] = {m.o, m.e, m.o_e, m.log_dice, m.ll, m.mi, m.mi2, m.mi3, m.t, m.z, m.delta_p12, m.delta_p21, m.log_ratio};
        ck_assert(st == DS_OK || (st == DS_EINVAL && err.msg[0] != '\0' && m.ll == 0));
        for (size_t k = 0; k < sizeof all / sizeof *all; k++)
            ck_assert_msg(!isinf(all[k]), "case %d, measure %zu", i, k);
        ck_assert(m.ll >= 0);
        ds_keyness_counts n = {some[i & 3], some[i >> 2 & 3], some[i >> 4 & 3], some[i >> 6 & 3], 1};
        ds_keyness w;
        st = ds_measures_keyness(&n, &w, &err);
        double keys[] = {w.ll, w.p, w.bic, w.log_ratio, w.log_ratio_low, w.log_ratio_high, w.diff, w.odds_ratio, w.simple_maths};
        ck_assert(st == DS_OK || (st == DS_EINVAL && w.p == 0));
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            ck_assert_msg(!isinf(keys[k]), "case %d, keyness %zu", i, k);
        ck_assert(w.ll >= 0 && w.p <= 1);
    }
}
END_TEST

static const struct bad_pair {
    ds_pair p;
    const char *says;
} bad_pairs[] = {
    {{5, 4, 10, 100, 0}, "o11 is larger than r1"},
    {{5, 10, 4, 100, 0}, "o11 is larger than c1"},
    {{1, 101, 4, 100, 0}, "r1 is larger than n"},
    {{1, 4, 101, 100, 0}, "c1 is larger than n"},
    {{1, 60, 60, 100, 0}, "r1 + c1 - o11 is larger than n"},
    {{0, 0, 0, 0, 0}, "n is 0: there are no words"},
    {{-1, 4, 4, 100, 0}, "a count is negative or not finite"},
    {{1, 4, 4, INFINITY, 0}, "a count is negative or not finite"},
    {{1, 4, 4, 100, NAN}, "a count is negative or not finite"},
};

START_TEST(counts_that_contradict_each_other_are_refused)
{
    ds_assoc m;
    ds_error err;
    memset(&m, 1, sizeof m);
    ck_assert_int_eq(ds_measures_assoc(&bad_pairs[_i].p, &m, &err), DS_EINVAL);
    ck_assert_str_eq(err.msg, bad_pairs[_i].says);
    ck_assert(m.o == 0 && m.ll == 0 && m.log_ratio == 0);
}
END_TEST

START_TEST(bad_keyness_dispersion_and_probabilities_are_refused)
{
    ds_keyness k;
    ds_dispersion d;
    double x = 7, p[] = {0.5, 1.5}, pos[] = {3, 3};
    static const ds_keyness_counts bad[] = {{5, 4, 1, 9, 1}, {1, 9, 5, 4, 1}, {0, 0, 1, 9, 1}, {1, 9, 0, 0, 1}, {1, 9, 1, 9, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(ds_measures_keyness(&bad[i], &k, NULL), DS_EINVAL);
    ds_part over[] = {{1, 5}, {6, 5}}, negative[] = {{-1, 5}};
    ck_assert_int_eq(ds_measures_dispersion(over, 2, &d, NULL), DS_EINVAL);
    ck_assert(d.parts == 0 && d.n == 0);
    ck_assert_int_eq(ds_measures_dispersion(negative, 1, &d, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_measures_adjust(NULL, DS_ADJUST_BH, p, 2, p, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_measures_arf(pos, 2, 9, &x, NULL), DS_EINVAL);
    ck_assert(x == 0);
    pos[1] = 10;
    ck_assert_int_eq(ds_measures_arf(pos, 2, 9, &x, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_measures_arf(pos, 2, NAN, &x, NULL), DS_EINVAL);
}
END_TEST

static ds_status adjust_body(const ds_alloc *a, void *ud)
{
    (void)ud;
    double out[15];
    ds_status st = ds_measures_adjust(a, DS_ADJUST_BH, infarction, 15, out, NULL);
    if (st == DS_OK)
        ck_assert_int_eq(rejected(out, 15), 4);
    return st;
}

START_TEST(lack_of_memory_is_reported)
{
    oom_sweep(adjust_body, NULL);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

int main(void)
{
    Suite *s = suite_create("measures");
    TCase *t = tcase_create("published");
    tcase_add_loop_test(t, log_likelihood_as_dunning_published_it, 0, COUNT(dunning));
    tcase_add_test(t, t_and_mutual_information_as_manning_and_schuetze_published_them);
    tcase_add_test(t, delta_p_as_gries_published_it);
    tcase_add_test(t, log_dice_has_the_properties_that_rychly_states);
    tcase_add_test(t, log_ratio_counts_doublings);
    tcase_add_loop_test(t, simple_maths_as_kilgarriff_published_it, 0, COUNT(kilgarriff));
    tcase_add_test(t, p_at_the_critical_values);
    tcase_add_test(t, dispersion_as_gries_published_it);
    tcase_add_test(t, adjusting_rejects_as_many_as_benjamini_and_hochberg_report);
    suite_add_tcase(s, t);
    t = tcase_create("identities");
    tcase_add_test(t, a_table_and_its_transpose_agree);
    tcase_add_test(t, independence_gives_nothing);
    tcase_add_test(t, small_log_likelihoods_keep_their_digits);
    tcase_add_test(t, arf_is_the_mean_of_the_reduced_frequencies);
    tcase_add_test(t, arf_of_an_even_word_is_its_count_and_of_a_burst_near_one);
    tcase_add_test(t, dispersion_at_its_ends);
    tcase_add_test(t, adjusting_keeps_the_order_of_the_input_and_may_write_over_it);
    suite_add_tcase(s, t);
    t = tcase_create("bounds");
    tcase_add_test(t, what_is_undefined_is_nan_and_nothing_is_infinite);
    tcase_add_loop_test(t, counts_that_contradict_each_other_are_refused, 0, COUNT(bad_pairs));
    tcase_add_test(t, bad_keyness_dispersion_and_probabilities_are_refused);
    tcase_add_test(t, lack_of_memory_is_reported);
    suite_add_tcase(s, t);
    return test_main(s);
}

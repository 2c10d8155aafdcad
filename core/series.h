/*
 * series.h - where a series of figures changes: one value or count a period, the periods in their order.
 *
 * Result     `at`: the change lies between period at - 1 and period at, counted from 0; 0 when there are too few periods.
 *            `statistic` and `p` belong to that place: the probability of such a statistic, wherever it may lie, when nothing
 *            changes.
 * Errors     DS_EINVAL: a value is not finite, a count or size negative, or a count without a size.  DS_ENOMEM.
 * Cost       Pettitt n^2; Poisson n * permutations.
 */
#ifndef DS_SERIES_H
#define DS_SERIES_H

#include "alloc.h"

typedef struct ds_change {
    size_t at;
    double statistic, p;
} ds_change;

/*
 * Pettitt's test: a change of the median, whatever the distribution.  K = max over t of |sum over i < t <= j of
 * sgn(x_i - x_j)|, p = min(1, 2 exp(-6 K^2 / (n^3 + n^2))), an approximation that is good below 0.5.
 * Pettitt (1979), "A Non-Parametric Approach to the Change-Point Problem".
 */
DS_MUSTUSE ds_status ds_series_pettitt(const double *x, size_t n, ds_change *out, ds_error *err);

/*
 * Likelihood ratio of two rates against one, of Poisson counts with exposures: 2 sum over both parts of count ln(count /
 * expected), the largest of all places with at least `margin` periods with a size on either side.  Worsley (1986),
 * "Confidence regions and tests for a change-point in a sequence of exponential family random variables".
 * p by permutation: the share of `permutations` shuffles of the periods, each keeping its count and size, whose ratio is
 * not smaller, the series itself counted among them (Phipson and Smyth 2010); so the counts may be more
 * bursty than Poisson's.  `seed` decides the shuffles.  Ties go to the earliest place.
 */
DS_MUSTUSE ds_status ds_series_poisson(const ds_alloc *a, const double *count, const double *size, size_t n, size_t margin,
                                       size_t permutations, uint64_t seed, ds_change *out, ds_error *err);

#endif

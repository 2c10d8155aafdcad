/* series.c - see series.h. */
#include "series.h"

#include <math.h>
#include <string.h>

#include "measures_int.h"

static ds_status check_values(const double *x, size_t n, const char *what, double least, ds_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || x[i] < least)
            return ds_fail(err, DS_EINVAL, 0, 0, "%s %zu is %s", what, i + 1, isfinite(x[i]) ? "negative" : "not finite");
    return DS_OK;
}

ds_status ds_series_pettitt(const double *x, size_t n, ds_change *out, ds_error *err)
{
    *out = (ds_change){0, 0, 1};
    ds_status st = check_values(x, n, "value", -INFINITY, err);
    double u = 0, nn = (double)n;
    if (st != DS_OK || n < 2)
        return st;
    for (size_t t = 0; t + 1 < n; t++) {
        for (size_t j = 0; j < n; j++)
            u += (x[t] > x[j]) - (x[t] < x[j]);
        if (fabs(u) > out->statistic)
            *out = (ds_change){t + 1, fabs(u), 1};
    }
    out->p = fmin(1, 2 * exp(-6 * out->statistic * out->statistic / (nn * nn * nn + nn * nn)));
    return DS_OK;
}

typedef struct period {
    double count, size;
} period;

/* The largest ratio of all places, and the earliest place where it is. */
static ds_change best_split(const period *x, size_t n, size_t margin, double count, double size)
{
    ds_change best = {0, 0, 1};
    double c = 0, s = 0;
    for (size_t t = 1; t + margin <= n; t++) {
        c += x[t - 1].count;
        s += x[t - 1].size;
        if (t < margin || s <= 0 || size - s <= 0)
            continue;
        /* Of c against its share of all; the other part differs by as much. */
        double expected = count * (s / size), rest = count * ((size - s) / size);
        double diff = (c * (size - s) - (count - c) * s) / size;
        double ratio = 2 * (ds_measures_deviance(c, expected, diff) + ds_measures_deviance(count - c, rest, -diff));
        if (ratio > best.statistic)
            best = (ds_change){t, ratio, 1};
    }
    return best;
}

/* splitmix64 of Steele, Lea and Flood (2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static void shuffle(period *x, size_t n, uint64_t *state)
{
    for (size_t i = n - 1; i > 0; i--) {
        size_t k = (size_t)(next_random(state) % (i + 1));
        period swap = x[i];
        x[i] = x[k];
        x[k] = swap;
    }
}

/* How many of the permutations have a ratio that is not below `least`, rounding aside. */
static size_t count_extreme(period *x, size_t n, size_t margin, double count, double size, size_t permutations, uint64_t seed,
                            double least)
{
    size_t extreme = 0;
    for (size_t i = 0; i < permutations; i++) {
        shuffle(x, n, &seed);
        extreme += best_split(x, n, margin, count, size).statistic >= least * (1 - 1e-9);
    }
    return extreme;
}

ds_status ds_series_poisson(const ds_alloc *a, const double *count, const double *size, size_t n, size_t margin,
                            size_t permutations, uint64_t seed, ds_change *out, ds_error *err)
{
    size_t used = 0;
    double sum_count = 0, sum_size = 0;
    *out = (ds_change){0, 0, 1};
    ds_status st = check_values(count, n, "count", 0, err);
    if (st == DS_OK)
        st = check_values(size, n, "size", 0, err);
    for (size_t i = 0; st == DS_OK && i < n; i++)
        if (count[i] > 0 && size[i] == 0)
            st = ds_fail(err, DS_EINVAL, 0, 0, "period %zu has a count and no size", i + 1);
    if (st != DS_OK || n == 0)
        return st;
    period *x = ds_calloc(a, n, sizeof *x);
    size_t *place = ds_calloc(a, n, sizeof *place);
    if (x == NULL || place == NULL) {
        st = ds_fail_nomem(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) { /* periods without a size say nothing */
        if (size[i] == 0)
            continue;
        x[used] = (period){count[i], size[i]};
        place[used++] = i;
        sum_count += count[i];
        sum_size += size[i];
    }
    margin = margin > 0 ? margin : 1;
    if (used >= 2 * margin)
        *out = best_split(x, used, margin, sum_count, sum_size);
    if (out->at > 0) {
        size_t extreme = count_extreme(x, used, margin, sum_count, sum_size, permutations, seed, out->statistic);
        out->p = (double)(extreme + 1) / (double)(permutations + 1);
        out->at = place[out->at];
    }
done:
    ds_mfree(a, x, n * sizeof *x);
    ds_mfree(a, place, n * sizeof *place);
    return st;
}

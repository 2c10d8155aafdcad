/* measures.c - see measures.h, which cites the source of every formula. */
#include "measures_int.h"

#include <math.h>
#include <string.h>

#define UNDEFINED ((double)NAN)
#define Z_95 1.9599639845400542 /* the normal distribution's 97.5th percentile */

static bool is_count(double x)
{
    return isfinite(x) && x >= 0;
}

/* x / y, undefined rather than infinite. */
static double ratio(double x, double y)
{
    return y != 0 ? x / y : UNDEFINED;
}

static double log2_or_undefined(double x)
{
    return x > 0 ? log2(x) : UNDEFINED;
}

/* a b - c d, with one rounding where the two products are near (Kahan's difference of products). */
static double product_difference(double a, double b, double c, double d)
{
    double cd = c * d;
    return fma(a, b, -cd) + fma(-c, d, cd);
}

double ds_measures_deviance(double x, double m, double diff)
{
    if (x == 0)
        return m;
    if (fabs(diff) >= 0.1 * (x + m))
        return x * log(x / m) - diff;
    double v = diff / (x + m), sum = diff * v, term = 2 * x * v, before;
    v *= v;
    int j = 1;
    do {
        before = sum;
        term *= v;
        j += 2;
        sum += term / j;
    } while (sum != before);
    return sum;
}

/* ---- association ---- */

static ds_status check_pair(const ds_pair *c, ds_error *err)
{
    if (!is_count(c->o11) || !is_count(c->r1) || !is_count(c->c1) || !is_count(c->n) || !is_count(c->node))
        return ds_fail(err, DS_EINVAL, 0, 0, "a count is negative or not finite");
    if (c->n == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "n is 0: there are no words");
    if (c->r1 > c->n || c->c1 > c->n)
        return ds_fail(err, DS_EINVAL, 0, 0, "%s is larger than n", c->r1 > c->n ? "r1" : "c1");
    if (c->o11 > c->r1 || c->o11 > c->c1)
        return ds_fail(err, DS_EINVAL, 0, 0, "o11 is larger than %s", c->o11 > c->r1 ? "r1" : "c1");
    if (c->r1 - c->o11 > c->n - c->c1)
        return ds_fail(err, DS_EINVAL, 0, 0, "r1 + c1 - o11 is larger than n");
    return DS_OK;
}

static double pair_ll(const ds_pair *p, double diff)
{
    double r2 = p->n - p->r1, c2 = p->n - p->c1;
    double o12 = p->r1 - p->o11, o21 = p->c1 - p->o11, o22 = c2 - o12;
    return 2 * (ds_measures_deviance(p->o11, p->r1 / p->n * p->c1, diff) + ds_measures_deviance(o12, p->r1 / p->n * c2, -diff) +
                ds_measures_deviance(o21, r2 / p->n * p->c1, -diff) + ds_measures_deviance(o22, r2 / p->n * c2, diff));
}

ds_status ds_measures_assoc(const ds_pair *pair, ds_assoc *out, ds_error *err)
{
    const ds_pair p = *pair;
    memset(out, 0, sizeof *out);
    ds_status st = check_pair(&p, err);
    if (st != DS_OK)
        return st;
    double r2 = p.n - p.r1, c2 = p.n - p.c1, o12 = p.r1 - p.o11, o21 = p.c1 - p.o11;
    double o = p.o11, e = p.r1 * p.c1 / p.n;
    double diff = product_difference(o, p.n, p.r1, p.c1) / p.n; /* O - E */
    out->o = o;
    out->e = e;
    out->o_e = ratio(o, e);
    out->log_dice = o > 0 ? 14 + log2(2 * o / ((p.node > 0 ? p.node : p.r1) + p.c1)) : UNDEFINED;
    out->ll = pair_ll(&p, diff);
    out->mi = log2_or_undefined(out->o_e);
    out->mi2 = log2_or_undefined(out->o_e * o);
    out->mi3 = log2_or_undefined(out->o_e * o * o);
    out->t = ratio(diff, sqrt(o));
    out->z = ratio(diff, sqrt(e));
    out->delta_p21 = ratio(o, p.r1) - ratio(o21, r2);
    out->delta_p12 = ratio(o, p.c1) - ratio(o12, c2);
    out->log_ratio = log2_or_undefined(ratio(o > 0 ? o : 0.5, p.r1) / ratio(o21 > 0 ? o21 : 0.5, r2));
    return DS_OK;
}

/* ---- keyness ---- */

static ds_status check_keyness(const ds_keyness_counts *n, ds_error *err)
{
    if (!is_count(n->a) || !is_count(n->b) || !is_count(n->c) || !is_count(n->d))
        return ds_fail(err, DS_EINVAL, 0, 0, "a count is negative or not finite");
    if (n->c == 0 || n->d == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "%s is 0: that corpus has no words", n->c == 0 ? "c" : "d");
    if (n->a > n->c || n->b > n->d)
        return ds_fail(err, DS_EINVAL, 0, 0, n->a > n->c ? "a is larger than c" : "b is larger than d");
    if (!isfinite(n->k) || n->k <= 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "k, the constant of simple maths, must be above 0");
    return DS_OK;
}

/* The log ratio and its interval; a frequency of zero counts as 1/2 in both. */
static void log_ratio_of(const ds_keyness_counts *n, ds_keyness *out)
{
    double a = n->a > 0 ? n->a : 0.5, b = n->b > 0 ? n->b : 0.5;
    /* 1/a - 1/c as (c-a)/(a c), which keeps the digits of a word that fills its corpus. */
    double variance = (n->c - a) / (a * n->c) + (n->d - b) / (b * n->d);
    double half = Z_95 * sqrt(fmax(variance, 0)) / log(2);
    out->log_ratio = n->a > 0 || n->b > 0 ? log2(a / n->c / (b / n->d)) : UNDEFINED;
    out->log_ratio_low = out->log_ratio - half;
    out->log_ratio_high = out->log_ratio + half;
}

ds_status ds_measures_keyness(const ds_keyness_counts *counts, ds_keyness *out, ds_error *err)
{
    const ds_keyness_counts n = *counts;
    memset(out, 0, sizeof *out);
    ds_status st = check_keyness(&n, err);
    if (st != DS_OK)
        return st;
    double both = n.a + n.b, total = n.c + n.d;
    double diff = product_difference(n.a, n.d, n.b, n.c) / total; /* a - E1 = E2 - b */
    out->ll = 2 * (ds_measures_deviance(n.a, n.c / total * both, diff) + ds_measures_deviance(n.b, n.d / total * both, -diff));
    out->p = erfc(sqrt(out->ll / 2));
    out->bic = out->ll - log(total);
    log_ratio_of(&n, out);
    out->diff = ratio(100 * product_difference(n.a, n.d, n.b, n.c), n.b * n.c);
    out->odds_ratio = ratio(n.a * (n.d - n.b), n.b * (n.c - n.a));
    out->simple_maths = (1e6 * n.a / n.c + n.k) / (1e6 * n.b / n.d + n.k);
    return DS_OK;
}

/* ---- many tests at once ---- */

/* Restores the heap property below `root`: no index stands over one with a larger p. */
static void sift_down(const double *p, size_t *heap, size_t root, size_t count)
{
    size_t child;
    while ((child = 2 * root + 1) < count) {
        if (child + 1 < count && p[heap[child + 1]] > p[heap[child]])
            child++;
        if (p[heap[root]] >= p[heap[child]])
            return;
        size_t t = heap[root];
        heap[root] = heap[child];
        heap[child] = t;
        root = child;
    }
}

/* Fills `order` with 0 .. count - 1 in the order of ascending p (heap sort: no memory, no bad case). */
static void order_of(const double *p, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count / 2; i-- > 0;)
        sift_down(p, order, i, count);
    for (size_t end = count; end > 1; end--) {
        size_t largest = order[0];
        order[0] = order[end - 1];
        order[end - 1] = largest;
        sift_down(p, order, 0, end - 1);
    }
}

ds_status ds_measures_adjust(const ds_alloc *a, ds_adjust method, const double *p, size_t count, double *out,
                             ds_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!(p[i] >= 0 && p[i] <= 1))
            return ds_fail(err, DS_EINVAL, 0, 0, "value %zu is no probability between 0 and 1", i + 1);
    if (method == DS_ADJUST_BONFERRONI) {
        for (size_t i = 0; i < count; i++)
            out[i] = fmin(1, p[i] * (double)count);
        return DS_OK;
    }
    if (count == 0)
        return DS_OK;
    size_t *order = ds_calloc(a, count, sizeof *order);
    if (order == NULL)
        return ds_fail_nomem(err);
    order_of(p, order, count);
    double least = 1; /* of p count / rank, from the largest p down */
    for (size_t rank = count; rank > 0; rank--) {
        size_t at = order[rank - 1];
        least = fmin(least, p[at] * (double)count / (double)rank);
        out[at] = least;
    }
    ds_mfree(a, order, count * sizeof *order);
    return DS_OK;
}

/* ---- dispersion ---- */

/* A sum with a correction for what rounding lost (Neumaier 1974), so that many parts cost no digits. */
typedef struct kept_sum {
    double sum, lost;
} kept_sum;

static void keep(kept_sum *s, double x)
{
    double t = s->sum + x;
    s->lost += fabs(s->sum) >= fabs(x) ? s->sum - t + x : x - t + s->sum;
    s->sum = t;
}

static double kept(kept_sum s)
{
    return s.sum + s.lost;
}

/* The totals, and the mean relative frequency; the smallest part in *smallest. */
static ds_status sum_parts(const ds_part *parts, size_t count, ds_dispersion *out, double *smallest, ds_error *err)
{
    *smallest = 0;
    for (size_t i = 0; i < count; i++) {
        const ds_part *p = &parts[i];
        if (!is_count(p->n) || !is_count(p->size))
            return ds_fail(err, DS_EINVAL, 0, 0, "part %zu: a count is negative or not finite", i + 1);
        if (p->n > p->size)
            return ds_fail(err, DS_EINVAL, 0, 0, "part %zu: n is larger than size", i + 1);
        if (p->size == 0)
            continue;
        *smallest = out->parts == 0 ? p->size : fmin(*smallest, p->size);
        out->parts += 1;
        out->n += p->n;
        out->size += p->size;
        out->range += p->n > 0;
    }
    return DS_OK;
}

static double juilland(const ds_part *parts, size_t count, double mean, double k)
{
    kept_sum squares = {0, 0};
    for (size_t i = 0; i < count; i++) {
        double d = parts[i].size > 0 ? parts[i].n / parts[i].size - mean : 0;
        keep(&squares, d * d);
    }
    return fmax(0, 1 - sqrt(kept(squares) / k) / mean / sqrt(k - 1)); /* below 0 by rounding only */
}

static void measure_parts(const ds_part *parts, size_t count, ds_dispersion *out)
{
    kept_sum rates = {0, 0}, entropy = {0, 0}, roots = {0, 0}, gaps = {0, 0};
    for (size_t i = 0; i < count; i++)
        if (parts[i].size > 0)
            keep(&rates, parts[i].n / parts[i].size);
    for (size_t i = 0; i < count; i++) {
        const ds_part *p = &parts[i];
        if (p->size == 0)
            continue;
        double share = p->n / p->size / kept(rates);
        keep(&entropy, share > 0 ? -share * log(share) : 0);
        keep(&roots, sqrt(p->size / out->size * p->n));
        keep(&gaps, fabs(product_difference(p->n, out->size, p->size, out->n)) / (out->n * out->size));
    }
    out->dp = kept(gaps) / 2;
    out->rosengren_s = kept(roots) * kept(roots) / out->n;
    if (out->parts > 1) {
        out->juilland_d = juilland(parts, count, kept(rates) / out->parts, out->parts);
        out->carroll_d2 = kept(entropy) / log(out->parts);
    }
}

ds_status ds_measures_dispersion(const ds_part *parts, size_t count, ds_dispersion *out, ds_error *err)
{
    double smallest;
    memset(out, 0, sizeof *out);
    ds_status st = sum_parts(parts, count, out, &smallest, err);
    if (st != DS_OK) {
        memset(out, 0, sizeof *out);
        return st;
    }
    out->juilland_d = out->carroll_d2 = out->rosengren_s = out->dp = out->dp_norm = UNDEFINED;
    if (out->n == 0)
        return DS_OK;
    measure_parts(parts, count, out);
    if (out->parts > 1)
        out->dp_norm = out->dp / (1 - smallest / out->size);
    return DS_OK;
}

ds_status ds_measures_arf(const double *pos, size_t count, double total, double *out, ds_error *err)
{
    *out = 0;
    if (!is_count(total))
        return ds_fail(err, DS_EINVAL, 0, 0, "the total is negative or not finite");
    for (size_t i = 0; i < count; i++)
        if (!(pos[i] >= 1 && pos[i] <= total && (i == 0 || pos[i] > pos[i - 1])))
            return ds_fail(err, DS_EINVAL, 0, 0, "position %zu is not above the one before, or beyond the total", i + 1);
    if (count == 0)
        return DS_OK;
    double even = total / (double)count;
    kept_sum sum = {0, 0};
    keep(&sum, fmin(pos[0] + total - pos[count - 1], even));
    for (size_t i = 1; i < count; i++)
        keep(&sum, fmin(pos[i] - pos[i - 1], even));
    *out = kept(sum) / even;
    return DS_OK;
}

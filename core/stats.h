/*
 * stats.h - counts in, measures out.  Touches no file and no text.
 */
#ifndef DS_STATS_H
#define DS_STATS_H

#include "alloc.h"

/*
 * ds_fsum - the exact sum of doubles: the same bits whatever the order of adding or merging.
 * Source: Shewchuk (1997), "Adaptive Precision Floating-Point Arithmetic and Fast Robust
 * Geometric Predicates", section 2.4 (growing an expansion).
 * Overflow   a sum that leaves the range of double on the way and comes back is exact too: what is
 *            beyond the range is counted apart, in units of 2^1023.  A final sum out of range is
 *            an infinity, as IEEE 754 rounds it.
 * Special    infinities and NaN are summed apart and decide the result as IEEE 754 would; every
 *            NaN result has the same bits.  A sum of zeros of any sign, or of nothing, is +0.
 * Memory     the partial sums (a handful; about 80 for values of every exponent), from the
 *            ds_alloc given; ds_fsum_clear frees them.
 * Errors     DS_ENOMEM; the sum is then as it was before the call.
 */
typedef struct ds_fsum {
    const ds_alloc *alloc;
    double *parts; /* non-overlapping, increasing magnitude, none zero, all within 2^1022 */
    size_t count, cap;
    int64_t over; /* times 2^1023, part of the sum */
    double special; /* sum of the values that are not finite */
    bool has_special;
} ds_fsum;

void ds_fsum_init(ds_fsum *s, const ds_alloc *a);
void ds_fsum_clear(ds_fsum *s); /* frees; the sum is 0 again */
DS_MUSTUSE ds_status ds_fsum_add(ds_fsum *s, double x, ds_error *err);
/* Adds all of `from`, which may be `into` itself. */
DS_MUSTUSE ds_status ds_fsum_merge(ds_fsum *into, const ds_fsum *from, ds_error *err);
/* The sum, correctly rounded (half to even). */
double ds_fsum_value(const ds_fsum *s);

#endif

/* stats.c - see stats.h. */
#include "stats.h"

#include <float.h>
#include <math.h>

/* Every step below relies on each operation being rounded to double, once. */
#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1
#error "exact summation needs double arithmetic without excess precision; on 32-bit x86: -msse2 -mfpmath=sse"
#endif

#define FSUM_UNIT 0x1p1023  /* what `over` counts */
#define FSUM_BOUND 0x1p1022 /* no part is larger, so that no addition can overflow */

void ds_fsum_init(ds_fsum *s, const ds_alloc *a)
{
    *s = (ds_fsum){.alloc = ds_alloc_or_libc(a)};
}

void ds_fsum_clear(ds_fsum *s)
{
    const ds_alloc *a = s->alloc;
    ds_mfree(a, s->parts, s->cap * sizeof *s->parts);
    ds_fsum_init(s, a);
}

/* Moves multiples of FSUM_UNIT from x to `over`.  Each subtraction is exact: x lies within a factor
 * of 2 of the unit, or the result is a smaller multiple of x's last place. */
static double fold_overflow(ds_fsum *s, double x)
{
    while (fabs(x) > FSUM_BOUND) {
        double unit = copysign(FSUM_UNIT, x);
        x -= unit;
        s->over += unit < 0 ? -1 : 1;
    }
    return x;
}

static void add_special(ds_fsum *s, double x)
{
    s->special = s->has_special ? s->special + x : x;
    s->has_special = true;
    if (isnan(s->special))
        s->special = (double)NAN; /* one bit pattern, whatever came first */
}

/* Grow-Expansion (Shewchuk's theorem 10) without zero components; there is room for one part more. */
static void grow_expansion(ds_fsum *s, double x)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        double y = s->parts[i];
        double big = fabs(x) < fabs(y) ? y : x, small = fabs(x) < fabs(y) ? x : y;
        double hi = big + small;
        double lo = small - (hi - big);
        if (lo != 0)
            s->parts[kept++] = lo;
        x = hi;
    }
    x = fold_overflow(s, x);
    if (x != 0)
        s->parts[kept++] = x;
    s->count = kept;
}

static void add_reserved(ds_fsum *s, double x)
{
    if (isfinite(x))
        grow_expansion(s, fold_overflow(s, x));
    else
        add_special(s, x);
}

ds_status ds_fsum_add(ds_fsum *s, double x, ds_error *err)
{
    if (ds_grow(s->alloc, (void **)&s->parts, &s->cap, s->count + 1, sizeof *s->parts) != DS_OK)
        return ds_fail_nomem(err);
    add_reserved(s, x);
    return DS_OK;
}

ds_status ds_fsum_merge(ds_fsum *into, const ds_fsum *from, ds_error *err)
{
    size_t n = from->count, at = into->count;
    int64_t over = from->over;
    double special = from->special;
    bool has_special = from->has_special;
    if (ds_grow(into->alloc, (void **)&into->parts, &into->cap, at + n, sizeof *into->parts) != DS_OK)
        return ds_fail_nomem(err);
    /* A sum merged into itself reads from a copy behind its parts: after i additions there are at most
     * at + i of them, so that item at + i is still unread and intact. */
    if (into == from)
        for (size_t i = 0; i < n; i++)
            into->parts[at + i] = into->parts[i];
    const double *src = into == from ? into->parts + at : from->parts;
    for (size_t i = 0; i < n; i++)
        add_reserved(into, src[i]);
    into->over += over;
    if (has_special)
        add_special(into, special);
    return DS_OK;
}

/* hi + the parts times `scale`, rounded once.  Adding from the top, the first remainder settles the
 * rounding, save for an exact tie, which the sign of what follows breaks. */
static double round_parts(const double *parts, size_t n, double hi, double scale)
{
    double lo = 0;
    while (n > 0 && lo == 0) {
        double x = hi, y = parts[--n] * scale;
        hi = x + y;
        lo = y - (hi - x);
    }
    if (n > 0 && ((lo < 0 && parts[n - 1] < 0) || (lo > 0 && parts[n - 1] > 0))) {
        double y = lo * 2, x = hi + y;
        if (y == x - hi)
            hi = x;
    }
    return hi;
}

double ds_fsum_value(const ds_fsum *s)
{
    if (s->has_special)
        return s->special;
    if (s->over == 0)
        return round_parts(s->parts, s->count, 0, 1);
    /* The parts add to little more than half a unit: beyond two units nothing brings the sum back. */
    if (s->over > 2 || s->over < -2)
        return s->over > 0 ? (double)INFINITY : -(double)INFINITY;
    /* In halves, so that the sum stays in range; a bit that halving takes from a subnormal part is
     * 2,000 places below the result's last. */
    return 2 * round_parts(s->parts, s->count, (double)s->over * (FSUM_UNIT / 2), 0.5);
}

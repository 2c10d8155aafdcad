/* acc_moments.c - exact sums in one form, and the variance from them: see acc.h. */
#include "acc_int.h"

#include <math.h>

/* ------------------------------------------------------------------ one form of a sum */

/* Takes the value off the sum, rounded, until nothing is left: parts that depend on the sum alone.  `rest` is used up.
 * Sums out of range, or with values that are not finite, are left alone. */
static ds_status take_parts(ds_fsum *rest, ds_buf *out, uint64_t *n, ds_error *err)
{
    *n = 0;
    for (double x; rest->count > 0 && (x = ds_fsum_value(rest), x != 0); (*n)++) {
        ds_buf_put(out, &x, sizeof x);
        if (ds_fsum_add(rest, -x, err) != DS_OK)
            return DS_ENOMEM;
    }
    return out->status != DS_OK ? ds_fail_nomem(err) : DS_OK;
}

/* The parts of s in that form, as doubles in `out`. */
static ds_status canonical(const ds_acc *acc, const ds_fsum *s, ds_buf *out, uint64_t *n, ds_error *err)
{
    ds_fsum rest;
    ds_fsum_init(&rest, acc->alloc);
    ds_status st = ds_fsum_merge(&rest, s, err);
    if (st == DS_OK && (rest.over != 0 && isinf(ds_fsum_value(&rest)))) {
        *n = rest.count; /* no double holds it: the parts as they are */
        ds_buf_put(out, rest.parts, rest.count * sizeof *rest.parts);
    } else if (st == DS_OK) {
        rest.has_special = false;
        st = take_parts(&rest, out, n, err);
    }
    ds_fsum_clear(&rest);
    return st;
}

ds_status acc_save_sum(const ds_acc *acc, const ds_fsum *s, ds_buf *out, ds_error *err)
{
    ds_buf parts;
    uint64_t n = 0;
    ds_buf_init(&parts, acc->alloc);
    ds_fsum plain = *s;
    plain.has_special = false;
    bool over = s->over != 0 && isinf(ds_fsum_value(&plain));
    ds_status st = canonical(acc, &plain, &parts, &n, err);
    ds_buf_u64(out, over ? (uint64_t)s->over : 0);
    ds_buf_u64(out, s->has_special);
    acc_put_double(out, s->has_special ? s->special : 0);
    ds_buf_u64(out, n);
    for (uint64_t i = 0; st == DS_OK && i < n; i++)
        acc_put_double(out, ((const double *)(const void *)parts.p)[i]);
    ds_buf_clear(&parts);
    return st;
}

ds_status acc_load_sum(ds_fsum *s, acc_reader *r, ds_error *err)
{
    int64_t over = (int64_t)acc_read64(r);
    bool has_special = acc_read64(r) != 0;
    double special = acc_read_double(r);
    uint64_t n = acc_read64(r);
    if (r->bad || n > (r->n - r->at) / 8 || (has_special && isfinite(special)))
        r->bad = true;
    for (uint64_t i = 0; !r->bad && i < n; i++) {
        double x = acc_read_double(r);
        if (!isfinite(x))
            r->bad = true;
        else if (ds_fsum_add(s, x, err) != DS_OK)
            return DS_ENOMEM;
    }
    if (!r->bad)
        s->over += over;
    if (!r->bad && has_special)
        return ds_fsum_add(s, special, err);
    return DS_OK;
}

/* ------------------------------------------------------------------ variance */

/* Adds a * b without error, unless it leaves the range of double. */
static ds_status add_product(ds_fsum *s, double a, double b, ds_error *err)
{
    double p = a * b, e = isfinite(p) ? fma(a, b, -p) : 0;
    ds_status st = ds_fsum_add(s, p, err);
    return st != DS_OK || e == 0 ? st : ds_fsum_add(s, e, err);
}

/* n * s2 - s1 * s1, from the parts of both in their one form. */
static ds_status add_products(ds_fsum *d, uint64_t n, ds_str p1, ds_str p2, ds_error *err)
{
    const double *a = (const double *)(const void *)p1.p, *b = (const double *)(const void *)p2.p;
    size_t na = p1.n / sizeof *a, nb = p2.n / sizeof *b;
    for (size_t i = 0; i < nb; i++)
        if (add_product(d, (double)(n >> 32) * 0x1p32, b[i], err) != DS_OK ||
            add_product(d, (double)(n & 0xffffffffu), b[i], err) != DS_OK)
            return DS_ENOMEM;
    for (size_t i = 0; i < na; i++)
        for (size_t j = 0; j < na; j++)
            if (add_product(d, -a[i], a[j], err) != DS_OK)
                return DS_ENOMEM;
    return DS_OK;
}

static ds_status variance_of(const ds_acc *acc, double *out, ds_error *err)
{
    uint64_t n = acc->whole.low, n1, n2;
    ds_buf p1, p2;
    ds_fsum d;
    ds_buf_init(&p1, acc->alloc);
    ds_buf_init(&p2, acc->alloc);
    ds_fsum_init(&d, acc->alloc);
    ds_status st = canonical(acc, &acc->s1, &p1, &n1, err);
    if (st == DS_OK)
        st = canonical(acc, &acc->s2, &p2, &n2, err);
    if (st == DS_OK)
        st = add_products(&d, n, ds_buf_str(&p1), ds_buf_str(&p2), err);
    double v = ds_fsum_value(&d) / (double)n / (double)(n - 1);
    *out = v < 0 ? 0 : v; /* below 0 only where squares were too small for double */
    ds_fsum_clear(&d);
    ds_buf_clear(&p1);
    ds_buf_clear(&p2);
    return st;
}

ds_status ds_acc_moments_of(const ds_acc *acc, ds_acc_moments *out, ds_error *err)
{
    uint64_t n = acc->whole.low;
    *out = (ds_acc_moments){.n = n, .sum = 0, .mean = (double)NAN, .variance = (double)NAN, .min = (double)NAN,
                            .max = (double)NAN};
    if (n == 0)
        return DS_OK;
    out->sum = ds_fsum_value(&acc->s1);
    out->mean = out->sum / (double)n;
    out->min = acc->min;
    out->max = acc->max;
    return n < 2 ? DS_OK : variance_of(acc, &out->variance, err);
}

/* acc.c - see acc.h: life, saving, and the kinds that need no table. */
#include "acc_int.h"

#include <math.h>
#include <string.h>

#define ACC_MAGIC 0x31636361u /* "acc1", little-endian */

static const char *const kind_names[DS_ACC_KINDS] = {NULL,  "count",     "sum",      "moments",
                                                     "top", "histogram", "distinct", "sample"};

const char *ds_acc_kind_name(ds_acc_kind kind)
{
    return kind > 0 && kind < DS_ACC_KINDS ? kind_names[kind] : NULL;
}

ds_acc_kind ds_acc_kind_of(const ds_acc *acc)
{
    return acc->kind;
}

/* The finalizer of MurmurHash3 (Appleby, public domain): every bit of x changes half the bits. */
static uint64_t mix64(uint64_t x)
{
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
}

uint64_t ds_acc_hash(uint64_t seed, ds_str s)
{
    uint64_t h = mix64(seed ^ 0x9e3779b97f4a7c15u);
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        h = (h ^ ds_load64(s.p + i)) * 0x9fb21c651e98df25u;
        h ^= h >> 29;
    }
    uint64_t tail = 0;
    for (size_t shift = 0; i < s.n; i++, shift += 8)
        tail |= (uint64_t)(unsigned char)s.p[i] << shift;
    return mix64((h ^ tail) * 0x9fb21c651e98df25u ^ (uint64_t)s.n);
}

/* ------------------------------------------------------------------ life */

static bool edges_good(const ds_acc_spec *spec)
{
    if (spec->n_edges < 2 || spec->n_edges > DS_ACC_EDGES_MAX)
        return false;
    for (size_t i = 0; i < spec->n_edges; i++)
        if (!isfinite(spec->edges[i]) || (i > 0 && spec->edges[i] <= spec->edges[i - 1]))
            return false;
    return true;
}

static ds_status check_spec(const ds_acc_spec *spec, ds_error *err)
{
    if (ds_acc_kind_name(spec->kind) == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "no such kind of accumulator");
    if ((spec->kind == DS_ACC_TOP || spec->kind == DS_ACC_SAMPLE) && (spec->k < 1 || spec->k > DS_ACC_K_MAX))
        return ds_fail(err, DS_EINVAL, 0, 0, "%s: the number of items is 1 to %u", kind_names[spec->kind], DS_ACC_K_MAX);
    if (spec->kind == DS_ACC_HISTOGRAM && !edges_good(spec))
        return ds_fail(err, DS_EINVAL, 0, 0, "histogram: the edges are 2 to %u finite numbers, each greater than the last",
                       DS_ACC_EDGES_MAX);
    return DS_OK;
}

ds_status ds_acc_new(const ds_alloc *a, const ds_acc_spec *spec, ds_acc **out, ds_error *err)
{
    *out = NULL;
    if (check_spec(spec, err) != DS_OK)
        return DS_EINVAL;
    ds_acc *acc = ds_calloc(a, 1, sizeof *acc);
    if (acc == NULL)
        return ds_fail_nomem(err);
    acc->own = *ds_alloc_or_libc(a);
    acc->alloc = &acc->own;
    acc->kind = spec->kind;
    acc->seed = spec->seed;
    acc->bag.k = spec->k;
    ds_fsum_init(&acc->s1, acc->alloc);
    ds_fsum_init(&acc->s2, acc->alloc);
    if (spec->kind == DS_ACC_HISTOGRAM) {
        acc->n_edges = spec->n_edges;
        acc->edges = ds_calloc(acc->alloc, spec->n_edges, sizeof *acc->edges);
        acc->counts = ds_calloc(acc->alloc, spec->n_edges + 1, sizeof *acc->counts);
        if (acc->edges == NULL || acc->counts == NULL) {
            ds_acc_free(acc);
            return ds_fail_nomem(err);
        }
        memcpy(acc->edges, spec->edges, spec->n_edges * sizeof *acc->edges);
    }
    *out = acc;
    return DS_OK;
}

void ds_acc_free(ds_acc *acc)
{
    if (acc == NULL)
        return;
    ds_alloc own = acc->own;
    ds_fsum_clear(&acc->s1);
    ds_fsum_clear(&acc->s2);
    ds_mfree(&own, acc->edges, acc->n_edges * sizeof *acc->edges);
    ds_mfree(&own, acc->counts, (acc->n_edges + 1) * sizeof *acc->counts);
    acc_bag_clear(acc);
    acc_set_clear(acc);
    ds_mfree(&own, acc, sizeof *acc);
}

/* ------------------------------------------------------------------ adding */

static ds_status wrong_kind(const ds_acc *acc, const char *what, ds_error *err)
{
    return ds_fail(err, DS_EINVAL, 0, 0, "%s takes no %s", kind_names[acc->kind], what);
}

static ds_status int_add(acc_int *into, acc_int x, ds_error *err)
{
    uint64_t low = into->low + x.low;
    int64_t carry = (int64_t)(low >> 32), high = into->high;
    if ((x.high > 0 && high > INT64_MAX - x.high - carry) || (x.high < 0 && high < INT64_MIN - x.high))
        return ds_fail(err, DS_ELIMIT, 0, 0, "the sum is beyond 95 bits");
    into->high = high + x.high + carry;
    into->low = low & 0xffffffffu;
    return DS_OK;
}

static acc_int int_of(int64_t x)
{
    uint64_t low = (uint64_t)x & 0xffffffffu;
    return (acc_int){(x - (int64_t)low) / 0x100000000, low};
}

ds_status ds_acc_add_integer(ds_acc *acc, int64_t x, ds_error *err)
{
    if (acc->kind != DS_ACC_COUNT && acc->kind != DS_ACC_SUM)
        return wrong_kind(acc, "integer", err);
    /* x - low may not be formed for the least integers: they are split by hand. */
    return int_add(&acc->whole, x < INT64_MIN + 0xffffffff ? (acc_int){INT32_MIN, (uint64_t)x & 0xffffffffu} : int_of(x),
                   err);
}

/* Adds x * x, as two doubles without error unless it is below 2^-1022 or so. */
static ds_status add_square(ds_fsum *s, double x, ds_error *err)
{
    double p = x * x, e = isfinite(p) ? fma(x, x, -p) : 0;
    ds_status st = ds_fsum_add(s, p, err);
    return st != DS_OK || e == 0 ? st : ds_fsum_add(s, e, err);
}

static ds_status moments_add(ds_acc *acc, double x, ds_error *err)
{
    /* Room for all three parts first, so that nothing is half added. */
    if (ds_grow(acc->alloc, (void **)&acc->s1.parts, &acc->s1.cap, acc->s1.count + 1, sizeof(double)) != DS_OK ||
        ds_grow(acc->alloc, (void **)&acc->s2.parts, &acc->s2.cap, acc->s2.count + 2, sizeof(double)) != DS_OK)
        return ds_fail_nomem(err);
    ds_status st = ds_fsum_add(&acc->s1, x, err);
    if (st == DS_OK)
        st = add_square(&acc->s2, x, err);
    acc->min = acc->whole.low == 0 || x < acc->min ? x : acc->min;
    acc->max = acc->whole.low == 0 || x > acc->max ? x : acc->max;
    acc->whole.low++;
    return st;
}

/* Index in `counts`: a bin, n_edges - 1 for below, n_edges for above. */
static size_t bin_of(const ds_acc *acc, double x)
{
    size_t low = 0, high = acc->n_edges - 1;
    if (x < acc->edges[0])
        return acc->n_edges - 1;
    if (x >= acc->edges[high])
        return x > acc->edges[high] ? acc->n_edges : high - 1;
    while (low + 1 < high) {
        size_t mid = (low + high) / 2;
        if (acc->edges[mid] <= x)
            low = mid;
        else
            high = mid;
    }
    return low;
}

ds_status ds_acc_add_number(ds_acc *acc, double x, ds_error *err)
{
    if (acc->kind == DS_ACC_SUM) {
        ds_status st = ds_fsum_add(&acc->s1, x, err);
        acc->real = acc->real || st == DS_OK;
        return st;
    }
    if (acc->kind != DS_ACC_MOMENTS && acc->kind != DS_ACC_HISTOGRAM)
        return wrong_kind(acc, "number that is no integer", err);
    if (!isfinite(x))
        return ds_fail(err, DS_EINVAL, 0, 0, "%s takes finite numbers only", kind_names[acc->kind]);
    x += 0.0; /* -0 is 0 */
    if (acc->kind == DS_ACC_MOMENTS)
        return moments_add(acc, x, err);
    acc->counts[bin_of(acc, x)]++;
    return DS_OK;
}

/* Doubles as integers in falling order. */
static uint64_t rank_of(double x)
{
    uint64_t u;
    x += 0.0;
    memcpy(&u, &x, sizeof u);
    u = (u >> 63) != 0 ? ~u : u | 0x8000000000000000u; /* ascending */
    return ~u;
}

static double value_of(uint64_t rank)
{
    uint64_t u = ~rank;
    double x;
    u = (u >> 63) != 0 ? u & 0x7fffffffffffffffu : ~u;
    memcpy(&x, &u, sizeof x);
    return x;
}

ds_status ds_acc_add_item(ds_acc *acc, double value, ds_str item, ds_error *err)
{
    if (acc->kind != DS_ACC_TOP)
        return wrong_kind(acc, "items with values", err);
    if (isnan(value))
        return ds_fail(err, DS_EINVAL, 0, 0, "top: the value is not a number");
    return acc_bag_add(acc, rank_of(value), (ds_str){NULL, 0}, item, err);
}

ds_status ds_acc_add_key(ds_acc *acc, ds_str key, ds_str item, ds_error *err)
{
    if (acc->kind == DS_ACC_DISTINCT)
        return acc_set_add(acc, ds_acc_hash(0, key), err);
    if (acc->kind != DS_ACC_SAMPLE)
        return wrong_kind(acc, "keys", err);
    return acc_bag_add(acc, ds_acc_hash(acc->seed, key), key, item, err);
}

/* ------------------------------------------------------------------ merging */

static bool mergeable(const ds_acc *a, const ds_acc *b)
{
    return a->kind == b->kind && a->bag.k == b->bag.k && a->seed == b->seed && a->n_edges == b->n_edges &&
           (a->n_edges == 0 || memcmp(a->edges, b->edges, a->n_edges * sizeof *a->edges) == 0);
}

/* Makes room in `into` for the parts of `from`, so that merging cannot fail. */
static ds_status room_for(ds_fsum *into, const ds_fsum *from, ds_error *err)
{
    size_t need = into->count + from->count;
    if (need > 0 && ds_grow(into->alloc, (void **)&into->parts, &into->cap, need, sizeof *into->parts) != DS_OK)
        return ds_fail_nomem(err);
    return DS_OK;
}

static ds_status merge_sums(ds_acc *into, const ds_acc *from, ds_error *err)
{
    if (room_for(&into->s1, &from->s1, err) != DS_OK || room_for(&into->s2, &from->s2, err) != DS_OK)
        return DS_ENOMEM;
    bool had = into->whole.low != 0 || into->whole.high != 0;
    ds_status st = DS_OK;
    if (into->kind == DS_ACC_MOMENTS) {
        if (from->whole.low == 0)
            return DS_OK;
        into->min = !had || from->min < into->min ? from->min : into->min;
        into->max = !had || from->max > into->max ? from->max : into->max;
        into->whole.low += from->whole.low;
    } else {
        st = int_add(&into->whole, from->whole, err);
    }
    if (st == DS_OK)
        st = ds_fsum_merge(&into->s1, &from->s1, err);
    if (st == DS_OK)
        st = ds_fsum_merge(&into->s2, &from->s2, err);
    into->real = into->real || from->real;
    return st;
}

ds_status ds_acc_merge(ds_acc *into, const ds_acc *from, ds_error *err)
{
    if (into == from)
        return ds_fail(err, DS_EINVAL, 0, 0, "an accumulator cannot be merged with itself");
    if (!mergeable(into, from))
        return ds_fail(err, DS_EINVAL, 0, 0, "cannot merge %s with %s%s", kind_names[into->kind], kind_names[from->kind],
                       into->kind == from->kind ? " of other parameters" : "");
    switch (into->kind) {
    case DS_ACC_TOP:
    case DS_ACC_SAMPLE:
        return acc_bag_merge(into, from, err);
    case DS_ACC_DISTINCT:
        return acc_set_merge(into, from, err);
    case DS_ACC_HISTOGRAM:
        for (size_t i = 0; i <= into->n_edges; i++)
            into->counts[i] += from->counts[i];
        return DS_OK;
    default:
        return merge_sums(into, from, err);
    }
}

/* ------------------------------------------------------------------ saving */

uint64_t acc_read64(acc_reader *r)
{
    if (r->n - r->at < 8)
        r->bad = true;
    if (r->bad)
        return 0;
    r->at += 8;
    return ds_load64(r->p + r->at - 8);
}

double acc_read_double(acc_reader *r)
{
    uint64_t u = acc_read64(r);
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

ds_str acc_read_bytes(acc_reader *r, uint64_t n)
{
    if (r->n - r->at < n)
        r->bad = true;
    if (r->bad)
        return (ds_str){NULL, 0};
    r->at += (size_t)n;
    return (ds_str){r->p + r->at - n, (size_t)n};
}

void acc_put_double(ds_buf *b, double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    ds_buf_u64(b, u);
}

ds_status ds_acc_save(const ds_acc *acc, ds_buf *out, ds_error *err)
{
    ds_status st = DS_OK;
    ds_buf_u32(out, ACC_MAGIC);
    ds_buf_u32(out, (uint32_t)acc->kind);
    switch (acc->kind) {
    case DS_ACC_TOP:
    case DS_ACC_SAMPLE:
        ds_buf_u64(out, acc->seed);
        st = acc_bag_save(acc, out, err);
        break;
    case DS_ACC_DISTINCT:
        acc_set_save(acc, out);
        break;
    case DS_ACC_HISTOGRAM:
        ds_buf_u64(out, acc->n_edges);
        for (size_t i = 0; i < acc->n_edges; i++)
            acc_put_double(out, acc->edges[i]);
        for (size_t i = 0; i <= acc->n_edges; i++)
            ds_buf_u64(out, acc->counts[i]);
        break;
    default:
        ds_buf_u64(out, (uint64_t)acc->whole.high);
        ds_buf_u64(out, acc->whole.low);
        ds_buf_u64(out, acc->real);
        acc_put_double(out, acc->min);
        acc_put_double(out, acc->max);
        st = acc_save_sum(acc, &acc->s1, out, err);
        if (st == DS_OK)
            st = acc_save_sum(acc, &acc->s2, out, err);
    }
    return st != DS_OK ? st : out->status != DS_OK ? ds_fail_nomem(err) : DS_OK;
}

static ds_status load_numbers(ds_acc *acc, acc_reader *r, ds_error *err)
{
    acc->whole.high = (int64_t)acc_read64(r);
    acc->whole.low = acc_read64(r);
    acc->real = acc_read64(r) != 0;
    acc->min = acc_read_double(r);
    acc->max = acc_read_double(r);
    if (acc->kind != DS_ACC_MOMENTS && acc->whole.low > 0xffffffffu)
        r->bad = true;
    ds_status st = acc_load_sum(&acc->s1, r, err);
    return st != DS_OK ? st : acc_load_sum(&acc->s2, r, err);
}

static ds_status load_body(ds_acc *acc, acc_reader *r, ds_error *err)
{
    switch (acc->kind) {
    case DS_ACC_TOP:
    case DS_ACC_SAMPLE:
        return acc_bag_load(acc, r, err);
    case DS_ACC_DISTINCT:
        return acc_set_load(acc, r, err);
    case DS_ACC_HISTOGRAM:
        for (size_t i = 0; i <= acc->n_edges; i++)
            acc->counts[i] = acc_read64(r);
        return DS_OK;
    default:
        return load_numbers(acc, r, err);
    }
}

/* Reads the parameters; the edges are copied to `edges`, an array of DS_ACC_EDGES_MAX. */
static ds_status load_spec(acc_reader *r, ds_acc_spec *spec, const ds_alloc *a, double **edges, ds_error *err)
{
    ds_str head = acc_read_bytes(r, 8);
    if (r->bad || ds_load32(head.p) != ACC_MAGIC)
        return ds_fail(err, DS_EFORMAT, 0, 0, "this is no saved accumulator");
    spec->kind = (ds_acc_kind)ds_load32(head.p + 4);
    if (spec->kind == DS_ACC_TOP || spec->kind == DS_ACC_SAMPLE) {
        spec->seed = acc_read64(r);
        uint64_t k = acc_read64(r);
        spec->k = k <= DS_ACC_K_MAX ? (uint32_t)k : 0;
    }
    if (spec->kind != DS_ACC_HISTOGRAM)
        return DS_OK;
    uint64_t n = acc_read64(r);
    if (n > DS_ACC_EDGES_MAX || r->n - r->at < n * 8)
        return ds_fail(err, DS_EFORMAT, 8, 0, "damaged accumulator: more edges than bytes");
    *edges = ds_malloc(a, (size_t)(n > 0 ? n : 1) * sizeof **edges);
    if (*edges == NULL)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        (*edges)[i] = acc_read_double(r);
    spec->edges = *edges;
    spec->n_edges = (size_t)n;
    return DS_OK;
}

ds_status ds_acc_load(const ds_alloc *a, ds_str saved, ds_acc **out, ds_error *err)
{
    acc_reader r = {saved.p, saved.n, 0, false};
    ds_acc_spec spec = {0};
    double *edges = NULL;
    *out = NULL;
    ds_status st = load_spec(&r, &spec, a, &edges, err);
    if (st == DS_OK)
        st = ds_acc_new(a, &spec, out, err);
    if (edges != NULL)
        ds_mfree(a, edges, (spec.n_edges > 0 ? spec.n_edges : 1) * sizeof *edges);
    if (st != DS_OK)
        return st == DS_EINVAL ? ds_fail(err, DS_EFORMAT, 4, 0, "damaged accumulator: kind or parameters") : st;
    st = load_body(*out, &r, err);
    if (st == DS_OK && (r.bad || r.at != r.n))
        st = ds_fail(err, DS_EFORMAT, r.at, 0, "damaged accumulator: %s", r.bad ? "cut short or out of order" : "bytes left over");
    if (st != DS_OK) {
        ds_acc_free(*out);
        *out = NULL;
    }
    return st;
}

/* ------------------------------------------------------------------ reading */

bool ds_acc_total(const ds_acc *acc, int64_t *i, double *x)
{
    const acc_int w = acc->whole;
    /* Each piece has at most 32 bits; three of them and the parts of s1 have one rounding.  No part of s1 is lost by
     * working on a copy of its values, for which the stack has room: there are at most 80. */
    double parts[128];
    ds_fsum s = acc->s1;
    size_t n = s.count < 120 ? s.count : 120;
    if (n > 0)
        memcpy(parts, s.parts, n * sizeof *parts);
    s.parts = parts;
    s.cap = sizeof parts / sizeof *parts;
    s.count = n;
    /* Cannot fail: the capacity is there. */
    if (ds_fsum_add(&s, (double)(w.high / 0x100000000) * 0x1p64, NULL) != DS_OK ||
        ds_fsum_add(&s, (double)(w.high % 0x100000000) * 0x1p32, NULL) != DS_OK ||
        ds_fsum_add(&s, (double)w.low, NULL) != DS_OK)
        return false;
    *x = ds_fsum_value(&s);
    *i = 0;
    if (acc->real || w.high < INT32_MIN || w.high > INT32_MAX)
        return false;
    *i = (int64_t)((uint64_t)w.high << 32 | w.low);
    return true;
}

size_t ds_acc_bins(const ds_acc *acc, const double **edges, const uint64_t **counts, uint64_t *below, uint64_t *above)
{
    *edges = acc->edges;
    *counts = acc->counts;
    *below = acc->n_edges > 0 ? acc->counts[acc->n_edges - 1] : 0;
    *above = acc->n_edges > 0 ? acc->counts[acc->n_edges] : 0;
    return acc->n_edges;
}

size_t ds_acc_count(const ds_acc *acc)
{
    return acc->bag.n;
}

ds_acc_entry ds_acc_at(ds_acc *acc, size_t i)
{
    acc_bag_sort(&acc->bag);
    const acc_entry *e = &acc->bag.e[i];
    return (ds_acc_entry){value_of(e->rank), {e->p, e->key}, {e->p + e->key, e->item}};
}

/* reuse.c - the index: see reuse.h.  What it finds is verified in reuse_match.c. */
#include <stdlib.h>
#include <string.h>

#include "reuse_int.h"

enum { MIN_COMMON = 14, SHINGLE = 10, WINDOW = 7, MOST = 32 };

#define FIRST_BITS 16
#define FIRST_COUNT ((size_t)1 << FIRST_BITS)
#define BLOCK 256 /* places */

/* ---------------------------------------------------------------- taking articles in */

ds_status ds_reuse_new(const ds_alloc *a, const ds_reuse_options *options, ds_reuse **out, ds_error *err)
{
    a = ds_alloc_or_libc(a);
    *out = NULL;
    ds_reuse_options o = options != NULL ? *options : (ds_reuse_options){0, 0, 0, 0};
    o.min = o.min > 0 ? o.min : MIN_COMMON;
    o.shingle = o.shingle > 0 ? o.shingle : SHINGLE;
    o.window = o.window > 0 ? o.window : WINDOW;
    o.most = o.most > 0 ? o.most : MOST;
    if (o.shingle > DS_SHINGLE_MAX || o.window > DS_SHINGLE_MAX)
        return ds_fail(err, DS_EINVAL, 0, 0, "shingles and windows have 1 to %d letters", DS_SHINGLE_MAX);
    ds_reuse *r = ds_calloc(a, 1, sizeof *r);
    if (r == NULL)
        return ds_fail_nomem(err);
    r->alloc = a;
    r->options = o;
    ds_codes_init(&r->codes, a, false);
    *out = r;
    return DS_OK;
}

void ds_reuse_free(ds_reuse *r)
{
    if (r == NULL)
        return;
    ds_codes_clear(&r->codes);
    ds_mfree(r->alloc, r->start, r->start_cap * sizeof *r->start);
    ds_mfree(r->alloc, r->prints, r->prints_cap * sizeof *r->prints);
    ds_mfree(r->alloc, r->first, r->first != NULL ? (FIRST_COUNT + 1) * sizeof *r->first : 0);
    ds_mfree(r->alloc, r->article, r->narticle * sizeof *r->article);
    ds_mfree(r->alloc, r, sizeof *r);
}

size_t ds_reuse_count(const ds_reuse *r)
{
    return r->count;
}

size_t ds_reuse_size(const ds_reuse *r, size_t article)
{
    return r->start[article + 1] - r->start[article];
}

size_t ds_reuse_memory(const ds_reuse *r)
{
    return sizeof *r + r->codes.cap * sizeof *r->codes.code + r->start_cap * sizeof *r->start +
           r->prints_cap * sizeof *r->prints + (r->first != NULL ? (FIRST_COUNT + 1) * sizeof *r->first : 0) +
           r->narticle * sizeof *r->article;
}

static ds_status add_prints(ds_reuse *r, size_t beg, ds_error *err)
{
    ds_prints found;
    if (r->codes.count == beg)
        return DS_OK;
    ds_prints_init(&found, r->alloc);
    ds_status st = ds_winnow(&found, r->codes.code + beg, r->codes.count - beg, r->options.shingle, r->options.window, err);
    if (st == DS_OK && ds_grow(r->alloc, (void **)&r->prints, &r->prints_cap, r->nprints + found.count, sizeof *r->prints) != DS_OK)
        st = ds_fail_nomem(err);
    for (size_t i = 0; st == DS_OK && i < found.count; i++)
        r->prints[r->nprints++] = (uint64_t)found.items[i].hash << 32 | (found.items[i].pos + beg);
    ds_prints_clear(&found);
    return st;
}

ds_status ds_reuse_add(ds_reuse *r, ds_str text, ds_error *err)
{
    size_t beg = r->codes.count;
    if (r->built)
        return ds_fail(err, DS_EINVAL, 0, 0, "articles are added before the index is built");
    if (ds_grow(r->alloc, (void **)&r->start, &r->start_cap, r->count + 2, sizeof *r->start) != DS_OK)
        return ds_fail_nomem(err);
    ds_status st = ds_codes_add(&r->codes, text, err);
    if (st == DS_OK && (r->codes.count >= UINT32_MAX || r->count + 1 >= UINT32_MAX))
        st = ds_fail(err, DS_ELIMIT, 0, 0, "more than 4 Gi letters or articles");
    if (st == DS_OK)
        st = add_prints(r, beg, err);
    if (st != DS_OK) {
        r->codes.count = beg;
        return st;
    }
    r->start[0] = 0;
    r->start[++r->count] = (uint32_t)r->codes.count;
    return DS_OK;
}

/* ---------------------------------------------------------------- building */

/* One pass of a radix sort, by the 16 bits at `shift`. */
static void radix_pass(const uint64_t *from, uint64_t *to, size_t n, unsigned shift, uint32_t *at)
{
    memset(at, 0, (FIRST_COUNT + 1) * sizeof *at);
    for (size_t i = 0; i < n; i++)
        at[(from[i] >> shift & (FIRST_COUNT - 1)) + 1]++;
    for (size_t i = 1; i <= FIRST_COUNT; i++)
        at[i] += at[i - 1];
    for (size_t i = 0; i < n; i++)
        to[at[from[i] >> shift & (FIRST_COUNT - 1)]++] = from[i];
}

/* Sorts by hash; places ascend already.  Afterwards `first` says where the hashes with these first bits end, one
 * place further up than wanted. */
static ds_status sort_prints(ds_reuse *r)
{
    size_t n = r->nprints;
    uint64_t *copy = n > 0 ? ds_malloc(r->alloc, n * sizeof *copy) : NULL;
    if (n > 0 && copy == NULL)
        return DS_ENOMEM;
    if (n > 0) {
        radix_pass(r->prints, copy, n, 32, r->first);
        radix_pass(copy, r->prints, n, 48, r->first);
    }
    ds_mfree(r->alloc, copy, n * sizeof *copy);
    memmove(r->first + 1, r->first, FIRST_COUNT * sizeof *r->first);
    r->first[0] = 0;
    return DS_OK;
}

static ds_status note_articles(ds_reuse *r)
{
    size_t n = r->codes.count / BLOCK + 1, at = 0;
    r->article = ds_calloc(r->alloc, n, sizeof *r->article);
    if (r->article == NULL)
        return DS_ENOMEM;
    r->narticle = n;
    for (size_t i = 0; i < n; i++) {
        while (at + 1 < r->count && r->start[at + 1] <= i * BLOCK)
            at++;
        r->article[i] = (uint32_t)at;
    }
    return DS_OK;
}

ds_status ds_reuse_build(ds_reuse *r, ds_error *err)
{
    if (r->built)
        return DS_OK;
    if (r->first == NULL)
        r->first = ds_calloc(r->alloc, FIRST_COUNT + 1, sizeof *r->first);
    if (r->first == NULL || sort_prints(r) != DS_OK || note_articles(r) != DS_OK)
        return ds_fail_nomem(err);
    r->built = true;
    return DS_OK;
}

/* ---------------------------------------------------------------- candidates */

static size_t article_of(const ds_reuse *r, uint32_t place)
{
    size_t at = r->article[place / BLOCK];
    while (r->start[at + 1] <= place)
        at++;
    return at;
}

/* The prints with a hash, those in front of `before`: [*beg, return value). */
static size_t earlier_prints(const ds_reuse *r, uint32_t hash, uint32_t before, size_t *beg)
{
    size_t low = r->first[hash >> FIRST_BITS], high = r->first[(hash >> FIRST_BITS) + 1], top = high;
    uint64_t least = (uint64_t)hash << 32, most = least | before;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->prints[mid] < least)
            low = mid + 1;
        else
            high = mid;
    }
    *beg = low;
    for (high = top; low < high;) {
        size_t mid = low + (high - low) / 2;
        if (r->prints[mid] < most)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The seeds of one fingerprint of b at code `pos`: with all its earlier places, or with the earliest article. */
static ds_status seeds_of_print(const ds_reuse *r, size_t b, ds_print print, reuse_seeds *out)
{
    size_t beg, end = earlier_prints(r, print.hash, r->start[b], &beg), seen = 0, last = SIZE_MAX;
    bool common = end - beg > r->options.most;
    if (ds_grow(r->alloc, (void **)&out->items, &out->cap, out->count + (common ? REUSE_PER_ARTICLE : end - beg), sizeof *out->items) != DS_OK)
        return DS_ENOMEM;
    for (size_t i = beg; i < end; i++) {
        uint32_t place = (uint32_t)r->prints[i];
        size_t a = article_of(r, place);
        if (a != last && last != SIZE_MAX && common)
            break;
        seen = a == last ? seen + 1 : 1;
        last = a;
        if (seen <= REUSE_PER_ARTICLE)
            out->items[out->count++] = (reuse_seed){(uint32_t)a, place - r->start[a], print.pos};
        else if (common)
            break;
    }
    return DS_OK;
}

static int by_print(const void *x, const void *y)
{
    const ds_print *p = x, *q = y;
    return p->hash != q->hash ? (p->hash > q->hash) - (p->hash < q->hash) : (p->pos > q->pos) - (p->pos < q->pos);
}

static int by_article(const void *x, const void *y)
{
    const reuse_seed *p = x, *q = y;
    if (p->article != q->article)
        return (p->article > q->article) - (p->article < q->article);
    return p->b != q->b ? (p->b > q->b) - (p->b < q->b) : (p->a > q->a) - (p->a < q->a);
}

ds_status ds_reuse_seeds(const ds_reuse *r, size_t b, reuse_seeds *out, ds_error *err)
{
    ds_prints own;
    size_t same = 0;
    if (ds_reuse_size(r, b) == 0)
        return DS_OK;
    ds_prints_init(&own, r->alloc);
    ds_status st = ds_winnow(&own, r->codes.code + r->start[b], ds_reuse_size(r, b), r->options.shingle, r->options.window, err);
    if (st == DS_OK && own.count > 0)
        qsort(own.items, own.count, sizeof *own.items, by_print);
    for (size_t i = 0; st == DS_OK && i < own.count; i++) {
        same = i > 0 && own.items[i].hash == own.items[i - 1].hash ? same + 1 : 0;
        if (same < REUSE_PER_ARTICLE && seeds_of_print(r, b, own.items[i], out) != DS_OK)
            st = ds_fail_nomem(err);
    }
    ds_prints_clear(&own);
    if (out->count > 0)
        qsort(out->items, out->count, sizeof *out->items, by_article);
    return st;
}

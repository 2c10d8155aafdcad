/* reuse_match.c - from seeds to passages: see reuse.h. */
#include <stdlib.h>
#include <string.h>

#include "align.h"
#include "reuse_int.h"

enum { LOOK_BACK = 64 }; /* matches that a seed may belong to: those found last */
enum { PASSAGES = 1000 }; /* of one pair of articles: the longest ones, so that two books do not take for ever */

void ds_reuse_matches_init(ds_reuse_matches *m, const ds_alloc *a)
{
    *m = (ds_reuse_matches){.alloc = ds_alloc_or_libc(a)};
}

void ds_reuse_matches_clear(ds_reuse_matches *m)
{
    ds_mfree(m->alloc, m->items, m->cap * sizeof *m->items);
    ds_reuse_matches_init(m, m->alloc);
}

/* ---------------------------------------------------------------- verifying */

/* The passage around a seed; false: the hash deceived. */
static bool verify(const ds_reuse *r, size_t b, const reuse_seed *s, ds_reuse_match *out)
{
    const uint16_t *ca = r->codes.code + r->start[s->article], *cb = r->codes.code + r->start[b];
    size_t na = ds_reuse_size(r, s->article), nb = ds_reuse_size(r, b), k = r->options.shingle;
    if (memcmp(ca + s->a, cb + s->b, k * sizeof *ca) != 0)
        return false;
    ds_reach fore = ds_align_forward(ca + s->a + k, na - s->a - k, cb + s->b + k, nb - s->b - k);
    ds_reach back = ds_align_backward(ca + s->a, s->a, cb + s->b, s->b);
    *out = (ds_reuse_match){s->article, (uint32_t)b, (uint32_t)(s->a - back.a), (uint32_t)(s->a + k + fore.a),
                            (uint32_t)(s->b - back.b), (uint32_t)(s->b + k + fore.b), (uint32_t)(back.common + k + fore.common)};
    return true;
}

static bool covers(const ds_reuse_match *m, const reuse_seed *s)
{
    return s->a >= m->a_beg && s->a < m->a_end && s->b >= m->b_beg && s->b < m->b_end;
}

static ds_status put_match(ds_reuse_matches *out, const ds_reuse_match *m)
{
    if (ds_grow(out->alloc, (void **)&out->items, &out->cap, out->count + 1, sizeof *out->items) != DS_OK)
        return DS_ENOMEM;
    out->items[out->count++] = *m;
    return DS_OK;
}

static int by_common(const void *x, const void *y)
{
    const ds_reuse_match *p = x, *q = y;
    if (p->common != q->common)
        return p->common > q->common ? -1 : 1;
    return p->b_beg != q->b_beg ? (p->b_beg > q->b_beg) - (p->b_beg < q->b_beg) : (p->a_beg > q->a_beg) - (p->a_beg < q->a_beg);
}

static int by_place(const void *x, const void *y)
{
    const ds_reuse_match *p = x, *q = y;
    return p->b_beg != q->b_beg ? (p->b_beg > q->b_beg) - (p->b_beg < q->b_beg) : (p->a_beg > q->a_beg) - (p->a_beg < q->a_beg);
}

static bool half_of(uint32_t beg, uint32_t end, uint32_t other_beg, uint32_t other_end)
{
    uint32_t from = beg > other_beg ? beg : other_beg, to = end < other_end ? end : other_end;
    return to > from && (to - from) * (uint64_t)2 >= end - beg;
}

/* Leaves of the matches that overlap the best ones; n of them, sorted by place afterwards. */
static size_t drop_overlaps(ds_reuse_match *m, size_t n)
{
    size_t kept = 0;
    qsort(m, n, sizeof *m, by_common);
    for (size_t i = 0; i < n && kept < PASSAGES; i++) {
        bool good = true;
        for (size_t k = 0; k < kept && good; k++)
            good = !half_of(m[i].a_beg, m[i].a_end, m[k].a_beg, m[k].a_end) && !half_of(m[i].b_beg, m[i].b_end, m[k].b_beg, m[k].b_end);
        if (good)
            m[kept++] = m[i];
    }
    qsort(m, kept, sizeof *m, by_place);
    return kept;
}

/* Whether `next` goes on where `m` stopped.  The gap is no longer than the shorter of the two. */
static bool goes_on(const ds_reuse_match *m, const ds_reuse_match *next)
{
    uint32_t least = m->common < next->common ? m->common : next->common;
    uint32_t most = least < DS_REUSE_GAP ? least : DS_REUSE_GAP;
    return next->a_beg >= m->a_end && next->b_beg >= m->b_end && next->a_beg - m->a_end <= most && next->b_beg - m->b_end <= most;
}

/* Whether enough is in common; two letters or digits of an alphabet weigh as much as one Han character. */
static bool is_enough(const ds_reuse *r, const ds_reuse_match *m)
{
    const uint16_t *code = r->codes.code + r->start[m->b];
    uint64_t weight = 0, len = m->b_end - m->b_beg, most = m->common;
    if (most < r->options.min)
        return false;
    for (size_t i = m->b_beg; i < m->b_end; i++)
        weight += code[i] < 0x250 ? 1 : 2;
    return weight * most >= 2 * r->options.min * len;
}

/* Joins neighbours, and leaves those with too little in common out. */
static size_t join(const ds_reuse *r, ds_reuse_match *m, size_t n)
{
    size_t kept = 0, out = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && goes_on(&m[kept - 1], &m[i])) {
            m[kept - 1].a_end = m[i].a_end;
            m[kept - 1].b_end = m[i].b_end;
            m[kept - 1].common += m[i].common;
        } else {
            m[kept++] = m[i];
        }
    }
    for (size_t i = 0; i < kept; i++)
        if (is_enough(r, &m[i]))
            m[out++] = m[i];
    return out;
}

/* The matches of one pair of articles, from its seeds. */
static ds_status match_pair(const ds_reuse *r, size_t b, const reuse_seed *s, size_t n, ds_reuse_matches *out)
{
    size_t before = out->count;
    for (size_t i = 0; i < n; i++) {
        ds_reuse_match m;
        bool known = false;
        for (size_t k = out->count; k > before && !known && out->count - k < LOOK_BACK; k--)
            known = covers(&out->items[k - 1], &s[i]);
        if (known || !verify(r, b, &s[i], &m))
            continue;
        if (put_match(out, &m) != DS_OK)
            return DS_ENOMEM;
    }
    size_t found = out->count - before;
    if (found > 1)
        found = drop_overlaps(out->items + before, found);
    out->count = before + (found > 0 ? join(r, out->items + before, found) : 0);
    return DS_OK;
}

ds_status ds_reuse_find(const ds_reuse *r, size_t b, ds_reuse_matches *out, ds_error *err)
{
    reuse_seeds s = {NULL, 0, 0};
    size_t before = out->count, end;
    if (!r->built || b >= r->count)
        return ds_fail(err, DS_EINVAL, 0, 0, "no such article, or the index is not built");
    ds_status st = ds_reuse_seeds(r, b, &s, err);
    for (size_t i = 0; st == DS_OK && i < s.count; i = end) {
        for (end = i + 1; end < s.count && s.items[end].article == s.items[i].article; end++) {}
        if (match_pair(r, b, s.items + i, end - i, out) != DS_OK)
            st = ds_fail_nomem(err);
    }
    ds_mfree(r->alloc, s.items, s.cap * sizeof *s.items);
    if (st != DS_OK)
        out->count = before;
    return st;
}

/* offmap.c - see offmap.h. */
#include "offmap.h"

#include <assert.h>

void ds_offmap_init(ds_offmap *m, const ds_alloc *a)
{
    *m = (ds_offmap){.alloc = ds_alloc_or_libc(a)};
}

void ds_offmap_clear(ds_offmap *m)
{
    const ds_alloc *a = m->alloc;
    ds_mfree(a, m->runs, m->cap * sizeof *m->runs);
    ds_offmap_init(m, a);
}

static size_t out_end_of(const ds_offmap *m, size_t i)
{
    return i + 1 < m->count ? m->runs[i + 1].out : m->out_len;
}

/* End in the original of derived `out`, which lies in run i or at its end. */
static size_t src_end_at(const ds_offmap *m, size_t i, size_t out)
{
    const ds_offrun *r = &m->runs[i];
    return r->src + (r->src_len == DS_OFFRUN_LINEAR ? out - r->out : r->src_len);
}

/* Where the original stands after the last run. */
static size_t src_tail(const ds_offmap *m)
{
    return m->count == 0 ? 0 : src_end_at(m, m->count - 1, m->out_len);
}

static void append_run(ds_offmap *m, size_t n, size_t src, size_t src_len)
{
    assert(src >= src_tail(m));
    if (ds_grow(m->alloc, (void **)&m->runs, &m->cap, m->count + 1, sizeof *m->runs) != DS_OK) {
        m->status = DS_ENOMEM;
        return;
    }
    m->runs[m->count++] = (ds_offrun){m->out_len, src, src_len};
    m->out_len += n;
}

void ds_offmap_linear(ds_offmap *m, size_t n, size_t src)
{
    if (m->status != DS_OK || n == 0)
        return;
    if (m->count > 0 && m->runs[m->count - 1].src_len == DS_OFFRUN_LINEAR && src_tail(m) == src)
        m->out_len += n;
    else
        append_run(m, n, src, DS_OFFRUN_LINEAR);
}

void ds_offmap_atom(ds_offmap *m, size_t n, size_t src, size_t src_len)
{
    assert(src_len != DS_OFFRUN_LINEAR);
    if (m->status == DS_OK && n > 0)
        append_run(m, n, src, src_len);
}

/* The run that holds derived byte `out` < out_len. */
static size_t find_run(const ds_offmap *m, size_t out)
{
    size_t lo = 0, hi = m->count;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->runs[mid].out <= out)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* The original place of derived byte `out` < out_len, which lies in run i: an atom's is its start. */
static size_t src_beg_at(const ds_offmap *m, size_t i, size_t out)
{
    const ds_offrun *r = &m->runs[i];
    return r->src + (r->src_len == DS_OFFRUN_LINEAR ? out - r->out : 0);
}

void ds_offmap_origin(const ds_offmap *m, size_t beg, size_t end, size_t *src_beg, size_t *src_end)
{
    assert(beg <= end && end <= m->out_len);
    if (beg == m->out_len) {
        *src_beg = *src_end = src_tail(m);
        return;
    }
    *src_beg = *src_end = src_beg_at(m, find_run(m, beg), beg);
    if (beg < end)
        *src_end = src_end_at(m, find_run(m, end - 1), end);
}

void ds_offmap_pieces(const ds_offmap *m, size_t beg, size_t end,
                      void (*fn)(void *ud, size_t src_beg, size_t src_end), void *ud)
{
    assert(beg <= end && end <= m->out_len);
    size_t piece_beg = 0, piece_end = 0; /* the piece that may still grow; empty: none */
    if (beg == end)
        return;
    for (size_t i = find_run(m, beg); beg < end; i++) {
        size_t stop = out_end_of(m, i) < end ? out_end_of(m, i) : end;
        size_t from = src_beg_at(m, i, beg), to = src_end_at(m, i, stop);
        beg = stop;
        if (from == to)
            continue;
        if (piece_end > piece_beg && from != piece_end) {
            fn(ud, piece_beg, piece_end);
            piece_beg = piece_end;
        }
        if (piece_beg == piece_end)
            piece_beg = from;
        piece_end = to;
    }
    if (piece_end > piece_beg)
        fn(ud, piece_beg, piece_end);
}

void ds_offmap_truncate(ds_offmap *m, size_t out_len)
{
    if (out_len >= m->out_len)
        return;
    while (m->count > 0 && m->runs[m->count - 1].out >= out_len)
        m->count--;
    m->out_len = out_len;
}

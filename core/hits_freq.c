/* hits_freq.c - frequency lists from the index; see hits.h. */
#include <string.h>

#include "hits_int.h"

static bool doc_counts(const ds_index *ix, const uint64_t *docs, uint32_t doc)
{
    return (docs == NULL || (docs[doc / 64] >> doc % 64 & 1) != 0) && !ds_index_deleted(ix, doc);
}

/* Adds, or takes away, what stands in the articles for which doc_counts is `which`. */
static ds_status add_docs(const ds_alloc *a, const ds_index *ix, const uint64_t *docs, bool which, uint64_t *counts,
                          ds_error *err)
{
    ds_forward *fw;
    const uint32_t *types = NULL;
    uint32_t n = ds_index_docs(ix), from = 0, to = 0, beg, end;
    ds_status st = ds_forward_new(a, ix, &fw, err);
    for (uint32_t d = 0; st == DS_OK && d < n; d++) {
        if (doc_counts(ix, docs, d) != which)
            continue;
        ds_index_doc_range(ix, d, &beg, &end);
        while (st == DS_OK && beg < end) {
            if (beg < from || beg >= to)
                st = ds_forward_at(fw, beg, &types, &from, &to, err);
            for (; st == DS_OK && beg < end && beg < to; beg++)
                counts[types[beg - from]] += which ? 1 : (uint64_t)-1;
        }
    }
    ds_forward_free(fw);
    return st;
}

ds_status ds_freq_types(const ds_alloc *a, const ds_index *ix, const uint64_t *docs, uint64_t *counts, ds_error *err)
{
    uint32_t types = ds_index_types(ix), n = ds_index_docs(ix), chosen = 0;
    ds_type t;
    memset(counts, 0, types * sizeof *counts);
    for (uint32_t d = 0; docs != NULL && d < n; d++)
        chosen += doc_counts(ix, docs, d);
    if (docs != NULL && chosen <= n / 2)
        return add_docs(a, ix, docs, true, counts, err);
    for (uint32_t i = 1; i < types; i++) {
        ds_index_type(ix, i, &t);
        counts[i] = t.count;
    }
    bool all = docs == NULL ? ds_index_deletions(ix) == 0 : chosen == n;
    return all ? DS_OK : add_docs(a, ix, docs, false, counts, err);
}

/* ------------------------------------------------------------------ by an attribute */

typedef struct freq {
    const ds_alloc *alloc;
    ds_hit_attr attr;
    bool (*keep)(void *ud, const ds_type *t);
    void *ud;
    h_table table;
    uint64_t *totals; /* by string */
    size_t cap;
} freq;

static ds_status add_type(freq *f, const ds_type *t, uint64_t count)
{
    uint32_t i = h_table_add(&f->table, h_attr(t, f->attr));
    if (i == UINT32_MAX)
        return DS_ENOMEM;
    if (i >= f->cap) {
        size_t had = f->cap;
        if (ds_grow(f->alloc, (void **)&f->totals, &f->cap, (size_t)i + 1, sizeof *f->totals) != DS_OK)
            return DS_ENOMEM;
        memset(f->totals + had, 0, (f->cap - had) * sizeof *f->totals);
    }
    f->totals[i] += count;
    return DS_OK;
}

static ds_status add_segment(freq *f, const ds_index *ix, const uint64_t *docs, ds_error *err)
{
    uint32_t n = ds_index_types(ix);
    uint64_t *counts = ds_calloc(f->alloc, n, sizeof *counts);
    ds_type t;
    if (counts == NULL)
        return ds_fail_nomem(err);
    bool given = docs != NULL || ds_index_deletions(ix) > 0; /* else the types say themselves how many they are */
    ds_status st = given ? ds_freq_types(f->alloc, ix, docs, counts, err) : DS_OK;
    for (uint32_t i = 1; st == DS_OK && i < n; i++) {
        if (given && counts[i] == 0)
            continue;
        ds_index_type(ix, i, &t);
        if (t.cls == DS_CLASS_SPACE || (f->keep != NULL && !f->keep(f->ud, &t)))
            continue;
        if (add_type(f, &t, given ? counts[i] : t.count) != DS_OK)
            st = ds_fail_nomem(err);
    }
    ds_mfree(f->alloc, counts, n * sizeof *counts);
    return st;
}

static ds_status take_groups(const freq *f, ds_groups *out, ds_error *err)
{
    size_t n = f->table.count;
    ds_buf_put(&out->names, f->table.bytes.p, f->table.bytes.n);
    if (out->names.status != DS_OK ||
        ds_grow(out->alloc, (void **)&out->items, &out->cap, n, sizeof *out->items) != DS_OK)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < n; i++) {
        ds_str name = {out->names.p + f->table.at[i], f->table.at[i + 1] - f->table.at[i]};
        out->items[out->count++] = (ds_group){.count = f->totals[i], .name = name};
        out->total += f->totals[i];
    }
    return h_groups_sort(out, err);
}

ds_status ds_freq(const ds_alloc *a, const ds_index *const *segments, size_t n, const uint64_t *const *docs,
                  ds_hit_attr attr, bool (*keep)(void *ud, const ds_type *t), void *ud, ds_groups *out, ds_error *err)
{
    freq f = {.alloc = ds_alloc_or_libc(a), .attr = attr, .keep = keep, .ud = ud};
    ds_status st = DS_OK;
    ds_groups_clear(out);
    h_table_init(&f.table, f.alloc);
    for (size_t i = 0; st == DS_OK && i < n; i++)
        st = add_segment(&f, segments[i], docs != NULL ? docs[i] : NULL, err);
    if (st == DS_OK && f.table.count > 0)
        st = take_groups(&f, out, err);
    ds_mfree(f.alloc, f.totals, f.cap * sizeof *f.totals);
    h_table_clear(&f.table);
    if (st != DS_OK)
        ds_groups_clear(out);
    return st;
}

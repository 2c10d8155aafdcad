/* hits_group.c - counting hits by what they have in common; see hits.h. */
#include <string.h>

#include "hits_int.h"

void ds_groups_init(ds_groups *g, const ds_alloc *a)
{
    *g = (ds_groups){.alloc = ds_alloc_or_libc(a)};
    ds_buf_init(&g->names, a);
}

void ds_groups_clear(ds_groups *g)
{
    ds_mfree(g->alloc, g->items, g->cap * sizeof *g->items);
    ds_buf_clear(&g->names);
    ds_groups_init(g, g->alloc);
}

static bool group_before(const ds_group *a, const ds_group *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    int c = ds_str_cmp(a->name, b->name);
    if (c != 0)
        return c < 0;
    if (a->label != b->label)
        return a->label < b->label;
    return a->segment != b->segment ? a->segment < b->segment : a->doc < b->doc;
}

static void merge_sort(ds_group *v, ds_group *other, size_t n)
{
    if (n <= 8) {
        for (size_t i = 1; i < n; i++) {
            ds_group x = v[i];
            size_t k = i;
            for (; k > 0 && group_before(&x, &v[k - 1]); k--)
                v[k] = v[k - 1];
            v[k] = x;
        }
        return;
    }
    size_t half = n / 2, a = 0, b = half, k = 0;
    merge_sort(v, other, half);
    merge_sort(v + half, other + half, n - half);
    memcpy(other, v, n * sizeof *v);
    while (a < half && b < n)
        v[k++] = group_before(&other[b], &other[a]) ? other[b++] : other[a++];
    while (a < half)
        v[k++] = other[a++];
    while (b < n)
        v[k++] = other[b++];
}

ds_status h_groups_sort(ds_groups *g, ds_error *err)
{
    if (g->count < 2)
        return DS_OK;
    ds_group *other = ds_calloc(g->alloc, g->count, sizeof *other);
    if (other == NULL)
        return ds_fail_nomem(err);
    merge_sort(g->items, other, g->count);
    ds_mfree(g->alloc, other, g->count * sizeof *other);
    return DS_OK;
}

/* Counts by the numbers of a column, and notes the first hit of each. */
static void count_column(const ds_hitlist *list, const h_column *c, uint64_t *counts, uint32_t *first)
{
    for (size_t i = 0; i < list->shown; i++) {
        uint32_t item = list->order != NULL ? list->order[i] : (uint32_t)i, v = c->v[item];
        if (counts[v]++ == 0 || item < first[v])
            first[v] = item;
    }
}

/* The same for labels, without a column of them. */
static ds_status count_labels(const ds_hitlist *list, const ds_hit_key *k, uint64_t *counts, uint32_t *first,
                              ds_error *err)
{
    for (size_t i = 0; i < list->shown; i++) {
        uint32_t item = list->order != NULL ? list->order[i] : (uint32_t)i;
        const ds_hititem *hit = &list->items[item];
        uint32_t v = k->labels[hit->segment][hit->doc];
        if (v >= k->label_count)
            return ds_fail(err, DS_EINVAL, 0, 0, "a label out of range");
        if (counts[v]++ == 0 || item < first[v])
            first[v] = item;
    }
    return DS_OK;
}

static ds_status make_groups(const ds_hitlist *list, const ds_hit_key *by, const h_column *c, uint32_t range,
                             const uint64_t *counts, const uint32_t *first, ds_groups *out, ds_error *err)
{
    if (c != NULL && c->named)
        ds_buf_put(&out->names, c->table.bytes.p, c->table.bytes.n);
    if (out->names.status != DS_OK)
        return ds_fail_nomem(err);
    for (uint32_t v = 0; v < range; v++) {
        if (counts[v] == 0)
            continue;
        if (ds_grow(out->alloc, (void **)&out->items, &out->cap, out->count + 1, sizeof *out->items) != DS_OK)
            return ds_fail_nomem(err);
        ds_group *g = &out->items[out->count++];
        *g = (ds_group){.count = counts[v], .label = by->by == DS_BY_LABEL ? v : 0, .name = {"", 0}};
        g->segment = list->items[first[v]].segment;
        g->doc = list->items[first[v]].doc;
        if (c != NULL && c->named)
            g->name = (ds_str){out->names.p + c->table.at[v], c->table.at[v + 1] - c->table.at[v]};
        out->total += counts[v];
    }
    return h_groups_sort(out, err);
}

ds_status ds_hitlist_group(ds_hitlist *list, const ds_hit_key *by, ds_groups *out, ds_error *err)
{
    h_column c = {.v = NULL};
    bool labels = by->by == DS_BY_LABEL;
    ds_groups_clear(out);
    if (list->shown == 0)
        return DS_OK;
    if (labels && by->labels == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "no labels");
    ds_status st = labels ? DS_OK : h_columns(list, by, 1, &c, err);
    if (st != DS_OK)
        return st;
    uint32_t range = labels ? by->label_count : c.range;
    uint64_t *counts = ds_calloc(list->alloc, range, sizeof *counts);
    uint32_t *first = ds_calloc(list->alloc, range, sizeof *first);
    st = range == 0                        ? ds_fail(err, DS_EINVAL, 0, 0, "a label out of range")
         : counts != NULL && first != NULL ? DS_OK
                                           : ds_fail_nomem(err);
    if (st == DS_OK && labels)
        st = count_labels(list, by, counts, first, err);
    else if (st == DS_OK)
        count_column(list, &c, counts, first);
    if (st == DS_OK)
        st = make_groups(list, by, labels ? NULL : &c, range, counts, first, out, err);
    ds_mfree(list->alloc, counts, range * sizeof *counts);
    ds_mfree(list->alloc, first, range * sizeof *first);
    if (!labels)
        h_columns_clear(list, &c, 1);
    if (st != DS_OK)
        ds_groups_clear(out);
    return st;
}

/* hits_sort.c - sorting hits: a radix sort by the ranks of their keys, the last key first; see hits.h. */
#include <string.h>

#include "hits_int.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, KEYS_MAX = 64 };

static void sort_digit(const uint32_t *in, size_t n, const uint32_t *v, unsigned shift, uint32_t *out)
{
    size_t at[DIGITS + 1] = {0};
    for (size_t i = 0; i < n; i++)
        at[(v[in[i]] >> shift & (DIGITS - 1)) + 1]++;
    for (size_t d = 1; d < DIGITS; d++)
        at[d] += at[d - 1];
    for (size_t i = 0; i < n; i++)
        out[at[v[in[i]] >> shift & (DIGITS - 1)]++] = in[i];
}

/* Numbers to ranks, turned round where they shall fall. */
static ds_status to_ranks(const ds_hitlist *list, h_column *c, bool falling)
{
    uint32_t *rank = NULL;
    if (c->named && c->range > 0) {
        rank = ds_calloc(list->alloc, c->range, sizeof *rank);
        if (rank == NULL || h_table_rank(&c->table, rank) != DS_OK) {
            ds_mfree(list->alloc, rank, c->range * sizeof *rank);
            return DS_ENOMEM;
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        uint32_t v = rank != NULL ? rank[c->v[i]] : c->v[i];
        c->v[i] = falling ? c->range - 1 - v : v;
    }
    ds_mfree(list->alloc, rank, c->range * sizeof *rank);
    return DS_OK;
}

static void swap(uint32_t **a, uint32_t **b)
{
    uint32_t *t = *a;
    *a = *b;
    *b = t;
}

/* What is shown, in the order of the text. */
static uint32_t *text_order(const ds_hitlist *list)
{
    uint64_t *chosen = ds_calloc(list->alloc, list->count / 64 + 1, sizeof *chosen);
    uint32_t *order = ds_calloc(list->alloc, list->shown, sizeof *order);
    size_t k = 0;
    if (chosen != NULL && order != NULL) {
        for (size_t i = 0; i < list->shown; i++) {
            uint32_t item = list->order != NULL ? list->order[i] : (uint32_t)i;
            chosen[item / 64] |= (uint64_t)1 << item % 64;
        }
        for (size_t i = 0; i < list->count; i++)
            if (chosen[i / 64] >> i % 64 & 1)
                order[k++] = (uint32_t)i;
    } else {
        ds_mfree(list->alloc, order, list->shown * sizeof *order);
        order = NULL;
    }
    ds_mfree(list->alloc, chosen, (list->count / 64 + 1) * sizeof *chosen);
    return order;
}

ds_status ds_hitlist_sort(ds_hitlist *list, const ds_hit_key *keys, size_t n, ds_error *err)
{
    h_column columns[KEYS_MAX];
    if (n > KEYS_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "more than %d keys to sort by", KEYS_MAX);
    if (list->shown == 0)
        return DS_OK;
    ds_status st = n > 0 ? h_columns(list, keys, n, columns, err) : DS_OK;
    if (st != DS_OK)
        return st;
    uint32_t *order = text_order(list), *other = ds_calloc(list->alloc, list->shown, sizeof *other);
    st = order != NULL && other != NULL ? DS_OK : DS_ENOMEM;
    for (size_t k = n; st == DS_OK && k-- > 0;) {
        st = to_ranks(list, &columns[k], keys[k].falling);
        for (unsigned shift = 0; st == DS_OK && shift < 32 && columns[k].range >> shift > 0; shift += DIGIT_BITS) {
            sort_digit(order, list->shown, columns[k].v, shift, other);
            swap(&order, &other);
        }
    }
    if (st == DS_OK)
        swap(&order, &list->order);
    ds_mfree(list->alloc, order, list->shown * sizeof *order);
    ds_mfree(list->alloc, other, list->shown * sizeof *other);
    if (n > 0)
        h_columns_clear(list, columns, n);
    return st == DS_OK ? DS_OK : ds_fail_nomem(err);
}

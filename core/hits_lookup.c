/*
 * hits_lookup.c - the types at many places of a segment, from the posting lists; see hits_int.h.
 *
 * To unpack the tokens costs some ten times as much as to run through the posting lists of all types.  Where places lie all over
 * a segment their types are found the other way round: each wanted position is a bit, and a list says of which of them
 * it knows the type.  Which of the wanted positions a bit is: the bits before it, counted by 512 (a rank directory, Jacobson
 * 1989).
 */
#include <string.h>

#include "hits_int.h"

enum { GROUP = 1, BATCH = 1024 }; /* words that are counted together */

static size_t group_count(const h_lookup *l)
{
    return l->words / GROUP + 1;
}

ds_status h_lookup_init(h_lookup *l, const ds_alloc *a, const ds_index *ix, ds_error *err)
{
    *l = (h_lookup){.alloc = a, .ix = ix, .words = (size_t)ds_index_tokens(ix) / 64 + 1};
    l->bits = ds_calloc(a, l->words, sizeof *l->bits);
    return l->bits != NULL ? DS_OK : ds_fail_nomem(err);
}

void h_lookup_clear(h_lookup *l)
{
    if (l->bits == NULL)
        return;
    ds_mfree(l->alloc, l->bits, l->words * sizeof *l->bits);
    ds_mfree(l->alloc, l->before, (group_count(l) + 1) * sizeof *l->before);
    ds_mfree(l->alloc, l->types, (l->count + 1) * sizeof *l->types);
    *l = (h_lookup){.bits = NULL};
}

void h_lookup_want(h_lookup *l, uint32_t from, uint32_t to)
{
    for (uint32_t pos = from; pos < to; pos++)
        l->bits[pos / 64] |= (uint64_t)1 << pos % 64;
}

static unsigned ones(uint64_t w)
{
    w -= w >> 1 & 0x5555555555555555u;
    w = (w & 0x3333333333333333u) + (w >> 2 & 0x3333333333333333u);
    return (unsigned)(((w + (w >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56);
}

/* Which of the wanted positions `pos`, one of them, is. */
static size_t number_of(const h_lookup *l, uint32_t pos)
{
    size_t word = pos / 64, n = l->before[word / GROUP];
    for (size_t w = word / GROUP * GROUP; w < word; w++)
        n += ones(l->bits[w]);
    return n + ones(l->bits[word] & (((uint64_t)1 << pos % 64) - 1));
}

static bool count_groups(h_lookup *l)
{
    size_t groups = group_count(l);
    l->before = ds_calloc(l->alloc, groups + 1, sizeof *l->before);
    if (l->before == NULL)
        return false;
    for (size_t w = 0; w < l->words; w++)
        l->before[w / GROUP + 1] += ones(l->bits[w]);
    for (size_t g = 1; g <= groups; g++)
        l->before[g] += l->before[g - 1];
    l->count = l->before[groups];
    l->types = ds_calloc(l->alloc, l->count + 1, sizeof *l->types); /* what is in no list: DS_TYPE_END */
    return l->types != NULL;
}

ds_status h_lookup_fill(h_lookup *l, ds_error *err)
{
    uint32_t v[BATCH], types = ds_index_types(l->ix), tokens = ds_index_tokens(l->ix);
    if (!count_groups(l))
        return ds_fail_nomem(err);
    for (uint32_t id = 1; id < types; id++) {
        ds_postings it;
        ds_postings_start(l->ix, id, &it);
        for (size_t n; (n = ds_postings_read(&it, v, BATCH)) > 0 && v[n - 1] < tokens;)
            for (size_t i = 0; i < n; i++)
                if (l->bits[v[i] / 64] >> v[i] % 64 & 1)
                    l->types[number_of(l, v[i])] = id;
        if (id % 1024 == 0 && ds_stopped(l->alloc))
            return ds_fail(err, DS_ELIMIT, 0, 0, "stopped while the words beside hits were looked up");
    }
    return DS_OK;
}

bool h_lookup_type(const h_lookup *l, uint32_t pos, uint32_t *type)
{
    if (l->types == NULL || !(l->bits[pos / 64] >> pos % 64 & 1))
        return false;
    *type = l->types[number_of(l, pos)];
    return true;
}

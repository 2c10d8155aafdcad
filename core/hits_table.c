/* hits_table.c - different strings and their numbers; see hits_int.h. */
#include <string.h>

#include "hits_int.h"

void h_table_init(h_table *t, const ds_alloc *a)
{
    *t = (h_table){.alloc = ds_alloc_or_libc(a)};
    ds_buf_init(&t->bytes, a);
}

void h_table_clear(h_table *t)
{
    ds_buf_clear(&t->bytes);
    ds_mfree(t->alloc, t->at, t->cap * sizeof *t->at);
    ds_mfree(t->alloc, t->slots, t->size * sizeof *t->slots);
    t->at = NULL;
    t->slots = NULL;
    t->count = t->cap = t->size = 0;
}

static size_t hash_of(ds_str s)
{
    uint64_t h = s.n, w;
    for (; s.n >= 8; s.p += 8, s.n -= 8) {
        memcpy(&w, s.p, 8);
        h = (h ^ w) * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
    }
    w = 0;
    for (size_t i = 0; i < s.n; i++)
        w = w << 8 | (unsigned char)s.p[i];
    h = (h ^ w) * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ h >> 32);
}

ds_str h_table_at(const h_table *t, size_t i)
{
    return (ds_str){t->bytes.p + t->at[i], t->at[i + 1] - t->at[i]};
}

static bool grow_slots(h_table *t)
{
    size_t size = t->size > 0 ? 2 * t->size : 256;
    uint32_t *slots = ds_calloc(t->alloc, size, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < t->count; i++) {
        size_t h = hash_of(h_table_at(t, i)) & (size - 1);
        while (slots[h] != 0)
            h = (h + 1) & (size - 1);
        slots[h] = (uint32_t)i + 1;
    }
    ds_mfree(t->alloc, t->slots, t->size * sizeof *t->slots);
    t->slots = slots;
    t->size = size;
    return true;
}

uint32_t h_table_add(h_table *t, ds_str s)
{
    if (2 * (t->count + 1) > t->size && !grow_slots(t))
        return UINT32_MAX;
    size_t h = hash_of(s) & (t->size - 1);
    for (; t->slots[h] != 0; h = (h + 1) & (t->size - 1))
        if (ds_str_eq(h_table_at(t, t->slots[h] - 1), s))
            return t->slots[h] - 1;
    if (ds_grow(t->alloc, (void **)&t->at, &t->cap, t->count + 2, sizeof *t->at) != DS_OK)
        return UINT32_MAX;
    t->at[t->count] = t->bytes.n;
    ds_buf_put(&t->bytes, s.p, s.n);
    if (t->bytes.status != DS_OK)
        return UINT32_MAX;
    t->at[t->count + 1] = t->bytes.n;
    t->slots[h] = (uint32_t)++t->count;
    return (uint32_t)t->count - 1;
}

/* ------------------------------------------------------------------ their order */

typedef struct named {
    uint64_t head; /* the first eight bytes, big-endian */
    uint32_t i;
} named;

static uint64_t head_of(ds_str s)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
    return v;
}

static bool named_before(const h_table *t, const named *a, const named *b)
{
    return a->head != b->head ? a->head < b->head : ds_str_cmp(h_table_at(t, a->i), h_table_at(t, b->i)) < 0;
}

/* Merge sort of v[0..n); `other` has as much room, and the result is in v. */
static void sort_named(const h_table *t, named *v, named *other, size_t n)
{
    if (n <= 8) {
        for (size_t i = 1; i < n; i++) {
            named x = v[i];
            size_t k = i;
            for (; k > 0 && named_before(t, &x, &v[k - 1]); k--)
                v[k] = v[k - 1];
            v[k] = x;
        }
        return;
    }
    size_t half = n / 2, a = 0, b = half, k = 0;
    sort_named(t, v, other, half);
    sort_named(t, v + half, other + half, n - half);
    memcpy(other, v, n * sizeof *v);
    while (a < half && b < n)
        v[k++] = named_before(t, &other[b], &other[a]) ? other[b++] : other[a++];
    while (a < half)
        v[k++] = other[a++];
    while (b < n)
        v[k++] = other[b++];
}

ds_status h_table_rank(const h_table *t, uint32_t *rank)
{
    named *v = ds_calloc(t->alloc, t->count > 0 ? t->count : 1, 2 * sizeof *v);
    if (v == NULL)
        return DS_ENOMEM;
    for (size_t i = 0; i < t->count; i++)
        v[i] = (named){head_of(h_table_at(t, i)), (uint32_t)i};
    sort_named(t, v, v + t->count, t->count);
    for (size_t i = 0; i < t->count; i++)
        rank[v[i].i] = (uint32_t)i;
    ds_mfree(t->alloc, v, (t->count > 0 ? t->count : 1) * 2 * sizeof *v);
    return DS_OK;
}

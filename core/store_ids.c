/* store_ids.c - see store_ids.h. */
#include "store_ids.h"

#include <string.h>

void st_ids_init(st_ids *t, const ds_alloc *a)
{
    *t = (st_ids){.alloc = ds_alloc_or_libc(a)};
    ds_buf_init(&t->names, t->alloc);
}

void st_ids_clear(st_ids *t)
{
    ds_buf_clear(&t->names);
    ds_mfree(t->alloc, t->items, t->cap * sizeof *t->items);
    ds_mfree(t->alloc, t->slots, t->slot_count * sizeof *t->slots);
    st_ids_init(t, t->alloc);
}

void st_ids_reset(st_ids *t)
{
    ds_buf_reset(&t->names);
    t->count = 0;
    if (t->slots != NULL)
        memset(t->slots, 0, t->slot_count * sizeof *t->slots);
}

static ds_str name_of(const st_ids *t, const st_id *e)
{
    return (ds_str){t->names.p + e->name, e->len};
}

/* The slot of an id: its own, or the free one where it would go.  There is a free one. */
static size_t slot_of(const st_ids *t, ds_str id)
{
    size_t at = ds_crc32(0, id.p, id.n) & (t->slot_count - 1);
    while (t->slots[at] != 0 && !ds_str_eq(name_of(t, &t->items[t->slots[at] - 1]), id))
        at = (at + 1) & (t->slot_count - 1);
    return at;
}

static bool more_slots(st_ids *t)
{
    size_t n = t->slot_count == 0 ? 64 : t->slot_count * 2;
    uint32_t *slots = ds_calloc(t->alloc, n, sizeof *slots);
    if (slots == NULL)
        return false;
    ds_mfree(t->alloc, t->slots, t->slot_count * sizeof *t->slots);
    t->slots = slots;
    t->slot_count = n;
    for (size_t i = 0; i < t->count; i++)
        t->slots[slot_of(t, name_of(t, &t->items[i]))] = (uint32_t)i + 1;
    return true;
}

ds_status st_ids_put(st_ids *t, ds_str id, ds_place at, uint64_t hash, ds_error *err)
{
    if (t->count * 2 >= t->slot_count && !more_slots(t))
        return ds_fail_nomem(err);
    size_t slot = slot_of(t, id);
    if (t->slots[slot] == 0) {
        if (ds_grow(t->alloc, (void **)&t->items, &t->cap, t->count + 1, sizeof *t->items) != DS_OK)
            return ds_fail_nomem(err);
        size_t name = t->names.n;
        ds_buf_put(&t->names, id.p, id.n);
        if (t->names.status != DS_OK)
            return ds_fail_nomem(err);
        t->items[t->count] = (st_id){.name = name, .len = id.n};
        t->slots[slot] = (uint32_t)++t->count;
    }
    st_id *e = &t->items[t->slots[slot] - 1];
    e->at = at;
    e->hash = hash;
    e->deleted = false;
    return DS_OK;
}

const st_id *st_ids_find(const st_ids *t, ds_str id)
{
    if (t->slot_count == 0)
        return NULL;
    uint32_t item = t->slots[slot_of(t, id)];
    return item != 0 ? &t->items[item - 1] : NULL;
}

void st_ids_delete(st_ids *t, ds_str id)
{
    if (t->slot_count == 0)
        return;
    uint32_t item = t->slots[slot_of(t, id)];
    if (item != 0)
        t->items[item - 1].deleted = true;
}

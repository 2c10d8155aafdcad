/* store_ids.h - the articles that a writer has added since the last commit, by id. */
#ifndef DS_STORE_IDS_H
#define DS_STORE_IDS_H

#include "store.h"

typedef struct st_id {
    size_t name, len;
    ds_place at;
    uint64_t hash;
    bool deleted;
} st_id;

typedef struct st_ids {
    const ds_alloc *alloc;
    ds_buf names;
    st_id *items;
    size_t count, cap;
    uint32_t *slots; /* number of an item + 1, 0: free; a power of two */
    size_t slot_count;
} st_ids;

void st_ids_init(st_ids *t, const ds_alloc *a);
void st_ids_clear(st_ids *t);
void st_ids_reset(st_ids *t);
/* Sets where the article of that id is. */
DS_MUSTUSE ds_status st_ids_put(st_ids *t, ds_str id, ds_place at, uint64_t hash, ds_error *err);
/* NULL: none has been added; valid until the next change. */
const st_id *st_ids_find(const st_ids *t, ds_str id);
void st_ids_delete(st_ids *t, ds_str id);

#endif

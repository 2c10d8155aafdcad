/*
 * hits_int.h - a list of hits from inside: hits.c the list and its windows, hits_table.c names with numbers, hits_lookup.c types
 * at many places,
 * hits_column.c what each hit is sorted or grouped by, hits_sort.c, hits_group.c, hits_freq.c.
 */
#ifndef DS_HITS_INT_H
#define DS_HITS_INT_H

#include "hits.h"

typedef struct h_segment {
    const ds_index *ix;
    ds_forward *forward; /* made when it is needed */
    uint64_t *space;     /* a bit for each type of class SPACE */
    size_t words;      /* of it */
} h_segment;

struct ds_hitlist {
    const ds_alloc *alloc;
    h_segment *segments;
    size_t segment_count;
    ds_hititem *items; /* in the order of the text */
    size_t count, cap;
    uint32_t *order;   /* numbers of items, NULL: all as they are */
    size_t shown;
    uint32_t *window;
    size_t window_cap;
};

/* Different strings, numbered as they come. */
typedef struct h_table {
    const ds_alloc *alloc;
    ds_buf bytes;
    size_t *at; /* string i: bytes [at[i], at[i + 1]) */
    size_t count, cap;
    uint32_t *slots;
    size_t size;
} h_table;

void h_table_init(h_table *t, const ds_alloc *a);
void h_table_clear(h_table *t);
/* The number of a string; UINT32_MAX: no memory. */
uint32_t h_table_add(h_table *t, ds_str s);
ds_str h_table_at(const h_table *t, size_t i);
/* rank[i]: the place of string i in the order of all. */
ds_status h_table_rank(const h_table *t, uint32_t *rank);

/* The types at places that are named before, from one pass over all posting lists: init, want, fill, then ask. */
typedef struct h_lookup {
    const ds_alloc *alloc;
    const ds_index *ix;
    uint64_t *bits;   /* of positions, those that are wanted; NULL: no look-up */
    size_t words;
    uint32_t *before; /* wanted ones before each 512 positions */
    uint32_t *types;  /* of the wanted ones; NULL: not filled */
    size_t count;
} h_lookup;

ds_status h_lookup_init(h_lookup *l, const ds_alloc *a, const ds_index *ix, ds_error *err);
void h_lookup_clear(h_lookup *l);
/* The positions [from, to), all of them the index's. */
void h_lookup_want(h_lookup *l, uint32_t from, uint32_t to);
ds_status h_lookup_fill(h_lookup *l, ds_error *err);
/* False: `pos` is not wanted. */
bool h_lookup_type(const h_lookup *l, uint32_t pos, uint32_t *type);

/* A number for each hit, in the order of the text. */
typedef struct h_column {
    uint32_t *v;
    uint32_t range; /* each is below it */
    h_table table;  /* what the numbers stand for: tokens, not labels and articles */
    bool named;
} h_column;

/* Works out the columns of n keys for the hits that are shown, in one pass over the text; the others have number 0. */
ds_status h_columns(ds_hitlist *list, const ds_hit_key *keys, size_t n, h_column *out, ds_error *err);
void h_columns_clear(const ds_hitlist *list, h_column *columns, size_t n);

ds_str h_attr(const ds_type *t, ds_hit_attr attr);
ds_status h_open_segment(const ds_alloc *a, h_segment *s, ds_error *err);
void h_close_segment(const ds_alloc *a, h_segment *s);
static inline bool h_is_space(const h_segment *s, uint32_t type)
{
    return (s->space[type / 64] >> type % 64 & 1) != 0;
}
ds_status h_groups_sort(ds_groups *g, ds_error *err);

#endif

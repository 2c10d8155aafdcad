/*
 * trie.h - words as paths: a builder that grows, and a frozen double array that is only read.
 *
 * Keys are sequences of codes 1..DS_TRIE_CODE_MAX (small integers that the caller assigns to
 * characters), so that one step consumes a whole character and folding happens in the code
 * assignment.  Values are 0..INT32_MAX.
 *
 * Builder  a hash of (node, code) -> node: O(1) a step, usable for look-ups while it grows.
 * Frozen   the double array of Aoe (1989) as one block of bytes, little-endian: store it, map it,
 *          read it in place.  A node's value lies in its own cell, so that a step touches one line of
 *          the cache.  ds_trie_view trusts nothing: every step is bounded, so a damaged block gives wrong
 *          answers at worst.  Nodes are placed in the order in which they were made: keys that are set
 *          first, the frequent ones, stay together at the low end.
 * Errors   DS_ENOMEM; DS_EINVAL: an empty key or a code out of range.
 * Threads  builder: one thread; view: any number.
 */
#ifndef DS_TRIE_H
#define DS_TRIE_H

#include "alloc.h"

/* Asks for the memory at p, which is about to be read; no more than a hint, p may be anything. */
static inline void ds_prefetch(const void *p)
{
#ifdef __GNUC__
    __builtin_prefetch(p);
#else
    (void)p;
#endif
}

#define DS_TRIE_CODE_MAX 65534
#define DS_TRIE_NONE (-1)

/*
 * ds_codemap - assigns codes 1, 2, ... to code points as they come; 256 code points a page.
 */
#define DS_CODEMAP_PAGES (0x110000 >> 8)
typedef struct ds_codemap {
    const ds_alloc *alloc;
    uint16_t **pages; /* DS_CODEMAP_PAGES pointers, NULL where no code was assigned */
    uint16_t count;   /* codes assigned */
} ds_codemap;

DS_MUSTUSE ds_status ds_codemap_init(ds_codemap *m, const ds_alloc *a);
void ds_codemap_clear(ds_codemap *m); /* frees; only ds_codemap_init may follow */
/* The code of `cp` (below 0x110000), assigned when it has none; 0: no memory or no code left. */
uint16_t ds_codemap_assign(ds_codemap *m, uint32_t cp);
/* The code of `cp`, or 0. */
static inline uint16_t ds_codemap_get(const ds_codemap *m, uint32_t cp)
{
    const uint16_t *page = cp < 0x110000 ? m->pages[cp >> 8] : NULL;
    return page != NULL ? page[cp & 255] : 0;
}

typedef struct ds_trie_builder ds_trie_builder;

DS_MUSTUSE ds_status ds_trie_builder_new(const ds_alloc *a, ds_trie_builder **out, ds_error *err);
void ds_trie_builder_free(ds_trie_builder *b);
/* Sets the key's value, replacing an earlier one.  DS_TRIE_NONE removes it. */
DS_MUSTUSE ds_status ds_trie_builder_set(ds_trie_builder *b, const uint16_t *key, size_t len, int32_t value,
                                         ds_error *err);
/* The key's value; a key that has none gets `fresh` (not DS_TRIE_NONE).  One walk, where a look-up and _set take two. */
DS_MUSTUSE ds_status ds_trie_builder_find_or_set(ds_trie_builder *b, const uint16_t *key, size_t len, int32_t fresh,
                                                 int32_t *value, ds_error *err);
/* Makes room for about `nodes` nodes, so that growing to them takes no rehashing. */
DS_MUSTUSE ds_status ds_trie_builder_reserve(ds_trie_builder *b, size_t nodes, ds_error *err);
/* Number of keys with a value; number of nodes, the root (0) included. */
size_t ds_trie_builder_keys(const ds_trie_builder *b);
size_t ds_trie_builder_nodes(const ds_trie_builder *b);
/* The node below `node` by `code`, or DS_TRIE_NONE; the root is node 0. */
int32_t ds_trie_builder_step(const ds_trie_builder *b, int32_t node, uint16_t code);
/* The value at `node`, or DS_TRIE_NONE. */
int32_t ds_trie_builder_value(const ds_trie_builder *b, int32_t node);
/* Appends the frozen form to `image`, DS_TRIE_CELL bytes a cell: base, check, value (little-endian int32) and a note. */
DS_MUSTUSE ds_status ds_trie_freeze(const ds_trie_builder *b, ds_buf *image, ds_error *err);
/* The same with the caller's notes: notes[v] goes beside value v.  Without, as above, the notes are 0. */
DS_MUSTUSE ds_status ds_trie_freeze_noted(const ds_trie_builder *b, const uint32_t *notes, ds_buf *image, ds_error *err);

#define DS_TRIE_CELL 16
enum { DS_TRIE_BASE, DS_TRIE_CHECK, DS_TRIE_VALUE, DS_TRIE_NOTE }; /* the fields of a cell */

typedef struct ds_trie {
    const char *cells; /* borrowed */
    uint32_t count;    /* cells */
} ds_trie;

/* A view of `image`; false when its length is not a whole number of cells or is zero. */
bool ds_trie_view(ds_str image, ds_trie *out);

static inline int32_t ds_trie_cell(const ds_trie *t, uint32_t at, unsigned field)
{
    return (int32_t)ds_load32(t->cells + (size_t)at * DS_TRIE_CELL + 4u * field);
}

/* The node below `node` by `code`, or DS_TRIE_NONE; the root is node 0. */
static inline int32_t ds_trie_step(const ds_trie *t, int32_t node, uint16_t code)
{
    uint32_t next = (uint32_t)ds_trie_cell(t, (uint32_t)node, DS_TRIE_BASE) + code;
    if (next >= t->count || ds_trie_cell(t, next, DS_TRIE_CHECK) != node)
        return DS_TRIE_NONE;
    return (int32_t)next;
}

/* The value at `node`, or DS_TRIE_NONE. */
static inline int32_t ds_trie_value(const ds_trie *t, int32_t node)
{
    return ds_trie_cell(t, (uint32_t)node, DS_TRIE_VALUE);
}

#endif

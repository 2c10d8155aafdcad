/*
 * hits.h - the hits of a query over all segments of a store: sorted, grouped, sampled, with what stands about them; and
 * frequency lists.
 *
 * Life     ds_hitlist_new -> ds_hitlist_add, segment after segment -> any of the rest -> ds_hitlist_free.
 * Memory   indexes and labels are borrowed; 24 bytes a hit, and as much again while sorting.
 * Units    positions are tokens of a segment; tokens of class SPACE are no context: left1 is the nearest token before the
 *          hit that is none, right1 the nearest one behind it.  Context ends with the article.
 * Order    strings are compared byte by byte, so UTF-8 by code points; "no token there" comes first.  Sorting is stable:
 *          what compares equal stays in the order of the text.  The same hits give the same list everywhere.
 * Errors   DS_ENOMEM; DS_EFORMAT from the index; DS_EINVAL: a segment or label out of range.
 * Threads  a list belongs to one thread.
 * Cost     reading contexts unpacks each block of the forward array once, in the order of the text, whatever the order of
 *          the list; sorting is by digits of ranks, linear in the hits; grouping by labels reads no text.
 */
#ifndef DS_HITS_H
#define DS_HITS_H

#include "query.h"

typedef struct ds_hitlist ds_hitlist;

typedef struct ds_hititem {
    uint32_t segment, doc; /* doc: of the segment */
    ds_found at;
} ds_hititem;

/* `segments` are loaded indexes; the array is copied. */
DS_MUSTUSE ds_status ds_hitlist_new(const ds_alloc *a, const ds_index *const *segments, size_t n, ds_hitlist **out,
                                    ds_error *err);
void ds_hitlist_free(ds_hitlist *list);
/* Appends hits of a segment as ds_query_next gives them: ascending, segments in order.  Sets the order of the text. */
DS_MUSTUSE ds_status ds_hitlist_add(ds_hitlist *list, uint32_t segment, const ds_found *hits, size_t n, ds_error *err);
/* How many are shown: all, or those of the sample. */
size_t ds_hitlist_count(const ds_hitlist *list);
/* Hit `i` of the present order, below the count. */
ds_hititem ds_hitlist_at(const ds_hitlist *list, size_t i);

/* What hits are sorted and grouped by. */
typedef enum ds_hit_by {
    DS_BY_NODE,  /* the tokens of the hit, white space left out */
    DS_BY_LEFT,  /* the token at distance n before it */
    DS_BY_RIGHT, /* behind it */
    DS_BY_DOC,   /* the article, in the order of the store */
    DS_BY_LABEL  /* what the caller says of the article */
} ds_hit_by;

typedef enum ds_hit_attr {
    DS_ATTR_WORD,
    DS_ATTR_KEY,
    DS_ATTR_POS,
    DS_ATTR_LEMMA, /* the key where no lemma is given */
    DS_ATTR_CLASS
} ds_hit_attr;

typedef struct ds_hit_key {
    ds_hit_by by;
    ds_hit_attr attr;              /* of tokens */
    uint32_t n;                    /* of DS_BY_LEFT and DS_BY_RIGHT: 1 is next to the hit */
    const uint32_t *const *labels; /* labels[segment][doc], each below label_count, in the order wanted */
    uint32_t label_count;
    bool falling;
} ds_hit_key;

/* Sorts what is shown by the keys, the first one first; n = 0: the order of the text. */
DS_MUSTUSE ds_status ds_hitlist_sort(ds_hitlist *list, const ds_hit_key *keys, size_t n, ds_error *err);
/* Shows n hits of all, drawn by `seed`, in the order of the text: the same ones for the same hits, whatever was shown
 * before.  n not below the number of hits: all. */
DS_MUSTUSE ds_status ds_hitlist_sample(ds_hitlist *list, size_t n, uint64_t seed, ds_error *err);

/* ------------------------------------------------------------------ groups */

typedef struct ds_group {
    uint64_t count;
    ds_str name;      /* of tokens; several have a blank between them */
    uint32_t label;   /* of labels */
    uint32_t segment, doc; /* of articles; else those of its first hit */
} ds_group;

typedef struct ds_groups {
    const ds_alloc *alloc;
    ds_group *items; /* the largest first, then by name, label or place */
    size_t count, cap;
    uint64_t total; /* hits or tokens in all of them */
    ds_buf names;
} ds_groups;

void ds_groups_init(ds_groups *g, const ds_alloc *a);
void ds_groups_clear(ds_groups *g); /* frees; may be used again */

/* Groups what is shown. */
DS_MUSTUSE ds_status ds_hitlist_group(ds_hitlist *list, const ds_hit_key *by, ds_groups *out, ds_error *err);

/* ------------------------------------------------------------------ contexts */

typedef struct ds_hit_window {
    uint32_t beg, end;     /* positions, the hit inside; within its article */
    const uint32_t *types; /* of these positions; a view until the next call */
} ds_hit_window;

/* What stands about a hit: `left` and `right` tokens besides white space, and the white space between them.  A window
 * neither begins nor ends with white space. */
DS_MUSTUSE ds_status ds_hitlist_window(ds_hitlist *list, const ds_hititem *hit, uint32_t left, uint32_t right,
                                       ds_hit_window *out, ds_error *err);

/* ------------------------------------------------------------------ frequency lists */

/* How often each type of a segment stands in the articles whose bit is set in `docs` (NULL: all that are not
 * deleted): counts[type], for ds_index_types of them, is set.  From the index alone where all articles count. */
DS_MUSTUSE ds_status ds_freq_types(const ds_alloc *a, const ds_index *ix, const uint64_t *docs, uint64_t *counts,
                                   ds_error *err);
/* The tokens of all segments by an attribute, white space left out.  `docs`: as above, for each segment; NULL: all.
 * `keep`, if not NULL, says of a type whether it counts. */
DS_MUSTUSE ds_status ds_freq(const ds_alloc *a, const ds_index *const *segments, size_t n, const uint64_t *const *docs,
                             ds_hit_attr attr, bool (*keep)(void *ud, const ds_type *t), void *ud, ds_groups *out,
                             ds_error *err);

#endif

/* index_impl.h - what an open segment holds; for index.c, index_load.c and index_heal.c only. */
#ifndef DS_INDEX_IMPL_H
#define DS_INDEX_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "index_int.h"

/* Something that is done once, by whichever thread needs it first. */
typedef struct ix_stage {
    atomic_bool done;
    ds_error failed; /* status DS_OK: not tried yet, or done */
} ix_stage;

/* Types by the first, or by the last character of their keys. */
typedef struct ix_edges {
    uint32_t *ids;   /* `types` of them, by code point, then type */
    uint32_t *cp;    /* the different code points */
    uint32_t *start; /* where the types of each begin in `ids`, and the end of the last */
    uint32_t n;      /* different ones */
} ix_edges;

struct ds_index {
    ds_alloc alloc;
    ix_section section[IX_SECTIONS];
    uint32_t docs, types, tokens;
    uint32_t block, blocks;  /* tokens of a block, blocks */
    uint64_t text_bytes;
    const uint64_t *deleted; /* a bit for each article, or NULL */
    uint32_t deletions;
    pthread_mutex_t lock;    /* of the stages */
    ix_stage text, loaded, units_loaded;
    /* text */
    ds_vocab *vocab;
    uint64_t *block_at;      /* blocks + 1 offsets in BLKS */
    uint64_t *bytes_before;  /* blocks + 1 */
    uint32_t *starts;        /* docs + 1 first positions */
    ds_str *pos_name;
    size_t pos_names;
    char *lemma_bytes;
    size_t lemma_size;
    uint32_t *lemma_at, lemmas; /* lemmas + 1 offsets */
    ds_buf *healed;          /* NULL, or of each section the bytes that stand for those of the file, or an empty buffer */
    /* loaded */
    uint32_t *key_at;        /* types + 1 offsets in keys */
    ds_buf keys;
    ix_edges first, last;    /* characters of keys */
    unsigned width;          /* bits of a position in RARE */
    uint32_t frequent;       /* types with lists, DS_TYPE_END among them */
    uint32_t class_first[DS_POSTINGS_RARE + 2]; /* [c]: the first type that stands c times, c = 1 .. 4 */
    uint64_t class_bit[DS_POSTINGS_RARE + 1];   /* [c]: where these begin in RARE */
    uint32_t *count;         /* of the frequent types */
    uint64_t *list_at;       /* frequent + 1 offsets in LIST */
    uint32_t *unit[2], units[2]; /* sentences, paragraphs, once they are loaded */
    _Atomic(uint64_t *) dense[DS_INDEX_DENSE]; /* rows of bits of the first types; NULL: not asked for yet */
};

DS_MUSTUSE ds_status ix_once(ds_index *ix, ix_stage *stage, ds_status (*fn)(ds_index *ix, ds_error *err), ds_error *err);
/* Frees what ds_index_load, and what ix_heal has made. */
void ix_unload(ds_index *ix);
void ix_unheal(ds_index *ix);

#endif

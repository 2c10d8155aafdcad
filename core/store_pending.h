/* store_pending.h - what a segment that is being made holds; for store_pending.c and store_segment.c only. */
#ifndef DS_STORE_PENDING_H
#define DS_STORE_PENDING_H

#include "store_int.h"

typedef struct st_type {
    uint32_t at, len; /* in words */
    uint32_t lemma, count;
    uint16_t pos;
    uint8_t cls;
} st_type;

typedef struct st_slot {
    uint32_t hash, type; /* type 0: free */
} st_slot;

typedef struct st_doc {
    uint32_t beg, bytes, date, id_hash;
    uint64_t hash;
    size_t row_at, row_len;
} st_doc;

typedef struct st_units {
    uint32_t *items;
    size_t count, cap;
} st_units;

struct st_pending {
    ds_alloc alloc;
    ds_buf words;                 /* of the types, end to end */
    st_type *types;               /* [0] is DS_TYPE_END */
    size_t type_count, type_cap;
    st_slot *slots;               /* a power of two */
    size_t slot_count;
    uint32_t *tokens;             /* types */
    size_t token_count, token_cap;
    st_doc *docs;                 /* [doc_count]: the one that was begun */
    size_t doc_count, doc_cap;
    ds_buf rows;
    ds_buf pos_names, lemmas;     /* each ended by NUL */
    size_t *pos_at, pos_count, pos_cap, *lemma_at, lemma_count, lemma_cap;
    st_units unit[2];             /* sentences, paragraphs */
    struct { size_t units[2]; } before; /* how many there were before the article that was begun */
};

#endif

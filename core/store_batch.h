/* store_batch.h - cutting articles, and those that were cut away from their store; for store_*.c only. */
#ifndef DS_STORE_BATCH_H
#define DS_STORE_BATCH_H

#include "store_pending.h"

enum { ST_POS_MAP = 1 << 16 };

/* What cuts articles into tokens of a segment. */
typedef struct st_cutter {
    const ds_alloc *alloc;
    const ds_segmenter *segmenter; /* NULL: every article comes with its tokens */
    ds_tokens tokens;
    uint16_t *pos_map; /* segmenter's part of speech -> the segment's + 1, 0: not asked yet */
} st_cutter;

DS_MUSTUSE ds_status st_cutter_init(st_cutter *c, const ds_alloc *a, const ds_segmenter *segmenter, ds_error *err);
void st_cutter_clear(st_cutter *c);
/* The segment is a new one. */
void st_cutter_reset(st_cutter *c);
/* Adds an article to `p`; on failure `p` is as it was. */
DS_MUSTUSE ds_status st_cut(st_cutter *c, st_pending *p, const ds_article *article, ds_error *err);

/* Puts down where sentences and paragraphs of the article at hand begin, whose tokens are in; `sentences`: NULL, or its own. */
DS_MUSTUSE ds_status st_find_units(const ds_alloc *alloc, st_pending *p, ds_str text, const ds_spans *sentences,
                                   ds_error *err);

/* A batch that a writer takes articles from: arrays as those of st_pending, views of `bytes`. */
typedef struct st_batch {
    ds_buf bytes;
    const st_doc *docs;
    const st_type *types;
    const uint32_t *tokens, *unit[2];
    size_t doc_count, type_count, token_count, unit_count[2];
    ds_str words, rows;
    ds_str *pos, *lemmas; /* names by number */
    size_t pos_count, lemma_count;
    uint32_t *map;     /* type -> the segment's, DS_TYPE_END: not asked yet */
    size_t map_cap;
    uint64_t flushes;  /* of the writer when `map` was begun */
} st_batch;

void st_batch_clear(st_batch *b, const ds_alloc *a);

#endif

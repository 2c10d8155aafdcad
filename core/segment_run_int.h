/*
 * segment_run_int.h - a segmenter, and its run over one text, for segment_api.c (public functions, windows), segment.c
 * (a window's lattice and best path) and segment_tokens.c (the tokens on that path) only.
 */
#ifndef DS_SEGMENT_RUN_INT_H
#define DS_SEGMENT_RUN_INT_H

#include "segment_int.h"

/* Parts of speech of tokens that no dictionary holds, numbered after the lexicon's. */
enum { SEG_POS_NONE, SEG_POS_NUMBER, SEG_POS_TIME, SEG_POS_LATIN, SEG_POS_PUNCT, SEG_POS_PERSON, SEG_POS_OTHER,
       SEG_POS_COUNT };

struct ds_segmenter {
    ds_alloc alloc;
    const ds_lexicon *lex;
    const ds_userdict *user; /* may be NULL */
    uint16_t pos_own;  /* number of own_pos_names[0] */
    uint16_t pos_like[SEG_POS_COUNT]; /* of own_pos_like */
    uint16_t pos_user; /* number of the user dictionary's first part of speech */
    unsigned splits;   /* words that the style takes apart: LEX_COMPOUND ... */
    ds_style style;
    ds_mode mode;
    const ds_nn *tagger; /* NULL but in ACCURATE mode */
    seg_tagset tagset;
    const ds_segmodel *model; /* NULL but in TRAINED mode */
};

typedef struct seg_run {
    const ds_segmenter *seg;
    const lex_tables *lex;
    const ds_userdict *user; /* NULL when it has no words */
    seg_char *chars;
    seg_cell *cells;
    uint32_t *forced; /* forced[i]: end of the forced word that begins at i, or 0 */
    int32_t *joins;   /* ACCURATE mode: as of seg_join_costs; else NULL */
    seg_marks marked;
    const ds_nn_mark *marks; /* of the window's characters */
    size_t cap;       /* characters of a window */
    seg_text t;
    seg_words words;  /* of the next characters */
    bool untagged;    /* nobody asks for parts of speech and entities */
    bool bans;        /* the user has taken words out of the lexicon */
    seg_tags tags;
    seg_observer observer;
    struct seg_applied *applied; /* TRAINED mode: the observer's */
    uint8_t *matches;  /* `words` and `ends` of seg_path; NULL without an observer */
    uint32_t *ends;
    uint16_t user_pos, user_like; /* a user's part of speech, and the lexicon's of that name */
    void (*trace)(void *ud, const ds_candidate *c); /* NULL but for ds_segment_candidates */
    void *trace_ud;
} seg_run;

/* Finds the cheapest way through the window: sets cells[]. */
void seg_find_path(seg_run *r);

/* Appends the tokens of the window; stops at the first that ends beyond `keep`.  *done: where.  Overwrites forced[]. */
DS_MUSTUSE ds_status seg_put_tokens(seg_run *r, size_t keep, ds_tokens *out, size_t *done);

#endif

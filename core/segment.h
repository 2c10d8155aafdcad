/*
 * segment.h - cuts mixed Chinese/Latin/numeric news text into words.
 *
 * The best path through a lattice of dictionary words, atoms (numbers, Latin names, dates,
 * URLs ...) and unknown characters.  Traditional text is looked up through the fold, with no
 * converted copy, so that both scripts are cut alike.
 *
 * Life     ds_segmenter_new (borrows lexicon and user dictionary) -> ds_segment from any
 *          number of threads, each with its own ds_tokens -> free.
 * Units    token offsets are bytes, half-open.
 * Promise  Tokens are in order, never empty, and join to the input, whatever its bytes.
 * Errors   DS_ENOMEM; DS_ELIMIT: more than UINT32_MAX bytes.  On failure *out keeps what it had.
 * Cost     linear time for any input; scratch memory is bounded (about 1 MiB), tokens apart.
 */
#ifndef DS_SEGMENT_H
#define DS_SEGMENT_H

#include "lexicon.h"
#include "userdict.h"

typedef enum ds_class {
    DS_CLASS_HAN,
    DS_CLASS_LATIN,   /* letters, also with digits inside: GPT-4o, R1, H100, iPhone */
    DS_CLASS_NUMBER,
    DS_CLASS_MONEY,   /* with a currency sign */
    DS_CLASS_PERCENT,
    DS_CLASS_DATE,    /* 2025-01-27, 1月, 27日, 10:30 */
    DS_CLASS_URL,     /* e-mail addresses too */
    DS_CLASS_EMOJI,
    DS_CLASS_PUNCT,
    DS_CLASS_SPACE,
    DS_CLASS_BAD,     /* ill-formed UTF-8 */
    DS_CLASS_COUNT
} ds_class;

/* "han", "latin", ...: the names of the Lua API. */
const char *ds_class_name(ds_class cls);

#define DS_TOKEN_UNKNOWN (-1)
#define DS_TOKEN_USER (-2)

typedef struct ds_token {
    uint32_t beg, end;
    int32_t word;  /* lexicon id, DS_TOKEN_UNKNOWN or DS_TOKEN_USER */
    uint16_t pos;  /* part-of-speech number for ds_segment_pos_name */
    uint8_t cls;   /* ds_class */
} ds_token;

typedef struct ds_tokens {
    const ds_alloc *alloc;
    ds_token *items;
    size_t count, cap;
} ds_tokens;

void ds_tokens_init(ds_tokens *v, const ds_alloc *a);
void ds_tokens_clear(ds_tokens *v); /* frees; may be used again */

typedef struct ds_segmenter ds_segmenter;

/* Both are borrowed and must outlive the segmenter; `user` may be NULL. */
DS_MUSTUSE ds_status ds_segmenter_new(const ds_alloc *a, const ds_lexicon *lex, const ds_userdict *user,
                                      ds_segmenter **out, ds_error *err);
void ds_segmenter_free(ds_segmenter *seg);

/* Appends the tokens of `text` to `out`. */
DS_MUSTUSE ds_status ds_segment(const ds_segmenter *seg, ds_str text, ds_tokens *out, ds_error *err);

/* Name of a token's part of speech, such as "n" or "w"; lives as long as the segmenter. */
ds_str ds_segment_pos_name(const ds_segmenter *seg, uint16_t pos);

#endif

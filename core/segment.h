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
 * Promise  Tokens are in order, never empty, and (in DEFAULT mode) join to the input, whatever its bytes.
 * Errors   DS_ENOMEM; DS_ELIMIT: more than UINT32_MAX bytes.  On failure *out keeps what it had.
 * Cost     linear time for any input; scratch memory is bounded (about 1 MiB, 16 MiB in ACCURATE mode), tokens apart.
 */
#ifndef DS_SEGMENT_H
#define DS_SEGMENT_H

#include "lexicon.h"
#include "nn.h"
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
#define DS_TOKEN_PERSON (-3) /* a person's name that no dictionary holds, found by its characters */

/* What a token is, or is part of, in ACCURATE mode; of an entity's first token, together with DS_ENTITY_BEGINS. */
typedef enum ds_entity { DS_ENTITY_NONE, DS_ENTITY_PER, DS_ENTITY_LOC, DS_ENTITY_ORG, DS_ENTITY_TIME } ds_entity;
#define DS_ENTITY_BEGINS 0x80
#define DS_ENTITY_TYPE 0x7F

/* "PER", "LOC", "ORG", "TIME": persons, places, institutions, times; "" for none. */
const char *ds_entity_name(unsigned entity);

typedef struct ds_token {
    uint32_t beg, end;
    int32_t word;   /* lexicon id, or one of DS_TOKEN_* */
    uint16_t pos;   /* part-of-speech number for ds_segment_pos_name */
    uint8_t cls;    /* ds_class */
    uint8_t entity; /* ds_entity, perhaps with DS_ENTITY_BEGINS */
} ds_token;

typedef struct ds_tokens {
    const ds_alloc *alloc;
    ds_token *items;
    size_t count, cap;
} ds_tokens;

void ds_tokens_init(ds_tokens *v, const ds_alloc *a);
void ds_tokens_clear(ds_tokens *v); /* frees; may be used again */

/*
 * What counts as one word differs between gold standards; doc/SEGMENTER.md shows each style.
 * NEWS  2025年 | 1月, 557.6万, 消费者, 位于: newspapers' words; compounds of two words apart
 * UD    2025 | 年 | 1 | 月, 557.6万, 消费 | 者, 位 | 于: Universal Dependencies' Chinese GSD
 * FINE  as UD, and 557.6 | 万, 16.86 | ％, 第 | 十二, $ | 100: the smallest parts
 */
typedef enum ds_style { DS_STYLE_NEWS, DS_STYLE_UD, DS_STYLE_FINE } ds_style;

/*
 * DEFAULT  each byte in one token.
 * SEARCH   for indexes: before a word of three or more characters, the lexicon's words of two and
 *          three characters inside it; compounds are kept whole.
 * FULL     every word of the lexicon, wherever it stands; what is in none, as in DEFAULT.
 * ACCURATE as DEFAULT, with what a tagger says of where words begin, what they are, and which are entities.
 * TRAINED  as DEFAULT, by a standard that was learned from the user's gold: segment_model.h.
 * In SEARCH and FULL tokens overlap, in the order of their end, the shorter first.
 */
typedef enum ds_mode { DS_MODE_DEFAULT, DS_MODE_SEARCH, DS_MODE_FULL, DS_MODE_ACCURATE, DS_MODE_TRAINED } ds_mode;

typedef struct ds_segmodel ds_segmodel;

typedef struct ds_segment_options {
    ds_style style;
    ds_mode mode;
    const ds_nn *tagger; /* for ACCURATE; borrowed, must outlive the segmenter */
    const ds_segmodel *model; /* for TRAINED; borrowed, must outlive the segmenter.  Its style takes the place of `style` */
} ds_segment_options;

typedef struct ds_segmenter ds_segmenter;

/* Lexicon and user dictionary are borrowed and must outlive the segmenter; `user` may be NULL, and so may
 * `options` (the first style and mode).  DS_EINVAL: ACCURATE without a tagger; TRAINED without a model, or with one
 * trained with another lexicon. */
DS_MUSTUSE ds_status ds_segmenter_new(const ds_alloc *a, const ds_lexicon *lex, const ds_userdict *user,
                                      const ds_segment_options *options, ds_segmenter **out, ds_error *err);
void ds_segmenter_free(ds_segmenter *seg);

/* Appends what decides how text is cut, for the header of what is made from the tokens: mode, style, and the checksums of
 * lexicon and tagger or model, such as "accurate news zh.dslex 0badcafe zh.dsnn deadbeef" or
 * "trained ud zh.dslex 0badcafe my.seg 1a2b3c4d".  A user dictionary shows as its number of words. */
void ds_segmenter_describe(const ds_segmenter *seg, ds_buf *out);

/* Appends the tokens of `text` to `out`. */
DS_MUSTUSE ds_status ds_segment(const ds_segmenter *seg, ds_str text, ds_tokens *out, ds_error *err);

/* The same tokens in less time, for those who ask where words are only: pos and entity are 0. */
DS_MUSTUSE ds_status ds_segment_untagged(const ds_segmenter *seg, ds_str text, ds_tokens *out, ds_error *err);

/* A way to cut a stretch of text, as the segmenter weighs it. */
typedef struct ds_candidate {
    uint32_t beg, end;  /* bytes */
    int32_t word;       /* as in ds_token */
    uint8_t cls;        /* ds_class */
    double bits;        /* what it costs; the cheapest way through the text wins */
    const ds_userword *user; /* the user's word, else NULL */
} ds_candidate;

/* Calls fn for every candidate that ds_segment would weigh, in the order of their beginning (DEFAULT mode's
 * lattice, whatever the mode). */
DS_MUSTUSE ds_status ds_segment_candidates(const ds_segmenter *seg, ds_str text,
                                           void (*fn)(void *ud, const ds_candidate *c), void *ud, ds_error *err);

/* Frequency of a lexicon word in the lexicon's source; 0 for DS_TOKEN_*. */
uint64_t ds_segment_word_freq(const ds_segmenter *seg, int32_t word);

/* Name of a token's part of speech, such as "n" or "w"; lives as long as the segmenter. */
ds_str ds_segment_pos_name(const ds_segmenter *seg, uint16_t pos);

#endif

/*
 * segment_model_int.h - what the mode TRAINED looks at, for those who learn it (core/train*.c) and those who apply it
 * (segment_model.c); doc/FORMAT.md describes the stored form.
 *
 * The text is taken in units: a Han character, a run of letters, a number, a mark.  A unit gives rise to one feature of
 * each family, a 64-bit key.  A feature has weights for its own unit, or for those beside it too, and for each of these a
 * weight of each of the four places that a unit may have in a word.
 */
#ifndef DS_SEGMENT_MODEL_INT_H
#define DS_SEGMENT_MODEL_INT_H

#include "segment_int.h"
#include "segment_model.h"

/* For what must be compiled into its caller, where the family is a constant. */
#ifdef __GNUC__
#define SEG_INLINE static inline __attribute__((always_inline))
#else
#define SEG_INLINE static inline
#endif

/* The place of a unit in its word: begins, is inside, ends, is the word. */
enum { SEG_B, SEG_M, SEG_E, SEG_S, SEG_PLACES };

enum { SEG_FREE, SEG_MUST, SEG_NEVER }; /* a word's border before a unit */

/* Lengths in units, from 2, of the longest of a list's words that begins, ends or goes on at a unit; 0: none, the rest
 * less 1, SEG_SPAN_MAX for all longer ones. */
enum { SEG_SPAN_MAX = 4, SEG_OWN_MAX = 6 /* units of the longest word of the gold that is remembered */ };
typedef struct seg_span {
    uint8_t begins, ends, inside;
} seg_span;

typedef struct seg_unit {
    uint32_t beg;       /* its first character in the window */
    uint32_t word;      /* a hash of the default mode's word */
    uint16_t id;        /* what it is: the lexicon's code, or SEG_ID_* */
    uint8_t border;     /* SEG_FREE, ... */
    uint8_t place, len; /* in the default mode's word, and its units, at most 7 */
    uint8_t pos;        /* that word's kind */
    uint16_t beside;    /* its neighbours' kinds, the one before in the upper byte */
    uint16_t ends;      /* a mask for these: the one before where the word begins, the one after where it ends */
    seg_span dict, own; /* the lexicon's words, the gold's */
} seg_unit;

/* Takes the window apart; units has room for as many as it has characters and one more, which marks the end.
 * Returns how many.  The `own` of all is 0. */
size_t seg_take_units(const seg_path *path, seg_unit *units);

/* Tells the units [at, at + n), n > 1, that they are a word of the gold. */
void seg_own_word(seg_unit *units, size_t at, size_t n);

enum { SEG_ID_OTHER = 0xE000, SEG_ID_LETTER = 0xF000, SEG_ID_NAME = 0xF100, SEG_ID_DIGITS = 0xF101 /* to 0xF106 */,
       SEG_ID_SPACE = 0xF110, SEG_ID_KANA, SEG_ID_EMOJI, SEG_ID_BAD, SEG_ID_URL, SEG_ID_BEGIN = 0xFFFE, SEG_ID_END = 0xFFFF };

/* A unit as a code of the trie of the gold's words; 0: in none of them. */
static inline uint16_t seg_own_code(const seg_unit *u)
{
    if (u->id < SEG_ID_OTHER)
        return (uint16_t)(u->id + 40);
    if (u->id >= SEG_ID_NAME && u->id < SEG_ID_SPACE)
        return (uint16_t)(u->id - SEG_ID_NAME + 1);
    return u->id >= (SEG_ID_LETTER | 'a') && u->id <= (SEG_ID_LETTER | 'z') ? (uint16_t)(u->id - (SEG_ID_LETTER | 'a') + 10) : 0;
}

typedef enum seg_family {
    SEG_ONE,      /* the unit */
    SEG_TWO,      /* it and the next */
    SEG_THREE,    /* and the one before */
    SEG_DICT,     /* dict */
    SEG_OWN,      /* own */
    SEG_WORD_AS,  /* the default word: place in it, length, kind */
    SEG_DICT_ONE, /* dict and the unit */
    SEG_OWN_ONE,  /* own and the unit */
    SEG_OWN_DICT, /* own and dict, place, length */
    SEG_WORD_IN,  /* the default word's place, length and kind, and its neighbours' kinds */
    SEG_WORD_IS,  /* the default word itself, and the place */
    SEG_ONE_IN,   /* the unit, place and length, the neighbours' kinds at the word's ends */
    SEG_TWO_IN,   /* the unit and the next, and the place in the default word */
    SEG_FAMILIES
} seg_family;

/* Features of the families before SEG_NARROW have weights for the units before, at and after their own; those of the others
 * for their own only.  Those from SEG_DENSE to SEG_NARROW are few, and found by their number. */
enum { SEG_DENSE = SEG_DICT, SEG_NARROW = SEG_DICT_ONE, SEG_REACH = 3 };

static inline size_t seg_reach_of(size_t family)
{
    return family < SEG_NARROW ? SEG_REACH : 1;
}

/* Places in a word, lengths of words and kinds of words, in 13 bits; how they are numbered in the table of the few. */
enum { SEG_SPANS = (SEG_SPAN_MAX + 1) * (SEG_SPAN_MAX + 1) * (SEG_SPAN_MAX + 1), SEG_AS = 1 << 13,
       SEG_DENSE_ROWS = 2 * SEG_SPANS + SEG_AS };

static inline uint64_t seg_span_key(seg_span s)
{
    return (uint64_t)((s.begins * (SEG_SPAN_MAX + 1) + s.ends) * (SEG_SPAN_MAX + 1) + s.inside);
}

/* The first row of a family of the few. */
static inline size_t seg_dense_row(size_t family)
{
    return family == SEG_DICT ? 0 : family == SEG_OWN ? SEG_SPANS : 2 * SEG_SPANS;
}

/* The value of unit k's feature of a family; behind the last unit stands the one that marks the end. */
SEG_INLINE uint64_t seg_feature_value(const seg_unit *units, size_t k, seg_family family)
{
    const seg_unit *u = &units[k];
    uint64_t before = k > 0 ? u[-1].id : SEG_ID_BEGIN, one = u->id, two = u[1].id;
    uint64_t as = (uint64_t)u->place | (uint64_t)u->len << 2;
    switch (family) {
    case SEG_ONE: return one;
    case SEG_TWO: return one << 16 | two;
    case SEG_THREE: return before << 32 | one << 16 | two;
    case SEG_DICT: return seg_span_key(u->dict);
    case SEG_OWN: return seg_span_key(u->own);
    case SEG_WORD_AS: return as << 8 | u->pos;
    case SEG_DICT_ONE: return seg_span_key(u->dict) << 16 | one;
    case SEG_OWN_ONE: return seg_span_key(u->own) << 16 | one;
    case SEG_OWN_DICT: return seg_span_key(u->own) << 16 | seg_span_key(u->dict) << 8 | as;
    case SEG_WORD_IN: return as << 24 | (uint64_t)u->pos << 16 | u->beside;
    case SEG_WORD_IS: return (uint64_t)u->word << 2 | u->place;
    case SEG_ONE_IN: return as << 32 | one << 16 | (u->beside & u->ends);
    case SEG_TWO_IN: return (uint64_t)u->place << 32 | one << 16 | two;
    default: return 0;
    }
}

/* The key of unit k's feature of a family. */
SEG_INLINE uint64_t seg_feature_key(const seg_unit *units, size_t k, seg_family family)
{
    return seg_feature_value(units, k, family) | (uint64_t)(family + 1) << 56;
}

/* Of a key: the upper half leads to its slot, the lower one says in the slot whose it is (seg_check). */
static inline uint64_t seg_mix(uint64_t key)
{
    key ^= key >> 29;
    return key * 0x9E3779B97F4A7C15u;
}

/* Where to look first in a table of `count` slots; there are MODEL_PROBES - 1 more behind them. */
static inline size_t seg_first_slot(uint64_t mixed, size_t count)
{
    return (size_t)((mixed >> 32) * count >> 32);
}

/* Never 0, which is a free slot's. */
static inline uint32_t seg_check(uint64_t mixed)
{
    return (uint32_t)mixed | 1;
}

/* Whether a unit with place q may follow one with place p. */
static inline bool seg_may_follow(unsigned p, unsigned q)
{
    return (p == SEG_B || p == SEG_M) == (q == SEG_M || q == SEG_E);
}

/* Whether the border before a unit allows the place. */
static inline bool seg_may_stand(uint8_t border, unsigned place)
{
    bool begins = place == SEG_B || place == SEG_S;
    return border == SEG_FREE || (border == SEG_MUST) == begins;
}

/* ---- the stored form ---- */

enum { MODEL_CRC = 24, MODEL_HEADER = 40, MODEL_ENTRY = 24 };
enum { MODEL_NOTE, MODEL_FOLLOW, MODEL_DENSE, MODEL_WIDE, MODEL_NARROW, MODEL_WORDS, MODEL_SECTIONS };
#define MODEL_SECTION_IDS "NOTEFOLLDENSWIDENARRWORD"
/* A slot: the check, and a byte for each of the four places, as often as a feature of the table has weights. */
enum { MODEL_DENSE_ROW = 4 * SEG_REACH, MODEL_WIDE_SLOT = 4 + 4 * SEG_REACH, MODEL_NARROW_SLOT = 8, MODEL_PROBES = 32, MODEL_WEIGHT_MAX = 255 };
enum { MODEL_FOLLOW_BYTES = 4 * SEG_PLACES * SEG_PLACES + 4 * SEG_PLACES };

/* What a segmenter needs beside the model while it runs. */
typedef struct seg_applied seg_applied;
DS_MUSTUSE ds_status seg_applied_new(const ds_alloc *a, const ds_segmodel *m, size_t cap, seg_applied **out);
void seg_applied_free(seg_applied *r);
/* A seg_observer's fn: moves the path's borders to where the model has them. */
ds_status seg_apply(void *applied, seg_path *path);

#endif

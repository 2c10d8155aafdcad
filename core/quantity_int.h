/*
 * quantity_int.h - what the parts of quantity share: a line of folded characters, the words that stand in it, numerals.
 */
#ifndef DS_QUANTITY_INT_H
#define DS_QUANTITY_INT_H

#include <math.h>

#include "quantity.h"
#include "trie.h"

/* One meaning of a word. */
typedef struct quantity_word {
    double factor;
    uint32_t unit;   /* or DS_QUANTITY_NO_UNIT */
    uint32_t roles;  /* bit of each role; behind a number there is one */
    uint8_t role;    /* the one behind a number */
    uint8_t approx;  /* of before and after */
} quantity_word;

#define QUANTITY_UNIT_MOST 23 /* bytes of the code of a unit */

typedef struct quantity_unit {
    uint8_t n;
    char code[QUANTITY_UNIT_MOST];
} quantity_unit;

struct ds_quantity_words {
    const ds_alloc *alloc;
    ds_codemap codes;
    ds_trie_builder *behind, *text; /* words behind numbers; words elsewhere */
    quantity_word *items;
    size_t count, cap;
    quantity_unit *units;
    size_t unit_count, unit_cap;
    uint8_t heads[0x10000 / 8]; /* characters with which a word of `text` begins */
};

#define QUANTITY_PAD 8 /* line ends behind every line, so that one may look ahead */

/* A line of the text, folded.  Characters [count .. count + QUANTITY_PAD) are line ends. */
typedef struct quantity_line {
    const ds_quantity_words *words;
    const char *text; /* the whole text */
    uint32_t *cp;
    size_t *at;       /* where each stands in the text */
    size_t count, cap;
} quantity_line;

/* Where character i ends in the text. */
size_t ds_quantity_end_of(const quantity_line *l, size_t i);
/* The longest word at character i, *end behind it; NULL: none. */
const quantity_word *ds_quantity_word_at(const quantity_line *l, const ds_trie_builder *t, size_t i, size_t *end);
/* A character as numbers and words are compared: full-width letters, digits and signs of arithmetic as ASCII, variants
 * as their Simplified character; punctuation as it is. */
uint32_t ds_quantity_fold(uint32_t cp);
/* Whether a word of the text begins with `cp`. */
static inline bool quantity_is_head(const ds_quantity_words *w, uint32_t cp)
{
    return cp < 0x10000 && (w->heads[cp >> 3] >> (cp & 7) & 1) != 0;
}

static inline bool quantity_is_digit(uint32_t cp)
{
    return cp - '0' < 10u;
}

static inline bool quantity_is_latin(uint32_t cp)
{
    return (cp | 0x20u) - 'a' < 26u;
}

static inline bool quantity_is_han(uint32_t cp)
{
    return cp - 0x3400u < 0x6C00u;
}

/* Behind the blanks at i, two at most. */
static inline size_t quantity_past_blanks(const quantity_line *l, size_t i)
{
    for (int n = 0; n < 2 && l->cp[i] == ' '; n++)
        i++;
    return i;
}

/* ---------------------------------------------------------------- numerals: quantity_number.c */

typedef struct quantity_numeral {
    double lo, hi;
    size_t end;
    int digits;      /* digits of a plain number in ASCII */
    bool ascii;      /* begins with ASCII digits */
    bool han;        /* has a Han digit or a unit of ten with a count before it */
    bool scaled;     /* has 十百千万亿兆 or K M B T */
    bool single;     /* no more than 一 */
    bool two;        /* no more than 二: what is counted is 两 */
    bool bare_scale; /* begins with a unit of ten: 万, 千亿 */
    bool grouped, decimal, zero_first;
    bool version;    /* 1.2.3 */
    bool positional; /* Han digits one by one: 一三一 */
    bool some;       /* 几, 数: no value */
    bool more;       /* 十几, 20多万 */
    double biggest;  /* the largest unit of ten */
    double mantissa; /* 5.5 of 5.5万, when it begins with ASCII digits */
    double factor;   /* 10000 of 5.5万: what another number of the same range may share */
} quantity_numeral;

/* Reads the numeral at i; false when there is none. */
bool ds_quantity_numeral(const quantity_line *l, size_t i, quantity_numeral *out);
/* 0..9 for a Han digit, -1 for another character. */
int ds_quantity_han_digit(uint32_t cp);
/* 10 .. 10^12 for 十百千万亿兆, else 0. */
double ds_quantity_scale(uint32_t cp);
/* Whether a range is joined at i; *end behind the mark. */
bool ds_quantity_joiner(const quantity_line *l, size_t i, size_t *end);

/* ---------------------------------------------------------------- dates: quantity_date.c */

/* Reads the date at i, with a second one when it is a period; false when there is none. */
bool ds_quantity_date(const quantity_line *l, size_t i, ds_quantity *out, size_t *end);

/* ---------------------------------------------------------------- quantities: quantity_unit.c */

/* What the scan has seen on its way through the line. */
typedef struct quantity_state {
    size_t clause;      /* where the clause begins */
    size_t before_beg, before_end; /* the last approximator; its text and the blanks behind it */
    size_t prefix_beg, prefix_end; /* the last currency before a number */
    uint32_t prefix_unit;
    uint8_t before;     /* ds_approx */
    int8_t direction;
    bool cue;           /* money was spoken of in this clause */
    bool money;         /* the last number of the clause was money */
    size_t last_end;    /* where the last quantity ends; 0: none yet */
    size_t cue_end, id_end, latin_end; /* ends of the last such words, blanks behind them included */
    size_t per_beg, per_end; /* bytes of the last 每… of the clause */
} quantity_state;

/* Reads the quantity at i; false: there is none, and *end is where to go on. */
bool ds_quantity_read(const quantity_line *l, const quantity_state *s, size_t i, ds_quantity *out, size_t *end);

#endif

/*
 * segment_int.h - the window of characters that the segmenter works on, for its parts:
 * segment_scan.c reads characters and finds atoms, segment.c finds the best path.
 */
#ifndef DS_SEGMENT_INT_H
#define DS_SEGMENT_INT_H

#include "lexicon_int.h"
#include "segment.h"
#include "utf8.h"

#ifndef DS_SEGMENT_WINDOW
#define DS_SEGMENT_WINDOW 8192 /* characters looked at together */
#endif
#ifndef DS_SEGMENT_ATOM
#define DS_SEGMENT_ATOM 1024 /* characters of the longest atom; a longer run is cut */
#endif
/* Characters at the window's end whose tokens are decided in the next window. */
#define SEG_MARGIN (DS_SEGMENT_ATOM + 2 * DS_LEXICON_WORD_MAX)

_Static_assert(DS_SEGMENT_WINDOW > 2 * SEG_MARGIN, "a window must move on by more than it keeps back");

typedef enum seg_kind {
    SEG_HAN,
    SEG_LETTER, /* of any script but Han and kana */
    SEG_KANA,
    SEG_DIGIT,  /* 0-9, full width too */
    SEG_SPACE,
    SEG_LF,
    SEG_PUNCT,
    SEG_EMOJI,
    SEG_MARK,   /* combining */
    SEG_BAD
} seg_kind;

typedef struct seg_char {
    uint32_t off;   /* in the text */
    uint32_t cp;    /* DS_UTF8_BAD: ill-formed */
    uint16_t code;  /* of the lexicon's trie; 0: in no word */
    uint8_t kind;
    char ascii;     /* the ASCII character it is, full width reduced; 0: none */
    uint8_t number; /* SEG_NOT_NUMBER, ... of a Han character */
} seg_char;

/* What a Han character does in a number. */
enum {
    SEG_NOT_NUMBER,
    SEG_NUMERAL,    /* 一 to 九, 〇 零 两 几 数 廿 卅 */
    SEG_MULTIPLIER, /* 十 百 千 万 亿 兆 */
    SEG_ORDINAL     /* 第 */
};

/* Characters [0, n) and one sentinel (kind SEG_LF, off = end) behind them. */
typedef struct seg_text {
    const seg_char *c;
    size_t n;
} seg_text;

/* Reads up to `cap` characters of `text` from byte `off`, to the end of the line at most, into c;
 * returns how many.  c has room for cap + 1. */
size_t seg_read(const lex_tables *lex, ds_str text, size_t off, seg_char *c, size_t cap);

/* The longest atom that starts at `i` and ends at `limit` or before: its end, and its class. */
size_t seg_atom(const seg_text *t, size_t i, size_t limit, ds_class *cls);

/* End of the run of Chinese numerals and multipliers at `i`; i when there is none. */
size_t seg_numeral_run(const seg_text *t, size_t i, size_t limit);

#endif

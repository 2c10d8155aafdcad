/*
 * convert_words_int.h - a sentence that is converted by words, for the two parts of that: convert_words.c finds the
 * words and applies the phrases, convert_vocabulary.c finds the vocabulary of a region.
 */
#ifndef DS_CONVERT_WORDS_INT_H
#define DS_CONVERT_WORDS_INT_H

#include "convert_int.h"

enum { CONV_SURE = 4 }; /* characters of an entry that applies whatever the segmenter says */

/* A character of the sentence: where it begins in the text, and what is known of it. */
typedef struct word_char {
    uint32_t cp, off;
    uint32_t cell;
    bool border;      /* a word begins here */
    uint8_t hint;     /* of the word that begins here: enum below */
    uint32_t vocabulary; /* 0, or 1 + the number in `picks` of the vocabulary that begins here */
} word_char;

enum { HINT_NONE, HINT_NUMERAL, HINT_PERSON, HINT_GUESS, HINT_IDIOM }; /* GUESS: a name that no dictionary holds */

typedef struct word_pick {
    uint32_t beg, count; /* characters */
    uint32_t value;
} word_pick;

typedef struct words_run {
    const ds_converter *conv;
    const ds_segmenter *seg;
    const ds_lexicon *lex;
    ds_convert_table phrases;
    ds_convert_table vocabulary; /* DS_CONVERT_TABLES: none */
    ds_convert_table variants;   /* the region's characters; DS_CONVERT_TABLES: none */
    bool to_simplified;
    int32_t marks[CONV_MARKS]; /* nodes of WST, or DS_TRIE_NONE */
    word_char *c;
    size_t n;                  /* characters of the sentence; c[n] is a sentinel with border set */
    size_t cap;
    ds_tokens tokens;
    word_pick *picks;
    size_t pick_count, pick_cap;
    conv_out out;
} words_run;

static inline int32_t words_value(const words_run *w, ds_convert_table table, int32_t node)
{
    return node != DS_TRIE_NONE ? ds_trie_value(&w->conv->trie[table], node) : DS_TRIE_NONE;
}

static inline size_t words_begin(const words_run *w, size_t i)
{
    while (i > 0 && !w->c[i].border)
        i--;
    return i;
}

static inline size_t words_end(const words_run *w, size_t i)
{
    while (!w->c[i].border)
        i++;
    return i;
}

/* Whether characters [beg, end) lie inside one word. */
static inline bool words_inside(const words_run *w, size_t beg, size_t end)
{
    return words_end(w, beg + 1) >= end;
}

/* So long an entry is itself the better witness of where its words begin and end (names that no lexicon has). */
static inline bool words_long(size_t beg, size_t end)
{
    return end - beg >= CONV_SURE;
}

/* Finds the vocabulary of the sentence, whose words are known: c[].vocabulary of the characters where one begins that
 * is to be replaced.  DS_ENOMEM. */
ds_status conv_pick_vocabulary(words_run *w);

#endif

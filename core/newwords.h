/*
 * newwords.h - strings of Han characters that behave like words, found in the texts themselves.
 *
 * A string of 2 to `longest` characters that occurs at least `min` times is a candidate when
 *   cohesion    its characters stick together: the least over all cuts into two parts of
 *               log2(n(w) N / (n(left) n(right))), pointwise mutual information of Church and Hanks (1990), "Word
 *               Association Norms"; Chinese words by it: Sproat and Shih (1990)
 *   entropy     it stands in many surroundings: the entropy in bits of the characters before it, of those behind it, the
 *               smaller of both; branching entropy of Harris (1955), as Jin and Tanaka-Ishii (2006) use it for Chinese.
 *               What is no Han character (punctuation, the text's end) is a surrounding of its own each time.
 * are not below the values asked for.
 *
 * Counting    string by string length: one of n + 1 characters is counted only where both strings of n in it are
 *             frequent (Agrawal and Srikant 1994), and is named by their two numbers (Karp, Miller and Rosenberg 1972).
 *             All counts are exact.
 * Folding     variants and scripts (fold.h): 價格戰 is 价格战.
 *
 * Life        new -> add every text -> find -> look at the results -> free.
 * Memory      about 10 bytes a Han character, and 30 for each different frequent string and each surrounding of one; texts
 *             are not kept.
 * Units       texts count from 0 in the order of adding.
 * Errors      DS_ENOMEM, DS_ELIMIT (4 Gi characters).
 * Threads     one at a time.
 */
#ifndef DS_NEWWORDS_H
#define DS_NEWWORDS_H

#include "alloc.h"

typedef struct ds_newwords ds_newwords;

#define DS_NEWWORDS_LONGEST 12

typedef struct ds_newwords_options {
    size_t min;      /* occurrences; 0: 5 */
    size_t longest;  /* characters, at most DS_NEWWORDS_LONGEST; 0: 6 */
    double cohesion; /* bits */
    double entropy;  /* bits */
} ds_newwords_options;

typedef struct ds_newword {
    uint32_t at;    /* where it occurs first: for ds_newwords_text */
    uint32_t len;   /* characters */
    uint32_t count, texts; /* occurrences; texts that have it */
    uint32_t first; /* the first text that has it */
    double cohesion, left, right; /* bits */
} ds_newword;

DS_MUSTUSE ds_status ds_newwords_new(const ds_alloc *a, const ds_newwords_options *options, ds_newwords **out, ds_error *err);
void ds_newwords_free(ds_newwords *w); /* NULL is fine */

DS_MUSTUSE ds_status ds_newwords_add(ds_newwords *w, ds_str text, ds_error *err);
/* Finds the words: *out has *count of them, by length, then by their first place; they belong to `w`.  Nothing can be added
 * afterwards. */
DS_MUSTUSE ds_status ds_newwords_find(ds_newwords *w, const ds_newword **out, size_t *count, ds_error *err);

/* Appends the characters of a word, folded, to `out`; its status tells of a lack of memory. */
void ds_newwords_text(const ds_newwords *w, const ds_newword *word, ds_buf *out);
/* Han characters in all. */
size_t ds_newwords_size(const ds_newwords *w);
/* The most bytes held so far. */
size_t ds_newwords_memory(const ds_newwords *w);

#endif

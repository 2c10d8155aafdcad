/*
 * shingle.h - text as the letters and digits that its copies share, and fingerprints of it.
 *
 * Codes      one uint16_t for every letter and digit of the text, folded (case, width, variants: fold.h).
 *            Punctuation, white space, marks of markup, combining marks, symbols and links are left out, so that
 *            a copy in the other script, with other quotation marks or other line breaks has the same codes.  A letter
 *            beyond the Basic Multilingual Plane gets one of 2,048 codes in the range of the surrogates: two such
 *            letters are taken for the same with probability 1/2048.
 * Shingle    k codes in a row.
 * Fingerprints  robust winnowing, Schleimer, Wilkerson and Aiken (2003), "Winnowing: Local Algorithms for Document
 *            Fingerprinting": of every `window` neighbouring shingles the one with the least hash is kept, which is
 *            MinHash (Broder 1997) of a window instead of a whole article.  Two texts that have k + window - 1 codes in
 *            a row in common have a fingerprint in common; about 2 / (window + 1) of the shingles are kept.
 *
 * Memory     results are appended to arrays that the caller owns.
 * Units      positions count codes from 0; offsets are bytes of the text.
 * Errors     DS_ENOMEM: the arrays are then as they were before.  Ill-formed UTF-8 is left out.
 * Threads    Pure functions.
 */
#ifndef DS_SHINGLE_H
#define DS_SHINGLE_H

#include "alloc.h"

/* Codes, and where in the text each comes from when `with_offsets` is set. */
typedef struct ds_codes {
    const ds_alloc *alloc;
    uint16_t *code;
    uint32_t *off; /* byte at which its character begins; a character may give several codes */
    size_t count, cap, off_cap;
    bool with_offsets;
} ds_codes;

void ds_codes_init(ds_codes *c, const ds_alloc *a, bool with_offsets);
void ds_codes_clear(ds_codes *c); /* frees; empty again */

/* Appends the codes of `text`.  DS_ELIMIT: a text of 4 GiB or more. */
DS_MUSTUSE ds_status ds_codes_add(ds_codes *c, ds_str text, ds_error *err);
/* Where the character that begins at byte `off` of `text` ends. */
size_t ds_codes_char_end(ds_str text, size_t off);

typedef struct ds_print {
    uint32_t hash;
    uint32_t pos; /* of the shingle's first code */
} ds_print;

typedef struct ds_prints {
    const ds_alloc *alloc;
    ds_print *items;
    size_t count, cap;
} ds_prints;

void ds_prints_init(ds_prints *p, const ds_alloc *a);
void ds_prints_clear(ds_prints *p);

/* Appends the fingerprints of code[0, n), positions ascending; none when n < k.  k and window are 1 .. DS_SHINGLE_MAX. */
#define DS_SHINGLE_MAX 64
DS_MUSTUSE ds_status ds_winnow(ds_prints *out, const uint16_t *code, size_t n, size_t k, size_t window, ds_error *err);

#endif

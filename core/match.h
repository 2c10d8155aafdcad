/*
 * match.h - find thousands of terms in one pass over a text (Aho and Corasick 1975).
 *
 * Text and terms are folded alike (flags of fold.h), on the fly and with offsets kept, so a
 * hit's [beg, end) always lies on character borders of the text as it was given.
 *
 * Life     ds_matcher_new -> any number of scans, from any number of threads -> free.
 * Memory   the matcher copies what it needs of the terms.
 * Units    bytes; term: index into the list given.
 * Counting Each term's own occurrences do not overlap one another (leftmost first, as `grep -o`
 *          or Python's str.count do); different terms may overlap freely.  Terms that fold to
 *          the same key are one term with several numbers: every one of them is reported.
 *          A hit neither begins nor ends inside a character that folds to several ("ss" occurs
 *          in "Fuss", not in half of a sharp s), nor inside one ill-formed sequence of the text.
 * Bytes    Ill-formed UTF-8, in terms and texts, matches the same bytes only.
 * Errors   DS_EINVAL: an empty term, err->line = its number from 1.  DS_ELIMIT: too many terms
 *          (more than DS_MATCH_MAX_TERMS), more than DS_MATCH_MAX_CODES different characters in
 *          them, or more than 2^31 characters altogether.  DS_ENOMEM.
 * Threads  A scan allocates only when terms of more than DS_MATCH_SMALL characters or many
 *          terms that can overlap themselves are among the list; then the matcher's allocator
 *          must be thread-safe if several threads scan (libc's is).
 * Cost     building: O(n log n) in the characters of the terms, some tenths of a millisecond at least.
 *          Scanning: linear in the text and in the occurrences met, overlapping ones included.
 */
#ifndef DS_MATCH_H
#define DS_MATCH_H

#include "fold.h"

#define DS_MATCH_MAX_TERMS 16777216u
#define DS_MATCH_MAX_CODES 65534u
#ifndef DS_MATCH_SMALL
#define DS_MATCH_SMALL 64
#endif

typedef struct ds_matcher ds_matcher;

typedef struct ds_hit {
    size_t beg, end;
    uint32_t term;
} ds_hit;

typedef struct ds_hits {
    const ds_alloc *alloc;
    ds_hit *items; /* ordered by beg, then the longer first, then term */
    size_t count, cap;
} ds_hits;

void ds_hits_init(ds_hits *v, const ds_alloc *a);
void ds_hits_clear(ds_hits *v);

DS_MUSTUSE ds_status ds_matcher_new(const ds_alloc *a, const ds_str *terms, size_t count, unsigned fold,
                                    ds_matcher **out, ds_error *err);
void ds_matcher_free(ds_matcher *m);
size_t ds_matcher_terms(const ds_matcher *m);
/* The first term that folds to the same key as `term` (often itself); `term` < ds_matcher_terms(m). */
uint32_t ds_matcher_same(const ds_matcher *m, uint32_t term);

/* Appends all hits in `text` to `out`, which keeps what it had when this fails. */
DS_MUSTUSE ds_status ds_match_all(const ds_matcher *m, ds_str text, ds_hits *out, ds_error *err);

/* Adds each term's number of hits to counts[term]; counts has ds_matcher_terms(m) items and is left
 * as it was when this fails. */
DS_MUSTUSE ds_status ds_match_count(const ds_matcher *m, ds_str text, uint64_t *counts, ds_error *err);

#endif

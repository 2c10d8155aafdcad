/*
 * utf8.h - UTF-8: validate, decode, encode, count, offsets, graphemes, width.
 *
 * Units    off, beg, end and lengths are bytes from 0 unless a name says cp (code points) or
 *          g (grapheme clusters).  Spans are half-open, [beg, end).
 * Errors   No function here fails or allocates.  Invalid bytes are legal input everywhere:
 *          each maximal subpart of an ill-formed sequence (Unicode 15, section 3.9, "U+FFFD
 *          Substitution of Maximal Subparts") counts as one code point, DS_UTF8_BAD.
 * Threads  Pure functions.
 * Speed    checking, counting and offsets run on vector code where the machine has it: see cpu.h.
 */
#ifndef DS_UTF8_H
#define DS_UTF8_H

#include "alloc.h"

#define DS_UTF8_BAD 0xFFFFFFFFu /* what decoding yields for an ill-formed sequence */
#define DS_UTF8_MAX 4           /* bytes of the longest encoded code point */

/* True when all of `s` is well-formed; else false and *bad (may be NULL) = offset of the first
 * ill-formed sequence, where decoding forward would first yield DS_UTF8_BAD. */
bool ds_utf8_valid(ds_str s, size_t *bad);

/* Decodes one code point at p (n > 0 bytes left): returns its length 1..4 and sets *cp; an
 * ill-formed sequence gives DS_UTF8_BAD and the length of its maximal subpart (1..3). */
size_t ds_utf8_decode(const char *p, size_t n, uint32_t *cp);

/* Encodes cp; returns 1..4.  Surrogates and cp > U+10FFFF are written as U+FFFD. */
size_t ds_utf8_encode(uint32_t cp, char out[DS_UTF8_MAX]);

/* The greatest offset before `off` (0 < off <= s.n) at which decoding forward from 0 starts a code
 * point or a maximal subpart.  O(1). */
size_t ds_utf8_prev(ds_str s, size_t off);

/* Number of code points. */
size_t ds_utf8_count(ds_str s);

/* The same for text known to be well-formed, about twice as fast; for other text merely a number <= s.n. */
size_t ds_utf8_count_valid(ds_str s);

/* Byte offset where code point number `k` (from 0) starts; s.n when there are k or fewer. */
size_t ds_utf8_offset(ds_str s, size_t k);

/* The same from the end: where the last `k` code points start; s.n when k is 0, 0 when there are k or fewer.  Reads
 * no more than these. */
size_t ds_utf8_offset_back(ds_str s, size_t k);

/* End of the extended grapheme cluster (UAX #29) that starts at `off`; `off` < s.n and must
 * itself be a cluster border.  An ill-formed subpart is a cluster of its own. */
size_t ds_utf8_grapheme_end(ds_str s, size_t off);

/* Number of grapheme clusters. */
size_t ds_utf8_gcount(ds_str s);

/* Terminal columns: East Asian Wide and Fullwidth 2, combining 0, controls (TAB too) 0, an emoji
 * sequence 2, an ill-formed subpart 1 (shown as U+FFFD). */
size_t ds_utf8_width(ds_str s);

/* Columns of one code point, by itself: 0, 1 or 2.  DS_UTF8_BAD: 1. */
int ds_utf8_cp_width(uint32_t cp);

#endif

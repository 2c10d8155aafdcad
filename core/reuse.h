/*
 * reuse.h - passages that the articles of a corpus share.
 *
 * Candidates  articles with a fingerprint in common (shingle.h).  A fingerprint that more than `most` earlier places
 *             have leads to the earliest of them only, so that a text in n articles costs n comparisons, not n^2 / 2.
 * Verified    from the shingle on by alignment in both directions (align.h), after comparing the codes themselves; neighbours
 *             in the same order on both sides, with at most DS_REUSE_GAP codes between, are joined.
 * Kept        passages with at least `min` Han characters in common, two letters or digits of an alphabet counting as one; of
 *             passages of one pair of articles that overlap by half, the one with more in common, and of one pair the thousand longest.
 *
 * Life     new -> add every text, in the order of their dates -> build -> find for each article -> free.
 * Memory   2 bytes a letter, and 8 bytes for each of 2 / (window + 1) of them; while building twice the latter.  Texts are
 *          not kept: find wants them again, for the offsets.
 * Units    articles count from 0 in the order of adding; offsets are bytes of their texts, half-open.
 * Errors   DS_ENOMEM, DS_ELIMIT (4 Gi letters or articles in all), DS_EINVAL (options).
 * Threads  after ds_reuse_build returned DS_OK nothing changes: any number of threads may call ds_reuse_find.
 */
#ifndef DS_REUSE_H
#define DS_REUSE_H

#include "shingle.h"

#ifndef DS_REUSE_GAP
#define DS_REUSE_GAP 24
#endif

typedef struct ds_reuse ds_reuse;

typedef struct ds_reuse_options {
    size_t min;     /* Han characters in common, at least, two letters of an alphabet counting as one; 0: 14 */
    size_t shingle; /* codes; 0: 10 */
    size_t window;  /* shingles; 0: 7 */
    size_t most;    /* places that a fingerprint is compared with; 0: 32 */
} ds_reuse_options;

/* A passage of article b that an earlier article a has, too. */
typedef struct ds_reuse_match {
    uint32_t a, b;
    uint32_t a_beg, a_end, b_beg, b_end; /* codes, for comparing passages */
    uint32_t common;                     /* letters and digits in common */
} ds_reuse_match;

typedef struct ds_reuse_matches {
    const ds_alloc *alloc;
    ds_reuse_match *items;
    size_t count, cap;
} ds_reuse_matches;

void ds_reuse_matches_init(ds_reuse_matches *m, const ds_alloc *a);
void ds_reuse_matches_clear(ds_reuse_matches *m);

/* `options` may be NULL. */
DS_MUSTUSE ds_status ds_reuse_new(const ds_alloc *a, const ds_reuse_options *options, ds_reuse **out, ds_error *err);
void ds_reuse_free(ds_reuse *r); /* NULL is fine */

/* Adds the next article. */
DS_MUSTUSE ds_status ds_reuse_add(ds_reuse *r, ds_str text, ds_error *err);
/* Sorts the fingerprints; nothing can be added afterwards. */
DS_MUSTUSE ds_status ds_reuse_build(ds_reuse *r, ds_error *err);
/* Appends the passages that article b (< ds_reuse_count) shares with earlier ones, by a, then by place in b. */
DS_MUSTUSE ds_status ds_reuse_find(const ds_reuse *r, size_t b, ds_reuse_matches *out, ds_error *err);

size_t ds_reuse_count(const ds_reuse *r);
/* Codes of an article. */
size_t ds_reuse_size(const ds_reuse *r, size_t article);
/* Bytes held. */
size_t ds_reuse_memory(const ds_reuse *r);

#endif

/*
 * postings.h - lists of ascending positions, packed.
 *
 * List     up to DS_POSTINGS_RARE positions stand in a table of fixed width (rare words are most of a vocabulary); of a
 *          longer list each 128 positions are a block, and the rest, fewer than 128, is Rice-coded.
 * Block    differences, less one, in b bits each, larger ones patched behind them: PForDelta of Zukowski et al. (2006),
 *          with b chosen so that the block is smallest.  A list of blocks begins with a skip table: the last position
 *          and the length of each.
 * Units    positions are 32-bit numbers below UINT32_MAX.
 * Errors   reading is bounded: from damaged bytes come wrong positions, but never more of them than were asked for.
 * Threads  pure functions and the caller's cursors.
 */
#ifndef DS_POSTINGS_H
#define DS_POSTINGS_H

#include "block.h"

enum { DS_POSTINGS_RARE = 4 };
enum { DS_POSTINGS_BLOCK = 128 };
#define DS_POS_NONE UINT32_MAX

/* Appends the list of n > 0 ascending positions. */
void ds_postings_pack(ds_buf *out, const uint32_t *positions, size_t n);

/* A cursor over one list. */
typedef struct ds_postings {
    const unsigned char *at, *end;         /* what is still packed */
    const unsigned char *skip, *skip_end;  /* what is still unread of the skip table */
    uint32_t left;                         /* positions still packed */
    uint32_t last;                         /* the last one unpacked or skipped, DS_POS_NONE: none yet */
    uint32_t n, next;                      /* unpacked ones, and which of them comes next */
    uint32_t block[DS_POSTINGS_BLOCK];
} ds_postings;

/* Starts at the beginning of a packed list of n positions. */
void ds_postings_open(ds_postings *it, ds_str packed, uint32_t n);
/* Starts a list of n <= DS_POSTINGS_BLOCK positions that are given. */
void ds_postings_given(ds_postings *it, const uint32_t *positions, uint32_t n);

/* The next position in ascending order, or DS_POS_NONE. */
uint32_t ds_postings_next(ds_postings *it);
/* The first of the positions still to come that is `pos` or behind it, or DS_POS_NONE; skips whole blocks. */
uint32_t ds_postings_seek(ds_postings *it, uint32_t pos);
/* All that is still to come, up to `cap`: how many were written to `out`. */
size_t ds_postings_read(ds_postings *it, uint32_t *out, size_t cap);

/* Of rows of bits by position: how many positions in [lo, hi) are in `first` and the next one, below hi, in `second`.  Both rows
 * have a word more than hi needs. */
uint64_t ds_postings_follow(const uint64_t *first, const uint64_t *second, uint32_t lo, uint32_t hi);

/* Numbers of `width` bits (0 to 32) end to end, the lowest bits first. */
typedef struct ds_bits {
    ds_buf *out;
    uint64_t pending;
    unsigned n; /* bits pending */
} ds_bits;
void ds_bits_put(ds_bits *b, uint32_t v, unsigned width);
void ds_bits_end(ds_bits *b); /* fills the last byte up with zeros */
/* Bits that v takes: 0 for 0. */
unsigned ds_bits_width(uint32_t v);
/* The number of `width` bits at bit `bit` of such a row; 0 where it begins behind the end of `row`. */
uint32_t ds_bits_get(ds_str row, uint64_t bit, unsigned width);

#endif

/*
 * offmap.h - the way back from a derived text (folded, stripped of markup) to its original.
 *
 * A map is a list of runs that cover the derived text from its start.  A run is either
 * linear, derived and original advance byte by byte together, or an atom: its derived bytes
 * stand, as a whole, for one range of the original.  Text that was copied costs one run.
 *
 * Life     init -> append runs in order of the derived text -> look up -> clear.
 * Memory   one array from the ds_alloc given; ds_offmap_clear frees it.
 * Units    bytes from 0, half-open.  `out` is the derived text, `src` the original.
 * Errors   appends have a sticky status, read once at the end; look-ups cannot fail.
 * Cost     append O(1); look-up O(log runs).
 * Order    src may jump forward (something was left out) but never back: each run starts at or
 *          after the original end of the one before it.
 */
#ifndef DS_OFFMAP_H
#define DS_OFFMAP_H

#include "alloc.h"

typedef struct ds_offrun {
    size_t out; /* where the run starts in the derived text */
    size_t src; /* where it starts in the original */
    size_t src_len; /* DS_OFFRUN_LINEAR, or the length of the atom's original */
} ds_offrun;
#define DS_OFFRUN_LINEAR SIZE_MAX

typedef struct ds_offmap {
    const ds_alloc *alloc;
    ds_offrun *runs;
    size_t count, cap;
    size_t out_len; /* bytes of derived text covered so far */
    ds_status status;
} ds_offmap;

void ds_offmap_init(ds_offmap *m, const ds_alloc *a);
void ds_offmap_clear(ds_offmap *m); /* frees; the map is empty again */

/* The next n derived bytes are the original's bytes at src, one for one.  n = 0 does nothing. */
void ds_offmap_linear(ds_offmap *m, size_t n, size_t src);
/* The next n derived bytes stand for the original's [src, src + src_len); src_len may be 0 for text
 * that the original lacks.  n = 0 does nothing: what was left out needs no run. */
void ds_offmap_atom(ds_offmap *m, size_t n, size_t src, size_t src_len);

/* The smallest original range that covers derived [beg, end); beg <= end <= out_len.
 * An empty derived range gives the empty range at the original place of `beg`: where the byte at
 * `beg` comes from (inside an atom, where the atom starts), or the end of the last run. */
void ds_offmap_origin(const ds_offmap *m, size_t beg, size_t end, size_t *src_beg, size_t *src_end);

/* The same as separate pieces, where the original has parts that the derived text lacks:
 * calls fn(ud, src_beg, src_end) for each maximal contiguous piece, in order.  No piece is empty. */
void ds_offmap_pieces(const ds_offmap *m, size_t beg, size_t end,
                      void (*fn)(void *ud, size_t src_beg, size_t src_end), void *ud);

/* Shortens the map to the first out_len derived bytes; a cut atom still stands for all of its original.
 * Does nothing when the map is that short already. */
void ds_offmap_truncate(ds_offmap *m, size_t out_len);

#endif

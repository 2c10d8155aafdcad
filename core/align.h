/*
 * align.h - how far two texts go on alike from a place that they have in common, substitutions and gaps allowed.
 *
 * Score    a code in common 1, another one in its place -1, a code left out or put in -1.5.
 * Method   the greedy alignment of Zhang, Schwartz, Wagner and Miller (2000), "A Greedy Algorithm for Aligning DNA
 *          Sequences", which extends the furthest-reaching paths of Myers (1986) difference by difference, and
 *          gives a path up once its score falls DS_ALIGN_DROP below the best (the X-drop of Altschul and others 1997).
 *          After DS_ALIGN_DIFF differences it starts anew from the best place, so that its memory is fixed.
 * Cost     time grows with the codes in common and the square of DS_ALIGN_DROP; no memory is allocated.
 * Threads  Pure functions.
 */
#ifndef DS_ALIGN_H
#define DS_ALIGN_H

#include <stddef.h>
#include <stdint.h>

#ifndef DS_ALIGN_DROP
#define DS_ALIGN_DROP 12
#endif
#ifndef DS_ALIGN_DIFF
#define DS_ALIGN_DIFF 40
#endif

typedef struct ds_reach {
    size_t a, b;   /* codes taken of either text */
    size_t common; /* pairs of equal codes among them */
} ds_reach;

/* From a[0] and b[0] on, at most na and nb codes. */
ds_reach ds_align_forward(const uint16_t *a, size_t na, const uint16_t *b, size_t nb);
/* From a[-1] and b[-1] backwards. */
ds_reach ds_align_backward(const uint16_t *a, size_t na, const uint16_t *b, size_t nb);

#endif

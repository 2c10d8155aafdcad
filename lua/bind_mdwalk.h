/*
 * bind_mdwalk.h - from cmark's tree to clean text, with every byte's place in the Markdown source.
 *
 * cmark's own source positions of inline nodes are unreliable (0.30.2: wrong after reference
 * definitions and after links that span lines), so the walk follows the source itself: a cursor
 * moves through each block beside the tree and steps over exactly what CommonMark took for markup.
 * A byte is copied only when source and tree agree on it; where they do not, the walk looks
 * a little ahead and counts a drift.
 */
#ifndef DS_BIND_MDWALK_H
#define DS_BIND_MDWALK_H

#include <cmark.h>

#include "bind_mdsource.h"

typedef struct dsL_heading {
    int level;
    size_t beg, end; /* in the clean text */
} dsL_heading;

typedef struct dsL_headings {
    const ds_alloc *alloc;
    dsL_heading *items;
    size_t count, cap;
} dsL_headings;

/* Walks the tree of the Markdown src[beg, end).  `src` is what cmark was given; text is copied from
 * out->src, which may differ from it in single bytes.  *drift counts places that had to be searched for. */
ds_status dsL_mdwalk(cmark_node *root, ds_str src, size_t beg, size_t end, dsL_clean *out,
                     dsL_headings *headings, size_t *drift);

/* Takes [beg, end), a line of an HTML block, without its tags and comments.  *state starts as 0 and
 * is carried from line to line. */
void dsL_mdhtml_line(dsL_clean *out, size_t beg, size_t end, unsigned *state);

#endif

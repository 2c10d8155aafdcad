/*
 * bind_htmltree.h - a page of HTML as gumbo parses it: elements, and blocks of text.
 *
 * A block is what a browser would set as one paragraph: the text between the borders of elements that are no inline
 * ones.
 * Scripts, styles, forms' controls and the like give no blocks.
 *
 * Memory   gumbo allocates from an arena of the page, which is bounded: a page that makes it grow out of proportion is
 *          given up.  Its own way of freeing a tree, which recurses, is never called.
 * Units    bytes of the source from 0.
 */
#ifndef DS_BIND_HTMLTREE_H
#define DS_BIND_HTMLTREE_H

#include <gumbo.h>

#include "alloc.h"

#define DSL_NO_ELEMENT SIZE_MAX

typedef struct dsL_element {
    const GumboNode *node;
    size_t parent; /* index of an element, or DSL_NO_ELEMENT */
} dsL_element;

typedef struct dsL_block {
    size_t element; /* the innermost element that is no inline one */
    size_t run, run_end;
    size_t chars, link_chars; /* white space does not count */
    size_t marks;   /* punctuation as sentences have it */
    bool joined;    /* a cell of a table that stands behind another one of its row */
} dsL_block;

/* A text node, or, without node, a line break. */
typedef struct dsL_run {
    const GumboNode *node;
    bool pre;
} dsL_run;

typedef struct dsL_page {
    ds_alloc alloc;
    struct dsL_arena *arena;
    ds_str src;
    dsL_element *elements;
    dsL_block *blocks;
    dsL_run *runs;
    size_t *stack;
    size_t element_count, element_cap, block_count, block_cap, run_count, run_cap, depth, stack_cap;
} dsL_page;

/* Parses `src`, valid UTF-8, which must outlive the page.  DS_ELIMIT: nested too deep, or too much memory is wanted,
 * as *why says; DS_ENOMEM. */
DS_MUSTUSE ds_status dsL_page_parse(dsL_page *page, const ds_alloc *a, ds_str src, const char **why);
void dsL_page_clear(dsL_page *page);

#endif

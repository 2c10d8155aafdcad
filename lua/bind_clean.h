/*
 * bind_clean.h - builds an article's clean text line by line and keeps the way back to its file.
 *
 * What readers promise of doc.text is kept here, for every format alike: lines end in "\n",
 * have no white space at either end (code keeps its indentation), and none is empty.  White
 * space includes the ideographic space and characters without width (zero-width joiners, byte order
 * marks).
 *
 * Life     init -> copy, atom, brk in order of the source -> finish -> clear.
 * Units    bytes from 0, half-open; source offsets only grow.
 * Errors   sticky: finish reports DS_ENOMEM.
 * Cost     linear in source and output.
 */
#ifndef DS_BIND_CLEAN_H
#define DS_BIND_CLEAN_H

#include "bind.h"
#include "offmap.h"

typedef struct dsL_clean {
    ds_str src;
    size_t base;    /* where src stands in the file: is added when Lua asks for origins */
    ds_buf text;
    ds_offmap map;
    size_t line;    /* where the current line starts in text */
    size_t src_end; /* end of the source taken so far */
    bool pending;   /* the current line is complete: a line break is due before the next byte */
    bool keep;      /* the caller wants leading white space kept (code) */
} dsL_clean;

void dsL_clean_init(dsL_clean *c, const ds_alloc *a, ds_str src);
void dsL_clean_clear(dsL_clean *c);
/* Takes the source bytes [beg, end) as they are; no line break may be among them. */
void dsL_clean_copy(dsL_clean *c, size_t beg, size_t end);
/* Takes the n bytes at p, one character, as standing for the source's [beg, end). */
void dsL_clean_atom(dsL_clean *c, const char *p, size_t n, size_t beg, size_t end);
/* Ends the line; an empty one leaves no trace. */
void dsL_clean_break(dsL_clean *c);
/* Ends the text and reports the first failure. */
ds_status dsL_clean_finish(dsL_clean *c);

/* Every line of the source's [beg, end): plain text. */
void dsL_clean_lines(dsL_clean *c, size_t beg, size_t end);
/* The first CR or LF in [at, end), or end; and the offset behind the line break at `at`. */
size_t dsL_clean_eol(ds_str src, size_t at, size_t end);
size_t dsL_clean_past_eol(ds_str src, size_t at);

/*
 * ds.sourcemap, the Lua object that leads back:  #map, bytes of clean text;
 *   map:origin(from, to) -> from, to                  smallest range of the file
 *   map:pieces(from, to) -> { {from, to}, ... }       the same without what was left out
 */
/* Pushes a userdata that holds a cleared dsL_clean and frees it when collected.  [-0, +1, m] */
dsL_clean *dsL_clean_push(lua_State *L);
/* Pushes the text; the text's memory is given back, the map stays.  [-0, +1, m] */
void dsL_clean_pushtext(lua_State *L, dsL_clean *c);

#endif

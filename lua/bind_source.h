/*
 * bind_source.h - ds.source: the bytes of a file, of standard input or of a string, decompressed on the way, with a
 * window that readers of records look through.
 *
 * What begins like gzip or Zstandard data is decompressed, whatever the file's name; several members or frames behind
 * one another are one stream.  Checksums are checked.  A window never holds more than the longest record plus one chunk.
 *
 * Units    bytes of the decompressed stream, from 0; lines from 1.
 * Errors   sticky: dsL_source_fail tells the first one, and where in the file as it lies on disk.
 * Marks    as in bind.h.
 */
#ifndef DS_BIND_SOURCE_H
#define DS_BIND_SOURCE_H

#include "bind.h"

typedef struct dsL_source dsL_source;

/* The open source at `arg`.  [-0, +0, e] */
dsL_source *dsL_checksource(lua_State *L, int arg);

/* What is in the window and not yet taken.  Valid until the next call of any of these functions. */
ds_str dsL_source_window(const dsL_source *s);
/* Reads on.  False: nothing more came, at the end or because of a failure.  [-0, +0, e] */
bool dsL_source_more(lua_State *L, dsL_source *s);
/* Takes n bytes of the window, and counts its lines. */
void dsL_source_take(dsL_source *s, size_t n);
/* Where the window starts, and the number of its first line. */
size_t dsL_source_offset(const dsL_source *s);
size_t dsL_source_line_number(const dsL_source *s);

/* The next line: a view without its line end, and how many bytes to take with it.  False: there is none, or it is
 * longer than `longest`, then *line is not empty; take it by dsL_source_skip_line.  [-0, +0, e] */
bool dsL_source_line(lua_State *L, dsL_source *s, size_t longest, ds_str *line, size_t *taken);
/* Takes the rest of the line at hand, however long.  [-0, +0, e] */
void dsL_source_skip_line(lua_State *L, dsL_source *s);

/* Whether reading failed; then pushes nil, message, {byte=} and returns 3.  [-0, +3, m] */
bool dsL_source_failed(const dsL_source *s);
int dsL_source_fail(lua_State *L, const dsL_source *s);

#endif

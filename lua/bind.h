/*
 * bind.h - what the bindings share: converting views, offsets, errors and allocators.
 *
 * Offsets  core: half-open bytes from 0; Lua: bytes from 1, both ends included.  Only
 *          dsL_pushspan and dsL_checkrange convert.
 * Marks    [-o, +p, x] as in the Lua manual: pops o, pushes p, x = e raises, m only on lack of
 *          memory, - never.
 */
#ifndef DS_BIND_H
#define DS_BIND_H

#include "alloc.h"
#include "compat.h"
#include "error.h"

/* The Lua state's own allocator as a ds_alloc.  [-0, +0, -] */
ds_alloc dsL_alloc(lua_State *L);
/* Argument `arg` as a view; it lives as long as the string is on the stack.  [-0, +0, e] */
ds_str dsL_checkstr(lua_State *L, int arg);
/* Pushes from, to of [beg, end).  [-0, +2, -] */
void dsL_pushspan(lua_State *L, size_t beg, size_t end);
/* Arguments arg, arg + 1 as string positions i, j (negative: from the end; defaults 1, -1) in a
 * string of n bytes, as string.sub takes them, to [*beg, *end).  [-0, +0, e] */
void dsL_checkrange(lua_State *L, int arg, size_t n, size_t *beg, size_t *end);
/* For bad data and I/O: pushes nil, message, detail {status=, byte=, line=} (byte from 1; byte and line
 * only when known); returns 3.  DS_ENOMEM raises instead.  [-0, +3, m] */
int dsL_pusherror(lua_State *L, const ds_error *err);
/* For failures that are the caller's or memory's: raises the message.  [-0, +0, e] */
int dsL_raise(lua_State *L, const ds_error *err);
/* The one of `names` (ends with NULL) that `word` most likely misspells, or NULL when none is near.
 * [-0, +0, -] */
const char *dsL_nearest(const char *word, const char *const names[]);
/* Argument `arg` as a table of options: false when it is none or nil, else true.  Raises, naming the
 * nearest valid name, when it is no table or has a key that is not in `names` (ends with NULL).
 * Types of the values are for the caller to check.  [-0, +0, e] */
bool dsL_checkoptions(lua_State *L, int arg, const char *const names[]);
/* New metatable `name` ("ds.segmenter"): __index = methods, the metamethods, __name.  Leaves nothing
 * when it is registered already.  [-0, +0, m] */
void dsL_newclass(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *meta);

/* The bindings; each pushes one table.  Opened as ds.c.NAME by luaopen_ds. */
int dsL_open_utf8(lua_State *L);
int dsL_open_norm(lua_State *L);
int dsL_open_encoding(lua_State *L);
int dsL_open_span(lua_State *L);
int dsL_open_text(lua_State *L);
int dsL_open_match(lua_State *L);
int dsL_open_segment(lua_State *L);
int dsL_open_train(lua_State *L);
int dsL_open_quantity(lua_State *L);
int dsL_open_convert(lua_State *L);
int dsL_open_store(lua_State *L);
int dsL_open_query(lua_State *L);
int dsL_open_words(lua_State *L);
int dsL_open_stats(lua_State *L);
int dsL_open_acc(lua_State *L);
int dsL_open_pack(lua_State *L);
int dsL_open_worker(lua_State *L);
int dsL_open_borders(lua_State *L);
int dsL_open_rows(lua_State *L);
int dsL_open_hash(lua_State *L);
int dsL_open_measures(lua_State *L);
int dsL_open_reuse(lua_State *L);
int dsL_open_newwords(lua_State *L);
int dsL_open_series(lua_State *L);
int dsL_open_json(lua_State *L);
int dsL_open_yaml(lua_State *L);
int dsL_open_markdown(lua_State *L);
int dsL_open_getopt(lua_State *L);
int dsL_open_sys(lua_State *L);
int dsL_open_limits(lua_State *L);
int dsL_open_pattern(lua_State *L);
int dsL_open_prompt(lua_State *L);
int dsL_open_table(lua_State *L);
int dsL_open_coroutine(lua_State *L);
int dsL_open_source(lua_State *L);
int dsL_open_jsonl(lua_State *L);
int dsL_open_csv(lua_State *L);
int dsL_open_html(lua_State *L);

/* The Lua module.  [-0, +1, e] */
int luaopen_ds(lua_State *L);

#endif

/*
 * bind_json.h - what other readers of JSON take from bind_json.c.
 */
#ifndef DS_BIND_JSON_H
#define DS_BIND_JSON_H

#include "bind.h"

/* Pushes the JSON value that is all of `s`, as json.decode gives it, and returns 1; or nil, message, {line=, byte=}
 * (from 1), and returns 3.  [-0, +1 | 3, m] */
int dsL_json_push(lua_State *L, ds_str s);
/* Pushes json.null.  [-0, +1, m] */
void dsL_json_pushnull(lua_State *L);
/* Appends the scalar at `at` to `out` as json.encode writes it, and returns true: a boolean, an integer, a finite float, nil,
 * json.null, or a string in which nothing needs an escape or mending.  False for all else: nothing was written.
 * [-0, +0, -] */
bool dsL_json_put_plain(lua_State *L, int at, ds_buf *out);

#endif

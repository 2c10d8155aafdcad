/* bind_match.h - what other bindings take from bind_match.c. */
#ifndef DS_BIND_MATCH_H
#define DS_BIND_MATCH_H

#include "bind.h"
#include "match.h"

/* The open automaton at `arg`.  [-0, +0, e] */
const ds_matcher *dsL_checkmatcher(lua_State *L, int arg);
/* Pushes a userdata that holds an empty list of hits and frees it when collected.  [-0, +1, m] */
ds_hits *dsL_pushhits(lua_State *L);

#endif

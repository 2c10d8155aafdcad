/*
 * bind_match.h - the automaton behind a Lua object, for other bindings.
 */
#ifndef DS_BIND_MATCH_H
#define DS_BIND_MATCH_H

#include "bind.h"
#include "match.h"

/* The open matcher (of ds.c.match) at `arg`; lives as long as that object.  [-0, +0, e] */
const ds_matcher *dsL_checkmatcher(lua_State *L, int arg);

#endif

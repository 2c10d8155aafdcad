/* bind_acc.h - accumulators as Lua objects, for the bindings that carry values from state to state. */
#ifndef DS_BIND_ACC_H
#define DS_BIND_ACC_H

#include "acc.h"
#include "bind.h"

/* The accumulator at `arg`, or NULL when it is none or closed.  [-0, +0, m] */
ds_acc *dsL_toacc(lua_State *L, int arg);
/* Pushes the accumulator saved as `bytes`; false: the reason is in *err and nothing is pushed.  [-0, +1, m] */
bool dsL_loadacc(lua_State *L, ds_str bytes, ds_error *err);

#endif

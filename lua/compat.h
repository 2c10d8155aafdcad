/*
 * compat.h - the API of Lua 5.4, as far as the bindings use it, on top of Lua 5.3 and LuaJIT 2.1.
 *
 * Under Lua 5.4 this file does nothing.  Elsewhere a name has the meaning that the manual of 5.4 gives it, but for
 * what those hosts cannot express:
 *   LuaJIT  has one type of number.  One that is whole and exact (at most 2^53) counts as an integer; integers
 *           beyond that are rounded when they are pushed.
 *   both    have no to-be-closed variables: `__close` is never called, `__gc` and :close() are.
 * User values 1 .. n of a userdata are items of a table, its one user value (5.3) or its environment (LuaJIT).
 */
#ifndef DS_COMPAT_H
#define DS_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

/* Loads a file of the library: its function, or a message.  As luaL_loadbufferx, but in other hosts than Lua 5.4
 * `<const>` and `<close>` are taken out, and the message says that the file is written for Lua 5.4.  [-0, +1, e] */
int dsL_load_embedded(lua_State *L, const char *source, size_t len, const char *chunk);

#if LUA_VERSION_NUM >= 504
#define DSL_HOST_WORKERS 1 /* limits, threads, coroutines of the host: what dsrun is made of */
#else
#define DSL_HOST_WORKERS 0

void *dsL_compat_newuserdatauv(lua_State *L, size_t size, int values);
int dsL_compat_getiuservalue(lua_State *L, int at, int n);
int dsL_compat_setiuservalue(lua_State *L, int at, int n);
int dsL_compat_typeerror(lua_State *L, int arg, const char *wanted);

#define lua_newuserdatauv dsL_compat_newuserdatauv
#define lua_getiuservalue dsL_compat_getiuservalue
#define lua_setiuservalue dsL_compat_setiuservalue
#define luaL_typeerror dsL_compat_typeerror
#define luaL_pushfail(L) lua_pushnil(L)

/* lua_gc with and without its third argument. */
#define lua_gc(...) (lua_gc)(DSL_GC(__VA_ARGS__, 0, 0))
#define DSL_GC(L, what, data, ...) L, what, data
#endif

#if LUA_VERSION_NUM < 503
#include "compat_jit.h"
#endif

#endif

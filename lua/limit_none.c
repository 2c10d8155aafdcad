/* limit_none.c - limit.h in a host that is not ours (Lua 5.3, LuaJIT): a state there has no limits. */
#include "limit.h"

#include "compat.h"

dsL_limits *dsL_limits_of(lua_State *L)
{
    (void)L;
    return NULL;
}

void dsL_limits_poll(lua_State *L)
{
    (void)L;
}

void dsL_limits_raise(lua_State *L, dsL_limit which)
{
    luaL_error(L, which == DSL_LIMIT_STEPS ? "the pattern takes too many steps" : "a limit is reached");
}

void dsL_limits_reserve(lua_State *L, size_t bytes)
{
    (void)L;
    (void)bytes;
}

const volatile sig_atomic_t *dsL_limits_flag(lua_State *L)
{
    (void)L;
    return NULL;
}

lua_Alloc dsL_limits_core_alloc(lua_State *L, void **ud)
{
    return lua_getallocf(L, ud);
}

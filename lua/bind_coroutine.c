/*
 * bind_coroutine.c - xpcall and coroutines that no limit is lost in (limit.h).
 *
 *   create(f)  resume(co, ...)  wrap(f)  close(co)  xpcall(f, handler, ...)
 *
 * As in the Lua 5.4 manual, sections 6.1 and 6.2.  A coroutine that is running is the one to be stopped; when a limit
 * is reached in it, the error goes on in the one that resumed it.  The message handler of xpcall, which Lua runs without
 * hooks when the error comes from one, is not called for a limit.
 */
#include "bind.h"
#include "limit.h"

static lua_State *check_coroutine(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);
    luaL_argexpected(L, co != NULL, 1, "coroutine");
    return co;
}

/* Resumes co with the n values on top of L; its results or its error are then on top of L.  The number of results,
 * or -1.  [-n, +results, e] */
static int resume(lua_State *L, lua_State *co, int n)
{
    int results;
    if (!lua_checkstack(co, n)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, n);
    int status = dsL_limits_resume(co, L, n, &results);
    dsL_limits_poll(L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, results);
    return results;
}

static int co_resume(lua_State *L)
{
    lua_State *co = check_coroutine(L);
    int n = resume(L, co, lua_gettop(L) - 1);
    lua_pushboolean(L, n >= 0);
    lua_insert(L, n >= 0 ? -(n + 1) : -2);
    return n >= 0 ? n + 1 : 2;
}

static int co_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

/* Ends a coroutine that has failed and raises its error, or that of a __close, with the place in front of a message. */
static int pass_error(lua_State *L, lua_State *co)
{
    int status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD) {
        status = dsL_limits_reset(co, L);
        dsL_limits_poll(L);
        if (status != LUA_OK) {
            lua_pop(L, 1);
            lua_xmove(co, L, 1);
        }
    }
    if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int n = resume(L, co, lua_gettop(L));
    return n >= 0 ? n : pass_error(L, co);
}

static int co_wrap(lua_State *L)
{
    co_create(L);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

/* "dead", "suspended", "normal" or "running". */
static const char *status_of(lua_State *L, lua_State *co)
{
    lua_Debug ar;
    if (L == co)
        return "running";
    switch (lua_status(co)) {
    case LUA_YIELD: return "suspended";
    case LUA_OK:
        if (lua_getstack(co, 0, &ar))
            return "normal";
        return lua_gettop(co) == 0 ? "dead" : "suspended";
    default: return "dead";
    }
}

static int co_close(lua_State *L)
{
    lua_State *co = check_coroutine(L);
    const char *status = status_of(L, co);
    if (*status != 'd' && *status != 's')
        return luaL_error(L, "cannot close a %s coroutine", status);
    bool good = dsL_limits_reset(co, L) == LUA_OK;
    dsL_limits_poll(L);
    lua_pushboolean(L, good);
    if (good)
        return 1;
    lua_xmove(co, L, 1);
    return 2;
}

/* The message handler of xpcall; upvalue 1 is the plugin's. */
static int on_error(lua_State *L)
{
    if (dsL_limits_reached(L) != DSL_LIMIT_NONE)
        return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int finish_xpcall(lua_State *L, int status, lua_KContext below)
{
    dsL_limits_poll(L);
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - (int)below;
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
}

static int co_xpcall(lua_State *L)
{
    int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, on_error, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1); /* the first result */
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); /* below the arguments */
    return finish_xpcall(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, finish_xpcall), 2);
}

static const luaL_Reg functions[] = {
    {"create", co_create}, {"resume", co_resume}, {"wrap", co_wrap}, {"close", co_close}, {"xpcall", co_xpcall},
    {NULL, NULL},
};

int dsL_open_coroutine(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}

/*
 * bind_limits.c - limits of a state (limit.h) for the host, which alone sees this module.
 *
 *   limits.call(handler, fn, ...)   -> true, results of fn | false, what handler made of the error, limit
 *   limits.try(handler, fn, ...)    the same, and an interrupt ends here with limit "interrupt"
 *   limits.set{run=, article=, memory=}   seconds from now, seconds for each article, bytes; 0 takes a limit away
 *   limits.article(begins)          an article begins (true) or ends: its time is counted between
 *   limits.where()                  -> { {source=, line=, defined=, name=}, ... } where Lua was at the latest limit
 *   limits.left()                   -> seconds until the run is to end; 0: no limit
 *   limits.memory()                 -> bytes in use, limit (0: none)
 *
 * `limit` is nil, "steps", "article", "memory" or "run"; the limit is cleared, as only this call can do, and that of
 * memory is taken away until it is set again.  The handler
 * is called with the error, before the stack is unwound, save when memory is short; when a limit was reached, without
 * hook, so that it can work.  An interrupt is passed on.
 */
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "limit.h"

static const char *const limit_names[] = {
    [DSL_LIMIT_STEPS] = "steps",
    [DSL_LIMIT_ARTICLE] = "article",
    [DSL_LIMIT_MEMORY] = "memory",
    [DSL_LIMIT_RUN] = "run",
    [DSL_LIMIT_INTERRUPT] = "interrupt",
};

/* Message handler; upvalue 1 is the host's. */
static int on_error(lua_State *L)
{
    bool reached = dsL_limits_reached(L) != DSL_LIMIT_NONE;
    if (reached)
        dsL_limits_hold(L, true);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    if (reached)
        dsL_limits_hold(L, false);
    return 1;
}

/* call and try; `forgiving`: an interrupt ends here, too. */
static int call_with(lua_State *L, bool forgiving)
{
    int n = lua_gettop(L);
    luaL_checkany(L, 2);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, on_error, 1);
    lua_replace(L, 1);
    int status = lua_pcall(L, n - 2, LUA_MULTRET, 1);
    dsL_limit which = dsL_limits_clear(L);
    if (which == DSL_LIMIT_INTERRUPT && forgiving)
        dsL_limits_forget(L);
    else if (which == DSL_LIMIT_INTERRUPT)
        dsL_limits_raise(L, which);
    dsL_limits *l = dsL_limits_of(L);
    if (which == DSL_LIMIT_NONE && status == LUA_ERRMEM && l != NULL && dsL_limits_memory(l) > 0)
        which = DSL_LIMIT_MEMORY; /* it came while garbage was collected */
    if (which == DSL_LIMIT_MEMORY)
        dsL_limits_set_memory(l, 0); /* the host must be able to speak of it */
    if (status == LUA_OK && which == DSL_LIMIT_NONE) {
        lua_pushboolean(L, 1);
        lua_replace(L, 1);
        return lua_gettop(L);
    }
    lua_pushboolean(L, 0);
    if (status != LUA_OK)
        lua_pushvalue(L, -2);
    else
        lua_pushnil(L);
    lua_pushstring(L, which == DSL_LIMIT_NONE ? NULL : limit_names[which]);
    return 3;
}

static int limits_call(lua_State *L)
{
    return call_with(L, false);
}

static int limits_try(lua_State *L)
{
    return call_with(L, true);
}

static double field_of(lua_State *L, const char *name, double otherwise)
{
    double v = lua_getfield(L, 1, name) == LUA_TNIL ? otherwise : luaL_checknumber(L, -1);
    lua_pop(L, 1);
    return v;
}

static int limits_set(lua_State *L)
{
    static const char *const names[] = {"run", "article", "memory", NULL};
    dsL_limits *l = dsL_limits_of(L);
    dsL_checkoptions(L, 1, names);
    double run = field_of(L, "run", -1), article = field_of(L, "article", -1), memory = field_of(L, "memory", -1);
    if (l == NULL)
        return 0;
    if (run >= 0)
        dsL_limits_set_run(l, run);
    if (article >= 0)
        dsL_limits_set_article(l, article);
    if (memory >= 0)
        dsL_limits_set_memory(l, (size_t)memory);
    return 0;
}

static int limits_article(lua_State *L)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l != NULL)
        dsL_limits_article(l, lua_toboolean(L, 1));
    return 0;
}

/* Pushes the n bytes "source TAB line TAB defined TAB name" as a table.  [-0, +1, m] */
static void push_frame(lua_State *L, const char *row, size_t n)
{
    static const char *const names[] = {"source", "line", "defined", "name"};
    const char *end = row + n;
    lua_createtable(L, 0, 4);
    for (int i = 0; i < 4; i++) {
        const char *tab = i < 3 ? memchr(row, '\t', (size_t)(end - row)) : end;
        if (tab == NULL)
            return;
        if (i == 1 || i == 2)
            lua_pushinteger(L, atoi(row));
        else
            lua_pushlstring(L, row, (size_t)(tab - row));
        lua_setfield(L, -2, names[i]);
        row = tab + 1;
    }
}

static int limits_where(lua_State *L)
{
    const dsL_limits *l = dsL_limits_of(L);
    lua_newtable(L);
    const char *row = l != NULL ? dsL_limits_where(l) : "", *end;
    for (lua_Integer i = 1; (end = strchr(row, '\n')) != NULL; row = end + 1, i++) {
        push_frame(L, row, (size_t)(end - row));
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static int limits_memory(lua_State *L)
{
    const dsL_limits *l = dsL_limits_of(L);
    lua_pushinteger(L, l != NULL ? (lua_Integer)dsL_limits_used(l) : 0);
    lua_pushinteger(L, l != NULL ? (lua_Integer)dsL_limits_memory(l) : 0);
    return 2;
}

static int limits_left(lua_State *L)
{
    const dsL_limits *l = dsL_limits_of(L);
    lua_pushnumber(L, l != NULL ? dsL_limits_left(l) : 0);
    return 1;
}

static const luaL_Reg functions[] = {
    {"call", limits_call},   {"try", limits_try},       {"set", limits_set},       {"article", limits_article},
    {"where", limits_where}, {"memory", limits_memory}, {"left", limits_left}, {NULL, NULL},
};

int dsL_open_limits(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}

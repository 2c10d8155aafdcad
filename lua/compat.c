/* compat.c - see compat.h. */
#include "compat.h"

#include <string.h>

#if LUA_VERSION_NUM < 504

#if LUA_VERSION_NUM < 503
#define HOST_NAME "LuaJIT"
#define SET_VALUES lua_setfenv
#define GET_VALUES lua_getfenv
#else
#define HOST_NAME LUA_VERSION
#define SET_VALUES lua_setuservalue
#define GET_VALUES lua_getuservalue
#endif

void *dsL_compat_newuserdatauv(lua_State *L, size_t size, int values)
{
    void *p = lua_newuserdata(L, size);
    if (values > 0) {
        lua_createtable(L, values, 0);
        SET_VALUES(L, -2);
    }
    return p;
}

int dsL_compat_getiuservalue(lua_State *L, int at, int n)
{
    GET_VALUES(L, at);
    int type = lua_rawgeti(L, -1, n);
    lua_remove(L, -2);
    return type;
}

int dsL_compat_setiuservalue(lua_State *L, int at, int n)
{
    GET_VALUES(L, at);
    lua_insert(L, -2);
    lua_rawseti(L, -2, n);
    lua_pop(L, 1);
    return 1;
}

int dsL_compat_typeerror(lua_State *L, int arg, const char *wanted)
{
    const char *got = luaL_typename(L, arg);
    if (luaL_getmetafield(L, arg, "__name") && lua_type(L, -1) == LUA_TSTRING)
        got = lua_tostring(L, -1);
    return luaL_argerror(L, arg, lua_pushfstring(L, "%s expected, got %s", wanted, got));
}

/* Writes spaces over the attributes of local variables: a constant becomes a variable that nobody changes, and what
 * was to be closed is closed by the collector. */
static void blank_attributes(char *s, size_t n)
{
    const size_t len = sizeof "<const>" - 1;
    for (char *p = s; (p = memchr(p, '<', n - (size_t)(p - s))) != NULL; p++)
        if (n - (size_t)(p - s) >= len && (memcmp(p, "<const>", len) == 0 || memcmp(p, "<close>", len) == 0))
            memset(p, ' ', len);
}

#if LUA_VERSION_NUM < 503
/* The function on top sees the globals of Lua 5.4 that the library wants (ds/compat.lua).  [-0, +0, e] */
static void give_globals(lua_State *L, const char *chunk)
{
    if (strcmp(chunk, "@ds/compat.lua") == 0)
        return;
    lua_getglobal(L, "require");
    lua_pushliteral(L, "ds.compat");
    lua_call(L, 1, 1);
    lua_setfenv(L, -2);
}
#else
static void give_globals(lua_State *L, const char *chunk)
{
    (void)L;
    (void)chunk;
}
#endif

int dsL_load_embedded(lua_State *L, const char *source, size_t len, const char *chunk)
{
    char *copy = lua_newuserdata(L, len + 1);
    int at = lua_gettop(L);
    memcpy(copy, source, len);
    blank_attributes(copy, len);
    int status = luaL_loadbufferx(L, copy, len, chunk, "t");
    if (status == LUA_OK)
        give_globals(L, chunk);
    else if (status == LUA_ERRSYNTAX)
        lua_pushfstring(L, "%s is written for Lua 5.4, this host is " HOST_NAME " (%s); the parts of ds that run here are "
                        "listed in doc/HOSTS.md", chunk + 1, lua_tostring(L, -1));
    lua_replace(L, at);
    lua_settop(L, at);
    return status;
}

#else

int dsL_load_embedded(lua_State *L, const char *source, size_t len, const char *chunk)
{
    return luaL_loadbufferx(L, source, len, chunk, "t");
}
#endif

/* compat.c - see compat.h. */
#include "compat.h"

#include <stdbool.h>
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
/* The end of the long bracket whose text begins at p. */
static const char *past_long_bracket(const char *p, const char *end, size_t level)
{
    for (; (p = memchr(p, ']', (size_t)(end - p))) != NULL; p++) {
        const char *close = p + 1;
        while (close < end && *close == '=')
            close++;
        if (close < end && *close == ']' && (size_t)(close - p - 1) == level)
            return close + 1;
    }
    return end;
}

/* The end of a string, a long bracket or a comment that begins at p; p itself where none does. */
static const char *past_quoted(const char *p, const char *end)
{
    bool comment = end - p >= 2 && p[0] == '-' && p[1] == '-';
    const char *at = comment ? p + 2 : p;
    if (at < end && *at == '[') {
        const char *open = at + 1;
        while (open < end && *open == '=')
            open++;
        if (open < end && *open == '[')
            return past_long_bracket(open + 1, end, (size_t)(open - at - 1));
    }
    if (comment) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        return line != NULL ? line : end;
    }
    if (*p != '"' && *p != '\'')
        return p;
    for (at = p + 1; at < end && *at != *p; at++)
        at += *at == '\\';
    return at < end ? at + 1 : end;
}

/* Pushes the source with `/IDIV/` for every `//`: two divisions, as tight and from the left like the one meant, by an
 * object of ds/compat.lua that notes the dividend. */
static void push_without_floor_division(lua_State *L, const char *p, size_t n)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (const char *end = p + n; p < end;) {
        const char *past = past_quoted(p, end);
        if (past > p) {
            luaL_addlstring(&b, p, (size_t)(past - p));
            p = past;
        } else if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
            luaL_addstring(&b, "/IDIV/");
            p += 2;
        } else {
            luaL_addchar(&b, *p);
            p++;
        }
    }
    luaL_pushresult(&b);
}
#else
static void give_globals(lua_State *L, const char *chunk)
{
    (void)L;
    (void)chunk;
}

static void push_without_floor_division(lua_State *L, const char *p, size_t n)
{
    lua_pushlstring(L, p, n);
}
#endif

int dsL_load_embedded(lua_State *L, const char *source, size_t len, const char *chunk)
{
    char *copy = lua_newuserdata(L, len + 1);
    int at = lua_gettop(L);
    memcpy(copy, source, len);
    blank_attributes(copy, len);
    push_without_floor_division(L, copy, len);
    source = lua_tolstring(L, -1, &len);
    int status = luaL_loadbufferx(L, source, len, chunk, "t");
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

/* guard.c - see guard.h. */
#define _DEFAULT_SOURCE /* realpath */
#include "guard.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"

#define ALLOWED_KEY "ds.readable" /* registry: list of paths */
#define WRITABLE_KEY "ds.writable" /* registry: set of paths */
#define GUARDED_KEY "ds.guarded"  /* registry: true while the guard is on */

/* Without "./" in front. */
static const char *plain(const char *path)
{
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
        while (*path == '/')
            path++;
    }
    return path;
}

/* Appends the n bytes of path to the list on top.  [-0, +0, m] */
static void append(lua_State *L, const char *path, size_t n)
{
    while (n > 1 && path[n - 1] == '/')
        n--;
    lua_pushlstring(L, path, n);
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
}

void dsL_guard_allow(lua_State *L, const char *path)
{
    char real[PATH_MAX];
    luaL_getsubtable(L, LUA_REGISTRYINDEX, ALLOWED_KEY);
    if (strcmp(path, "-") != 0) {
        append(L, plain(path), strlen(plain(path)));
        if (realpath(path, real) != NULL)
            append(L, real, strlen(real));
    }
    lua_pop(L, 1);
}

void dsL_guard_set(lua_State *L, bool on)
{
    lua_pushboolean(L, on);
    lua_setfield(L, LUA_REGISTRYINDEX, GUARDED_KEY);
}

/* Whether a part of the path is "..". */
static bool climbs(const char *path)
{
    for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == path || at[-1] == '/') && (at[2] == '\0' || at[2] == '/'))
            return true;
    return false;
}

static bool is_below(const char *path, const char *dir, size_t n)
{
    if (n == 1 && *dir == '/')
        return *path == '/';
    if (n == 1 && *dir == '.' && *path != '/' && !climbs(path))
        return true;
    return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* Whether the list on top has path itself (exact) or something above it.  [-0, +0, -] */
static bool is_listed(lua_State *L, const char *path, bool exact)
{
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
        size_t n;
        const char *dir = lua_tolstring(L, -1, &n);
        bool good = exact ? strcmp(path, dir) == 0 : is_below(path, dir, n);
        lua_pop(L, 1);
        if (good)
            return true;
    }
    lua_pop(L, 1);
    return false;
}

static bool is_on(lua_State *L)
{
    bool on = lua_getfield(L, LUA_REGISTRYINDEX, GUARDED_KEY) == LUA_TBOOLEAN && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return on;
}

void dsL_guard_allow_write(lua_State *L, const char *path)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, WRITABLE_KEY);
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, path);
    lua_pop(L, 1);
}

bool dsL_guard_allows_write(lua_State *L, const char *path)
{
    if (!is_on(L))
        return true;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, WRITABLE_KEY);
    bool good = lua_getfield(L, -1, path) == LUA_TBOOLEAN;
    lua_pop(L, 2);
    if (good)
        return true;
    lua_pushnil(L);
    lua_pushfstring(L, "%s: a plugin may not write there, only through ctx:store and ctx:output; --trust allows it", path);
    lua_pushliteral(L, "refused");
    return false;
}

bool dsL_guard_allows(lua_State *L, const char *path)
{
    char real[PATH_MAX];
    if (!is_on(L))
        return true;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, ALLOWED_KEY);
    bool good = is_listed(L, plain(path), climbs(path));
    if (!good && realpath(path, real) != NULL)
        good = is_listed(L, real, false);
    lua_pop(L, 1);
    if (good)
        return true;
    lua_pushnil(L);
    lua_pushfstring(L, "%s: a plugin may not read there, only beside itself, in the corpus, the data directories and "
                       "what options name; --trust allows it", path);
    lua_pushliteral(L, "refused");
    return false;
}

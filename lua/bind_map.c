/* bind_map.c - see bind_map.h. */
#include "bind_map.h"

#define MAP_CLASS "ds.map"

/* [-0, +0, e] */
static dsL_map *check_map(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, MAP_CLASS);
}

/* [-0, +0, e] */
static dsL_map *live_map(lua_State *L, int arg)
{
    dsL_map *h = check_map(L, arg);
    if (h->closed)
        luaL_error(L, "attempt to use a closed " MAP_CLASS);
    return h;
}

dsL_map *dsL_newmap(lua_State *L)
{
    dsL_map *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->closed = false;
    h->alloc = dsL_alloc(L);
    ds_offmap_init(&h->map, &h->alloc);
    ds_buf_init(&h->text, &h->alloc);
    luaL_setmetatable(L, MAP_CLASS);
    return h;
}

/* [-0, +2, e] */
static int map_origin(lua_State *L)
{
    dsL_map *h = live_map(L, 1);
    lua_Integer len = (lua_Integer)h->map.out_len, i = luaL_checkinteger(L, 2), j = luaL_optinteger(L, 3, i);
    size_t beg, end;
    luaL_argcheck(L, i >= 1 && i <= len + 1, 2, "position outside the text");
    luaL_argcheck(L, j >= i - 1 && j <= len, 3, "position before the first one or outside the text");
    ds_offmap_origin(&h->map, (size_t)i - 1, (size_t)j, &beg, &end);
    dsL_pushspan(L, beg, end);
    return 2;
}

/* __gc, __close and close: may be called any number of times.  [-0, +0, e] */
static int map_close(lua_State *L)
{
    dsL_map *h = check_map(L, 1);
    ds_offmap_clear(&h->map);
    ds_buf_clear(&h->text);
    h->closed = true;
    return 0;
}

/* [-0, +1, e] */
static int map_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)live_map(L, 1)->map.out_len);
    return 1;
}

/* [-0, +1, e] */
static int map_tostring(lua_State *L)
{
    dsL_map *h = check_map(L, 1);
    if (h->closed)
        lua_pushliteral(L, MAP_CLASS " (closed)");
    else
        lua_pushfstring(L, MAP_CLASS " (%I bytes, %I runs)", (LUAI_UACINT)h->map.out_len, (LUAI_UACINT)h->map.count);
    return 1;
}

static const luaL_Reg map_methods[] = {{"origin", map_origin}, {"close", map_close}, {NULL, NULL}};

static const luaL_Reg map_meta[] = {
    {"__len", map_len}, {"__tostring", map_tostring}, {"__gc", map_close}, {"__close", map_close}, {NULL, NULL},
};

/* Lets the collector know of memory that it did not see being taken.  [-0, +0, -] */
static void tell_collector(lua_State *L, size_t bytes)
{
    if (bytes >= 1024 && bytes / 1024 < INT32_MAX && lua_gc(L, LUA_GCISRUNNING))
        lua_gc(L, LUA_GCSTEP, (int)(bytes / 1024));
}

int dsL_returnmapped(lua_State *L, dsL_map *h)
{
    lua_pushlstring(L, h->text.n > 0 ? h->text.p : "", h->text.n);
    ds_buf_clear(&h->text);
    lua_insert(L, -2);
    tell_collector(L, h->map.cap * sizeof *h->map.runs);
    return 2;
}

void dsL_open_map(lua_State *L)
{
    dsL_newclass(L, MAP_CLASS, map_methods, map_meta);
}

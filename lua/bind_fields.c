/* bind_fields.c - typed fields of articles, to and from Lua values. */
#include <string.h>

#include "bind_store.h"

/* ------------------------------------------------------------------ from Lua */

static void put_value(lua_State *L, int at, ds_buf *row, int depth);

static void put_list(lua_State *L, int at, ds_buf *row, int depth)
{
    lua_Unsigned n = lua_rawlen(L, at);
    ds_fields_value(row, &(ds_value){.kind = DS_KIND_LIST, .count = (uint32_t)n});
    for (lua_Unsigned i = 1; i <= n; i++) {
        lua_rawgeti(L, at, (lua_Integer)i);
        put_value(L, lua_gettop(L), row, depth + 1);
        lua_pop(L, 1);
    }
}

/* Pushes the keys of the table at `at`, sorted, as a list.  [-0, +1, e] */
static void push_keys(lua_State *L, int at)
{
    lua_Integer n = 0;
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, at) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "a store keeps lists and tables with names, not a key that is a %s", luaL_typename(L, -2));
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, ++n);
    }
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_remove(L, -2);
    lua_pushvalue(L, -2);
    lua_call(L, 1, 0);
}

static void put_map(lua_State *L, int at, ds_buf *row, int depth)
{
    push_keys(L, at);
    int keys = lua_gettop(L);
    lua_Unsigned n = lua_rawlen(L, keys);
    ds_fields_value(row, &(ds_value){.kind = DS_KIND_MAP, .count = (uint32_t)n});
    for (lua_Unsigned i = 1; i <= n; i++) {
        lua_rawgeti(L, keys, (lua_Integer)i);
        ds_fields_name(row, dsL_checkstr(L, -1));
        lua_rawget(L, at);
        put_value(L, lua_gettop(L), row, depth + 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Whether the table at `at` has items, or nothing at all. */
static bool is_list(lua_State *L, int at)
{
    if (lua_rawlen(L, at) > 0)
        return true;
    lua_pushnil(L);
    if (lua_next(L, at) == 0)
        return true;
    lua_pop(L, 2);
    return false;
}

static void put_value(lua_State *L, int at, ds_buf *row, int depth)
{
    luaL_checkstack(L, 8, NULL);
    switch (lua_type(L, at)) {
    case LUA_TBOOLEAN:
        ds_fields_value(row, &(ds_value){.kind = lua_toboolean(L, at) ? DS_KIND_TRUE : DS_KIND_FALSE});
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, at))
            ds_fields_value(row, &(ds_value){.kind = DS_KIND_INTEGER, .integer = lua_tointeger(L, at)});
        else
            ds_fields_value(row, &(ds_value){.kind = DS_KIND_NUMBER, .number = lua_tonumber(L, at)});
        break;
    case LUA_TSTRING:
        ds_fields_value(row, &(ds_value){.kind = DS_KIND_STRING, .str = dsL_checkstr(L, at)});
        break;
    case LUA_TTABLE:
        if (depth >= DS_FIELDS_DEPTH)
            luaL_error(L, "tables nested deeper than %d", DS_FIELDS_DEPTH);
        if (is_list(L, at))
            put_list(L, at, row, depth);
        else
            put_map(L, at, row, depth);
        break;
    default:
        luaL_error(L, "a store cannot keep a %s", luaL_typename(L, at));
    }
}

void dsL_checkrow(lua_State *L, int arg, ds_buf *row)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_Unsigned n = lua_rawlen(L, arg);
    for (lua_Unsigned i = 1; i <= n; i++) {
        if (lua_rawgeti(L, arg, (lua_Integer)i) != LUA_TTABLE)
            luaL_argerror(L, arg, "a list of {name, value} is wanted");
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        ds_fields_name(row, dsL_checkstr(L, -2));
        put_value(L, lua_gettop(L), row, 0);
        lua_pop(L, 3);
    }
    if (row->status != DS_OK)
        luaL_error(L, "not enough memory");
}

/* ------------------------------------------------------------------ to Lua */

static bool push_value(lua_State *L, ds_fields *f, int depth);

static bool push_inner(lua_State *L, ds_fields *f, const ds_value *v, int depth)
{
    lua_newtable(L);
    if (depth >= DS_FIELDS_DEPTH)
        return false;
    for (uint32_t i = 0; i < v->count; i++) {
        ds_str name = {"", 0};
        if (v->kind == DS_KIND_MAP && !ds_fields_next_name(f, &name))
            return false;
        if (v->kind == DS_KIND_MAP)
            lua_pushlstring(L, name.p, name.n);
        bool good = push_value(L, f, depth + 1);
        if (v->kind == DS_KIND_MAP)
            lua_rawset(L, -3);
        else
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        if (!good)
            return false;
    }
    return true;
}

/* Pushes the next value, or nil and false when the row is damaged.  [-0, +1, m] */
static bool push_value(lua_State *L, ds_fields *f, int depth)
{
    ds_value v;
    luaL_checkstack(L, 8, NULL);
    if (!ds_fields_next_value(f, &v)) {
        lua_pushnil(L);
        return false;
    }
    switch (v.kind) {
    case DS_KIND_FALSE:
    case DS_KIND_TRUE:
        lua_pushboolean(L, v.kind == DS_KIND_TRUE);
        return true;
    case DS_KIND_INTEGER:
        lua_pushinteger(L, v.integer);
        return true;
    case DS_KIND_NUMBER:
        lua_pushnumber(L, v.number);
        return true;
    case DS_KIND_STRING:
    case DS_KIND_DATE:
        lua_pushlstring(L, v.str.p, v.str.n);
        return true;
    case DS_KIND_LIST:
    case DS_KIND_MAP:
        return push_inner(L, f, &v, depth);
    }
    lua_pushnil(L);
    return false;
}

void dsL_pushvalue(lua_State *L, ds_str value)
{
    ds_fields f;
    ds_fields_read(&f, value);
    if (!push_value(L, &f, 0)) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
}

void dsL_pushrow(lua_State *L, ds_str row)
{
    ds_fields f;
    ds_str name;
    ds_fields_read(&f, row);
    lua_newtable(L);
    while (f.at < f.end && ds_fields_next_name(&f, &name)) {
        lua_pushlstring(L, name.p, name.n);
        bool good = push_value(L, &f, 0);
        lua_rawset(L, -3);
        if (!good)
            break;
    }
}

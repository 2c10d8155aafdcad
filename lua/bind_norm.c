/*
 * bind_norm.c - normalisation, a part of ds.utf8.
 *
 *   normalize(s, form [, {map=}]) -> string [, ds.map]   form: "NFC"|"NFD"|"NFKC"|"NFKD"; with map=true the map, too
 *
 * Never fails on bad UTF-8, which passes unchanged.  A string that is normal already comes back itself, not a copy.
 */
#include "bind_map.h"

#include <string.h>

#include "norm.h"

static const char *const norm_forms[] = {"NFC", "NFD", "NFKC", "NFKD", NULL}; /* in the order of ds_norm_form */
static const char *const norm_options[] = {"map", NULL};

/* [-0, +0, e] */
static ds_norm_form check_form(lua_State *L, int arg)
{
    const char *name = luaL_checkstring(L, arg);
    for (int form = 0; norm_forms[form] != NULL; form++)
        if (strcmp(name, norm_forms[form]) == 0)
            return (ds_norm_form)form;
    luaL_argerror(L, arg, lua_pushfstring(L, "unknown form '%s'; there are: NFC, NFD, NFKC, NFKD", name));
    return DS_NORM_NFC;
}

/* [-0, +0, e] */
static bool check_wants_map(lua_State *L, int arg)
{
    if (!dsL_checkoptions(L, arg, norm_options))
        return false;
    int type = lua_getfield(L, arg, "map");
    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        luaL_argerror(L, arg, "option 'map' is true or false");
    bool wants = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return wants;
}

/* The string itself, at 1.  [-0, +1|2, m] */
static int return_unchanged(lua_State *L, ds_str s, bool wants_map)
{
    lua_pushvalue(L, 1);
    if (!wants_map)
        return 1;
    dsL_map *h = dsL_newmap(L);
    ds_offmap_linear(&h->map, s.n, 0);
    return h->map.status == DS_OK ? 2 : luaL_error(L, "not enough memory");
}

/* [-0, +1|2, e] */
static int norm_normalize(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    ds_norm_form form = check_form(L, 2);
    bool wants_map = check_wants_map(L, 3);
    ds_error err;
    if (ds_norm_quick(s, form))
        return return_unchanged(L, s, wants_map);
    dsL_map *h = dsL_newmap(L);
    if (ds_norm(s, form, &h->text, wants_map ? &h->map : NULL, &err) != DS_OK)
        return dsL_raise(L, &err);
    dsL_returnmapped(L, h);
    if (wants_map)
        return 2;
    lua_pop(L, 1);
    return 1;
}

static const luaL_Reg norm_functions[] = {{"normalize", norm_normalize}, {NULL, NULL}};

int dsL_open_norm(lua_State *L)
{
    dsL_open_map(L);
    luaL_newlib(L, norm_functions);
    return 1;
}

/*
 * bind_convert.c - Simplified to Traditional and back for Lua.
 *
 *   conv = open(tables_path, lexicon_path)    --> ds.converter | nil, message, detail
 *   conv:convert(s, to, region, mode)         --> converted, ds.map
 *       to "simplified"|"traditional", region "none"|"tw"|"hk", mode "words"|"opencc"
 *   conv:close()
 */
#include "bind_map.h"
#include "bind_shared.h"

#include "convert.h"

#define CONVERTER "ds.converter"

typedef struct converter_handle {
    ds_alloc alloc;
    ds_converter *conv;
    ds_lexicon *lex;
    ds_segmenter *seg;
} converter_handle;

/* __gc, __close and close: may be called any number of times.  [-0, +0, e] */
static int converter_close(lua_State *L)
{
    converter_handle *h = luaL_checkudata(L, 1, CONVERTER);
    ds_segmenter_free(h->seg);
    dsL_unshare_lexicon(h->lex);
    ds_converter_free(h->conv);
    h->seg = NULL;
    h->lex = NULL;
    h->conv = NULL;
    return 0;
}

/* [-0, +0, e] */
static converter_handle *live_converter(lua_State *L)
{
    converter_handle *h = luaL_checkudata(L, 1, CONVERTER);
    if (h->seg == NULL)
        luaL_error(L, "attempt to use a closed " CONVERTER);
    return h;
}

/* [-0, +1|3, e] */
static int converter_open(lua_State *L)
{
    const char *tables = luaL_checkstring(L, 1), *lexicon = luaL_checkstring(L, 2);
    ds_error err;
    converter_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (converter_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, CONVERTER);
    if (ds_converter_open(&h->alloc, tables, &h->conv, &err) != DS_OK ||
        dsL_share_lexicon(lexicon, &h->lex, &err) != DS_OK ||
        ds_segmenter_new(&h->alloc, h->lex, NULL, NULL, &h->seg, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    return 1;
}

/* [-0, +2, e] */
static int converter_convert(lua_State *L)
{
    static const char *const directions[] = {"traditional", "simplified", NULL};
    static const char *const regions[] = {"none", "tw", "hk", NULL};
    static const char *const modes[] = {"words", "opencc", NULL};
    const converter_handle *h = live_converter(L);
    ds_str s = dsL_checkstr(L, 2);
    ds_conversion what = {luaL_checkoption(L, 3, NULL, directions) == 1,
                          (ds_region)luaL_checkoption(L, 4, "none", regions)};
    bool opencc = luaL_checkoption(L, 5, "words", modes) == 1;
    ds_error err;
    dsL_map *m = dsL_newmap(L);
    ds_status st = opencc ? ds_convert_opencc(h->conv, what, s, &m->text, &m->map, &err)
                          : ds_convert_words(h->conv, h->seg, h->lex, what, s, &m->text, &m->map, &err);
    return st == DS_OK ? dsL_returnmapped(L, m) : dsL_raise(L, &err);
}

/* [-0, +1, e] */
static int converter_tostring(lua_State *L)
{
    const converter_handle *h = luaL_checkudata(L, 1, CONVERTER);
    lua_pushstring(L, h->seg != NULL ? CONVERTER : CONVERTER " (closed)");
    return 1;
}

static const luaL_Reg converter_methods[] = {{"convert", converter_convert}, {"close", converter_close}, {NULL, NULL}};
static const luaL_Reg converter_meta[] = {
    {"__gc", converter_close}, {"__close", converter_close}, {"__tostring", converter_tostring}, {NULL, NULL}};
static const luaL_Reg convert_functions[] = {{"open", converter_open}, {NULL, NULL}};

int dsL_open_convert(lua_State *L)
{
    dsL_newclass(L, CONVERTER, converter_methods, converter_meta);
    luaL_newlib(L, convert_functions);
    return 1;
}

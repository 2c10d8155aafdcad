/*
 * ds.c - the Lua module: joins the bindings (ds.c.NAME) and the embedded Lua files (ds.NAME).
 */
#include <string.h>

#include "bind.h"
#include "embed.h"

static const luaL_Reg bindings[] = {
    {"ds.c.utf8", dsL_open_utf8},       {"ds.c.norm", dsL_open_norm},     {"ds.c.span", dsL_open_span},
    {"ds.c.text", dsL_open_text},       {"ds.c.match", dsL_open_match},
    {"ds.c.segment", dsL_open_segment}, {"ds.c.stats", dsL_open_stats},   {"ds.c.json", dsL_open_json},
    {"ds.c.yaml", dsL_open_yaml},       {"ds.c.markdown", dsL_open_markdown},
    {"ds.c.getopt", dsL_open_getopt},   {"ds.c.sys", dsL_open_sys},       {"ds.c.encoding", dsL_open_encoding},
    {"ds.c.convert", dsL_open_convert}, {"ds.c.measures", dsL_open_measures},
    {"ds.c.pattern", dsL_open_pattern}, {"ds.c.table", dsL_open_table},
    {"ds.c.quantity", dsL_open_quantity}, {"ds.c.acc", dsL_open_acc},     {"ds.c.pack", dsL_open_pack},
    {"ds.c.borders", dsL_open_borders}, {"ds.c.rows", dsL_open_rows},
    {"ds.c.hash", dsL_open_hash},
    {"ds.c.source", dsL_open_source},   {"ds.c.jsonl", dsL_open_jsonl},   {"ds.c.csv", dsL_open_csv},
    {"ds.c.html", dsL_open_html},
    {"ds.c.store", dsL_open_store},
    {"ds.c.query", dsL_open_query},     {"ds.c.words", dsL_open_words},
    {"ds.c.reuse", dsL_open_reuse}, {"ds.c.newwords", dsL_open_newwords}, {"ds.c.series", dsL_open_series},
    {"ds.c.train", dsL_open_train},
#if DSL_HOST_WORKERS
    {"ds.c.limits", dsL_open_limits},   {"ds.c.worker", dsL_open_worker},
    {"ds.c.coroutine", dsL_open_coroutine}, {"ds.c.prompt", dsL_open_prompt},
#endif
    {NULL, NULL},
};

/* Loader of an embedded file: upvalue 1 is its row.  [-0, +1, e] */
static int load_embedded(lua_State *L)
{
    const ds_embedded *f = lua_touserdata(L, lua_upvalueindex(1));
    lua_settop(L, 1); /* the module's name */
    if (dsL_load_embedded(L, (const char *)f->source, f->len, f->chunk) != LUA_OK)
        return lua_error(L);
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static void preload(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, bindings, 0);
    for (const ds_embedded *f = ds_embedded_files; f->module != NULL; f++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)f);
        lua_pushcclosure(L, load_embedded, 1);
        lua_setfield(L, -2, f->module);
    }
    lua_pop(L, 1);
}

LUAMOD_API int luaopen_ds(lua_State *L)
{
    preload(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "ds.init");
    lua_call(L, 1, 1);
    lua_pushliteral(L, DS_VERSION);
    lua_setfield(L, -2, "version");
    return 1;
}

/* bind_lexicon.c - compiled lexicons and taggers for other bindings; see bind_lexicon.h. */
#include "bind_lexicon.h"
#include "bind_shared.h"

#define LEXICON "ds.lexicon_image"
#define TAGGER "ds.tagger_image"

typedef struct lexicon_handle {
    ds_lexicon *lex;
} lexicon_handle;

typedef struct tagger_handle {
    ds_alloc alloc;
    ds_nn *nn;
} tagger_handle;

/* ---- the lexicon, kept in the registry under its path ---- */

static int lexicon_gc(lua_State *L)
{
    lexicon_handle *h = luaL_checkudata(L, 1, LEXICON);
    dsL_unshare_lexicon(h->lex);
    h->lex = NULL;
    return 0;
}

bool dsL_pushlexicon(lua_State *L, const char *path, ds_error *err)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "ds.lexicons");
    if (lua_getfield(L, -1, path) == LUA_TUSERDATA) {
        lua_remove(L, -2);
        return true;
    }
    lua_pop(L, 1);
    lexicon_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->lex = NULL;
    luaL_setmetatable(L, LEXICON);
    if (dsL_share_lexicon(path, &h->lex, err) != DS_OK) {
        lua_pop(L, 2);
        return false;
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, path);
    lua_remove(L, -2);
    return true;
}

const ds_lexicon *dsL_tolexicon(lua_State *L, int arg)
{
    const lexicon_handle *h = lua_touserdata(L, arg);
    return h->lex;
}

int dsL_verifylexicon(lua_State *L)
{
    ds_error err;
    if (!dsL_pushlexicon(L, luaL_checkstring(L, 1), &err))
        return dsL_pusherror(L, &err);
    const lexicon_handle *h = lua_touserdata(L, -1);
    if (ds_lexicon_verify(h->lex, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushinteger(L, (lua_Integer)ds_lexicon_count(h->lex));
    ds_str source = ds_lexicon_source(h->lex);
    lua_pushlstring(L, source.p, source.n);
    return 2;
}

/* ---- the tagger, kept likewise ---- */

static int tagger_gc(lua_State *L)
{
    tagger_handle *h = luaL_checkudata(L, 1, TAGGER);
    ds_nn_free(h->nn);
    h->nn = NULL;
    return 0;
}

bool dsL_pushtagger(lua_State *L, const char *path, ds_error *err)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "ds.taggers");
    if (lua_getfield(L, -1, path) == LUA_TUSERDATA) {
        lua_remove(L, -2);
        return true;
    }
    lua_pop(L, 1);
    tagger_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = dsL_alloc(L);
    h->nn = NULL;
    luaL_setmetatable(L, TAGGER);
    if (ds_nn_open(&h->alloc, path, &h->nn, err) != DS_OK) {
        lua_pop(L, 2);
        return false;
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, path);
    lua_remove(L, -2);
    return true;
}

const ds_nn *dsL_totagger(lua_State *L, int arg)
{
    const tagger_handle *h = lua_touserdata(L, arg);
    return h->nn;
}

/* ---- classes ---- */

static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg lexicon_meta[] = {{"__gc", lexicon_gc}, {NULL, NULL}};
static const luaL_Reg tagger_meta[] = {{"__gc", tagger_gc}, {NULL, NULL}};

void dsL_open_lexicon(lua_State *L)
{
    dsL_newclass(L, LEXICON, no_methods, lexicon_meta);
    dsL_newclass(L, TAGGER, no_methods, tagger_meta);
}

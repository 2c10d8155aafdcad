/*
 * bind_match.c - ds.c.match: the automaton; lua/ds/matcher.lua gives it labels and options.
 *
 *   match.new(texts, flags) -> ds.matcher_core | nil, message, detail
 *       texts: list of terms, none empty; flags: sum of match.CASE, match.WIDTH, match.VARIANT
 *   m:count(s) -> {n, ...}                the hits of each term, in the order of `texts`
 *   m:find(s) -> {from, to, term, ...}    flat, by from, then the longer first; term: index into texts
 *   m:same(i) -> integer                  the first term that folds to the same key as term i
 *   #m                                    the number of terms
 *   m:close()
 */
#include "bind_match.h"

#define MATCHER_CLASS "ds.matcher_core"

typedef struct matcher_handle {
    ds_alloc alloc;
    ds_matcher *m;
} matcher_handle;

/* Hits on their way to Lua, in a userdata so that an error frees them. */
#define HITS_CLASS "ds.matcher_hits"

typedef struct hits_handle {
    ds_alloc alloc;
    ds_hits v;
} hits_handle;

static matcher_handle *matcher_check(lua_State *L)
{
    return luaL_checkudata(L, 1, MATCHER_CLASS);
}

const ds_matcher *dsL_checkmatcher(lua_State *L, int arg)
{
    matcher_handle *h = luaL_checkudata(L, arg, MATCHER_CLASS);
    if (h->m == NULL)
        luaL_error(L, "attempt to use a closed ds.matcher");
    return h->m;
}

static const ds_matcher *matcher_live(lua_State *L)
{
    return dsL_checkmatcher(L, 1);
}

/* Views of the strings of the table at 1, in a new userdata on the stack; they live as long as the
 * table keeps the strings.  [-0, +1, e] */
static ds_str *push_views(lua_State *L, lua_Integer n)
{
    ds_str *views = lua_newuserdatauv(L, (size_t)n * sizeof *views, 0);
    for (lua_Integer i = 0; i < n; i++) {
        if (lua_rawgeti(L, 1, i + 1) != LUA_TSTRING)
            luaL_error(L, "term %I is not a string but a %s", (LUAI_UACINT)i + 1, luaL_typename(L, -1));
        views[i].p = lua_tolstring(L, -1, &views[i].n);
        lua_pop(L, 1);
    }
    return views;
}

/* [-0, +1|+3, e] */
static int matcher_new(lua_State *L)
{
    ds_error err;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer flags = luaL_checkinteger(L, 2);
    luaL_argcheck(L, flags >= 0 && flags <= DS_FOLD_ALL, 2, "flags are a sum of CASE, WIDTH, VARIANT");
    lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
    luaL_argcheck(L, n <= (lua_Integer)DS_MATCH_MAX_TERMS, 1, "too many terms");
    matcher_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->m = NULL;
    luaL_setmetatable(L, MATCHER_CLASS);
    h->alloc = dsL_alloc(L);
    ds_str *views = push_views(L, n);
    if (ds_matcher_new(&h->alloc, views, (size_t)n, (unsigned)flags, &h->m, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pop(L, 1);
    return 1;
}

/* [-0, +1, e] */
static int matcher_count(lua_State *L)
{
    ds_error err;
    const ds_matcher *m = matcher_live(L);
    ds_str text = dsL_checkstr(L, 2);
    size_t n = ds_matcher_terms(m);
    uint64_t *counts = lua_newuserdatauv(L, (n + 1) * sizeof *counts, 0);
    for (size_t i = 0; i < n; i++)
        counts[i] = 0;
    if (ds_match_count(m, text, counts, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushinteger(L, (lua_Integer)counts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* [-0, +0, -] */
static int hits_gc(lua_State *L)
{
    hits_handle *h = luaL_checkudata(L, 1, HITS_CLASS);
    ds_hits_clear(&h->v);
    return 0;
}

ds_hits *dsL_pushhits(lua_State *L)
{
    hits_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = dsL_alloc(L);
    ds_hits_init(&h->v, &h->alloc);
    luaL_setmetatable(L, HITS_CLASS);
    return &h->v;
}

/* [-0, +1, e] */
static int matcher_find(lua_State *L)
{
    ds_error err;
    const ds_matcher *m = matcher_live(L);
    ds_str text = dsL_checkstr(L, 2);
    ds_hits *v = dsL_pushhits(L);
    if (ds_match_all(m, text, v, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, v->count < 1000000 ? (int)v->count * 3 : 0, 0);
    lua_Integer at = 0;
    for (size_t i = 0; i < v->count; i++) {
        dsL_pushspan(L, v->items[i].beg, v->items[i].end);
        lua_rawseti(L, -3, at + 2);
        lua_rawseti(L, -2, at + 1);
        lua_pushinteger(L, (lua_Integer)v->items[i].term + 1);
        lua_rawseti(L, -2, at + 3);
        at += 3;
    }
    ds_hits_clear(v);
    return 1;
}

/* [-0, +1, e] */
static int matcher_same(lua_State *L)
{
    const ds_matcher *m = matcher_live(L);
    lua_Integer i = luaL_checkinteger(L, 2);
    luaL_argcheck(L, i >= 1 && (lua_Unsigned)i <= ds_matcher_terms(m), 2, "no term of that number");
    lua_pushinteger(L, (lua_Integer)ds_matcher_same(m, (uint32_t)(i - 1)) + 1);
    return 1;
}

/* [-0, +1, e] */
static int matcher_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_matcher_terms(matcher_live(L)));
    return 1;
}

/* [-0, +0, e] */
static int matcher_close(lua_State *L)
{
    matcher_handle *h = matcher_check(L);
    ds_matcher_free(h->m);
    h->m = NULL;
    return 0;
}

/* [-0, +1, e] */
static int matcher_tostring(lua_State *L)
{
    matcher_handle *h = matcher_check(L);
    if (h->m == NULL)
        lua_pushliteral(L, MATCHER_CLASS " (closed)");
    else
        lua_pushfstring(L, MATCHER_CLASS " (%I terms)", (LUAI_UACINT)ds_matcher_terms(h->m));
    return 1;
}

static const luaL_Reg matcher_methods[] = {
    {"count", matcher_count}, {"find", matcher_find}, {"same", matcher_same}, {"close", matcher_close}, {NULL, NULL},
};

static const luaL_Reg matcher_meta[] = {
    {"__gc", matcher_close}, {"__close", matcher_close}, {"__tostring", matcher_tostring},
    {"__len", matcher_len},  {NULL, NULL},
};

static const luaL_Reg hits_methods[] = {{NULL, NULL}};
static const luaL_Reg hits_meta[] = {{"__gc", hits_gc}, {NULL, NULL}};
static const luaL_Reg match_functions[] = {{"new", matcher_new}, {NULL, NULL}};

static void set_flag(lua_State *L, const char *name, int value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

/* [-0, +1, m] */
int dsL_open_match(lua_State *L)
{
    dsL_newclass(L, MATCHER_CLASS, matcher_methods, matcher_meta);
    dsL_newclass(L, HITS_CLASS, hits_methods, hits_meta);
    luaL_newlib(L, match_functions);
    set_flag(L, "CASE", DS_FOLD_CASE);
    set_flag(L, "WIDTH", DS_FOLD_WIDTH);
    set_flag(L, "VARIANT", DS_FOLD_VARIANT);
    return 1;
}

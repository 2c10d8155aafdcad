/*
 * bind_reuse.c - ds.c.reuse: passages that articles share; lua/ds/reuse.lua says what they are.
 *
 *   reuse.new{min=, shingle=, window=, most=}  -> ds.reuse_index; options as in core/reuse.h
 *   x:add(text)        the next article; -> its number, from 1
 *   x:build()          nothing can be added afterwards
 *   x:find(b)          -> list of {a, a_beg, a_end, b_beg, b_end, common}: letters of either article from 0, half-open
 *   x:size(b)          -> letters and digits of an article
 *   x:memory()         -> bytes held
 *   #x                 articles
 *   x:close()
 *   reuse.places(text, {beg, end, ...}) -> list of from, to: bytes of the text for ranges of letters
 *   reuse.letters(text) -> its letters and digits, folded, as text
 */
#include "bind.h"
#include "reuse.h"
#include "utf8.h"

#define INDEX_CLASS "ds.reuse_index"

typedef struct index_handle {
    ds_alloc alloc;
    ds_reuse *index; /* NULL when closed */
} index_handle;

static index_handle *check_index(lua_State *L)
{
    return luaL_checkudata(L, 1, INDEX_CLASS);
}

static ds_reuse *live_index(lua_State *L)
{
    index_handle *h = check_index(L);
    if (h->index == NULL)
        luaL_error(L, "attempt to use a closed " INDEX_CLASS);
    return h->index;
}

/* Option `name` of the table at 1, a whole number above 0; 0 when it is not given.  [-0, +0, e] */
static size_t option_of(lua_State *L, const char *name)
{
    int isnum;
    if (!lua_istable(L, 1) || lua_getfield(L, 1, name) == LUA_TNIL)
        return 0;
    lua_Integer n = lua_tointegerx(L, -1, &isnum);
    if (!isnum || n < 1)
        luaL_argerror(L, 1, lua_pushfstring(L, "option '%s' is a whole number above 0", name));
    lua_pop(L, 1);
    return (size_t)n;
}

static const char *const index_options[] = {"min", "shingle", "window", "most", NULL};

/* [-0, +1, e] */
static int index_new(lua_State *L)
{
    ds_error err;
    dsL_checkoptions(L, 1, index_options);
    ds_reuse_options o = {option_of(L, "min"), option_of(L, "shingle"), option_of(L, "window"), option_of(L, "most")};
    index_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->index = NULL;
    luaL_setmetatable(L, INDEX_CLASS);
    h->alloc = dsL_alloc(L);
    if (ds_reuse_new(&h->alloc, &o, &h->index, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 1;
}

/* [-0, +0, e] */
static int index_close(lua_State *L)
{
    index_handle *h = check_index(L);
    ds_reuse_free(h->index);
    h->index = NULL;
    return 0;
}

/* [-0, +1, e] */
static int index_add(lua_State *L)
{
    ds_error err;
    ds_reuse *x = live_index(L);
    if (ds_reuse_add(x, dsL_checkstr(L, 2), &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_pushinteger(L, (lua_Integer)ds_reuse_count(x));
    return 1;
}

/* [-0, +0, e] */
static int index_build(lua_State *L)
{
    ds_error err;
    if (ds_reuse_build(live_index(L), &err) != DS_OK)
        return dsL_raise(L, &err);
    return 0;
}

/* Number of an article, from 0.  [-0, +0, e] */
static size_t check_article(lua_State *L, const ds_reuse *x)
{
    lua_Integer n = luaL_checkinteger(L, 2);
    luaL_argcheck(L, n >= 1 && (lua_Unsigned)n <= ds_reuse_count(x), 2, "there is no such article");
    return (size_t)n - 1;
}

/* Matches on their way to Lua, in a userdata so that an error frees them. */
static int found_clear(lua_State *L)
{
    ds_reuse_matches_clear(lua_touserdata(L, 1));
    return 0;
}

static const luaL_Reg found_meta[] = {{"__gc", found_clear}, {"__close", found_clear}, {NULL, NULL}};

/* [-0, +1, m] */
static ds_reuse_matches *push_found(lua_State *L, const ds_alloc *a)
{
    ds_reuse_matches *m = lua_newuserdatauv(L, sizeof *m, 0);
    ds_reuse_matches_init(m, a);
    luaL_setmetatable(L, INDEX_CLASS ".found");
    return m;
}

static void set_number(lua_State *L, const char *name, size_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

/* [-0, +1, e] */
static int index_find(lua_State *L)
{
    ds_error err;
    const ds_reuse *x = live_index(L);
    size_t b = check_article(L, x);
    ds_reuse_matches *m = push_found(L, &check_index(L)->alloc);
    if (ds_reuse_find(x, b, m, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, (int)m->count, 0);
    for (size_t i = 0; i < m->count; i++) {
        const ds_reuse_match *r = &m->items[i];
        lua_createtable(L, 0, 6);
        set_number(L, "a", (size_t)r->a + 1);
        set_number(L, "a_beg", r->a_beg);
        set_number(L, "a_end", r->a_end);
        set_number(L, "b_beg", r->b_beg);
        set_number(L, "b_end", r->b_end);
        set_number(L, "common", r->common);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    ds_reuse_matches_clear(m);
    return 1;
}

/* [-0, +1, e] */
static int index_size(lua_State *L)
{
    const ds_reuse *x = live_index(L);
    lua_pushinteger(L, (lua_Integer)ds_reuse_size(x, check_article(L, x)));
    return 1;
}

/* [-0, +1, e] */
static int index_memory(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_reuse_memory(live_index(L)));
    return 1;
}

/* [-0, +1, e] */
static int index_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_reuse_count(live_index(L)));
    return 1;
}

/* [-0, +1, e] */
static int index_tostring(lua_State *L)
{
    const index_handle *h = check_index(L);
    if (h->index == NULL)
        lua_pushliteral(L, INDEX_CLASS " (closed)");
    else
        lua_pushfstring(L, INDEX_CLASS " (%I articles)", (LUAI_UACINT)ds_reuse_count(h->index));
    return 1;
}

/* ---------------------------------------------------------------- from letters to bytes */

static int codes_clear(lua_State *L)
{
    ds_codes_clear(lua_touserdata(L, 1));
    return 0;
}

static const luaL_Reg codes_meta[] = {{"__gc", codes_clear}, {"__close", codes_clear}, {NULL, NULL}};

/* The codes of argument 1, in a userdata.  [-0, +1, e] */
static ds_codes *push_codes(lua_State *L, bool with_offsets)
{
    ds_error err;
    ds_str text = dsL_checkstr(L, 1);
    ds_alloc a = dsL_alloc(L);
    struct { ds_codes codes; ds_alloc alloc; } *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = a;
    ds_codes_init(&h->codes, &h->alloc, with_offsets);
    luaL_setmetatable(L, INDEX_CLASS ".codes");
    if (ds_codes_add(&h->codes, text, &err) != DS_OK)
        dsL_raise(L, &err);
    return &h->codes;
}

/* Item i of the list at 2, a number of letters up to n.  [-0, +0, e] */
static size_t range_item(lua_State *L, lua_Integer i, size_t n)
{
    int isnum;
    lua_rawgeti(L, 2, i);
    lua_Integer k = lua_tointegerx(L, -1, &isnum);
    lua_pop(L, 1);
    if (!isnum || k < 0 || (lua_Unsigned)k > n)
        luaL_argerror(L, 2, lua_pushfstring(L, "item %I is no letter of the text", (LUAI_UACINT)i));
    return (size_t)k;
}

/* [-0, +1, e] */
static int reuse_places(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    ds_str text = dsL_checkstr(L, 1);
    const ds_codes *c = push_codes(L, true);
    lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
    luaL_argcheck(L, n % 2 == 0, 2, "ranges are pairs");
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 1; i < n; i += 2) {
        size_t beg = range_item(L, i, c->count), end = range_item(L, i + 1, c->count);
        luaL_argcheck(L, beg < end, 2, "a range is empty");
        dsL_pushspan(L, c->off[beg], ds_codes_char_end(text, c->off[end - 1]));
        lua_rawseti(L, -3, i + 1);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* [-0, +1, e] */
static int reuse_letters(lua_State *L)
{
    const ds_codes *c = push_codes(L, false);
    luaL_Buffer b;
    char one[DS_UTF8_MAX];
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < c->count; i++)
        luaL_addlstring(&b, one, ds_utf8_encode(c->code[i], one));
    luaL_pushresult(&b);
    return 1;
}

static const luaL_Reg index_methods[] = {
    {"add", index_add},   {"build", index_build},   {"find", index_find},
    {"size", index_size}, {"memory", index_memory}, {"close", index_close}, {NULL, NULL},
};

static const luaL_Reg index_meta[] = {
    {"__gc", index_close}, {"__close", index_close}, {"__len", index_len}, {"__tostring", index_tostring}, {NULL, NULL},
};

static const luaL_Reg reuse_functions[] = {
    {"new", index_new}, {"places", reuse_places}, {"letters", reuse_letters}, {NULL, NULL},
};

/* [-0, +1, m] */
int dsL_open_reuse(lua_State *L)
{
    static const luaL_Reg none[] = {{NULL, NULL}};
    dsL_newclass(L, INDEX_CLASS, index_methods, index_meta);
    dsL_newclass(L, INDEX_CLASS ".found", none, found_meta);
    dsL_newclass(L, INDEX_CLASS ".codes", none, codes_meta);
    luaL_newlib(L, reuse_functions);
    return 1;
}

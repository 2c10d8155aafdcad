/*
 * bind_utf8.c - ds.utf8: UTF-8, graphemes, width, folding, scripts.
 *
 *   valid(s)             -> true | false, byte where the first ill-formed sequence starts
 *   len(s)               -> code points
 *   glen(s)              -> grapheme clusters
 *   width(s)             -> terminal columns
 *   sub(s, i [, j])      -> code points i to j, as string.sub does with bytes
 *   codes(s)             -> iterator: from, to, code point; false for an ill-formed part
 *   graphemes(s)         -> iterator: from, to
 *   fold(s [, {case=, width=, variant=}]) -> folded, ds.map.  No table: all three; in a table what is
 *                           absent is off.
 *   script(s)            -> "Hans"|"Hant"|..., {hans=, hant=, han=, latin=, kana=, hangul=, cyrillic=, other=}
 *
 * from, to, i, j are bytes from 1, both included, but for `sub`.  No function fails on bad UTF-8.
 */
#include "bind_map.h"

#include "fold.h"

/* ------------------------------------------------------------------ measuring */

/* [-0, +1|2, e] */
static int utf8_valid(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    size_t bad;
    bool ok = ds_utf8_valid(s, &bad);
    lua_pushboolean(L, ok);
    if (ok)
        return 1;
    lua_pushinteger(L, (lua_Integer)bad + 1);
    return 2;
}

/* [-0, +1, e] */
static int utf8_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_utf8_count(dsL_checkstr(L, 1)));
    return 1;
}

/* [-0, +1, e] */
static int utf8_glen(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_utf8_gcount(dsL_checkstr(L, 1)));
    return 1;
}

/* [-0, +1, e] */
static int utf8_width(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_utf8_width(dsL_checkstr(L, 1)));
    return 1;
}

/* Where code point i of s starts, or, for a negative i, the one so far from the end; clipped to s. */
static size_t place_of_code(ds_str s, lua_Integer i)
{
    if (i < 0)
        return ds_utf8_offset_back(s, (size_t)0 - (size_t)i);
    return i > 1 ? ds_utf8_offset(s, (size_t)i - 1) : 0;
}

/* Only what lies between the nearer end of s and the places asked for is looked at.  [-0, +1, e] */
static int utf8_sub(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    lua_Integer i = luaL_checkinteger(L, 2), j = luaL_optinteger(L, 3, -1);
    size_t beg = place_of_code(s, i), end = s.n;
    if (j == 0)
        end = 0;
    else if (j > 0 && i > 0) /* from there on, not from the start again */
        end = j < i ? beg : beg + ds_utf8_offset((ds_str){s.p + beg, s.n - beg}, (size_t)(j - i) + 1);
    else if (j < LUA_MAXINTEGER && j != -1)
        end = place_of_code(s, j + 1);
    lua_pushlstring(L, s.p + beg, end > beg ? end - beg : 0);
    return 1;
}

/* ------------------------------------------------------------------ iterators */

/* Upvalues of both: the string, and the offset where the next step begins. */
static bool step_begin(lua_State *L, ds_str *s, size_t *at)
{
    s->p = lua_tolstring(L, lua_upvalueindex(1), &s->n);
    *at = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    return *at < s->n;
}

/* Moves on to `end` and pushes from, to.  [-0, +2, -] */
static void step_to(lua_State *L, size_t beg, size_t end)
{
    lua_pushinteger(L, (lua_Integer)end);
    lua_replace(L, lua_upvalueindex(2));
    dsL_pushspan(L, beg, end);
}

/* [-0, +0|3, -] */
static int next_code(lua_State *L)
{
    ds_str s;
    size_t at;
    uint32_t cp;
    if (!step_begin(L, &s, &at))
        return 0;
    step_to(L, at, at + ds_utf8_decode(s.p + at, s.n - at, &cp));
    if (cp == DS_UTF8_BAD)
        lua_pushboolean(L, 0);
    else
        lua_pushinteger(L, (lua_Integer)cp);
    return 3;
}

/* [-0, +0|2, -] */
static int next_grapheme(lua_State *L)
{
    ds_str s;
    size_t at;
    if (!step_begin(L, &s, &at))
        return 0;
    step_to(L, at, ds_utf8_grapheme_end(s, at));
    return 2;
}

/* There is nothing to close, so the iterator is all that a loop gets.  [-0, +1, e] */
static int push_iterator(lua_State *L, lua_CFunction next)
{
    luaL_checkstring(L, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next, 2);
    return 1;
}

/* [-0, +1, e] */
static int utf8_codes(lua_State *L)
{
    return push_iterator(L, next_code);
}

/* [-0, +1, e] */
static int utf8_graphemes(lua_State *L)
{
    return push_iterator(L, next_grapheme);
}

/* ------------------------------------------------------------------ folding and scripts */

static const char *const fold_options[] = {"case", "width", "variant", NULL};
static const unsigned fold_flags[] = {DS_FOLD_CASE, DS_FOLD_WIDTH, DS_FOLD_VARIANT};

/* [-0, +0, e] */
static unsigned check_fold_flags(lua_State *L, int arg)
{
    unsigned flags = 0;
    if (!dsL_checkoptions(L, arg, fold_options))
        return DS_FOLD_ALL;
    for (size_t i = 0; fold_options[i] != NULL; i++) {
        int type = lua_getfield(L, arg, fold_options[i]);
        if (type != LUA_TNIL && type != LUA_TBOOLEAN)
            luaL_argerror(L, arg, lua_pushfstring(L, "option '%s' is true or false", fold_options[i]));
        if (lua_toboolean(L, -1))
            flags |= fold_flags[i];
        lua_pop(L, 1);
    }
    return flags;
}

/* [-0, +2, e] */
static int utf8_fold(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    unsigned flags = check_fold_flags(L, 2);
    dsL_map *h = dsL_newmap(L);
    ds_error err;
    if (ds_fold(s, flags, &h->text, &h->map, &err) != DS_OK)
        return dsL_raise(L, &err);
    return dsL_returnmapped(L, h);
}

/* [-0, +3, e] */
static int utf8_script(lua_State *L)
{
    ds_script_counts c;
    ds_fold_count_scripts(dsL_checkstr(L, 1), &c);
    const struct {
        const char *name;
        size_t count;
    } rows[] = {
        {"hans", c.hans}, {"hant", c.hant}, {"han", c.han}, {"latin", c.latin}, {"kana", c.kana},
        {"hangul", c.hangul}, {"cyrillic", c.cyrillic}, {"other", c.other},
    };
    lua_pushstring(L, ds_fold_script_name(&c));
    lua_createtable(L, 0, sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lua_pushinteger(L, (lua_Integer)rows[i].count);
        lua_setfield(L, -2, rows[i].name);
    }
    lua_pushnumber(L, ds_fold_script_sure(&c));
    return 3;
}

static const luaL_Reg utf8_functions[] = {
    {"valid", utf8_valid}, {"len", utf8_len},     {"glen", utf8_glen},           {"width", utf8_width},
    {"sub", utf8_sub},     {"codes", utf8_codes}, {"graphemes", utf8_graphemes}, {"fold", utf8_fold},
    {"script", utf8_script}, {NULL, NULL},
};

int dsL_open_utf8(lua_State *L)
{
    dsL_open_map(L);
    luaL_newlib(L, utf8_functions);
    return 1;
}

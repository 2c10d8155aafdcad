/*
 * bind_json.c - JSON through jansson.
 *
 *   json.decode(s)            -> value | nil, message, {line=, byte=}    any JSON value, not only containers
 *   json.encode(v [, order])  -> text on one line; order: the keys that come first in the outermost object
 *   json.clean(s)             -> s with each ill-formed part replaced by U+FFFD
 *   json.array(t)             -> t, from now on written as an array even when empty; decoded arrays are such
 *   json.is_array(v)          -> boolean
 *   json.null                 the null of JSON
 *
 * Encoding  A table marked by json.array, or not empty and with keys 1 .. n only, is an array; any other
 *           an object, whose keys must be strings and come in bytewise order after those of `order` (a
 *           key of `order` without a value is written as null).  Integers stay integers; a float is
 *           written with the fewest of 15, 16, 17 digits that read back as the same float; NaN and
 *           infinities raise an error that names the key path.  So do functions, userdata and
 *           tables nested deeper than JSON_DEPTH, which a cycle always is.
 * Decoding  Integers outside 64 bits and reals outside double are errors, as jansson has it; of two equal
 *           keys the last one counts; strings may hold NUL (\u0000).
 *
 * jansson hazards: the dumper and json_string() stop at NUL, so the calls with lengths are used; strings are
 * checked for UTF-8 unless the _nocheck calls are used, which is why we clean them first; its parser
 * recurses up to 2048 levels, which the C stack bears; json_real() refuses NaN by returning NULL; its
 * allocator hook is a global of the process, so it is left alone and the values it makes are held by
 * a userdata, lest a Lua error leak them.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "bind_json.h"
#include "decimal.h"
#include "limit.h"
#include "utf8.h"

#ifndef JSON_DEPTH
#define JSON_DEPTH 200
#define JSON_LONG (1u << 20) /* bytes whose decoding must fit into the memory limit beforehand */
#endif
#define VALUE_CLASS "ds.json.value"
#define TEXT_CLASS "ds.json.text"
#define ARRAY_MARK "ds.json.array" /* metatable of arrays */
#define NULL_MARK "ds.json.null"

/* ------------------------------------------------------------------ decoding */

static int value_gc(lua_State *L)
{
    json_t **v = luaL_checkudata(L, 1, VALUE_CLASS);
    json_decref(*v);
    *v = NULL;
    return 0;
}

static void push_value(lua_State *L, const json_t *v);

void dsL_json_pushnull(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, NULL_MARK);
}

static void push_array(lua_State *L, const json_t *v)
{
    size_t n = json_array_size(v);
    lua_createtable(L, n < 1 << 20 ? (int)n : 0, 0);
    luaL_setmetatable(L, ARRAY_MARK);
    for (size_t i = 0; i < n; i++) {
        push_value(L, json_array_get(v, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        dsL_limits_poll(L);
    }
}

static void push_object(lua_State *L, json_t *v)
{
    lua_newtable(L);
    for (void *it = json_object_iter(v); it != NULL; it = json_object_iter_next(v, it)) {
        lua_pushstring(L, json_object_iter_key(it)); /* the parser refuses NUL in keys */
        push_value(L, json_object_iter_value(it));
        lua_rawset(L, -3);
        dsL_limits_poll(L);
    }
}

static void push_value(lua_State *L, const json_t *v)
{
    luaL_checkstack(L, 4, "JSON too deep");
    switch (json_typeof(v)) {
    case JSON_OBJECT: push_object(L, (json_t *)(uintptr_t)v); return; /* iterating takes no const */
    case JSON_ARRAY: push_array(L, v); return;
    case JSON_STRING: lua_pushlstring(L, json_string_value(v), json_string_length(v)); return;
    case JSON_INTEGER: lua_pushinteger(L, json_integer_value(v)); return;
    case JSON_REAL: lua_pushnumber(L, json_real_value(v)); return;
    case JSON_TRUE: lua_pushboolean(L, 1); return;
    case JSON_FALSE: lua_pushboolean(L, 0); return;
    case JSON_NULL: dsL_json_pushnull(L); return;
    }
}

static int decode_error(lua_State *L, const json_error_t *e)
{
    if (json_error_code(e) == json_error_out_of_memory)
        return luaL_error(L, "not enough memory");
    lua_pushnil(L);
    lua_pushstring(L, e->text);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, e->line);
    lua_setfield(L, -2, "line");
    lua_pushinteger(L, e->position + 1); /* jansson counts the bytes it has read */
    lua_setfield(L, -2, "byte");
    return 3;
}

int dsL_json_push(lua_State *L, ds_str s)
{
    json_error_t e;
    json_t **v = lua_newuserdatauv(L, sizeof *v, 0);
    *v = NULL;
    luaL_setmetatable(L, VALUE_CLASS);
    dsL_limits_reserve(L, s.n > JSON_LONG ? 8 * s.n : 0); /* jansson's memory is the C library's */
    *v = json_loadb(s.p, s.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
    if (*v == NULL) {
        lua_pop(L, 1);
        return decode_error(L, &e);
    }
    push_value(L, *v);
    json_decref(*v);
    *v = NULL;
    lua_remove(L, -2);
    return 1;
}

static int js_decode(lua_State *L)
{
    return dsL_json_push(L, dsL_checkstr(L, 1));
}

/* ------------------------------------------------------------------ clean strings */

/* Appends s with U+FFFD for each ill-formed part. */
static void put_clean(ds_buf *b, ds_str s)
{
    size_t off = 0;
    while (off < s.n) {
        uint32_t cp;
        size_t n = ds_utf8_decode(s.p + off, s.n - off, &cp);
        if (cp == DS_UTF8_BAD)
            ds_buf_put(b, "\xEF\xBF\xBD", 3);
        else
            ds_buf_put(b, s.p + off, n);
        off += n;
    }
}

typedef struct json_text {
    ds_alloc alloc;
    ds_buf out, clean; /* the text; one cleaned string */
    json_t *leaf;      /* the string or real being dumped */
} json_text;

static int text_gc(lua_State *L)
{
    json_text *t = luaL_checkudata(L, 1, TEXT_CLASS);
    ds_buf_clear(&t->out);
    ds_buf_clear(&t->clean);
    json_decref(t->leaf);
    t->leaf = NULL;
    return 0;
}

static json_text *push_text(lua_State *L)
{
    json_text *t = lua_newuserdatauv(L, sizeof *t, 0);
    t->alloc = dsL_alloc(L);
    t->leaf = NULL;
    ds_buf_init(&t->out, &t->alloc);
    ds_buf_init(&t->clean, &t->alloc);
    luaL_setmetatable(L, TEXT_CLASS);
    return t;
}

static int finish_text(lua_State *L, json_text *t)
{
    if (t->out.status != DS_OK)
        return luaL_error(L, "not enough memory");
    lua_pushlstring(L, t->out.p, t->out.n);
    ds_buf_clear(&t->out);
    ds_buf_clear(&t->clean);
    return 1;
}

static int js_clean(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    if (ds_utf8_valid(s, NULL)) {
        lua_settop(L, 1);
        return 1;
    }
    json_text *t = push_text(L);
    put_clean(&t->out, s);
    return finish_text(L, t);
}

/* ------------------------------------------------------------------ encoding */

typedef struct json_encoder {
    lua_State *L;
    json_text *t;
    int path; /* stack index of the list of keys that lead to the value being written */
    int depth;
} json_encoder;

static void put_any(json_encoder *e);

/* Raises "what at a.b[3]".  [-0, +0, e] */
static int encode_fail(json_encoder *e, const char *what)
{
    lua_State *L = e->L;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 1; i <= e->depth; i++) {
        int type = lua_rawgeti(L, e->path, i);
        if (type == LUA_TNUMBER) {
            lua_pushfstring(L, "[%I]", (LUAI_UACINT)lua_tointeger(L, -1));
            lua_remove(L, -2);
        } else if (i > 1) {
            lua_pushliteral(L, ".");
            lua_insert(L, -2);
            lua_concat(L, 2);
        }
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    return luaL_error(L, "JSON cannot hold %s%s%s", what, e->depth > 0 ? " at " : "", lua_tostring(L, -1));
}

static int put_dumped(const char *p, size_t n, void *ud)
{
    ds_buf_put(ud, p, n);
    return 0;
}

/* Writes `leaf` by jansson's dumper and lets it go. */
static void put_leaf(json_encoder *e, json_t *leaf, size_t flags)
{
    e->t->leaf = leaf;
    if (leaf == NULL || json_dump_callback(leaf, put_dumped, &e->t->out, JSON_ENCODE_ANY | flags) != 0)
        luaL_error(e->L, "not enough memory");
    json_decref(leaf);
    e->t->leaf = NULL;
}

/* True when nothing in s needs an escape. */
static bool is_plain(ds_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == '"' || s.p[i] == '\\')
            return false;
    return true;
}

static void put_quoted(ds_buf *out, ds_str s)
{
    if (!ds_buf_reserve(out, s.n + 2))
        return;
    ds_buf_byte(out, '"');
    ds_buf_put(out, s.p, s.n);
    ds_buf_byte(out, '"');
}

/* Most strings are plain; for the rest the dumper knows the escapes. */
static void put_string(json_encoder *e, ds_str s)
{
    bool valid = ds_utf8_valid(s, NULL);
    if (valid && is_plain(s)) {
        put_quoted(&e->t->out, s);
        return;
    }
    if (!valid) {
        ds_buf_reset(&e->t->clean);
        put_clean(&e->t->clean, s);
        if (e->t->clean.status != DS_OK)
            luaL_error(e->L, "not enough memory");
        s = ds_buf_str(&e->t->clean);
    }
    put_leaf(e, json_stringn_nocheck(s.p, s.n), 0);
}

/* Fewest of 15, 16, 17 significant digits that read back as x. */
static int digits_of(double x)
{
    char text[40];
    for (int n = 15; n < 17; n++) {
        snprintf(text, sizeof text, "%.*g", n, x);
        if (strtod(text, NULL) == x)
            return n;
    }
    return 17;
}

static void put_integer(ds_buf *out, lua_Integer v)
{
    char text[24], *at = text + sizeof text;
    lua_Unsigned u = v < 0 ? 0u - (lua_Unsigned)v : (lua_Unsigned)v;
    do
        *--at = (char)('0' + u % 10);
    while ((u /= 10) != 0);
    if (v < 0)
        *--at = '-';
    ds_buf_put(out, at, (size_t)(text + sizeof text - at));
}

/* False: a float that the dumper has to write, or nothing can. */
static bool put_number_plain(lua_State *L, int at, ds_buf *out)
{
    char text[DS_DECIMAL_MOST];
    size_t n;
    if (lua_isinteger(L, at))
        put_integer(out, lua_tointeger(L, at));
    else if (ds_decimal(lua_tonumber(L, at), text, &n))
        ds_buf_put(out, text, n);
    else
        return false;
    return true;
}

static bool is_null(lua_State *L, int at)
{
    at = lua_absindex(L, at);
    dsL_json_pushnull(L);
    bool null = lua_rawequal(L, -1, at);
    lua_pop(L, 1);
    return null;
}

bool dsL_json_put_plain(lua_State *L, int at, ds_buf *out)
{
    ds_str s;
    switch (lua_type(L, at)) {
    case LUA_TSTRING:
        s.p = lua_tolstring(L, at, &s.n);
        if (!ds_utf8_valid(s, NULL) || !is_plain(s))
            return false;
        put_quoted(out, s);
        return true;
    case LUA_TNUMBER: return put_number_plain(L, at, out);
    case LUA_TBOOLEAN:
        if (lua_toboolean(L, at))
            ds_buf_put(out, "true", 4);
        else
            ds_buf_put(out, "false", 5);
        return true;
    case LUA_TNIL: ds_buf_put(out, "null", 4); return true;
    case LUA_TUSERDATA:
        if (!is_null(L, at))
            return false;
        ds_buf_put(out, "null", 4);
        return true;
    default: return false;
    }
}

static void put_number(json_encoder *e)
{
    lua_State *L = e->L;
    if (put_number_plain(L, -1, &e->t->out))
        return;
    double x = lua_tonumber(L, -1);
    if (!isfinite(x))
        encode_fail(e, isnan(x) ? "NaN" : "an infinite number");
    put_leaf(e, json_real(x), JSON_REAL_PRECISION((size_t)digits_of(x)));
}

/* Writes the value on top as the element `key` (also on the stack) of the container being written.
 * Pops the value.  [-1, +0, e] */
static void put_child(json_encoder *e, int key)
{
    lua_pushvalue(e->L, key);
    lua_rawseti(e->L, e->path, ++e->depth);
    if (e->depth > JSON_DEPTH)
        encode_fail(e, "a table nested so deep (or within itself)");
    dsL_limits_poll(e->L);
    put_any(e);
    e->depth--;
    lua_pop(e->L, 1);
}

static void put_array(json_encoder *e, lua_Integer n)
{
    lua_State *L = e->L;
    int t = lua_gettop(L);
    ds_buf_byte(&e->t->out, '[');
    for (lua_Integer i = 1; i <= n; i++) {
        if (i > 1)
            ds_buf_byte(&e->t->out, ',');
        lua_pushinteger(L, i);
        lua_rawgeti(L, t, i);
        put_child(e, t + 1);
        lua_pop(L, 1);
    }
    ds_buf_byte(&e->t->out, ']');
}

/* Key and value are the two on top.  [-0, +0, e] */
static void put_field(json_encoder *e, bool first)
{
    lua_State *L = e->L;
    int key = lua_gettop(L) - 1;
    if (!first)
        ds_buf_byte(&e->t->out, ',');
    put_string(e, dsL_checkstr(L, key));
    ds_buf_byte(&e->t->out, ':');
    lua_pushvalue(L, key + 1);
    put_child(e, key);
}

/* True when the string on top is an item of the list at `order` (0: no list).  [-0, +0, -] */
static bool in_order(lua_State *L, int order)
{
    bool found = false;
    for (lua_Integer i = 1; order != 0 && !found && lua_rawgeti(L, order, i) != LUA_TNIL; i++) {
        found = lua_rawequal(L, -1, -2);
        lua_pop(L, 1);
    }
    if (order != 0 && !found)
        lua_pop(L, 1);
    return found;
}

static int cmp_keys(const void *a, const void *b)
{
    return ds_str_cmp(*(const ds_str *)a, *(const ds_str *)b);
}

/* Pushes a sorted array of the keys of table t that are not in `order`; t keeps the strings.  [-0, +1, e] */
static const ds_str *push_keys(json_encoder *e, int t, int order, size_t *count)
{
    lua_State *L = e->L;
    size_t total = 0, n = 0;
    for (lua_pushnil(L); lua_next(L, t) != 0; lua_pop(L, 1))
        total++;
    ds_str *keys = lua_newuserdatauv(L, (total + 1) * sizeof *keys, 0);
    for (lua_pushnil(L); lua_next(L, t) != 0;) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            encode_fail(e, "an object with a key that is not a string");
        if (!in_order(L, order))
            keys[n++] = dsL_checkstr(L, -1);
    }
    qsort(keys, n, sizeof *keys, cmp_keys);
    *count = n;
    return keys;
}

static void put_object(json_encoder *e, int order)
{
    lua_State *L = e->L;
    int t = lua_gettop(L);
    bool first = true;
    size_t count;
    ds_buf_byte(&e->t->out, '{');
    for (lua_Integer i = 1; order != 0 && lua_rawgeti(L, order, i) != LUA_TNIL; i++) {
        lua_pushvalue(L, -1);
        if (lua_rawget(L, t) == LUA_TNIL) {
            lua_pop(L, 1);
            dsL_json_pushnull(L);
        }
        put_field(e, first);
        first = false;
        lua_pop(L, 2);
    }
    lua_settop(L, t);
    const ds_str *keys = push_keys(e, t, order, &count);
    for (size_t i = 0; i < count; i++) {
        lua_pushlstring(L, keys[i].p, keys[i].n);
        lua_pushvalue(L, -1);
        lua_rawget(L, t);
        put_field(e, first);
        first = false;
        lua_pop(L, 2);
    }
    ds_buf_byte(&e->t->out, '}');
    lua_settop(L, t);
}

/* True when the table on top carries the mark of json.array.  [-0, +0, -] */
static bool has_mark(lua_State *L, const char *mark)
{
    if (!lua_getmetatable(L, -1))
        return false;
    luaL_getmetatable(L, mark);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* Length when the table on top is to be an array, else -1.  [-0, +0, -] */
static lua_Integer array_length(lua_State *L)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1), count = 0;
    if (has_mark(L, ARRAY_MARK))
        return n;
    if (n == 0)
        return -1;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1))
        if (++count > n) {
            lua_pop(L, 2);
            return -1;
        }
    return count == n ? n : -1;
}

static void put_table(json_encoder *e, int order)
{
    lua_Integer n = order != 0 ? -1 : array_length(e->L);
    if (n >= 0)
        put_array(e, n);
    else
        put_object(e, order);
}

/* Writes the value on top.  [-0, +0, e] */
static void put_any(json_encoder *e)
{
    lua_State *L = e->L;
    luaL_checkstack(L, 12, "JSON too deep");
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: put_string(e, dsL_checkstr(L, -1)); return;
    case LUA_TNUMBER: put_number(e); return;
    case LUA_TTABLE: put_table(e, 0); return;
    default: break;
    }
    if (!dsL_json_put_plain(L, -1, &e->t->out))
        encode_fail(e, lua_pushfstring(L, "a %s", luaL_typename(L, -1)));
}

static int js_encode(lua_State *L)
{
    json_encoder e = {.L = L};
    luaL_checkany(L, 1);
    bool ordered = lua_istable(L, 1) && !lua_isnoneornil(L, 2);
    if (ordered)
        luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    e.t = push_text(L);
    lua_newtable(L);
    e.path = lua_gettop(L);
    lua_pushvalue(L, 1);
    if (ordered)
        put_table(&e, 2);
    else
        put_any(&e);
    return finish_text(L, e.t);
}

/* ------------------------------------------------------------------ arrays and null */

static int js_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_setmetatable(L, ARRAY_MARK);
    lua_settop(L, 1);
    return 1;
}

static int js_is_array(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    lua_pushboolean(L, lua_istable(L, 1) && array_length(L) >= 0);
    return 1;
}

static int null_tostring(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

static const luaL_Reg js_functions[] = {
    {"decode", js_decode},    {"encode", js_encode},     {"clean", js_clean},
    {"array", js_array}, {"is_array", js_is_array}, {NULL, NULL},
};
static const luaL_Reg plain_methods[] = {{NULL, NULL}};
static const luaL_Reg value_meta[] = {{"__gc", value_gc}, {NULL, NULL}};
static const luaL_Reg text_meta[] = {{"__gc", text_gc}, {NULL, NULL}};
static const luaL_Reg null_meta[] = {{"__tostring", null_tostring}, {NULL, NULL}};

/* The null is a full userdata: unique in its state, equal to nothing else.  [-0, +0, m] */
static void make_null(lua_State *L)
{
    if (lua_getfield(L, LUA_REGISTRYINDEX, NULL_MARK) == LUA_TNIL) {
        lua_newuserdatauv(L, 0, 0);
        lua_createtable(L, 0, 1);
        luaL_setfuncs(L, null_meta, 0);
        lua_setmetatable(L, -2);
        lua_setfield(L, LUA_REGISTRYINDEX, NULL_MARK);
    }
    lua_pop(L, 1);
}

int dsL_open_json(lua_State *L)
{
    dsL_newclass(L, VALUE_CLASS, plain_methods, value_meta);
    dsL_newclass(L, TEXT_CLASS, plain_methods, text_meta);
    luaL_newmetatable(L, ARRAY_MARK);
    lua_pop(L, 1);
    make_null(L);
    luaL_newlib(L, js_functions);
    dsL_json_pushnull(L);
    lua_setfield(L, -2, "null");
    return 1;
}

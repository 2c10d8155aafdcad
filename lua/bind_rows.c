/*
 * bind_rows.c - ds.c.rows: rows of a table as bytes of the output, checked on the way.
 *
 *   rows.table(format, name, columns, kinds) -> ds.rows    format: "jsonl", "tsv" or "csv"; columns and kinds: lists of strings
 *   r:put(row)     -> boolean      true: the row is written.  False: nothing was; it holds a column that is not declared, a value of
 *                                  another type, a list, an object or what needs an escape: context.lua and output.lua have the
 *                                  rules for those, and the words for errors
 *   r:add(...)                     strings, behind what is written
 *   r:take()       -> string?      all that was written; nil: nothing
 *   r:clear()                      forgets it
 *
 * What is written is byte by byte what output.lua writes.
 */
#include <string.h>

#include "bind_json.h"

#define ROWS_CLASS "ds.rows"

typedef enum format { FORMAT_JSONL, FORMAT_TSV, FORMAT_CSV } format;
typedef enum kind { KIND_STRING, KIND_INTEGER, KIND_NUMBER, KIND_BOOLEAN, KIND_OTHER } kind;

/* The columns' names are items 1 .. count of the user value. */
typedef struct rows {
    ds_alloc alloc;
    ds_buf out;
    ds_buf heads; /* what stands in front of each value in jsonl: {"table":"NAME","column": or ,"column": */
    int count;
    format format;
    char delimiter;
    struct {
        kind kind;
        size_t head, head_end; /* in heads */
    } columns[];
} rows;

static rows *check_rows(lua_State *L)
{
    return luaL_checkudata(L, 1, ROWS_CLASS);
}

static int rows_gc(lua_State *L)
{
    rows *r = check_rows(L);
    ds_buf_clear(&r->out);
    ds_buf_clear(&r->heads);
    return 0;
}

/* Appends the string at `at` as JSON, or raises: names are Lua's, and plain.  [-0, +0, e] */
static void put_name(lua_State *L, int at, ds_buf *out)
{
    if (!dsL_json_put_plain(L, at, out))
        luaL_error(L, "rows.table: a name that needs an escape");
}

static void make_heads(lua_State *L, rows *r)
{
    ds_buf_put(&r->heads, "{\"table\":", 9);
    put_name(L, 2, &r->heads);
    for (int i = 0; i < r->count; i++) {
        r->columns[i].head = i > 0 ? r->heads.n : 0;
        ds_buf_byte(&r->heads, ',');
        lua_rawgeti(L, 3, i + 1);
        put_name(L, -1, &r->heads);
        lua_pop(L, 1);
        ds_buf_byte(&r->heads, ':');
        r->columns[i].head_end = r->heads.n;
    }
    if (r->heads.status != DS_OK)
        luaL_error(L, "not enough memory");
}

static kind kind_of(lua_State *L, int i)
{
    static const char *const names[] = {"string", "integer", "number", "boolean"};
    lua_rawgeti(L, 4, i + 1);
    const char *name = luaL_checkstring(L, -1);
    kind k = KIND_STRING;
    while (k < KIND_OTHER && strcmp(name, names[k]) != 0)
        k++;
    lua_pop(L, 1);
    return k;
}

/* [-0, +1, e] */
static int rows_table(lua_State *L)
{
    static const char *const formats[] = {"jsonl", "tsv", "csv", NULL};
    format f = (format)luaL_checkoption(L, 1, NULL, formats);
    luaL_checkstring(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    luaL_checktype(L, 4, LUA_TTABLE);
    size_t n = lua_rawlen(L, 3);
    rows *r = lua_newuserdatauv(L, sizeof *r + n * sizeof *r->columns, 1);
    *r = (rows){.alloc = dsL_alloc(L), .format = f, .count = (int)n, .delimiter = f == FORMAT_CSV ? ',' : '\t'};
    ds_buf_init(&r->out, &r->alloc);
    ds_buf_init(&r->heads, &r->alloc);
    luaL_setmetatable(L, ROWS_CLASS);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, 1);
    for (int i = 0; i < r->count; i++)
        r->columns[i].kind = kind_of(L, i);
    make_heads(L, r);
    return 1;
}

/* ------------------------------------------------------------------ values */

/* Whether a value of this type may stand in the column as it is; null may everywhere. */
static bool fits(lua_State *L, kind k)
{
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: return k == KIND_STRING;
    case LUA_TBOOLEAN: return k == KIND_BOOLEAN;
    case LUA_TNUMBER: return k == KIND_NUMBER || (k == KIND_INTEGER && lua_isinteger(L, -1));
    default: return lua_type(L, -1) == LUA_TUSERDATA; /* null, or dsL_json_put_plain refuses it */
    }
}

/* A cell of tsv or csv: JSON, but a string without its quotes, and nothing for null.  What is plain in JSON has no tab, line
 * end, quote or backslash. */
static bool put_cell(lua_State *L, rows *r)
{
    size_t before = r->out.n;
    if (!dsL_json_put_plain(L, -1, &r->out))
        return false;
    if (lua_type(L, -1) == LUA_TUSERDATA) {
        r->out.n = before;
    } else if (lua_type(L, -1) == LUA_TSTRING && r->out.status == DS_OK) {
        r->out.n -= 2;
        memmove(r->out.p + before, r->out.p + before + 1, r->out.n - before);
        return r->format == FORMAT_TSV || memchr(r->out.p + before, ',', r->out.n - before) == NULL;
    }
    return true;
}

/* The value on top, or nothing when there is none, as column i. */
static bool put_value(lua_State *L, rows *r, int i, bool there)
{
    if (there && !fits(L, r->columns[i].kind))
        return false;
    if (r->format != FORMAT_JSONL) {
        if (i > 0)
            ds_buf_byte(&r->out, r->delimiter);
        return !there || put_cell(L, r);
    }
    size_t from = r->columns[i].head;
    ds_buf_put(&r->out, r->heads.p + from, r->columns[i].head_end - from);
    return dsL_json_put_plain(L, -1, &r->out);
}

/* Writes the row at 2; false at the first thing that is not plain.  [-0, +0, e] */
static bool put_row(lua_State *L, rows *r)
{
    int found = 0, keys = 0;
    bool good = true;
    lua_getiuservalue(L, 1, 1);
    for (int i = 0; good && i < r->count; i++) {
        lua_rawgeti(L, 3, i + 1);
        bool there = lua_rawget(L, 2) != LUA_TNIL;
        found += there;
        good = put_value(L, r, i, there);
        lua_pop(L, 1);
    }
    if (good)
        for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1))
            keys++;
    return good && keys == found;
}

/* [-0, +1, e] */
static int rows_put(lua_State *L)
{
    rows *r = check_rows(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    size_t before = r->out.n;
    bool good = r->count > 0 && put_row(L, r);
    if (!good)
        r->out.n = before;
    else if (r->format == FORMAT_JSONL)
        ds_buf_put(&r->out, "}\n", 2);
    else
        ds_buf_byte(&r->out, '\n');
    if (r->out.status != DS_OK)
        return luaL_error(L, "not enough memory");
    lua_pushboolean(L, good);
    return 1;
}

/* ------------------------------------------------------------------ what is written */

/* [-0, +0, e] */
static int rows_add(lua_State *L)
{
    rows *r = check_rows(L);
    for (int i = 2, n = lua_gettop(L); i <= n; i++) {
        ds_str s = dsL_checkstr(L, i);
        ds_buf_put(&r->out, s.p, s.n);
    }
    if (r->out.status != DS_OK)
        return luaL_error(L, "not enough memory");
    return 0;
}

/* [-0, +1, e] */
static int rows_take(lua_State *L)
{
    rows *r = check_rows(L);
    if (r->out.n == 0)
        return 0;
    lua_pushlstring(L, r->out.p, r->out.n);
    ds_buf_reset(&r->out);
    return 1;
}

/* [-0, +0, e] */
static int rows_clear(lua_State *L)
{
    ds_buf_reset(&check_rows(L)->out);
    return 0;
}

static const luaL_Reg rows_methods[] = {
    {"put", rows_put}, {"add", rows_add}, {"take", rows_take}, {"clear", rows_clear}, {NULL, NULL},
};
static const luaL_Reg rows_meta[] = {{"__gc", rows_gc}, {NULL, NULL}};
static const luaL_Reg rows_functions[] = {{"table", rows_table}, {NULL, NULL}};

int dsL_open_rows(lua_State *L)
{
    dsL_newclass(L, ROWS_CLASS, rows_methods, rows_meta);
    luaL_newlib(L, rows_functions);
    return 1;
}

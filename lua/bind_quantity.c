/*
 * bind_quantity.c - ds.c.quantity: numbers in text; lua/ds/numbers.lua reads the table of words and gives dates and
 * currencies their place.
 *
 *   quantity.words(rows) -> ds.quantity_words | nil, message, detail
 *       rows: list of {word, unit, kind, factor}; detail.line: the row that makes no sense
 *   w:find(s [, seg]) -> list of records, by from:
 *       from, to, text, number_from, value, value_to (nil when the text names none), unit (nil: none), kind,
 *       approx ("": exact), direction ("up", "down", nil), per, implied, is_local (true or nil),
 *       about, about_from, about_to (with seg, a ds.segmenter),
 *       date, date_to: {year=, month=, day=, quarter=, half=, year_rel=, ...}, what is open left out
 *   w:close()
 *
 * from, to are bytes from 1, both included.  No function fails on bad UTF-8.
 */
#include <string.h>

#include "bind.h"
#include "bind_segment.h"
#include "quantity.h"

#define WORDS_CLASS "ds.quantity_words"
#define FOUND_CLASS "ds.quantity_results"

typedef struct words_handle {
    ds_alloc alloc;
    ds_quantity_words *words; /* NULL when closed */
} words_handle;

/* Results on their way to Lua, in a userdata so that an error frees them. */
typedef struct found_handle {
    ds_alloc alloc;
    ds_quantities v;
    ds_tokens toks;
} found_handle;

static words_handle *check_words(lua_State *L)
{
    return luaL_checkudata(L, 1, WORDS_CLASS);
}

static const ds_quantity_words *live_words(lua_State *L)
{
    words_handle *h = check_words(L);
    if (h->words == NULL)
        luaL_error(L, "attempt to use a closed " WORDS_CLASS);
    return h->words;
}

/* ---------------------------------------------------------------- the table of words */

/* Field `k` of the row on top as a view; it lives as long as the row keeps it.  [-0, +0, e] */
static ds_str row_field(lua_State *L, lua_Integer row, lua_Integer k)
{
    ds_str s;
    if (lua_rawgeti(L, -1, k) != LUA_TSTRING)
        luaL_error(L, "row %I: field %I is no string", (LUAI_UACINT)row, (LUAI_UACINT)k);
    s.p = lua_tolstring(L, -1, &s.n);
    lua_pop(L, 1);
    return s;
}

/* [-0, +1, e] */
static ds_quantity_row *push_rows(lua_State *L, lua_Integer n)
{
    ds_quantity_row *rows = lua_newuserdatauv(L, (size_t)n * sizeof *rows + 1, 0);
    for (lua_Integer i = 0; i < n; i++) {
        if (lua_rawgeti(L, 1, i + 1) != LUA_TTABLE)
            luaL_error(L, "row %I is no table", (LUAI_UACINT)i + 1);
        rows[i].word = row_field(L, i + 1, 1);
        rows[i].unit = row_field(L, i + 1, 2);
        rows[i].role = ds_quantity_role_named(row_field(L, i + 1, 3));
        if (lua_rawgeti(L, -1, 4) != LUA_TNUMBER)
            luaL_error(L, "row %I: the factor is no number", (LUAI_UACINT)i + 1);
        rows[i].factor = lua_tonumber(L, -1);
        lua_pop(L, 2);
    }
    return rows;
}

/* [-0, +1|+3, e] */
static int words_new(lua_State *L)
{
    ds_error err;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer n = (lua_Integer)lua_rawlen(L, 1);
    words_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->words = NULL;
    luaL_setmetatable(L, WORDS_CLASS);
    h->alloc = dsL_alloc(L);
    ds_quantity_row *rows = push_rows(L, n);
    if (ds_quantity_words_new(&h->alloc, rows, (size_t)n, &h->words, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pop(L, 1);
    return 1;
}

/* [-0, +0, e] */
static int words_close(lua_State *L)
{
    words_handle *h = check_words(L);
    ds_quantity_words_free(h->words);
    h->words = NULL;
    return 0;
}

/* [-0, +1, e] */
static int words_tostring(lua_State *L)
{
    lua_pushstring(L, check_words(L)->words == NULL ? WORDS_CLASS " (closed)" : WORDS_CLASS);
    return 1;
}

/* ---------------------------------------------------------------- records */

static int found_gc(lua_State *L)
{
    found_handle *h = luaL_checkudata(L, 1, FOUND_CLASS);
    ds_quantities_clear(&h->v);
    ds_tokens_clear(&h->toks);
    return 0;
}

/* [-0, +1, m] */
static found_handle *push_found(lua_State *L)
{
    found_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = dsL_alloc(L);
    ds_quantities_init(&h->v, &h->alloc);
    ds_tokens_init(&h->toks, &h->alloc);
    luaL_setmetatable(L, FOUND_CLASS);
    return h;
}

static void set_text(lua_State *L, const char *key, const char *p, size_t n)
{
    lua_pushlstring(L, p, n);
    lua_setfield(L, -2, key);
}

static void set_place(lua_State *L, const char *key, size_t place)
{
    lua_pushinteger(L, (lua_Integer)place);
    lua_setfield(L, -2, key);
}

/* Whole values as integers: 5576000, not 5576000.0. */
static void set_value(lua_State *L, const char *key, double value)
{
    lua_Integer whole;
    if (value != value)
        return;
    if (lua_numbertointeger(value, &whole) && (lua_Number)whole == value)
        lua_pushinteger(L, whole);
    else
        lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

static void set_true(lua_State *L, const char *key, bool value)
{
    if (!value)
        return;
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, key);
}

/* [-0, +0, m] */
static void set_date(lua_State *L, const char *key, const ds_textdate *d)
{
    const struct {
        const char *name;
        int16_t value;
    } fields[] = {
        {"year", d->year}, {"month", d->month}, {"day", d->day}, {"quarter", d->quarter}, {"half", d->half},
        {"year_rel", d->year_rel}, {"month_rel", d->month_rel}, {"week_rel", d->week_rel}, {"day_rel", d->day_rel},
        {"quarter_rel", d->quarter_rel}, {"festival", d->festival},
    };
    lua_createtable(L, 0, 3);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].value == DS_DATE_OPEN)
            continue;
        lua_pushinteger(L, fields[i].value);
        lua_setfield(L, -2, fields[i].name);
    }
    lua_setfield(L, -2, key);
}

/* [-0, +0, m] */
static void set_marks(lua_State *L, const ds_quantity *q, ds_str text)
{
    if (q->direction != 0)
        set_text(L, "direction", q->direction > 0 ? "up" : "down", q->direction > 0 ? 2 : 4);
    if (q->per_beg < q->per_end)
        set_text(L, "per", text.p + q->per_beg, q->per_end - q->per_beg);
    set_true(L, "implied", q->implied);
    set_true(L, "is_local", q->local);
    if (q->kind != DS_QUANTITY_DATE)
        return;
    set_date(L, "date", &q->date);
    if (q->range)
        set_date(L, "date_to", &q->date_to);
}

/* [-0, +1, m] */
static void push_quantity(lua_State *L, const ds_quantity_words *w, const ds_quantity *q, ds_str text)
{
    const char *kind = ds_quantity_kind_name((ds_quantity_kind)q->kind), *approx = ds_approx_name((ds_approx)q->approx);
    ds_str unit = ds_quantity_unit(w, q->unit);
    lua_createtable(L, 0, 16);
    set_place(L, "from", q->beg + 1);
    set_place(L, "to", q->end);
    set_place(L, "number_from", q->number_beg + 1);
    set_text(L, "text", text.p + q->beg, q->end - q->beg);
    set_text(L, "kind", kind, strlen(kind));
    set_text(L, "approx", approx, strlen(approx));
    set_value(L, "value", q->value);
    set_value(L, "value_to", q->value_to);
    if (unit.n > 0)
        set_text(L, "unit", unit.p, unit.n);
    set_marks(L, q, text);
}

/* [-0, +0, m] */
static void set_about(lua_State *L, ds_str text, size_t beg, size_t end)
{
    set_text(L, "about", text.p + beg, end - beg);
    set_place(L, "about_from", beg + 1);
    set_place(L, "about_to", end);
}

/* [-0, +1, e] */
static int words_find(lua_State *L)
{
    ds_error err;
    const ds_quantity_words *w = live_words(L);
    ds_str text = dsL_checkstr(L, 2);
    const ds_segmenter *seg = lua_isnoneornil(L, 3) ? NULL : dsL_checksegmenter(L, 3);
    found_handle *h = push_found(L);
    size_t last_beg = 0, last_end = 0;
    if (ds_quantity_find(w, text, &h->v, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, h->v.count < 1000000 ? (int)h->v.count : 0, 0);
    for (size_t i = 0; i < h->v.count; i++) {
        size_t beg = last_beg, end = last_end;
        push_quantity(L, w, &h->v.items[i], text);
        if (seg != NULL && ds_quantity_about(seg, text, &h->v, i, &h->toks, &beg, &end, &err) != DS_OK)
            return dsL_raise(L, &err);
        if (seg != NULL && beg < end) {
            set_about(L, text, beg, end);
            last_beg = beg;
            last_end = end;
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    ds_quantities_clear(&h->v);
    ds_tokens_clear(&h->toks);
    return 1;
}

static const luaL_Reg words_methods[] = {{"find", words_find}, {"close", words_close}, {NULL, NULL}};
static const luaL_Reg words_meta[] = {
    {"__gc", words_close}, {"__close", words_close}, {"__tostring", words_tostring}, {NULL, NULL},
};
static const luaL_Reg found_methods[] = {{NULL, NULL}};
static const luaL_Reg found_meta[] = {{"__gc", found_gc}, {NULL, NULL}};
static const luaL_Reg quantity_functions[] = {{"words", words_new}, {NULL, NULL}};

/* [-0, +1, m] */
int dsL_open_quantity(lua_State *L)
{
    dsL_newclass(L, WORDS_CLASS, words_methods, words_meta);
    dsL_newclass(L, FOUND_CLASS, found_methods, found_meta);
    luaL_newlib(L, quantity_functions);
    return 1;
}

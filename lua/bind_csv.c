/*
 * bind_csv.c - ds.c.csv: rows of a source, as RFC 4180 has them, or separated by tabs.
 *
 *   open(source, separator, longest)  -> reader      separator: one byte; longest: bytes of a row
 *   reader:next([text_column])  -> cells, byte, line [, text, map]   `text`: the cell of that number, made clean as
 *                                                    bind_clean.h says, and not in cells (false stands there)
 *        | nil                                       the end
 *        | nil, message, {byte=, line=}              the rest cannot be read; without line, byte is of the file on disk
 *        | false, message, {line=, byte=}            a row that cannot be read; the next call goes on behind its line
 *
 * A cell in quotes may hold separators, line breaks and, doubled, quotes.  In rows separated by tabs, where quotes are
 * seldom meant that way, a cell is in quotes only when its closing quote stands before a tab or the end of the same
 * line, and quotes are text everywhere else.  Empty lines are passed over.
 */
#include <string.h>

#include "bind_clean.h"
#include "bind_source.h"
#include "utf8.h"

#define CSV_CLASS "ds.csv"
#define CELLS_MOST 65536

typedef struct csv_cell {
    size_t beg, end; /* in the row, without the quotes */
    bool quoted;
} csv_cell;

typedef struct csv_reader {
    ds_alloc alloc;
    csv_cell *cells;
    size_t count, cap, longest;
    char separator;
    const char *what; /* what is wrong with the row */
    size_t bad_at;
    bool unclosed;
} csv_reader;

/* ------------------------------------------------------------------ finding the cells */

static void add_cell(lua_State *L, csv_reader *r, size_t beg, size_t end, bool quoted)
{
    if (ds_grow(&r->alloc, (void **)&r->cells, &r->cap, r->count + 1, sizeof *r->cells) != DS_OK)
        luaL_error(L, "not enough memory");
    r->cells[r->count++] = (csv_cell){beg, end, quoted};
}

/* Makes sure that byte `at` of the window is there.  [-0, +0, e] */
static bool have_byte(lua_State *L, dsL_source *s, size_t at)
{
    while (at >= dsL_source_window(s).n)
        if (!dsL_source_more(L, s))
            return false;
    return true;
}

/* Offset of the next separator or line end at or after `at`, or of the end.  [-0, +0, e] */
static size_t plain_end(lua_State *L, csv_reader *r, dsL_source *s, size_t at)
{
    for (;;) {
        ds_str w = dsL_source_window(s);
        while (at < w.n && w.p[at] != r->separator && w.p[at] != '\n')
            at++;
        if (at < w.n || at > r->longest || !dsL_source_more(L, s))
            return at;
    }
}

/* Offset of the quote that closes a cell whose inside starts at `at`; SIZE_MAX: there is none within the limit (in rows
 * with tabs: in the line).  [-0, +0, e] */
static size_t closing_quote(lua_State *L, csv_reader *r, dsL_source *s, size_t at)
{
    for (;;) {
        ds_str w = dsL_source_window(s);
        const char *q = at < w.n ? memchr(w.p + at, '"', w.n - at) : NULL;
        size_t stop = q != NULL ? (size_t)(q - w.p) : w.n;
        if (r->separator == '\t' && at < w.n && memchr(w.p + at, '\n', stop - at) != NULL)
            return SIZE_MAX;
        if (stop > r->longest)
            return SIZE_MAX;
        if (q == NULL) {
            at = w.n;
            if (!dsL_source_more(L, s))
                return SIZE_MAX;
            continue;
        }
        if (!have_byte(L, s, stop + 1) || dsL_source_window(s).p[stop + 1] != '"')
            return stop;
        at = stop + 2;
    }
}

/* Offset behind the line end at `at`, or SIZE_MAX when `at` is none; the end of the source is one.  [-0, +0, e] */
static size_t behind_line_end(lua_State *L, dsL_source *s, size_t at)
{
    if (!have_byte(L, s, at))
        return at;
    ds_str w = dsL_source_window(s);
    if (w.p[at] == '\n')
        return at + 1;
    if (w.p[at] != '\r')
        return SIZE_MAX;
    if (!have_byte(L, s, at + 1))
        return at + 1;
    return dsL_source_window(s).p[at + 1] == '\n' ? at + 2 : SIZE_MAX;
}

/* The cell at `at`; returns the offset of what ends it.  [-0, +0, e] */
static size_t take_cell(lua_State *L, csv_reader *r, dsL_source *s, size_t at)
{
    if (have_byte(L, s, at) && dsL_source_window(s).p[at] == '"') {
        size_t close = closing_quote(L, r, s, at + 1);
        bool ends = close != SIZE_MAX && (behind_line_end(L, s, close + 1) != SIZE_MAX ||
                                          dsL_source_window(s).p[close + 1] == r->separator);
        if (ends) {
            add_cell(L, r, at + 1, close, true);
            return close + 1;
        }
        if (r->separator != '\t') {
            r->unclosed = close == SIZE_MAX;
            r->what = r->unclosed ? "a quote that is not closed"
                                  : "text behind a closing quote; quotes in a cell are doubled";
            r->bad_at = r->unclosed ? at : close + 1;
            return at;
        }
    }
    size_t end = plain_end(L, r, s, at), cut = end;
    ds_str w = dsL_source_window(s);
    if (cut > at && w.p[cut - 1] == '\r' && (cut == w.n || w.p[cut] == '\n'))
        cut--;
    add_cell(L, r, at, cut, false);
    return cut;
}

/* The cells of the next row, and its length with the line end.  0: r->what says what is wrong.  [-0, +0, e] */
static size_t take_row(lua_State *L, csv_reader *r, dsL_source *s)
{
    size_t at = 0, behind;
    r->count = 0;
    r->what = NULL;
    r->unclosed = false;
    for (;;) {
        at = take_cell(L, r, s, at);
        if (r->what != NULL)
            return 0;
        if (at > r->longest || r->count > CELLS_MOST) {
            r->what = "a row longer than an article may be, or of too many cells";
            r->bad_at = 0;
            return 0;
        }
        behind = behind_line_end(L, s, at);
        if (behind != SIZE_MAX)
            return behind;
        at++; /* the separator */
    }
}

/* ------------------------------------------------------------------ giving them to Lua */

static void push_cell(lua_State *L, ds_str row, const csv_cell *cell)
{
    const char *p = row.p + cell->beg;
    size_t n = cell->end - cell->beg;
    const char *quote = cell->quoted && n > 0 ? memchr(p, '"', n) : NULL;
    if (quote == NULL) {
        lua_pushlstring(L, p, n);
        return;
    }
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, n);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        out[len++] = p[i];
        i += p[i] == '"';
    }
    luaL_pushresultsize(&b, len);
}

/* A cell without doubled quotes, between two of them: its lines. */
static void clean_part(dsL_clean *c, size_t beg, size_t end)
{
    for (size_t eol; (eol = dsL_clean_eol(c->src, beg, end)) < end; beg = dsL_clean_past_eol(c->src, eol)) {
        dsL_clean_copy(c, beg, eol);
        dsL_clean_break(c);
    }
    dsL_clean_copy(c, beg, end);
}

/* Pushes the cell as clean text, and its map.  [-0, +2, e] */
static void push_text(lua_State *L, ds_str row, const csv_cell *cell, size_t base)
{
    dsL_clean *c = dsL_clean_push(L);
    size_t at = cell->beg;
    c->src = row;
    c->base = base;
    c->src_end = at;
    while (at < cell->end) {
        const char *quote = cell->quoted ? memchr(row.p + at, '"', cell->end - at) : NULL;
        size_t end = quote != NULL ? (size_t)(quote - row.p) : cell->end;
        clean_part(c, at, end);
        if (quote != NULL)
            dsL_clean_atom(c, "\"", 1, end, end + 2);
#ifdef DS_PLANT_CSV /* a bug that fuzzing must find, `make fuzz`: behind a doubled quote all is said to stand elsewhere */
        c->base += quote != NULL;
#endif
        at = end + (quote != NULL ? 2 : 0);
    }
    if (dsL_clean_finish(c) != DS_OK)
        luaL_error(L, "not enough memory");
    dsL_clean_pushtext(L, c);
    lua_insert(L, -2);
}

/* Pushes `first` (false or nil), message, {line=, byte=}.  [-0, +3, m] */
static int push_bad(lua_State *L, bool go_on, const char *what, size_t line, size_t byte)
{
    if (go_on)
        lua_pushboolean(L, 0);
    else
        lua_pushnil(L);
    lua_pushstring(L, what);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, (lua_Integer)line);
    lua_setfield(L, -2, "line");
    lua_pushinteger(L, (lua_Integer)byte + 1);
    lua_setfield(L, -2, "byte");
    return 3;
}

static int push_row(lua_State *L, csv_reader *r, ds_str row, size_t base, size_t line, size_t text)
{
    int top = lua_gettop(L);
    lua_createtable(L, r->count < 1 << 16 ? (int)r->count : 0, 0);
    for (size_t i = 0; i < r->count; i++) {
        if (i + 1 == text)
            lua_pushboolean(L, 0);
        else
            push_cell(L, row, &r->cells[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)base + 1);
    lua_pushinteger(L, (lua_Integer)line);
    if (text >= 1 && text <= r->count)
        push_text(L, row, &r->cells[text - 1], base);
    return lua_gettop(L) - top;
}

static int bad_row(lua_State *L, csv_reader *r, dsL_source *s)
{
    size_t line = dsL_source_line_number(s), byte = dsL_source_offset(s) + r->bad_at;
    if (dsL_source_failed(s))
        return dsL_source_fail(L, s);
    if (r->unclosed)
        return push_bad(L, false, r->what, line, byte);
    dsL_source_skip_line(L, s);
    return push_bad(L, true, r->what, line, byte);
}

static void skip_empty_lines(lua_State *L, dsL_source *s)
{
    while (have_byte(L, s, 0)) {
        char c = dsL_source_window(s).p[0];
        if (c != '\n' && (c != '\r' || behind_line_end(L, s, 0) == SIZE_MAX))
            return;
        dsL_source_take(s, 1);
    }
}

static int csv_next(lua_State *L)
{
    csv_reader *r = luaL_checkudata(L, 1, CSV_CLASS);
    lua_Integer text = luaL_optinteger(L, 2, 0);
    lua_getiuservalue(L, 1, 1);
    dsL_source *s = dsL_checksource(L, -1);
    skip_empty_lines(L, s);
    if (!have_byte(L, s, 0))
        return dsL_source_failed(s) ? dsL_source_fail(L, s) : 0;
    size_t n = take_row(L, r, s), bad_byte;
    if (n == 0)
        return bad_row(L, r, s);
    if (dsL_source_failed(s) && dsL_source_window(s).n == n)
        return dsL_source_fail(L, s); /* the row is cut off */
    ds_str row = {dsL_source_window(s).p, n};
    size_t base = dsL_source_offset(s), line = dsL_source_line_number(s);
    int pushed = ds_utf8_valid(row, &bad_byte) ? push_row(L, r, row, base, line, text > 0 ? (size_t)text : 0)
                                               : push_bad(L, true, "not UTF-8", line, base + bad_byte);
    dsL_source_take(s, n);
    return pushed;
}

static int csv_open(lua_State *L)
{
    (void)dsL_checksource(L, 1);
    ds_str separator = dsL_checkstr(L, 2);
    luaL_argcheck(L, separator.n == 1, 2, "one byte is wanted");
    size_t longest = (size_t)luaL_checkinteger(L, 3);
    csv_reader *r = lua_newuserdatauv(L, sizeof *r, 1);
    memset(r, 0, sizeof *r);
    r->alloc = dsL_alloc(L);
    r->separator = separator.p[0];
    r->longest = longest;
    luaL_setmetatable(L, CSV_CLASS);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int csv_gc(lua_State *L)
{
    csv_reader *r = luaL_checkudata(L, 1, CSV_CLASS);
    ds_mfree(&r->alloc, r->cells, r->cap * sizeof *r->cells);
    r->cells = NULL;
    r->cap = r->count = 0;
    return 0;
}

static const luaL_Reg csv_methods[] = {{"next", csv_next}, {NULL, NULL}};
static const luaL_Reg csv_meta[] = {{"__gc", csv_gc}, {NULL, NULL}};
static const luaL_Reg csv_functions[] = {{"open", csv_open}, {NULL, NULL}};

int dsL_open_csv(lua_State *L)
{
    dsL_newclass(L, CSV_CLASS, csv_methods, csv_meta);
    luaL_newlib(L, csv_functions);
    return 1;
}

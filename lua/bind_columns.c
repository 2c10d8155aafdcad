/*
 * bind_columns.c - fields of all articles of some stores at once, as numbers: what conditions and groups by metadata need.
 *
 *   column(stores, name, in_meta) --> numbers, values | nil, message, detail;  numbers: a string a segment, four bytes an article,
 *       little-endian: which of the values it has, 0: none.  A date that its store knows as a number is one here:
 *       year * 10000 + month * 100 + day.
 *   relabel(numbers, map)         --> numbers;  map: four bytes for each number, from 0
 *   select(stores, program, {numbers, …}, {truth, …}) --> {bits, …}: a bit for each article that is not deleted and for which the
 *       program of tests holds; truth: a byte for each number, from 0, 1 where the test holds
 *
 * Segments are those of all stores, end to end.
 */
#include <string.h>

#include "bind_query.h"

enum { POLL = 4096 }; /* articles between two looks at the limits */

/* ------------------------------------------------------------------ fields */

/* The bytes of the value that follows a name, among `count` of them. */
static bool find_value(ds_fields *f, uint32_t count, ds_str name, ds_str *out)
{
    ds_str found;
    ds_value v;
    for (; count > 0 && f->at < f->end && ds_fields_next_name(f, &found); count--) {
        const char *from = (const char *)f->at;
        if (!ds_fields_next_value(f, &v) || !ds_fields_skip(f, &v))
            return false;
        *out = (ds_str){from, (size_t)((const char *)f->at - from)};
        if (ds_str_eq(found, name))
            return true;
    }
    return false;
}

static bool find_field(ds_str row, ds_str name, bool in_meta, ds_str *out)
{
    ds_fields f;
    ds_value v;
    ds_fields_read(&f, row);
    if (!in_meta)
        return find_value(&f, UINT32_MAX, name, out);
    if (!find_value(&f, UINT32_MAX, ds_str_of("meta"), out))
        return false;
    ds_fields_read(&f, *out);
    return ds_fields_next_value(&f, &v) && v.kind == DS_KIND_MAP && find_value(&f, v.count, name, out);
}

/* ------------------------------------------------------------------ numbers for keys */

enum { NUMBERS = 5, VALUES, SEEN }; /* stack */

/* The number of the key on top, which is popped; *is_new: it has got one just now.  [-1, +0, m] */
static uint32_t number_of(lua_State *L, bool *is_new)
{
    lua_pushvalue(L, -1);
    *is_new = lua_rawget(L, SEEN) == LUA_TNIL;
    lua_Integer n = *is_new ? (lua_Integer)lua_rawlen(L, VALUES) + 1 : lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (*is_new) {
        lua_pushinteger(L, n);
        lua_rawset(L, SEEN);
    } else {
        lua_pop(L, 1);
    }
    return (uint32_t)n;
}

static void put_number(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> 8 * i);
}

/* The numbers of dates that were met, so that Lua is not asked for each article. */
enum { DATES = 1 << 12 };
typedef struct date_cache {
    uint32_t date[DATES], number[DATES];
} date_cache;

/* The number of an article's value. */
static ds_status value_number(lua_State *L, const ds_store *s, ds_reader *reader, ds_place at, date_cache *dates,
                              uint32_t *out, ds_error *err)
{
    ds_str row, value, name = dsL_checkstr(L, 2);
    bool in_meta = lua_toboolean(L, 3), is_new;
    uint32_t date = !in_meta && ds_str_eq(name, ds_str_of("date")) ? ds_store_date(s, at) : 0;
    *out = 0;
    if (date != 0) {
        uint32_t slot = date * 2654435761u >> 20;
        *out = dates->number[slot];
        if (dates->date[slot] == date)
            return DS_OK;
        lua_pushinteger(L, date);
        *out = number_of(L, &is_new);
        dates->date[slot] = date;
        dates->number[slot] = *out;
        if (is_new) {
            lua_pushinteger(L, date);
            lua_rawseti(L, VALUES, *out);
        }
        return DS_OK;
    }
    ds_status st = ds_reader_row(reader, at, &row, err);
    if (st != DS_OK || !find_field(row, name, in_meta, &value))
        return st;
    lua_pushlstring(L, value.p, value.n);
    *out = number_of(L, &is_new);
    if (is_new) {
        dsL_pushvalue(L, value);
        if (lua_isnil(L, -1)) { /* damaged */
            lua_pop(L, 1);
            lua_pushliteral(L, "");
        }
        lua_rawseti(L, VALUES, *out);
    }
    return DS_OK;
}

/* Pushes the store of that number of the list at index 1; it stays there until the caller pops it.  [-0, +1, e] */
static ds_store *push_store(lua_State *L, lua_Integer i, ds_reader **reader)
{
    lua_rawgeti(L, 1, i);
    return dsL_checkstore(L, lua_gettop(L), reader);
}

int dsL_query_column(lua_State *L)
{
    ds_error err;
    lua_Integer k = 0;
    luaL_checktype(L, 1, LUA_TTABLE);
    dsL_checkstr(L, 2);
    lua_settop(L, 4);
    for (int i = NUMBERS; i <= SEEN; i++)
        lua_newtable(L);
    date_cache *dates = lua_newuserdatauv(L, sizeof *dates, 0);
    memset(dates, 0, sizeof *dates);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 1); i++) {
        ds_reader *reader;
        ds_store *s = push_store(L, i, &reader);
        for (uint32_t j = 0; j < ds_store_segments(s); j++) {
            uint32_t number, docs = ds_index_docs(ds_store_index(s, j));
            unsigned char *bytes = lua_newuserdatauv(L, 4 * (size_t)docs + 1, 0);
            for (uint32_t d = 0; d < docs; d++) {
                if (d % POLL == 0)
                    dsL_limits_poll(L);
                if (value_number(L, s, reader, (ds_place){j, d}, dates, &number, &err) != DS_OK)
                    return dsL_pusherror(L, &err);
                put_number(bytes + 4 * (size_t)d, number);
            }
            lua_pushlstring(L, (const char *)bytes, 4 * (size_t)docs);
            lua_rawseti(L, NUMBERS, ++k);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, VALUES);
    return 2;
}

/* ------------------------------------------------------------------ what becomes of columns */

/* Pushes the bytes of segment `segment` in the column at `at`.  [-0, +1, e] */
static ds_str push_segment(lua_State *L, int at, lua_Integer segment)
{
    ds_str s;
    luaL_checktype(L, at, LUA_TTABLE);
    lua_rawgeti(L, at, segment);
    s.p = luaL_checklstring(L, -1, &s.n);
    return s;
}

int dsL_query_relabel(lua_State *L)
{
    ds_str map = dsL_checkstr(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lua_newtable(L);
    for (lua_Integer k = 1; k <= (lua_Integer)lua_rawlen(L, 1); k++) {
        ds_str numbers = push_segment(L, 1, k);
        char *bytes = lua_newuserdatauv(L, numbers.n + 1, 0);
        for (size_t d = 0; d + 4 <= numbers.n; d += 4) {
            size_t number = ds_load32(numbers.p + d);
            luaL_argcheck(L, number < map.n / 4, 2, "too short");
            memcpy(bytes + d, map.p + 4 * number, 4);
        }
        lua_pushlstring(L, bytes, numbers.n);
        lua_rawseti(L, 3, k);
        lua_settop(L, 3);
    }
    return 1;
}

/* A condition as a program: numbers of tests, each with its column and its truth by number, and what joins them. */
enum { TESTS_MAX = 64, OP_AND = TESTS_MAX, OP_OR, OP_NOT, STACK_MAX = 256 };

typedef struct test_column {
    ds_str numbers, truth;
} test_column;

static void check_program(lua_State *L, ds_str program, lua_Integer tests)
{
    int depth = 0;
    for (size_t i = 0; i < program.n; i++) {
        unsigned char op = (unsigned char)program.p[i];
        luaL_argcheck(L, op < tests || op == OP_AND || op == OP_OR || op == OP_NOT, 2, "no such operation");
        depth += op < TESTS_MAX ? 1 : op == OP_NOT ? 0 : -1;
        luaL_argcheck(L, depth >= 1 && depth <= STACK_MAX, 2, "malformed");
    }
    luaL_argcheck(L, depth == 1, 2, "malformed");
}

static bool run_program(ds_str program, const test_column *tests, size_t doc)
{
    bool stack[STACK_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < program.n; i++) {
        unsigned char op = (unsigned char)program.p[i];
        if (op < TESTS_MAX) {
            size_t number = ds_load32(tests[op].numbers.p + 4 * doc);
            stack[n++] = number < tests[op].truth.n && tests[op].truth.p[number] == 1;
        } else if (op == OP_NOT) {
            stack[n - 1] = !stack[n - 1];
        } else {
            n--;
            stack[n - 1] = op == OP_AND ? stack[n - 1] && stack[n] : stack[n - 1] || stack[n];
        }
    }
    return stack[0];
}

int dsL_query_select(lua_State *L)
{
    test_column tests[TESTS_MAX] = {{{NULL, 0}, {NULL, 0}}};
    ds_str program = dsL_checkstr(L, 2);
    lua_Integer k = 0;
    for (int i = 1; i <= 4; i += i == 1 ? 2 : 1)
        luaL_checktype(L, i, LUA_TTABLE);
    lua_settop(L, 4);
    lua_Integer n = (lua_Integer)lua_rawlen(L, 3);
    luaL_argcheck(L, n <= TESTS_MAX && n == (lua_Integer)lua_rawlen(L, 4), 3, "a column and a truth for each test are wanted");
    check_program(L, program, n);
    luaL_checkstack(L, TESTS_MAX + 8, NULL);
    lua_newtable(L);
    for (lua_Integer t = 0; t < n; t++)
        tests[t].truth = push_segment(L, 4, t + 1); /* they stay on the stack */
    int top = lua_gettop(L);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 1); i++) {
        ds_store *s = push_store(L, i, NULL);
        for (size_t j = 0; j < ds_store_segments(s); j++) {
            const ds_index *ix = ds_store_index(s, j);
            uint32_t docs = ds_index_docs(ix);
            k++;
            for (lua_Integer t = 0; t < n; t++) {
                lua_rawgeti(L, 3, t + 1);
                tests[t].numbers = push_segment(L, lua_gettop(L), k);
                lua_pop(L, 2); /* the columns hold them */
                luaL_argcheck(L, tests[t].numbers.n == 4 * (size_t)docs, 3, "four bytes for each article are wanted");
            }
            size_t size = docs / 8 + 1;
            char *bits = lua_newuserdatauv(L, size, 0);
            memset(bits, 0, size);
            for (uint32_t d = 0; d < docs; d++)
                if (!ds_index_deleted(ix, d) && run_program(program, tests, d))
                    bits[d / 8] = (char)(bits[d / 8] | 1 << d % 8);
            lua_pushlstring(L, bits, size);
            lua_rawseti(L, 5, k);
            lua_settop(L, top + 1);
        }
        lua_settop(L, top);
    }
    lua_settop(L, 5);
    return 1;
}

/*
 * bind_table.c - concat, insert, remove, move and sort as Lua 5.4 has them, under the limits of the state.
 *
 * Arguments, results and errors are those of the Lua 5.4 manual, section 6.6, metamethods included.  Two things differ:
 * loops end when a limit of limit.h is reached, and `sort` is stable: a merge sort of places, so that elements that
 * compare equal keep their order, a comparison that contradicts itself gives some order and no error, and the table is
 * touched only when all comparisons have been made.
 */
#include <string.h>

#include "bind.h"
#include "limit.h"

#define READ 1
#define WRITE 2
#define LENGTH 4
#define POLL_MASK 1023

/* Asks the limits at every 1024th turn of a loop. */
static inline void poll(lua_State *L, lua_Unsigned turn)
{
    if ((turn & POLL_MASK) == POLL_MASK)
        dsL_limits_poll(L);
}

/* Argument `arg` is a table, or has the metamethods that `need` asks for. */
static void check_table(lua_State *L, int arg, int need)
{
    if (lua_type(L, arg) == LUA_TTABLE)
        return;
    bool good = lua_getmetatable(L, arg) != 0;
    static const char *const names[] = {"__index", "__newindex", "__len"};
    for (int i = 0; good && i < 3; i++) {
        if ((need & 1 << i) == 0)
            continue;
        lua_pushstring(L, names[i]);
        good = lua_rawget(L, -2) != LUA_TNIL;
        lua_pop(L, 1);
    }
    if (!good)
        luaL_checktype(L, arg, LUA_TTABLE);
    lua_pop(L, 1);
}

static lua_Integer length_of(lua_State *L, int arg, int need)
{
    check_table(L, arg, need | LENGTH);
    return luaL_len(L, arg);
}

/* ------------------------------------------------------------------ insert, remove, move */

static int table_insert(lua_State *L)
{
    lua_Integer end = (lua_Integer)((lua_Unsigned)length_of(L, 1, READ | WRITE) + 1), at = end;
    switch (lua_gettop(L)) {
    case 2: break;
    case 3:
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)end, 2, "position out of bounds");
        for (lua_Integer i = end; i > at; i--) {
            lua_geti(L, 1, i - 1);
            lua_seti(L, 1, i);
            poll(L, (lua_Unsigned)i);
        }
        break;
    default: return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_seti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L)
{
    lua_Integer n = length_of(L, 1, READ | WRITE), at = luaL_optinteger(L, 2, n);
    if (at != n)
        luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)n, 2, "position out of bounds");
    lua_geti(L, 1, at);
    for (; at < n; at++) {
        lua_geti(L, 1, at + 1);
        lua_seti(L, 1, at);
        poll(L, (lua_Unsigned)at);
    }
    lua_pushnil(L);
    lua_seti(L, 1, at);
    return 1;
}

static void move_one(lua_State *L, int to, lua_Integer from_at, lua_Integer to_at)
{
    lua_geti(L, 1, from_at);
    lua_seti(L, to, to_at);
}

static int table_move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), at = luaL_checkinteger(L, 4);
    int to = lua_isnoneornil(L, 5) ? 1 : 5;
    check_table(L, 1, READ);
    check_table(L, to, WRITE);
    if (last >= from) {
        luaL_argcheck(L, from > 0 || last < LUA_MAXINTEGER + from, 3, "too many elements to move");
        lua_Integer n = last - from + 1;
        luaL_argcheck(L, at <= LUA_MAXINTEGER - n + 1, 4, "destination wrap around");
        if (at > last || at <= from || (to != 1 && !lua_compare(L, 1, to, LUA_OPEQ))) {
            for (lua_Integer i = 0; i < n; i++) {
                move_one(L, to, from + i, at + i);
                poll(L, (lua_Unsigned)i);
            }
        } else { /* they overlap: from the end */
            for (lua_Integer i = n - 1; i >= 0; i--) {
                move_one(L, to, from + i, at + i);
                poll(L, (lua_Unsigned)i);
            }
        }
    }
    lua_pushvalue(L, to);
    return 1;
}

/* ------------------------------------------------------------------ concat */

static void add_item(lua_State *L, luaL_Buffer *b, lua_Integer i)
{
    lua_geti(L, 1, i);
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), (LUAI_UACINT)i);
    size_t n;
    const char *p = lua_tolstring(L, -1, &n);
    if (b->size - b->n < n) {
        dsL_limits_reserve(L, 2 * (b->size + n));
        luaL_addvalue(b);
        return;
    }
    memcpy(b->b + b->n, p, n);
    luaL_addsize(b, n);
    lua_pop(L, 1);
}

static int table_concat(lua_State *L)
{
    luaL_Buffer b;
    lua_Integer last = length_of(L, 1, READ);
    size_t n;
    const char *sep = luaL_optlstring(L, 2, "", &n);
    lua_Integer i = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, last);
    luaL_buffinit(L, &b);
    for (; i < last; i++) {
        add_item(L, &b, i);
        if (n == 1)
            luaL_addchar(&b, *sep);
        else
            luaL_addlstring(&b, sep, n);
        poll(L, (lua_Unsigned)i);
    }
    if (i == last)
        add_item(L, &b, i);
    luaL_pushresult(&b);
    return 1;
}

/* ------------------------------------------------------------------ sort */

#define VALUES 3 /* stack index of the table with the values as they were */
#define RUN 8    /* places that are sorted by insertion */
#define SMALL 64 /* values whose places and keys need no memory of their own */

typedef union key {
    lua_Integer integer;
    lua_Number real;
    ds_str string;
} key;

typedef struct sorting sorting;
struct sorting {
    lua_State *L;
    bool (*before)(sorting *s, int a, int b); /* the value at place a comes before the one at b */
    const key *keys;                          /* by place, for `before` that needs no Lua; else NULL */
    lua_Unsigned compared;
};

static bool before_integer(sorting *s, int a, int b)
{
    return s->keys[a].integer < s->keys[b].integer;
}

static bool before_real(sorting *s, int a, int b)
{
    return s->keys[a].real < s->keys[b].real;
}

/* Bytewise, as Lua compares strings in the C locale. */
static bool before_string(sorting *s, int a, int b)
{
    return ds_str_cmp(s->keys[a].string, s->keys[b].string) < 0;
}

static bool before_value(sorting *s, int a, int b)
{
    lua_rawgeti(s->L, VALUES, a + 1);
    lua_rawgeti(s->L, VALUES, b + 1);
    bool before = lua_compare(s->L, -2, -1, LUA_OPLT);
    lua_pop(s->L, 2);
    return before;
}

static bool before_by_function(sorting *s, int a, int b)
{
    lua_pushvalue(s->L, 2);
    lua_rawgeti(s->L, VALUES, a + 1);
    lua_rawgeti(s->L, VALUES, b + 1);
    lua_call(s->L, 2, 1);
    bool before = lua_toboolean(s->L, -1);
    lua_pop(s->L, 1);
    return before;
}

static bool before(sorting *s, int a, int b)
{
    poll(s->L, s->compared++);
    return s->before(s, a, b);
}

static void insert_sort(sorting *s, int *places, int n)
{
    for (int i = 1; i < n; i++) {
        int place = places[i], j = i;
        for (; j > 0 && before(s, place, places[j - 1]); j--)
            places[j] = places[j - 1];
        places[j] = place;
    }
}

/* Merges the sorted from[0, half) and from[half, n) into to. */
static void merge(sorting *s, const int *from, int half, int n, int *to)
{
    int i = 0, j = half, k = 0;
    while (i < half && j < n)
        to[k++] = before(s, from[j], from[i]) ? from[j++] : from[i++];
    memcpy(to + k, from + i, (size_t)(half - i) * sizeof *to);
    memcpy(to + k + half - i, from + j, (size_t)(n - j) * sizeof *to);
}

/* Sorts places[0, n); spare has room for as many.  Nested by the logarithm of n. */
static void merge_sort(sorting *s, int *places, int *spare, int n)
{
    if (n <= RUN) {
        insert_sort(s, places, n);
        return;
    }
    int half = n / 2;
    merge_sort(s, places, spare, half);
    merge_sort(s, places + half, spare + half, n - half);
    if (!before(s, places[half], places[half - 1]))
        return; /* in order as it is */
    memcpy(spare, places, (size_t)n * sizeof *places);
    merge(s, spare, half, n, places);
}

/* The kind that all values share: LUA_TSTRING, LUA_TNUMBER of one subtype, or LUA_TNONE. */
static int common_kind(lua_State *L, int n, bool *integers)
{
    int kind = lua_rawgeti(L, VALUES, 1);
    *integers = lua_isinteger(L, -1);
    lua_pop(L, 1);
    for (int i = 1; i < n && kind != LUA_TNONE; i++) {
        if (lua_rawgeti(L, VALUES, i + 1) != kind || (bool)lua_isinteger(L, -1) != *integers)
            kind = LUA_TNONE;
        lua_pop(L, 1);
    }
    return kind == LUA_TSTRING || kind == LUA_TNUMBER ? kind : LUA_TNONE;
}

/* Fills keys with the values, for comparing without Lua.  [-0, +0, -] */
static void read_keys(lua_State *L, key *keys, int n, int kind, bool integers)
{
    for (int i = 0; i < n; i++) {
        lua_rawgeti(L, VALUES, i + 1);
        if (kind == LUA_TSTRING)
            keys[i].string.p = lua_tolstring(L, -1, &keys[i].string.n); /* VALUES keeps it */
        else if (integers)
            keys[i].integer = lua_tointeger(L, -1);
        else
            keys[i].real = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
}

/* `small` has room for SMALL keys.  [-0, +0 | 1, m] */
static void choose_comparison(sorting *s, int n, key *small)
{
    bool integers = false;
    int kind = lua_isnil(s->L, 2) ? common_kind(s->L, n, &integers) : LUA_TNONE;
    s->before = before_value;
    if (!lua_isnil(s->L, 2))
        s->before = before_by_function;
    if (kind == LUA_TNONE)
        return;
    key *keys = n <= SMALL ? small : lua_newuserdatauv(s->L, (size_t)n * sizeof *keys, 0);
    read_keys(s->L, keys, n, kind, integers);
    s->keys = keys;
    s->before = kind == LUA_TSTRING ? before_string : integers ? before_integer : before_real;
}

static int table_sort(lua_State *L)
{
    lua_Integer len = length_of(L, 1, READ | WRITE);
    luaL_argcheck(L, len < INT32_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (len < 2)
        return 0;
    int n = (int)len, small_places[2 * SMALL];
    key small_keys[SMALL];
    lua_createtable(L, n <= SMALL ? n : 0, 0); /* VALUES; grows with what is there: a length is a claim */
    for (int i = 1; i <= n; i++) {
        lua_geti(L, 1, i);
        lua_rawseti(L, VALUES, i);
        poll(L, (lua_Unsigned)i);
    }
    sorting s = {.L = L};
    choose_comparison(&s, n, small_keys);
    int *places = n <= SMALL ? small_places : lua_newuserdatauv(L, (size_t)n * 2 * sizeof *places, 0);
    for (int i = 0; i < n; i++)
        places[i] = i;
    merge_sort(&s, places, places + n, n);
    for (int i = 0; i < n; i++) {
        lua_rawgeti(L, VALUES, places[i] + 1);
        lua_seti(L, 1, i + 1);
        poll(L, (lua_Unsigned)i);
    }
    return 0;
}

static const luaL_Reg functions[] = {
    {"concat", table_concat}, {"insert", table_insert}, {"move", table_move},
    {"remove", table_remove}, {"sort", table_sort},     {NULL, NULL},
};

int dsL_open_table(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}

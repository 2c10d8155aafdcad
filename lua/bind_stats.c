/*
 * bind_stats.c - ds.c.stats: exact sums.
 *
 *   stats.fsum([partials]) -> ds.fsum   optionally starting from an array that :partials() gave
 *   s:add(x) -> s                       x: number
 *   s:merge(other) -> s                 other: ds.fsum
 *   s:value() -> float                  the sum of all, rounded once
 *   s:partials() -> {float, ...}        numbers whose exact sum is this one's, to store or send
 *   s:close()
 */
#include <math.h>

#include "bind.h"
#include "stats.h"

#define FSUM_CLASS "ds.fsum"

typedef struct fsum_handle {
    ds_alloc alloc;
    ds_fsum sum;
    bool open;
} fsum_handle;

static fsum_handle *fsum_check(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, FSUM_CLASS);
}

static ds_fsum *fsum_live(lua_State *L, int arg)
{
    fsum_handle *h = fsum_check(L, arg);
    if (!h->open)
        luaL_error(L, "attempt to use a closed " FSUM_CLASS);
    return &h->sum;
}

static void fsum_add_or_raise(lua_State *L, ds_fsum *s, double x)
{
    ds_error err;
    if (ds_fsum_add(s, x, &err) != DS_OK)
        dsL_raise(L, &err);
}

/* [-0, +1, e] */
static int fsum_new(lua_State *L)
{
    bool from = !lua_isnoneornil(L, 1);
    if (from)
        luaL_checktype(L, 1, LUA_TTABLE);
    fsum_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->open = false;
    luaL_setmetatable(L, FSUM_CLASS);
    h->alloc = dsL_alloc(L);
    ds_fsum_init(&h->sum, &h->alloc);
    h->open = true;
    for (lua_Integer i = 1, n = from ? luaL_len(L, 1) : 0; i <= n; i++) {
        int isnum;
        lua_geti(L, 1, i);
        double x = lua_tonumberx(L, -1, &isnum);
        if (!isnum)
            return luaL_error(L, "partial sum %I is not a number but a %s", (LUAI_UACINT)i, luaL_typename(L, -1));
        lua_pop(L, 1);
        fsum_add_or_raise(L, &h->sum, x);
    }
    return 1;
}

/* [-0, +1, e] */
static int fsum_add(lua_State *L)
{
    fsum_add_or_raise(L, fsum_live(L, 1), luaL_checknumber(L, 2));
    lua_settop(L, 1);
    return 1;
}

/* [-0, +1, e] */
static int fsum_merge(lua_State *L)
{
    ds_error err;
    ds_fsum *s = fsum_live(L, 1);
    if (ds_fsum_merge(s, fsum_live(L, 2), &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_settop(L, 1);
    return 1;
}

/* [-0, +1, e] */
static int fsum_value(lua_State *L)
{
    lua_pushnumber(L, ds_fsum_value(fsum_live(L, 1)));
    return 1;
}

static void push_item(lua_State *L, lua_Integer *n, double x)
{
    lua_pushnumber(L, x);
    lua_rawseti(L, -2, ++*n);
}

/* [-0, +1, e] */
static int fsum_partials(lua_State *L)
{
    const ds_fsum *s = fsum_live(L, 1);
    lua_Integer n = 0;
    lua_createtable(L, (int)s->count, 0);
    for (size_t i = 0; i < s->count; i++)
        push_item(L, &n, s->parts[i]);
    /* Only sums beyond 2^1022 have these; written out, they need no field of their own. */
    for (int64_t i = s->over; i != 0; i += i < 0 ? 1 : -1)
        push_item(L, &n, i < 0 ? -0x1p1023 : 0x1p1023);
    if (s->has_special)
        push_item(L, &n, s->special);
    return 1;
}

/* [-0, +0, e] */
static int fsum_close(lua_State *L)
{
    fsum_handle *h = fsum_check(L, 1);
    if (h->open) {
        h->open = false;
        ds_fsum_clear(&h->sum);
    }
    return 0;
}

/* [-0, +1, e] */
static int fsum_tostring(lua_State *L)
{
    fsum_handle *h = fsum_check(L, 1);
    if (h->open)
        lua_pushfstring(L, FSUM_CLASS " (%f)", (LUAI_UACNUMBER)ds_fsum_value(&h->sum));
    else
        lua_pushliteral(L, FSUM_CLASS " (closed)");
    return 1;
}

static const luaL_Reg fsum_methods[] = {
    {"add", fsum_add},     {"merge", fsum_merge}, {"value", fsum_value}, {"partials", fsum_partials},
    {"close", fsum_close}, {NULL, NULL},
};

static const luaL_Reg fsum_meta[] = {
    {"__gc", fsum_close}, {"__close", fsum_close}, {"__tostring", fsum_tostring}, {NULL, NULL},
};

static const luaL_Reg stats_functions[] = {{"fsum", fsum_new}, {NULL, NULL}};

/* [-0, +1, m] */
int dsL_open_stats(lua_State *L)
{
    dsL_newclass(L, FSUM_CLASS, fsum_methods, fsum_meta);
    luaL_newlib(L, stats_functions);
    return 1;
}

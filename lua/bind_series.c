/*
 * bind_series.c - ds.c.series: where a series changes.  core/series.h has the tests with their sources.
 *
 *   series.pettitt(list)                                                  -> {at=, statistic=, p=} | nil
 *   series.poisson_change(counts, sizes, {margin=, permutations=, seed=}) -> {at=, statistic=, p=} | nil
 *
 * `at` is the number, from 1, of the first period behind the change; nil: too few periods, or nothing varies.
 */
#include "bind.h"
#include "series.h"

/* The list of numbers at `arg` as an array that the userdata on the top holds; *count items.  [-0, +1, e] */
static double *push_values(lua_State *L, int arg, size_t *count)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_Unsigned n = lua_rawlen(L, arg);
    luaL_argcheck(L, n < SIZE_MAX / sizeof(double), arg, "the list is too long");
    double *x = lua_newuserdatauv(L, (size_t)n * sizeof *x + 1, 0);
    for (lua_Unsigned i = 1; i <= n; i++) {
        if (lua_rawgeti(L, arg, (lua_Integer)i) != LUA_TNUMBER)
            luaL_argerror(L, arg, lua_pushfstring(L, "value %I is a number, not a %s", (LUAI_UACINT)i, luaL_typename(L, -1)));
        x[i - 1] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    *count = (size_t)n;
    return x;
}

/* [-0, +1, m] */
static int push_change(lua_State *L, const ds_change *c)
{
    if (c->at == 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, (lua_Integer)c->at + 1);
    lua_setfield(L, -2, "at");
    lua_pushnumber(L, c->statistic);
    lua_setfield(L, -2, "statistic");
    lua_pushnumber(L, c->p);
    lua_setfield(L, -2, "p");
    return 1;
}

/* [-0, +1, e] */
static int series_pettitt(lua_State *L)
{
    ds_error err;
    ds_change c;
    size_t n;
    const double *x = push_values(L, 1, &n);
    if (ds_series_pettitt(x, n, &c, &err) != DS_OK)
        return luaL_argerror(L, 1, err.msg);
    return push_change(L, &c);
}

/* Option `name` of the table at 3, a whole number not below 0.  [-0, +0, e] */
static lua_Integer whole_option(lua_State *L, const char *name, lua_Integer missing)
{
    int isnum;
    if (!lua_istable(L, 3) || lua_getfield(L, 3, name) == LUA_TNIL)
        return missing;
    lua_Integer n = lua_tointegerx(L, -1, &isnum);
    if (!isnum || n < 0 || n > INT32_MAX)
        luaL_argerror(L, 3, lua_pushfstring(L, "option '%s' is a whole number not below 0", name));
    lua_pop(L, 1);
    return n;
}

static const char *const poisson_options[] = {"margin", "permutations", "seed", NULL};

/* [-0, +1, e] */
static int series_poisson_change(lua_State *L)
{
    ds_error err;
    ds_change c;
    size_t n, m;
    dsL_checkoptions(L, 3, poisson_options);
    lua_Integer margin = whole_option(L, "margin", 1), permutations = whole_option(L, "permutations", 999),
                seed = whole_option(L, "seed", 1);
    const double *count = push_values(L, 1, &n), *size = push_values(L, 2, &m);
    luaL_argcheck(L, n == m, 2, "there are as many sizes as counts");
    ds_alloc a = dsL_alloc(L);
    ds_status st = ds_series_poisson(&a, count, size, n, (size_t)margin, (size_t)permutations, (uint64_t)seed, &c, &err);
    if (st == DS_ENOMEM)
        return dsL_raise(L, &err);
    if (st != DS_OK)
        return luaL_argerror(L, 1, err.msg);
    return push_change(L, &c);
}

static const luaL_Reg series_functions[] = {
    {"pettitt", series_pettitt}, {"poisson_change", series_poisson_change}, {NULL, NULL},
};

/* [-0, +1, m] */
int dsL_open_series(lua_State *L)
{
    luaL_newlib(L, series_functions);
    return 1;
}

/*
 * bind_measures.c - ds.c.measures: association, keyness, dispersion.  core/measures.h has formulas and sources.
 *
 *   measures.assoc{o11=, r1=, c1=, n= [, node=]} -> {o, e, o_e, log_dice, ll, mi, mi2, mi3, t, z, delta_p12,
 *                                                    delta_p21, log_ratio}
 *   measures.keyness{a=, c=, b=, d= [, k=]}      -> {ll, p, bic, log_ratio, log_ratio_low, log_ratio_high, diff,
 *                                                    odds_ratio, simple_maths}
 *   measures.adjust(p_values, "bonferroni" | "bh") -> list
 *   measures.dispersion(list of {n=, size=})     -> {parts, n, size, range, juilland_d, carroll_d2, rosengren_s, dp,
 *                                                    dp_norm}
 *   measures.arf(positions, total)               -> number
 *
 * A measure that the counts leave undefined is missing from the table.  Counts that contradict each other raise.
 */
#include <math.h>
#include <string.h>

#include "bind.h"
#include "measures.h"

#define SIMPLE_MATHS_K 100.0 /* Kilgarriff's middle value: neither rare nor common words come first */

/* Field `name` of the table at `arg` as a number; `missing` when it is absent, NaN: it must be there.  [-0, +0, e] */
static double measure_field(lua_State *L, int arg, const char *name, double missing)
{
    int isnum;
    int type = lua_getfield(L, arg, name);
    double x = lua_tonumberx(L, -1, &isnum);
    lua_pop(L, 1);
    if (type == LUA_TNIL && !isnan(missing))
        return missing;
    if (!isnum || type != LUA_TNUMBER)
        luaL_argerror(L, arg, lua_pushfstring(L, "field '%s' is a number, not a %s", name, lua_typename(L, type)));
    return x;
}

static void set_measure(lua_State *L, const char *name, double x)
{
    if (isnan(x))
        return;
    lua_pushnumber(L, x);
    lua_setfield(L, -2, name);
}

/* A count goes back as an integer where it is one.  [-0, +0, m] */
static void set_count(lua_State *L, const char *name, double x)
{
    if (x == floor(x) && fabs(x) <= 0x1p53)
        lua_pushinteger(L, (lua_Integer)x);
    else
        lua_pushnumber(L, x);
    lua_setfield(L, -2, name);
}

static const char *const assoc_fields[] = {"o11", "r1", "c1", "n", "node", NULL};

/* [-0, +1, e] */
static int measures_assoc(lua_State *L)
{
    ds_error err;
    ds_assoc m;
    luaL_checktype(L, 1, LUA_TTABLE);
    dsL_checkoptions(L, 1, assoc_fields);
    ds_pair c = {measure_field(L, 1, "o11", NAN), measure_field(L, 1, "r1", NAN), measure_field(L, 1, "c1", NAN),
                 measure_field(L, 1, "n", NAN), measure_field(L, 1, "node", 0)};
    if (ds_measures_assoc(&c, &m, &err) != DS_OK)
        return luaL_argerror(L, 1, err.msg);
    lua_createtable(L, 0, 13);
    set_count(L, "o", m.o);
    set_measure(L, "e", m.e);
    set_measure(L, "o_e", m.o_e);
    set_measure(L, "log_dice", m.log_dice);
    set_measure(L, "ll", m.ll);
    set_measure(L, "mi", m.mi);
    set_measure(L, "mi2", m.mi2);
    set_measure(L, "mi3", m.mi3);
    set_measure(L, "t", m.t);
    set_measure(L, "z", m.z);
    set_measure(L, "delta_p12", m.delta_p12);
    set_measure(L, "delta_p21", m.delta_p21);
    set_measure(L, "log_ratio", m.log_ratio);
    return 1;
}

static const char *const keyness_fields[] = {"a", "b", "c", "d", "k", NULL};

/* [-0, +1, e] */
static int measures_keyness(lua_State *L)
{
    ds_error err;
    ds_keyness m;
    luaL_checktype(L, 1, LUA_TTABLE);
    dsL_checkoptions(L, 1, keyness_fields);
    ds_keyness_counts c = {measure_field(L, 1, "a", NAN), measure_field(L, 1, "c", NAN), measure_field(L, 1, "b", NAN),
                           measure_field(L, 1, "d", NAN), measure_field(L, 1, "k", SIMPLE_MATHS_K)};
    if (ds_measures_keyness(&c, &m, &err) != DS_OK)
        return luaL_argerror(L, 1, err.msg);
    lua_createtable(L, 0, 9);
    set_measure(L, "ll", m.ll);
    set_measure(L, "p", m.p);
    set_measure(L, "bic", m.bic);
    set_measure(L, "log_ratio", m.log_ratio);
    set_measure(L, "log_ratio_low", m.log_ratio_low);
    set_measure(L, "log_ratio_high", m.log_ratio_high);
    set_measure(L, "diff", m.diff);
    set_measure(L, "odds_ratio", m.odds_ratio);
    set_measure(L, "simple_maths", m.simple_maths);
    return 1;
}

/* The list of numbers at `arg` as an array that the userdata on the top holds; *count items.  [-0, +1, e] */
static double *push_numbers(lua_State *L, int arg, const char *what, size_t *count)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_Integer n = luaL_len(L, arg);
    if (n < 0 || (lua_Unsigned)n > SIZE_MAX / sizeof(double))
        luaL_argerror(L, arg, "the list is too long");
    double *x = lua_newuserdatauv(L, (size_t)n * sizeof *x, 0);
    for (lua_Integer i = 1; i <= n; i++) {
        int isnum;
        lua_geti(L, arg, i);
        x[i - 1] = lua_tonumberx(L, -1, &isnum);
        if (!isnum || lua_type(L, -1) != LUA_TNUMBER)
            luaL_argerror(L, arg, lua_pushfstring(L, "%s %I is a number, not a %s", what, (LUAI_UACINT)i,
                                                  luaL_typename(L, -1)));
        lua_pop(L, 1);
    }
    *count = (size_t)n;
    return x;
}

/* [-0, +1, e] */
static int measures_adjust(lua_State *L)
{
    static const char *const methods[] = {"bonferroni", "bh", NULL};
    ds_error err;
    size_t count;
    int method = luaL_checkoption(L, 2, NULL, methods);
    double *p = push_numbers(L, 1, "value", &count);
    ds_alloc a = dsL_alloc(L);
    ds_status st = ds_measures_adjust(&a, method == 0 ? DS_ADJUST_BONFERRONI : DS_ADJUST_BH, p, count, p, &err);
    if (st == DS_ENOMEM)
        return dsL_raise(L, &err);
    if (st != DS_OK)
        return luaL_argerror(L, 1, err.msg);
    lua_createtable(L, (int)(count < INT32_MAX ? count : 0), 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushnumber(L, p[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* Field `name` of part i, the table on the top.  [-0, +0, e] */
static double part_field(lua_State *L, lua_Integer i, const char *name)
{
    int isnum;
    lua_getfield(L, -1, name);
    double x = lua_tonumberx(L, -1, &isnum);
    if (!isnum || lua_type(L, -1) != LUA_TNUMBER)
        luaL_argerror(L, 1, lua_pushfstring(L, "part %I: field '%s' is a number, not a %s", (LUAI_UACINT)i, name,
                                            luaL_typename(L, -1)));
    lua_pop(L, 1);
    return x;
}

/* [-0, +1, e] */
static int measures_dispersion(lua_State *L)
{
    ds_error err;
    ds_dispersion m;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    if (count < 0 || (lua_Unsigned)count > SIZE_MAX / sizeof(ds_part))
        return luaL_argerror(L, 1, "the list is too long");
    ds_part *parts = lua_newuserdatauv(L, (size_t)count * sizeof *parts, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_geti(L, 1, i) != LUA_TTABLE)
            return luaL_argerror(L, 1, lua_pushfstring(L, "part %I is a table {n=, size=}, not a %s", (LUAI_UACINT)i,
                                                       luaL_typename(L, -1)));
        parts[i - 1] = (ds_part){part_field(L, i, "n"), part_field(L, i, "size")};
        lua_pop(L, 1);
    }
    if (ds_measures_dispersion(parts, (size_t)count, &m, &err) != DS_OK)
        return luaL_argerror(L, 1, err.msg);
    lua_createtable(L, 0, 9);
    set_count(L, "parts", m.parts);
    set_count(L, "n", m.n);
    set_count(L, "size", m.size);
    set_count(L, "range", m.range);
    set_measure(L, "juilland_d", m.juilland_d);
    set_measure(L, "carroll_d2", m.carroll_d2);
    set_measure(L, "rosengren_s", m.rosengren_s);
    set_measure(L, "dp", m.dp);
    set_measure(L, "dp_norm", m.dp_norm);
    return 1;
}

/* [-0, +1, e] */
static int measures_arf(lua_State *L)
{
    ds_error err;
    double total = luaL_checknumber(L, 2), arf;
    size_t count;
    const double *pos = push_numbers(L, 1, "position", &count);
    if (ds_measures_arf(pos, count, total, &arf, &err) != DS_OK)
        return luaL_argerror(L, 1, err.msg);
    lua_pushnumber(L, arf);
    return 1;
}

static const luaL_Reg measures_functions[] = {
    {"assoc", measures_assoc},           {"keyness", measures_keyness}, {"adjust", measures_adjust},
    {"dispersion", measures_dispersion}, {"arf", measures_arf},         {NULL, NULL},
};

/* [-0, +1, m] */
int dsL_open_measures(lua_State *L)
{
    luaL_newlib(L, measures_functions);
    return 1;
}

/*
 * bind_acc.c - ds.acc: accumulators that can be merged and saved.
 *
 *   acc.count()  acc.sum()  acc.moments()  acc.top(k)  acc.histogram{edges}  acc.distinct()  acc.sample(k [, seed])
 *   a:add(…) -> a     count: [integer = 1]; sum, moments, histogram: number; top: value, item; distinct: key;
 *                     sample: key, item
 *   a:merge(other) -> a
 *   a:value()         count, sum: number; moments: {n=, sum=, mean=, variance=, sd=, min=, max=} (unknown ones nil);
 *                     top: { {value=, item=}, … }; histogram: {edges=, counts=, below=, above=};
 *                     distinct: integer, exact; sample: { {key=, item=}, … }
 *   a:kind()  a:save() -> bytes  a:close()   acc.load(bytes) -> a | nil, message
 *   acc.kinds         { "count", … }
 */
#include "bind_acc.h"

#include <math.h>

#define ACC_CLASS "ds.acc"
#define BYTES_CLASS "ds.acc.bytes"

typedef struct acc_handle {
    ds_alloc alloc;
    ds_acc *acc;
} acc_handle;

ds_acc *dsL_toacc(lua_State *L, int arg)
{
    acc_handle *h = luaL_testudata(L, arg, ACC_CLASS);
    return h != NULL ? h->acc : NULL;
}

static ds_acc *live(lua_State *L, int arg)
{
    acc_handle *h = luaL_checkudata(L, arg, ACC_CLASS);
    if (h->acc == NULL)
        luaL_error(L, "attempt to use a closed " ACC_CLASS);
    return h->acc;
}

static acc_handle *push_empty(lua_State *L)
{
    acc_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->acc = NULL;
    h->alloc = dsL_alloc(L);
    luaL_setmetatable(L, ACC_CLASS);
    return h;
}

bool dsL_loadacc(lua_State *L, ds_str bytes, ds_error *err)
{
    acc_handle *h = push_empty(L);
    if (ds_acc_load(&h->alloc, bytes, &h->acc, err) == DS_OK)
        return true;
    lua_pop(L, 1);
    return false;
}

static int make(lua_State *L, const ds_acc_spec *spec)
{
    ds_error err;
    acc_handle *h = push_empty(L);
    if (ds_acc_new(&h->alloc, spec, &h->acc, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 1;
}

/* Upvalue 1: the kind.  [-0, +1, e] */
static int acc_plain(lua_State *L)
{
    return make(L, &(ds_acc_spec){.kind = (ds_acc_kind)lua_tointeger(L, lua_upvalueindex(1))});
}

static uint32_t check_k(lua_State *L, int arg)
{
    lua_Integer k = luaL_checkinteger(L, arg);
    luaL_argcheck(L, k >= 1 && k <= (lua_Integer)DS_ACC_K_MAX, arg, "how many items, 1 to 1048576");
    return (uint32_t)k;
}

static int acc_top(lua_State *L)
{
    return make(L, &(ds_acc_spec){.kind = DS_ACC_TOP, .k = check_k(L, 1)});
}

static int acc_sample(lua_State *L)
{
    return make(L, &(ds_acc_spec){.kind = DS_ACC_SAMPLE, .k = check_k(L, 1), .seed = (uint64_t)luaL_optinteger(L, 2, 1)});
}

static int acc_histogram(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 1);
    luaL_argcheck(L, n >= 2 && n <= (lua_Integer)DS_ACC_EDGES_MAX, 1, "the edges are a list of 2 to 65536 numbers");
    double *edges = lua_newuserdatauv(L, (size_t)n * sizeof *edges, 0);
    for (lua_Integer i = 0; i < n; i++) {
        int isnum;
        lua_geti(L, 1, i + 1);
        edges[i] = lua_tonumberx(L, -1, &isnum);
        if (!isnum)
            luaL_argerror(L, 1, lua_pushfstring(L, "edge %I is no number", (LUAI_UACINT)(i + 1)));
        lua_pop(L, 1);
    }
    return make(L, &(ds_acc_spec){.kind = DS_ACC_HISTOGRAM, .edges = edges, .n_edges = (size_t)n});
}

static int acc_load(lua_State *L)
{
    ds_error err;
    return dsL_loadacc(L, dsL_checkstr(L, 1), &err) ? 1 : dsL_pusherror(L, &err);
}

/* ------------------------------------------------------------------ methods */

static ds_status add_number(lua_State *L, ds_acc *a, ds_error *err)
{
    luaL_checktype(L, 2, LUA_TNUMBER);
    if (lua_isinteger(L, 2) && ds_acc_kind_of(a) == DS_ACC_SUM)
        return ds_acc_add_integer(a, lua_tointeger(L, 2), err);
    return ds_acc_add_number(a, lua_tonumber(L, 2), err);
}

static int acc_add(lua_State *L)
{
    ds_acc *a = live(L, 1);
    ds_error err;
    ds_status st;
    switch (ds_acc_kind_of(a)) {
    case DS_ACC_COUNT:
        st = ds_acc_add_integer(a, luaL_optinteger(L, 2, 1), &err);
        break;
    case DS_ACC_TOP:
        luaL_checktype(L, 2, LUA_TNUMBER);
        st = ds_acc_add_item(a, lua_tonumber(L, 2), dsL_checkstr(L, 3), &err);
        break;
    case DS_ACC_DISTINCT:
        st = ds_acc_add_key(a, dsL_checkstr(L, 2), (ds_str){"", 0}, &err);
        break;
    case DS_ACC_SAMPLE:
        st = ds_acc_add_key(a, dsL_checkstr(L, 2), dsL_checkstr(L, 3), &err);
        break;
    default:
        st = add_number(L, a, &err);
    }
    if (st != DS_OK)
        return dsL_raise(L, &err);
    lua_settop(L, 1);
    return 1;
}

static int acc_merge(lua_State *L)
{
    ds_error err;
    ds_acc *a = live(L, 1);
    if (ds_acc_merge(a, live(L, 2), &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_settop(L, 1);
    return 1;
}

static void set_number(lua_State *L, const char *name, double x)
{
    if (isnan(x))
        return;
    lua_pushnumber(L, x);
    lua_setfield(L, -2, name);
}

static int push_moments(lua_State *L, const ds_acc *a)
{
    ds_error err;
    ds_acc_moments m;
    if (ds_acc_moments_of(a, &m, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, 0, 7);
    lua_pushinteger(L, (lua_Integer)m.n);
    lua_setfield(L, -2, "n");
    set_number(L, "sum", m.sum);
    set_number(L, "mean", m.mean);
    set_number(L, "variance", m.variance);
    set_number(L, "sd", sqrt(m.variance));
    set_number(L, "min", m.min);
    set_number(L, "max", m.max);
    return 1;
}

static int push_histogram(lua_State *L, const ds_acc *a)
{
    const double *edges;
    const uint64_t *counts;
    uint64_t below, above;
    size_t n = ds_acc_bins(a, &edges, &counts, &below, &above);
    lua_createtable(L, 0, 4);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        lua_pushnumber(L, edges[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "edges");
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i + 1 < n; i++) {
        lua_pushinteger(L, (lua_Integer)counts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "counts");
    lua_pushinteger(L, (lua_Integer)below);
    lua_setfield(L, -2, "below");
    lua_pushinteger(L, (lua_Integer)above);
    lua_setfield(L, -2, "above");
    return 1;
}

static int push_entries(lua_State *L, ds_acc *a)
{
    size_t n = ds_acc_count(a);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        ds_acc_entry e = ds_acc_at(a, i);
        lua_createtable(L, 0, 2);
        if (ds_acc_kind_of(a) == DS_ACC_TOP)
            lua_pushnumber(L, e.value);
        else
            lua_pushlstring(L, e.key.n > 0 ? e.key.p : "", e.key.n);
        lua_setfield(L, -2, ds_acc_kind_of(a) == DS_ACC_TOP ? "value" : "key");
        lua_pushlstring(L, e.item.n > 0 ? e.item.p : "", e.item.n);
        lua_setfield(L, -2, "item");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int acc_value(lua_State *L)
{
    ds_acc *a = live(L, 1);
    int64_t i;
    double x;
    bool exact;
    switch (ds_acc_kind_of(a)) {
    case DS_ACC_MOMENTS:
        return push_moments(L, a);
    case DS_ACC_HISTOGRAM:
        return push_histogram(L, a);
    case DS_ACC_TOP:
    case DS_ACC_SAMPLE:
        return push_entries(L, a);
    case DS_ACC_DISTINCT:
        lua_pushinteger(L, (lua_Integer)llround(ds_acc_distinct(a, &exact)));
        lua_pushboolean(L, exact);
        return 2;
    default:
        if (ds_acc_total(a, &i, &x))
            lua_pushinteger(L, (lua_Integer)i);
        else
            lua_pushnumber(L, x);
        return 1;
    }
}

static int acc_kind(lua_State *L)
{
    lua_pushstring(L, ds_acc_kind_name(ds_acc_kind_of(live(L, 1))));
    return 1;
}

static int bytes_gc(lua_State *L)
{
    ds_buf_clear(luaL_checkudata(L, 1, BYTES_CLASS));
    return 0;
}

static int acc_save(lua_State *L)
{
    ds_acc *a = live(L, 1);
    ds_error err;
    ds_buf *b = lua_newuserdatauv(L, sizeof *b, 0);
    ds_buf_init(b, NULL);
    luaL_setmetatable(L, BYTES_CLASS);
    if (ds_acc_save(a, b, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_pushlstring(L, b->p, b->n);
    ds_buf_clear(b);
    return 1;
}

static int acc_close(lua_State *L)
{
    acc_handle *h = luaL_checkudata(L, 1, ACC_CLASS);
    ds_acc_free(h->acc);
    h->acc = NULL;
    return 0;
}

static int acc_tostring(lua_State *L)
{
    acc_handle *h = luaL_checkudata(L, 1, ACC_CLASS);
    lua_pushfstring(L, ACC_CLASS " (%s)", h->acc != NULL ? ds_acc_kind_name(ds_acc_kind_of(h->acc)) : "closed");
    return 1;
}

static const luaL_Reg acc_methods[] = {
    {"add", acc_add},   {"merge", acc_merge}, {"value", acc_value}, {"kind", acc_kind},
    {"save", acc_save}, {"close", acc_close}, {NULL, NULL},
};
static const luaL_Reg acc_meta[] = {
    {"__gc", acc_close}, {"__close", acc_close}, {"__tostring", acc_tostring}, {NULL, NULL},
};
static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg bytes_meta[] = {{"__gc", bytes_gc}, {NULL, NULL}};
static const luaL_Reg acc_functions[] = {
    {"top", acc_top}, {"sample", acc_sample}, {"histogram", acc_histogram}, {"load", acc_load}, {NULL, NULL},
};

/* [-0, +1, m] */
int dsL_open_acc(lua_State *L)
{
    static const ds_acc_kind plain[] = {DS_ACC_COUNT, DS_ACC_SUM, DS_ACC_MOMENTS, DS_ACC_DISTINCT};
    dsL_newclass(L, ACC_CLASS, acc_methods, acc_meta);
    dsL_newclass(L, BYTES_CLASS, no_methods, bytes_meta);
    luaL_newlib(L, acc_functions);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        lua_pushinteger(L, plain[i]);
        lua_pushcclosure(L, acc_plain, 1);
        lua_setfield(L, -2, ds_acc_kind_name(plain[i]));
    }
    lua_createtable(L, DS_ACC_KINDS, 0);
    for (int k = 1; k < DS_ACC_KINDS; k++) {
        lua_pushstring(L, ds_acc_kind_name((ds_acc_kind)k));
        lua_rawseti(L, -2, k);
    }
    lua_setfield(L, -2, "kinds");
    return 1;
}

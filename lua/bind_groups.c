/* bind_groups.c - sorting, sampling and grouping hits for Lua, and frequencies; see bind_query.h. */
#include <string.h>

#include "bind_query.h"

#define GROUPS "ds.query_groups"

typedef struct groups_handle {
    ds_alloc alloc;
    ds_groups g;
} groups_handle;

/* ------------------------------------------------------------------ keys */

static int check_name(lua_State *L, int arg, const char *field, const char *const names[])
{
    lua_getfield(L, arg, field);
    const char *s = luaL_checkstring(L, -1);
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], s) == 0) {
            lua_pop(L, 1);
            return i;
        }
    return luaL_error(L, "%s: no such name: '%s'", field, s);
}

/* Field `labels` of the key at `arg` as an array that belongs to a userdata on the stack.  [-0, +1, e] */
static const uint32_t *const *push_labels(lua_State *L, int arg, const query_handle *h)
{
    size_t all = 0;
    for (size_t i = 0; i < h->count; i++)
        all += ds_index_docs(h->parts[i].ix);
    const uint32_t **rows = lua_newuserdatauv(L, h->count * sizeof *rows + (all + 1) * sizeof(uint32_t), 0);
    uint32_t *v = (uint32_t *)(void *)(rows + h->count);
    lua_getfield(L, arg, "labels");
    luaL_argcheck(L, lua_istable(L, -1), arg, "labels: a string for each segment is wanted");
    for (size_t i = 0; i < h->count; i++) {
        size_t n, docs = ds_index_docs(h->parts[i].ix);
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const char *s = luaL_checklstring(L, -1, &n);
        luaL_argcheck(L, n == 4 * docs, arg, "labels: four bytes for each article are wanted");
        rows[i] = v;
        for (size_t d = 0; d < docs; d++)
            *v++ = ds_load32(s + 4 * d);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return rows;
}

static const char *const attr_names[] = {"word", "key", "pos", "lemma", "class", NULL};

/* The key of the table at `arg`; what it borrows is left on the stack.  [-0, +1, e] */
static ds_hit_key check_key(lua_State *L, int arg, const query_handle *h)
{
    static const char *const by[] = {"node", "left", "right", "doc", "label", NULL};
    luaL_checktype(L, arg, LUA_TTABLE);
    ds_hit_key k = {.by = (ds_hit_by)check_name(L, arg, "by", by), .attr = DS_ATTR_KEY};
    lua_getfield(L, arg, "falling");
    k.falling = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (k.by != DS_BY_DOC && k.by != DS_BY_LABEL)
        k.attr = (ds_hit_attr)check_name(L, arg, "attr", attr_names);
    if (k.by == DS_BY_LEFT || k.by == DS_BY_RIGHT) {
        lua_getfield(L, arg, "n");
        lua_Integer n = luaL_checkinteger(L, -1);
        luaL_argcheck(L, n >= 1 && n <= 1000, arg, "n is 1 to 1000");
        k.n = (uint32_t)n;
        lua_pop(L, 1);
    }
    if (k.by != DS_BY_LABEL) {
        lua_pushnil(L);
        return k;
    }
    lua_getfield(L, arg, "label_count");
    k.label_count = (uint32_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    k.labels = push_labels(L, arg, h);
    return k;
}

int dsL_query_sort(lua_State *L)
{
    enum { KEYS = 16 };
    ds_hit_key keys[KEYS];
    query_handle *h = dsL_query_live(L);
    ds_error err;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
    luaL_argcheck(L, n <= KEYS, 2, "at most 16 keys");
    for (lua_Integer i = 0; i < n; i++) {
        lua_rawgeti(L, 2, i + 1);
        keys[i] = check_key(L, lua_gettop(L), h);
    }
    if (ds_hitlist_sort(h->list, keys, (size_t)n, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

int dsL_query_sample(lua_State *L)
{
    query_handle *h = dsL_query_live(L);
    lua_Integer n = luaL_checkinteger(L, 2), seed = luaL_optinteger(L, 3, 0);
    ds_error err;
    luaL_argcheck(L, n >= 0, 2, "a number of hits is wanted");
    if (ds_hitlist_sample(h->list, (size_t)n, (uint64_t)seed, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 0;
}

static int groups_gc(lua_State *L)
{
    groups_handle *h = luaL_checkudata(L, 1, GROUPS);
    ds_groups_clear(&h->g);
    return 0;
}

static ds_groups *push_groups(lua_State *L)
{
    groups_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = dsL_alloc(L);
    ds_groups_init(&h->g, &h->alloc);
    luaL_setmetatable(L, GROUPS);
    return &h->g;
}

/* Names and counts, flat. */
static int push_names(lua_State *L, const ds_groups *g)
{
    lua_createtable(L, g->count < INT32_MAX / 2 ? (int)(2 * g->count) : 0, 0);
    for (size_t i = 0; i < g->count; i++) {
        lua_pushlstring(L, g->items[i].name.p, g->items[i].name.n);
        lua_rawseti(L, -2, (lua_Integer)(2 * i + 1));
        lua_pushinteger(L, (lua_Integer)g->items[i].count);
        lua_rawseti(L, -2, (lua_Integer)(2 * i + 2));
    }
    lua_pushinteger(L, (lua_Integer)g->total);
    return 2;
}

int dsL_query_group(lua_State *L)
{
    query_handle *h = dsL_query_live(L);
    ds_error err;
    ds_hit_key k = check_key(L, 2, h);
    ds_groups *g = push_groups(L);
    if (ds_hitlist_group(h->list, &k, g, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    if (k.by != DS_BY_DOC && k.by != DS_BY_LABEL)
        return push_names(L, g);
    size_t row = k.by == DS_BY_DOC ? 4 : 2;
    lua_createtable(L, (int)(row * g->count), 0);
    for (size_t i = 0; i < g->count; i++) {
        const ds_group *x = &g->items[i];
        lua_Integer v[4] = {x->label, (lua_Integer)x->count};
        if (row == 4) {
            v[0] = h->parts[x->segment].store;
            v[1] = (lua_Integer)h->parts[x->segment].segment + 1;
            v[2] = (lua_Integer)x->doc + 1;
            v[3] = (lua_Integer)x->count;
        }
        for (size_t c = 0; c < row; c++) {
            lua_pushinteger(L, v[c]);
            lua_rawseti(L, -2, (lua_Integer)(row * i + c + 1));
        }
    }
    lua_pushinteger(L, (lua_Integer)g->total);
    return 2;
}

int dsL_query_explain(lua_State *L)
{
    query_handle *h = dsL_query_live(L);
    ds_error err;
    ds_buf *out = &push_groups(L)->names; /* so that an error frees it */
    for (size_t i = 0; i < h->count; i++) {
        char head[64];
        int n = h->count > 1 ? snprintf(head, sizeof head, "segment %zu\n", i + 1) : 0;
        ds_buf_put(out, head, (size_t)n);
        if (ds_query_explain(h->parts[i].query, out, &err) != DS_OK)
            return dsL_raise(L, &err);
    }
    lua_pushlstring(L, out->p, out->n);
    return 1;
}

static bool is_kept(void *ud, const ds_type *t)
{
    return ds_query_holds(ud, t);
}

int dsL_query_freq(lua_State *L)
{
    ds_error err = {.status = DS_OK};
    size_t count;
    lua_settop(L, 3);
    int attr = luaL_checkoption(L, 2, NULL, attr_names);
    query_handle *h = lua_isnil(L, 3) ? NULL : luaL_checkudata(L, 3, DSL_QUERY);
    query_part *parts = dsL_query_push_parts(L, 1, &count, &err);
    if (parts == NULL)
        return dsL_pusherror(L, &err);
    luaL_argcheck(L, h == NULL || (h->count == count && !h->closed), 3, "a query on the same stores is wanted");
    luaL_argcheck(L, h == NULL || count == 0 || ds_query_is_token(h->parts[0].query), 3, "a query of one token is wanted");
    const ds_index **segments = lua_newuserdatauv(L, (count + 1) * sizeof *segments, 0);
    const uint64_t **docs = lua_newuserdatauv(L, (count + 1) * sizeof *docs, 0);
    for (size_t i = 0; i < count; i++) {
        segments[i] = parts[i].ix;
        docs[i] = h != NULL ? h->parts[i].docs : NULL;
    }
    ds_groups *g = push_groups(L);
    ds_query *q = h != NULL && count > 0 ? h->parts[0].query : NULL;
    ds_alloc a = dsL_alloc(L);
    ds_status st = ds_freq(&a, segments, count, docs, (ds_hit_attr)attr, q != NULL ? is_kept : NULL, q, g, &err);
    if (st == DS_OK && q != NULL)
        st = ds_query_status(q, &err);
    if (st != DS_OK)
        return dsL_pusherror(L, &err);
    return push_names(L, g);
}

void dsL_query_open_groups(lua_State *L)
{
    static const luaL_Reg no_methods[] = {{NULL, NULL}};
    static const luaL_Reg groups_meta[] = {{"__gc", groups_gc}, {NULL, NULL}};
    dsL_newclass(L, GROUPS, no_methods, groups_meta);
}

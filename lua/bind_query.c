/*
 * bind_query.c - queries on stores for Lua; lua/ds/query.lua makes the object that users see of it.
 *
 *   entities(text)                 --> {name, …} whose forms the query needs | nil, message, detail
 *   q = new(stores, text [, opts]) --> ds.query | nil, message, detail;  stores: list of ds.stored
 *       opts: forms = {name = {form, …}}, docs = {bits, …} one string a segment, a bit for each article, overlap = boolean,
 *       timeout = seconds
 *   q:count()                      --> n, partial
 *   q:fill([n])                    --> hits there are now, at least n (all) unless there are no more, partial
 *   q:shown()                      --> hits of the present order
 *   q:sort(keys)                   --> true | nil, message, detail;  key: {by = "node"|"left"|"right"|"doc"|"label", attr =, n =,
 *       falling =, labels = {numbers, …} one string a segment, four bytes an article, little-endian, label_count =}
 *   q:sample(n, seed)
 *   q:at(i)                        --> store, segment, doc, from, to: bytes of the article's text
 *   q:line(i, left, right)         --> left, node, right: texts, so many tokens on either side;  captures: {name, from, to, …}
 *   q:group(key)                   --> {name or label or place, n, …}, total;  place: store, segment, doc
 *   q:explain()                    --> string
 *   freq(stores, attr [, query]) --> {name, n, …}, total;  query: a ds.query of one token on them, with its docs
 *   temporary()                    --> path for a file that is not there, which the guard (guard.h) lets be written and read
 *   column, relabel, select: see bind_columns.c
 *
 * Segments are those of all stores, end to end.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bind_query.h"
#include "guard.h"

#define TEMPLATE "%s/ds-query-" "XX" "XX" "XX" /* the place; mkstemp replaces the last six */

/* ------------------------------------------------------------------ life */

query_handle *dsL_query_live(lua_State *L)
{
    query_handle *h = luaL_checkudata(L, 1, DSL_QUERY);
    luaL_argcheck(L, !h->closed, 1, "attempt to use a closed ds.hits");
    for (size_t i = 1; i <= (h->count > 0 ? (size_t)h->parts[h->count - 1].store : 0); i++) {
        lua_getiuservalue(L, 1, 1);
        lua_rawgeti(L, -1, (lua_Integer)i);
        dsL_checkstore(L, lua_gettop(L), NULL); /* it may have been closed */
        lua_pop(L, 2);
    }
    return h;
}

static size_t docs_words(const ds_index *ix)
{
    return (size_t)ds_index_docs(ix) / 64 + 1;
}

static int query_close(lua_State *L)
{
    query_handle *h = luaL_checkudata(L, 1, DSL_QUERY);
    ds_hitlist_free(h->list);
    for (size_t i = 0; h->parts != NULL && i < h->count; i++) {
        ds_query_free(h->parts[i].query);
        ds_mfree(&h->alloc, h->parts[i].docs, h->parts[i].words * sizeof(uint64_t)); /* the store may be closed by now */
    }
    ds_mfree(&h->alloc, h->parts, h->count * sizeof *h->parts);
    ds_cql_free(h->tree);
    h->list = NULL;
    h->parts = NULL;
    h->tree = NULL;
    h->count = 0;
    h->closed = true;
    return 0;
}

static int query_tostring(lua_State *L)
{
    const query_handle *h = luaL_checkudata(L, 1, DSL_QUERY);
    lua_pushstring(L, h->closed ? DSL_QUERY " (closed)" : DSL_QUERY);
    return 1;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_late(void *ud)
{
    const query_handle *h = ud;
    return (h->reached != NULL && *h->reached != 0) || (h->deadline > 0 && seconds() > h->deadline);
}

void dsL_query_start_clock(lua_State *L, query_handle *h)
{
    h->reached = dsL_limits_flag(L);
    h->deadline = h->timeout > 0 ? seconds() + h->timeout : 0;
}

/* ------------------------------------------------------------------ segments */

query_part *dsL_query_push_parts(lua_State *L, int arg, size_t *count, ds_error *err)
{
    size_t n = 0, k = 0;
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_Integer stores = (lua_Integer)lua_rawlen(L, arg);
    for (lua_Integer i = 1; i <= stores; i++) {
        lua_rawgeti(L, arg, i);
        n += ds_store_segments(dsL_checkstore(L, lua_gettop(L), NULL));
        lua_pop(L, 1);
    }
    query_part *parts = lua_newuserdatauv(L, (n + 1) * sizeof *parts, 0);
    memset(parts, 0, (n + 1) * sizeof *parts);
    *count = n;
    for (lua_Integer i = 1; i <= stores; i++) {
        ds_reader *reader;
        lua_rawgeti(L, arg, i);
        ds_store *s = dsL_checkstore(L, lua_gettop(L), &reader);
        lua_pop(L, 1);
        for (size_t j = 0; j < ds_store_segments(s) && k < n; j++) {
            parts[k] = (query_part){
                .store = (int)i, .segment = (uint32_t)j, .ix = ds_store_index(s, j), .reader = reader};
            if (ds_index_load(parts[k++].ix, err) != DS_OK)
                return NULL;
        }
    }
    return parts;
}

/* Field `docs` of the options, if there is one: copies the bits. */
static void take_docs(lua_State *L, int arg, query_part *parts, size_t count, const ds_alloc *a)
{
    if (lua_getfield(L, arg, "docs") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    luaL_argcheck(L, lua_istable(L, -1) && lua_rawlen(L, -1) == count, arg, "docs: a string for each segment is wanted");
    for (size_t i = 0; i < count; i++) {
        size_t n, bytes = docs_words(parts[i].ix) * sizeof(uint64_t);
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const char *bits = luaL_checklstring(L, -1, &n);
        parts[i].words = docs_words(parts[i].ix);
        parts[i].docs = ds_calloc(a, parts[i].words, sizeof(uint64_t));
        if (parts[i].docs == NULL)
            luaL_error(L, "not enough memory");
        memcpy(parts[i].docs, bits, n < bytes ? n : bytes);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* ------------------------------------------------------------------ entities */

/* The forms of the table at index 4; strings of tables, so nothing here raises.  [-0, +0, -] */
static bool give_forms(void *ud, ds_str name, void (*add)(void *to, ds_str form), void *to)
{
    lua_State *L = ((query_handle *)ud)->L;
    bool found = false;
    if (L == NULL || !lua_istable(L, 4) || !lua_checkstack(L, 4))
        return false;
    for (lua_pushnil(L); lua_next(L, 4) != 0; lua_pop(L, 1)) {
        size_t n;
        if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1))
            continue;
        const char *p = lua_tolstring(L, -2, &n);
        if (!ds_str_eq((ds_str){p, n}, name))
            continue;
        found = true;
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
            ds_str form = {NULL, 0};
            form.p = lua_tolstring(L, -1, &form.n);
            add(to, form);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    return found;
}

static int query_entities(lua_State *L)
{
    ds_error err;
    ds_cql *tree;
    ds_alloc a = dsL_alloc(L);
    ds_str text = dsL_checkstr(L, 1);
    query_handle *h = lua_newuserdatauv(L, sizeof *h, 0); /* so that an error frees the tree */
    *h = (query_handle){.alloc = a};
    luaL_setmetatable(L, DSL_QUERY);
    if (ds_cql_parse(&h->alloc, text, &h->tree, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    tree = h->tree;
    lua_newtable(L);
    for (uint32_t i = 0; i < ds_cql_count(tree); i++) {
        const ds_cql_node *n = ds_cql_at(tree, i);
        if (n->kind == DS_CQL_TEST && n->attr == DS_CQL_ENTITY) {
            lua_pushlstring(L, n->value.p, n->value.n);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
    }
    return 1;
}

/* ------------------------------------------------------------------ making one */

static ds_status open_queries(query_handle *h, ds_error *err)
{
    const ds_index *segments[1024];
    ds_status st = DS_OK;
    if (h->count > sizeof segments / sizeof *segments)
        return ds_fail(err, DS_ELIMIT, 0, 0, "more than 1024 segments; compact the store");
    for (size_t i = 0; st == DS_OK && i < h->count; i++) {
        ds_query_options o = {.forms = give_forms, .forms_ud = h, .stop = is_late, .stop_ud = h,
                              .docs = h->parts[i].docs, .overlap = h->overlap};
        segments[i] = h->parts[i].ix;
        st = ds_query_new(&h->alloc, h->parts[i].ix, h->tree, &o, &h->parts[i].query, err);
    }
    return st == DS_OK ? ds_hitlist_new(&h->alloc, segments, h->count, &h->list, err) : st;
}

static const char *const option_names[] = {"forms", "docs", "overlap", "timeout", NULL};

static int query_new(lua_State *L)
{
    ds_error err = {.status = DS_OK};
    size_t count;
    luaL_checktype(L, 1, LUA_TTABLE);
    ds_str text = dsL_checkstr(L, 2);
    lua_settop(L, 3);
    if (dsL_checkoptions(L, 3, option_names))
        lua_getfield(L, 3, "forms");
    else
        lua_pushnil(L); /* forms are at 4 */
    query_handle *h = lua_newuserdatauv(L, sizeof *h, 1);
    *h = (query_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, DSL_QUERY);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 5, 1);
    query_part *parts = dsL_query_push_parts(L, 1, &count, &err);
    if (parts == NULL)
        return dsL_pusherror(L, &err);
    h->parts = ds_calloc(&h->alloc, count > 0 ? count : 1, sizeof *h->parts);
    if (h->parts == NULL)
        return luaL_error(L, "not enough memory");
    /* The size given back is that of `count` parts: one part more is never asked for when there is none. */
    if (count == 0) {
        ds_mfree(&h->alloc, h->parts, sizeof *h->parts);
        h->parts = NULL;
    }
    h->count = count;
    if (count > 0)
        memcpy(h->parts, parts, count * sizeof *parts);
    lua_settop(L, 5);
    if (lua_istable(L, 3)) {
        take_docs(L, 3, h->parts, count, &h->alloc);
        lua_getfield(L, 3, "overlap");
        h->overlap = lua_toboolean(L, -1);
        lua_getfield(L, 3, "timeout");
        h->timeout = luaL_optnumber(L, -1, 0);
        lua_settop(L, 5);
    }
    dsL_query_start_clock(L, h);
    ds_status st = ds_cql_parse(&h->alloc, text, &h->tree, &err);
    h->L = L;
    if (st == DS_OK)
        st = open_queries(h, &err);
    h->L = NULL;
    lua_settop(L, 5);
    dsL_limits_poll(L);
    return st == DS_OK ? 1 : dsL_pusherror(L, &err);
}

/* ------------------------------------------------------------------ over whole stores */

static int query_temporary(lua_State *L)
{
    const char *where = getenv("TMPDIR");
    lua_pushfstring(L, TEMPLATE, where != NULL && where[0] == '/' ? where : "/tmp");
    size_t n;
    const char *pattern = lua_tolstring(L, -1, &n);
    char *path = lua_newuserdatauv(L, n + 1, 0);
    memcpy(path, pattern, n + 1);
    int fd = mkstemp(path);
    if (fd < 0)
        return luaL_error(L, "%s: no temporary file can be made there", pattern);
    close(fd);
    unlink(path);
    dsL_guard_allow_write(L, path);
    dsL_guard_allow(L, path);
    lua_pushstring(L, path);
    return 1;
}

static const luaL_Reg query_methods[] = {
    {"count", dsL_query_count}, {"fill", dsL_query_fill},   {"shown", dsL_query_shown}, {"sort", dsL_query_sort},
    {"sample", dsL_query_sample}, {"at", dsL_query_at},     {"line", dsL_query_line},   {"group", dsL_query_group},
    {"explain", dsL_query_explain}, {"close", query_close}, {NULL, NULL}};
static const luaL_Reg query_meta[] = {
    {"__gc", query_close}, {"__close", query_close}, {"__tostring", query_tostring}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"new", query_new}, {"entities", query_entities}, {"freq", dsL_query_freq}, {"column", dsL_query_column},
    {"relabel", dsL_query_relabel}, {"select", dsL_query_select},
    {"temporary", query_temporary}, {NULL, NULL}};

int dsL_open_query(lua_State *L)
{
    dsL_newclass(L, DSL_QUERY, query_methods, query_meta);
    dsL_query_open_groups(L);
    luaL_newlib(L, functions);
    return 1;
}

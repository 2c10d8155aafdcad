/*
 * bind_words.c - counting over whole stores for Lua: words and sequences by groups of articles; bind_places.c has places and
 * what is near them.  lua/ds/indexed.lua makes the object that users see of it.
 *
 *   plain(stores)              --> whether no article has brought its own words | nil, message, detail
 *   tags(stores)               --> list of the parts of speech
 *   counts(stores, opts)       --> ds.counts | nil, message, detail
 *       opts: by = "word"|"key", tags = {tag = true}, class = string, labels, groups
 *   ngrams(stores, opts)       --> ds.ngrams | nil, message, detail;  opts: size, chars = boolean, labels, groups
 *   places(stores, opts)           see bind_places.c
 *       labels: a string for each segment, four bytes, little-endian, for each article: its group from 0, 0xFFFFFFFF for none
 *   counts:each()              --> iterator of word, group (from 1), n, docs, pos
 *   counts:total(group)        --> words, articles
 *   ngrams:each([least])       --> iterator of text, group, n, docs
 *   ngrams:total(group)        --> sequences, articles, different ones
 */
#include <string.h>

#include "bind_words.h"

#define COUNTS "ds.counts"
#define NGRAMS "ds.ngrams"

typedef struct counts_handle {
    ds_alloc alloc;
    ds_counts *c;
} counts_handle;

typedef struct ngrams_handle {
    ds_alloc alloc;
    ds_ngrams *g;
} ngrams_handle;

/* ------------------------------------------------------------------ segments and labels */

static void take_labels(lua_State *L, int list, size_t count, const query_part *parts, const uint32_t **rows)
{
    uint32_t *v = (uint32_t *)(void *)(rows + count);
    luaL_argcheck(L, lua_rawlen(L, list) == count, list, "labels: a string for each segment is wanted");
    for (size_t i = 0; i < count; i++) {
        size_t n, docs = ds_index_docs(parts[i].ix);
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        const char *s = luaL_checklstring(L, -1, &n);
        luaL_argcheck(L, n == 4 * docs, list, "labels: four bytes for each article are wanted");
        rows[i] = v;
        for (size_t d = 0; d < docs; d++)
            *v++ = ds_load32(s + 4 * d);
        lua_pop(L, 1);
    }
}

bool dsL_words_input(lua_State *L, int arg, int opts, words_input *in, ds_error *err)
{
    size_t n = 0, docs = 0;
    *in = (words_input){.source = {.groups = 1}};
    lua_createtable(L, 2, 0); /* what is to be kept */
    int keep = lua_gettop(L);
    in->parts = dsL_query_push_parts(L, arg, &n, err);
    if (in->parts == NULL)
        return false;
    lua_rawseti(L, keep, 1);
    for (size_t i = 0; i < n; i++)
        docs += ds_index_docs(in->parts[i].ix);
    const ds_index **segments = lua_newuserdatauv(L, (n + 1) * (sizeof *segments + sizeof(void *)) + docs * 4, 0);
    const uint32_t **labels = (const uint32_t **)(void *)(segments + n + 1);
    lua_rawseti(L, keep, 2);
    for (size_t i = 0; i < n; i++)
        segments[i] = in->parts[i].ix;
    in->source.segments = segments;
    in->source.count = n;
    if (lua_istable(L, opts) && lua_getfield(L, opts, "labels") == LUA_TTABLE) {
        take_labels(L, lua_gettop(L), n, in->parts, labels);
        in->source.labels = labels;
        lua_getfield(L, opts, "groups");
        lua_Integer groups = luaL_optinteger(L, -1, 1);
        luaL_argcheck(L, groups >= 0 && groups < INT32_MAX, opts, "groups: a number is wanted");
        in->source.groups = groups > 0 ? (uint32_t)groups : 1;
    }
    lua_settop(L, keep);
    return true;
}

int dsL_words_failed(lua_State *L, const ds_error *err)
{
    dsL_limits_poll(L);
    return dsL_pusherror(L, err);
}

/* ------------------------------------------------------------------ rows */

ds_status dsL_words_id(const query_part *part, uint32_t doc, ds_str *id, ds_error *err)
{
    ds_str row;
    ds_status st = ds_reader_row(part->reader, (ds_place){part->segment, doc}, &row, err);
    *id = st == DS_OK ? ds_fields_find(row, "id") : (ds_str){"", 0};
    return st;
}

static bool has_own_words(ds_str row)
{
    ds_fields f;
    ds_str name;
    ds_value v;
    ds_fields_read(&f, row);
    while (ds_fields_next_name(&f, &name) && ds_fields_next_value(&f, &v)) {
        if (ds_str_eq(name, ds_str_of("own_words")))
            return true;
        if (!ds_fields_skip(&f, &v))
            break;
    }
    return false;
}

static int words_plain(lua_State *L)
{
    ds_error err;
    words_input in;
    if (!dsL_words_input(L, 1, 2, &in, &err))
        return dsL_pusherror(L, &err);
    for (size_t i = 0; i < in.source.count; i++) {
        const query_part *p = &in.parts[i];
        for (uint32_t d = 0; d < ds_index_docs(p->ix); d++) {
            ds_str row;
            if (ds_index_deleted(p->ix, d))
                continue;
            if (ds_reader_row(p->reader, (ds_place){p->segment, d}, &row, &err) != DS_OK)
                return dsL_pusherror(L, &err);
            if (has_own_words(row)) {
                lua_pushboolean(L, 0);
                return 1;
            }
        }
        dsL_limits_poll(L);
    }
    lua_pushboolean(L, 1);
    return 1;
}

static int words_tags(lua_State *L)
{
    ds_error err;
    words_input in;
    if (!dsL_words_input(L, 1, 2, &in, &err))
        return dsL_pusherror(L, &err);
    lua_newtable(L); /* of all */
    lua_newtable(L); /* which are in it */
    for (size_t i = 0; i < in.source.count; i++)
        for (uint32_t k = 1; k < ds_index_types(in.parts[i].ix); k++) {
            ds_type t;
            ds_index_type(in.parts[i].ix, k, &t);
            lua_pushlstring(L, t.pos.p, t.pos.n);
            lua_pushvalue(L, -1);
            if (lua_rawget(L, -3) == LUA_TNIL) {
                lua_pushvalue(L, -2);
                lua_rawseti(L, -5, (lua_Integer)lua_rawlen(L, -5) + 1);
                lua_pushvalue(L, -2);
                lua_pushboolean(L, 1);
                lua_rawset(L, -5);
            }
            lua_pop(L, 2);
        }
    lua_pop(L, 1);
    return 1;
}

/* ------------------------------------------------------------------ words */

typedef struct keep_rule {
    lua_State *L;
    int tags;       /* index of the set, 0: all */
    int cls;        /* -1: all but punctuation */
} keep_rule;

static bool is_kept(void *ud, const ds_type *t)
{
    const keep_rule *k = ud;
    if (k->cls >= 0 ? t->cls != k->cls : t->cls == DS_CLASS_PUNCT)
        return false;
    if (k->tags == 0)
        return true;
    lua_pushlstring(k->L, t->pos.p, t->pos.n);
    lua_rawget(k->L, k->tags);
    bool good = lua_toboolean(k->L, -1);
    lua_pop(k->L, 1);
    return good;
}

static int check_class(lua_State *L, int opts)
{
    lua_getfield(L, opts, "class");
    const char *name = luaL_optstring(L, -1, NULL);
    int cls = -1;
    for (int i = 0; name != NULL && i < DS_CLASS_COUNT; i++)
        if (strcmp(name, ds_class_name((ds_class)i)) == 0)
            cls = i;
    luaL_argcheck(L, name == NULL || cls >= 0, opts, "no such class");
    lua_pop(L, 1);
    return cls;
}

static int words_counts(lua_State *L)
{
    static const char *const by[] = {"word", "key", NULL};
    ds_error err;
    words_input in;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_getfield(L, 2, "by");
    ds_counts_options o = {.attr = luaL_checkoption(L, 3, "key", by) == 0 ? DS_ATTR_WORD : DS_ATTR_KEY, .keep = is_kept};
    lua_settop(L, 2);
    keep_rule rule = {.L = L, .cls = check_class(L, 2)};
    if (lua_getfield(L, 2, "tags") == LUA_TTABLE)
        rule.tags = 3;
    o.ud = &rule;
    if (!dsL_words_input(L, 1, 2, &in, &err))
        return dsL_pusherror(L, &err);
    counts_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (counts_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, COUNTS);
    luaL_checkstack(L, 4, NULL);
    if (ds_counts_new(&h->alloc, &in.source, &o, &h->c, &err) != DS_OK)
        return dsL_words_failed(L, &err);
    return 1;
}

static int counts_close(lua_State *L)
{
    counts_handle *h = luaL_checkudata(L, 1, COUNTS);
    ds_counts_free(h->c);
    h->c = NULL;
    return 0;
}

static ds_counts *live_counts(lua_State *L, int arg)
{
    counts_handle *h = luaL_checkudata(L, arg, COUNTS);
    luaL_argcheck(L, h->c != NULL, arg, "closed");
    return h->c;
}

/* The next number from upvalue 2 on, which it moves; false: there are no more. */
static bool next_number(lua_State *L, size_t count, size_t *i)
{
    *i = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    if (*i >= count)
        return false;
    lua_pushinteger(L, (lua_Integer)*i + 1);
    lua_replace(L, lua_upvalueindex(2));
    return true;
}

static int counts_step(lua_State *L)
{
    const ds_counts *c = live_counts(L, lua_upvalueindex(1));
    ds_count x;
    for (size_t i; next_number(L, ds_counts_size(c), &i);) {
        if (!ds_counts_at(c, i, &x))
            continue;
        lua_pushlstring(L, x.word.p, x.word.n);
        lua_pushinteger(L, (lua_Integer)x.group + 1);
        lua_pushinteger(L, (lua_Integer)x.n);
        lua_pushinteger(L, (lua_Integer)x.docs);
        lua_pushlstring(L, x.pos.p, x.pos.n);
        return 5;
    }
    return 0;
}

static int counts_each(lua_State *L)
{
    live_counts(L, 1);
    lua_settop(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, counts_step, 2);
    return 1;
}

static int counts_total(lua_State *L)
{
    const ds_counts *c = live_counts(L, 1);
    uint32_t group = (uint32_t)(luaL_checkinteger(L, 2) - 1);
    lua_pushinteger(L, (lua_Integer)ds_counts_total(c, group));
    lua_pushinteger(L, (lua_Integer)ds_counts_docs(c, group));
    return 2;
}

/* ------------------------------------------------------------------ sequences */

static int words_ngrams(lua_State *L)
{
    ds_error err;
    words_input in;
    ds_ngrams_options o;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_getfield(L, 2, "size");
    lua_Integer size = luaL_checkinteger(L, 3);
    luaL_argcheck(L, size >= 1 && size <= DS_NGRAM_MAX, 2, "size is 1 to 20");
    o.size = (uint32_t)size;
    lua_getfield(L, 2, "chars");
    o.chars = lua_toboolean(L, -1);
    if (!dsL_words_input(L, 1, 2, &in, &err))
        return dsL_pusherror(L, &err);
    ngrams_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (ngrams_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, NGRAMS);
    if (ds_ngrams_new(&h->alloc, &in.source, &o, &h->g, &err) != DS_OK)
        return dsL_words_failed(L, &err);
    return 1;
}

static int ngrams_close(lua_State *L)
{
    ngrams_handle *h = luaL_checkudata(L, 1, NGRAMS);
    ds_ngrams_free(h->g);
    h->g = NULL;
    return 0;
}

static ds_ngrams *live_ngrams(lua_State *L, int arg)
{
    ngrams_handle *h = luaL_checkudata(L, arg, NGRAMS);
    luaL_argcheck(L, h->g != NULL, arg, "closed");
    return h->g;
}

static int ngrams_step(lua_State *L)
{
    ds_ngrams *g = live_ngrams(L, lua_upvalueindex(1));
    lua_Integer least = lua_tointeger(L, lua_upvalueindex(3));
    ds_ngram x;
    ds_error err;
    for (size_t i; next_number(L, ds_ngrams_count(g), &i);) {
        bool enough;
        if (ds_ngrams_at(g, i, least > 0 ? (uint64_t)least : 0, &enough, &x, &err) != DS_OK)
            return dsL_raise(L, &err);
        if (!enough)
            continue;
        lua_pushlstring(L, x.text.p, x.text.n);
        lua_pushinteger(L, (lua_Integer)x.group + 1);
        lua_pushinteger(L, (lua_Integer)x.n);
        lua_pushinteger(L, (lua_Integer)x.docs);
        return 4;
    }
    return 0;
}

static int ngrams_each(lua_State *L)
{
    live_ngrams(L, 1);
    lua_Integer least = luaL_optinteger(L, 2, 1);
    lua_settop(L, 1);
    lua_pushinteger(L, 0);
    lua_pushinteger(L, least);
    lua_pushcclosure(L, ngrams_step, 3);
    return 1;
}

static int ngrams_total(lua_State *L)
{
    const ds_ngrams *g = live_ngrams(L, 1);
    ds_ngram_total t = ds_ngrams_total(g, (uint32_t)(luaL_checkinteger(L, 2) - 1));
    lua_pushinteger(L, (lua_Integer)t.total);
    lua_pushinteger(L, (lua_Integer)t.docs);
    lua_pushinteger(L, (lua_Integer)t.different);
    return 3;
}

/* ------------------------------------------------------------------ the module */

static const luaL_Reg counts_methods[] = {
    {"each", counts_each}, {"total", counts_total}, {"close", counts_close}, {NULL, NULL}};
static const luaL_Reg counts_meta[] = {{"__gc", counts_close}, {"__close", counts_close}, {NULL, NULL}};
static const luaL_Reg ngrams_methods[] = {
    {"each", ngrams_each}, {"total", ngrams_total}, {"close", ngrams_close}, {NULL, NULL}};
static const luaL_Reg ngrams_meta[] = {{"__gc", ngrams_close}, {"__close", ngrams_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"plain", words_plain},   {"tags", words_tags},          {"counts", words_counts},
                                     {"ngrams", words_ngrams}, {"places", dsL_words_places}, {NULL, NULL}};

int dsL_open_words(lua_State *L)
{
    dsL_newclass(L, COUNTS, counts_methods, counts_meta);
    dsL_newclass(L, NGRAMS, ngrams_methods, ngrams_meta);
    dsL_open_places(L);
    luaL_newlib(L, functions);
    return 1;
}

/*
 * bind_places.c - the places of a word or phrase in stores for Lua, and what stands near them; see bind_words.c.
 *
 *   places(stores, opts)       --> ds.places | nil, message, detail;  opts: text, whole_words = boolean, labels
 *   p:count()                  --> places, articles
 *   p:at(i)                    --> store, segment, number (from 1) of its article
 *   p:line(i, size, unit, reach) --> from, to, left, node, right, before, behind | nil, message, detail
 *       unit: "words"|"chars" that size counts; before, behind: the folded words next to it, `reach` at most, nearest first
 *   p:collocates(opts)         --> ds.collocates_found | nil, message, detail;  opts: left, right (nil: the sentence)
 *   c:each(least)              --> iterator of word, near, all, docs, id, from, to
 *   c:totals()                 --> words near, words in all
 */
#include <stdlib.h>
#include <string.h>

#include "bind_words.h"
#include "hits_places.h"

#define PLACES "ds.places"
#define FOUND "ds.collocates_found"

typedef struct places_handle {
    ds_alloc alloc;
    ds_places *p;
    words_input in;
    int stores; /* how many */
} places_handle;

typedef struct found_handle {
    ds_alloc alloc;
    ds_collocates *c;
    size_t *order; /* of what is iterated over: by place */
    size_t order_cap, order_count;
} found_handle;

/* ------------------------------------------------------------------ places */

int dsL_words_places(lua_State *L)
{
    ds_error err;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    places_handle *h = lua_newuserdatauv(L, sizeof *h, 2); /* user values: the stores, what `in` borrows */
    *h = (places_handle){.alloc = dsL_alloc(L), .stores = (int)lua_rawlen(L, 1)};
    luaL_setmetatable(L, PLACES);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 3, 1);
    if (!dsL_words_input(L, 1, 2, &h->in, &err))
        return dsL_pusherror(L, &err);
    lua_setiuservalue(L, 3, 2);
    lua_getfield(L, 2, "text");
    lua_getfield(L, 2, "whole_words");
    ds_places_options o = {.text = dsL_checkstr(L, 4), .whole_words = lua_toboolean(L, 5)};
    if (ds_places_new(&h->alloc, &h->in.source, &o, &h->p, &err) != DS_OK)
        return dsL_words_failed(L, &err);
    lua_settop(L, 3);
    return 1;
}

static places_handle *live_places(lua_State *L, int arg)
{
    places_handle *h = luaL_checkudata(L, arg, PLACES);
    luaL_argcheck(L, h->p != NULL, arg, "closed");
    lua_getiuservalue(L, arg, 1);
    for (int i = 1; i <= h->stores; i++) {
        lua_rawgeti(L, -1, i);
        dsL_checkstore(L, lua_gettop(L), NULL); /* it may have been closed */
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return h;
}

static int places_close(lua_State *L)
{
    places_handle *h = luaL_checkudata(L, 1, PLACES);
    ds_places_free(h->p);
    h->p = NULL;
    return 0;
}

static int places_count(lua_State *L)
{
    const places_handle *h = live_places(L, 1);
    lua_pushinteger(L, (lua_Integer)ds_places_count(h->p));
    lua_pushinteger(L, (lua_Integer)ds_places_docs(h->p));
    return 2;
}

static size_t check_place(lua_State *L, const places_handle *h)
{
    lua_Integer i = luaL_checkinteger(L, 2);
    luaL_argcheck(L, i >= 1 && (uint64_t)i <= ds_places_count(h->p), 2, "no such place");
    return (size_t)i - 1;
}

static int places_at(lua_State *L)
{
    const places_handle *h = live_places(L, 1);
    uint32_t segment, doc;
    ds_places_doc(h->p, check_place(L, h), &segment, &doc);
    lua_pushinteger(L, h->in.parts[segment].store);
    lua_pushinteger(L, (lua_Integer)h->in.parts[segment].segment + 1);
    lua_pushinteger(L, (lua_Integer)doc + 1);
    return 3;
}

/* ------------------------------------------------------------------ contexts */

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* So many characters before and behind [from, to), as utf8.offset counts them. */
static void widen_chars(ds_str text, uint32_t size, uint32_t *from, uint32_t *to)
{
    for (uint32_t n = size; n > 0 && *from > 0; n--)
        do
            --*from;
        while (*from > 0 && continues(text.p[*from]));
    for (uint32_t n = size; n > 0 && *to < text.n; n--)
        do
            ++*to;
        while (*to < text.n && continues(text.p[*to]));
}

/* So many words before and behind it; the tokens in which that begins and ends. */
static void widen_words(const places_handle *h, size_t i, const ds_place_view *v, uint32_t size, uint32_t *from,
                        uint32_t *to, uint32_t *first, uint32_t *last)
{
    ds_places_word(h->p, i, v, v->beg, size, true, first);
    if (*first != v->beg)
        *from = v->at[*first];
    ds_places_word(h->p, i, v, v->end - 1, size, false, last);
    if (*last != v->end - 1)
        *to = v->at[*last + 1];
}

/* The text about place i, which begins at byte *base of the article's, and in that the range of its context. */
static ds_status context_of(const places_handle *h, size_t i, ds_place_view *v, uint32_t size, bool chars, ds_str *text,
                            uint32_t *base, uint32_t *from, uint32_t *to, ds_error *err)
{
    uint32_t first = 0, last = 0;
    ds_status st = ds_places_look(h->p, i, v, err);
    if (st != DS_OK)
        return st;
    *from = v->from;
    *to = v->to;
    if (chars)
        last = v->tokens - 1;
    else
        widen_words(h, i, v, size, from, to, &first, &last);
    st = ds_places_text(h->p, first, last + 1, text, err);
    if (st == DS_OK && chars)
        widen_chars(*text, size, from, to);
    *base = v->at[first];
    return st;
}

/* Pushes a list of the keys of the next words.  [-0, +1, m] */
static void push_keys(lua_State *L, const places_handle *h, size_t i, const ds_place_view *v, lua_Integer reach, bool before)
{
    uint32_t token = before ? v->beg : v->end - 1, segment, doc;
    ds_places_doc(h->p, i, &segment, &doc);
    lua_newtable(L);
    for (lua_Integer n = 1; n <= reach && ds_places_word(h->p, i, v, token, 1, before, &token); n++) {
        ds_type t;
        ds_index_type(h->in.parts[segment].ix, v->types[token], &t);
        lua_pushlstring(L, t.key.p, t.key.n);
        lua_rawseti(L, -2, n);
    }
}

static int places_line(lua_State *L)
{
    static const char *const units[] = {"words", "chars", NULL};
    places_handle *h = live_places(L, 1);
    size_t i = check_place(L, h);
    lua_Integer size = luaL_checkinteger(L, 3), reach = luaL_optinteger(L, 5, 0);
    int unit = luaL_checkoption(L, 4, "words", units);
    ds_place_view v;
    ds_error err;
    luaL_argcheck(L, size >= 0, 3, "not below 0");
    if (size > UINT32_MAX)
        size = UINT32_MAX;
    ds_str text;
    uint32_t base, from, to;
    if (context_of(h, i, &v, (uint32_t)size, unit == 1, &text, &base, &from, &to, &err) != DS_OK)
        return dsL_words_failed(L, &err);
    dsL_pushspan(L, v.from, v.to);
    lua_pushlstring(L, text.p + (from - base), v.from - from);
    lua_pushlstring(L, text.p + (v.from - base), v.to - v.from);
    lua_pushlstring(L, text.p + (v.to - base), to - v.to);
    push_keys(L, h, i, &v, reach, true);
    push_keys(L, h, i, &v, reach, false);
    return 7;
}

/* ------------------------------------------------------------------ what is near */

typedef struct named {
    ds_str id; /* p: an offset until all are there */
    size_t at;
    uint32_t segment, doc;
} named;

static int by_id(const void *a, const void *b)
{
    const named *x = a, *y = b;
    int c = ds_str_cmp(x->id, y->id);
    return c != 0 ? c : (x > y) - (x < y);
}

/* Collects the ids of the articles with places. */
static ds_status read_ids(const places_handle *h, ds_buf *ids, named *list, size_t *count, ds_error *err)
{
    size_t n = ds_places_count(h->p);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        named *x = &list[*count];
        ds_places_doc(h->p, i, &x->segment, &x->doc);
        if (*count > 0 && x[-1].segment == x->segment && x[-1].doc == x->doc)
            continue;
        ds_status st = dsL_words_id(&h->in.parts[x->segment], x->doc, &x->id, err);
        if (st != DS_OK)
            return st;
        x->at = ids->n;
        ds_buf_put(ids, x->id.p, x->id.n);
        ++*count;
    }
    if (ids->status != DS_OK)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < *count; i++)
        list[i].id.p = ids->p + list[i].at;
    return DS_OK;
}

/* Fills rank[segment][doc] for the articles with places: their order by id. */
static ds_status rank_docs(const places_handle *h, uint32_t **rank, ds_error *err)
{
    ds_buf ids;
    size_t count = 0, cap = ds_places_docs(h->p);
    ds_buf_init(&ids, &h->alloc);
    named *list = ds_calloc(&h->alloc, cap + 1, sizeof *list);
    ds_status st = list == NULL ? ds_fail_nomem(err) : read_ids(h, &ids, list, &count, err);
    if (st == DS_OK) {
        qsort(list, count, sizeof *list, by_id);
        for (size_t i = 0; i < count; i++)
            rank[list[i].segment][list[i].doc] = (uint32_t)i;
    }
    ds_mfree(&h->alloc, list, (cap + 1) * sizeof *list);
    ds_buf_clear(&ids);
    return st;
}

/* Room for such ranks, in a userdata.  [-0, +1, e] */
static uint32_t **push_rank(lua_State *L, const places_handle *h)
{
    size_t n = h->in.source.count, docs = 0;
    for (size_t i = 0; i < n; i++)
        docs += ds_index_docs(h->in.source.segments[i]);
    uint32_t **rank = lua_newuserdatauv(L, (n + 1) * sizeof *rank + (docs + 1) * sizeof **rank, 0);
    uint32_t *v = (uint32_t *)(void *)(rank + n + 1);
    memset(v, 0, (docs + 1) * sizeof *v);
    for (size_t i = 0; i < n; i++) {
        rank[i] = v;
        v += ds_index_docs(h->in.source.segments[i]);
    }
    return rank;
}

static int places_collocates(lua_State *L)
{
    ds_error err;
    places_handle *h = live_places(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    ds_collocates_options o = {.sentence = lua_getfield(L, 2, "left") == LUA_TNIL};
    lua_getfield(L, 2, "right");
    if (!o.sentence) {
        lua_Integer left = luaL_checkinteger(L, 3), right = luaL_optinteger(L, 4, left);
        luaL_argcheck(L, left >= 0 && right >= 0, 2, "a window is not below 0");
        o.left = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
        o.right = right < UINT32_MAX ? (uint32_t)right : UINT32_MAX;
    }
    uint32_t **rank = push_rank(L, h);
    if (rank_docs(h, rank, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    o.rank = (const uint32_t *const *)rank;
    found_handle *f = lua_newuserdatauv(L, sizeof *f, 1); /* user value: the places */
    *f = (found_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, FOUND);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    if (ds_collocates_new(h->p, &o, &f->c, &err) != DS_OK)
        return dsL_words_failed(L, &err);
    return 1;
}

static int found_close(lua_State *L)
{
    found_handle *f = luaL_checkudata(L, 1, FOUND);
    ds_collocates_free(f->c);
    ds_mfree(&f->alloc, f->order, f->order_cap * sizeof *f->order);
    f->c = NULL;
    f->order = NULL;
    return 0;
}

static found_handle *live_found(lua_State *L, int arg)
{
    found_handle *f = luaL_checkudata(L, arg, FOUND);
    luaL_argcheck(L, f->c != NULL, arg, "closed");
    return f;
}

static int found_totals(lua_State *L)
{
    const found_handle *f = live_found(L, 1);
    lua_pushinteger(L, (lua_Integer)ds_collocates_near(f->c));
    lua_pushinteger(L, (lua_Integer)ds_collocates_words(f->c));
    return 2;
}

static int found_step(lua_State *L)
{
    const found_handle *f = live_found(L, lua_upvalueindex(1));
    size_t k = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    ds_collocate x;
    ds_place_view v;
    ds_str id = {"", 0};
    ds_error err;
    uint32_t segment, doc;
    if (k >= f->order_count)
        return 0;
    lua_pushinteger(L, (lua_Integer)k + 1);
    lua_replace(L, lua_upvalueindex(2));
    lua_getiuservalue(L, lua_upvalueindex(1), 1);
    const places_handle *h = live_places(L, lua_gettop(L));
    ds_collocates_at(f->c, f->order[k], 1, &x);
    ds_places_doc(h->p, x.place, &segment, &doc);
    if (ds_places_look(h->p, x.place, &v, &err) != DS_OK ||
        dsL_words_id(&h->in.parts[segment], doc, &id, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_pushlstring(L, x.word.p, x.word.n);
    lua_pushinteger(L, (lua_Integer)x.near);
    lua_pushinteger(L, (lua_Integer)x.all);
    lua_pushinteger(L, (lua_Integer)x.docs);
    lua_pushlstring(L, id.p, id.n);
    dsL_pushspan(L, v.at[x.token] < v.from ? v.at[x.token] : v.from,
                 v.at[x.token + 1] > v.to ? v.at[x.token + 1] : v.to);
    return 7;
}

typedef struct ordered {
    size_t place, i;
} ordered;

static int by_place(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

static int found_each(lua_State *L)
{
    found_handle *f = live_found(L, 1);
    lua_Integer least = luaL_optinteger(L, 2, 1);
    size_t count = ds_collocates_count(f->c), n = 0;
    ds_collocate x;
    for (size_t i = 0; i < count; i++)
        n += ds_collocates_at(f->c, i, least > 0 ? (uint64_t)least : 1, &x);
    ordered *list = lua_newuserdatauv(L, (n + 1) * sizeof *list, 0);
    n = 0;
    for (size_t i = 0; i < count; i++)
        if (ds_collocates_at(f->c, i, least > 0 ? (uint64_t)least : 1, &x))
            list[n++] = (ordered){x.place, i};
    qsort(list, n, sizeof *list, by_place);
    if (ds_grow(&f->alloc, (void **)&f->order, &f->order_cap, n, sizeof *f->order) != DS_OK)
        return luaL_error(L, "not enough memory");
    for (size_t i = 0; i < n; i++)
        f->order[i] = list[i].i;
    f->order_count = n;
    lua_settop(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, found_step, 2);
    return 1;
}

static const luaL_Reg places_methods[] = {{"count", places_count}, {"at", places_at},
                                          {"line", places_line},   {"collocates", places_collocates},
                                          {"close", places_close}, {NULL, NULL}};
static const luaL_Reg places_meta[] = {{"__gc", places_close}, {"__close", places_close}, {NULL, NULL}};
static const luaL_Reg found_methods[] = {
    {"each", found_each}, {"totals", found_totals}, {"close", found_close}, {NULL, NULL}};
static const luaL_Reg found_meta[] = {{"__gc", found_close}, {"__close", found_close}, {NULL, NULL}};

void dsL_open_places(lua_State *L)
{
    dsL_newclass(L, PLACES, places_methods, places_meta);
    dsL_newclass(L, FOUND, found_methods, found_meta);
}

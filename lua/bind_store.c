/*
 * bind_store.c - corpus stores for Lua.
 *
 *   s = open(path [, damaged])     --> ds.stored | nil, message, detail;  damaged: what can be opened of it
 *   s:info()                       --> {docs, text_bytes, bytes, commits, about, segments = {{docs, deleted, types, tokens,
 *                                       sections = {{name, from, bytes, crc}}}}}
 *   s:find(id)                     --> segment, doc (from 1) | nil
 *   s:deleted(segment, doc)        --> boolean
 *   s:row(segment, doc)            --> table of fields | nil, message, detail
 *   s:text(segment, doc)           --> string | nil, message, detail
 *   s:tokens(segment, doc, text)   --> ds.tokens | nil, message, detail
 *   s:own(segment, doc)            --> {from, to, pos, lemma}, lists: the words of an article that brought its own
 *   writer(path, options)           see bind_writer.c
 *   batch(segmenter)                see bind_batch.c
 *   compact(path)                  --> true | nil, message, detail
 *   verify(path)                   --> list of {from, to, what, segment, doc, docs, id, mended} | nil, message, detail
 */
#include <string.h>

#include "bind_store.h"
#include "bind_tokens.h"
#include "guard.h"

#define STORE "ds.stored"
#define BUFFER "ds.store_buffer"

typedef struct store_handle {
    ds_alloc alloc;
    ds_store *store;
    ds_reader *reader;
    ds_buf text;
} store_handle;

/* ------------------------------------------------------------------ reading */

ds_store *dsL_checkstore(lua_State *L, int arg, ds_reader **reader)
{
    store_handle *h = luaL_checkudata(L, arg, STORE);
    luaL_argcheck(L, h->store != NULL, arg, "a closed store");
    if (reader != NULL)
        *reader = h->reader;
    return h->store;
}

static store_handle *live_store(lua_State *L)
{
    store_handle *h = luaL_checkudata(L, 1, STORE);
    luaL_argcheck(L, h->store != NULL, 1, "a closed store");
    return h;
}

static int store_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    bool damaged = lua_toboolean(L, 2);
    ds_error err;
    if (!dsL_guard_allows(L, path))
        return 3;
    store_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (store_handle){.alloc = dsL_alloc(L)};
    ds_buf_init(&h->text, &h->alloc);
    luaL_setmetatable(L, STORE);
    ds_status st = damaged ? ds_store_open_damaged(&h->alloc, path, &h->store, &err) :
                             ds_store_open(&h->alloc, path, &h->store, &err);
    if (st == DS_OK)
        st = ds_reader_new(&h->alloc, h->store, &h->reader, &err);
    return st == DS_OK ? 1 : dsL_pusherror(L, &err);
}

static int store_close(lua_State *L)
{
    store_handle *h = luaL_checkudata(L, 1, STORE);
    ds_reader_free(h->reader);
    ds_store_close(h->store);
    ds_buf_clear(&h->text);
    h->reader = NULL;
    h->store = NULL;
    return 0;
}

static int store_tostring(lua_State *L)
{
    store_handle *h = luaL_checkudata(L, 1, STORE);
    if (h->store == NULL)
        lua_pushliteral(L, STORE " (closed)");
    else
        lua_pushfstring(L, STORE " (%I articles)", (lua_Integer)ds_store_docs(h->store));
    return 1;
}

static void set_count(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

/* Pushes {name, from, bytes, crc} of each section.  [-0, +1, m] */
static void push_sections(lua_State *L, const ds_index *ix)
{
    ds_section s;
    lua_newtable(L);
    for (size_t i = 0; ds_index_section(ix, i, &s); i++) {
        lua_newtable(L);
        lua_pushstring(L, s.name);
        lua_setfield(L, -2, "name");
        set_count(L, "from", s.off + 1);
        set_count(L, "bytes", s.bytes);
        lua_pushfstring(L, "%s", s.crc);
        lua_setfield(L, -2, "crc");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int store_info(lua_State *L)
{
    store_handle *h = live_store(L);
    ds_str about = ds_store_about(h->store);
    lua_newtable(L);
    set_count(L, "docs", ds_store_docs(h->store));
    set_count(L, "text_bytes", ds_store_text_bytes(h->store));
    set_count(L, "bytes", ds_store_bytes(h->store));
    set_count(L, "commits", ds_store_commits(h->store));
    lua_pushlstring(L, about.p, about.n);
    lua_setfield(L, -2, "about");
    lua_newtable(L);
    for (size_t i = 0; i < ds_store_segments(h->store); i++) {
        const ds_index *ix = ds_store_index(h->store, i);
        lua_newtable(L);
        set_count(L, "docs", ds_index_docs(ix));
        set_count(L, "deleted", ds_index_deletions(ix));
        set_count(L, "types", ds_index_types(ix));
        set_count(L, "tokens", ds_index_tokens(ix));
        push_sections(L, ix);
        lua_setfield(L, -2, "sections");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "segments");
    return 1;
}

ds_place dsL_checkplace(lua_State *L, int arg, const ds_store *store)
{
    lua_Integer segment = luaL_checkinteger(L, arg), doc = luaL_checkinteger(L, arg + 1);
    luaL_argcheck(L, segment >= 1 && (uint64_t)segment <= ds_store_segments(store), arg, "no such segment");
    luaL_argcheck(L, doc >= 1 && doc <= ds_index_docs(ds_store_index(store, (size_t)segment - 1)), arg + 1,
                  "no such article");
    return (ds_place){(uint32_t)(segment - 1), (uint32_t)(doc - 1)};
}

static int store_find(lua_State *L)
{
    store_handle *h = live_store(L);
    ds_place at;
    bool found;
    ds_error err;
    if (ds_reader_find(h->reader, dsL_checkstr(L, 2), &at, &found, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    if (!found)
        return 0;
    lua_pushinteger(L, (lua_Integer)at.segment + 1);
    lua_pushinteger(L, (lua_Integer)at.doc + 1);
    return 2;
}

static int store_deleted(lua_State *L)
{
    store_handle *h = live_store(L);
    ds_place at = dsL_checkplace(L, 2, h->store);
    lua_pushboolean(L, ds_index_deleted(ds_store_index(h->store, at.segment), at.doc));
    return 1;
}

static int store_row(lua_State *L)
{
    store_handle *h = live_store(L);
    ds_place at = dsL_checkplace(L, 2, h->store);
    ds_str row;
    ds_error err;
    if (ds_reader_row(h->reader, at, &row, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    dsL_pushrow(L, row);
    return 1;
}

static int store_text(lua_State *L)
{
    store_handle *h = live_store(L);
    ds_place at = dsL_checkplace(L, 2, h->store);
    ds_error err;
    ds_buf_reset(&h->text);
    if (ds_reader_text(h->reader, at, &h->text, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushlstring(L, h->text.p, h->text.n);
    return 1;
}

/* Where a ds.tokens of a store finds the names of parts of speech. */
typedef struct pos_source {
    const store_handle *h;
    uint32_t segment;
} pos_source;

static ds_str stored_pos_name(const void *owner, uint16_t pos)
{
    const pos_source *p = owner;
    return p->h->reader != NULL ? ds_reader_pos_name(p->h->reader, p->segment, pos) : ds_str_of("");
}

static int store_tokens(lua_State *L)
{
    store_handle *h = live_store(L);
    ds_place at = dsL_checkplace(L, 2, h->store);
    ds_str text = dsL_checkstr(L, 4);
    const ds_placed *placed;
    size_t n;
    ds_error err;
    if (ds_reader_tokens(h->reader, at, &placed, &n, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    luaL_argcheck(L, n == 0 || placed[n - 1].end <= text.n, 4, "not this article's text");
    pos_source *p = lua_newuserdatauv(L, sizeof *p, 1);
    *p = (pos_source){h, at.segment};
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    ds_tokens *v = dsL_newtokens(L, -1, 4, p, stored_pos_name);
    if (ds_grow(v->alloc, (void **)&v->items, &v->cap, n, sizeof *v->items) != DS_OK)
        return luaL_error(L, "not enough memory");
    for (size_t i = 0; i < n; i++)
        v->items[i] = (ds_token){placed[i].beg, placed[i].end, DS_TOKEN_UNKNOWN, placed[i].pos, placed[i].cls,
                                   placed[i].entity};
    v->count = n;
    return 1;
}

static void set_item(lua_State *L, int list, lua_Integer i, ds_str s)
{
    if (s.n > 0)
        lua_pushlstring(L, s.p, s.n);
    else
        lua_pushboolean(L, 0);
    lua_rawseti(L, list, i);
}

/* The words of an article that brought its own: all tokens but white space. */
static int store_own(lua_State *L)
{
    static const char *const names[] = {"from", "to", "pos", "lemma"};
    store_handle *h = live_store(L);
    ds_place at = dsL_checkplace(L, 2, h->store);
    const ds_placed *placed;
    size_t n;
    lua_Integer k = 0;
    ds_error err;
    if (ds_reader_tokens(h->reader, at, &placed, &n, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_settop(L, 3);
    for (int i = 0; i < 4; i++)
        lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        ds_type t;
        if (placed[i].cls == DS_CLASS_SPACE)
            continue;
        if (ds_reader_type(h->reader, at.segment, placed[i].type, &t, &err) != DS_OK)
            return dsL_pusherror(L, &err);
        dsL_pushspan(L, placed[i].beg, placed[i].end);
        lua_rawseti(L, 5, ++k);
        lua_rawseti(L, 4, k);
        set_item(L, 6, k, t.pos);
        set_item(L, 7, k, t.lemma);
    }
    lua_createtable(L, 0, 4);
    for (int i = 0; i < 4; i++) {
        lua_pushvalue(L, 4 + i);
        lua_setfield(L, -2, names[i]);
    }
    return 1;
}

static int store_compact(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ds_alloc a = dsL_alloc(L);
    ds_writer_options o = {.about = {"", 0}};
    ds_error err;
    if (!dsL_guard_allows_write(L, path))
        return 3;
    if (ds_store_compact(&a, path, &o, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

/* ------------------------------------------------------------------ checking */

static int buffer_gc(lua_State *L)
{
    ds_buf_clear(luaL_checkudata(L, 1, BUFFER));
    return 0;
}

/* Each damage, followed by its id. */
static void note_damage(void *ud, const ds_damage *d)
{
    ds_buf_put(ud, d, sizeof *d);
    ds_buf_put(ud, d->id.p, d->id.n);
}

static int store_verify(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ds_alloc a = dsL_alloc(L);
    ds_error err;
    if (!dsL_guard_allows(L, path))
        return 3;
    ds_buf *found = lua_newuserdatauv(L, sizeof *found, 0);
    ds_buf_init(found, NULL);
    luaL_setmetatable(L, BUFFER);
    if (ds_store_verify(&a, path, note_damage, found, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    if (found->status != DS_OK)
        return luaL_error(L, "not enough memory");
    lua_newtable(L);
    for (size_t at = 0, i = 0; at < found->n; i++) {
        ds_damage d;
        memcpy(&d, found->p + at, sizeof d);
        at += sizeof d;
        lua_createtable(L, 0, 8);
        lua_pushboolean(L, d.mended);
        lua_setfield(L, -2, "mended");
        if (d.id.n > 0) {
            lua_pushlstring(L, found->p + at, d.id.n);
            lua_setfield(L, -2, "id");
        }
        at += d.id.n;
        set_count(L, "from", d.off + 1);
        set_count(L, "to", d.off + d.len);
        lua_pushstring(L, d.what);
        lua_setfield(L, -2, "what");
        if (d.segment != UINT32_MAX)
            set_count(L, "segment", (uint64_t)d.segment + 1);
        set_count(L, "doc", (uint64_t)d.doc + 1);
        set_count(L, "docs", d.docs);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static const luaL_Reg store_methods[] = {{"info", store_info},   {"find", store_find}, {"deleted", store_deleted},
                                         {"row", store_row},     {"own", store_own},   {"text", store_text}, {"tokens", store_tokens},
                                         {"close", store_close}, {NULL, NULL}};
static const luaL_Reg store_meta[] = {
    {"__gc", store_close}, {"__close", store_close}, {"__tostring", store_tostring}, {NULL, NULL}};
static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg buffer_meta[] = {{"__gc", buffer_gc}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"open", store_open}, {"writer", dsL_new_writer}, {"batch", dsL_new_batch}, {"compact", store_compact}, {"verify", store_verify}, {NULL, NULL}};

int dsL_open_store(lua_State *L)
{
    dsL_open_segment(L); /* its classes: ds.tokens is one of them */
    lua_pop(L, 1);
    dsL_newclass(L, STORE, store_methods, store_meta);
    dsL_writer_class(L);
    dsL_batch_class(L);
    dsL_newclass(L, BUFFER, no_methods, buffer_meta);
    luaL_newlib(L, functions);
    return 1;
}

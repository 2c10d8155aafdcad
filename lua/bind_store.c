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
 *   w = writer(path, {segmenter=, about=, level=})   --> ds.writer | nil, message, detail
 *   w:add(row, text, date [, own])  --> "new" | "changed" | "same" | nil, message, detail;  row: list of {name, value}, the id
 *                                       first; own: {tokens = {from, to, pos, lemma, class, …}, sentences = {from, to, …}}
 *   w:copy(s, segment, doc)        --> true | nil, message, detail
 *   w:remove(id)                   --> boolean | nil, message, detail
 *   w:commit()                     --> true | nil, message, detail
 *   w:about()                      --> string
 *   compact(path)                  --> true | nil, message, detail
 *   verify(path)                   --> list of {from, to, what, segment, doc, docs} | nil, message, detail
 */
#include <string.h>

#include "bind_segment.h"
#include "bind_store.h"
#include "guard.h"

#define STORE "ds.stored"
#define WRITER "ds.writer"
#define BUFFER "ds.store_buffer"

typedef struct store_handle {
    ds_alloc alloc;
    ds_store *store;
    ds_reader *reader;
    ds_buf text;
} store_handle;

typedef struct writer_handle {
    ds_alloc alloc;
    ds_writer *writer;
    ds_buf row;       /* of the article that is being added */
    ds_buf own;       /* its ds_own_token */
    ds_spans sentences;
} writer_handle;

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

/* Arguments arg, arg + 1 as a place; raises when it is none.  [-0, +0, e] */
static ds_place check_place(lua_State *L, const store_handle *h, int arg)
{
    lua_Integer segment = luaL_checkinteger(L, arg), doc = luaL_checkinteger(L, arg + 1);
    luaL_argcheck(L, segment >= 1 && (uint64_t)segment <= ds_store_segments(h->store), arg, "no such segment");
    luaL_argcheck(L, doc >= 1 && doc <= ds_index_docs(ds_store_index(h->store, (size_t)segment - 1)), arg + 1,
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
    ds_place at = check_place(L, h, 2);
    lua_pushboolean(L, ds_index_deleted(ds_store_index(h->store, at.segment), at.doc));
    return 1;
}

static int store_row(lua_State *L)
{
    store_handle *h = live_store(L);
    ds_place at = check_place(L, h, 2);
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
    ds_place at = check_place(L, h, 2);
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
    ds_place at = check_place(L, h, 2);
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
        v->items[i] = (ds_token){placed[i].beg, placed[i].end, DS_TOKEN_UNKNOWN, placed[i].pos, placed[i].cls};
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
    ds_place at = check_place(L, h, 2);
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

/* ------------------------------------------------------------------ writing */

static writer_handle *live_writer(lua_State *L)
{
    writer_handle *h = luaL_checkudata(L, 1, WRITER);
    luaL_argcheck(L, h->writer != NULL, 1, "a closed writer");
    return h;
}

static const char *const writer_names[] = {"segmenter", "about", "level", NULL};

/* Options at `arg`; the segmenter stays on the stack.  [-0, +1, e] */
static ds_writer_options check_options(lua_State *L, int arg)
{
    ds_writer_options o = {.about = {"", 0}};
    if (!dsL_checkoptions(L, arg, writer_names)) {
        lua_pushnil(L);
        return o;
    }
    if (lua_getfield(L, arg, "about") != LUA_TNIL)
        o.about = dsL_checkstr(L, -1); /* the table keeps it */
    if (lua_getfield(L, arg, "level") != LUA_TNIL)
        o.level = (int)luaL_checkinteger(L, -1);
    luaL_argcheck(L, o.level >= 0 && o.level <= 12, arg, "levels are 1 to 12");
    lua_pop(L, 2);
    if (lua_getfield(L, arg, "segmenter") != LUA_TNIL)
        o.segmenter = dsL_checksegmenter(L, -1);
    return o;
}

static int writer_new(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ds_error err;
    lua_settop(L, 2);
    if (!dsL_guard_allows_write(L, path))
        return 3;
    ds_writer_options o = check_options(L, 2);
    writer_handle *h = lua_newuserdatauv(L, sizeof *h, 1);
    *h = (writer_handle){.alloc = dsL_alloc(L)};
    ds_buf_init(&h->row, &h->alloc);
    ds_buf_init(&h->own, &h->alloc);
    ds_spans_init(&h->sentences, &h->alloc);
    luaL_setmetatable(L, WRITER);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, 1);
    if (ds_writer_open(&h->alloc, path, &o, &h->writer, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    return 1;
}

static int writer_close(lua_State *L)
{
    writer_handle *h = luaL_checkudata(L, 1, WRITER);
    ds_writer_close(h->writer);
    h->writer = NULL;
    ds_buf_clear(&h->row);
    ds_buf_clear(&h->own);
    ds_spans_clear(&h->sentences);
    return 0;
}

static int writer_tostring(lua_State *L)
{
    const writer_handle *h = luaL_checkudata(L, 1, WRITER);
    lua_pushstring(L, h->writer != NULL ? WRITER : WRITER " (closed)");
    return 1;
}

/* The next of the flat list at the top of the stack, as a byte offset from 0 behind `least`.  [-0, +0, e] */
static uint32_t check_offset(lua_State *L, lua_Integer i, lua_Integer minus, size_t most)
{
    lua_rawgeti(L, -1, i);
    lua_Integer v = lua_tointeger(L, -1) - minus;
    if (!lua_isinteger(L, -1) || v < 0 || (uint64_t)v > most)
        luaL_error(L, "own tokens: item %I is no position in the text", i);
    lua_pop(L, 1);
    return (uint32_t)v;
}

/* The string at item i of the list at the top; it stays alive with the list.  [-0, +0, e] */
static ds_str item_string(lua_State *L, lua_Integer i)
{
    size_t n = 0;
    lua_rawgeti(L, -1, i);
    const char *p = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : "";
    lua_pop(L, 1);
    return (ds_str){p, n};
}

static uint8_t class_number(lua_State *L, ds_str name)
{
    for (int c = 0; c < DS_CLASS_COUNT; c++)
        if (ds_str_eq(ds_str_of(ds_class_name((ds_class)c)), name))
            return (uint8_t)c;
    luaL_error(L, "own tokens: no class '%s'", name.p);
    return 0;
}

/* Field `tokens` of the table at `arg`: from, to, part of speech, lemma, class of each. */
static void check_own(lua_State *L, int arg, writer_handle *h, size_t text)
{
    enum { FIELDS = 5 };
    ds_buf_reset(&h->own);
    lua_getfield(L, arg, "tokens");
    luaL_argcheck(L, lua_istable(L, -1), arg, "own tokens: a list is wanted");
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i + FIELDS - 1 <= n; i += FIELDS) {
        ds_own_token t = {check_offset(L, i, 1, text), check_offset(L, i + 1, 0, text), item_string(L, i + 2),
                          item_string(L, i + 3), class_number(L, item_string(L, i + 4))};
        ds_buf_put(&h->own, &t, sizeof t);
    }
    lua_pop(L, 1);
    if (h->own.status != DS_OK)
        luaL_error(L, "not enough memory");
}

static bool check_sentences(lua_State *L, int arg, writer_handle *h, size_t text)
{
    h->sentences.count = 0;
    lua_getfield(L, arg, "sentences");
    bool given = lua_istable(L, -1);
    lua_Integer n = given ? (lua_Integer)lua_rawlen(L, -1) : 0;
    for (lua_Integer i = 1; i < n; i += 2) {
        if (ds_grow(h->sentences.alloc, (void **)&h->sentences.items, &h->sentences.cap, h->sentences.count + 1,
                    sizeof *h->sentences.items) != DS_OK)
            luaL_error(L, "not enough memory");
        h->sentences.items[h->sentences.count++] = (ds_span){check_offset(L, i, 1, text), check_offset(L, i + 1, 0, text)};
    }
    lua_pop(L, 1);
    return given;
}

static uint64_t mix(uint64_t h, ds_str s)
{
    uint64_t w;
    for (; s.n >= 8; s.p += 8, s.n -= 8) {
        memcpy(&w, s.p, 8);
        h = (h ^ w) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    w = s.n;
    for (size_t i = 0; i < s.n; i++)
        w = w << 8 | (unsigned char)s.p[i];
    h = (h ^ w) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 29;
}

/* What changes when the article does. */
static uint64_t hash_of(const writer_handle *h, ds_str text, bool own)
{
    uint64_t v = mix(mix(0x5DEECE66D, ds_buf_str(&h->row)), text);
    for (size_t i = 0; own && i < h->own.n / sizeof(ds_own_token); i++) {
        ds_own_token t;
        memcpy(&t, h->own.p + i * sizeof t, sizeof t);
        v = mix(mix(v ^ t.beg ^ (uint64_t)t.end << 32, t.pos), t.lemma);
    }
    return v;
}

static int writer_add(lua_State *L)
{
    writer_handle *h = live_writer(L);
    ds_str text = dsL_checkstr(L, 3);
    lua_Integer date = luaL_optinteger(L, 4, 0);
    bool own = !lua_isnoneornil(L, 5), found;
    uint64_t before;
    ds_error err;
    luaL_argcheck(L, date >= 0 && date <= 99991231, 4, "not a date");
    ds_buf_reset(&h->row);
    dsL_checkrow(L, 2, &h->row);
    ds_article a = {.id = ds_fields_find(ds_buf_str(&h->row), "id"), .text = text, .row = ds_buf_str(&h->row),
                    .date = (uint32_t)date};
    luaL_argcheck(L, a.id.n > 0, 2, "an article needs an id");
    if (own) {
        check_own(L, 5, h, text.n);
        a.tokens = (const ds_own_token *)(const void *)(h->own.p != NULL ? h->own.p : "");
        a.token_count = h->own.n / sizeof(ds_own_token);
        a.sentences = check_sentences(L, 5, h, text.n) ? &h->sentences : NULL;
    }
    a.hash = hash_of(h, text, own);
    if (ds_writer_find(h->writer, a.id, &found, &before, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    if (found && before == a.hash) {
        lua_pushliteral(L, "same");
        return 1;
    }
    if (ds_writer_add(h->writer, &a, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushstring(L, found ? "changed" : "new");
    return 1;
}

static int writer_copy(lua_State *L)
{
    writer_handle *h = live_writer(L);
    ds_reader *reader;
    ds_error err;
    dsL_checkstore(L, 2, &reader);
    ds_place at = check_place(L, lua_touserdata(L, 2), 3);
    if (ds_writer_copy(h->writer, reader, at, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

static int writer_remove(lua_State *L)
{
    writer_handle *h = live_writer(L);
    bool found;
    ds_error err;
    if (ds_writer_remove(h->writer, dsL_checkstr(L, 2), &found, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, found);
    return 1;
}

static int writer_commit(lua_State *L)
{
    writer_handle *h = live_writer(L);
    ds_error err;
    if (ds_writer_commit(h->writer, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

static int writer_about(lua_State *L)
{
    writer_handle *h = live_writer(L);
    ds_str about = ds_writer_about(h->writer);
    lua_pushlstring(L, about.p, about.n);
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

static void note_damage(void *ud, const ds_damage *d)
{
    ds_buf_put(ud, d, sizeof *d);
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
    size_t n = found->n / sizeof(ds_damage);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        ds_damage d;
        memcpy(&d, found->p + i * sizeof d, sizeof d);
        lua_createtable(L, 0, 6);
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
static const luaL_Reg writer_methods[] = {{"add", writer_add},       {"copy", writer_copy},   {"remove", writer_remove},
                                          {"commit", writer_commit}, {"about", writer_about}, {"close", writer_close},
                                          {NULL, NULL}};
static const luaL_Reg writer_meta[] = {
    {"__gc", writer_close}, {"__close", writer_close}, {"__tostring", writer_tostring}, {NULL, NULL}};
static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg buffer_meta[] = {{"__gc", buffer_gc}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"open", store_open}, {"writer", writer_new}, {"compact", store_compact}, {"verify", store_verify}, {NULL, NULL}};

int dsL_open_store(lua_State *L)
{
    dsL_open_segment(L); /* its classes: ds.tokens is one of them */
    lua_pop(L, 1);
    dsL_newclass(L, STORE, store_methods, store_meta);
    dsL_newclass(L, WRITER, writer_methods, writer_meta);
    dsL_newclass(L, BUFFER, no_methods, buffer_meta);
    luaL_newlib(L, functions);
    return 1;
}

/*
 * bind_writer.c - writing corpus stores from Lua.
 *
 *   w = writer(path, {segmenter=, about=, level=})   --> ds.writer | nil, message, detail
 *   w:add(row, text, date [, own])  --> "new" | "changed" | "same" | nil, message, detail;  row: list of {name, value}, the id
 *                                       first; own: {tokens = {from, to, pos, lemma, class, …}, sentences = {from, to, …}}
 *   w:batch(bytes)                 --> how many articles are in it: what b:take() of bind_batch.c has given
 *   w:take(i [, id])               --> "new" | "changed" | "same" | nil, message, detail;  article i of the batch, from 1, with
 *                                       another id than it came with
 *   w:copy(s, segment, doc)        --> true | nil, message, detail
 *   w:remove(id)                   --> boolean | nil, message, detail
 *   w:commit()                     --> true | nil, message, detail
 *   w:about()                      --> string
 */
#include <string.h>

#include "bind_segment.h"
#include "bind_store.h"
#include "guard.h"

#define WRITER "ds.writer"

typedef struct writer_handle {
    ds_alloc alloc;
    ds_writer *writer;
    ds_buf row;       /* of the article that is being added */
    ds_buf own;       /* its ds_own_token */
    ds_spans sentences;
    size_t batched;   /* articles of the batch that is open */
} writer_handle;

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

int dsL_new_writer(lua_State *L)
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

uint64_t dsL_article_hash(ds_str row, ds_str text, ds_str own)
{
    uint64_t v = mix(mix(0x5DEECE66D, row), text);
    for (size_t i = 0; i < own.n / sizeof(ds_own_token); i++) {
        ds_own_token t;
        memcpy(&t, own.p + i * sizeof t, sizeof t);
        v = mix(mix(v ^ t.beg ^ (uint64_t)t.end << 32, t.pos), t.lemma);
    }
    return v;
}

/* Adds an article, of a batch when i >= 0; pushes what became of it.  [-0, +1 | 3, e] */
static int add_article(lua_State *L, writer_handle *h, const ds_article *a, lua_Integer i)
{
    bool found;
    uint64_t before;
    ds_error err;
    if (ds_writer_find(h->writer, a->id, &found, &before, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    if (found && before == a->hash) {
        lua_pushliteral(L, "same");
        return 1;
    }
    ds_status st = i >= 0 ? ds_writer_batch_add(h->writer, (size_t)i, a, &err) : ds_writer_add(h->writer, a, &err);
    if (st != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushstring(L, found ? "changed" : "new");
    return 1;
}

static int writer_add(lua_State *L)
{
    writer_handle *h = live_writer(L);
    ds_str text = dsL_checkstr(L, 3);
    lua_Integer date = luaL_optinteger(L, 4, 0);
    bool own = !lua_isnoneornil(L, 5);
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
    a.hash = dsL_article_hash(a.row, text, own ? ds_buf_str(&h->own) : (ds_str){"", 0});
    return add_article(L, h, &a, -1);
}

static int writer_batch(lua_State *L)
{
    writer_handle *h = live_writer(L);
    ds_error err;
    h->batched = 0;
    if (ds_writer_batch(h->writer, dsL_checkstr(L, 2), &h->batched, &err) != DS_OK)
        return luaL_error(L, "%s", err.msg);
    lua_pushinteger(L, (lua_Integer)h->batched);
    return 1;
}

/* Gives article i of the batch another id, which changes its row and its hash. */
static void rename_article(lua_State *L, writer_handle *h, lua_Integer i, ds_str id, ds_article *a)
{
    ds_buf_reset(&h->row);
    ds_buf_reset(&h->own);
    ds_fields_string(&h->row, "id", id);
    ds_str old = a->id, rest = {old.p + old.n, (size_t)(a->row.p + a->row.n - (old.p + old.n))}; /* the id is the first field */
    ds_buf_put(&h->row, rest.p, rest.n);
    ds_writer_batch_text(h->writer, (size_t)i, &h->own);
    if (h->row.status != DS_OK || h->own.status != DS_OK)
        luaL_error(L, "not enough memory");
    a->row = ds_buf_str(&h->row);
    a->id = id;
    a->hash = dsL_article_hash(a->row, ds_buf_str(&h->own), (ds_str){"", 0});
    ds_buf_reset(&h->own);
}

static int writer_take(lua_State *L)
{
    writer_handle *h = live_writer(L);
    lua_Integer i = luaL_checkinteger(L, 2) - 1;
    luaL_argcheck(L, i >= 0 && (size_t)i < h->batched, 2, "no such article in the batch");
    ds_article a = ds_writer_batch_article(h->writer, (size_t)i);
    luaL_argcheck(L, a.id.n > 0, 2, "an article needs an id");
    if (!lua_isnoneornil(L, 3) && !ds_str_eq(dsL_checkstr(L, 3), a.id))
        rename_article(L, h, i, dsL_checkstr(L, 3), &a);
    return add_article(L, h, &a, i);
}

static int writer_copy(lua_State *L)
{
    writer_handle *h = live_writer(L);
    ds_reader *reader;
    ds_error err;
    ds_place at = dsL_checkplace(L, 3, dsL_checkstore(L, 2, &reader));
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

static const luaL_Reg writer_methods[] = {{"add", writer_add},       {"batch", writer_batch}, {"take", writer_take},   {"copy", writer_copy},   {"remove", writer_remove},
                                          {"commit", writer_commit}, {"about", writer_about}, {"close", writer_close},
                                          {NULL, NULL}};
static const luaL_Reg writer_meta[] = {
    {"__gc", writer_close}, {"__close", writer_close}, {"__tostring", writer_tostring}, {NULL, NULL}};

void dsL_writer_class(lua_State *L)
{
    dsL_newclass(L, WRITER, writer_methods, writer_meta);
}

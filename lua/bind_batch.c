/*
 * bind_batch.c - cutting articles for a store away from its writer, in a Lua state of a thread of its own.
 *
 *   b = batch(segmenter)                    --> ds.batch
 *   b:add(row, text, date [, stored])       --> true | false: `stored`, an open store, has it already, and it was not cut | nil,
 *                                               message, detail;  row, date: as those of w:add (bind_writer.c)
 *   b:bytes()                               --> how many bytes take() would give, nearly
 *   b:take()                                --> all that was added, as bytes for w:batch(); b is empty then
 */
#include "bind_segment.h"
#include "bind_store.h"
#include "limit.h"

#define BATCH "ds.batch"

typedef struct batch_handle {
    ds_alloc alloc;
    ds_batch *batch;
    ds_buf row, out;
} batch_handle;

static batch_handle *check_batch(lua_State *L)
{
    batch_handle *h = luaL_checkudata(L, 1, BATCH);
    luaL_argcheck(L, h->batch != NULL, 1, "a closed batch");
    return h;
}

/* [-0, +1, e] */
int dsL_new_batch(lua_State *L)
{
    const ds_segmenter *segmenter = dsL_checksegmenter(L, 1);
    ds_error err;
    batch_handle *h = lua_newuserdatauv(L, sizeof *h, 1);
    *h = (batch_handle){.alloc = dsL_alloc(L)};
    ds_buf_init(&h->row, &h->alloc);
    ds_buf_init(&h->out, &h->alloc);
    luaL_setmetatable(L, BATCH);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1); /* the segmenter lives as long */
    if (ds_batch_new(&h->alloc, segmenter, &h->batch, &err) != DS_OK)
        return luaL_error(L, "%s", err.msg);
    return 1;
}

static int batch_close(lua_State *L)
{
    batch_handle *h = luaL_checkudata(L, 1, BATCH);
    ds_batch_free(h->batch);
    h->batch = NULL;
    ds_buf_clear(&h->row);
    ds_buf_clear(&h->out);
    return 0;
}

/* Whether the store at `arg` has the article, just so. */
static bool has_it(lua_State *L, int arg, const ds_article *a)
{
    ds_reader *reader;
    ds_place at;
    bool found;
    if (lua_isnoneornil(L, arg))
        return false;
    const ds_store *s = dsL_checkstore(L, arg, &reader);
    return ds_reader_find(reader, a->id, &at, &found, NULL) == DS_OK && found && ds_store_hash(s, at) == a->hash;
}

static int batch_add(lua_State *L)
{
    batch_handle *h = check_batch(L);
    ds_str text = dsL_checkstr(L, 3);
    lua_Integer date = luaL_optinteger(L, 4, 0);
    ds_error err;
    luaL_argcheck(L, date >= 0 && date <= 99991231, 4, "not a date");
    ds_buf_reset(&h->row);
    dsL_checkrow(L, 2, &h->row);
    ds_str row = ds_buf_str(&h->row);
    ds_article a = {.id = ds_fields_find(row, "id"), .text = text, .row = row, .date = (uint32_t)date,
                    .hash = dsL_article_hash(row, text, (ds_str){"", 0})};
    luaL_argcheck(L, a.id.n > 0, 2, "an article needs an id");
    bool is_new = !has_it(L, 5, &a);
    if (is_new && ds_batch_add(h->batch, &a, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, is_new);
    return 1;
}

static int batch_bytes(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_batch_bytes(check_batch(L)->batch));
    return 1;
}

static int batch_take(lua_State *L)
{
    batch_handle *h = check_batch(L);
    ds_error err;
    ds_buf_reset(&h->out);
    if (ds_batch_take(h->batch, &h->out, &err) != DS_OK)
        return luaL_error(L, "%s", err.msg);
    dsL_limits_reserve(L, h->out.n);
    lua_pushlstring(L, h->out.p, h->out.n);
    return 1;
}

static const luaL_Reg batch_methods[] = {
    {"add", batch_add}, {"bytes", batch_bytes}, {"take", batch_take}, {"close", batch_close}, {NULL, NULL}};
static const luaL_Reg batch_meta[] = {{"__gc", batch_close}, {"__close", batch_close}, {NULL, NULL}};

/* [-0, +0, m] */
void dsL_batch_class(lua_State *L)
{
    dsL_newclass(L, BATCH, batch_methods, batch_meta);
}

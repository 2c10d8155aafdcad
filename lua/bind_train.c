/*
 * bind_train.c - the trainer of segmenters for Lua; lua/ds/trainer.lua makes ds.trainer of it.
 *
 *   t = new(lexicon_path, seed, least)    --> trainer | nil, message, detail
 *   t:add(line)                           --> true | nil, message, detail (byte)
 *   t:lines()   t:words()                 --> how many
 *   t:style()                             --> "news", "ud" or "fine"
 *   t:default(style)   t:score()          --> words of the gold, ours, right ones
 *   t:begin([fold, folds])                --> true | nil, message, detail; fold from 1
 *   t:round()
 *   t:image(note)                         --> bytes
 *   t:close()
 */
#include "bind.h"
#include "bind_lexicon.h"
#include "train.h"

#define TRAINER "ds.c.trainer"

typedef struct trainer_handle {
    ds_alloc alloc;
    ds_trainer *t;
    ds_buf image;
} trainer_handle;

static const char *const style_names[] = {"news", "ud", "fine", NULL};

static trainer_handle *check_trainer(lua_State *L)
{
    trainer_handle *h = luaL_checkudata(L, 1, TRAINER);
    if (h->t == NULL)
        luaL_error(L, "attempt to use a closed " TRAINER);
    return h;
}

static int trainer_close(lua_State *L)
{
    trainer_handle *h = luaL_checkudata(L, 1, TRAINER);
    ds_trainer_free(h->t);
    ds_buf_clear(&h->image);
    h->t = NULL;
    return 0;
}

static int trainer_new(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ds_train_options options = {.seed = (uint32_t)luaL_optinteger(L, 2, 1), .least = (uint32_t)luaL_optinteger(L, 3, 0)};
    ds_error err;
    trainer_handle *h = lua_newuserdatauv(L, sizeof *h, 1); /* user value: lexicon */
    *h = (trainer_handle){.alloc = dsL_alloc(L)};
    ds_buf_init(&h->image, &h->alloc);
    luaL_setmetatable(L, TRAINER);
    if (!dsL_pushlexicon(L, path, &err))
        return dsL_pusherror(L, &err);
    const ds_lexicon *lex = dsL_tolexicon(L, -1);
    lua_setiuservalue(L, -2, 1);
    if (ds_trainer_new(&h->alloc, lex, &options, &h->t, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 1;
}

static int done(lua_State *L, ds_status st, const ds_error *err)
{
    if (st != DS_OK)
        return dsL_pusherror(L, err);
    lua_pushboolean(L, true);
    return 1;
}

static int trainer_add(lua_State *L)
{
    trainer_handle *h = check_trainer(L);
    ds_error err;
    return done(L, ds_trainer_add(h->t, dsL_checkstr(L, 2), &err), &err);
}

static int trainer_lines(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_trainer_lines(check_trainer(L)->t));
    return 1;
}

static int trainer_words(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_trainer_words(check_trainer(L)->t));
    return 1;
}

static int trainer_style(lua_State *L)
{
    ds_style style;
    ds_error err;
    if (ds_trainer_style(check_trainer(L)->t, &style, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_pushstring(L, style_names[style]);
    return 1;
}

static int push_score(lua_State *L, ds_status st, const ds_train_score *score, const ds_error *err)
{
    if (st != DS_OK)
        return dsL_raise(L, err);
    lua_pushinteger(L, (lua_Integer)score->gold);
    lua_pushinteger(L, (lua_Integer)score->ours);
    lua_pushinteger(L, (lua_Integer)score->right);
    return 3;
}

static int trainer_default(lua_State *L)
{
    trainer_handle *h = check_trainer(L);
    ds_train_score score;
    ds_error err;
    ds_style style = (ds_style)luaL_checkoption(L, 2, NULL, style_names);
    return push_score(L, ds_trainer_default(h->t, style, &score, &err), &score, &err);
}

static int trainer_score(lua_State *L)
{
    trainer_handle *h = check_trainer(L);
    ds_train_score score;
    ds_error err;
    return push_score(L, ds_trainer_score(h->t, &score, &err), &score, &err);
}

static int trainer_begin(lua_State *L)
{
    trainer_handle *h = check_trainer(L);
    lua_Integer fold = luaL_optinteger(L, 2, 1), folds = luaL_optinteger(L, 3, 0);
    ds_error err;
    luaL_argcheck(L, folds >= 0 && folds != 1, 3, "at least 2 folds");
    luaL_argcheck(L, folds == 0 || (fold >= 1 && fold <= folds), 2, "no such fold");
    return done(L, ds_trainer_begin(h->t, (size_t)fold - 1, (size_t)folds, &err), &err);
}

static int trainer_round(lua_State *L)
{
    ds_error err;
    if (ds_trainer_round(check_trainer(L)->t, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 0;
}

static int trainer_image(lua_State *L)
{
    trainer_handle *h = check_trainer(L);
    ds_error err;
    ds_buf_reset(&h->image);
    if (ds_trainer_image(h->t, dsL_checkstr(L, 2), &h->image, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_pushlstring(L, h->image.p, h->image.n);
    return 1;
}

static const luaL_Reg trainer_methods[] = {
    {"add", trainer_add},     {"lines", trainer_lines}, {"words", trainer_words}, {"style", trainer_style},
    {"default", trainer_default}, {"score", trainer_score}, {"begin", trainer_begin}, {"round", trainer_round},
    {"image", trainer_image}, {"close", trainer_close}, {NULL, NULL}};
static const luaL_Reg trainer_meta[] = {{"__gc", trainer_close}, {"__close", trainer_close}, {NULL, NULL}};
static const luaL_Reg train_functions[] = {{"new", trainer_new}, {NULL, NULL}};

int dsL_open_train(lua_State *L)
{
    dsL_newclass(L, TRAINER, trainer_methods, trainer_meta);
    luaL_newlib(L, train_functions);
    return 1;
}

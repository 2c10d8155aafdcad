/*
 * bind_linear.c - bags of features, linear models and their learning; lua/ds/stance_learn.lua uses them.
 *
 *   b = linear.bag()
 *   b:reset()
 *   b:name(group, name, value [, from, to])         group: 0 to 7
 *   b:chars(group, text, from, to, least, most)
 *   b:around(group, text, from, to, reach, most)
 *   b:words(group, text, segmenter)
 *   b:close(scales)                                  a list of a number for each group, from group 0 on; see linear.h
 *   #b                                               how many features
 *
 *   t = linear.learner(labels, seed, rounds, cost, least)
 *   t:add(bag, label, part)                          label, part: from 1
 *   t:groups(mask)
 *   t:fit([part])            --> true | nil, message, detail
 *   t:scores(i)              --> a number for each label
 *   t:image(steep, features, note)  --> bytes
 *   #t                                               how many examples
 *
 *   m = linear.open(path)    --> model | nil, message, detail
 *   m:chances(bag)           --> a number for each label
 *   m:shares(bag, label, n)  --> { share, from, to, group, … } of the n features that say most, for or against the label
 *   m:about()                --> note, version of the features, labels
 */
#include <math.h>

#include "bind.h"
#include "bind_segment.h"
#include "guard.h"
#include "linear.h"

#define BAG "ds.c.linear.bag"
#define LEARNER "ds.c.linear.learner"
#define MODEL "ds.c.linear.model"

/* ---- bags ---- */

typedef struct bag_handle {
    ds_alloc alloc;
    ds_bag b;
    ds_tokens tokens;
} bag_handle;

static bag_handle *check_bag(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, BAG);
}

static unsigned check_group(lua_State *L)
{
    lua_Integer group = luaL_checkinteger(L, 2);
    luaL_argcheck(L, group >= 0 && group < DS_BAG_GROUPS, 2, "no such group");
    return (unsigned)group;
}

static int bag_new(lua_State *L)
{
    bag_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = dsL_alloc(L);
    ds_bag_init(&h->b, &h->alloc);
    ds_tokens_init(&h->tokens, &h->alloc);
    luaL_setmetatable(L, BAG);
    return 1;
}

static int bag_gc(lua_State *L)
{
    bag_handle *h = check_bag(L, 1);
    ds_bag_clear(&h->b);
    ds_tokens_clear(&h->tokens);
    return 0;
}

static int bag_reset(lua_State *L)
{
    ds_bag_reset(&check_bag(L, 1)->b);
    return 0;
}

static int bag_name(lua_State *L)
{
    bag_handle *h = check_bag(L, 1);
    lua_Integer from = luaL_optinteger(L, 5, 1), to = luaL_optinteger(L, 6, 0);
    luaL_argcheck(L, from >= 1 && to >= from - 1 && to < UINT32_MAX, 5, "from, to are bytes of a text");
    ds_bag_name(&h->b, check_group(L), dsL_checkstr(L, 3), (float)luaL_checknumber(L, 4), (size_t)from - 1, (size_t)to);
    return 0;
}

/* from, to at 4 and 5 as [*beg, *end) of the text at 3. */
static ds_str check_text(lua_State *L, size_t *beg, size_t *end)
{
    ds_str s = dsL_checkstr(L, 3);
    lua_Integer from = luaL_checkinteger(L, 4), to = luaL_checkinteger(L, 5);
    luaL_argcheck(L, from >= 1 && to >= from - 1 && to <= (lua_Integer)s.n, 4, "a passage outside of the text");
    *beg = (size_t)from - 1;
    *end = (size_t)to;
    return s;
}

static unsigned check_length(lua_State *L, int arg)
{
    lua_Integer n = luaL_checkinteger(L, arg);
    luaL_argcheck(L, n >= 1 && n <= 64, arg, "1 to 64");
    return (unsigned)n;
}

static int bag_chars(lua_State *L)
{
    size_t beg, end;
    bag_handle *h = check_bag(L, 1);
    ds_str s = check_text(L, &beg, &end);
    ds_bag_chars(&h->b, check_group(L), s, beg, end, check_length(L, 6), check_length(L, 7));
    return 0;
}

static int bag_around(lua_State *L)
{
    size_t beg, end;
    bag_handle *h = check_bag(L, 1);
    ds_str s = check_text(L, &beg, &end);
    ds_bag_around(&h->b, check_group(L), s, beg, end, check_length(L, 6), check_length(L, 7));
    return 0;
}

static int bag_words(lua_State *L)
{
    bag_handle *h = check_bag(L, 1);
    ds_str s = dsL_checkstr(L, 3);
    ds_error err;
    h->tokens.count = 0;
    if (ds_segment(dsL_checksegmenter(L, 4), s, &h->tokens, &err) != DS_OK)
        return dsL_raise(L, &err);
    ds_bag_words(&h->b, check_group(L), s, &h->tokens);
    return 0;
}

static int bag_close(lua_State *L)
{
    bag_handle *h = check_bag(L, 1);
    float scale[DS_BAG_GROUPS];
    ds_error err;
    luaL_checktype(L, 2, LUA_TTABLE);
    for (lua_Integer i = 0; i < DS_BAG_GROUPS; i++) {
        lua_rawgeti(L, 2, i + 1);
        scale[i] = (float)luaL_optnumber(L, -1, 0);
        lua_pop(L, 1);
    }
    if (ds_bag_close(&h->b, scale, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 0;
}

static int bag_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_bag(L, 1)->b.count);
    return 1;
}

/* ---- learning ---- */

typedef struct learner_handle {
    ds_alloc alloc;
    ds_learner *t;
    size_t labels;
    ds_buf image;
} learner_handle;

static learner_handle *check_learner(lua_State *L)
{
    learner_handle *h = luaL_checkudata(L, 1, LEARNER);
    if (h->t == NULL)
        luaL_error(L, "attempt to use a closed " LEARNER);
    return h;
}

static int learner_new(lua_State *L)
{
    ds_error err;
    ds_learn_options o = {.seed = (uint32_t)luaL_optinteger(L, 2, 1), .rounds = (uint32_t)luaL_optinteger(L, 3, 0),
                          .cost = luaL_optnumber(L, 4, 0), .least = (uint32_t)luaL_optinteger(L, 5, 0)};
    lua_Integer labels = luaL_checkinteger(L, 1);
    luaL_argcheck(L, labels >= 2 && labels <= DS_LINEAR_LABELS, 1, "2 to 8 labels");
    learner_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (learner_handle){.alloc = dsL_alloc(L), .labels = (size_t)labels};
    ds_buf_init(&h->image, &h->alloc);
    luaL_setmetatable(L, LEARNER);
    if (ds_learner_new(&h->alloc, h->labels, &o, &h->t, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 1;
}

static int learner_gc(lua_State *L)
{
    learner_handle *h = luaL_checkudata(L, 1, LEARNER);
    ds_learner_free(h->t);
    ds_buf_clear(&h->image);
    h->t = NULL;
    return 0;
}

static int learner_add(lua_State *L)
{
    learner_handle *h = check_learner(L);
    lua_Integer label = luaL_checkinteger(L, 3), part = luaL_checkinteger(L, 4);
    ds_error err;
    luaL_argcheck(L, label >= 1 && (size_t)label <= h->labels, 3, "no such label");
    luaL_argcheck(L, part >= 1 && part < UINT32_MAX, 4, "parts count from 1");
    if (ds_learner_add(h->t, &check_bag(L, 2)->b, (size_t)label - 1, (uint32_t)part, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 0;
}

static int learner_groups(lua_State *L)
{
    ds_learner_groups(check_learner(L)->t, (unsigned)luaL_checkinteger(L, 2));
    return 0;
}

static int learner_fit(lua_State *L)
{
    learner_handle *h = check_learner(L);
    ds_error err;
    uint32_t hold = lua_isnoneornil(L, 2) ? UINT32_MAX : (uint32_t)luaL_checkinteger(L, 2);
    ds_status st = ds_learner_fit(h->t, hold, &err);
    if (st == DS_ELIMIT)
        return dsL_raise(L, &err);
    if (st != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, true);
    return 1;
}

static int push_numbers(lua_State *L, const double *v, size_t n)
{
    for (size_t k = 0; k < n; k++)
        lua_pushnumber(L, v[k]);
    return (int)n;
}

static int learner_scores(lua_State *L)
{
    learner_handle *h = check_learner(L);
    double out[DS_LINEAR_LABELS];
    lua_Integer i = luaL_checkinteger(L, 2);
    luaL_argcheck(L, i >= 1 && (size_t)i <= ds_learner_examples(h->t), 2, "no such example");
    ds_learner_scores(h->t, (size_t)i - 1, out);
    return push_numbers(L, out, h->labels);
}

static int learner_image(lua_State *L)
{
    learner_handle *h = check_learner(L);
    ds_error err;
    ds_buf_reset(&h->image);
    if (ds_learner_image(h->t, luaL_checknumber(L, 2), (uint32_t)luaL_checkinteger(L, 3), dsL_checkstr(L, 4), &h->image,
                         &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_pushlstring(L, h->image.p, h->image.n);
    return 1;
}

static int learner_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_learner_examples(check_learner(L)->t));
    return 1;
}

/* ---- models ---- */

typedef struct model_handle {
    ds_alloc alloc;
    ds_linear *m;
} model_handle;

static model_handle *check_model(lua_State *L)
{
    model_handle *h = luaL_checkudata(L, 1, MODEL);
    if (h->m == NULL)
        luaL_error(L, "attempt to use a closed " MODEL);
    return h;
}

static int model_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ds_error err;
    if (!dsL_guard_allows(L, path))
        return 3;
    model_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (model_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, MODEL);
    if (ds_linear_open(&h->alloc, path, &h->m, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    return 1;
}

static int model_gc(lua_State *L)
{
    model_handle *h = luaL_checkudata(L, 1, MODEL);
    ds_linear_free(h->m);
    h->m = NULL;
    return 0;
}

static int model_chances(lua_State *L)
{
    model_handle *h = check_model(L);
    double out[DS_LINEAR_LABELS];
    ds_linear_chances(h->m, &check_bag(L, 2)->b, out);
    return push_numbers(L, out, ds_linear_labels(h->m));
}

enum { SHARES_MOST = 32 };

/* The places of the n greatest shares, the greatest first; equal ones as they come. */
static size_t greatest(const ds_linear *m, const ds_bag *b, size_t label, size_t n, size_t at[SHARES_MOST],
                       double share[SHARES_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        double s = ds_linear_share(m, &b->items[i], label);
        if (s == 0 || (count == n && fabs(s) <= fabs(share[n - 1])))
            continue;
        size_t k = count < n ? count++ : n - 1;
        for (; k > 0 && fabs(share[k - 1]) < fabs(s); k--) {
            share[k] = share[k - 1];
            at[k] = at[k - 1];
        }
        share[k] = s;
        at[k] = i;
    }
    return count;
}

static int model_shares(lua_State *L)
{
    model_handle *h = check_model(L);
    const ds_bag *b = &check_bag(L, 2)->b;
    lua_Integer label = luaL_checkinteger(L, 3), n = luaL_checkinteger(L, 4);
    size_t at[SHARES_MOST];
    double share[SHARES_MOST];
    luaL_argcheck(L, label >= 1 && (size_t)label <= ds_linear_labels(h->m), 3, "no such label");
    luaL_argcheck(L, n >= 1 && n <= SHARES_MOST, 4, "1 to 32");
    size_t count = greatest(h->m, b, (size_t)label - 1, (size_t)n, at, share);
    lua_createtable(L, (int)count * 4, 0);
    for (size_t i = 0; i < count; i++) {
        const ds_feature *f = &b->items[at[i]];
        lua_pushnumber(L, share[i]);
        lua_rawseti(L, -2, (lua_Integer)(4 * i) + 1);
        dsL_pushspan(L, f->beg, f->end);
        lua_rawseti(L, -3, (lua_Integer)(4 * i) + 3);
        lua_rawseti(L, -2, (lua_Integer)(4 * i) + 2);
        lua_pushinteger(L, (lua_Integer)(f->key >> 56));
        lua_rawseti(L, -2, (lua_Integer)(4 * i) + 4);
    }
    return 1;
}

static int model_about(lua_State *L)
{
    model_handle *h = check_model(L);
    ds_str note = ds_linear_note(h->m);
    lua_pushlstring(L, note.p, note.n);
    lua_pushinteger(L, (lua_Integer)ds_linear_features(h->m));
    lua_pushinteger(L, (lua_Integer)ds_linear_labels(h->m));
    return 3;
}

/* ---- */

static const luaL_Reg bag_methods[] = {{"reset", bag_reset}, {"name", bag_name},   {"chars", bag_chars}, {"around", bag_around},
                                       {"words", bag_words}, {"close", bag_close}, {NULL, NULL}};
static const luaL_Reg bag_meta[] = {{"__gc", bag_gc}, {"__len", bag_len}, {NULL, NULL}};
static const luaL_Reg learner_methods[] = {{"add", learner_add},       {"groups", learner_groups}, {"fit", learner_fit},
                                           {"scores", learner_scores}, {"image", learner_image},   {NULL, NULL}};
static const luaL_Reg learner_meta[] = {{"__gc", learner_gc}, {"__close", learner_gc}, {"__len", learner_len}, {NULL, NULL}};
static const luaL_Reg model_methods[] = {{"chances", model_chances}, {"shares", model_shares}, {"about", model_about}, {NULL, NULL}};
static const luaL_Reg model_meta[] = {{"__gc", model_gc}, {"__close", model_gc}, {NULL, NULL}};
static const luaL_Reg linear_functions[] = {{"bag", bag_new}, {"learner", learner_new}, {"open", model_open}, {NULL, NULL}};

/* [-0, +1, m] */
int dsL_open_linear(lua_State *L)
{
    dsL_newclass(L, BAG, bag_methods, bag_meta);
    dsL_newclass(L, LEARNER, learner_methods, learner_meta);
    dsL_newclass(L, MODEL, model_methods, model_meta);
    luaL_newlib(L, linear_functions);
    return 1;
}

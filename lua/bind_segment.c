/*
 * bind_segment.c - the segmenter for Lua.
 *
 *   seg = new(lexicon_path, userdict_text | nil, mode, style, tagger_path | nil, model_path | nil)
 *                           --> ds.segmenter | nil, message, detail
 *   seg:words(s)            --> list of words that join to s
 *   seg:cut(s)              --> ds.tokens
 *   seg:tokens(s)           --> iterator of {word, key, from, to, pos, class [, entity, entity_begins]}
 *   seg:entities(s)         --> list of {type, from, to, text}; mode "accurate"
 *   seg:describe()          --> "accurate news zh.dslex 0badcafe zh.dsnn deadbeef"
 *   seg:add(word [, freq [, pos]])   seg:remove(word)
 *   seg:explain(s)          --> list of {from, to, word, source, bits, freq, line, chosen}
 *   seg:bad_lines()         --> list of {line, byte, message}: what was skipped in userdict_text
 *   words, source = verify(lexicon_path)   | nil, message, detail
 */
#include <string.h>

#include "bind_lexicon.h"
#include "bind_segment.h"
#include "bind_tokens.h"
#include "guard.h"
#include "limit.h"
#include "segment_model.h"

#define SEGMENTER "ds.segmenter"
#define POLL_MASK 4095 /* tokens between two looks at the limits */

typedef struct segmenter_handle {
    ds_alloc alloc;
    ds_userdict *user;
    ds_segmodel *model; /* NULL but in the mode trained */
    ds_segmenter *seg;
} segmenter_handle;

/* ---- segmenter ---- */

static segmenter_handle *live_segmenter(lua_State *L)
{
    segmenter_handle *h = luaL_checkudata(L, 1, SEGMENTER);
    if (h->seg == NULL)
        luaL_error(L, "attempt to use a closed " SEGMENTER);
    return h;
}

const ds_segmenter *dsL_checksegmenter(lua_State *L, int arg)
{
    segmenter_handle *h = luaL_checkudata(L, arg, SEGMENTER);
    luaL_argcheck(L, h->seg != NULL, arg, "a closed " SEGMENTER);
    return h->seg;
}

static int segmenter_close(lua_State *L)
{
    segmenter_handle *h = luaL_checkudata(L, 1, SEGMENTER);
    ds_segmenter_free(h->seg);
    ds_userdict_free(h->user);
    ds_segmodel_free(h->model);
    h->model = NULL;
    h->seg = NULL;
    h->user = NULL;
    return 0;
}

static int segmenter_tostring(lua_State *L)
{
    segmenter_handle *h = luaL_checkudata(L, 1, SEGMENTER);
    if (h->seg == NULL)
        lua_pushliteral(L, SEGMENTER " (closed)");
    else
        lua_pushfstring(L, SEGMENTER " (%I user words)", (lua_Integer)ds_userdict_count(h->user));
    return 1;
}

/* Collects bad lines while ds_userdict_load runs: no Lua function that may raise is called there. */
typedef struct bad_lines {
    ds_buf rows; /* of ds_error */
} bad_lines;

static void note_bad_line(void *ud, const ds_error *bad)
{
    bad_lines *b = ud;
    ds_buf_put(&b->rows, bad, sizeof *bad);
}

/* Pushes the collected lines as a list.  [-0, +1, m] */
static void push_bad_lines(lua_State *L, const ds_buf *rows)
{
    size_t n = rows->n / sizeof(ds_error);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        ds_error e;
        memcpy(&e, rows->p + i * sizeof e, sizeof e);
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, (lua_Integer)e.line);
        lua_setfield(L, -2, "line");
        lua_pushinteger(L, (lua_Integer)e.off + 1);
        lua_setfield(L, -2, "byte");
        lua_pushstring(L, e.msg);
        lua_setfield(L, -2, "message");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* Frees the ds_buf that a userdata begins with. */
static int rows_gc(lua_State *L)
{
    ds_buf *rows = lua_touserdata(L, 1);
    ds_buf_clear(rows);
    return 0;
}

/* Pushes a metatable for such userdata.  [-0, +1, m] */
static void push_rows_metatable(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, rows_gc);
    lua_setfield(L, -2, "__gc");
}

/* Loads the user dictionary and sets user value 2 of the segmenter (at the top) to the bad lines. */
static ds_status load_user_text(lua_State *L, segmenter_handle *h, ds_str text, ds_error *err)
{
    bad_lines *b = lua_newuserdatauv(L, sizeof *b, 0);
    ds_buf_init(&b->rows, &h->alloc);
    push_rows_metatable(L);
    lua_setmetatable(L, -2);
    ds_status st = ds_userdict_load(h->user, text, note_bad_line, b, err);
    if (st == DS_OK && b->rows.status != DS_OK)
        st = ds_fail_nomem(err);
    if (st == DS_OK) {
        push_bad_lines(L, &b->rows);
        lua_setiuservalue(L, -3, 2);
    }
    lua_pop(L, 1);
    return st;
}

/* Makes what a segmenter is made of; its lexicon and the user's text are given. */
static ds_status open_segmenter(lua_State *L, segmenter_handle *h, const ds_lexicon *lex, const ds_str *user,
                                const char *model_path, ds_segment_options *options, ds_error *err)
{
    ds_status st = ds_userdict_new(&h->alloc, &h->user, err);
    if (st == DS_OK && user != NULL)
        st = load_user_text(L, h, *user, err);
    if (st == DS_OK && model_path != NULL)
        st = ds_segmodel_open(&h->alloc, model_path, &h->model, err);
    options->model = h->model;
    return st == DS_OK ? ds_segmenter_new(&h->alloc, lex, h->user, options, &h->seg, err) : st;
}

static int segmenter_new(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ds_str user = {NULL, 0};
    user.p = luaL_optlstring(L, 2, NULL, &user.n);
    static const char *const modes[] = {"default", "search", "full", "accurate", "trained", NULL};
    static const char *const styles[] = {"news", "ud", "fine", NULL};
    ds_segment_options options = {.mode = (ds_mode)luaL_checkoption(L, 3, "default", modes),
                                  .style = (ds_style)luaL_checkoption(L, 4, "news", styles)};
    const char *tagger = luaL_optstring(L, 5, NULL), *model = luaL_optstring(L, 6, NULL);
    ds_error err;
    luaL_argcheck(L, (tagger != NULL) == (options.mode == DS_MODE_ACCURATE), 5,
                  "a tagger is for the mode \"accurate\"");
    luaL_argcheck(L, (model != NULL) == (options.mode == DS_MODE_TRAINED), 6, "a model is for the mode \"trained\"");
    if (model != NULL && !dsL_guard_allows(L, model))
        return 3;
    lua_settop(L, 6); /* keeps the strings */
    segmenter_handle *h = lua_newuserdatauv(L, sizeof *h, 3); /* user values: lexicon, bad lines, tagger */
    *h = (segmenter_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, SEGMENTER);
    if (!dsL_pushlexicon(L, path, &err))
        return dsL_pusherror(L, &err);
    const ds_lexicon *lex = dsL_tolexicon(L, -1);
    lua_setiuservalue(L, -2, 1);
    lua_newtable(L);
    lua_setiuservalue(L, -2, 2);
    if (tagger != NULL) {
        if (!dsL_pushtagger(L, tagger, &err))
            return dsL_pusherror(L, &err);
        options.tagger = dsL_totagger(L, -1);
        lua_setiuservalue(L, -2, 3);
    }
    if (open_segmenter(L, h, lex, user.p != NULL ? &user : NULL, model, &options, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    return 1;
}

static int segmenter_describe(lua_State *L)
{
    const segmenter_handle *h = live_segmenter(L);
    ds_buf *line = lua_newuserdatauv(L, sizeof *line, 0);
    ds_buf_init(line, &h->alloc);
    push_rows_metatable(L);
    lua_setmetatable(L, -2);
    ds_segmenter_describe(h->seg, line);
    if (line->status != DS_OK)
        return luaL_error(L, "not enough memory");
    lua_pushlstring(L, line->p, line->n);
    return 1;
}

static int segmenter_bad_lines(lua_State *L)
{
    live_segmenter(L);
    lua_getiuservalue(L, 1, 2);
    return 1;
}

static int segmenter_add(lua_State *L)
{
    segmenter_handle *h = live_segmenter(L);
    ds_str word = dsL_checkstr(L, 2), pos = {"", 0};
    lua_Integer freq = luaL_optinteger(L, 3, -1);
    ds_error err;
    if (!lua_isnoneornil(L, 4))
        pos = dsL_checkstr(L, 4);
    luaL_argcheck(L, lua_isnoneornil(L, 3) || freq >= 0, 3, "a frequency is not negative");
    if (ds_userdict_add(h->user, word, freq, pos, &err) != DS_OK)
        return luaL_argerror(L, 2, err.msg);
    lua_settop(L, 1);
    return 1;
}

static int segmenter_remove(lua_State *L)
{
    segmenter_handle *h = live_segmenter(L);
    ds_error err;
    if (ds_userdict_remove(h->user, dsL_checkstr(L, 2), true, &err) != DS_OK)
        return luaL_argerror(L, 2, err.msg);
    lua_settop(L, 1);
    return 1;
}

/* A segmenter's, which may have been closed since. */
static ds_str segmenter_pos_name(const void *owner, uint16_t pos)
{
    const segmenter_handle *h = owner;
    return h->seg != NULL ? ds_segment_pos_name(h->seg, pos) : ds_str_of("");
}

/* Pushes a ds.tokens of the string argument 2. */
static const ds_tokens *push_tokens(lua_State *L)
{
    segmenter_handle *h = live_segmenter(L);
    ds_str s = dsL_checkstr(L, 2);
    ds_error err;
    ds_tokens *v = dsL_newtokens(L, 1, 2, h, segmenter_pos_name);
    if (ds_segment(h->seg, s, v, &err) != DS_OK)
        dsL_raise(L, &err);
    return v;
}

static int segmenter_cut(lua_State *L)
{
    push_tokens(L);
    return 1;
}

/* ---- explain ---- */

/* Candidates are collected in C, since no Lua function that may raise can be called from core. */
typedef struct candidate_list {
    ds_buf rows; /* of ds_candidate */
} candidate_list;

static void note_candidate(void *ud, const ds_candidate *c)
{
    candidate_list *list = ud;
    ds_buf_put(&list->rows, c, sizeof *c);
}

static const char *candidate_source(const ds_candidate *c)
{
    if (c->user != NULL)
        return c->user->forced ? "forced" : "user";
    if (c->word == DS_TOKEN_PERSON)
        return "name";
    if (c->word >= 0)
        return "lexicon";
    return c->cls == DS_CLASS_HAN ? "unknown" : "atom";
}

/* Pushes a candidate as a table; tokens are those of the best path, *at the first that does not end before it. */
static void push_candidate(lua_State *L, const segmenter_handle *h, ds_str s, const ds_candidate *c,
                           const ds_tokens *toks, size_t *at)
{
    while (*at < toks->count && toks->items[*at].beg < c->beg)
        (*at)++;
    bool chosen = *at < toks->count && toks->items[*at].beg == c->beg && toks->items[*at].end == c->end &&
                  toks->items[*at].word == c->word;
    lua_createtable(L, 0, 8);
    dsL_pushspan(L, c->beg, c->end);
    lua_setfield(L, -3, "to");
    lua_setfield(L, -2, "from");
    lua_pushlstring(L, s.p + c->beg, c->end - c->beg);
    lua_setfield(L, -2, "word");
    lua_pushstring(L, candidate_source(c));
    lua_setfield(L, -2, "source");
    lua_pushnumber(L, c->bits);
    lua_setfield(L, -2, "bits");
    lua_pushboolean(L, chosen);
    lua_setfield(L, -2, "chosen");
    if (c->word >= 0 || (c->user != NULL && !c->user->forced)) {
        lua_pushinteger(L, (lua_Integer)(c->user != NULL ? c->user->freq : ds_segment_word_freq(h->seg, c->word)));
        lua_setfield(L, -2, "freq");
    }
    if (c->user != NULL && c->user->line > 0) {
        lua_pushinteger(L, (lua_Integer)c->user->line);
        lua_setfield(L, -2, "line");
    }
}

static int segmenter_explain(lua_State *L)
{
    segmenter_handle *h = live_segmenter(L);
    ds_str s = dsL_checkstr(L, 2);
    ds_error err;
    size_t at = 0;
    const ds_tokens *v = push_tokens(L);
    candidate_list *list = lua_newuserdatauv(L, sizeof *list, 0);
    ds_buf_init(&list->rows, &h->alloc);
    push_rows_metatable(L);
    lua_setmetatable(L, -2);
    if (ds_segment_candidates(h->seg, s, note_candidate, list, &err) != DS_OK || list->rows.status != DS_OK)
        return luaL_error(L, "not enough memory");
    size_t n = list->rows.n / sizeof(ds_candidate);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        ds_candidate c;
        memcpy(&c, list->rows.p + i * sizeof c, sizeof c);
        push_candidate(L, h, s, &c, v, &at);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        dsL_limits_poll(L);
    }
    return 1;
}

/* ---- words ---- */

static int segmenter_words(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 2);
    const ds_tokens *v = push_tokens(L);
    lua_createtable(L, (int)v->count, 0);
    for (size_t i = 0; i < v->count; i++) {
        lua_pushlstring(L, s.p + v->items[i].beg, v->items[i].end - v->items[i].beg);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        if ((i & POLL_MASK) == POLL_MASK)
            dsL_limits_poll(L);
    }
    return 1;
}

static int segmenter_tokens(lua_State *L)
{
    push_tokens(L);
    lua_replace(L, 1);
    return dsL_eachtoken(L);
}

/* End of the entity that begins with token i: the tokens after it that continue it, a blank between them included. */
static size_t entity_end(const ds_tokens *v, size_t i)
{
    size_t end = i + 1;
    for (size_t k = end; k < v->count; k++) {
        if (v->items[k].entity == (v->items[i].entity & DS_ENTITY_TYPE))
            end = k + 1;
        else if (v->items[k].cls != DS_CLASS_SPACE)
            break;
    }
    return end;
}

static int segmenter_entities(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 2);
    const ds_tokens *v = push_tokens(L);
    lua_newtable(L);
    for (size_t i = 0, n = 0; i < v->count; i++) {
        const ds_token *tok = &v->items[i];
        if ((tok->entity & DS_ENTITY_BEGINS) == 0)
            continue;
        uint32_t end = v->items[entity_end(v, i) - 1].end;
        lua_createtable(L, 0, 4);
        lua_pushstring(L, ds_entity_name(tok->entity));
        lua_setfield(L, -2, "type");
        dsL_pushspan(L, tok->beg, end);
        lua_setfield(L, -3, "to");
        lua_setfield(L, -2, "from");
        lua_pushlstring(L, s.p + tok->beg, end - tok->beg);
        lua_setfield(L, -2, "text");
        lua_rawseti(L, -2, (lua_Integer)++n);
    }
    return 1;
}

static const luaL_Reg segmenter_methods[] = {
    {"words", segmenter_words},   {"cut", segmenter_cut},       {"tokens", segmenter_tokens},
    {"add", segmenter_add},       {"remove", segmenter_remove}, {"bad_lines", segmenter_bad_lines},
    {"explain", segmenter_explain}, {"entities", segmenter_entities}, {"describe", segmenter_describe},
    {"close", segmenter_close},   {NULL, NULL}};
static const luaL_Reg segmenter_meta[] = {
    {"__gc", segmenter_close}, {"__close", segmenter_close}, {"__tostring", segmenter_tostring}, {NULL, NULL}};
static const luaL_Reg segment_functions[] = {{"new", segmenter_new}, {"verify", dsL_verifylexicon}, {NULL, NULL}};

int dsL_open_segment(lua_State *L)
{
    dsL_open_lexicon(L);
    dsL_open_tokens(L);
    dsL_newclass(L, SEGMENTER, segmenter_methods, segmenter_meta);
    luaL_newlib(L, segment_functions);
    return 1;
}

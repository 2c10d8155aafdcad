/*
 * bind_tokens.c - ds.tokens, the tokens of a string, for Lua; see bind_tokens.h.
 *
 *   #toks   toks:get(i)     --> word, key, from, to, pos, class [, entity, entity_begins]
 *   toks:spans()            --> flat list of from, to
 *   toks:each()             --> iterator of {word, key, from, to, pos, class [, entity, entity_begins]}
 */
#include "bind_tokens.h"
#include "fold.h"
#include "limit.h"

#define TOKENS "ds.tokens"
#define POLL_MASK 4095 /* tokens between two looks at the limits */

typedef struct tokens_handle {
    ds_alloc alloc;
    ds_tokens v;
    const void *owner; /* kept by user value 1 */
    ds_str (*pos_name)(const void *owner, uint16_t pos);
} tokens_handle;

ds_tokens *dsL_newtokens(lua_State *L, int keep, int text, const void *owner,
                         ds_str (*pos_name)(const void *owner, uint16_t pos))
{
    keep = lua_absindex(L, keep);
    text = lua_absindex(L, text);
    tokens_handle *t = lua_newuserdatauv(L, sizeof *t, 2); /* user values: the owner, the string */
    t->alloc = dsL_alloc(L);
    t->owner = owner;
    t->pos_name = pos_name;
    ds_tokens_init(&t->v, &t->alloc);
    luaL_setmetatable(L, TOKENS);
    lua_pushvalue(L, keep);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, text);
    lua_setiuservalue(L, -2, 2);
    return &t->v;
}

static int tokens_close(lua_State *L)
{
    tokens_handle *t = luaL_checkudata(L, 1, TOKENS);
    ds_tokens_clear(&t->v);
    return 0;
}

static int tokens_len(lua_State *L)
{
    const tokens_handle *t = luaL_checkudata(L, 1, TOKENS);
    lua_pushinteger(L, (lua_Integer)t->v.count);
    return 1;
}

static int tokens_tostring(lua_State *L)
{
    const tokens_handle *t = luaL_checkudata(L, 1, TOKENS);
    lua_pushfstring(L, TOKENS " (%I)", (lua_Integer)t->v.count);
    return 1;
}

/* Pushes the folded form of a word.  [-0, +1, m] */
static void push_key(lua_State *L, ds_str word, ds_class cls)
{
    char small[256];
    if (cls == DS_CLASS_SPACE || cls == DS_CLASS_BAD) {
        lua_pushlstring(L, word.p, word.n);
        return;
    }
    size_t n = 0, i = 0;
    bool fits = true;
    while (i < word.n && fits) {
        uint32_t cp, folded[DS_FOLD_CP_MAX];
        i += ds_utf8_decode(word.p + i, word.n - i, &cp);
        size_t count = ds_fold_cp(cp, DS_FOLD_ALL, folded);
        fits = n + count * DS_UTF8_MAX <= sizeof small;
        for (size_t k = 0; k < count && fits; k++)
            n += ds_utf8_encode(folded[k], small + n);
    }
    if (fits) {
        lua_pushlstring(L, small, n);
        return;
    }
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (i = 0; i < word.n;) {
        uint32_t cp, folded[DS_FOLD_CP_MAX];
        i += ds_utf8_decode(word.p + i, word.n - i, &cp);
        size_t count = ds_fold_cp(cp, DS_FOLD_ALL, folded);
        for (size_t k = 0; k < count; k++)
            luaL_addlstring(&b, small, ds_utf8_encode(folded[k], small));
    }
    luaL_pushresult(&b);
}

/* Pushes word, key, from, to, pos, class of token i (from 0).  [-0, +6, m] */
static void push_token(lua_State *L, int arg, size_t i)
{
    const tokens_handle *t = lua_touserdata(L, arg);
    const ds_token *tok = &t->v.items[i];
    lua_getiuservalue(L, arg, 2);
    const char *text = lua_tostring(L, -1);
    ds_str word = {text + tok->beg, tok->end - tok->beg};
    lua_pushlstring(L, word.p, word.n);
    push_key(L, word, (ds_class)tok->cls);
    dsL_pushspan(L, tok->beg, tok->end);
    ds_str pos = t->pos_name(t->owner, tok->pos);
    lua_pushlstring(L, pos.p, pos.n);
    lua_pushstring(L, ds_class_name((ds_class)tok->cls));
    lua_remove(L, -7);
}

static int tokens_get(lua_State *L)
{
    const tokens_handle *t = luaL_checkudata(L, 1, TOKENS);
    lua_Integer i = luaL_checkinteger(L, 2);
    luaL_argcheck(L, i >= 1 && (lua_Unsigned)i <= t->v.count, 2, "no such token");
    push_token(L, 1, (size_t)i - 1);
    uint8_t entity = t->v.items[i - 1].entity;
    if (entity == DS_ENTITY_NONE)
        return 6;
    lua_pushstring(L, ds_entity_name(entity));
    lua_pushboolean(L, (entity & DS_ENTITY_BEGINS) != 0);
    return 8;
}

static int tokens_spans(lua_State *L)
{
    const tokens_handle *t = luaL_checkudata(L, 1, TOKENS);
    lua_createtable(L, (int)(2 * t->v.count), 0);
    for (size_t i = 0; i < t->v.count; i++) {
        if ((i & POLL_MASK) == POLL_MASK)
            dsL_limits_poll(L);
        dsL_pushspan(L, t->v.items[i].beg, t->v.items[i].end);
        lua_rawseti(L, -3, 2 * (lua_Integer)i + 2);
        lua_rawseti(L, -2, 2 * (lua_Integer)i + 1);
    }
    return 1;
}

/* Sets the entity fields of the record at the top, when the token has any.  [-0, +0, m] */
static void set_entity(lua_State *L, const ds_token *tok)
{
    if (tok->entity == DS_ENTITY_NONE)
        return;
    lua_pushstring(L, ds_entity_name(tok->entity));
    lua_setfield(L, -2, "entity");
    lua_pushboolean(L, (tok->entity & DS_ENTITY_BEGINS) != 0);
    lua_setfield(L, -2, "entity_begins");
}

static int tokens_step(lua_State *L)
{
    static const char *const fields[] = {"class", "pos", "to", "from", "key", "word"};
    const tokens_handle *t = lua_touserdata(L, lua_upvalueindex(1));
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
    if ((size_t)i >= t->v.count)
        return 0;
    lua_pushinteger(L, i + 1);
    lua_replace(L, lua_upvalueindex(2));
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_createtable(L, 0, 6);
    push_token(L, 1, (size_t)i);
    for (size_t k = 0; k < 6; k++)
        lua_setfield(L, 2, fields[k]);
    set_entity(L, &t->v.items[i]);
    return 1;
}

int dsL_eachtoken(lua_State *L)
{
    luaL_checkudata(L, 1, TOKENS);
    lua_settop(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, tokens_step, 2);
    return 1;
}

static const luaL_Reg tokens_methods[] = {
    {"get", tokens_get}, {"spans", tokens_spans}, {"each", dsL_eachtoken}, {NULL, NULL}};
static const luaL_Reg tokens_meta[] = {{"__gc", tokens_close},
                                       {"__close", tokens_close},
                                       {"__len", tokens_len},
                                       {"__tostring", tokens_tostring},
                                       {NULL, NULL}};

void dsL_open_tokens(lua_State *L)
{
    dsL_newclass(L, TOKENS, tokens_methods, tokens_meta);
}

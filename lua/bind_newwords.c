/*
 * bind_newwords.c - ds.c.newwords: strings that behave like words; lua/ds/newwords.lua knows which are new.
 *
 *   newwords.new{min=, longest=, cohesion=, entropy=} -> ds.newwords_counter; options as in core/newwords.h
 *   w:add(text)      the next text
 *   w:find()         -> list of {word, n, texts, first (number of a text, from 1), cohesion, left, right}
 *   w:size()         -> Han characters
 *   w:memory()       -> the most bytes held
 *   w:close()
 */
#include "bind.h"
#include "newwords.h"

#define COUNTER_CLASS "ds.newwords_counter"

typedef struct counter_handle {
    ds_alloc alloc;
    ds_newwords *words; /* NULL when closed */
    ds_buf text;        /* of the word that is being pushed */
} counter_handle;

static counter_handle *check_counter(lua_State *L)
{
    return luaL_checkudata(L, 1, COUNTER_CLASS);
}

static ds_newwords *live_counter(lua_State *L)
{
    counter_handle *h = check_counter(L);
    if (h->words == NULL)
        luaL_error(L, "attempt to use a closed " COUNTER_CLASS);
    return h->words;
}

/* Option `name` of the table at 1, a number not below 0; 0 when it is not given.  [-0, +0, e] */
static double number_option(lua_State *L, const char *name)
{
    int isnum;
    if (!lua_istable(L, 1) || lua_getfield(L, 1, name) == LUA_TNIL)
        return 0;
    double x = lua_tonumberx(L, -1, &isnum);
    if (!isnum || !(x >= 0 && x < 1e9))
        luaL_argerror(L, 1, lua_pushfstring(L, "option '%s' is a number not below 0", name));
    lua_pop(L, 1);
    return x;
}

static const char *const counter_options[] = {"min", "longest", "cohesion", "entropy", NULL};

/* [-0, +1, e] */
static int counter_new(lua_State *L)
{
    ds_error err;
    dsL_checkoptions(L, 1, counter_options);
    ds_newwords_options o = {(size_t)number_option(L, "min"), (size_t)number_option(L, "longest"), number_option(L, "cohesion"),
                             number_option(L, "entropy")};
    counter_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->words = NULL;
    h->alloc = dsL_alloc(L);
    ds_buf_init(&h->text, &h->alloc);
    luaL_setmetatable(L, COUNTER_CLASS);
    if (ds_newwords_new(&h->alloc, &o, &h->words, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 1;
}

/* [-0, +0, e] */
static int counter_close(lua_State *L)
{
    counter_handle *h = check_counter(L);
    ds_newwords_free(h->words);
    ds_buf_clear(&h->text);
    h->words = NULL;
    return 0;
}

/* [-0, +0, e] */
static int counter_add(lua_State *L)
{
    ds_error err;
    if (ds_newwords_add(live_counter(L), dsL_checkstr(L, 2), &err) != DS_OK)
        return dsL_raise(L, &err);
    return 0;
}

static void set_integer(lua_State *L, const char *name, uint32_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

static void set_float(lua_State *L, const char *name, double x)
{
    lua_pushnumber(L, x);
    lua_setfield(L, -2, name);
}

/* [-0, +1, e] */
static int counter_find(lua_State *L)
{
    ds_error err;
    const ds_newword *words;
    size_t n;
    ds_newwords *w = live_counter(L);
    ds_buf *text = &check_counter(L)->text;
    if (ds_newwords_find(w, &words, &n, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, n < INT32_MAX ? (int)n : 0, 0);
    for (size_t i = 0; i < n; i++) {
        ds_buf_reset(text);
        ds_newwords_text(w, &words[i], text);
        if (text->status != DS_OK)
            return luaL_error(L, "not enough memory");
        lua_createtable(L, 0, 7);
        lua_pushlstring(L, text->p, text->n);
        lua_setfield(L, -2, "word");
        set_integer(L, "n", words[i].count);
        set_integer(L, "texts", words[i].texts);
        set_integer(L, "first", words[i].first + 1);
        set_float(L, "cohesion", words[i].cohesion);
        set_float(L, "left", words[i].left);
        set_float(L, "right", words[i].right);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* [-0, +1, e] */
static int counter_size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_newwords_size(live_counter(L)));
    return 1;
}

/* [-0, +1, e] */
static int counter_memory(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_newwords_memory(live_counter(L)));
    return 1;
}

/* [-0, +1, e] */
static int counter_tostring(lua_State *L)
{
    lua_pushstring(L, check_counter(L)->words == NULL ? COUNTER_CLASS " (closed)" : COUNTER_CLASS);
    return 1;
}

static const luaL_Reg counter_methods[] = {
    {"add", counter_add},       {"find", counter_find},   {"size", counter_size},
    {"memory", counter_memory}, {"close", counter_close}, {NULL, NULL},
};

static const luaL_Reg counter_meta[] = {
    {"__gc", counter_close}, {"__close", counter_close}, {"__tostring", counter_tostring}, {NULL, NULL},
};

static const luaL_Reg newwords_functions[] = {{"new", counter_new}, {NULL, NULL}};

/* [-0, +1, m] */
int dsL_open_newwords(lua_State *L)
{
    dsL_newclass(L, COUNTER_CLASS, counter_methods, counter_meta);
    luaL_newlib(L, newwords_functions);
    return 1;
}

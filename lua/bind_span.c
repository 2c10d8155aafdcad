/*
 * bind_span.c - ds.c.span: paragraphs, sentences, quotations; lua/ds/spans.lua makes iterators of them.
 *
 *   span.paragraphs(s) -> {from, to, from, to, ...}    flat
 *   span.sentences(s)  -> {from, to, from, to, ...}
 *   span.quotations(s) -> {{from=, to=, inner_from=, inner_to=, open=, depth=, closed=}, ...}
 *       by from; open: the opening mark; depth: 0 outermost; inner_to = inner_from - 1: nothing inside
 *
 * from, to are bytes from 1, both included.  No function fails on bad UTF-8.
 */
#include "bind.h"
#include "span.h"

/* Results on their way to Lua, in a userdata so that an error frees them. */
#define SPANS_CLASS "ds.span_results"

typedef struct results_handle {
    ds_alloc alloc;
    ds_spans spans;
    ds_quotations quotations;
} results_handle;

/* [-0, +0, e] */
static int results_gc(lua_State *L)
{
    results_handle *h = luaL_checkudata(L, 1, SPANS_CLASS);
    ds_spans_clear(&h->spans);
    ds_quotations_clear(&h->quotations);
    return 0;
}

/* [-0, +1, m] */
static results_handle *push_results(lua_State *L)
{
    results_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = dsL_alloc(L);
    ds_spans_init(&h->spans, &h->alloc);
    ds_quotations_init(&h->quotations, &h->alloc);
    luaL_setmetatable(L, SPANS_CLASS);
    return h;
}

/* Calls `find` on the string at 1 and pushes the flat list.  [-0, +2, e] */
static int push_flat(lua_State *L, ds_status (*find)(ds_str, ds_spans *, ds_error *))
{
    ds_error err;
    ds_str text = dsL_checkstr(L, 1);
    ds_spans *v = &push_results(L)->spans;
    if (find(text, v, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, v->count < 1000000 ? (int)v->count * 2 : 0, 0);
    lua_Integer at = 0;
    for (size_t i = 0; i < v->count; i++) {
        dsL_pushspan(L, v->items[i].beg, v->items[i].end);
        lua_rawseti(L, -3, at + 2);
        lua_rawseti(L, -2, at + 1);
        at += 2;
    }
    ds_spans_clear(v);
    return 1;
}

/* [-0, +1, e] */
static int span_paragraphs(lua_State *L)
{
    return push_flat(L, ds_span_paragraphs);
}

/* [-0, +1, e] */
static int span_sentences(lua_State *L)
{
    return push_flat(L, ds_span_sentences);
}

static void set_span(lua_State *L, ds_span span, const char *from, const char *to)
{
    dsL_pushspan(L, span.beg, span.end);
    lua_setfield(L, -3, to);
    lua_setfield(L, -2, from);
}

/* [-0, +1, m] */
static void push_quotation(lua_State *L, const ds_quotation *q)
{
    char mark[DS_UTF8_MAX];
    lua_createtable(L, 0, 7);
    set_span(L, q->outer, "from", "to");
    set_span(L, q->inner, "inner_from", "inner_to");
    lua_pushlstring(L, mark, ds_utf8_encode(q->open, mark));
    lua_setfield(L, -2, "open");
    lua_pushinteger(L, (lua_Integer)q->depth);
    lua_setfield(L, -2, "depth");
    lua_pushboolean(L, q->closed);
    lua_setfield(L, -2, "closed");
}

/* [-0, +1, e] */
static int span_quotations(lua_State *L)
{
    ds_error err;
    ds_str text = dsL_checkstr(L, 1);
    ds_quotations *v = &push_results(L)->quotations;
    if (ds_span_quotations(text, v, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_createtable(L, v->count < 1000000 ? (int)v->count : 0, 0);
    for (size_t i = 0; i < v->count; i++) {
        push_quotation(L, &v->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    ds_quotations_clear(v);
    return 1;
}

static const luaL_Reg results_methods[] = {{NULL, NULL}};
static const luaL_Reg results_meta[] = {{"__gc", results_gc}, {NULL, NULL}};

static const luaL_Reg span_functions[] = {
    {"paragraphs", span_paragraphs}, {"sentences", span_sentences}, {"quotations", span_quotations}, {NULL, NULL},
};

/* [-0, +1, m] */
int dsL_open_span(lua_State *L)
{
    dsL_newclass(L, SPANS_CLASS, results_methods, results_meta);
    luaL_newlib(L, span_functions);
    return 1;
}

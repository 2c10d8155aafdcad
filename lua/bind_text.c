/*
 * bind_text.c - ds.text, a view of a string that computes its lengths, offsets and sentences once; and batch forms.
 *
 *   text(s)                -> view
 *   #t, t:len()            -> code points          t:glen() -> grapheme clusters       t:string() -> s
 *   t:byte(k)              -> from, to: the bytes of character k (negative: from the end); k = #t + 1 gives the empty
 *                             range behind the text; nil when there is no such character
 *   t:char(byte)           -> the character that the byte belongs to; #t + 1 for #s + 1; nil elsewhere
 *   t:sub(i [, j])         -> characters i to j, as ds.utf8.sub
 *   t:sentences()          -> iterator: from, to           t:paragraphs() likewise
 *   t:sentence_at(byte)    -> from, to of the sentence that holds the byte; nil between sentences
 *   t:paragraph_at(byte)   -> the same for paragraphs
 *   offsets(s, out)        -> n; out[k] = byte where character k starts
 *   sentences_into(s, out) -> n; out[2k-1], out[2k] = from, to of sentence k
 *                             Both write into the table given and end it behind what they wrote.
 *   cpu()                  -> "avx2" | "neon" | "portable": the vector code in use; and, when DS_CPU asks for what there
 *                             is not, a message
 *
 * Bytes from 1, both ends included.  No function fails on bad UTF-8.
 */
#include "bind.h"
#include "cpu.h"
#include "textview.h"

#define TEXT_CLASS "ds.text"

typedef struct text_handle {
    ds_text *view; /* of the string in user value 1; NULL when closed */
} text_handle;

/* [-0, +0, e] */
static text_handle *check_text(lua_State *L, int arg)
{
    return luaL_checkudata(L, arg, TEXT_CLASS);
}

/* [-0, +0, e] */
static ds_text *live_text(lua_State *L, int arg)
{
    text_handle *h = check_text(L, arg);
    if (h->view == NULL)
        luaL_error(L, "attempt to use a closed " TEXT_CLASS);
    return h->view;
}

/* A view of the string at `arg`.  [-0, +1, e] */
static ds_text *push_text(lua_State *L, int arg)
{
    ds_error err;
    ds_alloc a = dsL_alloc(L);
    ds_str s = dsL_checkstr(L, arg);
    text_handle *h = lua_newuserdatauv(L, sizeof *h, 1);
    h->view = NULL;
    luaL_setmetatable(L, TEXT_CLASS);
    lua_pushvalue(L, arg);
    lua_setiuservalue(L, -2, 1);
    if (ds_text_new(&a, s, &h->view, &err) != DS_OK)
        dsL_raise(L, &err);
    return h->view;
}

/* [-0, +1, e] */
static int text_new(lua_State *L)
{
    push_text(L, 1);
    return 1;
}

/* [-0, +0, -] */
static void close_view(text_handle *h)
{
    ds_text_free(h->view);
    h->view = NULL;
}

/* __gc, __close and close: may be called any number of times.  [-0, +0, e] */
static int text_close(lua_State *L)
{
    close_view(check_text(L, 1));
    return 0;
}

/* ------------------------------------------------------------------ numbers and offsets */

/* [-0, +1, e] */
static int text_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_text_count(live_text(L, 1)));
    return 1;
}

/* [-0, +1, e] */
static int text_glen(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_text_gcount(live_text(L, 1)));
    return 1;
}

/* [-0, +1, e] */
static int text_string(lua_State *L)
{
    live_text(L, 1);
    lua_getiuservalue(L, 1, 1);
    return 1;
}

/* Argument `arg` as a place in 1 .. n + 1 (negative: from the end), from 0.  False: outside.  [-0, +0, e] */
static bool check_place(lua_State *L, int arg, size_t n, size_t *place)
{
    lua_Integer i = luaL_checkinteger(L, arg), len = (lua_Integer)n;
    if (i < 0 && i >= -len)
        i += len + 1;
    if (i < 1 || i > len + 1)
        return false;
    *place = (size_t)i - 1;
    return true;
}

/* [-0, +1|2, e] */
static int text_byte(lua_State *L)
{
    ds_text *t = live_text(L, 1);
    ds_str s = ds_text_str(t);
    size_t k, off;
    uint32_t cp;
    if (!check_place(L, 2, ds_text_count(t), &k)) {
        luaL_pushfail(L);
        return 1;
    }
    off = ds_text_offset(t, k);
    dsL_pushspan(L, off, off < s.n ? off + ds_utf8_decode(s.p + off, s.n - off, &cp) : off);
    return 2;
}

/* [-0, +1, e] */
static int text_char(lua_State *L)
{
    ds_text *t = live_text(L, 1);
    size_t off;
    if (check_place(L, 2, ds_text_str(t).n, &off))
        lua_pushinteger(L, (lua_Integer)ds_text_cp(t, off) + 1);
    else
        luaL_pushfail(L);
    return 1;
}

/* [-0, +1, e] */
static int text_sub(lua_State *L)
{
    ds_text *t = live_text(L, 1);
    size_t beg, end;
    luaL_checkinteger(L, 2);
    dsL_checkrange(L, 2, ds_text_count(t), &beg, &end);
    size_t from = ds_text_offset(t, beg), to = end > beg ? ds_text_offset(t, end) : from;
    lua_pushlstring(L, to > from ? ds_text_str(t).p + from : "", to - from);
    return 1;
}

/* ------------------------------------------------------------------ sentences and paragraphs */

typedef ds_status text_table(ds_text *t, const ds_spans **out, ds_error *err);

/* [-0, +0, e] */
static const ds_spans *get_table(lua_State *L, ds_text *t, text_table *table)
{
    ds_error err;
    const ds_spans *spans;
    if (table(t, &spans, &err) != DS_OK)
        dsL_raise(L, &err);
    return spans;
}

/* Upvalues: the view, which span comes next.  [-0, +0|2, e] */
static int next_span(lua_State *L, text_table *table)
{
    const ds_spans *spans = get_table(L, live_text(L, lua_upvalueindex(1)), table);
    size_t i = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    if (i >= spans->count)
        return 0;
    lua_pushinteger(L, (lua_Integer)i + 1);
    lua_replace(L, lua_upvalueindex(2));
    dsL_pushspan(L, spans->items[i].beg, spans->items[i].end);
    return 2;
}

/* [-0, +0|2, e] */
static int next_sentence(lua_State *L)
{
    return next_span(L, ds_text_sentences);
}

/* [-0, +0|2, e] */
static int next_paragraph(lua_State *L)
{
    return next_span(L, ds_text_paragraphs);
}

/* [-0, +1, e] */
static int push_span_iterator(lua_State *L, lua_CFunction next)
{
    live_text(L, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next, 2);
    return 1;
}

/* [-0, +1, e] */
static int text_sentences(lua_State *L)
{
    return push_span_iterator(L, next_sentence);
}

/* [-0, +1, e] */
static int text_paragraphs(lua_State *L)
{
    return push_span_iterator(L, next_paragraph);
}

/* [-0, +1|2, e] */
static int span_at(lua_State *L, text_table *table)
{
    ds_text *t = live_text(L, 1);
    size_t off;
    if (check_place(L, 2, ds_text_str(t).n, &off)) {
        const ds_spans *spans = get_table(L, t, table);
        size_t i = ds_text_span_at(spans, off);
        if (i < spans->count && spans->items[i].beg <= off) {
            dsL_pushspan(L, spans->items[i].beg, spans->items[i].end);
            return 2;
        }
    }
    luaL_pushfail(L);
    return 1;
}

/* [-0, +1|2, e] */
static int text_sentence_at(lua_State *L)
{
    return span_at(L, ds_text_sentences);
}

/* [-0, +1|2, e] */
static int text_paragraph_at(lua_State *L)
{
    return span_at(L, ds_text_paragraphs);
}

/* ------------------------------------------------------------------ batch forms */

/* Ends the list at 2 behind its first n entries.  [-0, +0, e] */
static void end_list(lua_State *L, lua_Integer n)
{
    for (;;) {
        bool there = lua_rawgeti(L, 2, ++n) != LUA_TNIL;
        lua_pop(L, 1);
        if (!there)
            return;
        lua_pushnil(L);
        lua_rawseti(L, 2, n);
    }
}

/* [-0, +1, e] */
static int batch_offsets(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    lua_Integer n = 0;
    uint32_t cp;
    luaL_checktype(L, 2, LUA_TTABLE);
    for (size_t off = 0; off < s.n; off += ds_utf8_decode(s.p + off, s.n - off, &cp)) {
        lua_pushinteger(L, (lua_Integer)off + 1);
        lua_rawseti(L, 2, ++n);
    }
    end_list(L, n);
    lua_pushinteger(L, n);
    return 1;
}

/* [-0, +1, e] */
static int batch_sentences(lua_State *L)
{
    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    const ds_spans *spans = get_table(L, push_text(L, 1), ds_text_sentences);
    size_t count = spans->count;
    for (size_t i = 0; i < count; i++) {
        dsL_pushspan(L, spans->items[i].beg, spans->items[i].end);
        lua_rawseti(L, 2, (lua_Integer)i * 2 + 2);
        lua_rawseti(L, 2, (lua_Integer)i * 2 + 1);
    }
    close_view(lua_touserdata(L, 3));
    end_list(L, (lua_Integer)count * 2);
    lua_pushinteger(L, (lua_Integer)count);
    return 1;
}

/* [-0, +1|2, m] */
static int text_cpu(lua_State *L)
{
    ds_error err;
    lua_pushstring(L, ds_cpu_name(ds_cpu_active()));
    if (ds_cpu_status(&err) == DS_OK)
        return 1;
    lua_pushstring(L, err.msg);
    return 2;
}

/* [-0, +1, e] */
static int text_tostring(lua_State *L)
{
    const text_handle *h = check_text(L, 1);
    if (h->view == NULL)
        lua_pushliteral(L, TEXT_CLASS " (closed)");
    else
        lua_pushfstring(L, TEXT_CLASS " (%I bytes)", (LUAI_UACINT)ds_text_str(h->view).n);
    return 1;
}

static const luaL_Reg text_methods[] = {
    {"len", text_len},
    {"glen", text_glen},
    {"string", text_string},
    {"byte", text_byte},
    {"char", text_char},
    {"sub", text_sub},
    {"sentences", text_sentences},
    {"paragraphs", text_paragraphs},
    {"sentence_at", text_sentence_at},
    {"paragraph_at", text_paragraph_at},
    {"close", text_close},
    {NULL, NULL},
};

static const luaL_Reg text_meta[] = {
    {"__len", text_len}, {"__tostring", text_tostring}, {"__gc", text_close}, {"__close", text_close}, {NULL, NULL},
};

static const luaL_Reg text_functions[] = {
    {"text", text_new}, {"offsets", batch_offsets}, {"sentences_into", batch_sentences}, {"cpu", text_cpu}, {NULL, NULL},
};

/* [-0, +1, m] */
int dsL_open_text(lua_State *L)
{
    dsL_newclass(L, TEXT_CLASS, text_methods, text_meta);
    luaL_newlib(L, text_functions);
    return 1;
}

/*
 * bind_html.c - ds.c.html: pages of HTML.
 *
 *   parse(s)         -> page | nil, message
 *   page:elements()  -> tags, parents, attributes    three lists; a parent is an index or 0, attributes a table or
 *                       false.  Of a title and a script of JSON-LD, attributes.text is the content.
 *   page:blocks()    -> elements, chars, link_chars, marks    four lists, see bind_htmltree.h
 *   page:text(list)  -> text, map    the clean text of the blocks whose numbers are listed, a line each (see
 *                       bind_clean.h), and the way back to the source
 *
 * White space is one space, and none between two wide characters where the source has a line break.
 */
#include "bind_htmltree.h"

#include <string.h>

#include "bind_clean.h"
#include "utf8.h"

#define PAGE_CLASS "ds.html.page"

static dsL_page *check_page(lua_State *L)
{
    return luaL_checkudata(L, 1, PAGE_CLASS);
}

static int page_gc(lua_State *L)
{
    dsL_page_clear(check_page(L));
    return 0;
}

static int html_parse(lua_State *L)
{
    ds_str src = dsL_checkstr(L, 1);
    const char *why = NULL;
    ds_alloc a = dsL_alloc(L);
    luaL_argcheck(L, ds_utf8_valid(src, NULL), 1, "UTF-8 is wanted");
    dsL_page *page = lua_newuserdatauv(L, sizeof *page, 1);
    memset(page, 0, sizeof *page);
    page->alloc = a;
    luaL_setmetatable(L, PAGE_CLASS);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    ds_status status = dsL_page_parse(page, &a, src, &why);
    if (status == DS_ENOMEM)
        return luaL_error(L, "not enough memory");
    if (status == DS_OK)
        return 1;
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
}

/* ------------------------------------------------------------------ elements, blocks */

/* The text inside an element that holds nothing but text.  [-0, +1, m] */
static void push_content(lua_State *L, const GumboElement *e)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (unsigned i = 0; i < e->children.length; i++) {
        const GumboNode *n = e->children.data[i];
        if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE || n->type == GUMBO_NODE_CDATA)
            luaL_addstring(&b, n->v.text.text);
    }
    luaL_pushresult(&b);
}

static bool has_content(const GumboElement *e)
{
    const GumboAttribute *type;
    if (e->tag == GUMBO_TAG_TITLE)
        return true;
    return e->tag == GUMBO_TAG_SCRIPT && (type = gumbo_get_attribute(&e->attributes, "type")) != NULL &&
           strstr(type->value, "ld+json") != NULL;
}

/* [-0, +1, m] */
static void push_attributes(lua_State *L, const GumboElement *e)
{
    bool content = has_content(e);
    if (e->attributes.length == 0 && !content) {
        lua_pushboolean(L, 0);
        return;
    }
    lua_newtable(L);
    for (unsigned i = 0; i < e->attributes.length; i++) {
        const GumboAttribute *a = e->attributes.data[i];
        lua_pushstring(L, a->value);
        lua_setfield(L, -2, a->name);
    }
    if (content) {
        push_content(L, e);
        lua_setfield(L, -2, "text");
    }
}

static int page_elements(lua_State *L)
{
    dsL_page *p = check_page(L);
    int n = p->element_count < 1 << 20 ? (int)p->element_count : 0;
    lua_createtable(L, n, 0);
    lua_createtable(L, n, 0);
    lua_createtable(L, n, 0);
    int tags = lua_gettop(L) - 2;
    for (size_t i = 0; i < p->element_count; i++) {
        const GumboElement *e = &p->elements[i].node->v.element;
        lua_pushstring(L, gumbo_normalized_tagname(e->tag));
        lua_rawseti(L, tags, (lua_Integer)i + 1);
        lua_pushinteger(L, p->elements[i].parent == DSL_NO_ELEMENT ? 0 : (lua_Integer)p->elements[i].parent + 1);
        lua_rawseti(L, tags + 1, (lua_Integer)i + 1);
        push_attributes(L, e);
        lua_rawseti(L, tags + 2, (lua_Integer)i + 1);
    }
    return 3;
}

static void set_number(lua_State *L, int table, size_t i, size_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_rawseti(L, table, (lua_Integer)i + 1);
}

static int page_blocks(lua_State *L)
{
    dsL_page *p = check_page(L);
    int first = lua_gettop(L) + 1, n = p->block_count < 1 << 20 ? (int)p->block_count : 0;
    for (int k = 0; k < 4; k++)
        lua_createtable(L, n, 0);
    for (size_t i = 0; i < p->block_count; i++) {
        const dsL_block *b = &p->blocks[i];
        set_number(L, first, i, b->element == DSL_NO_ELEMENT ? 0 : b->element + 1);
        set_number(L, first + 1, i, b->chars);
        set_number(L, first + 2, i, b->link_chars);
        set_number(L, first + 3, i, b->marks);
    }
    return 4;
}

/* ------------------------------------------------------------------ text */

typedef struct html_text {
    dsL_clean *c;
    size_t space, space_end; /* white space of the source that is due */
    bool spaced, broken;     /* there is some; with a line break in it */
    uint32_t last;           /* the character before it; 0 at the start of a line */
} html_text;

static bool is_wide(uint32_t cp)
{
    return (cp >= 0x2E80 && cp <= 0xA4CF) || (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0xFE30 && cp <= 0xFE4F) ||
           (cp >= 0xFF00 && cp <= 0xFFEF) || (cp >= 0x20000 && cp <= 0x3FFFF) || cp == 0x201C || cp == 0x201D ||
           cp == 0x2018 || cp == 0x2019 || cp == 0x2014 || cp == 0x2026;
}

static void put_line_end(html_text *t)
{
    dsL_clean_break(t->c);
    t->spaced = t->broken = false;
    t->last = 0;
}

static void note_space(html_text *t, char c, size_t beg, size_t end)
{
    if (!t->spaced)
        t->space = beg;
    t->space_end = end;
    t->spaced = true;
    t->broken = t->broken || c == '\n' || c == '\r';
}

static void put_char(html_text *t, const char *p, size_t n, uint32_t cp, size_t beg, size_t end)
{
#ifdef DS_PLANT_HTML /* a bug that fuzzing must find, `make fuzz`: a line break counts one byte too many */
    t->space_end += t->broken;
#endif
    if (t->spaced && t->last != 0 && !(t->broken && is_wide(t->last) && is_wide(cp)))
        dsL_clean_atom(t->c, " ", 1, t->space, t->space_end);
    t->spaced = t->broken = false;
    t->last = cp;
    if (end - beg == n && memcmp(t->c->src.p + beg, p, n) == 0)
        dsL_clean_copy(t->c, beg, end);
    else
        dsL_clean_atom(t->c, p, n, beg, end);
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Bytes of the character reference that begins at p; 1 when it is only an ampersand. */
static size_t reference_length(const char *p, size_t n)
{
    size_t at = 1;
    if (at < n && p[at] == '#')
        at++;
    while (at < n && at < 40 && is_alphanumeric(p[at]))
        at++;
    return at > 1 && at < n && p[at] == ';' ? at + 1 : at;
}

/* Whether an ampersand of the text is written as a reference at p. */
static bool is_reference_to_amp(const char *p, size_t n)
{
    static const char *const forms[] = {"&amp", "&AMP", "&#38", "&#x26", "&#X26", "&#038"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (n >= strlen(forms[i]) && memcmp(p, forms[i], strlen(forms[i])) == 0)
            return true;
    return false;
}

/* How many bytes of the source, raw[at..n), stand for the character of `len` bytes at p; passes over tags in *at that
 * the parser ignored.  When the two cannot be brought together, all that is left. */
static size_t source_length(ds_str raw, size_t *at, const char *p, size_t len)
{
    while (*at < raw.n) {
        const char *r = raw.p + *at;
        size_t left = raw.n - *at;
        if (*r == '&' && (*p != '&' || is_reference_to_amp(r, left)))
            return reference_length(r, left);
        if (left >= len && memcmp(r, p, len) == 0)
            return len;
        if (*r == '\r' && *p == '\n')
            return left > 1 && r[1] == '\n' ? 2 : 1;
        const char *close = *r == '<' ? memchr(r, '>', left) : NULL;
        if (close == NULL)
            return left;
        *at = (size_t)(close - raw.p) + 1;
    }
    return 0;
}

/* Where the node stands in the source; an empty range where it is not known. */
static size_t place_of(const html_text *t, const GumboText *text, ds_str *raw)
{
    const char *p = text->original_text.data;
    ds_str src = t->c->src;
    size_t off = p != NULL && p >= src.p && p <= src.p + src.n ? (size_t)(p - src.p) : src.n;
    bool known = off >= t->c->src_end && off <= src.n && text->original_text.length <= src.n - off;
    if (!known)
        off = t->c->src_end;
    *raw = (ds_str){src.p + off, known ? text->original_text.length : 0};
    return off;
}

static void put_text_node(html_text *t, const GumboNode *n, bool pre)
{
    ds_str raw;
    const char *text = n->v.text.text;
    size_t off = place_of(t, &n->v.text, &raw), len = strlen(text), at = 0, rest = 0;
    for (size_t i = 0; i < len; i += rest) {
        uint32_t cp;
        rest = ds_utf8_decode(text + i, len - i, &cp);
        size_t taken = source_length(raw, &at, text + i, rest), beg = off + at, end = off + at + taken;
        at += taken;
        bool blank = cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == '\f';
        if (blank && pre && cp == '\n')
            put_line_end(t);
        else if (blank && !pre)
            note_space(t, text[i], beg, end);
        else
            put_char(t, text + i, rest, cp, beg, end);
    }
}

static void put_block(html_text *t, const dsL_page *p, const dsL_block *b, bool behind)
{
    if (b->joined && behind && t->last != 0)
        note_space(t, ' ', t->c->src_end, t->c->src_end);
    else
        put_line_end(t);
    for (size_t i = b->run; i < b->run_end; i++) {
        t->c->keep = p->runs[i].pre;
        if (p->runs[i].node == NULL)
            put_line_end(t);
        else
            put_text_node(t, p->runs[i].node, p->runs[i].pre);
    }
    t->c->keep = false;
}

static void put_blocks(lua_State *L, html_text *t, const dsL_page *p)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, 2), last = 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 2, i);
        lua_Integer k = luaL_checkinteger(L, -1);
        luaL_argcheck(L, k > last && (size_t)k <= p->block_count, 2, "numbers of blocks, ascending, are wanted");
        lua_pop(L, 1);
        put_block(t, p, &p->blocks[k - 1], k == last + 1);
        last = k;
    }
}

static int page_text(lua_State *L)
{
    dsL_page *p = check_page(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    html_text t = {.c = dsL_clean_push(L)};
    t.c->src = p->src;
    put_blocks(L, &t, p);
    if (dsL_clean_finish(t.c) != DS_OK)
        return luaL_error(L, "not enough memory");
    dsL_clean_pushtext(L, t.c);
    lua_insert(L, -2);
    return 2;
}

static const luaL_Reg page_methods[] = {
    {"elements", page_elements}, {"blocks", page_blocks}, {"text", page_text}, {NULL, NULL},
};
static const luaL_Reg page_meta[] = {{"__gc", page_gc}, {"__close", page_gc}, {NULL, NULL}};
static const luaL_Reg html_functions[] = {{"parse", html_parse}, {NULL, NULL}};

int dsL_open_html(lua_State *L)
{
    dsL_newclass(L, PAGE_CLASS, page_methods, page_meta);
    luaL_newlib(L, html_functions);
    return 1;
}

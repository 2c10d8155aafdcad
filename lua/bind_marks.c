/*
 * bind_marks.c - the words of lexicons in a sentence, with whether they are words where they stand.
 *
 *   f = marks.new(segmenter, matcher, free)   matcher: of the lexicons; free: for each of its terms, how many bytes make it
 *                                             speak for itself where it is no word
 *   f:find(s, own)  --> { from, to, term, whole, clause, … }, { start of each clause }
 *       flat, by from, then the longer first.  own: another matcher, of names that change from question to question.
 *       term: > 0 of the matcher, < 0: -term of `own`, 0: a person's name that the segmenter sees.
 *       whole: 1 when a word begins at `from` and one ends at `to`, else 0.  clause: its number from 1.
 *
 * Hits that begin or end within a Latin word or a number are left out (Musk, not Muskrat), and terms shorter than `free` that
 * are no words.  Clauses end at ， ； ： 。 ！ ？ — — …, their ASCII forms (not between digits) and line ends.
 */
#include <stdlib.h>
#include <string.h>

#include "bind_match.h"
#include "bind_segment.h"

#define FINDER "ds.c.marks"

typedef struct hit {
    uint32_t beg, end;
    int64_t term;
    lua_Integer clause;
    bool whole;
} hit;

typedef struct finder {
    ds_alloc alloc;
    ds_tokens tokens;
    ds_hits hits;
    hit *found;
    size_t count, cap;
    uint8_t *free; /* by term */
    size_t terms;
} finder;

enum { OF_SEGMENTER = 1, OF_MATCHER };
enum { NAME_LEAST = 6 }; /* bytes of a person's name */

static int finder_gc(lua_State *L)
{
    finder *f = luaL_checkudata(L, 1, FINDER);
    ds_tokens_clear(&f->tokens);
    ds_hits_clear(&f->hits);
    ds_mfree(&f->alloc, f->found, f->cap * sizeof *f->found);
    ds_mfree(&f->alloc, f->free, f->terms);
    f->found = NULL;
    f->free = NULL;
    f->cap = f->terms = 0;
    return 0;
}

/* [-0, +1, e] */
static int finder_new(lua_State *L)
{
    dsL_checksegmenter(L, 1);
    size_t terms = ds_matcher_terms(dsL_checkmatcher(L, 2));
    luaL_checktype(L, 3, LUA_TTABLE);
    finder *f = lua_newuserdatauv(L, sizeof *f, 2);
    *f = (finder){.alloc = dsL_alloc(L)};
    ds_tokens_init(&f->tokens, &f->alloc);
    ds_hits_init(&f->hits, &f->alloc);
    luaL_setmetatable(L, FINDER);
    f->free = ds_calloc(&f->alloc, terms + 1, 1);
    if (f->free == NULL)
        return luaL_error(L, "not enough memory");
    f->terms = terms + 1;
    for (size_t i = 0; i < terms; i++) {
        lua_Integer n = (lua_rawgeti(L, 3, (lua_Integer)i + 1), lua_tointeger(L, -1));
        f->free[i] = (uint8_t)(n < 0 ? 0 : n > 255 ? 255 : n);
        lua_pop(L, 1);
    }
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, OF_SEGMENTER);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, OF_MATCHER);
    return 1;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool cuts_word(ds_str s, size_t beg, size_t end)
{
    return (beg > 0 && is_alnum(s.p[beg]) && is_alnum(s.p[beg - 1])) ||
           (end < s.n && is_alnum(s.p[end - 1]) && is_alnum(s.p[end]));
}

static void add(lua_State *L, finder *f, size_t beg, size_t end, int64_t term, bool whole)
{
    if (ds_grow(&f->alloc, (void **)&f->found, &f->cap, f->count + 1, sizeof *f->found) != DS_OK)
        luaL_error(L, "not enough memory");
    f->found[f->count++] = (hit){(uint32_t)beg, (uint32_t)end, term, 0, whole};
}

/* The token that begins at `at` or behind it, from token i on. */
static size_t token_from(const ds_tokens *t, size_t i, size_t at)
{
    while (i < t->count && t->items[i].beg < at)
        i++;
    return i;
}

static bool is_whole(const ds_tokens *t, size_t i, size_t beg, size_t end)
{
    if (i >= t->count || t->items[i].beg != beg)
        return false;
    while (i < t->count && t->items[i].end < end)
        i++;
    return i < t->count && t->items[i].end == end;
}

static void add_hits(lua_State *L, finder *f, const ds_matcher *m, ds_str s, int sign)
{
    ds_error err;
    f->hits.count = 0;
    if (ds_match_all(m, s, &f->hits, &err) != DS_OK)
        dsL_raise(L, &err);
    for (size_t i = 0, tok = 0; i < f->hits.count; i++) {
        const ds_hit *h = &f->hits.items[i];
        tok = token_from(&f->tokens, tok, h->beg);
        bool whole = is_whole(&f->tokens, tok, h->beg, h->end);
        if (!whole && sign > 0 && h->end - h->beg < f->free[h->term])
            continue;
        if (!cuts_word(s, h->beg, h->end))
            add(L, f, h->beg, h->end, sign * ((int64_t)h->term + 1), whole);
    }
}

static void add_people(lua_State *L, finder *f, const ds_segmenter *seg)
{
    for (size_t i = 0; i < f->tokens.count; i++) {
        const ds_token *t = &f->tokens.items[i];
        if (t->cls != DS_CLASS_HAN || t->end - t->beg < NAME_LEAST)
            continue;
        ds_str pos = ds_segment_pos_name(seg, t->pos);
        if (pos.n >= 2 && pos.p[0] == 'n' && pos.p[1] == 'r')
            add(L, f, t->beg, t->end, 0, true);
    }
}

static int by_place(const void *a, const void *b)
{
    const hit *x = a, *y = b;
    if (x->beg != y->beg)
        return x->beg < y->beg ? -1 : 1;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return (x->term > y->term) - (x->term < y->term);
}

static bool is_digit_at(ds_str s, size_t i)
{
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* Bytes of a mark at i that ends a clause; 0: there is none. */
static size_t break_at(ds_str s, size_t i)
{
    const unsigned char *p = (const unsigned char *)s.p + i;
    if (*p < 0x80) {
        if (*p != ',' && *p != ';' && *p != ':' && *p != '!' && *p != '?' && *p != '\n')
            return 0;
        return i > 0 && is_digit_at(s, i - 1) && is_digit_at(s, i + 1) ? 0 : 1;
    }
    if (s.n - i < 3 || (*p != 0xEF && *p != 0xE3 && *p != 0xE2))
        return 0;
    if (p[0] == 0xEF && p[1] == 0xBC && (p[2] == 0x8C || p[2] == 0x9B || p[2] == 0x9A || p[2] == 0x81 || p[2] == 0x9F))
        return 3;
    if (p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x82)
        return 3;
    if (p[0] == 0xE2 && p[1] == 0x80 && p[2] == 0xA6)
        return 3;
    return s.n - i >= 6 && memcmp(p, "\xE2\x80\x94\xE2\x80\x94", 6) == 0 ? 6 : 0;
}

/* Pushes where clauses start, and gives each hit its clause. */
static void push_clauses(lua_State *L, finder *f, ds_str s)
{
    size_t k = 0;
    lua_Integer clause = 1;
    lua_createtable(L, 8, 0);
    lua_pushinteger(L, 1);
    lua_rawseti(L, -2, 1);
    for (size_t i = 0; i < s.n;) {
        size_t n = break_at(s, i);
        i += n > 0 ? n : 1;
        if (n == 0)
            continue;
        for (; k < f->count && f->found[k].beg < i; k++)
            f->found[k].clause = clause;
        clause++;
        lua_pushinteger(L, (lua_Integer)i + 1);
        lua_rawseti(L, -2, clause);
    }
    for (; k < f->count; k++)
        f->found[k].clause = clause;
}

/* [-0, +2, e] */
static int finder_find(lua_State *L)
{
    finder *f = luaL_checkudata(L, 1, FINDER);
    ds_str s = dsL_checkstr(L, 2);
    const ds_matcher *own = dsL_checkmatcher(L, 3);
    ds_error err;
    lua_settop(L, 3);
    lua_getiuservalue(L, 1, OF_SEGMENTER);
    lua_getiuservalue(L, 1, OF_MATCHER);
    const ds_segmenter *seg = dsL_checksegmenter(L, 4);
    f->tokens.count = f->count = 0;
    if (ds_segment(seg, s, &f->tokens, &err) != DS_OK)
        return dsL_raise(L, &err);
    add_hits(L, f, dsL_checkmatcher(L, 5), s, 1);
    add_hits(L, f, own, s, -1);
    add_people(L, f, seg);
    if (f->count > 1)
        qsort(f->found, f->count, sizeof *f->found, by_place);
    push_clauses(L, f, s);
    lua_createtable(L, f->count < 1 << 20 ? (int)f->count * 5 : 0, 0);
    for (size_t i = 0; i < f->count; i++) {
        const hit *h = &f->found[i];
        const lua_Integer row[] = {(lua_Integer)h->beg + 1, (lua_Integer)h->end, (lua_Integer)h->term, h->whole, h->clause};
        for (size_t k = 0; k < 5; k++) {
            lua_pushinteger(L, row[k]);
            lua_rawseti(L, -2, (lua_Integer)(5 * i + k) + 1);
        }
    }
    lua_insert(L, -2);
    return 2;
}

static const luaL_Reg finder_methods[] = {{"find", finder_find}, {NULL, NULL}};
static const luaL_Reg finder_meta[] = {{"__gc", finder_gc}, {"__close", finder_gc}, {NULL, NULL}};
static const luaL_Reg marks_functions[] = {{"new", finder_new}, {NULL, NULL}};

/* [-0, +1, m] */
int dsL_open_marks(lua_State *L)
{
    dsL_newclass(L, FINDER, finder_methods, finder_meta);
    luaL_newlib(L, marks_functions);
    return 1;
}

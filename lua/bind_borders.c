/*
 * bind_borders.c - ds.c.borders: which passages of a text begin and end where words do.
 *
 *   borders.tally(matcher, labels, segmenter, text, clauses)  -> { label = hits, … }, { label = of them whole words, … }
 *       matcher: ds.c.match's; labels: of its terms, false for one that does not count; both results have the same keys
 *
 *   borders.whole(segmenter, text, ranges, clauses)  -> { boolean, … }
 *       ranges: a flat list { from, to, from, to, … } of byte positions; clauses: whether no word of the segmenter's goes
 *       over a mark that ends a clause, as none of the lexicon's does; if not, paragraphs are looked at
 *
 * Only the clauses (or paragraphs) in which a passage begins or ends are cut: the way through a lattice goes through every
 * place that no word goes over, so that the parts before and behind do not touch one another.
 */
#include <string.h>

#include "bind_match.h"
#include "bind_segment.h"

#define SCRATCH_CLASS "ds.borders.scratch"

typedef struct scratch {
    ds_alloc alloc;
    ds_tokens tokens;
    size_t beg, end; /* what they are the tokens of; 0, 0: nothing */
    ds_hits hits;
} scratch;

static int scratch_gc(lua_State *L)
{
    scratch *s = luaL_checkudata(L, 1, SCRATCH_CLASS);
    ds_tokens_clear(&s->tokens);
    ds_hits_clear(&s->hits);
    return 0;
}

/* Bytes of a mark that no word of the lexicon holds and that ends at byte `end`; 0: none does.  ， ； ！ ？ （ ） are EF BC xx,
 * 、 。 《 》 「 」 『 』 E3 80 xx, “ ” E2 80 xx. */
static size_t mark_before(ds_str s, size_t end, bool clauses)
{
    if (end > 0 && s.p[end - 1] == '\n')
        return 1;
    if (!clauses || end < 3)
        return 0;
    const unsigned char *p = (const unsigned char *)s.p + end - 3;
    unsigned last = p[2];
    switch ((unsigned)p[0] << 8 | p[1]) {
    case 0xEFBC: return last == 0x8C || last == 0x9B || last == 0x81 || last == 0x9F || last == 0x88 || last == 0x89 ? 3 : 0;
    case 0xE380: return last == 0x81 || last == 0x82 || (last >= 0x8A && last <= 0x8F) ? 3 : 0;
    case 0xE280: return last == 0x9C || last == 0x9D ? 3 : 0;
    default: return 0;
    }
}

static size_t stretch_begin(ds_str s, size_t at, bool clauses)
{
    while (at > 0 && mark_before(s, at, clauses) == 0)
        at--;
    return at;
}

static size_t stretch_end(ds_str s, size_t at, bool clauses)
{
    for (at++; at < s.n && mark_before(s, at, clauses) == 0; at++)
        ;
    return at < s.n ? at : s.n;
}

/* Sees to it that `v` holds the tokens of a stretch that holds [at, at + 1). */
static void cut_around(lua_State *L, const ds_segmenter *seg, ds_str s, size_t at, bool clauses, scratch *v)
{
    ds_error err;
    if (at >= v->beg && at < v->end)
        return;
    size_t beg = stretch_begin(s, at, clauses), end = stretch_end(s, at, clauses);
    v->tokens.count = 0;
    v->beg = v->end = 0;
    if (ds_segment_untagged(seg, (ds_str){s.p + beg, end - beg}, &v->tokens, &err) != DS_OK)
        dsL_raise(L, &err);
    v->beg = beg;
    v->end = end;
}

/* True when a token begins at `at`, a byte of the stretch (or its end). */
static bool begins_token(const scratch *v, size_t at)
{
    size_t low = 0, high = v->tokens.count;
    if (at == v->end)
        return true;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (v->tokens.items[mid].beg < at - v->beg)
            low = mid + 1;
        else
            high = mid;
    }
    return low < v->tokens.count && v->tokens.items[low].beg == at - v->beg;
}

static bool is_border(lua_State *L, const ds_segmenter *seg, ds_str s, size_t at, bool clauses, scratch *v)
{
    if (at == 0 || at >= s.n)
        return true;
    cut_around(L, seg, s, at, clauses, v);
    return begins_token(v, at);
}

/* Upvalue 1: the scratch.  [-0, +1, e] */
static int borders_whole(lua_State *L)
{
    const ds_segmenter *seg = dsL_checksegmenter(L, 1);
    ds_str s = dsL_checkstr(L, 2);
    bool clauses = lua_toboolean(L, 4);
    scratch *v = lua_touserdata(L, lua_upvalueindex(1));
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 3) / 2;
    lua_createtable(L, n < 1 << 20 ? (int)n : 0, 0);
    v->beg = v->end = 0;
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 3, 2 * i - 1);
        lua_rawgeti(L, 3, 2 * i);
        lua_Integer from = lua_tointeger(L, -2), to = lua_tointeger(L, -1);
        lua_pop(L, 2);
        luaL_argcheck(L, from >= 1 && to >= from - 1 && to <= (lua_Integer)s.n, 3, "a passage outside of the text");
        lua_pushboolean(L, is_border(L, seg, s, (size_t)from - 1, clauses, v) && is_border(L, seg, s, (size_t)to, clauses, v));
        lua_rawseti(L, -2, i);
    }
    return 1;
}

static bool is_whole(lua_State *L, const ds_segmenter *seg, ds_str s, const ds_hit *hit, bool clauses, scratch *v)
{
    return is_border(L, seg, s, hit->beg, clauses, v) && is_border(L, seg, s, hit->end, clauses, v);
}

/* Adds to the integer under the key on top of the table at `table`.  [-0, +0, m] */
static void add_to(lua_State *L, int table, lua_Integer n)
{
    lua_pushvalue(L, -1);
    lua_pushvalue(L, -1);
    lua_rawget(L, table);
    lua_pushinteger(L, lua_tointeger(L, -1) + n);
    lua_remove(L, -2);
    lua_rawset(L, table);
}

/* Upvalue 1: the scratch.  [-0, +2, e] */
static int borders_tally(lua_State *L)
{
    const ds_matcher *m = dsL_checkmatcher(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    const ds_segmenter *seg = dsL_checksegmenter(L, 3);
    ds_str s = dsL_checkstr(L, 4);
    bool clauses = lua_toboolean(L, 5);
    scratch *v = lua_touserdata(L, lua_upvalueindex(1));
    ds_error err;
    lua_settop(L, 5);
    lua_newtable(L);
    lua_newtable(L);
    v->beg = v->end = v->hits.count = 0;
    if (ds_match_all(m, s, &v->hits, &err) != DS_OK)
        dsL_raise(L, &err);
    for (size_t i = 0; i < v->hits.count; i++) {
        const ds_hit *hit = &v->hits.items[i];
        if (lua_rawgeti(L, 2, (lua_Integer)hit->term + 1) == LUA_TSTRING) {
            add_to(L, 6, 1);
            add_to(L, 7, is_whole(L, seg, s, hit, clauses, v));
        }
        lua_pop(L, 1);
    }
    return 2;
}

static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg scratch_meta[] = {{"__gc", scratch_gc}, {NULL, NULL}};

/* [-0, +1, m] */
int dsL_open_borders(lua_State *L)
{
    static const luaL_Reg functions[] = {{"whole", borders_whole}, {"tally", borders_tally}, {NULL, NULL}};
    dsL_newclass(L, SCRATCH_CLASS, no_methods, scratch_meta);
    luaL_newlibtable(L, functions);
    scratch *v = lua_newuserdatauv(L, sizeof *v, 0);
    v->alloc = dsL_alloc(L);
    v->beg = v->end = 0;
    ds_tokens_init(&v->tokens, &v->alloc);
    ds_hits_init(&v->hits, &v->alloc);
    luaL_setmetatable(L, SCRATCH_CLASS);
    luaL_setfuncs(L, functions, 1);
    return 1;
}

/* bind_hits.c - the hits of a query for Lua: filling, counting, showing; see bind_query.h. */
#include "bind_query.h"

enum { TOGETHER = 1024 };

int dsL_query_fill(lua_State *L)
{
    query_handle *h = dsL_query_live(L);
    lua_Integer want = luaL_optinteger(L, 2, LUA_MAXINTEGER);
    ds_found found[TOGETHER];
    ds_error err;
    dsL_query_start_clock(L, h);
    uint64_t most = want > 0 ? (uint64_t)want : 0;
    while (h->filled < h->count && h->have < most && !h->partial) {
        size_t n, cap = most - h->have < TOGETHER ? (size_t)(most - h->have) : TOGETHER;
        ds_query *q = h->parts[h->filled].query;
        if (ds_query_next(q, found, cap, &n, &err) != DS_OK ||
            ds_hitlist_add(h->list, (uint32_t)h->filled, found, n, &err) != DS_OK)
            return dsL_pusherror(L, &err);
        h->have += n;
        h->partial = ds_query_partial(q);
        if (n < cap)
            h->filled++;
    }
    dsL_limits_poll(L);
    lua_pushinteger(L, (lua_Integer)h->have);
    lua_pushboolean(L, h->partial);
    return 2;
}

int dsL_query_count(lua_State *L)
{
    query_handle *h = dsL_query_live(L);
    uint64_t all = 0;
    bool partial = false;
    ds_error err;
    if (h->have > 0 || h->filled > 0) { /* counting would disturb the run */
        lua_settop(L, 1);
        return dsL_query_fill(L);
    }
    dsL_query_start_clock(L, h);
    for (size_t i = 0; i < h->count && !partial; i++) {
        uint64_t n;
        if (ds_query_count(h->parts[i].query, &n, &err) != DS_OK)
            return dsL_pusherror(L, &err);
        partial = ds_query_partial(h->parts[i].query);
        all += n;
    }
    dsL_limits_poll(L);
    lua_pushinteger(L, (lua_Integer)all);
    lua_pushboolean(L, partial);
    return 2;
}

int dsL_query_shown(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_hitlist_count(dsL_query_live(L)->list));
    return 1;
}

static ds_hititem check_hit(lua_State *L, const query_handle *h)
{
    lua_Integer i = luaL_checkinteger(L, 2);
    luaL_argcheck(L, i >= 1 && (uint64_t)i <= ds_hitlist_count(h->list), 2, "no such hit");
    return ds_hitlist_at(h->list, (size_t)i - 1);
}

/* Bytes of the article's text that the tokens [beg, end) take, the first and the last one cut.  */
static ds_status text_range(const query_part *p, uint32_t beg, uint32_t end, uint32_t from, uint32_t to,
                            uint32_t *out_beg, uint32_t *out_end, ds_error *err)
{
    ds_status st = ds_reader_offset(p->reader, p->segment, beg, out_beg, err);
    if (st == DS_OK)
        st = ds_reader_offset(p->reader, p->segment, end - 1, out_end, err);
    *out_beg += from;
    *out_end += to;
    return st;
}

int dsL_query_at(lua_State *L)
{
    query_handle *h = dsL_query_live(L);
    ds_hititem hit = check_hit(L, h);
    const query_part *p = &h->parts[hit.segment];
    ds_query_detail d;
    uint32_t beg, end;
    ds_error err;
    if (ds_query_look(p->query, &hit.at, &d, &err) != DS_OK ||
        text_range(p, hit.at.beg, hit.at.end, d.from, d.to, &beg, &end, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushinteger(L, p->store);
    lua_pushinteger(L, (lua_Integer)p->segment + 1);
    lua_pushinteger(L, (lua_Integer)hit.doc + 1);
    dsL_pushspan(L, beg, end);
    return 5;
}

/* Pushes the words of the positions [beg, end) of the window, of the first the bytes from `from` on, of the last those
 * before `to` (UINT32_MAX: all).  [-0, +1, m] */
static void push_words(lua_State *L, const ds_index *ix, const ds_hit_window *w, uint32_t beg, uint32_t end,
                       uint32_t from, uint32_t to)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (uint32_t p = beg; p < end; p++) {
        ds_type t;
        ds_index_type(ix, w->types[p - w->beg], &t);
        size_t skip = p == beg && from < t.word.n ? from : 0, n = p + 1 == end && to < t.word.n ? to : t.word.n;
        if (n > skip)
            luaL_addlstring(&b, t.word.p + skip, n - skip);
    }
    luaL_pushresult(&b);
}

/* The text before a hit that begins within its first token has that token's beginning, too. */
static void push_side(lua_State *L, const ds_index *ix, const ds_hit_window *w, const ds_found *at,
                      const ds_query_detail *d, bool left)
{
    ds_type t;
    if (left) {
        push_words(L, ix, w, w->beg, at->beg, 0, UINT32_MAX);
        ds_index_type(ix, w->types[at->beg - w->beg], &t);
        lua_pushlstring(L, t.word.p, d->from < t.word.n ? d->from : 0);
    } else {
        ds_index_type(ix, w->types[at->end - 1 - w->beg], &t);
        uint32_t to = d->to < t.word.n ? d->to : (uint32_t)t.word.n;
        lua_pushlstring(L, t.word.p + to, t.word.n - to);
        push_words(L, ix, w, at->end, w->end, 0, UINT32_MAX);
    }
    lua_concat(L, 2);
}

static ds_status push_captures(lua_State *L, query_handle *h, const query_part *p, const ds_query_detail *d,
                               ds_error *err)
{
    lua_newtable(L);
    for (uint32_t c = 0, k = 0; c < ds_cql_captures(h->tree); c++) {
        uint32_t beg, end, more = 0;
        ds_type last;
        const ds_query_span *s = &d->captures[c];
        if (s->end == s->beg)
            continue;
        ds_status st = text_range(p, s->beg, s->end, 0, 0, &beg, &end, err);
        ds_forward *fw = NULL;
        uint32_t type = DS_TYPE_END, got;
        if (st == DS_OK)
            st = ds_forward_new(&h->alloc, p->ix, &fw, err);
        if (st == DS_OK)
            st = ds_forward_copy(fw, s->end - 1, 1, &type, &got, err);
        ds_forward_free(fw);
        if (st != DS_OK)
            return st;
        ds_index_type(p->ix, type, &last);
        more = (uint32_t)last.word.n;
        ds_str name = ds_cql_capture(h->tree, c);
        lua_pushlstring(L, name.p, name.n);
        lua_rawseti(L, -2, (lua_Integer)++k);
        dsL_pushspan(L, beg, end + more);
        lua_rawseti(L, -3, (lua_Integer)k + 2);
        lua_rawseti(L, -2, (lua_Integer)k + 1);
        k += 2;
    }
    return DS_OK;
}

int dsL_query_line(lua_State *L)
{
    query_handle *h = dsL_query_live(L);
    ds_hititem hit = check_hit(L, h);
    lua_Integer left = luaL_checkinteger(L, 3), right = luaL_checkinteger(L, 4);
    luaL_argcheck(L, left >= 0 && left < INT32_MAX, 3, "a number of tokens is wanted");
    luaL_argcheck(L, right >= 0 && right < INT32_MAX, 4, "a number of tokens is wanted");
    const query_part *p = &h->parts[hit.segment];
    ds_query_detail d;
    ds_hit_window w;
    ds_error err;
    if (ds_query_look(p->query, &hit.at, &d, &err) != DS_OK ||
        ds_hitlist_window(h->list, &hit, (uint32_t)left, (uint32_t)right, &w, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    push_side(L, p->ix, &w, &hit.at, &d, true);
    push_words(L, p->ix, &w, hit.at.beg, hit.at.end, d.from, d.to);
    push_side(L, p->ix, &w, &hit.at, &d, false);
    if (ds_cql_captures(h->tree) == 0)
        return 3;
    if (push_captures(L, h, p, &d, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    return 4;
}

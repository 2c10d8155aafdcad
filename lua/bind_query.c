/*
 * bind_query.c - queries on stores for Lua; lua/ds/query.lua makes the object that users see of it.
 *
 *   entities(text)                 --> {name, …} whose forms the query needs | nil, message, detail
 *   q = new(stores, text [, opts]) --> ds.query | nil, message, detail;  stores: list of ds.stored
 *       opts: forms = {name = {form, …}}, docs = {bits, …} one string a segment, a bit for each article, overlap = boolean,
 *       timeout = seconds
 *   q:count()                      --> n, partial
 *   q:fill([n])                    --> hits there are now, at least n (all) unless there are no more, partial
 *   q:shown()                      --> hits of the present order
 *   q:sort(keys)                   --> true | nil, message, detail;  key: {by = "node"|"left"|"right"|"doc"|"label", attr =, n =,
 *       falling =, labels = {numbers, …} one string a segment, four bytes an article, little-endian, label_count =}
 *   q:sample(n, seed)
 *   q:at(i)                        --> store, segment, doc, from, to: bytes of the article's text
 *   q:line(i, left, right)         --> left, node, right: texts, so many tokens on either side;  captures: {name, from, to, …}
 *   q:group(key)                   --> {name or label or place, n, …}, total;  place: store, segment, doc
 *   q:explain()                    --> string
 *   freq(stores, attr [, query]) --> {name, n, …}, total;  query: a ds.query of one token on them, with its docs
 *   temporary()                    --> path for a file that is not there, which the guard (guard.h) lets be written and read
 *   dates(stores)                  --> {numbers, …}: a string a segment, four bytes an article: year * 10000 + month * 100 + day
 *
 * Segments are those of all stores, end to end.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bind_store.h"
#include "guard.h"
#include "hits.h"
#include "limit.h"

#define QUERY "ds.query"
#define GROUPS "ds.query_groups"

typedef struct part {
    int store; /* number in the list, from 1 */
    uint32_t segment;
    ds_index *ix;
    ds_reader *reader;
    ds_query *query;
    uint64_t *docs; /* NULL: all */
    size_t words;   /* of it */
} part;

typedef struct query_handle {
    ds_alloc alloc;
    part *parts;
    size_t count;
    ds_cql *tree;
    ds_hitlist *list;
    size_t filled; /* the segment whose hits come next */
    size_t have;   /* hits in the list */
    bool partial, closed;
    double timeout, deadline; /* seconds, 0: none */
    const volatile sig_atomic_t *reached; /* a limit of the run: NULL or not 0 when there is one to stop for */
    lua_State *L;             /* while forms are asked for */
    bool overlap;
} query_handle;

typedef struct groups_handle {
    ds_alloc alloc;
    ds_groups g;
} groups_handle;

/* ------------------------------------------------------------------ life */

static query_handle *live(lua_State *L)
{
    query_handle *h = luaL_checkudata(L, 1, QUERY);
    luaL_argcheck(L, !h->closed, 1, "attempt to use a closed ds.hits");
    for (size_t i = 1; i <= (h->count > 0 ? (size_t)h->parts[h->count - 1].store : 0); i++) {
        lua_getiuservalue(L, 1, 1);
        lua_rawgeti(L, -1, (lua_Integer)i);
        dsL_checkstore(L, lua_gettop(L), NULL); /* it may have been closed */
        lua_pop(L, 2);
    }
    return h;
}

static size_t docs_words(const ds_index *ix)
{
    return (size_t)ds_index_docs(ix) / 64 + 1;
}

static int query_close(lua_State *L)
{
    query_handle *h = luaL_checkudata(L, 1, QUERY);
    ds_hitlist_free(h->list);
    for (size_t i = 0; h->parts != NULL && i < h->count; i++) {
        ds_query_free(h->parts[i].query);
        ds_mfree(&h->alloc, h->parts[i].docs, h->parts[i].words * sizeof(uint64_t)); /* the store may be closed by now */
    }
    ds_mfree(&h->alloc, h->parts, h->count * sizeof *h->parts);
    ds_cql_free(h->tree);
    h->list = NULL;
    h->parts = NULL;
    h->tree = NULL;
    h->count = 0;
    h->closed = true;
    return 0;
}

static int query_tostring(lua_State *L)
{
    const query_handle *h = luaL_checkudata(L, 1, QUERY);
    lua_pushstring(L, h->closed ? QUERY " (closed)" : QUERY);
    return 1;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_late(void *ud)
{
    const query_handle *h = ud;
    return (h->reached != NULL && *h->reached != 0) || (h->deadline > 0 && seconds() > h->deadline);
}

static void start_clock(lua_State *L, query_handle *h)
{
    h->reached = dsL_limits_flag(L);
    h->deadline = h->timeout > 0 ? seconds() + h->timeout : 0;
}

/* ------------------------------------------------------------------ segments */

/* The segments of the list of stores at `arg`, loaded, to an array that belongs to a new userdata on the stack.
 * [-0, +1, e] */
static part *push_parts(lua_State *L, int arg, size_t *count, ds_error *err)
{
    size_t n = 0, k = 0;
    luaL_checktype(L, arg, LUA_TTABLE);
    lua_Integer stores = (lua_Integer)lua_rawlen(L, arg);
    for (lua_Integer i = 1; i <= stores; i++) {
        lua_rawgeti(L, arg, i);
        n += ds_store_segments(dsL_checkstore(L, lua_gettop(L), NULL));
        lua_pop(L, 1);
    }
    part *parts = lua_newuserdatauv(L, (n + 1) * sizeof *parts, 0);
    memset(parts, 0, (n + 1) * sizeof *parts);
    *count = n;
    for (lua_Integer i = 1; i <= stores; i++) {
        ds_reader *reader;
        lua_rawgeti(L, arg, i);
        ds_store *s = dsL_checkstore(L, lua_gettop(L), &reader);
        lua_pop(L, 1);
        for (size_t j = 0; j < ds_store_segments(s) && k < n; j++) {
            parts[k] = (part){.store = (int)i, .segment = (uint32_t)j, .ix = ds_store_index(s, j), .reader = reader};
            if (ds_index_load(parts[k++].ix, err) != DS_OK)
                return NULL;
        }
    }
    return parts;
}

/* Field `docs` of the options, if there is one: copies the bits. */
static void take_docs(lua_State *L, int arg, part *parts, size_t count, const ds_alloc *a)
{
    if (lua_getfield(L, arg, "docs") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    luaL_argcheck(L, lua_istable(L, -1) && lua_rawlen(L, -1) == count, arg, "docs: a string for each segment is wanted");
    for (size_t i = 0; i < count; i++) {
        size_t n, bytes = docs_words(parts[i].ix) * sizeof(uint64_t);
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const char *bits = luaL_checklstring(L, -1, &n);
        parts[i].words = docs_words(parts[i].ix);
        parts[i].docs = ds_calloc(a, parts[i].words, sizeof(uint64_t));
        if (parts[i].docs == NULL)
            luaL_error(L, "not enough memory");
        memcpy(parts[i].docs, bits, n < bytes ? n : bytes);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* ------------------------------------------------------------------ entities */

/* The forms of the table at index 4; strings of tables, so nothing here raises.  [-0, +0, -] */
static bool give_forms(void *ud, ds_str name, void (*add)(void *to, ds_str form), void *to)
{
    lua_State *L = ((query_handle *)ud)->L;
    bool found = false;
    if (L == NULL || !lua_istable(L, 4) || !lua_checkstack(L, 4))
        return false;
    for (lua_pushnil(L); lua_next(L, 4) != 0; lua_pop(L, 1)) {
        size_t n;
        if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1))
            continue;
        const char *p = lua_tolstring(L, -2, &n);
        if (!ds_str_eq((ds_str){p, n}, name))
            continue;
        found = true;
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
            ds_str form = {NULL, 0};
            form.p = lua_tolstring(L, -1, &form.n);
            add(to, form);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    return found;
}

static int query_entities(lua_State *L)
{
    ds_error err;
    ds_cql *tree;
    ds_alloc a = dsL_alloc(L);
    ds_str text = dsL_checkstr(L, 1);
    query_handle *h = lua_newuserdatauv(L, sizeof *h, 0); /* so that an error frees the tree */
    *h = (query_handle){.alloc = a};
    luaL_setmetatable(L, QUERY);
    if (ds_cql_parse(&h->alloc, text, &h->tree, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    tree = h->tree;
    lua_newtable(L);
    for (uint32_t i = 0; i < ds_cql_count(tree); i++) {
        const ds_cql_node *n = ds_cql_at(tree, i);
        if (n->kind == DS_CQL_TEST && n->attr == DS_CQL_ENTITY) {
            lua_pushlstring(L, n->value.p, n->value.n);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
    }
    return 1;
}

/* ------------------------------------------------------------------ making one */

static ds_status open_queries(query_handle *h, ds_error *err)
{
    const ds_index *segments[1024];
    ds_status st = DS_OK;
    if (h->count > sizeof segments / sizeof *segments)
        return ds_fail(err, DS_ELIMIT, 0, 0, "more than 1024 segments; compact the store");
    for (size_t i = 0; st == DS_OK && i < h->count; i++) {
        ds_query_options o = {.forms = give_forms, .forms_ud = h, .stop = is_late, .stop_ud = h,
                              .docs = h->parts[i].docs, .overlap = h->overlap};
        segments[i] = h->parts[i].ix;
        st = ds_query_new(&h->alloc, h->parts[i].ix, h->tree, &o, &h->parts[i].query, err);
    }
    return st == DS_OK ? ds_hitlist_new(&h->alloc, segments, h->count, &h->list, err) : st;
}

static const char *const option_names[] = {"forms", "docs", "overlap", "timeout", NULL};

static int query_new(lua_State *L)
{
    ds_error err = {.status = DS_OK};
    size_t count;
    luaL_checktype(L, 1, LUA_TTABLE);
    ds_str text = dsL_checkstr(L, 2);
    lua_settop(L, 3);
    if (dsL_checkoptions(L, 3, option_names))
        lua_getfield(L, 3, "forms");
    else
        lua_pushnil(L); /* forms are at 4 */
    query_handle *h = lua_newuserdatauv(L, sizeof *h, 1);
    *h = (query_handle){.alloc = dsL_alloc(L)};
    luaL_setmetatable(L, QUERY);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 5, 1);
    part *parts = push_parts(L, 1, &count, &err);
    if (parts == NULL)
        return dsL_pusherror(L, &err);
    h->parts = ds_calloc(&h->alloc, count > 0 ? count : 1, sizeof *h->parts);
    if (h->parts == NULL)
        return luaL_error(L, "not enough memory");
    /* The size given back is that of `count` parts: one part more is never asked for when there is none. */
    if (count == 0) {
        ds_mfree(&h->alloc, h->parts, sizeof *h->parts);
        h->parts = NULL;
    }
    h->count = count;
    if (count > 0)
        memcpy(h->parts, parts, count * sizeof *parts);
    lua_settop(L, 5);
    if (lua_istable(L, 3)) {
        take_docs(L, 3, h->parts, count, &h->alloc);
        lua_getfield(L, 3, "overlap");
        h->overlap = lua_toboolean(L, -1);
        lua_getfield(L, 3, "timeout");
        h->timeout = luaL_optnumber(L, -1, 0);
        lua_settop(L, 5);
    }
    start_clock(L, h);
    ds_status st = ds_cql_parse(&h->alloc, text, &h->tree, &err);
    h->L = L;
    if (st == DS_OK)
        st = open_queries(h, &err);
    h->L = NULL;
    lua_settop(L, 5);
    dsL_limits_poll(L);
    return st == DS_OK ? 1 : dsL_pusherror(L, &err);
}

/* ------------------------------------------------------------------ hits */

enum { TOGETHER = 1024 };

static int query_fill(lua_State *L)
{
    query_handle *h = live(L);
    lua_Integer want = luaL_optinteger(L, 2, LUA_MAXINTEGER);
    ds_found found[TOGETHER];
    ds_error err;
    start_clock(L, h);
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

static int query_count(lua_State *L)
{
    query_handle *h = live(L);
    uint64_t all = 0;
    bool partial = false;
    ds_error err;
    if (h->have > 0 || h->filled > 0) { /* counting would disturb the run */
        lua_settop(L, 1);
        return query_fill(L);
    }
    start_clock(L, h);
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

static int query_shown(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_hitlist_count(live(L)->list));
    return 1;
}

static ds_hititem check_hit(lua_State *L, const query_handle *h)
{
    lua_Integer i = luaL_checkinteger(L, 2);
    luaL_argcheck(L, i >= 1 && (uint64_t)i <= ds_hitlist_count(h->list), 2, "no such hit");
    return ds_hitlist_at(h->list, (size_t)i - 1);
}

/* Bytes of the article's text that the tokens [beg, end) take, the first and the last one cut.  */
static ds_status text_range(const part *p, uint32_t beg, uint32_t end, uint32_t from, uint32_t to, uint32_t *out_beg,
                            uint32_t *out_end, ds_error *err)
{
    ds_status st = ds_reader_offset(p->reader, p->segment, beg, out_beg, err);
    if (st == DS_OK)
        st = ds_reader_offset(p->reader, p->segment, end - 1, out_end, err);
    *out_beg += from;
    *out_end += to;
    return st;
}

static int query_at(lua_State *L)
{
    query_handle *h = live(L);
    ds_hititem hit = check_hit(L, h);
    const part *p = &h->parts[hit.segment];
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

static ds_status push_captures(lua_State *L, query_handle *h, const part *p, const ds_query_detail *d, ds_error *err)
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

static int query_line(lua_State *L)
{
    query_handle *h = live(L);
    ds_hititem hit = check_hit(L, h);
    lua_Integer left = luaL_checkinteger(L, 3), right = luaL_checkinteger(L, 4);
    luaL_argcheck(L, left >= 0 && left < INT32_MAX, 3, "a number of tokens is wanted");
    luaL_argcheck(L, right >= 0 && right < INT32_MAX, 4, "a number of tokens is wanted");
    const part *p = &h->parts[hit.segment];
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

/* ------------------------------------------------------------------ sorting and grouping */

static int check_name(lua_State *L, int arg, const char *field, const char *const names[])
{
    lua_getfield(L, arg, field);
    const char *s = luaL_checkstring(L, -1);
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], s) == 0) {
            lua_pop(L, 1);
            return i;
        }
    return luaL_error(L, "%s: no such name: '%s'", field, s);
}

/* Field `labels` of the key at `arg` as an array that belongs to a userdata on the stack.  [-0, +1, e] */
static const uint32_t *const *push_labels(lua_State *L, int arg, const query_handle *h)
{
    size_t all = 0;
    for (size_t i = 0; i < h->count; i++)
        all += ds_index_docs(h->parts[i].ix);
    const uint32_t **rows = lua_newuserdatauv(L, h->count * sizeof *rows + (all + 1) * sizeof(uint32_t), 0);
    uint32_t *v = (uint32_t *)(void *)(rows + h->count);
    lua_getfield(L, arg, "labels");
    luaL_argcheck(L, lua_istable(L, -1), arg, "labels: a string for each segment is wanted");
    for (size_t i = 0; i < h->count; i++) {
        size_t n, docs = ds_index_docs(h->parts[i].ix);
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const char *s = luaL_checklstring(L, -1, &n);
        luaL_argcheck(L, n == 4 * docs, arg, "labels: four bytes for each article are wanted");
        rows[i] = v;
        for (size_t d = 0; d < docs; d++)
            *v++ = ds_load32(s + 4 * d);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return rows;
}

static const char *const attr_names[] = {"word", "key", "pos", "lemma", "class", NULL};

/* The key of the table at `arg`; what it borrows is left on the stack.  [-0, +1, e] */
static ds_hit_key check_key(lua_State *L, int arg, const query_handle *h)
{
    static const char *const by[] = {"node", "left", "right", "doc", "label", NULL};
    luaL_checktype(L, arg, LUA_TTABLE);
    ds_hit_key k = {.by = (ds_hit_by)check_name(L, arg, "by", by), .attr = DS_ATTR_KEY};
    lua_getfield(L, arg, "falling");
    k.falling = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (k.by != DS_BY_DOC && k.by != DS_BY_LABEL)
        k.attr = (ds_hit_attr)check_name(L, arg, "attr", attr_names);
    if (k.by == DS_BY_LEFT || k.by == DS_BY_RIGHT) {
        lua_getfield(L, arg, "n");
        lua_Integer n = luaL_checkinteger(L, -1);
        luaL_argcheck(L, n >= 1 && n <= 1000, arg, "n is 1 to 1000");
        k.n = (uint32_t)n;
        lua_pop(L, 1);
    }
    if (k.by != DS_BY_LABEL) {
        lua_pushnil(L);
        return k;
    }
    lua_getfield(L, arg, "label_count");
    k.label_count = (uint32_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    k.labels = push_labels(L, arg, h);
    return k;
}

static int query_sort(lua_State *L)
{
    enum { KEYS = 16 };
    ds_hit_key keys[KEYS];
    query_handle *h = live(L);
    ds_error err;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
    luaL_argcheck(L, n <= KEYS, 2, "at most 16 keys");
    for (lua_Integer i = 0; i < n; i++) {
        lua_rawgeti(L, 2, i + 1);
        keys[i] = check_key(L, lua_gettop(L), h);
    }
    if (ds_hitlist_sort(h->list, keys, (size_t)n, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    lua_pushboolean(L, 1);
    return 1;
}

static int query_sample(lua_State *L)
{
    query_handle *h = live(L);
    lua_Integer n = luaL_checkinteger(L, 2), seed = luaL_optinteger(L, 3, 0);
    ds_error err;
    luaL_argcheck(L, n >= 0, 2, "a number of hits is wanted");
    if (ds_hitlist_sample(h->list, (size_t)n, (uint64_t)seed, &err) != DS_OK)
        return dsL_raise(L, &err);
    return 0;
}

static int groups_gc(lua_State *L)
{
    groups_handle *h = luaL_checkudata(L, 1, GROUPS);
    ds_groups_clear(&h->g);
    return 0;
}

static ds_groups *push_groups(lua_State *L)
{
    groups_handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    h->alloc = dsL_alloc(L);
    ds_groups_init(&h->g, &h->alloc);
    luaL_setmetatable(L, GROUPS);
    return &h->g;
}

/* Names and counts, flat. */
static int push_names(lua_State *L, const ds_groups *g)
{
    lua_createtable(L, g->count < INT32_MAX / 2 ? (int)(2 * g->count) : 0, 0);
    for (size_t i = 0; i < g->count; i++) {
        lua_pushlstring(L, g->items[i].name.p, g->items[i].name.n);
        lua_rawseti(L, -2, (lua_Integer)(2 * i + 1));
        lua_pushinteger(L, (lua_Integer)g->items[i].count);
        lua_rawseti(L, -2, (lua_Integer)(2 * i + 2));
    }
    lua_pushinteger(L, (lua_Integer)g->total);
    return 2;
}

static int query_group(lua_State *L)
{
    query_handle *h = live(L);
    ds_error err;
    ds_hit_key k = check_key(L, 2, h);
    ds_groups *g = push_groups(L);
    if (ds_hitlist_group(h->list, &k, g, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    if (k.by != DS_BY_DOC && k.by != DS_BY_LABEL)
        return push_names(L, g);
    size_t row = k.by == DS_BY_DOC ? 4 : 2;
    lua_createtable(L, (int)(row * g->count), 0);
    for (size_t i = 0; i < g->count; i++) {
        const ds_group *x = &g->items[i];
        lua_Integer v[4] = {x->label, (lua_Integer)x->count};
        if (row == 4) {
            v[0] = h->parts[x->segment].store;
            v[1] = (lua_Integer)h->parts[x->segment].segment + 1;
            v[2] = (lua_Integer)x->doc + 1;
            v[3] = (lua_Integer)x->count;
        }
        for (size_t c = 0; c < row; c++) {
            lua_pushinteger(L, v[c]);
            lua_rawseti(L, -2, (lua_Integer)(row * i + c + 1));
        }
    }
    lua_pushinteger(L, (lua_Integer)g->total);
    return 2;
}

static int query_explain(lua_State *L)
{
    query_handle *h = live(L);
    ds_error err;
    ds_buf *out = &push_groups(L)->names; /* so that an error frees it */
    for (size_t i = 0; i < h->count; i++) {
        char head[64];
        int n = h->count > 1 ? snprintf(head, sizeof head, "segment %zu\n", i + 1) : 0;
        ds_buf_put(out, head, (size_t)n);
        if (ds_query_explain(h->parts[i].query, out, &err) != DS_OK)
            return dsL_raise(L, &err);
    }
    lua_pushlstring(L, out->p, out->n);
    return 1;
}

/* ------------------------------------------------------------------ over whole stores */

static bool is_kept(void *ud, const ds_type *t)
{
    return ds_query_holds(ud, t);
}

static int query_freq(lua_State *L)
{
    ds_error err = {.status = DS_OK};
    size_t count;
    lua_settop(L, 3);
    int attr = luaL_checkoption(L, 2, NULL, attr_names);
    query_handle *h = lua_isnil(L, 3) ? NULL : luaL_checkudata(L, 3, QUERY);
    part *parts = push_parts(L, 1, &count, &err);
    if (parts == NULL)
        return dsL_pusherror(L, &err);
    luaL_argcheck(L, h == NULL || (h->count == count && !h->closed), 3, "a query on the same stores is wanted");
    luaL_argcheck(L, h == NULL || count == 0 || ds_query_is_token(h->parts[0].query), 3, "a query of one token is wanted");
    const ds_index **segments = lua_newuserdatauv(L, (count + 1) * sizeof *segments, 0);
    const uint64_t **docs = lua_newuserdatauv(L, (count + 1) * sizeof *docs, 0);
    for (size_t i = 0; i < count; i++) {
        segments[i] = parts[i].ix;
        docs[i] = h != NULL ? h->parts[i].docs : NULL;
    }
    ds_groups *g = push_groups(L);
    ds_query *q = h != NULL && count > 0 ? h->parts[0].query : NULL;
    ds_alloc a = dsL_alloc(L);
    ds_status st = ds_freq(&a, segments, count, docs, (ds_hit_attr)attr, q != NULL ? is_kept : NULL, q, g, &err);
    if (st == DS_OK && q != NULL)
        st = ds_query_status(q, &err);
    if (st != DS_OK)
        return dsL_pusherror(L, &err);
    return push_names(L, g);
}

static int query_temporary(lua_State *L)
{
    const char *where = getenv("TMPDIR");
    lua_pushfstring(L, "%s/ds-query-XXXXXX", where != NULL && where[0] == '/' ? where : "/tmp");
    size_t n;
    const char *pattern = lua_tolstring(L, -1, &n);
    char *path = lua_newuserdatauv(L, n + 1, 0);
    memcpy(path, pattern, n + 1);
    int fd = mkstemp(path);
    if (fd < 0)
        return luaL_error(L, "%s: no temporary file can be made there", pattern);
    close(fd);
    unlink(path);
    dsL_guard_allow_write(L, path);
    dsL_guard_allow(L, path);
    lua_pushstring(L, path);
    return 1;
}

static int query_dates(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer stores = (lua_Integer)lua_rawlen(L, 1), k = 0;
    lua_newtable(L);
    for (lua_Integer i = 1; i <= stores; i++) {
        lua_rawgeti(L, 1, i);
        const ds_store *s = dsL_checkstore(L, lua_gettop(L), NULL);
        for (size_t j = 0; j < ds_store_segments(s); j++) {
            luaL_Buffer b;
            uint32_t docs = ds_index_docs(ds_store_index(s, j));
            luaL_buffinit(L, &b);
            for (uint32_t d = 0; d < docs; d++) {
                uint32_t v = ds_store_date(s, (ds_place){(uint32_t)j, d});
                char bytes[4] = {(char)v, (char)(v >> 8), (char)(v >> 16), (char)(v >> 24)};
                luaL_addlstring(&b, bytes, 4);
            }
            luaL_pushresult(&b);
            lua_rawseti(L, 2, ++k);
        }
        lua_pop(L, 1);
    }
    return 1;
}

static const luaL_Reg query_methods[] = {
    {"count", query_count}, {"fill", query_fill},   {"shown", query_shown}, {"sort", query_sort},
    {"sample", query_sample}, {"at", query_at},     {"line", query_line},   {"group", query_group},
    {"explain", query_explain}, {"close", query_close}, {NULL, NULL}};
static const luaL_Reg query_meta[] = {
    {"__gc", query_close}, {"__close", query_close}, {"__tostring", query_tostring}, {NULL, NULL}};
static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg groups_meta[] = {{"__gc", groups_gc}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"new", query_new}, {"entities", query_entities}, {"freq", query_freq}, {"dates", query_dates},
    {"temporary", query_temporary}, {NULL, NULL}};

int dsL_open_query(lua_State *L)
{
    dsL_newclass(L, QUERY, query_methods, query_meta);
    dsL_newclass(L, GROUPS, no_methods, groups_meta);
    luaL_newlib(L, functions);
    return 1;
}

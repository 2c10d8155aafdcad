/*
 * bind_pattern.c - functions of strings as Lua 5.4 has them, under the limits of the state.
 *
 *   pattern.find(s, p [, init [, plain]])   pattern.match(s, p [, init])   pattern.gmatch(s, p [, init])
 *   pattern.gsub(s, p, repl [, n])          pattern.rep(s, n [, sep])
 *   pattern.lower(s)                        pattern.upper(s)                  pattern.reverse(s)
 *
 * Arguments, results and errors are those of the functions of the same name in the Lua 5.4 manual, section 6.4; what
 * differs is that a call ends when a limit of limit.h is reached, or the step budget of pattern.h.
 */
#define _GNU_SOURCE /* memmem */
#include <limits.h>
#include <string.h>

#include "bind.h"
#include "limit.h"
#include "pattern.h"

#define SHORT 256 /* bytes of text in which a literal is looked for without preparation */

/* ------------------------------------------------------------------ arguments */

/* Argument `arg`, a position from 1, negative from the end, as an offset; n + 1 when it lies behind the end. */
static size_t check_init(lua_State *L, int arg, size_t n)
{
    lua_Integer i = luaL_optinteger(L, arg, 1);
    if (i < 0)
        i = i < -(lua_Integer)n ? 1 : (lua_Integer)n + i + 1;
    if (i == 0)
        i = 1;
    return i > (lua_Integer)n + 1 ? n + 1 : (size_t)i - 1;
}

/* ------------------------------------------------------------------ captures */

/* Pushes capture k; without captures, number 0 is the whole match [s, e).  [-0, +1, e] */
static void push_capture(dsL_pattern *m, int k, const char *s, const char *e)
{
    if (k >= m->captures) {
        if (k != 0)
            luaL_error(m->L, "invalid capture index %%%d", k + 1);
        lua_pushlstring(m->L, s, (size_t)(e - s));
    } else if (m->capture[k].len == DSL_CAPTURE_POSITION) {
        lua_pushinteger(m->L, (lua_Integer)(m->capture[k].beg - m->beg) + 1);
    } else {
        if (m->capture[k].len == DSL_CAPTURE_OPEN)
            luaL_error(m->L, "unfinished capture");
        lua_pushlstring(m->L, (const char *)m->capture[k].beg, (size_t)m->capture[k].len);
    }
}

/* Pushes all captures, or the match when there are none and `whole` is set; returns their number.  [-0, +n, e] */
static int push_captures(dsL_pattern *m, const char *s, const char *e, bool whole)
{
    int n = m->captures == 0 && whole ? 1 : m->captures;
    luaL_checkstack(m->L, n, "too many captures");
    for (int k = 0; k < n; k++)
        push_capture(m, k, s, e);
    return n;
}

/* ------------------------------------------------------------------ find, match */

/* The first place of the literal p, two bytes or more, in [s, end), or NULL. */
static const char *find_literal(const char *s, const char *end, ds_str p)
{
    if (end - s > SHORT)
        return memmem(s, (size_t)(end - s), p.p, p.n);
    for (; (size_t)(end - s) >= p.n && (s = memchr(s, *p.p, (size_t)(end - s) - p.n + 1)) != NULL; s++)
        if (s[1] == p.p[1] && (p.n == 2 || memcmp(s + 2, p.p + 2, p.n - 2) == 0))
            return s;
    return NULL;
}

/* Pushes the place of the literal p in s[init, ns).  [-0, +1 | 2, -] */
static int find_plain(lua_State *L, ds_str s, ds_str p, size_t init)
{
    const char *at = p.n == 0 ? s.p + init : NULL;
    if (p.n == 1)
        at = memchr(s.p + init, *p.p, s.n - init);
    else if (p.n > 1)
        at = find_literal(s.p + init, s.p + s.n, p);
    if (at == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)(at - s.p) + 1);
    lua_pushinteger(L, (lua_Integer)(at - s.p) + (lua_Integer)p.n);
    return 2;
}

static int find_pattern(lua_State *L, ds_str s, ds_str p, size_t init, bool find)
{
    dsL_pattern m;
    bool anchored = p.n > 0 && *p.p == '^';
    const char *beg = s.p + init, *end;
    dsL_pattern_init(&m, L, s.p, s.n, p.p + p.n);
    end = anchored ? dsL_pattern_at(&m, beg, p.p + 1) : dsL_pattern_search(&m, beg, p.p, &beg);
    if (end == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    if (!find)
        return push_captures(&m, beg, end, true);
    lua_pushinteger(L, (lua_Integer)(beg - s.p) + 1);
    lua_pushinteger(L, (lua_Integer)(end - s.p));
    return push_captures(&m, beg, end, false) + 2;
}

static int pattern_find(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1), p = dsL_checkstr(L, 2);
    size_t init = check_init(L, 3, s.n);
    if (init > s.n) {
        luaL_pushfail(L);
        return 1;
    }
    if (lua_toboolean(L, 4) || dsL_pattern_plain(p.p, p.n))
        return find_plain(L, s, p, init);
    return find_pattern(L, s, p, init, true);
}

static int pattern_match(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1), p = dsL_checkstr(L, 2);
    size_t init = check_init(L, 3, s.n);
    if (init > s.n) {
        luaL_pushfail(L);
        return 1;
    }
    return find_pattern(L, s, p, init, false);
}

/* ------------------------------------------------------------------ gmatch */

/* An iteration; the closure's upvalues 1 and 2 keep the strings alive. */
typedef struct iteration {
    dsL_pattern m;
    const char *at, *pattern, *last; /* where to go on; the end of the last match, NULL: none */
} iteration;

static int gmatch_next(lua_State *L)
{
    iteration *it = lua_touserdata(L, lua_upvalueindex(3));
    const char *end = (const char *)it->m.end, *beg, *e;
    it->m.L = L; /* another coroutine may go on with it */
    while (it->at <= end && (e = dsL_pattern_search(&it->m, it->at, it->pattern, &beg)) != NULL) {
        if (e != it->last) {
            it->at = it->last = e;
            return push_captures(&it->m, beg, e, true);
        }
        it->at = beg + 1; /* an empty match where the last one ended */
    }
    it->at = end + 1;
    return 0;
}

static int pattern_gmatch(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1), p = dsL_checkstr(L, 2);
    size_t init = check_init(L, 3, s.n);
    lua_settop(L, 2);
    iteration *it = lua_newuserdatauv(L, sizeof *it, 0);
    dsL_pattern_init(&it->m, L, s.p, s.n, p.p + p.n);
    it->at = s.p + init;
    it->pattern = p.p;
    it->last = NULL;
    lua_pushcclosure(L, gmatch_next, 3);
    return 1;
}

/* ------------------------------------------------------------------ gsub */

/* Appends the replacement text r, with %0 … %9 and %% read, for the match [s, e). */
static void add_text(dsL_pattern *m, luaL_Buffer *b, ds_str r, const char *s, const char *e)
{
    const char *p;
    while ((p = memchr(r.p, '%', r.n)) != NULL) {
        luaL_addlstring(b, r.p, (size_t)(p - r.p));
        p++; /* a NUL at the end */
        if (*p == '%') {
            luaL_addchar(b, '%');
        } else if (*p == '0') {
            luaL_addlstring(b, s, (size_t)(e - s));
        } else if (*p >= '1' && *p <= '9') {
            push_capture(m, *p - '1', s, e);
            luaL_addvalue(b);
        } else {
            luaL_error(m->L, "invalid use of '%%' in replacement string");
        }
        r.n -= (size_t)(p + 1 - r.p);
        r.p = p + 1;
    }
    luaL_addlstring(b, r.p, r.n);
}

/* Appends what the table or function at index 3 gives for the match; false: it stays as it was. */
static bool add_value(dsL_pattern *m, luaL_Buffer *b, const char *s, const char *e)
{
    lua_State *L = m->L;
    if (lua_type(L, 3) == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(m, s, e, true), 1);
    } else {
        push_capture(m, 0, s, e);
        lua_gettable(L, 3);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(b, s, (size_t)(e - s));
        return false;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(b);
    return true;
}

typedef struct substitution {
    dsL_pattern m;
    luaL_Buffer b;
    ds_str repl; /* p is NULL when the replacement is a table or a function */
    lua_Integer n, most;
    bool changed;
} substitution;

/* Appends n bytes of the subject, and makes sure beforehand that the buffer can grow. */
static void add_subject(substitution *g, const char *s, size_t n)
{
    if (n > g->b.size - g->b.n)
        dsL_limits_reserve(g->m.L, 2 * (g->b.size + n));
    luaL_addlstring(&g->b, s, n);
}

static void replace(substitution *g, const char *s, const char *e)
{
    g->n++;
    if (g->b.size - g->b.n < g->b.n / 4)
        dsL_limits_reserve(g->m.L, 2 * g->b.size);
    if (g->repl.p != NULL) {
        add_text(&g->m, &g->b, g->repl, s, e);
        g->changed = true;
    } else if (add_value(&g->m, &g->b, s, e)) {
        g->changed = true;
    }
}

/* Replaces matches of p from `at` on; returns the place from which the subject is copied. */
static const char *replace_all(substitution *g, const char *at, const char *p)
{
    const char *end = (const char *)g->m.end, *last = NULL;
    while (g->n < g->most) {
        const char *beg, *e = dsL_pattern_search(&g->m, at, p, &beg);
        if (e != NULL && e == last && beg == at) { /* empty, where the last one ended */
            if (at == end)
                break;
            luaL_addchar(&g->b, *at++);
            continue;
        }
        if (e == NULL)
            break;
        add_subject(g, at, (size_t)(beg - at));
        replace(g, beg, e);
        at = last = e;
        dsL_limits_poll(g->m.L);
    }
    return at;
}

static int pattern_gsub(lua_State *L)
{
    substitution g; /* field by field: the buffer is large */
    ds_str s = dsL_checkstr(L, 1), p = dsL_checkstr(L, 2);
    int type = lua_type(L, 3);
    g.repl = (ds_str){NULL, 0};
    g.n = 0;
    g.changed = false;
    g.most = luaL_optinteger(L, 4, (lua_Integer)s.n + 1);
    if (type == LUA_TNUMBER || type == LUA_TSTRING)
        g.repl.p = lua_tolstring(L, 3, &g.repl.n);
    else if (type != LUA_TFUNCTION && type != LUA_TTABLE)
        return luaL_typeerror(L, 3, "string/function/table");
    bool anchored = p.n > 0 && *p.p == '^';
    const char *at = s.p;
    luaL_buffinit(L, &g.b);
    dsL_pattern_init(&g.m, L, s.p, s.n, p.p + p.n);
    if (anchored) {
        const char *e = g.most > 0 ? dsL_pattern_at(&g.m, at, p.p + 1) : NULL;
        if (e != NULL) {
            replace(&g, at, e);
            at = e;
        }
    } else {
        at = replace_all(&g, at, p.p);
    }
    if (g.changed) {
        add_subject(&g, at, (size_t)(s.p + s.n - at));
        luaL_pushresult(&g.b);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, g.n);
    return 2;
}

/* ------------------------------------------------------------------ rep */

/* Fills buf[0, total) with repetitions of its first `have` bytes. */
static void fill(char *buf, size_t have, size_t total)
{
    while (have < total) {
        size_t n = have <= total - have ? have : total - have;
        memcpy(buf + have, buf, n);
        have += n;
    }
}

static int pattern_rep(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1), sep = {"", 0};
    lua_Integer n = luaL_checkinteger(L, 2);
    size_t unit, total;
    if (!lua_isnoneornil(L, 3))
        sep = dsL_checkstr(L, 3);
    if (n <= 0 || s.n + sep.n == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (!ds_add(s.n, sep.n, &unit) || unit > (size_t)(INT_MAX / n))
        return luaL_error(L, "resulting string too large");
    total = unit * (size_t)n;
    luaL_Buffer b;
    dsL_limits_reserve(L, 2 * total); /* a buffer and the string */
    char *buf = luaL_buffinitsize(L, &b, total);
    memcpy(buf, s.p, s.n);
    memcpy(buf + s.n, sep.p, sep.n);
    fill(buf, unit, total);
    luaL_pushresultsize(&b, total - sep.n);
    return 1;
}

/* ------------------------------------------------------------------ lower, upper, reverse */

/* Pushes argument 1 with the 26 ASCII letters from `first` on shifted.  [-0, +1, e] */
static int push_cased(lua_State *L, char first, int shift)
{
    ds_str s = dsL_checkstr(L, 1);
    luaL_Buffer b;
    dsL_limits_reserve(L, 2 * s.n);
    char *buf = luaL_buffinitsize(L, &b, s.n);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        buf[i] = (char)((unsigned char)(c - first) < 26 ? c + shift : c);
    }
    luaL_pushresultsize(&b, s.n);
    return 1;
}

static int pattern_lower(lua_State *L)
{
    return push_cased(L, 'A', 'a' - 'A');
}

static int pattern_upper(lua_State *L)
{
    return push_cased(L, 'a', 'A' - 'a');
}

static int pattern_reverse(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    luaL_Buffer b;
    dsL_limits_reserve(L, 2 * s.n);
    char *buf = luaL_buffinitsize(L, &b, s.n);
    for (size_t i = 0; i < s.n; i++)
        buf[i] = s.p[s.n - 1 - i];
    luaL_pushresultsize(&b, s.n);
    return 1;
}

static const luaL_Reg functions[] = {
    {"find", pattern_find}, {"match", pattern_match}, {"gmatch", pattern_gmatch}, {"gsub", pattern_gsub},
    {"rep", pattern_rep},   {"lower", pattern_lower}, {"upper", pattern_upper}, {"reverse", pattern_reverse},
    {NULL, NULL},
};

int dsL_open_pattern(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}

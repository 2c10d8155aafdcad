/* pattern.c - see pattern.h. */
#include "pattern.h"

#include <string.h>

#include "compat.h"
#include "limit.h"

#define DEPTH_MAX 200 /* nested tries, as in stock Lua */
#define ESCAPE '%'

typedef unsigned char byte;

/* ------------------------------------------------------------------ sets of bytes */

/* Bit c of a class: byte c belongs to it.  ASCII only, so the upper half is empty. */
static const struct {
    char name;
    uint64_t bits[4];
} classes[] = {
    {'a', {0x0000000000000000u, 0x07fffffe07fffffeu, 0, 0}}, {'c', {0x00000000ffffffffu, 0x8000000000000000u, 0, 0}},
    {'d', {0x03ff000000000000u, 0x0000000000000000u, 0, 0}}, {'g', {0xfffffffe00000000u, 0x7fffffffffffffffu, 0, 0}},
    {'l', {0x0000000000000000u, 0x07fffffe00000000u, 0, 0}}, {'p', {0xfc00fffe00000000u, 0x78000001f8000001u, 0, 0}},
    {'s', {0x0000000100003e00u, 0x0000000000000000u, 0, 0}}, {'u', {0x0000000000000000u, 0x0000000007fffffeu, 0, 0}},
    {'w', {0x03ff000000000000u, 0x07fffffe07fffffeu, 0, 0}}, {'x', {0x03ff000000000000u, 0x0000007e0000007eu, 0, 0}},
    {'z', {0x0000000000000001u, 0x0000000000000000u, 0, 0}},
};

/* Index by letter - 'a' into `classes` from 1; 0: the letter names no class. */
static const byte class_of[26] = {
    ['a' - 'a'] = 1, ['c' - 'a'] = 2, ['d' - 'a'] = 3, ['g' - 'a'] = 4,  ['l' - 'a'] = 5, ['p' - 'a'] = 6,
    ['s' - 'a'] = 7, ['u' - 'a'] = 8, ['w' - 'a'] = 9, ['x' - 'a'] = 10, ['z' - 'a'] = 11,
};

static inline bool has_bit(const uint64_t bits[4], byte c)
{
    return (bits[c >> 6] >> (c & 63) & 1) != 0;
}

static inline void set_bit(uint64_t bits[4], byte c)
{
    bits[c >> 6] |= UINT64_C(1) << (c & 63);
}

/* What one item of a pattern matches: any byte, one byte, or the bytes of a set, perhaps negated. */
typedef struct item {
    enum { ANY, ONE, IN, NOT_IN } kind;
    byte c;
    const uint64_t *bits;
} item;

static inline bool item_has(const item *it, byte c)
{
    switch (it->kind) {
    case ONE: return c == it->c;
    case IN: return has_bit(it->bits, c);
    case NOT_IN: return !has_bit(it->bits, c);
    default: return true;
    }
}

/* The item "%c". */
static inline item escaped(byte c)
{
    byte low = c | 0x20;
    int k = low >= 'a' && low <= 'z' && ((c & 0x80) == 0) && c >= 'A' ? class_of[low - 'a'] : 0;
    if (k == 0)
        return (item){ONE, c, NULL};
    return (item){c == low ? IN : NOT_IN, c, classes[k - 1].bits};
}

static void add_escaped(uint64_t bits[4], byte c)
{
    item it = escaped(c);
    if (it.kind == ONE)
        set_bit(bits, c);
    else
        for (int i = 0; i < 4; i++)
            bits[i] |= it.kind == IN ? it.bits[i] : ~it.bits[i];
}

/* Bits of the set from its '[' to its ']'. */
static void read_set(uint64_t bits[4], const byte *p, const byte *close)
{
    bool negated = p[1] == '^';
    memset(bits, 0, 4 * sizeof *bits);
    for (p += negated ? 2 : 1; p < close; p++) {
        if (*p == ESCAPE) {
            add_escaped(bits, *++p);
        } else if (p[1] == '-' && p + 2 < close) {
            for (int c = p[0]; c <= p[2]; c++)
                set_bit(bits, (byte)c);
            p += 2;
        } else {
            set_bit(bits, *p);
        }
    }
    for (int i = 0; negated && i < 4; i++)
        bits[i] = ~bits[i];
}

/* The set at p as bits: kept for the next time it is come to while there is room, else made in `own`. */
static const uint64_t *set_bits(dsL_pattern *m, const byte *p, const byte *after, uint64_t own[4])
{
    for (int i = 0; i < DSL_PATTERN_SETS; i++) {
        dsL_set *s = &m->set[i];
        if (s->at == p)
            return s->bits;
        if (s->at == NULL) {
            s->at = p;
            read_set(s->bits, p, after - 1);
            return s->bits;
        }
    }
    read_set(own, p, after - 1);
    return own;
}

/* ------------------------------------------------------------------ reading the pattern */

/* The byte after the set that begins at p. */
static const byte *set_end(dsL_pattern *m, const byte *p)
{
    p += p[1] == '^' ? 2 : 1;
    do {
        if (p == m->pat_end)
            luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == ESCAPE && p < m->pat_end)
            p++;
    } while (*p != ']');
    return p + 1;
}

/* Reads the single-character item at p; returns the place after it.  `own` is for its set and lives as long as *it. */
static inline const byte *read_item(dsL_pattern *m, const byte *p, item *it, uint64_t own[4])
{
    switch (*p) {
    case '.':
        *it = (item){ANY, 0, NULL};
        return p + 1;
    case ESCAPE:
        if (p + 1 == m->pat_end)
            luaL_error(m->L, "malformed pattern (ends with '%%')");
        *it = escaped(p[1]);
        return p + 2;
    case '[': {
        const byte *after = set_end(m, p);
        *it = (item){IN, 0, set_bits(m, p, after, own)};
        return after;
    }
    default:
        *it = (item){ONE, *p, NULL};
        return p + 1;
    }
}

/* The byte with which every match of the rest p must begin, or -1 when that is not known at a glance. */
static int first_byte(const dsL_pattern *m, const byte *p)
{
    bool open = m->captures > 0 && m->capture[m->captures - 1].len == DSL_CAPTURE_OPEN;
    if (*p == ')' && p < m->pat_end && open)
        p++;
    if (p >= m->pat_end || strchr("()$.[%", *p) != NULL)
        return -1;
    return p[1] == '*' || p[1] == '?' || p[1] == '-' ? -1 : *p;
}

/* ------------------------------------------------------------------ matching */

static const byte *match(dsL_pattern *m, const byte *s, const byte *p);

static void out_of_budget(dsL_pattern *m)
{
    dsL_limits_poll(m->L);
    m->taken += DSL_PATTERN_POLL - m->budget;
    m->budget = DSL_PATTERN_POLL;
    if (m->taken > DSL_PATTERN_STEPS + 100 * (m->end - m->beg))
        dsL_limits_raise(m->L, DSL_LIMIT_STEPS);
}

static inline void spend(dsL_pattern *m, ptrdiff_t steps)
{
    m->budget -= steps;
    if (m->budget < 0)
        out_of_budget(m);
}

/* The number of bytes from s on that the item matches. */
static ptrdiff_t run_length(const dsL_pattern *m, const byte *s, const item *it)
{
    const byte *at = s, *end = m->end;
    switch (it->kind) {
    case ONE:
        while (at < end && *at == it->c)
            at++;
        return at - s;
    case IN:
        while (at < end && has_bit(it->bits, *at))
            at++;
        return at - s;
    case NOT_IN:
        while (at < end && !has_bit(it->bits, *at))
            at++;
        return at - s;
    default: return end - s;
    }
}

/* The item as often as possible from s on, then the rest. */
static const byte *match_longest(dsL_pattern *m, const byte *s, const item *it, const byte *rest)
{
    ptrdiff_t n = run_length(m, s, it);
    int first = n > 0 ? first_byte(m, rest) : -1;
    spend(m, n);
    for (; n >= 0; n--) {
        if (first >= 0 && (s + n == m->end || s[n] != first)) {
            spend(m, 1);
            continue;
        }
        const byte *e = match(m, s + n, rest);
        if (e != NULL)
            return e;
    }
    return NULL;
}

/* The item as rarely as possible from s on, then the rest. */
static const byte *match_shortest(dsL_pattern *m, const byte *s, const item *it, const byte *rest)
{
    int first = first_byte(m, rest);
    for (;; s++) {
        if (first < 0 || (s < m->end && *s == first)) {
            const byte *e = match(m, s, rest);
            if (e != NULL)
                return e;
        }
        if (s == m->end || !item_has(it, *s))
            return NULL;
        spend(m, 1);
    }
}

static const byte *match_balanced(dsL_pattern *m, const byte *s, const byte *p)
{
    if (p >= m->pat_end - 1)
        luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s == m->end || *s != p[0])
        return NULL;
    ptrdiff_t open = 1;
    for (const byte *at = s + 1; at < m->end; at++) {
        spend(m, 1);
        if (*at == p[1]) {
            if (--open == 0)
                return at + 1;
        } else if (*at == p[0]) {
            open++;
        }
    }
    return NULL;
}

/* Whether s is where the set at p, which ends at *after, begins to hold. */
static bool at_frontier(dsL_pattern *m, const byte *s, const byte *p, const byte **after)
{
    if (*p != '[')
        luaL_error(m->L, "missing '[' after '%%f' in pattern");
    *after = set_end(m, p);
    uint64_t own[4];
    const uint64_t *bits = set_bits(m, p, *after, own);
    return !has_bit(bits, s == m->beg ? 0 : s[-1]) && has_bit(bits, s == m->end ? 0 : *s);
}

/* The end of a repetition of capture `digit` at s. */
static const byte *match_again(dsL_pattern *m, const byte *s, byte digit)
{
    int k = digit - '1';
    if (k < 0 || k >= m->captures || m->capture[k].len == DSL_CAPTURE_OPEN) {
        luaL_error(m->L, "invalid capture index %%%d", k + 1);
        return NULL;
    }
    ptrdiff_t n = m->capture[k].len;
    if (n < 0) /* of a position: stock Lua finds no room for it either */
        return NULL;
    spend(m, n);
    return m->end - s >= n && memcmp(m->capture[k].beg, s, (size_t)n) == 0 ? s + n : NULL;
}

static const byte *open_capture(dsL_pattern *m, const byte *s, const byte *p)
{
    bool position = *p == ')';
    if (m->captures >= DSL_PATTERN_CAPTURES)
        luaL_error(m->L, "too many captures");
    m->capture[m->captures].beg = s;
    m->capture[m->captures].len = position ? DSL_CAPTURE_POSITION : DSL_CAPTURE_OPEN;
    m->captures++;
    const byte *e = match(m, s, position ? p + 1 : p);
    if (e == NULL)
        m->captures--;
    return e;
}

static const byte *close_capture(dsL_pattern *m, const byte *s, const byte *p)
{
    int k = m->captures - 1;
    while (k >= 0 && m->capture[k].len != DSL_CAPTURE_OPEN)
        k--;
    if (k < 0) {
        luaL_error(m->L, "invalid pattern capture");
        return NULL;
    }
    m->capture[k].len = s - m->capture[k].beg;
    const byte *e = match(m, s, p);
    if (e == NULL)
        m->capture[k].len = DSL_CAPTURE_OPEN;
    return e;
}

/* One item with what follows it, "?", "*", "+", "-" or nothing.  True: go on at *s, *p; false: *s is the result. */
static bool match_item(dsL_pattern *m, const byte **s, const byte **p)
{
    item it;
    uint64_t own[4];
    const byte *after = read_item(m, *p, &it, own);
    bool good = *s < m->end && item_has(&it, **s);
    switch (*after) {
    case '?': {
        const byte *e = good ? match(m, *s + 1, after + 1) : NULL;
        *p = after + 1;
        if (e == NULL)
            return true;
        *s = e;
        return false;
    }
    case '*':
        *s = match_longest(m, *s, &it, after + 1);
        return false;
    case '+':
        *s = good ? match_longest(m, *s + 1, &it, after + 1) : NULL;
        return false;
    case '-':
        *s = match_shortest(m, *s, &it, after + 1);
        return false;
    default:
        if (good) {
            (*s)++;
            *p = after;
            return true;
        }
        *s = NULL;
        return false;
    }
}

/* The items that begin with '%' and match more than a character.  True: it was one; *s is NULL when it failed. */
static bool match_special(dsL_pattern *m, const byte **s, const byte **p)
{
    const byte *after = *p + 2;
    switch ((*p)[1]) {
    case 'b':
        *s = match_balanced(m, *s, after);
        *p = after + 2;
        return true;
    case 'f':
        if (!at_frontier(m, *s, after, p))
            *s = NULL;
        return true;
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        *s = match_again(m, *s, (*p)[1]);
        *p = after;
        return true;
    default: return false;
    }
}

static const byte *match(dsL_pattern *m, const byte *s, const byte *p)
{
    if (m->depth-- == 0)
        luaL_error(m->L, "pattern too complex");
    while (s != NULL && p != m->pat_end) {
        spend(m, 1);
        if (*p == '(') {
            s = open_capture(m, s, p + 1);
            break;
        }
        if (*p == ')') {
            s = close_capture(m, s, p + 1);
            break;
        }
        if (*p == '$' && p + 1 == m->pat_end) {
            s = s == m->end ? s : NULL;
            break;
        }
        if (*p == ESCAPE && match_special(m, &s, &p))
            continue;
        if (!match_item(m, &s, &p))
            break;
    }
    m->depth++;
    return s;
}

/* ------------------------------------------------------------------ the interface */

void dsL_pattern_init(dsL_pattern *m, lua_State *L, const char *subject, size_t n, const char *pat_end)
{
    m->L = L;
    m->beg = (const byte *)subject;
    m->end = m->beg + n;
    m->pat_end = (const byte *)pat_end;
    m->budget = DSL_PATTERN_POLL;
    m->taken = 0;
    m->depth = DEPTH_MAX;
    m->captures = 0;
    for (int i = 0; i < DSL_PATTERN_SETS; i++)
        m->set[i].at = NULL;
}

const char *dsL_pattern_at(dsL_pattern *m, const char *s, const char *p)
{
    m->captures = 0;
    m->depth = DEPTH_MAX;
    return (const char *)match(m, (const byte *)s, (const byte *)p);
}

const char *dsL_pattern_search(dsL_pattern *m, const char *s, const char *p, const char **beg)
{
    const char *end = (const char *)m->end;
    m->captures = 0;
    int first = first_byte(m, (const byte *)p);
    for (; s <= end; s++) {
        if (first >= 0) {
            const char *at = s < end ? memchr(s, first, (size_t)(end - s)) : NULL;
            if (at == NULL)
                return NULL;
            spend(m, (at - s) / 16);
            s = at;
        }
        const char *e = dsL_pattern_at(m, s, p);
        if (e != NULL) {
            *beg = s;
            return e;
        }
    }
    return NULL;
}

static inline bool is_magic(byte c)
{
    switch (c) {
    case '^': case '$': case '*': case '+': case '?': case '.': case '(': case '[': case '%': case '-': return true;
    default: return false;
    }
}

bool dsL_pattern_plain(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_magic((byte)p[i]))
            return false;
    return true;
}

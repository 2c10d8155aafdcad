/*
 * query_phrase.c - a phrase, and the ways to cut it that the vocabulary allows.
 *
 * A cut of c1..cn into tokens has a first token that ends with c1..ck, whole tokens behind it, and a last one that begins
 * with what is left; or one token contains all.  Each of these is a part: a stretch of the phrase with the types that
 * can stand there.  Types are found by their first and last characters; those that contain the phrase by a pass over
 * the bytes of all keys.
 */
#include "query_int.h"
#include "cql_int.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ------------------------------------------------------------------ comparing with a key */

/* Bytes of white space at s.p + at, 0: none. */
static size_t space_at(ds_str s, size_t at)
{
    uint32_t cp;
    if (at >= s.n || (unsigned char)s.p[at] > 0xEF)
        return 0;
    size_t n = ds_utf8_decode(s.p + at, s.n - at, &cp);
    return cql_is_space(cp) ? n : 0;
}

static size_t space_before(ds_str s, size_t at)
{
    uint32_t cp;
    if (at == 0)
        return 0;
    size_t from = ds_utf8_prev(s, at);
    ds_utf8_decode(s.p + from, s.n - from, &cp);
    return cql_is_space(cp) ? at - from : 0;
}

/* Compares the phrase from byte `b` on with the key from `*k` on, until one is at its end (true) or they differ.  *k and
 * *end: how far it came in either. */
static bool walk(const q_phrase *p, size_t b, ds_str key, size_t *k, size_t *end)
{
    for (; b < p->text.n && *k < key.n; b++, ++*k) {
        if (b > 0 && (p->marks[b] & Q_BLANK))
            for (size_t n; (n = space_at(key, *k)) > 0;)
                *k += n;
        if (*k == key.n)
            break;
        if (p->text.p[b] != key.p[*k]) {
            *end = b;
            return false;
        }
    }
    *end = b;
    return (p->marks[b] & Q_BORDER) != 0;
}

/* The same backwards: the phrase before byte `b` and the key before its end; *k is where it came to. */
static bool walk_back(const q_phrase *p, size_t b, ds_str key, size_t *k, size_t *beg)
{
    *k = key.n;
    for (; b > 0 && *k > 0; b--, --*k) {
        if (b < p->text.n && (p->marks[b] & Q_BLANK))
            for (size_t n; (n = space_before(key, *k)) > 0;)
                *k -= n;
        if (*k == 0)
            break;
        if (p->text.p[b - 1] != key.p[*k - 1]) {
            *beg = b;
            return false;
        }
    }
    *beg = b;
    return true;
}

bool q_phrase_in(const q_phrase *p, ds_str key, size_t at, size_t *beg, size_t *end)
{
    size_t b;
    for (; at + p->text.n <= key.n; at++) {
        const char *c = memchr(key.p + at, p->text.p[0], key.n - at);
        if (c == NULL)
            return false;
        at = (size_t)(c - key.p);
        *beg = *end = at;
        if (walk(p, 0, key, end, &b) && b == p->text.n)
            return !p->aligned || (at == 0 && *end == key.n);
    }
    return false;
}

size_t q_phrase_edge(const q_phrase *p, const q_part *part, ds_str key, bool end)
{
    size_t k = 0, b = 0;
    if (part->kind == Q_END && !end) {
        walk_back(p, part->to, key, &k, &b);
        return k;
    }
    if (part->kind == Q_START && end) {
        walk(p, part->from, key, &k, &b);
        return k;
    }
    return end ? key.n : 0;
}

/* ------------------------------------------------------------------ parts */

static ds_status no_memory(ds_query *q)
{
    return ds_fail_nomem(&q->error);
}

static q_part *part_of(ds_query *q, q_phrase *p, q_part_kind kind, size_t from, size_t to)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->parts[i].kind == kind && p->parts[i].from == from && p->parts[i].to == to)
            return &p->parts[i];
    if (ds_grow(q->alloc, (void **)&p->parts, &p->cap, p->count + 1, sizeof *p->parts) != DS_OK)
        return NULL;
    p->parts[p->count] = (q_part){.kind = kind, .from = (uint32_t)from, .to = (uint32_t)to};
    return &p->parts[p->count++];
}

static ds_status add_type(ds_query *q, q_phrase *p, q_part_kind kind, size_t from, size_t to, uint32_t id,
                          const ds_type *t)
{
    q_part *part = part_of(q, p, kind, from, to);
    if (part == NULL || !q_list_add(q->alloc, &part->types.ids, id))
        return no_memory(q);
    part->types.tokens += t->count;
    return DS_OK;
}

static uint32_t cp_at(ds_str s, size_t at)
{
    uint32_t cp;
    ds_utf8_decode(s.p + at, s.n - at, &cp);
    return cp;
}

/* Keys that end with the phrase before byte `to`. */
static ds_status find_ends(ds_query *q, q_phrase *p, size_t to)
{
    size_t n, k, b;
    ds_type t;
    const uint32_t *ids = ds_index_last(q->ix, cp_at(p->text, ds_utf8_prev(p->text, to)), &n);
    for (size_t i = 0; i < n; i++) {
        ds_index_type(q->ix, ids[i], &t);
        if (t.cls == DS_CLASS_SPACE || !walk_back(p, to, t.key, &k, &b) || b > 0 || (p->aligned && k > 0))
            continue;
        ds_status st = add_type(q, p, Q_END, 0, to, ids[i], &t);
        if (st != DS_OK)
            return st;
    }
    q_step(q, n);
    return q->status;
}

/* Keys that stand for the phrase from byte `from` on, or for a stretch of it. */
static ds_status find_starts(ds_query *q, q_phrase *p, size_t from)
{
    size_t n, b;
    ds_type t;
    const uint32_t *ids = ds_index_first(q->ix, cp_at(p->text, from), &n);
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        ds_index_type(q->ix, ids[i], &t);
        if (t.cls == DS_CLASS_SPACE || !walk(p, from, t.key, &k, &b))
            continue;
        bool reached = b == p->text.n, whole = k == t.key.n;
        if (from == 0 ? !(reached && whole) : reached && p->aligned && !whole)
            continue; /* from the first byte on only a whole form is looked for; its beginnings are find_ends' */
        q_part_kind kind = from == 0 ? Q_IN : reached ? Q_START : Q_MID;
        ds_status st = add_type(q, p, kind, from, b, ids[i], &t);
        if (st != DS_OK)
            return st;
    }
    q_step(q, n);
    return q->status;
}

/* ------------------------------------------------------------------ keys that contain the phrase */

/* The first place of `what` at or behind `at`; SIZE_MAX: none.  Compares two bytes that tell characters apart at 16
 * places a time: the last of the first and of the last character. */
static size_t find_bytes(const char *p, size_t n, size_t at, ds_str what, size_t tell)
{
    size_t m = what.n;
    if (m > n)
        return SIZE_MAX;
#if defined(__SSE2__)
    const __m128i first = _mm_set1_epi8(what.p[tell]), last = _mm_set1_epi8(what.p[m - 1]);
    for (; at + m + 15 <= n; at += 16) {
        __m128i a = _mm_cmpeq_epi8(first, _mm_loadu_si128((const __m128i *)(const void *)(p + at + tell)));
        __m128i b = _mm_cmpeq_epi8(last, _mm_loadu_si128((const __m128i *)(const void *)(p + at + m - 1)));
        for (unsigned mask = (unsigned)_mm_movemask_epi8(_mm_and_si128(a, b)); mask != 0; mask &= mask - 1) {
            size_t i = at + (unsigned)__builtin_ctz(mask);
            if (memcmp(p + i, what.p, m) == 0)
                return i;
        }
    }
#else
    (void)tell;
#endif
    for (; at + m <= n; at++) {
        const char *c = memchr(p + at, what.p[0], n - m - at + 1);
        if (c == NULL)
            return SIZE_MAX;
        at = (size_t)(c - p);
        if (memcmp(c, what.p, m) == 0)
            return at;
    }
    return SIZE_MAX;
}

/* The longest stretch of the phrase without a blank. */
static ds_str longest_piece(const q_phrase *p)
{
    ds_str best = {NULL, 0};
    for (size_t from = 0, i = 1; i <= p->text.n; i++)
        if (i == p->text.n || (p->marks[i] & Q_BLANK)) {
            if (i - from > best.n)
                best = (ds_str){p->text.p + from, i - from};
            from = i;
        }
    return best;
}

/* The type whose key holds the byte `at` of all keys. */
static uint32_t type_at(const uint32_t *starts, uint32_t types, size_t at)
{
    uint32_t lo = 0, hi = types;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (starts[mid] <= at)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static ds_status find_inside(ds_query *q, q_phrase *p)
{
    const uint32_t *starts;
    const char *keys = ds_index_keys(q->ix, &starts);
    uint32_t types = ds_index_types(q->ix), cp;
    size_t n = starts[types], beg, end;
    ds_str piece = longest_piece(p);
    size_t tell = ds_utf8_decode(piece.p, piece.n, &cp) - 1;
    ds_type t;
    for (size_t at = 0; (at = find_bytes(keys, n, at, piece, tell)) != SIZE_MAX;) {
        uint32_t id = type_at(starts, types, at);
        at = starts[id + 1] > at ? starts[id + 1] : at + 1; /* the next key */
        ds_index_type(q->ix, id, &t);
        if (t.cls == DS_CLASS_SPACE || id == DS_TYPE_END || !q_phrase_in(p, t.key, 0, &beg, &end))
            continue;
        ds_status st = add_type(q, p, Q_IN, 0, p->text.n, id, &t);
        if (st != DS_OK)
            return st;
    }
    q_step(q, n / 16);
    return q->status;
}

/* ------------------------------------------------------------------ the whole phrase */

/* Takes the blanks out, and marks where they were and where characters begin. */
static bool take_text(ds_query *q, q_phrase *p, ds_str text)
{
    uint32_t cp;
    char *plain = ds_malloc(q->alloc, text.n);
    p->text = (ds_str){plain, 0};
    p->held = text.n;
    p->marks = ds_calloc(q->alloc, text.n + 1, 1);
    if (plain == NULL || p->marks == NULL)
        return false;
    size_t n = 0;
    for (size_t i = 0, len; i < text.n; i += len) {
        len = ds_utf8_decode(text.p + i, text.n - i, &cp);
        if (cql_is_space(cp)) {
            if (n > 0)
                p->marks[n] |= Q_BLANK, p->blanks = true;
            continue;
        }
        p->marks[n] |= Q_BORDER;
        memcpy(plain + n, text.p + i, len);
        n += len;
    }
    p->marks[n] = Q_BORDER;
    p->text.n = n;
    return true;
}

/* Whether a beginning of the phrase is its end, too. */
static bool repeats(const q_phrase *p)
{
    for (size_t i = 1; i < p->text.n; i++)
        if ((p->marks[i] & Q_BORDER) && memcmp(p->text.p, p->text.p + i, p->text.n - i) == 0)
            return true;
    return false;
}

/* The byte such that the parts over it have the fewest tokens. */
static void choose_hinge(q_phrase *p)
{
    p->cost = UINT64_MAX;
    for (uint32_t at = 0; at < p->text.n; at++) {
        uint64_t cost = 0;
        if (!(p->marks[at] & Q_BORDER))
            continue;
        for (size_t i = 0; i < p->count; i++)
            if (p->parts[i].kind != Q_SPACE && p->parts[i].from <= at && at < p->parts[i].to)
                cost += p->parts[i].types.tokens;
        if (cost < p->cost) {
            p->cost = cost;
            p->hinge = at;
        }
    }
}

static ds_status find_spaces(ds_query *q, q_phrase *p)
{
    for (size_t at = 1; at < p->text.n; at++) {
        if (!(p->marks[at] & Q_BLANK))
            continue;
        ds_status st = q_list_spaces(q);
        if (st != DS_OK)
            return st;
        if (q->spaces.ids.n > 0 && part_of(q, p, Q_SPACE, at, at) == NULL)
            return no_memory(q);
    }
    return DS_OK;
}

static ds_status find_parts(ds_query *q, q_phrase *p)
{
    ds_status st = p->aligned ? DS_OK : find_inside(q, p);
    for (size_t at = p->text.n - 1; st == DS_OK && at > 0; at--)
        if (p->marks[at] & Q_BORDER)
            st = find_ends(q, p, at);
    for (size_t at = p->aligned ? 0 : 1; st == DS_OK && at < p->text.n; at++)
        if (p->marks[at] & Q_BORDER)
            st = find_starts(q, p, at);
    return st == DS_OK ? find_spaces(q, p) : st;
}

ds_status q_phrase_add(ds_query *q, ds_str text, bool aligned, uint32_t off)
{
    if (ds_utf8_count(text) > DS_QUERY_PHRASE_MAX)
        return q_fail(q, DS_ELIMIT, off, "a phrase has at most 128 characters, not so many as", text);
    if (ds_grow(q->alloc, (void **)&q->phrases, &q->phrase_cap, q->phrase_count + 1, sizeof *q->phrases) != DS_OK)
        return no_memory(q);
    q_phrase *p = &q->phrases[q->phrase_count++];
    *p = (q_phrase){.aligned = aligned};
    if (!take_text(q, p, text))
        return no_memory(q);
    p->repeats = repeats(p);
    ds_status st = find_parts(q, p);
    choose_hinge(p);
    return st;
}

void q_phrase_clear(ds_query *q, q_phrase *p)
{
    for (size_t i = 0; i < p->count; i++)
        q_list_clear(q->alloc, &p->parts[i].types.ids);
    ds_mfree(q->alloc, p->parts, p->cap * sizeof *p->parts);
    ds_mfree(q->alloc, (char *)(uintptr_t)p->text.p, p->held);
    ds_mfree(q->alloc, p->marks, p->held + 1);
}

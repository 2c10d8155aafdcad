/*
 * query_nfa.c - the automaton of a query: each element, and each part of a phrase, is a place, and a set of places says
 * what may come behind it.
 *
 * What a type can be is worked out when a token of that type is met for the first time, and kept as its sign.  A stretch
 * of tokens is run through from its end first: from then on it is known of each token as which places it can be part of
 * a match, so that the run from the beginning never goes wrong and stops where the longest match ends.
 */
#include "query_int.h"

#include <string.h>

/* ------------------------------------------------------------------ building */

typedef struct fragment {
    q_set first, last;
    bool optional;
} fragment;

typedef struct builder {
    ds_query *q;
    q_set *follow; /* by place */
    size_t cap;
    uint32_t captures;
    ds_status status;
} builder;

static void set_add(q_set *s, size_t i)
{
    s->w[i / 64] |= (uint64_t)1 << i % 64;
}

static void set_join(q_set *s, const q_set *other)
{
    for (size_t i = 0; i < Q_WORDS_MAX; i++)
        s->w[i] |= other->w[i];
}

static size_t add_place(builder *b, q_place place)
{
    q_nfa *n = &b->q->nfa;
    if (b->status != DS_OK)
        return 0;
    if (n->count >= DS_QUERY_PLACES_MAX) {
        b->status = ds_fail(&b->q->error, DS_ELIMIT, 0, 0,
                            "the query is too large: repetitions written out it has more than %u elements",
                            DS_QUERY_PLACES_MAX);
        return 0;
    }
    if (ds_grow(b->q->alloc, (void **)&n->places, &n->cap, n->count + 1, sizeof *n->places) != DS_OK ||
        ds_grow(b->q->alloc, (void **)&b->follow, &b->cap, n->count + 1, sizeof *b->follow) != DS_OK) {
        b->status = ds_fail_nomem(&b->q->error);
        return 0;
    }
    place.captures = b->captures;
    n->places[n->count] = place;
    memset(&b->follow[n->count], 0, sizeof *b->follow);
    return n->count++;
}

/* All of `from` may be followed by all of `to`. */
static void connect(builder *b, const q_set *from, const q_set *to)
{
    for (size_t w = 0; b->status == DS_OK && w < Q_WORDS_MAX; w++)
        for (uint64_t bits = from->w[w]; bits != 0; bits &= bits - 1)
            set_join(&b->follow[w * 64 + (unsigned)__builtin_ctzll(bits)], to);
}

static void append(builder *b, fragment *f, const fragment *more)
{
    connect(b, &f->last, &more->first);
    if (f->optional)
        set_join(&f->first, &more->first);
    if (!more->optional)
        f->last = more->last;
    else
        set_join(&f->last, &more->last);
    f->optional = f->optional && more->optional;
}

static const fragment nothing = {.optional = true};

static bool part_follows(const q_part *a, const q_part *b)
{
    if (a->kind == Q_IN || a->kind == Q_START || b->kind == Q_IN || b->kind == Q_END)
        return false;
    return b->from == (a->kind == Q_SPACE ? a->from : a->to);
}

static void build_phrase(builder *b, uint32_t number, fragment *f)
{
    const q_phrase *p = &b->q->phrases[number];
    size_t base = b->q->nfa.count;
    for (size_t i = 0; i < p->count; i++) {
        const q_part *part = &p->parts[i];
        size_t at = add_place(b, (q_place){.token = DS_CQL_NONE, .phrase = number, .part = (uint32_t)i});
        if (b->status != DS_OK)
            return;
        if (part->kind == Q_IN || part->kind == Q_END)
            set_add(&f->first, at);
        if (part->kind == Q_IN || part->kind == Q_START) {
            set_add(&f->last, at);
            set_add(&b->q->nfa.open, at);
        }
    }
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->count; k++)
            if (part_follows(&p->parts[i], &p->parts[k]))
                set_add(&b->follow[base + i], base + k);
}

static void build_phrases(builder *b, uint32_t node, fragment *f)
{
    *f = (fragment){.optional = false};
    for (uint32_t i = 0; i < b->q->phrase_n[node]; i++)
        build_phrase(b, b->q->phrase_of[node] + i, f);
}

static void build(builder *b, uint32_t node, fragment *f);

static void build_repeat(builder *b, const ds_cql_node *n, fragment *f)
{
    uint32_t copies = n->max != DS_CQL_UNBOUNDED ? n->max : n->min > 0 ? n->min : 1;
    *f = nothing;
    for (uint32_t i = 0; i < copies && b->status == DS_OK; i++) {
        fragment x;
        build(b, n->child, &x);
        if (i >= n->min)
            x.optional = true;
        if (n->max == DS_CQL_UNBOUNDED && i + 1 == copies)
            connect(b, &x.last, &x.first);
        append(b, f, &x);
    }
}

static void build_choice(builder *b, const ds_cql_node *n, fragment *f)
{
    *f = (fragment){.optional = false};
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(b->q->tree, c)->next) {
        fragment x;
        build(b, c, &x);
        set_join(&f->first, &x.first);
        set_join(&f->last, &x.last);
        f->optional = f->optional || x.optional;
    }
}

static void build_token(builder *b, uint32_t node, fragment *f)
{
    *f = (fragment){.optional = false};
    size_t at = add_place(b, (q_place){.token = b->q->token_of[node], .phrase = DS_CQL_NONE});
    set_add(&f->first, at);
    set_add(&f->last, at);
    set_add(&b->q->nfa.open, at);
}

static void build(builder *b, uint32_t node, fragment *f)
{
    const ds_cql_node *n = ds_cql_at(b->q->tree, node);
    uint32_t outer = b->captures;
    *f = nothing;
    if (b->status != DS_OK)
        return;
    switch (n->kind) {
    case DS_CQL_TOKEN:
        if (b->q->token_of[node] != DS_CQL_NONE)
            build_token(b, node, f);
        else
            build_phrases(b, node, f);
        return;
    case DS_CQL_PHRASE: build_phrases(b, node, f); return;
    case DS_CQL_REPEAT: build_repeat(b, n, f); return;
    case DS_CQL_CHOICE: build_choice(b, n, f); return;
    case DS_CQL_CAPTURE: b->captures |= (uint32_t)1 << n->capture; break;
    default: break;
    }
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(b->q->tree, c)->next) {
        fragment x;
        build(b, c, &x);
        append(b, f, &x);
    }
    b->captures = outer;
}

/* The sets in as few words as they need, and the other way round. */
static ds_status settle(ds_query *q, const q_set *follow)
{
    q_nfa *n = &q->nfa;
    n->words = n->count > 0 ? (n->count + 63) / 64 : 1;
    size_t all = (n->count + 1) * n->words;
    n->follow = ds_calloc(q->alloc, all, sizeof *n->follow);
    n->before = ds_calloc(q->alloc, all, sizeof *n->before);
    n->types = ds_index_types(q->ix);
    n->sign_of = ds_calloc(q->alloc, n->types, sizeof *n->sign_of);
    if (n->follow == NULL || n->before == NULL || n->sign_of == NULL)
        return ds_fail_nomem(&q->error);
    for (size_t i = 0; i < n->count; i++) {
        memcpy(n->follow + i * n->words, follow[i].w, n->words * sizeof *n->follow);
        for (size_t k = 0; k < n->count; k++)
            if (follow[i].w[k / 64] >> k % 64 & 1)
                n->before[k * n->words + i / 64] |= (uint64_t)1 << i % 64;
    }
    return DS_OK;
}

ds_status q_nfa_build(ds_query *q)
{
    builder b = {.q = q};
    fragment f;
    build(&b, ds_cql_root(q->tree), &f);
    q->nfa.first = f.first;
    q->nfa.last = f.last;
    ds_status st = b.status == DS_OK ? settle(q, b.follow) : b.status;
    ds_mfree(q->alloc, b.follow, b.cap * sizeof *b.follow);
    return st;
}

void q_nfa_clear(ds_query *q)
{
    q_nfa *n = &q->nfa;
    size_t all = (n->count + 1) * n->words * sizeof(uint64_t);
    ds_mfree(q->alloc, n->places, n->cap * sizeof *n->places);
    ds_mfree(q->alloc, n->follow, all);
    ds_mfree(q->alloc, n->before, all);
    ds_mfree(q->alloc, n->sign_of, n->types * sizeof *n->sign_of);
    ds_mfree(q->alloc, n->signs, n->sign_cap * sizeof *n->signs);
    ds_mfree(q->alloc, n->table, n->table_size * sizeof *n->table);
    ds_mfree(q->alloc, n->may, n->may_cap * sizeof *n->may);
    ds_mfree(q->alloc, n->holds, q->token_count);
}

/* ------------------------------------------------------------------ signs */

static size_t hash_sign(const uint64_t *sign, size_t n)
{
    uint64_t h = 0;
    for (size_t i = 0; i < n; i++)
        h = (h ^ sign[i]) * 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 20);
}

static const uint64_t *sign_at(const q_nfa *n, uint32_t i)
{
    return n->signs + (size_t)(i - 1) * (n->words + 1);
}

static bool grow_table(ds_query *q)
{
    q_nfa *n = &q->nfa;
    size_t size = n->table_size > 0 ? 2 * n->table_size : 64;
    uint32_t *table = ds_calloc(q->alloc, size, sizeof *table);
    if (table == NULL)
        return false;
    for (uint32_t i = 1; i <= n->sign_count; i++) {
        size_t h = hash_sign(sign_at(n, i), n->words + 1) & (size - 1);
        while (table[h] != 0)
            h = (h + 1) & (size - 1);
        table[h] = i;
    }
    ds_mfree(q->alloc, n->table, n->table_size * sizeof *n->table);
    n->table = table;
    n->table_size = size;
    return true;
}

/* The number of a sign, from 1; 0: no memory. */
static uint32_t intern_sign(ds_query *q, const uint64_t *sign)
{
    q_nfa *n = &q->nfa;
    size_t row = n->words + 1;
    if (2 * (n->sign_count + 1) > n->table_size && !grow_table(q))
        return 0;
    size_t h = hash_sign(sign, row) & (n->table_size - 1);
    for (; n->table[h] != 0; h = (h + 1) & (n->table_size - 1))
        if (memcmp(sign_at(n, n->table[h]), sign, row * sizeof *sign) == 0)
            return n->table[h];
    if (ds_grow(q->alloc, (void **)&n->signs, &n->sign_cap, (n->sign_count + 1) * row, sizeof *n->signs) != DS_OK)
        return 0;
    memcpy(n->signs + n->sign_count * row, sign, row * sizeof *sign);
    return n->table[h] = (uint32_t)++n->sign_count;
}

/* Whether a token of the type can be at the place. */
static bool may_be(ds_query *q, const q_place *place, uint32_t id, const ds_type *t)
{
    bool space = t->cls == DS_CLASS_SPACE;
    if (place->token == DS_CQL_NONE) {
        const q_part *part = &q->phrases[place->phrase].parts[place->part];
        return part->kind == Q_SPACE ? space : q_list_has(&part->types.ids, id);
    }
    if (space)
        return false;
    char *known = &q->nfa.holds[place->token];
    const q_token *token = &q->tokens[place->token];
    if (*known == 0)
        *known = (token->listed ? q_list_has(&token->types.ids, id) : q_holds(q, token->expr, t)) ? 1 : 2;
    return *known == 1;
}

static uint32_t new_sign(ds_query *q, uint32_t id)
{
    uint64_t sign[Q_WORDS_MAX + 1] = {0};
    q_nfa *n = &q->nfa;
    ds_type t;
    if (n->holds == NULL && q->token_count > 0 && (n->holds = ds_malloc(q->alloc, q->token_count)) == NULL)
        return 0;
    ds_index_type(q->ix, id, &t);
    if (q->token_count > 0)
        memset(n->holds, 0, q->token_count);
    for (size_t i = 0; id != DS_TYPE_END && i < n->count; i++)
        if (may_be(q, &n->places[i], id, &t))
            sign[i / 64] |= (uint64_t)1 << i % 64;
    sign[n->words] = id != DS_TYPE_END && t.cls == DS_CLASS_SPACE;
    q_step(q, 64 + 16 * n->count);
    return intern_sign(q, sign);
}

static const uint64_t *first_sign(ds_query *q, uint32_t id)
{
    uint32_t s = new_sign(q, id);
    if (s == 0 && q->status == DS_OK)
        q->status = ds_fail_nomem(&q->error);
    if (q->status != DS_OK)
        return NULL;
    q->nfa.sign_of[id] = s;
    return sign_at(&q->nfa, s);
}

/* The sign of a type, which is below the number of types; NULL: no memory, or a regular expression failed. */
static inline const uint64_t *sign_of(ds_query *q, uint32_t id)
{
    uint32_t s = q->nfa.sign_of[id];
    return s != 0 ? sign_at(&q->nfa, s) : first_sign(q, id);
}

/* ------------------------------------------------------------------ running */

/* The union of the rows of `rows` whose numbers are in `set`, joined to `out`. */
static inline void join_rows(const uint64_t *rows, const uint64_t *set, size_t words, uint64_t *out)
{
    for (size_t w = 0; w < words; w++)
        for (uint64_t bits = set[w]; bits != 0; bits &= bits - 1) {
            const uint64_t *row = rows + (w * 64 + (unsigned)__builtin_ctzll(bits)) * words;
            for (size_t k = 0; k < words; k++)
                out[k] |= row[k];
        }
}

static inline bool meet(const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t w = 0; w < words; w++)
        if ((a[w] & b[w]) != 0)
            return true;
    return false;
}

static inline bool is_empty(const uint64_t *a, size_t words)
{
    for (size_t w = 0; w < words; w++)
        if (a[w] != 0)
            return false;
    return true;
}

/* Fills q->nfa.may for each token; `whole`: a match has to end behind the last one. */
static inline bool look_ahead(ds_query *q, const uint32_t *types, size_t n, uint32_t base, bool whole, size_t words)
{
    q_nfa *a = &q->nfa;
    size_t need;
    uint64_t ahead[Q_WORDS_MAX], mapped[Q_WORDS_MAX + 1];
    if (!ds_mul(n, words, &need) ||
        ds_grow(q->alloc, (void **)&a->may, &a->may_cap, need, sizeof *a->may) != DS_OK) {
        q->status = ds_fail_nomem(&q->error);
        return false;
    }
    memcpy(ahead, a->last.w, sizeof ahead);
    for (size_t p = n; p-- > 0;) {
        const uint64_t *sign = types != NULL ? sign_of(q, types[p]) : mapped;
        uint64_t *may = a->may + p * words;
        if (sign == NULL)
            return false;
        if (types == NULL)
            q_maps_sign(q, base + (uint32_t)p, mapped);
        for (size_t w = 0; w < words; w++) {
            may[w] = sign[w] & ahead[w];
            ahead[w] = (whole ? 0 : a->last.w[w]) | (sign[words] != 0 ? ahead[w] & a->open.w[w] : 0);
        }
        join_rows(a->before, may, words, ahead);
    }
    return !q_step(q, 8 * need);
}

/* Whether token p of a window, all of whose types have been met, is white space. */
static inline bool is_space(const ds_query *q, const uint32_t *types, size_t p, uint32_t base)
{
    if (types == NULL)
        return q_maps_space(q, base + (uint32_t)p);
    return sign_at(&q->nfa, q->nfa.sign_of[types[p]])[q->nfa.words] != 0;
}

/* The end of the longest match that begins with token `beg`; `beg` itself: none does. */
static inline size_t longest(ds_query *q, const uint32_t *types, size_t n, uint32_t base, size_t beg, size_t words)
{
    const q_nfa *a = &q->nfa;
    uint64_t now[Q_WORDS_MAX], then[Q_WORDS_MAX];
    size_t end = beg;
    for (size_t w = 0; w < words; w++)
        now[w] = a->first.w[w] & a->may[beg * words + w];
    if (meet(now, a->last.w, words))
        end = beg + 1;
    for (size_t p = beg + 1; p < n && !is_empty(now, words); p++) {
        memset(then, 0, words * sizeof *then);
        join_rows(a->follow, now, words, then);
        for (size_t w = 0; w < words; w++)
            then[w] &= a->may[p * words + w];
        if (meet(then, a->last.w, words))
            end = p + 1;
#ifndef DS_PLANT_QUERY /* a bug that fuzzing must find: `make fuzz` */
        bool space = is_space(q, types, p, base);
        for (size_t w = 0; w < words; w++)
            now[w] = then[w] | (space ? now[w] & a->open.w[w] : 0);
#else
        memcpy(now, then, words * sizeof *now);
#endif
    }
    return end;
}

/* Where a match that begins with token `beg` has to end at the latest. */
static size_t limit_of(const ds_query *q, q_units *units, const uint32_t *types, size_t n, uint32_t base, size_t beg)
{
    uint32_t low, high;
    if (ds_cql_unit(q->tree) == DS_CQL_TOKENS) {
        size_t end = beg;
        for (uint32_t left = ds_cql_span(q->tree); end < n && left > 0; end++)
            left -= !is_space(q, types, end, base);
        return end;
    }
    q_span_at(q, units, base + (uint32_t)beg, &low, &high);
    return high - base < n ? high - base : n;
}

static inline ds_status run_window(ds_query *q, const uint32_t *types, size_t n, uint32_t base, size_t words, q_occs *out)
{
    const q_nfa *a = &q->nfa;
    bool slides = q_slides(q);
    q_units units = {0};
    if (!look_ahead(q, types, n, base, false, words))
        return q->status;
    for (size_t p = 0; p < n;) {
        if (!meet(a->first.w, a->may + p * words, words)) {
            p++;
            continue;
        }
        size_t limit = slides ? limit_of(q, &units, types, n, base, p) : n;
        size_t end = longest(q, types, limit, base, p, words);
        if (end > p && !q_occs_add(q, out, (q_occ){base + (uint32_t)p, base + (uint32_t)end, DS_QUERY_WHOLE, 0}))
            return DS_ENOMEM;
        if (q_step(q, 8 * ((end > p ? end : limit) - p) * words))
            break;
        p = end > p && !q->opt.overlap ? end : p + 1;
    }
    return q->status;
}

ds_status q_nfa_window(ds_query *q, const uint32_t *types, size_t n, uint32_t base, q_occs *out)
{
    if (n == 0 || q->nfa.count == 0)
        return q->status;
    return q->nfa.words == 1 ? run_window(q, types, n, base, 1, out)
                             : run_window(q, types, n, base, q->nfa.words, out);
}

/* The lowest number in both sets, or DS_CQL_NONE. */
static uint32_t lowest(const uint64_t *a, const uint64_t *b, size_t words)
{
    for (size_t w = 0; w < words; w++)
        if ((a[w] & b[w]) != 0)
            return (uint32_t)(w * 64 + (unsigned)__builtin_ctzll(a[w] & b[w]));
    return DS_CQL_NONE;
}

bool q_nfa_path(ds_query *q, const uint32_t *types, size_t n, uint32_t *places)
{
    const q_nfa *a = &q->nfa;
    size_t words = a->words;
    uint64_t steps = q->steps, check = q->next_check;
    bool stopped = q->stopped;
    if (n == 0 || a->count == 0)
        return false;
    look_ahead(q, types, n, 0, true, words);
    q->steps = steps, q->next_check = check, q->stopped = stopped; /* looking at a hit is no part of the run */
    if (q->status != DS_OK)
        return false;
    const uint64_t *next = a->first.w;
    for (size_t p = 0; p < n; p++) {
        uint32_t at = lowest(next, a->may + p * words, words);
        places[p] = at;
        if (at != DS_CQL_NONE)
            next = a->follow + at * words;
        else if (p == 0 || sign_of(q, types[p])[words] == 0)
            return false;
    }
    return true;
}

/* match_build.c - builds the automaton of match_int.h from a list of terms. */
#include <string.h>

#include "match_int.h"

#define MAX_SYMBOLS 0x7FFFFFFFu
#define MARK_INNER 1u /* in `exact` until codes are given out: the symbol occurs in a term ... */
#define MARK_FIRST 2u /* ... and begins one */

/* What only the construction needs. */
typedef struct match_builder {
    ds_matcher *m;
    const ds_alloc *alloc;
    uint32_t *symbols; /* of all terms, one after another; replaced by their codes */
    size_t count, cap;
    uint32_t *starts;  /* nterms + 1: where each term's symbols start */
    uint32_t *order;   /* the terms by key, then by number */
    uint32_t *spare;   /* nterms + 1: of sorting; afterwards unused */
    uint32_t *lo, *hi; /* for each state the keys below it */
    uint32_t *prefix;  /* of the longest key: see can_overlap */
    ds_error *err;
} match_builder;

/* ---------------------------------------------------------------- code tables */

static void codes_free(match_codes *t, const ds_alloc *a)
{
    ds_mfree(a, t->codes, t->cap * sizeof *t->codes);
}

/* A further page full of `fill`; 0 on lack of memory, else its number plus 1. */
static size_t codes_add_page(match_codes *t, const ds_alloc *a, uint16_t fill)
{
    if (ds_grow(a, (void **)&t->codes, &t->cap, (t->pages + 1) * 256, sizeof *t->codes) != DS_OK)
        return 0;
    for (size_t i = 0; i < 256; i++)
        t->codes[t->pages * 256 + i] = fill;
    return ++t->pages;
}

static bool codes_init(match_codes *t, const ds_alloc *a, uint16_t otherwise)
{
    return codes_add_page(t, a, otherwise) != 0 && codes_add_page(t, a, 0) != 0;
}

/* The entry of `symbol`, to be written; NULL on lack of memory. */
static uint16_t *codes_entry(match_codes *t, const ds_alloc *a, uint32_t symbol)
{
    uint16_t *page = &t->index[symbol >> 8];
    if (*page < 2) {
        size_t added = codes_add_page(t, a, t->codes[(size_t)*page << 8]);
        if (added == 0)
            return NULL;
        *page = (uint16_t)(added - 1);
    }
    return &t->codes[(size_t)*page << 8 | (symbol & 0xFF)];
}

/* ---------------------------------------------------------------- terms to codes */

static ds_status add_symbol(match_builder *b, uint32_t symbol, bool first)
{
    if (b->count >= MAX_SYMBOLS)
        return ds_fail(b->err, DS_ELIMIT, 0, 0, "the terms have more than %u characters altogether", MAX_SYMBOLS);
    uint16_t *mark = codes_entry(&b->m->exact, b->alloc, symbol);
    if (mark == NULL || ds_grow(b->alloc, (void **)&b->symbols, &b->cap, b->count + 1, sizeof *b->symbols) != DS_OK)
        return ds_fail_nomem(b->err);
    *mark |= first ? MARK_FIRST : MARK_INNER;
    b->symbols[b->count++] = symbol;
    return DS_OK;
}

static ds_status add_term(match_builder *b, ds_str term)
{
    size_t beg = b->count;
    uint32_t cp, out[DS_FOLD_CP_MAX];
    for (size_t off = 0, len; off < term.n; off += len) {
        len = ds_utf8_decode(term.p + off, term.n - off, &cp);
        bool bad = cp == DS_UTF8_BAD;
        size_t n = bad ? len : ds_fold_cp(cp, b->m->fold, out);
        for (size_t i = 0; i < n; i++) {
            uint32_t symbol = bad ? MATCH_BAD_SYMBOL + (unsigned char)term.p[off + i] : out[i];
            ds_status st = add_symbol(b, symbol, b->count == beg);
            if (st != DS_OK)
                return st;
        }
    }
    if (b->count - beg > b->m->longest)
        b->m->longest = (uint32_t)(b->count - beg);
    return DS_OK;
}

static ds_status add_terms(match_builder *b, const ds_str *terms)
{
    for (uint32_t t = 0; t < b->m->nterms; t++) {
        if (terms[t].n == 0)
            return ds_fail(b->err, DS_EINVAL, 0, (uint64_t)t + 1, "term %u is empty", (unsigned)t + 1);
        b->starts[t] = (uint32_t)b->count;
        ds_status st = add_term(b, terms[t]);
        if (st != DS_OK)
            return st;
    }
    b->starts[b->m->nterms] = (uint32_t)b->count;
    return DS_OK;
}

/* Gives every marked symbol its code: those that begin a term first. */
static ds_status number_symbols(match_builder *b)
{
    match_codes *t = &b->m->exact;
    uint32_t next = 1;
    size_t total = t->pages * 256, marked = 0;
    for (size_t i = 0; i < total; i++)
        marked += t->codes[i] != 0;
    if (marked > DS_MATCH_MAX_CODES)
        return ds_fail(b->err, DS_ELIMIT, 0, 0, "the terms use more than %u different characters", DS_MATCH_MAX_CODES);
    /* Kept apart in the first pass, because a code looks like a mark. */
    uint16_t *first_code = ds_calloc(b->alloc, total, sizeof *first_code);
    if (first_code == NULL)
        return ds_fail_nomem(b->err);
    for (size_t i = 0; i < total; i++)
        if ((t->codes[i] & MARK_FIRST) != 0)
            first_code[i] = (uint16_t)next++;
    b->m->roots = next - 1;
    for (size_t i = 0; i < total; i++)
        if (t->codes[i] != 0)
            t->codes[i] = first_code[i] != 0 ? first_code[i] : (uint16_t)next++;
    b->m->ncodes = next;
    ds_mfree(b->alloc, first_code, total * sizeof *first_code);
    for (size_t i = 0; i < b->count; i++)
        b->symbols[i] = match_code(t, b->symbols[i]);
    return DS_OK;
}

/* ---------------------------------------------------------------- sorting and grouping */

static uint32_t term_len(const match_builder *b, uint32_t term)
{
    return b->starts[term + 1] - b->starts[term];
}

/* Number of codes that two keys have in common at their beginning. */
static uint32_t common_prefix(const match_builder *b, uint32_t t, uint32_t u)
{
    uint32_t n = term_len(b, t) < term_len(b, u) ? term_len(b, t) : term_len(b, u), i = 0;
    const uint32_t *p = b->symbols + b->starts[t], *q = b->symbols + b->starts[u];
    while (i < n && p[i] == q[i])
        i++;
    return i;
}

/* Whether t's key comes before or is u's. */
static bool key_not_after(const match_builder *b, uint32_t t, uint32_t u)
{
    uint32_t i = common_prefix(b, t, u);
    if (i == term_len(b, t) || i == term_len(b, u))
        return term_len(b, t) <= term_len(b, u);
    return b->symbols[b->starts[t] + i] < b->symbols[b->starts[u] + i];
}

static void merge_runs(const match_builder *b, const uint32_t *from, uint32_t *to, size_t beg, size_t mid, size_t end)
{
    size_t i = beg, j = mid;
    for (size_t k = beg; k < end; k++)
        to[k] = i < mid && (j >= end || key_not_after(b, from[i], from[j])) ? from[i++] : from[j++];
}

/* Bottom-up merge sort: stable, and a list sorted already costs one comparison a term and round. */
static void sort_terms(match_builder *b)
{
    size_t n = b->m->nterms;
    for (size_t i = 0; i < n; i++)
        b->order[i] = (uint32_t)i;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t beg = 0; beg < n; beg += 2 * run) {
            size_t mid = n - beg < run ? n : beg + run, end = n - mid < run ? n : mid + run;
            merge_runs(b, b->order, b->spare, beg, mid, end);
        }
        uint32_t *t = b->order;
        b->order = b->spare;
        b->spare = t;
    }
}

/* Whether a key can begin inside an occurrence of itself: whether some proper prefix is also its
 * suffix (the prefix function of Knuth, Morris and Pratt, at the last place). */
static bool can_overlap(const match_builder *b, uint32_t term)
{
    const uint32_t *p = b->symbols + b->starts[term];
    uint32_t n = term_len(b, term), k = 0, *prefix = b->prefix;
    prefix[0] = 0;
    for (uint32_t i = 1; i < n; i++) {
        while (k > 0 && p[i] != p[k])
            k = prefix[k - 1];
        k += p[i] == p[k];
        prefix[i] = k;
    }
    return k > 0;
}

static void add_key(match_builder *b, uint32_t at)
{
    ds_matcher *m = b->m;
    match_key *key = &m->keys[m->nkeys++];
    uint32_t term = b->order[at];
    *key = (match_key){.members = at, .len = term_len(b, term)};
    if (can_overlap(b, term))
        key->overlap = ++m->overlaps;
}

/* Makes keys of the sorted terms and counts the states they need. */
static void group_terms(match_builder *b)
{
    ds_matcher *m = b->m;
    m->nstates = 1;
    for (uint32_t i = 0; i < m->nterms; i++) {
        uint32_t t = b->order[i], len = term_len(b, t);
        uint32_t common = i == 0 ? 0 : common_prefix(b, b->order[i - 1], t);
        m->nstates += len - common;
        if (i == 0 || common < len || term_len(b, b->order[i - 1]) != len)
            add_key(b, i);
        m->members[i] = t;
        m->same[t] = m->members[m->keys[m->nkeys - 1].members];
    }
    m->keys[m->nkeys].members = m->nterms;
}

/* ---------------------------------------------------------------- states */

static uint32_t key_code(const match_builder *b, uint32_t key, uint32_t depth)
{
    return b->symbols[b->starts[b->m->members[b->m->keys[key].members]] + depth];
}

/* Splits the sorted keys below state s, which is `depth` codes from the root, into its children. */
static uint32_t add_children(match_builder *b, uint32_t s, uint32_t depth, uint32_t next)
{
    ds_matcher *m = b->m;
    uint32_t k = b->lo[s], hi = b->hi[s];
    m->states[s] = (match_state){.first = next};
    if (k < hi && m->keys[k].len == depth)
        m->states[s].out = ++k;
    while (k < hi) {
        uint32_t c = key_code(b, k, depth);
        b->lo[next] = k;
        while (k < hi && key_code(b, k, depth) == c)
            k++;
        b->hi[next] = k;
        m->labels[next++] = (uint16_t)c;
    }
    return next;
}

static void add_states(match_builder *b)
{
    ds_matcher *m = b->m;
    uint32_t next = 1, depth = 0, level_end = 1;
    b->lo[0] = 0;
    b->hi[0] = m->nkeys;
    for (uint32_t s = 0; s < m->nstates; s++) {
        if (s == level_end) {
            depth++;
            level_end = next;
        }
        next = add_children(b, s, depth, next);
    }
    m->states[m->nstates].first = next;
}

static bool has_children(const ds_matcher *m, uint32_t s)
{
    return m->states[s].first < m->states[s + 1].first;
}

/* Failure and output links of the children of s; those of s itself are final. */
static void link_children(ds_matcher *m, uint32_t s)
{
    for (uint32_t t = m->states[s].first; t < m->states[s + 1].first; t++) {
        uint32_t suffix = s == 0 ? 0 : match_step(m, m->states[s].fail, m->labels[t]);
        uint32_t shorter = m->states[suffix].out;
        if (m->states[t].out != 0)
            m->keys[m->states[t].out - 1].next = shorter;
        else
            m->states[t].out = shorter;
        /* Going on from a state without children means going on from its suffix: skip it now. */
        m->states[t].fail = suffix == 0 || has_children(m, suffix) ? suffix : m->states[suffix].fail;
    }
}

/* ---------------------------------------------------------------- the table for scanning */

/* What a character of the text stands for: one code, nothing, or a case for the slow way. */
static uint16_t raw_code(const ds_matcher *m, uint32_t cp)
{
    uint32_t out[DS_FOLD_CP_MAX];
    size_t n = ds_fold_cp(cp, m->fold, out);
    uint16_t code = match_code(&m->exact, out[0]);
    if (n == 1)
        return code;
    for (size_t i = 0; i < n; i++)
        if (match_code(&m->exact, out[i]) != 0)
            return MATCH_SLOW;
    return 0;
}

static bool add_raw_page(ds_matcher *m, uint32_t page)
{
    uint16_t codes[256], any = 0;
    for (uint32_t i = 0; i < 256; i++)
        any |= codes[i] = raw_code(m, page << 8 | i);
    if (any == 0) {
        m->raw.index[page] = 1;
        return true;
    }
    size_t added = codes_add_page(&m->raw, m->alloc, 0);
    if (added == 0)
        return false;
    m->raw.index[page] = (uint16_t)(added - 1);
    memcpy(m->raw.codes + (added - 1) * 256, codes, sizeof codes);
    return true;
}

/* Where the characters of Chinese and Latin news stand: Latin to Cyrillic, punctuation to
 * compatibility characters, the ideographs, half and full width. */
static bool is_common_page(uint32_t page)
{
    return page < 0x05 || (page >= 0x20 && page <= 0x33) || (page >= 0x4E && page <= 0x9F) || page == 0xFF;
}

/* Folds the common characters, and those near the terms', once and for all. */
static ds_status fill_raw(match_builder *b)
{
    ds_matcher *m = b->m;
    for (uint32_t page = 0; page < MATCH_PAGES - 1; page++) {
        bool surrogates = page >= 0xD8 && page <= 0xDF;
        bool used = m->exact.index[page] != 0 || (m->fold != 0 && is_common_page(page));
        if (used && !surrogates && !add_raw_page(m, page))
            return ds_fail_nomem(b->err);
    }
    return DS_OK;
}

/* ---------------------------------------------------------------- all of it */

static void *alloc_u32(match_builder *b, size_t count)
{
    return ds_calloc(b->alloc, count, sizeof(uint32_t));
}

static void free_u32(match_builder *b, uint32_t *p, size_t count)
{
    ds_mfree(b->alloc, p, count * sizeof *p);
}

static ds_status build_keys(match_builder *b, const ds_str *terms)
{
    ds_matcher *m = b->m;
    size_t n = m->nterms;
    b->starts = alloc_u32(b, n + 1);
    b->order = alloc_u32(b, n + 1);
    b->spare = alloc_u32(b, n + 1);
    m->members = alloc_u32(b, n + 1);
    m->same = alloc_u32(b, n + 1);
    m->keys = ds_calloc(b->alloc, n + 1, sizeof *m->keys);
    if (b->starts == NULL || b->order == NULL || b->spare == NULL || m->members == NULL || m->same == NULL ||
        m->keys == NULL || !codes_init(&m->exact, b->alloc, 0))
        return ds_fail_nomem(b->err);
    ds_status st = add_terms(b, terms);
    if (st == DS_OK)
        st = number_symbols(b);
    if (st != DS_OK)
        return st;
    if ((b->prefix = alloc_u32(b, (size_t)m->longest + 1)) == NULL)
        return ds_fail_nomem(b->err);
    sort_terms(b);
    group_terms(b);
    return DS_OK;
}

/* The first two symbols of every key as bits; a key of one symbol sets them all. */
static void fill_starts(ds_matcher *m)
{
    for (uint32_t c = 1; c <= m->roots; c++) {
        for (uint32_t t = m->states[c].first; t < m->states[c + 1].first; t++)
            m->starts[c] |= UINT64_C(1) << (m->labels[t] & 63);
        if (m->states[c].out != 0)
            m->starts[c] = UINT64_MAX;
    }
}

static ds_status build_states(match_builder *b)
{
    ds_matcher *m = b->m;
    size_t n = m->nstates;
    m->states = ds_calloc(b->alloc, n + 1, sizeof *m->states);
    m->labels = ds_calloc(b->alloc, n, sizeof *m->labels);
    b->lo = alloc_u32(b, n);
    b->hi = alloc_u32(b, n);
    m->starts = ds_calloc(b->alloc, m->ncodes, sizeof *m->starts);
    if (m->states == NULL || m->labels == NULL || m->starts == NULL || b->lo == NULL || b->hi == NULL)
        return ds_fail_nomem(b->err);
    add_states(b);
    for (uint32_t s = 0; s < m->nstates; s++)
        link_children(m, s);
    fill_starts(m);
    if (!codes_init(&m->raw, b->alloc, m->fold != 0 ? MATCH_SLOW : 0))
        return ds_fail_nomem(b->err);
    return fill_raw(b);
}

static void builder_free(match_builder *b)
{
    size_t terms = (size_t)b->m->nterms + 1;
    ds_mfree(b->alloc, b->symbols, b->cap * sizeof *b->symbols);
    free_u32(b, b->starts, terms);
    free_u32(b, b->order, terms);
    free_u32(b, b->spare, terms);
    free_u32(b, b->prefix, (size_t)b->m->longest + 1);
    free_u32(b, b->lo, b->m->nstates);
    free_u32(b, b->hi, b->m->nstates);
}

ds_status ds_matcher_new(const ds_alloc *a, const ds_str *terms, size_t count, unsigned fold, ds_matcher **out,
                         ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    if (count > DS_MATCH_MAX_TERMS)
        return ds_fail(err, DS_ELIMIT, 0, 0, "%zu terms; there may be %u", count, DS_MATCH_MAX_TERMS);
    ds_matcher *m = ds_calloc(a, 1, sizeof *m);
    if (m == NULL)
        return ds_fail_nomem(err);
    m->alloc = a;
    m->fold = count > 0 ? fold & DS_FOLD_ALL : 0;
    m->nterms = (uint32_t)count;
    match_builder b = {.m = m, .alloc = a, .err = err};
    ds_status st = build_keys(&b, terms);
    if (st == DS_OK)
        st = build_states(&b);
    builder_free(&b);
    if (st != DS_OK) {
        ds_matcher_free(m);
        return st;
    }
    *out = m;
    return DS_OK;
}

void ds_matcher_free(ds_matcher *m)
{
    if (m == NULL)
        return;
    const ds_alloc *a = m->alloc;
    size_t terms = (size_t)m->nterms + 1;
    codes_free(&m->exact, a);
    codes_free(&m->raw, a);
    ds_mfree(a, m->states, ((size_t)m->nstates + 1) * sizeof *m->states);
    ds_mfree(a, m->labels, m->nstates * sizeof *m->labels);
    ds_mfree(a, m->starts, m->ncodes * sizeof *m->starts);
    ds_mfree(a, m->keys, terms * sizeof *m->keys);
    ds_mfree(a, m->members, terms * sizeof *m->members);
    ds_mfree(a, m->same, terms * sizeof *m->same);
    ds_mfree(a, m, sizeof *m);
}

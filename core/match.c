/* match.c - see match.h: runs the automaton over a text. */
#include "match_int.h"

#include <string.h>

#define NO_BORDER SIZE_MAX /* instead of an offset: a symbol that does not begin a character */

/* One run.  Either `hits` or `counts` takes what is found. */
typedef struct match_run {
    const ds_matcher *m;
    size_t *ring;   /* where the latest symbols began, a power of two of them, >= the longest key */
    size_t mask;
    size_t *taken;  /* for each key that can overlap itself the end of its last hit */
    size_t symbols; /* so far; those that occur in no term do not count */
    ds_hits *hits;
    uint64_t *counts;
    void *block; /* `ring` and `taken` when they do not fit below */
    size_t block_size;
    size_t small[2 * DS_MATCH_SMALL];
} match_run;

/* ---------------------------------------------------------------- scratch memory */

static ds_status run_begin(match_run *r, const ds_matcher *m, const ds_alloc *a, ds_error *err)
{
    size_t ring = 1;
    while (ring < m->longest)
        ring *= 2;
    r->m = m;
    r->mask = ring - 1;
    r->symbols = 0;
    r->block = NULL;
    r->ring = r->small;
    if (ring > DS_MATCH_SMALL || m->overlaps > DS_MATCH_SMALL) {
        size_t count;
        if (!ds_add(ring, m->overlaps, &count) || (r->block = ds_calloc(a, count, sizeof *r->ring)) == NULL)
            return ds_fail_nomem(err);
        r->block_size = count * sizeof *r->ring;
        r->ring = r->block;
    }
    r->taken = r->ring + ring;
    memset(r->taken, 0, m->overlaps * sizeof *r->taken);
    return DS_OK;
}

static void run_end(match_run *r, const ds_alloc *a)
{
    ds_mfree(a, r->block, r->block_size);
}

/* ---------------------------------------------------------------- hits */

static bool add_hit(match_run *r, const match_key *key, size_t beg, size_t end)
{
    uint32_t first = key[0].members, last = key[1].members;
    if (r->counts != NULL) {
        for (uint32_t i = first; i < last; i++)
            r->counts[r->m->members[i]]++;
        return true;
    }
    ds_hits *v = r->hits;
    if (ds_grow(v->alloc, (void **)&v->items, &v->cap, v->count + (last - first), sizeof *v->items) != DS_OK)
        return false;
    for (uint32_t i = first; i < last; i++)
        v->items[v->count++] = (ds_hit){.beg = beg, .end = end, .term = r->m->members[i]};
    return true;
}

/* All keys that end after the latest symbol, the longest first; `end` is the offset behind it. */
static bool report_keys(match_run *r, uint32_t k, size_t end)
{
    for (; k != 0; k = r->m->keys[k - 1].next) {
        const match_key *key = &r->m->keys[k - 1];
        size_t beg = r->ring[(r->symbols - key->len) & r->mask];
        if (beg == NO_BORDER)
            continue;
        if (key->overlap != 0) {
            size_t *taken = &r->taken[key->overlap - 1];
            if (beg < *taken)
                continue;
            *taken = end;
        }
        if (!add_hit(r, key, beg, end))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- the scan */

/* ds_utf8_decode with the two common cases in line; three bytes are looked at as one number. */
static inline size_t match_decode(const char *p, size_t n, uint32_t *cp)
{
    if (n >= 4) {
        uint32_t w = ds_load32(p);
        if ((w & 0xC0C0F0u) == 0x8080E0u) {
            *cp = (w & 0x0Fu) << 12 | (w >> 2 & 0xFC0u) | (w >> 16 & 0x3Fu);
            if (*cp >= 0x800 && (*cp & 0xF800u) != 0xD800u) /* neither overlong nor a surrogate */
                return 3;
        } else if ((w & 0x80u) == 0) {
            *cp = w & 0x7Fu;
            return 1;
        }
    }
    return ds_utf8_decode(p, n, cp);
}

static uint32_t run_symbol(match_run *r, uint32_t s, uint16_t code, size_t beg)
{
    if (code == 0)
        return 0;
    r->ring[r->symbols++ & r->mask] = beg;
    return match_step(r->m, s, code);
}

/* A character that folds to several symbols, or is ill-formed, or stands on a page that the table
 * leaves out: from state s to the state behind it. */
static uint32_t run_slow(match_run *r, uint32_t s, ds_str text, size_t off, size_t len, uint32_t cp)
{
    uint32_t out[DS_FOLD_CP_MAX];
    bool bad = cp == DS_UTF8_BAD;
    size_t n = bad ? len : ds_fold_cp(cp, r->m->fold, out);
    for (size_t i = 0; i < n; i++) {
        uint32_t symbol = bad ? MATCH_BAD_SYMBOL + (unsigned char)text.p[off + i] : out[i];
        s = run_symbol(r, s, match_code(&r->m->exact, symbol), i == 0 ? off : NO_BORDER);
    }
    return s;
}

static inline uint16_t raw_code_at(const ds_matcher *m, ds_str text, size_t off, size_t *len)
{
    uint32_t cp;
    *len = match_decode(text.p + off, text.n - off, &cp);
    return cp == DS_UTF8_BAD ? MATCH_SLOW : match_code(&m->raw, cp);
}

/* Passes over characters that are in no term at all: ASCII and well-formed characters of three bytes with code 0. */
static inline size_t skip_strangers(const ds_matcher *m, ds_str text, size_t off)
{
    while (text.n - off >= 4) {
        uint32_t w = ds_load32(text.p + off), cp = w & 0x7Fu;
        size_t len = 1;
        if ((w & 0xC0C0F0u) == 0x8080E0u) {
            cp = (w & 0x0Fu) << 12 | (w >> 2 & 0xFC0u) | (w >> 16 & 0x3Fu);
            len = 3;
            if (cp < 0x800 || (cp & 0xF800u) == 0xD800u)
                break;
        } else if ((w & 0x80u) != 0) {
            break;
        }
        if (match_code(&m->raw, cp) != 0)
            break;
        off += len;
    }
    return off;
}

/* From the root: the first offset >= off where a key may begin, or text.n.  Most of a text is passed over here, with two
 * characters looked at together. */
static size_t skip_to_start(const ds_matcher *m, ds_str text, size_t off)
{
    size_t len, next_len;
    if (off >= text.n || (off = skip_strangers(m, text, off)) >= text.n)
        return text.n;
    for (uint16_t code = raw_code_at(m, text, off, &len), next; code != MATCH_SLOW; code = next) {
        size_t at = off + len;
        if (at >= text.n)
            return m->starts[code] == UINT64_MAX ? off : text.n;
        next = raw_code_at(m, text, at, &next_len);
        if (match_may_start(m, code, next))
            return off;
#ifndef DS_PLANT_MATCH /* a bug that fuzzing must find: `make fuzz` */
        if (next == MATCH_SLOW && m->starts[code] != 0)
            return off;
#endif
        off = at;
        len = next_len;
        if (next == 0) { /* a stranger: often the first of many */
            off = skip_strangers(m, text, off);
            if (off >= text.n)
                return text.n;
            next = raw_code_at(m, text, off, &len);
        }
    }
    return off;
}

static bool run_text(match_run *r, ds_str text)
{
    const ds_matcher *m = r->m;
    uint32_t s = 0, cp;
    for (size_t off = skip_to_start(m, text, 0), len; off < text.n;) {
        len = match_decode(text.p + off, text.n - off, &cp);
        uint16_t code = cp == DS_UTF8_BAD ? MATCH_SLOW : match_code(&m->raw, cp);
        s = code == MATCH_SLOW ? run_slow(r, s, text, off, len, cp) : run_symbol(r, s, code, off);
        off += len;
        if (s == 0)
            off = skip_to_start(m, text, off);
        else if (m->states[s].out != 0 && !report_keys(r, m->states[s].out, off))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- order of hits */

static bool hit_before(const ds_hit *x, const ds_hit *y)
{
    if (x->beg != y->beg)
        return x->beg < y->beg;
    if (x->end != y->end)
        return x->end > y->end;
    return x->term < y->term;
}

static void swap_hits(ds_hit *x, ds_hit *y)
{
    ds_hit t = *x;
    *x = *y;
    *y = t;
}

static void sift_down(ds_hit *v, size_t i, size_t n)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && hit_before(&v[child], &v[child + 1]))
            child++;
        if (!hit_before(&v[i], &v[child]))
            return;
        swap_hits(&v[i], &v[child]);
    }
}

/* Heapsort: needs no memory and has no bad case. */
static void heap_sort(ds_hit *v, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(v, i, n);
    for (size_t i = n; i-- > 1;) {
        swap_hits(&v[0], &v[i]);
        sift_down(v, 0, i);
    }
}

static void insertion_sort(ds_hit *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && hit_before(&v[j], &v[j - 1]); j--)
            swap_hits(&v[j], &v[j - 1]);
}

/* The scan yields hits by their ends.  Where all later hits begin behind all earlier ones, the order by
 * beginnings falls apart too, so that only small clusters need sorting. */
static void order_hits(ds_hit *v, size_t n)
{
    size_t cluster_end = n, least = SIZE_MAX;
    for (size_t i = n; i-- > 0;) {
        if (v[i].beg < least)
            least = v[i].beg;
        if (i > 0 && v[i - 1].end > least)
            continue;
        if (cluster_end - i <= 16)
            insertion_sort(v + i, cluster_end - i);
        else
            heap_sort(v + i, cluster_end - i);
        cluster_end = i;
        least = SIZE_MAX;
    }
}

/* ---------------------------------------------------------------- public */

void ds_hits_init(ds_hits *v, const ds_alloc *a)
{
    *v = (ds_hits){.alloc = ds_alloc_or_libc(a)};
}

void ds_hits_clear(ds_hits *v)
{
    const ds_alloc *a = v->alloc;
    ds_mfree(a, v->items, v->cap * sizeof *v->items);
    ds_hits_init(v, a);
}

size_t ds_matcher_terms(const ds_matcher *m)
{
    return m->nterms;
}

uint32_t ds_matcher_same(const ds_matcher *m, uint32_t term)
{
    return m->same[term];
}

ds_status ds_match_all(const ds_matcher *m, ds_str text, ds_hits *out, ds_error *err)
{
    match_run r = {.hits = out};
    size_t before = out->count;
    ds_status st = run_begin(&r, m, out->alloc, err);
    if (st != DS_OK)
        return st;
    bool ok = run_text(&r, text);
    run_end(&r, out->alloc);
    if (!ok) {
        out->count = before;
        return ds_fail_nomem(err);
    }
    if (out->count > before)
        order_hits(out->items + before, out->count - before);
    return DS_OK;
}

ds_status ds_match_count(const ds_matcher *m, ds_str text, uint64_t *counts, ds_error *err)
{
    match_run r = {.counts = counts};
    ds_status st = run_begin(&r, m, m->alloc, err);
    if (st != DS_OK)
        return st;
    (void)run_text(&r, text); /* counting allocates nothing more */
    run_end(&r, m->alloc);
    return DS_OK;
}

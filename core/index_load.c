/* index_load.c - the tables that queries need, the postings and the tokens in a row; see index.h. */
#include "index_impl.h"

#include <string.h>

#include "utf8.h"

/* ------------------------------------------------------------------ keys */

static ds_status load_keys(ds_index *ix, ds_error *err)
{
    ix->key_at = ds_calloc(&ix->alloc, (size_t)ix->types + 1, sizeof *ix->key_at);
    if (ix->key_at == NULL)
        return ds_fail_nomem(err);
    ds_buf_init(&ix->keys, &ix->alloc);
    ds_status st = ds_vocab_keys(ix->vocab, &ix->keys, ix->key_at, err);
    if (st != DS_OK)
        return st;
    return ds_buf_reserve(&ix->keys, 1) ? DS_OK : ds_fail_nomem(err);
}

/* Counters of code points, a page for each 256 of which one was met. */
enum { CP_LIMIT = 0x200000, PAGE = 256 };

typedef struct counters {
    uint32_t page_of[CP_LIMIT / PAGE]; /* number of a page, from 1; 0: none */
    uint32_t *v;
    size_t pages, cap; /* cap: of v */
} counters;

/* The first or the last character of a key that is not empty.  What is ill-formed counts as one byte, above all code points. */
static inline uint32_t edge_of(ds_str key, bool last)
{
    uint32_t cp;
    const unsigned char *p = (const unsigned char *)key.p + (last ? key.n - 1 : 0);
    if (*p < 0x80)
        return *p;
    if (key.n >= 3) { /* most begin and end with three bytes, of which none but the first one has to be looked at closely */
        p -= last ? 2 : 0;
        if (p[0] >= 0xE1 && p[0] <= 0xEC && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80)
            return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    }
    size_t from = last ? ds_utf8_prev(key, key.n) : 0;
    ds_utf8_decode(key.p + from, key.n - from, &cp);
    return cp & (CP_LIMIT - 1);
}

static uint32_t *counter_of(counters *c, uint32_t cp)
{
    return &c->v[(size_t)(c->page_of[cp / PAGE] - 1) * PAGE + cp % PAGE];
}

static bool count_edges(const ds_index *ix, bool last, uint32_t *cps, counters *c)
{
    for (uint32_t i = 0; i < ix->types; i++) {
        ds_str key = {ix->keys.p + ix->key_at[i], ix->key_at[i + 1] - ix->key_at[i]};
        if (key.n == 0)
            continue;
        cps[i] = edge_of(key, last);
        uint32_t *page = &c->page_of[cps[i] / PAGE];
        if (*page == 0) {
            if (ds_grow(&ix->alloc, (void **)&c->v, &c->cap, (c->pages + 1) * PAGE, sizeof *c->v) != DS_OK)
                return false;
            memset(c->v + c->pages * PAGE, 0, PAGE * sizeof *c->v);
            *page = (uint32_t)++c->pages;
        }
        ++*counter_of(c, cps[i]);
    }
    return true;
}

/* The table of different code points; turns the counters to where the types of each begin. */
static bool list_edges(const ds_index *ix, counters *c, ix_edges *out)
{
    uint32_t at = 0;
    for (size_t i = 0; i < c->pages * PAGE; i++)
        out->n += c->v[i] > 0;
    out->cp = ds_calloc(&ix->alloc, (size_t)out->n + 1, sizeof *out->cp);
    out->start = ds_calloc(&ix->alloc, (size_t)out->n + 1, sizeof *out->start);
    if (out->cp == NULL || out->start == NULL)
        return false;
    for (uint32_t page = 0, k = 0; page < CP_LIMIT / PAGE; page++)
        for (uint32_t cp = page * PAGE; c->page_of[page] != 0 && cp < (page + 1) * PAGE; cp++) {
            uint32_t *count = counter_of(c, cp), many = *count;
            if (many == 0)
                continue;
            out->cp[k] = cp;
            out->start[k++] = *count = at;
            at += many;
            out->start[k] = at;
        }
    return true;
}

static bool make_edges(const ds_index *ix, bool last, uint32_t *cps, counters *c, ix_edges *out)
{
    c->pages = 0;
    memset(c->page_of, 0, sizeof c->page_of);
    out->ids = ds_malloc(&ix->alloc, ix->types * sizeof *out->ids);
    if (out->ids == NULL || !count_edges(ix, last, cps, c) || !list_edges(ix, c, out))
        return false;
    for (uint32_t i = 0; i < ix->types; i++)
        if (ix->key_at[i] < ix->key_at[i + 1])
            out->ids[(*counter_of(c, cps[i]))++] = i;
    return true;
}

static ds_status load_edges(ds_index *ix, ds_error *err)
{
    uint32_t *cps = ds_malloc(&ix->alloc, ix->types * sizeof *cps);
    counters *c = ds_calloc(&ix->alloc, 1, sizeof *c);
    bool good = cps != NULL && c != NULL && make_edges(ix, false, cps, c, &ix->first) &&
                make_edges(ix, true, cps, c, &ix->last);
    ds_mfree(&ix->alloc, cps, ix->types * sizeof *cps);
    if (c != NULL)
        ds_mfree(&ix->alloc, c->v, c->cap * sizeof *c->v);
    ds_mfree(&ix->alloc, c, sizeof *c);
    return good ? DS_OK : ds_fail_nomem(err);
}

static void free_edges(const ds_index *ix, ix_edges *e)
{
    ds_mfree(&ix->alloc, e->ids, ix->types * sizeof *e->ids);
    ds_mfree(&ix->alloc, e->cp, ((size_t)e->n + 1) * sizeof *e->cp);
    ds_mfree(&ix->alloc, e->start, ((size_t)e->n + 1) * sizeof *e->start);
}

static const uint32_t *edge(const ix_edges *e, uint32_t cp, size_t *n)
{
    uint32_t lo = 0, hi = e->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (e->cp[mid] < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    *n = lo < e->n && e->cp[lo] == cp ? e->start[lo + 1] - e->start[lo] : 0;
    return *n > 0 ? e->ids + e->start[lo] : NULL;
}

const uint32_t *ds_index_first(const ds_index *ix, uint32_t cp, size_t *n)
{
    return edge(&ix->first, cp, n);
}

const uint32_t *ds_index_last(const ds_index *ix, uint32_t cp, size_t *n)
{
    return edge(&ix->last, cp, n);
}

const char *ds_index_keys(const ds_index *ix, const uint32_t **starts)
{
    *starts = ix->key_at;
    return ix->keys.p;
}

/* ------------------------------------------------------------------ counts and lists */

/* CNTS: unpacked length, then packed: the width of a position; how many types have a list, then stand 4, 3, 2, 1 times;
 * of the ones with a list the counts, each as what it is less than the one before, then the lengths. */
static ds_status read_counts(ds_index *ix, const unsigned char *p, const unsigned char *end, ds_error *err)
{
    const uint64_t off = ix->section[IX_COUNTS].off;
    uint32_t n[DS_POSTINGS_RARE + 1], width, less;
    bool good = ds_varint32(&p, end, &width) && width <= 32 && ds_varint32(&p, end, &ix->frequent);
    uint64_t sum = good ? (uint64_t)ix->frequent + 1 : 0, bit = 0;
    for (int c = DS_POSTINGS_RARE; good && c >= 1; c--) {
        good = ds_varint32(&p, end, &n[c]);
        ix->class_first[c] = (uint32_t)sum;
        ix->class_bit[c] = bit;
        sum += good ? n[c] : 0;
        bit += good ? (uint64_t)n[c] * (unsigned)c * width : 0;
        good = good && sum <= ix->types;
    }
    if (!good || sum != ix->types || (bit + 7) / 8 != ix->section[IX_RARE].bytes.n)
        return ds_fail(err, DS_EFORMAT, off, 0, "a segment's counts are damaged");
    ix->width = width;
    ix->class_first[0] = ix->types;
    ix->count = ds_calloc(&ix->alloc, (size_t)ix->frequent + 1, sizeof *ix->count);
    ix->list_at = ds_calloc(&ix->alloc, (size_t)ix->frequent + 1, sizeof *ix->list_at);
    if (ix->count == NULL || ix->list_at == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 0; i < ix->frequent; i++) {
        if (!ds_varint32(&p, end, &less))
            return ds_fail(err, DS_EFORMAT, off, 0, "a segment's counts are damaged");
        ix->count[i] = i == 0 ? less : ix->count[i - 1] - less;
    }
    for (uint32_t i = 0; i < ix->frequent; i++) {
        if (!ds_varint32(&p, end, &less))
            return ds_fail(err, DS_EFORMAT, off, 0, "a segment's counts are damaged");
        ix->list_at[i + 1] = ix->list_at[i] + less;
    }
    if (ix->list_at[ix->frequent] != ix->section[IX_LISTS].bytes.n)
        return ds_fail(err, DS_EFORMAT, off, 0, "a segment's posting lists do not fill their section");
    return DS_OK;
}

static ds_status load_counts(ds_index *ix, ds_error *err)
{
    const ix_section *s = &ix->section[IX_COUNTS];
    size_t raw = s->bytes.n >= 4 ? ds_load32(s->bytes.p) : 0, got = 0;
    if (raw == 0 || raw > IX_ROWS_MAX)
        return ds_fail(err, DS_EFORMAT, s->off, 0, "a segment's counts are cut short");
    unsigned char *bytes = ds_malloc(&ix->alloc, raw);
    ds_codec *codec = NULL;
    ds_status st = bytes == NULL ? ds_fail_nomem(err) : ds_codec_new(&ix->alloc, 0, &codec, err);
    if (st == DS_OK)
        st = ds_inflate(codec, (ds_str){s->bytes.p + 4, s->bytes.n - 4}, bytes, raw, &got, err);
    if (st == DS_OK)
        st = read_counts(ix, bytes, bytes + got, err);
    ds_codec_free(codec);
    ds_mfree(&ix->alloc, bytes, raw);
    return st;
}

/* How often a type with few positions stands. */
static unsigned rare_class(const ds_index *ix, uint32_t id)
{
    unsigned c = DS_POSTINGS_RARE;
    while (c > 1 && id >= ix->class_first[c - 1])
        c--;
    return c;
}

static uint32_t count_of(const ds_index *ix, uint32_t id)
{
    if (id == DS_TYPE_END)
        return ix->docs;
    return id <= ix->frequent ? ix->count[id - 1] : rare_class(ix, id);
}

void ds_postings_start(const ds_index *ix, uint32_t id, ds_postings *it)
{
    uint32_t few[DS_POSTINGS_RARE] = {0};
    if (id == DS_TYPE_END || id >= ix->types) {
        ds_postings_given(it, few, 0);
    } else if (id <= ix->frequent) {
        uint64_t at = ix->list_at[id - 1];
        ds_postings_open(it, (ds_str){ix->section[IX_LISTS].bytes.p + at, (size_t)(ix->list_at[id] - at)},
                         ix->count[id - 1]);
    } else {
        unsigned c = rare_class(ix, id);
        uint64_t bit = ix->class_bit[c] + (uint64_t)(id - ix->class_first[c]) * c * ix->width;
        for (unsigned i = 0; i < c; i++)
            few[i] = ds_bits_get(ix->section[IX_RARE].bytes, bit + (uint64_t)i * ix->width, ix->width);
        ds_postings_given(it, few, c);
    }
}

/* ------------------------------------------------------------------ rows of bits */

/* A row of bits is worth its memory where a position takes no more than so many of them. */
enum { DENSE_BITS = 64, DENSE_BATCH = 1024 };

static size_t dense_words(const ds_index *ix)
{
    return (size_t)ix->tokens / 64 + 2;
}

static uint64_t *make_bits(const ds_index *ix, uint32_t id)
{
    uint32_t v[DENSE_BATCH];
    ds_postings it;
    uint64_t *bits = ds_calloc(&ix->alloc, dense_words(ix), sizeof *bits);
    if (bits == NULL)
        return NULL;
    ds_postings_start(ix, id, &it);
    for (size_t n; (n = ds_postings_read(&it, v, DENSE_BATCH)) > 0;)
        for (size_t i = 0; i < n && v[i] < ix->tokens; i++)
            bits[v[i] / 64] |= (uint64_t)1 << v[i] % 64;
    return bits;
}

const uint64_t *ds_index_bits(const ds_index *ix, uint32_t id)
{
    if (id == DS_TYPE_END || id > DS_INDEX_DENSE || id > ix->frequent ||
        (uint64_t)ix->count[id - 1] * DENSE_BITS < ix->tokens)
        return NULL;
    ds_index *own = (ds_index *)(uintptr_t)ix; /* what is kept there changes no answer */
    uint64_t *bits = atomic_load_explicit(&own->dense[id - 1], memory_order_acquire);
    if (bits != NULL)
        return bits;
    pthread_mutex_lock(&own->lock);
    bits = atomic_load_explicit(&own->dense[id - 1], memory_order_relaxed);
    if (bits == NULL && (bits = make_bits(ix, id)) != NULL)
        atomic_store_explicit(&own->dense[id - 1], bits, memory_order_release);
    pthread_mutex_unlock(&own->lock);
    return bits;
}

/* ------------------------------------------------------------------ types */

void ds_index_type(const ds_index *ix, uint32_t id, ds_type *out)
{
    static const ds_str none = {"", 0};
    *out = (ds_type){.word = none, .key = none, .pos = none, .lemma = none};
    /* Every piece of the vocabulary is unpacked by now: this neither fails nor changes anything. */
    if (id >= ix->types || ix_type((ds_index *)(uintptr_t)ix, id, out, NULL) != DS_OK)
        return;
    out->key = (ds_str){ix->keys.p + ix->key_at[id], ix->key_at[id + 1] - ix->key_at[id]};
    out->count = count_of(ix, id);
}

/* ------------------------------------------------------------------ sentences and paragraphs */

/* SENT, PARA: their number and the packed list of the positions at which they begin. */
static ds_status load_unit(ds_index *ix, unsigned section, unsigned unit, ds_error *err)
{
    const ix_section *s = &ix->section[section];
    const unsigned char *p = (const unsigned char *)s->bytes.p, *end = p + s->bytes.n;
    uint32_t n;
    if (!ds_varint32(&p, end, &n) || n > ix->tokens)
        return ds_fail(err, DS_EFORMAT, s->off, 0, "a segment's table of sentences or paragraphs is damaged");
    ix->unit[unit] = ds_malloc(&ix->alloc, ((size_t)n + 1) * sizeof **ix->unit);
    if (ix->unit[unit] == NULL)
        return ds_fail_nomem(err);
    ix->units[unit] = n;
    ds_postings it;
    ds_postings_open(&it, (ds_str){(const char *)p, (size_t)(end - p)}, n);
    if (ds_postings_read(&it, ix->unit[unit], n) != n || (n > 0 && ix->unit[unit][n - 1] >= ix->tokens))
        return ds_fail(err, DS_EFORMAT, s->off, 0, "a segment's table of sentences or paragraphs is damaged");
    return DS_OK;
}

static ds_status load_units(ds_index *ix, ds_error *err)
{
    ds_status st = load_unit(ix, IX_SENTENCES, DS_UNIT_SENTENCE, err);
    return st == DS_OK ? load_unit(ix, IX_PARAGRAPHS, DS_UNIT_PARAGRAPH, err) : st;
}

ds_status ds_index_load_units(const ds_index *ix, ds_error *err)
{
    ds_index *own = (ds_index *)(uintptr_t)ix; /* what is kept there changes nothing that was there */
    ds_status st = ix_open_text(own, err);
    return st == DS_OK ? ix_once(own, &own->units_loaded, load_units, err) : st;
}

const uint32_t *ds_index_units(const ds_index *ix, ds_unit unit, size_t *n)
{
    *n = unit == DS_UNIT_DOC ? ix->docs : ix->units[unit];
    return unit == DS_UNIT_DOC ? ix->starts : ix->unit[unit];
}

/* ------------------------------------------------------------------ all of it */

static ds_status load(ds_index *ix, ds_error *err)
{
    ds_status st = load_keys(ix, err);
    if (st == DS_OK)
        st = load_edges(ix, err);
    if (st == DS_OK)
        st = load_counts(ix, err);
    return st;
}

ds_status ds_index_load(ds_index *ix, ds_error *err)
{
    ds_status st = ix_open_text(ix, err);
    return st == DS_OK ? ix_once(ix, &ix->loaded, load, err) : st;
}

void ix_unload(ds_index *ix)
{
    const ds_alloc *a = &ix->alloc;
    size_t bytes = ix->types * sizeof(uint32_t);
    ds_mfree(a, ix->key_at, bytes + sizeof(uint32_t));
    if (ix->keys.alloc != NULL)
        ds_buf_clear(&ix->keys);
    free_edges(ix, &ix->first);
    free_edges(ix, &ix->last);
    ds_mfree(a, ix->count, ((size_t)ix->frequent + 1) * sizeof *ix->count);
    ds_mfree(a, ix->list_at, ((size_t)ix->frequent + 1) * sizeof *ix->list_at);
    for (size_t i = 0; i < DS_INDEX_DENSE; i++)
        ds_mfree(a, atomic_load(&ix->dense[i]), dense_words(ix) * sizeof(uint64_t));
    for (int i = 0; i < 2; i++)
        ds_mfree(a, ix->unit[i], ((size_t)ix->units[i] + 1) * sizeof **ix->unit);
}

/* ------------------------------------------------------------------ the tokens in a row */

enum { SLOTS = 8 };

typedef struct slot {
    uint32_t block; /* UINT32_MAX: none */
    uint32_t n;
    uint32_t types[DS_FORWARD_BLOCK];
} slot;

struct ds_forward {
    ds_alloc alloc;
    const ds_index *ix;
    ds_codec *codec;
    unsigned char raw[IX_BLOCK_BYTES];
    slot slots[SLOTS];
};

ds_status ds_forward_new(const ds_alloc *a, const ds_index *ix, ds_forward **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_forward *fw = ds_malloc(a, sizeof *fw);
    if (fw == NULL)
        return ds_fail_nomem(err);
    fw->alloc = *a;
    fw->ix = ix;
    for (int i = 0; i < SLOTS; i++)
        fw->slots[i].block = UINT32_MAX;
    ds_status st = ds_codec_new(a, 0, &fw->codec, err);
    if (st != DS_OK) {
        ds_mfree(a, fw, sizeof *fw);
        return st;
    }
    *out = fw;
    return DS_OK;
}

void ds_forward_free(ds_forward *fw)
{
    if (fw == NULL)
        return;
    ds_codec_free(fw->codec);
    ds_alloc a = fw->alloc;
    ds_mfree(&a, fw, sizeof *fw);
}

static ds_status damaged_block(const ds_index *ix, uint32_t block, ds_error *err)
{
    return ds_fail(err, DS_EFORMAT, ix->section[IX_BLOCKS].off + ix->block_at[block], 0, "a block of text is damaged");
}

static ds_status unpack(ds_forward *fw, uint32_t block, slot *s, ds_error *err)
{
    const ds_index *ix = fw->ix;
    ds_str packed = {ix->section[IX_BLOCKS].bytes.p + ix->block_at[block],
                     (size_t)(ix->block_at[block + 1] - ix->block_at[block])};
    const char *e = ix->section[IX_BLOCK_TABLE].bytes.p + (size_t)block * IX_BLOCK_ENTRY;
    uint32_t left = ix->tokens - block * ix->block, want = left < ix->block ? left : ix->block;
    size_t n;
    s->block = UINT32_MAX;
    if (ds_crc32(0, packed.p, packed.n) != ds_load32(e + 4) ||
        ds_inflate(fw->codec, packed, fw->raw, sizeof fw->raw, &n, NULL) != DS_OK)
        return damaged_block(ix, block, err);
    const unsigned char *rest;
    s->n = (uint32_t)ds_wordcode_read(fw->raw, fw->raw + n, s->types, want, &rest);
    if (s->n != want || rest != fw->raw + n)
        return damaged_block(ix, block, err);
    for (uint32_t i = 0; i < want; i++)
        if (s->types[i] >= ix->types)
            return damaged_block(ix, block, err);
    s->block = block;
    return DS_OK;
}

ds_status ds_forward_at(ds_forward *fw, uint32_t pos, const uint32_t **types, uint32_t *beg, uint32_t *end,
                        ds_error *err)
{
    *types = NULL;
    *beg = *end = 0;
    if (pos >= fw->ix->tokens)
        return ds_fail(err, DS_EINVAL, 0, 0, "position %u, of %u", pos, fw->ix->tokens);
    uint32_t block = pos / fw->ix->block;
    slot *s = &fw->slots[block % SLOTS];
    if (s->block != block) {
        ds_status st = unpack(fw, block, s, err);
        if (st != DS_OK)
            return st;
    }
    *types = s->types;
    *beg = block * fw->ix->block;
    *end = *beg + s->n;
    return DS_OK;
}

ds_status ds_forward_copy(ds_forward *fw, uint32_t from, uint32_t n, uint32_t *types, uint32_t *got, ds_error *err)
{
    *got = 0;
    while (*got < n && from < fw->ix->tokens) {
        const uint32_t *t;
        uint32_t beg, end;
        ds_status st = ds_forward_at(fw, from, &t, &beg, &end, err);
        if (st != DS_OK)
            return st;
        uint32_t k = end - from < n - *got ? end - from : n - *got;
        memcpy(types + *got, t + (from - beg), k * sizeof *t);
        *got += k;
        from += k;
    }
    return DS_OK;
}

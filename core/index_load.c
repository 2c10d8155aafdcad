/* index_load.c - the tables that queries need, the postings and the tokens in a row; see index.h. */
#include "index_impl.h"

#include <string.h>

#include "fold.h"
#include "utf8.h"

/* ------------------------------------------------------------------ keys */

static ds_status load_keys(ds_index *ix, ds_error *err)
{
    ix->key_at = ds_calloc(&ix->alloc, (size_t)ix->types + 1, sizeof *ix->key_at);
    if (ix->key_at == NULL)
        return ds_fail_nomem(err);
    ds_buf_init(&ix->keys, &ix->alloc);
    for (uint32_t i = 0; i < ix->types; i++) {
        ds_vocab_entry e;
        ds_status st = ds_vocab_get(ix->vocab, i, &e, err);
        if (st == DS_OK)
            st = ds_fold(e.word, DS_FOLD_ALL, &ix->keys, NULL, err);
        if (st != DS_OK)
            return st;
        if (ix->keys.n > UINT32_MAX)
            return ds_fail(err, DS_ELIMIT, 0, 0, "a segment's words are longer than 4 GiB together");
        ix->key_at[i + 1] = (uint32_t)ix->keys.n;
    }
    return ds_buf_reserve(&ix->keys, 1) ? DS_OK : ds_fail_nomem(err);
}

/* Sorts (cp, id) pairs by cp, stable: eleven bits a pass. */
static void sort_by_cp(uint32_t *cp, uint32_t *id, uint32_t *cp2, uint32_t *id2, uint32_t n)
{
    for (unsigned shift = 0; shift < 22; shift += 11) {
        uint32_t at[2049] = {0};
        for (uint32_t i = 0; i < n; i++)
            at[(cp[i] >> shift & 2047) + 1]++;
        for (size_t i = 1; i < 2049; i++)
            at[i] += at[i - 1];
        for (uint32_t i = 0; i < n; i++) {
            uint32_t to = at[cp[i] >> shift & 2047]++;
            cp2[to] = cp[i];
            id2[to] = id[i];
        }
        uint32_t *t = cp;
        cp = cp2;
        cp2 = t;
        t = id;
        id = id2;
        id2 = t;
    }
}

/* The first and the last character of every key.  What is ill-formed counts as one byte, above all code points. */
static void find_edges(ds_index *ix)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < ix->types; i++) {
        ds_str key = {ix->keys.p + ix->key_at[i], ix->key_at[i + 1] - ix->key_at[i]};
        if (key.n == 0)
            continue;
        ds_utf8_decode(key.p, key.n, &ix->first_cp[n]);
        size_t last = ds_utf8_prev(key, key.n);
        ds_utf8_decode(key.p + last, key.n - last, &ix->last_cp[n]);
        ix->first_cp[n] &= 0x1FFFFF;
        ix->last_cp[n] &= 0x1FFFFF;
        ix->first_id[n] = ix->last_id[n] = i;
        n++;
    }
    ix->edges = n;
}

static ds_status load_edges(ds_index *ix, ds_error *err)
{
    size_t n = ix->types, bytes = n * sizeof(uint32_t);
    uint32_t **arrays[] = {&ix->first_cp, &ix->first_id, &ix->last_cp, &ix->last_id};
    for (size_t i = 0; i < 4; i++)
        if ((*arrays[i] = ds_malloc(&ix->alloc, bytes)) == NULL)
            return ds_fail_nomem(err);
    uint32_t *cp2 = ds_malloc(&ix->alloc, bytes), *id2 = ds_malloc(&ix->alloc, bytes);
    if (cp2 != NULL && id2 != NULL) {
        find_edges(ix);
        sort_by_cp(ix->first_cp, ix->first_id, cp2, id2, ix->edges);
        sort_by_cp(ix->last_cp, ix->last_id, cp2, id2, ix->edges);
    }
    bool good = cp2 != NULL && id2 != NULL;
    ds_mfree(&ix->alloc, cp2, bytes);
    ds_mfree(&ix->alloc, id2, bytes);
    return good ? DS_OK : ds_fail_nomem(err);
}

static const uint32_t *edge(const uint32_t *cps, const uint32_t *ids, uint32_t all, uint32_t cp, size_t *n)
{
    uint32_t lo = 0, hi = all;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (cps[mid] < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    uint32_t end = lo;
    while (end < all && cps[end] == cp)
        end++;
    *n = end - lo;
    return end > lo ? ids + lo : NULL;
}

const uint32_t *ds_index_first(const ds_index *ix, uint32_t cp, size_t *n)
{
    return edge(ix->first_cp, ix->first_id, ix->edges, cp, n);
}

const uint32_t *ds_index_last(const ds_index *ix, uint32_t cp, size_t *n)
{
    return edge(ix->last_cp, ix->last_id, ix->edges, cp, n);
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
static ds_status load_units(ds_index *ix, unsigned section, unsigned unit, ds_error *err)
{
    const ix_section *s = &ix->section[section];
    const unsigned char *p = (const unsigned char *)s->bytes.p, *end = p + s->bytes.n;
    uint32_t n;
    if (!ds_varint32(&p, end, &n) || n > ix->tokens)
        return ds_fail(err, DS_EFORMAT, s->off, 0, "a segment's table of sentences or paragraphs is damaged");
    ix->unit[unit] = ds_calloc(&ix->alloc, (size_t)n + 1, sizeof **ix->unit);
    if (ix->unit[unit] == NULL)
        return ds_fail_nomem(err);
    ix->units[unit] = n;
    ds_postings it;
    ds_postings_open(&it, (ds_str){(const char *)p, (size_t)(end - p)}, n);
    if (ds_postings_read(&it, ix->unit[unit], n) != n || (n > 0 && ix->unit[unit][n - 1] >= ix->tokens))
        return ds_fail(err, DS_EFORMAT, s->off, 0, "a segment's table of sentences or paragraphs is damaged");
    return DS_OK;
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
    if (st == DS_OK)
        st = load_units(ix, IX_SENTENCES, DS_UNIT_SENTENCE, err);
    if (st == DS_OK)
        st = load_units(ix, IX_PARAGRAPHS, DS_UNIT_PARAGRAPH, err);
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
    ds_mfree(a, ix->first_cp, bytes);
    ds_mfree(a, ix->first_id, bytes);
    ds_mfree(a, ix->last_cp, bytes);
    ds_mfree(a, ix->last_id, bytes);
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

/* vocab_pack.c - packing a vocabulary; see vocab.h. */
#include <stdlib.h>

#include "vocab_int.h"

enum { SMALL_CHUNK = 256, MANY_TYPES = 1 << 17 };
/* Characters are numbered in tiers of falling frequency, in the order of code points within each: so the table of them
 * is a row of small differences, and the frequent ones still have the low numbers. */
enum { FIRST_TIER = DS_WORDCODE_ONE, SECOND_TIER = 512, THIRD_TIER = 1024 };

typedef struct packer {
    ds_codec *codec;
    const ds_alloc *alloc;
    uint32_t *rank; /* of a symbol; counts, before */
    uint32_t *order;
    size_t symbols;
    uint32_t limit;  /* above all symbols */
    ds_buf raw, codes, escapes;
} packer;

/* Counts the symbols, or, with `counting` false, finds the limit. */
static void count_symbols(packer *p, const ds_vocab_entry *e, size_t n, bool counting)
{
    for (size_t i = 0; i < n; i++)
        for (size_t at = 0; at < e[i].word.n;) {
            uint32_t s;
            at += vocab_symbol(e[i].word.p + at, e[i].word.n - at, &s);
            if (counting)
                p->rank[s]++;
            else if (s >= p->limit)
                p->limit = s + 1;
        }
}

/* Sorts order[0..n) by falling count, then by code point: a heap, so that no comparison needs a global. */
static bool comes_before(const packer *p, uint32_t a, uint32_t b)
{
    return p->rank[a] != p->rank[b] ? p->rank[a] > p->rank[b] : a < b;
}

static void sift(const packer *p, uint32_t *v, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && comes_before(p, v[child], v[child + 1]))
            child++;
        if (comes_before(p, v[child], v[root]))
            return;
        uint32_t t = v[child];
        v[child] = v[root];
        v[root] = t;
    }
}

static int by_code_point(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort_by_code_point(uint32_t *v, size_t n)
{
    qsort(v, n, sizeof *v, by_code_point);
}

static void rank_symbols(packer *p)
{
    p->symbols = 0;
    for (uint32_t s = 0; s < p->limit; s++)
        if (p->rank[s] > 0)
            p->order[p->symbols++] = s;
    for (size_t i = p->symbols / 2; i-- > 0;)
        sift(p, p->order, i, p->symbols);
    for (size_t n = p->symbols; n > 1; n--) {
        uint32_t t = p->order[0];
        p->order[0] = p->order[n - 1];
        p->order[n - 1] = t;
        sift(p, p->order, 0, n - 1);
    }
    size_t tier[] = {FIRST_TIER, SECOND_TIER, THIRD_TIER, SIZE_MAX};
    for (size_t i = 0, beg = 0; beg < p->symbols; i++) {
        size_t n = p->symbols - beg < tier[i] ? p->symbols - beg : tier[i];
        sort_by_code_point(p->order + beg, n);
        beg += n;
    }
    for (uint32_t i = 0; i < p->symbols; i++)
        p->rank[p->order[i]] = i;
}

static ds_status pack_chars(packer *p, ds_buf *chars, ds_error *err)
{
    ds_buf_reset(&p->raw);
    for (size_t i = 0; i < p->symbols; i++)
        ds_buf_varint(&p->raw, (p->order[i] + VOCAB_SYMBOLS - (i > 0 ? p->order[i - 1] : 0)) % VOCAB_SYMBOLS);
    if (p->raw.status != DS_OK)
        return ds_fail_nomem(err);
    ds_buf_u32(chars, (uint32_t)p->symbols);
    ds_buf_u32(chars, (uint32_t)p->raw.n);
    return ds_deflate(p->codec, ds_buf_str(&p->raw), chars, err);
}

/* Bytes and characters that two words share at their beginning. */
static size_t shared_part(ds_str a, ds_str b, uint32_t *chars)
{
    size_t at = 0;
    *chars = 0;
    while (at < a.n && at < b.n) {
        uint32_t x, y;
        size_t n = vocab_symbol(a.p + at, a.n - at, &x);
        vocab_symbol(b.p + at, b.n - at, &y);
        if (x != y)
            break;
        at += n;
        ++*chars;
    }
    return at;
}

static uint8_t nibble(packer *p, uint32_t n)
{
    if (n >= VOCAB_ESCAPE)
        ds_buf_varint(&p->escapes, n - VOCAB_ESCAPE);
    return (uint8_t)(n < VOCAB_ESCAPE ? n : VOCAB_ESCAPE);
}

static void pack_word(packer *p, ds_str before, ds_str word)
{
    uint32_t shared, own = 0, s;
    for (size_t at = shared_part(before, word, &shared); at < word.n; own++) {
        unsigned char code[DS_WORDCODE_BYTES];
        at += vocab_symbol(word.p + at, word.n - at, &s);
        ds_buf_put(&p->codes, code, ds_wordcode_put(code, p->rank[s]));
    }
    uint8_t high = nibble(p, shared);
    ds_buf_byte(&p->raw, (char)(high << 4 | nibble(p, own)));
}

static ds_status pack_chunk(packer *p, const ds_vocab_entry *e, size_t n, ds_buf *table, ds_buf *chunks, ds_error *err)
{
    ds_buf_reset(&p->raw);
    ds_buf_reset(&p->codes);
    ds_buf_reset(&p->escapes);
    uint32_t lemmas = 0;
    for (size_t i = 0; i < n; i++) {
        if (e[i].word.n > DS_VOCAB_WORD_MAX)
            return ds_fail(err, DS_ELIMIT, 0, 0, "a word of %zu bytes; at most %d", e[i].word.n, DS_VOCAB_WORD_MAX);
        pack_word(p, i > 0 ? e[i - 1].word : (ds_str){"", 0}, e[i].word);
        lemmas |= e[i].lemma;
    }
    for (size_t i = 0; i < n; i++)
        ds_buf_byte(&p->raw, (char)e[i].cls);
    for (size_t i = 0; i < n; i++)
        ds_buf_varint(&p->raw, e[i].pos);
    ds_buf_byte(&p->raw, lemmas != 0);
    for (size_t i = 0; lemmas != 0 && i < n; i++)
        ds_buf_varint(&p->raw, e[i].lemma);
    ds_buf_put(&p->raw, p->escapes.p, p->escapes.n);
    if (p->raw.status != DS_OK || p->codes.status != DS_OK || p->escapes.status != DS_OK)
        return ds_fail_nomem(err);
    size_t at = chunks->n, lengths = 0;
    ds_status st = ds_deflate(p->codec, ds_buf_str(&p->raw), chunks, err);
    if (st == DS_OK) {
        lengths = chunks->n - at;
        st = ds_deflate(p->codec, ds_buf_str(&p->codes), chunks, err);
    }
    if (st != DS_OK)
        return st;
    ds_buf_u32(table, (uint32_t)(chunks->n - at));
    ds_buf_u32(table, (uint32_t)lengths);
    ds_buf_u32(table, (uint32_t)(p->raw.n + p->codes.n));
    ds_buf_u32(table, ds_crc32(0, chunks->p + at, chunks->n - at));
    return DS_OK;
}

static ds_status pack(packer *p, const ds_vocab_entry *e, size_t n, ds_buf *chars, ds_buf *table, ds_buf *chunks,
                      ds_error *err)
{
    count_symbols(p, e, n, true);
    rank_symbols(p);
    size_t together = n < MANY_TYPES ? DS_VOCAB_CHUNK_MAX : SMALL_CHUNK;
    ds_status st = pack_chars(p, chars, err);
    ds_buf_u32(table, (uint32_t)together);
    for (size_t i = 0; st == DS_OK && i < n; i += together)
        st = pack_chunk(p, e + i, n - i < together ? n - i : together, table, chunks, err);
    if (st == DS_OK && (chars->status != DS_OK || table->status != DS_OK || chunks->status != DS_OK))
        st = ds_fail_nomem(err);
    return st;
}

ds_status ds_vocab_pack(ds_codec *codec, const ds_vocab_entry *entries, size_t n, ds_buf *chars, ds_buf *table,
                        ds_buf *chunks, ds_error *err)
{
    const ds_alloc *a = chunks->alloc;
    packer p = {.codec = codec, .alloc = a};
    ds_buf_init(&p.raw, a);
    ds_buf_init(&p.codes, a);
    ds_buf_init(&p.escapes, a);
    p.limit = 1;
    count_symbols(&p, entries, n, false);
    p.rank = ds_calloc(a, p.limit, sizeof *p.rank);
    p.order = ds_calloc(a, p.limit, sizeof *p.order);
    ds_status st = p.rank != NULL && p.order != NULL ? pack(&p, entries, n, chars, table, chunks, err) :
                                                       ds_fail_nomem(err);
    ds_mfree(a, p.rank, p.limit * sizeof *p.rank);
    ds_mfree(a, p.order, p.limit * sizeof *p.order);
    ds_buf_clear(&p.raw);
    ds_buf_clear(&p.codes);
    ds_buf_clear(&p.escapes);
    return st;
}

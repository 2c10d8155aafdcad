/* vocab.c - see vocab.h. */
#include "vocab.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum { SMALL_CHUNK = 256, MANY_TYPES = 1 << 17, ENTRY = 16, ESCAPE = 15, RAW_MAX = 1 << 26 };
/* Characters are numbered in tiers of falling frequency, in the order of code points within each: so the table of them
 * is a row of small differences, and the frequent ones still have the low numbers. */
enum { FIRST_TIER = DS_WORDCODE_ONE, SECOND_TIER = 512, THIRD_TIER = 1024 };
#define SYMBOLS 0x110000u
#define BAD_BYTE 0xD800u /* 256 surrogates, which no text has, stand for the bytes of ill-formed text */

/* The character at p, or its first byte when it is ill-formed; how many bytes it has. */
static size_t next_symbol(const char *p, size_t n, uint32_t *symbol)
{
    size_t len = ds_utf8_decode(p, n, symbol);
    if (*symbol != DS_UTF8_BAD)
        return len;
    *symbol = BAD_BYTE + (unsigned char)*p;
    return 1;
}

/* ------------------------------------------------------------------ packing */

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
            at += next_symbol(e[i].word.p + at, e[i].word.n - at, &s);
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
        ds_buf_varint(&p->raw, (p->order[i] + SYMBOLS - (i > 0 ? p->order[i - 1] : 0)) % SYMBOLS);
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
        size_t n = next_symbol(a.p + at, a.n - at, &x);
        next_symbol(b.p + at, b.n - at, &y);
        if (x != y)
            break;
        at += n;
        ++*chars;
    }
    return at;
}

static uint8_t nibble(packer *p, uint32_t n)
{
    if (n >= ESCAPE)
        ds_buf_varint(&p->escapes, n - ESCAPE);
    return (uint8_t)(n < ESCAPE ? n : ESCAPE);
}

static void pack_word(packer *p, ds_str before, ds_str word)
{
    uint32_t shared, own = 0, s;
    for (size_t at = shared_part(before, word, &shared); at < word.n; own++) {
        unsigned char code[DS_WORDCODE_BYTES];
        at += next_symbol(word.p + at, word.n - at, &s);
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

/* ------------------------------------------------------------------ unpacking */

typedef struct unpacked {
    uint32_t at;    /* where the word begins in `bytes`; the next one's: where it ends */
    uint32_t lemma;
    uint16_t pos;
    uint8_t cls;
} unpacked;

typedef struct chunk {
    uint32_t n;
    size_t size;    /* of `bytes`, as allocated */
    char *bytes;
    unpacked types[]; /* n + 1 */
} chunk;

struct ds_vocab {
    ds_alloc alloc;
    ds_vocab_sections s;
    uint32_t n, chunks, together; /* types, pieces, types of a piece: a power of two */
    unsigned shift;            /* which */
    uint64_t *begin;           /* of each piece in its section, and the end of the last */
    uint32_t *symbol;          /* code points by rank */
    uint32_t symbols;
    _Atomic(chunk *) *chunk;   /* NULL: not unpacked yet */
    pthread_mutex_t lock;      /* of unpacking */
    ds_codec *codec;
};

static ds_status open_chars(ds_vocab *v, ds_error *err)
{
    ds_str s = v->s.chars;
    if (s.n < 8)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is cut short");
    uint32_t n = ds_load32(s.p), raw = ds_load32(s.p + 4);
    if (n > SYMBOLS || raw < n || raw > 4 * (size_t)n)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is damaged");
    unsigned char *bytes = ds_malloc(&v->alloc, (size_t)raw + 1);
    v->symbol = ds_calloc(&v->alloc, (size_t)n + 1, sizeof *v->symbol);
    v->symbols = n;
    size_t got = 0;
    ds_status st = bytes == NULL || v->symbol == NULL ? ds_fail_nomem(err) :
                   ds_inflate(v->codec, (ds_str){s.p + 8, s.n - 8}, bytes, raw, &got, err);
    const unsigned char *p = bytes;
    for (uint32_t i = 0; st == DS_OK && i < n; i++)
        if (!ds_varint32(&p, bytes + got, &v->symbol[i]) || v->symbol[i] >= SYMBOLS)
            st = ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is damaged");
        else
            v->symbol[i] = (v->symbol[i] + (i > 0 ? v->symbol[i - 1] : 0)) % SYMBOLS;
    ds_mfree(&v->alloc, bytes, (size_t)raw + 1);
    return st;
}

static ds_status open_table(ds_vocab *v, ds_error *err)
{
    v->together = v->s.table.n >= 4 ? ds_load32(v->s.table.p) : 0;
    while (v->together >> v->shift > 1)
        v->shift++;
    if (v->together != (uint32_t)1 << v->shift || v->together > DS_VOCAB_CHUNK_MAX)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of pieces is damaged");
    v->chunks = v->n / v->together + (v->n % v->together != 0);
    if (v->s.table.n != 4 + (size_t)v->chunks * ENTRY)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of pieces has the wrong size");
    v->begin = ds_calloc(&v->alloc, (size_t)v->chunks + 1, sizeof *v->begin);
    v->chunk = ds_calloc(&v->alloc, (size_t)v->chunks + 1, sizeof *v->chunk);
    if (v->begin == NULL || v->chunk == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 0; i < v->chunks; i++)
        v->begin[i + 1] = v->begin[i] + ds_load32(v->s.table.p + 4 + (size_t)i * ENTRY);
    if (v->begin[v->chunks] != v->s.chunks.n)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's pieces do not fill their section");
    return DS_OK;
}

ds_status ds_vocab_open(const ds_alloc *a, const ds_vocab_sections *s, uint32_t n, ds_vocab **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_vocab *v = ds_calloc(a, 1, sizeof *v);
    if (v == NULL)
        return ds_fail_nomem(err);
    v->alloc = *a;
    v->s = *s;
    v->n = n;
    pthread_mutex_init(&v->lock, NULL);
    ds_status st = ds_codec_new(a, 0, &v->codec, err);
    if (st == DS_OK)
        st = open_chars(v, err);
    if (st == DS_OK)
        st = open_table(v, err);
    if (st != DS_OK) {
        ds_vocab_free(v);
        return st;
    }
    *out = v;
    return DS_OK;
}

static size_t chunk_size(uint32_t n)
{
    return sizeof(chunk) + ((size_t)n + 1) * sizeof(unpacked);
}

static void free_chunk(const ds_alloc *a, chunk *c)
{
    if (c == NULL)
        return;
    ds_mfree(a, c->bytes, c->size);
    ds_mfree(a, c, chunk_size(c->n));
}

void ds_vocab_free(ds_vocab *v)
{
    if (v == NULL)
        return;
    for (uint32_t i = 0; v->chunk != NULL && i < v->chunks; i++)
        free_chunk(&v->alloc, atomic_load(&v->chunk[i]));
    ds_mfree(&v->alloc, v->chunk, ((size_t)v->chunks + 1) * sizeof *v->chunk);
    ds_mfree(&v->alloc, v->begin, ((size_t)v->chunks + 1) * sizeof *v->begin);
    ds_mfree(&v->alloc, v->symbol, ((size_t)v->symbols + 1) * sizeof *v->symbol);
    ds_codec_free(v->codec);
    pthread_mutex_destroy(&v->lock);
    ds_alloc a = v->alloc;
    ds_mfree(&a, v, sizeof *v);
}

/* What is read of a piece, part by part. */
typedef struct reader {
    const unsigned char *lens, *escapes, *escapes_end, *codes, *codes_end;
} reader;

static bool read_attributes(chunk *c, const unsigned char *raw, size_t size, reader *r)
{
    const unsigned char *end = raw + size, *p = raw + 2 * (size_t)c->n;
    uint32_t x;
    if (size < 2 * (size_t)c->n + 1)
        return false;
    for (uint32_t i = 0; i < c->n; i++)
        c->types[i].cls = raw[c->n + i];
    for (uint32_t i = 0; i < c->n; i++) {
        if (!ds_varint32(&p, end, &x) || x > UINT16_MAX)
            return false;
        c->types[i].pos = (uint16_t)x;
    }
    if (p >= end)
        return false;
    if (*p++ != 0)
        for (uint32_t i = 0; i < c->n; i++)
            if (!ds_varint32(&p, end, &c->types[i].lemma))
                return false;
    r->lens = raw;
    r->escapes = p;
    r->escapes_end = end;
    return true;
}

static bool read_length(reader *r, unsigned four, uint32_t *n)
{
    uint32_t more;
    *n = four;
    if (four != ESCAPE)
        return true;
    if (!ds_varint32(&r->escapes, r->escapes_end, &more) || more > DS_VOCAB_WORD_MAX)
        return false;
    *n += more;
    return true;
}

/* Bytes of the first n characters of a word; SIZE_MAX: it has fewer. */
static size_t prefix_bytes(const char *word, size_t size, uint32_t n)
{
    size_t at = 0;
    for (uint32_t s; n > 0; n--) {
        if (at >= size)
            return SIZE_MAX;
        at += next_symbol(word + at, size - at, &s);
    }
    return at;
}

/* Writes the next `n` characters to `out`, which has room for 4 bytes each; their bytes, or SIZE_MAX. */
static size_t read_symbols(const ds_vocab *v, reader *r, uint32_t n, char *out)
{
    size_t at = 0;
    for (uint32_t code; n > 0; n--) {
        if (ds_wordcode_read(r->codes, r->codes_end, &code, 1, &r->codes) != 1 || code >= v->symbols)
            return SIZE_MAX;
        uint32_t s = v->symbol[code];
        if (s - BAD_BYTE < 256)
            out[at++] = (char)(s - BAD_BYTE);
        else
            at += ds_utf8_encode(s, out + at);
    }
    return at;
}

static bool read_word(const ds_vocab *v, const chunk *c, uint32_t i, reader *r, ds_buf *bytes)
{
    uint32_t shared, own;
    if (!read_length(r, r->lens[i] >> 4, &shared) || !read_length(r, r->lens[i] & 15, &own))
        return false;
    size_t before = i > 0 ? c->types[i - 1].at : 0, n = i > 0 ? c->types[i].at - before : 0;
    size_t keep = prefix_bytes(bytes->p + before, n, shared);
    if (keep == SIZE_MAX || !ds_buf_reserve(bytes, keep + 4 * (size_t)own + 4))
        return false;
    memcpy(bytes->p + bytes->n, bytes->p + before, keep);
    size_t more = read_symbols(v, r, own, bytes->p + bytes->n + keep);
    if (more == SIZE_MAX || keep + more > DS_VOCAB_WORD_MAX)
        return false;
    bytes->n += keep + more;
    return true;
}

static ds_status damaged(uint64_t off, ds_error *err)
{
    return ds_fail(err, DS_EFORMAT, off, 0, "a piece of the vocabulary is damaged");
}

static ds_status unpack_words(const ds_vocab *v, chunk *c, reader *r, ds_error *err)
{
    ds_buf bytes;
    ds_buf_init(&bytes, &v->alloc);
    bool good = ds_buf_reserve(&bytes, 8 * (size_t)c->n + 1);
    for (uint32_t i = 0; good && i < c->n; i++) {
        good = read_word(v, c, i, r, &bytes);
        c->types[i + 1].at = (uint32_t)bytes.n;
    }
    good = good && ds_buf_reserve(&bytes, DS_VOCAB_BEHIND);
    if (good)
        memset(bytes.p + bytes.n, 0, DS_VOCAB_BEHIND);
    c->bytes = bytes.p;
    c->size = bytes.cap;
    if (bytes.status != DS_OK)
        return ds_fail_nomem(err);
    return good ? DS_OK : damaged(0, err);
}

/* Unpacks both halves of a piece to `raw`: lengths and attributes, then characters. */
static ds_status unpack_halves(ds_vocab *v, chunk *c, ds_str packed, size_t lengths, unsigned char *raw, size_t size,
                               ds_error *err)
{
    size_t first, second;
    reader r;
    ds_status st = ds_inflate(v->codec, (ds_str){packed.p, lengths}, raw, size, &first, err);
    if (st == DS_OK)
        st = ds_inflate(v->codec, (ds_str){packed.p + lengths, packed.n - lengths}, raw + first, size - first, &second, err);
    if (st != DS_OK)
        return st;
    if (!read_attributes(c, raw, first, &r))
        return damaged(0, err);
    r.codes = raw + first;
    r.codes_end = r.codes + second;
    return unpack_words(v, c, &r, err);
}

static ds_status unpack_chunk(ds_vocab *v, uint32_t k, chunk **out, ds_error *err)
{
    const char *entry = v->s.table.p + 4 + (size_t)k * ENTRY;
    ds_str packed = {v->s.chunks.p + v->begin[k], ds_load32(entry)};
    size_t lengths = ds_load32(entry + 4), size = ds_load32(entry + 8);
    *out = NULL;
    if (ds_crc32(0, packed.p, packed.n) != ds_load32(entry + 12) || size > RAW_MAX || lengths > packed.n)
        return ds_fail(err, DS_EFORMAT, v->begin[k], 0, "a piece of the vocabulary is damaged (checksum)");
    uint32_t n = k + 1 < v->chunks || v->n % v->together == 0 ? v->together : v->n % v->together;
    chunk *c = ds_malloc(&v->alloc, chunk_size(n));
    unsigned char *raw = ds_malloc(&v->alloc, size + 1);
    if (c != NULL) {
        memset(c, 0, chunk_size(n));
        c->n = n;
    }
    ds_status st = c == NULL || raw == NULL ? ds_fail_nomem(err) : unpack_halves(v, c, packed, lengths, raw, size, err);
    ds_mfree(&v->alloc, raw, size + 1);
    if (st != DS_OK) {
        free_chunk(&v->alloc, c);
        if (err != NULL)
            err->off = v->begin[k];
        return st;
    }
    *out = c;
    return DS_OK;
}

static ds_status unpack_once(ds_vocab *v, uint32_t k, chunk **out, ds_error *err)
{
    pthread_mutex_lock(&v->lock);
    ds_status st = DS_OK;
    *out = atomic_load_explicit(&v->chunk[k], memory_order_relaxed);
    if (*out == NULL) {
        st = unpack_chunk(v, k, out, err);
        if (st == DS_OK)
            atomic_store_explicit(&v->chunk[k], *out, memory_order_release);
    }
    pthread_mutex_unlock(&v->lock);
    return st;
}

static inline ds_status chunk_of(ds_vocab *v, uint32_t k, chunk **out, ds_error *err)
{
    *out = atomic_load_explicit(&v->chunk[k], memory_order_acquire);
    return *out != NULL ? DS_OK : unpack_once(v, k, out, err);
}

static ds_status out_of_range(const ds_vocab *v, uint32_t id, ds_error *err)
{
    return ds_fail(err, DS_EFORMAT, 0, 0, "type %u, of %u", id, v->n);
}

ds_status ds_vocab_word(ds_vocab *v, uint32_t id, ds_str *word, ds_error *err)
{
    chunk *c;
    *word = (ds_str){"", 0};
    if (id >= v->n)
        return out_of_range(v, id, err);
    ds_status st = chunk_of(v, id >> v->shift, &c, err);
    if (st != DS_OK)
        return st;
    const unpacked *t = &c->types[id & (v->together - 1)];
    *word = (ds_str){c->bytes + t->at, t[1].at - t->at};
    return DS_OK;
}

ds_status ds_vocab_get(ds_vocab *v, uint32_t id, ds_vocab_entry *out, ds_error *err)
{
    *out = (ds_vocab_entry){.word = {"", 0}};
    if (id >= v->n)
        return out_of_range(v, id, err);
    chunk *c;
    ds_status st = chunk_of(v, id >> v->shift, &c, err);
    if (st != DS_OK)
        return st;
    const unpacked *t = &c->types[id & (v->together - 1)];
    *out = (ds_vocab_entry){{c->bytes + t->at, t[1].at - t->at}, t->lemma, t->pos, t->cls};
    return DS_OK;
}

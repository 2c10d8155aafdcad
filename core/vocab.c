/* vocab.c - see vocab.h. */
#include "vocab.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "utf8.h"

enum { CHUNK = DS_VOCAB_CHUNK, ENTRY = 12, ESCAPE = 15, RAW_MAX = 1 << 26 };
#define BAD_BYTE 0x110000u /* code points from here on are single bytes of ill-formed text */
#define SYMBOLS (BAD_BYTE + 256u)

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
    ds_buf raw, codes, escapes;
} packer;

static void count_symbols(packer *p, const ds_vocab_entry *e, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t at = 0; at < e[i].word.n;) {
            uint32_t s;
            at += next_symbol(e[i].word.p + at, e[i].word.n - at, &s);
            p->rank[s]++;
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

static void rank_symbols(packer *p)
{
    p->symbols = 0;
    for (uint32_t s = 0; s < SYMBOLS; s++)
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
    for (uint32_t i = 0; i < p->symbols; i++)
        p->rank[p->order[i]] = i;
}

static ds_status pack_chars(packer *p, ds_buf *chars, ds_error *err)
{
    ds_buf_reset(&p->raw);
    for (size_t i = 0; i < p->symbols; i++)
        ds_buf_varint(&p->raw, p->order[i]);
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
    ds_buf_put(&p->raw, p->codes.p, p->codes.n);
    if (p->raw.status != DS_OK || p->codes.status != DS_OK || p->escapes.status != DS_OK)
        return ds_fail_nomem(err);
    size_t at = chunks->n;
    ds_status st = ds_deflate(p->codec, ds_buf_str(&p->raw), chunks, err);
    if (st != DS_OK)
        return st;
    ds_buf_u32(table, (uint32_t)(chunks->n - at));
    ds_buf_u32(table, (uint32_t)p->raw.n);
    ds_buf_u32(table, ds_crc32(0, chunks->p + at, chunks->n - at));
    return DS_OK;
}

static ds_status pack(packer *p, const ds_vocab_entry *e, size_t n, ds_buf *chars, ds_buf *table, ds_buf *chunks,
                      ds_error *err)
{
    count_symbols(p, e, n);
    rank_symbols(p);
    ds_status st = pack_chars(p, chars, err);
    for (size_t i = 0; st == DS_OK && i < n; i += CHUNK)
        st = pack_chunk(p, e + i, n - i < CHUNK ? n - i : CHUNK, table, chunks, err);
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
    p.rank = ds_calloc(a, SYMBOLS, sizeof *p.rank);
    p.order = ds_calloc(a, SYMBOLS, sizeof *p.order);
    ds_status st = p.rank != NULL && p.order != NULL ? pack(&p, entries, n, chars, table, chunks, err) :
                                                       ds_fail_nomem(err);
    ds_mfree(a, p.rank, SYMBOLS * sizeof *p.rank);
    ds_mfree(a, p.order, SYMBOLS * sizeof *p.order);
    ds_buf_clear(&p.raw);
    ds_buf_clear(&p.codes);
    ds_buf_clear(&p.escapes);
    return st;
}

/* ------------------------------------------------------------------ unpacking */

typedef struct chunk {
    uint32_t n;
    uint32_t at[CHUNK + 1]; /* where each word begins in `bytes` */
    uint32_t lemma[CHUNK];
    uint16_t pos[CHUNK];
    uint8_t cls[CHUNK];
    size_t size; /* of `bytes`, as allocated */
    char *bytes;
} chunk;

struct ds_vocab {
    ds_alloc alloc;
    ds_vocab_sections s;
    uint32_t n, chunks;
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
    ds_mfree(&v->alloc, bytes, (size_t)raw + 1);
    return st;
}

static ds_status open_table(ds_vocab *v, ds_error *err)
{
    if (v->s.table.n != (size_t)v->chunks * ENTRY)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of pieces has the wrong size");
    v->begin = ds_calloc(&v->alloc, (size_t)v->chunks + 1, sizeof *v->begin);
    v->chunk = ds_calloc(&v->alloc, (size_t)v->chunks + 1, sizeof *v->chunk);
    if (v->begin == NULL || v->chunk == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 0; i < v->chunks; i++)
        v->begin[i + 1] = v->begin[i] + ds_load32(v->s.table.p + (size_t)i * ENTRY);
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
    v->chunks = n / CHUNK + (n % CHUNK != 0);
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

static void free_chunk(const ds_alloc *a, chunk *c)
{
    if (c == NULL)
        return;
    ds_mfree(a, c->bytes, c->size);
    ds_mfree(a, c, sizeof *c);
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
    const unsigned char *lens, *escapes, *codes, *end;
} reader;

static bool read_attributes(chunk *c, const unsigned char *raw, size_t size, reader *r)
{
    const unsigned char *end = raw + size, *p = raw + 2 * (size_t)c->n;
    if (size < 2 * (size_t)c->n + 1)
        return false;
    memcpy(c->cls, raw + c->n, c->n);
    uint32_t x;
    for (uint32_t i = 0; i < c->n; i++) {
        if (!ds_varint32(&p, end, &x) || x > UINT16_MAX)
            return false;
        c->pos[i] = (uint16_t)x;
    }
    if (p >= end)
        return false;
    if (*p++ != 0)
        for (uint32_t i = 0; i < c->n; i++)
            if (!ds_varint32(&p, end, &c->lemma[i]))
                return false;
    *r = (reader){.lens = raw, .escapes = p, .end = end};
    for (uint32_t i = 0; i < c->n; i++)
        for (int k = 0; k < 2; k++)
            if ((raw[i] >> (k == 0 ? 4 : 0) & 15) == ESCAPE && !ds_varint32(&p, end, &x))
                return false;
    r->codes = p;
    return true;
}

static bool read_length(reader *r, unsigned four, uint32_t *n)
{
    uint32_t more;
    *n = four;
    if (four != ESCAPE)
        return true;
    if (!ds_varint32(&r->escapes, r->end, &more) || more > DS_VOCAB_WORD_MAX)
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

static bool read_word(const ds_vocab *v, const chunk *c, uint32_t i, reader *r, ds_buf *bytes)
{
    uint32_t shared, own, code;
    if (!read_length(r, r->lens[i] >> 4, &shared) || !read_length(r, r->lens[i] & 15, &own))
        return false;
    size_t before = i > 0 ? c->at[i - 1] : 0, n = i > 0 ? c->at[i] - before : 0;
    size_t keep = prefix_bytes(bytes->p + before, n, shared);
    if (keep == SIZE_MAX || !ds_buf_reserve(bytes, keep + 4 * (size_t)own))
        return false;
    if (keep > 0)
        memcpy(bytes->p + bytes->n, bytes->p + before, keep);
    bytes->n += keep;
    for (; own > 0; own--) {
        if (ds_wordcode_read(r->codes, r->end, &code, 1, &r->codes) != 1 || code >= v->symbols)
            return false;
        uint32_t s = v->symbol[code];
        if (s >= BAD_BYTE)
            bytes->p[bytes->n++] = (char)(s - BAD_BYTE);
        else
            bytes->n += ds_utf8_encode(s, bytes->p + bytes->n);
    }
    return bytes->n - c->at[i] <= DS_VOCAB_WORD_MAX;
}

static ds_status unpack_words(const ds_vocab *v, chunk *c, const unsigned char *raw, size_t size, ds_error *err)
{
    reader r;
    ds_buf bytes;
    if (!read_attributes(c, raw, size, &r))
        return ds_fail(err, DS_EFORMAT, 0, 0, "a piece of the vocabulary is damaged");
    ds_buf_init(&bytes, &v->alloc);
    bool good = ds_buf_reserve(&bytes, 1);
    for (uint32_t i = 0; good && i < c->n; i++) {
        good = read_word(v, c, i, &r, &bytes);
        c->at[i + 1] = (uint32_t)bytes.n;
    }
    c->bytes = bytes.p;
    c->size = bytes.cap;
    if (bytes.status != DS_OK)
        return ds_fail_nomem(err);
    return good ? DS_OK : ds_fail(err, DS_EFORMAT, 0, 0, "a piece of the vocabulary is damaged");
}

static ds_status unpack_chunk(ds_vocab *v, uint32_t k, chunk **out, ds_error *err)
{
    const char *entry = v->s.table.p + (size_t)k * ENTRY;
    ds_str packed = {v->s.chunks.p + v->begin[k], ds_load32(entry)};
    size_t raw_size = ds_load32(entry + 4), got = 0;
    if (ds_crc32(0, packed.p, packed.n) != ds_load32(entry + 8) || raw_size > RAW_MAX)
        return ds_fail(err, DS_EFORMAT, v->begin[k], 0, "a piece of the vocabulary is damaged (checksum)");
    chunk *c = ds_calloc(&v->alloc, 1, sizeof *c);
    unsigned char *raw = ds_malloc(&v->alloc, raw_size + 1);
    ds_status st = c == NULL || raw == NULL ? ds_fail_nomem(err) :
                   ds_inflate(v->codec, packed, raw, raw_size, &got, err);
    if (st == DS_OK) {
        c->n = k + 1 < v->chunks || v->n % CHUNK == 0 ? CHUNK : v->n % CHUNK;
        st = unpack_words(v, c, raw, got, err);
    }
    ds_mfree(&v->alloc, raw, raw_size + 1);
    if (st != DS_OK) {
        free_chunk(&v->alloc, c);
        if (err != NULL)
            err->off = v->begin[k];
        return st;
    }
    *out = c;
    return DS_OK;
}

static ds_status chunk_of(ds_vocab *v, uint32_t k, chunk **out, ds_error *err)
{
    *out = atomic_load_explicit(&v->chunk[k], memory_order_acquire);
    if (*out != NULL)
        return DS_OK;
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

ds_status ds_vocab_get(ds_vocab *v, uint32_t id, ds_vocab_entry *out, ds_error *err)
{
    *out = (ds_vocab_entry){.word = {"", 0}};
    if (id >= v->n)
        return ds_fail(err, DS_EFORMAT, 0, 0, "type %u, of %u", id, v->n);
    chunk *c;
    ds_status st = chunk_of(v, id / CHUNK, &c, err);
    if (st != DS_OK)
        return st;
    uint32_t i = id % CHUNK;
    *out = (ds_vocab_entry){{c->bytes + c->at[i], c->at[i + 1] - c->at[i]}, c->lemma[i], c->pos[i], c->cls[i]};
    return DS_OK;
}

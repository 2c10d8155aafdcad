/* vocab.c - reading a vocabulary; see vocab.h.  vocab_pack.c makes it. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "vocab_int.h"

enum { RAW_MAX = 1 << 26 }; /* what a piece may unpack to */

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
    if (n > VOCAB_SYMBOLS || raw < n || raw > 4 * (size_t)n)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is damaged");
    unsigned char *bytes = ds_malloc(&v->alloc, (size_t)raw + 1);
    v->symbol = ds_calloc(&v->alloc, (size_t)n + 1, sizeof *v->symbol);
    v->symbols = n;
    size_t got = 0;
    ds_status st = bytes == NULL || v->symbol == NULL ? ds_fail_nomem(err) :
                   ds_inflate(v->codec, (ds_str){s.p + 8, s.n - 8}, bytes, raw, &got, err);
    const unsigned char *p = bytes;
    for (uint32_t i = 0; st == DS_OK && i < n; i++)
        if (!ds_varint32(&p, bytes + got, &v->symbol[i]) || v->symbol[i] >= VOCAB_SYMBOLS)
            st = ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is damaged");
        else
            v->symbol[i] = (v->symbol[i] + (i > 0 ? v->symbol[i - 1] : 0)) % VOCAB_SYMBOLS;
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
    if (v->s.table.n != 4 + (size_t)v->chunks * VOCAB_ENTRY)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of pieces has the wrong size");
    v->begin = ds_calloc(&v->alloc, (size_t)v->chunks + 1, sizeof *v->begin);
    v->chunk = ds_calloc(&v->alloc, (size_t)v->chunks + 1, sizeof *v->chunk);
    if (v->begin == NULL || v->chunk == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 0; i < v->chunks; i++)
        v->begin[i + 1] = v->begin[i] + ds_load32(v->s.table.p + 4 + (size_t)i * VOCAB_ENTRY);
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
    if (four != VOCAB_ESCAPE)
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
        at += vocab_symbol(word + at, size - at, &s);
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
        if (s - VOCAB_BAD_BYTE < 256)
            out[at++] = (char)(s - VOCAB_BAD_BYTE);
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
        st = ds_inflate(v->codec, (ds_str){packed.p + lengths, packed.n - lengths}, raw + first, size - first, &second,
                        err);
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
    const char *entry = v->s.table.p + 4 + (size_t)k * VOCAB_ENTRY;
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

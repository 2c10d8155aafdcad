/* vocab.c - reading a vocabulary; see vocab.h.  vocab_pack.c makes it. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "fold.h"
#include "vocab_int.h"

enum { RAW_MAX = 1 << 26 }; /* what a piece may unpack to */

typedef struct unpacked {
    uint32_t at;    /* where the word begins in `bytes`; the next one's: where it ends */
    uint32_t lemma;
    uint16_t pos;
    uint8_t cls;
    bool plain;     /* the word is known to be its own key */
} unpacked;

/* A character of words, by rank. */
typedef struct vocab_char {
    char bytes[DS_UTF8_MAX];
    uint8_t n;
    bool plain;     /* folding leaves it as it is; false: it was not asked yet */
} vocab_char;

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
    vocab_char *chars;
    uint32_t symbols;          /* how many */
    _Atomic(chunk *) *chunk;   /* NULL: not unpacked yet */
    pthread_mutex_t lock;      /* of unpacking */
    ds_codec *codec;
    ds_buf words;              /* scratch of unpacking */
};

static void set_char(vocab_char *c, uint32_t symbol)
{
    if (symbol - VOCAB_BAD_BYTE < 256) {
        c->bytes[0] = (char)(symbol - VOCAB_BAD_BYTE);
        c->n = 1;
    } else {
        c->n = (uint8_t)ds_utf8_encode(symbol, c->bytes);
    }
}

static ds_status open_chars(ds_vocab *v, ds_error *err)
{
    ds_str s = v->s.chars;
    if (s.n < 8)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is cut short");
    uint32_t n = ds_load32(s.p), raw = ds_load32(s.p + 4);
    if (n > VOCAB_SYMBOLS || raw < n || raw > 4 * (size_t)n)
        return ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is damaged");
    unsigned char *bytes = ds_malloc(&v->alloc, (size_t)raw + 1);
    v->chars = ds_calloc(&v->alloc, (size_t)n + 1, sizeof *v->chars);
    v->symbols = n;
    size_t got = 0;
    ds_status st = bytes == NULL || v->chars == NULL ? ds_fail_nomem(err) :
                   ds_inflate(v->codec, (ds_str){s.p + 8, s.n - 8}, bytes, raw, &got, err);
    const unsigned char *p = bytes;
    uint32_t symbol = 0;
    for (uint32_t i = 0, more; st == DS_OK && i < n; i++) {
        if (!ds_varint32(&p, bytes + got, &more) || more >= VOCAB_SYMBOLS) {
            st = ds_fail(err, DS_EFORMAT, 0, 0, "the vocabulary's table of characters is damaged");
            break;
        }
        symbol = (symbol + more) % VOCAB_SYMBOLS;
        set_char(&v->chars[i], symbol);
    }
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
    ds_buf_init(&v->words, &v->alloc);
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
    ds_mfree(&v->alloc, v->chars, ((size_t)v->symbols + 1) * sizeof *v->chars);
    ds_codec_free(v->codec);
    ds_buf_clear(&v->words);
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
        const unsigned char *p = (const unsigned char *)word + at;
        if (p[0] < 0x80)
            at++;
        else if (size - at >= 3 && p[0] >= 0xE1 && p[0] <= 0xEC && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80)
            at += 3;
        else
            at += vocab_symbol(word + at, size - at, &s);
    }
    return at;
}

/* The next word code; UINT32_MAX: it is cut short. */
static inline uint32_t read_code(reader *r)
{
    const unsigned char *p = r->codes;
    size_t left = (size_t)(r->codes_end - p);
    if (left >= 1 && p[0] < DS_WORDCODE_ONE) {
        r->codes++;
        return p[0];
    }
    if (left >= 2 && p[0] < 240) {
        r->codes += 2;
        return DS_WORDCODE_ONE + ((p[0] - DS_WORDCODE_ONE) << 8 | p[1]);
    }
    if (left < 3)
        return UINT32_MAX;
    r->codes += 3;
    return DS_WORDCODE_ONE + DS_WORDCODE_TWO + ((uint32_t)(p[0] - 240) << 16 | (uint32_t)p[1] << 8 | p[2]);
}

/* Writes the next `n` characters to `out`, which has room for 4 bytes each; their bytes, or SIZE_MAX.  Clears *plain when
 * folding may change one. */
static size_t read_symbols(const ds_vocab *v, reader *r, uint32_t n, char *out, bool *plain)
{
    size_t at = 0;
    for (uint32_t code; n > 0; n--) {
        if ((code = read_code(r)) >= v->symbols)
            return SIZE_MAX;
        const vocab_char *c = &v->chars[code];
        memcpy(out + at, c->bytes, sizeof c->bytes);
        at += c->n;
        *plain = *plain && c->plain;
    }
    return at;
}

static bool read_word(const ds_vocab *v, chunk *c, uint32_t i, reader *r, ds_buf *bytes)
{
    uint32_t shared, own;
    if (!read_length(r, r->lens[i] >> 4, &shared) || !read_length(r, r->lens[i] & 15, &own))
        return false;
    size_t before = i > 0 ? c->types[i - 1].at : 0, n = i > 0 ? c->types[i].at - before : 0;
    size_t keep = prefix_bytes(bytes->p + before, n, shared);
    size_t most = keep + 4 * (size_t)own + 4;
    if (keep == SIZE_MAX || (bytes->cap - bytes->n < most && !ds_buf_reserve(bytes, most)))
        return false;
    memcpy(bytes->p + bytes->n, bytes->p + before, keep);
    c->types[i].plain = shared == 0 || c->types[i - 1].plain;
    size_t more = read_symbols(v, r, own, bytes->p + bytes->n + keep, &c->types[i].plain);
    if (more == SIZE_MAX || keep + more > DS_VOCAB_WORD_MAX)
        return false;
    bytes->n += keep + more;
    return true;
}

static ds_status damaged(uint64_t off, ds_error *err)
{
    return ds_fail(err, DS_EFORMAT, off, 0, "a piece of the vocabulary is damaged");
}

/* To a buffer that is used again and again, then to one of their size. */
static ds_status unpack_words(ds_vocab *v, chunk *c, reader *r, ds_error *err)
{
    ds_buf *bytes = &v->words;
    ds_buf_reset(bytes);
    bool good = ds_buf_reserve(bytes, 8 * (size_t)c->n + 1);
    for (uint32_t i = 0; good && i < c->n; i++) {
        good = read_word(v, c, i, r, bytes);
        c->types[i + 1].at = (uint32_t)bytes->n;
    }
    if (bytes->status != DS_OK)
        return ds_fail_nomem(err);
    if (!good)
        return damaged(0, err);
    c->size = bytes->n + DS_VOCAB_BEHIND;
    c->bytes = ds_malloc(&v->alloc, c->size);
    if (c->bytes == NULL)
        return ds_fail_nomem(err);
    if (bytes->n > 0)
        memcpy(c->bytes, bytes->p, bytes->n);
    memset(c->bytes + bytes->n, 0, DS_VOCAB_BEHIND);
    return DS_OK;
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

/* ------------------------------------------------------------------ keys */

/* Asks of each character whether folding leaves it as it is.  What was unpacked before is folded as any word. */
static void find_plain(ds_vocab *v)
{
    uint32_t cp, to[DS_FOLD_CP_MAX];
    pthread_mutex_lock(&v->lock);
    for (uint32_t i = 0; i < v->symbols; i++) {
        vocab_char *c = &v->chars[i];
        ds_utf8_decode(c->bytes, c->n, &cp);
        c->plain = cp == DS_UTF8_BAD || (ds_fold_cp(cp, DS_FOLD_ALL, to) == 1 && to[0] == cp);
    }
    pthread_mutex_unlock(&v->lock);
}

ds_status ds_vocab_keys(ds_vocab *v, ds_buf *keys, uint32_t *at, ds_error *err)
{
    chunk *c;
    find_plain(v);
    for (uint32_t k = 0; k < v->chunks; k++) {
        ds_status st = chunk_of(v, k, &c, err);
        if (st == DS_OK && !ds_buf_reserve(keys, c->types[c->n].at))
            st = ds_fail_nomem(err);
        for (uint32_t i = 0; st == DS_OK && i < c->n; i++) {
            const unpacked *t = &c->types[i];
            ds_str word = {c->bytes + t->at, t[1].at - t->at};
            if (t->plain && word.n > 0 && keys->cap - keys->n >= word.n) { /* ds_buf_put, but for its checks */
                memcpy(keys->p + keys->n, word.p, word.n);
                keys->n += word.n;
            } else {
                st = ds_fold(word, DS_FOLD_ALL, keys, NULL, err);
            }
            at[k * v->together + i + 1] = (uint32_t)keys->n;
        }
        if (st == DS_OK && keys->n > UINT32_MAX)
            st = ds_fail(err, DS_ELIMIT, 0, 0, "a segment's words are longer than 4 GiB together");
        if (st != DS_OK || keys->status != DS_OK)
            return st != DS_OK ? st : ds_fail_nomem(err);
    }
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

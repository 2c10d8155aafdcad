/* block.c - see block.h. */
#include "block.h"

#include <libdeflate.h>
#include <string.h>

struct ds_codec {
    ds_alloc alloc;
    struct libdeflate_compressor *deflate; /* NULL: only for reading */
    struct libdeflate_decompressor *inflate;
};

ds_status ds_codec_new(const ds_alloc *a, int level, ds_codec **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_codec *c = ds_calloc(a, 1, sizeof *c);
    if (c == NULL)
        return ds_fail_nomem(err);
    c->alloc = *a;
    c->inflate = libdeflate_alloc_decompressor();
    c->deflate = level > 0 ? libdeflate_alloc_compressor(level) : NULL;
    if (c->inflate == NULL || (level > 0 && c->deflate == NULL)) {
        ds_codec_free(c);
        return ds_fail_nomem(err);
    }
    *out = c;
    return DS_OK;
}

void ds_codec_free(ds_codec *c)
{
    if (c == NULL)
        return;
    if (c->deflate != NULL)
        libdeflate_free_compressor(c->deflate);
    if (c->inflate != NULL)
        libdeflate_free_decompressor(c->inflate);
    ds_alloc a = c->alloc;
    ds_mfree(&a, c, sizeof *c);
}

ds_status ds_deflate(ds_codec *c, ds_str in, ds_buf *out, ds_error *err)
{
    size_t bound = libdeflate_deflate_compress_bound(c->deflate, in.n);
    if (!ds_buf_reserve(out, bound))
        return ds_fail_nomem(err);
    size_t n = libdeflate_deflate_compress(c->deflate, in.n != 0 ? in.p : "", in.n, out->p + out->n, bound);
    if (n == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "a piece of %zu bytes could not be compressed", in.n);
    out->n += n;
    return DS_OK;
}

ds_status ds_inflate(ds_codec *c, ds_str in, void *out, size_t cap, size_t *n, ds_error *err)
{
    *n = 0;
    if (libdeflate_deflate_decompress(c->inflate, in.n != 0 ? in.p : "", in.n, out, cap, n) != LIBDEFLATE_SUCCESS)
        return ds_fail(err, DS_EFORMAT, 0, 0, "a compressed piece is damaged");
    return DS_OK;
}

/* The code in the low bytes of w: without a branch, for the lengths of codes cannot be foretold. */
static inline size_t read_code(uint32_t w, uint32_t *out)
{
    static const uint32_t less[3] = {0, (DS_WORDCODE_ONE << 8) - DS_WORDCODE_ONE,
                                     (240u << 16) - DS_WORDCODE_ONE - DS_WORDCODE_TWO};
    uint32_t first = w & 255;
    size_t more = (size_t)(first >= DS_WORDCODE_ONE) + (size_t)(first >= 240);
    *out = (__builtin_bswap32(w) >> (24 - 8 * more)) - less[more];
    return more + 1;
}

size_t ds_wordcode_read(const unsigned char *p, const unsigned char *end, uint32_t *out, size_t cap,
                        const unsigned char **rest)
{
    size_t n = 0;
    for (; n + 2 <= cap && end - p >= 8; n += 2) {
        uint64_t w = ds_load64(p);
        size_t len = read_code((uint32_t)w, &out[n]);
        p += len + read_code((uint32_t)(w >> 8 * len), &out[n + 1]);
    }
    while (n < cap && p < end) {
        unsigned char last[4] = {0};
        uint32_t v;
        memcpy(last, p, (size_t)(end - p) < 4 ? (size_t)(end - p) : 4);
        size_t len = read_code(ds_load32(last), &v);
        if (len > (size_t)(end - p))
            break;
        out[n++] = v;
        p += len;
    }
    *rest = p;
    return n;
}

void ds_buf_varint(ds_buf *b, uint64_t v)
{
    unsigned char t[10];
    size_t n = 0;
    for (; v >= 128; v >>= 7)
        t[n++] = (unsigned char)(v | 128);
    t[n++] = (unsigned char)v;
    ds_buf_put(b, t, n);
}

bool ds_varint(const unsigned char **p, const unsigned char *end, uint64_t *v)
{
    uint64_t r = 0;
    const unsigned char *q = *p;
    for (unsigned shift = 0; q < end && shift < 64; shift += 7) {
        unsigned char b = *q++;
        if (shift == 63 && b > 1)
            return false;
        r |= (uint64_t)(b & 127) << shift;
        if (b < 128) {
            *p = q;
            *v = r;
            return true;
        }
    }
    return false;
}

bool ds_varint32(const unsigned char **p, const unsigned char *end, uint32_t *v)
{
    const unsigned char *q = *p;
    uint64_t r;
    if (!ds_varint(&q, end, &r) || r > UINT32_MAX)
        return false;
    *p = q;
    *v = (uint32_t)r;
    return true;
}

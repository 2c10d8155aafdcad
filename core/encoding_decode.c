/*
 * encoding_decode.c - the streaming decoder; see encoding.h.
 *
 * What iconv is not trusted with: it is given one slice at a time with room for all that may come of it, so that it
 * never stops in the middle for lack of space; the names are those of the superset that files in the wild are in
 * (CP932 for Shift_JIS: glibc's SHIFT_JIS takes the backslash for a yen sign); stateful encodings such as
 * ISO-2022, where it had its worst faults, are not offered at all; how many bytes an ill-formed sequence has is
 * decided here, since iconv only says where it begins; and of A2 E8 in CP949 glibc 2.36 says where it ends.
 */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "encoding_int.h"
#include "utf8.h"

#ifndef DS_DECODE_SLICE
#define DS_DECODE_SLICE ((size_t)32 << 10) /* bytes given to iconv at a time; at least TAIL_MAX */
#endif
#define TAIL_MAX 8       /* bytes that hold one complete character for sure, whatever a cut left of it before */
#define GROWTH 3         /* bytes of UTF-8 that come of one byte at most: half-width kana in Shift_JIS */
#define REPLACEMENT_CHAR "\xEF\xBF\xBD"

struct ds_decoder {
    const ds_alloc *alloc;
    ds_encoding encoding;
    iconv_t cd;            /* NO_ICONV: decoded here */
    bool replace, started; /* started: what might be a byte order mark is past */
    ds_status status;
    uint64_t off;          /* bytes of the stream decoded so far; the tail begins here */
    uint64_t first_bad;
    size_t bad;
    size_t tail_n;
    char tail[TAIL_MAX];   /* the beginning of a character that a chunk cut */
};
#define NO_ICONV ((iconv_t)-1)

/* Where decoded text goes. */
typedef struct sink {
    ds_buf *out;
    ds_offmap *map;
    ds_error *err;
} sink;

static const char *const iconv_names[DS_ENC_COUNT] = {
    [DS_ENC_UTF16LE] = "UTF-16LE",  [DS_ENC_UTF16BE] = "UTF-16BE", [DS_ENC_UTF32LE] = "UTF-32LE",
    [DS_ENC_UTF32BE] = "UTF-32BE",  [DS_ENC_GB18030] = "GB18030",  [DS_ENC_BIG5] = "BIG5-HKSCS",
    [DS_ENC_SHIFT_JIS] = "CP932",   [DS_ENC_EUC_JP] = "EUC-JP-MS", [DS_ENC_EUC_KR] = "CP949",
};

static bool is_native(ds_encoding e)
{
    return e == DS_ENC_UTF8 || e == DS_ENC_ASCII;
}

/* ------------------------------------------------------------------ life */

static ds_status open_iconv(ds_decoder *d, ds_error *err)
{
    if (is_native(d->encoding))
        return DS_OK;
    d->cd = iconv_open("UTF-8", iconv_names[d->encoding]);
    if (d->cd != NO_ICONV)
        return DS_OK;
    if (errno == EINVAL)
        return ds_fail(err, DS_EINVAL, 0, 0, "this system's iconv does not know %s", iconv_names[d->encoding]);
    if (errno == ENOMEM)
        return ds_fail_nomem(err);
    return ds_fail(err, DS_EIO, 0, 0, "iconv cannot load %s: %s", iconv_names[d->encoding],
                   errno == EMFILE || errno == ENFILE ? "too many open files" : "its files cannot be read");
}

ds_status ds_decoder_new(const ds_alloc *a, ds_encoding e, unsigned flags, ds_decoder **out, ds_error *err)
{
    *out = NULL;
    if ((unsigned)e >= DS_ENC_COUNT || (!is_native(e) && iconv_names[e] == NULL))
        return ds_fail(err, DS_EINVAL, 0, 0, "no encoding to decode from");
    ds_decoder *d = ds_calloc(a, 1, sizeof *d);
    if (d == NULL)
        return ds_fail_nomem(err);
    d->alloc = ds_alloc_or_libc(a);
    d->encoding = e;
    d->cd = NO_ICONV;
    d->replace = (flags & DS_DECODE_REPLACE) != 0;
    ds_status st = open_iconv(d, err);
    if (st == DS_OK)
        *out = d;
    else
        ds_decoder_free(d);
    return st;
}

void ds_decoder_free(ds_decoder *d)
{
    if (d == NULL)
        return;
    if (d->cd != NO_ICONV)
        iconv_close(d->cd);
    ds_mfree(d->alloc, d, sizeof *d);
}

size_t ds_decoder_bad(const ds_decoder *d, uint64_t *off)
{
    if (off != NULL)
        *off = d->first_bad;
    return d->bad;
}

/* ------------------------------------------------------------------ structure */

static size_t utf8_len(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static bool is_sjis_lead(unsigned char b)
{
    return (b >= 0x81 && b <= 0x9F) || (b >= 0xE0 && b <= 0xFC);
}

static size_t euc_jp_len(unsigned char b)
{
    return b == 0x8F ? 3 : b == 0x8E || (b >= 0xA1 && b <= 0xFE) ? 2 : 1;
}

size_t ds_encoding_char_len(ds_encoding e, const char *p, size_t n)
{
    unsigned char b = (unsigned char)p[0], next = n > 1 ? (unsigned char)p[1] : 0;
    bool lead = b >= 0x81 && b <= 0xFE;
    switch (e) {
    case DS_ENC_GB18030: return !lead ? 1 : next >= '0' && next <= '9' ? 4 : 2;
    case DS_ENC_BIG5:
    case DS_ENC_EUC_KR: return lead ? 2 : 1;
    case DS_ENC_SHIFT_JIS: return is_sjis_lead(b) ? 2 : 1;
    case DS_ENC_EUC_JP: return euc_jp_len(b);
    case DS_ENC_UTF16LE: return (next & 0xFC) == 0xD8 ? 4 : 2;
    case DS_ENC_UTF16BE: return (b & 0xFC) == 0xD8 ? 4 : 2;
    case DS_ENC_UTF32LE:
    case DS_ENC_UTF32BE: return 4;
    default: return 1;
    }
}

/* Bytes of the ill-formed sequence at p.  A byte that may be ASCII text of its own is never among them. */
static size_t bad_len(ds_encoding e, const char *p, size_t n)
{
    uint32_t cp;
    size_t len, k = 1;
    if (e == DS_ENC_UTF8)
        return ds_utf8_decode(p, n, &cp);
    len = e == DS_ENC_UTF16LE || e == DS_ENC_UTF16BE ? 2 : ds_encoding_char_len(e, p, n);
    if (e >= DS_ENC_UTF16LE && e <= DS_ENC_UTF32BE)
        return len < n ? len : n;
    while (k < len && k < n && (unsigned char)p[k] >= 0x80)
        k++;
    return k;
}

/* ------------------------------------------------------------------ the map */

/* Bytes of UTF-8 that the character of `len` bytes at p became.  Big5-HKSCS has four that are two code points. */
static size_t decoded_len(ds_encoding e, const char *p, size_t len, const char *utf8)
{
    static const unsigned char pairs[] = {0x62, 0x64, 0xA3, 0xA5};
    size_t n = utf8_len((unsigned char)utf8[0]);
    if (e == DS_ENC_BIG5 && len == 2 && (unsigned char)p[0] == 0x88 && memchr(pairs, p[1] & 0xFF, sizeof pairs) != NULL)
        n += utf8_len((unsigned char)utf8[n]);
    return n;
}

/* Maps the characters of [p, p + n), which begin at stream offset `src` and became `utf8`. */
static void map_characters(ds_encoding e, const char *p, size_t n, const char *utf8, uint64_t src, ds_offmap *map)
{
    if (is_native(e)) {
        ds_offmap_linear(map, n, (size_t)src);
        return;
    }
    for (size_t at = 0, len; at < n; at += len) {
        len = ds_encoding_char_len(e, p + at, n - at);
        size_t made = decoded_len(e, p + at, len, utf8);
        if (len == 1 && made == 1)
            ds_offmap_linear(map, 1, (size_t)src + at);
        else
            ds_offmap_atom(map, made, (size_t)src + at, len);
        utf8 += made;
    }
}

/* ------------------------------------------------------------------ decoding */

typedef enum pass_end { PASS_DONE, PASS_CUT, PASS_BAD, PASS_NOMEM } pass_end;

static pass_end pass_ascii(const char *p, size_t n, ds_buf *out, size_t *used)
{
    size_t k = 0;
    while (k < n && (unsigned char)p[k] < 0x80)
        k++;
    ds_buf_put(out, p, k);
    *used = k;
    return k < n ? PASS_BAD : PASS_DONE;
}

/* Whether the ill-formed rest of n bytes is the beginning of a character. */
static bool is_cut_utf8(const char *p, size_t n)
{
    uint32_t cp;
    unsigned char lead = (unsigned char)p[0];
    return lead >= 0xC2 && lead <= 0xF4 && n < utf8_len(lead) && ds_utf8_decode(p, n, &cp) == n;
}

static pass_end pass_utf8(const char *p, size_t n, ds_buf *out, size_t *used)
{
    size_t bad = n;
    bool whole = ds_utf8_valid((ds_str){p, n}, &bad);
    *used = whole ? n : bad;
    ds_buf_put(out, p, *used);
    if (whole)
        return PASS_DONE;
    return is_cut_utf8(p + bad, n - bad) ? PASS_CUT : PASS_BAD;
}

static pass_end pass_iconv(ds_decoder *d, const char *p, size_t n, ds_buf *out, size_t *used)
{
    if (!ds_buf_reserve(out, GROWTH * n + 2 * DS_UTF8_MAX))
        return PASS_NOMEM;
    char *in = (char *)(uintptr_t)p, *to = out->p + out->n; /* iconv's prototype lacks the const */
    size_t left = n, room = out->cap - out->n;
    size_t got = iconv(d->cd, &in, &left, &to, &room);
    int why = got == (size_t)-1 ? errno : 0;
    *used = n - left;
    out->n = (size_t)(to - out->p);
    if (why == 0)
        return PASS_DONE;
    if (why == EILSEQ && d->encoding == DS_ENC_EUC_KR && *used >= 2 && memcmp(p + *used - 2, "\xA2\xE8", 2) == 0)
        *used -= 2;
    return why == EINVAL ? PASS_CUT : PASS_BAD;
}

/* Decodes from the n > 0 bytes at p, up to the first that do not fit; *used: the bytes decoded. */
static pass_end pass_any(ds_decoder *d, const char *p, size_t n, ds_buf *out, size_t *used)
{
    pass_end end = PASS_DONE;
    *used = 0;
    if (d->encoding == DS_ENC_ASCII)
        end = pass_ascii(p, n, out, used);
    else if (d->encoding == DS_ENC_UTF8)
        end = pass_utf8(p, n, out, used);
    else
        end = pass_iconv(d, p, n, out, used);
    return out->status != DS_OK ? PASS_NOMEM : end;
}

static ds_status fail_nomem(ds_decoder *d, sink *s)
{
    d->status = DS_ENOMEM;
    return ds_fail_nomem(s->err);
}

/* Accounts for `used` bytes at p that became what `out` has from `base` on. */
static ds_status account(ds_decoder *d, const char *p, size_t used, size_t base, sink *s)
{
    size_t skip = 0;
    if (used == 0)
        return DS_OK;
    if (!d->started && s->out->n - base >= 3 && memcmp(s->out->p + base, "\xEF\xBB\xBF", 3) == 0) {
        skip = d->encoding == DS_ENC_UTF8 ? 3 : ds_encoding_char_len(d->encoding, p, used);
        s->out->n -= 3;
        memmove(s->out->p + base, s->out->p + base + 3, s->out->n - base);
    }
    d->started = true;
    if (s->map != NULL && used > skip)
        map_characters(d->encoding, p + skip, used - skip, s->out->p + base, d->off + skip, s->map);
    d->off += used;
    return s->map != NULL && s->map->status != DS_OK ? fail_nomem(d, s) : DS_OK;
}

/* Puts `text` for the `len` bytes that come next. */
static ds_status put_for(ds_decoder *d, const char *text, size_t len, sink *s)
{
    ds_buf_put(s->out, text, strlen(text));
    if (s->out->status != DS_OK)
        return fail_nomem(d, s);
    if (s->map != NULL)
        ds_offmap_atom(s->map, strlen(text), (size_t)d->off, len);
    d->started = true;
    d->off += len;
    return s->map != NULL && s->map->status != DS_OK ? fail_nomem(d, s) : DS_OK;
}

/* "B0 FF": the bytes of an ill-formed sequence, for people. */
static void write_hex(char out[3 * TAIL_MAX], const char *p, size_t n)
{
    for (size_t i = 0; i < n && i < TAIL_MAX; i++)
        snprintf(out + 3 * i, 4 - (i + 1 == TAIL_MAX), i + 1 < n ? "%02X " : "%02X", (unsigned)(unsigned char)p[i]);
}

/* The `len` bytes at p are ill-formed; at_end: because nothing follows. */
static ds_status meet_bad(ds_decoder *d, const char *p, size_t len, bool at_end, sink *s)
{
    char hex[3 * TAIL_MAX] = "";
    if (d->bad++ == 0)
        d->first_bad = d->off;
    if (d->replace)
        return put_for(d, REPLACEMENT_CHAR, len, s);
    d->status = DS_EFORMAT;
    write_hex(hex, p, len);
    return ds_fail(s->err, DS_EFORMAT, d->off, 0,
                   at_end ? "it ends within a character: the bytes %s are not %s; was it cut off?"
                          : "the bytes %s are not %s; is it another encoding, or damaged?",
                   hex, ds_encoding_name(d->encoding));
}

/* What glibc's Big5-HKSCS lacks of Windows' Big5: the code at p as UTF-8, or NULL. */
static const char *big5_supplement(ds_encoding e, const char *p, size_t n)
{
    static const struct {
        char code[3], utf8[4];
    } lacking[] = {
        {"\xA1\x5A", "\xE2\x95\xB4"}, {"\xA1\xC3", "\xEF\xBF\xA3"}, {"\xA1\xC5", "\xCB\x8D"},
        {"\xA1\xFE", "\xEF\xBC\x8F"}, {"\xA2\x40", "\xEF\xBC\xBC"}, {"\xA2\xCC", "\xE5\x8D\x81"},
        {"\xA2\xCE", "\xE5\x8D\x85"}, {"\xA3\xE1", "\xE2\x82\xAC"},
    };
    if (e != DS_ENC_BIG5 || n < 2)
        return NULL;
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++)
        if (memcmp(p, lacking[i].code, 2) == 0)
            return lacking[i].utf8;
    return NULL;
}

/* Decodes the n bytes at p but for a character that they cut; *used: what was decoded or replaced. */
static ds_status decode_slice(ds_decoder *d, const char *p, size_t n, sink *s, size_t *used)
{
    ds_status st = DS_OK;
    for (*used = 0; st == DS_OK && *used < n;) {
        size_t took, base = s->out->n;
        pass_end end = pass_any(d, p + *used, n - *used, s->out, &took);
        if (end == PASS_NOMEM)
            return fail_nomem(d, s);
        st = account(d, p + *used, took, base, s);
        *used += took;
        if (st != DS_OK || end != PASS_BAD)
            return st;
        const char *at = p + *used;
        size_t rest = n - *used, len = bad_len(d->encoding, at, rest);
        if (len == rest && d->cd != NO_ICONV && ds_encoding_char_len(d->encoding, at, rest) > rest)
            return DS_OK; /* what comes next says how many bytes are bad */
        const char *lacking = big5_supplement(d->encoding, at, rest);
        if (lacking != NULL)
            len = 2;
        st = lacking != NULL ? put_for(d, lacking, len, s) : meet_bad(d, at, len, false, s);
        *used += len;
    }
    return st;
}

/* Completes the character that the last chunk cut, and takes what it needs from *chunk. */
static ds_status feed_tail(ds_decoder *d, ds_str *chunk, sink *s)
{
    while (d->tail_n > 0 && chunk->n > 0) {
#ifdef DS_PLANT_ENCODING /* for the fuzz target to find: a byte of a cut character is lost */
        d->tail_n -= d->tail_n == 3;
#endif
        size_t room = TAIL_MAX - d->tail_n, used;
        size_t take = chunk->n < room ? chunk->n : room;
        memcpy(d->tail + d->tail_n, chunk->p, take);
        ds_status st = decode_slice(d, d->tail, d->tail_n + take, s, &used);
        if (st != DS_OK)
            return st;
        if (used < d->tail_n) { /* too short even so: all of the chunk is in it */
            d->tail_n = d->tail_n + take - used;
            memmove(d->tail, d->tail + used, d->tail_n);
            used = take;
        } else {
            used -= d->tail_n;
            d->tail_n = 0;
        }
        chunk->p += used;
        chunk->n -= used;
    }
    return DS_OK;
}

static ds_status sticky(const ds_decoder *d, ds_error *err)
{
    return ds_fail(err, d->status, d->off, 0, "the decoder has failed before: %s", ds_status_name(d->status));
}

ds_status ds_decoder_feed(ds_decoder *d, ds_str chunk, ds_buf *out, ds_offmap *map, ds_error *err)
{
    sink s = {out, map, err};
    if (d->status != DS_OK)
        return sticky(d, err);
    ds_status st = feed_tail(d, &chunk, &s);
    while (st == DS_OK && chunk.n > 0) {
        size_t n = chunk.n < DS_DECODE_SLICE ? chunk.n : DS_DECODE_SLICE, used;
        st = decode_slice(d, chunk.p, n, &s, &used);
        if (st == DS_OK && used == 0) {
            memcpy(d->tail, chunk.p, chunk.n); /* less than a character: the slice would have held one */
            d->tail_n = chunk.n;
            break;
        }
        chunk.p += used;
        chunk.n -= used;
    }
    return st;
}

ds_status ds_decoder_finish(ds_decoder *d, ds_buf *out, ds_offmap *map, ds_error *err)
{
    sink s = {out, map, err};
    if (d->status != DS_OK)
        return sticky(d, err);
    size_t n = d->tail_n;
    d->tail_n = 0;
    if (n == 0)
        return DS_OK;
    return meet_bad(d, d->tail, n, true, &s);
}

ds_status ds_decode(const ds_alloc *a, ds_str bytes, ds_encoding e, ds_buf *out, ds_offmap *map, ds_error *err)
{
    size_t old_n = out->n, old_len = map != NULL ? map->out_len : 0;
    ds_decoder *d;
    ds_status st = ds_decoder_new(a, e, DS_DECODE_STRICT, &d, err);
    if (st == DS_OK)
        st = ds_decoder_feed(d, bytes, out, map, err);
    if (st == DS_OK)
        st = ds_decoder_finish(d, out, map, err);
    ds_decoder_free(d);
    if (st == DS_OK)
        return DS_OK;
    out->n = old_n;
    if (map != NULL)
        ds_offmap_truncate(map, old_len);
    return st;
}

/*
 * encoding.h - which encoding bytes are in, and their text as UTF-8.
 *
 * DETECT   A byte order mark decides.  Else each encoding reads the bytes as it would decode them, and the one
 *          whose characters are the likeliest text wins: Chinese by the frequency of characters (generated from a
 *          word list at build time, Traditional ones through the fold), Japanese and Korean by their kana and
 *          syllables, and what is ill-formed counts heavily against it.  A declared name (the caller's, or an HTML
 *          or XML declaration near the start) tips the balance where the bytes leave room.
 * DECODE   UTF-8 and ASCII are checked here; iconv, which POSIX and glibc provide, converts the others.  Nothing is
 *          left out silently: what is ill-formed, or cut off at the end, is an error that names the byte, or,
 *          when the caller asks so, becomes U+FFFD and is counted.  A leading byte order mark is left out.
 *
 * Life     ds_decoder_new -> ds_decoder_feed, any number of times -> ds_decoder_finish -> ds_decoder_free.
 * Memory   from the ds_alloc given; what iconv needs for itself comes from malloc.
 * Units    bytes from 0, of the whole stream.
 * Errors   DS_EFORMAT: err->off is the first byte of the ill-formed sequence.  DS_EINVAL: the encoding cannot be
 *          decoded, or this system's iconv lacks it.  DS_ENOMEM.  A decoder that failed stays failed.
 * Cost     linear; detection looks at no more than DS_DETECT_SAMPLE bytes, but for the validity of UTF-8.
 * Threads  pure functions; a decoder belongs to one thread at a time.
 */
#ifndef DS_ENCODING_H
#define DS_ENCODING_H

#include "offmap.h"

#ifndef DS_DETECT_SAMPLE
#define DS_DETECT_SAMPLE ((size_t)256 << 10) /* bytes that are weighed, from the first one that is not ASCII */
#endif

typedef enum ds_encoding {
    DS_ENC_UNKNOWN,
    DS_ENC_ASCII,
    DS_ENC_UTF8,
    DS_ENC_UTF16LE,
    DS_ENC_UTF16BE,
    DS_ENC_UTF32LE,
    DS_ENC_UTF32BE,
    DS_ENC_GB18030,   /* and GBK, GB 2312, which it includes */
    DS_ENC_BIG5,      /* with the Hong Kong characters (HKSCS) */
    DS_ENC_SHIFT_JIS, /* as Windows has it, code page 932 */
    DS_ENC_EUC_JP,
    DS_ENC_EUC_KR,    /* as Windows has it, code page 949 */
    DS_ENC_COUNT
} ds_encoding;

/* "GB18030", "Big5", "unknown": the names that the Lua side uses. */
const char *ds_encoding_name(ds_encoding e);

/* The encoding of a name or of one of its usual other names ("gbk", "x-sjis", "Big5-HKSCS"); case, '-', '_' and
 * spaces do not count.  "UTF-16" is the little-endian one, as on the web.  DS_ENC_UNKNOWN for any other. */
ds_encoding ds_encoding_by_name(ds_str name);

/* The byte order mark at the start of `bytes`: its encoding, and its length in *len; DS_ENC_UNKNOWN and 0. */
ds_encoding ds_encoding_bom(ds_str bytes, size_t *len);

/* What an HTML meta element or an XML declaration in the first 1,024 bytes says, or DS_ENC_UNKNOWN. */
ds_encoding ds_encoding_declared(ds_str bytes);

typedef struct ds_detection {
    ds_encoding encoding; /* DS_ENC_UNKNOWN: no encoding makes a text of the bytes */
    double confidence;    /* 0..1: the share of the likelihood; under 0.5 when a part of the bytes is ill-formed */
    size_t bom;           /* bytes of the byte order mark, 0 when there is none */
} ds_detection;

/* `declared`: a hint from outside, DS_ENC_UNKNOWN for none (then ds_encoding_declared is asked).  Empty input is ASCII. */
DS_MUSTUSE ds_status ds_detect(const ds_alloc *a, ds_str bytes, ds_encoding declared, ds_detection *out, ds_error *err);

typedef struct ds_decoder ds_decoder;

/* DS_DECODE_REPLACE: each ill-formed sequence becomes U+FFFD instead of an error. */
enum { DS_DECODE_STRICT = 0, DS_DECODE_REPLACE = 1 };

DS_MUSTUSE ds_status ds_decoder_new(const ds_alloc *a, ds_encoding e, unsigned flags, ds_decoder **out, ds_error *err);
/* Frees `d`; NULL is fine. */
void ds_decoder_free(ds_decoder *d);

/* Decodes the next bytes of the stream and appends UTF-8 to `out`.  A character that the chunk cuts is kept for the
 * next one.  `map` may be NULL; else, from the first chunk to the last, it is appended to in step with `out`, and
 * both start empty.  On failure `out` and `map` hold what came before the offending byte. */
DS_MUSTUSE ds_status ds_decoder_feed(ds_decoder *d, ds_str chunk, ds_buf *out, ds_offmap *map, ds_error *err);
/* Ends the stream: a character that was cut off is ill-formed. */
DS_MUSTUSE ds_status ds_decoder_finish(ds_decoder *d, ds_buf *out, ds_offmap *map, ds_error *err);
/* How many sequences DS_DECODE_REPLACE has replaced, and where the first begins (*off may be NULL). */
size_t ds_decoder_bad(const ds_decoder *d, uint64_t *off);

/* All in one: appends the whole of `bytes` as UTF-8, strictly.  On failure `out` and `map` are as before. */
DS_MUSTUSE ds_status ds_decode(const ds_alloc *a, ds_str bytes, ds_encoding e, ds_buf *out, ds_offmap *map, ds_error *err);

#endif

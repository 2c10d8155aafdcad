/*
 * fuzz_encoding.c - encoding.h on any bytes: chunks against the whole, iconv by itself, maps, detection.
 *
 * The first byte of the input chooses the encoding and whether what is ill-formed is replaced; the second the size of
 * the chunks.
 */
#include <iconv.h>
#include <string.h>

#include "encoding.h"
#include "fuzz.h"
#include "utf8.h"

#define INPUT_MOST 1024

static const char *const iconv_name[DS_ENC_COUNT] = {
    [DS_ENC_UTF16LE] = "UTF-16LE",  [DS_ENC_UTF16BE] = "UTF-16BE", [DS_ENC_UTF32LE] = "UTF-32LE",
    [DS_ENC_UTF32BE] = "UTF-32BE",  [DS_ENC_GB18030] = "GB18030",  [DS_ENC_BIG5] = "BIG5-HKSCS",
    [DS_ENC_SHIFT_JIS] = "CP932",   [DS_ENC_EUC_JP] = "EUC-JP-MS", [DS_ENC_EUC_KR] = "CP949",
};

/* All that one decoding yields. */
typedef struct result {
    ds_status status;
    uint64_t off, first_bad;
    size_t bad;
    ds_buf text;
    ds_offmap map;
} result;

static void decode_in_chunks(ds_encoding e, unsigned flags, ds_str in, size_t size, result *r)
{
    ds_decoder *d;
    ds_error err = {.status = DS_OK};
    ds_buf_init(&r->text, NULL);
    ds_offmap_init(&r->map, NULL);
    FUZZ_CHECK(ds_decoder_new(NULL, e, flags, &d, NULL) == DS_OK);
    r->status = DS_OK;
    for (size_t at = 0; at < in.n && r->status == DS_OK; at += size) {
        size_t n = in.n - at < size ? in.n - at : size;
        r->status = ds_decoder_feed(d, (ds_str){in.p + at, n}, &r->text, &r->map, &err);
    }
    if (r->status == DS_OK)
        r->status = ds_decoder_finish(d, &r->text, &r->map, &err);
    r->off = r->status == DS_OK ? 0 : err.off;
    r->bad = ds_decoder_bad(d, &r->first_bad);
    ds_decoder_free(d);
}

static void clear_result(result *r)
{
    ds_buf_clear(&r->text);
    ds_offmap_clear(&r->map);
}

/* The map covers the text, and each character begins where the one before it ended or, after a mark, later. */
static void check_map(const result *r, size_t n)
{
    size_t last = 0, len;
    FUZZ_CHECK(r->map.out_len == r->text.n);
    for (size_t at = 0; at < r->text.n; at += len) {
        uint32_t cp;
        size_t beg, end;
        len = ds_utf8_decode(r->text.p + at, r->text.n - at, &cp);
        FUZZ_CHECK(cp != DS_UTF8_BAD);
        ds_offmap_origin(&r->map, at, at + len, &beg, &end);
        FUZZ_CHECK(beg < end && end <= n);
        FUZZ_CHECK(beg == last || (at == 0 && beg <= 4) || end == last); /* the last: one code, two code points */
        last = end;
    }
    FUZZ_CHECK(r->status != DS_OK || r->text.n == 0 || last == n);
}

static void check_same(const result *a, const result *b)
{
    FUZZ_CHECK(a->status == b->status && a->off == b->off);
    FUZZ_CHECK(a->bad == b->bad && a->first_bad == b->first_bad);
    FUZZ_CHECK(ds_str_eq(ds_buf_str(&a->text), ds_buf_str(&b->text)));
}

/* iconv alone, from one end to the other: what it takes we take, and the text is the same. */
static void check_iconv(ds_encoding e, ds_str in, const result *r)
{
    static char out[4 * INPUT_MOST];
    if (iconv_name[e] == NULL)
        return;
    iconv_t cd = iconv_open("UTF-8", iconv_name[e]);
    FUZZ_CHECK(cd != (iconv_t)-1);
    char *from = (char *)(uintptr_t)in.p, *to = out;
    size_t left = in.n, room = sizeof out;
    bool good = iconv(cd, &from, &left, &to, &room) != (size_t)-1;
    iconv_close(cd);
    size_t mark = good && sizeof out - room >= 3 && memcmp(out, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    FUZZ_CHECK(good == (r->status == DS_OK) || e == DS_ENC_BIG5); /* we know more of it */
    FUZZ_CHECK(!good || ds_str_eq(ds_buf_str(&r->text), (ds_str){out + mark, sizeof out - room - mark}));
}

static void check_detection(ds_str in, ds_encoding declared)
{
    ds_detection d, again;
    ds_buf text;
    FUZZ_CHECK(ds_detect(NULL, in, declared, &d, NULL) == DS_OK && ds_detect(NULL, in, declared, &again, NULL) == DS_OK);
    FUZZ_CHECK(d.encoding == again.encoding && d.bom == again.bom);
    FUZZ_CHECK(d.confidence >= 0 && d.confidence <= 1 && (d.encoding != DS_ENC_UNKNOWN || d.confidence <= 0));
    if (d.bom > 0 || d.confidence <= 0.5)
        return;
    ds_buf_init(&text, NULL);
    FUZZ_CHECK(ds_decode(NULL, in, d.encoding, &text, NULL, NULL) == DS_OK);
    ds_buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2 || n > INPUT_MOST)
        return 0;
    ds_encoding e = (ds_encoding)(DS_ENC_ASCII + (data[0] & 0x7F) % (DS_ENC_COUNT - DS_ENC_ASCII));
    ds_str in = {(const char *)data + 2, n - 2};
    result whole, chunked, strict;
    unsigned flags = data[0] >= 0x80 ? DS_DECODE_REPLACE : DS_DECODE_STRICT;
    decode_in_chunks(e, flags, in, n, &whole);
    decode_in_chunks(e, flags, in, 1 + data[1] % 16, &chunked);
    decode_in_chunks(e, DS_DECODE_STRICT, in, n, &strict);
    check_same(&whole, &chunked);
    check_map(&whole, in.n);
    check_map(&chunked, in.n);
    FUZZ_CHECK(flags == DS_DECODE_STRICT || (whole.status == DS_OK && (whole.bad == 0) == (strict.status == DS_OK)));
    FUZZ_CHECK(strict.status == DS_OK || whole.bad == 0 || strict.off == whole.first_bad);
    check_iconv(e, in, &strict);
    check_detection(in, (ds_encoding)(data[1] / 16 % DS_ENC_COUNT));
    clear_result(&whole);
    clear_result(&chunked);
    clear_result(&strict);
    return 0;
}

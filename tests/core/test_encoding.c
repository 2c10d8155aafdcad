/* test_encoding.c - encoding.h against glibc's iconv, whole and in every chunking. */
#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "encoding.h"
#include "testing.h"
#include "utf8.h"

/* What iconv calls the encodings that it decodes for us. */
static const struct foreign {
    ds_encoding encoding;
    const char *iconv;
} foreign[] = {
    {DS_ENC_GB18030, "GB18030"},   {DS_ENC_BIG5, "BIG5-HKSCS"},   {DS_ENC_SHIFT_JIS, "CP932"},
    {DS_ENC_EUC_JP, "EUC-JP-MS"},  {DS_ENC_EUC_KR, "CP949"},      {DS_ENC_UTF16LE, "UTF-16LE"},
    {DS_ENC_UTF16BE, "UTF-16BE"},  {DS_ENC_UTF32LE, "UTF-32LE"},  {DS_ENC_UTF32BE, "UTF-32BE"},
};
#define FOREIGN ((int)(sizeof foreign / sizeof *foreign))
#define LEGACY 5 /* the first ones */
#define TEXT_MAX 8192

/* Sentences that the encoding can hold; a NUL, ASCII, characters of every length. */
static ds_str sample_text(ds_encoding e)
{
#define TEXT(s) ((ds_str){s, sizeof(s) - 1})
    switch (e) {
    case DS_ENC_BIG5: return TEXT("新模型一上線，對手就降價 30%。\r\n\0「真的嗎？」Ê̄ 嘅 ~ê̌|");
    case DS_ENC_SHIFT_JIS: return TEXT("新しいモデルは ｶﾅ も\\読める。\n\0～①表");
    case DS_ENC_EUC_JP: return TEXT("新しいモデルは ｶﾅ も\\読める。\n\0丂①表");
    case DS_ENC_EUC_KR: return TEXT("새 모델이 나오자 값이 30% 내렸다. 똠\n\0金");
    default: return TEXT("新模型一上线，对手就降价 30%。\r\n\0“真的吗？” 價 é 𠮷 😀 ㄅ한");
    }
#undef TEXT
}

/* `s` in the encoding of that name; fails the test when it cannot hold it. */
static ds_str encoded(const char *name, ds_str s, char out[TEXT_MAX])
{
    iconv_t cd = iconv_open(name, "UTF-8");
    ck_assert(cd != (iconv_t)-1);
    char *in = (char *)(uintptr_t)s.p, *to = out;
    size_t left = s.n, room = TEXT_MAX;
    ck_assert_msg(iconv(cd, &in, &left, &to, &room) == 0, "%s cannot hold the test's text", name);
    iconv(cd, NULL, NULL, &to, &room);
    iconv_close(cd);
    return (ds_str){out, (size_t)(to - out)};
}

static void check_text(const ds_buf *got, ds_str want, const char *what)
{
    if (!ds_str_eq(ds_buf_str(got), want))
        ck_abort_msg("%s: %zu bytes \"%.*s\", want %zu \"%.*s\"", what, got->n, (int)got->n, got->n > 0 ? got->p : "",
                     want.n, (int)want.n, want.p);
}

/* ------------------------------------------------------------------ names */

START_TEST(names_lead_back_to_their_encoding)
{
    for (ds_encoding e = DS_ENC_ASCII; e < DS_ENC_COUNT; e++)
        ck_assert_int_eq(ds_encoding_by_name(ds_str_of(ds_encoding_name(e))), e);
    ck_assert_str_eq(ds_encoding_name(DS_ENC_UNKNOWN), "unknown");
    ck_assert_str_eq(ds_encoding_name(DS_ENC_COUNT), "unknown");
}
END_TEST

START_TEST(other_names_are_known)
{
    static const struct {
        const char *name;
        ds_encoding encoding;
    } cases[] = {
        {"utf8", DS_ENC_UTF8},        {"GBK", DS_ENC_GB18030},        {"gb_2312-80", DS_ENC_GB18030},
        {"CP936", DS_ENC_GB18030},    {"Big5-HKSCS", DS_ENC_BIG5},    {"x-sjis", DS_ENC_SHIFT_JIS},
        {"ks_c_5601-1987", DS_ENC_EUC_KR}, {"UTF-16", DS_ENC_UTF16LE}, {"ascii", DS_ENC_ASCII},
        {"", DS_ENC_UNKNOWN},         {"unknown", DS_ENC_UNKNOWN},    {"iso-2022-jp", DS_ENC_UNKNOWN},
        {"utf-8-and-a-tail-that-is-far-too-long", DS_ENC_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(ds_encoding_by_name(ds_str_of(cases[i].name)) == cases[i].encoding, "%s", cases[i].name);
    ck_assert_int_eq(ds_encoding_by_name((ds_str){"utf8\0", 5}), DS_ENC_UNKNOWN);
    ck_assert_int_eq(ds_encoding_by_name((ds_str){NULL, 0}), DS_ENC_UNKNOWN);
}
END_TEST

START_TEST(a_declaration_is_found_where_html_and_xml_have_it)
{
    static const struct {
        const char *text;
        ds_encoding encoding;
    } cases[] = {
        {"<html><head><meta charset=gb2312>", DS_ENC_GB18030},
        {"<META http-equiv='Content-Type' content='text/html; CHARSET=Big5'>", DS_ENC_BIG5},
        {"<meta name=author content=x>\n<meta charset = \"euc-kr\" />", DS_ENC_EUC_KR},
        {"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>", DS_ENC_SHIFT_JIS},
        {"the page had charset=gbk in it", DS_ENC_UNKNOWN},
        {"<meta content=x> charset=gbk", DS_ENC_UNKNOWN},
        {"<meta charset=", DS_ENC_UNKNOWN},
        {"<meta", DS_ENC_UNKNOWN},
        {"", DS_ENC_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(ds_encoding_declared(ds_str_of(cases[i].text)) == cases[i].encoding, "%s", cases[i].text);
}
END_TEST

/* ------------------------------------------------------------------ decoding */

/* What iconv makes of n bytes: false when they are ill-formed or cut, *off then where. */
static bool iconv_reference(iconv_t cd, ds_str in, char out[TEXT_MAX], size_t *n, size_t *off)
{
    char *from = (char *)(uintptr_t)in.p, *to = out;
    size_t left = in.n, room = TEXT_MAX;
    iconv(cd, NULL, NULL, NULL, NULL);
    bool ok = iconv(cd, &from, &left, &to, &room) != (size_t)-1;
    *off = in.n - left;
    if (ok)
        iconv(cd, NULL, NULL, &to, &room);
    *n = TEXT_MAX - room;
    return ok;
}

/* The codes of Windows' Big5 that glibc's Big5-HKSCS lacks. */
static bool is_supplement(ds_encoding e, unsigned code)
{
    static const unsigned codes[] = {0xA15A, 0xA1C3, 0xA1C5, 0xA1FE, 0xA240, 0xA2CC, 0xA2CE, 0xA3E1};
    for (size_t i = 0; e == DS_ENC_BIG5 && i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code)
            return true;
    return false;
}

static void check_like_iconv(ds_encoding e, iconv_t cd, ds_str in, ds_buf *out)
{
    char want[TEXT_MAX];
    size_t n, off;
    ds_error err;
    bool ok = iconv_reference(cd, in, want, &n, &off);
    ds_buf_reset(out);
    ds_status st = ds_decode(NULL, in, e, out, NULL, &err);
    if (st != (ok ? DS_OK : DS_EFORMAT) || (!ok && err.off != off))
        ck_abort_msg("%s %02X %02X: status %d at %zu", ds_encoding_name(e), (unsigned char)in.p[0],
                     (unsigned char)in.p[in.n - 1], (int)st, (size_t)err.off);
    if (ok)
        check_text(out, (ds_str){want, n}, ds_encoding_name(e));
}

START_TEST(every_pair_of_bytes_is_what_iconv_says)
{
    const struct foreign *f = &foreign[_i];
    iconv_t cd = iconv_open("UTF-8", f->iconv);
    ds_buf out;
    ds_buf_init(&out, NULL);
    for (unsigned code = 0; code < 0x10000; code++) {
        char bytes[2] = {(char)(code >> 8), (char)(code & 0xFF)};
        bool misplaced = f->encoding == DS_ENC_EUC_KR && code == 0xA2E8; /* glibc names the byte behind it */
        if (code >= 0x8000 && !is_supplement(f->encoding, code) && !misplaced)
            check_like_iconv(f->encoding, cd, (ds_str){bytes, 2}, &out);
        if ((code & 0xFF) == 0)
            check_like_iconv(f->encoding, cd, (ds_str){bytes, 1}, &out);
    }
    ds_buf_clear(&out);
    iconv_close(cd);
}
END_TEST

START_TEST(four_byte_codes_of_gb18030_are_what_iconv_says)
{
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    ds_buf out;
    ds_buf_init(&out, NULL);
    for (unsigned i = 0; i < 126 * 10 * 126 * 10; i += 37) {
        char b[4] = {(char)(0x81 + i / 12600), (char)('0' + i / 1260 % 10), (char)(0x81 + i / 10 % 126), (char)('0' + i % 10)};
        check_like_iconv(DS_ENC_GB18030, cd, (ds_str){b, 4}, &out);
    }
    ds_buf_clear(&out);
    iconv_close(cd);
}
END_TEST

START_TEST(codes_of_windows_big5_that_iconv_lacks_are_read)
{
    ds_buf out;
    ds_buf_init(&out, NULL);
    ck_assert_int_eq(ds_decode(NULL, ds_str_of("\xA3\xE1" "1 \xA2\xCC\xA1\xC3"), DS_ENC_BIG5, &out, NULL, NULL), DS_OK);
    check_text(&out, ds_str_of("€1 十￣"), "Big5");
    ds_buf_clear(&out);
}
END_TEST

/* Feeds `in` in chunks of `size` bytes. */
static ds_status feed_all(ds_decoder *d, ds_str in, size_t size, ds_buf *out, ds_offmap *map, ds_error *err)
{
    ds_status st = DS_OK;
    for (size_t at = 0; at < in.n && st == DS_OK; at += size) {
        size_t n = in.n - at < size ? in.n - at : size;
        char *chunk = malloc(n); /* of its own, so that a sanitizer sees reads beyond it */
        memcpy(chunk, in.p + at, n);
        st = ds_decoder_feed(d, (ds_str){chunk, n}, out, map, err);
        free(chunk);
    }
    return st == DS_OK ? ds_decoder_finish(d, out, map, err) : st;
}

static void check_chunked(ds_encoding e, ds_str in, size_t size, ds_str want)
{
    ds_decoder *d;
    ds_buf out;
    ds_buf_init(&out, NULL);
    ck_assert_int_eq(ds_decoder_new(NULL, e, DS_DECODE_STRICT, &d, NULL), DS_OK);
    ck_assert_int_eq(feed_all(d, in, size, &out, NULL, NULL), DS_OK);
    check_text(&out, want, ds_encoding_name(e));
    ds_decoder_free(d);
    ds_buf_clear(&out);
}

START_TEST(chunks_of_any_size_give_the_same_text)
{
    char bytes[TEXT_MAX];
    ds_str want = sample_text(foreign[_i].encoding), in = encoded(foreign[_i].iconv, want, bytes);
    for (size_t size = 1; size <= in.n; size++) {
        check_chunked(foreign[_i].encoding, in, size, want);
        check_chunked(DS_ENC_UTF8, want, size, want);
    }
}
END_TEST

START_TEST(long_input_is_joined_where_slices_meet)
{
    char bytes[TEXT_MAX];
    ds_str unit = sample_text(foreign[_i].encoding), one = encoded(foreign[_i].iconv, unit, bytes);
    ds_buf in, want;
    ds_buf_init(&in, NULL);
    ds_buf_init(&want, NULL);
    for (size_t i = 0; in.n < 150000; i++) {
        ds_buf_put(&in, one.p, one.n);
        ds_buf_put(&want, unit.p, unit.n);
    }
    check_chunked(foreign[_i].encoding, ds_buf_str(&in), in.n, ds_buf_str(&want));
    check_chunked(foreign[_i].encoding, ds_buf_str(&in), 40009, ds_buf_str(&want));
    ds_buf_clear(&in);
    ds_buf_clear(&want);
}
END_TEST

/* Each character of `text` leads to bytes that decode to it alone. */
static void check_map(ds_encoding e, ds_str in, ds_str text, const ds_offmap *map)
{
    ck_assert_uint_eq(map->out_len, text.n);
    size_t len, last = 0;
    for (size_t at = 0; at < text.n; at += len) {
        uint32_t cp;
        size_t beg, end;
        len = ds_utf8_decode(text.p + at, text.n - at, &cp);
        if (cp == 0xCA || cp == 0xEA) /* with the sign that follows one code of Big5-HKSCS */
            len += e == DS_ENC_BIG5 ? 2 : 0;
        ds_offmap_origin(map, at, at + len, &beg, &end);
        ck_assert_uint_eq(beg, last);
        ds_buf back;
        ds_buf_init(&back, NULL);
        ck_assert_int_eq(ds_decode(NULL, (ds_str){in.p + beg, end - beg}, e, &back, NULL, NULL), DS_OK);
        check_text(&back, (ds_str){text.p + at, len}, "origin");
        ds_buf_clear(&back);
        last = end;
    }
    ck_assert_uint_eq(last, in.n);
}

START_TEST(the_map_leads_from_each_character_to_its_bytes)
{
    char bytes[TEXT_MAX];
    ds_str text = sample_text(foreign[_i].encoding), in = encoded(foreign[_i].iconv, text, bytes);
    for (size_t size = 1; size <= in.n; size += 3) {
        ds_decoder *d;
        ds_buf out;
        ds_offmap map;
        ds_buf_init(&out, NULL);
        ds_offmap_init(&map, NULL);
        ck_assert_int_eq(ds_decoder_new(NULL, foreign[_i].encoding, DS_DECODE_STRICT, &d, NULL), DS_OK);
        ck_assert_int_eq(feed_all(d, in, size, &out, &map, NULL), DS_OK);
        check_map(foreign[_i].encoding, in, text, &map);
        ds_decoder_free(d);
        ds_offmap_clear(&map);
        ds_buf_clear(&out);
    }
}
END_TEST

START_TEST(a_byte_order_mark_is_left_out)
{
    static const struct {
        ds_encoding encoding;
        const char *p;
        size_t n, mark;
    } cases[] = {
        {DS_ENC_UTF8, "\xEF\xBB\xBFx", 4, 3},         {DS_ENC_UTF16LE, "\xFF\xFEx\0", 4, 2},
        {DS_ENC_UTF16BE, "\xFE\xFF\0x", 4, 2},        {DS_ENC_UTF32LE, "\xFF\xFE\0\0x\0\0\0", 8, 4},
        {DS_ENC_UTF32BE, "\0\0\xFE\xFF\0\0\0x", 8, 4}, {DS_ENC_GB18030, "\x84\x31\x95\x33x", 5, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t size = 1; size <= cases[i].n; size++) {
            ds_str in = {cases[i].p, cases[i].n};
            ds_decoder *d;
            ds_buf out;
            ds_offmap map;
            ds_detection found;
            size_t beg, end;
            ds_buf_init(&out, NULL);
            ds_offmap_init(&map, NULL);
            ck_assert_int_eq(ds_decoder_new(NULL, cases[i].encoding, DS_DECODE_STRICT, &d, NULL), DS_OK);
            ck_assert_int_eq(feed_all(d, in, size, &out, &map, NULL), DS_OK);
            check_text(&out, ds_str_of("x"), ds_encoding_name(cases[i].encoding));
            ds_offmap_origin(&map, 0, 1, &beg, &end);
            ck_assert_uint_eq(beg, cases[i].mark);
            ck_assert_uint_eq(end, cases[i].n);
            ck_assert_int_eq(ds_detect(NULL, in, DS_ENC_BIG5, &found, NULL), DS_OK);
            ck_assert_int_eq(found.encoding, cases[i].encoding);
            ck_assert_uint_eq(found.bom, cases[i].mark);
            ds_decoder_free(d);
            ds_offmap_clear(&map);
            ds_buf_clear(&out);
        }
}
END_TEST

START_TEST(a_second_mark_is_a_character)
{
    ds_buf out;
    ds_buf_init(&out, NULL);
    ck_assert_int_eq(ds_decode(NULL, ds_str_of("\xEF\xBB\xBF\xEF\xBB\xBFx"), DS_ENC_UTF8, &out, NULL, NULL), DS_OK);
    check_text(&out, ds_str_of("\xEF\xBB\xBFx"), "UTF-8");
    ds_buf_clear(&out);
}
END_TEST

/* ------------------------------------------------------------------ what is ill-formed */

START_TEST(the_offending_byte_is_named)
{
    static const struct {
        ds_encoding encoding;
        const char *p;
        size_t n, off;
        const char *part; /* of the message */
    } cases[] = {
        {DS_ENC_UTF8, "价\xE4\xB8x", 6, 3, "bytes E4 B8 are not UTF-8"},
        {DS_ENC_UTF8, "a\xED\xA0\x80", 4, 1, "bytes ED are"},
        {DS_ENC_UTF8, "a\xC0\xAF", 3, 1, "bytes C0 are"},
        {DS_ENC_ASCII, "abc\x80", 4, 3, "bytes 80 are not US-ASCII"},
        {DS_ENC_GB18030, "ab\xFF", 3, 2, "bytes FF are not GB18030"},
        {DS_ENC_GB18030, "\xD6\xD0\xFE\x30\x81\x30", 6, 2, "bytes FE are"},
        {DS_ENC_BIG5, "\xA4\xA4\xA4 x", 5, 2, "bytes A4 are not Big5"},
        {DS_ENC_SHIFT_JIS, "x\x82\xFFy", 4, 1, "bytes 82 FF are not Shift_JIS"},
        {DS_ENC_EUC_JP, "x\x8F\xA1 ", 4, 1, "bytes 8F A1 are not EUC-JP"},
        {DS_ENC_EUC_KR, "\xB0\xA1\xFF", 3, 2, "bytes FF are not EUC-KR"},
        {DS_ENC_EUC_KR, "\xB0\xA1\xA2\xE8", 4, 2, "bytes A2 E8 are not EUC-KR"},
        {DS_ENC_EUC_KR, "x\xA2\xE8yz", 5, 1, "bytes A2 E8 are not EUC-KR"},
        {DS_ENC_UTF16LE, "a\0\0\xDCz\0", 6, 2, "bytes 00 DC are not UTF-16LE"},
        {DS_ENC_UTF16BE, "\xD8\0\0z", 4, 0, "bytes D8 00 are not UTF-16BE"},
        {DS_ENC_UTF32LE, "\0\0\x11\0", 4, 0, "bytes 00 00 11 00 are not UTF-32LE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t size = 1; size <= cases[i].n; size++) {
            ds_decoder *d;
            ds_buf out;
            ds_error err;
            ds_buf_init(&out, NULL);
            ck_assert_int_eq(ds_decoder_new(NULL, cases[i].encoding, DS_DECODE_STRICT, &d, NULL), DS_OK);
            ck_assert_int_eq(feed_all(d, (ds_str){cases[i].p, cases[i].n}, size, &out, NULL, &err), DS_EFORMAT);
            ck_assert_uint_eq(err.off, cases[i].off);
            ck_assert_msg(strstr(err.msg, cases[i].part) != NULL, "\"%s\" lacks \"%s\"", err.msg, cases[i].part);
            ck_assert_int_eq(ds_decoder_feed(d, ds_str_of("x"), &out, NULL, &err), DS_EFORMAT); /* it stays so */
            ck_assert_int_eq(ds_decoder_finish(d, &out, NULL, &err), DS_EFORMAT);
            ds_decoder_free(d);
            ds_buf_clear(&out);
        }
}
END_TEST

/* Where the character begins that a cut before `n` would cut; n when it would not cut any. */
static size_t cut_character(ds_encoding e, ds_str in, size_t n)
{
    ds_decoder *d;
    ds_buf out;
    ds_offmap map;
    size_t beg, end;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    ck_assert_int_eq(ds_decoder_new(NULL, e, DS_DECODE_STRICT, &d, NULL), DS_OK);
    ck_assert_int_eq(ds_decoder_feed(d, (ds_str){in.p, n}, &out, &map, NULL), DS_OK);
    ds_offmap_origin(&map, map.out_len, map.out_len, &beg, &end);
    ds_decoder_free(d);
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    return end;
}

START_TEST(text_cut_off_within_a_character_says_so)
{
    char bytes[TEXT_MAX];
    ds_encoding e = foreign[_i].encoding;
    ds_str in = encoded(foreign[_i].iconv, sample_text(e), bytes);
    size_t cuts = 0;
    for (size_t n = 0; n <= in.n; n++) {
        ds_error err;
        ds_buf out;
        ds_buf_init(&out, NULL);
        ds_buf_put(&out, "before", 6);
        size_t begins = cut_character(e, in, n);
        ds_status st = ds_decode(NULL, (ds_str){in.p, n}, e, &out, NULL, &err);
        ck_assert_int_eq(st, begins == n ? DS_OK : DS_EFORMAT);
        if (st != DS_OK) {
            cuts++;
            ck_assert_uint_eq(err.off, begins);
            ck_assert_ptr_nonnull(strstr(err.msg, "ends within a character"));
            check_text(&out, ds_str_of("before"), "as before");
        }
        ds_buf_clear(&out);
    }
    ck_assert_uint_gt(cuts, 5);
}
END_TEST

START_TEST(replacing_keeps_all_the_rest)
{
    static const struct {
        ds_encoding encoding;
        const char *p;
        size_t n;
        const char *want;
        size_t bad, first;
    } cases[] = {
        {DS_ENC_UTF8, "a\xE4\xB8z\xFF\xF0\x9F", 7, "a\uFFFDz\uFFFD\uFFFD", 3, 1},
        {DS_ENC_ASCII, "\x80z", 2, "\uFFFDz", 1, 0},
        {DS_ENC_GB18030, "\xD6\xD0\xFFz\x81 \xD6", 7, "中\uFFFDz\uFFFD \uFFFD", 3, 2},
        {DS_ENC_BIG5, "\xA4 \xA4\xA4", 4, "\uFFFD 中", 1, 0},
        {DS_ENC_EUC_KR, "\xA2\xE8\xB0\xA1z", 5, "\uFFFD가z", 1, 0},
        {DS_ENC_UTF16LE, "\0\xDCz\0\0", 5, "\uFFFDz\uFFFD", 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t size = 1; size <= cases[i].n; size++) {
            ds_decoder *d;
            ds_buf out;
            ds_offmap map;
            uint64_t first;
            ds_buf_init(&out, NULL);
            ds_offmap_init(&map, NULL);
            ck_assert_int_eq(ds_decoder_new(NULL, cases[i].encoding, DS_DECODE_REPLACE, &d, NULL), DS_OK);
            ck_assert_int_eq(feed_all(d, (ds_str){cases[i].p, cases[i].n}, size, &out, &map, NULL), DS_OK);
            check_text(&out, ds_str_of(cases[i].want), ds_encoding_name(cases[i].encoding));
            ck_assert_uint_eq(map.out_len, out.n);
            ck_assert_uint_eq(ds_decoder_bad(d, &first), cases[i].bad);
            ck_assert_uint_eq(first, cases[i].first);
            ds_decoder_free(d);
            ds_offmap_clear(&map);
            ds_buf_clear(&out);
        }
}
END_TEST

START_TEST(an_encoding_that_is_none_is_refused)
{
    ds_decoder *d = NULL;
    ds_error err;
    ds_buf out;
    ds_buf_init(&out, NULL);
    ck_assert_int_eq(ds_decoder_new(NULL, DS_ENC_UNKNOWN, 0, &d, &err), DS_EINVAL);
    ck_assert_ptr_null(d);
    ck_assert_int_eq(ds_decoder_new(NULL, DS_ENC_COUNT, 0, &d, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_decode(NULL, ds_str_of("x"), DS_ENC_UNKNOWN, &out, NULL, &err), DS_EINVAL);
    ds_decoder_free(NULL);
    ds_buf_clear(&out);
}
END_TEST

/* ------------------------------------------------------------------ detection */

static ds_detection detected(ds_str s, ds_encoding declared)
{
    ds_detection d;
    ck_assert_int_eq(ds_detect(NULL, s, declared, &d, NULL), DS_OK);
    ck_assert(d.confidence >= 0 && d.confidence <= 1);
    return d;
}

#define NEWS_HANS "这家公司昨晚发布了新模型，价格只有对手的三十分之一，股市应声下跌。分析师说，这场价格战才刚刚开始。"
#define NEWS_HANT "這家公司昨晚發布了新模型，價格只有對手的三十分之一，股市應聲下跌。分析師說，這場價格戰才剛剛開始。"
#define NEWS_JA "この会社は昨夜あたらしいモデルを発表した。価格は競争相手の三十分の一にすぎず、株は下がった。"
#define NEWS_KO "이 회사는 어젯밤 새로운 모델을 발표했다. 값은 경쟁사의 삼십분의 일에 지나지 않아 주가가 떨어졌다."

static const struct sentence {
    const char *text, *iconv;
    ds_encoding encoding;
} sentences[] = {
    {NEWS_HANS, "UTF-8", DS_ENC_UTF8},       {NEWS_HANS, "GB18030", DS_ENC_GB18030},  {NEWS_HANT, "GB18030", DS_ENC_GB18030},
    {NEWS_HANT, "BIG5-HKSCS", DS_ENC_BIG5},  {NEWS_HANS, "UTF-16LE", DS_ENC_UTF16LE}, {NEWS_HANT, "UTF-16BE", DS_ENC_UTF16BE},
    {NEWS_HANS, "UTF-32LE", DS_ENC_UTF32LE}, {NEWS_HANS, "UTF-32BE", DS_ENC_UTF32BE}, {NEWS_JA, "CP932", DS_ENC_SHIFT_JIS},
    {NEWS_JA, "EUC-JP-MS", DS_ENC_EUC_JP},   {NEWS_JA, "UTF-8", DS_ENC_UTF8},         {NEWS_KO, "CP949", DS_ENC_EUC_KR},
    {NEWS_KO, "UTF-8", DS_ENC_UTF8},         {NEWS_JA, "UTF-16LE", DS_ENC_UTF16LE},   {NEWS_KO, "UTF-16BE", DS_ENC_UTF16BE},
    {"plain words", "UTF-16LE", DS_ENC_UTF16LE}, {"plain words", "UTF-8", DS_ENC_ASCII}, {"déjà vu", "UTF-8", DS_ENC_UTF8},
    {"联通", "GB18030", DS_ENC_GB18030},     {"價格戰", "BIG5-HKSCS", DS_ENC_BIG5},   {"", "UTF-8", DS_ENC_ASCII},
    {"Цена упала", "UTF-8", DS_ENC_UTF8},    {"giá đã giảm", "UTF-8", DS_ENC_UTF8},   {"Wow 😀", "UTF-8", DS_ENC_UTF8},
};
#define SENTENCES ((int)(sizeof sentences / sizeof *sentences))

START_TEST(a_sentence_tells_its_encoding)
{
    const struct sentence *s = &sentences[_i];
    char bytes[TEXT_MAX];
    ds_detection d = detected(encoded(s->iconv, ds_str_of(s->text), bytes), DS_ENC_UNKNOWN);
    ck_assert_msg(d.encoding == s->encoding, "%s in %s is taken for %s", s->text, s->iconv, ds_encoding_name(d.encoding));
    ck_assert(d.confidence > 0.5);
    ck_assert_uint_eq(d.bom, 0);
}
END_TEST

START_TEST(what_is_no_text_is_unknown)
{
    static const struct {
        const char *text, *iconv;
    } cases[] = {
        {"Après l'été, les prix ont chuté: où êtes-vous allés?", "ISO-8859-1"},
        {"Größe, Übermut, süß: die Straße führt über die Brücke.", "ISO-8859-1"},
        {"Цены на новые модели упали в десять раз.", "WINDOWS-1251"},
    };
    char bytes[TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_detection d = detected(encoded(cases[i].iconv, ds_str_of(cases[i].text), bytes), DS_ENC_UNKNOWN);
        ck_assert_msg(d.encoding == DS_ENC_UNKNOWN, "%s: %s", cases[i].text, ds_encoding_name(d.encoding));
        ck_assert(d.confidence == 0.0);
    }
    uint32_t seed = 11;
    for (int round = 0; round < 200; round++) { /* noise */
        for (size_t i = 0; i < 200; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
        }
        ck_assert_int_eq(detected((ds_str){bytes, 200}, DS_ENC_UNKNOWN).encoding, DS_ENC_UNKNOWN);
    }
}
END_TEST

START_TEST(a_declaration_tips_the_balance_and_no_more)
{
    char bytes[TEXT_MAX];
    const char *ambiguous = "\xD2\xBB"; /* 一 in GB 2312, one letter in UTF-8 */
    ck_assert_int_eq(detected(ds_str_of(ambiguous), DS_ENC_GB18030).encoding, DS_ENC_GB18030);
    ck_assert_int_eq(detected(ds_str_of(ambiguous), DS_ENC_UTF8).encoding, DS_ENC_UTF8);
    for (ds_encoding e = DS_ENC_UNKNOWN; e < DS_ENC_COUNT; e++) {
        ck_assert_int_eq(detected(encoded("GB18030", ds_str_of(NEWS_HANS), bytes), e).encoding, DS_ENC_GB18030);
        ck_assert_int_eq(detected(encoded("BIG5-HKSCS", ds_str_of(NEWS_HANT), bytes), e).encoding, DS_ENC_BIG5);
        ck_assert_int_eq(detected(ds_str_of(NEWS_HANS), e).encoding, DS_ENC_UTF8);
    }
    const char *page = "<meta charset=gbk>\xD2\xBB"; /* the text itself declares */
    ck_assert_int_eq(detected(ds_str_of(page), DS_ENC_UNKNOWN).encoding, DS_ENC_GB18030);
    ck_assert_int_eq(detected(ds_str_of(page), DS_ENC_UTF8).encoding, DS_ENC_UTF8); /* the caller knows better */
}
END_TEST

START_TEST(a_damaged_text_keeps_its_encoding_with_little_confidence)
{
    char bytes[TEXT_MAX];
    for (int i = 0; i < 4; i++) { /* UTF-8, GB18030 twice, Big5 */
        ds_str in = encoded(sentences[i].iconv, ds_str_of(sentences[i].text), bytes);
        for (size_t at = 1; at < in.n; at += 6) { /* the second byte of a pair, so that the rest stays in step */
            char kept = bytes[at];
            bytes[at] = '\xFF';
            ds_detection d = detected(in, DS_ENC_UNKNOWN);
            ck_assert_int_eq(d.encoding, sentences[i].encoding);
            ck_assert(d.confidence < 0.5);
            bytes[at] = kept;
        }
    }
}
END_TEST

START_TEST(damage_beyond_the_sample_is_noticed_in_utf8)
{
    ds_buf text;
    ds_buf_init(&text, NULL);
    while (text.n < DS_DETECT_SAMPLE + 1000)
        ds_buf_put(&text, NEWS_HANS "\n", sizeof NEWS_HANS);
    ck_assert_int_eq(text.status, DS_OK);
    ds_detection d = detected(ds_buf_str(&text), DS_ENC_UNKNOWN);
    ck_assert_int_eq(d.encoding, DS_ENC_UTF8);
    ck_assert(d.confidence == 1.0);
    text.p[text.n - 1] = '\xFF';
    d = detected(ds_buf_str(&text), DS_ENC_UNKNOWN);
    ck_assert_int_eq(d.encoding, DS_ENC_UTF8);
    ck_assert(d.confidence < 0.5);
    ds_buf_clear(&text);
}
END_TEST

START_TEST(the_text_may_begin_late)
{
    char bytes[TEXT_MAX];
    ds_str news = encoded("BIG5-HKSCS", ds_str_of(NEWS_HANT), bytes);
    ds_buf text;
    ds_buf_init(&text, NULL);
    for (size_t i = 0; i < DS_DETECT_SAMPLE; i++)
        ds_buf_put(&text, "plain\n", 6);
    ds_buf_put(&text, news.p, news.n);
    ck_assert_int_eq(text.status, DS_OK);
    ck_assert_int_eq(detected(ds_buf_str(&text), DS_ENC_UNKNOWN).encoding, DS_ENC_BIG5);
    ds_buf_clear(&text);
}
END_TEST

/* ------------------------------------------------------------------ memory */

static ds_status detect_once(const ds_alloc *a, void *ud)
{
    ds_detection d;
    ds_error err;
    ds_status st = ds_detect(a, *(const ds_str *)ud, DS_ENC_UNKNOWN, &d, &err);
    ck_assert_int_eq(d.encoding, st == DS_OK ? DS_ENC_GB18030 : DS_ENC_UNKNOWN);
    return st;
}

static ds_status decode_once(const ds_alloc *a, void *ud)
{
    ds_buf out;
    ds_offmap map;
    ds_error err;
    ds_buf_init(&out, a);
    ds_offmap_init(&map, a);
    ds_status st = ds_decode(a, *(const ds_str *)ud, DS_ENC_GB18030, &out, &map, &err);
    if (st == DS_OK)
        check_text(&out, ds_str_of(NEWS_HANS), "GB18030");
    ck_assert_uint_eq(map.out_len, st == DS_OK ? out.n : 0);
    ck_assert_uint_eq(out.n, st == DS_OK ? sizeof NEWS_HANS - 1 : 0);
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    return st;
}

static ds_status replace_once(const ds_alloc *a, void *ud)
{
    ds_decoder *d;
    ds_buf out;
    ds_offmap map;
    ds_buf_init(&out, a);
    ds_offmap_init(&map, a);
    ds_status st = ds_decoder_new(a, *(const ds_encoding *)ud, DS_DECODE_REPLACE, &d, NULL);
    if (st == DS_OK)
        st = feed_all(d, ds_str_of("\xFF\xFFx\xFF\xFE\xFF\xFFy\xE4"), 2, &out, &map, NULL);
    else
        ck_assert_ptr_null(d);
    ds_decoder_free(d);
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    return st;
}

START_TEST(lack_of_memory_is_reported)
{
    char bytes[TEXT_MAX];
    ds_str in = encoded("GB18030", ds_str_of(NEWS_HANS), bytes);
    oom_sweep(detect_once, &in);
    oom_sweep(decode_once, &in);
    for (ds_encoding e = DS_ENC_ASCII; e < DS_ENC_COUNT; e++)
        oom_sweep(replace_once, &e);
}
END_TEST

static Suite *encoding_suite(void)
{
    Suite *s = suite_create("encoding");
    TCase *t = tcase_create("encoding");
    tcase_add_test(t, names_lead_back_to_their_encoding);
    tcase_add_test(t, other_names_are_known);
    tcase_add_test(t, a_declaration_is_found_where_html_and_xml_have_it);
    tcase_add_loop_test(t, every_pair_of_bytes_is_what_iconv_says, 0, LEGACY);
    tcase_add_test(t, four_byte_codes_of_gb18030_are_what_iconv_says);
    tcase_add_test(t, codes_of_windows_big5_that_iconv_lacks_are_read);
    tcase_add_loop_test(t, chunks_of_any_size_give_the_same_text, 0, FOREIGN);
    tcase_add_loop_test(t, long_input_is_joined_where_slices_meet, 0, FOREIGN);
    tcase_add_loop_test(t, the_map_leads_from_each_character_to_its_bytes, 0, FOREIGN);
    tcase_add_test(t, a_byte_order_mark_is_left_out);
    tcase_add_test(t, a_second_mark_is_a_character);
    tcase_add_test(t, the_offending_byte_is_named);
    tcase_add_loop_test(t, text_cut_off_within_a_character_says_so, 0, FOREIGN);
    tcase_add_test(t, replacing_keeps_all_the_rest);
    tcase_add_test(t, an_encoding_that_is_none_is_refused);
    tcase_add_loop_test(t, a_sentence_tells_its_encoding, 0, SENTENCES);
    tcase_add_test(t, what_is_no_text_is_unknown);
    tcase_add_test(t, a_declaration_tips_the_balance_and_no_more);
    tcase_add_test(t, a_damaged_text_keeps_its_encoding_with_little_confidence);
    tcase_add_test(t, damage_beyond_the_sample_is_noticed_in_utf8);
    tcase_add_test(t, the_text_may_begin_late);
    tcase_add_test(t, lack_of_memory_is_reported);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(encoding_suite());
}

/*
 * fuzz_norm.c - norm.h on any bytes, against utf8proc on the well-formed parts, and against itself.
 *
 * The first byte of the input gives the form, how much Chinese text stands before the rest, and whether the rest is
 * bytes or, two by two, picks code points that normalisation treats specially.
 */
#include <string.h>
#include <utf8proc.h>

#include "fuzz.h"
#include "norm_int.h"

#define INPUT_MOST 512
#define TEXT_MOST (INPUT_MOST * DS_UTF8_MAX)
#define GROWTH_MOST 18 /* code points that one becomes */
#define NO_TAIL 0x11A7u /* utf8proc 2.8 takes it for a Hangul tail, and drops it after a syllable */

/* ------------------------------------------------------------------ texts */

static size_t put_picked(char *to, const uint8_t *data, size_t n)
{
    static const struct {
        uint32_t first, count;
    } ranges[] = {
        {0x300, 0x70}, {'A', 58}, {0xC0, 0x180}, {0x1E00, 0x200}, {0x1100, 0x100}, {0xAC00, 0x40}, {0xFF00, 0xF0},
        {0x900, 0x500}, {0xF40, 0x80}, {0x591, 0x60}, {0x1D15E, 0xA0}, {0x110A0, 0x30}, {0xF900, 0x200}, {0x3000, 0x100},
        {0x2000, 0x200}, {0x1F00, 0x100},
    };
    size_t len = 0;
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t choice = data[i] % (sizeof ranges / sizeof *ranges), high = data[i] / (sizeof ranges / sizeof *ranges);
        uint32_t cp = ranges[choice].first + (high << 8 | data[i + 1]) % ranges[choice].count;
        len += ds_utf8_encode(cp, to + len);
    }
    return len;
}

static size_t make_text(char *to, const uint8_t *data, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < (data[0] >> 2 & 0x1F); i++, len += 3)
        memcpy(to + len, i % 7 == 6 ? "，" : "价", 3);
    if (data[0] >= 0x80)
        return len + put_picked(to + len, data + 1, n - 1);
    memcpy(to + len, data + 1, n - 1);
    return len + n - 1;
}

/* ------------------------------------------------------------------ the naive version */

/* Appends what utf8proc makes of well-formed `in`. */
static void put_by_utf8proc(ds_buf *out, ds_str in, ds_norm_form form)
{
    static const int options[] = {
        UTF8PROC_STABLE | UTF8PROC_COMPOSE, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE,
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
    };
    utf8proc_option_t option = (utf8proc_option_t)options[form];
    utf8proc_ssize_t cap = (utf8proc_ssize_t)(in.n * GROWTH_MOST + 1);
    utf8proc_int32_t *buffer = malloc((size_t)cap * sizeof *buffer);
    FUZZ_CHECK(buffer != NULL);
    utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)in.p, (utf8proc_ssize_t)in.n, buffer, cap - 1, option);
    FUZZ_CHECK(n >= 0 && n < cap);
    n = utf8proc_reencode(buffer, n, option);
    FUZZ_CHECK(n >= 0);
    ds_buf_put(out, buffer, (size_t)n);
    free(buffer);
}

/* Part by part, between what is ill-formed.  False when utf8proc is not to be asked. */
static bool naive_norm(ds_buf *out, ds_str s, ds_norm_form form)
{
    size_t beg = 0, len;
    for (size_t i = 0; i < s.n; i += len) {
        uint32_t cp;
        len = ds_utf8_decode(s.p + i, s.n - i, &cp);
        if (cp == NO_TAIL)
            return false;
        if (cp != DS_UTF8_BAD)
            continue;
        put_by_utf8proc(out, (ds_str){s.p + beg, i - beg}, form);
        ds_buf_put(out, s.p + i, len);
        beg = i + len;
    }
    put_by_utf8proc(out, (ds_str){s.p + beg, s.n - beg}, form);
    return true;
}

/* ------------------------------------------------------------------ properties */

static bool starts_character(ds_str s, size_t off)
{
    uint32_t cp;
    if (off == 0)
        return true;
    size_t before = ds_utf8_prev(s, off);
    return before + ds_utf8_decode(s.p + before, s.n - before, &cp) == off;
}

/* Character by character of the result: in order, to borders, and over the whole. */
static void check_map(const ds_offmap *map, ds_str in, ds_str out)
{
    size_t reached = 0, len, beg, end;
    FUZZ_CHECK(map->out_len == out.n);
    for (size_t i = 0; i < out.n; i += len) {
        uint32_t cp;
        len = ds_utf8_decode(out.p + i, out.n - i, &cp);
        ds_offmap_origin(map, i, i + len, &beg, &end);
        FUZZ_CHECK(beg <= reached && end >= reached && end <= in.n);
        FUZZ_CHECK(starts_character(in, beg) && starts_character(in, end));
        reached = end;
    }
    FUZZ_CHECK(reached == in.n);
}

static void check_paths(ds_str s, ds_norm_form form)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n; i += 1 + s.n / 16) {
        size_t want = ds_norm_scan(p + i, s.n - i, form, DS_CPU_PORTABLE);
        for (unsigned path = 0; path < DS_CPU_PATHS; path++)
            if (ds_cpu_has((ds_cpu_path)path))
                FUZZ_CHECK(ds_norm_scan(p + i, s.n - i, form, (ds_cpu_path)path) == want);
    }
}

static void check_norm(ds_str s, ds_norm_form form)
{
    ds_buf out, other;
    ds_offmap map;
    ds_buf_init(&out, NULL);
    ds_buf_init(&other, NULL);
    ds_offmap_init(&map, NULL);
    FUZZ_CHECK(ds_norm(s, form, &out, &map, NULL) == DS_OK);
    check_map(&map, s, ds_buf_str(&out));
    FUZZ_CHECK(!naive_norm(&other, s, form) || ds_str_eq(ds_buf_str(&out), ds_buf_str(&other)));
    ds_buf_reset(&other);
    FUZZ_CHECK(ds_norm(ds_buf_str(&out), form, &other, NULL, NULL) == DS_OK);
    FUZZ_CHECK(ds_str_eq(ds_buf_str(&out), ds_buf_str(&other)));
    FUZZ_CHECK(!ds_norm_quick(s, form) || ds_str_eq(ds_buf_str(&out), s));
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    ds_buf_clear(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[TEXT_MOST];
    if (n == 0 || n > INPUT_MOST)
        return 0;
    size_t len = make_text(text, data, n);
    char *exact = malloc(len > 0 ? len : 1); /* so that a read past the end is noticed */
    FUZZ_CHECK(exact != NULL);
    memcpy(exact, text, len);
    check_norm((ds_str){exact, len}, (ds_norm_form)(data[0] & 3));
    check_paths((ds_str){exact, len}, (ds_norm_form)(data[0] & 3));
    free(exact);
    return 0;
}

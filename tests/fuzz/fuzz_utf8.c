/*
 * fuzz_utf8.c - utf8.h and textview.h on any bytes: every path against a naive second reading of the standard.
 *
 * The first byte of the input says how much text stands before the rest, so that it meets the vectors at every phase,
 * and whether that is ASCII or Chinese.
 */
#include <string.h>

#include "fuzz.h"
#include "textview.h"
#include "utf8_int.h"

#define BEFORE_MOST 127
#define BEHIND 70 /* bytes of ASCII: the vector paths take no short texts */
#define INPUT_MOST 2048

/* One code point or maximal subpart, straight from table 3-7: returns its length, and whether it is well-formed. */
static size_t naive_step(const uint8_t *p, size_t n, bool *good)
{
    static const struct {
        uint8_t first, last, low, high, trails; /* leads, range of the second byte */
    } rows[] = {
        {0x00, 0x7F, 0, 0, 0},          {0xC2, 0xDF, 0x80, 0xBF, 1},    {0xE0, 0xE0, 0xA0, 0xBF, 2},
        {0xE1, 0xEC, 0x80, 0xBF, 2},    {0xED, 0xED, 0x80, 0x9F, 2},    {0xEE, 0xEF, 0x80, 0xBF, 2},
        {0xF0, 0xF0, 0x90, 0xBF, 3},    {0xF1, 0xF3, 0x80, 0xBF, 3},    {0xF4, 0xF4, 0x80, 0x8F, 3},
    };
    size_t len = 1;
    *good = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (p[0] < rows[i].first || p[0] > rows[i].last)
            continue;
        while (len <= rows[i].trails && len < n && p[len] >= (len == 1 ? rows[i].low : 0x80) &&
               p[len] <= (len == 1 ? rows[i].high : 0xBF))
            len++;
        *good = len == (size_t)rows[i].trails + 1;
    }
    return len;
}

/* Compares decoding and stepping with the naive version; fills starts[] and returns their number. */
static size_t check_steps(ds_str s, size_t *starts, size_t *first_bad)
{
    size_t count = 0;
    *first_bad = SIZE_MAX;
    for (size_t at = 0; at < s.n;) {
        bool good;
        uint32_t cp;
        char back[DS_UTF8_MAX];
        size_t want = naive_step((const uint8_t *)s.p + at, s.n - at, &good), len = ds_utf8_decode(s.p + at, s.n - at, &cp);
        FUZZ_CHECK(len == want && (cp != DS_UTF8_BAD) == good);
        FUZZ_CHECK(!good || (ds_utf8_encode(cp, back) == len && memcmp(back, s.p + at, len) == 0));
        if (!good && *first_bad == SIZE_MAX)
            *first_bad = at;
        for (size_t off = at + 1; off <= at + len; off++)
            FUZZ_CHECK(ds_utf8_prev(s, off) == at);
        starts[count++] = at;
        at += len;
    }
    return count;
}

static void check_path(const ds_utf8_vector *v, ds_str s, const size_t *starts, size_t count, size_t first_bad)
{
    size_t bad = SIZE_MAX;
    FUZZ_CHECK(ds_utf8_valid_by(v, s, &bad) == (first_bad == SIZE_MAX) && bad == first_bad);
    FUZZ_CHECK(ds_utf8_count_by(v, s) == count);
    FUZZ_CHECK(first_bad != SIZE_MAX || ds_utf8_count_valid_by(v, s) == count);
    for (size_t k = 0; k <= count; k += 1 + count / 16) {
        FUZZ_CHECK(ds_utf8_offset_by(v, s, k) == (k < count ? starts[k] : s.n));
        FUZZ_CHECK(ds_utf8_offset_back_by(v, s, count - k) == (k < count ? starts[k] : s.n));
    }
}

/* Clusters tile the text, begin where code points do, and are at most two columns a code point wide. */
static void check_clusters(ds_str s, const size_t *starts, size_t count)
{
    size_t k = 0, clusters = 0;
    for (size_t off = 0; off < s.n; clusters++) {
        while (k < count && starts[k] < off)
            k++;
        FUZZ_CHECK(starts[k] == off);
        size_t end = ds_utf8_grapheme_end(s, off);
        FUZZ_CHECK(end > off && end <= s.n);
        off = end;
    }
    FUZZ_CHECK(ds_utf8_gcount(s) == clusters);
    FUZZ_CHECK(ds_utf8_width(s) <= 2 * count);
}

static void check_view(ds_str s, const size_t *starts, size_t count)
{
    ds_text *t;
    if (ds_text_new(NULL, s, &t, NULL) != DS_OK)
        return;
    for (size_t k = 0; k < count; k += 1 + count / 32) {
        FUZZ_CHECK(ds_text_offset(t, k) == starts[k]);
        FUZZ_CHECK(ds_text_cp(t, (k + 1 < count ? starts[k + 1] : s.n) - 1) == k);
    }
    FUZZ_CHECK(ds_text_count(t) == count);
    ds_text_free(t);
}

static ds_str make_frame(const uint8_t *data, size_t n)
{
    size_t before = data[0] & BEFORE_MOST;
    char *p = malloc(before + n - 1 + BEHIND);
    FUZZ_CHECK(p != NULL);
    memset(p, 'x', before);
    for (size_t at = before % 3; data[0] > BEFORE_MOST && at + 3 <= before; at += 3)
        memcpy(p + at, "中", 3);
    memcpy(p + before, data + 1, n - 1);
    memset(p + before + n - 1, 'x', BEHIND);
    return (ds_str){p, before + n - 1 + BEHIND};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t starts[BEFORE_MOST + INPUT_MOST + BEHIND], first_bad;
    if (n == 0 || n > INPUT_MOST)
        return 0;
    ds_str s = make_frame(data, n);
    size_t count = check_steps(s, starts, &first_bad);
    for (unsigned path = 0; path < DS_CPU_PATHS; path++)
        if (ds_cpu_has((ds_cpu_path)path))
            check_path(ds_utf8_vector_of((ds_cpu_path)path), s, starts, count, first_bad);
    check_clusters(s, starts, count);
    check_view(s, starts, count);
    free((char *)(uintptr_t)s.p);
    return 0;
}

/*
 * test_utf8_paths.c - the vector paths of utf8 against the portable one, and both against glibc's iconv.
 *
 * On a machine without a vector path the first kind compares the portable path with itself, and says so.
 */
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"
#include "utf8_int.h"

#define LONGEST 300
#define ALIGNMENTS 64

static const ds_utf8_vector *best_vector(void)
{
    if (ds_cpu_has(DS_CPU_AVX2))
        return ds_utf8_vector_of(DS_CPU_AVX2);
    return ds_cpu_has(DS_CPU_NEON) ? ds_utf8_vector_of(DS_CPU_NEON) : NULL;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* ------------------------------------------------------------------ contents */

/* Ranges of code points that texts are drawn from. */
typedef struct text_kind {
    const char *name;
    struct {
        uint32_t first, count;
    } ranges[4];
    unsigned damage; /* one in so many texts of this kind has a few bytes changed; 0: none */
} text_kind;

static const text_kind kinds[] = {
    {"ascii", {{0, 0x80}, {0x20, 0x5F}, {0x20, 0x5F}, {0x20, 0x5F}}, 0},
    {"chinese", {{0x4E00, 0x5200}, {0x4E00, 0x5200}, {0x3000, 0x20}, {0xFF01, 0x5E}}, 0},
    {"all lengths", {{0x20, 0x5F}, {0x80, 0x780}, {0x800, 0xD000}, {0x10000, 0x100000}}, 0},
    {"borders", {{0x7E, 4}, {0x7FE, 4}, {0xD7FE, 2}, {0xFFFE, 4}}, 0},
    {"ascii, damaged", {{0x20, 0x5F}, {0x20, 0x5F}, {0x20, 0x5F}, {0x20, 0x5F}}, 1},
    {"chinese, damaged", {{0x4E00, 0x5200}, {0x4E00, 0x5200}, {0x3000, 0x20}, {0x20, 0x5F}}, 1},
    {"all lengths, damaged", {{0x20, 0x5F}, {0x80, 0x780}, {0x800, 0xD000}, {0x10000, 0x100000}}, 1},
    {"bytes", {{0, 0}, {0, 0}, {0, 0}, {0, 0}}, 1},
};
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

/* Bytes that matter: borders of table 3-7 of the Unicode standard. */
static const unsigned char telling[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
                                        0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF};

static unsigned char telling_byte(uint32_t *seed)
{
    return telling[next_random(seed) % sizeof telling];
}

/* Fills p[0, n); the last code point may be cut off. */
static void fill_text(const text_kind *kind, unsigned char *p, size_t n, uint32_t *seed)
{
    for (size_t at = 0; at < n;) {
        char one[DS_UTF8_MAX];
        uint32_t r = next_random(seed) % 4, count = kind->ranges[r].count;
        size_t len = 1;
        if (count == 0)
            one[0] = (char)(next_random(seed) % 2 == 0 ? telling_byte(seed) : next_random(seed));
        else
            len = ds_utf8_encode(kind->ranges[r].first + next_random(seed) % count, one);
        for (size_t i = 0; i < len && at < n; i++)
            p[at++] = (unsigned char)one[i];
    }
    if (kind->damage > 0 && n > 0 && next_random(seed) % kind->damage == 0)
        for (uint32_t times = next_random(seed) % 3 + 1; times > 0; times--)
            p[next_random(seed) % n] = telling_byte(seed);
}

/* ------------------------------------------------------------------ one path against the other */

static void check_offsets(const ds_utf8_vector *v, ds_str s, size_t count, uint32_t *seed, const char *what)
{
    for (int times = 0; times < 3; times++) {
        size_t k = next_random(seed) % (count + 2);
        size_t off = ds_utf8_offset_by(v, s, k), want = ds_utf8_offset_by(NULL, s, k);
        if (off != want)
            ck_abort_msg("%s, %zu bytes: code point %zu at %zu, want %zu", what, s.n, k, off, want);
        want = k >= count ? 0 : ds_utf8_offset_by(NULL, s, count - k);
        if (ds_utf8_offset_back_by(v, s, k) != want || ds_utf8_offset_back_by(NULL, s, k) != want)
            ck_abort_msg("%s, %zu bytes: code point %zu from the end at %zu and %zu, want %zu", what, s.n, k,
                         ds_utf8_offset_back_by(v, s, k), ds_utf8_offset_back_by(NULL, s, k), want);
    }
}

static void check_paths(const ds_utf8_vector *v, ds_str s, uint32_t *seed, const char *what)
{
    size_t bad = SIZE_MAX, want_bad = SIZE_MAX;
    bool valid = ds_utf8_valid_by(v, s, &bad), want = ds_utf8_valid_by(NULL, s, &want_bad);
    if (valid != want || bad != want_bad)
        ck_abort_msg("%s, %zu bytes: first bad byte %zu, want %zu (seed %u)", what, s.n, bad, want_bad, *seed);
    size_t count = ds_utf8_count_by(v, s), want_count = ds_utf8_count_by(NULL, s);
    if (count != want_count)
        ck_abort_msg("%s, %zu bytes: %zu code points, want %zu (seed %u)", what, s.n, count, want_count, *seed);
    size_t starts = ds_utf8_count_valid_by(v, s), want_starts = ds_utf8_count_valid_by(NULL, s);
    if (starts != want_starts || (valid && starts != count))
        ck_abort_msg("%s, %zu bytes: %zu and %zu starts of %zu", what, s.n, starts, want_starts, count);
    if (*seed % 8 == 0)
        check_offsets(v, s, count, seed, what);
}

START_TEST(every_length_and_alignment_gives_the_portable_result)
{
    static unsigned char room[LONGEST + 3 * ALIGNMENTS];
    const ds_utf8_vector *v = best_vector();
    const text_kind *kind = &kinds[_i];
    unsigned char *base = room + (ALIGNMENTS - (uintptr_t)room % ALIGNMENTS);
    uint32_t seed = 20250127;
    for (size_t n = 0; n <= LONGEST; n++)
        for (size_t align = 0; align < ALIGNMENTS; align++) {
            memset(room, n % 2 == 0 ? 0xE4 : 0x80, sizeof room); /* a read outside would be seen */
            fill_text(kind, base + align, n, &seed);
            check_paths(v, (ds_str){(char *)base + align, n}, &seed, kind->name);
        }
}
END_TEST

START_TEST(nothing_outside_the_text_is_read)
{
    /* For AddressSanitizer: each text is an allocation of its own. */
    uint32_t seed = 7;
    for (size_t n = 1; n <= LONGEST; n++)
        for (int kind = 0; kind < KINDS; kind++) {
            unsigned char *p = malloc(n);
            ck_assert_ptr_nonnull(p);
            fill_text(&kinds[kind], p, n, &seed);
            seed &= ~7u; /* offsets, too */
            check_paths(best_vector(), (ds_str){(char *)p, n}, &seed, kinds[kind].name);
            free(p);
        }
}
END_TEST

START_TEST(long_texts_with_much_or_little_damage)
{
    uint32_t seed = 99;
    size_t n = 20000;
    unsigned char *p = malloc(n);
    ck_assert_ptr_nonnull(p);
    for (int round = 0; round < 200; round++) {
        const text_kind *kind = &kinds[round % KINDS];
        fill_text(kind, p, n, &seed);
        for (int times = round / KINDS; times > 0; times--)
            p[next_random(&seed) % n] = telling_byte(&seed);
        seed &= ~7u;
        check_paths(best_vector(), (ds_str){(char *)p, n}, &seed, kind->name);
    }
    free(p);
}
END_TEST

#define FRAME 325 /* a text long enough for every loop of a vector path, and for the borders between groups */

/* Where a vector or group begins, ends, or is entered from the one before. */
static const size_t places[] = {0, 13, 15, 29, 31, 62, 79, 95, 126, 143, 157, 159, 286, 287, FRAME - 4};
#define PLACES ((int)(sizeof places / sizeof *places))

START_TEST(every_short_sequence_at_each_border_of_the_vectors)
{
    /* All strings of four such bytes; behind them ASCII, before them ASCII or Chinese. */
    static const unsigned char few[] = {0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xE4, 0xED, 0xEF, 0xF0, 0xF4, 0xF5};
    static const char *const before[] = {"x", "中"};
    size_t place = places[_i / 2], step = strlen(before[_i % 2]);
    char text[FRAME];
    uint32_t seed = 1;
    memset(text, 'x', sizeof text);
    for (size_t at = place % step; at + step <= place; at += step)
        memcpy(text + at, before[_i % 2], step);
    for (size_t i = 0; i < sizeof few * sizeof few * sizeof few * sizeof few; i++) {
        size_t rest = i;
        for (size_t k = 0; k < 4; k++, rest /= sizeof few)
            text[place + k] = (char)few[rest % sizeof few];
        check_paths(best_vector(), (ds_str){text, sizeof text}, &seed, "four bytes");
    }
}
END_TEST

START_TEST(every_code_point_in_a_long_text)
{
    char text[FRAME];
    uint32_t seed = 1;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        memset(text, 'x', sizeof text);
        ds_utf8_encode(cp, text + 157 + cp % 5);
        check_paths(best_vector(), (ds_str){text, sizeof text}, &seed, "code point");
        if (!ds_utf8_valid_by(best_vector(), (ds_str){text, sizeof text}, NULL))
            ck_abort_msg("U+%04X is taken for ill-formed", cp);
    }
}
END_TEST

/* ------------------------------------------------------------------ against iconv */

/* Where iconv stops: the length of the well-formed start of s. */
static size_t iconv_stop(iconv_t cd, ds_str s)
{
    static char out[8 * LONGEST + 16];
    char *in = (char *)(uintptr_t)s.p, *to = out;
    size_t left = s.n, room = sizeof out;
    iconv(cd, NULL, NULL, NULL, NULL);
    size_t result = iconv(cd, &in, &left, &to, &room);
    if (result == (size_t)-1 && errno != EILSEQ && errno != EINVAL)
        ck_abort_msg("iconv: %s", strerror(errno));
    return s.n - left;
}

START_TEST(the_first_bad_byte_is_where_iconv_stops)
{
    unsigned char text[LONGEST];
    uint32_t seed = 4711;
    iconv_t cd = iconv_open("UTF-32LE", "UTF-8");
    ck_assert(cd != (iconv_t)-1);
    for (int round = 0; round < 20000; round++) {
        size_t n = next_random(&seed) % (LONGEST + 1);
        fill_text(&kinds[_i], text, n, &seed);
        ds_str s = {(char *)text, n};
        size_t stop = iconv_stop(cd, s), bad = n;
        if (ds_utf8_valid_by(best_vector(), s, &bad) != (stop == n) || bad != stop)
            ck_abort_msg("%s, %zu bytes: bad at %zu, iconv stops at %zu", kinds[_i].name, n, bad, stop);
    }
    iconv_close(cd);
}
END_TEST

/* ------------------------------------------------------------------ the public functions, path by path */

START_TEST(a_forced_path_serves_the_public_functions)
{
    if (!ds_cpu_has((ds_cpu_path)_i))
        return;
    setenv("DS_CPU", ds_cpu_name((ds_cpu_path)_i), 1);
    static char text[3 * 1000 + 1];
    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 3 * i, "价", 3);
    ds_str s = {text, 3000};
    size_t bad = 0;
    ck_assert(ds_utf8_valid(s, &bad));
    ck_assert_uint_eq(ds_utf8_count(s), 1000);
    ck_assert_uint_eq(ds_utf8_count_valid(s), 1000);
    ck_assert_uint_eq(ds_utf8_offset(s, 777), 2331);
    ck_assert_uint_eq(ds_utf8_offset_back(s, 777), 669);
    text[2000] = 'x';
    ck_assert(!ds_utf8_valid(s, &bad));
    ck_assert_uint_eq(bad, 1998);
    ck_assert_uint_eq(ds_utf8_count(s), 1001);
    ck_assert_int_eq(ds_cpu_active(), _i);
}
END_TEST

START_TEST(stepping_back_from_the_end)
{
    ds_str s = ds_str_of("a价\xE4\xB8😀\x80\x80");
    static const size_t offsets[] = {12, 11, 10, 6, 4, 1, 0, 0};
    for (size_t k = 0; k < sizeof offsets / sizeof *offsets; k++)
        ck_assert_uint_eq(ds_utf8_offset_back(s, k), offsets[k]);
    ck_assert_uint_eq(ds_utf8_offset_back(s, SIZE_MAX), 0);
    ck_assert_uint_eq(ds_utf8_offset_back((ds_str){NULL, 0}, 5), 0);
    ck_assert_uint_eq(ds_utf8_count_valid((ds_str){NULL, 0}), 0);
}
END_TEST

static Suite *utf8_paths_suite(void)
{
    Suite *s = suite_create("utf8_paths");
    TCase *t = tcase_create("utf8_paths");
    if (best_vector() == NULL)
        printf("skipped: this machine has no vector path; the portable one is compared with itself\n");
    tcase_add_loop_test(t, every_length_and_alignment_gives_the_portable_result, 0, KINDS);
    tcase_add_test(t, nothing_outside_the_text_is_read);
    tcase_add_test(t, long_texts_with_much_or_little_damage);
    tcase_add_loop_test(t, every_short_sequence_at_each_border_of_the_vectors, 0, 2 * PLACES);
    tcase_add_test(t, every_code_point_in_a_long_text);
    tcase_add_loop_test(t, the_first_bad_byte_is_where_iconv_stops, 0, KINDS);
    tcase_add_loop_test(t, a_forced_path_serves_the_public_functions, 0, DS_CPU_PATHS);
    tcase_add_test(t, stepping_back_from_the_end);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(utf8_paths_suite());
}

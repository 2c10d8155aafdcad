/* test_utf8.c - utf8.h against a second, naive reading of the standard and Unicode's own test file. */
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "testing.h"
#include "utf8.h"

/* ------------------------------------------------------------------ the naive second version */

static const uint32_t least_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
static const uint32_t most_of_length[] = {0, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF};

static size_t naive_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead >= 0xC0 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3
         : lead >= 0xF0 && lead < 0xF8 ? 4 : 0;
}

/* Value of p[0, have) padded with `pad` to `len` bytes, without any check. */
static uint32_t naive_value(const unsigned char *p, size_t have, size_t len, unsigned char pad)
{
    uint32_t v = len == 1 ? p[0] : p[0] & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        v = v << 6 | ((i < have ? p[i] : pad) & 0x3Fu);
    return v;
}

/* Whether p[0, have) starts some well-formed sequence: a range of code points, not all surrogates. */
static bool naive_starts(const unsigned char *p, size_t have)
{
    size_t len = naive_length(p[0]);
    if (len < have)
        return false;
    for (size_t i = 1; i < have; i++)
        if (p[i] < 0x80 || p[i] > 0xBF)
            return false;
    uint32_t lo = naive_value(p, have, len, 0x80), hi = naive_value(p, have, len, 0xBF);
    bool surrogates = lo >= 0xD800 && hi <= 0xDFFF;
    return hi >= least_of_length[len] && lo <= most_of_length[len] && !surrogates;
}

static size_t naive_decode(const unsigned char *p, size_t n, uint32_t *cp)
{
    size_t len = naive_length(p[0]), have = 1;
    *cp = DS_UTF8_BAD;
    if (!naive_starts(p, 1))
        return 1;
    while (have < n && have < len && naive_starts(p, have + 1))
        have++;
    if (have == len)
        *cp = naive_value(p, len, len, 0);
    return have;
}

/* ------------------------------------------------------------------ every short string */

/* Compares everything that utf8.h says about offsets of s with the naive version. */
static void check_string(const unsigned char *p, size_t n)
{
    size_t starts[16], count = 0, bad = SIZE_MAX, got_bad = SIZE_MAX;
    ds_str s = {(const char *)p, n};
    for (size_t at = 0; at < n;) {
        uint32_t cp, want_cp;
        size_t want = naive_decode(p + at, n - at, &want_cp), len = ds_utf8_decode(s.p + at, n - at, &cp);
        if (len != want || cp != want_cp)
            ck_abort_msg("decode at %zu of %02X%02X%02X%02X..: %zu, want %zu", at, p[0], p[1], p[2], p[3], len, want);
        if (cp == DS_UTF8_BAD && bad == SIZE_MAX)
            bad = at;
        starts[count++] = at;
        at += len;
    }
    if (ds_utf8_valid(s, &got_bad) != (bad == SIZE_MAX) || got_bad != bad)
        ck_abort_msg("valid: %zu, want %zu in %02X%02X%02X%02X", got_bad, bad, p[0], p[1], p[2], p[3]);
    if (ds_utf8_count(s) != count)
        ck_abort_msg("count: %zu, want %zu in %02X%02X%02X%02X", ds_utf8_count(s), count, p[0], p[1], p[2], p[3]);
    for (size_t k = 0; k <= count + 1; k++)
        if (ds_utf8_offset(s, k) != (k < count ? starts[k] : n))
            ck_abort_msg("offset %zu in %02X%02X%02X%02X", k, p[0], p[1], p[2], p[3]);
    for (size_t off = 1, k = 0; off <= n; off++) {
        while (k + 1 < count && starts[k + 1] < off)
            k++;
        if (ds_utf8_prev(s, off) != starts[k])
            ck_abort_msg("prev of %zu in %02X%02X%02X%02X%02X%02X", off, p[0], p[1], p[2], p[3], p[4], p[5]);
    }
}

static void check_all_strings(const unsigned char *alphabet, size_t letters, size_t n)
{
    unsigned char p[8] = {0};
    size_t digit[8] = {0};
    for (;;) {
        for (size_t i = 0; i < n; i++)
            p[i] = alphabet[digit[i]];
        check_string(p, n);
        size_t i = 0;
        while (i < n && ++digit[i] == letters)
            digit[i++] = 0;
        if (i == n)
            return;
    }
}

START_TEST(strings_to_four_bytes_agree_with_the_naive_version)
{
    static const unsigned char tricky[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                           0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    for (size_t n = 1; n <= 4; n++)
        check_all_strings(tricky, sizeof tricky, n);
}
END_TEST

START_TEST(strings_to_six_bytes_agree_with_the_naive_version)
{
    static const unsigned char few[] = {0x41, 0x80, 0x90, 0xA0, 0xC2, 0xE0, 0xED, 0xF4};
    for (size_t n = 5; n <= 6; n++)
        check_all_strings(few, sizeof few, n);
}
END_TEST

START_TEST(every_code_point_goes_there_and_back)
{
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[DS_UTF8_MAX];
        uint32_t back = DS_UTF8_BAD;
        bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
        size_t n = ds_utf8_encode(cp, bytes), want = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
        if (n != want || ds_utf8_decode(bytes, n, &back) != n || back != (surrogate ? 0xFFFD : cp))
            ck_abort_msg("U+%04X: %zu bytes, back as U+%04X", cp, n, back);
        if (!ds_utf8_valid((ds_str){bytes, n}, NULL) || ds_utf8_count((ds_str){bytes, n}) != 1)
            ck_abort_msg("U+%04X: not one well-formed sequence", cp);
    }
}
END_TEST

START_TEST(what_is_no_code_point_is_written_as_the_replacement_character)
{
    char bytes[DS_UTF8_MAX];
    ck_assert_uint_eq(ds_utf8_encode(0x110000, bytes), 3);
    ck_assert_mem_eq(bytes, "\xEF\xBF\xBD", 3);
    ck_assert_uint_eq(ds_utf8_encode(DS_UTF8_BAD, bytes), 3);
    ck_assert_mem_eq(bytes, "\xEF\xBF\xBD", 3);
}
END_TEST

/* ------------------------------------------------------------------ the standard's examples */

/* Lengths of the pieces; a piece in capitals ("B") is ill-formed, a digit is a code point of so many bytes. */
static const struct {
    const char *bytes, *pieces;
} subparts[] = {
    {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "AAAAAAAA1"},      /* overlong forms: table 3-8 */
    {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "AAAAAAAA1"},      /* surrogates: table 3-9 */
    {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "AAAAA1AA1"},      /* other ill-formed: table 3-10 */
    {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "BACB1"},          /* truncated: table 3-11 */
    {"\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", "1CBA1A1AA1"},
    {"\xE4\xB8\xAD\xE4\xB8", "3B"},
    {"\xF0\x9F\x98", "C"},
    {"\xF8\x88\x80\x80\x80", "AAAAA"},
    {"\xC3", "A"},
};

START_TEST(ill_formed_text_is_cut_into_maximal_subparts)
{
    const char *bytes = subparts[_i].bytes, *pieces = subparts[_i].pieces;
    size_t n = strlen(bytes), at = 0;
    for (const char *want = pieces; *want != '\0'; want++) {
        uint32_t cp;
        bool bad = *want >= 'A';
        ck_assert_uint_lt(at, n);
        size_t len = ds_utf8_decode(bytes + at, n - at, &cp);
        ck_assert_uint_eq(len, (size_t)(bad ? *want - 'A' + 1 : *want - '0'));
        ck_assert_int_eq(cp == DS_UTF8_BAD, bad);
        at += len;
    }
    ck_assert_uint_eq(at, n);
    ck_assert_uint_eq(ds_utf8_count(ds_str_of(bytes)), strlen(pieces));
}
END_TEST

START_TEST(long_texts_are_counted_and_checked_as_short_ones)
{
    /* A bad byte at each place of a text that goes through every fast path. */
    const char *good = "ASCII text, sixteen and more. 汉字，é😀 more of it, at the end.";
    char text[128];
    size_t n = strlen(good);
    ck_assert_uint_lt(n, sizeof text);
    for (size_t at = 0; at < n; at++) {
        memcpy(text, good, n);
        text[at] = '\xFF';
        size_t count = 0, bad = SIZE_MAX, got = SIZE_MAX;
        for (size_t i = 0; i < n; count++) {
            uint32_t cp;
            ck_assert_uint_eq(ds_utf8_offset((ds_str){text, n}, count), i);
            size_t len = naive_decode((unsigned char *)text + i, n - i, &cp);
            if (cp == DS_UTF8_BAD && bad == SIZE_MAX)
                bad = i;
            i += len;
        }
        ck_assert(!ds_utf8_valid((ds_str){text, n}, &got));
        ck_assert_uint_eq(got, bad);
        ck_assert_uint_eq(ds_utf8_count((ds_str){text, n}), count);
        ck_assert_uint_eq(ds_utf8_offset((ds_str){text, n}, count), n);
    }
}
END_TEST

START_TEST(the_empty_text_is_valid_and_has_nothing)
{
    ds_str none = {NULL, 0};
    ck_assert(ds_utf8_valid(none, NULL));
    ck_assert_uint_eq(ds_utf8_count(none), 0);
    ck_assert_uint_eq(ds_utf8_offset(none, 3), 0);
    ck_assert_uint_eq(ds_utf8_gcount(none), 0);
    ck_assert_uint_eq(ds_utf8_width(none), 0);
}
END_TEST

/* ------------------------------------------------------------------ graphemes */

/* Reads one line of GraphemeBreakTest.txt: text and the offsets of its breaks.  False: no test there. */
static bool read_break_line(char *line, char *text, size_t *n, size_t *breaks, size_t *count)
{
    *n = *count = 0;
    line[strcspn(line, "#")] = '\0';
    for (char *word = strtok(line, " \t"); word != NULL; word = strtok(NULL, " \t")) {
        if (strcmp(word, "\xC3\xB7") == 0) /* the sign for a break */
            breaks[(*count)++] = *n;
        else if (strcmp(word, "\xC3\x97") != 0)
            *n += ds_utf8_encode((uint32_t)strtoul(word, NULL, 16), text + *n);
    }
    return *count > 1;
}

static void check_breaks(ds_str s, const size_t *breaks, size_t count, int line)
{
    size_t at = 0;
    for (size_t i = 1; i < count; i++) {
        size_t end = ds_utf8_grapheme_end(s, at);
        ck_assert_msg(end == breaks[i], "line %d: cluster at %zu ends at %zu, not %zu", line, at, end, breaks[i]);
        at = end;
    }
    ck_assert_uint_eq(at, s.n);
    ck_assert_uint_eq(ds_utf8_gcount(s), count - 1);
}

START_TEST(clusters_are_those_of_the_unicode_test_file)
{
    size_t size, tests = 0;
    char *file = test_read_file(DATA_UNICODE "/auxiliary/GraphemeBreakTest.txt", &size), *rest = file;
    for (int number = 1; *rest != '\0'; number++) {
        char *line = rest, text[256];
        size_t n, breaks[64], count;
        rest += strcspn(rest, "\n");
        if (*rest == '\n')
            *rest++ = '\0';
        if (!read_break_line(line, text, &n, breaks, &count))
            continue;
        check_breaks((ds_str){text, n}, breaks, count, number);
        tests++;
    }
    free(file);
    ck_assert_uint_gt(tests, 500);
}
END_TEST

START_TEST(an_ill_formed_subpart_is_a_cluster_of_its_own)
{
    ds_str s = ds_str_of("e\xCC\x81\xE4\xB8\xCC\x81x"); /* e + accent, a truncated sequence, an accent, x */
    size_t ends[] = {3, 5, 7, 8}, at = 0;
    for (size_t i = 0; i < 4; i++) {
        at = ds_utf8_grapheme_end(s, at);
        ck_assert_uint_eq(at, ends[i]);
    }
    ck_assert_uint_eq(ds_utf8_gcount(s), 4);
}
END_TEST

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

START_TEST(clusters_of_random_texts_are_those_of_utf8proc)
{
    /* The quick answer for plain pairs must be utf8proc's own. */
    static const uint32_t pool[] = {'a', ' ', '9', 0x7E, 0x4E2D, 0x3400, 0x4DC0, 0x9FFF, 0x3001, 0x3020, 0x3030, 0xFF01,
                                    0xFF60, 0xFF61, 0x0301, 0x200D, 0xFE0F, 0x1F468, 0x1F1E8, 0x0600, 0x1100, 0x1161,
                                    0xAC00, '\r', '\n', 0x20E3, 0x1F3FD, 0x0E33, 0xE0100};
    uint32_t seed = 20250127;
    for (int round = 0; round < 20000; round++) {
        uint32_t cps[8];
        char text[32];
        size_t n = 0, want = 1;
        utf8proc_int32_t state = 0;
        for (size_t i = 0; i < 8; i++) {
            cps[i] = pool[next_random(&seed) % (sizeof pool / sizeof *pool)];
            n += ds_utf8_encode(cps[i], text + n);
            utf8proc_int32_t prev = i > 0 ? (utf8proc_int32_t)cps[i - 1] : 0;
            want += i > 0 && utf8proc_grapheme_break_stateful(prev, (utf8proc_int32_t)cps[i], &state);
        }
        size_t got = ds_utf8_gcount((ds_str){text, n});
        if (got != want)
            ck_abort_msg("round %d: %zu clusters, utf8proc has %zu", round, got, want);
    }
}
END_TEST

/* ------------------------------------------------------------------ width */

static const struct {
    const char *text;
    size_t columns;
} widths[] = {
    {"abc", 3},
    {"价格战", 6},
    {"價格戰，開打！", 14},
    {"ＡＢ", 4},
    {"ｱｲ", 2},
    {"é", 1},
    {"e\xCC\x81", 1},                                    /* e + combining acute */
    {"\t\r\n\x7F", 0},
    {"한국", 4},
    {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 2},         /* one syllable in conjoining letters */
    {"😀", 2},
    {"👍🏽", 2},                                           /* with a skin tone */
    {"👨‍👩‍👧‍👦", 2},                                           /* joined */
    {"🇨🇳🇭🇰", 4},                                           /* two flags */
    {"1️⃣", 2},                                           /* keycap */
    {"❤", 1},
    {"❤️", 2},                                            /* asked for as emoji */
    {"\xE2\x80\x8B", 0},                                 /* zero width space */
    {"\xF0\xB3\x8E\xB0", 2},                             /* U+333B0, an ideograph not assigned yet */
    {"\xE4\xB8", 1},                                     /* ill-formed: shown as U+FFFD */
    {"x\xFFy", 3},
};

START_TEST(columns_of_a_text)
{
    ck_assert_msg(ds_utf8_width(ds_str_of(widths[_i].text)) == widths[_i].columns, "\"%s\": %zu columns, want %zu",
                  widths[_i].text, ds_utf8_width(ds_str_of(widths[_i].text)), widths[_i].columns);
}
END_TEST

static bool is_mark(uint32_t cp)
{
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
    return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME;
}

START_TEST(east_asian_wide_is_two_columns)
{
    size_t size;
    char *file = test_read_file(DATA_UNICODE "/EastAsianWidth.txt", &size);
    for (char *line = strtok(file, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *rest;
        uint32_t first = (uint32_t)strtoul(line, &rest, 16), last = first;
        if (rest == line)
            continue;
        if (strncmp(rest, "..", 2) == 0)
            last = (uint32_t)strtoul(rest + 2, &rest, 16);
        rest += strspn(rest, " ;");
        bool wide = strchr("WF", rest[0]) != NULL && !(rest[1] >= 'a' && rest[1] <= 'z');
        for (uint32_t cp = first; cp <= last; cp++) {
            int want = is_mark(cp) ? 0 : 2, got = ds_utf8_cp_width(cp);
            if (wide ? got != want : got == 2)
                ck_abort_msg("U+%04X: %d columns", cp, got);
        }
    }
    free(file);
}
END_TEST

START_TEST(a_code_point_has_no_two_or_one_column)
{
    for (uint32_t cp = 0; cp <= 0x110000; cp++) {
        int w = ds_utf8_cp_width(cp);
        if (w < 0 || w > 2)
            ck_abort_msg("U+%04X: %d columns", cp, w);
    }
    ck_assert_int_eq(ds_utf8_cp_width(DS_UTF8_BAD), 1);
    ck_assert_int_eq(ds_utf8_cp_width(0xD800), 1);
}
END_TEST

static Suite *utf8_suite(void)
{
    Suite *s = suite_create("utf8");
    TCase *t = tcase_create("utf8");
    tcase_add_test(t, strings_to_four_bytes_agree_with_the_naive_version);
    tcase_add_test(t, strings_to_six_bytes_agree_with_the_naive_version);
    tcase_add_test(t, every_code_point_goes_there_and_back);
    tcase_add_test(t, what_is_no_code_point_is_written_as_the_replacement_character);
    tcase_add_loop_test(t, ill_formed_text_is_cut_into_maximal_subparts, 0, sizeof subparts / sizeof *subparts);
    tcase_add_test(t, long_texts_are_counted_and_checked_as_short_ones);
    tcase_add_test(t, the_empty_text_is_valid_and_has_nothing);
    tcase_add_test(t, clusters_are_those_of_the_unicode_test_file);
    tcase_add_test(t, an_ill_formed_subpart_is_a_cluster_of_its_own);
    tcase_add_test(t, clusters_of_random_texts_are_those_of_utf8proc);
    tcase_add_loop_test(t, columns_of_a_text, 0, sizeof widths / sizeof *widths);
    tcase_add_test(t, east_asian_wide_is_two_columns);
    tcase_add_test(t, a_code_point_has_no_two_or_one_column);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(utf8_suite());
}

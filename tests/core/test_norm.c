/* test_norm.c - norm.h against Unicode's own test file, against utf8proc, and against itself. */
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "fold.h"
#include "norm.h"
#include "norm_int.h"
#include "testing.h"

#define CODE_POINTS 0x110000u
#define BATCH 64 /* code points normalised at once */
#define NO_TAIL 0x11A7u /* a Hangul vowel that utf8proc 2.8 takes for a tail, and drops after a syllable */

static const char *const form_names[DS_NORM_FORMS] = {"NFC", "NFD", "NFKC", "NFKD"};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static bool is_surrogate(uint32_t cp)
{
    return cp >= 0xD800 && cp <= 0xDFFF;
}

/* Appends the normalised `in` to `out` after emptying it. */
static void norm_into(ds_buf *out, ds_str in, ds_norm_form form)
{
    ds_buf_reset(out);
    if (ds_norm(in, form, out, NULL, NULL) != DS_OK) /* Check's own assertions are slow: not in long loops */
        ck_abort_msg("%s: no memory", form_names[form]);
}

static void check_equal(ds_str got, ds_str want, ds_str in, ds_norm_form form)
{
    if (ds_str_eq(got, want))
        return;
    fprintf(stderr, "%s of", form_names[form]);
    for (size_t i = 0, len; i < in.n; i += len) {
        uint32_t cp;
        len = ds_utf8_decode(in.p + i, in.n - i, &cp);
        fprintf(stderr, " %04X", cp);
    }
    ck_abort_msg("is \"%.*s\", not \"%.*s\"", (int)got.n, got.p, (int)want.n, want.p);
}

/* ------------------------------------------------------------------ utf8proc */

/* Normalises well-formed `in`, of at most BATCH code points, by utf8proc's calls that do not allocate. */
static size_t by_utf8proc(ds_str in, ds_norm_form form, char out[BATCH * 80])
{
    static const int options[] = {
        UTF8PROC_STABLE | UTF8PROC_COMPOSE, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE,
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
    };
    utf8proc_int32_t buffer[BATCH * 20];
    utf8proc_option_t option = (utf8proc_option_t)options[form];
    utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)in.p, (utf8proc_ssize_t)in.n, buffer,
                                            BATCH * 20 - 1, option);
    if (n >= 0 && n < BATCH * 20)
        n = utf8proc_reencode(buffer, n, option);
    if (n < 0 || n > BATCH * 80)
        ck_abort_msg("utf8proc gives %d", (int)n);
    memcpy(out, buffer, (size_t)n);
    return (size_t)n;
}

static void check_like_utf8proc(ds_buf *out, ds_str in)
{
    char want[BATCH * 80];
    for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++) {
        norm_into(out, in, form);
        check_equal(ds_buf_str(out), (ds_str){want, by_utf8proc(in, form, want)}, in, form);
        if (ds_norm_quick(in, form) && !ds_str_eq(ds_buf_str(out), in))
            ck_abort_msg("ds_norm_quick is wrong of \"%.*s\"", (int)in.n, in.p);
    }
}

/* Each with what may compose before and after it: a letter, a Hangul vowel, a mark, an ideograph. */
START_TEST(every_code_point_becomes_what_utf8proc_makes_of_it)
{
    static const char *const around[][2] = {
        {"", ""}, {"a", "\xCC\x81"}, {"\xE1\x84\x80", "\xE1\x86\xA8"}, {"中", "中"},
    };
    ds_buf out;
    ds_buf_init(&out, NULL);
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        char text[16];
        size_t n = strlen(around[_i][0]);
        if (is_surrogate(cp))
            continue;
        memcpy(text, around[_i][0], n);
        n += ds_utf8_encode(cp, text + n);
        memcpy(text + n, around[_i][1], strlen(around[_i][1]));
        check_like_utf8proc(&out, (ds_str){text, n + strlen(around[_i][1])});
    }
    ds_buf_clear(&out);
}
END_TEST

/* Ranges where code points do something; the last two are whatever comes. */
static const struct {
    uint32_t first, count;
} ranges[] = {
    {'A', 58}, {0x300, 0x70}, {0x300, 0x50}, {0xC0, 0x180}, {0x1E00, 0x200}, {0x1100, 0x100}, {0xAC00, 11172},
    {0xFF00, 0xF0}, {0xF900, 0x200}, {0x4E00, 20000}, {0x3000, 0x400}, {0x2000, 0x200}, {0x900, 0x500}, {0xF40, 0x80},
    {0x591, 0x80}, {0x1D15E, 0xA0}, {0x110A0, 0x30}, {0x2F800, 0x21E}, {0, 0x3000}, {0, 0x30000},
};
#define RANGES (sizeof ranges / sizeof *ranges)

static size_t random_text(char *text, size_t count, uint32_t *seed)
{
    size_t n = 0, narrow = next_random(seed) % (RANGES + 4); /* some texts stay within one range */
    for (size_t i = 0; i < count; i++) {
        size_t r = narrow < RANGES ? narrow : next_random(seed) % RANGES;
        uint32_t cp = ranges[r].first + next_random(seed) % ranges[r].count;
        n += ds_utf8_encode(is_surrogate(cp) || cp == NO_TAIL ? 'x' : cp, text + n);
    }
    return n;
}

START_TEST(random_texts_become_what_utf8proc_makes_of_them)
{
    char text[BATCH * DS_UTF8_MAX];
    uint32_t seed = 20250127;
    ds_buf out;
    ds_buf_init(&out, NULL);
    for (int round = 0; round < 30000; round++) {
        size_t n = random_text(text, 1 + (size_t)round % 40, &seed);
        char *exact = malloc(n); /* so that the sanitizer sees a read past the end */
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, text, n);
        check_like_utf8proc(&out, (ds_str){exact, n});
        free(exact);
    }
    ds_buf_clear(&out);
}
END_TEST

START_TEST(case_folding_of_every_code_point_is_utf8procs)
{
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        uint32_t ours[DS_FOLD_CP_MAX];
        utf8proc_int32_t theirs[8];
        int unused = 0;
        if (is_surrogate(cp))
            continue;
        size_t n = ds_fold_cp(cp, DS_FOLD_CASE, ours);
        utf8proc_ssize_t m = utf8proc_decompose_char((utf8proc_int32_t)cp, theirs, 8, UTF8PROC_CASEFOLD, &unused);
        if ((utf8proc_ssize_t)n != m)
            ck_abort_msg("U+%04X: %zu code points, not %d", cp, n, (int)m);
        for (size_t i = 0; i < n; i++)
            if (ours[i] != (uint32_t)theirs[i])
                ck_abort_msg("U+%04X: U+%04X, not U+%04X", cp, ours[i], (uint32_t)theirs[i]);
    }
}
END_TEST

/* ------------------------------------------------------------------ Unicode's file */

#define COLUMNS 5 /* source; NFC; NFD; NFKC; NFKD */

typedef struct columns {
    char bytes[COLUMNS][128];
    ds_str str[COLUMNS];
} columns;

/* "1E0A;1E0A;0044 0307;1E0A;0044 0307; # ..." */
static void read_columns(const char *line, columns *c)
{
    char *rest = (char *)(uintptr_t)line;
    for (size_t k = 0; k < COLUMNS; k++) {
        size_t n = 0;
        while (*rest != ';') {
            if (n + DS_UTF8_MAX > sizeof c->bytes[k])
                ck_abort_msg("a long line: %s", line);
            n += ds_utf8_encode((uint32_t)strtoul(rest, &rest, 16), c->bytes[k] + n);
        }
        rest++;
        c->str[k] = (ds_str){c->bytes[k], n};
    }
}

/* The conformance rules of the file's head: which column each form of each column must be. */
static void check_columns(const columns *c, ds_buf *out)
{
    static const size_t wants[DS_NORM_FORMS][COLUMNS] = {
        {1, 1, 1, 3, 3}, {2, 2, 2, 4, 4}, {3, 3, 3, 3, 3}, {4, 4, 4, 4, 4},
    };
    for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++)
        for (size_t k = 0; k < COLUMNS; k++) {
            norm_into(out, c->str[k], form);
            check_equal(ds_buf_str(out), c->str[wants[form][k]], c->str[k], form);
        }
}

/* What part 1 of the file does not list is in all forms what it is. */
static void check_unlisted(const bool *listed, ds_buf *out)
{
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        char text[DS_UTF8_MAX];
        if (listed[cp] || is_surrogate(cp))
            continue;
        ds_str in = {text, ds_utf8_encode(cp, text)};
        for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++) {
            norm_into(out, in, form);
            check_equal(ds_buf_str(out), in, in, form);
        }
    }
}

START_TEST(the_normalization_test_of_unicode_holds_whole)
{
    char line[2048];
    bool *listed = calloc(CODE_POINTS, sizeof *listed), part1 = false;
    size_t rows = 0;
    ds_buf out;
    FILE *f = popen("bzip2 -dc " DATA_UNICODE "/NormalizationTest.txt.bz2", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(listed);
    ds_buf_init(&out, NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        columns c;
        if (line[0] == '@')
            part1 = strncmp(line, "@Part1", 6) == 0;
        if (line[0] == '@' || line[0] == '#' || line[0] == '\n')
            continue;
        read_columns(line, &c);
        check_columns(&c, &out);
        if (part1)
            listed[strtoul(line, NULL, 16)] = true;
        rows++;
    }
    ck_assert_msg(pclose(f) == 0, "bzip2 -dc failed (Debian: bzip2, unicode-data)");
    ck_assert_uint_gt(rows, 19000);
    check_unlisted(listed, &out);
    ds_buf_clear(&out);
    free(listed);
}
END_TEST

/* ------------------------------------------------------------------ texts */

static const struct {
    const char *in;
    const char *out[DS_NORM_FORMS];
} texts[] = {
    {"", {"", "", "", ""}},
    {"降價，再降價。", {"降價，再降價。", "降價，再降價。", "降價,再降價。", "降價,再降價。"}},
    {"ＡＰＩ　５折！", {"ＡＰＩ　５折！", "ＡＰＩ　５折！", "API 5折!", "API 5折!"}},
    {"他说……①", {"他说……①", "他说……①", "他说......1", "他说......1"}},
    {"ﾊﾟｿｺﾝ", {"ﾊﾟｿｺﾝ", "ﾊﾟｿｺﾝ", "パソコン", "ハ\xE3\x82\x9Aソコン"}},
    {"가각", {"가각", "\xE1\x84\x80\xE1\x85\xA1\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8", "가각",
     "\xE1\x84\x80\xE1\x85\xA1\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"}},
    {"가\xE1\x86\xA7", {"가\xE1\x86\xA7", "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA7", "가\xE1\x86\xA7",
     "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA7"}}, /* U+11A7 is no tail */
    {"\xEF\xA4\x80", {"豈", "豈", "豈", "豈"}}, /* a compatibility ideograph */
    {"Ａ\xCC\x8A", {"Ａ\xCC\x8A", "Ａ\xCC\x8A", "Å", "A\xCC\x8A"}}, /* full width, then a mark */
    {"＝\xCC\xB8", {"＝\xCC\xB8", "＝\xCC\xB8", "≠", "=\xCC\xB8"}},
    {"中\xCC\x81", {"中\xCC\x81", "中\xCC\x81", "中\xCC\x81", "中\xCC\x81"}},
    {"e\xCC\xA7\xCC\x81", {"ȩ\xCC\x81", "e\xCC\xA7\xCC\x81", "ȩ\xCC\x81", "e\xCC\xA7\xCC\x81"}},
    {"e\xCC\x81\xCC\xA7", {"ȩ\xCC\x81", "e\xCC\xA7\xCC\x81", "ȩ\xCC\x81", "e\xCC\xA7\xCC\x81"}},
    {"e\xFF\xCC\x81", {"e\xFF\xCC\x81", "e\xFF\xCC\x81", "e\xFF\xCC\x81", "e\xFF\xCC\x81"}},
    {"e\xE4\xB8\xCC\x81", {"e\xE4\xB8\xCC\x81", "e\xE4\xB8\xCC\x81", "e\xE4\xB8\xCC\x81", "e\xE4\xB8\xCC\x81"}},
    {"\xEF\xBC", {"\xEF\xBC", "\xEF\xBC", "\xEF\xBC", "\xEF\xBC"}},
    {"\xED\xA0\x80\xCC\x81", {"\xED\xA0\x80\xCC\x81", "\xED\xA0\x80\xCC\x81", "\xED\xA0\x80\xCC\x81",
     "\xED\xA0\x80\xCC\x81"}},
    {"\xCC\x81\xCC\xA7", {"\xCC\xA7\xCC\x81", "\xCC\xA7\xCC\x81", "\xCC\xA7\xCC\x81", "\xCC\xA7\xCC\x81"}},
};

START_TEST(texts_normalise_as_they_should)
{
    ds_buf out;
    ds_buf_init(&out, NULL);
    ds_str in = ds_str_of(texts[_i].in);
    for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++) {
        norm_into(&out, in, form);
        check_equal(ds_buf_str(&out), ds_str_of(texts[_i].out[form]), in, form);
    }
    ds_buf_clear(&out);
}
END_TEST

static const char *const ill_formed[] = {"\xFF", "\xC3", "\xE4\xB8", "\xF0\x9F\x98", "\xED\xA0\x80", "\xC0\x80", "\x80",
                                         "\xEF\xBC", "\xE1\x84", "\xF4\x90\x80\x80"};
#define ILL_FORMED (sizeof ill_formed / sizeof *ill_formed)

START_TEST(ill_formed_parts_stay_and_part_the_text)
{
    char text[512];
    uint32_t seed = 7;
    ds_buf whole, parts;
    ds_buf_init(&whole, NULL);
    ds_buf_init(&parts, NULL);
    for (int round = 0; round < 8000; round++) {
        ds_norm_form form = (ds_norm_form)(round % DS_NORM_FORMS);
        size_t n = 0;
        ds_buf_reset(&parts);
        for (size_t i = 0; i < 6; i++) {
            size_t beg = n;
            n += random_text(text + n, 1 + next_random(&seed) % 5, &seed);
            if (ds_norm((ds_str){text + beg, n - beg}, form, &parts, NULL, NULL) != DS_OK)
                ck_abort();
            const char *bad = ill_formed[next_random(&seed) % ILL_FORMED];
            memcpy(text + n, bad, strlen(bad));
            n += strlen(bad);
            ds_buf_put(&parts, bad, strlen(bad));
        }
        char *exact = malloc(n);
        memcpy(exact, text, n);
        norm_into(&whole, (ds_str){exact, n}, form);
        check_equal(ds_buf_str(&whole), ds_buf_str(&parts), (ds_str){exact, n}, form);
        free(exact);
    }
    ds_buf_clear(&whole);
    ds_buf_clear(&parts);
}
END_TEST

START_TEST(normalising_twice_changes_nothing_more)
{
    char text[BATCH * DS_UTF8_MAX];
    uint32_t seed = 11;
    ds_buf once, twice;
    ds_buf_init(&once, NULL);
    ds_buf_init(&twice, NULL);
    for (int round = 0; round < 4000; round++) {
        ds_norm_form form = (ds_norm_form)(round % DS_NORM_FORMS);
        ds_str in = {text, random_text(text, 40, &seed)};
        norm_into(&once, in, form);
        norm_into(&twice, ds_buf_str(&once), form);
        check_equal(ds_buf_str(&twice), ds_buf_str(&once), in, form);
    }
    ds_buf_clear(&once);
    ds_buf_clear(&twice);
}
END_TEST

/* A letter with very many marks, in the worst order: class 230, 220, 202 in turn. */
START_TEST(a_million_marks_on_one_letter_are_ordered)
{
    enum { TRIPLES = 170000 };
    static const char *const marks[] = {"\xCC\x82", "\xCC\xA4", "\xCC\xA7"}; /* classes 230, 220, 202 */
    ds_buf in, out, want;
    ds_buf_init(&in, NULL);
    ds_buf_init(&out, NULL);
    ds_buf_init(&want, NULL);
    ds_buf_byte(&in, 'x');
    ds_buf_byte(&want, 'x');
    for (size_t i = 0; i < TRIPLES * 3; i++) {
        ds_buf_put(&in, marks[i % 3], 2);
        ds_buf_put(&want, marks[2 - i / TRIPLES], 2);
    }
    for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++) {
        norm_into(&out, ds_buf_str(&in), form);
        ck_assert_uint_eq(out.n, want.n);
        ck_assert_mem_eq(out.p, want.p, want.n);
    }
    ds_buf_clear(&in);
    ds_buf_clear(&out);
    ds_buf_clear(&want);
}
END_TEST

/* ------------------------------------------------------------------ maps */

static bool is_border(ds_str s, size_t off)
{
    uint32_t cp;
    return off == s.n || off == 0 || ds_utf8_prev(s, off) + ds_utf8_decode(s.p + ds_utf8_prev(s, off),
           s.n - ds_utf8_prev(s, off), &cp) == off;
}

/* Where each part of the result comes from: borders of characters, in order, all of the input; and what it comes
 * from, normalised by itself, is the part again. */
static void check_map(ds_str in, ds_str out, const ds_offmap *map, ds_norm_form form)
{
    ds_buf part;
    size_t last_end = 0;
    ds_buf_init(&part, NULL);
    ck_assert_uint_eq(map->out_len, out.n);
    for (size_t i = 0; i < map->count; i++) {
        const ds_offrun *run = &map->runs[i];
        size_t end = i + 1 < map->count ? map->runs[i + 1].out : out.n, src_beg, src_end;
        ds_offmap_origin(map, run->out, end, &src_beg, &src_end);
        if (src_beg != last_end || !is_border(in, src_beg) || !is_border(in, src_end))
            ck_abort_msg("run %zu: bytes %zu to %zu after %zu", i, src_beg, src_end, last_end);
        norm_into(&part, (ds_str){in.p + src_beg, src_end - src_beg}, form);
        check_equal(ds_buf_str(&part), (ds_str){out.p + run->out, end - run->out}, in, form);
        last_end = src_end;
    }
    ck_assert_uint_eq(last_end, in.n);
    for (size_t i = 0, len, last = 0; i < out.n; i += len, last = last_end) {
        uint32_t cp;
        size_t src_beg;
        len = ds_utf8_decode(out.p + i, out.n - i, &cp);
        ds_offmap_origin(map, i, i + len, &src_beg, &last_end);
        if (last_end < last || !is_border(in, src_beg) || !is_border(in, last_end))
            ck_abort_msg("byte %zu comes from %zu to %zu after %zu", i, src_beg, last_end, last);
    }
    ds_buf_clear(&part);
}

START_TEST(maps_lead_back_to_borders_and_cover_the_whole)
{
    char text[512];
    uint32_t seed = 13;
    for (int round = 0; round < 4000; round++) {
        ds_norm_form form = (ds_norm_form)(round % DS_NORM_FORMS);
        ds_buf out;
        ds_offmap map;
        ds_buf_init(&out, NULL);
        ds_offmap_init(&map, NULL);
        size_t n = random_text(text, 30, &seed);
        if (round % 3 == 0) {
            memcpy(text + n, ill_formed[(size_t)round % ILL_FORMED], 1);
            n += 1 + random_text(text + n + 1, 20, &seed);
        }
        ck_assert_int_eq(ds_norm((ds_str){text, n}, form, &out, &map, NULL), DS_OK);
        check_map((ds_str){text, n}, ds_buf_str(&out), &map, form);
        ds_offmap_clear(&map);
        ds_buf_clear(&out);
    }
}
END_TEST

START_TEST(normal_text_costs_one_run)
{
    static const char text[] = "马斯克說：é 가 “價格戰” の\xCC\x81 Привет \xFF 😀 đến שָׁ";
    static const ds_norm_form forms[] = {DS_NORM_NFC, DS_NORM_NFD};
    for (size_t i = 0; i < 2; i++) {
        ds_buf normal, out;
        ds_offmap map;
        ds_buf_init(&normal, NULL);
        ds_buf_init(&out, NULL);
        ds_offmap_init(&map, NULL);
        norm_into(&normal, ds_str_of(text), forms[i]);
        ck_assert_int_eq(ds_norm(ds_buf_str(&normal), forms[i], &out, &map, NULL), DS_OK);
        ck_assert(ds_str_eq(ds_buf_str(&normal), ds_buf_str(&out)));
        ck_assert_uint_eq(map.count, 1);
        ds_offmap_clear(&map);
        ds_buf_clear(&normal);
        ds_buf_clear(&out);
    }
}
END_TEST

START_TEST(inputs_of_several_calls_are_laid_end_to_end)
{
    static const char *const parts[] = {"价e", "\xCC\x81格，", "", "ｶ", "\xEF\xBE\x9E"};
    ds_buf out;
    ds_offmap map;
    size_t src = 0, beg, end;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t at = out.n;
        ck_assert_int_eq(ds_norm(ds_str_of(parts[i]), DS_NORM_NFKC, &out, &map, NULL), DS_OK);
        ds_offmap_origin(&map, at, out.n, &beg, &end);
        ck_assert_uint_eq(beg, src);
        src += strlen(parts[i]);
        ck_assert_uint_eq(end, src);
    }
    ck_assert(ds_str_eq(ds_buf_str(&out), ds_str_of("价e\xCC\x81格,カ\xE3\x82\x99")));
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
}
END_TEST

START_TEST(quick_is_true_of_texts_that_hold_nothing_to_do)
{
    ck_assert(ds_norm_quick((ds_str){NULL, 0}, DS_NORM_NFC));
    ck_assert(ds_norm_quick(ds_str_of("降價，再降價。“é”……\xFF"), DS_NORM_NFC));
    ck_assert(!ds_norm_quick(ds_str_of("降價，再降價。"), DS_NORM_NFKC));
    ck_assert(!ds_norm_quick(ds_str_of("é"), DS_NORM_NFD));
    ck_assert(!ds_norm_quick(ds_str_of("e\xCC\x81"), DS_NORM_NFC));
    ck_assert(!ds_norm_quick(ds_str_of("\xEF\xA4\x80"), DS_NORM_NFC));
}
END_TEST

/* ------------------------------------------------------------------ scanning */

/* Of a text and what is left of it after 1, 2, ... bytes. */
static void check_scan(const char *text, size_t n, ds_norm_form form, ds_cpu_path path)
{
    for (size_t shift = 0; shift < n && shift < 33; shift++) {
        unsigned char *exact = malloc(n - shift); /* so that the sanitizer sees a read past the end */
        memcpy(exact, text + shift, n - shift);
        size_t want = ds_norm_scan(exact, n - shift, form, DS_CPU_PORTABLE);
        size_t got = ds_norm_scan(exact, n - shift, form, path);
        if (got != want)
            ck_abort_msg("%s stops at %zu of %zu, not %zu", ds_cpu_name(path), got, n - shift, want);
        free(exact);
    }
}

START_TEST(every_path_scans_alike)
{
    char text[640];
    uint32_t seed = 17;
    for (ds_cpu_path path = 0; path < DS_CPU_PATHS; path++) {
        if (!ds_cpu_has(path))
            continue;
        for (size_t round = 0; round < 1200; round++) {
            size_t n = 0;
            while (n < round % 300)
                n += next_random(&seed) % 60 == 0 ? random_text(text + n, 1, &seed)
                                                  : ds_utf8_encode(0x4E00 + next_random(&seed) % 20000, text + n);
            if (round % 5 == 0 && n > 0)
                text[next_random(&seed) % n] = (char)next_random(&seed);
            check_scan(text, n, (ds_norm_form)(round % DS_NORM_FORMS), path);
        }
    }
}
END_TEST

/* In the middle of a block of ideographs, so that the vector code must see it. */
START_TEST(no_path_misses_a_character_that_changes)
{
    char text[128];
    for (size_t i = 0; i < 40; i++)
        memcpy(text + 3 * i, "中", 3);
    for (uint32_t cp = 0x80; cp < CODE_POINTS; cp++) {
        char c[DS_UTF8_MAX];
        if (is_surrogate(cp))
            continue;
        size_t n = ds_utf8_encode(cp, c), at = 3 * (cp % 13);
        memcpy(text + at, c, n);
        for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++)
            for (ds_cpu_path path = 0; path < DS_CPU_PATHS; path++) {
                if (!ds_cpu_has(path) || ds_norm_quick((ds_str){c, n}, form))
                    continue;
                if (ds_norm_scan((unsigned char *)text, 120, form, path) != at)
                    ck_abort_msg("U+%04X, %s, %s", cp, form_names[form], ds_cpu_name(path));
            }
        memcpy(text + at, "中中", 6);
    }
}
END_TEST

/* ------------------------------------------------------------------ memory */

static ds_status norm_with_map(const ds_alloc *a, void *ud)
{
    const ds_norm_form form = *(ds_norm_form *)ud;
    char text[400] = "\xEF\xB7\xBA\xEF\xB7\xBA，é가x"; /* U+FDFA: three bytes become 33 */
    ds_buf out;
    ds_offmap map;
    ds_error err;
    size_t n = strlen(text);
    for (size_t i = 0; i < 60; i++, n += 4) /* more marks than are sorted in place */
        memcpy(text + n, "\xCC\x81\xCC\xA7", 4);
    ds_buf_init(&out, a);
    ds_offmap_init(&map, a);
    ds_status st = ds_norm(ds_str_of("e\xCC\x81"), form, &out, &map, &err);
    size_t before = out.n;
    if (st == DS_OK)
        st = ds_norm((ds_str){text, n}, form, &out, &map, &err);
    if (st == DS_OK) {
        ck_assert_uint_gt(out.n, before + n - 10);
    } else {
        ck_assert_int_eq(err.status, DS_ENOMEM);
        ck_assert_uint_eq(out.n, before); /* taken back */
    }
    ck_assert_uint_eq(map.out_len, out.n);
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    return st;
}

START_TEST(lack_of_memory_takes_back_what_was_appended)
{
    for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++)
        oom_sweep(norm_with_map, &form);
}
END_TEST

static Suite *norm_suite(void)
{
    Suite *s = suite_create("norm");
    TCase *t = tcase_create("norm");
    tcase_set_timeout(t, 240); /* every code point in every form, on a slow machine under a sanitizer */
    tcase_add_loop_test(t, every_code_point_becomes_what_utf8proc_makes_of_it, 0, 4);
    tcase_add_test(t, random_texts_become_what_utf8proc_makes_of_them);
    tcase_add_test(t, case_folding_of_every_code_point_is_utf8procs);
    tcase_add_test(t, the_normalization_test_of_unicode_holds_whole);
    tcase_add_loop_test(t, texts_normalise_as_they_should, 0, sizeof texts / sizeof *texts);
    tcase_add_test(t, ill_formed_parts_stay_and_part_the_text);
    tcase_add_test(t, normalising_twice_changes_nothing_more);
    tcase_add_test(t, a_million_marks_on_one_letter_are_ordered);
    tcase_add_test(t, maps_lead_back_to_borders_and_cover_the_whole);
    tcase_add_test(t, normal_text_costs_one_run);
    tcase_add_test(t, inputs_of_several_calls_are_laid_end_to_end);
    tcase_add_test(t, quick_is_true_of_texts_that_hold_nothing_to_do);
    tcase_add_test(t, every_path_scans_alike);
    tcase_add_test(t, no_path_misses_a_character_that_changes);
    tcase_add_test(t, lack_of_memory_takes_back_what_was_appended);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(norm_suite());
}

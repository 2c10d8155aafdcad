/*
 * test_maps.c - the maps of folding and of conversion, for every beginning of every line of the test texts: look-ups
 * land on borders of characters, never go back, and together cover the whole.
 *
 * The texts are the bundled articles, and those of ../shared where there are any.  With the address sanitizer only one
 * beginning in SAMPLED is tried, another one in each line.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "fold.h"
#include "testing.h"

#define SAMPLED 4
#if defined(__SANITIZE_ADDRESS__)
#define STEP SAMPLED
#else
#define STEP 1
#endif

static const char *const texts[] = {"corpus/articles/*/*", "../shared/seeds/*.txt", "../shared/dev/articles/*.txt"};

/* ---- one derived text ---- */

typedef struct derived {
    const char *what;
    ds_str from;
    const bool *border; /* of each byte of `from` and of its end: whether a character begins there */
    ds_buf out;
    ds_offmap map;
} derived;

static void fail_at(const derived *d, size_t at, size_t beg, size_t end)
{
    ck_abort_msg("%s: byte %zu comes from %zu to %zu of %.*s", d->what, at, beg, end, (int)d->from.n, d->from.p);
}

/* As ck_assert, which writes to a file each time that it is passed. */
static void must(bool holds, const derived *d, const char *what)
{
    if (!holds)
        ck_abort_msg("%s of %.*s: %s", d->what, (int)d->from.n, d->from.p, what);
}

static bool same_bytes(ds_str a, ds_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static void check_map(const derived *d)
{
    size_t beg_before = 0, end_before = 0, len, beg, end;
    must(d->map.out_len == d->out.n, d, "the map is not as long as the text");
    must((d->from.n == 0) == (d->out.n == 0), d, "nothing is left");
    if (d->out.n == 0)
        return;
    ds_offmap_origin(&d->map, 0, d->out.n, &beg, &end);
    if (beg != 0 || end != d->from.n)
        fail_at(d, 0, beg, end);
    for (size_t at = 0; at < d->out.n; at += len) {
        uint32_t cp;
        len = ds_utf8_decode(d->out.p + at, d->out.n - at, &cp);
        ds_offmap_origin(&d->map, at, at + len, &beg, &end);
        if (cp == DS_UTF8_BAD || beg >= end || beg < beg_before || end < end_before || end > d->from.n ||
            !d->border[beg] || !d->border[end])
            fail_at(d, at, beg, end);
        beg_before = beg;
        end_before = end;
    }
    must(end_before == d->from.n, d, "the last character does not come from the end");
}

/* ---- the ways to derive ---- */

static const char *const fold_names[] = {
    "fold", "fold case", "fold width", "fold case, width", "fold variant", "fold case, variant", "fold width, variant",
    "fold case, width, variant"};

/* Of what a beginning folds to, the text and the map begin what the line's are: folding knows no neighbours. */
static void check_fold(derived *d, int flags, const derived *line)
{
    size_t beg, end;
    d->what = fold_names[flags];
    must(ds_fold(d->from, (unsigned)flags, &d->out, &d->map, NULL) == DS_OK, d, "an error");
    check_map(d);
    must(d->out.n <= line->out.n && same_bytes(ds_buf_str(&d->out), (ds_str){line->out.p, d->out.n}), d,
         "not how the line begins");
    ds_offmap_origin(&line->map, 0, d->out.n, &beg, &end);
    must(end == d->from.n, d, "the line's map ends elsewhere");
}

static void check_folding_twice(const derived *line, int flags)
{
    ds_buf again;
    ds_buf_init(&again, NULL);
    must(ds_fold(ds_buf_str(&line->out), (unsigned)flags, &again, NULL, NULL) == DS_OK, line, "an error");
    must(same_bytes(ds_buf_str(&again), ds_buf_str(&line->out)), line, "twice is not once");
    ds_buf_clear(&again);
}

static ds_converter *conv;
static ds_lexicon *lex;
static ds_segmenter *seg;

enum { CONVERSIONS = 2 * 2 * DS_REGION_COUNT };

static const char *const conversion_names[CONVERSIONS] = {
    "opencc t2s", "opencc tw2sp", "opencc hk2s", "opencc s2t", "opencc s2twp", "opencc s2hk",
    "words t2s", "words tw2sp", "words hk2s", "words s2t", "words s2twp", "words s2hk",
};

static void check_conversion(derived *d, int kind)
{
    ds_conversion what = {kind % (2 * DS_REGION_COUNT) < DS_REGION_COUNT, (ds_region)(kind % DS_REGION_COUNT)};
    bool opencc = kind < 2 * DS_REGION_COUNT;
    d->what = conversion_names[kind];
    ds_status st = opencc ? ds_convert_opencc(conv, what, d->from, &d->out, &d->map, NULL)
                          : ds_convert_words(conv, seg, lex, what, d->from, &d->out, &d->map, NULL);
    must(st == DS_OK, d, "an error");
    check_map(d);
}

/* ---- every beginning of every line ---- */

static derived new_derived(ds_str from, const bool *border)
{
    derived d = {.from = from, .border = border};
    ds_buf_init(&d.out, NULL);
    ds_offmap_init(&d.map, NULL);
    return d;
}

static void clear_derived(derived *d)
{
    ds_buf_clear(&d->out);
    ds_offmap_clear(&d->map);
}

typedef enum work { WORK_FOLD, WORK_CONVERT } work;

static void check_line(ds_str line, work what, int kind, size_t number)
{
    bool *border = calloc(line.n + 1, sizeof *border);
    ck_assert_ptr_nonnull(border);
    for (size_t at = 0, len; at < line.n; at += len) {
        uint32_t cp;
        len = ds_utf8_decode(line.p + at, line.n - at, &cp);
        border[at] = true;
    }
    border[line.n] = true;
    derived whole = new_derived(line, border);
    if (what == WORK_FOLD) {
        whole.what = fold_names[kind];
        must(ds_fold(line, (unsigned)kind, &whole.out, &whole.map, NULL) == DS_OK, &whole, "an error");
        check_folding_twice(&whole, kind);
    }
    for (size_t end = 0, k = number; end <= line.n; end++) {
        if (!border[end] || (k++ % STEP != 0 && end < line.n))
            continue;
        derived d = new_derived((ds_str){line.p, end}, border);
        if (what == WORK_FOLD)
            check_fold(&d, kind, &whole);
        else
            check_conversion(&d, kind);
        clear_derived(&d);
    }
    clear_derived(&whole);
    free(border);
}

/* Returns the number of lines. */
static size_t check_lines(ds_str text, work what, int kind)
{
    size_t lines = 0;
    for (size_t beg = 0, end; beg < text.n; beg = end + 1) {
        for (end = beg; end < text.n && text.p[end] != '\n'; end++)
            continue;
        if (end > beg)
            check_line((ds_str){text.p + beg, end - beg}, what, kind, lines++);
    }
    return lines;
}

static void check_texts(work what, int kind)
{
    size_t lines = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        glob_t found;
        int failed = glob(texts[i], 0, NULL, &found);
        ck_assert(i > 0 || failed == 0);
        for (size_t k = 0; failed == 0 && k < found.gl_pathc; k++) {
            size_t n;
            char *text = test_read_file(found.gl_pathv[k], &n);
            lines += check_lines((ds_str){text, n}, what, kind);
            free(text);
        }
        if (failed == 0)
            globfree(&found);
    }
    ck_assert_uint_gt(lines, 300);
}

START_TEST(folds_of_every_beginning)
{
    check_texts(WORK_FOLD, _i);
}
END_TEST

START_TEST(conversions_of_every_beginning)
{
    check_texts(WORK_CONVERT, _i);
}
END_TEST

static void open_data(void)
{
    ck_assert_int_eq(ds_converter_open(NULL, "build/zh.dsconv", &conv, NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_open(NULL, "build/zh.dslex", &lex, NULL), DS_OK);
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, NULL, NULL, &seg, NULL), DS_OK);
}

static void close_data(void)
{
    ds_segmenter_free(seg);
    ds_lexicon_free(lex);
    ds_converter_free(conv);
}

int main(void)
{
    Suite *s = suite_create("maps");
    TCase *t = tcase_create("maps");
    tcase_set_timeout(t, 240);
    tcase_add_unchecked_fixture(t, open_data, close_data);
    tcase_add_loop_test(t, folds_of_every_beginning, 0, DS_FOLD_ALL + 1);
    tcase_add_loop_test(t, conversions_of_every_beginning, 0, CONVERSIONS);
    suite_add_tcase(s, t);
    return test_main(s);
}

/* test_span_find.c - looking ahead for marks and line ends: nothing that span must see is passed over, by any path. */
#include <string.h>

#include "span_int.h"
#include "testing.h"

#define LONGEST 300
#define ALIGNMENTS 32
#define ROUNDS 40

static const span_finder *finders[2];

/* On a machine without AVX2, the portable code twice. */
static void find_finders(void)
{
    finders[0] = ds_span_finder_of(DS_CPU_PORTABLE);
    finders[1] = ds_span_finder_of(ds_cpu_has(DS_CPU_AVX2) ? DS_CPU_AVX2 : DS_CPU_PORTABLE);
}

static bool matters(uint32_t cp)
{
    return (span_class(cp) & (SPAN_STOP | SPAN_ELLIPSIS | SPAN_DOT | SPAN_MARK)) != 0 || cp == 0x300A || cp == 0x3008;
}

static bool is_listed(const uint16_t *list, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == at)
            return true;
    return false;
}

/* Among ideographs, at places that the vectors look at in different ways. */
START_TEST(every_character_that_matters_is_listed)
{
    enum { AROUND = 40 };
    uint16_t list[SPAN_WINDOW + SPAN_LIST_SLACK];
    size_t number = 0;
    find_finders();
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (!matters(cp))
            continue;
        number++;
        for (size_t before = 0; before <= AROUND; before++) {
            char text[2 * AROUND * 3 + DS_UTF8_MAX];
            for (size_t i = 0; i < sizeof text - 2; i += 3)
                memcpy(text + i, "字", 3);
            ds_utf8_encode(cp, text + before * 3);
            size_t n = before * 3 + ds_utf8_encode(cp, text + before * 3) + (AROUND - before) % 3 * 12;
            for (int k = 0; k < 2; k++) {
                size_t count = finders[k]->marks((ds_str){text, n}, 0, n, list);
                ck_assert_msg(is_listed(list, count, before * 3), "U+%04X is not listed", (unsigned)cp);
            }
        }
    }
    ck_assert_uint_gt(number, 40);
}
END_TEST

static const char *const pieces[] = {
    "字", "字", "一段", "，", "。", "“", "」", "…", "《", "？", "．", "﹗", "a", "1", ".", "!", "\n", "\r", " ",
    "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAA", "\xE2\x81\xA8", "\xE2", "\xE2\x80", "\xE3", "\xEF\xBC", "\xC3",
    "\x80", "\xA8", "\xFF", "é", "😀", "ｱ", "が",
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void fill_text(char *p, size_t n, uint32_t *seed)
{
    size_t kinds = next_random(seed) % (sizeof pieces / sizeof *pieces) + 1;
    for (size_t at = 0; at < n;) {
        const char *piece = pieces[next_random(seed) % kinds];
        for (; *piece != '\0' && at < n; piece++)
            p[at++] = *piece;
    }
}

/* The text lies at the end of its block, so that a sanitizer sees what reads beyond. */
START_TEST(all_paths_find_the_same)
{
    uint16_t list[2][SPAN_WINDOW + SPAN_LIST_SLACK];
    uint32_t seed = 20250127u;
    find_finders();
    for (int round = 0; round < ROUNDS; round++)
        for (size_t n = 1; n <= LONGEST; n++) {
            size_t skew = next_random(&seed) % ALIGNMENTS, beg = next_random(&seed) % n, counts[2], end;
            char *block = malloc(skew + n);
            ck_assert_ptr_nonnull(block);
            fill_text(block + skew, n, &seed);
            ds_str text = {block + skew, n};
            end = beg + next_random(&seed) % (n - beg + 1);
            for (int k = 0; k < 2; k++)
                counts[k] = finders[k]->marks(text, beg, end, list[k]);
            ck_assert_uint_eq(counts[0], counts[1]);
            ck_assert_mem_eq(list[0], list[1], counts[0] * sizeof **list);
            size_t line = finders[0]->line_end(text, beg);
            ck_assert_uint_eq(line, finders[1]->line_end(text, beg));
            for (size_t i = beg; i < line; i++)
                ck_assert(text.p[i] != '\n' && text.p[i] != '\r');
            free(block);
        }
}
END_TEST

/* Marks far apart and close together, over the borders of windows. */
START_TEST(marks_are_handed_out_in_order)
{
    size_t n = 10 * SPAN_WINDOW + 17;
    char *text = malloc(n);
    span_marks *m = malloc(sizeof *m);
    ck_assert(text != NULL && m != NULL);
    memset(text, 'x', n);
    for (size_t i = 0; i < n; i++)
        if (i % SPAN_WINDOW < 3 || i % 5000 > 4990 || (i > 2 * SPAN_WINDOW && i < 3 * SPAN_WINDOW))
            text[i] = '.';
    memset(text + 5 * SPAN_WINDOW, 'x', 3 * SPAN_WINDOW);
    for (size_t step = 1; step < 3 * SPAN_WINDOW; step = step * 3 + 1) {
        span_marks_begin(m, (ds_str){text, n});
        for (size_t off = 0; off <= n; off += step) {
            size_t want = off;
            while (want < n && text[want] != '.')
                want++;
            ck_assert_uint_eq(span_marks_next(m, off), want);
        }
    }
    free(m);
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("span_find");
    TCase *t = tcase_create("span_find");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_character_that_matters_is_listed);
    tcase_add_test(t, all_paths_find_the_same);
    tcase_add_test(t, marks_are_handed_out_in_order);
    suite_add_tcase(s, t);
    return test_main(s);
}

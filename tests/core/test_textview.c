/* test_textview.c - textview.h against plain scans of the same text. */
#include "textview.h"

#include <string.h>

#include "testing.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* `n` bytes of news-like text; with `damage`, ill-formed sequences among them.  The caller frees. */
static ds_str make_text(size_t n, bool damage, uint32_t seed)
{
    static const char *const pieces[] = {"价格战", "價格戰", "，", "。", "“真的吗？”", "OpenAI ", "\n", "e\xCC\x81", "😀", "!"};
    static const char *const broken[] = {"\xE4\xB8", "\xFF", "\x80\x80", "\xED\xA0\x80", "\xF0\x9F"};
    char *p = malloc(n + 32);
    size_t at = 0;
    ck_assert_ptr_nonnull(p);
    while (at < n) {
        bool bad = damage && next_random(&seed) % 4 == 0;
        const char *piece = bad ? broken[next_random(&seed) % 5] : pieces[next_random(&seed) % 10];
        memcpy(p + at, piece, strlen(piece));
        at += strlen(piece);
    }
    return (ds_str){p, n}; /* may end within a character */
}

static ds_text *view_of(ds_str s)
{
    ds_text *t;
    ck_assert_int_eq(ds_text_new(NULL, s, &t, NULL), DS_OK);
    return t;
}

/* Every code point and every byte, both ways. */
static void check_text(ds_text *t)
{
    ds_str s = ds_text_str(t);
    size_t k = 0;
    for (size_t off = 0; off < s.n; k++) {
        uint32_t cp;
        size_t len = ds_utf8_decode(s.p + off, s.n - off, &cp);
        if (ds_text_offset(t, k) != off)
            ck_abort_msg("%zu bytes: code point %zu at %zu, want %zu", s.n, k, ds_text_offset(t, k), off);
        for (size_t i = off; i < off + len; i++)
            if (ds_text_cp(t, i) != k)
                ck_abort_msg("%zu bytes: byte %zu in code point %zu, want %zu", s.n, i, ds_text_cp(t, i), k);
        off += len;
    }
    ck_assert_uint_eq(ds_text_count(t), k);
    ck_assert_uint_eq(ds_text_offset(t, k), s.n);
    ck_assert_uint_eq(ds_text_offset(t, SIZE_MAX), s.n);
    ck_assert_uint_eq(ds_text_cp(t, s.n), k);
    ck_assert_uint_eq(ds_text_cp(t, SIZE_MAX), k);
}

START_TEST(offsets_are_those_of_a_scan)
{
    static const size_t lengths[] = {0, 1, 2, 100, 510, 511, 512, 513, 1023, 1024, 1025, 1537, 5000, 20001};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (uint32_t seed = 1; seed <= 4; seed++) {
            ds_str s = make_text(lengths[i], _i == 1, seed);
            ds_text *t = view_of(s);
            check_text(t);
            ds_text_free(t);
            free((char *)(uintptr_t)s.p);
        }
}
END_TEST

START_TEST(texts_of_one_repeated_piece_at_every_phase)
{
    /* Sequences across the borders of blocks in every way, well-formed and not. */
    static const char *const pieces[] = {"a", "é", "价", "😀", "\x80", "\xE4\xB8", "\xF0\x9F\x98", "\xFF"};
    char text[3 * DS_TEXT_BLOCK + 7];
    for (size_t phase = 0; phase < 4; phase++) {
        size_t len = strlen(pieces[_i]), at = phase;
        memset(text, 'x', sizeof text);
        for (; at + len <= sizeof text; at += len)
            memcpy(text + at, pieces[_i], len);
        ds_text *t = view_of((ds_str){text, sizeof text});
        check_text(t);
        ds_text_free(t);
    }
}
END_TEST

START_TEST(numbers_and_tables_are_those_of_a_scan)
{
    ds_str s = make_text(9000, false, 3);
    ds_text *t = view_of(s);
    ds_spans want;
    const ds_spans *got, *again;
    ck_assert_uint_eq(ds_text_gcount(t), ds_utf8_gcount(s));
    ck_assert_uint_eq(ds_text_gcount(t), ds_utf8_gcount(s));
    ds_spans_init(&want, NULL);
    ck_assert_int_eq(ds_span_sentences(s, &want, NULL), DS_OK);
    ck_assert_int_eq(ds_text_sentences(t, &got, NULL), DS_OK);
    ck_assert_uint_eq(got->count, want.count);
    ck_assert_mem_eq(got->items, want.items, want.count * sizeof *want.items);
    ck_assert_int_eq(ds_text_sentences(t, &again, NULL), DS_OK);
    ck_assert_ptr_eq(again, got);
    want.count = 0;
    ck_assert_int_eq(ds_span_paragraphs(s, &want, NULL), DS_OK);
    ck_assert_int_eq(ds_text_paragraphs(t, &got, NULL), DS_OK);
    ck_assert_uint_eq(got->count, want.count);
    ck_assert_mem_eq(got->items, want.items, want.count * sizeof *want.items);
    ds_spans_clear(&want);
    ds_text_free(t);
    free((char *)(uintptr_t)s.p);
}
END_TEST

START_TEST(the_span_at_a_byte)
{
    ds_span items[] = {{2, 5}, {5, 6}, {9, 12}};
    ds_spans spans = {.items = items, .count = 3};
    static const size_t want[] = {0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 3, 3};
    for (size_t off = 0; off < sizeof want / sizeof *want; off++)
        ck_assert_uint_eq(ds_text_span_at(&spans, off), want[off]);
    spans.count = 0;
    ck_assert_uint_eq(ds_text_span_at(&spans, 0), 0);
}
END_TEST

START_TEST(memory_is_what_the_header_says)
{
    ds_str s = make_text(1 << 20, false, 5);
    test_alloc a;
    ds_text *t;
    test_alloc_init(&a, SIZE_MAX);
    ck_assert_int_eq(ds_text_new(&a.alloc, s, &t, NULL), DS_OK);
    size_t before = a.live;
    ck_assert_uint_eq(ds_text_memory(t), before);
    ds_text_cp(t, 1000);
    ck_assert_uint_le(a.live - before, s.n / DS_TEXT_BLOCK * 8 + 8);
    ck_assert_int_eq(ds_text_prepare(t, NULL), DS_OK);
    ck_assert_uint_eq(ds_text_memory(t), a.live);
    size_t calls = a.calls;
    ds_text_offset(t, 100000);
    ds_text_cp(t, 100000);
    ds_text_count(t);
    ds_text_gcount(t);
    ck_assert_int_eq(ds_text_prepare(t, NULL), DS_OK);
    ck_assert_uint_eq(a.calls, calls);
    ds_text_free(t);
    ck_assert_uint_eq(a.live, 0);
    free((char *)(uintptr_t)s.p);
}
END_TEST

static ds_status use_view(const ds_alloc *a, void *ud)
{
    ds_str s = *(ds_str *)ud;
    ds_text *t;
    const ds_spans *spans = NULL;
    ds_error err;
    ds_status status = ds_text_new(a, s, &t, &err);
    if (status != DS_OK) {
        ck_assert_ptr_null(t);
        return status;
    }
    size_t k = ds_utf8_count(s) / 2;
    ck_assert_uint_eq(ds_text_offset(t, k), ds_utf8_offset(s, k)); /* right with or without an index */
    ck_assert_uint_eq(ds_text_cp(t, ds_utf8_offset(s, k)), k);
    status = ds_text_sentences(t, &spans, &err);
    ck_assert_int_eq(spans != NULL, status == DS_OK);
    if (status == DS_OK)
        status = ds_text_paragraphs(t, &spans, &err);
    if (status == DS_OK)
        status = ds_text_prepare(t, &err);
    if (status != DS_OK)
        ck_assert_int_eq(err.status, status);
    ck_assert_uint_eq(ds_text_count(t), ds_utf8_count(s));
    ds_text_free(t);
    return status;
}

START_TEST(lack_of_memory_is_survived)
{
    ds_str s = make_text(5000, true, 11);
    oom_sweep(use_view, &s);
    free((char *)(uintptr_t)s.p);
}
END_TEST

static ds_status prepare_view(const ds_alloc *a, void *ud)
{
    ds_text *t;
    ds_status status = ds_text_new(a, *(ds_str *)ud, &t, NULL);
    if (status != DS_OK)
        return status;
    status = ds_text_prepare(t, NULL);
    ds_text_free(t);
    return status;
}

START_TEST(preparing_reports_lack_of_memory)
{
    ds_str s = make_text(5000, false, 12);
    oom_sweep(prepare_view, &s);
    free((char *)(uintptr_t)s.p);
}
END_TEST

START_TEST(an_empty_text_is_a_text)
{
    ds_text *t = view_of((ds_str){NULL, 0});
    ck_assert_int_eq(ds_text_prepare(t, NULL), DS_OK);
    check_text(t);
    ck_assert_uint_eq(ds_text_gcount(t), 0);
    ds_text_free(t);
    ds_text_free(NULL);
}
END_TEST

static Suite *textview_suite(void)
{
    Suite *s = suite_create("textview");
    TCase *t = tcase_create("textview");
    tcase_add_loop_test(t, offsets_are_those_of_a_scan, 0, 2);
    tcase_add_loop_test(t, texts_of_one_repeated_piece_at_every_phase, 0, 8);
    tcase_add_test(t, numbers_and_tables_are_those_of_a_scan);
    tcase_add_test(t, the_span_at_a_byte);
    tcase_add_test(t, memory_is_what_the_header_says);
    tcase_add_test(t, lack_of_memory_is_survived);
    tcase_add_test(t, preparing_reports_lack_of_memory);
    tcase_add_test(t, an_empty_text_is_a_text);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(textview_suite());
}

/* test_error.c - error.h and alloc.h. */
#include <string.h>

#include "testing.h"

/* ------------------------------------------------------------------ error */

START_TEST(a_failure_carries_status_place_and_message)
{
    ds_error err;
    ck_assert_int_eq(ds_fail(&err, DS_EFORMAT, 12, 3, "bad %s in column %d", "date", 7), DS_EFORMAT);
    ck_assert_int_eq(err.status, DS_EFORMAT);
    ck_assert_uint_eq(err.off, 12);
    ck_assert_uint_eq(err.line, 3);
    ck_assert_str_eq(err.msg, "bad date in column 7");
    ck_assert_int_eq(ds_fail_nomem(&err), DS_ENOMEM);
    ck_assert_int_eq(err.status, DS_ENOMEM);
    ck_assert_str_eq(err.msg, "out of memory");
}
END_TEST

START_TEST(nobody_has_to_ask_for_the_message)
{
    ck_assert_int_eq(ds_fail(NULL, DS_EIO, 0, 0, "not shown"), DS_EIO);
    ck_assert_int_eq(ds_fail_nomem(NULL), DS_ENOMEM);
}
END_TEST

START_TEST(a_long_message_ends_with_a_whole_character)
{
    ds_error err;
    char text[400];
    for (size_t lead = 0; lead < 4; lead++) { /* the cut falls on each byte of a character */
        memset(text, 'x', lead);
        text[lead] = '\0';
        for (size_t i = 0; i < 80; i++)
            strcat(text, "\xE4\xBB\xB7");
        ds_fail(&err, DS_EINVAL, 0, 0, "%s", text);
        size_t n = strlen(err.msg);
        ck_assert_uint_lt(n, sizeof err.msg);
        ck_assert_uint_ge(n, sizeof err.msg - 5);
        ck_assert_uint_eq((n - lead) % 3, 0);
        ck_assert_mem_eq(err.msg, text, n);
    }
}
END_TEST

START_TEST(every_status_has_a_name_of_its_own)
{
    for (int a = DS_OK; a <= DS_EINVAL; a++) {
        const char *name = ds_status_name((ds_status)a);
        ck_assert_str_ne(name, "unknown status");
        for (int b = DS_OK; b < a; b++)
            ck_assert_str_ne(name, ds_status_name((ds_status)b));
    }
    ck_assert_str_eq(ds_status_name((ds_status)99), "unknown status");
}
END_TEST

/* ------------------------------------------------------------------ views and sizes */

START_TEST(views_compare_by_bytes)
{
    ds_str none = {NULL, 0};
    ck_assert(ds_str_eq(none, ds_str_of("")));
    ck_assert(ds_str_eq(ds_str_of("ab"), (ds_str){"abc", 2}));
    ck_assert(!ds_str_eq(ds_str_of("ab"), ds_str_of("ac")));
    ck_assert(!ds_str_eq((ds_str){"a\0b", 3}, (ds_str){"a\0c", 3}));
    ck_assert_int_eq(ds_str_cmp(none, ds_str_of("")), 0);
    ck_assert_int_lt(ds_str_cmp(none, ds_str_of("a")), 0);
    ck_assert_int_gt(ds_str_cmp(ds_str_of("ab"), ds_str_of("a")), 0);
    ck_assert_int_lt(ds_str_cmp(ds_str_of("a"), ds_str_of("\xE4")), 0); /* unsigned */
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
    size_t out = 5;
    ck_assert(ds_add(SIZE_MAX - 1, 1, &out));
    ck_assert_uint_eq(out, SIZE_MAX);
    ck_assert(!ds_add(SIZE_MAX, 1, &out));
    ck_assert(!ds_mul(SIZE_MAX / 2 + 1, 2, &out));
    ck_assert_uint_eq(out, SIZE_MAX); /* untouched */
    ck_assert(ds_mul(SIZE_MAX / 2, 2, &out));
    ck_assert(ds_mul(SIZE_MAX, 0, &out));
    ck_assert_uint_eq(out, 0);
    ck_assert_ptr_null(ds_calloc(NULL, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(ds_calloc(NULL, 0, 3));
    ck_assert_ptr_null(ds_malloc(NULL, 0));
}
END_TEST

START_TEST(a_growing_array_keeps_what_it_has_when_it_cannot_grow)
{
    int32_t *items = NULL;
    size_t cap = 0;
    ck_assert_int_eq(ds_grow(NULL, (void **)&items, &cap, 3, sizeof *items), DS_OK);
    ck_assert_uint_ge(cap, 3);
    items[2] = 42;
    size_t had = cap;
    ck_assert_int_eq(ds_grow(NULL, (void **)&items, &cap, SIZE_MAX, sizeof *items), DS_ENOMEM);
    ck_assert_int_eq(ds_grow(NULL, (void **)&items, &cap, SIZE_MAX / 2, sizeof *items), DS_ENOMEM);
    ck_assert_uint_eq(cap, had);
    ck_assert_int_eq(items[2], 42);
    ds_mfree(NULL, items, cap * sizeof *items);
    ds_mfree(NULL, NULL, 0);
}
END_TEST

/* ------------------------------------------------------------------ buffers */

START_TEST(a_buffer_holds_what_was_put_there)
{
    ds_buf b;
    ds_buf_init(&b, NULL);
    ck_assert(ds_str_eq(ds_buf_str(&b), ds_str_of("")));
    ds_buf_put(&b, "ab", 2);
    ds_buf_byte(&b, '\0');
    ds_buf_put(&b, NULL, 0);
    ds_buf_u32(&b, 0x01020304u);
    ds_buf_u64(&b, UINT64_C(0x1122334455667788));
    ck_assert_int_eq(b.status, DS_OK);
    ck_assert_uint_eq(b.n, 15);
    ck_assert_mem_eq(b.p, "ab\0\x04\x03\x02\x01\x88\x77\x66\x55\x44\x33\x22\x11", 15);
    ck_assert_uint_eq(ds_load32(b.p + 3), 0x01020304u);
    ck_assert_uint_eq(ds_load64(b.p + 7), UINT64_C(0x1122334455667788));
    ds_buf_reset(&b);
    ck_assert_uint_eq(b.n, 0);
    ds_buf_byte(&b, 'z');
    ck_assert(ds_str_eq(ds_buf_str(&b), ds_str_of("z")));
    ds_buf_clear(&b);
    ds_buf_byte(&b, 'y'); /* may be used again */
    ck_assert_uint_eq(b.n, 1);
    ds_buf_clear(&b);
}
END_TEST

START_TEST(a_buffer_remembers_its_first_failure)
{
    test_alloc t;
    ds_buf b;
    test_alloc_init(&t, 1); /* the first growth works, the second fails */
    ds_buf_init(&b, &t.alloc);
    ds_buf_put(&b, "12345678", 8);
    ck_assert_int_eq(b.status, DS_OK);
    ck_assert(!ds_buf_reserve(&b, 1000));
    ds_buf_byte(&b, 'x'); /* memory is back, but text with a hole is worse than none */
    ck_assert_int_eq(b.status, DS_ENOMEM);
    ck_assert_uint_eq(b.n, 8);
    ck_assert(!ds_buf_reserve(&b, SIZE_MAX));
    ds_buf_reset(&b);
    ck_assert_int_eq(b.status, DS_OK);
    ck_assert(!ds_buf_reserve(&b, SIZE_MAX)); /* overflow counts as lack of memory */
    ds_buf_clear(&b);
    ck_assert_uint_eq(t.live, 0);
}
END_TEST

static ds_status fill_buffer(const ds_alloc *a, void *ud)
{
    (void)ud;
    ds_buf b;
    ds_buf_init(&b, a);
    for (uint32_t i = 0; i < 1000; i++)
        ds_buf_u32(&b, i);
    if (b.status == DS_OK) {
        ck_assert_uint_eq(b.n, 4000);
        ck_assert_uint_eq(ds_load32(b.p + 4 * 999), 999);
    }
    ds_status st = b.status;
    ds_buf_clear(&b);
    return st;
}

static ds_status allocate_cleared(const ds_alloc *a, void *ud)
{
    (void)ud;
    char *p = ds_calloc(a, 10, 3);
    if (p == NULL)
        return DS_ENOMEM;
    for (size_t i = 0; i < 30; i++)
        ck_assert_int_eq(p[i], 0);
    ds_mfree(a, p, 30);
    return DS_OK;
}

START_TEST(lack_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(fill_buffer, NULL);
    oom_sweep(allocate_cleared, NULL);
}
END_TEST

START_TEST(checksums_are_the_standard_ones_and_can_be_continued)
{
    ck_assert_uint_eq(ds_crc32(0, "123456789", 9), 0xCBF43926u); /* the check value of ISO 3309 */
    ck_assert_uint_eq(ds_crc32(ds_crc32(0, "1234", 4), "56789", 5), 0xCBF43926u);
    ck_assert_uint_eq(ds_crc32(7, NULL, 0), 7);
}
END_TEST

static Suite *error_suite(void)
{
    Suite *s = suite_create("error");
    TCase *t = tcase_create("error");
    tcase_add_test(t, a_failure_carries_status_place_and_message);
    tcase_add_test(t, nobody_has_to_ask_for_the_message);
    tcase_add_test(t, a_long_message_ends_with_a_whole_character);
    tcase_add_test(t, every_status_has_a_name_of_its_own);
    tcase_add_test(t, views_compare_by_bytes);
    tcase_add_test(t, sizes_that_overflow_are_refused);
    tcase_add_test(t, a_growing_array_keeps_what_it_has_when_it_cannot_grow);
    tcase_add_test(t, a_buffer_holds_what_was_put_there);
    tcase_add_test(t, a_buffer_remembers_its_first_failure);
    tcase_add_test(t, lack_of_memory_is_reported_and_leaks_nothing);
    tcase_add_test(t, checksums_are_the_standard_ones_and_can_be_continued);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(error_suite());
}

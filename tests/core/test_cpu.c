/* test_cpu.c - cpu.h: what DS_CPU may say, and that the choice stands.  Check runs each test in a process of its own, so
 * each begins with nothing chosen. */
#include "cpu.h"

#include <string.h>

#include "testing.h"

START_TEST(without_a_wish_the_best_path_is_used)
{
    ds_error err = {.msg = "untouched"};
    unsetenv("DS_CPU");
    ck_assert(ds_cpu_has(ds_cpu_active()));
    ck_assert_int_eq(ds_cpu_status(&err), DS_OK);
    ck_assert_str_eq(err.msg, "untouched");
    if (ds_cpu_has(DS_CPU_AVX2) || ds_cpu_has(DS_CPU_NEON))
        ck_assert_int_ne(ds_cpu_active(), DS_CPU_PORTABLE);
}
END_TEST

START_TEST(a_path_that_is_there_can_be_forced)
{
    ds_cpu_path path = (ds_cpu_path)_i;
    if (!ds_cpu_has(path))
        return;
    setenv("DS_CPU", ds_cpu_name(path), 1);
    ck_assert_int_eq(ds_cpu_status(NULL), DS_OK);
    ck_assert_int_eq(ds_cpu_active(), path);
}
END_TEST

START_TEST(a_path_that_is_missing_falls_back_and_says_so)
{
    ds_cpu_path path = (ds_cpu_path)_i;
    ds_error err;
    if (ds_cpu_has(path))
        return;
    setenv("DS_CPU", ds_cpu_name(path), 1);
    ck_assert(ds_cpu_has(ds_cpu_active()));
    ck_assert_int_eq(ds_cpu_status(&err), DS_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.msg, "not in this build or machine"));
    ck_assert_ptr_nonnull(strstr(err.msg, ds_cpu_name(ds_cpu_active())));
}
END_TEST

START_TEST(an_unknown_name_falls_back_and_says_so)
{
    static const char *const wrong[] = {"AVX2", "sse", "portable ", "avx", "1"};
    ds_error err;
    setenv("DS_CPU", wrong[_i], 1);
    ck_assert_int_eq(ds_cpu_status(&err), DS_EINVAL);
    ck_assert_int_eq(err.status, DS_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.msg, "portable, avx2, avx512, neon"));
    ck_assert(ds_cpu_has(ds_cpu_active()));
}
END_TEST

START_TEST(an_empty_wish_is_none)
{
    setenv("DS_CPU", "", 1);
    ck_assert_int_eq(ds_cpu_status(NULL), DS_OK);
}
END_TEST

START_TEST(the_choice_stands_once_it_is_made)
{
    setenv("DS_CPU", "portable", 1);
    ck_assert_int_eq(ds_cpu_active(), DS_CPU_PORTABLE);
    setenv("DS_CPU", "nonsense", 1);
    ck_assert_int_eq(ds_cpu_active(), DS_CPU_PORTABLE);
    ck_assert_int_eq(ds_cpu_status(NULL), DS_OK);
    unsetenv("DS_CPU");
    ck_assert_int_eq(ds_cpu_active(), DS_CPU_PORTABLE);
}
END_TEST

START_TEST(avx512_is_avx2_and_more)
{
    ck_assert(!ds_cpu_has(DS_CPU_AVX512) || ds_cpu_has(DS_CPU_AVX2));
    ck_assert(ds_cpu_has(DS_CPU_PORTABLE));
}
END_TEST

static Suite *cpu_suite(void)
{
    Suite *s = suite_create("cpu");
    TCase *t = tcase_create("cpu");
    tcase_add_test(t, without_a_wish_the_best_path_is_used);
    tcase_add_loop_test(t, a_path_that_is_there_can_be_forced, 0, DS_CPU_PATHS);
    tcase_add_loop_test(t, a_path_that_is_missing_falls_back_and_says_so, 0, DS_CPU_PATHS);
    tcase_add_loop_test(t, an_unknown_name_falls_back_and_says_so, 0, 5);
    tcase_add_test(t, an_empty_wish_is_none);
    tcase_add_test(t, the_choice_stands_once_it_is_made);
    tcase_add_test(t, avx512_is_avx2_and_more);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(cpu_suite());
}

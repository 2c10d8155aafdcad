/* test_userdict.c - the suite of core/userdict. */
#include "userdict.h"

#include <string.h>

#include "testing.h"
#include "lexicon.h"

static const ds_userword *look_up(const ds_userdict *d, const char *word)
{
    int32_t node = 0;
    ds_str s = ds_str_of(word);
    for (size_t i = 0; i < s.n && node != DS_TRIE_NONE;) {
        uint32_t cp;
        i += ds_utf8_decode(s.p + i, s.n - i, &cp);
        node = ds_userdict_step(d, node, cp);
    }
    return node != DS_TRIE_NONE ? ds_userdict_word(d, node) : NULL;
}

static const struct user_line_case {
    const char *line, *word;
    bool good, forced;
    uint64_t freq;
    const char *pos;
} line_cases[] = {
    {"深度求索", "深度求索", true, true, 0, ""},
    {"深度求索 nt", "深度求索", true, true, 0, "nt"},
    {"云计算 5", "云计算", true, false, 5, ""},
    {"李小福 2 nr", "李小福", true, false, 2, "nr"},
    {"  前后空白  ", "前后空白", true, true, 0, ""},
    {"iPhone 16 Pro", "iPhone 16 Pro", true, true, 0, ""},
    {"Model 3\t", "Model 3", true, true, 0, ""},
    {"Model 3\t100\tnz", "Model 3", true, false, 100, "nz"},
    {"纽约Ⅰ线", "紐約Ⅰ線", true, true, 0, ""},
    {"BZ-YQ1722\r", "bz-yq1722", true, true, 0, ""},
    {"零频 0", "零频", true, false, 0, ""},
    {"# 注释", "# 注释", false, false, 0, ""},
    {"词\tabc", "词", false, false, 0, ""},
    {"词\t1\tn\t多", "词", false, false, 0, ""},
    {"词 99999999999999999999", "词", false, false, 0, ""},
    {"\xE8\xAF", "", false, false, 0, ""},
};

START_TEST(line_is_read_as_documented)
{
    const struct user_line_case *c = &line_cases[_i];
    ds_userdict *d;
    ck_assert_int_eq(ds_userdict_new(NULL, &d, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_load(d, ds_str_of(c->line), NULL, NULL, NULL), DS_OK);
    ck_assert_uint_eq(ds_userdict_count(d), c->good);
    const ds_userword *w = c->good ? look_up(d, c->word) : NULL;
    ck_assert_msg((w != NULL) == c->good, "line %d", _i);
    if (w != NULL) {
        ck_assert_int_eq(w->forced, c->forced);
        ck_assert_uint_eq(w->freq, c->freq);
        ck_assert(ds_str_eq(ds_userdict_pos_name(d, w->pos), ds_str_of(c->pos)));
    }
    ds_userdict_free(d);
}
END_TEST

typedef struct reported {
    int count;
    ds_error last;
} reported;

static void take_report(void *ud, const ds_error *bad)
{
    reported *r = ud;
    r->count++;
    r->last = *bad;
}

START_TEST(bad_lines_are_reported_with_line_and_byte_and_skipped)
{
    ds_userdict *d;
    reported r = {0};
    const char *text = "\xEF\xBB\xBF好词\n坏\xFF行\n\n又一个好词 3 n";
    ck_assert_int_eq(ds_userdict_new(NULL, &d, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_load(d, ds_str_of(text), take_report, &r, NULL), DS_OK);
    ck_assert_int_eq(r.count, 1);
    ck_assert_uint_eq(r.last.line, 2);
    ck_assert_uint_eq(r.last.off, 3 + 7 + 3); /* BOM, first line, 坏 */
    ck_assert_uint_eq(ds_userdict_count(d), 2);
    ck_assert_uint_eq(look_up(d, "又一个好词")->line, 4);
    ds_userdict_free(d);
}
END_TEST

START_TEST(removing_one_word_leaves_the_others)
{
    ds_userdict *d;
    ds_str none = {"", 0};
    ck_assert_int_eq(ds_userdict_new(NULL, &d, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_add(d, ds_str_of("大模型"), -1, none, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_add(d, ds_str_of("大模型价格战"), -1, none, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_remove(d, ds_str_of("大模型"), false, NULL), DS_OK);
    ck_assert_ptr_null(look_up(d, "大模型"));
    ck_assert_ptr_nonnull(look_up(d, "大模型價格戰"));
    ck_assert_uint_eq(ds_userdict_count(d), 1);
    ck_assert_int_eq(ds_userdict_add(d, ds_str_of("大模型"), 7, none, NULL), DS_OK);
    ck_assert_uint_eq(look_up(d, "大模型")->freq, 7);
    ds_userdict_free(d);
}
END_TEST

START_TEST(words_that_cannot_be_are_refused)
{
    ds_userdict *d;
    ds_error err;
    ds_str none = {"", 0};
    char longer[3 * (DS_LEXICON_WORD_MAX + 1)];
    for (size_t i = 0; i < sizeof longer; i += 3)
        memcpy(longer + i, "长", 3);
    ck_assert_int_eq(ds_userdict_new(NULL, &d, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_add(d, none, -1, none, &err), DS_EINVAL);
    ck_assert_int_eq(ds_userdict_add(d, ds_str_of("一\n二"), -1, none, &err), DS_EINVAL);
    ck_assert_int_eq(ds_userdict_add(d, (ds_str){"a\0b", 3}, -1, none, &err), DS_EINVAL);
    ck_assert_int_eq(ds_userdict_add(d, (ds_str){longer, sizeof longer}, -1, none, &err), DS_EINVAL);
    ck_assert_int_eq(ds_userdict_add(d, ds_str_of("词"), -1, ds_str_of("averyveryverylongtag"), &err), DS_EINVAL);
    ck_assert_uint_eq(ds_userdict_count(d), 0);
    ds_userdict_free(d);
}
END_TEST

static ds_status load_some(const ds_alloc *a, void *ud)
{
    ds_userdict *d;
    (void)ud;
    ds_status st = ds_userdict_new(a, &d, NULL);
    if (st != DS_OK) {
        ck_assert_ptr_null(d);
        return st;
    }
    st = ds_userdict_load(d, ds_str_of("深度求索 nt\n云计算 5 n\n坏\xFF\n梁文锋 nr\n一二三四五六七八九十"), NULL, NULL, NULL);
    if (st == DS_OK)
        ck_assert_uint_eq(ds_userdict_count(d), 4);
    ds_userdict_free(d);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(load_some, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("userdict");
    TCase *tc = tcase_create("userdict");
    tcase_add_loop_test(tc, line_is_read_as_documented, 0, (int)(sizeof line_cases / sizeof *line_cases));
    tcase_add_test(tc, bad_lines_are_reported_with_line_and_byte_and_skipped);
    tcase_add_test(tc, removing_one_word_leaves_the_others);
    tcase_add_test(tc, words_that_cannot_be_are_refused);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

/* test_lexicon.c - the suite of core/lexicon. */
#include "lexicon.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static const struct sample_word {
    const char *word, *pos;
    uint64_t freq;
} sample_words[] = {{"价格", "n", 900}, {"价格战", "n", 40}, {"打", "v", 3000}, {"芯片", "n", 120},
                    {"T恤", "n", 10},   {"后来", "t", 300},  {"發", "v", 5},    {"罕", "", 0}};
enum { SAMPLE_WORDS = sizeof sample_words / sizeof *sample_words };

static const ds_lexicon_tag sample_tags[] = {{{"v", 1}, 5}, {{"q", 1}, 40}};

static ds_status build_sample(const ds_alloc *a, ds_buf *image)
{
    ds_lexicon_builder *b;
    ds_status st = ds_lexicon_builder_new(a, &b, NULL);
    for (size_t i = 0; i < SAMPLE_WORDS && st == DS_OK; i++)
        st = ds_lexicon_builder_add(b, ds_str_of(sample_words[i].word), sample_words[i].freq,
                                    ds_str_of(sample_words[i].pos), NULL);
    if (st == DS_OK)
        st = ds_lexicon_builder_tags(b, ds_str_of("打"), sample_tags, 2, NULL);
    if (st == DS_OK)
        st = ds_lexicon_builder_pair(b, ds_str_of("n"), ds_str_of("q"), -20, NULL);
    if (st == DS_OK)
        st = ds_lexicon_build(b, ds_str_of("test"), image, NULL);
    ds_lexicon_builder_free(b);
    return st;
}

START_TEST(words_are_found_in_either_script_width_and_case)
{
    ds_buf image;
    ds_lexicon *lex;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(build_sample(NULL, &image), DS_OK);
    ck_assert_int_eq(ds_lexicon_view(NULL, ds_buf_str(&image), &lex, NULL), DS_OK);
    ck_assert_uint_eq(ds_lexicon_count(lex), SAMPLE_WORDS);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("价格战")), 1);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("價格戰")), 1);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("後來")), 5);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("发")), 6);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("ｔ恤")), 4);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("价格战争")), -1);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("格")), -1);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("")), -1);
    ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("\xE4\xBB")), -1);
    ck_assert(ds_str_eq(ds_lexicon_pos_name(lex, ds_lexicon_pos(lex, 2)), ds_str_of("v")));
    ck_assert(ds_str_eq(ds_lexicon_pos_name(lex, ds_lexicon_pos(lex, 7)), ds_str_of("")));
    ck_assert_uint_eq(ds_lexicon_freq(lex, 0), 900);
    ck_assert_uint_eq(ds_lexicon_total(lex), 4376);
    ck_assert_int_eq(ds_lexicon_cost(lex, 99), INT32_MAX);
    /* -log2(900/4376) = 2.2816 bits */
    ck_assert_int_eq(ds_lexicon_cost(lex, 0), (int)(2.2816 * DS_LEXICON_UNIT + 0.5));
    ck_assert_int_eq(ds_lexicon_verify(lex, NULL), DS_OK);
    ds_lexicon_free(lex);
    ds_buf_clear(&image);
}
END_TEST

START_TEST(forms_that_fold_alike_share_one_entry)
{
    ds_lexicon_builder *b;
    ds_lexicon *lex;
    ds_buf image;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(ds_lexicon_builder_new(NULL, &b, NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_builder_add(b, ds_str_of("后"), 3, ds_str_of("nr"), NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_builder_add(b, ds_str_of("後"), 7, ds_str_of("f"), NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_build(b, ds_str_of("test"), &image, NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_view(NULL, ds_buf_str(&image), &lex, NULL), DS_OK);
    ck_assert_uint_eq(ds_lexicon_count(lex), 1);
    ck_assert_uint_eq(ds_lexicon_freq(lex, 0), 10);
    ck_assert(ds_str_eq(ds_lexicon_pos_name(lex, ds_lexicon_pos(lex, 0)), ds_str_of("f")));
    ds_lexicon_free(lex);
    ds_lexicon_builder_free(b);
    ds_buf_clear(&image);
}
END_TEST

START_TEST(bad_words_are_refused)
{
    ds_lexicon_builder *b;
    char longer[3 * (DS_LEXICON_WORD_MAX + 1)];
    for (size_t i = 0; i < sizeof longer; i += 3)
        memcpy(longer + i, "中", 3);
    ck_assert_int_eq(ds_lexicon_builder_new(NULL, &b, NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_builder_add(b, ds_str_of(""), 1, ds_str_of("n"), NULL), DS_EINVAL);
    ck_assert_int_eq(ds_lexicon_builder_add(b, ds_str_of("\xFF"), 1, ds_str_of("n"), NULL), DS_EINVAL);
    ck_assert_int_eq(ds_lexicon_builder_add(b, (ds_str){longer, sizeof longer}, 1, ds_str_of("n"), NULL), DS_EINVAL);
    ck_assert_int_eq(ds_lexicon_builder_add(b, (ds_str){longer, sizeof longer - 3}, 1, ds_str_of("n"), NULL), DS_OK);
    ds_lexicon_builder_free(b);
}
END_TEST

START_TEST(tags_are_refused_that_no_image_could_hold)
{
    ds_lexicon_builder *b;
    ds_str word = ds_str_of("打"), n = ds_str_of("n");
    ds_lexicon_tag tags[DS_LEXICON_TAGS + 1];
    for (size_t i = 0; i <= DS_LEXICON_TAGS; i++)
        tags[i] = (ds_lexicon_tag){n, 0};
    ck_assert_int_eq(ds_lexicon_builder_new(NULL, &b, NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_builder_add(b, word, 1, ds_str_of("v"), NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_builder_tags(b, ds_str_of("价"), tags, 1, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_lexicon_builder_tags(b, word, tags, 0, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_lexicon_builder_tags(b, word, tags, DS_LEXICON_TAGS + 1, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_lexicon_builder_pair(b, n, ds_str_of("v"), 1, NULL), DS_EINVAL); /* no word is n yet */
    ck_assert_int_eq(ds_lexicon_builder_tags(b, word, tags, 1, NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_builder_pair(b, n, ds_str_of(""), 1, NULL), DS_OK);
    tags[0].pos = ds_str_of("");
    ck_assert_int_eq(ds_lexicon_builder_tags(b, word, tags, 1, NULL), DS_EINVAL);
    for (int i = 0; i < 300; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", i);
        tags[0].pos = ds_str_of(name);
        ck_assert_int_eq(ds_lexicon_builder_tags(b, word, tags, 1, NULL), i < 253 ? DS_OK : DS_ELIMIT);
    }
    ds_lexicon_builder_free(b);
}
END_TEST

/* Everything that can be asked of a lexicon, whatever its bytes. */
static void use_all(const ds_lexicon *lex)
{
    ds_lexicon_source(lex);
    for (size_t i = 0; i < SAMPLE_WORDS; i++) {
        int32_t id = ds_lexicon_find(lex, ds_str_of(sample_words[i].word));
        ds_lexicon_cost(lex, id);
        ds_lexicon_freq(lex, id);
        ds_lexicon_pos_name(lex, ds_lexicon_pos(lex, id));
    }
    for (uint32_t cp = 0; cp < 0x110000; cp += 4001)
        ds_lexicon_code(lex, cp);
}

START_TEST(every_truncation_is_refused)
{
    ds_buf image;
    ds_lexicon *lex;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(build_sample(NULL, &image), DS_OK);
    for (size_t n = 0; n < image.n; n += n < 400 ? 1 : 97) {
        char *copy = malloc(n + 1); /* its own block, so that the sanitizer sees a step outside */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, image.p, n);
        ck_assert_int_eq(ds_lexicon_view(NULL, (ds_str){copy, n}, &lex, NULL), DS_EFORMAT);
        ck_assert_ptr_null(lex);
        free(copy);
    }
    ds_buf_clear(&image);
}
END_TEST

START_TEST(every_flipped_bit_is_refused_or_found_by_verify)
{
    ds_buf image;
    ds_lexicon *lex;
    ds_error err;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(build_sample(NULL, &image), DS_OK);
    for (size_t at = 0; at < image.n; at += at < 9400 ? 1 : 13) {
        image.p[at] ^= (char)(1 << at % 8);
        ds_status st = ds_lexicon_view(NULL, ds_buf_str(&image), &lex, &err);
        if (st == DS_OK) {
            use_all(lex);
            st = ds_lexicon_verify(lex, &err);
            ds_lexicon_free(lex);
        }
        /* Bytes between sections, and the header's spare word, carry nothing. */
        bool spare = (at >= 36 && at < 40) || (st == DS_OK && image.p[at] == (char)(1 << at % 8));
        ck_assert_msg(st == DS_EFORMAT || spare, "flip at byte %zu went unnoticed", at);
        image.p[at] ^= (char)(1 << at % 8);
    }
    ds_buf_clear(&image);
}
END_TEST

START_TEST(file_is_mapped_and_a_missing_one_is_named)
{
    char path[] = "/tmp/ds_lexicon_XXXXXX";
    ds_buf image;
    ds_lexicon *lex;
    ds_error err;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(build_sample(NULL, &image), DS_OK);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ds_lexicon_open(NULL, path, &lex, &err), DS_EIO); /* empty */
    ck_assert_int_eq((int)write(fd, image.p, image.n), (int)image.n);
    close(fd);
    ck_assert_int_eq(ds_lexicon_open(NULL, path, &lex, &err), DS_OK);
    use_all(lex);
    ds_lexicon_free(lex);
    unlink(path);
    ck_assert_int_eq(ds_lexicon_open(NULL, path, &lex, &err), DS_EIO);
    ck_assert_ptr_nonnull(strstr(err.msg, path));
    ds_buf_clear(&image);
}
END_TEST

static ds_status build_and_view(const ds_alloc *a, void *ud)
{
    ds_buf image;
    ds_lexicon *lex = NULL;
    (void)ud;
    ds_buf_init(&image, a);
    ds_status st = build_sample(a, &image);
    if (st == DS_OK)
        st = ds_lexicon_view(a, ds_buf_str(&image), &lex, NULL);
    if (st == DS_OK)
        ck_assert_int_eq(ds_lexicon_find(lex, ds_str_of("芯片")), 3);
    ds_lexicon_free(lex);
    ds_buf_clear(&image);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(build_and_view, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lexicon");
    TCase *tc = tcase_create("lexicon");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, words_are_found_in_either_script_width_and_case);
    tcase_add_test(tc, forms_that_fold_alike_share_one_entry);
    tcase_add_test(tc, bad_words_are_refused);
    tcase_add_test(tc, tags_are_refused_that_no_image_could_hold);
    tcase_add_test(tc, every_truncation_is_refused);
    tcase_add_test(tc, every_flipped_bit_is_refused_or_found_by_verify);
    tcase_add_test(tc, file_is_mapped_and_a_missing_one_is_named);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

/* test_segment_more.c - the segmenter beside its texts: candidates, order in full mode, notes in the trie. */
#include <stdio.h>
#include <string.h>

#include "lexicon_int.h"
#include "segment.h"
#include "testing.h"

static ds_buf image;
static ds_lexicon *lexicon;
static ds_userdict *words;

static void add_word(ds_lexicon_builder *b, const char *word, const char *pos, uint64_t freq)
{
    ck_assert_int_eq(ds_lexicon_builder_add(b, ds_str_of(word), freq, ds_str_of(pos), NULL), DS_OK);
}

/* A lexicon in which 马 is a surname, and 马 丁 尔 stand in given names and in transliterations. */
static void set_up(void)
{
    static const char *const given[] = {"丁", "尔", "云", "丽", "明", "华", "强", "伟", "芳", "丁尔", "尔丁"};
    static const char *const foreign[] = {"马丁尔丁", "马尔丁尔", "丁马尔马", "尔马丁马", "丁尔马尔", "尔丁马丁", "马马丁尔", "尔尔马丁"};
    char word[32];
    ds_lexicon_builder *b;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(ds_lexicon_builder_new(NULL, &b, NULL), DS_OK);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        snprintf(word, sizeof word, "马%s", given[i]);
        add_word(b, word, "nr", 1);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        add_word(b, foreign[i], "nr", 1);
    add_word(b, "日本", "ns", 400);
    add_word(b, "本人", "r", 300);
    add_word(b, "日本人", "n", 20);
    add_word(b, "人", "n", 3000);
    ck_assert_int_eq(ds_lexicon_build(b, ds_str_of("test"), &image, NULL), DS_OK);
    ds_lexicon_builder_free(b);
    ck_assert_int_eq(ds_lexicon_view(NULL, ds_buf_str(&image), &lexicon, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_new(NULL, &words, NULL), DS_OK);
}

static void tear_down(void)
{
    ds_userdict_free(words);
    ds_lexicon_free(lexicon);
    ds_buf_clear(&image);
}

static void keep_candidate(void *ud, const ds_candidate *c)
{
    ds_buf_put(ud, c, sizeof *c);
}

START_TEST(a_name_of_two_kinds_is_one_candidate)
{
    ds_segmenter *seg;
    ds_buf list;
    size_t names = 0;
    ds_buf_init(&list, NULL);
    ck_assert_int_eq(ds_segmenter_new(NULL, lexicon, NULL, NULL, &seg, NULL), DS_OK);
    ck_assert_int_eq(ds_segment_candidates(seg, ds_str_of("马丁丁"), keep_candidate, &list, NULL), DS_OK);
    for (size_t i = 0; i < list.n; i += sizeof(ds_candidate)) {
        ds_candidate c;
        memcpy(&c, list.p + i, sizeof c);
        names += c.word == DS_TOKEN_PERSON && c.beg == 0 && c.end == 9;
    }
    ck_assert_uint_eq(names, 1);
    ds_buf_clear(&list);
    ds_segmenter_free(seg);
}
END_TEST

START_TEST(full_mode_keeps_order_and_lists_nothing_twice)
{
    static const struct {
        uint32_t beg, end;
        int32_t user; /* a word of the user's */
    } want[] = {{0, 6, 0}, {3, 9, 0}, {0, 9, 1}};
    ds_segment_options full = {.mode = DS_MODE_FULL};
    ds_segmenter *seg;
    ds_tokens t;
    ds_tokens_init(&t, NULL);
    ck_assert_int_eq(ds_userdict_add(words, ds_str_of("日本人"), -1, ds_str_of("n"), NULL), DS_OK);
    ck_assert_int_eq(ds_segmenter_new(NULL, lexicon, words, &full, &seg, NULL), DS_OK);
    ck_assert_int_eq(ds_segment(seg, ds_str_of("日本人"), &t, NULL), DS_OK);
    ck_assert_uint_eq(t.count, sizeof want / sizeof *want);
    for (size_t i = 0; i < t.count; i++) {
        ck_assert_uint_eq(t.items[i].beg, want[i].beg);
        ck_assert_uint_eq(t.items[i].end, want[i].end);
        ck_assert_int_eq(t.items[i].word == DS_TOKEN_USER, want[i].user);
    }
    ds_tokens_clear(&t);
    ds_segmenter_free(seg);
}
END_TEST

START_TEST(trie_repeats_the_notes_beside_the_values)
{
    ds_trie_builder *b;
    ds_trie trie;
    ds_buf frozen;
    const uint32_t notes[] = {77, 88};
    const uint16_t keys[2][2] = {{3, 4}, {3, 0}};
    int32_t value;
    ds_buf_init(&frozen, NULL);
    ck_assert_int_eq(ds_trie_builder_new(NULL, &b, NULL), DS_OK);
    ck_assert_int_eq(ds_trie_builder_reserve(b, 100000, NULL), DS_OK);
    ck_assert_int_eq(ds_trie_builder_find_or_set(b, keys[0], 2, 0, &value, NULL), DS_OK);
    ck_assert_int_eq(value, 0);
    ck_assert_int_eq(ds_trie_builder_find_or_set(b, keys[0], 2, 9, &value, NULL), DS_OK);
    ck_assert_int_eq(value, 0);
    ck_assert_int_eq(ds_trie_builder_find_or_set(b, keys[1], 1, 1, &value, NULL), DS_OK);
    ck_assert_int_eq(value, 1);
    ck_assert_uint_eq(ds_trie_builder_keys(b), 2);
    ck_assert_int_eq(ds_trie_builder_find_or_set(b, keys[0], 2, -1, &value, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_trie_freeze_noted(b, notes, &frozen, NULL), DS_OK);
    ck_assert(ds_trie_view(ds_buf_str(&frozen), &trie));
    int32_t node = ds_trie_step(&trie, 0, 3), next = ds_trie_step(&trie, node, 4);
    ck_assert_int_eq(ds_trie_value(&trie, node), 1);
    ck_assert_int_eq(ds_trie_cell(&trie, (uint32_t)node, DS_TRIE_NOTE), 88);
    ck_assert_int_eq(ds_trie_value(&trie, next), 0);
    ck_assert_int_eq(ds_trie_cell(&trie, (uint32_t)next, DS_TRIE_NOTE), 77);
    ck_assert_int_eq(ds_trie_value(&trie, 0), DS_TRIE_NONE);
    ds_trie_builder_free(b);
    ds_buf_clear(&frozen);
}
END_TEST

START_TEST(damage_between_sections_is_found)
{
    ds_error err;
    bool found = false;
    ck_assert_int_eq(ds_lexicon_verify(lexicon, &err), DS_OK);
    for (size_t i = LEX_HEADER + LEX_SECTIONS * LEX_ENTRY; i < image.n && i < 4000 && !found; i++) {
        char was = image.p[i];
        image.p[i] = (char)(was ^ 1);
        ck_assert_int_eq(ds_lexicon_verify(lexicon, &err), DS_EFORMAT);
        found = strstr(err.msg, "between") != NULL && err.off == i;
        image.p[i] = was;
    }
    ck_assert(found);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("segment_more");
    TCase *tc = tcase_create("core");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_name_of_two_kinds_is_one_candidate);
    tcase_add_test(tc, full_mode_keeps_order_and_lists_nothing_twice);
    tcase_add_test(tc, trie_repeats_the_notes_beside_the_values);
    tcase_add_test(tc, damage_between_sections_is_found);
    suite_add_tcase(s, tc);
    return test_main(s);
}

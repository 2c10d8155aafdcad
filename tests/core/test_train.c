/* test_train.c - the suite of core/train and of the mode TRAINED, over a small lexicon and gold of its own. */
#include "train.h"

#include <stdio.h>
#include <string.h>

#include "segment_model_int.h"
#include "testing.h"

static const struct tiny_word {
    const char *word, *pos;
    uint64_t freq;
} tiny_words[] = {
    {"价格", "n", 9000}, {"战", "n", 900},   {"价格战", "n", 700}, {"的", "u", 90000}, {"我们", "r", 20000},
    {"他们", "r", 9000}, {"看", "v", 800},   {"被", "p", 20000},   {"了", "u", 60000}, {"云", "n", 300},
    {"计算", "v", 900},  {"公司", "n", 900}, {"的公", "n", 1},     {"大", "a", 9000},  {"小", "a", 9000},
};

/* Gold whose standard is not the default mode's: 价格 | 战, and 云计算 as one word. */
static const char *const gold[] = {
    "我们 看 价格 战 。",          "他们 的 云计算 公司 大 了",   "价格 战 大 了 ， 公司 看 价格 战", "云计算 的 价格 战",
    "大 公司 被 云计算 公司 看 了", "我们 的 价格 战 小 了",       "小 公司 看 云计算 。",             "他们 看 我们 的 价格 战",
    "云计算 被 他们 看 了 。",      "价格 战 被 我们 看 了",       "大 云计算 小 云计算 ，",           "公司 的 价格 战 ， 公司 的 云计算",
};
/* The same in Traditional characters. */
static const char *const traditional[] = {
    "我們 看 價格 戰 。",          "他們 的 雲計算 公司 大 了",   "價格 戰 大 了 ， 公司 看 價格 戰", "雲計算 的 價格 戰",
    "大 公司 被 雲計算 公司 看 了", "我們 的 價格 戰 小 了",       "小 公司 看 雲計算 。",             "他們 看 我們 的 價格 戰",
    "雲計算 被 他們 看 了 。",      "價格 戰 被 我們 看 了",       "大 雲計算 小 雲計算 ，",           "公司 的 價格 戰 ， 公司 的 雲計算",
};
enum { LINES = sizeof gold / sizeof *gold };

static ds_lexicon *tiny_lexicon(const ds_alloc *a, size_t words, ds_buf *image, ds_status *st)
{
    ds_lexicon_builder *b;
    ds_lexicon *lex = NULL;
    *st = ds_lexicon_builder_new(a, &b, NULL);
    for (size_t i = 0; i < words && *st == DS_OK; i++)
        *st = ds_lexicon_builder_add(b, ds_str_of(tiny_words[i].word), tiny_words[i].freq, ds_str_of(tiny_words[i].pos),
                                     NULL);
    if (*st == DS_OK)
        *st = ds_lexicon_build(b, ds_str_of("test"), image, NULL);
    if (*st == DS_OK)
        *st = ds_lexicon_view(a, ds_buf_str(image), &lex, NULL);
    ds_lexicon_builder_free(b);
    return lex;
}

static ds_buf lexicon_image, image;
static ds_lexicon *lex;
static ds_segmodel *model;
static ds_userdict *user;
static ds_segmenter *seg;
static ds_tokens toks;

static ds_status train(const ds_alloc *a, const ds_lexicon *with, const char *const *lines, uint32_t seed, size_t rounds,
                       ds_buf *out)
{
    ds_trainer *t;
    ds_train_options o = {.seed = seed, .least = 1};
    ds_status st = ds_trainer_new(a, with, &o, &t, NULL);
    for (size_t i = 0; i < LINES && st == DS_OK; i++)
        st = ds_trainer_add(t, ds_str_of(lines[i]), NULL);
    if (st == DS_OK)
        st = ds_trainer_begin(t, 0, 0, NULL);
    for (size_t i = 0; i < rounds && st == DS_OK; i++)
        st = ds_trainer_round(t, NULL);
    if (st == DS_OK)
        st = ds_trainer_image(t, ds_str_of("a note"), out, NULL);
    ds_trainer_free(t);
    return st;
}

static void begin_with(const char *const *lines, size_t rounds)
{
    ds_status st;
    ds_buf_init(&lexicon_image, NULL);
    ds_buf_init(&image, NULL);
    lex = tiny_lexicon(NULL, sizeof tiny_words / sizeof *tiny_words, &lexicon_image, &st);
    ck_assert_int_eq(st, DS_OK);
    ck_assert_int_eq(train(NULL, lex, lines, 1, rounds, &image), DS_OK);
    ck_assert_int_eq(ds_segmodel_view(NULL, ds_buf_str(&image), "my.seg", &model, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_new(NULL, &user, NULL), DS_OK);
    ds_segment_options o = {.mode = DS_MODE_TRAINED, .model = model};
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, user, &o, &seg, NULL), DS_OK);
    ds_tokens_init(&toks, NULL);
}

static void begin(void)
{
    begin_with(gold, DS_TRAIN_ROUNDS);
}

static void end(void)
{
    ds_tokens_clear(&toks);
    ds_segmenter_free(seg);
    ds_userdict_free(user);
    ds_segmodel_free(model);
    ds_lexicon_free(lex);
    ds_buf_clear(&image);
    ds_buf_clear(&lexicon_image);
}

static const char *cut_by(const ds_segmenter *by, const char *text)
{
    static char out[4096];
    size_t n = 0;
    toks.count = 0;
    ck_assert_int_eq(ds_segment(by, ds_str_of(text), &toks, NULL), DS_OK);
    test_tokens_join(&toks, ds_str_of(text));
    for (size_t i = 0; i < toks.count; i++)
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i > 0 ? "|" : "",
                              (int)(toks.items[i].end - toks.items[i].beg), text + toks.items[i].beg);
    return out;
}

static const char *cut(const char *text)
{
    return cut_by(seg, text);
}

START_TEST(the_golds_standard_is_learned)
{
    ds_segmenter *by_default;
    begin();
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, NULL, NULL, &by_default, NULL), DS_OK);
    ck_assert_str_eq(cut_by(by_default, "他们看价格战，云计算"), "他们|看|价格战|，|云|计算");
    ck_assert_str_eq(cut("他们看价格战，云计算"), "他们|看|价格|战|，|云计算");
    ck_assert_str_eq(cut("我們看價格戰，雲計算"), "我們|看|價格|戰|，|雲計算");
    ds_segmenter_free(by_default);
    end();
}
END_TEST

START_TEST(gold_in_traditional_characters_teaches_both_scripts)
{
    ds_buf other;
    begin_with(traditional, DS_TRAIN_ROUNDS);
    ck_assert_str_eq(cut("他们看价格战，云计算"), "他们|看|价格|战|，|云计算");
    ck_assert_str_eq(cut("我們看價格戰，雲計算"), "我們|看|價格|戰|，|雲計算");
    ds_buf_init(&other, NULL);
    ck_assert_int_eq(train(NULL, lex, gold, 1, DS_TRAIN_ROUNDS, &other), DS_OK);
    ck_assert(ds_str_eq(ds_buf_str(&other), ds_buf_str(&image)));
    ds_buf_clear(&other);
    end();
}
END_TEST

START_TEST(tokens_have_classes_and_parts_of_speech)
{
    begin();
    cut("我们看价格战 12日云计算三十一");
    ck_assert_int_eq(toks.items[0].word, ds_lexicon_find(lex, ds_str_of("我们")));
    ck_assert(ds_str_eq(ds_segment_pos_name(seg, toks.items[3].pos), ds_str_of("n")));
    ck_assert_int_eq(toks.items[4].cls, DS_CLASS_SPACE);
    for (size_t i = 0; i < toks.count; i++)
        if (toks.items[i].end - toks.items[i].beg == strlen("云计算") && toks.items[i].beg > 20 && i + 1 < toks.count) {
            ck_assert_int_eq(toks.items[i].word, DS_TOKEN_UNKNOWN);
            ck_assert_int_eq(toks.items[i].cls, DS_CLASS_HAN);
        }
    end();
}
END_TEST

START_TEST(without_a_round_the_default_mode_is_right)
{
    begin_with(gold, 0);
    ck_assert_str_eq(cut("他们看价格战，云计算GPT-4o在2025年"), "他们|看|价格战|，|云|计算|GPT-4o|在|2025年");
    end();
}
END_TEST

START_TEST(same_seed_same_bytes)
{
    ds_buf again, other;
    begin();
    ds_buf_init(&again, NULL);
    ds_buf_init(&other, NULL);
    ck_assert_int_eq(train(NULL, lex, gold, 1, DS_TRAIN_ROUNDS, &again), DS_OK);
    ck_assert(ds_str_eq(ds_buf_str(&again), ds_buf_str(&image)));
    ck_assert_int_eq(train(NULL, lex, gold, 2, DS_TRAIN_ROUNDS, &other), DS_OK);
    ck_assert(!ds_str_eq(ds_buf_str(&other), ds_buf_str(&image)));
    ds_buf_clear(&again);
    ds_buf_clear(&other);
    end();
}
END_TEST

START_TEST(forced_words_win_over_the_standard)
{
    begin();
    ck_assert_int_eq(ds_userdict_add(user, ds_str_of("看价"), -1, ds_str_of("v"), NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_add(user, ds_str_of("计算公"), -1, ds_str_of(""), NULL), DS_OK);
    const char *words = cut("他们看价格战，云计算公司");
    ck_assert_msg(strstr(words, "|看价|") != NULL && strstr(words, "|计算公|") != NULL, "%s", words);
    size_t users = 0;
    for (size_t i = 0; i < toks.count; i++)
        users += toks.items[i].word == DS_TOKEN_USER;
    ck_assert_uint_eq(users, 2);
    end();
}
END_TEST

START_TEST(folds_are_scored_on_what_was_held_back)
{
    ds_trainer *t;
    ds_train_score by_default, learned, sum = {0, 0, 0};
    ds_style style;
    begin();
    ds_train_options o = {.seed = 1, .least = 1};
    ck_assert_int_eq(ds_trainer_new(NULL, lex, &o, &t, NULL), DS_OK);
    size_t words = 0;
    for (size_t i = 0; i < LINES; i++) {
        ck_assert_int_eq(ds_trainer_add(t, ds_str_of(gold[i]), NULL), DS_OK);
        for (const char *p = gold[i]; p != NULL; p = strchr(p + 1, ' '))
            words++;
    }
    ck_assert_uint_eq(ds_trainer_lines(t), LINES);
    ck_assert_uint_eq(ds_trainer_words(t), words);
    ck_assert_int_eq(ds_trainer_style(t, &style, NULL), DS_OK);
    ck_assert_int_eq(ds_trainer_default(t, style, &by_default, NULL), DS_OK);
    ck_assert_uint_eq(by_default.gold, words);
    for (size_t fold = 0; fold < 3; fold++) {
        ck_assert_int_eq(ds_trainer_begin(t, fold, 3, NULL), DS_OK);
        for (size_t i = 0; i < DS_TRAIN_ROUNDS; i++)
            ck_assert_int_eq(ds_trainer_round(t, NULL), DS_OK);
        ck_assert_int_eq(ds_trainer_score(t, &learned, NULL), DS_OK);
        sum.gold += learned.gold;
        sum.ours += learned.ours;
        sum.right += learned.right;
    }
    ck_assert_uint_eq(sum.gold, words);
    ck_assert_uint_gt(sum.right, by_default.right);
    ck_assert_uint_le(sum.right, sum.ours);
    ds_trainer_free(t);
    end();
}
END_TEST

static const struct bad_line {
    const char *text;
    size_t n;
    uint64_t off;
} bad_lines[] = {{"价格 \xFF 战", 0, 7}, {"价格\0战", 10, 6}, {"价格 \x01", 0, 7}, {"价格\n战", 0, 6}};

START_TEST(bad_lines_are_refused_and_change_nothing)
{
    ds_trainer *t;
    ds_error err;
    begin();
    const struct bad_line *bad = &bad_lines[_i];
    ck_assert_int_eq(ds_trainer_new(NULL, lex, NULL, &t, NULL), DS_OK);
    ck_assert_int_eq(ds_trainer_add(t, ds_str_of("价格 战"), &err), DS_OK);
    ck_assert_int_eq(ds_trainer_add(t, (ds_str){bad->text, bad->n > 0 ? bad->n : strlen(bad->text)}, &err), DS_EFORMAT);
    ck_assert_uint_eq(err.off, bad->off);
    ck_assert_int_eq(ds_trainer_add(t, ds_str_of("  \t "), &err), DS_OK);
    ck_assert_uint_eq(ds_trainer_lines(t), 1);
    ck_assert_uint_eq(ds_trainer_words(t), 2);
    ck_assert_int_eq(ds_trainer_begin(t, 0, 0, &err), DS_EINVAL);
    ck_assert_int_eq(ds_trainer_round(t, &err), DS_EINVAL);
    ds_trainer_free(t);
    end();
}
END_TEST

START_TEST(lines_without_blanks_are_not_gold)
{
    static char line[3 * 6000];
    ds_trainer *t;
    ds_error err;
    begin();
    ck_assert_int_eq(ds_trainer_new(NULL, lex, NULL, &t, NULL), DS_OK);
    for (size_t i = 0; i + 3 <= sizeof line; i += 3)
        memcpy(line + i, "\xE6\x88\x98", 3);
    ck_assert_int_eq(ds_trainer_add(t, (ds_str){line, 3 * 300}, &err), DS_EFORMAT);
    for (size_t i = 0; i + 6 <= sizeof line; i += 6)
        memcpy(line + i, "\xE6\x88\x98   ", 6);
    ck_assert_int_eq(ds_trainer_add(t, (ds_str){line, sizeof line}, &err), DS_EFORMAT);
    ck_assert_msg(strstr(err.msg, "one sentence a line") != NULL, "%s", err.msg);
    ds_trainer_free(t);
    end();
}
END_TEST

START_TEST(any_text_is_cut_and_joins)
{
    static const char *const texts[] = {"", " ", "\n", "a", "\xFF\xFE", "价\xE4\xBB", "  看  \n\n价格战 ", "12,345.6％的$7",
                                        "https://a.example/看 x@y.example 😀🇨🇳", "#价格战#@公司", "カタカナとひらがな"};
    begin();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cut(texts[i]);
    ds_buf b;
    ds_buf_init(&b, NULL);
    for (size_t i = 0; i < 9000; i++) /* a line of several windows, many of them blanks */
        ds_buf_put(&b, i % 3 == 0 ? "  看" : i % 3 == 1 ? "价格战" : "云计算", i % 3 == 0 ? 5 : 9);
    toks.count = 0;
    ck_assert_int_eq(ds_segment(seg, ds_buf_str(&b), &toks, NULL), DS_OK);
    test_tokens_join(&toks, ds_buf_str(&b));
    for (size_t i = 0; i < toks.count; i++)
        ck_assert_uint_le(toks.items[i].end - toks.items[i].beg, 12);
    ds_buf_clear(&b);
    end();
}
END_TEST

START_TEST(the_segmenter_says_what_it_cuts_by)
{
    char want[128];
    ds_buf b;
    begin();
    ds_buf_init(&b, NULL);
    ds_segmenter_describe(seg, &b);
    snprintf(want, sizeof want, "trained news zh.dslex %08x my.seg %08x", ds_lexicon_crc(lex), ds_segmodel_crc(model));
    ck_assert(ds_str_eq(ds_buf_str(&b), ds_str_of(want)));
    ds_buf_clear(&b);
    end();
}
END_TEST

START_TEST(a_model_goes_with_its_dictionary_only)
{
    ds_buf other_image;
    ds_status st;
    ds_error err;
    ds_segmenter *other_seg;
    begin();
    ds_buf_init(&other_image, NULL);
    ds_lexicon *other = tiny_lexicon(NULL, 5, &other_image, &st);
    ds_segment_options o = {.mode = DS_MODE_TRAINED, .model = model};
    ck_assert_int_eq(ds_segmenter_new(NULL, other, NULL, &o, &other_seg, &err), DS_EINVAL);
    ck_assert_msg(strstr(err.msg, "my.seg") != NULL, "%s", err.msg);
    o.model = NULL;
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, NULL, &o, &other_seg, &err), DS_EINVAL);
    ds_lexicon_free(other);
    ds_buf_clear(&other_image);
    end();
}
END_TEST

/* Writes the checksum that fits. */
static void repair(char *p, size_t n)
{
    uint32_t crc = ds_crc32(ds_crc32(0, p, MODEL_CRC), p + MODEL_CRC + 4, n - MODEL_CRC - 4);
    for (size_t i = 0; i < 4; i++)
        p[MODEL_CRC + i] = (char)(crc >> 8 * i & 0xFF);
}

/* Every byte of the head, and one of some in the rest. */
static size_t next_place(size_t at)
{
    return at < 512 ? at + 1 : at + 331;
}

START_TEST(damage_is_noticed)
{
    ds_segmodel *damaged;
    ds_error err;
    begin();
    char *copy = malloc(image.n);
    for (size_t at = 0; at < image.n; at = next_place(at)) {
        memcpy(copy, image.p, image.n);
        copy[at] = (char)(copy[at] ^ 0x41);
        ck_assert_int_eq(ds_segmodel_view(NULL, (ds_str){copy, image.n}, "x", &damaged, &err), DS_EFORMAT);
        ck_assert_ptr_null(damaged);
        ck_assert_int_eq(ds_segmodel_view(NULL, (ds_str){image.p, at}, "x", &damaged, &err), DS_EFORMAT);
    }
    free(copy);
    end();
}
END_TEST

START_TEST(damage_with_a_right_checksum_does_no_harm)
{
    ds_segmodel *damaged;
    ds_segmenter *by;
    begin();
    char *copy = malloc(image.n);
    size_t opened = 0;
    for (size_t at = 0; at < image.n; at = next_place(at)) {
        memcpy(copy, image.p, image.n);
        copy[at] = (char)(copy[at] ^ 0xC1);
        repair(copy, image.n);
        if (ds_segmodel_view(NULL, (ds_str){copy, image.n}, "x", &damaged, NULL) != DS_OK)
            continue;
        opened++;
        ds_segment_options o = {.mode = DS_MODE_TRAINED, .model = damaged};
        if (ds_segmenter_new(NULL, lex, user, &o, &by, NULL) == DS_OK)
            cut_by(by, "他们看价格战，云计算公司的2025年 GPT-4o");
        ds_segmenter_free(by);
        ds_segmodel_free(damaged);
    }
    ck_assert_uint_gt(opened, 100);
    free(copy);
    end();
}
END_TEST

static ds_status train_and_cut(const ds_alloc *a, void *ud)
{
    ds_buf out;
    ds_segmodel *m = NULL;
    ds_segmenter *by = NULL;
    ds_tokens t;
    (void)ud;
    ds_buf_init(&out, a);
    ds_tokens_init(&t, a);
    ds_status st = train(a, lex, gold, 1, 1, &out);
    if (st == DS_OK)
        st = ds_segmodel_view(a, ds_buf_str(&out), "x", &m, NULL);
    ds_segment_options o = {.mode = DS_MODE_TRAINED, .model = m};
    if (st == DS_OK)
        st = ds_segmenter_new(a, lex, NULL, &o, &by, NULL);
    if (st == DS_OK)
        st = ds_segment(by, ds_str_of("我们看价格战"), &t, NULL);
    ds_tokens_clear(&t);
    ds_segmenter_free(by);
    ds_segmodel_free(m);
    ds_buf_clear(&out);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    begin();
    oom_sweep(train_and_cut, NULL);
    end();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("train");
    TCase *tc = tcase_create("train");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, the_golds_standard_is_learned);
    tcase_add_test(tc, gold_in_traditional_characters_teaches_both_scripts);
    tcase_add_test(tc, tokens_have_classes_and_parts_of_speech);
    tcase_add_test(tc, without_a_round_the_default_mode_is_right);
    tcase_add_test(tc, same_seed_same_bytes);
    tcase_add_test(tc, forced_words_win_over_the_standard);
    tcase_add_test(tc, folds_are_scored_on_what_was_held_back);
    tcase_add_loop_test(tc, bad_lines_are_refused_and_change_nothing, 0, (int)(sizeof bad_lines / sizeof *bad_lines));
    tcase_add_test(tc, lines_without_blanks_are_not_gold);
    tcase_add_test(tc, any_text_is_cut_and_joins);
    tcase_add_test(tc, the_segmenter_says_what_it_cuts_by);
    tcase_add_test(tc, a_model_goes_with_its_dictionary_only);
    tcase_add_test(tc, damage_is_noticed);
    tcase_add_test(tc, damage_with_a_right_checksum_does_no_harm);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

/* test_tag.c - the suite of core/tag, over a lexicon of its own, and of what the segmenter makes of it. */
#include "tag.h"

#include <stdio.h>
#include <string.h>

#include "segment.h"
#include "testing.h"

static const struct word {
    const char *word, *pos;
    uint64_t freq;
} words[] = {
    {"我们", "r", 900}, {"他", "r", 900},  {"的", "uj", 9000}, {"发展", "vn", 500}, {"经济", "n", 500}, {"很", "d", 500},
    {"快", "a", 300},   {"和", "c", 900},  {"公司", "n", 900}, {"组织", "n", 300},  {"员工", "n", 300}, {"把", "p", 500},
    {"刀", "n", 300},   {"一", "m", 900},  {"说", "v", 900},   {"亅", "q", 1},
};

/* Shares of a half and a quarter; n and v, whose names stand for numbers from 1. */
static const struct choice {
    const char *word, *tags[DS_LEXICON_TAGS];
    uint8_t costs[DS_LEXICON_TAGS];
} choices[] = {
    {"发展", {"vn", "v"}, {16, 16}},
    {"组织", {"n", "v"}, {8, 28}},
    {"把", {"p", "q"}, {2, 60}},
    {"经济", {"n", "a"}, {4, 40}},
};

static const struct tag_pair {
    const char *before, *after;
    int8_t cost;
} pairs[] = {
    {"uj", "vn", -24}, {"uj", "v", 16}, {"r", "v", -8},  {"r", "vn", 16}, {"v", "n", -4},   {"n", "v", -2},
    {"n", "n", 2},     {"m", "q", -48}, {"m", "p", 32},  {"q", "n", -8},  {"p", "n", -8},   {"v", "", 8},
    {"vn", "", -8},    {"", "p", -16},  {"n", "a", 8},
};

static ds_status build_lexicon(const ds_alloc *a, bool with_pairs, ds_buf *image, ds_lexicon **lex)
{
    ds_lexicon_builder *b;
    ds_status st = ds_lexicon_builder_new(a, &b, NULL);
    for (size_t i = 0; i < sizeof words / sizeof *words && st == DS_OK; i++)
        st = ds_lexicon_builder_add(b, ds_str_of(words[i].word), words[i].freq, ds_str_of(words[i].pos), NULL);
    for (size_t i = 0; i < sizeof choices / sizeof *choices && st == DS_OK; i++) {
        ds_lexicon_tag tags[DS_LEXICON_TAGS];
        size_t n = 0;
        for (; n < DS_LEXICON_TAGS && choices[i].tags[n] != NULL; n++)
            tags[n] = (ds_lexicon_tag){ds_str_of(choices[i].tags[n]), choices[i].costs[n]};
        st = ds_lexicon_builder_tags(b, ds_str_of(choices[i].word), tags, n, NULL);
    }
    for (size_t i = 0; with_pairs && i < sizeof pairs / sizeof *pairs && st == DS_OK; i++)
        st = ds_lexicon_builder_pair(b, ds_str_of(pairs[i].before), ds_str_of(pairs[i].after), pairs[i].cost, NULL);
    if (st == DS_OK)
        st = ds_lexicon_build(b, ds_str_of("test"), image, NULL);
    ds_lexicon_builder_free(b);
    return st == DS_OK ? ds_lexicon_view(a, ds_buf_str(image), lex, NULL) : st;
}

/* What every test starts from. */
static ds_buf image;
static ds_lexicon *lex;

static void begin(void)
{
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(build_lexicon(NULL, true, &image, &lex), DS_OK);
}

static void end(void)
{
    ds_lexicon_free(lex);
    ds_buf_clear(&image);
}

/* The tokens of `text` as "word/tag word/tag"; the caller clears. */
static ds_status tag_text(const ds_alloc *a, const ds_lexicon *l, const ds_userdict *user, ds_mode mode, const char *text,
                          ds_buf *out)
{
    ds_segmenter *seg;
    ds_tokens toks;
    ds_segment_options options = {.mode = mode};
    ds_tokens_init(&toks, a);
    ds_buf_init(out, a);
    ds_status st = ds_segmenter_new(a, l, user, &options, &seg, NULL);
    if (st == DS_OK)
        st = ds_segment(seg, ds_str_of(text), &toks, NULL);
    for (size_t i = 0; i < toks.count && st == DS_OK; i++) {
        ds_str pos = ds_segment_pos_name(seg, toks.items[i].pos);
        if (i > 0)
            ds_buf_byte(out, ' ');
        ds_buf_put(out, text + toks.items[i].beg, toks.items[i].end - toks.items[i].beg);
        ds_buf_byte(out, '/');
        ds_buf_put(out, pos.p, pos.n);
    }
    ds_segmenter_free(seg);
    ds_tokens_clear(&toks);
    return st == DS_OK ? out->status : st;
}

static void check_tags(const char *text, const char *expected)
{
    ds_buf out;
    ck_assert_int_eq(tag_text(NULL, lex, NULL, DS_MODE_DEFAULT, text, &out), DS_OK);
    ck_assert_msg(ds_str_eq(ds_buf_str(&out), ds_str_of(expected)), "%s: %.*s, not %s", text, (int)out.n, out.p, expected);
    ds_buf_clear(&out);
}

static const struct in_context {
    const char *text, *tags;
} in_context[] = {
    {"他的发展", "他/r 的/uj 发展/vn"},
    {"他发展公司", "他/r 发展/v 公司/n"},
    {"他的發展很快", "他/r 的/uj 發展/vn 很/d 快/a"},
    {"一把刀", "一/m 把/q 刀/n"},
    {"把刀", "把/p 刀/n"},
    {"公司说组织", "公司/n 说/v 组织/n"},
    {"公司組織員工", "公司/n 組織/v 員工/n"}, /* a clause wants a verb */
    {"公司，组织，员工", "公司/n ，/w 组织/n ，/w 员工/n"},
    {"公司、组织、员工说", "公司/n 、/w 组织/n 、/w 员工/n 说/v"},
    {"他的 发展\n发展公司", "他/r 的/uj  / 发展/vn \n/ 发展/v 公司/n"},
    {"一 把2025年", "一/m  / 把/q 2025年/t"},
    {"发展", "发展/vn"},
    {"", ""},
};

START_TEST(words_take_the_tag_that_fits_their_neighbours)
{
    begin();
    check_tags(in_context[_i].text, in_context[_i].tags);
    end();
}
END_TEST

START_TEST(a_lexicon_without_pairs_gives_the_likeliest_tag)
{
    ds_buf plain, out;
    ds_lexicon *l;
    ds_buf_init(&plain, NULL);
    ck_assert_int_eq(build_lexicon(NULL, false, &plain, &l), DS_OK);
    ck_assert_int_eq(tag_text(NULL, l, NULL, DS_MODE_DEFAULT, "一把刀，他发展", &out), DS_OK);
    ck_assert(ds_str_eq(ds_buf_str(&out), ds_str_of("一/m 把/p 刀/n ，/w 他/r 发展/vn")));
    ds_buf_clear(&out);
    ds_lexicon_free(l);
    ds_buf_clear(&plain);
}
END_TEST

START_TEST(a_user_word_keeps_its_tag_and_is_context_to_others)
{
    ds_userdict *user;
    ds_buf out;
    begin();
    ck_assert_int_eq(ds_userdict_new(NULL, &user, NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_add(user, ds_str_of("之的"), -1, ds_str_of("uj"), NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_add(user, ds_str_of("云核"), -1, ds_str_of("own"), NULL), DS_OK);
    ck_assert_int_eq(ds_userdict_add(user, ds_str_of("经济公司"), -1, ds_str_of(""), NULL), DS_OK);
    ck_assert_int_eq(tag_text(NULL, lex, user, DS_MODE_DEFAULT, "他之的发展，云核组织员工，经济公司", &out), DS_OK);
    ck_assert_msg(ds_str_eq(ds_buf_str(&out), ds_str_of("他/r 之的/uj 发展/vn ，/w 云核/own 组织/v 员工/n ，/w 经济公司/")),
                  "%.*s", (int)out.n, out.p);
    ds_buf_clear(&out);
    ds_userdict_free(user);
    end();
}
END_TEST

START_TEST(every_mode_gives_a_tag_of_the_lexicon)
{
    ds_buf out;
    begin();
    ck_assert_int_eq(tag_text(NULL, lex, NULL, DS_MODE_SEARCH, "他的发展", &out), DS_OK);
    ck_assert(ds_str_eq(ds_buf_str(&out), ds_str_of("他/r 的/uj 发展/vn")));
    ds_buf_clear(&out);
    ck_assert_int_eq(tag_text(NULL, lex, NULL, DS_MODE_FULL, "一把刀", &out), DS_OK);
    ck_assert(ds_str_eq(ds_buf_str(&out), ds_str_of("一/m 把/p 刀/n"))); /* no path: the likeliest */
    ds_buf_clear(&out);
    end();
}
END_TEST

/* A run of open words longer than DS_TAG_RUN is cut, but every word gets one of its tags. */
START_TEST(long_runs_are_tagged_to_the_last_word)
{
    enum { N = 20 * DS_TAG_RUN + 7 };
    static char text[N * 6 + 1];
    ds_segmenter *seg;
    ds_tokens toks;
    begin();
    for (size_t i = 0; i < N; i++)
        memcpy(text + i * 6, i % 3 == 2 ? "组织" : "发展", 6);
    ds_tokens_init(&toks, NULL);
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, NULL, NULL, &seg, NULL), DS_OK);
    ck_assert_int_eq(ds_segment(seg, ds_str_of(text), &toks, NULL), DS_OK);
    ck_assert_uint_eq(toks.count, N);
    for (size_t i = 0; i < N; i++) {
        ds_str pos = ds_segment_pos_name(seg, toks.items[i].pos);
        ck_assert(ds_str_eq(pos, ds_str_of("v")) || ds_str_eq(pos, ds_str_of(i % 3 == 2 ? "n" : "vn")));
    }
    ds_tokens_clear(&toks);
    ds_segmenter_free(seg);
    end();
}
END_TEST

/* Of all ways to tag three words between two tags, none is cheaper than the one taken. */
START_TEST(the_way_taken_is_the_cheapest)
{
    static const char *const pick[] = {"发展", "组织", "把", "经济", "公司", "的"};
    enum { PICK = sizeof pick / sizeof *pick };
    begin();
    for (int code = 0; code < PICK * PICK * PICK; code++) {
        uint16_t run[3];
        int32_t ids[3], left = code;
        for (int i = 0; i < 3; i++, left /= PICK) {
            ids[i] = ds_lexicon_find(lex, ds_str_of(pick[left % PICK]));
            run[i] = ds_tag_choices(lex, ids[i]);
        }
        ds_tag_words(lex, 0, run, 3, 0, false);
        uint16_t again[3] = {run[0], run[1], run[2]};
        ds_tag_words(lex, 0, again, 3, 0, true); /* decided words stay */
        ck_assert_mem_eq(run, again, sizeof run);
        for (int i = 0; i < 3; i++) {
            uint16_t alone[1] = {ds_tag_choices(lex, ids[i])};
            ds_tag_words(lex, i > 0 ? run[i - 1] : 0, alone, 1, i < 2 ? run[i + 1] : 0, false);
            ck_assert_uint_eq(alone[0], run[i]); /* changing one word alone does not pay */
        }
    }
    end();
}
END_TEST

/* Offset and length of a section of the image. */
static void find_section(const char *id, size_t *off, size_t *len)
{
    for (size_t at = 40; at + 24 <= image.n; at += 24)
        if (memcmp(image.p + at, id, 4) == 0) {
            *off = (size_t)ds_load64(image.p + at + 8);
            *len = (size_t)ds_load64(image.p + at + 16);
            return;
        }
    ck_abort_msg("no section %s", id);
}

START_TEST(damaged_tables_crash_nothing_and_verify_finds_them)
{
    static const char *const ids[] = {"TAGS", "PAIR", "WORD"};
    ds_buf out;
    begin();
    for (size_t s = 0; s < sizeof ids / sizeof *ids; s++) {
        size_t off = 0, len = 0;
        find_section(ids[s], &off, &len);
        ck_assert_uint_gt(len, 0);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            image.p[off + bit / 8] ^= (char)(1 << bit % 8);
            ck_assert_int_eq(tag_text(NULL, lex, NULL, DS_MODE_DEFAULT, "他的发展，公司组织员工，一把刀", &out), DS_OK);
            ck_assert_int_eq(ds_lexicon_verify(lex, NULL), DS_EFORMAT);
            ds_buf_clear(&out);
            image.p[off + bit / 8] ^= (char)(1 << bit % 8);
        }
    }
    ck_assert_int_eq(ds_lexicon_verify(lex, NULL), DS_OK);
    end();
}
END_TEST

static ds_status build_and_tag(const ds_alloc *a, void *ud)
{
    ds_buf img, out;
    ds_lexicon *l = NULL;
    (void)ud;
    ds_buf_init(&img, a);
    ds_buf_init(&out, a);
    ds_status st = build_lexicon(a, true, &img, &l);
    if (st == DS_OK)
        st = tag_text(a, l, NULL, DS_MODE_DEFAULT, "一把刀，他发展公司", &out);
    if (st == DS_OK)
        ck_assert(ds_str_eq(ds_buf_str(&out), ds_str_of("一/m 把/q 刀/n ，/w 他/r 发展/v 公司/n")));
    ds_buf_clear(&out);
    ds_lexicon_free(l);
    ds_buf_clear(&img);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(build_and_tag, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tag");
    TCase *tc = tcase_create("tag");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, words_take_the_tag_that_fits_their_neighbours, 0, sizeof in_context / sizeof *in_context);
    tcase_add_test(tc, a_lexicon_without_pairs_gives_the_likeliest_tag);
    tcase_add_test(tc, a_user_word_keeps_its_tag_and_is_context_to_others);
    tcase_add_test(tc, every_mode_gives_a_tag_of_the_lexicon);
    tcase_add_test(tc, long_runs_are_tagged_to_the_last_word);
    tcase_add_test(tc, the_way_taken_is_the_cheapest);
    tcase_add_test(tc, damaged_tables_crash_nothing_and_verify_finds_them);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

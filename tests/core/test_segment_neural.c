/* test_segment_neural.c - the segmenter's mode ACCURATE, with a tagger of random weights. */
#include <stdio.h>
#include <string.h>

#include "segment_int.h"
#include "tagger.h"
#include "testing.h"

static ds_buf words, network;
static ds_lexicon *lex;
static ds_nn *nn;

static void set_up(void)
{
    static const struct {
        const char *word, *pos;
        uint64_t freq;
    } list[] = {{"价格", "n", 900}, {"战车", "n", 40}, {"发", "v", 3000}, {"马", "n", 90}, {"的", "uj", 9000}, {"年", "n", 300},
                {"万", "m", 50},    {"价", "n", 30},   {"格", "n", 20},   {"战", "v", 60}, {"车", "n", 800}};
    static const ds_lexicon_tag tags[] = {{{"v", 1}, 5}, {{"n", 1}, 9}};
    ds_lexicon_builder *b;
    ds_buf_init(&words, NULL);
    ds_buf_init(&network, NULL);
    ck_assert_int_eq(ds_lexicon_builder_new(NULL, &b, NULL), DS_OK);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        ck_assert_int_eq(ds_lexicon_builder_add(b, ds_str_of(list[i].word), list[i].freq, ds_str_of(list[i].pos), NULL),
                         DS_OK);
    ck_assert_int_eq(ds_lexicon_builder_tags(b, ds_str_of("战"), tags, 2, NULL), DS_OK);
    ck_assert_int_eq(ds_lexicon_build(b, ds_str_of("test"), &words, NULL), DS_OK);
    ds_lexicon_builder_free(b);
    ck_assert(tagger_image(7, &network));
    ck_assert_int_eq(ds_lexicon_view(NULL, ds_buf_str(&words), &lex, NULL), DS_OK);
    ck_assert_int_eq(ds_nn_view(NULL, ds_buf_str(&network), &nn, NULL), DS_OK);
}

static void tear_down(void)
{
    ds_nn_free(nn);
    ds_lexicon_free(lex);
    ds_buf_clear(&network);
    ds_buf_clear(&words);
}

static ds_segmenter *new_segmenter(const ds_alloc *a)
{
    ds_segment_options o = {.mode = DS_MODE_ACCURATE, .tagger = nn};
    ds_segmenter *seg;
    return ds_segmenter_new(a, lex, NULL, &o, &seg, NULL) == DS_OK ? seg : NULL;
}

static ds_tokens cut(const ds_segmenter *seg, ds_str text)
{
    ds_tokens t;
    ds_tokens_init(&t, NULL);
    ck_assert_int_eq(ds_segment(seg, text, &t, NULL), DS_OK);
    return t;
}

static void assert_joined(const ds_tokens *t, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < t->count; i++) {
        ck_assert_uint_eq(t->items[i].beg, at);
        ck_assert_uint_gt(t->items[i].end, at);
        at = t->items[i].end;
    }
    ck_assert_uint_eq(at, n);
}

/* Characters of the tagger, others, punctuation, now and then a line's end or damage. */
static ds_buf random_text(uint32_t seed, size_t chars, bool lines)
{
    static const char *const some[] = {"价", "格", "戰", "車", "發", "万", "年", "馬", "斯", "克", "的", "，", "龘", "3", "a", "。"};
    ds_buf b;
    ds_buf_init(&b, NULL);
    for (size_t i = 0; i < chars; i++) {
        seed = seed * 1664525u + 1013904223u;
        const char *c = some[(seed >> 8) % 15 + ((seed >> 16) % 40 == 0)];
        if (lines && (seed >> 12) % 50 == 0)
            c = (seed >> 20) % 4 == 0 ? "\xE4\xBB" : "\n";
        ds_buf_put(&b, c, strlen(c));
    }
    return b;
}

START_TEST(tokens_join_to_the_text)
{
    static const size_t sizes[] = {1,    2,    63,   64,   65, 127, 128, 129, 4095, 4096, 4097, DS_SEGMENT_WINDOW - 1,
                                   DS_SEGMENT_WINDOW, DS_SEGMENT_WINDOW + 1, 3 * DS_SEGMENT_WINDOW};
    ds_segmenter *seg = new_segmenter(NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int lines = 0; lines < 2; lines++) {
            ds_buf text = random_text((uint32_t)i, sizes[i], lines == 1);
            ds_tokens t = cut(seg, ds_buf_str(&text));
            assert_joined(&t, text.n);
            ds_tokens_clear(&t);
            ds_buf_clear(&text);
        }
    ds_segmenter_free(seg);
}
END_TEST

START_TEST(a_line_is_cut_alike_alone_and_among_others)
{
    ds_segmenter *seg = new_segmenter(NULL);
    ds_buf text = random_text(99, 9000, true);
    ds_tokens all = cut(seg, ds_buf_str(&text));
    for (size_t beg = 0, k = 0; beg < text.n;) {
        const char *lf = memchr(text.p + beg, '\n', text.n - beg);
        size_t end = lf != NULL ? (size_t)(lf - text.p) + 1 : text.n;
        ds_tokens one = cut(seg, (ds_str){text.p + beg, end - beg});
        for (size_t i = 0; i < one.count; i++, k++) {
            const ds_token *a = &one.items[i], *b = &all.items[k];
            ck_assert(a->beg + beg == b->beg && a->end + beg == b->end && a->word == b->word && a->pos == b->pos &&
                      a->entity == b->entity);
        }
        ds_tokens_clear(&one);
        beg = end;
    }
    ds_tokens_clear(&all);
    ds_buf_clear(&text);
    ds_segmenter_free(seg);
}
END_TEST

START_TEST(memory_beside_the_tokens_is_bounded)
{
    ds_buf text = random_text(5, 60000, false);
    ds_tokens t;
    test_alloc counted;
    test_alloc_init(&counted, SIZE_MAX);
    ds_segmenter *seg = new_segmenter(&counted.alloc);
    size_t before = counted.live;
    ds_tokens_init(&t, NULL);
    ck_assert_int_eq(ds_segment(seg, ds_buf_str(&text), &t, NULL), DS_OK);
    assert_joined(&t, text.n);
    ck_assert_uint_eq(counted.live, before);
    ds_segmenter_free(seg);
    ck_assert_uint_eq(counted.live, 0);
    ds_tokens_clear(&t);
    ds_buf_clear(&text);
}
END_TEST

START_TEST(the_mode_needs_a_tagger)
{
    ds_segment_options o = {.mode = DS_MODE_ACCURATE};
    ds_segmenter *seg;
    ds_error err;
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, NULL, &o, &seg, &err), DS_EINVAL);
    ck_assert_ptr_null(seg);
}
END_TEST

START_TEST(a_description_names_all_that_decides)
{
    char expected[128];
    ds_buf line;
    ds_segmenter *seg = new_segmenter(NULL);
    ds_buf_init(&line, NULL);
    ds_segmenter_describe(seg, &line);
    int n = snprintf(expected, sizeof expected, "accurate news zh.dslex %08x zh.dsnn %08x", ds_lexicon_crc(lex),
                     ds_nn_crc(nn));
    ck_assert_uint_eq(line.n, (size_t)n);
    ck_assert_mem_eq(line.p, expected, line.n);
    ds_buf_clear(&line);
    ds_segmenter_free(seg);
}
END_TEST

/* ---- entities and parts of speech, from marks that are given ---- */

enum { N_B, N_I, V_B, V_I, PER_B, PER_I, ORG_B, ORG_I, OTHER };

static seg_tagset tagset(void)
{
    seg_tagset set;
    seg_tagset_init(nn, &set);
    return set;
}

START_TEST(entities_begin_where_their_tag_does_or_another_ended)
{
    const ds_nn_mark m[] = {{0, PER_B}, {0, PER_I}, {0, PER_B}, {0, N_B}, {0, ORG_I}, {0, ORG_I}, {0, N_B}, {0, ORG_B},
                            {0, ORG_I}};
    seg_tagset set = tagset();
    uint8_t before = DS_ENTITY_NONE;
    ck_assert_uint_eq(seg_marked_entity(&set, m, 0, 1, &before), DS_ENTITY_PER | DS_ENTITY_BEGINS);
    ck_assert_uint_eq(seg_marked_entity(&set, m, 1, 2, &before), DS_ENTITY_PER);
    ck_assert_uint_eq(seg_marked_entity(&set, m, 2, 3, &before), DS_ENTITY_PER | DS_ENTITY_BEGINS);
    ck_assert_uint_eq(seg_marked_entity(&set, m, 3, 4, &before), DS_ENTITY_NONE);
    ck_assert_uint_eq(seg_marked_entity(&set, m, 4, 6, &before), DS_ENTITY_ORG | DS_ENTITY_BEGINS);
    /* what most of the token is */
    ck_assert_uint_eq(seg_marked_entity(&set, m, 6, 9, &before), DS_ENTITY_ORG | DS_ENTITY_BEGINS);
    ck_assert_uint_eq(seg_marked_word(&set, m, 0, 9), 2);
    ck_assert_uint_eq(seg_marked_word(&set, m, 1, 9), 1);
    ck_assert_uint_eq(seg_marked_word(&set, m, 7, 9), 7); /* what is loose is no word to every standard */
    ck_assert_str_eq(ds_entity_name(DS_ENTITY_ORG | DS_ENTITY_BEGINS), "ORG");
    ck_assert_str_eq(ds_entity_name(0), "");
    ck_assert_str_eq(ds_entity_name(77), "");
}
END_TEST

START_TEST(a_part_of_speech_is_one_that_the_lexicon_knows)
{
    const ds_nn_mark noun = {0, N_B}, verb = {0, V_B}, person = {0, PER_B};
    const lex_tables *t = lex_tables_of(lex);
    seg_tagset set = tagset();
    uint16_t fight = ds_tag_choices(lex, ds_lexicon_find(lex, ds_str_of("战"))), n = seg_tag_number(lex, ds_str_of("n"));
    uint16_t car = ds_tag_choices(lex, ds_lexicon_find(lex, ds_str_of("车"))), v = seg_tag_number(lex, ds_str_of("v"));
    ck_assert_uint_eq(seg_marked_pos(t, lex, &set, &noun, 0, 1, fight), n);
    ck_assert_uint_eq(seg_marked_pos(t, lex, &set, &verb, 0, 1, fight), v);
    ck_assert_uint_eq(seg_marked_pos(t, lex, &set, &person, 0, 1, fight), fight); /* left to the neighbours */
    ck_assert_uint_eq(seg_marked_pos(t, lex, &set, &verb, 0, 1, car), car);
    ck_assert_uint_eq(seg_marked_pos(t, lex, &set, &verb, 0, 1, 0), v); /* a word that the lexicon does not know */
    ck_assert_uint_eq(seg_marked_pos(t, lex, &set, &person, 0, 1, 0), 0);
}
END_TEST

/* ---- memory ---- */

static ds_status segment_once(const ds_alloc *a, void *ud)
{
    ds_tokens out;
    (void)ud;
    ds_tokens_init(&out, a);
    ds_segmenter *seg = new_segmenter(a);
    ds_status st = seg != NULL ? ds_segment(seg, ds_str_of("我们的價格战，马斯克的\n车，2025年"), &out, NULL) : DS_ENOMEM;
    ck_assert_uint_eq(out.count > 0, st == DS_OK);
    ds_segmenter_free(seg);
    ds_tokens_clear(&out);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(segment_once, NULL);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("segment_neural");
    TCase *tc = tcase_create("accurate");
    tcase_add_unchecked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, tokens_join_to_the_text);
    tcase_add_test(tc, a_line_is_cut_alike_alone_and_among_others);
    tcase_add_test(tc, memory_beside_the_tokens_is_bounded);
    tcase_add_test(tc, the_mode_needs_a_tagger);
    tcase_add_test(tc, a_description_names_all_that_decides);
    tcase_add_test(tc, entities_begin_where_their_tag_does_or_another_ended);
    tcase_add_test(tc, a_part_of_speech_is_one_that_the_lexicon_knows);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return s;
}

int main(void)
{
    return test_main(suite());
}

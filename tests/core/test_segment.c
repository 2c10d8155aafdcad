/* test_segment.c - the suite of core/segment, over a small lexicon of its own. */
#include "segment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "testing.h"

static const struct tiny_word {
    const char *word, *pos;
    uint64_t freq;
} tiny_words[] = {
    {"价格", "n", 9000},  {"战", "n", 900},     {"价格战", "n", 700}, {"的", "u", 90000},  {"我们", "r", 20000},
    {"发明", "v", 800},   {"被", "p", 20000},   {"头发", "n", 500},   {"发", "v", 3000},   {"了", "u", 60000},
    {"万", "m", 900},     {"美元", "n", 3000},  {"千", "m", 300},     {"千瓦", "q", 200},  {"日本", "ns", 4000},
    {"日", "n", 3000},    {"本", "r", 3000},    {"人", "n", 30000},   {"T恤", "n", 40},    {"月", "n", 4000},
    {"年", "n", 9000},    {"云", "n", 300},     {"计算", "v", 900},   {"线", "n", 900},    {"纽约", "ns", 500},
    {"大", "a", 9000},    {"模型", "n", 900},   {"一", "m", 30000},   {"三", "m", 9000},   {"个", "q", 30000},
    {"航空", "n", 400},   {"公司", "n", 9000},  {"航空公司", "n", 60}, {"消费", "v", 600},  {"者", "n", 900},
    {"消费者", "n", 200}, {"位于", "v", 900},   {"位", "q", 9000},     {"于", "p", 9000},   {"和", "c", 60000},
};

static ds_lexicon *tiny_lexicon(const ds_alloc *a, ds_buf *image, ds_status *st)
{
    ds_lexicon_builder *b;
    ds_lexicon *lex = NULL;
    *st = ds_lexicon_builder_new(a, &b, NULL);
    for (size_t i = 0; i < sizeof tiny_words / sizeof *tiny_words && *st == DS_OK; i++)
        *st = ds_lexicon_builder_add(b, ds_str_of(tiny_words[i].word), tiny_words[i].freq, ds_str_of(tiny_words[i].pos),
                                     NULL);
    if (*st == DS_OK)
        *st = ds_lexicon_build(b, ds_str_of("test"), image, NULL);
    if (*st == DS_OK)
        *st = ds_lexicon_view(a, ds_buf_str(image), &lex, NULL);
    ds_lexicon_builder_free(b);
    return lex;
}

/* What every test starts from. */
static ds_buf image;
static ds_lexicon *lex;
static ds_userdict *user;
static ds_segmenter *seg;
static ds_tokens toks;

static void begin(void)
{
    ds_status st;
    ds_buf_init(&image, NULL);
    lex = tiny_lexicon(NULL, &image, &st);
    ck_assert_int_eq(st, DS_OK);
    ck_assert_int_eq(ds_userdict_new(NULL, &user, NULL), DS_OK);
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, user, NULL, &seg, NULL), DS_OK);
    ds_tokens_init(&toks, NULL);
}

static void end(void)
{
    ds_tokens_clear(&toks);
    ds_segmenter_free(seg);
    ds_userdict_free(user);
    ds_lexicon_free(lex);
    ds_buf_clear(&image);
}

/* The text with `|` between tokens and, where `classes`, the class before each. */
static const char *cut(const char *text, bool classes)
{
    static char out[4096];
    size_t n = 0;
    toks.count = 0;
    ck_assert_int_eq(ds_segment(seg, ds_str_of(text), &toks, NULL), DS_OK);
    test_tokens_join(&toks, ds_str_of(text));
    for (size_t i = 0; i < toks.count; i++) {
        const ds_token *t = &toks.items[i];
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%s%s%.*s", i > 0 ? "|" : "",
                              classes ? ds_class_name((ds_class)t->cls) : "", classes ? ":" : "",
                              (int)(t->end - t->beg), text + t->beg);
    }
    return out;
}

static void add(const char *word, int64_t freq, const char *pos)
{
    ck_assert_int_eq(ds_userdict_add(user, ds_str_of(word), freq, ds_str_of(pos), NULL), DS_OK);
}

static const struct cut_case {
    const char *text, *want;
} cut_cases[] = {
    {"我们的价格战", "我们|的|价格战"},
    {"我們的價格戰", "我們|的|價格戰"},
    {"被发明了", "被|发明|了"},
    {"被發明了", "被|發明|了"},
    {"头发", "头发"},
    {"頭髮", "頭髮"},
    {"GPT-4o的H100", "GPT-4o|的|H100"},
    {"iPhone 16 Pro", "iPhone| |16| |Pro"},
    {"Node.js、C++和R&D", "Node.js|、|C++|和|R&D"},
    {"don't", "don't"},
    {"557.6万美元", "557.6万|美元"},
    {"500千瓦", "500|千瓦"},
    {"459,445人", "459,445|人"},
    {"３．５万", "３．５万"},
    {"1,2,3", "1|,|2|,|3"},
    {"16.86％", "16.86％"},
    {"1/10的人", "1/10|的|人"},
    {"2025年1月27日", "2025年|1月|27日"},
    {"三十年", "三十|年"},
    {"二〇二五年", "二〇二五年"},
    {"十二月三十一日", "十二月|三十一日"},
    {"第十二个", "第十二|个"},
    {"第3个", "第3|个"},
    {"三日本人", "三|日本|人"},
    {"看 https://example.org/a?b=1,2。", "看| |https://example.org/a?b=1,2|。"},
    {"www.example.com.", "www.example.com|."},
    {"ab.c@d-e.org说", "ab.c@d-e.org|说"},
    {"看@some_one说", "看|@some_one|说"},
    {"@ 和@价", "@| |和|@|价"},
    {"#价格战打响#了", "#价格战打响#|了"},
    {"#价格 战#", "#|价格| |战|#"},
    {"##", "##"},
    {"……——！！", "……|——|！|！"},
    {"T恤", "T恤"},
    {"T恤衫AT", "T恤|衫|AT"},
    {"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD\xF0\x9F\x87\xA8\xF0\x9F\x87\xB3", "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD|\xF0\x9F\x87\xA8\xF0\x9F\x87\xB3"},
    {"価格テスト", "価|格|テスト"},
    {"a\r\n\r\nb", "a|\r|\n|\r|\n|b"},
};

START_TEST(text_is_cut_as_expected)
{
    begin();
    ck_assert_str_eq(cut(cut_cases[_i].text, false), cut_cases[_i].want);
    end();
}
END_TEST

/* Cuts with another style or mode. */
static const char *cut_with(const char *text, ds_style style, ds_mode mode)
{
    ds_segment_options o = {.style = style, .mode = mode};
    static char out[1024];
    size_t n = 0;
    ds_segmenter *s;
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, user, &o, &s, NULL), DS_OK);
    toks.count = 0;
    ck_assert_int_eq(ds_segment(s, ds_str_of(text), &toks, NULL), DS_OK);
    for (size_t i = 0; i < toks.count; i++)
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i > 0 ? "|" : "",
                              (int)(toks.items[i].end - toks.items[i].beg), text + toks.items[i].beg);
    ds_segmenter_free(s);
    return out;
}

static const struct style_case {
    const char *text, *news, *ud, *fine;
} style_cases[] = {
    {"航空公司", "航空|公司", "航空|公司", "航空|公司"},
    {"消费者位于日本", "消费者|位于|日本", "消费|者|位|于|日本", "消费|者|位|于|日本"},
    {"2025年1月27日", "2025年|1月|27日", "2025|年|1|月|27|日", "2025|年|1|月|27|日"},
    {"557.6万美元", "557.6万|美元", "557.6万|美元", "557.6|万|美元"},
    {"第十二个", "第十二|个", "第十二|个", "第|十二|个"},
    {"$100和5％", "$100|和|5％", "$100|和|5％", "$|100|和|5|％"},
};

START_TEST(style_decides_what_is_one_word)
{
    const struct style_case *c = &style_cases[_i];
    begin();
    ck_assert_str_eq(cut_with(c->text, DS_STYLE_NEWS, DS_MODE_DEFAULT), c->news);
    test_tokens_join(&toks, ds_str_of(c->text));
    ck_assert_str_eq(cut_with(c->text, DS_STYLE_UD, DS_MODE_DEFAULT), c->ud);
    test_tokens_join(&toks, ds_str_of(c->text));
    ck_assert_str_eq(cut_with(c->text, DS_STYLE_FINE, DS_MODE_DEFAULT), c->fine);
    test_tokens_join(&toks, ds_str_of(c->text));
    end();
}
END_TEST

START_TEST(search_and_full_modes_list_words_inside_words)
{
    begin();
    ck_assert_str_eq(cut_with("航空公司的价格战", DS_STYLE_NEWS, DS_MODE_SEARCH), "航空|公司|航空公司|的|价格|价格战");
    ck_assert_str_eq(cut_with("航空公司的价格战", DS_STYLE_NEWS, DS_MODE_FULL), "航空|公司|航空公司|的|价格|价格战");
    ck_assert_str_eq(cut_with("日本人头发了", DS_STYLE_NEWS, DS_MODE_FULL), "日本|人|头发|了");
    add("本人", 1, "");
    ck_assert_str_eq(cut_with("A日本人3", DS_STYLE_NEWS, DS_MODE_SEARCH), "A|日本|人|3");
    add("空公", -1, "");
    ck_assert_str_eq(cut_with("航空公司", DS_STYLE_NEWS, DS_MODE_FULL), "航空|空公|公司|航空公司");
    end();
}
END_TEST

typedef struct seen_candidates {
    size_t count;
    uint32_t last_beg;
    bool compound, forced;
} seen_candidates;

static void see_candidate(void *ud, const ds_candidate *c)
{
    seen_candidates *seen = ud;
    seen->count++;
    ck_assert_uint_ge(c->beg, seen->last_beg);
    ck_assert_uint_lt(c->beg, c->end);
    seen->last_beg = c->beg;
    seen->compound |= c->end - c->beg == 12;
    seen->forced |= c->user != NULL && c->user->forced;
}

START_TEST(candidates_are_told_in_order_and_with_their_origin)
{
    seen_candidates seen = {0};
    begin();
    add("价格", -1, "");
    ck_assert_int_eq(ds_segment_candidates(seg, ds_str_of("航空公司的价格"), see_candidate, &seen, NULL), DS_OK);
    ck_assert_uint_ge(seen.count, 7);
    ck_assert(seen.forced);
    ck_assert(!seen.compound); /* the news style takes it apart */
    end();
}
END_TEST

START_TEST(classes_are_those_of_the_contract)
{
    begin();
    ck_assert_str_eq(cut("我们AI 3.5 $9 ¥8 10% 2025-01-27 10:30 http://a.b 😀。\xFF", true),
                     "han:我们|latin:AI|space: |number:3.5|space: |money:$9|space: |money:¥8|space: |percent:10%|space: |"
                     "date:2025-01-27|space: |date:10:30|space: |url:http://a.b|space: |emoji:😀|punct:。|bad:\xFF");
    ck_assert_str_eq(ds_class_name(DS_CLASS_COUNT), "");
    end();
}
END_TEST

START_TEST(parts_of_speech_come_from_the_dictionary_or_the_class)
{
    begin();
    cut("我们3。AI", false);
    const char *want[] = {"r", "m", "w", "nx"};
    for (size_t i = 0; i < 4; i++)
        ck_assert(ds_str_eq(ds_segment_pos_name(seg, toks.items[i].pos), ds_str_of(want[i])));
    ck_assert(ds_str_eq(ds_segment_pos_name(seg, UINT16_MAX), ds_str_of("")));
    end();
}
END_TEST

START_TEST(forced_word_always_wins)
{
    begin();
    ck_assert_str_eq(cut("大模型价格战", false), "大|模型|价格战");
    add("大模型", -1, "nz");
    add("格战", -1, "");
    ck_assert_str_eq(cut("大模型价格战", false), "大模型|价|格战");
    ck_assert_str_eq(cut("大模型價格戰", false), "大模型|價|格戰");
    ck_assert(ds_str_eq(ds_segment_pos_name(seg, toks.items[0].pos), ds_str_of("nz")));
    ck_assert_int_eq(toks.items[0].word, DS_TOKEN_USER);
    end();
}
END_TEST

START_TEST(of_two_forced_words_that_cross_the_first_wins)
{
    begin();
    add("模型价", -1, "");
    add("价格战", -1, "");
    add("模型价格", -1, "");
    ck_assert_str_eq(cut("大模型价格战", false), "大|模型价格|战");
    end();
}
END_TEST

START_TEST(forced_word_may_hold_letters_digits_spaces_and_symbols)
{
    begin();
    add("纽约Ⅰ线", -1, "");
    add("V1.0", -1, "");
    add("BZ-YQ1722", -1, "");
    add("iPhone 16 Pro", -1, "");
    add("AI", -1, "");
    ck_assert_str_eq(cut("坐纽约Ⅰ线", false), "坐|纽约Ⅰ线");
    ck_assert_str_eq(cut("发v1.0了", false), "发|v1.0|了");
    ck_assert_str_eq(cut("bz-yq1722的iphone 16 pro", false), "bz-yq1722|的|iphone 16 pro");
    ck_assert_str_eq(cut("OpenAI的AI", false), "OpenAI|的|AI");
    end();
}
END_TEST

START_TEST(suggestion_competes_and_removal_restores)
{
    begin();
    ck_assert_str_eq(cut("云计算", false), "云|计算");
    add("云计算", 20000, "n");
    ck_assert_str_eq(cut("云计算", false), "云计算");
    ck_assert_int_eq(ds_userdict_remove(user, ds_str_of("云计算"), false, NULL), DS_OK);
    ck_assert_str_eq(cut("云计算", false), "云|计算");
    ck_assert_int_eq(ds_userdict_remove(user, ds_str_of("价格战"), true, NULL), DS_OK);
    ck_assert_str_eq(cut("价格战", false), "价格|战");
    end();
}
END_TEST

/* Pieces whose borders and combinations are awkward. */
static const char *const pieces[] = {"价格战", "價",  "a",   "1",  ".",    ",",    "%",  "-",  "@",    "/",  ":",
                                     "http://", "年", "月",  "第", "十",   "\n",   "\r", " ",  "　", "\xFF", "\xE4\xBB",
                                     "\xF0\x9F\x98", "😀", "\xEF\xB8\x8F", "\xE2\x80\x8D", "$", "·", "…", "'", "ア"};
enum { PIECES = sizeof pieces / sizeof *pieces };

/* The tokens of `text` are in toks: those without tags have the same borders. */
static void check_untagged(ds_str text)
{
    ds_tokens bare;
    ds_tokens_init(&bare, NULL);
    ck_assert_int_eq(ds_segment_untagged(seg, text, &bare, NULL), DS_OK);
    ck_assert_uint_eq(bare.count, toks.count);
    for (size_t i = 0; i < bare.count; i++) {
        ck_assert_uint_eq(bare.items[i].beg, toks.items[i].beg);
        ck_assert_uint_eq(bare.items[i].end, toks.items[i].end);
        ck_assert_int_eq(bare.items[i].word, toks.items[i].word);
        ck_assert_uint_eq(bare.items[i].pos, 0);
    }
    ds_tokens_clear(&bare);
}

START_TEST(tokens_join_to_any_input)
{
    char text[600];
    uint32_t seed = 20250127u + (uint32_t)_i;
    begin();
    add("价1", -1, "");
    add("a 1", -1, "");
    add("十年", 50, "");
    for (int round = 0; round < 400; round++) {
        size_t n = 0;
        while (n < 550) {
            seed = seed * 1664525u + 1013904223u;
            const char *p = pieces[(seed >> 16) % PIECES];
            memcpy(text + n, p, strlen(p));
            n += strlen(p);
            if ((seed & 0xFF00) < 0x300)
                break;
        }
        toks.count = 0;
        ck_assert_int_eq(ds_segment(seg, (ds_str){text, n}, &toks, NULL), DS_OK);
        test_tokens_join(&toks, (ds_str){text, n});
        check_untagged((ds_str){text, n});
    }
    end();
}
END_TEST

/* Without a line break or space; atoms, words and unknown characters by turns. */
static char *long_text(const char *unit, size_t times, size_t *n)
{
    size_t len = strlen(unit);
    char *p = malloc(len * times);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < times; i++)
        memcpy(p + i * len, unit, len);
    *n = len * times;
    return p;
}

START_TEST(long_line_is_cut_as_its_parts_are)
{
    static const char *const units[] = {"我们的价格战。", "a", "1", "龘", "十", "http://a", "。", "\xFF"};
    size_t n;
    char *text = long_text(units[_i], 60000, &n);
    begin();
    ck_assert_int_eq(ds_segment(seg, (ds_str){text, n}, &toks, NULL), DS_OK);
    test_tokens_join(&toks, (ds_str){text, n});
    if (_i == 0)
        ck_assert_uint_eq(toks.count, 4 * 60000);
    end();
    free(text);
}
END_TEST

START_TEST(memory_beside_the_tokens_is_bounded)
{
    size_t n;
    char *text = long_text("龘", 1000000, &n);
    test_alloc t;
    ds_segmenter *counted;
    begin();
    test_alloc_init(&t, SIZE_MAX);
    ck_assert_int_eq(ds_segmenter_new(&t.alloc, lex, NULL, NULL, &counted, NULL), DS_OK);
    ck_assert_int_eq(ds_segment(counted, (ds_str){text, n}, &toks, NULL), DS_OK);
    ck_assert_uint_eq(t.calls, 4); /* the segmenter and one window; the tokens have another allocator */
    ds_segmenter_free(counted);
    ck_assert_uint_eq(t.live, 0);
    end();
    free(text);
}
END_TEST

static ds_status segment_once(const ds_alloc *a, void *ud)
{
    ds_status st;
    ds_buf img;
    ds_tokens out;
    ds_segmenter *s = NULL;
    (void)ud;
    ds_buf_init(&img, NULL);
    ds_tokens_init(&out, a);
    ds_lexicon *l = tiny_lexicon(NULL, &img, &st);
    ck_assert_int_eq(st, DS_OK);
    st = ds_segmenter_new(a, l, NULL, NULL, &s, NULL);
    if (st == DS_OK)
        st = ds_segment(s, ds_str_of("我们的价格战，GPT-4o降价10%，我们的价格战。"), &out, NULL);
    ck_assert_uint_eq(out.count > 0, st == DS_OK);
    ds_segmenter_free(s);
    ds_tokens_clear(&out);
    ds_lexicon_free(l);
    ds_buf_clear(&img);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(segment_once, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("segment");
    TCase *tc = tcase_create("segment");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, text_is_cut_as_expected, 0, (int)(sizeof cut_cases / sizeof *cut_cases));
    tcase_add_loop_test(tc, style_decides_what_is_one_word, 0, (int)(sizeof style_cases / sizeof *style_cases));
    tcase_add_test(tc, search_and_full_modes_list_words_inside_words);
    tcase_add_test(tc, candidates_are_told_in_order_and_with_their_origin);
    tcase_add_test(tc, classes_are_those_of_the_contract);
    tcase_add_test(tc, parts_of_speech_come_from_the_dictionary_or_the_class);
    tcase_add_test(tc, forced_word_always_wins);
    tcase_add_test(tc, of_two_forced_words_that_cross_the_first_wins);
    tcase_add_test(tc, forced_word_may_hold_letters_digits_spaces_and_symbols);
    tcase_add_test(tc, suggestion_competes_and_removal_restores);
    tcase_add_loop_test(tc, tokens_join_to_any_input, 0, 10);
    tcase_add_loop_test(tc, long_line_is_cut_as_its_parts_are, 0, 8);
    tcase_add_test(tc, memory_beside_the_tokens_is_bounded);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

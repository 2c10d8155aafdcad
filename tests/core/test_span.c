/* test_span.c - paragraphs, sentences, quotations: examples, and what holds for any bytes. */
#include "span.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "testing.h"

static uint64_t rng_state;

static uint32_t rnd(uint32_t n)
{
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return (uint32_t)((rng_state * 2685821657736338717u) >> 33) % n;
}

/* ---------------------------------------------------------------- examples of sentences */

/* The text with its sentences joined by `|`: blanks between sentences are what may get lost. */
static const struct example {
    const char *text, *want;
} sentence_examples[] = {
    {"", ""},
    {" \t\n　\r\n", ""},
    {"价格跌了。厂商慌了！谁来买单？", "价格跌了。|厂商慌了！|谁来买单？"},
    {"没有句号的一行", "没有句号的一行"},
    {"　　開頭縮排。第二句。\r\n\r\n另一段", "開頭縮排。|第二句。|另一段"},
    {"他问：“真的吗？”她点头。", "他问：“真的吗？”|她点头。"},
    {"「便宜沒好貨。」老闆說。", "「便宜沒好貨。」|老闆說。"},
    {"『好！』「走吧。」", "『好！』|「走吧。」"},
    {"“先降价。再补贴。”经理说。", "“先降价。|再补贴。”|经理说。"},
    {"“值吗？”，她问。", "“值吗？”，她问。"},
    {"“太贵！”、“不值！”等评论刷屏。", "“太贵！”、“不值！”等评论刷屏。"},
    {"“不值！”的喊聲不斷。“走。”的確該走。", "“不值！”的喊聲不斷。|“走。”|的確該走。"},
    {"“再见。”等他走远。", "“再见。”|等他走远。"},
    {"什么！？你再说一遍?!不会吧!!!", "什么！？|你再说一遍?!|不会吧!!!"},
    {"他愣住了……然后笑了。", "他愣住了……然后笑了。"},
    {"故事到此为止……", "故事到此为止……"},
    {"停顿⋯⋯再說。完了。", "停顿⋯⋯再說。|完了。"},
    {"“我不知道……”“那就算了。”", "“我不知道……”|“那就算了。”"},
    {"所谓“等等……”的说法站不住。", "所谓“等等……”的说法站不住。"},
    {"怎么会……？我不信……。好。", "怎么会……？|我不信……。|好。"},
    {"分号不断句；继续写。", "分号不断句；继续写。"},
    {"看过《你为什么降价？》这本书吗？没有。", "看过《你为什么降价？》这本书吗？|没有。"},
    {"《谁动了利润？》", "《谁动了利润？》"},
    {"《没有收尾的书名。第二句。", "《没有收尾的书名。|第二句。"},
    {"成本（只有三十分之一！）让人吃惊。", "成本（只有三十分之一！）让人吃惊。"},
    {"（本文完。）下一篇。", "（本文完。）|下一篇。"},
    {"价格是3.14元。涨了1.5%。", "价格是3.14元。|涨了1.5%。"},
    {"Prices fell. Demand rose. 然后呢?", "Prices fell.|Demand rose.|然后呢?"},
    {"Mr. Wang met Dr. Li in the U.S. Senate. They left.", "Mr. Wang met Dr. Li in the U.S. Senate.|They left."},
    {"J. K. Rowling writes. OpenAI Inc. And so on.", "J. K. Rowling writes.|OpenAI Inc. And so on."},
    {"Ratio was 5 vs. Ten. See e.g. Table 3.", "Ratio was 5 vs. Ten.|See e.g. Table 3."},
    {"1. 先看價格。2. 再看服務。", "1. 先看價格。|2. 再看服務。"},
    {"in 2024. The rest", "in 2024.|The rest"},
    {"他叫埃隆.马斯克。", "他叫埃隆.马斯克。"},
    {"打开 https://a.example/x?y=1!z. 然后看。", "打开 https://a.example/x?y=1!z.|然后看。"},
    {"网址www.example.com/?a!b。对吗", "网址www.example.com/?a!b。|对吗"},
    {"Yahoo! 推出新服务。", "Yahoo! 推出新服务。"},
    {"Really?! Yes.", "Really?!|Yes."},
    {"\"Really?\" he asked. \"No!\" She left.", "\"Really?\" he asked.|\"No!\"|She left."},
    {"他说:\"好。\"她说:\"行。\"", "他说:\"好。\"|她说:\"行。\""},
    {"她說\"好。\" 然後走了。", "她說\"好。\"|然後走了。"},
    {"第一句。\"第二句。\"", "第一句。|\"第二句。\""},
    {"他说。 ”她想。", "他说。 ”|她想。"},
    {"说：”低得离谱。“", "说：”低得离谱。“"},
    {"x != y 时用 !important 返回。", "x != y 时用 !important 返回。"},
    {"。。。", "。。。"},
    {"算了。。。不说了", "算了。。。|不说了"},
    {"Wait... what? Fine.", "Wait... what?|Fine."},
    {"版本２．０发布。好。", "版本２．０发布。|好。"},
    {"结束。\xFF\xFE坏字节。", "结束。|\xFF\xFE坏字节。"},
    {"一。\xE2\x80\xA8二。\xE2\x80\xA9三\r四", "一。|二。|三|四"},
    {"真不错！😀再来。", "真不错！|😀再来。"},
};

static void join_sentences(ds_str text, char *out)
{
    ds_spans v;
    ds_spans_init(&v, NULL);
    ck_assert_int_eq(ds_span_sentences(text, &v, NULL), DS_OK);
    size_t n = 0;
    for (size_t i = 0; i < v.count; i++) {
        if (i > 0)
            out[n++] = '|';
        memcpy(out + n, text.p + v.items[i].beg, v.items[i].end - v.items[i].beg);
        n += v.items[i].end - v.items[i].beg;
    }
    out[n] = '\0';
    ds_spans_clear(&v);
}

START_TEST(sentences_split_as_in_the_examples)
{
    char got[1000];
    join_sentences(ds_str_of(sentence_examples[_i].text), got);
    ck_assert_str_eq(got, sentence_examples[_i].want);
}
END_TEST

/* ---------------------------------------------------------------- paragraphs */

START_TEST(paragraphs_are_trimmed_lines)
{
    ds_spans v;
    ds_spans_init(&v, NULL);
    ds_str text = ds_str_of("　一 二　\n\r\n \xC2\xA0\r三\xE2\x80\xA8\xEF\xBB\xBF四");
    ck_assert_int_eq(ds_span_paragraphs(text, &v, NULL), DS_OK);
    static const char *const want[] = {"一 二", "三", "四"};
    ck_assert_uint_eq(v.count, 3);
    for (size_t i = 0; i < 3; i++) {
        ds_str got = {text.p + v.items[i].beg, v.items[i].end - v.items[i].beg};
        ck_assert(ds_str_eq(got, ds_str_of(want[i])));
    }
    ds_spans_clear(&v);
}
END_TEST

/* ---------------------------------------------------------------- examples of quotations */

/* The quotations by beginning: depth, `<` inner text `>`, and `!` when unclosed. */
static const struct example quotation_examples[] = {
    {"没有引号", ""},
    {"他说：“价格太低。”“是吗？”", "0<价格太低。>0<是吗？>"},
    {"「外層『裡層』還有」『獨立』", "0<外層『裡層』還有>1<裡層>0<獨立>"},
    {"“外层‘里层’完”", "0<外层‘里层’完>1<里层>"},
    {"“没有收尾\n“第二段也没有\n“第三段有。”", "0<没有收尾>!0<第二段也没有>!0<第三段有。>"},
    {"“外层‘没收尾”之后", "0<外层‘没收尾>1<没收尾>!"},
    {"他说\"好\"，又说\"行\"。", "0<好>0<行>"},
    {"所謂 \" 價格戰 \" 只是 \" 噱頭 \" 。", "0< 價格戰 >0< 噱頭 >"},
    {"＂全形＂引號", "0<全形>"},
    {"don't, Musk's, the Musks' plan, '90s, ’tis", ""},
    {"马斯克's 公司", ""},
    {"he said 'cheap' and 'isn't it'.", "0<cheap>0<isn't it>"},
    {"所谓'低价'策略与‘补贴’", "0<低价>0<补贴>"},
    {"DeepSeek'低价'", "0<低价>"},
    {"It’s the ’90s, isn’t it", ""},
    {"“It’s fine,” she said.", "0<It’s fine,>"},
    {"价格”低得离谱\"，真的", "0<低得离谱>"},
    {"他说“好的\"然后走了", "0<好的>"},
    {"他说\"好的”然后走了", "0<好的>"},
    {"他说”好的”然后走了", "0<好的>"},
    {"他说“好的“，然后走了", "0<好的>"},
    {"他说”好的“。", "0<好的>"},
    {"上段的结尾。”他说，“新的开始。”", "0<新的开始。>"},
    {"“他说\"好\"就走”", "0<他说\"好\"就走>1<好>"},
    {"27\" 和 32\" 显示器", ""},
    {"27\" 的\"新款\"显示器", "0<新款>"},
    {"“”空", "0<>"},
    {"只有一个“", "0<>!"},
    {"”", ""},
    {"」』", ""},
    {"“a「b”c", "0<a「b>1<b>!"},
    {"\xFF“\xFE”", "0<\xFE>"},
};

static size_t show_quotation(char *out, size_t n, ds_str text, const ds_quotation *q)
{
    out[n++] = (char)('0' + q->depth);
    out[n++] = '<';
    memcpy(out + n, text.p + q->inner.beg, q->inner.end - q->inner.beg);
    n += q->inner.end - q->inner.beg;
    out[n++] = '>';
    if (!q->closed)
        out[n++] = '!';
    return n;
}

START_TEST(quotations_are_as_in_the_examples)
{
    char got[1000];
    size_t n = 0;
    ds_str text = ds_str_of(quotation_examples[_i].text);
    ds_quotations v;
    ds_quotations_init(&v, NULL);
    ck_assert_int_eq(ds_span_quotations(text, &v, NULL), DS_OK);
    for (size_t i = 0; i < v.count; i++)
        n = show_quotation(got, n, text, &v.items[i]);
    got[n] = '\0';
    ck_assert_msg(strcmp(got, quotation_examples[_i].want) == 0, "%s\n gives %s\n want  %s", text.p, got,
                  quotation_examples[_i].want);
    ds_quotations_clear(&v);
}
END_TEST

START_TEST(a_quotation_knows_its_marks)
{
    ds_quotations v;
    ds_quotations_init(&v, NULL);
    ck_assert_int_eq(ds_span_quotations(ds_str_of("x「y"), &v, NULL), DS_OK);
    ck_assert_int_eq(ds_span_quotations(ds_str_of("「y」z"), &v, NULL), DS_OK);
    ck_assert_uint_eq(v.count, 2);
    ck_assert(v.items[0].outer.beg == 1 && v.items[0].outer.end == 5 && v.items[0].inner.beg == 4);
    ck_assert(v.items[0].open == 0x300C && !v.items[0].closed);
    ck_assert(v.items[1].outer.beg == 0 && v.items[1].outer.end == 7 && v.items[1].inner.end == 4);
    ds_quotations_clear(&v);
}
END_TEST

/* ---------------------------------------------------------------- any bytes */

static const char *const tricky[] = {
    "。", "！", "？", "!", "?", ".", "．", "…", "⋯", "；", "，", ",", "“", "”", "‘", "’", "\"", "'", "「", "」", "『", "』",
    "《", "》", "（", "）", "(", ")", "[", "]", "＂", " ", "　", "\n", "\r", "\t", "\xE2\x80\xA8", "\xE2\x80\x8B", "A",
    "a", "s", "9", "价", "格", "www.", "http://", "U.S.", "Mr", "Yahoo", "\xE4", "\xE4\xBB", "\xBB", "\xFF", "",
    "\xF0\x9F\x98\x80", "<", "é",
};

static size_t random_bytes(char *buf, size_t units)
{
    size_t n = 0;
    for (size_t i = 0; i < units; i++) {
        const char *s = tricky[rnd(sizeof tricky / sizeof *tricky)];
        size_t len = s[0] == '\0' ? 1 : strlen(s); /* "" stands for NUL */
        memcpy(buf + n, s, len);
        n += len;
    }
    return n;
}

static bool is_space(uint32_t cp)
{
    return cp == ' ' || (cp >= 9 && cp <= 13) || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200B) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000 || cp == 0xFEFF;
}

/* Spans in order, not empty, apart, with no white space at their ends and nothing else between them. */
static void check_cover(ds_str text, const ds_spans *v)
{
    size_t i = 0;
    uint32_t cp;
    for (size_t off = 0, len; off < text.n; off += len) {
        len = ds_utf8_decode(text.p + off, text.n - off, &cp);
        while (i < v->count && v->items[i].end <= off)
            i++;
        bool inside = i < v->count && v->items[i].beg <= off;
        bool at_end = inside && (v->items[i].beg == off || v->items[i].end == off + len);
        ck_assert_msg(inside || is_space(cp), "byte %zu is in no span", off);
        ck_assert_msg(!at_end || !is_space(cp), "white space at the end of a span, byte %zu", off);
        ck_assert(!inside || off + len <= v->items[i].end);
    }
    for (i = 0; i < v->count; i++)
        ck_assert(v->items[i].beg < v->items[i].end && (i == 0 || v->items[i - 1].end <= v->items[i].beg));
}

static void check_inside(const ds_spans *inner, const ds_spans *outer)
{
    size_t k = 0;
    for (size_t i = 0; i < inner->count; i++) {
        while (outer->items[k].end <= inner->items[i].beg)
            k++;
        ck_assert(outer->items[k].beg <= inner->items[i].beg && inner->items[i].end <= outer->items[k].end);
    }
}

/* In order, properly nested, depths that tell the nesting, within paragraphs. */
static void check_quotations(const ds_quotations *v, const ds_spans *pars)
{
    const ds_quotation *open[DS_SPAN_MAX_DEPTH];
    size_t depth = 0, k = 0;
    for (size_t i = 0; i < v->count; i++) {
        const ds_quotation *q = &v->items[i];
        while (depth > 0 && open[depth - 1]->outer.end <= q->outer.beg)
            depth--;
        while (pars->items[k].end <= q->outer.beg)
            k++;
        ck_assert(pars->items[k].beg <= q->outer.beg && q->outer.end <= pars->items[k].end);
        ck_assert_uint_eq(q->depth, depth);
        ck_assert(depth == 0 || (open[depth - 1]->inner.beg <= q->outer.beg && q->outer.end <= open[depth - 1]->inner.end));
        ck_assert(q->outer.beg < q->inner.beg && q->inner.beg <= q->inner.end && q->inner.end <= q->outer.end);
        ck_assert(q->closed == (q->inner.end < q->outer.end));
        ck_assert_uint_lt(depth, DS_SPAN_MAX_DEPTH);
        open[depth++] = q;
    }
}

START_TEST(any_bytes_are_covered_and_nested)
{
    static char buf[400 * 8];
    rng_state = 5000u + (uint64_t)_i;
    printf("any_bytes: seed %d\n", 5000 + _i);
    for (int round = 0; round < 400; round++) {
        size_t n = random_bytes(buf, rnd(round % 10 == 0 ? 400 : 30));
        char *copy = malloc(n + 1); /* of its own, so that the sanitizer sees a step outside */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, buf, n);
        copy = realloc(copy, n > 0 ? n : 1);
        ds_str text = {copy, n};
        ds_spans pars, sents;
        ds_quotations quotes;
        ds_spans_init(&pars, NULL);
        ds_spans_init(&sents, NULL);
        ds_quotations_init(&quotes, NULL);
        ck_assert_int_eq(ds_span_paragraphs(text, &pars, NULL), DS_OK);
        ck_assert_int_eq(ds_span_sentences(text, &sents, NULL), DS_OK);
        ck_assert_int_eq(ds_span_quotations(text, &quotes, NULL), DS_OK);
        check_cover(text, &pars);
        check_cover(text, &sents);
        check_inside(&sents, &pars);
        check_quotations(&quotes, &pars);
        ds_spans_clear(&pars);
        ds_spans_clear(&sents);
        ds_quotations_clear(&quotes);
        free(copy);
    }
}
END_TEST

/* ---------------------------------------------------------------- linear time */

static const char *const patterns[] = {
    "“", "”", "“”", "\"", "'", "'a ", " 'a", "’", "”好", "’好", "‘", "「“", "「』", "“\"", "\"“好", "《", "〈", "《。", "。", "….",
    "a", "a://\"", "www.", "://)", "?", ". ", "a.", "\n", "\xFF", "“好\"", "”\"", "' '",
};

static double seconds_for(const char *pattern, size_t bytes)
{
    size_t len = strlen(pattern), n = bytes / len * len;
    char *p = malloc(n);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < n; i += len)
        memcpy(p + i, pattern, len);
    ds_spans sents;
    ds_quotations quotes;
    ds_spans_init(&sents, NULL);
    ds_quotations_init(&quotes, NULL);
    clock_t t = clock();
    ck_assert_int_eq(ds_span_sentences((ds_str){p, n}, &sents, NULL), DS_OK);
    ck_assert_int_eq(ds_span_quotations((ds_str){p, n}, &quotes, NULL), DS_OK);
    double s = (double)(clock() - t) / CLOCKS_PER_SEC;
    ds_spans_clear(&sents);
    ds_quotations_clear(&quotes);
    free(p);
    return s;
}

/* A megabyte of one repeated pattern: quadratic work would take hours, so that the generous limit on a
 * slow machine with sanitizers still tells the two apart. */
START_TEST(repeated_marks_take_linear_time)
{
    double s = seconds_for(patterns[_i], 1u << 20);
    ck_assert_msg(s < 20, "\"%s\" repeated to 1 MiB: %.1f s", patterns[_i], s);
}
END_TEST

/* ---------------------------------------------------------------- memory */

static ds_status oom_body(const ds_alloc *a, void *ud)
{
    ds_str text = ds_str_of((const char *)ud);
    ds_spans pars, sents;
    ds_quotations quotes;
    ds_spans_init(&pars, a);
    ds_spans_init(&sents, a);
    ds_quotations_init(&quotes, a);
    ds_status st = ds_span_paragraphs(text, &pars, NULL);
    ck_assert_uint_eq(pars.count, st == DS_OK ? 10 : 0);
    if (st == DS_OK) {
        st = ds_span_sentences(text, &sents, NULL);
        ck_assert_uint_eq(sents.count, st == DS_OK ? 20 : 0);
    }
    if (st == DS_OK) {
        st = ds_span_quotations(text, &quotes, NULL);
        ck_assert_uint_eq(quotes.count, st == DS_OK ? 10 : 0);
    }
    ds_spans_clear(&pars);
    ds_spans_clear(&sents);
    ds_quotations_clear(&quotes);
    return st;
}

START_TEST(lack_of_memory_leaves_the_results_as_they_were)
{
    char text[10 * 32 + 1];
    for (int i = 0; i < 10; i++)
        strcpy(text + i * 25, "一。「二」二。\n    ");
    oom_sweep(oom_body, text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("span");
    TCase *t = tcase_create("span");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, sentences_split_as_in_the_examples, 0,
                        (int)(sizeof sentence_examples / sizeof *sentence_examples));
    tcase_add_test(t, paragraphs_are_trimmed_lines);
    tcase_add_loop_test(t, quotations_are_as_in_the_examples, 0,
                        (int)(sizeof quotation_examples / sizeof *quotation_examples));
    tcase_add_test(t, a_quotation_knows_its_marks);
    tcase_add_loop_test(t, any_bytes_are_covered_and_nested, 0, 10);
    tcase_add_loop_test(t, repeated_marks_take_linear_time, 0, (int)(sizeof patterns / sizeof *patterns));
    tcase_add_test(t, lack_of_memory_leaves_the_results_as_they_were);
    suite_add_tcase(s, t);
    return test_main(s);
}

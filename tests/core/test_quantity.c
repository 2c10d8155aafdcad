/* test_quantity.c - numbers in text: examples in both scripts, what is no quantity, numerals written and read back. */
#include "quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "testing.h"

#define S(literal) {literal, sizeof(literal) - 1}

static const ds_quantity_row rows[] = {
    {S("元"), S("CNY"), 1, DS_ROLE_MONEY},       {S("块"), S("CNY"), 1, DS_ROLE_MONEY},
    {S("块钱"), S("CNY"), 1, DS_ROLE_MONEY},     {S("美元"), S("USD"), 1, DS_ROLE_MONEY},
    {S("元旦"), S(""), 1, DS_ROLE_NONE},         {S("%"), S("%"), 1, DS_ROLE_PERCENT},
    {S("成"), S("%"), 10, DS_ROLE_PERCENT},      {S("折"), S("%"), 10, DS_ROLE_PERCENT},
    {S("个点"), S("%"), 1, DS_ROLE_PERCENT},     {S("百分点"), S("pp"), 1, DS_ROLE_PP},
    {S("倍"), S("x"), 1, DS_ROLE_TIMES},         {S("番"), S("x"), 1, DS_ROLE_TIMES},
    {S("个"), S("个"), 1, DS_ROLE_COUNT},        {S("人"), S("人"), 1, DS_ROLE_COUNT},
    {S("辆"), S("辆"), 1, DS_ROLE_COUNT},        {S("次"), S("次"), 1, DS_ROLE_COUNT},
    {S("次元"), S(""), 1, DS_ROLE_NONE},         {S("GPU小时"), S("GPU-hour"), 1, DS_ROLE_COUNT},
    {S("token"), S("token"), 1, DS_ROLE_COUNT},  {S("参数"), S("参数"), 1, DS_ROLE_COUNT},
    {S("点"), S("点"), 1, DS_ROLE_LOOSE},        {S("年"), S("year"), 1, DS_ROLE_TIME},
    {S("月"), S("month"), 1, DS_ROLE_TIME},      {S("小时"), S("hour"), 1, DS_ROLE_TIME},
    {S("公里"), S("km"), 1, DS_ROLE_MEASURE},    {S("米"), S("m"), 1, DS_ROLE_MEASURE},
    {S("兆瓦"), S("MW"), 1, DS_ROLE_MEASURE},    {S("左右"), S("~"), 0, DS_ROLE_AFTER},
    {S("以上"), S(">="), 0, DS_ROLE_AFTER},      {S("芯片"), S(""), 1, DS_ROLE_THING},
    {S("号线"), S(""), 1, DS_ROLE_ORDINAL},      {S("$"), S("USD"), 1, DS_ROLE_PREFIX},
    {S("港币"), S("HKD"), 1, DS_ROLE_PREFIX},    {S("近"), S("~"), 0, DS_ROLE_BEFORE},
    {S("约"), S("~"), 0, DS_ROLE_BEFORE},        {S("超过"), S(">"), 0, DS_ROLE_BEFORE},
    {S("上"), S(">"), 0, DS_ROLE_BEFORE},        {S("不到"), S("<"), 0, DS_ROLE_BEFORE},
    {S("附近"), S(""), 1, DS_ROLE_SKIP},         {S("万一"), S(""), 1, DS_ROLE_SKIP},
    {S("十分"), S(""), 1, DS_ROLE_SKIP},         {S("增长"), S(""), 1, DS_ROLE_UP},
    {S("下滑"), S(""), 1, DS_ROLE_DOWN},         {S("营收"), S(""), 1, DS_ROLE_CUE},
    {S("昨日"), S("day"), -1, DS_ROLE_DATE},     {S("去年"), S("year"), -1, DS_ROLE_DATE},
    {S("编号"), S(""), 1, DS_ROLE_ID},           {S("翻倍"), S("x"), 2, DS_ROLE_WHOLE},
};
#define ROWS (sizeof rows / sizeof *rows)

static ds_quantity_words *words_of(const ds_alloc *a)
{
    ds_quantity_words *w;
    ds_error err;
    ck_assert_int_eq(ds_quantity_words_new(a, rows, ROWS, &w, &err), DS_OK);
    return w;
}

/* ---------------------------------------------------------------- examples */

#define NONE NAN

static const struct quantity_case {
    const char *text, *span, *unit;
    double value, value_to;
    ds_quantity_kind kind;
    ds_approx approx;
    int direction;
} quantity_cases[] = {
    {"花了557.6万美元。", "557.6万美元", "USD", 5576000, 5576000, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"花了557.6萬美元。", "557.6萬美元", "USD", 5576000, 5576000, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"近6000億美元", "近6000億美元", "USD", 6e11, 6e11, DS_QUANTITY_MONEY, DS_APPROX_ABOUT, 0},
    {"附近6000元", "6000元", "CNY", 6000, 6000, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"營收257億,", "257億", "", 257e8, 257e8, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"要 5.5 至 6 万元", "5.5 至 6 万元", "CNY", 55000, 60000, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"6~7倍", "6~7倍", "x", 6, 7, DS_QUANTITY_MULTIPLE, DS_APPROX_EXACT, 0},
    {"１元～４元", "１元～４元", "CNY", 1, 4, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"三四百人", "三四百人", "人", 300, 400, DS_QUANTITY_COUNT, DS_APPROX_EXACT, 0},
    {"十七八个", "十七八个", "个", 17, 18, DS_QUANTITY_COUNT, DS_APPROX_EXACT, 0},
    {"十分之一", "十分之一", "", 0.1, 0.1, DS_QUANTITY_RATIO, DS_APPROX_EXACT, 0},
    {"仅为1/10", "1/10", "", 0.1, 0.1, DS_QUANTITY_RATIO, DS_APPROX_EXACT, 0},
    {"幾十分之一", "幾十分之一", "", NONE, NONE, DS_QUANTITY_RATIO, DS_APPROX_SOME, 0},
    {"百分之三十五", "百分之三十五", "", 35, 35, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, 0},
    {"6成", "6成", "%", 60, 60, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, 0},
    {"五折", "五折", "%", 50, 50, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, 0},
    {"八五折", "八五折", "%", 85, 85, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, 0},
    {"85折", "85折", "%", 85, 85, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, 0},
    {"1.3倍", "1.3倍", "x", 1.3, 1.3, DS_QUANTITY_MULTIPLE, DS_APPROX_EXACT, 0},
    {"翻两番", "两番", "x", 4, 4, DS_QUANTITY_MULTIPLE, DS_APPROX_EXACT, 0},
    {"销量翻倍", "翻倍", "x", 2, 2, DS_QUANTITY_MULTIPLE, DS_APPROX_EXACT, 1},
    {"要三万五。", "三万五", "", 35000, 35000, DS_QUANTITY_NUMBER, DS_APPROX_EXACT, 0},
    {"要5万3。", "5万3", "", 53000, 53000, DS_QUANTITY_NUMBER, DS_APPROX_EXACT, 0},
    {"十亿3000万元", "十亿3000万元", "CNY", 1030000000, 1030000000, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"不到600万元", "不到600万元", "CNY", 6e6, 6e6, DS_QUANTITY_MONEY, DS_APPROX_LESS, 0},
    {"用了2.788M GPU小时", "2.788M GPU小时", "GPU-hour", 2788000, 2788000, DS_QUANTITY_COUNT, DS_APPROX_EXACT, 0},
    {"280万个GPU小时", "280万个GPU小时", "GPU-hour", 2800000, 2800000, DS_QUANTITY_COUNT, DS_APPROX_EXACT, 0},
    {"$5 billion", "$5 billion", "USD", 5e9, 5e9, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"港幣500元", "港幣500元", "HKD", 500, 500, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"12,345元", "12,345元", "CNY", 12345, 12345, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"１，２３４元", "１，２３４元", "CNY", 1234, 1234, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"3 万****美****元", "3 万****美****元", "USD", 30000, 30000, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"上万人", "上万人", "人", 10000, 10000, DS_QUANTITY_COUNT, DS_APPROX_MORE, 0},
    {"330多个", "330多个", "个", 330, 330, DS_QUANTITY_COUNT, DS_APPROX_MORE, 0},
    {"2个多百分点", "2个多百分点", "pp", 2, 2, DS_QUANTITY_PERCENT, DS_APPROX_MORE, 0},
    {"11个亿,", "11个亿", "", 11e8, 11e8, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"增长8%", "8%", "%", 8, 8, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, 1},
    {"下滑3.5个点", "3.5个点", "%", 3.5, 3.5, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, -1},
    {"同比-3.2%", "-3.2%", "%", -3.2, -3.2, DS_QUANTITY_PERCENT, DS_APPROX_EXACT, -1},
    {"10倍以上", "10倍以上", "x", 10, 10, DS_QUANTITY_MULTIPLE, DS_APPROX_LEAST, 0},
    {"两年半", "两年半", "year", 2.5, 2.5, DS_QUANTITY_DURATION, DS_APPROX_EXACT, 0},
    {"3个半小时", "3个半小时", "hour", 3.5, 3.5, DS_QUANTITY_DURATION, DS_APPROX_EXACT, 0},
    {"半年", "半年", "year", 0.5, 0.5, DS_QUANTITY_DURATION, DS_APPROX_EXACT, 0},
    {"100兆瓦", "100兆瓦", "MW", 100, 100, DS_QUANTITY_MEASURE, DS_APPROX_EXACT, 0},
    {"高1米8。", "1米8", "m", 1.8, 1.8, DS_QUANTITY_MEASURE, DS_APPROX_EXACT, 0},
    {"2048块芯片", "2048块", "", 2048, 2048, DS_QUANTITY_COUNT, DS_APPROX_EXACT, 0},
    {"參數6710億", "6710億", "参数", 671e9, 671e9, DS_QUANTITY_COUNT, DS_APPROX_EXACT, 0},
    {"一万二千亿元", "一万二千亿元", "CNY", 12e11, 12e11, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"收在三四．九九八元", "三四．九九八元", "CNY", 34.998, 34.998, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"一三○元", "一三○元", "CNY", 130, 130, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
    {"不到同行的三分之一", "三分之一", "", 1.0 / 3, 1.0 / 3, DS_QUANTITY_RATIO, DS_APPROX_LESS, 0},
    {"9.38万元", "9.38万元", "CNY", 93800, 93800, DS_QUANTITY_MONEY, DS_APPROX_EXACT, 0},
};

static bool near_value(double got, double want)
{
    return isnan(want) ? isnan(got) : fabs(got - want) <= 1e-12 * fabs(want);
}

START_TEST(examples_have_value_unit_and_span)
{
    const struct quantity_case *c = &quantity_cases[_i];
    ds_quantity_words *w = words_of(NULL);
    ds_quantities v;
    ds_quantities_init(&v, NULL);
    ck_assert_int_eq(ds_quantity_find(w, ds_str_of(c->text), &v, NULL), DS_OK);
    ck_assert_msg(v.count == 1, "%s: %zu quantities", c->text, v.count);
    const ds_quantity *q = &v.items[0];
    ck_assert_msg(q->end - q->beg == strlen(c->span) && memcmp(c->text + q->beg, c->span, q->end - q->beg) == 0,
                  "%s: span is [%zu, %zu)", c->text, q->beg, q->end);
    ck_assert_msg(near_value(q->value, c->value) && near_value(q->value_to, c->value_to), "%s: %.17g to %.17g", c->text,
                  q->value, q->value_to);
    ck_assert_msg(ds_str_eq(ds_quantity_unit(w, q->unit), ds_str_of(c->unit)), "%s: unit %.*s", c->text,
                  (int)ds_quantity_unit(w, q->unit).n, ds_quantity_unit(w, q->unit).p);
    ck_assert_msg(q->kind == c->kind && q->approx == c->approx && q->direction == c->direction, "%s: kind %d, approx %d, direction %d",
                  c->text, q->kind, q->approx, q->direction);
    ds_quantities_clear(&v);
    ds_quantity_words_free(w);
}
END_TEST

static const char *const not_quantities[] = {
    "", "没有数字", "GPT-4o和R1，还有H100", "Grok 3 发布", "Model 3", "Llama 3 70B", "Qwen2.5-72B", "v1.2.3版",
    "https://a.example/2025/01?id=3000&n=5%", "电话010-12345678", "13812345678", "400-820-8820", "1. 第一条", "2、其次",
    "（3）再次", "第三次", "3号线", "万一下雨", "十分重要", "二次元", "一个人", "二次开发", "2025元旦", "上午10点", "3点半", "编号600519",
    "4K视频", "比分3:2", "24/7", "007", "一块走", "百", "千", "两", "半",
};

START_TEST(names_and_marks_are_no_quantities)
{
    ds_quantity_words *w = words_of(NULL);
    ds_quantities v;
    ds_quantities_init(&v, NULL);
    ck_assert_int_eq(ds_quantity_find(w, ds_str_of(not_quantities[_i]), &v, NULL), DS_OK);
    ck_assert_msg(v.count == 0, "%s: a quantity at %zu", not_quantities[_i], v.count > 0 ? v.items[0].beg : 0);
    ds_quantities_clear(&v);
    ds_quantity_words_free(w);
}
END_TEST

static const struct date_case {
    const char *text, *span;
    int year, month, day, to_month, to_day; /* 0: open */
} date_cases[] = {
    {"2025年1月27日，", "2025年1月27日", 2025, 1, 27, 1, 27}, {"2025-01-27", "2025-01-27", 2025, 1, 27, 1, 27},
    {"於1月27日", "1月27日", 0, 1, 27, 1, 27},                {"二〇二五年一月", "二〇二五年一月", 2025, 1, 0, 1, 0},
    {"民國114年2月", "民國114年2月", 2025, 2, 0, 2, 0},       {"25年3月5号", "25年3月5号", 2025, 3, 5, 3, 5},
    {"1月27日至2月3日", "1月27日至2月3日", 0, 1, 27, 2, 3},   {"27-29日", "27-29日", 0, 0, 27, 0, 29},
    {"1-3月", "1-3月", 0, 1, 0, 3, 0},
};

static bool same_part(int16_t got, int want)
{
    return want == 0 ? got == DS_DATE_OPEN : got == want;
}

START_TEST(dates_keep_what_the_text_leaves_open)
{
    const struct date_case *c = &date_cases[_i];
    ds_quantity_words *w = words_of(NULL);
    ds_quantities v;
    ds_quantities_init(&v, NULL);
    ck_assert_int_eq(ds_quantity_find(w, ds_str_of(c->text), &v, NULL), DS_OK);
    ck_assert_msg(v.count == 1 && v.items[0].kind == DS_QUANTITY_DATE, "%s: %zu", c->text, v.count);
    const ds_quantity *q = &v.items[0];
    ck_assert_msg(q->end - q->beg == strlen(c->span), "%s: [%zu, %zu)", c->text, q->beg, q->end);
    ck_assert_msg(same_part(q->date.year, c->year) && same_part(q->date.month, c->month) && same_part(q->date.day, c->day),
                  "%s: %d-%d-%d", c->text, q->date.year, q->date.month, q->date.day);
    ck_assert_msg(same_part(q->date_to.month, c->to_month) && same_part(q->date_to.day, c->to_day), "%s: to %d-%d", c->text,
                  q->date_to.month, q->date_to.day);
    ds_quantities_clear(&v);
    ds_quantity_words_free(w);
}
END_TEST

START_TEST(relative_dates_count_from_the_article)
{
    ds_quantity_words *w = words_of(NULL);
    ds_quantities v;
    ds_quantities_init(&v, NULL);
    ck_assert_int_eq(ds_quantity_find(w, ds_str_of("昨日，去年第四季度，Q3"), &v, NULL), DS_OK);
    ck_assert_uint_eq(v.count, 3);
    ck_assert_int_eq(v.items[0].date.day_rel, -1);
    ck_assert_int_eq(v.items[1].date.year_rel, -1);
    ck_assert_int_eq(v.items[1].date.quarter, 4);
    ck_assert_int_eq(v.items[2].date.quarter, 3);
    ds_quantities_clear(&v);
    ds_quantity_words_free(w);
}
END_TEST

START_TEST(what_is_counted_per_is_kept)
{
    static const struct {
        const char *text, *per;
    } cases[] = {{"每百万token 1元", "百万token"}, {"200美元/月", "月"}, {"每辆3000元", "辆"}, {"3元", ""}};
    ds_quantity_words *w = words_of(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ds_quantities v;
        ds_quantities_init(&v, NULL);
        ck_assert_int_eq(ds_quantity_find(w, ds_str_of(cases[i].text), &v, NULL), DS_OK);
        ck_assert_msg(v.count == 1, "%s: %zu", cases[i].text, v.count);
        ds_str per = {cases[i].text + v.items[0].per_beg, v.items[0].per_end - v.items[0].per_beg};
        ck_assert_msg(ds_str_eq(per, ds_str_of(cases[i].per)), "%s: per %.*s", cases[i].text, (int)per.n, per.p);
        ds_quantities_clear(&v);
    }
    ds_quantity_words_free(w);
}
END_TEST

/* ---------------------------------------------------------------- written and read back */

static uint64_t rng_state = 20250127u;

static uint64_t rnd(void)
{
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return rng_state * 2685821657736338717u;
}

static const char *const han_digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};

/* Four digits, a zero inside said once; `lead` when something stands before them. */
static void write_group(char *to, unsigned n, bool lead)
{
    static const char *const tens[] = {"千", "百", "十", ""};
    unsigned unit = 1000;
    bool zero = false;
    for (int i = 0; i < 4; i++, unit /= 10) {
        unsigned d = n / unit % 10;
        if (d == 0) {
            zero = true;
            continue;
        }
        if (zero && lead)
            strcat(to, "零");
        strcat(to, han_digits[d]);
        strcat(to, tens[i]);
        zero = false;
        lead = true;
    }
}

static void write_han(char *to, uint64_t n)
{
    to[0] = '\0';
    if (n >= 100000000) {
        write_han(to, n / 100000000);
        strcat(to, "亿");
    }
    unsigned high = (unsigned)(n / 10000 % 10000), low = (unsigned)(n % 10000);
    if (high > 0) {
        write_group(to + strlen(to), high, n >= 100000000);
        strcat(to, "万");
    }
    if (low > 0)
        write_group(to + strlen(to), low, n >= 10000);
}

START_TEST(numerals_are_read_as_they_are_written)
{
    ds_quantity_words *w = words_of(NULL);
    for (int round = 0; round < 4000; round++) {
        char text[400];
        uint64_t n = rnd() % (1ull << (1 + rnd() % 43)) + 11;
        ds_quantities v;
        write_han(text, n);
        strcat(text, "公里");
        ds_quantities_init(&v, NULL);
        ck_assert_int_eq(ds_quantity_find(w, ds_str_of(text), &v, NULL), DS_OK);
        ck_assert_msg(v.count == 1 && near_value(v.items[0].value, (double)n), "%s: %zu found, %.17g", text, v.count,
                      v.count > 0 ? v.items[0].value : 0);
        ds_quantities_clear(&v);
    }
    ds_quantity_words_free(w);
}
END_TEST

START_TEST(any_bytes_are_taken_and_spans_stay_in_order)
{
    static const char *const pieces[] = {
        "5", "12", ".", ",", "，", "万", "億", "十", "三", "分之", "%", "元", "/", "-", "~", "至", "**", " ", "\n", "年", "月", "日", "近", "不到",
        "第", "每", "GPT-4", "个", "多", "半", "\xE4\xB8", "\xFF", "几", "$", "Q3", "点", "token", "民国", "折",
    };
    ds_quantity_words *w = words_of(NULL);
    for (int round = 0; round < 5000; round++) {
        char text[400] = "";
        for (size_t n = 1 + rnd() % 20; n > 0; n--)
            strcat(text, pieces[rnd() % (sizeof pieces / sizeof *pieces)]);
        ds_quantities v;
        size_t reached = 0;
        ds_quantities_init(&v, NULL);
        ck_assert_int_eq(ds_quantity_find(w, ds_str_of(text), &v, NULL), DS_OK);
        for (size_t i = 0; i < v.count; i++) {
            const ds_quantity *q = &v.items[i];
            ck_assert_msg(q->beg >= reached && q->beg < q->end && q->end <= strlen(text), "%s: [%zu, %zu) after %zu", text, q->beg,
                          q->end, reached);
            ck_assert(q->beg <= q->number_beg && q->number_beg < q->end && q->clause_beg <= q->number_beg);
            ck_assert(q->per_beg <= q->per_end && q->per_end <= strlen(text));
            reached = q->end;
        }
        ds_quantities_clear(&v);
    }
    ds_quantity_words_free(w);
}
END_TEST

/* ---------------------------------------------------------------- the table, and memory */

START_TEST(a_bad_row_is_named)
{
    ds_quantity_words *w;
    ds_error err;
    ds_quantity_row bad[] = {rows[0], {S(""), S("x"), 1, DS_ROLE_TIMES}};
    ck_assert_int_eq(ds_quantity_words_new(NULL, bad, 2, &w, &err), DS_EINVAL);
    ck_assert_ptr_null(w);
    ck_assert_uint_eq(err.line, 2);
    bad[1] = (ds_quantity_row){S("约"), S("??"), 1, DS_ROLE_BEFORE};
    ck_assert_int_eq(ds_quantity_words_new(NULL, bad, 2, &w, &err), DS_EINVAL);
    bad[1] = (ds_quantity_row){S("约"), S(""), 1, ds_quantity_role_named(ds_str_of("nothing"))};
    ck_assert_int_eq(ds_quantity_words_new(NULL, bad, 2, &w, &err), DS_EINVAL);
}
END_TEST

static ds_status find_body(const ds_alloc *a, void *ud)
{
    ds_quantity_words *w;
    ds_quantities v;
    ds_error err;
    (void)ud;
    ds_status st = ds_quantity_words_new(a, rows, ROWS, &w, &err);
    if (st != DS_OK) {
        ck_assert_ptr_null(w);
        return st;
    }
    ds_quantities_init(&v, a);
    st = ds_quantity_find(w, ds_str_of("价格 5 元，涨到 10 元。\n一条长得多的第二行，要三万五，还有近6000億美元和百分之三十五，2025年1月27日，"
                                       "1元，2元，3元，4元，5元，6元，7元，8元，9元，10元。"), &v, &err);
    ck_assert_uint_eq(v.count, st == DS_OK ? 16 : 0);
    ds_quantities_clear(&v);
    ds_quantity_words_free(w);
    return st;
}

START_TEST(lack_of_memory_leaves_nothing)
{
    oom_sweep(find_body, NULL);
}
END_TEST

/* ---------------------------------------------------------------- what it is about */

static void build_lexicon(const ds_alloc *a, ds_buf *image)
{
    static const struct {
        const char *word, *pos;
    } list[] = {{"训练", "vn"}, {"成本", "n"}, {"的", "uj"}, {"只有", "v"}, {"售价", "n"}, {"同比", "n"}, {"显卡", "n"}, {"公司", "n"}};
    ds_lexicon_builder *b;
    ck_assert_int_eq(ds_lexicon_builder_new(a, &b, NULL), DS_OK);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        ck_assert_int_eq(ds_lexicon_builder_add(b, ds_str_of(list[i].word), 1000, ds_str_of(list[i].pos), NULL), DS_OK);
    ds_buf_init(image, a);
    ck_assert_int_eq(ds_lexicon_build(b, ds_str_of("test"), image, NULL), DS_OK);
    ds_lexicon_builder_free(b);
}

static const struct {
    const char *text, *about[3];
} about_cases[] = {
    {"公司的训练成本只有500元。", {"公司的训练成本"}},
    {"售价5000元，同比增长8%。", {"售价", "售价"}},
    {"2000个显卡，售价5元", {"显卡", "售价"}},
    {"售价5元。增长8%", {"售价", ""}},
};

START_TEST(about_is_the_nearest_noun_phrase)
{
    ds_buf image;
    ds_lexicon *lex;
    ds_segmenter *seg;
    build_lexicon(NULL, &image);
    ck_assert_int_eq(ds_lexicon_view(NULL, ds_buf_str(&image), &lex, NULL), DS_OK);
    ck_assert_int_eq(ds_segmenter_new(NULL, lex, NULL, NULL, &seg, NULL), DS_OK);
    ds_quantity_words *w = words_of(NULL);
    ds_quantities v;
    ds_tokens toks;
    ds_quantities_init(&v, NULL);
    ds_tokens_init(&toks, NULL);
    ds_str text = ds_str_of(about_cases[_i].text);
    ck_assert_int_eq(ds_quantity_find(w, text, &v, NULL), DS_OK);
    size_t beg = 0, end = 0;
    for (size_t i = 0; i < v.count; i++) {
        ck_assert_int_eq(ds_quantity_about(seg, text, &v, i, &toks, &beg, &end, NULL), DS_OK);
        ds_str got = {text.p + beg, end - beg};
        ck_assert_msg(ds_str_eq(got, ds_str_of(about_cases[_i].about[i])), "%s, number %zu: %.*s", text.p, i, (int)got.n, got.p);
    }
    ds_tokens_clear(&toks);
    ds_quantities_clear(&v);
    ds_quantity_words_free(w);
    ds_segmenter_free(seg);
    ds_lexicon_free(lex);
    ds_buf_clear(&image);
}
END_TEST

#define COUNT_OF(list) (int)(sizeof(list) / sizeof *(list))

int main(void)
{
    Suite *s = suite_create("quantity");
    TCase *t = tcase_create("quantity");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, examples_have_value_unit_and_span, 0, COUNT_OF(quantity_cases));
    tcase_add_loop_test(t, names_and_marks_are_no_quantities, 0, COUNT_OF(not_quantities));
    tcase_add_loop_test(t, dates_keep_what_the_text_leaves_open, 0, COUNT_OF(date_cases));
    tcase_add_test(t, relative_dates_count_from_the_article);
    tcase_add_test(t, what_is_counted_per_is_kept);
    tcase_add_test(t, numerals_are_read_as_they_are_written);
    tcase_add_test(t, any_bytes_are_taken_and_spans_stay_in_order);
    tcase_add_test(t, a_bad_row_is_named);
    tcase_add_test(t, lack_of_memory_leaves_nothing);
    tcase_add_loop_test(t, about_is_the_nearest_noun_phrase, 0, COUNT_OF(about_cases));
    suite_add_tcase(s, t);
    return test_main(s);
}

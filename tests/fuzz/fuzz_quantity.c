/*
 * fuzz_quantity.c - quantity.h on any bytes and on texts put together of numerals, units and marks.
 *
 * Byte 0 of the input says whether the rest is the text itself, picks its pieces, or is a number that is written out in
 * Han numerals and read back.  Pieces are written in both scripts, which must give equal results.
 */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "quantity.h"

#define INPUT_MOST 200
#define TEXT_MOST (INPUT_MOST * 12)

#define S(literal) {literal, sizeof(literal) - 1}

static const ds_quantity_row rows[] = {
    {S("元"), S("CNY"), 1, DS_ROLE_MONEY},    {S("美元"), S("USD"), 1, DS_ROLE_MONEY},   {S("块"), S("CNY"), 1, DS_ROLE_MONEY},
    {S("%"), S("%"), 1, DS_ROLE_PERCENT},     {S("折"), S("%"), 10, DS_ROLE_PERCENT},    {S("倍"), S("x"), 1, DS_ROLE_TIMES},
    {S("番"), S("x"), 1, DS_ROLE_TIMES},      {S("个"), S("个"), 1, DS_ROLE_COUNT},      {S("人"), S("人"), 1, DS_ROLE_COUNT},
    {S("点"), S("点"), 1, DS_ROLE_LOOSE},     {S("年"), S("year"), 1, DS_ROLE_TIME},     {S("月"), S("month"), 1, DS_ROLE_TIME},
    {S("公里"), S("km"), 1, DS_ROLE_MEASURE}, {S("米"), S("m"), 1, DS_ROLE_MEASURE},     {S("左右"), S("~"), 0, DS_ROLE_AFTER},
    {S("号线"), S(""), 1, DS_ROLE_ORDINAL},   {S("元旦"), S(""), 1, DS_ROLE_NONE},       {S("$"), S("USD"), 1, DS_ROLE_PREFIX},
    {S("近"), S("~"), 0, DS_ROLE_BEFORE},     {S("上"), S(">"), 0, DS_ROLE_BEFORE},      {S("不到"), S("<"), 0, DS_ROLE_BEFORE},
    {S("增长"), S(""), 1, DS_ROLE_UP},        {S("跌"), S(""), 1, DS_ROLE_DOWN},         {S("营收"), S(""), 1, DS_ROLE_CUE},
    {S("昨日"), S("day"), -1, DS_ROLE_DATE},  {S("去年"), S("year"), -1, DS_ROLE_DATE},  {S("编号"), S(""), 1, DS_ROLE_ID},
    {S("翻倍"), S("x"), 2, DS_ROLE_WHOLE},    {S("万一"), S(""), 1, DS_ROLE_SKIP},
};

/* Each piece in Simplified and in Traditional. */
static const char *const pieces[][2] = {
    {"万", "萬"}, {"亿", "億"}, {"两", "兩"}, {"几", "幾"}, {"个", "個"}, {"块", "塊"}, {"点", "點"}, {"号线", "號線"}, {"营收", "營收"},
    {"增长", "增長"}, {"数", "數"}, {"余", "餘"}, {"负", "負"}, {"万一", "萬一"}, {"编号", "編號"}, {"民国", "民國"}, {"近", "近"},
    {"去年", "去年"}, {"昨日", "昨日"}, {"翻倍", "翻倍"}, {"不到", "不到"}, {"左右", "左右"}, {"元", "元"}, {"美元", "美元"}, {"%", "％"},
    {"折", "折"}, {"倍", "倍"}, {"番", "番"}, {"人", "人"}, {"年", "年"}, {"月", "月"}, {"日", "日"}, {"公里", "公里"}, {"米", "米"},
    {"元旦", "元旦"}, {"0", "０"}, {"1", "１"}, {"2", "２"}, {"5", "５"}, {"12", "１２"}, {"2025", "２０２５"}, {"300", "３００"}, {"十", "十"},
    {"百", "百"}, {"千", "千"}, {"一", "一"}, {"二", "二"}, {"三", "三"}, {"四", "四"}, {"零", "〇"}, {"半", "半"}, {"多", "多"}, {"第", "第"},
    {"每", "每"}, {"分之", "分之"}, {"之", "之"}, {"至", "至"}, {"~", "～"}, {"-", "－"}, {"/", "／"}, {".", "．"}, {"；", "；"}, {"。", "。"},
    {" ", "　"}, {"\n", "\n"}, {"$", "＄"}, {"GPT-4", "GPT-4"}, {"Q3", "Q3"}, {"K", "K"}, {"M", "M"}, {" million", " million"}, {"上", "上"},
};
#define PIECES (sizeof pieces / sizeof *pieces)

static const ds_quantity_words *shared_words(void)
{
    static ds_quantity_words *words;
    if (words == NULL)
        FUZZ_CHECK(ds_quantity_words_new(NULL, rows, sizeof rows / sizeof *rows, &words, NULL) == DS_OK);
    return words;
}

static bool starts_character(ds_str s, size_t off)
{
    uint32_t cp;
    if (off == 0)
        return true;
    size_t before = ds_utf8_prev(s, off);
    return before + ds_utf8_decode(s.p + before, s.n - before, &cp) == off;
}

static void check_quantity(ds_str s, const ds_quantity *q, size_t reached)
{
    FUZZ_CHECK(q->beg >= reached && q->beg < q->end && q->end <= s.n);
    FUZZ_CHECK(q->beg <= q->number_beg && q->number_beg < q->end);
    FUZZ_CHECK(starts_character(s, q->beg) && starts_character(s, q->end) && starts_character(s, q->number_beg));
    FUZZ_CHECK(q->per_beg <= q->per_end && q->per_end <= s.n && q->clause_beg <= q->number_beg);
    FUZZ_CHECK(memchr(s.p + q->beg, '\n', q->end - q->beg) == NULL);
    FUZZ_CHECK(q->kind < DS_QUANTITY_KINDS && q->approx <= DS_APPROX_SOME);
    FUZZ_CHECK(isnan(q->value) == isnan(q->value_to));
    FUZZ_CHECK(q->kind != DS_QUANTITY_DATE || (q->date.month == DS_DATE_OPEN || (q->date.month >= 1 && q->date.month <= 12)));
}

static void find_all(ds_str s, ds_quantities *v)
{
    size_t reached = 0;
    ds_quantities_init(v, NULL);
    FUZZ_CHECK(ds_quantity_find(shared_words(), s, v, NULL) == DS_OK);
    for (size_t i = 0; i < v->count; i++) {
        check_quantity(s, &v->items[i], reached);
        reached = v->items[i].end;
    }
}

static bool same_value(double a, double b)
{
    return isnan(a) ? isnan(b) : !(a < b) && !(a > b);
}

/* A copy of its own size, so that a read past the end is noticed. */
static ds_str exact_copy(ds_str s)
{
    char *p = malloc(s.n > 0 ? s.n : 1);
    FUZZ_CHECK(p != NULL);
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return (ds_str){p, s.n};
}

static void check_bytes(ds_str s)
{
    ds_quantities v;
    ds_str copy = exact_copy(s);
    find_all(copy, &v);
    ds_quantities_clear(&v);
    free((char *)(uintptr_t)copy.p);
}

static void check_scripts(const uint8_t *data, size_t n)
{
    static char text[2][TEXT_MOST];
    ds_quantities v[2];
    ds_str s[2] = {{text[0], 0}, {text[1], 0}};
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 2; k++) {
            const char *piece = pieces[data[i] % PIECES][k];
            memcpy(text[k] + s[k].n, piece, strlen(piece));
            s[k].n += strlen(piece);
        }
    }
    find_all(s[0], &v[0]);
    find_all(s[1], &v[1]);
    FUZZ_CHECK(v[0].count == v[1].count);
    for (size_t i = 0; i < v[0].count; i++) {
        const ds_quantity *a = &v[0].items[i], *b = &v[1].items[i];
        FUZZ_CHECK(a->kind == b->kind && a->unit == b->unit && a->approx == b->approx && a->direction == b->direction);
        FUZZ_CHECK(same_value(a->value, b->value) && same_value(a->value_to, b->value_to));
        FUZZ_CHECK(a->kind != DS_QUANTITY_DATE || memcmp(&a->date, &b->date, sizeof a->date) == 0);
    }
    ds_quantities_clear(&v[0]);
    ds_quantities_clear(&v[1]);
}

/* ---------------------------------------------------------------- the naive version: numerals written out */

static void write_group(char *to, unsigned n, bool lead)
{
    static const char *const digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    static const char *const tens[] = {"千", "百", "十", ""};
    bool zero = false;
    for (unsigned i = 0, unit = 1000; i < 4; i++, unit /= 10) {
        unsigned d = n / unit % 10;
        if (d > 0 && zero && lead)
            strcat(to, "零");
        if (d > 0) {
            strcat(strcat(to, digits[d]), tens[i]);
            lead = true;
        }
        zero = d == 0;
    }
}

static void write_han(char *to, uint64_t n)
{
    to[0] = '\0';
    if (n >= 100000000)
        strcat((write_han(to, n / 100000000), to), "亿");
    unsigned high = (unsigned)(n / 10000 % 10000), low = (unsigned)(n % 10000);
    if (high > 0) {
        write_group(to, high, n >= 100000000);
        strcat(to, "万");
    }
    if (low > 0)
        write_group(to, low, n >= 10000);
}

static void check_round_trip(const uint8_t *data, size_t n)
{
    char text[400];
    uint64_t value = 11;
    ds_quantities v;
    for (size_t i = 0; i < n && i < 5; i++)
        value = value << 8 | data[i];
    write_han(text, value);
    strcat(text, "公里");
    find_all(ds_str_of(text), &v);
    FUZZ_CHECK(v.count == 1 && same_value(v.items[0].value, (double)value));
    ds_quantities_clear(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0 || n > INPUT_MOST)
        return 0;
    switch (data[0] % 3) {
    case 0: check_bytes((ds_str){(const char *)data + 1, n - 1}); break;
    case 1: check_scripts(data + 1, n - 1); break;
    default: check_round_trip(data + 1, n - 1); break;
    }
    return 0;
}

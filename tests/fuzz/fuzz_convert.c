/*
 * fuzz_convert.c - convert.h on any text: OpenCC's way against a naive second version of it, maps, damaged tables.
 *
 * Byte 0 chooses direction, region and mode, byte 1 whether the tables are damaged (0: not; else where, with byte 2).
 * Each further byte below 24 is a character of the tables' alphabet; others stand for themselves.
 */
#include <string.h>

#include "convert.h"
#include "fuzz.h"
#include "utf8.h"

#define INPUT_MOST 400
#define TEXT_MOST (INPUT_MOST * 4)

static const char *const alphabet[24] = {"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸", "子", "丑",
                                         "寅", "卯", "辰", "巳", "。", "，", "三", "𠮷", "é",  "\n", "只", "余"};

/* Phrases that overlap, values of other lengths, keys that later dictionaries see only after the first. */
static const struct entry {
    ds_convert_table table;
    unsigned rank;
    const char *key, *value;
} entries[] = {
    {DS_CONVERT_ST, 0, "甲", "子"}, {DS_CONVERT_ST, 0, "乙", "丑"}, {DS_CONVERT_ST, 0, "丙", "𠮷"},
    {DS_CONVERT_ST, 0, "甲乙", "子丁"}, {DS_CONVERT_ST, 0, "甲乙丙丁", "寅卯"}, {DS_CONVERT_ST, 0, "乙丙", "辰巳"},
    {DS_CONVERT_ST, 0, "丁戊己", "丁"}, {DS_CONVERT_ST, 0, "三", "三三"},
    {DS_CONVERT_TWP, 0, "子丑", "壬"}, {DS_CONVERT_TWP, 0, "丑子丑子", "癸癸癸"}, {DS_CONVERT_TWP, 0, "戊", "己庚"},
    {DS_CONVERT_TWP, 0, "丑子丑", "戊"}, {DS_CONVERT_TWP, 0, "己庚", "辛"},
    {DS_CONVERT_TWV, 0, "壬", "癸"}, {DS_CONVERT_TWV, 0, "己庚", "余"}, {DS_CONVERT_TWV, 0, "庚己庚", "只"},
    {DS_CONVERT_HKV, 0, "子", "余"}, {DS_CONVERT_HKV, 0, "丑子", "只只"},
    {DS_CONVERT_TS, 0, "子", "甲"}, {DS_CONVERT_TS, 0, "丑", "乙"}, {DS_CONVERT_TS, 0, "子丑", "甲甲"},
    {DS_CONVERT_TS, 0, "庚己庚", "己"}, {DS_CONVERT_TS, 0, "寅卯辰巳", "三"},
    {DS_CONVERT_TWR, 0, "壬", "庚己"}, {DS_CONVERT_TWR, 0, "癸癸", "寅"}, {DS_CONVERT_TWR, 1, "癸癸癸", "卯"},
    {DS_CONVERT_TWR, 1, "丑庚", "子"}, {DS_CONVERT_TWR, 2, "癸", "辰"}, {DS_CONVERT_TWR, 2, "丑", "子"},
    {DS_CONVERT_HKR, 0, "余余", "子"}, {DS_CONVERT_HKR, 1, "余", "丑"}, {DS_CONVERT_HKR, 1, "余余余", "寅"},
    {DS_CONVERT_WST, 0, "甲", "子"}, {DS_CONVERT_WST, 0, "乙", "丑"}, {DS_CONVERT_WST, 0, "甲乙", "子丁"},
    {DS_CONVERT_WST, 0, "乙丙", "辰"}, {DS_CONVERT_WST, 0, "甲乙丙丁戊", "寅"}, {DS_CONVERT_WST, 0, "\xEF\xB7\x90只", "隻"},
    {DS_CONVERT_WST, 0, "\xEF\xB7\x92余", "餘"}, {DS_CONVERT_WTS, 0, "子", "甲"}, {DS_CONVERT_WTS, 0, "子丑", "甲丑"},
    {DS_CONVERT_WTV, 0, "丙丁", "壬壬壬"}, {DS_CONVERT_WTV, 1, "戊己", "𠮷"}, {DS_CONVERT_WTV, 2, "庚", "三"},
    {DS_CONVERT_WTV, 3, "辛壬", "辛"}, {DS_CONVERT_WSV, 0, "壬", "丙丁"},
};
enum { ENTRIES = sizeof entries / sizeof *entries };

static const char *const words[] = {"甲乙", "乙丙", "丙丁戊", "戊己", "三", "只", "余", "辛壬癸"};

/* ---- OpenCC's way, naively ---- */

typedef struct str_buf {
    char p[TEXT_MOST * 64];
    size_t n;
} str_buf;

static void put(str_buf *b, const char *p, size_t n)
{
    FUZZ_CHECK(b->n + n <= sizeof b->p);
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

/* The entry of `table` that matches at s: of the lowest rank, then the longest; NULL: none. */
static const struct entry *naive_match(ds_convert_table table, ds_str s)
{
    const struct entry *best = NULL;
    for (size_t i = 0; i < ENTRIES; i++) {
        const struct entry *e = &entries[i];
        size_t n = strlen(e->key);
        if (e->table == table && n <= s.n && memcmp(s.p, e->key, n) == 0 &&
            (best == NULL || e->rank < best->rank || (e->rank == best->rank && n > strlen(best->key))))
            best = e;
    }
    return best;
}

static size_t char_length(ds_str s)
{
    uint32_t cp;
    return ds_utf8_decode(s.p, s.n, &cp);
}

static void naive_step(ds_convert_table table, ds_str s, str_buf *out)
{
    out->n = 0;
    while (s.n > 0) {
        const struct entry *e = naive_match(table, s);
        size_t n = e != NULL ? strlen(e->key) : char_length(s);
        if (e != NULL)
            put(out, e->value, strlen(e->value));
        else
            put(out, s.p, n);
        s = (ds_str){s.p + n, s.n - n};
    }
}

static void naive_chain(const ds_convert_table *chain, size_t count, ds_str piece, str_buf *out)
{
    static str_buf a, b;
    a.n = 0;
    put(&a, piece.p, piece.n);
    for (size_t i = 0; i < count; i++) {
        naive_step(chain[i], (ds_str){a.p, a.n}, &b);
        a.n = 0;
        put(&a, b.p, b.n);
    }
    put(out, a.p, a.n);
}

static void naive_convert(ds_conversion what, ds_str in, str_buf *out)
{
    static const ds_convert_table chains[6][3] = {
        {DS_CONVERT_ST},  {DS_CONVERT_ST, DS_CONVERT_TWP, DS_CONVERT_TWV}, {DS_CONVERT_ST, DS_CONVERT_HKV},
        {DS_CONVERT_TS},  {DS_CONVERT_TWR, DS_CONVERT_TS},                 {DS_CONVERT_HKR, DS_CONVERT_TS}};
    static const size_t counts[6] = {1, 3, 2, 1, 2, 2};
    size_t which = (what.to_simplified ? 3u : 0u) + (size_t)what.region, at = 0, beg = 0;
    ds_convert_table cut = what.to_simplified ? DS_CONVERT_TS : DS_CONVERT_ST;
    out->n = 0;
    while (at < in.n) {
        ds_str rest = {in.p + at, in.n - at};
        const struct entry *e = naive_match(cut, rest);
        size_t n = char_length(rest);
        if (e != NULL && strlen(e->key) > n) { /* a phrase, not a character */
            n = strlen(e->key);
            naive_chain(chains[which], counts[which], (ds_str){in.p + beg, at - beg}, out);
            naive_chain(chains[which], counts[which], (ds_str){in.p + at, n}, out);
            beg = at + n;
        }
        at += n;
    }
    naive_chain(chains[which], counts[which], (ds_str){in.p + beg, in.n - beg}, out);
}

/* ---- the target ---- */

static void build(ds_buf *tables, ds_buf *lexicon)
{
    ds_converter_builder *b;
    ds_lexicon_builder *l;
    FUZZ_CHECK(ds_converter_builder_new(NULL, &b, NULL) == DS_OK && ds_lexicon_builder_new(NULL, &l, NULL) == DS_OK);
    for (size_t i = 0; i < ENTRIES; i++) {
        const struct entry *e = &entries[i];
        FUZZ_CHECK(ds_converter_builder_add(b, e->table, ds_str_of(e->key), ds_str_of(e->value), e->rank, NULL) == DS_OK);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        FUZZ_CHECK(ds_lexicon_builder_add(l, ds_str_of(words[i]), 9, ds_str_of(i == 4 ? "m" : "n"), NULL) == DS_OK);
    FUZZ_CHECK(ds_converter_build(b, ds_str_of("fuzz"), tables, NULL) == DS_OK);
    FUZZ_CHECK(ds_lexicon_build(l, ds_str_of("fuzz"), lexicon, NULL) == DS_OK);
    ds_converter_builder_free(b);
    ds_lexicon_builder_free(l);
}

/* Where in the text every character begins, and its end. */
static void mark_borders(ds_str s, bool border[TEXT_MOST + 1])
{
    memset(border, 0, TEXT_MOST + 1);
    for (size_t at = 0; at < s.n; at += char_length((ds_str){s.p + at, s.n - at}))
        border[at] = true;
    border[s.n] = true;
}

static void check_map(ds_str in, ds_str out, const ds_offmap *map)
{
    static bool border[TEXT_MOST + 1];
    size_t last = 0, beg = 0, end = 0;
    mark_borders(in, border);
    FUZZ_CHECK(map->out_len == out.n);
    for (size_t at = 0; at < out.n;) {
        size_t n = char_length((ds_str){out.p + at, out.n - at});
        ds_offmap_origin(map, at, at + n, &beg, &end);
        FUZZ_CHECK(beg < end && end <= in.n && beg >= last && border[beg] && border[end]);
        last = beg;
        at += n;
    }
    ds_offmap_origin(map, 0, out.n, &beg, &end);
    FUZZ_CHECK(out.n == 0 || (beg == 0 && end == in.n));
}

static ds_status convert_with(const ds_converter *conv, const ds_segmenter *seg, const ds_lexicon *lex, bool by_words,
                              ds_conversion what, ds_str in, ds_buf *out, ds_offmap *map)
{
    return by_words ? ds_convert_words(conv, seg, lex, what, in, out, map, NULL)
                    : ds_convert_opencc(conv, what, in, out, map, NULL);
}

static void check_text(const ds_converter *conv, const ds_lexicon *lex, bool damaged, uint8_t options, ds_str in)
{
    static str_buf naive;
    bool by_words = options & 1;
    ds_conversion what = {(options & 2) != 0, (ds_region)((options >> 2) % DS_REGION_COUNT)};
    ds_segmenter *seg;
    ds_buf with_map, without;
    ds_offmap map;
    ds_buf_init(&with_map, NULL);
    ds_buf_init(&without, NULL);
    ds_offmap_init(&map, NULL);
    FUZZ_CHECK(ds_segmenter_new(NULL, lex, NULL, NULL, &seg, NULL) == DS_OK);
    FUZZ_CHECK(convert_with(conv, seg, lex, by_words, what, in, &with_map, &map) == DS_OK);
    FUZZ_CHECK(convert_with(conv, seg, lex, by_words, what, in, &without, NULL) == DS_OK);
    FUZZ_CHECK(ds_str_eq(ds_buf_str(&with_map), ds_buf_str(&without)));
    if (!damaged)
        check_map(in, ds_buf_str(&with_map), &map);
    if (!damaged && !by_words) {
        naive_convert(what, in, &naive);
        FUZZ_CHECK(ds_str_eq(ds_buf_str(&without), (ds_str){naive.p, naive.n}));
    }
    ds_segmenter_free(seg);
    ds_offmap_clear(&map);
    ds_buf_clear(&with_map);
    ds_buf_clear(&without);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static ds_buf tables, lexicon; /* made once */
    static char text[TEXT_MOST];
    ds_str in = {text, 0};
    ds_converter *conv;
    ds_lexicon *lex;
    if (n < 3 || n > INPUT_MOST)
        return 0;
    if (tables.n == 0) {
        ds_buf_init(&tables, NULL);
        ds_buf_init(&lexicon, NULL);
        build(&tables, &lexicon);
    }
    for (size_t i = 3; i < n; i++) {
        const char *p = data[i] < 24 ? alphabet[data[i]] : (const char *)data + i;
        size_t len = data[i] < 24 ? strlen(p) : 1;
        memcpy(text + in.n, p, len);
        in.n += len;
    }
    size_t at = (size_t)(data[1] << 8 | data[2]) * 37 % tables.n;
    char flip = data[1] != 0 ? (char)(1 + data[2] % 255) : 0;
    tables.p[at] ^= flip;
    FUZZ_CHECK(ds_lexicon_view(NULL, ds_buf_str(&lexicon), &lex, NULL) == DS_OK);
    ds_status st = ds_converter_view(NULL, ds_buf_str(&tables), &conv, NULL);
    FUZZ_CHECK(st == DS_OK || (flip != 0 && st == DS_EFORMAT));
    if (st == DS_OK)
        check_text(conv, lex, flip != 0, data[0], in);
    ds_converter_free(conv);
    ds_lexicon_free(lex);
    tables.p[at] ^= flip;
    return 0;
}

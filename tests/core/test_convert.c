/* test_convert.c - the suite of core/convert*.c, on small tables of its own; the real ones: tests/lua/convert_test.lua. */
#include "convert.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"
#include "utf8.h"

static const struct sample_entry {
    ds_convert_table table;
    unsigned rank;
    const char *key, *value;
} sample_entries[] = {
    {DS_CONVERT_ST, 0, "变", "變"}, {DS_CONVERT_ST, 0, "发", "發"}, {DS_CONVERT_ST, 0, "头", "頭"},
    {DS_CONVERT_ST, 0, "数", "數"}, {DS_CONVERT_ST, 0, "组", "組"}, {DS_CONVERT_ST, 0, "织", "織"},
    {DS_CONVERT_ST, 0, "里", "裏"}, {DS_CONVERT_ST, 0, "头发", "頭髮"}, {DS_CONVERT_ST, 0, "被发", "被髮"},
    {DS_CONVERT_ST, 0, "公里", "公里"}, {DS_CONVERT_ST, 0, "白发魔女", "白髮魔女"},
    {DS_CONVERT_TWP, 0, "變量", "變數"}, {DS_CONVERT_TWP, 0, "數組", "陣列"}, {DS_CONVERT_TWP, 0, "端口", "埠"},
    {DS_CONVERT_TWV, 0, "裏", "裡"},
    {DS_CONVERT_TS, 0, "頭", "头"}, {DS_CONVERT_TS, 0, "髮", "发"}, {DS_CONVERT_TS, 0, "發", "发"},
    {DS_CONVERT_TS, 0, "乾", "干"}, {DS_CONVERT_TS, 0, "數", "数"}, {DS_CONVERT_TS, 0, "變", "变"},
    {DS_CONVERT_TS, 0, "裏", "里"}, {DS_CONVERT_TS, 0, "乾隆", "乾隆"}, {DS_CONVERT_TS, 0, "口頭禪", "口头禅"},
    {DS_CONVERT_TWR, 0, "埠", "端口"}, {DS_CONVERT_TWR, 0, "變數", "變量"}, {DS_CONVERT_TWR, 1, "著名學者", "著名学者"},
    {DS_CONVERT_TWR, 0, "著名", "著名"}, {DS_CONVERT_TWR, 2, "裡", "裏"}, {DS_CONVERT_TWR, 2, "著", "着"},
    {DS_CONVERT_HKV, 0, "裏", "裏"}, {DS_CONVERT_HKR, 1, "裏", "裏"},
    {DS_CONVERT_WST, 0, "变", "變"}, {DS_CONVERT_WST, 0, "发", "發"}, {DS_CONVERT_WST, 0, "头", "頭"},
    {DS_CONVERT_WST, 0, "数", "數"}, {DS_CONVERT_WST, 0, "组", "組"}, {DS_CONVERT_WST, 0, "织", "織"},
    {DS_CONVERT_WST, 0, "里", "裏"}, {DS_CONVERT_WST, 0, "余", "餘"}, {DS_CONVERT_WST, 0, "头发", "頭髮"},
    {DS_CONVERT_WST, 0, "被发", "被髮"}, {DS_CONVERT_WST, 0, "\xEF\xB7\x90只", "隻"}, /* U+FDD0: after a numeral */
    {DS_CONVERT_WST, 0, "\xEF\xB7\x92余", "余"},                                      /* U+FDD2: alone */
    {DS_CONVERT_WTS, 0, "頭", "头"}, {DS_CONVERT_WTS, 0, "髮", "发"}, {DS_CONVERT_WTS, 0, "乾", "干"},
    {DS_CONVERT_WTS, 0, "著", "着"}, {DS_CONVERT_WTS, 0, "乾隆", "乾隆"}, {DS_CONVERT_WTS, 0, "著名", "著名"},
    {DS_CONVERT_WTV, DS_CONVERT_TECH, "变量", "變數"}, {DS_CONVERT_WTV, DS_CONVERT_TECH, "数组", "陣列"},
    {DS_CONVERT_WTV, DS_CONVERT_COMMON, "支持", "支援"}, {DS_CONVERT_WTV, DS_CONVERT_PLAIN, "的士", "計程車"},
    {DS_CONVERT_WTV, DS_CONVERT_WEAK, "程序", "程式"}, {DS_CONVERT_WTV, DS_CONVERT_WEAK, "文件", "檔案"},
    {DS_CONVERT_WSV, DS_CONVERT_PLAIN, "計程車", "出租车"},
};
enum { SAMPLE_ENTRIES = sizeof sample_entries / sizeof *sample_entries };

static const char *const lexicon_words[] = {"改变", "变量", "量子", "少数", "数组", "组织", "发明", "被", "头发", "的",
                                            "的士", "士气", "支持", "程序", "文件", "出租车", "乾隆", "著名", "看",
                                            "法律", "公里", "只", "余", "三", "他", "里"};

static ds_status build_tables(const ds_alloc *a, ds_buf *image)
{
    ds_converter_builder *b;
    ds_status st = ds_converter_builder_new(a, &b, NULL);
    for (size_t i = 0; i < SAMPLE_ENTRIES && st == DS_OK; i++) {
        const struct sample_entry *e = &sample_entries[i];
        st = ds_converter_builder_add(b, e->table, ds_str_of(e->key), ds_str_of(e->value), e->rank, NULL);
    }
    if (st == DS_OK)
        st = ds_converter_build(b, ds_str_of("test"), image, NULL);
    ds_converter_builder_free(b);
    return st;
}

static ds_status build_words(const ds_alloc *a, ds_buf *image)
{
    ds_lexicon_builder *b;
    ds_status st = ds_lexicon_builder_new(a, &b, NULL);
    for (size_t i = 0; i < sizeof lexicon_words / sizeof *lexicon_words && st == DS_OK; i++)
        st = ds_lexicon_builder_add(b, ds_str_of(lexicon_words[i]), strlen(lexicon_words[i]) > 3 ? 100 : 20,
                                    ds_str_of(strcmp(lexicon_words[i], "三") == 0 ? "m" : "n"), NULL);
    if (st == DS_OK)
        st = ds_lexicon_build(b, ds_str_of("test"), image, NULL);
    ds_lexicon_builder_free(b);
    return st;
}

/* Everything that a conversion needs. */
typedef struct kit {
    ds_buf tables, words;
    ds_converter *conv;
    ds_lexicon *lex;
    ds_segmenter *seg;
} kit;

static ds_status kit_open(const ds_alloc *a, kit *k)
{
    *k = (kit){.conv = NULL};
    ds_buf_init(&k->tables, a);
    ds_buf_init(&k->words, a);
    ds_status st = build_tables(a, &k->tables);
    if (st == DS_OK)
        st = build_words(a, &k->words);
    if (st == DS_OK)
        st = ds_converter_view(a, ds_buf_str(&k->tables), &k->conv, NULL);
    if (st == DS_OK)
        st = ds_lexicon_view(a, ds_buf_str(&k->words), &k->lex, NULL);
    if (st == DS_OK)
        st = ds_segmenter_new(a, k->lex, NULL, NULL, &k->seg, NULL);
    return st;
}

static void kit_close(kit *k)
{
    ds_segmenter_free(k->seg);
    ds_lexicon_free(k->lex);
    ds_converter_free(k->conv);
    ds_buf_clear(&k->words);
    ds_buf_clear(&k->tables);
}

static ds_status run(const kit *k, bool words, ds_conversion what, ds_str in, ds_buf *out, ds_offmap *map)
{
    return words ? ds_convert_words(k->conv, k->seg, k->lex, what, in, out, map, NULL)
                 : ds_convert_opencc(k->conv, what, in, out, map, NULL);
}

static void expect(const kit *k, bool words, ds_conversion what, const char *in, const char *want)
{
    ds_buf out;
    ds_buf_init(&out, NULL);
    ck_assert_int_eq(run(k, words, what, ds_str_of(in), &out, NULL), DS_OK);
    ck_assert_msg(ds_str_eq(ds_buf_str(&out), ds_str_of(want)), "%s became %.*s, not %s", in, (int)out.n, out.p, want);
    ds_buf_clear(&out);
}

static const ds_conversion to_std = {false, DS_REGION_NONE}, to_tw = {false, DS_REGION_TW},
                           from_std = {true, DS_REGION_NONE}, from_tw = {true, DS_REGION_TW};

START_TEST(opencc_mode_takes_the_longest_match_from_the_left)
{
    kit k;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    expect(&k, false, to_std, "头发里", "頭髮裏");
    expect(&k, false, to_std, "被发明", "被髮明");
    expect(&k, false, to_std, "白发魔", "白發魔");
    expect(&k, false, to_std, "白发魔女x", "白髮魔女x");
    expect(&k, false, to_tw, "改变量子里", "改變數子裡");
    expect(&k, false, to_tw, "少数组织", "少陣列織");
    expect(&k, false, from_std, "乾隆乾頭", "乾隆干头");
    expect(&k, false, from_tw, "變數在裡", "变量在里");
    expect(&k, false, from_tw, "著名學者看著", "著名學者看着"); /* the first dictionary wins, not the longest match */
    expect(&k, false, from_std, "", "");
    kit_close(&k);
}
END_TEST

START_TEST(opencc_mode_lets_no_later_match_cross_a_phrase_of_the_first_dictionary)
{
    kit k;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    /* 公里 is a phrase, so it is a piece of its own: the 里變 on its border is none.  变|量 are single characters. */
    expect(&k, false, to_tw, "公里变量", "公里變數");
    expect(&k, false, to_tw, "头发变量", "頭髮變數");
    kit_close(&k);
}
END_TEST

START_TEST(words_are_not_cut_by_entries)
{
    kit k;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    expect(&k, true, to_std, "被发明", "被發明");
    expect(&k, true, to_tw, "改变量子", "改變量子");
    expect(&k, true, to_tw, "少数组织", "少數組織");
    expect(&k, true, to_tw, "的士气", "的士气");
    expect(&k, true, to_tw, "看的士", "看計程車");
    expect(&k, true, to_std, "头发", "頭髮");
    expect(&k, true, from_std, "看著著名乾隆乾", "看着著名乾隆干");
    expect(&k, true, from_tw, "計程車", "出租车");
    expect(&k, true, from_std, "計程車", "計程車");
    kit_close(&k);
}
END_TEST

START_TEST(common_vocabulary_needs_a_sentence_about_computing)
{
    kit k;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    expect(&k, true, to_tw, "他支持。", "他支持。");
    expect(&k, true, to_tw, "变量支持。支持", "變數支援。支持");
    expect(&k, true, to_tw, "法律程序，程序", "法律程序，程序");
    expect(&k, true, to_tw, "程序文件支持", "程式檔案支援");
    kit_close(&k);
}
END_TEST

START_TEST(a_character_by_itself_reads_by_its_neighbours)
{
    kit k;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    expect(&k, true, to_std, "三只", "三隻");
    expect(&k, true, to_std, "5只", "5隻");
    expect(&k, true, to_std, "他只", "他只");
    expect(&k, true, to_std, "他余", "他余");
    expect(&k, true, to_tw, "他里", "他裡");
    /* The mark itself in a text is no key. */
    expect(&k, true, to_std, "\xEF\xB7\x90只", "\xEF\xB7\x90只");
    kit_close(&k);
}
END_TEST

/* Every direction, region and mode. */
enum { CASES = 12 };
static ds_conversion case_of(int i, bool *words)
{
    *words = i % 2 != 0;
    return (ds_conversion){i / 2 % 2 != 0, (ds_region)(i / 4)};
}

static bool is_char_border(ds_str s, size_t off)
{
    return off == s.n || ((unsigned char)s.p[off] & 0xC0) != 0x80;
}

START_TEST(every_converted_byte_leads_back_to_whole_characters)
{
    static const char text[] = "改变量子比特头发里埠，變數端口頭口頭禪\n少数组织埠埠三只余支持变量 abc 乾隆著名的士計程車";
    ds_str in = ds_str_of(text);
    kit k;
    bool words;
    ds_conversion what = case_of(_i, &words);
    ds_buf out;
    ds_offmap map;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    ck_assert_int_eq(run(&k, words, what, in, &out, &map), DS_OK);
    ck_assert_uint_eq(map.out_len, out.n);
    size_t before = 0, beg, end, cp_end = 0;
    for (size_t at = 0; at < out.n; at = cp_end) {
        uint32_t cp;
        cp_end = at + ds_utf8_decode(out.p + at, out.n - at, &cp);
        ds_offmap_origin(&map, at, cp_end, &beg, &end);
        ck_assert_msg(is_char_border(in, beg) && is_char_border(in, end) && beg < end, "byte %zu: %zu to %zu", at, beg, end);
        ck_assert_uint_ge(beg, before);
        before = beg;
        ds_offmap_origin(&map, 0, cp_end, &beg, &end);
        ck_assert_uint_eq(beg, 0);
    }
    ck_assert_uint_eq(end, in.n);
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    kit_close(&k);
}
END_TEST

START_TEST(inputs_of_several_calls_count_as_one_text)
{
    kit k;
    bool words;
    ds_conversion what = case_of(_i, &words);
    ds_buf out;
    ds_offmap map;
    size_t beg, end;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    ck_assert_int_eq(run(&k, words, what, ds_str_of("头发变量"), &out, &map), DS_OK);
    size_t first = out.n;
    ck_assert_int_eq(run(&k, words, what, ds_str_of("x"), &out, &map), DS_OK);
    ds_offmap_origin(&map, first, out.n, &beg, &end);
    ck_assert_uint_eq(beg, strlen("头发变量"));
    ck_assert_uint_eq(end, strlen("头发变量x"));
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    kit_close(&k);
}
END_TEST

START_TEST(ill_formed_bytes_pass_unchanged)
{
    static const char *const texts[] = {"\xFF", "\xE4\xB8", "a\xE5\xA4\xB4\xE5", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC0\xAF"};
    kit k;
    bool words;
    ds_conversion what = case_of(_i, &words);
    what.to_simplified = true; /* in these texts only the other direction has something to do */
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(&k, words, what, texts[i], texts[i]);
    kit_close(&k);
}
END_TEST

START_TEST(a_text_without_a_sentence_end_is_converted_whole)
{
    kit k;
    ds_buf in, out;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    ds_buf_init(&in, NULL);
    ds_buf_init(&out, NULL);
    for (size_t i = 0; i < 7000; i++)
        ds_buf_put(&in, "头发", 6);
    ck_assert_int_eq(run(&k, true, to_std, ds_buf_str(&in), &out, NULL), DS_OK);
    ck_assert_uint_eq(out.n, in.n);
    for (size_t i = 0; i < out.n; i += 6)
        ck_assert_int_eq(memcmp(out.p + i, "頭髮", 6), 0);
    ds_buf_clear(&in);
    ds_buf_clear(&out);
    kit_close(&k);
}
END_TEST

START_TEST(a_sentence_that_is_too_long_is_cut_at_a_mark)
{
    kit k;
    ds_buf in, out;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    ds_buf_init(&in, NULL);
    ds_buf_init(&out, NULL);
    for (size_t i = 0; i < 7000; i++)
        ds_buf_put(&in, "头发，", 9); /* 8,192 is no multiple of three: without the mark a word would be cut */
    ck_assert_int_eq(run(&k, true, to_std, ds_buf_str(&in), &out, NULL), DS_OK);
    ck_assert_uint_eq(out.n, in.n);
    for (size_t i = 0; i < out.n; i += 9)
        ck_assert_int_eq(memcmp(out.p + i, "頭髮，", 9), 0);
    ds_buf_clear(&in);
    ds_buf_clear(&out);
    kit_close(&k);
}
END_TEST

START_TEST(bad_entries_are_refused)
{
    ds_converter_builder *b;
    char longer[3 * (DS_CONVERT_KEY_MAX + 1)];
    for (size_t i = 0; i < sizeof longer; i += 3)
        memcpy(longer + i, "中", 3);
    ds_str good = ds_str_of("中"), bad = ds_str_of("\xFF"), none = ds_str_of(""), too_long = {longer, sizeof longer};
    ck_assert_int_eq(ds_converter_builder_new(NULL, &b, NULL), DS_OK);
    ck_assert_int_eq(ds_converter_builder_add(b, DS_CONVERT_ST, none, good, 0, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_converter_builder_add(b, DS_CONVERT_ST, good, none, 0, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_converter_builder_add(b, DS_CONVERT_ST, bad, good, 0, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_converter_builder_add(b, DS_CONVERT_ST, too_long, good, 0, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_converter_builder_add(b, DS_CONVERT_ST, good, good, DS_CONVERT_RANK_MAX + 1, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_converter_builder_add(b, DS_CONVERT_TABLES, good, good, 0, NULL), DS_EINVAL);
    ds_converter_builder_free(b);
}
END_TEST

START_TEST(every_truncation_of_the_tables_is_refused)
{
    ds_buf image;
    ds_converter *conv;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(build_tables(NULL, &image), DS_OK);
    for (size_t n = 0; n < image.n; n += n < 600 ? 1 : 97) {
        char *copy = malloc(n + 1); /* its own block, so that the sanitizer sees a step outside */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, image.p, n);
        ck_assert_int_eq(ds_converter_view(NULL, (ds_str){copy, n}, &conv, NULL), DS_EFORMAT);
        ck_assert_ptr_null(conv);
        free(copy);
    }
    ds_buf_clear(&image);
}
END_TEST

/* Converts in every way; the result may be anything. */
static void convert_everything(kit *k)
{
    for (int i = 0; i < CASES; i++) {
        bool words;
        ds_conversion what = case_of(i, &words);
        ds_buf out;
        ds_offmap map;
        ds_buf_init(&out, NULL);
        ds_offmap_init(&map, NULL);
        ck_assert_int_eq(run(k, words, what, ds_str_of("改变量子头发里三只乾隆埠變數的士支持"), &out, &map), DS_OK);
        ck_assert_uint_eq(map.out_len, out.n);
        ds_offmap_clear(&map);
        ds_buf_clear(&out);
    }
}

START_TEST(every_flipped_bit_of_the_tables_is_refused_or_found_by_verify)
{
    kit k;
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    ds_converter *whole = k.conv;
    ds_buf *image = &k.tables;
    for (size_t at = 0; at < image->n; at += at < 600 ? 1 : 31) {
        char old = image->p[at];
        image->p[at] ^= (char)(1 << at % 8);
        ds_status st = ds_converter_view(NULL, ds_buf_str(image), &k.conv, NULL);
        if (st == DS_OK) {
            convert_everything(&k);
            st = ds_converter_verify(k.conv, NULL);
            ds_converter_free(k.conv);
        }
        /* Bytes between sections, and the header's spare word, carry nothing. */
        bool spare = (at >= 28 && at < 32) || (st == DS_OK && old == 0);
        ck_assert_msg(st == DS_EFORMAT || spare, "flip at byte %zu went unnoticed", at);
        image->p[at] = old;
    }
    k.conv = whole;
    kit_close(&k);
}
END_TEST

START_TEST(tables_are_mapped_and_a_missing_file_is_named)
{
    char path[] = "/tmp/ds_convert_XXXXXX";
    ds_buf image;
    ds_converter *conv;
    ds_error err;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(build_tables(NULL, &image), DS_OK);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ds_converter_open(NULL, path, &conv, &err), DS_EIO); /* empty */
    ck_assert_int_eq((int)write(fd, image.p, image.n), (int)image.n);
    close(fd);
    ck_assert_int_eq(ds_converter_open(NULL, path, &conv, &err), DS_OK);
    ck_assert_int_eq(ds_converter_verify(conv, &err), DS_OK);
    ck_assert(ds_str_eq(ds_converter_source(conv), ds_str_of("test")));
    ds_converter_free(conv);
    unlink(path);
    ck_assert_int_eq(ds_converter_open(NULL, path, &conv, &err), DS_EIO);
    ck_assert_ptr_nonnull(strstr(err.msg, path));
    ds_buf_clear(&image);
}
END_TEST

static ds_status build_in_memory(const ds_alloc *a, void *ud)
{
    ds_buf image;
    ds_converter *conv = NULL;
    (void)ud;
    ds_buf_init(&image, a);
    ds_status st = build_tables(a, &image);
    if (st == DS_OK)
        st = ds_converter_view(a, ds_buf_str(&image), &conv, NULL);
    ds_converter_free(conv);
    ds_buf_clear(&image);
    return st;
}

static ds_status convert_in_memory(const ds_alloc *a, void *ud)
{
    static const char text[] = "变量支持头发三只里埠乾隆變數。程序文件支持";
    kit *k = ud;
    ds_status st = DS_OK;
    for (int i = 0; i < CASES && st == DS_OK; i++) {
        bool words;
        ds_conversion what = case_of(i, &words);
        ds_buf out;
        ds_offmap map;
        ds_buf_init(&out, a);
        ds_offmap_init(&map, a);
        st = run(k, words, what, ds_str_of(text), &out, &map);
        if (st != DS_OK)
            ck_assert_msg(out.n == 0 && map.out_len == 0, "what was appended is not taken back");
        ds_offmap_clear(&map);
        ds_buf_clear(&out);
    }
    return st;
}

START_TEST(lack_of_memory_is_reported_and_leaks_nothing)
{
    kit k;
    oom_sweep(build_in_memory, NULL);
    ck_assert_int_eq(kit_open(NULL, &k), DS_OK);
    oom_sweep(convert_in_memory, &k);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("convert");
    TCase *tc = tcase_create("convert");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, opencc_mode_takes_the_longest_match_from_the_left);
    tcase_add_test(tc, opencc_mode_lets_no_later_match_cross_a_phrase_of_the_first_dictionary);
    tcase_add_test(tc, words_are_not_cut_by_entries);
    tcase_add_test(tc, common_vocabulary_needs_a_sentence_about_computing);
    tcase_add_test(tc, a_character_by_itself_reads_by_its_neighbours);
    tcase_add_loop_test(tc, every_converted_byte_leads_back_to_whole_characters, 0, CASES);
    tcase_add_loop_test(tc, inputs_of_several_calls_count_as_one_text, 0, CASES);
    tcase_add_loop_test(tc, ill_formed_bytes_pass_unchanged, 0, CASES);
    tcase_add_test(tc, a_text_without_a_sentence_end_is_converted_whole);
    tcase_add_test(tc, a_sentence_that_is_too_long_is_cut_at_a_mark);
    tcase_add_test(tc, bad_entries_are_refused);
    tcase_add_test(tc, every_truncation_of_the_tables_is_refused);
    tcase_add_test(tc, every_flipped_bit_of_the_tables_is_refused_or_found_by_verify);
    tcase_add_test(tc, tables_are_mapped_and_a_missing_file_is_named);
    tcase_add_test(tc, lack_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

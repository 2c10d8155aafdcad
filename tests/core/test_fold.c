/* test_fold.c - fold.h against Unicode's data files and a naive version that folds one code point at a time. */
#include <stdio.h>
#include <string.h>

#include "fold.h"
#include "testing.h"

#define CODE_POINTS 0x110000u

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Folds a short text; the caller frees with ds_buf_clear. */
static ds_buf folded(const char *text, unsigned flags)
{
    ds_buf out;
    ds_buf_init(&out, NULL);
    ck_assert_int_eq(ds_fold(ds_str_of(text), flags, &out, NULL, NULL), DS_OK);
    return out;
}

/* ------------------------------------------------------------------ every code point */

static void check_idempotent(uint32_t cp, unsigned flags)
{
    uint32_t once[DS_FOLD_CP_MAX], twice[DS_FOLD_CP_MAX];
    size_t n = ds_fold_cp(cp, flags, once);
    if (n < 1 || n > DS_FOLD_CP_MAX)
        ck_abort_msg("U+%04X, flags %u: %zu code points", cp, flags, n);
    for (size_t i = 0; i < n; i++)
        if (ds_fold_cp(once[i], flags, twice) != 1 || twice[0] != once[i])
            ck_abort_msg("U+%04X, flags %u: U+%04X folds further", cp, flags, once[i]);
}

START_TEST(folding_twice_is_folding_once)
{
    for (unsigned flags = 0; flags <= DS_FOLD_ALL; flags++)
        for (uint32_t cp = 0; cp < CODE_POINTS; cp++)
            check_idempotent(cp, flags);
}
END_TEST

/* Applies one flag to each of n code points in place. */
static size_t apply(uint32_t *cps, size_t n, unsigned flag)
{
    uint32_t out[DS_FOLD_CP_MAX * DS_FOLD_CP_MAX];
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += ds_fold_cp(cps[i], flag, out + total);
    memcpy(cps, out, total * sizeof *cps);
    return total;
}

START_TEST(the_order_of_the_three_folds_makes_no_difference)
{
    static const unsigned orders[][3] = {{1, 2, 4}, {1, 4, 2}, {2, 1, 4}, {2, 4, 1}, {4, 1, 2}, {4, 2, 1}};
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        uint32_t want[DS_FOLD_CP_MAX];
        size_t n = ds_fold_cp(cp, DS_FOLD_ALL, want);
        for (size_t o = 0; o < 6; o++) {
            uint32_t got[DS_FOLD_CP_MAX * DS_FOLD_CP_MAX] = {cp};
            size_t m = 1;
            for (size_t i = 0; i < 3; i++)
                m = apply(got, m, orders[o][i]);
            if (m != n || memcmp(got, want, n * sizeof *got) != 0)
                ck_abort_msg("U+%04X in order %zu", cp, o);
        }
    }
}
END_TEST

START_TEST(what_is_no_code_point_becomes_itself)
{
    static const uint32_t none[] = {0xD800, 0xDFFF, 0x110000, 0x7FFFFFFF, DS_UTF8_BAD};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        uint32_t out[DS_FOLD_CP_MAX];
        ck_assert_uint_eq(ds_fold_cp(none[i], DS_FOLD_ALL, out), 1);
        ck_assert_uint_eq(out[0], none[i]);
        ck_assert_uint_eq(ds_fold_variant(none[i]), none[i]);
    }
}
END_TEST

/* Expected foldings by code point, as text: code points in hexadecimal. */
static char **expected_foldings(void)
{
    char **want = calloc(CODE_POINTS, sizeof *want);
    ck_assert_ptr_nonnull(want);
    return want;
}

static void check_foldings(char **want, unsigned flag)
{
    size_t seen = 0;
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        uint32_t out[DS_FOLD_CP_MAX];
        size_t n = ds_fold_cp(cp, flag, out);
        if (want[cp] == NULL && n == 1 && out[0] == cp)
            continue;
        ck_assert_msg(want[cp] != NULL, "U+%04X folds to U+%04X", cp, out[0]);
        char *rest = want[cp];
        for (size_t i = 0; i < n; i++) {
            uint32_t w = (uint32_t)strtoul(rest, &rest, 16);
            ck_assert_msg(out[i] == w, "U+%04X folds to U+%04X, not U+%04X", cp, out[i], w);
        }
        ck_assert_msg(strtoul(rest, NULL, 16) == 0, "U+%04X folds to too little", cp);
        seen++;
    }
    ck_assert_uint_gt(seen, 100);
    free(want);
}

START_TEST(case_is_full_case_folding_of_the_unicode_file)
{
    size_t size;
    char *file = test_read_file(DATA_UNICODE "/CaseFolding.txt", &size), **want = expected_foldings();
    for (char *line = strtok(file, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *rest;
        unsigned long cp = strtoul(line, &rest, 16);
        if (rest == line || strncmp(rest, "; ", 2) != 0 || strchr("CF", rest[2]) == NULL)
            continue;
        want[cp] = rest + 5; /* "0130; F; 0069 0307; # ..." */
        want[cp][strcspn(want[cp], ";")] = '\0';
    }
    check_foldings(want, DS_FOLD_CASE);
    free(file);
}
END_TEST

START_TEST(width_is_the_wide_and_narrow_decompositions_of_the_unicode_file)
{
    size_t size;
    char *file = test_read_file(DATA_UNICODE "/UnicodeData.txt", &size), **want = expected_foldings();
    for (char *line = strtok(file, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *wide = strstr(line, ";<wide> "), *narrow = strstr(line, ";<narrow> ");
        char *to = wide != NULL ? wide + 8 : narrow != NULL ? narrow + 10 : NULL;
        if (to == NULL)
            continue;
        want[strtoul(line, NULL, 16)] = to;
        to[strcspn(to, ";")] = '\0';
    }
    check_foldings(want, DS_FOLD_WIDTH);
    free(file);
}
END_TEST

/* ------------------------------------------------------------------ variants */

/* Characters that some text writes for one another; the first is the key. */
static const char *const groups[] = {
    "着著", "里裏裡", "台臺檯颱枱", "么麼麽幺", "干乾幹", "后後", "发發髮", "内內", "卷捲", "鲶鯰", "抛拋", "亏虧", "只隻衹祇",
    "钟鐘鍾锺", "复復複覆", "了瞭", "借藉", "仿彷", "抵牴", "征徵", "于於", "它牠", "背揹", "抬擡", "众眾衆", "为為爲", "说說説",
    "台臺", "线線綫", "面麵麪", "启啟啓", "杯盃", "周週", "苏蘇甦", "群羣", "床牀", "峰峯", "秘祕", "吃喫", "污汙", "针針鍼",
    "余餘馀", "系係繫", "脱脫", "温溫", "税稅", "户戶", "鸡雞", "颚顎齶", "价價", "战戰", "讯訊", "网網", "云雲", "软軟", "体體",
};

START_TEST(characters_written_for_one_another_fold_together)
{
    ds_str group = ds_str_of(groups[_i]);
    uint32_t key;
    size_t at = ds_utf8_decode(group.p, group.n, &key);
    ck_assert_msg(ds_fold_variant(key) == key, "the key of %s folds to U+%04X", groups[_i], ds_fold_variant(key));
    while (at < group.n) {
        uint32_t cp;
        at += ds_utf8_decode(group.p + at, group.n - at, &cp);
        ck_assert_msg(ds_fold_variant(cp) == key, "%s: U+%04X folds to U+%04X", groups[_i], cp, ds_fold_variant(cp));
    }
}
END_TEST

START_TEST(different_simplified_characters_stay_different)
{
    static const char *const apart[] = {"链炼", "坂阪", "仇雠", "周赒", "干千", "未末", "历厉", "尽进", "获货", "胜升"};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        uint32_t a, b;
        size_t n = ds_utf8_decode(apart[i], strlen(apart[i]), &a);
        ds_utf8_decode(apart[i] + n, strlen(apart[i]) - n, &b);
        ck_assert_msg(ds_fold_variant(a) != ds_fold_variant(b), "%s fold together", apart[i]);
    }
}
END_TEST

START_TEST(only_han_characters_have_variants)
{
    size_t moved = 0;
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        uint32_t to = ds_fold_variant(cp);
        if (to == cp)
            continue;
        moved++;
        if (cp < 0x3400 || to < 0x3400 || to >= 0x40000)
            ck_abort_msg("U+%04X folds to U+%04X", cp, to);
    }
    ck_assert_uint_gt(moved, 4000);
}
END_TEST

/* ------------------------------------------------------------------ texts */

static const struct {
    const char *in;
    unsigned flags;
    const char *out;
} texts[] = {
    {"", DS_FOLD_ALL, ""},
    {"OpenAI 與 DeepSeek 的價格戰", DS_FOLD_ALL, "openai 与 deepseek 的价格战"},
    {"OpenAI 與 DeepSeek 的價格戰", DS_FOLD_CASE, "openai 與 deepseek 的價格戰"},
    {"OpenAI 與 DeepSeek 的價格戰", DS_FOLD_VARIANT, "OpenAI 与 DeepSeek 的价格战"},
    {"ＧＰＴ－４ｏ，　Ｒ１", DS_FOLD_ALL, "gpt-4o, r1"},
    {"ＧＰＴ－４ｏ，　Ｒ１", DS_FOLD_WIDTH, "GPT-4o, R1"},
    {"ＧＰＴ", DS_FOLD_CASE, "ｇｐｔ"},
    {"Straße, ŉ, İ, ΐ", DS_FOLD_CASE, "strasse, \xCA\xBCn, i\xCC\x87, \xCE\xB9\xCC\x88\xCC\x81"},
    {"ｱｲｳ ﾡﾢ ￥100", DS_FOLD_WIDTH, "アイウ ㄱㄲ ¥100"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abc{|}@AZ", DS_FOLD_CASE, "abcdefghijklmnopqrstuvwxyz[\\]^_`abc{|}@az"},
    {"看著裏面，著名", DS_FOLD_VARIANT, "看着里面，着名"},
    {"\xE4\xB8X\xFFY\xC3", DS_FOLD_ALL, "\xE4\xB8x\xFFy\xC3"},
    {"馬斯克", 8 | 16, "馬斯克"}, /* unknown flags are ignored */
    {"䆉", DS_FOLD_VARIANT, "𫁂"}, /* three bytes become four */
};

START_TEST(texts_fold_as_they_should)
{
    ds_buf out = folded(texts[_i].in, texts[_i].flags);
    ck_assert_msg(ds_str_eq(ds_buf_str(&out), ds_str_of(texts[_i].out)), "\"%s\" gives \"%.*s\"", texts[_i].in,
                  (int)out.n, out.p);
    ds_buf_clear(&out);
}
END_TEST

/* Pieces that take every path through ds_fold. */
static const char *const pool[] = {
    "a", "Z", "lower case ", "UPPER CASE ", "中", "價", "，", "　", "Ａ", "ß", "É", "İ", "䆉", "😀", "\xFF", "\xE4\xB8", "ｶ", "。", "ΐ",
    "ﬃ", /* as many bytes as its fold, but three letters: an atom */
};
#define POOL (sizeof pool / sizeof *pool)

static size_t random_text(char *text, size_t pieces_count, uint32_t *seed)
{
    size_t n = 0;
    for (size_t i = 0; i < pieces_count; i++) {
        const char *piece = pool[next_random(seed) % POOL];
        memcpy(text + n, piece, strlen(piece));
        n += strlen(piece);
    }
    return n;
}

static void check_origin(const ds_offmap *map, size_t at, size_t n, size_t src, size_t len)
{
    size_t beg, end;
    ds_offmap_origin(map, at, at + n, &beg, &end);
    ck_assert_uint_eq(beg, src);
    ck_assert_uint_eq(end, src + len);
}

/* One code point or subpart folded by itself, and where it and its parts must lead back to. */
static void check_one(ds_str out, const ds_offmap *map, size_t *at, const char *p, size_t len, size_t src,
                      unsigned flags)
{
    uint32_t cp, cps[DS_FOLD_CP_MAX];
    char want[DS_FOLD_CP_MAX * DS_UTF8_MAX];
    size_t n = 0;
    ds_utf8_decode(p, len, &cp);
    if (cp == DS_UTF8_BAD) {
        memcpy(want, p, len);
        n = len;
    } else {
        size_t count = ds_fold_cp(cp, flags, cps);
        for (size_t i = 0; i < count; i++) {
            size_t part = ds_utf8_encode(cps[i], want + n);
            check_origin(map, *at + n, part, src, len);
            n += part;
        }
    }
    ck_assert_uint_le(*at + n, out.n);
    ck_assert_mem_eq(out.p + *at, want, n);
    check_origin(map, *at, n, src, len);
    *at += n;
}

static void check_text(ds_str in, unsigned flags)
{
    ds_buf out;
    ds_offmap map;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    ck_assert_int_eq(ds_fold(in, flags, &out, &map, NULL), DS_OK);
    ck_assert_uint_eq(map.out_len, out.n);
    size_t at = 0, len;
    for (size_t i = 0; i < in.n; i += len) {
        uint32_t cp;
        len = ds_utf8_decode(in.p + i, in.n - i, &cp);
        check_one(ds_buf_str(&out), &map, &at, in.p + i, len, i, flags);
    }
    ck_assert_uint_eq(at, out.n);
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
}

START_TEST(random_texts_fold_and_lead_back_code_point_by_code_point)
{
    char text[512];
    uint32_t seed = 6;
    for (int round = 0; round < 400; round++) {
        size_t n = random_text(text, 24, &seed);
        char *exact = malloc(n + 1); /* so that the sanitizer sees a read past the end */
        memcpy(exact, text, n);
        check_text((ds_str){exact, n}, (unsigned)round % 8);
        free(exact);
    }
}
END_TEST

START_TEST(inputs_of_several_calls_are_one_text)
{
    ds_buf parts, whole;
    ds_offmap map, want;
    ds_str first = ds_str_of("價ＡＢC"), second = ds_str_of("格Ｄ戰");
    ds_str both = ds_str_of("價ＡＢC格Ｄ戰");
    ds_buf_init(&parts, NULL);
    ds_buf_init(&whole, NULL);
    ds_offmap_init(&map, NULL);
    ds_offmap_init(&want, NULL);
    ck_assert_int_eq(ds_fold(first, DS_FOLD_ALL, &parts, &map, NULL), DS_OK);
    ck_assert_int_eq(ds_fold(second, DS_FOLD_ALL, &parts, &map, NULL), DS_OK);
    ck_assert_int_eq(ds_fold(both, DS_FOLD_ALL, &whole, &want, NULL), DS_OK);
    ck_assert(ds_str_eq(ds_buf_str(&parts), ds_buf_str(&whole)));
    ck_assert_uint_eq(map.out_len, want.out_len);
    for (size_t i = 0; i < parts.n; i++) {
        size_t beg, end, want_beg, want_end;
        ds_offmap_origin(&map, i, i + 1, &beg, &end);
        ds_offmap_origin(&want, i, i + 1, &want_beg, &want_end);
        ck_assert_uint_eq(beg, want_beg);
        ck_assert_uint_eq(end, want_end);
    }
    ds_offmap_clear(&map);
    ds_offmap_clear(&want);
    ds_buf_clear(&parts);
    ds_buf_clear(&whole);
}
END_TEST

START_TEST(text_without_a_change_of_length_costs_one_run)
{
    ds_buf out;
    ds_offmap map;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    ck_assert_int_eq(ds_fold(ds_str_of("馬斯克說 OpenAI 的價格戰。\xFF"), DS_FOLD_ALL, &out, &map, NULL), DS_OK);
    ck_assert_uint_eq(map.count, 1);
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
}
END_TEST

static ds_status fold_with_map(const ds_alloc *a, void *ud)
{
    (void)ud;
    static const char expanding[] = "價ΐΐΐΐΐΐΐΐΐΐΐΐΐΐΐΐΐΐΐΐ"; /* grows threefold: buffer and map grow several times */
    ds_buf out;
    ds_offmap map;
    ds_error err;
    ds_buf_init(&out, a);
    ds_offmap_init(&map, a);
    ds_status st = ds_fold(ds_str_of("ok"), DS_FOLD_ALL, &out, &map, &err);
    if (st == DS_OK)
        st = ds_fold(ds_str_of(expanding), DS_FOLD_ALL, &out, &map, &err);
    if (st == DS_OK) {
        ck_assert_uint_eq(out.n, 2 + 3 + 20 * 6);
    } else {
        ck_assert_int_eq(err.status, DS_ENOMEM);
        ck_assert(out.n == 0 || out.n == 2); /* taken back */
        ck_assert_uint_eq(map.out_len, out.n);
    }
    ds_offmap_clear(&map);
    ds_buf_clear(&out);
    return st;
}

START_TEST(lack_of_memory_takes_back_what_was_appended)
{
    oom_sweep(fold_with_map, NULL);
}
END_TEST

/* ------------------------------------------------------------------ scripts */

static const struct {
    const char *text, *name;
} scripts[] = {
    {"", "Zyyy"},
    {"12:30, 100% 。！\xFF", "Zyyy"},
    {"价格战打响，马斯克发声", "Hans"},
    {"價格戰打響，馬斯克發聲", "Hant"},
    {"價格戰打響，马斯克发声", "mixed"},
    {"價格戰打響，馬斯克發聲，這個國家的軟體業者認為，马", "Hant"},
    {"人工智能大模型", "Hani"},
    {"台灣的里長", "Hant"},
    {"著名的台北后里", "Hani"}, /* legal in both */
    {"The price war", "Latn"},
    {"OpenAI、Anthropic 与 DeepSeek 的价格战", "Hans"}, /* names do not make it English */
    {"価格競争がはじまった、とマスクさんはいった", "Kana"},
    {"가격 전쟁이 시작됐다", "Hang"},
    {"Ценовая война", "Cyrl"},
    {"Ο πόλεμος των τιμών", "Zzzz"},
};

START_TEST(scripts_by_the_characters_that_tell)
{
    ds_script_counts counts;
    ds_fold_count_scripts(ds_str_of(scripts[_i].text), &counts);
    ck_assert_msg(strcmp(ds_fold_script_name(&counts), scripts[_i].name) == 0, "\"%s\" is %s, want %s",
                  scripts[_i].text, ds_fold_script_name(&counts), scripts[_i].name);
}
END_TEST

START_TEST(letters_are_counted_by_script)
{
    ds_script_counts c;
    ds_fold_count_scripts(ds_str_of("讲講格 ABé ４ アｱ 한 ж α 々〇，。1"), &c);
    ck_assert_uint_eq(c.han, 5);
    ck_assert_uint_eq(c.hans, 1);
    ck_assert_uint_eq(c.hant, 1);
    ck_assert_uint_eq(c.latin, 3);
    ck_assert_uint_eq(c.kana, 2);
    ck_assert_uint_eq(c.hangul, 1);
    ck_assert_uint_eq(c.cyrillic, 1);
    ck_assert_uint_eq(c.other, 1);
}
END_TEST

START_TEST(mixed_begins_above_one_in_five)
{
    ds_script_counts c = {.hans = 4, .hant = 1, .han = 5};
    ck_assert_str_eq(ds_fold_script_name(&c), "Hans");
    c.hans = 3;
    ck_assert_str_eq(ds_fold_script_name(&c), "mixed");
    c.hans = 0;
    ck_assert_str_eq(ds_fold_script_name(&c), "Hant");
}
END_TEST

/* What `c` counted, as the name that Scripts.txt uses. */
static const char *counted_as(const ds_script_counts *c)
{
    return c->han ? "Han" : c->latin ? "Latin" : c->kana ? "Kana" : c->hangul ? "Hangul" : c->cyrillic ? "Cyrillic"
                                                                              : c->other ? "other" : "none";
}

static const char *expected_script(const char *name)
{
    static const char *const known[] = {"Han", "Latin", "Hangul", "Cyrillic"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0)
            return known[i];
    return strcmp(name, "Hiragana") == 0 || strcmp(name, "Katakana") == 0 ? "Kana" : "other";
}

/* Letters only: signs, digits and marks of a script are not counted. */
START_TEST(letters_have_the_script_of_the_unicode_file)
{
    size_t size, checked = 0;
    char *file = test_read_file(DATA_UNICODE "/Scripts.txt", &size);
    for (char *line = strtok(file, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned first, last;
        char name[64], category[8];
        int n = sscanf(line, "%x..%x ; %63s # %7s", &first, &last, name, category);
        if (n != 4) {
            n = sscanf(line, "%x ; %63s # %7s", &first, name, category);
            last = first;
            if (n != 3)
                continue;
        }
        if (category[0] != 'L' || strcmp(name, "Common") == 0 || strcmp(name, "Inherited") == 0)
            continue;
        for (uint32_t cp = first; cp <= last; cp++, checked++) {
            char utf8[DS_UTF8_MAX];
            ds_script_counts c;
            ds_fold_count_scripts((ds_str){utf8, ds_utf8_encode(cp, utf8)}, &c);
            ck_assert_msg(strcmp(counted_as(&c), expected_script(name)) == 0, "U+%04X is %s, counted as %s", (unsigned)cp,
                          name, counted_as(&c));
        }
    }
    ck_assert_uint_gt(checked, 130000);
    free(file);
}
END_TEST

static Suite *fold_suite(void)
{
    Suite *s = suite_create("fold");
    TCase *t = tcase_create("fold");
    tcase_add_test(t, folding_twice_is_folding_once);
    tcase_add_test(t, the_order_of_the_three_folds_makes_no_difference);
    tcase_add_test(t, what_is_no_code_point_becomes_itself);
    tcase_add_test(t, case_is_full_case_folding_of_the_unicode_file);
    tcase_add_test(t, width_is_the_wide_and_narrow_decompositions_of_the_unicode_file);
    tcase_add_loop_test(t, characters_written_for_one_another_fold_together, 0, sizeof groups / sizeof *groups);
    tcase_add_test(t, different_simplified_characters_stay_different);
    tcase_add_test(t, only_han_characters_have_variants);
    tcase_add_loop_test(t, texts_fold_as_they_should, 0, sizeof texts / sizeof *texts);
    tcase_add_test(t, random_texts_fold_and_lead_back_code_point_by_code_point);
    tcase_add_test(t, inputs_of_several_calls_are_one_text);
    tcase_add_test(t, text_without_a_change_of_length_costs_one_run);
    tcase_add_test(t, lack_of_memory_takes_back_what_was_appended);
    tcase_add_loop_test(t, scripts_by_the_characters_that_tell, 0, sizeof scripts / sizeof *scripts);
    tcase_add_test(t, letters_are_counted_by_script);
    tcase_add_test(t, letters_have_the_script_of_the_unicode_file);
    tcase_add_test(t, mixed_begins_above_one_in_five);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(fold_suite());
}

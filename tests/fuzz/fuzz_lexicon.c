/*
 * fuzz_lexicon.c - damaged images of a lexicon: refused, or wrong answers, but no crash.
 *
 * Byte 0 of the input: bit 0: the header's checksum is made right again, so that damage gets further; the rest: how
 * much of the image is cut off.  Then groups of four bytes: where (3) and what (1) is written.
 */
#include "fuzz_words.h"
#include "lexicon_int.h"

#define INPUT_MOST 200

static void repair_header(char *image, size_t n)
{
    if (n < LEX_HEADER + LEX_SECTIONS * LEX_ENTRY)
        return;
    uint32_t crc = ds_crc32(ds_crc32(0, image, LEX_CRC), image + LEX_HEADER, LEX_SECTIONS * LEX_ENTRY);
    for (size_t i = 0; i < 4; i++)
        image[LEX_CRC + i] = (char)(unsigned char)(crc >> 8 * i);
}

/* Every look-up, with every word id and some that are none. */
static void use_look_ups(const ds_lexicon *lex)
{
    int32_t count = (int32_t)ds_lexicon_count(lex);
    uint64_t sum = ds_lexicon_total(lex) + ds_lexicon_source(lex).n;
    for (int32_t id = -2; id < count + 2; id++)
        sum += ds_lexicon_freq(lex, id) + (uint64_t)ds_lexicon_cost(lex, id) + ds_lexicon_pos_name(lex, ds_lexicon_pos(lex, id)).n;
    for (uint32_t cp = 0; cp < 0x120000; cp += cp < 0x100 || (cp >= 0x4E00 && cp < 0x4F00) ? 1 : 0x101)
        sum += ds_lexicon_code(lex, cp);
    for (uint16_t pos = 0; pos < ds_lexicon_pos_count(lex) && pos < 300; pos++)
        sum += ds_lexicon_pos_name(lex, pos).n;
    for (size_t i = 0; i < FUZZ_CHARACTERS; i++)
        FUZZ_CHECK(ds_lexicon_find(lex, ds_str_of(fuzz_traditional[i])) < count);
    FUZZ_CHECK(sum != 1);
}

static void use_segmenter(const ds_lexicon *lex)
{
    static const char text[] = "李诗雅的價格戰车于2025年1月25日，马斯克尔的消费者價格消費！马斯克的车发于三十年价格战a车";
    ds_userdict *user;
    FUZZ_CHECK(ds_userdict_new(NULL, &user, NULL) == DS_OK);
    FUZZ_CHECK(ds_userdict_add(user, ds_str_of("格战"), 300, ds_str_of("n"), NULL) == DS_OK);
    for (int i = 0; i < 9; i++) {
        ds_segment_options o = {.style = (ds_style)(i % 3), .mode = (ds_mode)(i / 3)};
        ds_segmenter *seg;
        ds_tokens t;
        size_t names = 0;
        ds_tokens_init(&t, NULL);
        FUZZ_CHECK(ds_segmenter_new(NULL, lex, user, &o, &seg, NULL) == DS_OK);
        FUZZ_CHECK(ds_segment(seg, ds_str_of(text), &t, NULL) == DS_OK);
        FUZZ_CHECK(t.count > 0 && t.items[t.count - 1].end == sizeof text - 1);
        for (size_t k = 0; k < t.count; k++)
            names += ds_segment_pos_name(seg, t.items[k].pos).n + (ds_segment_word_freq(seg, t.items[k].word) > 0);
        FUZZ_CHECK(names <= t.count * 4096);
        ds_tokens_clear(&t);
        ds_segmenter_free(seg);
    }
    ds_userdict_free(user);
}

/* Whether header or section table are damaged, or anything. */
static void compare(const char *image, ds_str whole, size_t n, bool *header, bool *any)
{
    size_t covered = LEX_HEADER + LEX_SECTIONS * LEX_ENTRY;
    *header = n < covered;
    *any = n != whole.n;
    for (size_t i = 0; i < n; i++) {
        bool changed = image[i] != whole.p[i];
        *any |= changed;
        *header |= changed && i < covered;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static ds_buf whole;
    ds_lexicon *lex;
    ds_error err;
    bool header, any, repaired = n > 0 && data[0] % 2 != 0;
    if (n == 0 || n > INPUT_MOST)
        return 0;
    if (whole.p == NULL) {
        ds_buf_init(&whole, NULL);
        fuzz_lexicon_image(&whole);
    }
    size_t cut = data[0] / 2 < 100 ? 0 : (size_t)data[0] * 7, len = cut < whole.n ? whole.n - cut : 0;
    char *image = fuzz_exact(whole.p, len);
    for (size_t i = 1; i + 4 <= n && len > 0; i += 4)
        image[((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]) % len] = (char)data[i + 3];
    compare(image, ds_buf_str(&whole), len, &header, &any);
    if (repaired)
        repair_header(image, len);
    ds_status st = ds_lexicon_view(NULL, (ds_str){image, len}, &lex, &err);
    FUZZ_CHECK(st == DS_OK || (st == DS_EFORMAT && lex == NULL && err.off <= len));
    FUZZ_CHECK(st == DS_OK ? repaired || !header : any);
    if (st == DS_OK) {
        ds_status verified = ds_lexicon_verify(lex, &err);
        FUZZ_CHECK(verified == DS_OK ? repaired || !any : any && err.off <= len);
        use_look_ups(lex);
        use_segmenter(lex);
    }
    ds_lexicon_free(lex);
    free(image);
    return 0;
}

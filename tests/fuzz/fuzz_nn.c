/*
 * fuzz_nn.c - damaged images of a tagger: refused, or wrong answers that are the same on every path, but no crash.
 *
 * Byte 0 of the input: bit 0: all checksums are made right again, so that damage gets further; the rest: how much of
 * the image is cut off.  Then groups of four bytes: where (3) and what (1) is written.
 */
#include "../core/tagger.h"
#include "fuzz_words.h"
#include "nn_int.h"

#define INPUT_MOST 200

static void put32(char *to, uint32_t v)
{
    for (size_t i = 0; i < 4; i++)
        to[i] = (char)(unsigned char)(v >> 8 * i);
}

/* Makes the checksums right, of the sections that lie within the image. */
static void repair(char *image, size_t n)
{
    if (n < NN_HEADER + NN_SECTIONS * NN_ENTRY)
        return;
    for (size_t i = 0; i < NN_SECTIONS; i++) {
        char *e = image + NN_HEADER + i * NN_ENTRY;
        uint64_t off = ds_load64(e + 8), len = ds_load64(e + 16);
        if (off <= n && len <= n - off)
            put32(e + 4, ds_crc32(0, image + off, (size_t)len));
    }
    put32(image + NN_CRC, ds_crc32(ds_crc32(0, image, NN_CRC), image + NN_HEADER, NN_SECTIONS * NN_ENTRY));
}

/* The paths agree as long as the weights are a builder's; damaged ones may saturate on one of them. */
static void use_tagger(const ds_nn *nn, bool whole)
{
    static const uint16_t ids[] = {1, 2, 3, 65535, 5, 6};
    static const uint32_t ends[] = {4, 5, 6};
    ds_nn_mark marks[6], plain[6];
    size_t sum = ds_nn_source(nn).n + ds_nn_crc(nn) % 2;
    FUZZ_CHECK(ds_nn_run(nn, NULL, ids, ends, 3, marks, NULL) == DS_OK);
    FUZZ_CHECK(nn_run_with(nn, nn_kernels_of(DS_CPU_PORTABLE), NULL, ids, ends, 3, plain, NULL) == DS_OK);
    for (size_t i = 0; i < 6; i++) {
        FUZZ_CHECK(marks[i].tag < ds_nn_tag_count(nn));
        FUZZ_CHECK(!whole || (marks[i].tag == plain[i].tag && marks[i].border == plain[i].border));
    }
    for (unsigned tag = 0; tag < 256; tag++)
        sum += strlen(ds_nn_tag_name(nn, (uint8_t)tag));
    for (uint32_t cp = 0; cp < 0x120000; cp += cp < 0x100 || (cp >= 0x4E00 && cp < 0x4F00) ? 1 : 0x101)
        sum += ds_nn_id(nn, cp);
    FUZZ_CHECK(sum != 1);
}

static void use_segmenter(const ds_nn *nn)
{
    static const char text[] = "李诗雅的價格戰车\n于2025年1月马斯克a车\xFF";
    static ds_buf words;
    ds_lexicon *lex;
    if (words.p == NULL) {
        ds_buf_init(&words, NULL);
        fuzz_lexicon_image(&words);
    }
    FUZZ_CHECK(ds_lexicon_view(NULL, ds_buf_str(&words), &lex, NULL) == DS_OK);
    for (int style = 0; style < 2; style++) {
        ds_segment_options o = {.style = (ds_style)style, .mode = DS_MODE_ACCURATE, .tagger = nn};
        ds_segmenter *seg;
        ds_tokens t;
        size_t at = 0, names = 0;
        ds_tokens_init(&t, NULL);
        FUZZ_CHECK(ds_segmenter_new(NULL, lex, NULL, &o, &seg, NULL) == DS_OK);
        FUZZ_CHECK(ds_segment(seg, ds_str_of(text), &t, NULL) == DS_OK);
        for (size_t k = 0; k < t.count; k++) {
            FUZZ_CHECK(t.items[k].beg == at && t.items[k].end > at);
            at = t.items[k].end;
            names += ds_segment_pos_name(seg, t.items[k].pos).n + strlen(ds_entity_name(t.items[k].entity));
        }
        FUZZ_CHECK(at == sizeof text - 1 && names < 4096 * t.count);
        ds_tokens_clear(&t);
        ds_segmenter_free(seg);
    }
    ds_lexicon_free(lex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static ds_buf whole;
    ds_nn *nn;
    ds_error err;
    if (n == 0 || n > INPUT_MOST)
        return 0;
    if (whole.p == NULL) {
        ds_buf_init(&whole, NULL);
        FUZZ_CHECK(tagger_image(7, &whole));
    }
    bool repaired = data[0] % 2 != 0;
    size_t cut = data[0] / 2 < 100 ? 0 : (size_t)data[0] * 777, len = cut < whole.n ? whole.n - cut : 0;
    char *image = fuzz_exact(whole.p, len);
    for (size_t i = 1; i + 4 <= n && len > 0; i += 4)
        image[((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]) % len] = (char)data[i + 3];
    bool damaged = len != whole.n || memcmp(image, whole.p, len) != 0;
    if (repaired)
        repair(image, len);
    ds_status st = ds_nn_view(NULL, (ds_str){image, len}, &nn, &err);
    FUZZ_CHECK(st == DS_OK || (st == DS_EFORMAT && nn == NULL && err.off <= len && damaged));
    if (st == DS_OK) {
        ds_status verified = ds_nn_verify(nn, &err);
        FUZZ_CHECK(verified == DS_OK ? repaired || !damaged : damaged && err.off <= len);
        use_tagger(nn, !damaged);
        use_segmenter(nn);
    }
    ds_nn_free(nn);
    free(image);
    return 0;
}

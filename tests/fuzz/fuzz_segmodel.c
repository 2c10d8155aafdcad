/*
 * fuzz_segmodel.c - damaged images of a trained segmenter: refused, or other words, but no crash, and the words still join.
 *
 * Byte 0 of the input: bit 0: the checksum is made right again, so that damage gets further; the rest: how much of the
 * image is cut off.  Byte 1: how many bytes of text follow, as fuzz_pick takes them.  Then groups of four bytes: where (3) in
 * the image and what (1) is written.  Places from 0xFF0000 on count from the tables' entries in the header, which are few.
 */
#include "fuzz_words.h"
#include "segment_model_int.h"
#include "train.h"

#define INPUT_MOST 300

static ds_buf lexicon_image, whole;
static ds_lexicon *lex;

static void make_model(void)
{
    static const char *const gold[] = {"价格 战 的 车 ， 消费者 发于 十三 日",   "李诗雅 的 战车 25 日 价格 消费",
                                       "马 斯克尔 的 车 发 于 三十年 。", "a 车 的 价格 战 GPT-4o 的 价格战车"};
    ds_trainer *t;
    ds_train_options o = {.seed = 1, .least = 1};
    ds_buf_init(&lexicon_image, NULL);
    ds_buf_init(&whole, NULL);
    fuzz_lexicon_image(&lexicon_image);
    FUZZ_CHECK(ds_lexicon_view(NULL, ds_buf_str(&lexicon_image), &lex, NULL) == DS_OK);
    FUZZ_CHECK(ds_trainer_new(NULL, lex, &o, &t, NULL) == DS_OK);
    for (size_t i = 0; i < sizeof gold / sizeof *gold; i++)
        FUZZ_CHECK(ds_trainer_add(t, ds_str_of(gold[i]), NULL) == DS_OK);
    FUZZ_CHECK(ds_trainer_begin(t, 0, 0, NULL) == DS_OK && ds_trainer_round(t, NULL) == DS_OK);
    FUZZ_CHECK(ds_trainer_image(t, ds_str_of("fuzz"), &whole, NULL) == DS_OK);
    ds_trainer_free(t);
}

static void repair(char *image, size_t n)
{
    if (n < MODEL_HEADER)
        return;
    uint32_t crc = ds_crc32(ds_crc32(0, image, MODEL_CRC), image + MODEL_CRC + 4, n - MODEL_CRC - 4);
    for (size_t i = 0; i < 4; i++)
        image[MODEL_CRC + i] = (char)(unsigned char)(crc >> 8 * i);
}

static void cut_text(const ds_segmodel *model, ds_str text)
{
    ds_segment_options o = {.mode = DS_MODE_TRAINED, .model = model};
    ds_segmenter *seg;
    ds_tokens t;
    ds_buf about;
    if (ds_segmenter_new(NULL, lex, NULL, &o, &seg, NULL) != DS_OK) {
        FUZZ_CHECK(ds_segmodel_lexicon_crc(model) != ds_lexicon_crc(lex));
        return;
    }
    ds_tokens_init(&t, NULL);
    ds_buf_init(&about, NULL);
    ds_segmenter_describe(seg, &about);
    FUZZ_CHECK(ds_segment(seg, text, &t, NULL) == DS_OK);
    uint32_t at = 0;
    for (size_t i = 0; i < t.count; i++) {
        FUZZ_CHECK(t.items[i].beg == at && t.items[i].end > at && t.items[i].cls < DS_CLASS_COUNT);
        at = t.items[i].end;
    }
    FUZZ_CHECK(at == text.n);
    ds_buf_clear(&about);
    ds_tokens_clear(&t);
    ds_segmenter_free(seg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[256 * FUZZ_CHARACTER_MOST];
    ds_segmodel *model;
    ds_error err;
    if (n < 2 || n > INPUT_MOST)
        return 0;
    if (lex == NULL)
        make_model();
    bool repaired = data[0] % 2 != 0;
    size_t cut = data[0] / 2 < 100 ? 0 : (size_t)data[0] * 7, len = cut < whole.n ? whole.n - cut : 0;
    size_t picks = data[1] < n - 2 ? data[1] : n - 2, text_n = fuzz_pick(text, fuzz_simplified, data + 2, picks);
    char *image = fuzz_exact(whole.p, len), *exact = fuzz_exact(text, text_n);
    for (size_t i = 2 + picks; i + 4 <= n && len > 0; i += 4) {
        size_t at = (size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2];
        image[(data[i] == 0xFF ? at & 0xFF : at) % len] = (char)data[i + 3];
    }
    bool same = len == whole.n && memcmp(image, whole.p, len) == 0;
    if (repaired)
        repair(image, len);
    ds_status st = ds_segmodel_view(NULL, (ds_str){image, len}, "fuzz.seg", &model, &err);
    FUZZ_CHECK(st == DS_OK || (st == DS_EFORMAT && model == NULL && err.off <= len));
    FUZZ_CHECK(st == DS_OK ? repaired || same : !same);
    if (st == DS_OK)
        cut_text(model, (ds_str){exact, text_n});
    ds_segmodel_free(model);
    free(image);
    free(exact);
    return 0;
}

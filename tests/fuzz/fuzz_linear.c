/*
 * fuzz_linear.c - damaged images of a linear model: refused, or other chances, but no crash; and any bytes as a text.
 *
 * Byte 0 of the input: bit 0: the checksum is made right again, so that damage gets further; the rest: how much of the
 * image is cut off, below 100 nothing.  Byte 1: how many bytes of text follow.  Then groups of three bytes: where (2) in the
 * image and what (1) is written; places from 0xFF00 on count from the header.
 */
#include <string.h>

#include "fuzz.h"
#include "linear_int.h"

#define INPUT_MOST 300

static const float scale[DS_BAG_GROUPS] = {1, 1, -1};
static ds_buf whole;

static void fill(ds_bag *b, ds_str text)
{
    size_t mid = text.n / 2;
    ds_bag_reset(b);
    ds_bag_chars(b, 0, text, 0, text.n, 1, 2);
    ds_bag_around(b, 1, text, mid / 2, mid, 4, 2);
    ds_bag_name(b, 2, text, 1, 0, text.n);
    FUZZ_CHECK(ds_bag_close(b, scale, NULL) == DS_OK);
}

static void make_model(void)
{
    static const char *const texts[] = {"很好", "很糟", "好，推荐", "糟，后悔"};
    ds_learn_options o = {.seed = 1, .least = 1, .rounds = 5};
    ds_learner *t;
    ds_bag b;
    ds_buf_init(&whole, NULL);
    ds_bag_init(&b, NULL);
    FUZZ_CHECK(ds_learner_new(NULL, 2, &o, &t, NULL) == DS_OK);
    for (size_t i = 0; i < 4; i++) {
        fill(&b, ds_str_of(texts[i]));
        FUZZ_CHECK(ds_learner_add(t, &b, i % 2, 1, NULL) == DS_OK);
    }
    FUZZ_CHECK(ds_learner_fit(t, UINT32_MAX, NULL) == DS_OK);
    FUZZ_CHECK(ds_learner_image(t, 2, 1, ds_str_of("fuzz"), &whole, NULL) == DS_OK);
    ds_learner_free(t);
    ds_bag_clear(&b);
}

static void repair(char *image, size_t n)
{
    if (n < LINEAR_HEADER)
        return;
    uint32_t crc = ds_crc32(ds_crc32(0, image, LINEAR_CRC), image + LINEAR_CRC + 4, n - LINEAR_CRC - 4);
    for (size_t i = 0; i < 4; i++)
        image[LINEAR_CRC + i] = (char)(unsigned char)(crc >> 8 * i);
}

static void ask(const ds_linear *m, ds_str text)
{
    double chance[DS_LINEAR_LABELS], sum = 0;
    ds_bag b;
    ds_bag_init(&b, NULL);
    fill(&b, text);
    ds_linear_chances(m, &b, chance);
    for (size_t k = 0; k < ds_linear_labels(m); k++) {
        FUZZ_CHECK(chance[k] >= 0 && chance[k] <= 1);
        sum += chance[k];
    }
    FUZZ_CHECK(sum > 0.999 && sum < 1.001);
    for (size_t i = 0; i < b.count; i++)
        FUZZ_CHECK(b.items[i].end <= text.n && ds_linear_share(m, &b.items[i], 0) < 1e30);
    FUZZ_CHECK(ds_linear_note(m).n <= DS_LINEAR_NOTE_MOST);
    ds_bag_clear(&b);
}

static char *exact_copy(const char *p, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1);
    FUZZ_CHECK(copy != NULL);
    if (n > 0)
        memcpy(copy, p, n);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    ds_linear *m;
    ds_error err;
    if (n < 2 || n > INPUT_MOST)
        return 0;
    if (whole.n == 0)
        make_model();
    bool repaired = data[0] % 2 != 0;
    size_t cut = data[0] / 2 < 100 ? 0 : (size_t)data[0] * 61, len = cut < whole.n ? whole.n - cut : 0;
    size_t text_n = data[1] < n - 2 ? data[1] : n - 2;
    char *image = exact_copy(whole.p, len), *text = exact_copy((const char *)data + 2, text_n);
    for (size_t i = 2 + text_n; i + 3 <= n && len > 0; i += 3) {
        size_t at = (size_t)data[i] << 8 | data[i + 1];
        image[(data[i] == 0xFF ? at & 0xFF : at) % len] = (char)data[i + 2];
    }
    bool same = len == whole.n && memcmp(image, whole.p, len) == 0;
    if (repaired)
        repair(image, len);
    ds_status st = ds_linear_view(NULL, (ds_str){image, len}, &m, &err);
    FUZZ_CHECK(st == DS_OK || (st == DS_EFORMAT && m == NULL && err.off <= len));
    FUZZ_CHECK(st == DS_OK ? repaired || same : !same);
    if (st == DS_OK)
        ask(m, (ds_str){text, text_n});
    ds_linear_free(m);
    free(image);
    free(text);
    return 0;
}

/* test_linear.c - the suite of core/linear: bags of features, learning, images. */
#include "linear.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "linear_int.h"
#include "testing.h"

static const float plain[DS_BAG_GROUPS] = {-1, -1, -1, -1, -1, -1, -1, -1};
static const float whole[DS_BAG_GROUPS] = {1, 1, 1, 1, 1, 1, 1, 1};

static const struct sample {
    const char *text;
    size_t label;
} samples[] = {
    {"这个产品真的很好", 0}, {"味道很好，会再来", 0},   {"服务很好，值得推荐", 0}, {"屏幕很好也很亮", 0},
    {"这个产品真的很糟", 1}, {"味道很糟，不会再来", 1}, {"服务很糟，不推荐", 1},   {"屏幕很糟也很暗", 1},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static void fill(ds_bag *b, const char *text)
{
    ds_str s = ds_str_of(text);
    ds_bag_reset(b);
    ds_bag_chars(b, 0, s, 0, s.n, 1, 2);
}

static ds_status learn(const ds_alloc *a, uint32_t hold, uint32_t seed, ds_buf *image, double *first)
{
    ds_bag b;
    ds_learner *t;
    ds_learn_options o = {.seed = seed, .least = 1, .cost = 1};
    ds_error err;
    ds_bag_init(&b, a);
    ds_status st = ds_learner_new(a, 2, &o, &t, &err);
    for (size_t i = 0; i < SAMPLES && st == DS_OK; i++) {
        fill(&b, samples[i].text);
        st = ds_bag_close(&b, whole, &err);
        if (st == DS_OK)
            st = ds_learner_add(t, &b, samples[i].label, (uint32_t)(i % 4), &err);
    }
    if (st == DS_OK)
        st = ds_learner_fit(t, hold, &err);
    if (st == DS_OK && first != NULL)
        for (size_t i = 0; i < SAMPLES; i++)
            ds_learner_scores(t, i, first + 2 * i);
    if (st == DS_OK && image != NULL)
        st = ds_learner_image(t, 2, 7, ds_str_of("a note"), image, &err);
    ds_learner_free(t);
    ds_bag_clear(&b);
    return st;
}

START_TEST(equal_features_become_one)
{
    ds_bag b;
    ds_bag_init(&b, NULL);
    ds_bag_name(&b, 1, ds_str_of("x"), 2, 5, 6);
    ds_bag_name(&b, 1, ds_str_of("y"), 1, 0, 0);
    ds_bag_name(&b, 1, ds_str_of("x"), 1, 3, 4);
    ck_assert_int_eq(ds_bag_close(&b, plain, NULL), DS_OK);
    ck_assert_uint_eq(b.count, 2);
    const ds_feature *x = b.items[0].value > 2 ? &b.items[0] : &b.items[1];
    ck_assert_float_eq(x->value, 3);
    ck_assert_uint_eq(x->beg, 3); /* where it was seen first */
    ds_bag_clear(&b);
}
END_TEST

START_TEST(a_group_has_the_length_that_it_is_given)
{
    const float scale[DS_BAG_GROUPS] = {2, -0.5f, 0};
    ds_bag b;
    double length = 0;
    ds_bag_init(&b, NULL);
    fill(&b, "好好好，很好很好");
    ds_bag_name(&b, 1, ds_str_of("named"), 4, 0, 0);
    ds_bag_name(&b, 2, ds_str_of("left out"), 4, 0, 0);
    ck_assert_int_eq(ds_bag_close(&b, scale, NULL), DS_OK);
    for (size_t i = 0; i < b.count; i++) {
        if (b.items[i].key >> 56 == 0)
            length += (double)b.items[i].value * (double)b.items[i].value;
        else
            ck_assert_float_eq(b.items[i].value, 2);
        ck_assert_uint_ne(b.items[i].key >> 56, 2);
    }
    ck_assert_double_eq_tol(sqrt(length), 2, 1e-5);
    ds_bag_clear(&b);
}
END_TEST

START_TEST(both_scripts_have_the_same_features)
{
    ds_bag a, b;
    ds_str hans = ds_str_of("马斯克的价格战 ABC"), hant = ds_str_of("馬斯克的價格戰 ａｂｃ");
    ds_bag_init(&a, NULL);
    ds_bag_init(&b, NULL);
    ds_bag_chars(&a, 0, hans, 0, hans.n, 1, 3);
    ds_bag_chars(&b, 0, hant, 0, hant.n, 1, 3);
    ds_bag_around(&a, 1, hans, 0, 9, 5, 2);
    ds_bag_around(&b, 1, hant, 0, 9, 5, 2);
    ck_assert_int_eq(ds_bag_close(&a, plain, NULL), DS_OK);
    ck_assert_int_eq(ds_bag_close(&b, plain, NULL), DS_OK);
    ck_assert_uint_eq(a.count, b.count);
    for (size_t i = 0; i < a.count; i++)
        ck_assert(a.items[i].key == b.items[i].key);
    ds_bag_clear(&a);
    ds_bag_clear(&b);
}
END_TEST

/* Whether two texts have a feature in common that lies around [beg, end) of each. */
static bool common(const char *x, const char *y, size_t beg, size_t end)
{
    ds_bag a, b;
    bool found = false;
    ds_bag_init(&a, NULL);
    ds_bag_init(&b, NULL);
    ds_bag_around(&a, 0, ds_str_of(x), beg, end, 6, 1);
    ds_bag_around(&b, 0, ds_str_of(y), beg, end, 6, 1);
    ck_assert_int_eq(ds_bag_close(&a, plain, NULL), DS_OK);
    ck_assert_int_eq(ds_bag_close(&b, plain, NULL), DS_OK);
    for (size_t i = 0; i < a.count; i++)
        for (size_t k = 0; k < b.count; k++)
            found = found || a.items[i].key == b.items[k].key;
    ds_bag_clear(&a);
    ds_bag_clear(&b);
    return found;
}

START_TEST(side_and_distance_tell_features_apart)
{
    ck_assert(common("它好", "它好", 0, 3));
    ck_assert(!common("它好", "它 好", 0, 3));           /* at it, and near it */
    ck_assert(!common("它一二三四好", "它好", 0, 3));    /* at it, and far */
    ck_assert(!common("甲它乙", "乙它甲", 3, 6));        /* before and behind */
}
END_TEST

START_TEST(words_are_taken_alone_and_in_pairs)
{
    static const ds_token tokens[] = {{.beg = 0, .end = 6, .cls = DS_CLASS_HAN}, {.beg = 6, .end = 9, .cls = DS_CLASS_PUNCT},
                                      {.beg = 9, .end = 12, .cls = DS_CLASS_HAN}, {.beg = 12, .end = 18, .cls = DS_CLASS_HAN}};
    ds_tokens list = {.items = (ds_token *)(uintptr_t)tokens, .count = 4};
    ds_bag b;
    ds_bag_init(&b, NULL);
    ds_bag_words(&b, 0, ds_str_of("价格，大优惠"), &list);
    ck_assert_int_eq(ds_bag_close(&b, plain, NULL), DS_OK);
    ck_assert_uint_eq(b.count, 3); /* 价格, 优惠, 大 优惠: no pair over a mark, no single character alone */
    ds_bag_clear(&b);
}
END_TEST

START_TEST(what_was_held_back_is_told_right)
{
    double scores[2 * SAMPLES];
    for (uint32_t part = 0; part < 4; part++) {
        ck_assert_int_eq(learn(NULL, part, 1, NULL, scores), DS_OK);
        for (size_t i = 0; i < SAMPLES; i++)
            if (i % 4 == part)
                ck_assert(scores[2 * i + samples[i].label] > scores[2 * i + 1 - samples[i].label]);
    }
}
END_TEST

START_TEST(a_model_says_what_was_learned)
{
    ds_buf image;
    ds_linear *m;
    ds_bag b;
    double chance[DS_LINEAR_LABELS];
    ds_buf_init(&image, NULL);
    ds_bag_init(&b, NULL);
    ck_assert_int_eq(learn(NULL, UINT32_MAX, 1, &image, NULL), DS_OK);
    ck_assert_int_eq(ds_linear_view(NULL, ds_buf_str(&image), &m, NULL), DS_OK);
    ck_assert_uint_eq(ds_linear_labels(m), 2);
    ck_assert_uint_eq(ds_linear_features(m), 7);
    ck_assert(ds_str_eq(ds_linear_note(m), ds_str_of("a note")));
    fill(&b, "天气很糟");
    ck_assert_int_eq(ds_bag_close(&b, whole, NULL), DS_OK);
    ds_linear_chances(m, &b, chance);
    ck_assert_double_eq_tol(chance[0] + chance[1], 1, 1e-9);
    ck_assert(chance[1] > 0.5);
    size_t most = 0;
    for (size_t i = 1; i < b.count; i++)
        most = ds_linear_share(m, &b.items[i], 1) > ds_linear_share(m, &b.items[most], 1) ? i : most;
    ck_assert(b.items[most].beg >= 6); /* 很糟 or 糟 */
    ck_assert_double_eq_tol(ds_linear_share(m, &b.items[most], 1), -ds_linear_share(m, &b.items[most], 0), 1e-9);
    ds_linear_free(m);
    ds_bag_clear(&b);
    ds_buf_clear(&image);
}
END_TEST

START_TEST(same_seed_same_bytes)
{
    ds_buf a, b, c;
    ds_buf_init(&a, NULL);
    ds_buf_init(&b, NULL);
    ds_buf_init(&c, NULL);
    ck_assert_int_eq(learn(NULL, UINT32_MAX, 1, &a, NULL), DS_OK);
    ck_assert_int_eq(learn(NULL, UINT32_MAX, 1, &b, NULL), DS_OK);
    ck_assert_int_eq(learn(NULL, UINT32_MAX, 2, &c, NULL), DS_OK);
    ck_assert(a.n == b.n && memcmp(a.p, b.p, a.n) == 0);
    ck_assert(memcmp(a.p, c.p, a.n) != 0);
    ds_buf_clear(&a);
    ds_buf_clear(&b);
    ds_buf_clear(&c);
}
END_TEST

START_TEST(a_label_without_examples_is_named)
{
    ds_bag b;
    ds_learner *t;
    ds_error err;
    ds_bag_init(&b, NULL);
    ck_assert_int_eq(ds_learner_new(NULL, 3, NULL, &t, &err), DS_OK);
    ck_assert_int_eq(ds_learner_fit(t, UINT32_MAX, &err), DS_EINVAL);
    fill(&b, "很好");
    ck_assert_int_eq(ds_bag_close(&b, whole, NULL), DS_OK);
    ck_assert_int_eq(ds_learner_add(t, &b, 3, 0, &err), DS_EINVAL);
    ck_assert_int_eq(ds_learner_add(t, &b, 0, 0, &err), DS_OK);
    ck_assert_int_eq(ds_learner_fit(t, UINT32_MAX, &err), DS_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.msg, "label 2"));
    ds_learner_free(t);
    ds_bag_clear(&b);
}
END_TEST

START_TEST(damage_is_noticed)
{
    ds_buf image;
    ds_linear *m;
    ds_error err;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(learn(NULL, UINT32_MAX, 1, &image, NULL), DS_OK);
    for (size_t i = 0; i < image.n; i += i < 64 ? 1 : 211) {
        image.p[i] = (char)(image.p[i] ^ 0x40);
        ck_assert_int_eq(ds_linear_view(NULL, ds_buf_str(&image), &m, &err), DS_EFORMAT);
        ck_assert_ptr_null(m);
        image.p[i] = (char)(image.p[i] ^ 0x40);
    }
    for (size_t n = 0; n < image.n; n += n < 64 ? 1 : 307)
        ck_assert_int_eq(ds_linear_view(NULL, (ds_str){image.p, n}, &m, &err), DS_EFORMAT);
    ck_assert_int_eq(ds_linear_view(NULL, ds_buf_str(&image), &m, &err), DS_OK);
    ds_linear_free(m);
    ds_buf_clear(&image);
}
END_TEST

/* Damage whose checksum was made right: refused for what it says, or a model of other weights. */
START_TEST(a_header_with_a_right_checksum_is_still_looked_at)
{
    static const struct {
        size_t at;
        uint32_t value;
    } bad[] = {{8, 2}, {12, 0}, {12, 1}, {12, 9}, {16, 9}, {16, 31}, {16, 13}, {20, 5000},
             {20, 5}, {36, 0x7FC00000}, {40, 0x7F800000}, {48, 0xFF800000}};
    ds_buf image;
    ds_linear *m;
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(learn(NULL, UINT32_MAX, 1, &image, NULL), DS_OK);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        char *copy = malloc(image.n);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, image.p, image.n);
        for (size_t i = 0; i < 4; i++)
            copy[bad[k].at + i] = (char)(unsigned char)(bad[k].value >> 8 * i);
        uint32_t crc = ds_crc32(ds_crc32(0, copy, LINEAR_CRC), copy + LINEAR_CRC + 4, image.n - LINEAR_CRC - 4);
        for (size_t i = 0; i < 4; i++)
            copy[LINEAR_CRC + i] = (char)(unsigned char)(crc >> 8 * i);
        ds_status st = ds_linear_view(NULL, (ds_str){copy, image.n}, &m, NULL);
        ck_assert_msg(st == (bad[k].at == 20 && bad[k].value == 5 ? DS_OK : DS_EFORMAT), "case %zu", k);
        ds_linear_free(m);
        free(copy);
    }
    ds_buf_clear(&image);
}
END_TEST

START_TEST(files_are_named_when_they_are_bad)
{
    ds_linear *m;
    ds_error err;
    char path[] = "/tmp/ds-linear-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "wb");
    ck_assert_ptr_nonnull(f);
    fputs("label\ttarget\ttext\nthis is a table and no model at all\n", f);
    fclose(f);
    ck_assert_int_eq(ds_linear_open(NULL, path, &m, &err), DS_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.msg, path));
    remove(path);
    ck_assert_int_eq(ds_linear_open(NULL, path, &m, &err), DS_EIO);
}
END_TEST

static ds_status learn_and_ask(const ds_alloc *a, void *ud)
{
    ds_buf image;
    ds_linear *m = NULL;
    (void)ud;
    ds_buf_init(&image, a);
    ds_status st = learn(a, UINT32_MAX, 1, &image, NULL);
    if (st == DS_OK)
        st = ds_linear_view(a, ds_buf_str(&image), &m, NULL);
    ds_linear_free(m);
    ds_buf_clear(&image);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(learn_and_ask, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("linear");
    TCase *tc = tcase_create("linear");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, equal_features_become_one);
    tcase_add_test(tc, a_group_has_the_length_that_it_is_given);
    tcase_add_test(tc, both_scripts_have_the_same_features);
    tcase_add_test(tc, side_and_distance_tell_features_apart);
    tcase_add_test(tc, words_are_taken_alone_and_in_pairs);
    tcase_add_test(tc, what_was_held_back_is_told_right);
    tcase_add_test(tc, a_model_says_what_was_learned);
    tcase_add_test(tc, same_seed_same_bytes);
    tcase_add_test(tc, a_label_without_examples_is_named);
    tcase_add_test(tc, damage_is_noticed);
    tcase_add_test(tc, a_header_with_a_right_checksum_is_still_looked_at);
    tcase_add_test(tc, files_are_named_when_they_are_bad);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

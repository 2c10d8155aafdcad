/* test_trie.c - the suite of core/trie. */
#include "trie.h"

#include <string.h>

#include "testing.h"

typedef struct sample_key {
    uint16_t codes[6];
    size_t len;
} sample_key;

/* Deterministic pseudo-random keys over a small alphabet, so that many share prefixes. */
static size_t sample_keys(sample_key *keys, size_t n, uint32_t alphabet, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        keys[i].len = 1 + (seed >> 20) % 6;
        for (size_t k = 0; k < keys[i].len; k++) {
            seed = seed * 1664525u + 1013904223u;
            keys[i].codes[k] = (uint16_t)(1 + (seed >> 8) % alphabet);
        }
    }
    return n;
}

static int32_t naive_find(const sample_key *keys, size_t n, const sample_key *key)
{
    for (size_t i = n; i-- > 0;) /* the last one set wins */
        if (keys[i].len == key->len && memcmp(keys[i].codes, key->codes, key->len * 2) == 0)
            return (int32_t)i;
    return DS_TRIE_NONE;
}

static int32_t frozen_find(const ds_trie *t, const sample_key *key)
{
    int32_t node = 0;
    for (size_t i = 0; i < key->len && node != DS_TRIE_NONE; i++)
        node = ds_trie_step(t, node, key->codes[i]);
    return node == DS_TRIE_NONE ? DS_TRIE_NONE : ds_trie_value(t, node);
}

static int32_t builder_find(const ds_trie_builder *b, const sample_key *key)
{
    int32_t node = 0;
    for (size_t i = 0; i < key->len && node != DS_TRIE_NONE; i++)
        node = ds_trie_builder_step(b, node, key->codes[i]);
    return node == DS_TRIE_NONE ? DS_TRIE_NONE : ds_trie_builder_value(b, node);
}

START_TEST(frozen_and_builder_agree_with_a_plain_list)
{
    enum { N = 3000 };
    static const uint32_t alphabets[] = {2, 5, 40, 3000, 65534};
    sample_key *keys = calloc(N, sizeof *keys), *other = calloc(N, sizeof *other);
    uint32_t alphabet = alphabets[_i];
    ds_trie_builder *b;
    ds_buf image;
    ds_trie t;
    ck_assert(keys != NULL && other != NULL);
    sample_keys(keys, N, alphabet, 7u + (uint32_t)_i);
    sample_keys(other, N, alphabet, 99u + (uint32_t)_i);
    ck_assert_int_eq(ds_trie_builder_new(NULL, &b, NULL), DS_OK);
    for (size_t i = 0; i < N; i++)
        ck_assert_int_eq(ds_trie_builder_set(b, keys[i].codes, keys[i].len, (int32_t)i, NULL), DS_OK);
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(ds_trie_freeze(b, &image, NULL), DS_OK);
    ck_assert(ds_trie_view(ds_buf_str(&image), &t));
    for (size_t i = 0; i < N; i++) {
        int32_t want = naive_find(keys, N, &keys[i]);
        ck_assert_int_eq(frozen_find(&t, &keys[i]), want);
        ck_assert_int_eq(builder_find(b, &keys[i]), want);
        want = naive_find(keys, N, &other[i]);
        ck_assert_int_eq(frozen_find(&t, &other[i]), want);
        ck_assert_int_eq(builder_find(b, &other[i]), want);
    }
    ds_buf_clear(&image);
    ds_trie_builder_free(b);
    free(keys);
    free(other);
}
END_TEST

START_TEST(removed_key_is_gone_and_its_prefix_stays)
{
    ds_trie_builder *b;
    ds_buf image;
    ds_trie t;
    sample_key one = {{3}, 1}, two = {{3, 4}, 2};
    ck_assert_int_eq(ds_trie_builder_new(NULL, &b, NULL), DS_OK);
    ck_assert_int_eq(ds_trie_builder_set(b, one.codes, 1, 10, NULL), DS_OK);
    ck_assert_int_eq(ds_trie_builder_set(b, two.codes, 2, 20, NULL), DS_OK);
    ck_assert_uint_eq(ds_trie_builder_keys(b), 2);
    ck_assert_int_eq(ds_trie_builder_set(b, two.codes, 2, DS_TRIE_NONE, NULL), DS_OK);
    ck_assert_uint_eq(ds_trie_builder_keys(b), 1);
    ds_buf_init(&image, NULL);
    ck_assert_int_eq(ds_trie_freeze(b, &image, NULL), DS_OK);
    ck_assert(ds_trie_view(ds_buf_str(&image), &t));
    ck_assert_int_eq(frozen_find(&t, &one), 10);
    ck_assert_int_eq(frozen_find(&t, &two), DS_TRIE_NONE);
    ds_buf_clear(&image);
    ds_trie_builder_free(b);
}
END_TEST

START_TEST(bad_keys_are_refused)
{
    ds_trie_builder *b;
    ds_error err;
    uint16_t zero[] = {5, 0}, high[] = {65535};
    ck_assert_int_eq(ds_trie_builder_new(NULL, &b, NULL), DS_OK);
    ck_assert_int_eq(ds_trie_builder_set(b, zero, 0, 1, &err), DS_EINVAL);
    ck_assert_int_eq(ds_trie_builder_set(b, zero, 2, 1, &err), DS_EINVAL);
    ck_assert_uint_eq(err.off, 1);
    ck_assert_int_eq(ds_trie_builder_set(b, high, 1, 1, &err), DS_EINVAL);
    ck_assert_int_eq(ds_trie_builder_set(b, zero, 1, -5, &err), DS_EINVAL);
    ds_trie_builder_free(b);
}
END_TEST

/* Any bytes are a legal image: look-ups stay inside it (the sanitizer build watches). */
START_TEST(damaged_image_cannot_lead_outside)
{
    char bytes[64 * 8];
    uint32_t seed = 12345;
    ds_trie t;
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = i % 8 < 4 && (seed & 4096) ? (char)(seed >> 24) : (char)((seed >> 24) & 3);
        }
        ck_assert(ds_trie_view((ds_str){bytes, sizeof bytes}, &t));
        int32_t node = 0;
        for (uint16_t code = 1; code < 200 && node != DS_TRIE_NONE; code++) {
            ds_trie_value(&t, node);
            int32_t next = ds_trie_step(&t, node, code);
            node = next != DS_TRIE_NONE ? next : node;
        }
    }
    ck_assert(!ds_trie_view((ds_str){bytes, 0}, &t));
    ck_assert(!ds_trie_view((ds_str){bytes, 12}, &t));
}
END_TEST

static ds_status build_and_freeze(const ds_alloc *a, void *ud)
{
    sample_key *keys = ud;
    ds_trie_builder *b;
    ds_buf image;
    ds_codemap codes;
    ds_buf_init(&image, a);
    ds_status st = ds_codemap_init(&codes, a);
    if (st == DS_OK && ds_codemap_assign(&codes, 0x4E2D) == 0)
        st = DS_ENOMEM;
    ds_codemap_clear(&codes);
    if (st != DS_OK)
        return st;
    st = ds_trie_builder_new(a, &b, NULL);
    if (st != DS_OK) {
        ck_assert_ptr_null(b);
        return st;
    }
    for (size_t i = 0; i < 800 && st == DS_OK; i++)
        st = ds_trie_builder_set(b, keys[i].codes, keys[i].len, (int32_t)i, NULL);
    if (st == DS_OK)
        st = ds_trie_freeze(b, &image, NULL);
    ds_buf_clear(&image);
    ds_trie_builder_free(b);
    return st;
}

START_TEST(out_of_memory_is_reported_and_leaks_nothing)
{
    static sample_key keys[800];
    sample_keys(keys, 800, 500, 3);
    oom_sweep(build_and_freeze, keys);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trie");
    TCase *tc = tcase_create("trie");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, frozen_and_builder_agree_with_a_plain_list, 0, 5);
    tcase_add_test(tc, removed_key_is_gone_and_its_prefix_stays);
    tcase_add_test(tc, bad_keys_are_refused);
    tcase_add_test(tc, damaged_image_cannot_lead_outside);
    tcase_add_test(tc, out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, tc);
    return test_main(s);
}

/* test_postings.c - block.h and postings.h: what is packed comes back; damaged bytes do no harm. */
#include "postings.h"

#include <string.h>

#include "testing.h"

/* The path of the test's process: portable, or the best that there is.  (Check runs each test in a process of its own.) */
static void use_path(int portable)
{
    setenv("DS_CPU", portable ? "portable" : "", 1);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* n ascending positions with gaps up to 2^bits, now and then far larger ones.  The caller frees. */
static uint32_t *make_positions(size_t n, unsigned bits, uint32_t seed)
{
    uint32_t *v = malloc((n + 1) * sizeof *v), at = next_random(&seed) % 3;
    ck_assert_ptr_nonnull(v);
    for (size_t i = 0; i < n; i++) {
        v[i] = at;
        at += 1 + next_random(&seed) % (1u << bits);
        if (next_random(&seed) % 100 == 0)
            at += 1u << 18;
    }
    return v;
}

static ds_buf pack(const uint32_t *v, size_t n)
{
    ds_buf b;
    ds_buf_init(&b, NULL);
    ds_postings_pack(&b, v, n);
    ck_assert_int_eq(b.status, DS_OK);
    return b;
}

static void check_list(size_t n, unsigned bits, uint32_t seed)
{
    uint32_t *v = make_positions(n, bits, seed), *got = malloc((n + 1) * sizeof *got);
    ds_buf b = pack(v, n);
    ds_postings it;
    ds_postings_open(&it, ds_buf_str(&b), (uint32_t)n);
    ck_assert_uint_eq(ds_postings_read(&it, got, n + 1), n);
    ck_assert_mem_eq(got, v, n * sizeof *v);
    ds_postings_open(&it, ds_buf_str(&b), (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(ds_postings_next(&it), v[i]);
    ck_assert_uint_eq(ds_postings_next(&it), DS_POS_NONE);
    free(v);
    free(got);
    ds_buf_clear(&b);
}

START_TEST(lists_come_back)
{
    use_path(_i);
    static const size_t sizes[] = {1, 2, 4, 5, 127, 128, 129, 255, 256, 257, 1000, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (unsigned bits = 0; bits < 14; bits++)
            check_list(sizes[i], bits, (uint32_t)(i * 100 + bits));
    for (unsigned bits = 14; bits < 25; bits++)
        check_list(200, bits, bits);
}
END_TEST

START_TEST(extreme_positions_come_back)
{
    use_path(_i);
    uint32_t v[300];
    for (uint32_t i = 0; i < 300; i++)
        v[i] = i < 150 ? i : UINT32_MAX - 300 + i;
    ds_buf b = pack(v, 300);
    uint32_t got[300];
    ds_postings it;
    ds_postings_open(&it, ds_buf_str(&b), 300);
    ck_assert_uint_eq(ds_postings_read(&it, got, 300), 300);
    ck_assert_mem_eq(got, v, sizeof v);
    ds_buf_clear(&b);
}
END_TEST

/* The first of v[from..n) that is `pos` or more. */
static size_t first_at_least(const uint32_t *v, size_t from, size_t n, uint32_t pos)
{
    while (from < n && v[from] < pos)
        from++;
    return from;
}

START_TEST(seeking_finds_what_a_scan_finds)
{
    use_path(_i);
    for (uint32_t seed = 1; seed < 200; seed++) {
        uint32_t s = seed;
        size_t n = 1 + next_random(&s) % 900, at = 0;
        uint32_t *v = make_positions(n, 1 + seed % 9, seed), pos = 0;
        ds_buf b = pack(v, n);
        ds_postings it;
        ds_postings_open(&it, ds_buf_str(&b), (uint32_t)n);
        while (at < n) {
            pos += next_random(&s) % 3000;
            at = first_at_least(v, at, n, pos);
            ck_assert_uint_eq(ds_postings_seek(&it, pos), at < n ? v[at] : DS_POS_NONE);
            at += at < n;
            if (next_random(&s) % 4 == 0 && at < n)
                ck_assert_uint_eq(ds_postings_next(&it), v[at++]);
        }
        ck_assert_uint_eq(ds_postings_seek(&it, pos), DS_POS_NONE);
        free(v);
        ds_buf_clear(&b);
    }
}
END_TEST

/* From whatever bytes: positions that ascend, no more than asked for. */
START_TEST(damaged_lists_do_no_harm)
{
    use_path(_i);
    uint32_t *v = make_positions(700, 6, 5), got[701];
    ds_buf b = pack(v, 700);
    for (size_t i = 0; i < b.n * 8; i++) {
        char *copy = malloc(b.n);
        memcpy(copy, b.p, b.n);
        copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
        ds_postings it;
        ds_postings_open(&it, (ds_str){copy, b.n}, 700);
        size_t n = ds_postings_read(&it, got, 701);
        ck_assert_uint_le(n, 700);
        for (size_t k = 1; k < n; k++)
            ck_assert_uint_lt(got[k - 1], got[k]);
        ds_postings_open(&it, (ds_str){copy, b.n}, 700);
        (void)ds_postings_seek(&it, v[500]);
        free(copy);
    }
    for (size_t n = 0; n < b.n; n++) {
        char *cut = malloc(n + 1);
        memcpy(cut, b.p, n);
        ds_postings it;
        ds_postings_open(&it, (ds_str){cut, n}, 700);
        ck_assert_uint_lt(ds_postings_read(&it, got, 701), 700);
        free(cut);
    }
    free(v);
    ds_buf_clear(&b);
}
END_TEST

START_TEST(rows_of_bits_come_back)
{
    for (unsigned width = 0; width <= 32; width++) {
        ds_buf b;
        ds_buf_init(&b, NULL);
        ds_bits bits = {.out = &b};
        uint32_t seed = width, mask = width == 32 ? UINT32_MAX : (1u << width) - 1;
        for (int i = 0; i < 100; i++)
            ds_bits_put(&bits, next_random(&seed) & mask, width);
        ds_bits_end(&bits);
        ck_assert_uint_eq(b.n, (100 * width + 7) / 8);
        seed = width;
        for (uint64_t i = 0; i < 100; i++)
            ck_assert_uint_eq(ds_bits_get(ds_buf_str(&b), i * width, width), next_random(&seed) & mask);
        ck_assert_uint_eq(ds_bits_get(ds_buf_str(&b), 1 << 20, width), 0);
        ds_buf_clear(&b);
    }
}
END_TEST

static uint64_t follow_naive(const uint64_t *first, const uint64_t *second, uint32_t lo, uint32_t hi)
{
    uint64_t n = 0;
    for (uint32_t i = lo; i + 1 < hi; i++)
        n += first[i / 64] >> i % 64 & second[(i + 1) / 64] >> (i + 1) % 64 & 1;
    return n;
}

START_TEST(rows_of_bits_are_compared_with_the_next_place)
{
    enum { WORDS = 8 };
    uint64_t first[WORDS + 2] = {0}, second[WORDS + 2] = {0};
    uint32_t seed = 7;
    use_path(_i);
    for (size_t i = 0; i < WORDS; i++) {
        first[i] = (uint64_t)next_random(&seed) << 40 ^ (uint64_t)next_random(&seed) << 20 ^ next_random(&seed);
        second[i] = ~(uint64_t)0 / (i + 1) ^ next_random(&seed);
    }
    for (uint32_t lo = 0; lo <= 64 * WORDS; lo += 1 + lo / 70)
        for (uint32_t hi = lo; hi <= 64 * WORDS; hi++)
            ck_assert_uint_eq(ds_postings_follow(first, second, lo, hi), follow_naive(first, second, lo, hi));
}
END_TEST

START_TEST(word_codes_come_back)
{
    static const uint32_t edges[] = {0, 1, 127, 128, 128 + 112 * 256 - 1, 128 + 112 * 256, DS_WORDCODE_LIMIT - 1};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        unsigned char p[DS_WORDCODE_BYTES];
        const unsigned char *rest;
        uint32_t got;
        size_t n = ds_wordcode_put(p, edges[i]);
        ck_assert_uint_eq(ds_wordcode_read(p, p + n, &got, 1, &rest), 1);
        ck_assert_uint_eq(got, edges[i]);
        ck_assert_ptr_eq(rest, p + n);
        for (size_t cut = 0; cut < n; cut++)
            ck_assert_uint_eq(ds_wordcode_read(p, p + cut, &got, 1, &rest), 0);
    }
}
END_TEST

START_TEST(varints_come_back)
{
    for (unsigned shift = 0; shift < 64; shift++) {
        ds_buf b;
        ds_buf_init(&b, NULL);
        uint64_t v = ((uint64_t)1 << shift) - (shift % 3 == 0), got;
        ds_buf_varint(&b, v);
        const unsigned char *p = (const unsigned char *)b.p;
        ck_assert(ds_varint(&p, p + b.n, &got) && got == v);
        p = (const unsigned char *)b.p;
        ck_assert(!ds_varint(&p, p + b.n - 1, &got));
        ck_assert_ptr_eq(p, b.p);
        ds_buf_clear(&b);
    }
    const unsigned char many[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 2}, *p = many;
    uint64_t got;
    ck_assert(!ds_varint(&p, p + sizeof many, &got));
}
END_TEST

static ds_status deflate_all(const ds_alloc *a, void *ud)
{
    ds_codec *c;
    ds_buf b;
    (void)ud;
    ds_status st = ds_codec_new(a, 6, &c, NULL);
    if (st != DS_OK)
        return st;
    ds_buf_init(&b, a);
    st = ds_deflate(c, ds_str_of("价格战价格战价格战价格战"), &b, NULL);
    char out[64];
    size_t n;
    if (st == DS_OK) {
        ck_assert_int_eq(ds_inflate(c, ds_buf_str(&b), out, sizeof out, &n, NULL), DS_OK);
        ck_assert_uint_eq(n, strlen("价格战价格战价格战价格战"));
        ck_assert_int_eq(ds_inflate(c, ds_buf_str(&b), out, n - 1, &n, NULL), DS_EFORMAT);
        ck_assert_int_eq(ds_inflate(c, (ds_str){b.p, b.n - 1}, out, sizeof out, &n, NULL), DS_EFORMAT);
    }
    ds_buf_clear(&b);
    ds_codec_free(c);
    return st;
}

START_TEST(pieces_come_back)
{
    oom_sweep(deflate_all, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("postings");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, lists_come_back, 0, 2);
    tcase_add_loop_test(t, extreme_positions_come_back, 0, 2);
    tcase_add_loop_test(t, seeking_finds_what_a_scan_finds, 0, 2);
    tcase_add_loop_test(t, damaged_lists_do_no_harm, 0, 2);
    tcase_add_test(t, rows_of_bits_come_back);
    tcase_add_loop_test(t, rows_of_bits_are_compared_with_the_next_place, 0, 2);
    tcase_add_test(t, word_codes_come_back);
    tcase_add_test(t, varints_come_back);
    tcase_add_test(t, pieces_come_back);
    suite_add_tcase(s, t);
    return test_main(s);
}

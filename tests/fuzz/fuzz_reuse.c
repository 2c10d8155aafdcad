/*
 * fuzz_reuse.c - letters, fingerprints, alignment and matches of three texts, one of which may copy from another.
 *
 * Input: sizes of shingle and window, how to make the texts, where to cut; the rest is text.
 */
#include <string.h>

#include "align.h"
#include "fuzz.h"
#include "fuzz_words.h"
#include "reuse.h"

enum { INPUT_MOST = 400 };

static void check_codes(ds_str s)
{
    ds_codes with, without;
    ds_codes_init(&with, NULL, true);
    ds_codes_init(&without, NULL, false);
    FUZZ_CHECK(ds_codes_add(&with, s, NULL) == DS_OK && ds_codes_add(&without, s, NULL) == DS_OK);
    FUZZ_CHECK(with.count == without.count);
    FUZZ_CHECK(with.count == 0 || memcmp(with.code, without.code, with.count * sizeof *with.code) == 0);
    for (size_t i = 0; i < with.count; i++) {
        FUZZ_CHECK(with.off[i] < s.n && (i == 0 || with.off[i] >= with.off[i - 1]));
        FUZZ_CHECK(ds_codes_char_end(s, with.off[i]) <= s.n);
    }
    ds_codes_clear(&with);
    ds_codes_clear(&without);
}

/* Every window has a fingerprint, and of equal shingles the hashes are equal. */
static void check_prints(ds_str s, size_t k, size_t window)
{
    ds_codes c;
    ds_prints p;
    ds_codes_init(&c, NULL, false);
    ds_prints_init(&p, NULL);
    FUZZ_CHECK(ds_codes_add(&c, s, NULL) == DS_OK);
    FUZZ_CHECK(ds_winnow(&p, c.code, c.count, k, window, NULL) == DS_OK);
    FUZZ_CHECK((p.count > 0) == (c.count >= k));
    for (size_t i = 0; i < p.count; i++) {
        FUZZ_CHECK(p.items[i].pos + k <= c.count);
        FUZZ_CHECK(i == 0 ? p.items[i].pos < window : p.items[i].pos > p.items[i - 1].pos);
        FUZZ_CHECK(i == 0 || p.items[i].pos - p.items[i - 1].pos <= window);
    }
    if (p.count > 0)
        FUZZ_CHECK(c.count - k - p.items[p.count - 1].pos < window);
    ds_codes_clear(&c);
    ds_prints_clear(&p);
}

static void check_matches(const ds_str *texts, size_t n, const ds_reuse_options *o)
{
    ds_reuse *r;
    FUZZ_CHECK(ds_reuse_new(NULL, o, &r, NULL) == DS_OK);
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(ds_reuse_add(r, texts[i], NULL) == DS_OK);
    FUZZ_CHECK(ds_reuse_build(r, NULL) == DS_OK);
    for (size_t b = 0; b < n; b++) {
        ds_reuse_matches m;
        ds_reuse_matches_init(&m, NULL);
        FUZZ_CHECK(ds_reuse_find(r, b, &m, NULL) == DS_OK);
        for (size_t i = 0; i < m.count; i++) {
            const ds_reuse_match *x = &m.items[i];
            FUZZ_CHECK(x->b == b && x->a < b);
            FUZZ_CHECK(x->a_beg < x->a_end && x->a_end <= ds_reuse_size(r, x->a));
            FUZZ_CHECK(x->b_beg < x->b_end && x->b_end <= ds_reuse_size(r, b));
            FUZZ_CHECK(x->common >= o->min && x->common <= x->a_end - x->a_beg && x->common <= x->b_end - x->b_beg);
        }
        ds_reuse_matches_clear(&m);
    }
    ds_reuse_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[INPUT_MOST * FUZZ_CHARACTER_MOST];
    if (n < 6 || n > INPUT_MOST)
        return 0;
    ds_reuse_options o = {.min = 1 + data[0] % 16u, .shingle = 1 + data[1] % 12u, .window = 1 + data[2] % 12u, .most = 1 + data[3] % 4u};
    bool picked = data[4] % 2 != 0;
    size_t len = n - 6;
    if (picked)
        len = fuzz_pick(text, data[4] % 4 == 1 ? fuzz_simplified : fuzz_traditional, data + 6, n - 6);
    else
        memcpy(text, data + 6, len);
    size_t cut = len * data[5] / 256;
    char *whole = fuzz_exact(text, len), *front = fuzz_exact(text, cut), *back = fuzz_exact(text + cut, len - cut);
    ds_str texts[] = {{whole, len}, {front, cut}, {back, len - cut}};
    check_codes(texts[0]);
    check_prints(texts[0], o.shingle, o.window);
    check_matches(texts, 3, &o);
    free(whole);
    free(front);
    free(back);
    return 0;
}

/*
 * fuzz_newwords.c - frequent strings of two texts, against counting them one by one.
 *
 * Input: least count, longest string, how to make the text, where to cut it in two; the rest is text.
 */
#include <string.h>

#include "fold.h"
#include "fuzz.h"
#include "fuzz_words.h"
#include "newwords.h"

enum { INPUT_MOST = 120 };

/* The characters of a text, folded; 0 for what is no Han character. */
static size_t characters(ds_str s, uint32_t *out)
{
    size_t n = 0, len;
    for (size_t i = 0; i < s.n; i += len) {
        uint32_t cp;
        len = ds_utf8_decode(s.p + i, s.n - i, &cp);
        bool han = (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) || cp == 0x3007;
        out[n++] = han ? ds_fold_variant(cp) : 0;
    }
    out[n++] = 0;
    return n;
}

/* How often c[at, at + len) occurs; 0 when something else than Han is in it or it occurs earlier. */
static size_t count_first(const uint32_t *c, size_t n, size_t at, size_t len)
{
    size_t count = 0;
    for (size_t k = 0; k < len; k++)
        if (c[at + k] == 0)
            return 0;
    for (size_t i = 0; i + len <= n; i++)
        if (memcmp(c + i, c + at, len * sizeof *c) == 0) {
            if (i < at)
                return 0;
            count++;
        }
    return count;
}

static size_t count_strings(const uint32_t *c, size_t n, const ds_newwords_options *o)
{
    size_t strings = 0;
    for (size_t len = 2; len <= o->longest; len++)
        for (size_t at = 0; at + len <= n; at++)
            strings += count_first(c, n, at, len) >= o->min;
    return strings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[INPUT_MOST * FUZZ_CHARACTER_MOST];
    uint32_t c[2 * INPUT_MOST * FUZZ_CHARACTER_MOST + 2];
    if (n < 4 || n > INPUT_MOST)
        return 0;
    ds_newwords_options o = {.min = 1 + data[0] % 4u, .longest = 2 + data[1] % 5u, .cohesion = -1e9, .entropy = -1};
    size_t len = n - 4, found, used;
    if (data[2] % 2 != 0)
        len = fuzz_pick(text, data[2] % 4 == 1 ? fuzz_simplified : fuzz_traditional, data + 4, n - 4);
    else
        memcpy(text, data + 4, len);
    size_t cut = len * data[3] / 256;
    char *front = fuzz_exact(text, cut), *back = fuzz_exact(text + cut, len - cut);
    ds_newwords *w;
    const ds_newword *words;
    FUZZ_CHECK(ds_newwords_new(NULL, &o, &w, NULL) == DS_OK);
    FUZZ_CHECK(ds_newwords_add(w, (ds_str){front, cut}, NULL) == DS_OK);
    FUZZ_CHECK(ds_newwords_add(w, (ds_str){back, len - cut}, NULL) == DS_OK);
    FUZZ_CHECK(ds_newwords_find(w, &words, &found, NULL) == DS_OK);
    used = characters((ds_str){front, cut}, c);
    used += characters((ds_str){back, len - cut}, c + used);
    FUZZ_CHECK(found == count_strings(c, used, &o));
    for (size_t i = 0; i < found; i++) {
        FUZZ_CHECK(words[i].count >= o.min && words[i].len >= 2 && words[i].len <= o.longest);
        FUZZ_CHECK(words[i].texts >= 1 && words[i].texts <= 2 && words[i].first < 2);
        FUZZ_CHECK(words[i].left >= -1e-9 && words[i].right >= -1e-9);
    }
    ds_newwords_free(w);
    free(front);
    free(back);
    return 0;
}

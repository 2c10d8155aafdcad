/*
 * bench_userdict.c - loading a user dictionary of 600,000 lines, made up here from a fixed seed.  No peer: jieba's
 * load_userdict takes minutes for as many.
 */
#include "bench.h"
#include "userdict.h"

enum { LINES = 600000 };

static ds_buf make_lines(void)
{
    ds_buf text;
    uint32_t seed = 20250127u;
    ds_buf_init(&text, NULL);
    for (size_t i = 0; i < LINES; i++) {
        char utf8[DS_UTF8_MAX];
        size_t chars = 2 + i % 5;
        for (size_t k = 0; k < chars; k++) {
            seed = seed * 1664525u + 1013904223u;
            size_t n = ds_utf8_encode(0x4E00 + (seed >> 8) % 5000, utf8);
            ds_buf_put(&text, utf8, n);
        }
        ds_buf_put(&text, i % 2 == 0 ? " 10 n\n" : "\n", i % 2 == 0 ? 6 : 1);
    }
    return text;
}

int main(void)
{
    double seconds[BENCH_RUNS];
    size_t words = 0;
    ds_buf text = make_lines();
    for (int run = 0; run < BENCH_RUNS; run++) {
        ds_userdict *d;
        double start = bench_now();
        if (ds_userdict_new(NULL, &d, NULL) != DS_OK || ds_userdict_load(d, ds_buf_str(&text), NULL, NULL, NULL) != DS_OK)
            return EXIT_FAILURE;
        seconds[run] = bench_now() - start;
        words = ds_userdict_count(d);
        ds_userdict_free(d);
    }
    printf("user dictionary, 600,000 lines\ts\t%.2f\t-\t-\t-\t%zu\t%zu\n", bench_median(seconds), text.n, words);
    ds_buf_clear(&text);
    return EXIT_SUCCESS;
}

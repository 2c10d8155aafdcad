/*
 * bench_reuse.c - passages that articles of 1 KB share: 1,000, 10,000 and 100,000 of them, of generated news.
 *
 * Items are articles, the checksum is the number of passages found.  Text of word bigrams repeats itself by chance, more so
 * the more there is of it; real news does less.
 */
#include <string.h>

#include "bench.h"
#include "reuse.h"

enum { ARTICLE = 1000, MOST = 100000 };

/* The next article: ARTICLE bytes and what is left of the sentence. */
static ds_str next_article(ds_str text, size_t *at)
{
    size_t beg = *at, end = beg + ARTICLE;
    while (end + 3 <= text.n && memcmp(text.p + end, "。", 3) != 0)
        end++;
    *at = end + 3;
    return end + 3 <= text.n ? (ds_str){text.p + beg, end + 3 - beg} : (ds_str){NULL, 0};
}

static size_t run(ds_str text, size_t articles, size_t *memory)
{
    ds_reuse *r;
    ds_reuse_matches m;
    size_t at = 0, found;
    ds_reuse_matches_init(&m, NULL);
    if (ds_reuse_new(NULL, NULL, &r, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    while (ds_reuse_count(r) < articles) {
        ds_str s = next_article(text, &at);
        if (s.n == 0)
            break;
        if (ds_reuse_add(r, s, NULL) != DS_OK)
            exit(EXIT_FAILURE);
    }
    if (ds_reuse_build(r, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    for (size_t b = 0; b < ds_reuse_count(r); b++)
        if (ds_reuse_find(r, b, &m, NULL) != DS_OK)
            exit(EXIT_FAILURE);
    found = m.count;
    *memory = ds_reuse_memory(r) + m.cap * sizeof *m.items;
    ds_reuse_matches_clear(&m);
    ds_reuse_free(r);
    return found;
}

int main(void)
{
    ds_buf text = bench_generated_news((size_t)MOST * (ARTICLE + 60));
    for (size_t n = 1000; n <= MOST; n *= 10) {
        size_t memory, found = 0;
        double begin = bench_now();
        found = run(ds_buf_str(&text), n, &memory);
        double seconds = bench_now() - begin;
        printf("reuse %zu articles\ts\t%.3f\t-\t-\t-\t%zu\t%zu\n", n, seconds, n, found);
        printf("# reuse of %zu articles: %.1f MB of index and results\n", n, (double)memory / 1e6);
    }
    ds_buf_clear(&text);
    return 0;
}

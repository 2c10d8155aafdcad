/*
 * bench_news.h - what the benchmarks of stores share: an article of news, the time on the wall, and what to do on errors.
 */
#ifndef DS_BENCH_NEWS_H
#define DS_BENCH_NEWS_H

#include "bench.h"
#include "store.h"

/* Ends the program unless all is well. */
static inline void bench_must(ds_status st, const ds_error *err)
{
    if (st == DS_OK)
        return;
    fprintf(stderr, "benchmark: %s\n", err->msg);
    exit(EXIT_FAILURE);
}

/* Seconds, the waiting for files and threads included. */
static inline double bench_wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The segmenter of the lexicon in $O; both live as long as the program. */
static inline ds_segmenter *bench_segmenter(void)
{
    ds_lexicon *lexicon;
    ds_segmenter *seg;
    ds_error err;
    char name[256];
    snprintf(name, sizeof name, "%s/zh.dslex", getenv("O") != NULL ? getenv("O") : "build");
    bench_must(ds_lexicon_open(NULL, name, &lexicon, &err), &err);
    bench_must(ds_segmenter_new(NULL, lexicon, NULL, NULL, &seg, &err), &err);
    return seg;
}

/* Adds article `number`; dates go over the months of ten years. */
static inline void bench_add_article(ds_writer *w, ds_str text, size_t number)
{
    char id[32];
    ds_buf row;
    ds_error err;
    snprintf(id, sizeof id, "article-%zu", number);
    ds_buf_init(&row, NULL);
    ds_fields_string(&row, "id", ds_str_of(id));
    ds_article a = {.id = ds_str_of(id), .text = text, .row = ds_buf_str(&row),
                    .date = (uint32_t)(20150101 + number / 12 % 10 * 10000 + number % 12 * 100), .hash = number};
    bench_must(ds_writer_add(w, &a, &err), &err);
    ds_buf_clear(&row);
}

#endif

/*
 * bench.h - what the newer benchmarks share: a clock, medians, the bundled articles as text.
 */
#ifndef DS_BENCH_H
#define DS_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alloc.h"

enum { BENCH_RUNS = 7 };

static inline double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The next number below n of a fixed sequence (xorshift64*), so that every run sees the same text. */
static inline uint32_t bench_rnd(uint32_t n)
{
    static uint64_t state = 20250127u;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 2685821657736338717u) >> 33) % n;
}

static inline int bench_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts and returns the middle one. */
static inline double bench_median(double *seconds)
{
    qsort(seconds, BENCH_RUNS, sizeof *seconds, bench_by_value);
    return seconds[BENCH_RUNS / 2];
}

/* The bundled articles, repeated to at least `bytes`; the program's working directory is the checkout. */
static inline ds_buf bench_articles(size_t bytes)
{
    ds_buf text;
    char chunk[65536];
    size_t n;
    ds_buf_init(&text, NULL);
    FILE *f = popen("cat corpus/articles/*/*", "r");
    while (f != NULL && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(&text, chunk, n);
    if (f == NULL || pclose(f) != 0 || text.n == 0) {
        fprintf(stderr, "benchmark: corpus/articles cannot be read; run it from the checkout\n");
        exit(EXIT_FAILURE);
    }
    for (size_t once = text.n; text.n < bytes;) {
        if (!ds_buf_reserve(&text, once))
            exit(EXIT_FAILURE);
        ds_buf_put(&text, text.p, once);
    }
    return text;
}

/* `bytes` of news that gen_news.lua makes, or a little more. */
static inline ds_buf bench_generated_news(size_t bytes)
{
    char command[400], chunk[65536];
    const char *o = getenv("O");
    size_t n;
    ds_buf text;
    ds_buf_init(&text, NULL);
    snprintf(command, sizeof command, "%.200s/dsrun -q tests/bench/gen_news.lua %zu 1 text", o != NULL ? o : "build", bytes);
    FILE *f = popen(command, "r");
    while (f != NULL && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(&text, chunk, n);
    if (f == NULL || pclose(f) != 0 || text.status != DS_OK) {
        fprintf(stderr, "benchmark: %s failed\n", command);
        exit(EXIT_FAILURE);
    }
    return text;
}

/* One row: name unit ours peer peers_figure ratio items checksum; seconds of both sides for `bytes`. */
static inline void bench_row(const char *name, size_t bytes, double ours, const char *peer, double theirs, size_t items)
{
    double mb = (double)bytes / 1e6;
    if (theirs > 0)
        printf("%s\tMB/s\t%.0f\t%s\t%.0f\t%.2f\t%zu\t%zu\n", name, mb / ours, peer, mb / theirs, theirs / ours, bytes, items);
    else
        printf("%s\tMB/s\t%.0f\t-\t-\t-\t%zu\t%zu\n", name, mb / ours, bytes, items);
}

#endif

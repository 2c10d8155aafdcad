/*
 * bench.h - what the benchmarks share: a clock, medians, texts, rows.
 */
#ifndef DS_BENCH_H
#define DS_BENCH_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* At least `bytes` of the pieces in a fixed random order, the last one whole; the caller frees. */
static inline char *bench_pieces(const char *const pieces[], size_t count, size_t bytes, size_t *n)
{
    ds_buf text;
    ds_buf_init(&text, NULL);
    while (text.n < bytes) {
        const char *piece = pieces[bench_rnd((uint32_t)count)];
        ds_buf_put(&text, piece, strlen(piece));
        if (text.status != DS_OK)
            exit(EXIT_FAILURE);
    }
    *n = text.n;
    return text.p;
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

/* Does its work and returns a checksum. */
typedef uint64_t bench_work(const void *ud);

static inline double bench_rate(bench_work *w, const void *ud, double amount, size_t times, uint64_t *sum)
{
    double start = bench_now();
    for (size_t i = 0; i < times; i++)
        *sum = w(ud);
    return amount * (double)times / (bench_now() - start);
}

/*
 * Ours and the peer's by turns, each `times` times in a run: prints the row and a remark with the extremes.  `amount`
 * is what one call gets through, in units of which the row gives so many a second.  Returns whether both have the
 * same checksum.
 */
static inline bool bench_pair(const char *name, const char *unit, double amount, size_t times, size_t items,
                              bench_work *ours, const char *peer, bench_work *theirs, const void *ud)
{
    double our[BENCH_RUNS], their[BENCH_RUNS];
    uint64_t sum = 0, peers_sum = 0;
    for (int i = 0; i < BENCH_RUNS; i++) {
        our[i] = bench_rate(ours, ud, amount, times, &sum);
        their[i] = bench_rate(theirs, ud, amount, times, &peers_sum);
    }
    double mine = bench_median(our), other = bench_median(their);
    printf("%s\t%s\t%.3g\t%s\t%.3g\t%.2f\t%zu\t%" PRIu64 "\n", name, unit, mine, peer, other, mine / other, items, sum);
    printf("# %s: slowest to fastest run %.3g to %.3g, %s %.3g to %.3g\n", name, our[0], our[BENCH_RUNS - 1], peer,
           their[0], their[BENCH_RUNS - 1]);
    if (sum != peers_sum)
        fprintf(stderr, "benchmark: %s: result %" PRIu64 ", the peer's %" PRIu64 "\n", name, sum, peers_sum);
    return sum == peers_sum;
}

#endif

/*
 * bench_segment.c LEXICON [TEXT] - the segmenter's speed: tokens with offsets, classes and tags, one thread.
 *
 * Text: a file, or else sentences of our own strung together at random (the seed is printed) to 8 MiB.
 * Peer: ICU's word break iterator, when the program `uconv`'s library is at hand, is measured by bench_icu.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "segment.h"

enum { RUNS = 7 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static ds_str read_text(const char *path)
{
    ds_buf b;
    char chunk[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    ds_buf_init(&b, NULL);
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(&b, chunk, n);
    fclose(f);
    return ds_buf_str(&b);
}

static uint64_t checksum(const ds_tokens *t)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < t->count; i++)
        sum = (sum ^ ((uint64_t)t->items[i].end << 8 | t->items[i].cls)) * 1099511628211u;
    return sum;
}

int main(int argc, char **argv)
{
    ds_error err;
    ds_lexicon *lex;
    ds_segmenter *seg;
    ds_tokens toks;
    double seconds[RUNS];
    if (argc < 3) {
        fprintf(stderr, "usage: bench_segment LEXICON TEXT\n");
        return 2;
    }
    double opened = now();
    if (ds_lexicon_open(NULL, argv[1], &lex, &err) != DS_OK || ds_segmenter_new(NULL, lex, NULL, NULL, &seg, &err) != DS_OK) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    opened = now() - opened;
    ds_str text = read_text(argv[2]);
    ds_tokens_init(&toks, NULL);
    for (int i = 0; i < RUNS; i++) {
        toks.count = 0;
        double start = now();
        if (ds_segment(seg, text, &toks, &err) != DS_OK)
            return 1;
        seconds[i] = now() - start;
    }
    qsort(seconds, RUNS, sizeof *seconds, by_value);
    printf("segment open\tms\t%.2f\t-\t-\t-\t1\t-\n", opened * 1e3);
    printf("segment\tMB/s\t%.1f\t-\t-\t-\t%zu\t%016llx\n", (double)text.n / 1e6 / seconds[RUNS / 2], toks.count,
           (unsigned long long)checksum(&toks));
    ds_segmenter_free(seg);
    ds_lexicon_free(lex);
    return 0;
}

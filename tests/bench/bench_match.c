/*
 * bench_match.c - counting terms in one pass, against one strstr loop per term in the same run.
 *
 * Prints TSV rows: name unit ours peer peers_figure ratio items checksum.  ours and peers_figure are
 * MB/s of text (medians of BENCH_RUNS), ratio = ours / peer's, items = bytes of text, checksum = hits.
 * Both sides count the same thing: exact bytes, so that the checksums must agree; a further row
 * gives the folded search, which strstr cannot do, beside strstr's exact one.  Building has no peer.
 * With a single term strstr wins: it need not look at every character.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "match.h"

#define TEXT_BYTES (8u << 20)

/* A character out of 3,000, the low numbers more often, as characters of real texts are. */
static uint32_t random_han(void)
{
    uint32_t a = bench_rnd(3000), b = bench_rnd(3000);
    return 0x4E00 + (a < b ? a : b) * 5;
}

/* Sentences of 20 characters with a comma and a Latin name. */
static char *make_text(size_t *n)
{
    char *p = malloc(TEXT_BYTES + 64);
    if (p == NULL)
        exit(1);
    *n = 0;
    for (unsigned i = 0; *n < TEXT_BYTES; i++) {
        if (i % 20 == 7)
            *n += (size_t)sprintf(p + *n, "，");
        else if (i % 20 == 19)
            *n += (size_t)sprintf(p + *n, "DeepSeek R%u。", bench_rnd(3));
        else
            *n += ds_utf8_encode(random_han(), p + *n);
    }
    p[*n] = '\0';
    return p;
}

/* Whether `c` may be byte number `i` of an ideograph of make_text (U+4E00 .. U+8897). */
static bool is_byte_of_han(char c, size_t i)
{
    unsigned char b = (unsigned char)c;
    return i == 0 ? b >= 0xE4 && b <= 0xE8 : (b & 0xC0) == 0x80;
}

/* A term of 2 to 4 ideographs, cut from the text so that it occurs. */
static char *make_term(const char *text, size_t n)
{
    for (;;) {
        size_t beg = bench_rnd((uint32_t)n - 100), len = 3 * (2 + bench_rnd(3)), i = 0;
        while (i < len && is_byte_of_han(text[beg + i], i % 3))
            i++;
        if (i < len)
            continue;
        char *term = calloc(len + 1, 1);
        if (term == NULL)
            exit(1);
        return memcpy(term, text + beg, len);
    }
}

static char **make_terms(const char *text, size_t n, size_t count)
{
    char **terms = calloc(count, sizeof *terms);
    if (terms == NULL)
        exit(1);
    for (size_t t = 0; t < count; t++)
        terms[t] = make_term(text, n);
    return terms;
}

static uint64_t peer_count(char *const *terms, size_t count, const char *text)
{
    uint64_t hits = 0;
    for (size_t t = 0; t < count; t++) {
        size_t len = strlen(terms[t]);
        for (const char *p = text; (p = strstr(p, terms[t])) != NULL; p += len)
            hits++;
    }
    return hits;
}

static uint64_t our_count(const ds_matcher *m, const char *text, size_t n)
{
    uint64_t hits = 0, *counts = calloc(ds_matcher_terms(m), sizeof *counts);
    if (counts == NULL || ds_match_count(m, (ds_str){text, n}, counts, NULL) != DS_OK)
        exit(1);
    for (size_t t = 0; t < ds_matcher_terms(m); t++)
        hits += counts[t];
    free(counts);
    return hits;
}

static ds_matcher *make_matcher(char *const *terms, size_t count, unsigned flags)
{
    ds_matcher *m;
    ds_str *views = calloc(count, sizeof *views);
    if (views == NULL)
        exit(1);
    for (size_t t = 0; t < count; t++)
        views[t] = ds_str_of(terms[t]);
    if (ds_matcher_new(NULL, views, count, flags, &m, NULL) != DS_OK)
        exit(1);
    free(views);
    return m;
}

static double our_speed(const ds_matcher *m, const char *text, size_t n, uint64_t *hits)
{
    double mbs[BENCH_RUNS];
    for (int i = 0; i < BENCH_RUNS; i++) {
        double t = bench_now();
        *hits = our_count(m, text, n);
        mbs[i] = (double)n / 1e6 / (bench_now() - t);
    }
    return bench_median(mbs);
}

static double build_ms(char *const *terms, size_t count)
{
    double ms[BENCH_RUNS];
    for (int i = 0; i < BENCH_RUNS; i++) {
        double t = bench_now();
        ds_matcher_free(make_matcher(terms, count, DS_FOLD_ALL));
        ms[i] = 1e3 * (bench_now() - t);
    }
    return bench_median(ms);
}

/* The peer reads only as much text as keeps a run near a second. */
static double peer_speed(char *const *terms, size_t count, char *text, size_t n, uint64_t *hits)
{
    double mbs[BENCH_RUNS];
    char kept = text[n];
    text[n] = '\0';
    for (int i = 0; i < BENCH_RUNS; i++) {
        double t = bench_now();
        *hits = peer_count(terms, count, text);
        mbs[i] = (double)n / 1e6 / (bench_now() - t);
    }
    text[n] = kept;
    return bench_median(mbs);
}

static size_t whole_characters(const char *text, size_t n)
{
    while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return n;
}

static int bench_terms(char *text, size_t n, size_t count)
{
    char **terms = make_terms(text, n, count);
    size_t part = count <= 20 ? n : whole_characters(text, n / (count / 10));
    ds_matcher *exact = make_matcher(terms, count, 0), *folded = make_matcher(terms, count, DS_FOLD_ALL);
    uint64_t ours, peers, all;
    double peer = peer_speed(terms, count, text, part, &peers);
    bool agree = our_count(exact, text, part) == peers;
    double mbs = our_speed(exact, text, n, &ours);
    printf("match_%zu_terms\tMB/s\t%.1f\tstrstr\t%.3f\t%.2f\t%zu\t%" PRIu64 "\n", count, mbs, peer, mbs / peer, n, ours);
    mbs = our_speed(folded, text, n, &all);
    printf("match_%zu_terms_folded\tMB/s\t%.1f\tstrstr\t%.3f\t%.2f\t%zu\t%" PRIu64 "\n", count, mbs, peer, mbs / peer,
           n, all);
    if (!agree)
        fprintf(stderr, "bench_match: hits differ from strstr's with %zu terms\n", count);
    printf("match_build_%zu_terms\tms\t%.2f\t-\t-\t-\t%zu\t-\n", count, build_ms(terms, count), count);
    ds_matcher_free(exact);
    ds_matcher_free(folded);
    for (size_t i = 0; i < count; i++)
        free(terms[i]);
    free(terms);
    return agree ? 0 : 1;
}

int main(void)
{
    static const size_t counts[] = {1, 20, 1000, 20000};
    size_t n;
    char *text = make_text(&n);
    int failed = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        failed |= bench_terms(text, n, counts[i]);
    free(text);
    return failed;
}

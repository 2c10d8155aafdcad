/*
 * bench_text.c - cutting news text into graphemes and folding it, against plain loops and utf8proc.
 *
 * Prints TSV rows: name unit ours peer peers_figure ratio items checksum.  Figures are MB/s of text, the
 * median of RUNS runs in which ours and the peer's take turns; items = bytes of text; checksum = the
 * result, on which both must agree.  Lines that begin with # are remarks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>

#include "fold.h"

#define RUNS 7
#define TEXT_BYTES ((size_t)8 << 20)
#define SEED 20250127u

/* Pieces of made-up news: both scripts, names, figures, punctuation. */
static const char *const phrases[] = {
    "这家公司的新模型", "這家公司的新模型", "把价格降到了原来的三分之一", "把價格降到了原來的三分之一", "，", "。", "、", "“", "”", "「", "」",
    "OpenAI", "DeepSeek-R1", "GPT-4o", " Grok 3 ", "2025年1月27日", "$0.55", "百分之十七", "17%", "ＡＰＩ",
    "分析师认为", "分析師認為", "开发者纷纷转向开源的版本", "開發者紛紛轉向開源的版本", "竞争对手随后跟进", "競爭對手隨後跟進",
    "市场一度恐慌", "市場一度恐慌", "有人说这是一场价格战", "有人說這是一場價格戰", "（记者报道）", "（記者報導）", "\n\n",
};
#define PHRASES (sizeof phrases / sizeof *phrases)

static char *make_text(size_t *n)
{
    char *p = malloc(TEXT_BYTES + 64);
    uint32_t seed = SEED;
    if (p == NULL)
        exit(EXIT_FAILURE);
    for (*n = 0; *n < TEXT_BYTES;) {
        seed = seed * 1664525u + 1013904223u;
        const char *phrase = phrases[(seed >> 8) % PHRASES];
        memcpy(p + *n, phrase, strlen(phrase));
        *n += strlen(phrase);
    }
    return p;
}

/* ------------------------------------------------------------------ the work, ours and the peers' */

typedef uint64_t work(ds_str s); /* returns the checksum */

static uint64_t checksum_of(const void *p, size_t n)
{
    return ds_crc32(0, p, n);
}

static uint64_t our_graphemes(ds_str s)
{
    return ds_utf8_gcount(s);
}

static uint64_t proc_graphemes(ds_str s)
{
    uint64_t n = 0;
    utf8proc_int32_t cp, prev = -1, state = 0;
    for (size_t i = 0; i < s.n; prev = cp) {
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &cp);
        if (len < 1)
            return 0;
        i += (size_t)len;
        n += prev < 0 || utf8proc_grapheme_break_stateful(prev, cp, &state);
    }
    return n;
}

static uint64_t fold_with(ds_str s, unsigned flags, bool map)
{
    ds_buf out;
    ds_offmap m;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&m, NULL);
    if (ds_fold(s, flags, &out, map ? &m : NULL, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    uint64_t sum = checksum_of(out.p, out.n);
    ds_offmap_clear(&m);
    ds_buf_clear(&out);
    return sum;
}

static uint64_t our_fold_case(ds_str s)
{
    return fold_with(s, DS_FOLD_CASE, false);
}

static uint64_t proc_fold_case(ds_str s)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &out, UTF8PROC_CASEFOLD);
    uint64_t sum = n < 0 ? 0 : checksum_of(out, (size_t)n);
    free(out);
    return sum;
}

static uint64_t our_fold_all(ds_str s)
{
    return fold_with(s, DS_FOLD_ALL, true);
}

/* One code point at a time, without offsets. */
static uint64_t loop_fold_all(ds_str s)
{
    char *out = malloc(s.n + 1), *end = out;
    if (out == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < s.n;) {
        uint32_t cp, cps[DS_FOLD_CP_MAX];
        i += ds_utf8_decode(s.p + i, s.n - i, &cp);
        size_t count = ds_fold_cp(cp, DS_FOLD_ALL, cps);
        for (size_t k = 0; k < count; k++) /* nothing in this text grows */
            end += ds_utf8_encode(cps[k], end);
    }
    uint64_t sum = checksum_of(out, (size_t)(end - out));
    free(out);
    return sum;
}

/* ------------------------------------------------------------------ measuring */

static const struct measurement {
    const char *name, *peer;
    work *ours, *peers;
} measurements[] = {
    {"text_graphemes", "utf8proc", our_graphemes, proc_graphemes},
    {"text_fold_case", "utf8proc_map", our_fold_case, proc_fold_case},
    {"text_fold_all_with_map", "loop without map", our_fold_all, loop_fold_all},
};

static double seconds(work *w, ds_str s, uint64_t *sum)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    *sum = w(s);
    clock_gettime(CLOCK_MONOTONIC, &b);
    return (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool measure(const struct measurement *m, ds_str s)
{
    double ours[RUNS], peers[RUNS], mb = (double)s.n / 1e6;
    uint64_t sum = 0, peers_sum = 0;
    for (int i = 0; i < RUNS; i++) {
        ours[i] = mb / seconds(m->ours, s, &sum);
        peers[i] = mb / seconds(m->peers, s, &peers_sum);
    }
    qsort(ours, RUNS, sizeof *ours, by_value);
    qsort(peers, RUNS, sizeof *peers, by_value);
    double our = ours[RUNS / 2], peer = peers[RUNS / 2];
    printf("%s\tMB/s\t%.0f\t%s\t%.0f\t%.2f\t%zu\t%" PRIu64 "\n", m->name, our, m->peer, peer, our / peer, s.n, sum);
    printf("# %s: slowest to fastest run %.0f to %.0f, peer %.0f to %.0f\n", m->name, ours[0], ours[RUNS - 1], peers[0],
           peers[RUNS - 1]);
    if (sum != peers_sum)
        fprintf(stderr, "bench_text: %s: result %" PRIu64 ", the peer's %" PRIu64 "\n", m->name, sum, peers_sum);
    return sum == peers_sum;
}

int main(void)
{
    ds_str s;
    char *text = make_text(&s.n);
    bool agree = true;
    s.p = text;
    printf("# bench_text: generated news text, seed %u\n", SEED);
    for (size_t i = 0; i < sizeof measurements / sizeof *measurements; i++)
        agree = measure(&measurements[i], s) && agree;
    free(text);
    return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}

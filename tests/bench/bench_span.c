/*
 * bench_span.c - sentences and quotations, beside PCRE2 (JIT) with the pattern one would write for sentences.  The two
 * do not find the same: a pattern knows no quotations, abbreviations or URLs.
 */
#include "bench.h"
#include "span.h"

#if defined(__has_include)
#if __has_include(<pcre2.h>)
#define HAVE_PCRE2 1
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif
#endif

#ifdef HAVE_PCRE2
static double pcre2_seconds(ds_str text, size_t *sentences)
{
    static const char pattern[] = "[^。！？!?\\n]+[。！？!?]*[”’」』）)]*";
    double seconds[BENCH_RUNS];
    int error;
    PCRE2_SIZE at;
    pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &at, NULL);
    if (re == NULL || pcre2_jit_compile(re, PCRE2_JIT_COMPLETE) != 0)
        return 0;
    pcre2_match_data *m = pcre2_match_data_create_from_pattern(re, NULL);
    for (int run = 0; run < BENCH_RUNS; run++) {
        double start = bench_now();
        *sentences = 0;
        for (size_t off = 0; pcre2_match(re, (PCRE2_SPTR)text.p, text.n, off, PCRE2_NO_UTF_CHECK, m, NULL) > 0;) {
            off = pcre2_get_ovector_pointer(m)[1];
            ++*sentences;
        }
        seconds[run] = bench_now() - start;
    }
    pcre2_match_data_free(m);
    pcre2_code_free(re);
    return bench_median(seconds);
}
#endif

static double sentence_seconds(ds_str text, size_t *count)
{
    double seconds[BENCH_RUNS];
    for (int run = 0; run < BENCH_RUNS; run++) {
        ds_spans v;
        ds_spans_init(&v, NULL);
        double start = bench_now();
        if (ds_span_sentences(text, &v, NULL) != DS_OK)
            exit(EXIT_FAILURE);
        seconds[run] = bench_now() - start;
        *count = v.count;
        ds_spans_clear(&v);
    }
    return bench_median(seconds);
}

static double quotation_seconds(ds_str text, size_t *count)
{
    double seconds[BENCH_RUNS];
    for (int run = 0; run < BENCH_RUNS; run++) {
        ds_quotations v;
        ds_quotations_init(&v, NULL);
        double start = bench_now();
        if (ds_span_quotations(text, &v, NULL) != DS_OK)
            exit(EXIT_FAILURE);
        seconds[run] = bench_now() - start;
        *count = v.count;
        ds_quotations_clear(&v);
    }
    return bench_median(seconds);
}

int main(void)
{
    ds_buf text = bench_articles((size_t)4 << 20);
    size_t ours, theirs = 0, quotations;
    double peer = 0, mine = sentence_seconds(ds_buf_str(&text), &ours);
#ifdef HAVE_PCRE2
    peer = pcre2_seconds(ds_buf_str(&text), &theirs);
    printf("# sentences: PCRE2's pattern finds %zu pieces, ds %zu sentences\n", theirs, ours);
#else
    printf("# sentences: no peer, libpcre2-dev is not installed\n");
    (void)theirs;
#endif
    bench_row("sentences", text.n, mine, "PCRE2 JIT", peer, ours);
    mine = quotation_seconds(ds_buf_str(&text), &quotations);
    bench_row("quotations", text.n, mine, "-", 0, quotations);
    ds_buf_clear(&text);
    return 0;
}

/*
 * bench_terms.c - 1,000 terms with positions, beside Hyperscan (block mode, literals) in the same run.  The terms are
 * words of the text itself, one hit in twenty bytes of text, and, where it is, the list of ../shared/dev/terms1000.txt.
 */
#include <string.h>

#include "bench.h"
#include "match.h"
#include "segment.h"

#if defined(__has_include)
#if __has_include(<hs/hs.h>)
#define HAVE_HYPERSCAN 1
#include <hs/hs.h>
#endif
#endif

enum { MOST_TERMS = 1000 };

/* Different words of two and more characters, in the order of their first appearance, spread over the text. */
static size_t pick_terms(ds_str text, ds_str terms[MOST_TERMS])
{
    ds_lexicon *lex;
    ds_segmenter *seg;
    ds_tokens toks;
    ds_error err = {0};
    size_t n = 0;
    ds_tokens_init(&toks, NULL);
    if (ds_lexicon_open(NULL, "build/zh.dslex", &lex, &err) != DS_OK ||
        ds_segmenter_new(NULL, lex, NULL, NULL, &seg, &err) != DS_OK || ds_segment(seg, text, &toks, &err) != DS_OK) {
        fprintf(stderr, "bench_terms: %s\n", err.msg);
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < toks.count && n < MOST_TERMS; i += 7) {
        ds_str word = {text.p + toks.items[i].beg, toks.items[i].end - toks.items[i].beg};
        bool known = word.n < 6 || toks.items[i].cls != DS_CLASS_HAN;
        for (size_t k = 0; k < n && !known; k++)
            known = ds_str_eq(terms[k], word);
        if (!known)
            terms[n++] = word;
    }
    ds_tokens_clear(&toks);
    ds_segmenter_free(seg);
    ds_lexicon_free(lex);
    return n;
}

static double match_seconds(const ds_matcher *m, ds_str text, size_t *hits)
{
    double seconds[BENCH_RUNS];
    for (int run = 0; run < BENCH_RUNS; run++) {
        ds_hits v;
        ds_hits_init(&v, NULL);
        double start = bench_now();
        if (ds_match_all(m, text, &v, NULL) != DS_OK)
            exit(EXIT_FAILURE);
        seconds[run] = bench_now() - start;
        *hits = v.count;
        ds_hits_clear(&v);
    }
    return bench_median(seconds);
}

#ifdef HAVE_HYPERSCAN
static int count_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ud)
{
    (void)id, (void)from, (void)to, (void)flags;
    ++*(size_t *)ud;
    return 0;
}

static double hyperscan_seconds(ds_str text, const ds_str *terms, size_t count, size_t *hits)
{
    static const char *patterns[MOST_TERMS];
    static size_t lengths[MOST_TERMS];
    static unsigned flags[MOST_TERMS], ids[MOST_TERMS];
    double seconds[BENCH_RUNS];
    hs_database_t *db;
    hs_scratch_t *scratch = NULL;
    hs_compile_error_t *error;
    for (size_t i = 0; i < count; i++) {
        patterns[i] = terms[i].p;
        lengths[i] = terms[i].n;
        ids[i] = (unsigned)i;
    }
    if (hs_compile_lit_multi(patterns, flags, ids, lengths, (unsigned)count, HS_MODE_BLOCK, NULL, &db, &error) != HS_SUCCESS ||
        hs_alloc_scratch(db, &scratch) != HS_SUCCESS)
        return 0;
    for (int run = 0; run < BENCH_RUNS; run++) {
        *hits = 0;
        double start = bench_now();
        hs_scan(db, text.p, (unsigned)text.n, 0, scratch, count_hit, hits);
        seconds[run] = bench_now() - start;
    }
    hs_free_scratch(scratch);
    hs_free_database(db);
    return bench_median(seconds);
}
#endif

/* The two rows of a list of terms. */
static void bench_terms(const char *const names[2], ds_str text, const ds_str *terms, size_t count)
{
    size_t hits, their_hits = 0;
    double peer = 0;
#ifdef HAVE_HYPERSCAN
    peer = hyperscan_seconds(text, terms, count, &their_hits);
#else
    printf("# match: no peer, libhyperscan-dev is not installed\n");
#endif
    for (size_t i = 0; i < 2; i++) {
        ds_matcher *m;
        if (ds_matcher_new(NULL, terms, count, i == 0 ? 0 : DS_FOLD_ALL, &m, NULL) != DS_OK)
            exit(EXIT_FAILURE);
        double mine = match_seconds(m, text, &hits);
        bench_row(names[i], text.n, mine, "hyperscan", i == 0 ? peer : 0, hits);
        if (i == 0 && peer > 0)
            printf("# %s: %zu terms, hyperscan reports %zu hits, ds %zu\n", names[i], count, their_hits, hits);
        ds_matcher_free(m);
    }
}

/* The lines of the file, views of `text`; 0: there is none. */
static size_t read_terms(const char *path, ds_buf *text, ds_str terms[MOST_TERMS])
{
    char line[256];
    size_t at[MOST_TERMS], n = 0;
    FILE *f = fopen(path, "r");
    while (f != NULL && n < MOST_TERMS && fgets(line, sizeof line, f) != NULL) {
        at[n] = text->n;
        terms[n].n = strcspn(line, "\r\n");
        ds_buf_put(text, line, terms[n].n);
        n += terms[n].n > 0;
    }
    if (f != NULL)
        fclose(f);
    for (size_t i = 0; i < n; i++)
        terms[i].p = text->p + at[i];
    return n;
}

int main(void)
{
    static ds_str terms[MOST_TERMS];
    ds_buf text = bench_articles((size_t)4 << 20), list;
    bench_terms((const char *const[]){"match 1,000 terms, dense", "match 1,000 terms, dense, folded"}, ds_buf_str(&text), terms,
                pick_terms(ds_buf_str(&text), terms));
    ds_buf_init(&list, NULL);
    size_t count = read_terms("../shared/dev/terms1000.txt", &list, terms);
    if (count > 0)
        bench_terms((const char *const[]){"match 1,000 terms", "match 1,000 terms, folded"}, ds_buf_str(&text), terms, count);
    else
        printf("# match: no rows of ../shared/dev/terms1000.txt, which is absent\n");
    ds_buf_clear(&list);
    ds_buf_clear(&text);
    return 0;
}

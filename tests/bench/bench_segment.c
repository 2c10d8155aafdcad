/*
 * bench_segment.c [LEXICON TEXT] - the segmenter's speed: tokens with offsets, classes and tags, one thread.
 *
 * Peers: ICU's word break iterator and jieba, in the same run, by peer/peer_icu.c and bench_jieba.py; each that is there cuts
 * the same text.  Text: $O/news.txt, which run.sh has gen_news.lua write, or a file.  Articles are given one at
 * a time, as users do.
 */
#include <math.h>
#include <string.h>
#include <sys/resource.h>

#include "bench.h"
#include "segment.h"

enum { ARTICLE = 4096 }; /* bytes after which an article ends with its line */

typedef struct bench_sum {
    size_t tokens;
    uint64_t checksum;
} bench_sum;

static ds_buf read_text(const char *path)
{
    char chunk[65536];
    size_t n;
    ds_buf b;
    FILE *f = fopen(path, "rb");
    ds_buf_init(&b, NULL);
    while (f != NULL && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(&b, chunk, n);
    if (f == NULL || b.n == 0) {
        fprintf(stderr, "bench_segment: %s cannot be read; `make bench` writes it\n", path);
        exit(EXIT_FAILURE);
    }
    fclose(f);
    return b;
}

static void add_tokens(bench_sum *sum, const ds_tokens *t, size_t off)
{
    for (size_t i = 0; i < t->count; i++)
        sum->checksum = (sum->checksum ^ ((uint64_t)(t->items[i].end + off) << 8 | t->items[i].cls)) * 1099511628211u;
    sum->tokens += t->count;
}

/* Cuts the text, article by article. */
static bench_sum cut_articles(const ds_segmenter *seg, ds_str text, ds_tokens *toks, bool with_sum)
{
    bench_sum sum = {0, 14695981039346656037u};
    ds_error err;
    for (size_t beg = 0, end; beg < text.n; beg = end) {
        const char *lf = text.n - beg > ARTICLE ? memchr(text.p + beg + ARTICLE, '\n', text.n - beg - ARTICLE) : NULL;
        end = lf != NULL ? (size_t)(lf - text.p) + 1 : text.n;
        toks->count = 0;
        if (ds_segment(seg, (ds_str){text.p + beg, end - beg}, toks, &err) != DS_OK) {
            fprintf(stderr, "bench_segment: %s\n", err.msg);
            exit(EXIT_FAILURE);
        }
        if (with_sum)
            add_tokens(&sum, toks, beg);
    }
    return sum;
}

static long resident_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

/* Figure of a peer, a program that prints "MB/s tokens", or 0 when it says that it cannot run. */
static double ask_peer(const char *command, const char *text_path)
{
    char line[512], all[1024];
    double speed = 0;
    if (snprintf(all, sizeof all, "%s %s", command, text_path) >= (int)sizeof all)
        return 0;
    FILE *f = popen(all, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (line[0] == '#' || sscanf(line, "%lf", &speed) != 1)
            fputs(line, stdout);
    return f != NULL && pclose(f) == 0 ? speed : 0;
}

static void speed_row(const char *peer, double mb_s, double theirs, const bench_sum *sum)
{
    if (theirs > 0)
        printf("segment\tMB/s\t%.1f\t%s\t%.1f\t%.2f\t%zu\t%016llx\n", mb_s, peer, theirs, mb_s / theirs, sum->tokens,
               (unsigned long long)sum->checksum);
}

int main(int argc, char **argv)
{
    const char *dir = getenv("O") != NULL ? getenv("O") : "build";
    char lexicon[512], text_path[512], icu[512];
    double seconds[BENCH_RUNS];
    ds_error err;
    ds_lexicon *lex;
    ds_segmenter *seg;
    ds_tokens toks;
    snprintf(lexicon, sizeof lexicon, "%s/zh.dslex", dir);
    snprintf(text_path, sizeof text_path, "%s/news.txt", dir);
    snprintf(icu, sizeof icu, "%s/peers/icu", dir);
    const char *path = argc > 2 ? argv[2] : text_path;
    ds_buf text = read_text(path);
    long before = resident_kib();
    double opened = bench_now();
    if (ds_lexicon_open(NULL, argc > 1 ? argv[1] : lexicon, &lex, &err) != DS_OK ||
        ds_segmenter_new(NULL, lex, NULL, NULL, &seg, &err) != DS_OK) {
        fprintf(stderr, "bench_segment: %s\n", err.msg);
        return EXIT_FAILURE;
    }
    opened = bench_now() - opened;
    ds_tokens_init(&toks, NULL);
    bench_sum sum = cut_articles(seg, ds_buf_str(&text), &toks, true);
    for (size_t i = 0; i < BENCH_RUNS; i++) {
        seconds[i] = bench_now();
        (void)cut_articles(seg, ds_buf_str(&text), &toks, false);
        seconds[i] = bench_now() - seconds[i];
    }
    double mb_s = (double)text.n / 1e6 / bench_median(seconds);
    printf("segment open\tms\t%.2f\t-\t-\t-\t%zu\t-\n", opened * 1e3, ds_lexicon_count(lex));
    printf("segment memory\tMiB\t%.1f\t-\t-\t-\t%zu\t-\n", (double)(resident_kib() - before) / 1024, text.n);
    printf("segment\tMB/s\t%.1f\t-\t-\t-\t%zu\t%016llx\n", mb_s, sum.tokens, (unsigned long long)sum.checksum);
    fflush(stdout);
    bool quick = getenv("BENCH_QUICK") != NULL; /* callgrind.sh wants our own work only */
    if (!quick)
        speed_row("ICU", mb_s, ask_peer(icu, path), &sum);
    if (!quick)
        speed_row("jieba", mb_s, ask_peer("/usr/bin/python3 tests/bench/bench_jieba.py", path), &sum);
    ds_tokens_clear(&toks);
    ds_segmenter_free(seg);
    ds_lexicon_free(lex);
    ds_buf_clear(&text);
    return EXIT_SUCCESS;
}

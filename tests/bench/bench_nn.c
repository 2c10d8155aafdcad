/*
 * bench_nn.c [-t TEXT] - the tagger, and the segmenter's mode `accurate`: one thread.
 *
 * Rows: opening, memory, multiplications a second beside the most this machine does with the same instructions on
 * registers, and the mode's speed beside the network's float32 forward pass in numpy (bench_lac.py), a part of the
 * work. With -t: no figures, but a line for each sentence of TEXT, its folded characters and their tags, for
 * tests/accuracy.sh.
 */
#include <string.h>
#include <sys/resource.h>

#include "bench.h"
#include "fold.h"
#include "nn_int.h"
#include "segment.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

enum { ARTICLE = 4096, TEXT_MOST = 1000000 };
/* Multiplications a character. */
enum { MACS = 4 * NN_HIDDEN * NN_GATES + 2 * NN_BOTH * NN_GATES + NN_BOTH * NN_TAGS };

static ds_buf read_text(const char *path, size_t most)
{
    char chunk[65536];
    size_t n;
    ds_buf b;
    FILE *f = fopen(path, "rb");
    ds_buf_init(&b, NULL);
    while (f != NULL && b.n < most && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(&b, chunk, n);
    if (f == NULL || b.n == 0) {
        fprintf(stderr, "bench_nn: %s cannot be read; `make bench` writes it\n", path);
        exit(EXIT_FAILURE);
    }
    fclose(f);
    return b;
}

/* ---- sentences ---- */

typedef struct sentences {
    uint16_t *ids;
    uint32_t *ends;
    uint32_t *cps; /* folded */
    size_t chars, count;
} sentences;

/* Lines, cut where they are too long. */
static sentences cut_sentences(const ds_nn *nn, ds_str text)
{
    sentences s = {.ids = malloc(text.n * sizeof *s.ids),
                   .ends = malloc(text.n * sizeof *s.ends),
                   .cps = malloc(text.n * sizeof *s.cps)};
    size_t beg = 0;
    if (s.ids == NULL || s.ends == NULL || s.cps == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < text.n;) {
        uint32_t cp, folded[DS_FOLD_CP_MAX];
        i += ds_utf8_decode(text.p + i, text.n - i, &cp);
        if (cp != '\n') {
            s.ids[s.chars] = ds_nn_id(nn, cp);
            s.cps[s.chars++] = ds_fold_cp(cp, DS_FOLD_WIDTH | DS_FOLD_VARIANT, folded) == 1 ? folded[0] : cp;
        }
        if (s.chars > beg && (cp == '\n' || i == text.n || s.chars - beg == DS_NN_SENTENCE))
            beg = s.ends[s.count++] = (uint32_t)s.chars;
    }
    return s;
}

static void free_sentences(sentences *s)
{
    free(s->ids);
    free(s->ends);
    free(s->cps);
}

static ds_nn_mark *mark_all(const ds_nn *nn, const sentences *s)
{
    ds_nn_mark *marks = malloc(s->chars * sizeof *marks);
    if (marks == NULL || ds_nn_run(nn, NULL, s->ids, s->ends, s->count, marks, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    return marks;
}

static void print_tags(const ds_nn *nn, const char *path)
{
    ds_buf text = read_text(path, SIZE_MAX);
    sentences s = cut_sentences(nn, ds_buf_str(&text));
    ds_nn_mark *marks = mark_all(nn, &s);
    for (size_t k = 0, i = 0; k < s.count; k++) {
        for (size_t c = i; c < s.ends[k]; c++) {
            char utf8[DS_UTF8_MAX];
            uint32_t cp = s.cps[c] == '\t' || s.cps[c] == DS_UTF8_BAD ? ' ' : s.cps[c];
            fwrite(utf8, 1, ds_utf8_encode(cp, utf8), stdout);
        }
        for (size_t c = i; c < s.ends[k]; c++)
            printf("%c%u", c == i ? '\t' : ' ', marks[c].tag);
        putchar('\n');
        i = s.ends[k];
    }
    free(marks);
    free_sentences(&s);
    ds_buf_clear(&text);
}

/* ---- the machine's peak ---- */

enum { PEAK_ROUNDS = 4000000, PEAK_SUMS = 8 };

#if defined(__x86_64__) && defined(__GNUC__)
/* The barrier keeps the compiler from seeing that all sums are alike. */
#define PEAK_AVX2(k)                                                                                                   \
    __asm__ volatile("" : "+x"(a));                                                                                    \
    pairs = _mm256_add_epi16(_mm256_maddubs_epi16(a, w), _mm256_maddubs_epi16(a, v));                                  \
    s##k = _mm256_add_epi32(s##k, _mm256_madd_epi16(pairs, one))

__attribute__((target("avx2"))) static double avx2_peak(void)
{
    __m256i a = _mm256_set1_epi8(3), w = _mm256_set1_epi8(5), v = _mm256_set1_epi8(-4), one = _mm256_set1_epi16(1);
    __m256i s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, pairs;
    double t = bench_now();
    for (int i = 0; i < PEAK_ROUNDS; i++) {
        PEAK_AVX2(0);
        PEAK_AVX2(1);
        PEAK_AVX2(2);
        PEAK_AVX2(3);
        PEAK_AVX2(4);
        PEAK_AVX2(5);
        PEAK_AVX2(6);
        PEAK_AVX2(7);
        __asm__ volatile("" : "+x"(s0), "+x"(s1), "+x"(s2), "+x"(s3), "+x"(s4), "+x"(s5), "+x"(s6), "+x"(s7));
    }
    return (double)PEAK_ROUNDS * PEAK_SUMS * 64 / (bench_now() - t);
}

#define PEAK_VNNI(k)                                                                                                   \
    __asm__ volatile("" : "+x"(a));                                                                                    \
    s##k = _mm512_dpbusd_epi32(s##k, a, w)

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) static double avx512_peak(void)
{
    __m512i a = _mm512_set1_epi8(3), w = _mm512_set1_epi8(-5);
    __m512i s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a;
    double t = bench_now();
    for (int i = 0; i < PEAK_ROUNDS; i++) {
        PEAK_VNNI(0);
        PEAK_VNNI(1);
        PEAK_VNNI(2);
        PEAK_VNNI(3);
        PEAK_VNNI(4);
        PEAK_VNNI(5);
        PEAK_VNNI(6);
        PEAK_VNNI(7);
        __asm__ volatile("" : "+x"(s0), "+x"(s1), "+x"(s2), "+x"(s3), "+x"(s4), "+x"(s5), "+x"(s6), "+x"(s7));
    }
    return (double)PEAK_ROUNDS * PEAK_SUMS * 64 / (bench_now() - t);
}
#endif

/* Multiplications a second with the path's own instructions, 0 for a path that has none. */
static double machine_peak(void)
{
    double best = 0;
    for (int i = 0; i < BENCH_RUNS; i++) {
        double now = 0;
#if defined(__x86_64__) && defined(__GNUC__)
        now = ds_cpu_active() == DS_CPU_AVX512 ? avx512_peak() : ds_cpu_active() == DS_CPU_AVX2 ? avx2_peak() : 0;
#endif
        best = now > best ? now : best;
    }
    return best;
}

/* ---- figures ---- */

static void network_row(const ds_nn *nn, ds_str text)
{
    double seconds[BENCH_RUNS];
    sentences s = cut_sentences(nn, text);
    for (size_t i = 0; i < BENCH_RUNS; i++) {
        seconds[i] = bench_now();
        free(mark_all(nn, &s));
        seconds[i] = bench_now() - seconds[i];
    }
    double ours = (double)s.chars * MACS / 1e9 / bench_median(seconds), peak = machine_peak() / 1e9;
    if (peak > 0)
        printf("tagger\tGMAC/s\t%.1f\tpeak on registers (%s)\t%.1f\t%.2f\t%zu\t-\n", ours,
               ds_cpu_name(ds_cpu_active()), peak, ours / peak, s.chars);
    else
        printf("tagger\tGMAC/s\t%.1f\t-\t-\t-\t%zu\t-\n", ours, s.chars);
    free_sentences(&s);
}

static size_t cut_articles(const ds_segmenter *seg, ds_str text, ds_tokens *toks)
{
    size_t count = 0;
    for (size_t beg = 0, end; beg < text.n; beg = end) {
        const char *lf = text.n - beg > ARTICLE ? memchr(text.p + beg + ARTICLE, '\n', text.n - beg - ARTICLE) : NULL;
        end = lf != NULL ? (size_t)(lf - text.p) + 1 : text.n;
        toks->count = 0;
        if (ds_segment(seg, (ds_str){text.p + beg, end - beg}, toks, NULL) != DS_OK)
            exit(EXIT_FAILURE);
        count += toks->count;
    }
    return count;
}

/* Figure of bench_lac.py, or 0. */
static double ask_numpy(const char *text_path)
{
    char line[512], command[1024];
    double speed = 0;
    const char *model = getenv("DATA_LAC");
    if (model == NULL)
        model = "/usr/lib/python3/dist-packages/jieba/lac_small";
    if (snprintf(command, sizeof command, "/usr/bin/python3 tests/bench/bench_lac.py %s %s", model, text_path) >=
        (int)sizeof command)
        return 0;
    fflush(stdout);
    FILE *f = popen(command, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (line[0] == '#' || sscanf(line, "%lf", &speed) != 1)
            fputs(line, stdout);
    return f != NULL && pclose(f) == 0 ? speed : 0;
}

static void mode_row(const ds_nn *nn, const ds_lexicon *lex, ds_str text, const char *text_path)
{
    double seconds[BENCH_RUNS];
    ds_segment_options o = {.mode = DS_MODE_ACCURATE, .tagger = nn};
    ds_segmenter *seg;
    ds_tokens toks;
    size_t count = 0;
    if (ds_segmenter_new(NULL, lex, NULL, &o, &seg, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    ds_tokens_init(&toks, NULL);
    for (size_t i = 0; i < BENCH_RUNS; i++) {
        seconds[i] = bench_now();
        count = cut_articles(seg, text, &toks);
        seconds[i] = bench_now() - seconds[i];
    }
    double ours = (double)text.n / 1e6 / bench_median(seconds), theirs = ask_numpy(text_path);
    if (theirs > 0)
        printf("segment accurate\tMB/s\t%.3f\tnumpy float32, forward only\t%.3f\t%.1f\t%zu\t-\n", ours, theirs,
               ours / theirs, count);
    else
        printf("segment accurate\tMB/s\t%.3f\t-\t-\t-\t%zu\t-\n", ours, count);
    ds_tokens_clear(&toks);
    ds_segmenter_free(seg);
}

static long resident_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

int main(int argc, char **argv)
{
    const char *dir = getenv("O") != NULL ? getenv("O") : "build";
    char tagger[512], lexicon[512], path[512];
    ds_nn *nn;
    ds_lexicon *lex;
    ds_error err;
    snprintf(tagger, sizeof tagger, "%s/zh.dsnn", dir);
    snprintf(lexicon, sizeof lexicon, "%s/zh.dslex", dir);
    snprintf(path, sizeof path, "%s/news.txt", dir);
    double opened = bench_now();
    if (ds_nn_open(NULL, tagger, &nn, &err) != DS_OK) {
        printf("# tagger: no figures: %s\n", err.msg);
        return EXIT_SUCCESS;
    }
    opened = bench_now() - opened;
    if (argc > 2 && strcmp(argv[1], "-t") == 0) {
        print_tags(nn, argv[2]);
        ds_nn_free(nn);
        return EXIT_SUCCESS;
    }
    if (ds_lexicon_open(NULL, lexicon, &lex, &err) != DS_OK) {
        fprintf(stderr, "bench_nn: %s\n", err.msg);
        return EXIT_FAILURE;
    }
    ds_buf text = read_text(path, TEXT_MOST);
    long before = resident_kib();
    network_row(nn, ds_buf_str(&text));
    printf("tagger open\tms\t%.2f\t-\t-\t-\t-\t-\n", opened * 1e3);
    printf("tagger memory\tMiB\t%.1f\t-\t-\t-\t%zu\t-\n", (double)(resident_kib() - before) / 1024, text.n);
    mode_row(nn, lex, ds_buf_str(&text), path);
    ds_lexicon_free(lex);
    ds_nn_free(nn);
    ds_buf_clear(&text);
    return EXIT_SUCCESS;
}

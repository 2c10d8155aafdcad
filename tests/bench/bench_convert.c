/*
 * bench_convert.c [TABLES LEXICON [TEXT...]] - Simplified to Traditional and back, against OpenCC in the same run.
 *
 * Text: the files named, or the articles of corpus/articles, repeated to TEXT_BYTES and made Simplified or Traditional
 * first, as the direction wants.  Prints TSV rows: name unit ours peer peers_figure ratio items checksum; MB/s of
 * input, medians of RUNS alternating runs.  For mode "opencc" the results must be equal.  OpenCC is loaded at run
 * time (libopencc1.1) and left out with a remark when it is not there.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "convert.h"

#define RUNS 5
#define TEXT_BYTES (2u << 20)

/* The three functions of OpenCC's C interface. */
typedef struct peer {
    void *(*open)(const char *config);
    char *(*convert)(void *handle, const char *text, size_t n);
    void (*free)(char *text);
} peer;

static const struct measurement {
    const char *config;
    ds_conversion what;
} measurements[] = {
    {"t2s", {true, DS_REGION_NONE}},  {"tw2sp", {true, DS_REGION_TW}},  {"hk2s", {true, DS_REGION_HK}},
    {"s2t", {false, DS_REGION_NONE}}, {"s2twp", {false, DS_REGION_TW}}, {"s2hk", {false, DS_REGION_HK}},
};

typedef struct kit {
    ds_converter *conv;
    ds_lexicon *lex;
    ds_segmenter *seg;
} kit;

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

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "bench_convert: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

/* dlsym gives an object pointer; C has no cast from it to a function's. */
static bool load_function(void *library, const char *name, void *function)
{
    void *p = dlsym(library, name);
    memcpy(function, &p, sizeof p);
    return p != NULL;
}

static bool load_peer(peer *p)
{
    void *library = dlopen("libopencc.so.1.1", RTLD_NOW);
    return library != NULL && load_function(library, "opencc_open", &p->open) &&
           load_function(library, "opencc_convert_utf8", &p->convert) &&
           load_function(library, "opencc_convert_utf8_free", &p->free);
}

static void read_file(const char *path, ds_buf *text)
{
    char chunk[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        give_up(path, "cannot be read");
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(text, chunk, n);
    fclose(f);
}

/* All files below a directory, two levels deep. */
static void read_directory(const char *path, ds_buf *text, int levels)
{
    DIR *d = opendir(path);
    if (d == NULL)
        give_up(path, "cannot be listed (run it from the checkout, or name texts)");
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char inner[4096];
        if (e->d_name[0] == '.' || snprintf(inner, sizeof inner, "%s/%s", path, e->d_name) >= (int)sizeof inner)
            continue;
        if (levels > 1)
            read_directory(inner, text, levels - 1);
        else
            read_file(inner, text);
    }
    closedir(d);
}

static void repeat(ds_buf *text)
{
    size_t n = text->n;
    if (n == 0)
        give_up("text", "is empty");
    while (text->status == DS_OK && text->n < TEXT_BYTES) {
        if (!ds_buf_reserve(text, n))
            give_up("text", "no memory");
        ds_buf_put(text, text->p, n);
    }
}

static uint64_t checksum(const char *p, size_t n)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ (unsigned char)p[i]) * 1099511628211u;
    return sum;
}

static void convert(const kit *k, bool by_words, ds_conversion what, ds_str in, ds_buf *out)
{
    ds_error err;
    out->n = 0;
    ds_status st = by_words ? ds_convert_words(k->conv, k->seg, k->lex, what, in, out, NULL, &err)
                            : ds_convert_opencc(k->conv, what, in, out, NULL, &err);
    if (st != DS_OK)
        give_up("conversion", err.msg);
}

static double median_speed(double seconds[RUNS], size_t n)
{
    qsort(seconds, RUNS, sizeof *seconds, by_value);
    return (double)n / 1e6 / seconds[RUNS / 2];
}

static void print_row(const char *config, const char *mode, double ours, double theirs, size_t n, uint64_t sum)
{
    if (theirs > 0)
        printf("convert %s %s\tMB/s\t%.1f\tOpenCC\t%.2f\t%.1f\t%zu\t%" PRIx64 "\n", config, mode, ours, theirs,
               ours / theirs, n, sum);
    else
        printf("convert %s %s\tMB/s\t%.1f\t-\t-\t-\t%zu\t%" PRIx64 "\n", config, mode, ours, n, sum);
}

/* False when mode "opencc" and OpenCC disagree. */
static bool measure(const kit *k, const peer *p, const struct measurement *m, ds_str in)
{
    char config[32];
    double seconds[3][RUNS];
    uint64_t sums[3] = {0, 0, 0};
    ds_buf out;
    ds_buf_init(&out, NULL);
    snprintf(config, sizeof config, "%s.json", m->config);
    void *handle = p != NULL ? p->open(config) : NULL;
    if (handle == (void *)-1)
        give_up(config, "OpenCC cannot open it");
    for (int r = 0; r < RUNS; r++) {
        for (int mode = 0; mode < 2; mode++) {
            double start = now();
            convert(k, mode == 1, m->what, in, &out);
            seconds[mode][r] = now() - start;
            sums[mode] = checksum(out.p, out.n);
        }
        double start = now();
        char *theirs = handle != NULL ? p->convert(handle, in.p, in.n) : NULL;
        seconds[2][r] = now() - start;
        if (theirs != NULL) {
            sums[2] = checksum(theirs, strlen(theirs));
            p->free(theirs);
        }
    }
    double peers = median_speed(seconds[2], in.n);
    print_row(m->config, "opencc", median_speed(seconds[0], in.n), handle != NULL ? peers : 0, in.n, sums[0]);
    print_row(m->config, "words", median_speed(seconds[1], in.n), handle != NULL ? peers : 0, in.n, sums[1]);
    ds_buf_clear(&out);
    if (handle != NULL && sums[0] != sums[2])
        fprintf(stderr, "bench_convert: %s: the result is not OpenCC's\n", m->config);
    return handle == NULL || sums[0] == sums[2];
}

/* A file beside the directory of the program. */
static const char *beside(const char *program, const char *name, char path[4096])
{
    const char *slash = strrchr(program, '/');
    int dir = slash != NULL ? (int)(slash - program) : 1;
    snprintf(path, 4096, "%.*s/../%s", dir, slash != NULL ? program : ".", name);
    return path;
}

int main(int argc, char **argv)
{
    char tables[4096], lexicon[4096];
    ds_error err;
    kit k;
    peer p;
    ds_buf text, simplified, traditional;
    bool agree = true, has_peer = load_peer(&p);
    ds_buf_init(&text, NULL);
    ds_buf_init(&simplified, NULL);
    ds_buf_init(&traditional, NULL);
    if (ds_converter_open(NULL, argc > 2 ? argv[1] : beside(argv[0], "zh.dsconv", tables), &k.conv, &err) != DS_OK ||
        ds_lexicon_open(NULL, argc > 2 ? argv[2] : beside(argv[0], "zh.dslex", lexicon), &k.lex, &err) != DS_OK ||
        ds_segmenter_new(NULL, k.lex, NULL, NULL, &k.seg, &err) != DS_OK)
        give_up("tables", err.msg);
    for (int i = 3; i < argc; i++)
        read_file(argv[i], &text);
    if (argc <= 3)
        read_directory("corpus/articles", &text, 2);
    repeat(&text);
    convert(&k, false, measurements[0].what, ds_buf_str(&text), &simplified);
    convert(&k, false, measurements[3].what, ds_buf_str(&simplified), &traditional);
    printf("# bench_convert: %s\n", has_peer ? "OpenCC through libopencc.so.1.1" : "no libopencc.so.1.1: no peer");
    for (size_t i = 0; i < sizeof measurements / sizeof *measurements; i++)
        agree = measure(&k, has_peer ? &p : NULL, &measurements[i],
                        ds_buf_str(measurements[i].what.to_simplified ? &traditional : &simplified)) && agree;
    ds_buf_clear(&text);
    ds_buf_clear(&simplified);
    ds_buf_clear(&traditional);
    ds_segmenter_free(k.seg);
    ds_lexicon_free(k.lex);
    ds_converter_free(k.conv);
    return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}

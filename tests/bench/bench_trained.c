/*
 * bench_trained.c [GOLD TEXT] - the trained mode: how fast it learns, its model's size, and how fast it cuts, beside the
 * default mode and jieba in the same run; tokens with offsets, classes and tags, one thread, an article at a time.
 *
 * Gold: a file, else the development set (DEV, default ../shared/dev) where it is, else what the default mode makes of the
 * text in the style `ud`, which is as much work.  Text: $O/news.txt, which run.sh has gen_news.lua write, or a file.
 */
#include <string.h>
#include <sys/resource.h>

#include "bench.h"
#include "train.h"

enum { ARTICLE = 4096, GOLD_MOST = 480000 /* bytes */ };

static const ds_lexicon *lex;

static void must(ds_status st, const ds_error *err)
{
    if (st == DS_OK)
        return;
    fprintf(stderr, "bench_trained: %s\n", err->msg);
    exit(EXIT_FAILURE);
}

static bool read_text(const char *path, ds_buf *b)
{
    char chunk[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    ds_buf_init(b, NULL);
    while (f != NULL && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(b, chunk, n);
    if (f != NULL)
        fclose(f);
    return b->n > 0;
}

static ds_segmenter *segmenter(ds_style style, const ds_segmodel *model)
{
    ds_segment_options o = {.style = style, .mode = model != NULL ? DS_MODE_TRAINED : DS_MODE_DEFAULT, .model = model};
    ds_segmenter *seg;
    ds_error err;
    must(ds_segmenter_new(NULL, lex, NULL, &o, &seg, &err), &err);
    return seg;
}

/* The text with blanks between the words of the style `ud`. */
static ds_buf made_gold(ds_str text)
{
    ds_segmenter *seg = segmenter(DS_STYLE_UD, NULL);
    ds_tokens t;
    ds_error err;
    ds_buf gold;
    ds_buf_init(&gold, NULL);
    ds_tokens_init(&t, NULL);
    text.n = text.n < GOLD_MOST ? text.n : GOLD_MOST;
    must(ds_segment(seg, text, &t, &err), &err);
    for (size_t i = 0; i < t.count; i++) {
        ds_buf_put(&gold, text.p + t.items[i].beg, t.items[i].end - t.items[i].beg);
        ds_buf_put(&gold, " ", 1);
    }
    ds_tokens_clear(&t);
    ds_segmenter_free(seg);
    return gold;
}

static ds_trainer *read_gold(ds_str gold)
{
    ds_trainer *t;
    ds_error err;
    ds_train_options o = {.seed = 1};
    must(ds_trainer_new(NULL, lex, &o, &t, &err), &err);
    for (size_t i = 0; i < gold.n;) {
        const char *lf = memchr(gold.p + i, '\n', gold.n - i);
        size_t end = lf != NULL ? (size_t)(lf - gold.p) : gold.n;
        if (ds_trainer_add(t, (ds_str){gold.p + i, end - i}, &err) == DS_ENOMEM)
            must(DS_ENOMEM, &err);
        i = end + 1;
    }
    return t;
}

static ds_buf learn(ds_str gold)
{
    ds_buf image;
    ds_error err;
    ds_trainer *t = read_gold(gold);
    ds_buf_init(&image, NULL);
    must(ds_trainer_begin(t, 0, 0, &err), &err);
    for (int i = 0; i < DS_TRAIN_ROUNDS; i++)
        must(ds_trainer_round(t, &err), &err);
    must(ds_trainer_image(t, ds_str_of("benchmark"), &image, &err), &err);
    ds_trainer_free(t);
    return image;
}

/* Cuts the text, article by article; *sum tells one result from another. */
static size_t cut(const ds_segmenter *seg, ds_str text, ds_tokens *toks, uint64_t *sum)
{
    size_t tokens = 0;
    ds_error err;
    for (size_t beg = 0, end; beg < text.n; beg = end) {
        const char *lf = text.n - beg > ARTICLE ? memchr(text.p + beg + ARTICLE, '\n', text.n - beg - ARTICLE) : NULL;
        end = lf != NULL ? (size_t)(lf - text.p) + 1 : text.n;
        toks->count = 0;
        must(ds_segment(seg, (ds_str){text.p + beg, end - beg}, toks, &err), &err);
        for (size_t i = 0; sum != NULL && i < toks->count; i++)
            *sum = (*sum ^ ((uint64_t)(toks->items[i].end + beg) << 8 | toks->items[i].cls)) * 1099511628211u;
        tokens += toks->count;
    }
    return tokens;
}

static double jieba_speed(const char *text_path)
{
    char line[512], all[1024];
    double speed = 0;
    snprintf(all, sizeof all, "/usr/bin/python3 tests/bench/bench_jieba.py %s", text_path);
    FILE *f = popen(all, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (line[0] == '#' || sscanf(line, "%lf", &speed) != 1)
            fputs(line, stdout);
    return f != NULL && pclose(f) == 0 ? speed : 0;
}

int main(int argc, char **argv)
{
    const char *dir = getenv("O") != NULL ? getenv("O") : "build", *dev = getenv("DEV");
    char lexicon[512], text_path[512], gold_path[512];
    double learned, trained[BENCH_RUNS], plain[BENCH_RUNS], jieba;
    uint64_t sum = 14695981039346656037u;
    ds_lexicon *opened;
    ds_segmodel *model;
    ds_tokens toks;
    ds_error err;
    ds_buf text, gold;
    struct rusage used;
    snprintf(lexicon, sizeof lexicon, "%s/zh.dslex", dir);
    snprintf(text_path, sizeof text_path, "%s/news.txt", dir);
    snprintf(gold_path, sizeof gold_path, "%s/seg/pku.txt", dev != NULL ? dev : "../shared/dev");
    const char *path = argc > 2 ? argv[2] : text_path;
    must(ds_lexicon_open(NULL, lexicon, &opened, &err), &err);
    lex = opened;
    if (!read_text(path, &text)) {
        fprintf(stderr, "bench_trained: %s cannot be read; `make bench` writes it\n", path);
        return EXIT_FAILURE;
    }
    if (!read_text(argc > 1 ? argv[1] : gold_path, &gold))
        gold = made_gold(ds_buf_str(&text));
    learned = bench_now();
    ds_buf image = learn(ds_buf_str(&gold));
    learned = bench_now() - learned;
    getrusage(RUSAGE_SELF, &used);
    must(ds_segmodel_view(NULL, ds_buf_str(&image), "bench", &model, &err), &err);
    ds_segmenter *by_model = segmenter(DS_STYLE_NEWS, model), *by_default = segmenter(DS_STYLE_NEWS, NULL);
    ds_tokens_init(&toks, NULL);
    size_t tokens = cut(by_model, ds_buf_str(&text), &toks, &sum);
    for (size_t i = 0; i < BENCH_RUNS; i++) { /* by turns, so that a busy machine is unfair to both */
        plain[i] = bench_now();
        (void)cut(by_default, ds_buf_str(&text), &toks, NULL);
        plain[i] = bench_now() - plain[i];
        trained[i] = bench_now();
        (void)cut(by_model, ds_buf_str(&text), &toks, NULL);
        trained[i] = bench_now() - trained[i];
    }
    double mb = (double)text.n / 1e6, ours = mb / bench_median(trained), theirs = mb / bench_median(plain);
    printf("trained, learning\ts\t%.2f\t-\t-\t-\t%zu\t-\n", learned, gold.n);
    printf("trained, memory to learn\tMiB\t%.1f\t-\t-\t-\t%zu\t-\n", (double)used.ru_maxrss / 1024, gold.n);
    printf("trained, model\tMB\t%.2f\t-\t-\t-\t%zu\t%08x\n", (double)image.n / 1e6, gold.n, ds_segmodel_crc(model));
    printf("trained\tMB/s\t%.1f\tds, default mode\t%.1f\t%.2f\t%zu\t%016llx\n", ours, theirs, ours / theirs, tokens,
           (unsigned long long)sum);
    fflush(stdout);
    if ((jieba = jieba_speed(path)) > 0)
        printf("trained\tMB/s\t%.1f\tjieba\t%.1f\t%.2f\t%zu\t%016llx\n", ours, jieba, ours / jieba, tokens,
               (unsigned long long)sum);
    ds_tokens_clear(&toks);
    ds_segmenter_free(by_model);
    ds_segmenter_free(by_default);
    ds_segmodel_free(model);
    ds_buf_clear(&image);
    ds_buf_clear(&gold);
    ds_buf_clear(&text);
    ds_lexicon_free(opened);
    return EXIT_SUCCESS;
}

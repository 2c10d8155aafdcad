/*
 * bench_query.c - queries on a corpus store: phrases counted, the first page of hits, sorting, grouping, frequencies; beside
 * ripgrep on the same text, as plain text in the cache, where `rg` is installed.
 *
 * Runs on $O/news.txt (a paragraph a line; 40 lines an article), QUERY_MB megabytes of it (default: all there is).  Before a
 * phrase is timed its count is compared with ripgrep's, whose pattern has both scripts: unequal counts end the program.
 */
#define _GNU_SOURCE /* mkdtemp, popen */
#include <string.h>
#include <unistd.h>

#include "bench_news.h"
#include "hits.h"
#include "store.h"

enum { LINES = 40, SEGMENTS_MAX = 1024, TOGETHER = 4096 };

static char dir[] = "/tmp/ds-bench-XXXXXX", path[64];
static char news[256];
static ds_store *store;
static const ds_index *segments[SEGMENTS_MAX];
static size_t segment_count, text_bytes;

/* ------------------------------------------------------------------ the store */

/* Copies what is searched to a file of its own, for ripgrep, and builds the store of it. */
static void build(const char *from, size_t most)
{
    ds_segmenter *seg = bench_segmenter();
    ds_writer *w;
    ds_error err;
    char *line = NULL;
    size_t cap = 0, number = 0, lines = 0;
    ssize_t n;
    ds_buf text;
    bench_must(ds_writer_open(NULL, path, &(ds_writer_options){.segmenter = seg, .about = ds_str_of("segmenter: bench\n")}, &w, &err),
         &err);
    FILE *in = fopen(from, "rb"), *out = fopen(news, "wb");
    if (in == NULL || out == NULL)
        bench_must(DS_EIO, &(ds_error){.msg = "news.txt cannot be read; run it by `make bench`"});
    ds_buf_init(&text, NULL);
    while (text_bytes < most && (n = getline(&line, &cap, in)) > 0) {
        fwrite(line, 1, (size_t)n, out);
        ds_buf_put(&text, line, (size_t)n);
        text_bytes += (size_t)n;
        if (++lines % LINES == 0) {
            bench_add_article(w, ds_buf_str(&text), number++);
            ds_buf_reset(&text);
        }
    }
    if (text.n > 0)
        bench_add_article(w, ds_buf_str(&text), number++);
    bench_must(ds_writer_commit(w, &err), &err);
    ds_writer_close(w);
    fclose(in);
    fclose(out);
    free(line);
    ds_buf_clear(&text);
}

static void open_store(void)
{
    ds_error err;
    bench_must(ds_store_open(NULL, path, &store, &err), &err);
    segment_count = ds_store_segments(store);
    if (segment_count > SEGMENTS_MAX)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < segment_count; i++) {
        bench_must(ds_index_load(ds_store_index(store, i), &err), &err);
        segments[i] = ds_store_index(store, i);
    }
}

/* ------------------------------------------------------------------ queries */

static uint64_t count_hits(const char *text)
{
    uint64_t all = 0, n;
    ds_error err;
    ds_cql *tree;
    bench_must(ds_cql_parse(NULL, ds_str_of(text), &tree, &err), &err);
    for (size_t i = 0; i < segment_count; i++) {
        ds_query *q;
        bench_must(ds_query_new(NULL, segments[i], tree, NULL, &q, &err), &err);
        bench_must(ds_query_count(q, &n, &err), &err);
        all += n;
        ds_query_free(q);
    }
    ds_cql_free(tree);
    return all;
}

/* Hits of all segments, at most `most`; with what stands about each when `windows`. */
static ds_hitlist *find_hits(const char *text, size_t most, bool windows)
{
    static ds_found found[TOGETHER];
    ds_hitlist *list;
    ds_error err;
    ds_cql *tree;
    bench_must(ds_cql_parse(NULL, ds_str_of(text), &tree, &err), &err);
    bench_must(ds_hitlist_new(NULL, segments, segment_count, &list, &err), &err);
    for (uint32_t i = 0; i < segment_count && ds_hitlist_count(list) < most; i++) {
        ds_query *q;
        size_t n, cap;
        bench_must(ds_query_new(NULL, segments[i], tree, NULL, &q, &err), &err);
        do {
            cap = most - ds_hitlist_count(list) < TOGETHER ? most - ds_hitlist_count(list) : TOGETHER;
            bench_must(ds_query_next(q, found, cap, &n, &err), &err);
            bench_must(ds_hitlist_add(list, i, found, n, &err), &err);
        } while (n == cap && ds_hitlist_count(list) < most);
        ds_query_free(q);
    }
    for (size_t i = 0; windows && i < ds_hitlist_count(list); i++) {
        ds_hititem hit = ds_hitlist_at(list, i);
        ds_hit_window w;
        bench_must(ds_hitlist_window(list, &hit, 10, 10, &w, &err), &err);
    }
    ds_cql_free(tree);
    return list;
}

/* ------------------------------------------------------------------ ripgrep */

/* Occurrences of the regular expression, and the seconds of the whole command; false: no rg. */
static bool ripgrep(const char *pattern, uint64_t *count, double *seconds)
{
    char command[512];
    unsigned long long n = 0;
    double t = bench_wall();
    snprintf(command, sizeof command, "rg --no-config -j1 -o --count-matches -e '%s' %s 2>/dev/null", pattern, news);
    FILE *f = popen(command, "r");
    int got = f != NULL ? fscanf(f, "%llu", &n) : 0;
    if (f != NULL)
        pclose(f);
    *seconds = bench_wall() - t;
    *count = n;
    return got == 1;
}

static const struct {
    const char *name, *query, *pattern;
} phrases[] = {
    {"2-characters", "\"价格\"", "价格|價格"},
    {"2-frequent", "\"的人\"", "的人"},
    {"2-stopwords", "\"，我\"", "，我|,我"},
    {"2-de-comma", "\"的，\"", "的[，,]"},
    {"2-shi-de", "\"是的\"", "是的"},
    {"2-yi-ge", "\"一个\"", "一[个個箇]"},
    {"2-le-yi", "\"了一\"", "[了瞭]一"},
    {"2-zai-de", "\"在的\"", "在的"},
    {"2-repeated", "\"人人\"", "人人"},
    {"3-repeated", "\"是不是\"", "是不是"},
    {"3-stopwords", "\"，我的\"", "[，,]我的"},
    {"3-characters", "\"价格战\"", "价格战|價格戰|价格戰|價格战"},
    {"4-characters", "\"人工智能\"", "人工智能"},
    {"5-across-words", "\"马斯克走进\"", "[马馬]斯克走[进進]"},
    {"8-characters", "\"据说已经进入内测\"", "[据據][说說]已[经經][进進]入[内內][测測]"},
};

static void bench_phrases(void)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        double ours[BENCH_RUNS], theirs[BENCH_RUNS];
        uint64_t n = 0, m = 0;
        bool rg = true;
        for (int r = 0; r < BENCH_RUNS; r++) {
            double t = bench_now();
            n = count_hits(phrases[i].query);
            ours[r] = bench_now() - t;
            rg = rg && ripgrep(phrases[i].pattern, &m, &theirs[r]);
        }
        if (rg && n != m) {
            fprintf(stderr, "bench_query: %s: %llu hits, ripgrep has %llu\n", phrases[i].query, (unsigned long long)n,
                    (unsigned long long)m);
            exit(EXIT_FAILURE);
        }
        double mine = 1e3 * bench_median(ours), peer = rg ? 1e3 * bench_median(theirs) : 0;
        if (rg)
            printf("query/count-%s\tms\t%.2f\tripgrep\t%.2f\t%.1f\t%zu\t%llu\n", phrases[i].name, mine, peer, peer / mine,
                   text_bytes, (unsigned long long)n);
        else
            printf("query/count-%s\tms\t%.2f\t-\t-\t-\t%zu\t%llu\n", phrases[i].name, mine, text_bytes, (unsigned long long)n);
    }
}

static const struct {
    const char *name, *query;
} pages[] = {
    {"phrase", "\"价格战\""},
    {"frequent-phrase", "\"的\""},
    {"tokens", "[key=\"价格\"] []{0,5} [pos=\"v.*\"]"},
    {"two-phrases", "\"价格\" []{0,5} \"公司\" within s"},
    {"only-frequent", "[pos=\"v.*\"] [pos=\"n.*\"]"},
};

static void bench_pages(void)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        double ours[BENCH_RUNS];
        size_t n = 0;
        for (int r = 0; r < BENCH_RUNS; r++) {
            double t = bench_now();
            ds_hitlist *list = find_hits(pages[i].query, 25, true);
            ours[r] = bench_now() - t;
            n = ds_hitlist_count(list);
            ds_hitlist_free(list);
        }
        printf("query/first-25-%s\tms\t%.2f\t-\t-\t-\t%zu\t%zu\n", pages[i].name, 1e3 * bench_median(ours), text_bytes, n);
    }
}

/* ------------------------------------------------------------------ hits */

static void bench_list(void)
{
    static const ds_hit_key right[] = {{.by = DS_BY_RIGHT, .n = 1, .attr = DS_ATTR_KEY},
                                       {.by = DS_BY_RIGHT, .n = 2, .attr = DS_ATTR_KEY}};
    static uint32_t *labels[SEGMENTS_MAX];
    double sort[BENCH_RUNS], group[BENCH_RUNS], freq[BENCH_RUNS];
    ds_groups g;
    ds_error err;
    size_t many = 0, more = 0, types = 0;
    ds_groups_init(&g, NULL);
    for (size_t i = 0; i < segment_count; i++) {
        uint32_t docs = ds_index_docs(segments[i]);
        labels[i] = calloc(docs + 1, sizeof **labels);
        for (uint32_t d = 0; labels[i] != NULL && d < docs; d++) {
            uint32_t date = ds_store_date(store, (ds_place){(uint32_t)i, d});
            labels[i][d] = (date / 10000 - 2015) * 12 + date / 100 % 100 - 1;
        }
    }
    ds_hit_key month = {.by = DS_BY_LABEL, .labels = (const uint32_t *const *)labels, .label_count = 120};
    for (int r = 0; r < BENCH_RUNS; r++) {
        ds_hitlist *list = find_hits("\"的\"", SIZE_MAX, false);
        bench_must(ds_hitlist_sample(list, 100000, 1, &err), &err); /* from everywhere */
        double t = bench_now();
        bench_must(ds_hitlist_sort(list, right, 2, &err), &err);
        sort[r] = bench_now() - t;
        many = ds_hitlist_count(list);
        ds_hitlist_free(list);
        list = find_hits("\"的\"", 500000, false);
        t = bench_now();
        bench_must(ds_hitlist_group(list, &month, &g, &err), &err);
        group[r] = bench_now() - t;
        more = ds_hitlist_count(list);
        ds_hitlist_free(list);
        t = bench_now();
        bench_must(ds_freq(NULL, segments, segment_count, NULL, DS_ATTR_KEY, NULL, NULL, &g, &err), &err);
        freq[r] = bench_now() - t;
        types = g.count;
    }
    printf("query/sort-right-100000\tms\t%.1f\t-\t-\t-\t%zu\t%zu\n", 1e3 * bench_median(sort), text_bytes, many);
    printf("query/group-month-500000\tms\t%.2f\t-\t-\t-\t%zu\t%zu\n", 1e3 * bench_median(group), text_bytes, more);
    printf("query/frequency-list\tms\t%.2f\t-\t-\t-\t%zu\t%zu\n", 1e3 * bench_median(freq), text_bytes, types);
    ds_groups_clear(&g);
    for (size_t i = 0; i < segment_count; i++)
        free(labels[i]);
}

int main(void)
{
    char from[256];
    const char *mb = getenv("QUERY_MB");
    snprintf(from, sizeof from, "%s/news.txt", getenv("O") != NULL ? getenv("O") : "build");
    if (mkdtemp(dir) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/x.dsc", dir);
    snprintf(news, sizeof news, "%s/news.txt", dir);
    build(from, mb != NULL ? (size_t)atol(mb) * 1000000u : SIZE_MAX);
    open_store();
    bench_phrases();
    bench_pages();
    bench_list();
    ds_store_close(store);
    unlink(path);
    unlink(news);
    rmdir(dir);
    return 0;
}

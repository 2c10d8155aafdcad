/*
 * bench_growth.c - a store of 10 MB, 100 MB and, with BENCH_LARGE=1, 1 GB of articles (gen_news.lua): its size, building it, the
 * memory for that, counting a phrase, the first page of hits, adding 1,000 articles, opening it for one article.
 *
 * Peers in the same run, up to 100 MB, each after its count was compared with ours: ripgrep on the text in the cache
 * (occurrences); SQLite FTS5 with every character a token, and with our words (articles); Groonga (articles) where
 * its program is installed.  The last three get the text folded, for they know nothing of scripts.  A peer that finds something
 * else is shown with what it finds, and without a ratio.
 */
#define _GNU_SOURCE /* mkdtemp, popen */
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef DS_BENCH_SQLITE
#include <sqlite3.h>
#endif

#include "bench_news.h"
#include "fold.h"
#include "hits.h"
#include "utf8.h"

enum { ARTICLE = 2000, ADDED = 1000, SEGMENTS_MAX = 1024, TOGETHER = 4096, PAGE = 25 };

static const struct {
    const char *name, *text, *pattern; /* the pattern has both scripts */
} PHRASES[] = {{"2", "价格", "价格|價格"}, {"3", "价格战", "价格战|價格戰|价格戰|價格战"}, {"5", "马斯克走进", "[马馬]斯克走[进進]"}};
enum { PHRASE_COUNT = sizeof PHRASES / sizeof *PHRASES };

static char dir[] = "/tmp/ds-bench-XXXXXX", path[64], plain[64], other[64];
static ds_segmenter *segmenter;
static size_t text_bytes, articles;
static const char *size_name;

static const char *out_dir(void)
{
    return getenv("O") != NULL ? getenv("O") : "build";
}

static void row(const char *what, const char *unit, double ours, const char *peer, double theirs, double ratio, uint64_t checksum)
{
    printf("growth/%s/%s\t%s\t%.3g\t", size_name, what, unit, ours);
    if (peer == NULL)
        printf("-\t-\t-");
    else
        printf(ratio > 0 ? "%s\t%.3g\t%.1f" : "%s\t%.3g\t-", peer, theirs, ratio);
    printf("\t%zu\t%llu\n", articles, (unsigned long long)checksum);
    fflush(stdout);
}

/* ------------------------------------------------------------------ articles */

/* The text in one script, lower case, half width: what a peer is given.  A view until the next call. */
static ds_str folded(ds_str text)
{
    static ds_buf b;
    ds_error err;
    if (b.alloc == NULL)
        ds_buf_init(&b, NULL);
    ds_buf_reset(&b);
    bench_must(ds_fold(text, DS_FOLD_ALL, &b, NULL, &err), &err);
    return ds_buf_str(&b);
}

/* Calls fn for each article of about ARTICLE bytes, whole lines, of the plain text. */
static void each_article(void (*fn)(void *ud, ds_str text, size_t number), void *ud, size_t most)
{
    FILE *f = fopen(plain, "rb");
    char *line = NULL;
    size_t cap = 0, number = 0;
    ssize_t n;
    ds_buf text;
    ds_buf_init(&text, NULL);
    while (f != NULL && number < most && (n = getline(&line, &cap, f)) > 0) {
        ds_buf_put(&text, line, (size_t)n);
        if (text.n >= ARTICLE) {
            fn(ud, ds_buf_str(&text), number++);
            ds_buf_reset(&text);
        }
    }
    if (text.n > 0 && number < most)
        fn(ud, ds_buf_str(&text), number++);
    free(line);
    ds_buf_clear(&text);
    if (f != NULL)
        fclose(f);
    articles = most == SIZE_MAX ? number : articles;
}

static void generate(size_t bytes)
{
    char command[512];
    snprintf(command, sizeof command, "%s/dsrun --trust -q tests/bench/gen_news.lua %zu 1 text > %s", out_dir(), bytes, plain);
    if (system(command) != 0)
        exit(EXIT_FAILURE);
    struct stat info;
    text_bytes = stat(plain, &info) == 0 ? (size_t)info.st_size : 0;
}

static ds_writer *open_writer(void)
{
    ds_writer *w;
    ds_error err;
    ds_writer_options o = {.segmenter = segmenter, .about = ds_str_of("segmenter: bench\n")};
    bench_must(ds_writer_open(NULL, path, &o, &w, &err), &err);
    return w;
}

static void add_to_store(void *ud, ds_str text, size_t number)
{
    bench_add_article(ud, text, number);
}

static void add_behind(void *ud, ds_str text, size_t number)
{
    bench_add_article(ud, text, articles + number);
}

/* ------------------------------------------------------------------ ours */

/* Seconds of the processor. */
static double build_store(void)
{
    ds_error err;
    unlink(path);
    double t = bench_now();
    ds_writer *w = open_writer();
    each_article(add_to_store, w, SIZE_MAX);
    bench_must(ds_writer_commit(w, &err), &err);
    ds_writer_close(w);
    return bench_now() - t;
}

typedef struct searched {
    ds_store *store;
    const ds_index *segments[SEGMENTS_MAX];
    size_t count;
} searched;

static searched open_searched(void)
{
    searched s = {0};
    ds_error err;
    bench_must(ds_store_open(NULL, path, &s.store, &err), &err);
    s.count = ds_store_segments(s.store);
    if (s.count > SEGMENTS_MAX)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < s.count; i++) {
        bench_must(ds_index_load(ds_store_index(s.store, i), &err), &err);
        s.segments[i] = ds_store_index(s.store, i);
    }
    return s;
}

/* Hits, and the articles that have one; `most`: so many hits are enough, with the text about them. */
static uint64_t search(const searched *s, const char *phrase, size_t most, uint64_t *docs)
{
    static ds_found found[TOGETHER];
    char text[64];
    ds_error err;
    ds_cql *tree;
    ds_hitlist *list = NULL;
    uint64_t all = 0;
    snprintf(text, sizeof text, "\"%s\"", phrase);
    bench_must(ds_cql_parse(NULL, ds_str_of(text), &tree, &err), &err);
    if (docs != NULL || most != SIZE_MAX)
        bench_must(ds_hitlist_new(NULL, s->segments, s->count, &list, &err), &err);
    for (uint32_t i = 0; i < s->count && all < most; i++) {
        ds_query *q;
        size_t n = 0;
        uint64_t counted = 0;
        bench_must(ds_query_new(NULL, s->segments[i], tree, NULL, &q, &err), &err);
        if (list == NULL)
            bench_must(ds_query_count(q, &counted, &err), &err);
        for (uint32_t before = UINT32_MAX; list != NULL;) {
            size_t cap = most - all < TOGETHER ? (size_t)(most - all) : TOGETHER;
            bench_must(ds_query_next(q, found, cap, &n, &err), &err);
            if (docs == NULL)
                bench_must(ds_hitlist_add(list, i, found, n, &err), &err);
            for (size_t k = 0; docs != NULL && k < n; k++) {
                uint32_t doc = ds_index_doc_at(s->segments[i], found[k].beg);
                *docs += doc != before;
                before = doc;
            }
            all += n;
            if (n < cap || all >= most)
                break;
        }
        all += counted;
        ds_query_free(q);
    }
    for (size_t i = 0; list != NULL && docs == NULL && i < ds_hitlist_count(list); i++) {
        ds_hititem hit = ds_hitlist_at(list, i);
        ds_hit_window window;
        bench_must(ds_hitlist_window(list, &hit, 10, 10, &window, &err), &err);
    }
    if (list != NULL)
        ds_hitlist_free(list);
    ds_cql_free(tree);
    return all;
}

static double ms_of_search(const searched *s, const char *phrase, size_t most)
{
    double ms[BENCH_RUNS];
    for (int i = 0; i < BENCH_RUNS; i++) {
        double t = bench_now();
        search(s, phrase, most, NULL);
        ms[i] = 1e3 * (bench_now() - t);
    }
    return bench_median(ms);
}

static double ms_to_open(uint64_t *sum)
{
    double ms[BENCH_RUNS];
    for (size_t i = 0; i < BENCH_RUNS; i++) {
        char id[32];
        ds_store *s;
        ds_reader *r;
        ds_place at;
        bool found;
        ds_buf text;
        ds_error err;
        snprintf(id, sizeof id, "article-%zu", (i * 7919 + 17) % articles);
        ds_buf_init(&text, NULL);
        double t = bench_wall();
        bench_must(ds_store_open(NULL, path, &s, &err), &err);
        bench_must(ds_reader_new(NULL, s, &r, &err), &err);
        bench_must(ds_reader_find(r, ds_str_of(id), &at, &found, &err), &err);
        bench_must(ds_reader_text(r, at, &text, &err), &err);
        ms[i] = 1e3 * (bench_wall() - t);
        *sum += text.n;
        ds_buf_clear(&text);
        ds_reader_free(r);
        ds_store_close(s);
    }
    return bench_median(ms);
}

/* ------------------------------------------------------------------ ripgrep */

static bool ripgrep(const char *pattern, uint64_t *count, double *ms)
{
    char command[512];
    double runs[BENCH_RUNS];
    unsigned long long n = 0;
    for (int i = 0; i < BENCH_RUNS; i++) {
        double t = bench_wall();
        snprintf(command, sizeof command, "rg --no-config -j1 -o --count-matches -e '%s' %s 2>/dev/null", pattern, plain);
        FILE *f = popen(command, "r");
        int got = f != NULL ? fscanf(f, "%llu", &n) : 0;
        if (f != NULL)
            pclose(f);
        if (got != 1)
            return false;
        runs[i] = 1e3 * (bench_wall() - t);
    }
    *ms = bench_median(runs);
    *count = n;
    return true;
}

static void show_peer(const char *what, const char *peer, double ours, uint64_t mine, double theirs, uint64_t found)
{
    row(what, "ms", ours, peer, theirs, mine == found ? theirs / ours : 0, mine);
    if (mine != found)
        printf("# growth/%s/%s: %s finds %llu, we %llu\n", size_name, what, peer, (unsigned long long)found,
               (unsigned long long)mine);
}

/* ------------------------------------------------------------------ SQLite */

#ifdef DS_BENCH_SQLITE
typedef struct fts {
    sqlite3 *db;
    sqlite3_stmt *insert;
    bool by_words;
    ds_buf spaced;
    ds_tokens tokens;
} fts;

/* The text with a space between characters, or between words. */
static void space_out(fts *f, ds_str text)
{
    text = folded(text);
    ds_buf_reset(&f->spaced);
    f->tokens.count = 0;
    if (f->by_words)
        bench_must(ds_segment(segmenter, text, &f->tokens, NULL), NULL);
    size_t at = 0;
    for (size_t i = 0; f->by_words ? i < f->tokens.count : at < text.n; i++) {
        uint32_t cp;
        size_t n = f->by_words ? f->tokens.items[i].end - f->tokens.items[i].beg : ds_utf8_decode(text.p + at, text.n - at, &cp);
        ds_buf_put(&f->spaced, text.p + at, n);
        ds_buf_byte(&f->spaced, ' ');
        at += n;
    }
}

static void sql(sqlite3 *db, const char *statement)
{
    char *message = NULL;
    if (sqlite3_exec(db, statement, NULL, NULL, &message) == SQLITE_OK)
        return;
    fprintf(stderr, "bench_growth: SQLite: %s\n", message);
    exit(EXIT_FAILURE);
}

static void add_to_fts(void *ud, ds_str text, size_t number)
{
    fts *f = ud;
    space_out(f, text);
    sqlite3_bind_int64(f->insert, 1, (sqlite3_int64)number + 1);
    sqlite3_bind_text(f->insert, 2, f->spaced.p, (int)f->spaced.n, SQLITE_STATIC);
    sqlite3_step(f->insert);
    sqlite3_reset(f->insert);
}

/* Articles that match any spelling of the phrase. */
static uint64_t match_fts(fts *f, const char *phrase, double *ms)
{
    double runs[BENCH_RUNS];
    sqlite3_stmt *q;
    uint64_t n = 0;
    char quoted[256];
    space_out(f, ds_str_of(phrase));
    snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)f->spaced.n, f->spaced.p);
    sqlite3_prepare_v2(f->db, "select count(*) from t where t match ?", -1, &q, NULL);
    sqlite3_bind_text(q, 1, quoted, -1, SQLITE_STATIC);
    for (int i = 0; i < BENCH_RUNS; i++) {
        double t = bench_now();
        n = sqlite3_step(q) == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(q, 0) : 0;
        sqlite3_reset(q);
        runs[i] = 1e3 * (bench_now() - t);
    }
    sqlite3_finalize(q);
    *ms = bench_median(runs);
    return n;
}

static void bench_fts(const searched *s, const double *ours, double rate, bool by_words)
{
    fts f = {.by_words = by_words};
    ds_buf_init(&f.spaced, NULL);
    ds_tokens_init(&f.tokens, NULL);
    unlink(other);
    if (sqlite3_open(other, &f.db) != SQLITE_OK)
        exit(EXIT_FAILURE);
    double t = bench_now();
    sql(f.db, "create virtual table t using fts5(text, content='', tokenize='unicode61')");
    sql(f.db, "begin");
    sqlite3_prepare_v2(f.db, "insert into t(rowid, text) values(?, ?)", -1, &f.insert, NULL);
    each_article(add_to_fts, &f, SIZE_MAX);
    sqlite3_finalize(f.insert);
    sql(f.db, "commit");
    double theirs = (double)text_bytes / 1e6 / (bench_now() - t);
    const char *name = by_words ? "fts5-words" : "fts5-characters";
    row("build", "MB/s", rate, name, theirs, rate / theirs, articles);
    for (size_t i = 0; i < PHRASE_COUNT; i++) {
        double ms;
        char what[48];
        uint64_t docs = 0, found = match_fts(&f, PHRASES[i].text, &ms);
        search(s, PHRASES[i].text, SIZE_MAX, &docs);
        snprintf(what, sizeof what, "count-%s-characters", PHRASES[i].name);
        show_peer(what, name, ours[i], docs, ms, found);
    }
    sqlite3_close(f.db);
    unlink(other);
    ds_buf_clear(&f.spaced);
    ds_tokens_clear(&f.tokens);
}
#endif

/* ------------------------------------------------------------------ Groonga */

static void load_article(void *ud, ds_str text, size_t number)
{
    FILE *f = ud;
    text = folded(text);
    fprintf(f, "%s[%zu,\"", number == 0 ? "" : ",\n", number + 1);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            fputc('\\', f);
        if (text.p[i] == '\n')
            fputs("\\n", f);
        else
            fputc(text.p[i], f);
    }
    fputs("\"]", f);
}

/* The program's answer to a command: [[status, started, seconds], [[[count], …]]]. */
static uint64_t match_groonga(const char *phrase, double *ms)
{
    double runs[BENCH_RUNS], took = 0;
    unsigned long long n = 0;
    char command[512], answer[1024];
    for (int i = 0; i < BENCH_RUNS; i++) {
        snprintf(command, sizeof command,
                 "printf '%%s\\n%%s\\n' 'select T --match_columns text --query \"\\\"%s\\\"\" --limit 0 --cache no' "
                 "'select T --match_columns text --query \"\\\"%s\\\"\" --limit 0 --cache no' | groonga %s/gr/db 2>/dev/null | tail -n 1",
                 phrase, phrase, dir); /* the second one is warm */
        FILE *f = popen(command, "r");
        answer[0] = '\0';
        if (f != NULL && fgets(answer, sizeof answer, f) == NULL)
            answer[0] = '\0';
        if (f != NULL)
            pclose(f);
        if (sscanf(answer, "[[0,%*f,%lf],[[[%llu]", &took, &n) != 2)
            return UINT64_MAX;
        runs[i] = 1e3 * took;
    }
    *ms = bench_median(runs);
    return n;
}

static void bench_groonga(const searched *s, const double *ours, double rate)
{
    char command[512];
    if (system("command -v groonga >/dev/null 2>&1") != 0) {
        printf("# no figures of Groonga: the package groonga is not installed\n");
        return;
    }
    snprintf(command, sizeof command,
             "mkdir -p %s/gr && printf 'table_create T TABLE_NO_KEY\\ncolumn_create T text COLUMN_SCALAR LongText\\n"
             "table_create W TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto\\n"
             "column_create W at COLUMN_INDEX|WITH_POSITION T text\\n' | groonga -n %s/gr/db >/dev/null", dir, dir);
    if (system(command) != 0)
        return;
    double t = bench_wall();
    snprintf(command, sizeof command, "groonga %s/gr/db >/dev/null", dir);
    FILE *f = popen(command, "w");
    if (f == NULL)
        return;
    fputs("load --table T\n[[\"_id\",\"text\"],\n", f);
    each_article(load_article, f, SIZE_MAX);
    fputs("]\n", f);
    pclose(f);
    double theirs = (double)text_bytes / 1e6 / (bench_wall() - t);
    row("build", "MB/s", rate, "groonga", theirs, rate / theirs, articles);
    for (size_t i = 0; i < PHRASE_COUNT; i++) {
        double ms = 0;
        char what[48];
        uint64_t docs = 0, found = match_groonga(PHRASES[i].text, &ms);
        search(s, PHRASES[i].text, SIZE_MAX, &docs);
        snprintf(what, sizeof what, "count-%s-characters", PHRASES[i].name);
        show_peer(what, "groonga", ours[i], docs, ms, found);
    }
    snprintf(command, sizeof command, "rm -rf %s/gr", dir);
    if (system(command) != 0)
        fprintf(stderr, "bench_growth: %s/gr is left\n", dir);
}

/* ------------------------------------------------------------------ a size */

static void bench_size(const char *name, size_t bytes, bool peers)
{
    double ours[PHRASE_COUNT];
    uint64_t sum = 0;
    struct stat info;
    struct rusage usage;
    ds_error err;
    size_name = name;
    generate(bytes);
    double rate = (double)text_bytes / 1e6 / build_store();
    getrusage(RUSAGE_SELF, &usage);
    row("size", "of raw", stat(path, &info) == 0 ? (double)info.st_size / (double)text_bytes : 0, NULL, 0, 0, text_bytes);
    row("build", "MB/s", rate, NULL, 0, 0, articles);
    row("build-memory", "MB", (double)usage.ru_maxrss / 1024, NULL, 0, 0, articles);
    searched s = open_searched();
    for (size_t i = 0; i < PHRASE_COUNT; i++) {
        char what[48];
        uint64_t mine = search(&s, PHRASES[i].text, SIZE_MAX, NULL), found;
        double theirs;
        snprintf(what, sizeof what, "count-%s-characters", PHRASES[i].name);
        ours[i] = ms_of_search(&s, PHRASES[i].text, SIZE_MAX);
        if (ripgrep(PHRASES[i].pattern, &found, &theirs))
            show_peer(what, "ripgrep", ours[i], mine, theirs, found);
        else
            row(what, "ms", ours[i], NULL, 0, 0, mine);
    }
    row("first-25", "ms", ms_of_search(&s, PHRASES[1].text, PAGE), NULL, 0, 0, PAGE);
    if (peers) {
#ifdef DS_BENCH_SQLITE
        bench_fts(&s, ours, rate, false);
        bench_fts(&s, ours, rate, true);
#endif
        bench_groonga(&s, ours, rate);
    }
    ds_store_close(s.store);
    double opened = ms_to_open(&sum);
    row("open-one-article", "ms", opened, NULL, 0, 0, sum);
    double t = bench_now();
    ds_writer *w = open_writer();
    each_article(add_behind, w, ADDED);
    bench_must(ds_writer_commit(w, &err), &err);
    ds_writer_close(w);
    row("add-1000", "s", bench_now() - t, NULL, 0, 0, ADDED);
}

int main(void)
{
    segmenter = bench_segmenter();
    if (mkdtemp(dir) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/x.dsc", dir);
    snprintf(plain, sizeof plain, "%s/news.txt", dir);
    snprintf(other, sizeof other, "%s/x.sqlite", dir);
    bench_size("10MB", 10000000, true);
    bench_size("100MB", 100000000, getenv("BENCH_PEERS") != NULL);
    if (getenv("BENCH_LARGE") != NULL)
        bench_size("1GB", 1000000000, false);
    else
        printf("# growth: 1 GB with BENCH_LARGE=1, the peers at 100 MB with BENCH_PEERS=1\n");
    unlink(path);
    unlink(plain);
    rmdir(dir);
    return 0;
}

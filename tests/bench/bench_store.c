/*
 * bench_store.c - corpus stores: size, building, opening, adding; beside SQLite with FTS5 where libsqlite3-dev is.
 *
 * Sizes are taken on the texts of ../shared where they are, each used once, else on the bundled articles.  The rest runs
 * on $O/news.txt, articles of about 2,000 bytes.
 */
#define _GNU_SOURCE /* mkdtemp */
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef DS_BENCH_SQLITE
#include <sqlite3.h>
#endif

#include "bench_news.h"
#include "index_int.h"

enum { ARTICLE = 2000, ADDED = 1000 };

static ds_segmenter *segmenter;
static char dir[] = "/tmp/ds-bench-XXXXXX", path[64];

static ds_buf read_all(const char *command)
{
    ds_buf b;
    char chunk[1 << 16];
    size_t n;
    ds_buf_init(&b, NULL);
    FILE *f = popen(command, "r");
    while (f != NULL && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(&b, chunk, n);
    if (f != NULL)
        pclose(f);
    return b;
}

/* The next article of about ARTICLE bytes, whole lines, from *at on. */
static ds_str next_article(ds_str text, size_t *at)
{
    size_t beg = *at, end = beg + ARTICLE < text.n ? beg + ARTICLE : text.n;
    while (end < text.n && text.p[end - 1] != '\n')
        end++;
    *at = end;
    return (ds_str){text.p + beg, end - beg};
}

static ds_writer *open_writer(void)
{
    ds_writer *w;
    ds_error err;
    ds_writer_options o = {.segmenter = segmenter, .about = ds_str_of("segmenter: bench\n")};
    bench_must(ds_writer_open(NULL, path, &o, &w, &err), &err);
    return w;
}

/* Builds a store of `text`; the number of articles. */
static size_t build(ds_str text)
{
    size_t n = 0;
    ds_error err;
    unlink(path);
    ds_writer *w = open_writer();
    for (size_t at = 0; at < text.n; n++)
        bench_add_article(w, next_article(text, &at), n);
    bench_must(ds_writer_commit(w, &err), &err);
    ds_writer_close(w);
    return n;
}

static size_t file_size(const char *name)
{
    struct stat info;
    return stat(name, &info) == 0 ? (size_t)info.st_size : 0;
}

/* ------------------------------------------------------------------ SQLite */

#ifdef DS_BENCH_SQLITE
static void sql(sqlite3 *db, const char *statement)
{
    char *message = NULL;
    if (sqlite3_exec(db, statement, NULL, NULL, &message) == SQLITE_OK)
        return;
    fprintf(stderr, "bench_store: SQLite: %s\n", message);
    exit(EXIT_FAILURE);
}

/* The same articles in a table, and, with `fts`, in an index of trigrams. */
static void build_sqlite(const char *name, ds_str text, int fts)
{
    sqlite3 *db;
    sqlite3_stmt *row, *words;
    unlink(name);
    if (sqlite3_open(name, &db) != SQLITE_OK)
        exit(EXIT_FAILURE);
    sql(db, "create table a(id text primary key, text text)");
    sql(db, "create virtual table f using fts5(text, content='', tokenize='trigram')");
    sql(db, "begin");
    sqlite3_prepare_v2(db, "insert into a values(?, ?)", -1, &row, NULL);
    sqlite3_prepare_v2(db, "insert into f(rowid, text) values(?, ?)", -1, &words, NULL);
    size_t n = 0;
    for (size_t at = 0; at < text.n; n++) {
        char id[32];
        ds_str a = next_article(text, &at);
        snprintf(id, sizeof id, "article-%zu", n);
        sqlite3_bind_text(row, 1, id, -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(row, 2, a.p, (int)a.n, SQLITE_STATIC);
        sqlite3_step(row);
        sqlite3_reset(row);
        if (!fts)
            continue;
        sqlite3_bind_int64(words, 1, (sqlite3_int64)n + 1);
        sqlite3_bind_text(words, 2, a.p, (int)a.n, SQLITE_STATIC);
        sqlite3_step(words);
        sqlite3_reset(words);
    }
    sqlite3_finalize(row);
    sqlite3_finalize(words);
    sql(db, "commit");
    sqlite3_close(db);
}
#endif

/* ------------------------------------------------------------------ rows */

static double share_of(const ds_index *ix, const unsigned *sections, size_t n)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += ix_section_of(ix, sections[i])->bytes.n;
    return (double)bytes / (double)ix_text_bytes(ix);
}

static void bench_size(void)
{
    static const unsigned text_sections[] = {IX_BLOCKS, IX_BLOCK_TABLE, IX_CHARS, IX_VOCAB_TABLE, IX_VOCAB};
    const char *from = "../shared/seeds ../shared/dev/articles ../shared/dev/seg/*.raw";
    ds_buf text = read_all("cat ../shared/seeds/* ../shared/dev/articles/*.txt ../shared/dev/seg/*.raw 2>/dev/null");
    if (text.n == 0) {
        from = "corpus/articles";
        text = bench_articles(1);
    }
    build(ds_buf_str(&text));
    ds_store *s;
    ds_error err;
    bench_must(ds_store_open(NULL, path, &s, &err), &err);
    double all = (double)ds_store_bytes(s) / (double)text.n, alone = share_of(ds_store_index(s, 0), text_sections, 5);
    double table = 0, fts = 0;
#ifdef DS_BENCH_SQLITE
    char name[80];
    snprintf(name, sizeof name, "%s/x.sqlite", dir);
    build_sqlite(name, ds_buf_str(&text), 0);
    table = (double)file_size(name) / (double)text.n;
    build_sqlite(name, ds_buf_str(&text), 1);
    fts = (double)file_size(name) / (double)text.n;
    unlink(name);
#endif
    printf("# sizes: of %s\n", from);
    printf("store/size-text\tof raw\t%.3f\tsqlite-table\t%.3f\t%.2f\t%zu\t%u\n", alone, table, table / alone, text.n,
           ds_index_types(ds_store_index(s, 0)));
    printf("store/size-all\tof raw\t%.3f\tsqlite-fts5-trigram\t%.3f\t%.2f\t%zu\t%u\n", all, fts, fts / all, text.n,
           ds_index_tokens(ds_store_index(s, 0)));
    ds_store_close(s);
    ds_buf_clear(&text);
}

static void bench_build(ds_str text)
{
    double ours[3], theirs[3] = {0};
    size_t n = 0;
    for (int i = 0; i < 3; i++) { /* each run takes seconds: three, alternating */
        double t = bench_now();
        n = build(text);
        ours[i] = bench_now() - t;
#ifdef DS_BENCH_SQLITE
        char name[80];
        snprintf(name, sizeof name, "%s/x.sqlite", dir);
        t = bench_now();
        build_sqlite(name, text, 1);
        theirs[i] = bench_now() - t;
        unlink(name);
#endif
    }
    qsort(ours, 3, sizeof *ours, bench_by_value);
    qsort(theirs, 3, sizeof *theirs, bench_by_value);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    bench_row("store/build", text.n, ours[1], "sqlite-fts5-trigram", theirs[1], n);
    printf("store/build-memory\tMB\t%ld\t-\t-\t-\t%zu\t%zu\n", usage.ru_maxrss / 1024 - (long)(text.n >> 20), text.n, n);
}

static void bench_open(size_t n)
{
    double ms[BENCH_RUNS];
    uint64_t sum = 0;
    for (size_t i = 0; i < BENCH_RUNS; i++) {
        char id[32];
        ds_store *s;
        ds_reader *r;
        ds_place at;
        bool found;
        ds_buf text;
        ds_error err;
        snprintf(id, sizeof id, "article-%zu", (i * 7919 + 17) % n);
        ds_buf_init(&text, NULL);
        double t = bench_wall();
        bench_must(ds_store_open(NULL, path, &s, &err), &err);
        bench_must(ds_reader_new(NULL, s, &r, &err), &err);
        bench_must(ds_reader_find(r, ds_str_of(id), &at, &found, &err), &err);
        bench_must(ds_reader_text(r, at, &text, &err), &err);
        ms[i] = (bench_wall() - t) * 1e3;
        sum += text.n;
        ds_buf_clear(&text);
        ds_reader_free(r);
        ds_store_close(s);
    }
    printf("store/open-one-article\tms\t%.2f\t-\t-\t-\t%zu\t%llu\n", bench_median(ms), n, (unsigned long long)sum);
}

static void bench_add(ds_str text, size_t n)
{
    ds_error err;
    double t = bench_wall();
    ds_writer *w = open_writer();
    size_t at = 0;
    for (size_t i = 0; i < ADDED && at < text.n; i++)
        bench_add_article(w, next_article(text, &at), n + i);
    bench_must(ds_writer_commit(w, &err), &err);
    ds_writer_close(w);
    printf("store/add-1000\ts\t%.3f\t-\t-\t-\t%zu\t%d\n", bench_wall() - t, at, ADDED);
}

int main(void)
{
    char command[256];
    segmenter = bench_segmenter();
    if (mkdtemp(dir) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/x.dsc", dir);
    bench_size();
    snprintf(command, sizeof command, "cat %s/news.txt", getenv("O") != NULL ? getenv("O") : "build");
    ds_buf text = read_all(command);
    bench_build(ds_buf_str(&text));
    size_t n = build(ds_buf_str(&text));
    bench_open(n);
    bench_add(ds_buf_str(&text), n);
    ds_buf_clear(&text);
    unlink(path);
    rmdir(dir);
    return 0;
}

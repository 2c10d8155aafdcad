/* test_store.c - stores: what goes in comes out, through crashes, full disks and damage at every byte. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storing.h"

/* ------------------------------------------------------------------ whole files */

static void write_file(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

static size_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (size_t)info.st_size : 0;
}

/* A store of two commits: articles [0, EARLIER), then the others up to BOTH. */
enum { BOTH = 6, EARLIER = 4 };

#ifdef __SANITIZE_ADDRESS__
enum { BIT_STEP = 5 }; /* one or two bits of every byte: each run costs many times as much */
#else
enum { BIT_STEP = 1 };
#endif

static char *make_store(const char *path, size_t *first, size_t *n)
{
    unlink(path);
    ds_writer *w = test_writer(path);
    test_add(w, 0, EARLIER, 0);
    *first = size_of(path);
    test_add(w, EARLIER, BOTH, 0);
    ds_writer_close(w);
    return test_read_file(path, n);
}

/* ------------------------------------------------------------------ writing and reading */

START_TEST(articles_come_back)
{
    const char *path = test_path("a.dsc");
    ds_writer *w = test_writer(path);
    test_add(w, 0, 300, 0);
    ds_writer_close(w);
    test_holds(path, 300, 0);
    test_done(path);
}
END_TEST

START_TEST(a_second_run_adds_and_replaces)
{
    const char *path = test_path("b.dsc");
    ds_writer *w = test_writer(path);
    test_add(w, 0, 20, 0);
    ds_writer_close(w);
    w = test_writer(path);
    test_add(w, 10, 30, 1);
    test_add(w, 0, 10, 1);
    ds_writer_close(w);
    test_holds(path, 30, 1);
    test_done(path);
}
END_TEST

START_TEST(removed_articles_are_gone)
{
    const char *path = test_path("c.dsc");
    bool found;
    uint64_t hash;
    ds_writer *w = test_writer(path);
    test_add(w, 0, 5, 0);
    ck_assert_int_eq(ds_writer_remove(w, ds_str_of("article-2"), &found, NULL), DS_OK);
    ck_assert(found);
    ck_assert_int_eq(ds_writer_find(w, ds_str_of("article-2"), &found, &hash, NULL), DS_OK);
    ck_assert(!found);
    ck_assert_int_eq(ds_writer_remove(w, ds_str_of("nobody"), &found, NULL), DS_OK);
    ck_assert(!found);
    test_article t;
    test_article_make(&t, 9, 0);
    ck_assert_int_eq(ds_writer_add(w, &t.article, NULL), DS_OK);
    ck_assert_int_eq(ds_writer_remove(w, t.article.id, &found, NULL), DS_OK);
    ck_assert(found);
    test_article_free(&t);
    ck_assert_int_eq(ds_writer_commit(w, NULL), DS_OK);
    ds_writer_close(w);
    ds_store *s;
    ck_assert_int_eq(ds_store_open(NULL, path, &s, NULL), DS_OK);
    ck_assert_uint_eq(ds_store_docs(s), 4);
    test_has(s, 3, 0);
    ds_store_close(s);
    test_done(path);
}
END_TEST

START_TEST(many_small_commits_become_few_segments)
{
    const char *path = test_path("d.dsc");
    ds_writer *w = test_writer(path);
    for (uint32_t i = 0; i < 100; i++)
        test_add(w, i, i + 1, 0);
    ds_writer_close(w);
    ds_store *s;
    ck_assert_int_eq(ds_store_open(NULL, path, &s, NULL), DS_OK);
    ck_assert_uint_le(ds_store_segments(s), 24);
    ck_assert_uint_eq(ds_store_commits(s), 100);
    ds_store_close(s);
    test_holds(path, 100, 0);
    test_done(path);
}
END_TEST

START_TEST(compacting_keeps_what_is_there)
{
    const char *path = test_path("e.dsc");
    ds_writer *w = test_writer(path);
    for (uint32_t version = 0; version < 4; version++)
        test_add(w, 0, 40, version);
    ds_writer_close(w);
    size_t before = size_of(path);
    ds_error err;
    ck_assert_msg(ds_store_compact(NULL, path, &(ds_writer_options){0}, &err) == DS_OK, "%s", err.msg);
    ck_assert_uint_lt(size_of(path), before / 2);
    test_holds(path, 40, 3);
    ds_store *s;
    ck_assert_int_eq(ds_store_open(NULL, path, &s, NULL), DS_OK);
    ck_assert(ds_str_eq(ds_store_about(s), ds_str_of("segmenter: test\n")));
    ds_store_close(s);
    test_done(path);
}
END_TEST

START_TEST(one_writer_many_readers)
{
    const char *path = test_path("f.dsc");
    ds_writer *w = test_writer(path), *second;
    test_add(w, 0, 5, 0);
    ds_store *old;
    ds_error err;
    ck_assert_int_eq(ds_store_open(NULL, path, &old, NULL), DS_OK);
    ck_assert_int_eq(ds_writer_open(NULL, path, &(ds_writer_options){0}, &second, &err), DS_EIO);
    ck_assert_ptr_nonnull(strstr(err.msg, "in use"));
    test_add(w, 0, 8, 1);
    ck_assert_uint_eq(ds_store_docs(old), 5); /* its snapshot */
    test_has(old, 4, 0);
    ds_writer_close(w);
    ck_assert_int_eq(ds_store_compact(NULL, path, &(ds_writer_options){0}, NULL), DS_OK);
    test_has(old, 3, 0);
    ds_store_close(old);
    test_holds(path, 8, 1);
    test_done(path);
}
END_TEST

START_TEST(bad_articles_change_nothing)
{
    const char *path = test_path("g.dsc");
    ds_writer *w = test_writer(path);
    ds_error err;
    ds_own_token crossing[] = {{0, 3, {"", 0}, {"", 0}, 0}, {2, 6, {"", 0}, {"", 0}, 0}};
    char *large = malloc(9000);
    memset(large, 'a', 9000);
    ds_own_token all = {0, 9000, {"", 0}, {"", 0}, 0};
    ds_article bad = {.id = ds_str_of("x"), .text = ds_str_of("价格战"), .row = {"", 0}, .tokens = crossing, .token_count = 2};
    ds_article huge = {.id = ds_str_of("y"), .text = {large, 9000}, .row = {"", 0}, .tokens = &all, .token_count = 1};
    ck_assert_int_eq(ds_writer_add(w, &bad, &err), DS_EINVAL);
    ck_assert_int_eq(ds_writer_add(w, &huge, &err), DS_ELIMIT);
    test_add(w, 0, 3, 0);
    ck_assert_int_eq(ds_writer_add(w, &huge, &err), DS_ELIMIT);
    ds_writer_close(w);
    test_holds(path, 3, 0);
    free(large);
    test_done(path);
}
END_TEST

START_TEST(other_files_are_not_written_to)
{
    const char *path = test_path("h.dsc");
    write_file(path, "id,title\n1,x\nand so on, a file of somebody's\n", 45);
    ds_writer *w;
    ds_store *s;
    ds_error err;
    ck_assert_int_eq(ds_writer_open(NULL, path, &(ds_writer_options){0}, &w, &err), DS_EFORMAT);
    ck_assert_uint_eq(size_of(path), 45);
    ck_assert_int_eq(ds_store_open(NULL, path, &s, &err), DS_EFORMAT);
    unlink(path);
    ck_assert_int_eq(ds_store_open(NULL, path, &s, &err), DS_EIO);
    test_done(path);
}
END_TEST

/* ------------------------------------------------------------------ the index */

static void check_index(ds_index *ix)
{
    ds_forward *fw;
    ck_assert_int_eq(ds_index_load(ix, NULL), DS_OK);
    ck_assert_int_eq(ds_index_load_units(ix, NULL), DS_OK);
    ck_assert_int_eq(ds_forward_new(NULL, ix, &fw, NULL), DS_OK);
    uint32_t n = ds_index_tokens(ix), got, seen = 0, *types = malloc((n + 1) * sizeof *types);
    ck_assert_int_eq(ds_forward_copy(fw, 0, n + 1, types, &got, NULL), DS_OK);
    ck_assert_uint_eq(got, n);
    for (uint32_t id = 1; id < ds_index_types(ix); id++) {
        ds_postings it;
        ds_type type;
        uint32_t count = 0;
        ds_postings_start(ix, id, &it);
        for (uint32_t pos; (pos = ds_postings_next(&it)) != DS_POS_NONE; count++)
            ck_assert_uint_eq(types[pos], id);
        ds_index_type(ix, id, &type);
        ck_assert_uint_eq(type.count, count);
        seen += count;
    }
    ck_assert_uint_eq(seen + ds_index_docs(ix), n);
    for (uint32_t d = 0; d < ds_index_docs(ix); d++) {
        uint32_t beg, end;
        ds_index_doc_range(ix, d, &beg, &end);
        ck_assert_uint_eq(types[end], DS_TYPE_END);
        ck_assert_uint_eq(ds_index_doc_at(ix, beg), d);
        ck_assert_uint_eq(ds_index_doc_at(ix, end), d);
    }
    free(types);
    ds_forward_free(fw);
}

START_TEST(index_and_text_agree)
{
    const char *path = test_path("i.dsc");
    ds_writer *w = test_writer(path);
    test_add(w, 0, 900, 0);
    ds_writer_close(w);
    ds_store *s;
    ck_assert_int_eq(ds_store_open(NULL, path, &s, NULL), DS_OK);
    for (size_t i = 0; i < ds_store_segments(s); i++)
        check_index(ds_store_index(s, i));
    ds_index *ix = ds_store_index(s, 0);
    const uint32_t *starts, *ids;
    const char *keys = ds_index_keys(ix, &starts);
    size_t n;
    ids = ds_index_first(ix, 0x4EF7, &n); /* 价, also of 價格戰 */
    ck_assert_uint_gt(n, 1);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(memcmp(keys + starts[ids[i]], "价", 3), 0);
    ids = ds_index_last(ix, 0x575B, &n); /* 坛, also of 論壇 */
    ck_assert_uint_gt(n, 1);
    ck_assert_ptr_null(ds_index_first(ix, 0x1234, &n));
    ck_assert_uint_eq(n, 0);
    const uint32_t *sentences = ds_index_units(ix, DS_UNIT_SENTENCE, &n);
    ck_assert_uint_gt(n, 900);
    for (size_t i = 1; i < n; i++)
        ck_assert_uint_lt(sentences[i - 1], sentences[i]);
    ds_store_close(s);
    test_done(path);
}
END_TEST

/* ------------------------------------------------------------------ full disks and crashes */

/* Adds articles [from, to) to the file while it may not grow beyond `limit` bytes; whether that went well. */
static bool add_within(const char *path, size_t limit, uint32_t from, uint32_t to)
{
    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = limit;
    setrlimit(RLIMIT_FSIZE, &small);
    ds_writer *w;
    ds_writer_options o = {.about = ds_str_of("segmenter: test\n")};
    bool good = ds_writer_open(NULL, path, &o, &w, NULL) == DS_OK;
    for (uint32_t i = from; good && i < to; i++) {
        test_article t;
        test_article_make(&t, i, 0);
        good = ds_writer_add(w, &t.article, NULL) == DS_OK;
        test_article_free(&t);
    }
    good = good && ds_writer_commit(w, NULL) == DS_OK;
    ds_writer_close(w);
    setrlimit(RLIMIT_FSIZE, &old);
    return good;
}

START_TEST(a_write_may_fail_at_every_byte)
{
    size_t first, n;
    const char *path = test_path("j.dsc");
    char *bytes = make_store(path, &first, &n);
    signal(SIGXFSZ, SIG_IGN);
    for (size_t limit = first; limit < n; limit++) {
        write_file(path, bytes, first);
        ck_assert(!add_within(path, limit, EARLIER, BOTH));
        ck_assert_uint_eq(size_of(path), first);
    }
    test_holds(path, EARLIER, 0);
    ck_assert(add_within(path, n, EARLIER, BOTH));
    test_holds(path, BOTH, 0);
    for (size_t limit = 0; limit < first; limit++) {
        unlink(path);
        ck_assert(!add_within(path, limit, 0, EARLIER));
        ck_assert_uint_eq(size_of(path), 0);
    }
    free(bytes);
    test_done(path);
}
END_TEST

/* A crash leaves any beginning of what was written: the last whole commit is read, and the next writer goes on. */
START_TEST(a_file_may_end_at_every_byte)
{
    size_t first, n;
    const char *path = test_path("k.dsc");
    char *bytes = make_store(path, &first, &n);
    for (size_t end = 0; end < n; end++) {
        ds_store *s;
        write_file(path, bytes, end);
        ds_status st = ds_store_open(NULL, path, &s, NULL);
        ck_assert_int_eq(st, end < first ? DS_EFORMAT : DS_OK);
        if (st == DS_OK) {
            ck_assert_uint_eq(ds_store_docs(s), EARLIER);
            test_has(s, (uint32_t)(end % EARLIER), 0);
        }
        ds_store_close(s);
        if (end % 7 != 0)
            continue;
        ck_assert_msg(add_within(path, SIZE_MAX >> 1, 0, BOTH), "cut at %zu", end);
        test_holds(path, BOTH, 0);
    }
    free(bytes);
    test_done(path);
}
END_TEST

/* ------------------------------------------------------------------ damage */

static void count_damage(void *ud, const ds_damage *d)
{
    (void)d;
    ++*(size_t *)ud;
}

/* Reads all that can be read: what is read is right. */
static void read_all(ds_store *s)
{
    ds_reader *r;
    ck_assert_int_eq(ds_reader_new(NULL, s, &r, NULL), DS_OK);
    for (uint32_t i = 0; i < BOTH; i++) {
        test_article t;
        ds_place at;
        bool found;
        ds_buf text;
        test_article_make(&t, i, 0);
        ds_buf_init(&text, NULL);
        if (ds_reader_find(r, t.article.id, &at, &found, NULL) == DS_OK && found &&
            ds_reader_text(r, at, &text, NULL) == DS_OK)
            ck_assert(ds_str_eq(ds_buf_str(&text), t.article.text));
        ds_buf_clear(&text);
        test_article_free(&t);
    }
    ds_reader_free(r);
}

/* Uses every look-up of the index: nothing may crash, all has an end. */
static void use_index(ds_index *ix)
{
    if (ds_index_load(ix, NULL) != DS_OK || ds_index_load_units(ix, NULL) != DS_OK)
        return;
    for (uint32_t id = 0; id < ds_index_types(ix); id++) {
        ds_postings it;
        ds_type type;
        ds_postings_start(ix, id, &it);
        while (ds_postings_next(&it) != DS_POS_NONE)
            ;
        ds_index_type(ix, id, &type);
    }
}

START_TEST(every_flipped_bit_is_found_and_harmless)
{
    size_t first, n;
    const char *path = test_path("l.dsc");
    char *bytes = make_store(path, &first, &n);
    int fd = open(path, O_RDWR);
    ck_assert_int_ge(fd, 0);
    for (size_t bit = 0; bit < n * 8; bit += BIT_STEP) {
        char damaged = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        ck_assert_int_eq(pwrite(fd, &damaged, 1, (off_t)(bit / 8)), 1);
        size_t found = 0;
        ck_assert_int_eq(ds_store_verify(NULL, path, count_damage, &found, NULL), DS_OK);
        ck_assert_msg(found > 0, "bit %zu of byte %zu was not found", bit % 8, bit / 8);
        ds_store *s;
        if (ds_store_open(NULL, path, &s, NULL) == DS_OK) {
            read_all(s);
            for (size_t i = 0; i < ds_store_segments(s); i++)
                use_index(ds_store_index(s, i));
        }
        ds_store_close(s);
        ck_assert_int_eq(pwrite(fd, &bytes[bit / 8], 1, (off_t)(bit / 8)), 1);
    }
    close(fd);
    size_t found = 0;
    ck_assert_int_eq(ds_store_verify(NULL, path, count_damage, &found, NULL), DS_OK);
    ck_assert_uint_eq(found, 0);
    free(bytes);
    test_done(path);
}
END_TEST

/* The articles of which no byte is damaged are read all the same; how many that are. */
static size_t salvaged(const char *path)
{
    ds_store *s;
    ds_reader *r;
    size_t n = 0;
    ck_assert_int_eq(ds_store_open_damaged(NULL, path, &s, NULL), DS_OK);
    ck_assert_int_eq(ds_reader_new(NULL, s, &r, NULL), DS_OK);
    for (uint32_t i = 0; i < ds_store_segments(s); i++)
        for (uint32_t d = 0; d < ds_index_docs(ds_store_index(s, i)); d++) {
            ds_buf text;
            ds_str row;
            ds_buf_init(&text, NULL);
            n += ds_reader_row(r, (ds_place){i, d}, &row, NULL) == DS_OK && ds_fields_find(row, "id").n > 0 &&
                 ds_reader_text(r, (ds_place){i, d}, &text, NULL) == DS_OK;
            ds_buf_clear(&text);
        }
    ds_reader_free(r);
    ds_store_close(s);
    return n;
}

START_TEST(whatever_byte_is_damaged_no_article_is_lost)
{
    size_t first, n;
    const char *path = test_path("m.dsc");
    char *bytes = make_store(path, &first, &n);
    int fd = open(path, O_RDWR);
    for (size_t at = 0; at < n; at++) {
        char damaged = (char)(bytes[at] ^ 0x10);
        ck_assert_int_eq(pwrite(fd, &damaged, 1, (off_t)at), 1);
        size_t saved = salvaged(path);
        ck_assert_msg(saved == BOTH, "byte %zu of %zu damaged: %zu saved", at, n, saved);
        ck_assert_int_eq(pwrite(fd, &bytes[at], 1, (off_t)at), 1);
    }
    close(fd);
    ck_assert_uint_eq(salvaged(path), BOTH);
    free(bytes);
    test_done(path);
}
END_TEST

static void note_damage(void *ud, const ds_damage *d)
{
    ds_damage *out = ud;
    if (strcmp(d->what, "text") == 0)
        *out = *d;
}

/* Wipes `len` bytes of each section in turn: a hole in the text is filled from the postings, one in what only queries need
 * costs no article, and articles that a hole in fields or words does not touch are saved. */
START_TEST(holes_cost_what_they_hit_at_most)
{
    enum { HOLE = 24 };
    size_t first, n;
    const char *path = test_path("n.dsc"), zeros[HOLE] = {0};
    char *bytes = make_store(path, &first, &n);
    int fd = open(path, O_RDWR);
    ds_store *s;
    ck_assert_int_eq(ds_store_open(NULL, path, &s, NULL), DS_OK);
    ds_section sections[2][32];
    size_t count = 0;
    for (size_t i = 0; i < 2; i++)
        for (count = 0; ds_index_section(ds_store_index(s, i), count, &sections[i][count]); count++)
            ;
    ds_store_close(s);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < count; k++) {
            const ds_section *it = &sections[i][k];
            for (uint64_t at = it->off; at < it->off + it->bytes; at += HOLE / 2) {
                size_t len = it->off + it->bytes - at < HOLE ? (size_t)(it->off + it->bytes - at) : HOLE;
                ck_assert_int_eq(pwrite(fd, zeros, len, (off_t)at), (ssize_t)len);
                size_t saved = salvaged(path);
                bool some = strncmp(it->name, "ROWS", 4) == 0 || strncmp(it->name, "VOCB", 4) == 0;
                ck_assert_msg(saved == BOTH || (some && saved >= (i == 0 ? BOTH - EARLIER : EARLIER)),
                              "%.4s, byte %llu: %zu saved", it->name, (unsigned long long)at, saved);
                ck_assert_int_eq(pwrite(fd, bytes + at, len, (off_t)at), (ssize_t)len);
            }
        }
    ds_damage found = {.what = ""};
    ck_assert_int_eq(pwrite(fd, zeros, HOLE, (off_t)sections[0][0].off + 2), HOLE);
    ck_assert_int_eq(ds_store_verify(NULL, path, note_damage, &found, NULL), DS_OK);
    ck_assert_str_eq(found.what, "text");
    ck_assert_uint_eq(found.docs, 1);
    ck_assert(found.mended);
    close(fd);
    free(bytes);
    test_done(path);
}
END_TEST

/* ------------------------------------------------------------------ memory */

static ds_status build_and_read(const ds_alloc *a, void *ud)
{
    const char *path = ud;
    ds_writer *w;
    ds_writer_options o = {.about = ds_str_of("x")};
    unlink(path);
    ds_status st = ds_writer_open(a, path, &o, &w, NULL);
    for (uint32_t i = 0; st == DS_OK && i < 4; i++) {
        test_article t;
        test_article_make(&t, i % 3, i);
        st = ds_writer_add(w, &t.article, NULL);
        test_article_free(&t);
        if (st == DS_OK && i % 2 == 1)
            st = ds_writer_commit(w, NULL);
    }
    ds_writer_close(w);
    ds_store *s = NULL;
    ds_reader *r = NULL;
    ds_buf text;
    ds_buf_init(&text, a);
    if (st == DS_OK)
        st = ds_store_open(a, path, &s, NULL);
    if (st == DS_OK)
        st = ds_reader_new(a, s, &r, NULL);
    for (size_t i = 0; st == DS_OK && i < ds_store_segments(s); i++) {
        st = ds_reader_text(r, (ds_place){(uint32_t)i, 0}, &text, NULL);
        if (st == DS_OK)
            st = ds_index_load(ds_store_index(s, i), NULL);
    }
    ds_buf_clear(&text);
    ds_reader_free(r);
    ds_store_close(s);
    return st;
}

START_TEST(memory_may_end_anywhere)
{
    char path[256];
    snprintf(path, sizeof path, "%s", test_path("n.dsc"));
    oom_sweep(build_and_read, path);
    test_done(path);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("store");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 600);
    tcase_add_test(t, articles_come_back);
    tcase_add_test(t, a_second_run_adds_and_replaces);
    tcase_add_test(t, removed_articles_are_gone);
    tcase_add_test(t, many_small_commits_become_few_segments);
    tcase_add_test(t, compacting_keeps_what_is_there);
    tcase_add_test(t, one_writer_many_readers);
    tcase_add_test(t, bad_articles_change_nothing);
    tcase_add_test(t, other_files_are_not_written_to);
    tcase_add_test(t, index_and_text_agree);
    tcase_add_test(t, a_write_may_fail_at_every_byte);
    tcase_add_test(t, a_file_may_end_at_every_byte);
    tcase_add_test(t, every_flipped_bit_is_found_and_harmless);
    tcase_add_test(t, whatever_byte_is_damaged_no_article_is_lost);
    tcase_add_test(t, holes_cost_what_they_hit_at_most);
    tcase_add_test(t, memory_may_end_anywhere);
    suite_add_tcase(s, t);
    return test_main(s);
}

/*
 * fuzz_store.c - opens, reads, checks and saves what may be a store.
 *
 * The input is a patch on a small store: triples of two bytes offset and one byte that is put there; so that inputs reach
 * behind the checksums, those of the header, the commit and the directories are mended afterwards.
 */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "index_int.h"
#include "store_int.h"

static ds_buf pristine;

static void build(const char *path)
{
    static const char *const texts[] = {"价格战开始了。\n第二段。", "價格戰", "", "OpenAI 降价 9.9 元"};
    ds_writer *w;
    ds_writer_options o = {.about = {"segmenter: fuzz\n", 16}};
    if (ds_writer_open(NULL, path, &o, &w, NULL) != DS_OK)
        abort();
    for (int i = 0; i < 4; i++) {
        char id[8];
        ds_buf row;
        ds_buf_init(&row, NULL);
        snprintf(id, sizeof id, "a%d", i);
        ds_fields_string(&row, "id", ds_str_of(id));
        ds_own_token t[] = {{0, 3, {"n", 1}, {"", 0}, 0}, {3, 6, {"v", 1}, {"x", 1}, 0}};
        ds_article a = {.id = ds_str_of(id), .text = ds_str_of(texts[i]), .row = ds_buf_str(&row), .tokens = t,
                        .token_count = texts[i][0] == '\0' ? 0 : 2};
        if (ds_writer_add(w, &a, NULL) != DS_OK || (i == 1 && ds_writer_commit(w, NULL) != DS_OK))
            abort();
        ds_buf_clear(&row);
    }
    if (ds_writer_commit(w, NULL) != DS_OK)
        abort();
    ds_writer_close(w);
}

static void make_pristine(void)
{
    char path[] = "/tmp/ds-fuzz-XXXXXX", chunk[4096];
    int fd = mkstemp(path);
    ssize_t n;
    if (fd < 0)
        abort();
    build(path);
    ds_buf_init(&pristine, NULL);
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        ds_buf_put(&pristine, chunk, (size_t)n);
    close(fd);
    unlink(path);
}

static void put_crc(char *p, const char *beg, size_t n)
{
    uint32_t crc = ds_crc32(0, beg, n);
    for (int i = 0; i < 4; i++)
        p[i] = (char)(crc >> 8 * i);
}

/* The directories' checksums, and that of the commit that ends the file. */
static void mend(char *p, size_t n)
{
    for (size_t i = 0; i + IX_DIRECTORY <= n; i++)
        if (memcmp(p + i, IX_MAGIC, 8) == 0)
            put_crc(p + i + IX_DIRECTORY - 4, p + i, IX_DIRECTORY - 4);
    size_t len = n >= ST_TRAILER ? ds_load32(p + n - ST_TRAILER) : 0;
    if (len > ST_TRAILER && len <= n)
        put_crc(p + n - ST_TRAILER + 4, p + n - len, len - ST_TRAILER + 4);
}

static void use_index(ds_index *ix)
{
    ds_forward *fw;
    uint32_t types[64], got;
    if (ds_index_load(ix, NULL) != DS_OK || ds_index_load_units(ix, NULL) != DS_OK)
        return;
    for (uint32_t id = 0; id < ds_index_types(ix) && id < 10000; id++) {
        ds_postings it;
        ds_type t;
        ds_postings_start(ix, id, &it);
        (void)ds_postings_seek(&it, 3);
        for (int k = 0; k < 10000 && ds_postings_next(&it) != DS_POS_NONE; k++)
            ;
        ds_index_type(ix, id, &t);
    }
    if (ds_forward_new(NULL, ix, &fw, NULL) == DS_OK && ds_forward_copy(fw, 0, 64, types, &got, NULL) == DS_OK && got > 64)
        abort();
    ds_forward_free(fw);
}

static void read_store(ds_store *s)
{
    ds_reader *r;
    if (ds_reader_new(NULL, s, &r, NULL) != DS_OK)
        abort();
    for (uint32_t i = 0; i < ds_store_segments(s); i++) {
        ds_index *ix = ds_store_index(s, i);
        for (uint32_t d = 0; d < ds_index_docs(ix) && d < 100; d++) {
            ds_str row;
            ds_buf text;
            ds_buf_init(&text, NULL);
            if (ds_reader_row(r, (ds_place){i, d}, &row, NULL) == DS_OK)
                (void)ds_fields_find(row, "nothing");
            (void)!ds_reader_text(r, (ds_place){i, d}, &text, NULL);
            ds_buf_clear(&text);
        }
        use_index(ix);
    }
    ds_reader_free(r);
}

static void note(void *ud, const ds_damage *d)
{
    *(uint64_t *)ud += d->len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    uint64_t sum = 0;
    if (pristine.n == 0)
        make_pristine();
    char *copy = malloc(pristine.n);
    if (copy == NULL)
        return 0;
    memcpy(copy, pristine.p, pristine.n);
    for (size_t i = 0; i + 3 <= size; i += 3)
        copy[(data[i] | (size_t)data[i + 1] << 8) % pristine.n] = (char)data[i + 2];
    mend(copy, pristine.n);
    int fd = memfd_create("store", 0);
    if (fd < 0 || write(fd, copy, pristine.n) != (ssize_t)pristine.n)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ds_store *s;
    if (ds_store_open(NULL, path, &s, NULL) == DS_OK)
        read_store(s);
    ds_store_close(s);
    if (ds_store_open_damaged(NULL, path, &s, NULL) == DS_OK)
        read_store(s);
    ds_store_close(s);
    (void)!ds_store_verify(NULL, path, note, &sum, NULL);
    close(fd);
    free(copy);
    return 0;
}

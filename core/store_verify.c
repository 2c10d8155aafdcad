/*
 * store_verify.c - compares every checksum of a store's file; see store.h.
 *
 * The file is header, then segments and commits without a gap, and each commit says where the one before ends; so
 * whoever goes from the last commit to the first, and checks the segments that each lists, has seen every byte.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_int.h"

typedef struct check {
    const ds_alloc *alloc;
    ds_str file;
    void (*fn)(void *ud, const ds_damage *d);
    void *ud;
    ds_error *err;
    uint64_t *seen;  /* where the segments that have been checked begin */
    size_t count, cap;
} check;

#define NO_SEGMENT UINT32_MAX

static void report(const check *c, uint64_t off, uint64_t len, const char *what)
{
    c->fn(c->ud, &(ds_damage){off, len, what, NO_SEGMENT, 0, 0});
}

/* ------------------------------------------------------------------ the parts of a segment */

/* Reports what lies in the pieces of a section: `docs_of` says which articles a piece holds. */
typedef struct segment_check {
    check *c;
    ds_index *ix;
    uint32_t number; /* of the last commit, or NO_SEGMENT */
} segment_check;

static void damage_docs(const segment_check *k, uint64_t off, uint64_t len, const char *what, uint32_t doc, uint32_t docs)
{
    k->c->fn(k->c->ud, &(ds_damage){off, len, what, k->number, doc, docs});
}

static void check_blocks(const segment_check *k)
{
    const ix_section *s = ix_section_of(k->ix, IX_BLOCKS), *table = ix_section_of(k->ix, IX_BLOCK_TABLE);
    uint64_t at = 0;
    uint32_t tokens = ds_index_tokens(k->ix);
    for (uint32_t i = 0; i < table->bytes.n / IX_BLOCK_ENTRY; i++) {
        const char *e = table->bytes.p + (size_t)i * IX_BLOCK_ENTRY;
        uint64_t n = ds_load32(e);
        if (n > s->bytes.n - at || ds_crc32(0, s->bytes.p + at, (size_t)n) != ds_load32(e + 4)) {
            uint32_t beg = i * ix_block(k->ix), end = tokens - beg > ix_block(k->ix) ? beg + ix_block(k->ix) : tokens;
            uint32_t first = ds_index_doc_at(k->ix, beg);
            damage_docs(k, s->off + at, n, "text", first, ds_index_doc_at(k->ix, end - 1) - first + 1);
        }
        at = n > s->bytes.n - at ? s->bytes.n : at + n;
    }
}

static void check_rows(const segment_check *k)
{
    const ix_section *s = ix_section_of(k->ix, IX_ROWS), *table = ix_section_of(k->ix, IX_ROW_TABLE);
    uint64_t at = 0;
    for (uint32_t i = 0; i < table->bytes.n / IX_ROW_ENTRY; i++) {
        const char *e = table->bytes.p + (size_t)i * IX_ROW_ENTRY;
        uint64_t n = ds_load32(e);
        if (n > s->bytes.n - at || ds_crc32(0, s->bytes.p + at, (size_t)n) != ds_load32(e + 8)) {
            uint32_t first = i * IX_ROWS_TOGETHER, left = ds_index_docs(k->ix) - first;
            damage_docs(k, s->off + at, n, "fields", first, left < IX_ROWS_TOGETHER ? left : IX_ROWS_TOGETHER);
        }
        at = n > s->bytes.n - at ? s->bytes.n : at + n;
    }
}

/* The articles that have a word of a damaged piece of the vocabulary. */
static ds_status check_vocabulary(const segment_check *k)
{
    const ix_section *s = ix_section_of(k->ix, IX_VOCAB);
    ds_forward *fw;
    ds_status st = ds_forward_new(k->c->alloc, k->ix, &fw, k->c->err);
    if (st != DS_OK)
        return st;
    uint32_t first = 0, docs = 0;
    for (uint32_t d = 0; d < ds_index_docs(k->ix); d++) {
        uint32_t pos, end, beg, to;
        const uint32_t *types;
        bool good = true;
        ds_index_doc_range(k->ix, d, &pos, &end);
        for (; good && pos < end; pos++) {
            ds_str word;
            good = ds_forward_at(fw, pos, &types, &beg, &to, NULL) == DS_OK &&
                   ix_word(k->ix, types[pos - beg], &word, NULL) == DS_OK;
        }
        first = !good && docs == 0 ? d : first;
        docs += !good;
    }
    ds_forward_free(fw);
    damage_docs(k, s->off, s->bytes.n, "vocabulary", first, docs);
    return DS_OK;
}

/* Whether section `i` is as it was written. */
static bool is_whole(const segment_check *k, unsigned i)
{
    const ix_section *s = ix_section_of(k->ix, i);
    return ds_crc32(0, k->c->file.p + s->off, s->bytes.n) == s->crc;
}

static ds_status check_sections(const segment_check *k)
{
    static const unsigned vital[IX_VITALS] = IX_VITAL;
    uint32_t all = ds_index_docs(k->ix);
    bool readable = ix_open_text(k->ix, NULL) == DS_OK; /* puts copies in the place of damaged tables */
    for (unsigned i = 0; i < IX_SECTIONS; i++) {
        const ix_section *s = ix_section_of(k->ix, i);
        bool is_vital = false;
        for (size_t v = 0; v < IX_VITALS; v++)
            is_vital = is_vital || vital[v] == i;
        if (is_whole(k, i))
            continue;
        if (is_vital)
            damage_docs(k, s->off, s->bytes.n, "table", 0, readable ? 0 : all);
        else if (i == IX_COPIES)
            damage_docs(k, s->off, s->bytes.n, "copy", 0, 0);
        else if (readable && i == IX_BLOCKS)
            check_blocks(k);
        else if (readable && i == IX_ROWS)
            check_rows(k);
        else if (readable && i == IX_VOCAB) {
            ds_status st = check_vocabulary(k);
            if (st != DS_OK)
                return st;
        } else
            damage_docs(k, s->off, s->bytes.n, "index", 0, readable ? 0 : all);
    }
    return DS_OK;
}

static ds_status note_seen(check *c, uint64_t beg, bool *before)
{
    *before = false;
    for (size_t i = 0; i < c->count && !*before; i++)
        *before = c->seen[i] == beg;
    if (*before)
        return DS_OK;
    if (ds_grow(c->alloc, (void **)&c->seen, &c->cap, c->count + 1, sizeof *c->seen) != DS_OK)
        return ds_fail_nomem(c->err);
    c->seen[c->count++] = beg;
    return DS_OK;
}

static ds_status check_segment(check *c, const st_segment *s, uint32_t number)
{
    bool before;
    segment_check k = {c, NULL, number};
    ds_status st = note_seen(c, s->beg, &before);
    if (st != DS_OK || before)
        return st;
    for (int i = 0; i < 2; i++)
        if (ds_crc32(0, c->file.p + s->dir + i * IX_DIRECTORY, IX_DIRECTORY) != s->dir_crc)
            report(c, s->dir + (uint64_t)i * IX_DIRECTORY, IX_DIRECTORY, "directory");
    st = ix_open(c->alloc, c->file, s->dir, NULL, &k.ix, c->err);
    if (st == DS_EFORMAT) {
        damage_docs(&k, s->beg, s->dir - s->beg, "directory", 0, s->docs);
        return DS_OK;
    }
    if (st == DS_OK)
        st = check_sections(&k);
    ix_close(k.ix);
    return st;
}

/* ------------------------------------------------------------------ the file */

/* From the last commit to the first. */
static ds_status check_commits(check *c, int fd)
{
    st_commit commit;
    bool found;
    st_commit_init(&commit, c->alloc);
    ds_status st = st_commit_find(&commit, fd, c->file.n, &found, c->err);
    if (st == DS_OK && !found)
        report(c, 0, c->file.n, "commit");
    else if (st == DS_OK && commit.end < c->file.n)
        report(c, commit.end, c->file.n - commit.end, "behind the last commit");
    for (bool last = true; st == DS_OK && found; last = false) {
        for (uint32_t i = 0; st == DS_OK && i < commit.count; i++)
            st = check_segment(c, &commit.segments[i], last ? i : NO_SEGMENT);
        uint64_t end = commit.prev, seq = commit.seq;
        st_commit_clear(&commit);
        if (st != DS_OK || end == 0)
            break;
        st = st_commit_at(&commit, fd, end, &found, c->err);
        if (st == DS_OK && (!found || commit.seq + 1 != seq)) {
            report(c, end - ST_TRAILER, ST_TRAILER, "commit");
            break;
        }
    }
    st_commit_clear(&commit);
    return st;
}

static ds_status verify(check *c, int fd)
{
    struct stat info;
    ds_buf about;
    uint64_t len;
    if (fstat(fd, &info) != 0)
        return st_fail_io(c->err, "opening");
    if (!S_ISREG(info.st_mode) || info.st_size == 0)
        return ds_fail(c->err, DS_EFORMAT, 0, 0, "not a corpus store: %s", S_ISREG(info.st_mode) ? "empty" : "not a file");
    c->file.n = (size_t)info.st_size;
    void *p = mmap(NULL, c->file.n, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return st_fail_io(c->err, "mapping");
    c->file.p = p;
    ds_buf_init(&about, c->alloc);
    ds_status st = st_header_read(fd, c->file.n, &about, &len, c->err);
    ds_buf_clear(&about);
    if (st == DS_EFORMAT) {
        report(c, 0, ST_HEADER, "header");
        st = DS_OK;
    }
    if (st == DS_OK)
        st = check_commits(c, fd);
    munmap(p, c->file.n);
    return st;
}

ds_status ds_store_verify(const ds_alloc *a, const char *path, void (*fn)(void *ud, const ds_damage *d), void *ud,
                          ds_error *err)
{
    check c = {.alloc = ds_alloc_or_libc(a), .fn = fn, .ud = ud, .err = err};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return st_fail_io(err, "opening");
    ds_status st = verify(&c, fd);
    close(fd);
    ds_mfree(c.alloc, c.seen, c.cap * sizeof *c.seen);
    return st;
}

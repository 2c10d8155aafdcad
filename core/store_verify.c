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
    c->fn(c->ud, &(ds_damage){.off = off, .len = len, .what = what, .segment = NO_SEGMENT});
}

/* ------------------------------------------------------------------ the parts of a segment */

/* Reports what lies in the pieces of a section: `docs_of` says which articles a piece holds. */
typedef struct segment_check {
    check *c;
    ds_index *ix;
    uint32_t number;  /* of the last commit, or NO_SEGMENT */
    const st_segment *segment;
    ds_index *mended; /* the same, as far as it can be mended; NULL: not opened yet */
    ds_codec *codec;
    ds_forward *text; /* of `mended` */
    ds_buf row;
    char *bytes;      /* IX_BLOCK_BYTES for what a damaged block unpacks to */
} segment_check;

/* Opens the segment once more and mends it.  Without it less can be told: failures are no errors. */
static bool open_mended(segment_check *k)
{
    const ds_alloc *a = k->c->alloc;
    if (k->mended != NULL)
        return true;
    if (k->bytes == NULL)
        k->bytes = ds_malloc(a, IX_BLOCK_BYTES);
    if (k->bytes == NULL || (k->codec == NULL && ds_codec_new(a, 0, &k->codec, NULL) != DS_OK) ||
        ix_open(a, k->c->file, k->segment->dir, NULL, &k->mended, NULL) != DS_OK)
        return false;
    if (ix_heal(k->mended, NULL) == DS_OK && ix_open_text(k->mended, NULL) == DS_OK &&
        ds_forward_new(a, k->mended, &k->text, NULL) == DS_OK)
        return true;
    ix_close(k->mended);
    k->mended = NULL;
    return false;
}

static void close_check(segment_check *k)
{
    ds_forward_free(k->text);
    ix_close(k->mended);
    ix_close(k->ix);
    ds_codec_free(k->codec);
    ds_buf_clear(&k->row);
    ds_mfree(k->c->alloc, k->bytes, IX_BLOCK_BYTES);
}

static void damage_docs(segment_check *k, uint64_t off, uint64_t len, const char *what, uint32_t doc, uint32_t docs,
                        bool mended)
{
    ds_str row = {"", 0};
    ds_damage d = {off, len, what, k->number, doc, docs, {"", 0}, mended};
    if (docs > 0 && open_mended(k) && ix_row(k->mended, k->codec, doc, &k->row, &row, NULL) == DS_OK)
        d.id = ds_fields_find(row, "id");
    k->c->fn(k->c->ud, &d);
}

/* Where two rows of bytes begin to differ. */
static size_t first_difference(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

/* The article in which what a damaged block unpacks to first differs from what it should be; false: the block cannot be
 * mended. */
static bool damaged_article(segment_check *k, uint32_t block, ds_str packed, uint32_t *doc)
{
    const uint32_t *types;
    uint32_t beg, end, at = 0;
    size_t n = 0, got;
    if (!open_mended(k) || ds_forward_at(k->text, block * ix_block(k->ix), &types, &beg, &end, NULL) != DS_OK)
        return false;
    memset(k->bytes, 0, IX_BLOCK_BYTES);
    if (ds_inflate(k->codec, packed, k->bytes, IX_BLOCK_BYTES, &got, NULL) != DS_OK) {
        /* what it has become before the error is what matters */
    }
    for (; at + 1 < end - beg; at++) {
        unsigned char code[DS_WORDCODE_BYTES];
        size_t len = ds_wordcode_put(code, types[at]);
        if (first_difference((const char *)code, k->bytes + n, len) < len)
            break;
        n += len;
    }
    *doc = ds_index_doc_at(k->ix, beg + at);
    return true;
}

static void check_blocks(segment_check *k)
{
    const ix_section *s = ix_section_of(k->ix, IX_BLOCKS), *table = ix_section_of(k->ix, IX_BLOCK_TABLE);
    uint64_t at = 0;
    uint32_t tokens = ds_index_tokens(k->ix);
    for (uint32_t i = 0; i < table->bytes.n / IX_BLOCK_ENTRY; i++) {
        const char *e = table->bytes.p + (size_t)i * IX_BLOCK_ENTRY;
        uint64_t n = ds_load32(e);
        if (n > s->bytes.n - at || ds_crc32(0, s->bytes.p + at, (size_t)n) != ds_load32(e + 4)) {
            uint32_t beg = i * ix_block(k->ix), end = tokens - beg > ix_block(k->ix) ? beg + ix_block(k->ix) : tokens;
            uint32_t first = ds_index_doc_at(k->ix, beg), docs = ds_index_doc_at(k->ix, end - 1) - first + 1;
            n = n > s->bytes.n - at ? s->bytes.n - at : n;
            bool mended = damaged_article(k, i, (ds_str){s->bytes.p + at, (size_t)n}, &first);
            damage_docs(k, s->off + at, n, "text", first, mended ? 1 : docs, mended);
        }
        at = n > s->bytes.n - at ? s->bytes.n : at + n;
    }
}

/* The same for fields: the article among those from `first` on, which are unpacked in k->row. */
static bool damaged_fields(segment_check *k, uint32_t first, ds_str packed, uint32_t *doc)
{
    ds_str row;
    size_t got;
    *doc = first;
    if (!open_mended(k) || ix_row(k->mended, k->codec, first, &k->row, &row, NULL) != DS_OK)
        return false;
    char *bytes = ds_calloc(k->c->alloc, k->row.n + 1, 1);
    if (bytes == NULL)
        return true;
    if (ds_inflate(k->codec, packed, bytes, k->row.n, &got, NULL) != DS_OK) {
        /* as above */
    }
    size_t at = first_difference(bytes, k->row.p, k->row.n);
    while (*doc + 1 < ds_index_docs(k->ix) && *doc + 1 < first + IX_ROWS_TOGETHER && ix_row_in(ds_buf_str(&k->row), *doc, &row) &&
           (size_t)(row.p + row.n - k->row.p) <= at)
        ++*doc;
    ds_mfree(k->c->alloc, bytes, k->row.n + 1);
    return true;
}

static void check_rows(segment_check *k)
{
    const ix_section *s = ix_section_of(k->ix, IX_ROWS), *table = ix_section_of(k->ix, IX_ROW_TABLE);
    uint64_t at = 0;
    for (uint32_t i = 0; i < table->bytes.n / IX_ROW_ENTRY; i++) {
        const char *e = table->bytes.p + (size_t)i * IX_ROW_ENTRY;
        uint64_t n = ds_load32(e);
        if (n > s->bytes.n - at || ds_crc32(0, s->bytes.p + at, (size_t)n) != ds_load32(e + 8)) {
            uint32_t first = i * IX_ROWS_TOGETHER, left = ds_index_docs(k->ix) - first;
            uint32_t docs = left < IX_ROWS_TOGETHER ? left : IX_ROWS_TOGETHER;
            n = n > s->bytes.n - at ? s->bytes.n - at : n;
            bool mended = damaged_fields(k, first, (ds_str){s->bytes.p + at, (size_t)n}, &first);
            damage_docs(k, s->off + at, n, "fields", first, mended ? 1 : docs, mended);
        }
        at = n > s->bytes.n - at ? s->bytes.n : at + n;
    }
}

/* The articles that have a word of a damaged piece of the vocabulary. */
static ds_status check_vocabulary(segment_check *k)
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
    bool mended = open_mended(k);
    for (uint32_t i = 0; mended && i < ds_index_types(k->mended); i++) {
        ds_str word;
        mended = ix_word(k->mended, i, &word, NULL) == DS_OK;
    }
    damage_docs(k, s->off, s->bytes.n, "vocabulary", first, docs, mended);
    return DS_OK;
}

/* Whether section `i` is as it was written. */
static bool is_whole(const segment_check *k, unsigned i)
{
    const ix_section *s = ix_section_of(k->ix, i);
    return ds_crc32(0, k->c->file.p + s->off, s->bytes.n) == s->crc;
}

static ds_status check_sections(segment_check *k)
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
            damage_docs(k, s->off, s->bytes.n, "table", 0, readable ? 0 : all, readable);
        else if (i == IX_COPIES)
            damage_docs(k, s->off, s->bytes.n, "copy", 0, 0, true);
        else if (readable && i == IX_BLOCKS)
            check_blocks(k);
        else if (readable && i == IX_ROWS)
            check_rows(k);
        else if (readable && i == IX_VOCAB) {
            ds_status st = check_vocabulary(k);
            if (st != DS_OK)
                return st;
        } else
            damage_docs(k, s->off, s->bytes.n, "index", 0, readable ? 0 : all, readable);
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
    segment_check k = {.c = c, .number = number, .segment = s};
    ds_status st = note_seen(c, s->beg, &before);
    if (st != DS_OK || before)
        return st;
    for (int i = 0; i < 2; i++)
        if (ds_crc32(0, c->file.p + s->dir + i * IX_DIRECTORY, IX_DIRECTORY) != s->dir_crc)
            report(c, s->dir + (uint64_t)i * IX_DIRECTORY, IX_DIRECTORY, "directory");
    st = ix_open(c->alloc, c->file, s->dir, NULL, &k.ix, c->err);
    ds_buf_init(&k.row, c->alloc);
    if (st == DS_EFORMAT) {
        damage_docs(&k, s->beg, s->dir - s->beg, "directory", 0, s->docs, false);
        st = DS_OK;
    } else if (st == DS_OK) {
        st = check_sections(&k);
    }
    close_check(&k);
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

/* store.c - reading a store; see store.h. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_int.h"

struct ds_store {
    ds_alloc alloc;
    ds_buf about;
    st_commit commit;
    ds_str file;     /* mapped: all bytes up to the commit's end */
    ds_index **index;
    size_t segments;
};

/* ------------------------------------------------------------------ opening */

static ds_status map_file(ds_store *s, int fd, ds_error *err)
{
    if (s->commit.end > SIZE_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "the store is larger than the address space");
    size_t n = (size_t)s->commit.end;
    void *p = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return st_fail_io(err, "mapping");
    s->file = (ds_str){p, n};
    return DS_OK;
}

static ds_status open_segments(ds_store *s, ds_error *err)
{
    if (s->commit.count == 0)
        return DS_OK;
    s->index = ds_calloc(&s->alloc, s->commit.count, sizeof *s->index);
    if (s->index == NULL)
        return ds_fail_nomem(err);
    s->segments = s->commit.count;
    for (size_t i = 0; i < s->segments; i++) {
        const st_segment *seg = &s->commit.segments[i];
        ds_str dir = {s->file.p + seg->dir, IX_DIRECTORY};
        ds_status st = ix_open(&s->alloc, s->file, dir, seg->deleted, &s->index[i], err);
        if (st == DS_OK && (ds_index_docs(s->index[i]) != seg->docs || ds_crc32(0, dir.p, dir.n) != seg->dir_crc))
            st = ds_fail(err, DS_EFORMAT, seg->dir, 0, "a segment's directory is not the one that was committed");
        if (st != DS_OK)
            return st;
    }
    return DS_OK;
}

static ds_status open_fd(ds_store *s, int fd, ds_error *err)
{
    struct stat info;
    uint64_t len;
    bool found = false;
    if (fstat(fd, &info) != 0)
        return st_fail_io(err, "opening");
    if (!S_ISREG(info.st_mode))
        return ds_fail(err, DS_EFORMAT, 0, 0, "not a corpus store: not a file");
    ds_status st = st_header_read(fd, (uint64_t)info.st_size, &s->about, &len, err);
    if (st == DS_OK)
        st = st_commit_find(&s->commit, fd, (uint64_t)info.st_size, &found, err);
    if (st == DS_OK && !found)
        st = ds_fail(err, DS_EFORMAT, len, 0, "nothing has been committed to this store");
    if (st == DS_OK)
        st = map_file(s, fd, err);
    return st == DS_OK ? open_segments(s, err) : st;
}

ds_status ds_store_open(const ds_alloc *a, const char *path, ds_store **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return st_fail_io(err, "opening");
    ds_store *s = ds_calloc(a, 1, sizeof *s);
    ds_status st = s == NULL ? ds_fail_nomem(err) : DS_OK;
    if (st == DS_OK) {
        s->alloc = *a;
        ds_buf_init(&s->about, &s->alloc);
        st_commit_init(&s->commit, &s->alloc);
        st = open_fd(s, fd, err);
    }
    close(fd);
    if (st != DS_OK) {
        ds_store_close(s);
        return st;
    }
    *out = s;
    return DS_OK;
}

void ds_store_close(ds_store *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->segments; i++)
        ix_close(s->index[i]);
    ds_mfree(&s->alloc, s->index, s->segments * sizeof *s->index);
    if (s->file.p != NULL)
        munmap((void *)(uintptr_t)s->file.p, s->file.n);
    st_commit_clear(&s->commit);
    ds_buf_clear(&s->about);
    ds_alloc a = s->alloc;
    ds_mfree(&a, s, sizeof *s);
}

/* ------------------------------------------------------------------ what it is */

ds_str ds_store_about(const ds_store *s)
{
    return ds_buf_str(&s->about);
}

uint64_t ds_store_commits(const ds_store *s)
{
    return s->commit.seq;
}

uint64_t ds_store_bytes(const ds_store *s)
{
    return s->commit.end;
}

uint64_t ds_store_docs(const ds_store *s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s->segments; i++)
        n += ds_index_docs(s->index[i]) - ds_index_deletions(s->index[i]);
    return n;
}

uint64_t ds_store_text_bytes(const ds_store *s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s->segments; i++) {
        const ds_index *ix = s->index[i];
        n += ix_text_bytes(ix);
        for (uint32_t d = 0; ds_index_deletions(ix) > 0 && d < ds_index_docs(ix); d++)
            if (ds_index_deleted(ix, d))
                n -= ix_doc_of(ix, d).bytes;
    }
    return n;
}

size_t ds_store_segments(const ds_store *s)
{
    return s->segments;
}

ds_index *ds_store_index(const ds_store *s, size_t i)
{
    return s->index[i];
}

uint32_t ds_store_date(const ds_store *s, ds_place at)
{
    return at.segment < s->segments && at.doc < ds_index_docs(s->index[at.segment]) ?
           ix_doc_of(s->index[at.segment], at.doc).date : 0;
}

uint64_t ds_store_hash(const ds_store *s, ds_place at)
{
    return at.segment < s->segments && at.doc < ds_index_docs(s->index[at.segment]) ?
           ix_doc_of(s->index[at.segment], at.doc).hash : 0;
}

/* ------------------------------------------------------------------ articles */

struct ds_reader {
    ds_alloc alloc;
    const ds_store *store;
    ds_codec *codec;
    ds_forward **forward; /* of each segment, NULL until it is needed */
    ds_buf piece;         /* fields of some articles, unpacked */
    uint32_t piece_segment, piece_of; /* which: DS_POS_NONE: none */
    ds_placed *placed;
    size_t placed_cap;
};

ds_status ds_reader_new(const ds_alloc *a, const ds_store *s, ds_reader **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_reader *r = ds_calloc(a, 1, sizeof *r);
    if (r == NULL)
        return ds_fail_nomem(err);
    r->alloc = *a;
    r->store = s;
    r->piece_of = DS_POS_NONE;
    ds_buf_init(&r->piece, &r->alloc);
    ds_status st = ds_codec_new(a, 0, &r->codec, err);
    if (st == DS_OK && s->segments > 0) {
        r->forward = ds_calloc(a, s->segments, sizeof *r->forward);
        st = r->forward != NULL ? DS_OK : ds_fail_nomem(err);
    }
    if (st != DS_OK) {
        ds_reader_free(r);
        return st;
    }
    *out = r;
    return DS_OK;
}

void ds_reader_free(ds_reader *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; r->forward != NULL && i < r->store->segments; i++)
        ds_forward_free(r->forward[i]);
    ds_mfree(&r->alloc, r->forward, r->store->segments * sizeof *r->forward);
    ds_mfree(&r->alloc, r->placed, r->placed_cap * sizeof *r->placed);
    ds_codec_free(r->codec);
    ds_buf_clear(&r->piece);
    ds_alloc a = r->alloc;
    ds_mfree(&a, r, sizeof *r);
}

const ds_store *ds_reader_store(const ds_reader *r)
{
    return r->store;
}

static ds_status check_place(const ds_reader *r, ds_place at, ds_error *err)
{
    if (at.segment >= r->store->segments || at.doc >= ds_index_docs(r->store->index[at.segment]))
        return ds_fail(err, DS_EINVAL, 0, 0, "no article %u in segment %u", at.doc, at.segment);
    return DS_OK;
}

ds_status ds_reader_row(ds_reader *r, ds_place at, ds_str *row, ds_error *err)
{
    *row = (ds_str){"", 0};
    ds_status st = check_place(r, at, err);
    if (st != DS_OK)
        return st;
    if (r->piece_segment == at.segment && r->piece_of == at.doc / IX_ROWS_TOGETHER &&
        ix_row_in(ds_buf_str(&r->piece), at.doc, row))
        return DS_OK;
    r->piece_of = DS_POS_NONE;
    st = ix_row(r->store->index[at.segment], r->codec, at.doc, &r->piece, row, err);
    if (st == DS_OK) {
        r->piece_segment = at.segment;
        r->piece_of = at.doc / IX_ROWS_TOGETHER;
    }
    return st;
}

/* The article of segment `segment` that has the id and is not deleted. */
static ds_status find_in(ds_reader *r, uint32_t segment, ds_str id, ds_place *out, bool *found, ds_error *err)
{
    enum { CANDIDATES = 64 };
    uint32_t docs[CANDIDATES];
    const ds_index *ix = r->store->index[segment];
    size_t n = ix_find_id(ix, ix_id_hash(id), docs, CANDIDATES);
    for (size_t i = 0; i < n; i++) {
        ds_str row;
        if (ds_index_deleted(ix, docs[i]))
            continue;
        ds_status st = ds_reader_row(r, (ds_place){segment, docs[i]}, &row, err);
        if (st != DS_OK)
            return st;
        if (ds_str_eq(ds_fields_find(row, "id"), id)) {
            *out = (ds_place){segment, docs[i]};
            *found = true;
            return DS_OK;
        }
    }
    return DS_OK;
}

ds_status ds_reader_find(ds_reader *r, ds_str id, ds_place *out, bool *found, ds_error *err)
{
    *found = false;
    *out = (ds_place){0, 0};
    for (size_t i = r->store->segments; i-- > 0 && !*found;) {
        ds_status st = find_in(r, (uint32_t)i, id, out, found, err);
        if (st != DS_OK)
            return st;
    }
    return DS_OK;
}

/* Opens what reading the texts of a segment needs. */
static ds_status open_forward(ds_reader *r, uint32_t segment, ds_forward **fw, ds_error *err)
{
    *fw = NULL;
    if (segment >= r->store->segments)
        return ds_fail(err, DS_EINVAL, 0, 0, "no segment %u", segment);
    ds_status st = ix_open_text(r->store->index[segment], err);
    if (st == DS_OK && r->forward[segment] == NULL)
        st = ds_forward_new(&r->alloc, r->store->index[segment], &r->forward[segment], err);
    *fw = r->forward[segment];
    return st;
}

ds_status ds_reader_type(ds_reader *r, uint32_t segment, uint32_t type, ds_type *out, ds_error *err)
{
    ds_forward *fw;
    ds_status st = open_forward(r, segment, &fw, err);
    return st == DS_OK ? ix_type(r->store->index[segment], type, out, err) : st;
}

ds_status ds_reader_tokens(ds_reader *r, ds_place at, const ds_placed **out, size_t *n, ds_error *err)
{
    *out = NULL;
    *n = 0;
    ds_forward *fw;
    ds_status st = check_place(r, at, err);
    if (st == DS_OK)
        st = open_forward(r, at.segment, &fw, err);
    if (st != DS_OK)
        return st;
    ds_index *ix = r->store->index[at.segment];
    uint32_t beg, end, off = 0;
    ds_index_doc_range(ix, at.doc, &beg, &end);
    size_t count = end - beg;
    if (ds_grow(&r->alloc, (void **)&r->placed, &r->placed_cap, count + 1, sizeof *r->placed) != DS_OK)
        return ds_fail_nomem(err);
    for (uint32_t pos = beg; pos < end;) {
        const uint32_t *types;
        uint32_t from, to;
        st = ds_forward_at(fw, pos, &types, &from, &to, err);
        for (; st == DS_OK && pos < end && pos < to; pos++) {
            ds_type t;
            st = ix_type(ix, types[pos - from], &t, err);
            r->placed[pos - beg] = (ds_placed){off, off + (uint32_t)t.word.n, types[pos - from]};
            off += (uint32_t)t.word.n;
        }
        if (st != DS_OK)
            return st;
    }
    *out = r->placed;
    *n = count;
    return DS_OK;
}

ds_status ds_reader_text(ds_reader *r, ds_place at, ds_buf *out, ds_error *err)
{
    ds_forward *fw;
    ds_status st = check_place(r, at, err);
    if (st == DS_OK)
        st = open_forward(r, at.segment, &fw, err);
    if (st != DS_OK)
        return st;
    ds_index *ix = r->store->index[at.segment];
    size_t before = out->n;
    uint32_t pos, end;
    ds_index_doc_range(ix, at.doc, &pos, &end);
    while (st == DS_OK && pos < end) {
        const uint32_t *types;
        uint32_t from, to;
        st = ds_forward_at(fw, pos, &types, &from, &to, err);
        for (; st == DS_OK && pos < end && pos < to; pos++) {
            ds_type t;
            st = ix_type(ix, types[pos - from], &t, err);
            ds_buf_put(out, t.word.p, t.word.n);
        }
    }
    if (st == DS_OK && out->status != DS_OK)
        st = ds_fail_nomem(err);
    if (st != DS_OK)
        out->n = before;
    return st;
}

ds_status ds_reader_offset(ds_reader *r, uint32_t segment, uint32_t pos, uint32_t *off, ds_error *err)
{
    *off = 0;
    ds_forward *fw;
    ds_status st = open_forward(r, segment, &fw, err);
    if (st != DS_OK)
        return st;
    ds_index *ix = r->store->index[segment];
    uint32_t at, end, sum = 0, block = ix_block(ix);
    ds_index_doc_range(ix, ds_index_doc_at(ix, pos), &at, &end);
    if (pos > end)
        return ds_fail(err, DS_EINVAL, 0, 0, "position %u is in no article", pos);
    while (at < pos) {
        const uint32_t *types;
        uint32_t from, to;
        if (at % block == 0 && pos - at >= block) { /* a whole block: its length is known */
            sum += (uint32_t)(ix_bytes_before(ix, at / block + 1) - ix_bytes_before(ix, at / block));
            at += block;
            continue;
        }
        st = ds_forward_at(fw, at, &types, &from, &to, err);
        for (; st == DS_OK && at < pos && at < to; at++) {
            ds_type t;
            st = ix_type(ix, types[at - from], &t, err);
            sum += (uint32_t)t.word.n;
        }
        if (st != DS_OK)
            return st;
    }
    *off = sum;
    return DS_OK;
}

/* store.c - reading a store; see store.h. */
#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_int.h"

/* ------------------------------------------------------------------ opening */

static ds_status map_file(ds_store *s, int fd, uint64_t size, ds_error *err)
{
    if (size > SIZE_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "the store is larger than the address space");
    void *p = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return st_fail_io(err, "mapping");
    s->file = (ds_str){p, (size_t)size};
    return DS_OK;
}

static ds_status open_segment(ds_store *s, const st_segment *seg, ds_index **out, ds_error *err)
{
    ds_status st = ix_open(&s->alloc, s->file, seg->dir, seg->deleted, out, err);
    if (st == DS_OK && ds_index_docs(*out) != seg->docs) {
        ix_close(*out);
        *out = NULL;
        st = ds_fail(err, DS_EFORMAT, seg->dir, 0, "a segment's directory is not the one that was committed");
    }
    return st;
}

/* `damaged`: segments that cannot be opened are left out. */
static ds_status open_segments(ds_store *s, bool damaged, ds_error *err)
{
    if (s->commit.count == 0)
        return DS_OK;
    s->index = ds_calloc(&s->alloc, s->commit.count, sizeof *s->index);
    if (s->index == NULL)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < s->commit.count; i++) {
        ds_status st = open_segment(s, &s->commit.segments[i], &s->index[s->segments], err);
        if (st == DS_OK)
            s->segments++;
        else if (!damaged || st == DS_ENOMEM)
            return st;
        if (st == DS_OK && damaged && (st = ix_heal(s->index[s->segments - 1], err)) != DS_OK)
            return st;
    }
    return DS_OK;
}

/* Adds the segments whose directories are found at or behind `from`. */
static ds_status find_segments(ds_store *s, uint64_t from, ds_error *err)
{
    const char *at = s->file.p + from, *end = s->file.p + s->file.n;
    while (at < end && (at = memmem(at, (size_t)(end - at), IX_MAGIC, 8)) != NULL) {
        ds_index *ix;
        st_segment seg = {.beg = from, .dir = (uint64_t)(at - s->file.p)};
        ds_status st = ix_open(&s->alloc, s->file, seg.dir, NULL, &ix, NULL);
        at += 8;
        if (st == DS_ENOMEM)
            return ds_fail_nomem(err);
        if (st != DS_OK)
            continue;
        seg.docs = ds_index_docs(ix);
        ix_close(ix);
        st = st_commit_add(&s->commit, &seg, err);
        if (st != DS_OK)
            return st;
        at += IX_DIRECTORIES - 8;
    }
    return DS_OK;
}

static ds_status open_whole(ds_store *s, int fd, uint64_t size, ds_error *err)
{
    uint64_t len;
    bool found = false;
    ds_status st = st_header_read(fd, size, &s->about, &len, err);
    if (st == DS_OK)
        st = st_commit_find(&s->commit, fd, size, &found, err);
    if (st == DS_OK && !found)
        st = ds_fail(err, DS_EFORMAT, len, 0, "nothing has been committed to this store");
    if (st == DS_OK)
        st = map_file(s, fd, s->commit.end, err);
    return st == DS_OK ? open_segments(s, false, err) : st;
}

static ds_status open_damaged(ds_store *s, int fd, uint64_t size, ds_error *err)
{
    uint64_t len;
    bool found = false;
    if (size == 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "an empty file");
    ds_status st = st_header_read(fd, size, &s->about, &len, err);
    if (st == DS_ENOMEM || st == DS_EIO)
        return st;
    if (st != DS_OK)
        ds_buf_reset(&s->about);
    st = st_commit_find(&s->commit, fd, size, &found, err);
    if (st == DS_OK)
        st = map_file(s, fd, size, err);
    if (st == DS_OK)
        st = find_segments(s, found ? s->commit.end : 0, err);
    return st == DS_OK ? open_segments(s, true, err) : st;
}

static ds_status open_with(const ds_alloc *a, const char *path, ds_status (*how)(ds_store *, int, uint64_t, ds_error *),
                           ds_store **out, ds_error *err)
{
    struct stat info;
    *out = NULL;
    a = ds_alloc_or_libc(a);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return st_fail_io(err, "opening");
    ds_store *s = ds_calloc(a, 1, sizeof *s);
    ds_status st = s == NULL ? ds_fail_nomem(err) : fstat(fd, &info) != 0 ? st_fail_io(err, "opening") : DS_OK;
    if (st == DS_OK && !S_ISREG(info.st_mode))
        st = ds_fail(err, DS_EFORMAT, 0, 0, "not a corpus store: not a file");
    if (s != NULL) {
        s->alloc = *a;
        ds_buf_init(&s->about, &s->alloc);
        st_commit_init(&s->commit, &s->alloc);
    }
    if (st == DS_OK)
        st = how(s, fd, (uint64_t)info.st_size, err);
    close(fd);
    if (st != DS_OK) {
        ds_store_close(s);
        return st;
    }
    *out = s;
    return DS_OK;
}

ds_status ds_store_open(const ds_alloc *a, const char *path, ds_store **out, ds_error *err)
{
    return open_with(a, path, open_whole, out, err);
}

ds_status ds_store_open_damaged(const ds_alloc *a, const char *path, ds_store **out, ds_error *err)
{
    return open_with(a, path, open_damaged, out, err);
}

void ds_store_close(ds_store *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->segments; i++)
        ix_close(s->index[i]);
    ds_mfree(&s->alloc, s->index, s->commit.count * sizeof *s->index);
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

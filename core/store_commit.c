/*
 * store_commit.c - the header and the commits of a store's file.
 *
 * A commit ends in its length, its checksum and a mark, so that the last one is found from the end of the file.  Where the
 * file does not end in one (a writer is at work, or has died), the marks before are tried, from the last to the first.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store_int.h"

enum { WINDOW = 1 << 20 };

ds_status st_fail_io(ds_error *err, const char *doing)
{
    return ds_fail(err, DS_EIO, 0, 0, "%s: %s", doing, strerror(errno));
}

ds_status st_read_at(int fd, void *p, size_t n, uint64_t off, ds_error *err)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = pread(fd, (char *)p + at, n - at, (off_t)(off + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return st_fail_io(err, "reading");
        if (got == 0)
            return ds_fail(err, DS_EFORMAT, off + at, 0, "the file is cut short");
        at += (size_t)got;
    }
    return DS_OK;
}

/* ------------------------------------------------------------------ the header */

void st_header_pack(ds_str about, ds_buf *out)
{
    size_t at = out->n;
    ds_buf_put(out, DS_STORE_MAGIC, 8);
    ds_buf_u32(out, DS_STORE_VERSION);
    ds_buf_u32(out, (uint32_t)about.n);
    ds_buf_put(out, about.p, about.n);
    if (out->status == DS_OK)
        ds_buf_u32(out, ds_crc32(0, out->p + at, out->n - at));
}

ds_status st_header_read(int fd, uint64_t size, ds_buf *about, uint64_t *len, ds_error *err)
{
    char head[ST_HEADER], crc[4];
    *len = 0;
    if (size < ST_HEADER + 4)
        return ds_fail(err, DS_EFORMAT, 0, 0, "not a corpus store: %llu bytes", (unsigned long long)size);
    ds_status st = st_read_at(fd, head, sizeof head, 0, err);
    if (st != DS_OK)
        return st;
    uint32_t n = ds_load32(head + 12);
    if (memcmp(head, DS_STORE_MAGIC, 8) != 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "not a corpus store (no \"" DS_STORE_MAGIC "\" at its start)");
    if (n > ST_ABOUT_MAX || ST_HEADER + (uint64_t)n + 4 > size)
        return ds_fail(err, DS_EFORMAT, 12, 0, "the store's header is damaged");
    if (!ds_buf_reserve(about, (size_t)n + 1)) /* never NULL */
        return ds_fail_nomem(err);
    st = st_read_at(fd, about->p + about->n, n, ST_HEADER, err);
    if (st == DS_OK)
        st = st_read_at(fd, crc, 4, ST_HEADER + n, err);
    if (st != DS_OK)
        return st;
    about->n += n;
    if (ds_load32(crc) != ds_crc32(ds_crc32(0, head, sizeof head), about->p + about->n - n, n))
        return ds_fail(err, DS_EFORMAT, 0, 0, "the store's header is damaged (checksum)");
    if (ds_load32(head + 8) != DS_STORE_VERSION)
        return ds_fail(err, DS_EFORMAT, 8, 0, "store version %u is not %u: build it anew", ds_load32(head + 8),
                       DS_STORE_VERSION);
    *len = ST_HEADER + (uint64_t)n + 4;
    return DS_OK;
}

/* ------------------------------------------------------------------ a commit */

void st_commit_init(st_commit *c, const ds_alloc *a)
{
    *c = (st_commit){.alloc = ds_alloc_or_libc(a)};
}

static size_t bitmap_words(uint32_t docs)
{
    return (size_t)docs / 64 + 1;
}

void st_commit_clear(st_commit *c)
{
    for (size_t i = 0; i < c->count; i++)
        ds_mfree(c->alloc, c->segments[i].deleted, bitmap_words(c->segments[i].docs) * sizeof(uint64_t));
    ds_mfree(c->alloc, c->segments, c->cap * sizeof *c->segments);
    st_commit_init(c, c->alloc);
}

ds_status st_commit_add(st_commit *c, const st_segment *s, ds_error *err)
{
    if (ds_grow(c->alloc, (void **)&c->segments, &c->cap, c->count + 1, sizeof *c->segments) != DS_OK)
        return ds_fail_nomem(err);
    c->segments[c->count++] = *s;
    return DS_OK;
}

ds_status st_segment_delete(const st_commit *c, st_segment *s, uint32_t doc, ds_error *err)
{
    if (s->deleted == NULL) {
        s->deleted = ds_calloc(c->alloc, bitmap_words(s->docs), sizeof(uint64_t));
        if (s->deleted == NULL)
            return ds_fail_nomem(err);
    }
    s->deleted[doc / 64] |= (uint64_t)1 << doc % 64;
    return DS_OK;
}

/* The deleted articles: their number, then each as its distance from the one before. */
static void pack_deleted(const st_segment *s, ds_buf *out)
{
    uint32_t n = 0, last = 0;
    for (uint32_t i = 0; s->deleted != NULL && i < s->docs; i++)
        n += (uint32_t)(s->deleted[i / 64] >> i % 64 & 1);
    ds_buf_varint(out, n);
    for (uint32_t i = 0; s->deleted != NULL && i < s->docs; i++)
        if ((s->deleted[i / 64] >> i % 64 & 1) != 0) {
            ds_buf_varint(out, i - last);
            last = i;
        }
}

void st_commit_pack(const st_commit *c, ds_buf *out)
{
    size_t at = out->n;
    ds_buf_put(out, ST_COMMIT_MAGIC, 8);
    ds_buf_u64(out, c->seq);
    ds_buf_u64(out, c->prev);
    ds_buf_u64(out, c->count);
    for (size_t i = 0; i < c->count; i++) {
        const st_segment *s = &c->segments[i];
        ds_buf_u64(out, s->beg);
        ds_buf_u64(out, s->dir);
        ds_buf_u32(out, s->docs);
        ds_buf_u32(out, s->dir_crc);
        pack_deleted(s, out);
    }
    if (out->status != DS_OK)
        return;
    uint32_t len = (uint32_t)(out->n - at) + ST_TRAILER;
    ds_buf_u32(out, len);
    ds_buf_u32(out, ds_crc32(0, out->p + at, out->n - at));
    ds_buf_put(out, ST_COMMIT_MAGIC, 8);
}

static ds_status read_deleted(const st_commit *c, st_segment *s, const unsigned char **p, const unsigned char *end,
                              bool *good, ds_error *err)
{
    uint32_t n, step;
    uint64_t doc = 0;
    *good = ds_varint32(p, end, &n) && n <= s->docs;
    for (uint32_t i = 0; *good && i < n; i++) {
        *good = ds_varint32(p, end, &step) && (doc += step) < s->docs;
        ds_status st = *good ? st_segment_delete(c, s, (uint32_t)doc, err) : DS_OK;
        if (st != DS_OK)
            return st;
    }
    return DS_OK;
}

/* A segment of the list; its bytes lie before the commit, its directory at their end. */
static ds_status read_segment(st_commit *c, const unsigned char **p, const unsigned char *end, bool *good, ds_error *err)
{
    *good = end - *p >= ST_SEGMENT;
    if (!*good)
        return DS_OK;
    st_segment s = {ds_load64(*p), ds_load64(*p + 8), ds_load32(*p + 16), ds_load32(*p + 20), NULL};
    *p += ST_SEGMENT;
    *good = s.beg <= s.dir && s.dir <= c->at && c->at - s.dir >= IX_DIRECTORIES;
    if (!*good)
        return DS_OK;
    ds_status st = st_commit_add(c, &s, err);
    return st == DS_OK ? read_deleted(c, &c->segments[c->count - 1], p, end, good, err) : st;
}

ds_status st_commit_read(st_commit *c, ds_str bytes, uint64_t base, bool *found, ds_error *err)
{
    *found = false;
    if (bytes.n < ST_COMMIT_HEAD + ST_TRAILER)
        return DS_OK;
    const char *trailer = bytes.p + bytes.n - ST_TRAILER;
    size_t len = ds_load32(trailer);
    if (memcmp(trailer + 8, ST_COMMIT_MAGIC, 8) != 0 || len > bytes.n || len < ST_COMMIT_HEAD + ST_TRAILER)
        return DS_OK;
    const unsigned char *p = (const unsigned char *)bytes.p + bytes.n - len, *end = (const unsigned char *)trailer;
    if (memcmp(p, ST_COMMIT_MAGIC, 8) != 0 || ds_load32(trailer + 4) != ds_crc32(0, p, len - ST_TRAILER + 4))
        return DS_OK;
    c->seq = ds_load64(p + 8);
    c->prev = ds_load64(p + 16);
    uint64_t n = ds_load64(p + 24);
    c->at = base + bytes.n - len;
    c->end = base + bytes.n;
    p += ST_COMMIT_HEAD;
    bool good = c->prev <= c->at;
    for (uint64_t i = 0; good && i < n; i++) {
        ds_status st = read_segment(c, &p, end, &good, err);
        if (st != DS_OK)
            return st;
    }
    *found = good && p == end;
    if (!*found)
        st_commit_clear(c);
    return DS_OK;
}

ds_status st_commit_at(st_commit *c, int fd, uint64_t end, bool *found, ds_error *err)
{
    char trailer[ST_TRAILER];
    *found = false;
    if (end < ST_COMMIT_HEAD + ST_TRAILER)
        return DS_OK;
    ds_status st = st_read_at(fd, trailer, sizeof trailer, end - ST_TRAILER, err);
    size_t len = ds_load32(trailer);
    if (st != DS_OK || memcmp(trailer + 8, ST_COMMIT_MAGIC, 8) != 0 || len > end || len < ST_COMMIT_HEAD + ST_TRAILER)
        return st;
    char *bytes = ds_malloc(c->alloc, len);
    if (bytes == NULL)
        return ds_fail_nomem(err);
    st = st_read_at(fd, bytes, len, end - len, err);
    if (st == DS_OK)
        st = st_commit_read(c, (ds_str){bytes, len}, end - len, found, err);
    ds_mfree(c->alloc, bytes, len);
    return st;
}

/* Tries the marks in [from, from + n) of the file, which `window` holds together with the 7 bytes behind, from the last
 * one to the first. */
static ds_status try_window(st_commit *c, int fd, const char *window, uint64_t from, size_t n, bool *found, ds_error *err)
{
    for (size_t i = n; i-- > 0 && !*found;) {
        if (window[i] != ST_COMMIT_MAGIC[0] || memcmp(window + i, ST_COMMIT_MAGIC, 8) != 0)
            continue;
        ds_status st = st_commit_at(c, fd, from + i + 8, found, err);
        if (st != DS_OK)
            return st;
    }
    return DS_OK;
}

ds_status st_commit_find(st_commit *c, int fd, uint64_t size, bool *found, ds_error *err)
{
    ds_status st = st_commit_at(c, fd, size, found, err);
    if (st != DS_OK || *found || size < 8)
        return st;
    char *window = ds_malloc(c->alloc, WINDOW + 8);
    if (window == NULL)
        return ds_fail_nomem(err);
    for (uint64_t end = size - 7; st == DS_OK && !*found && end > 0;) {
        size_t n = end < WINDOW ? (size_t)end : WINDOW;
        end -= n;
        st = st_read_at(fd, window, n + 7, end, err);
        if (st == DS_OK)
            st = try_window(c, fd, window, end, n, found, err);
    }
    ds_mfree(c->alloc, window, WINDOW + 8);
    return st;
}

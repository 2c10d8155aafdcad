/*
 * store_write.c - adding to a store, and its commits; see store.h.
 *
 * Segments are written behind the last commit as they fill up; a commit makes the disk write them first, then appends
 * its record, then makes the disk write that.  So a file that ends in a whole record has all that the record speaks of.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_writer.h"

/* Small segments are packed tighter: they are read whole at once, and written often. */
enum { LEVEL_SMALL = 10, LEVEL_LARGE = 6, SEGMENT_TOKENS = 12 << 20, ROWS_TOGETHER_MAX = 64 << 20 };

/* ------------------------------------------------------------------ opening */

/* Opens and locks the file that has the name `path`, also where another process is replacing it. */
static ds_status open_locked(const char *path, int *out, ds_error *err)
{
    for (;;) {
        struct stat mine, named;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            return st_fail_io(err, "opening for writing");
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            ds_status st = errno == EWOULDBLOCK ? ds_fail(err, DS_EIO, 0, 0, "in use: another process is writing to it") :
                                                  st_fail_io(err, "locking");
            close(fd);
            return st;
        }
        if (fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_ino == named.st_ino &&
            mine.st_dev == named.st_dev) {
            *out = fd;
            return DS_OK;
        }
        close(fd);
    }
}

/* The file is empty or has the beginning of a header only: no store has been in it yet. */
static ds_status begin_file(ds_writer *w, ds_error *err)
{
    ds_buf head;
    ds_buf_init(&head, &w->alloc);
    st_header_pack(w->options.about, &head);
    ds_buf_put(&w->about, w->options.about.p, w->options.about.n);
    w->sink.off = 0;
    ds_status st = head.status == DS_OK && w->about.status == DS_OK ? st_sink_put(&w->sink, ds_buf_str(&head), err) :
                                                                      ds_fail_nomem(err);
    if (st == DS_OK)
        st = st_sink_flush(&w->sink, err);
    ds_buf_clear(&head);
    w->commit.end = w->sink.off;
    w->created = true;
    return st;
}

/* Whether the file holds no more than the first bytes of a header: its writer died at once. */
static bool only_began(int fd, uint64_t size)
{
    char t[ST_HEADER] = {0};
    size_t n = size < sizeof t ? (size_t)size : sizeof t, magic = n < 8 ? n : 8;
    if (st_read_at(fd, t, n, 0, NULL) != DS_OK || memcmp(t, DS_STORE_MAGIC, magic) != 0)
        return false;
    return size < ST_HEADER || size < ST_HEADER + (uint64_t)ds_load32(t + 12) + 4;
}

static ds_status open_base(ds_writer *w, ds_error *err)
{
    ds_reader_free(w->reader);
    ds_store_close(w->base);
    w->reader = NULL;
    w->base = NULL;
    ds_status st = ds_store_open(&w->alloc, w->path, &w->base, err);
    return st == DS_OK ? ds_reader_new(&w->alloc, w->base, &w->reader, err) : st;
}

static ds_status take_up(ds_writer *w, ds_error *err)
{
    struct stat info;
    uint64_t head;
    bool found;
    if (fstat(w->fd, &info) != 0)
        return st_fail_io(err, "opening");
    if (!S_ISREG(info.st_mode))
        return ds_fail(err, DS_EINVAL, 0, 0, "not a file");
    uint64_t size = (uint64_t)info.st_size;
    if (only_began(w->fd, size))
        return begin_file(w, err);
    ds_status st = st_header_read(w->fd, size, &w->about, &head, err);
    if (st == DS_OK)
        st = st_commit_find(&w->commit, w->fd, size, &found, err);
    if (st != DS_OK)
        return st;
    if (!found) {
        w->commit.end = w->sink.off = head;
        return DS_OK;
    }
    w->sink.off = w->commit.end;
    w->committed = w->commit.count;
    return open_base(w, err);
}

static ds_status open_parts(ds_writer *w, const char *path, ds_error *err)
{
    w->path_size = strlen(path) + 1;
    w->path = ds_malloc(&w->alloc, w->path_size);
    w->copy_map = ds_calloc(&w->alloc, ST_POS_MAP, sizeof *w->copy_map);
    if (w->path == NULL || w->copy_map == NULL)
        return ds_fail_nomem(err);
    memcpy(w->path, path, w->path_size);
    int level = w->options.level;
    ds_status st = st_cutter_init(&w->cutter, &w->alloc, w->options.segmenter, err);
    if (st == DS_OK)
        st = ds_codec_new(&w->alloc, level != 0 ? level : LEVEL_SMALL, &w->small, err);
    if (st == DS_OK)
        st = ds_codec_new(&w->alloc, level != 0 ? level : LEVEL_LARGE, &w->large, err);
    if (st == DS_OK)
        st = st_pending_new(&w->alloc, &w->pending, err);
    if (st == DS_OK)
        st = open_locked(path, &w->fd, err);
    w->sink.fd = w->fd;
    return st == DS_OK ? take_up(w, err) : st;
}

ds_status ds_writer_open(const ds_alloc *a, const char *path, const ds_writer_options *options, ds_writer **out,
                         ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    if (options->about.n > ST_ABOUT_MAX || options->level < 0 || options->level > 12)
        return ds_fail(err, DS_EINVAL, 0, 0, "compression has levels 1 to 12, the description %d bytes", ST_ABOUT_MAX);
    ds_writer *w = ds_calloc(a, 1, sizeof *w);
    if (w == NULL)
        return ds_fail_nomem(err);
    w->alloc = *a;
    w->fd = -1;
    w->options = *options;
    if (w->options.segment_tokens == 0 || w->options.segment_tokens > SEGMENT_TOKENS)
        w->options.segment_tokens = SEGMENT_TOKENS;
    ds_buf_init(&w->about, &w->alloc);
    ds_buf_init(&w->sink.buf, &w->alloc);
    ds_buf_init(&w->batch.bytes, &w->alloc);
    st_commit_init(&w->commit, &w->alloc);
    st_ids_init(&w->ids, &w->alloc);
    ds_status st = open_parts(w, path, err);
    if (st != DS_OK) {
        w->broken = true; /* nothing has been written that would have to be taken back */
        ds_writer_close(w);
        return st;
    }
    *out = w;
    return DS_OK;
}

ds_str ds_writer_about(const ds_writer *w)
{
    return ds_buf_str(&w->about);
}

/* Takes back what lies behind the last commit: only to save space, so a failure does not matter. */
static void cut_off(ds_writer *w)
{
    struct stat info;
    if (fstat(w->fd, &info) == 0 && (uint64_t)info.st_size > w->commit.end && ftruncate(w->fd, (off_t)w->commit.end) != 0)
        return;
}

void ds_writer_close(ds_writer *w)
{
    if (w == NULL)
        return;
    ds_reader_free(w->reader);
    ds_store_close(w->base);
    if (w->fd >= 0) {
        if (w->created)
            unlink(w->path);
        else if (w->commit.end > 0)
            cut_off(w);
        close(w->fd); /* and the lock with it */
    }
    ds_mfree(&w->alloc, w->pending_segment.deleted, w->deleted_cap * sizeof(uint64_t));
    st_pending_free(w->pending);
    st_commit_clear(&w->commit);
    st_ids_clear(&w->ids);
    st_cutter_clear(&w->cutter);
    st_batch_clear(&w->batch, &w->alloc);
    ds_buf_clear(&w->sink.buf);
    ds_buf_clear(&w->about);
    ds_codec_free(w->small);
    ds_codec_free(w->large);
    ds_mfree(&w->alloc, w->copy_map, ST_POS_MAP * sizeof *w->copy_map);
    ds_mfree(&w->alloc, w->path, w->path_size);
    ds_alloc a = w->alloc;
    ds_mfree(&a, w, sizeof *w);
}

ds_status st_writer_usable(const ds_writer *w, ds_error *err)
{
    return w->broken ? ds_fail(err, DS_EINVAL, 0, 0, "the writer has failed before: only closing it is left") : DS_OK;
}

/* What follows an error that leaves the segment half written. */
ds_status st_writer_broken(ds_writer *w, ds_status st)
{
    w->broken = w->broken || st != DS_OK;
    return st;
}

/* ------------------------------------------------------------------ segments */

/* Writes what waits as a segment. */
ds_status st_writer_flush(ds_writer *w, ds_error *err)
{
    if (st_pending_docs(w->pending) == 0)
        return DS_OK;
    st_segment s = {0};
    ds_codec *codec = st_pending_tokens(w->pending) < ST_FEW_TOKENS ? w->small : w->large;
    ds_status st = st_pending_write(w->pending, codec, &w->sink, &s, err);
    for (uint32_t i = 0; st == DS_OK && w->pending_segment.deleted != NULL && i < s.docs; i++)
        if (i / 64 < w->deleted_cap && (w->pending_segment.deleted[i / 64] >> i % 64 & 1) != 0)
            st = st_segment_delete(&w->commit, &s, i, err);
    if (st == DS_OK)
        st = st_commit_add(&w->commit, &s, err);
    if (st != DS_OK) {
        ds_mfree(&w->alloc, s.deleted, ((size_t)s.docs / 64 + 1) * sizeof(uint64_t));
        return st_writer_broken(w, st);
    }
    st_pending_reset(w->pending);
    st_cutter_reset(&w->cutter);
    w->flushes++;
    w->copy_from = NULL;
    if (w->pending_segment.deleted != NULL)
        memset(w->pending_segment.deleted, 0, w->deleted_cap * sizeof(uint64_t));
    return DS_OK;
}

/* Room for an article of so many bytes of text, a token for every other byte at most. */
ds_status st_writer_room(ds_writer *w, size_t text, ds_error *err)
{
    bool full = st_pending_tokens(w->pending) + (uint64_t)text / 2 > w->options.segment_tokens ||
                st_pending_types(w->pending) + text / 2 > DS_WORDCODE_LIMIT ||
                st_pending_rows(w->pending) > ROWS_TOGETHER_MAX;
    return full ? st_writer_flush(w, err) : DS_OK;
}

static ds_status delete_pending(ds_writer *w, uint32_t doc, ds_error *err)
{
    size_t had = w->deleted_cap, need = (size_t)doc / 64 + 1;
    if (ds_grow(&w->alloc, (void **)&w->pending_segment.deleted, &w->deleted_cap, need, sizeof(uint64_t)) != DS_OK)
        return ds_fail_nomem(err);
    if (w->deleted_cap > had)
        memset(w->pending_segment.deleted + had, 0, (w->deleted_cap - had) * sizeof(uint64_t));
    w->pending_segment.deleted[doc / 64] |= (uint64_t)1 << doc % 64;
    return DS_OK;
}

/* ------------------------------------------------------------------ finding and deleting */

bool st_writer_deleted(const ds_writer *w, ds_place at)
{
    const uint64_t *bits = w->commit.segments[at.segment].deleted;
    return bits != NULL && (bits[at.doc / 64] >> at.doc % 64 & 1) != 0;
}

/* Where an article is: in a segment of the commit, or, with segment == commit.count, among those that wait. */
static ds_status find(ds_writer *w, ds_str id, ds_place *at, uint64_t *hash, bool *found, ds_error *err)
{
    *found = false;
    *hash = 0;
    const st_id *known = st_ids_find(&w->ids, id);
    if (known != NULL) {
        *at = known->at;
        *hash = known->hash;
        *found = !known->deleted;
        return DS_OK;
    }
    if (w->base == NULL)
        return DS_OK;
    ds_status st = ds_reader_find(w->reader, id, at, found, err);
    if (st != DS_OK || !*found)
        return st;
    *found = !st_writer_deleted(w, *at);
    *hash = ds_store_hash(w->base, *at);
    return DS_OK;
}

ds_status ds_writer_find(ds_writer *w, ds_str id, bool *found, uint64_t *hash, ds_error *err)
{
    ds_place at;
    ds_status st = st_writer_usable(w, err);
    return st == DS_OK ? find(w, id, &at, hash, found, err) : st;
}

static ds_status delete_at(ds_writer *w, ds_place at, ds_error *err)
{
    return at.segment < w->commit.count ? st_segment_delete(&w->commit, &w->commit.segments[at.segment], at.doc, err) :
                                          delete_pending(w, at.doc, err);
}

ds_status ds_writer_remove(ds_writer *w, ds_str id, bool *found, ds_error *err)
{
    ds_place at;
    uint64_t hash;
    *found = false;
    ds_status st = st_writer_usable(w, err);
    if (st == DS_OK)
        st = find(w, id, &at, &hash, found, err);
    if (st != DS_OK || !*found)
        return st;
    st = delete_at(w, at, err);
    if (st == DS_OK)
        st_ids_delete(&w->ids, id);
    return st;
}

/* Notes an article that is in, in place of the one of that id. */
ds_status st_writer_note(ds_writer *w, ds_str id, uint64_t hash, ds_error *err)
{
    ds_place old;
    uint64_t old_hash;
    bool found;
    ds_status st = find(w, id, &old, &old_hash, &found, err);
    if (st == DS_OK && found)
        st = delete_at(w, old, err);
    ds_place at = {(uint32_t)w->commit.count, st_pending_docs(w->pending) - 1};
    return st == DS_OK ? st_ids_put(&w->ids, id, at, hash, err) : st;
}

/* ------------------------------------------------------------------ committing */

static ds_status write_commit(ds_writer *w, ds_error *err)
{
    ds_buf record;
    ds_buf_init(&record, &w->alloc);
    ds_status st = st_sink_flush(&w->sink, err);
    if (st == DS_OK && fdatasync(w->fd) != 0)
        st = st_fail_io(err, "writing");
    st_commit next = w->commit;
    next.seq++;
    next.prev = w->commit.seq > 0 ? w->commit.end : 0;
    st_commit_pack(&next, &record);
    uint64_t at = w->sink.off;
    if (st == DS_OK)
        st = record.status == DS_OK ? st_sink_put(&w->sink, ds_buf_str(&record), err) : ds_fail_nomem(err);
    if (st == DS_OK)
        st = st_sink_flush(&w->sink, err);
    if (st == DS_OK && ftruncate(w->fd, (off_t)w->sink.off) != 0)
        st = st_fail_io(err, "writing");
    if (st == DS_OK && fdatasync(w->fd) != 0)
        st = st_fail_io(err, "writing");
    ds_buf_clear(&record);
    if (st != DS_OK)
        return st;
    w->commit.seq = next.seq;
    w->commit.prev = next.prev;
    w->commit.at = at;
    w->commit.end = w->sink.off;
    w->committed = w->commit.count;
    w->created = false;
    return DS_OK;
}

/* Makes the name of a new file last, too. */
void st_sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[4096] = ".";
    if (slash != NULL && (size_t)(slash - path) + 1 < sizeof dir) {
        memcpy(dir, path, (size_t)(slash - path) + 1);
        dir[slash - path + 1] = '\0';
    }
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fsync(fd) != 0) {
        /* Some file systems refuse; the data itself is safe. */
    }
    close(fd);
}

ds_status ds_writer_commit(ds_writer *w, ds_error *err)
{
    size_t first;
    ds_status st = st_writer_usable(w, err);
    if (st == DS_OK)
        st = st_writer_flush(w, err);
    if (st == DS_OK && st_writer_tier(w, &first)) {
        st = st_writer_take_in(w, first, err);
        if (st == DS_OK)
            st = st_writer_flush(w, err);
    }
    bool fresh = w->commit.seq == 0;
    if (st == DS_OK)
        st = write_commit(w, err);
    if (st == DS_OK && fresh)
        st_sync_directory(w->path);
    if (st == DS_OK) {
        st_ids_reset(&w->ids);
        st = open_base(w, err);
    }
    return st_writer_broken(w, st);
}

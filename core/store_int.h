/* store_int.h - the records of a store's file, for its reader, its writer and its checks.  doc/FORMAT.md has them. */
#ifndef DS_STORE_INT_H
#define DS_STORE_INT_H

#include "index_int.h"
#include "store.h"

#define ST_COMMIT_MAGIC "dscommit"
enum { ST_HEADER = 16, ST_TRAILER = 16, ST_COMMIT_HEAD = 32, ST_SEGMENT = 24, ST_ABOUT_MAX = 1 << 16 };

/* A segment with fewer tokens is small: it is packed tighter, in larger blocks. */
enum { ST_FEW_TOKENS = 1 << 20 };

/* A segment as a commit lists it. */
typedef struct st_segment {
    uint64_t beg, dir;  /* bytes [beg, dir + IX_DIRECTORIES) of the file; its directory is at the end */
    uint32_t docs;
    uint32_t dir_crc;
    uint64_t *deleted;  /* a bit for each article, or NULL: none is deleted */
} st_segment;

typedef struct st_commit {
    const ds_alloc *alloc;
    uint64_t seq, at, end, prev; /* number; bytes [at, end) of the file; where the one before ends, 0: none */
    st_segment *segments;
    size_t count, cap;
} st_commit;

void st_commit_init(st_commit *c, const ds_alloc *a);
void st_commit_clear(st_commit *c);
/* Appends the record of `c` to `out`. */
void st_commit_pack(const st_commit *c, ds_buf *out);
/* Reads the record that ends at the end of `bytes`, which lie in the file from `base`; false: there is none. */
DS_MUSTUSE ds_status st_commit_read(st_commit *c, ds_str bytes, uint64_t base, bool *found, ds_error *err);
/* The commit that ends at byte `end` of the file. */
DS_MUSTUSE ds_status st_commit_at(st_commit *c, int fd, uint64_t end, bool *found, ds_error *err);
/* Finds the last whole commit of the file of `size` bytes; *found: whether there is one. */
DS_MUSTUSE ds_status st_commit_find(st_commit *c, int fd, uint64_t size, bool *found, ds_error *err);
DS_MUSTUSE ds_status st_commit_add(st_commit *c, const st_segment *s, ds_error *err);
/* Marks an article; DS_ENOMEM. */
DS_MUSTUSE ds_status st_segment_delete(const st_commit *c, st_segment *s, uint32_t doc, ds_error *err);

/* Reads the file's header: its length, and `about`, appended to `out`. */
DS_MUSTUSE ds_status st_header_read(int fd, uint64_t size, ds_buf *about, uint64_t *len, ds_error *err);
void st_header_pack(ds_str about, ds_buf *out);

/* pread and write of all of it; `path` is for the message. */
DS_MUSTUSE ds_status st_read_at(int fd, void *p, size_t n, uint64_t off, ds_error *err);
/* DS_EIO with the message of errno. */
ds_status st_fail_io(ds_error *err, const char *doing);

struct ds_store {
    ds_alloc alloc;
    ds_buf about;
    st_commit commit;
    ds_str file;     /* mapped: all bytes up to the commit's end */
    ds_index **index;
    size_t segments;
};

/* ------------------------------------------------------------------ a segment that is being made */

typedef struct st_pending st_pending;

DS_MUSTUSE ds_status st_pending_new(const ds_alloc *a, st_pending **out, ds_error *err);
void st_pending_free(st_pending *p);
void st_pending_reset(st_pending *p);
/* One article.  On failure what it has added is taken back. */
DS_MUSTUSE ds_status st_pending_begin(st_pending *p, const ds_article *article, ds_error *err);
/* Numbers of a part of speech and of a lemma, which stay until st_pending_reset.  DS_ELIMIT: too many. */
DS_MUSTUSE ds_status st_pending_pos(st_pending *p, ds_str name, uint16_t *number, ds_error *err);
DS_MUSTUSE ds_status st_pending_lemma(st_pending *p, ds_str lemma, ds_str word, uint32_t *number, ds_error *err);
DS_MUSTUSE ds_status st_pending_token(st_pending *p, const ds_vocab_entry *token, ds_error *err);
/* The same in two steps: the number of a type, which stays until st_pending_reset; and a token of it. */
DS_MUSTUSE ds_status st_pending_type(st_pending *p, const ds_vocab_entry *type, uint32_t *number, ds_error *err);
DS_MUSTUSE ds_status st_pending_put(st_pending *p, uint32_t type, ds_error *err);
/* Sentences or paragraphs of the article that was begun, by the bytes at which they begin; all tokens are in. */
DS_MUSTUSE ds_status st_pending_units(st_pending *p, ds_unit unit, const ds_spans *spans, ds_error *err);
/* The same by positions that ascend, those of an article that begins at `base`. */
DS_MUSTUSE ds_status st_pending_starts(st_pending *p, ds_unit unit, const uint32_t *starts, size_t n, uint32_t base,
                                       ds_error *err);
DS_MUSTUSE ds_status st_pending_end(st_pending *p, ds_error *err);
void st_pending_undo(st_pending *p);
uint32_t st_pending_docs(const st_pending *p);
uint32_t st_pending_tokens(const st_pending *p);
uint32_t st_pending_types(const st_pending *p);
size_t st_pending_rows(const st_pending *p); /* bytes of fields */
/* The store that a reader reads. */
const ds_store *ds_reader_store(const ds_reader *r);

typedef struct st_sink {
    int fd;
    uint64_t off; /* where the next byte goes */
    ds_buf buf;   /* bytes that wait */
} st_sink;
DS_MUSTUSE ds_status st_sink_put(st_sink *s, ds_str bytes, ds_error *err);
DS_MUSTUSE ds_status st_sink_flush(st_sink *s, ds_error *err);
uint64_t st_sink_at(const st_sink *s);

/* Writes the segment, its directory last; *out describes it. */
DS_MUSTUSE ds_status st_pending_write(st_pending *p, ds_codec *codec, st_sink *sink, st_segment *out, ds_error *err);

#endif

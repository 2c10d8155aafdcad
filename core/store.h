/*
 * store.h - a corpus in one file: articles, cut into tokens, compressed, with their index.
 *
 * File     append-only.  Articles are written in segments (index.h); a commit is one record behind them that lists the
 *          segments and the deleted articles.  What follows the last whole commit, after a crash or on a full disk, is
 *          not part of the store; the next writer writes over it.
 * Readers  any number, each on the commit that was the last when it opened the file; a writer does not disturb them.
 * Writer   one; the file is locked (flock) while a ds_writer is open.
 * Units    texts in UTF-8, offsets in bytes from 0, half-open; positions count tokens, see index.h.
 * Errors   DS_EIO: the operating system's message; DS_EFORMAT: damaged, err->off: where in the file; DS_ELIMIT;
 *          DS_ENOMEM.  After an error a writer is good only for ds_writer_close: what was committed stays.
 * Threads  a ds_store may be read from any number, each with its own ds_reader; a ds_writer belongs to one.
 * Format   doc/FORMAT.md, "Corpus store".
 */
#ifndef DS_STORE_H
#define DS_STORE_H

#include "fields.h"
#include "index.h"
#include "span.h"

#define DS_STORE_MAGIC "dscorpus"
#define DS_STORE_VERSION 1u

/* ------------------------------------------------------------------ reading */

typedef struct ds_store ds_store;

/* Opens the last commit.  DS_EFORMAT: not a store, or none of its commits is whole. */
DS_MUSTUSE ds_status ds_store_open(const ds_alloc *a, const char *path, ds_store **out, ds_error *err);
void ds_store_close(ds_store *s);

/* What the file says of how its texts were cut, one `name: value` a line. */
ds_str ds_store_about(const ds_store *s);
/* Commits so far; bytes of the file up to the last one. */
uint64_t ds_store_commits(const ds_store *s);
uint64_t ds_store_bytes(const ds_store *s);
/* Articles, deleted ones left out; their bytes of text. */
uint64_t ds_store_docs(const ds_store *s);
uint64_t ds_store_text_bytes(const ds_store *s);

size_t ds_store_segments(const ds_store *s);
/* Segment `i` below ds_store_segments; it lives as long as the store. */
ds_index *ds_store_index(const ds_store *s, size_t i);

typedef struct ds_place {
    uint32_t segment, doc;
} ds_place;

/* What a thread reads with. */
typedef struct ds_reader ds_reader;
DS_MUSTUSE ds_status ds_reader_new(const ds_alloc *a, const ds_store *s, ds_reader **out, ds_error *err);
void ds_reader_free(ds_reader *r);

/* Finds the article of that id; *found: whether there is one that is not deleted. */
DS_MUSTUSE ds_status ds_reader_find(ds_reader *r, ds_str id, ds_place *out, bool *found, ds_error *err);
/* The fields of an article (fields.h), a view until the next call. */
DS_MUSTUSE ds_status ds_reader_row(ds_reader *r, ds_place at, ds_str *row, ds_error *err);
/* Appends its text to `out`. */
DS_MUSTUSE ds_status ds_reader_text(ds_reader *r, ds_place at, ds_buf *out, ds_error *err);

typedef struct ds_placed {
    uint32_t beg, end; /* bytes of the article's text */
    uint32_t type;     /* number for ds_reader_type */
    uint16_t pos;      /* number for ds_reader_pos_name */
    uint8_t cls;       /* ds_class */
    uint8_t entity;    /* as in ds_token */
} ds_placed;

/* Its tokens, in order, in an array that lives until the next call; they join to the text. */
DS_MUSTUSE ds_status ds_reader_tokens(ds_reader *r, ds_place at, const ds_placed **out, size_t *n, ds_error *err);
/* Name of a part of speech in segment `segment`; lives as long as the store. */
ds_str ds_reader_pos_name(const ds_reader *r, uint32_t segment, uint16_t pos);
/* Word, part of speech, lemma and class of a type of segment `segment`; neither key nor count. */
DS_MUSTUSE ds_status ds_reader_type(ds_reader *r, uint32_t segment, uint32_t type, ds_type *out, ds_error *err);
/* The bytes of the article's text before the token at `pos` of the segment. */
DS_MUSTUSE ds_status ds_reader_offset(ds_reader *r, uint32_t segment, uint32_t pos, uint32_t *off, ds_error *err);
/* Year * 10000 + month * 100 + day of an article, 0 for what is not known of it; and what ds_article.hash was. */
uint32_t ds_store_date(const ds_store *s, ds_place at);
uint64_t ds_store_hash(const ds_store *s, ds_place at);

/* ------------------------------------------------------------------ writing */

typedef struct ds_writer ds_writer;

typedef struct ds_writer_options {
    const ds_segmenter *segmenter; /* borrowed; NULL: every article comes with its tokens */
    ds_str about;                  /* for a new file: see ds_store_about */
    int level;                     /* of compression, 1 to 12; 0: the usual one */
    uint32_t segment_tokens;       /* tokens of a segment, at most; 0: the usual number */
} ds_writer_options;

/* Opens the store at `path` for writing, a new one where there is no file.  DS_EIO with "in use": another writer has
 * it. */
DS_MUSTUSE ds_status ds_writer_open(const ds_alloc *a, const char *path, const ds_writer_options *options,
                                    ds_writer **out, ds_error *err);
/* What the file says of how its texts were cut: options->about, or what it said already. */
ds_str ds_writer_about(const ds_writer *w);
/* Gives up what was not committed. */
void ds_writer_close(ds_writer *w);

/* A token that was cut by others. */
typedef struct ds_own_token {
    uint32_t beg, end; /* bytes of the text, in order, not empty */
    ds_str pos, lemma; /* empty: none */
    uint8_t cls;       /* ds_class */
} ds_own_token;

typedef struct ds_article {
    ds_str id;
    ds_str text;
    ds_str row;    /* its fields, the id among them */
    uint32_t date; /* as ds_store_date gives it */
    uint64_t hash;
    const ds_own_token *tokens; /* NULL: the segmenter cuts */
    size_t token_count;
    const ds_spans *sentences;  /* NULL: span.h finds them */
} ds_article;

/* Adds an article; one of the same id is deleted.  What stands between tokens of its own becomes tokens of class SPACE or
 * PUNCT.  DS_ELIMIT: a text of more than UINT32_MAX bytes, a word longer than 8,192 bytes; DS_EINVAL: tokens out of
 * order: after these two the writer is as it was. */
DS_MUSTUSE ds_status ds_writer_add(ds_writer *w, const ds_article *article, ds_error *err);
/*
 * Articles that are cut away from the store, in threads of their own, for the writer to take in.  A batch belongs to one
 * thread; it goes to the writer's as bytes, which mean something in the same process only.  A store that takes articles from
 * batches has the same bytes as one that was given them by ds_writer_add in that order.
 */
typedef struct ds_batch ds_batch;
/* `segmenter`: borrowed; as that of ds_writer_options. */
DS_MUSTUSE ds_status ds_batch_new(const ds_alloc *a, const ds_segmenter *segmenter, ds_batch **out, ds_error *err);
void ds_batch_free(ds_batch *b);
/* Cuts an article.  Errors as those of ds_writer_add; after each the batch is as it was. */
DS_MUSTUSE ds_status ds_batch_add(ds_batch *b, const ds_article *article, ds_error *err);
/* How many bytes ds_batch_take would append, nearly. */
size_t ds_batch_bytes(const ds_batch *b);
/* Appends all that is in the batch, which is empty then. */
DS_MUSTUSE ds_status ds_batch_take(ds_batch *b, ds_buf *out, ds_error *err);

/* Opens what ds_batch_take has given, in place of the batch before; *docs: articles in it.  `bytes` is copied.  DS_EFORMAT. */
DS_MUSTUSE ds_status ds_writer_batch(ds_writer *w, ds_str bytes, size_t *docs, ds_error *err);
/* Article i below *docs: id, row, date, hash, views until the next batch; of its text the length only. */
ds_article ds_writer_batch_article(const ds_writer *w, size_t i);
/* Appends its text. */
void ds_writer_batch_text(const ds_writer *w, size_t i, ds_buf *out);
/* Adds article i with the id, row and hash of `article`; like ds_writer_add. */
DS_MUSTUSE ds_status ds_writer_batch_add(ds_writer *w, size_t i, const ds_article *article, ds_error *err);
/* Copies an article, tokens and all, from an open store. */
DS_MUSTUSE ds_status ds_writer_copy(ds_writer *w, ds_reader *from, ds_place at, ds_error *err);
/* Finds an article, committed or not, and its hash. */
DS_MUSTUSE ds_status ds_writer_find(ds_writer *w, ds_str id, bool *found, uint64_t *hash, ds_error *err);
/* Deletes it; *found: whether there was one. */
DS_MUSTUSE ds_status ds_writer_remove(ds_writer *w, ds_str id, bool *found, ds_error *err);
/* Makes all of it last: when this returns DS_OK it is on the disk. */
DS_MUSTUSE ds_status ds_writer_commit(ds_writer *w, ds_error *err);

/* Writes the store anew without what was deleted, in place of the old file, whole or not at all. */
DS_MUSTUSE ds_status ds_store_compact(const ds_alloc *a, const char *path, const ds_writer_options *options,
                                      ds_error *err);

/* ------------------------------------------------------------------ checking */

/* Something that is damaged. */
typedef struct ds_damage {
    uint64_t off, len;  /* bytes of the file */
    const char *what;   /* "header", "commit", "text", "vocabulary", "fields", "index", "copy", "behind the last commit" */
    uint32_t segment;   /* of the last commit; UINT32_MAX: none of its segments */
    uint32_t doc, docs; /* the first article of it that is damaged, and how many there are, as far as that can be told */
    ds_str id;          /* of the first one, a view during the call; empty: it cannot be read */
    bool mended;        /* ds_store_open_damaged knows what stood there: nothing is lost */
} ds_damage;

/* Reads all of the file, every commit of it, and compares every checksum; calls fn for each damage.  DS_OK: it has looked at
 * everything, whatever it found.  DS_EIO; DS_EFORMAT: this is no store. */
DS_MUSTUSE ds_status ds_store_verify(const ds_alloc *a, const char *path, void (*fn)(void *ud, const ds_damage *d),
                                     void *ud, ds_error *err);

/* Opens what can be opened, and mends what the rest of the file says what it was: a wrong byte of a piece, from its checksum;
 * text, from the postings.  That is the last commit that is whole, without the segments whose directories are damaged, and with
 * those that lie behind it; where no commit is whole, every segment that can be found, so that articles that had been
 * deleted may be among them. */
DS_MUSTUSE ds_status ds_store_open_damaged(const ds_alloc *a, const char *path, ds_store **out, ds_error *err);

#endif

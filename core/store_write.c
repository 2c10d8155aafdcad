/*
 * store_write.c - adding to a store, and its commits; see store.h.
 *
 * Segments are written behind the last commit as they fill up; a commit makes the disk write them first, then appends
 * its record, then makes the disk write that.  So a file that ends in a whole record has all that the record speaks of.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_int.h"
#include "store_ids.h"

/* Small segments are packed tighter: they are read whole at once, and written often. */
enum { LEVEL_SMALL = 10, LEVEL_LARGE = 6, FEW_TOKENS = 1 << 20, SEGMENT_TOKENS = 12 << 20, ROWS_TOGETHER_MAX = 64 << 20, TIER = 8 };

struct ds_writer {
    ds_alloc alloc;
    char *path;
    size_t path_size;
    int fd;
    ds_writer_options options;
    ds_buf about;
    ds_codec *small, *large; /* for segments */
    st_commit commit;      /* the last one, and what has been written and deleted since */
    size_t committed;      /* segments of it that the last one has */
    st_sink sink;
    st_pending *pending;
    st_segment pending_segment; /* .deleted: of the articles that wait */
    size_t deleted_cap;    /* words of it */
    st_ids ids;            /* articles added since the last commit */
    ds_store *base;        /* the last commit, NULL: none */
    ds_reader *reader;
    ds_tokens tokens;
    uint16_t *pos_map;     /* segmenter's part of speech + 1 -> the segment's + 1, 0: not asked yet */
    bool created;          /* by this writer, which has not committed yet */
    bool broken;
};

enum { POS_MAP = 1 << 16 };

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
    w->pos_map = ds_calloc(&w->alloc, POS_MAP, sizeof *w->pos_map);
    if (w->path == NULL || w->pos_map == NULL)
        return ds_fail_nomem(err);
    memcpy(w->path, path, w->path_size);
    int level = w->options.level;
    ds_status st = ds_codec_new(&w->alloc, level != 0 ? level : LEVEL_SMALL, &w->small, err);
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
    ds_tokens_init(&w->tokens, &w->alloc);
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
    ds_tokens_clear(&w->tokens);
    ds_buf_clear(&w->sink.buf);
    ds_buf_clear(&w->about);
    ds_codec_free(w->small);
    ds_codec_free(w->large);
    ds_mfree(&w->alloc, w->pos_map, POS_MAP * sizeof *w->pos_map);
    ds_mfree(&w->alloc, w->path, w->path_size);
    ds_alloc a = w->alloc;
    ds_mfree(&a, w, sizeof *w);
}

static ds_status check_usable(const ds_writer *w, ds_error *err)
{
    return w->broken ? ds_fail(err, DS_EINVAL, 0, 0, "the writer has failed before: only closing it is left") : DS_OK;
}

/* What follows an error that leaves the segment half written. */
static ds_status broken(ds_writer *w, ds_status st)
{
    w->broken = w->broken || st != DS_OK;
    return st;
}

/* ------------------------------------------------------------------ segments */

/* Writes what waits as a segment. */
static ds_status flush(ds_writer *w, ds_error *err)
{
    if (st_pending_docs(w->pending) == 0)
        return DS_OK;
    st_segment s = {0};
    ds_codec *codec = st_pending_tokens(w->pending) < FEW_TOKENS ? w->small : w->large;
    ds_status st = st_pending_write(w->pending, codec, &w->sink, &s, err);
    for (uint32_t i = 0; st == DS_OK && w->pending_segment.deleted != NULL && i < s.docs; i++)
        if (i / 64 < w->deleted_cap && (w->pending_segment.deleted[i / 64] >> i % 64 & 1) != 0)
            st = st_segment_delete(&w->commit, &s, i, err);
    if (st == DS_OK)
        st = st_commit_add(&w->commit, &s, err);
    if (st != DS_OK) {
        ds_mfree(&w->alloc, s.deleted, ((size_t)s.docs / 64 + 1) * sizeof(uint64_t));
        return broken(w, st);
    }
    st_pending_reset(w->pending);
    memset(w->pos_map, 0, POS_MAP * sizeof *w->pos_map);
    if (w->pending_segment.deleted != NULL)
        memset(w->pending_segment.deleted, 0, w->deleted_cap * sizeof(uint64_t));
    return DS_OK;
}

/* Room for an article of so many bytes of text, a token for every other byte at most. */
static ds_status make_room(ds_writer *w, size_t text, ds_error *err)
{
    bool full = st_pending_tokens(w->pending) + (uint64_t)text / 2 > w->options.segment_tokens ||
                st_pending_types(w->pending) + text / 2 > DS_WORDCODE_LIMIT ||
                st_pending_rows(w->pending) > ROWS_TOGETHER_MAX;
    return full ? flush(w, err) : DS_OK;
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

static bool is_deleted(const ds_writer *w, ds_place at)
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
    *found = !is_deleted(w, *at);
    *hash = ds_store_hash(w->base, *at);
    return DS_OK;
}

ds_status ds_writer_find(ds_writer *w, ds_str id, bool *found, uint64_t *hash, ds_error *err)
{
    ds_place at;
    ds_status st = check_usable(w, err);
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
    ds_status st = check_usable(w, err);
    if (st == DS_OK)
        st = find(w, id, &at, &hash, found, err);
    if (st != DS_OK || !*found)
        return st;
    st = delete_at(w, at, err);
    if (st == DS_OK)
        st_ids_delete(&w->ids, id);
    return st;
}

/* ------------------------------------------------------------------ adding */

static ds_status put_token(ds_writer *w, ds_str word, uint16_t pos, uint32_t lemma, uint8_t cls, ds_error *err)
{
    return st_pending_token(w->pending, &(ds_vocab_entry){word, lemma, pos, cls}, err);
}

static ds_status put_cut(ds_writer *w, ds_str text, ds_error *err)
{
    if (w->options.segmenter == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "an article without tokens, and no segmenter to cut it");
    w->tokens.count = 0;
    ds_status st = ds_segment(w->options.segmenter, text, &w->tokens, err);
    for (size_t i = 0; st == DS_OK && i < w->tokens.count; i++) {
        const ds_token *t = &w->tokens.items[i];
        uint16_t *known = &w->pos_map[t->pos], pos = 0;
        if (*known == 0) {
            st = st_pending_pos(w->pending, ds_segment_pos_name(w->options.segmenter, t->pos), &pos, err);
            *known = (uint16_t)(pos + 1);
        }
        if (st == DS_OK)
            st = put_token(w, (ds_str){text.p + t->beg, t->end - t->beg}, (uint16_t)(*known - 1), 0,
                           ix_class_byte(t->cls, t->entity), err);
    }
    return st;
}

static bool is_white(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strchr(" \t\r\n\v\f", p[i]) == NULL && !(n - i >= 3 && memcmp(p + i, "\xE3\x80\x80", 3) == 0 && (i += 2)))
            return false;
    return true;
}

/* What stands between two tokens of an article's own. */
static ds_status put_gap(ds_writer *w, ds_str text, size_t beg, size_t end, ds_error *err)
{
    ds_status st = DS_OK;
    bool white = is_white(text.p + beg, end - beg);
    while (st == DS_OK && beg < end) {
        size_t n = end - beg < DS_VOCAB_WORD_MAX ? end - beg : DS_VOCAB_WORD_MAX;
        st = put_token(w, (ds_str){text.p + beg, n}, 0, 0, white ? DS_CLASS_SPACE : DS_CLASS_PUNCT, err);
        beg += n;
    }
    return st;
}

static ds_status put_own(ds_writer *w, const ds_article *a, ds_error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < a->token_count; i++) {
        const ds_own_token *t = &a->tokens[i];
        uint16_t pos;
        uint32_t lemma;
        if (t->beg < at || t->end <= t->beg || t->end > a->text.n)
            return ds_fail(err, DS_EINVAL, t->beg, 0, "token %zu is empty, out of order or outside the text", i + 1);
        ds_str word = {a->text.p + t->beg, t->end - t->beg};
        ds_status st = put_gap(w, a->text, at, t->beg, err);
        if (st == DS_OK)
            st = st_pending_pos(w->pending, t->pos, &pos, err);
        if (st == DS_OK)
            st = st_pending_lemma(w->pending, t->lemma, word, &lemma, err);
        if (st == DS_OK)
            st = put_token(w, word, pos, lemma, ix_class_byte(t->cls, DS_ENTITY_NONE), err);
        if (st != DS_OK)
            return st;
        at = t->end;
    }
    return put_gap(w, a->text, at, a->text.n, err);
}

static ds_status put_spans(ds_writer *w, const ds_article *a, ds_error *err)
{
    ds_spans spans;
    ds_spans_init(&spans, &w->alloc);
    ds_status st = a->sentences != NULL ? DS_OK : ds_span_sentences(a->text, &spans, err);
    if (st == DS_OK)
        st = st_pending_units(w->pending, DS_UNIT_SENTENCE, a->sentences != NULL ? a->sentences : &spans, err);
    spans.count = 0;
    if (st == DS_OK)
        st = ds_span_paragraphs(a->text, &spans, err);
    if (st == DS_OK)
        st = st_pending_units(w->pending, DS_UNIT_PARAGRAPH, &spans, err);
    ds_spans_clear(&spans);
    return st;
}

static ds_status put_article(ds_writer *w, const ds_article *a, ds_error *err)
{
    ds_status st = st_pending_begin(w->pending, a, err);
    if (st != DS_OK)
        return st;
    st = a->tokens != NULL ? put_own(w, a, err) : put_cut(w, a->text, err);
    if (st == DS_OK)
        st = put_spans(w, a, err);
    if (st == DS_OK)
        st = st_pending_end(w->pending, err);
    if (st != DS_OK)
        st_pending_undo(w->pending);
    return st;
}

/* Notes an article that is in, in place of the one of that id. */
static ds_status note(ds_writer *w, ds_str id, uint64_t hash, ds_error *err)
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

ds_status ds_writer_add(ds_writer *w, const ds_article *article, ds_error *err)
{
    ds_status st = check_usable(w, err);
    if (st == DS_OK)
        st = make_room(w, article->text.n, err);
    if (st != DS_OK)
        return st;
    st = put_article(w, article, err);
    if (st == DS_ELIMIT && st_pending_docs(w->pending) > 0) { /* a segment of its own may hold it */
        st = flush(w, err);
        if (st == DS_OK)
            st = put_article(w, article, err);
    }
    if (st == DS_OK)
        return broken(w, note(w, article->id, article->hash, err));
    return st == DS_EINVAL || st == DS_ELIMIT ? st : broken(w, st);
}

static ds_status copy_tokens(ds_writer *w, ds_reader *from, ds_place at, const ds_placed *placed, size_t n, ds_error *err)
{
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < n; i++) {
        ds_type t;
        uint16_t pos = 0;
        uint32_t lemma = 0;
        st = ds_reader_type(from, at.segment, placed[i].type, &t, err);
        if (st == DS_OK)
            st = st_pending_pos(w->pending, t.pos, &pos, err);
        if (st == DS_OK)
            st = st_pending_lemma(w->pending, t.lemma, t.word, &lemma, err);
        if (st == DS_OK)
            st = put_token(w, t.word, pos, lemma, ix_class_byte(t.cls, t.entity), err);
    }
    return st;
}

/* Sentences or paragraphs of the article at positions [beg, end). */
static ds_status copy_units(ds_writer *w, const ds_index *ix, ds_unit unit, uint32_t beg, uint32_t end, ds_error *err)
{
    size_t n, first, last;
    const uint32_t *starts = ds_index_units(ix, unit, &n);
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (starts[mid] < beg)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (first = last = lo; last < n && starts[last] < end; last++)
        ;
    return st_pending_starts(w->pending, unit, starts + first, last - first, beg, err);
}

static ds_status copy_article(ds_writer *w, ds_reader *from, const ds_index *ix, ds_place at, const ds_article *a,
                              ds_error *err)
{
    const ds_placed *placed;
    size_t n;
    uint32_t beg, end;
    ds_index_doc_range(ix, at.doc, &beg, &end);
    ds_status st = ds_reader_tokens(from, at, &placed, &n, err);
    if (st == DS_OK)
        st = st_pending_begin(w->pending, a, err);
    if (st != DS_OK)
        return st;
    st = copy_tokens(w, from, at, placed, n, err);
    if (st == DS_OK)
        st = copy_units(w, ix, DS_UNIT_SENTENCE, beg, end, err);
    if (st == DS_OK)
        st = copy_units(w, ix, DS_UNIT_PARAGRAPH, beg, end, err);
    if (st == DS_OK)
        st = st_pending_end(w->pending, err);
    if (st != DS_OK)
        st_pending_undo(w->pending);
    return st;
}

/* `note_it`: whether the article is new to this writer's store. */
static ds_status copy(ds_writer *w, ds_reader *from, ds_place at, bool note_it, ds_error *err)
{
    const ds_store *s = ds_reader_store(from);
    ds_article a = {0};
    ds_status st = ds_reader_row(from, at, &a.row, err);
    if (st != DS_OK)
        return st;
    ds_index *ix = ds_store_index(s, at.segment);
    a.id = ds_fields_find(a.row, "id");
    a.date = ds_store_date(s, at);
    a.hash = ds_store_hash(s, at);
    a.text = (ds_str){"", ix_doc_of(ix, at.doc).bytes};
    st = ds_index_load(ix, err);
    if (st == DS_OK)
        st = make_room(w, a.text.n, err);
    if (st == DS_OK)
        st = copy_article(w, from, ix, at, &a, err);
    if (st == DS_OK && note_it)
        st = note(w, a.id, a.hash, err);
    return broken(w, st);
}

ds_status ds_writer_copy(ds_writer *w, ds_reader *from, ds_place at, ds_error *err)
{
    ds_status st = check_usable(w, err);
    return st == DS_OK ? copy(w, from, at, true, err) : st;
}

/* ------------------------------------------------------------------ committing */

/* Which power of TIER a segment's size belongs to. */
static unsigned tier_of(uint32_t tokens)
{
    unsigned t = 0;
    for (; tokens >= TIER; tokens /= TIER)
        t++;
    return t;
}

/* Takes the small segments from position `first` on, which the last commit has, into the one that waits: where many are
 * alike, one does instead. */
static ds_status take_in(ds_writer *w, size_t first, ds_error *err)
{
    for (size_t i = first; i < w->committed; i++) {
        uint32_t docs = ds_index_docs(ds_store_index(w->base, i));
        for (uint32_t d = 0; d < docs; d++) {
            ds_place at = {(uint32_t)i, d};
            ds_status st = is_deleted(w, at) ? DS_OK : copy(w, w->reader, at, false, err);
            if (st != DS_OK)
                return st;
        }
    }
    for (size_t i = first; i < w->committed; i++)
        ds_mfree(w->commit.alloc, w->commit.segments[i].deleted,
                 ((size_t)w->commit.segments[i].docs / 64 + 1) * sizeof(uint64_t));
    memmove(w->commit.segments + first, w->commit.segments + w->committed,
            (w->commit.count - w->committed) * sizeof *w->commit.segments);
    w->commit.count -= w->committed - first;
    w->committed = first;
    return DS_OK;
}

/* The last segments of the last commit that are of one size and TIER in number. */
static bool find_tier(const ds_writer *w, size_t *first)
{
    if (w->base == NULL || w->committed < TIER)
        return false;
    size_t n = 0, i = w->committed;
    unsigned tier = tier_of(ds_index_tokens(ds_store_index(w->base, i - 1)));
    uint64_t tokens = 0;
    while (i > 0 && tier_of(ds_index_tokens(ds_store_index(w->base, i - 1))) <= tier) {
        tokens += ds_index_tokens(ds_store_index(w->base, --i));
        n++;
    }
    *first = i;
    return n >= TIER && tokens < w->options.segment_tokens;
}

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
static void sync_directory(const char *path)
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
    ds_status st = check_usable(w, err);
    if (st == DS_OK)
        st = flush(w, err);
    if (st == DS_OK && find_tier(w, &first)) {
        st = take_in(w, first, err);
        if (st == DS_OK)
            st = flush(w, err);
    }
    bool fresh = w->commit.seq == 0;
    if (st == DS_OK)
        st = write_commit(w, err);
    if (st == DS_OK && fresh)
        sync_directory(w->path);
    if (st == DS_OK) {
        st_ids_reset(&w->ids);
        st = open_base(w, err);
    }
    return broken(w, st);
}

/* ------------------------------------------------------------------ compacting */

static ds_status copy_all(ds_writer *to, ds_writer *from, ds_error *err)
{
    for (size_t i = 0; from->base != NULL && i < ds_store_segments(from->base); i++) {
        ds_index *ix = ds_store_index(from->base, i);
        for (uint32_t d = 0; d < ds_index_docs(ix); d++) {
            ds_status st = ds_index_deleted(ix, d) ? DS_OK :
                           copy(to, from->reader, (ds_place){(uint32_t)i, d}, false, err);
            if (st != DS_OK)
                return st;
        }
    }
    return ds_writer_commit(to, err);
}

ds_status ds_store_compact(const ds_alloc *a, const char *path, const ds_writer_options *options, ds_error *err)
{
    static const char suffix[] = ".compacting";
    ds_writer *from = NULL, *to = NULL;
    a = ds_alloc_or_libc(a);
    size_t n = strlen(path), size = n + sizeof suffix;
    char *temporary = ds_malloc(a, size);
    if (temporary == NULL)
        return ds_fail_nomem(err);
    memcpy(temporary, path, n);
    memcpy(temporary + n, suffix, sizeof suffix);
    ds_status st = ds_writer_open(a, path, options, &from, err);
    if (st == DS_OK) {
        ds_writer_options same = *options;
        same.about = ds_writer_about(from);
        unlink(temporary); /* one that was left by a crash; the lock on `path` says that nobody is at it */
        st = ds_writer_open(a, temporary, &same, &to, err);
    }
    if (st == DS_OK)
        st = copy_all(to, from, err);
    if (st == DS_OK && rename(temporary, path) != 0)
        st = st_fail_io(err, "renaming the compacted file");
    if (st == DS_OK)
        sync_directory(path);
    else if (to != NULL)
        unlink(temporary);
    ds_writer_close(to);
    ds_writer_close(from);
    ds_mfree(a, temporary, size);
    return st;
}

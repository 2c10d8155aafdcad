/*
 * store_copy.c - articles that are in a store already: copied to another, to one segment out of many, and to the compacted
 * file; see store.h.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store_writer.h"

enum { TIER = 8 };

/* The number that a part of speech of the other store's segment has here. */
static ds_status copy_pos(ds_writer *w, const ds_reader *from, uint32_t segment, uint16_t theirs, uint16_t *pos,
                          ds_error *err)
{
    if (w->copy_from != from || w->copy_segment != segment) {
        memset(w->copy_map, 0, ST_POS_MAP * sizeof *w->copy_map);
        w->copy_from = from;
        w->copy_segment = segment;
    }
    ds_status st = DS_OK;
    if (w->copy_map[theirs] == 0) {
        st = st_pending_pos(w->pending, ds_reader_pos_name(from, segment, theirs), pos, err);
        w->copy_map[theirs] = (uint16_t)(*pos + 1);
    }
    *pos = (uint16_t)(w->copy_map[theirs] - 1);
    return st;
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
            st = copy_pos(w, from, at.segment, placed[i].pos, &pos, err);
        if (st == DS_OK)
            st = st_pending_lemma(w->pending, t.lemma, t.word, &lemma, err);
        if (st == DS_OK)
            st = st_pending_token(w->pending, &(ds_vocab_entry){t.word, lemma, pos, ix_class_byte(t.cls, t.entity)}, err);
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

/* The same for an article of a segment whose tables are damaged: by its text. */
static ds_status find_units(ds_writer *w, ds_reader *from, ds_place at, ds_error *err)
{
    ds_buf text;
    ds_buf_init(&text, &w->alloc);
    ds_status st = ds_reader_text(from, at, &text, err);
    if (st == DS_OK)
        st = st_find_units(&w->alloc, w->pending, ds_buf_str(&text), NULL, err);
    ds_buf_clear(&text);
    return st;
}

/* `ix`: NULL, when it has no sentences. */
static ds_status copy_article(ds_writer *w, ds_reader *from, const ds_index *ix, ds_place at, const ds_article *a,
                              ds_error *err)
{
    const ds_placed *placed;
    size_t n;
    uint32_t beg, end;
    ds_index_doc_range(ds_store_index(ds_reader_store(from), at.segment), at.doc, &beg, &end);
    ds_status st = ds_reader_tokens(from, at, &placed, &n, err);
    if (st == DS_OK)
        st = st_pending_begin(w->pending, a, err);
    if (st != DS_OK)
        return st;
    st = copy_tokens(w, from, at, placed, n, err);
    if (st == DS_OK && ix == NULL)
        st = find_units(w, from, at, err);
    if (st == DS_OK && ix != NULL)
        st = copy_units(w, ix, DS_UNIT_SENTENCE, beg, end, err);
    if (st == DS_OK && ix != NULL)
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
        st = ds_index_load_units(ix, err);
    bool whole = st == DS_OK;
    if (st == DS_OK || st == DS_EFORMAT) /* damaged in what queries need only: its sentences are found anew */
        st = st_writer_room(w, a.text.n, err);
    if (st == DS_OK)
        st = copy_article(w, from, whole ? ix : NULL, at, &a, err);
    if (st == DS_OK && note_it)
        st = st_writer_note(w, a.id, a.hash, err);
    return st_writer_broken(w, st);
}

ds_status ds_writer_copy(ds_writer *w, ds_reader *from, ds_place at, ds_error *err)
{
    ds_status st = st_writer_usable(w, err);
    return st == DS_OK ? copy(w, from, at, true, err) : st;
}

/* ------------------------------------------------------------------ few segments for many */

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
ds_status st_writer_take_in(ds_writer *w, size_t first, ds_error *err)
{
    for (size_t i = first; i < w->committed; i++) {
        uint32_t docs = ds_index_docs(ds_store_index(w->base, i));
        for (uint32_t d = 0; d < docs; d++) {
            ds_place at = {(uint32_t)i, d};
            ds_status st = st_writer_deleted(w, at) ? DS_OK : copy(w, w->reader, at, false, err);
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
bool st_writer_tier(const ds_writer *w, size_t *first)
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
        st_sync_directory(path);
    else if (to != NULL)
        unlink(temporary);
    ds_writer_close(to);
    ds_writer_close(from);
    ds_mfree(a, temporary, size);
    return st;
}

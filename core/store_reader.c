/* store_reader.c - the articles of an open store: found by id, their fields, texts and tokens; see store.h. */
#include <string.h>

#include "store_int.h"

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

ds_str ds_reader_pos_name(const ds_reader *r, uint32_t segment, uint16_t pos)
{
    return segment < r->store->segments ? ix_pos_name(r->store->index[segment], pos) : (ds_str){"", 0};
}

ds_status ds_reader_type(ds_reader *r, uint32_t segment, uint32_t type, ds_type *out, ds_error *err)
{
    ds_forward *fw;
    ds_status st = open_forward(r, segment, &fw, err);
    return st == DS_OK ? ix_type(r->store->index[segment], type, out, err) : st;
}

/* The articles whose tokens are walked over, and the part of them that is unpacked. */
typedef struct walk {
    ds_index *ix;
    ds_forward *fw;
    uint32_t pos, end;          /* positions still to come */
    const uint32_t *types;      /* of the positions [from, to) */
    uint32_t from, to;
} walk;

static ds_status start_walk(ds_reader *r, ds_place at, walk *w, ds_error *err)
{
    ds_status st = check_place(r, at, err);
    if (st == DS_OK)
        st = open_forward(r, at.segment, &w->fw, err);
    if (st != DS_OK)
        return st;
    w->ix = r->store->index[at.segment];
    ds_index_doc_range(w->ix, at.doc, &w->pos, &w->end);
    w->types = NULL;
    w->from = w->to = 0;
    return DS_OK;
}

/* The next token's type; w->pos < w->end. */
static inline ds_status step(walk *w, uint32_t *type, ds_error *err)
{
    if (w->pos >= w->to) {
        ds_status st = ds_forward_at(w->fw, w->pos, &w->types, &w->from, &w->to, err);
        if (st != DS_OK)
            return st;
    }
    *type = w->types[w->pos++ - w->from];
    return DS_OK;
}

static ds_status wrong_length(const ds_index *ix, ds_error *err)
{
    return ds_fail(err, DS_EFORMAT, ix_section_of(ix, IX_DOCS)->off, 0, "an article is not as long as it should be");
}

ds_status ds_reader_tokens(ds_reader *r, ds_place at, const ds_placed **out, size_t *n, ds_error *err)
{
    walk w;
    *out = NULL;
    *n = 0;
    ds_status st = start_walk(r, at, &w, err);
    if (st != DS_OK)
        return st;
    size_t count = w.end - w.pos;
    if (ds_grow(&r->alloc, (void **)&r->placed, &r->placed_cap, count + 1, sizeof *r->placed) != DS_OK)
        return ds_fail_nomem(err);
    uint64_t off = 0;
    for (ds_placed *p = r->placed; w.pos < w.end; p++) {
        ds_vocab_entry e;
        st = step(&w, &p->type, err);
        if (st == DS_OK)
            st = ix_entry(w.ix, p->type, &e, err);
        if (st != DS_OK)
            return st;
        *p = (ds_placed){(uint32_t)off, (uint32_t)(off + e.word.n), p->type, e.pos, ix_class(e.cls),
                         ix_entity(e.cls)};
        off += e.word.n;
    }
    if (off != ix_doc_of(w.ix, at.doc).bytes)
        return wrong_length(w.ix, err);
    *out = r->placed;
    *n = count;
    return DS_OK;
}

ds_status ds_reader_text(ds_reader *r, ds_place at, ds_buf *out, ds_error *err)
{
    enum { WORD = 16 }; /* words are copied in pieces of this size, whatever their length */
    walk w;
    ds_status st = start_walk(r, at, &w, err);
    if (st != DS_OK)
        return st;
    size_t bytes = ix_doc_of(w.ix, at.doc).bytes, n = 0;
    if (bytes > ix_text_bytes(w.ix))
        return wrong_length(w.ix, err);
    if (!ds_buf_reserve(out, bytes + WORD))
        return ds_fail_nomem(err);
    char *to = out->p + out->n;
    while (w.pos < w.end) {
        uint32_t type;
        ds_str word;
        st = step(&w, &type, err);
        if (st == DS_OK)
            st = ix_word(w.ix, type, &word, err);
        if (st != DS_OK)
            return st;
        if (word.n > bytes - n)
            return wrong_length(w.ix, err);
        if (word.n <= WORD)
            memcpy(to + n, word.p, WORD); /* vocab.h: a word has so many bytes behind it */
        else
            memcpy(to + n, word.p, word.n);
        n += word.n;
    }
    if (n != bytes)
        return wrong_length(w.ix, err);
    out->n += n;
    return DS_OK;
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
            ds_str word;
            st = ix_word(ix, types[at - from], &word, err);
            sum += (uint32_t)word.n;
        }
        if (st != DS_OK)
            return st;
    }
    *off = sum;
    return DS_OK;
}

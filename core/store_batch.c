/*
 * store_batch.c - articles that are cut away from their store, by any thread, and taken in by its writer; see store.h.
 *
 * A batch is a segment that is being made, with types of its own; the writer finds the number of each type once and then only
 * translates numbers.  Types are asked for in the order of the tokens, so that the store gets the bytes that it would
 * have without batches.
 */
#include <string.h>

#include "store_writer.h"

struct ds_batch {
    ds_alloc alloc;
    st_cutter cutter;
    st_pending *pending;
};

ds_status ds_batch_new(const ds_alloc *a, const ds_segmenter *segmenter, ds_batch **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_batch *b = ds_calloc(a, 1, sizeof *b);
    if (b == NULL)
        return ds_fail_nomem(err);
    b->alloc = *a;
    ds_status st = st_cutter_init(&b->cutter, &b->alloc, segmenter, err);
    if (st == DS_OK)
        st = st_pending_new(&b->alloc, &b->pending, err);
    if (st != DS_OK) {
        ds_batch_free(b);
        return st;
    }
    *out = b;
    return DS_OK;
}

void ds_batch_free(ds_batch *b)
{
    if (b == NULL)
        return;
    st_pending_free(b->pending);
    st_cutter_clear(&b->cutter);
    ds_alloc a = b->alloc;
    ds_mfree(&a, b, sizeof *b);
}

ds_status ds_batch_add(ds_batch *b, const ds_article *article, ds_error *err)
{
    return st_cut(&b->cutter, b->pending, article, err);
}

/* ------------------------------------------------------------------ as bytes */

enum { COUNTS = 11 };

/* The arrays of a batch in the order in which they are packed, each with room up to the next multiple of 8. */
typedef struct part {
    const void *p;
    size_t count, size;
} part;

static void list_parts(const st_pending *p, part out[COUNTS])
{
    const part list[COUNTS] = {
        {p->docs, p->doc_count, sizeof *p->docs}, {p->types, p->type_count, sizeof *p->types},
        {p->tokens, p->token_count, sizeof *p->tokens}, {p->unit[0].items, p->unit[0].count, sizeof(uint32_t)},
        {p->unit[1].items, p->unit[1].count, sizeof(uint32_t)}, {p->words.p, p->words.n, 1}, {p->rows.p, p->rows.n, 1},
        {p->pos_names.p, p->pos_names.n, 1}, {p->lemmas.p, p->lemmas.n, 1}, {NULL, p->pos_count, 0},
        {NULL, p->lemma_count, 0},
    };
    memcpy(out, list, sizeof list);
}

static size_t padding(size_t n)
{
    return (8 - n % 8) % 8;
}

size_t ds_batch_bytes(const ds_batch *b)
{
    part list[COUNTS];
    size_t n = 0;
    list_parts(b->pending, list);
    for (size_t i = 0; i < COUNTS; i++)
        n += list[i].count * list[i].size;
    return n;
}

ds_status ds_batch_take(ds_batch *b, ds_buf *out, ds_error *err)
{
    static const char zeros[8] = {0};
    part list[COUNTS];
    list_parts(b->pending, list);
    for (size_t i = 0; i < COUNTS; i++)
        ds_buf_u64(out, list[i].count);
    for (size_t i = 0; i < COUNTS; i++) {
        size_t n = list[i].count * list[i].size;
        if (n > 0)
            ds_buf_put(out, list[i].p, n);
        ds_buf_put(out, zeros, padding(n));
    }
    if (out->status != DS_OK)
        return ds_fail_nomem(err);
    st_pending_reset(b->pending);
    st_cutter_reset(&b->cutter);
    return DS_OK;
}

/* ------------------------------------------------------------------ in the writer */

static ds_status malformed(ds_error *err)
{
    return ds_fail(err, DS_EFORMAT, 0, 0, "not a batch of this process");
}

void st_batch_clear(st_batch *b, const ds_alloc *a)
{
    ds_buf_clear(&b->bytes);
    ds_mfree(a, b->pos, b->pos_count * sizeof *b->pos);
    ds_mfree(a, b->lemmas, b->lemma_count * sizeof *b->lemmas);
    ds_mfree(a, b->map, b->map_cap * sizeof *b->map);
    *b = (st_batch){.bytes = {.alloc = b->bytes.alloc}};
}

/* Finds `count` names, each ended by NUL, in `s`. */
static ds_status open_names(const ds_alloc *a, ds_str s, size_t count, ds_str **out, size_t *out_count, ds_error *err)
{
    ds_mfree(a, *out, *out_count * sizeof **out);
    *out = NULL;
    *out_count = 0;
    if (count == 0)
        return DS_OK;
    *out = ds_calloc(a, count, sizeof **out);
    if (*out == NULL)
        return ds_fail_nomem(err);
    *out_count = count;
    const char *p = s.p, *end = s.p + s.n;
    for (size_t i = 0; i < count; i++) {
        const char *stop = p < end ? memchr(p, '\0', (size_t)(end - p)) : NULL;
        if (stop == NULL)
            return malformed(err);
        (*out)[i] = (ds_str){p, (size_t)(stop - p)};
        p = stop + 1;
    }
    return DS_OK;
}

/* Whether what items say of others is within bounds. */
static bool is_sound(const st_batch *b)
{
    for (size_t i = 0; i < b->doc_count; i++) {
        const st_doc *d = &b->docs[i];
        size_t end = i + 1 < b->doc_count ? b->docs[i + 1].beg : b->token_count;
        if (d->beg >= end || end > b->token_count || d->row_at > b->rows.n || d->row_len > b->rows.n - d->row_at)
            return false;
    }
    for (size_t i = 1; i < b->type_count; i++) {
        const st_type *t = &b->types[i];
        if (t->at > b->words.n || t->len > b->words.n - t->at || t->pos >= b->pos_count ||
            (t->lemma >= DS_LEMMA_FIRST && t->lemma - DS_LEMMA_FIRST >= b->lemma_count))
            return false;
    }
    for (size_t i = 0; i < b->token_count; i++)
        if (b->tokens[i] >= b->type_count)
            return false;
    return true;
}

ds_status ds_writer_batch(ds_writer *w, ds_str bytes, size_t *docs, ds_error *err)
{
    st_batch *b = &w->batch;
    size_t count[COUNTS], at = COUNTS * 8;
    const char *begin[COUNTS];
    static const size_t sizes[COUNTS] = {sizeof(st_doc), sizeof(st_type), 4, 4, 4, 1, 1, 1, 1, 0, 0};
    *docs = 0;
    b->doc_count = 0;
    ds_buf_reset(&b->bytes);
    ds_buf_put(&b->bytes, bytes.p, bytes.n); /* a copy, so that arrays lie as they must */
    if (b->bytes.status != DS_OK)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < COUNTS && bytes.n >= COUNTS * 8; i++) {
        count[i] = ds_load64(b->bytes.p + 8 * i);
        begin[i] = b->bytes.p + at;
        if (at > bytes.n || (sizes[i] > 0 && count[i] > (bytes.n - at) / sizes[i]))
            return malformed(err);
        at += count[i] * sizes[i];
        at += padding(at);
    }
    if (bytes.n < COUNTS * 8 || at != bytes.n || count[9] > count[7] || count[10] > count[8])
        return malformed(err);
    b->docs = (const st_doc *)(const void *)begin[0];
    b->types = (const st_type *)(const void *)begin[1];
    b->tokens = (const uint32_t *)(const void *)begin[2];
    for (int i = 0; i < 2; i++) {
        b->unit[i] = (const uint32_t *)(const void *)begin[3 + i];
        b->unit_count[i] = count[3 + i];
    }
    b->type_count = count[1];
    b->token_count = count[2];
    b->words = (ds_str){begin[5], count[5]};
    b->rows = (ds_str){begin[6], count[6]};
    ds_status st = open_names(&w->alloc, (ds_str){begin[7], count[7]}, count[9], &b->pos, &b->pos_count, err);
    if (st == DS_OK)
        st = open_names(&w->alloc, (ds_str){begin[8], count[8]}, count[10], &b->lemmas, &b->lemma_count, err);
    if (st == DS_OK && ds_grow(&w->alloc, (void **)&b->map, &b->map_cap, count[1] + 1, sizeof *b->map) != DS_OK)
        st = ds_fail_nomem(err);
    if (st != DS_OK)
        return st;
    b->doc_count = count[0];
    if (!is_sound(b)) {
        b->doc_count = 0;
        return malformed(err);
    }
    memset(b->map, 0, b->map_cap * sizeof *b->map);
    b->flushes = w->flushes;
    *docs = count[0];
    return DS_OK;
}

/* Tokens of article i, the one that ends it left out. */
static size_t tokens_end(const st_batch *b, size_t i)
{
    return (i + 1 < b->doc_count ? b->docs[i + 1].beg : b->token_count) - 1;
}

ds_article ds_writer_batch_article(const ds_writer *w, size_t i)
{
    const st_doc *d = &w->batch.docs[i];
    ds_article a = {.text = {"", d->bytes}, .row = {w->batch.rows.p + d->row_at, d->row_len}, .date = d->date,
                    .hash = d->hash};
    a.id = ds_fields_find(a.row, "id");
    return a;
}

void ds_writer_batch_text(const ds_writer *w, size_t i, ds_buf *out)
{
    const st_batch *b = &w->batch;
    for (size_t k = b->docs[i].beg; k < tokens_end(b, i); k++) {
        const st_type *t = &b->types[b->tokens[k]];
        ds_buf_put(out, b->words.p + t->at, t->len);
    }
}

/* The segment's number of the batch's type. */
static ds_status map_type(ds_writer *w, uint32_t type, ds_error *err)
{
    const st_type *t = &w->batch.types[type];
    ds_str word = {w->batch.words.p + t->at, t->len};
    uint16_t pos;
    uint32_t lemma = t->lemma;
    ds_status st = st_pending_pos(w->pending, w->batch.pos[t->pos], &pos, err);
    if (st == DS_OK && lemma >= DS_LEMMA_FIRST)
        st = st_pending_lemma(w->pending, w->batch.lemmas[lemma - DS_LEMMA_FIRST], word, &lemma, err);
    if (st == DS_OK)
        st = st_pending_type(w->pending, &(ds_vocab_entry){word, lemma, pos, t->cls}, &w->batch.map[type], err);
    return st;
}

/* How many of the positions lie before `pos`. */
static size_t units_before(const st_batch *b, ds_unit unit, size_t pos)
{
    size_t lo = 0, hi = b->unit_count[unit];
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (b->unit[unit][mid] < pos)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static ds_status put_units(ds_writer *w, ds_unit unit, size_t i, ds_error *err)
{
    const st_batch *b = &w->batch;
    size_t first = units_before(b, unit, b->docs[i].beg), end = units_before(b, unit, tokens_end(b, i));
    return st_pending_starts(w->pending, unit, b->unit[unit] + first, end - first, b->docs[i].beg, err);
}

static ds_status put_article(ds_writer *w, size_t i, const ds_article *a, ds_error *err)
{
    st_batch *b = &w->batch;
    if (b->flushes != w->flushes)
        memset(b->map, 0, b->map_cap * sizeof *b->map);
    b->flushes = w->flushes;
    ds_status st = st_pending_begin(w->pending, a, err);
    if (st != DS_OK)
        return st;
    for (size_t k = b->docs[i].beg, end = tokens_end(b, i); st == DS_OK && k < end; k++) {
        uint32_t type = b->tokens[k];
        if (b->map[type] == DS_TYPE_END)
            st = map_type(w, type, err);
        if (st == DS_OK)
            st = st_pending_put(w->pending, b->map[type], err);
    }
    if (st == DS_OK)
        st = put_units(w, DS_UNIT_SENTENCE, i, err);
    if (st == DS_OK)
        st = put_units(w, DS_UNIT_PARAGRAPH, i, err);
    if (st == DS_OK)
        st = st_pending_end(w->pending, err);
    if (st != DS_OK)
        st_pending_undo(w->pending);
    return st;
}

ds_status ds_writer_batch_add(ds_writer *w, size_t i, const ds_article *article, ds_error *err)
{
    return i < w->batch.doc_count ? st_writer_put(w, article, put_article, i, err) :
                                    ds_fail(err, DS_EINVAL, 0, 0, "the batch has %zu articles", w->batch.doc_count);
}

/*
 * store_segment.c - writes a segment: numbers the types by frequency, then blocks of text, vocabulary, postings and tables,
 * one section after the other, the directory last.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store_pending.h"

/* A small segment is packed in large blocks, which are smaller on the disk; a large one in small blocks, of which a hit
 * in the middle unpacks one. */
enum { SMALL_BLOCK = 4096 };

/* ------------------------------------------------------------------ the file */

enum { SINK_BYTES = 1 << 20 };

ds_status st_sink_flush(st_sink *s, ds_error *err)
{
    for (size_t at = 0; at < s->buf.n;) {
        ssize_t n = pwrite(s->fd, s->buf.p + at, s->buf.n - at, (off_t)(s->off + at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return st_fail_io(err, "writing");
        at += (size_t)n;
    }
    s->off += s->buf.n;
    ds_buf_reset(&s->buf);
    return DS_OK;
}

ds_status st_sink_put(st_sink *s, ds_str bytes, ds_error *err)
{
    ds_buf_put(&s->buf, bytes.p, bytes.n);
    if (s->buf.status != DS_OK)
        return ds_fail_nomem(err);
    return s->buf.n >= SINK_BYTES ? st_sink_flush(s, err) : DS_OK;
}

uint64_t st_sink_at(const st_sink *s)
{
    return s->off + s->buf.n;
}

/* ------------------------------------------------------------------ the order of the types */

/* The work on one segment. */
typedef struct job {
    st_pending *p;
    ds_codec *codec;
    st_sink *sink;
    ds_error *err;
    uint32_t *order;       /* types by number: [0] is DS_TYPE_END */
    uint32_t *rank;        /* number of each type of `p` */
    uint32_t types;        /* how many there are with tokens */
    uint32_t block;        /* tokens of a block */
    ds_buf vital[IX_VITALS]; /* what COPY will hold */
    unsigned char codes[IX_BLOCK_BYTES];
    ix_section section[IX_SECTIONS];
    ds_buf scratch;
} job;

/* Frequent types first; among those as frequent by part of speech, then by word: neighbours are alike. */
static bool comes_before(const st_pending *p, uint32_t a, uint32_t b)
{
    const st_type *x = &p->types[a], *y = &p->types[b];
    if (x->count != y->count)
        return x->count > y->count;
    if (x->pos != y->pos)
        return x->pos < y->pos;
    if (x->cls != y->cls)
        return x->cls < y->cls;
    int c = ds_str_cmp((ds_str){p->words.p + x->at, x->len}, (ds_str){p->words.p + y->at, y->len});
    return c != 0 ? c < 0 : x->lemma < y->lemma;
}

static void merge(const st_pending *p, const uint32_t *from, uint32_t *to, size_t beg, size_t mid, size_t end)
{
    size_t i = beg, k = mid;
    for (size_t at = beg; at < end; at++)
        to[at] = k >= end || (i < mid && !comes_before(p, from[k], from[i])) ? from[i++] : from[k++];
}

/* Sorts v[0..n), w is as long; returns whichever holds the result. */
static uint32_t *merge_sort(const st_pending *p, uint32_t *v, uint32_t *w, size_t n)
{
    for (size_t step = 1; step < n; step *= 2) {
        for (size_t i = 0; i < n; i += 2 * step) {
            size_t mid = i + step < n ? i + step : n, end = i + 2 * step < n ? i + 2 * step : n;
            merge(p, v, w, i, mid, end);
        }
        uint32_t *t = v;
        v = w;
        w = t;
    }
    return v;
}

static ds_status number_types(job *j)
{
    st_pending *p = j->p;
    size_t n = p->type_count;
    j->order = ds_malloc(&p->alloc, n * sizeof *j->order);
    j->rank = ds_calloc(&p->alloc, n, sizeof *j->rank);
    uint32_t *other = ds_malloc(&p->alloc, n * sizeof *other);
    if (j->order == NULL || j->rank == NULL || other == NULL) {
        ds_mfree(&p->alloc, other, n * sizeof *other);
        return ds_fail_nomem(j->err);
    }
    j->types = 1;
    for (uint32_t i = 1; i < n; i++)
        if (p->types[i].count > 0)
            j->order[j->types++] = i;
    uint32_t *sorted = merge_sort(p, j->order + 1, other + 1, j->types - 1);
    if (sorted != j->order + 1)
        memcpy(j->order + 1, sorted, (j->types - 1) * sizeof *sorted);
    j->order[0] = DS_TYPE_END;
    ds_mfree(&p->alloc, other, n * sizeof *other);
    for (uint32_t i = 0; i < j->types; i++)
        j->rank[j->order[i]] = i;
    return DS_OK;
}

/* ------------------------------------------------------------------ sections */

static ds_status put(job *j, unsigned section, ds_str bytes)
{
    static const unsigned vital[IX_VITALS] = IX_VITAL;
    ix_section *s = &j->section[section];
    if (s->bytes.n == 0)
        s->off = st_sink_at(j->sink);
    for (size_t i = 0; i < IX_VITALS; i++)
        if (vital[i] == section)
            ds_buf_put(&j->vital[i], bytes.p, bytes.n);
    s->crc = ds_crc32(s->crc, bytes.p, bytes.n);
    s->bytes.n += bytes.n;
    return st_sink_put(j->sink, bytes, j->err);
}

/* A section that is made whole in memory. */
static ds_status put_whole(job *j, unsigned section, const ds_buf *b)
{
    if (b->status != DS_OK)
        return ds_fail_nomem(j->err);
    j->section[section].off = st_sink_at(j->sink);
    return put(j, section, ds_buf_str(b));
}

static ds_status write_block(job *j, const uint32_t *tokens, size_t n, ds_buf *packed, ds_buf *table)
{
    size_t at = 0;
    unsigned char *codes = j->codes;
    uint64_t text = 0;
    for (size_t i = 0; i < n; i++) {
        at += ds_wordcode_put(codes + at, j->rank[tokens[i]]);
        text += j->p->types[tokens[i]].len;
    }
    ds_buf_reset(packed);
    ds_status st = ds_deflate(j->codec, (ds_str){(const char *)codes, at}, packed, j->err);
    if (st != DS_OK)
        return st;
    ds_buf_u32(table, (uint32_t)packed->n);
    ds_buf_u32(table, ds_crc32(0, packed->p, packed->n));
    ds_buf_u32(table, (uint32_t)text);
    return put(j, IX_BLOCKS, ds_buf_str(packed));
}

static ds_status write_blocks(job *j)
{
    const st_pending *p = j->p;
    ds_buf packed, table;
    ds_buf_init(&packed, &p->alloc);
    ds_buf_init(&table, &p->alloc);
    ds_status st = put(j, IX_BLOCKS, (ds_str){"", 0});
    for (size_t i = 0; st == DS_OK && i < p->token_count; i += j->block) {
        size_t left = p->token_count - i;
        st = write_block(j, p->tokens + i, left < j->block ? left : j->block, &packed, &table);
    }
    if (st == DS_OK)
        st = put_whole(j, IX_BLOCK_TABLE, &table);
    ds_buf_clear(&packed);
    ds_buf_clear(&table);
    return st;
}

static ds_status write_vocabulary(job *j)
{
    const st_pending *p = j->p;
    size_t bytes = j->types * sizeof(ds_vocab_entry);
    ds_vocab_entry *entries = ds_malloc(&p->alloc, bytes);
    ds_buf chars, table, chunks;
    ds_buf_init(&chars, &p->alloc);
    ds_buf_init(&table, &p->alloc);
    ds_buf_init(&chunks, &p->alloc);
    for (uint32_t i = 0; entries != NULL && i < j->types; i++) {
        const st_type *t = &p->types[j->order[i]];
        entries[i] = (ds_vocab_entry){{t->len > 0 ? p->words.p + t->at : "", t->len}, t->lemma, t->pos, t->cls};
    }
    ds_status st = entries == NULL ? ds_fail_nomem(j->err) :
                   ds_vocab_pack(j->codec, entries, j->types, &chars, &table, &chunks, j->err);
    if (st == DS_OK)
        st = put_whole(j, IX_CHARS, &chars);
    if (st == DS_OK)
        st = put_whole(j, IX_VOCAB_TABLE, &table);
    if (st == DS_OK)
        st = put_whole(j, IX_VOCAB, &chunks);
    ds_mfree(&p->alloc, entries, bytes);
    ds_buf_clear(&chars);
    ds_buf_clear(&table);
    ds_buf_clear(&chunks);
    return st;
}

static ds_status write_names(job *j)
{
    ds_status st = put_whole(j, IX_POS, &j->p->pos_names);
    ds_buf_reset(&j->scratch);
    if (st == DS_OK && j->p->lemma_count > 0) {
        ds_buf_u32(&j->scratch, (uint32_t)j->p->lemma_count);
        ds_buf_u32(&j->scratch, (uint32_t)j->p->lemmas.n);
        st = ds_deflate(j->codec, ds_buf_str(&j->p->lemmas), &j->scratch, j->err);
    }
    return st == DS_OK ? put_whole(j, IX_LEMMAS, &j->scratch) : st;
}

/* ------------------------------------------------------------------ postings */

/* All positions, those of type number i from at[i] on.  DS_TYPE_END has none. */
static void collect_positions(const job *j, uint32_t *at, uint32_t *positions)
{
    const st_pending *p = j->p;
    at[0] = at[1] = 0;
    for (uint32_t i = 1; i < j->types; i++)
        at[i + 1] = at[i] + p->types[j->order[i]].count;
    for (uint32_t i = 0; i < p->token_count; i++) {
        uint32_t r = j->rank[p->tokens[i]];
        if (r != 0)
            positions[at[r]++] = i;
    }
    for (uint32_t i = j->types; i > 1; i--)
        at[i] = at[i - 1];
    at[1] = 0;
}

static ds_status write_lists(job *j, const uint32_t *at, const uint32_t *positions, uint32_t frequent, ds_buf *lengths)
{
    ds_buf list;
    ds_buf_init(&list, &j->p->alloc);
    ds_status st = put(j, IX_LISTS, (ds_str){"", 0});
    for (uint32_t i = 1; st == DS_OK && i <= frequent; i++) {
        ds_buf_reset(&list);
        ds_postings_pack(&list, positions + at[i], at[i + 1] - at[i]);
        st = list.status == DS_OK ? put(j, IX_LISTS, ds_buf_str(&list)) : ds_fail_nomem(j->err);
        ds_buf_varint(lengths, list.n);
    }
    ds_buf_clear(&list);
    return st;
}

static ds_status write_rare(job *j, const uint32_t *at, const uint32_t *positions, uint32_t frequent, unsigned width)
{
    ds_buf_reset(&j->scratch);
    ds_bits bits = {.out = &j->scratch};
    for (uint32_t i = at[frequent + 1]; i < at[j->types]; i++)
        ds_bits_put(&bits, positions[i], width);
    ds_bits_end(&bits);
    return put_whole(j, IX_RARE, &j->scratch);
}

static ds_status write_counts(job *j, const uint32_t *at, uint32_t frequent, unsigned width, const ds_buf *lengths)
{
    ds_buf raw;
    ds_buf_init(&raw, &j->p->alloc);
    uint32_t with[DS_POSTINGS_RARE + 1] = {0};
    for (uint32_t i = frequent + 1; i < j->types; i++)
        with[at[i + 1] - at[i]]++;
    ds_buf_varint(&raw, width);
    ds_buf_varint(&raw, frequent);
    for (int c = DS_POSTINGS_RARE; c >= 1; c--)
        ds_buf_varint(&raw, with[c]);
    for (uint32_t i = 1, before = 0; i <= frequent; i++) {
        uint32_t count = at[i + 1] - at[i];
        ds_buf_varint(&raw, i == 1 ? count : before - count);
        before = count;
    }
    ds_buf_put(&raw, lengths->p, lengths->n);
    ds_buf_reset(&j->scratch);
    ds_buf_u32(&j->scratch, (uint32_t)raw.n);
    ds_status st = raw.status != DS_OK || lengths->status != DS_OK ? ds_fail_nomem(j->err) :
                   ds_deflate(j->codec, ds_buf_str(&raw), &j->scratch, j->err);
    ds_buf_clear(&raw);
    return st == DS_OK ? put_whole(j, IX_COUNTS, &j->scratch) : st;
}

static ds_status write_postings(job *j)
{
    const st_pending *p = j->p;
    size_t at_bytes = ((size_t)j->types + 1) * sizeof(uint32_t), bytes = (p->token_count + 1) * sizeof(uint32_t);
    uint32_t *at = ds_malloc(&p->alloc, at_bytes), *positions = ds_malloc(&p->alloc, bytes), frequent = 0;
    ds_buf lengths;
    ds_buf_init(&lengths, &p->alloc);
    ds_status st = at == NULL || positions == NULL ? ds_fail_nomem(j->err) : DS_OK;
    if (st == DS_OK) {
        collect_positions(j, at, positions);
        while (frequent + 1 < j->types && at[frequent + 2] - at[frequent + 1] > DS_POSTINGS_RARE)
            frequent++;
        unsigned width = ds_bits_width((uint32_t)p->token_count);
        st = write_lists(j, at, positions, frequent, &lengths);
        if (st == DS_OK)
            st = write_rare(j, at, positions, frequent, width);
        if (st == DS_OK)
            st = write_counts(j, at, frequent, width, &lengths);
    }
    ds_buf_clear(&lengths);
    ds_mfree(&p->alloc, at, at_bytes);
    ds_mfree(&p->alloc, positions, bytes);
    return st;
}

/* ------------------------------------------------------------------ articles */

static ds_status write_docs(job *j)
{
    const st_pending *p = j->p;
    ds_buf_reset(&j->scratch);
    for (size_t i = 0; i < p->doc_count; i++) {
        ds_buf_u32(&j->scratch, p->docs[i].beg);
        ds_buf_u32(&j->scratch, p->docs[i].bytes);
        ds_buf_u32(&j->scratch, p->docs[i].date);
        ds_buf_u64(&j->scratch, p->docs[i].hash);
    }
    return put_whole(j, IX_DOCS, &j->scratch);
}

/* (hash of the id, number of the article), sorted: four passes of eight bits over the hash, stable. */
static ds_status write_ids(job *j)
{
    const st_pending *p = j->p;
    size_t n = p->doc_count, bytes = n * sizeof(uint32_t);
    uint32_t *v = ds_malloc(&p->alloc, bytes), *w = ds_malloc(&p->alloc, bytes);
    ds_buf_reset(&j->scratch);
    for (uint32_t i = 0; v != NULL && i < n; i++)
        v[i] = i;
    for (unsigned shift = 0; v != NULL && w != NULL && shift < 32; shift += 8) {
        size_t at[257] = {0};
        for (size_t i = 0; i < n; i++)
            at[(p->docs[i].id_hash >> shift & 255) + 1]++;
        for (size_t i = 1; i < 257; i++)
            at[i] += at[i - 1];
        for (size_t i = 0; i < n; i++)
            w[at[p->docs[v[i]].id_hash >> shift & 255]++] = v[i];
        uint32_t *t = v;
        v = w;
        w = t;
    }
    for (size_t i = 0; v != NULL && w != NULL && i < n; i++) {
        ds_buf_u32(&j->scratch, p->docs[v[i]].id_hash);
        ds_buf_u32(&j->scratch, v[i]);
    }
    bool good = v != NULL && w != NULL;
    ds_mfree(&p->alloc, v, bytes);
    ds_mfree(&p->alloc, w, bytes);
    return good ? put_whole(j, IX_IDS, &j->scratch) : ds_fail_nomem(j->err);
}

static ds_status write_row_piece(job *j, size_t from, size_t to, ds_buf *raw, ds_buf *table)
{
    const st_pending *p = j->p;
    ds_buf_reset(raw);
    for (size_t i = from; i < to; i++) {
        ds_buf_varint(raw, p->docs[i].row_len);
        ds_buf_put(raw, p->rows.p + p->docs[i].row_at, p->docs[i].row_len);
    }
    if (raw->status != DS_OK)
        return ds_fail_nomem(j->err);
    if (raw->n > IX_ROWS_MAX)
        return ds_fail(j->err, DS_ELIMIT, 0, 0, "the fields of some articles are larger than %d bytes", IX_ROWS_MAX);
    ds_buf_reset(&j->scratch);
    ds_status st = ds_deflate(j->codec, ds_buf_str(raw), &j->scratch, j->err);
    if (st != DS_OK)
        return st;
    ds_buf_u32(table, (uint32_t)j->scratch.n);
    ds_buf_u32(table, (uint32_t)raw->n);
    ds_buf_u32(table, ds_crc32(0, j->scratch.p, j->scratch.n));
    return put(j, IX_ROWS, ds_buf_str(&j->scratch));
}

static ds_status write_rows(job *j)
{
    const st_pending *p = j->p;
    ds_buf raw, table;
    ds_buf_init(&raw, &p->alloc);
    ds_buf_init(&table, &p->alloc);
    ds_status st = put(j, IX_ROWS, (ds_str){"", 0});
    for (size_t i = 0; st == DS_OK && i < p->doc_count; i += IX_ROWS_TOGETHER)
        st = write_row_piece(j, i, i + IX_ROWS_TOGETHER < p->doc_count ? i + IX_ROWS_TOGETHER : p->doc_count, &raw,
                             &table);
    if (st == DS_OK)
        st = put_whole(j, IX_ROW_TABLE, &table);
    ds_buf_clear(&raw);
    ds_buf_clear(&table);
    return st;
}

static ds_status write_units(job *j, unsigned section, const st_units *u)
{
    ds_buf_reset(&j->scratch);
    ds_buf_varint(&j->scratch, u->count);
    if (u->count > 0)
        ds_postings_pack(&j->scratch, u->items, u->count);
    return put_whole(j, section, &j->scratch);
}

static ds_status write_copies(job *j)
{
    ds_status st = put(j, IX_COPIES, (ds_str){"", 0});
    for (size_t i = 0; st == DS_OK && i < IX_VITALS; i++)
        st = j->vital[i].status == DS_OK ? put(j, IX_COPIES, ds_buf_str(&j->vital[i])) : ds_fail_nomem(j->err);
    return st;
}

static ds_status write_directory(job *j, st_segment *out)
{
    const st_pending *p = j->p;
    uint64_t text = 0;
    for (size_t i = 0; i < p->doc_count; i++)
        text += p->docs[i].bytes;
    ds_buf_reset(&j->scratch);
    ds_buf_put(&j->scratch, IX_MAGIC, 8);
    ds_buf_u32(&j->scratch, IX_VERSION);
    ds_buf_u32(&j->scratch, IX_SECTIONS);
    ds_buf_u32(&j->scratch, (uint32_t)p->doc_count);
    ds_buf_u32(&j->scratch, j->types);
    ds_buf_u32(&j->scratch, (uint32_t)p->token_count);
    ds_buf_u32(&j->scratch, j->block);
    ds_buf_u64(&j->scratch, text);
    for (size_t i = 0; i < IX_SECTIONS; i++) {
        ds_buf_put(&j->scratch, &IX_SECTION_IDS[4 * i], 4);
        ds_buf_u32(&j->scratch, j->section[i].crc);
        ds_buf_u64(&j->scratch, j->section[i].off);
        ds_buf_u64(&j->scratch, j->section[i].bytes.n);
    }
    ds_buf_u32(&j->scratch, ds_crc32(0, j->scratch.p, j->scratch.n));
    if (j->scratch.status != DS_OK)
        return ds_fail_nomem(j->err);
    out->dir = st_sink_at(j->sink);
    out->docs = (uint32_t)p->doc_count;
    out->dir_crc = ds_crc32(0, j->scratch.p, j->scratch.n);
    out->deleted = NULL;
    ds_status st = st_sink_put(j->sink, ds_buf_str(&j->scratch), j->err);
    return st == DS_OK ? st_sink_put(j->sink, ds_buf_str(&j->scratch), j->err) : st; /* twice: see index_int.h */
}

static ds_status write_sections(job *j, st_segment *out)
{
    static ds_status (*const steps[])(job *) = {
        number_types, write_blocks, write_vocabulary, write_names, write_postings, write_docs, write_ids, write_rows,
    };
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < sizeof steps / sizeof *steps; i++)
        st = steps[i](j);
    if (st == DS_OK)
        st = write_units(j, IX_SENTENCES, &j->p->unit[DS_UNIT_SENTENCE]);
    if (st == DS_OK)
        st = write_units(j, IX_PARAGRAPHS, &j->p->unit[DS_UNIT_PARAGRAPH]);
    if (st == DS_OK)
        st = write_copies(j);
    return st == DS_OK ? write_directory(j, out) : st;
}

ds_status st_pending_write(st_pending *p, ds_codec *codec, st_sink *sink, st_segment *out, ds_error *err)
{
    job *j = ds_calloc(&p->alloc, 1, sizeof *j);
    if (j == NULL)
        return ds_fail_nomem(err);
    j->p = p;
    j->codec = codec;
    j->sink = sink;
    j->err = err;
    j->block = p->token_count < ST_FEW_TOKENS ? DS_FORWARD_BLOCK : SMALL_BLOCK;
    ds_buf_init(&j->scratch, &p->alloc);
    for (size_t i = 0; i < IX_VITALS; i++)
        ds_buf_init(&j->vital[i], &p->alloc);
    out->beg = st_sink_at(sink);
    ds_status st = write_sections(j, out);
    ds_buf_clear(&j->scratch);
    for (size_t i = 0; i < IX_VITALS; i++)
        ds_buf_clear(&j->vital[i]);
    ds_mfree(&p->alloc, j->order, p->type_count * sizeof *j->order);
    ds_mfree(&p->alloc, j->rank, p->type_count * sizeof *j->rank);
    ds_mfree(&p->alloc, j, sizeof *j);
    return st;
}

/* index.c - opening a segment and its articles; see index.h.  index_load.c has what queries need. */
#include "index_impl.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------ the directory */

static ds_status check_directory(ds_str dir, ds_error *err)
{
    if (memcmp(dir.p, IX_MAGIC, 8) != 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "a segment's directory is missing");
    if (ds_load32(dir.p + IX_DIRECTORY - 4) != ds_crc32(0, dir.p, IX_DIRECTORY - 4))
        return ds_fail(err, DS_EFORMAT, 0, 0, "a segment's directory is damaged (checksum)");
    if (ds_load32(dir.p + 8) != IX_VERSION)
        return ds_fail(err, DS_EFORMAT, 8, 0, "segment version %u is not %u", ds_load32(dir.p + 8), IX_VERSION);
    if (ds_load32(dir.p + 12) != IX_SECTIONS)
        return ds_fail(err, DS_EFORMAT, 12, 0, "a segment has %u sections, not %d", ds_load32(dir.p + 12), IX_SECTIONS);
    return DS_OK;
}

/* The directory at `at`, or its second copy. */
static ds_status find_directory(ds_str file, uint64_t at, ds_str *dir, ds_error *err)
{
    if (at > file.n || file.n - at < IX_DIRECTORIES)
        return ds_fail(err, DS_EFORMAT, at, 0, "a segment's directory is cut short");
    *dir = (ds_str){file.p + at, IX_DIRECTORY};
    ds_status st = check_directory(*dir, err);
    if (st == DS_OK)
        return DS_OK;
    if (err != NULL)
        err->off += at;
    dir->p += IX_DIRECTORY;
    return check_directory(*dir, NULL) == DS_OK ? DS_OK : st;
}

static ds_status read_sections(ds_index *ix, ds_str file, ds_str dir, ds_error *err)
{
    for (size_t i = 0; i < IX_SECTIONS; i++) {
        const char *e = dir.p + IX_HEAD + i * IX_ENTRY;
        uint64_t off = ds_load64(e + 8), len = ds_load64(e + 16);
        bool good = memcmp(e, &IX_SECTION_IDS[4 * i], 4) == 0;
#ifndef DS_PLANT_STORE /* without this check: a bug that fuzzing must find, `make fuzz` */
        good = good && off <= file.n && len <= file.n - off;
#endif
        if (!good)
            return ds_fail(err, DS_EFORMAT, (uint64_t)(e - file.p), 0, "segment section %zu lies outside the file", i);
        ix->section[i] = (ix_section){off, ds_load32(e + 4), {file.p + off, (size_t)len}};
    }
    return DS_OK;
}

/* The sizes that the directory's counts ask for. */
static ds_status check_sizes(const ds_index *ix, ds_error *err)
{
    size_t row_pieces = ix->docs / IX_ROWS_TOGETHER + (ix->docs % IX_ROWS_TOGETHER != 0);
    const struct { unsigned section; size_t size; } want[] = {
        {IX_BLOCK_TABLE, (size_t)ix->blocks * IX_BLOCK_ENTRY},
        {IX_DOCS, (size_t)ix->docs * IX_DOC},
        {IX_IDS, (size_t)ix->docs * IX_ID},
        {IX_ROW_TABLE, row_pieces * IX_ROW_ENTRY},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (ix->section[want[i].section].bytes.n != want[i].size)
            return ds_fail(err, DS_EFORMAT, ix->section[want[i].section].off, 0,
                           "segment section %.4s has %zu bytes, not %zu", &IX_SECTION_IDS[4 * want[i].section],
                           ix->section[want[i].section].bytes.n, want[i].size);
    if (ix->types == 0 || ix->types > DS_WORDCODE_LIMIT || ix->tokens < ix->docs || ix->tokens == DS_POS_NONE)
        return ds_fail(err, DS_EFORMAT, 0, 0, "a segment's counts contradict each other");
    return DS_OK;
}

ds_status ix_open(const ds_alloc *a, ds_str file, uint64_t at, const uint64_t *deleted, ds_index **out, ds_error *err)
{
    ds_str dir = {NULL, 0};
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_status st = find_directory(file, at, &dir, err);
    if (st != DS_OK)
        return st;
    ds_index *ix = ds_calloc(a, 1, sizeof *ix);
    if (ix == NULL)
        return ds_fail_nomem(err);
    ix->alloc = *a;
    ix->docs = ds_load32(dir.p + 16);
    ix->types = ds_load32(dir.p + 20);
    ix->tokens = ds_load32(dir.p + 24);
    ix->text_bytes = ds_load64(dir.p + 32);
    ix->block = ds_load32(dir.p + 28);
    ix->deleted = deleted;
    pthread_mutex_init(&ix->lock, NULL);
    st = ix->block > 0 && ix->block <= DS_FORWARD_BLOCK ? read_sections(ix, file, dir, err) :
         ds_fail(err, DS_EFORMAT, 28, 0, "blocks of %u tokens, of %d at most", ix->block, DS_FORWARD_BLOCK);
    if (st == DS_OK) {
        ix->blocks = ix->tokens / ix->block + (ix->tokens % ix->block != 0);
        st = check_sizes(ix, err);
    }
    if (st != DS_OK) {
        ix_close(ix);
        return st;
    }
    for (uint32_t i = 0; deleted != NULL && i < ix->docs; i++)
        ix->deletions += (uint32_t)(deleted[i / 64] >> i % 64 & 1);
    *out = ix;
    return DS_OK;
}

void ix_close(ds_index *ix)
{
    if (ix == NULL)
        return;
    const ds_alloc *a = &ix->alloc;
    ix_unload(ix);
    ix_unheal(ix);
    ds_vocab_free(ix->vocab);
    ds_mfree(a, ix->block_at, ((size_t)ix->blocks + 1) * sizeof *ix->block_at);
    ds_mfree(a, ix->bytes_before, ((size_t)ix->blocks + 1) * sizeof *ix->bytes_before);
    ds_mfree(a, ix->starts, ((size_t)ix->docs + 1) * sizeof *ix->starts);
    ds_mfree(a, ix->pos_name, ix->pos_names * sizeof *ix->pos_name);
    ds_mfree(a, ix->lemma_at, ((size_t)ix->lemmas + 1) * sizeof *ix->lemma_at);
    ds_mfree(a, ix->lemma_bytes, ix->lemma_size);
    pthread_mutex_destroy(&ix->lock);
    ds_alloc own = ix->alloc;
    ds_mfree(&own, ix, sizeof *ix);
}

const ix_section *ix_section_of(const ds_index *ix, unsigned section)
{
    return &ix->section[section];
}

bool ds_index_section(const ds_index *ix, size_t i, ds_section *out)
{
    if (i >= IX_SECTIONS)
        return false;
    *out = (ds_section){.off = ix->section[i].off, .bytes = ix->section[i].bytes.n};
    memcpy(out->name, &IX_SECTION_IDS[4 * i], 4);
    snprintf(out->crc, sizeof out->crc, "%08x", (unsigned)ix->section[i].crc);
    return true;
}

/* ------------------------------------------------------------------ what reading articles needs */

static ds_status open_blocks(ds_index *ix, ds_error *err)
{
    const char *table = ix->section[IX_BLOCK_TABLE].bytes.p;
    ix->block_at = ds_calloc(&ix->alloc, (size_t)ix->blocks + 1, sizeof *ix->block_at);
    ix->bytes_before = ds_calloc(&ix->alloc, (size_t)ix->blocks + 1, sizeof *ix->bytes_before);
    if (ix->block_at == NULL || ix->bytes_before == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 0; i < ix->blocks; i++) {
        ix->block_at[i + 1] = ix->block_at[i] + ds_load32(table + (size_t)i * IX_BLOCK_ENTRY);
        ix->bytes_before[i + 1] = ix->bytes_before[i] + ds_load32(table + (size_t)i * IX_BLOCK_ENTRY + 8);
    }
    if (ix->block_at[ix->blocks] != ix->section[IX_BLOCKS].bytes.n || ix->bytes_before[ix->blocks] != ix->text_bytes)
        return ds_fail(err, DS_EFORMAT, ix->section[IX_BLOCK_TABLE].off, 0, "a segment's table of blocks is damaged");
    return DS_OK;
}

/* Articles follow each other without a gap, an empty one has its DS_TYPE_END. */
static ds_status open_docs(ds_index *ix, ds_error *err)
{
    ix->starts = ds_calloc(&ix->alloc, (size_t)ix->docs + 1, sizeof *ix->starts);
    if (ix->starts == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 0; i < ix->docs; i++)
        ix->starts[i] = ix_doc_of(ix, i).beg;
    ix->starts[ix->docs] = ix->tokens;
    bool good = ix->docs == 0 ? ix->tokens == 0 : ix->starts[0] == 0;
    for (uint32_t i = 0; good && i < ix->docs; i++)
        good = ix->starts[i] < ix->starts[i + 1];
    return good ? DS_OK : ds_fail(err, DS_EFORMAT, ix->section[IX_DOCS].off, 0, "a segment's table of articles is damaged");
}

/* Names, each ended by NUL; number 0 is the empty name. */
static ds_status open_pos_names(ds_index *ix, ds_error *err)
{
    ds_str s = ix->section[IX_POS].bytes;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == '\0';
    if (s.n == 0 || s.p[s.n - 1] != '\0' || n > UINT16_MAX)
        return ds_fail(err, DS_EFORMAT, ix->section[IX_POS].off, 0, "a segment's parts of speech are damaged");
    ix->pos_name = ds_calloc(&ix->alloc, n, sizeof *ix->pos_name);
    if (ix->pos_name == NULL)
        return ds_fail_nomem(err);
    ix->pos_names = n;
    const char *p = s.p;
    for (size_t i = 0; i < n; i++) {
        ix->pos_name[i] = ds_str_of(p);
        p += ix->pos_name[i].n + 1;
    }
    return DS_OK;
}

/* Lemmas as they were given: their number, unpacked length, and the packed strings, each ended by NUL. */
static ds_status open_lemmas(ds_index *ix, ds_codec *codec, ds_error *err)
{
    const ix_section *s = &ix->section[IX_LEMMAS];
    if (s->bytes.n == 0)
        return DS_OK;
    if (s->bytes.n < 8 || ds_load32(s->bytes.p) > ds_load32(s->bytes.p + 4) || ds_load32(s->bytes.p + 4) > IX_ROWS_MAX)
        return ds_fail(err, DS_EFORMAT, s->off, 0, "a segment's lemmas are damaged");
    ix->lemmas = ds_load32(s->bytes.p);
    ix->lemma_size = (size_t)ds_load32(s->bytes.p + 4) + 1;
    ix->lemma_bytes = ds_malloc(&ix->alloc, ix->lemma_size);
    ix->lemma_at = ds_calloc(&ix->alloc, (size_t)ix->lemmas + 1, sizeof *ix->lemma_at);
    if (ix->lemma_bytes == NULL || ix->lemma_at == NULL)
        return ds_fail_nomem(err);
    size_t got;
    ds_status st = ds_inflate(codec, (ds_str){s->bytes.p + 8, s->bytes.n - 8}, ix->lemma_bytes, ix->lemma_size - 1, &got,
                              err);
    uint32_t k = 0;
    for (size_t i = 0; st == DS_OK && i < got && k < ix->lemmas; i++)
        if (ix->lemma_bytes[i] == '\0')
            ix->lemma_at[++k] = (uint32_t)(i + 1);
    if (st == DS_OK && k != ix->lemmas)
        st = ds_fail(err, DS_EFORMAT, s->off, 0, "a segment's lemmas are damaged");
    return st;
}

/* Takes the copy of each vital table that is damaged. */
static ds_status check_vital(ds_index *ix, ds_error *err)
{
    static const unsigned vital[IX_VITALS] = IX_VITAL;
    ds_str copies = ix->section[IX_COPIES].bytes;
    for (size_t i = 0; i < IX_VITALS; i++) {
        ix_section *s = &ix->section[vital[i]];
        size_t n = s->bytes.n;
        bool copied = n <= copies.n;
        if (ds_crc32(0, s->bytes.p, n) != s->crc) {
            if (!copied || ds_crc32(0, copies.p, n) != s->crc)
                return ds_fail(err, DS_EFORMAT, s->off, 0, "segment section %.4s and its copy are damaged",
                               &IX_SECTION_IDS[4 * vital[i]]);
            s->bytes.p = copies.p;
        }
        if (copied)
            copies = (ds_str){copies.p + n, copies.n - n};
    }
    return DS_OK;
}

static ds_status open_text(ds_index *ix, ds_error *err)
{
    ds_status st = check_vital(ix, err);
    if (st != DS_OK)
        return st;
    ds_vocab_sections s = {ix->section[IX_CHARS].bytes, ix->section[IX_VOCAB_TABLE].bytes, ix->section[IX_VOCAB].bytes};
    ds_codec *codec = NULL;
    st = ds_vocab_open(&ix->alloc, &s, ix->types, &ix->vocab, err);
    if (st == DS_OK)
        st = open_blocks(ix, err);
    if (st == DS_OK)
        st = open_docs(ix, err);
    if (st == DS_OK)
        st = open_pos_names(ix, err);
    if (st == DS_OK)
        st = ds_codec_new(&ix->alloc, 0, &codec, err);
    if (st == DS_OK)
        st = open_lemmas(ix, codec, err);
    ds_codec_free(codec);
    return st;
}

ds_status ix_once(ds_index *ix, ix_stage *stage, ds_status (*fn)(ds_index *ix, ds_error *err), ds_error *err)
{
    if (atomic_load_explicit(&stage->done, memory_order_acquire))
        return DS_OK;
    pthread_mutex_lock(&ix->lock);
    ds_status st = DS_OK;
    if (!atomic_load_explicit(&stage->done, memory_order_relaxed)) {
        if (stage->failed.status == DS_OK) {
            st = fn(ix, &stage->failed);
            if (st == DS_OK)
                atomic_store_explicit(&stage->done, true, memory_order_release);
            else
                stage->failed.status = st;
        }
        if (stage->failed.status != DS_OK) {
            st = stage->failed.status;
            if (err != NULL)
                *err = stage->failed;
        }
    }
    pthread_mutex_unlock(&ix->lock);
    return st;
}

ds_status ix_open_text(ds_index *ix, ds_error *err)
{
    return ix_once(ix, &ix->text, open_text, err);
}

/* ------------------------------------------------------------------ types */

ds_status ix_entry(const ds_index *ix, uint32_t id, ds_vocab_entry *out, ds_error *err)
{
    ds_status st = ds_vocab_get(ix->vocab, id, out, err);
    return st;
}

ds_str ix_pos_name(const ds_index *ix, uint16_t pos)
{
    return pos < ix->pos_names ? ix->pos_name[pos] : (ds_str){"", 0};
}

ds_status ix_type(ds_index *ix, uint32_t id, ds_type *out, ds_error *err)
{
    ds_vocab_entry e;
    static const ds_str none = {"", 0};
    *out = (ds_type){.word = none, .key = none, .pos = none, .lemma = none};
    ds_status st = ix_entry(ix, id, &e, err);
    if (st != DS_OK)
        return st;
    out->word = e.word;
    out->cls = ix_class(e.cls);
    out->entity = ix_entity(e.cls);
    out->pos = ix_pos_name(ix, e.pos);
    uint32_t k = e.lemma - DS_LEMMA_FIRST;
    if (e.lemma == DS_LEMMA_SAME)
        out->lemma = e.word;
    else if (e.lemma >= DS_LEMMA_FIRST && k < ix->lemmas)
        out->lemma = (ds_str){ix->lemma_bytes + ix->lemma_at[k], ix->lemma_at[k + 1] - 1 - ix->lemma_at[k]};
    return DS_OK;
}

ds_status ix_word(const ds_index *ix, uint32_t id, ds_str *word, ds_error *err)
{
    return ds_vocab_word(ix->vocab, id, word, err);
}

uint32_t ds_index_types(const ds_index *ix)
{
    return ix->types;
}

uint32_t ds_index_tokens(const ds_index *ix)
{
    return ix->tokens;
}

uint64_t ix_text_bytes(const ds_index *ix)
{
    return ix->text_bytes;
}

uint32_t ix_block(const ds_index *ix)
{
    return ix->block;
}

uint64_t ix_bytes_before(const ds_index *ix, uint32_t block)
{
    return ix->bytes_before[block <= ix->blocks ? block : ix->blocks];
}

/* ------------------------------------------------------------------ articles */

uint32_t ds_index_docs(const ds_index *ix)
{
    return ix->docs;
}

ix_doc ix_doc_of(const ds_index *ix, uint32_t doc)
{
    const char *p = ix->section[IX_DOCS].bytes.p + (size_t)doc * IX_DOC;
    return (ix_doc){ds_load32(p), ds_load32(p + 4), ds_load32(p + 8), ds_load64(p + 12)};
}

void ds_index_doc_range(const ds_index *ix, uint32_t doc, uint32_t *beg, uint32_t *end)
{
    *beg = *end = 0;
    if (doc >= ix->docs)
        return;
    *beg = ix->starts[doc];
    *end = ix->starts[doc + 1] - 1;
}

uint32_t ds_index_doc_at(const ds_index *ix, uint32_t pos)
{
    uint32_t lo = 0, hi = ix->docs;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (ix->starts[mid] <= pos)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

bool ds_index_deleted(const ds_index *ix, uint32_t doc)
{
    return ix->deleted != NULL && doc < ix->docs && (ix->deleted[doc / 64] >> doc % 64 & 1) != 0;
}

uint32_t ds_index_deletions(const ds_index *ix)
{
    return ix->deletions;
}

size_t ix_find_id(const ds_index *ix, uint32_t hash, uint32_t *docs, size_t cap)
{
    const char *table = ix->section[IX_IDS].bytes.p;
    uint32_t lo = 0, hi = ix->docs;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (ds_load32(table + (size_t)mid * IX_ID) < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t n = 0;
    for (; lo < ix->docs && n < cap && ds_load32(table + (size_t)lo * IX_ID) == hash; lo++) {
        uint32_t doc = ds_load32(table + (size_t)lo * IX_ID + 4);
        if (doc < ix->docs)
            docs[n++] = doc;
    }
    return n;
}

bool ix_row_in(ds_str piece, uint32_t doc, ds_str *row)
{
    const unsigned char *p = (const unsigned char *)piece.p, *end = p + piece.n;
    uint32_t k = doc % IX_ROWS_TOGETHER;
    for (uint32_t n;; p += n) {
        if (!ds_varint32(&p, end, &n) || n > (size_t)(end - p))
            return false;
        if (k-- == 0) {
            *row = (ds_str){(const char *)p, n};
            return true;
        }
    }
}

ds_status ix_row(ds_index *ix, ds_codec *codec, uint32_t doc, ds_buf *piece, ds_str *row, ds_error *err)
{
    *row = (ds_str){"", 0};
    const ix_section *table = &ix->section[IX_ROW_TABLE], *rows = &ix->section[IX_ROWS];
    uint32_t k = doc / IX_ROWS_TOGETHER;
    uint64_t at = 0;
    for (uint32_t i = 0; i < k; i++)
        at += ds_load32(table->bytes.p + (size_t)i * IX_ROW_ENTRY);
    const char *e = table->bytes.p + (size_t)k * IX_ROW_ENTRY;
    size_t len = ds_load32(e), raw = ds_load32(e + 4), got = 0;
    if (at > rows->bytes.n || len > rows->bytes.n - at || raw > IX_ROWS_MAX ||
        ds_crc32(0, rows->bytes.p + at, len) != ds_load32(e + 8))
        return ds_fail(err, DS_EFORMAT, rows->off + at, 0, "the fields of some articles are damaged (checksum)");
    ds_buf_reset(piece);
    if (!ds_buf_reserve(piece, raw + 1))
        return ds_fail_nomem(err);
    ds_status st = ds_inflate(codec, (ds_str){rows->bytes.p + at, len}, piece->p, raw, &got, err);
    piece->n = got;
    if (st == DS_OK && !ix_row_in(ds_buf_str(piece), doc, row))
        st = ds_fail(err, DS_EFORMAT, rows->off + at, 0, "the fields of some articles are damaged");
    return st;
}

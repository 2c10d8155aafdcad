/*
 * index_heal.c - puts right what damage has done to a segment, where the rest of the segment says what stood there; see
 * index_int.h.
 *
 * Pieces have checksums of their own.  A CRC is linear: what a wrong byte does to it depends on the byte's place and on the bits
 * that are wrong only, so a single wrong byte is found from the difference of the two checksums; where two bytes could be
 * it, none is.  And the text stands in a segment twice, as tokens in a row and as positions of each type: a block of text that
 * is damaged, however much, is made anew from the postings where these are whole.
 */
#include "index_impl.h"

#include <string.h>

/* ------------------------------------------------------------------ one wrong byte */

enum { FEW = 1 << 16 }; /* bytes of a piece; in a longer one, chance finds wrong bytes too often */

bool ix_find_byte(ds_str s, uint32_t crc, size_t *at, unsigned char *mask)
{
    uint32_t table[256], c = crc ^ ds_crc32(0, s.p, s.n);
    unsigned char by_top[256], found = 0;
    if (c == 0 || s.n > FEW)
        return false;
    for (unsigned i = 0; i < 256; i++) {
        unsigned char byte = (unsigned char)i, zero = 0;
        table[i] = ds_crc32(0, &byte, 1) ^ ds_crc32(0, &zero, 1);
        by_top[table[i] >> 24] = byte;
    }
    for (size_t k = s.n; k-- > 0;) { /* c: what the difference was behind byte k */
        unsigned char j = by_top[c >> 24];
        if (c == table[j] && j != 0) {
            *at = k;
            *mask = j;
            if (++found > 1)
                return false;
        }
        c = (c ^ table[j]) << 8 | j;
    }
    return found == 1;
}

/* The section's bytes as memory of our own, which may be changed. */
static char *own_bytes(ds_index *ix, unsigned section)
{
    ix_section *s = &ix->section[section];
    if (ix->healed == NULL)
        ix->healed = ds_calloc(&ix->alloc, IX_SECTIONS, sizeof *ix->healed);
    if (ix->healed == NULL)
        return NULL;
    ds_buf *b = &ix->healed[section];
    if (b->alloc == NULL) {
        ds_buf_init(b, &ix->alloc);
        ds_buf_put(b, s->bytes.p, s->bytes.n);
        if (b->status != DS_OK)
            return NULL;
        s->bytes = ds_buf_str(b);
    }
    return b->p;
}

/* Mends the piece [at, at + n) of a section; *good: whether it is whole now. */
static ds_status mend_piece(ds_index *ix, unsigned section, uint64_t at, size_t n, uint32_t crc, bool *good, ds_error *err)
{
    ds_str piece = {ix->section[section].bytes.p + at, n};
    size_t where;
    unsigned char mask;
    *good = ds_crc32(0, piece.p, n) == crc;
    if (*good || !ix_find_byte(piece, crc, &where, &mask))
        return DS_OK;
    char *p = own_bytes(ix, section);
    if (p == NULL)
        return ds_fail_nomem(err);
    p[at + where] = (char)(p[at + where] ^ mask);
    *good = true;
    return DS_OK;
}

/* A table of pieces: entries of `size` bytes from byte `head` on, the length first, the checksum at byte `crc`. */
static ds_status mend_pieces(ds_index *ix, unsigned section, unsigned table, size_t head, size_t size, size_t crc,
                             ds_error *err)
{
    uint64_t at = 0;
    for (size_t i = 0; head + (i + 1) * size <= ix->section[table].bytes.n; i++) {
        const char *e = ix->section[table].bytes.p + head + i * size;
        size_t n = ds_load32(e);
        bool good;
        if (n > ix->section[section].bytes.n - at)
            break;
        ds_status st = mend_piece(ix, section, at, n, ds_load32(e + crc), &good, err);
        if (st != DS_OK)
            return st;
        at += n;
    }
    return DS_OK;
}

/* ------------------------------------------------------------------ text from postings */

static bool is_whole(const ds_index *ix, unsigned section)
{
    return ds_crc32(0, ix->section[section].bytes.p, ix->section[section].bytes.n) == ix->section[section].crc;
}

static bool block_is_whole(const ds_index *ix, uint32_t block)
{
    const char *e = ix->section[IX_BLOCK_TABLE].bytes.p + (size_t)block * IX_BLOCK_ENTRY;
    const char *p = ix->section[IX_BLOCKS].bytes.p + ix->block_at[block];
    return ds_crc32(0, p, (size_t)(ix->block_at[block + 1] - ix->block_at[block])) == ds_load32(e + 4);
}

/* The blocks that are damaged, and room for their tokens. */
typedef struct rebuild {
    uint32_t *blocks, *tokens;
    size_t count, cap;
    ds_buf text, table; /* BLKS and BTAB anew */
    unsigned char codes[IX_BLOCK_BYTES];
} rebuild;

static uint32_t tokens_of(const ds_index *ix, uint32_t block)
{
    uint32_t left = ix->tokens - block * ix->block;
    return left < ix->block ? left : ix->block;
}

/* Puts down where type `id` stands in the blocks. */
static void place_type(const ds_index *ix, rebuild *r, uint32_t id)
{
    ds_postings it;
    ds_postings_start(ix, id, &it);
    uint32_t pos = 0;
    for (size_t i = 0; i < r->count && pos != DS_POS_NONE; i++) {
        uint32_t beg = r->blocks[i] * ix->block, n = tokens_of(ix, r->blocks[i]);
        if (i == 0 || pos < beg)
            pos = ds_postings_seek(&it, beg);
        for (; pos != DS_POS_NONE && pos - beg < n; pos = ds_postings_next(&it))
            r->tokens[i * ix->block + (pos - beg)] = id;
    }
}

static void place_ends(const ds_index *ix, rebuild *r)
{
    for (size_t i = 0; i < r->count; i++) {
        uint32_t beg = r->blocks[i] * ix->block, n = tokens_of(ix, r->blocks[i]);
        for (uint32_t d = ds_index_doc_at(ix, beg); d < ix->docs && ix->starts[d + 1] - 1 < beg + n; d++)
            if (ix->starts[d + 1] - 1 >= beg)
                r->tokens[i * ix->block + (ix->starts[d + 1] - 1 - beg)] = DS_TYPE_END;
    }
}

/* The codes of the tokens of damaged block number i; 0: they are not what stood there. */
static size_t encode(const ds_index *ix, rebuild *r, size_t i)
{
    const char *e = ix->section[IX_BLOCK_TABLE].bytes.p + (size_t)r->blocks[i] * IX_BLOCK_ENTRY;
    uint64_t text = 0;
    size_t n = 0;
    for (uint32_t k = 0; k < tokens_of(ix, r->blocks[i]); k++) {
        uint32_t type = r->tokens[i * ix->block + k];
        ds_str word;
        if (type >= ix->types || ix_word(ix, type, &word, NULL) != DS_OK)
            return 0;
        text += word.n;
        n += ds_wordcode_put(r->codes + n, type);
    }
    return text == ds_load32(e + 8) ? n : 0;
}

/* The sections anew, with what the tokens of damaged blocks are packed to. */
static ds_status write_anew(const ds_index *ix, rebuild *r, ds_codec *codec, ds_error *err)
{
    for (uint32_t b = 0, i = 0; b < ix->blocks; b++) {
        const char *e = ix->section[IX_BLOCK_TABLE].bytes.p + (size_t)b * IX_BLOCK_ENTRY;
        size_t at = r->text.n, codes = 0;
        if (i < r->count && r->blocks[i] == b)
            codes = encode(ix, r, i++);
        if (codes > 0) {
            ds_status st = ds_deflate(codec, (ds_str){(const char *)r->codes, codes}, &r->text, err);
            if (st != DS_OK)
                return st;
            ds_buf_u32(&r->table, (uint32_t)(r->text.n - at));
            ds_buf_u32(&r->table, ds_crc32(0, r->text.p + at, r->text.n - at));
            ds_buf_put(&r->table, e + 8, 4);
        } else {
            ds_buf_put(&r->text, ix->section[IX_BLOCKS].bytes.p + ix->block_at[b],
                       (size_t)(ix->block_at[b + 1] - ix->block_at[b]));
            ds_buf_put(&r->table, e, IX_BLOCK_ENTRY);
        }
    }
    return r->text.status == DS_OK && r->table.status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

/* Takes the buffer as the section's bytes. */
static bool put_section(ds_index *ix, unsigned section, ds_buf *b)
{
    if (own_bytes(ix, section) == NULL)
        return false;
    ds_buf_clear(&ix->healed[section]);
    ix->healed[section] = *b;
    ds_buf_init(b, &ix->alloc);
    ix->section[section].bytes = ds_buf_str(&ix->healed[section]);
    return true;
}

static ds_status rebuild_blocks(ds_index *ix, rebuild *r, ds_error *err)
{
    ds_codec *codec = NULL;
    ds_status st = ds_codec_new(&ix->alloc, 1, &codec, err);
    for (uint32_t id = 1; id < ix->types; id++)
        place_type(ix, r, id);
    place_ends(ix, r);
    if (st == DS_OK)
        st = write_anew(ix, r, codec, err);
    if (st == DS_OK && (!put_section(ix, IX_BLOCKS, &r->text) || !put_section(ix, IX_BLOCK_TABLE, &r->table)))
        st = ds_fail_nomem(err);
    for (uint32_t b = 0; st == DS_OK && b < ix->blocks; b++)
        ix->block_at[b + 1] = ix->block_at[b] + ds_load32(ix->section[IX_BLOCK_TABLE].bytes.p + (size_t)b * IX_BLOCK_ENTRY);
    ds_codec_free(codec);
    return st;
}

/* All blocks that are damaged. */
static ds_status heal_text(ds_index *ix, ds_error *err)
{
    rebuild *r = ds_calloc(&ix->alloc, 1, sizeof *r);
    size_t bytes = 0;
    if (r == NULL)
        return ds_fail_nomem(err);
    ds_buf_init(&r->text, &ix->alloc);
    ds_buf_init(&r->table, &ix->alloc);
    ds_status st = DS_OK;
    for (uint32_t b = 0; st == DS_OK && b < ix->blocks; b++) {
        if (block_is_whole(ix, b))
            continue;
        if (ds_grow(&ix->alloc, (void **)&r->blocks, &r->cap, r->count + 1, sizeof *r->blocks) != DS_OK)
            st = ds_fail_nomem(err);
        else
            r->blocks[r->count++] = b;
    }
    bool postings = is_whole(ix, IX_COUNTS) && is_whole(ix, IX_RARE) && is_whole(ix, IX_LISTS);
    if (st == DS_OK && r->count > 0 && postings && ds_index_load(ix, NULL) == DS_OK) {
        bytes = r->count * ix->block * sizeof *r->tokens;
        r->tokens = ds_malloc(&ix->alloc, bytes);
        if (r->tokens != NULL)
            memset(r->tokens, 0xFF, bytes);
        st = r->tokens != NULL ? rebuild_blocks(ix, r, err) : ds_fail_nomem(err);
    }
    ds_mfree(&ix->alloc, r->tokens, bytes);
    ds_mfree(&ix->alloc, r->blocks, r->cap * sizeof *r->blocks);
    ds_buf_clear(&r->text);
    ds_buf_clear(&r->table);
    ds_mfree(&ix->alloc, r, sizeof *r);
    return st;
}

/* ------------------------------------------------------------------ all of it */

/* Small sections that have no pieces. */
static ds_status mend_sections(ds_index *ix, ds_error *err)
{
    static const unsigned list[] = {IX_COUNTS, IX_RARE, IX_LISTS, IX_IDS, IX_SENTENCES, IX_PARAGRAPHS};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        bool good;
        ds_status st = mend_piece(ix, list[i], 0, ix->section[list[i]].bytes.n, ix->section[list[i]].crc, &good, err);
        if (st != DS_OK)
            return st;
    }
    return DS_OK;
}

/* The vocabulary as its pieces are now. */
static ds_status reopen_vocabulary(ds_index *ix, ds_error *err)
{
    ds_vocab_sections s = {ix->section[IX_CHARS].bytes, ix->section[IX_VOCAB_TABLE].bytes, ix->section[IX_VOCAB].bytes};
    ds_vocab_free(ix->vocab);
    ix->vocab = NULL;
    return ds_vocab_open(&ix->alloc, &s, ix->types, &ix->vocab, err);
}

ds_status ix_heal(ds_index *ix, ds_error *err)
{
    ds_status st = ix_open_text(ix, NULL);
    if (st != DS_OK) /* without its tables nothing can be read */
        return st == DS_ENOMEM ? ds_fail_nomem(err) : DS_OK;
    st = mend_pieces(ix, IX_VOCAB, IX_VOCAB_TABLE, 4, 16, 12, err);
    if (st == DS_OK && ix->healed != NULL)
        st = reopen_vocabulary(ix, err);
    if (st == DS_OK)
        st = mend_pieces(ix, IX_ROWS, IX_ROW_TABLE, 0, IX_ROW_ENTRY, 8, err);
    if (st == DS_OK)
        st = mend_sections(ix, err);
    if (st == DS_OK)
        st = heal_text(ix, err);
    return st == DS_OK ? mend_pieces(ix, IX_BLOCKS, IX_BLOCK_TABLE, 0, IX_BLOCK_ENTRY, 4, err) : st;
}

void ix_unheal(ds_index *ix)
{
    for (size_t i = 0; ix->healed != NULL && i < IX_SECTIONS; i++)
        if (ix->healed[i].alloc != NULL)
            ds_buf_clear(&ix->healed[i]);
    ds_mfree(&ix->alloc, ix->healed, IX_SECTIONS * sizeof *ix->healed);
}

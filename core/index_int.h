/*
 * index_int.h - the stored form of a segment, for its writer, its readers and its checks.  doc/FORMAT.md describes every
 * byte.
 */
#ifndef DS_INDEX_INT_H
#define DS_INDEX_INT_H

#include "index.h"
#include "vocab.h"

#define IX_MAGIC "dssegmnt"
#define IX_VERSION 1u

/* The sections, in the order of the directory. */
enum {
    IX_BLOCKS, IX_BLOCK_TABLE, IX_CHARS, IX_VOCAB_TABLE, IX_VOCAB, IX_POS, IX_LEMMAS, IX_COUNTS, IX_RARE, IX_LISTS,
    IX_DOCS, IX_IDS, IX_ROW_TABLE, IX_ROWS, IX_SENTENCES, IX_PARAGRAPHS, IX_COPIES, IX_SECTIONS
};
#define IX_SECTION_IDS "BLKSBTABCHRSVTABVOCBPOSNLEMMCNTSRARELISTDOCSIDHXRTABROWSSENTPARACOPY"
/* The tables without which no article can be read.  COPY holds them a second time, in this order. */
#define IX_VITAL {IX_BLOCK_TABLE, IX_CHARS, IX_VOCAB_TABLE, IX_POS, IX_LEMMAS, IX_DOCS, IX_ROW_TABLE}
enum { IX_VITALS = 7 };

enum { IX_HEAD = 40, IX_ENTRY = 24, IX_DIRECTORY = IX_HEAD + IX_SECTIONS * IX_ENTRY + 4 };
enum { IX_DIRECTORIES = 2 * IX_DIRECTORY };
enum { IX_BLOCK_ENTRY = 12, IX_DOC = 20, IX_ID = 8, IX_ROW_ENTRY = 12, IX_ROWS_TOGETHER = 64 };
enum { IX_BLOCK_BYTES = DS_FORWARD_BLOCK * DS_WORDCODE_BYTES };
/* What a piece of article fields may unpack to. */
enum { IX_ROWS_MAX = 1 << 28 };

typedef struct ix_section {
    uint64_t off; /* in the file */
    uint32_t crc;
    ds_str bytes;
} ix_section;

/* Article `doc` of an index. */
typedef struct ix_doc {
    uint32_t beg;   /* its first position */
    uint32_t bytes; /* of its text */
    uint32_t date;  /* year * 10000 + month * 100 + day, 0 for what is not known */
    uint64_t hash;  /* of all that was stored of it */
} ix_doc;

/* Views the segment whose directory stands at `dir` of `file` (all bytes up to the commit), twice in a row: the second
 * one is for when the first is damaged.  `deleted` has a bit for each article, or is NULL; both are borrowed. */
DS_MUSTUSE ds_status ix_open(const ds_alloc *a, ds_str file, uint64_t dir, const uint64_t *deleted, ds_index **out,
                             ds_error *err);
void ix_close(ds_index *ix);

const ix_section *ix_section_of(const ds_index *ix, unsigned section);
uint64_t ix_text_bytes(const ds_index *ix);
ix_doc ix_doc_of(const ds_index *ix, uint32_t doc);
/* Opens vocabulary and block table: enough to read articles, without ds_index_load. */
DS_MUSTUSE ds_status ix_open_text(ds_index *ix, ds_error *err);
/* Puts right what can be of a damaged segment that nobody else uses yet: for whoever saves articles.  What it has made is checked:
 * a block of text against its length, anything else against its checksum.  DS_ENOMEM. */
DS_MUSTUSE ds_status ix_heal(ds_index *ix, ds_error *err);
/* Whether one byte of s, changed, would give it that checksum, one only and s not long: where, and which bits to turn. */
bool ix_find_byte(ds_str s, uint32_t crc, size_t *at, unsigned char *mask);
/* Type `id` without its key and count, from ix_open_text on. */
DS_MUSTUSE ds_status ix_type(ds_index *ix, uint32_t id, ds_type *out, ds_error *err);
/* What the byte of a type's class says: the class in the low four bits, above them the kind of entity, and whether one
 * begins. */
static inline uint8_t ix_class(uint8_t byte)
{
    return (byte & 15) < DS_CLASS_COUNT ? byte & 15 : DS_CLASS_BAD;
}
static inline uint8_t ix_entity(uint8_t byte)
{
    return (uint8_t)((byte >> 4 & 7) | (byte & 0x80 ? DS_ENTITY_BEGINS : 0));
}
static inline uint8_t ix_class_byte(uint8_t cls, uint8_t entity)
{
    return (uint8_t)((cls & 15) | (entity & 7) << 4 | (entity & DS_ENTITY_BEGINS ? 0x80 : 0));
}
/* The same in numbers, the class as that byte; and the name of a part of speech. */
DS_MUSTUSE ds_status ix_entry(const ds_index *ix, uint32_t id, ds_vocab_entry *out, ds_error *err);
ds_str ix_pos_name(const ds_index *ix, uint16_t pos);
/* Its word alone, which is quicker. */
DS_MUSTUSE ds_status ix_word(const ds_index *ix, uint32_t id, ds_str *word, ds_error *err);
/* Tokens of a block; the bytes of text before a block, up to the one behind the last. */
uint32_t ix_block(const ds_index *ix);
uint64_t ix_bytes_before(const ds_index *ix, uint32_t block);
/* Articles whose id has that hash, up to `cap`: how many.  The caller looks at the ids. */
size_t ix_find_id(const ds_index *ix, uint32_t hash, uint32_t *docs, size_t cap);
/* The fields of article `doc`, a view of `piece`, which holds those of its neighbours as well. */
DS_MUSTUSE ds_status ix_row(ds_index *ix, ds_codec *codec, uint32_t doc, ds_buf *piece, ds_str *row, ds_error *err);

/* Finds those of article `doc` in its piece; each is preceded by its length. */
bool ix_row_in(ds_str piece, uint32_t doc, ds_str *row);

/* Hash of an article's id. */
static inline uint32_t ix_id_hash(ds_str id)
{
    return ds_crc32(0, id.p, id.n);
}

#endif

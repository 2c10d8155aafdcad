/*
 * index.h - the index of one segment of a corpus store: its vocabulary, where each type stands, and the tokens in a row.
 *
 * A type is a word as it was written with its part of speech and class; types are numbered by frequency, the most
 * frequent first.  Every token of the segment, white space included, has a position; the positions of an article are
 * consecutive, and behind its last token stands one more of type DS_TYPE_END.  So what goes over the end of
 * an article goes over a position that is in no article.
 *
 * Life     belongs to a ds_store (store.h); ds_index_load once, then read.  Cursors are the caller's.
 * Units    positions count tokens from 0 within the segment; texts are UTF-8, lengths bytes.
 * Errors   DS_EFORMAT: a section is damaged, err->off says where in the file; DS_ENOMEM.  All look-ups are bounded:
 *          damage that no checksum has been asked about yields wrong answers but no crash.
 * Threads  ds_index_load may be called by several threads at once; a loaded index never changes.  A cursor
 *          belongs to one thread.
 * Format   doc/FORMAT.md, "Corpus store".
 */
#ifndef DS_INDEX_H
#define DS_INDEX_H

#include "postings.h"
#include "segment.h"

typedef struct ds_index ds_index;

#define DS_TYPE_END 0u /* what stands behind an article */

typedef struct ds_type {
    ds_str word;    /* as written */
    ds_str key;     /* folded: Simplified, lower case, half width */
    ds_str pos;     /* part of speech, empty: none */
    ds_str lemma;   /* empty: none was given */
    uint32_t count; /* tokens of this type, those of deleted articles included */
    uint8_t cls;    /* ds_class */
    uint8_t entity; /* as in ds_token */
} ds_type;

/* Reads vocabulary and tables into memory, once; what is marked (loaded) here needs it to have succeeded. */
DS_MUSTUSE ds_status ds_index_load(ds_index *ix, ds_error *err);

/* Number of types, DS_TYPE_END included: their numbers are 0 .. n - 1. */
uint32_t ds_index_types(const ds_index *ix);
/* Number of positions, those of DS_TYPE_END included. */
uint32_t ds_index_tokens(const ds_index *ix);
/* Type `id`; all empty for a number out of range.  The views live as long as the index. */
void ds_index_type(const ds_index *ix, uint32_t id, ds_type *out);

/* All keys end to end, in the order of the types, for searches over the vocabulary: type i's key is
 * [starts[i], starts[i + 1]). */
const char *ds_index_keys(const ds_index *ix, const uint32_t **starts);
/* The types whose key begins (or ends) with the code point `cp`, in ascending order; NULL and n = 0: none. */
const uint32_t *ds_index_first(const ds_index *ix, uint32_t cp, size_t *n);
const uint32_t *ds_index_last(const ds_index *ix, uint32_t cp, size_t *n);

/* ------------------------------------------------------------------ where a type stands */

/* Starts at the first position of type `id`, for the functions of postings.h; a number out of range has none. */
void ds_postings_start(const ds_index *ix, uint32_t id, ds_postings *it);
/* Where a very frequent type stands, a bit for each position and zeros up to the next word but one: made when it is first asked
 * for and kept, for DS_INDEX_DENSE types at most.  NULL: it is not that frequent, or there is no memory for it. */
enum { DS_INDEX_DENSE = 8 };
const uint64_t *ds_index_bits(const ds_index *ix, uint32_t id);

/* ------------------------------------------------------------------ the tokens in a row */

enum { DS_FORWARD_BLOCK = 16384 }; /* tokens unpacked together, at most */

typedef struct ds_forward ds_forward;
DS_MUSTUSE ds_status ds_forward_new(const ds_alloc *a, const ds_index *ix, ds_forward **out, ds_error *err);
void ds_forward_free(ds_forward *fw);
/* The types of a stretch of positions that holds `pos`: *types[i] is that of position *beg + i, for *beg + i < *end.
 * Valid until the next call.  DS_EINVAL: pos is not below ds_index_tokens. */
DS_MUSTUSE ds_status ds_forward_at(ds_forward *fw, uint32_t pos, const uint32_t **types, uint32_t *beg, uint32_t *end,
                                   ds_error *err);
/* Copies the types of the positions [from, from + n) that exist; *got says how many. */
DS_MUSTUSE ds_status ds_forward_copy(ds_forward *fw, uint32_t from, uint32_t n, uint32_t *types, uint32_t *got,
                                     ds_error *err);

/* ------------------------------------------------------------------ articles, paragraphs, sentences */

/* Number of articles, deleted ones included. */
uint32_t ds_index_docs(const ds_index *ix);
/* Positions [*beg, *end) of article `doc`; *end is where DS_TYPE_END stands.  Empty for a number out of range. */
void ds_index_doc_range(const ds_index *ix, uint32_t doc, uint32_t *beg, uint32_t *end);
/* The article that position `pos` belongs to. */
uint32_t ds_index_doc_at(const ds_index *ix, uint32_t pos);
bool ds_index_deleted(const ds_index *ix, uint32_t doc);
/* How many are deleted. */
uint32_t ds_index_deletions(const ds_index *ix);

/* A part of the segment's stored form, for people who look into files. */
typedef struct ds_section {
    char name[5], crc[9]; /* crc: in hexadecimal digits */
    uint64_t off, bytes;  /* where in the file, and how many */
} ds_section;
/* The i-th one; false: there are no more. */
bool ds_index_section(const ds_index *ix, size_t i, ds_section *out);

typedef enum ds_unit { DS_UNIT_SENTENCE, DS_UNIT_PARAGRAPH, DS_UNIT_DOC } ds_unit;
/* Reads the tables of sentences and paragraphs into memory, once. */
DS_MUSTUSE ds_status ds_index_load_units(const ds_index *ix, ds_error *err);
/* The positions at which the units begin, ascending; the views live as long as the index.  A unit ends where the next
 * one begins or its article ends.  Sentences and paragraphs: none before ds_index_load_units. */
const uint32_t *ds_index_units(const ds_index *ix, ds_unit unit, size_t *n);

#endif

/*
 * vocab.h - the types of a segment: word, part of speech, class, lemma, by number.
 *
 * Stored   in pieces, small ones where there are many types, so that reading one article of a large segment unpacks
 *          little, large ones where size matters more.  A word is what it does not share with the one before it (front
 *          coding, Witten, Moffat and Bell 1999, 4.1), in numbers of characters, the frequent ones shorter (block.h's
 *          word codes), and DEFLATE over all.  Words may hold any bytes: an ill-formed one is a character of its own.
 * Life     ds_vocab_open -> ds_vocab_get from any thread -> free.  A piece is unpacked when it is first asked for.
 * Memory   ds_vocab_open borrows the sections; what ds_vocab_get gives lives as long as the vocabulary.
 * Errors   DS_EFORMAT: a piece's checksum or form is wrong, err->off is its offset in the section of pieces;
 *          DS_ELIMIT: a word is longer than DS_VOCAB_WORD_MAX bytes; DS_ENOMEM.
 */
#ifndef DS_VOCAB_H
#define DS_VOCAB_H

#include "block.h"

enum { DS_VOCAB_CHUNK_MAX = 4096, DS_VOCAB_WORD_MAX = 8192 };

/* What a lemma number says: none was given, it is the word itself, else k + DS_LEMMA_FIRST for lemma k. */
enum { DS_LEMMA_NONE, DS_LEMMA_SAME, DS_LEMMA_FIRST };

typedef struct ds_vocab_entry {
    ds_str word;
    uint32_t lemma;
    uint16_t pos; /* number of a name, 0: none */
    uint8_t cls;
} ds_vocab_entry;

/* The parts of a stored vocabulary. */
typedef struct ds_vocab_sections {
    ds_str chars;  /* code points by frequency */
    ds_str table;  /* types of a piece; then length, unpacked lengths and checksum of each piece */
    ds_str chunks; /* the pieces */
} ds_vocab_sections;

/* Packs n entries, in the order of their numbers; appends to the three buffers. */
DS_MUSTUSE ds_status ds_vocab_pack(ds_codec *codec, const ds_vocab_entry *entries, size_t n, ds_buf *chars,
                                   ds_buf *table, ds_buf *chunks, ds_error *err);

typedef struct ds_vocab ds_vocab;

/* `n` types.  DS_EFORMAT: the sections do not have so many. */
DS_MUSTUSE ds_status ds_vocab_open(const ds_alloc *a, const ds_vocab_sections *s, uint32_t n, ds_vocab **out,
                                   ds_error *err);
void ds_vocab_free(ds_vocab *v);
DS_MUSTUSE ds_status ds_vocab_get(ds_vocab *v, uint32_t id, ds_vocab_entry *out, ds_error *err);
/* Appends the keys of all types, the words folded by DS_FOLD_ALL, end to end; at[i + 1] is where the i-th ends, of n + 1.
 * DS_ELIMIT: more than 4 GiB. */
DS_MUSTUSE ds_status ds_vocab_keys(ds_vocab *v, ds_buf *keys, uint32_t *at, ds_error *err);
/* The word alone, which is quicker; DS_VOCAB_BEHIND bytes of memory follow it, to be copied with it. */
enum { DS_VOCAB_BEHIND = 16 };
DS_MUSTUSE ds_status ds_vocab_word(ds_vocab *v, uint32_t id, ds_str *word, ds_error *err);

#endif

/*
 * lexicon.h - an immutable table of words with costs and parts of speech.
 *
 * Words are looked up folded (Traditional/Simplified, width and case make no difference):
 * the image holds a table from code points to the trie's codes in which folding is already
 * done, so that text in either script is looked up in place, without a converted copy.
 *
 * Life     builder -> image (one byte string) -> ds_lexicon_view, or from a file with ds_lexicon_open.
 *          An open lexicon never changes: any number of threads may read it.
 * Memory   ds_lexicon_view borrows `image`: keep it until ds_lexicon_free.
 *          ds_lexicon_open maps the file read-only and unmaps it on free.
 * Units    lengths and offsets are bytes; word ids are 0 .. ds_lexicon_count() - 1, in the order
 *          in which the words were added.  Costs are -log2(p) * DS_LEXICON_UNIT, p = the word's
 *          share of the source corpus; at most UINT16_MAX.
 * Errors   DS_EFORMAT: header or section table damaged, err->off says where.  DS_EIO.
 *          DS_ENOMEM.  On failure *out is NULL.  Look-ups cannot fail: they bound every
 *          step, so a damaged image gives wrong answers but no crash; ds_lexicon_verify does
 *          the full checksum pass.
 * Format   doc/FORMAT.md, "Compiled lexicon".
 */
#ifndef DS_LEXICON_H
#define DS_LEXICON_H

#include "trie.h"

#define DS_LEXICON_UNIT 256
#define DS_LEXICON_WORD_MAX 64 /* characters of the longest word; longer ones are refused */
#define DS_LEXICON_MAGIC "dslexicn"
#define DS_LEXICON_VERSION 3u
#define DS_LEXICON_TAGS 4      /* parts of speech that one word may have */
#define DS_LEXICON_TAG_UNIT 16 /* of a bit, in the costs of tags */

typedef struct ds_lexicon ds_lexicon;

typedef struct ds_lexicon_builder ds_lexicon_builder;
DS_MUSTUSE ds_status ds_lexicon_builder_new(const ds_alloc *a, ds_lexicon_builder **out, ds_error *err);
void ds_lexicon_builder_free(ds_lexicon_builder *b);
/* Adds a word with its frequency and part of speech (may be empty).  A word whose folded form is
 * there already adds its frequency; the part of speech of the more frequent one stays.
 * DS_EINVAL: empty, ill-formed, or longer than DS_LEXICON_WORD_MAX. */
DS_MUSTUSE ds_status ds_lexicon_builder_add(ds_lexicon_builder *b, ds_str word, uint64_t freq, ds_str pos,
                                            ds_error *err);
/* A part of speech that a word may have: -log2 of its share * DS_LEXICON_TAG_UNIT. */
typedef struct ds_lexicon_tag {
    ds_str pos;
    uint8_t cost;
} ds_lexicon_tag;
/* Gives a word that was added the parts of speech that it may have, the likeliest first, in place of the one it was
 * added with.  DS_EINVAL: the word was not added, n is 0 or more than DS_LEXICON_TAGS, or a tag is empty; DS_ELIMIT: more
 * than 255 different tags, or too many different lists. */
DS_MUSTUSE ds_status ds_lexicon_builder_tags(ds_lexicon_builder *b, ds_str word, const ds_lexicon_tag *tags, size_t n,
                                             ds_error *err);
/* What `after` costs when it follows `before`, in bits * DS_LEXICON_TAG_UNIT, negative for what is likely; an empty tag
 * stands for punctuation and for the ends of a text.  Pairs that were not given cost 0.  A tag must be some word's;
 * else DS_EINVAL. */
DS_MUSTUSE ds_status ds_lexicon_builder_pair(ds_lexicon_builder *b, ds_str before, ds_str after, int8_t cost, ds_error *err);
/* Appends the image to `image`; `source` is a line about where the words come from. */
DS_MUSTUSE ds_status ds_lexicon_build(ds_lexicon_builder *b, ds_str source, ds_buf *image, ds_error *err);

DS_MUSTUSE ds_status ds_lexicon_view(const ds_alloc *a, ds_str image, ds_lexicon **out, ds_error *err);
DS_MUSTUSE ds_status ds_lexicon_open(const ds_alloc *a, const char *path, ds_lexicon **out, ds_error *err);
void ds_lexicon_free(ds_lexicon *lex);
/* Checks every section's checksum; DS_EFORMAT with the section's offset. */
DS_MUSTUSE ds_status ds_lexicon_verify(const ds_lexicon *lex, ds_error *err);

size_t ds_lexicon_count(const ds_lexicon *lex);
/* Sum of all frequencies, a word with none counted once: costs are relative to it. */
uint64_t ds_lexicon_total(const ds_lexicon *lex);
ds_str ds_lexicon_source(const ds_lexicon *lex);
/* Checksum that stands for the whole image: those of all sections are among what it is taken of. */
uint32_t ds_lexicon_crc(const ds_lexicon *lex);
/* Id of `word` (folded on the way), or -1. */
int32_t ds_lexicon_find(const ds_lexicon *lex, ds_str word);
/* Cost of word `id`; INT32_MAX for an id out of range. */
int32_t ds_lexicon_cost(const ds_lexicon *lex, int32_t id);
/* Frequency in the source, 0 for an id out of range. */
uint64_t ds_lexicon_freq(const ds_lexicon *lex, int32_t id);
/* Part-of-speech number of word `id`, the likeliest where it may have several; 0 (no tag) for an id out of range. */
uint16_t ds_lexicon_pos(const ds_lexicon *lex, int32_t id);
/* Name of a part-of-speech number ("n", "v", ...); empty for 0 or a number out of range.  The view
 * lives as long as the lexicon. */
ds_str ds_lexicon_pos_name(const ds_lexicon *lex, uint16_t pos);
uint16_t ds_lexicon_pos_count(const ds_lexicon *lex);

/* For the segmenter: the trie, and the code of a code point (0: in no word). */
const ds_trie *ds_lexicon_trie(const ds_lexicon *lex);
uint16_t ds_lexicon_code(const ds_lexicon *lex, uint32_t cp);

#endif

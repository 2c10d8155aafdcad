/*
 * lexicon_int.h - the stored form of a lexicon, for its reader and its builder.  doc/FORMAT.md
 * describes every byte.
 */
#ifndef DS_LEXICON_INT_H
#define DS_LEXICON_INT_H

#include "lexicon.h"

enum { LEX_CRC = 32, LEX_HEADER = 40, LEX_ENTRY = 24, LEX_WORD = 8 }; /* LEX_CRC: where the checksum is */

/* The sections, in the order of the section table. */
enum { LEX_SOURCE, LEX_POS, LEX_PAGES, LEX_CODES, LEX_NAMES, LEX_TAGS, LEX_PAIRS, LEX_WORDS, LEX_TRIE,
       LEX_SECTIONS };

#define LEX_SECTION_IDS "SRCEPOSNPAGECODENAMETAGSPAIRWORDTRIE"

/* Field 6 of a word's record: its tags in the low bits (the number of a part of speech or, from the number of those on,
 * of a record of TAGS), how the word may be split above. */
enum {
    LEX_POS_MASK = 0x1FFF,
    LEX_COMPOUND = 0x8000, /* four characters, two words of two: 航空公司 */
    LEX_SUFFIXED = 0x4000, /* a word and a suffix of one character: 消费者 */
    LEX_VERB_PREP = 0x2000 /* two characters, the second 于 or 为: 位于, 成为 */
};

/* A record of NAME, by trie code: costs in bits * LEX_NAME_UNIT, LEX_NAME_NEVER: it does not occur so. */
enum { LEX_NAME_SURNAME, LEX_NAME_GIVEN, LEX_NAME_FOREIGN, LEX_NAME_RECORD };
enum { LEX_NAME_UNIT = 16, LEX_NAME_NEVER = 255 };

/* A record of TAGS: up to four tags a word may have, each its number and its cost; number 0 ends the list.  PAIR has a
 * row for each tag, of the costs of each tag after it; it may be empty. */
enum { LEX_TAG_RECORD = 2 * DS_LEXICON_TAGS, LEX_TAG_MAX = 255 };

/* Code points in blocks of 256: PAGE gives each block's page of CODE, page 0 is all zeros. */
enum { LEX_BLOCKS = DS_CODEMAP_PAGES, LEX_PAGE = 256 };

/*
 * The tables of an open lexicon, for the segmenter's inner loop.  Every look-up is bounded.
 */
typedef struct lex_tables {
    const char *pages, *codes, *names, *tags, *pairs, *words; /* borrowed; pairs NULL: none */
    size_t page_count; /* pages of CODE */
    size_t name_count; /* records of NAME */
    size_t tag_count;  /* records of TAGS */
    size_t pos_count;  /* parts of speech, the empty one among them */
    uint64_t predicates[(LEX_TAG_MAX + 1) / 64]; /* bit set: tags that make a clause */
    size_t count;      /* words */
    ds_trie trie;
} lex_tables;

const lex_tables *lex_tables_of(const ds_lexicon *lex);

static inline uint16_t lex_code(const lex_tables *t, uint32_t cp)
{
    size_t page = cp < 0x110000 ? ds_load16(t->pages + (cp >> 8) * 2) : t->page_count;
    if (page >= t->page_count)
        return 0;
    uint16_t code = ds_load16(t->codes + (page * LEX_PAGE + (cp & 255)) * 2);
    return code <= DS_TRIE_CODE_MAX ? code : 0;
}

/* The record of word `id`, or NULL when it is out of range. */
static inline const char *lex_word(const lex_tables *t, int32_t id)
{
    return id >= 0 && (size_t)id < t->count ? t->words + (size_t)id * LEX_WORD : NULL;
}

/* The record of NAME of a code, or one of a character that is in no name. */
static inline const char *lex_name_record(const lex_tables *t, uint16_t code)
{
    return code < t->name_count ? t->names + (size_t)code * LEX_NAME_RECORD : "\xFF\xFF\xFF";
}

/* Cost of a word, of its record or of what the trie holds beside its number: both have it at the same place. */
static inline int32_t lex_word_cost(const char *record)
{
    return ds_load16(record + 4);
}

/* Number of the word's tags: a part of speech, or pos_count and more: a record of TAGS. */
static inline uint16_t lex_word_tags(const char *record)
{
    return ds_load16(record + 6) & LEX_POS_MASK;
}

/* The record of TAGS of such a number, or NULL when it is none. */
static inline const unsigned char *lex_tag_list(const lex_tables *t, uint16_t number)
{
    size_t i = (size_t)number - t->pos_count;
    return number >= t->pos_count && i < t->tag_count ? (const unsigned char *)t->tags + i * LEX_TAG_RECORD : NULL;
}

static inline bool lex_is_predicate(const lex_tables *t, uint16_t tag)
{
    return tag <= LEX_TAG_MAX && (t->predicates[tag / 64] >> tag % 64 & 1) != 0;
}

/* How the word may be split: LEX_COMPOUND, LEX_SUFFIXED, LEX_VERB_PREP. */
static inline unsigned lex_word_splits(const char *record)
{
    return ds_load16(record + 6) & ~(unsigned)LEX_POS_MASK;
}

/* Folds a word to codes, assigning those that are new; *len = how many.  DS_EINVAL: empty, ill-formed, too long. */
ds_status lex_word_key(ds_codemap *codes, ds_str word, uint16_t key[DS_LEXICON_WORD_MAX], size_t *len, ds_error *err);

#endif

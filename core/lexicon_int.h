/*
 * lexicon_int.h - the stored form of a lexicon, for its reader and its builder.  doc/FORMAT.md
 * describes every byte.
 */
#ifndef DS_LEXICON_INT_H
#define DS_LEXICON_INT_H

#include "lexicon.h"

enum { LEX_CRC = 32, LEX_HEADER = 40, LEX_ENTRY = 24, LEX_WORD = 8 }; /* LEX_CRC: where the checksum is */

/* The sections, in the order of the section table. */
enum { LEX_SOURCE, LEX_POS, LEX_PAGES, LEX_CODES, LEX_NAMES, LEX_WORDS, LEX_TRIE, LEX_SECTIONS };

#define LEX_SECTION_IDS "SRCEPOSNPAGECODENAMEWORDTRIE"

/* Field 6 of a word's record: the part of speech in the low bits, how the word may be split above. */
enum {
    LEX_POS_MASK = 0x1FFF,
    LEX_COMPOUND = 0x8000, /* four characters, two words of two: 航空公司 */
    LEX_SUFFIXED = 0x4000, /* a word and a suffix of one character: 消费者 */
    LEX_VERB_PREP = 0x2000 /* two characters, the second 于 or 为: 位于, 成为 */
};

/* A record of NAME, by trie code: costs in bits * LEX_NAME_UNIT, LEX_NAME_NEVER: it does not occur so. */
enum { LEX_NAME_SURNAME, LEX_NAME_GIVEN, LEX_NAME_FOREIGN, LEX_NAME_RECORD };
enum { LEX_NAME_UNIT = 16, LEX_NAME_NEVER = 255 };

/* Code points in blocks of 256: PAGE gives each block's page of CODE, page 0 is all zeros. */
enum { LEX_BLOCKS = DS_CODEMAP_PAGES, LEX_PAGE = 256 };

/*
 * The tables of an open lexicon, for the segmenter's inner loop.  Every look-up is bounded.
 */
typedef struct lex_tables {
    const char *pages, *codes, *names, *words; /* borrowed */
    size_t page_count; /* pages of CODE */
    size_t name_count; /* records of NAME */
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

/* Cost of a character in a name, `field` one of LEX_NAME_*; LEX_NAME_NEVER when it does not occur so. */
static inline unsigned lex_name_cost(const lex_tables *t, uint16_t code, unsigned field)
{
    return code < t->name_count ? (unsigned char)t->names[(size_t)code * LEX_NAME_RECORD + field] : LEX_NAME_NEVER;
}

static inline int32_t lex_word_cost(const char *record)
{
    return ds_load16(record + 4);
}

/* How the word may be split: LEX_COMPOUND, LEX_SUFFIXED, LEX_VERB_PREP. */
static inline unsigned lex_word_splits(const char *record)
{
    return ds_load16(record + 6) & ~(unsigned)LEX_POS_MASK;
}

#endif

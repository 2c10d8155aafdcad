/*
 * lexicon_int.h - the stored form of a lexicon, for its reader and its builder.  doc/FORMAT.md
 * describes every byte.
 */
#ifndef DS_LEXICON_INT_H
#define DS_LEXICON_INT_H

#include "lexicon.h"

enum { LEX_CRC = 32, LEX_HEADER = 40, LEX_ENTRY = 24, LEX_WORD = 8 }; /* LEX_CRC: where the checksum is */

/* The sections, in the order of the section table. */
enum { LEX_SOURCE, LEX_POS, LEX_PAGES, LEX_CODES, LEX_WORDS, LEX_TRIE, LEX_SECTIONS };

#define LEX_SECTION_IDS "SRCEPOSNPAGECODEWORDTRIE"

/* Code points in blocks of 256: PAGE gives each block's page of CODE, page 0 is all zeros. */
enum { LEX_BLOCKS = DS_CODEMAP_PAGES, LEX_PAGE = 256 };

/*
 * The tables of an open lexicon, for the segmenter's inner loop.  Every look-up is bounded.
 */
typedef struct lex_tables {
    const char *pages, *codes, *words; /* borrowed */
    size_t page_count; /* pages of CODE */
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

static inline int32_t lex_word_cost(const char *record)
{
    return ds_load16(record + 4);
}

#endif

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

#endif

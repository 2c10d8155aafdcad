/*
 * convert_int.h - the stored form of the conversion tables, and what the two ways to convert share.  doc/FORMAT.md
 * describes every byte.
 *
 * A trie's value: bits 0-25 are the result, below 0x110000 a code point, else the number of an entry plus 0x110000;
 * bit 26 tells that the result differs from what the key's characters give one by one; bits 28-29 are the rank.
 */
#ifndef DS_CONVERT_INT_H
#define DS_CONVERT_INT_H

#include "convert.h"
#include "utf8.h"

enum { CONV_CRC = 24, CONV_HEADER = 32, CONV_ENTRY = 24 }; /* CONV_CRC: where the checksum is */

/* The sections, in the order of the section table; one trie a dictionary, from CONV_TRIES on. */
enum { CONV_SOURCE, CONV_PAGES, CONV_CELLS, CONV_RESULTS, CONV_TEXT, CONV_TRIES };
enum { CONV_SECTIONS = CONV_TRIES + DS_CONVERT_TABLES };

#define CONV_SECTION_IDS "SRCEPAGECELLRESUTEXTST..TS..TWP.TWV.HKV.TWR.HKR.WST.WTS.WTV.WSV."

/* Code points in blocks of 256, as in a lexicon. */
enum { CONV_BLOCKS = DS_CODEMAP_PAGES, CONV_PAGE = 256, CONV_RESULT = 8, CONV_CODE_BITS = 16 };
_Static_assert(CONV_CODE_BITS + DS_CONVERT_TABLES <= 32, "a cell has a bit for every dictionary");

/* Codes 1 to CONV_MARKS are those of the marks of convert.h. */
enum { CONV_MARKS = DS_CONVERT_ALONE - DS_CONVERT_AFTER_NUMERAL + 1 };

#define CONV_RESULT_BITS 0x03FFFFFFu
#define CONV_DIFFERS 0x04000000u
#define CONV_RANK_SHIFT 28
#define CONV_FIRST_ENTRY 0x110000u

struct ds_converter {
    ds_alloc alloc;
    ds_str image;
    ds_str section[CONV_SECTIONS];
    uint64_t section_off[CONV_SECTIONS];
    uint32_t section_crc[CONV_SECTIONS];
    ds_trie trie[DS_CONVERT_TABLES];
    size_t pages;   /* pages of CELL */
    size_t results; /* entries of RESU */
    size_t text;    /* code points of TEXT */
    bool mapped;
};

/* A character of the text, or one that stands for [beg, end) of it. */
typedef struct conv_char {
    uint32_t cp; /* DS_UTF8_BAD: the bytes themselves */
    uint32_t beg, end;
    uint32_t cell; /* conv_cell of cp, where it is needed */
} conv_char;

typedef struct conv_match {
    size_t count;   /* characters matched; 0: none */
    uint32_t value; /* of the trie */
} conv_match;

/* Code points of a result: one in `own`, or several in the image. */
typedef struct conv_result {
    const char *p; /* little-endian code points; NULL: `own` alone */
    size_t count;
    uint32_t own;
} conv_result;

static inline uint32_t conv_load16(const char *p)
{
    return (uint32_t)((unsigned char)p[0] | (unsigned char)p[1] << 8);
}

/* What is known of a character, 0 when it is in no key: its code in the low 16 bits, and above them a bit for each
 * dictionary that has a key beginning with it.  The marks of convert.h have none, so that a text cannot spell them. */
static inline uint32_t conv_cell(const ds_converter *conv, uint32_t cp)
{
    if (cp >= 0x110000)
        return 0;
    size_t page = conv_load16(conv->section[CONV_PAGES].p + (cp >> 8) * 2);
    return page < conv->pages ? ds_load32(conv->section[CONV_CELLS].p + (page * CONV_PAGE + (cp & 255)) * 4) : 0;
}

static inline bool conv_begins(uint32_t cell, unsigned table)
{
    return (cell >> (CONV_CODE_BITS + table) & 1) != 0;
}

/* The node of `table` below its root, or DS_TRIE_NONE. */
static inline int32_t conv_first(const ds_converter *conv, unsigned table, uint32_t cell)
{
    return conv_begins(cell, table) ? ds_trie_step(&conv->trie[table], 0, (uint16_t)cell) : DS_TRIE_NONE;
}

static inline int32_t conv_next(const ds_converter *conv, unsigned table, int32_t node, uint32_t cell)
{
    uint16_t code = (uint16_t)cell;
    return code != 0 ? ds_trie_step(&conv->trie[table], node, code) : DS_TRIE_NONE;
}

/* ds_utf8_decode, with a short way for what Chinese text is made of: three bytes from U+3000 to U+9FFF. */
static inline size_t conv_decode(const char *text, size_t n, uint32_t *cp)
{
    const unsigned char *p = (const unsigned char *)text;
    if (n >= 3 && p[0] >= 0xE3 && p[0] <= 0xE9 && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
        *cp = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        return 3;
    }
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    return ds_utf8_decode(text, n, cp);
}

static inline unsigned conv_rank(uint32_t value)
{
    return value >> CONV_RANK_SHIFT & 3;
}

/* The result of a match. */
conv_result conv_result_of(const ds_converter *conv, uint32_t value);

static inline uint32_t conv_result_cp(const conv_result *r, size_t i)
{
    return r->p != NULL ? ds_load32(r->p + 4 * i) : r->own;
}

/*
 * conv_out - where converted characters go: bytes to the buffer, their origin to the map.
 */
typedef struct conv_out {
    ds_str in;
    size_t src;      /* where `in` begins in the map's original */
    ds_buf *buf;
    ds_offmap *map;  /* may be NULL */
    conv_char last;  /* characters that stand for the same bytes are one atom: the one under way */
    size_t last_out; /* where its bytes begin in buf; SIZE_MAX: none is under way */
    size_t last_count;
} conv_out;

void conv_out_init(conv_out *o, ds_str in, ds_buf *buf, ds_offmap *map);
/* Bytes [beg, end) of the input as they are. */
void conv_out_copy(conv_out *o, size_t beg, size_t end);
void conv_out_char(conv_out *o, conv_char c);
/* The same, with a short way for a Chinese character when no map is wanted. */
static inline void conv_out_quick(conv_out *o, conv_char c)
{
    ds_buf *b = o->buf;
    if (o->map != NULL || c.cp < 0x3000 || c.cp > 0x9FFF || b->cap - b->n < 3) {
        conv_out_char(o, c);
        return;
    }
    b->p[b->n] = (char)(0xE0 | c.cp >> 12);
    b->p[b->n + 1] = (char)(0x80 | (c.cp >> 6 & 0x3F));
    b->p[b->n + 2] = (char)(0x80 | (c.cp & 0x3F));
    b->n += 3;
}
/* Everything is in the map and buffer; DS_ENOMEM when something did not fit. */
ds_status conv_out_finish(conv_out *o);

#endif

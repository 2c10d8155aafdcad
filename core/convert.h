/*
 * convert.h - Simplified to Traditional and back, by words or as OpenCC does it, with a map to the original.
 *
 * WORDS    word borders decide: an entry of the phrase tables applies when it begins and ends where words do, or
 *          lies inside one word, so that it never cuts across words (the 变量 in 改变量子比特).  Vocabulary of a region
 *          (信息/資訊) is replaced word by word; words that the other side of the strait has, too, with a wider meaning
 *          (支持, 程序, 文件), only in sentences that speak of computing.  Tables: doc/DATA.md.
 * OPENCC   the result of OpenCC 1.1: longest match from the left in each dictionary of the chain t2s, tw2sp, hk2s,
 *          s2t, s2twp or s2hk.
 *
 * Life     builder -> image (one byte string) -> ds_converter_view, or from a file with ds_converter_open.
 *          An open converter never changes: any number of threads may read it.
 * Memory   ds_converter_view borrows `image`: keep it until ds_converter_free.  ds_converter_open maps the file
 *          read-only and unmaps it on free.  Outputs go to buffers that the caller owns; scratch memory of a
 *          conversion is bounded (about 200 KiB and the tokens of one sentence).
 * Units    bytes.  In the map each character that became one character leads back to it; what was replaced by
 *          another number of characters (程序员 by 程式設計師) leads back to all of what it replaced.
 * Errors   DS_EFORMAT: header or section table damaged, err->off says where.  DS_EIO.  DS_ENOMEM.  Look-ups
 *          bound every step: a damaged image gives wrong answers but no crash; ds_converter_verify does the full
 *          checksum pass.  A failed conversion takes back what it appended.  Ill-formed UTF-8 passes unchanged.
 * Cost     linear time; words are cut only in sentences where they can make a difference.
 * Format   doc/FORMAT.md, "Compiled conversion tables".
 */
#ifndef DS_CONVERT_H
#define DS_CONVERT_H

#include "offmap.h"
#include "segment.h"

#define DS_CONVERTER_MAGIC "dsconver"
#define DS_CONVERTER_VERSION 1u
#define DS_CONVERT_KEY_MAX 32 /* characters of the longest key; longer ones are refused */

/* The dictionaries of an image.  The first seven are OpenCC's; the others serve conversion by words. */
typedef enum ds_convert_table {
    DS_CONVERT_ST,      /* STPhrases and STCharacters */
    DS_CONVERT_TS,      /* TSPhrases and TSCharacters */
    DS_CONVERT_TWP,     /* TWPhrases */
    DS_CONVERT_TWV,     /* TWVariants */
    DS_CONVERT_HKV,     /* HKVariants */
    DS_CONVERT_TWR,     /* TWPhrasesRev, TWVariantsRevPhrases, TWVariantsRev: ranks 0, 1, 2 */
    DS_CONVERT_HKR,     /* HKVariantsRevPhrases, HKVariantsRev: ranks 0, 1 */
    DS_CONVERT_WST,     /* by words, Simplified to Traditional; keys may begin with a DS_CONVERT_AFTER_NUMERAL ... */
    DS_CONVERT_WTS,     /* by words, Traditional, of any region, to Simplified */
    DS_CONVERT_WTV,     /* vocabulary, Simplified to Taiwan's; the rank is a ds_convert_class */
    DS_CONVERT_WSV,     /* vocabulary, Taiwan's to Simplified */
    DS_CONVERT_TABLES
} ds_convert_table;

/* How readily a word of a region's vocabulary is replaced. */
typedef enum ds_convert_class {
    DS_CONVERT_PLAIN,   /* always */
    DS_CONVERT_TECH,    /* always; tells that the sentence is about computing */
    DS_CONVERT_WEAK,    /* in a sentence about computing; two of them tell it */
    DS_CONVERT_COMMON   /* in a sentence about computing */
} ds_convert_class;
#define DS_CONVERT_RANK_MAX 3

/* Noncharacters that begin a key of one further character in DS_CONVERT_WST: how it reads as a word of its own ... */
#define DS_CONVERT_AFTER_NUMERAL 0xFDD0u /* ... after a numeral: 三只 */
#define DS_CONVERT_SURNAME 0xFDD1u       /* ... as the first of a person's name */
#define DS_CONVERT_ALONE 0xFDD2u         /* ... anywhere else */

typedef struct ds_converter ds_converter;

typedef struct ds_converter_builder ds_converter_builder;
DS_MUSTUSE ds_status ds_converter_builder_new(const ds_alloc *a, ds_converter_builder **out, ds_error *err);
void ds_converter_builder_free(ds_converter_builder *b);
/* Adds an entry, or replaces the one with this key.  Among matches the lowest rank wins, then the longest key; in
 * vocabulary tables the rank is a class instead.  Keys of one character come before all others of their table.
 * DS_EINVAL: key or value empty, ill-formed or too long; rank above DS_CONVERT_RANK_MAX. */
DS_MUSTUSE ds_status ds_converter_builder_add(ds_converter_builder *b, ds_convert_table table, ds_str key, ds_str value,
                                              unsigned rank, ds_error *err);
/* Appends the image to `image`; `source` is a line about where the tables come from. */
DS_MUSTUSE ds_status ds_converter_build(ds_converter_builder *b, ds_str source, ds_buf *image, ds_error *err);

DS_MUSTUSE ds_status ds_converter_view(const ds_alloc *a, ds_str image, ds_converter **out, ds_error *err);
DS_MUSTUSE ds_status ds_converter_open(const ds_alloc *a, const char *path, ds_converter **out, ds_error *err);
void ds_converter_free(ds_converter *conv);
/* Checks every section's checksum; DS_EFORMAT with the section's offset. */
DS_MUSTUSE ds_status ds_converter_verify(const ds_converter *conv, ds_error *err);
/* Where the tables come from; the view lives as long as the converter. */
ds_str ds_converter_source(const ds_converter *conv);

typedef enum ds_region { DS_REGION_NONE, DS_REGION_TW, DS_REGION_HK, DS_REGION_COUNT } ds_region;

typedef struct ds_conversion {
    bool to_simplified; /* else to Traditional */
    ds_region region;   /* of the Traditional text: what it is, or is to become */
} ds_conversion;

/* Appends `in` converted as OpenCC does to `out`.  `map` may be NULL, else it is appended to as well (both must
 * start empty or be in step: the inputs of several calls count as one text, end to end).  Besides the errors above,
 * DS_ELIMIT: more than UINT32_MAX bytes. */
DS_MUSTUSE ds_status ds_convert_opencc(const ds_converter *conv, ds_conversion what, ds_str in, ds_buf *out,
                                       ds_offmap *map, ds_error *err);

/* The same by words, whose borders `seg` finds in either script; `lex` is the segmenter's lexicon. */
DS_MUSTUSE ds_status ds_convert_words(const ds_converter *conv, const ds_segmenter *seg, const ds_lexicon *lex,
                                      ds_conversion what, ds_str in, ds_buf *out, ds_offmap *map, ds_error *err);

#endif

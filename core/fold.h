/*
 * fold.h - one key for every way to write a character: case, width, Traditional/Simplified.
 *
 * CASE     Unicode full case folding (CaseFolding.txt C + F, through utf8proc).
 * WIDTH    full-width ASCII, ideographic space, half-width Katakana and Hangul to their
 *          normal forms (Unicode's decompositions of type <wide> and <narrow>, one step, one
 *          code point each: a half-width voiced mark becomes a combining one).
 * VARIANT  every Traditional, Taiwan and Hong Kong form to one Simplified character, without
 *          looking at words; the table is generated from OpenCC's data at build time.  What some
 *          text may write for the same word falls together, so Simplified characters move, too:
 *          瞭望 becomes 了望 because 瞭解 is 了解.  Keys are for comparing, not for showing.
 * Folding twice gives the same as folding once, for every combination of flags, and the order of
 * case, width and variant makes no difference.
 *
 * Memory   outputs go to buffers that the caller owns.
 * Units    bytes; the map leads from folded offsets to those of the input.
 * Errors   DS_ENOMEM; what was appended is taken back.  Ill-formed UTF-8 passes unchanged.
 * Threads  Pure functions over constant tables.
 */
#ifndef DS_FOLD_H
#define DS_FOLD_H

#include "offmap.h"
#include "utf8.h"

enum { DS_FOLD_CASE = 1, DS_FOLD_WIDTH = 2, DS_FOLD_VARIANT = 4, DS_FOLD_ALL = 7 };

#define DS_FOLD_CP_MAX 4 /* code points that one may fold to */

/* Folds one code point; returns how many it becomes, 1..DS_FOLD_CP_MAX.  What is no code point
 * (a surrogate, DS_UTF8_BAD) becomes itself. */
size_t ds_fold_cp(uint32_t cp, unsigned flags, uint32_t out[DS_FOLD_CP_MAX]);

/* The one-to-one part: what a Traditional or variant character folds to, or cp itself. */
uint32_t ds_fold_variant(uint32_t cp);

/* Appends the folded `in` to `out`; `map` may be NULL, else it is appended to as well (both
 * must start empty or be in step: the inputs of several calls count as one text, end to end).
 * A character replaced by one of as many bytes stays in the linear run; others become atoms.
 * Unknown bits of `flags` are ignored. */
DS_MUSTUSE ds_status ds_fold(ds_str in, unsigned flags, ds_buf *out, ds_offmap *map, ds_error *err);

/* Which script a Chinese text is written in, by the characters that only one of them uses. */
typedef struct ds_script_counts {
    size_t hans, hant;   /* characters used only in Simplified / only in Traditional */
    size_t han;          /* all Han characters, these two included */
    size_t latin, kana, hangul, cyrillic, other; /* letters of other scripts */
} ds_script_counts;

void ds_fold_count_scripts(ds_str s, ds_script_counts *out);

/* The script that most of the text is written in, eight letters of an alphabet weighing as much as one
 * Han, Kana or Hangul character: "Hans", "Hant", "mixed" (both above one in five of the telling
 * characters), "Hani" (Han but nothing telling), "Latn", "Kana", "Hang", "Cyrl", "Zzzz" (another
 * script) or "Zyyy" (no letters). */
const char *ds_fold_script_name(const ds_script_counts *counts);
/* How sure that name is, 0 to 1: the share of the characters that tell which agree with it, less for few of them
 * (n of them count n / (n + 2)).  Every letter tells between alphabets; "Hani" and "Zyyy" give 0. */
double ds_fold_script_sure(const ds_script_counts *counts);

#endif

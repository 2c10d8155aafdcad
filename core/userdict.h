/*
 * userdict.h - the user's own words, beside the compiled lexicon.
 *
 * A word without a frequency is forced: it always wins, unless it crosses another forced word
 * (then the one that begins first, of two that begin together the longer, wins).  A word that
 * begins or ends in an ASCII letter or digit is found only where the neighbouring character is
 * not of that kind, so that "AI" does not cut "OpenAI".  A word with a frequency is a suggestion
 * that competes with the lexicon's words.  Words are matched folded, like the lexicon's.
 *
 * Life     new -> add, remove, load in any order -> free.  It may change between two runs of
 *          a segmenter but not during one.
 * Text form (UTF-8, a BOM is tolerated): `word [freq] [pos]` a line, # starts a comment line.  The
 *          fields are separated by single blanks and recognised from the end (pos: lower-case
 *          letters and digits; freq: digits), so that a word may hold blanks; where that is
 *          ambiguous ("Model 3"), separate with TABs: "Model 3<TAB>" has no freq.
 * Errors   ds_userdict_load names and skips bad lines through `report`, never stops at one.
 */
#ifndef DS_USERDICT_H
#define DS_USERDICT_H

#include "fold.h"
#include "trie.h"

#define DS_USERDICT_POS_MAX 15 /* bytes of the longest part of speech */

typedef struct ds_userdict ds_userdict;

typedef struct ds_userword {
    bool forced;
    uint64_t freq;   /* of a suggestion; 0 when forced */
    uint16_t pos;    /* number for ds_userdict_pos_name; 0 when none was given */
    uint64_t line;   /* line in the file it came from, 0 when added by a call */
} ds_userword;

DS_MUSTUSE ds_status ds_userdict_new(const ds_alloc *a, ds_userdict **out, ds_error *err);
void ds_userdict_free(ds_userdict *d);
/* Adds or replaces.  freq < 0: forced.  DS_EINVAL: empty, ill-formed, longer than
 * DS_LEXICON_WORD_MAX characters, or a line break inside; pos too long. */
DS_MUSTUSE ds_status ds_userdict_add(ds_userdict *d, ds_str word, int64_t freq, ds_str pos, ds_error *err);
/* Removes a word from the user's words; with `ban`, also hides the lexicon's word of that form. */
DS_MUSTUSE ds_status ds_userdict_remove(ds_userdict *d, ds_str word, bool ban, ds_error *err);
/* Reads the text form.  `report` (may be NULL) is called for every bad line, which is skipped. */
DS_MUSTUSE ds_status ds_userdict_load(ds_userdict *d, ds_str text,
                                      void (*report)(void *ud, const ds_error *bad_line), void *ud,
                                      ds_error *err);
/* Whether a forced word was ever added: without one the segmenter need not look for them. */
bool ds_userdict_forces(const ds_userdict *d);
size_t ds_userdict_count(const ds_userdict *d);
/* Name of a part of speech, "" for 0; lives as long as the dictionary. */
ds_str ds_userdict_pos_name(const ds_userdict *d, uint16_t pos);

/* For the segmenter: the node after `cp` (folded on the way), from the root 0; or DS_TRIE_NONE. */
int32_t ds_userdict_step(const ds_userdict *d, int32_t node, uint32_t cp);
/* The user's word that ends at `node`, or NULL. */
const ds_userword *ds_userdict_word(const ds_userdict *d, int32_t node);
/* Whether the lexicon's word of this form is hidden; how many are. */
bool ds_userdict_banned(const ds_userdict *d, int32_t node);
size_t ds_userdict_bans(const ds_userdict *d);

#endif

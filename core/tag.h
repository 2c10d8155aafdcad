/*
 * tag.h - which of its parts of speech a word has here, by the words beside it.
 *
 * A word of the lexicon may have up to DS_LEXICON_TAGS tags, each with the share it has of the word's uses, and the
 * lexicon knows which tags follow each other more or less often than by chance.  Of all ways to tag a run of words
 * between two neighbours whose tags are known, the one of least cost is taken (Viterbi 1967); a clause without any verb
 * costs extra.
 *
 * Life     no state: the segmenter calls this for every run that it meets.
 * Units    costs are in bits * DS_LEXICON_TAG_UNIT, integers: the same text has the same tags everywhere.
 * Cost     linear in the words, at most 2 * DS_LEXICON_TAGS squared steps a word; allocates nothing.
 */
#ifndef DS_TAG_H
#define DS_TAG_H

#include "lexicon.h"

#ifndef DS_TAG_RUN
#define DS_TAG_RUN 64 /* words decided together; a longer run is cut */
#endif

/* What a word of the lexicon may be: the number of its only part of speech or, from ds_lexicon_pos_count() on, a number
 * for ds_tag_words to decide; 0 for an id out of range. */
uint16_t ds_tag_choices(const ds_lexicon *lex, int32_t word);
/* Whether words of this part of speech make a clause: verbs, and set phrases. */
bool ds_tag_is_predicate(const ds_lexicon *lex, uint16_t tag);
/* Replaces what each of n <= DS_TAG_RUN consecutive words may be by the part of speech it has between words with the
 * tags `before` and `after`, 0 for punctuation and the ends of the text.  `clause`: a clause ends here, and what stands
 * before the words has no predicate.  Where two ways cost the same, the likelier tag of the later word wins. */
void ds_tag_words(const ds_lexicon *lex, uint16_t before, uint16_t *words, size_t n, uint16_t after, bool clause);

#endif

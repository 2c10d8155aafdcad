/*
 * segment_words.c - the lexicon's words at many places of a window; see segment_int.h.
 *
 * The trie is larger than a processor's caches, and every step of a walk waits for the one before.  But
 * walks that begin at different characters know nothing of each other.  Taken side by side, a level at a
 * time, without branches, and each asking for its next cell as soon as it knows which, they wait together.
 */
#include <string.h>

#include "segment_int.h"

typedef struct word_walk {
    uint32_t base; /* of the node that it has reached */
    uint32_t node;
    uint32_t at;   /* where it began, from out->beg */
} word_walk;

/* `at`, or the root, which is no node's child, for what lies outside the table. */
static inline uint32_t bounded(const ds_trie *trie, uint32_t at)
{
    return at < trie->count ? at : 0;
}

/* Takes each of the `n` walks a character further, keeps those that go on and returns how many they are.  The sentinel's
 * code, 0, ends them all. */
static size_t step_walks(ds_trie trie, const seg_char *c, size_t level, word_walk *walks, size_t n, seg_words *out)
{
    size_t left = 0;
    for (size_t k = 0; k < n; k++) {
        word_walk w = walks[k];
        uint32_t code = c[w.at + level].code, next = bounded(&trie, w.base + code);
        const char *cell = trie.cells + (size_t)next * DS_TRIE_CELL;
        unsigned found = (unsigned)(code != 0) & (unsigned)(ds_load32(cell + 4 * DS_TRIE_CHECK) == w.node);
        uint32_t base = ds_load32(cell + 4 * DS_TRIE_BASE);
        memcpy(out->word[w.at][level], cell + 4 * DS_TRIE_VALUE, sizeof out->word[0][0]);
        out->levels[w.at] = (uint8_t)(level + found);
        ds_prefetch(trie.cells + (size_t)bounded(&trie, base + c[w.at + level + found].code) * DS_TRIE_CELL);
        walks[left] = (word_walk){base, next, w.at};
        left += found;
    }
    return left;
}

void seg_find_words(const lex_tables *lex, const seg_text *t, size_t beg, seg_words *out)
{
    word_walk walks[SEG_AHEAD];
    const ds_trie *trie = &lex->trie;
    size_t n = t->n - beg < SEG_AHEAD ? t->n - beg : SEG_AHEAD;
    uint32_t root = (uint32_t)ds_trie_cell(trie, 0, DS_TRIE_BASE);
    out->beg = beg;
    out->end = beg + n;
    for (size_t i = 0; i < n; i++)
        walks[i] = (word_walk){root, 0, (uint32_t)i};
    for (size_t level = 0; level < SEG_LEVELS && n > 0; level++)
        n = step_walks(*trie, t->c + beg, level, walks, n, out);
    for (size_t k = 0; k < n; k++)
        out->node[walks[k].at] = (int32_t)walks[k].node;
}

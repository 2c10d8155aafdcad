/*
 * match_int.h - the automaton that match_build.c makes and match.c runs.
 *
 * Symbols  what terms and texts consist of after folding: a code point, or one byte of an ill-formed
 *          sequence as MATCH_BAD_SYMBOL + byte.
 * Codes    the symbols that occur in terms, numbered from 1; 0 stands for all the others.  Those that
 *          begin a term come first, so that code c <= roots leads from the root to state c.
 * States   numbered breadth first, children of one state side by side and by rising code: the
 *          children of s are [states[s].first, states[s + 1].first), found by binary search.
 */
#ifndef DS_MATCH_INT_H
#define DS_MATCH_INT_H

#include "match.h"

#define MATCH_BAD_SYMBOL 0x110000u
#define MATCH_PAGES 0x1101u /* of 256 symbols each; the last one is that of the bad bytes */
#define MATCH_SLOW 0xFFFFu  /* instead of a code: not in this table, fold the character */

/* A two-level table.  Pages 0 and 1 are shared: the default, and one with nothing but zeros. */
typedef struct match_codes {
    uint16_t *codes; /* pages * 256 */
    size_t pages, cap;
    uint16_t index[MATCH_PAGES];
} match_codes;

typedef struct match_state {
    uint32_t first; /* child */
    uint32_t fail;  /* the longest proper suffix that is a state with children, or the root */
    uint32_t out;   /* number from 1 of the longest key that ends here, or 0 */
} match_state;

typedef struct match_key {
    uint32_t members; /* its terms are members[keys[k].members .. keys[k + 1].members) */
    uint32_t len;     /* symbols */
    uint32_t next;    /* number from 1 of the longest key that is a proper suffix, or 0 */
    uint32_t overlap; /* number from 1 among the keys that can overlap themselves, or 0 */
} match_key;

struct ds_matcher {
    const ds_alloc *alloc;
    unsigned fold;
    match_codes exact; /* symbol -> code */
    match_codes raw;   /* code point of the text -> code, folding done; MATCH_SLOW where it is not */
    match_state *states; /* nstates + 1 */
    uint16_t *labels;    /* of the edge into each state */
    match_key *keys;     /* nkeys + 1 */
    uint32_t *members;   /* terms, by key, then by number */
    uint32_t *same;      /* for each term the first of its key */
    uint32_t nterms, nstates, nkeys;
    uint32_t roots;      /* children of the root */
    uint64_t *starts;    /* ncodes; for each code the codes (modulo 64) that may follow it at a key's start */
    uint32_t ncodes;     /* codes, 0 included */
    uint32_t overlaps;   /* keys that can overlap themselves */
    uint32_t longest;    /* symbols of the longest key */
};

static inline uint16_t match_code(const match_codes *t, uint32_t symbol)
{
    return t->codes[(size_t)t->index[symbol >> 8] << 8 | (symbol & 0xFF)];
}

/* Whether a key may begin with code `c` followed by code `next`.  Tells rarely yes where none does, never no where
 * one does. */
static inline bool match_may_start(const ds_matcher *m, uint16_t c, uint16_t next)
{
    return (m->starts[c] >> (next & 63) & 1) != 0;
}

/* The child of `s`, not the root, by code `c`; 0 when there is none. */
static inline uint32_t match_child(const ds_matcher *m, uint32_t s, uint16_t c)
{
    uint32_t lo = m->states[s].first, n = m->states[s + 1].first - lo;
    if (n == 0)
        return 0;
    while (n > 1) {
        uint32_t half = n / 2;
        lo += m->labels[lo + half] <= c ? half : 0;
        n -= half;
    }
    return m->labels[lo] == c ? lo : 0;
}

/* The state after `s` on code `c` > 0. */
static inline uint32_t match_step(const ds_matcher *m, uint32_t s, uint16_t c)
{
    while (s != 0) {
        uint32_t t = match_child(m, s, c);
        if (t != 0)
            return t;
        s = m->states[s].fail;
    }
    return c <= m->roots ? c : 0;
}

#endif

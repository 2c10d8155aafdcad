/*
 * pattern.h - matching Lua 5.4 patterns under a budget.
 *
 * Semantics  Those of the Lua 5.4 manual, section 6.4.1, with the errors of stock Lua, raised when the match reaches
 *            the place that is wrong (so a pattern whose broken end is never reached is no error).  Character
 *            classes are those of the C locale.
 * Budget     Every try of a single character is a step.  After each DSL_PATTERN_POLL steps the limits of the state
 *            are asked (limit.h), and a call that has taken DSL_PATTERN_STEPS and a hundred for every byte of its
 *            subject ends as a reached limit: no text needs as many, save by backtracking without end.
 * Units      Pointers into the subject; both strings may hold NUL bytes, both end in one.
 */
#ifndef DS_PATTERN_H
#define DS_PATTERN_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DSL_PATTERN_POLL 32768
#define DSL_PATTERN_STEPS 1000000000
#define DSL_PATTERN_CAPTURES 32 /* as in stock Lua */
#define DSL_PATTERN_SETS 4

typedef struct dsL_set {
    const unsigned char *at; /* the '[' of the pattern, NULL: no set here */
    uint64_t bits[4];
} dsL_set;

typedef struct dsL_pattern {
    lua_State *L;
    const unsigned char *beg, *end; /* the subject */
    const unsigned char *pat_end;
    int64_t budget; /* steps until the next poll */
    int64_t taken;  /* steps before that */
    int depth;      /* calls of the matcher that may still be nested */
    int captures;
    struct {
        const unsigned char *beg;
        ptrdiff_t len; /* bytes, or one of the two below */
    } capture[DSL_PATTERN_CAPTURES];
    dsL_set set[DSL_PATTERN_SETS];
} dsL_pattern;

#define DSL_CAPTURE_OPEN (-1)
#define DSL_CAPTURE_POSITION (-2)

/* Prepares a match of a subject of n bytes with a pattern that ends at pat_end.  [-0, +0, -] */
void dsL_pattern_init(dsL_pattern *m, lua_State *L, const char *subject, size_t n, const char *pat_end);
/* The end of the match of pattern p at s, or NULL.  [-0, +0, e] */
const char *dsL_pattern_at(dsL_pattern *m, const char *s, const char *p);
/* The first match of p at s or behind; *beg is its begin, the result its end, NULL: none.  [-0, +0, e] */
const char *dsL_pattern_search(dsL_pattern *m, const char *s, const char *p, const char **beg);
/* Whether the pattern has no magic character: it matches itself only.  [-0, +0, -] */
bool dsL_pattern_plain(const char *p, size_t n);

#endif

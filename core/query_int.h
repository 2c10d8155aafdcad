/*
 * query_int.h - the parts of a query: query_types.c which types a condition holds for, query_phrase.c how a phrase may be
 * cut, query_cuts.c where its cuts stand, query_nfa.c the automaton,
 * query_maps.c positions as bits, query_plan.c where to begin, query_units.c how far, query_run.c the hits, query_direct.c
 * those of single tokens and phrases.
 */
#ifndef DS_QUERY_INT_H
#define DS_QUERY_INT_H

#include "query.h"

/* ------------------------------------------------------------------ lists of numbers */

typedef struct q_list {
    uint32_t *v;
    size_t n, cap;
} q_list;

bool q_list_add(const ds_alloc *a, q_list *l, uint32_t v);
bool q_list_room(const ds_alloc *a, q_list *l, size_t more);
void q_list_clear(const ds_alloc *a, q_list *l);
/* Sorts; false: no memory. */
bool q_list_sort(const ds_alloc *a, q_list *l);
void q_list_unique(q_list *l); /* of a sorted one */
bool q_list_has(const q_list *l, uint32_t v); /* of a sorted one */

/* Types, ascending, and how many tokens they have together. */
typedef struct q_types {
    q_list ids;
    uint64_t tokens;
} q_types;

/* ------------------------------------------------------------------ conditions */

typedef struct q_regex q_regex;

/* A condition on a token, as written once in the query. */
typedef struct q_token {
    uint32_t expr; /* node of the condition, DS_CQL_NONE: any token */
    bool listed;   /* `types` is known */
    q_types types;
} q_token;

/* ------------------------------------------------------------------ phrases */

typedef enum q_part_kind {
    Q_IN,    /* a token that contains the phrase */
    Q_END,   /* ends with its first `to` bytes */
    Q_MID,   /* is its bytes [from, to) */
    Q_START, /* starts with its bytes from `from` on */
    Q_SPACE  /* white space before the byte `from`, where the phrase has a blank */
} q_part_kind;

typedef struct q_part {
    q_part_kind kind;
    uint32_t from, to; /* bytes of the phrase without blanks that it covers */
    q_types types;
} q_part;

typedef struct q_phrase {
    ds_str text;    /* without blanks */
    uint8_t *marks; /* text.n + 1 of them: Q_BORDER, Q_BLANK */
    size_t held;    /* bytes that `text` was given */
    bool aligned;   /* begins and ends at token borders: an entity's form */
    bool repeats;   /* one occurrence may begin within another */
    bool blanks;    /* there are blanks in it */
    q_part *parts;
    size_t count, cap;
    uint64_t cost;  /* tokens to look at, at least */
    uint32_t hinge; /* every cut has one token over this byte; together these are the fewest */
} q_phrase;

enum { Q_BORDER = 1, Q_BLANK = 2 };

/*
 * A hit, or an occurrence of a phrase on its way to one.  `from` is the byte of the first token's key where it begins,
 * DS_QUERY_WHOLE, or, with the highest bit, how a phrase is cut: the bytes of it that the first token ends with, times
 * 4096, plus the byte with which the last one starts.  `to`: the number of its leaf, later a byte of the last key.
 */
typedef struct q_occ {
    uint32_t beg, end, from, to;
} q_occ;

#define Q_CUT 0x80000000u
enum { Q_CUT_UNIT = 4096 }; /* above 4 * DS_QUERY_PHRASE_MAX */

typedef struct q_occs {
    q_occ *v;
    size_t n, cap;
} q_occs;

/* ------------------------------------------------------------------ the automaton */

enum { Q_WORDS_MAX = DS_QUERY_PLACES_MAX / 64 };

typedef struct q_set {
    uint64_t w[Q_WORDS_MAX];
} q_set;

/* A place of the automaton: what a token must be to get there. */
typedef struct q_place {
    uint32_t token;  /* number of a q_token, or DS_CQL_NONE */
    uint32_t phrase; /* number of a q_phrase otherwise */
    uint32_t part;
    uint32_t captures; /* a bit for each it belongs to */
} q_place;

typedef struct q_nfa {
    q_place *places;
    size_t count, cap;
    size_t words;      /* of a set */
    uint64_t *follow;  /* count sets: what may come behind a place */
    uint64_t *before;  /* count sets: what may have come before it */
    q_set first, last, open; /* open: white space may follow */
    /* The types that were met: what a token of that type may be. */
    size_t types;      /* how many there are */
    uint32_t *sign_of; /* by type: number of a sign, 0: not met yet */
    uint64_t *signs;   /* sign i: words + 1 words, the last one 1 for white space */
    size_t sign_count, sign_cap;
    uint32_t *table;   /* open addressing: numbers of signs */
    size_t table_size;
    char *holds;       /* by token, of the type at hand: 0 unknown, 1 it holds, 2 it does not */
    /* Scratch of a window. */
    uint64_t *may;     /* per token: the places it can be part of a match as */
    size_t may_cap;
} q_nfa;

/* ------------------------------------------------------------------ maps */

/* Which positions of a stretch hold what, a bit each: instead of reading the tokens in a row. */
typedef struct q_map {
    const q_types *types;
    uint32_t token;  /* the q_token that it maps, or DS_CQL_NONE */
    q_set where;     /* the places that such a token may be at */
    uint64_t *bits;
} q_map;

typedef struct q_maps {
    q_map *maps; /* the elements, then DS_TYPE_END and, last, white space */
    size_t count;
    q_set any, blank; /* places for any token, and for white space within a phrase */
    size_t words;     /* of each map, as many as were allocated */
    uint32_t lo;      /* the position of the first bit */
    bool made, on;    /* prepared; those of the stretch at hand are filled */
} q_maps;

/* ------------------------------------------------------------------ plan and run */

typedef enum q_plan {
    Q_DIRECT, /* all alternatives are one token or one phrase: the lists are the hits */
    Q_LIST,   /* the places of an anchor, and what stands about them */
    Q_SCAN    /* every article */
} q_plan;

/* An element at which matches are looked up. */
typedef struct q_leaf {
    uint32_t token, phrase; /* one of them; the other DS_CQL_NONE */
} q_leaf;

typedef struct q_anchor {
    uint64_t cost;
    uint32_t before, after; /* tokens of a match before the leaf's first one, and from there on; DS_CQL_UNBOUNDED */
} q_anchor;

typedef struct q_units {
    const uint32_t *v;
    size_t n, at;
} q_units;

typedef struct q_run {
    uint32_t lo, hi;  /* the stretch of positions at hand; whole articles */
    uint32_t share;   /* how large the next one is */
    q_list places;    /* of the anchor in it */
    size_t next_place;
    q_occs found;     /* hits that wait */
    size_t next_found;
    uint32_t floor, floor_from; /* where the next hit may begin: token and byte of its key */
    bool done;
} q_run;

struct ds_query {
    const ds_alloc *alloc;
    const ds_index *ix;
    const ds_cql *tree;
    ds_query_options opt;
    q_regex **regexes;  /* by node */
    q_token *tokens;
    size_t token_count, token_cap;
    uint32_t *token_of; /* by node */
    q_phrase *phrases;
    size_t phrase_count, phrase_cap;
    uint32_t *phrase_of; /* by node: the first one; an entity has several */
    uint32_t *phrase_n;  /* by node: how many */
    q_types spaces;
    q_nfa nfa;
    q_maps maps;
    q_plan plan;
    q_leaf *leaves;
    size_t leaf_count, leaf_cap;
    q_anchor anchor;
    ds_forward *forward;
    uint32_t *window;
    size_t window_cap;
    uint64_t *bits; /* of positions, all 0 between uses */
    size_t bits_cap;
    q_run run;
    uint64_t steps, next_check;
    bool stopped, unready; /* unready: before all of its words were looked up, so it has no hits */
    ds_status status; /* of what has no way to return it */
    ds_error error;
};

/* query.c: counts steps; true when the run has to end. */
bool q_step(ds_query *q, uint64_t steps);
ds_status q_fail(ds_query *q, ds_status st, uint32_t off, const char *what, ds_str value);

/* query_types.c */
ds_status q_regexes_new(ds_query *q, ds_error *err);
void q_regexes_free(ds_query *q);
bool q_holds(ds_query *q, uint32_t expr, const ds_type *t);
/* Lists the types of a condition when its words are few (`all`: in any case, by a pass over the vocabulary). */
ds_status q_list_types(ds_query *q, q_token *t, bool all);
/* The types of the class SPACE. */
ds_status q_list_spaces(ds_query *q);

/* query_phrase.c */
ds_status q_phrase_add(ds_query *q, ds_str text, bool aligned, uint32_t off);
void q_phrase_clear(ds_query *q, q_phrase *p);
/* The occurrences of a phrase in a key, from byte `at` on: false: none; else where it begins and ends. */
bool q_phrase_in(const q_phrase *p, ds_str key, size_t at, size_t *beg, size_t *end);
/* Where part `kind` of the phrase begins or ends in a key of its types. */
size_t q_phrase_edge(const q_phrase *p, const q_part *part, ds_str key, bool end);

/* query_cuts.c: appends the occurrences in the positions [lo, hi), whole articles, in no order. */
ds_status q_cuts(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, uint32_t leaf, q_occs *out);
/* Only those that go over a border of tokens; and how many these are, added to *count. */
ds_status q_cuts_between(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, q_occs *out);
/* Appends those within the tokens of the ones that `out` has; their `to` is the type. */
ds_status q_cuts_beside(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, q_occs *out);
ds_status q_cuts_count(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, uint64_t *count);
/* The positions of types in [lo, hi), appended in no order. */
ds_status q_places(ds_query *q, const q_types *types, uint32_t lo, uint32_t hi, q_list *out);
bool q_occs_add(ds_query *q, q_occs *o, q_occ occ);
/* Sorts by beginning; what begins alike by `from`, then the longer first. */
bool q_occs_sort(ds_query *q, q_occs *o);

/* query_nfa.c */
ds_status q_nfa_build(ds_query *q);
void q_nfa_clear(ds_query *q);
/* Appends the hits within n tokens, the first at position `base`; `types` NULL: as the maps have them. */
ds_status q_nfa_window(ds_query *q, const uint32_t *types, size_t n, uint32_t base, q_occs *out);
/* The places that the tokens of a match take, DS_CQL_NONE for white space; false: it is none. */
bool q_nfa_path(ds_query *q, const uint32_t *types, size_t n, uint32_t *places);

/* query_maps.c */
/* Fills the maps for the stretch of q->run where that is cheaper than reading it at its q->run.places; q->maps.on. */
ds_status q_maps_choose(ds_query *q);
void q_maps_clear(ds_query *q);
/* The sign (see q_nfa) of the token at `pos`, to `out`. */
void q_maps_sign(const ds_query *q, uint32_t pos, uint64_t *out);
static inline bool q_maps_space(const ds_query *q, uint32_t pos)
{
    uint32_t i = pos - q->maps.lo;
    return (q->maps.maps[q->maps.count - 1].bits[i / 64] >> i % 64 & 1) != 0;
}

/* query_plan.c */
ds_status q_plan_make(ds_query *q);

/* query_units.c */
bool q_doc_counts(const ds_query *q, uint32_t doc);
bool q_all_docs_count(const ds_query *q);
/* Whether where a match has to end depends on where it begins: `within` several units, or so many tokens. */
bool q_slides(const ds_query *q);
/* Where a match that holds `pos` lies at most, as far as units tell; `pos` is not before those asked for earlier with the same
 * `u`.  *end is also where one that begins there has to end.  It may begin in the article before, when what begins an
 * article belongs to no unit. */
void q_span_at(const ds_query *q, q_units *u, uint32_t pos, uint32_t *beg, uint32_t *end);

/* query_direct.c: the hits of a stretch to q->run.found; and how many a phrase has, all articles counting. */
ds_status q_direct_fill(ds_query *q);
ds_status q_direct_count(ds_query *q, const q_phrase *p, uint64_t *count);

/* query_run.c: goes on to the next stretch of the run, the first one of so many tokens; false: there is none. */
enum { Q_SHARE_MAX = 1 << 25 };
bool q_next_stretch(ds_query *q, uint32_t first);
ds_status q_run_count(ds_query *q, uint64_t *count);

#endif

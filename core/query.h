/*
 * query.h - a query on the index of one segment: its hits in the order of the text.
 *
 * Matching  Of the places where a match may begin the leftmost is taken, of the matches there the longest; the next hit
 *           begins behind it.  (With `overlap` every place where a match begins has a hit, the longest one.)  No match
 *           reaches beyond its article, or the sentence or paragraph that `within` names.  Articles that are
 *           deleted, or left out by `docs`, have none.
 * Space     Tokens of class SPACE are passed over between the elements of a query, match none of them, and a hit
 *           neither begins nor ends with one.
 * Phrases   "characters" stand anywhere in the text of the folded keys, whatever the token borders: a phrase is cut in
 *           every way that the vocabulary allows (the end of a token, whole tokens, the start of a token) and looked for
 *           within tokens, too.  A blank in a phrase stands for any white space or none; without one a phrase
 *           does not go over white space.  A query of one phrase, or of phrases as alternatives, finds its
 *           occurrences as characters, so there may be several in one token; in any other query a phrase takes the
 *           tokens that it touches, and what follows begins with the next one.
 * Plan      The rarest element that no match can lack is looked up in the posting lists, and only what stands about these
 *           places is read.  Regular expressions (PCRE2) are tried on the vocabulary, each word once.
 *
 * Life     ds_cql_parse -> ds_query_new -> ds_query_next until it gives fewer than asked for -> ds_query_free.
 * Memory   the tree and the index are borrowed.
 * Units    positions are tokens of the segment, half-open; text offsets bytes.
 * Errors   DS_EINVAL: the query has no meaning here, such as a malformed regular expression or an unknown entity (the
 *          message names the column); DS_ELIMIT: it is too large, or a regular expression took more steps than it may;
 *          DS_EFORMAT: the index is damaged; DS_ENOMEM.
 * Stopping `stop` is asked, and `budget` counted, every few thousand steps: then what there is so far is given, and
 *          ds_query_partial says so.
 * Threads  a query belongs to one thread; several may read one index.
 * Cost     a phrase: a pass over the bytes of the vocabulary's keys, then the posting lists of its rarest cut.
 *          Others: about the number of places of the rarest element times the length of a match; a query all of whose
 *          elements are frequent reads the segment once.  No pattern takes more than linear time in the text it
 *          reads, times the elements of the query.
 * Source   position automata: Glushkov (1961), run on sets of states as by Navarro and Raffinot (2002, ch. 5).
 */
#ifndef DS_QUERY_H
#define DS_QUERY_H

#include "cql.h"
#include "index.h"

typedef struct ds_query ds_query;

#define DS_QUERY_PLACES_MAX 1024u /* elements of a query, repetitions written out and phrases cut */
#define DS_QUERY_PHRASE_MAX 128u  /* characters of a phrase */

typedef struct ds_query_options {
    /* Calls add(to, form) for each way to write the entity `name` (folded); false: there is none of that name. */
    bool (*forms)(void *ud, ds_str name, void (*add)(void *to, ds_str form), void *to);
    void *forms_ud;
    bool (*stop)(void *ud); /* NULL: never */
    void *stop_ud;
    uint64_t budget;      /* steps, each some nanoseconds; 0: no bound */
    const uint64_t *docs; /* bit d of these words: article d counts; NULL: all; borrowed */
    bool overlap;
} ds_query_options;

#define DS_QUERY_WHOLE UINT32_MAX

typedef struct ds_found {
    uint32_t beg, end; /* tokens */
    uint32_t from;     /* a phrase within a token: the byte of its key; else DS_QUERY_WHOLE */
} ds_found;

/* Prepares `tree` for `ix`, which is loaded.  `options` may be NULL. */
DS_MUSTUSE ds_status ds_query_new(const ds_alloc *a, const ds_index *ix, const ds_cql *tree,
                                  const ds_query_options *options, ds_query **out, ds_error *err);
void ds_query_free(ds_query *q);

/* The next hits, at most `cap`; fewer than that: there are no more. */
DS_MUSTUSE ds_status ds_query_next(ds_query *q, ds_found *out, size_t cap, size_t *got, ds_error *err);
/* Goes back before the first hit; the budget counts anew. */
void ds_query_rewind(ds_query *q);
/* How many hits there are, wherever ds_query_next is; rewinds. */
DS_MUSTUSE ds_status ds_query_count(ds_query *q, uint64_t *count, ds_error *err);
/* Whether the last run was stopped before its end. */
bool ds_query_partial(const ds_query *q);

typedef struct ds_query_span {
    uint32_t beg, end; /* tokens; beg == end: this capture has no part in the match */
} ds_query_span;

typedef struct ds_query_detail {
    uint32_t from; /* byte of the first token's word where the hit begins: 0 unless a phrase begins later */
    uint32_t to;   /* byte of the last token's word behind the hit */
    ds_query_span captures[DS_CQL_CAPTURES_MAX]; /* from the first to the last token of each */
} ds_query_detail;

/* What a hit consists of.  Elements take as many tokens as they can, the leftmost first. */
DS_MUSTUSE ds_status ds_query_look(ds_query *q, const ds_found *hit, ds_query_detail *out, ds_error *err);

/* Whether the query is one token and no entity; then, whether a type, of any index, is such a token. */
bool ds_query_is_token(const ds_query *q);
bool ds_query_holds(ds_query *q, const ds_type *type);
/* DS_OK, or what has gone wrong in ds_query_holds. */
ds_status ds_query_status(const ds_query *q, ds_error *err);

/* Appends the plan to `out`: the elements with their types and tokens, where the search begins, what it may cost.  Text
 * for people; lines end in \n. */
DS_MUSTUSE ds_status ds_query_explain(ds_query *q, ds_buf *out, ds_error *err);

#endif

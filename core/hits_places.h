/*
 * hits_places.h - where a word or phrase stands, as a concordance counts it, and what stands near it.
 *
 * Places   occurrences of a string in the folded text that no token of class SPACE interrupts; the leftmost first, none
 *          that overlaps one before it.  With whole_words none counts whose edge is within a word.  Words are the tokens of
 *          all classes but SPACE, PUNCT and BAD.
 * Life     ds_places_new -> ds_places_look, ds_collocates_new -> ds_collocates_free -> ds_places_free.
 * Memory   indexes and labels are borrowed for as long as the places live; 32 bytes a place.  What is looked at is a view
 *          until the next call.
 * Units    tokens are numbers within their article, from 0; bytes those of its text.
 * Errors   DS_EINVAL: the string is empty, has white space in it, or is too long for a query; DS_ENOMEM; DS_EFORMAT from the
 *          index; DS_ELIMIT: the owner of the allocator wants an end.
 * Threads  places belong to one thread.
 * Cost     finding: that of a query of one phrase (query.h).  Collocates: unpacking the articles with places, a pass over
 *          their windows, and a frequency list.
 */
#ifndef DS_HITS_PLACES_H
#define DS_HITS_PLACES_H

#include "hits_words.h"

typedef struct ds_places ds_places;

typedef struct ds_places_options {
    ds_str text; /* what is looked for, folded or not */
    bool whole_words;
} ds_places_options;

DS_MUSTUSE ds_status ds_places_new(const ds_alloc *a, const ds_words_source *source, const ds_places_options *options,
                                   ds_places **out, ds_error *err);
void ds_places_free(ds_places *p);
size_t ds_places_count(const ds_places *p);
/* How many articles have one. */
size_t ds_places_docs(const ds_places *p);
/* The article of place i, below the count. */
void ds_places_doc(const ds_places *p, size_t i, uint32_t *segment, uint32_t *doc);

typedef struct ds_place_view {
    uint32_t from, to;     /* bytes of the place, half-open */
    uint32_t beg, end;     /* tokens that it touches */
    const uint32_t *types; /* of the article's tokens */
    const uint32_t *at;    /* where these begin in the text; tokens + 1 of them */
    uint32_t tokens;
} ds_place_view;

/* The article of place i, unpacked once while places of the same one follow each other. */
DS_MUSTUSE ds_status ds_places_look(ds_places *p, size_t i, ds_place_view *out, ds_error *err);
/* The text of the tokens [beg, end) of the article that was looked at last. */
DS_MUSTUSE ds_status ds_places_text(ds_places *p, uint32_t beg, uint32_t end, ds_str *out, ds_error *err);
/* The n-th word before (from `token` down) or behind (from `token` up); false: there is none, *out is the last one that
 * there is, or `token`. */
bool ds_places_word(const ds_places *p, size_t place, const ds_place_view *v, uint32_t token, uint32_t n, bool before,
                    uint32_t *out);

/* ------------------------------------------------------------------ what stands near them */

typedef struct ds_collocates ds_collocates;

typedef struct ds_collocates_options {
    bool sentence;        /* the window is the sentence that the place begins in */
    uint32_t left, right; /* else so many words */
    const uint32_t *const *rank; /* rank[segment][doc]: the order of articles with places; NULL: that of the store */
} ds_collocates_options;

typedef struct ds_collocate {
    ds_str word;          /* folded */
    uint64_t near, all;   /* its places within a window, and in all; those that belong to the node are in neither */
    uint32_t docs;        /* articles in which it stands near */
    size_t place;         /* the first one that it stands near, in the first article by rank */
    uint32_t token;       /* the word there */
} ds_collocate;

DS_MUSTUSE ds_status ds_collocates_new(ds_places *p, const ds_collocates_options *options, ds_collocates **out,
                                       ds_error *err);
void ds_collocates_free(ds_collocates *c);
size_t ds_collocates_count(const ds_collocates *c);
/* Number i; `least`: false when it stands near less often. */
bool ds_collocates_at(const ds_collocates *c, size_t i, uint64_t least, ds_collocate *out);
/* Words within a window, and all words; those of the node are in neither. */
uint64_t ds_collocates_near(const ds_collocates *c);
uint64_t ds_collocates_words(const ds_collocates *c);

#endif

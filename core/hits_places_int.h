/* hits_places_int.h - places from inside: hits_places.c finds and shows them, hits_near.c counts what is near. */
#ifndef DS_HITS_PLACES_INT_H
#define DS_HITS_PLACES_INT_H

#include "hits_places.h"
#include "hits_words_int.h"

#define H_WHOLE UINT32_MAX /* up to the end of the token */

typedef struct h_place {
    uint32_t segment, doc;
    uint32_t beg, end; /* positions of the segment */
    uint32_t from, to; /* bytes of the first token before the place, of the last one up to its end, or H_WHOLE */
} h_place;

struct ds_places {
    ds_alloc alloc;
    ds_words_source source;
    uint64_t **bits;      /* of the articles that count, by segment; NULL: all */
    uint64_t **is_word;   /* a bit for each type */
    uint32_t **length;    /* bytes of each type's word */
    size_t *types_of, *doc_words; /* how many types, and words of `bits` */
    h_place *items;
    size_t count, cap, docs;
    /* the article that is looked at */
    ds_forward *forward;
    uint32_t forward_segment, segment, doc; /* UINT32_MAX: none */
    uint32_t *types, *at;
    size_t type_cap, at_cap;
    uint32_t tokens;
    ds_buf text;
    bool placed; /* `at` is filled */
};

static inline bool h_is_word(const ds_places *p, uint32_t segment, uint32_t type)
{
    return (p->is_word[segment][type / 64] >> type % 64 & 1) != 0;
}

/* Unpacks an article to p->types, with `placed` also where its tokens begin to p->at. */
ds_status h_places_open(ds_places *p, uint32_t segment, uint32_t doc, bool placed, ds_error *err);

#endif

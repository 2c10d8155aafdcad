/* reuse_int.h - the index that reuse.c builds and looks seeds up in, and reuse_match.c verifies them with. */
#ifndef DS_REUSE_INT_H
#define DS_REUSE_INT_H

#include "reuse.h"

enum { REUSE_PER_ARTICLE = 4 }; /* places of one fingerprint that are looked at in one article */

/* Places are codes counted over all articles; a print is its hash in the high and its place in the low half. */
struct ds_reuse {
    const ds_alloc *alloc;
    ds_reuse_options options;
    ds_codes codes;
    uint32_t *start; /* count + 1: where each article begins */
    size_t count, start_cap;
    uint64_t *prints; /* sorted, once built */
    size_t nprints, prints_cap;
    uint32_t *first; /* of the prints whose hash begins with these FIRST_BITS bits; one more behind */
    uint32_t *article; /* of the place that begins each block */
    size_t narticle;
    bool built;
};

/* A shingle that two articles have in common: codes of either, counted within the article. */
typedef struct reuse_seed {
    uint32_t article, a, b;
} reuse_seed;

typedef struct reuse_seeds {
    reuse_seed *items;
    size_t count, cap;
} reuse_seeds;

/* All seeds of article b with earlier ones, by article and place.  The caller frees out->items. */
DS_MUSTUSE ds_status ds_reuse_seeds(const ds_reuse *r, size_t b, reuse_seeds *out, ds_error *err);

#endif

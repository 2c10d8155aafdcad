/*
 * hits_words_int.h - what counting over whole segments needs: the words of several segments under one numbering, and the
 * articles one after the other.
 */
#ifndef DS_HITS_WORDS_INT_H
#define DS_HITS_WORDS_INT_H

#include "hits_int.h"
#include "hits_words.h"

/* What a type is instead of a word. */
enum {
    H_OUT = UINT32_MAX,       /* passed over */
    H_BREAK = UINT32_MAX - 1, /* sequences end there */
    H_WORDS_MAX = UINT32_MAX - 2
};

/* Different words of all segments, numbered as they come. */
typedef struct h_words {
    const ds_alloc *alloc;
    const ds_index *const *segments;
    size_t count;
    h_table table;
    uint32_t **of; /* of[segment][type]: the number of its word, or one of the above */
    uint32_t **pos; /* with `tags`: of a part of speech, by rank */
    h_table tags;
} h_words;

/* `what` gives 0 for a word, else H_OUT or H_BREAK; *word is the string that it counts as. */
typedef uint32_t h_what(void *ud, const ds_type *t, ds_str *word);

ds_status h_words_open(h_words *w, const ds_alloc *a, const ds_index *const *segments, size_t n, h_what *what, void *ud,
                       ds_error *err);
/* Fills w->tags and w->pos, so that the smallest number is the first part of speech by bytes. */
ds_status h_words_tag(h_words *w, ds_error *err);
/* Gives up what leads from types to words: the strings stay, and the indexes may go. */
void h_words_leave(h_words *w);
void h_words_close(h_words *w);
/* The string of a type by `attr` (word or key); what is no text has no other key than itself, as in ds.tokens. */
ds_str h_word_of(const ds_type *t, ds_hit_attr attr);

/* An article as it is walked over. */
typedef struct h_article {
    uint32_t segment, doc, group;
    uint32_t beg;          /* its first position */
    const uint32_t *types; /* of its tokens; valid during the call */
    uint32_t n;
} h_article;

/* Calls fn for each article of `s` that is not deleted, in their order.  DS_ELIMIT: the allocator's owner wants an end. */
ds_status h_each_article(const ds_alloc *a, const ds_words_source *s,
                         ds_status (*fn)(void *ud, const h_article *article, ds_error *err), void *ud, ds_error *err);

#endif

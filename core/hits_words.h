/*
 * hits_words.h - the words of whole stores, counted by groups of articles: how often, in how many articles; sequences of
 * them.
 *
 * Life     ds_counts_new -> ds_counts_at, 0 .. count - 1 -> ds_counts_free; likewise ds_ngrams.
 * Memory   indexes and labels are borrowed while a list is made; strings are views that live as long as the list.
 *          ds_counts: 32 bytes a word and group, 4 a type; ds_ngrams: about 40 bytes a different sequence and group.
 * Units    counts of tokens and articles.
 * Order    of a list: none that is promised.
 * Errors   DS_ENOMEM; DS_EFORMAT from the index; DS_ELIMIT: the owner of the allocator wants an end (alloc.h), or there are
 *          more groups and words than can be numbered; DS_EINVAL: a label out of range.
 * Threads  a list belongs to one thread.
 * Cost     one pass over the tokens of the articles that count, none over their texts.
 */
#ifndef DS_HITS_WORDS_H
#define DS_HITS_WORDS_H

#include "hits.h"

#define DS_GROUP_NONE UINT32_MAX /* the label of an article that does not count */

/* The articles of loaded indexes, each in a group. */
typedef struct ds_words_source {
    const ds_index *const *segments;
    size_t count;
    const uint32_t *const *labels; /* labels[segment][doc], below `groups`, or DS_GROUP_NONE; NULL: all are in group 0 */
    uint32_t groups;               /* at least 1 */
} ds_words_source;

/* ------------------------------------------------------------------ words */

typedef struct ds_counts ds_counts;

typedef struct ds_counts_options {
    ds_hit_attr attr; /* DS_ATTR_WORD or DS_ATTR_KEY */
    bool (*keep)(void *ud, const ds_type *t); /* NULL: all that is not white space */
    void *ud;
} ds_counts_options;

typedef struct ds_count {
    ds_str word;
    uint32_t group;
    uint64_t n;
    uint32_t docs; /* articles of the group with it */
    ds_str pos;    /* of what its first token in each article has, the first by bytes */
} ds_count;

DS_MUSTUSE ds_status ds_counts_new(const ds_alloc *a, const ds_words_source *source, const ds_counts_options *options,
                                   ds_counts **out, ds_error *err);
void ds_counts_free(ds_counts *c);
/* How many words times groups there are, those that do not occur among them. */
size_t ds_counts_size(const ds_counts *c);
/* Number i of them, below that size; false: it does not occur.  The groups of a word follow each other. */
bool ds_counts_at(const ds_counts *c, size_t i, ds_count *out);
/* All counted tokens of a group, and its articles. */
uint64_t ds_counts_total(const ds_counts *c, uint32_t group);
uint32_t ds_counts_docs(const ds_counts *c, uint32_t group);

/* ------------------------------------------------------------------ sequences */

typedef struct ds_ngrams ds_ngrams;

enum { DS_NGRAM_MAX = 20 };

typedef struct ds_ngrams_options {
    uint32_t size; /* 1 .. DS_NGRAM_MAX */
    bool chars;    /* of Han characters, other words being one unit each; else of words */
} ds_ngrams_options;

typedef struct ds_ngram {
    ds_str text; /* the keys, a blank between words, none between characters; a view until the next call */
    uint32_t group;
    uint64_t n;
    uint32_t docs;
} ds_ngram;

typedef struct ds_ngram_total {
    uint64_t total, different; /* sequences */
    uint32_t docs;
} ds_ngram_total;

/* Sequences go over white space that has no line end, and neither over line ends, punctuation and what is no text, nor the
 * end of an article. */
DS_MUSTUSE ds_status ds_ngrams_new(const ds_alloc *a, const ds_words_source *source, const ds_ngrams_options *options,
                                   ds_ngrams **out, ds_error *err);
void ds_ngrams_free(ds_ngrams *g);
size_t ds_ngrams_count(const ds_ngrams *g);
/* Number i of them; `least`: false, and no text, when it stands less often. */
DS_MUSTUSE ds_status ds_ngrams_at(ds_ngrams *g, size_t i, uint64_t least, bool *enough, ds_ngram *out, ds_error *err);
ds_ngram_total ds_ngrams_total(const ds_ngrams *g, uint32_t group);

#endif

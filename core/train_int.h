/* train_int.h - the parts of the trainer; see train.h: train.c has the gold, train_features.c what is to be seen in it,
 * train_learn.c the learning, train_image.c the stored form. */
#ifndef DS_TRAIN_INT_H
#define DS_TRAIN_INT_H

#include "segment_model_int.h"
#include "train.h"

typedef struct train_word {
    uint32_t beg, end; /* bytes in the line's text */
} train_word;

typedef struct train_line {
    size_t text, words, units;        /* where its text, its words and its units begin */
    uint32_t bytes, word_count, unit_count;
} train_line;

/* A feature: its key, how often it occurs, and where its weights are, 0: nowhere. */
typedef struct train_feature {
    uint64_t key;
    uint32_t count, row;
} train_feature;

static inline size_t train_family(const train_feature *f)
{
    return (size_t)(f->key >> 56) - 1;
}

/* Weights of the four places, and the sums of their squared gradients. */
typedef struct train_weights {
    float w[SEG_PLACES], g[SEG_PLACES];
} train_weights;

enum { TRAIN_PARTS = 10 }; /* of the gold, each of which learns from the words of the others */

/* A word of the gold: in how many lines of each part, and of all, it stands. */
typedef struct train_own {
    uint32_t lines[TRAIN_PARTS + 1];
} train_own;

/* The model in the making. */
typedef struct train_model {
    ds_trie_builder *words; /* values: of own */
    train_own *own;
    size_t own_count, own_cap;
    train_feature *features; /* in the order in which they came */
    size_t feature_count, feature_cap;
    uint32_t *slots; /* feature + 1, by hash; 0: free */
    size_t slot_count;
    train_weights *rows; /* row 0 is of no feature */
    size_t row_count;
    train_weights follow[SEG_PLACES], as_default[SEG_PLACES];
    uint32_t *seen; /* SEG_FAMILIES rows a unit */
    size_t *order;  /* of the lines that it learns from */
    uint64_t rounds;
    size_t line_count;
} train_model;

struct ds_trainer {
    ds_alloc alloc;
    const ds_lexicon *lex;
    uint32_t least;
    uint64_t random;
    ds_buf text;
    train_line *lines;
    size_t line_count, line_cap;
    train_word *words;
    size_t word_count, word_cap;
    ds_style style;
    bool has_units; /* units are those of all lines, as the style's default words have them */
    seg_unit *units;
    size_t unit_count, unit_cap;
    uint8_t *gold; /* each unit's place in the gold's word */
    size_t gold_cap;
    size_t hold_beg, hold_end; /* lines of the fold that is left out */
    bool begun;
    train_model model;
    double *scratch; /* by unit of the longest line */
    size_t scratch_n;
};

static inline bool train_is_held(const ds_trainer *t, size_t line)
{
    return line >= t->hold_beg && line < t->hold_end;
}

/* Looks for features in all lines but those held back, and makes room for their weights. */
DS_MUSTUSE ds_status train_find_features(ds_trainer *t);
void train_clear_model(ds_trainer *t);

/* Learns from one line. */
void train_learn(ds_trainer *t, const train_line *line);
enum { TRAIN_SCRATCH = 4 * SEG_PLACES }; /* doubles a unit */

#endif

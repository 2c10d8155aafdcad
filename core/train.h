/*
 * train.h - learns a standard of words from gold: text whose words are marked.
 *
 * The parameters of the chain that segment_model.h describes are those under which the gold is likeliest, found by
 * stochastic gradient ascent on the conditional likelihood with steps of AdaGrad (Duchi, Hazan and Singer 2011), a line at
 * a time, the lines in an order that `seed` decides.  What the gold's own words tell is learned from words of other parts
 * of the gold, as it will be applied to texts that were no part of it.
 *
 * Life     new -> add every line -> for each model begin, round as often as you like, image or score -> free.  The same
 *          lines, options and calls give the same image, byte for byte.
 * Memory   about 150 bytes a character of the gold, and 60 a feature.  The lexicon is borrowed.
 * Units    scores count words.
 * Errors   DS_EFORMAT: a line that cannot be taken, err->off the byte in it; the trainer is as it was, and goes on.
 *          DS_EINVAL: there is too little to learn from.  DS_ENOMEM.
 * Threads  one.
 */
#ifndef DS_TRAIN_H
#define DS_TRAIN_H

#include "segment_model.h"

typedef struct ds_train_options {
    uint32_t seed;
    uint32_t least; /* how often a feature must occur to be learned; 0: DS_TRAIN_LEAST */
} ds_train_options;

#define DS_TRAIN_LEAST 2
#define DS_TRAIN_ROUNDS 10 /* as many as we recommend */

typedef struct ds_train_score {
    size_t gold, ours, right; /* words; `right` are in both */
} ds_train_score;

typedef struct ds_trainer ds_trainer;

DS_MUSTUSE ds_status ds_trainer_new(const ds_alloc *a, const ds_lexicon *lex, const ds_train_options *options,
                                    ds_trainer **out, ds_error *err);
void ds_trainer_free(ds_trainer *t);

/* Takes a line: words separated by blanks or TABs, in either script.  They are put together to the text that they are
 * of, with a blank where two names or numbers would become one.  A line without words is passed over. */
DS_MUSTUSE ds_status ds_trainer_add(ds_trainer *t, ds_str line, ds_error *err);
size_t ds_trainer_lines(const ds_trainer *t);
size_t ds_trainer_words(const ds_trainer *t);

/* How near the default mode's words of a style are to the gold's. */
DS_MUSTUSE ds_status ds_trainer_default(ds_trainer *t, ds_style style, ds_train_score *out, ds_error *err);
/* The nearest style, which the models correct. */
DS_MUSTUSE ds_status ds_trainer_style(ds_trainer *t, ds_style *out, ds_error *err);

/* Begins a new model, from the lines that are not in fold `fold` of `folds` stretches of equal length; folds 0: all. */
DS_MUSTUSE ds_status ds_trainer_begin(ds_trainer *t, size_t fold, size_t folds, ds_error *err);
/* Goes through the lines once. */
DS_MUSTUSE ds_status ds_trainer_round(ds_trainer *t, ds_error *err);
/* Appends the model as it is now; `note` is a line about where it comes from. */
DS_MUSTUSE ds_status ds_trainer_image(ds_trainer *t, ds_str note, ds_buf *image, ds_error *err);
/* How well the model as it is now does on the lines of the fold that was left out. */
DS_MUSTUSE ds_status ds_trainer_score(ds_trainer *t, ds_train_score *out, ds_error *err);

#endif

/*
 * linear.h - a small linear model: texts become bags of hashed features, and a weight for each feature and label says which
 * label a bag has.
 *
 * Features  are hashed (Weinberger et al. 2009) character n-grams, those near a place with side and distance, word n-grams,
 *           and whatever the caller names.  Each belongs to a group; the features of a group weigh as much together
 *           as the caller says, however many they are.  Texts are folded (case, width, script: fold.h).
 * Learning  one linear support vector machine with squared hinge loss for each label against the others, regularised by the
 *           squares of the weights, by dual coordinate descent (Hsieh, Chang, Lin, Keerthi and Sundararajan 2008, "A Dual
 *           Coordinate Descent Method for Large-scale Linear SVM").  Only additions, multiplications and divisions, in an
 *           order that the seed decides: the same examples make the same model, byte for byte.
 * Chances   of the labels are a softmax of their scores, as steep as the caller says (a constant of the model).
 *
 * Units     offsets: bytes of the text, half-open.  Labels count from 0.
 * Memory    8 bytes a feature of an example while learning, and 16 MiB at most for the weights; a model is a view of its image.
 * Errors    DS_ENOMEM; DS_EFORMAT: an image that is damaged; DS_EINVAL: too little to learn from; DS_ELIMIT: stopped.
 * Threads   a model never changes; a bag and a learner belong to one thread.
 */
#ifndef DS_LINEAR_H
#define DS_LINEAR_H

#include "segment.h"

#define DS_LINEAR_LABELS 8 /* at most */
#define DS_BAG_GROUPS 8    /* at most */

/* ---- bags of features ---- */

typedef struct ds_feature {
    uint64_t key;      /* its group is in the top byte */
    float value;
    uint32_t beg, end; /* where it was seen first */
} ds_feature;

/* Its status is sticky, as a ds_buf's is; ds_bag_close tells it. */
typedef struct ds_bag {
    const ds_alloc *alloc;
    ds_feature *items;
    size_t count, cap;
    uint32_t *chars; /* of the text at hand, folded; where each begins; one more for the end */
    uint32_t *offs;
    size_t chars_cap, offs_cap;
    ds_status status;
} ds_bag;

void ds_bag_init(ds_bag *b, const ds_alloc *a);
void ds_bag_clear(ds_bag *b); /* frees; may be used again */
void ds_bag_reset(ds_bag *b); /* empty; keeps the memory */

/* A feature of the caller's own.  [beg, end) is where it shows; it may be empty. */
void ds_bag_name(ds_bag *b, unsigned group, ds_str name, float value, size_t beg, size_t end);
/* The n-grams of 1 (or `least`) to `most` characters in [beg, end) of the text. */
void ds_bag_chars(ds_bag *b, unsigned group, ds_str text, size_t beg, size_t end, unsigned least, unsigned most);
/* Those of up to `most` characters that lie within `reach` characters of [beg, end), with side and distance: at it, near, far. */
void ds_bag_around(ds_bag *b, unsigned group, ds_str text, size_t beg, size_t end, size_t reach, unsigned most);
/* Pairs of neighbouring words and single words of two characters and more. */
void ds_bag_words(ds_bag *b, unsigned group, ds_str text, const ds_tokens *tokens);
/* Done: equal features become one, their values added up.  scale[g] > 0: of group g the square roots are taken, and then it
 * gets this length; < 0: its values are multiplied by -scale[g]; 0: it is left out. */
DS_MUSTUSE ds_status ds_bag_close(ds_bag *b, const float scale[DS_BAG_GROUPS], ds_error *err);

/* ---- models ---- */

#define DS_LINEAR_MAGIC "DSLINEAR"
#define DS_LINEAR_VERSION 1u
#define DS_LINEAR_BITS_LEAST 10u
#define DS_LINEAR_BITS_MOST 22u
#define DS_LINEAR_NOTE_MOST 4096u

typedef struct ds_linear ds_linear;

/* Views an image, which must outlive the model; every byte is checked. */
DS_MUSTUSE ds_status ds_linear_view(const ds_alloc *a, ds_str image, ds_linear **out, ds_error *err);
/* Maps a file; messages name it. */
DS_MUSTUSE ds_status ds_linear_open(const ds_alloc *a, const char *path, ds_linear **out, ds_error *err);
void ds_linear_free(ds_linear *m);

size_t ds_linear_labels(const ds_linear *m);
/* What the caller gave for the version of its features. */
uint32_t ds_linear_features(const ds_linear *m);
ds_str ds_linear_note(const ds_linear *m);
/* Chances of the labels, which add up to 1, for a closed bag. */
void ds_linear_chances(const ds_linear *m, const ds_bag *bag, double out[DS_LINEAR_LABELS]);
/* What a feature adds to a label's score, less what it adds to the others' on average. */
double ds_linear_share(const ds_linear *m, const ds_feature *f, size_t label);

/* ---- learning ---- */

typedef struct ds_learn_options {
    uint32_t seed;
    uint32_t least;  /* in how many examples a feature must occur; 0: 2 */
    uint32_t rounds; /* through the examples at most; 0: 30 */
    double cost;     /* of an error, beside the weights' squares: C of the paper; 0: 0.1 */
} ds_learn_options;

typedef struct ds_learner ds_learner;

DS_MUSTUSE ds_status ds_learner_new(const ds_alloc *a, size_t labels, const ds_learn_options *options, ds_learner **out,
                                    ds_error *err);
void ds_learner_free(ds_learner *t);
/* Takes a closed bag.  Examples of one part (a fold) are held back together. */
DS_MUSTUSE ds_status ds_learner_add(ds_learner *t, const ds_bag *bag, size_t label, uint32_t part, ds_error *err);
size_t ds_learner_examples(const ds_learner *t);
/* Learns from all examples but those of part `hold`; UINT32_MAX: from all. */
DS_MUSTUSE ds_status ds_learner_fit(ds_learner *t, uint32_t hold, ds_error *err);
/* Scores of example i, as learned last. */
void ds_learner_scores(const ds_learner *t, size_t i, double out[DS_LINEAR_LABELS]);
/* Looks at these groups only (bit g: group g) from the next fit on; all at first. */
void ds_learner_groups(ds_learner *t, unsigned groups);
/* Appends the model as it is now; `steep` (0 < steep <= 100) turns scores into chances, `features` is a number of the caller's
 * for how it makes its features, kept in the model. */
DS_MUSTUSE ds_status ds_learner_image(const ds_learner *t, double steep, uint32_t features, ds_str note, ds_buf *image,
                                      ds_error *err);

#endif

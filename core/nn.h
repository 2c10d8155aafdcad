/*
 * nn.h - a neural tagger of characters: where words begin, and what they are.
 *
 * The network is the one of Jiao, Sun and Sun (2018, "Chinese Lexical Analysis with Deep Bi-GRU-CRF Network"):
 * character embedding, two layers of bidirectional gated recurrent units (Cho et al. 2014), a linear layer, a
 * linear-chain conditional random field (Lafferty, McCallum and Pereira 2001).  The image holds it in integers: the
 * embedding and the first layer's input weights multiplied out, 8-bit weights with a scale for each unit, tables for
 * the gates' functions.  Everything that runs is integer arithmetic without overflow, so every machine and every path
 * of cpu.h gives the same answer.
 *
 * Life     parameters -> ds_nn_build -> image (one byte string) -> ds_nn_view, or from a file with ds_nn_open.
 *          An open network never changes: any number of threads may use it.
 * Memory   ds_nn_view borrows `image`, which must lie at a multiple of 8: keep it until ds_nn_free.  ds_nn_open maps
 *          the file read-only and unmaps it on free.
 * Units    characters; ids are rows of the image's table, 0 for a character that it does not know.
 * Errors   DS_EFORMAT: header, section table or any section but the table of characters is damaged (checksums),
 *          err->off says where; ds_nn_verify checks that table, too.  DS_EIO.  DS_ENOMEM.  On failure *out is NULL.
 * Format   doc/FORMAT.md, "Compiled tagger".
 */
#ifndef DS_NN_H
#define DS_NN_H

#include "alloc.h"

#define DS_NN_MAGIC "dsneural"
#define DS_NN_VERSION 1u
#define DS_NN_TAGS 64      /* tags at most */
#define DS_NN_SENTENCE 128 /* characters of the longest sentence */
#define DS_NN_UNIT 256     /* of a bit, in ds_nn_mark.border */

typedef struct ds_nn ds_nn;

/* What the network says of a character. */
typedef struct ds_nn_mark {
    int16_t border; /* log2 of the odds that a word begins here, * DS_NN_UNIT, within +-9 bits (forward-backward) */
    uint8_t tag;    /* on the best path of tags (Viterbi) */
} ds_nn_mark;

/* Parameters in floating point, row-major; layers: first forward, first backward, second forward, second backward.
 * Gates in the order update, reset, candidate: h' = (1 - u) h + u tanh(W x + U (r h)). */
typedef struct ds_nn_layer {
    const float *input;      /* 128 or 256 x 384: weights of the layer's input */
    const float *input_bias; /* 384 */
    const float *update;     /* 128 x 256: recurrent weights of both gates, then */
    const float *candidate;  /* 128 x 128 */
    const float *bias;       /* 384 */
} ds_nn_layer;

typedef struct ds_nn_params {
    size_t rows, tags;
    const float *embedding;  /* rows x 128; row 0: unknown characters */
    const uint32_t *cps;    /* code point of each row from 1 on (cps[0] is ignored); what folds to it has the same */
    ds_nn_layer layers[4];
    const float *output, *output_bias; /* 256 x tags, tags */
    const float *transitions;          /* (tags + 2) x tags: of the first character, after the last, from tag to tag */
    const char *const *tag_names;      /* "n-B", "n-I", ..., "O": -B and O begin a word */
    ds_str source;                     /* a line about where the model comes from */
} ds_nn_params;

/* Appends the image.  DS_EINVAL: no rows, too many rows or tags, or weights that the image's integers cannot hold. */
DS_MUSTUSE ds_status ds_nn_build(const ds_nn_params *p, ds_buf *image, ds_error *err);

DS_MUSTUSE ds_status ds_nn_view(const ds_alloc *a, ds_str image, ds_nn **out, ds_error *err);
DS_MUSTUSE ds_status ds_nn_open(const ds_alloc *a, const char *path, ds_nn **out, ds_error *err);
void ds_nn_free(ds_nn *nn);
/* The full pass: every section's checksum. */
DS_MUSTUSE ds_status ds_nn_verify(const ds_nn *nn, ds_error *err);

ds_str ds_nn_source(const ds_nn *nn);
/* Checksum that stands for the whole image: those of all sections are among what it is taken of. */
uint32_t ds_nn_crc(const ds_nn *nn);
size_t ds_nn_tag_count(const ds_nn *nn);
/* "n-B"; empty for a number out of range.  Lives as long as the network. */
const char *ds_nn_tag_name(const ds_nn *nn, uint8_t tag);

/* Row of a code point; both scripts and both widths of a character have the same. */
uint16_t ds_nn_id(const ds_nn *nn, uint32_t cp);

/*
 * Marks every character of `count` sentences, which lie end to end in `ids`; ends[i] is the end of sentence i.
 * A sentence has 1 to DS_NN_SENTENCE characters, and its marks do not depend on the others.  Sentences are taken
 * together by length: the more there are, the faster it goes.  Cost: 0.4 million multiplications a character; scratch
 * of about 7 KiB a character, at most 14 MiB.  DS_ENOMEM, then the marks are undefined.
 */
DS_MUSTUSE ds_status ds_nn_run(const ds_nn *nn, const ds_alloc *a, const uint16_t *ids, const uint32_t *ends,
                               size_t count, ds_nn_mark *marks, ds_error *err);

#endif

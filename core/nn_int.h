/*
 * nn_int.h - the stored form of a network and the kernels that run it; see nn.h.  doc/FORMAT.md describes every byte.
 *
 * Numbers  activations  7 bits: NN_ZERO + NN_ACT * h, 1 to 127, so that the sums of four products that AVX2 forms in 16
 *                       bits cannot saturate: the builder keeps those four weights within NN_GROUP together
 *          h, gates     int16, units of 2^-15
 *          gate inputs  int16, units of 2^-10, saturating
 *          emissions    int16, units of 2^-8 nat; probabilities 15 bits
 */
#ifndef DS_NN_INT_H
#define DS_NN_INT_H

#include "cpu.h"
#include "nn.h"

enum {
    NN_HIDDEN = 128,           /* units of a direction, and values of an embedding */
    NN_GATES = 3 * NN_HIDDEN,  /* update, reset, candidate */
    NN_BOTH = 2 * NN_HIDDEN,   /* what a layer gives: both directions */
    NN_ROW = 2 * NN_GATES,     /* gate inputs of both directions */
    NN_TAGS = DS_NN_TAGS,
    NN_TILE = 16,              /* units whose weights lie together, four inputs of each: 64 bytes */
    NN_ACT = 63,
    NN_ZERO = 64,
    NN_GROUP = 258,            /* most that weights of inputs i, i + 1, i + 4, i + 5 are together: 127 * 258 < 2^15 */
    NN_SCALE_SHIFT = 14,
    NN_H_SHIFT = 4,            /* h for the last layer: units of 2^-11, as its weights */
    NN_OUT_SHIFT = 14,         /* 2^-22 to 2^-8 */
    NN_SEGMENTS = 16,          /* pieces of a gate's function, a quadratic polynomial each */
    NN_EXP = 2816,             /* exp(-i / 256): 0 from there on */
    NN_LOG = 4113,             /* log2(i) */
    NN_SHARE = 4096,           /* unit of a share whose logarithm is looked up */
    NN_LOG_FLOOR = 8           /* added to shares */
};

enum { NN_CRC = 24, NN_HEADER = 32, NN_ENTRY = 24, NN_ALIGN = 64 };

/* The sections, in the order of the section table; of the last one only ds_nn_verify takes the checksum. */
enum { NN_SOURCE, NN_NAMES, NN_PAGES, NN_CODES, NN_FUNCTIONS, NN_LAYERS, NN_PROJECT, NN_OUTPUT, NN_CRF, NN_TABLE,
       NN_SECTIONS };
#define NN_SECTION_IDS "SRCETAGSPAGECODEFUNCRECUPROJEMITTRANROWS"

enum { NN_BLOCKS = 0x110000 >> 8, NN_PAGE = 256 };

/* How a unit's sum becomes a gate's input: ((sum - offset) * factor + half) >> NN_SCALE_SHIFT. */
typedef struct nn_scale {
    int32_t offset[NN_GATES], factor[NN_GATES];
} nn_scale;

/* A polynomial for each sixteenth of a function's range: c0 + f (c1 + f c2), f the place in the piece. */
typedef struct nn_curve {
    int16_t c0[NN_SEGMENTS], c1[NN_SEGMENTS], c2[NN_SEGMENTS];
} nn_curve;

typedef struct nn_functions {
    nn_curve sigmoid; /* of [0, 8) */
    nn_curve tanh;    /* of [0, 4) */
    int16_t exp[NN_EXP];
    int16_t log2[NN_LOG]; /* [0] is that of 1, too */
    int16_t pad[3];
} nn_functions;

/* A direction's recurrent weights, in tiles: gates first, then the candidate. */
typedef struct nn_layer {
    int8_t update[NN_HIDDEN * 2 * NN_HIDDEN], candidate[NN_HIDDEN * NN_HIDDEN];
    nn_scale scale;
} nn_layer;

/* The second layer's input weights of a direction. */
typedef struct nn_project {
    int8_t weights[NN_BOTH * NN_GATES];
    nn_scale scale;
    int32_t bias[NN_GATES]; /* units of 2^-10 */
} nn_project;

/* The last layer, 16 bits: for each eight tags and two inputs, 32 bytes. */
typedef struct nn_output {
    int16_t weights[NN_BOTH * NN_TAGS];
    int32_t bias[NN_TAGS]; /* units of 2^-22 */
} nn_output;

/* Scores in units of 2^-8 nat, row: the tag before; then their exponentials, 15 bits, for two neighbouring rows
 * together, and the same turned around.  What lies beyond the number of tags scores INT16_MIN, and 0. */
typedef struct nn_crf {
    int16_t first[NN_TAGS], last[NN_TAGS], next[NN_TAGS][NN_TAGS];
    int16_t exp_first[NN_TAGS], exp_last[NN_TAGS];
    int16_t exp_next[NN_TAGS / 2][NN_TAGS][2], exp_back[NN_TAGS / 2][NN_TAGS][2];
} nn_crf;

struct ds_nn {
    ds_alloc alloc;
    ds_str image;
    ds_str section[NN_SECTIONS];
    uint64_t section_off[NN_SECTIONS];
    uint32_t section_crc[NN_SECTIONS];
    const nn_functions *functions;
    const nn_layer *layers;     /* 4: two layers of two directions */
    const nn_project *project;  /* 2 */
    const nn_output *output;
    const nn_crf *crf;
    const int16_t *table;       /* rows of NN_ROW */
    size_t rows, page_count, tags;
    const char *names[NN_TAGS];
    uint64_t begins;            /* bit set: tags of a word's first character */
    uint64_t loose;             /* bit set: inside a name or number, where standards differ about words */
    bool mapped;
};

/* A path's code for what takes time.  All paths give the same results. */
typedef struct nn_kernels {
    /* out[r][u] = sum over inputs of a[r][i] * w[u][i], a from 1 to 127; inputs: 8 k, units: 2 k NN_TILE. */
    void (*dot)(const int8_t *w, size_t inputs, size_t units, const uint8_t *a, size_t a_stride, size_t rows,
                int32_t *out, size_t out_stride);
    /* The last layer: h in rows of NN_BOTH, out in rows of NN_TAGS. */
    void (*emit)(const nn_output *o, const int16_t *h, size_t rows, int16_t *out);
    /* out[u] = sums scaled, with the bias added, for all NN_GATES units. */
    void (*rescale)(const nn_project *p, const int32_t *sums, int16_t *out);
    /* Update and reset gates of a row: u, and r * h as activations.  input: NN_GATES values. */
    void (*gates)(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input, const int16_t *h,
                  int16_t *u, uint8_t *reset);
    /* The candidate, and the new h, also as activations. */
    void (*candidate)(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input,
                      const int16_t *u, int16_t *h, uint8_t *act);
    /* out[j] = sum over i of p[i] * m[i][j], with p in 15 bits whose sum is below 2^15. */
    void (*mix)(const int16_t m[NN_TAGS / 2][NN_TAGS][2], const uint16_t *p, int32_t *out);
    /* A step of Viterbi's algorithm: best[j] = max over i < tags of score[i] + next[i][j], from[j] the first such i. */
    void (*best)(const nn_crf *crf, size_t tags, const int16_t *score, int16_t *best, uint8_t *from);
} nn_kernels;

/* Those of a path; NULL when this build has none. */
const nn_kernels *nn_kernels_of(ds_cpu_path path);

#if defined(__x86_64__) && defined(__GNUC__)
extern const nn_kernels nn_avx2, nn_avx512;
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
extern const nn_kernels nn_neon;
#endif

/* The portable ones, of which vector paths may use some. */
void nn_dot(const int8_t *w, size_t inputs, size_t units, const uint8_t *a, size_t a_stride, size_t rows, int32_t *out,
            size_t out_stride);
void nn_emit(const nn_output *o, const int16_t *h, size_t rows, int16_t *out);
void nn_rescale(const nn_project *p, const int32_t *sums, int16_t *out);
void nn_gates(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input, const int16_t *h,
              int16_t *u, uint8_t *reset);
void nn_candidate(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input, const int16_t *u,
                  int16_t *h, uint8_t *act);
void nn_mix(const int16_t m[NN_TAGS / 2][NN_TAGS][2], const uint16_t *p, int32_t *out);
void nn_best(const nn_crf *crf, size_t tags, const int16_t *score, int16_t *best, uint8_t *from);

/* Marks a sentence of n characters by its emissions (rows of NN_TAGS).  ahead: room for 2 n rows of NN_TAGS; from: for
 * n rows. */
void nn_decode(const ds_nn *nn, const nn_kernels *k, const int16_t *emissions, size_t n, uint16_t *ahead, uint8_t *from,
               ds_nn_mark *marks);

/* ds_nn_run with the kernels of one path, for tests. */
ds_status nn_run_with(const ds_nn *nn, const nn_kernels *k, const ds_alloc *a, const uint16_t *ids,
                      const uint32_t *ends, size_t count, ds_nn_mark *marks, ds_error *err);

#endif

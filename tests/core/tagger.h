/*
 * tagger.h - a tagger with random weights, for tests and fuzzing: of the real one's shape, with few characters and
 * tags.
 */
#ifndef DS_TEST_TAGGER_H
#define DS_TEST_TAGGER_H

#include <stdlib.h>

#include "nn.h"

enum { TAGGER_ROWS = 24, TAGGER_TAGS = 9, TAGGER_HIDDEN = 128, TAGGER_GATES = 384 };

static const char *const tagger_tags[TAGGER_TAGS] = {"n-B",   "n-I",   "v-B",   "v-I", "PER-B",
                                                     "PER-I", "ORG-B", "ORG-I", "O"};
/* Row 0 is that of unknown characters. */
static const uint32_t tagger_cps[TAGGER_ROWS] = {0,      0x4EF7, 0x683C, 0x6218, 0x8F66, 0x53D1, 0x4E07, 0x4E09,
                                                 0x5E74, 0x6708, 0x65E5, 0x674E, 0x8BD7, 0x96C5, 0x9A6C, 0x65AF,
                                                 0x514B, 0x5C14, 0x7684, 0x8005, 0xFF0C, 0x3002, 'a',    '2'};

/* A number from -1 to 1 of a fixed sequence. */
static inline float tagger_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)(*seed >> 8) / 8388608.0f - 1;
}

static inline const float *tagger_weights(size_t n, float scale, uint32_t *seed)
{
    float *w = malloc(n * sizeof *w);
    if (w == NULL)
        abort();
    for (size_t i = 0; i < n; i++) {
        float v = tagger_random(seed);
        w[i] = scale * v * v * v; /* most are small, as in a trained network */
    }
    return w;
}

static inline ds_nn_params tagger_params(uint32_t seed)
{
    ds_nn_params p = {.rows = TAGGER_ROWS, .tags = TAGGER_TAGS, .cps = tagger_cps, .tag_names = tagger_tags};
    p.source = ds_str_of("random");
    p.embedding = tagger_weights(TAGGER_ROWS * TAGGER_HIDDEN, 4, &seed);
    for (size_t l = 0; l < 4; l++) {
        size_t inputs = l < 2 ? TAGGER_HIDDEN : 2 * TAGGER_HIDDEN;
        const float *recurrent = tagger_weights(TAGGER_HIDDEN * TAGGER_GATES, 0.35f, &seed);
        p.layers[l] = (ds_nn_layer){.input = tagger_weights(inputs * TAGGER_GATES, 0.35f, &seed),
                                    .input_bias = tagger_weights(TAGGER_GATES, 1, &seed),
                                    .update = recurrent,
                                    .candidate = recurrent + TAGGER_HIDDEN * 2 * TAGGER_HIDDEN,
                                    .bias = tagger_weights(TAGGER_GATES, 1, &seed)};
    }
    p.output = tagger_weights(2 * TAGGER_HIDDEN * TAGGER_TAGS, 2, &seed);
    p.output_bias = tagger_weights(TAGGER_TAGS, 1, &seed);
    p.transitions = tagger_weights((TAGGER_TAGS + 2) * TAGGER_TAGS, 4, &seed);
    return p;
}

static inline void tagger_free(ds_nn_params *p)
{
    const float *all[] = {p->embedding, p->output, p->output_bias, p->transitions};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free((float *)(uintptr_t)all[i]);
    for (size_t l = 0; l < 4; l++) {
        free((float *)(uintptr_t)p->layers[l].input);
        free((float *)(uintptr_t)p->layers[l].input_bias);
        free((float *)(uintptr_t)p->layers[l].update);
        free((float *)(uintptr_t)p->layers[l].bias);
    }
}

/* Appends its image; false: no memory. */
static inline bool tagger_image(uint32_t seed, ds_buf *image)
{
    ds_nn_params p = tagger_params(seed);
    ds_status st = ds_nn_build(&p, image, NULL);
    tagger_free(&p);
    return st == DS_OK;
}

#endif

/* nn_portable.c - the kernels of a network in plain C, which define what every path computes; see nn_int.h. */
#include <string.h>

#include "nn_int.h"

static inline int16_t clamp16(int32_t v)
{
    return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

/* Sums that wrap: those of a damaged image may. */
static inline int32_t add32(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t mul32(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a * (uint32_t)b);
}

/* a * b in units of 2^-15, rounded (pmulhrsw). */
static inline int16_t mul15(int16_t a, int16_t b)
{
    return (int16_t)((a * b + 0x4000) >> 15);
}

void nn_dot(const int8_t *w, size_t inputs, size_t units, const uint8_t *a, size_t a_stride, size_t rows, int32_t *out,
            size_t out_stride)
{
    for (size_t tile = 0; tile < units; tile += NN_TILE, w += inputs * NN_TILE)
        for (size_t r = 0; r < rows; r++) {
            int32_t sum[NN_TILE] = {0};
            for (size_t i = 0; i < inputs; i += 4) {
                const uint8_t *x = a + r * a_stride + i;
                const int8_t *v = w + i * NN_TILE;
                for (size_t u = 0; u < NN_TILE; u++)
                    sum[u] += x[0] * v[4 * u] + x[1] * v[4 * u + 1] + x[2] * v[4 * u + 2] + x[3] * v[4 * u + 3];
            }
            memcpy(out + r * out_stride + tile, sum, sizeof sum);
        }
}

void nn_emit(const nn_output *o, const int16_t *h, size_t rows, int16_t *out)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t tile = 0; tile < NN_TAGS; tile += 8) {
            const int16_t *w = o->weights + tile * NN_BOTH;
            for (size_t u = 0; u < 8; u++) {
                int32_t sum = o->bias[tile + u];
                for (size_t i = 0; i < NN_BOTH; i += 2) {
                    const int16_t *v = w + i * 8 + 2 * u, *x = h + r * NN_BOTH + i;
                    sum = add32(sum, add32(mul32(x[0], v[0]), mul32(x[1], v[1])));
                }
                out[r * NN_TAGS + tile + u] = clamp16(sum >> NN_OUT_SHIFT);
            }
        }
}

static inline int32_t scaled(const nn_scale *s, size_t u, int32_t sum)
{
    int32_t centred = (int32_t)((uint32_t)sum - (uint32_t)s->offset[u]);
    return add32(mul32(centred, s->factor[u]), 1 << (NN_SCALE_SHIFT - 1)) >> NN_SCALE_SHIFT;
}

void nn_rescale(const nn_project *p, const int32_t *sums, int16_t *out)
{
    for (size_t u = 0; u < NN_GATES; u++)
        out[u] = clamp16(add32(scaled(&p->scale, u, sums[u]), p->bias[u]));
}

/* The curve at the magnitude of x, whose range begins a new piece every 1 << shift. */
static inline int16_t on_curve(const nn_curve *c, int16_t x, unsigned shift)
{
    unsigned most = ((unsigned)NN_SEGMENTS << shift) - 1, m = x < 0 ? (unsigned)-(int)x : (unsigned)x;
    m = m < most ? m : most;
    unsigned i = m >> shift;
    int16_t f = (int16_t)((m & ((1u << shift) - 1)) << (15 - shift));
    return (int16_t)(c->c0[i] + mul15(f, (int16_t)(c->c1[i] + mul15(f, c->c2[i]))));
}

static inline int16_t sigmoid(const nn_functions *f, int16_t x)
{
    int16_t v = on_curve(&f->sigmoid, x, 9);
    return x < 0 ? (int16_t)(v ^ 0x7FFF) : v;
}

static inline int16_t hyperbolic(const nn_functions *f, int16_t x)
{
    int16_t v = on_curve(&f->tanh, x, 8);
    return x < 0 ? (int16_t)-v : v;
}

static inline uint8_t activation(int16_t h)
{
    return (uint8_t)(NN_ZERO + mul15(h, NN_ACT));
}

void nn_gates(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input, const int16_t *h,
              int16_t *u, uint8_t *reset)
{
    for (size_t i = 0; i < NN_HIDDEN; i++)
        u[i] = sigmoid(f, clamp16(add32(scaled(s, i, sums[i]), input[i])));
    for (size_t i = 0; i < NN_HIDDEN; i++) {
        size_t k = NN_HIDDEN + i;
        reset[i] = activation(mul15(sigmoid(f, clamp16(add32(scaled(s, k, sums[k]), input[k]))), h[i]));
    }
}

void nn_candidate(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input, const int16_t *u,
                  int16_t *h, uint8_t *act)
{
    for (size_t i = 0; i < NN_HIDDEN; i++) {
        size_t k = NN_BOTH + i;
        int16_t c = hyperbolic(f, clamp16(add32(scaled(s, k, sums[i]), input[k])));
        h[i] = clamp16(mul15(u[i] ^ 0x7FFF, h[i]) + mul15(u[i], c));
        act[i] = activation(h[i]);
    }
}

void nn_mix(const int16_t m[NN_TAGS / 2][NN_TAGS][2], const uint16_t *p, int32_t *out)
{
    memset(out, 0, NN_TAGS * sizeof *out);
    for (size_t i = 0; i < NN_TAGS / 2; i++)
        for (size_t j = 0; j < NN_TAGS; j++)
            out[j] = add32(out[j], add32(mul32(p[2 * i], m[i][j][0]), mul32(p[2 * i + 1], m[i][j][1])));
}

void nn_best(const nn_crf *crf, size_t tags, const int16_t *score, int16_t *best, uint8_t *from)
{
    for (size_t j = 0; j < NN_TAGS; j++) {
        best[j] = clamp16(score[0] + crf->next[0][j]);
        from[j] = 0;
    }
    for (size_t i = 1; i < tags; i++)
        for (size_t j = 0; j < NN_TAGS; j++) {
            int16_t v = clamp16(score[i] + crf->next[i][j]);
            if (v > best[j]) {
                best[j] = v;
                from[j] = (uint8_t)i;
            }
        }
}

static const nn_kernels portable = {nn_dot, nn_emit, nn_rescale, nn_gates, nn_candidate, nn_mix, nn_best};

const nn_kernels *nn_kernels_of(ds_cpu_path path)
{
    switch (path) {
#if defined(__x86_64__) && defined(__GNUC__)
    case DS_CPU_AVX2: return &nn_avx2;
    case DS_CPU_AVX512: return &nn_avx512;
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
    case DS_CPU_NEON: return &nn_neon;
#endif
    case DS_CPU_PORTABLE: return &portable;
    default: return NULL;
    }
}

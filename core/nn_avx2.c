/*
 * nn_avx2.c - the kernels of a network with AVX2, and the sums with AVX-512's VNNI; see nn_int.h.
 *
 * The sums: four rows by sixteen units at a time.  vpmaddubsw adds two products of an activation (1 to 127) and a
 * weight in 16 bits; two such sums, of inputs four apart, stay within 16 bits since the builder sees to it (NN_GROUP);
 * vpmaddwd by ones then widens them.  That is three multiplications for 64 products.
 */
#include "nn_int.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE __attribute__((target("avx2"), always_inline)) static inline

AVX2_INLINE __m256i load(const void *p)
{
    return _mm256_loadu_si256(p);
}

AVX2_INLINE void store(void *p, __m256i v)
{
    _mm256_storeu_si256(p, v);
}

/* ---- sums ---- */

/* Four neighbouring activations, in every lane. */
AVX2_INLINE __m256i four(const uint8_t *a)
{
    int32_t v;
    memcpy(&v, a, sizeof v);
    return _mm256_set1_epi32(v);
}

/* The products of eight inputs, w0 and w1 being the weights of the first and the last four. */
AVX2_INLINE __m256i eight(__m256i sum, __m256i a0, __m256i a1, __m256i w0, __m256i w1)
{
    __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(a0, w0), _mm256_maddubs_epi16(a1, w1));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

#define NN_ROW_SUMS(r)                                                                                                 \
    a0 = four(a + (r) * a_stride + i);                                                                                 \
    a1 = four(a + (r) * a_stride + i + 4);                                                                             \
    low##r = eight(low##r, a0, a1, w0, w2);                                                                            \
    high##r = eight(high##r, a0, a1, w1, w3)

#define NN_ROW_STORE(r)                                                                                                \
    store(out + (r) * out_stride, low##r);                                                                             \
    store(out + (r) * out_stride + 8, high##r)

AVX2_INLINE void four_rows(const int8_t *w, size_t inputs, const uint8_t *a, size_t a_stride, int32_t *out,
                           size_t out_stride)
{
    __m256i low0 = _mm256_setzero_si256(), low1 = low0, low2 = low0, low3 = low0;
    __m256i high0 = low0, high1 = low0, high2 = low0, high3 = low0, a0, a1;
    for (size_t i = 0; i < inputs; i += 8, w += 8 * NN_TILE) {
        __m256i w0 = load(w), w1 = load(w + 32), w2 = load(w + 64), w3 = load(w + 96);
        NN_ROW_SUMS(0);
        NN_ROW_SUMS(1);
        NN_ROW_SUMS(2);
        NN_ROW_SUMS(3);
    }
    NN_ROW_STORE(0);
    NN_ROW_STORE(1);
    NN_ROW_STORE(2);
    NN_ROW_STORE(3);
}

AVX2_INLINE void one_row(const int8_t *w, size_t inputs, const uint8_t *a, int32_t *out)
{
    const size_t a_stride = 0, out_stride = 0;
    __m256i low0 = _mm256_setzero_si256(), high0 = low0, a0, a1;
    for (size_t i = 0; i < inputs; i += 8, w += 8 * NN_TILE) {
        __m256i w0 = load(w), w1 = load(w + 32), w2 = load(w + 64), w3 = load(w + 96);
        NN_ROW_SUMS(0);
    }
    NN_ROW_STORE(0);
}

AVX2 static void dot(const int8_t *w, size_t inputs, size_t units, const uint8_t *a, size_t a_stride, size_t rows,
                     int32_t *out, size_t out_stride)
{
    for (size_t tile = 0; tile < units; tile += NN_TILE, w += inputs * NN_TILE) {
        size_t r = 0;
        for (; r + 4 <= rows; r += 4)
            four_rows(w, inputs, a + r * a_stride, a_stride, out + r * out_stride + tile, out_stride);
        for (; r < rows; r++)
            one_row(w, inputs, a + r * a_stride, out + r * out_stride + tile);
    }
}

/* Two neighbouring values of h, in every lane. */
AVX2_INLINE __m256i two(const int16_t *h)
{
    int32_t v;
    memcpy(&v, h, sizeof v);
    return _mm256_set1_epi32(v);
}

/* Eight sums as emissions. */
AVX2_INLINE void store_emissions(int16_t *out, __m256i sums)
{
    __m256i v = _mm256_srai_epi32(sums, NN_OUT_SHIFT);
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(v, v), 0x08);
    _mm_storeu_si128((void *)out, _mm256_castsi256_si128(packed));
}

#define NN_EMIT(r) s##r = _mm256_add_epi32(s##r, _mm256_madd_epi16(two(h + (r) * NN_BOTH + i), v))

AVX2 static void emit(const nn_output *o, const int16_t *h, size_t rows, int16_t *out)
{
    for (size_t r = 0; r < rows; r += 4, h += 4 * NN_BOTH, out += 4 * NN_TAGS) {
        if (rows - r < 4) {
            nn_emit(o, h, rows - r, out);
            return;
        }
        for (size_t tile = 0; tile < NN_TAGS; tile += 8) {
            const int16_t *w = o->weights + tile * NN_BOTH;
            __m256i s0 = load(o->bias + tile), s1 = s0, s2 = s0, s3 = s0;
            for (size_t i = 0; i < NN_BOTH; i += 2) {
                __m256i v = load(w + i * 8);
                NN_EMIT(0);
                NN_EMIT(1);
                NN_EMIT(2);
                NN_EMIT(3);
            }
            store_emissions(out + tile, s0);
            store_emissions(out + NN_TAGS + tile, s1);
            store_emissions(out + 2 * NN_TAGS + tile, s2);
            store_emissions(out + 3 * NN_TAGS + tile, s3);
        }
    }
}

/* ---- gates: sixteen units at a time ---- */

AVX2_INLINE __m256i scaled(const nn_scale *s, size_t u, const int32_t *sums)
{
    __m256i centred = _mm256_sub_epi32(load(sums), load(s->offset + u));
    __m256i product = _mm256_mullo_epi32(centred, load(s->factor + u));
    return _mm256_srai_epi32(_mm256_add_epi32(product, _mm256_set1_epi32(1 << (NN_SCALE_SHIFT - 1))), NN_SCALE_SHIFT);
}

/* Two vectors of eight as one of sixteen, saturating. */
AVX2_INLINE __m256i narrow(__m256i low, __m256i high)
{
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
}

/* Gate inputs of the units [u, u + 16), whose sums begin at `sums`. */
AVX2_INLINE __m256i gate_inputs(const nn_scale *s, size_t u, const int32_t *sums, const int16_t *input)
{
    __m256i in = load(input + u);
    __m256i low = _mm256_add_epi32(scaled(s, u, sums), _mm256_cvtepi16_epi32(_mm256_castsi256_si128(in)));
    __m256i high = _mm256_add_epi32(scaled(s, u + 8, sums + 8), _mm256_cvtepi16_epi32(_mm256_extracti128_si256(in, 1)));
    return narrow(low, high);
}

/* A curve's coefficients, their bytes apart, for vpshufb. */
typedef struct coefficients {
    __m256i low, high;
} coefficients;

AVX2_INLINE coefficients take_apart(const int16_t *c)
{
    const __m128i order = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
    __m128i a = _mm_shuffle_epi8(_mm_loadu_si128((const void *)c), order);
    __m128i b = _mm_shuffle_epi8(_mm_loadu_si128((const void *)(c + 8)), order);
    return (coefficients){_mm256_broadcastsi128_si256(_mm_unpacklo_epi64(a, b)),
                          _mm256_broadcastsi128_si256(_mm_unpackhi_epi64(a, b))};
}

typedef struct curve {
    coefficients c0, c1, c2;
} curve;

AVX2_INLINE curve take_curve(const nn_curve *c)
{
    return (curve){take_apart(c->c0), take_apart(c->c1), take_apart(c->c2)};
}

/* Coefficients of the pieces i (in 16 bits each). */
AVX2_INLINE __m256i look_up(coefficients c, __m256i i)
{
    __m256i low = _mm256_shuffle_epi8(c.low, _mm256_or_si256(i, _mm256_set1_epi16((short)0x8000)));
    __m256i high = _mm256_shuffle_epi8(c.high, _mm256_or_si256(_mm256_slli_epi16(i, 8), _mm256_set1_epi16(0x80)));
    return _mm256_or_si256(low, high);
}

AVX2_INLINE __m256i on_curve(const curve *c, __m256i x, int shift)
{
    __m256i m = _mm256_min_epu16(_mm256_abs_epi16(x), _mm256_set1_epi16((short)((NN_SEGMENTS << shift) - 1)));
    __m256i i = _mm256_srli_epi16(m, shift);
    __m256i f = _mm256_slli_epi16(_mm256_and_si256(m, _mm256_set1_epi16((short)((1 << shift) - 1))), 15 - shift);
    __m256i v = _mm256_add_epi16(look_up(c->c1, i), _mm256_mulhrs_epi16(f, look_up(c->c2, i)));
    return _mm256_add_epi16(look_up(c->c0, i), _mm256_mulhrs_epi16(f, v));
}

AVX2_INLINE __m256i sigmoid(const curve *c, __m256i x)
{
    __m256i negative = _mm256_srai_epi16(x, 15);
    return _mm256_xor_si256(on_curve(c, x, 9), _mm256_and_si256(negative, _mm256_set1_epi16(0x7FFF)));
}

AVX2_INLINE __m256i hyperbolic(const curve *c, __m256i x)
{
    __m256i negative = _mm256_srai_epi16(x, 15);
    return _mm256_sub_epi16(_mm256_xor_si256(on_curve(c, x, 8), negative), negative);
}

/* Sixteen values of h as activations. */
AVX2_INLINE void store_activations(uint8_t *out, __m256i h)
{
    __m256i v = _mm256_add_epi16(_mm256_mulhrs_epi16(h, _mm256_set1_epi16(NN_ACT)), _mm256_set1_epi16(NN_ZERO));
    __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(v, v), 0x08);
    _mm_storeu_si128((void *)out, _mm256_castsi256_si128(bytes));
}

AVX2 static void rescale(const nn_project *p, const int32_t *sums, int16_t *out)
{
    for (size_t u = 0; u < NN_GATES; u += 16) {
        __m256i low = _mm256_add_epi32(scaled(&p->scale, u, sums + u), load(p->bias + u));
        __m256i high = _mm256_add_epi32(scaled(&p->scale, u + 8, sums + u + 8), load(p->bias + u + 8));
        store(out + u, narrow(low, high));
    }
}

AVX2 static void gates(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input,
                       const int16_t *h, int16_t *u, uint8_t *reset)
{
    curve c = take_curve(&f->sigmoid);
    for (size_t i = 0; i < NN_HIDDEN; i += 16)
        store(u + i, sigmoid(&c, gate_inputs(s, i, sums + i, input)));
    for (size_t i = 0; i < NN_HIDDEN; i += 16) {
        size_t k = NN_HIDDEN + i;
        __m256i r = sigmoid(&c, gate_inputs(s, k, sums + k, input));
        store_activations(reset + i, _mm256_mulhrs_epi16(r, load(h + i)));
    }
}

AVX2 static void candidate(const nn_functions *f, const nn_scale *s, const int32_t *sums, const int16_t *input,
                           const int16_t *u, int16_t *h, uint8_t *act)
{
    curve c = take_curve(&f->tanh);
    for (size_t i = 0; i < NN_HIDDEN; i += 16) {
        __m256i new = hyperbolic(&c, gate_inputs(s, NN_BOTH + i, sums + i, input));
        __m256i z = load(u + i), keep = _mm256_xor_si256(z, _mm256_set1_epi16(0x7FFF));
        new = _mm256_adds_epi16(_mm256_mulhrs_epi16(keep, load(h + i)), _mm256_mulhrs_epi16(z, new));
        store(h + i, new);
        store_activations(act + i, new);
    }
}

/* ---- the conditional random field ---- */

AVX2 static void mix(const int16_t m[NN_TAGS / 2][NN_TAGS][2], const uint16_t *p, int32_t *out)
{
    for (size_t half = 0; half < NN_TAGS; half += 32) {
        __m256i s0 = _mm256_setzero_si256(), s1 = s0, s2 = s0, s3 = s0;
        for (size_t i = 0; i < NN_TAGS / 2; i++) {
            int32_t both;
            memcpy(&both, p + 2 * i, sizeof both);
            __m256i v = _mm256_set1_epi32(both);
            s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(v, load(m[i][half])));
            s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(v, load(m[i][half + 8])));
            s2 = _mm256_add_epi32(s2, _mm256_madd_epi16(v, load(m[i][half + 16])));
            s3 = _mm256_add_epi32(s3, _mm256_madd_epi16(v, load(m[i][half + 24])));
        }
        store(out + half, s0);
        store(out + half + 8, s1);
        store(out + half + 16, s2);
        store(out + half + 24, s3);
    }
}

#define NN_BETTER(k)                                                                                                   \
    v = _mm256_adds_epi16(before, load(next + 16 * (k)));                                                              \
    more = _mm256_cmpgt_epi16(v, best##k);                                                                             \
    best##k = _mm256_max_epi16(best##k, v);                                                                            \
    from##k = _mm256_blendv_epi8(from##k, tag, more)

/* Sixteen numbers below 256 each. */
AVX2_INLINE void store_bytes(uint8_t *out, __m256i a, __m256i b)
{
    store(out, _mm256_permute4x64_epi64(_mm256_packus_epi16(a, b), 0xD8));
}

AVX2 static void best_step(const nn_crf *crf, size_t tags, const int16_t *score, int16_t *best, uint8_t *from)
{
    __m256i before = _mm256_set1_epi16(score[0]), v, more;
    const int16_t *next = crf->next[0];
    __m256i best0 = _mm256_adds_epi16(before, load(next)), best1 = _mm256_adds_epi16(before, load(next + 16));
    __m256i best2 = _mm256_adds_epi16(before, load(next + 32)), best3 = _mm256_adds_epi16(before, load(next + 48));
    __m256i from0 = _mm256_setzero_si256(), from1 = from0, from2 = from0, from3 = from0;
    for (size_t i = 1; i < tags; i++) {
        __m256i tag = _mm256_set1_epi16((short)i);
        before = _mm256_set1_epi16(score[i]);
        next = crf->next[i];
        NN_BETTER(0);
        NN_BETTER(1);
        NN_BETTER(2);
        NN_BETTER(3);
    }
    store(best, best0);
    store(best + 16, best1);
    store(best + 32, best2);
    store(best + 48, best3);
    store_bytes(from, from0, from1);
    store_bytes(from + 32, from2, from3);
}

const nn_kernels nn_avx2 = {dot, emit, rescale, gates, candidate, mix, best_step};

/* ---- AVX-512 with VNNI: vpdpbusd adds four products to 32 bits, so nothing can saturate ---- */

#define VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))
#define VNNI_INLINE __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni"), always_inline)) static inline

#define NN_VNNI_ROW(r)                                                                                                 \
    memcpy(&v, a + (r) * a_stride + i, sizeof v);                                                                      \
    low##r = _mm512_dpbusd_epi32(low##r, _mm512_set1_epi32(v), w0);                                                    \
    high##r = _mm512_dpbusd_epi32(high##r, _mm512_set1_epi32(v), w1)

#define NN_VNNI_STORE(r)                                                                                               \
    _mm512_storeu_si512(out + (r) * out_stride, low##r);                                                               \
    _mm512_storeu_si512(out + (r) * out_stride + NN_TILE, high##r)

/* Four rows by two tiles: eight sums under way, as many as the instruction's latency asks for. */
VNNI_INLINE void vnni_four_rows(const int8_t *w, size_t inputs, const uint8_t *a, size_t a_stride, int32_t *out,
                                size_t out_stride)
{
    __m512i low0 = _mm512_setzero_si512(), low1 = low0, low2 = low0, low3 = low0;
    __m512i high0 = low0, high1 = low0, high2 = low0, high3 = low0;
    for (size_t i = 0; i < inputs; i += 4) {
        int32_t v;
        __m512i w0 = _mm512_loadu_si512(w + i * NN_TILE), w1 = _mm512_loadu_si512(w + (inputs + i) * NN_TILE);
        NN_VNNI_ROW(0);
        NN_VNNI_ROW(1);
        NN_VNNI_ROW(2);
        NN_VNNI_ROW(3);
    }
    NN_VNNI_STORE(0);
    NN_VNNI_STORE(1);
    NN_VNNI_STORE(2);
    NN_VNNI_STORE(3);
}

VNNI_INLINE void vnni_one_row(const int8_t *w, size_t inputs, const uint8_t *a, int32_t *out)
{
    const size_t a_stride = 0, out_stride = 0;
    __m512i low0 = _mm512_setzero_si512(), high0 = low0;
    for (size_t i = 0; i < inputs; i += 4) {
        int32_t v;
        __m512i w0 = _mm512_loadu_si512(w + i * NN_TILE), w1 = _mm512_loadu_si512(w + (inputs + i) * NN_TILE);
        NN_VNNI_ROW(0);
    }
    NN_VNNI_STORE(0);
}

VNNI static void vnni_dot(const int8_t *w, size_t inputs, size_t units, const uint8_t *a, size_t a_stride, size_t rows,
                          int32_t *out, size_t out_stride)
{
    for (size_t tile = 0; tile < units; tile += 2 * NN_TILE, w += 2 * inputs * NN_TILE) {
        size_t r = 0;
        for (; r + 4 <= rows; r += 4)
            vnni_four_rows(w, inputs, a + r * a_stride, a_stride, out + r * out_stride + tile, out_stride);
        for (; r < rows; r++)
            vnni_one_row(w, inputs, a + r * a_stride, out + r * out_stride + tile);
    }
}

const nn_kernels nn_avx512 = {vnni_dot, emit, rescale, gates, candidate, mix, best_step};
#else
typedef int nn_avx2_is_not_in_this_build;
#endif

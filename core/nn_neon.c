/*
 * nn_neon.c - the kernels of a network with NEON (AArch64); see nn_int.h.
 *
 * The base architecture has no instruction that adds four products of bytes.  smull multiplies eight bytes to 16 bits,
 * smlal adds eight products more, of the inputs four places on; sadalp widens and adds neighbours.  An activation is at
 * most 127, so two products stay within 16 bits whatever the weights.  The gates are the portable code.
 */
#include "nn_int.h"

#if defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
#include <arm_neon.h>
#include <string.h>

/* Four neighbouring activations, twice. */
static inline int8x8_t four_twice(const uint8_t *a)
{
    uint32_t v;
    memcpy(&v, a, sizeof v);
    return vreinterpret_s8_u32(vdup_n_u32(v));
}

/* One row by a tile of 16 units.  A pair of lanes of sum[k] belongs to a unit, 2 k and 2 k + 1 to each sum. */
static inline void row_by_tile(const int8_t *w, size_t inputs, const uint8_t *a, int32_t *out)
{
    int32x4_t sum[8];
    for (size_t k = 0; k < 8; k++)
        sum[k] = vdupq_n_s32(0);
    for (size_t i = 0; i < inputs; i += 8, w += 8 * NN_TILE) {
        int8x8_t a0 = four_twice(a + i), a1 = four_twice(a + i + 4);
        for (size_t k = 0; k < 8; k++) {
            int16x8_t products = vmlal_s8(vmull_s8(vld1_s8(w + 8 * k), a0), vld1_s8(w + 4 * NN_TILE + 8 * k), a1);
            sum[k] = vpadalq_s16(sum[k], products);
        }
    }
    for (size_t k = 0; k < 8; k += 2)
        vst1q_s32(out + 2 * k, vpaddq_s32(sum[k], sum[k + 1]));
}

static void dot(const int8_t *w, size_t inputs, size_t units, const uint8_t *a, size_t a_stride, size_t rows,
                int32_t *out, size_t out_stride)
{
    for (size_t tile = 0; tile < units; tile += NN_TILE, w += inputs * NN_TILE)
        for (size_t r = 0; r < rows; r++)
            row_by_tile(w, inputs, a + r * a_stride, out + r * out_stride + tile);
}

static void best_step(const nn_crf *crf, size_t tags, const int16_t *score, int16_t *best, uint8_t *from)
{
    for (size_t j = 0; j < NN_TAGS; j += 8) {
        int16x8_t most = vqaddq_s16(vdupq_n_s16(score[0]), vld1q_s16(crf->next[0] + j));
        uint16x8_t at = vdupq_n_u16(0);
        for (size_t i = 1; i < tags; i++) {
            int16x8_t v = vqaddq_s16(vdupq_n_s16(score[i]), vld1q_s16(crf->next[i] + j));
            at = vbslq_u16(vcgtq_s16(v, most), vdupq_n_u16((uint16_t)i), at);
            most = vmaxq_s16(most, v);
        }
        vst1q_s16(best + j, most);
        vst1_u8(from + j, vmovn_u16(at));
    }
}

const nn_kernels nn_neon = {dot, nn_emit, nn_rescale, nn_gates, nn_candidate, nn_mix, best_step};
#else
typedef int nn_neon_is_not_in_this_build;
#endif

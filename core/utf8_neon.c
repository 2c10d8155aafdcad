/*
 * utf8_neon.c - the NEON path of utf8 (AArch64): see utf8_int.h, and for the method utf8_lookup.h.
 *
 * As in utf8_avx2.c the bytes before a vector are loaded again, unaligned.  A look-up gives 0 for an index above 15,
 * so high halves need no mask.
 */
#include "utf8_int.h"

#if defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)

#include <arm_neon.h>

#include "utf8_lookup.h"

#define VEC 16
#define GROUP (4 * VEC)

typedef struct neon_tables {
    uint8x16_t a_high, a_low, b_high;
} neon_tables;

/* Not 0 where `in` and the bytes one, two and three before it show a fault. */
static inline uint8x16_t neon_faults(const neon_tables *t, uint8x16_t in, uint8x16_t back1, uint8x16_t back2,
                                     uint8x16_t back3)
{
    uint8x16_t a_low = vandq_u8(back1, vdupq_n_u8(0x0F));
    uint8x16_t found = vandq_u8(vqtbl1q_u8(t->a_high, vshrq_n_u8(back1, 4)), vqtbl1q_u8(t->a_low, a_low));
    found = vandq_u8(found, vqtbl1q_u8(t->b_high, vshrq_n_u8(in, 4)));
    /* Bit 7: the sequence that began two or three bytes before needs a trail here. */
    uint8x16_t third = vqsubq_u8(back2, vdupq_n_u8(0xE0 - 0x80)), fourth = vqsubq_u8(back3, vdupq_n_u8(0xF0 - 0x80));
    uint8x16_t needed = vandq_u8(vorrq_u8(third, fourth), vdupq_n_u8(0x80));
    return veorq_u8(needed, found);
}

static inline uint8x16_t neon_faults_at(const neon_tables *t, const unsigned char *p)
{
    return neon_faults(t, vld1q_u8(p), vld1q_u8(p - 1), vld1q_u8(p - 2), vld1q_u8(p - 3));
}

/* The same for the first bytes of a text, as if zeros stood before them. */
static inline uint8x16_t neon_faults_first(const neon_tables *t, const unsigned char *p)
{
    uint8x16_t in = vld1q_u8(p), zero = vdupq_n_u8(0);
    return neon_faults(t, in, vextq_u8(zero, in, 15), vextq_u8(zero, in, 14), vextq_u8(zero, in, 13));
}

/* 1 where a byte is no trail: at least C0 as a signed number. */
static inline uint8x16_t neon_starts(const unsigned char *p)
{
    return vshrq_n_u8(vcgeq_s8(vreinterpretq_s8_u8(vld1q_u8(p)), vdupq_n_s8(-0x40)), 7);
}

static inline size_t neon_vec_starts(const unsigned char *p)
{
    return vaddvq_u8(neon_starts(p));
}

static inline size_t neon_group_starts(const unsigned char *p)
{
    uint8x16_t ab = vaddq_u8(neon_starts(p), neon_starts(p + VEC));
    uint8x16_t cd = vaddq_u8(neon_starts(p + 2 * VEC), neon_starts(p + 3 * VEC));
    return vaddvq_u8(vaddq_u8(ab, cd));
}

/* Starts in the last `rest` bytes of the vector that ends at `end`. */
static inline size_t neon_last_starts(const unsigned char *end, size_t rest)
{
    static const unsigned char mask[2 * VEC] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    return vaddvq_u8(vandq_u8(neon_starts(end - VEC), vld1q_u8(mask + rest)));
}

static inline uint8x16_t neon_or4(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    return vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d));
}

static inline bool neon_is_zero(uint8x16_t v)
{
    return vmaxvq_u8(v) == 0;
}

/* Whether the GROUP at p is ASCII and no sequence from before reaches into it. */
static inline bool neon_group_is_ascii(const unsigned char *p)
{
    uint8x16_t all = neon_or4(vld1q_u8(p), vld1q_u8(p + VEC), vld1q_u8(p + 2 * VEC), vld1q_u8(p + 3 * VEC));
    return vmaxvq_u8(vorrq_u8(all, vld1q_u8(p - 3))) < 0x80;
}

static inline bool neon_group_is_fine(const neon_tables *t, const unsigned char *p)
{
    return neon_is_zero(neon_or4(neon_faults_at(t, p), neon_faults_at(t, p + VEC), neon_faults_at(t, p + 2 * VEC),
                                 neon_faults_at(t, p + 3 * VEC)));
}

/* Groups from `at` (> 2) on while they are fine: returns where they end. */
static size_t neon_groups(const neon_tables *t, const unsigned char *p, size_t n, size_t at, size_t *count)
{
    for (; n - at >= GROUP; at += GROUP) {
        if (neon_group_is_ascii(p + at))
            *count += GROUP;
        else if (neon_group_is_fine(t, p + at))
            *count += neon_group_starts(p + at);
        else
            break;
    }
    return at;
}

size_t ds_utf8_run_neon(const unsigned char *p, size_t n, size_t *count)
{
    neon_tables t = {vld1q_u8(utf8_a_high), vld1q_u8(utf8_a_low), vld1q_u8(utf8_b_high)};
    if (!neon_is_zero(neon_faults_first(&t, p)))
        return 0;
    size_t starts = neon_vec_starts(p), at = neon_groups(&t, p, n, VEC, &starts);
    for (; n - at >= VEC && neon_is_zero(neon_faults_at(&t, p + at)); at += VEC)
        starts += neon_vec_starts(p + at);
    size_t rest = n - at;
    if (rest > 0 && rest < VEC && neon_is_zero(neon_faults_at(&t, p + n - VEC))) {
        starts += neon_last_starts(p + n, rest); /* the last vector overlaps the one before */
        at = n;
    }
    size_t cut = utf8_cut_off(p, at);
    *count += starts - (cut > 0);
    return at - cut;
}

size_t ds_utf8_starts_neon(const unsigned char *p, size_t n)
{
    size_t at = 0, count = 0;
    for (; n - at >= GROUP; at += GROUP)
        count += neon_group_starts(p + at);
    for (; n - at >= VEC; at += VEC)
        count += neon_vec_starts(p + at);
    if (at < n && n >= VEC)
        return count + neon_last_starts(p + n, n - at);
    for (; at < n; at++)
        count += p[at] < 0x80 || p[at] >= 0xC0;
    return count;
}

#else
typedef int ds_utf8_no_neon; /* a file may not be empty */
#endif

/*
 * norm_scan.c - skipping over text that is normal already.
 *
 * Whether a character is plain is guessed from its first three bytes, as Keiser and Lemire ("Validating UTF-8 in
 * less than one instruction per byte", 2021) find ill-formed sequences: each half of a byte looks up a set of
 * rules, and a rule that is in all six sets applies.  core/gen/norm.lua has the rules and proves for every code
 * point that none is missed.  Trail bytes and what is ill-formed never look like a lead that matters, so
 * the scan may begin anywhere and need not validate.
 */
#include "norm_int.h"

#include <string.h>

#define NORM_WANT_RULES
#include "norm_tables.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define NORM_AVX2 1
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
#include <arm_neon.h>
#define NORM_NEON 1
#endif

#define RULE_BYTES 3 /* that a rule looks at */

/* From byte i on. */
static size_t scan_portable(const unsigned char *p, size_t i, size_t n, const struct norm_bytes *t)
{
    while (i < n) {
        while (n - i >= 4 && (t->lead[p[i]] | t->lead[p[i + 1]] | t->lead[p[i + 2]] | t->lead[p[i + 3]]) == 0)
            i += 4;
        if (i == n)
            break;
        unsigned rules = t->lead[p[i]];
        if (rules != 0 && (n - i < RULE_BYTES || (rules & t->second[p[i + 1]] & t->third[p[i + 2]]) != 0))
            return i;
        i++;
    }
    return n;
}

#ifdef NORM_AVX2
#define AVX2_BLOCK 32

__attribute__((target("avx2"))) static inline __m256i table32(const uint8_t half[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)half));
}

__attribute__((target("avx2"))) static inline __m256i load32(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* The sets of rules that the two halves of each byte share. */
__attribute__((target("avx2"))) static inline __m256i rules_of(__m256i bytes, __m256i hi, __m256i lo)
{
    const __m256i low = _mm256_set1_epi8(0x0F);
    __m256i by_hi = _mm256_shuffle_epi8(hi, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low));
    return _mm256_and_si256(by_hi, _mm256_shuffle_epi8(lo, _mm256_and_si256(bytes, low)));
}

/* Whole blocks from the start: true when it stops, at *at; false when less than a block is left from there. */
__attribute__((target("avx2"))) static bool scan_avx2(const unsigned char *p, size_t n, const struct norm_halves *t,
                                                      size_t *at)
{
    const __m256i stop_hi = table32(t->stop_hi), stop_lo = table32(t->stop_lo);
    const __m256i lead_hi = table32(t->lead_hi), lead_lo = table32(t->lead_lo);
    const __m256i second_hi = table32(t->second_hi), second_lo = table32(t->second_lo);
    const __m256i third_hi = table32(t->third_hi), third_lo = table32(t->third_lo);
    size_t i = 0;
    for (; n - i >= AVX2_BLOCK + RULE_BYTES - 1; i += AVX2_BLOCK) {
        __m256i first = load32(p + i);
        __m256i matches = _mm256_and_si256(rules_of(first, lead_hi, lead_lo),
                                           rules_of(load32(p + i + 1), second_hi, second_lo));
        matches = _mm256_and_si256(matches, rules_of(load32(p + i + 2), third_hi, third_lo));
        matches = _mm256_or_si256(matches, rules_of(first, stop_hi, stop_lo));
        unsigned none = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(matches, _mm256_setzero_si256()));
        if (none != 0xFFFFFFFFu) {
            *at = i + (size_t)__builtin_ctz(~none);
            return true;
        }
    }
    *at = i;
    return false;
}
#endif

#ifdef NORM_NEON
#define NEON_BLOCK 16

static inline uint8x16_t neon_rules(const unsigned char *p, const uint8_t hi[16], const uint8_t lo[16])
{
    uint8x16_t bytes = vld1q_u8(p);
    uint8x16_t by_lo = vqtbl1q_u8(vld1q_u8(lo), vandq_u8(bytes, vdupq_n_u8(0x0F)));
    return vandq_u8(vqtbl1q_u8(vld1q_u8(hi), vshrq_n_u8(bytes, 4)), by_lo);
}

/* Whole blocks from the start: how far no rule matches.  The block where one does is left to scan_portable. */
static size_t scan_neon(const unsigned char *p, size_t n, const struct norm_halves *t)
{
    size_t i = 0;
    for (; n - i >= NEON_BLOCK + RULE_BYTES - 1; i += NEON_BLOCK) {
        uint8x16_t matches = vandq_u8(neon_rules(p + i, t->lead_hi, t->lead_lo),
                                      neon_rules(p + i + 1, t->second_hi, t->second_lo));
        matches = vandq_u8(matches, neon_rules(p + i + 2, t->third_hi, t->third_lo));
        matches = vorrq_u8(matches, neon_rules(p + i, t->stop_hi, t->stop_lo));
        if (vmaxvq_u8(matches) != 0)
            break;
    }
    return i;
}
#endif

size_t ds_norm_scan(const unsigned char *p, size_t n, ds_norm_form form, ds_cpu_path path)
{
    size_t i = 0;
#ifdef NORM_AVX2
    if ((path == DS_CPU_AVX2 || path == DS_CPU_AVX512) && scan_avx2(p, n, &norm_halves[form], &i))
        return i;
#elif defined(NORM_NEON)
    if (path == DS_CPU_NEON)
        i = scan_neon(p, n, &norm_halves[form]);
#else
    (void)path;
#endif
    return scan_portable(p, i, n, &norm_bytes[form]);
}

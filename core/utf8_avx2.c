/*
 * utf8_avx2.c - the AVX2 path of utf8: see utf8_int.h, and for the method utf8_lookup.h.
 *
 * The functions carry their target, so that the file needs no flags of its own and nothing else in the library may
 * use these instructions.  The bytes one, two and three before a vector are loaded again, unaligned, rather than
 * shuffled together: loads are cheaper here than shuffles, which the look-ups need.
 */
#include "utf8_int.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#include "utf8_lookup.h"

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE __attribute__((target("avx2"), always_inline)) static inline
#define VEC 32
#define GROUP (4 * VEC)

typedef struct avx2_tables {
    __m256i a_high, a_low, b_high;
} avx2_tables;

AVX2_INLINE __m256i avx2_table(const unsigned char *row)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)row));
}

AVX2_INLINE __m256i avx2_load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2_INLINE __m256i avx2_high_halves(__m256i v)
{
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
}

/* Not 0 where `in` and the bytes one, two and three before it show a fault. */
AVX2_INLINE __m256i avx2_faults(const avx2_tables *t, __m256i in, __m256i back1, __m256i back2, __m256i back3)
{
    __m256i a_low = _mm256_and_si256(back1, _mm256_set1_epi8(0x0F));
    __m256i found = _mm256_and_si256(_mm256_shuffle_epi8(t->a_high, avx2_high_halves(back1)),
                                     _mm256_shuffle_epi8(t->a_low, a_low));
    found = _mm256_and_si256(found, _mm256_shuffle_epi8(t->b_high, avx2_high_halves(in)));
    /* Bit 7: the sequence that began two or three bytes before needs a trail here. */
    __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8(0xE0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(back3, _mm256_set1_epi8(0xF0 - 0x80));
    __m256i needed = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(needed, found);
}

AVX2_INLINE __m256i avx2_faults_at(const avx2_tables *t, const unsigned char *p)
{
    __m256i in = avx2_load(p), back1 = avx2_load(p - 1);
    __asm__("" : "+x"(in), "+x"(back1)); /* keep them in registers: gcc would load them twice */
    return avx2_faults(t, in, back1, avx2_load(p - 2), avx2_load(p - 3));
}

/* The same for the first bytes of a text, as if zeros stood before them. */
AVX2_INLINE __m256i avx2_faults_first(const avx2_tables *t, const unsigned char *p)
{
    __m256i in = avx2_load(p), low = _mm256_permute2x128_si256(in, in, 0x08); /* zeros, then the low half */
    return avx2_faults(t, in, _mm256_alignr_epi8(in, low, 15), _mm256_alignr_epi8(in, low, 14),
                       _mm256_alignr_epi8(in, low, 13));
}

/* -1 where a byte is a trail: below C0 as a signed number. */
AVX2_INLINE __m256i avx2_trails(const unsigned char *p)
{
    return _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xC0), avx2_load(p));
}

AVX2_INLINE unsigned avx2_start_bits(const unsigned char *p)
{
    return ~(unsigned)_mm256_movemask_epi8(avx2_trails(p));
}

/* Starts of a GROUP, in four parts, from the sum of its four avx2_trails. */
AVX2_INLINE __m256i avx2_group_starts(__m256i trails)
{
    return _mm256_sad_epu8(_mm256_add_epi8(_mm256_set1_epi8(GROUP / VEC), trails), _mm256_setzero_si256());
}

AVX2_INLINE bool avx2_is_zero(__m256i v)
{
    return _mm256_testz_si256(v, v) != 0;
}

AVX2_INLINE __m256i avx2_or4(__m256i a, __m256i b, __m256i c, __m256i d)
{
    return _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
}

/* Whether the GROUP at p is ASCII and no sequence from before reaches into it. */
AVX2_INLINE bool avx2_group_is_ascii(const unsigned char *p)
{
    __m256i all = avx2_or4(avx2_load(p), avx2_load(p + VEC), avx2_load(p + 2 * VEC), avx2_load(p + 3 * VEC));
    return _mm256_movemask_epi8(_mm256_or_si256(all, avx2_load(p - 3))) == 0;
}

/* Checks the GROUP at p; adds its starts when it is fine.  One vector after the other: with all four in flight gcc
 * runs out of registers. */
AVX2_INLINE bool avx2_group_is_fine(const avx2_tables *t, const unsigned char *p, __m256i *starts)
{
    __m256i faults = _mm256_setzero_si256(), trails = faults;
    for (const unsigned char *end = p + GROUP; p < end; p += VEC) {
        faults = _mm256_or_si256(faults, avx2_faults_at(t, p));
        trails = _mm256_add_epi8(trails, avx2_trails(p));
    }
    if (!avx2_is_zero(faults))
        return false;
    *starts = _mm256_add_epi64(*starts, avx2_group_starts(trails));
    return true;
}

AVX2_INLINE size_t avx2_sum(__m256i v)
{
    return (size_t)(_mm256_extract_epi64(v, 0) + _mm256_extract_epi64(v, 1) + _mm256_extract_epi64(v, 2) +
                    _mm256_extract_epi64(v, 3));
}

/* Groups from `at` (> 2) on while they are fine: returns where they end. */
AVX2 static size_t avx2_groups(const avx2_tables *t, const unsigned char *p, size_t n, size_t at, size_t *count)
{
    __m256i starts = _mm256_setzero_si256();
    size_t ascii = 0;
    for (; n - at >= GROUP; at += GROUP) {
        if (avx2_group_is_ascii(p + at))
            ascii += GROUP;
        else if (!avx2_group_is_fine(t, p + at, &starts))
            break;
    }
    *count += ascii + avx2_sum(starts);
    return at;
}

/* p[0, at) has been checked: leaves out the sequence that `at` cuts off. */
static size_t avx2_end(const unsigned char *p, size_t at, size_t *count)
{
    size_t cut = utf8_cut_off(p, at);
    *count -= cut > 0;
    return at - cut;
}

AVX2 size_t ds_utf8_run_avx2(const unsigned char *p, size_t n, size_t *count)
{
    avx2_tables t = {avx2_table(utf8_a_high), avx2_table(utf8_a_low), avx2_table(utf8_b_high)};
    if (!avx2_is_zero(avx2_faults_first(&t, p)))
        return 0;
    *count += (size_t)__builtin_popcount(avx2_start_bits(p));
    size_t at = avx2_groups(&t, p, n, VEC, count);
    for (; n - at >= VEC && avx2_is_zero(avx2_faults_at(&t, p + at)); at += VEC)
        *count += (size_t)__builtin_popcount(avx2_start_bits(p + at));
    size_t rest = n - at;
    if (rest > 0 && rest < VEC && avx2_is_zero(avx2_faults_at(&t, p + n - VEC))) {
        /* The last vector overlaps the one before: only its upper bits are new. */
        *count += (size_t)__builtin_popcount(avx2_start_bits(p + n - VEC) >> (VEC - rest));
        at = n;
    }
    return avx2_end(p, at, count);
}

AVX2 size_t ds_utf8_starts_avx2(const unsigned char *p, size_t n)
{
    __m256i starts = _mm256_setzero_si256();
    size_t at = 0;
    for (; n - at >= GROUP; at += GROUP) {
        const unsigned char *q = p + at;
        __m256i ab = _mm256_add_epi8(avx2_trails(q), avx2_trails(q + VEC));
        __m256i cd = _mm256_add_epi8(avx2_trails(q + 2 * VEC), avx2_trails(q + 3 * VEC));
        starts = _mm256_add_epi64(starts, avx2_group_starts(_mm256_add_epi8(ab, cd)));
    }
    size_t count = avx2_sum(starts);
    for (; n - at >= VEC; at += VEC)
        count += (size_t)__builtin_popcount(avx2_start_bits(p + at));
    if (at < n && n >= VEC) /* overlaps, as above */
        return count + (size_t)__builtin_popcount(avx2_start_bits(p + n - VEC) >> (VEC - (n - at)));
    for (; at < n; at++)
        count += p[at] < 0x80 || p[at] >= 0xC0;
    return count;
}

#else
typedef int ds_utf8_no_avx2; /* a file may not be empty */
#endif

/*
 * postings_avx2.c - a block of positions, eight at a time; see postings_int.h.
 *
 * Eight numbers of w bits begin at a byte and take w bytes.  Each half of a register gets the sixteen bytes from its first
 * number on, of which a shuffle takes four for each number; what is before the number is shifted out.
 */
#include "postings_int.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/* The numbers of a half begin `o` bits behind its first byte: four bits where w is odd, in the second half. */
#define FOUR(bit) (bit) / 8, (bit) / 8 + 1, (bit) / 8 + 2, (bit) / 8 + 3
#define HALF(w, o) FOUR(o), FOUR((o) + (w)), FOUR((o) + 2 * (w)), FOUR((o) + 3 * (w))
#define SHIFT(w, o) (o) % 8, ((o) + (w)) % 8, ((o) + 2 * (w)) % 8, ((o) + 3 * (w)) % 8
#define ROW(w) {{HALF(w, 0), HALF(w, 4 * ((w) & 1))}, {SHIFT(w, 0), SHIFT(w, 4 * ((w) & 1))}}

static const struct {
    unsigned char shuffle[32];
    uint32_t shift[8];
} of_width[POSTINGS_WIDTH_MAX + 1] = {
    ROW(0),  ROW(1),  ROW(2),  ROW(3),  ROW(4),  ROW(5),  ROW(6),  ROW(7),  ROW(8),  ROW(9),  ROW(10), ROW(11), ROW(12),
    ROW(13), ROW(14), ROW(15), ROW(16), ROW(17), ROW(18), ROW(19), ROW(20), ROW(21), ROW(22), ROW(23), ROW(24), ROW(25),
};

static inline AVX2 __m128i load(const unsigned char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

AVX2 void ds_postings_bits_avx2(const unsigned char *row, unsigned width, uint32_t *v)
{
    const __m256i shuffle = _mm256_loadu_si256((const __m256i *)(const void *)of_width[width].shuffle);
    const __m256i shift = _mm256_loadu_si256((const __m256i *)(const void *)of_width[width].shift);
    const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    for (size_t i = 0; i < DS_POSTINGS_BLOCK; i += 8, row += width) {
        __m256i x = _mm256_inserti128_si256(_mm256_castsi128_si256(load(row)), load(row + width / 2), 1);
        x = _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(x, shuffle), shift), mask);
        _mm256_storeu_si256((__m256i *)(void *)(v + i), x);
    }
    _mm256_zeroupper();
}

AVX2 uint32_t ds_postings_sum_avx2(const uint32_t *gaps, uint32_t last, uint32_t *out)
{
    const __m256i one = _mm256_set1_epi32(1), seven = _mm256_set1_epi32(7);
    __m256i before = _mm256_set1_epi32((int)last), all = _mm256_setzero_si256();
    for (size_t i = 0; i < DS_POSTINGS_BLOCK; i += 8) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(gaps + i));
        all = _mm256_or_si256(all, x);
        x = _mm256_add_epi32(x, one);
        x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
        x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
        __m256i low = _mm256_permute2x128_si256(x, x, 0x08); /* the sum of the lower half, for the upper one */
        x = _mm256_add_epi32(x, _mm256_shuffle_epi32(low, 0xFF));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_add_epi32(x, before));
        before = _mm256_add_epi32(before, _mm256_permutevar8x32_epi32(x, seven));
    }
    uint32_t any[8], together = 0;
    _mm256_storeu_si256((__m256i *)(void *)any, all);
    for (size_t i = 0; i < 8; i++)
        together |= any[i];
    _mm256_zeroupper();
    return together;
}

__attribute__((target("popcnt"))) uint64_t ds_postings_both_avx2(const uint64_t *first, const uint64_t *second,
                                                                 size_t from, size_t to)
{
    uint64_t count = 0;
    for (size_t i = from; i < to; i++)
        count += (uint64_t)__builtin_popcountll(first[i] & (second[i] >> 1 | second[i + 1] << 63));
    return count;
}

#else
typedef int ds_postings_no_avx2; /* a file is not empty */
#endif

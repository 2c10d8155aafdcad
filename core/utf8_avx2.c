/*
 * utf8_avx2.c - the AVX2 path of utf8: see utf8_int.h, and for the method utf8_lookup.h.
 *
 * The functions carry their target, so that the file needs no flags of its own and nothing else in the library may
 * use these instructions.  The bytes one, two and three before a vector are loaded again, unaligned, rather than
 * shuffled together: loads are cheaper here than shuffles, which the look-ups need.
 *
 * Few leads need the look-ups at all.  Behind C2..DF and E2..EF but ED any trails will do, so where a group has no
 * other leads it is enough that trails are where leads ask for them.  Chinese and most other text is like that.  A
 * group that is not, with an emoji or Hangul, is gone over twice, and the next ones are looked up straight away.
 */
#include "utf8_int.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#include "utf8_lookup.h"

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE __attribute__((target("avx2"), always_inline)) static inline
#define VEC 32
#define GROUP (4 * VEC) /* two lines of the cache */
#define BIG (2 * GROUP)  /* what is checked at once without look-ups */
#define WARY_LEAST 2     /* groups that are looked up straight away */
#define WARY_MOST 32
#define AHEAD 2048      /* how far before its use text is asked for from memory */

typedef struct avx2_tables {
    __m256i a_high, a_low, b_high, choosy;
} avx2_tables;

/* By the low half of a lead plus one: C0, C1, E0 and ED, and CD, D0, D1, DD and E1, which look like them here. */
static const unsigned char avx2_choosy[16] = {[0x1] = 1, [0x2] = 1, [0xE] = 1};

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

/* Starts in `bytes` (whole vectors), in four parts, from the sum of their avx2_trails. */
AVX2_INLINE __m256i avx2_starts_of(int bytes, __m256i trails)
{
    return _mm256_sad_epu8(_mm256_add_epi8(_mm256_set1_epi8((char)(bytes / VEC)), trails), _mm256_setzero_si256());
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
    if (_mm256_movemask_epi8(avx2_load(p)) != 0)
        return false;
    return _mm256_movemask_epi8(avx2_or4(avx2_load(p - 3), avx2_load(p + VEC), avx2_load(p + 2 * VEC),
                                         avx2_load(p + 3 * VEC))) == 0;
}

/* Not 0 where `v` has a lead up to EF that does not take any trails. */
AVX2_INLINE __m256i avx2_choosy_leads(const avx2_tables *t, __m256i v)
{
    return _mm256_shuffle_epi8(t->choosy, _mm256_subs_epu8(v, _mm256_set1_epi8((char)0xBF)));
}

/* What one pass over a GROUP shows. */
typedef struct avx2_pass {
    __m256i faults;  /* bit 7: trails are missing or too many, provided that no lead is choosy */
    __m256i choosy;  /* not 0: some lead is */
    __m256i largest; /* largest bytes */
    __m256i trails;  /* sum of its avx2_trails */
} avx2_pass;

AVX2_INLINE void avx2_simple_step(const avx2_tables *t, const unsigned char *p, avx2_pass *pass)
{
    __m256i in = avx2_load(p);
    __asm__("" : "+x"(in)); /* keep it in a register */
    __m256i trails = _mm256_cmpgt_epi8(_mm256_set1_epi8((char)0xC0), in);
    __m256i second = _mm256_subs_epu8(avx2_load(p - 1), _mm256_set1_epi8(0xC0 - 0x80));
    __m256i third = _mm256_subs_epu8(avx2_load(p - 2), _mm256_set1_epi8(0xE0 - 0x80));
    pass->trails = _mm256_add_epi8(pass->trails, trails);
    pass->largest = _mm256_max_epu8(pass->largest, in);
    pass->choosy = _mm256_or_si256(pass->choosy, avx2_choosy_leads(t, in));
    pass->faults = _mm256_or_si256(pass->faults, _mm256_xor_si256(trails, _mm256_or_si256(second, third)));
    /* One step after the other: with several in flight gcc runs out of registers. */
    __asm__("" : "+x"(pass->faults), "+x"(pass->choosy), "+x"(pass->largest), "+x"(pass->trails));
}

AVX2_INLINE void avx2_simple_group(const avx2_tables *t, const unsigned char *p, avx2_pass *pass)
{
    avx2_simple_step(t, p, pass);
    avx2_simple_step(t, p + VEC, pass);
    avx2_simple_step(t, p + 2 * VEC, pass);
    avx2_simple_step(t, p + 3 * VEC, pass);
}

AVX2_INLINE bool avx2_is_doubtful(const avx2_pass *pass)
{
    __m256i faults = _mm256_and_si256(pass->faults, _mm256_set1_epi8((char)0x80));
    __m256i large = _mm256_subs_epu8(pass->largest, _mm256_set1_epi8((char)0xEF));
    return !avx2_is_zero(_mm256_or_si256(_mm256_or_si256(faults, large), pass->choosy));
}

/* Checks the GROUP at p by look-ups, whatever its leads; adds its starts when it is fine. */
AVX2_INLINE bool avx2_full_group(const avx2_tables *t, const unsigned char *p, __m256i *starts)
{
    __m256i faults = _mm256_setzero_si256(), trails = faults;
    for (const unsigned char *end = p + GROUP; p < end; p += VEC) {
        faults = _mm256_or_si256(faults, avx2_faults_at(t, p));
        trails = _mm256_add_epi8(trails, avx2_trails(p));
    }
    if (!avx2_is_zero(faults))
        return false;
    *starts = _mm256_add_epi64(*starts, avx2_starts_of(GROUP, trails));
    return true;
}

AVX2_INLINE size_t avx2_sum(__m256i v)
{
    return (size_t)(_mm256_extract_epi64(v, 0) + _mm256_extract_epi64(v, 1) + _mm256_extract_epi64(v, 2) +
                    _mm256_extract_epi64(v, 3));
}

/* Asks for the GROUP that comes AHEAD of the one at p + at.  Text that no near cache holds is then checked a tenth
 * faster, at least, than when the processor is left to guess; mere counting gains nothing. */
AVX2_INLINE void avx2_fetch(const unsigned char *p, size_t n, size_t at)
{
    if (n - at >= AHEAD + GROUP) {
        _mm_prefetch((const char *)p + at + AHEAD, _MM_HINT_T0);
        _mm_prefetch((const char *)p + at + AHEAD + GROUP / 2, _MM_HINT_T0);
    }
}

/* Groups from `at` (> 2) on while there is no doubt about them: returns where they end. */
AVX2_INLINE size_t avx2_simple_groups(const avx2_tables *t, const unsigned char *p, size_t n, size_t at,
                                      __m256i *starts, size_t *ascii)
{
    __m256i zero = _mm256_setzero_si256(), before = avx2_load(p + at - 3);
    avx2_pass pass = {zero, avx2_choosy_leads(t, before), before, zero}; /* of a sequence that goes on here */
    if (avx2_is_doubtful(&pass))
        return at;
    while (n - at >= BIG) {
        const unsigned char *q = p + at;
        avx2_fetch(p, n, at);
        if (avx2_group_is_ascii(q)) {
            *ascii += GROUP;
            at += GROUP;
            continue;
        }
        avx2_fetch(p, n, at + GROUP);
        pass = (avx2_pass){zero, zero, zero, zero};
        avx2_simple_group(t, q, &pass);
        avx2_simple_group(t, q + GROUP, &pass);
        if (avx2_is_doubtful(&pass))
            break;
        *starts = _mm256_add_epi64(*starts, avx2_starts_of(BIG, pass.trails));
        at += BIG;
    }
    return at;
}

/* Groups from `at` (> 2) on while they are fine: returns where they end.  Doubtful ones are mostly few, as round an
 * emoji, or nearly all, as in Korean. */
AVX2 static size_t avx2_groups(const avx2_tables *t, const unsigned char *p, size_t n, size_t at, size_t *count)
{
    __m256i starts = _mm256_setzero_si256();
    size_t ascii = 0, wary = WARY_LEAST;
    bool fine = true;
    while (fine && n - at >= GROUP) {
        size_t end = avx2_simple_groups(t, p, n, at, &starts, &ascii);
        wary = end > at ? WARY_LEAST : wary < WARY_MOST ? 2 * wary : wary;
        at = end;
        for (size_t i = 0; i < wary && n - at >= GROUP; i++) {
            avx2_fetch(p, n, at);
            if (avx2_group_is_ascii(p + at))
                ascii += GROUP;
            else if (!(fine = avx2_full_group(t, p + at, &starts)))
                break;
            at += GROUP;
        }
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
    avx2_tables t = {avx2_table(utf8_a_high), avx2_table(utf8_a_low), avx2_table(utf8_b_high),
                     avx2_table(avx2_choosy)};
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
        starts = _mm256_add_epi64(starts, avx2_starts_of(GROUP, _mm256_add_epi8(ab, cd)));
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

/*
 * span_find.c - where something stands that span must look at: see span_finder in span_int.h.
 *
 * Sentences and quotations hang on a few dozen marks, between two of which there are fifty bytes and more.  A mark is
 * known by its first byte and, where that is E2, E3 or EF, by its third; the second ones differ so little that they
 * need no look.  For vectors, each of the two bytes is split in halves: a table gives the kinds of marks that a half
 * leaves possible, and what all four leave possible is there.
 */
#include "span_int.h"

/* Kinds of marks, as bits.  Within one kind, every high half goes with every low half. */
enum {
    KIND_2 = 1,     /* ! " ' . */
    KIND_3 = 2,     /* ? */
    KIND_E2 = 4,    /* ‘ ’ “ ” ‥ … ‼ ‽ ⁇ ⁈ ⁉ ⋯ */
    KIND_E3 = 8,    /* 。 〈 《 「 」 『 』 */
    KIND_EF_8 = 16, /* ！ ＂ ＇ ．, and ﹁ ﹂ ﹃ ﹄ */
    KIND_EF_9 = 32, /* ？, and ︒ ︕ ︖ ︙ ﹒ ﹖ ﹗ */
    KIND_EF_A = 64, /* ｡ ｢ ｣ */
    KIND_EF = KIND_EF_8 | KIND_EF_9 | KIND_EF_A,
    KIND_ASCII = KIND_2 | KIND_3
};

/* Of the third byte, by its high half and by its low half; for ASCII marks it may be any. */
static const unsigned char third_high[16] = {
    KIND_ASCII, KIND_ASCII, KIND_ASCII, KIND_ASCII, KIND_ASCII, KIND_ASCII, KIND_ASCII, KIND_ASCII, /* 0 to 7 */
    KIND_ASCII | KIND_E2 | KIND_E3 | KIND_EF_8, KIND_ASCII | KIND_E2 | KIND_EF_9,                   /* 8, 9 */
    KIND_ASCII | KIND_E2 | KIND_EF_A, KIND_ASCII | KIND_E2,                                         /* A, B */
    KIND_ASCII, KIND_ASCII, KIND_ASCII, KIND_ASCII,                                                 /* C to F */
};

static const unsigned char third_low[16] = {
    KIND_ASCII,                                                       /* 0 */
    KIND_ASCII | KIND_EF_8 | KIND_EF_A,                               /* 1 */
    KIND_ASCII | KIND_E3 | KIND_EF_8 | KIND_EF_9 | KIND_EF_A,         /* 2 */
    KIND_ASCII | KIND_EF_8 | KIND_EF_A,                               /* 3 */
    KIND_ASCII | KIND_EF_8,                                           /* 4 */
    KIND_ASCII | KIND_E2 | KIND_EF_9,                                 /* 5 */
    KIND_ASCII | KIND_E2 | KIND_EF_9,                                 /* 6 */
    KIND_ASCII | KIND_E2 | KIND_EF_8 | KIND_EF_9,                     /* 7 */
    KIND_ASCII | KIND_E2 | KIND_E3,                                   /* 8 */
    KIND_ASCII | KIND_E2 | KIND_EF_9,                                 /* 9 */
    KIND_ASCII | KIND_E3,                                             /* A */
    KIND_ASCII,                                                       /* B */
    KIND_ASCII | KIND_E2 | KIND_E3,                                   /* C */
    KIND_ASCII | KIND_E2 | KIND_E3,                                   /* D */
    KIND_ASCII | KIND_E3 | KIND_EF_8,                                 /* E */
    KIND_ASCII | KIND_E2 | KIND_E3 | KIND_EF_9,                       /* F */
};

/* ------------------------------------------------------------------ portable */

static const unsigned char first_byte[256] = {
    ['!'] = KIND_2,   ['"'] = KIND_2,   ['\''] = KIND_2, ['.'] = KIND_2,
    ['?'] = KIND_3,   [0xE2] = KIND_E2, [0xE3] = KIND_E3, [0xEF] = KIND_EF,
};

static bool is_mark_at(const unsigned char *p, size_t off, size_t n)
{
    unsigned kinds = first_byte[p[off]];
    if (n - off < 3)
        return kinds != 0; /* perhaps: a sequence that the end cuts off */
    return (kinds & third_high[p[off + 2] >> 4] & third_low[p[off + 2] & 15]) != 0;
}

/* Goes on with a list of `count` places in the text from `beg` on, of which [off, end) is left to look at. */
static size_t list_rest(ds_str text, size_t beg, size_t off, size_t end, uint16_t *list, size_t count)
{
    const unsigned char *p = (const unsigned char *)text.p;
    for (; off < end; off++) {
        while (end - off >= 4 && (first_byte[p[off]] | first_byte[p[off + 1]] | first_byte[p[off + 2]] |
                                  first_byte[p[off + 3]]) == 0)
            off += 4;
        if (off < end && first_byte[p[off]] != 0 && is_mark_at(p, off, text.n))
            list[count++] = (uint16_t)(off - beg);
    }
    return count;
}

static size_t portable_marks(ds_str text, size_t beg, size_t end, uint16_t *list)
{
    return list_rest(text, beg, beg, end, list, 0);
}

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* High bits where a byte of x is zero; a byte above such a one may be marked too. */
static inline uint64_t zero_bytes(uint64_t x)
{
    return (x - EACH_BYTE) & ~x & (EACH_BYTE << 7);
}

static bool is_line_end(ds_str text, size_t off)
{
    const unsigned char *p = (const unsigned char *)text.p + off;
    return *p == '\n' || *p == '\r' || (*p == 0xE2 && text.n - off >= 3 && p[1] == 0x80 && (p[2] & 0xFE) == 0xA8);
}

static size_t portable_line_end(ds_str text, size_t off)
{
    for (; text.n - off >= 8; off++) {
        uint64_t w = ds_load64(text.p + off); /* bytes up to CR, and E2 */
        uint64_t found = ((w - 0x0E * EACH_BYTE) & ~w & EACH_BYTE << 7) | zero_bytes(w ^ 0xE2 * EACH_BYTE);
        off += found == 0 ? 7 : (size_t)__builtin_ctzll(found) / 8;
        if (found != 0 && is_line_end(text, off))
            return off;
    }
    while (off < text.n && !is_line_end(text, off))
        off++;
    return off;
}

static const span_finder portable_finder = {portable_marks, portable_line_end};

/* ------------------------------------------------------------------ AVX2 */

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE __attribute__((target("avx2"), always_inline)) static inline
#define VEC 32
#define REACH (VEC + 2) /* bytes that one look at a vector reads */
#define LIST_SLACK SPAN_LIST_SLACK

static const unsigned char first_high[16] = {[0x2] = KIND_2, [0x3] = KIND_3, [0xE] = KIND_E2 | KIND_E3 | KIND_EF};

static const unsigned char first_low[16] = {
    [0x1] = KIND_2, [0x2] = KIND_2 | KIND_E2, [0x3] = KIND_E3, [0x7] = KIND_2, [0xE] = KIND_2, [0xF] = KIND_3 | KIND_EF,
};

AVX2_INLINE __m256i avx2_table(const unsigned char *row)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)row));
}

AVX2_INLINE __m256i avx2_load(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* What the halves of each byte leave possible.  A look-up by a byte above 7F gives 0, hence the mask for low halves. */
AVX2_INLINE __m256i avx2_kinds(__m256i bytes, __m256i high, __m256i low)
{
    __m256i half = _mm256_set1_epi8(0x0F);
    return _mm256_and_si256(_mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half)),
                            _mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half)));
}

AVX2 static size_t avx2_marks(ds_str text, size_t beg, size_t end, uint16_t *list)
{
    __m256i high1 = avx2_table(first_high), low1 = avx2_table(first_low);
    __m256i high3 = avx2_table(third_high), low3 = avx2_table(third_low);
    size_t off = beg, count = 0;
    for (; end - off >= VEC && text.n - off >= REACH; off += VEC) {
        __m256i found = _mm256_and_si256(avx2_kinds(avx2_load(text.p + off), high1, low1),
                                         avx2_kinds(avx2_load(text.p + off + 2), high3, low3));
        uint64_t bits = ~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
        size_t more = (size_t)__builtin_popcountll(bits), at = off - beg;
        for (size_t i = 0; i < LIST_SLACK; i++) { /* mostly too many, but without a doubt */
            list[count + i] = (uint16_t)(at + (size_t)__builtin_ctzll(bits | UINT64_C(1) << VEC));
            bits &= bits - 1;
        }
        for (size_t i = LIST_SLACK; i < more; i++) {
            list[count + i] = (uint16_t)(at + (size_t)__builtin_ctzll(bits));
            bits &= bits - 1;
        }
        count += more;
    }
    _mm256_zeroupper();
    return list_rest(text, beg, off, end, list, count);
}

AVX2 static size_t avx2_line_end(ds_str text, size_t off)
{
    __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r'), e2 = _mm256_set1_epi8((char)0xE2);
    __m256i separator = _mm256_set1_epi8((char)0xA8), but_last = _mm256_set1_epi8((char)0xFE);
    while (text.n - off >= REACH) {
        __m256i in = avx2_load(text.p + off), third = _mm256_and_si256(avx2_load(text.p + off + 2), but_last);
        __m256i feed = _mm256_or_si256(_mm256_cmpeq_epi8(in, lf), _mm256_cmpeq_epi8(in, cr));
        __m256i other = _mm256_and_si256(_mm256_cmpeq_epi8(in, e2), _mm256_cmpeq_epi8(third, separator));
        unsigned found = (unsigned)_mm256_movemask_epi8(_mm256_or_si256(feed, other));
        off += found == 0 ? VEC : (size_t)__builtin_ctz(found);
        if (found != 0 && is_line_end(text, off)) {
            _mm256_zeroupper();
            return off;
        }
        off += found != 0;
    }
    _mm256_zeroupper();
    return portable_line_end(text, off);
}

static const span_finder avx2_finder = {avx2_marks, avx2_line_end};
#endif

size_t ds_span_marks_more(span_marks *m, size_t off)
{
    do {
        if (m->end == m->text.n)
            return m->text.n;
        m->beg = m->end > off ? m->end : off;
        m->end = m->text.n - m->beg > SPAN_WINDOW ? m->beg + SPAN_WINDOW : m->text.n;
        m->list[m->finder->marks(m->text, m->beg, m->end, m->list)] = UINT16_MAX;
    } while (m->list[0] == UINT16_MAX);
    m->at = 0;
    return m->beg + m->list[0];
}

const span_finder *ds_span_finder_of(ds_cpu_path path)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (path == DS_CPU_AVX2)
        return &avx2_finder;
#endif
    (void)path;
    return &portable_finder;
}

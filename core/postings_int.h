/* postings_int.h - the vector path of unpacking a block of positions; see postings.h. */
#ifndef DS_POSTINGS_INT_H
#define DS_POSTINGS_INT_H

#include "cpu.h"
#include "postings.h"

/* Widths that the vector path takes, bytes that it may read behind the row, and the bits of a gap from which on sums could
 * go over 32 bits unseen. */
enum { POSTINGS_WIDTH_MAX = 25, POSTINGS_SLACK = 16, POSTINGS_GAP_BITS = 24 };

/* Unpacks DS_POSTINGS_BLOCK numbers of `width` bits. */
typedef void ds_postings_bits(const unsigned char *row, unsigned width, uint32_t *v);
/* Gaps, each less one, to positions behind `last` (DS_POS_NONE: from 0 on), modulo 2^32; gives all gaps, or-ed. */
typedef uint32_t ds_postings_sum(const uint32_t *gaps, uint32_t last, uint32_t *out);

/* Bits that are set in words [from, to) of `first` and, at the next place, in `second`. */
typedef uint64_t ds_postings_both(const uint64_t *first, const uint64_t *second, size_t from, size_t to);

/* There only where the architecture is. */
ds_postings_bits ds_postings_bits_avx2;
ds_postings_sum ds_postings_sum_avx2;
ds_postings_both ds_postings_both_avx2;

static inline bool ds_postings_avx2(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    ds_cpu_path path = ds_cpu_active();
    return path == DS_CPU_AVX2 || path == DS_CPU_AVX512;
#else
    return false;
#endif
}

#endif

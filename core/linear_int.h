/* linear_int.h - the stored form of a linear model, and what its parts share; see linear.h and doc/FORMAT.md. */
#ifndef DS_LINEAR_INT_H
#define DS_LINEAR_INT_H

#include "linear.h"

/*
 * Header of 48 bytes: magic (8), version, labels, bits, bytes of the note (4 each), version of the features, 0, the checksum of
 * all other bytes (4 each), then as floats: what a weight of 1 stands for (4), steepness (4), 0 (4).  Then a float of bias for each
 * label, the note, padded with 0 to a multiple of 4, and for each of the 2^bits buckets a weight of 2 bytes for each label.
 */
enum { LINEAR_HEADER = 48, LINEAR_CRC = 32 };

/* Hash of a feature: the upper 29 bits choose its bucket, the lower 3 are its group. */
static inline uint32_t linear_hash(uint64_t key)
{
    uint64_t mixed = (key ^ key >> 29) * 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ mixed >> 32) * 0x9E3779B97F4A7C15u;
    return ((uint32_t)(mixed >> 32) & ~7u) | ((uint32_t)(key >> 56) & 7u);
}

#endif

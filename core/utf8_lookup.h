/*
 * utf8_lookup.h - what the vector paths of utf8 share: the tables that tell ill-formed text.
 *
 * After John Keiser and Daniel Lemire, "Validating UTF-8 in less than one instruction per byte", Software: Practice and
 * Experience 51 (5), 2021.  Each pair of neighbours, byte a and byte b behind it, is looked up three times: by the
 * high half of a, by its low half, by the high half of b.  A table gives, as a set of bits, the faults that its half
 * byte leaves possible; a fault that all three leave possible is there.  UTF8_TWO is none by itself: two trail bytes in
 * a row are right exactly where the byte two before the second one begins a sequence of three or four, or the byte
 * three before it one of four.
 */
#ifndef DS_UTF8_LOOKUP_H
#define DS_UTF8_LOOKUP_H

#include <stddef.h>

enum {
    UTF8_SHORT = 1,      /* a lead without its trail */
    UTF8_LONG = 2,       /* a trail behind ASCII */
    UTF8_OVER3 = 4,      /* E0 80..9F: overlong */
    UTF8_LARGE = 8,      /* F4 90..BF and F5..FF 90..BF: above U+10FFFF */
    UTF8_SURROGATE = 16, /* ED A0..BF */
    UTF8_OVER2 = 32,     /* C0 and C1: overlong */
    UTF8_FOUR = 64,      /* F0 80..8F: overlong; F5..FF 80..8F: above U+10FFFF */
    UTF8_TWO = 128,      /* two trails */
    UTF8_ANY = UTF8_SHORT | UTF8_LONG | UTF8_TWO, /* the low half of a says nothing about these */
    UTF8_HIGH = UTF8_ANY | UTF8_LARGE | UTF8_FOUR, /* F5..FF among others */
    UTF8_TRAIL = UTF8_LONG | UTF8_TWO | UTF8_OVER2
};

static const unsigned char utf8_a_high[16] = {
    UTF8_LONG, UTF8_LONG, UTF8_LONG, UTF8_LONG, UTF8_LONG, UTF8_LONG, UTF8_LONG, UTF8_LONG, /* 0 to 7 */
    UTF8_TWO, UTF8_TWO, UTF8_TWO, UTF8_TWO,                                                 /* 8 to B */
    UTF8_SHORT | UTF8_OVER2, UTF8_SHORT,                                                    /* C, D */
    UTF8_SHORT | UTF8_OVER3 | UTF8_SURROGATE,                                               /* E */
    UTF8_SHORT | UTF8_LARGE | UTF8_FOUR,                                                    /* F */
};

static const unsigned char utf8_a_low[16] = {
    UTF8_ANY | UTF8_OVER2 | UTF8_OVER3 | UTF8_FOUR, UTF8_ANY | UTF8_OVER2, UTF8_ANY, UTF8_ANY, /* 0 to 3 */
    UTF8_ANY | UTF8_LARGE, UTF8_HIGH, UTF8_HIGH, UTF8_HIGH,                                    /* 4 to 7 */
    UTF8_HIGH, UTF8_HIGH, UTF8_HIGH, UTF8_HIGH,                                                /* 8 to B */
    UTF8_HIGH, UTF8_HIGH | UTF8_SURROGATE, UTF8_HIGH, UTF8_HIGH,                               /* C to F */
};

static const unsigned char utf8_b_high[16] = {
    UTF8_SHORT, UTF8_SHORT, UTF8_SHORT, UTF8_SHORT, UTF8_SHORT, UTF8_SHORT, UTF8_SHORT, UTF8_SHORT, /* 0 to 7 */
    UTF8_TRAIL | UTF8_OVER3 | UTF8_FOUR,                                                            /* 8 */
    UTF8_TRAIL | UTF8_OVER3 | UTF8_LARGE,                                                           /* 9 */
    UTF8_TRAIL | UTF8_SURROGATE | UTF8_LARGE, UTF8_TRAIL | UTF8_SURROGATE | UTF8_LARGE,             /* A, B */
    UTF8_SHORT, UTF8_SHORT, UTF8_SHORT, UTF8_SHORT,                                                 /* C to F */
};

/* Bytes at the end of p[0, n) that begin a sequence which goes on behind n, when p[0, n) is fine up to there. */
static inline size_t utf8_cut_off(const unsigned char *p, size_t n)
{
    if (n >= 1 && p[n - 1] >= 0xC0)
        return 1;
    if (n >= 2 && p[n - 2] >= 0xE0)
        return 2;
    return n >= 3 && p[n - 3] >= 0xF0 ? 3 : 0;
}

#endif

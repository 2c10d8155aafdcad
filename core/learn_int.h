/*
 * learn_int.h - arithmetic that learning takes from here and not from a library, so that the same examples make the same
 * model on every machine whose compiler keeps to C11's rules for expressions.
 */
#ifndef DS_LEARN_INT_H
#define DS_LEARN_INT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* e to the x, to about 1e-10; only additions, multiplications and divisions. */
static inline double learn_power(double x)
{
    if (x < -600)
        return 0;
    if (x > 600)
        x = 600;
    double whole = floor(x * 1.4426950408889634 + 0.5), r = x - whole * 0.6931471805599453, sum = 1;
    for (int i = 9; i > 0; i--)
        sum = 1 + sum * r / i;
    uint64_t bits = (uint64_t)((int64_t)whole + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

/* A number that looks random (Marsaglia 2003, xorshift). */
static inline uint64_t learn_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* The state of learn_random for round `round` of a seed. */
static inline uint64_t learn_seed(uint64_t seed, uint64_t round)
{
    return (seed ^ round) * 0x9E3779B97F4A7C15u ^ 0xD1B54A32D192ED03u;
}

/* Puts the n numbers into another order. */
static inline void learn_shuffle(size_t *order, size_t n, uint64_t state)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)(learn_random(&state) % i), at = order[i - 1];
        order[i - 1] = order[k];
        order[k] = at;
    }
}

#endif

/* decimal.c - see decimal.h. */
#include "decimal.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define EXP_LEAST (-4) /* of ten */
#define EXP_MOST 14
#define SMALLEST_MANTISSA (UINT64_C(1) << 52)

__extension__ typedef unsigned __int128 uint128;

static const double ten_to[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,
                                1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* x > 0 as mantissa * 2^exp2, the mantissa of 53 bits; 10^exp10 <= x < 10^(exp10 + 1). */
typedef struct parts {
    uint64_t mantissa;
    int exp2, exp10;
} parts;

/* The doubles below 1 in ten_to lie a little above the powers they stand for, with no double between: comparing is exact. */
static parts split(double x)
{
    parts p;
    double f = frexp(x, &p.exp2);
    p.mantissa = (uint64_t)ldexp(f, 53);
    p.exp2 -= 53;
    p.exp10 = EXP_LEAST;
    while (x >= ten_to[p.exp10 + 1 - EXP_LEAST])
        p.exp10++;
    return p;
}

static uint64_t five_to(int k)
{
    uint64_t v = 1;
    while (k-- > 0)
        v *= 5;
    return v;
}

/* Whether a decimal that is `off` away from the double, both as multiples of the same unit, of which 5^k are the distance to
 * the next double, reads back as it.  At a power of two the next double below is half as far. */
static bool reads_back(uint128 off, bool below, uint64_t five, uint64_t mantissa)
{
    uint128 twice = off * (below && mantissa == SMALLEST_MANTISSA ? 4 : 2);
    return twice < five || (twice == five && mantissa % 2 == 0);
}

/* x with `digits` digits, as an integer; whether it reads back. */
static bool round_to(const parts *p, int digits, uint64_t *out)
{
    int k = digits - 1 - p->exp10, shift = -(p->exp2 + k);
    uint64_t five = five_to(k);
    uint128 n = (uint128)p->mantissa * five;
    if (shift <= 0) {
        *out = (uint64_t)(n << -shift);
        return true;
    }
    uint128 q = n >> shift, rest = n - (q << shift), half = (uint128)1 << (shift - 1);
    bool up = rest > half || (rest == half && q % 2 == 1);
    *out = (uint64_t)q + up;
    return reads_back(up ? (half << 1) - rest : rest, !up, five, p->mantissa);
}

static size_t put_digits(char *out, uint64_t v)
{
    char text[24];
    size_t n = 0;
    do
        text[n++] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    for (size_t i = 0; i < n; i++)
        out[i] = text[n - 1 - i];
    return n;
}

/* `count` digits of a number of which exp10 + 1 stand before the point. */
static size_t put_plain(char *out, const char *digits, size_t count, int exp10)
{
    size_t n = 0, at = 0;
    if (exp10 < 0)
        out[n++] = '0';
    for (int i = 0; i <= exp10; i++)
        out[n++] = at < count ? digits[at++] : '0';
    out[n++] = '.';
    for (int i = -1; i > exp10; i--)
        out[n++] = '0';
    if (at == count)
        out[n++] = '0';
    while (at < count)
        out[n++] = digits[at++];
    return n;
}

bool ds_decimal(double x, char out[DS_DECIMAL_MOST], size_t *n)
{
    double size = fabs(x);
    size_t sign = signbit(x) ? 1 : 0;
    if (size != 0 && !(size >= ten_to[0] && size < 1e15))
        return false;
    if (sign)
        out[0] = '-';
    if (size == 0) {
        memcpy(out + sign, "0.0", 3);
        *n = sign + 3;
        return true;
    }
    parts p = split(size);
    uint64_t v;
    int precision = 15;
    while (!round_to(&p, precision, &v) && precision < 17)
        precision++;
    char digits[24];
    size_t count = put_digits(digits, v);
    int exp10 = p.exp10 + ((int)count > precision ? 1 : 0); /* rounded up to the next power of ten */
    while (count > 1 && digits[count - 1] == '0')
        count--;
    *n = sign + put_plain(out + sign, digits, count, exp10);
    return true;
}

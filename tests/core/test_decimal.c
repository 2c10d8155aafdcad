/* test_decimal.c - against printf and strtod, the definition of what is wanted. */
#include "decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing.h"

/* What the header promises, the slow way. */
static void expected(double x, char *out, size_t room)
{
    for (int n = 15; n <= 17; n++) {
        snprintf(out, room, "%.*g", n, x);
        if (strtod(out, NULL) == x)
            break;
    }
    if (strpbrk(out, ".e") == NULL)
        snprintf(out + strlen(out), room - strlen(out), ".0");
}

static void check(double x)
{
    char mine[DS_DECIMAL_MOST + 1], theirs[64];
    size_t n = 0;
    ck_assert(ds_decimal(x, mine, &n));
    ck_assert_uint_le(n, DS_DECIMAL_MOST);
    mine[n] = '\0';
    expected(x, theirs, sizeof theirs);
    ck_assert_str_eq(mine, theirs);
}

static uint64_t state = 88172645463325252u;

static uint64_t rnd(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

START_TEST(known_values)
{
    static const double list[] = {0.0,   -0.0,     1.0,   -1.0,   0.1,    0.3,    1.0 / 3, 2.0 / 3,     100.0, 1e14,
                                  1e-4,  0.000123, 5e-4,  123.25, 1e14 + 0.5, 4503599627370496.0 / 8, 0.5, 0.25, 72.7, 1e3};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        check(list[i]);
}
END_TEST

START_TEST(neighbours_of_powers)
{
    for (int e = -13; e < 50; e++) {
        double x = ldexp(1, e), up = nextafter(x, 1e300), down = nextafter(x, 0);
        check(x);
        if (up < 1e15)
            check(up);
        check(-down);
    }
    for (double x = 1e-4; x < 1e15; x *= 10) {
        check(x);
        check(nextafter(x, 1e300));
        if (nextafter(x, 0) >= 1e-4)
            check(nextafter(x, 0));
    }
}
END_TEST

START_TEST(fractions_and_any_bits)
{
    for (int i = 0; i < 300000; i++) {
        check((double)(rnd() % 100000) / (double)(rnd() % 9999 + 1) + 1e-3);
        check((double)(rnd() % 1000000) / 1000.0);
        double x = ldexp((double)((rnd() >> 11) | UINT64_C(1) << 52), (int)(rnd() % 63) - 66);
        if (x >= 1e-4 && x < 1e15)
            check(x);
    }
}
END_TEST

START_TEST(outside_of_the_range)
{
    static const double list[] = {1e15, 1e300, 9e-5, 5e-324, INFINITY, -INFINITY, NAN};
    char out[DS_DECIMAL_MOST];
    size_t n = 7;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        ck_assert(!ds_decimal(list[i], out, &n));
    ck_assert_uint_eq(n, 7);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("decimal");
    TCase *t = tcase_create("decimal");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, known_values);
    tcase_add_test(t, neighbours_of_powers);
    tcase_add_test(t, fractions_and_any_bits);
    tcase_add_test(t, outside_of_the_range);
    suite_add_tcase(s, t);
    return test_main(s);
}

/*
 * decimal.h - a double as the fewest of 15, 16 or 17 significant digits that read back as the same double.
 *
 * The digits are those of printf's %.15g, %.16g or %.17g, found by exact integer arithmetic instead of printing and reading
 * back.  Only plain notation is written, as JSON has it: at least one digit on each side of the point.
 *
 * Range    0 and 1e-4 <= |x| < 1e15; others are the caller's (false).
 * Cost     a few multiplications of 128 bits; no memory, no locale.
 */
#ifndef DS_DECIMAL_H
#define DS_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#define DS_DECIMAL_MOST 32 /* bytes of the longest */

/* Writes x to out, without a NUL; *n bytes.  False when x is outside of the range: nothing was written. */
bool ds_decimal(double x, char out[DS_DECIMAL_MOST], size_t *n);

#endif

/* norm_int.h - what norm.c and norm_scan.c share, and the tests compare. */
#ifndef DS_NORM_INT_H
#define DS_NORM_INT_H

#include "cpu.h"
#include "norm.h"

/* Offset of the first byte of p[0, n) that may begin a character which is not plain: one that is reordered,
 * decomposed, or may compose with what stands before; n when there is none.  May stop too early, never too
 * late; where ill-formed parts are, too.  `path` must be one that the machine has; every path that lacks code
 * of its own is the portable one, and all of them stop at the same byte. */
size_t ds_norm_scan(const unsigned char *p, size_t n, ds_norm_form form, ds_cpu_path path);

#endif

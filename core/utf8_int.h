/*
 * utf8_int.h - the vector paths of utf8, and the functions of utf8.h with the path as an argument, for tests and
 * benchmarks that compare paths within one process.
 */
#ifndef DS_UTF8_INT_H
#define DS_UTF8_INT_H

#include "cpu.h"
#include "utf8.h"

#define DS_UTF8_RUN_MIN 64 /* the least n that a ds_utf8_run takes */

/*
 * Checks p[0, n), n >= DS_UTF8_RUN_MIN, from the start: returns the length of a well-formed part that ends at a
 * border of code points, and adds the number of its code points to *count.  The part ends at most
 * DS_UTF8_RUN_SLACK bytes before the first ill-formed sequence (a sequence that n cuts off counts as one), so
 * what follows it is for the portable code to look at.  Reads nothing outside p[0, n).
 */
typedef size_t ds_utf8_run(const unsigned char *p, size_t n, size_t *count);
#define DS_UTF8_RUN_SLACK 160

/* Number of bytes that are no trails: of code points, where p[0, n) is well-formed. */
typedef size_t ds_utf8_starts(const unsigned char *p, size_t n);

typedef struct ds_utf8_vector {
    ds_utf8_run *run;
    ds_utf8_starts *starts;
} ds_utf8_vector;

/* The vector code of a path that ds_cpu_has; NULL for the portable one. */
const ds_utf8_vector *ds_utf8_vector_of(ds_cpu_path path);

/* Each in its own file, there only where the architecture is. */
ds_utf8_run ds_utf8_run_avx2, ds_utf8_run_neon;
ds_utf8_starts ds_utf8_starts_avx2, ds_utf8_starts_neon;

bool ds_utf8_valid_by(const ds_utf8_vector *v, ds_str s, size_t *bad);
size_t ds_utf8_count_by(const ds_utf8_vector *v, ds_str s);
size_t ds_utf8_count_valid_by(const ds_utf8_vector *v, ds_str s);
size_t ds_utf8_offset_by(const ds_utf8_vector *v, ds_str s, size_t k);
size_t ds_utf8_offset_back_by(const ds_utf8_vector *v, ds_str s, size_t k);

#endif

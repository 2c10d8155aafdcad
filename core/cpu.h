/*
 * cpu.h - which vector code the process runs, decided once.
 *
 * Choice   the best path that is compiled in and that the machine can run.  The environment variable
 *          DS_CPU = portable | avx2 | avx512 | neon forces one; a name that is unknown, or a path that
 *          this build or machine lacks, leaves the best one in place, and ds_cpu_status says so.
 *          All paths give the same results.
 * Life     decided at the first call and never changed afterwards: this one atomic number is all that core
 *          ever writes to a global.  Changing DS_CPU later has no effect.
 * Threads  any, but no thread may call setenv during the first call.
 * Cost     after the first call, one load.
 */
#ifndef DS_CPU_H
#define DS_CPU_H

#include <stdbool.h>

#include "error.h"

typedef enum ds_cpu_path {
    DS_CPU_PORTABLE,
    DS_CPU_AVX2,
    DS_CPU_AVX512, /* with VNNI, for the tagger's sums; elsewhere it is AVX2's code */
    DS_CPU_NEON
} ds_cpu_path;
#define DS_CPU_PATHS 4

/* The path in use. */
ds_cpu_path ds_cpu_active(void);

/* DS_OK, or DS_EINVAL when DS_CPU asked for what there is not; *err (may be NULL) says what is used. */
ds_status ds_cpu_status(ds_error *err);

/* Whether this build has the path and this machine runs it. */
bool ds_cpu_has(ds_cpu_path path);

/* "portable", "avx2", "avx512", "neon": as DS_CPU spells them. */
const char *ds_cpu_name(ds_cpu_path path);

#endif

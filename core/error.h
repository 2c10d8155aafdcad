/*
 * error.h - status codes and error reports, shared by every module.
 *
 * Rules    A function that can fail returns ds_status and zeroes its outputs first.  Core
 *          never prints, exits or aborts; `assert` guards against a caller's bug only.
 * Units    off: byte offset from 0; line: from 1, 0 when it does not apply.
 */
#ifndef DS_ERROR_H
#define DS_ERROR_H

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define DS_MUSTUSE __attribute__((warn_unused_result))
#define DS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define DS_MUSTUSE
#define DS_PRINTF(fmt, args)
#endif

typedef enum ds_status {
    DS_OK = 0,
    DS_ENOMEM,  /* the allocator returned NULL */
    DS_EFORMAT, /* stored or textual data is damaged or malformed */
    DS_EIO,     /* the operating system refused to open, read or map */
    DS_ELIMIT,  /* a documented ceiling was reached */
    DS_EINVAL   /* an argument has no meaning, such as an empty term */
} ds_status;

/* What went wrong and where.  Always optional: pass NULL when it is not wanted. */
typedef struct ds_error {
    ds_status status;
    uint64_t off;
    uint64_t line;
    char msg[160]; /* ends in NUL, never in half a character */
} ds_error;

/* Fills `err` (may be NULL) and returns `status`, so that callers can `return ds_fail(...)`. */
ds_status ds_fail(ds_error *err, ds_status status, uint64_t off, uint64_t line, const char *fmt, ...)
    DS_PRINTF(5, 6);

/* DS_ENOMEM with its standard message. */
ds_status ds_fail_nomem(ds_error *err);

/* Name of a status in plain English, such as "out of memory". */
const char *ds_status_name(ds_status status);

#endif

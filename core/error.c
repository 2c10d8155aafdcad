/* error.c - see error.h. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts a message that vsnprintf truncated back to the last whole character. */
static void trim_partial(char *msg, size_t cap)
{
    size_t n = strlen(msg);
    if (n + 1 < cap)
        return;
    size_t i = n;
    while (i > 0 && ((unsigned char)msg[i - 1] & 0xC0) == 0x80)
        i--;
    if (i > 0 && (unsigned char)msg[i - 1] >= 0xC0)
        msg[i - 1] = '\0';
}

ds_status ds_fail(ds_error *err, ds_status status, uint64_t off, uint64_t line, const char *fmt, ...)
{
    if (err == NULL)
        return status;
    va_list ap;
    va_start(ap, fmt);
    err->status = status;
    err->off = off;
    err->line = line;
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    trim_partial(err->msg, sizeof err->msg);
    return status;
}

ds_status ds_fail_nomem(ds_error *err)
{
    return ds_fail(err, DS_ENOMEM, 0, 0, "out of memory");
}

const char *ds_status_name(ds_status status)
{
    switch (status) {
    case DS_OK: return "ok";
    case DS_ENOMEM: return "out of memory";
    case DS_EFORMAT: return "damaged or malformed data";
    case DS_EIO: return "input/output error";
    case DS_ELIMIT: return "limit reached";
    case DS_EINVAL: return "invalid argument";
    }
    return "unknown status";
}

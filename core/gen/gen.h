/*
 * gen.h - what the build tools in C share: they may print and exit.
 */
#ifndef DS_GEN_H
#define DS_GEN_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

/* Ends the program: "TOOL: WHAT: WHY" on standard error. */
static inline void gen_die(const char *tool, const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", tool, what, why);
    exit(1);
}

/* The whole file and a NUL, which n does not count; the caller clears the buffer. */
static inline ds_buf gen_read_file(const char *tool, const char *path)
{
    static char chunk[65536];
    size_t n;
    ds_buf b;
    FILE *f = fopen(path, "rb");
    ds_buf_init(&b, NULL);
    if (f == NULL)
        gen_die(tool, path, strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        ds_buf_put(&b, chunk, n);
    if (ferror(f))
        gen_die(tool, path, strerror(errno));
    fclose(f);
    ds_buf_byte(&b, '\0');
    if (b.status != DS_OK)
        gen_die(tool, path, "not enough memory");
    b.n--;
    return b;
}

#endif

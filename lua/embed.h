/*
 * embed.h - the Lua part of the library, compiled into the module.
 */
#ifndef DS_EMBED_H
#define DS_EMBED_H

#include <stddef.h>

typedef struct ds_embedded {
    const char *module; /* "ds.stance" */
    const char *chunk;  /* "@ds/stance.lua", for tracebacks */
    const unsigned char *source;
    size_t len;
} ds_embedded;

extern const ds_embedded ds_embedded_files[]; /* ends with a row of zeros */

#endif

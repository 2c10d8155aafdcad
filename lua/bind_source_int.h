/*
 * bind_source_int.h - the insides of a ds.source, for bind_source.c and bind_sourcelib.c only.
 */
#ifndef DS_BIND_SOURCE_INT_H
#define DS_BIND_SOURCE_INT_H

#include <zlib.h>
#include <zstd.h>

#include "bind_source.h"

#define DSL_SOURCE_MESSAGE_MOST 160

typedef enum source_kind { KIND_PLAIN, KIND_GZIP, KIND_ZSTD } source_kind;

struct dsL_source {
    ds_alloc alloc;
    ds_buf buf;      /* window's memory; unused for a plain string */
    const char *p;   /* the window is p[beg..n) */
    size_t beg, n;
    size_t base;     /* offset of p[0] in the stream */
    size_t line;     /* number of the line at beg */
    ds_str text;     /* what `of` was given; the string is the user value */
    size_t text_at;
    int fd;
    bool own, open, plain_text, input_end, end, failed;
    size_t size_hint; /* of a regular file, or 0 */
    source_kind kind;
    ds_buf in;       /* compressed bytes: in.p[in_at..in.n) are left */
    size_t in_at, in_base;
    z_stream z;
    bool z_live, between; /* between: no member or frame is open */
    ZSTD_DStream *zs;
    char message[DSL_SOURCE_MESSAGE_MOST];
    size_t bad_byte; /* of the file, from 1; 0: none */
};

/* Looks whether what begins there is compressed.  [-0, +0, e] */
void dsL_source_begin(lua_State *L, dsL_source *s);
/* Bytes of the stream straight to dst, up to `room`.  0: the end, or a failure.  [-0, +0, e] */
size_t dsL_source_pull(lua_State *L, dsL_source *s, char *dst, size_t room);

#endif

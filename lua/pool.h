/*
 * pool.h - small blocks of memory for one Lua state.
 *
 * Lua says of each block that it frees how large it was, so a block needs no header: blocks of up to POOL_MOST bytes are cut
 * from chunks, and freed ones wait in a list of their size.  That is several times as fast as malloc, and threads do not
 * meet in it.  Larger blocks are the C library's.
 *
 * Memory   chunks are given back by dsL_pool_clear only; what small blocks need at most stays taken.
 * Threads  one at a time.
 */
#ifndef DS_POOL_H
#define DS_POOL_H

#include <stddef.h>

#define DSL_POOL_UNIT 16
#define DSL_POOL_MOST 512 /* bytes of a small block */

typedef struct dsL_pool {
    void *free[DSL_POOL_MOST / DSL_POOL_UNIT]; /* [i]: blocks of (i + 1) units */
    void *chunks;
    char *at, *end; /* of the newest chunk, not given out yet */
} dsL_pool;

/* As lua_Alloc: frees, allocates, resizes.  osize is what the block was asked with; 0 where block is NULL.  A zeroed pool is
 * an empty one. */
void *dsL_pool_resize(dsL_pool *p, void *block, size_t osize, size_t nsize);
/* Frees all chunks: no small block may be in use. */
void dsL_pool_clear(dsL_pool *p);

#endif

/* pool.c - see pool.h. */
#include "pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES (32u << 10)

typedef struct link {
    struct link *next;
} link;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_OFF 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define POOL_OFF 1
#endif

/* With AddressSanitizer every block is the C library's, so that it can watch them. */
static bool is_small(size_t n)
{
#ifdef POOL_OFF
    (void)n;
    return false;
#else
    return n - 1 < DSL_POOL_MOST;
#endif
}

static size_t class_of(size_t n)
{
    return (n - 1) / DSL_POOL_UNIT;
}

static void give_back(dsL_pool *p, void *block, size_t class)
{
    link *l = block;
    l->next = p->free[class];
    p->free[class] = l;
}

/* What is left of the newest chunk becomes free blocks. */
static void use_up(dsL_pool *p)
{
    while (p->at < p->end) {
        size_t left = (size_t)(p->end - p->at), n = left < DSL_POOL_MOST ? left : DSL_POOL_MOST;
        give_back(p, p->at, class_of(n));
        p->at += n;
    }
}

static bool add_chunk(dsL_pool *p)
{
    char *chunk = malloc(CHUNK_BYTES);
    if (chunk == NULL)
        return false;
    use_up(p);
    ((link *)(void *)chunk)->next = p->chunks;
    p->chunks = chunk;
    p->at = chunk + DSL_POOL_UNIT;
    p->end = chunk + CHUNK_BYTES;
    return true;
}

static void *take(dsL_pool *p, size_t class)
{
    link *l = p->free[class];
    if (l != NULL) {
        p->free[class] = l->next;
        return l;
    }
    size_t n = (class + 1) * DSL_POOL_UNIT;
    if ((size_t)(p->end - p->at) < n && !add_chunk(p))
        return NULL;
    char *block = p->at;
    p->at += n;
    return block;
}

static void drop(dsL_pool *p, void *block, size_t osize)
{
    if (is_small(osize))
        give_back(p, block, class_of(osize));
    else
        free(block);
}

void *dsL_pool_resize(dsL_pool *p, void *block, size_t osize, size_t nsize)
{
    if (block == NULL || osize == 0)
        return nsize == 0 ? NULL : is_small(nsize) ? take(p, class_of(nsize)) : malloc(nsize);
    if (nsize == 0) {
        drop(p, block, osize);
        return NULL;
    }
    bool was = is_small(osize), is = is_small(nsize);
    if (!was && !is)
        return realloc(block, nsize);
    if (was && is && class_of(osize) == class_of(nsize))
        return block;
    void *moved = is ? take(p, class_of(nsize)) : malloc(nsize);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, osize < nsize ? osize : nsize);
    drop(p, block, osize);
    return moved;
}

void dsL_pool_clear(dsL_pool *p)
{
    for (link *l = p->chunks, *next; l != NULL; l = next) {
        next = l->next;
        free(l);
    }
    memset(p, 0, sizeof *p);
}

/*
 * alloc.h - the allocator hook, string views, the growing buffer, checked sizes.
 *
 * Memory   Everything core allocates goes through a ds_alloc; NULL means the C library's.
 *          Its shape is that of lua_Alloc on purpose: fn(ud, p, old size, 0) frees,
 *          fn(ud, p, old, new) resizes, and the old size given back is always exact.
 * Threads  A ds_alloc is used by one thread at a time unless its fn is itself thread-safe.
 */
#ifndef DS_ALLOC_H
#define DS_ALLOC_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

typedef struct ds_alloc {
    void *(*fn)(void *ud, void *p, size_t osize, size_t nsize);
    void *ud;
    const volatile sig_atomic_t *stop; /* NULL, or not 0 once what is under way for this owner should end early */
} ds_alloc;

/* Long loops ask this now and then, and fail with DS_ELIMIT.  `a` is not NULL. */
static inline bool ds_stopped(const ds_alloc *a)
{
    return a->stop != NULL && *a->stop != 0;
}

/* A view of bytes: not owned, not assumed to end in NUL.  p may be NULL when n is 0. */
typedef struct ds_str {
    const char *p;
    size_t n;
} ds_str;

/* View of a C string literal or other NUL-terminated text. */
ds_str ds_str_of(const char *s);
bool ds_str_eq(ds_str a, ds_str b);
/* Bytewise order: <0, 0, >0. */
int ds_str_cmp(ds_str a, ds_str b);

/* malloc/realloc/free as a ds_alloc. */
extern const ds_alloc ds_alloc_libc;

/* `a` itself, or &ds_alloc_libc when `a` is NULL. */
const ds_alloc *ds_alloc_or_libc(const ds_alloc *a);
/* n bytes (n > 0) or NULL.  Contents undefined. */
void *ds_malloc(const ds_alloc *a, size_t n);
/* count * size zeroed bytes, or NULL, also when the product overflows or is 0. */
void *ds_calloc(const ds_alloc *a, size_t count, size_t size);
/* Frees p, which has `n` bytes; p may be NULL. */
void ds_mfree(const ds_alloc *a, void *p, size_t n);

/* Checked sizes: false on overflow, *out untouched. */
bool ds_add(size_t a, size_t b, size_t *out);
bool ds_mul(size_t a, size_t b, size_t *out);

/*
 * Grows an array to hold at least `need` items of `size` bytes; *cap counts items.
 * Doubles, so appending is O(1) amortised.  On DS_ENOMEM *items and *cap stay valid.
 * usage: ds_grow(a, (void **)&v->items, &v->cap, v->count + 1, sizeof *v->items)
 */
DS_MUSTUSE ds_status ds_grow(const ds_alloc *a, void **items, size_t *cap, size_t need, size_t size);

/*
 * ds_buf - a growing byte buffer.  Its status is sticky: after the first failed append
 * later ones do nothing, and the caller looks at `status` once, at the end.
 */
typedef struct ds_buf {
    const ds_alloc *alloc;
    char *p;
    size_t n, cap;
    ds_status status;
} ds_buf;

void ds_buf_init(ds_buf *b, const ds_alloc *a);
void ds_buf_clear(ds_buf *b); /* frees; the buffer may be used again */
void ds_buf_reset(ds_buf *b); /* n = 0, status = DS_OK; keeps the memory */
bool ds_buf_reserve(ds_buf *b, size_t more); /* room for `more` further bytes */
void ds_buf_put(ds_buf *b, const void *p, size_t n);
void ds_buf_byte(ds_buf *b, char c);
void ds_buf_u32(ds_buf *b, uint32_t v); /* little-endian */
void ds_buf_u64(ds_buf *b, uint64_t v); /* little-endian */
/* View of the contents; valid until the next change. */
ds_str ds_buf_str(const ds_buf *b);

/* Little-endian loads from suspect memory: the caller has checked the bounds. */
static inline uint16_t ds_load16(const void *p)
{
    const unsigned char *b = p;
    return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t ds_load32(const void *p)
{
    const unsigned char *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t ds_load64(const void *p)
{
    const unsigned char *b = p;
    return (uint64_t)ds_load32(b) | (uint64_t)ds_load32(b + 4) << 32;
}

/* CRC-32 (polynomial 0xEDB88320, ISO 3309) of n bytes, by libdeflate; start with crc = 0. */
uint32_t ds_crc32(uint32_t crc, const void *p, size_t n);

#endif

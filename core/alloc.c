/* alloc.c - see alloc.h. */
#include "alloc.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

static void *libc_alloc(void *ud, void *p, size_t osize, size_t nsize)
{
    (void)ud;
    (void)osize;
    if (nsize == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, nsize);
}

const ds_alloc ds_alloc_libc = {.fn = libc_alloc};

ds_str ds_str_of(const char *s)
{
    return (ds_str){s, strlen(s)};
}

bool ds_str_eq(ds_str a, ds_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int ds_str_cmp(ds_str a, ds_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
    return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

const ds_alloc *ds_alloc_or_libc(const ds_alloc *a)
{
    return a != NULL ? a : &ds_alloc_libc;
}

void *ds_malloc(const ds_alloc *a, size_t n)
{
    a = ds_alloc_or_libc(a);
    return n == 0 ? NULL : a->fn(a->ud, NULL, 0, n);
}

void *ds_calloc(const ds_alloc *a, size_t count, size_t size)
{
    size_t n;
    if (!ds_mul(count, size, &n))
        return NULL;
    void *p = ds_malloc(a, n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

void ds_mfree(const ds_alloc *a, void *p, size_t n)
{
    a = ds_alloc_or_libc(a);
    if (p != NULL)
        a->fn(a->ud, p, n, 0);
}

bool ds_add(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

bool ds_mul(size_t a, size_t b, size_t *out)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

ds_status ds_grow(const ds_alloc *a, void **items, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return DS_OK;
    size_t ncap = *cap < 8 ? 8 : *cap, bytes;
    while (ncap < need)
        if (!ds_mul(ncap, 2, &ncap))
            return DS_ENOMEM;
    if (!ds_mul(ncap, size, &bytes))
        return DS_ENOMEM;
    a = ds_alloc_or_libc(a);
    void *p = a->fn(a->ud, *items, *cap * size, bytes);
    if (p == NULL)
        return DS_ENOMEM;
    *items = p;
    *cap = ncap;
    return DS_OK;
}

void ds_buf_init(ds_buf *b, const ds_alloc *a)
{
    *b = (ds_buf){.alloc = ds_alloc_or_libc(a)};
}

void ds_buf_clear(ds_buf *b)
{
    const ds_alloc *a = b->alloc;
    ds_mfree(a, b->p, b->cap);
    ds_buf_init(b, a);
}

void ds_buf_reset(ds_buf *b)
{
    b->n = 0;
    b->status = DS_OK;
}

bool ds_buf_reserve(ds_buf *b, size_t more)
{
    size_t need;
    if (b->status != DS_OK)
        return false;
    if (!ds_add(b->n, more, &need) || ds_grow(b->alloc, (void **)&b->p, &b->cap, need, 1) != DS_OK) {
        b->status = DS_ENOMEM;
        return false;
    }
    return true;
}

void ds_buf_put(ds_buf *b, const void *p, size_t n)
{
    if (n == 0 || !ds_buf_reserve(b, n))
        return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void ds_buf_byte(ds_buf *b, char c)
{
    ds_buf_put(b, &c, 1);
}

static void store_le(unsigned char *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

void ds_buf_u32(ds_buf *b, uint32_t v)
{
    unsigned char t[4];
    store_le(t, v, 4);
    ds_buf_put(b, t, sizeof t);
}

void ds_buf_u64(ds_buf *b, uint64_t v)
{
    unsigned char t[8];
    store_le(t, v, 8);
    ds_buf_put(b, t, sizeof t);
}

ds_str ds_buf_str(const ds_buf *b)
{
    return (ds_str){b->p, b->n};
}

uint32_t ds_crc32(uint32_t crc, const void *p, size_t n)
{
    return n == 0 ? crc : libdeflate_crc32(crc, p, n);
}

/*
 * fuzz_text.h - texts for the fuzz targets, spelled with an alphabet, and ranges of characters.
 */
#ifndef DS_FUZZ_TEXT_H
#define DS_FUZZ_TEXT_H

#include <string.h>

#include "fuzz.h"
#include "utf8.h"

/* A text of at most `most` bytes: a byte of the input below `count` stands for that string of the alphabet, any other for
 * itself.  On the heap in its own length, so that a read past its end is noticed; to be freed with fuzz_free. */
static inline ds_str fuzz_spell(const char *const *alphabet, size_t count, const uint8_t *data, size_t n, size_t most)
{
    char *p = malloc(most + 1);
    FUZZ_CHECK(p != NULL);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        const char *c = data[i] < count ? alphabet[data[i]] : (const char *)data + i;
        size_t more = data[i] < count ? strlen(c) : 1;
        if (len + more > most)
            break;
        memcpy(p + len, c, more);
        len += more;
    }
    p = realloc(p, len > 0 ? len : 1);
    FUZZ_CHECK(p != NULL);
    return (ds_str){p, len};
}

/* A copy of its own length. */
static inline ds_str fuzz_copy(ds_str s)
{
    return fuzz_spell(NULL, 0, (const uint8_t *)s.p, s.n, s.n);
}

static inline void fuzz_free(ds_str s)
{
    free((char *)(uintptr_t)s.p);
}

static inline ds_str fuzz_part(ds_str s, size_t beg, size_t end)
{
    return (ds_str){s.p + beg, end - beg};
}

#endif

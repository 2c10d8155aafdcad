/* vocab_int.h - the form of a vocabulary's pieces, for vocab.c and vocab_pack.c; doc/FORMAT.md describes every byte. */
#ifndef DS_VOCAB_INT_H
#define DS_VOCAB_INT_H

#include "utf8.h"
#include "vocab.h"

enum { VOCAB_ENTRY = 16, VOCAB_ESCAPE = 15 };
#define VOCAB_SYMBOLS 0x110000u
#define VOCAB_BAD_BYTE 0xD800u /* 256 surrogates, which no text has, stand for the bytes of ill-formed text */

/* The character at p, or its first byte when it is ill-formed; how many bytes it has. */
static inline size_t vocab_symbol(const char *p, size_t n, uint32_t *symbol)
{
    size_t len = ds_utf8_decode(p, n, symbol);
    if (*symbol != DS_UTF8_BAD)
        return len;
    *symbol = VOCAB_BAD_BYTE + (unsigned char)*p;
    return 1;
}

#endif

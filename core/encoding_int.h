/* encoding_int.h - what the parts of the module share. */
#ifndef DS_ENCODING_INT_H
#define DS_ENCODING_INT_H

#include "encoding.h"

/* Bytes of the character at p (n > 0 bytes left), by the structure of `e` alone, 1..4; more than n when it is cut.
 * For encodings that iconv decodes. */
size_t ds_encoding_char_len(ds_encoding e, const char *p, size_t n);

#endif

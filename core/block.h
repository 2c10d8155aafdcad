/*
 * block.h - compressed pieces of a store: DEFLATE, word numbers as one to three bytes, whole numbers as varints.
 *
 * Memory   outputs are appended to buffers that the caller owns; a codec owns its tables.
 * Errors   DS_ENOMEM; DS_EFORMAT: the piece is damaged or does not have the length it should have.  Readers are
 *          bounded by the piece's end and by the caller's limit, whatever the bytes say.
 * Threads  a codec belongs to one thread at a time.
 * Source   DEFLATE is RFC 1951, by libdeflate.  One-to-three-byte numbers by frequency rank: the "(s,c)-dense codes" of
 *          Brisaboa, Farina, Navarro and Esteller (2003), with the first byte alone telling the length.
 */
#ifndef DS_BLOCK_H
#define DS_BLOCK_H

#include "alloc.h"

typedef struct ds_codec ds_codec;

/* `level` 1 (fast) to 12 (small); 0: only for reading. */
DS_MUSTUSE ds_status ds_codec_new(const ds_alloc *a, int level, ds_codec **out, ds_error *err);
void ds_codec_free(ds_codec *c);

/* Appends `in`, compressed, to `out`. */
DS_MUSTUSE ds_status ds_deflate(ds_codec *c, ds_str in, ds_buf *out, ds_error *err);
/* Unpacks `in` to `out`, which has room for `cap` bytes; *n says how many it has become.  DS_EFORMAT: not DEFLATE, or
 * more than that. */
DS_MUSTUSE ds_status ds_inflate(ds_codec *c, ds_str in, void *out, size_t cap, size_t *n, ds_error *err);

/* The largest number that a word code can hold, and the longest code. */
#define DS_WORDCODE_ONE 128u
#define DS_WORDCODE_TWO (112u * 256u)
#define DS_WORDCODE_LIMIT (DS_WORDCODE_ONE + DS_WORDCODE_TWO + 16u * 65536u) /* numbers are below this */
enum { DS_WORDCODE_BYTES = 3 };

/* Writes the code of `id`, which is below DS_WORDCODE_LIMIT, to p; returns its length. */
static inline size_t ds_wordcode_put(unsigned char *p, uint32_t id)
{
    if (id < DS_WORDCODE_ONE) {
        p[0] = (unsigned char)id;
        return 1;
    }
    id -= DS_WORDCODE_ONE;
    if (id < DS_WORDCODE_TWO) {
        p[0] = (unsigned char)(DS_WORDCODE_ONE + (id >> 8));
        p[1] = (unsigned char)id;
        return 2;
    }
    id -= DS_WORDCODE_TWO;
    p[0] = (unsigned char)(240 + (id >> 16));
    p[1] = (unsigned char)(id >> 8);
    p[2] = (unsigned char)id;
    return 3;
}

/* Reads up to `cap` numbers from [p, end) to `out`; returns how many, and in *rest where it stopped: `end`, unless there
 * are more or the last code is cut short. */
size_t ds_wordcode_read(const unsigned char *p, const unsigned char *end, uint32_t *out, size_t cap,
                        const unsigned char **rest);

/* Appends v in base 128, the lowest seven bits first. */
void ds_buf_varint(ds_buf *b, uint64_t v);
/* Reads one at *p, moving *p behind it; false, and *p as it was: cut short by `end`, or above 64 bits. */
bool ds_varint(const unsigned char **p, const unsigned char *end, uint64_t *v);
/* The same for numbers of 32 bits. */
bool ds_varint32(const unsigned char **p, const unsigned char *end, uint32_t *v);

#endif

/* postings.c - see postings.h. */
#include "postings_int.h"

#include <string.h>

enum { BLOCK = DS_POSTINGS_BLOCK, PACKED_MAX = 4 * BLOCK };

/* ------------------------------------------------------------------ rows of bits */

void ds_bits_put(ds_bits *b, uint32_t v, unsigned width)
{
    b->pending |= (uint64_t)v << b->n;
    b->n += width;
    while (b->n >= 8) {
        ds_buf_byte(b->out, (char)(b->pending & 255));
        b->pending >>= 8;
        b->n -= 8;
    }
}

void ds_bits_end(ds_bits *b)
{
    if (b->n > 0)
        ds_buf_byte(b->out, (char)(b->pending & 255));
    b->pending = 0;
    b->n = 0;
}

/* Eight bytes from p, zeros where there are fewer before `end`. */
static uint64_t load_up_to(const unsigned char *p, const unsigned char *end)
{
    if (end - p >= 8)
        return ds_load64(p);
    unsigned char t[8] = {0};
    if (p < end)
        memcpy(t, p, (size_t)(end - p));
    return ds_load64(t);
}

static uint32_t low_bits(uint64_t v, unsigned width)
{
    return (uint32_t)(v & (((uint64_t)1 << width) - 1));
}

uint32_t ds_bits_get(ds_str row, uint64_t bit, unsigned width)
{
    uint64_t at = bit / 8;
    if (at >= row.n)
        return 0;
    const unsigned char *p = (const unsigned char *)row.p + at;
    return low_bits(load_up_to(p, (const unsigned char *)row.p + row.n) >> bit % 8, width);
}

unsigned ds_bits_width(uint32_t v)
{
    unsigned w = 0;
    for (; v != 0; v >>= 1)
        w++;
    return w;
}

static size_t varint_size(uint32_t v)
{
    size_t n = 1;
    for (; v >= 128; v >>= 7)
        n++;
    return n;
}

/* ------------------------------------------------------------------ packing */

/* Bytes that a block takes with `width` bits a number. */
static size_t block_size(const uint32_t *gaps, unsigned width)
{
    size_t size = 2 + (size_t)BLOCK * width / 8;
    for (size_t i = 0; width < 32 && i < BLOCK; i++)
        if (gaps[i] >> width != 0)
            size += 1 + varint_size(gaps[i] >> width);
    return size;
}

static unsigned best_width(const uint32_t *gaps)
{
    unsigned best = 32, most = 0;
    for (size_t i = 0; i < BLOCK; i++)
        most = ds_bits_width(gaps[i]) > most ? ds_bits_width(gaps[i]) : most;
    size_t least = SIZE_MAX;
    for (unsigned w = most > 12 ? most - 12 : 0; w <= most; w++) {
        size_t size = block_size(gaps, w);
        if (size < least) {
            least = size;
            best = w;
        }
    }
    return best;
}

static void pack_block(ds_buf *out, const uint32_t *gaps)
{
    unsigned w = best_width(gaps), patches = 0;
    for (size_t i = 0; w < 32 && i < BLOCK; i++)
        patches += gaps[i] >> w != 0;
    ds_buf_byte(out, (char)w);
    ds_buf_byte(out, (char)patches);
    ds_bits bits = {.out = out};
    for (size_t i = 0; i < BLOCK; i++)
        ds_bits_put(&bits, low_bits(gaps[i], w), w);
    ds_bits_end(&bits);
    for (size_t i = 0; w < 32 && i < BLOCK; i++)
        if (gaps[i] >> w != 0)
            ds_buf_byte(out, (char)i);
    for (size_t i = 0; w < 32 && i < BLOCK; i++)
        if (gaps[i] >> w != 0)
            ds_buf_varint(out, gaps[i] >> w);
}

/* The parameter with which Rice's code is shortest: one byte before the bits. */
static void pack_rice(ds_buf *out, const uint32_t *gaps, size_t n)
{
    unsigned best = 0;
    uint64_t least = UINT64_MAX;
    for (unsigned r = 0; r < 32; r++) {
        uint64_t size = (uint64_t)n * (r + 1);
        for (size_t i = 0; i < n; i++)
            size += gaps[i] >> r;
        if (size < least) {
            least = size;
            best = r;
        }
    }
    ds_buf_byte(out, (char)best);
    ds_bits bits = {.out = out};
    for (size_t i = 0; i < n; i++) {
        for (uint32_t q = gaps[i] >> best; q > 0; q--)
            ds_bits_put(&bits, 1, 1);
        ds_bits_put(&bits, 0, 1);
        ds_bits_put(&bits, low_bits(gaps[i], best), best);
    }
    ds_bits_end(&bits);
}

static void take_gaps(const uint32_t *positions, size_t n, uint32_t *last, uint32_t *gaps)
{
    for (size_t i = 0; i < n; i++) {
        gaps[i] = positions[i] - *last - 1; /* *last is UINT32_MAX at first: position + 1 - 1 */
        *last = positions[i];
    }
}

void ds_postings_pack(ds_buf *out, const uint32_t *positions, size_t n)
{
    uint32_t gaps[BLOCK], last = DS_POS_NONE;
    size_t blocks = n / BLOCK;
    if (blocks > 0) {
        ds_buf packed, skips;
        ds_buf_init(&packed, out->alloc);
        ds_buf_init(&skips, out->alloc);
        for (size_t i = 0; i < blocks; i++) {
            uint32_t before = last;
            size_t at = packed.n;
            take_gaps(positions + i * BLOCK, BLOCK, &last, gaps);
            pack_block(&packed, gaps);
            ds_buf_varint(&skips, last - before);
            ds_buf_varint(&skips, packed.n - at);
        }
        ds_buf_varint(out, skips.n);
        ds_buf_put(out, skips.p, skips.n);
        ds_buf_put(out, packed.p, packed.n);
        if (packed.status != DS_OK || skips.status != DS_OK)
            out->status = DS_ENOMEM;
        ds_buf_clear(&packed);
        ds_buf_clear(&skips);
    }
    size_t rest = n % BLOCK;
    if (rest > 0) {
        take_gaps(positions + blocks * BLOCK, rest, &last, gaps);
        pack_rice(out, gaps, rest);
    }
}

/* ------------------------------------------------------------------ unpacking */

void ds_postings_open(ds_postings *it, ds_str packed, uint32_t n)
{
    it->at = (const unsigned char *)packed.p;
    it->end = it->at + packed.n;
    it->left = n;
    it->last = DS_POS_NONE;
    it->n = it->next = 0;
    it->skip = it->skip_end = it->at;
    if (n >= BLOCK) {
        uint32_t bytes;
        if (!ds_varint32(&it->at, it->end, &bytes) || bytes > (size_t)(it->end - it->at))
            bytes = 0, it->left = 0;
        it->skip = it->at;
        it->skip_end = it->at = it->at + bytes;
    }
}

void ds_postings_given(ds_postings *it, const uint32_t *positions, uint32_t n)
{
    it->at = it->end = it->skip = it->skip_end = NULL;
    it->left = 0;
    it->last = DS_POS_NONE;
    it->n = n <= BLOCK ? n : BLOCK;
    it->next = 0;
    memcpy(it->block, positions, it->n * sizeof *positions);
}

/* Adds the larger part of the numbers that had no room in `width` bits. */
static bool patch(const unsigned char **at, const unsigned char *end, unsigned patches, unsigned width, uint32_t *v)
{
    const unsigned char *which = *at;
    if ((size_t)(end - which) < patches)
        return false;
    *at += patches;
    for (unsigned i = 0; i < patches; i++) {
        uint32_t high;
        if (!ds_varint32(at, end, &high) || which[i] >= BLOCK)
            return false;
        v[which[i]] |= width < 32 ? high << width : 0;
    }
    return true;
}

static void unpack_row(const unsigned char *row, unsigned width, uint32_t *v)
{
    uint64_t mask = ((uint64_t)1 << width) - 1;
    if (ds_postings_avx2() && width <= POSTINGS_WIDTH_MAX) {
#if defined(__x86_64__) && defined(__GNUC__)
        ds_postings_bits_avx2(row, width, v);
#endif
    } else if (width <= 8) { /* eight at a time */
        for (size_t i = 0; i < BLOCK; i += 8, row += width) {
            uint64_t eight = ds_load64(row);
            for (size_t k = 0; k < 8; k++, eight >>= width)
                v[i + k] = (uint32_t)(eight & mask);
        }
    } else {
        for (size_t i = 0, bit = 0; i < BLOCK; i++, bit += width)
            v[i] = (uint32_t)(ds_load64(row + bit / 8) >> bit % 8 & mask);
    }
}

/* The block [p, end) of a list that ends at `list_end`. */
static bool unpack_block(const unsigned char *p, const unsigned char *end, const unsigned char *list_end, uint32_t *v)
{
    if (end - p < 2)
        return false;
    unsigned width = p[0], patches = p[1];
    size_t bytes = (size_t)BLOCK * width / 8;
    p += 2;
    if (width > 32 || (size_t)(end - p) < bytes)
        return false;
    const unsigned char *row = p;
    unsigned char padded[PACKED_MAX + POSTINGS_SLACK];
    if ((size_t)(list_end - p) < bytes + POSTINGS_SLACK) {
        memcpy(padded, p, bytes);
        memset(padded + bytes, 0, POSTINGS_SLACK);
        row = padded;
    }
    unpack_row(row, width, v);
    p += bytes;
    return patches == 0 || patch(&p, end, patches, width, v);
}

/* Reads n Rice-coded numbers; how many there were. */
static uint32_t unpack_rice(const unsigned char *p, const unsigned char *end, uint32_t n, uint32_t *v)
{
    if (p >= end || *p >= 32)
        return 0;
    unsigned r = *p++;
    uint64_t bit = 0, bits = (uint64_t)(end - p) * 8;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t q = 0;
        for (;;) {
            if (bit >= bits)
                return i;
            uint64_t w = ~(load_up_to(p + bit / 8, end) >> bit % 8);
            unsigned ones = (w & 0xFFFFFFFF) != 0 ? (unsigned)__builtin_ctz((unsigned)(w & 0xFFFFFFFF)) : 32;
            q += ones;
            bit += ones;
            if (ones < 32)
                break;
        }
        bit++;
        v[i] = q << r | low_bits(load_up_to(p + bit / 8 < end ? p + bit / 8 : end, end) >> bit % 8, r);
        bit += r;
        if (bit > bits)
            return i;
    }
    return n;
}

/* Differences to positions; false: they go beyond the last one possible.  A sum of 128 of them fits in 64 bits, and the last
 * position is the highest. */
static bool sum_up(const uint32_t *gaps, uint32_t n, uint32_t last, uint32_t *out)
{
    uint64_t at = last == DS_POS_NONE ? 0 : (uint64_t)last + 1;
#if defined(__x86_64__) && defined(__GNUC__)
    if (n == BLOCK && ds_postings_avx2() && ds_postings_sum_avx2(gaps, last, out) >> POSTINGS_GAP_BITS == 0)
        return at + (uint32_t)(out[n - 1] - last) <= DS_POS_NONE;
#endif
    for (uint32_t i = 0; i < n; i++) {
        at += gaps[i];
        out[i] = (uint32_t)at++;
    }
    return at <= DS_POS_NONE;
}

/* Reads an entry of the skip table: the last position of the next block, and the block's length. */
static bool read_skip(ds_postings *it, uint32_t *last, uint32_t *bytes)
{
    uint32_t step;
    if (!ds_varint32(&it->skip, it->skip_end, &step) || !ds_varint32(&it->skip, it->skip_end, bytes) ||
        *bytes > (size_t)(it->end - it->at))
        return false;
    *last = it->last + step;
    return true;
}

static uint32_t give_up(ds_postings *it)
{
    return it->left = it->n = it->next = 0;
}

/* Unpacks what comes next to `out`; how many, 0: nothing does. */
static uint32_t unpack_next(ds_postings *it, uint32_t *out)
{
    uint32_t n = it->left < BLOCK ? it->left : BLOCK, last, bytes, gaps[BLOCK];
    it->next = it->n = 0;
    if (n == BLOCK) {
        if (!read_skip(it, &last, &bytes) || !unpack_block(it->at, it->at + bytes, it->end, gaps))
            return give_up(it);
        it->at += bytes;
    } else if (unpack_rice(it->at, it->end, n, gaps) != n) {
        return give_up(it);
    }
    if (n == 0 || !sum_up(gaps, n, it->last, out))
        return give_up(it);
    it->left -= n;
    it->last = out[n - 1];
    return n;
}

static bool refill(ds_postings *it)
{
    it->n = unpack_next(it, it->block);
    return it->n > 0;
}

uint32_t ds_postings_next(ds_postings *it)
{
    if (it->next == it->n && !refill(it))
        return DS_POS_NONE;
    return it->block[it->next++];
}

/* Passes the blocks that end before `pos`. */
static void skip_to(ds_postings *it, uint32_t pos)
{
    while (it->left >= BLOCK) {
        const unsigned char *before = it->skip;
        uint32_t last, bytes;
        if (!read_skip(it, &last, &bytes)) {
            give_up(it);
            return;
        }
        if (last >= pos) {
            it->skip = before;
            return;
        }
        it->at += bytes;
        it->left -= BLOCK;
        it->last = last;
    }
}

uint32_t ds_postings_seek(ds_postings *it, uint32_t pos)
{
    while (it->next == it->n || it->block[it->n - 1] < pos) {
        it->next = it->n = 0;
        skip_to(it, pos);
        if (!refill(it))
            return DS_POS_NONE;
    }
    uint32_t lo = it->next, hi = it->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (it->block[mid] < pos)
            lo = mid + 1;
        else
            hi = mid;
    }
    it->next = lo + 1;
    return it->block[lo];
}

size_t ds_postings_read(ds_postings *it, uint32_t *out, size_t cap)
{
    size_t got = 0;
    while (got < cap) {
        if (it->next == it->n && cap - got >= BLOCK) {
            size_t n = unpack_next(it, out + got);
            if (n == 0)
                break;
            got += n;
            continue;
        }
        if (it->next == it->n && !refill(it))
            break;
        size_t n = it->n - it->next < cap - got ? it->n - it->next : cap - got;
        memcpy(out + got, it->block + it->next, n * sizeof *out);
        it->next += (uint32_t)n;
        got += n;
    }
    return got;
}

/* ------------------------------------------------------------------ rows of bits by position */

static uint64_t both(const uint64_t *first, const uint64_t *second, size_t from, size_t to)
{
    uint64_t count = 0;
#if defined(__x86_64__) && defined(__GNUC__)
    if (ds_postings_avx2())
        return ds_postings_both_avx2(first, second, from, to);
#endif
    for (size_t i = from; i < to; i++)
        for (uint64_t w = first[i] & (second[i] >> 1 | second[i + 1] << 63); w != 0; w &= w - 1)
            count++;
    return count;
}

uint64_t ds_postings_follow(const uint64_t *first, const uint64_t *second, uint32_t lo, uint32_t hi)
{
    uint64_t count = 0;
    uint32_t from = lo, to;
    for (; from + 1 < hi && from % 64 != 0; from++)
        count += first[from / 64] >> from % 64 & second[(from + 1) / 64] >> (from + 1) % 64 & 1;
    if (from + 1 >= hi)
        return count;
    to = (hi - 1) / 64 * 64; /* whole words, the next place below hi */
    count += both(first, second, from / 64, to / 64);
    for (from = to > from ? to : from; from + 1 < hi; from++)
        count += first[from / 64] >> from % 64 & second[(from + 1) / 64] >> (from + 1) % 64 & 1;
    return count;
}

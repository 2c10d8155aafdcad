/* shingle.c - see shingle.h. */
#include "shingle.h"

#include <string.h>
#include <utf8proc.h>

#include "fold.h"

/* ---------------------------------------------------------------- codes */

void ds_codes_init(ds_codes *c, const ds_alloc *a, bool with_offsets)
{
    *c = (ds_codes){.alloc = ds_alloc_or_libc(a), .with_offsets = with_offsets};
}

void ds_codes_clear(ds_codes *c)
{
    ds_mfree(c->alloc, c->code, c->cap * sizeof *c->code);
    ds_mfree(c->alloc, c->off, c->off_cap * sizeof *c->off);
    ds_codes_init(c, c->alloc, c->with_offsets);
}

static bool is_ideograph(uint32_t cp)
{
    return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF);
}

/* Letters and numbers of any script. */
static bool is_kept(uint32_t cp)
{
    if (cp < 0x80)
        return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z');
    if (is_ideograph(cp))
        return true;
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return false;
    }
}

static uint16_t code_of(uint32_t cp)
{
    return (uint16_t)(cp < 0x10000 ? cp : 0xD800 + (uint32_t)(cp * 2654435761u >> 21));
}

/* Room has been made. */
static void put_code(ds_codes *c, uint32_t cp, size_t off)
{
    if (c->with_offsets)
        c->off[c->count] = (uint32_t)off;
    c->code[c->count++] = code_of(cp);
}

static bool begins(ds_str text, size_t at, const char *word)
{
    size_t n = strlen(word);
    return text.n - at >= n && memcmp(text.p + at, word, n) == 0;
}

/* Behind the link at `at`, or `at` when there is none. */
static size_t past_link(ds_str text, size_t at)
{
    if (!begins(text, at, "http://") && !begins(text, at, "https://") && !begins(text, at, "www."))
        return at;
    while (at < text.n && text.p[at] > ' ' && text.p[at] < 0x7F && strchr("<>\"\\^`{|}", text.p[at]) == NULL)
        at++;
    return at;
}

/* Folds a character that is no ASCII and no ideograph, of at most DS_FOLD_CP_MAX codes. */
static void put_folded(ds_codes *c, uint32_t cp, size_t off)
{
    uint32_t folded[DS_FOLD_CP_MAX];
    if (cp == DS_UTF8_BAD)
        return;
    size_t n = ds_fold_cp(cp, DS_FOLD_ALL, folded);
    for (size_t i = 0; i < n; i++)
        if (is_kept(folded[i]))
            put_code(c, folded[i], off);
}

static ds_status reserve_codes(ds_codes *c, size_t need)
{
    if (ds_grow(c->alloc, (void **)&c->code, &c->cap, need, sizeof *c->code) != DS_OK)
        return DS_ENOMEM;
    if (c->with_offsets)
        return ds_grow(c->alloc, (void **)&c->off, &c->off_cap, need, sizeof *c->off);
    return DS_OK;
}

/* Codes that the next stretch of text is given room for. */
#define CODES_STEP 4096

ds_status ds_codes_add(ds_codes *c, ds_str text, ds_error *err)
{
    size_t before = c->count, room = 0, len;
    if (text.n >= UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "a text of 4 GiB or more");
    for (size_t i = 0; i < text.n; i += len) {
        uint32_t cp;
        if (room < DS_FOLD_CP_MAX) {
            if (reserve_codes(c, c->count + CODES_STEP) != DS_OK) {
                c->count = before;
                return ds_fail_nomem(err);
            }
            room = CODES_STEP;
        }
        size_t had = c->count;
        unsigned char b = (unsigned char)text.p[i];
        if (b < 0x80) {
            len = 1;
            if ((b == 'h' || b == 'w') && past_link(text, i) > i)
                len = past_link(text, i) - i;
            else if (is_kept(b))
                put_code(c, b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b, i);
        } else {
            len = ds_utf8_decode(text.p + i, text.n - i, &cp);
            if (is_ideograph(cp))
                put_code(c, ds_fold_variant(cp), i);
            else
                put_folded(c, cp, i);
        }
        room -= c->count - had;
    }
    return DS_OK;
}

size_t ds_codes_char_end(ds_str text, size_t off)
{
    uint32_t cp;
    return off < text.n ? off + ds_utf8_decode(text.p + off, text.n - off, &cp) : text.n;
}

/* ---------------------------------------------------------------- fingerprints */

void ds_prints_init(ds_prints *p, const ds_alloc *a)
{
    *p = (ds_prints){.alloc = ds_alloc_or_libc(a)};
}

void ds_prints_clear(ds_prints *p)
{
    ds_mfree(p->alloc, p->items, p->cap * sizeof *p->items);
    ds_prints_init(p, p->alloc);
}

#define ROLL_BASE 0x9E3779B97F4A7C15u /* odd, so that no code's part is lost in 64 bits */

/* The high bits of a product depend on all bits of the sum (Knuth's multiplicative hashing, twice). */
static uint32_t finish_hash(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93u;
    return (uint32_t)(h >> 32);
}

static uint64_t power(uint64_t base, size_t n)
{
    uint64_t p = 1;
    while (n-- > 0)
        p *= base;
    return p;
}

/* The latest of the least among the hashes of positions [from, to], which a ring of DS_SHINGLE_MAX holds. */
static size_t least_at(const uint32_t *ring, size_t from, size_t to)
{
    size_t best = from;
    for (size_t i = from; i <= to; i++)
        if (ring[i % DS_SHINGLE_MAX] <= ring[best % DS_SHINGLE_MAX])
            best = i;
    return best;
}

static ds_status put_print(ds_prints *out, uint32_t hash, size_t pos)
{
    if (ds_grow(out->alloc, (void **)&out->items, &out->cap, out->count + 1, sizeof *out->items) != DS_OK)
        return DS_ENOMEM;
    out->items[out->count++] = (ds_print){hash, (uint32_t)pos};
    return DS_OK;
}

ds_status ds_winnow(ds_prints *out, const uint16_t *code, size_t n, size_t k, size_t window, ds_error *err)
{
    uint32_t ring[DS_SHINGLE_MAX];
    uint64_t h = 0, oldest = power(ROLL_BASE, k);
    size_t before = out->count, best = SIZE_MAX;
    if (k < 1 || k > DS_SHINGLE_MAX || window < 1 || window > DS_SHINGLE_MAX)
        return ds_fail(err, DS_EINVAL, 0, 0, "shingles and windows have 1 to %d codes", DS_SHINGLE_MAX);
    for (size_t i = 0; i < n; i++) {
        h = h * ROLL_BASE + code[i] + 1;
        if (i >= k)
            h -= oldest * (code[i - k] + 1u);
        if (i + 1 < k)
            continue;
        size_t pos = i + 1 - k, kept = best;
        ring[pos % DS_SHINGLE_MAX] = finish_hash(h);
        if (pos + 1 < window && i + 1 < n)
            continue; /* the first window is not full */
        size_t from = pos + 1 >= window ? pos + 1 - window : 0;
#ifndef DS_PLANT_REUSE /* a bug that fuzzing must find, `make fuzz`: a window without a fingerprint */
        if (best == SIZE_MAX || best < from)
#else
        if (best == SIZE_MAX || best + 1 < from)
#endif
            best = least_at(ring, from, pos);
        else if (ring[pos % DS_SHINGLE_MAX] < ring[best % DS_SHINGLE_MAX])
            best = pos;
        if (best != kept && put_print(out, ring[best % DS_SHINGLE_MAX], best) != DS_OK) {
            out->count = before;
            return ds_fail_nomem(err);
        }
    }
    return DS_OK;
}

/*
 * utf8.c - see utf8.h.  Here is the portable path; utf8_avx2.c and utf8_neon.c hold the vector paths, which find out
 * quickly that text is well-formed and leave everything else to the code below.
 *
 * What utf8proc 2.8 must not be asked, here and in fold.c:
 * - UTF8PROC_CHARBOUND with COMPOSE or DECOMPOSE reads outside its tables: graphemes come from
 *   utf8proc_grapheme_break_stateful instead, whose state is thrown away after each break.
 * - utf8proc_grapheme_break_stateful, _charwidth, _get_property and _decompose_char are given only
 *   code points that were decoded from well-formed UTF-8, never DS_UTF8_BAD or a surrogate.
 * - utf8proc_map and the utf8proc_NF* family call malloc themselves: unused.
 * - utf8proc_iterate reads past the length given when it is negative: unused, decoding is ours.
 * - utf8proc_charwidth knows single code points only, takes unassigned ideographs for narrow and the
 *   vowels and finals of conjoining Hangul for columns of their own: see ds_utf8_cp_width.
 */
#include "utf8_int.h"

#include <string.h>
#include <utf8proc.h>

#define REPLACEMENT 0xFFFDu
#define VS16 0xFE0Fu /* asks for the emoji form of what stands before */
#define KEYCAP 0x20E3u
#define ROUGH 256    /* bytes after an ill-formed sequence for which the vector path is not tried */
#define BACK_STEP 48 /* code points that are stepped back over one by one */

static bool is_trail(unsigned char b)
{
    return (b & 0xC0) == 0x80;
}

static size_t bad_subpart(uint32_t *cp, size_t len)
{
    *cp = DS_UTF8_BAD;
    return len;
}

/* Whether `b` may follow `lead` (C2..F4): table 3-7 of the Unicode standard. */
static bool may_follow(unsigned char lead, unsigned char b)
{
    switch (lead) {
    case 0xE0: return b >= 0xA0 && b <= 0xBF; /* no overlong forms */
#ifndef DS_PLANT_UTF8 /* a bug that fuzzing must find: `make fuzz` */
    case 0xED: return b >= 0x80 && b <= 0x9F; /* no surrogates */
#endif
    case 0xF0: return b >= 0x90 && b <= 0xBF; /* no overlong forms */
    case 0xF4: return b >= 0x80 && b <= 0x8F; /* nothing above U+10FFFF */
    default: return is_trail(b);
    }
}

static size_t decode_one(const unsigned char *p, size_t n, uint32_t *cp)
{
    unsigned char lead = p[0];
    if (lead < 0x80) {
        *cp = lead;
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4 || n < 2 || !may_follow(lead, p[1]))
        return bad_subpart(cp, 1);
    if (lead < 0xE0) {
        *cp = (lead & 0x1Fu) << 6 | (p[1] & 0x3Fu);
        return 2;
    }
    if (n < 3 || !is_trail(p[2]))
        return bad_subpart(cp, 2);
    if (lead < 0xF0) {
        *cp = (lead & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        return 3;
    }
    if (n < 4 || !is_trail(p[3]))
        return bad_subpart(cp, 3);
    *cp = (lead & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    return 4;
}

size_t ds_utf8_decode(const char *p, size_t n, uint32_t *cp)
{
    return decode_one((const unsigned char *)p, n, cp);
}

static bool is_ascii8(const unsigned char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return (w & UINT64_C(0x8080808080808080)) == 0;
}

/* Three bytes that are well-formed by their high bits alone: most of Chinese text. */
static bool is_plain3(const unsigned char *p)
{
    return p[0] >= 0xE1 && p[0] <= 0xEF && p[0] != 0xED && is_trail(p[1]) && is_trail(p[2]);
}

/* Length of the longest well-formed start of p[0, n) with at most `limit` code points; adds their
 * number to *count. */
static size_t portable_run(const unsigned char *p, size_t n, size_t limit, size_t *count)
{
    size_t i = 0, left = limit;
    while (i < n && left > 0) {
        for (; n - i >= 8 && left >= 8 && is_ascii8(p + i); i += 8)
            left -= 8;
        for (; n - i >= 3 && left > 0 && is_plain3(p + i); i += 3)
            left--;
        if (i == n || left == 0)
            break;
        uint32_t cp;
        size_t len = decode_one(p + i, n - i, &cp);
        if (cp == DS_UTF8_BAD)
            break;
        i += len;
        left--;
    }
    *count += limit - left;
    return i;
}

static size_t portable_starts(const unsigned char *p, size_t n)
{
    size_t i = 0, trails = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t w;
        memcpy(&w, p + i, sizeof w);
        w = w >> 7 & ~w >> 6 & UINT64_C(0x0101010101010101); /* 1 in each continuation byte: bit 7 set, bit 6 clear */
        trails += (size_t)(w * UINT64_C(0x0101010101010101) >> 56);
    }
    for (; i < n; i++)
        trails += is_trail(p[i]);
    return n - trails;
}

/* ------------------------------------------------------------------ choosing the path */

#if defined(__x86_64__) && defined(__GNUC__)
static const ds_utf8_vector avx2_vector = {ds_utf8_run_avx2, ds_utf8_starts_avx2};
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
static const ds_utf8_vector neon_vector = {ds_utf8_run_neon, ds_utf8_starts_neon};
#endif

const ds_utf8_vector *ds_utf8_vector_of(ds_cpu_path path)
{
    switch (path) {
#if defined(__x86_64__) && defined(__GNUC__)
    case DS_CPU_AVX2:
    case DS_CPU_AVX512: return &avx2_vector;
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
    case DS_CPU_NEON: return &neon_vector;
#endif
    default: return NULL;
    }
}

static const ds_utf8_vector *active_vector(void)
{
    return ds_utf8_vector_of(ds_cpu_active());
}

static size_t smaller_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* portable_run, with the vector path (may be NULL) for the bulk. */
static size_t well_formed_run(const ds_utf8_vector *v, const unsigned char *p, size_t n, size_t limit, size_t *count)
{
    size_t i = 0, got = 0;
    if (n == 0)
        return 0; /* p may be NULL then */
    while (v != NULL) {
        size_t stretch = smaller_size(n - i, limit - got); /* has no more code points than bytes */
        if (stretch < DS_UTF8_RUN_MIN)
            break;
        size_t len = v->run(p + i, stretch, &got);
        i += len;
        if (len + DS_UTF8_MAX <= stretch)
            break; /* not just a sequence that the stretch cuts off */
    }
    i += portable_run(p + i, n - i, limit - got, &got);
    *count += got;
    return i;
}

/* Steps over at most `limit` code points from the start: returns the bytes, adds to *count. */
static size_t step_over(const ds_utf8_vector *v, ds_str s, size_t limit, size_t *count)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0, rough = 0; /* damage seldom comes alone: up to here the vector path is not tried */
    while (i < s.n && *count < limit) {
        if (i < rough)
            i += portable_run(p + i, smaller_size(rough, s.n) - i, limit - *count, count);
        else
            i += well_formed_run(v, p + i, s.n - i, limit - *count, count);
        if (i < s.n && *count < limit) {
            uint32_t cp;
            i += decode_one(p + i, s.n - i, &cp);
            ++*count;
            if (cp == DS_UTF8_BAD)
                rough = i + ROUGH;
        }
    }
    return i;
}

bool ds_utf8_valid_by(const ds_utf8_vector *v, ds_str s, size_t *bad)
{
    size_t count = 0, run = well_formed_run(v, (const unsigned char *)s.p, s.n, SIZE_MAX, &count);
    if (run == s.n)
        return true;
    if (bad != NULL)
        *bad = run;
    return false;
}

size_t ds_utf8_count_by(const ds_utf8_vector *v, ds_str s)
{
    size_t count = 0;
    step_over(v, s, SIZE_MAX, &count);
    return count;
}

size_t ds_utf8_count_valid_by(const ds_utf8_vector *v, ds_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    return v != NULL ? v->starts(p, s.n) : portable_starts(p, s.n);
}

size_t ds_utf8_offset_by(const ds_utf8_vector *v, ds_str s, size_t k)
{
    size_t count = 0;
    return step_over(v, s, k, &count);
}

size_t ds_utf8_offset_back_by(const ds_utf8_vector *v, ds_str s, size_t k)
{
    size_t end = s.n;
    while (k > BACK_STEP && end > 0) {
        /* At most k code points start in [beg, end): one at beg, and no more than there are bytes behind it. */
        size_t beg = end > k ? ds_utf8_prev(s, end - k + 1) : 0;
        k -= ds_utf8_count_by(v, (ds_str){s.p + beg, end - beg});
        end = beg;
    }
    for (; k > 0 && end > 0; k--)
        end = ds_utf8_prev(s, end);
    return end;
}

bool ds_utf8_valid(ds_str s, size_t *bad)
{
    return ds_utf8_valid_by(active_vector(), s, bad);
}

size_t ds_utf8_count(ds_str s)
{
    return ds_utf8_count_by(active_vector(), s);
}

size_t ds_utf8_count_valid(ds_str s)
{
    return ds_utf8_count_valid_by(active_vector(), s);
}

size_t ds_utf8_offset(ds_str s, size_t k)
{
    return ds_utf8_offset_by(active_vector(), s, k);
}

size_t ds_utf8_offset_back(ds_str s, size_t k)
{
    return ds_utf8_offset_back_by(active_vector(), s, k);
}

size_t ds_utf8_encode(uint32_t cp, char out[DS_UTF8_MAX])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = REPLACEMENT;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3F));
    out[0] = (char)(cp | (0xF00u >> len & 0xFF)); /* C0, E0 or F0 */
    return len;
}

size_t ds_utf8_prev(ds_str s, size_t off)
{
    /* A byte that is no trail always starts something, so decoding forward from 0 stops there too.
     * From that byte one sequence begins; trail bytes that it does not take stand alone. */
    const unsigned char *p = (const unsigned char *)s.p;
    size_t lead = off - 1;
    while (lead > 0 && off - lead < DS_UTF8_MAX && is_trail(p[lead]))
        lead--;
    uint32_t cp;
    size_t len = decode_one(p + lead, s.n - lead, &cp);
    return lead + len >= off ? lead : off - 1;
}

/* ------------------------------------------------------------------ graphemes and width */

/* Code points that extend nothing and join nothing after them: no need to ask utf8proc. */
static bool is_loner(uint32_t cp)
{
    return (cp >= 0x20 && cp < 0x7F) || (cp >= 0x3400 && cp < 0xA000) || (cp >= 0x3001 && cp <= 0x3020) ||
           (cp >= 0xFF01 && cp <= 0xFF60);
}

static int bound_class(uint32_t cp)
{
    return (int)utf8proc_get_property((utf8proc_int32_t)cp)->boundclass;
}

static bool is_keycap_base(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || cp == '#' || cp == '*';
}

/* Whether a cluster that starts with `first` is an emoji sequence, seen from a further member. */
static bool makes_emoji(uint32_t first, uint32_t cp)
{
    if (is_keycap_base(first))
        return cp == VS16 || cp == KEYCAP;
    if (first < 0x80)
        return false;
    switch (bound_class(first)) {
    case UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR:
        return bound_class(cp) == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR;
    case UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC:
        return cp == VS16 || (cp >= 0x1F3FB && cp <= 0x1F3FF) || /* a skin tone */
               bound_class(cp) == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
    default:
        return false;
    }
}

/* End of the cluster at `off`; *width (may be NULL) = its columns. */
static size_t scan_cluster(ds_str s, size_t off, size_t *width)
{
    const unsigned char *p = (const unsigned char *)s.p;
    uint32_t first, prev, cp;
    size_t at = off + decode_one(p + off, s.n - off, &first), columns = 0;
    bool emoji = false;
    utf8proc_int32_t state = 0;
    if (width != NULL)
        columns = (size_t)ds_utf8_cp_width(first);
    for (prev = first; prev != DS_UTF8_BAD && at < s.n; prev = cp) {
        size_t len = decode_one(p + at, s.n - at, &cp);
        if (cp == DS_UTF8_BAD || (is_loner(prev) && is_loner(cp)) ||
            utf8proc_grapheme_break_stateful((utf8proc_int32_t)prev, (utf8proc_int32_t)cp, &state))
            break;
        at += len;
        if (width != NULL) {
            columns += (size_t)ds_utf8_cp_width(cp);
            emoji = emoji || makes_emoji(first, cp);
        }
    }
    if (width != NULL)
        *width = emoji ? 2 : columns;
    return at;
}

size_t ds_utf8_grapheme_end(ds_str s, size_t off)
{
    return scan_cluster(s, off, NULL);
}

/* Loners from `off` on that another loner follows are clusters of their own: returns where the next cluster
 * starts, adds to *count and, unless it is NULL, to *width. */
static size_t skip_loners(ds_str s, size_t off, size_t *count, size_t *width)
{
    const unsigned char *p = (const unsigned char *)s.p;
    uint32_t cp, next;
    size_t len = decode_one(p + off, s.n - off, &cp);
    while (is_loner(cp) && off + len < s.n) {
        size_t next_len = decode_one(p + off + len, s.n - off - len, &next);
        if (!is_loner(next))
            break;
        ++*count;
        if (width != NULL)
            *width += (size_t)ds_utf8_cp_width(cp);
        off += len;
        len = next_len;
        cp = next;
    }
    return off;
}

size_t ds_utf8_gcount(ds_str s)
{
    size_t count = 0;
    for (size_t off = 0; off < s.n; count++)
        off = scan_cluster(s, skip_loners(s, off, &count, NULL), NULL);
    return count;
}

size_t ds_utf8_width(ds_str s)
{
    size_t count = 0, total = 0, columns;
    for (size_t off = 0; off < s.n; total += columns)
        off = scan_cluster(s, skip_loners(s, off, &count, &total), &columns);
    return total;
}

int ds_utf8_cp_width(uint32_t cp)
{
    if (cp < 0x7F)
        return cp >= 0x20;
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return 1; /* shown as U+FFFD */
    if ((cp >= 0x3400 && cp < 0x4DC0) || (cp >= 0x4E00 && cp < 0xA000))
        return 2;
    if ((cp >= 0x1160 && cp < 0x1200) || (cp >= 0xD7B0 && cp < 0xD800))
        return 0; /* vowels and finals: drawn into the syllable before */
    if ((cp >= 0xF900 && cp < 0xFB00) || (cp >= 0x20000 && (cp & 0xFFFF) < 0xFFFE && cp < 0x40000))
        return 2; /* ideographs that are not assigned yet, too */
    return utf8proc_charwidth((utf8proc_int32_t)cp);
}

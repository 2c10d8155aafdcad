/*
 * norm.c - see norm.h.
 *
 * The text is cut at boundaries: characters with which nothing before them can change together.  A character is
 * plain when it stays as it is, whatever follows in good order.  Runs of plain characters are copied; around each
 * other one, a segment, from boundary to boundary, is decomposed, ordered and composed again.
 */
#include "norm.h"

#include <string.h>

#include "norm_int.h"

#define NORM_WANT_RECORDS
#include "norm_tables.h"

#ifndef NORM_SMALL_SORT
#define NORM_SMALL_SORT 32 /* marks on one letter that are sorted in place */
#endif

/* Hangul syllables by arithmetic: section 3.12 of the Unicode standard. */
enum {
    HANGUL_FIRST = 0xAC00, HANGUL_LEAD = 0x1100, HANGUL_VOWEL = 0x1161, HANGUL_TAIL = 0x11A7,
    HANGUL_LEADS = 19, HANGUL_VOWELS = 21, HANGUL_TAILS = 28,
    HANGUL_COUNT = HANGUL_LEADS * HANGUL_VOWELS * HANGUL_TAILS
};

/* ------------------------------------------------------------------ one code point */

static const struct norm_record *record_of(uint32_t cp)
{
    uint32_t page = cp >> NORM_PAGE_BITS;
    if (page >= NORM_PAGES)
        return &norm_record[0];
    return &norm_record[norm_cell[norm_page[page]][cp & ((1u << NORM_PAGE_BITS) - 1)]];
}

static bool is_composing(ds_norm_form form)
{
    return form == DS_NORM_NFC || form == DS_NORM_NFKC;
}

static bool is_compatible(ds_norm_form form)
{
    return form == DS_NORM_NFKC || form == DS_NORM_NFKD;
}

static bool is_plain(uint32_t cp, ds_norm_form form)
{
    return cp == DS_UTF8_BAD || (record_of(cp)->flags >> form & 1) != 0;
}

static bool is_boundary(uint32_t cp, ds_norm_form form)
{
    return cp == DS_UTF8_BAD || (record_of(cp)->flags >> (DS_NORM_FORMS + form) & 1) != 0;
}

static size_t decompose_hangul(uint32_t syllable, uint32_t words[NORM_DECOMPOSED])
{
    uint32_t tail = syllable % HANGUL_TAILS;
    words[0] = HANGUL_LEAD + syllable / (HANGUL_TAILS * HANGUL_VOWELS);
    words[1] = HANGUL_VOWEL + syllable / HANGUL_TAILS % HANGUL_VOWELS;
    words[2] = HANGUL_TAIL + tail;
    return tail != 0 ? 3 : 2;
}

/* The full decomposition of cp, each code point with its class; returns their number. */
static size_t decompose(uint32_t cp, bool compatible, uint32_t words[NORM_DECOMPOSED])
{
    if (cp - HANGUL_FIRST < HANGUL_COUNT)
        return decompose_hangul(cp - HANGUL_FIRST, words);
    const struct norm_record *r = record_of(cp);
    const uint32_t *from = &norm_word[compatible ? r->compat : r->canon];
    size_t n = 0;
    if (from == norm_word) { /* none */
        words[0] = cp | (uint32_t)r->ccc << NORM_CLASS_SHIFT;
        return 1;
    }
    do
        words[n++] = *from & ~(uint32_t)NORM_LAST;
    while ((*from++ & NORM_LAST) == 0);
    return n;
}

/* The composite of two code points, or 0. */
static uint32_t composite_of(uint32_t first, uint32_t second)
{
    /* Wraps around to something great when a code point lies before the block. */
    uint32_t lead = first - HANGUL_LEAD, vowel = second - HANGUL_VOWEL;
    uint32_t syllable = first - HANGUL_FIRST, tail = second - HANGUL_TAIL;
    if (lead < HANGUL_LEADS && vowel < HANGUL_VOWELS)
        return HANGUL_FIRST + (lead * HANGUL_VOWELS + vowel) * HANGUL_TAILS;
    if (syllable < HANGUL_COUNT && syllable % HANGUL_TAILS == 0 && tail > 0 && tail < HANGUL_TAILS)
        return first + tail;
    const struct norm_pair *pair = &norm_pair[record_of(first)->pairs];
    while (pair->second < second) /* in order; the last one is greater than any */
        pair++;
    return pair->second == second ? pair->composite : 0;
}

/* ------------------------------------------------------------------ segments */

/* A decomposed segment: code points with their combining class in the high byte. */
typedef struct segment {
    const ds_alloc *alloc;
    uint32_t *words, *sorted; /* `sorted`: for ordering many marks */
    size_t count, cap, sorted_cap;
} segment;

static void segment_clear(segment *g)
{
    ds_mfree(g->alloc, g->words, g->cap * sizeof *g->words);
    ds_mfree(g->alloc, g->sorted, g->sorted_cap * sizeof *g->sorted);
}

/* Appends the full decomposition of cp.  False when memory ran out. */
static bool put_decomposed(segment *g, uint32_t cp, bool compatible)
{
    if (ds_grow(g->alloc, (void **)&g->words, &g->cap, g->count + NORM_DECOMPOSED, sizeof *g->words) != DS_OK)
        return false;
    g->count += decompose(cp, compatible, g->words + g->count);
    return true;
}

static uint32_t class_of(uint32_t word)
{
    return word >> NORM_CLASS_SHIFT;
}

static void sort_few(uint32_t *words, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t word = words[i];
        size_t at = i;
        for (; at > 0 && class_of(words[at - 1]) > class_of(word); at--)
            words[at] = words[at - 1];
        words[at] = word;
    }
}

/* By class, those of one class in their old order, in one pass: text may be a letter with a million marks. */
static bool sort_many(segment *g, uint32_t *words, size_t n)
{
    size_t place[256] = {0}, before = 0;
    if (ds_grow(g->alloc, (void **)&g->sorted, &g->sorted_cap, n, sizeof *g->sorted) != DS_OK)
        return false;
    for (size_t i = 0; i < n; i++)
        place[class_of(words[i])]++;
    for (size_t c = 0; c < 256; c++) {
        size_t count = place[c];
        place[c] = before;
        before += count;
    }
    for (size_t i = 0; i < n; i++)
        g->sorted[place[class_of(words[i])]++] = words[i];
    memcpy(words, g->sorted, n * sizeof *words);
    return true;
}

/* Orders the marks between starters.  False when memory ran out. */
static bool order_marks(segment *g)
{
    for (size_t beg = 0, end; beg < g->count; beg = end) {
        bool ordered = true;
        end = beg + 1;
        if (class_of(g->words[beg]) == 0)
            continue;
        for (; end < g->count && class_of(g->words[end]) != 0; end++)
            ordered = ordered && class_of(g->words[end - 1]) <= class_of(g->words[end]);
        if (ordered)
            continue;
        if (end - beg <= NORM_SMALL_SORT)
            sort_few(g->words + beg, end - beg);
        else if (!sort_many(g, g->words + beg, end - beg))
            return false;
    }
    return true;
}

/* Whether a mark composes with its starter over one of class `last` that stands between. */
static bool reaches_over(uint32_t last, uint32_t class)
{
#ifdef DS_PLANT_NORM /* a bug that fuzzing must find: `make fuzz` */
    return last != 0 && last <= class;
#else
    return last != 0 && last < class;
#endif
}

/* Composes in place: each word with the starter before it, unless one in between has its class or is a starter. */
static void compose(segment *g)
{
    uint32_t *words = g->words, last_class = 0;
    size_t kept = 0, after_starter = 0; /* 0: no starter yet */
    for (size_t i = 0; i < g->count; i++) {
        uint32_t word = words[i], class = class_of(word);
        if (after_starter > 0 && (kept == after_starter || reaches_over(last_class, class))) {
            uint32_t whole = composite_of(words[after_starter - 1], word & NORM_CP);
            if (whole != 0) {
                words[after_starter - 1] = whole; /* composites are starters themselves */
                continue;
            }
        }
        words[kept++] = word;
        if (class == 0)
            after_starter = kept;
        last_class = class;
    }
    g->count = kept;
}

/* ------------------------------------------------------------------ texts */

/* Bytes that a short copy may write beyond its end. */
#define SLACK 64

/* Invariant: `out` has room for the bytes of `in` from `copied` on, and SLACK. */
typedef struct normalising {
    const unsigned char *in;
    size_t n, at;    /* bytes of `in`; before `at`, nothing changes any more */
    size_t copied;   /* how many of them are in `out`; from here to `at` they stay as they are */
    size_t src;      /* where `in` begins in the map's original */
    ds_norm_form form;
    ds_cpu_path path;
    ds_buf *out;
    ds_offmap *map;  /* may be NULL */
    segment segment;
} normalising;

static size_t decode_at(const normalising *f, size_t i, uint32_t *cp)
{
    const unsigned char *p = f->in + i;
    if (f->n - i >= 3 && p[0] >= 0xE1 && p[0] <= 0xEC && (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80) {
        *cp = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu); /* most of all that has to be decoded */
        return 3;
    }
    return ds_utf8_decode((const char *)p, f->n - i, cp);
}

/* Of what the segment holds: neither surrogates nor beyond U+10FFFF. */
static size_t encode_word(uint32_t cp, char *to)
{
    if (cp < 0x80) {
        to[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        to[0] = (char)(0xC0 | cp >> 6);
        to[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp >= 0x10000)
        return ds_utf8_encode(cp, to);
    to[0] = (char)(0xE0 | cp >> 12);
    to[1] = (char)(0x80 | (cp >> 6 & 0x3F));
    to[2] = (char)(0x80 | (cp & 0x3F));
    return 3;
}

/* Scripts whose letters the scan mostly stops at: looked up one by one. */
static bool is_looked_up(unsigned char lead)
{
    return lead >= 0xC4 && (lead < 0xE2 || lead > 0xE9);
}

/* Whether the character at *i, cp, is not plain; steps over one that is. */
static bool is_special(const normalising *f, size_t *i, uint32_t *cp)
{
    size_t len = decode_at(f, *i, cp);
    if (!is_plain(*cp, f->form))
        return true;
    *i += len;
    return false;
}

/* From byte i on, where a look has to be taken. */
static size_t scan_from(const normalising *f, size_t i)
{
    return i + ds_norm_scan(f->in + i, f->n - i, f->form, f->path);
}

/* Whether a segment may end before byte i. */
static bool ends_before(const normalising *f, size_t i)
{
    uint32_t cp;
    if (i == f->n || f->in[i] < 0x80)
        return true;
    if (f->in[i] >= 0xE4 && f->in[i] <= 0xEC && f->in[i] != 0xEA) /* ideographs, Hangul syllables */
        return true;
    decode_at(f, i, &cp);
    return is_boundary(cp, f->form);
}

/* The segment of the character at `hit` begins there or with the plain one before. */
static size_t segment_start(const normalising *f, size_t hit)
{
    uint32_t cp;
    if (hit == f->at || !is_composing(f->form) || ends_before(f, hit))
        return hit;
    size_t before = ds_utf8_prev((ds_str){(const char *)f->in, f->n}, hit);
    decode_at(f, before, &cp);
    return cp == DS_UTF8_BAD ? hit : before;
}

/* Copies what stays as it is, up to byte `end`. */
static void copy_through(normalising *f, size_t end)
{
    size_t n = end - f->copied;
    char *to = f->out->p + f->out->n;
    if (n == 0)
        return;
    if (n <= SLACK && f->n - f->copied >= SLACK)
        memcpy(to, f->in + f->copied, SLACK); /* of known size: no call, no branch */
    else
        memcpy(to, f->in + f->copied, n);
    f->out->n += n;
    if (f->map != NULL)
        ds_offmap_linear(f->map, n, f->src + f->copied);
    f->copied = end;
}

/* Full-width ASCII, dense in Chinese text, by itself: bytes EF BC 81 to EF BD 9E.  True when it was put. */
static bool put_full_width(normalising *f, size_t hit)
{
    const unsigned char *p = f->in + hit;
    if (p[0] != 0xEF || !is_compatible(f->form) || f->n - hit < 3 || (p[2] & 0xC0) != 0x80)
        return false;
    unsigned c = ((p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu)) - 0xF00;
    if ((p[1] != 0xBC && p[1] != 0xBD) || c < 1 || c > 0x5E || !ends_before(f, hit + 3))
        return false;
    copy_through(f, hit);
    f->out->p[f->out->n++] = (char)(c + 0x20);
    if (f->map != NULL)
        ds_offmap_atom(f->map, 1, f->src + hit, 3);
    f->at = f->copied = hit + 3;
    return true;
}

/* Room for `count` code points instead of what stands from byte `beg` on.  False when memory ran out. */
static bool reserve_words(normalising *f, size_t count, size_t beg)
{
    /* Cannot overflow: both are sizes of what is in memory. */
    size_t room = count * DS_UTF8_MAX + (f->n - beg) + SLACK;
    return f->out->cap - f->out->n >= room || ds_buf_reserve(f->out, room);
}

/* Appends the code points to `out`, which has room; returns the bytes.  They count only when the caller says so. */
static size_t put_words(normalising *f, const uint32_t *words, size_t count)
{
    char *to = f->out->p + f->out->n;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += encode_word(words[i] & NORM_CP, to + n);
    return n;
}

/* [beg, end) became the n bytes behind the end of `out`. */
static void accept_words(normalising *f, size_t n, size_t beg, size_t end)
{
    f->out->n += n;
    f->at = f->copied = end;
    if (f->map != NULL)
        ds_offmap_atom(f->map, n, f->src + beg, end - beg);
}

/* A character by itself, where nothing is to be composed: most of what is decomposed.  True when it was put; false also
 * when memory ran out, which the way of segments meets, too. */
static bool put_alone(normalising *f, size_t hit, uint32_t cp)
{
    uint32_t words[NORM_DECOMPOSED];
    size_t end = hit + (cp < 0x80 ? 1u : cp < 0x800 ? 2u : cp < 0x10000 ? 3u : 4u);
    if (is_composing(f->form) || !is_boundary(cp, f->form) || !ends_before(f, end) ||
        !reserve_words(f, NORM_DECOMPOSED, hit))
        return false;
    copy_through(f, hit);
    size_t count = decompose(cp, is_compatible(f->form), words);
    accept_words(f, put_words(f, words, count), hit, end);
    return true;
}

/* Decomposes [beg, *end); finds *end.  False when memory ran out. */
static bool read_segment(normalising *f, size_t beg, size_t *end)
{
    f->segment.count = 0;
    *end = beg;
    do {
        uint32_t cp;
        *end += decode_at(f, *end, &cp);
        if (!put_decomposed(&f->segment, cp, is_compatible(f->form)))
            return false;
    } while (!ends_before(f, *end));
    return true;
}

/* Encodes the segment, which [beg, end) became.  False when memory ran out. */
static bool put_segment(normalising *f, size_t beg, size_t end)
{
    if (!reserve_words(f, f->segment.count, beg))
        return false;
    size_t n = put_words(f, f->segment.words, f->segment.count);
    if (n == end - beg && memcmp(f->out->p + f->out->n, f->in + beg, n) == 0)
        f->at = end; /* it was normal: copied later, with what follows */
    else
        accept_words(f, n, beg, end);
    return true;
}

/* The segment around the character at `hit`.  False when memory ran out. */
static bool norm_segment(normalising *f, size_t hit)
{
    size_t beg = segment_start(f, hit), end;
    copy_through(f, beg);
    if (!read_segment(f, beg, &end) || !order_marks(&f->segment))
        return false;
    if (is_composing(f->form))
        compose(&f->segment);
    return put_segment(f, beg, end);
}

static bool norm_all(normalising *f)
{
    size_t room, i = 0;
    uint32_t cp;
    if (!ds_add(f->n, SLACK, &room) || !ds_buf_reserve(f->out, room))
        return false;
    while ((i = scan_from(f, i)) < f->n)
        do {
            if (put_full_width(f, i)) {
                i = f->at;
            } else if (is_special(f, &i, &cp)) {
                if (!put_alone(f, i, cp) && !norm_segment(f, i))
                    return false;
                i = f->at;
            }
        } while (i < f->n && is_looked_up(f->in[i]));
    copy_through(f, f->n);
    return f->map == NULL || f->map->status == DS_OK;
}

static normalising start(ds_str in, ds_norm_form form)
{
    return (normalising){.in = (const unsigned char *)in.p, .n = in.n, .form = form, .path = ds_cpu_active()};
}

ds_status ds_norm(ds_str in, ds_norm_form form, ds_buf *out, ds_offmap *map, ds_error *err)
{
    size_t old_n = out->n, old_len = map != NULL ? map->out_len : 0, end_of_map = 0;
    if (in.n == 0)
        return DS_OK;
    normalising f = start(in, form);
    f.out = out;
    f.map = map;
    f.segment.alloc = out->alloc;
    if (map != NULL) /* the input goes on where the map's original ends */
        ds_offmap_origin(map, map->out_len, map->out_len, &f.src, &end_of_map);
    bool ok = norm_all(&f);
    segment_clear(&f.segment);
    if (ok)
        return DS_OK;
    out->n = old_n;
    if (map != NULL)
        ds_offmap_truncate(map, old_len);
    return ds_fail_nomem(err);
}

bool ds_norm_quick(ds_str s, ds_norm_form form)
{
    normalising f = start(s, form);
    uint32_t cp;
    for (size_t i = 0; i < s.n && (i = scan_from(&f, i)) < s.n;)
        if (is_special(&f, &i, &cp))
            return false;
    return true;
}

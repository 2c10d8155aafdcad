/*
 * fold.c - see fold.h.  What utf8proc must not be asked: see utf8.c.  Of case folding besides:
 * utf8proc_decompose_char with UTF8PROC_CASEFOLD alone gives full case folding and nothing else; any
 * further option would decompose or strip, too.
 */
#include "fold.h"

#include <string.h>
#include <utf8proc.h>

#include "variants.h"

/* ------------------------------------------------------------------ one code point */

/* Normal forms of U+FF5F .. U+FFEE: the <wide> and <narrow> decompositions of UnicodeData.txt, one
 * step only (utf8proc's would go on, as from U+FFA1 over U+3131 to U+1100).  0: none. */
static const uint16_t normal_width[] = {
    0x2985, 0x2986, 0x3002, 0x300C, 0x300D, 0x3001, 0x30FB, 0x30F2, 0x30A1, 0x30A3, 0x30A5, 0x30A7,
    0x30A9, 0x30E3, 0x30E5, 0x30E7, 0x30C3, 0x30FC, 0x30A2, 0x30A4, 0x30A6, 0x30A8, 0x30AA, 0x30AB,
    0x30AD, 0x30AF, 0x30B1, 0x30B3, 0x30B5, 0x30B7, 0x30B9, 0x30BB, 0x30BD, 0x30BF, 0x30C1, 0x30C4,
    0x30C6, 0x30C8, 0x30CA, 0x30CB, 0x30CC, 0x30CD, 0x30CE, 0x30CF, 0x30D2, 0x30D5, 0x30D8, 0x30DB,
    0x30DE, 0x30DF, 0x30E0, 0x30E1, 0x30E2, 0x30E4, 0x30E6, 0x30E8, 0x30E9, 0x30EA, 0x30EB, 0x30EC,
    0x30ED, 0x30EF, 0x30F3, 0x3099, 0x309A, 0x3164, 0x3131, 0x3132, 0x3133, 0x3134, 0x3135, 0x3136,
    0x3137, 0x3138, 0x3139, 0x313A, 0x313B, 0x313C, 0x313D, 0x313E, 0x313F, 0x3140, 0x3141, 0x3142,
    0x3143, 0x3144, 0x3145, 0x3146, 0x3147, 0x3148, 0x3149, 0x314A, 0x314B, 0x314C, 0x314D, 0x314E,
    0x0000, 0x0000, 0x0000, 0x314F, 0x3150, 0x3151, 0x3152, 0x3153, 0x3154, 0x0000, 0x0000, 0x3155,
    0x3156, 0x3157, 0x3158, 0x3159, 0x315A, 0x0000, 0x0000, 0x315B, 0x315C, 0x315D, 0x315E, 0x315F,
    0x3160, 0x0000, 0x0000, 0x3161, 0x3162, 0x3163, 0x0000, 0x0000, 0x0000, 0x00A2, 0x00A3, 0x00AC,
    0x00AF, 0x00A6, 0x00A5, 0x20A9, 0x0000, 0x2502, 0x2190, 0x2191, 0x2192, 0x2193, 0x25A0, 0x25CB,
};

static uint32_t fold_width(uint32_t cp)
{
    if (cp == 0x3000)
        return ' ';
    if (cp < 0xFF01 || cp > 0xFFEE)
        return cp;
    if (cp < 0xFF5F)
        return cp - 0xFF01 + '!';
    uint32_t normal = normal_width[cp - 0xFF5F];
    return normal != 0 ? normal : cp;
}

/* Quick refusal: whether `cp` lies in a stretch of code points that has letters with case. */
static bool may_have_case(uint32_t cp)
{
    if (cp < 0x2000)
        return true;
    if (cp < 0xA640) /* punctuation, symbols, kana, ideographs */
        return (cp >= 0x2126 && cp < 0x24D0) || (cp >= 0x2C00 && cp < 0x2E00);
    if (cp < 0xAC00)
        return true;
    return (cp >= 0xFB00 && cp < 0xFF3B) || (cp >= 0x10400 && cp < 0x1F000);
}

static size_t fold_case(uint32_t cp, uint32_t out[DS_FOLD_CP_MAX])
{
    utf8proc_int32_t folded[DS_FOLD_CP_MAX];
    int unused = 0;
    out[0] = cp;
    if (cp < 0x80) {
        out[0] = cp >= 'A' && cp <= 'Z' ? cp + ('a' - 'A') : cp;
        return 1;
    }
    if (!may_have_case(cp))
        return 1;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)cp, folded, DS_FOLD_CP_MAX,
                                                 UTF8PROC_CASEFOLD, &unused);
    if (n < 1 || n > DS_FOLD_CP_MAX)
        return 1;
    for (utf8proc_ssize_t i = 0; i < n; i++)
        out[i] = (uint32_t)folded[i];
    return (size_t)n;
}

static uint32_t variant_of(uint32_t cp)
{
    uint32_t page = cp >> VARIANT_PAGE_BITS;
    if (page >= VARIANT_PAGES)
        return 0;
    return variant_cell[variant_page[page]][cp & ((1u << VARIANT_PAGE_BITS) - 1)];
}

uint32_t ds_fold_variant(uint32_t cp)
{
    uint32_t to = variant_of(cp) & VARIANT_TARGET;
    return to != 0 ? to : cp;
}

size_t ds_fold_cp(uint32_t cp, unsigned flags, uint32_t out[DS_FOLD_CP_MAX])
{
    /* Width first: what it yields may have case.  No Han character has, so variants can come last. */
    if (flags & DS_FOLD_WIDTH)
        cp = fold_width(cp);
    if (flags & DS_FOLD_VARIANT)
        cp = ds_fold_variant(cp);
    if (flags & DS_FOLD_CASE)
        return fold_case(cp, out);
    out[0] = cp;
    return 1;
}

/* ------------------------------------------------------------------ texts */

/* Invariant: `out` has room for as many bytes as `in` has left. */
typedef struct folding {
    const unsigned char *in;
    size_t n, at;    /* bytes of `in`; how many are folded */
    size_t linear;   /* from here to `at`, bytes stand one for one and are not in the map yet */
    size_t src;      /* where `in` begins in the map's original */
    unsigned flags;
    ds_buf *out;
    ds_offmap *map;  /* may be NULL */
} folding;

static void put_raw(folding *f, const void *p, size_t n)
{
    memcpy(f->out->p + f->out->n, p, n);
    f->out->n += n;
}

/* Eight ASCII bytes at once to lower case. */
static uint64_t lower8(uint64_t w)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
#ifndef DS_PLANT_FOLD
    uint64_t from_a = w + ones * (0x80 - 'A'), beyond_z = w + ones * (0x7F - 'Z');
#else /* without Z: a bug that fuzzing must find, `make fuzz` */
    uint64_t from_a = w + ones * (0x80 - 'A'), beyond_z = w + ones * (0x80 - 'Z');
#endif
    return w | ((from_a & ~beyond_z & ones * 0x80) >> 2);
}

static void fold_ascii_run(folding *f)
{
    bool lower = (f->flags & DS_FOLD_CASE) != 0;
    while (f->n - f->at >= 8) {
        uint64_t w;
        memcpy(&w, f->in + f->at, sizeof w);
        if ((w & UINT64_C(0x8080808080808080)) != 0)
            break;
        if (lower)
            w = lower8(w);
        put_raw(f, &w, sizeof w);
        f->at += sizeof w;
    }
    for (; f->at < f->n && f->in[f->at] < 0x80; f->at++) {
        unsigned char c = f->in[f->at];
        if (lower && c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + ('a' - 'A'));
        put_raw(f, &c, 1);
    }
}

/* Three-byte characters from U+3001 to U+9FFF: neither width nor case, at most a variant. */
static void fold_han_run(folding *f)
{
    const unsigned char *p = f->in + f->at, *end = f->in + f->n;
    unsigned char *out = (unsigned char *)f->out->p + f->out->n;
    bool variants = (f->flags & DS_FOLD_VARIANT) != 0;
    while (end - p >= 3 && p[0] >= 0xE3 && p[0] <= 0xE9 && (ds_load16(p + 1) & 0xC0C0) == 0x8080) {
        uint32_t cp = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        uint32_t to = variants ? variant_of(cp) & VARIANT_TARGET : 0;
        if (cp == 0x3000 || to > 0xFFFF)
            break;
        if (to == 0)
            to = cp;
        out[0] = (unsigned char)(0xE0 | to >> 12); /* all targets lie from U+3400 on */
        out[1] = (unsigned char)(0x80 | (to >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (to & 0x3F));
        out += 3;
        p += 3;
    }
    f->at = (size_t)(p - f->in);
    f->out->n = (size_t)(out - (unsigned char *)f->out->p);
}

static void flush_linear(folding *f)
{
    if (f->map != NULL)
        ds_offmap_linear(f->map, f->at - f->linear, f->src + f->linear);
    f->linear = f->at;
}

/* Replaces `len` bytes of input by an atom.  False when memory ran out. */
static bool put_replaced(folding *f, const char *p, size_t n, size_t len)
{
    flush_linear(f);
    if (f->map != NULL)
        ds_offmap_atom(f->map, n, f->src + f->at, len);
    if (!ds_buf_reserve(f->out, n + (f->n - f->at - len)))
        return false;
    put_raw(f, p, n);
    f->at += len;
    f->linear = f->at;
    return f->map == NULL || f->map->status == DS_OK;
}

/* Full-width ASCII, U+FF01 to U+FF5E, EF BC 81 to EF BD 9E: the punctuation of every Chinese sentence.  Each character
 * becomes one byte, so that the room for the rest of the input never shrinks. */
static void fold_wide_run(folding *f)
{
    if ((f->flags & DS_FOLD_WIDTH) == 0)
        return;
    while (f->n - f->at >= 3 && f->in[f->at] == 0xEF) {
        const unsigned char *p = f->in + f->at;
        uint32_t cp = 0xF000u | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        if ((p[1] & 0xC0) != 0x80 || (p[2] & 0xC0) != 0x80 || cp - 0xFF01 > 0xFF5E - 0xFF01)
            return;
        unsigned char c = (unsigned char)(cp - 0xFEE0);
        if ((f->flags & DS_FOLD_CASE) != 0 && c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + ('a' - 'A'));
        flush_linear(f);
        if (f->map != NULL)
            ds_offmap_atom(f->map, 1, f->src + f->at, 3);
        put_raw(f, &c, 1);
        f->at += 3;
        f->linear = f->at;
    }
}

/* One code point, or ill-formed subpart, of any kind.  False when memory ran out. */
static bool fold_one(folding *f)
{
    uint32_t cp, folded[DS_FOLD_CP_MAX];
    char bytes[DS_FOLD_CP_MAX * DS_UTF8_MAX];
    const char *p = (const char *)f->in + f->at;
    size_t len = ds_utf8_decode(p, f->n - f->at, &cp), n = 0;
    size_t count = cp == DS_UTF8_BAD ? 0 : ds_fold_cp(cp, f->flags, folded);
    if (count == 0 || (count == 1 && folded[0] == cp)) {
        put_raw(f, p, len);
        f->at += len;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        n += ds_utf8_encode(folded[i], bytes + n);
    if (count > 1 || n != len)
        return put_replaced(f, bytes, n, len);
    put_raw(f, bytes, n);
    f->at += len;
    return true;
}

/* Where the next input begins in the map's original: after all that the map covers. */
static size_t map_tail(const ds_offmap *map)
{
    size_t beg = 0, end = 0;
    if (map != NULL)
        ds_offmap_origin(map, map->out_len, map->out_len, &beg, &end);
    return end;
}

ds_status ds_fold(ds_str in, unsigned flags, ds_buf *out, ds_offmap *map, ds_error *err)
{
    size_t old_n = out->n, old_len = map != NULL ? map->out_len : 0;
    folding f = {.in = (const unsigned char *)in.p, .n = in.n, .flags = flags, .out = out, .map = map};
    f.src = map_tail(map);
    if (in.n == 0)
        return DS_OK;
    bool ok = ds_buf_reserve(out, in.n);
    while (ok && f.at < f.n) {
        size_t before = f.at;
        fold_ascii_run(&f);
        fold_han_run(&f);
        fold_wide_run(&f);
        if (f.at == before)
            ok = fold_one(&f);
    }
    flush_linear(&f);
    if (ok && (map == NULL || map->status == DS_OK))
        return DS_OK;
    out->n = old_n;
    if (map != NULL)
        ds_offmap_truncate(map, old_len);
    return ds_fail_nomem(err);
}

/* ------------------------------------------------------------------ scripts */

typedef enum script { SCRIPT_LATIN, SCRIPT_KANA, SCRIPT_HANGUL, SCRIPT_CYRILLIC, SCRIPT_OTHER, SCRIPT_COUNT } script;

/* In order; letters only, utf8proc's categories leave out the signs in between. */
static const struct script_range {
    uint32_t first, last;
    script script;
} script_ranges[] = {
    {0x0041, 0x02B8, SCRIPT_LATIN},    {0x02E0, 0x02E4, SCRIPT_LATIN},    {0x0400, 0x052F, SCRIPT_CYRILLIC},
    {0x1100, 0x11FF, SCRIPT_HANGUL},   {0x1C80, 0x1C8F, SCRIPT_CYRILLIC}, {0x1D00, 0x1D25, SCRIPT_LATIN},
    {0x1D2B, 0x1D2B, SCRIPT_CYRILLIC}, {0x1D2C, 0x1D5C, SCRIPT_LATIN},    {0x1D62, 0x1D65, SCRIPT_LATIN},
    {0x1D6B, 0x1D77, SCRIPT_LATIN},    {0x1D78, 0x1D78, SCRIPT_CYRILLIC}, {0x1D79, 0x1DBE, SCRIPT_LATIN},
    {0x1E00, 0x1EFF, SCRIPT_LATIN},    {0x2071, 0x207F, SCRIPT_LATIN},    {0x2090, 0x209C, SCRIPT_LATIN},
    {0x212A, 0x212B, SCRIPT_LATIN},    {0x2132, 0x2132, SCRIPT_LATIN},    {0x214E, 0x214E, SCRIPT_LATIN},
    {0x2183, 0x2184, SCRIPT_LATIN},    {0x2C60, 0x2C7F, SCRIPT_LATIN},    {0x3041, 0x30FF, SCRIPT_KANA},
    {0x3131, 0x318E, SCRIPT_HANGUL},   {0x31F0, 0x31FF, SCRIPT_KANA},     {0xA640, 0xA69F, SCRIPT_CYRILLIC},
    {0xA722, 0xA7FF, SCRIPT_LATIN},    {0xA960, 0xA97F, SCRIPT_HANGUL},   {0xAB30, 0xAB64, SCRIPT_LATIN},
    {0xAB66, 0xAB69, SCRIPT_LATIN},    {0xAC00, 0xD7FB, SCRIPT_HANGUL},   {0xFB00, 0xFB06, SCRIPT_LATIN},
    {0xFF21, 0xFF5A, SCRIPT_LATIN},    {0xFF66, 0xFF9F, SCRIPT_KANA},     {0xFFA0, 0xFFDC, SCRIPT_HANGUL},
    {0x10780, 0x107BA, SCRIPT_LATIN},  {0x1AFF0, 0x1B16F, SCRIPT_KANA},   {0x1DF00, 0x1DF2A, SCRIPT_LATIN},
    {0x1E030, 0x1E06D, SCRIPT_CYRILLIC},
};

static bool is_ideograph(uint32_t cp)
{
    return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) || cp == 0x3005 || cp == 0x3007 ||
           cp == 0x303B || cp == 0x16FE3 ||
           (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0x20000 && cp <= 0x3FFFD);
}

static bool is_letter(uint32_t cp)
{
    if (cp < 0x80)
        return (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z';
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

static script script_of_letter(uint32_t cp)
{
    for (size_t i = 0; i < sizeof script_ranges / sizeof *script_ranges && script_ranges[i].first <= cp; i++)
        if (cp <= script_ranges[i].last)
            return script_ranges[i].script;
    return SCRIPT_OTHER;
}

static void count_han(uint32_t cp, ds_script_counts *out)
{
    uint32_t cell = variant_of(cp);
    out->han++;
    out->hans += (cell & VARIANT_HANS) != 0;
    out->hant += (cell & VARIANT_HANT) != 0;
}

void ds_fold_count_scripts(ds_str s, ds_script_counts *out)
{
    size_t letters[SCRIPT_COUNT] = {0}, len;
    *out = (ds_script_counts){0};
    for (size_t at = 0; at < s.n; at += len) {
        uint32_t cp;
        len = ds_utf8_decode(s.p + at, s.n - at, &cp);
        if (cp == DS_UTF8_BAD)
            continue;
        if (is_ideograph(cp))
            count_han(cp, out);
        else if (is_letter(cp))
            letters[script_of_letter(cp)]++;
    }
    out->latin = letters[SCRIPT_LATIN];
    out->kana = letters[SCRIPT_KANA];
    out->hangul = letters[SCRIPT_HANGUL];
    out->cyrillic = letters[SCRIPT_CYRILLIC];
    out->other = letters[SCRIPT_OTHER];
}

/* Letters of an alphabet that weigh as much as one character: a Chinese text stays one amid the
 * foreign names of technology news, an English one that names a person in characters, English. */
#define ALPHABET_WEIGHT 8

static const char *han_name(const ds_script_counts *c)
{
    size_t telling = c->hans + c->hant;
    if (telling == 0)
        return "Hani";
    if (c->hans > telling / 5 && c->hant > telling / 5)
        return "mixed";
    return c->hans > c->hant ? "Hans" : "Hant";
}

const char *ds_fold_script_name(const ds_script_counts *c)
{
    const struct {
        size_t weight;
        const char *name;
    } rivals[] = {
        {c->han * ALPHABET_WEIGHT, "Hani"}, {c->kana * ALPHABET_WEIGHT, "Kana"},
        {c->hangul * ALPHABET_WEIGHT, "Hang"}, {c->latin, "Latn"}, {c->cyrillic, "Cyrl"}, {c->other, "Zzzz"},
    };
    size_t best = 0;
    for (size_t i = 1; i < sizeof rivals / sizeof *rivals; i++)
        if (rivals[i].weight > rivals[best].weight)
            best = i;
    if (rivals[best].weight == 0)
        return "Zyyy";
    return best == 0 ? han_name(c) : rivals[best].name;
}

double ds_fold_script_sure(const ds_script_counts *c)
{
    const char *name = ds_fold_script_name(c);
    size_t letters = c->latin + c->kana + c->hangul + c->cyrillic + c->other + c->han;
    size_t agree = 0, tell = letters;
    if (strcmp(name, "Hans") == 0 || strcmp(name, "Hant") == 0 || strcmp(name, "mixed") == 0) {
        tell = c->hans + c->hant;
        agree = strcmp(name, "Hans") == 0 ? c->hans : strcmp(name, "Hant") == 0 ? c->hant : tell;
    } else {
        agree = strcmp(name, "Latn") == 0   ? c->latin
                : strcmp(name, "Kana") == 0 ? c->kana + c->han
                : strcmp(name, "Hang") == 0 ? c->hangul
                : strcmp(name, "Cyrl") == 0 ? c->cyrillic
                : strcmp(name, "Zzzz") == 0 ? c->other
                                            : 0;
    }
    return agree == 0 ? 0 : (double)agree / (double)tell * ((double)tell / ((double)tell + 2));
}

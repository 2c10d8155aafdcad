/*
 * encoding_detect.c - which encoding makes the likeliest text of the bytes; see encoding.h.
 *
 * Every encoding decodes the same bytes, so the probabilities that it gives to them, the product of those of its
 * characters in the language that it was made for, can be compared as they are.  What is summed up is a cost,
 * -ln of the probability in steps of 1 / CHARFREQ_STEPS, the dearer the less likely.
 */
#include <math.h>

#include "encoding_int.h"
#include "fold.h"

#include "charfreq.h"

#define NAT CHARFREQ_STEPS          /* costs of a natural unit */
#define BAD_COST (25 * NAT)         /* an ill-formed sequence: a damaged file is possible, not likely */
#define HINT_WORTH (10 * NAT)       /* what a declaration is trusted with: one or two characters */
#define NOISE_COST (NAT * 13 / 2)   /* a byte that means nothing to us */
#define UNUSED_COST (6 * NAT)       /* a pair of code page 949 that EUC-KR proper lacks, besides its syllable */
#define BAD_SHARE 8                 /* at most one ill-formed sequence among so many characters */
#define PLAIN_COST (NAT * 15 / 2)   /* Chinese in the right encoding costs less on average, in a wrong one 9 or more */
#define SURE_CHARS 32               /* as many characters of well-formed UTF-8 are no accident */
#define TEMPER 3.0                  /* characters depend on one another: the exponent is divided by it */
#define DETECT_STEP ((size_t)1 << 10) /* bytes after which a hopeless encoding is given up */

typedef enum language { LANG_CHINESE, LANG_JAPANESE, LANG_KOREAN, LANG_ANY } language;

/* `prior`, in natural units: how much less likely than UTF-8 before a byte is seen.  The first stands for all that is
 * not known here: any other must explain the bytes better.  Chinese comes before what is rare, see reads_well. */
static const struct candidate {
    ds_encoding encoding;
    language language;
    unsigned prior;
} candidates[] = {
    {DS_ENC_UNKNOWN, LANG_ANY, 6},        {DS_ENC_UTF8, LANG_ANY, 0},
    {DS_ENC_GB18030, LANG_CHINESE, 3},    {DS_ENC_BIG5, LANG_CHINESE, 3},
    {DS_ENC_SHIFT_JIS, LANG_JAPANESE, 8}, {DS_ENC_EUC_JP, LANG_JAPANESE, 8}, {DS_ENC_EUC_KR, LANG_KOREAN, 8},
    {DS_ENC_UTF16LE, LANG_ANY, 8},        {DS_ENC_UTF16BE, LANG_ANY, 8},     {DS_ENC_UTF32LE, LANG_ANY, 8},
    {DS_ENC_UTF32BE, LANG_ANY, 8},
};
#define CANDIDATES (sizeof candidates / sizeof *candidates)
enum { NOISE_AT = 0, UTF8_AT = 1, GB18030_AT = 2, BIG5_AT = 3 };

/* ------------------------------------------------------------------ what a character costs */

static unsigned ascii_cost(uint32_t cp)
{
    if (cp == ' ' || cp == '\n' || cp == '\r' || cp == '\t')
        return 3 * NAT;
    if (cp < 0x20 || cp == 0x7F)
        return cp == 0 ? 20 * NAT : 16 * NAT;
    uint32_t low = cp | 0x20;
    return low >= 'a' && low <= 'z' ? 4 * NAT : 5 * NAT;
}

static unsigned listed_cost(uint32_t cp)
{
    return cp >= CHARFREQ_FIRST && cp <= CHARFREQ_LAST ? charfreq_cost[cp - CHARFREQ_FIRST] : 17 * NAT;
}

/* A character of U+3400..U+9FFF. */
static unsigned han_cost(uint32_t cp, language lang)
{
    if (lang == LANG_KOREAN)
        return 13 * NAT;
    unsigned own = listed_cost(cp), folded = listed_cost(ds_fold_variant(cp));
    unsigned cost = own < folded ? own : folded;
    if (lang == LANG_JAPANESE) /* the list knows no shinjitai: never dearer than one kanji of all */
        return cost + 2 * NAT < 10 * NAT ? cost + 2 * NAT : 10 * NAT;
    return cost;
}

/* U+3000..U+33FF: punctuation, kana, what else is as wide. */
static unsigned kana_cost(uint32_t cp, language lang)
{
    static const unsigned hiragana[] = {11, 4, 12, 6}, katakana[] = {12, 6, 12, 7}; /* by language */
    if (cp <= 0x3002 || (cp >= 0x3008 && cp <= 0x3011))
        return 4 * NAT;
    if (cp >= 0x3041 && cp <= 0x309F)
        return hiragana[lang] * NAT;
    if (cp >= 0x30A0 && cp <= 0x30FF)
        return katakana[lang] * NAT;
    return (cp < 0x3041 ? 9 : 13) * NAT;
}

static unsigned hangul_cost(language lang)
{
    return (lang == LANG_KOREAN ? 7 : lang == LANG_ANY ? 11 : 14) * NAT;
}

/* U+0080..U+2FFF: letters of alphabets, punctuation, symbols. */
static unsigned low_cost(uint32_t cp, language lang)
{
    if (cp < 0xA0)
        return 18 * NAT;
    if (cp == 0xB7 || (cp >= 0x2010 && cp <= 0x2027))
        return 5 * NAT;
    if (lang == LANG_ANY && cp < 0x2000)
        return (cp < 0x600 ? 7 : 9) * NAT;
    return (cp >= 0x2030 && cp < 0x2070 ? 9 : 12) * NAT;
}

/* U+F900 and beyond. */
static unsigned high_cost(uint32_t cp, language lang)
{
    if (cp == 0xFF0C || cp == 0xFF1A || cp == 0xFF1B || cp == 0xFF01 || cp == 0xFF1F || cp == 0xFF08 || cp == 0xFF09)
        return 4 * NAT;
    if (cp >= 0xFF00 && cp <= 0xFF5F)
        return 8 * NAT;
    if (cp >= 0xFF61 && cp <= 0xFF9F)
        return (lang == LANG_JAPANESE ? 10 : 14) * NAT;
    if (cp >= 0x1F000 && cp <= 0x1FAFF)
        return 9 * NAT;
    return (cp < 0x10000 ? 15 : cp < 0x30000 ? 16 : 20) * NAT;
}

static unsigned character_cost(uint32_t cp, language lang)
{
    if (cp < 0x80)
        return ascii_cost(cp);
    if (cp < 0x3000)
        return low_cost(cp, lang);
    if (cp < 0x3400)
        return kana_cost(cp, lang);
    if (cp < 0xA000)
        return han_cost(cp, lang);
    if (cp >= 0xAC00 && cp <= 0xD7A3)
        return hangul_cost(lang);
    return cp < 0xF900 ? 18 * NAT : high_cost(cp, lang);
}

/* ------------------------------------------------------------------ one encoding */

/* What is weighed. */
typedef struct sample {
    ds_str bytes;
    bool whole;        /* it reaches to the end of the input */
    bool ascii_before; /* more than three bytes of ASCII stand before it */
} sample;

typedef struct weight {
    bool there;     /* false: not weighed, iconv lacks it, or it is hopeless */
    uint64_t cost;  /* of all characters */
    uint64_t wide_cost; /* of those that are not ASCII */
    size_t wide, bad;
} weight;

static void add_text(weight *w, ds_str utf8, language lang)
{
    size_t len;
    for (size_t at = 0; at < utf8.n; at += len) {
        uint32_t cp;
        len = ds_utf8_decode(utf8.p + at, utf8.n - at, &cp);
        unsigned cost = character_cost(cp, lang);
        w->cost += cost;
        w->wide += cp >= 0x80;
        w->wide_cost += cp >= 0x80 ? cost : 0;
    }
}

/* Whether so much is ill-formed that the rest need not be looked at. */
static bool is_hopeless(const weight *w)
{
    return w->bad * BAD_SHARE > w->wide + DETECT_STEP / 8;
}

/* Feeds the sample to `d`, as far as there is hope. */
static ds_status weigh_through(ds_decoder *d, const sample *s, language lang, ds_buf *text, weight *w)
{
    ds_status st = DS_OK;
    for (size_t at = 0; at < s->bytes.n && st == DS_OK && !is_hopeless(w);) {
        size_t n = s->bytes.n - at < DETECT_STEP ? s->bytes.n - at : DETECT_STEP;
        ds_buf_reset(text);
        st = ds_decoder_feed(d, (ds_str){s->bytes.p + at, n}, text, NULL, NULL);
        at += n;
        if (st == DS_OK && s->whole && at == s->bytes.n)
            st = ds_decoder_finish(d, text, NULL, NULL);
        add_text(w, ds_buf_str(text), lang);
        w->bad = ds_decoder_bad(d, NULL);
    }
    return st;
}

/* Bytes as noise, apart from ASCII text in it. */
static uint64_t noise_cost(ds_str s)
{
    uint64_t cost = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned as_text = (unsigned char)s.p[i] < 0x80 ? ascii_cost((unsigned char)s.p[i]) : NOISE_COST;
        cost += as_text < NOISE_COST ? as_text : NOISE_COST;
    }
    return cost;
}

/* Pairs of code page 949 outside of EUC-KR: 8,822 syllables that are hardly ever written. */
static uint64_t rare_syllables(ds_str s)
{
    uint64_t count = 0;
    for (size_t i = 0; i + 1 < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x80)
            continue;
        count += (unsigned char)s.p[i] < 0xA1 || (unsigned char)s.p[i + 1] < 0xA1;
        i++;
    }
    return count;
}

/* No four bytes of it are without a NUL. */
static bool is_utf32(ds_encoding e)
{
    return e == DS_ENC_UTF32LE || e == DS_ENC_UTF32BE;
}

static ds_status weigh(const ds_alloc *a, const sample *s, const struct candidate *c, ds_buf *text, weight *w)
{
    ds_decoder *d;
    *w = (weight){.cost = c->prior * (uint64_t)NAT};
    if (c->encoding == DS_ENC_UNKNOWN) {
        w->there = true;
        w->cost += noise_cost(s->bytes);
        return DS_OK;
    }
    ds_status st = ds_decoder_new(a, c->encoding, DS_DECODE_REPLACE, &d, NULL);
    if (st != DS_OK)
        return st == DS_ENOMEM ? st : DS_OK;
    st = weigh_through(d, s, c->language, text, w);
    ds_decoder_free(d);
    w->there = !is_hopeless(w) && !(is_utf32(c->encoding) && s->ascii_before);
    w->cost += w->bad * (uint64_t)BAD_COST;
    if (c->encoding == DS_ENC_EUC_KR)
        w->cost += UNUSED_COST * rare_syllables(s->bytes);
    return st;
}

/* ------------------------------------------------------------------ the choice */

/* Offset of the first byte that is not plain ASCII text: from 0x80 on, or NUL. */
static size_t first_telling(ds_str s)
{
    size_t i = 0;
    while (i < s.n && (unsigned char)s.p[i] - 1u < 0x7Fu)
        i++;
    return i;
}

/* From a multiple of four on, so that UTF-16 and UTF-32 keep in step. */
static sample sample_of(ds_str s, size_t first)
{
    first -= first % 4;
    size_t left = s.n - first, n = left < DS_DETECT_SAMPLE ? left : DS_DETECT_SAMPLE;
    return (sample){{s.p + first, n}, n == left, first > 0};
}

/* The share that the best has of the likelihood of all. */
static double share_of(const weight w[CANDIDATES], size_t best)
{
    double sum = 0;
    for (size_t i = 0; i < CANDIDATES; i++)
        if (w[i].there)
            sum += exp(((double)w[best].cost - (double)w[i].cost) / (NAT * TEMPER));
    return 1 / sum;
}

static void choose(const weight w[CANDIDATES], ds_detection *out)
{
    size_t best = NOISE_AT;
    for (size_t i = 0; i < CANDIDATES; i++)
        if (w[i].there && w[i].cost < w[best].cost)
            best = i;
    if (best == NOISE_AT && w[UTF8_AT].there && w[UTF8_AT].bad == 0)
        best = UTF8_AT; /* well-formed UTF-8 is UTF-8, however strange */
    ds_encoding e = candidates[best].encoding;
    if (e == DS_ENC_UNKNOWN || w[best].bad * BAD_SHARE > w[best].wide)
        return;
    out->encoding = e == DS_ENC_UTF8 && w[best].wide == 0 ? DS_ENC_ASCII : e;
    out->confidence = share_of(w, best) * (w[best].bad > 0 ? 0.49 : 1.0);
}

/* Chinese beyond doubt.  Then the others need not be weighed: iconv loads a library for each, and unloads it again,
 * which takes many times as long as to decode an article. */
static bool reads_well(const weight *w)
{
    return w->there && w->bad == 0 && w->wide >= SURE_CHARS && w->wide_cost <= w->wide * (uint64_t)PLAIN_COST;
}

/* What is ill-formed refutes its declaration. */
static ds_status weigh_all(const ds_alloc *a, const sample *s, ds_encoding declared, weight w[CANDIDATES])
{
    ds_status st = DS_OK;
    ds_buf text;
    ds_buf_init(&text, a);
    for (size_t i = 0; i < CANDIDATES && st == DS_OK; i++) {
        if (i > BIG5_AT && (reads_well(&w[GB18030_AT]) || reads_well(&w[BIG5_AT])))
            break;
        st = weigh(a, s, &candidates[i], &text, &w[i]);
        bool hinted = declared != DS_ENC_UNKNOWN && candidates[i].encoding == declared && w[i].bad == 0;
        w[i].cost += hinted ? 0 : HINT_WORTH;
    }
    ds_buf_clear(&text);
    return st;
}

/* The bytes are known to be neither ASCII nor marked. */
static ds_status detect_weighing(const ds_alloc *a, ds_str bytes, const sample *s, ds_encoding declared, ds_detection *out)
{
    weight w[CANDIDATES] = {{0}};
    size_t bad;
    bool utf8 = ds_utf8_valid(bytes, &bad);
    if (utf8 && s->bytes.n - ds_utf8_count(s->bytes) >= 2 * SURE_CHARS) {
        out->encoding = DS_ENC_UTF8;
        out->confidence = 1;
        return DS_OK;
    }
    if (declared == DS_ENC_UNKNOWN)
        declared = ds_encoding_declared(bytes);
    ds_status st = weigh_all(a, s, declared, w);
    if (st != DS_OK)
        return st;
    if (!utf8 && w[UTF8_AT].bad == 0) /* UTF-8 as far as the sample goes, damaged behind it */
        w[UTF8_AT].bad = 1;
    choose(w, out);
    return DS_OK;
}

ds_status ds_detect(const ds_alloc *a, ds_str bytes, ds_encoding declared, ds_detection *out, ds_error *err)
{
    *out = (ds_detection){DS_ENC_UNKNOWN, 0, 0};
    ds_encoding mark = ds_encoding_bom(bytes, &out->bom);
    size_t first = first_telling(bytes);
    if (mark != DS_ENC_UNKNOWN || first == bytes.n) {
        out->encoding = mark != DS_ENC_UNKNOWN ? mark : DS_ENC_ASCII;
        out->confidence = 1;
        return DS_OK;
    }
    sample s = sample_of(bytes, first);
    return detect_weighing(a, bytes, &s, declared, out) == DS_OK ? DS_OK : ds_fail_nomem(err);
}

/*
 * segment_scan.c - characters and atoms for the segmenter; see segment_int.h.
 *
 * An atom is a stretch that no dictionary need know: a number, a name in Latin letters, a URL.
 * Its inside is never a word border.  Which characters join is decided by their neighbours only,
 * so that scanning takes linear time.
 */
#include <string.h>
#include <utf8proc.h>

#include "fold.h"
#include "segment_int.h"

/* ---- characters ---- */

static bool is_han(uint32_t cp)
{
    return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) || (cp >= 0xF900 && cp <= 0xFAFF) ||
           (cp >= 0x20000 && cp <= 0x3FFFD) || cp == 0x3007 || cp == 0x3005 || (cp >= 0x2E80 && cp <= 0x2FDF);
}

static bool is_kana(uint32_t cp)
{
    return (cp >= 0x3041 && cp <= 0x30FF && cp != 0x30FB) || (cp >= 0x31F0 && cp <= 0x31FF) ||
           (cp >= 0xFF66 && cp <= 0xFF9D);
}

static bool is_emoji(uint32_t cp)
{
    return (cp >= 0x1F000 && cp <= 0x1FAFF) || (cp >= 0x2600 && cp <= 0x27BF) || cp == 0x2B50 || cp == 0x2B55 ||
           (cp >= 0x231A && cp <= 0x231B) || cp == 0x2B06 || cp == 0x2B07 || cp == 0x2B1B || cp == 0x2B1C;
}

static seg_kind ascii_kind(char c)
{
    if (c >= '0' && c <= '9')
        return SEG_DIGIT;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return SEG_LETTER;
    if (c == '\n')
        return SEG_LF;
    return c == ' ' || (c >= '\t' && c <= '\r') ? SEG_SPACE : SEG_PUNCT;
}

/* utf8proc_category reads its own tables for any code point, so it is safe for every decoded one. */
static seg_kind other_kind(uint32_t cp)
{
    if (is_kana(cp))
        return SEG_KANA;
    if (is_emoji(cp))
        return SEG_EMOJI;
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return SEG_LETTER;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return SEG_MARK;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return SEG_SPACE;
    default: return cp == 0x85 || cp == 0xFEFF ? SEG_SPACE : SEG_PUNCT;
    }
}

/* Part of a Han character in numbers.  Most characters are none of these. */
static uint8_t number_part(uint32_t cp)
{
    switch (cp) {
    case 0x4E00: case 0x4E8C: case 0x4E09: case 0x56DB: case 0x4E94: case 0x516D: case 0x4E03: case 0x516B:
    case 0x4E5D: case 0x3007: case 0x96F6: case 0x4E24: case 0x5169: case 0x51E0: case 0x5E7E: case 0x6570:
    case 0x6578: case 0x25CB: case 0x5EFF: case 0x5345:
        return SEG_NUMERAL; /* 一 二 三 四 五 六 七 八 九 〇 零 两 兩 几 幾 数 數 ○ 廿 卅 */
#ifndef DS_PLANT_SEGMENT /* without 萬: a bug that fuzzing must find, `make fuzz` */
    case 0x842C:
#endif
    case 0x5341: case 0x767E: case 0x5343: case 0x4E07: case 0x4EBF: case 0x5104: case 0x5146:
        return SEG_MULTIPLIER; /* 十 百 千 万 萬 亿 億 兆 */
    case 0x7B2C: return SEG_ORDINAL; /* 第 */
    default: return SEG_NOT_NUMBER;
    }
}

/* A common Han character, U+4E00 to U+9FFF, at p: three bytes. */
static inline bool decode_han(const char *p, size_t n, uint32_t *cp)
{
    if (n < 4)
        return false;
    uint32_t v = ds_load32(p);
    *cp = (v & 15) << 12 | (v >> 2 & 0xFC0) | (v >> 16 & 63);
    return (v & 0xC0C0F0) == 0x8080E0 && *cp - 0x4E00 < 0x5200;
}

/* Everything but the common Han characters. */
static void classify_other(seg_char *c)
{
    uint32_t cp = c->cp;
    if (cp == DS_UTF8_BAD) {
        c->kind = SEG_BAD;
    } else if (cp < 0x80 || (cp >= 0xFF01 && cp <= 0xFF5E)) {
        c->ascii = (char)(cp < 0x80 ? cp : cp - 0xFEE0);
        c->kind = (uint8_t)ascii_kind(c->ascii);
    } else {
        c->kind = (uint8_t)(is_han(cp) ? SEG_HAN : other_kind(cp));
        c->number = number_part(cp);
    }
}

/* What the lexicon says of the character. */
static inline void look_up(const lex_tables *lex, seg_char *c)
{
    c->code = lex_code(lex, c->cp);
    memcpy(c->name, lex_name_record(lex, c->kind == SEG_HAN ? c->code : UINT16_MAX), sizeof c->name);
}

size_t seg_read(const lex_tables *lex, ds_str text, size_t off, seg_char *c, size_t cap)
{
    size_t n = 0;
    while (n < cap && off < text.n) {
        seg_char *at = &c[n++];
        *at = (seg_char){.off = (uint32_t)off, .kind = SEG_HAN};
        if (decode_han(text.p + off, text.n - off, &at->cp)) {
            off += 3;
            at->number = number_part(at->cp);
            look_up(lex, at);
            continue;
        }
        off += ds_utf8_decode(text.p + off, text.n - off, &at->cp);
        classify_other(at);
        look_up(lex, at);
        if (at->kind == SEG_LF)
            break;
    }
    c[n] = (seg_char){.off = (uint32_t)off, .kind = SEG_LF};
    memset(c[n].name, LEX_NAME_NEVER, sizeof c[n].name);
    return n;
}

/* ---- atoms ---- */

static bool is_alnum(const seg_char *c)
{
    return c->kind == SEG_LETTER || c->kind == SEG_DIGIT;
}

static bool is_upper(const seg_char *c)
{
    return c->ascii >= 'A' && c->ascii <= 'Z';
}

static size_t digit_run(const seg_text *t, size_t i, size_t limit)
{
    while (i < limit && t->c[i].kind == SEG_DIGIT)
        i++;
    return i;
}

/* Printable ASCII that may stand in a URL. */
static bool is_url_char(const seg_char *c)
{
    return c->cp > 0x20 && c->cp < 0x7F && strchr("<>\"{}|\\^`", (int)c->cp) == NULL;
}

static bool starts_with(const seg_text *t, size_t i, size_t limit, const char *word)
{
    for (; *word != '\0'; word++, i++)
        if (i >= limit || (t->c[i].ascii | 0x20) != (*word | 0x20))
            return false;
    return true;
}

/* http://…, https://…, ftp://…, www.…: up to a character that is none of a URL's, without closing punctuation. */
static size_t url_end(const seg_text *t, size_t i, size_t limit)
{
    static const char *const heads[] = {"http://", "https://", "ftp://", "www."};
    size_t head = 0, end;
    for (size_t k = 0; k < sizeof heads / sizeof *heads && head == 0; k++)
        if (starts_with(t, i, limit, heads[k]))
            head = strlen(heads[k]);
    if (head == 0)
        return i;
    for (end = i + head; end < limit && is_url_char(&t->c[end]);)
        end++;
    while (end > i + head && strchr(".,;:!?)]'", (int)t->c[end - 1].cp) != NULL)
        end--;
    return end > i + head ? end : i;
}

/* local@host.name, given that the Latin run [i, at) stands before the @. */
static size_t email_end(const seg_text *t, size_t i, size_t at, size_t limit)
{
    size_t end = at + 1, dot = 0;
    if (at >= limit || t->c[at].ascii != '@')
        return i;
    for (; end < limit && (is_alnum(&t->c[end]) || t->c[end].ascii == '-' || t->c[end].ascii == '.'); end++)
        if (t->c[end].ascii == '.' && end + 1 < limit && is_alnum(&t->c[end + 1]))
            dot = end;
    while (end > at && t->c[end - 1].ascii == '.')
        end--;
    return dot > at + 1 ? end : i;
}

/* Whether the character at k joins the letters and digits on both sides of it into one name. */
static bool joins_name(const seg_text *t, size_t k, size_t limit)
{
    const seg_char *before = &t->c[k - 1], *after = &t->c[k + 1];
    if (k + 1 >= limit || !is_alnum(after))
        return false;
    switch (t->c[k].ascii) {
    case '-':
    case '_': return true;
    case '.': return after->kind == SEG_DIGIT || before->kind == SEG_LETTER;
    case '\'': return before->kind == SEG_LETTER && after->kind == SEG_LETTER;
    case '&': return is_upper(before) && is_upper(after);
    default: return t->c[k].cp == 0x2019 && before->ascii != 0 && after->ascii != 0;
    }
}

/* A name of letters, digits and joiners: GPT-4o, H100, Node.js, Musk's, AT&T, C++. */
static size_t name_end(const seg_text *t, size_t i, size_t limit)
{
    while (i < limit) {
        if (is_alnum(&t->c[i]) || t->c[i].kind == SEG_MARK)
            i++;
        else if (joins_name(t, i, limit))
            i++;
        else
            break;
    }
    size_t plus = i;
    while (plus < limit && t->c[plus].ascii == '+')
        plus++;
    return plus < limit && is_alnum(&t->c[plus]) ? i : plus;
}

/* One more group ",ddd" of a number with thousands separators. */
static bool comma_group(const seg_text *t, size_t i, size_t limit)
{
    return i < limit && t->c[i].ascii == ',' && digit_run(t, i + 1, limit) == i + 4;
}

/* Digits with thousands separators and decimals. */
static size_t decimal_end(const seg_text *t, size_t i, size_t limit)
{
    size_t end = digit_run(t, i, limit);
    while (end - i <= 3 + 4 * 64 && comma_group(t, end, limit))
        end += 4;
    if (end + 1 < limit && (t->c[end].ascii == '.' || t->c[end].cp == 0xFE52) && t->c[end + 1].kind == SEG_DIGIT)
        end = digit_run(t, end + 1, limit);
    return end;
}

/* 2025-01-27, 2025/1/27, 10:30, 10:30:05; i when it is none of them. */
static size_t date_end(const seg_text *t, size_t i, size_t limit)
{
    size_t a = digit_run(t, i, limit);
    if (a - i > 4 || a >= limit)
        return i;
    char sep = t->c[a].ascii;
    size_t b = digit_run(t, a + 1, limit);
    if (b - a < 2 || b - a > 3)
        return i;
    bool more = b < limit && t->c[b].ascii == sep;
    size_t c = more ? digit_run(t, b + 1, limit) : b;
    if (sep == ':' && a - i <= 2 && b - a == 3)
        return c - b == 3 ? c : b;
    if ((sep == '-' || sep == '/' || sep == '.') && a - i == 4 && c - b >= 2 && c - b <= 3)
        return c;
    return i;
}

static bool is_percent(const seg_char *c)
{
    return c->ascii == '%' || c->cp == 0x2030;
}

static size_t number_end(const seg_text *t, size_t i, size_t limit, ds_class *cls)
{
    size_t end = date_end(t, i, limit);
    if (end > i) {
        *cls = DS_CLASS_DATE;
        return end;
    }
    end = decimal_end(t, i, limit);
    *cls = DS_CLASS_NUMBER;
    if (end < limit && is_percent(&t->c[end])) {
        *cls = DS_CLASS_PERCENT;
        return end + 1;
    }
    if (end < limit && t->c[end].kind == SEG_LETTER) { /* 4o, 671B, 3D */
        *cls = DS_CLASS_LATIN;
        return name_end(t, end, limit);
    }
    if (end + 1 < limit && t->c[end].ascii == '/' && t->c[end + 1].kind == SEG_DIGIT)
        return digit_run(t, end + 1, limit);
    return end;
}

static bool is_currency(uint32_t cp)
{
    return cp == '$' || cp == 0xFF04 || cp == 0xA5 || cp == 0xFFE5 || cp == 0x20AC || cp == 0xA3 || cp == 0xFFE1 ||
           cp == 0x20A9;
}

/* $100, US$1.5, ￥8; i when it is none. */
static size_t money_end(const seg_text *t, size_t i, size_t limit)
{
    size_t k = i;
    while (k < limit && k - i < 3 && is_upper(&t->c[k]))
        k++;
    if (k + 1 >= limit || !is_currency(t->c[k].cp) || t->c[k + 1].kind != SEG_DIGIT)
        return i;
    return decimal_end(t, k + 1, limit);
}

static size_t latin_end(const seg_text *t, size_t i, size_t limit, ds_class *cls)
{
    size_t end = url_end(t, i, limit);
    *cls = DS_CLASS_URL;
    if (end > i)
        return end;
    size_t name = name_end(t, i, limit);
    end = email_end(t, i, name, limit);
    if (end > i)
        return end;
    *cls = DS_CLASS_LATIN;
    return name;
}

static size_t kind_run(const seg_text *t, size_t i, size_t limit)
{
    uint8_t kind = t->c[i].kind;
    while (i < limit && t->c[i].kind == kind)
        i++;
    return i;
}

/* Marks that stand together as one: —— …… ... --- === *** ~~~ */
static size_t punct_end(const seg_text *t, size_t i, size_t limit)
{
    uint32_t cp = t->c[i].cp;
    bool runs = cp == 0x2014 || cp == 0x2026 || cp == 0x22EF || cp == 0x2500 || cp == 0x2015 ||
                (t->c[i].ascii != 0 && strchr(".-=*~_#", t->c[i].ascii) != NULL);
    size_t end = i + 1;
    while (runs && end < limit && t->c[end].cp == cp)
        end++;
    return end;
}

/* An emoji with its modifiers, joined ones too: the code points that extend it. */
static size_t emoji_end(const seg_text *t, size_t i, size_t limit)
{
    bool flag = t->c[i].cp >= 0x1F1E6 && t->c[i].cp <= 0x1F1FF;
    size_t end = i + 1;
    if (flag && end < limit && t->c[end].cp >= 0x1F1E6 && t->c[end].cp <= 0x1F1FF)
        return end + 1;
    for (; end < limit; end++) {
        uint32_t cp = t->c[end].cp;
        bool extends = t->c[end].kind == SEG_MARK || cp == 0x200D || (cp >= 0x1F3FB && cp <= 0x1F3FF) ||
                       (t->c[end].kind == SEG_EMOJI && t->c[end - 1].cp == 0x200D);
        if (!extends)
            break;
    }
    return end;
}

/* @name, in ASCII; i when it is none.  (An e-mail address begins at its local part, not here.) */
static size_t mention_end(const seg_text *t, size_t i, size_t limit)
{
    size_t end = i + 1;
    while (end < limit && (is_alnum(&t->c[end]) || t->c[end].ascii == '_' || t->c[end].ascii == '-'))
        end++;
    return t->c[i].ascii == '@' && end > i + 1 ? end : i;
}

#define TOPIC_MAX 32 /* characters between the marks */

/* #话题#; i when it is none.  *cls: han when it has a Han character. */
static size_t topic_end(const seg_text *t, size_t i, size_t limit, ds_class *cls)
{
    if (t->c[i].ascii != '#')
        return i;
    *cls = DS_CLASS_LATIN;
    for (size_t end = i + 1; end < limit && end <= i + 1 + TOPIC_MAX; end++) {
        const seg_char *c = &t->c[end];
        if (c->ascii == '#')
            return end > i + 1 ? end + 1 : i;
        if (c->kind == SEG_SPACE || c->kind == SEG_LF || c->kind == SEG_BAD)
            return i;
        if (c->kind == SEG_HAN)
            *cls = DS_CLASS_HAN;
    }
    return i;
}

size_t seg_atom(const seg_text *t, size_t i, size_t limit, ds_class *cls)
{
    size_t end;
    if (limit - i > DS_SEGMENT_ATOM)
        limit = i + DS_SEGMENT_ATOM;
    if ((end = money_end(t, i, limit)) > i) {
        *cls = DS_CLASS_MONEY;
        return end;
    }
    switch ((seg_kind)t->c[i].kind) {
    case SEG_LETTER: return latin_end(t, i, limit, cls);
    case SEG_DIGIT: return number_end(t, i, limit, cls);
    case SEG_KANA: *cls = DS_CLASS_LATIN; return kind_run(t, i, limit);
    case SEG_SPACE: *cls = DS_CLASS_SPACE; return kind_run(t, i, limit);
    case SEG_LF: *cls = DS_CLASS_SPACE; return i + 1;
    case SEG_EMOJI: *cls = DS_CLASS_EMOJI; return emoji_end(t, i, limit);
    case SEG_BAD: *cls = DS_CLASS_BAD; return kind_run(t, i, limit);
    case SEG_HAN: *cls = DS_CLASS_HAN; return i + 1;
    case SEG_MARK:
    case SEG_PUNCT: break;
    }
    if ((end = topic_end(t, i, limit, cls)) > i)
        return end;
    *cls = DS_CLASS_LATIN;
    if ((end = mention_end(t, i, limit)) > i)
        return end;
    *cls = DS_CLASS_PUNCT;
    return punct_end(t, i, limit);
}

/* ---- Chinese numerals ---- */

size_t seg_numeral_run(const seg_text *t, size_t i, size_t limit)
{
    if (limit - i > DS_SEGMENT_ATOM)
        limit = i + DS_SEGMENT_ATOM;
    while (i < limit && (t->c[i].number == SEG_NUMERAL || t->c[i].number == SEG_MULTIPLIER))
        i++;
    return i;
}

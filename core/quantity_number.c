/*
 * quantity_number.c - numerals: digits with groups and decimals, Han numerals, and both mixed (10亿3000万, 5万3, 三四百).
 */
#include "quantity_int.h"

#define WAN 1e4

int ds_quantity_han_digit(uint32_t cp)
{
    switch (cp) {
    case 0x96F6: return 0;                /* 零, 〇 */
    case 0x4E00: return 1;
    case 0x4E8C: case 0x4E24: return 2;   /* 二 两 */
    case 0x4E09: return 3;
    case 0x56DB: return 4;
    case 0x4E94: return 5;
    case 0x516D: return 6;
    case 0x4E03: return 7;
    case 0x516B: return 8;
    case 0x4E5D: return 9;
    default: return -1;
    }
}

double ds_quantity_scale(uint32_t cp)
{
    switch (cp) {
    case 0x5341: return 10;
    case 0x767E: return 100;
    case 0x5343: return 1000;
    case 0x4E07: return WAN;
    case 0x4EBF: return 1e8;
    case 0x5146: return 1e12; /* 兆 */
    default: return 0;
    }
}

bool ds_quantity_joiner(const quantity_line *l, size_t i, size_t *end)
{
    switch (l->cp[i]) {
    case '~': case '-': case 0x2013: case 0x2014: /* – — */
        *end = i + 1 + (l->cp[i] == 0x2014 && l->cp[i + 1] == 0x2014);
        return true;
    case 0x81F3: case 0x5230: /* 至 到 */
        *end = i + 1;
        return true;
    default: return false;
    }
}

/* ---------------------------------------------------------------- digits */

/* A comma between digits: of their own width, so that 10，200 stays two numbers. */
static bool is_group_mark(const quantity_line *l, size_t i)
{
    return l->cp[i] == ',' || (l->cp[i] == 0xFF0C && i > 0 && (unsigned char)l->text[l->at[i - 1]] >= 0x80);
}

/* Groups of three behind the digits [beg, i): 12,345,678; a comma of the text itself is no sign of a group. */
static size_t past_groups(const quantity_line *l, size_t beg, size_t i)
{
    size_t k = i;
    if (i - beg > 3)
        return i;
    while (is_group_mark(l, k) && quantity_is_digit(l->cp[k + 1]) && quantity_is_digit(l->cp[k + 2]) &&
           quantity_is_digit(l->cp[k + 3]) && !quantity_is_digit(l->cp[k + 4]))
        k += 4;
    return k;
}

/* The digits at i, as the text has them: *value, and where they end. */
static size_t plain_digits(const quantity_line *l, size_t i, double *value, quantity_numeral *out)
{
    size_t beg = i, k;
    double v = 0, unit = 1;
    while (quantity_is_digit(l->cp[i]))
        i++;
    k = past_groups(l, beg, i);
    out->grouped = k > i;
    out->digits = 0;
    for (i = beg; i < k; i++) {
        if (!quantity_is_digit(l->cp[i]))
            continue;
        v = v * 10 + (double)(l->cp[i] - '0');
        out->digits++;
    }
    if (l->cp[i] == '.' && quantity_is_digit(l->cp[i + 1])) {
        double whole = v;
        v = 0;
        for (i++; quantity_is_digit(l->cp[i]) && unit < 1e15; i++, unit *= 10)
            v = v * 10 + (double)(l->cp[i] - '0');
        while (quantity_is_digit(l->cp[i]))
            i++;
        v = (whole * unit + v) / unit; /* rounded once: 557.6 is the double that is written so */
        out->decimal = true;
        out->version = l->cp[i] == '.' && quantity_is_digit(l->cp[i + 1]);
    }
    *value = v;
    return i;
}

/* ---------------------------------------------------------------- sections */

/* A numeral while it is read.  value = done + group + section + digit. */
typedef struct reading {
    const quantity_line *l;
    size_t i, beg;
    double done;    /* groups closed: 10亿 of 10亿3000万 */
    double group;   /* the last one, with its unit */
    double group_scale;
    double section; /* below 万: 3千 of 3千5 */
    double digit;
    double scale;   /* the last unit of ten */
    bool has_digit, has_section, zero; /* zero: 零 before the digit */
    bool twin;      /* the digit stood for two neighbours (三四) */
    int pick;       /* 0: the first of the two counts, 1: the second */
} reading;

static bool is_some(uint32_t cp)
{
    return cp == 0x51E0 || cp == 0x6570; /* 几 数 */
}

static bool is_more(uint32_t cp)
{
    return cp == 0x591A || cp == 0x4F59 || cp == 0x6765 || cp == 0x51E0; /* 多 余 来 几 */
}

static void close_section(reading *r)
{
    if (r->has_digit) {
        r->section += r->digit;
        r->has_section = true;
    }
    r->digit = 0;
    r->has_digit = r->zero = false;
}

/* 万, 亿, 兆. */
static void take_big(reading *r, double scale)
{
    close_section(r);
    if (!r->has_section && r->group > 0) {
        r->group *= scale; /* 万亿 */
    } else if (r->group_scale > 0 && scale > r->group_scale) {
        r->group = (r->done + r->group + r->section) * scale; /* 一万二千亿 */
        r->done = 0;
    } else {
        r->done += r->group;
        r->group = (r->has_section ? r->section : 1) * scale;
    }
    r->group_scale = scale;
    r->section = 0;
    r->has_section = false;
}

static void take_small(reading *r, double scale)
{
    r->section += (r->has_digit ? r->digit : 1) * scale;
    r->digit = 0;
    r->has_digit = r->zero = false;
    r->has_section = true;
}

/* 兆瓦, 兆赫, 兆字节: 兆 belongs to the unit. */
static bool is_mega(const quantity_line *l, size_t i)
{
    uint32_t next = l->cp[i + 1];
    return l->cp[i] == 0x5146 && (next == 0x74E6 || next == 0x8D6B || next == 0x5B57 || next == 0x6BD4 || next == 0x5E15);
}

/* A unit of ten: true when it was one. */
static bool take_scale(reading *r, quantity_numeral *out)
{
    double scale = ds_quantity_scale(r->l->cp[r->i]);
    if (scale <= 0 || is_mega(r->l, r->i))
        return false;
    if (r->i == r->beg)
        out->bare_scale = scale > 10;
    else
        out->han = true;
    if (scale >= WAN)
        take_big(r, scale);
    else
        take_small(r, scale);
    r->scale = scale;
    r->i++;
    out->scaled = true;
    if (scale > out->biggest)
        out->biggest = scale;
    return true;
}

static bool follows(int a, int b)
{
    return (a > 0 && b == a + 1) || (a == 3 && b == 5);
}

/* A Han digit, or two neighbours that give a range; false when it cannot go on here. */
static bool take_han_digit(reading *r, quantity_numeral *out)
{
    const uint32_t *cp = r->l->cp;
    int d = ds_quantity_han_digit(cp[r->i]), next = ds_quantity_han_digit(cp[r->i + 1]);
    if (d < 0 || r->has_digit)
        return false;
    if (d == 0 && (r->has_section || r->group > 0)) {
        r->zero = true;
        r->i++;
        return ds_quantity_han_digit(cp[r->i]) > 0 || cp[r->i] == 0x5341;
    }
    out->han = true;
    if (follows(d, next) && ds_quantity_han_digit(cp[r->i + 2]) < 0 && !r->twin) {
        r->twin = true;
        d = r->pick == 0 ? d : next;
        r->i++;
    }
    r->digit = d;
    r->has_digit = true;
    r->i++;
    return true;
}

/* 一点五, 三点二万: decimals in Han digits. */
static void take_han_decimals(reading *r, quantity_numeral *out)
{
    const uint32_t *cp = r->l->cp;
    double unit = 1, v = 0;
    size_t k = r->i + 1;
    if (cp[r->i] != 0x70B9 || ds_quantity_han_digit(cp[k]) < 0 || !out->han)
        return;
    for (; ds_quantity_han_digit(cp[k]) >= 0 && unit < 1e9; k++, unit *= 10)
        v = v * 10 + ds_quantity_han_digit(cp[k]);
    if (cp[k] == 0x5341 || cp[k] == 0x5206 || cp[k] == 0x523B) /* a time of day: 七点五十, 三点一刻 */
        return;
    r->digit = ((r->has_digit ? r->digit : 0) * unit + v) / unit;
    r->has_digit = true;
    r->i = k;
    out->decimal = true;
}

/* ASCII digits behind a unit of ten: 10亿3000万; 5万3 when nothing else can be meant. */
static bool take_more_digits(reading *r)
{
    quantity_numeral sub = {0};
    double value;
    const uint32_t *cp = r->l->cp;
    size_t k = plain_digits(r->l, r->i, &value, &sub);
    double scale = ds_quantity_scale(cp[k]);
    if (scale > 0 && scale < r->scale && !sub.grouped) {
        r->digit = value;
        r->has_digit = true;
        r->i = k;
        return true;
    }
    uint32_t next = cp[k];
    bool ends = next == 0x5143 || next == 0x5757 || next == 0x7684 || !(quantity_is_latin(next) || quantity_is_han(next) ||
                next == '%' || next == '-' || next == '~' || next == '/' || next == ' '); /* 元 块 的 */
    if (k == r->i + 1 && value > 0 && r->scale >= 100 && ends) {
        r->digit = value;
        r->has_digit = true;
        r->i = k;
    }
    return false;
}

/* K, M, B, T right behind ASCII digits, no letter behind them. */
static double latin_scale(const quantity_line *l, size_t i)
{
    uint32_t next = l->cp[i + 1];
    if (quantity_is_latin(next) || quantity_is_digit(next) || next == '-' || next == '/')
        return 0;
    switch (l->cp[i]) {
    case 'K': case 'k': return 1e3;
    case 'M': return 1e6;
    case 'B': case 'b': return 1e9;
    case 'T': return 1e12;
    default: return 0;
    }
}

/* million, billion, trillion behind the digits, a blank between; *end behind the word. */
static double english_scale(const quantity_line *l, size_t i, size_t *end)
{
    static const struct {
        const char *word;
        double scale;
    } words[] = {{"million", 1e6}, {"billion", 1e9}, {"trillion", 1e12}};
    i = quantity_past_blanks(l, i);
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        size_t n = 0;
        while (words[k].word[n] != '\0' && (l->cp[i + n] | 0x20u) == (uint32_t)words[k].word[n])
            n++;
        if (words[k].word[n] == '\0' && !quantity_is_latin(l->cp[i + n])) {
            *end = i + n;
            return words[k].scale;
        }
    }
    return 0;
}

/* The value, the last digit behind a unit of ten counting tenths of it (三万五). */
static double value_of(const reading *r)
{
    double digit = r->has_digit ? r->digit : 0;
    bool tenths = r->has_digit && r->scale >= 100 && !r->zero;
#ifdef DS_PLANT_QUANTITY
    tenths = r->has_digit && r->scale >= 100;
#endif
    if (tenths && digit == floor(digit) && digit < 10)
        digit *= r->scale / 10;
    return r->done + r->group + r->section + digit;
}

/* 几, 数 at the beginning: 几十, 数百万. */
static bool take_some(reading *r, quantity_numeral *out)
{
    if (!is_some(r->l->cp[r->i]) || ds_quantity_scale(r->l->cp[r->i + 1]) <= 0)
        return false;
    out->some = true;
    r->digit = 1;
    r->has_digit = true;
    r->i++;
    return true;
}

/* 多, 余, 来, 几 inside: 20多万, 十几. */
static bool take_inner_more(reading *r, quantity_numeral *out)
{
    uint32_t cp = r->l->cp[r->i];
    if (!is_more(cp) || out->more)
        return false;
    bool big = ds_quantity_scale(r->l->cp[r->i + 1]) >= WAN;
    if (!big && !(cp == 0x51E0 && r->scale >= 10))
        return false;
    out->more = true;
    r->i++;
    return true;
}

static void run_reading(reading *r, quantity_numeral *out)
{
    if (quantity_is_digit(r->l->cp[r->i])) {
        out->ascii = true;
        out->zero_first = r->l->cp[r->i] == '0' && quantity_is_digit(r->l->cp[r->i + 1]);
        r->i = plain_digits(r->l, r->i, &r->digit, out);
        r->has_digit = true;
        out->mantissa = r->digit;
        size_t past = quantity_past_blanks(r->l, r->i);
        if (ds_quantity_scale(r->l->cp[past]) > 0)
            r->i = past;
    } else {
        take_some(r, out);
    }
    for (;;) {
        if (take_inner_more(r, out))
            continue;
        if (take_scale(r, out))
            continue;
        if (r->scale > 0 && !r->has_digit && quantity_is_digit(r->l->cp[r->i]) && take_more_digits(r))
            continue;
        if (out->ascii && r->scale <= 0)
            break;
        if (!take_han_digit(r, out))
            break;
        take_han_decimals(r, out);
    }
    if (r->zero && !r->has_digit) /* a 零 at the end is no part of it */
        r->i--;
}

static void take_latin_scale(const quantity_line *l, reading *r, quantity_numeral *out)
{
    size_t end = r->i + 1;
    double scale = latin_scale(l, r->i);
    if (scale <= 0)
        scale = english_scale(l, r->i, &end);
    if (scale <= 0)
        return;
    if (scale <= 1e3 && (out->lo < 3 || fabs(out->lo - 4) < 0.5 || fabs(out->lo - 8) < 0.5))
        out->version = true; /* 4K: the name of a format */
    out->biggest = scale;
    out->lo = out->hi = out->lo * scale;
    out->scaled = true;
    r->i = end;
}

/* Han digits one by one, as newspapers in Taiwan write rates: 三四．九九八元, 一三一日圓. */
static bool read_positional(const quantity_line *l, size_t i, quantity_numeral *out)
{
    double v = 0, unit = 1;
    size_t k = i, point;
    for (; ds_quantity_han_digit(l->cp[k]) >= 0 && k < i + 12; k++)
        v = v * 10 + ds_quantity_han_digit(l->cp[k]);
    point = k;
    if (k > i && l->cp[k] == '.' && ds_quantity_han_digit(l->cp[k + 1]) >= 0)
        for (k++; ds_quantity_han_digit(l->cp[k]) >= 0 && unit < 1e9; k++, unit *= 10)
            v = v * 10 + ds_quantity_han_digit(l->cp[k]);
    if ((k == point && k < i + 3) || (ds_quantity_scale(l->cp[k]) > 0 && ds_quantity_scale(l->cp[k]) < WAN))
        return false;
    double scale = ds_quantity_scale(l->cp[k]);
    if (scale > 0)
        k++;
    out->lo = out->hi = v / unit * (scale > 0 ? scale : 1);
    out->han = out->positional = true;
    out->scaled = scale > 0;
    out->decimal = unit > 1;
    out->biggest = scale;
    out->factor = scale > 0 ? scale : 1;
    out->end = k;
    return true;
}

bool ds_quantity_numeral(const quantity_line *l, size_t i, quantity_numeral *out)
{
    reading first = {.l = l, .i = i, .beg = i}, second = {.l = l, .i = i, .beg = i, .pick = 1};
    quantity_numeral again = {0};
    *out = (quantity_numeral){0};
    if (ds_quantity_han_digit(l->cp[i]) >= 0 && read_positional(l, i, out))
        return true;
    run_reading(&first, out);
    if (first.i == i)
        return false;
    out->lo = out->hi = value_of(&first);
    if (first.twin) {
        run_reading(&second, &again);
        out->hi = value_of(&second);
    }
    out->single = first.i == i + 1 && l->cp[i] == 0x4E00;
    out->two = first.i == i + 1 && l->cp[i] == 0x4E8C;
    if (out->ascii && !out->scaled)
        take_latin_scale(l, &first, out);
    out->factor = out->biggest >= WAN ? out->biggest : 1;
    if (out->mantissa > 0)
        out->factor = out->lo / out->mantissa;
    out->end = first.i;
    return true;
}

/*
 * quantity_unit.c - a number with what belongs to it: approximators, 分之, units, ranges, what it is counted per; and
 * whether it is a quantity at all.
 */
#include "quantity_int.h"

#define CP_GE 0x4E2Au   /* 个 */
#define CP_HALF 0x534Au /* 半 */
#define CP_MORE 0x591Au /* 多 */
#define PER_MOST 6      /* characters of 月 in 200元/月 */
#define FAR_MOST 10     /* characters between 不到 and 三分之一 */
#define LARGEST 1e24    /* what no text counts */
#define BARE_LEAST 100  /* a bare number below this says nothing by itself */

/* A number and its unit. */
typedef struct side {
    quantity_numeral num;
    const quantity_word *unit; /* or NULL */
    size_t unit_beg, unit_end; /* characters */
    size_t end;
    bool more;    /* 多, 余 */
    bool half;    /* 半 behind the unit */
    bool ratio;   /* 分之, a/b */
    bool percent; /* 百分之 */
    bool ordinal; /* no quantity */
} side;

/* Whether a word that the scan noted ends at i; 0 stands for none. */
static bool ends_here(size_t end, size_t i)
{
    return end == i && i > 0;
}

static const quantity_word *behind_at(const quantity_line *l, size_t i, size_t *end)
{
    return ds_quantity_word_at(l, l->words->behind, i, end);
}

/* ---------------------------------------------------------------- fractions */

/* 百分之五, 十分之一, 几十分之一. */
static bool read_parts(const quantity_line *l, side *s)
{
    size_t i = quantity_past_blanks(l, s->num.end);
    quantity_numeral n;
    if (l->cp[i] != 0x5206 || l->cp[i + 1] != 0x4E4B || !ds_quantity_numeral(l, quantity_past_blanks(l, i + 2), &n))
        return false;
    quantity_numeral whole = s->num;
    s->percent = whole.lo == 100 && !whole.some;
    if (s->percent)
        whole.lo = 1;
    s->num = n;
    s->num.han = true;
    s->num.bare_scale = s->num.single = false;
    s->num.some = n.some || whole.some;
    s->end = n.end;
    s->ratio = true;
    s->num.lo = whole.lo > 0 ? n.lo / whole.lo : NAN;
    s->num.hi = whole.lo > 0 ? n.hi / whole.lo : NAN;
    return true;
}

/* 1/10, but not 2025/1/27, 24/7 or 5/1. */
static bool read_slash(const quantity_line *l, side *s)
{
    size_t i = s->num.end;
    quantity_numeral n;
    if (!s->num.ascii || s->num.digits > 3 || s->num.decimal || l->cp[i] != '/' || !quantity_is_digit(l->cp[i + 1]) ||
        !ds_quantity_numeral(l, i + 1, &n) || n.decimal || n.grouped || n.digits > 4 || l->cp[n.end] == '/' ||
        n.lo <= s->num.lo || s->num.lo < 1)
        return false;
    if (s->num.lo > 1 && s->num.lo <= 12 && n.lo > 10 && n.lo <= 31) /* 9/11 is rather a day */
        return false;
    s->num.lo = s->num.hi = s->num.lo / n.lo;
    s->num.decimal = true;
    s->end = n.end;
    s->ratio = true;
    return true;
}

/* ---------------------------------------------------------------- units */

/* 多, 余, 来 behind a number; 余 must have something to count behind it. */
static size_t past_more(const quantity_line *l, size_t i, side *s)
{
    uint32_t cp = l->cp[i];
    if (cp != CP_MORE && cp != 0x4F59 && !(cp == 0x6765 && l->cp[i + 1] == CP_GE)) /* 余 来 */
        return i;
    s->more = true;
    return i + 1;
}

/* 个 before a unit of its own: 280万个GPU小时, 1.5个点, 2个多百分点. */
static const quantity_word *unit_behind_ge(const quantity_line *l, size_t i, side *s, size_t *end)
{
    size_t k = quantity_past_blanks(l, i + 1), past = past_more(l, k, s);
    const quantity_word *w = behind_at(l, quantity_past_blanks(l, past), end);
    if (w != NULL && w->role <= DS_ROLE_MEASURE && w->role != DS_ROLE_MONEY)
        return w;
    return NULL;
}

/* 11个亿: the unit of ten behind 个. */
static size_t ge_scale(const quantity_line *l, size_t i, side *s)
{
    size_t k = i + 1;
    double scale = ds_quantity_scale(l->cp[k]);
    if (l->cp[i] != CP_GE || scale < 1e4)
        return i;
    for (; ds_quantity_scale(l->cp[k]) > 0; k++) {
        s->num.lo *= ds_quantity_scale(l->cp[k]);
        s->num.hi *= ds_quantity_scale(l->cp[k]);
    }
    s->num.scaled = s->num.han = true;
    s->num.biggest = scale;
    return k;
}

/* 块 is money unless things are counted: behind it stands a Latin name or a noun of the list. */
static bool is_pieces(const quantity_line *l, size_t i)
{
    size_t end, k = quantity_past_blanks(l, i);
    const quantity_word *w = behind_at(l, k, &end);
    return quantity_is_latin(l->cp[k]) || (w != NULL && w->role == DS_ROLE_THING);
}

/* Whether an hour of the day is meant: 上午10点, 3点半, 10点20分. */
static bool is_clock(const quantity_line *l, size_t i, const side *s)
{
    uint32_t next = l->cp[s->unit_end], before = i > 0 ? l->cp[i - 1] : 0;
    if (s->num.lo > 24 || s->num.decimal)
        return false;
    return next == CP_HALF || next == 0x949F || next == 0x6574 || quantity_is_digit(next) || before == 0x5348 ||
           before == 0x665A || before == 0x6668 || before == 0x65E5 || before == 0x65E9 || before == ' ' ||
           !s->num.ascii; /* 钟 整 午 晚 晨 日 早 */
}

/* Whether 半 and this character begin a word of their own: 半径, 半程, 半价, 半天, 半山, 半导体, 半决赛, 半数, 半成品, 半年, 半月. */
static bool begins_half_word(uint32_t cp)
{
    static const uint32_t second[] = {0x5F84, 0x5F91, 0x7A0B, 0x4EF7, 0x50F9, 0x5929, 0x5C71, 0x5BFC, 0x5C0E,
                                      0x51B3, 0x6C7A, 0x6570, 0x6578, 0x6210, 0x5E74, 0x6708};
    for (size_t i = 0; i < sizeof second / sizeof *second; i++)
        if (cp == second[i])
            return true;
    return false;
}


/* 1米8, 5元5角: a digit behind the unit, a tenth of it. */
static size_t past_small_unit(const quantity_line *l, size_t end, side *s)
{
    uint32_t cp = l->cp[end - 1], next = l->cp[end + 1];
    int d = quantity_is_digit(l->cp[end]) ? (int)(l->cp[end] - '0') : ds_quantity_han_digit(l->cp[end]);
    bool money = (cp == 0x5143 || cp == 0x5757) && (next == 0x89D2 || next == 0x6BDB); /* 元 块; 角 毛 */
    bool metres = cp == 0x7C73 && end == s->unit_beg + 1 && !quantity_is_digit(next) && !quantity_is_han(next) && next != '.';
    if (d <= 0 || s->num.decimal || s->num.scaled || !(money || metres))
        return end;
    s->num.lo = s->num.hi += d / 10.0;
    return money ? end + 2 : end + 1;
}

static void read_unit(const quantity_line *l, size_t i, side *s)
{
    size_t end, k = past_more(l, ge_scale(l, s->end, s), s);
    s->end = k;
    k = past_more(l, quantity_past_blanks(l, k), s);
    const quantity_word *w = behind_at(l, k, &end);
    if (w == NULL)
        return;
    if (l->cp[k] == CP_GE && end == k + 1) {
        size_t further;
        const quantity_word *inner = unit_behind_ge(l, k, s, &further);
        if (inner != NULL) {
            w = inner;
            end = further;
        }
    }
    s->unit_beg = k;
    s->unit_end = end;
    if (w->role == DS_ROLE_NONE || w->role == DS_ROLE_THING || w->role == DS_ROLE_AFTER)
        return;
    s->ordinal = w->role == DS_ROLE_ORDINAL || (l->cp[k] == 0x70B9 && end == k + 1 && is_clock(l, i, s)); /* 点 */
    if (l->cp[k] == 0x6B3E && s->num.ascii && s->num.lo >= 1980 && s->num.lo < 2040) /* 2024款 */
        s->ordinal = true;
    s->unit = w;
    s->end = past_small_unit(l, end, s);
    if (l->cp[end] == CP_HALF && (w->role == DS_ROLE_TIME || w->role == DS_ROLE_TIMES ||
                                  (w->role == DS_ROLE_MEASURE && !begins_half_word(l->cp[end + 1])))) {
        s->half = true;
        s->end = end + 1;
    }
    s->end = past_more(l, s->end, s);
}

/* A number at i with what stands behind it. */
static bool read_side(const quantity_line *l, size_t i, side *s)
{
    *s = (side){0};
    if (l->cp[i] == CP_HALF) { /* 半年, 半个月 */
        s->num = (quantity_numeral){.lo = 0.5, .hi = 0.5, .end = i + 1, .han = true};
    } else if (!ds_quantity_numeral(l, i, &s->num)) {
        return false;
    }
    int tens = ds_quantity_han_digit(l->cp[i]), ones = ds_quantity_han_digit(l->cp[i + 1]);
    if (tens > 0 && ones > 0 && l->cp[i + 2] == 0x6298) { /* 八五折 */
        s->num.lo = s->num.hi = tens * 10 + ones;
        s->num.end = i + 2;
    }
    s->end = s->num.end;
    if (l->cp[s->end] == '%') {
        read_unit(l, i, s);
        return true;
    }
    if (read_parts(l, s) || read_slash(l, s))
        return true;
    if (l->cp[s->end] == CP_GE && l->cp[s->end + 1] == CP_HALF) { /* 一个半小时 */
        s->num.lo = s->num.hi += 0.5;
        s->end += 2;
    }
    read_unit(l, i, s);
    return true;
}

/* ---------------------------------------------------------------- ranges */

/* Whether two sides may be one range. */
static bool may_join(const side *a, const side *b)
{
    if (a->ratio != b->ratio || b->ordinal || a->num.lo != a->num.hi || b->num.lo != b->num.hi)
        return false;
    if (a->unit == NULL)
        return !a->num.version && !b->num.version;
    return b->unit != NULL && a->unit->role == b->unit->role && a->unit->unit == b->unit->unit;
}

/* Reads the second side of a range behind `a`, and makes `b` the whole of it. */
static bool read_range(const quantity_line *l, const side *a, side *b)
{
    size_t past, at = quantity_past_blanks(l, a->end);
    if (!ds_quantity_joiner(l, at, &past) || !read_side(l, quantity_past_blanks(l, past), b) || !may_join(a, b))
        return false;
    double lo = a->num.lo * (a->unit != NULL ? a->unit->factor : 1);
    double hi = b->num.lo * (b->unit != NULL ? b->unit->factor : 1);
    if (a->unit == NULL && b->unit != NULL)
        lo *= b->unit->factor;
    if (!a->num.scaled && a->unit == NULL && lo * b->num.factor <= hi)
        lo *= b->num.factor;
    if (!(lo < hi) || (l->cp[at] == '-' && b->unit == NULL && !b->num.scaled && !b->ratio))
        return false;
    double factor = b->unit != NULL ? b->unit->factor : 1;
    b->num.lo = lo / factor;
    b->num.hi = hi / factor;
    b->num.ascii = a->num.ascii || b->num.ascii;
    b->num.han = b->num.han || a->num.han;
    b->num.single = false;
    return true;
}

/* ---------------------------------------------------------------- whether it is one */

static bool is_unit_of(const side *s, ds_quantity_role role)
{
    return s->unit != NULL && s->unit->role == role;
}

/* Numerals of Han characters alone: many stand in words that count nothing. */
static bool han_is_quantity(const side *s, bool attached)
{
    const quantity_numeral *n = &s->num;
    if (s->ratio)
        return true;
    if (n->some)
        return n->biggest >= 1e4 || s->unit != NULL || attached || n->biggest > 0;
    if (n->bare_scale) {
        bool big = n->biggest >= 1e4;
        if (s->unit == NULL)
            return attached;
        return big || attached || (s->unit->role <= DS_ROLE_TIMES && s->unit->role != DS_ROLE_COUNT);
    }
    if (n->positional)
        return s->unit != NULL && s->unit->role != DS_ROLE_COUNT && s->unit->role != DS_ROLE_LOOSE;
    if (s->unit == NULL)
        return (n->scaled && n->biggest >= 100 && n->han && n->lo != 100) || (attached && n->scaled);
    bool counts = s->unit->role == DS_ROLE_COUNT || s->unit->role == DS_ROLE_LOOSE;
    if (n->single || n->two)
        return !counts;
    if (n->lo <= 0)
        return false;
    return s->unit->role != DS_ROLE_LOOSE || n->biggest >= 100;
}

static bool is_list_mark(const quantity_line *l, size_t i, const side *s)
{
    uint32_t next = l->cp[s->end];
    for (size_t k = i; k > 0; k--)
        if (l->cp[k - 1] != ' ' && l->cp[k - 1] != '(' && l->cp[k - 1] != 0xFF08 && l->cp[k - 1] != '#')
            return false;
    return next == '.' || next == 0x3001 || next == ')' || next == 0xFF09 || next == ':' || next == 0xFF1A || next == '\n' ||
           next == 0xFF0E || next == ' ';
}

static bool is_bracketed(const quantity_line *l, size_t i, size_t end)
{
    uint32_t a = i > 0 ? l->cp[i - 1] : 0, b = l->cp[end];
    return ((a == '(' || a == 0xFF08) && (b == ')' || b == 0xFF09)) || ((a == '[' || a == 0x3010) && (b == ']' || b == 0x3011));
}

/* ASCII digits without a unit: quantities only when something says so, or when they are large and no name. */
static bool bare_is_quantity(const quantity_line *l, const quantity_state *st, size_t i, const side *s, bool attached)
{
    const quantity_numeral *n = &s->num;
    uint32_t next = l->cp[s->end], before = i > 0 ? l->cp[i - 1] : 0;
    if (n->version || n->zero_first || is_list_mark(l, i, s) || is_bracketed(l, i, s->end))
        return false;
    if (quantity_is_latin(next) || next == '-' || next == '/' || next == ':' || next == '_' || next == '@' || next == '#')
        return false;
    if (ends_here(st->latin_end, i) && !n->scaled)
        return false;
    if (before == 0x524D || before == '/' || before == ':' || before == '-' || before == '#' || before == '@' || /* 前 */
        before == '=')
        return false;
    if (n->scaled || n->grouped || attached)
        return true;
    if (n->digits > 6 || (n->digits == 4 && !n->decimal && n->lo >= 1900 && n->lo < 2100))
        return false;
    return (st->cue && ends_here(st->cue_end, i)) || (st->direction != 0 && n->lo >= BARE_LEAST);
}

static bool is_quantity(const quantity_line *l, const quantity_state *st, size_t i, const side *s)
{
    bool attached = ends_here(st->before_end, i) || ends_here(st->prefix_end, i);
    if (!s->num.some && !(s->num.hi <= LARGEST)) /* no number, or a string of digits */
        return false;
    if (s->ordinal || (i > 0 && l->cp[i - 1] == 0x7B2C)) /* 第 */
        return false;
    if (ends_here(st->id_end, i) && (s->unit == NULL || is_unit_of(s, DS_ROLE_LOOSE)))
        return false;
    if (ends_here(st->latin_end, i) && s->num.ascii && !s->ratio) {
        bool model = s->num.scaled && !s->num.han;  /* Llama 70B */
        if ((model || !s->num.scaled) && (s->unit == NULL || s->unit->role == DS_ROLE_LOOSE))
            return ends_here(st->prefix_end, i);
        if (l->cp[i - 1] != ' ' && !ends_here(st->prefix_end, i))
            return quantity_is_han(l->cp[s->unit_beg]) || s->num.han;
    }
    bool pieces = s->unit != NULL && l->cp[s->unit_beg] == 0x5757 && s->unit_end == s->unit_beg + 1;
    if (pieces && !s->num.ascii && !s->num.scaled && !is_pieces(l, s->unit_end)) /* 一块 is "together" */
        return false;
    if (!s->num.ascii)
        return l->cp[i] == CP_HALF ? is_unit_of(s, DS_ROLE_TIME) : han_is_quantity(s, attached);
    if (s->num.version)
        return false;
    if (s->unit != NULL || s->ratio)
        return !(s->num.zero_first && is_unit_of(s, DS_ROLE_LOOSE));
    return ends_here(st->prefix_end, i) || bare_is_quantity(l, st, i, s, attached);
}

/* ---------------------------------------------------------------- filling in */

static uint8_t kind_of(const side *s)
{
    static const uint8_t kinds[] = {
        [DS_ROLE_MONEY] = DS_QUANTITY_MONEY, [DS_ROLE_PERCENT] = DS_QUANTITY_PERCENT, [DS_ROLE_PP] = DS_QUANTITY_PERCENT,
        [DS_ROLE_TIMES] = DS_QUANTITY_MULTIPLE, [DS_ROLE_COUNT] = DS_QUANTITY_COUNT, [DS_ROLE_LOOSE] = DS_QUANTITY_COUNT,
        [DS_ROLE_TIME] = DS_QUANTITY_DURATION, [DS_ROLE_MEASURE] = DS_QUANTITY_MEASURE,
    };
    if (s->ratio)
        return s->percent ? DS_QUANTITY_PERCENT : DS_QUANTITY_RATIO;
    return s->unit == NULL ? DS_QUANTITY_NUMBER : kinds[s->unit->role];
}

/* 9.38万 is 93800, not 93800.00000000001: what is written in decimals and units of ten has few decimals itself. */
static double decimal_of(double v, const side *s)
{
    if (!s->num.decimal || s->ratio || v < 1 || v > 1e15)
        return v;
    double places = v < 1e9 ? 1e6 : 100;
    return nearbyint(v * places) / places;
}

static void set_values(const side *s, uint32_t sign, ds_quantity *out)
{
    double factor = s->unit != NULL ? s->unit->factor : 1, half = s->half ? 0.5 : 0;
    if (sign == 0x6298 && s->num.lo >= 10) /* 85折 is what 八五折 and 8.5折 are */
        factor = 1;
    out->value = decimal_of((s->num.lo + half) * factor, s);
    out->value_to = decimal_of((s->num.hi + half) * factor, s);
    if (sign == 0x756A && s->num.hi < 64) { /* 番: 翻两番 is four times as much */
        out->value = exp2(out->value);
        out->value_to = exp2(out->value_to);
    }
    out->range = s->num.lo < s->num.hi;
    if (s->num.some)
        out->value = out->value_to = NAN;
}

/* 左右, 以上 behind all. */
static size_t take_after(const quantity_line *l, size_t i, ds_quantity *out)
{
    size_t end, k = quantity_past_blanks(l, i);
    const quantity_word *w = behind_at(l, k, &end);
    if (w == NULL || w->role != DS_ROLE_AFTER)
        return i;
    if (out->approx == DS_APPROX_EXACT || out->approx == DS_APPROX_ABOUT)
        out->approx = w->approx;
    return end;
}

/* /月, ／百万token: what the quantity is counted per. */
static size_t take_per(const quantity_line *l, size_t i, ds_quantity *out)
{
    size_t k = quantity_past_blanks(l, i), beg;
    if (l->cp[k] != '/' && l->cp[k] != 0x6BCF) /* 每 */
        return i;
    beg = quantity_past_blanks(l, k + 1);
    quantity_numeral n;
    k = beg;
    if (ds_quantity_numeral(l, beg, &n)) {
        if (!n.scaled) /* 3℃/7℃ */
            return i;
        k = n.end;
    }
    size_t word = k, end, mark = quantity_past_blanks(l, i);
    const quantity_word *w = behind_at(l, quantity_past_blanks(l, k), &end);
    if (l->cp[mark] != '/' && w == NULL)
        return i;
    if (w != NULL && w->role <= DS_ROLE_MEASURE)
        word = end;
    else if (k == beg)
        while (word < k + PER_MOST && (quantity_is_latin(l->cp[word])))
            word++;
    if (word == beg)
        return i;
    out->per_beg = l->at[beg];
    out->per_end = ds_quantity_end_of(l, word - 1);
    return word;
}

/* Whether people or things are named right behind the number: 14亿中国人. */
static bool counts_people(const quantity_line *l, size_t i)
{
    for (size_t k = i; k < i + 5 && quantity_is_han(l->cp[k]); k++) {
        switch (l->cp[k]) {
        case 0x4EBA: case 0x6C11: case 0x6237: case 0x8005: /* 人民户者 */
        case 0x4F17: case 0x5458: case 0x7C89: return true; /* 众员粉 */
        default: break;
        }
    }
    return false;
}

/* A bare number that is money all the same: behind a word such as 营收, in 亿, or after money in the same clause. */
static bool means_money(const quantity_line *l, const quantity_state *st, size_t i, const side *s)
{
    const quantity_numeral *n = &s->num;
    bool han_scaled = n->scaled && (n->han || n->bare_scale) && n->biggest >= 1e4;
    if (counts_people(l, s->end))
        return false;
    if (st->cue && ends_here(st->cue_end, i))
        return n->ascii || n->scaled;
    if (!han_scaled || l->cp[s->end] == '-')
        return false;
    return st->cue || st->money || n->biggest == 1e8;
}

/* 参数6710亿, 用户达3亿: what is counted stands before the number. */
static const quantity_word *counted_before(const quantity_line *l, size_t i)
{
    static const char *const units[] = {"参数", "用户", "token", "人"};
    while (i > 0 && (l->cp[i - 1] == ' ' || l->cp[i - 1] == 0x4E3A || l->cp[i - 1] == 0x8FBE || l->cp[i - 1] == 0x6709))
        i--; /* 为 达 有 */
    for (size_t n = 5; n >= 2; n--) {
        size_t end;
        const quantity_word *w = n <= i ? behind_at(l, i - n, &end) : NULL;
        if (w == NULL || end != i || w->role != DS_ROLE_COUNT)
            continue;
        for (size_t k = 0; k < sizeof units / sizeof *units; k++)
            if (ds_str_eq(ds_quantity_unit(l->words, w->unit), ds_str_of(units[k])))
                return w;
    }
    return NULL;
}

static void resolve_unit(const quantity_line *l, const quantity_state *st, size_t i, const side *s, ds_quantity *out)
{
    out->unit = s->unit != NULL ? s->unit->unit : DS_QUANTITY_NO_UNIT;
    if (out->kind == DS_QUANTITY_MONEY) {
        uint32_t sign = l->cp[s->unit_beg];
        out->local = sign == 0x5143 || sign == 0x5757; /* 元 块 */
        if (s->unit_end > s->unit_beg + 1 && !(sign == 0x5757 && l->cp[s->unit_beg + 1] == 0x94B1))
            out->local = false; /* 元人民币 */
        if (sign == 0x5757 && s->unit_end == s->unit_beg + 1 && is_pieces(l, s->unit_end)) {
            out->kind = DS_QUANTITY_COUNT;
            out->local = false;
            out->unit = DS_QUANTITY_NO_UNIT;
        }
    }
    if (ends_here(st->prefix_end, i) && (out->kind == DS_QUANTITY_NUMBER || out->kind == DS_QUANTITY_MONEY)) {
        out->kind = DS_QUANTITY_MONEY;
        out->unit = st->prefix_unit;
        out->local = false;
    }
    size_t first = ends_here(st->before_end, i) ? st->before_beg : i;
    const quantity_word *counted = out->kind == DS_QUANTITY_NUMBER ? counted_before(l, first) : NULL;
    if (counted != NULL) {
        out->kind = DS_QUANTITY_COUNT;
        out->unit = counted->unit;
    }
    if (out->kind == DS_QUANTITY_NUMBER && means_money(l, st, i, s)) {
        out->kind = DS_QUANTITY_MONEY;
        out->implied = true;
    }
}

/* The beginning: with the approximator or the currency that stands right before it. */
static size_t begin_of(const quantity_line *l, const quantity_state *st, size_t i, ds_quantity *out)
{
    size_t beg = i;
    if (i > 0 && (l->cp[i - 1] == '-' || l->cp[i - 1] == '+' || l->cp[i - 1] == 0x8D1F) && quantity_is_digit(l->cp[i]) && /* 负 */
        !ends_here(st->last_end, i - 1) && !(i > 1 && (quantity_is_digit(l->cp[i - 2]) || quantity_is_latin(l->cp[i - 2])))) {
        beg = i - 1;
        if (l->cp[beg] != '+') {
            out->value = -out->value;
            out->value_to = -out->value_to;
        }
    }
    if (st->prefix_end == beg && st->prefix_end > 0)
        beg = st->prefix_beg;
    if (st->before_end == beg && st->before_end > 0) {
        beg = st->before_beg;
        out->approx = st->before;
    }
    return beg;
}

/* A change that is told behind the number: 8%的涨幅, 三成增长. */
static int8_t direction_behind(const quantity_line *l, size_t i)
{
    size_t end, k = l->cp[i] == 0x7684 ? i + 1 : i; /* 的 */
    const quantity_word *w = quantity_is_head(l->words, l->cp[k]) ? ds_quantity_word_at(l, l->words->text, k, &end) : NULL;
    if (w == NULL)
        return 0;
    return (int8_t)(((w->roles >> DS_ROLE_UP) & 1) - ((w->roles >> DS_ROLE_DOWN) & 1));
}

static void take_direction(const quantity_line *l, const quantity_state *st, size_t i, ds_quantity *out, size_t end)
{
    if (out->kind == DS_QUANTITY_DATE || out->kind == DS_QUANTITY_DURATION)
        return;
    out->direction = st->direction;
    if (out->direction == 0)
        out->direction = direction_behind(l, end);
    if (out->kind == DS_QUANTITY_PERCENT && out->value < 0)
        out->direction = -1;
    else if (out->kind == DS_QUANTITY_PERCENT && i > 0 && l->cp[i - 1] == '+')
        out->direction = 1;
}

/* 不到同行的三分之一: the approximator of a share stands before what it is a share of. */
static bool is_far_before(const quantity_line *l, const quantity_state *st, size_t i, const ds_quantity *out)
{
    return (out->kind == DS_QUANTITY_RATIO || out->kind == DS_QUANTITY_PERCENT) && i > 0 && l->cp[i - 1] == 0x7684 && /* 的 */
           st->before_end > st->clause && st->before_beg >= st->last_end && i - st->before_end <= FAR_MOST;
}

static void finish(const quantity_line *l, const quantity_state *st, size_t i, const side *s, ds_quantity *out, size_t *end)
{
    out->kind = kind_of(s);
    set_values(s, s->unit != NULL ? l->cp[s->unit_beg] : 0, out);
    resolve_unit(l, st, i, s, out);
    out->approx = DS_APPROX_EXACT;
    size_t beg = begin_of(l, st, i, out);
    if (out->approx == DS_APPROX_EXACT && is_far_before(l, st, i, out))
        out->approx = st->before;
    if (s->num.some)
        out->approx = DS_APPROX_SOME;
    else if ((s->more || s->num.more) && out->approx == DS_APPROX_EXACT)
        out->approx = DS_APPROX_MORE;
    *end = take_after(l, take_per(l, s->end, out), out);
    if (out->per_beg == out->per_end && out->kind == DS_QUANTITY_MONEY) {
        out->per_beg = st->per_beg;
        out->per_end = st->per_end;
    }
    out->beg = l->at[beg];
    out->number_beg = l->at[i];
    out->end = ds_quantity_end_of(l, *end - 1);
    out->clause_beg = l->at[st->clause];
    take_direction(l, st, i, out, *end);
}

/* Behind digits that are no quantity, and what hangs on them: 138-0000, 2.5.1, 4o. */
static size_t past_name(const quantity_line *l, size_t i, size_t end)
{
    if (!quantity_is_digit(l->cp[i]))
        return end;
    while (quantity_is_digit(l->cp[end]) || quantity_is_latin(l->cp[end]) ||
           ((l->cp[end] == '-' || l->cp[end] == '.' || l->cp[end] == ':' || l->cp[end] == '_' || l->cp[end] == '/') &&
            (quantity_is_digit(l->cp[end + 1]) || quantity_is_latin(l->cp[end + 1]))))
        end++;
    return end;
}

bool ds_quantity_read(const quantity_line *l, const quantity_state *st, size_t i, ds_quantity *out, size_t *end)
{
    side first, both;
    *out = (ds_quantity){0};
    bool ordinal = i > 0 && l->cp[i - 1] == 0x7B2C;
    if (!ordinal && ds_quantity_date(l, i, out, end)) {
        out->beg = out->number_beg = l->at[i];
        out->end = ds_quantity_end_of(l, *end - 1);
        out->clause_beg = l->at[st->clause];
        return true;
    }
    *end = i + 1;
    if (!read_side(l, i, &first))
        return false;
    if (read_range(l, &first, &both) && is_quantity(l, st, i, &both)) {
        finish(l, st, i, &both, out, end);
        return true;
    }
    if (!is_quantity(l, st, i, &first)) {
        *end = past_name(l, i, first.ordinal ? first.end : first.num.end);
        return false;
    }
    finish(l, st, i, &first, out, end);
    return true;
}

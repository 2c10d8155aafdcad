/*
 * quantity_date.c - dates: 2025年1月27日, 1月27日, 2025-01-27, 第四季度, Q4, 去年第四季度, 昨日, 大年初二, and periods.
 *
 * A date is a chain of parts, the larger first.  A part that stands alone and could be something else (号, a bare year
 * of two digits) is none.
 */
#include "quantity_int.h"

#include <string.h>

enum { PART_YEAR = 1, PART_QUARTER, PART_HALF, PART_MONTH, PART_WEEK, PART_DAY, PART_FESTIVAL };

#define CP_YEAR 0x5E74u  /* 年 */
#define CP_MONTH 0x6708u /* 月 */
#define CP_DAY 0x65E5u   /* 日 */
#define CP_HAO 0x53F7u   /* 号 */

static const ds_textdate open_date = {
    DS_DATE_OPEN, DS_DATE_OPEN, DS_DATE_OPEN, DS_DATE_OPEN, DS_DATE_OPEN, DS_DATE_OPEN,
    DS_DATE_OPEN, DS_DATE_OPEN, DS_DATE_OPEN, DS_DATE_OPEN, DS_DATE_OPEN,
};

/* A small whole number, or Han digits one by one (二〇二五); -1: neither. */
static int date_number(const quantity_line *l, size_t i, size_t *end, bool *digits4)
{
    int v = 0;
    size_t k = *end = i;
    *digits4 = false;
    if (l->cp[i] == 0x4E24) /* 两日 is a time of two days */
        return -1;
    while (k < i + 5 && ds_quantity_han_digit(l->cp[k]) >= 0)
        v = v * 10 + ds_quantity_han_digit(l->cp[k++]);
    *digits4 = k == i + 4;
    *end = k;
    if (k - i >= 2 && ds_quantity_scale(l->cp[k]) <= 0)
        return *digits4 || (k == i + 2) ? v : -1;
    for (k = i, v = 0; k < i + 5 && quantity_is_digit(l->cp[k]);)
        v = v * 10 + (int)(l->cp[k++] - '0');
    *digits4 = k == i + 4;
    *end = k;
    if (k > i)
        return quantity_is_digit(l->cp[k]) ? -1 : v;
    quantity_numeral n;
    if (!ds_quantity_numeral(l, i, &n) || n.some || n.lo != n.hi || n.lo > 31 || n.decimal)
        return -1;
    *end = n.end;
    return (int)n.lo;
}

static bool is_before_month(const quantity_line *l, size_t i)
{
    size_t end;
    bool four;
    i = quantity_past_blanks(l, i);
    int m = date_number(l, i, &end, &four);
    return m >= 1 && m <= 12 && l->cp[quantity_past_blanks(l, end)] == CP_MONTH;
}

/* 内, 间, 游, 之, 后...: the days before are counted. */
static bool is_counted_days(uint32_t cp)
{
    return cp == 0x5185 || cp == 0x95F4 || cp == 0x6E38 || cp == 0x4E4B;
}

/* What the number `v` with sign `cp` is; 0: no part. */
static int part_of(const quantity_line *l, int v, bool four, uint32_t cp, size_t past, int last)
{
    uint32_t next = l->cp[past];
    if (cp == CP_YEAR && four && v >= 1000 && v < 3000 && next != 0x6765) /* 年来 */
        return PART_YEAR;
    if (cp == CP_YEAR && v >= 0 && v < 100 && is_before_month(l, past))
        return PART_YEAR;
    if (cp == CP_MONTH && v >= 1 && v <= 12)
        return PART_MONTH;
    if (v < 1 || v > 31)
        return 0;
    if (cp == CP_DAY && (last != 0 || !is_counted_days(next)))
        return PART_DAY;
    return cp == CP_HAO && last == PART_MONTH ? PART_DAY : 0;
}

static void set_part(ds_textdate *d, int part, int v)
{
    if (part == PART_YEAR)
        d->year = (int16_t)(v < 70 ? v + 2000 : v < 100 ? v + 1900 : v);
    else if (part == PART_MONTH)
        d->month = (int16_t)v;
    else if (part == PART_DAY)
        d->day = (int16_t)v;
    else if (part == PART_QUARTER)
        d->quarter = (int16_t)v;
}

/* 季度 or 季 behind a number of 1 to 4, with 第 or behind a year. */
static size_t past_quarter(const quantity_line *l, size_t i, bool sure)
{
    if (l->cp[i] != 0x5B63 || (l->cp[i + 1] != 0x5EA6 && !sure)) /* 季 度 */
        return 0;
    return l->cp[i + 1] == 0x5EA6 ? i + 2 : i + 1;
}

/* Q4, 第四季度, 四季度, at i; *v the quarter. */
static bool read_quarter(const quantity_line *l, size_t i, int last, int *v, size_t *end)
{
    bool four, ordinal = l->cp[i] == 0x7B2C; /* 第 */
    uint32_t digit = l->cp[i + 1];
    if ((l->cp[i] == 'Q' || l->cp[i] == 'q') && digit - '1' < 4u && !quantity_is_latin(l->cp[i + 2]) &&
        !quantity_is_digit(l->cp[i + 2]) && l->cp[i + 2] != '-') {
        *v = (int)(digit - '0');
        *end = i + 2;
        return true;
    }
    size_t k = quantity_past_blanks(l, ordinal ? i + 1 : i), past;
    *v = date_number(l, k, &k, &four);
    if (*v < 1 || *v > 4)
        return false;
    past = past_quarter(l, quantity_past_blanks(l, k), ordinal || last == PART_YEAR);
    *end = past;
    return past != 0;
}

static bool has_unit(const quantity_line *l, const quantity_word *w, const char *name)
{
    return ds_str_eq(ds_quantity_unit(l->words, w->unit), ds_str_of(name));
}

/* A word of the table, such as 昨日. */
static int read_date_word(const quantity_line *l, size_t i, ds_textdate *d, size_t *end)
{
    const quantity_word *w = quantity_is_head(l->words, l->cp[i]) ? ds_quantity_word_at(l, l->words->text, i, end) : NULL;
    if (w == NULL || (w->roles & 1u << DS_ROLE_DATE) == 0)
        return 0;
    int16_t n = (int16_t)w->factor;
    static const struct {
        const char *name;
        int part;
        size_t field;
    } units[] = {
        {"year", PART_YEAR, offsetof(ds_textdate, year_rel)}, {"quarter", PART_QUARTER, offsetof(ds_textdate, quarter_rel)},
        {"half", PART_HALF, offsetof(ds_textdate, half)}, {"month", PART_MONTH, offsetof(ds_textdate, month_rel)},
        {"week", PART_WEEK, offsetof(ds_textdate, week_rel)}, {"day", PART_DAY, offsetof(ds_textdate, day_rel)},
        {"festival", PART_FESTIVAL, offsetof(ds_textdate, festival)},
    };
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        if (has_unit(l, w, units[k].name)) {
            memcpy((char *)d + units[k].field, &n, sizeof n);
            return units[k].part;
        }
    }
    return 0;
}

/* 民国114年. */
static bool read_minguo(const quantity_line *l, size_t i, ds_textdate *d, size_t *end)
{
    bool four;
    size_t k;
    if (l->cp[i] != 0x6C11 || l->cp[i + 1] != 0x56FD)
        return false;
    int v = date_number(l, quantity_past_blanks(l, i + 2), &k, &four);
    k = quantity_past_blanks(l, k);
    if (v < 1 || v > 200 || l->cp[k] != CP_YEAR)
        return false;
    d->year = (int16_t)(v + 1911);
    *end = k + 1;
    return true;
}

/* One part at i, behind a part `last`; returns what it is, 0: none. */
static int read_part(const quantity_line *l, size_t i, int last, ds_textdate *d, size_t *end)
{
    int v;
    bool four;
    size_t k;
    if (read_quarter(l, i, last, &v, end)) {
        set_part(d, PART_QUARTER, v);
        return PART_QUARTER;
    }
    if (last == 0 && read_minguo(l, i, d, end))
        return PART_YEAR;
    int word = read_date_word(l, i, d, end);
    if (word != 0)
        return word;
    v = date_number(l, i, &k, &four);
    if (v < 0)
        return 0;
    if (four && v >= 1900 && v < 2100 && (l->cp[k] == 'Q' || l->cp[k] == 'q') && l->cp[k + 1] - '1' < 4u) {
        set_part(d, PART_YEAR, v); /* 2024Q4 */
        *end = k;
        return PART_YEAR;
    }
    k = quantity_past_blanks(l, k);
    int part = part_of(l, v, four, l->cp[k], k + 1, last);
    if (part <= last)
        return 0;
    set_part(d, part, v);
    *end = k + 1;
    return part;
}

/* 2025-01-27, 2025/1/27, 2025.1.27. */
static bool read_iso(const quantity_line *l, size_t i, ds_textdate *d, size_t *end)
{
    int v[3];
    size_t k = i;
    uint32_t mark = 0;
    for (int n = 0; n < 3; n++) {
        bool four;
        v[n] = quantity_is_digit(l->cp[k]) ? date_number(l, k, &k, &four) : -1;
        if (v[n] < 0 || (n == 0) != four)
            return false;
        if (n == 2)
            break;
        if (l->cp[k] != '-' && l->cp[k] != '/' && l->cp[k] != '.')
            return false;
        if (n > 0 && l->cp[k] != mark)
            return false;
        mark = l->cp[k++];
    }
    if (v[0] < 1000 || v[0] > 2999 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || l->cp[k] == mark)
        return false;
    d->year = (int16_t)v[0];
    d->month = (int16_t)v[1];
    d->day = (int16_t)v[2];
    *end = k;
    return true;
}

/* A whole chain; the last part, 0: none. */
static int read_chain(const quantity_line *l, size_t i, ds_textdate *d, size_t *end)
{
    int last = 0;
    size_t k = i;
    *d = open_date;
    if (read_iso(l, i, d, end))
        return PART_DAY;
    for (;;) {
        size_t past, at = last == 0 ? k : quantity_past_blanks(l, k);
        ds_textdate more = *d;
        int part = read_part(l, at, last, &more, &past);
        if (part <= last)
            return last;
        *d = more;
        last = part;
        k = *end = past;
    }
}

/* 1-3月, 27-29日, 2020-2024年: a number that shares the sign of the second date. */
static bool read_shared(const quantity_line *l, size_t i, ds_quantity *out, size_t *end)
{
    bool four;
    size_t k, past;
    int v = date_number(l, i, &k, &four);
    if (v < 1 || !ds_quantity_joiner(l, quantity_past_blanks(l, k), &past))
        return false;
    int part = read_chain(l, quantity_past_blanks(l, past), &out->date_to, end);
    if (part != PART_YEAR && part != PART_MONTH && part != PART_DAY)
        return false;
    if ((part == PART_YEAR) != four || v > (part == PART_YEAR ? 2999 : part == PART_MONTH ? 12 : 31))
        return false;
    out->date = open_date;
    set_part(&out->date, part, v);
    if (part == PART_DAY)
        out->date.month = out->date_to.month;
    return true;
}

/* The end of a period takes what it leaves open from the beginning. */
static void inherit(ds_textdate *to, const ds_textdate *from)
{
    if (to->year == DS_DATE_OPEN && to->year_rel == DS_DATE_OPEN) {
        to->year = from->year;
        to->year_rel = from->year_rel;
    }
    if (to->day != DS_DATE_OPEN && to->month == DS_DATE_OPEN && to->month_rel == DS_DATE_OPEN) {
        to->month = from->month;
        to->month_rel = from->month_rel;
    }
}

bool ds_quantity_date(const quantity_line *l, size_t i, ds_quantity *out, size_t *end)
{
    size_t past, behind;
    ds_textdate to;
    bool have = false;
    if (read_chain(l, i, &out->date, end) != 0) {
        have = true;
        out->date_to = out->date;
        if (ds_quantity_joiner(l, quantity_past_blanks(l, *end), &past) &&
            read_chain(l, quantity_past_blanks(l, past), &to, &behind) != 0) {
            inherit(&to, &out->date);
            out->date_to = to;
            out->range = true;
            *end = behind;
        }
    } else if (read_shared(l, i, out, end)) {
        have = out->range = true;
    }
    if (!have)
        return false;
    out->kind = DS_QUANTITY_DATE;
    out->unit = DS_QUANTITY_NO_UNIT;
    out->value = out->value_to = NAN;
    return true;
}

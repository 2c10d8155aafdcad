/*
 * quantity.h - finds what a text says in numbers: money, percentages, counts, multiples, fractions, ranges,
 * durations, dates.
 *
 * The words that turn a number into a quantity (units, approximators, verbs of growth, names of days) come from a table
 * that the caller reads from a file; the grammar of numerals and dates is here.  Text is read character by character
 * with variants and width folded, so that both scripts give equal values, and marks of emphasis and invisible
 * characters between the characters of a number (3 万**美元**) are passed over.
 *
 * Life     ds_quantity_words_new (copies its rows) -> ds_quantity_find from any number of threads, each with its
 *          own ds_quantities -> free.
 * Promise  Quantities come in order, never empty, never overlap, never cross a line, and begin and end on
 *          character borders.  Value and value_to are equal unless it is a range; NAN when the text names none
 *          (几十万): approx is then DS_APPROX_SOME.
 * Units    byte offsets from 0, half-open.
 * Errors   DS_ENOMEM; the results are then as they were before the call.  DS_EINVAL: a row of the table that makes
 *          no sense; err->line is its number from 1.
 * Cost     linear time, but for the longest word of the table; scratch memory of 8 bytes a character of the longest line.
 */
#ifndef DS_QUANTITY_H
#define DS_QUANTITY_H

#include "segment.h"

/* ---------------------------------------------------------------- the table of words */

/*
 * What a word does, by the names that ds_quantity_role_named takes.
 * Behind a number:   money percent pp times count loose time measure   units; loose: behind digits only
 *                    after    左右, 以上: with an approximator as unit
 *                    thing    a noun that shows that 块 counts pieces
 *                    ordinal  the number is a name or a rank (3号线): no quantity
 *                    none     only looks like a unit (元旦, 次元)
 * Elsewhere:         prefix   a currency before the number (HK$)
 *                    before   约, 超过: with an approximator as unit
 *                    up down  growth and decline
 *                    cue      money is talked about (营收)
 *                    date     a relative date (昨日): unit year|month|week|day|quarter|half|festival, factor how many from now
 *                    id       the number behind it is a name (编号)
 *                    whole    a quantity by itself (翻倍: unit x, factor 2; 一半: unit ratio, factor 0.5)
 *                    skip     holds numerals that are none (万一)
 */
typedef enum ds_quantity_role {
    DS_ROLE_MONEY, DS_ROLE_PERCENT, DS_ROLE_PP, DS_ROLE_TIMES, DS_ROLE_COUNT, DS_ROLE_LOOSE, DS_ROLE_TIME,
    DS_ROLE_MEASURE, DS_ROLE_AFTER, DS_ROLE_THING, DS_ROLE_ORDINAL, DS_ROLE_NONE,
    DS_ROLE_PREFIX, DS_ROLE_BEFORE, DS_ROLE_UP, DS_ROLE_DOWN, DS_ROLE_CUE, DS_ROLE_DATE, DS_ROLE_ID, DS_ROLE_WHOLE, DS_ROLE_SKIP,
    DS_ROLE_COUNT_OF
} ds_quantity_role;

/* The role called `name`, or DS_ROLE_COUNT_OF. */
ds_quantity_role ds_quantity_role_named(ds_str name);

typedef struct ds_quantity_row {
    ds_str word;   /* any script and width; Latin letters as they are */
    ds_str unit;   /* code of the unit: "USD", "%"; an approximator for before and after; "" for none */
    double factor; /* the number times this is the value; for dates, see above */
    ds_quantity_role role;
} ds_quantity_row;

typedef struct ds_quantity_words ds_quantity_words;

/* A word may have one role behind a number and several elsewhere; of two rows behind a number the first counts. */
DS_MUSTUSE ds_status ds_quantity_words_new(const ds_alloc *a, const ds_quantity_row *rows, size_t count,
                                           ds_quantity_words **out, ds_error *err);
void ds_quantity_words_free(ds_quantity_words *w);
/* Code of a unit; lives as long as the table.  DS_QUANTITY_NO_UNIT gives "". */
ds_str ds_quantity_unit(const ds_quantity_words *w, uint32_t unit);

/* ---------------------------------------------------------------- what is found */

#define DS_QUANTITY_NO_UNIT UINT32_MAX

typedef enum ds_quantity_kind {
    DS_QUANTITY_NUMBER, /* without a unit */
    DS_QUANTITY_MONEY,
    DS_QUANTITY_PERCENT, /* percentage points too */
    DS_QUANTITY_MULTIPLE,
    DS_QUANTITY_RATIO,
    DS_QUANTITY_COUNT,
    DS_QUANTITY_MEASURE,
    DS_QUANTITY_DURATION,
    DS_QUANTITY_DATE,
    DS_QUANTITY_KINDS
} ds_quantity_kind;
/* "number", "money", ...: the names of the Lua API. */
const char *ds_quantity_kind_name(ds_quantity_kind kind);

typedef enum ds_approx {
    DS_APPROX_EXACT, DS_APPROX_ABOUT, DS_APPROX_MORE, DS_APPROX_LESS, DS_APPROX_LEAST, DS_APPROX_MOST, DS_APPROX_SOME
} ds_approx;
/* "", "~", ">", "<", ">=", "<=", "some". */
const char *ds_approx_name(ds_approx approx);

/* A date as the text gives it.  What it leaves open is DS_DATE_OPEN; a `_rel` counts from the article's own date. */
#define DS_DATE_OPEN INT16_MIN
typedef struct ds_textdate {
    int16_t year, month, day, quarter, half; /* half: 1 or 2 */
    int16_t year_rel, month_rel, week_rel, day_rel, quarter_rel;
    int16_t festival; /* days from the first day of the lunar year */
} ds_textdate;

typedef struct ds_quantity {
    size_t beg, end;             /* with approximators and unit */
    size_t number_beg;           /* where the number itself begins */
    size_t per_beg, per_end;     /* 月 of 200元/月, 百万token of 每百万token 1元; equal: none */
    size_t clause_beg;           /* where its clause begins */
    double value, value_to;
    ds_textdate date, date_to;   /* of DS_QUANTITY_DATE only */
    uint32_t unit;
    uint8_t kind, approx;
    int8_t direction;            /* 1 growth, -1 decline, 0 neither */
    bool implied;                /* money whose currency is not written */
    bool local;                  /* 元 or 块: the currency of the country of the text */
    bool range;
} ds_quantity;

typedef struct ds_quantities {
    const ds_alloc *alloc;
    ds_quantity *items;
    size_t count, cap;
} ds_quantities;

void ds_quantities_init(ds_quantities *v, const ds_alloc *a);
void ds_quantities_clear(ds_quantities *v); /* frees; may be used again */

/* Appends the quantities of `text`. */
DS_MUSTUSE ds_status ds_quantity_find(const ds_quantity_words *w, ds_str text, ds_quantities *out, ds_error *err);

/*
 * What the quantity `v->items[i]` is about: the noun phrase it counts (2000个GPU), else the nearest one before it in its
 * clause, else what the quantity before it in the same sentence is about; *beg == *end when there is none.  Ask in
 * order, and give *beg, *end of the last one that had one (dates and durations have none).  `toks` is scratch that the caller owns.
 */
DS_MUSTUSE ds_status ds_quantity_about(const ds_segmenter *seg, ds_str text, const ds_quantities *v, size_t i,
                                       ds_tokens *toks, size_t *beg, size_t *end, ds_error *err);

#endif

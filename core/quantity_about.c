/*
 * quantity_about.c - what a quantity is about: the noun phrase it counts, or the nearest one before it.
 */
#include "quantity_int.h"

#include <string.h>

#define WINDOW 180      /* bytes of the clause that are looked at */
#define LONGEST 60      /* bytes of a noun phrase */
#define SENTENCE 600    /* bytes over which a phrase is carried on at most */

static bool is_listed_pos(ds_str pos, const char *const list[])
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (ds_str_eq(pos, ds_str_of(list[i])))
            return true;
    return false;
}

/* Words that a dictionary calls nouns and that are nothing a number is about. */
static bool is_empty_word(ds_str word)
{
    static const char *const words[] = {"同比", "环比", "環比", "其中", "全年", "年均", "目前", "现在",
                                        "現在", "时间", "時間", NULL};
    return is_listed_pos(word, words);
}

/* Nouns, names, nominal verbs and Latin words. */
static bool is_noun(const ds_segmenter *seg, ds_str text, const ds_token *t)
{
    static const char *const verbal[] = {"vn", "an", "eng", "j", NULL};
    if (t->cls == DS_CLASS_LATIN)
        return true;
    if (t->cls != DS_CLASS_HAN || is_empty_word((ds_str){text.p + t->beg, t->end - t->beg}))
        return false;
    ds_str pos = ds_segment_pos_name(seg, t->pos);
    return (pos.n > 0 && pos.p[0] == 'n' && !ds_str_eq(pos, ds_str_of("nx"))) || is_listed_pos(pos, verbal);
}

/* What may stand before a noun in its phrase. */
static bool is_modifier(const ds_segmenter *seg, ds_str text, const ds_token *t)
{
    static const char *const list[] = {"b", "a", NULL};
    return is_noun(seg, text, t) || (t->cls == DS_CLASS_HAN && is_listed_pos(ds_segment_pos_name(seg, t->pos), list));
}

static bool is_word(ds_str text, const ds_token *t, const char *word)
{
    return ds_str_eq((ds_str){text.p + t->beg, t->end - t->beg}, ds_str_of(word));
}

/* The phrase that ends with token k, in the window. */
static size_t phrase_begin(const ds_segmenter *seg, ds_str window, const ds_tokens *toks, size_t k)
{
    size_t first = k;
    bool joined = false;
    uint32_t end = toks->items[k].end;
    while (first > 0) {
        const ds_token *t = &toks->items[first - 1];
        bool of = !joined && is_word(window, t, "的") && first > 1 && is_noun(seg, window, &toks->items[first - 2]);
        bool blank = t->cls == DS_CLASS_SPACE && first > 1 && is_modifier(seg, window, &toks->items[first - 2]);
        if (!(of || blank || is_modifier(seg, window, t)) || end - t->beg > LONGEST)
            break;
        joined = joined || of;
        first--;
    }
    while (first < k && (toks->items[first].cls == DS_CLASS_SPACE || is_word(window, &toks->items[first], "的")))
        first++;
    return first;
}

/* A character border at or behind `beg`. */
static size_t border_behind(ds_str text, size_t beg)
{
    while (beg < text.n && ((unsigned char)text.p[beg] & 0xC0) == 0x80)
        beg++;
    return beg;
}

/* The nearest noun phrase in [beg, end). */
static ds_status phrase_before(const ds_segmenter *seg, ds_str text, ds_tokens *toks, size_t *beg, size_t *end, ds_error *err)
{
    size_t from = *beg, to = *end;
    *end = *beg;
    if (to - from > WINDOW)
        from = border_behind(text, to - WINDOW);
    ds_str window = {text.p + from, to - from};
    toks->count = 0;
    ds_status st = ds_segment(seg, window, toks, err);
    if (st != DS_OK)
        return st;
    for (size_t k = toks->count; k-- > 0;) {
        if (is_noun(seg, window, &toks->items[k])) {
            *beg = from + toks->items[phrase_begin(seg, window, toks, k)].beg;
            *end = from + toks->items[k].end;
            return DS_OK;
        }
    }
    return DS_OK;
}

/* The noun phrase that begins at `at`; the words behind a measure word. */
static ds_status phrase_behind(const ds_segmenter *seg, ds_str text, ds_tokens *toks, size_t at, size_t *beg, size_t *end,
                               ds_error *err)
{
    size_t to = at, k = 0, last = 0;
    while (to < text.n && to < at + LONGEST && text.p[to] != '\n')
        to++;
    to = border_behind(text, to);
    ds_str window = {text.p + at, to - at};
    *beg = *end = at;
    toks->count = 0;
    ds_status st = ds_segment(seg, window, toks, err);
    if (st != DS_OK)
        return st;
    while (k < toks->count && (toks->items[k].cls == DS_CLASS_SPACE || is_modifier(seg, window, &toks->items[k]))) {
        if (is_noun(seg, window, &toks->items[k]))
            last = ++k;
        else
            k++;
    }
    if (last > 0) {
        size_t first = toks->items[0].cls == DS_CLASS_SPACE && last > 1 ? 1 : 0;
        *beg = at + toks->items[first].beg;
        *end = at + toks->items[last - 1].end;
    }
    return DS_OK;
}

/* Whether a sentence ends in [beg, end). */
static bool sentence_ends(ds_str text, size_t beg, size_t end)
{
    if (end > beg && end - beg > SENTENCE)
        return true;
    for (size_t i = beg; i < end; i++) {
        if (text.p[i] == '\n' || text.p[i] == '!' || text.p[i] == '?')
            return true;
        if (end - i >= 3 && (memcmp(text.p + i, "。", 3) == 0 || memcmp(text.p + i, "！", 3) == 0 ||
                             memcmp(text.p + i, "？", 3) == 0 || memcmp(text.p + i, "；", 3) == 0))
            return true;
    }
    return false;
}

ds_status ds_quantity_about(const ds_segmenter *seg, ds_str text, const ds_quantities *v, size_t i, ds_tokens *toks,
                            size_t *beg, size_t *end, ds_error *err)
{
    const ds_quantity *q = &v->items[i], *prev = i > 0 ? &v->items[i - 1] : NULL;
    size_t old_beg = *beg, old_end = *end;
    *beg = *end = q->beg;
    if (q->kind == DS_QUANTITY_DATE || q->kind == DS_QUANTITY_DURATION)
        return DS_OK;
    if (q->kind == DS_QUANTITY_COUNT || q->kind == DS_QUANTITY_NUMBER || (q->kind == DS_QUANTITY_MONEY && q->implied)) {
        ds_status st = phrase_behind(seg, text, toks, q->end, beg, end, err);
        if (st != DS_OK || *beg < *end)
            return st;
    }
    *beg = q->clause_beg;
    if (prev != NULL && prev->end > *beg && prev->end <= q->beg && prev->kind != DS_QUANTITY_DATE)
        *beg = prev->end;
    *end = q->beg;
    ds_status st = *beg < *end ? phrase_before(seg, text, toks, beg, end, err) : DS_OK;
    if (st == DS_OK && *beg == *end && old_beg < old_end && !sentence_ends(text, old_end, q->beg)) {
        *beg = old_beg;
        *end = old_end;
    }
    return st;
}

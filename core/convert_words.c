/*
 * convert_words.c - conversion by words; see convert.h.
 *
 * A sentence at a time.  Where no entry of the tables could make a difference, its characters are converted one by
 * one.  Else the segmenter finds the words.  Vocabulary of the region takes its place first; between, phrases take
 * theirs, the longest first from the left.  An entry applies when it begins and ends on word borders, or lies inside
 * one word, or is long; vocabulary that lies inside a word must leave words behind on either side (信息化, but not 布尔什维克).
 */
#include <string.h>

#include "convert_words_int.h"

#ifndef DS_CONVERT_SENTENCE
#define DS_CONVERT_SENTENCE 8192 /* characters looked at together; a longer sentence is cut, if it can be, at a mark */
#endif

/* ---- reading ---- */

static bool ends_sentence(uint32_t cp)
{
    return cp == '\n' || cp == 0x3002 || cp == 0xFF01 || cp == 0xFF1F || cp == 0xFF1B; /* 。！？； */
}

static bool is_mark(uint32_t cp)
{
    return cp <= ' ' || cp == ',' || (cp >= 0x3000 && cp <= 0x3003) || cp == 0xFF0C || cp == 0xFF1A; /* 、，： ... */
}

/* Cuts a sentence that is too long behind its last mark, if the second half has one. */
static void cut_at_mark(words_run *w)
{
    for (size_t n = w->n; n > w->cap / 2; n--)
        if (is_mark(w->c[n - 1].cp)) {
            w->n = n;
            return;
        }
}

/* Reads the sentence at byte `at`; returns where it ends. */
static size_t read_sentence(words_run *w, size_t at)
{
    ds_str in = w->out.in;
    uint32_t cp = 0;
    w->n = 0;
    while (w->n < w->cap && at < in.n && !ends_sentence(cp)) {
        word_char *c = &w->c[w->n++];
        c->off = (uint32_t)at;
        at += conv_decode(in.p + at, in.n - at, &cp);
        c->cp = cp;
        c->cell = conv_cell(w->conv, cp);
        c->border = false;
        c->hint = HINT_NONE;
        c->vocabulary = 0;
    }
    w->c[w->n].off = (uint32_t)at;
    if (w->n == w->cap && at < in.n && !ends_sentence(cp))
        cut_at_mark(w);
    w->c[w->n] = (word_char){.off = w->c[w->n].off, .border = true};
    return w->c[w->n].off;
}

/* Whether an entry for more than the character at `i` gives something else than single characters do. */
static bool may_differ(const words_run *w, ds_convert_table table, size_t i)
{
    int32_t node = conv_first(w->conv, table, w->c[i].cell);
    for (size_t k = i + 1; k < w->n && node != DS_TRIE_NONE; k++) {
        node = conv_next(w->conv, table, node, w->c[k].cell);
        int32_t value = words_value(w, table, node);
        if (value >= 0 && ((uint32_t)value & CONV_DIFFERS) != 0)
            return true;
    }
    return false;
}

/* Whether any entry matches at `i`. */
static bool may_match(const words_run *w, ds_convert_table table, size_t i)
{
    int32_t node = conv_first(w->conv, table, w->c[i].cell);
    for (size_t k = i + 1; node != DS_TRIE_NONE; k++) {
        if (words_value(w, table, node) >= 0)
            return true;
        if (k == w->n)
            break;
        node = conv_next(w->conv, table, node, w->c[k].cell);
    }
    return false;
}

/* What a character becomes under a mark, or DS_TRIE_NONE. */
static int32_t marked_value(const words_run *w, uint32_t mark, uint32_t cell)
{
    int32_t node = w->marks[mark - DS_CONVERT_AFTER_NUMERAL];
    if (node != DS_TRIE_NONE)
        node = conv_next(w->conv, w->phrases, node, cell);
    return words_value(w, w->phrases, node);
}

static bool is_marked(const words_run *w, uint32_t cell)
{
    for (uint32_t m = DS_CONVERT_AFTER_NUMERAL; m <= DS_CONVERT_ALONE && !w->to_simplified; m++)
        if (marked_value(w, m, cell) >= 0)
            return true;
    return false;
}

static bool needs_words(const words_run *w)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->c[i].cell == 0)
            continue;
        if (may_differ(w, w->phrases, i) || is_marked(w, w->c[i].cell) ||
            (w->vocabulary != DS_CONVERT_TABLES && may_match(w, w->vocabulary, i)))
            return true;
    }
    return false;
}

/* ---- words ---- */

static uint8_t hint_of(const words_run *w, const ds_token *t)
{
    ds_str pos = ds_segment_pos_name(w->seg, t->pos);
    if (t->word == DS_TOKEN_PERSON)
        return HINT_GUESS;
    if (t->cls == DS_CLASS_NUMBER || (pos.n > 0 && pos.p[0] == 'm'))
        return HINT_NUMERAL;
    if (pos.n >= 2 && pos.p[0] == 'n' && pos.p[1] == 'r')
        return HINT_PERSON;
    return pos.n == 1 && pos.p[0] == 'i' ? HINT_IDIOM : HINT_NONE;
}

static ds_status find_words(words_run *w, ds_error *err)
{
    size_t base = w->c[0].off, k = 0;
    ds_str sentence = {w->out.in.p + base, w->c[w->n].off - base};
    w->tokens.count = 0;
    ds_status st = ds_segment(w->seg, sentence, &w->tokens, err);
    for (size_t i = 0; i < w->tokens.count && st == DS_OK; i++) {
        const ds_token *t = &w->tokens.items[i];
        while (k < w->n && w->c[k].off < base + t->beg)
            k++;
        w->c[k].border = true;
        if (k < w->n)
            w->c[k].hint = hint_of(w, t);
    }
    return st;
}

/* Whether characters [beg, end) begin and end on borders. */
static bool is_aligned(const words_run *w, size_t beg, size_t end)
{
    return w->c[beg].border && w->c[end].border;
}

/* ---- writing ---- */

/* The region's form of a character. */
static uint32_t regional(const words_run *w, uint32_t cp)
{
    if (w->variants == DS_CONVERT_TABLES)
        return cp;
    int32_t value = words_value(w, w->variants, conv_first(w->conv, w->variants, conv_cell(w->conv, cp)));
    uint32_t to = (uint32_t)value & CONV_RESULT_BITS;
    return value >= 0 && to < CONV_FIRST_ENTRY ? to : cp;
}

static void put_match(words_run *w, size_t i, conv_match m)
{
    conv_result r = conv_result_of(w->conv, m.value);
    for (size_t k = 0; k < r.count; k++) {
        size_t from = r.count == m.count ? i + k : i, to = r.count == m.count ? i + k + 1 : i + m.count;
        conv_char c = {regional(w, conv_result_cp(&r, k)), w->c[from].off, w->c[to].off, 0};
        conv_out_char(&w->out, c);
    }
}

/* How a word of one character reads by what stands around it, or DS_TRIE_NONE. */
static int32_t value_by_context(const words_run *w, size_t i)
{
    if (w->to_simplified || !w->c[i].border)
        return DS_TRIE_NONE;
    if (!w->c[i + 1].border)
        return w->c[i].hint == HINT_PERSON || w->c[i].hint == HINT_GUESS
                   ? marked_value(w, DS_CONVERT_SURNAME, w->c[i].cell)
                   : DS_TRIE_NONE;
    if (i > 0 && w->c[words_begin(w, i - 1)].hint == HINT_NUMERAL) {
        int32_t value = marked_value(w, DS_CONVERT_AFTER_NUMERAL, w->c[i].cell);
        if (value >= 0)
            return value;
    }
    return marked_value(w, DS_CONVERT_ALONE, w->c[i].cell);
}

/* The longest phrase at `i` that ends at `limit` or before and does not cut across words; `words` tells whether the
 * words are known.  One character at least, when it has an entry. */
static conv_match match_phrase(const words_run *w, size_t i, size_t limit, bool words)
{
    conv_match best = {0, 0};
    int32_t node = conv_first(w->conv, w->phrases, w->c[i].cell);
    for (size_t k = i + 1; node != DS_TRIE_NONE; k++) {
        int32_t value = words_value(w, w->phrases, node);
        if (value >= 0 && (k == i + 1 || is_aligned(w, i, k) || words_long(i, k) || words_inside(w, i, k)))
            best = (conv_match){k - i, (uint32_t)value};
        if (!words || k >= limit)
            break;
        node = conv_next(w->conv, w->phrases, node, w->c[k].cell);
    }
    int32_t value = words && best.count <= 1 ? value_by_context(w, i) : DS_TRIE_NONE;
    return value >= 0 ? (conv_match){1, (uint32_t)value} : best;
}

/* A character without an entry. */
static void put_plain(words_run *w, size_t i)
{
    uint32_t cp = w->c[i].cp, to = regional(w, cp);
    if (to == cp)
        conv_out_copy(&w->out, w->c[i].off, w->c[i + 1].off);
    else
        conv_out_char(&w->out, (conv_char){to, w->c[i].off, w->c[i + 1].off, 0});
}

/* Converts characters [i, limit) by phrases. */
static void put_phrases(words_run *w, size_t i, size_t limit, bool words)
{
    while (i < limit) {
        conv_match m = match_phrase(w, i, limit, words);
        if (m.count > 0)
            put_match(w, i, m);
        else
            put_plain(w, i);
        i += m.count > 0 ? m.count : 1;
    }
}

static ds_status convert_sentence(words_run *w, ds_error *err)
{
    size_t done = 0;
    if (!needs_words(w)) {
        put_phrases(w, 0, w->n, false);
        return DS_OK;
    }
    ds_status st = find_words(w, err);
    if (st == DS_OK && w->vocabulary != DS_CONVERT_TABLES)
        st = conv_pick_vocabulary(w);
    for (size_t i = 0; i < w->n && st == DS_OK; i++) {
        uint32_t pick = w->c[i].vocabulary;
        if (pick == 0)
            continue;
        put_phrases(w, done, i, true);
        put_match(w, i, (conv_match){w->picks[pick - 1].count, w->picks[pick - 1].value});
        done = i + w->picks[pick - 1].count;
    }
    if (st == DS_OK)
        put_phrases(w, done, w->n, true);
    return st;
}

static void init_run(words_run *w, const ds_converter *conv, ds_conversion what)
{
    bool tw = what.region == DS_REGION_TW, hk = what.region == DS_REGION_HK;
    w->conv = conv;
    w->to_simplified = what.to_simplified;
    w->phrases = what.to_simplified ? DS_CONVERT_WTS : DS_CONVERT_WST;
    for (unsigned m = 0; m < CONV_MARKS; m++)
        w->marks[m] = ds_trie_step(&conv->trie[DS_CONVERT_WST], 0, (uint16_t)(m + 1));
    w->vocabulary = !tw ? DS_CONVERT_TABLES : what.to_simplified ? DS_CONVERT_WSV : DS_CONVERT_WTV;
    w->variants = what.to_simplified || (!tw && !hk) ? DS_CONVERT_TABLES : tw ? DS_CONVERT_TWV : DS_CONVERT_HKV;
}

static ds_status convert_all(words_run *w, ds_error *err)
{
    ds_str in = w->out.in;
    ds_status st = DS_OK;
    w->c = ds_calloc(w->tokens.alloc, w->cap + 1, sizeof *w->c);
    if (w->c == NULL || !ds_buf_reserve(w->out.buf, in.n))
        st = DS_ENOMEM;
    for (size_t at = 0; at < in.n && st == DS_OK;) {
        at = read_sentence(w, at);
        st = convert_sentence(w, err);
    }
    ds_status finished = conv_out_finish(&w->out);
    return st != DS_OK ? st : finished;
}

ds_status ds_convert_words(const ds_converter *conv, const ds_segmenter *seg, const ds_lexicon *lex,
                           ds_conversion what, ds_str in, ds_buf *out, ds_offmap *map, ds_error *err)
{
    size_t old_n = out->n, old_len = map != NULL ? map->out_len : 0;
    words_run w = {.seg = seg, .lex = lex, .cap = in.n < DS_CONVERT_SENTENCE ? in.n : DS_CONVERT_SENTENCE};
    if (in.n > UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, UINT32_MAX, 0, "text is longer than 4 GiB: convert it in parts");
    if (in.n == 0)
        return DS_OK;
    init_run(&w, conv, what);
    ds_tokens_init(&w.tokens, out->alloc);
    conv_out_init(&w.out, in, out, map);
    ds_status st = convert_all(&w, err);
    if (w.c != NULL)
        ds_mfree(out->alloc, w.c, (w.cap + 1) * sizeof *w.c);
    ds_mfree(out->alloc, w.picks, w.pick_cap * sizeof *w.picks);
    ds_tokens_clear(&w.tokens);
    if (st == DS_OK)
        return DS_OK;
    out->n = old_n;
    if (map != NULL)
        ds_offmap_truncate(map, old_len);
    return st == DS_ENOMEM ? ds_fail_nomem(err) : st;
}

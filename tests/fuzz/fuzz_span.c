/*
 * fuzz_span.c - span.h on any text: paragraphs and corner marks against a naive second version, sentences and quotations
 * by what must be true of them, and against a walk that takes no short cuts.
 *
 * Each byte below 56 is a string of the alphabet; others stand for themselves.
 */
#include "fuzz_text.h"
#include "span_int.h"

/* The same code once more, but walking over every character: see span_walk_skip. */
#define span_walk_skip(w) ((void)(w))
#define ds_span_sentences plain_sentences
#define ds_span_quotations plain_quotations
#define ds_span_quotes_begin plain_quotes_begin
#define ds_span_quotes_step plain_quotes_step
#define ds_quotations_init plain_init
#define ds_quotations_clear plain_clear
static void ds_span_quotes_begin(span_quotes *q, ds_span par);
static span_role ds_span_quotes_step(span_quotes *q, const span_walk *w);
static ds_status ds_span_sentences(ds_str text, ds_spans *out, ds_error *err);
static ds_status ds_span_quotations(ds_str text, ds_quotations *out, ds_error *err);
static void ds_quotations_init(ds_quotations *v, const ds_alloc *a);
static void ds_quotations_clear(ds_quotations *v);
#include "span_quote.c"
#include "span_sentence.c"
#undef ds_span_sentences
#undef ds_span_quotations
#undef ds_span_quotes_begin
#undef ds_span_quotes_step
#undef ds_quotations_init
#undef ds_quotations_clear

#define INPUT_MOST 512
#define TEXT_MOST 3000

#define TEN(s) s s s s s s s s s s
#define SEVENTY(s) TEN(s) TEN(s) TEN(s) TEN(s) TEN(s) TEN(s) TEN(s)

static const char *const alphabet[] = {
    "“", "”", "‘", "’", "\"", "'", "「", "」", "『", "』", "｢", "﹂", "＂", "《", "》", "（", "）", "(", ")",
    "。", "！", "?", ".", "…", "...", "，", ":", "：", " ", "\n", "\r\n", "\r", "\xE2\x80\xA8", "\xE2\x80\xA9",
    "　", "\xE2\x80\x8B", "\xEF\xBB\xBF", "\xC2\xA0", "降价", "車企說", "的", "確", "等到",
    "他们今天开会讨论模型的价格", "Mr", "Yahoo", "www.a.cn", "http://x", "U.S", "3rd", "'s", "x", "\xE4\xB8",
    "\xE2", "𠮷", SEVENTY("「"),
};
enum { LETTERS = sizeof alphabet / sizeof *alphabet };

/* ---- the naive view of a text ---- */

enum { VIEW_BORDER = 1, VIEW_SPACE = 2, VIEW_END = 4 }; /* of each byte: begins a character, is of a blank, of a line's end */

static bool is_blank(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0D) || cp == 0x20 || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200B) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000 ||
           cp == 0xFEFF;
}

static void view_text(ds_str s, uint8_t view[TEXT_MOST + 1])
{
    size_t len;
    for (size_t at = 0; at < s.n; at += len) {
        uint32_t cp;
        len = ds_utf8_decode(s.p + at, s.n - at, &cp);
        bool end = cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029;
        for (size_t i = 0; i < len; i++)
            view[at + i] = (uint8_t)((i == 0 ? VIEW_BORDER : 0) | (is_blank(cp) ? VIEW_SPACE : 0) | (end ? VIEW_END : 0));
    }
    view[s.n] = VIEW_BORDER | VIEW_END;
}

/* Lines, shortened by the blanks at both ends. */
static void check_paragraphs(ds_str s, const uint8_t *view, const ds_spans *got)
{
    size_t k = 0;
    for (size_t beg = 0, end; beg < s.n; beg = end + 1) {
        for (end = beg; (view[end] & VIEW_END) == 0; end++)
            continue;
        size_t first = beg, last = end;
        while (first < last && (view[first] & VIEW_SPACE) != 0)
            first++;
        while (last > first && (view[last - 1] & VIEW_SPACE) != 0)
            last--;
        if (first == last)
            continue;
        FUZZ_CHECK(k < got->count && got->items[k].beg == first && got->items[k].end == last);
        k++;
    }
    FUZZ_CHECK(k == got->count);
}

/* In order, no blank at an end, none in two paragraphs, and together all that is not blank. */
static void check_sentences(ds_str s, const uint8_t *view, const ds_spans *pars, const ds_spans *got)
{
    size_t par = 0, at = 0;
    for (size_t i = 0; i < got->count; i++) {
        ds_span x = got->items[i];
        FUZZ_CHECK(x.beg < x.end && x.end <= s.n && x.beg >= at);
        for (; at < x.beg; at++)
            FUZZ_CHECK((view[at] & VIEW_SPACE) != 0);
        at = x.end;
        FUZZ_CHECK((view[x.beg] & VIEW_BORDER) != 0 && (view[x.end] & VIEW_BORDER) != 0);
        FUZZ_CHECK((view[x.beg] & VIEW_SPACE) == 0 && (view[x.end - 1] & VIEW_SPACE) == 0);
        while (par < pars->count && pars->items[par].end <= x.beg)
            par++;
        FUZZ_CHECK(par < pars->count && x.beg >= pars->items[par].beg && x.end <= pars->items[par].end);
    }
    for (; at < s.n; at++)
        FUZZ_CHECK((view[at] & VIEW_SPACE) != 0);
}

/* ---- quotations ---- */

/* 0: no quotation mark. */
static unsigned family_of(uint32_t cp)
{
    switch (cp) {
    case 0x201C: case 0x201D: case '"': case 0xFF02: return 1;
    case 0x2018: case 0x2019: case '\'': case 0xFF07: return 2;
    case 0x300C: case 0x300D: case 0xFE41: case 0xFE42: case 0xFF62: case 0xFF63: return 3;
    case 0x300E: case 0x300F: case 0xFE43: case 0xFE44: return 4;
    default: return 0;
    }
}

static bool is_corner_opener(uint32_t cp)
{
    return cp == 0x300C || cp == 0xFE41 || cp == 0xFF62 || cp == 0x300E || cp == 0xFE43;
}

static uint32_t mark_at(ds_str s, size_t beg, size_t end)
{
    uint32_t cp;
    FUZZ_CHECK(end > beg && end <= s.n && ds_utf8_decode(s.p + beg, s.n - beg, &cp) == end - beg);
    return cp;
}

static void check_marks(ds_str s, const ds_quotation *q)
{
    FUZZ_CHECK(q->inner.beg <= q->inner.end && q->inner.end <= q->outer.end);
    FUZZ_CHECK(mark_at(s, q->outer.beg, q->inner.beg) == q->open && family_of(q->open) != 0);
    if (q->closed)
        FUZZ_CHECK(family_of(mark_at(s, q->inner.end, q->outer.end)) == family_of(q->open));
    else
        FUZZ_CHECK(q->inner.end == q->outer.end);
}

/* Each in one paragraph, within all those that are around it, as many as its depth says. */
static void check_quotations(ds_str s, const ds_spans *pars, const ds_quotations *got)
{
    const ds_quotation *around[DS_SPAN_MAX_DEPTH];
    size_t depth = 0, par = 0;
    for (size_t i = 0; i < got->count; i++) {
        const ds_quotation *q = &got->items[i];
        check_marks(s, q);
        FUZZ_CHECK(i == 0 || q->outer.beg > got->items[i - 1].outer.beg);
        while (depth > 0 && around[depth - 1]->outer.end <= q->outer.beg)
            depth--;
        FUZZ_CHECK(depth == 0 || q->outer.beg >= around[depth - 1]->inner.beg);
        FUZZ_CHECK(depth == 0 || q->outer.end <= around[depth - 1]->inner.end);
        FUZZ_CHECK(q->depth == depth && depth < DS_SPAN_MAX_DEPTH);
        around[depth++] = q;
        while (par < pars->count && pars->items[par].end <= q->outer.beg)
            par++;
        FUZZ_CHECK(par < pars->count && q->outer.beg >= pars->items[par].beg && q->outer.end <= pars->items[par].end);
    }
}

/* Whether the paragraph has corner marks only, about which there is no doubt, and not too many of them. */
static bool is_plain(ds_str s, ds_span par)
{
    size_t openers = 0, len;
    for (size_t at = par.beg; at < par.end; at += len) {
        uint32_t cp;
        len = ds_utf8_decode(s.p + at, par.end - at, &cp);
        if (family_of(cp) == 1 || family_of(cp) == 2)
            return false;
        openers += is_corner_opener(cp);
    }
    return openers < DS_SPAN_MAX_DEPTH;
}

/* What ends the quotation that the corner mark at `beg` of a plain paragraph opens: the first mark of its family that none
 * behind it takes, or the mark that closes one around it, or the paragraph's end. */
static void naive_corner(ds_str s, ds_span par, size_t beg, ds_quotation *q)
{
    unsigned family[DS_SPAN_MAX_DEPTH];
    size_t open[DS_SPAN_MAX_DEPTH], depth = 0, len;
    for (size_t at = par.beg; at < par.end; at += len) {
        uint32_t cp;
        len = ds_utf8_decode(s.p + at, par.end - at, &cp);
        if (is_corner_opener(cp)) {
            family[depth] = family_of(cp);
            open[depth++] = at;
            continue;
        }
        if (family_of(cp) == 0)
            continue;
        size_t level = depth;
        while (level > 0 && family[level - 1] != family_of(cp))
            level--;
        for (; level > 0 && depth >= level; depth--)
            if (open[depth - 1] == beg) {
                q->inner.end = at;
                q->closed = depth == level;
                q->outer.end = q->closed ? at + len : at;
                return;
            }
    }
    q->inner.end = q->outer.end = par.end;
    q->closed = false;
}

static void check_corners(ds_str s, const ds_spans *pars, const ds_quotations *got)
{
    size_t k = 0;
    for (size_t i = 0; i < pars->count; i++) {
        ds_span par = pars->items[i];
        if (!is_plain(s, par)) {
            while (k < got->count && got->items[k].outer.beg < par.end)
                k++;
            continue;
        }
        size_t len;
        for (size_t at = par.beg; at < par.end; at += len) {
            uint32_t cp;
            ds_quotation want;
            len = ds_utf8_decode(s.p + at, par.end - at, &cp);
            if (!is_corner_opener(cp))
                continue;
            naive_corner(s, par, at, &want);
            FUZZ_CHECK(k < got->count && got->items[k].outer.beg == at && got->items[k].closed == want.closed);
            FUZZ_CHECK(got->items[k].inner.end == want.inner.end && got->items[k].outer.end == want.outer.end);
            k++;
        }
    }
    FUZZ_CHECK(k == got->count);
}

/* ---- all three of a text ---- */

typedef struct spans_of {
    ds_spans pars, sentences;
    ds_quotations quotes;
} spans_of;

static void find_all(ds_str s, spans_of *all)
{
    ds_spans_init(&all->pars, NULL);
    ds_spans_init(&all->sentences, NULL);
    ds_quotations_init(&all->quotes, NULL);
    FUZZ_CHECK(ds_span_paragraphs(s, &all->pars, NULL) == DS_OK);
    FUZZ_CHECK(ds_span_sentences(s, &all->sentences, NULL) == DS_OK);
    FUZZ_CHECK(ds_span_quotations(s, &all->quotes, NULL) == DS_OK);
}

static void clear_all(spans_of *all)
{
    ds_spans_clear(&all->pars);
    ds_spans_clear(&all->sentences);
    ds_quotations_clear(&all->quotes);
}

static bool same_span(ds_span a, ds_span b, size_t shift)
{
    return a.beg == b.beg + shift && a.end == b.end + shift;
}

/* `part` is what was found in the text's bytes from `shift` on; *sentence and *quote count what has been compared. */
static void check_part(const spans_of *whole, const spans_of *part, size_t shift, size_t *sentence, size_t *quote)
{
    FUZZ_CHECK(part->sentences.count <= whole->sentences.count - *sentence);
    for (size_t i = 0; i < part->sentences.count; i++)
        FUZZ_CHECK(same_span(whole->sentences.items[(*sentence)++], part->sentences.items[i], shift));
    FUZZ_CHECK(part->quotes.count <= whole->quotes.count - *quote);
    for (size_t i = 0; i < part->quotes.count; i++) {
        const ds_quotation *a = &whole->quotes.items[(*quote)++], *b = &part->quotes.items[i];
        FUZZ_CHECK(same_span(a->outer, b->outer, shift) && same_span(a->inner, b->inner, shift));
        FUZZ_CHECK(a->closed == b->closed && a->depth == b->depth && a->open == b->open);
    }
}

/* No paragraph depends on the others. */
static void check_paragraphs_alone(ds_str s, const spans_of *whole)
{
    size_t sentence = 0, quote = 0;
    for (size_t i = 0; i < whole->pars.count; i++) {
        spans_of alone;
        ds_span par = whole->pars.items[i];
        ds_str copy = fuzz_copy(fuzz_part(s, par.beg, par.end));
        find_all(copy, &alone);
        FUZZ_CHECK(alone.pars.count == 1 && same_span(par, alone.pars.items[0], par.beg));
        check_part(whole, &alone, par.beg, &sentence, &quote);
        clear_all(&alone);
        fuzz_free(copy);
    }
    FUZZ_CHECK(sentence == whole->sentences.count && quote == whole->quotes.count);
}

/* Nothing passed over at once: the same. */
static void check_plain(ds_str s, const spans_of *whole)
{
    spans_of plain;
    size_t sentence = 0, quote = 0;
    ds_spans_init(&plain.pars, NULL);
    ds_spans_init(&plain.sentences, NULL);
    plain_init(&plain.quotes, NULL);
    FUZZ_CHECK(plain_sentences(s, &plain.sentences, NULL) == DS_OK);
    FUZZ_CHECK(plain_quotations(s, &plain.quotes, NULL) == DS_OK);
    check_part(whole, &plain, 0, &sentence, &quote);
    FUZZ_CHECK(sentence == whole->sentences.count && quote == whole->quotes.count);
    ds_spans_clear(&plain.pars);
    ds_spans_clear(&plain.sentences);
    plain_clear(&plain.quotes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t view[TEXT_MOST + 1];
    spans_of all;
    if (n > INPUT_MOST)
        return 0;
    ds_str s = fuzz_spell(alphabet, LETTERS, data, n, TEXT_MOST);
    view_text(s, view);
    find_all(s, &all);
    check_paragraphs(s, view, &all.pars);
    check_sentences(s, view, &all.pars, &all.sentences);
    check_quotations(s, &all.pars, &all.quotes);
    check_corners(s, &all.pars, &all.quotes);
    check_paragraphs_alone(s, &all);
    check_plain(s, &all);
    clear_all(&all);
    fuzz_free(s);
    return 0;
}

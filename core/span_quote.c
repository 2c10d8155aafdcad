/*
 * span_quote.c - see span.h: quotation marks and quotations.
 *
 * Curly and corner marks say themselves whether they open or close; what remains is to forgive the
 * wrong ones.  Plain marks alternate.  Only where their number in a paragraph is odd, so that one of them
 * must be stray, do their neighbours decide.
 */
#include <string.h>

#include "span_int.h"

enum { DOUBLE, SINGLE, CORNER, WHITE_CORNER };

_Static_assert(DS_SPAN_MAX_DEPTH <= INT8_MAX, "levels of the stack are kept in one byte");

/* ---------------------------------------------------------------- the stack */

static span_role push_quote(span_quotes *q, int family, uint32_t cp)
{
    if (q->depth == DS_SPAN_MAX_DEPTH) {
        q->skipped[family]++;
        return SPAN_ROLE_NONE;
    }
    q->stack[q->depth] = (span_open){.cp = cp, .family = (int8_t)family, .below = q->top[family]};
    q->top[family] = (int8_t)q->depth++;
    return SPAN_ROLE_OPEN;
}

/* Closes stack[level] and, unclosed, all above it. */
static span_role pop_quotes(span_quotes *q, int level)
{
    q->was = q->depth;
    q->depth = (size_t)level;
#ifndef DS_PLANT_SPAN /* those above stay the top of their families: a bug that fuzzing must find, `make fuzz` */
    for (size_t i = q->was; i-- > q->depth;)
#else
    for (size_t i = q->depth; i == q->depth; i++)
#endif
        q->top[q->stack[i].family] = q->stack[i].below;
    memset(q->skipped, 0, sizeof q->skipped); /* they stood inside what is closed now */
    return SPAN_ROLE_CLOSE;
}

static bool is_open(const span_quotes *q, int family)
{
    return q->top[family] >= 0;
}

static span_role close_quote(span_quotes *q, int family)
{
    if (q->skipped[family] > 0) {
        q->skipped[family]--;
        return SPAN_ROLE_NONE;
    }
    return is_open(q, family) ? pop_quotes(q, q->top[family]) : SPAN_ROLE_NONE;
}

/* ---------------------------------------------------------------- neighbours */

/* Whether a quotation may begin with `cp`; an ellipsis may. */
static bool may_begin(uint32_t cp)
{
    return (span_class(cp) & (SPAN_SPACE | SPAN_STOP | SPAN_DOT | SPAN_MID | SPAN_CLOSER)) == 0;
}

/* Whether `cp` goes before an opening mark rather than a closing one. */
static bool leads_in(uint32_t cp)
{
    return (span_class(cp) & (SPAN_SPACE | SPAN_OPENER)) != 0 || cp == ':' || cp == 0xFF1A;
}

static bool is_word(uint32_t cp)
{
    return span_is_latin(cp) || span_is_digit(cp);
}

static bool bytes_at(const span_walk *w, size_t off, const char *s)
{
    size_t n = strlen(s);
    return w->text.n - off >= n && memcmp(w->text.p + off, s, n) == 0;
}

/* '90s, with the mark under w. */
static bool is_decade(const span_walk *w)
{
    const char *p = w->text.p + w->next;
    return w->text.n - w->next >= 3 && span_is_digit((unsigned char)p[0]) && span_is_digit((unsigned char)p[1]) &&
           p[2] == 's';
}

/* The next mark of the family behind w's, as one of the given byte strings, or NULL.  Called for marks
 * that pair with nothing before them, at most once each: every gap is read once more at most. */
static const char *next_mark(const span_walk *w, const char *const marks[], size_t *off)
{
    for (size_t at = w->next; at < w->text.n; at++) {
        unsigned char b = (unsigned char)w->text.p[at];
        if (b != '"' && b != '\'' && b != 0xE2 && b != 0xEF)
            continue;
        for (size_t i = 0; marks[i] != NULL; i++)
            if (bytes_at(w, at, marks[i])) {
                *off = at;
                return marks[i];
            }
    }
    return NULL;
}

static const char *const double_marks[] = {"“", "”", "\"", "＂", NULL};
static const char *const single_marks[] = {"‘", "’", "'", "＇", NULL};

/* Whether a closing mark that has nothing to close was meant to open: text follows, and the next mark of
 * its family does not open either. */
static bool opens_wrongly(const span_walk *w, const char *const marks[])
{
    size_t off;
    uint32_t behind = SPAN_EDGE;
    if (!may_begin(w->peek))
        return false;
    const char *mark = next_mark(w, marks, &off);
    if (mark == NULL || off == w->next)
        return false;
    if (mark != marks[0])
        return true;
    off += strlen(mark);
    if (off < w->text.n)
        ds_utf8_decode(w->text.p + off, w->text.n - off, &behind);
    return !may_begin(behind);
}

/* ---------------------------------------------------------------- double marks */

/* Whether [beg, end) has an odd number of plain double marks. */
static bool is_odd(ds_str text, ds_span par)
{
    size_t n = 0;
    for (size_t i = par.beg; i < par.end; i++)
        n += text.p[i] == '"' || (text.p[i] == '\xEF' && par.end - i >= 3 && memcmp(text.p + i, "＂", 3) == 0);
    return n % 2 != 0;
}

/* is_odd of the paragraph, counted when a plain mark first asks. */
static bool odd_marks(span_quotes *q, const span_walk *w)
{
    if (q->odd < 0)
        q->odd = is_odd(w->text, q->par);
    return q->odd;
}

static bool is_plain_double(uint32_t cp)
{
    return cp == '"' || cp == 0xFF02;
}

/* “ closes where one is open and nothing that could be quoted follows. */
static span_role step_left_double(span_quotes *q, const span_walk *w)
{
    if (is_open(q, DOUBLE) && !may_begin(w->peek) && !leads_in(w->prev))
        return close_quote(q, DOUBLE);
    return push_quote(q, DOUBLE, w->cp);
}

/* ” closes a curly one rather than a plain one inside it. */
static span_role step_right_double(span_quotes *q, const span_walk *w)
{
    int level = q->top[DOUBLE];
    if (level < 0 && q->skipped[DOUBLE] == 0)
        return opens_wrongly(w, double_marks) ? push_quote(q, DOUBLE, w->cp) : SPAN_ROLE_NONE;
    while (level >= 0 && is_plain_double(q->stack[level].cp))
        level = q->stack[level].below;
    if (level < 0 || q->skipped[DOUBLE] > 0)
        return close_quote(q, DOUBLE);
    return pop_quotes(q, level);
}

static span_role open_plain_double(span_quotes *q, const span_walk *w)
{
    bool inch = span_is_digit(w->prev) && !may_begin(w->peek);
    bool stray = odd_marks(q, w) && !leads_in(w->prev) && !may_begin(w->peek);
    return inch || stray ? SPAN_ROLE_NONE : push_quote(q, DOUBLE, w->cp);
}

static span_role step_plain_double(span_quotes *q, const span_walk *w)
{
    if (!is_open(q, DOUBLE))
        return open_plain_double(q, w);
    bool curly = !is_plain_double(q->stack[q->top[DOUBLE]].cp);
    bool opens = leads_in(w->prev) && may_begin(w->peek);
    /* Inside curly marks an even number of plain ones is a nested pair, an odd one a mixed pair. */
    bool odd = odd_marks(q, w);
    if (curly ? !odd && (leads_in(w->prev) || may_begin(w->peek)) : odd && opens)
        return push_quote(q, DOUBLE, w->cp);
    return close_quote(q, DOUBLE);
}

/* ---------------------------------------------------------------- single marks and apostrophes */

/* Whether the paragraph has, behind `off`, a ' or ’ that can close: not before a word, not after a
 * blank.  The answer is kept, so that the paragraph is searched once in all. */
static bool single_closes_later(span_quotes *q, const span_walk *w, size_t off)
{
    if (q->single_close > off && q->single_close < w->text.n)
        return true;
    size_t at = q->single_seen > off + 1 ? q->single_seen : off + 1;
    for (; at < w->text.n; at++) {
        size_t len = w->text.p[at] == '\'' ? 1 : bytes_at(w, at, "’") || bytes_at(w, at, "＇") ? 3 : 0;
        unsigned char behind = len > 0 && at + len < w->text.n ? (unsigned char)w->text.p[at + len] : ' ';
        if (len > 0 && w->text.p[at - 1] != ' ' && !is_word(behind < 0x80 ? behind : 0))
            break;
    }
    q->single_close = at;
    q->single_seen = at + 1;
    return at < w->text.n;
}

/* 's behind a name in any script. */
static bool is_genitive(const span_walk *w)
{
    size_t off = w->next + 1;
    uint32_t behind = SPAN_EDGE;
    if (w->peek != 's' || leads_in(w->prev))
        return false;
    if (off < w->text.n)
        ds_utf8_decode(w->text.p + off, w->text.n - off, &behind);
    return !is_word(behind);
}

static bool is_apostrophe(const span_walk *w)
{
    return (is_word(w->prev) && is_word(w->peek)) || (!is_word(w->prev) && is_decade(w)) || is_genitive(w);
}

static span_role step_left_single(span_quotes *q, const span_walk *w)
{
    if (is_apostrophe(w))
        return SPAN_ROLE_NONE;
    if (is_open(q, SINGLE) && !may_begin(w->peek) && !leads_in(w->prev))
        return close_quote(q, SINGLE);
    return push_quote(q, SINGLE, w->cp);
}

static span_role step_right_single(span_quotes *q, const span_walk *w)
{
    if (is_apostrophe(w))
        return SPAN_ROLE_NONE;
    if (is_open(q, SINGLE) || q->skipped[SINGLE] > 0)
        return close_quote(q, SINGLE);
    if (is_word(w->prev) || !opens_wrongly(w, single_marks))
        return SPAN_ROLE_NONE;
    return push_quote(q, SINGLE, w->cp);
}

static span_role step_plain_single(span_quotes *q, const span_walk *w)
{
    if (is_apostrophe(w))
        return SPAN_ROLE_NONE;
    if (is_open(q, SINGLE))
        return leads_in(w->prev) && may_begin(w->peek) ? SPAN_ROLE_NONE : close_quote(q, SINGLE);
    if (!may_begin(w->peek) || !single_closes_later(q, w, w->next))
        return SPAN_ROLE_NONE;
    return push_quote(q, SINGLE, w->cp);
}

/* ---------------------------------------------------------------- all marks */

void ds_span_quotes_begin(span_quotes *q, ds_span par)
{
    q->par = par;
    q->depth = q->was = 0;
    q->odd = -1;
    q->single_seen = q->single_close = 0;
    memset(q->top, -1, sizeof q->top);
    memset(q->skipped, 0, sizeof q->skipped);
}

span_role ds_span_quotes_step(span_quotes *q, const span_walk *w)
{
    switch (w->cp) {
    case 0x201C: return step_left_double(q, w);
    case 0x201D: return step_right_double(q, w);
    case '"': case 0xFF02: return step_plain_double(q, w);
    case 0x2018: return step_left_single(q, w);
    case 0x2019: return step_right_single(q, w);
    case '\'': case 0xFF07: return step_plain_single(q, w);
    case 0x300C: case 0xFE41: case 0xFF62: return push_quote(q, CORNER, w->cp);
    case 0x300D: case 0xFE42: case 0xFF63: return close_quote(q, CORNER);
    case 0x300E: case 0xFE43: return push_quote(q, WHITE_CORNER, w->cp);
    case 0x300F: case 0xFE44: return close_quote(q, WHITE_CORNER);
    default: return SPAN_ROLE_NONE;
    }
}

/* ---------------------------------------------------------------- quotations */

void ds_quotations_init(ds_quotations *v, const ds_alloc *a)
{
    *v = (ds_quotations){.alloc = ds_alloc_or_libc(a)};
}

void ds_quotations_clear(ds_quotations *v)
{
    const ds_alloc *a = v->alloc;
    ds_mfree(a, v->items, v->cap * sizeof *v->items);
    ds_quotations_init(v, a);
}

/* Appends the quotation just opened, as if the paragraph ended it. */
static bool add_opened(ds_quotations *v, span_quotes *q, const span_walk *w)
{
    if (ds_grow(v->alloc, (void **)&v->items, &v->cap, v->count + 1, sizeof *v->items) != DS_OK)
        return false;
    q->stack[q->depth - 1].item = v->count;
    v->items[v->count++] = (ds_quotation){
        .outer = {w->off, q->par.end},
        .inner = {w->next, q->par.end},
        .open = w->cp,
        .depth = (uint32_t)q->depth - 1,
    };
    return true;
}

static void end_closed(ds_quotations *v, const span_quotes *q, const span_walk *w)
{
    for (size_t i = q->depth; i < q->was; i++) {
        ds_quotation *item = &v->items[q->stack[i].item];
        item->closed = i == q->depth;
        item->inner.end = w->off;
        item->outer.end = item->closed ? w->next : w->off;
    }
}

static bool add_paragraph(ds_quotations *v, span_marks *marks, ds_span par)
{
    span_quotes q;
    span_walk w;
    ds_span_quotes_begin(&q, par);
    span_walk_begin(&w, marks, par);
    while (span_walk_next(&w)) {
        span_role role = (span_class(w.cp) & SPAN_MARK) != 0 ? ds_span_quotes_step(&q, &w) : SPAN_ROLE_NONE;
        if (role == SPAN_ROLE_CLOSE)
            end_closed(v, &q, &w);
        else if (role == SPAN_ROLE_OPEN && !add_opened(v, &q, &w))
            return false;
        span_walk_skip(&w);
    }
    return true;
}

ds_status ds_span_quotations(ds_str text, ds_quotations *out, ds_error *err)
{
    size_t before = out->count;
    span_marks marks;
    span_marks_begin(&marks, text);
    for (ds_span par = {0, 0}; par = ds_span_next_paragraph(marks.finder, text, par.end), par.beg < par.end;)
        if (!add_paragraph(out, &marks, par)) {
            out->count = before;
            return ds_fail_nomem(err);
        }
    return DS_OK;
}

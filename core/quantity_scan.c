/*
 * quantity_scan.c - one pass over a text: lines are folded, words and numerals met, quantities read.
 *
 * Most characters are neither a digit nor the beginning of a word of the table: for them the loop asks one bit.
 */
#include "quantity_int.h"

typedef struct scan {
    quantity_line line;
    quantity_state state;
    ds_quantities *out;
} scan;

/* ---------------------------------------------------------------- lines */

static bool is_invisible(uint32_t cp)
{
    return (cp >= 0x200B && cp <= 0x200F) || cp == 0x2060 || cp == 0xFEFF || cp == 0xAD;
}

/* Behind the marks of emphasis at i (** or __), or i. */
static size_t past_emphasis(ds_str text, size_t i)
{
    size_t k = i;
    char c = text.p[i];
    if (c != '*' && c != '_')
        return i;
    while (k < text.n && text.p[k] == c)
        k++;
    return k - i >= 2 ? k : i;
}

/* Marks between two digits part them. */
static bool parts_digits(const quantity_line *l, ds_str text, size_t next)
{
    return l->count > 0 && quantity_is_digit(l->cp[l->count - 1]) && next < text.n &&
           quantity_is_digit((unsigned char)text.p[next]);
}

static void put_cp(quantity_line *l, uint32_t cp, size_t at)
{
    l->cp[l->count] = cp;
    l->at[l->count++] = at;
}

static size_t line_end(ds_str text, size_t i)
{
    while (i < text.n && text.p[i] != '\n' && text.p[i] != '\r')
        i++;
    return i;
}

static ds_status reserve_line(const ds_alloc *a, quantity_line *l, size_t need)
{
    size_t cap = l->cap;
    if (need <= cap)
        return DS_OK;
    size_t cp_cap = cap, at_cap = cap;
    if (ds_grow(a, (void **)&l->cp, &cp_cap, need, sizeof *l->cp) != DS_OK)
        return DS_ENOMEM;
    if (ds_grow(a, (void **)&l->at, &at_cap, need, sizeof *l->at) != DS_OK) {
        ds_mfree(a, l->cp, cp_cap * sizeof *l->cp); /* the two must stay of one size */
        l->cp = NULL;
        ds_mfree(a, l->at, l->cap * sizeof *l->at);
        l->at = NULL;
        l->cap = 0;
        return DS_ENOMEM;
    }
    l->cap = cp_cap;
    return DS_OK;
}

/* Folds the line [beg, end) of the text. */
static void fold_line(quantity_line *l, ds_str text, size_t beg, size_t end)
{
    size_t len;
    text.n = end;
    l->count = 0;
    for (size_t i = beg; i < end; i += len) {
        uint32_t cp;
        size_t past = past_emphasis(text, i);
        if (past > i) {
            if (parts_digits(l, text, past))
                put_cp(l, ' ', i);
            len = past - i;
            continue;
        }
        len = ds_utf8_decode(text.p + i, end - i, &cp);
        if (cp < 0x80 || !is_invisible(cp))
            put_cp(l, cp < 0x80 ? cp : ds_quantity_fold(cp), i);
    }
    for (size_t k = 0; k < QUANTITY_PAD; k++) {
        l->cp[l->count + k] = '\n';
        l->at[l->count + k] = end;
    }
}

size_t ds_quantity_end_of(const quantity_line *l, size_t i)
{
    uint32_t cp;
    size_t left = l->at[l->count] - l->at[i];
    return l->at[i] + ds_utf8_decode(l->text + l->at[i], left, &cp);
}

/* ---------------------------------------------------------------- the state of a clause */

static void begin_clause(quantity_state *s, size_t i)
{
    *s = (quantity_state){.clause = i, .before_end = s->before_end, .before_beg = s->before_beg, .before = s->before,
                          .id_end = s->id_end, .last_end = s->last_end, .prefix_end = s->prefix_end, .prefix_beg = s->prefix_beg,
                          .prefix_unit = s->prefix_unit};
}

static bool ends_clause(uint32_t cp)
{
    switch (cp) {
    case ',': case ';': case '!': case '?': case 0xFF0C: case 0x3002: case 0xFF1B: case 0xFF01: case 0xFF1F: return true;
    default: return false;
    }
}

/* 上 and 过 approximate only before a unit of ten. */
static bool is_weak(const quantity_line *l, size_t i, size_t end)
{
    return end == i + 1 && (l->cp[i] == 0x4E0A || l->cp[i] == 0x8FC7) && ds_quantity_scale(l->cp[end]) <= 0;
}

static void note_before(quantity_state *s, const quantity_line *l, size_t i, size_t end, uint8_t approx)
{
    if (is_weak(l, i, end))
        return;
    if (s->before_end != i || i == 0)
        s->before_beg = i;
    s->before_end = quantity_past_blanks(l, end);
    s->before = approx;
}

static void note_word(quantity_state *s, const quantity_line *l, const quantity_word *w, size_t i, size_t end)
{
    if (w->roles & 1u << DS_ROLE_BEFORE)
        note_before(s, l, i, end, w->approx);
    if (w->roles & 1u << DS_ROLE_PREFIX) {
        s->prefix_beg = i;
        s->prefix_end = quantity_past_blanks(l, end);
        s->prefix_unit = w->unit;
    }
    if (w->roles & (1u << DS_ROLE_UP | 1u << DS_ROLE_DOWN))
        s->direction = w->roles & 1u << DS_ROLE_UP ? 1 : -1;
    if (w->roles & 1u << DS_ROLE_CUE) {
        s->cue = true;
        s->cue_end = quantity_past_blanks(l, end);
    }
    if (w->roles & 1u << DS_ROLE_ID)
        s->id_end = quantity_past_blanks(l, end);
}

/* ---------------------------------------------------------------- the pass */

static ds_status put_quantity(scan *s, const ds_quantity *q)
{
    ds_quantities *v = s->out;
    if (ds_grow(v->alloc, (void **)&v->items, &v->cap, v->count + 1, sizeof *v->items) != DS_OK)
        return DS_ENOMEM;
    v->items[v->count++] = *q;
    return DS_OK;
}

/* Tries to read a quantity at *i, which moves on. */
static ds_status take_number(scan *s, size_t *i)
{
    ds_quantity q;
    size_t end, at = *i;
    bool found = ds_quantity_read(&s->line, &s->state, at, &q, &end);
    *i = end > at ? end : at + 1;
    if (!found) {
        if (s->state.latin_end == at && at > 0 && quantity_is_digit(s->line.cp[at]))
            s->state.latin_end = quantity_past_blanks(&s->line, *i); /* Llama 3 70B: a name goes on */
        return DS_OK;
    }
    s->state.last_end = *i;
    if (q.kind != DS_QUANTITY_DATE) {
        s->state.direction = 0;
        s->state.money = q.kind == DS_QUANTITY_MONEY;
    }
    return put_quantity(s, &q);
}

/* A word that is a quantity by itself (翻倍). */
static ds_status take_whole(scan *s, const quantity_word *w, size_t i, size_t end)
{
    ds_quantity q = {.beg = s->line.at[i], .number_beg = s->line.at[i], .end = ds_quantity_end_of(&s->line, end - 1),
                     .clause_beg = s->line.at[s->state.clause], .value = w->factor, .value_to = w->factor, .unit = w->unit};
    bool times = ds_str_eq(ds_quantity_unit(s->line.words, w->unit), ds_str_of("x"));
    q.kind = times ? DS_QUANTITY_MULTIPLE : DS_QUANTITY_RATIO;
    q.direction = times ? 1 : s->state.direction;
    if (s->state.before_end == i && i > 0) {
        q.beg = s->line.at[s->state.before_beg];
        q.approx = s->state.before;
    }
    return put_quantity(s, &q);
}

static bool is_url_mark(const quantity_line *l, size_t i)
{
    return l->cp[i] == '@' || (l->cp[i] == ':' && l->cp[i + 1] == '/' && l->cp[i + 2] == '/');
}

/* A Latin word with its digits, hyphens and dots, or a URL or address as a whole: names, not numbers. */
static size_t past_latin(quantity_line *l, size_t i)
{
    size_t k = i;
    bool url = l->cp[i] == 'w' && l->cp[i + 1] == 'w' && l->cp[i + 2] == 'w' && l->cp[i + 3] == '.';
    while (quantity_is_latin(l->cp[k]) || quantity_is_digit(l->cp[k]) || url ||
           ((l->cp[k] == '-' || l->cp[k] == '_' || l->cp[k] == '.' || l->cp[k] == '\'') &&
            (quantity_is_latin(l->cp[k + 1]) || quantity_is_digit(l->cp[k + 1]))) || is_url_mark(l, k)) {
        url = url || is_url_mark(l, k);
        if (l->cp[k] >= 0x80 || l->cp[k] <= ' ')
            break;
        k++;
    }
    return k;
}

/* 每百万token, 每辆, 每年: what the next quantity is counted per. */
static size_t take_each(scan *s, size_t i)
{
    const quantity_line *l = &s->line;
    quantity_numeral n;
    size_t beg = i + 1, end, k = beg;
    if (ds_quantity_numeral(l, quantity_past_blanks(l, beg), &n)) {
        if (!n.scaled) /* 每6个月 has a quantity of its own */
            return beg;
        k = n.end;
    }
    k = quantity_past_blanks(l, k);
    if (l->cp[k] == 0x8F93) /* 输入, 输出 */
        k = quantity_past_blanks(l, k + 2);
    if (k >= l->count)
        return beg;
    const quantity_word *w = ds_quantity_word_at(l, l->words->behind, k, &end);
    if (w == NULL || w->role > DS_ROLE_MEASURE)
        return beg;
    s->state.per_beg = l->at[quantity_past_blanks(l, beg)];
    s->state.per_end = ds_quantity_end_of(l, end - 1);
    return end;
}

static ds_status take_word(scan *s, size_t *i, bool *done)
{
    size_t end;
    const quantity_word *w = ds_quantity_word_at(&s->line, s->line.words->text, *i, &end);
    *done = false;
    if (w == NULL)
        return DS_OK;
    if (w->roles & 1u << DS_ROLE_DATE) {
        *done = true;
        return take_number(s, i);
    }
    *done = true;
    if (w->roles & 1u << DS_ROLE_SKIP) {
        ds_quantity q;
        size_t further;
        if (ds_quantity_read(&s->line, &s->state, *i, &q, &further) && further > end)
            return take_number(s, i);
    }
    ds_status st = DS_OK;
    note_word(&s->state, &s->line, w, *i, end);
    if (w->roles & 1u << DS_ROLE_WHOLE)
        st = take_whole(s, w, *i, end);
    *i = end;
    return st;
}

static bool is_numeral(uint32_t cp)
{
    return quantity_is_digit(cp) || cp == 0x534A || cp == 0x51E0 || cp == 0x6570 || /* 半 几 数 */
           ds_quantity_han_digit(cp) >= 0 || ds_quantity_scale(cp) > 0;
}

/* A numeral, or what dates begin with: 第三季度, 民国113年, Q3. */
static bool begins_number(const quantity_line *l, size_t i)
{
    uint32_t cp = l->cp[i], next = l->cp[i + 1];
    return is_numeral(cp) || (cp == 0x7B2C && is_numeral(next)) || (cp == 0x6C11 && next == 0x56FD) || (cp | 0x20) == 'q';
}

static ds_status scan_line(scan *s)
{
    const ds_quantity_words *w = s->line.words;
    s->state = (quantity_state){0};
    for (size_t i = 0; i < s->line.count;) {
        uint32_t cp = s->line.cp[i];
        bool done = false;
        if (quantity_is_head(w, cp)) {
            ds_status st = take_word(s, &i, &done);
            if (st != DS_OK)
                return st;
            if (done)
                continue;
        }
        if (begins_number(&s->line, i)) {
            size_t at = i;
            ds_status st = take_number(s, &i);
            if (st != DS_OK)
                return st;
            if (quantity_is_latin(cp) && i == at + 1) /* no quarter but a word */
                s->state.latin_end = quantity_past_blanks(&s->line, i = past_latin(&s->line, at));
        } else if (quantity_is_latin(cp)) {
            i = past_latin(&s->line, i);
            s->state.latin_end = quantity_past_blanks(&s->line, i);
        } else if (cp == 0x6BCF) { /* 每 */
            i = take_each(s, i);
        } else {
            if (ends_clause(cp))
                begin_clause(&s->state, i + 1);
            i++;
        }
    }
    return DS_OK;
}

ds_status ds_quantity_find(const ds_quantity_words *w, ds_str text, ds_quantities *out, ds_error *err)
{
    scan s = {.line = {.words = w, .text = text.p}, .out = out};
    size_t before = out->count;
    ds_status st = DS_OK;
    for (size_t beg = 0; beg < text.n && st == DS_OK;) {
        size_t end = line_end(text, beg);
        if (end > beg) {
            st = reserve_line(out->alloc, &s.line, end - beg + QUANTITY_PAD);
            if (st == DS_OK) {
                fold_line(&s.line, text, beg, end);
                st = scan_line(&s);
            }
        }
        beg = end + 1;
    }
    ds_mfree(out->alloc, s.line.cp, s.line.cap * sizeof *s.line.cp);
    ds_mfree(out->alloc, s.line.at, s.line.cap * sizeof *s.line.at);
    if (st != DS_OK) {
        out->count = before;
        return ds_fail_nomem(err);
    }
    return DS_OK;
}

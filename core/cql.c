/* cql.c - see cql.h: a parser by recursive descent, one function a rule of the grammar. */
#include "cql_parse_int.h"

/* ------------------------------------------------------------------ sequences */

static uint32_t parse_choice(cql_parser *p);

static uint32_t parse_phrase(cql_parser *p)
{
    ds_str raw;
    char quote;
    size_t off = p->at, from = p->q->pool.n;
    if (!cql_take_quoted(p, &raw, &quote))
        return NO_NODE;
    uint32_t n = cql_add_node(p, DS_CQL_PHRASE, off);
    ds_buf phrase;
    ds_buf_init(&phrase, p->q->alloc);
    if (n != NO_NODE && cql_phrase(raw, quote, &phrase, NULL) != DS_OK)
        n = cql_fail_memory(p);
    ds_buf_put(&p->q->pool, phrase.p, phrase.n);
    ds_buf_clear(&phrase);
    if (n == NO_NODE)
        return n;
    if (p->q->pool.status != DS_OK)
        return cql_fail_memory(p);
    if (p->q->pool.n == from)
        return cql_fail_at(p, DS_EFORMAT, off, "nothing between the quotation marks but white space");
    cql_set_value(p, n, from);
    return n;
}

static uint32_t parse_group(cql_parser *p)
{
    if (!cql_enter(p))
        return NO_NODE;
    p->at++;
    uint32_t n = parse_choice(p);
    p->depth--;
    if (n == NO_NODE)
        return n;
    return cql_take(p, ')') ? n : cql_fail_expected(p, "')', '|' or another part");
}

static bool take_number(cql_parser *p, uint32_t *out, const char *too_many)
{
    uint32_t v = 0;
    cql_skip_space(p);
    size_t from = p->at;
    for (; p->at < p->s.n && p->s.p[p->at] >= '0' && p->s.p[p->at] <= '9'; p->at++) {
        v = v * 10 + (uint32_t)(p->s.p[p->at] - '0');
        if (v > DS_CQL_REPEAT_MAX) {
            cql_fail_at(p, DS_ELIMIT, from, too_many);
            return false;
        }
    }
    if (p->at == from) {
        cql_fail_expected(p, "a number");
        return false;
    }
    *out = v;
    return true;
}

#define TOO_MANY_ROUNDS "more repetitions than 1000"

/* Behind an opening brace. */
static bool take_braces(cql_parser *p, uint32_t *min, uint32_t *max)
{
    size_t off = p->at;
    if (!take_number(p, min, TOO_MANY_ROUNDS))
        return false;
    *max = *min;
    if (cql_take(p, ',')) {
        *max = DS_CQL_UNBOUNDED;
        if (cql_peek(p) != '}' && !take_number(p, max, TOO_MANY_ROUNDS))
            return false;
    }
    if (!cql_take(p, '}')) {
        cql_fail_expected(p, "'}'");
        return false;
    }
    if (*max < *min || *max == 0) {
        cql_fail_at(p, DS_EFORMAT, off,
                    *max == 0 ? "repeated no times" : "the second number is smaller than the first");
        return false;
    }
    return true;
}

/* Quantifiers behind `n`; at most two, as in (x+)? without the parentheses. */
static uint32_t parse_repeats(cql_parser *p, uint32_t n)
{
    for (int i = 0; i < 2 && n != NO_NODE; i++) {
        uint32_t min = 0, max = DS_CQL_UNBOUNDED;
        cql_skip_space(p);
        size_t off = p->at;
        if (cql_take(p, '?'))
            max = 1;
        else if (cql_take(p, '+'))
            min = 1;
        else if (cql_take(p, '{')) {
            if (!take_braces(p, &min, &max))
                return NO_NODE;
        } else if (!cql_take(p, '*'))
            return n;
        n = cql_add_parent(p, DS_CQL_REPEAT, off, n);
        if (n != NO_NODE) {
            p->q->nodes[n].min = min;
            p->q->nodes[n].max = max;
        }
    }
    return n;
}

/* @name: or name: before a part; the capture's number in *number.  False: an error, or none (*number NO_NODE). */
static bool take_capture(cql_parser *p, uint32_t *number)
{
    ds_cql *q = p->q;
    size_t off = p->at;
    *number = NO_NODE;
    bool marked = cql_take(p, '@');
    ds_str name = cql_peek_name(p);
    if (name.n == 0) {
        if (marked)
            cql_fail_expected(p, "a name");
        return false;
    }
    size_t back = p->at;
    p->at += name.n;
    if (!cql_take(p, ':')) {
        if (marked)
            cql_fail_expected(p, "':'");
        p->at = back;
        return false;
    }
    for (*number = 0; *number < q->captures; ++*number)
        if (ds_str_eq(q->names[*number], name))
            return true;
    if (q->captures == DS_CQL_CAPTURES_MAX) {
        cql_fail_at(p, DS_ELIMIT, off, "more than 16 names");
        return false;
    }
    q->names[q->captures++] = name;
    return true;
}

static uint32_t parse_item(cql_parser *p)
{
    uint32_t n, number = NO_NODE;
    char c = cql_peek(p);
    size_t off = p->at;
    bool named = c != '[' && c != '(' && c != '"' && c != '\'' && take_capture(p, &number);
    if (p->status != DS_OK)
        return NO_NODE;
    switch (cql_peek(p)) {
    case '[': n = cql_parse_token(p); break;
    case '(': n = parse_group(p); break;
    case '"':
    case '\'': n = parse_phrase(p); break;
    default: return cql_fail_expected(p, "'[', '(' or a phrase between quotation marks");
    }
    n = parse_repeats(p, n);
    if (named && n != NO_NODE) {
        n = cql_add_parent(p, DS_CQL_CAPTURE, off, n);
        if (n != NO_NODE)
            p->q->nodes[n].capture = number;
    }
    return n;
}

static bool sequence_ends(cql_parser *p)
{
    char c = cql_peek(p);
    return p->at >= p->s.n || c == '|' || c == ')' || (cql_is_word(cql_peek_name(p), "within"));
}

static uint32_t parse_sequence(cql_parser *p)
{
    cql_skip_space(p);
    size_t off = p->at;
    uint32_t first = parse_item(p), last = first;
    if (first == NO_NODE || sequence_ends(p))
        return first;
    do {
        uint32_t n = parse_item(p);
        if (n == NO_NODE)
            return n;
        p->q->nodes[last].next = n;
        last = n;
    } while (!sequence_ends(p));
    return cql_add_parent(p, DS_CQL_SEQUENCE, off, first);
}

static uint32_t parse_choice(cql_parser *p)
{
    return cql_parse_joined(p, parse_sequence, '|', DS_CQL_CHOICE);
}

/* The number of units, or of tokens; false: an error, or none. */
static bool take_span(cql_parser *p)
{
    char c = cql_peek(p);
    size_t off = p->at;
    if (c < '0' || c > '9' || !take_number(p, &p->q->span, "more than 1000 units or tokens"))
        return false;
    if (p->q->span == 0)
        cql_fail_at(p, DS_EFORMAT, off, "nothing is within 0 units");
    return p->status == DS_OK;
}

/* "within", and s, p or doc; a number and s or p; or a number of tokens. */
static void parse_within(cql_parser *p)
{
    static const struct {
        const char *name;
        ds_cql_within unit;
    } units[] = {{"s", DS_CQL_SENTENCE}, {"p", DS_CQL_PARAGRAPH}, {"doc", DS_CQL_DOC}};
    if (!cql_is_word(cql_peek_name(p), "within"))
        return;
    p->at += sizeof "within" - 1;
    bool counted = take_span(p);
    if (p->status != DS_OK)
        return;
    ds_str name = cql_peek_name(p);
    if (counted && name.n == 0) {
        p->q->unit = DS_CQL_TOKENS;
        return;
    }
    for (size_t i = 0; i < (counted ? 2 : 3); i++)
        if (cql_is_word(name, units[i].name)) {
            p->q->unit = units[i].unit;
            p->at += name.n;
            return;
        }
    cql_fail_expected(p, counted ? "s (sentences), p (paragraphs) or the end (tokens)"
                                 : "s (sentence), p (paragraph), doc or a number");
}

/* ------------------------------------------------------------------ the whole */

static bool is_optional(const ds_cql *q, uint32_t n)
{
    const ds_cql_node *t = &q->nodes[n];
    switch (t->kind) {
    case DS_CQL_TOKEN:
    case DS_CQL_PHRASE: return false;
    case DS_CQL_REPEAT: return t->min == 0 || is_optional(q, t->child);
    case DS_CQL_CHOICE:
        for (uint32_t c = t->child; c != NO_NODE; c = q->nodes[c].next)
            if (is_optional(q, c))
                return true;
        return false;
    default:
        for (uint32_t c = t->child; c != NO_NODE; c = q->nodes[c].next)
            if (!is_optional(q, c))
                return false;
        return true;
    }
}

static void parse_query(cql_parser *p)
{
    size_t bad;
    if (!ds_utf8_valid(p->s, &bad)) {
        cql_fail_at(p, DS_EFORMAT, bad, "not UTF-8");
        return;
    }
    p->q->root = parse_choice(p);
    if (p->status != DS_OK)
        return;
    parse_within(p);
    cql_skip_space(p);
    if (p->status == DS_OK && p->at < p->s.n)
        cql_fail_expected(p, "'[', '(', a phrase, '|', a quantifier, 'within' or the end");
    else if (p->status == DS_OK && is_optional(p->q, p->q->root))
        cql_fail_at(p, DS_EFORMAT, 0, "every part may be missing: the query would match nothing at all everywhere");
}

/* Turns offsets into views, now that the pool stays where it is. */
static void settle(ds_cql *q)
{
    for (size_t i = 0; i < q->count; i++) {
        ds_cql_node *t = &q->nodes[i];
        if (t->kind == DS_CQL_PHRASE || t->kind == DS_CQL_TEST)
            t->value.p = q->pool.n > 0 ? q->pool.p + (uintptr_t)t->value.p : "";
    }
}

ds_status ds_cql_parse(const ds_alloc *a, ds_str text, ds_cql **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    if (text.n > DS_CQL_TEXT_MAX)
        return ds_fail(err, DS_ELIMIT, DS_CQL_TEXT_MAX, 0, "query longer than %u bytes", DS_CQL_TEXT_MAX);
    ds_cql *q = ds_calloc(a, 1, sizeof *q);
    if (q == NULL)
        return ds_fail_nomem(err);
    q->alloc = a;
    q->unit = DS_CQL_DOC;
    q->span = 1;
    ds_buf_init(&q->pool, a);
    ds_buf_init(&q->text, a);
    ds_buf_put(&q->text, text.p, text.n);
    ds_buf_byte(&q->text, '\0');
    cql_parser p = {.q = q, .s = {q->text.p, text.n}, .err = err};
    if (q->text.status != DS_OK)
        cql_fail_memory(&p);
    else
        parse_query(&p);
    if (p.status != DS_OK) {
        ds_cql_free(q);
        return p.status;
    }
    settle(q);
    *out = q;
    return DS_OK;
}

void ds_cql_free(ds_cql *q)
{
    if (q == NULL)
        return;
    ds_mfree(q->alloc, q->nodes, q->cap * sizeof *q->nodes);
    ds_buf_clear(&q->pool);
    ds_buf_clear(&q->text);
    ds_mfree(q->alloc, q, sizeof *q);
}

uint32_t ds_cql_root(const ds_cql *q)
{
    return q->root;
}

const ds_cql_node *ds_cql_at(const ds_cql *q, uint32_t i)
{
    return &q->nodes[i];
}

uint32_t ds_cql_count(const ds_cql *q)
{
    return (uint32_t)q->count;
}

ds_cql_within ds_cql_unit(const ds_cql *q)
{
    return q->unit;
}

uint32_t ds_cql_span(const ds_cql *q)
{
    return q->span;
}

uint32_t ds_cql_captures(const ds_cql *q)
{
    return q->captures;
}

ds_str ds_cql_capture(const ds_cql *q, uint32_t i)
{
    return i < q->captures ? q->names[i] : (ds_str){NULL, 0};
}

ds_str ds_cql_text(const ds_cql *q)
{
    return (ds_str){q->text.p, q->text.n - 1};
}

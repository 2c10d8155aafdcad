/* cql.c - see cql.h: a parser by recursive descent, one function a rule of the grammar. */
#include "cql_int.h"

#include <string.h>

struct ds_cql {
    const ds_alloc *alloc;
    ds_cql_node *nodes;
    size_t count, cap;
    uint32_t root;
    ds_cql_within unit;
    ds_str names[DS_CQL_CAPTURES_MAX];
    uint32_t captures;
    ds_buf pool;    /* all strings; views are set when it no longer grows */
    ds_buf text;
};

typedef struct parser {
    ds_cql *q;
    ds_str s;
    size_t at;
    uint32_t depth;
    ds_status status;
    ds_error *err;
} parser;

#define NO_NODE DS_CQL_NONE

static const char *const attr_names[DS_CQL_ATTRS] = {"word", "key", "pos", "lemma", "class", "entity"};

const char *ds_cql_attr_name(ds_cql_attr attr)
{
    return (unsigned)attr < DS_CQL_ATTRS ? attr_names[attr] : "";
}

uint32_t ds_cql_column(ds_str text, size_t off)
{
    return (uint32_t)ds_utf8_count((ds_str){text.p, off < text.n ? off : text.n}) + 1;
}

/* ------------------------------------------------------------------ errors */

/* What stands at `at`, for messages: a word, a character, or the end. */
static void describe(const parser *p, size_t at, char *out, size_t cap)
{
    uint32_t cp;
    size_t n = 0;
    if (at >= p->s.n) {
        memcpy(out, "the end", sizeof "the end");
        return;
    }
    while (at + n < p->s.n && n < 16 && ((p->s.p[at + n] | 32) >= 'a' && (p->s.p[at + n] | 32) <= 'z'))
        n++;
    if (n == 0)
        n = ds_utf8_decode(p->s.p + at, p->s.n - at, &cp);
    if (n + 3 > cap)
        n = cap - 3;
    out[0] = '\'';
    memcpy(out + 1, p->s.p + at, n);
    memcpy(out + 1 + n, "'", 2);
}

static uint32_t fail_at(parser *p, ds_status st, size_t at, const char *message)
{
    if (p->status == DS_OK)
        p->status = ds_fail(p->err, st, at, 0, "query, character %u: %s", ds_cql_column(p->s, at), message);
    return NO_NODE;
}

static uint32_t fail_expected(parser *p, const char *expected)
{
    char found[24];
    if (p->status == DS_OK) {
        describe(p, p->at, found, sizeof found);
        p->status = ds_fail(p->err, DS_EFORMAT, p->at, 0, "query, character %u: expected %s, found %s",
                            ds_cql_column(p->s, p->at), expected, found);
    }
    return NO_NODE;
}

static uint32_t fail_memory(parser *p)
{
    if (p->status == DS_OK)
        p->status = ds_fail_nomem(p->err);
    return NO_NODE;
}

/* ------------------------------------------------------------------ nodes and characters */

static uint32_t add_node(parser *p, ds_cql_kind kind, size_t off)
{
    ds_cql *q = p->q;
    if (p->status != DS_OK)
        return NO_NODE;
    if (q->count >= DS_CQL_NODES_MAX)
        return fail_at(p, DS_ELIMIT, off, "the query has too many parts");
    if (ds_grow(q->alloc, (void **)&q->nodes, &q->cap, q->count + 1, sizeof *q->nodes) != DS_OK)
        return fail_memory(p);
    q->nodes[q->count] = (ds_cql_node){
        .kind = kind, .child = NO_NODE, .next = NO_NODE, .off = (uint32_t)off, .min = 1, .max = 1, .capture = NO_NODE};
    return (uint32_t)q->count++;
}

static uint32_t add_parent(parser *p, ds_cql_kind kind, size_t off, uint32_t child)
{
    uint32_t n = add_node(p, kind, off);
    if (n != NO_NODE)
        p->q->nodes[n].child = child;
    return n;
}

static void skip_space(parser *p)
{
    uint32_t cp;
    while (p->at < p->s.n) {
        size_t len = ds_utf8_decode(p->s.p + p->at, p->s.n - p->at, &cp);
        if (!cql_is_space(cp))
            return;
        p->at += len;
    }
}

static char peek(parser *p)
{
    skip_space(p);
    return p->at < p->s.n ? p->s.p[p->at] : '\0';
}

static bool take(parser *p, char c)
{
    if (p->at >= p->s.n || peek(p) != c || p->at >= p->s.n)
        return false;
    p->at++;
    return true;
}

static bool is_name(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

/* The name that begins here, empty: none; nothing is taken. */
static ds_str peek_name(parser *p)
{
    size_t n = 0;
    skip_space(p);
    while (p->at + n < p->s.n && is_name(p->s.p[p->at + n], n == 0))
        n++;
    return (ds_str){p->s.p + p->at, n};
}

static bool is_word(ds_str s, const char *word)
{
    return ds_str_eq(s, ds_str_of(word));
}

/* One level of nesting deeper; false: too deep. */
static bool enter(parser *p)
{
    if (p->depth >= DS_CQL_DEPTH_MAX) {
        fail_at(p, DS_ELIMIT, p->at, "nested too deep");
        return false;
    }
    p->depth++;
    return true;
}

/* ------------------------------------------------------------------ strings */

/* The text between the quotation marks that begin here. */
static bool take_quoted(parser *p, ds_str *raw, char *quote)
{
    size_t from = ++p->at;
    *quote = p->s.p[from - 1];
    for (; p->at < p->s.n; p->at++) {
        if (p->s.p[p->at] == '\\' && p->at + 1 < p->s.n) {
            p->at++;
        } else if (p->s.p[p->at] == *quote) {
            *raw = (ds_str){p->s.p + from, p->at++ - from};
            return true;
        }
    }
    fail_at(p, DS_EFORMAT, from - 1, "the quotation mark that opens here is never closed");
    return false;
}

/* Until the pool is complete a value's address counts from the pool's start. */
static void set_value(parser *p, uint32_t node, size_t from)
{
    ds_cql *q = p->q;
    q->nodes[node].value = (ds_str){(const char *)(uintptr_t)from, q->pool.n - from};
}

static uint32_t parse_phrase(parser *p)
{
    ds_str raw;
    char quote;
    size_t off = p->at, from = p->q->pool.n;
    if (!take_quoted(p, &raw, &quote))
        return NO_NODE;
    uint32_t n = add_node(p, DS_CQL_PHRASE, off);
    ds_buf phrase;
    ds_buf_init(&phrase, p->q->alloc);
    if (n != NO_NODE && cql_phrase(raw, quote, &phrase, NULL) != DS_OK)
        n = fail_memory(p);
    ds_buf_put(&p->q->pool, phrase.p, phrase.n);
    ds_buf_clear(&phrase);
    if (n == NO_NODE)
        return n;
    if (p->q->pool.status != DS_OK)
        return fail_memory(p);
    if (p->q->pool.n == from)
        return fail_at(p, DS_EFORMAT, off, "nothing between the quotation marks but white space");
    set_value(p, n, from);
    return n;
}

/* %c, %l, both or none. */
static bool take_flags(parser *p, bool *ignore_case, bool *literal)
{
    if (!take(p, '%'))
        return true;
    size_t from = p->at;
    for (; p->at < p->s.n; p->at++) {
        if (p->s.p[p->at] == 'c')
            *ignore_case = true;
        else if (p->s.p[p->at] == 'l')
            *literal = true;
        else
            break;
    }
    if (p->at == from || peek_name(p).n > 0) {
        fail_expected(p, "the flags c (any case) or l (no regular expression)");
        return false;
    }
    return true;
}

static void check_class(parser *p, const ds_cql_node *t, ds_str value, size_t off)
{
    static const char *const classes[] = {"han",  "latin", "number", "money", "percent", "date",
                                          "url", "emoji", "punct",  "bad"};
    if (t->pattern)
        return;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (is_word(value, classes[i]))
            return;
    fail_at(p, DS_EFORMAT, off, "no class of that name: han latin number money percent date url emoji punct bad");
}

static bool take_attr(parser *p, ds_cql_attr *attr)
{
    ds_str name = peek_name(p);
    for (int i = 0; i < DS_CQL_ATTRS; i++)
        if (is_word(name, attr_names[i])) {
            *attr = (ds_cql_attr)i;
            p->at += name.n;
            return true;
        }
    fail_expected(p, "word, key, pos, lemma, class, entity, '!' or '('");
    return false;
}

/* = "value" or != "value", with its flags. */
static bool take_value(parser *p, uint32_t node, bool *differs)
{
    ds_cql *q = p->q;
    ds_str raw;
    char quote;
    bool literal = false;
    *differs = take(p, '!');
    if (!take(p, '=')) {
        fail_expected(p, *differs ? "'='" : "'=' or '!='");
        return false;
    }
    char c = peek(p);
    if (c != '"' && c != '\'') {
        fail_expected(p, "a value between quotation marks");
        return false;
    }
    size_t from = q->pool.n, off = p->at;
    if (!take_quoted(p, &raw, &quote) || !take_flags(p, &q->nodes[node].ignore_case, &literal))
        return false;
    ds_cql_node *t = &q->nodes[node];
    bool fold = t->attr == DS_CQL_KEY || t->attr == DS_CQL_ENTITY;
    literal = literal || t->attr == DS_CQL_ENTITY;
    ds_buf value;
    ds_buf_init(&value, q->alloc);
    if (cql_value(raw, quote, literal, fold, &value, &t->pattern, NULL) != DS_OK)
        fail_memory(p);
    else if (t->attr == DS_CQL_CLASS)
        check_class(p, t, ds_buf_str(&value), off);
    ds_buf_put(&q->pool, value.p, value.n);
    ds_buf_clear(&value);
    if (q->pool.status != DS_OK)
        fail_memory(p);
    set_value(p, node, from);
    return p->status == DS_OK;
}

/* ------------------------------------------------------------------ conditions */

static uint32_t parse_condition(parser *p);

static uint32_t parse_test(parser *p)
{
    ds_cql_attr attr;
    bool differs;
    skip_space(p);
    size_t off = p->at;
    if (!take_attr(p, &attr))
        return NO_NODE;
    uint32_t n = add_node(p, DS_CQL_TEST, off);
    if (n == NO_NODE)
        return n;
    p->q->nodes[n].attr = attr;
    if (!take_value(p, n, &differs))
        return NO_NODE;
    return differs ? add_parent(p, DS_CQL_NOT, off, n) : n;
}

static uint32_t parse_not(parser *p)
{
    char c = peek(p);
    size_t off = p->at;
    if (c != '!' && c != '(')
        return parse_test(p);
    if (!enter(p))
        return NO_NODE;
    p->at++;
    uint32_t n = c == '!' ? parse_not(p) : parse_condition(p);
    p->depth--;
    if (n == NO_NODE)
        return n;
    if (c == '!')
        return add_parent(p, DS_CQL_NOT, off, n);
    return take(p, ')') ? n : fail_expected(p, "')', '&' or '|'");
}

typedef uint32_t rule(parser *p);

/* One or more of what `part` reads, `c` between them; several have a parent of `kind`. */
static uint32_t parse_joined(parser *p, rule *part, char c, ds_cql_kind kind)
{
    skip_space(p);
    size_t off = p->at;
    uint32_t first = part(p), last = first;
    if (first == NO_NODE || !take(p, c))
        return first;
    do {
        uint32_t n = part(p);
        if (n == NO_NODE)
            return n;
        p->q->nodes[last].next = n;
        last = n;
    } while (take(p, c));
    return add_parent(p, kind, off, first);
}

static uint32_t parse_and(parser *p)
{
    return parse_joined(p, parse_not, '&', DS_CQL_AND);
}

static uint32_t parse_condition(parser *p)
{
    return parse_joined(p, parse_and, '|', DS_CQL_OR);
}

static uint32_t parse_token(parser *p)
{
    size_t off = p->at++;
    if (take(p, ']'))
        return add_node(p, DS_CQL_TOKEN, off);
    uint32_t n = parse_condition(p);
    if (n == NO_NODE)
        return n;
    if (!take(p, ']'))
        return fail_expected(p, "']', '&' or '|'");
    return add_parent(p, DS_CQL_TOKEN, off, n);
}

/* ------------------------------------------------------------------ sequences */

static uint32_t parse_choice(parser *p);

static uint32_t parse_group(parser *p)
{
    if (!enter(p))
        return NO_NODE;
    p->at++;
    uint32_t n = parse_choice(p);
    p->depth--;
    if (n == NO_NODE)
        return n;
    return take(p, ')') ? n : fail_expected(p, "')', '|' or another part");
}

static bool take_number(parser *p, uint32_t *out)
{
    uint32_t v = 0;
    skip_space(p);
    size_t from = p->at;
    for (; p->at < p->s.n && p->s.p[p->at] >= '0' && p->s.p[p->at] <= '9'; p->at++) {
        v = v * 10 + (uint32_t)(p->s.p[p->at] - '0');
        if (v > DS_CQL_REPEAT_MAX) {
            fail_at(p, DS_ELIMIT, from, "more repetitions than 1000");
            return false;
        }
    }
    if (p->at == from) {
        fail_expected(p, "a number");
        return false;
    }
    *out = v;
    return true;
}

/* Behind an opening brace. */
static bool take_braces(parser *p, uint32_t *min, uint32_t *max)
{
    size_t off = p->at;
    if (!take_number(p, min))
        return false;
    *max = *min;
    if (take(p, ',')) {
        *max = DS_CQL_UNBOUNDED;
        if (peek(p) != '}' && !take_number(p, max))
            return false;
    }
    if (!take(p, '}')) {
        fail_expected(p, "'}'");
        return false;
    }
    if (*max < *min || *max == 0) {
        fail_at(p, DS_EFORMAT, off, *max == 0 ? "repeated no times" : "the second number is smaller than the first");
        return false;
    }
    return true;
}

/* Quantifiers behind `n`; at most two, as in (x+)? without the parentheses. */
static uint32_t parse_repeats(parser *p, uint32_t n)
{
    for (int i = 0; i < 2 && n != NO_NODE; i++) {
        uint32_t min = 0, max = DS_CQL_UNBOUNDED;
        skip_space(p);
        size_t off = p->at;
        if (take(p, '?'))
            max = 1;
        else if (take(p, '+'))
            min = 1;
        else if (take(p, '{')) {
            if (!take_braces(p, &min, &max))
                return NO_NODE;
        } else if (!take(p, '*'))
            return n;
        n = add_parent(p, DS_CQL_REPEAT, off, n);
        if (n != NO_NODE) {
            p->q->nodes[n].min = min;
            p->q->nodes[n].max = max;
        }
    }
    return n;
}

/* @name: or name: before a part; the capture's number in *number.  False: an error, or none (*number NO_NODE). */
static bool take_capture(parser *p, uint32_t *number)
{
    ds_cql *q = p->q;
    size_t off = p->at;
    *number = NO_NODE;
    bool marked = take(p, '@');
    ds_str name = peek_name(p);
    if (name.n == 0) {
        if (marked)
            fail_expected(p, "a name");
        return false;
    }
    size_t back = p->at;
    p->at += name.n;
    if (!take(p, ':')) {
        if (marked)
            fail_expected(p, "':'");
        p->at = back;
        return false;
    }
    for (*number = 0; *number < q->captures; ++*number)
        if (ds_str_eq(q->names[*number], name))
            return true;
    if (q->captures == DS_CQL_CAPTURES_MAX) {
        fail_at(p, DS_ELIMIT, off, "more than 16 names");
        return false;
    }
    q->names[q->captures++] = name;
    return true;
}

static uint32_t parse_item(parser *p)
{
    uint32_t n, number = NO_NODE;
    char c = peek(p);
    size_t off = p->at;
    bool named = c != '[' && c != '(' && c != '"' && c != '\'' && take_capture(p, &number);
    if (p->status != DS_OK)
        return NO_NODE;
    switch (peek(p)) {
    case '[': n = parse_token(p); break;
    case '(': n = parse_group(p); break;
    case '"':
    case '\'': n = parse_phrase(p); break;
    default: return fail_expected(p, "'[', '(' or a phrase between quotation marks");
    }
    n = parse_repeats(p, n);
    if (named && n != NO_NODE) {
        n = add_parent(p, DS_CQL_CAPTURE, off, n);
        if (n != NO_NODE)
            p->q->nodes[n].capture = number;
    }
    return n;
}

static bool sequence_ends(parser *p)
{
    char c = peek(p);
    return p->at >= p->s.n || c == '|' || c == ')' || (is_word(peek_name(p), "within"));
}

static uint32_t parse_sequence(parser *p)
{
    skip_space(p);
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
    return add_parent(p, DS_CQL_SEQUENCE, off, first);
}

static uint32_t parse_choice(parser *p)
{
    return parse_joined(p, parse_sequence, '|', DS_CQL_CHOICE);
}

static void parse_within(parser *p)
{
    static const struct {
        const char *name;
        ds_cql_within unit;
    } units[] = {{"s", DS_CQL_SENTENCE}, {"p", DS_CQL_PARAGRAPH}, {"doc", DS_CQL_DOC}};
    if (!is_word(peek_name(p), "within"))
        return;
    p->at += sizeof "within" - 1;
    ds_str name = peek_name(p);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (is_word(name, units[i].name)) {
            p->q->unit = units[i].unit;
            p->at += name.n;
            return;
        }
    fail_expected(p, "s (sentence), p (paragraph) or doc");
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

static void parse_query(parser *p)
{
    size_t bad;
    if (!ds_utf8_valid(p->s, &bad)) {
        fail_at(p, DS_EFORMAT, bad, "not UTF-8");
        return;
    }
    p->q->root = parse_choice(p);
    if (p->status != DS_OK)
        return;
    parse_within(p);
    skip_space(p);
    if (p->status == DS_OK && p->at < p->s.n)
        fail_expected(p, "'[', '(', a phrase, '|', a quantifier, 'within' or the end");
    else if (p->status == DS_OK && is_optional(p->q, p->q->root))
        fail_at(p, DS_EFORMAT, 0, "every part may be missing: the query would match nothing at all everywhere");
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
    ds_buf_init(&q->pool, a);
    ds_buf_init(&q->text, a);
    ds_buf_put(&q->text, text.p, text.n);
    ds_buf_byte(&q->text, '\0');
    parser p = {.q = q, .s = {q->text.p, text.n}, .err = err};
    if (q->text.status != DS_OK)
        fail_memory(&p);
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

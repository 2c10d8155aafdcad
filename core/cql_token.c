/* cql_token.c - what stands between the brackets of a query; see cql_parse_int.h. */
#include "cql_parse_int.h"

static const char *const attr_names[DS_CQL_ATTRS] = {"word", "key", "pos", "lemma", "class", "entity"};

const char *ds_cql_attr_name(ds_cql_attr attr)
{
    return (unsigned)attr < DS_CQL_ATTRS ? attr_names[attr] : "";
}

/* ------------------------------------------------------------------ tests */

/* %c, %l, both or none. */
static bool take_flags(cql_parser *p, bool *ignore_case, bool *literal)
{
    if (!cql_take(p, '%'))
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
    if (p->at == from || cql_peek_name(p).n > 0) {
        cql_fail_expected(p, "the flags c (any case) or l (no regular expression)");
        return false;
    }
    return true;
}

static void check_class(cql_parser *p, const ds_cql_node *t, ds_str value, size_t off)
{
    static const char *const classes[] = {"han",  "latin", "number", "money", "percent", "date",
                                          "url", "emoji", "punct",  "bad"};
    if (t->pattern)
        return;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (cql_is_word(value, classes[i]))
            return;
    cql_fail_at(p, DS_EFORMAT, off, "no class of that name: han latin number money percent date url emoji punct bad");
}

static bool take_attr(cql_parser *p, ds_cql_attr *attr)
{
    ds_str name = cql_peek_name(p);
    for (int i = 0; i < DS_CQL_ATTRS; i++)
        if (cql_is_word(name, attr_names[i])) {
            *attr = (ds_cql_attr)i;
            p->at += name.n;
            return true;
        }
    cql_fail_expected(p, "word, key, pos, lemma, class, entity, '!' or '('");
    return false;
}

/* = "value" or != "value", with its flags. */
static bool take_value(cql_parser *p, uint32_t node, bool *differs)
{
    ds_cql *q = p->q;
    ds_str raw;
    char quote;
    bool literal = false;
    *differs = cql_take(p, '!');
    if (!cql_take(p, '=')) {
        cql_fail_expected(p, *differs ? "'='" : "'=' or '!='");
        return false;
    }
    char c = cql_peek(p);
    if (c != '"' && c != '\'') {
        cql_fail_expected(p, "a value between quotation marks");
        return false;
    }
    size_t from = q->pool.n, off = p->at;
    if (!cql_take_quoted(p, &raw, &quote) || !take_flags(p, &q->nodes[node].ignore_case, &literal))
        return false;
    ds_cql_node *t = &q->nodes[node];
    bool fold = t->attr == DS_CQL_KEY || t->attr == DS_CQL_ENTITY;
    literal = literal || t->attr == DS_CQL_ENTITY;
    ds_buf value;
    ds_buf_init(&value, q->alloc);
    if (cql_value(raw, quote, literal, fold, &value, &t->pattern, NULL) != DS_OK)
        cql_fail_memory(p);
    else if (t->attr == DS_CQL_CLASS)
        check_class(p, t, ds_buf_str(&value), off);
    ds_buf_put(&q->pool, value.p, value.n);
    ds_buf_clear(&value);
    if (q->pool.status != DS_OK)
        cql_fail_memory(p);
    cql_set_value(p, node, from);
    return p->status == DS_OK;
}

/* ------------------------------------------------------------------ conditions */

static uint32_t parse_condition(cql_parser *p);

static uint32_t parse_test(cql_parser *p)
{
    ds_cql_attr attr;
    bool differs;
    cql_skip_space(p);
    size_t off = p->at;
    if (!take_attr(p, &attr))
        return NO_NODE;
    uint32_t n = cql_add_node(p, DS_CQL_TEST, off);
    if (n == NO_NODE)
        return n;
    p->q->nodes[n].attr = attr;
    if (!take_value(p, n, &differs))
        return NO_NODE;
    return differs ? cql_add_parent(p, DS_CQL_NOT, off, n) : n;
}

static uint32_t parse_not(cql_parser *p)
{
    char c = cql_peek(p);
    size_t off = p->at;
    if (c != '!' && c != '(')
        return parse_test(p);
    if (!cql_enter(p))
        return NO_NODE;
    p->at++;
    uint32_t n = c == '!' ? parse_not(p) : parse_condition(p);
    p->depth--;
    if (n == NO_NODE)
        return n;
    if (c == '!')
        return cql_add_parent(p, DS_CQL_NOT, off, n);
    return cql_take(p, ')') ? n : cql_fail_expected(p, "')', '&' or '|'");
}

static uint32_t parse_and(cql_parser *p)
{
    return cql_parse_joined(p, parse_not, '&', DS_CQL_AND);
}

static uint32_t parse_condition(cql_parser *p)
{
    return cql_parse_joined(p, parse_and, '|', DS_CQL_OR);
}

uint32_t cql_parse_token(cql_parser *p)
{
    size_t off = p->at++;
    if (cql_take(p, ']'))
        return cql_add_node(p, DS_CQL_TOKEN, off);
    uint32_t n = parse_condition(p);
    if (n == NO_NODE)
        return n;
    if (!cql_take(p, ']'))
        return cql_fail_expected(p, "']', '&' or '|'");
    return cql_add_parent(p, DS_CQL_TOKEN, off, n);
}

/* query_plan.c - where the search for matches begins, and the plan told in words. */
#include "query_int.h"

#include <inttypes.h>
#include <stdio.h>

enum { DENSE = 16 }; /* an element that is one of so many tokens is no help: every article is read */

static uint64_t add_up(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* ------------------------------------------------------------------ how rare, how long */

static const ds_cql_node *node_at(const ds_query *q, uint32_t i)
{
    return ds_cql_at(q->tree, i);
}

static uint64_t phrases_cost(const ds_query *q, uint32_t node)
{
    uint64_t cost = 0;
    for (uint32_t i = 0; i < q->phrase_n[node]; i++)
        cost = add_up(cost, q->phrases[q->phrase_of[node] + i].cost);
    return cost;
}

static bool is_optional(const ds_query *q, uint32_t node)
{
    const ds_cql_node *n = node_at(q, node);
    if (n->kind == DS_CQL_TOKEN || n->kind == DS_CQL_PHRASE)
        return false;
    if (n->kind == DS_CQL_REPEAT)
        return n->min == 0 || is_optional(q, n->child);
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = node_at(q, c)->next)
        if (is_optional(q, c) == (n->kind == DS_CQL_CHOICE))
            return n->kind == DS_CQL_CHOICE;
    return n->kind != DS_CQL_CHOICE;
}

/* Tokens to look at for an element that every match has, UINT64_MAX: nothing is known. */
static uint64_t cost_of(const ds_query *q, uint32_t node)
{
    const ds_cql_node *n = node_at(q, node);
    uint64_t cost = n->kind == DS_CQL_SEQUENCE ? UINT64_MAX : 0;
    if (is_optional(q, node))
        return UINT64_MAX;
    switch (n->kind) {
    case DS_CQL_TOKEN:
        if (q->token_of[node] != DS_CQL_NONE) {
            const q_token *t = &q->tokens[q->token_of[node]];
            return t->listed ? t->types.tokens : UINT64_MAX;
        }
        return phrases_cost(q, node);
    case DS_CQL_PHRASE: return phrases_cost(q, node);
    case DS_CQL_REPEAT:
    case DS_CQL_CAPTURE: return cost_of(q, n->child);
    default: break;
    }
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = node_at(q, c)->next) {
        uint64_t one = cost_of(q, c);
        if (n->kind == DS_CQL_CHOICE)
            cost = add_up(cost, one);
        else if (one < cost)
            cost = one;
    }
    return cost;
}

static uint32_t add_length(uint32_t a, uint32_t b)
{
    return a == DS_CQL_UNBOUNDED || b == DS_CQL_UNBOUNDED || a > DS_CQL_UNBOUNDED - 1 - b ? DS_CQL_UNBOUNDED : a + b;
}

static uint32_t phrases_length(const ds_query *q, uint32_t node)
{
    size_t most = 0;
    for (uint32_t i = 0; i < q->phrase_n[node]; i++) {
        size_t n = ds_utf8_count(q->phrases[q->phrase_of[node] + i].text);
        most = n > most ? n : most;
    }
    return (uint32_t)most;
}

static uint32_t times(uint32_t length, uint32_t n)
{
    if (length == 0 || n == 0)
        return 0;
    return n == DS_CQL_UNBOUNDED || length >= DS_CQL_UNBOUNDED / n ? DS_CQL_UNBOUNDED : length * n;
}

/* The tokens of the longest match, white space not counted. */
static uint32_t length_of(const ds_query *q, uint32_t node)
{
    const ds_cql_node *n = node_at(q, node);
    uint32_t length = 0;
    if (n->kind == DS_CQL_TOKEN && q->token_of[node] != DS_CQL_NONE)
        return 1;
    if (n->kind == DS_CQL_TOKEN || n->kind == DS_CQL_PHRASE)
        return phrases_length(q, node);
    if (n->kind == DS_CQL_REPEAT)
        return times(length_of(q, n->child), n->max);
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = node_at(q, c)->next) {
        uint32_t one = length_of(q, c);
        if (n->kind != DS_CQL_CHOICE)
            length = add_length(length, one);
        else if (one > length)
            length = one;
    }
    return length;
}

/* ------------------------------------------------------------------ the anchor */

static ds_status add_leaf(ds_query *q, q_leaf leaf)
{
    if (ds_grow(q->alloc, (void **)&q->leaves, &q->leaf_cap, q->leaf_count + 1, sizeof *q->leaves) != DS_OK)
        return ds_fail_nomem(&q->error);
    q->leaves[q->leaf_count++] = leaf;
    return DS_OK;
}

static ds_status add_leaves(ds_query *q, uint32_t node, uint32_t before, uint32_t after)
{
    ds_status st = DS_OK;
    after = add_length(after, length_of(q, node));
    q->anchor.before = before > q->anchor.before ? before : q->anchor.before;
    q->anchor.after = after > q->anchor.after ? after : q->anchor.after;
    if (q->token_of[node] != DS_CQL_NONE)
        return add_leaf(q, (q_leaf){q->token_of[node], DS_CQL_NONE});
    for (uint32_t i = 0; st == DS_OK && i < q->phrase_n[node]; i++)
        st = add_leaf(q, (q_leaf){DS_CQL_NONE, q->phrase_of[node] + i});
    return st;
}

static uint32_t rarest_child(const ds_query *q, const ds_cql_node *n)
{
    uint32_t best = DS_CQL_NONE;
    uint64_t least = UINT64_MAX;
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = node_at(q, c)->next) {
        uint64_t cost = cost_of(q, c);
        if (cost < least) {
            least = cost;
            best = c;
        }
    }
    return best;
}

/* Takes the leaves one of which every match of `node` has; `before`, `after`: tokens that may stand about it. */
static ds_status take_anchor(ds_query *q, uint32_t node, uint32_t before, uint32_t after)
{
    const ds_cql_node *n = node_at(q, node);
    ds_status st = DS_OK;
    uint32_t best;
    switch (n->kind) {
    case DS_CQL_SEQUENCE:
        best = rarest_child(q, n);
        for (uint32_t c = n->child; c != best; c = node_at(q, c)->next)
            before = add_length(before, length_of(q, c));
        for (uint32_t c = node_at(q, best)->next; c != DS_CQL_NONE; c = node_at(q, c)->next)
            after = add_length(after, length_of(q, c));
        return take_anchor(q, best, before, after);
    case DS_CQL_CHOICE:
        for (uint32_t c = n->child; st == DS_OK && c != DS_CQL_NONE; c = node_at(q, c)->next)
            st = take_anchor(q, c, before, after);
        return st;
    case DS_CQL_REPEAT: /* the first round of it */
        if (n->max == DS_CQL_UNBOUNDED)
            after = add_length(after, times(length_of(q, n->child), DS_CQL_UNBOUNDED));
        else
            after = add_length(after, times(length_of(q, n->child), n->max - 1));
        return take_anchor(q, n->child, before, after);
    case DS_CQL_CAPTURE: return take_anchor(q, n->child, before, after);
    default: return add_leaves(q, node, before, after);
    }
}

/* ------------------------------------------------------------------ the plan */

static ds_status list_tokens(ds_query *q, uint32_t node, bool all)
{
    const ds_cql_node *n = node_at(q, node);
    ds_status st = DS_OK;
    if (is_optional(q, node))
        return DS_OK;
    if (n->kind == DS_CQL_TOKEN && q->token_of[node] != DS_CQL_NONE) {
        q_token *t = &q->tokens[q->token_of[node]];
        return t->expr == DS_CQL_NONE ? DS_OK : q_list_types(q, t, all);
    }
    if (n->kind == DS_CQL_TOKEN || n->kind == DS_CQL_PHRASE)
        return DS_OK;
    for (uint32_t c = n->child; st == DS_OK && c != DS_CQL_NONE; c = node_at(q, c)->next)
        st = list_tokens(q, c, all);
    return st;
}

static bool is_dense(const ds_query *q, uint64_t cost)
{
    return cost > ds_index_tokens(q->ix) / DENSE + 64;
}

/* Whether all matches are single leaves. */
static bool is_direct(const ds_query *q, uint32_t node)
{
    const ds_cql_node *n = node_at(q, node);
    if (n->kind == DS_CQL_CAPTURE)
        return is_direct(q, n->child);
    if (n->kind == DS_CQL_CHOICE) {
        for (uint32_t c = n->child; c != DS_CQL_NONE; c = node_at(q, c)->next)
            if (!is_direct(q, c))
                return false;
        return true;
    }
    if (n->kind == DS_CQL_TOKEN && q->token_of[node] != DS_CQL_NONE) {
        const q_token *t = &q->tokens[q->token_of[node]];
        return t->listed && !is_dense(q, t->types.tokens);
    }
    return n->kind == DS_CQL_TOKEN || n->kind == DS_CQL_PHRASE;
}

ds_status q_plan_make(ds_query *q)
{
    uint32_t root = ds_cql_root(q->tree);
    ds_status st = list_tokens(q, root, false);
    if (st == DS_OK && is_dense(q, cost_of(q, root)))
        st = list_tokens(q, root, true);
    if (st != DS_OK)
        return st;
    q->anchor.cost = cost_of(q, root);
    q->plan = is_direct(q, root) ? Q_DIRECT : is_dense(q, q->anchor.cost) ? Q_SCAN : Q_LIST;
    if (q->anchor.cost == UINT64_MAX)
        return DS_OK;
    st = take_anchor(q, root, 0, 0);
    if (ds_cql_unit(q->tree) == DS_CQL_TOKENS) { /* no match is longer */
        uint32_t most = ds_cql_span(q->tree);
        q->anchor.before = q->anchor.before < most ? q->anchor.before : most - 1;
        q->anchor.after = q->anchor.after < most ? q->anchor.after : most;
    }
    return st;
}

/* ------------------------------------------------------------------ in words */

static void put(ds_buf *out, const char *s)
{
    ds_buf_put(out, s, ds_str_of(s).n);
}

static void put_number(ds_buf *out, uint64_t v)
{
    char s[32];
    snprintf(s, sizeof s, "%" PRIu64, v);
    put(out, s);
}

/* The text of the query from where a node begins, up to the end of its brackets or quotation marks. */
static void put_source(const ds_query *q, uint32_t node, ds_buf *out)
{
    ds_str text = ds_cql_text(q->tree);
    size_t from = node_at(q, node)->off, to = from + 1;
    bool bracket = text.p[from] == '[';
    char quote = bracket ? '\0' : text.p[from];
    for (; to < text.n; to++) {
        char c = text.p[to];
        if (c == '\\' && to + 1 < text.n)
            to++;
        else if (quote != '\0' && c == quote)
            quote = '\0';
        else if (quote == '\0' && bracket && (c == '"' || c == '\''))
            quote = c;
        if (quote == '\0' && (!bracket || c == ']'))
            break;
    }
    ds_buf_put(out, text.p + from, (to < text.n ? to + 1 : to) - from);
}

static void put_types(ds_buf *out, size_t types, uint64_t tokens)
{
    put_number(out, types);
    put(out, types == 1 ? " type, " : " types, ");
    put_number(out, tokens);
    put(out, tokens == 1 ? " token\n" : " tokens\n");
}

static void put_phrases(const ds_query *q, uint32_t node, ds_buf *out)
{
    for (uint32_t i = 0; i < q->phrase_n[node]; i++) {
        const q_phrase *p = &q->phrases[q->phrase_of[node] + i];
        size_t types = 0;
        uint64_t tokens = 0;
        for (size_t k = 0; k < p->count; k++)
            if (p->parts[k].kind == Q_IN) {
                types += p->parts[k].types.ids.n;
                tokens += p->parts[k].types.tokens;
            }
        put(out, "\n    ");
        ds_buf_put(out, p->text.p, p->text.n);
        put(out, ": ");
        put_number(out, p->count);
        put(out, p->count == 1 ? " part, " : " parts, ");
        put_number(out, p->cost);
        put(out, " tokens to look at; within one token: ");
        put_number(out, types);
        put(out, types == 1 ? " type, " : " types, ");
        put_number(out, tokens);
        put(out, " tokens");
    }
    put(out, "\n");
}

static void put_elements(const ds_query *q, uint32_t node, ds_buf *out)
{
    const ds_cql_node *n = node_at(q, node);
    if (n->kind != DS_CQL_TOKEN && n->kind != DS_CQL_PHRASE) {
        for (uint32_t c = n->child; c != DS_CQL_NONE; c = node_at(q, c)->next)
            put_elements(q, c, out);
        return;
    }
    put(out, "  ");
    put_source(q, node, out);
    put(out, ": ");
    if (q->token_of[node] == DS_CQL_NONE)
        put_phrases(q, node, out);
    else if (q->tokens[q->token_of[node]].expr == DS_CQL_NONE)
        put(out, "any token\n");
    else if (!q->tokens[q->token_of[node]].listed)
        put(out, "asked of each type that is met\n");
    else
        put_types(out, q->tokens[q->token_of[node]].types.ids.n, q->tokens[q->token_of[node]].types.tokens);
}

static void put_reach(ds_buf *out, const char *what, uint32_t n)
{
    put(out, what);
    if (n == DS_CQL_UNBOUNDED)
        put(out, "any number");
    else
        put_number(out, n);
}

ds_status ds_query_explain(ds_query *q, ds_buf *out, ds_error *err)
{
    static const char *const units[] = {"sentence", "paragraph", "article", "token"};
    uint32_t span = ds_cql_span(q->tree);
    put(out, "elements\n");
    put_elements(q, ds_cql_root(q->tree), out);
    put(out, "plan\n");
    if (q->plan == Q_SCAN) {
        put(out, "  every token of the segment is read: no element that a match must have is rare (");
        put_number(out, ds_index_tokens(q->ix));
        put(out, " tokens)\n");
    } else {
        put(out, q->plan == Q_DIRECT ? "  the posting lists are the answer: about "
                                     : "  begins at the rarest element: at most ");
        put_number(out, q->anchor.cost);
        put(out, q->plan == Q_DIRECT ? " tokens to look at\n" : " places");
        if (q->plan == Q_LIST) {
            put_reach(out, "; reads before each ", q->anchor.before);
            put_reach(out, " tokens and from there on ", q->anchor.after);
            put(out, "\n");
        }
    }
    put(out, "  within ");
    put_number(out, span);
    put(out, " ");
    put(out, units[ds_cql_unit(q->tree)]);
    put(out, span == 1 ? "; " : "s; ");
    put_number(out, q->nfa.count);
    put(out, q->nfa.count == 1 ? " state\n" : " states\n");
    return out->status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

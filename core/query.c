/* query.c - see query.h: preparing a query for an index, and what its hits consist of. */
#include "query_int.h"

#include <string.h>

#ifndef Q_CHECK_STEPS
#define Q_CHECK_STEPS 65536u /* between two questions whether to stop */
#endif

/* ------------------------------------------------------------------ stopping and failing */

bool q_step(ds_query *q, uint64_t steps)
{
    q->steps += steps;
    if (q->steps < q->next_check)
        return q->stopped;
    q->next_check = q->steps + Q_CHECK_STEPS;
    if (q->opt.budget > 0 && q->next_check > q->opt.budget)
        q->next_check = q->opt.budget;
    if ((q->opt.budget > 0 && q->steps >= q->opt.budget) || (q->opt.stop != NULL && q->opt.stop(q->opt.stop_ud)))
        q->stopped = true;
    return q->stopped;
}

static void start_counting(ds_query *q)
{
    q->steps = 0;
    q->stopped = q->unready;
    q->next_check = q->opt.budget > 0 && q->opt.budget < Q_CHECK_STEPS ? q->opt.budget : Q_CHECK_STEPS;
}

ds_status q_fail(ds_query *q, ds_status st, uint32_t off, const char *what, ds_str value)
{
    size_t n = value.n < 48 ? value.n : 48;
    while (n > 0 && n < value.n && ((unsigned char)value.p[n] & 0xC0) == 0x80)
        n--;
    return ds_fail(&q->error, st, off, 0, "query, character %u: %s '%.*s'%s",
                   ds_cql_column(ds_cql_text(q->tree), off), what, (int)n, value.n > 0 ? value.p : "",
                   n < value.n ? "..." : "");
}

/* ------------------------------------------------------------------ preparing */

typedef struct form_taker {
    ds_query *q;
    uint32_t node;
    ds_status status;
} form_taker;

/* The same form written in the other script is the same phrase. */
static bool is_known_form(const form_taker *t, ds_str form)
{
    for (uint32_t i = 0; i < t->q->phrase_n[t->node]; i++)
        if (ds_str_eq(t->q->phrases[t->q->phrase_of[t->node] + i].text, form))
            return true;
    return false;
}

static void take_form(void *ud, ds_str form)
{
    form_taker *t = ud;
    ds_buf folded;
    if (t->status != DS_OK)
        return;
    ds_buf_init(&folded, t->q->alloc);
    t->status = ds_fold(form, DS_FOLD_ALL, &folded, NULL, &t->q->error);
    if (t->status == DS_OK && folded.n > 0 && ds_utf8_valid(ds_buf_str(&folded), NULL) &&
        !is_known_form(t, ds_buf_str(&folded))) {
        t->status = q_phrase_add(t->q, ds_buf_str(&folded), true, ds_cql_at(t->q->tree, t->node)->off);
        t->q->phrase_n[t->node]++;
    }
    ds_buf_clear(&folded);
}

static ds_status add_entity(ds_query *q, uint32_t node)
{
    const ds_cql_node *n = ds_cql_at(q->tree, node);
    form_taker t = {q, node, DS_OK};
    if (q->opt.forms == NULL)
        return q_fail(q, DS_EINVAL, n->off, "there is no list of names in which to look for", n->value);
    q->phrase_of[node] = (uint32_t)q->phrase_count;
    if (!q->opt.forms(q->opt.forms_ud, n->value, take_form, &t) && t.status == DS_OK)
        return q_fail(q, DS_EINVAL, n->off, "no entity is called", n->value);
    return t.status;
}

static ds_status add_phrases(ds_query *q)
{
    uint32_t n = ds_cql_count(q->tree);
    ds_status st = DS_OK;
    for (uint32_t i = 0; st == DS_OK && i < n; i++) {
        const ds_cql_node *node = ds_cql_at(q->tree, i);
        if (node->kind == DS_CQL_PHRASE) {
            q->phrase_of[i] = (uint32_t)q->phrase_count;
            q->phrase_n[i] = 1;
            st = q_phrase_add(q, node->value, false, node->off);
        } else if (node->kind == DS_CQL_TEST && node->attr == DS_CQL_ENTITY) {
            st = add_entity(q, i);
        }
    }
    return st;
}

/* A token that is an entity and no more may be several tokens: its forms stand for it. */
static ds_status add_tokens(ds_query *q)
{
    uint32_t n = ds_cql_count(q->tree);
    for (uint32_t i = 0; i < n; i++) {
        const ds_cql_node *node = ds_cql_at(q->tree, i);
        q->token_of[i] = DS_CQL_NONE;
        if (node->kind != DS_CQL_TOKEN)
            continue;
        const ds_cql_node *child = node->child != DS_CQL_NONE ? ds_cql_at(q->tree, node->child) : NULL;
        if (child != NULL && child->kind == DS_CQL_TEST && child->attr == DS_CQL_ENTITY) {
            q->phrase_of[i] = q->phrase_of[node->child];
            q->phrase_n[i] = q->phrase_n[node->child];
            continue;
        }
        if (ds_grow(q->alloc, (void **)&q->tokens, &q->token_cap, q->token_count + 1, sizeof *q->tokens) != DS_OK)
            return ds_fail_nomem(&q->error);
        q->token_of[i] = (uint32_t)q->token_count;
        q->tokens[q->token_count++] = (q_token){.expr = node->child};
    }
    return DS_OK;
}

static ds_status prepare(ds_query *q)
{
    uint32_t n = ds_cql_count(q->tree);
    q->token_of = ds_calloc(q->alloc, n, sizeof *q->token_of);
    q->phrase_of = ds_calloc(q->alloc, n, sizeof *q->phrase_of);
    q->phrase_n = ds_calloc(q->alloc, n, sizeof *q->phrase_n);
    if (q->token_of == NULL || q->phrase_of == NULL || q->phrase_n == NULL)
        return ds_fail_nomem(&q->error);
    ds_status st = ds_cql_unit(q->tree) == DS_CQL_DOC ? DS_OK : ds_index_load_units(q->ix, &q->error);
    if (st == DS_OK)
        st = q_regexes_new(q, &q->error);
    if (st == DS_OK)
        st = add_phrases(q);
    if (st == DS_OK)
        st = add_tokens(q);
    if (st == DS_OK)
        st = q_nfa_build(q);
    if (st == DS_OK)
        st = q_plan_make(q);
    if (st == DS_OK)
        st = q->status;
    q->unready = q->stopped;
    return st;
}

ds_status ds_query_new(const ds_alloc *a, const ds_index *ix, const ds_cql *tree, const ds_query_options *options,
                       ds_query **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_query *q = ds_calloc(a, 1, sizeof *q);
    if (q == NULL)
        return ds_fail_nomem(err);
    q->alloc = a;
    q->ix = ix;
    q->tree = tree;
    if (options != NULL)
        q->opt = *options;
    start_counting(q);
    ds_status st = prepare(q);
    if (st != DS_OK) {
        if (err != NULL)
            *err = q->error;
        ds_query_free(q);
        return st;
    }
    ds_query_rewind(q);
    *out = q;
    return DS_OK;
}

void ds_query_free(ds_query *q)
{
    if (q == NULL)
        return;
    const ds_alloc *a = q->alloc;
    size_t n = ds_cql_count(q->tree) * sizeof(uint32_t);
    for (size_t i = 0; i < q->phrase_count; i++)
        q_phrase_clear(q, &q->phrases[i]);
    for (size_t i = 0; i < q->token_count; i++)
        q_list_clear(a, &q->tokens[i].types.ids);
    q_regexes_free(q);
    q_nfa_clear(q);
    q_maps_clear(q);
    q_list_clear(a, &q->spaces.ids);
    q_list_clear(a, &q->run.places);
    ds_forward_free(q->forward);
    ds_mfree(a, q->run.found.v, q->run.found.cap * sizeof *q->run.found.v);
    ds_mfree(a, q->phrases, q->phrase_cap * sizeof *q->phrases);
    ds_mfree(a, q->tokens, q->token_cap * sizeof *q->tokens);
    ds_mfree(a, q->leaves, q->leaf_cap * sizeof *q->leaves);
    ds_mfree(a, q->window, q->window_cap * sizeof *q->window);
    ds_mfree(a, q->bits, q->bits_cap * sizeof *q->bits);
    ds_mfree(a, q->token_of, n);
    ds_mfree(a, q->phrase_of, n);
    ds_mfree(a, q->phrase_n, n);
    ds_mfree(a, q, sizeof *q);
}

void ds_query_rewind(ds_query *q)
{
    q_run *r = &q->run;
    start_counting(q);
    *r = (q_run){.places = {r->places.v, 0, r->places.cap}, .found = {r->found.v, 0, r->found.cap}};
}

bool ds_query_partial(const ds_query *q)
{
    return q->stopped;
}

ds_status ds_query_count(ds_query *q, uint64_t *count, ds_error *err)
{
    bool stopped;
    *count = 0;
    ds_query_rewind(q);
    ds_status st = q_run_count(q, count);
    if (st == DS_OK)
        st = q->status;
    if (st != DS_OK && err != NULL)
        *err = q->error;
    stopped = q->stopped;
    ds_query_rewind(q);
    q->stopped = stopped;
    return st;
}

/* ------------------------------------------------------------------ what a hit consists of */

/* The byte of the word for one of its key: behind the characters before it, or, `end`, behind the last of them. */
static ds_status to_word(ds_query *q, const ds_type *t, size_t key, bool end, uint32_t *out)
{
    ds_buf folded;
    ds_offmap map;
    size_t from, to;
    *out = end ? (uint32_t)t->word.n : 0;
    if (key == 0 || key >= t->key.n)
        return DS_OK;
    ds_buf_init(&folded, q->alloc);
    ds_offmap_init(&map, q->alloc);
    ds_status st = ds_fold(t->word, DS_FOLD_ALL, &folded, &map, &q->error);
    if (st == DS_OK && folded.n == t->key.n) {
        if (end)
            ds_offmap_origin(&map, 0, key, &from, &to);
        else
            ds_offmap_origin(&map, key, folded.n, &to, &from);
        *out = (uint32_t)to;
    }
    ds_buf_clear(&folded);
    ds_offmap_clear(&map);
    return st;
}

static void note_captures(const ds_query *q, const uint32_t *places, uint32_t n, uint32_t beg, ds_query_detail *out)
{
    for (uint32_t p = 0; p < n; p++) {
        uint32_t set = places[p] != DS_CQL_NONE ? q->nfa.places[places[p]].captures : 0;
        for (uint32_t c = 0; set != 0; c++, set >>= 1)
            if (set & 1) {
                ds_query_span *s = &out->captures[c];
                s->beg = s->end == 0 ? beg + p : s->beg;
                s->end = beg + p + 1;
            }
    }
}

static const q_part *part_at(const ds_query *q, uint32_t place)
{
    const q_place *p = &q->nfa.places[place];
    return p->token == DS_CQL_NONE ? &q->phrases[p->phrase].parts[p->part] : NULL;
}

static ds_status find_ends(ds_query *q, const ds_found *hit, const uint32_t *types, const uint32_t *places,
                           ds_query_detail *out)
{
    ds_type t;
    uint32_t n = hit->end - hit->beg;
    const q_part *part = part_at(q, places[0]);
    const q_phrase *phrase = part != NULL ? &q->phrases[q->nfa.places[places[0]].phrase] : NULL;
    size_t beg = 0, end;
    ds_index_type(q->ix, types[0], &t);
    if (part != NULL && part->kind == Q_IN) {
        end = t.key.n;
        q_phrase_in(phrase, t.key, hit->from != DS_QUERY_WHOLE && hit->from < t.key.n ? hit->from : 0, &beg, &end);
    } else if (hit->from != DS_QUERY_WHOLE) {
        beg = hit->from;
    } else if (part != NULL) {
        beg = q_phrase_edge(phrase, part, t.key, false);
    }
    ds_status st = to_word(q, &t, beg, false, &out->from);
    part = part_at(q, places[n - 1]);
    ds_index_type(q->ix, types[n - 1], &t);
    if (part == NULL || part->kind == Q_END) {
        end = t.key.n;
    } else if (part->kind == Q_START) {
        end = q_phrase_edge(&q->phrases[q->nfa.places[places[n - 1]].phrase], part, t.key, true);
    } else if (n > 1) {
        end = t.key.n;
        q_phrase_in(&q->phrases[q->nfa.places[places[n - 1]].phrase], t.key, 0, &beg, &end);
    }
    return st == DS_OK ? to_word(q, &t, end, true, &out->to) : st;
}

ds_status ds_query_look(ds_query *q, const ds_found *hit, ds_query_detail *out, ds_error *err)
{
    uint32_t n = hit->end - hit->beg, got = 0;
    *out = (ds_query_detail){0};
    if (hit->end <= hit->beg || hit->end > ds_index_tokens(q->ix))
        return ds_fail(err, DS_EINVAL, 0, 0, "no hit of this query");
    uint32_t *types = ds_calloc(q->alloc, n, 2 * sizeof *types), *places = types + n;
    if (types == NULL)
        return ds_fail_nomem(err);
    ds_status st = q->forward != NULL ? DS_OK : ds_forward_new(q->alloc, q->ix, &q->forward, &q->error);
    if (st == DS_OK)
        st = ds_forward_copy(q->forward, hit->beg, n, types, &got, &q->error);
    if (st == DS_OK && (got < n || !q_nfa_path(q, types, n, places)))
        st = q->status != DS_OK ? q->status : ds_fail(&q->error, DS_EINVAL, 0, 0, "no hit of this query");
    if (st == DS_OK) {
        note_captures(q, places, n, hit->beg, out);
        st = find_ends(q, hit, types, places, out);
    }
    ds_mfree(q->alloc, types, n * 2 * sizeof *types);
    if (st != DS_OK && err != NULL)
        *err = q->error;
    return st;
}

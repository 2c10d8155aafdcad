/* query_run.c - the hits, a stretch of whole articles at a time. */
#include "query_int.h"

#include <string.h>

enum { FIRST_SHARE = 1 << 16, SCAN_SHARE = 1 << 14, SLACK = 8 };

static ds_status no_memory(ds_query *q)
{
    return ds_fail_nomem(&q->error);
}

/* ------------------------------------------------------------------ stretches */

/* Goes on to the next stretch; false: there is none. */
bool q_next_stretch(ds_query *q, uint32_t first)
{
    q_run *r = &q->run;
    uint32_t tokens = ds_index_tokens(q->ix), beg, end;
    if (r->hi >= tokens)
        return false;
    r->share = r->share == 0 ? first : r->share < Q_SHARE_MAX / 4 ? 4 * r->share : Q_SHARE_MAX;
    r->lo = r->hi;
    if (tokens - r->lo <= r->share) {
        r->hi = tokens;
        return true;
    }
    ds_index_doc_range(q->ix, ds_index_doc_at(q->ix, r->lo + r->share), &beg, &end);
    r->hi = beg > r->lo ? beg : end < tokens ? end + 1 : tokens;
    if (r->hi <= r->lo) /* damaged tables */
        r->hi = tokens;
    return true;
}

static uint32_t first_share(const ds_query *q)
{
    uint32_t part = ds_index_tokens(q->ix) / 64;
    return part > FIRST_SHARE ? part : FIRST_SHARE;
}

/* ------------------------------------------------------------------ windows about places */

static ds_status fill_places(ds_query *q)
{
    q_run *r = &q->run;
    ds_status st = DS_OK;
    q_occs occs = {0};
    r->places.n = r->next_place = 0;
    for (uint32_t i = 0; st == DS_OK && i < q->leaf_count; i++) {
        if (q->leaves[i].token != DS_CQL_NONE)
            st = q_places(q, &q->tokens[q->leaves[i].token].types, r->lo, r->hi, &r->places);
        else
            st = q_cuts(q, &q->phrases[q->leaves[i].phrase], r->lo, r->hi, i, &occs);
    }
    for (size_t i = 0; st == DS_OK && i < occs.n; i++)
        if (!q_list_add(q->alloc, &r->places, occs.v[i].beg))
            st = no_memory(q);
    ds_mfree(q->alloc, occs.v, occs.cap * sizeof *occs.v);
    if (st == DS_OK && !q_list_sort(q->alloc, &r->places))
        st = no_memory(q);
    q_list_unique(&r->places);
    return st == DS_OK && !q->stopped ? q_maps_choose(q) : st;
}

/* Reads the tokens [beg, end) to q->window. */
static ds_status read_window(ds_query *q, uint32_t beg, uint32_t end)
{
    uint32_t got = 0;
    if (ds_grow(q->alloc, (void **)&q->window, &q->window_cap, end - beg, sizeof *q->window) != DS_OK)
        return no_memory(q);
    ds_status st = q->forward != NULL ? DS_OK : ds_forward_new(q->alloc, q->ix, &q->forward, &q->error);
    if (st == DS_OK)
        st = ds_forward_copy(q->forward, beg, end - beg, q->window, &got, &q->error);
    for (uint32_t i = got; st == DS_OK && i < end - beg; i++)
        q->window[i] = DS_TYPE_END;
    return st;
}

/* Whether the token at `pos` of the window that begins at `beg` is white space. */
static bool is_space(const ds_query *q, uint32_t beg, uint32_t pos)
{
    ds_type t;
    if (q->maps.on)
        return q_maps_space(q, pos);
    ds_index_type(q->ix, q->window[pos - beg], &t);
    return t.cls == DS_CLASS_SPACE;
}

/* How far from `pos` the window [beg, end) has to reach so that `count` tokens besides white space lie between, going
 * left (and then down to `beg`) or right; false: it is too small. */
static bool reach(const ds_query *q, uint32_t beg, uint32_t end, uint32_t pos, uint32_t count, bool left, uint32_t *to)
{
    uint32_t at = pos;
    while (count > 0 && (left ? at > beg : at < end)) {
        if (!is_space(q, beg, left ? --at : at++))
            count--;
    }
    *to = at;
    return count == 0;
}

static uint32_t lower(uint32_t pos, uint32_t by, uint32_t least)
{
    return pos - least > by ? pos - by : least;
}

static uint32_t higher(uint32_t pos, uint32_t by, uint32_t most)
{
    return most - pos > by ? pos + by : most;
}

/* The window [*beg, *end) that a match with the anchor at `pos` may take, inside its unit [low, high). */
static ds_status window_at(ds_query *q, uint32_t pos, uint32_t low, uint32_t high, uint32_t *beg, uint32_t *end)
{
    uint32_t before = q->anchor.before, after = q->anchor.after;
    bool all_before = before == DS_CQL_UNBOUNDED, all_after = after == DS_CQL_UNBOUNDED;
    uint32_t from = all_before ? pos : lower(pos, before + SLACK, low);
    uint32_t to = all_after ? pos : higher(pos, after + SLACK, high);
    for (;;) {
        if (from < to && !q->maps.on) {
            ds_status st = read_window(q, from, to);
            if (st != DS_OK)
                return st;
        }
        bool left = all_before || reach(q, from, to, pos, before, true, beg) || from == low;
        bool right = all_after || reach(q, from, to, pos, after, false, end) || to == high;
        if (left && right)
            break;
        if (!left)
            from = lower(from, 2 * (to - from), low);
        if (!right)
            to = higher(to, 2 * (to - from), high);
    }
    *beg = all_before ? low : *beg;
    *end = all_after ? high : *end;
    return DS_OK;
}

/* The span [*low, *high) of a place within its article [beg, end). */
static void bounds_at(const ds_query *q, q_units *units, uint32_t pos, uint32_t beg, uint32_t end, uint32_t *low,
                      uint32_t *high)
{
    q_span_at(q, units, pos, low, high);
    *low = *low > beg ? *low : beg;
    *high = *high < end && *high > pos ? *high : end;
}

/* The hits about the next places, as many as lie close together. */
static ds_status fill_window(ds_query *q, q_units *units)
{
    q_run *r = &q->run;
    uint32_t low, high, beg, end, more_beg, more_end, doc_beg, doc_end;
    uint32_t pos = r->places.v[r->next_place++];
    uint32_t doc = ds_index_doc_at(q->ix, pos);
    bool slides = q_slides(q);
    if (!q_doc_counts(q, doc))
        return DS_OK;
    ds_index_doc_range(q->ix, doc, &doc_beg, &doc_end);
    bounds_at(q, units, pos, doc_beg, doc_end, &low, &high);
    ds_status st = window_at(q, pos, low, high, &beg, &end);
    for (; st == DS_OK && r->next_place < r->places.n; r->next_place++) {
        uint32_t next = r->places.v[r->next_place];
        if (next >= (slides ? doc_end : high))
            break;
        if (slides)
            bounds_at(q, units, next, doc_beg, doc_end, &low, &high);
        if (end < high) {
            st = window_at(q, next, low, high, &more_beg, &more_end);
            if (st != DS_OK || more_beg >= end)
                break;
            beg = more_beg < beg ? more_beg : beg;
            end = more_end > end ? more_end : end;
        }
        if (q_step(q, 32))
            break;
    }
    if (st == DS_OK && !q->maps.on)
        st = read_window(q, beg, end);
    if (st == DS_OK && !q_step(q, end - beg))
        st = q_nfa_window(q, q->maps.on ? NULL : q->window, end - beg, beg, &r->found);
    return st;
}

/* ------------------------------------------------------------------ everything */

static ds_status scan_stretch(ds_query *q)
{
    q_run *r = &q->run;
    q_units units = {0};
    uint32_t beg, end, doc_end = r->lo; /* behind the article's DS_TYPE_END */
    ds_status st = read_window(q, r->lo, r->hi);
    bool counts = true;
    for (uint32_t at = r->lo; st == DS_OK && at < r->hi && !q->stopped; at = end) {
        if (at >= doc_end) {
            uint32_t doc = ds_index_doc_at(q->ix, at);
            ds_index_doc_range(q->ix, doc, &beg, &doc_end);
            doc_end++;
            counts = q_doc_counts(q, doc);
        }
        q_span_at(q, &units, at, &beg, &end);
        end = end < r->hi && !q_slides(q) ? end : r->hi;
        end = end < doc_end && counts ? end : doc_end;
        if (end <= at || end > r->hi) /* damaged tables */
            end = r->hi;
        if (counts)
            st = q_nfa_window(q, q->window + (at - r->lo), end - at, at, &r->found);
    }
    return st;
}

/* ------------------------------------------------------------------ the run */

/* Fills r->found with more hits, or ends. */
static ds_status advance(ds_query *q, q_units *units)
{
    q_run *r = &q->run;
    r->found.n = r->next_found = 0;
    if (q->plan == Q_LIST && r->next_place < r->places.n)
        return fill_window(q, units);
    if (q->plan == Q_LIST)
        *units = (q_units){0};
    uint32_t share = q->plan == Q_SCAN ? SCAN_SHARE : first_share(q);
    if (q->nfa.count == 0 || (q->plan != Q_SCAN && q->leaf_count == 0) || !q_next_stretch(q, share)) {
        r->done = true;
        return DS_OK;
    }
    if (q->plan == Q_SCAN) {
        r->share = SCAN_SHARE / 4; /* all of one size */
        return scan_stretch(q);
    }
    return q->plan == Q_DIRECT ? q_direct_fill(q) : fill_places(q);
}

static ds_status run_failed(ds_query *q, ds_status st, ds_error *err)
{
    q->run.done = true;
    if (st == DS_OK)
        st = q->status;
    if (err != NULL)
        *err = q->error;
    return st;
}

ds_status ds_query_next(ds_query *q, ds_found *out, size_t cap, size_t *got, ds_error *err)
{
    q_run *r = &q->run;
    q_units units = {0};
    for (*got = 0; *got < cap;) {
        if (r->next_found < r->found.n) {
            const q_occ *x = &r->found.v[r->next_found++];
            out[(*got)++] = (ds_found){x->beg, x->end, x->from & Q_CUT ? DS_QUERY_WHOLE : x->from};
            continue;
        }
        if (r->done || q->stopped)
            break;
        ds_status st = advance(q, &units);
        if (st != DS_OK || q->status != DS_OK)
            return run_failed(q, st, err);
    }
    return DS_OK;
}

/* ------------------------------------------------------------------ counting */

static const q_token *lone_token(const ds_query *q)
{
    uint32_t node = ds_cql_root(q->tree);
    while (ds_cql_at(q->tree, node)->kind == DS_CQL_CAPTURE)
        node = ds_cql_at(q->tree, node)->child;
    if (ds_cql_at(q->tree, node)->kind != DS_CQL_TOKEN || q->token_of[node] == DS_CQL_NONE)
        return NULL;
    return &q->tokens[q->token_of[node]];
}

bool ds_query_is_token(const ds_query *q)
{
    return lone_token(q) != NULL;
}

bool ds_query_holds(ds_query *q, const ds_type *type)
{
    const q_token *t = lone_token(q);
    return t != NULL && type->cls != DS_CLASS_SPACE && q_holds(q, t->expr, type);
}

ds_status ds_query_status(const ds_query *q, ds_error *err)
{
    if (q->status != DS_OK && err != NULL)
        *err = q->error;
    return q->status;
}

ds_status q_run_count(ds_query *q, uint64_t *count)
{
    if (q->unready)
        return DS_OK;
    q_run *r = &q->run;
    q_units units = {0};
    const q_token *lone = lone_token(q);
    if (q_all_docs_count(q) && lone != NULL && lone->listed) {
        *count = lone->types.tokens;
        return DS_OK;
    }
    if (q_all_docs_count(q) && q->plan == Q_DIRECT && q->leaf_count == 1 && q->leaves[0].phrase != DS_CQL_NONE)
        return q_direct_count(q, &q->phrases[q->leaves[0].phrase], count);
    while (!r->done && !q->stopped) {
        ds_status st = advance(q, &units);
        if (st != DS_OK || q->status != DS_OK)
            return st != DS_OK ? st : q->status;
        *count += r->found.n;
    }
    return DS_OK;
}

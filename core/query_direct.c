/* query_direct.c - single tokens and phrases: what their posting lists have are the hits. */
#include "query_int.h"

static ds_status no_memory(ds_query *q)
{
    return ds_fail_nomem(&q->error);
}

static ds_status add_leaf_places(ds_query *q, uint32_t leaf, q_occs *out)
{
    q_list places = {0};
    ds_status st = q_places(q, &q->tokens[q->leaves[leaf].token].types, q->run.lo, q->run.hi, &places);
    for (size_t i = 0; st == DS_OK && i < places.n; i++)
        if (!q_occs_add(q, out, (q_occ){places.v[i], places.v[i] + 1, DS_QUERY_WHOLE, leaf}))
            st = DS_ENOMEM;
    q_list_clear(q->alloc, &places);
    return st;
}

static ds_status add_leaf_occs(ds_query *q, uint32_t leaf, q_occs *out)
{
    if (q->leaves[leaf].token != DS_CQL_NONE)
        return add_leaf_places(q, leaf, out);
    return q_cuts(q, &q->phrases[q->leaves[leaf].phrase], q->run.lo, q->run.hi, leaf, out);
}

/* The type of the token at `pos`, the stretch that was read last kept in *ids, *beg, *end. */
static ds_status type_of(ds_query *q, uint32_t pos, const uint32_t **ids, uint32_t *beg, uint32_t *end, ds_type *t)
{
    if (pos < *beg || pos >= *end) {
        ds_status st = ds_forward_at(q->forward, pos, ids, beg, end, &q->error);
        if (st != DS_OK)
            return st;
        q_step(q, *end - *beg);
    }
    ds_index_type(q->ix, (*ids)[pos - *beg], t);
    return DS_OK;
}

/* Whether an occurrence has no more tokens than the query's `within` allows. */
static ds_status is_short(ds_query *q, const q_occ *x, const uint32_t **ids, uint32_t *beg, uint32_t *end, bool *out)
{
    ds_type t;
    uint32_t most = ds_cql_span(q->tree), n = 0;
    ds_status st = DS_OK;
    *out = x->end - x->beg <= most;
    if (*out || !q->phrases[q->leaves[x->to].phrase].blanks)
        return DS_OK;
    st = q->forward != NULL ? DS_OK : ds_forward_new(q->alloc, q->ix, &q->forward, &q->error);
    for (uint32_t at = x->beg; st == DS_OK && at < x->end; at++) {
        st = type_of(q, at, ids, beg, end, &t);
        n += t.cls != DS_CLASS_SPACE;
    }
    *out = n <= most;
    return st;
}

/* Leaves out what lies in an article that does not count, or goes over the edge of a unit. */
static ds_status keep_allowed(ds_query *q, q_occs *o)
{
    size_t n = 0;
    uint32_t beg, end, doc_end = 0, read_beg = 0, read_end = 0;
    const uint32_t *ids = NULL;
    q_units units = {0};
    ds_cql_within unit = ds_cql_unit(q->tree);
    bool all = q_all_docs_count(q), counts = true, fits = true;
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < o->n; i++) {
        const q_occ *x = &o->v[i];
        if (!all && (i == 0 || x->beg >= doc_end)) {
            uint32_t doc = ds_index_doc_at(q->ix, x->beg);
            ds_index_doc_range(q->ix, doc, &beg, &doc_end);
            counts = q_doc_counts(q, doc);
        }
        if (!counts)
            continue;
        if (unit == DS_CQL_TOKENS) {
            st = is_short(q, x, &ids, &read_beg, &read_end, &fits);
        } else if (unit != DS_CQL_DOC && x->end - x->beg > 1) {
            q_span_at(q, &units, x->beg, &beg, &end);
            fits = x->end <= end;
        } else {
            fits = true;
        }
        if (fits)
            o->v[n++] = *x;
    }
    o->n = n;
    return st;
}

static void find_beginning(const ds_query *q, q_occ *x, ds_str key)
{
    const q_leaf *leaf = &q->leaves[x->to];
    if (x->from == DS_QUERY_WHOLE) {
        x->from = 0;
    } else if (x->from & Q_CUT) {
        q_part part = {.kind = Q_END, .to = (x->from & ~Q_CUT) / Q_CUT_UNIT};
        x->from = (uint32_t)q_phrase_edge(&q->phrases[leaf->phrase], &part, key, false);
    }
}

static uint32_t end_in(const ds_query *q, const q_occ *x, uint32_t coded, ds_str key)
{
    const q_leaf *leaf = &q->leaves[x->to];
    size_t beg, end = key.n;
    if (leaf->phrase == DS_CQL_NONE)
        return (uint32_t)key.n;
    if (coded & Q_CUT) {
        q_part part = {.kind = Q_START, .from = (coded & ~Q_CUT) % Q_CUT_UNIT};
        return (uint32_t)q_phrase_edge(&q->phrases[leaf->phrase], &part, key, true);
    }
    q_phrase_in(&q->phrases[leaf->phrase], key, coded, &beg, &end);
    return (uint32_t)end;
}

/* Where one of them begins and ends, by the types of its first and last token. */
static ds_status look_edges(ds_query *q, q_occ *x, const uint32_t **ids, uint32_t *beg, uint32_t *end)
{
    const q_leaf *leaf = &q->leaves[x->to];
    uint32_t coded = x->from;
    ds_type t;
    if (!(coded & Q_CUT) && !q->phrases[leaf->phrase].blanks) { /* all within a token, as long as it is written */
        x->to = coded + (uint32_t)q->phrases[leaf->phrase].text.n;
        return DS_OK;
    }
    ds_status st = q->forward != NULL ? DS_OK : ds_forward_new(q->alloc, q->ix, &q->forward, &q->error);
    if (st == DS_OK)
        st = type_of(q, x->beg, ids, beg, end, &t);
    if (st == DS_OK)
        find_beginning(q, x, t.key);
    if (st == DS_OK && x->end - 1 != x->beg)
        st = type_of(q, x->end - 1, ids, beg, end, &t);
    if (st == DS_OK)
        x->to = end_in(q, x, coded, t.key);
    return st;
}

/* Where each occurrence begins and ends within its first and last token, of those that share a token with another. */
static ds_status find_edges(ds_query *q, q_occs *o)
{
    const uint32_t *ids = NULL;
    uint32_t beg = 0, end = 0;
    ds_status st = DS_OK;
    for (size_t i = 0, k; st == DS_OK && i < o->n; i = k) {
        uint32_t reached = o->v[i].end;
        for (k = i + 1; k < o->n && o->v[k].beg < reached; k++)
            reached = o->v[k].end > reached ? o->v[k].end : reached;
        for (size_t j = i; st == DS_OK && k - i > 1 && j < k; j++)
            st = look_edges(q, &o->v[j], &ids, &beg, &end);
    }
    return st;
}

/* Leftmost, then longest, each behind the one before; with `overlap` one for each beginning.  Beginnings and ends are
 * characters, or, where the query names tokens too, tokens. */
static void choose(ds_query *q, q_occs *o, bool by_token)
{
    q_run *r = &q->run;
    size_t n = 0;
    for (size_t i = 0, k; i < o->n; i = k) {
        q_occ best = o->v[i];
        for (k = i + 1; k < o->n && o->v[k].beg == best.beg && (by_token || o->v[k].from == best.from); k++)
            if (o->v[k].end > best.end || (!by_token && o->v[k].end == best.end && o->v[k].to > best.to))
                best = o->v[k];
        if (by_token)
            best.from = DS_QUERY_WHOLE;
        if (!q->opt.overlap) {
            if (best.beg < r->floor || (best.beg == r->floor && best.from < r->floor_from))
                continue;
            r->floor = by_token ? best.end : best.end - 1;
            r->floor_from = by_token ? 0 : best.to;
        }
        o->v[n++] = best;
    }
    o->n = n;
}

/* Whether occurrences may overlap, so that where exactly they begin and end has to be known. */
static bool must_choose(const ds_query *q)
{
    if (q->leaf_count != 1)
        return true;
    return q->leaves[0].phrase != DS_CQL_NONE && q->phrases[q->leaves[0].phrase].repeats;
}

static bool has_token_leaf(const ds_query *q)
{
    for (size_t i = 0; i < q->leaf_count; i++)
        if (q->leaves[i].token != DS_CQL_NONE)
            return true;
    return false;
}

/* Of the occurrences of phrases, sorted, those that are hits. */
static ds_status choose_phrases(ds_query *q, q_occs *o)
{
    ds_status st = find_edges(q, o);
    if (st == DS_OK && !q_occs_sort(q, o))
        st = no_memory(q);
    if (st == DS_OK)
        choose(q, o, false);
    return st;
}

ds_status q_direct_fill(ds_query *q)
{
    q_occs *o = &q->run.found;
    ds_status st = DS_OK;
    for (uint32_t i = 0; st == DS_OK && i < q->leaf_count; i++)
        st = add_leaf_occs(q, i, o);
    if (st != DS_OK)
        return st;
    if (q->stopped && must_choose(q)) /* which of them are hits depends on those that were not reached */
        o->n = 0;
    if (!q_occs_sort(q, o))
        return no_memory(q);
    st = keep_allowed(q, o);
    if (st != DS_OK || !must_choose(q))
        return st;
    if (!has_token_leaf(q))
        return choose_phrases(q, o);
    choose(q, o, true);
    return DS_OK;
}

/* ------------------------------------------------------------------ counting */

/* Hits within a token of this key. */
static uint64_t hits_in(const ds_query *q, const q_phrase *p, ds_str key)
{
    size_t beg, end, at = 0;
    uint64_t n = 0;
    for (; q_phrase_in(p, key, at, &beg, &end); at = q->opt.overlap && p->repeats ? beg + 1 : end)
        n++;
    return n;
}

static uint64_t count_within(ds_query *q, const q_phrase *p)
{
    uint64_t count = 0;
    ds_type t;
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; p->parts[i].kind == Q_IN && k < p->parts[i].types.ids.n; k++) {
            ds_index_type(q->ix, p->parts[i].types.ids.v[k], &t);
            count += hits_in(q, p, t.key) * t.count;
        }
    return count;
}

/* Of a phrase that may overlap itself those over borders of tokens count with what is within the same tokens, which
 * was counted already. */
static ds_status count_choice(ds_query *q, const q_phrase *p, uint64_t *count)
{
    q_occs *o = &q->run.found;
    size_t between = o->n;
    uint64_t already = 0;
    ds_type t;
    ds_status st = between > 0 ? q_cuts_beside(q, p, q->run.lo, q->run.hi, o) : DS_OK;
    for (size_t i = between; i < o->n; i++) {
        size_t first, end;
        ds_index_type(q->ix, o->v[i].to, &t);
        if (q_phrase_in(p, t.key, 0, &first, &end) && o->v[i].from == first) /* each token once */
            already += hits_in(q, p, t.key);
        o->v[i].to = 0;
    }
    if (st == DS_OK && !q_occs_sort(q, o))
        st = no_memory(q);
    if (st == DS_OK)
        st = choose_phrases(q, o);
    *count += o->n - already;
    return st;
}

/* The one phrase of a query: what stands within tokens is counted by their types. */
ds_status q_direct_count(ds_query *q, const q_phrase *p, uint64_t *count)
{
    q_run *r = &q->run;
    ds_status st = DS_OK;
    bool in_doc = ds_cql_unit(q->tree) == DS_CQL_DOC;
    *count += count_within(q, p);
    while (st == DS_OK && !q->stopped && q_next_stretch(q, Q_SHARE_MAX)) {
        if (in_doc && !p->repeats) {
            st = q_cuts_count(q, p, r->lo, r->hi, count);
            continue;
        }
        r->found.n = 0;
        st = q_cuts_between(q, p, r->lo, r->hi, &r->found);
        if (st == DS_OK && !q_occs_sort(q, &r->found))
            st = no_memory(q);
        if (st == DS_OK)
            st = keep_allowed(q, &r->found);
        if (st == DS_OK && p->repeats)
            st = count_choice(q, p, count);
        else
            *count += r->found.n;
    }
    return st;
}

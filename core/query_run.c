/* query_run.c - the hits, a stretch of whole articles at a time. */
#include "query_int.h"

#include <string.h>

enum { FIRST_SHARE = 1 << 16, SHARE_MAX = 1 << 25, SCAN_SHARE = 1 << 14, SLACK = 8 };

static ds_status no_memory(ds_query *q)
{
    return ds_fail_nomem(&q->error);
}

bool q_doc_counts(const ds_query *q, uint32_t doc)
{
    if (q->opt.docs != NULL && !(q->opt.docs[doc / 64] >> doc % 64 & 1))
        return false;
    return !ds_index_deleted(q->ix, doc);
}

static bool all_docs_count(const ds_query *q)
{
    return q->opt.docs == NULL && ds_index_deletions(q->ix) == 0;
}

/* ------------------------------------------------------------------ units */

static ds_unit unit_of(const ds_query *q)
{
    switch (ds_cql_unit(q->tree)) {
    case DS_CQL_SENTENCE: return DS_UNIT_SENTENCE;
    case DS_CQL_PARAGRAPH: return DS_UNIT_PARAGRAPH;
    default: return DS_UNIT_DOC;
    }
}

/* The bounds of the unit that holds `pos`, which is not before those asked for earlier with the same `u`.  They may lie in
 * the article before, when what begins an article belongs to no unit. */
static void unit_at(const ds_query *q, q_units *u, uint32_t pos, uint32_t *beg, uint32_t *end)
{
    if (u->v == NULL)
        u->v = ds_index_units(q->ix, unit_of(q), &u->n);
    size_t lo = u->at, step = 1;
    while (lo + step < u->n && u->v[lo + step] <= pos) {
        lo += step;
        step *= 2;
    }
    size_t hi = lo + step < u->n ? lo + step : u->n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (u->v[mid] <= pos)
            lo = mid;
        else
            hi = mid;
    }
    u->at = lo;
    *beg = u->n > 0 && u->v[lo] <= pos ? u->v[lo] : 0;
    *end = lo + 1 < u->n ? u->v[lo + 1] : ds_index_tokens(q->ix);
    if (*end <= pos)
        *end = pos + 1;
}

/* ------------------------------------------------------------------ stretches */

/* Goes on to the next stretch; false: there is none. */
static bool next_stretch(ds_query *q, uint32_t first)
{
    q_run *r = &q->run;
    uint32_t tokens = ds_index_tokens(q->ix), beg, end;
    if (r->hi >= tokens)
        return false;
    r->share = r->share == 0 ? first : r->share < SHARE_MAX / 4 ? 4 * r->share : SHARE_MAX;
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

/* ------------------------------------------------------------------ leaves as hits */

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

/* Leaves out what lies in an article that does not count, or goes over the edge of a unit. */
static void keep_allowed(ds_query *q, q_occs *o)
{
    size_t n = 0;
    uint32_t beg, end, doc_end = 0;
    q_units units = {0};
    bool all = all_docs_count(q), whole = ds_cql_unit(q->tree) == DS_CQL_DOC, counts = true;
    for (size_t i = 0; i < o->n; i++) {
        const q_occ *x = &o->v[i];
        if (!all && (i == 0 || x->beg >= doc_end)) {
            uint32_t doc = ds_index_doc_at(q->ix, x->beg);
            ds_index_doc_range(q->ix, doc, &beg, &doc_end);
            counts = q_doc_counts(q, doc);
        }
        if (!counts)
            continue;
        if (!whole && x->end - x->beg > 1) {
            unit_at(q, &units, x->beg, &beg, &end);
            if (x->end > end)
                continue;
        }
        o->v[n++] = *x;
    }
    o->n = n;
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

static ds_status fill_direct(ds_query *q)
{
    q_occs *o = &q->run.found;
    ds_status st = DS_OK;
    for (uint32_t i = 0; st == DS_OK && i < q->leaf_count; i++)
        st = add_leaf_occs(q, i, o);
    if (st != DS_OK)
        return st;
    if (!q_occs_sort(q, o))
        return no_memory(q);
    keep_allowed(q, o);
    if (!must_choose(q))
        return DS_OK;
    if (!has_token_leaf(q))
        return choose_phrases(q, o);
    choose(q, o, true);
    return DS_OK;
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

/* The hits about the next places, as many as lie close together. */
static ds_status fill_window(ds_query *q, q_units *units)
{
    q_run *r = &q->run;
    uint32_t low, high, beg, end, more_beg, more_end;
    uint32_t pos = r->places.v[r->next_place++];
    uint32_t doc = ds_index_doc_at(q->ix, pos);
    if (!q_doc_counts(q, doc))
        return DS_OK;
    ds_index_doc_range(q->ix, doc, &beg, &end);
    unit_at(q, units, pos, &low, &high);
    low = low > beg ? low : beg;
    high = high < end && high > pos ? high : end;
    ds_status st = window_at(q, pos, low, high, &beg, &end);
    for (; st == DS_OK && r->next_place < r->places.n && r->places.v[r->next_place] < high; r->next_place++) {
        if (end < high) {
            st = window_at(q, r->places.v[r->next_place], low, high, &more_beg, &more_end);
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
        unit_at(q, &units, at, &beg, &end);
        end = end < r->hi ? end : r->hi;
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
    if (q->nfa.count == 0 || (q->plan != Q_SCAN && q->leaf_count == 0) || !next_stretch(q, share)) {
        r->done = true;
        return DS_OK;
    }
    if (q->plan == Q_SCAN) {
        r->share = SCAN_SHARE / 4; /* all of one size */
        return scan_stretch(q);
    }
    return q->plan == Q_DIRECT ? fill_direct(q) : fill_places(q);
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
static ds_status count_phrase(ds_query *q, const q_phrase *p, uint64_t *count)
{
    q_run *r = &q->run;
    ds_status st = DS_OK;
    bool in_doc = ds_cql_unit(q->tree) == DS_CQL_DOC;
    *count += count_within(q, p);
    while (st == DS_OK && !q->stopped && next_stretch(q, SHARE_MAX)) {
        if (in_doc && !p->repeats) {
            st = q_cuts_count(q, p, r->lo, r->hi, count);
            continue;
        }
        r->found.n = 0;
        st = q_cuts_between(q, p, r->lo, r->hi, &r->found);
        if (st == DS_OK && !q_occs_sort(q, &r->found))
            st = no_memory(q);
        keep_allowed(q, &r->found);
        if (st == DS_OK && p->repeats)
            st = count_choice(q, p, count);
        else
            *count += r->found.n;
    }
    return st;
}

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
    q_run *r = &q->run;
    q_units units = {0};
    const q_token *lone = lone_token(q);
    if (all_docs_count(q) && lone != NULL && lone->listed) {
        *count = lone->types.tokens;
        return DS_OK;
    }
    if (all_docs_count(q) && q->plan == Q_DIRECT && q->leaf_count == 1 && q->leaves[0].phrase != DS_CQL_NONE)
        return count_phrase(q, &q->phrases[q->leaves[0].phrase], count);
    while (!r->done && !q->stopped) {
        ds_status st = advance(q, &units);
        if (st != DS_OK || q->status != DS_OK)
            return st != DS_OK ? st : q->status;
        *count += r->found.n;
    }
    return DS_OK;
}

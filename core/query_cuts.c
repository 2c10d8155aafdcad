/*
 * query_cuts.c - where the cuts of a phrase stand: neighbouring positions in the posting lists of its parts.
 *
 * It begins with the parts over the hinge, the byte whose tokens are fewest, and goes on from there to the left and to
 * the right, keeping the places whose neighbour is one of the next part's types.  Whether a position is among
 * these is asked in the cheapest of three ways: a bit for each place is set and the neighbour's lists are run through;
 * each place is sought in a list; or the few places are read in the forward array.
 */
#include "query_int.h"

#include <string.h>

/* Rough costs in steps of about a nanosecond. */
enum { COST_LIST = 40, COST_READ = 2, COST_SEEK = 150, COST_BLOCK = 15000 };
enum { BATCH = 1024 };

typedef struct cut_run {
    ds_query *q;
    const q_phrase *p;
    uint32_t lo, hi;
    uint32_t leaf;
    q_occs *out;
} cut_run;

static ds_status no_memory(ds_query *q)
{
    return ds_fail_nomem(&q->error);
}

bool q_occs_add(ds_query *q, q_occs *o, q_occ occ)
{
    if (o->n == o->cap &&
        ds_grow(q->alloc, (void **)&o->v, &o->cap, o->n + 1, sizeof *o->v) != DS_OK) {
        no_memory(q);
        return false;
    }
    o->v[o->n++] = occ;
    return true;
}

/* ------------------------------------------------------------------ positions of types */

static ds_status add_places(ds_query *q, uint32_t id, uint32_t lo, uint32_t hi, q_list *out)
{
    ds_postings it;
    ds_postings_start(q->ix, id, &it);
    if (lo > 0) {
        uint32_t at = ds_postings_seek(&it, lo);
        if (at >= hi)
            return DS_OK;
        if (!q_list_add(q->alloc, out, at))
            return no_memory(q);
    }
    for (;;) {
        if (!q_list_room(q->alloc, out, BATCH))
            return no_memory(q);
        size_t n = ds_postings_read(&it, out->v + out->n, BATCH);
        out->n += n;
        while (n > 0 && out->v[out->n - 1] >= hi) {
            out->n--;
            if (--n == 0)
                return DS_OK;
        }
        if (n < BATCH)
            return DS_OK;
        if (q_step(q, n * COST_READ))
            return q->status;
    }
}

ds_status q_places(ds_query *q, const q_types *types, uint32_t lo, uint32_t hi, q_list *out)
{
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < types->ids.n && !q_step(q, COST_LIST); i++)
        st = add_places(q, types->ids.v[i], lo, hi, out);
    return st == DS_OK ? q->status : st;
}

/* ------------------------------------------------------------------ keeping places by their neighbours */

static ds_status need_bits(cut_run *r)
{
    ds_query *q = r->q;
    size_t words = (size_t)(r->hi - r->lo) / 64 + 1;
    if (q->bits_cap >= words)
        return DS_OK;
    ds_mfree(q->alloc, q->bits, q->bits_cap * sizeof *q->bits);
    q->bits_cap = 0;
    q->bits = ds_calloc(q->alloc, words, sizeof *q->bits);
    if (q->bits == NULL)
        return no_memory(q);
    q->bits_cap = words;
    return DS_OK;
}

/* Sets, or takes back, the bits of the places that the neighbours would have. */
static void mark(cut_run *r, const q_list *in, uint32_t delta, bool set)
{
    uint64_t *bits = r->q->bits;
    for (size_t i = 0; i < in->n; i++) {
        uint32_t at = in->v[i] + delta - r->lo;
        if (at < r->hi - r->lo) {
            if (set)
                bits[at / 64] |= (uint64_t)1 << at % 64;
            else
                bits[at / 64] = 0;
        }
    }
}

/* Those positions of a type that are marked, less `delta`, to `out`. */
static ds_status run_through(cut_run *r, uint32_t id, uint32_t delta, q_list *out)
{
    uint32_t v[BATCH], lo = r->lo;
    const uint64_t *bits = r->q->bits;
    ds_postings it;
    size_t n = 1;
    ds_postings_start(r->q->ix, id, &it);
    if (lo > 0)
        v[0] = ds_postings_seek(&it, lo);
    else
        n = ds_postings_read(&it, v, BATCH);
    while (n > 0 && v[0] < r->hi) {
        size_t whole = n;
        while (v[n - 1] >= r->hi)
            n--;
        if (!q_list_room(r->q->alloc, out, n))
            return no_memory(r->q);
        uint32_t *to = out->v + out->n;
        for (size_t i = 0; i < n; i++) {
            uint32_t at = v[i] - lo;
            *to = v[i] - delta;
            to += bits[at / 64] >> at % 64 & 1;
        }
        out->n = (size_t)(to - out->v);
        if (q_step(r->q, n * COST_READ))
            return r->q->status;
        n = n < whole ? 0 : ds_postings_read(&it, v, BATCH);
    }
    return DS_OK;
}

/* Seeks each of the places, which ascend. */
static ds_status seek_each(cut_run *r, const q_list *in, uint32_t id, uint32_t delta, q_list *out)
{
    ds_postings it;
    uint32_t at = 0;
    bool any = false;
    ds_postings_start(r->q->ix, id, &it);
    for (size_t i = 0; i < in->n; i++) {
        uint32_t want = in->v[i] + delta;
        if (want - r->lo >= r->hi - r->lo)
            continue;
        if (!any || at < want)
            at = ds_postings_seek(&it, want);
        any = true;
        if (at == DS_POS_NONE)
            break;
        if (at == want && !q_list_add(r->q->alloc, out, in->v[i]))
            return no_memory(r->q);
    }
    q_step(r->q, in->n * COST_SEEK);
    return r->q->status;
}

static ds_status need_forward(ds_query *q)
{
    return q->forward != NULL ? DS_OK : ds_forward_new(q->alloc, q->ix, &q->forward, &q->error);
}

static ds_status read_each(cut_run *r, const q_list *in, const q_types *types, uint32_t delta, q_list *out)
{
    const uint32_t *ids;
    uint32_t beg = 0, end = 0;
    ds_status st = need_forward(r->q);
    for (size_t i = 0; st == DS_OK && i < in->n; i++) {
        uint32_t at = in->v[i] + delta;
        if (at - r->lo >= r->hi - r->lo)
            continue;
        if (at < beg || at >= end) {
            st = ds_forward_at(r->q->forward, at, &ids, &beg, &end, &r->q->error);
            if (st != DS_OK || q_step(r->q, COST_BLOCK))
                break;
        }
        if (q_list_has(&types->ids, ids[at - beg]) && !q_list_add(r->q->alloc, out, in->v[i]))
            return no_memory(r->q);
    }
    return st == DS_OK ? r->q->status : st;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The places of `in` whose neighbour at `delta` is one of `types`, appended to `out`. */
static ds_status keep(cut_run *r, q_list *in, const q_types *types, uint32_t delta, q_list *out)
{
    if (in->n == 0 || types->ids.n == 0)
        return DS_OK;
    uint64_t lists = COST_LIST * (uint64_t)types->ids.n + least(COST_READ * types->tokens,
                                                                COST_SEEK * (uint64_t)in->n * types->ids.n);
    if (COST_BLOCK * (uint64_t)in->n < lists) {
        if (!q_list_sort(r->q->alloc, in))
            return no_memory(r->q);
        return read_each(r, in, types, delta, out);
    }
    bool marked = false, sorted = false;
    ds_status st = DS_OK;
    ds_type t;
    for (size_t i = 0; st == DS_OK && i < types->ids.n && !q_step(r->q, COST_LIST); i++) {
        ds_index_type(r->q->ix, types->ids.v[i], &t);
        if (COST_SEEK * (uint64_t)in->n < COST_READ * (uint64_t)t.count) {
            if (!sorted && !q_list_sort(r->q->alloc, in))
                st = no_memory(r->q);
            sorted = true;
            if (st == DS_OK)
                st = seek_each(r, in, types->ids.v[i], delta, out);
            continue;
        }
        if (!marked && (st = need_bits(r)) == DS_OK)
            mark(r, in, delta, true);
        marked = st == DS_OK;
        if (st == DS_OK)
            st = run_through(r, types->ids.v[i], delta, out);
    }
    if (marked)
        mark(r, in, delta, false);
    return st == DS_OK ? r->q->status : st;
}

/* ------------------------------------------------------------------ along a cut */

/* A stretch of the phrase that is covered: its bytes [from, to) by the tokens [beg, end) about each place. */
typedef struct stretch {
    uint32_t from, to;
    uint32_t beg, end; /* what is added to a place, modulo 2^32 */
    uint32_t first_to, last_from; /* the bytes of the phrase at which the first token ends and the last one starts */
} stretch;

static ds_status extend(cut_run *r, q_list *in, stretch s);

/* Whether the part fits on the side of the stretch that is open, and what it becomes with it. */
static bool joins(const q_part *part, bool left, stretch *s)
{
    if (part->kind == Q_IN)
        return false;
    if (part->kind == Q_SPACE) {
        if (part->from != (left ? s->from : s->to))
            return false;
    } else if (left) {
        if (part->to != s->from || part->kind == Q_START)
            return false;
        s->from = part->from;
        s->first_to = part->to;
    } else {
        if (part->from != s->to || part->kind == Q_END)
            return false;
        s->to = part->to;
        s->last_from = part->from;
    }
    if (left)
        s->beg--;
    else
        s->end++;
    return true;
}

static ds_status extend_by(cut_run *r, q_list *in, stretch s, bool left)
{
    ds_query *q = r->q;
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < r->p->count; i++) {
        const q_part *part = &r->p->parts[i];
        stretch longer = s;
        q_list kept = {0};
        if (!joins(part, left, &longer))
            continue;
        const q_types *types = part->kind == Q_SPACE ? &q->spaces : &part->types;
        st = keep(r, in, types, left ? longer.beg : s.end, &kept);
        if (st == DS_OK && kept.n > 0 && !q->stopped)
            st = extend(r, &kept, longer);
        q_list_clear(q->alloc, &kept);
    }
    return st;
}

static uint64_t side_cost(const cut_run *r, stretch s, bool left)
{
    uint64_t cost = 0;
    for (size_t i = 0; i < r->p->count; i++) {
        stretch longer = s;
        if (r->p->parts[i].kind != Q_SPACE && joins(&r->p->parts[i], left, &longer))
            cost += r->p->parts[i].types.tokens;
    }
    return cost;
}

static ds_status extend(cut_run *r, q_list *in, stretch s)
{
    bool left = s.from > 0, right = s.to < r->p->text.n;
    if (left && right)
        return extend_by(r, in, s, side_cost(r, s, true) <= side_cost(r, s, false));
    if (left || right)
        return extend_by(r, in, s, left);
    uint32_t cut = Q_CUT | (s.first_to * Q_CUT_UNIT + s.last_from);
    for (size_t i = 0; i < in->n; i++)
        if (!q_occs_add(r->q, r->out, (q_occ){in->v[i] + s.beg, in->v[i] + s.end, cut, r->leaf}))
            return DS_ENOMEM;
    return DS_OK;
}

/* ------------------------------------------------------------------ all of them */

/* Tokens that contain the phrase, each occurrence in them; of those that overlap all, for the caller to choose. */
static ds_status inside(cut_run *r, const q_part *part)
{
    ds_query *q = r->q;
    ds_status st = DS_OK;
    ds_type t;
    q_list places = {0};
    for (size_t i = 0; st == DS_OK && i < part->types.ids.n && !q_step(q, COST_LIST); i++) {
        size_t beg, end, at = 0;
        places.n = 0;
        st = add_places(q, part->types.ids.v[i], r->lo, r->hi, &places);
        ds_index_type(q->ix, part->types.ids.v[i], &t);
        for (; st == DS_OK && q_phrase_in(r->p, t.key, at, &beg, &end); at = r->p->repeats ? beg + 1 : end)
            for (size_t k = 0; k < places.n; k++)
                if (!q_occs_add(q, r->out, (q_occ){places.v[k], places.v[k] + 1, (uint32_t)beg, r->leaf})) {
                    st = DS_ENOMEM;
                    break;
                }
    }
    q_list_clear(q->alloc, &places);
    return st == DS_OK ? q->status : st;
}

ds_status q_cuts(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, bool counting, uint32_t leaf, q_occs *out)
{
    cut_run r = {q, p, lo, hi, leaf, out};
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < p->count && !q->stopped; i++) {
        const q_part *part = &p->parts[i];
        if (part->kind == Q_IN) {
            st = counting ? DS_OK : inside(&r, part);
        } else if (part->kind != Q_SPACE && part->from <= p->hinge && p->hinge < part->to) {
            q_list places = {0};
            st = q_places(q, &part->types, lo, hi, &places);
            if (st == DS_OK)
                st = extend(&r, &places, (stretch){part->from, part->to, 0, 1, part->to, part->from});
            q_list_clear(q->alloc, &places);
        }
    }
    return st == DS_OK ? q->status : st;
}

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
enum { COST_LIST = 40, COST_READ = 1, COST_SEEK = 150, COST_BLOCK = 15000 };
enum { BATCH = 1024 };

typedef struct cut_run {
    ds_query *q;
    const q_phrase *p;
    uint32_t lo, hi;
    uint32_t leaf;
    q_occs *out;     /* NULL: they are counted */
    uint64_t *count;
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

/* The positions of one type in [lo, hi), BATCH at a time. */
typedef struct list_reader {
    ds_postings it;
    uint32_t lo, hi;
    bool begun, ended;
} list_reader;

static void start_reading(const ds_query *q, uint32_t id, uint32_t lo, uint32_t hi, list_reader *r)
{
    ds_postings_start(q->ix, id, &r->it);
    r->lo = lo;
    r->hi = hi;
    r->begun = lo == 0;
    r->ended = false;
}

/* `v` has room for BATCH; how many, 0: no more. */
static size_t read_batch(list_reader *r, uint32_t *v)
{
    size_t n = 0;
    if (r->ended)
        return 0;
    if (!r->begun && (v[0] = ds_postings_seek(&r->it, r->lo)) != DS_POS_NONE)
        n = 1;
    if (r->begun)
        n = ds_postings_read(&r->it, v, BATCH);
    r->ended = n == 0 || (r->begun && n < BATCH) || v[n - 1] >= r->hi;
    r->begun = true;
    while (n > 0 && v[n - 1] >= r->hi)
        n--;
    return n;
}

ds_status q_places(ds_query *q, const q_types *types, uint32_t lo, uint32_t hi, q_list *out)
{
    list_reader r;
    /* Room for all of them at once, as far as it can be known: what a file says of counts may be wrong. */
    uint64_t most = types->tokens < hi - lo ? types->tokens : hi - lo;
    if (lo == 0 && types->ids.n > 0 && !q_list_room(q->alloc, out, (size_t)most))
        return no_memory(q);
    for (size_t i = 0; i < types->ids.n && !q_step(q, COST_LIST); i++) {
        size_t n = 1;
        start_reading(q, types->ids.v[i], lo, hi, &r);
        while (n > 0 && !q_step(q, n * COST_READ)) {
            if (!q_list_room(q->alloc, out, BATCH))
                return no_memory(q);
            n = read_batch(&r, out->v + out->n);
            out->n += n;
        }
    }
    return q->status;
}

/* ------------------------------------------------------------------ keeping places by their neighbours */

static size_t bit_words(const cut_run *r)
{
    return (size_t)(r->hi - r->lo) / 64 + 1;
}

static ds_status need_bits(cut_run *r)
{
    ds_query *q = r->q;
    size_t words = bit_words(r);
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

/* Sets the bits of the places that the neighbours would have. */
static void mark(cut_run *r, const uint32_t *v, size_t n, uint32_t delta)
{
    uint64_t *bits = r->q->bits;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = v[i] + delta - r->lo;
        if (at < r->hi - r->lo)
            bits[at / 64] |= (uint64_t)1 << at % 64;
    }
}

/* Takes back what mark() has set for n places: one by one, or, where they are many, all. */
static void unmark(cut_run *r, const uint32_t *v, size_t n, uint32_t delta)
{
    uint64_t *bits = r->q->bits;
    if (n > bit_words(r) / 8) {
        memset(bits, 0, bit_words(r) * sizeof *bits);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = v[i] + delta - r->lo;
        if (at < r->hi - r->lo)
            bits[at / 64] = 0;
    }
}

/* How many of the positions of a type have a bit at `delta` from there in one of the rows, whose first bit is that of
 * position `base`.  (No two rows have the same bit.) */
typedef struct bit_row {
    const uint64_t *bits;
    uint32_t base;
} bit_row;

static void count_through(cut_run *r, uint32_t id, uint32_t delta, const bit_row *rows, size_t n_rows)
{
    uint32_t v[BATCH], span = r->hi - r->lo;
    uint64_t count = 0;
    list_reader in;
    start_reading(r->q, id, r->lo, r->hi, &in);
    for (size_t n; (n = read_batch(&in, v)) > 0 && !q_step(r->q, n * COST_READ);)
        for (size_t k = 0; k < n_rows; k++) {
            const uint64_t *bits = rows[k].bits;
            for (size_t i = 0; i < n; i++) {
                uint32_t at = v[i] + delta, in_row = at - rows[k].base;
                if (at - r->lo < span)
                    count += bits[in_row / 64] >> in_row % 64 & 1;
            }
        }
    *r->count += count;
}

/* Those positions of a type that are marked, less `delta`, to `out`; NULL: counts them. */
static ds_status run_through(cut_run *r, uint32_t id, uint32_t delta, q_list *out)
{
    uint32_t v[BATCH], lo = r->lo;
    const uint64_t *bits = r->q->bits;
    list_reader in;
    if (out == NULL) {
        count_through(r, id, 0, &(bit_row){bits, lo}, 1);
        return r->q->status;
    }
    start_reading(r->q, id, r->lo, r->hi, &in);
    for (size_t n; (n = read_batch(&in, v)) > 0 && !q_step(r->q, n * COST_READ);) {
        if (!q_list_room(r->q->alloc, out, n))
            return no_memory(r->q);
        uint32_t *to = out->v + out->n;
        for (size_t i = 0; i < n; i++) {
            uint32_t at = v[i] - lo;
            *to = v[i] - delta;
            to += bits[at / 64] >> at % 64 & 1;
        }
        out->n = (size_t)(to - out->v);
    }
    return r->q->status;
}

/* A place that stays; false: no memory. */
static bool take_place(cut_run *r, q_list *out, uint32_t at)
{
    if (out != NULL)
        return q_list_add(r->q->alloc, out, at);
    ++*r->count;
    return true;
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
        if (at == want && !take_place(r, out, in->v[i]))
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
        if (q_list_has(&types->ids, ids[at - beg]) && !take_place(r, out, in->v[i]))
            return no_memory(r->q);
    }
    return st == DS_OK ? r->q->status : st;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Asks a row of bits for each of the places. */
static ds_status ask_bits(cut_run *r, const q_list *in, const uint64_t *bits, uint32_t delta, q_list *out)
{
    uint64_t count = 0;
    uint32_t span = r->hi - r->lo;
    if (out != NULL && !q_list_room(r->q->alloc, out, in->n))
        return no_memory(r->q);
    for (size_t i = 0; i < in->n; i++) {
        uint32_t at = in->v[i] + delta;
        bool there = at - r->lo < span && (bits[at / 64] >> at % 64 & 1);
        if (out != NULL)
            out->v[out->n] = in->v[i], out->n += there;
        count += there;
    }
    if (out == NULL)
        *r->count += count;
    q_step(r->q, in->n);
    return r->q->status;
}

/* How far one type's neighbours have come: what was made ready for it serves the next one, too. */
typedef struct keeping {
    q_list *in;
    uint32_t delta;
    q_list *out;
    bool marked, sorted;
} keeping;

static ds_status keep_by(cut_run *r, keeping *k, uint32_t id)
{
    ds_type t;
    ds_status st = DS_OK;
    uint64_t n = k->in->n;
    ds_index_type(r->q->ix, id, &t);
    const uint64_t *bits = n > 64 && n < t.count ? ds_index_bits(r->q->ix, id) : NULL;
    if (bits != NULL)
        return ask_bits(r, k->in, bits, k->delta, k->out);
    if (COST_SEEK * n < COST_READ * (uint64_t)t.count) {
        if (!k->sorted && !q_list_sort(r->q->alloc, k->in))
            return no_memory(r->q);
        k->sorted = true;
        return seek_each(r, k->in, id, k->delta, k->out);
    }
    if (!k->marked && (st = need_bits(r)) == DS_OK)
        mark(r, k->in->v, k->in->n, k->delta);
    k->marked = st == DS_OK;
    return st == DS_OK ? run_through(r, id, k->delta, k->out) : st;
}

/* The places of `in` whose neighbour at `delta` is one of `types`, appended to `out`; NULL: counts them. */
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
    keeping k = {.in = in, .delta = delta, .out = out};
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < types->ids.n && !q_step(r->q, COST_LIST); i++)
        st = keep_by(r, &k, types->ids.v[i]);
    if (k.marked)
        unmark(r, in->v, in->n, delta);
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

static const q_types *types_of(const cut_run *r, const q_part *part)
{
    return part->kind == Q_SPACE ? &r->q->spaces : &part->types;
}

static bool is_whole(const cut_run *r, stretch s)
{
    return s.from == 0 && s.to == r->p->text.n;
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
        uint32_t delta = left ? longer.beg : s.end;
        if (r->out == NULL && is_whole(r, longer)) {
            st = keep(r, in, types_of(r, part), delta, NULL);
            continue;
        }
        st = keep(r, in, types_of(r, part), delta, &kept);
        if (st == DS_OK && kept.n > 0 && !q->stopped)
            st = extend(r, &kept, longer);
        q_list_clear(q->alloc, &kept);
    }
    return st;
}

static bool has_row(const ds_query *q, uint32_t id)
{
    return id <= DS_INDEX_DENSE && ds_index_bits(q->ix, id) != NULL;
}

/* Tokens to look at for the parts on one side; a row of bits is asked for each place and costs next to nothing. */
static uint64_t side_cost(const cut_run *r, stretch s, bool left)
{
    uint64_t cost = 0;
    ds_type t;
    for (size_t i = 0; i < r->p->count; i++) {
        const q_part *part = &r->p->parts[i];
        stretch longer = s;
        if (part->kind == Q_SPACE || !joins(part, left, &longer))
            continue;
        cost += part->types.tokens;
        for (size_t k = 0; k < part->types.ids.n && has_row(r->q, part->types.ids.v[k]); k++) {
            ds_index_type(r->q->ix, part->types.ids.v[k], &t);
            cost -= t.count;
        }
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

/* The occurrences in the tokens of type `id` at `places`; of those that overlap all, for the caller to choose. */
static ds_status occurrences_in(cut_run *r, uint32_t id, const q_list *places, uint32_t to)
{
    size_t beg, end, at = 0;
    ds_type t;
    ds_index_type(r->q->ix, id, &t);
    for (; q_phrase_in(r->p, t.key, at, &beg, &end); at = r->p->repeats ? beg + 1 : end)
        for (size_t k = 0; k < places->n; k++)
            if (!q_occs_add(r->q, r->out, (q_occ){places->v[k], places->v[k] + 1, (uint32_t)beg, to}))
                return DS_ENOMEM;
    return DS_OK;
}

/* Tokens that contain the phrase. */
static ds_status inside(cut_run *r, const q_part *part)
{
    ds_query *q = r->q;
    ds_status st = DS_OK;
    q_list places = {0};
    for (size_t i = 0; st == DS_OK && i < part->types.ids.n && !q_step(q, COST_LIST); i++) {
        q_types one = {{&part->types.ids.v[i], 1, 1}, 0};
        places.n = 0;
        st = q_places(q, &one, r->lo, r->hi, &places);
        if (st == DS_OK)
            st = occurrences_in(r, part->types.ids.v[i], &places, r->leaf);
    }
    q_list_clear(q->alloc, &places);
    return st == DS_OK ? q->status : st;
}

/* Tokens that contain the phrase among those whose bit is set. */
static ds_status inside_marked(cut_run *r, const q_part *part)
{
    ds_query *q = r->q;
    ds_status st = DS_OK;
    q_list places = {0};
    for (size_t i = 0; st == DS_OK && i < part->types.ids.n && !q_step(q, COST_LIST); i++) {
        places.n = 0;
        st = run_through(r, part->types.ids.v[i], 0, &places);
        if (st == DS_OK)
            st = occurrences_in(r, part->types.ids.v[i], &places, part->types.ids.v[i]);
    }
    q_list_clear(q->alloc, &places);
    return st == DS_OK ? q->status : st;
}

/* ------------------------------------------------------------------ counting neighbours without a list of them */

/* Whether each part that fits beside this one ends the phrase, and to run through all of their lists costs less than to
 * seek; then the side they are on. */
static bool is_pair(const cut_run *r, const q_part *part, stretch s, bool *left)
{
    uint64_t tokens = 0;
    *left = s.from > 0;
    if (*left == (s.to < r->p->text.n))
        return false;
    for (size_t i = 0; i < r->p->count; i++) {
        stretch longer = s;
        if (!joins(&r->p->parts[i], *left, &longer))
            continue;
        if (!is_whole(r, longer))
            return false;
        tokens += types_of(r, &r->p->parts[i])->tokens;
    }
    return COST_READ * tokens < COST_SEEK / 8 * part->types.tokens;
}

/* The types of one part of a pair, and where they stand: in rows of bits, those that have one. */
typedef struct pair_side {
    bit_row rows[DS_INDEX_DENSE + 1];
    size_t n;
} pair_side;

static pair_side dense_side(const ds_query *q, const q_types *types)
{
    pair_side side = {.n = 0};
    for (size_t i = 0; i < types->ids.n && types->ids.v[i] <= DS_INDEX_DENSE; i++) {
        const uint64_t *bits = ds_index_bits(q->ix, types->ids.v[i]);
        if (bits != NULL && side.n < DS_INDEX_DENSE)
            side.rows[side.n++] = (bit_row){bits, 0};
    }
    return side;
}

/* Adds the positions of the types that have no row of their own to q->bits, as one more. */
static ds_status add_sparse(cut_run *r, const q_types *types, pair_side *side)
{
    ds_query *q = r->q;
    uint32_t v[BATCH];
    list_reader in;
    ds_status st = need_bits(r);
    for (size_t i = 0; st == DS_OK && i < types->ids.n && !q_step(q, COST_LIST); i++) {
        if (has_row(q, types->ids.v[i]))
            continue;
        start_reading(q, types->ids.v[i], r->lo, r->hi, &in);
        for (size_t n; (n = read_batch(&in, v)) > 0 && !q_step(q, n * COST_READ);)
            mark(r, v, n, 0);
    }
    if (st == DS_OK)
        side->rows[side->n++] = (bit_row){q->bits, r->lo};
    return st;
}

/* Positions of `a` with one of `b` at `delta`. */
static void count_dense(cut_run *r, const pair_side *a, const pair_side *b, bool left)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++) {
            const pair_side *first = left ? b : a, *second = left ? a : b;
            *r->count += ds_postings_follow(first->rows[left ? k : i].bits, second->rows[left ? i : k].bits, r->lo, r->hi);
            q_step(r->q, (r->hi - r->lo) / 256);
        }
}

/* The sparse types of `types` with the neighbours that have rows. */
static void count_sparse(cut_run *r, const q_types *types, uint32_t delta, const pair_side *beside)
{
    for (size_t i = 0; beside->n > 0 && i < types->ids.n && !q_step(r->q, COST_LIST); i++)
        if (!has_row(r->q, types->ids.v[i]))
            count_through(r, types->ids.v[i], delta, beside->rows, beside->n);
}

static ds_status count_pairs(cut_run *r, const q_part *part, stretch s, bool left)
{
    ds_query *q = r->q;
    uint32_t delta = left ? UINT32_MAX : 1;
    pair_side own = dense_side(q, &part->types), all = own;
    ds_status st = add_sparse(r, &part->types, &all);
    for (size_t i = 0; st == DS_OK && i < r->p->count; i++) {
        stretch longer = s;
        if (!joins(&r->p->parts[i], left, &longer))
            continue;
        const q_types *types = types_of(r, &r->p->parts[i]);
        pair_side beside = dense_side(q, types);
        count_dense(r, &own, &beside, left);
        count_sparse(r, &part->types, delta, &beside);
        count_sparse(r, types, 0 - delta, &all);
    }
    if (st == DS_OK)
        memset(q->bits, 0, bit_words(r) * sizeof *q->bits);
    return st;
}

/* ------------------------------------------------------------------ all cuts over the hinge */

static ds_status all_cuts(cut_run *r)
{
    ds_query *q = r->q;
    ds_status st = DS_OK;
    bool left;
    for (size_t i = 0; st == DS_OK && i < r->p->count && !q->stopped; i++) {
        const q_part *part = &r->p->parts[i];
        if (part->kind == Q_IN || part->kind == Q_SPACE || part->from > r->p->hinge || r->p->hinge >= part->to)
            continue;
        stretch s = {part->from, part->to, 0, 1, part->to, part->from};
        if (r->out == NULL && is_pair(r, part, s, &left)) {
            st = count_pairs(r, part, s, left);
            continue;
        }
        q_list places = {0};
        st = q_places(q, &part->types, r->lo, r->hi, &places);
        if (st == DS_OK)
            st = extend(r, &places, s);
        q_list_clear(q->alloc, &places);
    }
    return st == DS_OK ? q->status : st;
}

ds_status q_cuts(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, uint32_t leaf, q_occs *out)
{
    cut_run r = {.q = q, .p = p, .lo = lo, .hi = hi, .leaf = leaf, .out = out};
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < p->count && !q->stopped; i++)
        if (p->parts[i].kind == Q_IN)
            st = inside(&r, &p->parts[i]);
    return st == DS_OK ? all_cuts(&r) : st;
}

ds_status q_cuts_between(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, q_occs *out)
{
    cut_run r = {.q = q, .p = p, .lo = lo, .hi = hi, .out = out};
    return all_cuts(&r);
}

ds_status q_cuts_beside(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, q_occs *out)
{
    cut_run r = {.q = q, .p = p, .lo = lo, .hi = hi, .out = out};
    ds_status st = need_bits(&r);
    for (size_t i = 0; st == DS_OK && i < out->n; i++)
        for (uint32_t at = out->v[i].beg; at < out->v[i].end; at++)
            mark(&r, &at, 1, 0);
    for (size_t i = 0; st == DS_OK && i < p->count && !q->stopped; i++)
        if (p->parts[i].kind == Q_IN)
            st = inside_marked(&r, &p->parts[i]);
    if (q->bits_cap > 0)
        memset(q->bits, 0, bit_words(&r) * sizeof *q->bits);
    return st == DS_OK ? q->status : st;
}

ds_status q_cuts_count(ds_query *q, const q_phrase *p, uint32_t lo, uint32_t hi, uint64_t *count)
{
    cut_run r = {.q = q, .p = p, .lo = lo, .hi = hi, .count = count};
    return all_cuts(&r);
}

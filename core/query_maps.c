/*
 * query_maps.c - the positions of a stretch as rows of bits, one for each element of the query.
 *
 * To know what stands about the places of the anchor, a query can unpack the tokens there; where the places lie all over the
 * segment, that is every block of it.  The posting lists of the other elements often hold far fewer numbers: then
 * these are written into bits, and no token is unpacked.
 */
#include "query_int.h"

#include <string.h>

/* Rough costs in steps of about a nanosecond. */
enum { COST_LIST = 100, COST_READ = 3, COST_BLOCK = 45000, COST_TYPE = 60, BLOCK = 4096 };
enum { MAPS_MAX = 24, BYTES_MAX = 1 << 26, BATCH = 1024 };

/* ------------------------------------------------------------------ preparing */

static void set_add(q_set *s, size_t i)
{
    s->w[i / 64] |= (uint64_t)1 << i % 64;
}

/* The map for what a place wants, a new one where there is none yet; NULL: too many. */
static q_map *map_for(q_maps *m, const q_types *types, uint32_t token)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->maps[i].types == types)
            return &m->maps[i];
    if (m->count + 2 >= MAPS_MAX)
        return NULL;
    m->maps[m->count] = (q_map){.types = types, .token = token};
    return &m->maps[m->count++];
}

/* False: the query has too many elements. */
static bool add_places(ds_query *q)
{
    q_maps *m = &q->maps;
    for (size_t i = 0; i < q->nfa.count; i++) {
        const q_place *place = &q->nfa.places[i];
        q_map *map;
        if (place->token != DS_CQL_NONE) {
            q_token *t = &q->tokens[place->token];
            if (t->expr == DS_CQL_NONE) {
                set_add(&m->any, i);
                continue;
            }
            map = map_for(m, &t->types, place->token);
        } else {
            const q_part *part = &q->phrases[place->phrase].parts[place->part];
            if (part->kind == Q_SPACE) {
                set_add(&m->blank, i);
                continue;
            }
            map = map_for(m, &part->types, DS_CQL_NONE);
        }
        if (map == NULL)
            return false;
        set_add(&map->where, i);
    }
    m->count += 2;
    return true;
}

static ds_status prepare(ds_query *q)
{
    q_maps *m = &q->maps;
    if (m->made)
        return DS_OK;
    m->made = true;
    m->maps = ds_calloc(q->alloc, MAPS_MAX, sizeof *m->maps);
    if (m->maps == NULL)
        return ds_fail_nomem(&q->error);
    if (!add_places(q)) {
        m->count = 0;
        return DS_OK;
    }
    ds_status st = q_list_spaces(q);
    m->maps[m->count - 2].token = m->maps[m->count - 1].token = DS_CQL_NONE;
    m->maps[m->count - 1].types = &q->spaces;
    return st;
}

void q_maps_clear(ds_query *q)
{
    q_maps *m = &q->maps;
    for (size_t i = 0; i < m->count; i++)
        ds_mfree(q->alloc, m->maps[i].bits, m->words * sizeof *m->maps[i].bits);
    ds_mfree(q->alloc, m->maps, MAPS_MAX * sizeof *m->maps);
}

/* ------------------------------------------------------------------ filling */

static ds_status need_room(ds_query *q)
{
    q_maps *m = &q->maps;
    size_t words = (size_t)(q->run.hi - q->run.lo) / 64 + 1;
    for (size_t i = 0; words > m->words && i < m->count; i++) {
        ds_mfree(q->alloc, m->maps[i].bits, m->words * sizeof *m->maps[i].bits);
        m->maps[i].bits = NULL;
    }
    m->words = words > m->words ? words : m->words;
    for (size_t i = 0; i < m->count; i++) {
        if (m->maps[i].bits == NULL)
            m->maps[i].bits = ds_calloc(q->alloc, m->words, sizeof *m->maps[i].bits);
        else
            memset(m->maps[i].bits, 0, words * sizeof *m->maps[i].bits);
        if (m->maps[i].bits == NULL)
            return ds_fail_nomem(&q->error);
    }
    return DS_OK;
}

static void set_bits(ds_query *q, uint64_t *bits, uint32_t id)
{
    uint32_t v[BATCH], lo = q->run.lo, hi = q->run.hi;
    ds_postings it;
    size_t n;
    ds_postings_start(q->ix, id, &it);
    if (lo > 0) {
        v[0] = ds_postings_seek(&it, lo);
        n = 1;
    } else {
        n = ds_postings_read(&it, v, BATCH);
    }
    while (n > 0 && v[0] < hi) {
        for (size_t i = 0; i < n && v[i] < hi; i++)
            bits[(v[i] - lo) / 64] |= (uint64_t)1 << (v[i] - lo) % 64;
        if (q_step(q, n * COST_READ))
            return;
        n = ds_postings_read(&it, v, BATCH);
    }
}

static void set_ends(ds_query *q, uint64_t *bits)
{
    uint32_t beg, end, docs = ds_index_docs(q->ix);
    for (uint32_t d = ds_index_doc_at(q->ix, q->run.lo); d < docs; d++) {
        ds_index_doc_range(q->ix, d, &beg, &end);
        if (end >= q->run.hi)
            break;
        if (end >= q->run.lo)
            bits[(end - q->run.lo) / 64] |= (uint64_t)1 << (end - q->run.lo) % 64;
    }
}

static ds_status fill(ds_query *q)
{
    q_maps *m = &q->maps;
    ds_status st = need_room(q);
    if (st != DS_OK)
        return st;
    m->lo = q->run.lo;
    for (size_t i = 0; i < m->count; i++) {
        const q_types *t = m->maps[i].types;
        for (size_t k = 0; t != NULL && k < t->ids.n && !q_step(q, COST_LIST); k++)
            set_bits(q, m->maps[i].bits, t->ids.v[k]);
    }
    /* The last position of the last article is within the stretch, whatever its tables say. */
    set_ends(q, m->maps[m->count - 2].bits);
    m->on = true;
    return q->status;
}

/* ------------------------------------------------------------------ choosing */

/* Steps to fill the maps of the stretch, UINT64_MAX: it cannot be done.  Types that are not listed yet are only told from
 * by a pass over the vocabulary, not worth it for the first stretch. */
static uint64_t cost_of_maps(const ds_query *q, bool first)
{
    const q_maps *m = &q->maps;
    uint32_t span = q->run.hi - q->run.lo, tokens = ds_index_tokens(q->ix);
    uint64_t cost = 0;
    if (m->count == 0 || m->count * ((size_t)span / 8) > BYTES_MAX)
        return UINT64_MAX;
    for (size_t i = 0; i < m->count; i++) {
        const q_types *t = m->maps[i].types;
        bool listed = m->maps[i].token == DS_CQL_NONE || q->tokens[m->maps[i].token].listed;
        cost += span / 64;
        if (!listed && first)
            return UINT64_MAX;
        if (!listed) /* no more is known than that it may be all of them */
            cost += (uint64_t)COST_TYPE * ds_index_types(q->ix) + (uint64_t)COST_READ * (span / 4);
        else if (t != NULL)
            cost += COST_LIST * (uint64_t)t->ids.n +
                    (uint64_t)((double)(COST_READ * t->tokens) * ((double)span / (double)tokens));
    }
    return cost;
}

static ds_status list_all(ds_query *q)
{
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < q->maps.count; i++)
        if (q->maps.maps[i].token != DS_CQL_NONE)
            st = q_list_types(q, &q->tokens[q->maps.maps[i].token], true);
    return st;
}

ds_status q_maps_choose(ds_query *q)
{
    uint64_t blocks = (q->run.hi - q->run.lo) / BLOCK + 1, places = q->run.places.n;
    uint64_t reading = COST_BLOCK * (blocks < places ? blocks : places);
    q->maps.on = false;
    ds_status st = prepare(q);
    if (st != DS_OK || cost_of_maps(q, q->run.lo == 0) >= reading)
        return st;
    st = list_all(q);
    if (st == DS_OK && !q->stopped && cost_of_maps(q, false) < reading)
        st = fill(q);
    return st;
}

/* ------------------------------------------------------------------ asking */

static bool has(const q_map *m, uint32_t i)
{
    return (m->bits[i / 64] >> i % 64 & 1) != 0;
}

void q_maps_sign(const ds_query *q, uint32_t pos, uint64_t *out)
{
    const q_maps *m = &q->maps;
    uint32_t i = pos - m->lo;
    size_t words = q->nfa.words, n = m->count - 2;
    bool end = has(&m->maps[n], i), space = has(&m->maps[n + 1], i);
    for (size_t w = 0; w < words; w++)
        out[w] = end ? 0 : space ? m->blank.w[w] : m->any.w[w];
    out[words] = space && !end;
    if (end || space)
        return;
    for (size_t k = 0; k < n; k++)
        if (has(&m->maps[k], i))
            for (size_t w = 0; w < words; w++)
                out[w] |= m->maps[k].where.w[w];
}

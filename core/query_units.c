/* query_units.c - the articles that count, and how far a match may reach in them. */
#include "query_int.h"

bool q_doc_counts(const ds_query *q, uint32_t doc)
{
    if (q->opt.docs != NULL && !(q->opt.docs[doc / 64] >> doc % 64 & 1))
        return false;
    return !ds_index_deleted(q->ix, doc);
}

bool q_all_docs_count(const ds_query *q)
{
    return q->opt.docs == NULL && ds_index_deletions(q->ix) == 0;
}

static ds_unit unit_of(const ds_query *q)
{
    switch (ds_cql_unit(q->tree)) {
    case DS_CQL_SENTENCE: return DS_UNIT_SENTENCE;
    case DS_CQL_PARAGRAPH: return DS_UNIT_PARAGRAPH;
    default: return DS_UNIT_DOC;
    }
}

bool q_slides(const ds_query *q)
{
    return ds_cql_unit(q->tree) == DS_CQL_TOKENS || ds_cql_span(q->tree) > 1;
}

void q_span_at(const ds_query *q, q_units *u, uint32_t pos, uint32_t *beg, uint32_t *end)
{
    size_t more = ds_cql_unit(q->tree) == DS_CQL_TOKENS ? 0 : ds_cql_span(q->tree) - 1;
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
    *beg = u->n > 0 && u->v[lo] <= pos ? u->v[lo > more ? lo - more : 0] : 0;
    *end = lo + more + 1 < u->n ? u->v[lo + more + 1] : ds_index_tokens(q->ix);
    if (*end <= pos)
        *end = pos + 1;
}

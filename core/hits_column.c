/* hits_column.c - what each hit is sorted or grouped by, as a number; see hits_int.h. */
#include <string.h>

#include "hits_int.h"

ds_str h_attr(const ds_type *t, ds_hit_attr attr)
{
    switch (attr) {
    case DS_ATTR_WORD: return t->word;
    case DS_ATTR_POS: return t->pos;
    case DS_ATTR_LEMMA: return t->lemma.n > 0 ? t->lemma : t->key;
    case DS_ATTR_CLASS: return ds_str_of(ds_class_name((ds_class)t->cls));
    default: return t->key;
    }
}

/* White space that a look-up allows for; rough costs of a token, or a list, in nanoseconds. */
enum { SLACK = 1, COST_UNPACK = 8, COST_READ = 1, COST_LIST = 20 };

/* A pass over the hits of one segment. */
typedef struct pass {
    ds_hitlist *list;
    const ds_hit_key *keys;
    h_column *columns;
    size_t n;
    h_segment *s;
    uint64_t *chosen; /* a bit for each hit that is shown; NULL: all are */
    uint32_t **known; /* for each key: number + 1 by type, 0: not asked yet */
    const uint32_t *types;
    uint32_t beg, end; /* positions that `types` has */
    h_lookup lookup;   /* types at the places of many hits */
    ds_buf name;
    ds_error *err;
} pass;

static bool is_token(const ds_hit_key *k)
{
    return k->by == DS_BY_LEFT || k->by == DS_BY_RIGHT;
}

static ds_status type_at(pass *p, uint32_t pos, uint32_t *type)
{
    if (p->lookup.bits != NULL && h_lookup_type(&p->lookup, pos, type))
        return DS_OK;
    if (pos < p->beg || pos >= p->end) {
        ds_status st = ds_forward_at(p->s->forward, pos, &p->types, &p->beg, &p->end, p->err);
        if (st != DS_OK)
            return st;
    }
    *type = p->types[pos - p->beg];
    return DS_OK;
}

/* The type of the n-th token beside the hit, DS_TYPE_END: there is none. */
static ds_status neighbour(pass *p, const ds_hititem *hit, const ds_hit_key *k, uint32_t *type)
{
    uint32_t low, high, n = k->n;
    ds_index_doc_range(p->s->ix, hit->doc, &low, &high);
    uint32_t pos = k->by == DS_BY_LEFT ? hit->at.beg : hit->at.end;
    *type = DS_TYPE_END;
    while (k->by == DS_BY_LEFT ? pos > low : pos < high) {
        ds_status st = type_at(p, k->by == DS_BY_LEFT ? --pos : pos++, type);
        if (st != DS_OK)
            return st;
        if (!h_is_space(p->s, *type) && --n == 0)
            return DS_OK;
    }
    *type = DS_TYPE_END;
    return DS_OK;
}

static ds_status number_of(pass *p, size_t key, ds_str name, uint32_t *out)
{
    *out = h_table_add(&p->columns[key].table, name);
    return *out != UINT32_MAX ? DS_OK : ds_fail_nomem(p->err);
}

static ds_status token_number(pass *p, size_t key, const ds_hititem *hit, uint32_t *out)
{
    uint32_t type;
    ds_type t;
    ds_status st = neighbour(p, hit, &p->keys[key], &type);
    if (st != DS_OK)
        return st;
    uint32_t *known = &p->known[key][type];
    if (*known == 0) {
        ds_index_type(p->s->ix, type, &t);
        st = number_of(p, key, type != DS_TYPE_END ? h_attr(&t, p->keys[key].attr) : (ds_str){"", 0}, out);
        *known = *out + 1;
        return st;
    }
    *out = *known - 1;
    return DS_OK;
}

static ds_status node_number(pass *p, size_t key, const ds_hititem *hit, uint32_t *out)
{
    uint32_t type;
    ds_type t;
    ds_status st = DS_OK;
    if (hit->at.end - hit->at.beg == 1) {
        st = type_at(p, hit->at.beg, &type);
        if (st == DS_OK && p->known[key][type] > 0) {
            *out = p->known[key][type] - 1;
            return DS_OK;
        }
    }
    ds_buf_reset(&p->name);
    for (uint32_t pos = hit->at.beg; st == DS_OK && pos < hit->at.end; pos++) {
        st = type_at(p, pos, &type);
        if (st != DS_OK || h_is_space(p->s, type))
            continue;
        ds_index_type(p->s->ix, type, &t);
        ds_str s = h_attr(&t, p->keys[key].attr);
        if (pos > hit->at.beg)
            ds_buf_byte(&p->name, ' ');
        ds_buf_put(&p->name, s.p, s.n);
    }
    if (st != DS_OK || p->name.status != DS_OK)
        return st != DS_OK ? st : ds_fail_nomem(p->err);
    st = number_of(p, key, ds_buf_str(&p->name), out);
    if (st == DS_OK && hit->at.end - hit->at.beg == 1)
        p->known[key][type] = *out + 1;
    return st;
}

static ds_status label_of(const pass *p, const ds_hit_key *k, const ds_hititem *hit, uint32_t *out)
{
    *out = k->labels[hit->segment][hit->doc];
    return *out < k->label_count ? DS_OK : ds_fail(p->err, DS_EINVAL, 0, 0, "a label out of range");
}

/* The articles of the segments before this one, for numbers of articles over all segments. */
static uint32_t docs_before(const ds_hitlist *list, uint32_t segment)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < segment; i++)
        n += ds_index_docs(list->segments[i].ix);
    return n;
}

static ds_status fill_hit(pass *p, size_t i, uint32_t docs)
{
    const ds_hititem *hit = &p->list->items[i];
    ds_status st = DS_OK;
    for (size_t k = 0; st == DS_OK && k < p->n; k++) {
        uint32_t *v = &p->columns[k].v[i];
        switch (p->keys[k].by) {
        case DS_BY_NODE: st = node_number(p, k, hit, v); break;
        case DS_BY_DOC: *v = docs + hit->doc; break;
        case DS_BY_LABEL: st = label_of(p, &p->keys[k], hit, v); break;
        default: st = token_number(p, k, hit, v);
        }
    }
    return st;
}

static bool is_chosen(const pass *p, size_t i)
{
    return p->chosen == NULL || (p->chosen[i / 64] >> i % 64 & 1) != 0;
}

/* The positions that a key may ask for, white space between counted with a few more. */
static void want(pass *p, const ds_hit_key *k, const ds_hititem *hit)
{
    uint32_t low, high, reach = k->n + SLACK;
    ds_index_doc_range(p->s->ix, hit->doc, &low, &high);
    if (hit->at.beg < low || hit->at.end > high)
        return;
    if (k->by == DS_BY_NODE)
        h_lookup_want(&p->lookup, hit->at.beg, hit->at.end);
    else if (k->by == DS_BY_LEFT)
        h_lookup_want(&p->lookup, hit->at.beg - low > reach ? hit->at.beg - reach : low, hit->at.beg);
    else if (k->by == DS_BY_RIGHT)
        h_lookup_want(&p->lookup, hit->at.end, high - hit->at.end > reach ? hit->at.end + reach : high);
}

/* Whether to unpack the tokens about the hits [from, to) costs more than a pass over all posting lists. */
static bool is_scattered(const pass *p, size_t from, size_t to)
{
    uint64_t tokens = ds_index_tokens(p->s->ix), blocks = 0;
    uint32_t last = UINT32_MAX;
    for (size_t i = from; i < to; i++) {
        uint32_t block = p->list->items[i].at.beg / DS_FORWARD_BLOCK;
        blocks += is_chosen(p, i) && block != last;
        last = is_chosen(p, i) ? block : last;
    }
    return blocks * (tokens < DS_FORWARD_BLOCK ? tokens : DS_FORWARD_BLOCK) * COST_UNPACK >
           tokens * COST_READ + ds_index_types(p->s->ix) * (uint64_t)COST_LIST;
}

static ds_status look_up(pass *p, size_t from, size_t to)
{
    bool asked = false;
    for (size_t k = 0; k < p->n; k++)
        asked = asked || p->columns[k].named;
    if (!asked || !is_scattered(p, from, to))
        return DS_OK;
    ds_status st = h_lookup_init(&p->lookup, p->list->alloc, p->s->ix, p->err);
    for (size_t i = from; st == DS_OK && i < to; i++)
        for (size_t k = 0; is_chosen(p, i) && k < p->n; k++)
            want(p, &p->keys[k], &p->list->items[i]);
    return st == DS_OK ? h_lookup_fill(&p->lookup, p->err) : st;
}

static ds_status fill_segment(pass *p, size_t from, size_t to)
{
    ds_status st = DS_OK;
    size_t types = ds_index_types(p->s->ix);
    uint32_t docs = docs_before(p->list, p->list->items[from].segment);
    p->beg = p->end = 0;
    for (size_t k = 0; st == DS_OK && k < p->n; k++)
        if (p->columns[k].named) {
            st = h_open_segment(p->list->alloc, p->s, p->err);
            p->known[k] = st == DS_OK ? ds_calloc(p->list->alloc, types, sizeof **p->known) : NULL;
            if (st == DS_OK && p->known[k] == NULL)
                st = ds_fail_nomem(p->err);
        }
    if (st == DS_OK)
        st = look_up(p, from, to);
    for (size_t i = from; st == DS_OK && i < to; i++)
        if (is_chosen(p, i))
            st = fill_hit(p, i, docs);
    h_lookup_clear(&p->lookup);
    for (size_t k = 0; k < p->n; k++) {
        ds_mfree(p->list->alloc, p->known[k], types * sizeof **p->known);
        p->known[k] = NULL;
    }
    return st;
}

static ds_status fill_all(pass *p)
{
    ds_status st = DS_OK;
    const ds_hitlist *list = p->list;
    for (size_t i = 0, next; st == DS_OK && i < list->count; i = next) {
        for (next = i + 1; next < list->count && list->items[next].segment == list->items[i].segment;)
            next++;
        p->s = &p->list->segments[list->items[i].segment];
        st = fill_segment(p, i, next);
    }
    return st;
}

static size_t chosen_words(const ds_hitlist *list)
{
    return list->count / 64 + 1;
}

static ds_status note_chosen(pass *p)
{
    const ds_hitlist *list = p->list;
    if (list->order == NULL || list->shown == list->count)
        return DS_OK;
    p->chosen = ds_calloc(list->alloc, chosen_words(list), sizeof *p->chosen);
    if (p->chosen == NULL)
        return ds_fail_nomem(p->err);
    for (size_t i = 0; i < list->shown; i++)
        p->chosen[list->order[i] / 64] |= (uint64_t)1 << list->order[i] % 64;
    return DS_OK;
}

static ds_status open_column(const ds_hitlist *list, const ds_hit_key *k, h_column *c, ds_error *err)
{
    *c = (h_column){.named = k->by == DS_BY_NODE || is_token(k)};
    h_table_init(&c->table, list->alloc);
    if (is_token(k) && k->n == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "the tokens beside a hit count from 1");
    if (k->by == DS_BY_LABEL && k->labels == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "no labels");
    c->v = ds_calloc(list->alloc, list->count > 0 ? list->count : 1, sizeof *c->v);
    return c->v != NULL ? DS_OK : ds_fail_nomem(err);
}

ds_status h_columns(ds_hitlist *list, const ds_hit_key *keys, size_t n, h_column *out, ds_error *err)
{
    pass p = {.list = list, .keys = keys, .columns = out, .n = n, .err = err};
    ds_status st = DS_OK;
    memset(out, 0, n * sizeof *out);
    ds_buf_init(&p.name, list->alloc);
    for (size_t k = 0; st == DS_OK && k < n; k++)
        st = open_column(list, &keys[k], &out[k], err);
    p.known = st == DS_OK ? ds_calloc(list->alloc, n, sizeof *p.known) : NULL;
    if (st == DS_OK && p.known == NULL)
        st = ds_fail_nomem(err);
    if (st == DS_OK)
        st = note_chosen(&p);
    if (st == DS_OK)
        st = fill_all(&p);
    for (size_t k = 0; k < n; k++)
        out[k].range = out[k].named               ? (uint32_t)out[k].table.count
                       : keys[k].by == DS_BY_LABEL ? keys[k].label_count
                                                   : docs_before(list, (uint32_t)list->segment_count);
    ds_mfree(list->alloc, p.known, n * sizeof *p.known);
    ds_mfree(list->alloc, p.chosen, chosen_words(list) * sizeof *p.chosen);
    ds_buf_clear(&p.name);
    if (st != DS_OK)
        h_columns_clear(list, out, n);
    return st;
}

void h_columns_clear(const ds_hitlist *list, h_column *columns, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        ds_mfree(list->alloc, columns[k].v, (list->count > 0 ? list->count : 1) * sizeof *columns[k].v);
        if (columns[k].table.alloc != NULL)
            h_table_clear(&columns[k].table);
        columns[k].v = NULL;
    }
}

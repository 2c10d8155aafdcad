/* hits_words.c - see hits_words_int.h: words under one numbering, articles one after the other. */
#include "hits_words_int.h"

#include <string.h>

/* ------------------------------------------------------------------ words */

ds_str h_word_of(const ds_type *t, ds_hit_attr attr)
{
    return attr == DS_ATTR_WORD || t->cls == DS_CLASS_BAD || t->cls == DS_CLASS_SPACE ? t->word : t->key;
}

static ds_status add_segment(h_words *w, size_t segment, h_what *what, void *ud, ds_error *err)
{
    const ds_index *ix = w->segments[segment];
    uint32_t types = ds_index_types(ix);
    uint32_t *of = ds_calloc(w->alloc, types, sizeof *of);
    if (of == NULL)
        return ds_fail_nomem(err);
    w->of[segment] = of;
    of[DS_TYPE_END] = H_OUT;
    for (uint32_t i = 1; i < types; i++) {
        ds_type t;
        ds_str word = {"", 0};
        ds_index_type(ix, i, &t);
        of[i] = what(ud, &t, &word);
        if (of[i] != 0)
            continue;
        of[i] = h_table_add(&w->table, word);
        if (of[i] == UINT32_MAX)
            return ds_fail_nomem(err);
        if (of[i] >= H_WORDS_MAX)
            return ds_fail(err, DS_ELIMIT, 0, 0, "too many different words");
    }
    return DS_OK;
}

ds_status h_words_open(h_words *w, const ds_alloc *a, const ds_index *const *segments, size_t n, h_what *what, void *ud,
                       ds_error *err)
{
    *w = (h_words){.alloc = a, .segments = segments};
    h_table_init(&w->table, a);
    h_table_init(&w->tags, a);
    w->of = ds_calloc(a, n + 1, sizeof *w->of);
    if (w->of == NULL)
        return ds_fail_nomem(err);
    w->count = n;
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < n; i++)
        st = ds_stopped(a) ? ds_fail(err, DS_ELIMIT, 0, 0, "stopped") : add_segment(w, i, what, ud, err);
    return st;
}

/* The numbers of the names in the order of their bytes, in place of those in the order they came. */
static ds_status rank_tags(h_words *w, ds_error *err)
{
    size_t n = w->tags.count, bytes = 2 * n * sizeof(uint32_t);
    uint32_t *rank = ds_malloc(w->alloc, bytes), *ranked = rank + n;
    if (rank == NULL || h_table_rank(&w->tags, rank) != DS_OK) {
        ds_mfree(w->alloc, rank, bytes);
        return ds_fail_nomem(err);
    }
    for (size_t s = 0; s < w->count; s++)
        for (uint32_t i = 0; i < ds_index_types(w->segments[s]); i++)
            w->pos[s][i] = rank[w->pos[s][i]];
    for (uint32_t i = 0; i < n; i++)
        ranked[rank[i]] = i;
    h_table sorted; /* the names again, in that order */
    h_table_init(&sorted, w->alloc);
    bool good = true;
    for (uint32_t r = 0; good && r < n; r++)
        good = h_table_add(&sorted, h_table_at(&w->tags, ranked[r])) != UINT32_MAX;
    h_table_clear(&w->tags);
    w->tags = sorted;
    ds_mfree(w->alloc, rank, bytes);
    return good ? DS_OK : ds_fail_nomem(err);
}

ds_status h_words_tag(h_words *w, ds_error *err)
{
    w->pos = ds_calloc(w->alloc, w->count + 1, sizeof *w->pos);
    if (w->pos == NULL)
        return ds_fail_nomem(err);
    for (size_t s = 0; s < w->count; s++) {
        uint32_t types = ds_index_types(w->segments[s]);
        w->pos[s] = ds_calloc(w->alloc, types, sizeof **w->pos);
        if (w->pos[s] == NULL)
            return ds_fail_nomem(err);
        for (uint32_t i = 0; i < types; i++) {
            ds_type t;
            ds_index_type(w->segments[s], i, &t);
            w->pos[s][i] = h_table_add(&w->tags, t.pos);
            if (w->pos[s][i] == UINT32_MAX)
                return ds_fail_nomem(err);
        }
    }
    return w->tags.count > 0 ? rank_tags(w, err) : DS_OK;
}

void h_words_leave(h_words *w)
{
    for (size_t s = 0; w->of != NULL && s < w->count; s++) {
        size_t bytes = ds_index_types(w->segments[s]) * sizeof(uint32_t);
        ds_mfree(w->alloc, w->of[s], bytes);
        if (w->pos != NULL)
            ds_mfree(w->alloc, w->pos[s], bytes);
    }
    ds_mfree(w->alloc, w->of, (w->count + 1) * sizeof *w->of);
    ds_mfree(w->alloc, w->pos, (w->count + 1) * sizeof *w->pos);
    w->of = w->pos = NULL;
    w->segments = NULL;
    w->count = 0;
}

void h_words_close(h_words *w)
{
    h_words_leave(w);
    h_table_clear(&w->table);
    h_table_clear(&w->tags);
    *w = (h_words){.alloc = w->alloc};
}

/* ------------------------------------------------------------------ articles */

typedef struct walk {
    const ds_alloc *alloc;
    ds_forward *forward;
    uint32_t *types;
    size_t cap;
} walk;

static ds_status read_article(walk *w, h_article *at, uint32_t end, ds_error *err)
{
    const uint32_t *block;
    uint32_t from, to, got;
    at->n = end - at->beg;
    if (at->n == 0)
        return DS_OK;
    ds_status st = ds_forward_at(w->forward, at->beg, &block, &from, &to, err);
    if (st != DS_OK)
        return st;
    if (end <= to) {
        at->types = block + (at->beg - from);
        return DS_OK;
    }
    if (ds_grow(w->alloc, (void **)&w->types, &w->cap, at->n, sizeof *w->types) != DS_OK)
        return ds_fail_nomem(err);
    at->types = w->types;
    return ds_forward_copy(w->forward, at->beg, at->n, w->types, &got, err);
}

static ds_status walk_segment(walk *w, const ds_words_source *s, uint32_t segment,
                              ds_status (*fn)(void *ud, const h_article *article, ds_error *err), void *ud, ds_error *err)
{
    const ds_index *ix = s->segments[segment];
    uint32_t docs = ds_index_docs(ix), end;
    ds_status st = ds_forward_new(w->alloc, ix, &w->forward, err);
    for (uint32_t d = 0; st == DS_OK && d < docs; d++) {
        h_article at = {.segment = segment, .doc = d, .group = s->labels != NULL ? s->labels[segment][d] : 0};
        if (at.group == DS_GROUP_NONE || ds_index_deleted(ix, d))
            continue;
        if (at.group >= s->groups)
            st = ds_fail(err, DS_EINVAL, 0, 0, "a label out of range");
        else if (ds_stopped(w->alloc))
            st = ds_fail(err, DS_ELIMIT, 0, 0, "stopped");
        ds_index_doc_range(ix, d, &at.beg, &end);
        if (st == DS_OK)
            st = read_article(w, &at, end, err);
        if (st == DS_OK)
            st = fn(ud, &at, err);
    }
    ds_forward_free(w->forward);
    w->forward = NULL;
    return st;
}

ds_status h_each_article(const ds_alloc *a, const ds_words_source *s,
                         ds_status (*fn)(void *ud, const h_article *article, ds_error *err), void *ud, ds_error *err)
{
    walk w = {.alloc = a};
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < s->count; i++)
        st = walk_segment(&w, s, (uint32_t)i, fn, ud, err);
    ds_mfree(a, w.types, w.cap * sizeof *w.types);
    return st;
}

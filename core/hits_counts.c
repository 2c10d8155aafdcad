/* hits_counts.c - words by groups of articles; see hits_words.h. */
#include <string.h>

#include "hits_words_int.h"

typedef struct cell {
    uint64_t n;
    uint32_t docs, last; /* last: the article that was counted last, from 1 */
    uint32_t pos;        /* rank */
} cell;

struct ds_counts {
    ds_alloc alloc;
    h_words words;
    cell *cells; /* a word's groups side by side */
    size_t size;
    uint32_t groups, articles;
    uint64_t *total; /* by group */
    uint32_t *docs;
};

static uint32_t what(void *ud, const ds_type *t, ds_str *word)
{
    const ds_counts_options *o = ud;
    if (t->cls == DS_CLASS_SPACE || (o->keep != NULL && !o->keep(o->ud, t)))
        return H_OUT;
    *word = h_word_of(t, o->attr);
    return 0;
}

static ds_status count_article(void *ud, const h_article *at, ds_error *err)
{
    ds_counts *c = ud;
    const uint32_t *of = c->words.of[at->segment], *pos = c->words.pos[at->segment];
    cell *cells = c->cells + at->group;
    uint64_t counted = 0;
    (void)err;
    c->articles++;
    c->docs[at->group]++;
    for (uint32_t i = 0; i < at->n; i++) {
        uint32_t type = at->types[i], w = of[type];
        if (w == H_OUT)
            continue;
        cell *x = cells + (size_t)w * c->groups;
        x->n++;
        counted++;
        if (x->last != c->articles) {
            if (x->docs++ == 0 || pos[type] < x->pos)
                x->pos = pos[type];
            x->last = c->articles;
        }
    }
    c->total[at->group] += counted;
    return DS_OK;
}

static ds_status count_all(ds_counts *c, const ds_words_source *source, const ds_counts_options *options, ds_error *err)
{
    ds_counts_options o = *options;
    ds_status st = h_words_open(&c->words, &c->alloc, source->segments, source->count, what, &o, err);
    if (st == DS_OK)
        st = h_words_tag(&c->words, err);
    if (st != DS_OK)
        return st;
    if (source->groups == 0 || !ds_mul(c->words.table.count, source->groups, &c->size) || c->size >= SIZE_MAX / sizeof(cell))
        return ds_fail(err, DS_ELIMIT, 0, 0, "too many words and groups");
    c->groups = source->groups;
    c->cells = ds_calloc(&c->alloc, c->size + 1, sizeof *c->cells);
    c->total = ds_calloc(&c->alloc, c->groups, sizeof *c->total);
    c->docs = ds_calloc(&c->alloc, c->groups, sizeof *c->docs);
    if (c->cells == NULL || c->total == NULL || c->docs == NULL)
        return ds_fail_nomem(err);
    return h_each_article(&c->alloc, source, count_article, c, err);
}

ds_status ds_counts_new(const ds_alloc *a, const ds_words_source *source, const ds_counts_options *options,
                        ds_counts **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_counts *c = ds_calloc(a, 1, sizeof *c);
    if (c == NULL)
        return ds_fail_nomem(err);
    c->alloc = *a;
    ds_status st = count_all(c, source, options, err);
    h_words_leave(&c->words);
    if (st != DS_OK) {
        ds_counts_free(c);
        return st;
    }
    *out = c;
    return DS_OK;
}

void ds_counts_free(ds_counts *c)
{
    if (c == NULL)
        return;
    ds_alloc a = c->alloc;
    h_words_close(&c->words);
    ds_mfree(&a, c->cells, (c->size + 1) * sizeof *c->cells);
    ds_mfree(&a, c->total, c->groups * sizeof *c->total);
    ds_mfree(&a, c->docs, c->groups * sizeof *c->docs);
    ds_mfree(&a, c, sizeof *c);
}

size_t ds_counts_size(const ds_counts *c)
{
    return c->size;
}

bool ds_counts_at(const ds_counts *c, size_t i, ds_count *out)
{
    const cell *x = &c->cells[i];
    *out = (ds_count){.word = {"", 0}, .pos = {"", 0}};
    if (x->n == 0)
        return false;
    *out = (ds_count){h_table_at(&c->words.table, i / c->groups), (uint32_t)(i % c->groups), x->n, x->docs,
                      h_table_at(&c->words.tags, x->pos)};
    return true;
}

uint64_t ds_counts_total(const ds_counts *c, uint32_t group)
{
    return group < c->groups ? c->total[group] : 0;
}

uint32_t ds_counts_docs(const ds_counts *c, uint32_t group)
{
    return group < c->groups ? c->docs[group] : 0;
}

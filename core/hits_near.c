/*
 * hits_near.c - what stands near places; see hits_places.h.
 *
 * Windows of places that follow each other begin and end in that order, too, so each token is looked at once: from behind the
 * last one that was looked at to the end of the window at hand.
 */
#include <string.h>

#include "hits_places_int.h"
#include "span.h"

typedef struct cell {
    uint64_t near, all;
    uint32_t docs, last; /* last: the article that was counted last, from 1 */
    uint32_t rank, token;
    size_t place;
} cell;

struct ds_collocates {
    ds_alloc alloc;
    ds_places *places;
    ds_collocates_options options;
    h_words words;
    cell *cells;
    size_t size;
    uint64_t near, all;
    uint32_t articles;
    ds_spans sentences;
};

static uint32_t what(void *ud, const ds_type *t, ds_str *word)
{
    (void)ud;
    if (t->cls == DS_CLASS_SPACE || t->cls == DS_CLASS_PUNCT || t->cls == DS_CLASS_BAD)
        return H_OUT;
    *word = t->key;
    return 0;
}

/* ------------------------------------------------------------------ windows */

/* The places [first, last) of an article whose tokens are p->types. */
typedef struct group {
    ds_collocates *c;
    size_t first, last;
    uint32_t base; /* position of its first token */
    const uint32_t *of;
    uint32_t rank;
} group;

static uint32_t word_at(const group *g, uint32_t token)
{
    return g->of[g->c->places->types[token]];
}

/* So many words to the left and right of [beg, end): the tokens [*low, *high). */
static void count_window(const group *g, uint32_t beg, uint32_t end, uint32_t *low, uint32_t *high)
{
    const ds_collocates_options *o = &g->c->options;
    uint32_t tokens = g->c->places->tokens, n = o->left;
    for (*low = beg; n > 0 && *low > 0;)
        n -= word_at(g, --*low) != H_OUT;
    n = o->right;
    for (*high = end; n > 0 && *high < tokens; ++*high)
        n -= word_at(g, *high) != H_OUT;
}

/* The sentence that holds a byte; false: none does. */
static bool find_sentence(const ds_spans *s, size_t byte, ds_span *out)
{
    size_t lo = 0, hi = s->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->items[mid].end <= byte)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == s->count || s->items[lo].beg > byte)
        return false;
    *out = s->items[lo];
    return true;
}

/* The words about [beg, end) that are wholly within the sentence in which the place begins. */
static void sentence_window(const group *g, const h_place *at, uint32_t beg, uint32_t end, uint32_t *low, uint32_t *high)
{
    const ds_places *p = g->c->places;
    ds_span s;
    *low = beg;
    *high = end;
    if (!find_sentence(&g->c->sentences, p->at[beg] + at->from, &s))
        return;
    for (uint32_t t = beg; t > 0 && (word_at(g, t - 1) == H_OUT || p->at[t - 1] >= s.beg); t--)
        *low = t - 1;
    for (uint32_t t = end; t < p->tokens && (word_at(g, t) == H_OUT || p->at[t + 1] <= s.end); t++)
        *high = t + 1;
}

/* ------------------------------------------------------------------ counting */

static void count_near(group *g, uint32_t token, size_t place)
{
    ds_collocates *c = g->c;
    cell *x = &c->cells[word_at(g, token)];
    c->near++;
    x->near++;
    if (x->last == c->articles)
        return;
    x->last = c->articles;
    if (x->docs++ > 0 && x->rank <= g->rank)
        return;
    x->rank = g->rank;
    x->token = token;
    x->place = place;
}

/* Takes the node's own words out of what is counted in all. */
static void take_own(group *g)
{
    const ds_places *p = g->c->places;
    uint32_t done = 0;
    for (size_t i = g->first; i < g->last; i++)
        for (uint32_t t = p->items[i].beg - g->base; t < p->items[i].end - g->base; t++) {
            if (t < done)
                continue;
            done = t + 1;
            if (word_at(g, t) == H_OUT)
                continue;
            g->c->cells[word_at(g, t)].all--;
            g->c->all--;
        }
}

static void count_windows(group *g)
{
    const ds_places *p = g->c->places;
    uint32_t done = 0, low, high;
    size_t own = g->first; /* the first place that ends behind the token at hand */
    for (size_t i = g->first; i < g->last; i++) {
        const h_place *at = &p->items[i];
        if (g->c->options.sentence)
            sentence_window(g, at, at->beg - g->base, at->end - g->base, &low, &high);
        else
            count_window(g, at->beg - g->base, at->end - g->base, &low, &high);
        for (uint32_t t = low > done ? low : done; t < high; t++) {
            done = t + 1;
            while (own < g->last && p->items[own].end - g->base <= t)
                own++;
            bool is_own = own < g->last && p->items[own].beg - g->base <= t;
            if (!is_own && word_at(g, t) != H_OUT)
                count_near(g, t, i);
        }
    }
}

static ds_status count_article(ds_collocates *c, size_t first, size_t last, ds_error *err)
{
    ds_places *p = c->places;
    const h_place *at = &p->items[first];
    uint32_t end;
    group g = {.c = c, .first = first, .last = last, .of = c->words.of[at->segment]};
    g.rank = c->options.rank != NULL ? c->options.rank[at->segment][at->doc] : c->articles;
    ds_index_doc_range(p->source.segments[at->segment], at->doc, &g.base, &end);
    ds_status st = h_places_open(p, at->segment, at->doc, c->options.sentence, err);
    if (st == DS_OK && c->options.sentence) {
        ds_str text;
        c->sentences.count = 0;
        st = ds_places_text(p, 0, p->tokens, &text, err);
        if (st == DS_OK)
            st = ds_span_sentences(text, &c->sentences, err);
    }
    if (st != DS_OK)
        return st;
    c->articles++;
    take_own(&g);
    count_windows(&g);
    return DS_OK;
}

static ds_status count_places(ds_collocates *c, ds_error *err)
{
    const ds_places *p = c->places;
    ds_status st = DS_OK;
    for (size_t i = 0, k; st == DS_OK && i < p->count; i = k) {
        for (k = i + 1; k < p->count && p->items[k].doc == p->items[i].doc && p->items[k].segment == p->items[i].segment;)
            k++;
        st = ds_stopped(&c->alloc) ? ds_fail(err, DS_ELIMIT, 0, 0, "stopped") : count_article(c, i, k, err);
    }
    return st;
}

/* How often each word stands in all. */
static ds_status count_all(ds_collocates *c, ds_error *err)
{
    const ds_words_source *s = &c->places->source;
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < s->count; i++) {
        uint32_t types = ds_index_types(s->segments[i]);
        uint64_t *counts = ds_calloc(&c->alloc, types, sizeof *counts);
        if (counts == NULL)
            return ds_fail_nomem(err);
        st = ds_freq_types(&c->alloc, s->segments[i], c->places->bits != NULL ? c->places->bits[i] : NULL, counts, err);
        for (uint32_t k = 0; st == DS_OK && k < types; k++) {
            if (c->words.of[i][k] == H_OUT)
                continue;
            c->cells[c->words.of[i][k]].all += counts[k];
            c->all += counts[k];
        }
        ds_mfree(&c->alloc, counts, types * sizeof *counts);
    }
    return st;
}

static ds_status open_collocates(ds_collocates *c, ds_error *err)
{
    const ds_words_source *s = &c->places->source;
    ds_status st = h_words_open(&c->words, &c->alloc, s->segments, s->count, what, NULL, err);
    if (st != DS_OK)
        return st;
    c->size = c->words.table.count;
    c->cells = ds_calloc(&c->alloc, c->size + 1, sizeof *c->cells);
    if (c->cells == NULL)
        return ds_fail_nomem(err);
    st = count_all(c, err);
    return st == DS_OK ? count_places(c, err) : st;
}

ds_status ds_collocates_new(ds_places *p, const ds_collocates_options *options, ds_collocates **out, ds_error *err)
{
    *out = NULL;
    ds_collocates *c = ds_calloc(&p->alloc, 1, sizeof *c);
    if (c == NULL)
        return ds_fail_nomem(err);
    c->alloc = p->alloc;
    c->places = p;
    c->options = *options;
    ds_spans_init(&c->sentences, &c->alloc);
    ds_status st = open_collocates(c, err);
    h_words_leave(&c->words);
    if (st != DS_OK) {
        ds_collocates_free(c);
        return st;
    }
    *out = c;
    return DS_OK;
}

void ds_collocates_free(ds_collocates *c)
{
    if (c == NULL)
        return;
    ds_alloc a = c->alloc;
    h_words_close(&c->words);
    ds_mfree(&a, c->cells, (c->size + 1) * sizeof *c->cells);
    ds_spans_clear(&c->sentences);
    ds_mfree(&a, c, sizeof *c);
}

size_t ds_collocates_count(const ds_collocates *c)
{
    return c->size;
}

bool ds_collocates_at(const ds_collocates *c, size_t i, uint64_t least, ds_collocate *out)
{
    const cell *x = &c->cells[i];
    *out = (ds_collocate){.word = {"", 0}};
    if (x->near == 0 || x->near < least)
        return false;
    *out = (ds_collocate){h_table_at(&c->words.table, i), x->near, x->all, x->docs, x->place, x->token};
    return true;
}

uint64_t ds_collocates_near(const ds_collocates *c)
{
    return c->near;
}

uint64_t ds_collocates_words(const ds_collocates *c)
{
    return c->all;
}

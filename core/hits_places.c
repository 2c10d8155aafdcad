/* hits_places.c - see hits_places.h: finding places, and looking at them. */
#include "hits_places_int.h"

#include <string.h>

#include "fold.h"
#include "index_int.h"
#include "query.h"

enum { TOGETHER = 1024 };

/* ------------------------------------------------------------------ what is looked for */

/* The query for a string: a phrase of one piece. */
static ds_status make_tree(const ds_alloc *a, ds_str text, ds_cql **tree, ds_error *err)
{
    ds_buf b;
    ds_status st = DS_OK;
    ds_buf_init(&b, a);
    ds_buf_byte(&b, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            ds_buf_byte(&b, '\\');
        ds_buf_byte(&b, text.p[i]);
    }
    ds_buf_byte(&b, '"');
    if (b.status != DS_OK)
        st = ds_fail_nomem(err);
    if (st == DS_OK)
        st = ds_cql_parse(a, ds_buf_str(&b), tree, err);
    ds_buf_clear(&b);
    return st;
}

static ds_status fold_phrase(ds_str text, ds_buf *folded, ds_error *err)
{
    uint32_t cp;
    ds_status st = ds_fold(text, DS_FOLD_ALL, folded, NULL, err);
    if (st == DS_OK && folded->n == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "nothing to look for");
    for (size_t i = 0; st == DS_OK && i < folded->n; i += ds_utf8_decode(folded->p + i, folded->n - i, &cp)) {
        ds_utf8_decode(folded->p + i, folded->n - i, &cp);
        if (cp == DS_UTF8_BAD || cp <= ' ' || cp == 0x85 || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200F) ||
            (cp >= 0x2028 && cp <= 0x202F) || (cp >= 0x205F && cp <= 0x206F) || cp == 0x3000 || cp == 0xFEFF)
            st = ds_fail(err, DS_EINVAL, i, 0, "white space or a mark that is not seen in what is looked for");
    }
    return st;
}

/* ------------------------------------------------------------------ which places count */

typedef struct finder {
    ds_places *p;
    ds_query *query;
    uint32_t segment;
    bool whole_words;
    ds_str text;            /* what is looked for, folded */
    uint64_t *exact;        /* a bit for each position: the token there is just that */
    size_t words;           /* of them */
    bool odd;               /* some token that is no word has more in it than that */
    uint32_t doc, doc_end;  /* where the hit before is */
    uint32_t last, last_to; /* where the place before ends: token, and byte of it */
    bool any;
} finder;

static bool contains(ds_str s, ds_str part)
{
    for (size_t i = 0; i + part.n <= s.n; i++)
        if (memcmp(s.p + i, part.p, part.n) == 0)
            return true;
    return false;
}

/* Marks where a token is the string itself, so that most hits need not be looked at. */
static ds_status mark_exact(finder *f, ds_error *err)
{
    const ds_index *ix = f->p->source.segments[f->segment];
    const uint32_t *starts;
    const char *keys = ds_index_keys(ix, &starts);
    f->words = ds_index_tokens(ix) / 64 + 1;
    f->exact = ds_calloc(&f->p->alloc, f->words, sizeof *f->exact);
    if (f->exact == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 1; i < ds_index_types(ix); i++) {
        ds_str key = {keys + starts[i], starts[i + 1] - starts[i]};
        uint32_t at[256];
        ds_postings it;
        if (key.n < f->text.n || !contains(key, f->text))
            continue;
        f->odd = f->odd || (key.n > f->text.n && !h_is_word(f->p, f->segment, i));
        if (key.n > f->text.n)
            continue;
        ds_postings_start(ix, i, &it);
        for (size_t n; (n = ds_postings_read(&it, at, 256)) > 0;)
            for (size_t k = 0; k < n; k++)
                if (at[k] / 64 < f->words)
                    f->exact[at[k] / 64] |= (uint64_t)1 << at[k] % 64;
    }
    return DS_OK;
}

static bool is_exact(const finder *f, const ds_found *hit)
{
    return hit->end - hit->beg == 1 && (f->exact[hit->beg / 64] >> hit->beg % 64 & 1) != 0;
}

/* Whether the hit is made of whole tokens, whether of words only. */
static ds_status weigh(finder *f, const ds_found *hit, bool *whole, bool *words, ds_error *err)
{
    const ds_index *ix = f->p->source.segments[f->segment];
    size_t keys = 0;
    *words = true;
    for (uint32_t pos = hit->beg; pos < hit->end; pos++) {
        const uint32_t *types;
        uint32_t beg, end;
        ds_type t;
        ds_status st = ds_forward_at(f->p->forward, pos, &types, &beg, &end, err);
        if (st != DS_OK)
            return st;
        ds_index_type(ix, types[pos - beg], &t);
        keys += t.key.n;
        *words = *words && h_is_word(f->p, f->segment, types[pos - beg]);
    }
    *whole = keys == f->text.n;
    return DS_OK;
}

static ds_status type_at(ds_places *p, uint32_t pos, uint32_t *type, ds_error *err)
{
    uint32_t got;
    return ds_forward_copy(p->forward, pos, 1, type, &got, err);
}

/* Whether the place's edges are within words; bytes behind the last token's end are its end. */
static ds_status cuts_word(finder *f, h_place *at, bool *cuts, ds_error *err)
{
    uint32_t first = 0, last = 0;
    ds_str word = {"", 0};
    ds_status st = type_at(f->p, at->beg, &first, err);
    if (st == DS_OK)
        st = type_at(f->p, at->end - 1, &last, err);
    if (st == DS_OK)
        st = ix_word(f->p->source.segments[f->segment], last, &word, err);
    if (at->to >= word.n)
        at->to = H_WHOLE;
    *cuts = st == DS_OK && f->whole_words && ((at->from > 0 && h_is_word(f->p, f->segment, first)) ||
                                              (at->to != H_WHOLE && h_is_word(f->p, f->segment, last)));
    return st;
}

/* What of its first and last token the hit takes, and whether it counts. */
static ds_status look_at(finder *f, const ds_found *hit, h_place *at, bool *counts, ds_error *err)
{
    bool whole, words, cuts;
    ds_query_detail d;
    *counts = false;
    if (f->whole_words && hit->end - hit->beg == 1 && !f->odd)
        return DS_OK; /* within a word */
    ds_status st = weigh(f, hit, &whole, &words, err);
    *counts = st == DS_OK && (whole || !f->whole_words || !words);
    if (!*counts || whole)
        return st;
    st = ds_query_look(f->query, hit, &d, err);
    if (st != DS_OK)
        return st;
    at->from = d.from;
    at->to = d.to;
    st = cuts_word(f, at, &cuts, err);
    *counts = !cuts;
    return st;
}

static ds_status take_hit(finder *f, const ds_found *hit, ds_error *err)
{
    ds_places *p = f->p;
    const ds_index *ix = p->source.segments[f->segment];
    h_place at = {.segment = f->segment, .beg = hit->beg, .end = hit->end, .from = 0, .to = H_WHOLE};
    bool counts = true;
    ds_status st = is_exact(f, hit) ? DS_OK : look_at(f, hit, &at, &counts, err);
    if (st != DS_OK || !counts)
        return st;
    if (f->any && (at.beg < f->last || (at.beg == f->last && at.from < f->last_to)))
        return DS_OK;
    if (!f->any || at.beg >= f->doc_end) {
        uint32_t beg;
        f->doc = ds_index_doc_at(ix, at.beg);
        ds_index_doc_range(ix, f->doc, &beg, &f->doc_end);
        p->docs++;
    }
    f->any = true;
    f->last = at.end - 1;
    f->last_to = at.to;
    at.doc = f->doc;
    if (ds_grow(&p->alloc, (void **)&p->items, &p->cap, p->count + 1, sizeof *p->items) != DS_OK)
        return ds_fail_nomem(err);
    p->items[p->count++] = at;
    return DS_OK;
}

static bool is_stopped(void *ud)
{
    return ds_stopped(ud);
}

static ds_status find_in(finder *f, const ds_cql *tree, ds_error *err)
{
    ds_places *p = f->p;
    ds_found found[TOGETHER];
    size_t n = TOGETHER;
    ds_query_options o = {.stop = is_stopped, .stop_ud = &p->alloc, .overlap = true,
                          .docs = p->bits != NULL ? p->bits[f->segment] : NULL};
    ds_status st = ds_query_new(&p->alloc, p->source.segments[f->segment], tree, &o, &f->query, err);
    if (st == DS_OK)
        st = ds_forward_new(&p->alloc, p->source.segments[f->segment], &p->forward, err);
    if (st == DS_OK)
        st = mark_exact(f, err);
    while (st == DS_OK && n == TOGETHER) {
        st = ds_query_next(f->query, found, TOGETHER, &n, err);
        if (st == DS_OK && ds_query_partial(f->query))
            st = ds_fail(err, DS_ELIMIT, 0, 0, "stopped");
        for (size_t i = 0; st == DS_OK && i < n; i++)
            st = take_hit(f, &found[i], err);
    }
    ds_mfree(&p->alloc, f->exact, f->words * sizeof *f->exact);
    ds_forward_free(p->forward);
    p->forward = NULL;
    ds_query_free(f->query);
    return st;
}

static ds_status find_all(ds_places *p, const ds_places_options *o, ds_error *err)
{
    ds_buf folded;
    ds_cql *tree = NULL;
    ds_buf_init(&folded, &p->alloc);
    ds_status st = fold_phrase(o->text, &folded, err);
    if (st == DS_OK)
        st = make_tree(&p->alloc, ds_buf_str(&folded), &tree, err);
    for (size_t i = 0; st == DS_OK && i < p->source.count; i++) {
        finder f = {.p = p, .segment = (uint32_t)i, .whole_words = o->whole_words,
                    .text = ds_buf_str(&folded)};
        st = find_in(&f, tree, err);
    }
    ds_cql_free(tree);
    ds_buf_clear(&folded);
    return st;
}

/* ------------------------------------------------------------------ life */

static ds_status mark_words(ds_places *p, size_t segment, ds_error *err)
{
    const ds_index *ix = p->source.segments[segment];
    uint32_t types = ds_index_types(ix);
    p->types_of[segment] = types;
    p->is_word[segment] = ds_calloc(&p->alloc, types / 64 + 1, sizeof(uint64_t));
    p->length[segment] = ds_calloc(&p->alloc, types, sizeof(uint32_t));
    if (p->is_word[segment] == NULL || p->length[segment] == NULL)
        return ds_fail_nomem(err);
    for (uint32_t i = 1; i < types; i++) {
        ds_type t;
        ds_index_type(ix, i, &t);
        p->length[segment][i] = (uint32_t)t.word.n;
        if (t.cls != DS_CLASS_SPACE && t.cls != DS_CLASS_PUNCT && t.cls != DS_CLASS_BAD)
            p->is_word[segment][i / 64] |= (uint64_t)1 << i % 64;
    }
    return DS_OK;
}

static ds_status mark_docs(ds_places *p, size_t segment, ds_error *err)
{
    uint32_t docs = ds_index_docs(p->source.segments[segment]);
    p->doc_words[segment] = docs / 64 + 1;
    p->bits[segment] = ds_calloc(&p->alloc, p->doc_words[segment], sizeof(uint64_t));
    if (p->bits[segment] == NULL)
        return ds_fail_nomem(err);
    for (uint32_t d = 0; d < docs; d++)
        if (p->source.labels[segment][d] != DS_GROUP_NONE)
            p->bits[segment][d / 64] |= (uint64_t)1 << d % 64;
    return DS_OK;
}

static ds_status open_places(ds_places *p, const ds_places_options *options, ds_error *err)
{
    size_t n = p->source.count;
    p->is_word = ds_calloc(&p->alloc, n + 1, sizeof *p->is_word);
    p->length = ds_calloc(&p->alloc, n + 1, sizeof *p->length);
    p->types_of = ds_calloc(&p->alloc, 2 * n + 2, sizeof *p->types_of);
    if (p->source.labels != NULL)
        p->bits = ds_calloc(&p->alloc, n + 1, sizeof *p->bits);
    if (p->is_word == NULL || p->length == NULL || p->types_of == NULL || (p->source.labels != NULL && p->bits == NULL))
        return ds_fail_nomem(err);
    p->doc_words = p->types_of + n + 1;
    ds_status st = DS_OK;
    for (size_t i = 0; st == DS_OK && i < n; i++) {
        st = mark_words(p, i, err);
        if (st == DS_OK && p->bits != NULL)
            st = mark_docs(p, i, err);
    }
    return st == DS_OK ? find_all(p, options, err) : st;
}

ds_status ds_places_new(const ds_alloc *a, const ds_words_source *source, const ds_places_options *options,
                        ds_places **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_places *p = ds_calloc(a, 1, sizeof *p);
    if (p == NULL)
        return ds_fail_nomem(err);
    p->alloc = *a;
    p->source = *source;
    p->segment = p->forward_segment = UINT32_MAX;
    ds_buf_init(&p->text, &p->alloc);
    ds_status st = open_places(p, options, err);
    if (st != DS_OK) {
        ds_places_free(p);
        return st;
    }
    *out = p;
    return DS_OK;
}

void ds_places_free(ds_places *p)
{
    if (p == NULL)
        return;
    ds_alloc a = p->alloc;
    size_t n = p->source.count;
    for (size_t i = 0; p->types_of != NULL && i < n; i++) {
        if (p->is_word != NULL)
            ds_mfree(&a, p->is_word[i], (p->types_of[i] / 64 + 1) * sizeof(uint64_t));
        if (p->length != NULL)
            ds_mfree(&a, p->length[i], p->types_of[i] * sizeof(uint32_t));
        if (p->bits != NULL && p->doc_words != NULL)
            ds_mfree(&a, p->bits[i], p->doc_words[i] * sizeof(uint64_t));
    }
    ds_mfree(&a, p->is_word, (n + 1) * sizeof *p->is_word);
    ds_mfree(&a, p->length, (n + 1) * sizeof *p->length);
    ds_mfree(&a, p->types_of, (2 * n + 2) * sizeof *p->types_of);
    ds_mfree(&a, p->bits, (n + 1) * sizeof *p->bits);
    ds_mfree(&a, p->items, p->cap * sizeof *p->items);
    ds_mfree(&a, p->types, p->type_cap * sizeof *p->types);
    ds_mfree(&a, p->at, p->at_cap * sizeof *p->at);
    ds_forward_free(p->forward);
    ds_buf_clear(&p->text);
    ds_mfree(&a, p, sizeof *p);
}

size_t ds_places_count(const ds_places *p)
{
    return p->count;
}

size_t ds_places_docs(const ds_places *p)
{
    return p->docs;
}

void ds_places_doc(const ds_places *p, size_t i, uint32_t *segment, uint32_t *doc)
{
    *segment = p->items[i].segment;
    *doc = p->items[i].doc;
}

/* ------------------------------------------------------------------ looking */

static ds_status place_tokens(ds_places *p, ds_error *err)
{
    const uint32_t *length = p->length[p->segment];
    if (ds_grow(&p->alloc, (void **)&p->at, &p->at_cap, (size_t)p->tokens + 1, sizeof *p->at) != DS_OK)
        return ds_fail_nomem(err);
    uint32_t at = 0;
    for (uint32_t i = 0; i < p->tokens; i++) {
        p->at[i] = at;
        at += length[p->types[i]];
    }
    p->at[p->tokens] = at;
    p->placed = true;
    return DS_OK;
}

static ds_status get_types(ds_places *p, uint32_t segment, uint32_t doc, ds_error *err)
{
    const ds_index *ix = p->source.segments[segment];
    ds_status st = DS_OK;
    p->segment = UINT32_MAX;
    p->placed = false;
    if (p->forward == NULL || p->forward_segment != segment) {
        ds_forward_free(p->forward);
        p->forward = NULL;
        st = ds_forward_new(&p->alloc, ix, &p->forward, err);
        p->forward_segment = segment;
    }
    uint32_t beg, end, got;
    ds_index_doc_range(ix, doc, &beg, &end);
    if (st != DS_OK)
        return st;
    if (ds_grow(&p->alloc, (void **)&p->types, &p->type_cap, (size_t)(end - beg) + 1, sizeof *p->types) != DS_OK)
        return ds_fail_nomem(err);
    p->tokens = end - beg;
    st = ds_forward_copy(p->forward, beg, p->tokens, p->types, &got, err);
    if (st == DS_OK) {
        p->segment = segment;
        p->doc = doc;
    }
    return st;
}

ds_status h_places_open(ds_places *p, uint32_t segment, uint32_t doc, bool placed, ds_error *err)
{
    ds_status st = p->segment == segment && p->doc == doc ? DS_OK : get_types(p, segment, doc, err);
    return st == DS_OK && placed && !p->placed ? place_tokens(p, err) : st;
}

ds_status ds_places_text(ds_places *p, uint32_t beg, uint32_t end, ds_str *out, ds_error *err)
{
    *out = (ds_str){"", 0};
    if (p->segment == UINT32_MAX || beg > end || end > p->tokens)
        return ds_fail(err, DS_EINVAL, 0, 0, "tokens of no article");
    ds_buf_reset(&p->text);
    for (uint32_t i = beg; i < end; i++) {
        ds_str word;
        ds_status st = ix_word(p->source.segments[p->segment], p->types[i], &word, err);
        if (st != DS_OK)
            return st;
        ds_buf_put(&p->text, word.p, word.n);
    }
    *out = ds_buf_str(&p->text);
    return p->text.status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

ds_status ds_places_look(ds_places *p, size_t i, ds_place_view *out, ds_error *err)
{
    const h_place *at = &p->items[i];
    uint32_t base, end;
    *out = (ds_place_view){0};
    ds_status st = h_places_open(p, at->segment, at->doc, true, err);
    if (st != DS_OK)
        return st;
    ds_index_doc_range(p->source.segments[at->segment], at->doc, &base, &end);
    *out = (ds_place_view){.beg = at->beg - base, .end = at->end - base, .types = p->types, .at = p->at,
                           .tokens = p->tokens};
    out->from = p->at[out->beg] + at->from;
    out->to = at->to == H_WHOLE ? p->at[out->end] : p->at[out->end - 1] + at->to;
    return DS_OK;
}

bool ds_places_word(const ds_places *p, size_t place, const ds_place_view *v, uint32_t token, uint32_t n, bool before,
                    uint32_t *out)
{
    uint32_t segment = p->items[place].segment;
    *out = token;
    while (n > 0 && (before ? token > 0 : token + 1 < v->tokens)) {
        token = before ? token - 1 : token + 1;
        if (!h_is_word(p, segment, v->types[token]))
            continue;
        *out = token;
        n--;
    }
    return n == 0;
}

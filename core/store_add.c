/* store_add.c - adding articles to a store: cutting them, or taking the tokens that they bring; see store.h. */
#include <string.h>

#include "store_writer.h"

/* ------------------------------------------------------------------ cutting */

ds_status st_cutter_init(st_cutter *c, const ds_alloc *a, const ds_segmenter *segmenter, ds_error *err)
{
    *c = (st_cutter){.alloc = a, .segmenter = segmenter, .pos_map = ds_calloc(a, ST_POS_MAP, sizeof *c->pos_map)};
    ds_tokens_init(&c->tokens, a);
    return c->pos_map != NULL ? DS_OK : ds_fail_nomem(err);
}

void st_cutter_clear(st_cutter *c)
{
    if (c->alloc == NULL)
        return;
    ds_tokens_clear(&c->tokens);
    ds_mfree(c->alloc, c->pos_map, c->pos_map != NULL ? ST_POS_MAP * sizeof *c->pos_map : 0);
    *c = (st_cutter){.alloc = NULL};
}

void st_cutter_reset(st_cutter *c)
{
    memset(c->pos_map, 0, ST_POS_MAP * sizeof *c->pos_map);
}

static ds_status put_token(st_pending *p, ds_str word, uint16_t pos, uint32_t lemma, uint8_t cls, ds_error *err)
{
    return st_pending_token(p, &(ds_vocab_entry){word, lemma, pos, cls}, err);
}

static ds_status put_cut(st_cutter *c, st_pending *p, ds_str text, ds_error *err)
{
    if (c->segmenter == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "an article without tokens, and no segmenter to cut it");
    c->tokens.count = 0;
    ds_status st = ds_segment(c->segmenter, text, &c->tokens, err);
    for (size_t i = 0; st == DS_OK && i < c->tokens.count; i++) {
        const ds_token *t = &c->tokens.items[i];
        uint16_t *known = &c->pos_map[t->pos], pos = 0;
        if (*known == 0) {
            st = st_pending_pos(p, ds_segment_pos_name(c->segmenter, t->pos), &pos, err);
            *known = (uint16_t)(pos + 1);
        }
        if (st == DS_OK)
            st = put_token(p, (ds_str){text.p + t->beg, t->end - t->beg}, (uint16_t)(*known - 1), 0,
                           ix_class_byte(t->cls, t->entity), err);
    }
    return st;
}

static bool is_white(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strchr(" \t\r\n\v\f", p[i]) == NULL && !(n - i >= 3 && memcmp(p + i, "\xE3\x80\x80", 3) == 0 && (i += 2)))
            return false;
    return true;
}

/* What stands between two tokens of an article's own. */
static ds_status put_gap(st_pending *p, ds_str text, size_t beg, size_t end, ds_error *err)
{
    ds_status st = DS_OK;
    if (beg == end)
        return DS_OK;
    bool white = is_white(text.p + beg, end - beg);
    while (st == DS_OK && beg < end) {
        size_t n = end - beg < DS_VOCAB_WORD_MAX ? end - beg : DS_VOCAB_WORD_MAX;
        st = put_token(p, (ds_str){text.p + beg, n}, 0, 0, white ? DS_CLASS_SPACE : DS_CLASS_PUNCT, err);
        beg += n;
    }
    return st;
}

static ds_status put_own(st_pending *p, const ds_article *a, ds_error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < a->token_count; i++) {
        const ds_own_token *t = &a->tokens[i];
        uint16_t pos;
        uint32_t lemma;
        if (t->beg < at || t->end <= t->beg || t->end > a->text.n)
            return ds_fail(err, DS_EINVAL, t->beg, 0, "token %zu is empty, out of order or outside the text", i + 1);
        ds_str word = {a->text.p + t->beg, t->end - t->beg};
        ds_status st = put_gap(p, a->text, at, t->beg, err);
        if (st == DS_OK)
            st = st_pending_pos(p, t->pos, &pos, err);
        if (st == DS_OK)
            st = st_pending_lemma(p, t->lemma, word, &lemma, err);
        if (st == DS_OK)
            st = put_token(p, word, pos, lemma, ix_class_byte(t->cls, DS_ENTITY_NONE), err);
        if (st != DS_OK)
            return st;
        at = t->end;
    }
    return put_gap(p, a->text, at, a->text.n, err);
}

ds_status st_find_units(const ds_alloc *alloc, st_pending *p, ds_str text, const ds_spans *sentences, ds_error *err)
{
    ds_spans spans;
    ds_spans_init(&spans, alloc);
    ds_status st = sentences != NULL ? DS_OK : ds_span_sentences(text, &spans, err);
    if (st == DS_OK)
        st = st_pending_units(p, DS_UNIT_SENTENCE, sentences != NULL ? sentences : &spans, err);
    spans.count = 0;
    if (st == DS_OK)
        st = ds_span_paragraphs(text, &spans, err);
    if (st == DS_OK)
        st = st_pending_units(p, DS_UNIT_PARAGRAPH, &spans, err);
    ds_spans_clear(&spans);
    return st;
}

ds_status st_cut(st_cutter *c, st_pending *p, const ds_article *a, ds_error *err)
{
    ds_status st = st_pending_begin(p, a, err);
    if (st != DS_OK)
        return st;
    st = a->tokens != NULL ? put_own(p, a, err) : put_cut(c, p, a->text, err);
    if (st == DS_OK)
        st = st_find_units(c->alloc, p, a->text, a->sentences, err);
    if (st == DS_OK)
        st = st_pending_end(p, err);
    if (st != DS_OK)
        st_pending_undo(p);
    return st;
}

/* ------------------------------------------------------------------ the writer */

ds_status st_writer_put(ds_writer *w, const ds_article *article,
                        ds_status (*put)(ds_writer *w, size_t i, const ds_article *a, ds_error *err), size_t i, ds_error *err)
{
    ds_status st = st_writer_usable(w, err);
    if (st == DS_OK)
        st = st_writer_room(w, article->text.n, err);
    if (st != DS_OK)
        return st;
    st = put(w, i, article, err);
    if (st == DS_ELIMIT && st_pending_docs(w->pending) > 0) { /* a segment of its own may hold it */
        st = st_writer_flush(w, err);
        if (st == DS_OK)
            st = put(w, i, article, err);
    }
    if (st == DS_OK)
        return st_writer_broken(w, st_writer_note(w, article->id, article->hash, err));
    return st == DS_EINVAL || st == DS_ELIMIT ? st : st_writer_broken(w, st);
}

static ds_status put_article(ds_writer *w, size_t i, const ds_article *a, ds_error *err)
{
    (void)i;
    return st_cut(&w->cutter, w->pending, a, err);
}

ds_status ds_writer_add(ds_writer *w, const ds_article *article, ds_error *err)
{
    return st_writer_put(w, article, put_article, 0, err);
}

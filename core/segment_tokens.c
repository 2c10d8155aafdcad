/* segment_tokens.c - the tokens of a window's best path, with parts of speech and entities; see segment_run_int.h. */
#include "segment_run_int.h"

static int class_pos(ds_class cls)
{
    switch (cls) {
    case DS_CLASS_NUMBER:
    case DS_CLASS_MONEY:
    case DS_CLASS_PERCENT: return SEG_POS_NUMBER;
    case DS_CLASS_DATE: return SEG_POS_TIME;
    case DS_CLASS_LATIN:
    case DS_CLASS_URL: return SEG_POS_LATIN;
    case DS_CLASS_PUNCT: return SEG_POS_PUNCT;
    case DS_CLASS_SPACE: return SEG_POS_NONE;
    default: return SEG_POS_OTHER;
    }
}

/* Part-of-speech number of the token that ends at `cell`.  Of a word that may be several: what ds_tag_choices says, for
 * tag_token, or the likeliest in FULL mode, where there is no path. */
static uint16_t token_pos(const seg_run *r, const seg_cell *cell)
{
    if (cell->word >= 0 && r->seg->mode == DS_MODE_FULL)
        return ds_lexicon_pos(r->seg->lex, cell->word);
    if (cell->word >= 0)
        return lex_word_tags(lex_word(r->lex, cell->word));
    if (cell->word == DS_TOKEN_USER)
        return (uint16_t)(r->seg->pos_user + cell->user_pos);
    if (cell->word == DS_TOKEN_PERSON)
        return (uint16_t)(r->seg->pos_own + SEG_POS_PERSON);
    return (uint16_t)(r->seg->pos_own + class_pos((ds_class)cell->cls));
}

/* The lexicon's tag that a user's word has to its neighbours: one of the same name, else a noun's. */
static uint16_t user_like(seg_run *r, uint16_t user_pos)
{
    if (r->user_like == 0 || r->user_pos != user_pos) {
        r->user_pos = user_pos;
        r->user_like = seg_tag_number(r->seg->lex, ds_userdict_pos_name(r->user, user_pos));
        if (r->user_like == 0)
            r->user_like = r->seg->pos_like[SEG_POS_OTHER];
    }
    return r->user_like;
}

/* What the tagger says of the token of characters [i, end): its part of speech, if the lexicon agrees or has none, and
 * its entity. */
static uint16_t mark_token(seg_run *r, size_t i, size_t end, const seg_cell *cell, uint16_t choices, ds_token *token)
{
    const ds_segmenter *seg = r->seg;
    if (r->t.c[i].kind == SEG_LF)
        r->marked.entity = DS_ENTITY_NONE;
    else if (cell->cls != DS_CLASS_SPACE)
        token->entity = seg_marked_entity(&seg->tagset, r->marks, i, end, &r->marked.entity);
    if (cell->cls != DS_CLASS_HAN || cell->word == DS_TOKEN_USER || cell->word == DS_TOKEN_PERSON)
        return choices;
    uint16_t pos = seg_marked_pos(r->lex, seg->lex, &seg->tagset, r->marks, i, end, cell->word < 0 ? 0 : choices);
    if (pos == 0 || pos == choices)
        return choices;
    return token->pos = pos;
}

/* Lets the token of characters [i, end), out->items[index], take part in the choice of tags. */
static void tag_token(seg_run *r, size_t i, size_t end, size_t index, ds_tokens *out)
{
    const seg_char *c = &r->t.c[i];
    const seg_cell *cell = &r->cells[end];
    uint16_t choices;
    if (cell->word >= 0)
        choices = lex_word_tags(lex_word(r->lex, cell->word));
    else if (cell->word == DS_TOKEN_USER)
        choices = user_like(r, cell->user_pos);
    else
        choices = r->seg->pos_like[cell->word == DS_TOKEN_PERSON ? SEG_POS_PERSON : class_pos((ds_class)cell->cls)];
    if (r->marks != NULL)
        choices = mark_token(r, i, end, cell, choices, &out->items[index]);
    if (cell->cls != DS_CLASS_SPACE && cell->cls != DS_CLASS_PUNCT)
        seg_tags_word(r->lex, r->seg->lex, &r->tags, out, index, choices);
    else if (seg_ends_clause(c))
        seg_tags_end(r->seg->lex, &r->tags, out);
    else if (cell->cls == DS_CLASS_PUNCT)
        seg_tags_word(r->lex, r->seg->lex, &r->tags, out, index, 0);
}

/* Walks the path back from `end`, turning the `from`s around; returns the number of tokens. */
static void reverse_path(seg_run *r, size_t end)
{
    size_t to = end;
    uint32_t next = (uint32_t)end;
    while (to > 0) {
        uint32_t from = r->cells[to].from;
        r->forced[from] = next; /* reused: forced[] holds each token's end from here on */
        next = from;
        to = from;
    }
}

ds_status seg_put_tokens(seg_run *r, size_t keep, ds_tokens *out, size_t *done)
{
    reverse_path(r, r->t.n);
    size_t i = 0;
    while (i < r->t.n && (r->forced[i] <= keep || i == 0)) {
        size_t end = r->forced[i], first = out->count;
        const seg_cell *cell = &r->cells[end];
        bool ok = true, covered = false, han = cell->cls == DS_CLASS_HAN;
        if (han && r->seg->mode == DS_MODE_SEARCH)
            ok = seg_put_search_words(r->seg->lex, &r->t, i, end, out);
        else if (han && r->seg->mode == DS_MODE_FULL)
            ok = seg_put_full_words(r->seg->lex, &r->t, i, end, out, &covered);
        uint16_t pos = r->untagged ? 0 : token_pos(r, cell);
        ds_token token = {r->t.c[i].off, r->t.c[end].off, cell->word, pos, cell->cls, DS_ENTITY_NONE};
        bool needed = !covered || (cell->word < 0 && end > i + 1); /* names and the user's words always */
        if (!ok || (needed && !seg_put_in_order(out, first, token)))
            return DS_ENOMEM;
        if (r->seg->mode != DS_MODE_FULL && !r->untagged)
            tag_token(r, i, end, out->count - 1, out);
        i = end;
    }
    *done = i;
    return DS_OK;
}

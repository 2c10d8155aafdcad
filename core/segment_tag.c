/* segment_tag.c - runs of words whose part of speech depends on their neighbours; see segment_int.h and tag.h. */
#include "segment_int.h"

/* Writes the tags of the waiting words; those that waited only for company keep theirs. */
static void decide_waiting(const ds_lexicon *lex, seg_tags *w, ds_tokens *out, uint16_t after, bool clause)
{
    if (w->n == 0)
        return;
    ds_tag_words(lex, w->before, w->choices, w->n, after, clause);
    for (size_t i = 0; i < w->n; i++) {
        w->predicate = w->predicate || ds_tag_is_predicate(lex, w->choices[i]);
        if (w->token[i] != SEG_DECIDED)
            out->items[w->token[i]].pos = w->choices[i];
    }
    w->before = w->choices[w->n - 1];
    w->n = 0;
}

#define MOSTLY (DS_LEXICON_TAG_UNIT / 2) /* -log2 of a share of 0.7 */

/* Whether a word is nearly always a predicate: then its clause needs no other. */
static bool mostly_predicate(const lex_tables *t, uint16_t choices)
{
    const unsigned char *list = lex_tag_list(t, choices);
    return list != NULL && list[1] <= MOSTLY && lex_is_predicate(t, list[0]);
}

void seg_tags_wait(const lex_tables *t, const ds_lexicon *lex, seg_tags *w, ds_tokens *out, size_t token,
                   uint16_t choices)
{
    bool open = choices >= t->pos_count;
    if (!open && (w->predicate || lex_is_predicate(t, choices))) {
        decide_waiting(lex, w, out, choices, false);
        w->before = choices;
        w->predicate = true;
        return;
    }
    if (open && !w->predicate)
        w->predicate = mostly_predicate(t, choices);
    if (w->n == DS_TAG_RUN)
        decide_waiting(lex, w, out, 0, false);
    w->choices[w->n] = choices;
    w->token[w->n++] = open ? token : SEG_DECIDED;
}

void seg_tags_end(const ds_lexicon *lex, seg_tags *w, ds_tokens *out)
{
    bool alone = w->n == 1 && w->before == 0; /* a heading, or an item of a list */
    decide_waiting(lex, w, out, 0, !w->predicate && !alone);
    w->before = 0;
    w->predicate = false;
}

bool seg_ends_clause(const seg_char *c)
{
    switch (c->ascii != 0 ? (uint32_t)c->ascii : c->cp) {
    case ',':
    case '.':
    case ';':
    case ':':
    case '!':
    case '?':
    case 0x3002: /* 。 */
    case 0x2026: /* … */
    case 0x2014: /* — */
        return true;
    default: return c->kind == SEG_LF;
    }
}

uint16_t seg_tag_number(const ds_lexicon *lex, ds_str name)
{
    for (uint16_t i = 1; i < ds_lexicon_pos_count(lex); i++)
        if (ds_str_eq(ds_lexicon_pos_name(lex, i), name))
            return i;
    return 0;
}

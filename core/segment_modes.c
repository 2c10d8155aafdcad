/* segment_modes.c - what the SEARCH and FULL modes list beside the best path; see segment_int.h. */
#include <string.h>

#include "segment_int.h"

bool seg_put_token(ds_tokens *out, ds_token token)
{
    if (out->count == out->cap &&
        ds_grow(out->alloc, (void **)&out->items, &out->cap, out->count + 1, sizeof *out->items) != DS_OK)
        return false;
    out->items[out->count++] = token;
    return true;
}

/* The lexicon's words of at least two characters that end at `end` and begin in [from, end), but for [from, end)
 * itself; the shorter first. */
static bool put_inner_words(const ds_lexicon *lex, const seg_text *t, size_t from, size_t end, size_t longest, ds_tokens *out)
{
    for (size_t beg = end - 1; beg-- > from && end - beg <= longest;) {
        int32_t node = 0;
        for (size_t k = beg; k < end && node != DS_TRIE_NONE; k++)
            node = t->c[k].code != 0 ? ds_trie_step(ds_lexicon_trie(lex), node, t->c[k].code) : DS_TRIE_NONE;
        int32_t id = node != DS_TRIE_NONE ? ds_trie_value(ds_lexicon_trie(lex), node) : DS_TRIE_NONE;
        if (id == DS_TRIE_NONE || lex_word(lex_tables_of(lex), id) == NULL)
            continue;
        ds_token inner = {t->c[beg].off, t->c[end].off, id, ds_lexicon_pos(lex, id), DS_CLASS_HAN, DS_ENTITY_NONE};
        if (!seg_put_token(out, inner))
            return false;
    }
    return true;
}

/* Whether a word of the lexicon of at least two characters begins at `i`. */
static bool longer_word_begins(const ds_lexicon *lex, const seg_text *t, size_t i)
{
    int32_t node = 0;
    for (size_t k = i; k < t->n && t->c[k].code != 0; k++) {
        if ((node = ds_trie_step(ds_lexicon_trie(lex), node, t->c[k].code)) == DS_TRIE_NONE)
            return false;
        if (k > i && lex_word(lex_tables_of(lex), ds_trie_value(ds_lexicon_trie(lex), node)) != NULL)
            return true;
    }
    return false;
}

/* SEARCH: the words inside the token [i, end). */
bool seg_put_search_words(const ds_lexicon *lex, const seg_text *t, size_t i, size_t end, ds_tokens *out)
{
    for (size_t k = i + 2; k <= end; k++)
        if (!put_inner_words(lex, t, k == end ? i + 1 : i, k, 3, out))
            return false;
    return true;
}

/* FULL: every word that ends in the token [i, end), wherever it begins.  *covered: the token itself, a word of the
 * lexicon or a single character, is among them or inside one. */
bool seg_put_full_words(const ds_lexicon *lex, const seg_text *t, size_t i, size_t end, ds_tokens *out, bool *covered)
{
    size_t before = out->count;
    for (size_t k = i + 1; k <= end; k++) {
        before = out->count;
        if (!put_inner_words(lex, t, k > DS_LEXICON_WORD_MAX ? k - DS_LEXICON_WORD_MAX : 0, k, DS_LEXICON_WORD_MAX, out))
            return false;
    }
    for (size_t k = before; k < out->count; k++)
        *covered |= out->items[k].beg <= t->c[i].off;
    *covered |= end == i + 1 && longer_word_begins(lex, t, i);
    return true;
}

/* Puts a token among those from `first` on that end with it, the shorter first.  It takes the place of one alike. */
bool seg_put_in_order(ds_tokens *out, size_t first, ds_token token)
{
    size_t at = out->count;
    while (at > first && out->items[at - 1].end == token.end && out->items[at - 1].beg < token.beg)
        at--;
    if (at > first && out->items[at - 1].end == token.end && out->items[at - 1].beg == token.beg) {
        out->items[at - 1] = token;
        return true;
    }
    if (!seg_put_token(out, token))
        return false;
    memmove(&out->items[at + 1], &out->items[at], (out->count - 1 - at) * sizeof *out->items);
    out->items[at] = token;
    return true;
}

/*
 * convert_vocabulary.c - which words of a region's vocabulary a sentence has, and which of them are replaced; see
 * convert_words_int.h.
 *
 * A word counts where it begins and ends with words, is long, or leaves words behind on either side (信息化, but not
 * 布尔什维克).  Some are replaced in sentences about computing only, and those are known by other words.
 */
#include "convert_words_int.h"

/* Whether a word of the vocabulary may begin or end at `i`: on a border, or inside a name that was only guessed
 * (肯亞山高: the country is better known). */
static bool is_free(const words_run *w, size_t i)
{
    return w->c[i].border || w->c[words_begin(w, i)].hint == HINT_GUESS;
}

static bool in_lexicon(const words_run *w, size_t beg, size_t end)
{
    ds_str s = {w->out.in.p + w->c[beg].off, w->c[end].off - w->c[beg].off};
    return beg == end || ds_lexicon_find(w->lex, s) >= 0;
}

/* Whether the word around [beg, end) can be taken apart there. */
static bool leaves_words(const words_run *w, size_t beg, size_t end)
{
    size_t first = words_begin(w, beg);
    return words_inside(w, beg, end) && w->c[first].hint != HINT_IDIOM && w->c[first].hint != HINT_PERSON &&
           in_lexicon(w, first, beg) && in_lexicon(w, beg, end) && in_lexicon(w, end, words_end(w, end));
}

/* Adds the cost of characters [beg, end) as one word of the lexicon; false when it has none. */
static bool add_cost(const words_run *w, size_t beg, size_t end, int64_t *cost)
{
    ds_str s = {w->out.in.p + w->c[beg].off, w->c[end].off - w->c[beg].off};
    int32_t id = beg < end ? ds_lexicon_find(w->lex, s) : -1;
    if (id >= 0)
        *cost += ds_lexicon_cost(w->lex, id);
    return id >= 0 || beg == end;
}

/* The same for what a word of the vocabulary becomes. */
static bool add_result_cost(const words_run *w, uint32_t value, int64_t *cost)
{
    char text[DS_CONVERT_KEY_MAX * DS_UTF8_MAX];
    conv_result r = conv_result_of(w->conv, value);
    size_t n = 0;
    for (size_t k = 0; k < r.count && k < DS_CONVERT_KEY_MAX; k++)
        n += ds_utf8_encode(conv_result_cp(&r, k), text + n);
    int32_t id = ds_lexicon_find(w->lex, (ds_str){text, n});
    if (id >= 0)
        *cost += ds_lexicon_cost(w->lex, id);
    return id >= 0;
}

/* Whether the segmenter, who knows words by their Simplified use, would have found the word of Taiwan that ends with a
 * word at `end` had it counted what that is to become (計算機網/路, but 计算机/网络). */
static bool is_likelier(const words_run *w, size_t beg, size_t end, uint32_t value)
{
    int64_t now = 0, then = 0;
    size_t first = words_begin(w, beg);
    if (!w->to_simplified || !w->c[end].border || !add_cost(w, first, beg, &then) || !add_result_cost(w, value, &then))
        return false;
    for (size_t i = first, next; i < end; i = next) {
        next = words_end(w, i + 1);
        if (!add_cost(w, i, next, &now))
            return false;
    }
    return then < now;
}

static conv_match match_vocabulary(const words_run *w, size_t i)
{
    conv_match best = {0, 0};
    int32_t node = conv_first(w->conv, w->vocabulary, w->c[i].cell);
    for (size_t k = i + 1; node != DS_TRIE_NONE; k++) {
        int32_t value = words_value(w, w->vocabulary, node);
        if (value >= 0 && ((is_free(w, i) && is_free(w, k)) || words_long(i, k) || leaves_words(w, i, k) ||
                           is_likelier(w, i, k, (uint32_t)value)))
            best = (conv_match){k - i, (uint32_t)value};
        if (k == w->n)
            break;
        node = conv_next(w->conv, w->vocabulary, node, w->c[k].cell);
    }
    return best;
}

/* Lists the vocabulary of the sentence, and how much of it speaks of computing. */
static ds_status list_vocabulary(words_run *w, unsigned *evidence)
{
    uint32_t last_weak = 0;
    *evidence = 0;
    w->pick_count = 0;
    for (size_t i = 0; i < w->n;) {
        conv_match m = match_vocabulary(w, i);
        if (m.count == 0) {
            i++;
            continue;
        }
        if (ds_grow(w->tokens.alloc, (void **)&w->picks, &w->pick_cap, w->pick_count + 1, sizeof *w->picks) != DS_OK)
            return DS_ENOMEM;
        w->picks[w->pick_count++] = (word_pick){(uint32_t)i, (uint32_t)m.count, m.value};
        if (conv_rank(m.value) == DS_CONVERT_TECH)
            *evidence += 2;
        else if (conv_rank(m.value) == DS_CONVERT_WEAK && m.value != last_weak) {
            *evidence += 1; /* the same word twice is no further evidence */
            last_weak = m.value;
        }
        i += m.count;
    }
    return DS_OK;
}

ds_status conv_pick_vocabulary(words_run *w)
{
    unsigned evidence;
    if (list_vocabulary(w, &evidence) != DS_OK)
        return DS_ENOMEM;
    for (size_t i = 0; i < w->pick_count; i++)
        if (evidence >= 2 || conv_rank(w->picks[i].value) < DS_CONVERT_WEAK)
            w->c[w->picks[i].beg].vocabulary = (uint32_t)i + 1;
    return DS_OK;
}

/*
 * segment.c - the best path through the lattice of words; see segment.h.
 *
 * Of a window of characters (a line, or DS_SEGMENT_WINDOW characters of a longer one) forced words are
 * fixed; atoms bar their inside; then every position gets the cheapest way to reach it
 * (Viterbi 1967), in bits: a word costs -log2 of its share in the lexicon's corpus, less a bonus
 * for every word, which offsets the unigram model's bent toward long words.
 */
#include <math.h>

#include "segment_run_int.h"

/* Weights in bits * DS_LEXICON_UNIT, chosen on the development sets (doc/ACCURACY.md). */
enum {
    COST_WORD_BONUS = 7 * DS_LEXICON_UNIT / 4, /* taken off every dictionary word */
    COST_UNKNOWN = 20 * DS_LEXICON_UNIT,    /* one Han character that is no word by itself */
    COST_ATOM = 8 * DS_LEXICON_UNIT,
    COST_NUMERAL = 6 * DS_LEXICON_UNIT,
    COST_DATE = 6 * DS_LEXICON_UNIT,
    COST_NAME = 2 * DS_LEXICON_UNIT,        /* a surname and a given name, beside their characters */
    COST_FOREIGN = 4 * DS_LEXICON_UNIT,     /* a transliterated name, beside its characters */
    COST_DEAR = 10 * DS_LEXICON_UNIT,       /* ACCURATE mode: a compound, beside its frequency */
    COST_MARKED = 24 * DS_LEXICON_UNIT,     /* and a word of two characters that only the tagger knows */
    COST_MARKED_NAME = 34 * DS_LEXICON_UNIT /* and a person's name of three or four */
};
#define NAME_SCALE (DS_LEXICON_UNIT / LEX_NAME_UNIT)
#define FOREIGN_MAX 8 /* characters of the longest transliterated name */
#define DOTTED_MAX 24 /* and of one with dots inside: 菲德尔·卡斯特罗 */
#define COST_NEVER INT32_MAX

/* ---- the lattice ---- */

static void trace_arc(const seg_run *r, size_t from, size_t to, int32_t cost, int32_t word, ds_class cls,
                      const ds_userword *user)
{
    if (r->joins != NULL)
        cost += r->joins[to - 1] - r->joins[from];
    ds_candidate c = {r->t.c[from].off, r->t.c[to].off, word, (uint8_t)cls, (double)cost / DS_LEXICON_UNIT, user};
    if (!r->cells[to].inside)
        r->trace(r->trace_ud, &c);
}

static inline void relax(seg_run *r, size_t from, size_t to, int32_t cost, int32_t word, ds_class cls)
{
    seg_cell *cell = &r->cells[to];
    int32_t total = r->cells[from].cost + cost;
    if (r->trace != NULL && word != DS_TOKEN_USER)
        trace_arc(r, from, to, cost, word, cls, NULL);
    if (total >= cell->cost || cell->inside)
        return;
    cell->cost = total;
    cell->from = (uint32_t)from;
    cell->word = word;
    cell->cls = (uint8_t)cls;
}

static void relax_user_word(seg_run *r, size_t from, size_t to, int32_t cost, const ds_userword *w, ds_class cls)
{
    if (r->trace != NULL)
        trace_arc(r, from, to, cost, DS_TOKEN_USER, cls, w);
    relax(r, from, to, cost, DS_TOKEN_USER, cls);
    if (r->cells[to].from == from && r->cells[to].word == DS_TOKEN_USER)
        r->cells[to].user_pos = w->pos;
}

static void relax_atom(seg_run *r, size_t from, size_t to, int32_t cost, ds_class cls)
{
    relax(r, from, to, cost, DS_TOKEN_UNKNOWN, cls);
}

/* Class of a dictionary word: han when it has a Han character, else what its first character says. */
static ds_class word_class(const seg_run *r, size_t from, size_t to, ds_class atom)
{
    for (size_t i = from; i < to; i++)
        if (r->t.c[i].kind == SEG_HAN)
            return DS_CLASS_HAN;
    return atom == DS_CLASS_PUNCT && to > from + 1 ? DS_CLASS_LATIN : atom;
}

/* Whether the user has taken the word [from, to) out of the lexicon. */
static bool is_banned(const seg_run *r, size_t from, size_t to)
{
    int32_t node = 0;
    for (size_t k = from; k < to && node != DS_TRIE_NONE; k++)
        node = ds_userdict_step(r->user, node, r->t.c[k].cp);
    return node != DS_TRIE_NONE && ds_userdict_banned(r->user, node);
}

/* A word of the lexicon, by what the trie holds at its end; `more`: what it costs beside its frequency. */
static inline void relax_known(seg_run *r, size_t from, size_t to, const char *word, ds_class atom, int32_t more)
{
    relax(r, from, to, lex_word_cost(word) - COST_WORD_BONUS + more, (int32_t)ds_load32(word),
          r->t.c[from].kind == SEG_HAN ? DS_CLASS_HAN : word_class(r, from, to, atom));
}

/* One that the style takes apart: in ACCURATE mode a compound may stay whole. */
static void relax_split(seg_run *r, size_t from, size_t to, const char *word, ds_class atom)
{
    if (r->marks != NULL && (lex_word_splits(word) & r->seg->splits) == LEX_COMPOUND && r->seg->style == DS_STYLE_NEWS)
        relax_known(r, from, to, word, atom, COST_DEAR);
}

static inline void relax_word(seg_run *r, size_t from, size_t to, const char *word, ds_class atom)
{
    if (ds_load32(word) >= r->lex->count || (r->bans && is_banned(r, from, to)))
        return;
    if ((lex_word_splits(word) & r->seg->splits) == 0)
        relax_known(r, from, to, word, atom, 0);
    else if (r->joins != NULL)
        relax_split(r, from, to, word, atom);
}

/* Which of the words just found are the lexicon's, for the observer. */
static void note_matches(seg_run *r)
{
    const seg_words *w = &r->words;
    for (size_t at = 0; at < w->end - w->beg; at++) {
        unsigned found = 0;
        for (size_t k = 0; k < w->levels[at]; k++)
            if (ds_load32(w->word[at][k]) < r->lex->count && !(r->bans && is_banned(r, w->beg + at, w->beg + at + k + 1)))
                found |= 1u << k;
        r->matches[w->beg + at] = (uint8_t)found;
    }
}

static void relax_words(seg_run *r, size_t i, size_t limit, ds_class atom)
{
    if (i >= r->words.end) {
        seg_find_words(r->lex, &r->t, i, &r->words);
        if (r->matches != NULL)
            note_matches(r);
    }
    size_t at = i - r->words.beg, levels = r->words.levels[at];
    if (levels > limit - i)
        levels = limit - i;
    for (size_t k = 0; k < levels; k++)
        relax_word(r, i, i + k + 1, (const char *)r->words.word[at][k], atom);
    if (levels < SEG_LEVELS)
        return;
    int32_t node = r->words.node[at];
    for (size_t k = i + SEG_LEVELS; k < limit && r->t.c[k].code != 0; k++) {
        if ((node = ds_trie_step(&r->lex->trie, node, r->t.c[k].code)) == DS_TRIE_NONE)
            return;
        relax_word(r, i, k + 1, r->lex->trie.cells + (size_t)node * DS_TRIE_CELL + 4 * DS_TRIE_VALUE, atom);
    }
}

/* Numerals: 三百五十, 第十二, 二〇〇一年, 十二月, and 31日 after 月. */
static void relax_numerals(seg_run *r, size_t i, size_t limit)
{
    const seg_text *t = &r->t;
    bool ordinal = t->c[i].number == SEG_ORDINAL, fine = r->seg->style == DS_STYLE_FINE;
    if (ordinal && fine)
        return;
    size_t end = seg_numeral_run(t, i + ordinal, limit);
    if (ordinal && end == i + 1)
        for (; end < limit && t->c[end].kind == SEG_DIGIT; end++)
            continue;
    for (size_t k = i + 2; k <= end; k++)
        relax_atom(r, i, k, COST_NUMERAL, DS_CLASS_NUMBER);
    if (ordinal || end >= limit || r->seg->style != DS_STYLE_NEWS)
        return;
    uint32_t unit = t->c[end].cp;
    bool multiplied = false;
    for (size_t k = i; k < end; k++)
        multiplied |= t->c[k].number == SEG_MULTIPLIER;
    if ((unit == 0x5E74 && end - i >= 2 && !multiplied) ||          /* 年 */
        (unit == 0x6708 && end - i <= 2) ||                           /* 月 */
        (unit == 0x65E5 && i > 0 && t->c[i - 1].cp == 0x6708))        /* 日 */
        relax_atom(r, i, end + 1, COST_DATE, DS_CLASS_DATE);
}

/* A surname and a given name of one or two characters that no dictionary holds.  One of three is left to the caller, who
 * gets its cost or COST_NEVER. */
static int32_t relax_person(seg_run *r, size_t i, size_t limit)
{
    const seg_char *c = &r->t.c[i];
    if (c[0].name[LEX_NAME_SURNAME] == LEX_NAME_NEVER || limit - i < 2 || c[1].name[LEX_NAME_GIVEN] == LEX_NAME_NEVER)
        return COST_NEVER;
    int32_t cost = COST_NAME + (c[0].name[LEX_NAME_SURNAME] + c[1].name[LEX_NAME_GIVEN]) * NAME_SCALE;
    relax(r, i, i + 2, cost, DS_TOKEN_PERSON, DS_CLASS_HAN);
    if (limit - i < 3 || c[2].name[LEX_NAME_GIVEN] == LEX_NAME_NEVER)
        return COST_NEVER;
    return cost + c[2].name[LEX_NAME_GIVEN] * NAME_SCALE;
}

/* The dot inside a transliterated name: · ‧ • ・ ．  A decimal point has digits beside it, never Han. */
static bool is_name_dot(uint32_t cp)
{
    return cp == 0xB7 || cp == 0x2027 || cp == 0x2022 || cp == 0x30FB || cp == 0xFF0E;
}

/* A transliterated name with dots, whose first part is [i, i + n) and costs `cost` so far. */
static void relax_dotted(seg_run *r, size_t i, size_t n, int32_t cost, size_t limit)
{
    const seg_char *c = &r->t.c[i];
    size_t most = limit - i < DOTTED_MAX ? limit - i : DOTTED_MAX;
    while (n + 1 < most && is_name_dot(c[n].cp) && c[n + 1].name[LEX_NAME_FOREIGN] != LEX_NAME_NEVER)
        for (n++; n < most && c[n].name[LEX_NAME_FOREIGN] != LEX_NAME_NEVER; n++) {
            cost += c[n].name[LEX_NAME_FOREIGN] * NAME_SCALE;
            relax(r, i, i + n + 1, cost, DS_TOKEN_PERSON, DS_CLASS_HAN);
        }
}

/* Names that no dictionary holds: a person's, or a transliteration of three and more of the characters that such names are
 * made of.  Three characters may be both: the cheaper counts. */
static inline void relax_names(seg_run *r, size_t i, size_t limit)
{
    const seg_char *c = &r->t.c[i];
    int32_t cost = COST_FOREIGN, three = relax_person(r, i, limit);
    size_t n = 0, most = limit - i < FOREIGN_MAX ? limit - i : FOREIGN_MAX;
    for (; n < most && c[n].name[LEX_NAME_FOREIGN] != LEX_NAME_NEVER; n++) {
        cost += c[n].name[LEX_NAME_FOREIGN] * NAME_SCALE;
        if (n >= 2)
            relax(r, i, i + n + 1, n == 2 && three < cost ? three : cost, DS_TOKEN_PERSON, DS_CLASS_HAN);
    }
    if (n < 3 && three != COST_NEVER)
        relax(r, i, i + 3, three, DS_TOKEN_PERSON, DS_CLASS_HAN);
    if (n > 0 && i + n < limit && is_name_dot(c[n].cp) && r->seg->style == DS_STYLE_NEWS)
        relax_dotted(r, i, n, cost - COST_FOREIGN, limit);
}

/* What may follow digits [i, end): 万亿, and 年 月 日 时 分 as dates. */
static void relax_after_digits(seg_run *r, size_t i, size_t end, size_t limit)
{
    const seg_text *t = &r->t;
    size_t k = end;
    if (r->seg->style == DS_STYLE_FINE)
        return;
    while (k < limit && k - end < 4 && t->c[k].number == SEG_MULTIPLIER)
        relax_atom(r, i, ++k, COST_ATOM, DS_CLASS_NUMBER);
    if (k > end || end >= limit || r->seg->style != DS_STYLE_NEWS)
        return;
    size_t digits = end - i;
    switch (t->c[end].cp) {
    case 0x5E74: /* 年 */
        if (digits == 4)
            relax_atom(r, i, end + 1, COST_DATE, DS_CLASS_DATE);
        return;
    case 0x6708: /* 月 */
    case 0x65E5: /* 日 */
    case 0x65F6: /* 时 */
    case 0x6642: /* 時 */
        if (digits <= 2)
            relax_atom(r, i, end + 1, COST_DATE, DS_CLASS_DATE);
        return;
    case 0x5206: /* 分, after 时 */
        if (digits <= 2 && i > 0 && (t->c[i - 1].cp == 0x65F6 || t->c[i - 1].cp == 0x6642))
            relax_atom(r, i, end + 1, COST_DATE, DS_CLASS_DATE);
        return;
    default: return;
    }
}

/* The user's suggested words. */
static void relax_user(seg_run *r, size_t i, size_t limit)
{
    int32_t node = 0;
    for (size_t k = i; k < limit && r->t.c[k].cp != DS_UTF8_BAD; k++) {
        node = ds_userdict_step(r->user, node, r->t.c[k].cp);
        if (node == DS_TRIE_NONE)
            return;
        const ds_userword *w = ds_userdict_word(r->user, node);
        if (w == NULL || w->forced)
            continue;
        double bits = log2((double)ds_lexicon_total(r->seg->lex) + 1) - log2((double)(w->freq > 0 ? w->freq : 1));
        relax_user_word(r, i, k + 1, (int32_t)(bits * DS_LEXICON_UNIT) - COST_WORD_BONUS, w,
                        word_class(r, i, k + 1, DS_CLASS_LATIN));
    }
}

static void relax_forced(seg_run *r, size_t i)
{
    size_t end = r->forced[i];
    int32_t node = 0;
    for (size_t k = i; k < end; k++)
        node = ds_userdict_step(r->user, node, r->t.c[k].cp);
    ds_class cls;
    if (seg_atom(&r->t, i, end, &cls) != end)
        cls = word_class(r, i, end, DS_CLASS_LATIN);
    relax_user_word(r, i, end, 0, ds_userdict_word(r->user, node), cls);
}

/* Bars the inside of [beg, end) as word borders. */
static void bar_inside(seg_run *r, size_t beg, size_t end)
{
    for (size_t k = beg + 1; k < end; k++)
        r->cells[k].inside = true;
}

/* In the fine style: currency signs and percent signs are words of their own. */
static size_t fine_end(const seg_text *t, size_t i, size_t end, ds_class *cls)
{
    if (*cls == DS_CLASS_PERCENT && end > i + 1) {
        *cls = DS_CLASS_NUMBER;
        return end - 1;
    }
    if (*cls == DS_CLASS_MONEY) {
        size_t sign = i;
        while (sign < end && t->c[sign].kind != SEG_DIGIT)
            sign++;
        *cls = DS_CLASS_PUNCT;
        return sign;
    }
    return end;
}

/* A word that the tagger sees, known to the lexicon or not: of two Han characters, or a person's name of up to four. */
static void relax_marked(seg_run *r, size_t i, size_t limit)
{
    const seg_tagset *set = &r->seg->tagset;
    size_t end = seg_marked_word(set, r->marks, i, limit);
    bool person = set->entity[r->marks[i].tag] == DS_ENTITY_PER;
    if (end < i + 2 || end > i + (person ? 4 : 2))
        return;
    for (size_t k = i; k < end; k++)
        if (r->t.c[k].kind != SEG_HAN)
            return;
    relax(r, i, end, end > i + 2 ? COST_MARKED_NAME : COST_MARKED, DS_TOKEN_UNKNOWN, DS_CLASS_HAN);
}

/* All arcs that begin at position `i`; none reaches beyond `limit`. */
static void relax_from(seg_run *r, size_t i, size_t limit)
{
    const seg_char *c = &r->t.c[i];
    ds_class atom = DS_CLASS_HAN;
    if (c->kind == SEG_HAN) {
        relax_atom(r, i, i + 1, COST_UNKNOWN, DS_CLASS_HAN);
        relax_names(r, i, limit);
        if (r->marks != NULL)
            relax_marked(r, i, limit);
        if (c->number != SEG_NOT_NUMBER)
            relax_numerals(r, i, limit);
    } else {
        size_t end = seg_atom(&r->t, i, limit, &atom);
        if (r->seg->style == DS_STYLE_FINE)
            end = fine_end(&r->t, i, end, &atom);
        bar_inside(r, i, end);
        relax_atom(r, i, end, COST_ATOM, atom);
        if (c->kind == SEG_DIGIT && atom == DS_CLASS_NUMBER)
            relax_after_digits(r, i, end, limit);
    }
    if (c->code != 0)
        relax_words(r, i, limit, atom);
    if (r->user != NULL)
        relax_user(r, i, limit);
}

/* ACCURATE mode: a border at `i` spares what a word across it costs (joins), and all ways through `i` alike.  So the
 * sum over the borders of a way is, but for a constant, the sum over what lies inside its words. */
static void add_border(seg_run *r, size_t i)
{
    if (i > 0 && r->cells[i].cost != COST_NEVER)
        r->cells[i].cost -= r->joins[i] - r->joins[i - 1];
}

void seg_find_path(seg_run *r)
{
    size_t n = r->t.n, stop = 0; /* stop: where the next forced word begins */
    for (size_t i = 0; i <= n; i++)
        r->cells[i] = (seg_cell){.cost = COST_NEVER};
    r->cells[0].cost = 0;
    r->words.end = 0;
    for (size_t i = 0; i < n; i++) {
        if (r->cells[i].inside)
            continue;
        if (r->joins != NULL)
            add_border(r, i);
        if (r->forced[i] != 0) {
            bar_inside(r, i, r->forced[i]);
            relax_forced(r, i);
            continue;
        }
        while (stop <= i || (stop < n && r->forced[stop] == 0))
            stop++;
        relax_from(r, i, stop);
    }
}

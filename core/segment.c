/*
 * segment.c - the best path through the lattice of words; see segment.h.
 *
 * A window of characters (a line, or DS_SEGMENT_WINDOW characters of a longer one) is read; forced
 * words are fixed; atoms bar their inside; then every position gets the cheapest way to reach it
 * (Viterbi 1967), in bits: a word costs -log2 of its share in the lexicon's corpus, less a bonus
 * for every word, which offsets the unigram model's bent toward long words.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "segment_model_int.h"

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

/* Parts of speech of tokens that no dictionary holds, numbered after the lexicon's. */
enum { SEG_POS_NONE, SEG_POS_NUMBER, SEG_POS_TIME, SEG_POS_LATIN, SEG_POS_PUNCT, SEG_POS_PERSON, SEG_POS_OTHER,
       SEG_POS_COUNT };
static const char *const own_pos_names[SEG_POS_COUNT] = {"", "m", "t", "nx", "w", "nr", "x"};
/* The lexicon's tags that they are to their neighbours. */
static const char *const own_pos_like[SEG_POS_COUNT] = {"", "m", "t", "nz", "", "nr", "n"};

static const char *const class_names[DS_CLASS_COUNT] = {"han", "latin", "number", "money", "percent", "date",
                                                        "url", "emoji", "punct",  "space", "bad"};

struct ds_segmenter {
    ds_alloc alloc;
    const ds_lexicon *lex;
    const ds_userdict *user; /* may be NULL */
    uint16_t pos_own;  /* number of own_pos_names[0] */
    uint16_t pos_like[SEG_POS_COUNT]; /* of own_pos_like */
    uint16_t pos_user; /* number of the user dictionary's first part of speech */
    unsigned splits;   /* words that the style takes apart: LEX_COMPOUND ... */
    ds_style style;
    ds_mode mode;
    const ds_nn *tagger; /* NULL but in ACCURATE mode */
    seg_tagset tagset;
    const ds_segmodel *model; /* NULL but in TRAINED mode */
};

typedef struct seg_run {
    const ds_segmenter *seg;
    const lex_tables *lex;
    const ds_userdict *user; /* NULL when it has no words */
    seg_char *chars;
    seg_cell *cells;
    uint32_t *forced; /* forced[i]: end of the forced word that begins at i, or 0 */
    int32_t *joins;   /* ACCURATE mode: as of seg_join_costs; else NULL */
    seg_marks marked;
    const ds_nn_mark *marks; /* of the window's characters */
    size_t cap;       /* characters of a window */
    seg_text t;
    seg_words words;  /* of the next characters */
    bool bans;        /* the user has taken words out of the lexicon */
    seg_tags tags;
    seg_observer observer;
    seg_applied *applied; /* TRAINED mode: the observer's */
    uint8_t *matches;  /* `words` and `ends` of seg_path; NULL without an observer */
    uint32_t *ends;
    uint16_t user_pos, user_like; /* a user's part of speech, and the lexicon's of that name */
    void (*trace)(void *ud, const ds_candidate *c); /* NULL but for ds_segment_candidates */
    void *trace_ud;
} seg_run;

const char *ds_class_name(ds_class cls)
{
    return (unsigned)cls < DS_CLASS_COUNT ? class_names[cls] : "";
}

void ds_tokens_init(ds_tokens *v, const ds_alloc *a)
{
    *v = (ds_tokens){.alloc = ds_alloc_or_libc(a)};
}

void ds_tokens_clear(ds_tokens *v)
{
    const ds_alloc *a = v->alloc;
    ds_mfree(a, v->items, v->cap * sizeof *v->items);
    ds_tokens_init(v, a);
}

/* Words that a style takes apart.  SEARCH keeps compounds, since it lists their parts anyway. */
static unsigned splits_of_style(ds_style style, ds_mode mode)
{
    if (mode == DS_MODE_SEARCH || mode == DS_MODE_FULL)
        return 0;
    return style == DS_STYLE_NEWS ? LEX_COMPOUND : LEX_COMPOUND | LEX_SUFFIXED | LEX_VERB_PREP;
}

ds_status ds_segmenter_new(const ds_alloc *a, const ds_lexicon *lex, const ds_userdict *user,
                           const ds_segment_options *options, ds_segmenter **out, ds_error *err)
{
    ds_segment_options o = options != NULL ? *options : (ds_segment_options){.style = DS_STYLE_NEWS};
    *out = NULL;
    if (o.mode == DS_MODE_ACCURATE && o.tagger == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "the mode `accurate` needs a tagger");
    if (o.mode == DS_MODE_TRAINED && o.model == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "the mode `trained` needs a model");
    if (o.mode == DS_MODE_TRAINED && ds_segmodel_lexicon_crc(o.model) != ds_lexicon_crc(lex))
        return ds_fail(err, DS_EINVAL, 0, 0, "%s was trained with another dictionary than this one: train it again",
                       ds_segmodel_name(o.model));
    a = ds_alloc_or_libc(a);
    ds_segmenter *seg = ds_calloc(a, 1, sizeof *seg);
    if (seg == NULL)
        return ds_fail_nomem(err);
    seg->alloc = *a;
    seg->lex = lex;
    seg->user = user;
    seg->model = o.mode == DS_MODE_TRAINED ? o.model : NULL;
    seg->style = seg->model != NULL ? ds_segmodel_style(o.model) : o.style;
    seg->mode = o.mode;
    seg->splits = splits_of_style(seg->style, o.mode);
    if (o.mode == DS_MODE_ACCURATE) {
        seg->tagger = o.tagger;
        seg_tagset_init(o.tagger, &seg->tagset);
    }
    seg->pos_own = ds_lexicon_pos_count(lex);
    for (size_t i = 0; i < SEG_POS_COUNT; i++)
        seg->pos_like[i] = seg_tag_number(lex, ds_str_of(own_pos_like[i]));
    seg->pos_user = (uint16_t)(seg->pos_own + SEG_POS_COUNT);
    *out = seg;
    return DS_OK;
}

void ds_segmenter_free(ds_segmenter *seg)
{
    if (seg == NULL)
        return;
    ds_alloc a = seg->alloc;
    ds_mfree(&a, seg, sizeof *seg);
}

const char *ds_entity_name(unsigned entity)
{
    static const char *const names[] = {"", "PER", "LOC", "ORG", "TIME"};
    entity &= DS_ENTITY_TYPE;
    return entity < sizeof names / sizeof *names ? names[entity] : "";
}

void ds_segmenter_describe(const ds_segmenter *seg, ds_buf *out)
{
    static const char *const modes[] = {"default", "search", "full", "accurate", "trained"};
    static const char *const styles[] = {"news", "ud", "fine"};
    char line[160];
    int n = snprintf(line, sizeof line, "%s %s zh.dslex %08x", modes[seg->mode], styles[seg->style],
                     ds_lexicon_crc(seg->lex));
    ds_buf_put(out, line, (size_t)n);
    if (seg->tagger != NULL) {
        n = snprintf(line, sizeof line, " zh.dsnn %08x", ds_nn_crc(seg->tagger));
        ds_buf_put(out, line, (size_t)n);
    }
    if (seg->model != NULL) {
        n = snprintf(line, sizeof line, " %s %08x", ds_segmodel_name(seg->model), ds_segmodel_crc(seg->model));
        ds_buf_put(out, line, (size_t)n);
    }
    if (seg->user != NULL && ds_userdict_count(seg->user) > 0) {
        n = snprintf(line, sizeof line, " user %zu", ds_userdict_count(seg->user));
        ds_buf_put(out, line, (size_t)n);
    }
}

ds_str ds_segment_pos_name(const ds_segmenter *seg, uint16_t pos)
{
    if (pos < seg->pos_own)
        return ds_lexicon_pos_name(seg->lex, pos);
    if (pos < seg->pos_user)
        return ds_str_of(own_pos_names[pos - seg->pos_own]);
    return seg->user != NULL ? ds_userdict_pos_name(seg->user, (uint16_t)(pos - seg->pos_user)) : ds_str_of("");
}

uint64_t ds_segment_word_freq(const ds_segmenter *seg, int32_t word)
{
    return ds_lexicon_freq(seg->lex, word);
}

/* ---- the user's forced words ---- */

/* A word that begins or ends in an ASCII letter or digit does not cut a run of that kind. */
static bool cuts_run(const seg_text *t, size_t at)
{
    if (at == 0 || at >= t->n)
        return false;
    const seg_char *a = &t->c[at - 1], *b = &t->c[at];
    return a->ascii != 0 && b->ascii != 0 && a->kind == b->kind && (a->kind == SEG_LETTER || a->kind == SEG_DIGIT);
}

/* End of the longest forced word at `i`, or i. */
static size_t forced_end(const seg_run *r, size_t i)
{
    size_t end = i;
    int32_t node = 0;
    if (cuts_run(&r->t, i))
        return i;
    for (size_t k = i; k < r->t.n && r->t.c[k].cp != DS_UTF8_BAD; k++) {
        node = ds_userdict_step(r->user, node, r->t.c[k].cp);
        if (node == DS_TRIE_NONE)
            break;
        const ds_userword *w = ds_userdict_word(r->user, node);
        if (w != NULL && w->forced && !cuts_run(&r->t, k + 1))
            end = k + 1;
    }
    return end;
}

static void find_forced(seg_run *r)
{
    memset(r->forced, 0, (r->t.n + 1) * sizeof *r->forced);
    if (r->user == NULL)
        return;
    for (size_t i = 0; i < r->t.n;) {
        size_t end = forced_end(r, i);
        if (end > i)
            r->forced[i] = (uint32_t)end;
        i = end > i ? end : i + 1;
    }
}

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
    double total = log2((double)ds_lexicon_total(r->seg->lex) + 1);
    int32_t node = 0;
    for (size_t k = i; k < limit && r->t.c[k].cp != DS_UTF8_BAD; k++) {
        node = ds_userdict_step(r->user, node, r->t.c[k].cp);
        if (node == DS_TRIE_NONE)
            return;
        const ds_userword *w = ds_userdict_word(r->user, node);
        if (w == NULL || w->forced)
            continue;
        double bits = total - log2((double)(w->freq > 0 ? w->freq : 1));
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

static void find_path(seg_run *r)
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

/* Appends the tokens of the window; stops at the first that ends beyond `keep`.  Returns where. */
static ds_status put_tokens(seg_run *r, size_t keep, ds_tokens *out, size_t *done)
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
        ds_token token = {r->t.c[i].off, r->t.c[end].off, cell->word, token_pos(r, cell), cell->cls, DS_ENTITY_NONE};
        bool needed = !covered || (cell->word < 0 && end > i + 1); /* names and the user's words always */
        if (!ok || (needed && !seg_put_in_order(out, first, token)))
            return DS_ENOMEM;
        if (r->seg->mode != DS_MODE_FULL)
            tag_token(r, i, end, out->count - 1, out);
        i = end;
    }
    *done = i;
    return DS_OK;
}

/* ACCURATE mode: what the tagger says of the window, whose first character is number `at` of the text. */
static ds_status mark_window(seg_run *r, size_t at)
{
    ds_status st = r->joins != NULL ? seg_marks_cover(&r->marked, at, r->t.n, &r->marks) : DS_OK;
    if (st == DS_OK && r->joins != NULL)
        seg_join_costs(r->marks, r->t.n, r->joins);
    return st;
}

static ds_status segment_text(seg_run *r, ds_str text, ds_tokens *out)
{
    for (size_t off = 0, at = 0; off < text.n;) {
        if (ds_stopped(&r->seg->alloc))
            return DS_ELIMIT;
        size_t n = seg_read(r->lex, text, off, r->chars, r->cap), done = n;
        r->t = (seg_text){r->chars, n};
        if (mark_window(r, at) != DS_OK)
            return DS_ENOMEM;
        find_forced(r);
        if (r->matches != NULL)
            memset(r->matches, 0, n + 1);
        find_path(r);
        seg_path path = {r->seg->lex, r->t, r->cells, r->forced, r->matches, r->ends};
        ds_status st = r->observer.fn != NULL ? r->observer.fn(r->observer.ud, &path) : DS_OK;
        if (st != DS_OK)
            return st;
        /* A window that ends inside a line decides only what lies well before its end. */
        bool whole = r->chars[n - 1].kind == SEG_LF || r->chars[n].off == text.n;
        if (out != NULL && put_tokens(r, whole ? n : n - SEG_MARGIN, out, &done) != DS_OK)
            return DS_ENOMEM;
        off = r->chars[done].off;
        at += done;
    }
    if (out != NULL)
        seg_tags_end(r->seg->lex, &r->tags, out);
    return DS_OK;
}

/* ACCURATE mode: what the window needs for the marks of `text`. */
static bool new_marks(seg_run *r, size_t cap, ds_str text)
{
    const ds_segmenter *seg = r->seg;
    r->joins = ds_malloc(&seg->alloc, cap * sizeof *r->joins);
    return r->joins != NULL && seg_marks_init(&r->marked, seg->tagger, &seg->alloc, text) == DS_OK;
}

/* TRAINED mode: has the model see each path; not when somebody else does, or when candidates are wanted. */
static bool new_model(seg_run *r, size_t cap)
{
    const ds_segmenter *seg = r->seg;
    if (seg->model == NULL || r->observer.fn != NULL || r->trace != NULL)
        return true;
    if (seg_applied_new(&seg->alloc, seg->model, cap, &r->applied) != DS_OK)
        return false;
    r->observer = (seg_observer){seg_apply, r->applied};
    return true;
}

/* Memory for a window of `cap` characters; false when there is not enough, and free_window frees what there was. */
static bool new_window(seg_run *r, size_t cap, ds_str text)
{
    const ds_segmenter *seg = r->seg;
    r->chars = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->chars);
    r->cells = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->cells);
    r->forced = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->forced);
    if (r->chars == NULL || r->cells == NULL || r->forced == NULL || !new_model(r, cap))
        return false;
    if (seg->tagger != NULL && !new_marks(r, cap, text))
        return false;
    if (r->observer.fn == NULL)
        return true;
    r->matches = ds_malloc(&seg->alloc, cap + 1);
    r->ends = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->ends);
    return r->matches != NULL && r->ends != NULL;
}

static void free_window(seg_run *r, size_t cap)
{
    const ds_alloc *a = &r->seg->alloc;
    if (r->marked.nn != NULL)
        seg_marks_clear(&r->marked);
    ds_mfree(a, r->joins, cap * sizeof *r->joins);
    ds_mfree(a, r->chars, (cap + 1) * sizeof *r->chars);
    ds_mfree(a, r->cells, (cap + 1) * sizeof *r->cells);
    ds_mfree(a, r->forced, (cap + 1) * sizeof *r->forced);
    ds_mfree(a, r->matches, cap + 1);
    ds_mfree(a, r->ends, (cap + 1) * sizeof *r->ends);
    seg_applied_free(r->applied);
}

/* Segments with a window of its own; `out` may be NULL when only the trace is wanted. */
static ds_status run_segmenter(seg_run *r, ds_str text, ds_tokens *out, ds_error *err)
{
    const ds_segmenter *seg = r->seg;
    if (text.n > UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, UINT32_MAX, 0, "text is longer than 4 GiB: segment it in parts");
    if (text.n == 0)
        return DS_OK;
    size_t cap = text.n < DS_SEGMENT_WINDOW ? text.n : DS_SEGMENT_WINDOW;
    r->cap = cap;
    r->lex = lex_tables_of(seg->lex);
    if (seg->user != NULL && ds_userdict_count(seg->user) + ds_userdict_bans(seg->user) > 0)
        r->user = seg->user;
    r->bans = r->user != NULL && ds_userdict_bans(r->user) > 0;
    ds_status st = DS_ENOMEM;
    if (new_window(r, cap, text))
        st = segment_text(r, text, out);
    free_window(r, cap);
    if (st == DS_ELIMIT)
        return ds_fail(err, st, 0, 0, "stopped");
    return st == DS_OK ? DS_OK : ds_fail_nomem(err);
}

ds_status ds_segment(const ds_segmenter *seg, ds_str text, ds_tokens *out, ds_error *err)
{
    seg_run r = {.seg = seg};
    size_t before = out->count;
    ds_status st = run_segmenter(&r, text, out, err);
    if (st != DS_OK)
        out->count = before;
    return st;
}

ds_status ds_segment_candidates(const ds_segmenter *seg, ds_str text, void (*fn)(void *ud, const ds_candidate *c),
                                void *ud, ds_error *err)
{
    seg_run r = {.seg = seg, .trace = fn, .trace_ud = ud};
    return run_segmenter(&r, text, NULL, err);
}

ds_status seg_observe(const ds_segmenter *seg, ds_str text, seg_observer observer, ds_error *err)
{
    seg_run r = {.seg = seg, .observer = observer};
    return run_segmenter(&r, text, NULL, err);
}

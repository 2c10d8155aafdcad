/*
 * segment_int.h - the window of characters that the segmenter works on, for its parts:
 * segment_api.c takes a text in windows, segment_scan.c reads characters and finds atoms, segment_words.c finds the
 * lexicon's words, segment.c the best path, segment_tokens.c takes the tokens from it, segment_tag.c has their parts of
 * speech chosen, segment_modes.c lists what a mode wants beside them, segment_neural.c brings in what a tagger says.
 */
#ifndef DS_SEGMENT_INT_H
#define DS_SEGMENT_INT_H

#include "lexicon_int.h"
#include "segment.h"
#include "tag.h"
#include "utf8.h"

#ifndef DS_SEGMENT_WINDOW
#define DS_SEGMENT_WINDOW 8192 /* characters looked at together */
#endif
#ifndef DS_SEGMENT_ATOM
#define DS_SEGMENT_ATOM 1024 /* characters of the longest atom; a longer run is cut */
#endif
/* Characters at the window's end whose tokens are decided in the next window. */
#define SEG_MARGIN (DS_SEGMENT_ATOM + 2 * DS_LEXICON_WORD_MAX)

_Static_assert(DS_SEGMENT_WINDOW > 2 * SEG_MARGIN, "a window must move on by more than it keeps back");

typedef enum seg_kind {
    SEG_HAN,
    SEG_LETTER, /* of any script but Han and kana */
    SEG_KANA,
    SEG_DIGIT,  /* 0-9, full width too */
    SEG_SPACE,
    SEG_LF,
    SEG_PUNCT,
    SEG_EMOJI,
    SEG_MARK,   /* combining */
    SEG_BAD
} seg_kind;

typedef struct seg_char {
    uint32_t off;   /* in the text */
    uint32_t cp;    /* DS_UTF8_BAD: ill-formed */
    uint16_t code;  /* of the lexicon's trie; 0: in no word */
    uint8_t kind;
    char ascii;     /* the ASCII character it is, full width reduced; 0: none */
    uint8_t number; /* SEG_NOT_NUMBER, ... of a Han character */
    unsigned char name[LEX_NAME_RECORD]; /* what a Han character costs in names; others: LEX_NAME_NEVER */
} seg_char;

/* What a Han character does in a number. */
enum {
    SEG_NOT_NUMBER,
    SEG_NUMERAL,    /* 一 to 九, 〇 零 两 几 数 廿 卅 */
    SEG_MULTIPLIER, /* 十 百 千 万 亿 兆 */
    SEG_ORDINAL     /* 第 */
};

/* Characters [0, n) and one sentinel (kind SEG_LF, off = end, in no word and no name) behind them. */
typedef struct seg_text {
    const seg_char *c;
    size_t n;
} seg_text;

enum { SEG_AHEAD = 32, SEG_LEVELS = 8 };

/* The lexicon's words that begin at the characters [beg, end).  word[i][k]: what stands at the end of the k + 1
 * characters from beg + i, for seg_word_id and lex_word_cost, lex_word_splits. */
typedef struct seg_words {
    size_t beg, end;
    unsigned char word[SEG_AHEAD][SEG_LEVELS][8];
    uint8_t levels[SEG_AHEAD]; /* characters for which the trie leads on */
    int32_t node[SEG_AHEAD];   /* where it leads to after SEG_LEVELS of them */
} seg_words;

/* Finds the words that begin at `beg` and at the SEG_AHEAD - 1 characters after it. */
void seg_find_words(const lex_tables *lex, const seg_text *t, size_t beg, seg_words *out);

/* Reads up to `cap` characters of `text` from byte `off`, to the end of the line at most, into c;
 * returns how many.  c has room for cap + 1. */
size_t seg_read(const lex_tables *lex, ds_str text, size_t off, seg_char *c, size_t cap);

/* The longest atom that starts at `i` and ends at `limit` or before: its end, and its class. */
size_t seg_atom(const seg_text *t, size_t i, size_t limit, ds_class *cls);

/* End of the run of Chinese numerals and multipliers at `i`; i when there is none. */
size_t seg_numeral_run(const seg_text *t, size_t i, size_t limit);

/* How a position is reached at least cost. */
typedef struct seg_cell {
    int32_t cost;
    uint32_t from;
    int32_t word;
    uint16_t user_pos; /* of a user's word */
    uint8_t cls;
    bool inside; /* in an atom or a forced word: no word begins or ends here */
} seg_cell;

/* The best path through a window, and what it was chosen among, for whoever wants to learn from it or to change it:
 * cells[j].from is where the token that ends at j begins, from cells[t.n] on back. */
typedef struct seg_path {
    const ds_lexicon *lex;
    seg_text t;
    seg_cell *cells;
    const uint32_t *forced; /* forced[i]: end of the user's forced word that begins at i, or 0 */
    const uint8_t *words;   /* bit k of words[i]: a word of the lexicon, of k + 1 characters, begins at i */
    uint32_t *ends;         /* room for the observer: a number for each character and one more */
} seg_path;

/* Called with every window's path before its tokens are taken from it. */
typedef struct seg_observer {
    ds_status (*fn)(void *ud, seg_path *path); /* NULL: none */
    void *ud;
} seg_observer;

/* Has `observer` see the path of every window of `text`; no tokens. */
ds_status seg_observe(const ds_segmenter *seg, ds_str text, seg_observer observer, ds_error *err);

#define SEG_DECIDED SIZE_MAX

/* Words whose part of speech is still open, waiting for the word after them; in a clause without a predicate they and
 * all words after them wait for one, or for the clause's end. */
typedef struct seg_tags {
    uint16_t before; /* tag of the word before them */
    bool predicate;  /* the clause has one among the words before */
    uint16_t choices[DS_TAG_RUN];
    size_t token[DS_TAG_RUN]; /* their places in the list of tokens; SEG_DECIDED: tagged already */
    size_t n;
} seg_tags;

/* The slow half of seg_tags_word. */
void seg_tags_wait(const lex_tables *t, const ds_lexicon *lex, seg_tags *w, ds_tokens *out, size_t token,
                   uint16_t choices);

/* Takes the next word in: `choices` as of ds_tag_choices. */
static inline void seg_tags_word(const lex_tables *t, const ds_lexicon *lex, seg_tags *w, ds_tokens *out, size_t token,
                                 uint16_t choices)
{
    if (w->n > 0 || choices >= t->pos_count) {
        seg_tags_wait(t, lex, w, out, token, choices);
        return;
    }
    w->before = choices;
    w->predicate = w->predicate || lex_is_predicate(t, choices);
}

/* Decides all words that wait: a clause, or the text, is at its end. */
void seg_tags_end(const ds_lexicon *lex, seg_tags *w, ds_tokens *out);

/* Whether a clause ends with this punctuation mark or blank: a line's end, a comma, a full stop and the like. */
bool seg_ends_clause(const seg_char *c);

/* Number of the lexicon's part of speech of that name, 0 when it has none. */
uint16_t seg_tag_number(const ds_lexicon *lex, ds_str name);

/* ---- ACCURATE mode: the tagger's marks ---- */

/* What a segmenter knows of a tagger's tags, by their number. */
typedef struct seg_tagset {
    uint8_t entity[DS_NN_TAGS];  /* ds_entity */
    uint8_t begins[DS_NN_TAGS];  /* a word's first character */
    uint8_t word[DS_NN_TAGS];    /* a word of it is one to every standard: no institution, place, number or mark */
    char name[DS_NN_TAGS][8];    /* the lexicon's name for it */
} seg_tagset;

void seg_tagset_init(const ds_nn *nn, seg_tagset *out);

/* Marks of the characters [first, first + count) of a text, made sentence by sentence. */
typedef struct seg_marks {
    const ds_nn *nn;
    ds_alloc alloc;
    ds_str text;
    size_t off;   /* byte where the next sentence begins */
    size_t first, count, cap;
    ds_nn_mark *marks;
    uint16_t *ids; /* of a block of sentences */
    uint32_t *ends;
    uint8_t entity; /* of the token before */
} seg_marks;

DS_MUSTUSE ds_status seg_marks_init(seg_marks *m, const ds_nn *nn, const ds_alloc *a, ds_str text);
void seg_marks_clear(seg_marks *m);
/* Sees to it that the characters [at, at + n) have marks, and forgets those before; *out: the first of them. */
DS_MUSTUSE ds_status seg_marks_cover(seg_marks *m, size_t at, size_t n, const ds_nn_mark **out);

/* joins[k]: what the borders before the characters 1 to k cost when words go over them.  joins has room for n. */
void seg_join_costs(const ds_nn_mark *marks, size_t n, int32_t *joins);

/* End of the word that the tagger sees at `i`; i: none begins there, or none that every standard would call one. */
size_t seg_marked_word(const seg_tagset *set, const ds_nn_mark *marks, size_t i, size_t limit);

/* The part of speech of the word [i, end), whose choices in the lexicon are `choices`: a decided tag, or `choices`. */
uint16_t seg_marked_pos(const lex_tables *t, const ds_lexicon *lex, const seg_tagset *set, const ds_nn_mark *marks,
                        size_t i, size_t end, uint16_t choices);

/* The entity that the token [i, end) belongs to, as in ds_token; *before: that of the token before. */
uint8_t seg_marked_entity(const seg_tagset *set, const ds_nn_mark *marks, size_t i, size_t end, uint8_t *before);

/* Appends a token; false: no memory. */
bool seg_put_token(ds_tokens *out, ds_token token);
/* SEARCH: appends the words inside the token of characters [i, end). */
bool seg_put_search_words(const ds_lexicon *lex, const seg_text *t, size_t i, size_t end, ds_tokens *out);
/* FULL: appends every word that ends in that token, wherever it begins.  *covered: the token itself, a word of the
 * lexicon or a single character, is among them or inside one. */
bool seg_put_full_words(const ds_lexicon *lex, const seg_text *t, size_t i, size_t end, ds_tokens *out, bool *covered);
/* Puts a token among those from `first` on that end with it, the shorter first, in the place of one alike. */
bool seg_put_in_order(ds_tokens *out, size_t first, ds_token token);

#endif

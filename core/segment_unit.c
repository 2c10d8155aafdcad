/* segment_unit.c - a window of text as units with what there is to know about them; see segment_model_int.h. */
#include <string.h>

#include "fold.h"
#include "segment_model_int.h"

/* Kinds of words beside the lexicon's parts of speech. */
enum { KIND_CLASS = 200, KIND_PERSON = 240, KIND_USER, KIND_BEGIN = 250, KIND_END };

static uint16_t other_id(const seg_char *c)
{
    uint32_t folded[DS_FOLD_CP_MAX], cp = c->cp;
    if (c->ascii != 0)
        cp = (uint32_t)c->ascii;
    else if (cp == 0x3002) /* 。 */
        cp = '.';
    else if (c->kind == SEG_HAN && ds_fold_cp(cp, DS_FOLD_ALL, folded) > 0)
        cp = folded[0];
    return (uint16_t)(SEG_ID_OTHER | ((cp ^ cp >> 12) & 0xFFF));
}

static uint16_t unit_id(const seg_char *c, size_t n, ds_class cls)
{
    if (cls == DS_CLASS_URL)
        return SEG_ID_URL;
    switch ((seg_kind)c->kind) {
    case SEG_LETTER:
        return n > 1 || c->ascii == 0 ? SEG_ID_NAME : (uint16_t)(SEG_ID_LETTER | (c->ascii | 0x20));
    case SEG_DIGIT: return (uint16_t)(SEG_ID_DIGITS + (n < 6 ? n - 1 : 5));
    case SEG_SPACE:
    case SEG_LF: return SEG_ID_SPACE;
    case SEG_KANA: return SEG_ID_KANA;
    case SEG_EMOJI: return SEG_ID_EMOJI;
    case SEG_BAD: return SEG_ID_BAD;
    default: return c->code != 0 && c->code < SEG_ID_OTHER && c->kind == SEG_HAN ? c->code : other_id(c);
    }
}

/* Whether the mark at c[0], between digits, is of one number with them. */
static bool in_number(const seg_char *c, size_t left)
{
    return (c[0].ascii == '.' || c[0].ascii == ',') && left > 1 && c[1].kind == SEG_DIGIT;
}

/* Characters of the unit at c, of the `left` that its token still has. */
static size_t unit_length(const seg_char *c, size_t left, ds_class cls)
{
    size_t n = 1;
    if (c->kind == SEG_HAN)
        return 1;
    if (cls == DS_CLASS_SPACE || cls == DS_CLASS_URL || cls == DS_CLASS_EMOJI || cls == DS_CLASS_BAD)
        return left;
    if (c->kind == SEG_LETTER)
        for (; n < left && (c[n].kind == SEG_LETTER || c[n].kind == SEG_MARK); n++)
            continue;
    else if (c->kind == SEG_DIGIT)
        for (; n < left && (c[n].kind == SEG_DIGIT || in_number(c + n, left - n)); n++)
            continue;
    else if (c->kind == SEG_KANA)
        for (; n < left && c[n].kind == SEG_KANA; n++)
            continue;
    else
        for (; n < left && c[n].cp == c->cp && c->kind == SEG_PUNCT; n++)
            continue;
    return n;
}

static uint8_t word_kind(const lex_tables *t, const seg_cell *cell)
{
    if (cell->word == DS_TOKEN_PERSON)
        return KIND_PERSON;
    if (cell->word == DS_TOKEN_USER)
        return KIND_USER;
    const char *record = lex_word(t, cell->word);
    if (record == NULL)
        return (uint8_t)(KIND_CLASS + cell->cls);
    uint16_t tags = lex_word_tags(record);
    const unsigned char *list = lex_tag_list(t, tags);
    return list != NULL ? list[0] : (uint8_t)tags;
}

/* Whether nothing but itself may be in the token [i, end), a user's forced word or white space. */
static bool is_fixed(const seg_path *path, size_t i, size_t end)
{
    const seg_cell *cell = &path->cells[end];
    return cell->cls == DS_CLASS_SPACE || (path->forced[i] == end && cell->word == DS_TOKEN_USER);
}

/* Units of the characters [i, end): where they begin and what they are; returns how many. */
static size_t take_parts(const seg_char *c, size_t i, size_t end, ds_class cls, seg_unit *units)
{
    size_t n = 0;
    for (size_t k = i, len; k < end; k += len, n++) {
        len = unit_length(c + k, end - k, cls);
        units[n].beg = (uint32_t)k;
        units[n].id = unit_id(c + k, len, cls);
    }
    return n;
}

/* The units of the default mode's word of characters [i, end); returns how many. */
static size_t take_word(const seg_path *path, const lex_tables *lex, size_t i, size_t end, uint8_t before, seg_unit *units)
{
    const seg_cell *cell = &path->cells[end];
    size_t n = take_parts(path->t.c, i, end, (ds_class)cell->cls, units);
    bool fixed = is_fixed(path, i, end);
    uint32_t hash = 0x811C9DC5u;
    for (size_t k = 0; k < n; k++)
        hash = (hash ^ units[k].id) * 0x01000193u + (hash >> 15);
    seg_unit all = {.word = hash, .pos = word_kind(lex, cell), .border = fixed ? SEG_NEVER : SEG_FREE, .place = SEG_M,
                    .len = (uint8_t)(n < 7 ? n : 7), .beside = (uint16_t)(before << 8)};
    for (size_t k = 0; k < n; k++) {
        all.beg = units[k].beg;
        all.id = units[k].id;
        units[k] = all;
    }
    units[0].border = fixed ? SEG_MUST : SEG_FREE;
    units[0].place = n == 1 ? SEG_S : SEG_B;
    units[0].ends = 0xFF00;
    units[n - 1].place = n == 1 ? SEG_S : SEG_E;
    units[n - 1].ends |= 0xFF;
    return n;
}

static inline void longest(uint8_t *at, uint8_t length)
{
    if (length > *at)
        *at = length;
}

static inline uint8_t span_of(size_t length)
{
    return (uint8_t)(length - 1 < SEG_SPAN_MAX ? length - 1 : SEG_SPAN_MAX);
}

/* Tells the units which of the lexicon's words, of two and more characters, they are in. */
static void tell_words(const seg_path *path, seg_unit *units, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        unsigned found = path->words[units[k].beg] >> 1;
        size_t last = k;
        for (size_t to = units[k].beg + 1; found != 0 && to < path->t.n; found >>= 1, to++) {
            while (units[last + 1].beg <= to)
                last++;
            if ((found & 1) == 0 || last == k)
                continue;
            uint8_t span = span_of(to + 1 - units[k].beg);
            longest(&units[k].dict.begins, span);
            longest(&units[last].dict.ends, span);
            for (size_t m = k + 1; m < last; m++)
                longest(&units[m].dict.inside, span);
        }
    }
}

/* Writes to path->ends where each token of the path ends, by where it begins. */
static void turn_path(const seg_path *path)
{
    uint32_t end = (uint32_t)path->t.n;
    while (end > 0) {
        uint32_t from = path->cells[end].from;
        path->ends[from] = end;
        end = from;
    }
}

size_t seg_take_units(const seg_path *path, seg_unit *units)
{
    const lex_tables *lex = lex_tables_of(path->lex);
    size_t n = 0, previous = 0; /* previous: first unit of the token before */
    uint8_t before = KIND_BEGIN;
    bool apart = false; /* the token before ends where it must */
    turn_path(path);
    for (size_t i = 0; i < path->t.n; i = path->ends[i]) {
        size_t word = n;
        n += take_word(path, lex, i, path->ends[i], before, units + n);
        if (apart)
            units[word].border = SEG_MUST;
        apart = is_fixed(path, i, path->ends[i]);
        before = units[word].pos;
        for (size_t k = previous; k < word; k++)
            units[k].beside |= before;
        previous = word;
    }
    for (size_t k = previous; k < n; k++)
        units[k].beside |= KIND_END;
    units[n] = (seg_unit){.beg = (uint32_t)path->t.n, .id = SEG_ID_END};
    tell_words(path, units, n);
    return n;
}

void seg_own_word(seg_unit *units, size_t at, size_t n)
{
    uint8_t span = span_of(n);
    longest(&units[at].own.begins, span);
    longest(&units[at + n - 1].own.ends, span);
    for (size_t k = at + 1; k + 1 < at + n; k++)
        longest(&units[k].own.inside, span);
}

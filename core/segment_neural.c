/*
 * segment_neural.c - what a tagger says of a text's characters, for the lattice and for the tokens; see segment_int.h.
 *
 * The tagger takes sentences, and is fast when it gets many; the segmenter takes lines.  So marks are made ahead, a
 * block of sentences at a time, and where a sentence ends depends only on the text before it in the line.
 */
#include <string.h>

#include "segment_int.h"

/* Characters: of a block; and from which on a sentence ends at a comma. */
enum { SEG_BLOCK = 4096, SEG_SENTENCE_SOFT = 64 };

/* ---- tags ---- */

/* The lexicon's names for tags of the tagger that have others. */
static const char *lexicon_name(const char *tag)
{
    static const char *const names[][2] = {{"PER", "nr"}, {"LOC", "ns"}, {"ORG", "nt"}, {"TIME", "t"},
                                           {"nw", "nz"},  {"xc", "y"},   {"O", "x"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(tag, names[i][0]) == 0)
            return names[i][1];
    return tag;
}

/* Entities the tagger is sure of, and those it is not. */
static ds_entity entity_of(const char *name)
{
    static const char *const names[] = {"nr", "ns", "nt", "t"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return (ds_entity)(DS_ENTITY_PER + i);
    return DS_ENTITY_NONE;
}

/* A word of this part of speech is one to every standard. */
static bool is_word_name(const char *tag)
{
    static const char *const not[] = {"LOC", "ORG", "TIME", "w", "m", "t", "O"};
    for (size_t i = 0; i < sizeof not / sizeof *not; i++)
        if (strcmp(tag, not[i]) == 0)
            return false;
    return true;
}

void seg_tagset_init(const ds_nn *nn, seg_tagset *out)
{
    memset(out, 0, sizeof *out);
    for (uint8_t i = 0; i < ds_nn_tag_count(nn); i++) {
        char tag[sizeof out->name[0]] = "";
        const char *name = ds_nn_tag_name(nn, i);
        size_t n = strcspn(name, "-");
        memcpy(tag, name, n < sizeof tag ? n : sizeof tag - 1);
        out->begins[i] = strcmp(name + n, "-I") != 0;
        out->word[i] = is_word_name(tag);
        strcpy(out->name[i], lexicon_name(tag));
        out->entity[i] = (uint8_t)entity_of(out->name[i]);
    }
}

/* ---- marks ---- */

ds_status seg_marks_init(seg_marks *m, const ds_nn *nn, const ds_alloc *a, ds_str text)
{
    *m = (seg_marks){.nn = nn, .alloc = *a, .text = text};
    m->ids = ds_malloc(a, SEG_BLOCK * sizeof *m->ids);
    m->ends = ds_malloc(a, SEG_BLOCK * sizeof *m->ends);
    return m->ids != NULL && m->ends != NULL ? DS_OK : DS_ENOMEM;
}

void seg_marks_clear(seg_marks *m)
{
    ds_mfree(&m->alloc, m->ids, SEG_BLOCK * sizeof *m->ids);
    ds_mfree(&m->alloc, m->ends, SEG_BLOCK * sizeof *m->ends);
    ds_mfree(&m->alloc, m->marks, m->cap * sizeof *m->marks);
}

/* Whether a sentence of n characters ends after this one. */
static bool ends_sentence(uint32_t cp, size_t n)
{
    switch (cp) {
    case '\n':
    case '!':
    case '?':
    case ';':
    case 0x3002: /* 。 */
    case 0xFF01: /* ！ */
    case 0xFF1F: /* ？ */
    case 0xFF1B: /* ； */
        return true;
    case ',':
    case ':':
    case ' ':
    case 0x3001: /* 、 */
    case 0x3000:
    case 0xFF0C: /* ， */
    case 0xFF1A: /* ： */
        return n >= SEG_SENTENCE_SOFT;
    default: return n >= DS_NN_SENTENCE;
    }
}

/* Reads a sentence's ids; returns how many characters it has. */
static size_t read_sentence(seg_marks *m, uint16_t *ids)
{
    size_t n = 0;
    uint32_t cp;
    do {
        m->off += ds_utf8_decode(m->text.p + m->off, m->text.n - m->off, &cp);
        ids[n++] = ds_nn_id(m->nn, cp);
    } while (m->off < m->text.n && !ends_sentence(cp, n));
    return n;
}

/* Marks the next sentences, about SEG_BLOCK characters. */
static ds_status mark_block(seg_marks *m)
{
    size_t n = 0, count = 0;
    while (n + DS_NN_SENTENCE <= SEG_BLOCK && m->off < m->text.n) {
        n += read_sentence(m, m->ids + n);
        m->ends[count++] = (uint32_t)n;
    }
    if (m->count + n > m->cap &&
        ds_grow(&m->alloc, (void **)&m->marks, &m->cap, m->count + n, sizeof *m->marks) != DS_OK)
        return DS_ENOMEM;
    ds_status st = ds_nn_run(m->nn, &m->alloc, m->ids, m->ends, count, m->marks + m->count, NULL);
    m->count += st == DS_OK ? n : 0;
    return st;
}

ds_status seg_marks_cover(seg_marks *m, size_t at, size_t n, const ds_nn_mark **out)
{
    if (at + n > m->first + m->count) {
        size_t gone = at - m->first;
        m->count -= gone;
        if (m->count > 0)
            memmove(m->marks, m->marks + gone, m->count * sizeof *m->marks);
        m->first = at;
    }
    while (at + n > m->first + m->count)
        if (mark_block(m) != DS_OK)
            return DS_ENOMEM;
    *out = m->marks + (at - m->first);
    return DS_OK;
}

/* ---- what the lattice and the tokens ask ---- */

void seg_join_costs(const ds_nn_mark *marks, size_t n, int32_t *joins)
{
    /* The tagger's words are long: where it sees a border there is one, where it sees none a standard may see one.
     * The weight was chosen on the development sets (doc/ACCURACY.md). */
    enum { JOIN_WEIGHT = 115, WHOLE = 256 };
    joins[0] = 0;
    for (size_t k = 1; k < n; k++) {
        int32_t border = marks[k].border;
        joins[k] = joins[k - 1] + (border > 0 ? border : border * JOIN_WEIGHT / WHOLE);
    }
}

size_t seg_marked_word(const seg_tagset *set, const ds_nn_mark *marks, size_t i, size_t limit)
{
    if (!set->begins[marks[i].tag] || !set->word[marks[i].tag])
        return i;
    size_t end = i + 1;
    while (end < limit && !set->begins[marks[end].tag])
        end++;
    return end;
}

/* Whether a tag of the lexicon is of the tagger's class: the same, or a finer one (ul for u, vg for v). */
static bool same_class(ds_str fine, const char *name)
{
    size_t n = strlen(name);
    if (fine.n == n && memcmp(fine.p, name, n) == 0)
        return true;
    if (strcmp(name, "y") == 0)
        return fine.n == 1 && strchr("hkeo", fine.p[0]) != NULL;
    if (strcmp(name, "nr") == 0)
        return fine.n > 2 && memcmp(fine.p, "nr", 2) == 0;
    return n == 1 && fine.n == 2 && fine.p[0] == name[0] &&
           (strchr("gqi", fine.p[1]) != NULL || name[0] == 'u' || name[0] == 'r');
}

uint16_t seg_marked_pos(const lex_tables *t, const ds_lexicon *lex, const seg_tagset *set, const ds_nn_mark *marks,
                        size_t i, size_t end, uint16_t choices)
{
    uint8_t tag = marks[i].tag;
    const unsigned char *list = lex_tag_list(t, choices);
    for (size_t k = 0; list != NULL && k < DS_LEXICON_TAGS && list[2 * k] != 0; k++)
        if (same_class(ds_lexicon_pos_name(lex, list[2 * k]), set->name[tag]))
            return list[2 * k];
    if (list != NULL || choices != 0 || !set->begins[tag] || seg_marked_word(set, marks, i, end) != end)
        return choices;
    uint16_t number = seg_tag_number(lex, ds_str_of(set->name[tag]));
    return number != 0 ? number : choices;
}

uint8_t seg_marked_entity(const seg_tagset *set, const ds_nn_mark *marks, size_t i, size_t end, uint8_t *before)
{
    uint8_t entity = set->entity[marks[i].tag];
    bool begins = set->begins[marks[i].tag];
    for (size_t k = i + 1; k < end && entity == DS_ENTITY_NONE; k++)
        if (2 * (end - k) > end - i) { /* most of the token */
            entity = set->entity[marks[k].tag];
            begins = set->begins[marks[k].tag];
        }
    if (entity != DS_ENTITY_NONE && (begins || *before != entity)) {
        *before = entity;
        return entity | DS_ENTITY_BEGINS;
    }
    *before = entity;
    return entity;
}

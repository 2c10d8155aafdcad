/* lexicon.c - reading a compiled lexicon; see lexicon.h.  The builder is in lexicon_build.c. */
#include "lexicon_int.h"

#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "mapping.h"
#include "utf8.h"

struct ds_lexicon {
    ds_alloc alloc;
    ds_str image;
    ds_str section[LEX_SECTIONS];
    uint64_t section_off[LEX_SECTIONS];
    uint32_t section_crc[LEX_SECTIONS];
    lex_tables t;
    uint32_t *pos_at; /* offset of each part-of-speech name in its section */
    bool mapped;
};

/* ---- opening ---- */

static ds_status check_header(ds_str image, ds_error *err)
{
    if (image.n < LEX_HEADER + LEX_SECTIONS * LEX_ENTRY)
        return ds_fail(err, DS_EFORMAT, image.n, 0, "lexicon is cut short: %zu bytes", image.n);
    if (memcmp(image.p, DS_LEXICON_MAGIC, 8) != 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "not a compiled lexicon (no \"" DS_LEXICON_MAGIC "\" at its start)");
    uint32_t version = ds_load32(image.p + 8), sections = ds_load32(image.p + 12);
    if (version != DS_LEXICON_VERSION)
        return ds_fail(err, DS_EFORMAT, 8, 0, "lexicon version %u is not %u: rebuild it", version, DS_LEXICON_VERSION);
    if (sections != LEX_SECTIONS)
        return ds_fail(err, DS_EFORMAT, 12, 0, "lexicon has %u sections, not %d", sections, LEX_SECTIONS);
    if (ds_load64(image.p + 16) != image.n)
        return ds_fail(err, DS_EFORMAT, 16, 0, "lexicon is %zu bytes long, its header says otherwise", image.n);
    uint32_t crc = ds_crc32(0, image.p, LEX_CRC);
    crc = ds_crc32(crc, image.p + LEX_HEADER, LEX_SECTIONS * LEX_ENTRY);
    if (ds_load32(image.p + LEX_CRC) != crc || ds_load32(image.p + LEX_CRC + 4) != 0)
        return ds_fail(err, DS_EFORMAT, LEX_CRC, 0, "lexicon header is damaged (checksum)");
    return DS_OK;
}

static ds_status read_sections(ds_lexicon *lex, ds_error *err)
{
    for (size_t i = 0; i < LEX_SECTIONS; i++) {
        size_t at = LEX_HEADER + i * LEX_ENTRY;
        const char *e = lex->image.p + at;
        uint64_t off = ds_load64(e + 8), len = ds_load64(e + 16);
        if (memcmp(e, &LEX_SECTION_IDS[4 * i], 4) != 0)
            return ds_fail(err, DS_EFORMAT, at, 0, "lexicon section %zu has the wrong name", i);
#ifndef DS_PLANT_LEXICON /* without this check: a bug that fuzzing must find, `make fuzz` */
        if (off > lex->image.n)
            return ds_fail(err, DS_EFORMAT, at + 8, 0, "lexicon section %zu begins past the end", i);
#endif
        if (len > lex->image.n - off)
            return ds_fail(err, DS_EFORMAT, at + 8, 0, "lexicon section %zu reaches past the end", i);
        lex->section[i] = (ds_str){lex->image.p + off, (size_t)len};
        lex->section_off[i] = off;
        lex->section_crc[i] = ds_load32(e + 4);
    }
    return DS_OK;
}

/* Verbs, set phrases and descriptive words; adjectives are often attributes. */
static bool is_predicate_name(const char *name)
{
    static const char *const names[] = {"v", "vi", "vq", "i", "l", "z"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Part-of-speech names, each ended by NUL; number 0 is the empty name. */
static ds_status index_pos_names(ds_lexicon *lex, ds_error *err)
{
    ds_str s = lex->section[LEX_POS];
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += s.p[i] == '\0';
    if (s.n == 0 || s.p[s.n - 1] != '\0' || count > LEX_POS_MASK)
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_POS], 0, "lexicon's part-of-speech names are damaged");
    lex->pos_at = ds_calloc(&lex->alloc, count, sizeof *lex->pos_at);
    if (lex->pos_at == NULL)
        return ds_fail_nomem(err);
    lex->t.pos_count = count;
    for (size_t i = 0, k = 0; k + 1 < count; i++)
        if (s.p[i] == '\0')
            lex->pos_at[++k] = (uint32_t)(i + 1);
    for (uint16_t i = 0; i < count && i <= LEX_TAG_MAX; i++)
        if (is_predicate_name(s.p + lex->pos_at[i]))
            lex->t.predicates[i / 64] |= (uint64_t)1 << i % 64;
    return DS_OK;
}

/* PAIR: a row and a column for each part of speech, or nothing. */
static ds_status check_pairs(ds_lexicon *lex, ds_error *err)
{
    ds_str s = lex->section[LEX_PAIRS];
    if (s.n != 0 && s.n != lex->t.pos_count * lex->t.pos_count)
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_PAIRS], 0, "lexicon's table of tag pairs has the wrong size");
    lex->t.pairs = s.n != 0 ? s.p : NULL;
    return DS_OK;
}

static ds_status check_sections(ds_lexicon *lex, ds_error *err)
{
    size_t pages = lex->section[LEX_CODES].n;
    if (lex->section[LEX_PAGES].n != LEX_BLOCKS * 2)
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_PAGES], 0, "lexicon's page table has the wrong size");
    if (pages == 0 || pages % (LEX_PAGE * 2) != 0)
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_CODES], 0, "lexicon's code table has the wrong size");
    if (lex->section[LEX_WORDS].n % LEX_WORD != 0)
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_WORDS], 0, "lexicon's word table has the wrong size");
    if (!ds_trie_view(lex->section[LEX_TRIE], &lex->t.trie))
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_TRIE], 0, "lexicon's trie has the wrong size");
    if (lex->section[LEX_NAMES].n % LEX_NAME_RECORD != 0)
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_NAMES], 0, "lexicon's name table has the wrong size");
    if (lex->section[LEX_TAGS].n % LEX_TAG_RECORD != 0)
        return ds_fail(err, DS_EFORMAT, lex->section_off[LEX_TAGS], 0, "lexicon's tag lists have the wrong size");
    lex->t.names = lex->section[LEX_NAMES].p;
    lex->t.name_count = lex->section[LEX_NAMES].n / LEX_NAME_RECORD;
    lex->t.pages = lex->section[LEX_PAGES].p;
    lex->t.codes = lex->section[LEX_CODES].p;
    lex->t.words = lex->section[LEX_WORDS].p;
    lex->t.page_count = pages / (LEX_PAGE * 2);
    lex->t.tags = lex->section[LEX_TAGS].p;
    lex->t.tag_count = lex->section[LEX_TAGS].n / LEX_TAG_RECORD;
    lex->t.count = lex->section[LEX_WORDS].n / LEX_WORD;
    ds_status st = index_pos_names(lex, err);
    return st == DS_OK ? check_pairs(lex, err) : st;
}

ds_status ds_lexicon_view(const ds_alloc *a, ds_str image, ds_lexicon **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_status st = check_header(image, err);
    if (st != DS_OK)
        return st;
    ds_lexicon *lex = ds_calloc(a, 1, sizeof *lex);
    if (lex == NULL)
        return ds_fail_nomem(err);
    lex->alloc = *a;
    lex->image = image;
    if ((st = read_sections(lex, err)) != DS_OK || (st = check_sections(lex, err)) != DS_OK) {
        ds_lexicon_free(lex);
        return st;
    }
    *out = lex;
    return DS_OK;
}

ds_status ds_lexicon_open(const ds_alloc *a, const char *path, ds_lexicon **out, ds_error *err)
{
    ds_str image;
    *out = NULL;
    ds_status st = ds_mapping_open(path, &image, err);
    if (st != DS_OK)
        return st;
    st = ds_lexicon_view(a, image, out, err);
    if (st != DS_OK)
        ds_mapping_close(image);
    else
        (*out)->mapped = true;
    return st;
}

void ds_lexicon_free(ds_lexicon *lex)
{
    if (lex == NULL)
        return;
    ds_alloc a = lex->alloc;
    if (lex->mapped)
        ds_mapping_close(lex->image);
    if (lex->pos_at != NULL)
        ds_mfree(&a, lex->pos_at, lex->t.pos_count * sizeof *lex->pos_at);
    ds_mfree(&a, lex, sizeof *lex);
}

/* Between the sections, which stand in the order of the table, there is nothing but zeros. */
static ds_status verify_gaps(const ds_lexicon *lex, ds_error *err)
{
    uint64_t at = LEX_HEADER + LEX_SECTIONS * LEX_ENTRY;
    for (size_t i = 0; i <= LEX_SECTIONS; i++) {
        uint64_t next = i < LEX_SECTIONS ? lex->section_off[i] : lex->image.n;
        for (; at < next; at++)
            if (lex->image.p[at] != '\0')
                return ds_fail(err, DS_EFORMAT, at, 0, "lexicon is damaged between two sections");
        at = i < LEX_SECTIONS ? next + lex->section[i].n : at;
    }
    return DS_OK;
}

ds_status ds_lexicon_verify(const ds_lexicon *lex, ds_error *err)
{
    for (size_t i = 0; i < LEX_SECTIONS; i++)
        if (ds_crc32(0, lex->section[i].p, lex->section[i].n) != lex->section_crc[i])
            return ds_fail(err, DS_EFORMAT, lex->section_off[i], 0, "lexicon section %.4s is damaged (checksum)",
                           &LEX_SECTION_IDS[4 * i]);
    return verify_gaps(lex, err);
}

/* ---- look-up ---- */

const lex_tables *lex_tables_of(const ds_lexicon *lex)
{
    return &lex->t;
}

size_t ds_lexicon_count(const ds_lexicon *lex)
{
    return lex->t.count;
}

uint64_t ds_lexicon_total(const ds_lexicon *lex)
{
    return ds_load64(lex->image.p + 24);
}

ds_str ds_lexicon_source(const ds_lexicon *lex)
{
    return lex->section[LEX_SOURCE];
}

uint32_t ds_lexicon_crc(const ds_lexicon *lex)
{
    return ds_load32(lex->image.p + LEX_CRC);
}

uint16_t ds_lexicon_code(const ds_lexicon *lex, uint32_t cp)
{
    return lex_code(&lex->t, cp);
}

const ds_trie *ds_lexicon_trie(const ds_lexicon *lex)
{
    return &lex->t.trie;
}

/* The node after `cp`, which may fold to several characters; DS_TRIE_NONE when there is none. */
static int32_t step_folded(const ds_lexicon *lex, int32_t node, uint32_t cp)
{
    uint32_t folded[DS_FOLD_CP_MAX];
    size_t n = ds_fold_cp(cp, DS_FOLD_ALL, folded);
    for (size_t i = 0; i < n && node != DS_TRIE_NONE; i++) {
        uint16_t code = ds_lexicon_code(lex, folded[i]);
        node = code != 0 ? ds_trie_step(&lex->t.trie, node, code) : DS_TRIE_NONE;
    }
    return node;
}

int32_t ds_lexicon_find(const ds_lexicon *lex, ds_str word)
{
    int32_t node = 0;
    uint32_t cp;
    for (size_t i = 0; i < word.n && node != DS_TRIE_NONE;) {
        i += ds_utf8_decode(word.p + i, word.n - i, &cp);
        node = cp != DS_UTF8_BAD ? step_folded(lex, node, cp) : DS_TRIE_NONE;
    }
    if (node == DS_TRIE_NONE || word.n == 0)
        return DS_TRIE_NONE;
    int32_t id = ds_trie_value(&lex->t.trie, node);
    return id >= 0 && (size_t)id < lex->t.count ? id : DS_TRIE_NONE;
}

int32_t ds_lexicon_cost(const ds_lexicon *lex, int32_t id)
{
    const char *r = lex_word(&lex->t, id);
    return r != NULL ? lex_word_cost(r) : INT32_MAX;
}

uint64_t ds_lexicon_freq(const ds_lexicon *lex, int32_t id)
{
    const char *r = lex_word(&lex->t, id);
    return r != NULL ? ds_load32(r) : 0;
}

uint16_t ds_lexicon_pos(const ds_lexicon *lex, int32_t id)
{
    const char *r = lex_word(&lex->t, id);
    uint16_t pos = r != NULL ? lex_word_tags(r) : 0;
    const unsigned char *list = lex_tag_list(&lex->t, pos);
    if (list != NULL)
        pos = list[0];
    return pos < lex->t.pos_count ? pos : 0;
}

ds_str ds_lexicon_pos_name(const ds_lexicon *lex, uint16_t pos)
{
    return ds_str_of(pos < lex->t.pos_count ? lex->section[LEX_POS].p + lex->pos_at[pos] : "");
}

uint16_t ds_lexicon_pos_count(const ds_lexicon *lex)
{
    return (uint16_t)lex->t.pos_count;
}

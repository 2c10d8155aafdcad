/* lexicon_build.c - compiling a lexicon; see lexicon.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "lexicon_int.h"
#include "utf8.h"

typedef struct build_word {
    uint64_t freq;      /* of all forms that fold alike */
    uint64_t pos_freq;  /* of the form whose part of speech was taken */
    uint32_t key_at;    /* its codes: keys[key_at .. key_at + key_len) */
    uint16_t key_len;
    uint16_t pos;
    uint16_t tags;      /* 1 + its record in tag_lists; 0: it has but `pos` */
} build_word;

/* How often each code stands in names: as surname, in a given name, in a transliteration. */
typedef struct name_counts {
    uint32_t of[LEX_NAME_RECORD];
} name_counts;

struct ds_lexicon_builder {
    ds_alloc alloc;
    ds_trie_builder *trie;
    build_word *words;
    size_t count, cap;
    ds_codemap codes;   /* of folded code points */
    uint16_t *keys;     /* of all words, one after another */
    size_t keys_count, keys_cap;
    ds_buf pos_names;   /* each ended by NUL, number 0 the empty one */
    uint16_t pos_count;
    ds_buf tag_lists;   /* different records of TAGS */
    int8_t *pairs;      /* PAIRS_SIDE rows of PAIRS_SIDE costs; NULL while none was given */
};

enum { PAIRS_SIDE = LEX_TAG_MAX + 1 };

ds_status ds_lexicon_builder_new(const ds_alloc *a, ds_lexicon_builder **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_lexicon_builder *b = ds_calloc(a, 1, sizeof *b);
    if (b == NULL)
        return ds_fail_nomem(err);
    b->alloc = *a;
    ds_buf_init(&b->pos_names, &b->alloc);
    ds_buf_init(&b->tag_lists, &b->alloc);
    ds_buf_byte(&b->pos_names, '\0');
    b->pos_count = 1;
    if (ds_codemap_init(&b->codes, &b->alloc) != DS_OK || b->pos_names.status != DS_OK ||
        ds_trie_builder_new(&b->alloc, &b->trie, err) != DS_OK) {
        ds_lexicon_builder_free(b);
        return ds_fail_nomem(err);
    }
    *out = b;
    return DS_OK;
}

void ds_lexicon_builder_free(ds_lexicon_builder *b)
{
    if (b == NULL)
        return;
    ds_alloc a = b->alloc;
    ds_codemap_clear(&b->codes);
    ds_mfree(&a, b->words, b->cap * sizeof *b->words);
    ds_mfree(&a, b->keys, b->keys_cap * sizeof *b->keys);
    ds_buf_clear(&b->pos_names);
    ds_buf_clear(&b->tag_lists);
    ds_mfree(&a, b->pairs, PAIRS_SIDE * PAIRS_SIDE);
    ds_trie_builder_free(b->trie);
    ds_mfree(&a, b, sizeof *b);
}

ds_status lex_word_key(ds_codemap *codes, ds_str word, uint16_t key[DS_LEXICON_WORD_MAX], size_t *len, ds_error *err)
{
    *len = 0;
    for (size_t i = 0; i < word.n;) {
        uint32_t cp, folded[DS_FOLD_CP_MAX];
        size_t at = i;
        i += ds_utf8_decode(word.p + i, word.n - i, &cp);
        if (cp == DS_UTF8_BAD)
            return ds_fail(err, DS_EINVAL, at, 0, "word is not valid UTF-8");
        size_t n = ds_fold_cp(cp, DS_FOLD_ALL, folded);
        if (*len + n > DS_LEXICON_WORD_MAX)
            return ds_fail(err, DS_EINVAL, at, 0, "word is longer than %d characters", DS_LEXICON_WORD_MAX);
        for (size_t k = 0; k < n; k++)
            if ((key[(*len)++] = ds_codemap_assign(codes, folded[k])) == 0)
                return ds_fail_nomem(err);
    }
    return *len > 0 ? DS_OK : ds_fail(err, DS_EINVAL, 0, 0, "word is empty");
}

/* Number of a part of speech, or pos_count when it is new. */
static uint16_t find_pos(const ds_lexicon_builder *b, ds_str pos)
{
    const char *p = b->pos_names.p;
    uint16_t i = 0;
    while (i < b->pos_count && !ds_str_eq(ds_str_of(p), pos)) {
        i++;
        p += strlen(p) + 1;
    }
    return i;
}

static size_t list_count(const ds_lexicon_builder *b)
{
    return b->tag_lists.n / LEX_TAG_RECORD;
}

/* Number of a part of speech, assigned at first sight; 0 for the empty one, or for lack of memory. */
static uint16_t pos_number(ds_lexicon_builder *b, ds_str pos)
{
    uint16_t number = find_pos(b, pos);
    if (number < b->pos_count)
        return number;
    if (b->pos_count + list_count(b) == LEX_POS_MASK)
        return 0;
    ds_buf_put(&b->pos_names, pos.p, pos.n);
    ds_buf_byte(&b->pos_names, '\0');
    return b->pos_names.status == DS_OK ? b->pos_count++ : 0;
}

/* Id of the word with this key, or DS_TRIE_NONE. */
static int32_t find_key(const ds_lexicon_builder *b, const uint16_t *key, size_t len)
{
    int32_t node = 0;
    for (size_t i = 0; i < len && node != DS_TRIE_NONE; i++)
        node = ds_trie_builder_step(b->trie, node, key[i]);
    return node != DS_TRIE_NONE ? ds_trie_builder_value(b->trie, node) : DS_TRIE_NONE;
}

/* Id of the word with this key, made when it is not there. */
static ds_status word_id(ds_lexicon_builder *b, const uint16_t *key, size_t len, int32_t *id, ds_error *err)
{
    *id = find_key(b, key, len);
    if (*id != DS_TRIE_NONE)
        return DS_OK;
    if (b->count >= INT32_MAX || b->keys_count > UINT32_MAX - len ||
        ds_grow(&b->alloc, (void **)&b->words, &b->cap, b->count + 1, sizeof *b->words) != DS_OK ||
        ds_grow(&b->alloc, (void **)&b->keys, &b->keys_cap, b->keys_count + len, sizeof *b->keys) != DS_OK)
        return ds_fail_nomem(err);
    ds_status st = ds_trie_builder_set(b->trie, key, len, (int32_t)b->count, err);
    if (st != DS_OK)
        return st;
    b->words[b->count] = (build_word){.key_at = (uint32_t)b->keys_count, .key_len = (uint16_t)len};
    memcpy(b->keys + b->keys_count, key, len * sizeof *key);
    b->keys_count += len;
    *id = (int32_t)b->count++;
    return DS_OK;
}

ds_status ds_lexicon_builder_add(ds_lexicon_builder *b, ds_str word, uint64_t freq, ds_str pos, ds_error *err)
{
    uint16_t key[DS_LEXICON_WORD_MAX];
    size_t len;
    int32_t id;
    if (pos.n > 0 && memchr(pos.p, '\0', pos.n) != NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "part of speech has a NUL byte inside");
    ds_status st = lex_word_key(&b->codes, word, key, &len, err);
    if (st != DS_OK || (st = word_id(b, key, len, &id, err)) != DS_OK)
        return st;
    build_word *w = &b->words[id];
    uint16_t number = pos_number(b, pos);
    if (b->pos_names.status != DS_OK)
        return ds_fail_nomem(err);
    if (w->pos == 0 || freq > w->pos_freq) {
        w->pos = number;
        w->pos_freq = freq;
    }
    w->freq += freq;
    return DS_OK;
}

/* ---- parts of speech that depend on the neighbours ---- */

/* 1 + the number of the record in tag_lists, which gets it when it is new; 0 when there are too many. */
static uint16_t intern_list(ds_lexicon_builder *b, const unsigned char record[LEX_TAG_RECORD])
{
    size_t n = list_count(b), i = 0;
    while (i < n && memcmp(b->tag_lists.p + i * LEX_TAG_RECORD, record, LEX_TAG_RECORD) != 0)
        i++;
    if (i == n && b->pos_count + n == LEX_POS_MASK)
        return 0;
    if (i == n)
        ds_buf_put(&b->tag_lists, record, LEX_TAG_RECORD);
    return (uint16_t)(i + 1);
}

static ds_status make_list(ds_lexicon_builder *b, const ds_lexicon_tag *tags, size_t n,
                           unsigned char record[LEX_TAG_RECORD], ds_error *err)
{
    if (n == 0 || n > DS_LEXICON_TAGS)
        return ds_fail(err, DS_EINVAL, 0, 0, "a word has 1 to %d tags, not %zu", DS_LEXICON_TAGS, n);
    for (size_t i = 0; i < n; i++) {
        if (tags[i].pos.n == 0 || memchr(tags[i].pos.p, '\0', tags[i].pos.n) != NULL)
            return ds_fail(err, DS_EINVAL, 0, 0, "a tag is empty or has a NUL byte inside");
        uint16_t number = pos_number(b, tags[i].pos);
        if (b->pos_names.status != DS_OK)
            return ds_fail_nomem(err);
        if (number == 0 || number > LEX_TAG_MAX)
            return ds_fail(err, DS_ELIMIT, LEX_TAG_MAX, 0, "more than %d different tags", LEX_TAG_MAX);
        record[2 * i] = (unsigned char)number;
        record[2 * i + 1] = tags[i].cost;
    }
    return DS_OK;
}

ds_status ds_lexicon_builder_tags(ds_lexicon_builder *b, ds_str word, const ds_lexicon_tag *tags, size_t n, ds_error *err)
{
    uint16_t key[DS_LEXICON_WORD_MAX];
    unsigned char record[LEX_TAG_RECORD] = {0};
    size_t len;
    ds_status st = lex_word_key(&b->codes, word, key, &len, err);
    int32_t id = st == DS_OK ? find_key(b, key, len) : DS_TRIE_NONE;
    if (st == DS_OK && id == DS_TRIE_NONE)
        st = ds_fail(err, DS_EINVAL, 0, 0, "word was not added: it can have no tags");
    if (st != DS_OK || (st = make_list(b, tags, n, record, err)) != DS_OK)
        return st;
    uint16_t list = intern_list(b, record);
    if (b->tag_lists.status != DS_OK)
        return ds_fail_nomem(err);
    if (list == 0)
        return ds_fail(err, DS_ELIMIT, LEX_POS_MASK, 0, "too many different lists of tags");
    b->words[id].tags = list;
    return DS_OK;
}

ds_status ds_lexicon_builder_pair(ds_lexicon_builder *b, ds_str before, ds_str after, int8_t cost, ds_error *err)
{
    uint16_t row = find_pos(b, before), column = find_pos(b, after);
    if (row == b->pos_count || column == b->pos_count || row > LEX_TAG_MAX || column > LEX_TAG_MAX)
        return ds_fail(err, DS_EINVAL, 0, 0, "no word has the tag %.*s", row == b->pos_count ? (int)before.n : (int)after.n,
                       row == b->pos_count ? before.p : after.p);
    if (b->pairs == NULL && (b->pairs = ds_calloc(&b->alloc, PAIRS_SIDE, PAIRS_SIDE)) == NULL)
        return ds_fail_nomem(err);
    b->pairs[row * PAIRS_SIDE + column] = cost;
    return DS_OK;
}

/* PAIR: the corner of the table that is in use.  Tags beyond LEX_TAG_MAX have no row, so that then there is none. */
static void put_pairs(const ds_lexicon_builder *b, ds_buf *out)
{
    if (b->pairs == NULL || b->pos_count > PAIRS_SIDE)
        return;
    for (size_t row = 0; row < b->pos_count; row++)
        ds_buf_put(out, b->pairs + row * PAIRS_SIDE, b->pos_count);
}

/* ---- the image ---- */

static void put_u16(ds_buf *b, uint16_t v)
{
    unsigned char t[2] = {(unsigned char)v, (unsigned char)(v >> 8)};
    ds_buf_put(b, t, sizeof t);
}

/* Sum of the frequencies; a word with none counts once, so that it has a cost. */
static uint64_t total_freq(const ds_lexicon_builder *b)
{
    uint64_t total = 0;
    for (size_t i = 0; i < b->count; i++)
        total += b->words[i].freq > 0 ? b->words[i].freq : 1;
    return total;
}

static const char *pos_name(const ds_lexicon_builder *b, uint16_t pos)
{
    const char *p = b->pos_names.p;
    while (pos-- > 0)
        p += strlen(p) + 1;
    return p;
}

/* ---- how words may be split ---- */

/* Frequency of the word with this key, 0 when there is none. */
static uint64_t key_freq(const ds_lexicon_builder *b, const uint16_t *key, size_t len)
{
    int32_t id = find_key(b, key, len);
    return id != DS_TRIE_NONE ? b->words[id].freq : 0;
}

#define MIN_PART_FREQ 50 /* of each half of a compound */

/* Suffixes of one character that make a noun of a noun or verb. */
static const char suffixes[] = "们者员家人师手民会馆场站室院部局处所厅店厂队军团国省市县区州乡镇村街路江河湖海山岛"
                               "门楼桥港城机器车船舰艇炮弹率量度力性化型式类法学论业界品物币费税额值剂素酸赛杯节奖语文书报"
                               "史教派族党权案罪病症炎药菜茶酒油石木板管线网站点级层面体长生子儿头声色";
static const char prepositions[] = "于为";

static bool in_set(const ds_lexicon_builder *b, const char *set, uint16_t code)
{
    ds_str s = ds_str_of(set);
    for (size_t i = 0; i < s.n;) {
        uint32_t cp, folded[DS_FOLD_CP_MAX];
        i += ds_utf8_decode(s.p + i, s.n - i, &cp);
        if (ds_fold_cp(cp, DS_FOLD_ALL, folded) == 1 && ds_codemap_get(&b->codes, folded[0]) == code)
            return true;
    }
    return false;
}

/* Words that are one whatever their parts: idioms and set phrases, names of people. */
static bool is_fixed(const char *pos)
{
    return strcmp(pos, "i") == 0 || strcmp(pos, "l") == 0 || strncmp(pos, "nr", 2) == 0;
}

static unsigned splits_of(const ds_lexicon_builder *b, const build_word *w, const char *pos)
{
    const uint16_t *key = b->keys + w->key_at;
    size_t n = w->key_len;
    bool noun = pos[0] == 'n' || pos[0] == 'v' || pos[0] == 'm' || pos[0] == 't' || pos[0] == 's';
    if (n == 2 && in_set(b, prepositions, key[1]))
        return LEX_VERB_PREP;
    if (n == 4 && !is_fixed(pos) && strchr("nmtsbjqf", pos[0]) != NULL && pos[0] != '\0' &&
        key_freq(b, key, 2) >= MIN_PART_FREQ && key_freq(b, key + 2, 2) >= MIN_PART_FREQ)
        return LEX_COMPOUND;
    if (n >= 3 && noun && !is_fixed(pos) && in_set(b, suffixes, key[n - 1]) && key_freq(b, key, n - 1) > 0)
        return LEX_SUFFIXED;
    return 0;
}

/* ---- characters of names ---- */

static void count_name(const ds_lexicon_builder *b, const build_word *w, const char *pos, name_counts *counts)
{
    const uint16_t *key = b->keys + w->key_at;
    bool person = strcmp(pos, "nr") == 0, foreign = strcmp(pos, "nrt") == 0;
    if (person && (w->key_len == 2 || w->key_len == 3)) {
        counts[key[0]].of[LEX_NAME_SURNAME]++;
        for (size_t i = 1; i < w->key_len; i++)
            counts[key[i]].of[LEX_NAME_GIVEN]++;
    }
    if ((person && w->key_len >= 4) || (foreign && w->key_len >= 3))
        for (size_t i = 0; i < w->key_len; i++)
            counts[key[i]].of[LEX_NAME_FOREIGN]++;
}

#define FUNCTION_WORD_BITS 7 /* a one-character word below this cost is too frequent to be part of a new name */

static bool is_function_word(const ds_lexicon_builder *b, uint16_t code, uint64_t total)
{
    uint64_t freq = key_freq(b, &code, 1);
    return freq > 0 && log2((double)total) - log2((double)freq) < FUNCTION_WORD_BITS;
}

/* NAME: for every code, what it costs as a surname, in a given name, in a transliteration. */
static ds_status put_names(const ds_lexicon_builder *b, ds_buf *out)
{
    static const uint32_t least[LEX_NAME_RECORD] = {8, 2, 8}; /* fewer are chance */
    size_t n = (size_t)b->codes.count + 1;
    uint64_t sum[LEX_NAME_RECORD] = {0}, total = total_freq(b);
    name_counts *counts = ds_calloc(&b->alloc, n, sizeof *counts);
    if (counts == NULL)
        return DS_ENOMEM;
    for (size_t i = 0; i < b->count; i++)
        count_name(b, &b->words[i], pos_name(b, b->words[i].pos), counts);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < LEX_NAME_RECORD; k++)
            sum[k] += counts[i].of[k];
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < LEX_NAME_RECORD; k++) {
            uint32_t c = k != LEX_NAME_SURNAME && is_function_word(b, (uint16_t)i, total) ? 0 : counts[i].of[k];
            double cost = c >= least[k] ? (log2((double)sum[k]) - log2((double)c)) * LEX_NAME_UNIT + 0.5 : LEX_NAME_NEVER;
            ds_buf_byte(out, (char)(unsigned char)(cost < LEX_NAME_NEVER ? cost : LEX_NAME_NEVER));
        }
    ds_mfree(&b->alloc, counts, n * sizeof *counts);
    return out->status;
}

/* ---- words ---- */

static void put_words(const ds_lexicon_builder *b, ds_buf *out)
{
    uint64_t total = total_freq(b);
    for (size_t i = 0; i < b->count; i++) {
        uint64_t freq = b->words[i].freq > 0 ? b->words[i].freq : 1;
        double cost = (log2((double)total) - log2((double)freq)) * DS_LEXICON_UNIT + 0.5;
        ds_buf_u32(out, freq > UINT32_MAX ? UINT32_MAX : (uint32_t)b->words[i].freq);
        put_u16(out, cost > UINT16_MAX ? UINT16_MAX : (uint16_t)cost);
        unsigned tags = b->words[i].tags > 0 ? b->pos_count + b->words[i].tags - 1u : b->words[i].pos;
        put_u16(out, (uint16_t)(tags | splits_of(b, &b->words[i], pos_name(b, b->words[i].pos))));
    }
}

/* TRIE: beside each word's number its cost and how it may be split, as in WORD: the segmenter need not look there. */
static ds_status put_trie(const ds_lexicon_builder *b, const ds_buf *words, ds_buf *out, ds_error *err)
{
    if (words->status != DS_OK)
        return ds_fail_nomem(err);
    uint32_t *notes = ds_calloc(&b->alloc, b->count, sizeof *notes);
    if (notes == NULL && b->count > 0)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < b->count; i++)
        notes[i] = ds_load32(words->p + i * LEX_WORD + 4);
    ds_status st = ds_trie_freeze_noted(b->trie, notes, out, err);
    ds_mfree(&b->alloc, notes, b->count * sizeof *notes);
    return st;
}

/* The code of any code point: that of the single character it folds to. */
static uint16_t final_code(const ds_lexicon_builder *b, uint32_t cp)
{
    uint32_t folded[DS_FOLD_CP_MAX];
    if (cp >= 0xD800 && cp < 0xE000)
        return 0;
    if (ds_fold_cp(cp, DS_FOLD_ALL, folded) != 1)
        return 0;
    return ds_codemap_get(&b->codes, folded[0]);
}

/* Fills PAGE and CODE: a page only for blocks that have a code at all. */
static void put_codes(const ds_lexicon_builder *b, ds_buf *pages, ds_buf *codes)
{
    uint16_t next = 1;
    for (size_t i = 0; i < LEX_PAGE; i++)
        put_u16(codes, 0);
    for (uint32_t block = 0; block < LEX_BLOCKS; block++) {
        uint16_t page[LEX_PAGE], any = 0;
        for (uint32_t i = 0; i < LEX_PAGE; i++)
            any |= page[i] = final_code(b, block << 8 | i);
        put_u16(pages, any != 0 ? next++ : 0);
        for (size_t i = 0; any != 0 && i < LEX_PAGE; i++)
            put_u16(codes, page[i]);
    }
}

static void put_entry(ds_buf *table, size_t section, ds_str body, size_t off)
{
    ds_buf_put(table, &LEX_SECTION_IDS[4 * section], 4);
    ds_buf_u32(table, ds_crc32(0, body.p, body.n));
    ds_buf_u64(table, off);
    ds_buf_u64(table, body.n);
}

/* Header and section table, then the sections, each at a multiple of 8. */
static void assemble(const ds_buf *sections, uint64_t total, ds_buf *image, ds_buf *table)
{
    size_t at = LEX_HEADER + LEX_SECTIONS * LEX_ENTRY;
    for (size_t i = 0; i < LEX_SECTIONS; i++) {
        at = (at + 7) & ~(size_t)7;
        put_entry(table, i, ds_buf_str(&sections[i]), at);
        at += sections[i].n;
    }
    size_t start = image->n;
    ds_buf_put(image, DS_LEXICON_MAGIC, 8);
    ds_buf_u32(image, DS_LEXICON_VERSION);
    ds_buf_u32(image, LEX_SECTIONS);
    ds_buf_u64(image, at);
    ds_buf_u64(image, total);
    if (image->status != DS_OK || table->status != DS_OK)
        return;
    uint32_t crc = ds_crc32(ds_crc32(0, image->p + start, LEX_CRC), table->p, table->n);
    ds_buf_u32(image, crc);
    ds_buf_u32(image, 0);
    ds_buf_put(image, table->p, table->n);
    for (size_t i = 0; i < LEX_SECTIONS; i++) {
        while (image->status == DS_OK && (image->n - start) % 8 != 0)
            ds_buf_byte(image, '\0');
        ds_buf_put(image, sections[i].p, sections[i].n);
    }
}

ds_status ds_lexicon_build(ds_lexicon_builder *b, ds_str source, ds_buf *image, ds_error *err)
{
    ds_buf sections[LEX_SECTIONS], table;
    ds_status st = DS_OK;
    for (size_t i = 0; i < LEX_SECTIONS; i++)
        ds_buf_init(&sections[i], &b->alloc);
    ds_buf_init(&table, &b->alloc);
    ds_buf_put(&sections[LEX_SOURCE], source.p, source.n);
    ds_buf_put(&sections[LEX_POS], b->pos_names.p, b->pos_names.n);
    ds_buf_put(&sections[LEX_TAGS], b->tag_lists.p, b->tag_lists.n);
    put_pairs(b, &sections[LEX_PAIRS]);
    put_codes(b, &sections[LEX_PAGES], &sections[LEX_CODES]);
    put_words(b, &sections[LEX_WORDS]);
    st = put_names(b, &sections[LEX_NAMES]);
    if (st == DS_OK)
        st = put_trie(b, &sections[LEX_WORDS], &sections[LEX_TRIE], err);
    for (size_t i = 0; i < LEX_SECTIONS; i++)
        if (sections[i].status != DS_OK)
            st = ds_fail_nomem(err);
    if (st == DS_OK)
        assemble(sections, total_freq(b), image, &table);
    if (image->status != DS_OK || table.status != DS_OK)
        st = ds_fail_nomem(err);
    for (size_t i = 0; i < LEX_SECTIONS; i++)
        ds_buf_clear(&sections[i]);
    ds_buf_clear(&table);
    return st;
}

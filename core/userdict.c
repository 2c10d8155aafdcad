/* userdict.c - see userdict.h. */
#include "userdict.h"

#include <string.h>

#include "lexicon_int.h"

typedef struct user_entry {
    ds_userword word;
    bool live;   /* a word of the user's */
    bool banned; /* hides the lexicon's word */
} user_entry;

#define FIRST_WORDS 16

struct ds_userdict {
    ds_alloc alloc;
    ds_codemap codes; /* of folded code points */
    ds_trie_builder *trie; /* values: entries */
    user_entry *entries;
    size_t count, cap;
    size_t live, bans;
    ds_buf pos_names; /* each ended by NUL, number 0 the empty one */
    uint16_t pos_count;
    bool any_forced; /* there is or was a forced word */
    uint64_t first[FIRST_WORDS]; /* codes, modulo the bits there are, that a word begins with */
};

ds_status ds_userdict_new(const ds_alloc *a, ds_userdict **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_userdict *d = ds_calloc(a, 1, sizeof *d);
    if (d == NULL)
        return ds_fail_nomem(err);
    d->alloc = *a;
    ds_buf_init(&d->pos_names, &d->alloc);
    ds_buf_byte(&d->pos_names, '\0');
    d->pos_count = 1;
    if (ds_codemap_init(&d->codes, &d->alloc) != DS_OK || d->pos_names.status != DS_OK ||
        ds_trie_builder_new(&d->alloc, &d->trie, err) != DS_OK) {
        ds_userdict_free(d);
        return ds_fail_nomem(err);
    }
    *out = d;
    return DS_OK;
}

void ds_userdict_free(ds_userdict *d)
{
    if (d == NULL)
        return;
    ds_alloc a = d->alloc;
    ds_codemap_clear(&d->codes);
    ds_trie_builder_free(d->trie);
    ds_mfree(&a, d->entries, d->cap * sizeof *d->entries);
    ds_buf_clear(&d->pos_names);
    ds_mfree(&a, d, sizeof *d);
}

/* A word of one line as codes. */
static ds_status user_key(ds_userdict *d, ds_str word, uint16_t key[DS_LEXICON_WORD_MAX], size_t *len, ds_error *err)
{
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == '\n' || word.p[i] == '\r' || word.p[i] == '\0')
            return ds_fail(err, DS_EINVAL, i, 0, "word has a line break or NUL inside");
    return lex_word_key(&d->codes, word, key, len, err);
}

static ds_status user_pos(ds_userdict *d, ds_str pos, uint16_t *number, ds_error *err)
{
    const char *p = d->pos_names.p;
    *number = 0;
    if (pos.n > DS_USERDICT_POS_MAX || (pos.n > 0 && memchr(pos.p, '\0', pos.n) != NULL))
        return ds_fail(err, DS_EINVAL, 0, 0, "part of speech is longer than %d bytes", DS_USERDICT_POS_MAX);
    for (uint16_t i = 0; i < d->pos_count; i++, p += strlen(p) + 1)
        if (ds_str_eq(ds_str_of(p), pos)) {
            *number = i;
            return DS_OK;
        }
    if (d->pos_count == INT16_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "too many different parts of speech");
    ds_buf_put(&d->pos_names, pos.p, pos.n);
    ds_buf_byte(&d->pos_names, '\0');
    if (d->pos_names.status != DS_OK)
        return ds_fail_nomem(err);
    *number = d->pos_count++;
    return DS_OK;
}

ds_str ds_userdict_pos_name(const ds_userdict *d, uint16_t pos)
{
    const char *p = d->pos_names.p;
    for (uint16_t i = 0; i < pos && i + 1 < d->pos_count; i++)
        p += strlen(p) + 1;
    return ds_str_of(pos < d->pos_count ? p : "");
}

/* The entry of `word`, made (neither live nor banned) when it is not there. */
static ds_status user_entry_of(ds_userdict *d, ds_str word, user_entry **out, ds_error *err)
{
    uint16_t key[DS_LEXICON_WORD_MAX];
    size_t len;
    int32_t id;
    ds_status st = user_key(d, word, key, &len, err);
    if (st != DS_OK)
        return st;
    if (d->count >= INT32_MAX ||
        ds_grow(&d->alloc, (void **)&d->entries, &d->cap, d->count + 1, sizeof *d->entries) != DS_OK)
        return ds_fail_nomem(err);
    if ((st = ds_trie_builder_find_or_set(d->trie, key, len, (int32_t)d->count, &id, err)) != DS_OK)
        return st;
    d->first[key[0] / 64 % FIRST_WORDS] |= UINT64_C(1) << (key[0] & 63);
    if ((size_t)id == d->count)
        d->entries[d->count++] = (user_entry){.live = false};
    *out = &d->entries[id];
    return DS_OK;
}

static ds_status add_word(ds_userdict *d, ds_str word, int64_t freq, ds_str pos, uint64_t line, ds_error *err)
{
    user_entry *e;
    uint16_t number;
    ds_status st = user_pos(d, pos, &number, err);
    if (st != DS_OK || (st = user_entry_of(d, word, &e, err)) != DS_OK)
        return st;
    d->live += !e->live;
    d->bans -= e->banned;
    d->any_forced |= freq < 0;
    e->live = true;
    e->banned = false;
    e->word = (ds_userword){freq < 0, freq < 0 ? 0 : (uint64_t)freq, number, line};
    return DS_OK;
}

ds_status ds_userdict_add(ds_userdict *d, ds_str word, int64_t freq, ds_str pos, ds_error *err)
{
    return add_word(d, word, freq, pos, 0, err);
}

ds_status ds_userdict_remove(ds_userdict *d, ds_str word, bool ban, ds_error *err)
{
    user_entry *e;
    ds_status st = user_entry_of(d, word, &e, err);
    if (st != DS_OK)
        return st;
    d->live -= e->live;
    d->bans = d->bans - e->banned + ban;
    e->live = false;
    e->banned = ban;
    return DS_OK;
}

bool ds_userdict_forces(const ds_userdict *d)
{
    return d->any_forced;
}

size_t ds_userdict_count(const ds_userdict *d)
{
    return d->live;
}

/* ---- the text form ---- */

#define BYTES_A_NODE 8 /* of a dictionary's text, for every node of the trie, at a guess */

typedef struct user_line {
    ds_str word, freq, pos; /* freq and pos may be empty */
} user_line;

static bool all_digits(ds_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static bool is_pos_name(ds_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (i > 0 && s.p[i] >= '0' && s.p[i] <= '9')))
            return false;
    return s.n > 0 && s.n <= DS_USERDICT_POS_MAX;
}

/* Cuts the last blank-separated field off `s` when `accept` takes it and something is left. */
static ds_str cut_last(ds_str *s, bool (*accept)(ds_str))
{
    size_t i = s->n;
    while (i > 0 && s->p[i - 1] != ' ')
        i--;
    ds_str last = {s->p + i, s->n - i};
    if (i < 2 || !accept(last))
        return (ds_str){s->p, 0};
    s->n = i - 1;
    return last;
}

static ds_str cut_tab(ds_str *rest)
{
    const char *tab = rest->n > 0 ? memchr(rest->p, '\t', rest->n) : NULL;
    ds_str field = {rest->p, tab != NULL ? (size_t)(tab - rest->p) : rest->n};
    size_t used = field.n + (tab != NULL);
    *rest = (ds_str){rest->p + used, rest->n - used};
    return field;
}

static bool split_user_line(ds_str line, user_line *out)
{
    if (memchr(line.p, '\t', line.n) == NULL) {
        out->pos = cut_last(&line, is_pos_name);
        out->freq = cut_last(&line, all_digits);
        out->word = line;
        return true;
    }
    out->word = cut_tab(&line);
    out->freq = cut_tab(&line);
    out->pos = cut_tab(&line);
    return line.n == 0 && (out->freq.n == 0 || all_digits(out->freq)) && (out->pos.n == 0 || is_pos_name(out->pos));
}

/* -1 (forced) for an empty field; false when the number does not fit. */
static bool parse_freq(ds_str s, int64_t *freq)
{
    *freq = s.n > 0 ? 0 : -1;
    for (size_t i = 0; i < s.n; i++) {
        if (*freq > (INT64_MAX - 9) / 10)
            return false;
        *freq = *freq * 10 + (s.p[i] - '0');
    }
    return true;
}

static ds_status load_line(ds_userdict *d, ds_str line, uint64_t number, ds_error *err)
{
    user_line f;
    int64_t freq;
    while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
        line.n--;
    while (line.n > 0 && line.p[0] == ' ')
        line = (ds_str){line.p + 1, line.n - 1};
    if (line.n == 0 || line.p[0] == '#')
        return DS_OK;
    if (!split_user_line(line, &f) || !parse_freq(f.freq, &freq))
        return ds_fail(err, DS_EINVAL, 0, number, "a line is \"word [freq] [pos]\", freq a whole number");
    return add_word(d, f.word, freq, f.pos, number, err);
}

ds_status ds_userdict_load(ds_userdict *d, ds_str text, void (*report)(void *ud, const ds_error *bad_line), void *ud,
                           ds_error *err)
{
    size_t at = text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    ds_status reserved = ds_trie_builder_reserve(d->trie, ds_trie_builder_nodes(d->trie) + text.n / BYTES_A_NODE, err);
    if (reserved != DS_OK)
        return reserved;
    for (uint64_t number = 1; at < text.n; number++) {
        ds_error bad;
        const char *end = memchr(text.p + at, '\n', text.n - at);
        size_t n = end != NULL ? (size_t)(end - (text.p + at)) : text.n - at;
        ds_status st = load_line(d, (ds_str){text.p + at, n}, number, &bad);
        if (st == DS_ENOMEM)
            return ds_fail_nomem(err);
        if (st != DS_OK && report != NULL) {
            bad.line = number;
            bad.off += at;
            report(ud, &bad);
        }
        at += n + 1;
#ifdef DS_PLANT_USERDICT /* a bug that fuzzing must find: `make fuzz` */
        number -= st != DS_OK;
#endif
    }
    return DS_OK;
}

/* ---- for the segmenter ---- */

int32_t ds_userdict_step(const ds_userdict *d, int32_t node, uint32_t cp)
{
    uint32_t folded[DS_FOLD_CP_MAX];
    size_t n = ds_fold_cp(cp, DS_FOLD_ALL, folded);
    for (size_t i = 0; i < n && node != DS_TRIE_NONE; i++) {
        uint16_t code = ds_codemap_get(&d->codes, folded[i]);
        bool may = code != 0 && (node != 0 || (d->first[code / 64 % FIRST_WORDS] >> (code & 63) & 1) != 0);
        node = may ? ds_trie_builder_step(d->trie, node, code) : DS_TRIE_NONE;
    }
    return node;
}

const ds_userword *ds_userdict_word(const ds_userdict *d, int32_t node)
{
    int32_t id = ds_trie_builder_value(d->trie, node);
    return id != DS_TRIE_NONE && d->entries[id].live ? &d->entries[id].word : NULL;
}

bool ds_userdict_banned(const ds_userdict *d, int32_t node)
{
    int32_t id = ds_trie_builder_value(d->trie, node);
    return id != DS_TRIE_NONE && d->entries[id].banned;
}

size_t ds_userdict_bans(const ds_userdict *d)
{
    return d->bans;
}

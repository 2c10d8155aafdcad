/*
 * hits_ngrams.c - sequences of words or characters; see hits_words.h.
 *
 * A sequence is known by the numbers of its units.  Two sequences may read the same, when a word has a blank in it or stands
 * for several characters: such ones are known by their text, which no other sequence of that size has: a sequence of n words
 * without blanks has n - 1 blanks, one of n single characters n characters, the others more.
 */
#include <string.h>

#include "hits_words_int.h"
#include "trie.h"
#include "utf8.h"

enum { BY_TEXT = UINT32_MAX }; /* in place of the second unit: the first is the number of a text */

/* A sequence; its units stand behind it, so that both are in one line of the cache. */
typedef struct entry {
    uint64_t n;
    uint32_t group, docs, last;
    uint32_t key[];
} entry;

typedef struct unit_list {
    uint32_t *v;
    size_t n, cap;
} unit_list;

struct ds_ngrams {
    ds_alloc alloc;
    ds_ngrams_options options;
    h_words words;    /* of types: their keys */
    h_table units;    /* chars: what the numbers in `parts` are; else words.table is meant */
    h_table texts;    /* of sequences known by their text */
    uint32_t *part_at; /* chars: the units of word w are parts[part_at[w] .. part_at[w + 1]) */
    size_t part_at_count;
    unit_list parts, run;
    unsigned char *plain; /* a unit that is one word without blanks, or one character */
    size_t plain_count;
    unsigned char *items; /* of `stride` bytes each */
    size_t stride, count, cap;
    uint64_t *hashes;     /* of the sequences of a run */
    size_t hash_cap;
    uint32_t *slots;
    size_t slot_count;
    ds_ngram_total *totals;
    uint32_t groups, articles;
    ds_buf text;
    bool failed; /* a key could not be kept: no memory */
};

/* ------------------------------------------------------------------ units */

static uint32_t what(void *ud, const ds_type *t, ds_str *word)
{
    (void)ud;
    if (t->cls == DS_CLASS_SPACE)
        return memchr(t->word.p, '\n', t->word.n) != NULL ? H_BREAK : H_OUT;
    if (t->cls == DS_CLASS_PUNCT || t->cls == DS_CLASS_BAD)
        return H_BREAK;
    *word = t->key;
    return 0;
}

static const h_table *unit_table(const ds_ngrams *g)
{
    return g->options.chars ? &g->units : &g->words.table;
}

static bool put_unit(ds_ngrams *g, unit_list *list, uint32_t unit)
{
    if (ds_grow(&g->alloc, (void **)&list->v, &list->cap, list->n + 1, sizeof *list->v) != DS_OK)
        return false;
    list->v[list->n++] = unit;
    return true;
}

/* Adds the units of a word: its characters, or the word itself. */
static bool put_parts(ds_ngrams *g, ds_str word, bool split)
{
    for (size_t i = 0, len; i < word.n; i += len) {
        uint32_t cp;
        len = split ? ds_utf8_decode(word.p + i, word.n - i, &cp) : word.n;
        uint32_t unit = h_table_add(&g->units, (ds_str){word.p + i, len});
        if (unit == UINT32_MAX || !put_unit(g, &g->parts, unit))
            return false;
    }
    return true;
}

/* Whether words are split is a matter of their class, which several types of one key may not share: so words of class HAN and
 * others get numbers of their own, by a byte behind the key that no key ends in. */
static uint32_t what_chars(void *ud, const ds_type *t, ds_str *word)
{
    ds_ngrams *g = ud;
    ds_buf *b = &g->text;
    uint32_t is = what(NULL, t, word);
    if (is != 0)
        return is;
    ds_buf_reset(b);
    ds_buf_put(b, word->p, word->n);
    ds_buf_byte(b, t->cls == DS_CLASS_HAN ? '\xFF' : '\xFE');
    g->failed = g->failed || b->status != DS_OK;
    *word = ds_buf_str(b);
    return 0;
}

static ds_status open_chars(ds_ngrams *g, const ds_words_source *source, ds_error *err)
{
    ds_status st = h_words_open(&g->words, &g->alloc, source->segments, source->count, what_chars, g, err);
    if (st == DS_OK && g->failed)
        st = ds_fail_nomem(err);
    if (st != DS_OK)
        return st;
    size_t n = g->words.table.count;
    g->part_at = ds_calloc(&g->alloc, n + 1, sizeof *g->part_at);
    if (g->part_at == NULL)
        return ds_fail_nomem(err);
    g->part_at_count = n + 1;
    for (size_t w = 0; w < n; w++) {
        ds_str word = h_table_at(&g->words.table, w);
        bool split = word.p[--word.n] == '\xFF';
        if (!put_parts(g, word, split))
            return ds_fail_nomem(err);
        g->part_at[w + 1] = (uint32_t)g->parts.n;
    }
    return DS_OK;
}

static ds_status mark_plain(ds_ngrams *g, ds_error *err)
{
    const h_table *t = unit_table(g);
    g->plain = ds_calloc(&g->alloc, t->count + 1, 1);
    if (g->plain == NULL)
        return ds_fail_nomem(err);
    g->plain_count = t->count + 1;
    for (size_t i = 0; i < t->count; i++) {
        uint32_t cp;
        ds_str s = h_table_at(t, i);
        g->plain[i] = g->options.chars ? s.n > 0 && ds_utf8_decode(s.p, s.n, &cp) == s.n :
                                         s.n > 0 && memchr(s.p, ' ', s.n) == NULL;
    }
    return DS_OK;
}

/* ------------------------------------------------------------------ the table */

static inline entry *entry_at(const ds_ngrams *g, size_t i)
{
    return (entry *)(void *)(g->items + i * g->stride);
}

static uint64_t hash_of(const uint32_t *key, uint32_t size, uint32_t group)
{
    uint64_t h = group * 0x9E3779B97F4A7C15u;
    for (uint32_t i = 0; i < size; i++) {
        h = (h ^ key[i]) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    return h;
}

static bool more_slots(ds_ngrams *g)
{
    size_t n = g->slot_count > 0 ? 2 * g->slot_count : 1024;
    uint32_t *slots = ds_calloc(&g->alloc, n, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < g->count; i++) {
        const entry *e = entry_at(g, i);
        size_t at = hash_of(e->key, g->options.size, e->group) & (n - 1);
        while (slots[at] != 0)
            at = (at + 1) & (n - 1);
        slots[at] = (uint32_t)i + 1;
    }
    ds_mfree(&g->alloc, g->slots, g->slot_count * sizeof *g->slots);
    g->slots = slots;
    g->slot_count = n;
    return true;
}

/* The entry of a sequence; NULL: no memory, or too many. */
static entry *entry_of(ds_ngrams *g, const uint32_t *key, uint32_t group, uint64_t hash)
{
    size_t bytes = g->options.size * sizeof *key;
    if (2 * (g->count + 1) > g->slot_count && !more_slots(g))
        return NULL;
    size_t at = hash & (g->slot_count - 1);
    for (; g->slots[at] != 0; at = (at + 1) & (g->slot_count - 1)) {
        entry *e = entry_at(g, g->slots[at] - 1);
        if (e->group == group && memcmp(e->key, key, bytes) == 0)
            return e;
    }
    if (g->count >= UINT32_MAX - 1 ||
        ds_grow(&g->alloc, (void **)&g->items, &g->cap, g->count + 1, g->stride) != DS_OK)
        return NULL;
    entry *e = entry_at(g, g->count++);
    *e = (entry){.group = group};
    memcpy(e->key, key, bytes);
    g->totals[group].different++;
    g->slots[at] = (uint32_t)g->count;
    return e;
}

static bool put_text(ds_ngrams *g, const uint32_t *units)
{
    ds_buf_reset(&g->text);
    for (uint32_t i = 0; i < g->options.size; i++) {
        ds_str s = h_table_at(unit_table(g), units[i]);
        if (i > 0 && !g->options.chars)
            ds_buf_byte(&g->text, ' ');
        ds_buf_put(&g->text, s.p, s.n);
    }
    return g->text.status == DS_OK;
}

static bool count_one(ds_ngrams *g, const uint32_t *units, uint32_t group, uint64_t hash)
{
    entry *e = entry_of(g, units, group, hash);
    if (e == NULL)
        return false;
    e->n++;
    if (e->last != g->articles) {
        e->docs++;
        e->last = g->articles;
    }
    return true;
}

static bool count_by_text(ds_ngrams *g, const uint32_t *units, uint32_t group)
{
    uint32_t key[DS_NGRAM_MAX] = {0};
    if (!put_text(g, units) || (key[0] = h_table_add(&g->texts, ds_buf_str(&g->text))) == UINT32_MAX)
        return false;
    key[1] = BY_TEXT;
    return count_one(g, key, group, hash_of(key, g->options.size, group));
}

/* The hashes of a run's sequences, and the parts of the table that they lead to on their way to the cache: looking
 * for one after the other would wait for the memory each time. */
static bool hash_run(ds_ngrams *g, uint32_t group, size_t n)
{
    if (ds_grow(&g->alloc, (void **)&g->hashes, &g->hash_cap, n, sizeof *g->hashes) != DS_OK)
        return false;
    for (size_t i = 0; i < n; i++) {
        g->hashes[i] = hash_of(g->run.v + i, g->options.size, group);
        if (g->slot_count > 0)
            ds_prefetch(&g->slots[g->hashes[i] & (g->slot_count - 1)]);
    }
    for (size_t i = 0; i < n && g->slot_count > 0; i++) {
        uint32_t slot = g->slots[g->hashes[i] & (g->slot_count - 1)];
        if (slot > 0)
            ds_prefetch(entry_at(g, slot - 1));
    }
    return true;
}

/* Counts what the run has, and begins a new one. */
static bool end_run(ds_ngrams *g, uint32_t group)
{
    uint32_t size = g->options.size, plain = 0; /* how many units up to here are plain */
    size_t n = g->run.n >= size ? g->run.n - size + 1 : 0;
    bool good = n == 0 || hash_run(g, group, n);
    for (size_t i = 0; good && n > 0 && i < g->run.n; i++) {
        plain = g->plain[g->run.v[i]] ? plain + 1 : 0;
        if (i + 1 < size)
            continue;
        const uint32_t *units = g->run.v + (i + 1 - size);
        good = plain >= size || size == 1 ? count_one(g, units, group, g->hashes[i + 1 - size]) :
                                            count_by_text(g, units, group);
    }
    g->totals[group].total += n;
    g->run.n = 0;
    return good;
}

static ds_status count_article(void *ud, const h_article *at, ds_error *err)
{
    ds_ngrams *g = ud;
    const uint32_t *of = g->words.of[at->segment];
    bool good = true;
    g->articles++;
    g->totals[at->group].docs++;
    for (uint32_t i = 0; good && i < at->n; i++) {
        uint32_t w = of[at->types[i]];
        if (w == H_OUT)
            continue;
        if (w == H_BREAK)
            good = end_run(g, at->group);
        else if (!g->options.chars)
            good = put_unit(g, &g->run, w);
        else
            for (uint32_t k = g->part_at[w]; good && k < g->part_at[w + 1]; k++)
                good = put_unit(g, &g->run, g->parts.v[k]);
    }
    return good && end_run(g, at->group) ? DS_OK : ds_fail_nomem(err);
}

/* ------------------------------------------------------------------ life */

static ds_status count_all(ds_ngrams *g, const ds_words_source *source, ds_error *err)
{
    if (g->options.size < 1 || g->options.size > DS_NGRAM_MAX || source->groups == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "sequences of 1 to %d", DS_NGRAM_MAX);
    ds_status st = g->options.chars ? open_chars(g, source, err) :
                                      h_words_open(&g->words, &g->alloc, source->segments, source->count, what, NULL, err);
    if (st == DS_OK)
        st = mark_plain(g, err);
    if (st != DS_OK)
        return st;
    g->totals = ds_calloc(&g->alloc, source->groups, sizeof *g->totals);
    if (g->totals == NULL)
        return ds_fail_nomem(err);
    g->groups = source->groups;
    return h_each_article(&g->alloc, source, count_article, g, err);
}

ds_status ds_ngrams_new(const ds_alloc *a, const ds_words_source *source, const ds_ngrams_options *options,
                        ds_ngrams **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_ngrams *g = ds_calloc(a, 1, sizeof *g);
    if (g == NULL)
        return ds_fail_nomem(err);
    g->alloc = *a;
    g->options = *options;
    g->stride = (sizeof(entry) + options->size * sizeof(uint32_t) + 7) / 8 * 8;
    h_table_init(&g->words.table, &g->alloc);
    h_table_init(&g->words.tags, &g->alloc);
    g->words.alloc = &g->alloc;
    h_table_init(&g->units, &g->alloc);
    h_table_init(&g->texts, &g->alloc);
    ds_buf_init(&g->text, &g->alloc);
    ds_status st = count_all(g, source, err);
    h_words_leave(&g->words);
    if (st != DS_OK) {
        ds_ngrams_free(g);
        return st;
    }
    *out = g;
    return DS_OK;
}

void ds_ngrams_free(ds_ngrams *g)
{
    if (g == NULL)
        return;
    ds_alloc a = g->alloc;
    h_words_close(&g->words);
    h_table_clear(&g->units);
    h_table_clear(&g->texts);
    ds_mfree(&a, g->part_at, g->part_at_count * sizeof *g->part_at);
    ds_mfree(&a, g->parts.v, g->parts.cap * sizeof *g->parts.v);
    ds_mfree(&a, g->run.v, g->run.cap * sizeof *g->run.v);
    ds_mfree(&a, g->plain, g->plain_count);
    ds_mfree(&a, g->items, g->cap * g->stride);
    ds_mfree(&a, g->hashes, g->hash_cap * sizeof *g->hashes);
    ds_mfree(&a, g->slots, g->slot_count * sizeof *g->slots);
    ds_mfree(&a, g->totals, g->groups * sizeof *g->totals);
    ds_buf_clear(&g->text);
    ds_mfree(&a, g, sizeof *g);
}

size_t ds_ngrams_count(const ds_ngrams *g)
{
    return g->count;
}

ds_status ds_ngrams_at(ds_ngrams *g, size_t i, uint64_t least, bool *enough, ds_ngram *out, ds_error *err)
{
    const entry *e = entry_at(g, i);
    *out = (ds_ngram){.text = {"", 0}};
    *enough = e->n >= least;
    if (!*enough)
        return DS_OK;
    bool by_text = g->options.size > 1 && e->key[1] == BY_TEXT;
    if (!by_text && !put_text(g, e->key))
        return ds_fail_nomem(err);
    *out = (ds_ngram){by_text ? h_table_at(&g->texts, e->key[0]) : ds_buf_str(&g->text), e->group, e->n, e->docs};
    return DS_OK;
}

ds_ngram_total ds_ngrams_total(const ds_ngrams *g, uint32_t group)
{
    return group < g->groups ? g->totals[group] : (ds_ngram_total){0, 0, 0};
}

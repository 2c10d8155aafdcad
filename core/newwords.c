/* newwords.c - see newwords.h. */
#include "newwords.h"

#include <math.h>
#include <string.h>

#include "fold.h"

enum { MIN_COUNT = 5, LONGEST = 6 };

/* A frequent string: its two halves are what is left without its last, without its first character. */
typedef struct gram {
    uint32_t head, tail; /* numbers of grams; 0 for a single character */
    uint32_t count, first; /* occurrences; place of the first */
} gram;

/* What is counted: a hash table of 64-bit keys that names them in the order of their first coming. */
typedef struct counter {
    const ds_alloc *alloc;
    uint32_t *slots; /* 1 + entry, 0 free */
    size_t nslots;   /* a power of two */
    uint64_t *keys;
    uint32_t *counts;
    size_t count, keys_cap, counts_cap;
} counter;

struct ds_newwords {
    const ds_alloc *alloc;
    ds_newwords_options options;
    uint16_t *code; /* characters, 0 between runs; begins and ends with 0 */
    size_t ncode, code_cap, han;
    uint32_t *start; /* of each text */
    size_t ntexts, start_cap;
    gram *grams; /* number 0 stands for none */
    size_t ngrams, grams_cap;
    ds_newword *words;
    size_t nwords, words_cap;
    size_t most; /* bytes held */
    bool done;
};

/* ---------------------------------------------------------------- counting keys */

static void counter_init(counter *c, const ds_alloc *a)
{
    *c = (counter){.alloc = a};
}

static void counter_clear(counter *c)
{
    ds_mfree(c->alloc, c->slots, c->nslots * sizeof *c->slots);
    ds_mfree(c->alloc, c->keys, c->keys_cap * sizeof *c->keys);
    ds_mfree(c->alloc, c->counts, c->counts_cap * sizeof *c->counts);
    counter_init(c, c->alloc);
}

static size_t counter_memory(const counter *c)
{
    return c->nslots * sizeof *c->slots + c->keys_cap * sizeof *c->keys + c->counts_cap * sizeof *c->counts;
}

static size_t slot_of(const counter *c, uint64_t key)
{
    uint64_t h = key * 0x9E3779B97F4A7C15u;
    size_t at = (size_t)((h ^ h >> 29) * 0xBF58476D1CE4E5B9u >> 20) & (c->nslots - 1);
    while (c->slots[at] != 0 && c->keys[c->slots[at] - 1] != key)
        at = (at + 1) & (c->nslots - 1);
    return at;
}

static ds_status counter_grow(counter *c)
{
    size_t n = c->nslots > 0 ? c->nslots * 2 : 4096;
    uint32_t *slots = ds_calloc(c->alloc, n, sizeof *slots);
    if (slots == NULL)
        return DS_ENOMEM;
    ds_mfree(c->alloc, c->slots, c->nslots * sizeof *c->slots);
    c->slots = slots;
    c->nslots = n;
    for (size_t i = 0; i < c->count; i++)
        c->slots[slot_of(c, c->keys[i])] = (uint32_t)i + 1;
    return DS_OK;
}

/* Counts a key; *entry is its number. */
static ds_status count_key(counter *c, uint64_t key, uint32_t *entry)
{
    if (2 * (c->count + 1) > c->nslots && counter_grow(c) != DS_OK)
        return DS_ENOMEM;
    size_t at = slot_of(c, key);
    if (c->slots[at] == 0) {
        if (ds_grow(c->alloc, (void **)&c->keys, &c->keys_cap, c->count + 1, sizeof *c->keys) != DS_OK ||
            ds_grow(c->alloc, (void **)&c->counts, &c->counts_cap, c->count + 1, sizeof *c->counts) != DS_OK)
            return DS_ENOMEM;
        c->keys[c->count] = key;
        c->counts[c->count++] = 0;
        c->slots[at] = (uint32_t)c->count;
    }
    *entry = c->slots[at] - 1;
    c->counts[*entry]++;
    return DS_OK;
}

/* ---------------------------------------------------------------- taking texts in */

ds_status ds_newwords_new(const ds_alloc *a, const ds_newwords_options *options, ds_newwords **out, ds_error *err)
{
    a = ds_alloc_or_libc(a);
    *out = NULL;
    ds_newwords_options o = options != NULL ? *options : (ds_newwords_options){0, 0, 0, 0};
    o.min = o.min > 0 ? o.min : MIN_COUNT;
    o.longest = o.longest > 0 ? o.longest : LONGEST;
    if (o.longest < 2 || o.longest > DS_NEWWORDS_LONGEST)
        return ds_fail(err, DS_EINVAL, 0, 0, "words have 2 to %d characters", DS_NEWWORDS_LONGEST);
    ds_newwords *w = ds_calloc(a, 1, sizeof *w);
    if (w == NULL)
        return ds_fail_nomem(err);
    w->alloc = a;
    w->options = o;
    *out = w;
    return DS_OK;
}

void ds_newwords_free(ds_newwords *w)
{
    if (w == NULL)
        return;
    ds_mfree(w->alloc, w->code, w->code_cap * sizeof *w->code);
    ds_mfree(w->alloc, w->start, w->start_cap * sizeof *w->start);
    ds_mfree(w->alloc, w->grams, w->grams_cap * sizeof *w->grams);
    ds_mfree(w->alloc, w->words, w->words_cap * sizeof *w->words);
    ds_mfree(w->alloc, w, sizeof *w);
}

size_t ds_newwords_size(const ds_newwords *w)
{
    return w->han;
}

size_t ds_newwords_memory(const ds_newwords *w)
{
    return w->most;
}

static void note_memory(ds_newwords *w, size_t besides)
{
    size_t n = sizeof *w + w->code_cap * sizeof *w->code + w->start_cap * sizeof *w->start + w->grams_cap * sizeof *w->grams +
               w->words_cap * sizeof *w->words + besides;
    w->most = n > w->most ? n : w->most;
}

static bool is_han(uint32_t cp)
{
    return (cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) || cp == 0x3007;
}

ds_status ds_newwords_add(ds_newwords *w, ds_str text, ds_error *err)
{
    size_t before = w->ncode, len, most = 0;
    if (w->done)
        return ds_fail(err, DS_EINVAL, 0, 0, "texts are added before words are looked for");
    /* A Han character has three bytes; between two of them all else becomes one 0. */
    if (!ds_add(before, text.n, &most) || !ds_add(most, 2, &most) || most >= UINT32_MAX || w->ntexts + 1 >= UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "more than 4 Gi characters");
    if (ds_grow(w->alloc, (void **)&w->code, &w->code_cap, before + text.n / 2 + 3, sizeof *w->code) != DS_OK ||
        ds_grow(w->alloc, (void **)&w->start, &w->start_cap, w->ntexts + 1, sizeof *w->start) != DS_OK)
        return ds_fail_nomem(err);
    if (before == 0)
        w->code[w->ncode++] = 0;
    w->start[w->ntexts++] = (uint32_t)w->ncode;
    for (size_t i = 0; i < text.n; i += len) {
        uint32_t cp;
        len = ds_utf8_decode(text.p + i, text.n - i, &cp);
        if (is_han(cp)) {
            w->code[w->ncode++] = (uint16_t)ds_fold_variant(cp);
            w->han++;
        } else if (w->code[w->ncode - 1] != 0) {
            w->code[w->ncode++] = 0;
        }
    }
    if (w->code[w->ncode - 1] != 0)
        w->code[w->ncode++] = 0;
    note_memory(w, 0);
    return DS_OK;
}

/* ---------------------------------------------------------------- frequent strings */

static ds_status put_gram(ds_newwords *w, gram g)
{
    if (ds_grow(w->alloc, (void **)&w->grams, &w->grams_cap, w->ngrams + 1, sizeof *w->grams) != DS_OK)
        return DS_ENOMEM;
    w->grams[w->ngrams++] = g;
    return DS_OK;
}

/* Names the frequent characters; at[i] becomes the number of the one at place i, or 0. */
static ds_status name_characters(ds_newwords *w, uint32_t *at)
{
    uint32_t *count = ds_calloc(w->alloc, 2 * 0x10000, sizeof *count), *name;
    ds_status st = count != NULL ? put_gram(w, (gram){0, 0, 0, 0}) : DS_ENOMEM;
    if (count == NULL)
        return st;
    name = count + 0x10000;
    for (size_t i = 0; i < w->ncode; i++)
        count[w->code[i]]++;
    for (size_t i = 0; st == DS_OK && i < w->ncode; i++) {
        uint16_t c = w->code[i];
        if (c != 0 && name[c] == 0 && count[c] >= w->options.min) {
            name[c] = (uint32_t)w->ngrams;
            st = put_gram(w, (gram){0, 0, count[c], (uint32_t)i});
        }
        at[i] = name[c];
    }
    ds_mfree(w->alloc, count, 2 * 0x10000 * sizeof *count);
    return st;
}

/* From the names of strings of one length to those of strings one longer, in the same array: first every place gets the
 * number of its key, then the frequent keys get names. */
static ds_status name_longer(ds_newwords *w, uint32_t *at)
{
    counter c;
    counter_init(&c, w->alloc);
    ds_status st = DS_OK;
    uint32_t *name = NULL;
    for (size_t i = 0; st == DS_OK && i + 1 < w->ncode; i++) {
        uint32_t entry;
#ifndef DS_PLANT_NEWWORDS /* a bug that fuzzing must find, `make fuzz`: strings that go over the end of a run */
        if (at[i] == 0 || at[i + 1] == 0) {
#else
        if (at[i] == 0) {
#endif
            at[i] = 0;
            continue;
        }
        st = count_key(&c, (uint64_t)at[i] << 32 | at[i + 1], &entry);
        at[i] = entry + 1;
    }
    size_t n = c.count;
    if (st == DS_OK && n > 0 && (name = ds_calloc(w->alloc, n, sizeof *name)) == NULL)
        st = DS_ENOMEM;
    for (size_t i = 0; st == DS_OK && i + 1 < w->ncode; i++) {
        if (at[i] == 0)
            continue;
        uint32_t entry = at[i] - 1;
        if (name[entry] == 0 && c.counts[entry] >= w->options.min) {
            name[entry] = (uint32_t)w->ngrams;
            st = put_gram(w, (gram){(uint32_t)(c.keys[entry] >> 32), (uint32_t)c.keys[entry], c.counts[entry], (uint32_t)i});
        }
        at[i] = name[entry];
    }
    note_memory(w, counter_memory(&c) + n * sizeof *name + w->ncode * sizeof *at);
    ds_mfree(w->alloc, name, n * sizeof *name);
    counter_clear(&c);
    return st;
}

/* ---------------------------------------------------------------- measures */

static double cohesion_of(const ds_newwords *w, uint32_t number, size_t len)
{
    double least = INFINITY;
    uint32_t left = number;
    for (size_t k = len - 1; k > 0; k--) { /* characters of the left part */
        uint32_t right = number;
        left = w->grams[left].head;
        for (size_t i = 0; i < k; i++)
            right = w->grams[right].tail;
        double pmi = log2((double)w->grams[number].count * (double)w->han /
                          ((double)w->grams[left].count * (double)w->grams[right].count));
        least = pmi < least ? pmi : least;
    }
    return least;
}

/* What is summed up of a candidate while its places are looked at. */
typedef struct sum {
    double left, right; /* sum of c log2 c over the surroundings that are characters */
    uint32_t texts, last;
    uint32_t candidate; /* whether it is one */
} sum;

static void end_text(const ds_newwords *w, size_t *text, size_t place)
{
    while (*text + 1 < w->ntexts && w->start[*text + 1] <= place)
        ++*text;
}

/* Counts the surroundings of the candidates among the grams [base, ngrams), whose places `at` has. */
static ds_status count_around(ds_newwords *w, const uint32_t *at, size_t base, size_t len, sum *sums, counter *c)
{
    size_t text = 0;
    for (size_t i = 0; i < w->ncode; i++) {
        uint32_t entry;
        if (at[i] == 0 || sums[at[i] - base].candidate == 0)
            continue;
        sum *s = &sums[at[i] - base];
        uint16_t before = w->code[i - 1], behind = w->code[i + len];
        end_text(w, &text, i);
        if (s->texts == 0 || s->last != text)
            s->texts++;
        s->last = (uint32_t)text;
        if (before != 0 && count_key(c, (uint64_t)(at[i] - base) << 17 | before, &entry) != DS_OK)
            return DS_ENOMEM;
        if (behind != 0 && count_key(c, (uint64_t)(at[i] - base) << 17 | 0x10000 | behind, &entry) != DS_OK)
            return DS_ENOMEM;
    }
    for (size_t i = 0; i < c->count; i++) {
        sum *s = &sums[c->keys[i] >> 17];
        double x = (double)c->counts[i] * log2((double)c->counts[i]);
        if (c->keys[i] & 0x10000)
            s->right += x;
        else
            s->left += x;
    }
    return DS_OK;
}

static size_t text_of(const ds_newwords *w, uint32_t place)
{
    size_t low = 0, high = w->ntexts;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (w->start[mid] <= place)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static ds_status put_words(ds_newwords *w, size_t base, size_t len, const sum *sums)
{
    for (size_t g = base; g < w->ngrams; g++) {
        const sum *s = &sums[g - base];
        double n = w->grams[g].count, all = log2(n);
        double left = all - s->left / n, right = all - s->right / n;
        if (s->candidate == 0 || left < w->options.entropy || right < w->options.entropy)
            continue;
        if (ds_grow(w->alloc, (void **)&w->words, &w->words_cap, w->nwords + 1, sizeof *w->words) != DS_OK)
            return DS_ENOMEM;
        uint32_t first = w->grams[g].first;
        w->words[w->nwords++] = (ds_newword){first, (uint32_t)len, w->grams[g].count, s->texts, (uint32_t)text_of(w, first),
                                             cohesion_of(w, (uint32_t)g, len), left, right};
    }
    return DS_OK;
}

/* The words among the strings of `len` characters, which are the grams from `base` on. */
static ds_status find_words(ds_newwords *w, const uint32_t *at, size_t base, size_t len)
{
    size_t n = w->ngrams - base;
    counter c;
    sum *sums = n > 0 ? ds_calloc(w->alloc, n, sizeof *sums) : NULL;
    if (n == 0)
        return DS_OK;
    if (sums == NULL)
        return DS_ENOMEM;
    counter_init(&c, w->alloc);
    for (size_t g = base; g < w->ngrams; g++)
        sums[g - base].candidate = cohesion_of(w, (uint32_t)g, len) >= w->options.cohesion;
    ds_status st = count_around(w, at, base, len, sums, &c);
    if (st == DS_OK)
        st = put_words(w, base, len, sums);
    note_memory(w, counter_memory(&c) + n * sizeof *sums + w->ncode * sizeof *at);
    counter_clear(&c);
    ds_mfree(w->alloc, sums, n * sizeof *sums);
    return st;
}

ds_status ds_newwords_find(ds_newwords *w, const ds_newword **out, size_t *count, ds_error *err)
{
    *out = NULL;
    *count = 0;
    if (!w->done && w->ncode > 0) {
        uint32_t *at = ds_calloc(w->alloc, w->ncode, sizeof *at);
        ds_status st = at != NULL ? name_characters(w, at) : DS_ENOMEM;
        for (size_t len = 2; st == DS_OK && len <= w->options.longest; len++) {
            size_t base = w->ngrams;
            st = name_longer(w, at);
            if (st == DS_OK)
                st = find_words(w, at, base, len);
        }
        ds_mfree(w->alloc, at, w->ncode * sizeof *at);
        if (st != DS_OK) {
            w->ngrams = w->nwords = 0;
            return ds_fail_nomem(err);
        }
    }
    w->done = true;
    *out = w->words;
    *count = w->nwords;
    return DS_OK;
}

void ds_newwords_text(const ds_newwords *w, const ds_newword *word, ds_buf *out)
{
    char one[DS_UTF8_MAX];
    for (size_t i = 0; i < word->len; i++)
        ds_buf_put(out, one, ds_utf8_encode(w->code[word->at + i], one));
}

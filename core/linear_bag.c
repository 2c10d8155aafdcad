/* linear_bag.c - features of texts; see linear.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linear.h"

void ds_bag_init(ds_bag *b, const ds_alloc *a)
{
    *b = (ds_bag){.alloc = ds_alloc_or_libc(a)};
}

void ds_bag_clear(ds_bag *b)
{
    const ds_alloc *a = b->alloc;
    ds_mfree(a, b->items, b->cap * sizeof *b->items);
    ds_mfree(a, b->chars, b->chars_cap * sizeof *b->chars);
    ds_mfree(a, b->offs, b->offs_cap * sizeof *b->offs);
    ds_bag_init(b, a);
}

void ds_bag_reset(ds_bag *b)
{
    b->count = 0;
    b->status = DS_OK;
}

/* ---- what is seen ---- */

enum { KIND_NAME = 1, KIND_CHARS, KIND_AROUND, KIND_WORDS };

/* FNV-1a's step, on code points. */
static uint64_t hash_more(uint64_t h, uint64_t code)
{
    return (h ^ code) * 0x100000001B3u;
}

static uint64_t hash_begin(unsigned kind, unsigned place)
{
    return hash_more(0xCBF29CE484222325u, kind * 16 + place);
}

static void put(ds_bag *b, unsigned group, uint64_t hash, float value, size_t beg, size_t end)
{
    if (b->status == DS_OK)
        b->status = ds_grow(b->alloc, (void **)&b->items, &b->cap, b->count + 1, sizeof *b->items);
    if (b->status != DS_OK)
        return;
    uint64_t key = (uint64_t)(group % DS_BAG_GROUPS) << 56 | ((hash ^ hash >> 56) & 0xFFFFFFFFFFFFFFu);
    b->items[b->count++] = (ds_feature){key, value, (uint32_t)beg, (uint32_t)end};
}

void ds_bag_name(ds_bag *b, unsigned group, ds_str name, float value, size_t beg, size_t end)
{
    uint64_t h = hash_begin(KIND_NAME, 0);
    for (size_t i = 0; i < name.n; i++)
        h = hash_more(h, (unsigned char)name.p[i]);
    put(b, group, h, value, beg, end);
}

/* The characters of [beg, end), folded; returns how many. */
static size_t fold_chars(ds_bag *b, ds_str text, size_t beg, size_t end)
{
    size_t n = 0, need = end - beg + 1;
    if (b->status == DS_OK)
        b->status = text.n > UINT32_MAX
                        ? DS_ELIMIT
                        : ds_grow(b->alloc, (void **)&b->chars, &b->chars_cap, need, sizeof *b->chars);
    if (b->status == DS_OK)
        b->status = ds_grow(b->alloc, (void **)&b->offs, &b->offs_cap, need, sizeof *b->offs);
    for (size_t i = beg; i < end && b->status == DS_OK; n++) {
        uint32_t cp, folded[DS_FOLD_CP_MAX];
        b->offs[n] = (uint32_t)i;
        i += ds_utf8_decode(text.p + i, end - i, &cp);
        ds_fold_cp(cp, DS_FOLD_ALL, folded);
        b->chars[n] = folded[0] < 0x20 ? ' ' : folded[0];
    }
    if (b->status != DS_OK)
        return 0;
    b->offs[n] = (uint32_t)end;
    return n;
}

/* The n-grams that begin at character i and end before `stop`. */
static void put_grams(ds_bag *b, unsigned group, uint64_t seed, size_t i, size_t stop, unsigned least, unsigned most)
{
    uint64_t h = seed;
    for (size_t k = i; k < stop && k - i < most; k++) {
        h = hash_more(h, b->chars[k]);
        if (k - i + 1 >= least)
            put(b, group, h, 1, b->offs[i], b->offs[k + 1]);
    }
}

void ds_bag_chars(ds_bag *b, unsigned group, ds_str text, size_t beg, size_t end, unsigned least, unsigned most)
{
    size_t n = fold_chars(b, text, beg, end);
    for (size_t i = 0; i < n; i++)
        put_grams(b, group, hash_begin(KIND_CHARS, group), i, n, least, most);
}

enum { AT, NEAR, FAR, NEAR_REACH = 4 };

static unsigned distance(size_t chars)
{
    return chars == 0 ? AT : chars < NEAR_REACH ? NEAR : FAR;
}

void ds_bag_around(ds_bag *b, unsigned group, ds_str text, size_t beg, size_t end, size_t reach, unsigned most)
{
    size_t n = fold_chars(b, text, 0, beg);
    for (size_t i = n > reach ? n - reach : 0; i < n; i++)
        for (unsigned len = 1; len <= most && i + len <= n; len++)
            put_grams(b, group, hash_begin(KIND_AROUND, distance(n - i - len)), i, i + len, len, len);
    n = fold_chars(b, text, end, text.n);
    n = n < reach ? n : reach;
    for (size_t i = 0; i < n; i++)
        put_grams(b, group, hash_begin(KIND_AROUND, 8 + distance(i)), i, n, 1, most);
}

static bool is_word(const ds_token *t)
{
    return t->cls != DS_CLASS_SPACE && t->cls != DS_CLASS_PUNCT && t->cls != DS_CLASS_BAD;
}

static uint64_t hash_token(const ds_bag *b, uint64_t h, size_t *at, uint32_t end)
{
    for (; b->offs[*at] < end; (*at)++)
        h = hash_more(h, b->chars[*at]);
    return hash_more(h, ' ');
}

void ds_bag_words(ds_bag *b, unsigned group, ds_str text, const ds_tokens *tokens)
{
    size_t n = fold_chars(b, text, 0, text.n), at = 0, first = 0;
    bool had = false;
    for (size_t i = 0; i < tokens->count && n > 0; i++) {
        const ds_token *t = &tokens->items[i];
        while (b->offs[at] < t->beg)
            at++;
        size_t begin = at;
        uint64_t one = hash_token(b, hash_begin(KIND_WORDS, 1), &at, t->end);
        if (!is_word(t)) {
            had = false;
            continue;
        }
        if (at - begin > 1)
            put(b, group, one, 1, t->beg, t->end);
        if (had) {
            size_t from = first;
            uint64_t two = hash_token(b, hash_begin(KIND_WORDS, 2), &from, t->beg);
            put(b, group, hash_token(b, two, &from, t->end), 1, b->offs[first], t->end);
        }
        had = true;
        first = begin;
    }
}

/* ---- closing ---- */

static int by_key(const void *a, const void *b)
{
    const ds_feature *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->beg > y->beg) - (x->beg < y->beg);
}

/* Equal ones become one. */
static void merge_equal(ds_bag *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->count; i++) {
        if (n > 0 && b->items[n - 1].key == b->items[i].key)
            b->items[n - 1].value += b->items[i].value;
        else
            b->items[n++] = b->items[i];
    }
    b->count = n;
}

ds_status ds_bag_close(ds_bag *b, const float scale[DS_BAG_GROUPS], ds_error *err)
{
    double squares[DS_BAG_GROUPS] = {0};
    size_t n = 0;
    if (b->status != DS_OK)
        return b->status == DS_ENOMEM ? ds_fail_nomem(err) : ds_fail(err, b->status, 0, 0, "a text of 4 GiB or more");
    if (b->count > 0)
        qsort(b->items, b->count, sizeof *b->items, by_key);
    merge_equal(b);
    for (size_t i = 0; i < b->count; i++) {
        ds_feature f = b->items[i];
        size_t group = f.key >> 56;
        if (scale[group] > 0)
            f.value = sqrtf(f.value > 0 ? f.value : 0);
        squares[group] += (double)f.value * (double)f.value;
        if (scale[group] < 0 || scale[group] > 0)
            b->items[n++] = f;
    }
    b->count = n;
    for (size_t i = 0; i < n; i++) {
        size_t group = b->items[i].key >> 56;
        float length = (float)sqrt(squares[group]);
        b->items[i].value *= scale[group] < 0 ? -scale[group] : length > 0 ? scale[group] / length : 0;
    }
    return DS_OK;
}

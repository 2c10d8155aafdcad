/*
 * store_pending.c - the segment that is being made: its types in a hash table, its tokens in a row.  store_segment.c
 * writes it.
 */
#include "store_pending.h"

#include <string.h>

enum { SLOTS_LEAST = 1 << 12 };

static ds_status intern_empty(st_pending *p, ds_error *err);

ds_status st_pending_new(const ds_alloc *a, st_pending **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    st_pending *p = ds_calloc(a, 1, sizeof *p);
    if (p == NULL)
        return ds_fail_nomem(err);
    p->alloc = *a;
    ds_buf_init(&p->words, &p->alloc);
    ds_buf_init(&p->rows, &p->alloc);
    ds_buf_init(&p->pos_names, &p->alloc);
    ds_buf_init(&p->lemmas, &p->alloc);
    ds_status st = intern_empty(p, err);
    if (st != DS_OK) {
        st_pending_free(p);
        return st;
    }
    *out = p;
    return DS_OK;
}

void st_pending_free(st_pending *p)
{
    if (p == NULL)
        return;
    const ds_alloc *a = &p->alloc;
    ds_mfree(a, p->types, p->type_cap * sizeof *p->types);
    ds_mfree(a, p->slots, p->slot_count * sizeof *p->slots);
    ds_mfree(a, p->tokens, p->token_cap * sizeof *p->tokens);
    ds_mfree(a, p->docs, p->doc_cap * sizeof *p->docs);
    ds_mfree(a, p->pos_at, p->pos_cap * sizeof *p->pos_at);
    ds_mfree(a, p->lemma_at, p->lemma_cap * sizeof *p->lemma_at);
    for (int i = 0; i < 2; i++)
        ds_mfree(a, p->unit[i].items, p->unit[i].cap * sizeof *p->unit[i].items);
    ds_buf_clear(&p->words);
    ds_buf_clear(&p->rows);
    ds_buf_clear(&p->pos_names);
    ds_buf_clear(&p->lemmas);
    ds_alloc own = p->alloc;
    ds_mfree(&own, p, sizeof *p);
}

void st_pending_reset(st_pending *p)
{
    ds_buf_reset(&p->words);
    ds_buf_reset(&p->rows);
    ds_buf_reset(&p->pos_names);
    ds_buf_reset(&p->lemmas);
    p->type_count = 1; /* DS_TYPE_END */
    p->token_count = p->doc_count = p->lemma_count = 0;
    p->unit[0].count = p->unit[1].count = 0;
    p->pos_count = 1; /* the empty name is there */
    ds_buf_byte(&p->pos_names, '\0');
    memset(p->slots, 0, p->slot_count * sizeof *p->slots);
}

static ds_status intern_empty(st_pending *p, ds_error *err)
{
    p->slots = ds_calloc(&p->alloc, SLOTS_LEAST, sizeof *p->slots);
    if (p->slots == NULL)
        return ds_fail_nomem(err);
    p->slot_count = SLOTS_LEAST;
    if (ds_grow(&p->alloc, (void **)&p->types, &p->type_cap, 1, sizeof *p->types) != DS_OK ||
        ds_grow(&p->alloc, (void **)&p->pos_at, &p->pos_cap, 1, sizeof *p->pos_at) != DS_OK)
        return ds_fail_nomem(err);
    p->types[0] = (st_type){0};
    p->pos_at[0] = 0;
    st_pending_reset(p);
    return p->pos_names.status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

/* ------------------------------------------------------------------ names */

ds_status st_pending_pos(st_pending *p, ds_str name, uint16_t *number, ds_error *err)
{
    *number = 0;
    for (size_t i = 0; i < p->pos_count; i++) {
        const char *known = p->pos_names.p + p->pos_at[i];
        if (strlen(known) == name.n && memcmp(known, name.p, name.n) == 0) {
            *number = (uint16_t)i;
            return DS_OK;
        }
    }
    if (p->pos_count == UINT16_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "more than %d different parts of speech", UINT16_MAX);
    if (memchr(name.p, '\0', name.n) != NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "a part of speech with a NUL byte");
    if (ds_grow(&p->alloc, (void **)&p->pos_at, &p->pos_cap, p->pos_count + 1, sizeof *p->pos_at) != DS_OK)
        return ds_fail_nomem(err);
    p->pos_at[p->pos_count] = p->pos_names.n;
    ds_buf_put(&p->pos_names, name.p, name.n);
    ds_buf_byte(&p->pos_names, '\0');
    if (p->pos_names.status != DS_OK)
        return ds_fail_nomem(err);
    *number = (uint16_t)p->pos_count++;
    return DS_OK;
}

/* Lemmas that differ from their words are rare in Chinese: the last ones are looked through, others stored again. */
enum { LEMMAS_LOOKED_AT = 64 };

ds_status st_pending_lemma(st_pending *p, ds_str lemma, ds_str word, uint32_t *number, ds_error *err)
{
    *number = lemma.n == 0 ? DS_LEMMA_NONE : DS_LEMMA_SAME;
    if (lemma.n == 0 || ds_str_eq(lemma, word))
        return DS_OK;
    size_t from = p->lemma_count > LEMMAS_LOOKED_AT ? p->lemma_count - LEMMAS_LOOKED_AT : 0;
    for (size_t i = from; i < p->lemma_count; i++)
        if (ds_str_eq(ds_str_of(p->lemmas.p + p->lemma_at[i]), lemma)) {
            *number = (uint32_t)i + DS_LEMMA_FIRST;
            return DS_OK;
        }
    if (memchr(lemma.p, '\0', lemma.n) != NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "a lemma with a NUL byte");
    if (ds_grow(&p->alloc, (void **)&p->lemma_at, &p->lemma_cap, p->lemma_count + 1, sizeof *p->lemma_at) != DS_OK)
        return ds_fail_nomem(err);
    p->lemma_at[p->lemma_count] = p->lemmas.n;
    ds_buf_put(&p->lemmas, lemma.p, lemma.n);
    ds_buf_byte(&p->lemmas, '\0');
    if (p->lemmas.status != DS_OK)
        return ds_fail_nomem(err);
    *number = (uint32_t)p->lemma_count++ + DS_LEMMA_FIRST;
    return DS_OK;
}

/* ------------------------------------------------------------------ types */

static uint32_t hash_type(const ds_vocab_entry *e)
{
    uint64_t h = (uint64_t)e->pos << 40 ^ (uint64_t)e->cls << 32 ^ e->lemma ^ (uint64_t)e->word.n << 56, w;
    const char *s = e->word.p;
    size_t n = e->word.n;
    for (; n >= 8; s += 8, n -= 8) {
        memcpy(&w, s, 8);
        h = (h ^ w) * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
    }
    w = 0;
    if (n > 0)
        memcpy(&w, s, n);
    h = (h ^ w) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> 32);
}

static bool same_type(const st_pending *p, const st_type *t, const ds_vocab_entry *e)
{
    return t->len == e->word.n && t->pos == e->pos && t->cls == e->cls && t->lemma == e->lemma &&
           memcmp(p->words.p + t->at, e->word.p, t->len) == 0;
}

static bool more_slots(st_pending *p)
{
    size_t n = p->slot_count * 2;
    st_slot *slots = ds_calloc(&p->alloc, n, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < p->slot_count; i++) {
        if (p->slots[i].type == 0)
            continue;
        size_t at = p->slots[i].hash & (n - 1);
        while (slots[at].type != 0)
            at = (at + 1) & (n - 1);
        slots[at] = p->slots[i];
    }
    ds_mfree(&p->alloc, p->slots, p->slot_count * sizeof *p->slots);
    p->slots = slots;
    p->slot_count = n;
    return true;
}

static ds_status new_type(st_pending *p, const ds_vocab_entry *e, uint32_t hash, size_t slot, ds_error *err)
{
    if (p->words.n + e->word.n > UINT32_MAX || p->type_count >= DS_WORDCODE_LIMIT)
        return ds_fail(err, DS_ELIMIT, 0, 0, "too many different words in one segment");
    if (ds_grow(&p->alloc, (void **)&p->types, &p->type_cap, p->type_count + 1, sizeof *p->types) != DS_OK)
        return ds_fail_nomem(err);
    uint32_t at = (uint32_t)p->words.n;
    ds_buf_put(&p->words, e->word.p, e->word.n);
    if (p->words.status != DS_OK)
        return ds_fail_nomem(err);
    p->types[p->type_count] = (st_type){at, (uint32_t)e->word.n, e->lemma, 0, e->pos, e->cls};
    p->slots[slot] = (st_slot){hash, (uint32_t)p->type_count++};
    return DS_OK;
}

ds_status st_pending_type(st_pending *p, const ds_vocab_entry *e, uint32_t *type, ds_error *err)
{
    *type = DS_TYPE_END;
    if (e->word.n > DS_VOCAB_WORD_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "a word of %zu bytes; at most %d", e->word.n, DS_VOCAB_WORD_MAX);
    if (p->type_count * 2 > p->slot_count && !more_slots(p))
        return ds_fail_nomem(err);
    uint32_t hash = hash_type(e);
    size_t at = hash & (p->slot_count - 1);
    for (; p->slots[at].type != 0; at = (at + 1) & (p->slot_count - 1))
        if (p->slots[at].hash == hash && same_type(p, &p->types[p->slots[at].type], e)) {
            *type = p->slots[at].type;
            return DS_OK;
        }
    ds_status st = new_type(p, e, hash, at, err);
    *type = (uint32_t)p->type_count - 1;
    return st;
}

ds_status st_pending_put(st_pending *p, uint32_t type, ds_error *err)
{
    if (p->token_count + 2 >= DS_POS_NONE)
        return ds_fail(err, DS_ELIMIT, 0, 0, "too many tokens in one segment");
    if (ds_grow(&p->alloc, (void **)&p->tokens, &p->token_cap, p->token_count + 1, sizeof *p->tokens) != DS_OK)
        return ds_fail_nomem(err);
    p->tokens[p->token_count++] = type;
    p->types[type].count++;
    return DS_OK;
}

ds_status st_pending_token(st_pending *p, const ds_vocab_entry *token, ds_error *err)
{
    uint32_t type = 0;
    ds_status st = st_pending_type(p, token, &type, err);
    return st == DS_OK ? st_pending_put(p, type, err) : st;
}

/* ------------------------------------------------------------------ articles */

ds_status st_pending_begin(st_pending *p, const ds_article *article, ds_error *err)
{
    if (article->text.n > UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "a text of %zu bytes; at most %u", article->text.n, UINT32_MAX);
    if (ds_grow(&p->alloc, (void **)&p->docs, &p->doc_cap, p->doc_count + 1, sizeof *p->docs) != DS_OK)
        return ds_fail_nomem(err);
    p->docs[p->doc_count] = (st_doc){(uint32_t)p->token_count, (uint32_t)article->text.n, article->date,
                                     ix_id_hash(article->id), article->hash, p->rows.n, article->row.n};
    ds_buf_put(&p->rows, article->row.p, article->row.n);
    if (p->rows.status != DS_OK)
        return ds_fail_nomem(err);
    p->before.units[0] = p->unit[0].count;
    p->before.units[1] = p->unit[1].count;
    return DS_OK;
}

ds_status st_pending_units(st_pending *p, ds_unit unit, const ds_spans *spans, ds_error *err)
{
    st_units *u = &p->unit[unit];
    size_t at = 0, k = p->docs[p->doc_count].beg, before = u->count;
    for (size_t i = 0; i < spans->count; i++) {
        while (k < p->token_count && at < spans->items[i].beg)
            at += p->types[p->tokens[k++]].len;
        if (k == p->token_count)
            break;
        if (u->count > before && u->items[u->count - 1] == k)
            continue;
        if (ds_grow(&p->alloc, (void **)&u->items, &u->cap, u->count + 1, sizeof *u->items) != DS_OK)
            return ds_fail_nomem(err);
        u->items[u->count++] = (uint32_t)k;
    }
    return DS_OK;
}

ds_status st_pending_starts(st_pending *p, ds_unit unit, const uint32_t *starts, size_t n, uint32_t base, ds_error *err)
{
    st_units *u = &p->unit[unit];
    uint32_t beg = p->docs[p->doc_count].beg;
    if (ds_grow(&p->alloc, (void **)&u->items, &u->cap, u->count + n, sizeof *u->items) != DS_OK)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        u->items[u->count++] = starts[i] - base + beg;
    return DS_OK;
}

ds_status st_pending_end(st_pending *p, ds_error *err)
{
    ds_status st = st_pending_put(p, DS_TYPE_END, err);
    if (st == DS_OK)
        p->doc_count++;
    return st;
}

void st_pending_undo(st_pending *p)
{
    const st_doc *d = &p->docs[p->doc_count]; /* the one that was begun */
    while (p->token_count > d->beg)
        p->types[p->tokens[--p->token_count]].count--;
    p->rows.n = d->row_at;
    p->unit[0].count = p->before.units[0];
    p->unit[1].count = p->before.units[1];
}

uint32_t st_pending_docs(const st_pending *p)
{
    return (uint32_t)p->doc_count;
}

uint32_t st_pending_tokens(const st_pending *p)
{
    return (uint32_t)p->token_count;
}

uint32_t st_pending_types(const st_pending *p)
{
    return (uint32_t)p->type_count;
}

size_t st_pending_rows(const st_pending *p)
{
    return p->rows.n;
}

/*
 * naive_query.h - small stores of random articles, and a slow evaluator of queries over plain arrays of tokens, for
 * the suites and the fuzz target to compare with.
 *
 * It knows the tree of the query and nothing of lists, plans or automata: where a node can end is found by trying.
 */
#ifndef NAIVE_QUERY_H
#define NAIVE_QUERY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "query.h"
#include "store.h"

#define NQ_CHECK(x)                                                                                                    \
    do {                                                                                                               \
        if (!(x)) {                                                                                                    \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #x);                                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { NQ_DOCS = 24, NQ_TOKENS = 60, NQ_TEXT = 2048 };

typedef struct nq_token {
    const char *word, *key, *pos, *lemma;
    uint8_t cls;
} nq_token;

/* Words that end, begin and repeat each other; keys are written out, so that the fold is not trusted. */
static const nq_token nq_words[] = {
    {"中国", "中国", "ns", "", DS_CLASS_HAN},     {"中國", "中国", "ns", "", DS_CLASS_HAN},
    {"国", "国", "n", "", DS_CLASS_HAN},          {"中", "中", "f", "", DS_CLASS_HAN},
    {"国中", "国中", "n", "", DS_CLASS_HAN},      {"国人", "国人", "n", "", DS_CLASS_HAN},
    {"人", "人", "n", "", DS_CLASS_HAN},          {"中国人", "中国人", "n", "", DS_CLASS_HAN},
    {"人人", "人人", "n", "", DS_CLASS_HAN},      {"人人人", "人人人", "v", "", DS_CLASS_HAN},
    {"國", "国", "v", "", DS_CLASS_HAN},          {"A", "a", "x", "", DS_CLASS_LATIN},
    {"ab", "ab", "x", "ab", DS_CLASS_LATIN},      {"Ba", "ba", "x", "b", DS_CLASS_LATIN},
    {"aab", "aab", "nx", "a", DS_CLASS_LATIN},    {"b", "b", "nx", "", DS_CLASS_LATIN},
    {"a b", "a b", "nx", "", DS_CLASS_LATIN},     {"ＡＢＡ", "aba", "x", "", DS_CLASS_LATIN},
    {"1", "1", "m", "", DS_CLASS_NUMBER},         {"$1", "$1", "m", "", DS_CLASS_MONEY},
    {"，", ",", "w", "", DS_CLASS_PUNCT},         {"。", "。", "w", "", DS_CLASS_PUNCT},
    {" ", " ", "", "", DS_CLASS_SPACE},           {"\n", "\n", "", "", DS_CLASS_SPACE},
    {"　", " ", "", "", DS_CLASS_SPACE},          {"\xE4\xB8", "\xE4\xB8", "", "", DS_CLASS_BAD},
};
enum { NQ_WORDS = sizeof nq_words / sizeof *nq_words };

typedef struct nq_doc {
    const nq_token *tokens[NQ_TOKENS];
    size_t n;
    bool deleted;
} nq_doc;

typedef struct nq_corpus {
    nq_doc docs[NQ_DOCS];
    size_t n;
    ds_store *store;
    ds_index *ix;
    char path[64];
} nq_corpus;

static uint64_t nq_state = 1;
static inline uint32_t nq_rnd(uint32_t n)
{
    nq_state ^= nq_state >> 12;
    nq_state ^= nq_state << 25;
    nq_state ^= nq_state >> 27;
    return (uint32_t)((nq_state * 2685821657736338717u) >> 33) % n;
}

static inline ds_status nq_add(ds_writer *w, nq_doc *d, size_t number, ds_error *err)
{
    char text[NQ_TEXT], id[16];
    ds_own_token own[NQ_TOKENS];
    size_t len = 0;
    for (size_t i = 0; i < d->n; i++) {
        size_t n = strlen(d->tokens[i]->word);
        memcpy(text + len, d->tokens[i]->word, n);
        own[i] = (ds_own_token){(uint32_t)len, (uint32_t)(len + n), ds_str_of(d->tokens[i]->pos),
                                ds_str_of(d->tokens[i]->lemma), d->tokens[i]->cls};
        len += n;
    }
    snprintf(id, sizeof id, "d%zu", number);
    ds_buf row;
    ds_buf_init(&row, NULL);
    ds_fields_string(&row, "id", ds_str_of(id));
    ds_article a = {.id = ds_str_of(id), .text = {text, len}, .row = ds_buf_str(&row), .tokens = own, .token_count = d->n};
    ds_status st = ds_writer_add(w, &a, err);
    ds_buf_clear(&row);
    return st;
}

/* Fills the articles: few different words, so that there is something to find; a store of them in one segment. */
static inline void nq_build(nq_corpus *c, uint64_t seed, size_t docs, bool deletions)
{
    ds_error err = {.status = DS_OK};
    ds_writer *w;
    const char *dir = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    nq_state = seed * 0x9E3779B97F4A7C15u + 1;
    memset(c, 0, sizeof *c);
    c->n = docs;
    snprintf(c->path, sizeof c->path, "%s/ds-query-%ld-%llu.dsc", dir, (long)getpid(), (unsigned long long)seed);
    unlink(c->path);
    NQ_CHECK(ds_writer_open(NULL, c->path, &(ds_writer_options){.about = ds_str_of("")}, &w, &err) == DS_OK);
    for (size_t i = 0; i < docs; i++) {
        nq_doc *d = &c->docs[i];
        uint32_t words = 2 + nq_rnd(NQ_WORDS - 1), first = nq_rnd(NQ_WORDS);
        d->n = nq_rnd(8) == 0 ? 0 : nq_rnd(NQ_TOKENS);
        for (size_t k = 0; k < d->n; k++)
            d->tokens[k] = &nq_words[(first + nq_rnd(words)) % NQ_WORDS];
        NQ_CHECK(nq_add(w, d, i, &err) == DS_OK);
    }
    NQ_CHECK(ds_writer_commit(w, &err) == DS_OK);
    ds_writer_close(w);
    NQ_CHECK(ds_writer_open(NULL, c->path, &(ds_writer_options){.about = ds_str_of("")}, &w, &err) == DS_OK);
    for (size_t i = 0; deletions && i < docs; i++) {
        char id[16];
        bool found;
        c->docs[i].deleted = nq_rnd(4) == 0;
        snprintf(id, sizeof id, "d%zu", i);
        if (c->docs[i].deleted)
            NQ_CHECK(ds_writer_remove(w, ds_str_of(id), &found, &err) == DS_OK && found);
    }
    NQ_CHECK(ds_writer_commit(w, &err) == DS_OK);
    ds_writer_close(w);
    NQ_CHECK(ds_store_open(NULL, c->path, &c->store, &err) == DS_OK);
    NQ_CHECK(ds_store_segments(c->store) == 1);
    c->ix = ds_store_index(c->store, 0);
    NQ_CHECK(ds_index_load(c->ix, &err) == DS_OK && ds_index_load_units(c->ix, &err) == DS_OK &&
             ds_index_docs(c->ix) == docs);
}

static inline void nq_close(nq_corpus *c)
{
    ds_store_close(c->store);
    unlink(c->path);
}

/* ------------------------------------------------------------------ entities */

static inline bool nq_forms(void *ud, ds_str name, void (*add)(void *to, ds_str form), void *to)
{
    (void)ud;
    if (ds_str_eq(name, ds_str_of("zhong"))) {
        add(to, ds_str_of("中国"));
        add(to, ds_str_of("國人人"));
        add(to, ds_str_of("中國"));
    } else if (ds_str_eq(name, ds_str_of("ab"))) {
        add(to, ds_str_of("A b"));
        add(to, ds_str_of("ＡＢ"));
        add(to, ds_str_of("aba"));
    } else {
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------ evaluating */

/* The part of an article that a match may lie in: a unit. */
typedef struct nq_unit {
    const nq_token *const *tokens;
    size_t n;
    const ds_cql *q;
    uint32_t base; /* position of tokens[0] */
    const uint32_t *starts; /* of sentences or paragraphs, of which a match may take several; else NULL */
    size_t units;
} nq_unit;

static inline bool nq_space(const nq_unit *u, size_t i)
{
    return u->tokens[i]->cls == DS_CLASS_SPACE;
}

typedef struct nq_list {
    ds_str forms[8];
    size_t n;
} nq_list;

static inline void nq_take_form(void *to, ds_str form)
{
    nq_list *l = to;
    l->forms[l->n++] = form;
}

/* A value as a regular expression; the tests use ".*x", "x.*", ".", "a|b", "[ab]+" and nothing else. */
static inline bool nq_regex(const char *p, const char *s)
{
    if (strcmp(p, "中.*") == 0) return strncmp(s, "中", 3) == 0;
    if (strcmp(p, ".*人") == 0) return strlen(s) >= 3 && strcmp(s + strlen(s) - 3, "人") == 0;
    if (strcmp(p, "n.*") == 0) return s[0] == 'n';
    if (strcmp(p, "n|v") == 0) return strcmp(s, "n") == 0 || strcmp(s, "v") == 0;
    if (strcmp(p, "[ab]+") == 0) return s[0] != '\0' && strspn(s, "ab") == strlen(s);
    NQ_CHECK(strcmp(p, "m.*y|num.*") == 0);
    return (s[0] == 'm' && s[strlen(s) - 1] == 'y') || strncmp(s, "num", 3) == 0;
}

static inline bool nq_test(const nq_unit *u, const ds_cql_node *n, const nq_token *t)
{
    char value[256];
    const char *s = t->word;
    if (n->attr == DS_CQL_ENTITY) {
        nq_list l = {.n = 0};
        NQ_CHECK(nq_forms(NULL, n->value, nq_take_form, &l));
        for (size_t i = 0; i < l.n; i++) {
            ds_buf b, c;
            bool same = true;
            ds_buf_init(&b, NULL);
            ds_buf_init(&c, NULL);
            NQ_CHECK(ds_fold(l.forms[i], DS_FOLD_ALL, &b, NULL, NULL) == DS_OK);
            for (size_t k = 0; k < b.n; k++)
                if (b.p[k] != ' ')
                    ds_buf_byte(&c, b.p[k]);
            same = ds_str_eq(ds_buf_str(&c), ds_str_of(t->key));
            ds_buf_clear(&b);
            ds_buf_clear(&c);
            if (same)
                return true;
        }
        return false;
    }
    if (n->attr == DS_CQL_KEY) s = t->key;
    if (n->attr == DS_CQL_POS) s = t->pos;
    if (n->attr == DS_CQL_LEMMA) s = t->lemma;
    if (n->attr == DS_CQL_CLASS) s = ds_class_name((ds_class)t->cls);
    NQ_CHECK(n->value.n < sizeof value);
    memcpy(value, n->value.p, n->value.n);
    value[n->value.n] = '\0';
    if (n->ignore_case && n->attr != DS_CQL_KEY) {
        NQ_CHECK(!n->pattern && strlen(value) < 8);
        return strlen(s) == strlen(value) && strncasecmp(s, value, 8) == 0;
    }
    (void)u;
    return n->pattern ? nq_regex(value, s) : strcmp(value, s) == 0;
}

static inline bool nq_holds(const nq_unit *u, uint32_t node, const nq_token *t)
{
    const ds_cql_node *n = ds_cql_at(u->q, node);
    if (n->kind == DS_CQL_TEST)
        return nq_test(u, n, t);
    if (n->kind == DS_CQL_NOT)
        return !nq_holds(u, n->child, t);
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(u->q, c)->next)
        if (nq_holds(u, c, t) == (n->kind == DS_CQL_OR))
            return n->kind == DS_CQL_OR;
    return n->kind == DS_CQL_AND;
}

/* A set of the borders between tokens. */
typedef struct nq_set {
    bool at[NQ_TOKENS + 1];
} nq_set;

static inline bool nq_blank(const char *p)
{
    return *p == ' ' || *p == '\n';
}

/* Where the phrase ends that begins with byte `off` of token i's key: the token and the byte in it; false: it does not.
 * A blank of the phrase stands for any white space, or none. */
static inline bool nq_phrase_at(const nq_unit *u, ds_str phrase, size_t i, size_t off, size_t *token, size_t *byte)
{
    const char *key = u->tokens[i]->key;
    for (size_t k = 0; k < phrase.n; k++) {
        if (phrase.p[k] == ' ') {
            for (;;) {
                if (key[off] == '\0' && i + 1 < u->n)
                    key = u->tokens[++i]->key, off = 0;
                else if (key[off] != '\0' && nq_blank(key + off))
                    off++;
                else
                    break;
            }
            continue;
        }
        if (key[off] == '\0') {
            if (++i >= u->n)
                return false;
            key = u->tokens[i]->key, off = 0;
        }
        if (key[off] != phrase.p[k])
            return false;
        off++;
    }
    *token = i;
    *byte = off;
    return true;
}

static inline bool nq_boundary(const char *key, size_t off)
{
    return ((unsigned char)key[off] & 0xC0) != 0x80;
}

static inline void nq_phrase_ends(const nq_unit *u, ds_str phrase, bool aligned, size_t i, nq_set *out)
{
    size_t token, byte;
    while (i < u->n && nq_space(u, i))
        i++;
    if (i >= u->n)
        return;
    for (size_t off = 0; off < strlen(u->tokens[i]->key); off++) {
        if (!nq_boundary(u->tokens[i]->key, off) || (aligned && off > 0) || nq_blank(u->tokens[i]->key + off))
            continue;
        if (nq_phrase_at(u, phrase, i, off, &token, &byte) && (!aligned || u->tokens[token]->key[byte] == '\0'))
            out->at[token + 1] = true;
    }
}

static inline bool nq_is_entity(const nq_unit *u, const ds_cql_node *n)
{
    if (n->kind != DS_CQL_TOKEN || n->child == DS_CQL_NONE)
        return false;
    const ds_cql_node *c = ds_cql_at(u->q, n->child);
    return c->kind == DS_CQL_TEST && c->attr == DS_CQL_ENTITY;
}

static inline void nq_ends(const nq_unit *u, uint32_t node, const nq_set *from, nq_set *out);

/* One round of `node` after another. */
static inline void nq_repeat(const nq_unit *u, const ds_cql_node *n, const nq_set *from, nq_set *out)
{
    nq_set now = *from;
    if (n->min == 0)
        for (size_t i = 0; i <= u->n; i++)
            out->at[i] |= from->at[i];
    uint32_t most = n->max == DS_CQL_UNBOUNDED || n->max > n->min + u->n + 1 ? n->min + (uint32_t)u->n + 1 : n->max;
    for (uint32_t k = 1; k <= most; k++) {
        nq_set next = {{false}};
        nq_ends(u, n->child, &now, &next);
        now = next;
        for (size_t i = 0; k >= n->min && i <= u->n; i++)
            out->at[i] |= now.at[i];
    }
}

static inline void nq_folded_phrase(const nq_unit *u, ds_str phrase, bool aligned, const nq_set *from, nq_set *out)
{
    for (size_t i = 0; i <= u->n; i++)
        if (from->at[i])
            nq_phrase_ends(u, phrase, aligned, i, out);
}

static inline void nq_entity(const nq_unit *u, ds_str name, const nq_set *from, nq_set *out)
{
    nq_list l = {.n = 0};
    NQ_CHECK(nq_forms(NULL, name, nq_take_form, &l));
    for (size_t i = 0; i < l.n; i++) {
        ds_buf b;
        ds_buf_init(&b, NULL);
        NQ_CHECK(ds_fold(l.forms[i], DS_FOLD_ALL, &b, NULL, NULL) == DS_OK);
        nq_folded_phrase(u, ds_buf_str(&b), true, from, out);
        ds_buf_clear(&b);
    }
}

/* Adds to `out` where `node` can end when it begins at one of `from`. */
static inline void nq_ends(const nq_unit *u, uint32_t node, const nq_set *from, nq_set *out)
{
    const ds_cql_node *n = ds_cql_at(u->q, node);
    if (nq_is_entity(u, n)) {
        nq_entity(u, ds_cql_at(u->q, n->child)->value, from, out);
    } else if (n->kind == DS_CQL_TOKEN) {
        for (size_t i = 0; i <= u->n; i++) {
            size_t k = i;
            while (k < u->n && nq_space(u, k))
                k++;
            if (from->at[i] && k < u->n && (n->child == DS_CQL_NONE || nq_holds(u, n->child, u->tokens[k])))
                out->at[k + 1] = true;
        }
    } else if (n->kind == DS_CQL_PHRASE) {
        nq_folded_phrase(u, n->value, false, from, out);
    } else if (n->kind == DS_CQL_REPEAT) {
        nq_repeat(u, n, from, out);
    } else if (n->kind == DS_CQL_CHOICE) {
        for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(u->q, c)->next)
            nq_ends(u, c, from, out);
    } else {
        nq_set now = *from;
        for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(u->q, c)->next) {
            nq_set next = {{false}};
            nq_ends(u, c, &now, &next);
            now = next;
        }
        for (size_t i = 0; i <= u->n; i++)
            out->at[i] |= now.at[i];
    }
}

typedef struct nq_hits {
    ds_found v[NQ_DOCS * NQ_TOKENS * 8];
    size_t n;
} nq_hits;

/* What a match that begins with token i of an article may take: all up to the unit that is so many on, or so many tokens. */
static inline nq_unit nq_span(const nq_unit *article, size_t i)
{
    nq_unit u = *article;
    uint32_t left = ds_cql_span(u.q);
    if (u.starts == NULL && ds_cql_unit(u.q) != DS_CQL_TOKENS)
        return u;
    for (u.n = i; u.n < article->n; u.n++) {
        bool border = false;
        for (size_t k = 0; u.starts != NULL && k < u.units; k++)
            border = border || u.starts[k] == u.base + u.n;
        if (u.starts != NULL && border && u.n > i && --left == 0)
            break;
        if (u.starts == NULL && !nq_space(&u, u.n) && left-- == 0)
            break;
    }
    return u;
}

static inline void nq_by_tokens(const nq_unit *whole, bool overlap, nq_hits *out)
{
    for (size_t i = 0; i < whole->n;) {
        nq_unit here = nq_span(whole, i);
        const nq_unit *u = &here;
        nq_set from = {{false}}, ends = {{false}};
        size_t end = 0;
        from.at[i] = true;
        if (!nq_space(u, i))
            nq_ends(u, ds_cql_root(u->q), &from, &ends);
        for (size_t k = i + 1; k <= u->n; k++)
            end = ends.at[k] ? k : end;
        if (end > 0)
            out->v[out->n++] = (ds_found){u->base + (uint32_t)i, u->base + (uint32_t)end, DS_QUERY_WHOLE};
        i = end > 0 && !overlap ? end : i + 1;
    }
}

/* The longest of the phrases that `node` is a choice of, at one place. */
static inline void nq_longest(const nq_unit *u, uint32_t node, size_t i, size_t off, size_t *token, size_t *byte)
{
    const ds_cql_node *n = ds_cql_at(u->q, node);
    size_t t, b;
    if (n->kind == DS_CQL_CHOICE || n->kind == DS_CQL_CAPTURE) {
        for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(u->q, c)->next)
            nq_longest(u, c, i, off, token, byte);
        return;
    }
    nq_list l = {.n = 1, .forms = {n->value}};
    bool aligned = n->kind == DS_CQL_TOKEN;
    if (aligned) {
        l.n = 0;
        NQ_CHECK(nq_forms(NULL, ds_cql_at(u->q, n->child)->value, nq_take_form, &l));
    }
    for (size_t k = 0; k < l.n; k++) {
        ds_buf f;
        ds_buf_init(&f, NULL);
        NQ_CHECK(ds_fold(l.forms[k], DS_FOLD_ALL, &f, NULL, NULL) == DS_OK);
        if (nq_phrase_at(u, ds_buf_str(&f), i, off, &t, &b) &&
            (!aligned || (off == 0 && u->tokens[t]->key[b] == '\0')) && (t > *token || (t == *token && b > *byte)))
            *token = t, *byte = b;
        ds_buf_clear(&f);
    }
}

static inline void nq_by_chars(const nq_unit *whole, bool overlap, nq_hits *out)
{
    size_t floor = 0, floor_byte = 0;
    for (size_t i = 0; i < whole->n; i++) {
        nq_unit here = nq_span(whole, i);
        const nq_unit *u = &here;
        for (size_t off = 0; !nq_space(u, i) && off < strlen(u->tokens[i]->key); off++) {
            size_t token = 0, byte = 0;
            if (!nq_boundary(u->tokens[i]->key, off) || (!overlap && (i < floor || (i == floor && off < floor_byte))))
                continue;
            nq_longest(u, ds_cql_root(u->q), i, off, &token, &byte);
            if (byte == 0)
                continue;
            out->v[out->n++] = (ds_found){u->base + (uint32_t)i, u->base + (uint32_t)token + 1, (uint32_t)off};
            floor = token;
            floor_byte = byte;
        }
    }
}

/* Whether the query is a choice of phrases and nothing else. */
static inline bool nq_only_phrases(const nq_unit *u, uint32_t node)
{
    const ds_cql_node *n = ds_cql_at(u->q, node);
    if (n->kind == DS_CQL_PHRASE || nq_is_entity(u, n))
        return true;
    if (n->kind != DS_CQL_CHOICE && n->kind != DS_CQL_CAPTURE)
        return false;
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(u->q, c)->next)
        if (!nq_only_phrases(u, c))
            return false;
    return true;
}

static inline void nq_run(const nq_corpus *c, const ds_cql *q, bool overlap, const uint64_t *docs, nq_hits *out)
{
    size_t units;
    static const ds_unit kinds[] = {DS_UNIT_SENTENCE, DS_UNIT_PARAGRAPH, DS_UNIT_DOC, DS_UNIT_DOC};
    bool counted = ds_cql_unit(q) != DS_CQL_DOC && ds_cql_unit(q) != DS_CQL_TOKENS && ds_cql_span(q) > 1;
    const uint32_t *starts = ds_index_units(c->ix, kinds[ds_cql_unit(q)], &units);
    out->n = 0;
    for (uint32_t d = 0; d < c->n; d++) {
        uint32_t beg, end, at = 0;
        ds_index_doc_range(c->ix, d, &beg, &end);
        NQ_CHECK(end - beg == c->docs[d].n);
        if (c->docs[d].deleted || (docs != NULL && !(docs[d / 64] >> d % 64 & 1)))
            continue;
        for (uint32_t i = 1; i <= end - beg; i++) {
            bool border = i == end - beg;
            for (size_t k = 0; !counted && k < units; k++)
                border = border || starts[k] == beg + i;
            if (!border)
                continue;
            nq_unit u = {c->docs[d].tokens + at, i - at, q, beg + at, counted ? starts : NULL, units};
            if (nq_only_phrases(&u, ds_cql_root(q)))
                nq_by_chars(&u, overlap, out);
            else
                nq_by_tokens(&u, overlap, out);
            at = i;
        }
    }
}

#endif

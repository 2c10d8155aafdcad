/* quantity.c - see quantity.h: the table of words, names, lists of results. */
#include "quantity_int.h"

#include <string.h>

#include "fold.h"

#define WORD_MOST 64 /* characters of a word */

static const char *const role_names[DS_ROLE_COUNT_OF] = {
    "money", "percent", "pp", "times", "count", "loose", "time", "measure", "after", "thing", "ordinal", "none",
    "prefix", "before", "up", "down", "cue", "date", "id", "whole", "skip",
};

ds_quantity_role ds_quantity_role_named(ds_str name)
{
    unsigned r = 0;
    while (r < DS_ROLE_COUNT_OF && !ds_str_eq(name, ds_str_of(role_names[r])))
        r++;
    return (ds_quantity_role)r;
}

const char *ds_quantity_kind_name(ds_quantity_kind kind)
{
    static const char *const names[DS_QUANTITY_KINDS] = {
        "number", "money", "percent", "multiple", "ratio", "count", "measure", "duration", "date",
    };
    return names[kind];
}

static const char *const approx_names[] = {"", "~", ">", "<", ">=", "<=", "some"};

const char *ds_approx_name(ds_approx approx)
{
    return approx_names[approx];
}

/* ---------------------------------------------------------------- building the table */

uint32_t ds_quantity_fold(uint32_t cp)
{
    if (cp < 0x80)
        return cp;
    if (cp - 0x3400u < 0x6C00u || cp - 0xF900u < 0x200u)
        return ds_fold_variant(cp);
    if (cp - 0xFF10u < 10u || cp - 0xFF21u < 26u || cp - 0xFF41u < 26u || cp == 0xFF05 || cp == 0xFF04 || cp == 0xFF0B ||
        cp == 0xFF0D || cp == 0xFF0E || cp == 0xFF0F || cp == 0xFF5E)
        return cp - 0xFEE0u; /* digits, letters, ％ ＄ ＋ － ． ／ ～ */
    switch (cp) {
    case 0x3000: case 0xA0: case 0x2009: case 0x202F: return ' ';
    case 0x3007: case 0x25CB: case 0x25EF: return 0x96F6; /* 〇 ○ ◯ are 零 */
    case 0xFE52: return '.';
    case 0x2212: case 0xFE63: return '-';
    case 0x301C: case 0x223C: return '~';
    case 0xFFE5: return 0xA5;
    case 0xFFE1: return 0xA3;
    default: return cp;
    }
}

/* The unit's id, added when it is new. */
static ds_status unit_id(ds_quantity_words *w, ds_str code, uint32_t *id)
{
    *id = DS_QUANTITY_NO_UNIT;
    if (code.n == 0)
        return DS_OK;
    for (size_t i = 0; i < w->unit_count; i++) {
        if (ds_str_eq(ds_quantity_unit(w, (uint32_t)i), code)) {
            *id = (uint32_t)i;
            return DS_OK;
        }
    }
    if (ds_grow(w->alloc, (void **)&w->units, &w->unit_cap, w->unit_count + 1, sizeof *w->units) != DS_OK)
        return DS_ENOMEM;
    quantity_unit *u = &w->units[w->unit_count];
    u->n = (uint8_t)code.n;
    memcpy(u->code, code.p, code.n);
    *id = (uint32_t)w->unit_count++;
    return DS_OK;
}

static int approx_named(ds_str name)
{
    for (int i = DS_APPROX_ABOUT; i <= DS_APPROX_SOME; i++)
        if (ds_str_eq(name, ds_str_of(approx_names[i])))
            return i;
    return -1;
}

/* Codes of the word's characters; 0: it has none, too many, or is ill-formed; *memory false: out of memory. */
static size_t key_of(ds_quantity_words *w, ds_str word, uint16_t key[WORD_MOST], bool *memory)
{
    size_t n = 0, len;
    *memory = true;
    for (size_t i = 0; i < word.n; i += len) {
        uint32_t cp;
        len = ds_utf8_decode(word.p + i, word.n - i, &cp);
        if (cp == DS_UTF8_BAD || n == WORD_MOST)
            return 0;
        key[n] = ds_codemap_assign(&w->codes, ds_quantity_fold(cp));
        if (key[n++] == 0) {
            *memory = false;
            return 0;
        }
    }
    return n;
}

static bool is_behind(ds_quantity_role role)
{
    return role <= DS_ROLE_NONE;
}

static void mark_head(ds_quantity_words *w, ds_str word)
{
    uint32_t cp;
    ds_utf8_decode(word.p, word.n, &cp);
    cp = ds_quantity_fold(cp);
    if (cp < 0x10000)
        w->heads[cp >> 3] |= (uint8_t)(1u << (cp & 7));
}

static int32_t value_of_key(const ds_trie_builder *t, const uint16_t *key, size_t n)
{
    int32_t node = 0;
    for (size_t i = 0; i < n && node != DS_TRIE_NONE; i++)
        node = ds_trie_builder_step(t, node, key[i]);
    return node == DS_TRIE_NONE ? DS_TRIE_NONE : ds_trie_builder_value(t, node);
}

/* Joins a further row of a word to what is known of it. */
static void join_roles(quantity_word *old, const quantity_word *more)
{
    if (old->unit == DS_QUANTITY_NO_UNIT) {
        old->unit = more->unit;
        old->factor = more->factor;
    }
    if (more->approx != 0)
        old->approx = more->approx;
    old->roles |= more->roles;
}

static ds_status put_word(ds_quantity_words *w, const ds_quantity_row *row, const quantity_word *word, ds_error *err)
{
    bool memory;
    uint16_t key[WORD_MOST];
    size_t n = key_of(w, row->word, key, &memory);
    if (n == 0)
        return memory ? ds_fail(err, DS_EINVAL, 0, 0, "the word is empty, ill-formed or too long") : ds_fail_nomem(err);
    ds_trie_builder *t = is_behind(row->role) ? w->behind : w->text;
    int32_t known = value_of_key(t, key, n);
    if (known != DS_TRIE_NONE) {
        if (!is_behind(row->role))
            join_roles(&w->items[known], word);
        return DS_OK;
    }
    if (ds_grow(w->alloc, (void **)&w->items, &w->cap, w->count + 1, sizeof *w->items) != DS_OK)
        return ds_fail_nomem(err);
    w->items[w->count] = *word;
    if (!is_behind(row->role))
        mark_head(w, row->word);
    return ds_trie_builder_set(t, key, n, (int32_t)w->count++, err);
}

static ds_status add_row(ds_quantity_words *w, const ds_quantity_row *row, ds_error *err)
{
    quantity_word word = {.factor = row->factor, .unit = DS_QUANTITY_NO_UNIT, .role = (uint8_t)row->role,
                          .roles = 1u << row->role};
    if ((unsigned)row->role >= DS_ROLE_COUNT_OF)
        return ds_fail(err, DS_EINVAL, 0, 0, "no such role");
    if (row->unit.n > QUANTITY_UNIT_MOST)
        return ds_fail(err, DS_EINVAL, 0, 0, "the unit has more than %d bytes", QUANTITY_UNIT_MOST);
    if (row->role == DS_ROLE_BEFORE || row->role == DS_ROLE_AFTER) {
        int approx = approx_named(row->unit);
        if (approx < 0)
            return ds_fail(err, DS_EINVAL, 0, 0, "an approximator is one of ~ > < >= <= some");
        word.approx = (uint8_t)approx;
    } else if (unit_id(w, row->unit, &word.unit) != DS_OK) {
        return ds_fail_nomem(err);
    }
    return put_word(w, row, &word, err);
}

ds_status ds_quantity_words_new(const ds_alloc *a, const ds_quantity_row *rows, size_t count, ds_quantity_words **out,
                                ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_quantity_words *w = ds_calloc(a, 1, sizeof *w);
    if (w == NULL)
        return ds_fail_nomem(err);
    w->alloc = a;
    ds_error local;
    ds_status st = DS_OK;
    if (ds_codemap_init(&w->codes, a) != DS_OK || ds_trie_builder_new(a, &w->behind, err) != DS_OK ||
        ds_trie_builder_new(a, &w->text, err) != DS_OK)
        st = ds_fail_nomem(err);
    for (size_t i = 0; i < count && st == DS_OK; i++) {
        st = add_row(w, &rows[i], &local);
        if (st != DS_OK)
            st = ds_fail(err, st, 0, i + 1, "%s", local.msg);
    }
    if (st != DS_OK)
        ds_quantity_words_free(w);
    else
        *out = w;
    return st;
}

void ds_quantity_words_free(ds_quantity_words *w)
{
    if (w == NULL)
        return;
    ds_codemap_clear(&w->codes);
    ds_trie_builder_free(w->behind);
    ds_trie_builder_free(w->text);
    ds_mfree(w->alloc, w->items, w->cap * sizeof *w->items);
    ds_mfree(w->alloc, w->units, w->unit_cap * sizeof *w->units);
    ds_mfree(w->alloc, w, sizeof *w);
}

ds_str ds_quantity_unit(const ds_quantity_words *w, uint32_t unit)
{
    if (unit >= w->unit_count)
        return (ds_str){"", 0};
    return (ds_str){w->units[unit].code, w->units[unit].n};
}

/* ---------------------------------------------------------------- looking up */

/* The longest word at character i. */
const quantity_word *ds_quantity_word_at(const quantity_line *l, const ds_trie_builder *t, size_t i, size_t *end)
{
    int32_t node = 0, best = DS_TRIE_NONE;
    for (size_t k = i; k < l->count; k++) {
        uint16_t code = ds_codemap_get(&l->words->codes, l->cp[k]);
        node = code == 0 ? DS_TRIE_NONE : ds_trie_builder_step(t, node, code);
        if (node == DS_TRIE_NONE)
            break;
        int32_t value = ds_trie_builder_value(t, node);
        /* A Latin word ends with its last letter. */
        if (value != DS_TRIE_NONE && !(quantity_is_latin(l->cp[k]) && quantity_is_latin(l->cp[k + 1]))) {
            best = value;
            *end = k + 1;
        }
    }
    return best == DS_TRIE_NONE ? NULL : &l->words->items[best];
}

/* ---------------------------------------------------------------- results */

void ds_quantities_init(ds_quantities *v, const ds_alloc *a)
{
    *v = (ds_quantities){.alloc = ds_alloc_or_libc(a)};
}

void ds_quantities_clear(ds_quantities *v)
{
    const ds_alloc *a = v->alloc;
    ds_mfree(a, v->items, v->cap * sizeof *v->items);
    ds_quantities_init(v, a);
}

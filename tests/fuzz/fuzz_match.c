/*
 * fuzz_match.c - match.h against a naive second version, with terms taken from the input.
 *
 * Byte 0: the flags of the fold (3 bits); 8: one term is placed and as many follow as fit, each a byte further on, else
 * the upper four bits say how many terms are placed.  Byte 1: where the pool is cut into texts.  Then two bytes a term,
 * place and length in the pool: terms need not stand in the text, nor consist of whole characters.  The rest is the pool:
 * each byte below 40 is a string of the alphabet; others stand for themselves.
 */
#include "fuzz_text.h"
#include "match.h"

#define INPUT_MOST 300
#define POOL_MOST 900
#define TERMS_MOST 90
#define TERM_MOST 255 /* bytes of one */
#define CUTS 5
#define SYMBOLS_MOST (POOL_MOST * DS_FOLD_CP_MAX)

#define TEN(s) s s s s s s s s s s

/* Characters that fold together, to several, to another's beginning or end; runs longer than what is kept on the stack. */
static const char *const alphabet[] = {
    "a", "A", "s", "S", "f", "i", "k", "K", "ß", "ẞ", "ﬁ", "ﬃ", "ﬆ", "İ", "ŉ", "n", "ʼ", "ΐ", "Ａ", "ｓ", "ﾊ",
    "ﾞ", "ハ", "價", "价", "瞭", "了", "解", "𠮷", "𐐀", "𐐨", "　", " ", "，", TEN("aaaaaaaaa"), TEN("价价价"),
    TEN("ßs"), "\xE4\xBB", "\xE4", "\xFF",
};
enum { LETTERS = sizeof alphabet / sizeof *alphabet };

/* ---- the second version ---- */

typedef struct symbol {
    uint32_t value;
    size_t beg, end;  /* of its character */
    bool first, last; /* of its character */
} symbol;

typedef struct symbols {
    symbol v[SYMBOLS_MOST];
    size_t n;
} symbols;

static void read_symbols(ds_str s, unsigned fold, symbols *out)
{
    size_t len;
    out->n = 0;
    for (size_t at = 0; at < s.n; at += len) {
        uint32_t cp, folded[DS_FOLD_CP_MAX];
        len = ds_utf8_decode(s.p + at, s.n - at, &cp);
        size_t count = cp == DS_UTF8_BAD ? len : ds_fold_cp(cp, fold, folded);
        for (size_t i = 0; i < count; i++) {
            uint32_t value = cp == DS_UTF8_BAD ? 0x80000000u + (unsigned char)s.p[at + i] : folded[i];
            out->v[out->n++] = (symbol){value, at, at + len, i == 0, i + 1 == count};
        }
    }
}

/* What a term consists of. */
typedef struct naive_key {
    uint32_t v[TERM_MOST * DS_FOLD_CP_MAX];
    size_t n;
} naive_key;

static void read_key(ds_str term, unsigned fold, naive_key *key)
{
    static symbols all;
    read_symbols(term, fold, &all);
    for (key->n = 0; key->n < all.n; key->n++)
        key->v[key->n] = all.v[key->n].value;
}

static bool begins_with(const symbols *text, size_t at, const naive_key *key)
{
    if (text->n - at < key->n)
        return false;
    for (size_t i = 0; i < key->n; i++)
        if (text->v[at + i].value != key->v[i])
            return false;
    return text->v[at].first && text->v[at + key->n - 1].last;
}

static bool comes_before(const ds_hit *x, const ds_hit *y)
{
    if (x->beg != y->beg)
        return x->beg < y->beg;
    return x->end != y->end ? x->end > y->end : x->term < y->term;
}

/* The term's own hits, the leftmost first: each must be in `got`, which is sorted.  Returns how many there are. */
static size_t check_term(const symbols *text, const naive_key *key, uint32_t number, const ds_hits *got)
{
    size_t count = 0;
    for (size_t at = 0; at + key->n <= text->n;) {
        if (!begins_with(text, at, key)) {
            at++;
            continue;
        }
        ds_hit want = {text->v[at].beg, text->v[at + key->n - 1].end, number};
        size_t lo = 0, hi = got->count;
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (comes_before(&got->items[mid], &want))
                lo = mid + 1;
            else
                hi = mid;
        }
        FUZZ_CHECK(lo < got->count && got->items[lo].beg == want.beg && got->items[lo].end == want.end);
        FUZZ_CHECK(got->items[lo].term == number);
        count++;
        at += key->n;
    }
    return count;
}

static bool same_key(const naive_key *a, const naive_key *b)
{
    return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof *a->v) == 0;
}

/* ---- the target ---- */

static void check_same(const ds_matcher *m, const naive_key *keys, size_t count)
{
    FUZZ_CHECK(ds_matcher_terms(m) == count);
    for (uint32_t t = 0; t < count; t++) {
        uint32_t first = 0;
        while (!same_key(&keys[first], &keys[t]))
            first++;
        FUZZ_CHECK(ds_matcher_same(m, t) == first);
    }
}

static void check_text(const ds_matcher *m, const naive_key *keys, size_t count, unsigned fold, ds_str text)
{
    static symbols whole;
    uint64_t counts[TERMS_MOST] = {0};
    size_t total = 0;
    ds_hits hits;
    ds_hits_init(&hits, NULL);
    FUZZ_CHECK(ds_match_all(m, text, &hits, NULL) == DS_OK && ds_match_count(m, text, counts, NULL) == DS_OK);
    for (size_t i = 1; i < hits.count; i++)
        FUZZ_CHECK(comes_before(&hits.items[i - 1], &hits.items[i]));
    read_symbols(text, fold, &whole);
    for (uint32_t t = 0; t < count; t++) {
        size_t n = check_term(&whole, &keys[t], t, &hits);
        FUZZ_CHECK(counts[t] == n);
        total += n;
    }
    FUZZ_CHECK(total == hits.count);
    ds_hits_clear(&hits);
}

/* Building costs more than scanning: one matcher gets several texts, the pool cut in two at `cut` and a few bytes on. */
static void check_matcher(const ds_matcher *m, const ds_str *terms, size_t count, unsigned fold, ds_str pool, size_t cut)
{
    static naive_key keys[TERMS_MOST];
    for (size_t i = 0; i < count; i++)
        read_key(terms[i], fold, &keys[i]);
    check_same(m, keys, count);
    for (size_t i = 0; i < CUTS && cut + i <= pool.n; i++) {
        ds_str head = fuzz_copy(fuzz_part(pool, 0, cut + i)), tail = fuzz_copy(fuzz_part(pool, cut + i, pool.n));
        check_text(m, keys, count, fold, head);
        check_text(m, keys, count, fold, tail);
        fuzz_free(head);
        fuzz_free(tail);
    }
}

/* Reads where the terms lie; returns how many there are.  *used: bytes of the input before the pool. */
static size_t place_terms(const uint8_t *data, size_t n, size_t *used, size_t *place, size_t *length)
{
    size_t count = data[0] & 8 ? 1 : data[0] >> 4;
    *used = 2;
    for (size_t i = 0; i < count && *used + 2 <= n; i++, *used += 2) {
        place[i] = data[*used];
        length[i] = data[*used + 1];
    }
    count = *used / 2 - 1;
    if ((data[0] & 8) == 0 || count == 0)
        return count;
    for (size_t i = 1; i < TERMS_MOST; i++) {
        place[i] = place[0] + i;
        length[i] = length[0] % 80;
    }
    return TERMS_MOST;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t place[TERMS_MOST], length[TERMS_MOST], used;
    ds_str terms[TERMS_MOST] = {{NULL, 0}};
    ds_matcher *m;
    ds_error err = {.status = DS_OK};
    if (n < 3 || n > INPUT_MOST)
        return 0;
    unsigned fold = data[0] & DS_FOLD_ALL;
    size_t count = place_terms(data, n, &used, place, length), empty = 0;
    ds_str pool = fuzz_spell(alphabet, LETTERS, data + used, n - used, POOL_MOST);
    for (size_t i = count; i-- > 0;) {
        size_t beg = place[i] < pool.n ? place[i] : pool.n, end = length[i] < pool.n - beg ? beg + length[i] : pool.n;
        terms[i] = fuzz_copy(fuzz_part(pool, beg, end));
        empty = end == beg ? i + 1 : empty; /* the first one's number */
    }
    ds_status st = ds_matcher_new(NULL, terms, count, fold, &m, &err);
    FUZZ_CHECK(empty > 0 ? st == DS_EINVAL && m == NULL && err.line == empty : st == DS_OK);
    if (st == DS_OK)
        check_matcher(m, terms, count, fold, pool, data[1] < pool.n ? data[1] : pool.n);
    ds_matcher_free(m);
    for (size_t i = 0; i < count; i++)
        fuzz_free(terms[i]);
    fuzz_free(pool);
    return 0;
}

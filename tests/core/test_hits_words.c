/* test_hits_words.c - words, sequences, places and what is near them, against the same done slowly over arrays of tokens. */
#include "hits_places.h"
#include "hits_words.h"
#include "naive_query.h"
#include "testing.h"

enum { SEGMENTS = 2, NAME_LEN = 256, PLACES_MAX = NQ_TEXT };

static nq_corpus corpora[SEGMENTS];
static const ds_index *segments[SEGMENTS];
static uint32_t label_rows[SEGMENTS][NQ_DOCS], rank_rows[SEGMENTS][NQ_DOCS];
static const uint32_t *const labels[SEGMENTS] = {label_rows[0], label_rows[1]};
static const uint32_t *const ranks[SEGMENTS] = {rank_rows[0], rank_rows[1]};
static const ds_words_source all_docs = {segments, SEGMENTS, NULL, 1}, grouped = {segments, SEGMENTS, labels, 3};

static void set_up(void)
{
    for (size_t i = 0; i < SEGMENTS; i++) {
        nq_build(&corpora[i], 70 + i, NQ_DOCS, i == 1);
        segments[i] = corpora[i].ix;
        for (uint32_t d = 0; d < NQ_DOCS; d++) {
            label_rows[i][d] = d % 4 == 3 ? DS_GROUP_NONE : d % 4;
            rank_rows[i][d] = (d * 7 + 3) % NQ_DOCS + NQ_DOCS * (1 - (uint32_t)i); /* the second segment comes first */
        }
    }
}

static void tear_down(void)
{
    for (size_t i = 0; i < SEGMENTS; i++)
        nq_close(&corpora[i]);
}

static bool is_word(const nq_token *t)
{
    return t->cls != DS_CLASS_SPACE && t->cls != DS_CLASS_PUNCT && t->cls != DS_CLASS_BAD;
}

static uint32_t group_of(const ds_words_source *s, size_t segment, size_t doc)
{
    if (corpora[segment].docs[doc].deleted)
        return DS_GROUP_NONE;
    return s->labels != NULL ? label_rows[segment][doc] : 0;
}

/* ------------------------------------------------------------------ a slow table */

typedef struct row {
    char name[NAME_LEN], pos[8];
    uint32_t group, docs, last;
    uint64_t n;
} row;

typedef struct rows {
    row *v;
    size_t n, cap;
} rows;

static row *row_of(rows *r, const char *name, uint32_t group)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i].group == group && strcmp(r->v[i].name, name) == 0)
            return &r->v[i];
    if (r->n == r->cap) {
        r->cap = 2 * r->cap + 64;
        r->v = realloc(r->v, r->cap * sizeof *r->v);
        ck_assert_ptr_nonnull(r->v);
    }
    r->v[r->n] = (row){.group = group};
    strcpy(r->v[r->n].name, name);
    return &r->v[r->n++];
}

static void count_row(rows *r, const char *name, uint32_t group, uint32_t article, const char *pos)
{
    row *x = row_of(r, name, group);
    x->n++;
    if (x->last == article)
        return;
    x->last = article;
    if (x->docs++ == 0 || strcmp(pos, x->pos) < 0)
        strcpy(x->pos, pos);
}

static const row *find_row(const rows *r, ds_str name, uint32_t group)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i].group == group && ds_str_eq(ds_str_of(r->v[i].name), name))
            return &r->v[i];
    ck_abort_msg("'%.*s' of group %u is not there", (int)name.n, name.p, group);
    return NULL;
}

/* ------------------------------------------------------------------ words */

static bool no_punct(void *ud, const ds_type *t)
{
    (void)ud;
    return t->cls != DS_CLASS_PUNCT;
}

static void check_counts(const ds_words_source *s, ds_hit_attr attr, bool punct)
{
    ds_counts *c;
    rows want = {0};
    uint64_t total[3] = {0};
    uint32_t article = 0, docs[3] = {0};
    for (size_t i = 0; i < SEGMENTS; i++)
        for (size_t d = 0; d < NQ_DOCS; d++) {
            uint32_t g = group_of(s, i, d);
            if (g == DS_GROUP_NONE)
                continue;
            article++;
            docs[g]++;
            for (size_t k = 0; k < corpora[i].docs[d].n; k++) {
                const nq_token *t = corpora[i].docs[d].tokens[k];
                if (t->cls == DS_CLASS_SPACE || (!punct && t->cls == DS_CLASS_PUNCT))
                    continue;
                total[g]++;
                count_row(&want, attr == DS_ATTR_WORD ? t->word : t->key, g, article, t->pos);
            }
        }
    ds_counts_options o = {.attr = attr, .keep = punct ? NULL : no_punct};
    ck_assert_int_eq(ds_counts_new(NULL, s, &o, &c, NULL), DS_OK);
    size_t seen = 0;
    for (size_t i = 0; i < ds_counts_size(c); i++) {
        ds_count x;
        if (!ds_counts_at(c, i, &x))
            continue;
        const row *r = find_row(&want, x.word, x.group);
        ck_assert_uint_eq(x.n, r->n);
        ck_assert_uint_eq(x.docs, r->docs);
        ck_assert_msg(ds_str_eq(x.pos, ds_str_of(r->pos)), "pos of %s", r->name);
        seen++;
    }
    ck_assert_uint_eq(seen, want.n);
    for (uint32_t g = 0; g < 4; g++) {
        ck_assert_uint_eq(ds_counts_total(c, g), g < s->groups ? total[g] : 0);
        ck_assert_uint_eq(ds_counts_docs(c, g), g < s->groups ? docs[g] : 0);
    }
    ds_counts_free(c);
    free(want.v);
}

START_TEST(words_by_group_are_those_of_the_tokens)
{
    check_counts(&all_docs, DS_ATTR_KEY, true);
    check_counts(&grouped, DS_ATTR_KEY, false);
    check_counts(&grouped, DS_ATTR_WORD, true);
}
END_TEST

/* ------------------------------------------------------------------ sequences */

typedef struct units {
    char v[NQ_TEXT][16];
    size_t n;
} units;

static void end_units(units *u, rows *want, uint32_t size, bool chars, uint32_t g, uint32_t article, uint64_t *total)
{
    for (size_t i = 0; i + size <= u->n; i++) {
        char name[NAME_LEN] = "";
        for (uint32_t k = 0; k < size; k++)
            sprintf(name + strlen(name), "%s%s", k > 0 && !chars ? " " : "", u->v[i + k]);
        count_row(want, name, g, article, "");
        total[g]++;
    }
    u->n = 0;
}

static void add_units(units *u, const nq_token *t, bool chars)
{
    for (size_t i = 0, len; i < strlen(t->key); i += len) {
        uint32_t cp;
        len = strlen(t->key);
        if (chars && t->cls == DS_CLASS_HAN)
            len = ds_utf8_decode(t->key + i, len - i, &cp);
        sprintf(u->v[u->n++], "%.*s", (int)len, t->key + i);
    }
}

static void check_ngrams(const ds_words_source *s, uint32_t size, bool chars)
{
    static units u;
    rows want = {0};
    ds_ngrams *g;
    uint64_t total[3] = {0}, different[3] = {0};
    uint32_t article = 0;
    for (size_t i = 0; i < SEGMENTS; i++)
        for (size_t d = 0; d < NQ_DOCS; d++) {
            uint32_t group = group_of(s, i, d);
            if (group == DS_GROUP_NONE)
                continue;
            article++;
            for (size_t k = 0; k < corpora[i].docs[d].n; k++) {
                const nq_token *t = corpora[i].docs[d].tokens[k];
                if (is_word(t))
                    add_units(&u, t, chars);
                else if (t->cls != DS_CLASS_SPACE || strchr(t->word, '\n') != NULL)
                    end_units(&u, &want, size, chars, group, article, total);
            }
            end_units(&u, &want, size, chars, group, article, total);
        }
    for (size_t i = 0; i < want.n; i++)
        different[want.v[i].group]++;
    ds_ngrams_options o = {size, chars};
    ck_assert_int_eq(ds_ngrams_new(NULL, s, &o, &g, NULL), DS_OK);
    ck_assert_uint_eq(ds_ngrams_count(g), want.n);
    size_t often = 0, seen = 0;
    for (size_t i = 0; i < want.n; i++) {
        ds_ngram x;
        bool enough;
        often += want.v[i].n >= 2;
        ck_assert_int_eq(ds_ngrams_at(g, i, 1, &enough, &x, NULL), DS_OK);
        const row *r = find_row(&want, x.text, x.group);
        ck_assert_uint_eq(x.n, r->n);
        ck_assert_uint_eq(x.docs, r->docs);
        ck_assert_int_eq(ds_ngrams_at(g, i, 2, &enough, &x, NULL), DS_OK);
        seen += enough;
    }
    ck_assert_uint_eq(seen, often);
    for (uint32_t k = 0; k < s->groups; k++) {
        ck_assert_uint_eq(ds_ngrams_total(g, k).total, total[k]);
        ck_assert_uint_eq(ds_ngrams_total(g, k).different, different[k]);
    }
    ds_ngrams_free(g);
    free(want.v);
}

START_TEST(sequences_are_those_of_the_tokens)
{
    for (uint32_t size = 1; size <= 4; size++) {
        check_ngrams(&all_docs, size, false);
        check_ngrams(&all_docs, size, true);
        check_ngrams(&grouped, size, size % 2 == 0);
    }
    ds_ngrams *g;
    ds_ngrams_options o = {DS_NGRAM_MAX + 1, false};
    ck_assert_int_eq(ds_ngrams_new(NULL, &all_docs, &o, &g, NULL), DS_EINVAL);
}
END_TEST

/* ------------------------------------------------------------------ places */

typedef struct naive_place {
    uint32_t segment, doc, beg, end; /* tokens of the article */
    uint32_t from, to;               /* bytes of its text */
} naive_place;

static size_t text_at(const nq_doc *d, size_t token)
{
    size_t at = 0;
    for (size_t i = 0; i < token; i++)
        at += strlen(d->tokens[i]->word);
    return at;
}

/* The byte of a word at which byte `key` of its key begins; characters are folded one to one. */
static size_t in_word(const nq_token *t, size_t key)
{
    size_t w = 0, k = 0;
    uint32_t cp;
    while (k < key) {
        k += ds_utf8_decode(t->key + k, strlen(t->key) - k, &cp);
        w += ds_utf8_decode(t->word + w, strlen(t->word) - w, &cp);
    }
    return w;
}

/* Whether `text` stands at byte `from` of token `beg`'s key; where it ends. */
static bool stands_at(const nq_doc *d, const char *text, size_t beg, size_t from, size_t *end, size_t *to)
{
    size_t left = strlen(text);
    for (size_t i = beg; i < d->n; i++, from = 0) {
        const char *key = d->tokens[i]->key + from;
        size_t n = strlen(key) < left ? strlen(key) : left;
        if (d->tokens[i]->cls == DS_CLASS_SPACE || memcmp(key, text, n) != 0)
            return false;
        text += n;
        left -= n;
        *end = i + 1;
        *to = from + n;
        if (left == 0)
            return true;
    }
    return false;
}

static size_t naive_places(const ds_words_source *s, const char *text, bool whole, naive_place *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < SEGMENTS; i++)
        for (uint32_t d = 0; d < NQ_DOCS; d++) {
            const nq_doc *doc = &corpora[i].docs[d];
            size_t behind = 0;
            for (uint32_t k = 0; k < doc->n && group_of(s, i, d) != DS_GROUP_NONE; k++)
                for (size_t from = 0; from < strlen(doc->tokens[k]->key); from++) {
                    size_t end, to;
                    if (!stands_at(doc, text, k, from, &end, &to))
                        continue;
                    const nq_token *last = doc->tokens[end - 1];
                    size_t a = text_at(doc, k) + in_word(doc->tokens[k], from), b = text_at(doc, end - 1) + in_word(last, to);
                    bool cuts = (from > 0 && is_word(doc->tokens[k])) || (to < strlen(last->key) && is_word(last));
                    if (a < behind || (whole && cuts))
                        continue;
                    behind = b;
                    out[n++] = (naive_place){i, d, k, (uint32_t)end, (uint32_t)a, (uint32_t)b};
                }
        }
    return n;
}

static const char *const texts[] = {"中国", "国", "国人", "人", "人人", "中国人人", "a", "ab", "aba", "1", "$1", ",", "。人", "人,", "国中",
                                    "没有", "\"", "\\"};

static void check_places(const ds_words_source *s, const char *text, bool whole)
{
    static naive_place want[PLACES_MAX];
    size_t n = naive_places(s, text, whole, want), docs = 0;
    ds_places *p;
    ds_places_options o = {ds_str_of(text), whole};
    ck_assert_int_eq(ds_places_new(NULL, s, &o, &p, NULL), DS_OK);
    ck_assert_msg(ds_places_count(p) == n, "%s: %zu places, not %zu", text, ds_places_count(p), n);
    for (size_t i = 0; i < n; i++) {
        ds_place_view v;
        uint32_t segment, doc;
        ds_str got;
        ds_places_doc(p, i, &segment, &doc);
        ck_assert_uint_eq(segment, want[i].segment);
        ck_assert_uint_eq(doc, want[i].doc);
        docs += i == 0 || want[i].doc != want[i - 1].doc || want[i].segment != want[i - 1].segment;
        ck_assert_int_eq(ds_places_look(p, i, &v, NULL), DS_OK);
        ck_assert_uint_eq(v.from, want[i].from);
        ck_assert_uint_eq(v.to, want[i].to);
        ck_assert_uint_eq(v.beg, want[i].beg);
        ck_assert_uint_eq(v.end, want[i].end);
        ck_assert_uint_eq(v.tokens, corpora[segment].docs[doc].n);
        ck_assert_int_eq(ds_places_text(p, v.beg, v.beg + 1, &got, NULL), DS_OK);
        ck_assert(ds_str_eq(got, ds_str_of(corpora[segment].docs[doc].tokens[v.beg]->word)));
    }
    ck_assert_uint_eq(ds_places_docs(p), docs);
    ds_places_free(p);
}

START_TEST(places_are_those_of_the_folded_text)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int whole = 0; whole < 2; whole++) {
            check_places(&all_docs, texts[i], whole);
            check_places(&grouped, texts[i], whole);
        }
}
END_TEST

START_TEST(what_no_phrase_can_be_is_refused)
{
    static const char *const bad[] = {"", " ", "a b", "a\xC2\xA0", "\xE4\xB8", "\xE2\x80\x8B"};
    ds_places *p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ds_places_options o = {ds_str_of(bad[i]), true};
        ck_assert_int_eq(ds_places_new(NULL, &all_docs, &o, &p, NULL), DS_EINVAL);
        ck_assert_ptr_null(p);
    }
}
END_TEST

/* ------------------------------------------------------------------ what is near */

typedef struct near_row {
    const char *word;
    uint64_t near, all;
    uint32_t docs, rank, token;
    size_t place;
} near_row;

static near_row *near_of(near_row *v, size_t *n, const char *word)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(v[i].word, word) == 0)
            return &v[i];
    v[*n] = (near_row){.word = word};
    return &v[(*n)++];
}

/* The first place whose window holds word `w` (numbers among the words); SIZE_MAX: none. */
static size_t reached_by(const size_t *word_no, const naive_place *places, size_t first, size_t last, size_t w, size_t left,
                         size_t right)
{
    for (size_t i = first; i < last; i++) {
        size_t a = word_no[places[i].beg], b = word_no[places[i].end]; /* words before it; up to its end */
        if (w + left >= a && w < b + right)
            return i;
    }
    return SIZE_MAX;
}

static void naive_article(const nq_doc *doc, const naive_place *places, size_t first, size_t last, uint32_t rank, size_t left,
                          size_t right, near_row *v, size_t *n, uint64_t sums[2])
{
    size_t word_no[NQ_TOKENS + 1] = {0};
    bool seen[NQ_WORDS] = {false};
    for (size_t k = 0; k < doc->n; k++)
        word_no[k + 1] = word_no[k] + is_word(doc->tokens[k]);
    for (uint32_t k = 0; k < doc->n; k++) {
        bool own = false;
        for (size_t i = first; i < last; i++)
            own = own || (k >= places[i].beg && k < places[i].end);
        if (!is_word(doc->tokens[k]) || own)
            continue;
        near_row *x = near_of(v, n, doc->tokens[k]->key);
        x->all++;
        sums[1]++;
        size_t place = reached_by(word_no, places, first, last, word_no[k], left, right);
        if (place == SIZE_MAX)
            continue;
        x->near++;
        sums[0]++;
        if (seen[x - v])
            continue;
        seen[x - v] = true;
        if (x->docs++ == 0 || rank < x->rank) {
            x->rank = rank;
            x->token = k;
            x->place = place;
        }
    }
}

static void check_near(const ds_words_source *s, const char *text, bool whole, uint32_t left, uint32_t right)
{
    static naive_place places[PLACES_MAX];
    near_row want[NQ_WORDS];
    size_t n = 0, count = naive_places(s, text, whole, places), k = 0, seen = 0;
    uint64_t sums[2] = {0};
    for (uint32_t i = 0; i < SEGMENTS; i++)
        for (uint32_t d = 0; d < NQ_DOCS; d++) {
            size_t first = k;
            while (k < count && places[k].segment == i && places[k].doc == d)
                k++;
            if (group_of(s, i, d) != DS_GROUP_NONE)
                naive_article(&corpora[i].docs[d], places, first, k, rank_rows[i][d], left, right, want, &n, sums);
        }
    ds_places *p;
    ds_collocates *c;
    ds_places_options o = {ds_str_of(text), whole};
    ds_collocates_options co = {.left = left, .right = right, .rank = ranks};
    ck_assert_int_eq(ds_places_new(NULL, s, &o, &p, NULL), DS_OK);
    ck_assert_int_eq(ds_collocates_new(p, &co, &c, NULL), DS_OK);
    ck_assert_uint_eq(ds_collocates_near(c), sums[0]);
    ck_assert_uint_eq(ds_collocates_words(c), sums[1]);
    for (size_t i = 0; i < ds_collocates_count(c); i++) {
        ds_collocate x;
        if (!ds_collocates_at(c, i, 1, &x))
            continue;
        seen++;
        for (size_t j = 0; j < n; j++)
            if (ds_str_eq(ds_str_of(want[j].word), x.word)) {
                ck_assert_uint_eq(x.near, want[j].near);
                ck_assert_uint_eq(x.all, want[j].all);
                ck_assert_uint_eq(x.docs, want[j].docs);
                ck_assert_uint_eq(x.token, want[j].token);
                ck_assert_uint_eq(x.place, want[j].place);
            }
    }
    for (size_t j = 0; j < n; j++)
        seen -= want[j].near > 0;
    ck_assert_uint_eq(seen, 0);
    ds_collocates_free(c);
    ds_places_free(p);
}

START_TEST(what_is_near_is_counted_once)
{
    static const uint32_t windows[][2] = {{1, 1}, {5, 5}, {0, 3}, {2, 0}, {0, 0}, {99, 99}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
            check_near(&all_docs, texts[i], true, windows[w][0], windows[w][1]);
            check_near(&grouped, texts[i], false, windows[w][0], windows[w][1]);
        }
}
END_TEST

/* ------------------------------------------------------------------ ends */

static ds_status everything(const ds_alloc *a, void *ud)
{
    ds_counts *c = NULL;
    ds_ngrams *g = NULL;
    ds_places *p = NULL;
    ds_collocates *n = NULL;
    ds_ngram x;
    bool enough;
    (void)ud;
    ds_counts_options co = {.attr = DS_ATTR_KEY};
    ds_ngrams_options go = {2, true};
    ds_places_options po = {ds_str_of("国人"), false};
    ds_collocates_options no = {.sentence = true};
    ds_status st = ds_counts_new(a, &grouped, &co, &c, NULL);
    if (st == DS_OK)
        st = ds_ngrams_new(a, &grouped, &go, &g, NULL);
    for (size_t i = 0; st == DS_OK && i < ds_ngrams_count(g); i++)
        st = ds_ngrams_at(g, i, 1, &enough, &x, NULL);
    if (st == DS_OK)
        st = ds_places_new(a, &grouped, &po, &p, NULL);
    if (st == DS_OK)
        st = ds_collocates_new(p, &no, &n, NULL);
    for (size_t i = 0; st == DS_OK && i < ds_places_count(p); i++) {
        ds_place_view v;
        ds_str text;
        st = ds_places_look(p, i, &v, NULL);
        if (st == DS_OK)
            st = ds_places_text(p, 0, v.tokens, &text, NULL);
    }
    ds_collocates_free(n);
    ds_places_free(p);
    ds_ngrams_free(g);
    ds_counts_free(c);
    return st;
}

START_TEST(lack_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(everything, NULL);
}
END_TEST

START_TEST(the_owner_can_end_it)
{
    static volatile sig_atomic_t stop = 1;
    ds_alloc a = ds_alloc_libc;
    ds_counts *c;
    ds_ngrams *g;
    ds_places *p;
    ds_counts_options co = {.attr = DS_ATTR_KEY};
    ds_ngrams_options go = {2, false};
    a.stop = &stop;
    ck_assert_int_eq(ds_counts_new(&a, &all_docs, &co, &c, NULL), DS_ELIMIT);
    ck_assert_int_eq(ds_ngrams_new(&a, &all_docs, &go, &g, NULL), DS_ELIMIT);
    stop = 0;
    ds_places_options po = {ds_str_of("国"), false};
    ck_assert_int_eq(ds_places_new(&a, &all_docs, &po, &p, NULL), DS_OK);
    stop = 1;
    ds_collocates *n;
    ds_collocates_options no = {.left = 2, .right = 2};
    ck_assert_int_eq(ds_collocates_new(p, &no, &n, NULL), DS_ELIMIT);
    ds_places_free(p);
}
END_TEST

START_TEST(labels_out_of_range_are_refused)
{
    ds_words_source few = {segments, SEGMENTS, labels, 2};
    ds_counts *c;
    ds_counts_options co = {.attr = DS_ATTR_KEY};
    ck_assert_int_eq(ds_counts_new(NULL, &few, &co, &c, NULL), DS_EINVAL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hits_words");
    TCase *t = tcase_create("hits_words");
    tcase_set_timeout(t, 240);
    tcase_add_unchecked_fixture(t, set_up, tear_down);
    tcase_add_test(t, words_by_group_are_those_of_the_tokens);
    tcase_add_test(t, sequences_are_those_of_the_tokens);
    tcase_add_test(t, places_are_those_of_the_folded_text);
    tcase_add_test(t, what_no_phrase_can_be_is_refused);
    tcase_add_test(t, what_is_near_is_counted_once);
    tcase_add_test(t, lack_of_memory_is_reported_and_leaks_nothing);
    tcase_add_test(t, the_owner_can_end_it);
    tcase_add_test(t, labels_out_of_range_are_refused);
    suite_add_tcase(s, t);
    return test_main(s);
}

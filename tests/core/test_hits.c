/* test_hits.c - lists of hits against the same done slowly over plain arrays of tokens. */
#include "hits_int.h"
#include "naive_query.h"
#include "testing.h"

enum { SEGMENTS = 2, HITS_MAX = NQ_DOCS * NQ_TOKENS * SEGMENTS, NAME_MAX_ = 256 };

static nq_corpus corpora[SEGMENTS];
static const ds_index *segments[SEGMENTS];

static void set_up(void)
{
    for (size_t i = 0; i < SEGMENTS; i++) {
        nq_build(&corpora[i], 40 + i, NQ_DOCS, i == 1);
        segments[i] = corpora[i].ix;
    }
}

static void tear_down(void)
{
    for (size_t i = 0; i < SEGMENTS; i++)
        nq_close(&corpora[i]);
}

/* A list with the hits of a query in all segments. */
static ds_hitlist *list_of(const ds_alloc *a, const char *text, ds_status *st)
{
    static ds_found hits[HITS_MAX];
    ds_hitlist *list;
    ds_cql *tree;
    ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(text), &tree, NULL), DS_OK);
    *st = ds_hitlist_new(a, segments, SEGMENTS, &list, NULL);
    for (uint32_t i = 0; *st == DS_OK && i < SEGMENTS; i++) {
        ds_query *q;
        size_t n;
        ck_assert_int_eq(ds_query_new(NULL, segments[i], tree, NULL, &q, NULL), DS_OK);
        ck_assert_int_eq(ds_query_next(q, hits, HITS_MAX, &n, NULL), DS_OK);
        *st = ds_hitlist_add(list, i, hits, n, NULL);
        ds_query_free(q);
    }
    ds_cql_free(tree);
    return list;
}

/* ------------------------------------------------------------------ the same, slowly */

typedef struct plain {
    ds_hititem hit;
    size_t number;
    char name[4][NAME_MAX_]; /* by each key */
    uint32_t label[4];
} plain;

static const nq_doc *doc_of(const ds_hititem *h)
{
    return &corpora[h->segment].docs[h->doc];
}

static const char *attr_of(const nq_token *t, ds_hit_attr attr)
{
    switch (attr) {
    case DS_ATTR_WORD: return t->word;
    case DS_ATTR_POS: return t->pos;
    case DS_ATTR_LEMMA: return t->lemma[0] != '\0' ? t->lemma : t->key;
    case DS_ATTR_CLASS: return ds_class_name((ds_class)t->cls);
    default: return t->key;
    }
}

static void name_of(const ds_hititem *h, const ds_hit_key *k, char *out)
{
    const nq_doc *d = doc_of(h);
    uint32_t base, end, n = k->n;
    ds_index_doc_range(segments[h->segment], h->doc, &base, &end);
    size_t beg = h->at.beg - base, to = h->at.end - base;
    out[0] = '\0';
    if (k->by == DS_BY_NODE) {
        for (size_t i = beg; i < to; i++)
            if (d->tokens[i]->cls != DS_CLASS_SPACE)
                sprintf(out + strlen(out), "%s%s", i > beg ? " " : "", attr_of(d->tokens[i], k->attr));
    } else if (k->by == DS_BY_LEFT) {
        for (size_t i = beg; i-- > 0;)
            if (d->tokens[i]->cls != DS_CLASS_SPACE && --n == 0) {
                strcpy(out, attr_of(d->tokens[i], k->attr));
                break;
            }
    } else if (k->by == DS_BY_RIGHT) {
        for (size_t i = to; i < d->n; i++)
            if (d->tokens[i]->cls != DS_CLASS_SPACE && --n == 0) {
                strcpy(out, attr_of(d->tokens[i], k->attr));
                break;
            }
    }
}

static const ds_hit_key *plain_keys;
static size_t plain_key_count;

static int by_keys(const void *a, const void *b)
{
    const plain *x = a, *y = b;
    for (size_t k = 0; k < plain_key_count; k++) {
        int c = strcmp(x->name[k], y->name[k]);
        if (c == 0)
            c = (x->label[k] > y->label[k]) - (x->label[k] < y->label[k]);
        if (c != 0)
            return plain_keys[k].falling ? -c : c;
    }
    return (x->number > y->number) - (x->number < y->number);
}

static uint32_t label_rows[SEGMENTS][NQ_DOCS];
static const uint32_t *const labels[SEGMENTS] = {label_rows[0], label_rows[1]};

static plain *plain_of(const ds_hitlist *list, const ds_hit_key *keys, size_t n)
{
    size_t count = ds_hitlist_count(list);
    plain *v = calloc(count + 1, sizeof *v);
    ck_assert_ptr_nonnull(v);
    for (size_t i = 0; i < count; i++) {
        v[i].hit = ds_hitlist_at(list, i);
        v[i].number = i;
        for (size_t k = 0; k < n; k++) {
            name_of(&v[i].hit, &keys[k], v[i].name[k]);
            if (keys[k].by == DS_BY_LABEL)
                v[i].label[k] = labels[v[i].hit.segment][v[i].hit.doc];
            if (keys[k].by == DS_BY_DOC)
                v[i].label[k] = v[i].hit.segment * NQ_DOCS + v[i].hit.doc;
        }
    }
    return v;
}

static const ds_hit_key single_keys[] = {
    {.by = DS_BY_NODE, .attr = DS_ATTR_WORD},         {.by = DS_BY_NODE, .attr = DS_ATTR_KEY},
    {.by = DS_BY_NODE, .attr = DS_ATTR_POS},          {.by = DS_BY_LEFT, .attr = DS_ATTR_KEY, .n = 1},
    {.by = DS_BY_LEFT, .attr = DS_ATTR_WORD, .n = 3}, {.by = DS_BY_RIGHT, .attr = DS_ATTR_KEY, .n = 1},
    {.by = DS_BY_RIGHT, .attr = DS_ATTR_POS, .n = 2}, {.by = DS_BY_RIGHT, .attr = DS_ATTR_LEMMA, .n = 1},
    {.by = DS_BY_RIGHT, .attr = DS_ATTR_CLASS, .n = 1, .falling = true},
    {.by = DS_BY_DOC},
    {.by = DS_BY_LABEL, .labels = labels, .label_count = 7},
    {.by = DS_BY_LABEL, .labels = labels, .label_count = 7, .falling = true},
};
enum { SINGLE = sizeof single_keys / sizeof *single_keys };

static const char *const texts[] = {"[pos=\"n\"]", "\"人\"", "[key=\"国\"] []?", "[class=\"han\"] [class=\"punct\"]", "[word=\"zzz\"]"};

static void make_labels(void)
{
    nq_state = 5;
    for (size_t s = 0; s < SEGMENTS; s++)
        for (size_t d = 0; d < NQ_DOCS; d++)
            label_rows[s][d] = nq_rnd(7);
}

START_TEST(sorting_by_several_keys_is_that_of_strings)
{
    ds_status st;
    size_t moved = 0;
    make_labels();
    nq_state = 123;
    for (int round = 0; round < 60; round++) {
        ds_hit_key keys[3];
        size_t n = nq_rnd(4);
        for (size_t k = 0; k < n; k++)
            keys[k] = single_keys[nq_rnd(SINGLE)];
        ds_hitlist *list = list_of(NULL, texts[round % 5], &st);
        plain *v = plain_of(list, keys, n);
        plain_keys = keys;
        plain_key_count = n;
        qsort(v, ds_hitlist_count(list), sizeof *v, by_keys);
        ck_assert_int_eq(ds_hitlist_sort(list, keys, n, NULL), DS_OK);
        for (size_t i = 0; i < ds_hitlist_count(list); i++) {
            ds_hititem h = ds_hitlist_at(list, i);
            ck_assert(h.segment == v[i].hit.segment && h.at.beg == v[i].hit.at.beg && h.at.from == v[i].hit.at.from);
            moved += v[i].number != i;
        }
        free(v);
        ds_hitlist_free(list);
    }
    ck_assert_uint_gt(moved, 1000);
}
END_TEST

START_TEST(groups_have_the_counts_of_their_hits)
{
    ds_status st;
    make_labels();
    for (size_t t = 0; t < 5; t++)
        for (size_t k = 0; k < SINGLE; k++) {
            ds_groups g;
            ds_hitlist *list = list_of(NULL, texts[t], &st);
            if (k % 3 == 0)
                ck_assert_int_eq(ds_hitlist_sample(list, ds_hitlist_count(list) / 2, 9, NULL), DS_OK);
            plain *v = plain_of(list, &single_keys[k], 1);
            ds_groups_init(&g, NULL);
            ck_assert_int_eq(ds_hitlist_group(list, &single_keys[k], &g, NULL), DS_OK);
            uint64_t total = 0;
            for (size_t i = 0; i < g.count; i++) {
                uint64_t n = 0;
                for (size_t h = 0; h < ds_hitlist_count(list); h++)
                    n += single_keys[k].by == DS_BY_LABEL ? v[h].label[0] == g.items[i].label
                         : single_keys[k].by == DS_BY_DOC
                             ? v[h].hit.doc == g.items[i].doc && v[h].hit.segment == g.items[i].segment
                             : ds_str_eq(g.items[i].name, ds_str_of(v[h].name[0]));
                ck_assert_uint_eq(n, g.items[i].count);
                ck_assert(i == 0 || g.items[i - 1].count >= g.items[i].count);
                total += n;
            }
            ck_assert_uint_eq(total, ds_hitlist_count(list));
            ck_assert_uint_eq(total, g.total);
            ds_groups_clear(&g);
            free(v);
            ds_hitlist_free(list);
        }
}
END_TEST

START_TEST(a_sample_is_the_same_for_the_same_seed_and_keeps_the_order)
{
    ds_status st;
    ds_hitlist *a = list_of(NULL, "[pos=\"n\"]", &st), *b = list_of(NULL, "[pos=\"n\"]", &st);
    size_t all = ds_hitlist_count(a), same = 0;
    static const ds_hit_key key = {.by = DS_BY_RIGHT, .n = 1, .attr = DS_ATTR_KEY};
    ck_assert_uint_gt(all, 100);
    ck_assert_int_eq(ds_hitlist_sort(b, &key, 1, NULL), DS_OK);
    ck_assert_int_eq(ds_hitlist_sample(a, 20, 1, NULL), DS_OK);
    ck_assert_int_eq(ds_hitlist_sample(b, 20, 1, NULL), DS_OK);
    ck_assert_uint_eq(ds_hitlist_count(a), 20);
    for (size_t i = 0; i < 20; i++) {
        ds_hititem x = ds_hitlist_at(a, i), y = ds_hitlist_at(b, i);
        ck_assert(x.segment == y.segment && x.at.beg == y.at.beg);
        if (i > 0) {
            y = ds_hitlist_at(a, i - 1);
            ck_assert(y.segment < x.segment || (y.segment == x.segment && y.at.beg < x.at.beg));
        }
    }
    ck_assert_int_eq(ds_hitlist_sample(b, 20, 2, NULL), DS_OK);
    for (size_t i = 0; i < 20; i++)
        same += ds_hitlist_at(a, i).at.beg == ds_hitlist_at(b, i).at.beg;
    ck_assert_uint_lt(same, 15);
    ck_assert_int_eq(ds_hitlist_sample(b, 0, 2, NULL), DS_OK);
    ck_assert_uint_eq(ds_hitlist_count(b), 0);
    ck_assert_int_eq(ds_hitlist_sort(b, &key, 1, NULL), DS_OK);
    ck_assert_int_eq(ds_hitlist_sample(b, all, 2, NULL), DS_OK);
    ck_assert_uint_eq(ds_hitlist_count(b), all);
    ds_hitlist_free(a);
    ds_hitlist_free(b);
}
END_TEST

START_TEST(windows_hold_so_many_tokens_besides_white_space)
{
    ds_status st;
    ds_hitlist *list = list_of(NULL, "[pos=\"n\"]", &st);
    for (size_t i = 0; i < ds_hitlist_count(list); i++)
        for (uint32_t size = 0; size < 5; size++) {
            ds_hititem h = ds_hitlist_at(list, i);
            ds_hit_window w;
            uint32_t beg, end, left = 0, right = 0;
            ck_assert_int_eq(ds_hitlist_window(list, &h, size, size + 1, &w, NULL), DS_OK);
            ds_index_doc_range(segments[h.segment], h.doc, &beg, &end);
            const nq_doc *d = doc_of(&h);
            ck_assert(w.beg >= beg && w.end <= end && w.beg <= h.at.beg && w.end >= h.at.end);
            for (uint32_t p = w.beg; p < w.end; p++) {
                ds_type t;
                ds_index_type(segments[h.segment], w.types[p - w.beg], &t);
                ck_assert(ds_str_eq(t.word, ds_str_of(d->tokens[p - beg]->word)));
                left += p < h.at.beg && t.cls != DS_CLASS_SPACE;
                right += p >= h.at.end && t.cls != DS_CLASS_SPACE;
            }
            ck_assert(left <= size && right <= size + 1);
            for (uint32_t p = beg; left < size && p < w.beg; p++)
                ck_assert_int_eq(d->tokens[p - beg]->cls, DS_CLASS_SPACE);
            for (uint32_t p = w.end; right < size + 1 && p < end; p++)
                ck_assert_int_eq(d->tokens[p - beg]->cls, DS_CLASS_SPACE);
        }
    ds_hitlist_free(list);
}
END_TEST

static bool only_nouns(void *ud, const ds_type *t)
{
    (void)ud;
    return ds_str_eq(t->pos, ds_str_of("n"));
}

/* Tokens of the articles that count, by an attribute. */
static uint64_t count_plainly(ds_str name, ds_hit_attr attr, bool nouns, const uint64_t *docs)
{
    uint64_t n = 0;
    for (size_t s = 0; s < SEGMENTS; s++)
        for (size_t d = 0; d < NQ_DOCS; d++) {
            const nq_doc *doc = &corpora[s].docs[d];
            if (doc->deleted || (docs != NULL && !(docs[d / 64] >> d % 64 & 1)))
                continue;
            for (size_t i = 0; i < doc->n; i++)
                n += doc->tokens[i]->cls != DS_CLASS_SPACE && (!nouns || strcmp(doc->tokens[i]->pos, "n") == 0) &&
                     (name.p == NULL || ds_str_eq(name, ds_str_of(attr_of(doc->tokens[i], attr))));
        }
    return n;
}

START_TEST(frequencies_are_those_of_the_tokens)
{
    static const uint64_t some = 0x00F0F3, most = 0xFFFFFE;
    const uint64_t *const sets[] = {NULL, &some, &most};
    for (size_t set = 0; set < 3; set++)
        for (int attr = DS_ATTR_WORD; attr <= DS_ATTR_CLASS; attr++)
            for (int nouns = 0; nouns < 2; nouns++) {
                const uint64_t *docs[SEGMENTS] = {sets[set], sets[set]};
                ds_groups g;
                ds_groups_init(&g, NULL);
                ck_assert_int_eq(ds_freq(NULL, segments, SEGMENTS, set > 0 ? docs : NULL, (ds_hit_attr)attr,
                                         nouns ? only_nouns : NULL, NULL, &g, NULL), DS_OK);
                for (size_t i = 0; i < g.count; i++)
                    ck_assert_uint_eq(g.items[i].count, count_plainly(g.items[i].name, (ds_hit_attr)attr, nouns, sets[set]));
                ck_assert_uint_eq(g.total, count_plainly((ds_str){NULL, 0}, DS_ATTR_KEY, nouns, sets[set]));
                ds_groups_clear(&g);
            }
}
END_TEST

START_TEST(types_are_looked_up_as_they_stand_in_a_row)
{
    for (size_t k = 0; k < SEGMENTS; k++) {
        uint32_t tokens = ds_index_tokens(segments[k]), seed = 1, type = 0, beg, end;
        const uint32_t *types;
        h_lookup l;
        ds_forward *fw;
        ck_assert_int_eq(ds_forward_new(NULL, segments[k], &fw, NULL), DS_OK);
        ck_assert_int_eq(h_lookup_init(&l, &ds_alloc_libc, segments[k], NULL), DS_OK);
        for (uint32_t pos = 0; pos < tokens; pos++, seed = seed * 1664525u + 1013904223u)
            if (seed >> 30 == 0)
                h_lookup_want(&l, pos, pos + 1);
        h_lookup_want(&l, tokens / 2, tokens / 2 + 70);
        ck_assert(!h_lookup_type(&l, 0, &type)); /* not filled */
        ck_assert_int_eq(h_lookup_fill(&l, NULL), DS_OK);
        size_t found = 0;
        for (uint32_t pos = 0; pos < tokens; pos++) {
            if (!h_lookup_type(&l, pos, &type))
                continue;
            found++;
            ck_assert_int_eq(ds_forward_at(fw, pos, &types, &beg, &end, NULL), DS_OK);
            ck_assert_uint_eq(type, types[pos - beg]);
        }
        ck_assert_uint_eq(found, l.count);
        ck_assert_uint_gt(found, 70);
        h_lookup_clear(&l);
        ds_forward_free(fw);
    }
}
END_TEST

START_TEST(labels_out_of_range_are_refused)
{
    ds_status st;
    ds_groups g;
    ds_hitlist *list = list_of(NULL, "[]", &st);
    make_labels();
    ds_groups_init(&g, NULL);
    static const ds_hit_key few = {.by = DS_BY_LABEL, .labels = labels, .label_count = 3};
    static const ds_hit_key zero = {.by = DS_BY_LEFT, .n = 0};
    ck_assert_int_eq(ds_hitlist_group(list, &few, &g, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_hitlist_sort(list, &few, 1, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_hitlist_sort(list, &zero, 1, NULL), DS_EINVAL);
    ck_assert_int_eq(ds_hitlist_add(list, SEGMENTS, NULL, 0, NULL), DS_EINVAL);
    ds_hitlist_free(list);
}
END_TEST

static ds_status oom_body(const ds_alloc *a, void *ud)
{
    ds_status st;
    ds_groups g;
    ds_hit_window w;
    (void)ud;
    ds_groups_init(&g, a);
    ds_hitlist *list = list_of(a, "[pos=\"n\"]", &st);
    static const ds_hit_key keys[] = {{.by = DS_BY_RIGHT, .n = 1, .attr = DS_ATTR_KEY}, {.by = DS_BY_NODE}};
    if (st == DS_OK)
        st = ds_hitlist_sample(list, 30, 4, NULL);
    if (st == DS_OK)
        st = ds_hitlist_sort(list, keys, 2, NULL);
    if (st == DS_OK)
        st = ds_hitlist_group(list, &keys[1], &g, NULL);
    if (st == DS_OK) {
        ds_hititem h = ds_hitlist_at(list, 3);
        st = ds_hitlist_window(list, &h, 3, 3, &w, NULL);
    }
    if (st == DS_OK)
        st = ds_freq(a, segments, SEGMENTS, NULL, DS_ATTR_KEY, NULL, NULL, &g, NULL);
    ds_groups_clear(&g);
    ds_hitlist_free(list);
    return st;
}

START_TEST(lack_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(oom_body, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hits");
    TCase *t = tcase_create("hits");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, set_up, tear_down);
    tcase_add_test(t, sorting_by_several_keys_is_that_of_strings);
    tcase_add_test(t, groups_have_the_counts_of_their_hits);
    tcase_add_test(t, a_sample_is_the_same_for_the_same_seed_and_keeps_the_order);
    tcase_add_test(t, windows_hold_so_many_tokens_besides_white_space);
    tcase_add_test(t, frequencies_are_those_of_the_tokens);
    tcase_add_test(t, types_are_looked_up_as_they_stand_in_a_row);
    tcase_add_test(t, labels_out_of_range_are_refused);
    tcase_add_test(t, lack_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, t);
    return test_main(s);
}

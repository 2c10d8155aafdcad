/* test_offmap.c - offmap.h against one original range kept for every derived byte. */
#include "offmap.h"
#include "testing.h"

#define MODEL_MAX 256

/* The naive second version: where each derived byte comes from. */
typedef struct model {
    size_t beg[MODEL_MAX], end[MODEL_MAX];
    size_t n, tail; /* derived bytes; where the original stands */
} model;

static void model_linear(model *m, size_t n, size_t src)
{
    for (size_t i = 0; i < n; i++, m->n++) {
        m->beg[m->n] = src + i;
        m->end[m->n] = src + i + 1;
    }
    m->tail = src + n;
}

static void model_atom(model *m, size_t n, size_t src, size_t src_len)
{
    for (size_t i = 0; i < n; i++, m->n++) {
        m->beg[m->n] = src;
        m->end[m->n] = src + src_len;
    }
    m->tail = src + src_len;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

/* Appends a dozen random runs to both. */
static void grow_both(ds_offmap *map, model *m, uint32_t *seed)
{
    for (int i = 0; i < 12; i++) {
        size_t n = 1 + next_random(seed) % 6, gap = next_random(seed) % 3 == 0 ? next_random(seed) % 4 : 0;
        size_t src = m->tail + gap, src_len = next_random(seed) % 5;
        if (next_random(seed) % 2 == 0) {
            ds_offmap_linear(map, n, src);
            model_linear(m, n, src);
        } else {
            ds_offmap_atom(map, n, src, src_len);
            model_atom(m, n, src, src_len);
        }
    }
    ck_assert_int_eq(map->status, DS_OK);
    ck_assert_uint_eq(map->out_len, m->n);
}

static void check_origin(const ds_offmap *map, const model *m, size_t beg, size_t end)
{
    size_t src_beg, src_end, want_beg, want_end;
    ds_offmap_origin(map, beg, end, &src_beg, &src_end);
    want_beg = beg < m->n ? m->beg[beg] : m->tail;
    want_end = beg < end ? m->end[end - 1] : want_beg;
    if (src_beg != want_beg || src_end != want_end)
        ck_abort_msg("[%zu, %zu): [%zu, %zu), want [%zu, %zu)", beg, end, src_beg, src_end, want_beg, want_end);
}

typedef struct pieces {
    size_t beg[MODEL_MAX], end[MODEL_MAX], n;
} pieces;

static void collect(void *ud, size_t src_beg, size_t src_end)
{
    pieces *p = ud;
    p->beg[p->n] = src_beg;
    p->end[p->n++] = src_end;
}

static void model_pieces(const model *m, size_t beg, size_t end, pieces *p)
{
    p->n = 0;
    for (size_t i = beg; i < end; i++) {
        if (m->beg[i] == m->end[i])
            continue;
        if (p->n > 0 && m->beg[i] <= p->end[p->n - 1]) /* next to it, or the same atom again */
            p->end[p->n - 1] = m->end[i];
        else
            collect(p, m->beg[i], m->end[i]);
    }
}

static void check_pieces(const ds_offmap *map, const model *m, size_t beg, size_t end)
{
    pieces got = {.n = 0}, want;
    ds_offmap_pieces(map, beg, end, collect, &got);
    model_pieces(m, beg, end, &want);
    bool same = got.n == want.n;
    for (size_t i = 0; same && i < got.n; i++)
        same = got.beg[i] == want.beg[i] && got.end[i] == want.end[i];
    if (!same)
        ck_abort_msg("[%zu, %zu): %zu pieces, want %zu", beg, end, got.n, want.n);
}

static void check_all_ranges(const ds_offmap *map, const model *m)
{
    for (size_t beg = 0; beg <= m->n; beg++)
        for (size_t end = beg; end <= m->n; end++) {
            check_origin(map, m, beg, end);
            check_pieces(map, m, beg, end);
        }
}

START_TEST(every_range_of_random_maps_leads_back)
{
    for (uint32_t round = 0; round < 200; round++) {
        uint32_t seed = 7 + round;
        ds_offmap map;
        model m = {.n = 0};
        ds_offmap_init(&map, NULL);
        grow_both(&map, &m, &seed);
        check_all_ranges(&map, &m);
        ds_offmap_clear(&map);
    }
}
END_TEST

START_TEST(a_truncated_map_is_one_that_ended_there)
{
    for (uint32_t round = 0; round < 60; round++) {
        uint32_t seed = 1000 + round;
        ds_offmap map;
        model m = {.n = 0};
        ds_offmap_init(&map, NULL);
        grow_both(&map, &m, &seed);
        size_t cut = next_random(&seed) % (m.n + 1);
        ds_offmap_truncate(&map, m.n + 5); /* longer than it is: nothing happens */
        ck_assert_uint_eq(map.out_len, m.n);
        ds_offmap_truncate(&map, cut);
        m.n = cut;
        m.tail = cut == 0 ? 0 : m.end[cut - 1];
        check_all_ranges(&map, &m);
        if (m.n + 80 < MODEL_MAX) { /* and may go on from there */
            grow_both(&map, &m, &seed);
            check_all_ranges(&map, &m);
        }
        ds_offmap_clear(&map);
    }
}
END_TEST

START_TEST(origins_of_neighbours_never_go_back)
{
    uint32_t seed = 99;
    ds_offmap map;
    model m = {.n = 0};
    ds_offmap_init(&map, NULL);
    grow_both(&map, &m, &seed);
    size_t last_beg = 0, last_end = 0;
    for (size_t i = 0; i < m.n; i++) {
        size_t beg, end;
        ds_offmap_origin(&map, i, i + 1, &beg, &end);
        ck_assert_uint_le(last_beg, beg);
        ck_assert_uint_le(last_end, end);
        ck_assert_uint_le(beg, end);
        last_beg = beg;
        last_end = end;
    }
    ds_offmap_clear(&map);
}
END_TEST

START_TEST(copied_text_costs_one_run)
{
    ds_offmap map;
    ds_offmap_init(&map, NULL);
    for (size_t i = 0; i < 100; i++)
        ds_offmap_linear(&map, 3, 10 + 3 * i);
    ds_offmap_linear(&map, 0, 5000); /* nothing */
    ds_offmap_atom(&map, 0, 5000, 7);
    ck_assert_uint_eq(map.count, 1);
    ck_assert_uint_eq(map.out_len, 300);
    ds_offmap_clear(&map);
}
END_TEST

START_TEST(the_empty_map_leads_to_the_start)
{
    ds_offmap map;
    size_t beg = 9, end = 9;
    ds_offmap_init(&map, NULL);
    ds_offmap_origin(&map, 0, 0, &beg, &end);
    ck_assert_uint_eq(beg, 0);
    ck_assert_uint_eq(end, 0);
    ds_offmap_truncate(&map, 0);
    ds_offmap_clear(&map);
    ds_offmap_clear(&map); /* a cleared map is an empty one */
}
END_TEST

static ds_status build_map(const ds_alloc *a, void *ud)
{
    (void)ud;
    ds_offmap map;
    ds_offmap_init(&map, a);
    for (size_t i = 0; i < 100; i++) /* each atom a run of its own: grows several times */
        ds_offmap_atom(&map, 1, 2 * i, 2);
    ds_status st = map.status;
    if (st == DS_OK)
        ck_assert_uint_eq(map.out_len, 100);
    else
        ck_assert_uint_eq(map.out_len, map.count); /* what came after the failure is not there */
    ds_offmap_clear(&map);
    return st;
}

START_TEST(lack_of_memory_is_remembered)
{
    oom_sweep(build_map, NULL);
}
END_TEST

static Suite *offmap_suite(void)
{
    Suite *s = suite_create("offmap");
    TCase *t = tcase_create("offmap");
    tcase_add_test(t, every_range_of_random_maps_leads_back);
    tcase_add_test(t, a_truncated_map_is_one_that_ended_there);
    tcase_add_test(t, origins_of_neighbours_never_go_back);
    tcase_add_test(t, copied_text_costs_one_run);
    tcase_add_test(t, the_empty_map_leads_to_the_start);
    tcase_add_test(t, lack_of_memory_is_remembered);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return test_main(offmap_suite());
}

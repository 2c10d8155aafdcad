/* hits.c - see hits.h: the list, its sample, and the window about a hit. */
#include "hits_int.h"

#include <string.h>

/* ------------------------------------------------------------------ segments */

static void mark_spaces(h_segment *s)
{
    ds_type t;
    uint32_t n = ds_index_types(s->ix);
    static const uint32_t ranges[][2] = {{'\t', '\r'},     {' ', ' '},       {0x85, 0x85},     {0xA0, 0xA0},
                                         {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                                         {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
        for (uint32_t cp = ranges[r][0]; cp <= ranges[r][1]; cp++) {
            size_t count;
            const uint32_t *ids = ds_index_first(s->ix, cp, &count);
            for (size_t i = 0; i < count; i++) {
                ds_index_type(s->ix, ids[i], &t);
                if (ids[i] < n && t.cls == DS_CLASS_SPACE)
                    s->space[ids[i] / 64] |= (uint64_t)1 << ids[i] % 64;
            }
        }
}

ds_status h_open_segment(const ds_alloc *a, h_segment *s, ds_error *err)
{
    if (s->space != NULL)
        return DS_OK;
    ds_status st = s->forward != NULL ? DS_OK : ds_forward_new(a, s->ix, &s->forward, err);
    if (st != DS_OK)
        return st;
    s->words = ds_index_types(s->ix) / 64 + 1;
    s->space = ds_calloc(a, s->words, sizeof *s->space);
    if (s->space == NULL)
        return ds_fail_nomem(err);
    mark_spaces(s);
    return DS_OK;
}

void h_close_segment(const ds_alloc *a, h_segment *s)
{
    ds_forward_free(s->forward);
    ds_mfree(a, s->space, s->words * sizeof *s->space); /* the store may be closed by now: ix is not looked at */
    s->forward = NULL;
    s->space = NULL;
}

/* ------------------------------------------------------------------ the list */

ds_status ds_hitlist_new(const ds_alloc *a, const ds_index *const *segments, size_t n, ds_hitlist **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_hitlist *list = ds_calloc(a, 1, sizeof *list);
    if (list == NULL)
        return ds_fail_nomem(err);
    list->alloc = a;
    list->segment_count = n;
    list->segments = n > 0 ? ds_calloc(a, n, sizeof *list->segments) : NULL;
    if (n > 0 && list->segments == NULL) {
        list->segment_count = 0;
        ds_hitlist_free(list);
        return ds_fail_nomem(err);
    }
    for (size_t i = 0; i < n; i++)
        list->segments[i].ix = segments[i];
    *out = list;
    return DS_OK;
}

static void forget_order(ds_hitlist *list)
{
    ds_mfree(list->alloc, list->order, list->shown * sizeof *list->order);
    list->order = NULL;
    list->shown = list->count;
}

void ds_hitlist_free(ds_hitlist *list)
{
    if (list == NULL)
        return;
    const ds_alloc *a = list->alloc;
    forget_order(list);
    for (size_t i = 0; i < list->segment_count; i++)
        h_close_segment(a, &list->segments[i]);
    ds_mfree(a, list->segments, list->segment_count * sizeof *list->segments);
    ds_mfree(a, list->items, list->cap * sizeof *list->items);
    ds_mfree(a, list->window, list->window_cap * sizeof *list->window);
    ds_mfree(a, list, sizeof *list);
}

ds_status ds_hitlist_add(ds_hitlist *list, uint32_t segment, const ds_found *hits, size_t n, ds_error *err)
{
    size_t need;
    if (segment >= list->segment_count)
        return ds_fail(err, DS_EINVAL, 0, 0, "no segment %u", segment);
    forget_order(list);
    if (!ds_add(list->count, n, &need) || need >= UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, 0, 0, "more than 4 billion hits");
    if (ds_grow(list->alloc, (void **)&list->items, &list->cap, need, sizeof *list->items) != DS_OK)
        return ds_fail_nomem(err);
    const ds_index *ix = list->segments[segment].ix;
    uint32_t doc = 0, beg = 0, end = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || hits[i].beg >= end) {
            doc = ds_index_doc_at(ix, hits[i].beg);
            ds_index_doc_range(ix, doc, &beg, &end);
        }
        list->items[list->count++] = (ds_hititem){segment, doc, hits[i]};
    }
    list->shown = list->count;
    return DS_OK;
}

size_t ds_hitlist_count(const ds_hitlist *list)
{
    return list->shown;
}

ds_hititem ds_hitlist_at(const ds_hitlist *list, size_t i)
{
    return list->items[list->order != NULL ? list->order[i] : i];
}

/* ------------------------------------------------------------------ sampling */

static uint64_t draw(uint64_t seed, uint64_t i)
{
    uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15u; /* splitmix64: Steele, Lea and Flood (2014) */
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

typedef struct drawn {
    uint64_t lot;
    uint32_t item;
} drawn;

static bool lot_above(const drawn *a, const drawn *b)
{
    return a->lot != b->lot ? a->lot > b->lot : a->item > b->item;
}

static void sift_down(drawn *heap, size_t n, size_t root)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && lot_above(&heap[child + 1], &heap[child]))
            child++;
        if (!lot_above(&heap[child], &heap[root]))
            return;
        drawn t = heap[root];
        heap[root] = heap[child];
        heap[child] = t;
    }
}

/* The n smallest lots, in a heap with the largest on top. */
static void draw_lots(drawn *heap, size_t n, size_t of, uint64_t seed)
{
    for (size_t i = 0; i < n; i++)
        heap[i] = (drawn){draw(seed, i), (uint32_t)i};
    for (size_t i = n / 2; i-- > 0;)
        sift_down(heap, n, i);
    for (size_t i = n; i < of; i++) {
        drawn d = {draw(seed, i), (uint32_t)i};
        if (lot_above(&heap[0], &d)) {
            heap[0] = d;
            sift_down(heap, n, 0);
        }
    }
}

ds_status ds_hitlist_sample(ds_hitlist *list, size_t n, uint64_t seed, ds_error *err)
{
    forget_order(list);
    if (n >= list->count)
        return DS_OK;
    uint64_t *chosen = ds_calloc(list->alloc, list->count / 64 + 1, sizeof *chosen);
    drawn *heap = n > 0 ? ds_calloc(list->alloc, n, sizeof *heap) : NULL;
    uint32_t *order = ds_calloc(list->alloc, n > 0 ? n : 1, sizeof *order);
    bool good = chosen != NULL && order != NULL && (n == 0 || heap != NULL);
    if (good && n > 0)
        draw_lots(heap, n, list->count, seed);
    for (size_t i = 0; good && i < n; i++)
        chosen[heap[i].item / 64] |= (uint64_t)1 << heap[i].item % 64;
    for (size_t i = 0, k = 0; good && i < list->count; i++)
        if (chosen[i / 64] >> i % 64 & 1)
            order[k++] = (uint32_t)i;
    ds_mfree(list->alloc, chosen, (list->count / 64 + 1) * sizeof *chosen);
    ds_mfree(list->alloc, heap, n * sizeof *heap);
    if (good && n > 0) {
        list->order = order;
        list->shown = n;
        return DS_OK;
    }
    ds_mfree(list->alloc, order, (n > 0 ? n : 1) * sizeof *order);
    if (!good)
        return ds_fail_nomem(err);
    list->shown = 0;
    return DS_OK;
}

/* ------------------------------------------------------------------ windows */

/* From `pos` up to `count` tokens besides white space away, not beyond `bound`; where the last of them begins or ends. */
static ds_status step_away(h_segment *s, uint32_t pos, uint32_t bound, uint32_t count, bool left, uint32_t *out,
                           ds_error *err)
{
    const uint32_t *types;
    uint32_t beg = 0, end = 0;
    *out = pos;
    while (count > 0 && (left ? pos > bound : pos < bound)) {
        uint32_t at = left ? pos - 1 : pos;
        if (at < beg || at >= end) {
            ds_status st = ds_forward_at(s->forward, at, &types, &beg, &end, err);
            if (st != DS_OK)
                return st;
        }
        pos = left ? at : at + 1;
        if (!h_is_space(s, types[at - beg])) {
            *out = pos;
            count--;
        }
    }
    return DS_OK;
}

ds_status ds_hitlist_window(ds_hitlist *list, const ds_hititem *hit, uint32_t left, uint32_t right, ds_hit_window *out,
                            ds_error *err)
{
    uint32_t beg, end, got = 0;
    *out = (ds_hit_window){0, 0, NULL};
    if (hit->segment >= list->segment_count)
        return ds_fail(err, DS_EINVAL, 0, 0, "no segment %u", hit->segment);
    h_segment *s = &list->segments[hit->segment];
    ds_index_doc_range(s->ix, hit->doc, &beg, &end);
    if (hit->at.beg < beg || hit->at.end > end || hit->at.beg >= hit->at.end)
        return ds_fail(err, DS_EINVAL, 0, 0, "a hit outside its article");
    ds_status st = h_open_segment(list->alloc, s, err);
    if (st == DS_OK)
        st = step_away(s, hit->at.beg, beg, left, true, &out->beg, err);
    if (st == DS_OK)
        st = step_away(s, hit->at.end, end, right, false, &out->end, err);
    if (st != DS_OK)
        return st;
    uint32_t n = out->end - out->beg;
    if (ds_grow(list->alloc, (void **)&list->window, &list->window_cap, n, sizeof *list->window) != DS_OK)
        return ds_fail_nomem(err);
    st = ds_forward_copy(s->forward, out->beg, n, list->window, &got, err);
    if (st == DS_OK && got < n)
        st = ds_fail(err, DS_EFORMAT, 0, 0, "the tokens of a segment end too early");
    out->types = list->window;
    return st;
}

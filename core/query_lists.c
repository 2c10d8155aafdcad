/* query_lists.c - lists of numbers; see query_int.h. */
#include "query_int.h"

#include <string.h>

bool q_list_room(const ds_alloc *a, q_list *l, size_t more)
{
    size_t need;
    return ds_add(l->n, more, &need) && ds_grow(a, (void **)&l->v, &l->cap, need, sizeof *l->v) == DS_OK;
}

bool q_list_add(const ds_alloc *a, q_list *l, uint32_t v)
{
    if (l->n == l->cap && !q_list_room(a, l, 1))
        return false;
    l->v[l->n++] = v;
    return true;
}

void q_list_clear(const ds_alloc *a, q_list *l)
{
    ds_mfree(a, l->v, l->cap * sizeof *l->v);
    *l = (q_list){0};
}

static bool is_sorted(const q_list *l)
{
    for (size_t i = 1; i < l->n; i++)
        if (l->v[i] < l->v[i - 1])
            return false;
    return true;
}

static void insertion_sort(uint32_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t x = v[i];
        size_t k = i;
        for (; k > 0 && v[k - 1] > x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
}

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* One pass of a radix sort, by the bits from `shift` on. */
static void sort_digit(const uint32_t *v, size_t n, unsigned shift, uint32_t *out)
{
    size_t at[DIGITS + 1] = {0};
    for (size_t i = 0; i < n; i++)
        at[(v[i] >> shift & (DIGITS - 1)) + 1]++;
    for (size_t d = 1; d < DIGITS; d++)
        at[d] += at[d - 1];
    for (size_t i = 0; i < n; i++)
        out[at[v[i] >> shift & (DIGITS - 1)]++] = v[i];
}

bool q_list_sort(const ds_alloc *a, q_list *l)
{
    if (is_sorted(l))
        return true;
    if (l->n <= 64) {
        insertion_sort(l->v, l->n);
        return true;
    }
    uint32_t *other = ds_calloc(a, l->n, sizeof *other);
    if (other == NULL)
        return false;
    sort_digit(l->v, l->n, 0, other);
    sort_digit(other, l->n, DIGIT_BITS, l->v);
    sort_digit(l->v, l->n, 2 * DIGIT_BITS, other);
    memcpy(l->v, other, l->n * sizeof *other);
    ds_mfree(a, other, l->n * sizeof *other);
    return true;
}

void q_list_unique(q_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (n == 0 || l->v[i] != l->v[n - 1])
            l->v[n++] = l->v[i];
    l->n = n;
}

bool q_list_has(const q_list *l, uint32_t v)
{
    size_t lo = 0, hi = l->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (l->v[mid] < v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < l->n && l->v[lo] == v;
}

/* ------------------------------------------------------------------ occurrences */

static bool comes_before(const q_occ *a, const q_occ *b)
{
    if (a->beg != b->beg)
        return a->beg < b->beg;
    if (a->from != b->from)
        return a->from < b->from;
    return a->end != b->end ? a->end > b->end : a->to > b->to;
}

static void insertion_sort_occs(q_occ *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        q_occ x = v[i];
        size_t k = i;
        for (; k > 0 && comes_before(&x, &v[k - 1]); k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
}

static void sort_occs_digit(const q_occ *v, size_t n, unsigned shift, q_occ *out)
{
    size_t at[DIGITS + 1] = {0};
    for (size_t i = 0; i < n; i++)
        at[(v[i].beg >> shift & (DIGITS - 1)) + 1]++;
    for (size_t d = 1; d < DIGITS; d++)
        at[d] += at[d - 1];
    for (size_t i = 0; i < n; i++)
        out[at[v[i].beg >> shift & (DIGITS - 1)]++] = v[i];
}

static bool occs_sorted(const q_occs *o)
{
    for (size_t i = 1; i < o->n; i++)
        if (comes_before(&o->v[i], &o->v[i - 1]))
            return false;
    return true;
}

bool q_occs_sort(ds_query *q, q_occs *o)
{
    if (occs_sorted(o))
        return true;
    if (o->n > 64) {
        q_occ *other = ds_calloc(q->alloc, o->n, sizeof *other);
        if (other == NULL)
            return false;
        sort_occs_digit(o->v, o->n, 0, other);
        sort_occs_digit(other, o->n, DIGIT_BITS, o->v);
        sort_occs_digit(o->v, o->n, 2 * DIGIT_BITS, other);
        memcpy(o->v, other, o->n * sizeof *other);
        ds_mfree(q->alloc, other, o->n * sizeof *other);
    }
    insertion_sort_occs(o->v, o->n); /* near its place each of them is by now */
    return true;
}

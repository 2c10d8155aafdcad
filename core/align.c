/* align.c - see align.h. */
#include "align.h"

#include <stdbool.h>

#define WIDTH (2 * DS_ALIGN_DIFF + 3) /* diagonals, and one empty on either side */

/* One direction through two texts: code i of a stands at a[i * step]. */
typedef struct pair {
    const uint16_t *a, *b;
    ptrdiff_t na, nb, step;
} pair;

/* The furthest path on a diagonal; i < 0: none. */
typedef struct front {
    ptrdiff_t i, common;
} front;

typedef struct best {
    ptrdiff_t score; /* doubled */
    ds_reach reach;
} best;

static void slide(const pair *p, front *f, ptrdiff_t k)
{
    ptrdiff_t i = f->i, j = i - k;
    while (i < p->na && j < p->nb && p->a[i * p->step] == p->b[j * p->step])
        i++, j++;
    f->common += i - f->i;
    f->i = i;
}

/* The path that goes furthest to diagonal k with one difference more; diagonals count from row[DS_ALIGN_DIFF + 1]. */
static front step_to(const pair *p, const front *row, ptrdiff_t k)
{
    const front *at = row + DS_ALIGN_DIFF + 1 + k;
    front f = {-1, 0};
    if (at[0].i >= 0 && at[0].i + 1 <= p->na && at[0].i + 1 - k <= p->nb)
        f = (front){at[0].i + 1, at[0].common}; /* another code */
    if (at[-1].i >= 0 && at[-1].i + 1 > f.i && at[-1].i + 1 <= p->na)
        f = (front){at[-1].i + 1, at[-1].common}; /* left out in b */
    if (at[1].i >= 0 && at[1].i > f.i && at[1].i - k <= p->nb)
        f = at[1]; /* put in in b */
    return f;
}

static void note_best(best *top, const front *f, ptrdiff_t k, ptrdiff_t d)
{
    ptrdiff_t score = 2 * f->i - k - 4 * d;
    if (score > top->score)
        *top = (best){score, {(size_t)f->i, (size_t)(f->i - k), (size_t)f->common}};
}

/* One row more; the diagonals that are still alive are [*low, *high].  False: none is. */
static bool next_row(const pair *p, const front *row, front *next, ptrdiff_t d, ptrdiff_t *low, ptrdiff_t *high, best *top)
{
    ptrdiff_t first = PTRDIFF_MAX, last = PTRDIFF_MIN;
    for (ptrdiff_t k = *low - 3; k <= *high + 3; k++) /* what this row and the next may look at */
        if (k >= -DS_ALIGN_DIFF - 1 && k <= DS_ALIGN_DIFF + 1)
            next[DS_ALIGN_DIFF + 1 + k].i = -1;
    for (ptrdiff_t k = *low - 1; k <= *high + 1; k++) {
        front f = step_to(p, row, k);
        if (f.i < 0)
            continue;
        slide(p, &f, k);
        if (2 * f.i - k - 4 * d < top->score - 2 * DS_ALIGN_DROP)
            continue;
        note_best(top, &f, k, d);
        next[DS_ALIGN_DIFF + 1 + k] = f;
        first = k < first ? k : first;
        last = k;
    }
    *low = first;
    *high = last;
    return first <= last;
}

/* From the start to the best place within DS_ALIGN_DIFF differences; *more: it may go on from there. */
static ds_reach greedy(const pair *p, bool *more)
{
    front rows[2][WIDTH];
    ptrdiff_t low = 0, high = 0, d = 0;
    best top = {-1, {0, 0, 0}};
    front start = {0, 0};
    for (int i = 0; i < WIDTH; i++)
        rows[0][i].i = -1;
    slide(p, &start, 0);
    note_best(&top, &start, 0, 0);
    rows[0][DS_ALIGN_DIFF + 1] = start;
    do
        d++;
    while (d <= DS_ALIGN_DIFF && next_row(p, rows[(d - 1) % 2], rows[d % 2], d, &low, &high, &top));
    *more = d > DS_ALIGN_DIFF && top.reach.common > 0;
    return top.reach;
}

static ds_reach extend(pair p)
{
    ds_reach sum = {0, 0, 0};
    bool more = true;
    while (more) {
        ds_reach r = greedy(&p, &more);
        sum = (ds_reach){sum.a + r.a, sum.b + r.b, sum.common + r.common};
        p.a += (ptrdiff_t)r.a * p.step;
        p.b += (ptrdiff_t)r.b * p.step;
        p.na -= (ptrdiff_t)r.a;
        p.nb -= (ptrdiff_t)r.b;
    }
    return sum;
}

ds_reach ds_align_forward(const uint16_t *a, size_t na, const uint16_t *b, size_t nb)
{
    return extend((pair){a, b, (ptrdiff_t)na, (ptrdiff_t)nb, 1});
}

ds_reach ds_align_backward(const uint16_t *a, size_t na, const uint16_t *b, size_t nb)
{
    return extend((pair){a - 1, b - 1, (ptrdiff_t)na, (ptrdiff_t)nb, -1});
}

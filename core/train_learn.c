/*
 * train_learn.c - one step of learning: how likely each place is at each unit of a line (forward and backward sums, Baum
 * 1972), and the weights moved from there toward the gold's places.
 *
 * Only additions, multiplications, divisions and square roots of IEEE numbers, no library's exp, so that the same gold
 * makes the same model on every machine whose compiler keeps to C11's rules for expressions.
 */
#include <math.h>
#include <string.h>

#include "learn_int.h"
#include "train_int.h"

#define STEP 0.02f        /* of AdaGrad */
#define NEGLIGIBLE 1e-3   /* gradients below are not followed */

typedef double quad[SEG_PLACES];

/* e to what each place at each unit is worth, of the best at the unit. */
static void weigh_units(const ds_trainer *t, const train_line *line, quad *worth)
{
    const train_model *m = &t->model;
    size_t n = line->unit_count;
    const uint32_t *seen = m->seen + line->units * SEG_FAMILIES;
    for (size_t k = 0; k < n; k++)
        for (size_t p = 0; p < SEG_PLACES; p++)
            worth[k][p] = (double)m->as_default[t->units[line->units + k].place].w[p];
    for (size_t k = 0; k < n; k++)
        for (size_t f = 0; f < SEG_FAMILIES; f++, seen++)
            for (size_t q = 0, at = f < SEG_NARROW ? k - 1 : k; *seen != 0 && q < seg_reach_of(f); q++, at++)
                for (size_t p = 0; at < n && p < SEG_PLACES; p++)
                    worth[at][p] += (double)m->rows[*seen + q].w[p];
    for (size_t k = 0; k < n; k++) {
        double best = worth[k][0];
        for (size_t p = 1; p < SEG_PLACES; p++)
            best = worth[k][p] > best ? worth[k][p] : best;
        uint8_t border = k == 0 ? SEG_MUST : t->units[line->units + k].border;
        for (unsigned p = 0; p < SEG_PLACES; p++)
            worth[k][p] = seg_may_stand(border, p) ? learn_power(worth[k][p] - best) : 0;
    }
}

/* Makes the four add up to 1. */
static void norm(quad v)
{
    double sum = v[0] + v[1] + v[2] + v[3];
    for (size_t p = 0; p < SEG_PLACES && sum > 0; p++)
        v[p] /= sum;
}

static void sum_forward(size_t n, quad *worth, quad *follow, quad *before)
{
    for (size_t k = 0; k < n; k++) {
        for (size_t q = 0; q < SEG_PLACES; q++) {
            double sum = k == 0;
            for (size_t p = 0; k > 0 && p < SEG_PLACES; p++)
                sum += before[k - 1][p] * follow[p][q];
            before[k][q] = sum * worth[k][q];
        }
        norm(before[k]);
    }
}

static void sum_backward(size_t n, quad *worth, quad *follow, quad *after)
{
    for (size_t k = n; k-- > 0;) {
        for (size_t p = 0; p < SEG_PLACES; p++) {
            double sum = k + 1 == n && (p == SEG_E || p == SEG_S);
            for (size_t q = 0; k + 1 < n && q < SEG_PLACES; q++)
                sum += follow[p][q] * worth[k + 1][q] * after[k + 1][q];
            after[k][p] = sum;
        }
        norm(after[k]);
    }
}

static inline void move(train_weights *t, size_t place, double gradient)
{
    float g = (float)gradient;
    t->g[place] += g * g;
    t->w[place] += STEP * g / (sqrtf(t->g[place]) + 1e-6f);
}

static void move_weights(train_weights *t, const quad gradient)
{
    for (size_t p = 0; p < SEG_PLACES; p++)
        if (fabs(gradient[p]) >= NEGLIGIBLE)
            move(t, p, gradient[p]);
}

/* What follows what: the gold's pairs less the expected ones. */
static void move_follow(ds_trainer *t, const uint8_t *gold, size_t n, quad *worth, quad *follow,
                        quad *before, quad *after)
{
    quad gradient[SEG_PLACES] = {{0}};
    for (size_t k = 1; k < n; k++) {
        quad pair[SEG_PLACES];
        double sum = 0;
        for (size_t p = 0; p < SEG_PLACES; p++)
            for (size_t q = 0; q < SEG_PLACES; q++)
                sum += pair[p][q] = before[k - 1][p] * follow[p][q] * worth[k][q] * after[k][q];
        for (size_t p = 0; p < SEG_PLACES && sum > 0; p++)
            for (size_t q = 0; q < SEG_PLACES; q++)
                gradient[p][q] -= pair[p][q] / sum;
        gradient[gold[k - 1]][gold[k]] += sum > 0;
    }
    for (size_t p = 0; p < SEG_PLACES; p++)
        move_weights(&t->model.follow[p], gradient[p]);
}

void train_learn(ds_trainer *t, const train_line *line)
{
    train_model *m = &t->model;
    size_t n = line->unit_count;
    quad *worth = (quad *)t->scratch, *before = worth + n, *after = before + n, *gradient = after + n;
    quad follow[SEG_PLACES];
    const uint8_t *gold = t->gold + line->units;
    for (unsigned p = 0; p < SEG_PLACES; p++)
        for (unsigned q = 0; q < SEG_PLACES; q++)
            follow[p][q] = seg_may_follow(p, q) ? learn_power((double)m->follow[p].w[q]) : 0;
    weigh_units(t, line, worth);
    sum_forward(n, worth, follow, before);
    sum_backward(n, worth, follow, after);
    for (size_t k = 0; k < n; k++) {
        for (size_t p = 0; p < SEG_PLACES; p++)
            gradient[k][p] = before[k][p] * after[k][p];
        norm(gradient[k]);
        for (size_t p = 0; p < SEG_PLACES; p++)
            gradient[k][p] = (p == gold[k]) - gradient[k][p];
    }
    const uint32_t *seen = m->seen + line->units * SEG_FAMILIES;
    for (size_t k = 0; k < n; k++) {
        move_weights(&m->as_default[t->units[line->units + k].place], gradient[k]);
        for (size_t f = 0; f < SEG_FAMILIES; f++, seen++)
            for (size_t q = 0, at = f < SEG_NARROW ? k - 1 : k; *seen != 0 && q < seg_reach_of(f); q++, at++)
                if (at < n)
                    move_weights(&m->rows[*seen + q], gradient[at]);
    }
    move_follow(t, gold, n, worth, follow, before, after);
}

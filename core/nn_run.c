/*
 * nn_run.c - sentences through a network; see nn.h and nn_int.h.
 *
 * A recurrent layer has to take a sentence character by character, and a character alone leaves the weights' way from
 * memory unpaid.  So NN_BATCH sentences, the longest first, take each step together; those that are at their end drop
 * out from the batch's tail.  What is not recurrent, the second layer's inputs and the emissions, is done for all
 * characters of a batch at once.
 */
#include <string.h>

#include "nn_int.h"
#include "trie.h"

enum { NN_BATCH = 16 };

/* A batch and the room for it: rows are its characters, sentence after sentence. */
typedef struct nn_batch {
    const ds_nn *nn;
    const nn_kernels *k;
    size_t count, rows;
    size_t first[NN_BATCH], length[NN_BATCH]; /* rows of each sentence */
    uint16_t *ids;
    uint8_t *act;       /* rows * NN_BOTH: the first layer's result */
    int16_t *input;     /* rows * NN_ROW: the second layer's gate inputs */
    int16_t *result;    /* rows * NN_BOTH: the second layer's result */
    int16_t *emissions; /* rows * NN_TAGS */
    uint16_t *ahead;    /* 2 * DS_NN_SENTENCE * NN_TAGS */
    uint8_t *from;      /* DS_NN_SENTENCE * NN_TAGS */
    ds_nn_mark *marks;
    int16_t h[NN_BATCH][NN_HIDDEN], u[NN_BATCH][NN_HIDDEN];
    uint8_t h_act[NN_BATCH][NN_HIDDEN], reset[NN_BATCH][NN_HIDDEN];
    int32_t sums[NN_BATCH * NN_GATES];
} nn_batch;

/* ---- memory: one block for all arrays ---- */

static size_t array_bytes(size_t rows, size_t each)
{
    return (rows * each + 63) / 64 * 64;
}

static size_t batch_bytes(size_t rows)
{
    return array_bytes(1, sizeof(nn_batch)) + array_bytes(rows, sizeof(uint16_t)) + array_bytes(rows, NN_BOTH) +
           array_bytes(rows, NN_ROW * sizeof(int16_t)) + array_bytes(rows, NN_BOTH * sizeof(int16_t)) +
           array_bytes(rows, NN_TAGS * sizeof(int16_t)) + array_bytes(2 * DS_NN_SENTENCE, NN_TAGS * sizeof(uint16_t)) +
           array_bytes(DS_NN_SENTENCE, NN_TAGS) + array_bytes(rows, sizeof(ds_nn_mark));
}

static void *take_array(char **at, size_t rows, size_t each)
{
    void *p = *at;
    *at += array_bytes(rows, each);
    return p;
}

static void lay_out(nn_batch *b, size_t rows)
{
    char *at = (char *)b + array_bytes(1, sizeof *b);
    b->ids = take_array(&at, rows, sizeof *b->ids);
    b->act = take_array(&at, rows, NN_BOTH);
    b->input = take_array(&at, rows, NN_ROW * sizeof *b->input);
    b->result = take_array(&at, rows, NN_BOTH * sizeof *b->result);
    b->emissions = take_array(&at, rows, NN_TAGS * sizeof *b->emissions);
    b->ahead = take_array(&at, 2 * DS_NN_SENTENCE, NN_TAGS * sizeof *b->ahead);
    b->from = take_array(&at, DS_NN_SENTENCE, NN_TAGS);
    b->marks = take_array(&at, rows, sizeof *b->marks);
}

/* ---- layers ---- */

/* The second layer's gate inputs of all rows. */
static void project(nn_batch *b)
{
    for (size_t row = 0; row < b->rows; row += NN_BATCH) {
        size_t rows = b->rows - row < NN_BATCH ? b->rows - row : NN_BATCH;
        for (size_t d = 0; d < 2; d++) {
            const nn_project *p = &b->nn->project[d];
            b->k->dot(p->weights, NN_BOTH, NN_GATES, b->act + row * NN_BOTH, NN_BOTH, rows, b->sums, NN_GATES);
            for (size_t r = 0; r < rows; r++)
                b->k->rescale(p, b->sums + r * NN_GATES, b->input + (row + r) * NN_ROW + d * NN_GATES);
        }
    }
}

/* Gate inputs of a row in a layer and direction: the first layer's are the character's row of the table. */
static const int16_t *gate_input(const nn_batch *b, size_t layer, size_t d, size_t row)
{
    const int16_t *both = layer == 0 ? b->nn->table + (size_t)b->ids[row] * NN_ROW : b->input + row * NN_ROW;
    return both + d * NN_GATES;
}

static void keep_result(nn_batch *b, size_t layer, size_t d, size_t row, size_t s)
{
    if (layer == 0) {
        memcpy(b->act + row * NN_BOTH + d * NN_HIDDEN, b->h_act[s], NN_HIDDEN);
        return;
    }
    int16_t *to = b->result + row * NN_BOTH + d * NN_HIDDEN;
    for (size_t i = 0; i < NN_HIDDEN; i++)
        to[i] = (int16_t)((b->h[s][i] + (1 << (NN_H_SHIFT - 1))) >> NN_H_SHIFT);
}

/* A step of the sentences [0, n): row[s] is the character of each. */
static void step(nn_batch *b, size_t layer, size_t d, const size_t *row, size_t n)
{
    const nn_layer *w = &b->nn->layers[2 * layer + d];
    const nn_functions *f = b->nn->functions;
    b->k->dot(w->update, NN_HIDDEN, NN_BOTH, b->h_act[0], NN_HIDDEN, n, b->sums, NN_BOTH);
    for (size_t s = 0; s < n; s++)
        b->k->gates(f, &w->scale, b->sums + s * NN_BOTH, gate_input(b, layer, d, row[s]), b->h[s], b->u[s],
                    b->reset[s]);
    b->k->dot(w->candidate, NN_HIDDEN, NN_HIDDEN, b->reset[0], NN_HIDDEN, n, b->sums, NN_HIDDEN);
    for (size_t s = 0; s < n; s++) {
        b->k->candidate(f, &w->scale, b->sums + s * NN_HIDDEN, gate_input(b, layer, d, row[s]), b->u[s], b->h[s],
                        b->h_act[s]);
        keep_result(b, layer, d, row[s], s);
    }
}

/* Asks for a row of the table, which is larger than a processor's caches. */
static void expect_row(const nn_batch *b, size_t d, size_t row)
{
    const char *p = (const char *)gate_input(b, 0, d, row);
    for (size_t i = 0; i < NN_GATES * sizeof(int16_t); i += 64)
        ds_prefetch(p + i);
}

/* A layer in one direction; d 1: from the sentences' ends. */
static void recur(nn_batch *b, size_t layer, size_t d)
{
    size_t row[NN_BATCH], n = b->count;
    memset(b->h, 0, sizeof b->h);
    memset(b->h_act, NN_ZERO, sizeof b->h_act);
    for (size_t t = 0; t < b->length[0]; t++) {
        while (b->length[n - 1] <= t)
            n--;
        for (size_t s = 0; s < n; s++) {
            row[s] = b->first[s] + (d == 0 ? t : b->length[s] - 1 - t);
            if (layer == 0 && t + 1 < b->length[s])
                expect_row(b, d, d == 0 ? row[s] + 1 : row[s] - 1);
        }
        step(b, layer, d, row, n);
    }
}

static void run_batch(nn_batch *b)
{
    recur(b, 0, 0);
    recur(b, 0, 1);
    project(b);
    recur(b, 1, 0);
    recur(b, 1, 1);
    b->k->emit(b->nn->output, b->result, b->rows, b->emissions);
    for (size_t s = 0; s < b->count; s++)
        nn_decode(b->nn, b->k, b->emissions + b->first[s] * NN_TAGS, b->length[s], b->ahead, b->from,
                  b->marks + b->first[s]);
}

/* ---- sentences ---- */

/* Orders sentences by length, the longest first, those alike in their order; counted[n]: how many are longer than n. */
static void order_by_length(const uint32_t *ends, size_t count, uint32_t *order)
{
    size_t at[DS_NN_SENTENCE + 2] = {0};
    for (size_t i = 0; i < count; i++)
        at[ends[i] - (i > 0 ? ends[i - 1] : 0)]++;
    for (size_t n = DS_NN_SENTENCE, before = 0; n > 0; n--) {
        size_t here = at[n];
        at[n] = before;
        before += here;
    }
    for (size_t i = 0; i < count; i++)
        order[at[ends[i] - (i > 0 ? ends[i - 1] : 0)]++] = (uint32_t)i;
}

/* Takes sentences into the batch, as they come in `order`. */
static void fill_batch(nn_batch *b, const uint16_t *ids, const uint32_t *ends, const uint32_t *order, size_t count)
{
    b->count = count;
    b->rows = 0;
    for (size_t s = 0; s < count; s++) {
        size_t beg = order[s] > 0 ? ends[order[s] - 1] : 0;
        b->first[s] = b->rows;
        b->length[s] = ends[order[s]] - beg;
        for (size_t i = 0; i < b->length[s]; i++)
            b->ids[b->rows + i] = ids[beg + i] < b->nn->rows ? ids[beg + i] : 0;
        b->rows += b->length[s];
    }
}

static void give_marks(const nn_batch *b, const uint32_t *ends, const uint32_t *order, ds_nn_mark *marks)
{
    for (size_t s = 0; s < b->count; s++)
        memcpy(marks + (order[s] > 0 ? ends[order[s] - 1] : 0), b->marks + b->first[s], b->length[s] * sizeof *marks);
}

/* Rows of the largest batch. */
static size_t most_rows(const uint32_t *ends, size_t count)
{
    size_t longest = 0, all = ends[count - 1];
    for (size_t i = 0; i < count; i++)
        if (ends[i] - (i > 0 ? ends[i - 1] : 0) > longest)
            longest = ends[i] - (i > 0 ? ends[i - 1] : 0);
    return longest * NN_BATCH < all ? longest * NN_BATCH : all;
}

ds_status nn_run_with(const ds_nn *nn, const nn_kernels *k, const ds_alloc *a, const uint16_t *ids,
                      const uint32_t *ends, size_t count, ds_nn_mark *marks, ds_error *err)
{
    if (count == 0)
        return DS_OK;
    a = ds_alloc_or_libc(a);
    size_t rows = most_rows(ends, count), bytes = batch_bytes(rows);
    uint32_t *order = ds_malloc(a, count * sizeof *order);
    nn_batch *b = order != NULL ? ds_malloc(a, bytes) : NULL;
    if (b != NULL) {
        b->nn = nn;
        b->k = k;
        lay_out(b, rows);
        order_by_length(ends, count, order);
        for (size_t i = 0; i < count; i += NN_BATCH) {
            fill_batch(b, ids, ends, order + i, count - i < NN_BATCH ? count - i : NN_BATCH);
            run_batch(b);
            give_marks(b, ends, order + i, marks);
        }
    }
    ds_status st = b != NULL ? DS_OK : ds_fail_nomem(err);
    ds_mfree(a, b, bytes);
    ds_mfree(a, order, count * sizeof *order);
    return st;
}

ds_status ds_nn_run(const ds_nn *nn, const ds_alloc *a, const uint16_t *ids, const uint32_t *ends, size_t count,
                    ds_nn_mark *marks, ds_error *err)
{
    return nn_run_with(nn, nn_kernels_of(ds_cpu_active()), a, ids, ends, count, marks, err);
}

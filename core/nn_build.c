/*
 * nn_build.c - a network's parameters in integers; see nn.h and nn_int.h.
 *
 * A unit's weights have a scale of their own, the one of the candidates that leaves the least squared error once the
 * weights are rounded and, where four that are added in 16 bits would exceed NN_GROUP, the largest of them shortened.
 * The scale is a whole number of 2^-NN_SCALE_SHIFT, so that applying it adds no error.  This is the only part of the
 * module that works in floating point.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"
#include "nn_int.h"

#define NN_INPUT_UNIT 1024.0 /* of gate inputs */
#define NN_H_UNIT 2048.0     /* of h and the weights in the last layer */
#define NN_NAT 256.0         /* of scores */
enum { NN_CANDIDATES = 21 };

static int16_t to16(double v)
{
    double r = floor(v + 0.5);
    return (int16_t)(r > INT16_MAX ? INT16_MAX : r < INT16_MIN ? INT16_MIN : r);
}

/* ---- functions ---- */

static double sigmoid_of(double x)
{
    return 1 / (1 + exp(-x));
}

/* Quadratic polynomials through the ends and the middle of each piece. */
static void fit_curve(double (*f)(double), double piece, nn_curve *c)
{
    for (int i = 0; i < NN_SEGMENTS; i++) {
        double a = f(i * piece), m = f((i + 0.5) * piece), b = f((i + 1) * piece);
        c->c0[i] = to16(a * 32768);
        c->c1[i] = to16((4 * m - 3 * a - b) * 32768);
        c->c2[i] = to16((2 * a - 4 * m + 2 * b) * 32768);
    }
}

static void fill_functions(nn_functions *f)
{
    fit_curve(sigmoid_of, 0.5, &f->sigmoid);
    fit_curve(tanh, 0.25, &f->tanh);
    for (int i = 0; i < NN_EXP; i++)
        f->exp[i] = to16(exp(-i / NN_NAT) * 32767);
    for (int i = 0; i < NN_LOG; i++)
        f->log2[i] = to16(log2(i > 0 ? i : 1) * DS_NN_UNIT);
}

/* ---- weights of eight bits ---- */

/* Shortens the largest of each four that AVX2 adds in 16 bits, two neighbours and the two four places on, until they
 * are NN_GROUP together at most. */
static void shorten(int *q, size_t n)
{
    for (size_t i = 0; i < n; i += i % 4 == 0 ? 2 : 6) {
        const size_t group[4] = {i, i + 1, i + 4, i + 5};
        for (;;) {
            size_t most = i;
            int sum = 0;
            for (size_t k = 0; k < 4; k++) {
                sum += abs(q[group[k]]);
                most = abs(q[group[k]]) > abs(q[most]) ? group[k] : most;
            }
            if (sum <= NN_GROUP)
                break;
            q[most] += q[most] > 0 ? -1 : 1;
        }
    }
}

/* Rounds n weights to multiples of `unit`; returns the squared error. */
static double round_weights(const float *w, size_t stride, size_t n, double unit, int *q)
{
    double error = 0;
    for (size_t i = 0; i < n; i++) {
        double v = floor((double)w[i * stride] / unit + 0.5);
        q[i] = (int)(v > 127 ? 127 : v < -127 ? -127 : v);
    }
    shorten(q, n);
    for (size_t i = 0; i < n; i++) {
        double d = q[i] * unit - (double)w[i * stride];
        error += d * d;
    }
    return error;
}

/* Quantises the weights of one unit, w[0], w[stride], ...; false: they do not fit. */
static bool fit_unit(const float *w, size_t stride, size_t n, int *q, int32_t *factor)
{
    /* (activation - NN_ZERO) / NN_ACT * weight * NN_INPUT_UNIT = sum * factor / 2^NN_SCALE_SHIFT */
    const double unit = NN_ACT / NN_INPUT_UNIT / (1 << NN_SCALE_SHIFT);
    double most = 0, least = INFINITY, total = 0;
    int trial[NN_BOTH];
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs((double)w[i * stride]));
        total += fabs((double)w[i * stride]);
    }
    if (!(most < 64) || !(total < 512)) /* not finite, or so large that sums would not fit */
        return false;
    for (int c = 0; c < NN_CANDIDATES; c++) {
        int32_t f = (int32_t)ceil(most / 127 * (0.5 + 0.05 * c) / unit);
        f = f > 0 ? f : 1;
        double error = round_weights(w, stride, n, f * unit, trial);
        if (error < least) {
            least = error;
            *factor = f;
            memcpy(q, trial, n * sizeof *q);
        }
    }
    int64_t reach = 0;
    for (size_t i = 0; i < n; i++)
        reach += abs(q[i]);
    return reach * 2 * NN_ACT * *factor < INT32_MAX - (1 << NN_SCALE_SHIFT);
}

/* Quantises `units` columns of an inputs x stride matrix into tiles. */
static bool fit_matrix(const float *w, size_t stride, size_t inputs, size_t units, int8_t *out, int32_t *offset,
                       int32_t *factor)
{
    int q[NN_BOTH];
    for (size_t u = 0; u < units; u++) {
        if (!fit_unit(w + u, stride, inputs, q, &factor[u]))
            return false;
        int8_t *tile = out + u / NN_TILE * NN_TILE * inputs + u % NN_TILE * 4;
        offset[u] = 0;
        for (size_t i = 0; i < inputs; i++) {
            tile[i / 4 * 4 * NN_TILE + i % 4] = (int8_t)q[i];
            offset[u] += NN_ZERO * q[i];
        }
    }
    return true;
}

static bool fit_layers(const ds_nn_params *p, nn_layer *layers, nn_project *project)
{
    for (size_t l = 0; l < 4; l++) {
        nn_scale *s = &layers[l].scale;
        if (!fit_matrix(p->layers[l].update, NN_BOTH, NN_HIDDEN, NN_BOTH, layers[l].update, s->offset, s->factor) ||
            !fit_matrix(p->layers[l].candidate, NN_HIDDEN, NN_HIDDEN, NN_HIDDEN, layers[l].candidate,
                        s->offset + NN_BOTH, s->factor + NN_BOTH))
            return false;
    }
    for (size_t d = 0; d < 2; d++) {
        const ds_nn_layer *l = &p->layers[2 + d];
        nn_project *to = &project[d];
        if (!fit_matrix(l->input, NN_GATES, NN_BOTH, NN_GATES, to->weights, to->scale.offset, to->scale.factor))
            return false;
        for (size_t u = 0; u < NN_GATES; u++)
            to->bias[u] = to16((double)(l->input_bias[u] + l->bias[u]) * NN_INPUT_UNIT);
    }
    return true;
}

/* ---- the last layer and the field ---- */

static bool fit_output(const ds_nn_params *p, nn_output *o)
{
    memset(o, 0, sizeof *o);
    for (size_t t = 0; t < p->tags; t++) {
        double total = 0;
        for (size_t i = 0; i < NN_BOTH; i++) {
            double w = (double)p->output[i * p->tags + t];
            total += fabs(w);
            o->weights[t / 8 * 8 * NN_BOTH + i / 2 * 16 + t % 8 * 2 + i % 2] = to16(w * NN_H_UNIT);
        }
        double bias = (double)p->output_bias[t] * NN_H_UNIT * NN_H_UNIT;
        if (!(total * NN_H_UNIT * NN_H_UNIT + fabs(bias) < INT32_MAX - 2 * NN_H_UNIT * NN_BOTH))
            return false;
        o->bias[t] = (int32_t)bias;
    }
    return true;
}

static void put_exp(nn_crf *c, size_t before, size_t after, int16_t v)
{
    c->exp_next[before / 2][after][before % 2] = v;
    c->exp_back[after / 2][before][after % 2] = v;
}

static void fill_crf(const ds_nn_params *p, nn_crf *c)
{
    size_t n = p->tags;
    const float *first = p->transitions, *last = first + n, *next = last + n;
    double most = -INFINITY, most_first = -INFINITY, most_last = -INFINITY;
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < n; i++) {
        most_first = fmax(most_first, (double)first[i]);
        most_last = fmax(most_last, (double)last[i]);
        for (size_t j = 0; j < n; j++)
            most = fmax(most, (double)next[i * n + j]);
    }
    for (size_t i = 0; i < NN_TAGS; i++) {
        c->first[i] = i < n ? to16((double)first[i] * NN_NAT) : INT16_MIN;
        c->last[i] = i < n ? to16((double)last[i] * NN_NAT) : INT16_MIN;
        c->exp_first[i] = i < n ? to16(exp((double)first[i] - most_first) * 32767) : 0;
        c->exp_last[i] = i < n ? to16(exp((double)last[i] - most_last) * 32767) : 0;
        for (size_t j = 0; j < NN_TAGS; j++) {
            bool there = i < n && j < n;
            c->next[i][j] = there ? to16((double)next[i * n + j] * NN_NAT) : INT16_MIN;
            if (there)
                put_exp(c, i, j, to16(exp((double)next[i * n + j] - most) * 32767));
        }
    }
}

/* ---- the table of characters ---- */

/* Appends the first layer's gate inputs for a row of the embedding. */
static void put_row(const ds_nn_params *p, const float *embedding, ds_buf *out)
{
    int16_t row[NN_ROW];
    for (size_t d = 0; d < 2; d++) {
        const ds_nn_layer *l = &p->layers[d];
        double sum[NN_GATES];
        for (size_t u = 0; u < NN_GATES; u++)
            sum[u] = (double)l->input_bias[u] + (double)l->bias[u];
        for (size_t i = 0; i < NN_HIDDEN; i++)
            for (size_t u = 0; u < NN_GATES; u++)
                sum[u] += (double)embedding[i] * (double)l->input[i * NN_GATES + u];
        for (size_t u = 0; u < NN_GATES; u++)
            row[d * NN_GATES + u] = to16(sum[u] * NN_INPUT_UNIT);
    }
    ds_buf_put(out, row, sizeof row);
}

/* The one character that cp folds to in width and script, or cp itself. */
static uint32_t folded(uint32_t cp)
{
    uint32_t out[DS_FOLD_CP_MAX];
    return ds_fold_cp(cp, DS_FOLD_WIDTH | DS_FOLD_VARIANT, out) == 1 ? out[0] : cp;
}

static void set_code(const ds_buf *codes, size_t page, uint32_t cp, uint16_t id)
{
    char *at = codes->p + (page * NN_PAGE + (cp & 255)) * 2;
    at[0] = (char)(id & 255);
    at[1] = (char)(id >> 8);
}

/* Page and code tables, 16 bits little-endian; page 0 is all zeros.  A character without a row of its own has the one
 * of what it folds to.  row_of: by code point. */
static void put_codes(const uint16_t *row_of, ds_buf *pages, ds_buf *codes)
{
    static const char zeros[NN_PAGE * 2];
    ds_buf_put(codes, zeros, sizeof zeros);
    for (uint32_t block = 0; block < NN_BLOCKS && codes->status == DS_OK; block++) {
        size_t page = 0;
        for (uint32_t cp = block * NN_PAGE; cp < (block + 1) * NN_PAGE && codes->status == DS_OK; cp++) {
            uint16_t id = row_of[cp] != 0 ? row_of[cp] : row_of[folded(cp)];
            if (id == 0)
                continue;
            if (page == 0) {
                page = codes->n / (NN_PAGE * 2);
                ds_buf_put(codes, zeros, sizeof zeros);
            }
            if (codes->status == DS_OK)
                set_code(codes, page, cp, id);
        }
        ds_buf_byte(pages, (char)(page & 255));
        ds_buf_byte(pages, (char)(page >> 8));
    }
}

/* ---- the image ---- */

static void assemble(const ds_buf *sections, ds_buf *image)
{
    static const char zeros[NN_ALIGN];
    ds_buf head, table;
    ds_buf_init(&head, image->alloc);
    ds_buf_init(&table, image->alloc);
    size_t at = NN_HEADER + NN_SECTIONS * NN_ENTRY, base = image->n;
    for (size_t i = 0; i < NN_SECTIONS; i++) {
        at = (at + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
        ds_buf_put(&table, &NN_SECTION_IDS[4 * i], 4);
        ds_buf_u32(&table, ds_crc32(0, sections[i].p, sections[i].n));
        ds_buf_u64(&table, at);
        ds_buf_u64(&table, sections[i].n);
        at += sections[i].n;
    }
    ds_buf_put(&head, DS_NN_MAGIC, 8);
    ds_buf_u32(&head, DS_NN_VERSION);
    ds_buf_u32(&head, NN_SECTIONS);
    ds_buf_u64(&head, at);
    bool whole = head.status == DS_OK && table.status == DS_OK;
    ds_buf_u32(&head, whole ? ds_crc32(ds_crc32(0, head.p, head.n), table.p, table.n) : 0);
    ds_buf_u32(&head, 0);
    ds_buf_put(image, head.p, head.n);
    ds_buf_put(image, table.p, table.n);
    for (size_t i = 0; i < NN_SECTIONS; i++) {
        size_t over = (image->n - base) % NN_ALIGN;
        ds_buf_put(image, zeros, over > 0 ? NN_ALIGN - over : 0);
        ds_buf_put(image, sections[i].p, sections[i].n);
    }
    if (head.status != DS_OK || table.status != DS_OK)
        image->status = DS_ENOMEM;
    ds_buf_clear(&head);
    ds_buf_clear(&table);
}

/* The parts of fixed size, which are built in place. */
typedef struct nn_fixed {
    nn_functions functions;
    nn_layer layers[4];
    nn_project project[2];
    nn_output output;
    nn_crf crf;
    uint16_t row_of[0x110000]; /* by code point; for the code table */
} nn_fixed;

static void fill_sections(const ds_nn_params *p, nn_fixed *x, ds_buf *s)
{
    for (size_t i = 1; i < p->rows; i++)
        x->row_of[p->cps[i]] = (uint16_t)i;
    ds_buf_put(&s[NN_SOURCE], p->source.p, p->source.n);
    for (size_t t = 0; t < p->tags; t++)
        ds_buf_put(&s[NN_NAMES], p->tag_names[t], strlen(p->tag_names[t]) + 1);
    put_codes(x->row_of, &s[NN_PAGES], &s[NN_CODES]);
    ds_buf_put(&s[NN_FUNCTIONS], &x->functions, sizeof x->functions);
    ds_buf_put(&s[NN_LAYERS], x->layers, sizeof x->layers);
    ds_buf_put(&s[NN_PROJECT], x->project, sizeof x->project);
    ds_buf_put(&s[NN_OUTPUT], &x->output, sizeof x->output);
    ds_buf_put(&s[NN_CRF], &x->crf, sizeof x->crf);
    for (size_t i = 0; i < p->rows; i++)
        put_row(p, p->embedding + i * NN_HIDDEN, &s[NN_TABLE]);
}

static ds_status build_with(const ds_nn_params *p, nn_fixed *x, ds_buf *image, ds_error *err)
{
    ds_buf sections[NN_SECTIONS];
    size_t before = image->n;
    fill_functions(&x->functions);
    fill_crf(p, &x->crf);
    if (!fit_layers(p, x->layers, x->project) || !fit_output(p, &x->output))
        return ds_fail(err, DS_EINVAL, 0, 0, "a weight of the tagger is too large, or no number");
    for (size_t i = 0; i < NN_SECTIONS; i++)
        ds_buf_init(&sections[i], image->alloc);
    fill_sections(p, x, sections);
    bool whole = true;
    for (size_t i = 0; i < NN_SECTIONS; i++)
        whole = whole && sections[i].status == DS_OK;
    if (whole)
        assemble(sections, image);
    for (size_t i = 0; i < NN_SECTIONS; i++)
        ds_buf_clear(&sections[i]);
    if (whole && image->status == DS_OK)
        return DS_OK;
    image->n = before;
    return ds_fail_nomem(err);
}

ds_status ds_nn_build(const ds_nn_params *p, ds_buf *image, ds_error *err)
{
    if (p->rows == 0 || p->rows > UINT16_MAX || p->tags == 0 || p->tags > NN_TAGS)
        return ds_fail(err, DS_EINVAL, 0, 0, "a tagger has 1 to %d characters and 1 to %d tags", UINT16_MAX, NN_TAGS);
    for (size_t i = 1; i < p->rows; i++)
        if (p->cps[i] >= 0x110000)
            return ds_fail(err, DS_EINVAL, 0, 0, "row %zu of the tagger is of no code point", i);
    const ds_alloc *a = ds_alloc_or_libc(image->alloc);
    nn_fixed *x = ds_calloc(a, 1, sizeof *x);
    if (x == NULL)
        return ds_fail_nomem(err);
    ds_status st = build_with(p, x, image, err);
    ds_mfree(a, x, sizeof *x);
    return st;
}

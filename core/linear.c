/* linear.c - opening a model and asking it; see linear.h. */
#include <string.h>

#include "learn_int.h"
#include "linear_int.h"
#include "mapping.h"

struct ds_linear {
    ds_alloc alloc;
    ds_str image;
    bool mapped;
    size_t labels;
    unsigned bits;
    uint32_t features;
    double unit, steep;
    double bias[DS_LINEAR_LABELS];
    ds_str note;
    const char *weights;
};

/* The float at p; false when it is none of the numbers between -most and most. */
static bool load_number(const char *p, double most, double *out)
{
    uint32_t bits = ds_load32(p);
    float f;
    memcpy(&f, &bits, sizeof f);
    *out = (double)f;
    return f >= (float)-most && f <= (float)most;
}

static ds_status check_header(ds_str image, ds_error *err)
{
    if (image.n < LINEAR_HEADER)
        return ds_fail(err, DS_EFORMAT, image.n, 0, "a model that is cut short: %zu bytes", image.n);
    if (memcmp(image.p, DS_LINEAR_MAGIC, 8) != 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "not a model of this kind (no \"" DS_LINEAR_MAGIC "\" at its start)");
    uint32_t version = ds_load32(image.p + 8);
    if (version != DS_LINEAR_VERSION)
        return ds_fail(err, DS_EFORMAT, 8, 0, "model has version %u, not %u: train it again", version, DS_LINEAR_VERSION);
    uint32_t crc = ds_crc32(ds_crc32(0, image.p, LINEAR_CRC), image.p + LINEAR_CRC + 4, image.n - LINEAR_CRC - 4);
    if (ds_load32(image.p + LINEAR_CRC) != crc)
        return ds_fail(err, DS_EFORMAT, LINEAR_CRC, 0, "model is damaged or cut short (checksum)");
    return DS_OK;
}

static ds_status read_model(ds_linear *m, ds_error *err)
{
    ds_str s = m->image;
    ds_status st = check_header(s, err);
    if (st != DS_OK)
        return st;
    m->labels = ds_load32(s.p + 12);
    m->bits = ds_load32(s.p + 16);
    size_t note = ds_load32(s.p + 20);
    m->features = ds_load32(s.p + 24);
    if (m->labels < 2 || m->labels > DS_LINEAR_LABELS)
        return ds_fail(err, DS_EFORMAT, 12, 0, "model has %zu labels", m->labels);
    if (m->bits < DS_LINEAR_BITS_LEAST || m->bits > DS_LINEAR_BITS_MOST)
        return ds_fail(err, DS_EFORMAT, 16, 0, "model has 2^%u buckets", m->bits);
    if (note > DS_LINEAR_NOTE_MOST)
        return ds_fail(err, DS_EFORMAT, 20, 0, "model has a note of %zu bytes", note);
    if (!load_number(s.p + 36, 1e6, &m->unit) || !load_number(s.p + 40, 100, &m->steep))
        return ds_fail(err, DS_EFORMAT, 36, 0, "model has an impossible scale");
    size_t at = LINEAR_HEADER + 4 * m->labels, table = at + (note + 3) / 4 * 4;
#ifndef DS_PLANT_LINEAR /* without this check: a bug that fuzzing must find, `make fuzz` */
    if (s.n != table + ((size_t)2 << m->bits) * m->labels)
        return ds_fail(err, DS_EFORMAT, s.n, 0, "model is %zu bytes long, its header says otherwise", s.n);
#endif
    for (size_t k = 0; k < m->labels; k++)
        if (!load_number(s.p + LINEAR_HEADER + 4 * k, 1e6, &m->bias[k]))
            return ds_fail(err, DS_EFORMAT, LINEAR_HEADER + 4 * k, 0, "model has an impossible bias");
    m->note = (ds_str){s.p + at, note};
    m->weights = s.p + table;
    return DS_OK;
}

ds_status ds_linear_view(const ds_alloc *a, ds_str image, ds_linear **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_linear *m = ds_calloc(a, 1, sizeof *m);
    if (m == NULL)
        return ds_fail_nomem(err);
    m->alloc = *a;
    m->image = image;
    ds_status st = read_model(m, err);
    if (st != DS_OK) {
        ds_linear_free(m);
        return st;
    }
    *out = m;
    return DS_OK;
}

ds_status ds_linear_open(const ds_alloc *a, const char *path, ds_linear **out, ds_error *err)
{
    ds_str image;
    ds_error why;
    *out = NULL;
    ds_status st = ds_mapping_open(path, &image, err);
    if (st != DS_OK)
        return st;
    st = ds_linear_view(a, image, out, &why);
    if (st == DS_OK) {
        (*out)->mapped = true;
        return DS_OK;
    }
    ds_mapping_close(image);
    return ds_fail(err, st, why.off, 0, "%s: %s", path, why.msg);
}

void ds_linear_free(ds_linear *m)
{
    if (m == NULL)
        return;
    ds_alloc a = m->alloc;
    if (m->mapped)
        ds_mapping_close(m->image);
    ds_mfree(&a, m, sizeof *m);
}

size_t ds_linear_labels(const ds_linear *m)
{
    return m->labels;
}

uint32_t ds_linear_features(const ds_linear *m)
{
    return m->features;
}

ds_str ds_linear_note(const ds_linear *m)
{
    return m->note;
}

/* ---- scores ---- */

static double weight(const ds_linear *m, const ds_feature *f, size_t label)
{
    size_t bucket = linear_hash(f->key) >> (32 - m->bits);
    return (int16_t)ds_load16(m->weights + 2 * (bucket * m->labels + label)) * m->unit;
}

void ds_linear_chances(const ds_linear *m, const ds_bag *bag, double out[DS_LINEAR_LABELS])
{
    double best, sum = 0;
    for (size_t k = 0; k < m->labels; k++) {
        out[k] = m->bias[k];
        for (size_t i = 0; i < bag->count; i++)
            out[k] += weight(m, &bag->items[i], k) * (double)bag->items[i].value;
    }
    best = out[0];
    for (size_t k = 1; k < m->labels; k++)
        best = out[k] > best ? out[k] : best;
    for (size_t k = 0; k < m->labels; k++)
        sum += out[k] = learn_power((out[k] - best) * m->steep);
    for (size_t k = 0; k < m->labels; k++)
        out[k] /= sum;
}

double ds_linear_share(const ds_linear *m, const ds_feature *f, size_t label)
{
    double others = 0;
    for (size_t k = 0; k < m->labels; k++)
        if (k != label)
            others += weight(m, f, k);
    return (weight(m, f, label) - others / (double)(m->labels - 1)) * (double)f->value;
}

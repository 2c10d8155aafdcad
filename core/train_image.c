/* train_image.c - a trained model's stored form; see train_int.h and doc/FORMAT.md. */
#include <math.h>
#include <string.h>

#include "train_int.h"

#define LANES 65000.0 /* what the greatest sum of weights is scaled to; 16 bits, less what rounding may add */
#define WEAK 0.03f    /* a feature whose weights differ by less is left out */

typedef struct image_writer {
    const ds_trainer *t;
    double scale;
    ds_buf *out;
    ds_buf rows;
    uint32_t *slots; /* check and row, by slot */
    size_t slot_count;
} image_writer;

static float spread(const train_weights *w)
{
    float low = w->w[0], high = w->w[0];
    for (size_t p = 1; p < SEG_PLACES; p++) {
        low = w->w[p] < low ? w->w[p] : low;
        high = w->w[p] > high ? w->w[p] : high;
    }
    return high - low;
}

static size_t family_of(const train_feature *f)
{
    return (size_t)(f->key >> 56) - 1;
}

static bool is_weak(const train_model *m, const train_feature *f)
{
    float most = 0;
    for (size_t q = 0; f->row != 0 && q < seg_reach[family_of(f)].n; q++)
        most = fmaxf(most, spread(&m->rows[f->row + q]));
    return most < WEAK;
}

/* How a weight becomes a whole number: so that the greatest of all families together fit. */
static double find_scale(const train_model *m)
{
    float most[SEG_FAMILIES][SEG_REACH_MAX] = {{0}}, as_default = 0;
    double sum = 0;
    for (size_t i = 0; i < m->feature_count; i++) {
        size_t family = family_of(&m->features[i]);
        for (size_t q = 0; m->features[i].row != 0 && q < seg_reach[family].n; q++)
            most[family][q] = fmaxf(most[family][q], spread(&m->rows[m->features[i].row + q]));
    }
    for (size_t f = 0; f < SEG_FAMILIES; f++)
        for (size_t q = 0; q < SEG_REACH_MAX; q++)
            sum += (double)most[f][q];
    for (size_t p = 0; p < SEG_PLACES; p++)
        as_default = fmaxf(as_default, spread(&m->as_default[p]));
    return fmin(LANES / (sum + (double)as_default + 1e-9), 4096);
}

/* The four weights as 16 bits each, the least of them 0. */
static uint64_t lanes(const train_weights *w, double scale)
{
    float low = w->w[0];
    uint64_t all = 0;
    for (size_t p = 1; p < SEG_PLACES; p++)
        low = fminf(low, w->w[p]);
    for (size_t p = 0; p < SEG_PLACES; p++)
        all |= (uint64_t)(((double)w->w[p] - (double)low) * scale + 0.5) << 16 * p;
    return all;
}

/* Puts a feature into its slot.  1: it is in; 0: one that looks alike is there; -1: the slots are too crowded. */
static int put_slot(image_writer *w, uint64_t mixed, uint32_t row)
{
    size_t mask = w->slot_count - 1, bits = 0;
    while ((size_t)1 << bits < w->slot_count)
        bits++;
    size_t at = (size_t)(mixed >> (64 - bits));
    for (size_t probe = 0; probe < MODEL_PROBES; probe++, at = (at + 1) & mask) {
        if (w->slots[2 * at + 1] == 0) {
            w->slots[2 * at] = (uint32_t)mixed;
            w->slots[2 * at + 1] = row;
            return 1;
        }
        if (w->slots[2 * at] == (uint32_t)mixed)
            return 0;
    }
    return -1;
}

/* Fills slots and rows; false: the slots are too few. */
static bool put_features(image_writer *w)
{
    const train_model *m = &w->t->model;
    ds_buf_reset(&w->rows);
    memset(w->slots, 0, w->slot_count * MODEL_SLOT);
    ds_buf_u64(&w->rows, 0); /* row 0 is of no feature */
    for (size_t i = 0; i < m->feature_count; i++) {
        const train_feature *f = &m->features[i];
        if (is_weak(m, f))
            continue;
        int put = put_slot(w, seg_mix(f->key), (uint32_t)(w->rows.n / 8));
        if (put < 0)
            return false;
        for (size_t q = 0; put > 0 && q < seg_reach[family_of(f)].n; q++)
            ds_buf_u64(&w->rows, lanes(&m->rows[f->row + q], w->scale));
    }
    for (size_t q = 0; q < SEG_REACH_MAX; q++) /* so that none reaches past the end */
        ds_buf_u64(&w->rows, 0);
    return true;
}

/* Half of the slots are free, or more where they would be crowded. */
static ds_status fill_slots(image_writer *w)
{
    const train_model *m = &w->t->model;
    size_t strong = 0;
    for (size_t i = 0; i < m->feature_count; i++)
        strong += !is_weak(m, &m->features[i]);
    for (size_t n = 16;; n *= 2) {
        if (n < 2 * strong)
            continue;
        w->slots = ds_calloc(&w->t->alloc, n, MODEL_SLOT);
        w->slot_count = n;
        if (w->slots == NULL)
            return DS_ENOMEM;
        if (put_features(w) || w->rows.status != DS_OK)
            return w->rows.status;
        ds_mfree(&w->t->alloc, w->slots, n * MODEL_SLOT);
        w->slots = NULL;
    }
}

static void put_follow(const image_writer *w)
{
    const train_model *m = &w->t->model;
    for (unsigned p = 0; p < SEG_PLACES; p++)
        for (unsigned q = 0; q < SEG_PLACES; q++) {
            double worth = seg_may_follow(p, q) ? (double)m->follow[p].w[q] * w->scale : 0;
            ds_buf_u32(w->out, (uint32_t)(int32_t)(worth < 0 ? worth - 0.5 : worth + 0.5));
        }
    for (size_t p = 0; p < SEG_PLACES; p++)
        ds_buf_u64(w->out, lanes(&m->as_default[p], w->scale));
}

static void set_bytes(ds_buf *b, size_t at, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n && b->status == DS_OK; i++)
        b->p[at + i] = (char)(value >> 8 * i & 0xFF);
}

static ds_status put_section(const image_writer *w, size_t section, ds_str note)
{
    switch (section) {
    case MODEL_NOTE: ds_buf_put(w->out, note.p, note.n); break;
    case MODEL_FOLLOW: put_follow(w); break;
    case MODEL_SLOTS:
        for (size_t i = 0; i < 2 * w->slot_count; i++)
            ds_buf_u32(w->out, w->slots[i]);
        break;
    case MODEL_ROWS: ds_buf_put(w->out, w->rows.p, w->rows.n); break;
    default: return ds_trie_freeze(w->t->model.words, w->out, NULL);
    }
    return w->out->status;
}

static ds_status put_image(const image_writer *w, size_t start, ds_str note)
{
    ds_buf *b = w->out;
    ds_buf_put(b, DS_SEGMODEL_MAGIC, 8);
    ds_buf_u32(b, DS_SEGMODEL_VERSION);
    ds_buf_u32(b, MODEL_SECTIONS);
    for (size_t i = 16; i < MODEL_HEADER + MODEL_SECTIONS * MODEL_ENTRY; i++)
        ds_buf_byte(b, '\0');
    for (size_t i = 0; i < MODEL_SECTIONS; i++) {
        while ((b->n - start) % 8 != 0 && b->status == DS_OK)
            ds_buf_byte(b, '\0');
        size_t at = b->n, entry = start + MODEL_HEADER + i * MODEL_ENTRY;
        ds_status st = put_section(w, i, note);
        if (st != DS_OK)
            return st;
        memcpy(b->p + entry, &MODEL_SECTION_IDS[4 * i], 4);
        set_bytes(b, entry + 8, at - start, 8);
        set_bytes(b, entry + 16, b->n - at, 8);
    }
    set_bytes(b, start + 16, b->n - start, 8);
    set_bytes(b, start + 28, (uint64_t)w->t->style, 4);
    set_bytes(b, start + 32, ds_lexicon_crc(w->t->lex), 4);
    uint32_t crc = ds_crc32(0, b->p + start, MODEL_CRC);
    crc = ds_crc32(crc, b->p + start + MODEL_CRC + 4, b->n - start - MODEL_CRC - 4);
    set_bytes(b, start + MODEL_CRC, crc, 4);
    return b->status;
}

ds_status ds_trainer_image(ds_trainer *t, ds_str note, ds_buf *image, ds_error *err)
{
    if (!t->begun)
        return ds_fail(err, DS_EINVAL, 0, 0, "no training has begun");
    image_writer w = {.t = t, .scale = find_scale(&t->model), .out = image};
    size_t start = image->n;
    ds_buf_init(&w.rows, &t->alloc);
    ds_status st = fill_slots(&w);
    if (st == DS_OK)
        st = put_image(&w, start, note);
    ds_mfree(&t->alloc, w.slots, w.slot_count * MODEL_SLOT);
    ds_buf_clear(&w.rows);
    return st == DS_OK ? DS_OK : ds_fail_nomem(err);
}

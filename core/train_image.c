/* train_image.c - a trained model's stored form; see train_int.h and doc/FORMAT.md. */
#include <math.h>
#include <string.h>

#include "train_int.h"

#define WEAK 0.05f /* a feature whose weights differ by less is left out */

/* One of the image's two tables. */
typedef struct table_writer {
    size_t first, last; /* its families */
    size_t slot, count; /* bytes of a slot; slots */
    char *slots;
} table_writer;

typedef struct image_writer {
    const ds_trainer *t;
    double scale;
    ds_buf *out;
    table_writer wide, narrow;
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

/* The widest spread of a feature's weights. */
static float widest(const train_model *m, const train_feature *f)
{
    float most = 0;
    for (size_t q = 0; f->row != 0 && q < seg_reach_of(train_family(f)); q++)
        most = fmaxf(most, spread(&m->rows[f->row + q]));
    return most;
}

/* How a weight becomes a whole number: so that the greatest fits. */
static double find_scale(const train_model *m)
{
    float most = 0;
    for (size_t i = 0; i < m->feature_count; i++)
        most = fmaxf(most, widest(m, &m->features[i]));
    for (size_t p = 0; p < SEG_PLACES; p++)
        most = fmaxf(most, spread(&m->as_default[p]));
    return MODEL_WEIGHT_MAX / ((double)most + 1e-9);
}

/* The four weights as a byte each, the least of them 0. */
static uint32_t bytes_of(const train_weights *w, double scale)
{
    float low = w->w[0];
    uint32_t all = 0;
    for (size_t p = 1; p < SEG_PLACES; p++)
        low = fminf(low, w->w[p]);
    for (size_t p = 0; p < SEG_PLACES; p++)
        all |= (uint32_t)(((double)w->w[p] - (double)low) * scale + 0.5) << 8 * p;
    return all;
}

static bool is_in(const image_writer *w, const table_writer *table, const train_feature *f)
{
    size_t family = train_family(f);
    return family >= table->first && family < table->last && widest(&w->t->model, f) >= WEAK;
}

static void store32(char *p, uint32_t v)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (char)(v >> 8 * i & 0xFF);
}

/* Puts a feature into its slot, unless one that looks alike is there; false: the slots are too crowded. */
static bool put_feature(const image_writer *w, const table_writer *table, const train_feature *f)
{
    uint64_t mixed = seg_mix(f->key);
    char *slot = table->slots + seg_first_slot(mixed, table->count) * table->slot;
    for (size_t probe = 0; probe < MODEL_PROBES; probe++, slot += table->slot) {
        uint32_t check = ds_load32(slot);
        if (check == seg_check(mixed))
            return true;
        if (check != 0)
            continue;
        store32(slot, seg_check(mixed));
        for (size_t q = 0; q < seg_reach_of(train_family(f)); q++)
            store32(slot + 4 + 4 * q, bytes_of(&w->t->model.rows[f->row + q], w->scale));
        return true;
    }
    return false;
}

static bool put_features(const image_writer *w, const table_writer *table)
{
    const train_model *m = &w->t->model;
    bool ok = true;
    for (size_t i = 0; i < m->feature_count && ok; i++)
        ok = !is_in(w, table, &m->features[i]) || put_feature(w, table, &m->features[i]);
    return ok;
}

static size_t table_slots(const table_writer *table)
{
    return table->count + MODEL_PROBES - 1;
}

/* Two slots a feature, or more where they would be crowded. */
static ds_status fill_table(const image_writer *w, table_writer *table)
{
    const ds_alloc *a = &w->t->alloc;
    const train_model *m = &w->t->model;
    table->count = 1;
    for (size_t i = 0; i < m->feature_count; i++)
        table->count += 2 * (size_t)is_in(w, table, &m->features[i]);
    while ((table->slots = ds_calloc(a, table_slots(table), table->slot)) != NULL && !put_features(w, table)) {
        ds_mfree(a, table->slots, table_slots(table) * table->slot);
        table->count += table->count / 4 + 1;
    }
    return table->slots != NULL ? DS_OK : DS_ENOMEM;
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
        ds_buf_u32(w->out, bytes_of(&m->as_default[p], w->scale));
}

/* The rows of the few families, one for each value that there may be. */
static ds_status put_dense(const image_writer *w)
{
    const train_model *m = &w->t->model;
    size_t start = w->out->n;
    for (size_t i = 0; i < SEG_DENSE_ROWS * MODEL_DENSE_ROW / 4; i++)
        ds_buf_u32(w->out, 0);
    for (size_t i = 0; i < m->feature_count && w->out->status == DS_OK; i++) {
        const train_feature *f = &m->features[i];
        size_t family = train_family(f), row = seg_dense_row(family) + (size_t)(f->key & 0xFFFF);
        for (size_t q = 0; family >= SEG_DENSE && family < SEG_NARROW && f->row != 0 && q < SEG_REACH; q++)
            store32(w->out->p + start + row * MODEL_DENSE_ROW + 4 * q, bytes_of(&m->rows[f->row + q], w->scale));
    }
    return w->out->status;
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
    case MODEL_DENSE: return put_dense(w);
    case MODEL_WIDE: ds_buf_put(w->out, w->wide.slots, table_slots(&w->wide) * w->wide.slot); break;
    case MODEL_NARROW: ds_buf_put(w->out, w->narrow.slots, table_slots(&w->narrow) * w->narrow.slot); break;
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
    image_writer w = {.t = t, .scale = find_scale(&t->model), .out = image,
                      .wide = {0, SEG_DENSE, MODEL_WIDE_SLOT, 0, NULL},
                      .narrow = {SEG_NARROW, SEG_FAMILIES, MODEL_NARROW_SLOT, 0, NULL}};
    ds_status st = fill_table(&w, &w.wide);
    if (st == DS_OK)
        st = fill_table(&w, &w.narrow);
    if (st == DS_OK)
        st = put_image(&w, image->n, note);
    ds_mfree(&t->alloc, w.wide.slots, table_slots(&w.wide) * w.wide.slot);
    ds_mfree(&t->alloc, w.narrow.slots, table_slots(&w.narrow) * w.narrow.slot);
    return st == DS_OK ? DS_OK : ds_fail_nomem(err);
}

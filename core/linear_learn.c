/* linear_learn.c - learning a linear model; see linear.h. */
#include <string.h>

#include "learn_int.h"
#include "linear_int.h"

#define ENOUGH 0.02   /* learning ends when no gradient is greater */
#define WEIGHT_MAX 32767

typedef struct seen {
    uint32_t hash; /* linear_hash */
    float value;
} seen;

typedef struct example {
    size_t beg, end; /* of seen */
    uint32_t part;
    uint8_t label;
} example;

struct ds_learner {
    ds_alloc alloc;
    ds_learn_options options;
    size_t labels;
    unsigned bits, groups;
    seen *seen;
    size_t seen_count, seen_cap;
    example *examples;
    size_t example_count, example_cap;
    /* of the last fit */
    float *weights;   /* of each bucket, `labels` of them; bias follows the last bucket */
    uint8_t *counts;  /* of each bucket: examples that have it, up to 255 */
    size_t buckets;
    size_t *order;    /* of the examples learned from */
    double *alpha;    /* of the dual problem, by example */
    size_t room;      /* of order and alpha */
};

ds_status ds_learner_new(const ds_alloc *a, size_t labels, const ds_learn_options *options, ds_learner **out,
                         ds_error *err)
{
    *out = NULL;
    if (labels < 2 || labels > DS_LINEAR_LABELS)
        return ds_fail(err, DS_EINVAL, 0, 0, "a model has 2 to %d labels", DS_LINEAR_LABELS);
    a = ds_alloc_or_libc(a);
    ds_learner *t = ds_calloc(a, 1, sizeof *t);
    if (t == NULL)
        return ds_fail_nomem(err);
    t->alloc = *a;
    t->labels = labels;
    t->groups = (1u << DS_BAG_GROUPS) - 1;
    t->options = options != NULL ? *options : (ds_learn_options){0};
    ds_learn_options *o = &t->options;
    o->least = o->least > 0 ? o->least : 2;
    o->rounds = o->rounds > 0 ? o->rounds : 30;
    o->cost = o->cost > 0 ? o->cost : 0.1;
    *out = t;
    return DS_OK;
}

static void forget(ds_learner *t)
{
    const ds_alloc *a = &t->alloc;
    ds_mfree(a, t->weights, (t->buckets + 1) * t->labels * sizeof *t->weights);
    ds_mfree(a, t->counts, t->buckets);
    ds_mfree(a, t->order, t->room * sizeof *t->order);
    ds_mfree(a, t->alpha, t->room * sizeof *t->alpha);
    t->weights = NULL;
    t->counts = NULL;
    t->order = NULL;
    t->alpha = NULL;
    t->buckets = t->room = 0;
}

void ds_learner_free(ds_learner *t)
{
    if (t == NULL)
        return;
    ds_alloc a = t->alloc;
    forget(t);
    ds_mfree(&a, t->seen, t->seen_cap * sizeof *t->seen);
    ds_mfree(&a, t->examples, t->example_cap * sizeof *t->examples);
    ds_mfree(&a, t, sizeof *t);
}

ds_status ds_learner_add(ds_learner *t, const ds_bag *bag, size_t label, uint32_t part, ds_error *err)
{
    if (label >= t->labels)
        return ds_fail(err, DS_EINVAL, 0, 0, "label %zu of %zu", label, t->labels);
    if (ds_grow(&t->alloc, (void **)&t->seen, &t->seen_cap, t->seen_count + bag->count + 1, sizeof *t->seen) != DS_OK ||
        ds_grow(&t->alloc, (void **)&t->examples, &t->example_cap, t->example_count + 1, sizeof *t->examples) != DS_OK)
        return ds_fail_nomem(err);
    example e = {t->seen_count, t->seen_count + bag->count, part, (uint8_t)label};
    for (size_t i = 0; i < bag->count; i++)
        t->seen[t->seen_count++] = (seen){linear_hash(bag->items[i].key), bag->items[i].value};
    t->examples[t->example_count++] = e;
    forget(t);
    return DS_OK;
}

size_t ds_learner_examples(const ds_learner *t)
{
    return t->example_count;
}

void ds_learner_groups(ds_learner *t, unsigned groups)
{
    t->groups = groups;
}

/* ---- fitting ---- */

/* Enough buckets that few features share one: an eighth as many as there are in all bags, since most come again. */
static unsigned find_bits(size_t seen_count)
{
    unsigned bits = DS_LINEAR_BITS_LEAST + 2;
    while (bits < DS_LINEAR_BITS_MOST - 2 && ((size_t)1 << bits) < seen_count / 8)
        bits++;
    return bits;
}

static ds_status make_room(ds_learner *t)
{
    if (t->weights == NULL) {
        t->bits = find_bits(t->seen_count);
        t->buckets = (size_t)1 << t->bits;
        t->room = t->example_count;
        t->weights = ds_calloc(&t->alloc, (t->buckets + 1) * t->labels, sizeof *t->weights);
        t->counts = ds_calloc(&t->alloc, t->buckets, 1);
        t->order = ds_calloc(&t->alloc, t->room, sizeof *t->order);
        t->alpha = ds_calloc(&t->alloc, t->room, sizeof *t->alpha);
    }
    if (t->weights == NULL || t->counts == NULL || t->order == NULL || t->alpha == NULL) {
        forget(t);
        return DS_ENOMEM;
    }
    memset(t->weights, 0, (t->buckets + 1) * t->labels * sizeof *t->weights);
    memset(t->counts, 0, t->buckets);
    return DS_OK;
}

static inline size_t bucket_of(const ds_learner *t, const seen *s)
{
    return s->hash >> (32 - t->bits);
}

/* Whether a feature takes part in what is learned. */
static inline bool counts_here(const ds_learner *t, const seen *s)
{
    uint32_t least = t->options.least < 255 ? t->options.least : 255;
    return (t->groups >> (s->hash & 7) & 1) != 0 && t->counts[bucket_of(t, s)] >= least;
}

static void count_features(ds_learner *t, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const example *e = &t->examples[t->order[k]];
        for (size_t i = e->beg; i < e->end; i++) {
            uint8_t *count = &t->counts[bucket_of(t, &t->seen[i])];
            *count = (uint8_t)(*count + (*count < 255));
        }
    }
}

static double score(const ds_learner *t, const example *e, size_t label)
{
    double sum = (double)t->weights[t->buckets * t->labels + label];
    for (size_t i = e->beg; i < e->end; i++)
        if (counts_here(t, &t->seen[i]))
            sum += (double)t->weights[bucket_of(t, &t->seen[i]) * t->labels + label] * (double)t->seen[i].value;
    return sum;
}

static double square(const ds_learner *t, const example *e)
{
    double sum = 1; /* of the bias */
    for (size_t i = e->beg; i < e->end; i++)
        if (counts_here(t, &t->seen[i]))
            sum += (double)t->seen[i].value * (double)t->seen[i].value;
    return sum;
}

static void move(ds_learner *t, const example *e, size_t label, double by)
{
    t->weights[t->buckets * t->labels + label] += (float)by;
    for (size_t i = e->beg; i < e->end; i++)
        if (counts_here(t, &t->seen[i]))
            t->weights[bucket_of(t, &t->seen[i]) * t->labels + label] += (float)(by * (double)t->seen[i].value);
}

/* Algorithm 1 of Hsieh et al. for label against the others; one round.  The greatest gradient is returned. */
static double one_round(ds_learner *t, size_t n, size_t label)
{
    double diagonal = 0.5 / t->options.cost, most = 0;
    for (size_t k = 0; k < n; k++) {
        const example *e = &t->examples[t->order[k]];
        double y = e->label == label ? 1 : -1, *alpha = &t->alpha[t->order[k]];
        double gradient = y * score(t, e, label) - 1 + diagonal * *alpha;
        if (*alpha <= 0 && gradient > 0)
            continue;
        most = fabs(gradient) > most ? fabs(gradient) : most;
        double next = *alpha - gradient / (square(t, e) + diagonal);
        next = next > 0 ? next : 0;
        move(t, e, label, (next - *alpha) * y);
        *alpha = next;
    }
    return most;
}

ds_status ds_learner_fit(ds_learner *t, uint32_t hold, ds_error *err)
{
    size_t n = 0;
    bool has[DS_LINEAR_LABELS] = {false};
    if (t->example_count == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "no examples");
    if (make_room(t) != DS_OK)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < t->example_count; i++)
        if (hold == UINT32_MAX || t->examples[i].part != hold) {
            t->order[n++] = i;
            has[t->examples[i].label] = true;
        }
    for (size_t k = 0; k < t->labels; k++)
        if (!has[k])
            return ds_fail(err, DS_EINVAL, 0, 0, "no example of label %zu to learn from", k + 1);
    count_features(t, n);
    for (size_t label = 0; label < t->labels; label++) {
        memset(t->alpha, 0, t->room * sizeof *t->alpha);
        for (uint32_t round = 0; round < t->options.rounds; round++) {
            if (ds_stopped(&t->alloc))
                return ds_fail(err, DS_ELIMIT, 0, 0, "stopped");
            learn_shuffle(t->order, n, learn_seed(t->options.seed, round + 1));
            if (one_round(t, n, label) < ENOUGH)
                break;
        }
    }
    return DS_OK;
}

void ds_learner_scores(const ds_learner *t, size_t i, double out[DS_LINEAR_LABELS])
{
    for (size_t k = 0; k < t->labels; k++)
        out[k] = t->weights != NULL ? score(t, &t->examples[i], k) : 0;
}

/* ---- the stored form ---- */

static void put_float(ds_buf *b, double v)
{
    float f = (float)v;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    ds_buf_u32(b, bits);
}

static double greatest(const ds_learner *t)
{
    double most = 1e-6;
    for (size_t i = 0; i < t->buckets * t->labels; i++)
        most = fabs((double)t->weights[i]) > most ? fabs((double)t->weights[i]) : most;
    return most;
}

static void put_weights(const ds_learner *t, double unit, ds_buf *b)
{
    for (size_t i = 0; i < t->buckets * t->labels; i++) {
        int32_t v = (int32_t)floor((double)t->weights[i] / unit + 0.5);
        ds_buf_byte(b, (char)(v & 0xFF));
        ds_buf_byte(b, (char)(v >> 8 & 0xFF));
    }
}

ds_status ds_learner_image(const ds_learner *t, double steep, uint32_t features, ds_str note, ds_buf *image, ds_error *err)
{
    if (t->weights == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "nothing was learned");
    if (!(steep > 0 && steep <= 100) || note.n > DS_LINEAR_NOTE_MOST)
        return ds_fail(err, DS_EINVAL, 0, 0, "steepness out of range, or a note of more than %u bytes", DS_LINEAR_NOTE_MOST);
    size_t start = image->n;
    double unit = greatest(t) / WEIGHT_MAX;
    const uint32_t head[] = {DS_LINEAR_VERSION, (uint32_t)t->labels, t->bits, (uint32_t)note.n, features, 0, 0};
    ds_buf_put(image, DS_LINEAR_MAGIC, 8);
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        ds_buf_u32(image, head[i]);
    put_float(image, unit);
    put_float(image, steep);
    ds_buf_u32(image, 0);
    for (size_t k = 0; k < t->labels; k++)
        put_float(image, (double)t->weights[t->buckets * t->labels + k]);
    ds_buf_put(image, note.p, note.n);
    while ((image->n - start) % 4 != 0 && image->status == DS_OK)
        ds_buf_byte(image, '\0');
    put_weights(t, (double)(float)unit, image);
    if (image->status != DS_OK)
        return ds_fail_nomem(err);
    char *p = image->p + start;
    uint32_t crc = ds_crc32(ds_crc32(0, p, LINEAR_CRC), p + LINEAR_CRC + 4, image->n - start - LINEAR_CRC - 4);
    for (size_t i = 0; i < 4; i++)
        p[LINEAR_CRC + i] = (char)(unsigned char)(crc >> 8 * i);
    return DS_OK;
}

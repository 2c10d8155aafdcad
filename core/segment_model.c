/* segment_model.c - opening a trained standard, and cutting by it; see segment_model.h. */
#include <stdio.h>
#include <string.h>

#include "mapping.h"
#include "segment_model_int.h"

/* Slots, found by a hash of what they are for. */
typedef struct model_table {
    const char *slots;
    size_t count; /* where a search may begin; MODEL_PROBES - 1 more slots follow */
} model_table;

struct ds_segmodel {
    ds_alloc alloc;
    ds_str image;
    bool mapped;
    char name[64];
    uint32_t crc, lexicon_crc;
    ds_style style;
    int32_t follow[SEG_PLACES][SEG_PLACES]; /* what a place after a place is worth */
    uint32_t as_default[SEG_PLACES];        /* weights of the default mode's place */
    const char *dense;
    model_table wide, narrow;
    ds_trie words; /* of the gold */
};

/* ---- opening ---- */

static ds_status check_header(ds_str image, ds_error *err)
{
    if (image.n < MODEL_HEADER + MODEL_SECTIONS * MODEL_ENTRY)
        return ds_fail(err, DS_EFORMAT, image.n, 0, "trained segmenter is cut short: %zu bytes", image.n);
    if (memcmp(image.p, DS_SEGMODEL_MAGIC, 8) != 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "not a trained segmenter (no \"" DS_SEGMODEL_MAGIC "\" at its start)");
    uint32_t version = ds_load32(image.p + 8), sections = ds_load32(image.p + 12);
    if (version != DS_SEGMODEL_VERSION)
        return ds_fail(err, DS_EFORMAT, 8, 0, "trained segmenter has version %u, not %u: train it again", version,
                       DS_SEGMODEL_VERSION);
    if (sections != MODEL_SECTIONS)
        return ds_fail(err, DS_EFORMAT, 12, 0, "trained segmenter has %u sections, not %d", sections, MODEL_SECTIONS);
    if (ds_load64(image.p + 16) != image.n)
        return ds_fail(err, DS_EFORMAT, 16, 0, "trained segmenter is %zu bytes long, its header says otherwise", image.n);
    uint32_t crc = ds_crc32(ds_crc32(0, image.p, MODEL_CRC), image.p + MODEL_CRC + 4, image.n - MODEL_CRC - 4);
    if (ds_load32(image.p + MODEL_CRC) != crc)
        return ds_fail(err, DS_EFORMAT, MODEL_CRC, 0, "trained segmenter is damaged (checksum)");
    if (ds_load32(image.p + 28) > DS_STYLE_FINE)
        return ds_fail(err, DS_EFORMAT, 28, 0, "trained segmenter has an unknown style");
    return DS_OK;
}

static ds_status find_sections(ds_str image, ds_str section[MODEL_SECTIONS], ds_error *err)
{
    for (size_t i = 0; i < MODEL_SECTIONS; i++) {
        size_t at = MODEL_HEADER + i * MODEL_ENTRY;
        uint64_t off = ds_load64(image.p + at + 8), len = ds_load64(image.p + at + 16);
        if (memcmp(image.p + at, &MODEL_SECTION_IDS[4 * i], 4) != 0)
            return ds_fail(err, DS_EFORMAT, at, 0, "trained segmenter's section %zu has the wrong name", i);
        if (off > image.n || len > image.n - off)
            return ds_fail(err, DS_EFORMAT, at + 8, 0, "trained segmenter's section %zu reaches past the end", i);
        section[i] = (ds_str){image.p + off, (size_t)len};
    }
    return DS_OK;
}

static bool read_table(ds_str section, size_t slot, model_table *out)
{
    size_t n = section.n / slot;
#ifndef DS_PLANT_SEGMODEL /* without this check: a bug that fuzzing must find, `make fuzz` */
    if (n < MODEL_PROBES)
        return false;
#endif
    *out = (model_table){section.p, n - (MODEL_PROBES - 1)};
    return section.n % slot == 0 && n <= UINT32_MAX;
}

#define FOLLOW_MAX (1 << 20) /* no worth is beyond, so that sums stay in range */

static bool read_follow(ds_segmodel *m, ds_str s)
{
    if (s.n != MODEL_FOLLOW_BYTES)
        return false;
    for (size_t p = 0; p < SEG_PLACES; p++)
        for (size_t q = 0; q < SEG_PLACES; q++) {
            m->follow[p][q] = (int32_t)ds_load32(s.p + 4 * (p * SEG_PLACES + q));
            if (m->follow[p][q] > FOLLOW_MAX || m->follow[p][q] < -FOLLOW_MAX)
                return false;
        }
    for (size_t p = 0; p < SEG_PLACES; p++)
        m->as_default[p] = ds_load32(s.p + 4 * (SEG_PLACES * SEG_PLACES + p));
    return true;
}

static ds_status read_model(ds_segmodel *m, ds_error *err)
{
    ds_str section[MODEL_SECTIONS];
    ds_status st = check_header(m->image, err);
    if (st == DS_OK)
        st = find_sections(m->image, section, err);
    if (st != DS_OK)
        return st;
    m->crc = ds_load32(m->image.p + MODEL_CRC);
    m->style = (ds_style)ds_load32(m->image.p + 28);
    m->lexicon_crc = ds_load32(m->image.p + 32);
    m->dense = section[MODEL_DENSE].p;
    if (!read_follow(m, section[MODEL_FOLLOW]) || section[MODEL_DENSE].n != SEG_DENSE_ROWS * MODEL_DENSE_ROW ||
        !read_table(section[MODEL_WIDE], MODEL_WIDE_SLOT, &m->wide) ||
        !read_table(section[MODEL_NARROW], MODEL_NARROW_SLOT, &m->narrow) ||
        !ds_trie_view(section[MODEL_WORDS], &m->words))
        return ds_fail(err, DS_EFORMAT, MODEL_HEADER, 0, "trained segmenter's tables have impossible sizes or contents");
    return DS_OK;
}

ds_status ds_segmodel_view(const ds_alloc *a, ds_str image, const char *name, ds_segmodel **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_segmodel *m = ds_calloc(a, 1, sizeof *m);
    if (m == NULL)
        return ds_fail_nomem(err);
    m->alloc = *a;
    m->image = image;
    snprintf(m->name, sizeof m->name, "%s", name);
    ds_status st = read_model(m, err);
    if (st != DS_OK) {
        ds_segmodel_free(m);
        return st;
    }
    *out = m;
    return DS_OK;
}

ds_status ds_segmodel_open(const ds_alloc *a, const char *path, ds_segmodel **out, ds_error *err)
{
    ds_str image;
    const char *slash = strrchr(path, '/');
    *out = NULL;
    ds_status st = ds_mapping_open(path, &image, err);
    if (st != DS_OK)
        return st;
    ds_error why;
    st = ds_segmodel_view(a, image, slash != NULL ? slash + 1 : path, out, &why);
    if (st == DS_OK) {
        (*out)->mapped = true;
        return DS_OK;
    }
    ds_mapping_close(image);
    return ds_fail(err, st, why.off, 0, "%s: %s", path, why.msg);
}

void ds_segmodel_free(ds_segmodel *m)
{
    if (m == NULL)
        return;
    ds_alloc a = m->alloc;
    if (m->mapped)
        ds_mapping_close(m->image);
    ds_mfree(&a, m, sizeof *m);
}

const char *ds_segmodel_name(const ds_segmodel *m)
{
    return m->name;
}

uint32_t ds_segmodel_crc(const ds_segmodel *m)
{
    return m->crc;
}

ds_style ds_segmodel_style(const ds_segmodel *m)
{
    return m->style;
}

uint32_t ds_segmodel_lexicon_crc(const ds_segmodel *m)
{
    return m->lexicon_crc;
}

/* ---- scores ---- */

/*
 * The four places' weights are a byte each, side by side.  Only their differences matter, so none is negative.  Bytes 0 and
 * 2 are added in the lower half of a score, 1 and 3 in the upper one, 16 bits each: more than all features of a unit and its
 * neighbours can add up to.
 */
#define EVEN 0x00FF00FFu
#define EVEN_PAIR 0x00FF00FF00FF00FFu
static const uint8_t lane_of[SEG_PLACES] = {0, 32, 16, 48};
#define LANE(score, place) ((int32_t)((score) >> lane_of[place] & 0xFFFF))

struct seg_applied {
    ds_alloc alloc;
    const ds_segmodel *m;
    size_t cap;
    seg_unit *units;  /* cap + 1 */
    uint64_t *scores; /* by unit */
    uint8_t *steps;   /* by unit: bit p, the better place before place p is the later of the two that may be */
};

enum { LAG = 4 };

ds_status seg_applied_new(const ds_alloc *a, const ds_segmodel *m, size_t cap, seg_applied **out)
{
    *out = NULL;
    seg_applied *r = ds_calloc(a, 1, sizeof *r);
    if (r == NULL)
        return DS_ENOMEM;
    r->alloc = *a;
    r->m = m;
    r->cap = cap;
    r->units = ds_malloc(a, (cap + 1) * sizeof *r->units);
    r->scores = ds_malloc(a, (cap + 1) * sizeof *r->scores);
    r->steps = ds_malloc(a, cap + 1);
    if (r->units == NULL || r->scores == NULL || r->steps == NULL) {
        seg_applied_free(r);
        return DS_ENOMEM;
    }
    *out = r;
    return DS_OK;
}

void seg_applied_free(seg_applied *r)
{
    if (r == NULL)
        return;
    ds_alloc a = r->alloc;
    ds_mfree(&a, r->units, (r->cap + 1) * sizeof *r->units);
    ds_mfree(&a, r->scores, (r->cap + 1) * sizeof *r->scores);
    ds_mfree(&a, r->steps, r->cap + 1);
    ds_mfree(&a, r, sizeof *r);
}

/* Tells the units which of the gold's words they are in. */
static void tell_own_words(const ds_trie *words, seg_unit *units, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        int32_t node = 0;
        for (size_t len = 1; len <= SEG_OWN_MAX && k + len <= n; len++) {
            uint16_t code = seg_own_code(&units[k + len - 1]);
            if (code == 0 || (node = ds_trie_step(words, node, code)) == DS_TRIE_NONE)
                break;
            if (len > 1 && ds_trie_value(words, node) != DS_TRIE_NONE)
                seg_own_word(units, k, len);
        }
    }
}

/* The slot of a feature, or NULL; `slot` is the first that it may be in. */
static inline const char *find_slot(const char *slot, size_t size, uint64_t mixed)
{
    for (size_t probe = 0; probe < MODEL_PROBES; probe++, slot += size) {
        uint32_t check = ds_load32(slot);
        if (check == seg_check(mixed))
            return slot;
        if (check == 0)
            return NULL;
    }
    return NULL;
}

/* A feature, and the first slot that it may be in. */
typedef struct model_probe {
    uint64_t mixed;
    const char *slot;
} model_probe;

/* Scores that a unit's features give to the units before, at and after it, by even and odd bytes; those of the first two
 * together. */
typedef struct model_sum {
    uint64_t even, odd, even_after, odd_after, even_own, odd_own;
} model_sum;

/* Asks for a feature's slot, some units before it is needed. */
SEG_INLINE void seek(const model_table *t, size_t size, const seg_unit *units, size_t k, seg_family f, model_probe *probes)
{
    uint64_t mixed = seg_mix(seg_feature_key(units, k, f));
    const char *slot = t->slots + seg_first_slot(mixed, t->count) * size;
    ds_prefetch(slot);
    probes[f] = (model_probe){mixed, slot};
}

SEG_INLINE void add_wide(model_sum *sum, const char *weights)
{
    uint64_t two = ds_load64(weights);
    uint32_t after = ds_load32(weights + 8);
    sum->even += two & EVEN_PAIR;
    sum->odd += two >> 8 & EVEN_PAIR;
    sum->even_after += after & EVEN;
    sum->odd_after += after >> 8 & EVEN;
}

SEG_INLINE void add_dense(model_sum *sum, const ds_segmodel *m, const seg_unit *units, size_t k, seg_family f)
{
    add_wide(sum, m->dense + (seg_dense_row(f) + seg_feature_value(units, k, f)) * MODEL_DENSE_ROW);
}

SEG_INLINE void find_wide(model_sum *sum, const model_probe *probe)
{
    const char *slot = find_slot(probe->slot, MODEL_WIDE_SLOT, probe->mixed);
    if (slot != NULL)
        add_wide(sum, slot + 4);
}

SEG_INLINE void find_narrow(model_sum *sum, const model_probe *probe)
{
    const char *slot = find_slot(probe->slot, MODEL_NARROW_SLOT, probe->mixed);
    uint32_t own = slot != NULL ? ds_load32(slot + 4) : 0;
    sum->even_own += own & EVEN;
    sum->odd_own += own >> 8 & EVEN;
}

static void seek_features(const ds_segmodel *m, const seg_unit *units, size_t k, model_probe probes[SEG_FAMILIES])
{
    seek(&m->wide, MODEL_WIDE_SLOT, units, k, SEG_ONE, probes);
    seek(&m->wide, MODEL_WIDE_SLOT, units, k, SEG_TWO, probes);
    seek(&m->wide, MODEL_WIDE_SLOT, units, k, SEG_THREE, probes);
    seek(&m->narrow, MODEL_NARROW_SLOT, units, k, SEG_DICT_ONE, probes);
    seek(&m->narrow, MODEL_NARROW_SLOT, units, k, SEG_OWN_ONE, probes);
    seek(&m->narrow, MODEL_NARROW_SLOT, units, k, SEG_OWN_DICT, probes);
    seek(&m->narrow, MODEL_NARROW_SLOT, units, k, SEG_WORD_IN, probes);
    seek(&m->narrow, MODEL_NARROW_SLOT, units, k, SEG_WORD_IS, probes);
    seek(&m->narrow, MODEL_NARROW_SLOT, units, k, SEG_ONE_IN, probes);
    seek(&m->narrow, MODEL_NARROW_SLOT, units, k, SEG_TWO_IN, probes);
}

static void score_unit(const ds_segmodel *m, const seg_unit *units, size_t k, const model_probe *probes,
                       uint64_t scores[SEG_REACH])
{
    uint32_t own = m->as_default[units[k].place];
    model_sum sum = {.even_own = own & EVEN, .odd_own = own >> 8 & EVEN};
    add_dense(&sum, m, units, k, SEG_DICT);
    add_dense(&sum, m, units, k, SEG_OWN);
    add_dense(&sum, m, units, k, SEG_WORD_AS);
    find_wide(&sum, &probes[SEG_ONE]);
    find_wide(&sum, &probes[SEG_TWO]);
    find_wide(&sum, &probes[SEG_THREE]);
    find_narrow(&sum, &probes[SEG_DICT_ONE]);
    find_narrow(&sum, &probes[SEG_OWN_ONE]);
    find_narrow(&sum, &probes[SEG_OWN_DICT]);
    find_narrow(&sum, &probes[SEG_WORD_IN]);
    find_narrow(&sum, &probes[SEG_WORD_IS]);
    find_narrow(&sum, &probes[SEG_ONE_IN]);
    find_narrow(&sum, &probes[SEG_TWO_IN]);
    scores[0] = (sum.even & UINT32_MAX) | sum.odd << 32;
    scores[1] = ((sum.even >> 32) + sum.even_own) | ((sum.odd >> 32) + sum.odd_own) << 32;
    scores[2] = sum.even_after | sum.odd_after << 32;
}

static void score_units(seg_applied *r, size_t n)
{
    const ds_segmodel *m = r->m;
    model_probe probes[LAG][SEG_FAMILIES];
    uint64_t given[SEG_REACH], before = 0, own = 0;
    for (size_t k = 0; k < n && k < LAG; k++)
        seek_features(m, r->units, k, probes[k]);
    for (size_t k = 0; k < n; k++) {
        score_unit(m, r->units, k, probes[k % LAG], given);
        if (k > 0)
            r->scores[k - 1] = before + given[0];
        before = own + given[1];
        own = given[2];
        if (k + LAG < n)
            seek_features(m, r->units, k + LAG, probes[k % LAG]);
    }
    r->scores[n - 1] = before;
}

/* ---- the best way ---- */

#define NEVER (-(1 << 28))

static inline int32_t better(int32_t first, int32_t second, unsigned place, unsigned *step)
{
    *step |= (unsigned)(second > first) << place;
    return second > first ? second : first;
}

/* Fills in r->steps; returns the last unit's place. */
static unsigned walk_forward(seg_applied *r, size_t n)
{
    const int32_t(*f)[SEG_PLACES] = r->m->follow;
    const uint64_t *scores = r->scores;
    int32_t v[SEG_PLACES] = {LANE(scores[0], SEG_B), NEVER, NEVER, LANE(scores[0], SEG_S)};
    for (size_t k = 1; k < n; k++) {
        uint64_t s = scores[k];
        unsigned step = 0;
        int32_t b = better(v[SEG_E] + f[SEG_E][SEG_B], v[SEG_S] + f[SEG_S][SEG_B], SEG_B, &step) + LANE(s, SEG_B);
        int32_t m = better(v[SEG_B] + f[SEG_B][SEG_M], v[SEG_M] + f[SEG_M][SEG_M], SEG_M, &step) + LANE(s, SEG_M);
        int32_t e = better(v[SEG_B] + f[SEG_B][SEG_E], v[SEG_M] + f[SEG_M][SEG_E], SEG_E, &step) + LANE(s, SEG_E);
        int32_t w = better(v[SEG_E] + f[SEG_E][SEG_S], v[SEG_S] + f[SEG_S][SEG_S], SEG_S, &step) + LANE(s, SEG_S);
        if (r->units[k].border == SEG_MUST)
            m = e = NEVER;
        else if (r->units[k].border == SEG_NEVER)
            b = w = NEVER;
        int32_t top = b > m ? b : m, rest = e > w ? e : w;
        top = top > rest ? top : rest; /* taken off, so that no text is too long for the numbers */
        v[SEG_B] = b > NEVER ? b - top : NEVER;
        v[SEG_M] = m > NEVER ? m - top : NEVER;
        v[SEG_E] = e > NEVER ? e - top : NEVER;
        v[SEG_S] = w > NEVER ? w - top : NEVER;
        r->steps[k] = (uint8_t)step;
    }
    return v[SEG_E] > v[SEG_S] ? SEG_E : SEG_S;
}

/* Writes to each unit's `place` its place on the best way. */
static void find_places(seg_applied *r, size_t n)
{
    static const uint8_t before[SEG_PLACES][2] = {
        [SEG_B] = {SEG_E, SEG_S}, [SEG_M] = {SEG_B, SEG_M}, [SEG_E] = {SEG_B, SEG_M}, [SEG_S] = {SEG_E, SEG_S}};
    unsigned place = walk_forward(r, n);
    for (size_t k = n; k-- > 0;) {
        r->units[k].place = (uint8_t)place;
        place = k > 0 ? before[place][r->steps[k] >> place & 1] : 0;
    }
}

/* ---- the new path ---- */

/* The lexicon's word of the characters [i, end), or DS_TOKEN_UNKNOWN. */
static int32_t find_word(const lex_tables *lex, const seg_text *t, size_t i, size_t end)
{
    int32_t node = 0;
    for (size_t k = i; k < end; k++)
        if (t->c[k].code == 0 || (node = ds_trie_step(&lex->trie, node, t->c[k].code)) == DS_TRIE_NONE)
            return DS_TOKEN_UNKNOWN;
    int32_t id = ds_trie_value(&lex->trie, node);
    return lex_word(lex, id) != NULL ? id : DS_TOKEN_UNKNOWN;
}

static bool is_time_unit(uint32_t cp)
{
    return cp == 0x5E74 || cp == 0x6708 || cp == 0x65E5 || cp == 0x65F6 || cp == 0x6642; /* 年 月 日 时 時 */
}

/* Class of a token that the default mode does not have there. */
static ds_class token_class(const seg_text *t, size_t i, size_t end)
{
    ds_class cls;
    size_t atom = seg_atom(t, i, end, &cls), digits = i;
    if (atom == end && cls != DS_CLASS_HAN)
        return cls;
    while (digits < end && t->c[digits].kind == SEG_DIGIT)
        digits++;
    size_t ordinal = t->c[i].number == SEG_ORDINAL, run = seg_numeral_run(t, digits > i ? digits : i + ordinal, end);
    if (run == end && end > i + 1)
        return DS_CLASS_NUMBER;
    if (run > i && run + 1 == end && is_time_unit(t->c[run].cp))
        return DS_CLASS_DATE;
    for (size_t k = i; k < end; k++)
        if (t->c[k].kind == SEG_HAN)
            return DS_CLASS_HAN;
    return cls == DS_CLASS_PUNCT && end > i + 1 ? DS_CLASS_LATIN : cls;
}

/* Moves the path's borders to the units' places. */
static void move_borders(const seg_applied *r, size_t n, seg_path *path)
{
    const lex_tables *lex = lex_tables_of(path->lex);
    size_t beg = 0;
    for (size_t k = 0; k < n; k++) {
        if (r->units[k].place == SEG_B || r->units[k].place == SEG_S)
            beg = r->units[k].beg;
        if (r->units[k].place != SEG_E && r->units[k].place != SEG_S)
            continue;
        size_t end = r->units[k + 1].beg;
        seg_cell *cell = &path->cells[end];
        if (cell->cost != INT32_MAX && cell->from == beg)
            continue;
        *cell = (seg_cell){.from = (uint32_t)beg, .word = find_word(lex, &path->t, beg, end)};
        cell->cls = (uint8_t)token_class(&path->t, beg, end);
    }
}

ds_status seg_apply(void *applied, seg_path *path)
{
    seg_applied *r = applied;
    size_t n = seg_take_units(path, r->units);
    tell_own_words(&r->m->words, r->units, n);
    score_units(r, n);
    find_places(r, n);
    move_borders(r, n, path);
    return DS_OK;
}

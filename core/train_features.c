/* train_features.c - the gold's own words, and the features of its units; see train_int.h. */
#include <string.h>

#include "train_int.h"

void train_clear_model(ds_trainer *t)
{
    const ds_alloc *a = &t->alloc;
    train_model *m = &t->model;
    ds_trie_builder_free(m->words);
    ds_mfree(a, m->own, m->own_cap * sizeof *m->own);
    ds_mfree(a, m->features, m->feature_cap * sizeof *m->features);
    ds_mfree(a, m->slots, m->slot_count * sizeof *m->slots);
    ds_mfree(a, m->rows, m->row_count * sizeof *m->rows);
    ds_mfree(a, m->seen, t->unit_count * SEG_FAMILIES * sizeof *m->seen);
    ds_mfree(a, m->order, t->line_count * sizeof *m->order);
    *m = (train_model){.words = NULL};
    t->begun = false;
}

/* ---- the gold's words ---- */

/* Units of the gold's word that begins at unit k. */
static size_t gold_length(const uint8_t *gold, size_t k, size_t n)
{
    size_t end = k + 1;
    while (end < n && (gold[end] == SEG_M || gold[end] == SEG_E))
        end++;
    return end - k;
}

static ds_status note_own_word(ds_trainer *t, const seg_unit *units, size_t n, size_t part)
{
    train_model *m = &t->model;
    uint16_t key[SEG_OWN_MAX];
    int32_t id;
    for (size_t i = 0; i < n; i++)
        if ((key[i] = seg_own_code(&units[i])) == 0)
            return DS_OK;
    ds_status st = ds_trie_builder_find_or_set(m->words, key, n, (int32_t)m->own_count, &id, NULL);
    if (st == DS_OK && (size_t)id == m->own_count) {
        st = ds_grow(&t->alloc, (void **)&m->own, &m->own_cap, m->own_count + 1, sizeof *m->own);
        if (st == DS_OK)
            m->own[m->own_count++] = (train_own){{0}};
    }
    if (st == DS_OK) {
        m->own[id].lines[part]++;
        m->own[id].lines[TRAIN_PARTS]++;
    }
    return st;
}

/* Calls note_own_word for the words of a line. */
static ds_status note_own_words(ds_trainer *t, const train_line *line, size_t part)
{
    ds_status st = DS_OK;
    for (size_t k = 0, len; k < line->unit_count && st == DS_OK; k += len) {
        len = gold_length(t->gold + line->units, k, line->unit_count);
        if (len > 1 && len <= SEG_OWN_MAX)
            st = note_own_word(t, t->units + line->units + k, len, part);
    }
    return st;
}

/* Tells the units of a line which words of the other parts of the gold they are in. */
static void tell_own_words(ds_trainer *t, const train_line *line, size_t part)
{
    const train_model *m = &t->model;
    seg_unit *units = t->units + line->units;
    for (size_t k = 0; k < line->unit_count; k++)
        units[k].own = (seg_span){0, 0, 0};
    for (size_t k = 0; k < line->unit_count; k++) {
        int32_t node = 0;
        for (size_t len = 1; len <= SEG_OWN_MAX && k + len <= line->unit_count; len++) {
            uint16_t code = seg_own_code(&units[k + len - 1]);
            if (code == 0 || (node = ds_trie_builder_step(m->words, node, code)) == DS_TRIE_NONE)
                break;
            int32_t id = ds_trie_builder_value(m->words, node);
            if (id != DS_TRIE_NONE && m->own[id].lines[TRAIN_PARTS] > m->own[id].lines[part])
                seg_own_word(units, k, len);
        }
    }
}

/* ---- features ---- */

static bool grow_slots(ds_trainer *t)
{
    train_model *m = &t->model;
    size_t n = m->slot_count > 0 ? 2 * m->slot_count : 1024;
    uint32_t *slots = ds_calloc(&t->alloc, n, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < m->feature_count; i++) {
        size_t at = (size_t)(seg_mix(m->features[i].key) >> 32) & (n - 1);
        while (slots[at] != 0)
            at = (at + 1) & (n - 1);
        slots[at] = (uint32_t)i + 1;
    }
    ds_mfree(&t->alloc, m->slots, m->slot_count * sizeof *m->slots);
    m->slots = slots;
    m->slot_count = n;
    return true;
}

/* Number of the feature with that key, made at first sight. */
static ds_status count_feature(ds_trainer *t, uint64_t key, uint32_t *number)
{
    train_model *m = &t->model;
    if (2 * m->feature_count >= m->slot_count && !grow_slots(t))
        return DS_ENOMEM;
    size_t at = (size_t)(seg_mix(key) >> 32) & (m->slot_count - 1);
    while (m->slots[at] != 0 && m->features[m->slots[at] - 1].key != key)
        at = (at + 1) & (m->slot_count - 1);
    if (m->slots[at] == 0) {
        if (m->feature_count == UINT32_MAX / 2 ||
            ds_grow(&t->alloc, (void **)&m->features, &m->feature_cap, m->feature_count + 1, sizeof *m->features) != DS_OK)
            return DS_ENOMEM;
        m->features[m->feature_count] = (train_feature){.key = key};
        m->slots[at] = (uint32_t)++m->feature_count;
    }
    *number = m->slots[at] - 1;
    m->features[*number].count++;
    return DS_OK;
}

/* The units of a line, with the mark of its end. */
static seg_unit *line_units(const ds_trainer *t, const train_line *line)
{
    return t->units + line->units;
}

static ds_status count_line(ds_trainer *t, const train_line *line)
{
    uint32_t *seen = t->model.seen + line->units * SEG_FAMILIES;
    ds_status st = DS_OK;
    for (size_t k = 0; k < line->unit_count; k++)
        for (int f = 0; f < SEG_FAMILIES && st == DS_OK; f++)
            st = count_feature(t, seg_feature_key(line_units(t, line), k, (seg_family)f), seen++);
    return st;
}

/* Gives the features that are frequent enough a place for their weights, and `seen` these places. */
static ds_status place_features(ds_trainer *t)
{
    train_model *m = &t->model;
    size_t rows = 1;
    for (size_t i = 0; i < m->feature_count; i++) {
        if (m->features[i].count < t->least)
            continue;
        m->features[i].row = (uint32_t)rows;
        rows += seg_reach_of(train_family(&m->features[i]));
    }
    if (rows > UINT32_MAX || (m->rows = ds_calloc(&t->alloc, rows, sizeof *m->rows)) == NULL)
        return DS_ENOMEM;
    m->row_count = rows;
    for (size_t i = 0; i < m->line_count; i++) {
        const train_line *line = &t->lines[m->order[i]];
        uint32_t *seen = m->seen + line->units * SEG_FAMILIES;
        for (size_t k = 0; k < (size_t)line->unit_count * SEG_FAMILIES; k++)
            seen[k] = m->features[seen[k]].row;
    }
    return DS_OK;
}

ds_status train_find_features(ds_trainer *t)
{
    train_model *m = &t->model;
    m->seen = ds_calloc(&t->alloc, t->unit_count * SEG_FAMILIES, sizeof *m->seen);
    m->order = ds_calloc(&t->alloc, t->line_count, sizeof *m->order);
    if (m->seen == NULL || m->order == NULL || ds_trie_builder_new(&t->alloc, &m->words, NULL) != DS_OK)
        return DS_ENOMEM;
    for (size_t i = 0; i < t->line_count; i++)
        if (!train_is_held(t, i))
            m->order[m->line_count++] = i;
    ds_status st = DS_OK;
    for (size_t i = 0; i < m->line_count && st == DS_OK; i++)
        st = note_own_words(t, &t->lines[m->order[i]], i * TRAIN_PARTS / m->line_count);
    for (size_t i = 0; i < m->line_count && st == DS_OK; i++) {
        tell_own_words(t, &t->lines[m->order[i]], i * TRAIN_PARTS / m->line_count);
        st = count_line(t, &t->lines[m->order[i]]);
    }
    return st == DS_OK ? place_features(t) : st;
}

/* train.c - the gold, and the course of training; see train.h. */
#include <string.h>

#include "learn_int.h"
#include "train_int.h"

ds_status ds_trainer_new(const ds_alloc *a, const ds_lexicon *lex, const ds_train_options *options, ds_trainer **out,
                         ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_trainer *t = ds_calloc(a, 1, sizeof *t);
    if (t == NULL)
        return ds_fail_nomem(err);
    t->alloc = *a;
    t->lex = lex;
    t->least = options != NULL && options->least > 0 ? options->least : DS_TRAIN_LEAST;
    t->random = options != NULL ? options->seed : 0;
    ds_buf_init(&t->text, &t->alloc);
    *out = t;
    return DS_OK;
}

static void forget_units(ds_trainer *t)
{
    train_clear_model(t);
    t->unit_count = 0;
    t->has_units = false;
}

void ds_trainer_free(ds_trainer *t)
{
    if (t == NULL)
        return;
    ds_alloc a = t->alloc;
    forget_units(t);
    ds_buf_clear(&t->text);
    ds_mfree(&a, t->lines, t->line_cap * sizeof *t->lines);
    ds_mfree(&a, t->words, t->word_cap * sizeof *t->words);
    ds_mfree(&a, t->units, t->unit_cap * sizeof *t->units);
    ds_mfree(&a, t->gold, t->gold_cap);
    ds_mfree(&a, t->scratch, t->scratch_n * TRAIN_SCRATCH * sizeof *t->scratch);
    ds_mfree(&a, t, sizeof *t);
}

size_t ds_trainer_lines(const ds_trainer *t)
{
    return t->line_count;
}

size_t ds_trainer_words(const ds_trainer *t)
{
    return t->word_count;
}

/* ---- reading gold ---- */

/* Bytes of the blank at p, 0 when there is none: those between words, U+00A0 and U+3000 too. */
static size_t blank_at(const char *p, size_t left)
{
    if (*p == ' ' || *p == '\t' || *p == '\r')
        return 1;
    if (left >= 2 && memcmp(p, "\xC2\xA0", 2) == 0)
        return 2;
    return left >= 3 && memcmp(p, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

/* Whether a line can be taken. */
static ds_status check_line(ds_str line, ds_error *err)
{
    size_t chars = 0, word = 0;
    for (size_t i = 0; i < line.n; chars++) {
        uint32_t cp;
        size_t at = i, blank = blank_at(line.p + i, line.n - i);
        i += ds_utf8_decode(line.p + i, line.n - i, &cp);
        if (cp == DS_UTF8_BAD)
            return ds_fail(err, DS_EFORMAT, at, 0, "not valid UTF-8");
        if (blank == 0 && (cp < 0x20 || cp == 0x7F))
            return ds_fail(err, DS_EFORMAT, at, 0, "a control character (U+%04X)", (unsigned)cp);
        word = blank > 0 ? 0 : word + 1;
        if (word > 4 * DS_LEXICON_WORD_MAX)
            return ds_fail(err, DS_EFORMAT, at, 0, "a word of more than %d characters: are there blanks between words?",
                           4 * DS_LEXICON_WORD_MAX);
    }
    if (chars >= DS_SEGMENT_WINDOW / 2)
        return ds_fail(err, DS_EFORMAT, 0, 0, "a line of %zu characters; at most %d can be taken: one sentence a line", chars,
                       DS_SEGMENT_WINDOW / 2 - 1);
    return DS_OK;
}

/* 1: a letter of ASCII, 2: a digit, 0: neither. */
static int name_part(char c)
{
    return c >= '0' && c <= '9' ? 2 : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static ds_status put_word(ds_trainer *t, train_line *line, ds_str word)
{
    if (line->bytes > 0) {
        int before = name_part(t->text.p[t->text.n - 1]);
        if (before != 0 && before == name_part(word.p[0])) {
            ds_buf_byte(&t->text, ' ');
            line->bytes++;
        }
    }
    if (ds_grow(&t->alloc, (void **)&t->words, &t->word_cap, t->word_count + 1, sizeof *t->words) != DS_OK)
        return DS_ENOMEM;
    ds_buf_put(&t->text, word.p, word.n);
    t->words[t->word_count++] = (train_word){line->bytes, line->bytes + (uint32_t)word.n};
    line->bytes += (uint32_t)word.n;
    line->word_count++;
    return t->text.status;
}

static ds_status put_words(ds_trainer *t, train_line *line, ds_str s)
{
    ds_status st = DS_OK;
    for (size_t i = 0; i < s.n && st == DS_OK;) {
        size_t beg = i, blank = blank_at(s.p + i, s.n - i);
        i += blank;
        if (blank > 0)
            continue;
        while (i < s.n && blank_at(s.p + i, s.n - i) == 0)
            i++;
        st = put_word(t, line, (ds_str){s.p + beg, i - beg});
    }
    return st;
}

ds_status ds_trainer_add(ds_trainer *t, ds_str line, ds_error *err)
{
    train_line new_line = {.text = t->text.n, .words = t->word_count};
    ds_status st = check_line(line, err);
    if (st != DS_OK)
        return st;
    forget_units(t);
    st = ds_grow(&t->alloc, (void **)&t->lines, &t->line_cap, t->line_count + 1, sizeof *t->lines);
    if (st == DS_OK)
        st = put_words(t, &new_line, line);
    if (st != DS_OK) { /* as if the line had not been given */
        t->text.n = new_line.text;
        t->text.status = DS_OK;
        t->word_count = new_line.words;
        return ds_fail_nomem(err);
    }
    if (new_line.word_count > 0)
        t->lines[t->line_count++] = new_line;
    return DS_OK;
}

/* ---- scores ---- */

static ds_str line_text(const ds_trainer *t, const train_line *line)
{
    return (ds_str){t->text.p + line->text, line->bytes};
}

static void compare_words(const ds_trainer *t, const train_line *line, const ds_tokens *toks, ds_train_score *sum)
{
    const train_word *words = t->words + line->words;
    size_t w = 0;
    for (size_t i = 0; i < toks->count; i++) {
        const ds_token *tok = &toks->items[i];
        if (tok->cls == DS_CLASS_SPACE)
            continue;
        while (w < line->word_count && words[w].beg < tok->beg)
            w++;
        sum->ours++;
        sum->right += w < line->word_count && words[w].beg == tok->beg && words[w].end == tok->end;
    }
    sum->gold += line->word_count;
}

static ds_status score_lines(const ds_trainer *t, const ds_segment_options *options, size_t beg, size_t end,
                             ds_train_score *out, ds_error *err)
{
    ds_segmenter *seg;
    ds_tokens toks;
    *out = (ds_train_score){0, 0, 0};
    ds_status st = ds_segmenter_new(&t->alloc, t->lex, NULL, options, &seg, err);
    ds_tokens_init(&toks, &t->alloc);
    for (size_t i = beg; i < end && st == DS_OK; i++) {
        toks.count = 0;
        st = ds_segment(seg, line_text(t, &t->lines[i]), &toks, err);
        if (st == DS_OK)
            compare_words(t, &t->lines[i], &toks, out);
    }
    ds_tokens_clear(&toks);
    ds_segmenter_free(seg);
    return st;
}

ds_status ds_trainer_default(ds_trainer *t, ds_style style, ds_train_score *out, ds_error *err)
{
    ds_segment_options o = {.style = style};
    return score_lines(t, &o, 0, t->line_count, out, err);
}

ds_status ds_trainer_style(ds_trainer *t, ds_style *out, ds_error *err)
{
    size_t best_right = 0, best_sum = 1;
    *out = DS_STYLE_NEWS;
    for (int style = DS_STYLE_NEWS; style <= DS_STYLE_FINE; style++) {
        ds_train_score s;
        ds_status st = ds_trainer_default(t, (ds_style)style, &s, err);
        if (st != DS_OK)
            return st;
        if (s.right * best_sum > best_right * (s.gold + s.ours)) { /* the greater F1 */
            best_right = s.right;
            best_sum = s.gold + s.ours;
            *out = (ds_style)style;
        }
    }
    return DS_OK;
}

ds_status ds_trainer_score(ds_trainer *t, ds_train_score *out, ds_error *err)
{
    ds_buf image;
    ds_segmodel *model = NULL;
    ds_buf_init(&image, &t->alloc);
    ds_status st = ds_trainer_image(t, ds_str_of(""), &image, err);
    if (st == DS_OK)
        st = ds_segmodel_view(&t->alloc, ds_buf_str(&image), "", &model, err);
    if (st == DS_OK) {
        ds_segment_options o = {.mode = DS_MODE_TRAINED, .model = model};
        st = score_lines(t, &o, t->hold_beg, t->hold_end, out, err);
    }
    ds_segmodel_free(model);
    ds_buf_clear(&image);
    return st;
}

/* ---- the course of training ---- */

/* Where the observer puts the units of the line that is being cut. */
typedef struct unit_sink {
    ds_trainer *t;
    train_line *line;
} unit_sink;

/* The units' places in the gold's words.  A border of the gold inside a unit cannot be learned. */
static void find_places(const ds_trainer *t, const train_line *line, const seg_path *path, const seg_unit *units, size_t n,
                        uint8_t *gold)
{
    const train_word *words = t->words + line->words;
    for (size_t k = 0, w = 0; k < n; k++) {
        uint32_t at = path->t.c[units[k].beg].off;
        while (w < line->word_count && words[w].beg < at)
            w++;
        bool first = k == 0 || units[k].border == SEG_MUST || (w < line->word_count && words[w].beg == at);
        gold[k] = first ? SEG_S : SEG_E;
        if (!first)
            gold[k - 1] = gold[k - 1] == SEG_S ? SEG_B : SEG_M;
    }
}

static ds_status take_line(void *ud, seg_path *path)
{
    unit_sink *sink = ud;
    ds_trainer *t = sink->t;
    size_t need = t->unit_count + path->t.n + 1;
    if (ds_grow(&t->alloc, (void **)&t->units, &t->unit_cap, need, sizeof *t->units) != DS_OK ||
        ds_grow(&t->alloc, (void **)&t->gold, &t->gold_cap, need, 1) != DS_OK)
        return DS_ENOMEM;
    seg_unit *units = t->units + t->unit_count;
    size_t n = seg_take_units(path, units);
    find_places(t, sink->line, path, units, n, t->gold + t->unit_count);
    sink->line->units = t->unit_count;
    sink->line->unit_count = (uint32_t)n;
    t->unit_count += n + 1; /* and the mark of the end */
    return DS_OK;
}

/* Takes all lines apart, as the nearest style's default words have them. */
static ds_status take_lines(ds_trainer *t, ds_error *err)
{
    ds_segmenter *seg = NULL;
    size_t longest = 0;
    ds_status st = ds_trainer_style(t, &t->style, err);
    ds_segment_options o = {.style = t->style};
    if (st == DS_OK)
        st = ds_segmenter_new(&t->alloc, t->lex, NULL, &o, &seg, err);
    for (size_t i = 0; i < t->line_count && st == DS_OK; i++) {
        unit_sink sink = {t, &t->lines[i]};
        st = seg_observe(seg, line_text(t, &t->lines[i]), (seg_observer){take_line, &sink}, err);
        longest = t->lines[i].unit_count > longest ? t->lines[i].unit_count : longest;
    }
    ds_segmenter_free(seg);
    if (st == DS_OK) {
        ds_mfree(&t->alloc, t->scratch, t->scratch_n * TRAIN_SCRATCH * sizeof *t->scratch);
        t->scratch = ds_calloc(&t->alloc, longest * TRAIN_SCRATCH, sizeof *t->scratch);
        t->scratch_n = t->scratch != NULL ? longest : 0;
        t->has_units = t->scratch != NULL;
        st = t->has_units ? DS_OK : ds_fail_nomem(err);
    }
    if (st != DS_OK)
        forget_units(t);
    return st;
}

ds_status ds_trainer_begin(ds_trainer *t, size_t fold, size_t folds, ds_error *err)
{
    train_clear_model(t);
    if (t->line_count < 2 * (folds > 0 ? folds : 1))
        return ds_fail(err, DS_EINVAL, 0, 0, "%zu lines of gold are too few%s", t->line_count,
                       folds > 0 ? " for so many folds" : " to learn from");
    ds_status st = t->has_units ? DS_OK : take_lines(t, err);
    if (st != DS_OK)
        return st;
    t->hold_beg = folds > 0 ? t->line_count * fold / folds : 0;
    t->hold_end = folds > 0 ? t->line_count * (fold + 1) / folds : 0;
    if (train_find_features(t) != DS_OK) {
        train_clear_model(t);
        return ds_fail_nomem(err);
    }
    for (size_t p = 0; p < SEG_PLACES; p++)
        t->model.as_default[p].w[p] = 1; /* to begin with, the default mode is right */
    t->begun = true;
    return DS_OK;
}

ds_status ds_trainer_round(ds_trainer *t, ds_error *err)
{
    if (!t->begun)
        return ds_fail(err, DS_EINVAL, 0, 0, "no training has begun");
    t->model.rounds++;
    learn_shuffle(t->model.order, t->model.line_count, learn_seed(t->random, t->model.rounds));
    for (size_t i = 0; i < t->model.line_count; i++) {
        if (ds_stopped(&t->alloc))
            return ds_fail(err, DS_ELIMIT, 0, 0, "stopped");
        train_learn(t, &t->lines[t->model.order[i]]);
    }
    return DS_OK;
}

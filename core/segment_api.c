/*
 * segment_api.c - a segmenter's life and names, and its run over a text; see segment.h.
 *
 * A text is taken in windows: each is read, gets its forced words and its best path, and gives its tokens.  What lies
 * near the end of a window that ends inside a line is read again with the next one.
 */
#include <stdio.h>
#include <string.h>

#include "segment_model_int.h"
#include "segment_run_int.h"

static const char *const own_pos_names[SEG_POS_COUNT] = {"", "m", "t", "nx", "w", "nr", "x"};
/* The lexicon's tags that they are to their neighbours. */
static const char *const own_pos_like[SEG_POS_COUNT] = {"", "m", "t", "nz", "", "nr", "n"};

static const char *const class_names[DS_CLASS_COUNT] = {"han", "latin", "number", "money", "percent", "date",
                                                        "url", "emoji", "punct",  "space", "bad"};

const char *ds_class_name(ds_class cls)
{
    return (unsigned)cls < DS_CLASS_COUNT ? class_names[cls] : "";
}

void ds_tokens_init(ds_tokens *v, const ds_alloc *a)
{
    *v = (ds_tokens){.alloc = ds_alloc_or_libc(a)};
}

void ds_tokens_clear(ds_tokens *v)
{
    const ds_alloc *a = v->alloc;
    ds_mfree(a, v->items, v->cap * sizeof *v->items);
    ds_tokens_init(v, a);
}

/* Words that a style takes apart.  SEARCH keeps compounds, since it lists their parts anyway. */
static unsigned splits_of_style(ds_style style, ds_mode mode)
{
    if (mode == DS_MODE_SEARCH || mode == DS_MODE_FULL)
        return 0;
    return style == DS_STYLE_NEWS ? LEX_COMPOUND : LEX_COMPOUND | LEX_SUFFIXED | LEX_VERB_PREP;
}

ds_status ds_segmenter_new(const ds_alloc *a, const ds_lexicon *lex, const ds_userdict *user,
                           const ds_segment_options *options, ds_segmenter **out, ds_error *err)
{
    ds_segment_options o = options != NULL ? *options : (ds_segment_options){.style = DS_STYLE_NEWS};
    *out = NULL;
    if (o.mode == DS_MODE_ACCURATE && o.tagger == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "the mode `accurate` needs a tagger");
    if (o.mode == DS_MODE_TRAINED && o.model == NULL)
        return ds_fail(err, DS_EINVAL, 0, 0, "the mode `trained` needs a model");
    if (o.mode == DS_MODE_TRAINED && ds_segmodel_lexicon_crc(o.model) != ds_lexicon_crc(lex))
        return ds_fail(err, DS_EINVAL, 0, 0, "%s was trained with another dictionary than this one: train it again",
                       ds_segmodel_name(o.model));
    a = ds_alloc_or_libc(a);
    ds_segmenter *seg = ds_calloc(a, 1, sizeof *seg);
    if (seg == NULL)
        return ds_fail_nomem(err);
    seg->alloc = *a;
    seg->lex = lex;
    seg->user = user;
    seg->model = o.mode == DS_MODE_TRAINED ? o.model : NULL;
    seg->style = seg->model != NULL ? ds_segmodel_style(o.model) : o.style;
    seg->mode = o.mode;
    seg->splits = splits_of_style(seg->style, o.mode);
    if (o.mode == DS_MODE_ACCURATE) {
        seg->tagger = o.tagger;
        seg_tagset_init(o.tagger, &seg->tagset);
    }
    seg->pos_own = ds_lexicon_pos_count(lex);
    for (size_t i = 0; i < SEG_POS_COUNT; i++)
        seg->pos_like[i] = seg_tag_number(lex, ds_str_of(own_pos_like[i]));
    seg->pos_user = (uint16_t)(seg->pos_own + SEG_POS_COUNT);
    *out = seg;
    return DS_OK;
}

void ds_segmenter_free(ds_segmenter *seg)
{
    if (seg == NULL)
        return;
    ds_alloc a = seg->alloc;
    ds_mfree(&a, seg, sizeof *seg);
}

const char *ds_entity_name(unsigned entity)
{
    static const char *const names[] = {"", "PER", "LOC", "ORG", "TIME"};
    entity &= DS_ENTITY_TYPE;
    return entity < sizeof names / sizeof *names ? names[entity] : "";
}

void ds_segmenter_describe(const ds_segmenter *seg, ds_buf *out)
{
    static const char *const modes[] = {"default", "search", "full", "accurate", "trained"};
    static const char *const styles[] = {"news", "ud", "fine"};
    char line[160];
    int n = snprintf(line, sizeof line, "%s %s zh.dslex %08x", modes[seg->mode], styles[seg->style],
                     ds_lexicon_crc(seg->lex));
    ds_buf_put(out, line, (size_t)n);
    if (seg->tagger != NULL) {
        n = snprintf(line, sizeof line, " zh.dsnn %08x", ds_nn_crc(seg->tagger));
        ds_buf_put(out, line, (size_t)n);
    }
    if (seg->model != NULL) {
        n = snprintf(line, sizeof line, " %s %08x", ds_segmodel_name(seg->model), ds_segmodel_crc(seg->model));
        ds_buf_put(out, line, (size_t)n);
    }
    if (seg->user != NULL && ds_userdict_count(seg->user) > 0) {
        n = snprintf(line, sizeof line, " user %zu", ds_userdict_count(seg->user));
        ds_buf_put(out, line, (size_t)n);
    }
}

ds_str ds_segment_pos_name(const ds_segmenter *seg, uint16_t pos)
{
    if (pos < seg->pos_own)
        return ds_lexicon_pos_name(seg->lex, pos);
    if (pos < seg->pos_user)
        return ds_str_of(own_pos_names[pos - seg->pos_own]);
    return seg->user != NULL ? ds_userdict_pos_name(seg->user, (uint16_t)(pos - seg->pos_user)) : ds_str_of("");
}

uint64_t ds_segment_word_freq(const ds_segmenter *seg, int32_t word)
{
    return ds_lexicon_freq(seg->lex, word);
}

/* ---- the user's forced words ---- */

/* A word that begins or ends in an ASCII letter or digit does not cut a run of that kind. */
static bool cuts_run(const seg_text *t, size_t at)
{
    if (at == 0 || at >= t->n)
        return false;
    const seg_char *a = &t->c[at - 1], *b = &t->c[at];
    return a->ascii != 0 && b->ascii != 0 && a->kind == b->kind && (a->kind == SEG_LETTER || a->kind == SEG_DIGIT);
}

/* End of the longest forced word at `i`, or i. */
static size_t forced_end(const seg_run *r, size_t i)
{
    size_t end = i;
    int32_t node = 0;
    if (cuts_run(&r->t, i))
        return i;
    for (size_t k = i; k < r->t.n && r->t.c[k].cp != DS_UTF8_BAD; k++) {
        node = ds_userdict_step(r->user, node, r->t.c[k].cp);
        if (node == DS_TRIE_NONE)
            break;
        const ds_userword *w = ds_userdict_word(r->user, node);
        if (w != NULL && w->forced && !cuts_run(&r->t, k + 1))
            end = k + 1;
    }
    return end;
}

static void find_forced(seg_run *r)
{
    memset(r->forced, 0, (r->t.n + 1) * sizeof *r->forced);
    if (r->user == NULL || !ds_userdict_forces(r->user))
        return;
    for (size_t i = 0; i < r->t.n;) {
        size_t end = forced_end(r, i);
        if (end > i)
            r->forced[i] = (uint32_t)end;
        i = end > i ? end : i + 1;
    }
}

/* ---- the run over a text ---- */

/* ACCURATE mode: what the tagger says of the window, whose first character is number `at` of the text. */
static ds_status mark_window(seg_run *r, size_t at)
{
    ds_status st = r->joins != NULL ? seg_marks_cover(&r->marked, at, r->t.n, &r->marks) : DS_OK;
    if (st == DS_OK && r->joins != NULL)
        seg_join_costs(r->marks, r->t.n, r->joins);
    return st;
}

static ds_status segment_text(seg_run *r, ds_str text, ds_tokens *out)
{
    for (size_t off = 0, at = 0; off < text.n;) {
        if (ds_stopped(&r->seg->alloc))
            return DS_ELIMIT;
        size_t n = seg_read(r->lex, text, off, r->chars, r->cap), done = n;
        r->t = (seg_text){r->chars, n};
        if (mark_window(r, at) != DS_OK)
            return DS_ENOMEM;
        find_forced(r);
        if (r->matches != NULL)
            memset(r->matches, 0, n + 1);
        seg_find_path(r);
        seg_path path = {r->seg->lex, r->t, r->cells, r->forced, r->matches, r->ends};
        ds_status st = r->observer.fn != NULL ? r->observer.fn(r->observer.ud, &path) : DS_OK;
        if (st != DS_OK)
            return st;
        /* A window that ends inside a line decides only what lies well before its end. */
        bool whole = r->chars[n - 1].kind == SEG_LF || r->chars[n].off == text.n;
        if (out != NULL && seg_put_tokens(r, whole ? n : n - SEG_MARGIN, out, &done) != DS_OK)
            return DS_ENOMEM;
        off = r->chars[done].off;
        at += done;
    }
    if (out != NULL && !r->untagged)
        seg_tags_end(r->seg->lex, &r->tags, out);
    return DS_OK;
}

/* ACCURATE mode: what the window needs for the marks of `text`. */
static bool new_marks(seg_run *r, size_t cap, ds_str text)
{
    const ds_segmenter *seg = r->seg;
    r->joins = ds_malloc(&seg->alloc, cap * sizeof *r->joins);
    return r->joins != NULL && seg_marks_init(&r->marked, seg->tagger, &seg->alloc, text) == DS_OK;
}

/* TRAINED mode: has the model see each path; not when somebody else does, or when candidates are wanted. */
static bool new_model(seg_run *r, size_t cap)
{
    const ds_segmenter *seg = r->seg;
    if (seg->model == NULL || r->observer.fn != NULL || r->trace != NULL)
        return true;
    if (seg_applied_new(&seg->alloc, seg->model, cap, &r->applied) != DS_OK)
        return false;
    r->observer = (seg_observer){seg_apply, r->applied};
    return true;
}

/* Memory for a window of `cap` characters; false when there is not enough, and free_window frees what there was. */
static bool new_window(seg_run *r, size_t cap, ds_str text)
{
    const ds_segmenter *seg = r->seg;
    r->chars = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->chars);
    r->cells = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->cells);
    r->forced = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->forced);
    if (r->chars == NULL || r->cells == NULL || r->forced == NULL || !new_model(r, cap))
        return false;
    if (seg->tagger != NULL && !new_marks(r, cap, text))
        return false;
    if (r->observer.fn == NULL)
        return true;
    r->matches = ds_malloc(&seg->alloc, cap + 1);
    r->ends = ds_malloc(&seg->alloc, (cap + 1) * sizeof *r->ends);
    return r->matches != NULL && r->ends != NULL;
}

static void free_window(seg_run *r, size_t cap)
{
    const ds_alloc *a = &r->seg->alloc;
    if (r->marked.nn != NULL)
        seg_marks_clear(&r->marked);
    ds_mfree(a, r->joins, cap * sizeof *r->joins);
    ds_mfree(a, r->chars, (cap + 1) * sizeof *r->chars);
    ds_mfree(a, r->cells, (cap + 1) * sizeof *r->cells);
    ds_mfree(a, r->forced, (cap + 1) * sizeof *r->forced);
    ds_mfree(a, r->matches, cap + 1);
    ds_mfree(a, r->ends, (cap + 1) * sizeof *r->ends);
    seg_applied_free(r->applied);
}

/* Segments with a window of its own; `out` may be NULL when only the trace is wanted. */
static ds_status run_segmenter(seg_run *r, ds_str text, ds_tokens *out, ds_error *err)
{
    const ds_segmenter *seg = r->seg;
    if (text.n > UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, UINT32_MAX, 0, "text is longer than 4 GiB: segment it in parts");
    if (text.n == 0)
        return DS_OK;
    size_t cap = text.n < DS_SEGMENT_WINDOW ? text.n : DS_SEGMENT_WINDOW;
    r->cap = cap;
    r->lex = lex_tables_of(seg->lex);
    if (seg->user != NULL && ds_userdict_count(seg->user) + ds_userdict_bans(seg->user) > 0)
        r->user = seg->user;
    r->bans = r->user != NULL && ds_userdict_bans(r->user) > 0;
    ds_status st = DS_ENOMEM;
    if (new_window(r, cap, text))
        st = segment_text(r, text, out);
    free_window(r, cap);
    if (st == DS_ELIMIT)
        return ds_fail(err, st, 0, 0, "stopped");
    return st == DS_OK ? DS_OK : ds_fail_nomem(err);
}

static ds_status segment_all(seg_run *r, ds_str text, ds_tokens *out, ds_error *err)
{
    size_t before = out->count;
    ds_status st = run_segmenter(r, text, out, err);
    if (st != DS_OK)
        out->count = before;
    return st;
}

ds_status ds_segment(const ds_segmenter *seg, ds_str text, ds_tokens *out, ds_error *err)
{
    seg_run r = {.seg = seg};
    return segment_all(&r, text, out, err);
}

ds_status ds_segment_untagged(const ds_segmenter *seg, ds_str text, ds_tokens *out, ds_error *err)
{
    seg_run r = {.seg = seg, .untagged = true};
    return segment_all(&r, text, out, err);
}

ds_status ds_segment_candidates(const ds_segmenter *seg, ds_str text, void (*fn)(void *ud, const ds_candidate *c),
                                void *ud, ds_error *err)
{
    seg_run r = {.seg = seg, .trace = fn, .trace_ud = ud};
    return run_segmenter(&r, text, NULL, err);
}

ds_status seg_observe(const ds_segmenter *seg, ds_str text, seg_observer observer, ds_error *err)
{
    seg_run r = {.seg = seg, .observer = observer};
    return run_segmenter(&r, text, NULL, err);
}

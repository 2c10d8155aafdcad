/* textview.c - see textview.h. */
#include "textview.h"

#define UNASKED SIZE_MAX /* a number that has not been computed */

struct ds_text {
    ds_alloc alloc;
    ds_str s;
    size_t count, gcount;
    size_t *before; /* before[b]: code points that start before byte b * DS_TEXT_BLOCK; NULL until wanted */
    ds_spans sentences, paragraphs;
    bool has_sentences, has_paragraphs;
};

ds_status ds_text_new(const ds_alloc *a, ds_str s, ds_text **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_text *t = ds_malloc(a, sizeof *t);
    if (t == NULL)
        return ds_fail_nomem(err);
    *t = (ds_text){.alloc = *a, .s = s, .count = UNASKED, .gcount = UNASKED};
    ds_spans_init(&t->sentences, &t->alloc);
    ds_spans_init(&t->paragraphs, &t->alloc);
    *out = t;
    return DS_OK;
}

static size_t block_count(const ds_text *t)
{
    return t->s.n / DS_TEXT_BLOCK + 1;
}

void ds_text_free(ds_text *t)
{
    if (t == NULL)
        return;
    ds_alloc a = t->alloc;
    ds_mfree(&a, t->before, block_count(t) * sizeof *t->before);
    ds_spans_clear(&t->sentences);
    ds_spans_clear(&t->paragraphs);
    ds_mfree(&a, t, sizeof *t);
}

ds_str ds_text_str(const ds_text *t)
{
    return t->s;
}

size_t ds_text_memory(const ds_text *t)
{
    size_t spans = t->sentences.cap + t->paragraphs.cap, blocks = t->before != NULL ? block_count(t) : 0;
    return sizeof *t + blocks * sizeof *t->before + spans * sizeof(ds_span);
}

/* ------------------------------------------------------------------ code points */

/* Cutting a text where a code point or ill-formed subpart starts changes neither part, so numbers add up. */
static size_t count_between(const ds_text *t, size_t beg, size_t end)
{
    return ds_utf8_count((ds_str){t->s.p + beg, end - beg});
}

/* The first start at or behind byte `at` <= s.n. */
static size_t first_start(const ds_text *t, size_t at)
{
    uint32_t cp;
    if (at == 0 || at == t->s.n)
        return at;
    size_t start = ds_utf8_prev(t->s, at + 1);
    return start == at ? at : start + ds_utf8_decode(t->s.p + start, t->s.n - start, &cp);
}

/* Fills before[] and count, unless they are there or there is no memory. */
static void build_index(ds_text *t)
{
    if (t->before != NULL || t->s.n < DS_TEXT_BLOCK)
        return;
    t->before = ds_calloc(&t->alloc, block_count(t), sizeof *t->before);
    if (t->before == NULL)
        return;
    size_t start = 0, count = 0;
    for (size_t b = 1; b < block_count(t); b++) {
        size_t next = first_start(t, b * DS_TEXT_BLOCK);
        count += count_between(t, start, next);
        t->before[b] = count;
        start = next;
    }
    t->count = count + count_between(t, start, t->s.n);
}

size_t ds_text_count(ds_text *t)
{
    if (t->count == UNASKED)
        t->count = ds_utf8_count(t->s);
    return t->count;
}

/* The last block that begins with code point k or one before it. */
static size_t block_of_cp(const ds_text *t, size_t k)
{
    size_t lo = 0, hi = t->before != NULL ? block_count(t) : 1;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->before[mid] <= k)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static size_t block_before(const ds_text *t, size_t b)
{
    return b > 0 ? t->before[b] : 0;
}

size_t ds_text_offset(ds_text *t, size_t k)
{
    build_index(t);
    size_t b = block_of_cp(t, k), beg = first_start(t, b * DS_TEXT_BLOCK);
    if (beg == t->s.n)
        return beg;
    return beg + ds_utf8_offset((ds_str){t->s.p + beg, t->s.n - beg}, k - block_before(t, b));
}

size_t ds_text_cp(ds_text *t, size_t off)
{
    if (off >= t->s.n)
        return ds_text_count(t);
    build_index(t);
    size_t start = ds_utf8_prev(t->s, off + 1), b = t->before != NULL ? start / DS_TEXT_BLOCK : 0;
    return block_before(t, b) + count_between(t, first_start(t, b * DS_TEXT_BLOCK), start);
}

/* ------------------------------------------------------------------ graphemes, sentences, paragraphs */

size_t ds_text_gcount(ds_text *t)
{
    if (t->gcount == UNASKED)
        t->gcount = ds_utf8_gcount(t->s);
    return t->gcount;
}

ds_status ds_text_sentences(ds_text *t, const ds_spans **out, ds_error *err)
{
    *out = NULL;
    if (!t->has_sentences) {
        ds_status status = ds_span_sentences(t->s, &t->sentences, err);
        if (status != DS_OK)
            return status;
        t->has_sentences = true;
    }
    *out = &t->sentences;
    return DS_OK;
}

ds_status ds_text_paragraphs(ds_text *t, const ds_spans **out, ds_error *err)
{
    *out = NULL;
    if (!t->has_paragraphs) {
        ds_status status = ds_span_paragraphs(t->s, &t->paragraphs, err);
        if (status != DS_OK)
            return status;
        t->has_paragraphs = true;
    }
    *out = &t->paragraphs;
    return DS_OK;
}

size_t ds_text_span_at(const ds_spans *spans, size_t off)
{
    size_t lo = 0, hi = spans->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (spans->items[mid].end > off)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

ds_status ds_text_prepare(ds_text *t, ds_error *err)
{
    const ds_spans *spans;
    ds_status status = ds_text_sentences(t, &spans, err);
    if (status == DS_OK)
        status = ds_text_paragraphs(t, &spans, err);
    if (status != DS_OK)
        return status;
    build_index(t);
    if (t->before == NULL && t->s.n >= DS_TEXT_BLOCK)
        return ds_fail_nomem(err);
    ds_text_count(t);
    ds_text_gcount(t);
    return DS_OK;
}

/*
 * span.h - paragraphs, sentences and quotations of a text, in one pass each.
 *
 * Paragraph   a line (ends: LF, CR LF, CR, U+2028, U+2029) with something on it besides white
 *             space; leading and trailing white space (ideographic included) is left out.
 * Sentence    part of a paragraph that ends at 。！？!?… or the like, closing quotes and
 *             brackets kept with it; a paragraph's end ends it too.  Full stops inside numbers,
 *             URLs, abbreviations, list marks (1. 2. ①) and runs of dots do not split.
 * Quotation   text between paired marks “” ‘’ 「」 『』 " ' (ASCII, and full-width ＂), nested
 *             ones too, within one paragraph.  Unclosed marks are recovered: the quotation ends with the
 *             paragraph, and `closed` is false.  Apostrophes (don't, '90s) are not quotes.
 *
 * Memory   results are appended to a ds_spans the caller owns; ds_spans_clear frees it.
 * Units    byte offsets from 0, half-open.  Ill-formed UTF-8 is ordinary text.
 * Errors   DS_ENOMEM.
 * Cost     linear time for any input.
 */
#ifndef DS_SPAN_H
#define DS_SPAN_H

#include "utf8.h"

typedef struct ds_span {
    size_t beg, end;
} ds_span;

typedef struct ds_spans {
    const ds_alloc *alloc;
    ds_span *items;
    size_t count, cap;
} ds_spans;

void ds_spans_init(ds_spans *v, const ds_alloc *a);
void ds_spans_clear(ds_spans *v); /* frees; may be used again */

DS_MUSTUSE ds_status ds_span_paragraphs(ds_str text, ds_spans *out, ds_error *err);
DS_MUSTUSE ds_status ds_span_sentences(ds_str text, ds_spans *out, ds_error *err);

typedef struct ds_quotation {
    ds_span outer;    /* with its marks */
    ds_span inner;    /* without them */
    uint32_t open;    /* code point of the opening mark */
    uint32_t depth;   /* 0 outermost, 1 inside another, ... */
    bool closed;
} ds_quotation;

typedef struct ds_quotations {
    const ds_alloc *alloc;
    ds_quotation *items; /* by outer.beg */
    size_t count, cap;
} ds_quotations;

void ds_quotations_init(ds_quotations *v, const ds_alloc *a);
void ds_quotations_clear(ds_quotations *v);
DS_MUSTUSE ds_status ds_span_quotations(ds_str text, ds_quotations *out, ds_error *err);

#endif

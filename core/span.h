/*
 * span.h - paragraphs, sentences and quotations of a text, in one pass each.
 *
 * Paragraph   a line (ends: LF, CR LF, CR, U+2028, U+2029) with something on it besides white
 *             space; leading and trailing white space (ideographic included) is left out.
 *             White space is Unicode's White_Space and the invisible U+200B and U+FEFF.
 * Sentence    part of a paragraph that ends at 。！？!? or the like, closing quotes and brackets
 *             kept with it; a paragraph's end ends it too.  Together the sentences hold every
 *             character of the paragraph but white space, once.
 *             - A mark inside a quotation splits as well: 他说：“好。”她走了。 has two.
 *             - No split before a comma, colon or the like (“真的？”，); between closing marks and
 *               a particle (“不值！”的喊声); inside a book title; behind a bracket or title that
 *               ends with a question or exclamation (（！）, 《为什么？》); in the middle of Latin
 *               words and URLs (Yahoo!, ?x=1).
 *             - An ellipsis (……, ⋯⋯, ...) by itself does not split: in running text it marks a pause
 *               or an omission far more often than an end.  It does with its paragraph, and
 *               where closing marks and then a blank or an opening mark follow it.
 *             - The Latin full stop splits before white space and then a capital, an ideograph or
 *               an opening mark, but not in numbers, after abbreviations, initials and list
 *               marks (1. 2.).  ； does not split.
 * Quotation   text between paired marks “” ‘’ 「」 『』 " ' (also ｢｣ ﹁﹂ ﹃﹄ ＂ ＇), nested ones too,
 *             within one paragraph.  A wrong mark of the same kind closes ("…”) or opens (”…”)
 *             where nothing else makes sense.  Unclosed marks are recovered: the quotation ends with
 *             the one around it or with the paragraph, and `closed` is false.  Apostrophes
 *             (don't, '90s) and inch marks are not quotes.  Quotations nested deeper than
 *             DS_SPAN_MAX_DEPTH are text of the one around them.
 *
 * Memory   results are appended to a ds_spans the caller owns; ds_spans_clear frees it.
 * Units    byte offsets from 0, half-open.  Ill-formed UTF-8 is ordinary text.
 * Errors   DS_ENOMEM; the results are then as they were before the call.
 * Cost     linear time for any input.
 */
#ifndef DS_SPAN_H
#define DS_SPAN_H

#include "utf8.h"

#ifndef DS_SPAN_MAX_DEPTH
#define DS_SPAN_MAX_DEPTH 64
#endif

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

/*
 * textview.h - a view of one text that answers by code points, graphemes and sentences without scanning it anew.
 *
 * Life     ds_text_new -> any questions -> ds_text_free.  What a question needs is computed when it is first asked,
 *          then kept.
 * Memory   ds_text_new borrows the text, which must stay as it is until ds_text_free.  The index of offsets takes 8 bytes
 *          for every DS_TEXT_BLOCK bytes of text (1.6 %), a sentence or paragraph 16 bytes.  The index is a cache:
 *          where there is no memory for it, answers are as right and take a linear scan.
 * Units    off: bytes from 0; k: code points from 0.  Ill-formed UTF-8 is cut as utf8.h says.
 * Errors   DS_ENOMEM for the tables of spans; all else cannot fail.
 * Threads  one at a time, until ds_text_prepare has returned DS_OK: from then on the view never changes.
 * Cost     the first question: one pass.  Then ds_text_count, _gcount: O(1); ds_text_offset: O(log n);
 *          ds_text_cp: O(1), one block of text at most; ds_text_span_at: O(log spans).
 */
#ifndef DS_TEXTVIEW_H
#define DS_TEXTVIEW_H

#include "span.h"

#ifndef DS_TEXT_BLOCK
#define DS_TEXT_BLOCK 512 /* bytes of text for each entry of the index */
#endif

typedef struct ds_text ds_text;

/* Views `s`.  `err` may be NULL.  Free with ds_text_free. */
DS_MUSTUSE ds_status ds_text_new(const ds_alloc *a, ds_str s, ds_text **out, ds_error *err);
/* Frees the view, not the text; NULL is fine. */
void ds_text_free(ds_text *t);

/* Computes everything now. */
DS_MUSTUSE ds_status ds_text_prepare(ds_text *t, ds_error *err);

/* The text itself. */
ds_str ds_text_str(const ds_text *t);
/* Number of code points, of grapheme clusters. */
size_t ds_text_count(ds_text *t);
size_t ds_text_gcount(ds_text *t);

/* Where code point k starts; the text's length when there are k or fewer. */
size_t ds_text_offset(ds_text *t, size_t k);
/* Which code point the byte at `off` belongs to; their number when `off` is at or behind the end. */
size_t ds_text_cp(ds_text *t, size_t off);

/* The tables of sentences and paragraphs, as span.h finds them: *out lives as long as the view. */
DS_MUSTUSE ds_status ds_text_sentences(ds_text *t, const ds_spans **out, ds_error *err);
DS_MUSTUSE ds_status ds_text_paragraphs(ds_text *t, const ds_spans **out, ds_error *err);
/* The first span of such a table that ends behind `off`: the one that holds it, or else the next one; their number
 * when there is none. */
size_t ds_text_span_at(const ds_spans *spans, size_t off);

/* Bytes that the view itself has allocated. */
size_t ds_text_memory(const ds_text *t);

#endif

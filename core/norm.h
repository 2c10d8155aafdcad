/*
 * norm.h - Unicode normalisation: NFC, NFD, NFKC, NFKD (UAX #15, Unicode 15.0).
 *
 * Memory   the result goes to a buffer that the caller owns.  Besides, a stretch that changes takes
 *          4 bytes (with many marks on one letter, 8) for each of its code points, for the time of the call.
 * Units    bytes; the map leads from the result's offsets to those of the input.
 * Errors   DS_ENOMEM; what was appended is taken back.  Ill-formed UTF-8 passes unchanged, and nothing
 *          is ordered or composed across it.
 * Cost     linear, whatever the input.  Text that is normal already is scanned by blocks and copied.
 *          One character may become up to eleven times as many bytes (U+FDFA under NFKC).
 * Threads  Pure functions over constant tables, generated from the Unicode character database.
 */
#ifndef DS_NORM_H
#define DS_NORM_H

#include "offmap.h"
#include "utf8.h"

typedef enum ds_norm_form {
    DS_NORM_NFC,  /* canonical, composed: the form to store */
    DS_NORM_NFD,  /* canonical, decomposed */
    DS_NORM_NFKC, /* compatibility, composed: full width to ASCII, half-width Katakana to full, ... */
    DS_NORM_NFKD  /* compatibility, decomposed */
} ds_norm_form;
#define DS_NORM_FORMS 4

/* Appends `in`, normalised, to `out`; `map` may be NULL, else it is appended to as well (both must
 * start empty or be in step).  The inputs of several calls are laid end to end as they are: the end of
 * one and the start of the next are not composed.  Characters that change together are one atom. */
DS_MUSTUSE ds_status ds_norm(ds_str in, ds_norm_form form, ds_buf *out, ds_offmap *map, ds_error *err);

/* True: `s` is in this form, so ds_norm would copy it.  False: it may be or not.  No allocation; a small part of
 * the cost of ds_norm.  False for text that is normal happens only where marks stand by themselves after
 * their letter. */
bool ds_norm_quick(ds_str s, ds_norm_form form);

#endif

/*
 * segment_model.h - a standard of words that was learned from somebody's own gold, for the mode TRAINED.
 *
 * The model scores for every character whether it begins, continues, ends or is a word, by the characters around it, the
 * dictionary's words there, the words of the gold, and what the default mode makes of the place; the best way through a
 * line wins (a linear chain over the tags B M E S: Lafferty, McCallum and Pereira 2001, for this task Peng, Feng and
 * McCallum 2004).  core/train.h makes models.
 *
 * Life     image (one byte string) -> ds_segmodel_view, or from a file with ds_segmodel_open -> segmenters -> free.
 *          An open model never changes: any number of threads may use it.
 * Memory   ds_segmodel_view borrows `image`; ds_segmodel_open maps the file read-only and unmaps it on free.
 * Errors   DS_EFORMAT: cut short, damaged (a checksum over every byte), or of another version; err->off says where.
 *          DS_EIO.  DS_ENOMEM.  On failure *out is NULL.  Look-ups cannot fail.
 * Cost     open: one pass over the file.
 * Format   doc/FORMAT.md, "Trained segmenter".
 */
#ifndef DS_SEGMENT_MODEL_H
#define DS_SEGMENT_MODEL_H

#include "segment.h"

#define DS_SEGMODEL_MAGIC "dssegmod"
#define DS_SEGMODEL_VERSION 1u

/* `name` is what ds_segmodel_name gives back, cut to 63 bytes; it is copied. */
DS_MUSTUSE ds_status ds_segmodel_view(const ds_alloc *a, ds_str image, const char *name, ds_segmodel **out, ds_error *err);
/* The name is the last part of `path`. */
DS_MUSTUSE ds_status ds_segmodel_open(const ds_alloc *a, const char *path, ds_segmodel **out, ds_error *err);
void ds_segmodel_free(ds_segmodel *m);

const char *ds_segmodel_name(const ds_segmodel *m);
/* Checksum of the whole file. */
uint32_t ds_segmodel_crc(const ds_segmodel *m);
/* The style whose words the gold's are nearest to: the model corrects those. */
ds_style ds_segmodel_style(const ds_segmodel *m);
/* ds_lexicon_crc of the lexicon that it was trained with; with another it cannot be used. */
uint32_t ds_segmodel_lexicon_crc(const ds_segmodel *m);

#endif

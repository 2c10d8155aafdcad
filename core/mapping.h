/*
 * mapping.h - whole files mapped read-only, for images that are read in place.
 *
 * Memory   pages of the file, shared with every process that maps it; nothing from an allocator.
 * Errors   DS_EIO: the file cannot be opened, is empty or cannot be mapped; the message names it.
 * Threads  any.
 */
#ifndef DS_MAPPING_H
#define DS_MAPPING_H

#include "alloc.h"

/* Maps the file at `path`; *out views all of it until ds_mapping_close. */
DS_MUSTUSE ds_status ds_mapping_open(const char *path, ds_str *out, ds_error *err);
void ds_mapping_close(ds_str mapping);

#endif

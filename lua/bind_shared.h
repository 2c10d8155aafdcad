/*
 * bind_shared.h - the compiled lexicon, opened once for all Lua states of the process.
 *
 * An open lexicon never changes, so that any number of threads may read it (lexicon.h).  It is known by its file
 * (device, number, size, time of change), not only by its path: a file that was replaced is opened anew.
 */
#ifndef DS_BIND_SHARED_H
#define DS_BIND_SHARED_H

#include "lexicon.h"

/* Opens the lexicon at `path`, or counts one user more of it.  Errors as ds_lexicon_open. */
DS_MUSTUSE ds_status dsL_share_lexicon(const char *path, ds_lexicon **out, ds_error *err);
/* One user less; the last one frees it.  NULL is none. */
void dsL_unshare_lexicon(ds_lexicon *lex);

#endif

/*
 * bind_segment.h - the segmenter behind a Lua object, for other bindings.
 */
#ifndef DS_BIND_SEGMENT_H
#define DS_BIND_SEGMENT_H

#include "bind.h"
#include "segment.h"

/* Pushes the compiled lexicon of `path`, opened once per Lua state; false: the reason is in *err and nothing is pushed.
 * [-0, +1, m] */
bool dsL_pushlexicon(lua_State *L, const char *path, ds_error *err);
/* That lexicon at `arg`; lives as long as that object.  [-0, +0, -] */
const ds_lexicon *dsL_tolexicon(lua_State *L, int arg);
/* The open ds.segmenter at `arg`; lives as long as that object.  [-0, +0, e] */
const ds_segmenter *dsL_checksegmenter(lua_State *L, int arg);

/* Pushes a ds.tokens without tokens, for the caller to fill: `owner` (at stack index `keep`) names the parts of speech
 * through `pos_name`; `text` is the index of the string that the tokens lie in.  [-0, +1, m] */
ds_tokens *dsL_newtokens(lua_State *L, int keep, int text, const void *owner,
                         ds_str (*pos_name)(const void *owner, uint16_t pos));

#endif

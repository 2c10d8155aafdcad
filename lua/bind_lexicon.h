/*
 * bind_lexicon.h - what a segmenter reads from files, for bindings: compiled lexicons and taggers.
 *
 * Each is kept in the registry under its path.  A lexicon is opened once for all Lua states of the process
 * (bind_shared.h), a tagger once per state.
 */
#ifndef DS_BIND_LEXICON_H
#define DS_BIND_LEXICON_H

#include "bind.h"
#include "lexicon.h"
#include "nn.h"

/* Pushes the compiled lexicon of `path`; false: the reason is in *err and nothing is pushed.  [-0, +1, m] */
bool dsL_pushlexicon(lua_State *L, const char *path, ds_error *err);
/* That lexicon at `arg`; lives as long as that object.  [-0, +0, -] */
const ds_lexicon *dsL_tolexicon(lua_State *L, int arg);

/* Pushes the tagger of `path`; false: the reason is in *err and nothing is pushed.  [-0, +1, m] */
bool dsL_pushtagger(lua_State *L, const char *path, ds_error *err);
/* That tagger at `arg`; lives as long as that object.  [-0, +0, -] */
const ds_nn *dsL_totagger(lua_State *L, int arg);

/* A lua_CFunction: verify(path) --> number of words, source | nil, message, detail: the full checksum pass over a
 * compiled lexicon. */
int dsL_verifylexicon(lua_State *L);

/* Makes the classes known.  [-0, +0, m] */
void dsL_open_lexicon(lua_State *L);

#endif

/*
 * bind_tokens.h - ds.tokens, the Lua object that holds the tokens of a string, for bindings that make them.
 */
#ifndef DS_BIND_TOKENS_H
#define DS_BIND_TOKENS_H

#include "bind.h"
#include "segment.h"

/* Pushes a ds.tokens without tokens, for the caller to fill: `owner` (at stack index `keep`) names the parts of speech
 * through `pos_name`; `text` is the index of the string that the tokens lie in.  [-0, +1, m] */
ds_tokens *dsL_newtokens(lua_State *L, int keep, int text, const void *owner,
                         ds_str (*pos_name)(const void *owner, uint16_t pos));

/* A lua_CFunction: each(tokens) --> iterator over records. */
int dsL_eachtoken(lua_State *L);

/* Makes the class known.  [-0, +0, m] */
void dsL_open_tokens(lua_State *L);

#endif

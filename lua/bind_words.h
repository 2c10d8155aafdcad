/* bind_words.h - what bind_words.c and bind_places.c share: the segments of stores with the groups of their articles. */
#ifndef DS_BIND_WORDS_H
#define DS_BIND_WORDS_H

#include "bind_query.h"
#include "hits_words.h"

typedef struct words_input {
    ds_words_source source;
    const query_part *parts; /* of each segment */
} words_input;

/* The segments of the list of stores at `arg`, and fields `labels` and `groups` of the table at `opts`; it lives as long as
 * the userdata that it leaves on the stack.  false: an error, in *err.  [-0, +1, e] */
bool dsL_words_input(lua_State *L, int arg, int opts, words_input *in, ds_error *err);
/* The string of a row that has the article's id. */
ds_status dsL_words_id(const query_part *part, uint32_t doc, ds_str *id, ds_error *err);
/* What a failed call returns, or the error of the run's limit that has stopped it.  [-0, +3, e] */
int dsL_words_failed(lua_State *L, const ds_error *err);

/* bind_places.c */
int dsL_words_places(lua_State *L);
/* Its classes.  [-0, +0, m] */
void dsL_open_places(lua_State *L);

#endif

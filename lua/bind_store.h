/*
 * bind_store.h - an open store behind a Lua object, for other bindings.
 */
#ifndef DS_BIND_STORE_H
#define DS_BIND_STORE_H

#include "bind.h"
#include "store.h"

/* The open ds.stored at `arg`, and its reader; they live as long as that object is not closed.  [-0, +0, e] */
ds_store *dsL_checkstore(lua_State *L, int arg, ds_reader **reader);

/* Arguments arg, arg + 1 as segment and article of the store, from 1; raises when there is none such.  [-0, +0, e] */
ds_place dsL_checkplace(lua_State *L, int arg, const ds_store *store);
/* The class of writers, and the function that opens one (bind_writer.c).  [-0, +0, m], [-2, +1 | 3, e] */
void dsL_writer_class(lua_State *L);
int dsL_new_writer(lua_State *L);
/* The class of batches, and the function that makes one (bind_batch.c). */
void dsL_batch_class(lua_State *L);
int dsL_new_batch(lua_State *L);
/* What changes when the article does: its row, its text, or the ds_own_tokens that it brings, an array of bytes. */
uint64_t dsL_article_hash(ds_str row, ds_str text, ds_str own);

/* Appends a row of fields from the list of {name, value} at `arg`; raises for what a store cannot keep.  [-0, +0, e] */
void dsL_checkrow(lua_State *L, int arg, ds_buf *row);
/* Pushes the value that the bytes begin with, nil: they are damaged.  [-0, +1, m] */
void dsL_pushvalue(lua_State *L, ds_str value);
/* Pushes a row as a table.  [-0, +1, m] */
void dsL_pushrow(lua_State *L, ds_str row);

#endif

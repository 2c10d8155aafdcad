/*
 * bind_map.h - ds.map, the Lua object that leads from a text made by folding or normalising back to its original.
 *
 *   map:origin(i [, j])  -> from, to: the bytes of the original that bytes i to j (default i) stand for;
 *                           j = i - 1 gives the empty range at that place
 *   #map                 bytes of the text that was made
 *   map:close()
 *
 * A function that makes one lets core write into `text` and `map`, which the object owns from the start, then
 * returns dsL_returnmapped.
 */
#ifndef DS_BIND_MAP_H
#define DS_BIND_MAP_H

#include "bind.h"
#include "offmap.h"

typedef struct dsL_map {
    ds_alloc alloc;
    ds_offmap map;
    ds_buf text; /* only while the text is made, so that an error leaks nothing */
    bool closed;
} dsL_map;

/* Pushes a new one, empty.  [-0, +1, m] */
dsL_map *dsL_newmap(lua_State *L);
/* With the map on top: puts its text below it as a string, and returns 2.  [-0, +1, m] */
int dsL_returnmapped(lua_State *L, dsL_map *h);
/* Makes the class known.  [-0, +0, m] */
void dsL_open_map(lua_State *L);

#endif

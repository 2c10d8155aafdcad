/*
 * bind_segment.h - the segmenter behind a Lua object, for other bindings.
 */
#ifndef DS_BIND_SEGMENT_H
#define DS_BIND_SEGMENT_H

#include "bind.h"
#include "segment.h"

/* The open ds.segmenter at `arg`; lives as long as that object.  [-0, +0, e] */
const ds_segmenter *dsL_checksegmenter(lua_State *L, int arg);

#endif

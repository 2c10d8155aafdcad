/*
 * bind_stream.h - what bind_sys.c and bind_stream.c, the two halves of ds.c.sys, share.
 */
#ifndef DS_BIND_STREAM_H
#define DS_BIND_STREAM_H

#include <lua.h>

/* Registry key of a light userdata: the address of the host's volatile sig_atomic_t that SIGINT sets. */
#define DS_INTERRUPT_KEY "ds.interrupt"

/* Pushes nil, "NAME: reason", kind ("pipe": the reader of our output has gone, "missing": no such
 * file, "io": all else); returns 3.  [-0, +3, m] */
int dsL_sys_fail(lua_State *L, const char *name, int code);

/* After EINTR: raises "interrupted" when the host was asked to stop; otherwise the call is to be
 * repeated.  [-0, +0, e] */
void dsL_sys_interrupted(lua_State *L);

/* Adds lines, open_fd and open_atomic to the table on top.  [-0, +0, m] */
void dsL_sys_streams(lua_State *L);

#endif

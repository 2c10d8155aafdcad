/*
 * guard.h - which files a state may read once a plugin runs in it.
 *
 * A state reads what it likes until the guard is on; then only files that were allowed, and what lies below directories
 * that were.  A path below an allowed one that has no ".." in it is taken by its name, so links within a corpus are
 * followed as ever; any other is resolved first.
 */
#ifndef DS_GUARD_H
#define DS_GUARD_H

#include <lua.h>
#include <stdbool.h>

/* The file or directory, and what is below it, may be read.  [-0, +0, m] */
void dsL_guard_allow(lua_State *L, const char *path);
/* From now on nothing else may (true), or anything (false: the host itself reads).  [-0, +0, m] */
void dsL_guard_set(lua_State *L, bool on);
/* Whether path may be read; otherwise pushes nil, a message that says why, "refused".  [-0, +0 | 3, m] */
bool dsL_guard_allows(lua_State *L, const char *path);

#endif

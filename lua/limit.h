/*
 * limit.h - what a Lua state may use: time, memory, steps; and how it is stopped.
 *
 * State    Every state of dsrun has limits of its own, which its allocator carries; a state made by another program has
 *          none, and then all functions here do nothing or raise plain errors.  Nothing is shared by threads: a state
 *          belongs to the thread that has made it or called dsL_limits_attach.
 * Stopping A limit that is reached is remembered, and a hook raises an error at every instruction of the running
 *          coroutine from then on.  So what catches the error (pcall, a coroutine, __close) cannot go on, and it
 *          passes up to the host, the only one who can clear it (limits.call of bind_limits.c).  A loop in C asks by
 *          dsL_limits_poll.
 * Time     One timer a thread, whose signal (DSL_LIMITS_SIGNAL) goes to that thread; its handler sets the hook, so
 *          code under a limit runs at full speed until then.  The run is measured by the clock, an article by the
 *          processor time of the thread: a busy machine ends no article.
 * Memory   All that Lua and, through dsL_alloc, core allocate; mapped files are not counted.  Before the limit is taken
 *          as reached, garbage is collected.  An eighth more (at least 1 MiB) is given for the way up to the host.
 */
#ifndef DS_LIMITS_H
#define DS_LIMITS_H

#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DSL_LIMITS_SIGNAL SIGVTALRM

typedef enum dsL_limit {
    DSL_LIMIT_NONE,
    DSL_LIMIT_STEPS,   /* of one pattern match */
    DSL_LIMIT_ARTICLE, /* time of an article */
    DSL_LIMIT_MEMORY,
    DSL_LIMIT_RUN, /* time of the run */
    DSL_LIMIT_INTERRUPT
} dsL_limit;

typedef struct dsL_limits dsL_limits;

/* A new state with limits, none set; NULL when memory is short.  `interrupt` is what tells that the user wants to stop:
 * set it, then send DSL_LIMITS_SIGNAL to the thread, or call dsL_limits_wake in it. */
lua_State *dsL_limits_newstate(volatile sig_atomic_t *interrupt);
/* Closes the state and frees its limits. */
void dsL_limits_close(lua_State *L);
/* From now on the calling thread runs L. */
void dsL_limits_attach(lua_State *L);
/* The state's limits, or NULL.  [-0, +0, -] */
dsL_limits *dsL_limits_of(lua_State *L);
/* Looks whether time is up or the user wants to stop, for the state of this thread.  Async-signal-safe. */
void dsL_limits_wake(void);

/* Raises when a limit has been reached.  Cheap.  [-0, +0, e] */
void dsL_limits_poll(lua_State *L);
/* A limit is reached; raises.  [-0, +0, e] */
void dsL_limits_raise(lua_State *L, dsL_limit which);
/* Makes sure that `bytes` can be had, by collecting garbage, or raises.  For buffers of lauxlib, whose requests Lua
 * refuses without a collection.  [-0, +0, e] */
void dsL_limits_reserve(lua_State *L, size_t bytes);
/* Takes back a limit that was reached and returns it; the text of `where` stays until the next.  [-0, +0, -] */
dsL_limit dsL_limits_clear(lua_State *L);
/* Not 0 when one has been reached, for core (ds_alloc); NULL without limits.  [-0, +0, -] */
const volatile sig_atomic_t *dsL_limits_flag(lua_State *L);
/* Takes back an interrupt, too: a prompt goes on.  [-0, +0, -] */
void dsL_limits_forget(lua_State *L);
/* Which has been reached and not been cleared.  [-0, +0, -] */
dsL_limit dsL_limits_reached(lua_State *L);
/* When one has: lets the host's message handler work (true), or stops L again (false) - for what is closed while the
 * stack is unwound is the plugin's.  [-0, +0, -] */
void dsL_limits_hold(lua_State *L, bool hold);
/* Where Lua was then: a line a frame, innermost first, "source TAB line TAB line of its function TAB name" (0: the
 * file itself; the name may be empty). */
const char *dsL_limits_where(const dsL_limits *l);
/* Runs a coroutine as lua_resume does, and minds that it is the one to be stopped.  [as lua_resume] */
int dsL_limits_resume(lua_State *co, lua_State *from, int nargs, int *nresults);
/* Ends a coroutine as lua_resetthread does. */
int dsL_limits_reset(lua_State *co, lua_State *from);

/* Settings; 0 takes a limit away. */
void dsL_limits_set_run(dsL_limits *l, double seconds);     /* from now */
void dsL_limits_set_article(dsL_limits *l, double seconds); /* for each */
void dsL_limits_set_memory(dsL_limits *l, size_t bytes);
/* Seconds until the run is to end, at least a millisecond; 0: no limit. */
double dsL_limits_left(const dsL_limits *l);
/* An article begins or ends. */
void dsL_limits_article(dsL_limits *l, bool begins);
/* Bytes in use, and the limit. */
size_t dsL_limits_used(const dsL_limits *l);
size_t dsL_limits_memory(const dsL_limits *l);
/* The allocator for core and its user data; that of Lua itself in a state without limits. */
lua_Alloc dsL_limits_core_alloc(lua_State *L, void **ud);

#endif

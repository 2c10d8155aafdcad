/* limit.c - see limit.h. */
#define _GNU_SOURCE /* SIGEV_THREAD_ID, gettid */
#include "limit.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pool.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define FRAMES 12   /* noted when a limit is reached */
#define LEVELS 200  /* looked at for them */
#define WHERE_BYTES 2048
#define SLACK_LEAST (1u << 20)
#define SECOND INT64_C(1000000000)

struct dsL_limits {
    lua_State *volatile running; /* the coroutine that is */
    volatile sig_atomic_t *interrupt;
    volatile sig_atomic_t reached;
    /* time, in ns */
    volatile int64_t deadline;       /* of the run, on the monotonic clock; 0: none */
    volatile int64_t article_limit;  /* 0: none */
    volatile int64_t article_began;  /* on the clock of the thread */
    volatile sig_atomic_t in_article;
    volatile int64_t wake_at; /* when the timer goes off; 0: never */
    timer_t timer;
    bool has_timer;
    /* memory, in bytes */
    size_t used, cap;
    const void *refused; /* the request that was refused before garbage was collected; refused_size 0: none */
    size_t refused_size;
    char where[WHERE_BYTES];
    dsL_pool pool; /* of Lua's small objects */
};

static _Thread_local dsL_limits *volatile mine __attribute__((tls_model("initial-exec")));

static void *lua_alloc(void *ud, void *p, size_t osize, size_t nsize);

dsL_limits *dsL_limits_of(lua_State *L)
{
    void *ud;
    return lua_getallocf(L, &ud) == lua_alloc ? ud : NULL;
}

/* ------------------------------------------------------------------ stopping */

static const char *const messages[] = {
    [DSL_LIMIT_NONE] = "no limit",
    [DSL_LIMIT_STEPS] = "the pattern takes too many steps",
    [DSL_LIMIT_ARTICLE] = "the time limit of an article is reached",
    [DSL_LIMIT_MEMORY] = "the memory limit is reached",
    [DSL_LIMIT_RUN] = "the time limit is reached",
    [DSL_LIMIT_INTERRUPT] = "interrupted",
};

/* Notes the frames of L that are not the library's own, unless a coroutine within has done so.  Allocates nothing. */
static void note_where(dsL_limits *l, lua_State *L)
{
    lua_Debug ar;
    size_t at = strlen(l->where);
    int noted = 0;
    for (int level = 0; level < LEVELS && noted < FRAMES && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sln", &ar) || ar.currentline < 0 || strncmp(ar.source, "@ds/", 4) == 0)
            continue;
        int n = snprintf(l->where + at, WHERE_BYTES - at, "%s\t%d\t%d\t%.60s\n", ar.short_src, ar.currentline,
                         ar.linedefined, ar.name != NULL ? ar.name : "");
        if (n < 0 || (size_t)n >= WHERE_BYTES - at) {
            l->where[at] = '\0';
            return;
        }
        at += (size_t)n;
        noted++;
    }
}

static void on_instruction(lua_State *L, lua_Debug *ar);

static void stop_at_next(lua_State *L)
{
    lua_sethook(L, on_instruction, LUA_MASKCALL | LUA_MASKCOUNT, 1);
}

/* L may be another coroutine than the one that was running then. */
static void raise_reached(lua_State *L, dsL_limits *l)
{
    if (l->where[0] == '\0')
        note_where(l, L);
    stop_at_next(L);
    lua_pushstring(L, messages[l->reached]);
    lua_error(L);
}

static void on_instruction(lua_State *L, lua_Debug *ar)
{
    dsL_limits *l = dsL_limits_of(L);
    (void)ar;
    if (l != NULL && l->reached)
        raise_reached(L, l);
    lua_sethook(L, NULL, 0, 0); /* left over from a limit that has been cleared */
}

/* The next instruction of the running coroutine raises.  lua_sethook is made to be called by a signal's handler. */
static void reach(dsL_limits *l, dsL_limit which)
{
    if (!l->reached)
        l->where[0] = '\0';
    l->reached = (sig_atomic_t)which;
    stop_at_next(l->running);
}

void dsL_limits_hold(lua_State *L, bool hold)
{
    if (hold)
        lua_sethook(L, NULL, 0, 0);
    else
        stop_at_next(L);
}

void dsL_limits_poll(lua_State *L)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l != NULL && l->reached)
        raise_reached(L, l);
}

void dsL_limits_raise(lua_State *L, dsL_limit which)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l == NULL) {
        luaL_error(L, "%s", messages[which]);
        return;
    }
    reach(l, which);
    raise_reached(L, l);
}

const volatile sig_atomic_t *dsL_limits_flag(lua_State *L)
{
    const dsL_limits *l = dsL_limits_of(L);
    return l != NULL ? &l->reached : NULL;
}

dsL_limit dsL_limits_reached(lua_State *L)
{
    const dsL_limits *l = dsL_limits_of(L);
    return l != NULL ? (dsL_limit)l->reached : DSL_LIMIT_NONE;
}

const char *dsL_limits_where(const dsL_limits *l)
{
    return l->where;
}

/* ------------------------------------------------------------------ time */

static int64_t now_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/* Lets the timer go off at `at`, unless it will sooner. */
static void wake_by(dsL_limits *l, int64_t at)
{
    if (!l->has_timer || (l->wake_at != 0 && l->wake_at <= at))
        return;
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / SECOND), .tv_nsec = (long)(at % SECOND)}};
    l->wake_at = at;
    timer_settime(l->timer, TIMER_ABSTIME, &when, NULL);
}

/* Time that the article may still take; negative: none. */
static int64_t article_left(const dsL_limits *l)
{
    return l->article_limit - (now_of(CLOCK_THREAD_CPUTIME_ID) - l->article_began);
}

static void check_time(dsL_limits *l)
{
    int64_t now = now_of(CLOCK_MONOTONIC);
    l->wake_at = 0;
    if (l->deadline != 0) {
        if (now >= l->deadline) {
            reach(l, DSL_LIMIT_RUN);
            return;
        }
        wake_by(l, l->deadline);
    }
    if (l->article_limit != 0) {
        int64_t left = l->in_article ? article_left(l) : l->article_limit;
        if (left <= 0)
            reach(l, DSL_LIMIT_ARTICLE);
        else
            wake_by(l, now + left);
    }
}

void dsL_limits_wake(void)
{
    dsL_limits *l = mine;
    if (l == NULL)
        return;
    if (l->interrupt != NULL && *l->interrupt)
        reach(l, DSL_LIMIT_INTERRUPT);
    else if (!l->reached && l->has_timer)
        check_time(l);
}

static void on_signal(int sig)
{
    (void)sig;
    dsL_limits_wake();
}

/* No SA_RESTART: a read that waits must return. */
static void catch_signal(void)
{
    struct sigaction sa = {.sa_handler = on_signal};
    sigemptyset(&sa.sa_mask);
    sigaction(DSL_LIMITS_SIGNAL, &sa, NULL);
}

/* The timer whose signal goes to this thread. */
static void make_timer(dsL_limits *l)
{
    struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = DSL_LIMITS_SIGNAL};
    if (l->has_timer)
        return;
    ev.sigev_notify_thread_id = gettid();
    l->has_timer = timer_create(CLOCK_MONOTONIC, &ev, &l->timer) == 0;
}

static void drop_timer(dsL_limits *l)
{
    if (l->has_timer)
        timer_delete(l->timer);
    l->has_timer = false;
    l->wake_at = 0;
}

static int64_t nanoseconds(double seconds)
{
    return seconds <= 0 ? 0 : seconds > 1e9 ? SECOND * 1000000000 : (int64_t)(seconds * 1e9) + 1;
}

void dsL_limits_set_run(dsL_limits *l, double seconds)
{
    int64_t at = seconds > 0 ? now_of(CLOCK_MONOTONIC) + nanoseconds(seconds) : 0;
    l->deadline = at;
    if (at == 0)
        return;
    make_timer(l);
    wake_by(l, at);
}

double dsL_limits_left(const dsL_limits *l)
{
    if (l->deadline == 0)
        return 0;
    double left = (double)(l->deadline - now_of(CLOCK_MONOTONIC)) / (double)SECOND;
    return left > 1e-3 ? left : 1e-3;
}

void dsL_limits_set_article(dsL_limits *l, double seconds)
{
    l->article_limit = nanoseconds(seconds);
    if (l->article_limit == 0)
        return;
    make_timer(l);
    wake_by(l, now_of(CLOCK_MONOTONIC) + l->article_limit);
}

void dsL_limits_article(dsL_limits *l, bool begins)
{
    if (l->article_limit == 0)
        return;
    l->in_article = 0;
    if (!begins)
        return;
    l->article_began = now_of(CLOCK_THREAD_CPUTIME_ID);
    l->in_article = 1;
}

/* ------------------------------------------------------------------ memory */

static size_t slack(const dsL_limits *l)
{
    return l->cap / 8 > SLACK_LEAST ? l->cap / 8 : SLACK_LEAST;
}

/* The sum is `more` bytes beyond the cap: still within what is given on the way up? */
static bool within_slack(const dsL_limits *l, size_t more)
{
    size_t room = slack(l);
    return l->used <= l->cap + room && more <= l->cap + room - l->used;
}

static void memory_is_short(dsL_limits *l)
{
    if (l->reached)
        return;
    reach(l, DSL_LIMIT_MEMORY);
    note_where(l, l->running);
}

/* Lua wants more than the cap.  The first refusal makes it collect garbage and ask for the same again. */
static bool grant_lua(dsL_limits *l, const void *p, size_t osize, size_t nsize)
{
    if (!l->reached && nsize <= l->cap && (l->refused != p || l->refused_size != nsize)) {
        l->refused = p;
        l->refused_size = nsize;
        return false;
    }
    l->refused_size = 0;
    memory_is_short(l);
    return within_slack(l, nsize - osize);
}

static bool grant_core(dsL_limits *l, size_t more)
{
    if (l->reached)
        return false;
    if (within_slack(l, more))
        return true; /* whether it is garbage that takes the room is seen when Lua allocates next */
    lua_gc(l->running, LUA_GCCOLLECT);
    if (within_slack(l, more))
        return true;
    memory_is_short(l);
    return false;
}

static bool is_over(const dsL_limits *l, size_t osize, size_t nsize)
{
    return l->cap != 0 && nsize > osize && (l->used > l->cap || nsize - osize > l->cap - l->used);
}

/* q is what became of a block of osize bytes: keeps the sum.  Returns q. */
static void *counted(dsL_limits *l, void *q, size_t osize, size_t nsize)
{
    if (q != NULL || nsize == 0)
        l->used += nsize - osize;
    if (q != NULL && nsize > osize)
        l->refused_size = 0;
    return q;
}

static void *lua_alloc(void *ud, void *p, size_t osize, size_t nsize)
{
    dsL_limits *l = ud;
    if (p == NULL)
        osize = 0; /* it was the kind of object */
    if (is_over(l, osize, nsize) && !grant_lua(l, p, osize, nsize))
        return NULL;
    return counted(l, dsL_pool_resize(&l->pool, p, osize, nsize), osize, nsize);
}

static void *core_alloc(void *ud, void *p, size_t osize, size_t nsize)
{
    dsL_limits *l = ud;
    if (p == NULL)
        osize = 0;
    if (is_over(l, osize, nsize) && !grant_core(l, nsize - osize))
        return NULL;
    if (nsize == 0)
        free(p);
    return counted(l, nsize == 0 ? NULL : realloc(p, nsize), osize, nsize);
}

lua_Alloc dsL_limits_core_alloc(lua_State *L, void **ud)
{
    lua_Alloc fn = lua_getallocf(L, ud);
    return fn == lua_alloc ? core_alloc : fn;
}

void dsL_limits_reserve(lua_State *L, size_t bytes)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l == NULL || !is_over(l, 0, bytes))
        return;
    lua_gc(L, LUA_GCCOLLECT);
    if (!is_over(l, 0, bytes))
        return;
    memory_is_short(l);
    raise_reached(L, l);
}

void dsL_limits_set_memory(dsL_limits *l, size_t bytes)
{
    l->cap = bytes;
}

size_t dsL_limits_used(const dsL_limits *l)
{
    return l->used;
}

size_t dsL_limits_memory(const dsL_limits *l)
{
    return l->cap;
}

/* ------------------------------------------------------------------ states and coroutines */

dsL_limit dsL_limits_clear(lua_State *L)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l == NULL || !l->reached)
        return DSL_LIMIT_NONE;
    dsL_limit which = (dsL_limit)l->reached;
    if (which == DSL_LIMIT_INTERRUPT)
        return which; /* that is for good */
    if (which == DSL_LIMIT_RUN)
        l->deadline = 0;
    l->in_article = 0;
    l->reached = DSL_LIMIT_NONE;
    lua_sethook(L, NULL, 0, 0);
    if (l->has_timer)
        check_time(l); /* the signal may have come while nobody looked */
    return which;
}

void dsL_limits_forget(lua_State *L)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l == NULL || l->reached != DSL_LIMIT_INTERRUPT)
        return;
    if (l->interrupt != NULL)
        *l->interrupt = 0;
    l->reached = DSL_LIMIT_NONE;
    l->in_article = 0;
    lua_sethook(L, NULL, 0, 0);
}

int dsL_limits_resume(lua_State *co, lua_State *from, int nargs, int *nresults)
{
    dsL_limits *l = dsL_limits_of(from);
    if (l == NULL)
        return lua_resume(co, from, nargs, nresults);
    dsL_limits_poll(from);
    lua_State *before = l->running;
    l->running = co;
    int status = lua_resume(co, from, nargs, nresults);
    l->running = before;
    return status;
}

int dsL_limits_reset(lua_State *co, lua_State *from)
{
    dsL_limits *l = dsL_limits_of(from);
    if (l == NULL)
        return lua_resetthread(co);
    lua_State *before = l->running;
    l->running = co;
    int status = lua_resetthread(co);
    l->running = before;
    return status;
}

static int on_panic(lua_State *L)
{
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "dsrun: unprotected error: %s\n", message != NULL ? message : "not a string");
    return 0; /* abort */
}

lua_State *dsL_limits_newstate(volatile sig_atomic_t *interrupt)
{
    dsL_limits *l = calloc(1, sizeof *l);
    lua_State *L = l != NULL ? lua_newstate(lua_alloc, l) : NULL;
    if (L == NULL) {
        free(l);
        return NULL;
    }
    l->running = L;
    l->interrupt = interrupt;
    lua_atpanic(L, on_panic);
    catch_signal();
    dsL_limits_attach(L);
    return L;
}

void dsL_limits_attach(lua_State *L)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l == mine)
        return;
    if (l != NULL)
        drop_timer(l);
    mine = l;
    if (l != NULL && (l->deadline != 0 || l->article_limit != 0)) {
        make_timer(l);
        check_time(l);
    }
}

void dsL_limits_close(lua_State *L)
{
    dsL_limits *l = dsL_limits_of(L);
    if (l == NULL) {
        lua_close(L);
        return;
    }
    drop_timer(l);
    if (mine == l)
        mine = NULL;
    l->cap = 0;
    lua_close(L);
    dsL_pool_clear(&l->pool);
    free(l);
}

/*
 * bind_worker.c - ds.c.worker: threads with a Lua state each, that talk by messages.
 *
 *   pool = worker.open(n, module, init)   n threads; each opens ds and calls require(module).serve(port, init, i)
 *   pool:send(job [, bytes])  two strings, for whichever worker asks first; the second, which may be long, is copied once
 *   pool:finish()           no more jobs: port:receive() gives nil from now on
 *   pool:receive()          -> message, i | nil when every worker has ended and all was read; raises "interrupted", and
 *                           what a worker raised
 *   pool:due(n)             the part of job n is the next that is wanted
 *   pool:release(bytes)     so many bytes of messages sent with a number are done with
 *   worker.processors()     how many are online, at most 1024
 *   worker.count_lines(s)   -> how many "\n" s has, how many lines with something on them
 *   pool:close()            interrupts the workers and waits for them
 *   port:receive()          -> job [, bytes] | nil: there are no more
 *   port:send(message [, n])   raises "interrupted" once the pool is being closed; with the number of its job it waits while
 *                           WAITING_MOST bytes lie about, unless the job is the one that is due: so memory is bounded, and
 *                           whatever is waited for comes
 *
 * Nothing but strings goes from state to state, and they are copied.  Signals are the main thread's affair: workers
 * block all but that of limit.h, by which close() stops the Lua code that a worker runs and a worker's own timer its
 * plugin.
 */
#include <errno.h>
#include <lualib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"
#include "bind_stream.h"
#include "limit.h"

#define POOL_CLASS "ds.worker.pool"
#define PORT_CLASS "ds.worker.port"
#define BOX_CLASS "ds.worker.message"
#define WORKERS_MAX 1024
#define STACK_BYTES (8u << 20)
#define WAITING_MOST (24u << 20)
#define POLL_NS 50000000 /* how long an interrupt may go unseen by a thread that waits */

typedef struct message {
    struct message *next;
    int from; /* worker, from 1 */
    bool failure;
    size_t n, more; /* of the first string, and of the one behind it; more = SIZE_MAX: there is none */
    char p[];
} message;

typedef struct queue {
    message *first, **last;
} queue;

typedef struct pool pool;

typedef struct worker {
    pool *pool;
    pthread_t thread;
    int number;
    atomic_bool ended;
} worker;

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t jobs_changed, results_changed, room_changed;
    queue jobs, results;
    size_t waiting;       /* bytes of numbered messages that were not released */
    lua_Integer due;      /* job whose messages may always be sent */
    bool finished;        /* no more jobs will come */
    atomic_bool closing;
    volatile sig_atomic_t stop; /* the same, for the limits of the workers' states */
    size_t n, running;
    char *module, *init;
    size_t init_n;
    void *interrupt_flag; /* the host's, see DS_INTERRUPT_KEY */
    worker w[];
};

/* ------------------------------------------------------------------ queues, under the lock */

static void queue_init(queue *q)
{
    q->first = NULL;
    q->last = &q->first;
}

static void queue_put(queue *q, message *m)
{
    m->next = NULL;
    *q->last = m;
    q->last = &m->next;
}

static message *queue_take(queue *q)
{
    message *m = q->first;
    if (m == NULL)
        return NULL;
    q->first = m->next;
    if (q->first == NULL)
        q->last = &q->first;
    return m;
}

static void queue_clear(queue *q)
{
    for (message *m; (m = queue_take(q)) != NULL;)
        free(m);
}

static message *message_new(const char *p, size_t n, int from, bool failure)
{
    message *m = malloc(sizeof *m + n);
    if (m == NULL)
        return NULL;
    *m = (message){.from = from, .failure = failure, .n = n, .more = SIZE_MAX};
    if (n > 0)
        memcpy(m->p, p, n);
    return m;
}

static message *message_with(ds_str head, ds_str rest)
{
    size_t n;
    message *m = ds_add(head.n, rest.n, &n) && ds_add(n, sizeof *m, &n) ? malloc(n) : NULL;
    if (m == NULL)
        return NULL;
    *m = (message){.n = head.n, .more = rest.n};
    memcpy(m->p, head.p, head.n);
    memcpy(m->p + head.n, rest.p, rest.n);
    return m;
}

/* Waits on `cond`, a little at most. */
static void wait_a_little(pthread_cond_t *cond, pthread_mutex_t *lock)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += POLL_NS;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    pthread_cond_timedwait(cond, lock, &t);
}

/* ------------------------------------------------------------------ inside a worker */

static worker *port_of(lua_State *L)
{
    return *(worker **)luaL_checkudata(L, 1, PORT_CLASS);
}

/* [-0, +1, e] */
static int port_receive(lua_State *L)
{
    pool *p = port_of(L)->pool;
    message *m = NULL, **box = lua_newuserdatauv(L, sizeof *box, 0); /* frees the message when a string cannot be made */
    *box = NULL;
    luaL_setmetatable(L, BOX_CLASS);
    pthread_mutex_lock(&p->lock);
    while (!p->closing && (m = queue_take(&p->jobs)) == NULL && !p->finished)
        pthread_cond_wait(&p->jobs_changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
    if (p->closing) {
        free(m);
        return luaL_error(L, "interrupted");
    }
    if (m == NULL)
        return 0;
    *box = m;
    lua_pushlstring(L, m->p, m->n);
    bool two = m->more != SIZE_MAX;
    if (two)
        lua_pushlstring(L, m->p + m->n, m->more);
    free(m);
    *box = NULL;
    return two ? 2 : 1;
}

static int box_gc(lua_State *L)
{
    message **box = luaL_checkudata(L, 1, BOX_CLASS);
    free(*box);
    *box = NULL;
    return 0;
}

static const luaL_Reg box_meta[] = {{"__gc", box_gc}, {NULL, NULL}};

static bool put_result(worker *w, const char *p, size_t n, bool failure)
{
    message *m = message_new(p, n, w->number, failure);
    if (m == NULL)
        return false;
    pthread_mutex_lock(&w->pool->lock);
    queue_put(&w->pool->results, m);
    pthread_cond_signal(&w->pool->results_changed);
    pthread_mutex_unlock(&w->pool->lock);
    return true;
}

/* Waits until there is room for a message of job `number`. */
static void wait_for_room(pool *p, size_t n, lua_Integer number)
{
    pthread_mutex_lock(&p->lock);
    while (!p->closing && number > p->due && p->waiting + n > WAITING_MOST)
        pthread_cond_wait(&p->room_changed, &p->lock);
    p->waiting += n;
    pthread_mutex_unlock(&p->lock);
}

/* [-0, +0, e] */
static int port_send(lua_State *L)
{
    worker *w = port_of(L);
    ds_str s = dsL_checkstr(L, 2);
    if (!lua_isnoneornil(L, 3))
        wait_for_room(w->pool, s.n, luaL_checkinteger(L, 3));
    if (w->pool->closing)
        return luaL_error(L, "interrupted");
    if (!put_result(w, s.p, s.n, false))
        return luaL_error(L, "not enough memory");
    return 0;
}

static const luaL_Reg port_methods[] = {{"receive", port_receive}, {"send", port_send}, {NULL, NULL}};
static const luaL_Reg no_meta[] = {{NULL, NULL}};

static int with_traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* Protected; argument 1: the worker. */
static int serve(lua_State *L)
{
    worker *w = lua_touserdata(L, 1);
    pool *p = w->pool;
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    if (p->interrupt_flag != NULL) {
        lua_pushlightuserdata(L, p->interrupt_flag);
        lua_setfield(L, LUA_REGISTRYINDEX, DS_INTERRUPT_KEY);
    }
    luaL_requiref(L, "ds", luaopen_ds, 0);
    dsL_newclass(L, PORT_CLASS, port_methods, no_meta);
    dsL_newclass(L, BOX_CLASS, no_meta, box_meta);
    lua_getglobal(L, "require");
    lua_pushstring(L, p->module);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "serve");
    worker **port = lua_newuserdatauv(L, sizeof *port, 0);
    *port = w;
    luaL_setmetatable(L, PORT_CLASS);
    lua_pushlstring(L, p->init, p->init_n);
    lua_pushinteger(L, w->number);
    lua_call(L, 3, 0);
    return 0;
}

static void run_state(worker *w)
{
    lua_State *L = dsL_limits_newstate(&w->pool->stop);
    if (L == NULL) {
        put_result(w, "not enough memory", 17, true);
        return;
    }
    lua_pushcfunction(L, with_traceback);
    lua_pushcfunction(L, serve);
    lua_pushlightuserdata(L, w);
    int status = lua_pcall(L, 1, 0, 1);
    if (status != LUA_OK && !w->pool->closing) {
        size_t n;
        const char *text = lua_tolstring(L, -1, &n);
        put_result(w, text != NULL ? text : "not enough memory", text != NULL ? n : 17, true);
    }
    dsL_limits_close(L);
}

static void *thread_main(void *ud)
{
    worker *w = ud;
    run_state(w);
    pthread_mutex_lock(&w->pool->lock);
    w->ended = true;
    w->pool->running--;
    pthread_cond_signal(&w->pool->results_changed);
    pthread_mutex_unlock(&w->pool->lock);
    return NULL;
}

/* ------------------------------------------------------------------ the pool */

static pool **check_pool(lua_State *L)
{
    return luaL_checkudata(L, 1, POOL_CLASS);
}

static pool *live_pool(lua_State *L)
{
    pool *p = *check_pool(L);
    if (p == NULL)
        luaL_error(L, "attempt to use a closed " POOL_CLASS);
    return p;
}

static pool *pool_new(size_t n, ds_str module, ds_str init)
{
    pool *p = calloc(1, sizeof *p + n * sizeof *p->w);
    if (p == NULL)
        return NULL;
    p->module = malloc(module.n + 1);
    p->init = malloc(init.n + 1);
    if (p->module == NULL || p->init == NULL) {
        free(p->module);
        free(p->init);
        free(p);
        return NULL;
    }
    memcpy(p->module, module.p, module.n + 1);
    memcpy(p->init, init.p, init.n + 1);
    p->init_n = init.n;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->jobs_changed, NULL);
    pthread_cond_init(&p->results_changed, NULL);
    pthread_cond_init(&p->room_changed, NULL);
    queue_init(&p->jobs);
    queue_init(&p->results);
    return p;
}

/* Starts the threads; 0, or the errno of the one that could not start. */
static int start_threads(pool *p, size_t n)
{
    sigset_t all, before;
    pthread_attr_t attr;
    int why = 0;
    sigfillset(&all);
    sigdelset(&all, DSL_LIMITS_SIGNAL);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* the threads inherit it */
    while (p->n < n && why == 0) {
        worker *w = &p->w[p->n];
        w->pool = p;
        w->number = (int)p->n + 1;
        pthread_mutex_lock(&p->lock);
        p->running++;
        pthread_mutex_unlock(&p->lock);
        why = pthread_create(&w->thread, &attr, thread_main, w);
        if (why == 0) {
            p->n++;
        } else {
            pthread_mutex_lock(&p->lock);
            p->running--;
            pthread_mutex_unlock(&p->lock);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return why;
}

/* Stops the threads: those that wait by the flag, those that compute by the signal of limit.h, again and again, for one
 * that came too early is lost. */
static void stop_threads(pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    p->stop = 1;
    pthread_cond_broadcast(&p->jobs_changed);
    pthread_cond_broadcast(&p->room_changed);
    while (p->running > 0) {
        for (size_t i = 0; i < p->n; i++)
            if (!p->w[i].ended)
                pthread_kill(p->w[i].thread, DSL_LIMITS_SIGNAL);
        wait_a_little(&p->results_changed, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->n; i++)
        pthread_join(p->w[i].thread, NULL);
}

static void pool_free(pool *p)
{
    stop_threads(p);
    queue_clear(&p->jobs);
    queue_clear(&p->results);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->jobs_changed);
    pthread_cond_destroy(&p->results_changed);
    pthread_cond_destroy(&p->room_changed);
    free(p->module);
    free(p->init);
    free(p);
}

/* [-0, +1, e] */
static int pool_open(lua_State *L)
{
    lua_Integer n = luaL_checkinteger(L, 1);
    ds_str module = dsL_checkstr(L, 2), init = dsL_checkstr(L, 3);
    luaL_argcheck(L, n >= 1 && n <= WORKERS_MAX, 1, "1 to 1024 workers");
    pool **h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = NULL;
    luaL_setmetatable(L, POOL_CLASS);
    *h = pool_new((size_t)n, module, init);
    if (*h == NULL)
        return luaL_error(L, "not enough memory");
    lua_getfield(L, LUA_REGISTRYINDEX, DS_INTERRUPT_KEY);
    (*h)->interrupt_flag = lua_touserdata(L, -1);
    lua_pop(L, 1);
    int why = start_threads(*h, (size_t)n);
    if (why != 0)
        return luaL_error(L, "cannot start worker %d: %s", (int)(*h)->n + 1, strerror(why));
    return 1;
}

/* [-0, +0, e] */
static int pool_send(lua_State *L)
{
    pool *p = live_pool(L);
    ds_str s = dsL_checkstr(L, 2);
    message *m = lua_isnoneornil(L, 3) ? message_new(s.p, s.n, 0, false) : message_with(s, dsL_checkstr(L, 3));
    if (m == NULL)
        return luaL_error(L, "not enough memory");
    pthread_mutex_lock(&p->lock);
    queue_put(&p->jobs, m);
    pthread_cond_signal(&p->jobs_changed);
    pthread_mutex_unlock(&p->lock);
    return 0;
}

/* [-0, +0, e] */
static int pool_finish(lua_State *L)
{
    pool *p = live_pool(L);
    pthread_mutex_lock(&p->lock);
    p->finished = true;
    pthread_cond_broadcast(&p->jobs_changed);
    pthread_mutex_unlock(&p->lock);
    return 0;
}

/* [-0, +0, e] */
static int pool_due(lua_State *L)
{
    pool *p = live_pool(L);
    lua_Integer n = luaL_checkinteger(L, 2);
    pthread_mutex_lock(&p->lock);
    p->due = n;
    pthread_cond_broadcast(&p->room_changed);
    pthread_mutex_unlock(&p->lock);
    return 0;
}

/* [-0, +0, e] */
static int pool_release(lua_State *L)
{
    pool *p = live_pool(L);
    lua_Integer n = luaL_checkinteger(L, 2);
    pthread_mutex_lock(&p->lock);
    p->waiting -= (size_t)n < p->waiting ? (size_t)n : p->waiting;
    pthread_cond_broadcast(&p->room_changed);
    pthread_mutex_unlock(&p->lock);
    return 0;
}

static bool is_interrupted(const pool *p)
{
    volatile sig_atomic_t *flag = p->interrupt_flag;
    return flag != NULL && *flag;
}

/* The next result; NULL: all workers have ended, or the run is interrupted. */
static message *next_result(lua_State *L, pool *p)
{
    message *m;
    pthread_mutex_lock(&p->lock);
    while ((m = queue_take(&p->results)) == NULL && p->running > 0 && !is_interrupted(p) &&
           dsL_limits_reached(L) == DSL_LIMIT_NONE)
        wait_a_little(&p->results_changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
    return m;
}

/* [-0, +2, e] */
static int pool_receive(lua_State *L)
{
    pool *p = live_pool(L);
    message *m = next_result(L, p);
    if (is_interrupted(p) || dsL_limits_reached(L) != DSL_LIMIT_NONE) {
        free(m);
        dsL_limits_poll(L);
        return luaL_error(L, "interrupted");
    }
    if (m == NULL)
        return 0;
    luaL_Buffer b;
    size_t n = m->n;
    int from = m->from;
    bool failure = m->failure;
    char *to = luaL_buffinitsize(L, &b, n);
    memcpy(to, m->p, n);
    free(m);
    luaL_pushresultsize(&b, n);
    if (failure)
        return luaL_error(L, "worker %d: %s", from, lua_tostring(L, -1));
    lua_pushinteger(L, from);
    return 2;
}

/* close, __gc, __close: may be called any number of times.  [-0, +0, e] */
static int pool_close(lua_State *L)
{
    pool **h = check_pool(L), *p = *h;
    *h = NULL;
    if (p != NULL)
        pool_free(p);
    return 0;
}

static int pool_tostring(lua_State *L)
{
    const pool *p = *check_pool(L);
    if (p == NULL)
        lua_pushliteral(L, POOL_CLASS " (closed)");
    else
        lua_pushfstring(L, POOL_CLASS " (%d workers)", (int)p->n);
    return 1;
}

static const luaL_Reg pool_methods[] = {
    {"send", pool_send}, {"finish", pool_finish}, {"receive", pool_receive}, {"due", pool_due},
    {"release", pool_release}, {"close", pool_close}, {NULL, NULL},
};
static const luaL_Reg pool_meta[] = {
    {"__gc", pool_close}, {"__close", pool_close}, {"__tostring", pool_tostring}, {NULL, NULL},
};
/* [-0, +1, -] */
static int count_processors(lua_State *L)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    lua_pushinteger(L, n < 1 ? 1 : n > WORKERS_MAX ? WORKERS_MAX : n);
    return 1;
}

static bool is_blank(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p == end;
}

/* [-0, +2, e] */
static int count_lines(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    const char *p = s.p, *end = s.p + s.n;
    lua_Integer lines = 0, records = 0;
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        lines += stop != NULL;
        records += !is_blank(p, stop != NULL ? stop : end);
        p = stop != NULL ? stop + 1 : end;
    }
    lua_pushinteger(L, lines);
    lua_pushinteger(L, records);
    return 2;
}

static const luaL_Reg worker_functions[] = {
    {"open", pool_open}, {"processors", count_processors}, {"count_lines", count_lines}, {NULL, NULL},
};

/* [-0, +1, m] */
int dsL_open_worker(lua_State *L)
{
    dsL_newclass(L, POOL_CLASS, pool_methods, pool_meta);
    luaL_newlib(L, worker_functions);
    return 1;
}

/*
 * dsrun.c - the host: a Lua state, the ds module, and ds.main with the command line.
 *
 * Signals  SIGINT sets a flag and ends the Lua code as a limit does (limit.h).  A second SIGINT kills.
 *          SIGPIPE is ignored; writing then fails with EPIPE, the run unwinds (hidden files are
 *          removed), and the program ends as the signal would have ended it.
 */
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bind.h"
#include "bind_stream.h"
#include "limit.h"

#define EXIT_SCRIPT 3
#define EXIT_INTERRUPT 130
#define EXIT_PIPE 141

static volatile sig_atomic_t interrupt_flag;

static void on_interrupt(int sig)
{
    if (interrupt_flag) { /* it was not enough */
        signal(sig, SIG_DFL);
        raise(sig);
    }
    interrupt_flag = 1;
    dsL_limits_wake();
}

static void catch_signals(void)
{
    struct sigaction sa = {.sa_handler = SIG_IGN};
    sigemptyset(&sa.sa_mask);
    sigaction(SIGPIPE, &sa, NULL);
    sigaction(SIGXFSZ, &sa, NULL); /* writing beyond a limit then fails with EFBIG, as on a full disk */
    sa.sa_handler = on_interrupt; /* no SA_RESTART: a blocked read must return */
    sigaction(SIGINT, &sa, NULL);
}

/* A closed standard descriptor would be given to the next file that is opened, and our messages written into
 * it: such a place is filled so that using it fails. */
static void fill_standard_fds(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return;
}

static int message_handler(lua_State *L)
{
    const char *msg = lua_tostring(L, 1);
    if (msg == NULL)
        msg = luaL_tolstring(L, 1, NULL);
    luaL_traceback(L, L, msg, 1);
    return 1;
}

static void push_arguments(lua_State *L, int argc, char **argv)
{
    lua_createtable(L, argc > 1 ? argc - 1 : 0, 0);
    for (int i = 1; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
}

/* Empties a field of the table on top; what it held is for --trust.  [-0, +0, m] */
static void put_aside(lua_State *L, const char *field, const char *kept)
{
    lua_getfield(L, -1, field);
    lua_setfield(L, -2, kept);
    lua_pushliteral(L, "");
    lua_setfield(L, -2, field);
}

/* Protected: opens everything, runs ds.main.run{argv}, returns its status.  Modules come from this
 * program only, never from the current directory. */
static int protected_run(lua_State *L)
{
    int argc = (int)lua_tointeger(L, 1);
    char **argv = lua_touserdata(L, 2);
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    put_aside(L, "path", "trusted_path");
    put_aside(L, "cpath", "trusted_cpath");
    lua_pushlightuserdata(L, (void *)(uintptr_t)&interrupt_flag);
    lua_setfield(L, LUA_REGISTRYINDEX, DS_INTERRUPT_KEY);
    luaL_requiref(L, "ds", luaopen_ds, 0);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "ds.main");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "run");
    push_arguments(L, argc, argv);
    lua_call(L, 1, 1);
    return 1;
}

static int report_failure(lua_State *L)
{
    if (interrupt_flag) {
        fprintf(stderr, "dsrun: interrupted\n");
        return EXIT_INTERRUPT;
    }
    fprintf(stderr, "dsrun: internal error: %s\n", lua_tostring(L, -1));
    return EXIT_SCRIPT;
}

/* Ends the process as SIGPIPE would have. */
static int die_of_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
    return EXIT_PIPE;
}

int main(int argc, char **argv)
{
    lua_State *L = dsL_limits_newstate(&interrupt_flag);
    if (L == NULL) {
        fprintf(stderr, "dsrun: not enough memory\n");
        return EXIT_SCRIPT;
    }
    fill_standard_fds();
    catch_signals();
    lua_pushcfunction(L, message_handler);
    lua_pushcfunction(L, protected_run);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    int status = lua_pcall(L, 2, 1, 1) == LUA_OK ? (int)lua_tointeger(L, -1) : report_failure(L);
    signal(SIGINT, SIG_IGN); /* what is left is short: remove hidden files, free memory */
    lua_sethook(L, NULL, 0, 0);
    dsL_limits_close(L);
    return status == EXIT_PIPE ? die_of_pipe() : status;
}

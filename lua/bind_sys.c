/*
 * bind_sys.c - files, terminal and clock, as the host and the readers need them.
 *
 *   sys.list_dir(path)    -> { {name=, kind=, link=}, ... } sorted by bytes | nil, message
 *   sys.stat(path)        -> {kind=, size=, mtime=, inode=} | nil, message
 *   sys.read_file(path)   -> bytes | nil, message
 *   sys.read_fd(fd)       -> every byte up to the end | nil, message
 *   sys.realpath(path)    -> absolute path without links | nil, message
 *   sys.isatty(fd)        -> boolean
 *   sys.term_width(fd)    -> columns | nil
 *   sys.waiting(fd)       -> whether fd is a pipe or a file with bytes that nobody has read; never waits
 *   sys.clock()           -> seconds of a clock that never goes back
 *   sys.start(words)      -> the number of a process that runs dsrun with these words | nil, message
 *   sys.finished(pid)     -> its exit status | nil: it is still at work
 *   sys.stop(pid)         ends it and waits for that
 *   sys.sleep(seconds)
 *   sys.memory()          -> bytes of memory that the machine has
 *   sys.module_dir()      -> directory of the program or shared object that holds this code | nil, message
 *   sys.allow(path)       the file, or what is below the directory, may be read once the guard is on (guard.h)
 *   sys.allow_write(path) the store may be written
 *   sys.guard(on)         from now on nothing else may be: the calls above then fail with kind "refused"
 *   sys.prefix            the PREFIX it was built for
 *   sys.lines, sys.open_fd, sys.open_atomic: see bind_stream.c
 *
 * kind is "file", "dir" or "other"; links are followed, and `link` is true where one was.
 * Messages of failed calls read "PATH: reason of the system".
 */
#define _GNU_SOURCE /* dladdr1 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"
#include "bind_stream.h"
#include "guard.h"
#include "limit.h"

#define FD_CLASS "ds.sys.fd"
#define DIR_CLASS "ds.sys.dir"
#define READ_STEP 65536u

int dsL_sys_fail(lua_State *L, const char *name, int code)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", name, strerror(code));
    lua_pushstring(L, code == EPIPE ? "pipe" : code == ENOENT ? "missing" : code == EEXIST ? "exists" : "io");
    return 3;
}

void dsL_sys_interrupted(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, DS_INTERRUPT_KEY);
    const volatile sig_atomic_t *flag = lua_touserdata(L, -1);
    lua_pop(L, 1);
    if (flag != NULL && *flag)
        luaL_error(L, "interrupted");
    dsL_limits_poll(L);
}

/* ------------------------------------------------------------------ handles that __gc closes */

static int fd_gc(lua_State *L)
{
    int *fd = luaL_checkudata(L, 1, FD_CLASS);
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return 0;
}

/* Pushes a holder of a file descriptor, empty as yet.  [-0, +1, m] */
static int *push_fd(lua_State *L)
{
    int *fd = lua_newuserdatauv(L, sizeof *fd, 0);
    *fd = -1;
    luaL_setmetatable(L, FD_CLASS);
    return fd;
}

static int dir_gc(lua_State *L)
{
    DIR **d = luaL_checkudata(L, 1, DIR_CLASS);
    if (*d != NULL)
        closedir(*d);
    *d = NULL;
    return 0;
}

/* ------------------------------------------------------------------ reading whole files */

/* Pushes everything that is left to read from fd; a file of `hint` bytes (0: unknown) is read in one
 * call, and a second finds its end.  [-0, +1 | 3, e] */
static int push_rest(lua_State *L, int fd, const char *name, size_t hint)
{
    luaL_Buffer b;
    size_t room = hint > 0 ? hint + 1 : READ_STEP;
    luaL_buffinit(L, &b);
    for (;;) {
        ssize_t got = read(fd, luaL_prepbuffsize(&b, room), room);
        if (got > 0) {
            luaL_addsize(&b, (size_t)got);
            room = hint > 0 && (size_t)got < room ? room - (size_t)got : READ_STEP;
        } else if (got == 0) {
            luaL_pushresult(&b);
            return 1;
        } else if (errno == EINTR) {
            dsL_sys_interrupted(L);
        } else {
            return dsL_sys_fail(L, name, errno);
        }
    }
}

static int sys_read_file(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct stat st;
    if (!dsL_guard_allows(L, path))
        return 3;
    int *fd = push_fd(L);
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (*fd < 0 || fstat(*fd, &st) != 0)
        return dsL_sys_fail(L, path, errno);
    if (S_ISDIR(st.st_mode))
        return dsL_sys_fail(L, path, EISDIR);
    int n = push_rest(L, *fd, path, S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0);
    close(*fd);
    *fd = -1;
    return n;
}

static int sys_read_fd(lua_State *L)
{
    int fd = (int)luaL_checkinteger(L, 1);
    return push_rest(L, fd, fd == 0 ? "standard input" : "input", 0);
}

/* ------------------------------------------------------------------ directories and status */

static const char *kind_name(mode_t mode)
{
    return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "dir" : "other";
}

static int sys_stat(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct stat st;
    if (!dsL_guard_allows(L, path))
        return 3;
    if (stat(path, &st) != 0)
        return dsL_sys_fail(L, path, errno);
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, (lua_Integer)st.st_ino);
    lua_setfield(L, -2, "inode");
    lua_pushstring(L, kind_name(st.st_mode));
    lua_setfield(L, -2, "kind");
    lua_pushinteger(L, (lua_Integer)st.st_size);
    lua_setfield(L, -2, "size");
    lua_pushinteger(L, (lua_Integer)st.st_mtime);
    lua_setfield(L, -2, "mtime");
    return 1;
}

/* Appends the names in `d` to the table on top.  Returns 0, or the errno of the failed call. */
static int read_names(lua_State *L, DIR *d, lua_Integer *count)
{
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(d);
        if (e == NULL)
            return errno;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        lua_pushstring(L, e->d_name);
        lua_rawseti(L, -2, ++*count);
    }
}

static int cmp_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Pushes an array of pointers to the strings of the table at `names`, sorted.  [-0, +1, m] */
static const char **push_sorted(lua_State *L, int names, size_t count)
{
    const char **v = lua_newuserdatauv(L, (count + 1) * sizeof *v, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, names, (lua_Integer)i + 1);
        v[i] = lua_tostring(L, -1); /* the table keeps the string alive */
        lua_pop(L, 1);
    }
    qsort(v, count, sizeof *v, cmp_names);
    return v;
}

/* Pushes {name=, kind=, link=} for an entry of the open directory.  [-0, +1, m] */
static void push_entry(lua_State *L, int dirfd_of, const char *name)
{
    struct stat st;
    bool known = fstatat(dirfd_of, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    bool link = known && S_ISLNK(st.st_mode);
    if (link)
        known = fstatat(dirfd_of, name, &st, 0) == 0;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, known ? kind_name(st.st_mode) : "other");
    lua_setfield(L, -2, "kind");
    lua_pushboolean(L, link);
    lua_setfield(L, -2, "link");
}

static int sys_list_dir(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_Integer count = 0;
    lua_settop(L, 1);
    if (!dsL_guard_allows(L, path))
        return 3;
    DIR **d = lua_newuserdatauv(L, sizeof *d, 0); /* 2 */
    *d = NULL;
    luaL_setmetatable(L, DIR_CLASS);
    *d = opendir(path);
    if (*d == NULL)
        return dsL_sys_fail(L, path, errno);
    lua_newtable(L); /* 3 */
    int code = read_names(L, *d, &count);
    if (code != 0)
        return dsL_sys_fail(L, path, code);
    const char **names = push_sorted(L, 3, (size_t)count); /* 4 */
    lua_createtable(L, (int)(count < INT_MAX ? count : 0), 0);
    for (lua_Integer i = 0; i < count; i++) {
        push_entry(L, dirfd(*d), names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    closedir(*d);
    *d = NULL;
    return 1;
}

static int sys_realpath(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    char buf[PATH_MAX];
    if (realpath(path, buf) == NULL)
        return dsL_sys_fail(L, path, errno);
    lua_pushstring(L, buf);
    return 1;
}

/* ------------------------------------------------------------------ what may be read */

static int sys_allow(lua_State *L)
{
    dsL_guard_allow(L, luaL_checkstring(L, 1));
    return 0;
}

static int sys_allow_write(lua_State *L)
{
    dsL_guard_allow_write(L, luaL_checkstring(L, 1));
    return 0;
}

static int sys_guard(lua_State *L)
{
    dsL_guard_set(L, lua_toboolean(L, 1));
    return 0;
}

/* ------------------------------------------------------------------ where the code lies */

/* Path of the object that holds this code: the shared object by the dynamic linker's map, the
 * program (whose entry there is empty) by /proc. */
static bool own_path(char path[PATH_MAX])
{
    static const char anchor;
    Dl_info info;
    void *extra = NULL;
    if (dladdr1(&anchor, &info, &extra, RTLD_DL_LINKMAP) != 0 && extra != NULL) {
        const struct link_map *map = extra;
        if (map->l_name != NULL && map->l_name[0] != '\0')
            return realpath(map->l_name, path) != NULL;
    }
    return realpath("/proc/self/exe", path) != NULL;
}

static int sys_module_dir(lua_State *L)
{
    char path[PATH_MAX];
    if (!own_path(path))
        return dsL_sys_fail(L, "/proc/self/exe", errno);
    char *slash = strrchr(path, '/');
    lua_pushlstring(L, path, slash == path ? 1 : (size_t)(slash - path));
    return 1;
}

/* ------------------------------------------------------------------ terminal and clock */

static int sys_isatty(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

static int sys_term_width(lua_State *L)
{
    struct winsize w;
    if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        lua_pushinteger(L, w.ws_col);
    else
        lua_pushnil(L);
    return 1;
}

static int sys_waiting(lua_State *L)
{
    int fd = (int)luaL_checkinteger(L, 1), bytes = 0;
    struct stat st;
    bool waiting = false;
    if (fstat(fd, &st) != 0) {
        ; /* closed: nothing waits */
    } else if (S_ISFIFO(st.st_mode)) {
        waiting = ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
    } else if (S_ISREG(st.st_mode)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        waiting = at >= 0 && at < st.st_size;
    }
    lua_pushboolean(L, waiting);
    return 1;
}

static int sys_clock(lua_State *L)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec * 1e-9);
    return 1;
}

static int sys_memory(lua_State *L)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    lua_pushinteger(L, pages > 0 && page > 0 ? (lua_Integer)pages * page : 0);
    return 1;
}

/* ------------------------------------------------------------------ this program as a process of its own */

static int sys_start(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 1);
    const char **argv = lua_newuserdatauv(L, ((size_t)n + 2) * sizeof *argv, 0);
    argv[0] = "dsrun";
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 1, i);
        argv[i] = luaL_checkstring(L, -1); /* the table keeps it */
        lua_pop(L, 1);
    }
    argv[n + 1] = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0)
        return dsL_sys_fail(L, "dsrun", errno);
    lua_pushinteger(L, pid);
    return 1;
}

static int sys_finished(lua_State *L)
{
    int status;
    pid_t pid = (pid_t)luaL_checkinteger(L, 1);
    if (waitpid(pid, &status, WNOHANG) != pid)
        return 0;
    lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 1;
}

static int sys_stop(lua_State *L)
{
    pid_t pid = (pid_t)luaL_checkinteger(L, 1);
    kill(pid, SIGTERM);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        dsL_sys_interrupted(L);
    return 0;
}

static int sys_sleep(lua_State *L)
{
    double s = luaL_checknumber(L, 1);
    struct timespec t = {.tv_sec = (time_t)s, .tv_nsec = (long)((s - (double)(time_t)s) * 1e9)};
    if (nanosleep(&t, NULL) != 0)
        dsL_sys_interrupted(L);
    return 0;
}

static const luaL_Reg sys_functions[] = {
    {"list_dir", sys_list_dir}, {"stat", sys_stat},     {"read_file", sys_read_file},   {"read_fd", sys_read_fd},
    {"realpath", sys_realpath}, {"isatty", sys_isatty}, {"term_width", sys_term_width}, {"clock", sys_clock},
    {"module_dir", sys_module_dir}, {"waiting", sys_waiting}, {"allow", sys_allow},
    {"allow_write", sys_allow_write},
    {"guard", sys_guard},       {"memory", sys_memory}, {"start", sys_start},
    {"finished", sys_finished}, {"stop", sys_stop},     {"sleep", sys_sleep},           {NULL, NULL},
};
static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg fd_meta[] = {{"__gc", fd_gc}, {NULL, NULL}};
static const luaL_Reg dir_meta[] = {{"__gc", dir_gc}, {NULL, NULL}};

int dsL_open_sys(lua_State *L)
{
    dsL_newclass(L, FD_CLASS, no_methods, fd_meta);
    dsL_newclass(L, DIR_CLASS, no_methods, dir_meta);
    luaL_newlib(L, sys_functions);
    dsL_sys_streams(L);
    lua_pushliteral(L, DS_PREFIX);
    lua_setfield(L, -2, "prefix");
    return 1;
}

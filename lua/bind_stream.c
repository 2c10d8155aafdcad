/*
 * bind_stream.c - reading line by line, writing whole or not at all.
 *
 *   sys.lines(path | fd)          -> reader | nil, message
 *   reader:read()                 -> line, ended | nil at the end | nil, message
 *   reader:pending()              -> true when read() will not wait: a whole line is there, or the end
 *   reader:close()
 *   sys.open_fd(fd, name)         -> writer that does not own fd
 *   sys.open_atomic(path [, new]) -> writer | nil, message;  new = true refuses a path that exists
 *   writer:write(s, ...)          -> writer | nil, message, kind
 *   writer:flush()                -> writer | nil, message, kind
 *   writer:commit()               -> true | nil, message, kind
 *   writer:abort()
 *
 * A line is the bytes before "\n"; `ended` is false for a last line without one.  "\r" and NUL are
 * bytes like others, and a line may be as long as memory allows.
 *
 * open_atomic writes to a hidden file beside `path`; commit flushes it to the disk and renames it,
 * abort (also __gc and __close) removes it.  A path that is a link is followed, so the link stays; a
 * file that is replaced hands on its permissions.  What is not a regular file (/dev/null, a FIFO)
 * cannot be replaced and is written directly.
 * kind is "pipe" when the reader of a pipe has gone, else "io"; "missing", "exists" on open and commit.
 */
#define _DEFAULT_SOURCE /* realpath */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind.h"
#include "bind_stream.h"
#include "guard.h"

#ifndef DS_STREAM_CHUNK
#define DS_STREAM_CHUNK 65536u
#endif
#define LINES_CLASS "ds.sys.lines"
#define WRITER_CLASS "ds.sys.writer"
#define TEMP_TRIES 100

/* ------------------------------------------------------------------ lines */

typedef struct line_reader {
    ds_alloc alloc;
    ds_buf buf;
    size_t beg;  /* first byte not yet handed out */
    size_t seen; /* bytes before it hold no newline */
    int fd;
    bool own, eof;
} line_reader;

static line_reader *check_lines(lua_State *L)
{
    line_reader *r = luaL_checkudata(L, 1, LINES_CLASS);
    if (r->fd < 0)
        luaL_error(L, "attempt to use a closed " LINES_CLASS);
    return r;
}

static int lines_close(lua_State *L)
{
    line_reader *r = luaL_checkudata(L, 1, LINES_CLASS);
    if (r->own && r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    ds_buf_clear(&r->buf);
    return 0;
}

static int sys_lines(lua_State *L)
{
    bool own = lua_type(L, 1) == LUA_TSTRING;
    const char *path = own ? lua_tostring(L, 1) : NULL;
    int fd = own ? -1 : (int)luaL_checkinteger(L, 1);
    if (own && !dsL_guard_allows(L, path))
        return 3;
    line_reader *r = lua_newuserdatauv(L, sizeof *r, 1);
    *r = (line_reader){.alloc = dsL_alloc(L), .fd = -1, .own = own};
    ds_buf_init(&r->buf, &r->alloc);
    luaL_setmetatable(L, LINES_CLASS);
    if (own)
        lua_pushvalue(L, 1);
    else
        lua_pushstring(L, fd == 0 ? "standard input" : "input");
    lua_setiuservalue(L, -2, 1);
    r->fd = own ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : fd;
    return r->fd < 0 ? dsL_sys_fail(L, path, errno) : 1;
}

/* Moves the unread bytes to the front and reads one chunk after them.  0, or errno.  [-0, +0, e] */
static int fill_lines(lua_State *L, line_reader *r)
{
    if (r->beg > 0) {
        memmove(r->buf.p, r->buf.p + r->beg, r->buf.n - r->beg);
        r->buf.n -= r->beg;
        r->seen -= r->beg;
        r->beg = 0;
    }
    if (!ds_buf_reserve(&r->buf, DS_STREAM_CHUNK)) {
        ds_buf_clear(&r->buf);
        return luaL_error(L, "not enough memory");
    }
    ssize_t got;
    while ((got = read(r->fd, r->buf.p + r->buf.n, DS_STREAM_CHUNK)) < 0 && errno == EINTR)
        dsL_sys_interrupted(L);
    if (got < 0)
        return errno;
    r->buf.n += (size_t)got;
    r->eof = got == 0;
    return 0;
}

static int push_line(lua_State *L, line_reader *r, size_t end, bool ended)
{
    lua_pushlstring(L, r->buf.p + r->beg, end - r->beg);
    lua_pushboolean(L, ended);
    r->beg = r->seen = end + (ended ? 1 : 0);
    return 2;
}

/* The next newline in the buffer, or NULL; no byte is looked at twice. */
static const char *next_newline(line_reader *r)
{
    const char *nl = r->seen < r->buf.n ? memchr(r->buf.p + r->seen, '\n', r->buf.n - r->seen) : NULL;
    r->seen = nl != NULL ? (size_t)(nl - r->buf.p) : r->buf.n;
    return nl;
}

static int lines_pending(lua_State *L)
{
    line_reader *r = check_lines(L);
    lua_pushboolean(L, r->eof || next_newline(r) != NULL);
    return 1;
}

static int lines_read(lua_State *L)
{
    line_reader *r = check_lines(L);
    for (;;) {
        const char *nl = next_newline(r);
        if (nl != NULL)
            return push_line(L, r, (size_t)(nl - r->buf.p), true);
        if (r->eof && r->beg < r->buf.n)
            return push_line(L, r, r->buf.n, false);
        if (r->eof) {
            lua_pushnil(L);
            return 1;
        }
        int code = fill_lines(L, r);
        if (code != 0) {
            lua_getiuservalue(L, 1, 1);
            return dsL_sys_fail(L, lua_tostring(L, -1), code);
        }
    }
}

/* ------------------------------------------------------------------ writers */

typedef struct file_writer {
    int fd;
    bool own;      /* close fd */
    bool fresh;    /* commit must not replace a file */
    char *path;    /* what commit renames to; NULL when fd is written directly */
    char *temp;    /* the hidden file; NULL when there is none */
    size_t n;
    char buf[DS_STREAM_CHUNK];
} file_writer;

static file_writer *check_writer(lua_State *L)
{
    file_writer *w = luaL_checkudata(L, 1, WRITER_CLASS);
    if (w->fd < 0)
        luaL_error(L, "attempt to use a closed " WRITER_CLASS);
    return w;
}

static void release_writer(file_writer *w)
{
    if (w->own && w->fd >= 0)
        close(w->fd);
    if (w->temp != NULL)
        unlink(w->temp);
    free(w->path);
    free(w->temp);
    w->fd = -1;
    w->path = w->temp = NULL;
}

static int writer_abort(lua_State *L)
{
    release_writer(luaL_checkudata(L, 1, WRITER_CLASS));
    return 0;
}

/* Pushes a writer without a file, and keeps the name at index 1 for messages.  [-0, +1, m] */
static file_writer *push_writer(lua_State *L, int name)
{
    file_writer *w = lua_newuserdatauv(L, sizeof *w, 1);
    w->fd = -1;
    w->own = w->fresh = false;
    w->path = w->temp = NULL;
    w->n = 0;
    luaL_setmetatable(L, WRITER_CLASS);
    lua_pushvalue(L, name);
    lua_setiuservalue(L, -2, 1);
    return w;
}

static int fail_writer(lua_State *L, int code)
{
    lua_getiuservalue(L, 1, 1);
    return dsL_sys_fail(L, lua_tostring(L, -1), code);
}

/* Writes n bytes whatever signals come between.  0, or errno.  [-0, +0, e] */
static int write_all(lua_State *L, int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, p, n);
        if (put >= 0) {
            p += put;
            n -= (size_t)put;
        } else if (errno == EINTR) {
            dsL_sys_interrupted(L);
        } else {
            return errno;
        }
    }
    return 0;
}

static int flush_writer(lua_State *L, file_writer *w)
{
    size_t n = w->n;
    w->n = 0; /* what could not be written once is not tried again */
    return write_all(L, w->fd, w->buf, n);
}

static int put_bytes(lua_State *L, file_writer *w, ds_str s)
{
    if (s.n > sizeof w->buf - w->n) {
        int code = flush_writer(L, w);
        if (code == 0 && s.n >= sizeof w->buf)
            return write_all(L, w->fd, s.p, s.n);
        if (code != 0)
            return code;
    }
    memcpy(w->buf + w->n, s.p, s.n);
    w->n += s.n;
    return 0;
}

static int writer_write(lua_State *L)
{
    file_writer *w = check_writer(L);
    int last = lua_gettop(L);
    for (int arg = 2; arg <= last; arg++) {
        int code = put_bytes(L, w, dsL_checkstr(L, arg));
        if (code != 0)
            return fail_writer(L, code);
    }
    lua_settop(L, 1);
    return 1;
}

static int writer_flush(lua_State *L)
{
    int code = flush_writer(L, check_writer(L));
    if (code != 0)
        return fail_writer(L, code);
    lua_settop(L, 1);
    return 1;
}

/* Makes the renaming itself last; a file system that cannot is no reason to fail. */
static void sync_directory(const char *path)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 0 : (size_t)(slash - path);
    if (n >= sizeof dir)
        return;
    memcpy(dir, path, n);
    dir[n] = '\0';
    int fd = open(slash == NULL ? "." : n == 0 ? "/" : dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

/* Gives the finished hidden file its name.  0, or errno. */
static int place_file(file_writer *w)
{
    if (w->fresh) { /* link fails where rename would replace; the hidden name is removed by release_writer */
        if (link(w->temp, w->path) != 0)
            return errno;
    } else {
        if (rename(w->temp, w->path) != 0)
            return errno;
        free(w->temp);
        w->temp = NULL;
    }
    sync_directory(w->path);
    return 0;
}

static int writer_commit(lua_State *L)
{
    file_writer *w = check_writer(L);
    int code = flush_writer(L, w);
    if (code == 0 && w->temp != NULL && fsync(w->fd) != 0)
        code = errno;
    if (w->own) {
        if (close(w->fd) != 0 && code == 0 && errno != EINTR)
            code = errno;
        w->own = false;
    }
    if (code == 0 && w->temp != NULL)
        code = place_file(w);
    release_writer(w);
    if (code != 0)
        return fail_writer(L, code);
    lua_pushboolean(L, 1);
    return 1;
}

static int sys_open_fd(lua_State *L)
{
    int fd = (int)luaL_checkinteger(L, 1);
    luaL_checkstring(L, 2);
    push_writer(L, 2)->fd = fd;
    return 1;
}

/* Opens DIR/.NAME.PID-N.tmp for the file at `path`; w->temp is its name.  0, or errno. */
static int open_temp(file_writer *w, const char *path)
{
    const char *slash = strrchr(path, '/');
    int dir = slash == NULL ? 0 : (int)(slash - path) + 1;
    size_t size = strlen(path) + 64;
    char *temp = malloc(size);
    if (temp == NULL)
        return ENOMEM;
    for (int i = 0; i < TEMP_TRIES && w->fd < 0; i++) {
        /* the precision keeps a name of 255 bytes possible */
        snprintf(temp, size, "%.*s.%.200s.%ld-%d.tmp", dir, path, path + dir, (long)getpid(), i);
        w->fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (w->fd < 0 && errno != EEXIST)
            break;
    }
    if (w->fd < 0) {
        int code = errno;
        free(temp);
        return code;
    }
    w->own = true;
    w->temp = temp;
    return 0;
}

/* `old` is what lies at `path` now, NULL when nothing does. */
static int open_beside(file_writer *w, const char *path, const struct stat *old)
{
    w->path = old == NULL ? strdup(path) : realpath(path, NULL);
    if (w->path == NULL)
        return errno;
    int code = open_temp(w, w->path);
    if (code == 0 && old != NULL)
        (void)fchmod(w->fd, old->st_mode & 07777); /* refused where the file system knows no modes */
    return code;
}

static int sys_open_atomic(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    bool fresh = lua_toboolean(L, 2);
    struct stat st;
    file_writer *w = push_writer(L, 1);
    int code = 0;
    bool there = stat(path, &st) == 0;
    w->fresh = fresh;
    if (there && fresh) {
        code = EEXIST;
    } else if (there && S_ISDIR(st.st_mode)) {
        code = EISDIR;
    } else if (there && !S_ISREG(st.st_mode)) {
        w->own = true;
        w->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        code = w->fd < 0 ? errno : 0;
    } else {
        code = open_beside(w, path, there ? &st : NULL);
    }
    return code == 0 ? 1 : dsL_sys_fail(L, path, code);
}

static const luaL_Reg lines_methods[] = {
    {"read", lines_read}, {"pending", lines_pending}, {"close", lines_close}, {NULL, NULL},
};
static const luaL_Reg lines_meta[] = {{"__gc", lines_close}, {"__close", lines_close}, {NULL, NULL}};
static const luaL_Reg writer_methods[] = {
    {"write", writer_write}, {"flush", writer_flush}, {"commit", writer_commit}, {"abort", writer_abort}, {NULL, NULL},
};
static const luaL_Reg writer_meta[] = {{"__gc", writer_abort}, {"__close", writer_abort}, {NULL, NULL}};
static const luaL_Reg stream_functions[] = {
    {"lines", sys_lines}, {"open_fd", sys_open_fd}, {"open_atomic", sys_open_atomic}, {NULL, NULL},
};

void dsL_sys_streams(lua_State *L)
{
    dsL_newclass(L, LINES_CLASS, lines_methods, lines_meta);
    dsL_newclass(L, WRITER_CLASS, writer_methods, writer_meta);
    luaL_setfuncs(L, stream_functions, 0);
}

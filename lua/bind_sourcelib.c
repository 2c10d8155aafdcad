/*
 * bind_sourcelib.c - ds.c.source; see bind_source.h.
 *
 *   open(path | fd)        -> source | nil, message
 *   of(string)             -> source
 *   source:compression()   -> "gzip" | "zstd" | nil
 *   source:peek(n)         -> up to n bytes, which stay to be read
 *   source:skip(n)         takes n bytes of those that were peeked at
 *   source:lines(n)        -> the next whole lines, up to n bytes of them; the last one may have no end; "" at the end | nil: the
 *                             next line is longer
 *   source:seek(byte)      -> true | nil, message: goes on there, in what is not compressed; lines are no longer counted
 *                             right
 *   source:all(limit)      -> every byte that is left | nil, message, {byte=}: the file is damaged, or holds more than
 *                             `limit` bytes once decompressed (then byte is nil)
 *   source:line(longest)   -> line, byte, number | nil at the end | nil, message, {byte=, line=}
 *   source:close()
 *
 * A line is given without its end, "\n" or "\r\n".  zlib and libzstd take memory from malloc; a source that is closed
 * or collected gives it back.  Zstandard's window is bounded by its library, to 128 MiB.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind_source_int.h"
#include "bind_stream.h"
#include "guard.h"

#define SOURCE_CLASS "ds.source"
#define PIECE ((size_t)128 << 10) /* read at once where the size is not known */

static const char *const kind_names[] = {"", "gzip", "zstd"};

/* ------------------------------------------------------------------ opening and closing */

static int source_close(lua_State *L)
{
    dsL_source *s = luaL_checkudata(L, 1, SOURCE_CLASS);
    if (s->own && s->fd >= 0)
        close(s->fd);
    if (s->z_live)
        inflateEnd(&s->z);
    ZSTD_freeDStream(s->zs);
    ds_buf_clear(&s->buf);
    ds_buf_clear(&s->in);
    s->fd = -1;
    s->z_live = s->open = false;
    s->zs = NULL;
    s->p = "";
    s->beg = s->n = 0;
    return 0;
}

dsL_source *dsL_checksource(lua_State *L, int arg)
{
    dsL_source *s = luaL_checkudata(L, arg, SOURCE_CLASS);
    if (!s->open)
        luaL_error(L, "attempt to use a closed " SOURCE_CLASS);
    return s;
}

/* [-0, +1, m] */
static dsL_source *push_source(lua_State *L)
{
    dsL_source *s = lua_newuserdatauv(L, sizeof *s, 1);
    memset(s, 0, sizeof *s);
    s->alloc = dsL_alloc(L);
    ds_buf_init(&s->buf, &s->alloc);
    ds_buf_init(&s->in, &s->alloc);
    s->p = "";
    s->line = 1;
    s->fd = -1;
    s->open = true;
    luaL_setmetatable(L, SOURCE_CLASS);
    return s;
}

static int source_open(lua_State *L)
{
    struct stat st;
    bool own = lua_type(L, 1) == LUA_TSTRING;
    const char *path = own ? lua_tostring(L, 1) : "standard input";
    int fd = own ? -1 : (int)luaL_checkinteger(L, 1);
    if (own && !dsL_guard_allows(L, path))
        return 3;
    dsL_source *s = push_source(L);
    s->own = own;
    s->fd = own ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : fd;
    if (s->fd < 0 || fstat(s->fd, &st) != 0)
        return dsL_sys_fail(L, path, errno);
    if (S_ISDIR(st.st_mode))
        return dsL_sys_fail(L, path, EISDIR);
    s->size_hint = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0;
    dsL_source_begin(L, s);
    if (s->failed && s->bad_byte == 0) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s: %s", path, s->message);
        return 2;
    }
    return 1;
}

static int source_of(lua_State *L)
{
    ds_str text = dsL_checkstr(L, 1);
    dsL_source *s = push_source(L);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    s->text = text;
    s->p = text.p;
    s->n = text.n;
    s->plain_text = s->end = true;
    dsL_source_begin(L, s);
    return 1;
}

/* ------------------------------------------------------------------ methods */

static int source_compression(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    if (s->kind == KIND_PLAIN)
        lua_pushnil(L);
    else
        lua_pushstring(L, kind_names[s->kind]);
    return 1;
}

static int source_peek(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    size_t want = (size_t)luaL_checkinteger(L, 2);
    while (dsL_source_window(s).n < want && dsL_source_more(L, s))
        ;
    ds_str w = dsL_source_window(s);
    lua_pushlstring(L, w.p, w.n < want ? w.n : want);
    return 1;
}

/* [-0, +1, e] */
static int source_lines(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    size_t want = (size_t)luaL_checkinteger(L, 2);
    while (dsL_source_window(s).n < want && dsL_source_more(L, s))
        ;
    ds_str w = dsL_source_window(s);
    size_t n = w.n < want ? w.n : want;
    while (w.n >= want && n > 0 && w.p[n - 1] != '\n')
        n--;
    if (n == 0 && w.n > 0)
        return 0;
    lua_pushlstring(L, w.p, n);
    dsL_source_take(s, n);
    return 1;
}

static int source_skip(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    lua_Integer n = luaL_checkinteger(L, 2);
    luaL_argcheck(L, n >= 0 && (size_t)n <= dsL_source_window(s).n, 2, "more than was peeked at");
    dsL_source_take(s, (size_t)n);
    return 0;
}

static int source_seek(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    lua_Integer at = luaL_checkinteger(L, 2) - 1;
    luaL_argcheck(L, at >= 0, 2, "bytes count from 1");
    luaL_argcheck(L, s->kind == KIND_PLAIN, 1, "compressed data cannot be entered in the middle");
    if (s->plain_text)
        s->beg = (size_t)at < s->n ? (size_t)at : s->n;
    else if (s->fd < 0 || lseek(s->fd, (off_t)at, SEEK_SET) < 0)
        return dsL_sys_fail(L, "seek", s->fd < 0 ? EBADF : errno);
    else
        s->beg = s->n = 0, s->base = (size_t)at, s->end = false;
    lua_pushboolean(L, 1);
    return 1;
}

static int too_large(lua_State *L, const dsL_source *s, size_t limit)
{
    lua_pushnil(L);
    const char *what = s->kind == KIND_PLAIN ? "" : ", decompressed";
    lua_pushfstring(L, "larger than %I bytes%s; split it", (LUAI_UACINT)limit, what);
    lua_newtable(L);
    return 3;
}

/* Everything is there, in the window. */
static int push_window(lua_State *L, dsL_source *s, size_t limit)
{
    ds_str w = dsL_source_window(s);
    if (s->failed)
        return dsL_source_fail(L, s);
    if (w.n > limit)
        return too_large(L, s, limit);
    if (s->plain_text && s->beg == 0)
        lua_getiuservalue(L, 1, 1);
    else
        lua_pushlstring(L, w.p, w.n);
    dsL_source_take(s, w.n);
    return 1;
}

static int source_all(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    size_t limit = (size_t)luaL_checkinteger(L, 2), total;
    bool complete = s->kind == KIND_PLAIN && s->n > 0 && s->n == s->size_hint; /* unless the file has grown */
    if (s->plain_text || s->end || (complete && !dsL_source_more(L, s)))
        return push_window(L, s, limit);
    ds_str w = dsL_source_window(s);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addlstring(&b, w.p, w.n);
    total = w.n;
    size_t rest = s->kind == KIND_PLAIN && s->size_hint > w.n ? s->size_hint - w.n + 1 : PIECE;
    for (size_t room = rest; total <= limit; room = PIECE) {
        size_t got = dsL_source_pull(L, s, luaL_prepbuffsize(&b, room), room);
        if (got == 0)
            break;
        luaL_addsize(&b, got);
        total += got;
    }
    luaL_pushresult(&b);
    s->beg = s->n;
    if (s->failed)
        return dsL_source_fail(L, s);
    return total > limit ? too_large(L, s, limit) : 1;
}

static int source_line(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    size_t longest = (size_t)luaL_checkinteger(L, 2), taken, offset, number;
    ds_str line;
    bool found = dsL_source_line(L, s, longest, &line, &taken);
    if (!found && s->failed)
        return dsL_source_fail(L, s);
    if (!found && line.n == 0) {
        lua_pushnil(L);
        return 1;
    }
    offset = dsL_source_offset(s) + 1;
    number = s->line;
    if (!found) {
        lua_pushnil(L);
        lua_pushfstring(L, "a line of more than %I bytes", (LUAI_UACINT)longest);
        lua_createtable(L, 0, 1);
        lua_pushinteger(L, (lua_Integer)number);
        lua_setfield(L, -2, "line");
        return 3;
    }
    lua_pushlstring(L, line.p, line.n);
    dsL_source_take(s, taken);
    lua_pushinteger(L, (lua_Integer)offset);
    lua_pushinteger(L, (lua_Integer)number);
    return 3;
}

static int source_tostring(lua_State *L)
{
    dsL_source *s = luaL_checkudata(L, 1, SOURCE_CLASS);
    lua_pushstring(L, s->open ? SOURCE_CLASS : SOURCE_CLASS " (closed)");
    return 1;
}

static const luaL_Reg source_methods[] = {
    {"compression", source_compression}, {"peek", source_peek},   {"all", source_all},
    {"line", source_line},               {"close", source_close},
    {"skip", source_skip}, {"lines", source_lines}, {"seek", source_seek},   {NULL, NULL},
};
static const luaL_Reg source_meta[] = {
    {"__gc", source_close}, {"__close", source_close}, {"__tostring", source_tostring}, {NULL, NULL},
};
static const luaL_Reg source_functions[] = {{"open", source_open}, {"of", source_of}, {NULL, NULL}};

int dsL_open_source(lua_State *L)
{
    dsL_newclass(L, SOURCE_CLASS, source_methods, source_meta);
    luaL_newlib(L, source_functions);
    return 1;
}

/*
 * bind_source.c - ds.c.source; see bind_source.h.
 *
 *   open(path | fd)        -> source | nil, message
 *   of(string)             -> source
 *   source:compression()   -> "gzip" | "zstd" | nil
 *   source:peek(n)         -> up to n bytes, which stay to be read
 *   source:skip(n)         takes n bytes of those that were peeked at
 *   source:seek(byte)      -> true | nil, message: goes on there, in what is not compressed; lines are no longer counted right
 *   source:all(limit)      -> every byte that is left | nil, message, {byte=}: the file is damaged, or holds more than
 *                             `limit` bytes once decompressed (then byte is nil)
 *   source:line(longest)   -> line, byte, number | nil at the end | nil, message, {byte=, line=}
 *   source:close()
 *
 * A line is given without its end, "\n" or "\r\n".  zlib and libzstd take memory from malloc; a source that is closed or
 * collected gives it back.  Zstandard's window is bounded by its library, to 128 MiB.
 */
#include "bind_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "bind_stream.h"
#include "guard.h"

#ifndef DS_SOURCE_CHUNK
#define DS_SOURCE_CHUNK ((size_t)128 << 10)
#endif
#define SOURCE_CLASS "ds.source"
#define MESSAGE_MOST 160

typedef enum source_kind { KIND_PLAIN, KIND_GZIP, KIND_ZSTD } source_kind;
static const char *const kind_names[] = {"", "gzip", "zstd"};

struct dsL_source {
    ds_alloc alloc;
    ds_buf buf;      /* window's memory; unused for a plain string */
    const char *p;   /* the window is p[beg..n) */
    size_t beg, n;
    size_t base;     /* offset of p[0] in the stream */
    size_t line;     /* number of the line at beg */
    ds_str text;     /* what `of` was given; the string is the user value */
    size_t text_at;
    int fd;
    bool own, open, plain_text, input_end, end, failed;
    size_t size_hint; /* of a regular file, or 0 */
    source_kind kind;
    ds_buf in;       /* compressed bytes: in.p[in_at..in.n) are left */
    size_t in_at, in_base;
    z_stream z;
    bool z_live, between; /* between: no member or frame is open */
    ZSTD_DStream *zs;
    char message[MESSAGE_MOST];
    size_t bad_byte; /* of the file, from 1; 0: none */
};

/* ------------------------------------------------------------------ raw input */

static bool fail_source(dsL_source *s, const char *what, size_t byte)
{
    if (!s->failed)
        snprintf(s->message, sizeof s->message, "%s", what);
    if (!s->failed)
        s->bad_byte = byte;
    s->failed = s->end = true;
    return false;
}

/* Reads up to `room` bytes of the file as it lies on disk.  0: the end, or a failure.  [-0, +0, e] */
static size_t read_raw(lua_State *L, dsL_source *s, char *dst, size_t room)
{
    if (s->fd < 0) {
        size_t n = s->text.n - s->text_at < room ? s->text.n - s->text_at : room;
        if (n > 0)
            memcpy(dst, s->text.p + s->text_at, n);
        s->text_at += n;
        return n;
    }
    for (;;) {
        ssize_t got = read(s->fd, dst, room);
        if (got >= 0)
            return (size_t)got;
        if (errno != EINTR) {
            fail_source(s, strerror(errno), 0);
            return 0;
        }
        dsL_sys_interrupted(L);
    }
}

/* Makes sure that compressed bytes are at hand.  False at their end.  [-0, +0, e] */
static bool have_input(lua_State *L, dsL_source *s)
{
    if (s->in_at < s->in.n)
        return true;
    if (s->input_end)
        return false;
    s->in_base += s->in.n;
    s->in_at = s->in.n = 0;
    if (!ds_buf_reserve(&s->in, DS_SOURCE_CHUNK))
        luaL_error(L, "not enough memory");
    s->in.n = read_raw(L, s, s->in.p, DS_SOURCE_CHUNK);
    s->input_end = s->in.n == 0;
    return !s->input_end;
}

static size_t input_byte(const dsL_source *s)
{
    return s->in_base + s->in_at + 1;
}

/* ------------------------------------------------------------------ decompression */

/* Between two members: true when another one begins.  Zero bytes, with which tapes are filled up, are no error. */
static bool next_member(lua_State *L, dsL_source *s)
{
    while (have_input(L, s) && s->in.p[s->in_at] == '\0')
        s->in_at++;
    if (!have_input(L, s))
        return !(s->end = true);
    if ((unsigned char)s->in.p[s->in_at] != 0x1F)
        return fail_source(s, "bytes that are no gzip data follow its end; cut off, or another format?", input_byte(s));
    if (inflateReset(&s->z) != Z_OK)
        return fail_source(s, "zlib cannot go on", input_byte(s));
    s->between = false;
    return true;
}

/* Decompresses to dst.  0: the end, or a failure.  [-0, +0, e] */
static size_t pull_gzip(lua_State *L, dsL_source *s, char *dst, size_t room)
{
    uInt most = room < UINT_MAX ? (uInt)room : UINT_MAX;
    s->z.next_out = (Bytef *)dst;
    s->z.avail_out = most;
    while (!s->end && s->z.avail_out == most) {
        if (s->between && !next_member(L, s))
            break;
        if (!have_input(L, s)) {
            fail_source(s, "the gzip data ends too early: the file is cut off", input_byte(s));
            break;
        }
        s->z.next_in = (Bytef *)s->in.p + s->in_at;
        s->z.avail_in = (uInt)(s->in.n - s->in_at);
        int code = inflate(&s->z, Z_NO_FLUSH);
        s->in_at = s->in.n - s->z.avail_in;
        if (code == Z_STREAM_END) {
            s->between = true;
        } else if (code == Z_MEM_ERROR) {
            luaL_error(L, "not enough memory");
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            char what[MESSAGE_MOST];
            snprintf(what, sizeof what, "damaged gzip data (%s)", s->z.msg != NULL ? s->z.msg : "of another format");
            fail_source(s, what, input_byte(s));
        }
    }
    return most - s->z.avail_out;
}

static size_t pull_zstd(lua_State *L, dsL_source *s, char *dst, size_t room)
{
    ZSTD_outBuffer out = {dst, room, 0};
    while (!s->end && out.pos == 0) {
        bool more = have_input(L, s);
        if (!more && s->between) {
            s->end = true;
            break;
        }
        ZSTD_inBuffer in = {s->in.p, s->in.n, s->in_at};
        size_t code = ZSTD_decompressStream(s->zs, &out, &in);
        bool moved = in.pos > s->in_at || out.pos > 0;
        s->in_at = in.pos;
        if (ZSTD_isError(code)) {
            char what[MESSAGE_MOST];
            snprintf(what, sizeof what, "damaged Zstandard data (%s)", ZSTD_getErrorName(code));
            fail_source(s, what, input_byte(s));
        } else if (!more && !moved) {
            fail_source(s, "the Zstandard data ends too early: the file is cut off", input_byte(s));
        }
        s->between = code == 0;
    }
    return out.pos;
}

static size_t pull(lua_State *L, dsL_source *s, char *dst, size_t room)
{
    if (s->end || room == 0)
        return 0;
    size_t got = s->kind == KIND_GZIP   ? pull_gzip(L, s, dst, room)
                 : s->kind == KIND_ZSTD ? pull_zstd(L, s, dst, room)
                                        : read_raw(L, s, dst, room);
    s->end = s->end || got == 0;
    return got;
}

/* ------------------------------------------------------------------ the window */

ds_str dsL_source_window(const dsL_source *s)
{
    return (ds_str){s->p + s->beg, s->n - s->beg};
}

/* Room for the next chunk: a small file is read in one. */
static size_t chunk_size(const dsL_source *s)
{
    return s->size_hint > 0 && s->size_hint < DS_SOURCE_CHUNK && s->n == 0 ? s->size_hint + 1 : DS_SOURCE_CHUNK;
}

bool dsL_source_more(lua_State *L, dsL_source *s)
{
    if (s->end || s->plain_text)
        return false;
    if (s->beg > 0) {
        memmove(s->buf.p, s->buf.p + s->beg, s->n - s->beg);
        s->base += s->beg;
        s->n -= s->beg;
        s->beg = 0;
    }
    s->buf.n = s->n;
    size_t room = chunk_size(s);
    if (!ds_buf_reserve(&s->buf, room))
        luaL_error(L, "not enough memory");
    size_t got = pull(L, s, s->buf.p + s->n, room);
    s->buf.n = s->n += got;
    s->p = s->buf.p;
    return got > 0;
}

static size_t count_lines(const char *p, size_t n)
{
    size_t lines = 0;
    const char *end = p + n;
    for (const char *at = p; at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        lines++;
    return lines;
}

void dsL_source_take(dsL_source *s, size_t n)
{
    s->line += count_lines(s->p + s->beg, n);
    s->beg += n;
}

size_t dsL_source_offset(const dsL_source *s)
{
    return s->base + s->beg;
}

size_t dsL_source_line_number(const dsL_source *s)
{
    return s->line;
}

bool dsL_source_line(lua_State *L, dsL_source *s, size_t longest, ds_str *line, size_t *taken)
{
    size_t seen = 0;
    for (;;) {
        ds_str w = dsL_source_window(s);
        const char *nl = w.n > seen ? memchr(w.p + seen, '\n', w.n - seen) : NULL;
        size_t end = nl != NULL ? (size_t)(nl - w.p) : w.n;
        *line = (ds_str){w.p, end};
        *taken = end + (nl != NULL ? 1 : 0);
        if (end > longest)
            return false;
        if (nl != NULL || (!dsL_source_more(L, s) && !s->failed && end > 0)) {
            *line = (ds_str){s->p + s->beg, end};
            if (end > 0 && line->p[end - 1] == '\r')
                line->n--;
            return true;
        }
        line->n = 0;
        seen = end;
        if (s->end && dsL_source_window(s).n == end)
            return false;
    }
}

void dsL_source_skip_line(lua_State *L, dsL_source *s)
{
    do {
        ds_str w = dsL_source_window(s);
        const char *nl = w.n > 0 ? memchr(w.p, '\n', w.n) : NULL;
        dsL_source_take(s, nl != NULL ? (size_t)(nl - w.p) + 1 : w.n);
        if (nl != NULL)
            return;
    } while (dsL_source_more(L, s));
}

bool dsL_source_failed(const dsL_source *s)
{
    return s->failed;
}

int dsL_source_fail(lua_State *L, const dsL_source *s)
{
    lua_pushnil(L);
    lua_pushstring(L, s->message);
    lua_createtable(L, 0, 1);
    if (s->bad_byte > 0) {
        lua_pushinteger(L, (lua_Integer)s->bad_byte);
        lua_setfield(L, -2, "byte");
    }
    return 3;
}

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

/* What has been read as plain becomes the compressed input. */
static void start_decompressing(lua_State *L, dsL_source *s, source_kind kind)
{
    s->kind = kind;
    if (!s->plain_text) {
        ds_buf swap = s->in;
        s->in = s->buf;
        s->buf = swap;
    }
    s->plain_text = s->end = false;
    s->p = "";
    s->n = 0;
    if (kind == KIND_GZIP)
        s->z_live = inflateInit2(&s->z, 15 + 16) == Z_OK;
    else
        s->zs = ZSTD_createDStream();
    if (!s->z_live && s->zs == NULL)
        luaL_error(L, "not enough memory");
}

static void look_at_start(lua_State *L, dsL_source *s)
{
    while (!s->plain_text && s->n < 4 && dsL_source_more(L, s))
        ;
    ds_str w = dsL_source_window(s);
    if (w.n >= 3 && memcmp(w.p, "\x1F\x8B\x08", 3) == 0)
        start_decompressing(L, s, KIND_GZIP);
    else if (w.n >= 4 && memcmp(w.p, "\x28\xB5\x2F\xFD", 4) == 0)
        start_decompressing(L, s, KIND_ZSTD);
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
    look_at_start(L, s);
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
    look_at_start(L, s);
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
    lua_pushfstring(L, "larger than %I bytes%s; split it", (LUAI_UACINT)limit, s->kind == KIND_PLAIN ? "" : ", decompressed");
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
    if (s->plain_text || s->end || (s->kind == KIND_PLAIN && s->n > 0 && s->n == s->size_hint && !dsL_source_more(L, s)))
        return push_window(L, s, limit);
    ds_str w = dsL_source_window(s);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addlstring(&b, w.p, w.n);
    total = w.n;
    size_t rest = s->kind == KIND_PLAIN && s->size_hint > w.n ? s->size_hint - w.n + 1 : DS_SOURCE_CHUNK;
    for (size_t room = rest; total <= limit; room = DS_SOURCE_CHUNK) {
        size_t got = pull(L, s, luaL_prepbuffsize(&b, room), room);
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
    {"skip", source_skip},               {"seek", source_seek},   {NULL, NULL},
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

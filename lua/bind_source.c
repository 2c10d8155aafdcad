/* bind_source.c - see bind_source.h: raw bytes, decompression, the window. */
#include "bind_source_int.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bind_stream.h"

#ifndef DS_SOURCE_CHUNK
#define DS_SOURCE_CHUNK ((size_t)128 << 10)
#endif

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
            char what[DSL_SOURCE_MESSAGE_MOST];
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
            char what[DSL_SOURCE_MESSAGE_MOST];
            snprintf(what, sizeof what, "damaged Zstandard data (%s)", ZSTD_getErrorName(code));
            fail_source(s, what, input_byte(s));
        } else if (!more && !moved) {
            fail_source(s, "the Zstandard data ends too early: the file is cut off", input_byte(s));
        }
        s->between = code == 0;
#ifdef DS_PLANT_SOURCE /* a bug that fuzzing must find, `make fuzz`: a file that is cut off is taken as whole */
        s->between = true;
#endif
    }
    return out.pos;
}

size_t dsL_source_pull(lua_State *L, dsL_source *s, char *dst, size_t room)
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
    size_t got = dsL_source_pull(L, s, s->buf.p + s->n, room);
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
#ifdef DS_PLANT_CONLLU /* a bug that fuzzing must find, `make fuzz`: the last line is said to have an end */
        *taken = end + 1;
#endif
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

/* ------------------------------------------------------------------ the start */

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

void dsL_source_begin(lua_State *L, dsL_source *s)
{
    while (!s->plain_text && s->n < 4 && dsL_source_more(L, s))
        ;
    ds_str w = dsL_source_window(s);
    if (w.n >= 3 && memcmp(w.p, "\x1F\x8B\x08", 3) == 0)
        start_decompressing(L, s, KIND_GZIP);
    else if (w.n >= 4 && memcmp(w.p, "\x28\xB5\x2F\xFD", 4) == 0)
        start_decompressing(L, s, KIND_ZSTD);
}

/* bind_clean.c - see bind_clean.h. */
#include "bind_clean.h"

#include <string.h>

#include "utf8.h"

#define SOURCEMAP "ds.sourcemap"

/* ------------------------------------------------------------------ white space */

static bool is_blank_cp(uint32_t cp)
{
    if (cp <= 0x20 || cp == 0x7F)
        return true;
    if (cp < 0x2000)
        return cp == 0x85 || cp == 0xA0 || cp == 0x1680;
    return cp <= 0x200F || (cp >= 0x2028 && cp <= 0x202F) || cp == 0x205F || cp == 0x2060 ||
           cp == 0x3000 || cp == 0xFEFF;
}

static size_t skip_blank(const char *p, size_t n)
{
    size_t at = 0;
    while (at < n) {
        uint32_t cp;
        size_t len = ds_utf8_decode(p + at, n - at, &cp);
        if (!is_blank_cp(cp))
            break;
        at += len;
    }
    return at;
}

/* End of `line` without the white space at its end. */
static size_t trimmed_end(ds_str line)
{
    size_t end = line.n;
    while (end > 0) {
        uint32_t cp;
        size_t prev = ds_utf8_prev((ds_str){line.p, end}, end);
        (void)ds_utf8_decode(line.p + prev, end - prev, &cp);
        if (!is_blank_cp(cp))
            break;
        end = prev;
    }
    return end;
}

/* ------------------------------------------------------------------ building */

void dsL_clean_init(dsL_clean *c, const ds_alloc *a, ds_str src)
{
    memset(c, 0, sizeof *c);
    c->src = src;
    ds_buf_init(&c->text, a);
    ds_offmap_init(&c->map, a);
}

void dsL_clean_clear(dsL_clean *c)
{
    ds_buf_clear(&c->text);
    ds_offmap_clear(&c->map);
}

size_t dsL_clean_eol(ds_str src, size_t at, size_t end)
{
    if (at >= end)
        return at;
    const char *lf = memchr(src.p + at, '\n', end - at);
    size_t stop = lf != NULL ? (size_t)(lf - src.p) : end;
    const char *cr = memchr(src.p + at, '\r', stop - at);
    return cr != NULL ? (size_t)(cr - src.p) : stop;
}

size_t dsL_clean_past_eol(ds_str src, size_t at)
{
    if (at < src.n && src.p[at] == '\r')
        at++;
    else
        return at < src.n && src.p[at] == '\n' ? at + 1 : at;
    return at < src.n && src.p[at] == '\n' ? at + 1 : at;
}

/* The break due before source offset `beg`: it stands for the first line end that was passed or, when
 * markup such as <br> made it, for all that lies between. */
static void write_break(dsL_clean *c, size_t beg)
{
    size_t at = dsL_clean_eol(c->src, c->src_end, beg);
    size_t past = at < beg ? dsL_clean_past_eol(c->src, at) : beg;
    if (at < beg && c->src.p[at] == '\n')
        ds_offmap_linear(&c->map, 1, at);
    else
        ds_offmap_atom(&c->map, 1, at < beg ? at : c->src_end, past - (at < beg ? at : c->src_end));
    ds_buf_byte(&c->text, '\n');
    c->line = c->text.n;
    c->pending = false;
}

/* True when the next byte would be a line's first, where white space is left out. */
static bool at_start(const dsL_clean *c)
{
    return !c->keep && (c->pending || c->text.n == c->line);
}

void dsL_clean_copy(dsL_clean *c, size_t beg, size_t end)
{
    if (at_start(c))
        beg += skip_blank(c->src.p + beg, end - beg);
    if (beg >= end)
        return;
    if (c->pending)
        write_break(c, beg);
    ds_buf_put(&c->text, c->src.p + beg, end - beg);
    ds_offmap_linear(&c->map, end - beg, beg);
    c->src_end = end;
}

void dsL_clean_atom(dsL_clean *c, const char *p, size_t n, size_t beg, size_t end)
{
    if (at_start(c) && skip_blank(p, n) == n)
        return;
    if (c->pending)
        write_break(c, beg);
    ds_buf_put(&c->text, p, n);
    ds_offmap_atom(&c->map, n, beg, end - beg);
    c->src_end = end;
}

void dsL_clean_break(dsL_clean *c)
{
    if (c->pending || c->text.n == 0 || c->text.status != DS_OK || c->map.status != DS_OK)
        return;
    size_t kept = c->line + trimmed_end((ds_str){c->text.p + c->line, c->text.n - c->line});
    if (kept < c->text.n) {
        c->text.n = kept;
        ds_offmap_truncate(&c->map, kept);
    }
    if (c->line == kept && kept > 0) /* nothing came after the last break: it is due again */
        ds_offmap_truncate(&c->map, --c->text.n);
    c->pending = c->text.n > 0;
}

ds_status dsL_clean_finish(dsL_clean *c)
{
    dsL_clean_break(c);
    return c->text.status != DS_OK ? c->text.status : c->map.status;
}

void dsL_clean_lines(dsL_clean *c, size_t beg, size_t end)
{
    while (beg < end) {
        size_t eol = dsL_clean_eol(c->src, beg, end);
        dsL_clean_copy(c, beg, eol);
        dsL_clean_break(c);
        beg = dsL_clean_past_eol(c->src, eol);
    }
}

/* ------------------------------------------------------------------ ds.sourcemap */

static dsL_clean *check_sourcemap(lua_State *L)
{
    return luaL_checkudata(L, 1, SOURCEMAP);
}

static int sourcemap_len(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_sourcemap(L)->map.out_len);
    return 1;
}

static int sourcemap_origin(lua_State *L)
{
    dsL_clean *c = check_sourcemap(L);
    size_t beg, end;
    dsL_checkrange(L, 2, c->map.out_len, &beg, &end);
    ds_offmap_origin(&c->map, beg, end, &beg, &end);
    dsL_pushspan(L, c->base + beg, c->base + end);
    return 2;
}

/* On top: the map's offset in the file, the list. */
static void push_piece(void *ud, size_t beg, size_t end)
{
    lua_State *L = ud;
    size_t base = (size_t)lua_tointeger(L, -2);
    lua_createtable(L, 2, 0);
    dsL_pushspan(L, base + beg, base + end);
    lua_rawseti(L, -3, 2);
    lua_rawseti(L, -2, 1);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static int sourcemap_pieces(lua_State *L)
{
    dsL_clean *c = check_sourcemap(L);
    size_t beg, end;
    dsL_checkrange(L, 2, c->map.out_len, &beg, &end);
    lua_pushinteger(L, (lua_Integer)c->base);
    lua_newtable(L);
    ds_offmap_pieces(&c->map, beg, end, push_piece, L);
    return 1;
}

static int sourcemap_gc(lua_State *L)
{
    dsL_clean_clear(check_sourcemap(L));
    return 0;
}

static int sourcemap_tostring(lua_State *L)
{
    lua_pushfstring(L, "ds.sourcemap (%I bytes)", (lua_Integer)check_sourcemap(L)->map.out_len);
    return 1;
}

static const luaL_Reg sourcemap_methods[] = {
    {"origin", sourcemap_origin}, {"pieces", sourcemap_pieces}, {NULL, NULL}};
static const luaL_Reg sourcemap_meta[] = {{"__len", sourcemap_len},
                                          {"__gc", sourcemap_gc},
                                          {"__close", sourcemap_gc},
                                          {"__tostring", sourcemap_tostring},
                                          {NULL, NULL}};

dsL_clean *dsL_clean_push(lua_State *L)
{
    ds_alloc *a;
    dsL_newclass(L, SOURCEMAP, sourcemap_methods, sourcemap_meta);
    dsL_clean *c = lua_newuserdatauv(L, sizeof *c + sizeof *a, 0);
    a = (ds_alloc *)(c + 1); /* the allocator lives as long as what it allocates */
    *a = dsL_alloc(L);
    dsL_clean_init(c, a, (ds_str){NULL, 0});
    luaL_setmetatable(L, SOURCEMAP);
    return c;
}

void dsL_clean_pushtext(lua_State *L, dsL_clean *c)
{
    lua_pushlstring(L, c->text.n > 0 ? c->text.p : "", c->text.n);
    ds_buf_clear(&c->text);
    c->src = (ds_str){NULL, 0};
}

/* compat_jit.c - see compat_jit.h.  A name in parentheses is LuaJIT's own function. */
#include "compat.h"

#if LUA_VERSION_NUM < 503
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXACT 9007199254740992.0 /* 2^53: up to there every whole number has a double of its own */

/* ------------------------------------------------------------------ type or string */

int dsL_compat_getfield(lua_State *L, int at, const char *key)
{
    (lua_getfield)(L, at, key);
    return lua_type(L, -1);
}

int dsL_compat_gettable(lua_State *L, int at)
{
    (lua_gettable)(L, at);
    return lua_type(L, -1);
}

int dsL_compat_rawget(lua_State *L, int at)
{
    (lua_rawget)(L, at);
    return lua_type(L, -1);
}

int dsL_compat_rawgeti(lua_State *L, int at, lua_Integer i)
{
    if (i < INT_MIN || i > INT_MAX) { /* LuaJIT takes an int */
        at = lua_absindex(L, at);
        lua_pushinteger(L, i);
        return lua_rawget(L, at);
    }
    (lua_rawgeti)(L, at, (int)i);
    return lua_type(L, -1);
}

void dsL_compat_rawseti(lua_State *L, int at, lua_Integer i)
{
    if (i < INT_MIN || i > INT_MAX) {
        at = lua_absindex(L, at);
        lua_pushinteger(L, i);
        lua_insert(L, -2);
        lua_rawset(L, at);
        return;
    }
    (lua_rawseti)(L, at, (int)i);
}

int dsL_compat_geti(lua_State *L, int at, lua_Integer i)
{
    at = lua_absindex(L, at);
    lua_pushinteger(L, i);
    return lua_gettable(L, at);
}

void dsL_compat_seti(lua_State *L, int at, lua_Integer i)
{
    at = lua_absindex(L, at);
    lua_pushinteger(L, i);
    lua_insert(L, -2);
    lua_settable(L, at);
}

int dsL_compat_newmetatable(lua_State *L, const char *name)
{
    if (!(luaL_newmetatable)(L, name))
        return 0;
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    return 1;
}

int dsL_compat_getmetafield(lua_State *L, int at, const char *name)
{
    return (luaL_getmetafield)(L, at, name) ? lua_type(L, -1) : LUA_TNIL;
}

const char *dsL_compat_pushlstring(lua_State *L, const char *s, size_t n)
{
    (lua_pushlstring)(L, s, n);
    return lua_tostring(L, -1);
}

const char *dsL_compat_pushstring(lua_State *L, const char *s)
{
    (lua_pushstring)(L, s);
    return lua_tostring(L, -1);
}

/* ------------------------------------------------------------------ numbers */

int dsL_compat_numbertointeger(lua_Number n, lua_Integer *i)
{
    if (!(n >= -9223372036854775808.0 && n < 9223372036854775808.0))
        return 0;
    *i = (lua_Integer)n;
    return 1;
}

int dsL_compat_isinteger(lua_State *L, int at)
{
    if (lua_type(L, at) != LUA_TNUMBER)
        return 0;
    lua_Number n = lua_tonumber(L, at);
    return n >= -EXACT && n <= EXACT && (lua_Number)(lua_Integer)n == n && !(n == 0 && signbit(n));
}

lua_Integer dsL_compat_tointegerx(lua_State *L, int at, int *is)
{
    lua_Integer i = 0;
    int isnum;
    lua_Number n = lua_tonumberx(L, at, &isnum);
    int whole = isnum && lua_numbertointeger(n, &i) && (lua_Number)i == n;
    if (is != NULL)
        *is = whole;
    return whole ? i : 0;
}

lua_Integer dsL_compat_checkinteger(lua_State *L, int arg)
{
    int is;
    lua_Integer i = lua_tointegerx(L, arg, &is);
    if (!is) {
        luaL_checknumber(L, arg);
        luaL_argerror(L, arg, "number has no integer representation");
    }
    return i;
}

lua_Integer dsL_compat_optinteger(lua_State *L, int arg, lua_Integer otherwise)
{
    return lua_isnoneornil(L, arg) ? otherwise : luaL_checkinteger(L, arg);
}

size_t dsL_compat_stringtonumber(lua_State *L, const char *s)
{
    lua_pushstring(L, s);
    if (!lua_isnumber(L, -1)) {
        lua_pop(L, 1);
        return 0;
    }
    lua_pushnumber(L, lua_tonumber(L, -1));
    lua_remove(L, -2);
    return strlen(s) + 1;
}

/* ------------------------------------------------------------------ values */

lua_Integer dsL_compat_len(lua_State *L, int at)
{
    if (!luaL_callmeta(L, at, "__len"))
        return (lua_Integer)lua_rawlen(L, at);
    int is;
    lua_Integer n = lua_tointegerx(L, -1, &is);
    if (!is)
        luaL_error(L, "object length is not an integer");
    lua_pop(L, 1);
    return n;
}

int dsL_compat_absindex(lua_State *L, int at)
{
    return at > 0 || at <= LUA_REGISTRYINDEX ? at : lua_gettop(L) + at + 1;
}

int dsL_compat_compare(lua_State *L, int a, int b, int op)
{
    return op == LUA_OPEQ ? lua_equal(L, a, b) : lua_lessthan(L, a, b);
}

const char *dsL_compat_tolstring(lua_State *L, int at, size_t *n)
{
    at = lua_absindex(L, at);
    if (luaL_callmeta(L, at, "__tostring")) {
        if (!lua_isstring(L, -1))
            luaL_error(L, "'__tostring' must return a string");
        return lua_tolstring(L, -1, n);
    }
    switch (lua_type(L, at)) {
    case LUA_TNUMBER:
    case LUA_TSTRING: lua_pushvalue(L, at); break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, at) ? "true" : "false"); break;
    case LUA_TNIL: lua_pushliteral(L, "nil"); break;
    default: lua_pushfstring(L, "%s: %p", luaL_typename(L, at), lua_topointer(L, at));
    }
    return lua_tolstring(L, -1, n);
}

int dsL_compat_getsubtable(lua_State *L, int at, const char *name)
{
    if (lua_getfield(L, at, name) == LUA_TTABLE)
        return 1;
    lua_pop(L, 1);
    at = lua_absindex(L, at);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, at, name);
    return 0;
}

void dsL_compat_requiref(lua_State *L, const char *name, lua_CFunction open, int global)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, name);
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        lua_pushcfunction(L, open);
        lua_pushstring(L, name);
        lua_call(L, 1, 1);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, name);
    }
    lua_remove(L, -2);
    if (global) {
        lua_pushvalue(L, -1);
        lua_setglobal(L, name);
    }
}

/* ------------------------------------------------------------------ messages */

/* Adds what the conversion `c` makes of the next argument. */
static void add_conversion(dsL_buffer *b, char c, va_list *args)
{
    char text[64];
    int n = 0;
    const char *s;
    switch (c) {
    case 's':
        s = va_arg(*args, const char *);
        luaL_addstring(b, s != NULL ? s : "(null)");
        return;
    case 'c': n = snprintf(text, sizeof text, "%c", va_arg(*args, int)); break;
    case 'd': n = snprintf(text, sizeof text, "%d", va_arg(*args, int)); break;
    case 'I': n = snprintf(text, sizeof text, "%lld", va_arg(*args, long long)); break;
    case 'f': n = snprintf(text, sizeof text, LUA_NUMBER_FMT, va_arg(*args, double)); break;
    case 'p': n = snprintf(text, sizeof text, "%p", va_arg(*args, void *)); break;
    default: text[n++] = c; /* %% */
    }
    luaL_addlstring(b, text, (size_t)n);
}

static const char *push_formatted(lua_State *L, const char *format, va_list *args)
{
    dsL_buffer b;
    luaL_buffinit(L, &b);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at == '%' && at[1] != '\0')
            add_conversion(&b, *++at, args);
        else
            luaL_addchar(&b, *at);
    }
    luaL_pushresult(&b);
    return lua_tostring(L, -1);
}

const char *dsL_compat_pushfstring(lua_State *L, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *s = push_formatted(L, format, &args);
    va_end(args);
    return s;
}

int dsL_compat_error(lua_State *L, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    luaL_where(L, 1);
    push_formatted(L, format, &args);
    va_end(args);
    lua_concat(L, 2);
    return lua_error(L);
}

/* ------------------------------------------------------------------ buffers */

void dsL_buffer_init(lua_State *L, dsL_buffer *b)
{
    lua_pushnil(L);
    b->L = L;
    b->b = b->own;
    b->size = sizeof b->own;
    b->n = 0;
    b->at = lua_gettop(L);
}

char *dsL_buffer_init_size(lua_State *L, dsL_buffer *b, size_t n)
{
    dsL_buffer_init(L, b);
    return dsL_buffer_prepare(b, n);
}

char *dsL_buffer_prepare(dsL_buffer *b, size_t n)
{
    if (b->size - b->n < n) {
        if (n > SIZE_MAX / 2 - b->n)
            luaL_error(b->L, "buffer too large");
        size_t size = b->size * 2 < b->n + n ? b->n + n : b->size * 2;
        char *bytes = lua_newuserdata(b->L, size);
        memcpy(bytes, b->b, b->n);
        lua_replace(b->L, b->at); /* the old one is garbage from here on */
        b->b = bytes;
        b->size = size;
    }
    return b->b + b->n;
}

void dsL_buffer_add(dsL_buffer *b, const char *s, size_t n)
{
    if (n == 0)
        return;
    memcpy(dsL_buffer_prepare(b, n), s, n);
    b->n += n;
}

void dsL_buffer_add_string(dsL_buffer *b, const char *s)
{
    dsL_buffer_add(b, s, strlen(s));
}

void dsL_buffer_add_value(dsL_buffer *b)
{
    size_t n;
    const char *s = lua_tolstring(b->L, -1, &n);
    dsL_buffer_add(b, s, n);
    lua_pop(b->L, 1);
}

void dsL_buffer_push(dsL_buffer *b)
{
    lua_pushlstring(b->L, b->b, b->n);
    lua_replace(b->L, b->at);
}

void dsL_buffer_push_size(dsL_buffer *b, size_t n)
{
    b->n += n;
    dsL_buffer_push(b);
}

#else
typedef int dsL_compat_jit_is_empty; /* an empty file is no translation unit */
#endif

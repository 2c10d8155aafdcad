/*
 * compat_jit.h - what LuaJIT 2.1 lacks of the API of Lua 5.3; included by compat.h alone.
 */
#ifndef DS_COMPAT_JIT_H
#define DS_COMPAT_JIT_H

#include <stddef.h>

#define LUA_PRELOAD_TABLE "_PRELOAD"
#define LUA_LOADED_TABLE "_LOADED"
#define LUAMOD_API LUALIB_API
#define LUA_MAXINTEGER PTRDIFF_MAX
#define LUA_MININTEGER PTRDIFF_MIN
#define LUA_INTEGER_FMT "%lld"
#define LUAI_UACINT long long
#define LUA_OPEQ 0
#define LUA_OPLT 1

typedef size_t lua_Unsigned;

/* ------------------------------------------------------------------ functions that give the type or the string */

int dsL_compat_getfield(lua_State *L, int at, const char *key);
int dsL_compat_gettable(lua_State *L, int at);
int dsL_compat_rawget(lua_State *L, int at);
int dsL_compat_rawgeti(lua_State *L, int at, lua_Integer i);
int dsL_compat_geti(lua_State *L, int at, lua_Integer i);
void dsL_compat_seti(lua_State *L, int at, lua_Integer i);
void dsL_compat_rawseti(lua_State *L, int at, lua_Integer i);
int dsL_compat_newmetatable(lua_State *L, const char *name); /* with __name */
int dsL_compat_getmetafield(lua_State *L, int at, const char *name);
const char *dsL_compat_pushstring(lua_State *L, const char *s);
const char *dsL_compat_pushlstring(lua_State *L, const char *s, size_t n);

#define lua_getfield(L, at, key) dsL_compat_getfield(L, at, key)
#define lua_gettable(L, at) dsL_compat_gettable(L, at)
#define lua_rawget(L, at) dsL_compat_rawget(L, at)
#define lua_rawgeti(L, at, i) dsL_compat_rawgeti(L, at, i)
#define lua_rawseti(L, at, i) dsL_compat_rawseti(L, at, i)
#define lua_geti dsL_compat_geti
#define lua_seti dsL_compat_seti
#define luaL_newmetatable(L, name) dsL_compat_newmetatable(L, name)
#define luaL_getmetafield(L, at, name) dsL_compat_getmetafield(L, at, name)
#define lua_pushstring(L, s) dsL_compat_pushstring(L, s)
#define lua_pushlstring(L, s, n) dsL_compat_pushlstring(L, s, n)
#undef lua_pushliteral
#define lua_pushliteral(L, s) lua_pushlstring(L, "" s, sizeof(s) - 1)

/* ------------------------------------------------------------------ numbers */

int dsL_compat_isinteger(lua_State *L, int at);
lua_Integer dsL_compat_checkinteger(lua_State *L, int arg);
lua_Integer dsL_compat_optinteger(lua_State *L, int arg, lua_Integer otherwise);
lua_Integer dsL_compat_tointegerx(lua_State *L, int at, int *is);
int dsL_compat_numbertointeger(lua_Number n, lua_Integer *i);
size_t dsL_compat_stringtonumber(lua_State *L, const char *s);

#define lua_isinteger dsL_compat_isinteger
#define luaL_checkinteger dsL_compat_checkinteger
#define luaL_optinteger dsL_compat_optinteger
#define lua_tointegerx dsL_compat_tointegerx
#define lua_numbertointeger dsL_compat_numbertointeger
#define lua_stringtonumber dsL_compat_stringtonumber

/* ------------------------------------------------------------------ values */

#define lua_rawlen lua_objlen
lua_Integer dsL_compat_len(lua_State *L, int at);
int dsL_compat_absindex(lua_State *L, int at);
int dsL_compat_compare(lua_State *L, int a, int b, int op);
const char *dsL_compat_tolstring(lua_State *L, int at, size_t *n);
int dsL_compat_getsubtable(lua_State *L, int at, const char *name);
void dsL_compat_requiref(lua_State *L, const char *name, lua_CFunction open, int global);

#define luaL_len dsL_compat_len
#define lua_absindex dsL_compat_absindex
#define lua_compare dsL_compat_compare
#define luaL_tolstring dsL_compat_tolstring
#define luaL_getsubtable dsL_compat_getsubtable
#define luaL_requiref dsL_compat_requiref
#undef luaL_newlib
#define luaL_newlib(L, list) (lua_createtable(L, 0, (int)(sizeof(list) / sizeof *(list)) - 1), luaL_setfuncs(L, list, 0))

/* ------------------------------------------------------------------ messages: with %I and %U */

const char *dsL_compat_pushfstring(lua_State *L, const char *format, ...);
int dsL_compat_error(lua_State *L, const char *format, ...);

#define lua_pushfstring dsL_compat_pushfstring
#define luaL_error dsL_compat_error

/* ------------------------------------------------------------------ buffers that grow by any size */

#define DSL_BUFFER_INLINE 1024

/* `at` is the place on the stack that keeps the bytes: nil while they are in `own`, else a userdata. */
typedef struct dsL_buffer {
    char *b;
    size_t size, n;
    lua_State *L;
    int at;
    char own[DSL_BUFFER_INLINE];
} dsL_buffer;

void dsL_buffer_init(lua_State *L, dsL_buffer *b);
char *dsL_buffer_init_size(lua_State *L, dsL_buffer *b, size_t n);
char *dsL_buffer_prepare(dsL_buffer *b, size_t n);
void dsL_buffer_add(dsL_buffer *b, const char *s, size_t n);
void dsL_buffer_add_string(dsL_buffer *b, const char *s);
void dsL_buffer_add_value(dsL_buffer *b);
void dsL_buffer_push(dsL_buffer *b);
void dsL_buffer_push_size(dsL_buffer *b, size_t n);

#define luaL_Buffer dsL_buffer
#define luaL_buffinit dsL_buffer_init
#define luaL_buffinitsize dsL_buffer_init_size
#define luaL_prepbuffsize dsL_buffer_prepare
#define luaL_addlstring dsL_buffer_add
#define luaL_addstring dsL_buffer_add_string
#define luaL_addvalue dsL_buffer_add_value
#define luaL_pushresult dsL_buffer_push
#define luaL_pushresultsize dsL_buffer_push_size
#undef luaL_addchar
#define luaL_addchar(B, c) ((void)((B)->n < (B)->size || dsL_buffer_prepare(B, 1)), ((B)->b[(B)->n++] = (char)(c)))
#undef luaL_addsize
#define luaL_addsize(B, s) ((B)->n += (s))

#endif

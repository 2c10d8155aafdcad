/*
 * bind_encoding.c - ds.utf8.detect and ds.utf8.decode.
 *
 *   detect(bytes [, declared])   -> name, confidence 0..1, {bom = bytes of the byte order mark, if there is one}.
 *                                   declared: the name that a header or the caller gives, a hint; nil or a name that
 *                                   is not known is no hint.  Name "unknown", 0: no text in an encoding known here.
 *   decode(bytes, encoding)      -> UTF-8 | nil, message, byte where the first ill-formed sequence starts
 *   decode_mapped(bytes, encoding) -> UTF-8, ds.sourcemap | nil, message, byte: for readers, which must lead back to
 *                                   the bytes of a file
 *
 * An encoding that is not known may come from data: decode gives nil and a message, without byte.
 */
#include "bind_clean.h"
#include "encoding.h"

/* [-0, +3, e] */
static int encoding_detect(lua_State *L)
{
    ds_str bytes = dsL_checkstr(L, 1);
    ds_str name = {NULL, 0};
    if (!lua_isnoneornil(L, 2))
        name = dsL_checkstr(L, 2);
    ds_alloc a = dsL_alloc(L);
    ds_detection found;
    ds_error err;
    if (ds_detect(&a, bytes, ds_encoding_by_name(name), &found, &err) != DS_OK)
        return dsL_raise(L, &err);
    lua_pushstring(L, ds_encoding_name(found.encoding));
    lua_pushnumber(L, found.confidence);
    lua_createtable(L, 0, 1);
    if (found.bom > 0) {
        lua_pushinteger(L, (lua_Integer)found.bom);
        lua_setfield(L, -2, "bom");
    }
    return 3;
}

/* Pushes nil, "unknown encoding ...; there are: ...".  [-0, +2, m] */
static int push_unknown(lua_State *L, int arg)
{
    luaL_Buffer b;
    lua_pushnil(L);
    luaL_buffinit(L, &b);
    luaL_addstring(&b, "unknown encoding '");
    luaL_addstring(&b, lua_tostring(L, arg));
    luaL_addstring(&b, "'; there are: ");
    for (ds_encoding e = DS_ENC_ASCII; e < DS_ENC_COUNT; e++) {
        luaL_addstring(&b, e == DS_ENC_ASCII ? "" : ", ");
        luaL_addstring(&b, ds_encoding_name(e));
    }
    luaL_pushresult(&b);
    return 2;
}

/* Pushes nil, message [, byte] for a failure; lack of memory raises.  [-0, +2|3, e] */
static int push_failure(lua_State *L, const ds_error *err)
{
    if (err->status == DS_ENOMEM)
        return dsL_raise(L, err);
    lua_pushnil(L);
    lua_pushstring(L, err->msg);
    if (err->status != DS_EFORMAT)
        return 2;
    lua_pushinteger(L, (lua_Integer)err->off + 1);
    return 3;
}

/* The encoding at `arg`.  A name that tells no byte order asks the mark at the start of `bytes`.  [-0, +0, e] */
static ds_encoding check_encoding(lua_State *L, int arg, ds_str bytes)
{
    size_t len;
    ds_encoding e = ds_encoding_by_name(dsL_checkstr(L, arg)), mark = ds_encoding_bom(bytes, &len);
    if ((e == DS_ENC_UTF16LE && mark == DS_ENC_UTF16BE) || (e == DS_ENC_UTF32LE && mark == DS_ENC_UTF32BE))
        return mark;
    return e;
}

/* Both forms; the object that owns the buffer until it is a Lua string is the map that may be returned.  [-0, +1|2|3, e] */
static int decode_with(lua_State *L, bool mapped)
{
    ds_str bytes = dsL_checkstr(L, 1);
    ds_encoding e = check_encoding(L, 2, bytes);
    if (e == DS_ENC_UNKNOWN)
        return push_unknown(L, 2);
    dsL_clean *c = dsL_clean_push(L);
    ds_error err;
    if (ds_decode(c->text.alloc, bytes, e, &c->text, mapped ? &c->map : NULL, &err) != DS_OK)
        return push_failure(L, &err);
    dsL_clean_pushtext(L, c);
    lua_insert(L, -2);
    return mapped ? 2 : (lua_pop(L, 1), 1);
}

/* [-0, +1|2|3, e] */
static int encoding_decode(lua_State *L)
{
    return decode_with(L, false);
}

/* [-0, +2|3, e] */
static int encoding_decode_mapped(lua_State *L)
{
    return decode_with(L, true);
}

static const luaL_Reg encoding_functions[] = {
    {"detect", encoding_detect}, {"decode", encoding_decode}, {"decode_mapped", encoding_decode_mapped}, {NULL, NULL},
};

int dsL_open_encoding(lua_State *L)
{
    luaL_newlib(L, encoding_functions);
    return 1;
}

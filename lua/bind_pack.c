/*
 * bind_pack.c - ds.c.pack: plain values as bytes, for the way from one Lua state to another.
 *
 *   pack.encode(v, what)  -> bytes       raises what cannot cross, with the path of keys: "WHAT: a function at a.b[3] …"
 *   pack.check(v, what)                  raises the same, and makes nothing
 *   pack.decode(bytes)    -> v | nil, message
 *   pack.is_json(v)       -> boolean     json.encode and json.decode bring back the same value
 *   pack.hash(bytes [, seed]) -> integer 64 bits, not cryptographic
 *   pack.hex(bytes) -> text   pack.unhex(text) -> bytes | nil
 *
 * What can cross: nil, booleans, numbers, strings, tables of these without a metatable (that of json.array and
 * json.null excepted), accumulators.  A table that stands in two places arrives as two; a cycle is too deep.
 *
 * Form     a byte for the type, then: integer, float: 8 bytes, little-endian; string, accumulator: length, bytes; table:
 *          how many items of 1 .. n and how many other pairs, then these.  Lengths are of 7 bits a byte, the low ones
 *          first, the top bit set on all but the last.
 */
#include <math.h>
#include <string.h>

#include "bind_acc.h"
#include "utf8.h"

#define PACK_DEPTH 200
#define BUFFER_CLASS "ds.pack.buffer"
#define ARRAY_MARK "ds.json.array" /* see bind_json.c */
#define NULL_MARK "ds.json.null"

enum { P_NIL, P_FALSE, P_TRUE, P_INT, P_FLOAT, P_STRING, P_TABLE, P_ARRAY, P_NULL, P_ACC };

/* Where in the value we are: the key is on the Lua stack, at `key`. */
typedef struct frame {
    const struct frame *up;
    int key;
} frame;

typedef struct packer {
    lua_State *L;
    ds_buf *out; /* NULL: only check */
    const char *what;
} packer;

/* ------------------------------------------------------------------ what cannot cross */

/* Appends the path to the buffer, which is on top of the stack. */
static void add_path(lua_State *L, luaL_Buffer *b, const frame *f)
{
    if (f == NULL)
        return;
    add_path(L, b, f->up);
    if (lua_type(L, f->key) == LUA_TSTRING) {
        size_t n;
        const char *p = lua_tolstring(L, f->key, &n);
        if (f->up != NULL)
            luaL_addchar(b, '.');
        luaL_addlstring(b, p, n);
        return;
    }
    luaL_addchar(b, '[');
    luaL_tolstring(L, f->key, NULL);
    luaL_addvalue(b);
    luaL_addchar(b, ']');
}

static int refuse(const packer *p, const frame *f, const char *thing)
{
    lua_State *L = p->L;
    luaL_Buffer b;
    luaL_checkstack(L, PACK_DEPTH, NULL);
    luaL_buffinit(L, &b);
    add_path(L, &b, f);
    luaL_pushresult(&b);
    const char *path = lua_tostring(L, -1);
    return luaL_error(L, "%s: %s%s%s cannot go from worker to worker (what can: nil, booleans, numbers, strings, plain "
                      "tables of these, accumulators)", p->what, thing, *path != '\0' ? " at " : "", path);
}

static bool has_registered(lua_State *L, int t, const char *name)
{
    if (!lua_getmetatable(L, t))
        return false;
    luaL_getmetatable(L, name);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static bool is_null(lua_State *L, int i)
{
    lua_getfield(L, LUA_REGISTRYINDEX, NULL_MARK);
    bool same = lua_rawequal(L, i, -1);
    lua_pop(L, 1);
    return same;
}

/* ------------------------------------------------------------------ to bytes */

static void put_type(const packer *p, int type)
{
    if (p->out != NULL)
        ds_buf_byte(p->out, (char)type);
}

static void put_length(const packer *p, uint64_t n)
{
    if (p->out == NULL)
        return;
    for (; n >= 0x80; n >>= 7)
        ds_buf_byte(p->out, (char)(n | 0x80));
    ds_buf_byte(p->out, (char)n);
}

static void put_bytes(const packer *p, int type, const char *s, size_t n)
{
    put_type(p, type);
    put_length(p, n);
    if (p->out != NULL)
        ds_buf_put(p->out, s, n);
}

static void put_value(const packer *p, int i, const frame *up, int depth);

static void put_number(const packer *p, int i)
{
    uint64_t u;
    if (lua_isinteger(p->L, i)) {
        u = (uint64_t)lua_tointeger(p->L, i);
    } else {
        double x = lua_tonumber(p->L, i);
        memcpy(&u, &x, sizeof u);
    }
    put_type(p, lua_isinteger(p->L, i) ? P_INT : P_FLOAT);
    if (p->out != NULL)
        ds_buf_u64(p->out, u);
}

/* How many pairs the table has beside the keys 1 .. n. */
static size_t count_others(lua_State *L, int t, lua_Integer n)
{
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, t) != 0; lua_pop(L, 1))
        count += !(lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= n);
    return count;
}

static void put_table(const packer *p, int t, const frame *up, int depth)
{
    lua_State *L = p->L;
    lua_Integer n = (lua_Integer)lua_rawlen(L, t);
    bool array = has_registered(L, t, ARRAY_MARK);
    if (!array && lua_getmetatable(L, t)) {
        const char *name = lua_getfield(L, -1, "__name") == LUA_TSTRING ? lua_tostring(L, -1) : "table with a metatable";
        refuse(p, up, lua_pushfstring(L, "a %s", name));
    }
    if (depth >= PACK_DEPTH)
        refuse(p, up->up, "a table that is nested too deep, or within itself,");
    luaL_checkstack(L, 6, "a value to send");
    put_type(p, array ? P_ARRAY : P_TABLE);
    put_length(p, (uint64_t)n);
    put_length(p, count_others(L, t, n));
    for (lua_Integer i = 1; i <= n; i++) {
        lua_pushinteger(L, i);
        lua_rawgeti(L, t, i);
        put_value(p, lua_gettop(L), &(frame){up, lua_gettop(L) - 1}, depth + 1);
        lua_pop(L, 2);
    }
    for (lua_pushnil(L); lua_next(L, t) != 0; lua_pop(L, 1)) {
        int key = lua_gettop(L) - 1;
        if (lua_isinteger(L, key) && lua_tointeger(L, key) >= 1 && lua_tointeger(L, key) <= n)
            continue;
        if (lua_type(L, key) == LUA_TTABLE || lua_type(L, key) > LUA_TTABLE)
            refuse(p, up, lua_pushfstring(L, "a %s as a key", luaL_typename(L, key)));
        put_value(p, key, up, depth + 1);
        put_value(p, key + 1, &(frame){up, key}, depth + 1);
    }
}

static void put_acc(const packer *p, const ds_acc *acc)
{
    ds_error err;
    ds_buf b;
    if (p->out == NULL)
        return;
    ds_buf_init(&b, NULL);
    ds_status st = ds_acc_save(acc, &b, &err);
    if (st == DS_OK)
        put_bytes(p, P_ACC, b.p, b.n);
    ds_buf_clear(&b);
    if (st != DS_OK)
        dsL_raise(p->L, &err);
}

static void put_userdata(const packer *p, int i, const frame *up)
{
    const ds_acc *acc = dsL_toacc(p->L, i);
    if (acc != NULL)
        put_acc(p, acc);
    else if (is_null(p->L, i))
        put_type(p, P_NULL);
    else
        refuse(p, up, lua_pushfstring(p->L, "a %s", luaL_getmetafield(p->L, i, "__name") == LUA_TSTRING
                                                        ? lua_tostring(p->L, -1) : "userdata"));
}

/* Writes the value at stack index i. */
static void put_value(const packer *p, int i, const frame *up, int depth)
{
    size_t n;
    const char *s;
    switch (lua_type(p->L, i)) {
    case LUA_TNIL:
        put_type(p, P_NIL);
        break;
    case LUA_TBOOLEAN:
        put_type(p, lua_toboolean(p->L, i) ? P_TRUE : P_FALSE);
        break;
    case LUA_TNUMBER:
        put_number(p, i);
        break;
    case LUA_TSTRING:
        s = lua_tolstring(p->L, i, &n);
        put_bytes(p, P_STRING, s, n);
        break;
    case LUA_TTABLE:
        put_table(p, i, up, depth);
        break;
    case LUA_TUSERDATA:
        put_userdata(p, i, up);
        break;
    default:
        refuse(p, up, lua_pushfstring(p->L, "a %s", luaL_typename(p->L, i)));
    }
}

static int buffer_gc(lua_State *L)
{
    ds_buf_clear(luaL_checkudata(L, 1, BUFFER_CLASS));
    return 0;
}

/* Upvalue 1: a buffer that every call uses.  [-0, +1, e] */
static int pack_encode(lua_State *L)
{
    ds_buf *out = lua_touserdata(L, lua_upvalueindex(1));
    packer p = {L, out, luaL_optstring(L, 2, "value")};
    lua_settop(L, 2);
    ds_buf_reset(out);
    put_value(&p, 1, NULL, 0);
    if (out->status != DS_OK)
        return luaL_error(L, "not enough memory");
    lua_pushlstring(L, out->p, out->n);
    if (out->cap > 1u << 22)
        ds_buf_clear(out);
    return 1;
}

static int pack_check(lua_State *L)
{
    packer p = {L, NULL, luaL_optstring(L, 2, "value")};
    lua_settop(L, 2);
    put_value(&p, 1, NULL, 0);
    return 0;
}

/* ------------------------------------------------------------------ from bytes */

typedef struct unpacker {
    lua_State *L;
    ds_str s;
    size_t at;
    const char *problem;
} unpacker;

static bool damaged(unpacker *u, const char *problem)
{
    if (u->problem == NULL)
        u->problem = problem;
    return false;
}

static bool get_byte(unpacker *u, unsigned *out)
{
    if (u->at >= u->s.n)
        return damaged(u, "cut short");
    *out = (unsigned char)u->s.p[u->at++];
    return true;
}

static bool get_length(unpacker *u, uint64_t *out)
{
    unsigned b = 0x80;
    *out = 0;
    for (unsigned shift = 0; (b & 0x80) != 0; shift += 7) {
        if (shift > 56)
            return damaged(u, "a length of more than 63 bits");
        if (!get_byte(u, &b))
            return false;
        *out |= (uint64_t)(b & 0x7f) << shift;
    }
    return *out <= u->s.n ? true : damaged(u, "a length beyond the end");
}

static bool get_bytes(unpacker *u, ds_str *out)
{
    uint64_t n;
    if (!get_length(u, &n))
        return false;
    if (n > u->s.n - u->at)
        return damaged(u, "a length beyond the end");
    *out = (ds_str){u->s.p + u->at, (size_t)n};
    u->at += (size_t)n;
    return true;
}

static bool get_value(unpacker *u, int depth);

static bool get_table(unpacker *u, bool array, int depth)
{
    lua_State *L = u->L;
    uint64_t n, others;
    if (!get_length(u, &n) || !get_length(u, &others))
        return false;
    if (depth >= PACK_DEPTH || n > u->s.n - u->at || others > u->s.n - u->at)
        return damaged(u, "a table that cannot be");
    luaL_checkstack(L, 6, "a value received");
    lua_createtable(L, n < 1 << 20 ? (int)n : 0, others < 1 << 20 ? (int)others : 0);
    if (array)
        luaL_setmetatable(L, ARRAY_MARK);
    for (uint64_t i = 1; i <= n; i++) {
        if (!get_value(u, depth + 1))
            return false;
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    for (uint64_t i = 0; i < others; i++) {
        if (!get_value(u, depth + 1))
            return false;
        if (lua_isnil(L, -1) || (lua_type(L, -1) == LUA_TNUMBER && isnan(lua_tonumber(L, -1))))
            return damaged(u, "a key that cannot be");
        if (!get_value(u, depth + 1))
            return false;
        lua_rawset(L, -3);
    }
    return true;
}

static bool get_number(unpacker *u, bool integer)
{
    double x;
    if (u->s.n - u->at < 8)
        return damaged(u, "cut short");
    uint64_t bits = ds_load64(u->s.p + u->at);
    u->at += 8;
    memcpy(&x, &bits, sizeof x);
    if (integer)
        lua_pushinteger(u->L, (lua_Integer)bits);
    else
        lua_pushnumber(u->L, x);
    return true;
}

static bool get_acc(unpacker *u)
{
    ds_str s;
    ds_error err;
    if (!get_bytes(u, &s))
        return false;
    if (dsL_loadacc(u->L, s, &err))
        return true;
    if (err.status == DS_ENOMEM)
        dsL_raise(u->L, &err);
    return damaged(u, "a damaged accumulator");
}

/* Pushes the next value; false: damaged, and what was pushed is the caller's to drop. */
static bool get_value(unpacker *u, int depth)
{
    unsigned type;
    ds_str s;
    if (!get_byte(u, &type))
        return false;
    switch (type) {
    case P_NIL:
        lua_pushnil(u->L);
        return true;
    case P_FALSE:
    case P_TRUE:
        lua_pushboolean(u->L, type == P_TRUE);
        return true;
    case P_INT:
    case P_FLOAT:
        return get_number(u, type == P_INT);
    case P_STRING:
        if (!get_bytes(u, &s))
            return false;
        lua_pushlstring(u->L, s.p, s.n);
        return true;
    case P_TABLE:
    case P_ARRAY:
        return get_table(u, type == P_ARRAY, depth);
    case P_NULL:
        lua_getfield(u->L, LUA_REGISTRYINDEX, NULL_MARK);
        return true;
    case P_ACC:
        return get_acc(u);
    default:
        return damaged(u, "a type that is none");
    }
}

static int pack_decode(lua_State *L)
{
    unpacker u = {L, dsL_checkstr(L, 1), 0, NULL};
    lua_settop(L, 1);
    if (get_value(&u, 0) && u.at != u.s.n)
        damaged(&u, "bytes left over");
    if (u.problem == NULL)
        return 1;
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_pushfstring(L, "damaged value, byte %I: %s", (LUAI_UACINT)u.at, u.problem);
    return 2;
}

/* ------------------------------------------------------------------ JSON, hashes */

static bool text_is_json(lua_State *L, int i, bool key)
{
    ds_str s;
    size_t bad;
    s.p = lua_tolstring(L, i, &s.n);
    if (key && (memchr(s.p, 0, s.n) != NULL || (s.n > 0 && s.p[0] == '!')))
        return false;
    return ds_utf8_valid(s, &bad);
}

static bool is_json(lua_State *L, int i, int depth);

static bool table_is_json(lua_State *L, int t, int depth)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, t);
    bool good = depth < 100 && (has_registered(L, t, ARRAY_MARK) || !lua_getmetatable(L, t));
    if (!good)
        return false;
    luaL_checkstack(L, 4, "a value to send");
    for (lua_pushnil(L); lua_next(L, t) != 0; lua_pop(L, 1)) {
        int v = lua_gettop(L), k = v - 1;
        bool fits = n > 0 ? lua_isinteger(L, k) && lua_tointeger(L, k) >= 1 && lua_tointeger(L, k) <= n
                          : lua_type(L, k) == LUA_TSTRING && text_is_json(L, k, true);
        if (!fits || !is_json(L, v, depth + 1)) {
            lua_pop(L, 2);
            return false;
        }
    }
    return true;
}

static bool is_json(lua_State *L, int i, int depth)
{
    double x;
    switch (lua_type(L, i)) {
    case LUA_TBOOLEAN:
        return true;
    case LUA_TNUMBER:
        x = lua_tonumber(L, i);
        return isfinite(x) && !(x == 0 && signbit(x));
    case LUA_TSTRING:
        return text_is_json(L, i, false);
    case LUA_TTABLE:
        return table_is_json(L, i, depth);
    case LUA_TUSERDATA:
        return is_null(L, i);
    default:
        return false;
    }
}

static int pack_is_json(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushboolean(L, is_json(L, 1, 0));
    return 1;
}

static int pack_hash(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)ds_acc_hash((uint64_t)luaL_optinteger(L, 2, 0), dsL_checkstr(L, 1)));
    return 1;
}

static int pack_hex(lua_State *L)
{
    static const char digits[] = "0123456789abcdef";
    ds_str s = dsL_checkstr(L, 1);
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, 2 * s.n);
    for (size_t i = 0; i < s.n; i++) {
        out[2 * i] = digits[(unsigned char)s.p[i] >> 4];
        out[2 * i + 1] = digits[s.p[i] & 15];
    }
    luaL_pushresultsize(&b, 2 * s.n);
    return 1;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int pack_unhex(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    luaL_Buffer b;
    char *out = luaL_buffinitsize(L, &b, s.n / 2);
    for (size_t i = 0; i + 1 < s.n; i += 2) {
        int hi = digit_of(s.p[i]), lo = digit_of(s.p[i + 1]);
        if (hi < 0 || lo < 0)
            return 0;
        out[i / 2] = (char)(hi << 4 | lo);
    }
    luaL_pushresultsize(&b, s.n / 2);
    return s.n % 2 == 0 ? 1 : 0;
}

static const luaL_Reg pack_functions[] = {
    {"check", pack_check}, {"decode", pack_decode}, {"is_json", pack_is_json}, {"hash", pack_hash},
    {"hex", pack_hex},     {"unhex", pack_unhex},   {NULL, NULL},
};
static const luaL_Reg no_methods[] = {{NULL, NULL}};
static const luaL_Reg buffer_meta[] = {{"__gc", buffer_gc}, {NULL, NULL}};

/* [-0, +1, e] */
int dsL_open_pack(lua_State *L)
{
    luaL_requiref(L, "ds.c.json", dsL_open_json, 0); /* the marks of array and null */
    lua_pop(L, 1);
    luaL_requiref(L, "ds.c.acc", dsL_open_acc, 0);
    lua_pop(L, 1);
    dsL_newclass(L, BUFFER_CLASS, no_methods, buffer_meta);
    luaL_newlib(L, pack_functions);
    ds_buf *out = lua_newuserdatauv(L, sizeof *out, 0);
    ds_buf_init(out, NULL);
    luaL_setmetatable(L, BUFFER_CLASS);
    lua_pushcclosure(L, pack_encode, 1);
    lua_setfield(L, -2, "encode");
    return 1;
}

/*
 * bind_hash.c - ds.c.hash: SHA-256 by nettle, for manifests; and a hash of names.
 *
 *   hash.fnv(s)          -> integer: FNV-1a of 64 bits (Fowler, Noll, Vo)
 *   hash.sha256(s)       -> 64 hexadecimal digits
 *   hash.raw(s)          -> 32 bytes
 *   hash.new()           -> state;  state:update(s) -> state;  state:hex() -> digits, and the state begins anew
 */
#include <nettle/sha2.h>

#include "bind.h"

#define STATE_CLASS "ds.hash"

static void push_hex(lua_State *L, struct sha256_ctx *ctx)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    char hex[2 * SHA256_DIGEST_SIZE];
    sha256_digest(ctx, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    lua_pushlstring(L, hex, sizeof hex);
}

static void start(struct sha256_ctx *ctx, ds_str s)
{
    sha256_init(ctx);
    sha256_update(ctx, s.n, (const uint8_t *)s.p);
}

/* [-0, +1, e] */
static int hash_sha256(lua_State *L)
{
    struct sha256_ctx ctx;
    start(&ctx, dsL_checkstr(L, 1));
    push_hex(L, &ctx);
    return 1;
}

/* [-0, +1, e] */
static int hash_raw(lua_State *L)
{
    struct sha256_ctx ctx;
    uint8_t digest[SHA256_DIGEST_SIZE];
    start(&ctx, dsL_checkstr(L, 1));
    sha256_digest(&ctx, sizeof digest, digest);
    lua_pushlstring(L, (const char *)digest, sizeof digest);
    return 1;
}

/* [-0, +1, e] */
static int hash_fnv(lua_State *L)
{
    ds_str s = dsL_checkstr(L, 1);
    lua_Unsigned h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    lua_pushinteger(L, (lua_Integer)h);
    return 1;
}

/* [-0, +1, m] */
static int hash_new(lua_State *L)
{
    sha256_init(lua_newuserdatauv(L, sizeof(struct sha256_ctx), 0));
    luaL_setmetatable(L, STATE_CLASS);
    return 1;
}

/* [-0, +1, e] */
static int state_update(lua_State *L)
{
    struct sha256_ctx *ctx = luaL_checkudata(L, 1, STATE_CLASS);
    ds_str s = dsL_checkstr(L, 2);
    sha256_update(ctx, s.n, (const uint8_t *)s.p);
    lua_settop(L, 1);
    return 1;
}

/* [-0, +1, e] */
static int state_hex(lua_State *L)
{
    push_hex(L, luaL_checkudata(L, 1, STATE_CLASS));
    return 1;
}

static const luaL_Reg state_methods[] = {{"update", state_update}, {"hex", state_hex}, {NULL, NULL}};
static const luaL_Reg no_meta[] = {{NULL, NULL}};
static const luaL_Reg hash_functions[] = {{"sha256", hash_sha256}, {"raw", hash_raw}, {"fnv", hash_fnv}, {"new", hash_new}, {NULL, NULL}};

/* [-0, +1, m] */
int dsL_open_hash(lua_State *L)
{
    dsL_newclass(L, STATE_CLASS, state_methods, no_meta);
    luaL_newlib(L, hash_functions);
    return 1;
}

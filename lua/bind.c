/* bind.c - see bind.h. */
#include "bind.h"

#include <string.h>

#include "limit.h"

#define NAME_LONGEST 31 /* bytes of a name that dsL_nearest looks at */

ds_alloc dsL_alloc(lua_State *L)
{
    ds_alloc a = {.stop = NULL};
    a.fn = dsL_limits_core_alloc(L, &a.ud);
    a.stop = dsL_limits_flag(L);
    return a;
}

ds_str dsL_checkstr(lua_State *L, int arg)
{
    ds_str s;
    s.p = luaL_checklstring(L, arg, &s.n);
    return s;
}

void dsL_pushspan(lua_State *L, size_t beg, size_t end)
{
    lua_pushinteger(L, (lua_Integer)beg + 1);
    lua_pushinteger(L, (lua_Integer)end);
}

void dsL_checkrange(lua_State *L, int arg, size_t n, size_t *beg, size_t *end)
{
    lua_Integer i = luaL_optinteger(L, arg, 1), j = luaL_optinteger(L, arg + 1, -1);
    lua_Integer len = (lua_Integer)n;
    if (i < 0)
        i = i < -len ? 1 : len + i + 1;
    if (i < 1)
        i = 1;
    if (j < 0)
        j = j < -len ? 0 : len + j + 1;
    if (j > len)
        j = len;
    *beg = i > len ? n : (size_t)(i - 1);
    *end = j < i ? *beg : (size_t)j;
}

static void setfield_if(lua_State *L, const char *key, uint64_t value, bool known)
{
    if (!known)
        return;
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

int dsL_pusherror(lua_State *L, const ds_error *err)
{
    if (err->status == DS_ENOMEM)
        return dsL_raise(L, err);
    lua_pushnil(L);
    lua_pushstring(L, err->msg);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, ds_status_name(err->status));
    lua_setfield(L, -2, "status");
    setfield_if(L, "byte", err->off + 1, err->status == DS_EFORMAT);
    setfield_if(L, "line", err->line, err->line != 0);
    return 3;
}

int dsL_raise(lua_State *L, const ds_error *err)
{
    dsL_limits_poll(L);
    if (err->status == DS_ENOMEM)
        return luaL_error(L, "not enough memory");
    return luaL_error(L, "%s", err->msg);
}

static size_t least3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein distance of two names of at most NAME_LONGEST bytes, one row at a time. */
static size_t edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[NAME_LONGEST + 1];
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t swap = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least3(row[j] + 1, row[j - 1] + 1, swap);
        }
    }
    return row[nb];
}

const char *dsL_nearest(const char *word, const char *const names[])
{
    const char *best = NULL;
    size_t n = strlen(word), least = n / 3 + 2; /* "cse" is near "case", "xyz" near nothing */
    if (n > NAME_LONGEST)
        return NULL;
    for (size_t i = 0; names[i] != NULL; i++) {
        size_t len = strlen(names[i]);
        if (len > NAME_LONGEST)
            continue;
        size_t d = edit_distance(word, n, names[i], len);
        if (d < least && d < len) {
            best = names[i];
            least = d;
        }
    }
    return best;
}

static bool is_listed(const char *word, const char *const names[])
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(word, names[i]) == 0)
            return true;
    return false;
}

/* Raises: `word` is no option.  Suggests a name, or lists them all.  [-0, +0, e] */
static int unknown_option(lua_State *L, int arg, const char *word, const char *const names[])
{
    const char *near = dsL_nearest(word, names);
    if (near != NULL)
        return luaL_argerror(L, arg, lua_pushfstring(L, "unknown option '%s', did you mean '%s'?", word, near));
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; names[i] != NULL; i++) {
        luaL_addstring(&b, i == 0 ? "" : ", ");
        luaL_addstring(&b, names[i]);
    }
    luaL_pushresult(&b);
    return luaL_argerror(L, arg, lua_pushfstring(L, "unknown option '%s'; there are: %s", word, lua_tostring(L, -1)));
}

bool dsL_checkoptions(lua_State *L, int arg, const char *const names[])
{
    if (lua_isnoneornil(L, arg))
        return false;
    luaL_checktype(L, arg, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_argerror(L, arg, "option names are strings");
        if (!is_listed(lua_tostring(L, -2), names))
            unknown_option(L, arg, lua_tostring(L, -2), names);
    }
    return true;
}

void dsL_newclass(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *meta)
{
    if (luaL_newmetatable(L, name)) {
        luaL_setfuncs(L, meta, 0);
        lua_newtable(L);
        luaL_setfuncs(L, methods, 0);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}

/*
 * fuzz_reader.h - what the targets of the readers share: a Lua state, and what holds for all that is read.
 *
 * Articles have an id and a text in UTF-8.  Where a passage stands in the file is told in ascending ranges inside it, and a
 * letter that takes as many bytes there as in the text is the same letter.  What is rejected is told with a reason.
 */
#ifndef DS_FUZZ_READER_H
#define DS_FUZZ_READER_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "bind.h"
#include "fuzz.h"

static lua_State *fuzz_L; /* on its stack: the checking function */

static const char FUZZ_READ[] =
    "local reader, docs, utf8c = require 'ds.reader', require 'ds.doc', require 'ds.c.utf8'\n"
    "local function ranges_of(d, from, to, size)\n"
    "  local _, ranges = d:source(from, to)\n"
    "  local behind = 0\n"
    "  for _, r in ipairs(ranges) do\n"
    "    assert(r[1] > behind and r[2] >= r[1] and r[2] <= size, 'a range out of order or outside the file')\n"
    "    behind = r[2]\n"
    "  end\n"
    "  return ranges\n"
    "end\n"
    "local function check_article(a, bytes)\n"
    "  assert(type(a.id) == 'string' and type(a.text) == 'string' and utf8c.valid(a.text), 'no id, or no text in UTF-8')\n"
    "  local d, k = docs.new(a), 0\n"
    "  ranges_of(d, 1, #a.text, #bytes)\n"
    "  for from, letter, to in a.text:gmatch('()([%w\\xC2-\\xF4][\\x80-\\xBF]*)()') do\n"
    "    k = k + 1\n"
    "    if k > 50 then break end\n"
    "    local ranges = ranges_of(d, from, to - 1, #bytes)\n"
    "    local r = ranges[1]\n"
    "    if #ranges == 1 and r[2] - r[1] == #letter - 1 and not a.meta.encoding then\n"
    "      assert(bytes:sub(r[1], r[2]) == letter, 'a letter stands elsewhere')\n"
    "    end\n"
    "  end\n"
    "  local own, behind = docs.own_tokens(d), 0\n"
    "  for i = 1, own and #own.from or 0 do\n"
    "    assert(own.from[i] > behind and own.to[i] >= own.from[i] and own.to[i] <= #a.text, 'a word out of order')\n"
    "    behind = own.to[i]\n"
    "  end\n"
    "end\n"
    "return function(bytes, format)\n"
    "  local list, bad = reader.read(bytes, 'x', 'x', { format = format })\n"
    "  for _, a in ipairs(list) do check_article(a, bytes) end\n"
    "  for _, e in ipairs(bad) do\n"
    "    assert(type(e.message) == 'string' and e.message ~= '', 'no reason')\n"
    "    assert(not e.byte or (e.byte >= 1 and e.byte <= #bytes + 1), 'a place outside the file')\n"
    "  end\n"
    "end\n";

/* Makes the state, with what `chunk` returns as the checking function. */
static void fuzz_open_state(const char *chunk)
{
    if (fuzz_L != NULL)
        return;
    fuzz_L = luaL_newstate();
    FUZZ_CHECK(fuzz_L != NULL);
    luaL_openlibs(fuzz_L);
    luaL_requiref(fuzz_L, "ds", luaopen_ds, 0);
    lua_settop(fuzz_L, 0);
    if (luaL_dostring(fuzz_L, chunk) != LUA_OK) {
        fprintf(stderr, "fuzz: %s\n", lua_tostring(fuzz_L, -1));
        abort();
    }
    lua_settop(fuzz_L, 1);
}

/* Calls the checking function, which raises where something does not hold. */
static void fuzz_call(const uint8_t *data, size_t n, const char *option)
{
    lua_pushvalue(fuzz_L, 1);
    lua_pushlstring(fuzz_L, (const char *)data, n);
    lua_pushstring(fuzz_L, option);
    if (lua_pcall(fuzz_L, 2, 0, 0) != LUA_OK) {
        fprintf(stderr, "does not hold: %s\n", lua_tostring(fuzz_L, -1));
        abort();
    }
    if (lua_gc(fuzz_L, LUA_GCCOUNT) > 100 << 10)
        lua_gc(fuzz_L, LUA_GCCOLLECT);
}

#endif

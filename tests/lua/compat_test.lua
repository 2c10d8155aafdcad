-- compat_test.lua: one source for several hosts.  Runs under Lua 5.4, 5.3 and LuaJIT, and does not need the suite's loader.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local IS_54, IS_JIT = _VERSION == "Lua 5.4", _VERSION == "Lua 5.1"

local function output_of(line)
  local pipe = assert(io.popen(line))
  local out = pipe:read("*a")
  pipe:close()
  return out
end

test("the_module_links_no_lua_and_shows_one_name", function()
  local needed = output_of("readelf -d " .. BUILD .. "/ds.so")
  if needed == "" then T.skip("no readelf(1)") end
  ok(needed:find("NEEDED", 1, true))
  ok(not needed:lower():find("lib[^%]\n]*lua"), needed)
  local shown = {}
  for name in output_of("nm -D --defined-only " .. BUILD .. "/ds.so"):gmatch("%x+ %a (%S+)") do shown[#shown + 1] = name end
  eq(shown, { "luaopen_ds" })
end)

test("what_dsrun_is_made_of_is_there_only_under_lua_5.4", function()
  for _, name in ipairs { "limits", "worker", "coroutine", "prompt" } do
    eq((pcall(require, "ds.c." .. name)), IS_54, name)
  end
end)

test("every_part_loads", function()
  for _, name in ipairs { "utf8", "text", "segmenter", "trainer", "matcher", "corpus", "concordance", "reuse", "newwords",
    "textrank", "graph", "lexicon", "stance", "quotes", "numbers", "stats", "acc", "json", "date" } do
    ok(ds[name] ~= nil, name)
  end
  eq(ds.nothing, nil)
end)

test("all_hosts_find_the_same", function()
  local mine = dofile "tests/lua/digest.lua"
  ok(#mine > 100000 and mine:find("\nhit\t", 1, true) and mine:find("\nstance\t", 1, true))
  local under_54 = output_of(([[lua5.4 -e 'package.cpath = "%s/?.so" io.write(dofile "tests/lua/digest.lua")']])
    :format(IS_54 and BUILD or BUILD .. "/.."))
  ok(mine == under_54, "what is found differs from what Lua 5.4 finds")
end)

test("the_globals_of_the_host_stay_as_they_are", function()
  eq(rawget(_G, "IDIV"), nil)
  if IS_JIT then
    eq(rawget(_G.math, "type"), nil)
    eq(rawget(_G.table, "pack"), nil)
    eq(rawget(_G.string, "pack"), nil)
  end
end)

test("numbers_that_are_no_integers_are_refused", function()
  raises("number has no integer representation", ds.utf8.sub, "abc", 1.5)
  raises("number has no integer representation", ds.utf8.sub, "abc", 1e300)
  raises("number has no integer representation", ds.utf8.sub, "abc", 0 / 0)
  raises("number expected", ds.utf8.sub, "abc", {})
  eq(ds.utf8.sub("abc", 2 ^ 31, 2 ^ 40), "")
end)

test("json_keeps_whole_numbers_whole", function()
  eq(ds.json.encode { 1, -3, 2 ^ 52 + 1 == math.floor(2 ^ 52 + 1) and 4503599627370497, 0.5 }, "[1,-3,4503599627370497,0.5]")
  local big = ds.json.decode("[9007199254740991,-9007199254740991,1.5e3]")
  ok(big[1] == 2 ^ 53 - 1 and big[2] == 1 - 2 ^ 53 and big[3] == 1500)
  eq(ds.json.encode { -1 / math.huge }, "[-0.0]")
end)

test("long_strings_and_messages_are_put_together", function()
  local long = ("价格战，"):rep(5000)
  eq(#ds.utf8.traditional(long), #long)
  eq(ds.json.decode(ds.json.encode { long })[1], long)
  local name = ("x"):rep(3000)
  raises("unknown option '" .. name .. "'", ds.utf8.fold, "a", { [name] = true })
  raises("term 2 is not a string but a boolean", ds.matcher, { "a", true })
end)

test("objects_keep_what_they_stand_on", function()
  local iterators = {}
  for i = 1, 200 do iterators[i] = ds.text(("第%d句。下一句。"):format(i)):sentences() end
  collectgarbage()
  collectgarbage()
  for i = 1, 200 do
    local from, to = iterators[i]()
    eq({ from, to }, { 1, #("第%d句。"):format(i) })
  end
end)

test("closing_twice_is_harmless_and_use_afterwards_is_an_error", function()
  local _, map = ds.utf8.fold("ＡＢ")
  map:close()
  map:close()
  raises("attempt to use a closed ds.map", map.origin, map, 1)
end)

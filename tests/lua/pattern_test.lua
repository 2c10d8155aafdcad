-- pattern_test.lua: ds.c.pattern and ds.c.table against Lua's own functions, whose results and errors are the promise.
local T = require "testing"
require "ds"
local pattern, tables = require "ds.c.pattern", require "ds.c.table"
local test, eq, ok = T.test, T.eq, T.ok

-- What a call gives: its results, or its message without the name of the function.
local function outcome(fn, ...)
  local r = table.pack(pcall(fn, ...))
  if not r[1] then r[2] = tostring(r[2]):gsub("argument #%d to '[%w_.?]+'", "argument to f") end -- Lua 5.4.4 counts one wrong
  return r
end

local function same(a, b)
  if a.n ~= b.n then return false end
  for i = 1, a.n do
    if a[i] ~= b[i] or math.type(a[i]) ~= math.type(b[i]) then return false end
  end
  return true
end

local function show(r)
  local parts = {}
  for i = 1, r.n do parts[i] = type(r[i]) == "string" and ("%q"):format(r[i]) or tostring(r[i]) end
  return table.concat(parts, ", ")
end

local function agree(name, ours, stock, ...)
  local a, b = outcome(ours, ...), outcome(stock, ...)
  if not same(a, b) then
    error(("%s(%s): ours %s; Lua %s"):format(name, show(table.pack(...)), show(a), show(b)), 2)
  end
end

local function all_matches(gmatch)
  return function(...)
    local out = {}
    for a, b, c in gmatch(...) do
      out[#out + 1] = tostring(a) .. "|" .. tostring(b) .. "|" .. tostring(c)
      if #out > 200 then break end
    end
    return table.unpack(out)
  end
end

local ours_all, stock_all = all_matches(pattern.gmatch), all_matches(string.gmatch)
local upper_or_nil = function(a) return a ~= "" and a ~= "b" and tostring(a):upper() or nil end

-- Every function on one subject and pattern.
local function agree_all(s, p, init)
  agree("find", pattern.find, string.find, s, p, init)
  agree("match", pattern.match, string.match, s, p, init)
  agree("gmatch", ours_all, stock_all, s, p, init)
  agree("gsub", pattern.gsub, string.gsub, s, p, "<%0>", init)
  agree("gsub", pattern.gsub, string.gsub, s, p, "%1%%")
  agree("gsub", pattern.gsub, string.gsub, s, p, upper_or_nil)
  agree("gsub", pattern.gsub, string.gsub, s, p, { a = "A", b = false, [""] = "-", ab = 12, [1] = "one" })
end

-- ------------------------------------------------------------------ generated

local PIECES = {
  "a", "b", "c", ".", "%a", "%d", "%s", "%w", "%S", "%W", "%l", "%U", "%p", "%x", "%g", "%c", "%z", "%.", "%%", "%-", "%]",
  "[abc]", "[^abc]", "[a-c]", "[^a-c]", "[%a]", "[^%s]", "[%d%-]", "[a-]", "[]a]", "[^]]", "[%]]", "[a%-c]", "[b-a]", "[^%a%d]",
  "%b()", "%bab", "%baa", "%f[%a]", "%f[^%a]", "%f[%z]", "()", "^", "$", "\0", "\255", "字", "[一-十]", "[^\128-\255]", "-", "(",
  ")", "%1", "%2", "[", "%", "%f", "%b", "[^", "[a", "[%", "]", "*",
}
local REPEATS = { "", "", "", "", "*", "+", "-", "?" }
local LETTERS = { "a", "b", "c", "a", "b", "(", ")", " ", "1", "-", "%", ".", "\0", "\255", "字", "]", "x" }

local function generator(seed)
  local state = seed
  return function(n) -- xorshift, 64 bits
    state = state ~ (state << 13)
    state = state ~ (state >> 7)
    state = state ~ (state << 17)
    return (state >> 11) % n + 1
  end
end

local function some_pattern(pick)
  local parts, open = {}, 0
  if pick(8) == 1 then parts[1] = "^" end
  for _ = 1, pick(6) do
    local k = pick(10)
    if k == 1 and open < 3 then
      parts[#parts + 1], open = "(", open + 1
    elseif k == 2 and open > 0 then
      parts[#parts + 1], open = ")", open - 1
    else
      parts[#parts + 1] = PIECES[pick(pick(3) == 1 and #PIECES or 50)] .. REPEATS[pick(#REPEATS)]
    end
  end
  if pick(10) > 1 then parts[#parts + 1] = (")"):rep(open) end
  if pick(8) == 1 then parts[#parts + 1] = "$" end
  return table.concat(parts)
end

local function some_text(pick)
  local parts = {}
  for i = 1, pick(14) - 1 do parts[i] = LETTERS[pick(pick(2) == 1 and 5 or #LETTERS)] end
  return table.concat(parts)
end

local ROUNDS <const> = tonumber(os.getenv("DS_PATTERN_ROUNDS")) or 5000
local SEED <const> = tonumber(os.getenv("DS_PATTERN_SEED")) or 20250127

test("generated_patterns_give_what_lua_gives", function()
  local pick = generator(SEED)
  for _ = 1, ROUNDS do
    local s, p, init = some_text(pick), some_pattern(pick), pick(4) == 1 and pick(24) - 12 or nil
    agree_all(s, p, init)
  end
end)

test("generated_plain_searches_give_what_lua_gives", function()
  local pick = generator(SEED + 1)
  for _ = 1, 2000 do
    local s, p = some_text(pick), some_text(pick):sub(1, pick(4) - 1)
    agree("find", pattern.find, string.find, s, p, pick(24) - 12, true)
  end
end)

-- ------------------------------------------------------------------ chosen

test("classes_match_the_same_bytes", function()
  local all = {}
  for c = 0, 255 do all[c + 1] = string.char(c) end
  all = table.concat(all)
  for c = 0, 255 do
    local letter = string.char(c)
    for _, form in ipairs { "%%%s", "[%%%s]", "[^%%%s]", "[%s]", "[^%s-z]", "[A-%s]" } do
      agree_all(all, (form:gsub("%%s", function() return letter end):gsub("%%%%", "%%")))
    end
  end
end)

test("the_odd_corners", function()
  local cases = {
    { "", "" }, { "abc", "" }, { "", ".*" }, { "", "^$" }, { "a\0b", "a\0b" }, { "a\0b", "%z" }, { "alo", "$" }, { "alo$", "o$$" },
    { "aloALO", "%l*" }, { "  alo  ", "^%s*(.-)%s*$" }, { "isto e assim", "%w+" }, { "a=1, b=2", "(%w+)=(%w+)" },
    { "((a)b)c)", "%b()" }, { "THE (quick) fox", "%f[%a]%a+" }, { "[[]]", "%f[]]" }, { "abcabc", "(abc)%1" },
    { "0123456789", "(.+(.?)())" }, { "xuxx uu ppar r", "()(.)%2" }, { "aaab", ".*b" }, { "aaa", "^.-$" }, { "a-b", "[a-]-" },
    { "ab", "a?b?c?" }, { "\xE4\xB8\x80", "[\x80-\xBF]*" }, { "aaa", "a-" }, { "x", "^^x" }, { "^x", "^^x" },
    { ("a"):rep(300), ("a?"):rep(150) }, { ("a"):rep(300), ("a?"):rep(300) }, { "abc", ("()"):rep(32) }, { "abc", ("()"):rep(33) },
    { ("a"):rep(300), ("(a)"):rep(20) }, { "aab", "(a*)%1b" }, { "x", "%0" }, { "x", "%9" }, { "((x", "(()" }, { "x", "x)" },
  }
  for _, c in ipairs(cases) do
    for _, init in ipairs { false, 0, 1, 2, -1, -300, 400, math.maxinteger, math.mininteger } do
      agree_all(c[1], c[2], init or nil)
    end
  end
end)

test("replacements_and_their_errors", function()
  local cases = {
    { "hello", "l", "%0%0" }, { "hello", "l", "%" }, { "hello", "l", "%q" }, { "hello", "(l)", "%2" }, { "hello", "(h)(e)", "%2%1" },
    { "hello", "l", 7 }, { "hello", "l", 1.5 }, { "hello", "l" }, { "hello", "l", true }, { "hello", "()", "%1" },
    { "hello", "l", function() return {} end }, { "hello", "l", function() error("x", 0) end }, { "hello", "(l", "%1" },
    { "hello", "l", { l = 3 } }, { "hello", "l", setmetatable({}, { __index = function(_, k) return k .. k end }) },
    { "hello", "", "-" }, { "hello", "", "-", 3 }, { "hello", "l", "x", 0 }, { "hello", "l", "x", -1 }, { "hello", "^l*", "x" },
    { "hello", "o$", "%%" }, { "hello", "x*", "-" }, { 12345, 3, "x" }, { "a\0b", "\0", "\0\0%0" }, { {}, "x", "y" }, { "x", nil, "y" },
    { "x", "x", "y", "z" }, { "abc", "b", function(...) return select("#", ...) end },
  }
  for _, c in ipairs(cases) do agree("gsub", pattern.gsub, string.gsub, table.unpack(c, 1, 4)) end
end)

test("gmatch_goes_on_in_another_coroutine", function()
  local next_word = pattern.gmatch("eins zwei drei", "%w+")
  eq(next_word(), "eins")
  eq(coroutine.wrap(function() return next_word() end)(), "zwei")
  eq(next_word(), "drei")
  eq(next_word(), nil)
  eq(next_word(), nil)
end)

test("rep_repeats", function()
  for _, c in ipairs { { "ab", 3 }, { "ab", 0 }, { "ab", -5 }, { "", 100 }, { "x", 1, "," }, { "x", 4, "," }, { "", 3, ";" }, { "ab", 17, "\0" },
    { "x", 1 << 62 }, { "x", math.maxinteger, "yy" }, { {}, 1 }, { "x", "y" }, { "x" }, { "x", 2.5 } } do
    agree("rep", pattern.rep, string.rep, table.unpack(c, 1, 3))
  end
  eq(pattern.rep("", math.maxinteger), "") -- for ever in Lua's own
end)

test("backtracking_without_end_ends", function()
  local s = ("a"):rep(300)
  T.raises("too many steps", pattern.find, s, "a*a*a*a*a*b.")
  T.raises("too many steps", pattern.gsub, s, ".-.-.-.-.-.-[^a]", "")
end)

-- ------------------------------------------------------------------ tables

local function proxy(t)
  return setmetatable({}, { __index = t, __newindex = t, __len = function() return #t end })
end

test("table_functions_give_what_lua_gives", function()
  local calls = {
    { "concat", { 1, "b", 3.5 } }, { "concat", { "a", "b" }, ", " }, { "concat", {} }, { "concat", { "a", "b", "c" }, "-", 2, 3 },
    { "concat", { "a" }, "-", 3 }, { "concat", { "a", {} } }, { "concat", { "a" }, ",", 1, 3 }, { "concat", 5 },
    { "insert", { 1, 2 }, 3 }, { "insert", { 1, 2 }, 1, 0 }, { "insert", { 1, 2 }, 5, 0 }, { "insert", { 1 }, 0, 0 }, { "insert", { 1 } },
    { "insert", { 1 }, 1, 2, 3 }, { "remove", { 1, 2, 3 } }, { "remove", { 1, 2, 3 }, 1 }, { "remove", {} }, { "remove", { 1 }, 3 },
    { "remove", { 1, 2 }, 3 }, { "remove", {}, 0 }, { "remove", nil }, { "move", { 1, 2, 3 }, 1, 3, 2 }, { "move", { 1, 2, 3 }, 2, 3, 1 },
    { "move", { 1, 2, 3 }, 1, 0, 5 }, { "move", { 1 }, math.mininteger, 1, 1 }, { "move", { 1 }, 1, math.maxinteger, 2 },
    { "move", { 1, 2 }, 1, 2, 3, "x" }, { "sort", { 1, "x" } }, { "sort", { {}, {} } }, { "sort", { 3, 1, 2 }, 5 },
  }
  local function copy(t)
    if type(t) ~= "table" then return t end
    local out = {}
    for k, v in next, t do out[k] = v end
    return out
  end
  for _, c in ipairs(calls) do
    for _, wrap in ipairs { function(t) return t end, function(t) return type(t) == "table" and proxy(t) or t end } do
      local a, b = copy(c[2]), copy(c[2])
      local mine = outcome(tables[c[1]], wrap(a), table.unpack(c, 3, #c))
      local theirs = outcome(table[c[1]], wrap(b), table.unpack(c, 3, #c))
      for _, r in ipairs { mine, theirs } do
        if type(r[2]) == "table" then r[2] = "a table" end
        if c[1] == "concat" and type(r[2]) == "string" then r[2] = r[2]:gsub("table: %w+", "table") end
      end
      if not same(mine, theirs) then error(("%s: ours %s; Lua %s"):format(c[1], show(mine), show(theirs))) end
      if type(a) == "table" and c[1] ~= "sort" then eq(a, b, c[1]) end
    end
  end
end)

test("sort_orders_what_it_is_given", function()
  local pick = generator(77)
  for n = 0, 70 do
    for _, make in ipairs {
      function() return pick(1000) - 500 end, function() return pick(1000) / 7 end, function() return some_text(pick) end,
      function() return pick(2) == 1 and pick(9) or pick(9) + 0.5 end, function() return 7 end,
    } do
      local a, b = {}, {}
      for i = 1, n do a[i] = make() b[i] = a[i] end
      tables.sort(a)
      table.sort(b)
      eq(a, b)
      tables.sort(a, function(x, y) return x > y end)
      table.sort(b, function(x, y) return x > y end)
      eq(a, b)
    end
  end
end)

test("sort_is_stable", function()
  local list = {}
  for i = 1, 1000 do list[i] = { key = i * 7919 % 10, at = i } end
  tables.sort(list, function(a, b) return a.key < b.key end)
  for i = 2, 1000 do
    local a, b = list[i - 1], list[i]
    ok(a.key < b.key or (a.key == b.key and a.at < b.at))
  end
end)

test("sort_leaves_the_table_alone_when_a_comparison_fails", function()
  local list = { 5, 3, 4, 1 }
  T.raises("stop", tables.sort, list, function() error("stop") end)
  eq(list, { 5, 3, 4, 1 })
  local many = {}
  for i = 1, 500 do many[i] = i end
  tables.sort(many, function() return true end) -- contradicts itself: some order, no error
  eq(#many, 500)
end)

test("sort_uses_metamethods_of_values_and_of_the_table", function()
  local mt = { __lt = function(a, b) return a.v < b.v end }
  local list = {}
  for i = 1, 20 do list[i] = setmetatable({ v = -i }, mt) end
  tables.sort(proxy(list))
  for i = 2, 20 do ok(list[i - 1].v < list[i].v) end
  T.raises("array too big", tables.sort, setmetatable({}, { __len = function() return math.maxinteger end }))
end)

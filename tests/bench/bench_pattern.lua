-- bench_pattern.lua BUILD_DIR: the bounded functions of strings and tables against Lua's own, in processor time.
-- Rows as those of the other benchmarks: name unit ours peer peers_figure ratio items checksum; medians of seven runs
-- that alternate.
package.cpath = arg[1] .. "/?.so"
require "ds"
local ours = { string = require "ds.c.pattern", table = require "ds.c.table" }
local stock = { string = string, table = table }

local RUNS <const> = 7

local function read(path)
  local f = assert(io.open(path, "rb"))
  local s = f:read("a")
  f:close()
  return s
end

local article = read("corpus/articles/mainland/2025-01-31-tesla-pastry-chef.txt")
local long = article:rep(50)
local words = {}
for i = 1, 20000 do words[i] = tostring(i * 7919 % 20011) end

local CASES <const> = {
  { "find a literal", 50000, function(l) return l.string.find("date: 2025-01-01", ": ", 1, true) end },
  { "match a date", 50000, function(l) return l.string.match("2025-01-31", "^(%d%d%d%d)-(%d%d)-(%d%d)$") end },
  { "trim", 50000, function(l) return #l.string.match("  some words here  ", "^%s*(.-)%s*$") end },
  { "match name: value", 50000, function(l) return #l.string.match("title: something", "^([%w_]+):%s*(.*)$") end },
  { "gsub with a function", 20000, function(l) return select(2, l.string.gsub("hello world", "%w+", function(w) return w end)) end },
  { "gmatch words", 20000, function(l)
    local n = 0
    for _ in l.string.gmatch("one two three four five", "%a+") do n = n + 1 end
    return n
  end },
  { "gsub spaces, 280 KB", 10, function(l) return select(2, l.string.gsub(long, "%s+", " ")) end },
  { "gmatch lines, 280 KB", 10, function(l)
    local n = 0
    for _ in l.string.gmatch(long, "[^\n]+") do n = n + 1 end
    return n
  end },
  { "gmatch characters, 280 KB", 3, function(l)
    local n = 0
    for _ in l.string.gmatch(long, utf8.charpattern) do n = n + 1 end
    return n
  end },
  { "concat 20000", 50, function(l) return #l.table.concat(words, ",") end },
  { "sort 20000 strings", 5, function(l)
    local t = table.move(words, 1, #words, 1, {})
    l.table.sort(t)
    return #t
  end },
  { "sort 20000 by a function", 3, function(l)
    local t = table.move(words, 1, #words, 1, {})
    l.table.sort(t, function(a, b) return a < b end)
    return #t
  end },
}

local function seconds(n, fn, library)
  local sum, start = 0, os.clock()
  for _ = 1, n do sum = sum + fn(library) end
  return os.clock() - start, sum
end

for _, case in ipairs(CASES) do
  local name, n, fn = table.unpack(case)
  local a, b, check = {}, {}, nil
  for i = 1, RUNS do
    local sum
    a[i], check = seconds(n, fn, ours)
    b[i], sum = seconds(n, fn, stock)
    assert(sum == check, name)
  end
  table.sort(a)
  table.sort(b)
  local mine, theirs = a[RUNS // 2 + 1] / n * 1e6, b[RUNS // 2 + 1] / n * 1e6
  print(("lua: %s\tus\t%.3f\tLua 5.4\t%.3f\t%.2f\t%d\t%d"):format(name, mine, theirs, theirs / mine, n, check))
end

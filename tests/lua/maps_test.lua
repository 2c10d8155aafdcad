-- maps_test.lua: the maps of fold, simplify and traditional over every line of the bundled texts, as Lua sees them.
-- tests/core/test_maps.c tries every beginning of every line.
local ds = require "ds"
local T = require "testing"
local test, ok = T.test, T.ok
local u = ds.utf8

-- Of longer lines not every beginning is tried, but about this many, others in each line.
local PREFIXES = 3

local function files(pattern)
  local list = {}
  local pipe = assert(io.popen("ls " .. pattern .. " 2>/dev/null"))
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

--- The lines of the files; those that say the same count once.
local function lines_of(paths)
  local list, seen = {}, {}
  for _, path in ipairs(paths) do
    for line in T.read(path):gmatch("[^\r\n]+") do
      if not seen[line] then seen[line] = true; list[#list + 1] = line end
    end
  end
  return list
end

local bundled = files("corpus/articles/*/*")

--- Where the characters of a text end, from 0; a set of the same, and the number of its last byte.
local function ends_of(s)
  local list, set = { 0 }, { [0] = true }
  for from in utf8.codes(s) do
    if from > 1 then list[#list + 1] = from - 1; set[from - 1] = true end
  end
  if s ~= "" then list[#list + 1] = #s; set[#s] = true end
  return list, set
end

local function check_cover(s, out, map)
  local from, to = map:origin(1, #out)
  if s == "" then return ok(#out == 0 and #map == 0) end
  ok(#map == #out and from == 1 and to == #s, "the map does not cover the whole")
end

--- Every character of `out` comes from whole characters of `s`, and none from before those of its predecessor.  Every
--- beginning of `out` comes from one of `s`.
local function check_map(s, out, map, ends)
  local beg_before, end_before, origin, last = 1, 0, map.origin, 0
  check_cover(s, out, map)
  for from in utf8.codes(out) do
    if from > 1 then
      local i, j = origin(map, last + 1, from - 1)
      if i > j or i < beg_before or j < end_before or not ends[i - 1] or not ends[j] then
        error(("bytes %d to %d come from %d to %d, which are no characters behind %d to %d"):format(last + 1, from - 1, i, j,
          beg_before, end_before))
      end
      beg_before, end_before, last = i, j, from - 1
    end
  end
  if out == "" then return end
  local i, j = origin(map, last + 1, #out)
  ok(i >= beg_before and ends[i - 1] and j == #s, "the last character does not come from the end")
end

--- Calls fn(prefix) for beginnings of a line, about `most` of them and the whole; `salt` moves the choice.
local function each_prefix(line, list, most, salt, fn)
  local step = math.max(1, math.floor(#list / most))
  for k = 1 + salt % step, #list - 1, step do fn(line:sub(1, list[k])) end
  fn(line)
end

--- fn(s) gives the derived text and its map.
local function check_lines(lines, most, what, fn)
  for n, line in ipairs(lines) do
    local list, set = ends_of(line)
    each_prefix(line, list, most, n, function(s)
      local out, map = fn(s)
      local good, why = pcall(check_map, s, out, map, set)
      if not good then error(("%s of %q: %s"):format(what, s, why), 0) end
      map:close()
    end)
  end
end

local foldings = {}
for bits = 0, 7 do
  foldings[#foldings + 1] = { case = bits % 2 >= 1, width = bits % 4 >= 2, variant = bits >= 4 }
end

local function name_of(opts)
  return ("fold{case=%s, width=%s, variant=%s}"):format(opts.case, opts.width, opts.variant)
end

local function check_folds(lines)
  for _, opts in ipairs(foldings) do
    check_lines(lines, PREFIXES, name_of(opts), function(s) return u.fold(s, opts) end)
    for _, line in ipairs(lines) do
      local once = u.fold(line, opts)
      ok((u.fold(once, opts)) == once, name_of(opts) .. ": folding twice differs: " .. line)
    end
  end
end

local conversions = {}
for _, to in ipairs { "simplify", "traditional" } do
  for _, mode in ipairs { "words", "opencc" } do
    for _, region in ipairs { "none", "tw", "hk" } do
      conversions[#conversions + 1] = { to = to, opts = { mode = mode, region = region ~= "none" and region or nil } }
    end
  end
end

local function check_conversions(lines)
  for _, c in ipairs(conversions) do
    local what = ("%s{mode=%q, region=%q}"):format(c.to, c.opts.mode, c.opts.region or "none")
    check_lines(lines, PREFIXES, what, function(s) return u[c.to](s, c.opts) end)
  end
end

local bundled_lines = lines_of(bundled)

test("the bundled corpus has lines to try", function() ok(#bundled_lines > 300, #bundled_lines .. " lines") end)

test("maps of folded lines land on characters, never go back and cover the whole; folding twice is folding once", function()
  check_folds(bundled_lines)
end)

test("maps of converted lines land on characters, never go back and cover the whole", function()
  check_conversions(bundled_lines)
end)

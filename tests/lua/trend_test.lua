-- trend_test.lua: change points against scipy, periods, and the plugin over articles with a planted change.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local SCIPY = "/usr/bin/python3"
local DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun"

local function temporary() return os.tmpname() end

local function by_scipy(lines)
  if not os.execute(SCIPY .. " -c 'import scipy.stats' 2>/dev/null") then
    T.skip("no scipy for " .. SCIPY .. ": apt-get install python3-scipy")
  end
  local name = temporary()
  local f = assert(io.open(name, "w"))
  f:write(table.concat(lines, "\n"), "\n")
  f:close()
  local out, pipe = {}, assert(io.popen(SCIPY .. " tests/data/series.py < " .. name))
  for line in pipe:lines() do
    local t = {}
    for key, value in line:gmatch("(%S+)=(%S+)") do t[key] = tonumber(value) end
    out[#out + 1] = t
  end
  ok(pipe:close(), "scipy failed")
  os.remove(name)
  eq(#out, #lines)
  return out
end

local function near(got, want, what)
  local gap = math.abs(got - want) / math.max(math.abs(want), 1e-300)
  if got ~= want and gap > 1e-9 then error(("%s: %.17g, scipy has %.17g"):format(what, got, want), 2) end
  return got == want and 0 or gap
end

test("change_points_equal_scipy", function()
  math.randomseed(6)
  local lines, ours = {}, {}
  for i = 1, 120 do
    local n, x, cells, counts, sizes, words = math.random(4, 60), {}, {}, {}, {}, {}
    local cut = math.random(n)
    for k = 1, n do
      sizes[k] = math.random(6) == 1 and 0 or math.random(1, 40)
      counts[k] = sizes[k] == 0 and 0 or math.random(0, k > cut and 12 or 5)
      x[k] = i % 3 == 0 and math.random(0, 3) or math.random() + (k > cut and 0.4 or 0)
      cells[k], words[k] = ("%d %d"):format(counts[k], sizes[k]), ("%.17g"):format(x[k])
    end
    lines[2 * i - 1], ours[2 * i - 1] = "pettitt " .. table.concat(words, " "), ds.stats.pettitt(x) or {}
    local margin = math.random(1, 3)
    lines[2 * i] = ("poisson %d %s"):format(margin, table.concat(cells, " "))
    ours[2 * i] = ds.stats.poisson_change(counts, sizes, { margin = margin, permutations = 0 }) or {}
  end
  local worst, seen = 0, 0
  for i, want in ipairs(by_scipy(lines)) do
    eq(ours[i].at, want.at and math.tointeger(want.at), lines[i])
    for _, name in ipairs(lines[i]:find("^pettitt") and { "statistic", "p" } or { "statistic" }) do
      if want[name] then worst, seen = math.max(worst, near(ours[i][name], want[name], lines[i])), seen + 1 end
    end
  end
  print(("  %d figures; largest relative difference %.0e"):format(seen, worst))
end)

test("periods_are_those_of_the_calendar", function()
  eq(ds.date.periods("2024-02-28", "2024-03-01", "day"), { "2024-02-28", "2024-02-29", "2024-03-01" })
  eq(ds.date.periods("2020-W52", "2021-W01", "week"), { "2020-W52", "2020-W53", "2021-W01" })
  eq(ds.date.periods("2024-12", "2025-01", "month"), { "2024-12", "2025-01" })
  eq(ds.date.periods("2024", "2024", "year"), { "2024" })
  for day = 1, 28 do -- each bucket is among the periods of its year
    local bucket = ds.date.bucket(("2026-02-%02d"):format(day), "week")
    local found = false
    for _, p in ipairs(ds.date.periods("2026-W01", "2026-W53", "week")) do found = found or p == bucket end
    ok(found, bucket)
  end
  local none, message = ds.date.periods("1000-01-01", "2000-01-01", "day")
  eq({ none, message }, { nil, "365243 days from 1000-01-01 to 2000-01-01" })
  raises("are no days", ds.date.periods, "2024", "x", "day")
end)

test("a_planted_change_is_found_where_it_is", function()
  local dir = temporary()
  os.remove(dir)
  os.execute("mkdir " .. dir)
  for i = 1, 56 do
    if i ~= 20 then -- a day without a paper
      local f = assert(io.open(("%s/%02d.md"):format(dir, i), "w"))
      local said = (i > 30 and i % 5 ~= 0 or i % 11 == 0) and "，價格戰又打响了" or ""
      f:write(("---\ndate: 2025-%02d-%02d\nsource: 报%d\n---\n\n今天天气很好%s。\n"):format((i - 1) // 28 + 1, (i - 1) % 28 + 1, i % 2, said))
      f:close()
    end
  end
  local pipe = assert(io.popen(("%s trend -q --terms 价格战 --by day --each-source -f jsonl %s"):format(DSRUN, dir)))
  local changes, gaps, sources = {}, 0, {}
  for line in pipe:lines() do
    local row = assert(ds.json.decode(line))
    if row.table == "series_changes" then changes[#changes + 1] = row
    else
      sources[row.source == ds.json.null and "" or row.source] = true
      if row.articles == 0 and row.source == ds.json.null then
        gaps = gaps + 1
        eq(row.rate, ds.json.null)
      end
    end
  end
  pipe:close()
  os.execute("rm -rf " .. dir)
  eq(sources, { [""] = true, ["报0"] = true, ["报1"] = true })
  ok(gaps == 4, gaps .. " gaps") -- 20 January, 29 to 31 January
  local all = {}
  for _, c in ipairs(changes) do
    if c.source == ds.json.null then all[#all + 1] = c end
  end
  eq({ #all, all[1].period, all[1].test }, { 1, "2025-02-03", "poisson" })
  ok(all[1].before < 0.15 and all[1].after > 0.7 and all[1].p <= 0.01)
end)

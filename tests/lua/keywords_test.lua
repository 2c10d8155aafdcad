-- keywords_test.lua: TextRank against the solved linear system; TF-IDF and n-grams of the plugins by hand.
local T = require "testing"
local ds = require "ds"
local test, eq, ok = T.test, T.eq, T.ok
local PYTHON = "/usr/bin/python3"
local DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun"

test("links_are_places_within_the_window", function()
  eq(ds.textrank.links({ "a", "b", false, "c", "a", "a" }, 3), { ["a\tb"] = 1, ["b\tc"] = 1, ["a\tc"] = 2 })
  eq(ds.textrank.links({ "a", "b", "a" }), { ["a\tb"] = 2 })
  eq(ds.textrank.links({}), {})
  eq(ds.textrank.rank({}), {})
end)

test("textrank_equals_the_solved_system", function()
  if not os.execute(PYTHON .. " -c 'import numpy' 2>/dev/null") then T.skip("no numpy for " .. PYTHON .. ": apt-get install python3-numpy") end
  math.randomseed(8)
  local name, cases, lines = os.tmpname(), {}, {}
  for i = 1, 40 do
    local words, parts = {}, {}
    for k = 1, math.random(4, 200) do words[k] = math.random(6) > 1 and "w" .. math.random(1, 4 + i) end
    for k = 1, #words do words[k] = words[k] or false end
    local links = ds.textrank.links(words, math.random(2, 6))
    for key, n in pairs(links) do parts[#parts + 1] = key:gsub("\t", " ") .. " " .. n end
    if #parts > 0 then cases[#cases + 1], lines[#lines + 1] = links, table.concat(parts, " ") end
  end
  local f = assert(io.open(name, "w"))
  f:write(table.concat(lines, "\n"), "\n")
  f:close()
  local pipe, i, worst, seen = assert(io.popen(PYTHON .. " tests/data/textrank.py < " .. name)), 0, 0, 0
  for line in pipe:lines() do
    i = i + 1
    local want = {}
    for word, rank in line:gmatch("(%S+)=(%S+)") do want[word] = tonumber(rank) end
    for _, r in ipairs(ds.textrank.rank(cases[i])) do
      local gap = math.abs(r.rank - want[r.word]) / want[r.word]
      worst, seen = math.max(worst, gap), seen + 1
      ok(gap <= 1e-9, ("%s: %.17g, numpy has %.17g"):format(r.word, r.rank, want[r.word]))
    end
  end
  ok(pipe:close())
  os.remove(name)
  eq(i, #cases)
  print(("  %d ranks of %d graphs; largest relative difference %.0e"):format(seen, i, worst))
end)

local function rows_of(args, files)
  local dir = os.tmpname()
  os.remove(dir)
  os.execute("mkdir " .. dir)
  for name, text in pairs(files) do
    local f = assert(io.open(dir .. "/" .. name, "w"))
    f:write(text)
    f:close()
  end
  local rows, pipe = {}, assert(io.popen(("%s %s -q -f jsonl %s"):format(DSRUN, args, dir)))
  for line in pipe:lines() do
    local row = assert(ds.json.decode(line))
    rows[row.table] = rows[row.table] or {}
    table.insert(rows[row.table], row)
  end
  pipe:close()
  os.execute("rm -rf " .. dir)
  return rows
end

test("tfidf_is_the_formula", function()
  local rows = rows_of("keywords --count 5", { ["a.txt"] = "标题\n\n芯片芯片市场\n", ["b.txt"] = "标题\n\n市场公司\n" }).keywords
  eq({ rows[1].group, rows[1].word, rows[1].n, rows[1].docs, rows[1].rank }, { "a.txt", "芯片", 2, 1, 1 })
  ok(math.abs(rows[1].tfidf - 1000 * 2 / 3 * math.log(3 / 1)) < 1e-9, rows[1].tfidf)
  ok(math.abs(rows[2].tfidf - 1000 * 1 / 3 * math.log(3 / 2)) < 1e-9, rows[2].tfidf)
end)

test("ngrams_do_not_go_over_punctuation", function()
  local files = { ["a.txt"] = "标题\n\n降價，降价公司。市场降价公司 iPhone 16\n" }
  local rows = rows_of("ngrams --min 1", files)
  local n = {}
  for _, r in ipairs(rows.ngrams) do n[r.ngram] = r.n end
  eq(n["降价 公司"], 2)
  eq(n["降价 降价"], nil)
  eq(rows.totals[1].different, #rows.ngrams)
  rows = rows_of("ngrams --unit chars --size 3 --min 1", files)
  n = {}
  for _, r in ipairs(rows.ngrams) do n[r.ngram] = r.n end
  eq({ n["降价公"], n["场降价"], n["价降价"] }, { 2, 1, nil })
end)

-- compare_test.lua: one quantity in several articles.  The sentences are made up for these tests.
local T = require "testing"
local ds = require "ds"
local command = require "command"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local compare = assert(ds.compare())

test("what_a_number_allows", function()
  local function range(value, approx, value_to) return { compare.range(value, value_to or value, approx or "") } end
  eq(range(5576000), { 5575500.0, 5576500.0 }) -- rounded at its last digit
  eq(range(5600000), { 5550000.0, 5650000.0 })
  eq(range(3), { 3, 3 })
  eq(range(2000), { 1900.0, 2100.0 })
  eq(range(6000000, "<"), { 5000000.0, 6000000 })
  eq(range(5000000, ">"), { 5000000, 6000000.0 })
  eq(range(6000000, "~"), { 5400000.0, 6600000.0 })
  eq(range(560000, "~"), { 532000.0, 588000.0 })
  eq(range(50000, "", 60000), { 50000, 60000 })
  eq(range(0), { 0, 0 })
end)

-- Articles about a bakery's oven, each with its own figure, among others about something else.
local FILES = {
  ["c/1.txt"] = "标题：一\n来源：东街报\n日期：2025-03-01\n\n东湖面包店的新烤箱花费557.6万元，老板龚晓岚说，这笔成本三年可以收回。\n\n门前停了一辆车。\n",
  ["c/2.txt"] = "标题：二\n来源：西街报\n日期：2025-03-02\n\n據說，東湖麵包店買新烤箱的成本是550萬元，老闆沒有否認。\n\n昨天下雨。\n",
  ["c/3.txt"] = "标题：三\n来源：南街报\n日期：2025-03-03\n\n花了不到600万元，东湖面包店就有了全城最大的烤箱。\n",
  ["c/4.txt"] = "标题：四\n来源：北街报\n日期：2025-03-04\n\n市图书馆去年借出小说88万册，读者办证免费。\n",
  ["c/5.txt"] = "标题：五\n来源：桥头报\n日期：2025-03-05\n\n大桥全长1280米，工期十八个月，总投资32亿元。\n",
  ["c/6.txt"] = "标题：六\n来源：桥尾报\n日期：2025-03-06\n\n足球场翻新，草皮用了7000平方米，花去910元一平方米。\n",
}

local function run(line)
  local w <close> = command.workspace(FILES)
  local r = w.sh("$D compare -q " .. line .. " c")
  eq(r.status, 0, r.err)
  return r.out
end

test("the_conflict_is_found_with_sources_and_dates", function()
  local out = run("-f tsv")
  ok(out:find("1\tconflict\t2.txt\t2025%-03%-02\t西街报\t%d+\t%d+\t550萬元\t5500000\t5500000\t\t5450000\t5550000\t1\t"), out)
  for _, text in ipairs { "550萬元", "557.6万元", "不到600万元" } do ok(out:find(text, 1, true), out) end
  for _, text in ipairs { "32亿", "910元", "88万" } do ok(not out:find(text, 1, true), out) end
  local groups = run("-f tsv --table groups")
  eq(select(2, groups:gsub("\n", "\n")), 2, groups)
  ok(groups:find("1\tconflict\t", 1, true), groups)
end)

test("approximators_make_claims_compatible", function()
  local doc = [[{"id":"%s","date":"2025-03-0%d","source":"s%d","text":"%s"}]]
  local lines = { doc:format("a", 1, 1, "东湖面包店的新烤箱花费557.6万元，老板说不贵。"), doc:format("b", 2, 2, "东湖面包店的新烤箱花费近600万元，老板说不贵。"),
    doc:format("x", 3, 3, "图书馆借出小说88万册。"), doc:format("y", 3, 4, "大桥总投资32亿元。"), doc:format("z", 3, 5, "草皮花去910元。") }
  local w <close> = command.workspace { ["a.jsonl"] = table.concat(lines, "\n") .. "\n" }
  local r = w.sh("$D compare -q -f tsv --table groups a.jsonl")
  ok(r.out:find("1\tcompatible\t", 1, true), r.out .. r.err)
  eq(w.sh("$D compare -q -f tsv --show conflict a.jsonl").out:find("compatible"), nil)
end)

test("what_one_article_tells_apart_is_two_things", function()
  local function claim(doc, value, extra)
    local low, high = compare.range(value, value, "")
    local c = { doc = doc, from = value, to = value, text = tostring(value), value = value, value_to = value, low = low, high = high, unit = "CNY",
                kind = "money", approx = "", dates = {}, terms = { ["烤箱"] = 1, ["面包店"] = 1, ["=cost"] = 1.5 } }
    for key, v in pairs(extra or {}) do c[key] = v end
    return c
  end
  local others = {}
  for i = 1, 12 do others[i] = claim("o" .. i, 10 ^ (i % 9) * 3, { terms = { ["其他" .. i] = 1 } }) end
  local function groups(...) return compare:groups(table.move(others, 1, #others, select("#", ...) + 1, { ... })) end
  eq(#groups(claim("a", 5576000), claim("b", 5500000)), 1)
  eq(groups(claim("a", 5576000), claim("b", 5500000))[1].verdict, "conflict")
  eq(groups(claim("a", 5576000), claim("b", 5576000))[1].verdict, "same")
  -- one article has both: two groups
  local both = groups(claim("a", 5576000), claim("a", 5100000), claim("b", 5576000), claim("b", 5100000))
  eq({ #both, both[1].verdict, both[2].verdict }, { 2, "same", "same" })
  -- told of two quarters, or one up and one down
  eq(#groups(claim("a", 5576000, { dates = { "2024-Q3" } }), claim("b", 5500000, { dates = { "2024-Q4" } })), 0)
  eq(#groups(claim("a", 5576000, { dates = { "2024-11" } }), claim("b", 5500000, { dates = { "2024" } })), 1)
  eq(#groups(claim("a", 5576000, { direction = "up" }), claim("b", 5500000, { direction = "down" })), 0)
  eq(#groups(claim("a", 5576000), claim("a", 5500000)), 0)
  eq(#groups(claim("a", 5576000), claim("b", 15000000)), 0)
  eq(#compare:groups({}), 0)
  raises("did you mean 'within'", compare.groups, compare, {}, { withn = 2 })
end)

test("the_training_cost_of_the_bundled_corpus_is_in_conflict", function()
  local claims = {}
  for doc in assert(ds.corpus.open("corpus/articles")):docs() do table.move(compare:claims(doc), 1, #compare:claims(doc), #claims + 1, claims) end
  local found
  for _, g in ipairs(compare:groups(claims)) do
    local values = {}
    for _, c in ipairs(g.claims) do values[c.value] = true end
    if g.unit == "USD" and values[5576000] and values[5500000] then found = g end
  end
  ok(found, "no group has both")
  eq(found.verdict, "conflict")
  ok(found.docs >= 8, found.docs)
end)

test("usage", function()
  local w <close> = command.workspace(FILES)
  for _, line in ipairs { "--docs 1", "--within 0.5", "--odds 0", "--kind nothing", "--top -1" } do
    eq(w.sh("$D compare " .. line .. " c").status, 2, line)
  end
  raises("unknown option", ds.compare, { nubmers = 1 })
end)

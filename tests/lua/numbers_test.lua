-- numbers_test.lua: quantities of documents.  The sentences are made up for these tests.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local finder = assert(ds.numbers())

-- A document of one paragraph, as the readers make them.
local function document(text, date)
  local path = os.tmpname() .. ".txt"
  local f = assert(io.open(path, "wb"))
  f:write("标题：无关\n", date and ("日期：" .. date .. "\n") or "", "\n", text, "\n")
  f:close()
  local doc
  for d in assert(ds.corpus.open(path)):docs() do doc = d end
  os.remove(path)
  return assert(doc)
end

local function brief(r)
  local value = r.kind == "date" and (r.date or "open") .. (r.date_to and ".." .. r.date_to or "") or tostring(r.value)
  if r.value_to ~= r.value then value = value .. ".." .. tostring(r.value_to) end
  return r.text .. " = " .. r.approx .. value .. " " .. (r.unit or "-")
end

local function all(text, date)
  local out = {}
  for i, r in ipairs(finder:find(document(text, date))) do out[i] = brief(r) end
  return table.concat(out, "; ")
end

local cases = {
  { "这台面包机卖899元，比去年便宜两成。", "899元 = 899 CNY; 去年 = 2024 date; 两成 = 20 %" },
  { "這台麵包機賣899元，比去年便宜兩成。", "899元 = 899 CNY; 去年 = 2024 date; 兩成 = 20 %" },
  { "投资超过3.2亿欧元，约合25亿元人民币。", "超过3.2亿欧元 = >320000000 EUR; 约合25亿元人民币 = ~2500000000 CNY" },
  { "排队的有三四十人，最多的一天近2000人次。", "三四十人 = 30..40 人; 一天 = 1 day; 近2000人次 = ~2000 人次" },
  { "售价从1.2万元到1.8万元不等。", "1.2万元到1.8万元 = 12000..18000 CNY" },
  { "電費每度0.8元，水費漲了十分之一。", "0.8元 = 0.8 CNY; 十分之一 = 0.1 ratio" },
  { "全场八五折，会员再减50元。", "八五折 = 85 %; 50元 = 50 CNY" },
  { "几十万观众挤进了广场。", "几十万观众 = somenil 人" },
  { "买了两斤半面粉，走了3公里半，圆是两米半径。", "两斤半 = 1.25 kg; 3公里半 = 3.5 km; 两米 = 2 m" },
  { "買了兩斤半麵粉，走了３公里半。", "兩斤半 = 1.25 kg; ３公里半 = 3.5 km" },
  { "利润率下降2.5个百分点。", "2.5个百分点 = 2.5 pp" },
  { "Switch 2和RTX 5090没有降价，PS5 Pro也没有。", "" },
  { "请拨打021-5566-7788，或访问www.example.com/2024/05。", "" },
  { "1. 面粉\n2. 糖\n3. 盐", "" },
}

for _, c in ipairs(cases) do
  test("numbers of: " .. c[1], function() eq(all(c[1], "2025-03-04"), c[2]) end)
end

local dates = {
  { "昨日", "2025-03-03" }, { "前天", "2025-03-02" }, { "上月", "2025-02" }, { "去年第四季度", "2024-Q4" },
  { "第四季度", "2024-Q4" }, { "今年上半年", "2025-H1" }, { "上周", "2025-W09" }, { "大年初二", "2025-01-30" },
  { "除夕", "2025-01-28" }, { "12月31日", "2024-12-31" }, { "28日", "2025-02-28" }, { "2月27日至3月2日", "2025-02-27..2025-03-02" },
  { "民國113年", "2024" }, { "二〇二四年五月", "2024-05" }, { "2024Q3", "2024-Q3" }, { "2月30日", "open" },
}

for _, c in ipairs(dates) do
  test("date of: " .. c[1], function() eq(all(c[1] .. "，", "2025-03-04"), c[1] .. " = " .. c[2] .. " date") end)
end

test("without a date of the article, relative dates stay open", function()
  eq(all("昨日，大年初二，去年，3月4日，2024年3月4日。"),
    "昨日 = open date; 大年初二 = open date; 去年 = open date; 3月4日 = open date; 2024年3月4日 = 2024-03-04 date")
end)

test("both scripts give equal values", function()
  local simplified = "营收约为257亿美元，增长了8%，比去年多两倍；数十万辆电动车，一万两千台，三个半小时，翻了两番，不到十分之一，5万3。"
  local a = finder:find(document(simplified, "2025-03-04"))
  local b = finder:find(document(ds.utf8.traditional(simplified), "2025-03-04"))
  ok(#a >= 9)
  eq(#a, #b)
  for i, r in ipairs(a) do
    for _, field in ipairs { "value", "value_to", "unit", "kind", "approx", "direction", "date" } do
      eq(b[i][field], r[field], r.text .. "/" .. b[i].text .. " " .. field)
    end
  end
end)

test("an implied currency is said to be one, and is the nearest that is written", function()
  local r = finder:find(document("门票收入3000万美元，营收2.5亿，比预期高。"))
  eq({ r[1].unit, r[1].implied, r[2].unit, r[2].implied, r[2].value }, { "USD", nil, "USD", true, 250000000 })
end)

test("元 is the currency of the text's own country", function()
  local function unit(text) return finder:find(document(text))[1].unit end
  eq(unit("一碗面12元。"), "CNY")
  eq(unit("牛腩麵每碗58元，套餐要港幣80元，門票收費也漲了。"), "HKD")
  eq(unit("滷肉飯一碗45元，便當店老闆說，去年還只要新台幣40元。"), "TWD")
end)

test("direction and what it is about", function()
  local r = finder:find(document("面粉成本上涨12%，鸡蛋价格下跌3%。"))
  eq({ r[1].direction, r[2].direction }, { "up", "down" })
  eq({ r[1].about, r[2].about }, { "面粉成本", "鸡蛋价格" })
end)

test("a price is counted per something", function()
  local r = finder:find(document("每公斤18元，会员30元/月。"))
  eq({ r[1].per, r[2].per }, { "公斤", "月" })
end)

test("every span lies in doc.text", function()
  local doc = document("花了**3 万****美**元，超过１２，３００人。")
  local n = 0
  for _, r in ipairs(finder:find(doc)) do
    n = n + 1
    eq(doc.text:sub(r.from, r.to), r.text)
    ok(r.number_from >= r.from and r.number_from <= r.to)
    if r.about then eq(doc.text:sub(r.about_from, r.about_to), r.about) end
  end
  eq(n, 2)
end)

test("doc:numbers takes a passage", function()
  local doc = document("先付500元，再付300元。")
  eq(#doc:numbers(), 2)
  local first = doc:numbers()[1]
  eq(#doc:numbers(first.from, first.to), 1)
  eq(#doc:numbers(first.from + 1), 1)
  raises("integers", doc.numbers, doc, "x")
end)

test("a table of one's own takes the place of the bundled one", function()
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  f:write("# word\tunit\tkind\tfactor\n文\tWEN\tmoney\t1\n贯\tWEN\tmoney\t1000\n坏行\t\tnothing\t1\n")
  f:close()
  local own = assert(ds.numbers { units = path })
  os.remove(path)
  eq(#own.bad_lines, 1)
  ok(own.bad_lines[1].message:find(path .. ":4:", 1, true), own.bad_lines[1].message)
  local r = own:find(document("三贯，另加50文。"))
  eq({ r[1].value, r[1].unit, r[2].value, r[2].unit }, { 3000, "WEN", 50, "WEN" })
end)

test("a row that makes no sense is named", function()
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  f:write("约\t??\tbefore\t0\n")
  f:close()
  local own, message = ds.numbers { units = path }
  os.remove(path)
  eq(own, nil)
  ok(message:find("'约'", 1, true) and message:find("approximator", 1, true), message)
end)

test("an unknown option names the nearest one", function()
  raises("did you mean 'units'", ds.numbers, { unist = "x" })
  local own, message = ds.numbers { units = "/nonexistent/u.tsv" }
  eq(own, nil)
  ok(message:find("/nonexistent/u.tsv", 1, true), message)
end)

test("objects of the binding close and say so", function()
  local quantity = require "ds.c.quantity"
  local words = assert(quantity.words { { "元", "CNY", "money", 1.0 } })
  eq(#words:find("5元，6元"), 2)
  raises("segmenter", words.find, words, "5元", {})
  words:close()
  words:close()
  raises("closed", words.find, words, "5元")
  raises("row 1", quantity.words, { "元" })
end)

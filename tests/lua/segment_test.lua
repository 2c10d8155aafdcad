-- segment_test.lua: ds.segmenter over the compiled lexicon.
local T = require "testing"
local ds = require "ds"
local test, eq, ok = T.test, T.eq, T.ok

local seg = assert(ds.segmenter())

local function cut(s, with) return table.concat((with or seg):words(s), "|") end

local function with_file(text, fn)
  local path = os.tmpname()
  local f = assert(io.open(path, "wb"))
  f:write(text)
  f:close()
  local ok_, err = pcall(fn, path)
  os.remove(path)
  if not ok_ then error(err, 0) end
end

test("news text is cut into words", function()
  eq(cut("大模型厂商纷纷降价，DeepSeek-V3的训练成本约557.6万美元。"),
     "大|模型|厂商|纷纷|降价|，|DeepSeek-V3|的|训练|成本|约|557.6万|美元|。")
end)

test("both scripts are cut alike", function()
  local pairs_ = {
    { "马斯克嘲讽竞争对手，价格战愈演愈烈", "馬斯克嘲諷競爭對手，價格戰愈演愈烈" },
    { "人工智能芯片公司发布财报", "人工智能芯片公司發佈財報" },
    { "头发长了以后才发现", "頭髮長了以後才發現" },
  }
  for _, p in ipairs(pairs_) do
    local a, b = seg:cut(p[1]):spans(), seg:cut(p[2]):spans()
    eq(a, b, p[1])
  end
end)

test("words join to any bytes", function()
  for _, s in ipairs { "", " ", "\n", "a\0b", "\xFF\xFE", "价\xE4\xBB 战", "　全　角　", ("龘"):rep(20000), ("a"):rep(30000) } do
    eq(table.concat(seg:words(s)), s)
  end
end)

test("token records have word, key, place, tag and class", function()
  local list = {}
  for t in seg:tokens("馬斯克說３％") do list[#list + 1] = t end
  local t = list[#list]
  eq({ t.word, t.key, t.class, t.pos, t.from, t.to }, { "３％", "3%", "percent", "m", 13, 18 })
  eq(list[#list - 1].key, "说")
end)

test("user dictionary: forced words win, bad lines are named and skipped", function()
  with_file("深度求索 nt\nModel 3\t\n坏\xFF\n云计算能力 1\n", function(path)
    local user = assert(ds.segmenter { user = path })
    eq(cut("我爱深度求索", user):find("深度求索", 1, true) ~= nil, true)
    ok(cut("特斯拉Model 3降价", user):find("|Model 3|", 1, true), cut("特斯拉Model 3降价", user))
    local bad = user:bad_lines()
    eq(#bad, 1)
    eq(bad[1].line, 3)
    ok(bad[1].message:find("UTF-8", 1, true))
  end)
end)

test("words are added and removed at run time", function()
  local s = assert(ds.segmenter())
  local before = cut("幻方量化旗下公司", s)
  s:add("幻方量化", nil, "nt")
  ok(cut("幻方量化旗下公司", s):find("^幻方量化|"))
  eq(s:remove("幻方量化"), s)
  eq(cut("幻方量化旗下公司", s), before)
  eq(cut("幻方量化旗下公司"), before, "another segmenter is not touched")
end)

test("styles and modes cut otherwise", function()
  local s = "航空公司的消费者位于北京"
  eq(cut(s, assert(ds.segmenter { style = "news" })), "航空|公司|的|消费者|位于|北京")
  eq(cut(s, assert(ds.segmenter { style = "ud" })), "航空|公司|的|消费|者|位|于|北京")
  eq(cut("占557.6万美元的16%", assert(ds.segmenter { style = "fine" })), "占|557.6|万|美元|的|16|%")
  eq(cut("北京大学", assert(ds.segmenter { mode = "search" })), "北京|大学|北京大学")
  local full = cut("中华人民共和国", assert(ds.segmenter { mode = "full" }))
  for _, w in ipairs { "中华", "人民", "共和", "共和国", "中华人民共和国" } do
    ok(("|" .. full .. "|"):find("|" .. w .. "|", 1, true), w .. " in " .. full)
  end
end)

test("names that no dictionary holds are one word", function()
  local found
  for t in seg:tokens("记者左诗雅报道") do if t.word == "左诗雅" then found = t end end
  eq(found and found.pos, "nr")
end)

test("transliterated names with a dot are one word in the news style", function()
  eq(cut("总统菲德尔·卡斯特罗说"), "总统|菲德尔·卡斯特罗|说")
  eq(cut("埃隆‧馬斯克表示"), "埃隆‧馬斯克|表示")
  eq(cut("菲德尔·卡斯特罗", assert(ds.segmenter { style = "ud" })):find("·卡") , nil)
end)

test("explain lists the candidates and the dictionary line that acted", function()
  with_file("# mine\n降价潮 5 n\n深度求索\n", function(path)
    local user = assert(ds.segmenter { user = path })
    local lines, chosen = {}, {}
    for _, c in ipairs(user:explain("深度求索引发降价潮")) do
      eq(("深度求索引发降价潮"):sub(c.from, c.to), c.word)
      if c.line then lines[c.word] = c.line end
      if c.chosen then chosen[#chosen + 1] = c.word end
    end
    eq(lines, { ["深度求索"] = 3, ["降价潮"] = 2 })
    eq(table.concat(chosen), "深度求索引发降价潮")
  end)
end)

test("a missing user dictionary gives nil and names the file", function()
  local s, message = ds.segmenter { user = "/nonexistent/my.dict" }
  eq(s, nil)
  ok(message:find("/nonexistent/my.dict", 1, true), message)
end)

test("misuse raises", function()
  T.raises("did you mean 'user'", ds.segmenter, { usre = "x" })
  T.raises("did you mean 'search'", ds.segmenter, { mode = "serach" })
  T.raises("style is news, ud, fine", ds.segmenter, { style = 1 })
  T.raises("frequency is not negative", seg.add, seg, "词", -5)
  T.raises("word is empty", seg.add, seg, "")
  T.raises("ds.segmenter", seg.words, {}, "x")
  local s = assert(ds.segmenter())
  s:close()
  s:close()
  T.raises("attempt to use a closed ds.segmenter", s.words, s, "x")
  T.raises("no such token", function() return seg:cut("词"):get(2) end)
end)

test("tokens outlive their segmenter", function()
  local s = assert(ds.segmenter())
  local toks = s:cut("价格战")
  s:close()
  eq(toks:get(1), "价格战")
end)

-- ------------------------------------------------------------------ a standard of the user's own

-- Gold of our own: 价格 | 战 apart, 大模型公司 together, neither of which the default mode does.
local GOLD = {
  "价格 战 开始 了", "我们 看 价格 战 。", "大模型公司 打 价格 战", "谁 赢 价格 战 ？", "大模型公司 说 ， 价格 战 不 好",
  "新 的 大模型公司 来 了", "他们 看 大模型公司 。", "价格 战 让 大模型公司 降价", "没有 赢家 的 价格 战", "大模型公司 很 多",
}

local function with_model(opts, fn)
  local t = assert(ds.trainer(opts))
  for _, line in ipairs(GOLD) do assert(t:add(line)) end
  with_file(assert(t:train("ten lines")), function(path) fn(path, t) end)
end

test("a trained standard cuts both scripts, and says what it is", function()
  with_model(nil, function(path)
    local mine = assert(ds.segmenter { model = path })
    eq(cut("记者看价格战，大模型公司降价", mine), "记者|看|价格|战|，|大模型公司|降价")
    eq(cut("記者看價格戰，大模型公司降價", mine), "記者|看|價格|戰|，|大模型公司|降價")
    eq(cut("价格战"), "价格战")
    local name = path:match("[^/]*$"):gsub("%p", "%%%0")
    ok(mine:describe():find("^trained %l+ zh.dslex %x%x%x%x%x%x%x%x " .. name .. " %x%x%x%x%x%x%x%x$"), mine:describe())
    ok(ds.segmenter():describe():find("^default news zh.dslex %x+$"), ds.segmenter():describe())
    mine:add("看价格")
    eq(cut("记者看价格战", mine), "记者|看价格|战")
  end)
end)

test("training is repeatable, and another seed is another order", function()
  local function model(seed)
    local bytes
    with_model({ seed = seed }, function(path) bytes = T.read(path) end)
    return bytes
  end
  eq(model(1) == model(1), true)
  eq(model(1) == model(7), false)
end)

test("training scores what it held back", function()
  with_model(nil, function(_, t)
    eq(t:lines(), #GOLD)
    local scores, gold = assert(t:cross_validate(2)), 0
    for _, s in ipairs(scores) do gold = gold + s.gold end
    eq({ #scores, gold }, { 2, t:words() })
    ok(scores[1].f1 > t:default().f1, "learned " .. scores[1].f1)
    local few = assert(ds.trainer())
    few:add("一 句")
    local none, message = few:train()
    eq(none, nil)
    ok(message:find("too few"), message)
  end)
end)

test("bad gold is named by file and line", function()
  with_file("好 词\n坏\xFF 词\n\n又 好\n", function(path)
    local t, bad = assert(ds.trainer()), {}
    eq(t:add_file(path, function(message) bad[#bad + 1] = message end), 2)
    eq(#bad, 1)
    ok(bad[1]:find(path .. ":2: not valid UTF-8", 1, true), bad[1])
  end)
  local n, message = assert(ds.trainer()):add_file("/nowhere/gold.txt")
  eq(n, nil)
  ok(message:find("/nowhere/gold.txt", 1, true), message)
end)

test("what is no model is refused by name; mode and model go together", function()
  with_file("no model, but longer than the header of one is, so that its magic number is looked at first: " .. ("x"):rep(200),
    function(path)
      local none, message = ds.segmenter { model = path }
      eq(none, nil)
      ok(message:find(path .. ": not a trained segmenter", 1, true), message)
    end)
  T.raises("go together", function() ds.segmenter { mode = "trained" } end)
  T.raises("go together", function() ds.segmenter { mode = "full", model = "my.seg" } end)
  T.raises("did you mean 'seed'", function() ds.trainer { seeds = 1 } end)
  T.raises("positive", function() ds.trainer { rounds = 0 } end)
end)

-- accurate_test.lua: the segmenter's mode "accurate", over the compiled tagger.
local T = require "testing"
local ds = require "ds"
local test, eq, ok = T.test, T.eq, T.ok
local sys = require "ds.c.sys"
local build = T.build or arg and arg[1] or "build"

local seg, why = ds.segmenter { mode = "accurate" }
if not seg then
  test("mode accurate", function() T.skip(why) end)
  return
end

local function joined(s, with) return table.concat((with or seg):words(s), "|") end

local function entities(s)
  local list = {}
  for _, e in ipairs(seg:entities(s)) do list[#list + 1] = e.type .. ":" .. s:sub(e.from, e.to) end
  return table.concat(list, " ")
end

test("tokens join to the text, whatever its bytes", function()
  for _, s in ipairs { "", "\n", "\n\n价格\n", "价格战打响了", "a\xFFb价\xE4", "①②③ 甲、乙", ("降价潮来了，"):rep(700),
                       ("长"):rep(9000), ("3"):rep(3000) .. "万" } do
    eq(table.concat(seg:words(s)), s)
  end
end)

test("names that no dictionary holds are cut and told", function()
  local s = "记者丁若澜昨日从云栖半导体公司获悉，该厂将在成都建厂。"
  ok(("|" .. joined(s) .. "|"):find("|丁若澜|", 1, true), joined(s))
  local got = entities(s)
  ok(got:find("PER:丁若澜", 1, true), got)
  ok(got:find("LOC:成都", 1, true), got)
  ok(got:find("TIME:昨日", 1, true), got)
  ok(got:find("ORG:[^ ]*半导体公司"), got)
end)

test("both scripts are cut alike, tagged alike, and have the same entities", function()
  for _, pair in ipairs {
    { "记者丁若澜昨日从上海的云栖半导体公司获悉", "記者丁若瀾昨日從上海的雲棲半導體公司獲悉" },
    { "该公司发言人说，这项研究将继续进行下去", "該公司發言人說，這項研究將繼續進行下去" },
  } do
    local a, b = seg:cut(pair[1]), seg:cut(pair[2])
    eq(#b, #a)
    for i = 1, #a do
      local _, _, from, to, pos, class, entity, begins = a:get(i)
      local _, _, from2, to2, pos2, class2, entity2, begins2 = b:get(i)
      eq(table.concat({ from2, to2, pos2, class2, tostring(entity2), tostring(begins2) }, " "),
         table.concat({ from, to, pos, class, tostring(entity), tostring(begins) }, " "), pair[2])
    end
  end
end)

test("tokens carry the entity they belong to; in other modes they have none", function()
  local s = "中国人民银行行长在北京表示"
  local list = {}
  for t in seg:tokens(s) do
    if t.entity then list[#list + 1] = (t.entity_begins and "B-" or "I-") .. t.entity .. ":" .. t.word end
  end
  local got = table.concat(list, " ")
  ok(got:find("^B%-ORG:中国"), got)
  ok(got:find("B-LOC:北京", 1, true), got)
  for t in assert(ds.segmenter()):tokens(s) do
    eq(t.entity, nil)
    eq(t.entity_begins, nil)
  end
  eq(#assert(ds.segmenter()):entities(s), 0)
end)

test("an entity's tokens are those between its ends", function()
  local s = "新华社北京1月27日电，丁若澜、王小明今天访问欧洲议会。"
  local spans = seg:entities(s)
  ok(#spans >= 4)
  for i, e in ipairs(spans) do
    eq(e.text, s:sub(e.from, e.to))
    if i > 1 then ok(e.from > spans[i - 1].to, "entities do not overlap") end
  end
end)

test("a line is marked alike by itself and among others", function()
  local lines = { "价格战仍在继续。", "丁若澜说：“不会。”", "第三行", "今年前三季度营收同比增长百分之十二，超出预期" }
  local whole = table.concat(lines, "\n")
  local expected = {}
  for _, line in ipairs(lines) do expected[#expected + 1] = joined(line) end
  eq(joined(whole), table.concat(expected, "|\n|"))
end)

test("the styles hold in this mode, too", function()
  local s = "消费者位于2025年1月"
  eq(joined(s, assert(ds.segmenter { mode = "accurate", style = "ud" })), "消费|者|位|于|2025|年|1|月")
  ok(joined(s):find("2025年|1月", 1, true), joined(s))
end)

test("the user's words win", function()
  local path = os.tmpname()
  local f = assert(io.open(path, "wb"))
  f:write("若澜昨\n")
  f:close()
  local with = assert(ds.segmenter { mode = "accurate", user = path })
  os.remove(path)
  ok(joined("丁若澜昨日来访", with):find("|若澜昨|", 1, true), joined("丁若澜昨日来访", with))
  ok(with:describe():find(" user 1$"), with:describe())
end)

test("explain shows the costs that were weighed", function()
  local s = "马斯克谈降价"
  local chosen = {}
  for _, c in ipairs(seg:explain(s)) do
    if c.chosen then chosen[#chosen + 1] = c.word end
  end
  eq(table.concat(chosen, "|"), joined(s))
end)

test("describe tells mode, style and checksums", function()
  ok(seg:describe():find("^accurate news zh%.dslex %x%x%x%x%x%x%x%x zh%.dsnn %x%x%x%x%x%x%x%x$"), seg:describe())
  local plain = assert(ds.segmenter { style = "ud" }):describe()
  ok(plain:find("^default ud zh%.dslex %x+$"), plain)
end)

-- Runs a line of Lua with a copy of ds.so in a directory of its own, whose zh.dsnn `prepare` makes; returns what it prints.
local function elsewhere(prepare, code)
  local dir = os.tmpname()
  os.remove(dir)
  assert(os.execute("mkdir " .. dir .. " && cp " .. build .. "/ds.so " .. dir .. "/ && cp " .. build .. "/zh.dslex " .. dir .. "/"))
  prepare(dir .. "/zh.dsnn")
  local pipe = assert(io.popen(("DS_DATA= LUA_CPATH='%s/?.so' lua5.4 -e '%s' 2>&1"):format(dir, code)))
  local out = pipe:read("a")
  pipe:close()
  os.execute("rm -r " .. dir)
  return out
end
local TRY <const> = [[print(require("ds").segmenter { mode = "accurate" })]]

test("without the tagger the error says what is missing and which package brings it", function()
  if sys.stat(sys.prefix .. "/share/ds/zh.dsnn") then T.skip "one is installed" end
  local out = elsewhere(function() end, TRY)
  ok(out:find("^nil\tzh%.dsnn: not found"), out)
  ok(out:find("python3-jieba", 1, true), out)
end)

test("a damaged tagger is refused by name", function()
  local f = assert(io.open(build .. "/zh.dsnn", "rb"))
  local head = f:read(200000)
  f:close()
  local out = elsewhere(function(path)
    local to = assert(io.open(path, "wb"))
    to:write(head)
    to:close()
  end, TRY)
  ok(out:find("^nil\ttagger is 200000 bytes long, its header says otherwise: .*/zh%.dsnn"), out)
end)

test("dsrun segment --entities lists them", function()
  local run = "printf '丁若澜在成都\\n' | " .. build .. "/dsrun segment -q -f jsonl --entities "
  local pipe = assert(io.popen(run .. "--mode accurate"))
  local out = pipe:read("a")
  pipe:close()
  ok(out:find('"table":"entities","line":1,"from":1,"to":9,"type":"PER","text":"丁若澜"', 1, true), out)
  ok(out:find('"type":"LOC","text":"成都"', 1, true), out)
  pipe = assert(io.popen(run .. "2>&1; echo $?"))
  out = pipe:read("a")
  pipe:close()
  ok(out:find("--entities is for --mode accurate", 1, true) and out:find("\n2\n$"), out)
end)

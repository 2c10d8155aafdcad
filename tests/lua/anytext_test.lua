-- anytext_test.lua: quotes, numbers, entities and claims of texts put together at random of marks, numerals, names and broken bytes:
-- whatever the text, records lie in it, are what they say, and come in order.  DS_ANYTEXT_ROUNDS and DS_ANYTEXT_SEED look longer.
local T = require "testing"
local ds = require "ds"
local test, ok, eq = T.test, T.ok, T.eq

local PIECES = {}
for piece in ([[
“ ” ‘ ’ " ' 「 」 『 』 《 》 （ ） ( ) 。 ！ ？ … ， 、 ： : ； ｜ | — —— - ~ 至 / . % ％ · ・ • ** # > @ 的 了 在 是 和 与 对 把 被 他 她 其 这位 我
说 表示 稱 指出 坦言 认为 告诉 记者 首席执行官 CEO 董事长 教授 先生 编辑 分析师 网友 马斯克 馬斯克 奥特曼 梁文锋 梁文峰 DeepSeek R1 V3 GPT-4o H100 Grok OpenAI Meta Anna Kowalska
公司 集团 大学 有限公司 股份 研究院 银行 署 中国 美国 杭州 市 州 里斯本 埃里克 塞缪尔 斯 克 尔 特 曼 王 李 晓 岚 价格 成本 训练 增长 下跌 营收 近 约 不到 超过 左右 多 余 两 半 几 数 一 二 三 十 百 千 万 亿 萬 億 零
０ １ 1 2 5 12 300 2025 5.5 557.6 元 美元 $ 块 倍 折 成 年 月 日 昨日 去年 第四季度 大年初二 个 人 次 分之 每 吨 公里 小时 A b X Q3 5G 3M http://a.cn/x?y=1 U.S. don't 𠮷 é
]]):gmatch("%S+") do PIECES[#PIECES + 1] = piece end
for _, piece in ipairs { " ", "　", "\n", "\n\n", "\r\n", "\226\128", "\255", "\0", "\228\184", "\239\187\191", "\226\128\139" } do PIECES[#PIECES + 1] = piece end

local rounds = tonumber(os.getenv("DS_ANYTEXT_ROUNDS") or "") or 400
local seed = tonumber(os.getenv("DS_ANYTEXT_SEED") or "") or 1

local function texts()
  local state, i = seed * 2654435761 + 12345, 0
  local function draw(k)
    state = state * 6364136223846793005 + 1442695040888963407
    return (state >> 33) % k + 1
  end
  return function()
    i = i + 1
    if i > rounds then return nil end
    local list = {}
    for k = 1, draw(60) do list[k] = PIECES[draw(#PIECES)] end
    return i, table.concat(list)
  end
end

local quotes, numbers, entities = assert(ds.quotes()), assert(ds.numbers()), assert(ds.entities())
local compare = assert(ds.compare { numbers = numbers, entities = entities })
local make = require("ds.doc").new

local function document(text) return make({ id = "x", text = text, date = "2025-03-04" }) end

-- A record lies in the text, has bytes, and cuts no character.
local function check_span(text, r, where)
  ok(r.from >= 1 and r.from <= r.to and r.to <= #text, where .. ": out of the text")
  eq(text:sub(r.from, r.to), r.text, where)
  if utf8.len(text) then
    ok(not text:sub(r.from, r.from):find("[\128-\191]"), where .. ": begins within a character")
    ok(not text:sub(r.to + 1, r.to + 1):find("[\128-\191]"), where .. ": ends within a character")
  end
end

local function each(what, find, more)
  test(what .. "_of_any_text_lie_in_it_and_come_in_order", function()
    local n = 0
    for i, text in texts() do
      local doc, behind = document(text), 0
      local where = ("round %d of seed %d: %q"):format(i, seed, text)
      for _, r in ipairs(find(doc)) do
        n = n + 1
        check_span(text, r, where)
        ok(r.from >= behind, where .. ": out of order")
        behind = r.from
        more(r, where, text)
      end
    end
    ok(n > rounds // 10, "hardly anything was found: " .. n)
  end)
end

local TYPES = { direct = 1, indirect = 1, block = 1, dialogue = 1, scare = 1, title = 1, none = 1 }
each("quotes", function(doc) return quotes:find(doc) end, function(r, where, text)
  ok(TYPES[r.type], where)
  if r.cue_from then eq(text:sub(r.cue_from, r.cue_to), r.verb, where) end
  if r.speaker then ok(r.speaker ~= "" and r.name ~= "", where) end
end)

each("numbers", function(doc) return numbers:find(doc) end, function(r, where, text)
  ok(r.number_from >= r.from and r.number_from <= r.to, where)
  eq(r.value == nil, r.value_to == nil, where)
  if r.value then ok(r.value == r.value and r.value - r.value == 0, where .. ": not finite") end
  if r.about then eq(text:sub(r.about_from, r.about_to), r.about, where) end
  if r.kind == "date" and r.date then ok(r.date:find("^%d%d%d%d"), where) end
end)

each("claims", function(doc) return compare:claims(doc) end, function(r, where)
  ok(r.low <= r.high and r.low <= r.value_to and r.high >= r.value, where .. (" %s %s %s %s"):format(r.low, r.high, r.value, r.value_to))
end)

local behind = 0
each("entities", function(doc)
  behind = 0
  return entities:find(doc)
end, function(r, where)
  ok(r.from > behind, where .. ": overlap")
  behind = r.to
  ok(r.name ~= "" and r.type and r.rule, where)
end)

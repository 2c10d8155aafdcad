-- compare.lua: one quantity, told in several articles.  `claims` gives what an article says in numbers, each with the words around
-- it; `groups` finds claims of different articles that are about one thing, and says whether they agree.

local groups = require "ds.compare_groups"
local lexicon = require "ds.lexicon"
local names = require "ds.names"
local utf8c = require "ds.c.utf8"

---@class ds.compare
local Compare = {}
Compare.__index = Compare
Compare.__name = "ds.compare"
function Compare:__tostring() return "ds.compare" end

local known = { "numbers", "entities" }

-- Words that say one thing of a quantity: what was paid, lost, asked, earned …
local CLASSES = {
  cost = "成本 花费 花 花了 费用 开销 支出 耗资 斥资 投入 预算 训练成本 造价 花掉 花销",
  price = "售价 定价 标价 报价 价格 单价 价钱 起售价 卖 要价 收费 月费 会费 订阅费",
  loss = "蒸发 损失 缩水 抹去 亏损 亏 亏了 跌去 蒸發",
  fall = "下跌 跌 暴跌 大跌 重挫 跌幅 下滑 收跌 降 下降 挫 急挫 降幅 减少",
  rise = "上涨 涨 大涨 暴涨 涨幅 增长 增幅 上升 升 收涨 增加 提高 同比",
  offer = "收购 出价 竞购 要约 收购要约 买下 竞标 买",
  sales = "营收 收入 销售额 营业额 营业收入",
  profit = "利润 净利润 净利 盈利",
  funding = "融资 估值 募资 筹资",
  worth = "市值 身价 身家 财富",
  people = "员工 雇员 职员 人员 团队 裁员 裁减",
  users = "用户 日活 月活 下载 下载量",
  chips = "芯片 显卡 gpu 算力卡 加速卡 卡",
  training = "训练 预训练 training",
}
local CLASS_OF = {}
for class, list in pairs(CLASSES) do
  for word in list:gmatch("%S+") do CLASS_OF[word] = "=" .. class end
end

local KINDS <const> = { money = true, percent = true, multiple = true, ratio = true, count = true, measure = true, number = true, duration = true }

--- What finds and compares claims.
---@param opts? {numbers: ds.numbers?, entities: ds.entities?} finders to use in place of the bundled ones
---@return ds.compare? compare
---@return string? message names the file that could not be read
local function new(opts)
  opts = opts or {}
  for name in pairs(opts) do
    names.check("ds.compare: unknown option", name, known)
  end
  local self = setmetatable({}, Compare)
  local message
  self.numbers = opts.numbers
  if not self.numbers then
    self.numbers, message = require "ds.numbers" {}
    if not self.numbers then return nil, message end
  end
  self.entities = opts.entities
  if not self.entities then
    self.entities, message = require "ds.entities" {}
    if not self.entities then return nil, message end
  end
  self.stop, message = lexicon.stopwords()
  if not self.stop then return nil, message --[[@as string]] end
  return self
end

-- ------------------------------------------------------------------ what a number allows

--- Digits that count in a decimal number: 5576000 has four, 6000000 one.
local function significant(value)
  local digits = ("%.12g"):format(math.abs(value)):gsub("[eE].*$", ""):gsub("%.", "")
  digits = digits:gsub("^0+", ""):gsub("0+$", "")
  return math.max(1, #digits)
end

--- Ten to the place of the first digit.
local function magnitude(value) return 10 ^ math.floor(math.log(math.abs(value), 10) + 1e-9) end

-- How far “about” goes, by how many digits the number has: 近600万 10 %, 约56万 5 %, 约557.6万 2 %.
local ABOUT <const> = { 0.10, 0.05, 0.02 }

local ROUND_FROM <const> = 100

--- The values that a claim allows.  A bare number is rounded at its last digit (560万: 555万 to 565万), one of a single digit from
--- 100 on within 5 % (两千: 1900 to 2100), and a smaller one is what it says; about widens it by its number
--- of digits; more than and less than reach to the next of its first digit (不到600万: 500万 to 600万).
---@param value number
---@param value_to number the end of a range, else the value
---@param approx string of ds.number
---@return number low
---@return number high
function Compare.range(value, value_to, approx)
  local low, high = math.min(value, value_to), math.max(value, value_to)
  if low == 0 or high == 0 then return low, high end
  local digits = significant(low)
  local half = magnitude(low) / 10 ^ (digits - 1) / 2
  if approx == "<" or approx == "<=" then return math.min(low, high - magnitude(high)), high end
  if approx == ">" or approx == ">=" then return low, math.max(high, low + magnitude(low)) end
  if approx == "~" then
    local share = ABOUT[math.min(digits, #ABOUT)]
    return low - math.max(half, math.abs(low) * share), high + math.max(half, math.abs(high) * share)
  end
  if low ~= high then return low, high end
  if digits < 2 then half = low < ROUND_FROM and 0 or low * ABOUT[2] end -- 3个 is three, 两千块 a round number
  return low - half, high + half
end

-- ------------------------------------------------------------------ the words around

local CONTENT <const> = { n = true, v = true, j = true, l = true, i = true }

--- The words of a document that tell what a sentence is about: { from, key } by place; names aside, which count by themselves.
local function content_words(self, doc, mentions)
  local list, toks, m = {}, require("ds.doc").cut(doc), 1
  for i = 1, #toks do
    local _, key, from, _, pos, class = toks:get(i)
    local class_key = CLASS_OF[key]
    while mentions[m] and mentions[m].to < from do m = m + 1 end
    if mentions[m] and mentions[m].from <= from then
      class_key = nil
    elseif class_key then
      list[#list + 1] = { from = from, key = class_key }
    elseif (class == "han" and #key >= 6 and CONTENT[pos:sub(1, 1)] and pos ~= "ns" or class == "latin" and #key > 1) and not self.stop[key] then
      list[#list + 1] = { from = from, key = key }
    end
  end
  return list
end

local SENTENCE <const>, BESIDE <const>, NAME <const>, ABOUT_WEIGHT <const> = 1.0, 0.3, 1.5, 1.5

--- Index of the first item at or behind a byte.
local function first_at(list, byte)
  local low, high = 1, #list + 1
  while low < high do
    local mid = (low + high) // 2
    if list[mid].from < byte then low = mid + 1 else high = mid end
  end
  return low
end

local function add_terms(terms, list, from, to, weight, skip_from, skip_to)
  local i = first_at(list, from)
  while list[i] and list[i].from <= to do
    local item = list[i]
    if not (skip_from and item.from >= skip_from and item.from <= skip_to) then
      terms[item.key] = math.max(terms[item.key] or 0, weight * (item.weight or 1))
    end
    i = i + 1
  end
end

--- The terms of a claim: words and names of its sentence, of those beside it less, of what it counts more.
local function terms_of(words, mentions, sentences, at, r)
  local terms, s = {}, sentences[at]
  add_terms(terms, words, s.from, s.to, SENTENCE, r.from, r.to)
  add_terms(terms, mentions, s.from, s.to, SENTENCE)
  for step = -1, 1, 2 do
    local beside = sentences[at + step]
    if beside then
      add_terms(terms, words, beside.from, beside.to, BESIDE)
      add_terms(terms, mentions, beside.from, beside.to, BESIDE)
    end
  end
  if r.about_from then add_terms(terms, words, r.about_from, r.about_to, ABOUT_WEIGHT) end
  return terms
end

local function index_of(list, byte)
  local low, high = 1, #list
  while low < high do
    local mid = (low + high + 1) // 2
    if list[mid].from <= byte then low = mid else high = mid - 1 end
  end
  return list[low] and list[low].from <= byte and list[low].to >= byte and low or nil
end

--- The dates that a sentence names, so that what is told of two quarters is not one thing.
local function dates_of(records, s)
  local list = {}
  for _, r in ipairs(records) do
    if r.kind == "date" and r.date and r.from >= s.from and r.to <= s.to then list[#list + 1] = r.date end
  end
  return list
end

---@class ds.claim
---@field doc string
---@field date string?
---@field source string?
---@field from integer byte in doc.text
---@field to integer
---@field text string
---@field value number
---@field value_to number
---@field low number the least value that it allows
---@field high number the greatest
---@field unit string
---@field kind string
---@field approx string
---@field direction string?
---@field about string?
---@field dates string[] that its sentence names
---@field terms table<string, number> words around it, with weights

--- What an article says in numbers.
---@param doc ds.doc
---@param kinds? table<string, boolean> of ds.number; all but dates unless told
---@return ds.claim[]
function Compare:claims(doc, kinds)
  local records, out = self.numbers:find(doc), {}
  if #records == 0 then return out end
  local found, mentions, sentences = self.entities:find(doc), {}, {}
  local words = content_words(self, doc, found)
  for i, m in ipairs(found) do mentions[i] = { from = m.from, key = "@" .. m.name, weight = NAME } end
  for s in doc:sentences() do
    if s.from then sentences[#sentences + 1] = s end
  end
  for _, r in ipairs(records) do
    local at = index_of(sentences, r.from)
    if at and r.value and KINDS[r.kind] and (not kinds or kinds[r.kind]) then
      local low, high = Compare.range(r.value, r.value_to, r.approx)
      out[#out + 1] = { doc = doc.id, date = doc.date, source = doc.source_name, from = r.from, to = r.to, text = r.text, value = r.value,
        value_to = r.value_to, low = low, high = high, unit = r.unit or "", kind = r.kind, approx = r.approx, per = r.per, direction = r.direction,
        about = r.about and utf8c.fold(r.about, { variant = true, case = false }) or nil, dates = dates_of(records, sentences[at]),
        terms = terms_of(words, mentions, sentences, at, r) }
    end
  end
  return out
end

---@class ds.claim_group
---@field about string what most of the claims are about, as written
---@field terms string[] the words that they share most
---@field unit string
---@field verdict "same"|"compatible"|"conflict" same: one value; compatible: some value fits all; conflict: none does
---@field low number? the values that fit all, when compatible
---@field high number?
---@field differ number how far the values are apart, 0 to 1: difference by the larger
---@field docs integer articles
---@field sources integer
---@field claims ds.claim[] by value

--- Claims of several articles that are about one quantity, the largest conflicts first.
---@param claims ds.claim[]
---@param opts? {docs: integer?, within: number?, odds: number?} docs: articles at least, 2; within: the largest value over the least, at most, 1.5; odds: how much likelier than chance a pair has to be, 10
---@return ds.claim_group[]
function Compare:groups(claims, opts) return groups(claims, opts) end

return new

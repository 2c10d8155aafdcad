-- newwords.lua: ds.newwords(opts), words that the dictionary lacks, found in texts themselves.
--
-- core/newwords.h finds strings that hold together and stand in many surroundings.  Many of these are words of the
-- dictionary, numbers with a measure (三万辆), or a word with a particle (发布了): the segmenter tells what a string is made of, and
-- what is left is
--   name      one word to the segmenter, which knows it by its make only (梁文锋)
--   word      cut into pieces, one of them a single character: what the segmenter gets wrong (算|力)
--   compound  two or more words (字节|跳动)

local colon = require "ds.colon"
local core = require "ds.c.newwords"
local matcher = require "ds.matcher"
local names = require "ds.names"

---@class ds.newwords
local Newwords = {}

local meta = { __name = "ds.newwords", __index = Newwords }
function meta.__tostring(self) return ("ds.newwords (%d texts)"):format(#self._texts) end
function meta.__close(self) self._texts = {} end
meta.__gc = meta.__close

local OPTIONS = { "cohesion", "entropy", "longest", "min", "segmenter" }
local DEFAULTS = { min = 5, longest = 6, cohesion = 4, entropy = 1.5 }

-- Tags of words that no new word begins or ends with: numbers, measures, pronouns, adverbs, prepositions, conjunctions,
-- particles, positions.
local EDGE = {}
for tag in ("m mg mq q qe qg r rg rr rz d dg df p c f u uj ul uz ug uv ud y yg e o h k t w"):gmatch("%S+") do EDGE[tag] = true end
-- Those that no new word holds.
local INSIDE = {}
for tag in ("uj ul uz ug uv ud y yg w"):gmatch("%S+") do INSIDE[tag] = true end
-- Words of one character that are grammar whatever their tag.
local GRAMMAR = {}
for char in ("的了着过是在和与及或但而也都就才又再还很更最这那每各某哪谁不没把被将从向对于以为等吗呢吧啊们个会能可要让给到去来有说"):gmatch(utf8.charpattern) do
  GRAMMAR[char] = true
end
-- Of a small corpus whatever is frequent would seem as frequent as 的.
local MOST_FREQ <const> = 100000
-- Tags of a single character behind a word that begins what comes next: 成本|降.
local BOUND = { v = true, vg = true, b = true, a = true, ad = true, d = true }
-- Tags of the last word of a compound.
local NOMINAL = { n = true, ng = true, nr = true, nrt = true, nrfg = true, ns = true, nt = true, nz = true, nx = true, vn = true,
  an = true, s = true, j = true, l = true, i = true }

local function check_options(opts)
  for name, value in pairs(opts) do
    names.check("ds.newwords: unknown option", name, OPTIONS, 3)
    if name ~= "segmenter" and (type(value) ~= "number" or value < 0) then
      error(("ds.newwords: %s is a number not below 0"):format(name), 3)
    end
  end
end

--- Makes a finder.
---@param opts? {min: integer?, longest: integer?, cohesion: number?, entropy: number?, segmenter: ds.segmenter?} min: occurrences, 5 unless told; longest: characters, 6; cohesion, entropy: bits, 4 and 1.5; segmenter: whose dictionary a word is new to
---@return ds.newwords? newwords
---@return string? message
local function new(opts)
  opts = opts or {}
  check_options(opts)
  local seg, message = opts.segmenter, nil
  if not seg then
    seg, message = require "ds.segmenter" {}
    if not seg then return nil, message end
  end
  local self = { _texts = {}, _ids = {}, _segmenter = seg, _options = {} }
  for name, value in pairs(DEFAULTS) do self._options[name] = opts[name] or value end
  return setmetatable(self, meta)
end

--- Adds an article: a document, or a table with these fields.
---@param article {id: string, text: string}
function Newwords:add(article)
  if type(article.id) ~= "string" or type(article.text) ~= "string" then error("newwords:add: id and text are strings", 2) end
  table.insert(self._texts, article.text)
  table.insert(self._ids, article.id)
end

-- ------------------------------------------------------------------ what is new

-- Whether the dictionary, or the user's, has the word.
local function is_known(segmenter, word)
  for _, e in ipairs(segmenter:explain(word)) do
    if e.from == 1 and e.to == #word and (e.source == "lexicon" or e.source == "user" or e.source == "forced") then return true end
  end
  return false
end

local function tokens_of(segmenter, word)
  local list, short = {}, false
  for t in segmenter:tokens(word) do
    list[#list + 1] = t
    short = short or utf8.len(t.word) == 1
  end
  return list, short
end

local function is_edge(t) return EDGE[t.pos] or GRAMMAR[t.word] end

-- name, word or compound; nil: nothing new.
local function kind_of(segmenter, word)
  if is_known(segmenter, word) then return nil end
  local list, short = tokens_of(segmenter, word)
  if #list > 1 and (is_edge(list[1]) or is_edge(list[#list])) then return nil end
  local parts = {}
  for i, t in ipairs(list) do
    if INSIDE[t.pos] or t.word == "的" or t.word == "了" then return nil end
    parts[i] = t.word
  end
  local last = list[#list].pos
  if BOUND[last] and utf8.len(list[#list].word) == 1 and #word > 6 then return nil end
  if #list == 1 then return EDGE[last] and nil or "name", word, last end
  if short then return "word", table.concat(parts, "|"), NOMINAL[last] and last or "n" end
  if NOMINAL[last] then return "compound", table.concat(parts, "|"), last end
end

-- Leaves out what is hardly ever found but in a longer candidate: 座模型 of 基座模型.
local function without_fragments(list)
  local most, kept = {}, {}
  for _, w in ipairs(list) do
    local at = {}
    for p, c in utf8.codes(w.word) do at[#at + 1] = p end
    at[#at + 1] = #w.word + 1
    for i = 1, #at - 1 do
      for k = i + 1, #at do
        local part = w.word:sub(at[i], at[k] - 1)
        if part ~= w.word then most[part] = math.max(most[part] or 0, w.n) end
      end
    end
  end
  for _, w in ipairs(list) do
    if (most[w.word] or 0) < 0.8 * w.n then kept[#kept + 1] = w end
  end
  return kept
end

-- ------------------------------------------------------------------ where it stands

-- Gives each word the place in its first text.
local function locate(texts, list)
  local by_text = {}
  for _, w in ipairs(list) do
    by_text[w.first] = by_text[w.first] or {}
    table.insert(by_text[w.first], w)
  end
  for first, words in pairs(by_text) do
    local terms, by_term = {}, {}
    for i, w in ipairs(words) do terms[i], by_term[w.word] = w.word, w end
    for from, to, term in assert(matcher(terms)):spans(texts[first]) do
      local w = by_term[term]
      if not w.from then w.from, w.to = from, to end
    end
  end
end

local function by_score(v, w)
  if v.score ~= w.score then return v.score > w.score end
  if v.n ~= w.n then return v.n > w.n end
  return v.word < w.word
end

---@class ds.newword
---@field word string folded to Simplified
---@field kind "name"|"word"|"compound"
---@field n integer occurrences
---@field docs integer articles with it
---@field cohesion number bits, the least over all cuts
---@field left number entropy of what stands before it, in bits
---@field right number entropy of what stands behind it
---@field score number cohesion times the smaller entropy
---@field parts string as the segmenter cuts it, | between
---@field pos string
---@field freq integer occurrences in sixty million characters, the scale of the dictionary; at most 100,000
---@field doc string the first article with it
---@field from integer? byte of its text
---@field to integer?

--- The new words, those with the highest score first.
---@return ds.newword[]
---@nodiscard
function Newwords:find()
  local o, list = self._options, {}
  local counter = core.new { min = o.min, longest = o.longest, cohesion = o.cohesion, entropy = o.entropy }
  for _, text in ipairs(self._texts) do counter:add(text) end
  for _, w in ipairs(counter:find()) do
    w.kind, w.parts, w.pos = kind_of(self._segmenter, w.word)
    if w.kind then list[#list + 1] = w end
  end
  list = without_fragments(list)
  local scale = 6e7 / math.max(1, counter:size())
  counter:close()
  locate(self._texts, list)
  for i, w in ipairs(list) do
    list[i] = { word = w.word, kind = w.kind, n = w.n, docs = w.texts, cohesion = w.cohesion, left = w.left, right = w.right,
      score = w.cohesion * math.min(w.left, w.right), parts = w.parts, pos = w.pos, freq = math.min(MOST_FREQ, math.ceil(w.n * scale)),
      doc = self._ids[w.first], from = w.from, to = w.to }
  end
  table.sort(list, by_score)
  return list
end

colon(Newwords, "newwords", meta)

return new

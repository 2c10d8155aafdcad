-- quote_view.lua: a text as the search for quotations sees it: what stands between marks is blanked, so that sentences,
-- reporting verbs and subjects are those of the narrator.  All positions are bytes of the text from 1.

local span = require "ds.c.span"
local np_parser = require "ds.quote_np"
local words = require "ds.quote_words"

---@class ds.quote.view
---@field text string
---@field masked string the text with the inside of every outermost quotation blanked
---@field quotes ds.quotation[] the outermost ones
---@field inner ds.quotation[] those inside others
---@field verbs {from: integer, to: integer, word: string, kind: string}[]
local View = {}
View.__index = View

--- Blanks the inside of the outermost quotations.
local function mask(text, quotes)
  if #quotes == 0 then return text end
  local parts, at = {}, 1
  for _, q in ipairs(quotes) do
    if q.inner_to >= q.inner_from then
      parts[#parts + 1] = text:sub(at, q.inner_from - 1)
      parts[#parts + 1] = (" "):rep(q.inner_to - q.inner_from + 1)
      at = q.inner_to + 1
    end
  end
  parts[#parts + 1] = text:sub(at)
  return table.concat(parts)
end

-- A verb with one of these behind it is part of a noun.
local NOUN_TAIL = {}
for c in ("区區员員者人家率权權书書稿会會式性器师師群网網法得"):gmatch("[\194-\244][\128-\191]*") do NOUN_TAIL[c] = true end

-- 称不上, 说不清: no reports either.
local NO_REPORT = {}
for tail in ("不上 不清 不定 不准 不出 不过 不過 不得 起来 起來 起 完 穿 白"):gmatch("%S+") do NO_REPORT[tail] = true end

-- 据说, 小说, 来说, 可以说: no reports.
local NOT_SAID = {}
for c in ("据據听聽虽雖小传傳学學来來话話是以能该該么麼样樣名职職简簡俗人不没沒号號对對堪著胡瞎"):gmatch("[\194-\244][\128-\191]*") do
  NOT_SAID[c] = true
end

local TITLE_MAX = 240 -- bytes between 《 and 》

--- The book titles of a text: a flat list of from, to.
local function titles_of(text)
  local out, at = {}, 1
  while true do
    local from = text:find("《", at, true)
    if not from then return out end
    local _, to = text:find("》", from, true)
    if not to then return out end
    if to - from <= TITLE_MAX then out[#out + 1], out[#out + 2] = from, to end
    at = to - from <= TITLE_MAX and to + 1 or from + 1
  end
end

--- Reporting verbs of the narrator, the longest at each place.
local function verbs_of(self, matcher, list)
  local s = self.masked
  local hits, out, last, sub = matcher:find(s), {}, 0, string.sub
  local titles, t = titles_of(s), 1
  for i = 1, #hits, 3 do
    local from, to = hits[i], hits[i + 1]
    while titles[t] and titles[t + 1] < from do t = t + 2 end
    if from > last and not (titles[t] and titles[t] < from) then
      local tail = sub(s, to + 1, to + 3)
      local none = NOUN_TAIL[tail]
      if not none and to - from == 2 then -- one character
        none = NOT_SAID[sub(s, from - 3, from - 1)] or NO_REPORT[tail] or NO_REPORT[sub(s, to + 1, to + 6)]
      end
      if not none then
        local row = list[hits[i + 2]]
        out[#out + 1] = { from = from, to = to, word = row.word, kind = row.kind }
        last = to
      end
    end
  end
  return out
end

--- Index of the span of a flat list that holds byte `pos`, or of the last that begins before it.
local function index_at(flat, pos)
  local low, high = 1, #flat // 2
  while low < high do
    local mid = (low + high + 1) // 2
    if flat[2 * mid - 1] <= pos then low = mid else high = mid - 1 end
  end
  return low
end

--- Index of the last quotation that begins before `pos`, 0 for none.
local function index_before(quotes, pos)
  local low, high = 0, #quotes
  while low < high do
    local mid = (low + high + 1) // 2
    if quotes[mid].from <= pos then low = mid else high = mid - 1 end
  end
  return low
end

--- Number, first and last byte of the sentence that holds `pos`.
function View:sentence_at(pos)
  local i = index_at(self.sentences, pos)
  return i, self.sentences[2 * i - 1], self.sentences[2 * i]
end

--- Number, first and last byte of the paragraph that holds `pos`.
function View:paragraph_at(pos)
  local i = index_at(self.paragraphs, pos)
  return i, self.paragraphs[2 * i - 1], self.paragraphs[2 * i]
end

-- Bytes of a sentence that are read when no cue asks for more.
local READ, READ_ON = 150, 45

--- What stands behind the last cue of a sentence needs no parsing: there a speaker's words are told.
function View:parse_end(from, to)
  local stop = math.min(to, from + READ)
  local i = self:verb_index(from)
  while self.verbs[i] and self.verbs[i].to <= to do
    stop = math.max(stop, self.verbs[i].to + READ_ON)
    i = i + 1
  end
  local k = index_before(self.quotes, to)
  if k > 0 and self.quotes[k].from >= from then stop = math.max(stop, self.quotes[k].to + READ) end
  if stop >= to then return to end
  while stop > from and self.masked:find("^[\x80-\xBF]", stop + 1) do stop = stop - 1 end
  return stop
end

--- The noun phrases and words of sentence i.  Their positions count from the sentence; `shift` leads to the text.
---@return {nps: ds.quote.np[], items: table[], shift: integer}
function View:parse(i)
  local p = self.parsed[i]
  if not p then
    local from, to = self.sentences[2 * i - 1], self.sentences[2 * i]
    p = { shift = from - 1 }
    p.nps, p.items = self.parser:phrases(self.masked:sub(from, self:parse_end(from, to)))
    self.parsed[i] = p
  end
  return p
end

-- 在X看来, but not 看来X…
local VIEW = "看来"

--- Whether a reporting verb of one character is a word where it stands (称, not 名称), and no noun's part.
function View:is_word(v)
  if v.checked == nil then
    v.checked = #v.word > 3
    if v.word == VIEW then
      local _, from = self:sentence_at(v.from)
      local lead = self.masked:sub(math.max(from, v.from - 60), v.from - 1)
      v.checked = lead:find("在", 1, true) ~= nil
    end
    if not v.checked then
      local p = self:parse((self:sentence_at(v.from)))
      local item = p.items[np_parser.index_at(p.items, v.from - p.shift)]
      v.checked = item ~= nil and item.from + p.shift == v.from
        and (item.to + p.shift == v.to or item.pos:find("^v") ~= nil)
    end
  end
  return v.checked
end

--- The word before the one that begins at `pos`, nil when none begins there.
function View:item_before(pos)
  local p = self:parse((self:sentence_at(pos)))
  local i = np_parser.index_at(p.items, pos - p.shift)
  if i > 0 and p.items[i].from + p.shift == pos then return p.items[i - 1] end
end

--- Index of the first verb that ends at or after `pos`.
function View:verb_index(pos)
  local verbs, low, high = self.verbs, 1, #self.verbs + 1
  while low < high do
    local mid = (low + high) // 2
    if verbs[mid].to < pos then low = mid + 1 else high = mid end
  end
  return low
end

--- Verbs that lie in [from, to], from left to right.
function View:verbs_in(from, to)
  local out, i = {}, self:verb_index(from)
  while self.verbs[i] and self.verbs[i].to <= to do
    if self.verbs[i].from >= from and self:is_word(self.verbs[i]) then out[#out + 1] = self.verbs[i] end
    i = i + 1
  end
  return out
end

--- The subject of a verb, as it stands in its sentence.
---@param pos integer first byte of the verb
---@param least? integer nothing before this byte
---@return ds.quote.np?
---@return integer? sentence its number
---@return boolean? same_clause
function View:subject(pos, least)
  local i, from = self:sentence_at(pos)
  local p = self:parse(i)
  local np, same = self.parser:subject(p.nps, p.items, pos - p.shift, least and least > from and least - p.shift or nil)
  if np then return np, i, same end
end

-- ------------------------------------------------------------------ who 他 is

-- Nouns for people whose names a paper keeps to itself.
local ANONYMOUS = { "人士", "用户", "用戶", "网友", "網友", "员工", "員工", "记者", "記者", "官员", "官員" }

local function anonymous(text)
  for _, noun in ipairs(ANONYMOUS) do
    if text:sub(-#noun) == noun then return true end
  end
  return false
end

local HUMAN = { person = true, holder = true, latin = true }
local SENTENCES_BACK = 6

local function fits(np, want)
  if want.thing then return (np.kind == "body" or np.kind == "latin") and np.weak ~= "pp" end
  if np.weak == "pp" or np.weak == "object" or np.kind == "pronoun" or np.kind == "document" then return false end
  if want.this then
    local tail = want.head
    return np.text:sub(-#tail) == tail
  end
  if want.kind == "document" then return true end
  return HUMAN[np.kind] or (want.plural and np.kind == "body")
end

local PHRASES_BACK = 40

local function fitting_before(p, pos, want)
  local best
  local last = np_parser.index_at(p.nps, pos - 1)
  for i = math.max(1, last - PHRASES_BACK), last do
    local np = p.nps[i]
    if fits(np, want) then
      if not best or (np.kind == "person" or np.kind == "latin") then best = np end
    end
  end
  return best
end

--- The phrase that a pronoun, a paper or 这位用户 stands for: in its sentence, or the speaker before it, or the nearest
--- in the sentences before.
---@param np ds.quote.np
---@param i integer its sentence
---@param last? {np: ds.quote.np, at: integer} who spoke before
---@return ds.quote.np
function View:resolve(np, i, last)
  local want = { kind = np.kind, this = np.this and np.kind ~= "pronoun",
                 thing = np.kind == "pronoun" and (np.text:find("它", 1, true)) ~= nil, head = np.text,
                 plural = np.kind == "pronoun" and (np.text:find("们", 1, true) or np.text:find("們", 1, true)) ~= nil }
  if np.kind ~= "pronoun" and np.kind ~= "document" and not want.this then return np end
  local found = fitting_before(self:parse(i), np.from, want)
  if found and found.this and not want.this then return self:resolve(found, i, last) end
  if found then return found end
  local para = self:paragraph_at(self.sentences[2 * i - 1])
  if last and not want.this and fits(last.np, want) and para - self:paragraph_at(last.at) <= 1 then return last.np end
  for k = i - 1, math.max(1, i - SENTENCES_BACK), -1 do
    local pos = self.sentences[2 * k - 1]
    if para - self:paragraph_at(pos) > 2 then break end
    found = fitting_before(self:parse(k), math.maxinteger, want)
    if found then return found end
  end
  if want.this then -- 这位创业者, and no 创业者 before: who is talked about
    if np.kind ~= "holder" or anonymous(np.text) then return np end
    local who = self:resolve({ kind = "pronoun", text = "他", from = np.from }, i, last)
    return who.kind == "person" and who or np
  end
  return np
end

-- ------------------------------------------------------------------

local FINAL = { ["。"] = true, ["！"] = true, ["？"] = true, ["!"] = true, ["?"] = true, ["…"] = true, ["～"] = true, ["."] = true }

local CLOSING = { ["”"] = true, ["’"] = true, ["」"] = true, ["』"] = true, ["\""] = true, ["'"] = true, ["）"] = true, [")"] = true }

--- Whether a quotation ends like a sentence.
function View:ends_sentence(q)
  local s = self.text:sub(q.inner_from, q.inner_to):gsub("%s+$", "")
  local last = words.last_char(s) or ""
  while CLOSING[last] do
    s = s:sub(1, -#last - 1)
    last = words.last_char(s) or ""
  end
  return FINAL[last] == true
end

local LEAD_MAX = 1500 -- bytes of a sentence looked at before a quotation

--- Where the narrator's sentence around a quotation begins: behind the last quotation that ended a sentence.
function View:begin_of(q)
  local i, from = self:sentence_at(q.from)
  if q.from - from > LEAD_MAX then
    from = q.from - LEAD_MAX
    while self.masked:find("^[\x80-\xBF]", from) do from = from + 1 end
  end
  local k = q.index - 1
  while k > 0 and self.quotes[k].from >= from do
    local e = self.quotes[k]
    local after = self.masked:match("^%s*([%z\1-\127\194-\244][\128-\191]*)", e.to + 1) or ""
    if self:ends_sentence(e) and not (after == "，" or after == "," or after == "的" or after == "、") then
      return i, math.max(from, e.to + 1)
    end
    k = k - 1
  end
  return i, from
end

---@param text string
---@param finder {parser: table, verb_matcher: table, verb_rows: table[]}
---@return ds.quote.view
local function new(text, finder)
  local self = setmetatable({ text = text, parser = finder.parser, parsed = {}, quotes = {}, inner = {} }, View)
  for _, q in ipairs(span.quotations(text)) do
    local list = q.depth == 0 and self.quotes or self.inner
    list[#list + 1] = q
    q.index = #list
  end
  self.masked = mask(text, self.quotes)
  self.verbs = verbs_of(self, finder.verb_matcher, finder.verb_rows)
  self.paragraphs = span.paragraphs(self.masked)
  self.sentences = #self.verbs + #self.quotes > 0 and span.sentences(self.masked) or {}
  return self
end

return { new = new }

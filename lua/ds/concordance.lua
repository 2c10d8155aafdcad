-- concordance.lua: ds.concordance(query, opts), the places of a word or phrase in a text, and the words around them.
--
-- A query is folded, so either script, any case and width finds all.  White space in it stands for any white space, or
-- none: "model y" finds Model Y and ModelY.  by = "words" takes a place only when no word reaches over its edges (价格
-- is not found within 价格战), by = "chars" any.  Places do not overlap; the first from the left counts.

local colon = require "ds.colon"
local docs = require "ds.doc"
local matcher = require "ds.matcher"
local names = require "ds.names"

---@class ds.concordance
local Concordance = {}

local meta = { __name = "ds.concordance", __index = Concordance }
function meta.__tostring(self) return ("ds.concordance (%s)"):format(self.query) end
function meta.__close(self) self._matcher:close() end
meta.__gc = meta.__close

local OPTIONS = { "by", "segmenter" }
local NO_WORD = { space = true, punct = true, bad = true }

-- ------------------------------------------------------------------ making one

-- The query's parts between white space, the ideographic space included.
local function pieces_of(query)
  local pieces = {}
  for piece in query:gsub("\u{3000}", " "):gmatch("%S+") do pieces[#pieces + 1] = piece end
  return pieces
end

local function unique(list)
  local seen, out = {}, {}
  for _, item in ipairs(list) do
    if not seen[item] then seen[item], out[#out + 1] = true, item end
  end
  return out
end

local function check_options(opts)
  for name in pairs(opts) do
    names.check("ds.concordance: unknown option", name, OPTIONS, 3)
  end
  if opts.by ~= nil and opts.by ~= "words" and opts.by ~= "chars" then
    error(("ds.concordance: by is 'words' or 'chars', not '%s'"):format(tostring(opts.by)), 3)
  end
end

--- Makes a concordance of a query.
---@param query string a word, or words with white space between
---@param opts? {by: "words"|"chars"|nil, segmenter: ds.segmenter?} by: "words" unless told; segmenter: the default one unless told, which leaves the words of stored articles as they are
---@return ds.concordance? concordance nil when there is nothing to look for
---@return string? message
local function new(query, opts)
  if type(query) ~= "string" then error("ds.concordance: the query is a string, not a " .. type(query), 2) end
  opts = opts or {}
  check_options(opts)
  local pieces = pieces_of(query)
  if #pieces == 0 then return nil, "the query is empty" end
  local m, message = matcher(unique(pieces))
  if not m then return nil, message end
  return setmetatable({ query = query, _pieces = pieces, _matcher = m, _segmenter = opts.segmenter, _by = opts.by or "words" },
    meta)
end

-- ------------------------------------------------------------------ words

local function text_of(text) return type(text) == "table" and text.text or text end

---@class ds.concordance.words the words of a text without white space and punctuation; lists of equal length
---@field n integer how many
---@field key string[] folded
---@field from integer[] bytes of the text
---@field to integer[]

-- The words of an article are those of doc:tokens(), unless a segmenter was given, and the file brings none.
local function cut(self, text)
  if type(text) == "table" and (not self._segmenter or docs.own_tokens(text)) then return docs.cut(text) end
  self._segmenter = self._segmenter or assert(require "ds.segmenter" {})
  return self._segmenter:cut(text_of(text))
end

--- The words of a text, or of an article: its own where its file or store brings them.
---@param text string|ds.doc
---@return ds.concordance.words
---@nodiscard
function Concordance:words(text)
  local toks, n = cut(self, text), 0
  local key, from, to = {}, {}, {}
  for i = 1, #toks do
    local _, k, f, t, _, class = toks:get(i)
    if not NO_WORD[class] then
      n = n + 1
      key[n], from[n], to[n] = k, f, t
    end
  end
  return { n = n, key = key, from = from, to = to }
end

-- The first index in an ascending list whose value is not below `least`; #list + 1 when there is none.
local function first_at(list, least)
  local low, high = 1, #list + 1
  while low < high do
    local mid = (low + high) // 2
    if list[mid] < least then low = mid + 1 else high = mid end
  end
  return low
end

-- ------------------------------------------------------------------ places

local function skip_space(text, at)
  while true do
    local behind = text:match("^%s+()", at) or text:match("^\u{3000}()", at)
    if not behind then return at end
    at = behind
  end
end

-- Where the rest of the query ends when its first piece ends at `to`; nil when something else follows.
local function end_of(self, text, ends, to)
  for i = 2, #self._pieces do
    to = ends[self._pieces[i]][skip_space(text, to + 1)]
    if not to then return nil end
  end
  return to
end

-- Where the first piece begins, ascending, and for each piece the ends by beginning.
local function piece_places(self, text)
  local ends, starts = {}, {}
  for _, piece in ipairs(self._pieces) do ends[piece] = {} end
  for from, to, piece in self._matcher:spans(text) do
    ends[piece][from] = to
    if piece == self._pieces[1] then starts[#starts + 1] = from end
  end
  return starts, ends
end

local function place_among(words, from, to)
  return { from = from, to = to, first = first_at(words.to, from), last = first_at(words.from, to + 1) - 1 }
end

-- Whether a word reaches over an edge of the place.
local function cuts_word(words, place)
  return place.first <= place.last and (words.from[place.first] < place.from or words.to[place.last] > place.to)
end

---@class ds.concordance.hit
---@field from integer bytes of the text
---@field to integer
---@field first integer index of the first word that it touches; when it touches none, last + 1
---@field last integer index of the last word that it touches

--- The places of the query in a text, in their order.
---@param text string|ds.doc
---@param words? ds.concordance.words those of the text, when you have them already
---@return ds.concordance.hit[] hits
---@return ds.concordance.words? words nil when nothing was found and none were given
---@nodiscard
function Concordance:find(text, words)
  local hits, behind = {}, 1
  local s = text_of(text)
  local starts, ends = piece_places(self, s)
  for _, from in ipairs(starts) do
    local to = from >= behind and end_of(self, s, ends, ends[self._pieces[1]][from])
    if to then
      words = words or self:words(text)
      local place = place_among(words, from, to)
      if self._by == "chars" or not cuts_word(words, place) then hits[#hits + 1], behind = place, to + 1 end
    end
  end
  return hits, words
end

--- The text on either side of a place.
---@param text string
---@param words ds.concordance.words
---@param hit ds.concordance.hit
---@param size integer how much
---@param unit? "words"|"chars" what `size` counts: words, unless told
---@return string left from the first word of the context on, up to the hit
---@return string right
---@nodiscard
function Concordance:context(text, words, hit, size, unit)
  local from, to = 1, #text
  if size <= 0 then return "", "" end
  if unit == "chars" then
    from = utf8.offset(text, -size, hit.from) or 1
    to = hit.to < #text and (utf8.offset(text, size + 1, hit.to + 1) or #text + 1) - 1 or hit.to
  else
    from = hit.first > 1 and words.from[math.max(1, hit.first - size)] or hit.from
    to = hit.last < words.n and words.to[math.min(words.n, hit.last + size)] or hit.to
  end
  return text:sub(from, hit.from - 1), text:sub(hit.to + 1, to)
end

-- The keys of the words next to a hit, nearest first.
local function keys_beside(words, at, step, reach)
  local keys = {}
  for i = 1, reach do keys[i] = words.key[at + step * i] end
  return keys
end

---@class ds.concordance.line
---@field from integer bytes of the text
---@field to integer
---@field left string
---@field node string as it is written
---@field right string
---@field before string[] folded words before it, nearest first
---@field behind string[]

--- The places of the query in a text, each with its context.
---@param text string|ds.doc
---@param opts {size: integer, unit: "words"|"chars"|nil, reach: integer?} size, unit: of the context, as in context; reach: how many folded words on either side
---@return ds.concordance.line[]
---@nodiscard
function Concordance:lines(text, opts)
  local hits, words = self:find(text)
  local s, lines, reach = text_of(text), {}, opts.reach or 0
  for i, hit in ipairs(hits) do
    local left, right = self:context(s, words, hit, opts.size, opts.unit)
    lines[i] = { from = hit.from, to = hit.to, left = left, node = s:sub(hit.from, hit.to), right = right,
      before = keys_beside(words, hit.first, -1, reach), behind = keys_beside(words, hit.last, 1, reach) }
  end
  return lines
end

--- What an index can look for in its place; nil when places have to be looked for in the texts.
---@return string? text
---@return boolean whole_words
function Concordance:plain()
  local piece = self._pieces[1]
  if self._segmenter or #self._pieces > 1 then return nil, false end
  -- A letter may be folded to several, and a place begin within one.
  if self._by == "chars" and piece:find("[%a\xC2-\xE1]") then return nil, false end
  return piece, self._by == "words"
end

-- The first and last word within the window of a hit.
local function reach(doc, words, hit, left, right)
  if left then return math.max(1, hit.first - left), math.min(words.n, hit.last + right) end
  local s = doc:sentence_at(hit.from) or hit
  local first, last = hit.first, hit.last
  while first > 1 and words.from[first - 1] >= s.from do first = first - 1 end
  while last < words.n and words.to[last + 1] <= s.to do last = last + 1 end
  return first, last
end

--- The words within the window of some hit.
---@param doc ds.doc whose text was searched
---@param words ds.concordance.words
---@param hits ds.concordance.hit[]
---@param left? integer words before a hit; nil: all of its sentence
---@param right? integer words behind it; `left` unless told
---@return table<integer, ds.concordance.hit> near from a word's index to the first hit that reaches it
---@return table<integer, boolean> own words that hits are made of; these are near, too
---@nodiscard
function Concordance:near(doc, words, hits, left, right)
  local near, own = {}, {}
  for _, hit in ipairs(hits) do
    local first, last = reach(doc, words, hit, left, right or left)
    for i = first, last do near[i] = near[i] or hit end
    for i = hit.first, hit.last do own[i] = true end
  end
  return near, own
end

colon(Concordance, "concordance", meta)

return new

-- entity_view.lua: an article as the search for entities sees it: its words without blanks, and which of them are taken.

local surname = require("ds.quote_words").surname

local M = {}

local PERSON <const> = { nr = true, nrt = true, nrfg = true }

---@class ds.entity.view
---@field text string
---@field n integer words
---@field word string[]
---@field key string[]
---@field from integer[]
---@field to integer[]
---@field pos string[]
---@field class string[]
---@field tag table<integer, string> of the neural tagger: "PER", "LOC", "ORG" …
---@field begins table<integer, boolean>
---@field nr integer[] the words that are tagged as persons
---@field latin integer[] those in Latin letters
---@field single integer[] those that are a family name
---@field taken table<integer, ds.mention> by the number of a word
---@field more table<integer, ds.mention[]> further ones in the same word
---@field mentions ds.mention[]
local View = {}
View.__index = View

--- The view of a text and its words (#list, list:get(i)).
---@param text string
---@param list ds.tokens
---@return ds.entity.view
function M.new(text, list)
  local w, keys, froms, tos, tags, classes, neural, begin = {}, {}, {}, {}, {}, {}, {}, {}
  local nr, latin, single, n, get = {}, {}, {}, 0, list.get
  for i = 1, #list do
    local word, key, from, to, pos, class, tag, begins = get(list, i)
    if class ~= "space" then
      n = n + 1
      w[n], keys[n], froms[n], tos[n], tags[n], classes[n] = word, key, from, to, pos, class
      if begins ~= nil and type(begins) == "boolean" then neural[n], begin[n] = tag, begins end
      if class == "latin" then latin[#latin + 1] = n
      elseif class == "han" then
        if PERSON[pos] then nr[#nr + 1] = n end
        if surname[key] then single[#single + 1] = n end
      end
    end
  end
  return setmetatable({ text = text, word = w, key = keys, from = froms, to = tos, pos = tags, class = classes, tag = neural, begins = begin,
    taken = {}, more = {}, mentions = {}, n = n, nr = nr, latin = latin, single = single }, View)
end

--- The word that holds a byte, or the first behind it.
function View:at(byte)
  local low, high, to = 1, self.n, self.to
  while low <= high do
    local mid = (low + high) // 2
    if to[mid] < byte then low = mid + 1 else high = mid - 1 end
  end
  return low
end

--- Whether words i and i + 1 touch.
function View:touch(i) return self.from[i + 1] ~= nil and self.from[i + 1] == self.to[i] + 1 end

--- Whether words i and i + 1 touch or have one blank between them.
function View:near(i)
  local from, to = self.from[i + 1], self.to[i]
  return from ~= nil and to ~= nil and (from == to + 1 or (from == to + 2 and self.text:byte(to + 1) == 0x20))
end

local function overlap(m, from, to) return m ~= nil and m.from <= to and m.to >= from end

--- Whether no mention touches a passage.
function View:is_free(from, to)
  local i = self:at(from)
  while i <= self.n and self.from[i] <= to do
    if overlap(self.taken[i], from, to) then return false end
    for _, m in ipairs(self.more[i] or {}) do
      if overlap(m, from, to) then return false end
    end
    i = i + 1
  end
  return true
end

--- Whether a passage begins and ends where words do.
function View:on_borders(from, to)
  local i, k = self:at(from), self:at(to)
  return self.from[i] == from and self.to[k] == to
end

--- Takes a passage for a mention.
---@param from integer
---@param to integer
---@param type string
---@param rule string
---@param name? string
---@return ds.mention
function View:take(from, to, type, rule, name)
  local m = { from = from, to = to, text = self.text:sub(from, to), type = type, rule = rule, name = name }
  local i = self:at(from)
  while i <= self.n and self.from[i] <= to do
    if self.taken[i] then -- another in the same word: 马斯克 in a word of the segmenter's own that holds two names
      self.more[i] = self.more[i] or {}
      table.insert(self.more[i], self.taken[i])
    end
    self.taken[i] = m
    i = i + 1
  end
  self.mentions[#self.mentions + 1] = m
  return m
end

--- Gives up the mentions that touch a passage, which a longer one takes.
function View:release(from, to)
  local kept = {}
  for _, m in ipairs(self.mentions) do
    if not overlap(m, from, to) then kept[#kept + 1] = m end
  end
  self.mentions = kept
  local first, i = self:at(from), self:at(from)
  while i <= self.n and self.from[i] <= to do
    self.taken[i], self.more[i] = nil, nil
    i = i + 1
  end
  for _, m in ipairs(kept) do -- what stands in the rest of the first and last word
    for k = first, i - 1 do
      if overlap(m, self.from[k], self.to[k]) then self.taken[k] = m end
    end
  end
end

return M

-- reader_tokens.lua: CoNLL-U and VRT, corpora that come with their own words and sentences.
--
-- These are kept as they are: doc:tokens() gives them and doc:sentences() theirs, nothing is cut again.  doc.text is the
-- words joined: as "# text" has it, or with a space between two of them unless SpaceAfter=No or <g/> forbids it or one
-- side is a wide character (Chinese).  A sentence stands on the line of its paragraph.

local date = require "ds.date"
local fields = require "ds.fields"

local M = {}

-- ------------------------------------------------------------------ building a document

local function is_wide(cp)
  return (cp >= 0x2E80 and cp <= 0xA4CF) or (cp >= 0xF900 and cp <= 0xFAFF) or (cp >= 0xFE30 and cp <= 0xFE4F) or
    (cp >= 0xFF00 and cp <= 0xFFEF) or (cp >= 0x20000 and cp <= 0x3FFFF) or (cp >= 0x2014 and cp <= 0x2026)
end

local function needs_space(left, right)
  local before = left:sub(utf8.offset(left, -1) or 1)
  return not is_wide(utf8.codepoint(before)) and not is_wide(utf8.codepoint(right))
end

---@class ds.own_tokens what a file says of its words and sentences, bytes of doc.text
---@field from integer[]
---@field to integer[]
---@field pos (string|false)[]
---@field lemma (string|false)[]
---@field sentences integer[]? from, to, from, to …; nil: the file marks none
---@field at integer[] byte of the file where each word starts

-- Where words stand in the file.
local WordMap = { __name = "ds.wordmap" }
WordMap.__index = WordMap
function WordMap:pieces(from, to)
  local own, out = self.own, {}
  local low, high = 1, #own.to + 1
  while low < high do
    local mid = (low + high) // 2
    if own.to[mid] < from then low = mid + 1 else high = mid end
  end
  for i = low, #own.to do
    if own.from[i] > to then break end
    local a, b = math.max(from, own.from[i]), math.min(to, own.to[i])
    local exact = own.raw[i] == own.to[i] - own.from[i] + 1
    local at = own.at[i]
    out[#out + 1] = exact and { at + a - own.from[i], at + b - own.from[i] } or { at, at + own.raw[i] - 1 }
  end
  return out
end

local Builder = {}
Builder.__index = Builder

local function new_builder(line)
  return setmetatable({
    parts = {}, length = 0, last = nil, glue = false, line = line, record = {}, sentence = nil, breaks = false, bytes = 0,
    own = { from = {}, to = {}, pos = {}, lemma = {}, sentences = {}, at = {}, raw = {} },
  }, Builder)
end

function Builder:put(s)
  self.parts[#self.parts + 1] = s
  self.length = self.length + #s
end

-- The next word is the first of a line.
function Builder:paragraph() self.breaks = self.last ~= nil end

function Builder:open_sentence()
  self:close_sentence()
  self.sentence = #self.own.from + 1
end

function Builder:close_sentence()
  local own, first = self.own, self.sentence
  if first and own.from[first] then
    own.sentences[#own.sentences + 1] = own.from[first]
    own.sentences[#own.sentences + 1] = own.to[#own.to]
  end
  self.sentence = nil
end

-- space: what stands before the word, nil: as the rules have it.
function Builder:word(word, pos, lemma, at, raw, space)
  if self.breaks then self:put("\n")
  elseif space then self:put(space)
  elseif self.last and not self.glue and needs_space(self.last, word) then self:put(" ") end
  self.breaks, self.glue = false, false
  local own, n = self.own, #self.own.from + 1
  own.from[n], own.at[n], own.raw[n] = self.length + 1, at, raw
  self:put(word)
  own.to[n], own.pos[n], own.lemma[n] = self.length, pos or false, lemma or false
  self.last = word
end

function Builder:article(mapper)
  self:close_sentence()
  local own = self.own
  if #own.from == 0 then return nil, "no words in it", { line = self.line } end
  if #own.sentences == 0 then own.sentences = nil end
  local found, meta = mapper:sort(self.record)
  local text = table.concat(self.parts)
  return {
    id = fields.plain(found.id), title = fields.plain(found.title), date = found.date and date.parse(found.date),
    author = fields.plain(found.author), source_name = fields.plain(found.source), text = text, meta = meta,
    tokens = own, map = setmetatable({ own = own }, WordMap), segments = { { at = 1, from = 1, length = #text } },
  }
end

-- Reads line by line.  `step(state, line, byte, number)` returns an article, or nil and perhaps message and place; at the end
-- the line is nil.
local function by_line(file, longest, state, step)
  local ended = false
  return function()
    while not ended do
      local line, byte, number = file.src:line(longest)
      if line and not utf8.len(line) then
        return nil, "not UTF-8", { line = number, byte = byte, fatal = true }
      elseif not line and byte then
        number.fatal, number.damage = true, number.line == nil
        return nil, byte, number
      end
      ended = line == nil
      state.bytes = state.bytes + #(line or "")
      if state.bytes > longest then
        return nil, ("a document of more than %d bytes"):format(longest), { line = number, fatal = true }
      end
      local article, message, place = step(state, line, byte, number)
      if article or message then return article, message, place end
    end
  end
end

local function numbered(file, next_article)
  local n = 0
  return function()
    local a, message, place = next_article()
    if not a and not message then return nil end
    n = n + 1
    local id = n > 1 and ("%s#%d"):format(file.id, n) or file.id
    if a then
      a.id = a.id or id
      return a
    end
    place.id = id
    return nil, message, place
  end
end

-- Ends the document at hand, if there is one, and begins the next.
local function next_document(state, line, mapper)
  local b = state.doc
  state.doc, state.bytes = new_builder(line), 0
  if not b or (#b.own.from == 0 and not b.marked) then return nil end
  return b:article(mapper)
end

-- ------------------------------------------------------------------ CoNLL-U

-- Columns of a line, with the byte of the second one.
local function columns(line)
  local list = {}
  for cell in (line .. "\t"):gmatch("([^\t]*)\t") do list[#list + 1] = cell end
  return list
end

-- A cell's value; false when it holds none.
local function blank(cell)
  if cell == nil or cell == "_" or cell == "" then return false end
  return cell
end

local SENTENCE_KEYS = { text = true, sent_id = true, newpar = true, newdoc = true, ["newdoc id"] = true, ["newpar id"] = true, id = true }

local function comment(state, b, line, mapper)
  local key, value = line:match("^#%s*(.-)%s*=%s*(.-)%s*$")
  key = key or line:match("^#%s*(.-)%s*$")
  if key == "newpar" or key == "newpar id" then b:paragraph()
  elseif key == "text" then state.text = value
  elseif key == "newdoc id" then b.record.id = value
  elseif value and not SENTENCE_KEYS[key] then
    local named = key:match("^meta::(.+)$")
    if named or (mapper:role(key) and mapper:role(key).field ~= "text") then
      local name = named or key
      if b.record[name] == nil then b.record[name] = value end
    end
  end
end

-- The words of a sentence, {form, pos, lemma, at, glue}; those of a multiword token joined to one.
local function put_sentence(state)
  local b, words, text = state.doc, state.words, state.text
  state.words, state.text, state.covered = {}, nil, nil
  if #words == 0 then return end
  local spaces, at = {}, 1
  for i, w in ipairs(text and words or {}) do
    local gap, behind = text:match("^(%s*)()", at)
    if text:sub(behind, behind + #w.form - 1) ~= w.form then
      spaces = {} -- "# text" is not made of these words: they are what counts
      break
    end
    spaces[i], at = i > 1 and gap or nil, behind + #w.form
  end
  b:open_sentence()
  for i, w in ipairs(words) do
    b:word(w.form, w.pos, w.lemma, w.at, #w.form, spaces[i])
    b.glue = w.glue
  end
  b:close_sentence()
end

local function conllu_word(state, line, byte, number)
  local c = columns(line)
  if #c ~= 10 then return nil, ("%d columns, not the 10 of CoNLL-U"):format(#c), { line = number, byte = byte, fatal = true } end
  local first, last = c[1]:match("^(%d+)%-(%d+)$")
  local n = tonumber(c[1]:match("^%d+$"))
  if not first and not n then
    if c[1]:find("^%d+%.%d+$") then return end -- an empty node has no form in the text
    return nil, ("'%s' is no number of a word"):format(c[1]), { line = number, byte = byte, fatal = true }
  end
  if c[2] == "" then return nil, "a word without form", { line = number, byte = byte, fatal = true } end
  if n and state.covered and n <= state.covered then
    local w = state.words[#state.words]
    local pos = blank(c[4])
    if pos then w.pos = w.pos and w.pos .. "+" .. pos or pos end
    return
  end
  state.covered = last and tonumber(last) or nil
  state.words[#state.words + 1] = { form = c[2], pos = blank(c[4]) or blank(c[5]), lemma = blank(c[3]), at = byte + #c[1] + 1,
    glue = c[10]:find("SpaceAfter=No", 1, true) ~= nil }
end

local function conllu_step(mapper)
  return function(state, line, byte, number)
    if not line then
      put_sentence(state)
      return next_document(state, number, mapper)
    end
    if line:find("^%s*$") then
      put_sentence(state)
    elseif line:sub(1, 1) == "#" then
      local article, message, place
      if line:find("^#%s*newdoc%f[%A]") then
        put_sentence(state)
        article, message, place = next_document(state, number, mapper)
        state.doc.marked = true
      end
      comment(state, state.doc, line, mapper)
      return article, message, place
    else
      return conllu_word(state, line, byte, number)
    end
  end
end

--- Opens CoNLL-U.
---@param file ds.File
---@param longest integer bytes of a document
---@return fun(): table?, string?, table? next
function M.conllu(file, longest)
  local state = { doc = new_builder(1), words = {}, bytes = 0 }
  return numbered(file, by_line(file, longest, state, conllu_step(fields.mapper(file.opts.fields))))
end

-- ------------------------------------------------------------------ VRT

local ENTITIES = { lt = "<", gt = ">", amp = "&", quot = '"', apos = "'" }
local function unescape(s)
  if not s:find("&", 1, true) then return s end
  return (s:gsub("&(#?)(%w+);", function(mark, name)
    if mark == "" then return ENTITIES[name] end
    local code = name:find("^[xX]%x+$") and tonumber(name:sub(2), 16) or tonumber(name)
    return code and code > 0 and code <= 0x10FFFF and not (code >= 0xD800 and code <= 0xDFFF) and utf8.char(code) or nil
  end))
end

local function attributes(tag, record)
  for name, quote, rest in tag:gmatch("([^%s=<>\"'/]+)%s*=%s*([\"'])()") do
    local stop = tag:find(quote, rest, true)
    if stop then record[name] = unescape(tag:sub(rest, stop - 1)) end
  end
end

local DOCUMENTS = { doc = true, text = true, article = true, document = true, file = true }
local LAYOUT = { word = 1, pos = 2, lemma = 3 }

-- Columns from "<!-- #vrt positional-attributes: word lemma pos -->", or --fields word=1,pos=3.
local function layout_of(mapping)
  local layout = {}
  for name, column in pairs(LAYOUT) do layout[name] = mapping and tonumber(mapping[name]) or column end
  return layout
end

local function declared_layout(line, layout)
  local list = line:lower():match("positional%-attributes:%s*(.-)%s*%-%->")
  if not list then return end
  layout.pos, layout.lemma = 0, 0
  local i = 0
  for name in list:gmatch("[%w_/]+") do
    i = i + 1
    if LAYOUT[name] then layout[name] = i end
  end
end

local function structure(state, line, number, mapper)
  local close, name = line:match("^<(/?)([%a][%w_:.%-]*)")
  name = name:lower()
  if DOCUMENTS[name] and (state.unit == nil or state.unit == name) then
    state.unit = name
    local article, message, place = next_document(state, number, mapper)
    state.doc.marked = close == ""
    if close == "" then attributes(line, state.doc.record) end
    return article, message, place
  end
  local b = state.doc
  if name == "p" or name == "head" then b:paragraph()
  elseif name == "s" and close == "" then b:open_sentence()
  elseif name == "s" then b:close_sentence()
  elseif name == "g" then b.glue = true end
end

local function vrt_step(mapper, layout)
  return function(state, line, byte, number)
    if not line then return next_document(state, number, mapper) end
    if line:find("^<!%-%-") then declared_layout(line, layout) return end
    if line:find("^<%?") or line:find("^%s*$") then return end
    if line:find("^</?%a[^\t]*>%s*$") then return structure(state, line, number, mapper) end
    local c = columns(line)
    local raw = c[layout.word]
    if not raw or raw == "" then
      return nil, ("no word in column %d"):format(layout.word), { line = number, byte = byte, fatal = true }
    end
    for i = 1, layout.word - 1 do byte = byte + #c[i] + 1 end
    state.doc:word(unescape(raw), blank(c[layout.pos]), blank(c[layout.lemma]), byte, #raw)
  end
end

--- Opens verticalised text: a word a line, with tags of structure.
---@param file ds.File
---@param longest integer bytes of a document
---@return fun(): table?, string?, table? next
function M.vrt(file, longest)
  local mapping = file.opts.fields
  local state = { doc = new_builder(1), bytes = 0 }
  return numbered(file, by_line(file, longest, state, vrt_step(fields.mapper(mapping), layout_of(mapping))))
end

return M

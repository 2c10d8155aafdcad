-- doc.lua: an article.
--
--   doc.id  doc.title  doc.date  doc.source_name  doc.author  doc.script  doc.text  doc.meta  doc.path
--
-- Positions are bytes of doc.text from 1, both ends included.  The title is no part of doc.text: it is the first of the
-- sentences, with part = "title" and without positions.

local boilerplate = require "ds.boilerplate"
local borders = require "ds.c.borders"
local colon = require "ds.colon"
local names = require "ds.names"
local order = require "ds.order"
local span = require "ds.c.span"
local utf8c = require "ds.c.utf8"

local M = {}

---@class ds.doc
local Doc = {}

-- What a document keeps for itself, under a key that no field can have.
local own = setmetatable({}, { __mode = "k" })

local meta = { __name = "ds.doc" }
M.meta = meta

function meta.__index(self, key)
  if key == "script" then
    local script = utf8c.script(self.text)
    rawset(self, "script", script)
    return script
  end
  return Doc[key]
end
function meta.__tostring(self) return ("ds.doc (%s)"):format(self.id) end
function meta.__close() end

local function range(self, from, to)
  from, to = from or 1, to or #self.text
  if math.type(from) ~= "integer" or math.type(to) ~= "integer" then error("positions are integers (bytes from 1)", 3) end
  return math.max(from, 1), math.min(to, #self.text)
end

-- ------------------------------------------------------------------ sentences and the like

---@class ds.sentence
---@field from integer? nil for the title
---@field to integer?
---@field text string
---@field part "title"|"body"

local function sentences(self)
  local o = own[self]
  if not o.sentences then
    local list, flat = {}, o.tokens and o.tokens.sentences or span.sentences(self.text)
    for i = 1, #flat, 2 do
      list[#list + 1] = { from = flat[i], to = flat[i + 1], text = self.text:sub(flat[i], flat[i + 1]), part = "body" }
    end
    o.sentences = list
  end
  return o.sentences
end

--- Iterates the sentences, the title first.  The records are shared: do not change them.
---@return fun(): ds.sentence?
function Doc:sentences()
  local list, i = sentences(self), 0
  local title = self.title
  return function()
    if title then
      local t = title
      title = nil
      return { text = t, part = "title" }
    end
    i = i + 1
    return list[i]
  end
end

--- The sentence of the body that holds a position.
---@param pos integer byte in doc.text
---@return ds.sentence? sentence nil between sentences and outside the text
function Doc:sentence_at(pos)
  if math.type(pos) ~= "integer" then error("doc:sentence_at: an integer (byte from 1) is wanted", 2) end
  local list = sentences(self)
  local low, high = 1, #list
  while low <= high do
    local mid = (low + high) // 2
    if list[mid].to < pos then low = mid + 1
    elseif list[mid].from > pos then high = mid - 1
    else return list[mid] end
  end
end

--- Iterates the paragraphs: lines with something on them, without white space at their ends.
---@return fun(): {from: integer, to: integer, text: string}?
function Doc:paragraphs()
  local flat, i, text = span.paragraphs(self.text), -1, self.text
  return function()
    i = i + 2
    if flat[i] then return { from = flat[i], to = flat[i + 1], text = text:sub(flat[i], flat[i + 1]) } end
  end
end

--- Iterates what stands between quotation marks, nested ones too, whoever says it.
---@return fun(): ds.quotation?
function Doc:quotations()
  local list, i = span.quotations(self.text), 0
  return function()
    i = i + 1
    return list[i]
  end
end

-- ------------------------------------------------------------------ words

local function segmenter(self)
  local o = own[self]
  local holder = o.corpus or o
  if not holder.segmenter then
    local made, message = require "ds.segmenter" {}
    if not made then error(message, 3) end
    holder.segmenter, holder.plain = made, true
  end
  return holder.segmenter, holder.plain
end

-- The words that came with the file, as seg:cut gives words: #list, list:get(i).
local Given = { __name = "ds.doc.tokens" }
Given.__index = Given
function Given:get(i)
  local given = self.own
  local from, to = given.from[i], given.to[i]
  if not from then return nil end
  local word = self.text:sub(from, to)
  local kind = self.kinds[word]
  if not kind then
    local _, _, _, _, _, class = self.segmenter:cut(word):get(1)
    kind = { key = utf8c.fold(word), class = class or "bad" }
    self.kinds[word] = kind
  end
  return word, kind.key, from, to, given.pos[i] or "", kind.class, given.lemma[i] or nil
end

--- The words of a document, #list and list:get(i) --> word, key, from, to, pos, class [, lemma]: those of the file where it
--- brings its own, else the segmenter's.
---@param self ds.doc
function M.cut(self)
  local o = own[self]
  if o.stored and not o.tokens and not (o.corpus and o.corpus.recut) then
    local toks, message = o.stored.store:tokens(o.stored.segment, o.stored.number, self.text)
    return toks or error(message, 2)
  end
  if not o.tokens then return segmenter(self):cut(self.text) end
  if not o.given then
    o.given = setmetatable({ own = o.tokens, text = self.text, segmenter = segmenter(self), kinds = {} }, Given)
    for i, from in ipairs(o.tokens.from) do o.given[i] = from end -- for the sake of #list
  end
  return o.given
end

--- The words and sentences that the file brought, for those who keep documents; nil when there are none.
---@param self ds.doc
---@return ds.own_tokens?
function M.own_tokens(self) return own[self].tokens end

--- Where a document of a store is, else nil.
---@param self ds.doc
---@return {store: ds.stored, segment: integer, number: integer}?
function M.place(self) return own[self].stored end

--- Which file of a corpus that is fed to a worker it comes from.
---@param self ds.doc
---@return integer?
function M.order(self) return own[self].order end

--- The class of each of these words.
---@param self ds.doc
---@return string[]
function M.classes(self)
  local toks, list = M.cut(self), {}
  for i = 1, #toks do list[i] = select(6, toks:get(i)) end
  return list
end

--- Iterates the words; those of the file where it brings its own (CoNLL-U, VRT), then with their lemma.
---@return fun(): {word: string, key: string, from: integer, to: integer, pos: string, class: string, lemma: string?}?
function Doc:tokens()
  local list, i = M.cut(self), 0
  if list.each then return list:each() end
  return function()
    i = i + 1
    local word, key, from, to, pos, class, lemma = list:get(i)
    return word and { word = word, key = key, from = from, to = to, pos = pos, class = class, lemma = lemma } or nil
  end
end

--- Which passages begin and end where words do.  Only the clauses around them are cut, which is cheaper than tokens().
---@param ranges integer[] flat: from, to, from, to … in bytes of doc.text
---@return boolean[]
function Doc:whole_words(ranges)
  local seg, plain = segmenter(self)
  local given = own[self].tokens
  if not given then return borders.whole(seg, self.text, ranges, plain) end
  local starts, ends, list = {}, {}, {}
  for i, from in ipairs(given.from) do starts[from], ends[given.to[i]] = true, true end
  for i = 1, #ranges // 2 do list[i] = (starts[ranges[2 * i - 1]] and ends[ranges[2 * i]]) == true end
  return list
end

--- What matcher:tally gives.
---@param self ds.doc
---@param core userdata the automaton
---@param labels (string|false)[] of its terms; false: does not count
function M.tally(self, core, labels)
  local seg, plain = segmenter(self)
  if not own[self].tokens then return borders.tally(core, labels, seg, self.text, plain) end
  local hits, ranges, found, n, words = core:find(self.text), {}, {}, {}, {}
  for i = 1, #hits, 3 do
    local label = labels[hits[i + 2]]
    if label then
      found[#found + 1], ranges[#ranges + 1] = label, hits[i]
      ranges[#ranges + 1] = hits[i + 1]
    end
  end
  local whole = self:whole_words(ranges)
  for i, label in ipairs(found) do
    n[label] = (n[label] or 0) + 1
    words[label] = (words[label] or 0) + (whole[i] and 1 or 0)
  end
  return n, words
end

--- The finder that module ds.`name` makes, made once for all articles of a corpus.
local function finder(self, name)
  local o = own[self]
  local holder = o.corpus or o
  if not holder[name] then
    local made, message = require("ds." .. name) { segmenter = segmenter(self) }
    if not made then error(message, 3) end
    holder[name] = made
  end
  return holder[name]
end

--- Who says what: everything in marks, conversations, blocks, reported speech; with `from`, `to` what lies in this
--- passage.  For a finder with lexicons of your own, see ds.quotes.
---@param from? integer byte of doc.text
---@param to? integer
---@return ds.quote[]
function Doc:quotes(from, to)
  if from or to then from, to = range(self, from, to) end
  return finder(self, "quotes"):find(self, from, to)
end

--- What is said in numbers: money, percentages, counts, ranges, dates and the like; with `from`, `to` what lies in
--- this passage.  For a finder with a table of units of your own, see ds.numbers.
---@param from? integer byte of doc.text
---@param to? integer
---@return ds.number[]
function Doc:numbers(from, to)
  if from or to then from, to = range(self, from, to) end
  return finder(self, "numbers"):find(self, from, to)
end

local FREQ = { by = true, pos = true, class = true }
local CLASSES = { "han", "latin", "number", "money", "percent", "date", "url", "emoji", "punct", "space", "bad" }

local function check_class(class)
  if class == nil then return end
  for _, c in ipairs(CLASSES) do
    if c == class then return end
  end
  local near = names.nearest(tostring(class), CLASSES)
  error(("doc:freq: unknown class '%s'%s"):format(tostring(class),
    near and ("; did you mean '%s'?"):format(near) or "; there are " .. table.concat(CLASSES, ", ")), 4)
end

local function freq_options(opts)
  opts = opts or {}
  for name in pairs(opts) do
    if not FREQ[name] then error(("doc:freq: unknown option '%s'; there are by, pos, class"):format(tostring(name)), 3) end
  end
  local by = opts.by or "key"
  if by ~= "key" and by ~= "word" then error(("doc:freq: by is 'key' or 'word', not '%s'"):format(tostring(by)), 3) end
  check_class(opts.class)
  return by, opts.pos and "^" .. opts.pos .. "$", opts.class
end

--- Counts the words, the most frequent first, equals by bytes.  White space and, unless `class` asks for
--- it, punctuation are left out.
---@param opts? {by: "key"|"word"|nil, pos: string?, class: string?} by: folded (default) or as written; pos: a Lua pattern for the whole tag; class: as in tokens
---@return {key: string?, word: string?, n: integer, pos: string}[]
function Doc:freq(opts)
  local by, pos, class = freq_options(opts)
  local toks, rows, seen = M.cut(self), {}, {}
  for i = 1, #toks do
    local word, key, _, _, tag, cls = toks:get(i)
    local wanted = cls ~= "space" and (class == cls or (class == nil and cls ~= "punct"))
    if wanted and (not pos or tag:find(pos)) then
      local name = by == "key" and key or word
      local row = seen[name]
      if not row then
        row = { [by] = name, n = 0, pos = tag }
        seen[name], rows[#rows + 1] = row, row
      end
      row.n = row.n + 1
    end
  end
  table.sort(rows, function(a, b)
    if a.n ~= b.n then return a.n > b.n end
    return order.before(a[by], b[by])
  end)
  return rows
end

-- ------------------------------------------------------------------ back to the file

-- Puts the way back to the file into a document of a store; why there is none, or nil.
local function find_way_back(self, o)
  if not o.stored or o.traced then return o.lost end
  o.traced = true
  local a, why = require("ds.trace").article(self, o.stored.from, o.corpus and o.corpus.reading)
  if a then o.segments, o.map, o.compression = a.segments, a.map, a.compression end
  o.lost = why
  return why
end

--- Where a passage stands in the file as it lies on disk.  For an article of a store the file is read again, the first time; when it
--- is gone, or its text is no longer the same, there are no ranges.
---@param from? integer default 1
---@param to? integer default #doc.text
---@return string? path "-" for standard input, nil for a document that was made from a string
---@return integer[][] ranges {from, to} in bytes of the file, without the markup that was left out
---@return string? compression "gzip" or "zstd": the bytes are those of the file once decompressed
---@return string? lost why there are no ranges for an article of a store
function Doc:source(from, to)
  from, to = range(self, from, to)
  local o, ranges = own[self], {}
  local lost = find_way_back(self, o)
  if not o.map then return self.path, ranges, o.compression, lost end
  for _, s in ipairs(o.segments or { { at = 1, from = 1, length = #self.text } }) do
    local a, b = math.max(from, s.at), math.min(to, s.at + s.length - 1)
    if a <= b then
      for _, piece in ipairs(o.map:pieces(s.from + a - s.at, s.from + b - s.at)) do
        local last = ranges[#ranges]
        if last and last[2] + 1 == piece[1] then last[2] = piece[2] else ranges[#ranges + 1] = piece end
      end
    end
  end
  return self.path, ranges, o.compression, lost
end

--- Passages that belong to the page and not to the article: disclaimers, copyright, calls to follow, lists of links,
--- leftovers of the site.  They are found by their wording at the end and the beginning of the text.
---@return {from: integer, to: integer, kind: string}[]
function Doc:boilerplate()
  local o = own[self]
  if not o.boilerplate then o.boilerplate = boilerplate.find(self.text) end
  return o.boilerplate
end

colon(Doc, "doc", meta)

-- ------------------------------------------------------------------ making one

--- Makes a document from its fields, which it keeps; `segments` and `map` lead back to the file.
---@param fields table segments: nil where the map is that of all of the text
---@param corpus ds.corpus? whose segmenter it uses
---@return ds.doc
function M.new(fields, corpus)
  local self = setmetatable({
    id = fields.id, title = fields.title, date = fields.date, source_name = fields.source_name,
    author = fields.author, text = fields.text, meta = fields.meta or {}, path = fields.path,
  }, meta)
  fields.corpus = corpus
  own[self] = fields
  return self
end

return M

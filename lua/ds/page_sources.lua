-- page_sources.lua: the articles behind an HTML page, and the passages of them that its figures lead to.
--
-- Passages are noted while the tables are made; then the articles are read again, and of each is kept its head and its
-- text: the whole text when all texts together are small enough, else what stands around the passages, the wider the fewer
-- there are.  Positions are bytes of doc.text, from 1; the page gets units of UTF-16 from 0, in which its script counts.
local failure = require "ds.failure"
local inputs = require "ds.inputs"
local order = require "ds.order"
local text = require "ds.page_text"
local esc = text.escape

local sources = {}

local WHOLE <const> = 1200 * 1024    -- bytes of all texts together, for whole texts
local EXCERPTS <const> = 1400 * 1024 -- of all excerpts
local AROUND_MOST <const>, AROUND_LEAST <const> = 450, 90 -- bytes on either side of a passage
local LONG <const> = 1600            -- bytes of a passage of which the middle is left out
local HEAD <const> = 600             -- of a title, a name, a path
local QUOTE <const> = 1500           -- of a passage that stands in the page itself
local EXAMPLES <const> = 3           -- of a word
local LANGUAGES <const> = { Hans = "zh-Hans", Hant = "zh-Hant" } -- which shapes of characters a text wants
local SEARCHED <const> = 5000        -- articles in which examples are looked for
local BY_ID <const> = 40             -- so many articles are read one by one

---@class ds.Sources
---@field passages table[] {doc, marks, places, row, quoted}
---@field articles table[] what was read, in the order of the passages
local Sources = {}
Sources.__index = Sources

---@param run ds.Run
---@return ds.Sources
function sources.new(run)
  return setmetatable({ run = run, passages = {}, at = {}, ids = {}, of = {}, articles = {}, words = {}, whole = {},
    whole_bytes = 0, named = #run.operands > 0, bytes = 0, left = 0, missing = 0 }, Sources)
end

local function key_of(item)
  if item.places or item.marks then return nil end
  return ("%s\0%s\0%s"):format(item.doc, item.from or "", item.to or "")
end

-- The parts to highlight: those given, or all of it; what is no place is left out.
local function marks_of(item)
  local list = {}
  for _, m in ipairs(item.marks or { item }) do
    if type(m) == "table" and math.type(m.from) == "integer" and math.type(m.to) == "integer" and m.from >= 1 and m.to >= m.from then
      list[#list + 1] = { from = m.from, to = m.to }
    end
  end
  if #list == 0 and item.marks then return marks_of { from = item.from, to = item.to } end
  table.sort(list, function(a, b) return a.from < b.from or (a.from == b.from and a.to < b.to) end)
  return list
end

--- Notes a passage, or an article without one.
---@param item {doc: string, from: integer?, to: integer?, marks: table[]?, places: function?, row: table?}
---@param quoted boolean? it will stand in the page itself
---@return integer number from 0
function Sources:add(item, quoted)
  local key = key_of(item)
  local n = key and self.at[key]
  if not n then
    n = #self.passages + 1
    self.passages[n] = { doc = item.doc, marks = marks_of(item), places = item.places, row = item.row }
    if key then self.at[key] = n end
    if not self.of[item.doc] then self.of[item.doc], self.ids[#self.ids + 1] = {}, item.doc end
    table.insert(self.of[item.doc], n)
  end
  self.passages[n].quoted = self.passages[n].quoted or quoted
  return n - 1
end

--- Asks for examples of a word; the list is filled when the articles are read.
---@param word string
---@return integer[] numbers of passages
function Sources:examples(word)
  self.words[word] = self.words[word] or {}
  return self.words[word]
end

-- ------------------------------------------------------------------ reading

local function ignore() end

-- The first articles with each of the words, as a whole word where there is such a place.
local function find_examples(self, corpus)
  local terms, wanting, read, n = {}, 0, 0, {}
  local words = order.keys(self.words)
  for _, word in ipairs(words) do terms[word], wanting, n[word] = word, wanting + 1, 0 end
  for _, word in ipairs(words) do -- a sequence of words, as it is written
    local joined = word:gsub(" ", "")
    if joined ~= "" then terms[joined] = terms[joined] or word end
  end
  if wanting == 0 then return end
  local matcher = require "ds.matcher"(terms)
  if not matcher then return end -- words that cannot be looked for
  for doc in inputs.articles(corpus, self.run.values.where, ignore, inputs.sieve()) do
    read = read + 1
    local ranges, found, taken = {}, {}, {}
    for from, to, word in matcher:spans(doc) do
      if n[word] < EXAMPLES then
        found[#found + 1] = word
        ranges[#ranges + 1], ranges[#ranges + 2] = from, to
      end
    end
    local good = #found > 0 and doc:whole_words(ranges)
    for i, word in ipairs(found) do
      if good[i] and not taken[word] then
        taken[word], n[word] = true, n[word] + 1
        table.insert(self.words[word], self:add { doc = doc.id, from = ranges[2 * i - 1], to = ranges[2 * i] })
        if n[word] == EXAMPLES then wanting = wanting - 1 end
      end
    end
    if wanting == 0 then break end
    if read >= SEARCHED then
      self.searched = read
      break
    end
  end
end

-- The range from..to of a text, moved to borders of characters.
local function window(s, from, to)
  from, to = text.boundary(s, math.max(1, from)), math.min(#s, to)
  return { from = from, to = to == #s and to or text.boundary(s, to + 1) - 1 }
end

-- What stands around the marks, in pieces that do not overlap; as much as the page has room for.
local function excerpts(self, s, marks, around)
  local list, left = {}, 0
  local function take(from, to)
    local w, last = window(s, from, to), list[#list]
    local joined = last and w.from <= last.to + 1
    local more = joined and math.max(0, w.to - last.to) or w.to - w.from + 1
    if self.bytes + more > EXCERPTS then return false end
    self.bytes = self.bytes + more
    if joined then last.to = math.max(last.to, w.to) else list[#list + 1] = w end
    return true
  end
  for _, m in ipairs(marks) do
    local fits
    if m.to - m.from < LONG then fits = take(m.from - around, m.to + around)
    else fits = take(m.from - around, m.from + LONG // 2) and take(m.to - LONG // 2, m.to + around) end
    if not fits then left = left + 1 end
  end
  if #marks == 0 and #s > 0 then take(1, 2 * around) end
  for _, w in ipairs(list) do w.text = s:sub(w.from, w.to) end
  return list, left
end

-- The sentence of a passage that stands in the page itself.
local function quote(doc, p)
  local first, last = p.marks[1].from, p.marks[#p.marks].to
  local from, to = doc:sentence_at(first), doc:sentence_at(math.min(last, first + QUOTE))
  local w = window(doc.text, math.max(from and from.from or first, first - 300), math.min(to and to.to or last, last + 300, first + QUOTE))
  p.quote = { from = w.from, to = w.to, text = doc.text:sub(w.from, w.to), left = last > w.to and
    text.units(text.clean(doc.text:sub(w.to + 1, last))) or nil }
end

-- Finds the places of a row in its article, which only the plugin knows.
local function resolve(self, doc, p)
  if not p.places then return end
  local where = { path = self.run.plugin.path, phase = "report", article = doc.id }
  local list = failure.protect(where, p.places, doc, p.row) or {}
  if type(list) ~= "table" then
    failure.raise(failure.SCRIPT, "%s: r:table: places must return a list of { from, to }, not a %s", where.path, type(list))
  end
  p.marks = marks_of { marks = list }
end

-- Takes in an article.
local function take(self, doc, around)
  local marks, s = {}, doc.text
  for _, n in ipairs(self.of[doc.id]) do
    local p = self.passages[n]
    resolve(self, doc, p)
    while p.marks[1] and p.marks[#p.marks].from > #s do table.remove(p.marks) end
    if p.quoted and p.marks[1] then quote(doc, p) end
    table.move(p.marks, 1, #p.marks, #marks + 1, marks)
  end
  table.sort(marks, function(a, b) return a.from < b.from or (a.from == b.from and a.to < b.to) end)
  local a = { id = doc.id, title = doc.title and text.cut(doc.title, HEAD), date = doc.date, source = doc.source_name and text.cut(doc.source_name, HEAD), author = doc.author,
    path = self.named and doc.path ~= "-" and doc.path or nil, -- that of the bundled corpus is no business of the reader
    lang = LANGUAGES[doc.script] }
  a.pieces, a.left = excerpts(self, s, marks, around)
  self.left, self.whole_bytes = self.left + a.left, self.whole_bytes + #s
  if self.whole_bytes <= WHOLE then self.whole[doc.id] = s else self.whole = {} end
  self.articles[doc.id] = a
end

--- Reads the articles; what a limit ends leaves the rest without passages.
---@param corpus ds.corpus?
function Sources:read(corpus)
  self.corpus = corpus
  if not corpus then return end
  find_examples(self, corpus)
  local around = math.max(AROUND_LEAST, math.min(AROUND_MOST, EXCERPTS // (2 * math.max(1, #self.passages))))
  if #self.ids <= math.max(BY_ID, corpus:count() // 20) then
    for _, id in ipairs(self.ids) do
      local doc = corpus:doc(id)
      if doc then take(self, doc, around) end
    end
    return
  end
  local wanted = #self.ids
  for doc in corpus:docs { on_error = ignore } do
    if self.of[doc.id] and not self.articles[doc.id] then
      take(self, doc, around)
      wanted = wanted - 1
      if wanted == 0 then break end
    end
  end
end

-- ------------------------------------------------------------------ for the page

-- A piece as clean text, and where in it, in units, each of the marks' ends is.
local function measure(piece, cuts)
  local inside, parts, units, at = {}, {}, {}, 0
  local simple = text.is_simple(piece.text)
  for _, byte in ipairs(cuts) do
    if byte > piece.from and byte <= piece.to then inside[#inside + 1] = byte end
  end
  table.sort(inside)
  local from = piece.from
  units[from] = 0
  for i = 1, #inside + 1 do
    local stop = inside[i] or piece.to + 1
    if stop > from then
      local s
      if simple then at = at + utf8.len(piece.text, from - piece.from + 1, stop - piece.from)
      else
        s = text.clean(piece.text:sub(from - piece.from + 1, stop - piece.from))
        parts[#parts + 1], at = s, at + text.units(s)
      end
      units[stop], from = at, stop
    end
  end
  return simple and piece.text or table.concat(parts), units
end

-- The pieces of an article, and the places of its passages in them: piece, from, to, ….
local function lay_out(self, a, number, places)
  local whole, cuts, out, seen = self.whole[a.id], {}, {}, {}
  local pieces = whole and { { from = 1, to = #whole, text = whole } } or a.pieces
  for _, n in ipairs(self.of[a.id]) do
    for _, m in ipairs(self.passages[n].marks) do
      for _, byte in ipairs { m.from, m.to + 1 } do
        if not seen[byte] then seen[byte], cuts[#cuts + 1] = true, byte end
      end
    end
    places[n] = { number }
  end
  for i, piece in ipairs(pieces) do
    local s, units = measure(piece, cuts)
    out[i] = s
    for _, n in ipairs(self.of[a.id]) do
      for _, m in ipairs(self.passages[n].marks) do
        if m.from <= piece.to and m.to >= piece.from then
          table.move({ i - 1, units[math.max(m.from, piece.from)], units[math.min(m.to, piece.to) + 1] }, 1, 3, #places[n] + 1, places[n])
        end
      end
    end
  end
  return out, whole ~= nil
end

local function clean(s)
  local cut, left = text.cut(s or "", HEAD)
  return s and text.clean(cut) .. (left and "…" or "") or require("ds.c.json").null
end

--- The data of the page: articles as [title, date, source, author, path, id, whole, left, pieces, lang], passages as [article,
--- piece, from, to, …], null for an article that could not be read.
---@return string json
function Sources:json()
  local c, list, places = require "ds.c.json", {}, {}
  for n = 1, #self.passages do places[n] = c.null end
  for _, id in ipairs(self.ids) do
    local a = self.articles[id]
    if a then
      local pieces, whole = lay_out(self, a, #list, places)
      list[#list + 1] = c.array { clean(a.title), clean(a.date), clean(a.source), clean(a.author), clean(a.path), clean(a.id), whole,
        whole and 0 or a.left, c.array(pieces), a.lang or "" }
      self.n_whole = (self.n_whole or 0) + (whole and 1 or 0)
    else
      self.missing = self.missing + 1
    end
  end
  self.n_articles = #list
  for n, p in ipairs(places) do places[n] = p == c.null and p or c.array(p) end
  return text.json { articles = c.array(list), passages = c.array(places) }
end

--- What is known of an article: its head.
---@param id string
---@return table?
function Sources:article(id) return self.articles[id] end

--- A passage in its sentence as HTML, the marks in mark elements; nil when there is no text.
---@param number integer from 0
---@return string?
---@return integer? left characters of it that are left out
function Sources:quote(number)
  local p = self.passages[number + 1]
  local q, out = p.quote, {}
  if not q then return nil end
  local at = q.from
  for _, m in ipairs(p.marks) do
    local from, to = math.max(m.from, at), math.min(m.to, q.to)
    if to >= from then
      out[#out + 1] = esc(q.text:sub(at - q.from + 1, from - q.from))
      out[#out + 1] = "<mark>" .. esc(q.text:sub(from - q.from + 1, to - q.from + 1)) .. "</mark>"
      at = to + 1
    end
  end
  out[#out + 1] = esc(q.text:sub(at - q.from + 1))
  return table.concat(out), q.left
end

return sources

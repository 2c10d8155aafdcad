-- store.lua: corpora in one file (.dsc), for reading as a corpus is read and for writing.
--
-- ds.corpus.open("news.dsc") gives the same object as a directory does; ds.corpus.create("news.dsc") one that writes.
-- The words of a stored article are those that were found when it was stored; its text is the same to the last byte.

local colon = require "ds.colon"
local formats = require "ds.formats"
local handover = require "ds.handover"
local names = require "ds.names"
local rejected = require "ds.rejected"
local store_c = require "ds.c.store"

local M = { MAGIC = "dscorpus" }

-- ------------------------------------------------------------------ reading

--- Whether a file is a store: by its name, or by how it begins where the name tells no format.
---@param path string
---@return boolean
function M.is_one(path)
  local format = formats.of_name(path)
  if format then return format == "store" end
  local f <close> = io.open(path, "rb")
  return f ~= nil and f:read(#M.MAGIC) == M.MAGIC
end

--- Opens a store.
---@param path string
---@return ds.stored? store
---@return string? message
---@return table? detail byte: where in the file it is damaged
function M.open(path)
  local s, message, detail = store_c.open(path)
  if s then return s end
  return nil, ("%s: %s"):format(path, message), detail
end

local function fields_of(path, s, segment, number)
  local row, message, detail = s:row(segment, number)
  local text
  if row then text, message, detail = s:text(segment, number) end
  if not text then
    local id = row and row.id or ("article %d of segment %d"):format(number, segment)
    return nil, rejected(path, id, ("%s cannot be read: %s; see dsrun verify"):format(id, message), detail)
  end
  local tokens
  if row.own_words then
    tokens, message, detail = s:own(segment, number)
    if not tokens then return nil, rejected(path, row.id, message, detail) end
    tokens.sentences = row.own_sentences
  end
  return {
    id = row.id, title = row.title, date = row.date, source_name = row.source, author = row.author, text = text,
    meta = row.meta, path = row.path or path,
    stored = { store = s, segment = segment, number = number, from = { file = row.path, store = path } },
    tokens = tokens,
  }
end

-- Articles that are read together: a sixteenth of a segment, within these bounds.
local PART_LEAST <const>, PART_MOST <const> = 256, 2048

--- The articles of a store in pieces, in the order in which they were added.
---@param s ds.stored
---@return {segment: integer, from: integer, to: integer}[]
function M.pieces(s)
  local parts = {}
  for i, segment in ipairs(s:info().segments) do
    local n = math.max(PART_LEAST, math.min(PART_MOST, segment.docs // 16))
    for from = 1, segment.docs, n do
      parts[#parts + 1] = { segment = i, from = from, to = math.min(from + n - 1, segment.docs) }
    end
  end
  return parts
end

--- Iterates the articles of a part: fields for ds.doc, or nil and what was rejected; nil alone at the end.
---@param path string for messages
---@param s ds.stored
---@param part {segment: integer, from: integer, to: integer}
function M.articles(path, s, part)
  local number = part.from - 1
  return function()
    while number < part.to do
      number = number + 1
      if not s:deleted(part.segment, number) then return fields_of(path, s, part.segment, number) end
    end
  end
end

--- The article of an id, as M.articles gives it; nil alone when there is none.
---@param path string
---@param s ds.stored
---@param id string
function M.article(path, s, id)
  local segment, number, detail = s:find(id)
  if not segment then return nil, number and rejected(path, id, number, detail) or nil end
  return fields_of(path, s, segment, number)
end

-- ------------------------------------------------------------------ writing

---@class ds.corpus.writer
local Writer = {}
local own = setmetatable({}, { __mode = "k" })
local meta = { __name = "ds.corpus.writer" }

local function live(self)
  local w = own[self]
  if not w then error("attempt to use a closed ds.corpus.writer", 3) end
  return w
end

-- What the binding gives, its message with the file's name.
local function told(w, result, message, detail)
  return result, message and ("%s: %s"):format(w.path, message), detail
end

-- "2025-01-27" as 20250127, "2025-01" as 20250100.
local function date_number(date)
  local y, m, d = tostring(date or ""):match("^(%d%d%d%d)%-?(%d?%d?)%-?(%d?%d?)$")
  if not y or (m == "" and d ~= "") then return 0 end
  return tonumber(y) * 10000 + (tonumber(m) or 0) * 100 + (tonumber(d) or 0)
end

-- A date as it is kept, so that its number says all of it.
local function canonical_date(date)
  local v = date_number(date)
  if v == 0 then return date end
  local y, m, d = v // 10000, v // 100 % 100, v % 100
  return (d > 0 and "%04d-%02d-%02d" or m > 0 and "%04d-%02d" or "%04d"):format(y, m, d)
end

local KNOWN = { "id", "title", "date", "source", "author", "text", "meta", "path" }

local function check_article(article)
  for name in pairs(article) do names.check("writer:add: what else is known of an article goes into meta; unknown field", name, KNOWN, 3) end
  for _, name in ipairs { "id", "text" } do
    if type(article[name]) ~= "string" then error(("writer:add: %s is a string"):format(name), 3) end
  end
  if article.id == "" then error("writer:add: an id is not empty", 3) end
end

-- The words and sentences that a document brings, as the binding takes them.
local function own_words(tokens)
  if not tokens then return nil end
  local flat = {}
  for i = 1, #tokens.from do
    flat[#flat + 1], flat[#flat + 2] = tokens.from[i], tokens.to[i]
    flat[#flat + 1], flat[#flat + 2] = tokens.pos[i] or "", tokens.lemma[i] or ""
    flat[#flat + 1] = tokens.class[i]
  end
  return { tokens = flat, sentences = tokens.sentences }
end

local function row_of(article, tokens)
  local row = {}
  for _, name in ipairs { "id", "title", "date", "source", "author", "path" } do
    local value = article[name]
    if name == "date" then value = value and canonical_date(value) end
    if value then row[#row + 1] = { name, value } end
  end
  if article.meta and next(article.meta) then row[#row + 1] = { "meta", article.meta } end
  if tokens then row[#row + 1] = { "own_words", true } end
  if tokens and tokens.sentences then row[#row + 1] = { "own_sentences", tokens.sentences } end
  return row
end

local function of_document(d)
  local docs = require "ds.doc"
  local tokens = docs.own_tokens(d)
  if tokens then tokens.class = docs.classes(d) end
  return { id = d.id, title = d.title, date = d.date, source = d.source_name, author = d.author, text = d.text,
    meta = d.meta, path = d.path }, tokens
end

--- What the binding wants of a document: its row, text and date, and its own words when it brings such.
---@param d ds.doc
---@return table row
---@return string text
---@return integer date
---@return table? own
function M.parts(d)
  local article, tokens = of_document(d)
  return row_of(article, tokens), article.text, date_number(article.date), own_words(tokens)
end

-- Adds an article that a worker may have cut.
local function add_handed(w, a)
  if a.row then return told(w, w.c:add(a.row, a.text, a.date, a.own)) end
  if w.batch ~= a.batch then
    w.c:batch(a.batch.bytes)
    w.batch, a.batch.bytes = a.batch, nil
  end
  return told(w, w.c:take(a.at, a.id))
end

--- Adds an article: a document, or its fields.  One that is there with the same id is replaced; with the same content
--- nothing happens.
---@param article ds.doc|ds.handed|{id: string, text: string, title: string?, date: string?, source: string?, author: string?, meta: table?, path: string?}
---@return "new"|"changed"|"same"|nil what nil: it cannot be stored
---@return string? message
---@return table? detail
function Writer:add(article)
  local w = live(self)
  if type(article) ~= "table" then error("writer:add: a document or a table of fields is wanted", 2) end
  local inside = handover.inside(article)
  if inside and not inside.doc then return add_handed(w, inside) end
  article = inside and inside.doc or article
  if (getmetatable(article) or {}).__name == "ds.doc" then return told(w, w.c:add(M.parts(article))) end
  check_article(article)
  return told(w, w.c:add(row_of(article), article.text, date_number(article.date)))
end

--- Adds an article as it is in another store, words and all.
---@param d ds.doc of a store
---@return boolean? done
---@return string? message
---@return table? detail
function Writer:copy(d)
  local at = require("ds.doc").place(d)
  if not at then error("writer:copy: an article of a store is wanted", 2) end
  local w = live(self)
  return told(w, w.c:copy(at.store, at.segment, at.number))
end

--- Deletes an article.
---@param id string
---@return boolean? removed false: there was none of that id
---@return string? message
---@return table? detail
function Writer:remove(id)
  local w = live(self)
  return told(w, w.c:remove(id))
end

--- Makes all of it last: when this returns true it is on the disk.
---@return boolean? done
---@return string? message
---@return table? detail
function Writer:commit()
  local w = live(self)
  return told(w, w.c:commit())
end

--- Ends writing; what was not committed is given up.
function Writer:close()
  local w = own[self]
  own[self] = nil
  if w then w.c:close() end
end

meta.__close, meta.__gc = Writer.close, Writer.close
function meta.__tostring(self) return own[self] and "ds.corpus.writer" or "ds.corpus.writer (closed)" end
meta.__index = Writer
colon(Writer, "writer", meta)

-- What decides how texts are cut, one `name: value` a line; it is in the file's header.
local function about(segmenter)
  return ("segmenter: %s\n"):format(segmenter:describe())
end

local OPTIONS = { segmenter = "userdata", level = "number" }

--- Opens a store for writing, a new one where there is no file.
---@param path string
---@param opts? {segmenter: ds.segmenter?, level: integer?} level: of compression, 1 (fast) to 12 (small)
---@return ds.corpus.writer? writer
---@return string? message
---@return table? detail
function M.create(path, opts)
  if type(path) ~= "string" then error("ds.corpus.create: a path is wanted", 2) end
  for name, value in pairs(opts or {}) do
    names.check("ds.corpus.create: unknown option", name, { "segmenter", "level" })
    if type(value) ~= OPTIONS[name] then error(("ds.corpus.create: %s is a %s"):format(name, OPTIONS[name]), 2) end
  end
  local segmenter, message, detail = opts and opts.segmenter, nil, nil
  if not segmenter then segmenter, message = require "ds.segmenter" {} end
  if not segmenter then return nil, message end
  local mine = about(segmenter)
  local c
  c, message, detail = store_c.writer(path, { segmenter = segmenter, about = mine, level = opts and opts.level })
  if not c then return nil, ("%s: %s"):format(path, message), detail end
  if c:about() ~= mine then
    local theirs = c:about()
    c:close()
    return nil, ("%s: its words were found by another segmenter (%s, not %s); build it anew, or use that one"):format(path,
      theirs:gsub("\n$", ""), (mine:gsub("\n$", "")))
  end
  local self = setmetatable({}, meta)
  own[self] = { c = c, path = path }
  return self
end

--- What a store says of itself, without its articles.
---@param path string
---@return table? info docs, text_bytes, bytes, commits, about, segments
---@return string? message
function M.about(path)
  local s, message = M.open(path)
  if not s then return nil, message end
  local info = s:info()
  s:close()
  return info
end

--- Compares every byte of a store with its checksums.
---@param path string
---@return {from: integer, to: integer, what: string, segment: integer?, doc: integer?, docs: integer, id: string?, mended: boolean}[]?
---  damage bytes of the file, and the articles that it has hit: the first, its id, how many; mended: survivors gives them all the same
---@return string? message nil with a list: it was looked through
function M.verify(path)
  local list, message = store_c.verify(path)
  return list, message and ("%s: %s"):format(path, message)
end

--- Iterates the articles of a damaged store, as far as they can be read: place and document, or place, nil and why.
---@param path string
---@return (fun(): {segment: integer, number: integer}?, ds.doc?, string?)? next
---@return string? message
---@return ds.stored? store
function M.survivors(path)
  local s, message = store_c.open(path, true)
  if not s then return nil, ("%s: %s"):format(path, message) end
  local docs, segments, segment, number = require "ds.doc", s:info().segments, 1, 0
  return function()
    while segments[segment] do
      number = number + 1
      if number > segments[segment].docs then
        segment, number = segment + 1, 0
      elseif not s:deleted(segment, number) then
        local a, why = fields_of(path, s, segment, number)
        local place = { segment = segment, number = number }
        if a then return place, docs.new(a) end
        return place, nil, why.message
      end
    end
  end, nil, s
end

--- Writes a store anew without what was deleted, in place of the old file, whole or not at all.
---@param path string
---@return boolean? done
---@return string? message
---@return table? detail
function M.compact(path)
  local done, message, detail = store_c.compact(path)
  return done, message and ("%s: %s"):format(path, message), detail
end

return M

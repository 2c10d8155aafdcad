-- reader_text.lua: plain text and Markdown to articles, with front matter, head lines and digests.

local bytes = require "ds.reader_bytes"
local date = require "ds.date"
local fields = require "ds.fields"
local headlines = require "ds.headlines"
local markdown = require "ds.c.markdown"
local reader_markdown = require "ds.reader_markdown"
local rejected = require "ds.rejected"

local M = {}

local function copy(t)
  local out = {}
  for k, v in pairs(t) do out[k] = v end
  return out
end

-- The piece [from, to] of the clean text without the lines in `cut`: the text, and where its parts come from.
local function without(clean, from, to, cut)
  local parts, segments, at = {}, {}, from
  local length = 0
  local function keep(a, b)
    if b < a then return end
    segments[#segments + 1] = { at = length + 1, from = a, length = b - a + 1 }
    parts[#parts + 1] = a == 1 and b == #clean and clean or clean:sub(a, b)
    length = length + b - a + 1
  end
  for _, c in ipairs(cut) do
    keep(at, from + c.from - 2)
    at = from + c.to + 1
  end
  keep(at, to)
  local text = #parts == 1 and parts[1] or table.concat(parts)
  if text:byte(-1) == 10 then text = text:sub(1, -2) end
  return text, segments
end

-- item: { from, to } of file.clean, number; file: what all its articles share.
local function article(file, item)
  local whole = item.from == 1 and item.to == #file.clean
  local piece = whole and file.clean or file.clean:sub(item.from, item.to)
  local known = { title = item.number == nil and file.known.title or nil, heading = item.heading }
  local found, cut = headlines.read(piece, known)
  local text, segments = without(file.clean, item.from, item.to, cut)
  if text == "" then return nil end
  local meta = copy(file.meta)
  for field, value in pairs(found) do
    if field ~= "title" and meta[field] == nil then meta[field] = value end
  end
  local day = date.parse(file.known.date or "") or date.parse(found.date or "")
  return {
    title = found.title, date = file.date or day, author = file.known.author or found.author,
    source_name = file.known.source or found.source or found.publisher, text = text, meta = meta,
    segments = segments, map = file.map, path = file.path,
  }
end

-- The file's items: one, or those of a digest.
local function split(file, headings)
  local ranges, head = nil, nil
  if headings then ranges, head = reader_markdown.digest(file.clean, headings) end
  if not ranges or not head then
    local heading = headings and reader_markdown.title(file.clean, headings)
    return { { from = 1, to = #file.clean, heading = heading } }
  end
  file.date = date.parse(file.known.date or "") or head.date and date.parse(head.date) or nil
  file.known.source = file.known.source or head.source
  file.known.author = file.known.author or head.author
  if head.title and file.meta.digest == nil then file.meta.digest = head.title end
  if head.date and file.meta.date == nil then file.meta.date = head.date end
  for i, r in ipairs(ranges) do r.number = i end
  return ranges
end

local function id_of(id, number) return number and number > 1 and ("%s#%d"):format(id, number) or id end

local function articles(file, items, id)
  local list, bad = {}, {}
  for _, item in ipairs(items) do
    local a = article(file, item)
    local own = id_of(id, item.number)
    if a then
      a.id = own
      list[#list + 1] = a
    else
      bad[#bad + 1] = rejected(file.path, own,
        item.number and ("item %d of the digest has no text"):format(item.number) or "no text besides title and markup")
    end
  end
  return list, bad
end

--- Articles of text that has been made clean: the head lines are read, and taken out.
---@param file {path: string, clean: string, map: table, meta: table, known: table<string, string>}
---@param id string
---@param headings table[]? of Markdown
---@return table[] articles
---@return ds.Rejected[] rejected
function M.articles(file, id, headings) return articles(file, split(file, headings), id) end

--- Reads decoded text.
---@param s string
---@param path string its name, for messages
---@param id string id of its (first) article
---@param is_markdown boolean? false: Markdown only when it has front matter or Markdown's marks
---@return table[] articles fields of documents, in order; empty when the file is rejected as a whole
---@return ds.Rejected[] rejected
function M.read(s, path, id, is_markdown)
  local from = bytes.mark(s) + 1
  local meta, body, detail = reader_markdown.front_matter(s, from)
  if detail then return {}, { rejected(path, id, body, detail) } end
  local file = { path = path, meta = meta or {}, known = fields.of_front_matter(meta or {}) }
  local headings
  if meta or is_markdown or reader_markdown.is_markdown(s, body) then
    file.clean, file.map, headings = reader_markdown.parse(s, body)
    if not file.clean then
      local place = headings -- the third result of a failure
      if place.line then place.line = place.line + select(2, s:sub(1, body - 1):gsub("\n", "")) end
      return {}, { rejected(path, id, file.map, place) }
    end
  else
    file.clean, file.map = markdown.plain(s, body)
  end
  if file.clean == "" then
    return {}, { rejected(path, id, meta and "no text after the front matter" or "nothing but white space and markup") }
  end
  return M.articles(file, id, headings)
end

return M

-- reader.lua: one file to the articles in it.
--
-- Read are plain text, Markdown with or without front matter, and digests, in UTF-8.  A file whose name ends in .md or
-- .markdown is Markdown; any other is when it has front matter or Markdown's marks.  What cannot be read, HTML
-- among it, is rejected as a whole, with the place and what to do.

local date = require "ds.date"
local headlines = require "ds.headlines"
local markdown = require "ds.c.markdown"
local reader_markdown = require "ds.reader_markdown"
local utf8c = require "ds.c.utf8"

local M = {}

--- Limits: bytes of a file and of a line, and of the start that is looked at for another encoding.
M.FILE_MAX = 1 << 30
M.LINE_MAX = 16 << 20
local SAMPLE = 4096

local BOM = "\xEF\xBB\xBF"

-- ds.Rejected {path, id, byte, line, message}: the message says what is wrong and what to do, without path and place.
local Rejected = { __name = "ds.rejected" }
function Rejected:__tostring()
  local place = self.line and (": line %d"):format(self.line) or self.byte and (": byte %d"):format(self.byte) or ""
  local name = self.path == "-" and "standard input" or self.path
  if self.message:sub(1, #name) == name then return self.message end
  return ("%s%s: %s"):format(name, place, self.message)
end

--- Makes a record of something that cannot be read; tostring() of it is one line for people.
---@param path string
---@param id string?
---@param message string
---@param place {byte: integer?, line: integer?}?
---@return ds.Rejected
function M.rejected(path, id, message, place)
  return setmetatable({ path = path, id = id, message = message, byte = place and place.byte, line = place and place.line },
    Rejected)
end

-- ------------------------------------------------------------------ bytes that are no text

local function convert(path, encoding)
  if path == "-" then return ("convert it: … | iconv -f %s -t UTF-8 | …"):format(encoding) end
  return ("convert it: iconv -f %s -t UTF-8 '%s' > NEW"):format(encoding, path)
end

-- What to do about bytes that are not UTF-8.
local function advice(s, path)
  local name, confidence = require("ds.c.encoding").detect(s)
  if confidence < 0.5 or name == "unknown" then
    if name == "UTF-8" then return "the rest of it is UTF-8: a damaged file?" end
    return "if it is GB18030 or BIG5, " .. convert(path, "GB18030")
  end
  return ("it looks like %s; %s"):format(name, convert(path, name))
end

local MARKS = { { "\xFF\xFE\0\0", "UTF-32" }, { "\0\0\xFE\xFF", "UTF-32" }, { "\xFF\xFE", "UTF-16" }, { "\xFE\xFF", "UTF-16" } }

-- UTF-16 without a mark: the NULs of its ASCII and line ends all stand on the same side.
local function looks_utf16(s)
  local sample, sides, count = s:sub(1, SAMPLE), { 0, 0 }, 0
  for at in sample:gmatch("()\0") do
    sides[at % 2 + 1] = sides[at % 2 + 1] + 1
    count = count + 1
  end
  if count == 0 or (sides[1] > 0 and sides[2] > 0) then return nil end
  if utf8c.valid(s) and count * 10 < #sample * 3 then return nil end
  return sides[1] > 0 and "UTF-16LE" or "UTF-16BE"
end

local function check_encoding(s, path)
  for _, mark in ipairs(MARKS) do
    if s:sub(1, #mark[1]) == mark[1] then
      return ("%s, not UTF-8; %s"):format(mark[2], convert(path, mark[2])), { byte = 1 }
    end
  end
  local nul = s:find("\0", 1, true)
  local wide = nul and looks_utf16(s)
  if wide then return ("%s, not UTF-8; %s"):format(wide, convert(path, wide)), { byte = nul } end
  if nul then return "a NUL byte; is this a text file?", { byte = nul } end
  local ok, bad = utf8c.valid(s)
  if ok then return nil end
  return ("not UTF-8 (byte 0x%02X); %s"):format(s:byte(bad), advice(s, path)), { byte = bad }
end

-- Where a page of HTML starts: the file opens with <!doctype html or <html.
local function html_start(s)
  local at, tag = s:sub(1, SAMPLE):lower():match("^[\xEF\xBB\xBF]*%s*()<([^<>]*)")
  return tag and (tag:find("^html%f[%A]") or tag:find("^!doctype%s+html%f[%A]")) and at or nil
end

local function check_lines(s)
  if #s <= M.LINE_MAX then return nil end
  local at, line = 1, 1
  while at <= #s do
    local stop = s:find("[\r\n]", at) or #s + 1
    if stop - at > M.LINE_MAX then
      return ("a line of %d bytes, from byte %d; more than %d is no article"):format(stop - at, at, M.LINE_MAX),
        { line = line, byte = at }
    end
    if s:byte(stop) == 13 and s:byte(stop + 1) == 10 then stop = stop + 1 end
    at, line = stop + 1, line + 1
  end
end

local function check(s, path)
  if #s > M.FILE_MAX then return ("larger than %d bytes; split it"):format(M.FILE_MAX), {} end
  if s == "" then return path == "-" and "standard input is empty" or "the file is empty", {} end
  local html = html_start(s)
  if html then return "HTML is not read yet; save the page as plain text", { byte = html } end
  local message, place = check_encoding(s, path)
  if not message then message, place = check_lines(s) end
  return message, place
end

-- ------------------------------------------------------------------ what front matter says

-- Keys by field, in the order in which they win.
local KEYS = {
  title = { "title", "标题", "標題", "题目", "題目" },
  date = { "date", "发布日期", "發布日期", "發佈日期", "日期", "发布时间", "發布時間", "发表时间", "时间", "時間", "published",
    "publish_date", "pubdate" },
  author = { "author", "authors", "作者", "文", "撰文", "撰稿", "byline" },
  source = { "source", "来源", "來源", "媒体", "媒體", "publisher", "出处", "出處" },
}

-- A value as text: a list's items joined by 、; nil for maps and empty ones.
local function plain(v)
  if type(v) == "table" then
    local items = {}
    for i, x in ipairs(v) do items[i] = type(x) ~= "table" and tostring(x) or nil end
    v = table.concat(items, "、")
  end
  v = v ~= nil and tostring(v):match("^%s*(.-)%s*$"):gsub("%s*[\r\n]+%s*", " ") or ""
  return v ~= "" and v or nil
end

local function from_meta(meta)
  local lower, known = {}, {}
  local keys = {}
  for k in pairs(meta) do keys[#keys + 1] = k end
  table.sort(keys)
  for _, k in ipairs(keys) do
    local l = k:lower()
    if lower[l] == nil or k == l then lower[l] = meta[k] end
  end
  for field, names in pairs(KEYS) do
    for _, name in ipairs(names) do known[field] = known[field] or plain(lower[name]) end
  end
  return known
end

-- ------------------------------------------------------------------ an article from a piece of clean text

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
    parts[#parts + 1] = clean:sub(a, b)
    length = length + b - a + 1
  end
  for _, c in ipairs(cut) do
    keep(at, from + c.from - 2)
    at = from + c.to + 1
  end
  keep(at, to)
  local text = table.concat(parts)
  local trimmed = text:gsub("\n$", "")
  return trimmed, segments
end

-- item: { from, to } of file.clean, number; file: what all its articles share.
local function article(file, item)
  local piece = file.clean:sub(item.from, item.to)
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
  local list, rejected = {}, {}
  for _, item in ipairs(items) do
    local a = article(file, item)
    local own = id_of(id, item.number)
    if a then
      a.id = own
      list[#list + 1] = a
    else
      rejected[#rejected + 1] = M.rejected(file.path, own,
        item.number and ("item %d of the digest has no text"):format(item.number) or "no text besides title and markup")
    end
  end
  return list, rejected
end

local function is_markdown_name(path) return path:lower():find("%.md$") ~= nil or path:lower():find("%.markdown$") ~= nil end

--- Reads the bytes of a file.
---@param s string its bytes
---@param path string its name, for messages and for its extension
---@param id string id of its (first) article
---@return table[] articles fields of documents, in order; empty when the file is rejected as a whole
---@return ds.Rejected[] rejected
function M.read(s, path, id)
  local message, bad = check(s, path)
  if message then return {}, { M.rejected(path, id, message, bad) } end
  local from = s:sub(1, #BOM) == BOM and #BOM + 1 or 1
  local meta, body, detail = reader_markdown.front_matter(s, from)
  if detail then return {}, { M.rejected(path, id, body, detail) } end
  local file = { path = path, meta = meta or {}, known = from_meta(meta or {}) }
  local headings
  if meta or is_markdown_name(path) or reader_markdown.is_markdown(s, body) then
    file.clean, file.map, headings = reader_markdown.parse(s, body)
    if not file.clean then
      local place = headings -- the third result of a failure
      if place.line then place.line = place.line + select(2, s:sub(1, body - 1):gsub("\n", "")) end
      return {}, { M.rejected(path, id, file.map, place) }
    end
  else
    file.clean, file.map = markdown.plain(s, body)
  end
  if file.clean == "" then
    return {}, { M.rejected(path, id, meta and "no text after the front matter" or "nothing but white space and markup") }
  end
  return articles(file, split(file, headings), id)
end

return M

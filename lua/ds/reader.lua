-- reader.lua: one file to the articles in it.
--
-- The name tells the format, else the first bytes do; what is compressed is decompressed, what is not UTF-8 decoded.  Plain
-- text, Markdown and HTML are read as a whole, records (JSON, CSV, CoNLL-U, VRT) one after the other.  What cannot be
-- read is rejected, with the place and what to do; the rest goes on.

local bytes = require "ds.reader_bytes"
local encoding = require "ds.c.encoding"
local formats = require "ds.formats"
local rejected = require "ds.rejected"
local source = require "ds.c.source"

local M = {}

--- Limits: bytes of a file that is read as a whole, of a page of HTML, and of a line or record.
M.FILE_MAX = 1024 * 1024 * 1024
M.HTML_MAX = 16 * 1024 * 1024
M.LINE_MAX = 16 * 1024 * 1024
local SAMPLE = 64 * 1024

M.rejected = rejected

---@class ds.Reading how files are to be read
---@field encoding string? instead of what the bytes tell
---@field format string? instead of what the name tells
---@field fields table<string, string>? field of an article, or key of its metadata, to column

---@class ds.File one file on its way
---@field path string
---@field id string
---@field src userdata
---@field opts ds.Reading
---@field compression string?
---@field encoding string? when it is not UTF-8
---@field outer userdata? leads from the decoded text to the file

-- ------------------------------------------------------------------ files read as a whole

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

local function damaged(file, message, place)
  if place and place.byte and file.compression then message = message .. " (counted in the compressed file)" end
  return message, place
end

-- The file's text, decoded; nil, message, place.
local function whole(file, most)
  local s, message, place = file.src:all(most)
  if not s then return nil, damaged(file, message, place) end
  if s == "" then return nil, file.path == "-" and "standard input is empty" or "the file is empty" end
  local text, map, name = bytes.decode(s, file.opts.encoding)
  if not text then return nil, map, name end
  file.outer, file.encoding = map, name
  return text
end

local function of_lists(list, bad)
  local i, k = 0, 0
  return function()
    i = i + 1
    if list[i] then return list[i] end
    k = k + 1
    return nil, bad[k]
  end
end

local function refuse(file, message, place) return of_lists({}, { rejected(file.path, file.id, message, place) }) end

-- Gives articles and rejected ones what belongs to the file as a whole.
local function finish(file, list, bad)
  for _, a in ipairs(list) do
    a.map = bytes.chain(a.map, file.outer)
    a.compression = file.compression
    if file.encoding and a.meta.encoding == nil then a.meta.encoding = file.encoding end
  end
  for _, e in ipairs(bad) do
    local place = bytes.place(e, file.outer)
    e.byte = place and place.byte
  end
  return of_lists(list, bad)
end

local function read_text(file, is_markdown)
  local text, message, place = whole(file, M.FILE_MAX)
  if not text then return refuse(file, message, place) end
  message, place = check_lines(text)
  if message then return refuse(file, message, bytes.place(place, file.outer)) end
  return finish(file, require("ds.reader_text").read(text, file.path, file.id, is_markdown))
end

local function read_html(file)
  local text, message, place = whole(file, M.HTML_MAX)
  if not text then return refuse(file, message, place) end
  return finish(file, require("ds.reader_html").read(text, file.path, file.id))
end

-- ------------------------------------------------------------------ records

-- Puts a source of UTF-8 into the file: the one at hand, or one of decoded text.
local function as_utf8(file)
  local head = file.src:peek(SAMPLE)
  if bytes.streams(head, file.opts.encoding) then
    file.src:skip(bytes.mark(head))
    return true
  end
  local text, message, place = whole(file, M.FILE_MAX)
  if not text then return false, message, place end
  file.src = source.of(text)
  return true
end

-- Records that look like `read` gives them: next(file) -> article | nil, message, place, fatal.
local function read_records(file, open)
  local ok, message, place = as_utf8(file)
  if not ok then return refuse(file, message, place) end
  if file.src:peek(1) == "" then
    local _, problem, where = file.src:all(M.FILE_MAX)
    if problem then return refuse(file, damaged(file, problem, where)) end
    return refuse(file, file.path == "-" and "standard input is empty" or "the file is empty")
  end
  local next_record, problem, where = open(file, M.LINE_MAX)
  if not next_record then return refuse(file, problem, where) end
  local ended, some = false, false
  return function()
    if ended then return nil end
    local a, what, at = next_record()
    if not a and not what and not some then what, at = "no article in it", { fatal = true } end
    some = true
    if a then
      a.map, a.compression, a.path = bytes.chain(a.map, file.outer), file.compression, file.path
      if file.encoding and a.meta.encoding == nil then a.meta.encoding = file.encoding end
      return a
    end
    ended = not what or at.fatal
    if ended then file.src:close() end
    if not what then return nil end
    if at.damage then what, at = damaged(file, what, at) else at = bytes.place(at, file.outer) end
    return nil, rejected(file.path, at.id or file.id, what, at)
  end
end

local READERS = {
  text = function(file) return read_text(file, false) end,
  markdown = function(file) return read_text(file, true) end,
  html = read_html,
  jsonl = function(file) return read_records(file, require("ds.reader_records").json) end,
  json = function(file) return read_records(file, require("ds.reader_records").json_anywhere) end,
  csv = function(file) return read_records(file, require("ds.reader_records").csv) end,
  tsv = function(file) return read_records(file, require("ds.reader_records").tsv) end,
  conllu = function(file) return read_records(file, require("ds.reader_tokens").conllu) end,
  vrt = function(file) return read_records(file, require("ds.reader_tokens").vrt) end,
}

local function format_of(file)
  if file.opts.format then return file.opts.format end
  local format = formats.of_name(file.path)
  if format and format ~= "text" and format ~= "markdown" then return format end
  local head = file.src:peek(formats.HEAD)
  if format then return formats.is_html(head) and "html" or format end
  if head:find("\0", 1, true) and not file.opts.encoding then return "text" end
  return formats.of_content(head) or "text"
end

--- Reads a file.
---@param path string "-" is standard input
---@param id string id of its first article, unless a record has its own
---@param content string? its bytes, when they are at hand
---@param opts ds.Reading?
---@return fun(): table?, ds.Rejected? next fields of a document; or nil and what was rejected; nil alone is the end
function M.open(path, id, content, opts)
  local src, message
  if content then src = source.of(content) else src, message = source.open(path) end
  local file = { path = path, id = id, src = src, opts = opts or {} }
  if not src then return refuse(file, message) end
  file.compression = src:compression()
  local foreign = formats.foreign(src:peek(16))
  if foreign and not file.opts.format then return refuse(file, foreign) end
  return READERS[format_of(file)](file)
end

--- Reads one record of JSON lines in UTF-8.
---@param path string
---@param id string
---@param byte integer where it starts, as `byte` of an article tells
---@param content string?
---@param opts ds.Reading?
---@return table? fields nil: the file has changed
function M.record(path, id, byte, content, opts)
  local src = content and source.of(content) or source.open(path)
  if not src or src:compression() or not src:seek(byte) then return nil end
  local file = { path = path, id = id, src = src, opts = opts or {} }
  local a = require("ds.reader_records").json(file, M.LINE_MAX)()
  if a then a.path, a.id = path, id end
  src:close()
  return a
end

--- Reads the bytes of a file, all at once.
---@param s string its bytes
---@param path string its name, for messages and for its extension
---@param id string id of its (first) article
---@param opts ds.Reading?
---@return table[] articles fields of documents, in order; empty when the file is rejected as a whole
---@return ds.Rejected[] rejected
function M.read(s, path, id, opts)
  local list, bad = {}, {}
  local read = M.open(path, id, s, opts)
  while true do
    local a, e = read()
    if a then list[#list + 1] = a
    elseif e then bad[#bad + 1] = e
    else return list, bad end
  end
end

--- What is wrong with reading options, or nil.
---@param opts ds.Reading
---@return string?
function M.problem(opts)
  if opts.format then
    for _, name in ipairs(formats.NAMES) do
      if name == opts.format then goto known end
    end
    do return ("unknown format '%s'; there are %s"):format(opts.format, table.concat(formats.NAMES, ", ")) end
    ::known::
  end
  if opts.encoding then
    local text, message, byte = encoding.decode("", opts.encoding)
    if not text and not byte then return message end
  end
end

return M

-- chunks.lua: a file of JSON lines in pieces, so that several workers can read it.
--
-- Only the main state reads; it looks for line ends and for nothing else.  A piece knows where it begins, so that ids of
-- records without one, and the places in messages, are those of the whole file.
local bytes = require "ds.reader_bytes"
local formats = require "ds.formats"
local json = require "ds.c.json"
local source = require "ds.c.source"
local worker_c = require "ds.c.worker"

local chunks = {}

local SAMPLE <const> = 64 * 1024 -- bytes by which the reader, too, tells the encoding
local PIECE <const> = 1024 * 1024 -- of a file; smaller files are one piece of work
local LONGEST <const> = 64 * 1024 * 1024 -- a piece without a line end: the file is left to the reader

-- A source at the first record of JSON lines in UTF-8, and how many bytes stand before it; nil for any other file.
local function open(item, content, reading)
  local src = content and source.of(content) or source.open(item.path)
  if not src or src:compression() then return nil end
  local head = src:peek(SAMPLE)
  local format = reading.format or formats.of_name(item.path)
  if not format and not head:find("\0", 1, true) then format = formats.of_content(head:sub(1, formats.HEAD)) end
  if format ~= "jsonl" or #head < SAMPLE or formats.foreign(head) or not bytes.streams(head, reading.encoding) then
    src:close()
    return nil
  end
  src:skip(bytes.mark(head))
  return src, bytes.mark(head)
end

-- Whether a source begins with a JSON object in a line of its own.
local function is_sure(src)
  local line = src:peek(PIECE):match("^%s*([^\n]*)\n")
  local ok, value = pcall(json.decode, line or "")
  return ok and type(value) == "table"
end

-- Skips to behind the next line end.
local function skip_line(src)
  while true do
    local s = src:peek(PIECE)
    local stop = s:find("\n", 1, true)
    src:skip(stop or #s)
    if stop or #s < PIECE then return end
  end
end

-- The next lines of a source, PIECE bytes or a little less; nil at the end; false when one line is longer than LONGEST.
local function next_piece(src)
  local n = PIECE
  while n <= LONGEST do
    local s = src:lines(n)
    if s == "" then return nil end
    if s then return s end
    n = n * 2
  end
  return false
end

--- Iterates the pieces of a file, as items for corpus.feed; `false` means that the file must be read as a whole.
---@param item table of a corpus
---@param content string? its bytes, when they are at hand
---@param reading ds.Reading
---@param for_good boolean? what was read of a piece cannot be taken back: only a file that is one of JSON lines at once, and a
---  line that is too long is a piece of its own, for the reader to refuse
---@return (fun(): table|false|nil)? next nil: no file to be read in pieces
function chunks.open(item, content, reading, for_good)
  local src, byte = open(item, content, reading)
  if src and for_good and not is_sure(src) then
    src:close()
    return nil
  end
  if not src then return nil end
  local line, number, first = 0, 0, true
  return function()
    while true do
      local s = next_piece(src)
      local too_long = s == false and for_good
      if too_long then s = src:peek(LONGEST) end
      if not s then
        src:close()
        return s
      end
      local lines, records = worker_c.count_lines(s)
      local piece = { path = item.path, id = item.id, bytes = s,
        start = { byte = byte, line = line, number = number, first = first } }
      byte, line, number, first = byte + #s, line + lines, number + records, false
      piece.records, piece.order = records, item.order
      if too_long then skip_line(src) end
      if records > 0 then return piece end
    end
  end
end

-- ------------------------------------------------------------------ in the reader of a piece

local Shifted = { __name = "ds.sourcemap.shifted" }
Shifted.__index = Shifted
function Shifted:pieces(from, to)
  local list = self.inner:pieces(from, to)
  for _, p in ipairs(list) do p[1], p[2] = p[1] + self.by, p[2] + self.by end
  return list
end

--- Turns places in a piece into places in the file.
---@param start {byte: integer, line: integer}
---@param article table? fields
---@param rejected ds.Rejected?
function chunks.shift(start, article, rejected)
  if article then
    article.map = article.map and setmetatable({ inner = article.map, by = start.byte }, Shifted)
    article.byte = article.byte and article.byte + start.byte
  end
  if rejected then
    rejected.byte = rejected.byte and rejected.byte + start.byte
    rejected.line = rejected.line and rejected.line + start.line
  end
end

return chunks

-- reader_bytes.lua: from the bytes of a file to UTF-8, and the way back.
--
-- UTF-8 is taken as it is.  Other bytes are decoded when the encoding is told, or found out with some confidence;
-- doc.meta.encoding names it then.  Bytes that cannot be decoded refuse the file, with their place.

local encoding = require "ds.c.encoding"
local utf8c = require "ds.c.utf8"

local M = {}

local BOM = "\xEF\xBB\xBF"
local SURE = 0.5

--- A map that goes through another one: clean text to decoded text to the bytes of the file.
local Chain = { __name = "ds.sourcemap.chain" }
Chain.__index = Chain
function Chain:pieces(from, to)
  local out = {}
  for _, p in ipairs(self.inner:pieces(from, to)) do
    for _, q in ipairs(self.outer:pieces(p[1], p[2])) do out[#out + 1] = q end
  end
  return out
end

---@param inner table has pieces(from, to)
---@param outer table? nil: there is nothing to go through
---@return table map
function M.chain(inner, outer)
  return outer and setmetatable({ inner = inner, outer = outer }, Chain) or inner
end

--- A place in the decoded text as one in the file.
---@param place {byte: integer?, line: integer?}?
---@param outer userdata?
---@return table?
function M.place(place, outer)
  if not place or not outer or not place.byte then return place end
  local at = math.min(place.byte, #outer)
  return { line = place.line, byte = at >= 1 and outer:origin(at, at) or 1 }
end

-- Message and place when bytes cannot be decoded.
local function refuse(s, bad, name, sure)
  local nul = s:find("\0", 1, true)
  if nul and (name == "unknown" or name == "UTF-8" or name == "US-ASCII") then
    return nil, "a NUL byte; is this a text file?", { byte = nul }
  end
  local what = ("not UTF-8 (byte 0x%02X); "):format(s:byte(bad))
  if name == "UTF-8" then return nil, what .. "the rest of it is UTF-8: a damaged file?", { byte = bad } end
  if name == "unknown" or sure < SURE then
    return nil, what .. "if you know its encoding, name it: --encoding GB18030", { byte = bad }
  end
  return nil, what .. "it looks like " .. name .. ", but is damaged", { byte = bad }
end

local function decode(s, name, guessed)
  local text, map, byte = encoding.decode_mapped(s, name)
  if text then return text, map, name end
  if not byte then return nil, map end -- an encoding that is not known
  local what = guessed and ("it looks like %s, but %s"):format(name, map) or ("as %s: %s"):format(name, map)
  return nil, what, { byte = byte }
end

local function is_utf8_name(name) return name:lower():gsub("[%-_]", "") == "utf8" end

--- Decodes a whole file.
---@param s string
---@param told string? the encoding, when the user names one
---@return string? text still with a byte order mark when it is UTF-8; nil when it cannot be decoded
---@return userdata|string|nil map leads from `text` to `s`, nil when they are the same; or a message
---@return string|table|nil encoding nil when it is UTF-8; or the place {byte=}
function M.decode(s, told)
  if told and not is_utf8_name(told) then return decode(s, told, false) end
  local valid, bad = utf8c.valid(s)
  local nul = s:find("\0", 1, true)
  if valid and not nul then return s end
  if told then return refuse(s, bad or nul, "UTF-8", 1) end
  local name, sure = encoding.detect(s)
  if sure < SURE or name == "unknown" or name == "UTF-8" or name == "US-ASCII" then return refuse(s, bad or nul, name, sure) end
  return decode(s, name, true)
end

--- Whether a file can be read piece by piece: its start is UTF-8, but for a character that the end of `head` cuts.
---@param head string
---@param told string?
---@return boolean
function M.streams(head, told)
  if told then return is_utf8_name(told) end
  local valid, bad = utf8c.valid(head)
  return (valid or bad > #head - 4) and not head:find("\0", 1, true)
end

--- Bytes of the mark at the start.
---@param s string
---@return integer
function M.mark(s) return s:sub(1, #BOM) == BOM and #BOM or 0 end

return M

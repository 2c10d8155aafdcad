-- page_text.lua: texts of articles in an HTML page: whatever they hold stays text.
--
-- Ill-formed UTF-8 becomes U+FFFD, and so does what HTML cannot hold: control characters but \t and \n, and the 66
-- noncharacters.  Marks of writing direction (U+202E …) stay; the style sheet isolates every text from its surroundings.
local c = require "ds.c.json"

local text = {}

local ENTITIES <const> = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }
local REPLACEMENT <const> = "\u{FFFD}"

-- U+FDD0 … U+FDEF, U+nFFFE and U+nFFFF.
local function without_noncharacters(s)
  if s:find("\xEF\xB7", 1, true) then s = s:gsub("\xEF\xB7[\x90-\xAF]", REPLACEMENT) end
  if s:find("[\xBE\xBF]", 1) then
    s = s:gsub("\xEF\xBF[\xBE\xBF]", REPLACEMENT):gsub("[\xF0-\xF4][\x80-\xBF]\xBF[\xBE\xBF]", function(ch)
      return utf8.codepoint(ch) & 0xFFFE == 0xFFFE and REPLACEMENT or ch
    end)
  end
  return s
end

--- A string as text that HTML can hold; lines end in \n.
---@param s string
---@return string
function text.clean(s)
  s = c.clean(s)
  if s:find("[\0-\8\11-\31\127]") then
    s = s:gsub("\r\n?", "\n"):gsub("[\0-\8\11\12\14-\31\127]", REPLACEMENT)
  end
  if s:find("\xC2[\x80-\x9F]") then s = s:gsub("\xC2[\x80-\x9F]", REPLACEMENT) end
  return without_noncharacters(s)
end

--- Whether a string is as clean would make it, and has one unit of UTF-16 for each character; false when in doubt.
---@param s string
---@return boolean
function text.is_simple(s)
  return not s:find("[\0-\8\11-\31\127\xF0-\xF4]") and not s:find("\xC2[\x80-\x9F]") and not s:find("\xEF[\xB7\xBF]") and utf8.len(s) ~= nil
end

--- The same, as it is written between tags and in quoted attributes.
---@param s any
---@return string
function text.escape(s) return (text.clean(tostring(s)):gsub("[&<>\"']", ENTITIES)) end

local JSON_ESCAPES <const> = { ["<"] = "\\u003C", [">"] = "\\u003E", ["&"] = "\\u0026" }

--- A value as JSON in a script element, which nothing in it can end.
---@param v any
---@return string
function text.json(v)
  if type(v) == "string" then v = text.clean(v) end
  return (c.encode(v):gsub("[<>&]", JSON_ESCAPES))
end

--- Units of UTF-16, in which scripts count.
---@param s string well-formed
---@return integer
function text.units(s)
  local _, beyond = s:gsub("[\xF0-\xF4]", "")
  return utf8.len(s) + beyond
end

--- The nearest beginning of a character at or before a byte.
---@param s string
---@param at integer
---@return integer
function text.boundary(s, at)
  local stop = math.max(1, at - 3)
  while at > stop and (s:byte(at) or 0) & 0xC0 == 0x80 do at = at - 1 end
  return at
end

--- The beginning of a text, of at most so many bytes, and how many characters are left out.
---@param s string
---@param bytes integer
---@return string
---@return integer? left
function text.cut(s, bytes)
  if #s <= bytes then return s end
  local at = text.boundary(s, bytes + 1)
  return s:sub(1, at - 1), utf8.len(c.clean(s:sub(at)))
end

--- A number as text with its thousands apart, from 10,000 on.
---@param s string
---@return string
function text.group(s)
  local sign, digits, rest = s:match("^(%-?)(%d+)(.*)$")
  if not digits or #digits < 5 or rest:find("e", 1, true) then return s end
  return sign .. digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "") .. rest
end

local BASE64 <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Bytes in base64 (RFC 4648), of which there are few.
---@param s string
---@return string
function text.base64(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, d = s:byte(i, i + 2)
    local bits = a << 16 | (b or 0) << 8 | (d or 0)
    for k = 0, 3 do
      local at = (bits >> (18 - 6 * k) & 63) + 1
      out[#out + 1] = (k == 2 and not b or k == 3 and not d) and "=" or BASE64:sub(at, at)
    end
  end
  return table.concat(out)
end

return text

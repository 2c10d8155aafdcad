-- reader_markdown.lua: Markdown with YAML front matter, and digests.
--
-- Front matter is what stands between a first line "---" and the next line "---" or "...", when its first line that is
-- neither empty nor a comment begins with a key ("title: …").  A first line "---" without such a key is a rule.
--
-- A digest holds several articles.  It is recognised by its headings: at least two of the same level whose text is
-- nothing but a number, counting 1, 2, 3 … (also 一, 二, 三; "1." and "No. 1" count), with no text before the
-- first one but head lines and one heading, which may be the date.  Numbers with a leading zero (01, 02) are the
-- chapters of a single article, as features have them.

local headlines = require "ds.headlines"
local date = require "ds.date"
local markdown = require "ds.c.markdown"
local yaml = require "ds.c.yaml"

local M = {}

--- Front matter longer than this is refused.
M.FRONT_MATTER_MAX = 1024 * 1024 -- bytes

-- Start of the line after the one that begins at `at`, and the line without its break.
local function line_at(s, at)
  local stop = s:find("[\r\n]", at) or #s + 1
  local next_at = stop + (s:sub(stop, stop + 1) == "\r\n" and 2 or 1)
  return next_at, s:sub(at, stop - 1)
end

local function is_key(line) return line:find("^[^%s#:\"'][^:]*:%s") or line:find("^[^%s#:\"'][^:]*:$") or line:find("^[\"'][^\"']+[\"']%s*:") end

-- Where the front matter's lines and the body start; nil when there is none; nil, message when it has no end.
local function find_front_matter(s, from)
  local at, line = line_at(s, from)
  if not line:find("^%-%-%-%s*$") then return nil end
  local first, keyed = at, nil
  while at <= #s and at - first <= M.FRONT_MATTER_MAX do
    local next_at
    next_at, line = line_at(s, at)
    if line:find("^%-%-%-%s*$") or line:find("^%.%.%.%s*$") then
      if keyed == nil and line:find("^%-") then keyed = true end -- empty front matter
      if keyed then return { from = first, to = at - 1, body = next_at } end
      return nil
    end
    if keyed == nil and line:find("%S") and not line:find("^%s*#") then keyed = is_key(line) ~= nil end
    if keyed == false then return nil end
    at = next_at
  end
  if not keyed then return nil end
  return nil, at <= #s and ("front matter is longer than %d bytes"):format(M.FRONT_MATTER_MAX)
    or "front matter has no end: a line --- is missing"
end

--- Reads front matter.
---@param s string the file
---@param from integer byte where its text starts, behind a byte order mark
---@return table? meta nil when there is none
---@return integer|string body byte where the body starts; or, with nil and a detail, a message
---@return {line: integer, byte: integer?}? detail
function M.front_matter(s, from)
  local fm, unended = find_front_matter(s, from)
  if unended then return nil, unended, { line = 1 } end
  if not fm then return nil, from end
  local meta, message, detail = yaml.parse(s, fm.from, fm.to)
  if message then
    return nil, "front matter: " .. message, { line = (detail.line or 1) + 1, byte = detail.byte }
  end
  if meta == nil then meta = {} end
  if type(meta) ~= "table" or meta[1] ~= nil then
    return nil, "front matter: must be a map of keys and values", { line = 2 }
  end
  return meta, fm.body
end

-- Whether `pattern`, which begins with ^, holds anywhere where `mark` stands, at `shift` bytes from its start.
local function holds_at(s, from, mark, shift, pattern)
  local at = s:find(mark, from, true)
  while at do
    if s:find(pattern, at + shift) then return true end
    at = s:find(mark, at + 1, true)
  end
  return false
end

local function holds_at_line(s, from, mark, pattern)
  return s:find(pattern, from) ~= nil or holds_at(s, from, "\n" .. mark, 1, pattern) or holds_at(s, from, "\r" .. mark, 1, pattern)
end

--- True when text has marks that are Markdown's and hardly anything else's: a heading "# …", an image, a link with an
--- address, a pair of ** around text, a code fence.
---@param s string
---@param from integer byte where its text starts
---@return boolean
function M.is_markdown(s, from)
  return holds_at_line(s, from, "#", "^#+[ \t]+%S") or holds_at_line(s, from, "```", "^```")
    or holds_at(s, from, "](", 0, "^%]%([^%s)]*[/.][^%s)]*%)")
    or holds_at(s, from, "**", 0, "^%*%*[^%s*][^*\r\n]*%*%*")
end

-- ------------------------------------------------------------------ digests

local HAN = { ["一"] = 1, ["二"] = 2, ["三"] = 3, ["四"] = 4, ["五"] = 5, ["六"] = 6, ["七"] = 7, ["八"] = 8, ["九"] = 9 }

-- 一 … 九十九.
local function from_han(s)
  local tens, ones = s:match("^(.-)十(.*)$")
  if not tens then return HAN[s] end
  local t, o = tens == "" and 1 or HAN[tens], ones == "" and 0 or HAN[ones]
  return t and o and t * 10 + o
end

local function item_number(title)
  local s = title:gsub("^[Nn][Oo]%.?%s*", ""):gsub("^%s*第", "")
  for _, tail in ipairs { ".", "、", "．", "条", "條", "则", "則" } do
    if s:sub(-#tail) == tail then s = s:sub(1, -#tail - 1) break end
  end
  if #s <= 6 and s:find("^[1-9]%d*$") then return tonumber(s) end
  return from_han(s)
end

-- The headings that number the items, or nil.
local function find_items(text, headings)
  local items, level = {}, nil
  for _, h in ipairs(headings) do
    local n = item_number(text:sub(h.from, h.to))
    if n == #items + 1 and (not level or h.level == level) then
      items[n], level = h, h.level
    elseif n and level == h.level then
      return nil
    end
  end
  return #items >= 2 and items or nil
end

-- What stands before the first item: nil when it is text.
local function digest_head(text, headings, items)
  local head, seen = {}, nil
  for line, from in text:sub(1, items[1].from - 1):gmatch("([^\n]+)()") do
    local heading
    for _, h in ipairs(headings) do heading = heading or h.to == from - 1 and h end
    local fields = headlines.fields(line)
    if heading and not seen then
      seen = line
      head.date = head.date or date.parse(line)
      if not headlines.bare_date(line) then head.title = line end
    elseif fields then
      for _, f in ipairs(fields) do head[f.field] = head[f.field] or f.value end
    else
      return nil
    end
  end
  return head
end

--- The items of a digest.
---@param text string clean text
---@param headings {level: integer, from: integer, to: integer}[]
---@return {from: integer, to: integer}[]? items ranges of `text`, empty ones included; nil: it is no digest
---@return table? head date, title, source … of the digest
function M.digest(text, headings)
  local items = find_items(text, headings)
  local head = items and digest_head(text, headings, items)
  if not items or not head then return nil end
  local ranges = {}
  for i, h in ipairs(items) do
    ranges[i] = { from = h.to + 2, to = items[i + 1] and items[i + 1].from - 2 or #text }
  end
  return ranges, head
end

--- The heading that is the article's title: the first of level 1 near the top, or one of any level that comes first.
---@param text string
---@param headings {level: integer, from: integer, to: integer}[]
---@return string? title
function M.title(text, headings)
  if #headings == 0 then return nil end
  local near = 1
  for _ = 1, headlines.ZONE_LINES do near = (text:find("\n", near, true) or #text) + 1 end
  for _, h in ipairs(headings) do
    if h.from < near and (h.level == 1 or h.from == 1) then return text:sub(h.from, h.to) end
  end
end

--- Clean text of Markdown.
---@param s string the file
---@param from integer byte where the body starts
---@return string? text
---@return userdata|string map or message
---@return table headings or detail
function M.parse(s, from) return markdown.parse(s, from, -1) end

return M

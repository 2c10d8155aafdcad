-- spelling.lua: whether two names are one name written in two ways, by how their characters are read.
--
-- Names that sound alike are not always one: these functions say that two names may be one; whoever merges them asks
-- for more (lua/ds/entity_merge.lua).  Readings are those of Unihan's kMandarin, without tones.

local utf8c = require "ds.c.utf8"

local M = {}

local CHAR = "[\194-\244][\128-\191]*"

local readings

local function load_readings()
  readings = {}
  for syllable, chars in require("ds.readings"):gmatch("(%l+) ([^\n]+)") do
    for c in chars:gmatch(CHAR) do readings[c] = readings[c] or syllable end
  end
end

--- The reading of a character without its tone, of several the customary one: 锋 "feng", 鋒 too; nil when it is unknown.
---@param char string one character
---@return string?
function M.reading(char)
  if not readings then load_readings() end
  return readings[char] or readings[(utf8c.fold(char, { variant = true }))]
end

local function chars_of(name)
  local list = {}
  for c in name:gmatch(CHAR) do list[#list + 1] = c end
  return list
end

--- Two Chinese names of which one may be a misspelling of the other: the family name is the same, every character is read
--- alike, one is written otherwise (梁文锋, 梁文峰).
---@param a string in Simplified characters
---@param b string
---@return boolean
function M.same_chinese(a, b)
  local x, y = chars_of(a), chars_of(b)
  if #x ~= #y or #x < 3 or x[1] ~= y[1] then return false end
  local differ = 0
  for i = 2, #x do
    if x[i] ~= y[i] then
      local r = M.reading(x[i])
      if not r or r ~= M.reading(y[i]) then return false end
      differ = differ + 1
    end
  end
  return differ == 1
end

-- Initials that transcriptions mix.
local INITIAL = { zh = "z", ch = "c", sh = "s", x = "s", r = "l", y = "", v = "w" }

-- A syllable as its consonants: “man” mn, “ze” z; 尔, which stands for an l or r that is hardly heard, is nothing.
local function consonants(syllable)
  if syllable == "er" then return "" end
  local initial = syllable:match("^[zcs]h") or syllable:match("^[^aeiouv]") or ""
  local coda = syllable:find("n", #initial + 1, true) and "n" or ""
  return (INITIAL[initial] or initial) .. coda
end

--- The consonants of a transliterated name, by which spellings of one name agree: 奥特曼, 奥尔特曼, 阿尔特曼 are all "-tmn" (a
--- dash for a vowel at the beginning).  nil when a character is unknown.
---@param name string in either script, no dots
---@return string?
function M.skeleton(name)
  local out = {}
  for i, c in ipairs(chars_of(name)) do
    local r = M.reading(c)
    if not r then return nil end
    local s = consonants(r)
    if i == 1 and (s == "" or s == "n") then s = "-" .. s end
    out[i] = s
  end
  return table.concat(out)
end

--- Two transliterations that may be of one name: consonants agree, and there are enough of them.
---@param a string
---@param b string
---@return boolean
function M.same_transliteration(a, b)
  local x = M.skeleton(a)
  return x ~= nil and #x >= 3 and x == M.skeleton(b)
end

return M

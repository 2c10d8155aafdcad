-- stance_features.lua: what a model of stance sees in a text and a target; core/linear.h says how it learns from it.

local linear = require "ds.c.linear"

local M = {}

M.VERSION = 1 -- of the features: a change means that models have to be trained again
-- Groups of features, and how much each weighs.
M.groups = { [0] = "target", "text", "near", "sentence", "words", "rules" }
local TARGET, TEXT, NEAR, SENTENCE, WORDS, RULES = 0, 1, 2, 3, 4, 5
M.scales = { 0.8, 1.2, 0.8, 1.0, 1.6, -0.15 }
M.TARGET_ONLY = 1

local REACH = 12 -- characters on either side of the target

local function bucket(x, most)
  local n = math.floor(x + 0.5)
  return math.max(-most, math.min(most, n))
end

-- How far a sentiment word is from the target, and on which side.
local function position(at, from, to)
  if not at then return "?" end
  local off = from > at.to and from - at.to - 1 or to < at.from and at.from - to - 1 or -1
  if off < 0 then return "=" end
  return (from > at.to and ">" or "<") .. (off < 9 and 0 or off < 24 and 1 or off < 60 and 2 or 3)
end

local function name(bag, key, value) bag:name(RULES, key, value) end

-- What the rules found, and how the text is made.
local function add_rules(bag, record, at, named, text)
  name(bag, "label:" .. record.label, 2)
  name(bag, "score:" .. bucket(record.score * 5, 5), 1)
  name(bag, "place:" .. (at and (named and "named" or "part") or "none"), 1)
  name(bag, "voice:" .. (record.voice == "author" and "author" or "other"), 1)
  for _, c in ipairs(record.cues) do
    local sign = c.weight > 0 and "+" or "-"
    local rule = c.rule:match("^[^,]*")
    bag:name(RULES, "cue:" .. rule .. sign, 1, c.from, c.to)
    bag:name(RULES, "far:" .. position(at, c.from, c.to) .. sign, 1, c.from, c.to)
    bag:name(RULES, "sum" .. sign, math.abs(c.weight), c.from, c.to)
    if rule ~= c.rule then bag:name(RULES, "why:" .. c.rule:sub(#rule + 1) .. sign, 1, c.from, c.to) end
  end
  local last = text:match("[%z\1-\127\194-\244][\128-\191]*$") or ""
  name(bag, "end:" .. last, 1)
  name(bag, "length:" .. bucket(math.log(#text, 2), 16), 1)
end

---@return table bag for M.fill
function M.bag() return linear.bag() end

--- Puts the features of a text and a target into a bag.
---@param bag table
---@param text string
---@param target string as it is called
---@param seen {record: table, at: table?, named: boolean, sentence: {from: integer, to: integer}?}
---@param segmenter ds.segmenter
function M.fill(bag, text, target, seen, segmenter)
  bag:reset()
  bag:chars(TARGET, target, 1, #target, 1, 4)
  bag:chars(TEXT, text, 1, #text, 2, 3)
  bag:words(WORDS, text, segmenter)
  local at, s = seen.at, seen.sentence
  if at then bag:around(NEAR, text, at.from, at.to, REACH, 3) end
  if s then bag:chars(SENTENCE, text, s.from, s.to, 1, 3) end
  add_rules(bag, seen.record, at, seen.named, text)
  bag:close(M.scales)
end

return M

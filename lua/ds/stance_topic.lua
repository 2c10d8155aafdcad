-- stance_topic.lua: a whole text toward a target that it may not even name: a post about 换届选举, judged on 放开政策.  Where
-- the rules of stance_rules.lua see no word fall on the target, words near it count, the less the further off.

local rules = require "ds.stance_rules"
local utf8c = require "ds.c.utf8"

local M = {}

-- What a word is worth for a target in its clause, in the clause beside it, in its sentence, in its text.
local SAME, BESIDE, SENTENCE, TEXT = 0.8, 0.5, 0.3, 0.15
local OWN = 1.2 -- a word inside the target: 就医难, 职场歧视
local ALIKE = 2 -- characters in a row that name a target in part

local function chars_of(s)
  local list = {}
  for _, c in utf8.codes(s, true) do list[#list + 1] = utf8.char(c) end
  return list
end

--- Where a text comes nearest to a target that it does not name: the longest string of two characters and more that both
--- have.
---@param text string
---@param target string
---@return integer? from byte
---@return integer? to
function M.place(text, target)
  local chars = chars_of(utf8c.fold(target, { variant = true }))
  local folded, map = utf8c.fold(text)
  for n = #chars - 1, ALIKE, -1 do
    for i = 1, #chars - n + 1 do
      local from, to = folded:find(table.concat(chars, "", i, i + n - 1), 1, true)
      if from then return map:origin(from, to) end
    end
  end
end

local function closeness(m, sentence, at)
  if not at then return TEXT end
  if at.sentence ~= sentence then return TEXT end
  local off = math.abs(m.clause - at.clause)
  return off == 0 and SAME or off == 1 and BESIDE or SENTENCE
end

--- What the target's own words say; the target being the longest mark of its name, they are looked for inside it.
local function own_cues(scanner, at, add)
  local name = scanner.names[1]
  local hits, last = scanner.lexis.finder:find(name, scanner.of_target), 0
  for i = 1, #hits, 5 do
    local from, to, term = hits[i], hits[i + 1], hits[i + 2]
    for _, r in ipairs(term > 0 and from > last and to - from >= 5 and scanner.lexis.readings[term] or {}) do
      if r.sentiment then
        add({ from = at and at.from, to = at and at.to, cue = name:sub(from, to), weight = r.sentiment.weight * OWN,
              rule = "in the name" })
        last = to
      end
    end
  end
end

--- Cues by nearness.
---@param scanner ds.stance.scanner
---@param sentences {text: string, from: integer, marks: table[], clauses: integer[]}[]
---@param at {from: integer, to: integer, sentence: integer, clause: integer}? where the target is
---@param taken table<integer, boolean> bytes of the text where cues of the rules begin
---@return ds.stance.cue[] cues places in the text
function M.cues(scanner, sentences, at, taken)
  local cues = {}
  local function add(cue) cues[#cues + 1] = cue end
  own_cues(scanner, at, add)
  for n, s in ipairs(sentences) do
    for i, m in ipairs(s.marks) do
      local from = s.from + m.from - 1
      if m.sentiment and not taken[from] and not (at and from >= at.from and from <= at.to) then
        local factor, why = rules.assertion(s.text, s.marks, i)
        local rule = "near"
        if #why > 0 then rule = rule .. ", " .. table.concat(why, ", ") end
        add({ from = from, to = s.from + m.to - 1, cue = m.word, rule = rule,
              weight = m.sentiment.weight * factor * closeness(m, n, at) })
      end
    end
  end
  return cues
end

return M

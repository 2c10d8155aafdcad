-- stance_voice.lua: whose words are these?  Stretches of a sentence that somebody says: quotations with their
-- speaker, and what follows a reporting verb.  Everything else is the author's.

local M = {}

---@class ds.stance.speech
---@field from integer byte in the sentence, from 1
---@field to integer
---@field who string? the speaker; nil when nobody is named
---@field target boolean the target speaks
---@field verb ds.stance.mark? the reporting verb
---@field quoted boolean

local SAYS = { say = true, claim = true, ask = true }
local NEAR = 12        -- bytes that may stand between a verb and its quotation: ：, 道，
local SHORT = 36       -- bytes of a quotation that is a mere catchword, unless a verb introduces it
local FINAL = { "。", "！", "？", "!", "?", "，" }

--- The nearest mark of a person or body before byte `pos`: in the same clause, or else the subject (the first name) of
--- an earlier one.
---@param marks ds.stance.mark[]
---@param pos integer
---@param clause integer
---@return ds.stance.mark?
function M.subject_before(marks, pos, clause)
  local near, first, first_clause
  for _, m in ipairs(marks) do
    if m.from >= pos then break end
    if m.who then
      if m.clause == clause then
        near = m
      elseif m.clause ~= first_clause then
        first, first_clause = m, m.clause
      end
    end
  end
  return near or first
end

--- The reporting verb that introduces a quotation opened at `pos`.
local function verb_before(marks, pos)
  local found
  for _, m in ipairs(marks) do
    if m.to >= pos then break end
    if m.verb and pos - m.to <= NEAR then found = m end
  end
  return found
end

--- “…”，X 说: the speaker who follows a quotation closed at `pos`.
local function speaker_after(marks, pos)
  local who
  for _, m in ipairs(marks) do
    if m.from > pos then
      if m.who and m.from - pos <= 30 then who = who or m end
      if m.verb and who and m.from >= who.to and m.from - who.to <= 24 then return who, m end
      if m.from - pos > 60 then return end
    end
  end
end

local function looks_spoken(s, q)
  local inner = s:sub(q.inner_from, q.inner_to)
  if #inner > SHORT then return true end
  for _, mark in ipairs(FINAL) do
    if inner:find(mark, 1, true) then return true end
  end
  return false
end

--- Speaker of one quotation, or nil for a catchword, a title, a scare quote.
---@param s string the sentence
---@param marks ds.stance.mark[]
---@param q {from: integer, to: integer, inner_from: integer, inner_to: integer} in the sentence
---@return ds.stance.speech?
function M.speaker(s, marks, q)
  local verb = verb_before(marks, q.from)
  local who
  if verb then
    who = M.subject_before(marks, verb.from, verb.clause)
  elseif looks_spoken(s, q) then
    who, verb = speaker_after(marks, q.to)
  else
    return nil
  end
  if not verb and #s:sub(q.inner_from, q.inner_to) <= SHORT * 2 then return nil end
  return { from = q.inner_from, to = q.inner_to, who = who and who.who, target = who ~= nil and who.target == true,
           verb = verb, quoted = true }
end

local function inside(list, pos)
  for _, x in ipairs(list) do
    if pos >= x.from and pos <= x.to then return x end
  end
end

--- What follows a reporting verb outside quotation marks, to the end of the sentence.
local function indirect(s, marks, quotes, out)
  for _, m in ipairs(marks) do
    local kind = m.verb and m.verb.kind
    if kind and SAYS[kind] and not inside(quotes, m.from) then
      local who = M.subject_before(marks, m.from, m.clause)
      local follows = s:sub(m.to + 1, m.to + 3)
      if who and follows ~= "的" and follows ~= "" and m.to + 6 < #s then
        out[#out + 1] = { from = m.to + 1, to = #s, who = who.who, target = who.target == true, verb = m, quoted = false }
      end
    end
  end
end

--- 在X看来，…: X's view, to the end of the sentence.
local function views(s, marks, quotes, out)
  local at = 1
  while true do
    local from, to = s:find("看来", at, true)
    if not from then from, to = s:find("看來", at, true) end
    if not from then return end
    local who
    for _, m in ipairs(marks) do
      if m.who and m.to < from and from - m.to <= 4 then who = m end
    end
    local lead = who and s:sub(math.max(1, who.from - 60), who.from - 1)
    if who and lead:find("在", 1, true) and not inside(quotes, from) then
      out[#out + 1] = { from = to + 1, to = #s, who = who.who, target = who.target == true, quoted = false }
    end
    at = to + 1
  end
end

--- All speech in a sentence.  `quotes` lie in the sentence; `carried` is the speech of a quotation that began earlier.
---@param s string
---@param marks ds.stance.mark[]
---@param quotes {from: integer, to: integer, inner_from: integer, inner_to: integer}[]
---@param carried ds.stance.speech?
---@return ds.stance.speech[]
function M.speeches(s, marks, quotes, carried)
  local out = {}
  if carried then out[1] = carried end
  for _, q in ipairs(quotes) do
    out[#out + 1] = M.speaker(s, marks, q)
  end
  indirect(s, marks, quotes, out)
  views(s, marks, quotes, out)
  return out
end

--- The innermost speech at byte `pos`: quotations go before indirect speech, later beginnings before earlier ones.
---@param speeches ds.stance.speech[]
---@param pos integer
---@return ds.stance.speech?
function M.at(speeches, pos)
  local best
  for _, sp in ipairs(speeches) do
    if pos >= sp.from and pos <= sp.to then
      local better = not best or (sp.quoted and not best.quoted) or (sp.quoted == best.quoted and sp.from > best.from)
      if better then best = sp end
    end
  end
  return best
end

return M

-- stance_rules.lua: from the marks of a sentence to a judgement on the target, with its cues.
--
-- Every sentiment word asks two questions: on whom does it fall, and is it asserted?  The first is answered by the
-- word's kind (`falls` in sentiment.tsv) and by where the names stand; the second by negation, doubt, concession and
-- contrast around it.  What the target says itself is no judgement on the target.

local voice = require "ds.stance_voice"

local M = {}

-- Weights of the rules, chosen on the development articles.
local W = {
  attributive = 1.0,   -- 咄咄逼人的T
  predicate = 1.0,     -- T很傲慢; T的跳票
  topic = 0.7,         -- T…，[clause without a name] …
  cataphor = 0.7,      -- [clause without a name] …，T…
  undergone = -1.0,    -- T被X吊打: the doer's merit is the target's loss
  coordinate = 0.7,    -- T和X都…
  object = 1.0,        -- X批评T; T遭批评
  clause = 0.25,       -- the situation T is in
  compare = 1.5,       -- T不如X
  scare = 0.95,        -- T的“…”
  ironic = -0.5,       -- T的“praise”: praise in quotation marks that nobody is quoted with
  negated = -0.8,
  question = 0.5,
  concession = 0.5,
  contrast = 1.3,      -- what follows 但
  before_contrast = 0.6,
}
local REACH_NEGATION = 15 -- bytes between a negation and its word, names not counted
local REACH_DEGREE = 9

local function between(s, a, b) return s:sub(a.to + 1, b.from - 1) end

local function is_name(m) return m.who ~= nil end

--- The nearest name before mark i in its clause, and the nearest after it.
local function neighbours(marks, i)
  local before, after
  for k = i - 1, 1, -1 do
    if marks[k].clause ~= marks[i].clause then break end
    if is_name(marks[k]) then before = marks[k]; break end
  end
  for k = i + 1, #marks do
    if marks[k].clause ~= marks[i].clause then break end
    if is_name(marks[k]) then after = marks[k]; break end
  end
  return before, after
end

local JOIN = { ["和"] = true, ["与"] = true, ["與"] = true, ["及"] = true, ["、"] = true, ["跟"] = true, ["以及"] = true }

--- T 和 X 都…: the name before is joined to the target.
local function joined_to_target(s, marks, before)
  for k, m in ipairs(marks) do
    if m == before then
      local prev = marks[k - 1]
      return prev and prev.target and JOIN[between(s, prev, before)]
    end
  end
end

--- …的T: the phrase before the target modifies it.
local function modifies_target(s, mark, after)
  return after and after.target and s:sub(after.from - 3, after.from - 1) == "的" and after.from - mark.to <= 40
end

--- The subject that a clause without a name takes over: the first name of the nearest earlier clause that has one.
local function topic_of(marks, clause)
  local first
  for _, m in ipairs(marks) do
    if m.clause >= clause then break end
    if is_name(m) and not (first and first.clause == m.clause) then first = m end
  end
  return first
end

--- The subject that comes only later: the first name of the next clause that has one, when that clause begins with it
--- (but for a few characters such as 另一边).
local function later_subject(marks, clauses, clause)
  for _, m in ipairs(marks) do
    if m.clause > clause and is_name(m) then
      return m.from - clauses[m.clause] <= 12 and m or nil
    end
  end
end

local PASSIVE = { "被", "遭", "受到", "遭到", "引来", "引發", "引发", "招致", "惹来", "备受", "備受", "饱受", "飽受", "挨" }

local function is_passive(s, from, to)
  local part = s:sub(from, to)
  for _, word in ipairs(PASSIVE) do
    if part:find(word, 1, true) then return true end
  end
  return false
end

--- The target undergoes what somebody else does: T 被 X 吊打, 被吊打的 T.
local function undergoes(s, marks, i)
  local mark, patient = marks[i], nil
  for _, m in ipairs(marks) do
    if m.clause == mark.clause and m.target and m.from < mark.from then patient = m end
  end
  local from = patient and patient.to + 1 or math.max(1, mark.from - 15)
  return s:sub(from, mark.from - 1):find("被", 1, true) ~= nil
end

local THAN = { ["比"] = true, ["比起"] = true, ["较之"] = true, ["不像"] = true }

--- X 比 T 更…: T is what X is measured with.
local function measured_with(s, m)
  return THAN[s:sub(m.from - 3, m.from - 1)] or THAN[s:sub(m.from - 6, m.from - 1)] or false
end

--- X 比 T 更谦逊: what is said of X is said against T; T 比 X 更谦逊: of T.
local function falls_by_comparison(marks, i, with)
  if with.target then return -W.predicate, "comparison" end
  local subject
  for k = i - 1, 1, -1 do
    if is_name(marks[k]) and marks[k].to < with.from and marks[k].clause == with.clause then subject = marks[k]; break end
  end
  subject = subject or topic_of(marks, with.clause)
  if subject and subject.target then return W.predicate, "comparison" end
end

local ASPECT = { "论", "論", "说到", "說到", "谈到", "談到", "至于", "至於", "关于", "關於", "讲到", "講到", "提起" }

--- 论远见，…: the clause only names what the next one is about.
local function is_aspect(s, clauses, clause)
  for _, word in ipairs(ASPECT) do
    if s:sub(clauses[clause], clauses[clause] + #word - 1) == word then return true end
  end
  return false
end

--- Does an evaluation of its subject fall on the target?  Returns the weight and the rule's name.
local function falls_on_subject(s, marks, i, clauses)
  local mark = marks[i]
  local before, after = neighbours(marks, i)
  if before and measured_with(s, before) then return falls_by_comparison(marks, i, before) end
  if modifies_target(s, mark, after) and not (before and before.target) then return W.attributive, "attributive" end
  local topic = not before and topic_of(marks, mark.clause)
  local owner = before or topic
  if owner then
    local weight = before and W.predicate or W.topic
    local rule = before and "predicate" or "topic"
    if owner.target then
      if undergoes(s, marks, i) then return weight * W.undergone, "undergone" end
      return weight, rule
    end
    if before and joined_to_target(s, marks, before) then return W.coordinate, "coordinate" end
    if before and undergoes(s, marks, i) then
      local t = topic_of(marks, mark.clause + 1)
      if t and t.target then return W.undergone, "undergone" end
    end
    return nil
  end
  local later = not is_aspect(s, clauses, mark.clause) and later_subject(marks, clauses, mark.clause)
  if later and later.target then return W.cataphor, "cataphor" end
end

local TOWARD = { ["对"] = true, ["對"] = true, ["向"] = true, ["给"] = true, ["給"] = true, ["把"] = true, ["将"] = true, ["將"] = true }

--- The name before a judgement as its holder; not one that it is directed at (对X冷嘲热讽的T).
local function holder_of(s, before)
  if not before or TOWARD[s:sub(before.from - 3, before.from - 1)] then return nil end
  return before
end

--- Does a judgement directed at somebody hit the target?  Returns weight, rule, holder.
local function falls_on_object(s, marks, i)
  local mark = marks[i]
  local before, after = neighbours(marks, i)
  if after and after.target and after.from - mark.to <= 40 then
    if before and before.target then return nil end
    return W.object, "object", holder_of(s, before)
  end
  if not before then
    local topic = topic_of(marks, mark.clause)
    if topic and topic.target and is_passive(s, mark.from - 12, mark.from - 1) then return W.object, "passive" end
    return nil
  end
  if before.target and (TOWARD[s:sub(before.from - 3, before.from - 1)]) and not after then
    return W.object, "toward"
  end
  -- T 被 X 批评, T 遭批评
  local first
  for _, m in ipairs(marks) do
    if m.clause == mark.clause and m.target and m.from < mark.from then first = m end
  end
  if first and is_passive(s, first.to + 1, mark.from - 1) then
    return W.object, "passive", before ~= first and before or nil
  end
end

local function falls_on_situation(marks, i)
  local before = neighbours(marks, i)
  if before and before.target then return W.clause, "situation" end
end

--- T 不如 X; X 不如 T.
local function comparison(marks, i)
  local before, after = neighbours(marks, i)
  local value = marks[i].mod.value
  if before and before.target and after and not after.target then return value * W.compare, "comparison" end
  if after and after.target and before and not before.target then return -value * W.compare, "comparison" end
end

local CLOSERS = { "”", "」", "』", "\"", "’" }

--- Whether the sentence ends in a question mark, closing quotation marks after it aside.
local function is_question(s)
  local again = true
  while again do
    again = false
    for _, mark in ipairs(CLOSERS) do
      if s:sub(-#mark) == mark then s, again = s:sub(1, -#mark - 1), true end
    end
  end
  return s:sub(-1) == "?" or s:sub(-3) == "？"
end

--- Bytes of names between two marks: 别把T写成小丑 negates across the name.
local function names_between(marks, from, to)
  local n = 0
  for _, m in ipairs(marks) do
    if is_name(m) and m.from > from and m.to < to then n = n + m.to - m.from + 1 end
  end
  return n
end

--- 谁会相信T的鬼话: what nobody believes is as bad as it is called.
local function disbelieved(s, m, mark)
  return mark.sentiment ~= nil and mark.sentiment.weight < 0 and s:sub(m.to + 1, mark.from - 1):find("信", 1, true) ~= nil
end

--- How far the words around mark i change what it asserts: negation, degree, doubt in its clause; concession, contrast.
function M.assertion(s, marks, i)
  local mark, factor, why = marks[i], 1, {}
  for k, m in ipairs(marks) do
    local mod = m.mod
    if mod and k ~= i then
      local gap = mark.from - m.to - 1
      local same = m.clause == mark.clause
      if mod.kind == "negation" and same and gap >= 0 and gap - names_between(marks, m.to, mark.from) <= REACH_NEGATION then
        factor, why[#why + 1] = factor * W.negated, "negated"
      elseif mod.kind == "degree" and same and ((gap >= 0 and gap <= REACH_DEGREE) or (m.from - mark.to - 1 >= 0 and m.from - mark.to - 1 <= 3)) then
        factor = factor * mod.value
      elseif mod.kind == "doubt" and same and gap >= 0 then
        factor, why[#why + 1] = factor * mod.value, "doubted"
      elseif mod.kind == "question" and same and gap >= 0 and disbelieved(s, m, mark) then
        why[#why + 1] = "disbelieved"
      elseif mod.kind == "question" and same and gap >= 0 then
        factor, why[#why + 1] = factor * W.negated, "rhetorical"
      elseif mod.kind == "concession" and same and gap >= 0 then
        factor, why[#why + 1] = factor * W.concession, "conceded"
      elseif mod.kind == "contrast" then
        if m.clause <= mark.clause and m.from < mark.from then
          factor = factor * W.contrast
        elseif m.clause > mark.clause then
          factor, why[#why + 1] = factor * W.before_contrast, "before contrast"
        end
      end
    end
  end
  if #why == 0 and is_question(s) then factor, why[#why + 1] = factor * W.question, "asked" end
  return factor, why
end

local function add_cue(cues, mark, weight, rule, why, holder)
  if #why > 0 then rule = rule .. ", " .. table.concat(why, ", ") end
  cues[#cues + 1] = { from = mark.from, to = mark.to, cue = mark.word, weight = weight, rule = rule, holder = holder }
end

--- Where a sentiment word falls, by its kind.
local function landing(s, marks, i, clauses)
  local falls = marks[i].sentiment.falls
  if falls == "object" then return falls_on_object(s, marks, i) end
  if falls == "clause" then return falls_on_situation(marks, i) end
  return falls_on_subject(s, marks, i, clauses)
end

-- Endings of official names, which newspapers put in quotation marks too.
local OFFICIAL = { "部", "局", "署", "计划", "計劃", "計畫", "法案", "行动", "行動", "项目", "項目", "工程", "号", "號", "奖", "獎",
                   "系统", "系統", "平台", "公司", "集团", "集團", "战略", "戰略", "协议", "協議", "大会", "大會", "峰会", "峰會" }

local function is_official(inner)
  for _, ending in ipairs(OFFICIAL) do
    if inner:sub(-#ending) == ending then return true end
  end
  return false
end

--- The target that a catchword in quotation marks is hung on: the nearest name before it in its clause, or …的T.
local function hung_on_target(s, marks, clauses, q)
  local clause = 1
  while clauses[clause + 1] and clauses[clause + 1] <= q.from do clause = clause + 1 end
  local before
  for _, m in ipairs(marks) do
    if m.clause == clause and is_name(m) then
      if m.from < q.from then before = m
      elseif m.from > q.to and m.target and s:sub(q.to + 1, m.from - 1) == "的" then return true end
    end
  end
  return before ~= nil and before.target
end

--- “…”: a catchword that the author hangs on the target in quotation marks keeps its distance from it.  Terms that the
--- article repeats, names of bodies and plans, and praise are not meant so.
local function scare_quotes(s, marks, clauses, quotes, speeches, cues)
  for _, q in ipairs(quotes) do
    local inner = s:sub(q.inner_from, q.inner_to)
    if #inner >= 3 and #inner <= 24 and not q.repeated and not inner:find("[%w]") and not is_official(inner)
       and not voice.at(speeches, q.inner_from) and hung_on_target(s, marks, clauses, q) then
      local judged = false
      for _, c in ipairs(cues) do judged = judged or (c.from >= q.inner_from and c.to <= q.inner_to) end
      if not judged then
        add_cue(cues, { from = q.inner_from, to = q.inner_to, word = inner }, -W.scare, "scare quote", {})
      end
    end
  end
end

---@class ds.stance.cue
---@field from integer byte in the sentence, from 1
---@field to integer
---@field cue string the word
---@field weight number what it adds to the score
---@field rule string how it came to fall on the target
---@field holder ds.stance.mark? who judges, when a name stands beside the verb

--- Whether mark m is praise in a catchword that nobody is quoted with.
local function is_ironic(m, quotes, speeches)
  if m.sentiment.weight < 0 or voice.at(speeches, m.from) then return false end
  for _, q in ipairs(quotes) do
    if m.from >= q.inner_from and m.to <= q.inner_to then return not q.repeated end
  end
  return false
end

--- Where a word that does not fall on the target went, for those who ask.
local function elsewhere(marks, i, speech)
  if speech and speech.target then return "said by the target" end
  local before, after = neighbours(marks, i)
  local falls = marks[i].sentiment and marks[i].sentiment.falls
  local who = falls == "object" and (after or before) or before or topic_of(marks, marks[i].clause) or after
  return who and "falls on " .. who.who or "falls on nobody named"
end

--- What one mark says of the target: weight and rule, nil when nothing; who judges.
local function weigh(s, marks, i, clauses, quotes, speeches)
  local m = marks[i]
  if not m.sentiment then return comparison(marks, i) end
  local weight, rule, who = landing(s, marks, i, clauses)
  weight = weight and weight * m.sentiment.weight
  if weight and is_ironic(m, quotes, speeches) then return weight * W.ironic, rule .. ", in scare quotes", who end
  return weight, rule, who
end

---@class ds.stance.step
---@field from integer
---@field to integer
---@field cue string
---@field base number? weight in the lexicon
---@field falls string? subject, object or clause
---@field rule string how it came to fall on the target, or where else it went
---@field weight number what it adds

--- Judges a sentence.
---@param s string
---@param marks ds.stance.mark[]
---@param clauses integer[] start of each clause
---@param quotes table[] quotations that lie in the sentence
---@param speeches ds.stance.speech[]
---@param trace ds.stance.step[]? gets every word that was weighed
---@return number score sum of the cues' weights
---@return ds.stance.cue[] cues
---@return string? voice who judges, nil for the author
function M.judge(s, marks, clauses, quotes, speeches, trace)
  local cues, sum, strongest, holder = {}, 0, 0, nil
  for i, m in ipairs(marks) do
    if m.sentiment or (m.mod and m.mod.kind == "comparison") then
      local speech = voice.at(speeches, m.from)
      local weight, rule, who
      if not (speech and speech.target) then weight, rule, who = weigh(s, marks, i, clauses, quotes, speeches) end
      if weight then
        local factor, why = M.assertion(s, marks, i)
        add_cue(cues, m, weight * factor, rule, why, who)
        cues[#cues].voice = (who and who.who) or (speech and speech.who)
      elseif trace then
        trace[#trace + 1] = { from = m.from, to = m.to, cue = m.word, rule = elsewhere(marks, i, speech), weight = 0.0,
                              base = m.sentiment and m.sentiment.weight, falls = m.sentiment and m.sentiment.falls }
      end
    end
  end
  scare_quotes(s, marks, clauses, quotes, speeches, cues)
  for _, c in ipairs(cues) do
    sum = sum + c.weight
    if math.abs(c.weight) > strongest then strongest, holder = math.abs(c.weight), c.voice end
  end
  return sum, cues, holder
end

return M

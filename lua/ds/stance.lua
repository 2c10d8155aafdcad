-- stance.lua: who thinks what of a target.  `ds.stance{target="马斯克"}:judge(doc)` gives a record for every sentence
-- that names the target: label, score, whose voice, and the cues that made it so.

local scan = require "ds.stance_scan"
local topic = require "ds.stance_topic"
local voice = require "ds.stance_voice"
local rules = require "ds.stance_rules"
local names = require "ds.names"
local span = require "ds.c.span"

local THRESHOLD = 0.3   -- sum of weights from which a sentence is not neutral
local SCALE = 3         -- a sum of 3 scores tanh(1) = 0.76
local SHARE = 0.1       -- how far one side must lead, as a share of the mentions, to label an article

---@class ds.stance
local Stance = {}
Stance.__index = Stance
Stance.__name = "ds.stance"
function Stance:__tostring() return "ds.stance (" .. self.target .. ")" end

local known = { "target", "aliases", "sentiment", "modifiers", "verbs", "holders", "segmenter" }

--- A judge of stance toward one target.
---@param opts {target: string, aliases?: string, sentiment?: string, modifiers?: string, verbs?: string, holders?: string, segmenter?: ds.segmenter}
---  target: a name in either script; the others are paths of lexicon files to use in place of the bundled ones
---@return ds.stance? judge
---@return string? message names the file that could not be read
local function new(opts)
  for name in pairs(opts or {}) do
    names.check("ds.stance: unknown option", name, known)
  end
  if type(opts) ~= "table" or type(opts.target) ~= "string" or not opts.target:find("%S") then
    error("ds.stance: 'target' is the name to judge, such as target=\"马斯克\"", 2)
  end
  local segmenter, message = opts.segmenter, nil
  if not segmenter then
    segmenter, message = require "ds.segmenter" ()
    if not segmenter then return nil, message end
  end
  local lexis
  lexis, message = scan.read(opts, segmenter)
  if not lexis then return nil, message end
  local scanner = scan.new(lexis, opts.target)
  return setmetatable({ target = scanner.target, names = scanner.names, bad_lines = lexis.bad, scanner = scanner,
                        lexis = lexis }, Stance)
end

local TERM = 3 -- a catchword quoted so often in one article is a term of it

--- Marks the quotations whose words the article quotes again and again.
local function mark_terms(quotations, text)
  local times = {}
  for _, q in ipairs(quotations) do
    q.inner = text:sub(q.inner_from, q.inner_to)
    times[q.inner] = (times[q.inner] or 0) + 1
  end
  for _, q in ipairs(quotations) do q.repeated = times[q.inner] >= TERM end
  return quotations
end

--- Quotations of the whole text as they lie in sentence [from, to]: those inside it, shifted to its own bytes, and the
--- innermost one that began before it.
local function quotes_in(quotations, from, to)
  local here, earlier = {}, nil
  for _, q in ipairs(quotations) do
    if q.from > to then break end
    if q.from >= from then
      here[#here + 1] = { from = q.from - from + 1, to = math.min(q.to, to) - from + 1, repeated = q.repeated,
                          inner_from = q.inner_from - from + 1, inner_to = math.min(q.inner_to, to) - from + 1 }
    elseif q.inner_to >= from then
      earlier = q
    end
  end
  return here, earlier
end

--- The speech of a quotation that was opened in an earlier sentence.
function Stance:carried(doc, quotation, from, to)
  local opening = doc:sentence_at(quotation.from)
  if not opening or not opening.from then return nil end
  local marks = self.scanner:marks(opening.text)
  local shift = opening.from - 1
  local speech = voice.speaker(opening.text, marks, {
    from = quotation.from - shift, to = quotation.to - shift,
    inner_from = quotation.inner_from - shift, inner_to = math.min(quotation.inner_to - shift, #opening.text),
  })
  if not speech then return nil end
  speech.from, speech.to = 1, math.min(quotation.inner_to, to) - from + 1
  return speech
end

local function label_of(sum)
  if sum >= THRESHOLD then return "pos" end
  if sum <= -THRESHOLD then return "neg" end
  return "neu"
end

local function round(x, digits)
  local m = 10 ^ digits
  return math.floor(x * m + 0.5) / m
end

--- Whose words a sentence is without a judgement in it: the speaker who says the target's name, or most of it.
local function main_voice(s, marks, speeches)
  for _, m in ipairs(marks) do
    if m.target and not m.back then
      local speech = voice.at(speeches, m.from)
      if speech and speech.who then return speech.who end
      break
    end
  end
  for _, speech in ipairs(speeches) do
    if speech.who and (speech.to - speech.from + 1) * 2 >= #s then return speech.who end
  end
end

--- One sentence as a record.  `shift` moves the cues to the text; nil for the title, which has no place in it.
function Stance:sentence(s, quotes, carried, shift)
  local marks, clauses = self.scanner:marks(s)
  local speeches = voice.speeches(s, marks, quotes, carried)
  local sum, cues, holder = rules.judge(s, marks, clauses, quotes, speeches)
  local out = {}
  for i, c in ipairs(cues) do
    out[i] = { from = shift and c.from + shift, to = shift and c.to + shift, cue = c.cue,
               weight = round(c.weight, 2), rule = c.rule }
  end
  local who = holder or (#cues == 0 and main_voice(s, marks, speeches)) or "author"
  return { label = label_of(sum), score = round(sum / (SCALE + math.abs(sum)), 3), voice = who, cues = out }
end

--- Judges every sentence of a document that names the target, the title first.
---@param doc ds.doc
---@return ds.stance.record[] records {from, to, part, text, label, score, voice, cues}; bytes of doc.text from 1
function Stance:judge(doc)
  local records = {}
  local title = doc.title
  if title and #self.scanner:mentions(title) > 0 then
    local r = self:sentence(title, span.quotations(title), nil, nil)
    r.part, r.text = "title", title
    records[1] = r
  end
  local mentions, quotations = self.scanner:mentions(doc.text), nil
  local m = 1
  if #mentions == 0 then return records end
  for s in doc:sentences() do
    while mentions[m] and s.from and mentions[m] < s.from do m = m + 2 end
    if not mentions[m] then break end
    if s.from and mentions[m] <= s.to then
      quotations = quotations or mark_terms(span.quotations(doc.text), doc.text)
      local here, earlier = quotes_in(quotations, s.from, s.to)
      local r = self:sentence(s.text, here, earlier and self:carried(doc, earlier, s.from, s.to), s.from - 1)
      r.from, r.to, r.part, r.text = s.from, s.to, "body", s.text
      records[#records + 1] = r
    end
  end
  return records
end

--- The sentences of a text with their marks, and where the target is: named, or in part.
local function look(self, text)
  local sentences, flat = {}, span.sentences(text)
  local named = self.scanner:mentions(text)
  local from, to = named[1], named[2]
  if not from then from, to = topic.place(text, self.scanner.names[1]) end
  local at
  for i = 1, #flat, 2 do
    local s = { from = flat[i], to = flat[i + 1], text = text:sub(flat[i], flat[i + 1]) }
    s.marks, s.clauses = self.scanner:marks(s.text)
    sentences[#sentences + 1] = s
    if from and from >= s.from and from <= s.to then
      local clause = 1
      while s.clauses[clause + 1] and s.clauses[clause + 1] <= from - s.from + 1 do clause = clause + 1 end
      at = { from = from, to = to, sentence = #sentences, clause = clause }
    end
  end
  return sentences, at, named
end

--- Judges a text as a whole, such as a post, which may not name the target.
---@param text string
---@return ds.stance.record record label, score, voice, cues; their places are bytes of the text
function Stance:text(text)
  local sentences, at, named = look(self, text)
  local quotations, taken, cues, sum, who = span.quotations(text), {}, {}, 0, nil
  local m = 1
  for _, s in ipairs(sentences) do
    while named[m] and named[m] < s.from do m = m + 2 end
    if named[m] and named[m] <= s.to then
      local quotes = quotes_in(quotations, s.from, s.to)
      local speeches = voice.speeches(s.text, s.marks, quotes)
      local _, found, holder = rules.judge(s.text, s.marks, s.clauses, quotes, speeches)
      who = who or holder
      for _, c in ipairs(found) do
        c.from, c.to = c.from + s.from - 1, c.to + s.from - 1
        taken[c.from], cues[#cues + 1] = true, c
      end
    end
  end
  for _, c in ipairs(topic.cues(self.scanner, sentences, at, taken)) do cues[#cues + 1] = c end
  for _, c in ipairs(cues) do
    c.holder, c.voice, sum, c.weight = nil, nil, sum + c.weight, round(c.weight, 2)
  end
  return { label = label_of(sum), score = round(sum / (SCALE + math.abs(sum)), 3), voice = who or "author", cues = cues }
end

--- The same judge for another target.
---@param target string
---@return ds.stance
function Stance:of(target)
  local scanner = scan.new(self.lexis, target)
  return setmetatable({ target = scanner.target, names = scanner.names, bad_lines = self.bad_lines, scanner = scanner,
                        lexis = self.lexis }, Stance)
end

--- Sums the records of one article.
---@param records ds.stance.record[]
---@param mentions integer? number of mentions; default: the number of records
---@return {mentions: integer, pos: integer, neg: integer, neu: integer, label: string, score: number}
function Stance:article(records, mentions)
  local n = { pos = 0, neg = 0, neu = 0 }
  local sum = 0
  for _, r in ipairs(records) do
    n[r.label] = n[r.label] + 1
    sum = sum + r.score
  end
  local lead, label = n.pos - n.neg, "neu"
  if #records == 0 then label = "none"
  elseif lead >= 1 and lead >= SHARE * #records then label = "pos"
  elseif -lead >= 1 and -lead >= SHARE * #records then label = "neg" end
  return { mentions = mentions or #records, pos = n.pos, neg = n.neg, neu = n.neu, label = label,
           score = #records > 0 and round(sum / #records, 3) or 0.0 }
end

--- Number of places in a document that name the target, the title left out.
---@param doc ds.doc
---@return integer
function Stance:mentions(doc) return #self.scanner:mentions(doc.text) // 2 end

return new

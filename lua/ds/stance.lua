-- stance.lua: who thinks what of a target.  `ds.stance{target="马斯克"}:judge(doc)` gives a record for every sentence
-- that names the target: label, score, whose voice, and the cues that made it so.

local features = require "ds.stance_features"
local linear = require "ds.c.linear"
local sentence_spans = require("ds.doc").sentence_spans
local pairs_file = require "ds.stance_pairs"
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

local LABELS = { "neg", "neu", "pos" } -- as models number them

local function open_model(path)
  local model, message = linear.open(path)
  if not model then return nil, message end
  local _, version, labels = model:about()
  if version ~= features.VERSION or labels ~= #LABELS then
    return nil, path .. ": a model of other features: train it again with --train"
  end
  return model
end

local known = { "target", "model", "explain", "aliases", "sentiment", "modifiers", "verbs", "holders", "segmenter" }

--- A judge of stance toward one target.
---@param opts {target: string, model?: string, explain?: boolean, aliases?: string, sentiment?: string, modifiers?: string, verbs?: string, holders?: string, segmenter?: ds.segmenter}
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
  local model
  if opts.model then
    model, message = open_model(opts.model)
    if not model then return nil, message end
  end
  local scanner = scan.new(lexis, opts.target)
  return setmetatable({ target = scanner.target, names = scanner.names, bad_lines = lexis.bad, scanner = scanner,
                        lexis = lexis, segmenter = segmenter, model = model, traced = opts.explain == true, bag = features.bag() }, Stance)
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

--- Puts together how a sentence came to its label: the words that count and those that do not, as they stand.
function Stance:keep_chain(marks, cues, chain, shift)
  local base = {}
  for _, m in ipairs(marks) do base[m.from] = m.sentiment end
  for _, c in ipairs(cues) do
    local b = base[c.from]
    chain[#chain + 1] = { from = c.from, to = c.to, cue = c.cue, rule = c.rule, weight = round(c.weight, 2),
                          base = b and b.weight, falls = b and b.falls }
  end
  table.sort(chain, function(a, b) return a.from < b.from end)
  for _, step in ipairs(chain) do
    step.from, step.to = shift and step.from + shift or nil, shift and step.to + shift or nil
  end
  self.chain = chain
end

--- The words of a record's sentence that were weighed, those that fall elsewhere too, in their order.  For records of the
--- last call of judge.
---@param record ds.stance.record
---@return ds.stance.step[]
function Stance:explain(record) return self.chains and self.chains[record] or {} end

--- One sentence as a record.  `shift` moves the cues to the text; nil for the title, which has no place in it.
function Stance:sentence(s, quotes, carried, shift)
  local marks, clauses = self.scanner:marks(s)
  local speeches = voice.speeches(s, marks, quotes, carried)
  local trace = self.traced and {}
  local sum, cues, holder = rules.judge(s, marks, clauses, quotes, speeches, trace)
  if trace then self:keep_chain(marks, cues, trace, shift) end
  local out = {}
  for i, c in ipairs(cues) do
    out[i] = { from = shift and c.from + shift, to = shift and c.to + shift, cue = c.cue,
               weight = round(c.weight, 2), rule = c.rule }
  end
  local who = holder or (#cues == 0 and main_voice(s, marks, speeches)) or "author"
  return { label = label_of(sum), score = round(sum / (SCALE + math.abs(sum)), 3), voice = who, cues = out }
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

--- What the rules say of a text, and where the target is in it.
local function weigh(self, text)
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
  local record = { label = label_of(sum), score = round(sum / (SCALE + math.abs(sum)), 3), voice = who or "author", cues = cues }
  return { record = record, at = at, named = named[1] ~= nil, sentence = at and sentences[at.sentence] }
end

--- What a model sees: fills a bag with the features of a text.
---@param bag table of stance_features.bag
---@param text string
---@return ds.stance.record record what the rules say
function Stance:fill(bag, text)
  local seen = weigh(self, text)
  features.fill(bag, text, self.scanner.names[1], seen, self.segmenter)
  return seen.record, seen
end

local CUES = 6 -- of a model that are shown

--- The model's word on a text: the record of the rules with the model's label, score and strongest features.
local function by_model(self, text, record)
  local own, seen = self:fill(self.bag, text)
  record = record or own
  local chance = { self.model:chances(self.bag) }
  local best = 1
  for k = 2, #chance do best = chance[k] > chance[best] and k or best end
  record.label, record.score, record.chance = LABELS[best], round(chance[3] - chance[1], 3), chance[best]
  local shares = self.model:shares(self.bag, best, CUES)
  for i = 1, #shares, 4 do
    local from, to, group = shares[i + 1], shares[i + 2], shares[i + 3]
    if group == 0 and seen.at then from, to = seen.at.from, seen.at.to end
    if to >= from and to <= #text then
      record.cues[#record.cues + 1] = { from = from, to = to, weight = round(shares[i], 2), cue = text:sub(from, to),
                                        rule = "model, " .. features.groups[group] }
    end
  end
  return record
end

--- Puts the model's word into the record of a sentence.
function Stance:correct(record, text, shift)
  local rest = #record.cues
  by_model(self, text, record)
  for i = rest + 1, #record.cues do
    local c = record.cues[i]
    c.from, c.to = shift and c.from + shift or nil, shift and c.to + shift or nil
  end
end

--- Judges every sentence of a document that names the target, the title first.
---@param doc ds.doc
---@return ds.stance.record[] records {from, to, part, text, label, score, voice, cues}; bytes of doc.text from 1
function Stance:judge(doc)
  local records = {}
  self.chains = self.traced and setmetatable({}, { __mode = "k" })
  local title = doc.title
  if title and #self.scanner:mentions(title) > 0 then
    local r = self:sentence(title, span.quotations(title), nil, nil)
    if self.traced then self.chains[r] = self.chain end
    if self.model then self:correct(r, title, nil) end
    r.part, r.text = "title", title
    records[1] = r
  end
  local text = doc.text
  local mentions, quotations = self.scanner:mentions(text), nil
  if #mentions == 0 then return records end
  local flat, m = sentence_spans(doc), 1
  for i = 1, #flat, 2 do
    local from, to = flat[i], flat[i + 1]
    while mentions[m] and mentions[m] < from do m = m + 2 end
    if not mentions[m] then break end
    if mentions[m] <= to then
      quotations = quotations or mark_terms(span.quotations(text), text)
      local s = text:sub(from, to)
      local here, earlier = quotes_in(quotations, from, to)
      local r = self:sentence(s, here, earlier and self:carried(doc, earlier, from, to), from - 1)
      if self.traced then self.chains[r] = self.chain end
      if self.model then self:correct(r, s, from - 1) end
      r.from, r.to, r.part, r.text = from, to, "body", s
      records[#records + 1] = r
    end
  end
  return records
end

--- Judges a text as a whole, such as a post, which may not name the target.
---@param text string
---@return ds.stance.record record label, score, voice, cues; their places are bytes of the text
function Stance:text(text)
  if self.model then return by_model(self, text) end
  return weigh(self, text).record
end

--- Judges a table of label, target and text, row by row; the labels are not looked at.  A line that is no row gets the label
--- none, so that records and lines stay in step.
---@param path string
---@param bad fun(message: string) is told of such lines
---@return ds.stance.pair[]? pairs target, text, and the record of the text
---@return string? message
function Stance:pairs(path, bad)
  local rows, message = pairs_file.read(path, bad)
  if not rows then return nil, message end
  local out, judges = {}, {}
  for i, row in ipairs(rows) do
    local r = { label = "none", score = 0.0, cues = {} }
    if row.target then
      judges[row.target] = judges[row.target] or self:of(row.target)
      r = judges[row.target]:text(row.text)
    end
    out[i] = { target = row.target, text = row.text, given = row.label, record = r }
  end
  return out
end

--- The same judge for another target.
---@param target string
---@return ds.stance
function Stance:of(target)
  local scanner = scan.new(self.lexis, target)
  return setmetatable({ target = scanner.target, names = scanner.names, bad_lines = self.bad_lines, scanner = scanner,
                        lexis = self.lexis, segmenter = self.segmenter, model = self.model, bag = self.bag }, Stance)
end

--- How sure a record's label is, 0 to 1: the model's chance, or how far the rules are from another label.
---@param record ds.stance.record
---@return number
function Stance:certainty(record)
  if record.chance then return round(record.chance, 3) end
  local sum = SCALE * math.abs(record.score) / math.max(1 - math.abs(record.score), 1e-9)
  local off = #record.cues == 0 and THRESHOLD * 3 or math.abs(sum - THRESHOLD) -- no word at all is surer than one that hardly counts
  return round(off / (1 + off), 3)
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

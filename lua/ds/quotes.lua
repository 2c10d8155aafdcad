-- quotes.lua: who says what.  `ds.quotes():find(doc)` gives a record for everything between quotation marks, for turns
-- of conversations, for paragraphs that a colon introduces, and for what a reporting verb reports.

local dialogue = require "ds.quote_dialogue"
local lexicon = require "ds.lexicon"
local match_c = require "ds.c.match"
local names = require "ds.names"
local np = require "ds.quote_np"
local rules = require "ds.quote_rules"
local utf8c = require "ds.c.utf8"
local view = require "ds.quote_view"

local FOLD_ALL = 7
local function fold(s) return (utf8c.fold(s)) end
local function simplified(s) return (utf8c.fold(s, { variant = true })) end

---@class ds.quotes
---@field bad_lines {line: integer, message: string}[] lines of the lexicons that were left out
local Quotes = {}
Quotes.__index = Quotes
Quotes.__name = "ds.quotes"
function Quotes:__tostring() return "ds.quotes" end

local known = { "aliases", "verbs", "holders", "segmenter" }

--- A finder of quotations and their speakers.
---@param opts? {aliases: string?, verbs: string?, holders: string?, segmenter: ds.segmenter?} paths of lexicon files to use in place of the bundled ones
---@return ds.quotes? finder
---@return string? message names the file that could not be read
local function new(opts)
  opts = opts or {}
  for name in pairs(opts) do
    names.check("ds.quotes: unknown option", name, known)
  end
  local segmenter, message = opts.segmenter, nil
  if not segmenter then
    segmenter, message = require "ds.segmenter" {}
    if not segmenter then return nil, message end
  end
  local self = setmetatable({ bad_lines = {} }, Quotes)
  local tables = {}
  for _, want in ipairs { { "aliases", lexicon.aliases, opts.aliases }, { "verbs", lexicon.reporting_verbs, opts.verbs },
                          { "holders", lexicon.words, opts.holders or "holders.tsv" } } do
    local rows, bad = want[2](want[3])
    if not rows then return nil, bad end
    tables[want[1]] = rows
    table.move(bad, 1, #bad, #self.bad_lines + 1, self.bad_lines)
  end
  local terms, kinds = {}, {}
  tables.verbs[#tables.verbs + 1] = { word = "看来", kind = "say" } -- 在X看来: no verb that others need
  for i, row in ipairs(tables.verbs) do terms[i], kinds[row.word] = row.word, row.kind end
  self.names = {}
  for _, row in ipairs(tables.aliases) do
    self.names[fold(row.alias)], self.names[fold(row.name)] = row.name, row.name
  end
  self.verb_rows, self.verb_matcher = tables.verbs, match_c.new(terms, FOLD_ALL)
  self.parser = np.new { segmenter = segmenter, aliases = tables.aliases, holders = tables.holders, verbs = kinds }
  return self
end

---@class ds.quote
---@field from integer first byte of what is said, without its marks
---@field to integer
---@field text string
---@field type "direct"|"indirect"|"block"|"dialogue"|"scare"|"title"|"none"
---@field speaker string? as the text names the speaker
---@field name string? the name that the alias file gives the speaker; else the speaker in Simplified characters
---@field role string? the title that stands with the name
---@field verb string? the cue
---@field cue_from integer? where it stands
---@field cue_to integer?

local function record(v, from, to, type, speaker, cue)
  local r = { from = from, to = to, text = v.text:sub(from, to), type = type }
  if speaker then r.speaker, r.role = speaker.text, speaker.role end
  if cue then r.verb, r.cue_from, r.cue_to = v.text:sub(cue.from, cue.to), cue.from, cue.to end
  return r
end

--- Turns of conversations; `taken` gets the paragraphs they fill.
local function add_turns(v, out)
  local taken = {}
  for _, turn in ipairs(dialogue.turns(v.text, v.paragraphs)) do
    out[#out + 1] = { from = turn.from, to = turn.to, text = v.text:sub(turn.from, turn.to), type = "dialogue",
                      speaker = turn.speaker }
    taken[turn.start] = turn
  end
  return taken
end

--- Paragraphs without marks behind “…赞道：”.
local function add_blocks(v, out, taken)
  for i = 1, #v.paragraphs // 2 do
    local from, to = dialogue.introduces(v.text, v.paragraphs, i)
    if from and not taken[from] and not taken[v.paragraphs[2 * i - 1]] then
      local speaker, cue = rules.introducer(v, v.paragraphs[2 * i])
      if speaker and cue then out[#out + 1] = record(v, from, to, "block", speaker, cue) end
    end
  end
end

--- Everything in marks, from left to right, so that a speaker carries over to the next.
local function add_marked(v, out, taken)
  local state = { last = nil }
  for _, q in ipairs(v.quotes) do
    if q.inner_to >= q.inner_from then
      local _, para = v:paragraph_at(q.from)
      local type, speaker, cue = "none", nil, nil
      if not taken[para] then type, speaker, cue = rules.judge(v, q, state) end
      out[#out + 1] = record(v, q.inner_from, q.inner_to, type, speaker, cue)
    end
  end
  for _, q in ipairs(v.inner) do
    if q.inner_to >= q.inner_from then
      out[#out + 1] = record(v, q.inner_from, q.inner_to, rules.nested(v, q))
    end
  end
end

local function add_indirect(v, out)
  for _, r in ipairs(rules.indirect(v)) do out[#out + 1] = record(v, r.from, r.to, "indirect", r.speaker, r.cue) end
end

--- All quotations of a text, by their beginning.
---@param text string
---@return ds.quote[]
function Quotes:find_in(text)
  local v, out = view.new(text, self), {}
  local taken = add_turns(v, out)
  if #v.verbs + #v.quotes > 0 then
    add_blocks(v, out, taken)
    add_marked(v, out, taken)
    add_indirect(v, out)
  end
  for _, r in ipairs(out) do r.name = r.speaker and (self.names[fold(r.speaker)] or simplified(r.speaker)) end
  table.sort(out, function(a, b)
    if a.from ~= b.from then return a.from < b.from end
    if a.to ~= b.to then return a.to > b.to end
    return a.type < b.type
  end)
  return out
end

--- All quotations of a document; with `from`, `to` those that lie in this passage.
---@param doc ds.doc
---@param from? integer byte in doc.text, from 1
---@param to? integer
---@return ds.quote[]
function Quotes:find(doc, from, to)
  local all = self:find_in(doc.text)
  if not from and not to then return all end
  local out = {}
  for _, r in ipairs(all) do
    if r.from >= (from or 1) and r.to <= (to or #doc.text) then out[#out + 1] = r end
  end
  return out
end

return new

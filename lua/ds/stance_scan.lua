-- stance_scan.lua: finds in one sentence everything that a judgement is made of.  A mark is a stretch of the sentence
-- with one or more readings: the target, another name, a holder (网友), a sentiment word, a modifier, a reporting verb,
-- a pronoun.

local match_c = require "ds.c.match"
local utf8c = require "ds.c.utf8"
local lexicon = require "ds.lexicon"

local FOLD_ALL = 7

---@class ds.stance.mark
---@field from integer byte in the sentence, from 1
---@field to integer
---@field word string as written
---@field clause integer number of its clause, from 1
---@field who? string canonical name of a person, company, product, place, or the holder's noun
---@field target? boolean it is the target
---@field person? boolean
---@field sentiment? {word: string, weight: number, register: string, falls: string}
---@field mod? {word: string, kind: string, value: number}
---@field verb? {word: string, kind: string}

---@class ds.stance.scanner
local Scanner = {}
Scanner.__index = Scanner

local function fold(s) return (utf8c.fold(s)) end

--- Terms and what they mean.  Several entries may share a term.
local function add_term(self, term, reading)
  local key = fold(term)
  local i = self.index[key]
  if not i then
    i = #self.terms + 1
    self.terms[i], self.readings[i], self.index[key] = term, {}, i
  end
  local list = self.readings[i]
  list[#list + 1] = reading
end

local PRONOUNS = { "他", "她", "其", "自己", "他们", "它" }

--- All names that mean the target: its aliases, those of the name that it is an alias of, and itself.
local function target_names(aliases, target)
  local key, canonical = fold(target), target
  for _, row in ipairs(aliases) do
    if fold(row.alias) == key then canonical = row.name end
  end
  local names, seen = {}, {}
  local function add(name)
    local k = fold(name)
    if not seen[k] then seen[k] = true; names[#names + 1] = name end
  end
  add(canonical)
  add(target)
  local ckey = fold(canonical)
  for _, row in ipairs(aliases) do
    if fold(row.name) == ckey then add(row.alias) end
  end
  return names, canonical, seen
end

local function add_names(self, aliases, is_target)
  local seen = {}
  for _, row in ipairs(aliases) do
    for _, name in ipairs { row.name, row.alias } do
      local key = fold(name)
      if not seen[key] and not is_target[key] then
        seen[key] = true
        add_term(self, name, { who = row.name, person = row.type == "person", name = true })
      end
    end
  end
end

--- Reads the lexicons and builds the matchers.
---@param opts {target: string, aliases?: string, sentiment?: string, modifiers?: string, verbs?: string, holders?: string}
---@param segmenter ds.segmenter
---@return ds.stance.scanner? scanner
---@return string? message
local function new(opts, segmenter)
  local self = setmetatable({ terms = {}, readings = {}, index = {}, bad = {}, segmenter = segmenter }, Scanner)
  local tables = {}
  for _, want in ipairs {
    { "aliases", lexicon.aliases, opts.aliases }, { "sentiment", lexicon.sentiment, opts.sentiment },
    { "modifiers", lexicon.modifiers, opts.modifiers }, { "verbs", lexicon.reporting_verbs, opts.verbs },
    { "holders", lexicon.words, opts.holders or "holders.tsv" },
  } do
    local rows, bad = want[2](want[3])
    if not rows then return nil, bad end
    tables[want[1]] = rows
    table.move(bad, 1, #bad, #self.bad + 1, self.bad)
  end
  local names, canonical, is_target = target_names(tables.aliases, opts.target)
  self.target, self.names = canonical, names
  for _, name in ipairs(names) do add_term(self, name, { target = true, who = canonical, person = true, name = true }) end
  add_names(self, tables.aliases, is_target)
  for _, word in ipairs(tables.holders) do add_term(self, word, { who = word, person = true }) end
  for _, row in ipairs(tables.sentiment) do add_term(self, row.word, { sentiment = row }) end
  for _, row in ipairs(tables.modifiers) do add_term(self, row.word, { mod = row }) end
  for _, row in ipairs(tables.verbs) do add_term(self, row.word, { verb = row }) end
  for _, word in ipairs(PRONOUNS) do add_term(self, word, { pronoun = true }) end
  self.all = match_c.new(self.terms, FOLD_ALL)
  self.of_target = match_c.new(names, FOLD_ALL)
  return self
end

local function is_letter_or_digit(byte) return byte and (byte < 0x80) and string.char(byte):find("%w") ~= nil end

--- A Latin name is found only as a whole word: Musk, not Muskrat.
local function whole(s, from, to)
  return not (is_letter_or_digit(s:byte(from)) and is_letter_or_digit(s:byte(from - 1)))
     and not (is_letter_or_digit(s:byte(to)) and is_letter_or_digit(s:byte(to + 1)))
end

--- Places where a text names the target.
---@param text string
---@return integer[] flat list of from, to (bytes from 1)
function Scanner:mentions(text)
  local hits, out, last = self.of_target:find(text), {}, 0
  for i = 1, #hits, 3 do
    local from, to = hits[i], hits[i + 1]
    if from > last and whole(text, from, to) then
      out[#out + 1], out[#out + 2] = from, to
      last = to
    end
  end
  return out
end

--- Sets of token borders, and the person names that the dictionary's tags give.
local function token_borders(self, s)
  local toks = self.segmenter:cut(s)
  local starts, ends, people = {}, {}, {}
  for i = 1, #toks do
    local word, _, from, to, pos, class = toks:get(i)
    starts[from], ends[to] = true, true
    if class == "han" and #word >= 6 and pos:find("^nr") then people[#people + 1] = { from, to, word } end
  end
  return starts, ends, people
end

--- Short words have to be words where they stand; longer ones, and names of four bytes up, speak for themselves.  A
--- single character evaluates only after a degree word (很强).
local function accepts(reading, s, from, to, starts, ends, before)
  if not whole(s, from, to) then return false end
  if reading.target then return true end
  local bytes = to - from + 1
  if reading.sentiment and bytes <= 3 then
    return before ~= nil and before.mod ~= nil and before.mod.kind == "degree" and before.to == from - 1
  end
  local free = reading.name and 9 or (reading.sentiment or reading.mod) and 12 or 99
  return bytes >= free or (starts[from] and ends[to])
end

local BREAKS = { "，", ",", "；", ";", "：", ":", "。", "！", "？", "!", "?", "\n", "——", "…" }

--- Start of every clause: the byte after a mark of BREAKS.  A comma between digits does not break.
local function clause_starts(s)
  local starts = { 1 }
  for _, mark in ipairs(BREAKS) do
    local at = 1
    while true do
      local from, to = s:find(mark, at, true)
      if not from then break end
      local digits = #mark == 1 and s:sub(from - 1, from - 1):find("%d") and s:sub(to + 1, to + 1):find("%d")
      if not digits then starts[#starts + 1] = to + 1 end
      at = to + 1
    end
  end
  table.sort(starts)
  return starts
end

local function add_mark(marks, s, from, to, reading)
  local last = marks[#marks]
  if not (last and last.from == from and last.to == to) then
    last = { from = from, to = to, word = s:sub(from, to) }
    marks[#marks + 1] = last
  end
  for k, v in pairs(reading) do last[k] = v end
end

local PREPOSITIONS = { "对", "對", "向", "把", "给", "給", "被", "比", "跟", "与", "與", "和", "让", "讓", "除" }

--- A name that does something, as against one that something is done to or compared with.
local function is_topical(s, m)
  local lead = s:sub(m.from - 3, m.from - 1)
  for _, word in ipairs(PREPOSITIONS) do
    if lead == word then return false end
  end
  return true
end

--- 他 stands for the nearest person before it that does something (else for the nearest), 自己 for the first person of
--- its clause or of an earlier one.
local function resolve_pronouns(s, marks)
  local nearest, doer, topic
  for _, m in ipairs(marks) do
    local stands_for = m.pronoun and m.word ~= "它" and (m.word == "自己" and topic or doer or nearest)
    if stands_for then
      m.who, m.target, m.person, m.back = stands_for.who, stands_for.target, true, true
    elseif m.pronoun and m.word ~= "自己" and m.word ~= "它" then
      m.who, m.person = m.word, true -- somebody of an earlier sentence: at least not the author
    elseif m.who and m.person and m.name then
      if not (topic and topic.clause == m.clause) then topic = m end
      if is_topical(s, m) then doer = m end
      nearest = m
    end
  end
end

--- All marks of a sentence, leftmost and longest first, none inside another.
---@param s string
---@return ds.stance.mark[] marks
---@return integer[] clauses start of each clause
function Scanner:marks(s)
  local starts, ends, people = token_borders(self, s)
  local hits, marks, last, p = self.all:find(s), {}, 0, 1
  local function take_people(upto)
    while people[p] and people[p][1] < upto do
      local from, to, word = people[p][1], people[p][2], people[p][3]
      if from > last then
        add_mark(marks, s, from, to, { who = word, person = true, name = true })
        last = to
      end
      p = p + 1
    end
  end
  for i = 1, #hits, 3 do
    local from, to = hits[i], hits[i + 1]
    local same = marks[#marks] and marks[#marks].from == from and marks[#marks].to == to
    if from > last or same then
      for _, reading in ipairs(self.readings[hits[i + 2]]) do
        if accepts(reading, s, from, to, starts, ends, marks[#marks]) then
          if not same then take_people(from) end
          if from > last or (marks[#marks].from == from and marks[#marks].to == to) then
            add_mark(marks, s, from, to, reading)
            last, same = to, true
          end
        end
      end
    end
  end
  take_people(math.huge)
  local clauses, c = clause_starts(s), 1
  for _, m in ipairs(marks) do
    while clauses[c + 1] and clauses[c + 1] <= m.from do c = c + 1 end
    m.clause = c
  end
  resolve_pronouns(s, marks)
  return marks, clauses
end

return { new = new }

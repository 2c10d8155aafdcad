-- stance_scan.lua: finds in one sentence everything that a judgement is made of.  A mark is a stretch of the sentence
-- with one or more readings: the target, another name, a holder (网友), a sentiment word, a modifier, a reporting verb,
-- a pronoun.

local marks_c = require "ds.c.marks"
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

---@class ds.stance.lexis what all targets share
---@field terms string[]
---@field readings table[][] by term
---@field bad {line: integer, message: string}[] lines of the lexicons that were left out
---@field aliases table[]

---@class ds.stance.scanner
---@field lexis ds.stance.lexis
---@field target string the canonical name
---@field names string[] all that mean the target
---@field type string? of the target, as the aliases say; nil: they do not know it
local Scanner = {}
Scanner.__index = Scanner

local function fold(s) return (utf8c.fold(s)) end

--- Terms and what they mean.  Several entries may share a term.
local function add_term(lexis, term, reading)
  local key = fold(term)
  local i = lexis.index[key]
  if not i then
    i = #lexis.terms + 1
    lexis.terms[i], lexis.readings[i], lexis.index[key] = term, {}, i
  end
  local list = lexis.readings[i]
  list[#list + 1] = reading
end

-- Short words have to be words where they stand; longer ones, and names of four bytes up, speak for themselves.
local function free(reading) return reading.name and 9 or (reading.sentiment or reading.mod) and 12 or 99 end

local NOBODY = {}
local APART = 36 -- bytes between the words of an idiom

local PRONOUNS = { "他", "她", "其", "自己", "他们", "它" }

local function add_names(lexis, aliases)
  local seen = {}
  lexis.of_name, lexis.by_alias = {}, {}
  for _, row in ipairs(aliases) do
    local list = lexis.of_name[fold(row.name)] or {}
    lexis.of_name[fold(row.name)] = list
    list[#list + 1] = row.alias
    for _, name in ipairs { row.name, row.alias } do
      local key = fold(name)
      lexis.by_alias[key] = lexis.by_alias[key] or row
      if not seen[key] then
        seen[key] = true
        add_term(lexis, name, { who = row.name, person = row.type == "person", name = true, key = key })
      end
    end
  end
end

--- Reads the lexicons.
---@param opts {aliases: string?, sentiment: string?, modifiers: string?, verbs: string?, holders: string?}
---@param segmenter ds.segmenter
---@return ds.stance.lexis? lexis
---@return string? message
local function read(opts, segmenter)
  local lexis = { terms = {}, readings = {}, index = {}, bad = {} }
  local tables = {}
  for _, want in ipairs {
    { "aliases", lexicon.aliases, opts.aliases }, { "sentiment", lexicon.sentiment, opts.sentiment },
    { "modifiers", lexicon.modifiers, opts.modifiers }, { "verbs", lexicon.reporting_verbs, opts.verbs },
    { "holders", lexicon.words, opts.holders or "holders.tsv" },
  } do
    local rows, bad = want[2](want[3])
    if not rows then return nil, bad end
    tables[want[1]] = rows
    table.move(bad, 1, #bad, #lexis.bad + 1, lexis.bad)
  end
  add_names(lexis, tables.aliases)
  for _, word in ipairs(tables.holders) do add_term(lexis, word, { who = word, person = true }) end
  for _, row in ipairs(tables.sentiment) do
    local verb, object = row.word:match("^(.+)…(.+)$")
    if verb then
      add_term(lexis, verb, { apart = true, verb_of = { [row.word] = row } })
      add_term(lexis, object, { apart = true, object_of = { [row.word] = row } })
    else
      add_term(lexis, row.word, { sentiment = row })
    end
  end
  for _, row in ipairs(tables.modifiers) do add_term(lexis, row.word, { mod = row }) end
  for _, row in ipairs(tables.verbs) do add_term(lexis, row.word, { verb = row }) end
  for _, word in ipairs(PRONOUNS) do add_term(lexis, word, { pronoun = true }) end
  local least = {}
  for i, list in ipairs(lexis.readings) do
    least[i] = 99
    for _, reading in ipairs(list) do
      least[i] = math.min(least[i], reading.sentiment and #lexis.terms[i] <= 3 and 0 or free(reading))
    end
  end
  lexis.finder = marks_c.new(segmenter, match_c.new(lexis.terms, FOLD_ALL), least)
  return lexis
end

--- A scanner for one target: its aliases, those of the name that it is an alias of, and itself are its names.
---@param lexis ds.stance.lexis
---@param target string
---@return ds.stance.scanner
local function new(lexis, target)
  local row = lexis.by_alias[fold(target)]
  local canonical = row and row.name or target
  local self = setmetatable({ lexis = lexis, target = canonical, type = row and row.type, names = {}, is_target = {} }, Scanner)
  local function add(name)
    local key = fold(name)
    if not self.is_target[key] then self.is_target[key], self.names[#self.names + 1] = true, name end
  end
  add(canonical)
  add(target)
  for _, alias in ipairs(lexis.of_name[fold(canonical)] or {}) do add(alias) end
  self.reading = { target = true, who = canonical, person = true, name = true }
  self.of_target = match_c.new(self.names, FOLD_ALL)
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

--- Whether a reading holds.  A single character evaluates only after a degree word (很强).
local function accepts(reading, from, to, whole_word, before)
  if reading.target then return true end
  local bytes = to - from + 1
  if reading.sentiment and bytes <= 3 then
    return before ~= nil and before.mod ~= nil and before.mod.kind == "degree" and before.to == from - 1
  end
  return whole_word or bytes >= free(reading)
end

-- A mark is made with room for all that it may become; its word is needed of what evaluates, and of pronouns.
local function new_mark(s, from, to, clause, r)
  return { from = from, to = to, clause = clause, who = r.who, target = r.target, person = r.person, name = r.name,
           sentiment = r.sentiment, mod = r.mod, verb = r.verb, pronoun = r.pronoun,
           word = (r.sentiment or r.mod or r.pronoun) and s:sub(from, to) or nil }
end

-- Verbs of several idioms (耍…花招, 耍…把戏) have several readings at one place.
local function add_apart(mark, reading)
  for _, side in ipairs { "verb_of", "object_of" } do
    if reading[side] then
      mark[side] = mark[side] or {}
      for idiom, row in next, reading[side] do mark[side][idiom] = row end
    end
  end
end

--- Idioms taken apart: 画了更大的饼.  The later of the two words evaluates.
local function join_apart(s, list)
  for k, last in ipairs(list) do
    for i = k - 1, 1, -1 do
      local first = list[i]
      if first.clause ~= last.clause or last.from - first.to > APART then break end
      for _, way in ipairs { { "verb_of", "object_of" }, { "object_of", "verb_of" } } do
        for idiom, row in next, first[way[1]] or NOBODY do
          local other = last[way[2]]
          if other and other[idiom] and not last.sentiment then last.sentiment, last.word = row, s:sub(last.from, last.to) end
        end
      end
    end
  end
end

local function add_mark(marks, s, from, to, clause, reading)
  local last = marks[#marks]
  if not (last and last.from == from and last.to == to) then
    marks[#marks + 1] = new_mark(s, from, to, clause, reading)
    return
  end
  for k, v in next, reading do last[k] = v end
  last.word = s:sub(from, to)
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
  local hits, clauses = self.lexis.finder:find(s, self.of_target)
  local marks, apart, last, top = {}, {}, 0, nil
  local readings, is_target, own = self.lexis.readings, self.is_target, { self.reading }
  for i = 1, #hits, 5 do
    local from, to = hits[i], hits[i + 1]
    local same = top and top.from == from and top.to == to
    if from > last or same then
      local term = hits[i + 2]
      local list = term > 0 and readings[term] or term < 0 and own or NOBODY
      for k = 1, #list do
        local reading = list[k]
        if not (reading.name and is_target[reading.key]) and accepts(reading, from, to, hits[i + 3] == 1, top) then
          if reading.apart then
            if not (top and top.from == from and top.to == to) or #marks == 0 then
              top = new_mark(s, from, to, hits[i + 4], reading)
              marks[#marks + 1] = top
            end
            add_apart(top, reading)
            if apart[#apart] ~= top then apart[#apart + 1] = top end
          else
            add_mark(marks, s, from, to, hits[i + 4], reading)
            top = marks[#marks]
          end
          last = to
        end
      end
      if term == 0 and not same then
        add_mark(marks, s, from, to, hits[i + 4], { who = s:sub(from, to), person = true, name = true })
        last = to
      end
      top = marks[#marks]
    end
  end
  if #apart > 1 then join_apart(s, apart) end
  resolve_pronouns(s, marks)
  return marks, clauses
end

return { read = read, new = new }

-- numbers.lua: what a text says in numbers.  `ds.numbers():find(doc)` gives a record for every quantity and date:
-- value, unit, how exact, which way it moved, what it is about.  core/quantity.c finds them by the words of
-- lexicons/units.tsv; here currencies that the text leaves out and dates that hang on the article's own date get theirs.

local dates = require "ds.numbers_date"
local lexicon = require "ds.lexicon"
local names = require "ds.names"
local quantity = require "ds.c.quantity"
local utf8c = require "ds.c.utf8"

---@class ds.numbers
---@field bad_lines {line: integer, message: string}[] lines of the table that were left out
local Numbers = {}
Numbers.__index = Numbers
Numbers.__name = "ds.numbers"
function Numbers:__tostring() return "ds.numbers" end

local known = { "units", "user", "segmenter" }
local SUGGESTED <const> = 1000 -- frequency of a word of the table that the segmenter does not know

local KINDS = {}
for kind in ("money percent pp times count loose time measure after thing ordinal none prefix before up down cue date id whole skip")
  :gmatch("%S+") do KINDS[kind] = true end

-- The rows of a table of units.
local function read_units(name)
  return lexicon.read(name or "units.tsv", function(f)
    local factor = tonumber(f[4])
    if #f ~= 4 or f[1] == "" or not factor then return nil, "a line is word, unit, kind, factor" end
    if not KINDS[f[3]] then return nil, "unknown kind '" .. f[3] .. "'" end
    if #f[2] > 23 then return nil, "the unit has more than 23 bytes" end
    if #f[1] > 60 then return nil, "the word has more than 60 bytes" end
    return { f[1], f[2], f[3], factor + 0.0 }
  end)
end

-- Not nouns: 花了, 卖到, 掉.
local function is_verb(word)
  for _, ending in ipairs { "了", "到", "掉" } do
    if word:sub(-#ending) == ending then return true end
  end
  return false
end

-- A segmenter that knows the table's nouns for money (营收), which the noun phrases are cut with.
local function segmenter_with(rows, user)
  local seg, message = require "ds.segmenter" { user = user }
  if not seg then return nil, message end
  for _, row in ipairs(rows) do
    if row[3] == "cue" and not is_verb(row[1]) and #seg:words(row[1]) == 2 then seg:add(row[1], SUGGESTED, "n") end
  end
  return seg
end

--- A finder of quantities.
---@param opts? {units: string?, user: string?, segmenter: ds.segmenter?}
---  units: path of a table to use in place of the bundled one; user: path of a user dictionary; segmenter: in its place
---@return ds.numbers? finder
---@return string? message names the file that could not be read, or has a row that makes no sense
local function new(opts)
  opts = opts or {}
  for name in pairs(opts) do
    names.check("ds.numbers: unknown option", name, known)
  end
  local rows, bad = read_units(opts.units)
  if not rows then return nil, bad end
  local words, why, detail = quantity.words(rows)
  if not words then
    local row = detail and detail.line and rows[detail.line]
    return nil, ("%s: '%s': %s"):format(opts.units or "units.tsv", row and row[1] or "?", why)
  end
  local segmenter, message = opts.segmenter, nil
  if not segmenter then
    segmenter, message = segmenter_with(rows, opts.user)
    if not segmenter then return nil, message end
  end
  return setmetatable({ bad_lines = bad, words = words, segmenter = segmenter }, Numbers)
end

-- ------------------------------------------------------------------ currencies

-- Words that tell whose 元 a text counts in.
local LOCAL = { HKD = { "港元", "港币", "HK$" }, TWD = { "新台币", "台币", "NT$" } }

local function count(text, word)
  local n, at = 0, 1
  while true do
    local from, to = text:find(word, at, true)
    if not from then return n end
    n, at = n + 1, to + 1
  end
end

-- What 元 means in a text: yuan, unless a Traditional one speaks of Hong Kong's or Taiwan's dollars.
local function local_currency(doc, records)
  local tally, best, most = { CNY = 0, HKD = 0, TWD = 0 }, "CNY", 0
  if doc.script ~= "Hant" then return "CNY" end
  for _, r in ipairs(records) do
    if r.kind == "money" and not r.is_local and tally[r.unit] then tally[r.unit] = tally[r.unit] + 1 end
  end
  for unit in pairs(LOCAL) do
    if tally[unit] > math.max(most, tally.CNY) then best, most = unit, tally[unit] end
  end
  if most > 0 or tally.CNY > 0 then return best end
  local key = utf8c.fold(doc.text, { case = false })
  for unit, words in pairs(LOCAL) do
    local n = 0
    for _, word in ipairs(words) do n = n + count(key, word) end
    if n > most then best, most = unit, n end
  end
  return best
end

-- The currency written nearest to record i; the one before wins over one as near behind it.
local function nearest_currency(records, i)
  local here = records[i].from
  local best, distance
  for step = -1, 1, 2 do
    local k = i + step
    while records[k] do
      local r = records[k]
      if r.kind == "money" and r.unit and not r.implied then
        local d = math.abs(r.from - here)
        if not distance or d < distance then best, distance = r.unit, d end
        break
      end
      k = k + step
    end
  end
  return best
end

local function settle_currencies(doc, records)
  local own
  for _, r in ipairs(records) do
    if r.is_local then
      own = own or local_currency(doc, records)
      if own ~= "CNY" then r.unit = own end
    end
  end
  for i, r in ipairs(records) do
    if r.kind == "money" and r.implied then
      r.unit = nearest_currency(records, i) or (doc.script ~= "Hant" and "CNY") or nil
    end
  end
end

-- ------------------------------------------------------------------ records

---@class ds.number
---@field from integer first byte in doc.text, with approximators
---@field to integer last byte, with the unit
---@field number_from integer first byte of the number itself
---@field text string
---@field value number? in the unit; nil when the text names none (几十万), and for dates
---@field value_to number? the end of a range; else the value
---@field unit string? "USD", "%", "pp", "x", "ratio", "人", "hour", …
---@field kind "number"|"money"|"percent"|"multiple"|"ratio"|"count"|"measure"|"duration"|"date"
---@field approx ""|"~"|">"|"<"|">="|"<="|"some"
---@field direction "up"|"down"|nil
---@field per string? what it is counted per, as written
---@field implied boolean? true: money whose currency the text does not write here
---@field about string? noun phrase that it counts or that stands before it
---@field about_from integer?
---@field about_to integer?
---@field date string? of dates: "2025-01-27", "2025-01", "2025", "2024-Q4", "2024-H1", "2025-W05"; nil: open
---@field date_to string? the end of a period

local DEFAULT_UNIT = { percent = "%", ratio = "ratio", date = "date" }

--- The quantities of a document.
---@param doc ds.doc
---@param from? integer first byte of doc.text, default 1
---@param to? integer last byte
---@return ds.number[]
function Numbers:find(doc, from, to)
  local records, anchor = self.words:find(doc.text, self.segmenter), dates.anchor(doc.date)
  settle_currencies(doc, records)
  for _, r in ipairs(records) do
    r.unit, r.is_local = r.unit or DEFAULT_UNIT[r.kind], nil
    if r.kind == "date" then
      local d, d_to = r.date, r.date_to
      r.date = dates.resolve(d, anchor)
      r.date_to = d_to and dates.resolve(d_to, anchor)
    end
  end
  if not from and not to then return records end
  local out = {}
  for _, r in ipairs(records) do
    if r.from >= (from or 1) and r.to <= (to or #doc.text) then out[#out + 1] = r end
  end
  return out
end

return new

-- matcher.lua: ds.matcher(terms, opts), thousands of terms found in one pass over a text.
--
-- A term is a form with a label; several forms may have one label (价格战, 价格大战 -> 价格战).  Forms that fold to the
-- same key under one label (價格戰 and 价格战, where variants are folded) count and show once.

local docs = require "ds.doc"
local match = require "ds.c.match"
local names = require "ds.names"
local order = require "ds.order"
local tsv = require "ds.tsv"

local flags = { case = match.CASE, width = match.WIDTH, variant = match.VARIANT }
local option_names = { "variant", "case", "width" }

---@class ds.matcher
local M = {}

--- fold flags of an options table; unknown names raise.
local function fold_flags(opts)
  local sum = match.CASE + match.WIDTH + match.VARIANT
  for name, value in pairs(opts or {}) do
    if not flags[name] then
      local near = type(name) == "string" and names.nearest(name, option_names)
      error(("ds.matcher: unknown option '%s'%s"):format(tostring(name),
        near and (", did you mean '" .. near .. "'?") or "; there are variant, case, width"), 3)
    end
    if type(value) ~= "boolean" then
      error(("ds.matcher: option '%s' is true or false, not a %s"):format(name, type(value)), 3)
    end
    if not value then sum = sum - flags[name] end
  end
  return sum
end

local function trim(s) return (s or ""):match("^%s*(.-)%s*$") end

--- Rows {form, label} of a TSV file.  The first row decides: with a second column, every row needs a label; without
--- one, the file is a plain list, in which every term is its own label.
local function from_file(path)
  local labelled
  return tsv.read(path, function(fields)
    local form, label = trim(fields[1]), trim(fields[2])
    if labelled == nil then labelled = fields[2] ~= nil end
    if form == "" then return nil, "the first column, a term, is empty" end
    if form:find("\0", 1, true) then return nil, "a NUL byte in the term" end
    if labelled and label == "" then return nil, "the second column, the label of '" .. form .. "', is missing" end
    if not labelled and fields[2] ~= nil then return nil, "a second column, which the lines above do not have" end
    return { form, labelled and label or form }
  end)
end

local function check_form(form, where)
  if type(form) ~= "string" then error(("ds.matcher: %s is not a string but a %s"):format(where, type(form)), 4) end
  if form == "" then error(("ds.matcher: %s is empty"):format(where), 4) end
end

--- Rows {form, label} of a list of terms or of a map term -> label, the map in bytewise order of its terms.
local function from_table(terms)
  local rows = {}
  if #terms > 0 or next(terms) == nil then
    for i, form in ipairs(terms) do
      check_form(form, "term " .. i)
      rows[i] = { form, form }
    end
    for key in pairs(terms) do
      if math.type(key) ~= "integer" or key < 1 or key > #rows then
        error(("ds.matcher: the terms are either a list or a map from term to label, not both (key '%s')")
          :format(tostring(key)), 3)
      end
    end
    return rows
  end
  for form, label in pairs(terms) do
    check_form(form, "a term")
    check_form(label, "the label of '" .. form .. "'")
  end
  for _, form in ipairs(order.keys(terms)) do rows[#rows + 1] = { form, terms[form] } end
  return rows
end

--- Fills self._shown and self._counted: of each label's forms with equal key the first only.
local function drop_doubles(self)
  local seen = {}
  for i = 1, #self._forms do
    local key = self._core:same(i) .. "\0" .. self._label_of[i]
    self._shown[i] = not seen[key]
    self._counted[i] = not seen[key] and self._label_of[i]
    seen[key] = true
  end
end

local function text_of(doc_or_s)
  if type(doc_or_s) == "string" then return doc_or_s end
  local kind = type(doc_or_s)
  local text = (kind == "table" or kind == "userdata") and doc_or_s.text
  if type(text) ~= "string" then
    error(("a string or a document is needed, not a %s"):format(kind), 3)
  end
  return text
end

---@class ds.matcher.count
---@field label string
---@field n integer hits

--- Counts the terms of a document's text or a string: for each form its own occurrences that do not overlap one
--- another, summed by label; no word borders.
---@param doc_or_s string|{text: string}
---@return ds.matcher.count[] counts one row a label, in the order of the terms; counts.by[label] is the same row
---@nodiscard
function M:count(doc_or_s)
  local counts = self._core:count(text_of(doc_or_s))
  local rows, by = {}, {}
  for i, label in ipairs(self._labels) do
    rows[i] = { label = label, n = 0 }
    by[label] = rows[i]
  end
  for i, n in ipairs(counts) do
    if self._shown[i] then
      local row = by[self._label_of[i]]
      row.n = row.n + n
    end
  end
  rows.by = by
  return rows
end

--- Iterates over the hits in order of their beginning, of two that begin together the longer first:
--- for from, to, label, term in m:spans(doc) do … end
---@param doc_or_s string|{text: string}
---@return fun(): integer?, integer?, string?, string? next from, to in bytes; label; the form as it was listed
---@nodiscard
function M:spans(doc_or_s)
  local hits, at = self._core:find(text_of(doc_or_s)), 1
  return function()
    while hits[at] do
      local from, to, i = hits[at], hits[at + 1], hits[at + 2]
      at = at + 3
      if self._shown[i] then return from, to, self._label_of[i], self._forms[i] end
    end
  end
end

-- Whether a hit begins or ends within a word of an alphabet, or a number: Meta in metadata.
local function cuts_word(text, from, to)
  return (text:find("^%w%w", from - 1) and from > 1) or text:find("^%w%w", to)
end

--- Iterates over names: as spans, but of hits that overlap only the first, of two that begin together the longer, and none
--- that cuts a word of an alphabet: "Grok 3" is not "Grok", and Meta not in metadata.
---@param doc_or_s string|{text: string}
---@return fun(): integer?, integer?, string?, string? next
---@nodiscard
function M:names(doc_or_s)
  local text, behind = text_of(doc_or_s), 0
  local next_hit = self:spans(text)
  return function()
    for from, to, label, form in next_hit do
      if from > behind and not cuts_word(text, from, to) then
        behind = to
        return from, to, label, form
      end
    end
  end
end

--- Counts the hits that spans gives of a document, by label, and those of them that begin and end where words do.
---@param doc ds.doc
---@return table<string, integer> n of labels with a hit
---@return table<string, integer> words the same keys
---@nodiscard
function M:tally(doc)
  if getmetatable(doc) ~= docs.meta then error(("matcher:tally: a document is needed, not a %s"):format(type(doc)), 2) end
  return docs.tally(doc, self._core, self._counted)
end

--- Frees the automaton; later use raises.
function M:close() self._core:close() end

local meta = {
  __name = "ds.matcher",
  __index = M,
  __gc = function(self) self._core:close() end,
  __close = function(self) self._core:close() end,
  __tostring = function(self) return ("ds.matcher (%d terms, %d labels)"):format(#self._forms, #self._labels) end,
}

--- Makes a matcher.  A list or a map with a wrong item raises; a file that cannot be read or has a bad line gives nil
--- and a message naming file and line.
---@param terms string[]|table<string, string>|string list of terms, map term -> label, or path of a TSV file (term, label)
---@param opts? {variant: boolean?, case: boolean?, width: boolean?} what is folded, all by default
---@return ds.matcher? matcher
---@return string? message
---@return table? detail
return function(terms, opts)
  if opts ~= nil and type(opts) ~= "table" then
    error("ds.matcher: the options are a table, not a " .. type(opts), 2)
  end
  local fold = fold_flags(opts)
  local rows, message
  if type(terms) == "string" then
    rows, message = from_file(terms)
    if not rows then return nil, message end
  elseif type(terms) == "table" then
    rows = from_table(terms)
  else
    error("ds.matcher: the terms are a list, a map or the path of a file, not a " .. type(terms), 2)
  end
  local self = { _forms = {}, _label_of = {}, _labels = {}, _shown = {}, _counted = {} }
  local known = {}
  for i, row in ipairs(rows) do
    self._forms[i], self._label_of[i] = row[1], row[2]
    if not known[row[2]] then self._labels[#self._labels + 1] = row[2] end
    known[row[2]] = true
  end
  local core, why, detail = match.new(self._forms, fold)
  if not core then return nil, why, detail end
  self._core = core
  drop_doubles(self)
  return setmetatable(self, meta)
end

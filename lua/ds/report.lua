-- report.lua: `r`, what a plugin's `report` writes to.  It only collects blocks, plain data that every format of
-- report renders (report_text.lua for -f text).
--
-- Kinds of block: heading {text}; note {text}; table {title, columns, rows, found, right, option}; bars {title, items, found};
-- series {title, points, height}; evidence {title, items, found}.  `found` is how many there were before a limit,
-- `option` what -f tsv needs to write the whole table, nil when it is no declared one.
local colon = require "ds.colon"
local failure = require "ds.failure"
local order = require "ds.order"

---@class ds.Report
---@field blocks table[]
local Report = { __name = "ds.Report" }

local report = {}

local function check_options(what, opts, known, level)
  if opts == nil then return {} end
  if type(opts) ~= "table" then error(("r:%s: the options must be a table"):format(what), level + 1) end
  for key in next, opts do
    local ok = false
    for _, k in ipairs(known) do ok = ok or k == key end
    if not ok then
      error(("r:%s: unknown option '%s'%s"):format(what, tostring(key),
        failure.hint(key, known, "; known are " .. table.concat(known, ", "))), level + 1)
    end
  end
  return opts
end

local function check_list(what, list, level)
  if type(list) ~= "table" then error(("r:%s: a list is wanted, not a %s"):format(what, type(list)), level + 1) end
  return list
end

local function check_limit(what, limit, level)
  if limit == nil or limit == math.huge or (math.type(limit) == "integer" and limit >= 0) then return end
  error(("r:%s: limit is a whole number not below 0, not %s"):format(what, tostring(limit)), level + 1)
end

local function first(list, limit)
  if not limit or #list <= limit then return list end
  return table.move(list, 1, limit, 1, {})
end

local function add(self, block) self.blocks[#self.blocks + 1] = block end

--- A heading.
---@param text string
function Report:heading(text) add(self, { kind = "heading", text = tostring(text) }) end

--- A paragraph.
---@param ... any put together as one text
function Report:note(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  add(self, { kind = "note", text = table.concat(parts) })
end

-- ------------------------------------------------------------------ tables

-- Columns of rows that belong to no declared table: those of the first row, in order.
local function columns_of(rows)
  local keys = rows[1] and order.keys(rows[1]) or {}
  for i, key in ipairs(keys) do keys[i] = tostring(key) end
  return keys
end

-- The columns that rows may have, as a set: the declared ones, or whatever a row has; rows may be taken from a
-- declared table and lack what is null in all of them.  nil: there are no rows to tell.
local function known_columns(plugin, rows, declared)
  if declared then return declared.types end
  if #rows == 0 then return nil end
  local known = {}
  for _, row in ipairs(rows) do
    for key in next, row do known[key] = true end
  end
  for _, t in ipairs(plugin.tables) do
    for _, column in ipairs(t.order) do known[column] = known[column] or false end
  end
  return known
end

local function check_columns(columns, known, declared, level)
  if not known then return end
  for _, column in ipairs(columns) do
    if known[column] == nil then
      local names = {}
      for name, own in next, known do
        if own and type(name) == "string" then names[#names + 1] = name end
      end
      error(("r:table: %s has no column '%s'%s"):format(declared and ("table '%s'"):format(declared.name) or "the list of rows",
        tostring(column), failure.hint(column, names)), level + 1)
    end
  end
end

-- -1, 0 or 1; values without an order are equal, and what is missing comes last either way.
local function compare(a, b, down)
  if a == b then return 0 end
  if not order.has(a) or not order.has(b) then
    if order.has(a) then return -1 end
    return order.has(b) and 1 or 0
  end
  return order.before(a, b) == down and 1 or -1
end

-- A copy of the list sorted by several keys; equals stay as they are.  keys: { get = fun(item), down = boolean }[]
local function sorted(list, keys)
  local at, out = {}, table.move(list, 1, #list, 1, {})
  for i, item in ipairs(out) do at[i] = { item = item, place = i } end
  table.sort(at, function(a, b)
    for _, key in ipairs(keys) do
      local c = compare(key.get(a.item), key.get(b.item), key.down)
      if c ~= 0 then return c < 0 end
    end
    return a.place < b.place
  end)
  for i, entry in ipairs(at) do out[i] = entry.item end
  return out
end

local function sort_keys(sort, level)
  local keys = {}
  for i, word in ipairs(type(sort) == "table" and sort or { sort }) do
    if type(word) ~= "string" then error("r:table: sort is a column, or a list of columns", level + 1) end
    local minus, column = word:match("^(%-?)(.*)$")
    keys[i] = { column = column, down = minus == "-", get = function(row) return row[column] end }
  end
  return keys
end

-- What the user writes after -f tsv to get the whole table; nil when it is not a declared one.
local function tsv_option(plugin, t)
  if not t then return nil end
  return t == plugin.tables[1] and "" or " --table " .. t.name
end

--- A table: the name of a declared one, or a list of rows.
---@param source string|table[]
---@param opts {title: string?, columns: string[]?, limit: integer?, sort: string|string[]|nil, right: string[]?}?
---  limit: rows shown, 20 unless told; sort: a column, "-column" for the largest first, or a list of these;
---  right: columns of text that end flush, and lose their beginning when they are too long
function Report:table(source, opts)
  opts = check_options("table", opts, { "title", "columns", "limit", "sort", "right" }, 2)
  check_limit("table", opts.limit, 2)
  local plugin, title = self.ctx._plugin, opts.title
  if type(source) == "string" then
    title = title or source
    source = self.ctx:rows(source)
  end
  local rows = check_list("table", source, 2)
  local declared = self.ctx._table_of[rows]
  local columns = opts.columns or (declared and declared.order) or columns_of(rows)
  local keys = sort_keys(opts.sort, 2)
  if opts.columns or opts.right or keys[1] then
    local known = known_columns(plugin, rows, declared)
    if opts.columns then check_columns(columns, known, declared, 2) end
    if opts.right then check_columns(check_list("table", opts.right, 2), known, declared, 2) end
    for _, key in ipairs(keys) do check_columns({ key.column }, known, declared, 2) end
  end
  if keys[1] then rows = sorted(rows, keys) end
  add(self, { kind = "table", title = title, columns = columns, rows = first(rows, opts.limit or 20), found = #rows,
    right = opts.right, option = tsv_option(plugin, declared) })
end

-- ------------------------------------------------------------------ pictures

local LARGEST = {
  { get = function(item) return item[2] end, down = true },
  { get = function(item) return tostring(item[1]) end, down = false },
}

--- Horizontal bars.
---@param items {[1]: string, [2]: number}[] label and value, values not below 0
---@param opts {title: string?, limit: integer?, width: integer?, sort: boolean?}?
---  width: columns of the longest bar; sort: the largest first, equals by label
function Report:bars(items, opts)
  opts = check_options("bars", opts, { "title", "limit", "width", "sort" }, 2)
  check_limit("bars", opts.limit, 2)
  if opts.sort ~= nil and type(opts.sort) ~= "boolean" then error("r:bars: sort is true or false", 2) end
  for i, item in ipairs(check_list("bars", items, 2)) do
    if type(item) ~= "table" or type(item[2]) ~= "number" or not (item[2] >= 0 and item[2] < math.huge) then
      error(("r:bars: item %d must be { label, value } with a value not below 0"):format(i), 2)
    end
  end
  if opts.sort then items = sorted(items, LARGEST) end
  add(self, { kind = "bars", title = opts.title, width = opts.width, items = first(items, opts.limit), found = #items })
end

--- Values in a row, as columns: counts a month, shares a year.
---@param points {[1]: string|number, [2]: number|false}[] x and y, y not below 0; false: there is none, a gap
---@param opts {title: string?, height: integer?}? height: lines of the highest column
function Report:series(points, opts)
  opts = check_options("series", opts, { "title", "height" }, 2)
  for i, point in ipairs(check_list("series", points, 2)) do
    local y = type(point) == "table" and point[2]
    if type(point) ~= "table" or (y ~= false and (type(y) ~= "number" or not (y >= 0 and y < math.huge))) then
      error(("r:series: point %d must be { x, y } with a y not below 0, or false for none"):format(i), 2)
    end
  end
  add(self, { kind = "series", title = opts.title, height = opts.height, points = points })
end

---@class ds.EvidenceItem
---@field doc string id of the article
---@field from integer? byte in doc.text, from 1
---@field to integer?
---@field text string? the passage itself, when it has no offsets (a title)
---@field note string? what it shows
---@field marks {from: integer, to: integer}[]? parts of the passage to highlight instead of all of it

--- Passages, each in its sentence, with the part that matters highlighted.
---@param items ds.EvidenceItem[] rows that were emitted with from and to, or tables like them
---@param opts {title: string?, limit: integer?}? limit: passages shown, 20 unless told
function Report:evidence(items, opts)
  opts = check_options("evidence", opts, { "title", "limit" }, 2)
  check_limit("evidence", opts.limit, 2)
  local shown = {}
  for i, item in ipairs(first(check_list("evidence", items, 2), opts.limit or 20)) do
    if type(item) ~= "table" or type(item.doc) ~= "string" then
      error(("r:evidence: item %d must have `doc`, the id of its article"):format(i), 2)
    end
    local passage = self.passage(item.doc, item.from, item.to)
    shown[i] = { doc = item.doc, from = item.from, to = item.to, text = item.text, note = item.note,
      marks = item.marks, passage = passage }
  end
  add(self, { kind = "evidence", title = opts.title, items = shown, found = #items })
end

colon(Report, "r", Report)

function Report.__index(_, key)
  local method = Report[key]
  if method then return method end
  local known = { "heading", "note", "table", "bars", "series", "evidence" }
  error(("r has no '%s'%s"):format(tostring(key), failure.hint(key, known)), 2)
end

---@param ctx ds.Context
---@param passage fun(doc: string, from: integer?, to: integer?): {text: string, from: integer}? the sentences around
---@return ds.Report
function report.new(ctx, passage)
  return setmetatable({ blocks = {}, ctx = ctx, passage = passage }, Report)
end

--- The report of a plugin without `report`: every table, whole.
---@param ctx ds.Context
---@return table[] blocks
function report.plain(ctx)
  local r = report.new(ctx, function() end)
  for _, t in ipairs(ctx._plugin.tables) do
    if #ctx:rows(t.name) > 0 or #ctx._plugin.tables == 1 then r:table(t.name, { limit = math.huge }) end
  end
  return r.blocks
end

return report

-- report.lua: `r`, what a plugin's `report` writes to.  It only collects blocks, plain data that every format of
-- report renders (report_text.lua for -f text).
--
-- Kinds of block: heading {text}; note {text}; table {title, columns, rows, found}; bars {title, items, found};
-- series {title, points, height}; evidence {title, items, found}.  `found` is how many there were before a limit.
local failure = require "ds.failure"

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

-- Columns of rows that belong to no declared table: those of the first row, in order.
local function columns_of(rows)
  local order = require "ds.order"
  local keys = rows[1] and order.keys(rows[1]) or {}
  for i, key in ipairs(keys) do keys[i] = tostring(key) end
  return keys
end

--- A table: the name of a declared one, or a list of rows.
---@param source string|table[]
---@param opts {title: string?, columns: string[]?, limit: integer?}? limit: rows shown, 20 unless told
function Report:table(source, opts)
  opts = check_options("table", opts, { "title", "columns", "limit" }, 2)
  local rows, columns, name = source, opts.columns, nil
  if type(source) == "string" then
    rows, name = self.ctx:rows(source), source
    local declared = self.ctx._plugin.by_name[source]
    for _, column in ipairs(columns or {}) do
      if not declared.types[column] then
        error(("r:table: table '%s' has no column '%s'%s"):format(source, tostring(column),
          failure.hint(column, declared.order)), 2)
      end
    end
    columns = columns or declared.order
  else
    check_list("table", source, 2)
    columns = columns or columns_of(source)
  end
  local limit = opts.limit or 20
  add(self, { kind = "table", title = opts.title or name, name = name, columns = columns, rows = first(rows, limit),
    found = #rows })
end

--- Horizontal bars.
---@param items {[1]: string, [2]: number}[] label and value, values not below 0
---@param opts {title: string?, limit: integer?, width: integer?}? width: columns of the longest bar
function Report:bars(items, opts)
  opts = check_options("bars", opts, { "title", "limit", "width" }, 2)
  for i, item in ipairs(check_list("bars", items, 2)) do
    if type(item) ~= "table" or type(item[2]) ~= "number" or not (item[2] >= 0 and item[2] < math.huge) then
      error(("r:bars: item %d must be { label, value } with a value not below 0"):format(i), 2)
    end
  end
  add(self, { kind = "bars", title = opts.title, width = opts.width, items = first(items, opts.limit), found = #items })
end

--- Values in a row, as columns: counts a month, shares a year.
---@param points {[1]: string|number, [2]: number}[] x and y, y not below 0
---@param opts {title: string?, height: integer?}? height: lines of the highest column
function Report:series(points, opts)
  opts = check_options("series", opts, { "title", "height" }, 2)
  for i, point in ipairs(check_list("series", points, 2)) do
    if type(point) ~= "table" or type(point[2]) ~= "number" or not (point[2] >= 0 and point[2] < math.huge) then
      error(("r:series: point %d must be { x, y } with a y not below 0"):format(i), 2)
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

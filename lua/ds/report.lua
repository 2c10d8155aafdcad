-- report.lua: `r`, what a plugin's `report` writes to.  It only collects blocks, plain data that every format of
-- report renders (report_text.lua for -f text, report_html.lua for -f html).
--
-- Kinds of block: heading {text, parts}; note {text}; figures {items, text}; table {title, columns, rows, found, limit, right,
-- option, declared, find, places, heat}; bars {title, items, found, link}; series {title, points, height, link}; scatter
-- {title, points, x, y, log, diagonal, link}; network {title, nodes, edges, link}; evidence {title, items, found, limit}.
-- `found` is how many there were before a limit, `option` what -f tsv needs to write the whole table, nil when it is no
-- declared one, `link` the rows behind each figure.  A page keeps what a limit would cut: it can turn its tables' pages.
local colon = require "ds.colon"
local failure = require "ds.failure"
local order = require "ds.order"

---@class ds.Report
---@field blocks table[]
---@field whole boolean limits are those of the first view only
local Report = { __name = "ds.Report" }

local report = {}

local PASSAGES <const> = 200 -- of a block, that a page keeps

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

local function strings(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  return parts
end

-- The list, or what a format without pages shows of it.
local function shown(self, list, limit)
  if self.whole then return list end
  return first(list, limit)
end

--- A heading.
---@param ... any put together as one text
function Report:heading(...)
  local parts = strings(...)
  add(self, { kind = "heading", text = table.concat(parts), parts = parts })
end

--- A paragraph.
---@param ... any put together as one text
function Report:note(...) add(self, { kind = "note", text = table.concat(strings(...)) }) end

--- Headline figures.
---@param items {[1]: number|string, [2]: string}[] value and what it is
---@param opts {note: string?}? note: the sentence that -f text has instead
function Report:figures(items, opts)
  opts = check_options("figures", opts, { "note" }, 2)
  for i, item in ipairs(check_list("figures", items, 2)) do
    if type(item) ~= "table" or item[1] == nil or type(item[2]) ~= "string" then
      error(("r:figures: item %d must be { value, label }"):format(i), 2)
    end
  end
  add(self, { kind = "figures", items = items, text = opts.note })
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
---@param opts {title: string?, columns: string[]?, limit: integer?, sort: string|string[]|nil, right: string[]?,
---  heat: string[]?, find: string?, places: (fun(doc: ds.doc, row: table): {from: integer, to: integer}[])?}?
---  limit: rows shown, 20 unless told; sort: a column, "-column" for the largest first, or a list of these;
---  right: columns of text that end flush, and lose their beginning when they are too long.  For -f html only: heat,
---  columns of numbers with a bar behind them; find, a column of words that are looked up in the articles; places, which
---  finds in the article of a row what the row is about
function Report:table(source, opts)
  opts = check_options("table", opts, { "title", "columns", "limit", "sort", "right", "heat", "find", "places" }, 2)
  check_limit("table", opts.limit, 2)
  if opts.places ~= nil and type(opts.places) ~= "function" then error("r:table: places is a function(doc, row)", 2) end
  local plugin, title = self.ctx._plugin, opts.title
  if type(source) == "string" then
    title = title or source
    source = self.ctx:rows(source)
  end
  local rows = check_list("table", source, 2)
  local declared = self.ctx._table_of[rows]
  local columns = opts.columns or (declared and declared.order) or columns_of(rows)
  local keys = sort_keys(opts.sort, 2)
  if opts.columns or opts.right or opts.heat or opts.find or keys[1] then
    local known = known_columns(plugin, rows, declared)
    if opts.columns then check_columns(columns, known, declared, 2) end
    for _, list in ipairs { opts.right or {}, opts.heat or {}, { opts.find } } do
      check_columns(check_list("table", list, 2), known, declared, 2)
    end
    for _, key in ipairs(keys) do check_columns({ key.column }, known, declared, 2) end
  end
  if keys[1] then rows = sorted(rows, keys) end
  add(self, { kind = "table", title = title, columns = columns, rows = shown(self, rows, opts.limit or 20), found = #rows,
    limit = opts.limit or 20, right = opts.right, option = tsv_option(plugin, declared), declared = declared,
    heat = opts.heat, find = opts.find, places = opts.places })
end

-- ------------------------------------------------------------------ pictures

local LINK <const> = { "table", "column", "where", "date" }

-- The rows behind the figures of a picture: {table = name, column = those in which the figure's key stands, where = {…}};
-- with date = true the key is how the date of the row's article begins.
local function check_link(what, link, level)
  if link == nil then return nil end
  check_options(what, link, LINK, level + 1)
  local column = type(link.column) == "string" and { link.column } or link.column or (link.date and {})
  if type(link.table) ~= "string" or type(column) ~= "table" then
    error(("r:%s: rows is { table = its name or title, column = where the figure's key stands }"):format(what), level + 1)
  end
  return { table = link.table, columns = column, where = link.where or {}, date = link.date or nil }
end

local LARGEST = {
  { get = function(item) return item[2] end, down = true },
  { get = function(item) return tostring(item[1]) end, down = false },
}

--- Horizontal bars.
---@param items {[1]: string, [2]: number, [3]: any, tone: string?}[] label and value, values not below 0; the key of its
---  rows, the label unless told; tone: good, bad, neutral or plain
---@param opts {title: string?, limit: integer?, width: integer?, sort: boolean?, heat: boolean?, rows: table?}?
---  width: columns of the longest bar; sort: the largest first, equals by label.  For -f html: heat, the longer the darker;
---  rows: {table, column}, the rows behind each bar
function Report:bars(items, opts)
  opts = check_options("bars", opts, { "title", "limit", "width", "sort", "heat", "rows" }, 2)
  check_limit("bars", opts.limit, 2)
  if opts.sort ~= nil and type(opts.sort) ~= "boolean" then error("r:bars: sort is true or false", 2) end
  for i, item in ipairs(check_list("bars", items, 2)) do
    if type(item) ~= "table" or type(item[2]) ~= "number" or not (item[2] >= 0 and item[2] < math.huge) then
      error(("r:bars: item %d must be { label, value } with a value not below 0"):format(i), 2)
    end
  end
  if opts.sort then items = sorted(items, LARGEST) end
  add(self, { kind = "bars", title = opts.title, width = opts.width, items = first(items, opts.limit), found = #items,
    heat = opts.heat, link = check_link("bars", opts.rows, 2) })
end

--- Values in a row, as columns: counts a month, shares a year.
---@param points {[1]: string|number, [2]: number|false}[] x and y, y not below 0; false: there is none, a gap
---@param opts {title: string?, height: integer?, most: number?, unit: string?, rows: table?}? height: lines of the highest
---  column.  For -f html: most, the end of the scale; unit, what y counts; rows, as of bars, the key being x
function Report:series(points, opts)
  opts = check_options("series", opts, { "title", "height", "most", "unit", "rows" }, 2)
  for i, point in ipairs(check_list("series", points, 2)) do
    local y = type(point) == "table" and point[2]
    if type(point) ~= "table" or (y ~= false and (type(y) ~= "number" or not (y >= 0 and y < math.huge))) then
      error(("r:series: point %d must be { x, y } with a y not below 0, or false for none"):format(i), 2)
    end
  end
  add(self, { kind = "series", title = opts.title, height = opts.height, points = points, most = opts.most, unit = opts.unit,
    link = check_link("series", opts.rows, 2) })
end

local function is_number(v) return type(v) == "number" and v - v == 0 end

--- Points in a plane, those of two groups in two colours.
---@param points {[1]: string, [2]: number, [3]: number, group: string?}[] label, x and y, the most important first
---@param opts {title: string?, x: string?, y: string?, log: boolean?, diagonal: boolean?, rows: table?}?
---  x, y: what the axes are; log: both logarithmic, of values above 0; diagonal: a line where both are equal; rows: as of bars
function Report:scatter(points, opts)
  opts = check_options("scatter", opts, { "title", "x", "y", "log", "diagonal", "rows" }, 2)
  for i, p in ipairs(check_list("scatter", points, 2)) do
    if type(p) ~= "table" or not is_number(p[2]) or not is_number(p[3]) or (opts.log and (p[2] <= 0 or p[3] <= 0)) then
      error(("r:scatter: point %d must be { label, x, y }%s"):format(i, opts.log and " with x and y above 0" or ""), 2)
    end
  end
  add(self, { kind = "scatter", title = opts.title, points = points, x = opts.x or "x", y = opts.y or "y", log = opts.log,
    diagonal = opts.diagonal, link = check_link("scatter", opts.rows, 2) })
end

--- A network of nodes and edges.
---@param nodes {id: string, label: string?, weight: number}[] the most important first; weight: above 0
---@param edges {source: string, target: string, weight: number}[]
---@param opts {title: string?, limit: integer?, rows: table?}? limit: nodes drawn, 80 unless told; rows: as of bars, the key
---  being the id of a node
function Report:network(nodes, edges, opts)
  opts = check_options("network", opts, { "title", "limit", "rows" }, 2)
  check_limit("network", opts.limit, 2)
  local limit, drawn, lines = opts.limit or 80, {}, {}
  for _, node in ipairs(first(check_list("network", nodes, 2), limit)) do drawn[node.id] = true end
  for _, e in ipairs(check_list("network", edges, 2)) do
    if drawn[e.source] and drawn[e.target] then lines[#lines + 1] = e end
  end
  local graph = require("ds.graph")(first(nodes, limit), lines) -- raises what is wrong with them
  add(self, { kind = "network", title = opts.title, graph = graph, found = #nodes, found_edges = #edges,
    link = check_link("network", opts.rows, 2) })
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
  local list, limit = {}, opts.limit or 20
  for i, item in ipairs(first(check_list("evidence", items, 2), self.whole and math.max(limit, PASSAGES) or limit)) do
    if type(item) ~= "table" or type(item.doc) ~= "string" then
      error(("r:evidence: item %d must have `doc`, the id of its article"):format(i), 2)
    end
    local passage = self.passage(item.doc, item.from, item.to)
    list[i] = { doc = item.doc, from = item.from, to = item.to, text = item.text, note = item.note,
      marks = item.marks, passage = passage }
  end
  add(self, { kind = "evidence", title = opts.title, items = list, found = #items, limit = limit })
end

colon(Report, "r", Report)

function Report.__index(_, key)
  local method = Report[key]
  if method then return method end
  local known = { "heading", "note", "figures", "table", "bars", "series", "scatter", "network", "evidence" }
  error(("r has no '%s'%s"):format(tostring(key), failure.hint(key, known)), 2)
end

---@param ctx ds.Context
---@param passage fun(doc: string, from: integer?, to: integer?): {text: string, from: integer}? the sentences around
---@param whole boolean? blocks keep what a limit would cut
---@return ds.Report
function report.new(ctx, passage, whole)
  return setmetatable({ blocks = {}, ctx = ctx, passage = passage, whole = whole or false }, Report)
end

--- The report of a plugin without `report`: every table, whole.
---@param ctx ds.Context
---@param whole boolean? as of report.new
---@return table[] blocks
function report.plain(ctx, whole)
  local r = report.new(ctx, function() end, whole)
  for _, t in ipairs(ctx._plugin.tables) do
    if #ctx:rows(t.name) > 0 or #ctx._plugin.tables == 1 then r:table(t.name, { limit = not whole and math.huge or nil }) end
  end
  return r.blocks
end

return report

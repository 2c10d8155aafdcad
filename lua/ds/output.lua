-- output.lua: rows as data: jsonl, tsv, csv.  (For people there is report_text.lua.)
--
-- jsonl  one object a line: "table" first, then the columns in the order declared, null where a row has none
-- tsv    one table; \t, \n, \r and \ in a cell are written \t \n \r \\; lists and objects as JSON; null is empty
-- csv    one table, quoted as RFC 4180 asks, lines end in "\n"
-- Ill-formed UTF-8 becomes U+FFFD in all three.
local c = require "ds.c.json"
local failure = require "ds.failure"

local output = {}

---@class ds.RowWriter
---@field begin fun(self, t: ds.Table) before the first row of a table
---@field row fun(self, t: ds.Table, row: table)

local TSV_ESCAPE = { ["\t"] = "\\t", ["\n"] = "\\n", ["\r"] = "\\r", ["\\"] = "\\\\" }

local function tsv_cell(text) return (text:gsub("[\t\n\r\\]", TSV_ESCAPE)) end

local function csv_cell(text)
  if not text:find('[",\n\r]') then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

--- A value as the text of a cell.
---@param value any
---@return string
function output.cell(value)
  if value == nil then return "" end
  if type(value) == "string" then return c.clean(value) end
  return c.encode(value)
end

local function put(writer, ...) failure.check_write(writer:write(...)) end

local function delimited(writer, delimiter, escape)
  local self = {}
  local function line(cells)
    for i = 1, #cells do cells[i] = escape(cells[i]) end
    put(writer, table.concat(cells, delimiter), "\n")
  end
  function self:begin(t) line { table.unpack(t.order) } end
  function self:row(t, row)
    local cells = {}
    for i, name in ipairs(t.order) do cells[i] = output.cell(row[name]) end
    line(cells)
  end
  return self
end

local function jsonl(writer)
  local self, heads = {}, {}
  function self:begin() end
  function self:row(t, row)
    local head = heads[t] or ('{"table":%s,'):format(c.encode(t.name))
    heads[t] = head
    put(writer, head, c.encode(row, t.order):sub(2), "\n")
  end
  return self
end

--- The byte order mark of UTF-8, which spreadsheet programs want to see before a table.
output.BOM = "\xEF\xBB\xBF"

--- The writer of a data format.
---@param format "jsonl"|"tsv"|"csv"
---@param writer ds.sys.writer
---@return ds.RowWriter
function output.new(format, writer)
  if format == "jsonl" then return jsonl(writer) end
  if format == "tsv" then return delimited(writer, "\t", tsv_cell) end
  return delimited(writer, ",", csv_cell)
end

return output

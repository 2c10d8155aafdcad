-- reader_records.lua: articles in JSON, one object each, and in tables (CSV, TSV), one row each.
--
-- A key or column whose name is known (fields.lua), or that --fields names, gives a field; the others become metadata.
-- A record that `dsrun cat -f jsonl` wrote is taken as it is.

local csv = require "ds.c.csv"
local fields = require "ds.fields"
local jsonl = require "ds.c.jsonl"
local order = require "ds.order"
local source = require "ds.c.source"

local M = {}

-- So many bad records at the start, and not one good: it is another kind of file.
local GIVE_UP = 100

local function id_of(file, number) return number > 1 and ("%s#%d"):format(file.id, number) or file.id end

local function text_or_nil(v) return type(v) == "string" and v ~= "" and v or nil end

-- A record of ours: its keys are those of the table that cat writes.
local function own_article(record, text, map)
  return {
    id = text_or_nil(record.id), title = text_or_nil(record.title), date = text_or_nil(record.date),
    author = text_or_nil(record.author), source_name = text_or_nil(record.source), text = text,
    meta = type(record.meta) == "table" and record.meta or {}, map = map,
  }
end

local function article(found, meta, text, map)
  return {
    id = fields.plain(found.id), title = fields.plain(found.title), date = found.date, author = fields.plain(found.author),
    source_name = fields.plain(found.source), text = text, meta = meta, map = map,
  }
end

-- Numbers records that have no id, and gives up on a file that is no such file.
local function counted(file, what, next_record)
  local start = file.opts.start -- of a piece of a file
  local number, good, record_id = start and start.number or 0, start ~= nil and not start.first, nil
  return function()
    local a, message, place = next_record()
    if not a and not message then return nil end
    number = number + 1
    record_id = id_of(file, number)
    if a then
      good = true
      a.id = a.id or record_id
      return a
    end
    place = place or {}
    place.id = place.id or record_id
    if not good and number >= GIVE_UP and not place.fatal then
      place.fatal, message = true, ("%s; none of the first %d can be read: is this %s?"):format(message, GIVE_UP, what)
    end
    return nil, message, place
  end
end

-- ------------------------------------------------------------------ JSON

local function no_text(record, mapper)
  local keys = order.keys(record)
  if mapper.mapping.text then
    return ("no text: there is no field '%s' with a string%s"):format(mapper.mapping.text, fields.hint(mapper.mapping.text, keys))
  end
  return #keys == 0 and "no text: the record is empty" or
    "no text: name its field, --fields text=NAME; there are " .. table.concat(keys, ", ")
end

local function json(file, longest, anywhere)
  local mapper = fields.mapper(file.opts.fields)
  local keys, src, next_json = mapper:text_keys(), file.src, jsonl.next
  local what = anywhere and "a file of JSON objects" or "a file of JSON lines"
  return counted(file, what, function()
    local record, byte, line, text, map = next_json(src, keys, longest, anywhere)
    if not record then
      if byte == nil then return nil end
      if record == nil then line.fatal, line.damage = true, true end
      return nil, byte, line
    end
    if not text then return nil, no_text(record, mapper), { line = line, byte = byte } end
    if text == "" then return nil, "the text is empty", { line = line, byte = byte } end
    local a
    if record.table == "articles" then a = own_article(record, text, map)
    else
      local found, meta = mapper:sort(record)
      a = article(found, meta, text, map)
    end
    a.byte = not anywhere and not file.compression and not file.outer and byte or nil
    return a
  end)
end

--- Opens JSON lines.
---@param file ds.File
---@param longest integer bytes of a record
---@return fun(): table?, string?, table? next article; nil, message, place; nil
function M.json(file, longest) return json(file, longest, false) end

--- Opens JSON objects wherever they stand: an array, one alone, one after the other.
---@param file ds.File
---@param longest integer
---@return fun(): table?, string?, table? next
function M.json_anywhere(file, longest) return json(file, longest, true) end

-- ------------------------------------------------------------------ tables

-- The mark between the cells of the header: the most frequent outside of quotes.
local function separator_of(head)
  local line = head:match("^[^\r\n]*"):gsub('"[^"]*"', "")
  local best, most = ",", 0
  for _, mark in ipairs { ",", ";", "\t", "|" } do
    local n = select(2, line:gsub(mark == "|" and "|" or mark, ""))
    if n > most then best, most = mark, n end
  end
  return best
end

-- What each column is: {field=} or {name=}, and the number of the text's.
local function columns_of(header, mapper)
  local list, text, rank, used = {}, nil, math.huge, {}
  local text_rank = {}
  for i, key in ipairs(mapper:text_keys()) do text_rank[key:lower()] = text_rank[key:lower()] or i end
  for i, name in ipairs(header) do
    name = name:match("^%s*(.-)%s*$")
    if name == "" then name = "column " .. i end
    if used[name] then name = ("%s %d"):format(name, i) end
    used[name] = true
    list[i] = name
    local r = text_rank[name:lower()]
    if r and r < rank and not (mapper.by_column[name] and mapper.by_column[name] ~= "text") then text, rank = i, r end
  end
  return list, text
end

--- Whether a table's start names a column that holds text.
---@param head string UTF-8
---@param separator string? default: what the header is separated by
---@param mapping table<string, string>? as --fields gives it
---@return boolean
function M.has_text(head, separator, mapping)
  local header = csv.open(source.of(head), separator or separator_of(head), #head):next()
  return header and select(2, columns_of(header, fields.mapper(mapping))) ~= nil
end

local function missing_columns(mapper, names)
  local there = {}
  for _, name in ipairs(names) do there[name] = true end
  for _, field in ipairs(order.keys(mapper.mapping)) do
    local column = mapper.mapping[field]
    if not there[column] then return ("--fields %s=%s: there is no such column%s"):format(field, column, fields.hint(column, names)) end
  end
end

local function row_article(mapper, names, cells, text, map)
  local record = {}
  for i, name in ipairs(names) do
    local cell = cells[i]
    if cell and cell ~= "" then record[name] = mapper:role(name) and cell or fields.typed(name, cell) end
  end
  local found, meta = mapper:sort(record)
  return article(found, meta, text, map)
end

local function open_table(file, longest, separator)
  local mapper = fields.mapper(file.opts.fields)
  local reader = csv.open(file.src, separator, longest)
  local header, message, place = reader:next()
  if not header then
    place = place or { line = 1 }
    return nil, message or "a table without a header", place
  end
  local names, text_column = columns_of(header, mapper)
  local missing = missing_columns(mapper, names)
  if missing then return nil, missing, { line = 1 } end
  if not text_column then
    return nil, "no column is known to hold the text; name it: --fields text=NAME; the columns are " .. table.concat(names, ", "),
      { line = 1 }
  end
  return counted(file, "a table with a header", function()
    local cells, byte, line, text, map = reader:next(text_column)
    if not cells then
      if byte == nil then return nil end
      if cells == nil then line.fatal, line.damage = true, line.line == nil end
      return nil, byte, line
    end
    if #cells ~= #names then
      return nil, ("%d cells, where the header has %d"):format(#cells, #names), { line = line, byte = byte }
    end
    if text == "" then return nil, "the text is empty", { line = line, byte = byte } end
    return row_article(mapper, names, cells, text, map)
  end)
end

--- Opens a table separated by commas, or by what its header is.
---@param file ds.File
---@param longest integer bytes of a row
---@return (fun(): table?, string?, table?)? next
---@return string? message
---@return table? place
function M.csv(file, longest) return open_table(file, longest, separator_of(file.src:peek(4096))) end

--- Opens a table separated by tabs.
---@param file ds.File
---@param longest integer
---@return (fun(): table?, string?, table?)? next
---@return string? message
---@return table? place
function M.tsv(file, longest) return open_table(file, longest, "\t") end

return M

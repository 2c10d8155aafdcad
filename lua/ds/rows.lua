-- rows.lua: where the rows of a run go: kept for a report, or made to bytes of the output at once.
--
-- A sink takes the rows of one article after another.  What it keeps of an article is a batch: its id, and by table
-- either a list of rows or the bytes that stand for them.  Batches are plain data; their order is made at the end.
local failure = require "ds.failure"
local output = require "ds.output"
local rows_c = require "ds.c.rows"

local rows = {}

---@class ds.Sink
---@field begin fun(id: string) an article begins
---@field encoders table<ds.Table, userdata|false>? ds.c.rows that take rows which nobody has checked
---@field emit fun(t: ds.Table, row: table) takes a checked row
---@field done fun(ended: boolean?): table<string, any>? its rows by table, nil when there are none

--- The table that tsv and csv write; nil for jsonl, which writes all.
---@param run ds.Run
---@return ds.Table?
function rows.chosen(run)
  if run.values.format == "jsonl" then return nil end
  local p, name = run.plugin, run.values.table
  if name then return p.by_name[name] end
  return p.tables[1]
end

--- A sink that keeps rows as they are, for `report`.
---@return ds.Sink
function rows.keep()
  local batch
  local sink = {}
  function sink.begin() batch = {} end
  function sink.emit(t, row)
    local list = batch[t.name]
    if list then list[#list + 1] = row else batch[t.name] = { row } end
  end
  function sink.done() return next(batch) and batch or nil end
  return sink
end

-- Rows as the bytes of a data format; of tables that are not written nothing is kept.  An encoder takes a row as the plugin gave
-- it and refuses one that needs a closer look; `emit` takes what has been checked.
local function rendering(run)
  local format, chosen = run.values.format, rows.chosen(run)
  local made, list, writers = {}, {}, {}
  local function encoder_of(t)
    local kinds = {}
    for i, name in ipairs(t.order) do kinds[i] = t.types[name] end
    local r = rows_c.table(format, t.name, t.order, kinds)
    rawset(made, t, r)
    list[#list + 1] = { name = t.name, rows = r }
    local buffer = { write = function(self, ...)
      r:add(...)
      return self
    end }
    writers[t] = output.new(format, buffer)
    return r
  end
  local sink = {}
  function sink.begin() -- an article that a limit has ended has left its rows
    for i = 1, #list do list[i].rows:clear() end
  end
  -- Of a table that is not written `emit` checks the rows.
  sink.encoders = setmetatable(made, { __index = function(_, t) return (not chosen or t == chosen) and encoder_of(t) end })
  function sink.emit(t, row)
    if made[t] then writers[t]:row(t, row) end
  end
  function sink.done()
    local batch
    for i = 1, #list do
      local bytes = list[i].rows:take()
      if bytes then
        batch = batch or {}
        batch[list[i].name] = bytes
      end
    end
    return batch
  end
  return sink
end

-- --bom, before the first byte.
local function put_bom(run)
  if run.values.bom then failure.check_write(run.writer:write(output.BOM)) end
end

-- Written as they come, for input = "lines": nothing is kept.
local function streaming(run, ctx)
  put_bom(run)
  local render, write, count = run.plugin.hooks.render, nil, 0
  if run.values.format == "text" then
    write = function(t, row)
      local s = render(row, t.name, ctx)
      if type(s) ~= "string" then
        failure.raise(failure.SCRIPT, "%s: `render` must return a string, not a %s", run.plugin.path, type(s))
      end
      failure.check_write(run.writer:write(count > 0 and "\n" or "", s))
    end
  else
    local writer, chosen = output.new(run.values.format, run.writer), rows.chosen(run)
    if chosen then writer:begin(chosen) end
    write = function(t, row)
      if not chosen or t == chosen then writer:row(t, row) end
    end
  end
  local sink = {}
  function sink.begin() count = 0 end
  function sink.emit(t, row)
    write(t, row)
    count = count + 1
  end
  function sink.done(ended)
    if count > 0 and ended and run.values.format == "text" then failure.check_write(run.writer:write("\n")) end
  end
  return sink
end

--- Whether a report is made of the rows, for people.
---@param run ds.Run
---@return boolean
function rows.for_report(run) return run.values.format == "text" or run.values.format == "html" end

--- Whether rows are written as they come.
---@param run ds.Run
---@return boolean
function rows.streams(run)
  if run.plugin.input ~= "lines" or run.values.format == "html" then return false end
  return run.values.format ~= "text" or run.plugin.hooks.render ~= nil
end

--- The sink for a run.
---@param run ds.Run
---@param ctx ds.Context
---@return ds.Sink
function rows.sink(run, ctx)
  if rows.streams(run) then return streaming(run, ctx) end
  if rows.for_report(run) then return rows.keep() end
  return rendering(run)
end

-- ------------------------------------------------------------------ the end

---@class ds.Batches the batches of a run, in the order of reading
---@field ids string[]
---@field rows table<string, any>[]

---@return ds.Batches
function rows.batches() return { ids = {}, rows = {} } end

---@param batches ds.Batches
---@param id string
---@param batch table<string, any>?
function rows.add(batches, id, batch)
  if not batch then return end
  local n = #batches.ids + 1
  batches.ids[n], batches.rows[n] = id, batch
end

local function is_sorted(ids)
  for i = 2, #ids do
    if ids[i] < ids[i - 1] then return false end
  end
  return true
end

--- The batches by article id, equal ids as they were read.
---@param batches ds.Batches
---@return table<string, any>[]
function rows.in_order(batches)
  local ids, list = batches.ids, batches.rows
  if is_sorted(ids) then return list end
  local at, out = {}, {}
  for i = 1, #ids do at[i] = i end
  table.sort(at, function(a, b)
    if ids[a] ~= ids[b] then return ids[a] < ids[b] end
    return a < b
  end)
  for i, place in ipairs(at) do out[i] = list[place] end
  return out
end

--- All rows of a table, from batches that keep rows.
---@param ordered table<string, any>[]
---@param name string
---@return table[]
function rows.all(ordered, name)
  local out = {}
  for _, batch in ipairs(ordered) do
    local list = batch[name]
    if list then table.move(list, 1, #list, #out + 1, out) end
  end
  return out
end

--- Writes batches of rendered rows: the chosen table, or all.
---@param run ds.Run
---@param ordered table<string, any>[]
function rows.write(run, ordered)
  put_bom(run)
  local writer, chosen = output.new(run.values.format, run.writer), rows.chosen(run)
  for _, t in ipairs(chosen and { chosen } or run.plugin.tables) do
    writer:begin(t)
    for _, batch in ipairs(ordered) do
      if batch[t.name] then failure.check_write(run.writer:write(batch[t.name])) end
    end
  end
end

return rows

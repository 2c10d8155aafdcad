-- totals.lua: what ctx:add and ctx:acc collect: one value a key, merged in any order to the same bits.
--
-- Without a merge of the plugin's own, values are numbers and their sum is exact: integers as integers, in two halves
-- once they are large, floats in the accumulator of ds.c.stats.  Rounding happens once, when the totals are read.
-- Accumulators of ds.acc merge themselves, whatever the plugin's merge is.
--
-- A cell is an integer within SMALL, a table {high=, low=, real=}, an accumulator, or what `merge` made.
local acc = require "ds.c.acc"
local failure = require "ds.failure"
local order = require "ds.order"
local pack = require "ds.c.pack"
local stats = require "ds.c.stats"

---@class ds.Totals
local Totals = {}
Totals.__index = Totals

local HALF <const> = 1 << 32
local SMALL <const> = 1 << 61 -- two such integers add without overflow

local type_of = math.type

local ACC = getmetatable(acc.count())

local totals = {}

local function is_acc(v) return getmetatable(v) == ACC end

---@param merge (fun(key: any, a: any, b: any): any)? the plugin's own; nil: exact sums
---@return ds.Totals
function totals.new(merge)
  return setmetatable({ merge = merge, cells = {} }, Totals)
end

-- ------------------------------------------------------------------ sums

local function wide(cell)
  if type(cell) == "table" then return cell end
  return { high = cell // HALF, low = cell & (HALF - 1) }
end

-- A cell of exact sums: integers as high * 2^32 + low, floats in `real` once there is one.
local function add_wide(cell, value)
  cell = wide(cell)
  if math.type(value) == "integer" then
    local low = cell.low + (value & (HALF - 1))
    cell.low, cell.high = low & (HALF - 1), cell.high + value // HALF + low // HALF
  else
    cell.real = cell.real or stats.fsum()
    cell.real:add(value)
  end
  return cell
end

local function add_number(cell, value)
  if math.type(value) == "integer" and math.type(cell) == "integer" then
    if value < SMALL and value > -SMALL and cell < SMALL and cell > -SMALL then return cell + value end
  end
  return add_wide(cell, value)
end

local function number_value(cell)
  if type(cell) ~= "table" then return cell end
  local high, low = cell.high, cell.low
  if not cell.real and high >= -(1 << 31) and high < (1 << 31) then return high * HALF + low end
  -- Beyond 64 bits, or mixed with floats.  The pieces are floats without rounding: each has at most 32 bits.
  local sum = stats.fsum()
  if cell.real then sum:merge(cell.real) end
  sum:add((high // HALF) * 0x1p64)
  sum:add((high & (HALF - 1)) * 0x1p32)
  sum:add(low + 0.0)
  return sum:value()
end

local function merge_sums(a, b)
  if type(a) ~= "table" and type(b) ~= "table" then return add_number(a, b) end
  a, b = wide(a), wide(b)
  local low = a.low + b.low
  a.low, a.high = low & (HALF - 1), a.high + b.high + low // HALF
  if b.real then
    a.real = a.real or stats.fsum()
    a.real:merge(b.real)
  end
  return a
end

-- ------------------------------------------------------------------ adding

local function check_key(what, key, level)
  if order.has(key) then return end
  error(("%s: a key is a string, number or boolean, not %s"):format(what, key ~= key and "NaN" or "a " .. type(key)),
    level + 1)
end

--- Adds a value to a key.  Raises at `level` what the plugin did wrong.
---@param key string|number|boolean
---@param value any a number or an accumulator, unless the plugin has its own merge
---@param level integer
function Totals:add(key, value, level)
  local cell = self.cells[key]
  if type_of(cell) == "integer" and type_of(value) == "integer" and not self.merge and value < SMALL and value > -SMALL and
    cell < SMALL and cell > -SMALL then -- nearly always
    self.cells[key] = cell + value
    return
  end
  if type(value) == "number" and not self.merge and (cell ~= nil or order.has(key)) then
    if is_acc(cell) then error(("ctx:add: key '%s' is an accumulator of ctx:acc"):format(tostring(key)), level + 1) end
    self.cells[key] = add_number(cell or 0, value)
    return
  end
  check_key("ctx:add", key, level + 1)
  if self.merge then
    if value == nil then error("ctx:add: the value is nil", level + 1) end
    local fine, message = pcall(pack.check, value, ("ctx:add: the value of key '%s'"):format(tostring(key)))
    if not fine then error(message, level + 1) end
    if cell == nil then self.cells[key] = value else self.cells[key] = self.merge(key, cell, value) end
    return
  end
  error(("ctx:add: the value of key '%s' is a %s; sums take numbers (declare `merge` for other values)")
    :format(tostring(key), type(value)), level + 1)
end

--- The accumulator of a key, made when there is none.
---@param key string|number|boolean
---@param kind string
---@param level integer
---@return ds.acc
function Totals:acc(key, kind, level, ...)
  local cell = self.cells[key]
  if is_acc(cell) then
    if cell:kind() == kind then return cell end
    error(("ctx:acc: key '%s' is of kind %s, not %s"):format(tostring(key), cell:kind(), tostring(kind)), level + 1)
  end
  check_key("ctx:acc", key, level + 1)
  local known = false
  for _, name in ipairs(acc.kinds) do known = known or name == kind end
  if not known then
    error(("ctx:acc: no kind '%s'%s"):format(tostring(kind),
      failure.hint(kind, acc.kinds, "; there are " .. table.concat(acc.kinds, ", "))), level + 1)
  end
  if cell ~= nil then error(("ctx:acc: key '%s' is a total of ctx:add"):format(tostring(key)), level + 1) end
  local fine, made = pcall(acc[kind], ...)
  if not fine then error(("ctx:acc: %s"):format(made), level + 1) end
  self.cells[key] = made
  return made
end

-- ------------------------------------------------------------------ from part to whole

-- Whether a key of a plugin with its own merge holds an accumulator or a value: both cells must agree.
local function merge_cells(self, key, a, b)
  if is_acc(a) ~= is_acc(b) then
    failure.raise(failure.SCRIPT, "the total '%s' is an accumulator in one part of the run and none in another",
      tostring(key))
  end
  if is_acc(a) then return a:merge(b) end
  if self.merge then return self.merge(key, a, b) end
  return merge_sums(a, b)
end

--- Adds a cell of another part.
---@param key string|number|boolean
---@param cell any as from Totals:export
function Totals:take(key, cell)
  if type(cell) == "table" and not self.merge then
    cell = { high = cell.high, low = cell.low, real = cell.real and stats.fsum(cell.real) }
  end
  local mine = self.cells[key]
  if mine == nil then self.cells[key] = cell else self.cells[key] = merge_cells(self, key, mine, cell) end
end

--- The cells as plain data and accumulators.
---@return table<any, any>
function Totals:export()
  if self.merge then return self.cells end
  local out = {}
  for key, cell in next, self.cells do
    if type(cell) == "table" then
      cell = { high = cell.high, low = cell.low, real = cell.real and cell.real:partials() }
    end
    out[key] = cell
  end
  return out
end

--- Iterates key, value: numbers ascending, strings by bytes, false, true.
---@return fun(): any, any
function Totals:each()
  local keys, i = order.keys(self.cells), 0
  return function()
    i = i + 1
    local k = keys[i]
    if k == nil then return nil end
    local cell = self.cells[k]
    if self.merge or is_acc(cell) then return k, cell end
    return k, number_value(cell)
  end
end

return totals

-- totals.lua: what ctx:add collects: one value a key, merged in any order to the same bits.
--
-- Without a merge of the plugin's own, values are numbers and their sum is exact: integers in two halves that
-- cannot overflow before 2^31 additions, floats in the accumulator of ds.c.stats.  Rounding happens once, when
-- the totals are read.
local order = require "ds.order"
local stats = require "ds.c.stats"

---@class ds.Totals
local Totals = {}
Totals.__index = Totals

local HALF <const> = 1 << 32

local totals = {}

---@param merge (fun(key: any, a: any, b: any): any)? the plugin's own; nil: exact sums
---@return ds.Totals
function totals.new(merge)
  return setmetatable({ merge = merge, cells = {} }, Totals)
end

-- A cell of exact sums: integers as high * 2^32 + low, floats in `real` once there is one.
local function add_number(cell, value)
  if math.type(value) == "integer" then
    cell.low = cell.low + (value & (HALF - 1))
    cell.high = cell.high + value // HALF
  else
    cell.real = cell.real or stats.fsum()
    cell.real:add(value)
  end
end

local function number_value(cell)
  local high, low = cell.high + cell.low // HALF, cell.low & (HALF - 1)
  if not cell.real and high >= -(1 << 31) and high < (1 << 31) then return high * HALF + low end
  -- Beyond 64 bits, or mixed with floats.  The pieces are floats without rounding: each has at most 32 bits.
  local sum = stats.fsum()
  if cell.real then sum:merge(cell.real) end
  sum:add((high // HALF) * 0x1p64)
  sum:add((high & (HALF - 1)) * 0x1p32)
  sum:add(low + 0.0)
  return sum:value()
end

--- Adds a value to a key.  Raises at `level` what the plugin did wrong.
---@param key string|number|boolean
---@param value any a number, unless the plugin has its own merge
---@param level integer
function Totals:add(key, value, level)
  if not order.has(key) then
    local what = key ~= key and "NaN" or "a " .. type(key)
    error("ctx:add: a key is a string, number or boolean, not " .. what, level + 1)
  end
  local cell = self.cells[key]
  if self.merge then
    if value == nil then error("ctx:add: the value is nil", level + 1) end
    if cell == nil then self.cells[key] = value else self.cells[key] = self.merge(key, cell, value) end
    return
  end
  if type(value) ~= "number" then
    error(("ctx:add: the value of key '%s' is a %s; sums take numbers (declare `merge` for other values)")
      :format(tostring(key), type(value)), level + 1)
  end
  if not cell then
    cell = { high = 0, low = 0 }
    self.cells[key] = cell
  end
  add_number(cell, value)
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
    if self.merge then return k, cell end
    return k, number_value(cell)
  end
end

return totals

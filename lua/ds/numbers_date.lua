-- numbers_date.lua: what day a date of the text means, counted from the article's own date.

local M = {}

-- First days of the lunar year, as days of January (32 is February 1), from 1990.
local FIRST_YEAR <const> = 1990
local NEW_YEARS = {
  27, 46, 35, 23, 41, 31, 50, 38, 28, 47, 36, 24, 43, 32, 22, 40, 29, 49, 38, 26, 45, 34, 23, 41, 31, 50, 39, 28, 47, 36,
  25, 43, 32, 22, 41, 29, 48, 37, 26, 44, 34, 23, 42, 31, 50, 39, 28, 46, 35, 24, 43,
}

-- Noon, so that no change of clocks moves the day.
local function stamp(y, m, d) return os.time { year = y, month = m, day = d, hour = 12 } end
local DAY <const> = 86400

local function iso(t) return os.date("%Y-%m-%d", t) end

---@class ds.anchor
---@field year integer
---@field month integer
---@field day integer?

--- The article's date in parts; nil when it has none.
---@param date string? "2025-01-27" or "2025-01"
---@return ds.anchor?
function M.anchor(date)
  local y, m, d = tostring(date):match("^(%d%d%d%d)%-(%d%d)%-?(%d?%d?)$")
  if not y then return nil end
  return { year = tonumber(y), month = tonumber(m), day = tonumber(d) }
end

-- The year in which month (and day) lie nearest to the article.
local function nearest_year(anchor, month, day)
  local here, best, distance = stamp(anchor.year, anchor.month, anchor.day or 15), nil, math.huge
  for year = anchor.year - 1, anchor.year + 1 do
    local d = math.abs(stamp(year, month, day or 15) - here)
    if d < distance then best, distance = year, d end
  end
  return best
end

local function year_of(d, anchor)
  if d.year then return d.year end
  if d.year_rel then return anchor and anchor.year + d.year_rel end
  return nil
end

-- A real day, or nil.
local function day_of(y, m, d)
  local t = stamp(y, m, d)
  local found = os.date("*t", t)
  return found.month == m and found.day == d and iso(t) or nil
end

local function month_of(d, anchor)
  if d.month then return d.month, year_of(d, anchor) or (anchor and nearest_year(anchor, d.month, d.day)) end
  if not anchor then return nil end
  local back = d.month_rel
  if not back then
    if not d.day or not anchor.day then return nil end
    -- A day alone is the nearest one of that number.
    back = d.day - anchor.day > 15 and -1 or d.day - anchor.day < -15 and 1 or 0
  end
  local n = anchor.year * 12 + anchor.month - 1 + back
  return n % 12 + 1, n // 12
end

local function quarter_of(d, anchor)
  local year, quarter = year_of(d, anchor), d.quarter
  if d.quarter_rel then
    if not anchor then return nil end
    local n = (year or anchor.year) * 4 + (anchor.month - 1) // 3 + d.quarter_rel
    return ("%04d-Q%d"):format(n // 4, n % 4 + 1)
  end
  if not year and anchor then
    -- Without a year it is the last one that has begun.
    year = (quarter - 1) * 3 + 1 > anchor.month and anchor.year - 1 or anchor.year
  end
  return year and ("%04d-Q%d"):format(year, quarter)
end

local function festival_of(d, anchor)
  local year = year_of(d, anchor) or (anchor and anchor.year)
  local first = year and NEW_YEARS[year - FIRST_YEAR + 1]
  return first and iso(stamp(year, 1, first) + d.festival * DAY)
end

local function week_of(d, anchor)
  if not anchor or not anchor.day then return nil end
  return os.date("%G-W%V", stamp(anchor.year, anchor.month, anchor.day) + 7 * DAY * d.week_rel)
end

--- The date as "2025-01-27", "2025-01", "2025", "2024-Q4", "2024-H1" or "2025-W05"; nil when it stays open.
---@param d table<string, integer> the parts that the text gives
---@param anchor ds.anchor? the article's own date
---@return string?
function M.resolve(d, anchor)
  if d.festival then return festival_of(d, anchor) end
  if d.day_rel then
    return anchor and anchor.day and iso(stamp(anchor.year, anchor.month, anchor.day) + d.day_rel * DAY) or nil
  end
  if d.month or d.month_rel or d.day then
    local month, year = month_of(d, anchor)
    if not month or not year then return nil end
    if d.day then return day_of(year, month, d.day) end
    return ("%04d-%02d"):format(year, month)
  end
  if d.quarter or d.quarter_rel then return quarter_of(d, anchor) end
  if d.week_rel then return week_of(d, anchor) end
  local year = year_of(d, anchor)
  if d.half then return (year or anchor) and ("%04d-H%d"):format(year or anchor.year, d.half) or nil end
  return year and ("%04d"):format(year)
end

return M

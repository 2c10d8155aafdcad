-- date.lua: dates as articles write them, to "2025-01-27" or "2025-01", and calendar periods.

local utf8c = require "ds.c.utf8"

local M = {}

local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(y) return y % 4 == 0 and (y % 100 ~= 0 or y % 400 == 0) end

local function normal(y, m, d)
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  if y < 1000 or m < 1 or m > 12 then return nil end
  if not d then return ("%04d-%02d"):format(y, m) end
  if d < 1 or d > (m == 2 and is_leap(y) and 29 or DAYS[m]) then return nil end
  return ("%04d-%02d-%02d"):format(y, m, d)
end

-- Patterns with the day come first; each leaves the rest of the string as its last capture.
local FULL = {
  "^(%d%d%d%d)%s*年%s*(%d%d?)%s*月%s*(%d%d?)(.*)$",
  "^(%d%d%d%d)%-(%d%d?)%-(%d%d?)(.*)$",
  "^(%d%d%d%d)/(%d%d?)/(%d%d?)(.*)$",
  "^(%d%d%d%d)%.(%d%d?)%.(%d%d?)(.*)$",
  "^(%d%d%d%d)(%d%d)(%d%d)(.*)$",
}
local MONTH = { "^(%d%d%d%d)%s*年%s*(%d%d?)%s*月(.*)$", "^(%d%d%d%d)[%-/%.](%d%d?)(.*)$" }

local function without_day_sign(rest)
  for _, sign in ipairs { "日", "号", "號" } do
    if rest:sub(1, #sign) == sign then return rest:sub(#sign + 1) end
  end
  return rest
end

-- 民國114年2月3日, as Taiwan counts.
local function from_minguo(s)
  local prefix, year, rest = s:match("^(民[^%d%s]+)%s*(%d%d?%d?)(%s*年.*)$")
  if prefix == "民國" or prefix == "民国" then return ("%04d"):format(tonumber(year) + 1911) .. rest end
  return s
end

-- Bytes that a date, or white space before it, can begin with: most lines are told by the first one to be none.
local FIRST = {}
for b in ("0123456789 \t\r\n\v\f民　０\u{A0}"):gmatch(utf8.charpattern) do FIRST[b:byte()] = true end

--- Reads the date at the beginning of a string; a time, weekday or zone after it is not looked at.
---@param s string 2025年1月27日, 2025/1/27, 2025.01.27, 20250127, "2025-02-11 09:41:13", 2025-01, 2025年1月; full-width digits too
---@return string? date "YYYY-MM-DD", or "YYYY-MM" when no day is given; nil when s does not begin with a date
---@return string? rest what follows it
function M.parse(s)
  if type(s) == "number" then s = tostring(s) end
  if type(s) ~= "string" or not FIRST[s:byte()] then return nil end
  s = from_minguo(utf8c.fold(s, { width = true }):match("^%s*(.-)%s*$"))
  for _, pattern in ipairs(FULL) do
    local y, m, d, rest = s:match(pattern)
    if y and not rest:find("^%d") then
      local date = normal(y, m, d)
      if date then return date, without_day_sign(rest) end
    end
  end
  for _, pattern in ipairs(MONTH) do
    local y, m, rest = s:match(pattern)
    if y and not rest:find("^[%d%-/%.]") then
      local date = normal(y, m)
      if date then return date, rest end
    end
  end
  return nil
end

-- Days since 1970-01-01 of a civil date (Howard Hinnant's days_from_civil).
local function day_number(y, m, d)
  if m <= 2 then y = y - 1 end
  local era = y // 400
  local yoe = y - era * 400
  local doy = (153 * (m + (m > 2 and -3 or 9)) + 2) // 5 + d - 1
  return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
end

-- ISO 8601: a week belongs to the year of its Thursday.
local function iso_week(y, m, d)
  local n = day_number(y, m, d)
  local thursday = n - (n + 3) % 7 + 3
  local year = y
  if thursday < day_number(y, 1, 1) then year = y - 1
  elseif thursday >= day_number(y + 1, 1, 1) then year = y + 1 end
  return ("%04d-W%02d"):format(year, (thursday - day_number(year, 1, 1)) // 7 + 1)
end

local BUCKETS = {
  day = function(y, m, d) return d and ("%04d-%02d-%02d"):format(y, m, d) end,
  week = function(y, m, d) return d and iso_week(y, m, d) end,
  month = function(y, m) return ("%04d-%02d"):format(y, m) end,
  year = function(y) return ("%04d"):format(y) end,
}

--- The period that a date lies in.
---@param d string? "2025-01-27" or "2025-01", as doc.date has it
---@param unit "day"|"week"|"month"|"year"
---@return string? bucket "2025-01-27", "2025-W05" (ISO 8601), "2025-01", "2025"; nil without a date, for a day that no calendar has, or when there is no day and one is needed
function M.bucket(d, unit)
  local bucket = BUCKETS[unit]
  if not bucket then
    error(("ds.date.bucket: unit '%s'; there are day, week, month, year"):format(tostring(unit)), 2)
  end
  local y, m, day = tostring(d):match("^(%d%d%d%d)%-(%d%d)%-?(%d?%d?)$")
  if not y or not normal(y, m, day ~= "" and day or nil) then return nil end
  return bucket(tonumber(y), tonumber(m), tonumber(day)) or nil
end

return M

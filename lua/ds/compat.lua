-- compat.lua: the globals of Lua 5.4 that the library uses and LuaJIT lacks, as an environment for its files and for
-- nobody else.  This file keeps to what both languages have; Lua 5.3 and 5.4 do not load it.
local env = setmetatable({}, { __index = _G })

-- ------------------------------------------------------------------ a // b, which is loaded as a /IDIV/ b

local dividend = { __div = function(a, b)
  local n = a[1]
  return (n - n % b) / b
end }
env.IDIV = setmetatable({}, { __div = function(n) return setmetatable({ n }, dividend) end })

-- ------------------------------------------------------------------ math, table

env.math = setmetatable({ maxinteger = 2 ^ 53, mininteger = -2 ^ 53 }, { __index = math })

local function is_whole(x) return type(x) == "number" and x % 1 == 0 and x >= -2 ^ 53 and x <= 2 ^ 53 end

function env.math.type(x)
  if type(x) ~= "number" then return nil end
  return is_whole(x) and "integer" or "float"
end

function env.math.tointeger(x)
  if type(x) == "string" then x = tonumber(x) end
  return is_whole(x) and x or nil
end

env.table = setmetatable({ unpack = unpack }, { __index = table })

function env.table.pack(...) return { n = select("#", ...), ... } end

function env.table.move(a, from, to, at, b)
  b = b or a
  if at > to or at <= from or a ~= b then
    for i = 0, to - from do b[at + i] = a[from + i] end
  else
    for i = to - from, 0, -1 do b[at + i] = a[from + i] end
  end
  return b
end

-- ------------------------------------------------------------------ string.pack, in the one format that is used

env.string = setmetatable({}, { __index = string })

function env.string.pack(format, n)
  if format ~= "<I4" then error("string.pack: only the format <I4 is known here", 2) end
  return string.char(n % 256, math.floor(n / 256) % 256, math.floor(n / 65536) % 256, math.floor(n / 16777216) % 256)
end

function env.string.unpack(format, s, at)
  if format ~= "<I4" then error("string.unpack: only the format <I4 is known here", 2) end
  local a, b, c, d = s:byte(at or 1, (at or 1) + 3)
  if not d then error("data string too short", 2) end
  return a + b * 256 + c * 65536 + d * 16777216, (at or 1) + 4
end

-- ------------------------------------------------------------------ utf8

env.utf8 = { charpattern = "[%z\1-\127\194-\253][\128-\191]*" }

local LEAST = { [2] = 0x80, [3] = 0x800, [4] = 0x10000 }

-- The code point at byte i and its length; nil where the text is ill-formed.
local function decode(s, i)
  local lead = s:byte(i)
  if not lead or lead < 0x80 then return lead, 1 end
  local n = lead >= 0xF0 and lead < 0xF8 and 4 or lead >= 0xE0 and lead < 0xF0 and 3 or lead >= 0xC0 and lead < 0xE0 and 2
  if not n then return nil end
  local code = lead % 2 ^ (7 - n)
  for k = i + 1, i + n - 1 do
    local byte = s:byte(k)
    if not byte or byte < 0x80 or byte > 0xBF then return nil end
    code = code * 64 + byte - 0x80
  end
  if code < LEAST[n] or code > 0x10FFFF or (code >= 0xD800 and code < 0xE000) then return nil end
  return code, n
end

local function place(s, i, otherwise)
  i = i or otherwise
  return i < 0 and #s + i + 1 or i
end

function env.utf8.char(...)
  local chars = { ... }
  for i, code in ipairs(chars) do
    if code < 0x80 then chars[i] = string.char(code)
    elseif code < 0x800 then chars[i] = string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
    elseif code < 0x10000 then
      chars[i] = string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
    else
      chars[i] = string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
        0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
    end
  end
  return table.concat(chars)
end

function env.utf8.codepoint(s, i, j)
  i = place(s, i, 1)
  j = place(s, j, i)
  local codes = {}
  while i <= j do
    local code, n = decode(s, i)
    if not code then error("invalid UTF-8 code", 2) end
    codes[#codes + 1] = code
    i = i + n
  end
  return unpack(codes)
end

function env.utf8.len(s, i, j)
  i, j = place(s, i, 1), place(s, j, -1)
  local count = 0
  while i <= j do
    local code, n = decode(s, i)
    if not code then return nil, i end
    i, count = i + n, count + 1
  end
  return count
end

function env.utf8.codes(s)
  local next_at = 1
  return function()
    local at = next_at
    if at > #s then return nil end
    local code, n = decode(s, at)
    if not code then error("invalid UTF-8 code", 2) end
    next_at = at + n
    return at, code
  end
end

local function continues(s, i)
  local byte = s:byte(i)
  return byte and byte >= 0x80 and byte < 0xC0
end

function env.utf8.offset(s, n, i)
  i = place(s, i, n > 0 and 1 or #s + 1)
  if n == 0 then
    while i > 1 and continues(s, i) do i = i - 1 end
    return i
  end
  if continues(s, i) then error("initial position is a continuation byte", 2) end
  local step = n > 0 and 1 or -1
  if n > 0 then n = n - 1 end
  while n ~= 0 do
    if i + step < 1 or i > #s and step > 0 then return nil end
    repeat i = i + step until not continues(s, i)
    n = n - step
  end
  return i
end

return env

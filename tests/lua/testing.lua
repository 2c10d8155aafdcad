-- testing.lua: the harness of the Lua suites.  A suite file calls test(name, fn) for each promise.
local T = { passed = 0, failed = 0, skipped = 0 }

local function show(v, depth)
  if type(v) == "string" then return ("%q"):format(v) end
  if type(v) ~= "table" or (depth or 0) > 4 then return tostring(v) end
  local keys, parts = {}, {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, k in ipairs(keys) do parts[#parts + 1] = tostring(k) .. "=" .. show(v[k], (depth or 0) + 1) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b and math.type(a) == math.type(b) end
  for k, v in pairs(a) do if not same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

--- Deep equality; integers and floats differ.
function T.eq(got, want, what)
  if not same(got, want) then
    error(("%sgot %s, want %s"):format(what and what .. ": " or "", show(got), show(want)), 2)
  end
end

function T.ok(v, what) if not v then error(what or "not true", 2) end return v end

--- fn(...) must raise an error whose message contains `part` (plain text).
function T.raises(part, fn, ...)
  local ok, msg = pcall(fn, ...)
  if ok then error("no error was raised; wanted: " .. part, 2) end
  if not tostring(msg):find(part, 1, true) then error(("error %q lacks %q"):format(tostring(msg), part), 2) end
end

--- The text must have `part` in it (plain text).
function T.has(text, part)
  if not text:find(part, 1, true) then error(("%q lacks %q"):format(text, part), 2) end
end

local SKIP = {}
--- Leaves the running test as skipped, with a reason.
function T.skip(reason) error(setmetatable({ reason = reason }, SKIP), 0) end

function T.test(name, fn)
  local ok, msg = xpcall(fn, function(e)
    return getmetatable(e) == SKIP and e or debug.traceback(tostring(e), 2)
  end)
  if ok then T.passed = T.passed + 1
  elseif getmetatable(msg) == SKIP then
    T.skipped = T.skipped + 1
    print("  skipped: " .. name .. " (" .. msg.reason .. ")")
  else
    T.failed = T.failed + 1
    print("FAILED: " .. name .. "\n" .. msg)
  end
end

--- What the end of a block does to a to-be-closed variable; hosts without them close by hand.
function T.leave(v)
  if _VERSION ~= "Lua 5.4" then return v:close() end
  assert(load("local v <" .. "close> = ..."))(v)
end

--- The character of a byte with one bit (0 to 7) flipped.
function T.flip(byte, bit)
  local power = math.floor(2 ^ bit)
  return string.char(byte % (2 * power) >= power and byte - power or byte + power)
end

--- The interpreter that runs programs written for Lua 5.4.
function T.lua54() return _VERSION == "Lua 5.4" and arg[-1] or "lua5.4" end

--- Contents of a file, or nil.
function T.read(path)
  local f = io.open(path, "rb")
  if not f then return nil end
  local s = f:read("a")
  f:close()
  return s
end

return T

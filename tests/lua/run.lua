-- run.lua BUILD_DIR SUITE.lua…: runs Lua suites through require "ds"; the last line counts.  Under Lua 5.3 and LuaJIT
-- suites are loaded as the library's own files are there: without attributes, with the globals of Lua 5.4.
local build = arg[1]
package.cpath = build .. "/?.so"
package.path = "tests/lua/?.lua"
BUILD = build

local globals = _G
local function load_file(path)
  local f = assert(io.open(path, "rb"))
  local source = f:read("*a")
  f:close()
  if _VERSION ~= "Lua 5.4" then source = source:gsub("<const>", "       "):gsub("<close>", "       ") end
  return load(source, "@" .. path, "t", globals)
end
if _VERSION == "Lua 5.1" then
  globals = setmetatable({ _G = _G }, { __index = load_file("lua/ds/compat.lua")(), __newindex = _G })
end
if _VERSION ~= "Lua 5.4" then
  for _, name in ipairs { "testing", "planted" } do
    package.preload[name] = function() return assert(load_file("tests/lua/" .. name .. ".lua"))() end
  end
end
local T = require "testing"
for i = 2, #arg do
  local before = T.passed + T.failed
  local chunk, msg = load_file(arg[i])
  if not chunk then
    T.failed = T.failed + 1
    print("FAILED to load " .. arg[i] .. ": " .. msg)
  else
    local ok, err = xpcall(chunk, debug.traceback)
    if not ok then T.failed = T.failed + 1; print("FAILED " .. arg[i] .. ": " .. err) end
  end
  print(("%s: %d tests"):format(arg[i], T.passed + T.failed - before))
end
print(("lua: %d passed, %d failed, %d skipped"):format(T.passed, T.failed, T.skipped))
os.exit(T.failed == 0 and 0 or 1, true)

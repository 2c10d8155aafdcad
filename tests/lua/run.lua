-- run.lua BUILD_DIR SUITE.lua…: runs Lua suites through require "ds"; the last line counts.
local build = arg[1]
package.cpath = build .. "/?.so"
package.path = "tests/lua/?.lua"
BUILD = build
local T = require "testing"
for i = 2, #arg do
  local before = T.passed + T.failed
  local chunk, msg = loadfile(arg[i])
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

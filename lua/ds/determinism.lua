-- determinism.lua: --check-determinism.  The articles are mapped by one worker, then by several, in batches of another
-- size that are handed out in another order; what differs is said, and only a result that does not is written.
local failure = require "ds.failure"
local order = require "ds.order"

local determinism = {}

local SHOWN <const> = 200 -- bytes of a line in a message

-- A writer that keeps what it is given.
local function memory()
  local self = { parts = {} }
  function self:write(...)
    for i = 1, select("#", ...) do self.parts[#self.parts + 1] = tostring((select(i, ...))) end
    return self
  end
  function self:flush() return self end
  function self:commit() return true end
  function self.abort() end
  function self:text() return table.concat(self.parts) end
  return self
end

local function cut(line)
  if not line then return "(nothing)" end
  if #line <= SHOWN then return line end
  return line:sub(1, utf8.offset(line, 0, SHOWN + 1) - 1) .. "…"
end

-- The first line in which two texts differ: its number, both lines.
local function first_difference(a, b)
  local next_a, next_b, n = a:gmatch("([^\n]*)\n?"), b:gmatch("([^\n]*)\n?"), 0
  repeat
    n = n + 1
    local x, y = next_a(), next_b()
    if x ~= y then return n, x, y end
  until x == nil
end

-- What is counted, as lines.
local function counts(t)
  local list = { ("%d read"):format(t.read), ("%d skipped"):format(t.skipped), ("%d rejected"):format(t.rejected) }
  for _, reason in ipairs(order.keys(t.reasons)) do list[#list + 1] = ("%s: %d"):format(reason, t.reasons[reason]) end
  return table.concat(list, "\n")
end

local function compare(what, jobs, one, many)
  if one == many then return end
  local n, a, b = first_difference(one, many)
  failure.raise(failure.SCRIPT, "not deterministic: %s differ, first in line %d\n  1 worker:  %s\n  %d workers: %s\n%s", what, n,
    cut(a), jobs, cut(b), "  what `map` finds must depend on its article only, and `merge` on no order")
end

--- Runs a plugin twice.
---@param run ds.Run
---@param mute fun(on: boolean) keeps the plugin's talk back
---@param open fun(): ds.sys.writer
---@return integer status
function determinism.run(run, mute, open)
  local main, runner, options = require "ds.main", require "ds.runner", require "ds.options"
  local plain = options.plain(run.plugin.options, run.values)
  local first = main.run_of_worker(run.ds, { path = run.plugin.path, name = run.plugin.name, values = plain,
    operands = run.operands }, function() end)
  local jobs = math.max(2, run.values.jobs)
  first.values.jobs, first.mute, first.writer = 1, true, memory()
  mute(true)
  local one = runner.begin(first)
  runner.map(one)
  runner.complete(one)
  mute(false)
  run.values.jobs, run.shuffle, run.writer = jobs, run.values.seed, memory()
  main.run_now = run
  local many = runner.begin(run)
  runner.map(many)
  local status = runner.complete(many)
  compare("what was counted", jobs, counts(one.tally), counts(many.tally))
  compare("results", jobs, first.writer:text(), run.writer:text())
  local writer = open()
  failure.check_write(writer:write(run.writer:text()))
  failure.check_write(writer:commit())
  if not run.values.quiet then failure.say(("deterministic: 1 worker and %d give the same"):format(jobs)) end
  return status
end

return determinism

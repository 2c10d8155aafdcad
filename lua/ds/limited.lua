-- limited.lua: what becomes of a run when a limit is reached: the article that was being mapped is left out, what the
-- others gave is kept, and the result is marked as partial.
--
-- The time of an article, its memory and the steps of a pattern end the article.  The time of the run, or memory that
-- is still short when the article has been let go, ends the mapping: finish and report follow with what there is, and
-- have a tenth of --timeout, at least a second.
local failure = require "ds.failure"
local limits = require "ds.c.limits"
local sandbox = require "ds.sandbox"
local t = require("ds.messages").t

local limited = {}

---@class ds.LimitReached
---@field limit string
---@field article string? id
---@field line integer? number of the line of input
---@field phase string?

local GRACE_LEAST <const> = 1 -- seconds

--- Notes that a limit was reached, and says it, or leaves that to the state that gets to hear of it.
---@param run ds.Run
---@param tally ds.Tally
---@param entry ds.LimitReached
---@param message string
function limited.note(run, tally, entry, message)
  if tally.reached then return tally.reached(entry, message) end
  tally.limits = tally.limits or {}
  tally.limits[#tally.limits + 1] = entry
  if run.mute then return end
  run.clear()
  failure.say(message)
end

local function entry_of(e, where)
  return { limit = e.limit, article = where and where.article, line = where and where.line }
end

-- Sets the limit of memory again, which whoever reached it has lost.  False: what is kept takes more than three
-- quarters; the limit is then a quarter more than that.
local function memory_regained()
  collectgarbage()
  local used, most = limits.memory(), sandbox.memory()
  local good = used < most // 4 * 3
  limits.set { memory = good and most or used + most // 4 }
  return good
end

--- Calls fn: a Failure that is a limit's, or nil when all went well; other errors go on.
---@param fn fun(...: any)
---@return ds.Failure?
function limited.caught(fn, ...)
  local ok, e, limit = limits.call(function(e) return e end, fn, ...)
  if ok then return nil end
  if limit then return failure.of_limit(limit) end -- reached in the host's own code
  if failure.is(e) and e.limit then return e end
  error(e, 0)
end

--- Maps one article or line: true, or false when a limit has ended it.
---@param run ds.Run
---@param tally ds.Tally
---@param map fun(...: any): ds.Failure? as failure.catcher makes it
---@param where ds.Where
---@return boolean whole
function limited.map(run, tally, map, where, ...)
  limits.article(true)
  local e = map(...)
  limits.article(false)
  if not e then return true end
  if not e.limit or e.limit == "run" then error(e, 0) end
  if e.limit == "memory" and not memory_regained() then error(e, 0) end
  limited.note(run, tally, entry_of(e, where), e.message)
  return false
end

--- Runs a phase; true when it came to its end.  A limit ends the phase, not the run.
---@param run ds.Run
---@param tally ds.Tally
---@param fn fun()
---@return boolean whole
function limited.phase(run, tally, fn)
  local e = limited.caught(fn)
  if not e then return true end
  limited.note(run, tally, entry_of(e), e.message)
  if run.values.timeout then limits.set { run = math.max(GRACE_LEAST, run.values.timeout / 10) } end
  if e.limit == "memory" then memory_regained() end
  return false
end

-- ------------------------------------------------------------------ marks

local function ended_articles(tally)
  local n = 0
  for _, entry in ipairs(tally.limits or {}) do
    if entry.article or entry.line then n = n + 1 end
  end
  return n
end

--- "partial: 2 ended by limits, run ended by limit"; nil when no limit was reached.
---@param tally ds.Tally
---@return string?
function limited.summary(tally)
  if not tally.limits then return nil end
  local n, parts = ended_articles(tally), {}
  if n > 0 then parts[1] = t("%d left out at a limit"):format(n) end
  if n < #tally.limits then parts[#parts + 1] = t("the run ended early at a limit") end
  return t("PARTIAL: ") .. table.concat(parts, t(", "))
end

--- Puts a note in front of a report.
---@param tally ds.Tally
---@param blocks table[]
---@return table[]
function limited.mark_report(tally, blocks)
  if tally.limits then table.insert(blocks, 1, { kind = "note", text = limited.summary(tally) .. "." }) end
  return blocks
end

--- Ends jsonl with a record that tells what is missing.
---@param run ds.Run
---@param tally ds.Tally
function limited.mark_rows(run, tally)
  if not tally.limits or run.values.format ~= "jsonl" then return end
  local c = require "ds.c.json"
  local record = { read = tally.read, limits = c.array(tally.limits) }
  failure.check_write(run.writer:write('{"table":"#partial","read":', tostring(record.read), ',"limits":',
    c.encode(record.limits), "}\n"))
end

return limited

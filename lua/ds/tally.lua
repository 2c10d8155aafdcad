-- tally.lua: what a run counts besides its results: articles read and skipped, inputs rejected; and what it says of them.
local failure = require "ds.failure"
local inputs = require "ds.inputs"
local limited = require "ds.limited"
local order = require "ds.order"
local t = require("ds.messages").t

local tally = {}

---@class ds.Tally
---@field read integer
---@field skipped integer
---@field reasons table<string, integer>
---@field rejected integer
---@field sieve ds.Sieve
---@field no_input boolean? the plugin's `setup` wants none
---@field passed_over string?
---@field limits ds.LimitReached[]? when a limit was reached: what is missing
---@field reached fun(entry: ds.LimitReached, message: string)? tells another state of it
---@field named string[] rejected inputs as they were named: the first NAMED of them by bytes
---@field first string? the earliest date of an article
---@field last string? the latest
---@field reject fun(e: ds.Rejected)
---@field say fun(text: string) what the plugin prints
---@field write fun()? takes the next article that was handed on

local NAMED <const> = 50

-- Notes rejected inputs: the same ones in whatever order they come.
local function add_named(self, messages)
  local known = {}
  for _, message in ipairs(self.named) do known[message] = true end
  for _, message in ipairs(messages) do
    if not known[message] then
      known[message] = true
      table.insert(self.named, message)
    end
  end
  table.sort(self.named)
  for i = #self.named, NAMED + 1, -1 do self.named[i] = nil end
end

--- Notes the date of an article that was read.
---@param self ds.Tally
---@param date string?
function tally.date(self, date)
  if not date then return end
  if not self.first or date < self.first then self.first = date end
  if not self.last or date > self.last then self.last = date end
end

--- A tally that counts and keeps `events` for whoever merges it: { "reject", message }, { "print", text } and { "write" }, an
--- article that was handed on, in order.
---@return ds.Tally
function tally.recording()
  local self = { read = 0, skipped = 0, reasons = {}, rejected = 0, sieve = inputs.sieve(), events = {}, named = {} }
  function self.reject(e)
    self.rejected = self.rejected + 1
    self.events[#self.events + 1] = { "reject", inputs.describe(e) }
  end
  function self.say(text) self.events[#self.events + 1] = { "print", text } end
  function self.reached(entry, message) self.events[#self.events + 1] = { "limit", message, entry } end
  return self
end

-- Names a rejected input as --on-error wants it.
local function name_rejected(run, message)
  if run.mute then return end
  if run.values["on-error"] == "collect" then
    run.collected[#run.collected + 1] = message
    return
  end
  run.clear()
  if run.values["on-error"] == "stop" then failure.raise(failure.INPUT, "%s", message) end
  failure.say(message)
end

--- The tally of a run.
---@param run ds.Run
---@return ds.Tally
function tally.new(run)
  local self = { read = 0, skipped = 0, reasons = {}, rejected = 0, sieve = inputs.sieve(), named = {} }
  function self.reject(e)
    self.rejected = self.rejected + 1
    add_named(self, { inputs.describe(e) })
    name_rejected(run, inputs.describe(e))
  end
  function self.say(text) io.stderr:write(text) end
  --- Takes in a part of the run: plain data, as tally.part gives it.
  function self.take(part)
    for _, event in ipairs(part.events) do
      if event[1] == "print" then self.say(event[2])
      elseif event[1] == "limit" then limited.note(run, self, event[3], event[2])
      elseif event[1] == "write" then self.write()
      else
        self.rejected = self.rejected + 1
        add_named(self, { event[2] })
        name_rejected(run, event[2])
      end
    end
    tally.add(self, part)
  end
  return self
end

--- Counts an article as skipped, once whatever its reasons.
---@param self ds.Tally
---@param reason string
function tally.skip(self, reason)
  if self.counted ~= self.read then self.skipped = self.skipped + 1 end
  self.counted = self.read
  self.reasons[reason] = (self.reasons[reason] or 0) + 1
end

--- Counts n further articles as skipped, for that reason alone.
---@param self ds.Tally
---@param reason string
---@param n integer
function tally.skip_many(self, reason, n)
  self.skipped = self.skipped + n
  self.reasons[reason] = (self.reasons[reason] or 0) + n
end

local function add_sieve(into, from)
  if from.seen > 0 then
    if into.seen == 0 then into.lacking = from.lacking
    else
      for name in next, into.lacking do
        if not from.lacking[name] then into.lacking[name] = nil end
      end
    end
  end
  into.seen, into.passed = into.seen + from.seen, into.passed + from.passed
  for name in next, from.known do into.known[name] = true end
end

--- Adds the numbers of a part; its events are not looked at.
---@param self ds.Tally
---@param part table
function tally.add(self, part)
  self.read, self.skipped = self.read + part.read, self.skipped + part.skipped
  for reason, n in next, part.reasons do self.reasons[reason] = (self.reasons[reason] or 0) + n end
  add_sieve(self.sieve, part.sieve)
  add_named(self, part.named or {})
  tally.date(self, part.first)
  tally.date(self, part.last)
  for _, entry in ipairs(part.limits or {}) do
    self.limits = self.limits or {}
    self.limits[#self.limits + 1] = entry
  end
end

--- The numbers and events of a recording tally as plain data.
---@param self ds.Tally
---@return table
function tally.part(self)
  local s = self.sieve
  return { read = self.read, skipped = self.skipped, reasons = self.reasons, events = self.events, first = self.first, last = self.last,
    sieve = { seen = s.seen, passed = s.passed, lacking = s.lacking, known = s.known } }
end

-- ------------------------------------------------------------------ what is said

local function plural(n, one, many) return t(n == 1 and one or many):format(n) end

--- Whether the run reads input at all.
---@param run ds.Run
---@param self ds.Tally
---@return boolean
function tally.reads(run, self) return run.plugin.input ~= "none" and not self.no_input end

local function summary(run, self)
  local unit = run.plugin.input == "lines" and "line" or "article"
  local bundled = run.plugin.input == "articles" and #run.operands == 0 and not run.from_partials
  local parts = { plural(self.read, "%d " .. unit .. " read", "%d " .. unit .. "s read") .. (bundled and t(" (the bundled corpus)") or "") }
  if self.skipped > 0 then
    local reasons = {}
    for _, reason in ipairs(order.keys(self.reasons)) do
      reasons[#reasons + 1] = ("%s: %d"):format(reason, self.reasons[reason])
    end
    parts[#parts + 1] = t("%d skipped (%s)"):format(self.skipped, table.concat(reasons, "; "))
  end
  if self.rejected > 0 then parts[#parts + 1] = plural(self.rejected, "%d input rejected", "%d inputs rejected") end
  parts[#parts + 1] = limited.summary(self)
  parts[#parts + 1] = self.passed_over
  return table.concat(parts, t(", "))
end

--- Names the rejected inputs that --on-error collect has kept back.
---@param run ds.Run
function tally.name_collected(run)
  for _, message in ipairs(run.collected) do failure.say(message) end
  run.collected = {}
end

--- The last words of a run.
---@param run ds.Run
---@param self ds.Tally
function tally.talk(run, self)
  if run.mute then return end
  tally.name_collected(run)
  local quiet = run.values.quiet or not tally.reads(run, self) or
    (run.plugin.input == "lines" and self.rejected + self.skipped == 0 and not self.limits)
  if run.plugin.input == "articles" and not run.from_partials then inputs.hints(run.operands, self.sieve, quiet) end
  if not quiet then failure.say(summary(run, self)) end
  if not quiet and run.values.weights then failure.say(run.copies) end
end

return tally

-- progress.lua: the line on standard error that tells how far the run is, when that is a terminal.
local sys = require "ds.c.sys"

local progress = {
  off = false, -- the user wants none
}

local EVERY <const> = 0.2 -- seconds between two updates

local function clock(seconds)
  seconds = math.floor(seconds + 0.5)
  if seconds < 3600 then return ("%d:%02d"):format(seconds // 60, seconds % 60) end
  return ("%d:%02d:%02d"):format(seconds // 3600, seconds // 60 % 60, seconds % 60)
end

--- What the line says.
---@param unit string "articles" or "lines"
---@param done integer
---@param seconds number since the start
---@param part number? of the work that is done, 0 to 1, when it is known
---@return string
function progress.text(unit, done, seconds, part)
  local s = ("%d %s, %.0f/s"):format(done, unit, seconds > 0 and done / seconds or 0)
  if not part or part <= 0 then return s end
  return ("%s, %d%%, %s left"):format(s, part * 100 // 1, clock(seconds * (1 - part) / part))
end

---@class ds.Progress
---@field step fun(done: integer, part: number?)
---@field shows boolean whether there is a line at all
---@field clear fun() erases the line before a message

--- Shows nothing when `on` is false, `progress.off` is set or standard error is no terminal.
---@param on boolean
---@param unit string
---@return ds.Progress
function progress.new(on, unit)
  if not on or progress.off or not sys.isatty(2) then return { step = function() end, clear = function() end, shows = false } end
  local start, last, shown = sys.clock(), 0, false
  local self = { shows = true }
  function self.step(done, part)
    local now = sys.clock()
    if now - last < EVERY then return end
    last, shown = now, true
    io.stderr:write("\r\27[K", progress.text(unit, done, now - start, part))
    io.stderr:flush()
  end
  function self.clear()
    if shown then io.stderr:write("\r\27[K") end
    shown = false
  end
  return self
end

return progress

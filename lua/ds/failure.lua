-- failure.lua: how a run ends early.  A Failure is raised with error() and turned into a message and an exit
-- status by main.lua; nothing else in the host prints errors or leaves the program.
local names = require "ds.names"
local limits = require "ds.c.limits"
local messages = require "ds.messages"
local sys = require "ds.c.sys"

local failure = {}

local FRAMES <const>, LEVELS <const> = 12, 200 -- shown of a traceback; looked at (finding level n takes n steps)

---@class ds.Failure
---@field status integer exit status of the program
---@field message string? what to print; nil when everything has been said
---@field limit string? "steps", "article", "memory" or "run", when one was reached
local Failure = { __name = "ds.Failure" }
Failure.__index = Failure
function Failure:__tostring() return self.message or "" end

--- Exit statuses, as documented.
failure.INPUT, failure.USAGE, failure.SCRIPT, failure.LIMIT, failure.PIPE = 1, 2, 3, 4, 141

---@param e any
---@return boolean
function failure.is(e) return getmetatable(e) == Failure end

--- Ends the run.
---@param status integer
---@param message string? a format when values follow; nil: everything has been said
function failure.raise(status, message, ...)
  message = message and messages.t(message)
  if message and select("#", ...) > 0 then message = message:format(...) end
  error(setmetatable({ status = status, message = message }, Failure), 0)
end

--- Ends the run with a Failure that another state has met.
---@param status integer
---@param message string?
---@param limit string?
function failure.again(status, message, limit)
  error(setmetatable({ status = status, message = message, limit = limit }, Failure), 0)
end

--- Wrong use of the command line.
function failure.usage(message, ...) failure.raise(failure.USAGE, message, ...) end

--- Passes on the results of a write, or ends the run: quietly when the reader of a pipe has gone.
function failure.check_write(ok, message, kind)
  if ok then return ok end
  if kind == "pipe" then failure.raise(failure.PIPE) end
  failure.raise(failure.INPUT, message)
end

--- "; did you mean 'x'?" for a misspelt word, or what is said when no candidate is near.
---@param word any
---@param candidates string[]
---@param otherwise string? default ""
---@return string
function failure.hint(word, candidates, otherwise)
  local near = names.nearest(tostring(word), candidates)
  return near and messages.t("; did you mean '%s'?"):format(near) or otherwise or ""
end

-- ------------------------------------------------------------------ errors of plugins

-- "plugins/x.lua:12: in function 'count'" for a frame of the plugin's own file.
local function describe(info, path, hook)
  local what
  if info.func == hook.fn then what = messages.t("in hook '%s'"):format(hook.phase)
  elseif info.what == "main" then what = messages.t("in the file itself")
  elseif info.name then what = ("in %s '%s'"):format(info.namewhat ~= "" and info.namewhat or "function", info.name)
  else what = messages.t("in the function of line %d"):format(info.linedefined) end
  return ("%s:%d: %s"):format(path, info.currentline, what)
end

-- The frames of the running error that belong to the plugin; those of the host say nothing to its author.
local function plugin_frames(path, hook)
  local frames, lines = {}, {}
  for level = 3, LEVELS do
    local info = debug.getinfo(level, "Slnf")
    if not info then break end
    if #frames == FRAMES then
      frames[#frames + 1] = "…"
      break
    end
    if info.source == "@" .. path and info.currentline > 0 then
      frames[#frames + 1] = describe(info, path, hook)
      lines[#lines + 1] = info.currentline
    end
  end
  return frames, lines
end

local function text_of(e)
  local mt = getmetatable(e)
  if type(e) == "string" or type(e) == "number" or (type(mt) == "table" and mt.__tostring) then return tostring(e) end
  if e == nil then return "error(nil): an error without a message" end
  return ("the error is a %s without a message"):format(type(e))
end

local function starts(s, prefix) return s:sub(1, #prefix) == prefix end

--- The message with exactly one position in front, the plugin's.
---@param message string
---@param path string of the plugin
---@param lines integer[]? lines of its frames, innermost first
---@return string
function failure.locate(message, path, lines)
  local short = debug.getinfo(load("", "@" .. path), "S").short_src -- cut by Lua when the path is long
  for _, name in ipairs { path, short } do
    if starts(message, name .. ":") then return path .. message:sub(#name + 1) end
  end
  message = message:gsub("^ds/[%w_]+%.lua:%d+: ", "")
  if lines and lines[1] then return ("%s:%d: %s"):format(path, lines[1], message) end
  return path .. ": " .. message
end

--- The message of a file that does not compile, with advice where Lua's own says little.
---@param message string of load
---@param path string
---@return string
function failure.syntax(message, path)
  message = failure.locate(message, path)
  if message:find("near '<\\%d+>'") then
    message = message .. "\n  names and signs of Lua are ASCII: write [\"价格\"] = …, put text in quotes, and use no ， （ ） “ ”"
  end
  return message .. "\n  phase: load"
end

---@class ds.Where what ran when an error came
---@field path string the plugin's file
---@field phase string
---@field article string? id
---@field line integer? number of the line of input
---@field fn function? the hook

--- A message handler for xpcall that makes a Failure of whatever the plugin raised.
---@param where ds.Where
---@return fun(e: any): any
function failure.handler(where)
  return function(e)
    if failure.is(e) then return e end
    local frames, lines = plugin_frames(where.path, where)
    local t = messages.t
    local out = { failure.locate(text_of(e), where.path, lines), t("  phase: ") .. where.phase }
    if where.article then out[#out + 1] = t("  article: ") .. where.article end
    if where.line then out[#out + 1] = t("  line: ") .. where.line end
    if #frames > 0 then
      out[#out + 1] = t("  traceback:")
      for _, f in ipairs(frames) do out[#out + 1] = "    " .. f end
    end
    return setmetatable({ status = failure.SCRIPT, message = table.concat(out, "\n") }, Failure)
  end
end

local REACHED = {
  steps = "a pattern takes too many steps",
  article = "the article takes longer than --article-timeout allows",
  memory = "more memory is wanted than --memory allows",
  run = "the run takes longer than --timeout allows",
}

local function describe_limit(frame, where)
  local t = messages.t
  if frame.defined == 0 then return t("in the file itself") end
  if where.fn and frame.defined == debug.getinfo(where.fn, "S").linedefined then
    return t("in hook '%s'"):format(where.phase)
  end
  if frame.name ~= "" then return t("in function '%s'"):format(frame.name) end
  return t("in the function of line %d"):format(frame.defined)
end

-- "p.lua:12: in function 'f'" for the frames of the plugin that the limit was reached in.
local function limit_frames(where)
  local path = where.path
  local short, list, first = debug.getinfo(load("", "@" .. path), "S").short_src, {}, nil
  for _, frame in ipairs(limits.where()) do
    if frame.source == path or frame.source == short then
      first = first or frame.line
      list[#list + 1] = ("    %s:%d: %s"):format(path, frame.line, describe_limit(frame, where))
    end
  end
  return list, first
end

--- The Failure for a limit that was reached.
---@param limit string
---@param where ds.Where? nil: no plugin was running
---@return ds.Failure
function failure.of_limit(limit, where)
  local t = messages.t
  local out = { t(REACHED[limit]) }
  if where then
    local frames, line = limit_frames(where)
    out[1] = line and ("%s:%d: %s"):format(where.path, line, out[1]) or where.path .. ": " .. out[1]
    out[2] = t("  phase: ") .. where.phase
    if where.article then out[#out + 1] = t("  article: ") .. where.article end
    if where.line then out[#out + 1] = t("  line: ") .. where.line end
    if #frames > 0 then out[#out + 1] = t("  traceback:") end
    table.move(frames, 1, #frames, #out + 1, out)
  end
  return setmetatable({ status = failure.LIMIT, message = table.concat(out, "\n"), limit = limit }, Failure)
end

-- The Failure that a call under limits has ended with.
local function failure_of(where, handler, e, limit)
  if limit then return failure.of_limit(limit, where) end
  return handler(e) -- Lua calls no handler when memory is short; a Failure passes unchanged
end

--- Calls fn(...) of a plugin; its errors, and limits that it reaches, end the run.
---@param where ds.Where `fn` is filled in here
function failure.protect(where, fn, ...)
  where.fn = fn
  local handler = failure.handler(where)
  local result = table.pack(limits.call(handler, fn, ...))
  if result[1] then return table.unpack(result, 2, result.n) end
  error(failure_of(where, handler, result[2], result[3]), 0)
end

--- A function that calls fn of a plugin again and again: nil, or the Failure that it has ended with.  What fn returns is
--- dropped.
---@param where ds.Where may be changed between two calls; `fn` is filled in here
---@return fun(...: any): ds.Failure?
function failure.catcher(where, fn)
  where.fn = fn
  local handler, call = failure.handler(where), limits.call
  return function(...)
    local ok, e, limit = call(handler, fn, ...)
    if not ok then return failure_of(where, handler, e, limit) end
  end
end

-- ------------------------------------------------------------------ talk

--- Writes a message to standard error, each first line after "dsrun: ".  `before` erases a progress line.
---@param message string
function failure.say(message) io.stderr:write("dsrun: ", messages.t(message), "\n") end

--- ANSI colours are wanted on descriptor fd: a terminal, and NO_COLOR not set to anything (no-color.org).
---@param fd integer
function failure.colour(fd)
  local no = os.getenv("NO_COLOR")
  return (no == nil or no == "") and sys.isatty(fd)
end

return failure

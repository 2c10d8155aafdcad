-- script.lua: plain scripts (files that return nothing) and the code of -e: they run with `ds`, `corpus` and `arg`,
-- print goes to standard output or the file of -o.
local env = require "ds.env"
local failure = require "ds.failure"
local inputs = require "ds.inputs"
local options = require "ds.options"
local sys = require "ds.c.sys"

local script = {}

---@class ds.ScriptRun
---@field ds table
---@field path string of the file, or "-e"
---@field values table<string, any>
---@field operands string[]
---@field writer ds.sys.writer? opened by the first print
---@field problem any? why the command line makes no sense for a script; raised once the file is known to be one
---@field dry boolean only --help is wanted: nothing is printed or read
---@field talks boolean the file has turned out to be a plugin: print goes to standard error
---@field rejected integer
---@field collected string[]

--- Standard output, or the file of -o, which appears when everything has succeeded.
---@param values table<string, any>
---@return ds.sys.writer
function script.open_writer(values)
  if not values.output then return sys.open_fd(1, "standard output") end
  local writer, message = sys.open_atomic(values.output)
  return writer or failure.raise(failure.INPUT, "%s", message)
end

-- What scripts cannot use is refused, not ignored.
local function check_options(run)
  for _, name in ipairs { "format", "table" } do
    if run.values[name] ~= nil then
      failure.usage("--%s belongs to plugins with tables; %s is a plain script", name, run.path)
    end
  end
end

local function read_options(run, values, rest)
  for name, value in next, values do run.values[name] = value end
  run.operands = options.parse(rest, { options.host }, run.values)
  check_options(run)
  for _, name in ipairs { "seed", "on-error" } do
    for _, o in ipairs(options.host) do
      if o[1] == name and run.values[name] == nil then run.values[name] = o.default end
    end
  end
end

--- A script to be: a file runs while it is loaded, before it is known to be one.
---@param ds table
---@param path string
---@param values table<string, any> host options read so far
---@param rest string[] the rest of the command line
---@return ds.ScriptRun
function script.prepare(ds, path, values, rest)
  local run = { ds = ds, path = path, values = {}, operands = {}, rejected = 0, collected = {}, dry = false,
    talks = false }
  local ok, problem = pcall(read_options, run, values, rest)
  if not ok then
    if not failure.is(problem) then error(problem, 0) end
    run.problem = problem
  end
  env.seed(run.values.seed or 1, "script")
  return run
end

--- `print` of a script.
---@param run ds.ScriptRun
function script.print(run)
  return function(...)
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    local line = table.concat(parts, "\t") .. "\n"
    if run.dry then return end
    if run.talks or run.problem then io.stderr:write(line) return end
    run.writer = run.writer or script.open_writer(run.values)
    failure.check_write(run.writer:write(line))
  end
end

-- The corpus with the host's --where and its way of naming bad input; otherwise the one of ds.corpus.open.
local function open_corpus(run)
  local function reject(e)
    local message = inputs.describe(e)
    run.rejected = run.rejected + 1
    if run.values["on-error"] == "stop" then failure.raise(failure.INPUT, "%s", message) end
    if run.values["on-error"] == "skip" then return failure.say(message) end
    run.collected[#run.collected + 1] = message
  end
  local segmenter = inputs.user_segmenter(run.ds, run.values["user-dict"], reject)
  local corpus = inputs.corpus(run.ds, run.operands, segmenter, reject)
  local proxy = {}
  function proxy.docs(_, opts)
    opts = opts or {}
    return inputs.articles(corpus, opts.where or run.values.where, opts.on_error or reject)
  end
  return setmetatable(proxy, { __name = "ds.corpus", __index = function(_, name)
    local member = corpus and corpus[name]
    if type(member) ~= "function" then return member end
    return function(self, ...) return member(self == proxy and corpus or self, ...) end
  end })
end

--- The globals of a script, made when they are first read.
---@param run ds.ScriptRun
---@return table<string, fun(): any>
function script.globals(run)
  local function guarded(make)
    return function()
      if run.dry then failure.raise(0) end
      if run.problem then error(run.problem, 0) end
      return make()
    end
  end
  return {
    corpus = guarded(function() return open_corpus(run) end),
    arg = guarded(function() return table.move(run.operands, 1, #run.operands, 1, { [0] = run.path }) end),
  }
end

--- The script has run: writes what is left.
---@param run ds.ScriptRun
---@return integer status
function script.finish(run)
  if run.problem then error(run.problem, 0) end
  run.writer = run.writer or script.open_writer(run.values)
  failure.check_write(run.writer:commit())
  for _, message in ipairs(run.collected) do failure.say(message) end
  return run.rejected > 0 and failure.INPUT or 0
end

--- Runs the code of -e.
---@param ds table
---@param values table<string, any>
---@param rest string[]
---@return integer status
function script.eval(ds, values, rest)
  local run = script.prepare(ds, "-e", values, rest)
  if run.problem then error(run.problem, 0) end
  local chunk, message = load(values.eval, "@-e", "t", env.new(ds, script.print(run), true, script.globals(run)))
  if not chunk then failure.raise(failure.SCRIPT, "%s\n  phase: load", message) end
  failure.protect({ path = "-e", phase = "script" }, chunk)
  return script.finish(run)
end

return script

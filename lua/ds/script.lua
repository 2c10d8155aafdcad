-- script.lua: plain scripts (files that return nothing) and the code of -e: they run with `ds`, `corpus` and `arg`,
-- print goes to standard output or the file of -o.
local env = require "ds.env"
local failure = require "ds.failure"
local inputs = require "ds.inputs"
local options = require "ds.options"
local sys = require "ds.c.sys"

local script = {}

local HELD_MAX <const> = 1 << 20 -- bytes of print that are kept back until the file is known to be a script

---@class ds.ScriptRun
---@field ds table
---@field path string of the file, or "-e"
---@field values table<string, any>
---@field operands string[]
---@field writer ds.sys.writer? opened by the first print
---@field problem any? why the command line makes no sense for a script; raised once the file is known to be one
---@field dry boolean only --help is wanted: nothing is printed or read
---@field muted boolean? the plugin's talk is not wanted (--check-determinism)
---@field talks boolean the file has turned out to be a plugin: print goes to standard error
---@field held string[]? what was printed before the file was known to be a script or a plugin; nil once it is
---@field held_bytes integer
---@field release fun() the file is a script: writes what was held
---@field corpus_opened boolean
---@field sieve ds.Sieve
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
  for _, name in ipairs { "format", "table", "manifest" } do
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
    talks = false, held = {}, held_bytes = 0, corpus_opened = false, sieve = inputs.sieve() }
  function run.release()
    local held = run.held or {}
    run.held = nil
    for _, line in ipairs(held) do script.write(run, line) end
  end
  local ok, problem = pcall(read_options, run, values, rest)
  if not ok then
    if not failure.is(problem) then error(problem, 0) end
    run.problem = problem
  end
  env.seed(run.values.seed or 1, "script")
  return run
end

--- Writes a line of a script's output, or of a plugin's talk.
---@param run ds.ScriptRun
---@param line string
function script.write(run, line)
  if run.muted then return end
  if run.talks or run.problem then return io.stderr:write(line) end
  run.writer = run.writer or script.open_writer(run.values)
  failure.check_write(run.writer:write(line))
end

--- The file has returned a plugin: what it prints is talk.
---@param run ds.ScriptRun
function script.becomes_plugin(run)
  run.talks = true
  run.release()
end

--- `print` of a file, whose output goes to different places for a script and a plugin.
---@param run ds.ScriptRun
function script.print(run)
  return function(...)
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    local line = table.concat(parts, "\t") .. "\n"
    if run.dry then return end
    if not run.held then return script.write(run, line) end
    run.held[#run.held + 1], run.held_bytes = line, run.held_bytes + #line
    if run.held_bytes > HELD_MAX then run.release() end
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
  run.corpus_opened = true
  local segmenter = inputs.user_segmenter(run.ds, run.values["user-dict"], reject)
  local corpus = inputs.corpus(run.ds, run.operands, segmenter, reject, run.values)
  local proxy = {}
  function proxy.docs(_, opts)
    opts = opts or {}
    local sieve = opts.where and inputs.sieve() or run.sieve -- what the script asks for itself is its own affair
    return inputs.articles(corpus, opts.where or run.values.where, opts.on_error or reject, sieve)
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
      run.release() -- what uses these globals is a script
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
  run.release()
  run.writer = run.writer or script.open_writer(run.values)
  failure.check_write(run.writer:commit())
  for _, message in ipairs(run.collected) do failure.say(message) end
  if run.corpus_opened then inputs.hints(run.operands, run.sieve, run.values.quiet) end
  return run.rejected > 0 and failure.INPUT or 0
end

--- Runs the code of -e.
---@param ds table
---@param values table<string, any>
---@param rest string[]
---@return integer status
function script.eval(ds, values, rest)
  local sandbox = require "ds.sandbox"
  local run = script.prepare(ds, "-e", values, rest)
  if run.problem then error(run.problem, 0) end
  sandbox.limit(run.values)
  sandbox.files(run.values, { run.values["user-dict"] or "-", table.unpack(run.operands) })
  run.release()
  local globals = env.new(ds, script.print(run), true, script.globals(run), run.values.trust and ".")
  local chunk, message = load(values.eval, "@-e", "t", globals)
  if not chunk then failure.raise(failure.SCRIPT, "%s", failure.syntax(message, "-e")) end
  failure.protect({ path = "-e", phase = "script" }, chunk)
  return script.finish(run)
end

return script

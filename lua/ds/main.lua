-- main.lua: the command line of dsrun.
require("ds.sandbox").install() -- first of all
local env = require "ds.env"
local failure = require "ds.failure"
local limits = require "ds.c.limits"
local options = require "ds.options"
local sandbox = require "ds.sandbox"
local sys = require "ds.c.sys"

local main = {}

local function print_out(text)
  local writer = sys.open_fd(1, "standard output")
  failure.check_write(writer:write(text))
  failure.check_write(writer:commit())
  return 0
end

local function list_plugins(ds)
  local plugin = require "ds.plugin"
  local list, known = {}, plugin.list()
  if #known == 0 then failure.usage("there are %s", plugin.none()) end
  for i, found in ipairs(known) do
    local ok, p = pcall(plugin.load, found.path, found.name, env.new(ds, function() end))
    local about = ok and p and p.about or ""
    if not ok then about = ("(cannot be loaded: `dsrun %s` says why)"):format(found.name) end
    list[i] = { name = found.name, about = about }
  end
  return print_out(require("ds.help").list(list))
end

-- The plugins that can be called by name and loaded, for completion.
local function print_completion(ds, shell)
  local plugin, list = require "ds.plugin", {}
  for _, found in ipairs(plugin.list()) do
    local ok, p = pcall(plugin.load, found.path, found.name, env.new(ds, function() end))
    if ok and p then list[#list + 1] = p end
  end
  return print_out(require("ds.manual").completion(shell, list))
end

-- Whether help, or the man page, is asked for behind PLUGIN, known before the plugin's own options are.
local function asks_for(rest, long, short)
  for _, word in ipairs(rest) do
    if word == "--" then return false end
    if word == long or word == short then return true end
  end
  return false
end

local function print_help(run, globals, path, name, man)
  local help, plugin = require "ds.help", require "ds.plugin"
  run.dry = true
  local ok, p = pcall(plugin.load, path, name, globals)
  if not ok and not (failure.is(p) and p.status == 0) then error(p, 0) end
  if ok and p and man then return print_out(require("ds.manual").plugin(p, run.ds.version)) end
  return print_out(ok and p and help.plugin(p) or help.script(path))
end

-- What the options of a plugin name may be read, too.
local function allow_values(declared, values)
  for _, o in ipairs(declared) do
    if (o.type == "file" or o.type == "dir") and values[o[1]] then sys.allow(values[o[1]]) end
  end
end

local function run_table(ds, p, values, rest, writer)
  sys.guard(false) -- the host looks whether what the options name can be opened
  local operands = options.parse(rest, { options.host, p.options }, values)
  options.defaults(options.host, values)
  options.defaults(p.options, values, p.path:match("^(.*)/[^/]*$") or ".")
  sandbox.files(values, operands)
  allow_values(options.host, values)
  allow_values(p.options, values)
  local run = { ds = ds, plugin = p, values = values, operands = operands, collected = {}, clear = function() end }
  run.writer = writer or require("ds.script").open_writer(values)
  main.run_now = run
  return require("ds.runner").run(run)
end

-- Runs the command line again whenever the plugin changes.
local function watch(argv, path)
  local words = {}
  for _, word in ipairs(argv) do
    if word ~= "--watch" then words[#words + 1] = word end
  end
  return require("ds.watch").run(path, words)
end

local function run_plugin(ds, values, word, rest, argv)
  local plugin, script = require "ds.plugin", require "ds.script"
  local path = plugin.find(word)
  local beside = path:match("^(.*)/[^/]*$") or "."
  if values.watch or asks_for(rest, "--watch") then return watch(argv, path) end
  sandbox.peek(rest, values)
  sandbox.limit(values)
  local run = script.prepare(ds, path, values, rest)
  sandbox.files(values, { beside, table.unpack(run.operands) })
  allow_values(options.host, run.values)
  local globals = env.new(ds, script.print(run), false, script.globals(run), values.trust and beside)
  local man = values.man or asks_for(rest, "--man")
  if man or values.help or asks_for(rest, "--help", "-h") then return print_help(run, globals, path, word, man) end
  main.run_now = run
  local p = plugin.load(path, word, globals)
  if not p then return script.finish(run) end
  script.becomes_plugin(run)
  return run_table(ds, p, values, rest, run.writer)
end

-- The version and the vector code in use; a DS_CPU that cannot be had is told on standard error.
local function print_version(ds)
  local path, problem = require("ds.c.text").cpu()
  if problem then failure.say(problem) end
  return print_out(("dsrun %s (%s)\n"):format(ds.version, path))
end

local function run_words(argv)
  local ds = require "ds"
  local values = {}
  local words = options.parse(argv, { options.host }, values, true, " (a plugin's options stand behind its name)")
  if values.version then return print_version(ds) end
  if values.list then return list_plugins(ds) end
  if values.completion then return print_completion(ds, values.completion) end
  if values.interactive then return require("ds.prompt").run(ds, values, words) end
  if values.eval then return require("ds.script").eval(ds, values, words) end
  local word = table.remove(words, 1)
  if not word and values.help then return print_out(require("ds.help").host()) end
  if not word and values.man then return print_out(require("ds.manual").host(ds.version)) end
  if not word then failure.usage("no PLUGIN given; `dsrun --list` names them, `dsrun --help` tells more") end
  return run_plugin(ds, values, word, words, argv)
end

-- Ends a failed run: what went to standard output so far is not kept back, rejected inputs are named.
local function end_early(e)
  local run = main.run_now
  if run and run.clear then run.clear() end
  if run and e.status ~= failure.PIPE then
    if run.release then pcall(run.release) end
    if run.writer and not run.values.output then pcall(run.writer.flush, run.writer) end
    for _, message in ipairs(run.collected) do failure.say(message) end
  end
  if e.message then failure.say(e.message) end
  return e.status
end

--- Runs the program.
---@param argv string[]
---@return integer status of the process
function main.run(argv)
  local ok, result, limit = limits.call(function(e)
    return failure.is(e) and e or debug.traceback(tostring(e), 2)
  end, run_words, argv)
  if ok then return result end
  if limit then result = failure.of_limit(limit) end -- reached in the host's own code
  if failure.is(result) then return end_early(result) end
  failure.say("internal error: " .. tostring(result))
  return failure.SCRIPT
end

return main

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

local function beside_of(path) return path:match("^(.*)/[^/]*$") or "." end

-- What the options of a plugin name may be read, too.
local function allow_values(declared, values)
  for _, o in ipairs(declared) do
    if (o.type == "file" or o.type == "dir") and values[o[1]] then sys.allow(values[o[1]]) end
  end
end

-- -j 0 is a worker for each processor.
local function count_jobs(values)
  if values.jobs < 0 or values.jobs > 1024 then failure.usage("--jobs wants a number from 0 to 1024") end
  if values.jobs == 0 then values.jobs = require("ds.c.worker").processors() end
end

-- Whether several workers can read for the plugin: it says by `write` what the process with the store does, and nothing hangs
-- on ids, which are known there only.
local function may_share(p, values)
  if not p.hooks.write or values.dedup ~= "off" or values.manifest then return false end
  local _, fields = require("ds.where").compile(values.where or "")
  for _, name in ipairs(values.where and fields or {}) do
    if name == "id" then return false end
  end
  return true
end

-- What a plugin with a `target` writes: its first operand.
local function take_target(p, values, operands)
  if not p.target then return nil end
  for _, name in ipairs { "map", "reduce", "shard", "check-determinism" } do
    if values[name] then failure.usage("%s writes a store: --%s has no place here", p.name, name) end
  end
  if not may_share(p, values) then values.jobs = 1 end
  local target = table.remove(operands, 1)
  if not target then failure.usage("name the store first: dsrun %s news.dsc …", p.name) end
  if p.input == "articles" and #operands == 0 then failure.usage("name what to read behind %s: files, directories, -", target) end
  return target
end

-- The run that the rest of a command line asks of a plugin; it has no writer yet.
local function make_run(ds, p, values, rest)
  sys.guard(false) -- the host looks whether what the options name can be opened
  local operands = options.parse(rest, { options.host, p.options }, values)
  options.defaults(options.host, values)
  options.defaults(p.options, values, p.path:match("^(.*)/[^/]*$") or ".")
  count_jobs(values)
  local target = take_target(p, values, operands)
  if target then
    sys.allow(target)
    sys.allow_write(target)
  end
  sandbox.files(values, operands)
  allow_values(options.host, values)
  allow_values(p.options, values)
  return { ds = ds, plugin = p, values = values, operands = operands, target = target, collected = {},
    clear = function() end }
end

-- At most one of the options that say how to run.
local function check_modes(values)
  local first
  for _, name in ipairs { "map", "reduce", "shard", "merge", "check-determinism" } do
    if values[name] then
      if first then failure.usage("--%s and --%s: one of them", first, name) end
      first = name
    end
  end
  if first and values.manifest then failure.usage("--manifest belongs to a run in one piece, not to --%s", first) end
  if values.dedup ~= "off" and (values.map or values.reduce or values.shard) then
    failure.usage("--dedup wants all articles at once, which a part of a run has not: leave the copies out before")
  end
  if values.state and not values.shard then failure.usage("--state belongs to --shard") end
end

-- dsrun verify --manifest FILE.
local function verify_manifest(ds, path, writer)
  sys.allow(path)
  local status = require("ds.manifest").verify(ds, path, function(text) failure.check_write(writer:write(text)) end)
  failure.check_write(writer:commit())
  return status
end

local function run_table(ds, p, values, rest, file)
  local run = make_run(ds, p, values, rest)
  check_modes(values)
  if values.merge then failure.usage("--merge takes no PLUGIN before it: write dsrun --merge FILE…") end
  local function open() return file.writer or require("ds.script").open_writer(values) end
  if values["check-determinism"] then
    return require("ds.determinism").run(run, function(on) file.muted = on end, open)
  end
  if values.manifest and p.name == "verify" then return verify_manifest(ds, values.manifest, open()) end
  main.run_now = run
  if values.shard then return require("ds.scale").shard(run) end
  run.writer = open()
  if values.map then return require("ds.scale").map(run) end
  if values.reduce then return require("ds.scale").reduce(run) end
  if values.manifest then require("ds.manifest").begin(run, main.argv) end
  return require("ds.runner").run(run)
end

-- --merge: the words are states, which know their plugin.
local function run_merge(ds, values, words)
  local paths = options.parse(words, { options.host }, values)
  check_modes(values)
  if values.help then return print_out(require("ds.help").host()) end
  for _, path in ipairs(paths) do sys.allow(path) end
  return require("ds.scale").merge(ds, values, paths, require("ds.script").open_writer)
end

--- The run of another state, in that of a worker; it opens no output.
---@param ds table
---@param order {path: string, name: string, values: table, operands: string[]}
---@param say fun(text: string) what the plugin prints
---@return ds.Run
function main.run_of_worker(ds, order, say)
  local values, beside = order.values, beside_of(order.path)
  sandbox.limit(values, order.seconds_left)
  if order.target then sys.allow(order.target) end
  sandbox.files(values, { beside, table.unpack(order.operands) })
  allow_values(options.host, values)
  local p = require("ds.plugin").load(order.path, order.name, env.new(ds, function(...)
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    say(table.concat(parts, "\t") .. "\n")
  end, false, nil, values.trust and beside))
  allow_values(p.options, values)
  return { ds = ds, plugin = p, values = options.from_plain(p.options, values), operands = order.operands, target = order.target,
    collected = {}, clear = function() end }
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
  local beside = beside_of(path)
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
  return run_table(ds, p, values, rest, run)
end

-- The version and the vector code in use; a DS_CPU that cannot be had is told on standard error.
local function print_version(ds)
  local path, problem = require("ds.c.text").cpu()
  if problem then failure.say(problem) end
  return print_out(("dsrun %s (%s)\n"):format(ds.version, path))
end

local function run_words(argv)
  main.argv = argv
  local ds = require "ds"
  local values = {}
  local words = options.parse(argv, { options.host }, values, true, " (a plugin's options stand behind its name)")
  if values.version then return print_version(ds) end
  if values.list then return list_plugins(ds) end
  if values.completion then return print_completion(ds, values.completion) end
  if values.interactive then return require("ds.prompt").run(ds, values, words) end
  if values.serve then return require("ds.serve").run(ds, values, words) end
  if values.eval then return require("ds.script").eval(ds, values, words) end
  if values.merge then return run_merge(ds, values, words) end
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

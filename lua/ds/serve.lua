-- serve.lua: dsrun --serve: a request a line on standard input, an answer a line on standard output, both JSON
-- (doc/HOSTS.md is the protocol).  For programs that cannot load ds.so: a filter, a script in another language, an editor.
--
-- A request is under the limits of an article; what it asks wrongly is told in its answer, and the next line is read.
local calls = require "ds.serve_calls"
local env = require "ds.env"
local failure = require "ds.failure"
local json = require "ds.c.json"
local limits = require "ds.c.limits"
local names = require "ds.names"
local options = require "ds.options"
local order = require "ds.order"
local plugin = require "ds.plugin"
local sandbox = require "ds.sandbox"
local sys = require "ds.c.sys"

local serve = {}

-- ------------------------------------------------------------------ plugins

-- The plugins that requests may name: those of --list, and files named behind --serve.
local function known_plugins(words)
  local paths = {}
  for _, found in ipairs(plugin.list()) do paths[found.name] = found.path end
  for _, word in ipairs(words) do
    local path = plugin.find(word)
    paths[path:match("([^/]+)%.lua$") or word] = path
  end
  return paths
end

local function load_plugin(self, name)
  if type(name) ~= "string" then calls.refuse("plugin is a name, not a %s", type(name)) end
  if not self.paths[name] then
    calls.refuse("no plugin is called '%s'%s", name, failure.hint(name, order.keys(self.paths)))
  end
  local p = self.plugins[name]
  if not p then
    p = plugin.load(self.paths[name], name, env.new(self.ds, function(...) self.say(...) end))
    if not p then calls.refuse("%s is a plain script, no plugin", name) end
    if p.input ~= "articles" or p.target then
      calls.refuse("plugin %s reads no articles; there are calls for what it does, see doc/HOSTS.md", name)
    end
    self.plugins[name] = p
  end
  return p
end

local PLAIN = { string = true, number = true, boolean = true }

-- The options of a request as words of a command line, so that they are read and checked as there.
local function option_words(self, p, given)
  if given == nil then return {} end
  if type(given) ~= "table" then calls.refuse("options is an object, not a %s", type(given)) end
  local declared, list, words = {}, { "where", "seed", "dedup" }, {}
  for _, o in ipairs(p.options) do
    declared[o[1]] = o
    list[#list + 1] = o[1]
  end
  for _, name in ipairs(order.keys(given)) do
    local value, o = given[name], declared[name]
    if not o and name ~= "where" and name ~= "seed" and name ~= "dedup" then
      calls.refuse("plugin %s has no option '%s'%s", p.name, name, failure.hint(name, list))
    end
    if not PLAIN[type(value)] then calls.refuse("option '%s' is text, a number or true or false", name) end
    if o and (o.type == "output" or ((o.type == "file" or o.type == "dir") and not self.values.trust)) then
      calls.refuse("option '%s' names a file, which a request may not; --trust allows reading", name)
    end
    if value == false then words[#words + 1] = "--no-" .. name
    elseif value == true then words[#words + 1] = "--" .. name
    else words[#words + 1] = ("--%s=%s"):format(name, type(value) == "number" and ("%.14g"):format(value) or value) end
  end
  return words
end

-- The articles of a request as JSON lines, which the reader takes as it takes those of a file.
local function articles_of(request)
  if request.text ~= nil then
    calls.text(request)
    return json.encode { id = "text", text = request.text } .. "\n"
  end
  if type(request.articles) ~= "table" or #request.articles == 0 then
    calls.refuse("a plugin wants text, or articles: a list of objects with id, title, date, text …")
  end
  local lines = {}
  for i, a in ipairs(request.articles) do
    if type(a) ~= "table" or type(a.text) ~= "string" then calls.refuse("article %d has no text", i) end
    a.id = a.id or tostring(i)
    lines[i] = json.encode(a) .. "\n"
  end
  return table.concat(lines)
end

-- A writer that keeps what is written.
local function collector()
  local parts = {}
  local writer = { parts = parts }
  function writer:write(...)
    for i = 1, select("#", ...) do parts[#parts + 1] = (select(i, ...)) end
    return self
  end
  function writer.flush() return true end
  writer.commit, writer.abort = writer.flush, writer.flush
  return writer
end

local function run_of(self, p, request)
  local values = { format = "jsonl", from = "jsonl", jobs = 1, dedup = "off", quiet = true, trust = self.values.trust,
    ["user-dict"] = self.values["user-dict"], ["article-timeout"] = self.values["article-timeout"] }
  options.parse(option_words(self, p, request.options), { options.host, p.options }, values)
  options.defaults(options.host, values)
  options.defaults(p.options, values, p.path:match("^(.*)/[^/]*$") or ".")
  for _, o in ipairs(p.options) do
    if (o.type == "file" or o.type == "dir") and values[o[1]] then sys.allow(values[o[1]]) end
  end
  return { ds = self.ds, plugin = p, values = values, operands = { "-" }, input = articles_of(request), mute = true,
    collected = {}, clear = function() end, writer = collector() }
end

-- The rows of all tables as `-f jsonl` writes them; what was rejected or left out beside them.
local function run_plugin(self, request)
  local run = run_of(self, load_plugin(self, request.plugin), request)
  local t = require("ds.tally").recording()
  local worker = require("ds.mapper").new(run, t)
  local runner = require "ds.runner"
  worker:setup()
  runner.map(worker)
  runner.complete(worker)
  local rejected, limited = {}, {}
  for _, event in ipairs(t.events) do
    if event[1] == "reject" then rejected[#rejected + 1] = event[2]
    elseif event[1] == "print" then self.say((event[2]:gsub("\n$", "")))
    else
      limited[#limited + 1] = event[2]
      self.ended = self.ended or event[3].limit == "run"
    end
  end
  local rows = table.concat(run.writer.parts):gsub("\n$", ""):gsub("\n", ",")
  local answer = { '"rows":[' .. rows .. "]", ('"read":%d'):format(t.read) }
  if #rejected > 0 then answer[#answer + 1] = '"rejected":' .. json.encode(json.array(rejected)) end
  if #limited > 0 then answer[#answer + 1] = '"partial":' .. json.encode(json.array(limited)) end
  return table.concat(answer, ",")
end

-- ------------------------------------------------------------------ requests

local KEYS = { "id", "call", "plugin", "options", "articles", "text" }

-- The fields of the answer, without braces.
local function answer_to(self, request)
  if request.plugin ~= nil then
    for key in next, request do names.check("unknown key", key, KEYS, 0) end
    return run_plugin(self, request)
  end
  return (json.encode(calls.run(self, request)):sub(2, -2))
end

local function decode(self, line)
  local request, message, detail = json.decode(line)
  if type(request) == "table" and not json.is_array(request) then
    local id = request.id
    self.id = PLAIN[type(id)] and json.encode { id }:sub(2, -2) or nil
    if id ~= nil and not self.id then calls.refuse("id is text, a number or true or false") end
    return request
  end
  if message then calls.refuse("no JSON: byte %d: %s", detail and detail.byte or 1, message) end
  calls.refuse("a request is an object: {\"call\":\"segment\",\"text\":\"…\"}")
end

local function message_of(e)
  if failure.is(e) then return e.message or "it failed" end
  return tostring(e)
end

-- The answer to a line, and whether the line was refused.
local function answer(self, line, number)
  local fields, problem
  self.id, self.line = nil, number
  limits.article(true)
  local ok, e, limit = limits.try(function(e) return failure.is(e) and e or calls.refusal(e) end, function()
    fields = answer_to(self, decode(self, line))
  end)
  limits.article(false)
  if not ok then
    if limit == "interrupt" then failure.raise(130) end
    if limit then e = failure.of_limit(limit) end
    if failure.is(e) and e.status == failure.PIPE then error(e, 0) end
    if failure.is(e) and e.limit == "memory" then
      collectgarbage()
      limits.set { memory = sandbox.memory() }
    end
    self.ended = self.ended or failure.is(e) and e.limit == "run"
    problem = message_of(e)
    fields = ('"error":%s,"line":%d'):format(json.encode { problem }:sub(2, -2), number)
  end
  return "{" .. (self.id and '"id":' .. self.id .. "," or "") .. fields .. "}\n", problem
end

--- Answers requests until the input ends.
---@param ds table
---@param values table<string, any>
---@param words string[] the rest of the command line
---@return integer status
function serve.run(ds, values, words)
  local paths = options.parse(words, { options.host }, values)
  options.defaults(options.host, values)
  local self = { ds = ds, values = values, paths = known_plugins(paths), plugins = {}, refused = 0 }
  function self.say(text) failure.say(("line %d: %s"):format(self.line or 0, tostring(text))) end
  sandbox.limit(values)
  local dirs = {}
  for _, name in ipairs(order.keys(self.paths)) do dirs[#dirs + 1] = self.paths[name]:match("^(.*)/[^/]*$") or "." end
  dirs[#dirs + 1] = values["user-dict"]
  sandbox.files(values, dirs)
  if sys.isatty(0) and not values.quiet then
    failure.say('a request a line, such as {"call":"segment","text":"…"}; Ctrl-D ends')
  end
  local writer = sys.open_fd(1, "standard output")
  local function flush() failure.check_write(writer:flush()) end
  for line, number in require("ds.inputs").lines({}, function(e) failure.raise(failure.INPUT, "%s", e.message) end, flush) do
    if line:find("%S") then
      local text, problem = answer(self, line, number)
      if problem then
        self.refused = self.refused + 1
        if not values.quiet then failure.say(("standard input: line %d: %s"):format(number, problem)) end
      end
      failure.check_write(writer:write(text))
      flush()
    end
    if self.ended then break end
  end
  failure.check_write(writer:commit())
  return self.ended and failure.LIMIT or self.refused > 0 and failure.INPUT or 0
end

return serve

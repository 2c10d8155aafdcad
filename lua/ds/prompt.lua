-- prompt.lua: dsrun -i: lines of Lua, each run as it comes, with `ds` and `corpus` and globals that stay.
local env = require "ds.env"
local failure = require "ds.failure"
local limits = require "ds.c.limits"
local order = require "ds.order"
local sandbox = require "ds.sandbox"
local script = require "ds.script"
local sys = require "ds.c.sys"
local t = require("ds.messages").t
local where = require "ds.where"

local prompt = {}

-- ------------------------------------------------------------------ completion

-- Names that an object of the library answers to: its own and those of its class.
local function members(v, found)
  if type(v) == "table" then
    for k in next, v do
      if type(k) == "string" then found[k] = true end
    end
  end
  local mt = getmetatable(v)
  local class = type(mt) == "table" and rawget(mt, "__index")
  if type(class) == "table" then members(class, found) end
  return found
end

local LIBRARY <const> = { "concordance", "corpus", "date", "json", "lexicon", "matcher", "numbers", "quotes", "segmenter",
  "stance", "stance_trainer", "stats", "text", "utf8", "version" }

--- The words that `word` can be the beginning of: globals, and what stands behind a dot or a colon.
---@param globals table
---@param word string
---@return string[]
function prompt.complete(globals, word)
  local head, sign, tail = word:match("^(.*)([.:])([%w_]*)$")
  local found = {}
  if not head then
    head, sign, tail = "", "", word
    for k in next, globals do found[k] = true end
    found.corpus = true
  else
    local v = globals
    for name in head:gmatch("[%w_]+") do
      local ok, inner = pcall(function() return v[name] end)
      v = ok and inner or nil
    end
    if head == "ds" then
      for _, name in ipairs(LIBRARY) do found[name] = true end
    end
    if v ~= nil then members(v, found) end
    local name = type(v) == "table" and getmetatable(v) and getmetatable(v).__name
    if name == "ds.doc" or (v == nil and head:find("^d") and not head:find("[.:]")) then
      for _, field in ipairs(where.FIELDS) do found[field] = true end
      found.text, found.source_name = true, true
    end
    if name == "ds.corpus" then found.docs, found.doc, found.count = true, true, true end
  end
  local list = {}
  for _, name in ipairs(order.keys(found) or {}) do
    if type(name) == "string" and name:sub(1, #tail) == tail and (name:sub(1, 1) ~= "_" or tail ~= "") then
      list[#list + 1] = head .. sign .. name
    end
  end
  return list
end

-- ------------------------------------------------------------------ lines

-- The chunk that `text` is; or nil, message, and whether more lines may make one of it.
local function compile(text, globals)
  local chunk = load("return " .. text, "=prompt", "t", globals)
  if chunk then return chunk end
  local message
  chunk, message = load(text, "=prompt", "t", globals)
  return chunk, message, message and message:find("<eof>", 1, true) ~= nil
end

local function show(globals, results)
  if results.n > 0 then globals.print(table.unpack(results, 1, results.n)) end
end

-- Runs a chunk; what goes wrong is told, and the prompt goes on.
local function run(chunk, globals)
  limits.article(true)
  local ok, e, limit = limits.try(function(e) return e end, function()
    show(globals, table.pack(failure.protect({ path = "prompt", phase = "prompt" }, chunk)))
  end)
  limits.article(false)
  if ok then return end
  if limit == "interrupt" then return failure.say("interrupted") end
  if limit then e = failure.of_limit(limit) end
  if not failure.is(e) then error(e, 0) end
  if e.limit == "memory" then limits.set { memory = sandbox.memory() } end
  if e.status == failure.PIPE then error(e, 0) end
  if e.message then failure.say((e.message:gsub("\n" .. t("  phase: ") .. "prompt.*", ""))) end
end

local function history_path()
  local state, home = os.getenv("XDG_STATE_HOME"), os.getenv("HOME")
  if state and state ~= "" and sys.stat(state) then return state .. "/dsrun_history" end
  return home and home ~= "" and home .. "/.dsrun_history" or nil
end

-- How lines are read: by libedit on a terminal, plainly elsewhere.
local function reader(globals)
  local function plain() return io.read("l") end
  if not sys.isatty(0) then return plain, function() end end
  local edit = require "ds.c.prompt"
  local ok, message = edit.open(function(word) return prompt.complete(globals, word) end)
  if not ok then
    failure.say(message)
    return function(text) io.write(text) io.flush() return io.read("l") end, function() end
  end
  local path = history_path()
  if path then edit.load(path) end
  return edit.read, function()
    if path then edit.save(path) end
  end
end

--- The prompt, until the input ends.
---@param ds table
---@param values table<string, any>
---@param rest string[]
---@return integer status
function prompt.run(ds, values, rest)
  local state = script.prepare(ds, "-i", values, rest)
  if state.problem then error(state.problem, 0) end
  local globals = env.new(ds, script.print(state), true, script.globals(state), state.values.trust and ".")
  local read, save = reader(globals)
  sandbox.limit(state.values)
  sandbox.files(state.values, { state.values["user-dict"] or "-", table.unpack(state.operands) })
  state.release()
  if sys.isatty(0) and not values.quiet then
    io.write(t("ds %s: Lua with `ds` and `corpus`; TAB completes, Ctrl-D ends\n"):format(ds.version))
  end
  local text
  while true do
    local line = read(text and ">> " or "> ")
    if not line then break end
    text = text and text .. "\n" .. line or line
    local chunk, message, more = compile(text, globals)
    if chunk then run(chunk, globals)
    elseif not more or line == "" then failure.say(message) end
    if chunk or not more or line == "" then text = nil end
    if state.writer then failure.check_write(state.writer:flush()) end
  end
  save()
  return script.finish(state)
end

return prompt

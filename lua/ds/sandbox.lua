-- sandbox.lua: what a plugin's code can reach, and how it is kept there.
--
-- Functions of Lua's libraries that can run for ever inside C, where no hook ends them, give way to ours for the whole
-- state: the host's own patterns meet hostile text, too, and methods of strings (s:find) go through one table for all.
-- The environment that plugins see is made in env.lua.
local coroutines = require "ds.c.coroutine"
local limits = require "ds.c.limits"
local sys = require "ds.c.sys"

local sandbox = {}

local dump

local function replace(library, functions)
  for name, fn in next, functions do library[name] = fn end
end

--- Puts the bounded functions in place of Lua's own.  Called first of all, before a module keeps one of them.
function sandbox.install()
  dump = string.dump
  string.dump = nil -- ("").dump would be it
  replace(string, require "ds.c.pattern")
  replace(table, require "ds.c.table")
  for _, name in ipairs { "create", "resume", "wrap", "close" } do coroutine[name] = coroutines[name] end
end

--- string.dump, for code that is trusted.
function sandbox.dump() return dump end

-- ------------------------------------------------------------------ metatables

local real_get, real_set = getmetatable, setmetatable
local own = real_set({}, { __mode = "k" }) -- metatables that plugins have made

--- getmetatable for plugins: of what they have made themselves; of the library's objects only the name.
---@param v any
function sandbox.getmetatable(v)
  local mt = real_get(v)
  if type(mt) ~= "table" or own[mt] then return mt end
  local name = rawget(mt, "__name")
  return type(name) == "string" and name or type(v)
end

--- setmetatable for plugins.  Finalizers run where no limit reaches them; objects of the library keep their nature.
---@param t table
---@param mt table?
function sandbox.setmetatable(t, mt)
  if type(mt) == "table" and rawget(mt, "__gc") ~= nil then
    error("setmetatable: a plugin's metatable has no __gc; use a `local x <close>`", 2)
  end
  local old = type(t) == "table" and real_get(t)
  if type(old) == "table" and not own[old] then
    error(("setmetatable: the metatable of a %s cannot be changed"):format(sandbox.getmetatable(t)), 2)
  end
  local good, problem = pcall(real_set, t, mt)
  if not good then error(problem, 2) end
  if mt then own[mt] = true end
  return t
end

-- ------------------------------------------------------------------ the module ds

-- A table of the library with the same contents, which a plugin may spoil for itself only.
local function own_copy(v, seen)
  if type(v) ~= "table" or seen[v] then return seen[v] or v end
  local out = {}
  seen[v] = out
  for k, item in next, v do out[k] = own_copy(item, seen) end
  return real_set(out, real_get(v))
end

--- The module as a plugin sees it: parts come when they are first used.
---@param ds table
---@return table
function sandbox.module(ds)
  local copy = {}
  return real_set(copy, {
    __name = "ds",
    __index = function(_, name)
      local part = own_copy(ds[name], {})
      if part ~= nil then rawset(copy, name, part) end
      return part
    end,
    __pairs = function()
      local names, i = {}, 0
      for name in pairs(ds) do names[#names + 1] = name end
      return function()
        i = i + 1
        return names[i], copy[names[i]]
      end, copy, nil
    end,
  })
end

-- ------------------------------------------------------------------ load

local PIECE <const> = 1 << 16 -- bytes that are compiled between two looks at the limits

local function read_all(reader)
  local pieces = {}
  while true do
    local piece = reader()
    if piece == nil or piece == "" then return table.concat(pieces) end
    if type(piece) ~= "string" then return nil, "reader function must return a string" end
    pieces[#pieces + 1] = piece
  end
end

--- `load` of source text, never of bytecode, into an environment.
---@param chunk string|fun(): string?
---@param name string?
---@param globals table
function sandbox.load(chunk, name, globals)
  local source, problem = chunk, nil
  if type(chunk) == "function" then source, problem = read_all(chunk) end
  if not source then return nil, problem end
  if type(source) ~= "string" then error(("load wants a string or a function, got a %s"):format(type(chunk)), 3) end
  name = name or "=(load)"
  if #source <= PIECE then return load(source, name, "t", globals) end
  local at = 1
  return load(function()
    local piece = source:sub(at, at + PIECE - 1)
    at = at + PIECE
    return piece
  end, name, "t", globals)
end

-- ------------------------------------------------------------------ files and limits

local UNITS = { [""] = 1, k = 1 << 10, m = 1 << 20, g = 1 << 30, t = 1 << 40 }

--- The least memory that a worker can be given.
sandbox.MEMORY_LEAST = 16 << 20

--- "512M" as bytes.
---@param text string
---@return integer?
function sandbox.size(text)
  local n, unit = text:match("^(%d+%.?%d*)([kKmMgGtT]?)i?[bB]?$")
  local bytes = n and tonumber(n) * UNITS[unit:lower()]
  return bytes and bytes < 1 << 62 and math.tointeger(bytes // 1) or nil
end

--- What of a command line concerns limits, known before the plugin's options are: a word counts wherever it stands.
---@param words string[]
---@param values table<string, any> what has been read so far; filled
function sandbox.peek(words, values)
  for i, word in ipairs(words) do
    if word == "--" then return end
    local name, value = word:match("^%-%-([%l-]+)=(.*)$")
    name, value = name or word:match("^%-%-([%l-]+)$"), value or words[i + 1]
    if word == "--trust" then values.trust = true
    elseif (name == "timeout" or name == "article-timeout") and values[name] == nil then
      local n = tonumber(value)
      values[name] = n and n > 0 and n or nil
    elseif name == "memory" and values.memory == nil then
      values.memory = value and sandbox.size(value)
    end
  end
end

local memory = 0

--- The memory that this state may use, in bytes.
function sandbox.memory() return memory end

--- Sets the limits of this state.  What `run` leaves out stays as it is.
---@param values table<string, any> the options
---@param left number? seconds of --timeout that are left, 0: there is none; nil: the run begins
function sandbox.limit(values, left)
  memory = values.memory or sys.memory() // 4 * 3 // math.max(1, values.jobs or 1)
  limits.set {
    run = left or values.timeout, article = values["article-timeout"],
    memory = memory,
  }
end

--- Allows the files that a run has been given, and from now on no others, unless it is trusted.
---@param values table<string, any> the options
---@param paths string[] files and directories: operands, the plugin's directory, values of options
function sandbox.files(values, paths)
  for _, path in ipairs(paths) do sys.allow(path) end
  for _, dir in ipairs(require("ds.paths").dirs()) do
    sys.allow(dir)
    for _, part in ipairs { "corpus", "lexicons" } do sys.allow(dir .. "/" .. part) end -- in a checkout these are links
  end
  sys.guard(not values.trust)
end

return sandbox

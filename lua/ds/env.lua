-- env.lua: the globals that a plugin file sees.
--
-- Its own table, so that a slip of the pen cannot pass: reading or assigning an undeclared global raises.  The
-- functions of Lua that would make output depend on the machine or the hour (os, io, debug) are left out, unless the run
-- is trusted; what could run for ever or lead out of the sandbox is replaced (sandbox.lua).
-- `pairs` and `next` visit keys in order (numbers, then strings by bytes, then false and true), so that what a
-- plugin writes depends on its data only; keys of other types have no order and raise.
local failure = require "ds.failure"
local fnv = require("ds.c.hash").fnv
local order = require "ds.order"
local sandbox = require "ds.sandbox"

local env = {}

local BASE = {
  "assert", "error", "ipairs", "pcall", "rawequal", "rawget", "rawlen", "rawset", "select", "tonumber", "tostring", "type",
  "_VERSION",
}

-- ------------------------------------------------------------------ ordered traversal

local function sorted_keys(t, level)
  local keys, bad = order.keys(t)
  if keys then return keys end
  error(("a key of type %s has no order, so the table cannot be traversed; use numbers or strings as keys")
    :format(type(bad)), level + 1)
end

-- The keys of the table that `next` walked last: a loop over next(t, k) sorts them once.
local walked = setmetatable({}, { __mode = "v" })
local walked_keys, walked_at

local function ordered_next(t, k)
  if type(t) ~= "table" then error(("next wants a table, got a %s"):format(type(t)), 2) end
  if k == nil then
    walked.table, walked_keys, walked_at = t, sorted_keys(t, 2), 0
  elseif walked.table ~= t or walked_keys[walked_at] ~= k then
    walked.table, walked_keys, walked_at = t, sorted_keys(t, 2), nil
    for i, key in ipairs(walked_keys) do
      if key == k then walked_at = i break end
    end
    if not walked_at then error("next: the key is not in the table", 2) end
  end
  repeat
    walked_at = walked_at + 1
    k = walked_keys[walked_at]
  until k == nil or rawget(t, k) ~= nil
  if k == nil then return nil end
  return k, rawget(t, k)
end

local function ordered_pairs(t)
  local mt = getmetatable(t)
  if type(mt) == "table" and mt.__pairs then return mt.__pairs(t) end
  if type(t) ~= "table" then error(("pairs wants a table, got a %s"):format(type(t)), 2) end
  local keys, i = sorted_keys(t, 2), 0
  return function()
    local k
    repeat
      i = i + 1
      k = keys[i]
    until k == nil or rawget(t, k) ~= nil -- what the loop has removed is not visited
    if k == nil then return nil end
    return k, t[k]
  end, t, nil
end

-- ------------------------------------------------------------------ libraries

local function copy(t, without)
  local out = {}
  for k, v in next, t do
    if not (without and without[k]) then out[k] = v end
  end
  return out
end

local function only_ds(ds)
  return function(name)
    if name == "ds" then return ds end
    error(('require: a plugin can require "ds" only, not %q'):format(tostring(name)), 2)
  end
end

-- What --trust adds: all that Lua has, and modules from beside the plugin.
local TRUSTED = { "collectgarbage", "debug", "dofile", "io", "loadfile", "os", "package", "getmetatable", "setmetatable" }

local function trust(g, ds, dir)
  for _, name in ipairs(TRUSTED) do g[name] = _G[name] end
  package.path, package.cpath = dir .. "/?.lua;" .. (package.trusted_path or ""), package.trusted_cpath or ""
  package.loaded.ds = ds
  g.load = function(chunk, name, mode, e) return load(chunk, name or "=(load)", mode, e or g) end
  g.require, g.string.dump = require, sandbox.dump()
end

local function hint(word, t)
  local candidates = {}
  for k in next, t do
    if type(k) == "string" then candidates[#candidates + 1] = k end
  end
  table.sort(candidates)
  return failure.hint(word, candidates)
end

--- The environment of a plugin or script.
---@param ds table the ds module
---@param print fun(...) where print writes to
---@param free boolean? assignments to new globals are allowed (one-liners of -e)
---@param lazy table<string, fun(): any>? globals that are made when first read
---@param trusted string? the plugin's directory, when --trust lifts the sandbox
---@return table
function env.new(ds, print, free, lazy, trusted)
  local g = {}
  for _, name in ipairs(BASE) do g[name] = _G[name] end
  local module = sandbox.module(ds)
  g.pairs, g.next, g.print, g.require, g.ds = ordered_pairs, ordered_next, print, only_ds(module), module
  g.getmetatable, g.setmetatable = sandbox.getmetatable, sandbox.setmetatable
  g.xpcall = require("ds.c.coroutine").xpcall
  g.string, g.table, g.utf8, g.coroutine = copy(string, { dump = true }), copy(table), copy(utf8), copy(coroutine)
  g.math = copy(math, { randomseed = true }) -- the host seeds: see env.seed
  g._G = g
  g.load = function(chunk, name, _, e) return sandbox.load(chunk, name, e or g) end
  if trusted then trust(g, ds, trusted) end
  local mt = { lazy = lazy or {} }
  function mt.__index(t, name)
    local make = mt.lazy[name]
    if make then
      rawset(t, name, make())
      return rawget(t, name)
    end
    error(("undeclared global '%s'%s"):format(tostring(name), hint(tostring(name), t)), 2)
  end
  if not free then
    function mt.__newindex(_, name)
      error(("assignment to undeclared global '%s': write 'local %s', or keep it in ctx.state")
        :format(tostring(name), tostring(name)), 2)
    end
  end
  return setmetatable(g, mt)
end

--- Takes away the globals that only plain scripts have: the file has turned out to be a plugin.
---@param g table from env.new
function env.close(g)
  local mt = getmetatable(g)
  for name in next, mt.lazy do rawset(g, name, nil) end
  mt.lazy = {}
end

--- Seeds math.random from the run's seed and a name (an article's id, a phase), so that a plugin draws the
--- same numbers for an article wherever and after whatever else it is read.
---@param seed integer
---@param name string
function env.seed(seed, name) math.randomseed(seed, fnv(name)) end

return env

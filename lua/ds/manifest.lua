-- manifest.lua: --manifest FILE, what a result was made of, so that anybody can make it again; `dsrun verify --manifest
-- FILE` does, and says what differs.
--
-- Hashes are SHA-256.  The corpus's is over the hashes of its articles (id, title, date, text) in the order of reading,
-- whoever read them; the result's over the bytes that were written, unless they depend on the width of a terminal.
local c = require "ds.c.json"
local failure = require "ds.failure"
local hash = require "ds.c.hash"
local options = require "ds.options"
local order = require "ds.order"
local paths = require "ds.paths"
local sys = require "ds.c.sys"

local manifest = {}

local FORMAT <const> = 1

-- ------------------------------------------------------------------ while a run goes on

--- The hash of an article, as bytes.
---@param doc ds.doc
---@return string
function manifest.article(doc)
  return hash.raw(table.concat({ doc.id, doc.title or "", doc.date or "", doc.text }, "\0"))
end

--- Notes what a run writes and when it began.
---@param run ds.Run
---@param argv string[]? the command line
function manifest.begin(run, argv)
  local writer, state = run.writer, hash.new()
  run.argv = argv
  run.digest = function(doc) run.manifest.corpus:update(manifest.article(doc)) end
  run.manifest = { began = sys.clock(), corpus = hash.new(), result = state }
  local tee = {}
  function tee:write(...)
    for i = 1, select("#", ...) do state:update(tostring((select(i, ...)))) end
    local ok, message, kind = writer:write(...)
    if ok then return self end
    return nil, message, kind
  end
  for _, name in ipairs { "flush", "commit", "abort" } do
    tee[name] = function() return writer[name](writer) end
  end
  run.writer = tee
end

local function file_hash(path)
  local bytes = sys.read_file(path)
  return bytes and hash.sha256(bytes) or c.null
end

-- The data beside the program: compiled lexicon, tables, models, and the word lists.
local function data_files()
  local out = {}
  for _, dir in ipairs(paths.dirs()) do
    for _, sub in ipairs { "", "lexicons/" } do
      for _, e in ipairs(sys.list_dir(dir .. "/" .. sub) or {}) do
        local name = sub .. e.name
        if e.kind == "file" and (sub ~= "" or e.name:find("^zh%.")) and not out[name] then
          out[name] = file_hash(dir .. "/" .. name)
        end
      end
    end
  end
  return out
end

local function option_files(run)
  local out = {}
  for _, list in ipairs { options.host, run.plugin.options } do
    for _, o in ipairs(list) do
      local path = run.values[o[1]]
      if o.type == "file" and path then out[o[1]] = { path = path, sha256 = file_hash(path) } end
    end
  end
  return out
end

-- How texts are cut: the segmenter of the run, with mode, style and data; and what each store says that cut its own.
local function cut_by(run)
  local o = run.values
  local made = require "ds.segmenter" { user = o["user-dict"], mode = run.plugin.name == "segment" and o.mode or nil,
    style = run.plugin.name == "segment" and o.style or nil, model = run.plugin.name == "segment" and o.model or nil }
  local out = { segmenter = made and made:describe() or c.null, stores = {} }
  local stores = run.corpus and run.corpus.stores or {}
  for _, path in ipairs(order.keys(stores)) do out.stores[path] = stores[path]:info().about:gsub("\n$", "") end
  return out
end

--- What there is to say when a run is over.
---@param run ds.Run
---@param t ds.Tally
---@return table
function manifest.record(run, t)
  local values = options.plain(run.plugin.options, run.values)
  values.manifest = nil
  local steady = run.values.format ~= "text" or run.values.output ~= nil
  return {
    manifest = FORMAT, command = run.argv and c.array(run.argv) or c.null,
    versions = { ds = run.ds.version, lua = _VERSION }, plugin = { name = run.plugin.name, path = sys.realpath(run.plugin.path),
      sha256 = file_hash(run.plugin.path) },
    options = values, operands = c.array(run.operands), directory = sys.realpath("."),
    files = option_files(run), data = data_files(), words = cut_by(run),
    corpus = { articles = t.read, sha256 = run.manifest.corpus:hex() },
    counts = { read = t.read, skipped = t.skipped, reasons = t.reasons, rejected = t.rejected,
      passed_over = t.passed_over or c.null, partial = t.limits ~= nil },
    seed = run.values.seed, result = steady and run.manifest.result:hex() or c.null,
    seconds = math.floor((sys.clock() - run.manifest.began) * 1000 + 0.5) / 1000,
  }
end

local ORDER <const> = { "manifest", "command", "versions", "plugin", "options", "operands", "directory", "files", "data", "words", "corpus",
  "counts", "seed", "result", "seconds" }

--- Writes the manifest of a run that has succeeded.
---@param run ds.Run
---@param t ds.Tally
function manifest.write(run, t)
  local record = manifest.record(run, t)
  local file, message = sys.open_atomic(run.values.manifest)
  if not file then failure.raise(failure.INPUT, "%s", message) end
  local lines = {}
  for i, key in ipairs(ORDER) do lines[i] = ("  %s: %s"):format(c.encode(key), c.encode(record[key])) end
  failure.check_write(file:write("{\n", table.concat(lines, ",\n"), "\n}\n"))
  failure.check_write(file:commit())
end

-- ------------------------------------------------------------------ making it again

local COMPARED <const> = { "versions", "plugin", "files", "data", "words", "corpus", "counts", "result" }
local LEFT_OUT <const> = { ["plugin.path"] = true }

-- Adds "NAME: was A, is B" for every leaf that differs.
local function compare(list, name, was, is)
  if LEFT_OUT[name] then return end
  if type(was) == "table" and type(is) == "table" then
    local keys = {}
    for key in next, was do keys[key] = true end
    for key in next, is do keys[key] = true end
    for _, key in ipairs(order.keys(keys)) do compare(list, name .. "." .. tostring(key), was[key], is[key]) end
  elseif was ~= is then
    local function show(v) return v == nil and "nothing" or type(v) == "string" and v or c.encode(v) end
    list[#list + 1] = ("%s: was %s, is %s"):format(name, show(was), show(is))
  end
end

local function read(path)
  local text, message = sys.read_file(path)
  if not text then failure.raise(failure.INPUT, "%s", message) end
  local m, problem = c.decode(text)
  if type(m) ~= "table" or m.manifest ~= FORMAT or type(m.plugin) ~= "table" or type(m.plugin.path) ~= "string"
    or type(m.options) ~= "table" or type(m.operands) ~= "table" then
    failure.raise(failure.INPUT, "%s: no manifest of --manifest%s", path, problem and ": " .. problem or "")
  end
  return m
end

-- A writer of a run whose output is only hashed.
local function nowhere()
  local self = {}
  function self.write() return self end
  function self.flush() return self end
  function self.commit() return true end
  function self.abort() end
  return self
end

--- Runs again what a manifest tells of.
---@param ds table
---@param path string
---@param put fun(text: string)
---@return integer status 0: nothing differs
function manifest.verify(ds, path, put)
  local main, runner = require "ds.main", require "ds.runner"
  local m = read(path)
  for name, v in next, m.options do
    if v == c.null then m.options[name] = nil end
  end
  local run = main.run_of_worker(ds, { path = m.plugin.path, name = m.plugin.name, values = m.options, operands = m.operands },
    function() end)
  run.mute, run.writer = true, nowhere()
  manifest.begin(run)
  local worker = runner.begin(run)
  runner.map(worker)
  runner.complete(worker)
  local is, list = manifest.record(run, worker.tally), {}
  for _, key in ipairs(COMPARED) do compare(list, key, m[key], c.decode(c.encode(is))[key]) end
  if #list == 0 then
    put(("%s: made again, nothing differs: %d articles, %s %s\n"):format(path, worker.tally.read,
      m.result == c.null and "corpus" or "result", m.result == c.null and m.corpus.sha256 or m.result))
    return 0
  end
  put(("%s: made again, %d %s\n"):format(path, #list, #list == 1 and "thing differs" or "things differ"))
  for _, line in ipairs(list) do put("  " .. line .. "\n") end
  return failure.INPUT
end

return manifest

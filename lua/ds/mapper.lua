-- mapper.lua: one worker of a run: a context, the totals and the rows of what it has read.  The same code serves the one
-- worker of a plain run, the threads of -j and the tasks of a cluster.
local context = require "ds.context"
local env = require "ds.env"
local failure = require "ds.failure"
local handover = require "ds.handover"
local inputs = require "ds.inputs"
local limited = require "ds.limited"
local order = require "ds.order"
local plugin = require "ds.plugin"
local progress = require "ds.progress"
local rows = require "ds.rows"
local tally = require "ds.tally"
local totals = require "ds.totals"

local mapper = {}

local NONE <const> = {} -- no encoders
local COPY <const> = "copy of an earlier article"

---@class ds.Mapper
---@field run ds.Run
---@field tally ds.Tally
---@field ctx ds.Context
---@field totals ds.Totals
---@field batches ds.Batches
---@field sink ds.Sink
---@field setup_rejected integer inputs that setup has rejected, as that of every part does
---@field segmenter ds.segmenter? with the words of --user-dict
local Mapper = {}
Mapper.__index = Mapper

local function refuse_rows() error("ctx:emit: rows are emitted in `map` and `finish` only", 3) end

---@param run ds.Run
---@param t ds.Tally
---@return ds.Mapper
function mapper.new(run, t)
  local p = run.plugin
  if run.values.dedup == "weight" then plugin.weigh(p) end
  local self = setmetatable({ run = run, batches = rows.batches(), totals = totals.new(p.hooks.merge) }, Mapper)
  self.ctx = context.new(p, run.values, self.totals, p.input == "none" and run.operands or {})
  self.ctx._emit, self.ctx._target = refuse_rows, run.target or false
  self.ctx._write = function(doc) self:call("write", { article = doc.id }, handover.here(doc), self.ctx) end
  self:count_in(t)
  return self
end

--- From now on articles, skips and rejected inputs are counted in `t`.
---@param t ds.Tally
function Mapper:count_in(t)
  self.tally = t
  self.ctx._reject = function(message) t.reject { message = message } end
  if self.ctx._skip then self.ctx._skip = function(reason) tally.skip(t, reason) end end
end

--- Calls a hook of the plugin, if it has one; `where` says for what.
function Mapper:call(phase, where, ...)
  local fn = self.run.plugin.hooks[phase]
  if not fn then return end
  env.seed(self.run.values.seed, phase)
  where.path, where.phase = self.run.plugin.path, phase
  return failure.protect(where, fn, ...)
end

--- `write` for an article that another state has handed on.
---@param article ds.handed
function Mapper:write(article)
  self.sink.begin(article.id)
  self:call("write", { article = article.id }, article, self.ctx)
  rows.add(self.batches, article.id, self.sink.done())
end

-- The plugin's `map`, for limited.map, and what is told of the article or line at hand.
local function map_hook(self)
  local where = { path = self.run.plugin.path, phase = "map" }
  local hook = self.run.plugin.hooks.map
  return hook and failure.catcher(where, hook) or function() end, where
end

--- The words of --user-dict, and the plugin's `setup`.
function Mapper:setup()
  self.segmenter = inputs.user_segmenter(self.run.ds, self.run.values["user-dict"], self.tally.reject)
  self.ctx._segmenter = self.segmenter or false
  self:call("setup", {}, self.ctx)
end

--- Rows go to `sink` from now on: not in setup, which every worker runs.
---@param sink ds.Sink
function Mapper:open_rows(sink)
  self.sink, self.ctx._emit, self.ctx._encoders = sink, sink.emit, sink.encoders or NONE
end

--- No rows any more.
function Mapper:close_rows() self.ctx._emit, self.ctx._encoders = refuse_rows, NONE end

--- `map` for every article that `corpus` has.
---@param corpus ds.corpus?
---@param after fun(doc: ds.doc)? called behind each
function Mapper:articles(corpus, after)
  local run, t, sink, ctx = self.run, self.tally, self.sink, self.ctx
  local map, where = map_hook(self)
  local seed, copies = run.values.seed, run.values.copies
  local weights = run.values.weights or {}
  ctx._chosen, ctx._weights = function() return t.sieve.good end, weights
  for doc in inputs.articles(corpus, run.values.where, t.reject, t.sieve, run.plugin.needs.all) do
    t.read = t.read + 1
    tally.date(t, doc.date)
    if run.digest then run.digest(doc) end
    local id = doc.id
    if copies and copies[id] then tally.skip(t, COPY)
    else
      ctx._weight = weights[id] or 1
      sink.begin(id)
      env.seed(seed, id)
      where.article = id
      if limited.map(run, t, map, where, doc, ctx) then rows.add(self.batches, id, sink.done()) end
    end
    if after then after(doc) end
  end
end

--- `map` for every line of the input.
function Mapper:lines()
  local run, t, sink = self.run, self.tally, self.sink
  local map, where = map_hook(self)
  local bar = progress.new(run.values.output and not (run.values.quiet or run.values["no-progress"]), "lines")
  run.clear = bar.clear
  local function flush() failure.check_write(run.writer:flush()) end
  for line, n, ended in inputs.lines(run.operands, t.reject, flush) do
    t.read = n
    sink.begin("")
    env.seed(run.values.seed, "line " .. n)
    where.line = n
    if limited.map(run, t, map, where, line, n, self.ctx) then rows.add(self.batches, "", sink.done(ended)) end
    bar.step(n)
  end
  bar.clear()
end

--- Whether `setup` has said ctx:no_input(): then operands are refused, and nothing is read.
---@return boolean
function Mapper:reads_nothing()
  local run = self.run
  if not self.ctx._no_input then return false end
  if #run.operands > 0 then failure.usage("%s: no operand such as %s is wanted here", run.plugin.name, run.operands[1]) end
  self.tally.no_input = true
  return true
end

--- Adds the totals of other mappers.
---@param parts table<integer, table> by worker, as Totals:export gives them
function Mapper:take_totals(parts)
  local totals = self.totals
  failure.protect({ path = self.run.plugin.path, phase = "merge" }, function()
    for _, number in ipairs(order.keys(parts)) do
      local cells = parts[number]
      for _, key in ipairs(order.keys(cells)) do totals:take(key, cells[key]) end
    end
  end)
end

--- Allows what belongs to `map`, while fn runs; a limit of the run ends it early.
---@param fn fun()
function Mapper:mapping(fn)
  local t = self.tally
  self.ctx._adding = true
  self.ctx._skip = function(reason) tally.skip(t, reason) end
  limited.phase(self.run, t, fn)
  self.ctx._skip, self.ctx._adding = false, false
end

return mapper

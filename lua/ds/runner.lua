-- runner.lua: runs a plugin: setup, map for every article or line, finish, report, and then the output.
--
-- A worker owns ctx.state, the rows of its articles (a batch an article) and its totals; the end puts batches in
-- order and writes.  Today one worker does it all; nothing in a batch refers to another.
local context = require "ds.context"
local env = require "ds.env"
local failure = require "ds.failure"
local inputs = require "ds.inputs"
local output = require "ds.output"
local progress = require "ds.progress"
local totals = require "ds.totals"

local runner = {}

local PAGE_WIDTH <const> = 80 -- of a report that goes to a file or a pipe

---@class ds.Run
---@field plugin ds.LoadedPlugin
---@field values table<string, any> the options
---@field operands string[]
---@field writer ds.sys.writer where data goes
---@field ds table
---@field clear fun() erases the progress line, before a message
---@field collected string[] rejected inputs not named yet (--on-error collect)

---@class ds.Batch the rows of one article
---@field id string
---@field seq integer its place in the order of reading
---@field rows table<string, table[]> by table

local Worker = {}
Worker.__index = Worker

-- ------------------------------------------------------------------ counting and rejecting

local function new_tally(run)
  local tally = { read = 0, skipped = 0, reasons = {}, rejected = 0, sieve = inputs.sieve() }
  function tally.reject(e)
    local message = inputs.describe(e)
    tally.rejected = tally.rejected + 1
    if run.values["on-error"] == "collect" then
      run.collected[#run.collected + 1] = message
      return
    end
    run.clear()
    if run.values["on-error"] == "stop" then failure.raise(failure.INPUT, "%s", message) end
    failure.say(message)
  end
  return tally
end

local function plural(n, one, many) return ("%d %s"):format(n, n == 1 and one or many) end

local function summary(run, tally)
  local unit = run.plugin.input == "lines" and "line" or "article"
  local bundled = run.plugin.input == "articles" and #run.operands == 0
  local parts = { plural(tally.read, unit, unit .. "s") .. " read" .. (bundled and " (the bundled corpus)" or "") }
  if tally.skipped > 0 then
    local reasons = {}
    for _, reason in ipairs(require("ds.order").keys(tally.reasons)) do
      reasons[#reasons + 1] = ("%s: %d"):format(reason, tally.reasons[reason])
    end
    parts[#parts + 1] = ("%d skipped (%s)"):format(tally.skipped, table.concat(reasons, "; "))
  end
  if tally.rejected > 0 then parts[#parts + 1] = plural(tally.rejected, "input", "inputs") .. " rejected" end
  parts[#parts + 1] = tally.passed_over
  return table.concat(parts, ", ")
end

--- Names the rejected inputs that --on-error collect has kept back.
---@param run ds.Run
function runner.name_collected(run)
  for _, message in ipairs(run.collected) do failure.say(message) end
  run.collected = {}
end

local function talk(run, tally)
  runner.name_collected(run)
  local quiet = run.values.quiet or run.plugin.input == "none" or tally.no_input or
    (run.plugin.input == "lines" and tally.rejected + tally.skipped == 0)
  if run.plugin.input == "articles" then inputs.hints(run.operands, tally.sieve, quiet) end
  if not quiet then failure.say(summary(run, tally)) end
end

-- ------------------------------------------------------------------ rows

-- Keeps rows for the end, by article.
local function collect(worker)
  local batch
  function worker.begin(id, seq) batch = { id = id, seq = seq, rows = {} } end
  function worker.done()
    if next(batch.rows) then worker.batches[#worker.batches + 1] = batch end
  end
  worker.ctx._emit = function(t, row)
    local list = batch.rows[t.name] or {}
    batch.rows[t.name] = list
    list[#list + 1] = row
  end
end

-- Writes rows as they come, for input = "lines": nothing is kept.
local function stream(worker, run)
  local render, write = run.plugin.hooks.render, nil
  function worker.begin() worker.count = 0 end
  function worker.done(ended)
    if worker.count > 0 and ended and run.values.format == "text" then failure.check_write(run.writer:write("\n")) end
  end
  if run.values.format == "text" then
    write = function(t, row)
      local s = render(row, t.name, worker.ctx)
      if type(s) ~= "string" then
        failure.raise(failure.SCRIPT, "%s: `render` must return a string, not a %s", run.plugin.path, type(s))
      end
      failure.check_write(run.writer:write(worker.count > 0 and "\n" or "", s))
    end
  else
    local rows, chosen = output.new(run.values.format, run.writer), runner.chosen_table(run)
    if chosen then rows:begin(chosen) end
    write = function(t, row)
      if not chosen or t == chosen then rows:row(t, row) end
    end
  end
  worker.ctx._emit = function(t, row)
    write(t, row)
    worker.count = worker.count + 1
  end
end

--- The table that tsv and csv write; nil for jsonl, which writes all.
---@param run ds.Run
---@return ds.Table?
function runner.chosen_table(run)
  if run.values.format == "jsonl" then return nil end
  local p, name = run.plugin, run.values.table
  if name then return p.by_name[name] end
  return p.tables[1]
end

local function refuse_rows() error("ctx:emit: rows are emitted in `map` and `finish` only", 3) end

-- ------------------------------------------------------------------ phases

-- Whether rows can be written as they come.
local function streams(run)
  if run.plugin.input ~= "lines" then return false end
  return run.values.format ~= "text" or run.plugin.hooks.render ~= nil
end

local function new_worker(run, tally)
  local p = run.plugin
  local worker = setmetatable({ run = run, tally = tally, batches = {} }, Worker)
  worker.ctx = context.new(p, run.values, totals.new(p.hooks.merge), p.input == "none" and run.operands or {})
  worker.ctx._reject = function(message) tally.reject { message = message } end
  return worker
end

-- Rows may be emitted from now on: not in setup, which every worker runs.
local function open_rows(worker, run)
  if streams(run) then stream(worker, run) else collect(worker) end
end

--- Calls a hook of the plugin, if it has one; `where` says for what.
function Worker:call(phase, where, ...)
  local fn = self.run.plugin.hooks[phase]
  if not fn then return end
  env.seed(self.run.values.seed, where.article or (where.line and "line " .. where.line) or phase)
  where.path, where.phase = self.run.plugin.path, phase
  return failure.protect(where, fn, ...)
end

local function map_articles(worker, run, tally)
  local corpus = inputs.corpus(run.ds, run.operands, worker.segmenter, tally.reject)
  local total, files, path = corpus and not run.values.where and corpus:count(), 0, nil
  local bar = progress.new(not (run.values.quiet or run.values["no-progress"]), "articles")
  worker.ctx._corpus, tally.passed_over = corpus or false, inputs.passed_over(corpus)
  run.clear = bar.clear
  worker.ctx._chosen = function() return tally.sieve.good end
  for doc in inputs.articles(corpus, run.values.where, tally.reject, tally.sieve, run.plugin.needs.all) do
    tally.read = tally.read + 1
    worker.begin(doc.id, tally.read)
    worker:call("map", { article = doc.id }, doc, worker.ctx)
    worker.done()
    if doc.path ~= path then path, files = doc.path, files + 1 end
    bar.step(tally.read, total and files / total)
  end
  bar.clear()
end

local function map_lines(worker, run, tally)
  local bar = progress.new(run.values.output and not (run.values.quiet or run.values["no-progress"]), "lines")
  run.clear = bar.clear
  local function flush() failure.check_write(run.writer:flush()) end
  for line, n, ended in inputs.lines(run.operands, tally.reject, flush) do
    tally.read = n
    worker.begin("", n)
    worker:call("map", { line = n }, line, n, worker.ctx)
    worker.done(ended)
    bar.step(n)
  end
  bar.clear()
end

local function map_all(worker, run, tally)
  local counted
  if worker.ctx._no_input then
    if #run.operands > 0 then failure.usage("%s: no operand such as %s is wanted here", run.plugin.name, run.operands[1]) end
    tally.no_input = true
    return
  end
  worker.ctx._adding = true
  worker.ctx._skip = function(reason)
    if counted ~= tally.read then tally.skipped = tally.skipped + 1 end
    counted = tally.read
    tally.reasons[reason] = (tally.reasons[reason] or 0) + 1
  end
  if run.plugin.input == "articles" then map_articles(worker, run, tally)
  elseif run.plugin.input == "lines" then map_lines(worker, run, tally) end
  worker.ctx._skip, worker.ctx._adding = false, false
end

-- ------------------------------------------------------------------ the end

-- All rows by table: articles by id, then those of finish.
local function merge_batches(batches, last)
  table.sort(batches, function(a, b)
    if a.id ~= b.id then return a.id < b.id end
    return a.seq < b.seq
  end)
  batches[#batches + 1] = last
  local rows = {}
  for _, batch in ipairs(batches) do
    for name, list in next, batch.rows do
      local all = rows[name] or {}
      rows[name] = all
      table.move(list, 1, #list, #all + 1, all)
    end
  end
  return rows
end

local function finish(worker)
  worker.ctx._done = true
  local batches = worker.batches
  worker.batches = {}
  worker.begin("", 0)
  worker:call("finish", {}, worker.ctx)
  worker.done(true)
  return merge_batches(batches, worker.batches[1])
end

-- Finds the sentences around from..to of an article, for r:evidence; the article is read again.
local function passage_finder(ctx)
  local docs = {}
  return function(id, from, to)
    if not from or not to or not ctx._corpus then return nil end
    docs[id] = docs[id] or ctx._corpus:doc(id)
    local doc = docs[id]
    local first, last = doc and doc:sentence_at(from), doc and doc:sentence_at(to)
    return first and last and { text = doc.text:sub(first.from, last.to), from = first.from }
  end
end

local function write_report(worker, run)
  local report = require "ds.report"
  local sys = require "ds.c.sys"
  local blocks
  if run.plugin.hooks.report then
    local r = report.new(worker.ctx, passage_finder(worker.ctx))
    worker:call("report", {}, worker.ctx, r)
    blocks = r.blocks
  else
    blocks = report.plain(worker.ctx)
  end
  local direct = not run.values.output
  local width = direct and sys.term_width(1) or PAGE_WIDTH
  local page = require("ds.report_text").render(blocks, width, direct and failure.colour(1))
  failure.check_write(run.writer:write(page))
end

local function write_rows(run, rows)
  local writer, chosen = output.new(run.values.format, run.writer), runner.chosen_table(run)
  for _, t in ipairs(chosen and { chosen } or run.plugin.tables) do
    writer:begin(t)
    for _, row in ipairs(rows[t.name] or {}) do writer:row(t, row) end
  end
end

-- A report on nothing would be a page of zeros that looks like a result.
local function nothing_read(run, tally)
  return run.values.format == "text" and run.plugin.input ~= "none" and not tally.no_input and tally.read == 0 and
    tally.rejected > 0
end

local function write_all(worker, run, rows)
  worker.ctx._emit = refuse_rows
  worker.ctx._rows = function(t)
    rows[t.name] = rows[t.name] or {}
    return rows[t.name]
  end
  if streams(run) or nothing_read(run, worker.tally) then return end
  if run.values.format == "text" then return write_report(worker, run) end
  write_rows(run, rows)
end

-- tsv and csv of a plugin with several tables: say which is written.
local function check_table_choice(run)
  local p, format, name = run.plugin, run.values.format, run.values.table
  if name and format ~= "tsv" and format ~= "csv" then failure.usage("--table belongs to -f tsv and -f csv") end
  local known = {}
  for i, t in ipairs(p.tables) do known[i] = t.name end
  if name and not p.by_name[name] then
    failure.usage("%s has no table '%s'%s", p.name, name,
      failure.hint(name, known, "; it has " .. table.concat(known, ", ")))
  end
  if format ~= "text" and #p.tables == 0 and p.input ~= "none" then
    failure.usage("%s declares no tables: only -f text has something to show", p.name)
  end
  if not name and #p.tables > 1 and (format == "tsv" or format == "csv") and not run.values.quiet then
    failure.say(("table '%s' of %s; --table NAME writes another"):format(known[1], table.concat(known, ", ")))
  end
end

local function check_input_options(run)
  if run.plugin.input ~= "articles" and run.values.where then
    failure.usage("--where belongs to plugins that read articles, which %s does not", run.plugin.name)
  end
end

--- Runs a plugin to the end.  Failures are raised.
---@param run ds.Run
---@return integer status
function runner.run(run)
  check_table_choice(run)
  check_input_options(run)
  progress.off = run.values.quiet or run.values["no-progress"] or false
  local tally = new_tally(run)
  local worker = new_worker(run, tally)
  worker.ctx._emit = refuse_rows
  worker.segmenter = inputs.user_segmenter(run.ds, run.values["user-dict"], tally.reject)
  worker:call("setup", {}, worker.ctx)
  open_rows(worker, run)
  map_all(worker, run, tally)
  local rows = finish(worker)
  write_all(worker, run, rows)
  for _, file in ipairs(worker.ctx._outputs) do failure.check_write(file:commit()) end
  if nothing_read(run, tally) then run.writer:abort() else failure.check_write(run.writer:commit()) end
  talk(run, tally)
  return tally.rejected > 0 and failure.INPUT or 0
end

return runner

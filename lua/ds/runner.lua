-- runner.lua: runs a plugin: setup, map for every article or line, finish, report, and then the output.
--
-- Mapping is done here, by threads (workers.lua), or somewhere else and read back (scale.lua); whoever did it, the
-- mapper of this process ends up with all totals and all batches of rows, and finish and report follow.
local failure = require "ds.failure"
local inputs = require "ds.inputs"
local limited = require "ds.limited"
local mapper = require "ds.mapper"
local progress = require "ds.progress"
local rows = require "ds.rows"
local tally = require "ds.tally"

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
---@field shuffle integer? seed: batches of articles are handed out in another order (--check-determinism)
---@field manifest {began: number, corpus: userdata, result: userdata}? what --manifest gathers
---@field digest fun(doc: ds.doc)? called for every article, for the manifest
---@field mute boolean? nothing is said and no file appears
---@field from_partials boolean? articles were read elsewhere
---@field copies string? what --dedup has found, for the report and the last words
---@field input string? the bytes that stand for standard input (--serve)

-- ------------------------------------------------------------------ map

--- The corpus of the run, with what --user-dict says; kept for finish and report.
---@param worker ds.Mapper
---@return ds.corpus?
function runner.open_corpus(worker)
  local run, t = worker.run, worker.tally
  local corpus = inputs.corpus(run.ds, run.operands, worker.segmenter, t.reject, run.values)
  if run.input and corpus then require("ds.corpus").give_input(corpus, run.input) end
  worker.ctx._corpus, t.passed_over = corpus or false, inputs.passed_over(corpus)
  run.corpus = corpus
  return corpus
end

-- --dedup: which articles are left out, or weigh less; the values go to every worker.
local function find_copies(run, corpus)
  local v, dedup = run.values, require "ds.dedup"
  local where = not run.plugin.needs.all and v.where or nil
  if v.dedup == "off" or not corpus then return end
  if v.dedup == "cluster" then
    local n
    v.copies, n = dedup.copies(corpus, where)
    run.copies = ("--dedup cluster: %d articles are copies of earlier ones and left out."):format(n)
  else
    local n, clusters
    v.weights, n, clusters = dedup.weights(corpus, where)
    run.copies = ("--dedup weight: %d articles copy one another; they make %d clusters, and each of these counts as one article.")
      :format(n, clusters)
  end
end

--- Maps the articles of the run's corpus.
---@param worker ds.Mapper
---@param choose fun(corpus: ds.corpus)? leaves it with the files of a shard
function runner.map_articles(worker, choose)
  local run, t = worker.run, worker.tally
  local corpus = runner.open_corpus(worker)
  if choose and corpus then choose(corpus) end
  find_copies(run, corpus)
  if not choose and require("ds.indexed").answer(worker, corpus) then return end
  local bar = progress.new(not (run.values.quiet or run.values["no-progress"]), "articles")
  run.clear = bar.clear
  local share = corpus and bar.shows and require("ds.extent").reader(corpus)
  local done = corpus and run.values.jobs > 1 and require("ds.workers").map(worker, corpus, bar)
  if not done then
    worker:articles(corpus, share and function(doc) bar.step(t.read, share(doc)) end or nil)
  end
  bar.clear()
end

--- Maps all input, here or in threads.
---@param worker ds.Mapper
function runner.map(worker)
  local nothing = worker:reads_nothing()
  worker:open_rows(rows.sink(worker.run, worker.ctx))
  if nothing then return end
  worker:mapping(function()
    if worker.run.plugin.input == "articles" then runner.map_articles(worker)
    elseif worker.run.plugin.input == "lines" then worker:lines() end
  end)
end

-- ------------------------------------------------------------------ the end

-- The batches in order, those of `finish` behind them.
local function finish(worker)
  worker.ctx._done = true
  worker.sink.begin("")
  local whole = limited.phase(worker.run, worker.tally, function() worker:call("finish", {}, worker.ctx) end)
  local last = worker.sink.done(true)
  if not whole then last = nil end -- what an unfinished `finish` has emitted is no result
  local ordered = rows.in_order(worker.batches)
  ordered[#ordered + 1] = last
  worker:close_rows()
  return ordered
end

-- Finds the sentences around from..to of an article, for r:evidence; the article is read again.
local function passage_finder(ctx, run)
  local docs = {}
  return function(id, from, to)
    if not from or not to then return nil end
    if not ctx._corpus then
      if run.from_partials and not docs.told then
        failure.say("passages are shown without their sentences: name the corpus behind the plugin")
      end
      docs.told = true
      return nil
    end
    docs[id] = docs[id] or ctx._corpus:doc(id)
    local doc = docs[id]
    local first, last = doc and doc:sentence_at(from), doc and doc:sentence_at(to)
    return first and last and { text = doc.text:sub(first.from, last.to), from = first.from }
  end
end

local function no_passage() end

-- What `report` makes, or every table.  A page finds its passages itself.
local function report_blocks(worker, run, page)
  local report = require "ds.report"
  local blocks
  if run.plugin.hooks.report then
    local r = report.new(worker.ctx, page and no_passage or passage_finder(worker.ctx, run), page)
    if run.copies then r:note(run.copies) end
    local whole = limited.phase(run, worker.tally, function() worker:call("report", {}, worker.ctx, r) end)
    blocks = whole and r.blocks
  end
  return blocks or report.plain(worker.ctx, page)
end

local function write_page(worker, run)
  require("ds.report_html").write(worker, report_blocks(worker, run, true), function(fn) limited.phase(run, worker.tally, fn) end)
end

local function write_report(worker, run)
  local sys = require "ds.c.sys"
  local blocks = limited.mark_report(worker.tally, report_blocks(worker, run, false))
  local direct = not run.values.output
  local width = direct and sys.term_width(1) or PAGE_WIDTH
  local page = require("ds.report_text").render(blocks, width, direct and failure.colour(1))
  failure.check_write(run.writer:write(page))
end

-- A report on nothing would be a page of zeros that looks like a result.
local function nothing_read(run, t)
  return rows.for_report(run) and tally.reads(run, t) and t.read == 0 and t.rejected > 0
end

local function write_all(worker, run, ordered)
  local cache = {}
  worker.ctx._rows = function(t)
    cache[t.name] = cache[t.name] or rows.all(ordered, t.name)
    return cache[t.name]
  end
  if rows.streams(run) or nothing_read(run, worker.tally) then return end
  if run.values.format == "html" then return write_page(worker, run) end
  if run.values.format == "text" then return write_report(worker, run) end
  rows.write(run, ordered)
  limited.mark_rows(run, worker.tally)
end

-- ------------------------------------------------------------------ checks

-- tsv and csv of a plugin with several tables: say which is written.
local function check_table_choice(run)
  local p, format, name = run.plugin, run.values.format, run.values.table
  if run.values.bom and format ~= "csv" and format ~= "tsv" then failure.usage("--bom belongs to -f csv and -f tsv") end
  if name and format ~= "tsv" and format ~= "csv" then failure.usage("--table belongs to -f tsv and -f csv") end
  local known = {}
  for i, t in ipairs(p.tables) do known[i] = t.name end
  if name and not p.by_name[name] then
    failure.usage("%s has no table '%s'%s", p.name, name,
      failure.hint(name, known, "; it has " .. table.concat(known, ", ")))
  end
  if format ~= "text" and #p.tables == 0 and p.input ~= "none" and not (format == "html" and p.hooks.report) then
    failure.usage("%s declares no tables: only -f text has something to show", p.name)
  end
  if not name and #p.tables > 1 and (format == "tsv" or format == "csv") and not (run.values.quiet or run.mute) then
    failure.say(("table '%s' of %s; --table NAME writes another"):format(known[1], table.concat(known, ", ")))
  end
end

local function check_input_options(run)
  if run.plugin.input ~= "articles" and run.values.where then
    failure.usage("--where belongs to plugins that read articles, which %s does not", run.plugin.name)
  end
  if run.plugin.input ~= "articles" and run.values.dedup ~= "off" then
    failure.usage("--dedup belongs to plugins that read articles, which %s does not", run.plugin.name)
  end
  if run.values.dedup == "weight" and not run.plugin.weighs then
    failure.usage("%s does not weigh articles: --dedup cluster leaves copies out (a plugin weighs with weighs = true and ctx:weight())",
      run.plugin.name)
  end
end

-- ------------------------------------------------------------------ runs

--- Finish, report and output of a mapper that has everything.
---@param worker ds.Mapper
---@return integer status
function runner.complete(worker)
  local run, t = worker.run, worker.tally
  local ordered = finish(worker)
  write_all(worker, run, ordered)
  for _, file in ipairs(worker.ctx._outputs) do
    if run.mute then file:abort() else failure.check_write(file:commit()) end
  end
  if nothing_read(run, t) then run.writer:abort() else failure.check_write(run.writer:commit()) end
  if run.manifest and not run.mute then require("ds.manifest").write(run, t) end
  tally.talk(run, t)
  return t.limits and failure.LIMIT or t.rejected > 0 and failure.INPUT or 0
end

--- A mapper that has done its setup.
---@param run ds.Run
---@return ds.Mapper
function runner.begin(run)
  check_table_choice(run)
  check_input_options(run)
  progress.off = run.values.quiet or run.values["no-progress"] or false
  local worker = mapper.new(run, tally.new(run))
  worker:setup()
  worker.setup_rejected = worker.tally.rejected
  return worker
end

--- Runs a plugin to the end.  Failures are raised.
---@param run ds.Run
---@return integer status
function runner.run(run)
  local worker = runner.begin(run)
  runner.map(worker)
  return runner.complete(worker)
end

return runner

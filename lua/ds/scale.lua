-- scale.lua: a run in parts: --map and --reduce in a pipe of an engine that sorts, --shard and --merge over files.
local c = require "ds.c.json"
local corpus_m = require "ds.corpus"
local failure = require "ds.failure"
local options = require "ds.options"
local order = require "ds.order"
local pack = require "ds.c.pack"
local partials = require "ds.partials"
local records = require "ds.records"
local rows = require "ds.rows"
local runner = require "ds.runner"
local sys = require "ds.c.sys"
local tally = require "ds.tally"

local scale = {}

local function hex(n) return ("%016x"):format(n) end

local function check_plugin(run, word)
  if run.plugin.input ~= "articles" then
    failure.usage("--%s belongs to plugins that read articles, which %s does not", word, run.plugin.name)
  end
end

-- A mapper that has done its setup, for a run that has articles to read.
local function begin(run)
  local mapper = runner.begin(run)
  if mapper.ctx._no_input then
    failure.usage("%s reads no articles with these options: there are no parts to make of it", run.plugin.name)
  end
  return mapper
end

-- ------------------------------------------------------------------ map

-- A sink that writes each article, with rows or without.
local function article_sink(part)
  local sink = rows.keep()
  local begin, done, id = sink.begin, sink.done, nil
  function sink.begin(article)
    id = article
    begin()
  end
  function sink.done() part:article(id, done()) end
  return sink
end

--- --map: articles as JSON lines on standard input, partials on standard output.
---@param run ds.Run
---@return integer status
function scale.map(run)
  check_plugin(run, "map")
  if run.values.jobs > 1 then failure.usage("--map is one task of many: -j has no place here") end
  if #run.operands > 0 then failure.usage("--map reads standard input, not %s", run.operands[1]) end
  run.from_partials = true -- neither the bundled corpus nor another
  local part = partials.writer(run, function(line) failure.check_write(run.writer:write(line)) end)
  local mapper = begin(run)
  local owner, content = corpus_m.share({}), 0
  owner.segmenter = mapper.segmenter
  local fields = require("ds.inputs").reading(run.values).fields
  local corpus, message = records.corpus(0, owner, fields, function(id, text)
    local hash = pack.hash(text, pack.hash(id))
    content = pack.hash(hex(hash), content)
    if text ~= "" then part.name = part.name or hex(hash) end
  end)
  if not corpus then failure.raise(failure.INPUT, "%s", message) end
  mapper:open_rows(article_sink(part))
  mapper:mapping(function() mapper:articles(corpus) end)
  part.name = part.name or hex(content) -- no article at all
  part:finish(mapper, hex(content))
  failure.check_write(run.writer:commit())
  tally.talk(run, mapper.tally)
  return 0 -- what was rejected is counted in the end line, and --reduce ends with status 1
end

-- ------------------------------------------------------------------ reduce

--- --reduce: the partials of all parts on standard input, the result on standard output.
---@param run ds.Run
---@return integer status
function scale.reduce(run)
  check_plugin(run, "reduce")
  if run.plugin.needs.corpus then
    failure.usage("%s wants to read articles again after all have been read, which --reduce cannot; --shard and --merge can",
      run.plugin.name)
  end
  run.from_partials = true
  local mapper = begin(run)
  if #run.operands > 0 then runner.open_corpus(mapper) end -- for the passages of a report
  mapper:open_rows(rows.sink(run, mapper.ctx))
  local reader = partials.reader(run, mapper)
  local lines, message = sys.lines(0)
  if not lines then failure.raise(failure.INPUT, "%s", message) end
  local n = 0
  for line, ended in lines.read, lines do
    n = n + 1
    if ended == false then failure.raise(failure.INPUT, "standard input: line %d: cut short: no line end", n) end
    if line ~= "" then reader:line(line, ("standard input: line %d"):format(n)) end
  end
  reader:finish(mapper.sink)
  return runner.complete(mapper)
end

-- ------------------------------------------------------------------ shards

local STATE <const> = "ds-state-1"

-- Numbers i, n of "i/n".
local function shard_of(text)
  local i, n = text:match("^(%d+)/(%d+)$")
  i, n = math.tointeger(tonumber(i)), math.tointeger(tonumber(n))
  if not i or not n or i < 1 or i > n then failure.usage("--shard wants I/N with I from 1 to N, such as 3/8, not '%s'", text) end
  return i, n
end

-- Leaves the corpus with every n-th file, from the i-th on; what no file is to blame for is told by the first shard.
local function take_shard(corpus, i, n)
  local mine, ids = {}, 0
  for at, item in ipairs(corpus.items) do
    ids = pack.hash(item.id, ids)
    if (at - i) % n == 0 then mine[#mine + 1] = item end
  end
  corpus.items = mine
  if i > 1 then corpus.missing = {} end
  return hex(ids)
end

--- --shard i/n --state FILE: maps a part of the corpus.
---@param run ds.Run
---@return integer status
function scale.shard(run)
  check_plugin(run, "shard")
  local i, n = shard_of(run.values.shard)
  if not run.values.state then failure.usage("--shard needs --state FILE, which it writes") end
  if run.values.output then failure.usage("--shard writes --state FILE; -o belongs to --merge") end
  local file, message = sys.open_atomic(run.values.state)
  if not file then failure.raise(failure.INPUT, "%s", message) end
  local check = 0
  local function put(line)
    check = pack.hash(line, check)
    failure.check_write(file:write(line))
  end
  local format = run.values.format
  run.values.format = "text" -- rows are kept as they are
  local mapper = begin(run)
  mapper:open_rows(rows.keep())
  local content = "none"
  mapper:mapping(function()
    runner.map_articles(mapper, function(corpus) content = take_shard(corpus, i, n) end)
  end)
  run.values.format = format
  put(("%s\t%s\n"):format(STATE, c.encode { path = sys.realpath(run.plugin.path), name = run.plugin.name,
    operands = c.array(run.operands), values = options.plain(run.plugin.options, run.values) }))
  local part = partials.writer(run, put)
  part.name = run.values.shard
  for at, id in ipairs(mapper.batches.ids) do part:article(id, mapper.batches.rows[at]) end
  if i > 1 then mapper.tally.passed_over = nil end
  part:finish(mapper, content, { shard = i, shards = n })
  failure.check_write(file:write(("check\t%s\n"):format(hex(check))))
  failure.check_write(file:commit())
  tally.talk(run, mapper.tally)
  return 0
end

-- ------------------------------------------------------------------ merge

local function state_lines(path)
  local lines, message = sys.lines(path)
  if not lines then failure.raise(failure.INPUT, "%s", message) end
  local list, check, good = {}, 0, false
  for line, ended in lines.read, lines do
    local sum = line:match("^check\t(%x+)$")
    if sum then good = sum == hex(check) and ended end
    if not sum then
      list[#list + 1] = line
      check = pack.hash(line .. "\n", check)
    end
  end
  lines:close()
  if not good or list[1]:sub(1, #STATE) ~= STATE then
    failure.raise(failure.INPUT, "%s: no state that --shard has written, or a damaged one; write it again", path)
  end
  return list
end

local function head_of(line, path)
  local head = c.decode(line:sub(#STATE + 2))
  if type(head) ~= "table" or type(head.path) ~= "string" or type(head.values) ~= "table" then
    failure.raise(failure.INPUT, "%s: a state without its head; write it again", path)
  end
  return head
end

local HOST <const> = { "format", "table", "output", "quiet", "no-progress", "on-error", "trust", "timeout", "article-timeout",
  "memory" }

-- The run of the states: their plugin and options, our output.
local function run_of(ds, head, values, say)
  local plain = head.values
  for _, name in ipairs(HOST) do plain[name] = values[name] end
  for _, o in ipairs(options.host) do
    if plain[o[1]] == nil then plain[o[1]] = o.default end
  end
  plain.jobs, plain.shard, plain.state = 1, nil, nil
  local run = require("ds.main").run_of_worker(ds, { path = head.path, name = head.name, values = plain,
    operands = head.operands }, say)
  run.from_partials = true
  return run
end

local function check_shards(reader)
  local n, content, have
  for _, name in ipairs(order.keys(reader.parts)) do
    local last = reader.parts[name].last or failure.raise(failure.INPUT, "shard %s has no end", name)
    n, content, have = n or last.shards, content or last.t, have or {}
    if last.shards ~= n then failure.raise(failure.INPUT, "these are shards of two runs: %s, and others of %d", name, n) end
    if last.t ~= content then failure.raise(failure.INPUT, "shard %s was made of a corpus with other files", name) end
    have[last.shard] = true
  end
  for i = 1, n do
    if not have[i] then failure.raise(failure.INPUT, "shard %d/%d is missing: of %d, all must be there", i, n, n) end
  end
end

--- --merge FILE…: the states of all shards, in any order, to the result.
---@param ds table
---@param values table<string, any> host options given
---@param paths string[]
---@param open fun(values: table): ds.sys.writer
---@return integer status
function scale.merge(ds, values, paths, open)
  if #paths == 0 then failure.usage("--merge needs the files that --shard has written") end
  for _, name in ipairs { "where", "seed", "user-dict", "from", "encoding", "fields", "shard", "state" } do
    if values[name] ~= nil then failure.usage("--%s belongs to --shard: a merge takes it from the states", name) end
  end
  local run, mapper, reader
  for _, path in ipairs(paths) do
    local lines = state_lines(path)
    if not run then
      run = run_of(ds, head_of(lines[1], path), values, function(text) io.stderr:write(text) end)
      run.writer = open(run.values)
      require("ds.main").run_now = run
      mapper = begin(run)
      mapper:open_rows(rows.sink(run, mapper.ctx))
      reader = partials.reader(run, mapper)
    end
    for i = 2, #lines do reader:line(lines[i], ("%s: line %d"):format(path, i)) end
  end
  check_shards(reader)
  reader:finish(mapper.sink)
  local corpus = require("ds.inputs").corpus(ds, run.operands, mapper.segmenter, function() end, run.values)
  mapper.ctx._corpus = corpus or false
  if run.plugin.needs.corpus and not corpus then
    failure.usage("%s reads articles again: --merge must run where the corpus is (%s)", run.plugin.name,
      table.concat(run.operands, " "))
  end
  return runner.complete(mapper)
end

return scale

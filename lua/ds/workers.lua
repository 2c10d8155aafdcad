-- workers.lua: -j N.  Threads with a Lua state each map batches of articles; the main state puts together what they
-- send back, in the order of reading, so that output and messages are those of one worker.
--
-- A job is a batch: the files to read.  A part is what comes of it: rows, and what was counted and said.  Totals stay
-- with the worker until the end.  Both are plain data (ds.c.pack).
local corpus_m = require "ds.corpus"
local failure = require "ds.failure"
local key_order = require "ds.order"
local limited = require "ds.limited"
local limits = require "ds.c.limits"
local options = require "ds.options"
local pack = require "ds.c.pack"
local tally = require "ds.tally"
local worker_c = require "ds.c.worker"

local workers = {}

local AHEAD <const> = 4        -- batches handed out per worker before the first comes back
local BATCH_MAX <const> = 32   -- files

-- ------------------------------------------------------------------ in a worker

-- A Failure as plain data; anything else is a bug of ours and ends the worker.
local function failure_of(e)
  if not failure.is(e) then error(e, 0) end
  return { status = e.status, message = e.message, limit = e.limit }
end

local function refuse_output()
  failure.usage("a plugin that opens a file while articles are read cannot run in several workers; leave -j out")
end

-- The part that a batch gives, and whether the worker goes on.
local function map_batch(mapper, corpus, job)
  local part = tally.recording()
  mapper:count_in(part)
  mapper.batches = require("ds.rows").batches()
  corpus_m.feed(corpus, job.items)
  local fine, e = pcall(limited.caught, mapper.articles, mapper, corpus)
  if fine and e then fine = false end
  local out = tally.part(part)
  out.number, out.ids, out.rows = job.number, mapper.batches.ids, mapper.batches.rows
  out.failure = not fine and failure_of(e) or nil
  return out, fine
end

--- Runs in a thread of its own: see bind_worker.c.
function workers.serve(port, init)
  local main = require "ds.main"
  local rows = require "ds.rows"
  local order = pack.decode(init)
  local mapper
  local run = main.run_of_worker(require "ds", order, function(text) if mapper then mapper.tally.say(text) end end)
  mapper = require("ds.mapper").new(run, tally.recording()) -- what setup says, the main state has said
  mapper.ctx._output = refuse_output
  local fine, e = pcall(mapper.setup, mapper)
  if not fine then return port:send(pack.encode { failure = failure_of(e) }) end
  mapper:open_rows(rows.sink(run, mapper.ctx))
  local corpus = corpus_m.share(order.reading)
  corpus.segmenter, corpus.recut = mapper.segmenter, mapper.segmenter ~= nil
  mapper:mapping(function()
    for job in port.receive, port do
      local part, fine = map_batch(mapper, corpus, pack.decode(job))
      port:send(pack.encode(part, "ctx:emit"))
      if not fine then break end
    end
  end)
  port:send(pack.encode({ totals = mapper.totals:export() }, "ctx:add"))
end

-- ------------------------------------------------------------------ in the main state

local function raise_failure(f) failure.again(f.status, f.message, f.limit) end

-- The files of the corpus in batches, and the order in which they are handed out.
local function make_batches(items, n, shuffle)
  local size = math.max(1, math.min(BATCH_MAX, #items // (n * 2 * AHEAD)))
  if shuffle then size = math.max(1, size // 2) end
  local batches = {}
  for from = 1, #items, size do
    batches[#batches + 1] = table.move(items, from, math.min(from + size - 1, #items), 1, {})
  end
  local order = {}
  for i = 1, #batches do order[i] = i end
  local state = shuffle or 0
  for i = shuffle and #order or 0, 2, -1 do -- Fisher and Yates
    state = state * 6364136223846793005 + 1442695040888963407
    local j = (state >> 33) % i + 1
    order[i], order[j] = order[j], order[i]
  end
  return batches, order
end

-- Takes in a part.  A limit that ended its worker ends the run when all others have ended, too, so that what they have
-- found is kept; any other failure ends it at once.
local function take(state, mapper, number)
  local part = state.waiting[number]
  state.waiting[number] = nil
  mapper.tally.take(part)
  local batches, at = mapper.batches, #mapper.batches.ids
  table.move(part.ids, 1, #part.ids, at + 1, batches.ids)
  table.move(part.rows, 1, #part.rows, at + 1, batches.rows)
  if not part.failure then return end
  if not part.failure.limit then raise_failure(part.failure) end
  state.limit = state.limit or part.failure
end

-- Takes in the parts that have come, as far as none before them is missing.
local function deliver(state, mapper)
  while state.waiting[state.next] do
    state.next = state.next + 1
    take(state, mapper, state.next - 1)
  end
end

-- Takes in what has come behind a part that never will.
local function deliver_rest(state, mapper)
  for _, number in ipairs(key_order.keys(state.waiting)) do take(state, mapper, number) end
end

-- What a worker needs of an item; standard input is read here, for it can be read but once.
local function job_items(corpus, batch)
  local list = {}
  for i, item in ipairs(batch) do
    list[i] = { path = item.path, id = item.id, part = item.part, bytes = item.path == "-" and corpus_m.stdin_bytes(corpus) or nil }
  end
  return list
end

--- Maps the articles of `corpus` in threads.
---@param mapper ds.Mapper of the main state
---@param corpus ds.corpus
---@param bar ds.Progress
function workers.map(mapper, corpus, bar)
  local run = mapper.run
  local n = run.values.jobs
  for _, e in ipairs(corpus.missing) do mapper.tally.reject(e) end
  local batches, order = make_batches(corpus.items, n, run.shuffle)
  local pool <close> = worker_c.open(math.max(1, math.min(n, #batches)), "ds.workers",
    pack.encode { path = run.plugin.path, name = run.plugin.name, operands = run.operands,
      values = options.plain(run.plugin.options, run.values), seconds_left = limits.left(), reading = corpus.reading })
  limits.set { run = 0 } -- the workers look at the clock, and know where they are when time is up
  local state = { next = 1, waiting = {} }
  local sent, back, totals = 0, 0, {}
  while true do
    while sent < #batches and sent - back < n * AHEAD do
      sent = sent + 1
      pool:send(pack.encode { number = order[sent], items = job_items(corpus, batches[order[sent]]) })
    end
    if sent == #batches then pool:finish() end
    local message, from = pool:receive()
    if not message then break end
    local part = pack.decode(message)
    if part.number then
      back, state.waiting[part.number] = back + 1, part
      deliver(state, mapper)
      bar.step(mapper.tally.read, back / #batches)
    elseif part.failure then raise_failure(part.failure)
    else totals[from] = part.totals end
  end
  deliver_rest(state, mapper)
  mapper.tally.sieve.ended = not state.limit
  mapper:take_totals(totals)
  if state.limit then raise_failure(state.limit) end
end

return workers

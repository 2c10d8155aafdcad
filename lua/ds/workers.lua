-- workers.lua: -j N.  Threads with a Lua state each map batches of articles; the main state puts together what they
-- send back, in the order of reading, so that output and messages are those of one worker.
--
-- A job is a batch: the files to read, or a piece of a file of JSON lines (chunks.lua).  A part is what comes of it: rows, and what was counted and said.  Totals stay
-- with the worker until the end.  Both are plain data (ds.c.pack).
local chunks = require "ds.chunks"
local corpus_m = require "ds.corpus"
local failure = require "ds.failure"
local extent = require "ds.extent"
local formats = require "ds.formats"
local handover = require "ds.handover"
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
local GIVE_UP <const> = 100    -- bad records at the start of a file, see reader_records.lua

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
  local digests = {}
  mapper.run.digest = job.digest and function(doc) digests[#digests + 1] = require("ds.manifest").article(doc) end
  local fine, e = pcall(limited.caught, mapper.articles, mapper, corpus)
  if fine and e then fine = false end
  local out = tally.part(part)
  out.number, out.ids, out.rows = job.number, mapper.batches.ids, mapper.batches.rows
  out.failure = not fine and failure_of(e) or nil
  out.digests = table.concat(digests)
  out.own_ids = corpus_m.own_ids(corpus)
  local start = job.items[1].start
  out.whole = start and start.first and part.read == 0 -- whether the file is one of JSON lines at all is in doubt
  out.piece = start and { order = job.items[1].order, gave_up = out.whole and job.items[1].records >= GIVE_UP }
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
  mapper.ctx._output, mapper.ctx._worker = refuse_output, true
  local fine, e = pcall(mapper.setup, mapper)
  if not fine then return port:send(pack.encode { failure = failure_of(e) }) end
  mapper:open_rows(rows.sink(run, mapper.ctx))
  local writes = run.plugin.hooks.write ~= nil
  local corpus, current, cutter = corpus_m.share(order.reading, writes), {}, nil
  corpus.segmenter, corpus.recut = mapper.segmenter, mapper.segmenter ~= nil
  if writes then
    cutter = handover.cutter(mapper.segmenter or assert(require "ds.segmenter" {}), run.target)
    mapper.ctx._write = handover.hand_on(mapper, cutter, port, current)
  end
  mapper:mapping(function()
    for packed, bytes in port.receive, port do
      local job = pack.decode(packed)
      job.items[1].bytes = bytes or job.items[1].bytes
      current.number = job.number
      local part, fine = map_batch(mapper, corpus, job)
      part.handed = cutter and cutter:take()
      port:send(pack.encode(part, "ctx:emit"), cutter and job.number or nil)
      if not fine then break end
    end
  end)
  port:send(pack.encode({ totals = mapper.totals:export() }, "ctx:add"))
end

-- ------------------------------------------------------------------ in the main state

local function raise_failure(f) failure.again(f.status, f.message, f.limit) end

-- What a worker needs of an item; standard input is read here, for it can be read but once.
local function job_item(corpus, item)
  return { path = item.path, id = item.id, part = item.part, order = item.order, bytes = item.path == "-" and corpus_m.stdin_bytes(corpus) or nil }
end

-- Yields batches of items: files, or a piece of a file of JSON lines; `false` when one must be read as a whole.
local function each_batch(corpus, size, writes)
  local list = {}
  local function flush()
    if #list > 0 then coroutine.yield(list) end
    list = {}
  end
  for _, item in ipairs(corpus.items) do
    local job = job_item(corpus, item)
    local pieces = not item.part and chunks.open(item, job.bytes, corpus.reading or {}, writes)
    if pieces then
      flush()
      for piece in pieces do
        coroutine.yield({ piece })
        if not piece then return end
      end
    else
      list[#list + 1] = job
      if #list >= size then flush() end
    end
  end
  flush()
end

-- Iterates batches with their numbers; with `shuffle`, in another order.
local function jobs_of(corpus, n, shuffle, writes)
  local size = math.max(1, math.min(BATCH_MAX, #corpus.items // (n * 2 * AHEAD)))
  if shuffle then size = math.max(1, size // 2) end
  local number, next_batch = 0, coroutine.wrap(function() each_batch(corpus, size, writes) end)
  local function next_job()
    local items = next_batch()
    if not items then return nil end
    number = number + 1
    return { number = number, items = items }
  end
  if not shuffle then return next_job end
  local list, state = {}, shuffle
  for job in next_job do list[#list + 1] = job end
  for i = #list, 2, -1 do -- Fisher and Yates
    state = state * 6364136223846793005 + 1442695040888963407
    local j = (state >> 33) % i + 1
    list[i], list[j] = list[j], list[i]
  end
  return function() return table.remove(list) end
end

-- Takes in a part.  A limit that ended its worker ends the run when all others have ended, too, so that what they have
-- found is kept; any other failure ends it at once.
local function take(state, mapper, part)
  mapper.tally.take(part)
  if mapper.run.manifest then mapper.run.manifest.corpus:update(part.digests) end
  local batches, at = mapper.batches, #mapper.batches.ids
  table.move(part.ids, 1, #part.ids, at + 1, batches.ids)
  table.move(part.rows, 1, #part.rows, at + 1, batches.rows)
  if not part.failure then return end
  if not part.failure.limit then raise_failure(part.failure) end
  state.limit = state.limit or part.failure
end

-- Takes in the parts that have come, as far as none before them is missing, and none from `stop` on.
local function deliver(state, mapper, stop)
  while state.waiting[state.next] and state.next ~= stop do
    local part = state.waiting[state.next]
    state.waiting[state.next], state.next = nil, state.next + 1
    take(state, mapper, part)
  end
end

-- Takes in what has come behind a part that never will.
local function deliver_rest(state, mapper)
  for _, number in ipairs(key_order.keys(state.waiting)) do take(state, mapper, state.waiting[number]) end
end

-- Whether the part does not stand as it is: an id is taken, or how a file goes on depends on how it began.
local function must_be_whole(state, corpus, part)
  if part.whole then return true end
  for _, id in ipairs(part.own_ids) do
    if state.taken[id] or corpus.index[id] or corpus.index[(id:gsub("#%d+$", ""))] then return true end
    state.taken[id] = true
  end
  return false
end

-- Parts of files of records are kept until all ids are known to be different; what ends the run ends it at once.
local function check_parts(state, mapper, corpus)
  while state.waiting[state.checked] do
    local part = state.waiting[state.checked]
    if must_be_whole(state, corpus, part) then return false end
    state.checked = state.checked + 1
    local stops = mapper.run.values["on-error"] == "stop" and #part.events > 0
    if not state.records or part.failure or stops then deliver(state, mapper, state.checked) end
  end
  return true
end

-- Whether an item may be a file of records.
local function has_records(corpus)
  local seen -- one store has every id once
  for _, item in ipairs(corpus.items) do
    local format = (corpus.reading or {}).format or formats.of_name(item.path)
    if item.part then
      if seen and seen ~= item.path then return true end
      seen = item.path
    elseif format ~= "text" and format ~= "markdown" and format ~= "html" then return true end
  end
  return false
end

-- How much of the corpus a batch is.
local function job_weight(job)
  local n = 0
  for _, item in ipairs(job.items) do n = n + (item.start and #item.bytes or extent.of_item(item)) end
  return n
end

-- Sends batches and takes what comes back, until all workers have ended; false: the corpus must be read by one worker.
local function work(state, mapper, corpus, pool, bar)
  local ahead = mapper.run.values.jobs * AHEAD
  local run, delivery = mapper.run, state.delivery
  local next_job, sent, back, read, ended = jobs_of(corpus, run.values.jobs, run.shuffle, delivery ~= nil), 0, 0, 0, false
  while true do
    while not ended and sent - back < ahead do
      local job = next_job()
      if job and job.items[1] == false then return false end
      if job then
        sent = sent + 1
        job.digest = run.manifest ~= nil
        state.weight[job.number] = job_weight(job)
        local bytes = job.items[1].bytes -- of a piece: long, so it goes by itself
        job.items[1].bytes = nil
        pool:send(pack.encode(job), bytes)
      else
        ended = true
        pool:finish()
      end
    end
    local message, from = pool:receive()
    if not message then return true end
    local part = pack.decode(message)
    if part.number then
      if not part.more then back, state.done = back + 1, state.done + state.weight[part.number] end
      read = read + part.read
      if delivery then delivery:come(part, #message)
      else
        state.waiting[part.number] = part
        if not check_parts(state, mapper, corpus) then return false end
      end
      bar.step(read, state.done / state.total)
    elseif part.failure then raise_failure(part.failure)
    else state.totals[from] = part.totals end
  end
end

--- Maps the articles of `corpus` in threads.
---@param mapper ds.Mapper of the main state
---@param corpus ds.corpus
---@param bar ds.Progress
---@return boolean done false: nothing was taken in, one worker must do it (ids that repeat, files that are no records)
function workers.map(mapper, corpus, bar)
  local run = mapper.run
  local seconds = limits.left()
  for _, e in ipairs(corpus.missing) do mapper.tally.reject(e) end
  corpus.missing = {}
  local pool <close> = worker_c.open(run.values.jobs, "ds.workers",
    pack.encode { path = run.plugin.path, name = run.plugin.name, operands = run.operands,
      values = options.plain(run.plugin.options, run.values), seconds_left = seconds, reading = corpus.reading,
      target = run.target })
  limits.set { run = 0 } -- the workers look at the clock, and know where they are when time is up
  local state = { next = 1, checked = 1, waiting = {}, taken = {}, totals = {}, records = has_records(corpus),
    weight = {}, done = 0, total = math.max(1, extent.of(corpus)) }
  if run.plugin.hooks.write then
    state.delivery = handover.delivery(mapper, corpus, pool, function(part) take(state, mapper, part) end)
  end
  if not work(state, mapper, corpus, pool, bar) then
    limits.set { run = seconds or 0 }
    return false
  end
  deliver(state, mapper)
  deliver_rest(state, mapper)
  if state.delivery then state.delivery:rest() end
  mapper.tally.sieve.ended = not state.limit
  mapper:take_totals(state.totals)
  if state.limit then raise_failure(state.limit) end
  return true
end

return workers

-- workers_test.lua: -j N gives byte for byte what one worker gives: results, messages, errors, exit status.
local T = require "testing"
local ds = require "ds"
local command = require "command"
local stock = require "stock"
local sys = require "ds.c.sys"
local worker = require "ds.c.worker"
local test, eq, ok, raises, has = T.test, T.eq, T.ok, T.raises, T.has

-- Runs a command line with one worker and with several: all must be the same.
local function same(w, args, jobs)
  local want = w.sh("$D " .. args)
  for _, n in ipairs(jobs or { 2, 5 }) do
    local got = w.sh(("$D -j %d %s"):format(n, args))
    eq(got.status, want.status, "status of -j " .. n .. " " .. args .. got.err)
    ok(got.out == want.out, "output of -j " .. n .. " " .. args)
    eq(got.err, want.err, "messages of -j " .. n .. " " .. args)
  end
  return want
end

-- ------------------------------------------------------------------ every stock plugin

test("every_stock_plugin_is_tested", function()
  local known = {}
  for name in pairs(stock.others) do known[name] = true end
  for _, line in ipairs(stock) do known[line[1]] = true end
  for _, e in ipairs(sys.list_dir("plugins")) do
    local name = e.name:match("^(.*)%.lua$")
    if name then ok(known[name], ("tests/lua/stock.lua does not know plugin %s"):format(name)) end
  end
end)

for _, line in ipairs(stock) do
  test(line[1] .. "_gives_the_same_bytes_for_every_number_of_workers", function()
    local w <close> = command.workspace(command.articles(36))
    local args = table.concat(line, " ")
    for _, format in ipairs { "jsonl", "tsv", "text", "html" } do
      local want = same(w, ("-f %s %s corpus"):format(format, args))
      eq(want.status, 0)
      ok(#want.out > 40, "there is something to compare")
    end
    local got = w.sh(("$D --check-determinism -j 3 -f jsonl %s corpus"):format(args))
    eq(got.status, 0, got.err)
    has(got.err, "deterministic: 1 worker and 3 give the same")
    ok(got.out == w.sh(("$D -f jsonl %s corpus"):format(args)).out, "--check-determinism writes the result")
  end)
end

test("where_and_user_dict_reach_the_workers", function()
  local w <close> = command.workspace(command.articles(40))
  w.put("words.txt", "价格战 100 n\n\xFF\xFE\n")
  local want = same(w, "-f jsonl --where 'date >= 2025-02-01' --user-dict words.txt freq corpus")
  eq(want.status, 1)
  has(want.err, "words.txt: line 2")
  has(same(w, "-f jsonl --where 'sparte = x' pricewar corpus").err, "none of the articles has a field 'sparte'")
  same(w, "-f jsonl keyness --where 'date > 2025-01-01' --ref 'date < 2025-03-01' corpus")
end)

test("the_bundled_corpus_standard_input_and_lines_work_too", function()
  local w <close> = command.workspace { ["a.txt"] = "标题\n\n价格战来了。\n", ["l.txt"] = "马斯克说话\n价格战\n" }
  same(w, "-f jsonl pricewar")
  same(w, "-f jsonl pricewar - < a.txt")
  same(w, "-f text stance --target 马斯克 - a.txt < l.txt")
  same(w, "segment l.txt")
  ok(w.sh("$D -q -j 0 pricewar -f csv").out == w.sh("$D -q pricewar -f csv").out)
end)

-- ------------------------------------------------------------------ files of records

-- JSON lines of more than two pieces (1 MiB each); edit(i, line) may change a line.
local function records(edit)
  local list, body = {}, ("价格战又来了，消费者得到实惠。"):rep(60)
  for i = 1, 900 do
    local line = ('{"id":"r%03d","date":"2025-01-%02d","text":"%d %s"}'):format(i, i % 28 + 1, i, body)
    list[i] = edit and edit(i, line) or line
  end
  return table.concat(list, "\n") .. "\n"
end

test("a_file_of_json_lines_is_read_in_pieces", function()
  local w <close> = command.workspace { ["a.jsonl"] = records(), ["z/b.jsonl"] = "\xEF\xBB\xBF" .. records(function(i, line)
    return (line:gsub("r(%d)", "s%1")) .. (i % 9 == 0 and "\r\n \n" or "")
  end) }
  local want = same(w, "-f jsonl pricewar a.jsonl z")
  eq(want.status, 0)
  has(want.err, "1800 articles read")
  same(w, "--check-determinism -q -f jsonl pricewar a.jsonl z")
  same(w, "-f jsonl pricewar - < a.jsonl")
  same(w, "-f jsonl --where 'date > 2025-01-20' info z a.jsonl")
  w.put("p.lua", [[
return { tables = { t = { { "doc", "string" }, { "at", "list" } } },
  map = function(doc, ctx)
    local path, ranges = doc:source(1, 3)
    ctx:emit("t", { doc = doc.id, at = { path, ranges[1][1], ranges[1][2] } })
  end }]])
  same(w, "-f jsonl p.lua a.jsonl z")
  w.sh("gzip -k a.jsonl")
  eq(same(w, "-f jsonl pricewar a.jsonl.gz").out, w.sh("$D -f jsonl pricewar a.jsonl").out)
end)

test("ids_and_places_in_pieces_are_those_of_the_file", function()
  local w <close> = command.workspace {
    ["noid.jsonl"] = records(function(i, line)
      if i % 100 == 7 then return "broken" end
      return (line:gsub('"id":"r%d+",', "")) .. (i % 10 == 0 and "\n\n  " or "")
    end),
    ["twice.jsonl"] = records(function(i, line) return i == 890 and line:gsub("r890", "r002") or nil end),
    ["bad.jsonl"] = records(function(i) return i < 700 and "{}" .. (" "):rep(3000) or nil end),
    ["name.jsonl"] = records(function(i, line) return i == 800 and line:gsub("r800", "twice.jsonl") or nil end),
  }
  local want = same(w, "-f jsonl pricewar noid.jsonl")
  has(want.err, "noid.jsonl: line 7: ")
  has(want.err, "noid.jsonl: line 967: ")
  has(want.out, '"doc":"noid.jsonl#900"')
  has(same(w, "-f jsonl pricewar twice.jsonl").out, '"doc":"r002#2"')
  has(same(w, "-f jsonl pricewar name.jsonl twice.jsonl").out, '"doc":"twice.jsonl#2"')
  has(same(w, "-f jsonl pricewar bad.jsonl").err, "none of the first 100 can be read")
  eq(same(w, "--on-error stop -f jsonl pricewar noid.jsonl").status, 1)
  eq(same(w, "--on-error collect -f jsonl pricewar noid.jsonl").status, 1)
  w.put("p.lua", "return { map = function(doc) if doc.id == 'r750' then error('here') end end }")
  local got = same(w, "p.lua twice.jsonl noid.jsonl")
  eq(got.status, 3)
  has(got.err, "article: r750")
end)

-- ------------------------------------------------------------------ what goes wrong

local NOTHING = "return { map = function(doc, ctx) ctx:add('n', 1) end, report = function(ctx, r) for k, v in ctx:totals() do r:note(k, v) end end }"

test("rejected_inputs_are_named_in_order", function()
  local files = command.articles(30)
  for i = 1, 30, 4 do files[("corpus/a/bad%02d.md"):format(i)] = i % 8 == 1 and "\xFF\xFE" or "" end
  local w <close> = command.workspace(files)
  w.put("p.lua", NOTHING)
  for _, how in ipairs { "skip", "collect" } do
    local want = same(w, ("--on-error %s p.lua corpus nowhere"):format(how))
    eq(want.status, 1)
    has(want.err, "bad01.md")
    has(want.err, "nowhere")
    has(want.err, "9 inputs rejected")
  end
  local want = same(w, "--on-error stop -f jsonl pricewar corpus")
  eq(want.status, 1)
  eq(want.out, "")
end)

test("errors_of_a_plugin_are_those_of_one_worker", function()
  local w <close> = command.workspace(command.articles(50))
  w.put("p.lua", [[
local function deep(doc) if doc.id:find("b/02") then error("too much of " .. doc.title) end end
return { map = function(doc, ctx) print("reading " .. doc.id); deep(doc) end }]])
  local want = same(w, "p.lua corpus")
  eq(want.status, 3)
  has(want.err, "p.lua:1: too much of")
  has(want.err, "phase: map")
  has(want.err, "article: ")
  has(want.err, "in upvalue 'deep'")
  has(want.err, "reading a/")
  w.put("p.lua", "return { setup = function() error('no') end, map = function() end }")
  eq(same(w, "p.lua corpus").status, 3)
  w.put("p.lua", "return { map = function(doc, ctx) ctx:usage('not so') end }")
  eq(same(w, "p.lua corpus").status, 2)
  w.put("p.lua", "return { map = function(doc, ctx) ctx:skip('why ' .. #doc.id % 2) ctx:reject('bad ' .. doc.id) end }")
  eq(same(w, "p.lua corpus").status, 1)
end)

test("what_cannot_cross_fails_early_with_any_number_of_workers", function()
  local w <close> = command.workspace(command.articles(6))
  w.put("p.lua", "return { map = function(doc, ctx) ctx:add('k', { a = { print } }) end, merge = function(_, a) return a end }")
  local want = same(w, "p.lua corpus")
  eq(want.status, 3)
  has(want.err, "p.lua:1: ctx:add: the value of key 'k': a function at a[1] cannot go from worker to worker")
end)

test("a_plugin_that_is_not_deterministic_is_found_out", function()
  local w <close> = command.workspace(command.articles(40))
  w.put("p.lua", [[
return { tables = { t = { { "n", "integer" } } },
  setup = function(ctx) ctx.state.n = 0 end,
  map = function(doc, ctx) ctx.state.n = ctx.state.n + 1 ctx:emit("t", { n = ctx.state.n }) end }]])
  local got = w.sh("$D --check-determinism -f jsonl p.lua corpus")
  eq(got.status, 3)
  eq(got.out, "")
  has(got.err, "not deterministic: results differ, first in line")
  has(got.err, '1 worker:  {"table":"t","n":')
  w.put("p.lua", [[
return { tables = { t = { { "s", "string" } } },
  map = function(doc, ctx) ctx:add("all", doc.id) end, merge = function(_, a, b) return a .. b end,
  finish = function(ctx) for _, s in ctx:totals() do ctx:emit("t", { s = s }) end end }]])
  eq(w.sh("$D --check-determinism -f jsonl p.lua corpus").status, 3)
end)

test("a_file_written_while_articles_are_read_is_refused", function()
  local w <close> = command.workspace(command.articles(6))
  w.put("p.lua", [[
return { options = { { "to", type = "output" } }, setup = function(ctx) ctx:output("to", "x.txt"):write("x") end,
  map = function() end }]])
  eq(w.sh("$D p.lua corpus").status, 0)
  local got = w.sh("rm x.txt; $D -j 2 p.lua corpus; echo $?; ls")
  has(got.err, "cannot run in several workers")
  has(got.out, "2\n")
  ok(not got.out:find("x.txt"))
end)

test("sums_and_accumulators_are_the_same_to_the_last_bit", function()
  local w <close> = command.workspace(command.articles(50))
  w.put("p.lua", [[
return { tables = { t = { { "k", "string" }, { "v", "object" } } },
  map = function(doc, ctx)
    local n = #doc.text
    ctx:add("float", 1 / n) ctx:add("mixed", n % 2 == 0 and n or n / 7) ctx:add("large", math.maxinteger - n)
    ctx:acc("moments", "moments"):add(1 / n)
    ctx:acc("top", "top", 3):add(n, doc.id)
    ctx:acc("bins", "histogram", { 0, 300, 600, 1200 }):add(n)
    ctx:acc("sample", "sample", 4):add(doc.id, doc.title)
    for t in doc:tokens() do ctx:acc("words", "distinct"):add(t.key) end
  end,
  finish = function(ctx)
    for k, v in ctx:totals() do
      ctx:emit("t", { k = k, v = { v = type(v) == "number" and v or v:value() } })
    end
  end }]])
  local want = same(w, "-f jsonl p.lua corpus", { 2, 3, 4, 5, 8 })
  eq(want.status, 0, want.err)
  has(want.out, '"k":"moments"')
  ok(want.out ~= w.sh("$D --seed 2 -f jsonl p.lua corpus").out, "the seed changes the sample")
  w.put("p.lua", "return { map = function(doc, ctx) ctx:acc('x', 'tops', 3) end }")
  has(w.sh("$D p.lua corpus").err, "p.lua:1: ctx:acc: no kind 'tops'; did you mean 'top'?")
  w.put("p.lua", "return { map = function(doc, ctx) ctx:add('x', 1) ctx:acc('x', 'count') end }")
  has(w.sh("$D p.lua corpus").err, "p.lua:1: ctx:acc: key 'x' is a total of ctx:add")
end)

test("ctrl_c_ends_all_workers_at_once", function()
  local w <close> = command.workspace(command.articles(8))
  w.put("p.lua", "return { map = function() while true do pcall(function() while true do end end) end end }")
  local got = w.sh("$D -j 3 -o out.txt p.lua corpus & p=$!; sleep 0.5; kill -INT $p; wait $p; echo $?; ls -A")
  has(got.out, "130\n")
  has(got.err, "dsrun: interrupted")
  ok(not got.out:find("out", 1, true) or not got.out:find(".out.txt", 1, true), "no hidden file is left")
end)

-- ------------------------------------------------------------------ the pool itself

test("pools_can_be_closed_at_any_time", function()
  -- The module that serves must be one of ours: a bad order makes it fail, which is reported.
  local pool = worker.open(3, "ds.workers", "")
  raises("worker ", function() while pool:receive() do end end)
  pool:close()
  pool:close()
  raises("closed ds.worker.pool", pool.receive, pool)
  for _ = 1, 20 do worker.open(2, "ds.workers", ""):close() end
  raises("module 'ds.nothing' not found", function()
    local p <close> = worker.open(1, "ds.nothing", "")
    p:receive()
  end)
  raises("1 to 1024 workers", worker.open, 0, "x", "")
end)

test("jobs_is_checked", function()
  local w <close> = command.workspace {}
  has(w.sh("$D -j -1 pricewar").err, "--jobs wants a number from 0 to 1024")
  has(w.sh("$D -j x pricewar").err, "--jobs wants an integer")
end)

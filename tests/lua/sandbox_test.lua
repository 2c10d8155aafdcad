-- sandbox_test.lua: what a plugin cannot do, and how a run ends that reaches a limit.
local T = require "testing"
require "ds"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has

local command = require "command"
local put = command.put
local SCRIPT <const>, LIMIT <const> = 3, 4

-- A directory with a corpus of three articles and `files`; w.run(args) gives {status=, out=, err=, seconds=}.
local function workspace(files)
  local w = command.workspace(files)
  os.execute("mkdir -p " .. w.dir .. "/out")
  for _, name in ipairs { "a", "b", "c" } do w.put("corpus/" .. name .. ".txt", "題" .. name .. "\n\n第一句。\n") end
  function w.run(args) return w.sh("timeout -k 1 20 $D " .. args) end
  function w.exists(name) return w.read(name) ~= nil end
  return w
end

-- Runs code as a script in `w`: the status wanted, and a part of what is said.
local function expect(w, code, args, status, part)
  put(w.dir .. "/s.lua", code)
  local r = w.run("s.lua " .. args)
  if r.status ~= status then
    error(("%s\nstatus %s, want %d\n%s%s"):format(code, tostring(r.status), status, r.out, r.err), 2)
  end
  if part then has(r.err, part) end
  return r
end

-- ------------------------------------------------------------------ time

local TIMED = "--timeout 0.15 --memory 64M"

test("loops_end_with_their_line", function()
  local w <close> = workspace()
  for _, code in ipairs {
    "local n = 0\nwhile true do n = n + 1 end",
    "local n\n::again:: goto again",
    "local n\nfor i = 1, math.maxinteger do end",
    "local n\nrepeat until false",
  } do
    expect(w, code, TIMED, LIMIT, "s.lua:2: the run takes longer than --timeout allows")
  end
end)

test("no_pcall_xpcall_coroutine_or_close_keeps_a_limit", function()
  local w <close> = workspace()
  for _, code in ipairs {
    "while true do pcall(function() while true do end end) end",
    "local function f() return pcall(function() while true do end end) end while true do f() end",
    "local function deep(n) if n == 0 then while true do end end return pcall(deep, n - 1) end while true do deep(50) end",
    "xpcall(function() while true do end end, function() while true do end end)",
    "while true do xpcall(error, function() while true do end end) end",
    "xpcall(function() while true do end end, function(e) return xpcall(error, function() while true do end end) end) print 'kept'",
    "local co = coroutine.wrap(function() while true do end end) while true do pcall(co) end",
    "while true do coroutine.resume(coroutine.create(function() while true do pcall(coroutine.yield) end end)) end",
    "local co = coroutine.create(function() while true do coroutine.yield() end end) while true do coroutine.resume(co) end",
    "coroutine.wrap(function() coroutine.wrap(function() pcall(function() while true do end end) while true do end end)() end)()",
    "local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)",
    "local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end",
    "do local x <close> = setmetatable({}, { __close = function() pcall(function() while true do end end) while true do end end }) end",
    "for _ in function() while true do end end do end",
    "while not pcall(error) do end",
    "return pcall(function() while true do end end)",
  } do
    local r = expect(w, code, TIMED, LIMIT, "the run takes longer than --timeout allows")
    eq(r.out, "", code)
  end
end)

test("metamethods_that_loop_end", function()
  local w <close> = workspace()
  for _, code in ipairs {
    "error(setmetatable({}, { __tostring = function() while true do end end }))",
    "print(setmetatable({}, { __tostring = function() while true do end end }))",
    "for _ in pairs(setmetatable({}, { __pairs = function() return function() return 1, 2 end end })) do end",
    "for _ in pairs(setmetatable({}, { __pairs = function() while true do end end })) do end",
    "return #setmetatable({}, { __len = function() while true do end end })",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] and 1 end while true do pcall(function() return t[1] end) end",
    "table.sort({ 1, 2, 3 }, function() while true do end end)",
    "table.concat(setmetatable({}, { __index = function() return 'x' end, __len = function() return math.maxinteger end }))",
    "table.concat(setmetatable({}, { __index = function() return '' end, __len = function() return math.maxinteger end }))",
    "('x'):rep(10):gsub('.', function() while true do end end)",
    "load(function() while true do end end)",
    "load(function() return ' ' end)",
  } do
    expect(w, code, TIMED, LIMIT)
  end
end)

test("functions_of_lua_that_run_in_c_end", function()
  local w <close> = workspace()
  for _, code in ipairs {
    "local s = ('a'):rep(300) s:find('a*a*a*a*a*a*b.')",
    "local s = ('a'):rep(300) pcall(string.match, s, '.-.-.-.-.-.-[^a]')",
    "local s = ('a'):rep(300) for _ in s:gmatch('a*a*a*a*a*a*b.') do end",
    "local s = ('a'):rep(3000) s:gsub('a*a*a*a*a*b', '')",
    "table.move({}, 1, math.maxinteger - 1, 2)",
    "table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1, 1)",
    "table.remove(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1)",
    "table.concat({}, '', math.mininteger, 0)",
    "table.concat(setmetatable({}, { __index = rawlen }), '', 1, math.maxinteger)",
    "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t, math.ult) end",
  } do
    put(w.dir .. "/s.lua", code)
    local r = w.run("s.lua " .. TIMED)
    ok(r.status == LIMIT or r.status == SCRIPT, code .. "\n" .. tostring(r.status) .. r.err)
  end
end)

test("a_pattern_without_end_is_a_limit_without_any_option", function()
  local w <close> = workspace()
  local r = expect(w, "\npcall(function() return ('a'):rep(300):find('a*a*a*a*a*b.') end)\nprint 'kept'", "", LIMIT,
    "s.lua:2: a pattern takes too many steps")
  eq(r.out, "")
end)

test("an_article_timeout_ends_the_article_only", function()
  local w <close> = workspace { ["p.lua"] = [[
    return {
      tables = { t = { { "doc", "string" } } },
      map = function(doc, ctx)
        ctx:emit("t", { doc = doc.id })
        if doc.id == "b.txt" then
          while true do pcall(function() while true do end end) end
        end
      end,
    }]] }
  local r = w.run("p.lua --article-timeout 0.2 -f tsv corpus")
  eq({ r.status, r.out }, { LIMIT, "doc\na.txt\nc.txt\n" })
  has(r.err, "p.lua:6: the article takes longer than --article-timeout allows\n  phase: map\n  article: b.txt\n")
  has(r.err, "in hook 'map'")
  has(r.err, "3 articles read, PARTIAL: 1 left out at a limit")
  r = w.run("p.lua --article-timeout 0.2 -f jsonl -q corpus")
  has(r.out, '{"table":"t","doc":"c.txt"}\n{"table":"#partial","read":3,"limits":[{"article":"b.txt","limit":"article"}]}\n')
  has(w.run("p.lua --article-timeout 0.2 -f text corpus").out, "PARTIAL: 1 left out at a limit.")
end)

test("a_timeout_keeps_the_articles_before_it", function()
  local w <close> = workspace { ["p.lua"] = [[
    return {
      tables = { t = { { "doc", "string" } }, sum = { { "n", "integer" } } },
      map = function(doc, ctx)
        ctx:emit("t", { doc = doc.id })
        if doc.id == "b.txt" then while true do end end
        ctx:add("n", 1)
      end,
      finish = function(ctx) for _, n in ctx:totals() do ctx:emit("sum", { n = n }) end end,
    }]] }
  local r = w.run("p.lua --timeout 0.3 -f jsonl corpus")
  eq({ r.status, (r.out:gsub('{"table":"#.*', "")) }, { LIMIT, '{"table":"sum","n":1}\n{"table":"t","doc":"a.txt"}\n' })
  has(r.err, "  article: b.txt")
end)

test("finish_and_report_that_loop_leave_the_rows_of_the_articles", function()
  for hook, rows in pairs { finish = "a.txt", report = "a.txt" } do
    local w <close> = workspace { ["p.lua"] = ([[
      return {
        tables = { t = { { "doc", "string" } } },
        map = function(doc, ctx) ctx:emit("t", { doc = doc.id }) end,
        %s = function(ctx) while true do pcall(function() while true do end end) end end,
      }]]):format(hook) }
    local r = w.run("p.lua --timeout 0.3 -f text corpus")
    eq(r.status, LIMIT)
    has(r.out, rows)
    has(r.err, "phase: " .. hook)
  end
end)

test("a_plugin_that_loops_while_it_is_loaded_or_set_up_ends", function()
  local w <close> = workspace { ["load.lua"] = "while true do end return { map = print }",
    ["setup.lua"] = "return { setup = function() while true do end end, options = { { 'top', type = 'integer' } }, map = print }" }
  local r = w.run("load.lua corpus --top 3 --timeout 0.3")
  eq(r.status, LIMIT)
  has(r.err, "load.lua:1: the run takes longer")
  r = w.run("setup.lua --timeout=0.3 --top 3 corpus")
  eq(r.status, LIMIT)
  has(r.err, "phase: setup")
end)

test("workers_keep_their_limits", function()
  local w <close> = workspace { ["p.lua"] = [[
    return {
      tables = { t = { { "doc", "string" } }, sum = { { "n", "integer" } } },
      options = { { "eat", type = "boolean" }, { "hog", type = "boolean" } },
      map = function(doc, ctx)
        ctx:emit("t", { doc = doc.id })
        if doc.id:find("7") then
          local t = ctx.options.hog and ctx.state or {}
          while true do
            if ctx.options.eat or ctx.options.hog then t[#t + 1] = { #t } end
          end
        end
        ctx:add("n", 1)
      end,
      finish = function(ctx) for _, n in ctx:totals() do ctx:emit("sum", { n = n }) end end,
    }]] }
  os.execute("mkdir " .. w.dir .. "/many")
  local left = {}
  for i = 1, 60 do
    local name = ("%02d.txt"):format(i)
    put(w.dir .. "/many/" .. name, "題\n\n句。\n")
    if not name:find("7") then left[#left + 1] = name end
  end
  for _, args in ipairs { "--article-timeout 0.1", "--memory 32M --eat" } do
    for jobs = 1, 3 do
      local r = w.run(("p.lua -f tsv --table t -j %d %s many"):format(jobs, args))
      eq({ r.status, r.out }, { LIMIT, "doc\n" .. table.concat(left, "\n") .. "\n" }, args)
      has(r.err, "  article: 17.txt")
      has(r.err, "60 articles read, PARTIAL: 6 left out at a limit")
    end
    eq(w.run("p.lua -f tsv --table sum -q -j 2 " .. args .. " many").out, "n\n54\n")
  end
  for _, args in ipairs { "--timeout 0.4", "--memory 32M --hog" } do
    local r = w.run("p.lua -f jsonl -j 2 " .. args .. " many")
    eq(r.status, LIMIT)
    has(r.err, "p.lua:")
    has(r.err, "7.txt")
    has(r.out, '"table":"t","doc":"01.txt"')
    ok(not r.out:find('"doc":"%d?7.txt"'), r.out)
    local _, rows = r.out:gsub('"table":"t"', "")
    has(r.out, ('{"table":"sum","n":%d}'):format(rows)) -- rows and totals of the same articles
  end
end)

test("parts_of_a_run_hand_on_that_they_are_partial", function()
  local w <close> = workspace { ["p.lua"] = [[
    return {
      tables = { t = { { "doc", "string" } } },
      map = function(doc, ctx)
        ctx:emit("t", { doc = doc.id })
        if doc.id == "b.txt" then while true do end end
      end,
    }]] }
  local whole = w.run("p.lua --article-timeout 0.1 -f jsonl -q corpus")
  eq(whole.status, LIMIT)
  w.run("p.lua --article-timeout 0.1 --shard 1/2 --state s1 corpus")
  w.run("p.lua --article-timeout 0.1 --shard 2/2 --state s2 corpus")
  local merged = w.run("--merge -f jsonl -q s1 s2")
  eq({ merged.status, merged.out }, { LIMIT, whole.out })
end)

-- ------------------------------------------------------------------ memory

test("memory_ends_with_its_line_however_it_is_eaten", function()
  local w <close> = workspace()
  for _, code in ipairs {
    "local t = {}\nwhile true do t[#t + 1] = { #t } end",
    "local t = {}\nwhile true do t[#t + 1] = ('%d'):format(#t) end",
    "local s = 'x'\nwhile true do s = s .. s end",
    "local n\nlocal s = ('x'):rep(1 << 30)",
    "local n\nlocal s = ('xy'):rep(1 << 29, 'z')",
    "local t, s = {}, ('x'):rep(1 << 20)\nwhile true do t[#t + 1] = s:upper() .. #t end",
    "local s = ('x'):rep(1 << 20)\nwhile true do s = s:gsub('x', 'xxxx') end",
    "local t = {}\nwhile true do for i = 1, 100 do t[i] = (t[i] or '') .. ('y'):rep(1000) end t = { table.concat(t) } end",
    "local t = {}\nwhile true do t[#t + 1] = coroutine.create(function() end) end",
    "local t = {}\nwhile true do pcall(function() while true do t[#t + 1] = function() return t end end end) end",
    "local t = {}\nwhile true do t[#t + 1] = ds.segmenter {} t[#t]:add('词' .. #t) end",
  } do
    expect(w, code, "--memory 32M --timeout 20", LIMIT, "s.lua:2: more memory is wanted than --memory allows")
  end
end)

test("garbage_is_no_use_of_memory", function()
  local w <close> = workspace()
  expect(w, "for i = 1, 2000 do local s = ('x '):rep(20000 + i):upper():lower():gsub('%d', 'y') end print 'done'", "--memory 16M", 0)
  expect(w, "for i = 1, 200000 do local t = { i, { i } } end print 'done'", "--memory 16M", 0)
end)

test("an_article_that_eats_memory_is_left_out", function()
  local w <close> = workspace { ["p.lua"] = [[
    return {
      tables = { t = { { "doc", "string" } } },
      map = function(doc, ctx)
        ctx:emit("t", { doc = doc.id })
        local t = KEEP and ctx.state or {}
        if doc.id == "b.txt" then while true do t[#t + 1] = { #t } end end
      end,
    }]] }
  local source = T.read(w.dir .. "/p.lua")
  put(w.dir .. "/p.lua", (source:gsub("KEEP", "false")))
  local r = w.run("p.lua --memory 32M -f tsv corpus")
  eq({ r.status, r.out }, { LIMIT, "doc\na.txt\nc.txt\n" })
  has(r.err, "p.lua:6: more memory is wanted than --memory allows\n  phase: map\n  article: b.txt")
  put(w.dir .. "/p.lua", (source:gsub("KEEP", "true")))
  r = w.run("p.lua --memory 32M -f tsv corpus")
  eq({ r.status, r.out }, { LIMIT, "doc\na.txt\n" }) -- what it keeps stays: the run ends
  has(r.err, "article: b.txt")
end)

test("deep_recursion_is_an_error_of_the_script", function()
  local w <close> = workspace()
  expect(w, "local function f() return 1 + f() end f()", "--timeout 20", SCRIPT, "stack overflow")
  expect(w, "local s = ('x'):rep(10) local function f(a) return (s:gsub('x', f)) end f('')", "--timeout 20", SCRIPT, "C stack overflow")
  expect(w, "local t = {} for i = 1, 1e5 do t = setmetatable({}, { __index = t }) end print(t.x)", "--timeout 20", SCRIPT)
  expect(w, "print(('%99999d'):format(1))", "--timeout 20", SCRIPT, "invalid conversion")
  expect(w, "print(table.unpack({}, 1, 1e8))", "--timeout 20", SCRIPT, "too many results to unpack")
  expect(w, "print(('x'):rep(10000000):byte(1, -1))", "--timeout 20", SCRIPT)
  expect(w, "load(('('):rep(1000) .. ('x'):rep(1000))()", "--timeout 20", SCRIPT)
end)

-- ------------------------------------------------------------------ escapes

test("libraries_that_lead_out_are_not_there", function()
  local w <close> = workspace()
  for _, name in ipairs { "io", "os", "debug", "package", "dofile", "loadfile", "collectgarbage", "warn", "arg2" } do
    expect(w, "return " .. name, "", SCRIPT, "undeclared global '" .. name .. "'")
    expect(w, "return _G." .. name, "", SCRIPT)
  end
  for _, code in ipairs { "require 'io'", "require 'debug'", "require 'ds.c.sys'", "require 'ds.c.limits'", "require 'package'" } do
    expect(w, code, "", SCRIPT, 'a plugin can require "ds" only')
  end
  for _, code in ipairs { "string.dump(print)", "(''):dump()", "ds.c.sys()", "ds.sys.read_file('/etc/passwd')", "math.randomseed(1)" } do
    expect(w, code, "", SCRIPT)
  end
end)

test("bytecode_is_not_loaded", function()
  local w <close> = workspace { ["b.lua"] = string.dump(function() return 1 end) }
  local code = ("assert(load(%q, 'x', 'b'))"):format(string.dump(function() return 1 end))
  expect(w, code, "", SCRIPT, "attempt to load a binary chunk")
  expect(w, "local n = 0 assert(load(function() n = n + 1 return n == 1 and '\\27Lua' or nil end))", "", SCRIPT, "binary chunk")
  local r = w.run("b.lua")
  eq(r.status, SCRIPT)
  has(r.err, "compiled Lua is not accepted")
end)

test("code_of_load_sees_the_sandbox_only", function()
  local w <close> = workspace()
  expect(w, "load('io.write(1)')()", "", SCRIPT, "undeclared global 'io'")
  expect(w, "load('x = 1')()", "", SCRIPT, "assignment to undeclared global 'x'")
  local r = expect(w, "print(load('return ...', 'n', 't', {})(7), load('return y', 'n', nil, { y = 8 })())", "", 0)
  eq(r.out, "7\t8\n")
end)

test("the_metatables_of_others_are_out_of_reach", function()
  local w <close> = workspace()
  for _, code in ipairs {
    "getmetatable('').__index.find = 1", "getmetatable('').__index = {}", "getmetatable(ds).__index = print",
    "getmetatable(ds.segmenter {}).__gc()", "getmetatable(_G).__index = nil", "setmetatable(_G, nil)", "setmetatable(ds, {})",
    "setmetatable('', {})", "for d in corpus:docs() do setmetatable(d, {}) end", "for d in corpus:docs() do getmetatable(d).__index = 1 end",
    "setmetatable({}, { __gc = function() end })", "local m = { __gc = true } setmetatable({}, m)",
    "setmetatable({}, getmetatable(''))", "ds.utf8.len = nil ds.stance.new = nil local d = require 'ds' d.x.y = 1",
  } do
    expect(w, code, "corpus", SCRIPT)
  end
  local r = expect(w, [[
    local m = { __index = { a = 1 }, __metatable = "mine" }
    local t = setmetatable({}, m)
    print(t.a, getmetatable(t), getmetatable(ds), getmetatable(''), getmetatable(ds.segmenter {}), getmetatable({}))
    print(getmetatable(setmetatable({}, { x = 2 })).x, pcall(function() setmetatable(t, nil) end))]], "", 0)
  eq(r.out, "1\tmine\tds\tstring\tds.segmenter\tnil\n2\tfalse\ts.lua:4: cannot change a protected metatable\n")
end)

test("a_gc_field_set_later_is_never_called", function()
  local w <close> = workspace()
  local r = expect(w, [[
    local m = {}
    for i = 1, 10 do setmetatable({}, m) end
    m.__gc = function() print "called" while true do end end
    local t = {} for i = 1, 200000 do t[i % 10 + 1] = { i } end
    print "done"]], TIMED, 0)
  eq(r.out, "done\n")
end)

test("a_plugin_spoils_the_module_for_itself_only", function()
  local w <close> = workspace { ["p.lua"] = [[
    ds.corpus.open = function() error "not mine" end
    ds.matcher = nil
    string.find = nil
    table.sort = nil
    return { tables = { t = { { "doc", "string" } } }, map = function(doc, ctx) ctx:emit("t", { doc = doc.id }) end }]] }
  local r = w.run("p.lua -f tsv -q corpus")
  eq({ r.status, r.out, r.err }, { 0, "doc\na.txt\nb.txt\nc.txt\n", "" })
end)

-- ------------------------------------------------------------------ files

test("only_what_was_given_is_read", function()
  local w <close> = workspace { ["out/secret.txt"] = "秘密\n\n密。\n", ["beside.txt"] = "旁\n\n邊。\n", ["words.txt"] = "第一\n" }
  os.execute("mkdir " .. w.dir .. "/p " .. w.dir .. "/p/data; ln -s ../../out " .. w.dir .. "/p/data/link")
  local function try(path, args)
    put(w.dir .. "/p/p.lua", ("local c, m = ds.corpus.open(%q) if not c then print(m) return end for d in c:docs() do print(d.text) end")
      :format(path))
    return w.run("p/p.lua " .. (args or ""))
  end
  for _, path in ipairs { "out/secret.txt", w.dir .. "/out/secret.txt", "p/../out/secret.txt", "./p/data/../../out", "/etc/passwd", ".",
    "/", "out", "/proc/self/environ", "/dev/stdin" } do
    local r = try(path)
    ok(not r.out:find("密"), path .. ": " .. r.out)
    has(r.out .. r.err, "a plugin may not read there")
  end
  eq(try("out/secret.txt", "out").out, "密。\n")     -- an operand
  eq(try("out/secret.txt", "--trust").out, "密。\n")
  eq(try("p/data/link/secret.txt").out, "密。\n")     -- a link that lies beside the plugin
  for _, code in ipairs { "ds.lexicon.words('./words.txt')", "ds.matcher('./words.txt')", "ds.segmenter { user = './words.txt' }",
    "ds.segmenter { model = './words.txt' }", "ds.trainer():add_file('./words.txt')" } do
    put(w.dir .. "/p/p.lua", ("local _, m = %s print(m)"):format(code))
    has(w.run("p/p.lua").out, "a plugin may not read there")
    eq(w.run("p/p.lua ./words.txt").out:find("may not"), nil)
  end
end)

test("training_ends_in_time", function()
  local w <close> = workspace()
  expect(w, [[
    local t = assert(ds.trainer { rounds = 1000000 })
    for i = 1, 50 do assert(t:add("他們 又 打 價格 戰 。")) end
    print(pcall(t.train, t))]], TIMED, LIMIT, "the run takes longer than --timeout allows")
end)

test("options_open_what_the_user_named", function()
  local w <close> = workspace { ["words.txt"] = "第一\n", ["far.txt"] = "x\n" }
  os.execute("mkdir " .. w.dir .. "/p")
  put(w.dir .. "/p/p.lua", [[
    return {
      input = "none",
      options = { { "words", type = "file" } },
      finish = function(ctx)
        print(#assert(ds.lexicon.words(ctx.options.words)))
        print(ds.lexicon.words("./far.txt"))
      end,
    }]])
  local r = w.run("p/p.lua --words words.txt")
  has(r.err, "1\nnil\t")
  has(r.err, "far.txt: a plugin may not read there")
end)

test("files_are_written_under_names_of_the_user_only", function()
  local w <close> = workspace { ["p.lua"] = [[
    return {
      input = "none",
      options = { { "save", type = "output" } },
      finish = function(ctx)
        ctx.options.save = "stolen.txt"
        ctx:output("save", "plain.txt"):write("x")
      end,
    }]] }
  eq(w.run("p.lua").status, 0)
  eq({ w.exists("stolen.txt"), w.exists("plain.txt") }, { false, true })
  eq(w.run("p.lua --save named.txt").status, 0)
  eq({ w.exists("stolen.txt"), w.exists("named.txt") }, { false, true })
end)

test("trust_lifts_the_sandbox", function()
  local w <close> = workspace { ["mod.lua"] = "return { answer = 42 }" }
  local r = expect(w, "print(require('mod').answer, io and os and debug and package and collectgarbage and true, #string.dump(print == nil or function() end) > 0)",
    "--trust", 0)
  eq(r.out, "42\ttrue\ttrue\n")
  eq(w.run("--trust -e 'print(io.open(\"s.lua\") ~= nil)'").out, "true\n")
  expect(w, "while true do end", "--trust --timeout 0.2", LIMIT)
end)

-- ------------------------------------------------------------------ the command line

test("values_of_limits_are_checked", function()
  local w <close> = workspace()
  for args, part in pairs {
    ["--timeout 0"] = "--timeout wants a number of seconds above 0", ["--timeout x"] = "--timeout wants",
    ["--article-timeout=-1"] = "--article-timeout wants", ["--memory 1M"] = "--memory wants a size of at least 16M",
    ["--memory much"] = "--memory wants", ["--memory 1e9"] = "--memory wants",
  } do
    local r = w.run(args .. " -e 'print(1)'")
    eq(r.status, 2, args)
    has(r.err, part)
  end
  for _, args in ipairs { "--timeout 5", "--memory 64M", "--memory 1.5g", "--memory 67108864", "--memory 64MiB", "--timeout 1e3" } do
    eq(w.run(args .. " -e 'print(1)'").out, "1\n", args)
  end
end)

test("what_runs_within_its_limits_is_not_touched", function()
  local w <close> = workspace()
  local plain = w.run("stance -f jsonl corpus")
  local limited = w.run("stance -f jsonl --timeout 60 --article-timeout 30 --memory 512M corpus")
  eq(limited, plain)
end)

test("on_error_skips_collects_or_stops", function()
  local w <close> = workspace { ["corpus/bad.md"] = "---\ntitle: [\n---\n\n文。\n", ["p.lua"] = [[
    return { tables = { t = { { "doc", "string" } } }, map = function(doc, ctx) ctx:emit("t", { doc = doc.id }) end }]] }
  local skip = w.run("p.lua -f tsv corpus")
  eq({ skip.status, skip.out }, { 1, "doc\na.txt\nb.txt\nc.txt\n" })
  has(skip.err, "corpus/bad.md")
  local collect = w.run("p.lua -f tsv --on-error collect corpus")
  eq({ collect.status, collect.out, collect.err }, { 1, skip.out, skip.err })
  local stop = w.run("p.lua -f tsv --on-error stop corpus")
  eq({ stop.status, stop.out }, { 1, "" })
  has(stop.err, "corpus/bad.md")
end)

-- plugin_test.lua: dsrun with small plugins: what is checked before a run, what an error says, what a run writes.
local T = require "testing"
require "ds"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has

local DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun"
local ARTICLES = {
  ["b.txt"] = "标题乙\n\n第一句话。第二句话，价格战来了！\n",
  ["a.txt"] = "標題甲\n\n馬斯克說話。\n",
  ["c.md"] = "---\ntitle: 丙\ndate: 2025-02-03\nsource: 試報\n---\n\n正文**一句**。\n",
}

local function put(path, bytes)
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
end

-- A directory with the articles in `corpus` and `files`, the current one of every command.
local function workspace(files)
  local pipe = assert(io.popen("mktemp -d"))
  local dir = pipe:read("l")
  pipe:close()
  os.execute("mkdir " .. dir .. "/corpus")
  for name, bytes in pairs(ARTICLES) do put(dir .. "/corpus/" .. name, bytes) end
  for name, bytes in pairs(files or {}) do put(dir .. "/" .. name, bytes) end
  local w = { dir = dir }
  --- Runs dsrun with a line of arguments; result: {status=, out=, err=}.
  function w.run(args, input)
    put(dir .. "/.in", input or "")
    local line = ("cd %s && %s %s < .in > .out 2> .err"):format(dir, DSRUN, args)
    local _, _, status = os.execute(line)
    return { status = status, out = T.read(dir .. "/.out"), err = T.read(dir .. "/.err") }
  end
  function w.read(name) return T.read(dir .. "/" .. name) end
  return setmetatable(w, { __close = function() os.execute("rm -rf " .. dir) end })
end

-- Runs one plugin over the articles.
local function run_plugin(source, args, input)
  local w <close> = workspace { ["p.lua"] = source }
  return w.run("p.lua " .. (args or "-f jsonl corpus"), input)
end

-- ------------------------------------------------------------------ checked before any article

test("a_plugin_table_is_checked_before_any_article_is_read", function()
  local map = "map = function() error('an article was read') end"
  local cases = {
    { "finsh = function() end, " .. map, "p.lua: unknown key 'finsh'; did you mean 'finish'?" },
    { "zzz = 1, " .. map, "unknown key 'zzz'; known are about, example, finish" },
    { "about = 1, " .. map, "p.lua: 'about' must be a string, not a number" },
    { "map = {}", "p.lua: 'map' must be a function, not a table" },
    { "", "p.lua: `map` is missing" },
    { "input = 'line', " .. map, "p.lua: unknown input 'line'; did you mean 'lines'?" },
    { "input = 'none', " .. map, "there is nothing to map" },
    { "input = 'none'", "`finish` is missing" },
    { "render = function() end, " .. map, "`render` belongs to input = \"lines\"" },
    { "needs = { 'corpse' }, " .. map, "p.lua: unknown need 'corpse'; did you mean 'corpus'?" },
    { "options = { { 'top', type = 'integr' } }, " .. map, "unknown type of option 'top': 'integr'; did you mean 'integer'?" },
    { "options = { { 'top', type = 'integer', defualt = 3 } }, " .. map, "unknown key in option 'top': 'defualt'; did you mean 'default'?" },
    { "options = { { 'top', type = 'integer', default = 'x' } }, " .. map, "option 'top': the default x is no integer" },
    { "options = { { 'by', type = 'choice', choices = { 'a' }, default = 'b' } }, " .. map, "option 'by': the default b is no choice" },
    { "options = { { 'by', type = 'choice' } }, " .. map, "`choices` belongs to type \"choice\"" },
    { "options = { { 'format' } }, " .. map, "option 'format' is one of the host's" },
    { "options = { { 'no-quiet' } }, " .. map, "option 'no-quiet' is one of the host's" },
    { "options = { { 'aa' }, { 'aa' } }, " .. map, "option 'aa' is declared twice" },
    { "options = { { 'Top' } }, " .. map, "option 'Top': a name has small letters" },
    { "options = { 'top' }, " .. map, "option 1 must be a table that begins with its name" },
    { "tables = { t = {} }, " .. map, "'t' must be a name with a list of columns" },
    { "tables = { t = { { 'n', 'int' } } }, " .. map, "unknown type of column 'n' in table 't': 'int'" },
    { "tables = { t = { { 'n' } } }, " .. map, "table 't': column 1 must be { name, type, help }" },
    { "tables = { t = { { 'n', 'integer' }, { 'n', 'string' } } }, " .. map, "column 'n' is declared twice" },
    { "tables = { t = { { 'table', 'integer' } } }, " .. map, "a column cannot be called 'table'" },
  }
  local w <close> = workspace()
  for _, case in ipairs(cases) do
    put(w.dir .. "/p.lua", "return { " .. case[1] .. " }")
    local r = w.run("p.lua corpus")
    has(r.err, case[2])
    eq({ r.status, r.out }, { 3, "" }, case[1])
  end
end)

test("a_file_that_cannot_be_loaded_says_where", function()
  local r = run_plugin("return {\n  map = function(\n}")
  eq(r.status, 3)
  has(r.err, "dsrun: p.lua:3: ")
  has(r.err, "phase: load")
  r = run_plugin("return { map = function() local n = { 价 = 1 } end }")
  has(r.err, "dsrun: p.lua:1: unexpected symbol near '<\\228>'\n  names and signs of Lua are ASCII: write [\"价格\"] = …")
  r = run_plugin("return 3")
  has(r.err, "p.lua: a plugin returns a table (and a plain script nothing), not a number")
  r = run_plugin("local t = {}\nreturn { map = t.x.y }")
  has(r.err, "dsrun: p.lua:2: attempt to index a nil value (field 'x')")
  r = run_plugin("\27Lua")
  has(r.err, "p.lua: compiled Lua is not accepted")
  eq(r.status, 3)
  eq(run_plugin("#!/usr/bin/env dsrun\nreturn { map = function() end }", "corpus").status, 0)
end)

test("a_plugin_that_is_not_there_is_wrong_usage", function()
  local w <close> = workspace { ["freq"] = "x" }
  local r = w.run("nothere.lua")
  eq({ r.status, r.out }, { 2, "" })
  has(r.err, "dsrun: nothere.lua: No such file or directory")
  r = w.run("segmnt")
  eq(r.status, 2)
  has(r.err, "no plugin is called 'segmnt'; did you mean 'segment'?")
  has(r.err, "there are: build, cat, ")
end)

-- ------------------------------------------------------------------ errors while it runs

local BOOM = [[
local function inner(x)
  return x.y.z
end
return {
  tables = { t = { { "n", "integer" } } },
  %s
}]]

test("an_error_shows_place_phase_article_and_traceback", function()
  local r = run_plugin(BOOM:format("map = function(doc)\n    if doc.id == 'b.txt' then inner({}) end\n  end,"))
  eq({ r.status, r.out }, { 3, "" })
  eq(r.err, [[
dsrun: p.lua:2: attempt to index a nil value (field 'y')
  phase: map
  article: b.txt
  traceback:
    p.lua:2: in upvalue 'inner'
    p.lua:7: in hook 'map'
]])
end)

test("every_phase_reports_its_errors", function()
  for _, phase in ipairs { "setup", "finish", "report" } do
    local hooks = phase .. " = function() inner({}) end," .. " map = function() end,"
    local r = run_plugin(BOOM:format(hooks), phase == "report" and "corpus" or "-f jsonl corpus")
    eq(r.status, 3, phase)
    has(r.err, "dsrun: p.lua:2: attempt to index")
    has(r.err, "phase: " .. phase)
    ok(not r.err:find("article:", 1, true), phase)
  end
  local merge = "map = function(d, ctx) ctx:add('k', 1) end, merge = function() inner({}) end,"
  has(run_plugin(BOOM:format(merge)).err, "p.lua:2: attempt to index")
end)

test("whatever_is_raised_is_reported", function()
  local cases = {
    { "error({})", "p.lua:1: the error is a table without a message" },
    { "error()", "p.lua:1: error(nil)" },
    { "error(setmetatable({}, { __tostring = function() return 'own words' end }))", "p.lua:1: own words" },
    { "local function r() return 1 + r() end r()", "p.lua:1: stack overflow" },
    { "string.rep()", "p.lua:1: bad argument #1 to 'rep'" },
    { "coroutine.wrap(function() error('inside') end)()", "inside" },
    { "doc:sentence_at('x')", "p.lua:1: doc:sentence_at: an integer" },
  }
  for _, case in ipairs(cases) do
    local r = run_plugin("return { map = function(doc) " .. case[1] .. " end }", "corpus")
    eq({ r.status, r.out }, { 3, "" }, case[1])
    has(r.err, case[2])
  end
end)

test("misuse_of_ctx_names_the_place_and_the_nearest_name", function()
  local cases = {
    { "ctx:emit('rwos', {})", "table 'rwos' is not declared; did you mean 'rows'?" },
    { "ctx:emit('rows', { cuont = 1 })", "table 'rows' has no column 'cuont'; did you mean 'count'?" },
    { "ctx:emit('rows', { count = 'x' })", "column 'count' of table 'rows' wants an integer, not the string \"x\"" },
    { "ctx:emit('rows', { count = 1.5 })", "wants an integer, not the float 1.5" },
    { "ctx:emit('rows', { share = 0/0 })", "wants a number, not NaN" },
    { "ctx:emit('rows', { share = 1/0 })", "wants a number, not the float inf" },
    { "ctx:emit('rows', { list = { print } })", "a row cannot hold a function" },
    { "ctx:emit('rows', { list = { 1, x = 2 } })", "wants a list, not a table with other keys than 1, 2, 3" },
    { "ctx:emit('rows', { list = { { 1, x = 2 } } })", "the keys of an object are strings, not the number 1" },
    { "ctx:emit('rows', { object = { 1, x = 2 } })", "the keys of an object are strings, not the number 1" },
    { "ctx:emit('rows', { object = { 1, 2 } })", "the keys of an object are strings, not the number 1" },
    { "ctx:emit('rows', { object = { a = { [true] = 1 } } })", "the keys of an object are strings, not a boolean: true" },
    { "ctx.emit('rows', {})", "write ctx:emit(…), with a colon" },
    { "ctx.add('k', 1)", "write ctx:add(…), with a colon" },
    { "for _ in doc.sentences() do end", "write doc:sentences(…), with a colon" },
    { "doc:freq { class = 'latn' }", "doc:freq: unknown class 'latn'; did you mean 'latin'?" },
    { "ctx:emit('rows', 3)", "a row is a table, not the integer 3" },
    { "print(ctx.options.tpo)", "option 'tpo' is not declared; did you mean 'top'?" },
    { "print(ctx.stat)", "ctx has no 'stat'; did you mean 'state'?" },
    { "ctx.mine = 1", "ctx.mine cannot be set: what is the plugin's own lives in ctx.state" },
    { "ctx:add({}, 1)", "ctx:add: a key is a string, number or boolean, not a table" },
    { "ctx:add('k', 'v')", "the value of key 'k' is a string; sums take numbers" },
    { "ctx:skip()", "ctx:skip: say why" },
    { "ctx:totals()", "the totals are complete only in `finish` and `report`" },
    { "ctx:rows('rows')", "the rows are complete only in `report`" },
    { "ctx:doc('a.txt')", 'declare needs = { "corpus" }' },
    { "ctx:output('top')", "no option 'top' of type \"output\" is declared" },
    { "count = 1", "assignment to undeclared global 'count'" },
    { "prnt(1)", "undeclared global 'prnt'; did you mean 'print'?" },
    { "print(corpus)", "undeclared global 'corpus'" },
  }
  local w <close> = workspace()
  for _, case in ipairs(cases) do
    put(w.dir .. "/p.lua", [[return {
      options = { { "top", type = "integer", default = 3 } },
      tables = { rows = { { "count", "integer" }, { "share", "number" }, { "list", "list" },
        { "object", "object" } } },
      map = function(doc, ctx)
        ]] .. case[1] .. "\nend }")
    local r = w.run("p.lua -f jsonl corpus")
    eq({ r.status, r.out }, { 3, "" }, case[1])
    has(r.err, "dsrun: p.lua:6: ")
    has(r.err, case[2])
    has(r.err, "article: a.txt")
  end
end)

test("rows_and_totals_belong_to_their_phases", function()
  for _, case in ipairs {
    { "setup = function(ctx) ctx:emit('t', {}) end, map = function() end,", "rows are emitted in `map` and `finish` only" },
    { "setup = function(ctx) ctx:add('k', 1) end, map = function() end,", "totals are added to in `map` only" },
    { "finish = function(ctx) ctx:skip('x') end, map = function() end,", "only `map` has an article to skip" },
  } do has(run_plugin(BOOM:format(case[1])).err, case[2]) end
  local r = run_plugin(BOOM:format("map = function() end, report = function(ctx) ctx:emit('t', {}) end,"), "corpus")
  has(r.err, "rows are emitted in `map` and `finish` only")
end)

test("misuse_of_the_report_is_an_error", function()
  for _, case in ipairs {
    { "r:tabel('t')", "r has no 'tabel'; did you mean 'table'?" },
    { "r:table('tt')", "table 'tt' is not declared" },
    { "r:table('t', { column = {} })", "unknown option 'column'; did you mean 'columns'?" },
    { "r:table('t', { columns = { 'm' } })", "table 't' has no column 'm'" },
    { "r.table('t')", "write r:table(…), with a colon" },
    { "r:table({ { nn = 1 } }, { columns = { 'mn' } })", "the list of rows has no column 'mn'; did you mean 'nn'?" },
    { "r:table(ctx:rows('t'), { columns = { 'm' } })", "table 't' has no column 'm'" },
    { "r:table('t', { sort = '-m' })", "table 't' has no column 'm'" },
    { "r:table('t', { sort = 3 })", "sort is a column, or a list of columns" },
    { "r:table('t', { limit = -1 })", "limit is a whole number not below 0, not -1" },
    { "r:bars({}, { sort = 'n' })", "sort is true or false" },
    { "r:bars({ { 'a', -1 } })", "item 1 must be { label, value } with a value not below 0" },
    { "r:series({ 3 })", "point 1 must be { x, y }" },
    { "r:evidence({ {} })", "item 1 must have `doc`" },
  } do
    local r = run_plugin(BOOM:format("map = function() end, report = function(ctx, r) " .. case[1] .. " end,"), "corpus")
    eq({ r.status, r.out }, { 3, "" }, case[1])
    has(r.err, case[2])
    has(r.err, "dsrun: p.lua:6: ")
  end
end)

test("a_report_keeps_declared_columns_sorts_and_tells_what_it_cuts", function()
  local r = run_plugin([[return { tables = { aa = { { "x", "integer" } }, t = { { "z", "string" }, { "n", "integer" } } },
    map = function() end,
    finish = function(ctx)
      for i, z in ipairs { "b", "a", "c" } do ctx:emit("t", { z = z, n = i ~= 3 and 5 or nil }) end
    end,
    report = function(ctx, r)
      local rows = ctx:rows("t")
      r:table(rows, { limit = 1 })
      r:table(rows, { sort = { "-n", "z" }, title = "sorted" })
      r:table("t", { sort = "n", columns = { "n", "z" } })
      r:table({ rows[3], rows[1] }, { columns = { "z", "x" } })
      r:table("aa", { limit = 0 })
      r:bars({ { "y", 1 }, { "b", 2 }, { "a", 2 } }, { sort = true, width = 2, limit = 2 })
      r:bars({})
      r:evidence({ { doc = "a.txt" } }, { limit = 0 })
    end }]], "-q corpus/a.txt")
  eq(r.err, "")
  eq(r.out, [[
z  n
----
b  5
  (1 of 3 rows shown; -f tsv --table t has all)

sorted
z  n
----
a  5
b  5
c

t
n  z
----
5  b
5  a
   c

z  x
----
c
b

aa
x
-
  (no rows)

  a  2 ██
  b  2 ██
  (2 of 3 bars shown)

  (nothing to draw)

  (0 of 1 passages shown)
]])
end)

-- ------------------------------------------------------------------ options

local OPTIONS = [[return {
  options = {
    { "top", type = "integer", default = 3, help = "rows" }, { "share", type = "number" }, { "name" },
    { "fold", type = "boolean", default = true, help = "fold variants" }, { "deep", type = "boolean" },
    { "by", type = "choice", choices = { "key", "word" }, default = "key" },
    { "words", type = "file" }, { "dir", type = "dir" },
  },
  tables = { t = { { "values", "object", "what was given" } } }, input = "none",
  finish = function(ctx)
    local values = {}
    for _, name in ipairs { "top", "share", "name", "fold", "deep", "by", "words", "dir" } do values[name] = ctx.options[name] end
    ctx:emit("t", { values = values })
  end,
}]]

test("options_get_their_declared_types_on_either_side_of_the_plugin", function()
  local w <close> = workspace { ["p.lua"] = OPTIONS, ["words"] = "" }
  local function values(args)
    local r = w.run(args)
    eq({ r.status, r.err }, { 0, "" }, args)
    return r.out
  end
  eq(values("-f jsonl p.lua"), '{"table":"t","values":{"by":"key","deep":false,"fold":true,"top":3}}\n')
  eq(values("-q p.lua --top=-7 --share 0.5 --name '' -f jsonl --no-fold --deep --by word --words words --dir corpus"),
    '{"table":"t","values":{"by":"word","deep":true,"dir":"./corpus","fold":false,"name":"","share":0.5,"top":-7,"words":"./words"}}\n')
end)

test("a_wrong_option_is_named_with_its_nearest", function()
  local w <close> = workspace { ["p.lua"] = OPTIONS }
  for _, case in ipairs {
    { "p.lua --tpo 3", "unknown option --tpo; did you mean --top?" },
    { "p.lua --forma text", "unknown option --forma; did you mean --format?" },
    { "--top 3 p.lua", "unknown option --top" },
    { "p.lua --top x", "--top wants an integer, not 'x'" },
    { "p.lua --top 1.5", "--top wants an integer, not '1.5'" },
    { "p.lua --share nan", "--share wants a number, not 'nan'" },
    { "p.lua --by wrod", "--by wants one of key, word (did you mean word?), not 'wrod'" },
    { "p.lua --top", "option --top needs a value" },
    { "p.lua --deep=1", "option --deep takes no value" },
    { "p.lua --words nowhere", "--words: nowhere: No such file or directory" },
    { "p.lua --words corpus", "--words: corpus: is a directory" },
    { "p.lua --dir p.lua", "--dir: p.lua: not a directory" },
    { "p.lua -f xml", "--format wants one of text, tsv, csv, jsonl" },
    { "p.lua --where x=1", "--where belongs to plugins that read articles" },
    { "p.lua --table t", "--table belongs to -f tsv and -f csv" },
    { "p.lua -f tsv --table tt", "p.lua has no table 'tt'" },
    { "-x p.lua", "unknown option -x" },
    { "", "no PLUGIN given" },
  } do
    local r = w.run(case[1])
    eq({ r.status, r.out }, { 2, "" }, case[1])
    has(r.err, "dsrun: ")
    has(r.err, case[2])
  end
end)

test("a_needed_option_is_asked_for", function()
  local r = run_plugin('return { options = { { "target", required = true } }, map = function() end }', "corpus")
  eq(r.status, 2)
  has(r.err, "option --target is needed")
end)

test("a_default_file_may_lie_beside_the_plugin", function()
  local source = [[return { input = "none", tables = { t = { { "path", "string" } } },
    options = { { "words", type = "file", default = "words.txt" }, { "terms", type = "file", default = "lexicons/pricewar.tsv" } },
    finish = function(ctx)
      ctx:emit("t", { path = ctx.options.words })
      ctx:emit("t", { path = ctx.options.terms:match("[^/]*/[^/]*$") })
    end }]]
  local w <close> = workspace { ["corpus/p.lua"] = source, ["corpus/words.txt"] = "词\n", ["p.lua"] = source }
  eq(w.run("corpus/p.lua -q -f tsv").out, "path\ncorpus/words.txt\nlexicons/pricewar.tsv\n")
  local r = w.run("p.lua -f tsv")
  eq(r.status, 2)
  has(r.err, "--words: not beside the plugin, in .; words.txt: not found beside the program or in ")
end)

test("help_is_made_from_options_and_tables", function()
  has(run_plugin("return { options = { { 'on', type = 'boolean', default = true } }, map = function() end }", "--help").out,
    "--on                    (on; --no-on turns it off)\n")
  local r = run_plugin(OPTIONS, "--help")
  eq({ r.status, r.err }, { 0, "" })
  for _, part in ipairs { "usage: dsrun p.lua [options] [ARGUMENT…]", "--top N", "rows (default: 3)", "--by key|word",
                          "fold variants (on; --no-fold turns it off)", "values", "object: what was given" } do
    has(r.out, part)
  end
end)

-- ------------------------------------------------------------------ what a run writes

local COUNT = [[return {
  tables = { articles = { { "doc", "string" }, { "chars", "integer" } }, zz = { { "key", "string" }, { "sum", "number" } } },
  map = function(doc, ctx)
    if doc.id == "c.md" then return ctx:skip("short") end
    ctx:emit("articles", { doc = doc.id, chars = ds.utf8.len(doc.text) })
    ctx:add("chars", ds.utf8.len(doc.text))
    ctx:add("tenths", 0.1)
  end,
  finish = function(ctx)
    ctx:emit("articles", { doc = "(end)" })
    for key, sum in ctx:totals() do ctx:emit("zz", { key = key, sum = sum }) end
  end,
}]]

test("rows_come_by_article_and_then_those_of_finish", function()
  local w <close> = workspace { ["p.lua"] = COUNT }
  local r = w.run("p.lua -f jsonl corpus/b.txt corpus/c.md corpus/a.txt")
  eq(r.out, [[
{"table":"articles","doc":"a.txt","chars":6}
{"table":"articles","doc":"b.txt","chars":16}
{"table":"articles","doc":"(end)","chars":null}
{"table":"zz","key":"chars","sum":22}
{"table":"zz","key":"tenths","sum":0.2}
]])
  eq({ r.status, r.err }, { 0, "dsrun: 3 articles read, 1 skipped (short: 1)\n" })
end)

test("tsv_and_csv_write_one_table", function()
  local w <close> = workspace { ["p.lua"] = COUNT }
  local r = w.run("p.lua -f tsv corpus")
  eq(r.out, "doc\tchars\na.txt\t6\nb.txt\t16\n(end)\t\n")
  has(r.err, "table 'articles' of articles, zz; --table NAME writes another")
  r = w.run("p.lua -q -f csv --table zz corpus")
  eq({ r.out, r.err }, { "key,sum\nchars,22\ntenths,0.2\n", "" })
end)

test("a_run_repeats_to_the_byte_and_follows_the_seed", function()
  local source = [[return { tables = { t = { { "doc", "string" }, { "r", "integer" } } },
    map = function(doc, ctx) ctx:emit("t", { doc = doc.id, r = math.random(1 << 40) }) end }]]
  local w <close> = workspace { ["p.lua"] = source }
  local all, other = w.run("-q p.lua -f csv corpus").out, w.run("-q --seed 2 p.lua -f csv corpus").out
  eq(w.run("-q p.lua -f csv corpus").out, all)
  ok(all ~= other)
  has(all, w.run("-q p.lua -f csv corpus/b.txt").out:match("\n(.*)")) -- an article draws the same alone
end)

test("where_selects_articles", function()
  local w <close> = workspace { ["p.lua"] = COUNT }
  local r = w.run("p.lua -f tsv -q --where 'script = Hant' corpus")
  has(r.out, "a.txt")
  ok(not r.out:find("b.txt", 1, true))
  r = w.run("p.lua --where 'script =' corpus")
  eq(r.status, 2)
  has(r.err, "--where: ")
end)

test("a_condition_that_never_holds_and_an_unknown_field_are_told", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["s.lua"] = "for d in corpus:docs() do print(d.id) end" }
  local r = w.run("p.lua -f tsv --table zz --where 'datum > 3' corpus")
  eq({ r.status, r.out }, { 0, "key\tsum\n" })
  eq(r.err, "dsrun: --where: none of the articles has a field 'datum'; did you mean 'date'?\n" ..
    "dsrun: --where holds for none of 3 articles\ndsrun: 0 articles read\n")
  r = w.run("p.lua -f tsv --table zz --where 'not datum = 3 and id != x and date < 2026' corpus")
  eq(r.err, "dsrun: --where: none of the articles has a field 'datum'; did you mean 'date'?\ndsrun: 1 article read, 1 skipped (short: 1)\n")
  eq(w.run("p.lua -f tsv --table zz --where 'date = 2025' corpus").err, "dsrun: 1 article read, 1 skipped (short: 1)\n")
  r = w.run("s.lua --where 'date = 2031' corpus")
  eq({ r.status, r.out, r.err }, { 0, "", "dsrun: --where holds for none of 3 articles\n" })
  eq(w.run("s.lua -q --where 'date = 2031' corpus").err, "")
  eq(w.run("s.lua -q --where 'datum = 2031' corpus").err,
    "dsrun: --where: none of the articles has a field 'datum'; did you mean 'date'?\n")
  put(w.dir .. "/s.lua", "for i = 1, 2 do for d in corpus:docs() do end end for d in corpus:docs { where = 'x = 1' } do end")
  eq(w.run("s.lua --where 'date = 2031' corpus").err, "dsrun: --where holds for none of 3 articles\n")
  put(w.dir .. "/s.lua", "for d in corpus:docs() do break end")
  eq(w.run("s.lua --where 'id = a.txt or datum = 3' corpus").err, "") -- not all have been seen
end)

test("text_that_is_piped_but_not_read_is_told", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["s.lua"] = "local n = 0 for _ in corpus:docs() do n = n + 1 end print(n > 3)" }
  local hint = "dsrun: standard input is not read; name it with -\n"
  local r = w.run("p.lua -f tsv --table zz", "text\n")
  eq(r.err:gsub("%d+ articles", "N articles"), hint .. "dsrun: N articles read (the bundled corpus)\n")
  ok(not w.run("p.lua -f tsv --table zz").err:find("standard input", 1, true), "nothing waits")
  ok(not w.run("p.lua -f tsv --table zz corpus", "text\n").err:find("standard input", 1, true), "a corpus is named")
  ok(not w.run("p.lua -f tsv --table zz -", "text\n").err:find("standard input", 1, true), "it is read")
  eq(w.run("-q p.lua -f tsv --table zz", "text\n").err, "")
  eq({ w.run("s.lua", "text\n").out, w.run("s.lua", "text\n").err }, { "true\n", hint })
  os.execute(("cd %s && echo text | %s info > /dev/null 2> .err"):format(w.dir, DSRUN))
  has(w.read(".err"), hint)
end)

test("files_passed_over_are_counted", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["corpus/x.JSON"] = "{}", ["corpus/noending"] = "x", ["corpus/y.json"] = "{}",
    ["corpus/.hidden"] = "x", ["corpus/.hidden.txt"] = "x" }
  local r = w.run("p.lua -f tsv --table zz corpus")
  eq({ r.status, r.err }, { 0, "dsrun: 3 articles read, 1 skipped (short: 1), 3 other files passed over: no ending, .json\n" })
  has(w.run("p.lua -f tsv --table zz corpus corpus/noending").err, "2 other files passed over: .json\n")
end)

test("output_appears_whole_or_not_at_all", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["bad.lua"] = BOOM:format("map = function() inner({}) end,") }
  eq(w.run("p.lua -q -f jsonl -o rows.jsonl corpus").out, "")
  has(w.read("rows.jsonl"), '"doc":"a.txt"')
  eq(w.run("bad.lua -o rows.jsonl corpus").status, 3)
  has(w.read("rows.jsonl"), '"doc":"a.txt"')
  eq(w.run("bad.lua -o none.jsonl corpus").status, 3)
  eq(w.read("none.jsonl"), nil)
  eq(w.run("p.lua -o no/such/dir corpus").status, 1)
  local list <close> = io.popen("ls -A " .. w.dir)
  eq(list:read("a"), ".err\n.in\n.out\nbad.lua\ncorpus\np.lua\nrows.jsonl\n")
end)

test("files_of_ctx_output_appear_when_the_run_has_succeeded", function()
  local source = [[return { options = { { "save", type = "output" } },
    map = function(doc, ctx) ctx:add("articles", 1) end,
    finish = function(ctx)
      local file = ctx:output("save", "default.txt")
      for key, n in ctx:totals() do file:write(n, " "):write(key, "\n") end
    end,
    report = function(ctx, r) for _, n in ctx:totals() do if n == 1 then error("late") end end end }]]
  local w <close> = workspace { ["p.lua"] = source }
  eq(w.run("p.lua --save mine.txt corpus").status, 0)
  eq(w.read("mine.txt"), "3 articles\n")
  eq(w.run("p.lua corpus").status, 0)
  local r = w.run("p.lua corpus")
  eq(r.status, 1)
  has(r.err, "default.txt: is there already and is never overwritten; --save FILE writes elsewhere")
  eq(w.run("p.lua --save mine.txt corpus").status, 0)
  eq(w.run("p.lua --save other.txt corpus/a.txt").status, 3)
  eq(w.read("other.txt"), nil)
end)

test("needs_corpus_reads_articles_again", function()
  local r = run_plugin([[return { needs = { "corpus" }, tables = { t = { { "text", "string" } } },
    map = function() end,
    finish = function(ctx) ctx:emit("t", { text = ctx:doc("b.txt").title .. tostring(ctx:doc("zz")) }) end }]])
  eq(r.out, '{"table":"t","text":"标题乙nil"}\n')
end)

test("evidence_shows_the_sentence_around_a_span", function()
  local r = run_plugin([[return { tables = { t = { { "doc", "string" }, { "from", "integer" }, { "to", "integer" } } },
    map = function(doc, ctx)
      local from, to = doc.text:find("价格战", 1, true)
      if from then ctx:emit("t", { doc = doc.id, from = from, to = to }) end
    end,
    report = function(ctx, r) r:evidence(ctx:rows("t"), { title = "Where" }) end }]], "corpus")
  eq(r.out, "Where\n  b.txt:31-39\n    第二句话，【价格战】来了！\n")
end)

test("a_plugin_without_tables_has_only_a_report", function()
  local source = "return { map = function() end, report = function(_, r) r:note('seen') end }"
  eq(run_plugin(source, "-q corpus").out, "seen\n")
  local r = run_plugin(source, "-f jsonl corpus")
  eq(r.status, 2)
  has(r.err, "declares no tables: only -f text has something to show")
end)

test("print_of_a_plugin_is_talk_wherever_it_stands", function()
  local source = "print('top')\nreturn { map = function() print('map') end, report = function(_, r) r:note('page') end }"
  local r = run_plugin(source, "-q corpus/a.txt")
  eq({ r.out, r.err }, { "page\n", "top\nmap\n" })
  r = run_plugin(("for _ = 1, 300 do print(('x'):rep(1000)) end\n") .. source, "-q corpus/a.txt")
  eq({ r.out, #r.err }, { "page\n", 300 * 1001 + 8 })
  eq(run_plugin(("for _ = 1, 3000 do print(('x'):rep(1000)) end\n"), "corpus").out, (("x"):rep(1000) .. "\n"):rep(3000))
end)

test("print_of_a_plugin_does_not_touch_the_data", function()
  local r = run_plugin([[return { tables = { t = { { "n", "integer" } } },
    map = function(doc, ctx) print("at", doc.id) ctx:emit("t", { n = 1 }) end }]], "-q -f csv corpus/a.txt")
  eq({ r.out, r.err }, { "n\n1\n", "at\ta.txt\n" })
end)

-- ------------------------------------------------------------------ bad input

test("rejected_input_is_named_and_the_rest_goes_on", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["bad.txt"] = "标题\n\n坏\xFF字。\n", ["empty.txt"] = "" }
  local r = w.run("p.lua -f tsv bad.txt corpus/a.txt nowhere.txt empty.txt")
  eq(r.out, "doc\tchars\na.txt\t6\n(end)\t\n")
  eq(r.status, 1)
  has(r.err, "dsrun: bad.txt: byte ")
  has(r.err, "dsrun: nowhere.txt: No such file or directory\n")
  has(r.err, "dsrun: empty.txt: ")
  has(r.err, "dsrun: 1 article read, 3 inputs rejected\n")
end)

test("on_error_stop_ends_at_the_first_and_collect_lists_at_the_end", function()
  local w <close> = workspace { ["p.lua"] = COUNT:gsub("ctx:skip%(\"short\"%)", "error(\"late\")"), ["bad.txt"] = "\xFF\xFF\xFF\xFE" }
  local r = w.run("p.lua -f tsv --on-error stop bad.txt corpus/a.txt")
  eq({ r.status, r.out }, { 1, "" })
  has(r.err, "dsrun: bad.txt: ")
  ok(not r.err:find("read", 1, true))
  r = w.run("p.lua -f tsv -q --on-error collect bad.txt nowhere corpus/a.txt")
  eq(r.status, 1)
  has(r.out, "a.txt\t6")
  has(r.err, "nowhere: No such file")
  r = w.run("p.lua -f tsv --on-error collect nowhere corpus") -- collected messages survive an error of the plugin
  eq(r.status, 3)
  has(r.err, "dsrun: nowhere: No such file or directory\n")
end)

test("a_line_of_30_mb_is_rejected_and_the_rest_goes_on", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["long.txt"] = ("价格战！"):rep(30 * 1024 * 1024 // 12) }
  local r = w.run("p.lua -q -f csv long.txt corpus/a.txt")
  eq({ r.status, r.out }, { 1, "doc,chars\na.txt,6\n(end),\n" })
  has(r.err, "dsrun: long.txt: line 1: a line of 31457280 bytes")
end)

test("nothing_read_is_no_report", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["bad.txt"] = "\xFF\xFF" }
  local r = w.run("p.lua -o page.txt bad.txt")
  eq({ r.status, r.out, w.read("page.txt") }, { 1, "", nil })
  has(r.err, "dsrun: 0 articles read, 1 input rejected\n")
  r = w.run("stance bad.txt")
  eq({ r.status, r.out }, { 1, "" })
  r = w.run("p.lua -", "")
  eq({ r.status, r.out }, { 1, "" })
  has(r.err, "dsrun: standard input is empty\n")
end)

test("nothing_to_read_is_a_rejected_input", function()
  local w <close> = workspace { ["p.lua"] = COUNT }
  os.execute("mkdir " .. w.dir .. "/none")
  local r = w.run("p.lua -f tsv nowhere")
  eq(r.status, 1)
  has(r.err, "nowhere: No such file")
  r = w.run("p.lua -f tsv none")
  eq(r.status, 1)
  has(r.err, "none: a directory without articles")
end)

test("a_bad_user_dictionary_line_is_named", function()
  local w <close> = workspace { ["p.lua"] = COUNT, ["words"] = "价格大战\n坏\xFF词 3\n" }
  local r = w.run("p.lua -f tsv --user-dict words corpus/a.txt")
  eq(r.status, 1)
  has(r.err, "dsrun: ./words: line 2: ")
  has(r.out, "a.txt")
  r = w.run("segment --user-dict words", "价格大战\n")
  eq({ r.status, r.out }, { 1, "价格大战\n" })
  has(r.err, "dsrun: ./words: line 2: ")
end)

test("ctx_reject_counts_as_rejected_input", function()
  local r = run_plugin([[return { setup = function(ctx) ctx:reject("terms.tsv:3: no label") end,
    map = function() end, report = function(_, r) r:note("done") end }]], "-q corpus")
  eq({ r.status, r.out, r.err }, { 1, "done\n", "dsrun: terms.tsv:3: no label\n" })
end)

-- ------------------------------------------------------------------ lines

local LINES = [[return { input = "lines", tables = { t = { { "n", "integer" }, { "len", "integer" } } },
  map = function(line, n, ctx) ctx.state.line = line ctx:emit("t", { n = n, len = #line }) end,
  render = function(row, name, ctx) return name .. row.n .. "|" .. ctx.state.line end }]]

test("lines_are_bytes_and_keep_their_ends", function()
  local input = "a\r\n\xFF\0b\n\nlast"
  eq(run_plugin(LINES, "", input).out, "t1|a\r\nt2|\xFF\0b\nt3|\nt4|last")
  eq(run_plugin(LINES, "-f tsv -", input).out, "n\tlen\n1\t2\n2\t3\n3\t0\n4\t4\n")
  eq(run_plugin(LINES, "-f jsonl corpus/../.in", input).out:match("^[^\n]*"), '{"table":"t","n":1,"len":2}')
  eq(run_plugin(LINES, "", "").out, "")
end)

test("lines_are_left_alone_when_setup_wants_none", function()
  local source = [[return { input = "lines", tables = { t = { { "n", "integer" } } },
    setup = function(ctx) ctx:no_input() end,
    map = function() error("a line was read") end,
    finish = function(ctx) ctx:emit("t", { n = 7 }) end }]]
  local r = run_plugin(source, "-f tsv", "a line\n")
  eq({ r.status, r.out, r.err }, { 0, "n\n7\n", "" })
  r = run_plugin(source, "-f tsv corpus")
  eq({ r.status, r.out }, { 2, "" })
  has(r.err, "p.lua: no operand such as corpus is wanted here")
  r = run_plugin([[return { input = "none", setup = function(ctx) ctx:no_input() end, finish = function() end }]], "")
  eq(r.status, 3)
  has(r.err, "ctx:no_input: it belongs to plugins that read articles or lines")
end)

test("articles_are_left_alone_when_setup_wants_none", function()
  local source = [[return { tables = { t = { { "n", "integer" } } }, setup = function(ctx) ctx:no_input() end,
    map = function() error("an article was read") end, finish = function(ctx) ctx:emit("t", { n = 7 }) end }]]
  local r = run_plugin(source, "-f tsv -j 2")
  eq({ r.status, r.out, r.err }, { 0, "n\n7\n", "" })
  eq(run_plugin(source, "corpus").status, 2)
  r = run_plugin(source, "--map", "")
  eq(r.status, 2)
  has(r.err, "reads no articles with these options")
end)

test("lines_errors_name_the_line", function()
  local source = 'return { input = "lines", map = function(line, n) if n == 2 then error("bad") end end, render = function() end }'
  local r = run_plugin(source, "", "x\ny\nz\n")
  eq(r.status, 3)
  has(r.err, "dsrun: p.lua:1: bad\n  phase: map\n  line: 2\n")
  r = run_plugin(LINES, "nowhere .in", "x\n")
  eq({ r.status, r.out }, { 1, "t1|x\n" })
  has(r.err, "nowhere: No such file or directory")
end)

-- ------------------------------------------------------------------ plain scripts

test("a_file_that_returns_nothing_is_a_script", function()
  local w <close> = workspace { ["s.lua"] = "for doc in corpus:docs() do print(doc.id, #arg, arg[1]) end" }
  local r = w.run("s.lua corpus")
  eq({ r.status, r.out, r.err }, { 0, "a.txt\t1\tcorpus\nb.txt\t1\tcorpus\nc.md\t1\tcorpus\n", "" })
  r = w.run("s.lua --where 'date = 2025-02' -o out.txt corpus nowhere")
  eq({ r.status, r.out, w.read("out.txt") }, { 1, "", "c.md\t2\tcorpus\n" })
  has(r.err, "nowhere: No such file")
  r = w.run("s.lua --help")
  has(r.out, "A plain script")
  r = w.run("s.lua -f tsv corpus")
  eq(r.status, 2)
  has(r.err, "--format belongs to plugins with tables")
  r = w.run("s.lua --nope corpus")
  eq({ r.status, r.out }, { 2, "" })
  put(w.dir .. "/s.lua", "print(1)\nlocal x = nil + 1")
  r = w.run("s.lua")
  eq({ r.status, r.out }, { 3, "1\n" })
  has(r.err, "s.lua:2: attempt to perform arithmetic")
end)

test("code_of_e_runs_over_the_operands", function()
  local w <close> = workspace()
  eq(w.run("-e 'n = 0 for d in corpus:docs() do n = n + #d.text end print(n, #arg)' corpus").out, "81\t1\n")
  eq(w.run("-e 'print(ds.version)'").status, 0)
  local r = w.run("-e 'x x'")
  eq(r.status, 3)
  has(r.err, "dsrun: -e:1: syntax error")
  r = w.run("-e 'error(\"no\")'")
  eq(r.status, 3)
  has(r.err, "dsrun: -e:1: no")
end)

-- ------------------------------------------------------------------ the program

test("signals_and_full_disks_end_cleanly", function()
  local w <close> = workspace { ["p.lua"] = "return { tables = { t = { { 'n', 'integer' } } },\n" ..
    "map = function() while true do pcall(function() while true do end end) end end }" }
  os.execute(("cd %s && (%s p.lua -o out.txt corpus 2> .err & p=$!; sleep 0.5; kill -INT $p; wait $p; echo $? > .out)")
    :format(w.dir, DSRUN))
  eq({ w.read(".out"), w.read(".err") }, { "130\n", "dsrun: interrupted\n" })
  local list <close> = io.popen("ls -A " .. w.dir)
  eq(list:read("a"), ".err\n.out\ncorpus\np.lua\n")
  os.execute(("cd %s && (%s cat -f jsonl corpus > /dev/full 2> .err; echo $? > .out)"):format(w.dir, DSRUN))
  eq({ w.read(".out"), w.read(".err") }, { "1\n", "dsrun: standard output: No space left on device\n" })
  put(w.dir .. "/big", ("价格战\n"):rep(30000))
  os.execute(("cd %s && (%s segment big 2> .err; echo $? > .status) | head -n 1 > .out"):format(w.dir, DSRUN))
  eq({ w.read(".out"), w.read(".err"), w.read(".status") }, { "价格战\n", "", "141\n" })
end)

test("closed_standard_files_do_no_harm", function()
  local w <close> = workspace { ["p.lua"] = COUNT }
  local function run(args) return select(3, os.execute(("cd %s && %s %s"):format(w.dir, DSRUN, args))) end
  eq(run("p.lua -f csv corpus >&- 2> .err"), 1)
  has(w.read(".err"), "dsrun: standard output: Bad file descriptor")
  eq(run("p.lua -f csv -o rows.csv corpus >&- 2>&-"), 0)
  has(w.read("rows.csv"), "doc,chars\na.txt,6\n")
  ok(not w.read("rows.csv"):find("dsrun", 1, true))
  eq(run("segment <&- 2> .err"), 1)
  has(w.read(".err"), "standard input: Bad file descriptor")
end)

-- Whether a program can be run on a pseudo-terminal here.
local function has_terminals() return os.execute("script -qec true /dev/null < /dev/null > /dev/null 2>&1") == true end

test("progress_shows_on_a_terminal_only", function()
  if not has_terminals() then T.skip("no pseudo-terminal: needs the program `script` and /dev/pts") end
  local w <close> = workspace { ["p.lua"] = COUNT, ["slow.lua"] = [[return { map = function()
    local s = 0
    for i = 1, 4000000 do s = s + i end end, report = function() end }]] }
  local function talk(args)
    os.execute(("cd %s && script -qec '%s %s > .out' /dev/null < /dev/null > .err"):format(w.dir, DSRUN, args))
    return w.read(".err")
  end
  local text = talk("slow.lua corpus corpus/a.txt")
  has(text, " articles, ")
  has(text, " left")
  has(text, "\r\27[K")
  has(text, "dsrun: 3 articles read")
  eq(talk("slow.lua -q corpus"), "")
  ok(not talk("slow.lua --no-progress corpus"):find("\27", 1, true))
end)

test("colour_is_for_terminals_and_respects_no_color", function()
  if not has_terminals() then T.skip("no pseudo-terminal: needs the program `script` and /dev/pts") end
  local w <close> = workspace { ["p.lua"] = "return { map = function() end, report = function(_, r) r:heading('H') end }" }
  local function page(env)
    os.execute(("cd %s && script -qec '%s %s -q p.lua corpus' /dev/null < /dev/null > .out"):format(w.dir, env, DSRUN))
    return w.read(".out")
  end
  eq(page("NO_COLOR= "), "\27[1mH\27[0m\r\n=\r\n")
  eq(page("NO_COLOR=1"), "H\r\n=\r\n")
  eq(w.run("-q p.lua corpus").out, "H\n=\n")
end)

test("list_and_version_and_help_answer", function()
  local w <close> = workspace()
  eq(w.run("--version").out:match("^dsrun ([^ ]+) %(%w+%)\n$"), require("ds").version)
  has(w.run("--list").out, "segment")
  has(w.run("--help").out, "usage: dsrun [options] PLUGIN [options] [CORPUS…]")
end)

test("a_program_without_its_data_says_where_it_looked", function()
  local w <close> = workspace()
  os.execute(("cp %s %s/dsrun"):format(DSRUN, w.dir))
  local here = require("ds.c.sys").realpath(w.dir)
  for _, case in ipairs { { "stance", "no plugin is called 'stance'\n  there are no plugins in " }, { "--list", "there are no plugins in " } } do
    local _, _, status = os.execute(("cd %s && ./dsrun %s > .out 2> .err"):format(w.dir, case[1]))
    if w.read(".out") ~= "" then T.skip("ds is installed") end
    eq(status, 2, case[1])
    has(w.read(".err"), case[2] .. here .. "/plugins, ")
    has(w.read(".err"), "set DS_DATA to the directory that holds `plugins`")
  end
  os.execute(("cd %s && DS_DATA=%s ./dsrun --list > .out 2> .err"):format(w.dir, DSRUN:match("^(.*)/")))
  has(w.read(".out"), "stance")
end)

test("values_that_make_no_sense_are_wrong_usage", function()
  local w <close> = workspace { ["empty.tsv"] = "# nothing\n" }
  for _, case in ipairs {
    { "freq --class foo", "--class wants one of han, latin," },
    { "freq --top -1", "freq: --top is a number of rows, not below 0" },
    { "freq --pos '['", "freq: --pos '[': malformed pattern (missing ']')" },
    { "freq --pos 'nr('", "freq: --pos 'nr(': unfinished capture" },
    { "freq --pos 'n%'", "freq: --pos 'n%': malformed pattern (ends with '%')" },
    { "stance --target ''", "stance: --target is a name" },
    { "stance --evidence -1", "stance: --evidence is a number of passages, not below 0" },
  } do
    local r = w.run(case[1] .. " corpus")
    eq({ r.status, r.out }, { 2, "" }, case[1])
    has(r.err, case[2])
  end
  local r = w.run("pricewar -f tsv -q --terms empty.tsv corpus")
  eq({ r.status, r.err }, { 1, "dsrun: ./empty.tsv: no terms\n" })
end)

test("a_target_that_nobody_names_is_told", function()
  local w <close> = workspace()
  has(w.run("stance -q --target 张三丰 -f tsv --table articles corpus").err, "stance: '张三丰' is in no line of ")
  eq(w.run("stance -q --target DeepSeek -f tsv --table articles corpus").err, "") -- listed
  eq(w.run("stance -q --target 馬斯克 -f tsv --table articles corpus").err, "")
  eq(w.run("stance -q --target 價格戰 -f tsv --table articles corpus").err, "") -- not listed, but named
end)

test("install_takes_the_public_headers_only", function()
  local pipe <close> = assert(io.popen("env -u MAKEFLAGS make -n -o all install DESTDIR=/nowhere 2> /dev/null"))
  local headers = pipe:read("a"):match("install %-m 644 (core/[^\n]*%.h) [^\n]*/include/ds\n")
  has(ok(headers, "headers are installed"), "core/utf8.h")
  ok(not headers:find("_int.h", 1, true) and not headers:find("_lookup.h", 1, true), headers)
end)

test("stock_plugins_load_and_tell_what_they_do", function()
  local w <close> = workspace()
  for name in w.run("--list").out:gmatch("%s+(%l+)[^\n]*") do
    local r = w.run(name .. " --help")
    eq({ r.status, r.err }, { 0, "" }, name)
    has(r.out, "usage: dsrun " .. name)
  end
end)

test("new_writes_a_plugin_that_runs_at_once", function()
  local w <close> = workspace()
  local r = w.run("new mine")
  eq({ r.status, r.err }, { 0, "" })
  r = w.run("./mine.lua -q -f tsv corpus")
  eq({ r.status, r.out }, { 0, "doc\tsentences\tlong\na.txt\t1\t0\nb.txt\t2\t0\nc.md\t1\t0\n" })
  r = w.run("new mine")
  eq(r.status, 1)
  has(r.err, "mine.lua: is there already and is never overwritten; --to FILE writes elsewhere")
  r = w.run("mine")
  eq(r.status, 2)
  has(r.err, "no plugin is called 'mine'; to run the file write ./mine.lua\n")
  eq(w.run("new mine --to other.lua").status, 0)
  eq(w.run("new").status, 2)
  eq(w.run("new a/b").status, 2)
  local lines = select(2, w.read("mine.lua"):gsub("\n", "\n"))
  ok(lines <= 18, "lines of the scaffold: " .. lines)
end)

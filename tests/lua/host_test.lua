-- host_test.lua: what the host is made of: files, command line, JSON, ordered globals, sums, writers.
local T = require "testing"
require "ds"
local c_json = require "ds.c.json"
local getopt = require "ds.c.getopt"
local sys = require "ds.c.sys"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local function temp_dir()
  local dir = os.tmpname()
  os.remove(dir)
  ok(os.execute("mkdir " .. dir))
  return setmetatable({ path = dir }, { __close = function() os.execute("rm -rf " .. dir) end })
end

local function put(path, bytes)
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
end

local function listing(dir)
  local list = {}
  for i, e in ipairs(sys.list_dir(dir)) do list[i] = e.name end
  return list
end

-- ------------------------------------------------------------------ ds.c.sys

test("list_dir_is_sorted_by_bytes_and_knows_kinds", function()
  local d <close> = temp_dir()
  for _, name in ipairs { "b", "é", "B", ".hidden", "a b" } do put(d.path .. "/" .. name, "") end
  os.execute(("mkdir %s/dir && ln -s dir %s/link && ln -s nowhere %s/broken"):format(d.path, d.path, d.path))
  eq(listing(d.path), { ".hidden", "B", "a b", "b", "broken", "dir", "link", "é" })
  local by = {}
  for _, e in ipairs(sys.list_dir(d.path)) do by[e.name] = e end
  eq({ by.b.kind, by.dir.kind, by.link.kind, by.link.link, by.broken.kind }, { "file", "dir", "dir", true, "other" })
end)

test("failed_calls_name_the_path_and_the_reason", function()
  for _, f in ipairs { sys.list_dir, sys.stat, sys.read_file, sys.realpath, sys.lines } do
    local got, message = f("/no/such/path")
    eq(got, nil)
    eq(message, "/no/such/path: No such file or directory")
  end
  local got, message = sys.read_file("/")
  eq({ got, message }, { nil, "/: Is a directory" })
end)

test("read_file_gives_every_byte", function()
  local d <close> = temp_dir()
  local path = d.path .. "/x"
  for _, n in ipairs { 0, 1, 65535, 65536, 65537, 300000 } do
    local bytes = ("\0\r\n\xFFab"):rep(n // 6 + 1):sub(1, n)
    put(path, bytes)
    ok(sys.read_file(path) == bytes, "size " .. n)
    eq(sys.stat(path).size, n)
  end
  ok(#sys.read_file("/proc/self/status") > 0, "a file whose size the system gives as 0")
end)

test("lines_keep_bytes_and_tell_whether_a_newline_followed", function()
  local d <close> = temp_dir()
  local path = d.path .. "/x"
  local function all(bytes)
    put(path, bytes)
    local reader, list = assert(sys.lines(path)), {}
    for line, ended in reader.read, reader do list[#list + 1] = { line, ended } end
    return list
  end
  eq(all(""), {})
  eq(all("\n"), { { "", true } })
  eq(all("a\r\n\0b\n\nlast"), { { "a\r", true }, { "\0b", true }, { "", true }, { "last", false } })
  local long = ("x"):rep(200000)
  eq(all(long .. "\n" .. long), { { long, true }, { long, false } })
end)

test("lines_pending_tells_when_read_will_not_wait", function()
  local pipe <close> = assert(io.popen("mktemp -u"))
  local fifo = pipe:read("l")
  ok(os.execute("mkfifo " .. fifo))
  ok(os.execute(("(printf 'a\\nb\\nhalf'; sleep 0.2; echo) > %s &"):format(fifo)))
  local reader, seen = assert(sys.lines(fifo)), {}
  os.remove(fifo)
  repeat
    seen[#seen + 1] = reader:pending()
    local line = reader:read()
  until not line
  eq(seen, { false, true, false, false })
end)

test("a_closed_reader_and_writer_raise", function()
  local reader = sys.lines("/dev/null")
  reader:close()
  reader:close()
  raises("closed ds.sys.lines", reader.read, reader)
  local writer = sys.open_atomic("/dev/null")
  writer:abort()
  writer:abort()
  raises("closed ds.sys.writer", writer.write, writer, "x")
end)

test("open_atomic_shows_the_file_whole_or_not_at_all", function()
  local d <close> = temp_dir()
  local path = d.path .. "/out"
  local w = assert(sys.open_atomic(path))
  ok(w:write("one ", 2, " ", ("z"):rep(100000)))
  eq(sys.stat(path), nil)
  eq(w:commit(), true)
  eq(sys.read_file(path), "one 2 " .. ("z"):rep(100000))
  w = assert(sys.open_atomic(path))
  w:write("other")
  w:abort()
  eq(#sys.read_file(path), 100006)
  do
    local closed <close> = sys.open_atomic(path)
    closed:write("other")
  end
  sys.open_atomic(path):write("other")
  collectgarbage()
  collectgarbage()
  eq(listing(d.path), { "out" })
end)

test("open_atomic_new_never_replaces", function()
  local d <close> = temp_dir()
  local path = d.path .. "/out"
  local w = assert(sys.open_atomic(path, true))
  w:write("first")
  put(path, "came between")
  local done, message = w:commit()
  eq({ done, message }, { nil, path .. ": File exists" })
  local again
  again, message = sys.open_atomic(path, true)
  eq({ again, message }, { nil, path .. ": File exists" })
  eq(sys.read_file(path), "came between")
  eq(listing(d.path), { "out" })
end)

test("open_atomic_follows_links_and_keeps_permissions", function()
  local d <close> = temp_dir()
  put(d.path .. "/real", "old")
  os.execute(("chmod 640 %s/real && ln -s real %s/link"):format(d.path, d.path))
  local w = assert(sys.open_atomic(d.path .. "/link"))
  w:write("new")
  eq(w:commit(), true)
  eq(sys.read_file(d.path .. "/real"), "new")
  ok(os.execute(("test -L %s/link && test $(stat -c %%a %s/real) = 640"):format(d.path, d.path)))
end)

test("open_atomic_writes_devices_directly_and_refuses_directories", function()
  local w = assert(sys.open_atomic("/dev/null"))
  w:write("x")
  eq(w:commit(), true)
  ok(sys.stat("/dev/null").kind == "other")
  local d <close> = temp_dir()
  local none, message = sys.open_atomic(d.path)
  eq({ none, message }, { nil, d.path .. ": Is a directory" })
end)

test("a_full_disk_is_noticed", function()
  if not sys.stat("/dev/full") then T.skip("no /dev/full") end
  local w = sys.open_atomic("/dev/full")
  w:write("x")
  local done, message = w:commit()
  eq({ done, message }, { nil, "/dev/full: No space left on device" })
end)

test("module_dir_is_where_the_module_lies", function()
  eq(sys.module_dir(), sys.realpath(BUILD))
end)

test("waiting_tells_of_bytes_in_a_file_or_a_pipe", function()
  local lua = arg[-1] or "lua5.4"
  local script = ("package.cpath = [[%s/?.so]] require [[ds]] print(require [[ds.c.sys]].waiting(0))"):format(BUILD)
  for _, case in ipairs { { "printf x | (sleep 0.2; RUN)", "true" }, { ": | (sleep 0.1; RUN)", "false" },
                          { "RUN < Makefile", "true" }, { "RUN < /dev/null", "false" }, { "RUN <&-", "false" } } do
    local pipe <close> = assert(io.popen((case[1]:gsub("RUN", function() return ("%s -e '%s'"):format(lua, script) end))))
    eq(pipe:read("l"), case[2], case[1])
  end
end)

-- ------------------------------------------------------------------ ds.c.getopt

local SPEC = {
  { name = "format", short = "f", arg = true }, { name = "quiet", short = "q" }, { name = "form-feed" },
  { name = "no-progress" },
}

local function parsed(args, stop)
  local given, operands, word = getopt.parse(args, SPEC, stop)
  if not given then return operands .. " " .. word end
  local parts = {}
  for i, g in ipairs(given) do parts[i] = g.name .. (g.value and "=" .. g.value or "") end
  return table.concat(parts, ",") .. "|" .. table.concat(operands, ",")
end

test("getopt_reads_long_and_short_options_between_operands", function()
  eq(parsed {}, "|")
  eq(parsed { "a", "-f", "x", "b", "--format", "y", "--format=z", "-fw", "-qf", "v", "c" },
    "format=x,format=y,format=z,format=w,quiet,format=v|a,b,c")
  eq(parsed { "--format=", "-" }, "format=|-")
  eq(parsed { "-q", "--", "-q", "--format" }, "quiet|-q,--format")
  eq(parsed { "--format", "--quiet" }, "format=--quiet|")
  eq(parsed { "马斯克", "--format", "价格战" }, "format=价格战|马斯克")
end)

test("getopt_stops_at_the_first_operand_when_told", function()
  eq(parsed({ "-q", "plugin", "--target", "x", "-f" }, true), "quiet|plugin,--target,x,-f")
  eq(parsed({ "-q", "--", "plugin", "-q" }, true), "quiet|plugin,-q")
  eq(parsed({ "-q" }, true), "quiet|")
end)

test("getopt_names_the_word_that_is_wrong", function()
  eq(parsed { "--nope" }, "unknown --nope")
  eq(parsed { "--nope=3" }, "unknown --nope")
  eq(parsed { "-x" }, "unknown -x")
  eq(parsed { "-qx" }, "unknown -x")
  eq(parsed { "--format" }, "needs a value --format")
  eq(parsed { "-f" }, "needs a value -f")
  eq(parsed { "--quiet=1" }, "takes no value --quiet")
end)

test("getopt_accepts_no_abbreviation", function()
  eq(parsed { "--form", "x" }, "unknown --form")
  eq(parsed { "--forma", "x" }, "unknown --forma")
  eq(parsed { "--forma=x" }, "unknown --forma")
  eq(parsed { "--forma" }, "unknown --forma")
  eq(parsed { "--qui" }, "unknown --qui")
  eq(parsed { "--no-progress", "--no-prog" }, "unknown --no-prog")
end)

-- ------------------------------------------------------------------ JSON

test("json_round_trips_values", function()
  for _, text in ipairs { "null", "true", "false", "0", "-7", "9223372036854775807", "0.1", "1e+100", '""', '"价格战"',
                          '"a\\u0000b"', "[]", "{}", "[[],{}]", '{"a":[1,2.5,null],"b":{"c":"d"}}' } do
    eq(c_json.encode(c_json.decode(text)), text == "1e+100" and "1e100" or text)
  end
end)

test("json_floats_use_the_fewest_digits_that_read_back", function()
  eq(c_json.encode(0.1), "0.1")
  eq(c_json.encode(0.1 + 0.2), "0.30000000000000004")
  eq(c_json.encode(1 / 3), "0.3333333333333333")
  eq(c_json.encode(3.0), "3.0")
  eq(c_json.encode(3), "3")
  for _, x in ipairs { 5e-324, 1.7976931348623157e308, -0.0, 2 ^ 53 + 1, 1e15, 123456.789 } do
    eq(string.pack("d", c_json.decode(c_json.encode(x))), string.pack("d", x))
  end
end)

test("json_objects_come_in_the_order_given_then_by_bytes", function()
  eq(c_json.encode({ z = 1, a = 2, m = 3, ["价"] = 4, M = 5 }, { "z", "gone", "a" }),
    '{"z":1,"gone":null,"a":2,"M":5,"m":3,"价":4}')
end)

test("json_arrays_are_told_from_objects", function()
  eq(c_json.encode({}), "{}")
  eq(c_json.encode(c_json.array {}), "[]")
  eq(c_json.encode { 1, 2 }, "[1,2]")
  eq(c_json.encode(c_json.decode('{"a":[]}')), '{"a":[]}')
  eq({ c_json.is_array(c_json.decode "[]"), c_json.is_array(c_json.decode "{}"), c_json.is_array(3) }, { true, false, false })
end)

test("json_text_is_always_utf8", function()
  eq(c_json.encode("a\xFF\xE4\xBBb"), '"a\u{FFFD}\u{FFFD}b"')
  eq(c_json.encode { ["\xFF"] = 1 }, '{"\u{FFFD}":1}')
  eq(c_json.clean("a\xFFb"), "a\u{FFFD}b")
  eq(c_json.clean("价"), "价")
end)

test("json_errors_name_the_key_path", function()
  raises("JSON cannot hold NaN at a.b[2]", c_json.encode, { a = { b = { 1, 0 / 0 } } })
  raises("JSON cannot hold an infinite number", c_json.encode, -math.huge)
  raises("JSON cannot hold a function at f", c_json.encode, { f = print })
  raises("a key that is not a string at x", c_json.encode, { x = { [true] = 1 } })
  local t = {}
  t.t = t
  raises("nested so deep", c_json.encode, t)
end)

test("json_decode_says_where_the_text_is_wrong", function()
  local value, message, detail = c_json.decode('{"a": 1,\n "b" 2}')
  eq(value, nil)
  ok(message:find("':' expected", 1, true), message)
  eq(detail.line, 2)
  for _, bad in ipairs { "", "[1", '{"a"}', "nul", "1 2", '"\xFF"', "[1,]", ("["):rep(100000) } do
    eq(c_json.decode(bad), nil)
  end
  ok(rawequal(c_json.decode "null", c_json.null))
  eq(tostring(c_json.null), "null")
end)

-- ------------------------------------------------------------------ globals of a plugin

local env = require "ds.env"
local function globals(free, lazy) return env.new(require "ds", print, free, lazy) end
local function run(code, g) return assert(load(code, "=code", "t", g or globals()))() end

test("undeclared_globals_raise_with_the_nearest_name", function()
  raises("code:1: undeclared global 'pirnt'; did you mean 'print'?", run, "pirnt(1)")
  raises("code:1: assignment to undeclared global 'x'", run, "x = 1")
  eq(run("x = 1 return x", globals(true)), 1)
  raises("undeclared global 'os'", run, "return os.time()")
  raises("undeclared global 'io'", run, "return io.open")
  raises('a plugin can require "ds" only', run, 'require "os"')
  ok(run 'return require "ds" == ds')
end)

test("pairs_and_next_visit_keys_in_order", function()
  local code = [[
    local t, seen = { b = 1, a = 1, [10] = 1, [2.5] = 1, [-1] = 1, [true] = 1, [false] = 1, ["价"] = 1 }, {}
    for k in %s do seen[#seen + 1] = tostring(k) end
    return table.concat(seen, " ")]]
  for _, loop in ipairs { "pairs(t)", "next, t" } do
    eq(run(code:format(loop)), "-1 2.5 10 a b 价 false true", loop)
  end
  raises("a key of type table has no order", run, "for _ in pairs({ [{}] = 1 }) do end")
  eq(run "return next({})", nil)
  eq({ run "return next({ z = 1, y = 2 })" }, { "y", 2 })
  eq({ run "return next({ z = 1, y = 2 }, 'y')" }, { "z", 1 })
  raises("not in the table", run, "return next({}, 1)")
end)

test("pairs_allows_removal_and_honours_metamethods", function()
  eq(run [[local t, n = { a = 1, b = 1, c = 1 }, 0
    for k in pairs(t) do t[k], t.c, n = nil, nil, n + 1 end
    return n]], 2)
  eq(run [[local t = setmetatable({}, { __pairs = function() return function(_, k) return not k and 7 or nil end end })
    for k in pairs(t) do return k end]], 7)
  eq(run [[local t = { a = false }
    for _, v in pairs(t) do return tostring(v) end]], "false")
end)

test("random_numbers_depend_on_seed_and_name_only", function()
  local function draw(seed, name)
    env.seed(seed, name)
    return math.random(1 << 40)
  end
  eq(draw(1, "a"), draw(1, "a"))
  ok(draw(1, "a") ~= draw(1, "b") and draw(1, "a") ~= draw(2, "a"))
end)

test("the_parts_of_ds_come_in_order", function()
  local seen = {}
  for name in pairs(require "ds") do seen[#seen + 1] = name end
  local sorted = table.move(seen, 1, #seen, 1, {})
  table.sort(sorted)
  eq(seen, sorted)
  ok(#seen > 8)
end)

-- ------------------------------------------------------------------ totals

local totals = require "ds.totals"

local function total(values)
  local t = totals.new()
  for _, v in ipairs(values) do t:add("k", v, 1) end
  local _, sum = t:each()()
  return sum
end

test("integer_sums_are_exact_in_any_order", function()
  eq(total { 1, 2, 3 }, 6)
  eq(total { math.maxinteger, 1, -1 }, math.maxinteger)
  eq(total { 1, -1, math.maxinteger }, math.maxinteger)
  eq(total { math.mininteger, -1, 1 }, math.mininteger)
  eq(total { math.maxinteger, math.maxinteger, math.mininteger, math.mininteger, 2 }, 0)
  eq(total { math.maxinteger, math.maxinteger }, 0x1p64)
end)

test("float_sums_are_rounded_once", function()
  eq(total { 1e100, 1.0, -1e100 }, 1.0)
  eq(total { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 }, 1.0)
  eq(total { 1 << 53, 0.25, 1, 0.75 }, 0x1p53 + 2)
  eq(total { math.maxinteger, 0.5, -math.maxinteger }, 0.5)
end)

test("totals_come_in_the_order_of_keys", function()
  local t, seen = totals.new(), {}
  for _, k in ipairs { "b", true, 10, "a", 2.5, false, -3 } do t:add(k, 1, 1) end
  for k in t:each() do seen[#seen + 1] = tostring(k) end
  eq(seen, { "-3", "2.5", "10", "a", "b", "false", "true" })
  raises("a key is a string, number or boolean", t.add, t, {}, 1, 1)
  raises("not NaN", t.add, t, 0 / 0, 1, 1)
  raises("sums take numbers", t.add, t, "a", "x", 1)
end)

-- ------------------------------------------------------------------ writers

local function written(format, t, rows)
  local parts = {}
  local writer = { write = function(self, ...) table.move({ ... }, 1, select("#", ...), #parts + 1, parts) return self end }
  local w = require("ds.output").new(format, writer)
  w:begin(t)
  for _, row in ipairs(rows) do w:row(t, row) end
  return table.concat(parts)
end

local TABLE = { name = "t", order = { "a", "b" } }

test("tsv_and_csv_escape_what_would_break_a_line", function()
  local rows = { { a = "x\ty\nz\\\r", b = 0.1 }, { b = c_json.array { 1, "q" } }, { a = 'say "hi", ok', b = true } }
  eq(written("tsv", TABLE, rows), 'a\tb\nx\\ty\\nz\\\\\\r\t0.1\n\t[1,"q"]\nsay "hi", ok\ttrue\n')
  eq(written("csv", TABLE, rows), 'a,b\n"x\ty\nz\\\r",0.1\n,"[1,""q""]"\n"say ""hi"", ok",true\n')
end)

test("jsonl_has_the_table_first_and_columns_as_declared", function()
  eq(written("jsonl", TABLE, { { b = 2 }, { a = "\xFF", b = 1.0 } }),
    '{"table":"t","a":null,"b":2}\n{"table":"t","a":"\u{FFFD}","b":1.0}\n')
end)

-- ------------------------------------------------------------------ report as text

local function page(blocks) return require("ds.report_text").render(blocks, 80, false) end

test("text_tables_align_by_display_width", function()
  eq(page { { kind = "table", title = "T", columns = { "词", "n" }, rows = { { ["词"] = "价格战", n = 5 }, { ["词"] = "ab", n = 12 } }, found = 3 } },
    "T\n词       n\n----------\n价格战   5\nab      12\n  (2 of 3 rows shown)\n")
end)

test("text_tables_shorten_ids_from_the_left_and_only_as_far_as_needed", function()
  local rows = { { doc = "mainland/2025-01-31-a-long-name.txt", n = 1, title = ("题"):rep(30) } }
  local function first_cell(width)
    local out = require("ds.report_text").render({ { kind = "table", columns = { "doc", "n", "title" }, rows = rows, found = 1 } }, width, false)
    return out:match("\n[^\n]*\n([^ ]+)"), out:match("%(….*")
  end
  eq({ first_cell(80) }, { "mainland/2025-01-31-a-long-name.txt", nil })
  eq(first_cell(55), "…nd/2025-01-31-a-long-name.txt")
  eq({ first_cell(30) }, { "…5-01-31-a-long-name.txt", "(… stands for what did not fit; -f tsv or jsonl has it)\n" })
end)

test("text_bars_are_in_proportion", function()
  eq(page { { kind = "bars", width = 10, items = { { "价", 4 }, { "b", 2 }, { "c", 0 } }, found = 3 } },
    "  价  4 ██████████\n  b   2 █████\n  c   0\n")
end)

test("text_series_draws_columns", function()
  eq(page { { kind = "series", height = 2, points = { { "a", 4 }, { "b", 1 }, { "c", 0 }, { "d", 3 } } } },
    "  4 │████        ▄▄▄▄\n  0 │████▄▄▄▄    ████\n     a              d\n")
end)

test("text_evidence_marks_the_passage_in_its_sentence", function()
  local item = { doc = "a.txt", from = 11, to = 13, note = "why", passage = { text = "0123456789", from = 8 } }
  eq(page { { kind = "evidence", items = { item }, found = 1 } }, "  a.txt:11-13  why\n    012【345】6789\n")
  item.marks = { { from = 16, to = 99 }, { from = 8, to = 8 } }
  eq(page { { kind = "evidence", items = { item }, found = 2 } },
    "  a.txt:11-13  why\n    【0】1234567【89】\n  (1 of 2 passages shown)\n")
end)

test("text_notes_wrap_and_keep_closing_marks_on_their_line", function()
  local out = page { { kind = "note", text = ("价"):rep(40) .. "。" .. ("格"):rep(3) } }
  eq(out, ("价"):rep(40) .. "。\n" .. ("格"):rep(3) .. "\n")
  eq(page { { kind = "note", text = "one" .. (" word"):rep(20) } }, "one" .. (" word"):rep(15) .. "\nword" .. (" word"):rep(4) .. "\n")
end)

test("progress_tells_rate_and_time_left", function()
  local progress = require "ds.progress"
  eq(progress.text("articles", 30, 10, 0.25), "30 articles, 3/s, 25%, 0:30 left")
  eq(progress.text("articles", 30, 10), "30 articles, 3/s")
  eq(progress.text("lines", 1, 1, 1 / 7201), "1 lines, 1/s, 0%, 2:00:00 left")
end)

-- scale_test.lua: runs in parts give byte for byte what one process gives, and what is missing, doubled or mixed is refused.
local T = require "testing"
local command = require "command"
local stock = require "stock"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has

-- A workspace with the corpus as files and as records, in parts of 1, 19, 0 and 16 articles, shuffled.
local function workspace()
  local w = command.workspace(command.articles(36))
  w.sh([[$D -q cat -f jsonl corpus > all.jsonl && head -n 1 all.jsonl > p1 && tail -n +2 all.jsonl | head -n 19 | tac > p2
    : > p3; tail -n +21 all.jsonl > p4]])
  return w
end

-- Maps the files `parts` and reduces what comes.
local function map_reduce(w, plugin, format, parts, corpus)
  return w.sh(("for p in %s; do $D -q --map %s < $p || exit 9; done | LC_ALL=C sort | $D -q --reduce -f %s %s %s")
    :format(parts, plugin, format, plugin, corpus or ""))
end

for _, line in ipairs(stock) do
  local plugin = table.concat(line, " ")
  test(line[1] .. "_in_parts_gives_the_bytes_of_one_process", function()
    local w <close> = workspace()
    for _, format in ipairs { "jsonl", "text", "html" } do
      local want = w.sh(("$D -q -f %s %s corpus"):format(format, plugin))
      eq(want.status, 0, want.err)
      ok(#want.out > 100)
      local got = map_reduce(w, plugin, format, "p1 p2 p3 p4", "corpus")
      eq(got.status, 0, got.err)
      ok(got.out == want.out, format .. " of four parts")
      got = map_reduce(w, plugin, format, "p4 p2 p1 p4 p2", "corpus")
      ok(got.out == want.out, format .. " of parts that were processed twice " .. got.err)
      got = w.sh(([[for i in 3 1 2; do $D -q --shard $i/3 --state s$i %s corpus || exit 9; done
        $D -q --merge -f %s s2 s3 s1 s3]]):format(plugin, format))
      ok(got.out == want.out, format .. " of three shards, one of them twice " .. got.err)
    end
  end)
end

test("split_into_any_number_of_parts", function()
  local w <close> = workspace()
  local want = w.sh("$D -q -f jsonl pricewar corpus")
  for _, n in ipairs { 1, 2, 7, 36, 60 } do
    local got = w.sh(([[split -n l/%d -a 3 all.jsonl x. && for p in x.*; do $D -q --map pricewar < $p > $p.out; done
      cat x.*.out | LC_ALL=C sort | $D -q --reduce -f jsonl pricewar; rm x.*]]):format(n))
    ok(got.out == want.out, n .. " parts " .. got.err)
    got = w.sh(([[for i in $(seq %d); do $D -q -j 2 --shard $i/%d --state x$i pricewar corpus; done
      $D -q --merge -f jsonl x*; rm x*]]):format(n, n))
    ok(got.out == want.out, n .. " shards " .. got.err)
  end
end)

test("partials_survive_any_sort_and_keys_are_ascii", function()
  local w <close> = command.workspace {}
  local ids = { "b", "a", "a b", "a\tc", "ab", "文章", "~", "!", "😀", "\u{FFFD}", "é", "A#2" }
  local lines = {}
  for i, id in ipairs(ids) do
    lines[i] = require("ds.c.json").encode { id = id, text = "价格战第" .. i .. "次" }
  end
  w.put("all.jsonl", table.concat(lines, "\n") .. "\n")
  local out = w.sh("$D -q --map pricewar < all.jsonl").out
  ok(not out:gsub("\t[^\n]*", ""):find("[^ -~\n]"), "keys are printable ASCII")
  local want = w.sh("$D -q --map pricewar < all.jsonl | LC_ALL=C sort | $D -q --reduce -f tsv pricewar").out
  local order = {}
  for id in want:gmatch("\n(.-)\t价格战") do order[#order + 1] = id:gsub("\\t", "\t") end
  table.sort(ids)
  eq(order, ids)
  for _, sort in ipairs { "tac", "sort -r", "LC_ALL=C.UTF-8 sort", "shuf --random-source=/dev/zero" } do
    eq(w.sh("$D -q --map pricewar < all.jsonl | " .. sort .. " | $D -q --reduce -f tsv pricewar").out, want, sort)
  end
end)

test("values_that_json_cannot_hold_travel_too", function()
  local w <close> = workspace()
  w.put("p.lua", [[
return { tables = { t = { { "k", "string" }, { "v", "object" }, { "s", "string" }, { "l", "list" } } },
  map = function(doc, ctx)
    ctx:add(doc.title, { [1.5] = 1, list = { 1, [3] = 2 }, inf = 1 / 0, bytes = doc.text:sub(1, 4), f = 1.0,
      acc = ds.acc.moments():add(#doc.text) })
    ctx:acc(true, "distinct"):add(doc.title)
    ctx:acc(-7, "sample", 3):add(doc.id, doc.title)
    ctx:acc(0.25, "top", 3):add(#doc.text, "\xFF")
    ctx:emit("t", { k = doc.id, s = doc.text:sub(1, 2), l = {}, v = { a = {}, n = 2.0 } })
  end,
  merge = function(_, a, b) a.acc:merge(b.acc) return a end,
  finish = function(ctx)
    for k, v in ctx:totals() do
      ctx:emit("t", { k = tostring(k), s = type(v) == "table" and v.bytes or nil,
        v = { v = type(v) == "table" and { v.list[3], tostring(v.inf), v.f, v[1.5], v.acc:value() } or { (v:value()) } } })
    end
  end }]])
  local want = w.sh("$D -q -f jsonl p.lua corpus")
  eq(want.status, 0, want.err)
  for _, format in ipairs { "jsonl", "text" } do
    want = w.sh(("$D -q -f %s p.lua corpus"):format(format))
    ok(map_reduce(w, "p.lua", format, "p1 p2 p3 p4").out == want.out, format)
    ok(w.sh(("for i in 1 2; do $D -q --shard $i/2 --state s$i p.lua corpus; done; $D -q --merge -f %s s1 s2"):format(format)).out
      == want.out, format .. " merged")
  end
end)

-- ------------------------------------------------------------------ what is refused

test("overlapping_and_incomplete_parts_are_refused", function()
  local w <close> = workspace()
  w.sh("head -n 12 all.jsonl > q1; tail -n +10 all.jsonl > q2; head -n 13 all.jsonl > q3")
  local got = map_reduce(w, "pricewar", "jsonl", "q1 q2")
  eq({ got.status, got.out }, { 1, "" })
  has(got.err, "is in two parts that are not the same part")
  got = map_reduce(w, "pricewar", "jsonl", "q1 q3")
  eq({ got.status, got.out }, { 1, "" })
  has(got.err, "two parts begin with the same article and are not the same part")
  w.sh("$D -q --map pricewar < p2 > m2; $D -q --map pricewar < p4 > m4")
  got = w.sh("(head -n 8 m2; cat m4) | LC_ALL=C sort | $D --reduce pricewar")
  eq({ got.status, got.out }, { 1, "" })
  has(got.err, "is not complete: its last line is missing")
  got = w.sh("(grep -v '^tsn' m2; cat m4) | $D --reduce pricewar")
  has(got.err, "is not complete: 19 of 19 articles")
  eq(w.sh("(head -n 8 m2; cat m2 m4) | LC_ALL=C sort | $D -q --reduce -f jsonl pricewar").out, -- a killed attempt, then a whole one
    w.sh("cat m4 m2 | $D -q --reduce -f jsonl pricewar").out)
end)

test("parts_of_other_plugins_options_and_versions_are_refused", function()
  local w <close> = workspace()
  w.put("t1.tsv", "价格战\t1\t价格战\n")
  w.sh("$D -q --map pricewar --terms t1.tsv < p2 > m")
  has(w.sh("$D --reduce pricewar < m").err, "a partial made with another --terms")
  has(w.sh("$D --reduce info < m").err, "a partial of plugin 'pricewar', not of")
  has(w.sh("sed 's/\"version\":\"[^\"]*\"/\"version\":\"0.0.1\"/' m | $D --reduce pricewar --terms t1.tsv").err, "a partial of dsrun 0.0.1")
  has(w.sh("$D --where 'date > 2025-01-02' --reduce pricewar --terms t1.tsv < m").err, "another --where")
  eq(w.sh("cp t1.tsv t2.tsv; $D -q --reduce pricewar --terms t2.tsv < m").status, 0) -- content counts, not the name
end)

test("damaged_lines_are_named", function()
  local w <close> = workspace()
  w.sh("$D -q --map pricewar < p2 > m")
  for _, case in ipairs {
    { "echo hello", "line 1: not KEY<TAB>JSON" },
    { "printf 'ax\\t{\"s\":\\n'", "line 1: " },
    { "printf 'ax\\t{}\\n'", "line 1: no part is named" },
    { "printf 'ax\\t{\"s\":\"1\"}\\n'", "an article without its number" },
    { "printf 'tqx\\t{\"s\":\"1\",\"v\":1}\\n'", "a total that is none" },
    { "printf 'z1\\t{\"s\":\"1\"}\\n'", "an end that is none" },
    { "printf 'ax\\t{\"s\":\"1\",\"n\":1,\"rows\":{\"!pack\":\"zz\"}}\\n'", "no packed value" },
    { "cat m | head -c 1000", "cut short" },
  } do
    local got = w.sh(case[1] .. " | $D --reduce pricewar")
    eq(got.status, 1, case[1])
    has(got.err, case[2])
  end
end)

test("states_that_are_damaged_missing_or_of_two_runs_are_refused", function()
  local w <close> = workspace()
  w.sh("for i in 1 2 3; do $D -q --shard $i/3 --state s$i pricewar corpus; done; $D -q --shard 1/2 --state other pricewar corpus")
  local function refused(line, part)
    local got = w.sh(line)
    eq({ got.status, got.out }, { 1, "" }, line)
    has(got.err, part)
  end
  refused("$D --merge s1 s2", "shard 3/3 is missing")
  refused("$D --merge s1 s2 other", "is in two parts") -- or shards of two runs, whichever shows first
  refused("$D --merge s1 s2 nothing", "nothing: No such file")
  refused("head -n -1 s1 > t; $D --merge t s2 s3", "t: no state that --shard has written, or a damaged one")
  refused("sed 's/\"n\":1/\"n\":2/' s1 > t; $D --merge t s2 s3", "damaged")
  refused("echo x > t; $D --merge t", "no state that --shard has written")
  refused(": > t; $D --merge t", "no state that --shard has written")
  w.sh("echo '标题\n\n价格战。' > corpus/new.txt; $D -q --shard 3/3 --state s3 pricewar corpus")
  refused("$D --merge s1 s2 s3", "was made of a corpus with other files")
end)

test("rejected_inputs_are_counted_in_the_end", function()
  local w <close> = workspace()
  w.put("p5", '{"id":"x","text":""}\nnot json\n{"text":"一"}\n[1]\n{"id":"y","title":"价格战"}\n')
  local got = w.sh("$D --map pricewar < p5 > m5")
  eq(got.status, 0, "a task that has counted what it rejects has done its work")
  for _, part in ipairs { "line 1: the text is empty", "line 2: ", "without an id", "line 4: ", "line 5: no text" } do has(got.err, part) end
  got = w.sh("(cat m5; $D -q --map pricewar < p1) | LC_ALL=C sort | $D -f jsonl --reduce pricewar")
  eq(got.status, 1)
  has(got.err, "1 article read, 5 inputs rejected")
  eq(w.sh("$D --on-error stop --map pricewar < p5").status, 1)
  w.put("corpus/a/000.md", "")
  w.put("corpus/b/x.pdf", "")
  w.put("bad.tsv", "价格战\t1\t价格战\n低价\tx\t低价\n")
  local want = w.sh("$D -f jsonl pricewar --terms bad.tsv corpus nowhere")
  got = w.sh([[for i in 1 2 3; do $D -q --shard $i/3 --state s$i pricewar --terms bad.tsv corpus nowhere 2>> errs || echo $?; done
    $D -f jsonl --merge s3 s2 s1]])
  ok(got.out == want.out, got.err)
  eq(got.status, 1)
  has(want.err, "36 articles read, 3 inputs rejected, 1 other file passed over: .pdf")
  has(got.err, "36 articles read, 3 inputs rejected, 1 other file passed over: .pdf")
end)

test("needs_corpus_is_refused_by_reduce_and_served_by_merge", function()
  local w <close> = workspace()
  w.put("p.lua", [[
return { needs = { "corpus" }, tables = { t = { { "doc", "string" }, { "first", "string" } } },
  map = function(doc, ctx) ctx:add(doc.id, 1) end,
  finish = function(ctx)
    for id in ctx:totals() do ctx:emit("t", { doc = id, first = ctx:doc(id).text:sub(1, 3) }) end
  end }]])
  local got = w.sh("$D --map p.lua < p1 | $D --reduce p.lua")
  eq(got.status, 2)
  has(got.err, "p.lua wants to read articles again after all have been read, which --reduce cannot; --shard and --merge can")
  local want = w.sh("$D -q -f jsonl p.lua corpus")
  ok(#want.out > 1000)
  eq(w.sh("for i in 1 2; do $D -q --shard $i/2 --state s$i p.lua corpus; done; $D -q --merge -f jsonl s1 s2").out, want.out)
  got = w.sh("mv corpus elsewhere; $D --merge -f jsonl s1 s2")
  eq(got.status, 2)
  has(got.err, "--merge must run where the corpus is")
end)

test("the_command_line_is_checked", function()
  local w <close> = workspace()
  for _, case in ipairs {
    { "--map segment", "--map belongs to plugins that read articles" },
    { "--map --reduce pricewar", "--map and --reduce: one of them" },
    { "--map -j 2 pricewar", "-j has no place here" },
    { "--map pricewar corpus", "--map reads standard input, not corpus" },
    { "--shard 0/3 --state s pricewar", "--shard wants I/N" },
    { "--shard 4/3 --state s pricewar", "--shard wants I/N" },
    { "--shard x --state s pricewar", "--shard wants I/N" },
    { "--shard 1/3 pricewar", "--shard needs --state FILE" },
    { "--shard 1/3 --state s -o t pricewar", "-o belongs to --merge" },
    { "--state s pricewar", "--state belongs to --shard" },
    { "--merge", "--merge needs the files" },
    { "--merge --where x=1 s", "--where belongs to --shard" },
    { "pricewar --merge s", "--merge takes no PLUGIN" },
  } do
    local got = w.sh("$D " .. case[1])
    eq(got.status, 2, case[1] .. got.err)
    has(got.err, case[2])
  end
end)

test("a_report_without_the_corpus_says_what_it_lacks", function()
  local w <close> = workspace()
  local got = w.sh("cat p1 p2 p4 | $D -q --map stance --target 马斯克 | $D -q --reduce stance --target 马斯克")
  eq(got.status, 0)
  has(got.err, "name the corpus behind the plugin")
end)

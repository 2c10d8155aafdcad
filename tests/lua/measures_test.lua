-- measures_test.lua: ds.stats' measures against scipy and R, and the plugins that use them.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local stats = ds.stats

local SCIPY = "/usr/bin/python3"
local DSRUN = require("ds.c.sys").realpath(BUILD) .. "/dsrun"

-- ------------------------------------------------------------------ against scipy

local function has(command) return os.execute(command .. " >/dev/null 2>&1") == true end

-- Sends lines to a program, gives back its lines.
local function filter(command, lines)
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  f:write(table.concat(lines, "\n"), "\n")
  f:close()
  local out, pipe = {}, assert(io.popen(command .. " < " .. name))
  for line in pipe:lines() do out[#out + 1] = line end
  local fine = pipe:close()
  os.remove(name)
  ok(fine, command .. " failed")
  return out
end

-- The measures of every case by scipy: a list of tables from name to number.
local function by_scipy(lines)
  if not has(SCIPY .. " -c 'import scipy.stats.contingency'") then
    T.skip("no scipy for " .. SCIPY .. ": apt-get install python3-scipy")
  end
  local out = filter(SCIPY .. " tests/data/measures.py", lines)
  eq(#out, #lines)
  for i, line in ipairs(out) do
    local t = {}
    for name, value in line:gmatch("(%S+)=(%S+)") do t[name] = tonumber(value) end
    out[i] = t
  end
  return out
end

-- Compares each measure, prints the largest relative difference of each, and fails above 1e-9.
local function compare(what, lines, ours, theirs)
  local worst, names, seen = {}, {}, 0
  for i, want in ipairs(theirs) do
    for name, value in pairs(want) do
      local got = ours[i][name]
      ok(got, ("%s: %s is undefined, scipy has %.17g"):format(lines[i], name, value))
      local gap = math.abs(got - value) / math.max(math.abs(value), 1e-300)
      if value == got then gap = 0 end
      if not worst[name] then worst[name], names[#names + 1] = 0, name end
      if gap > worst[name] then worst[name] = gap end
      if gap > 1e-9 then error(("%s: %s is %.17g, scipy has %.17g"):format(lines[i], name, got, value), 2) end
      seen = seen + 1
    end
  end
  table.sort(names)
  for i, name in ipairs(names) do names[i] = ("%s %.0e"):format(name, worst[name]) end
  print(("  %s: %d figures of %d cases; largest relative difference: %s"):format(what, seen, #lines,
    #names > 20 and #names .. " columns, all within 1e-9" or table.concat(names, ", ")))
end

test("association_equals_scipy", function()
  math.randomseed(1)
  local lines, ours = {}, {}
  for i = 1, 300 do
    local n = math.random(50, i % 3 == 0 and 200000 or 2000)
    local r1, c1 = math.random(1, n - 1), math.random(1, n - 1)
    if i % 2 == 0 then r1, c1 = math.random(1, n // 20 + 1), math.random(1, n // 20 + 1) end
    local o11 = math.random(math.max(0, r1 + c1 - n), math.min(r1, c1))
    if i % 5 == 0 then o11 = math.max(o11 > 0 and 1 or 0, math.max(0, r1 + c1 - n), r1 * c1 // n) end -- near chance
    lines[i] = ("assoc %d %d %d %d"):format(o11, r1, c1, n)
    ours[i] = stats.assoc { o11 = o11, r1 = r1, c1 = c1, n = n }
  end
  compare("assoc", lines, ours, by_scipy(lines))
end)

test("keyness_equals_scipy", function()
  math.randomseed(2)
  local lines, ours = {}, {}
  for i = 1, 300 do
    local c, d = math.random(1000, 50000000), math.random(1000, 50000000)
    local a, b = math.random(0, i % 2 == 0 and 40 or 900), math.random(0, i % 2 == 0 and 40 or 900)
    if a + b == 0 then a = 1 end
    if i % 7 == 0 then a, b = math.max(1, c // 1000), math.max(1, d // 1000) end -- hardly a difference
    if i % 11 == 0 then b = 0 end
    if a + b == 0 then a = 3 end
    lines[i] = ("keyness %d %d %d %d %d"):format(a, c, b, d, 100)
    ours[i] = stats.keyness { a = a, c = c, b = b, d = d }
  end
  compare("keyness", lines, ours, by_scipy(lines))
end)

test("dispersion_equals_scipy", function()
  math.randomseed(3)
  local lines, ours = {}, {}
  for i = 1, 150 do
    local parts, cells = {}, {}
    for k = 1, math.random(2, 60) do
      local size = math.random(50, 5000)
      local n = (k == 1 or math.random(3) > 1) and math.random(k == 1 and 1 or 0, 40) or 0
      parts[k], cells[k] = { n = n, size = size }, n .. " " .. size
    end
    lines[i] = "dispersion " .. table.concat(cells, " ")
    ours[i] = stats.dispersion(parts)
  end
  compare("dispersion", lines, ours, by_scipy(lines))
end)

-- Lists of probabilities, with ties, tiny ones and ones.
local function probabilities()
  math.randomseed(4)
  local lists = {}
  for i = 1, 40 do
    local p = {}
    for k = 1, math.random(1, 60) do
      p[k] = ({ math.random(), math.random() ^ 8, 1.0, p[math.random(math.max(1, k - 1))] or 0.5 })[math.random(4)]
    end
    lists[i] = p
  end
  return lists
end

local function joined(p)
  local words = {}
  for k, x in ipairs(p) do words[k] = ("%.17g"):format(x) end
  return table.concat(words, " ")
end

test("adjusted_probabilities_equal_scipy", function()
  local lines, ours = {}, {}
  for i, p in ipairs(probabilities()) do
    lines[i], ours[i] = "adjust " .. joined(p), {}
    for _, method in ipairs { "bonferroni", "bh" } do
      for k, x in ipairs(stats.adjust(p, method)) do ours[i][method .. k] = x end
    end
  end
  compare("adjust", lines, ours, by_scipy(lines))
end)

test("adjusted_probabilities_equal_r", function()
  if not has("Rscript --version") then T.skip("no Rscript: apt-get install r-base-core") end
  local lines, lists = {}, probabilities()
  for i, p in ipairs(lists) do lines[i] = joined(p) end
  local script = [==[for (l in readLines(file("stdin"))) { p <- as.numeric(strsplit(l, " ")[[1]]);
    cat(sprintf("%.17g", c(p.adjust(p, "bonferroni"), p.adjust(p, "BH"))), "\n") }]==]
  local out, worst = filter("Rscript --vanilla -e '" .. script .. "'", lines), 0
  for i, p in ipairs(lists) do
    local want, k = {}, 0
    for word in out[i]:gmatch("%S+") do want[#want + 1] = tonumber(word) end
    for _, method in ipairs { "bonferroni", "bh" } do
      for _, x in ipairs(stats.adjust(p, method)) do
        k = k + 1
        worst = math.max(worst, math.abs(x - want[k]) / math.max(want[k], 1e-300))
        ok(math.abs(x - want[k]) <= 1e-9 * want[k], ("%s: %.17g, R has %.17g"):format(lines[i], x, want[k]))
      end
    end
    eq(k, #want)
  end
  print(("  adjust: R's p.adjust, %d lists; largest relative difference: %.0e"):format(#lists, worst))
end)

-- ------------------------------------------------------------------ the functions

test("undefined_measures_are_missing", function()
  local m = stats.assoc { o11 = 0, r1 = 10, c1 = 5, n = 100 }
  eq({ m.mi, m.t, m.log_dice, m.o, m.e }, { nil, nil, nil, 0, 0.5 })
  local k = stats.keyness { a = 3, c = 100, b = 0, d = 100 }
  eq({ k.diff, k.odds_ratio }, {})
  ok(k.log_ratio and k.log_ratio_low < k.log_ratio and k.log_ratio < k.log_ratio_high)
  eq(stats.dispersion {}, { parts = 0, n = 0, size = 0, range = 0 })
end)

test("log_dice_takes_the_frequency_of_the_node", function()
  local near = { o11 = 10, r1 = 200, c1 = 30, n = 1000 }
  eq(stats.assoc(near).log_dice, 14 + math.log(20 / 230, 2))
  near.node = 20
  eq(stats.assoc(near).log_dice, 14 + math.log(20 / 50, 2))
end)

test("wrong_arguments_raise_and_name_what_is_wrong", function()
  raises("o11 is larger than r1", stats.assoc, { o11 = 5, r1 = 4, c1 = 9, n = 20 })
  raises("field 'n' is a number, not a nil", stats.assoc, { o11 = 5, r1 = 4, c1 = 9 })
  raises("did you mean 'node'", stats.assoc, { o11 = 5, r1 = 4, c1 = 9, n = 9, nod = 1 })
  raises("b is larger than d", stats.keyness, { a = 1, c = 9, b = 5, d = 4 })
  raises("field 'a' is a number, not a string", stats.keyness, { a = "1", c = 9, b = 5, d = 4 })
  raises("value 2 is no probability", stats.adjust, { 0.5, -1 }, "bh")
  raises("value 1 is a number, not a boolean", stats.adjust, { true }, "bh")
  raises("invalid option 'holm'", stats.adjust, {}, "holm")
  raises("part 2: n is larger than size", stats.dispersion, { { n = 1, size = 2 }, { n = 3, size = 2 } })
  raises("part 1: field 'size' is a number, not a nil", stats.dispersion, { { n = 1 } })
  raises("part 1 is a table", stats.dispersion, { 7 })
  raises("position 2 is not above", stats.arf, { 4, 4 }, 9)
end)

-- ------------------------------------------------------------------ concordance

local function places(query, text, opts)
  local c = assert(ds.concordance(query, opts))
  local out = {}
  for _, hit in ipairs((c:find(text))) do out[#out + 1] = text:sub(hit.from, hit.to) end
  return out
end

test("a_query_finds_either_script_case_and_width", function()
  eq(places("價格戰", "价格战与價格戰"), { "价格战", "價格戰" })
  eq(places("Model Y", "ＭＯＤＥＬ　Ｙ和ModelY和model  y"), { "ＭＯＤＥＬ　Ｙ", "ModelY", "model  y" })
  eq(places("马斯克 说", "馬斯克說了，马斯克，说", { by = "chars" }), { "馬斯克說" })
end)

test("by_words_no_word_is_cut_in_two", function()
  eq(places("模", "大模型的模样", { by = "chars" }), { "模", "模" })
  eq(places("模", "大模型的模样"), {})
  eq(places("《模型》", "看《模型》"), { "《模型》" })
end)

test("places_do_not_overlap", function()
  eq(#places("哈哈", "哈哈哈哈哈", { by = "chars" }), 2)
end)

test("context_counts_words_or_characters", function()
  local c = assert(ds.concordance "特斯拉")
  local text = "昨天，特斯拉又降价了。"
  local hits, words = c:find(text)
  eq({ c:context(text, words, hits[1], 1) }, { "昨天，", "又" })
  eq({ c:context(text, words, hits[1], 2, "chars") }, { "天，", "又降" })
  eq({ c:context(text, words, hits[1], 99, "chars") }, { "昨天，", "又降价了。" })
  eq({ c:context(text, words, hits[1], 99) }, { "昨天，", "又降价了" })
  eq({ c:context(text, words, hits[1], 0) }, { "", "" })
  local whole = assert(ds.concordance(text, { by = "chars" }))
  hits, words = whole:find(text)
  eq({ whole:context(text, words, hits[1], 3, "chars") }, { "", "" })
  eq({ whole:context(text, words, hits[1], 3) }, { "", "" })
end)

test("nothing_found_costs_no_segmentation", function()
  local c = assert(ds.concordance "龙虾")
  eq({ c:find("一只蛋挞") }, { {} })
end)

test("queries_and_options_are_checked", function()
  eq({ ds.concordance " \u{3000}" }, { nil, "the query is empty" })
  raises("did you mean 'by'", ds.concordance, "词", { bye = "words" })
  raises("by is 'words' or 'chars', not 'tokens'", ds.concordance, "词", { by = "tokens" })
  raises("the query is a string", ds.concordance, 7)
  local c = assert(ds.concordance "词")
  raises("with a colon", c.find, "词")
  eq(tostring(c), "ds.concordance (词)")
end)

-- ------------------------------------------------------------------ plugins

local ARTICLES = {
  ["a.txt"] = "甲\n\n猫吃鱼。猫吃鱼，狗吃肉。\n",
  ["b.txt"] = "乙\n\n狗吃肉。貓吃魚！\n",
  ["c.txt"] = "丙\n\n鱼爱虾。\n",
}

-- Runs dsrun over the articles; gives the decoded rows by table, and what came on standard error.
local function run(args, articles)
  local pipe = assert(io.popen("mktemp -d"))
  local dir = pipe:read("l")
  pipe:close()
  for name, text in pairs(articles or ARTICLES) do
    local f = assert(io.open(dir .. "/" .. name, "w"))
    f:write(text)
    f:close()
  end
  local _, _, status = os.execute(("%s %s -f jsonl %s > %s/.out 2> %s/.err"):format(DSRUN, args, dir, dir, dir))
  local rows = {}
  for line in (T.read(dir .. "/.out")):gmatch("[^\n]+") do
    local row = ds.json.decode(line)
    rows[row.table] = rows[row.table] or {}
    table.insert(rows[row.table], row)
  end
  local err = T.read(dir .. "/.err")
  os.execute("rm -rf " .. dir)
  return rows, status, err
end

local function column(rows, name)
  local out = {}
  for i, row in ipairs(rows or {}) do out[i] = row[name] end
  return out
end

test("kwic_sorts_by_several_keys", function()
  local rows = run "kwic --query 鱼 --sort right1,left1"
  eq(column(rows.lines, "doc"), { "b.txt", "c.txt", "a.txt", "a.txt" }) -- behind it: nothing, 爱, 狗, 猫
  eq(column(rows.lines, "from"), { 19, 1, 19, 7 })
end)

test("kwic_samples_the_same_lines_for_the_same_seed", function()
  local one, two = run "kwic --query 吃 --sample 2 --seed 5", run "kwic --query 吃 --sample 2 --seed 5"
  eq(one, two)
  eq(one.totals, { { table = "totals", query = "吃", found = 5, shown = 2, docs = 2 } })
  local differs = false
  for seed = 6, 12 do
    local other = run("kwic --query 吃 --sample 2 --seed " .. seed)
    for i, row in ipairs(other.lines) do differs = differs or row.from ~= one.lines[i].from end
  end
  ok(differs, "every seed draws the same lines")
end)

test("collocates_count_places_of_words", function()
  -- a: 猫 吃 鱼 猫 吃 鱼 狗 吃 肉   b: 狗 吃 肉 猫 吃 鱼   c: 鱼 爱 虾; the node 猫 three times
  local rows = run "collocates --node 猫 --window 1 --min 1"
  eq(rows.totals, { { table = "totals", node = "猫", found = 3, docs = 2, near = 5, words = 15 } })
  local by = {}
  for _, row in ipairs(rows.collocates) do by[row.word] = row end
  eq({ by["吃"].o, by["吃"].c1, by["鱼"].o, by["鱼"].c1, by["肉"].o, by["狗"] }, { 3, 5, 1, 4, 1 })
  eq({ by["吃"].docs, by["吃"].doc, by["吃"].from, by["吃"].to }, { 2, "a.txt", 1, 6 })
  ok(math.abs(by["吃"].e - 5 * 5 / 15) < 1e-12)
  local m = stats.assoc { o11 = 3, r1 = 5, c1 = 5, n = 15, node = 3 }
  eq({ by["吃"].ll, by["吃"].log_dice }, { m.ll, m.log_dice })
end)

test("collocates_keep_to_the_sentence_and_to_the_sides", function()
  local by = {}
  for _, row in ipairs(run("collocates --node 狗 --window sentence --min 1").collocates) do by[row.word] = row.o end
  eq(by, { ["猫"] = 1, ["吃"] = 3, ["鱼"] = 1, ["肉"] = 2 })
  by = {}
  for _, row in ipairs(run("collocates --node 狗 --window 0,1 --min 1").collocates) do by[row.word] = row.o end
  eq(by, { ["吃"] = 2 })
end)

test("keyness_takes_two_groups_in_every_way", function()
  local function groups(args)
    local rows, status, err = run("keyness --min 1 " .. args)
    eq(status, 0, err)
    return column(rows.totals, "docs")
  end
  eq(groups "--where 'id = a.txt' --ref 'id = b.txt'", { 1, 1 })
  eq(groups "--where 'id = a.txt'", { 1, 2 })
  eq(groups "--ref 'id = a.txt'", { 2, 1 })
  eq(groups "--where 'id = a.txt' --ref 'id ~ txt'", { 1, 2 }) -- the focus group comes first
  local _, status, err = run "keyness"
  eq(status, 2)
  ok(err:find("two groups are needed", 1, true), err)
  _, status, err = run "keyness --ref 'id ='"
  eq(status, 2)
  ok(err:find("--ref: column 5: a value is wanted", 1, true), err)
end)

test("keyness_rows_have_both_frequencies_and_their_measures", function()
  local rows = run "keyness --min 1 --where 'id = c.txt'"
  local by = {}
  for _, row in ipairs(rows.keywords) do by[row.word] = row end
  local fish = by["鱼"]
  eq({ fish.n, fish.n_ref, fish.docs, fish.docs_ref, fish.key }, { 1, 3, 1, 2, "+" })
  eq({ fish.per_million, fish.per_million_ref }, { 1e6 / 3, 3e6 / 15 })
  eq(fish.ll, stats.keyness { a = 1, c = 3, b = 3, d = 15 }.ll)
  eq(by["猫"].key, "-")
  eq(by["虾"].diff, ds.json.null)
end)

test("an_empty_group_is_said", function()
  local rows, status, err = run "keyness --where 'id = nobody'"
  eq({ status, rows.keywords }, { 0, nil })
  ok(err:find("no words in the focus group", 1, true), err)
end)

test("dispersion_by_article_has_every_part", function()
  local rows = run "dispersion --words 魚,猫,龙虾"
  local fish
  for _, row in ipairs(rows.dispersion) do if row.word == "鱼" then fish = row end end
  eq({ fish.n, fish.range, fish.parts }, { 4, 3, 3 })
  eq(fish.dp, stats.dispersion { { n = 2, size = 9 }, { n = 1, size = 6 }, { n = 1, size = 3 } }.dp)
  eq(fish.arf, stats.arf({ 3, 6, 15, 16 }, 18))
  eq(#rows.parts, 9)
  eq(column(rows.dispersion, "n"), { 4, 3, 0 })
end)

test("dispersion_by_day_leaves_out_what_has_none", function()
  local rows, _, err = run("dispersion --min 1 --by day", { ["a.md"] = "---\ndate: 2025-02-03\n---\n猫吃鱼。\n", ["b.txt"] = "乙\n\n猫。\n" })
  eq(column(rows.dispersion, "parts"), { 1, 1, 1 })
  ok(err:find("no day: 1", 1, true), err)
end)

test("listed_words_and_all_words_agree", function()
  local listed, all, by = run "dispersion --words 猫,吃", run "dispersion --min 1", {}
  for _, row in ipairs(all.dispersion) do by[row.word] = row end
  for _, row in ipairs(listed.dispersion) do eq(row, by[row.word]) end
end)

test("the_order_of_the_files_changes_nothing", function()
  local dir = "tests/data/golden/press"
  for _, plugin in ipairs { "kwic --query 的 --sort right1", "collocates --node 的 --min 1", "dispersion --min 2",
                            "keyness --min 1 --ref 'script = Hant'" } do
    local function out(paths)
      local pipe = assert(io.popen(("%s %s -q -f jsonl %s"):format(DSRUN, plugin, paths)))
      local bytes = pipe:read("a")
      pipe:close()
      return bytes
    end
    local a, b = dir .. "/column.md", dir .. "/market.txt"
    eq(out(a .. " " .. b), out(b .. " " .. a), plugin)
  end
end)

-- ------------------------------------------------------------------ what the host does for them

-- Runs a plugin of this source over the articles; status, standard output and error.
local function run_source(source, args)
  local name = os.tmpname() .. ".lua"
  local f = assert(io.open(name, "w"))
  f:write(source)
  f:close()
  local pipe = assert(io.popen(("%s %s %s tests/data/golden/press 2>&1; echo $?"):format(DSRUN, name, args)))
  local out = pipe:read("a")
  pipe:close()
  os.remove(name)
  return tonumber(out:match("(%d+)\n$")), out
end

local CHOSEN = [[return { %s options = { { "other", type = "where" } }, tables = { t = { { "x", "string" } } },
  map = function(doc, ctx)
    local other = ctx.options.other
    ctx:emit("t", { x = doc.id:match("[^/.]+") .. " " .. tostring(ctx:chosen()) .. " " .. tostring(other and other(doc)) })
  end }]]

test("a_plugin_that_needs_all_gets_every_article", function()
  local source = CHOSEN:format('needs = { "all" },')
  local _, out = run_source(source, "-q -f tsv --where 'source = 港灣夜報' --other 'date = 2025-03'")
  ok(out:find("column true true", 1, true) and out:find("market false true", 1, true), out)
  ok(out:find("plain false false", 1, true), out)
  _, out = run_source(source, "-q -f tsv")
  ok(out:find("column nil nil", 1, true), out)
end)

test("what_a_plugin_asks_of_the_host_is_checked", function()
  local status, out = run_source(CHOSEN:format(""), "")
  eq(status, 3)
  ok(out:find('declare needs = { "all" }', 1, true), out)
  status, out = run_source(CHOSEN:format(""), "--other 'date >'")
  eq(status, 2)
  ok(out:find("--other: column 7: a value is wanted, not the end", 1, true), out)
  status, out = run_source('return { options = { { "other", type = "where", default = "id = 1" } }, map = function() end }', "")
  eq(status, 3)
  ok(out:find("option 'other': the default id = 1 is no where", 1, true), out)
  status, out = run_source('return { needs = { "all" }, input = "lines", map = function() end }', "")
  eq(status, 3)
  ok(out:find('needs = { "all" } belongs to input = "articles"', 1, true), out)
end)

test("a_column_can_be_set_flush_right", function()
  local table_of = [[return { map = function() end, report = function(_, r)
    r:table({ { a = "一", b = "x" }, { a = "一二三", b = "y" } }, { right = { %q } }) end }]]
  local _, out = run_source(table_of:format("a"), "-q")
  ok(out:find("     a  b\n%-+\n    一  x\n一二三  y\n"), out)
  local status
  status, out = run_source(table_of:format("aa"), "-q")
  eq(status, 3)
  ok(out:find("has no column 'aa'", 1, true), out)
end)

for _, plugin in ipairs { "kwic --query 他", "collocates --node 他", "keyness --ref 'script = Hans'", "dispersion" } do
  local name = plugin:match("^%l+")
  test(name .. "_help_explains_every_column_and_runs_its_example", function()
    local pipe = assert(io.popen(DSRUN .. " " .. name .. " --help"))
    local help = pipe:read("a")
    pipe:close()
    ok(help:find("\nExample:\n  dsrun " .. name, 1, true), help)
    local tables = help:match("\nTables,[^\n]*\n(.-)\n\n")
    for line in tables:gmatch("      %l[^\n]+") do ok(line:find(": ", 1, true), "no help: " .. line) end
    local _, status, err = run(plugin)
    eq(status, 0, err)
  end)
end

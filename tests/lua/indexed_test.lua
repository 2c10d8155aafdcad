-- indexed_test.lua: what plugins answer from the index of stores is what reading the articles gives, to the last byte.
local T = require "testing"
local ds = require "ds"
local command = require "command"
local test, eq, ok, raises, has = T.test, T.eq, T.ok, T.raises, T.has

local RUNS = {
  "freq", "freq --by word", "freq --pos 'n.*' --where 'date < 2025-02'", "freq --class latin", "freq --where 'script = Hant'",
  "freq --stopwords stop.txt", "freq --per source", "freq --per month --by word", "freq --where 'nosuch = 1'",
  "ngrams --min 2", "ngrams --size 1 --min 1", "ngrams --size 3 --min 1", "ngrams --unit chars --min 2",
  "ngrams --unit chars --size 4 --min 1", "ngrams --per month", "ngrams --per article --min 1", "ngrams --per source --unit chars",
  "ngrams --per week --where 'date >= 2025-02'",
  "keyness --where 'date < 2025-02'", "keyness --ref 'date < 2025-02'", "keyness --where 'id = nothing'",
  "keyness --where 'date < 2025-02' --ref 'date > 2025-02-15' --sort log_ratio --min 1",
  "collocates --node 的 --min 2", "collocates --node 价格 --by chars --min 1", "collocates --node 一 --by chars --window 0,2",
  "collocates --node 的 --window sentence", "collocates --node 價格戰 --window sentence --by chars --min 1",
  "collocates --node 。 --min 2", "collocates --node '，他' --min 1 --window 2", "collocates --node Model --min 1",
  "collocates --node 'Model Y' --min 1", "collocates --node 马斯克 --where 'date > 2025-02' --min 1 --sort log_dice",
  "collocates --node 没有这个词",
  "kwic --query 的 --sort right1,left2,node", "kwic --query 价格 --by chars --window 9 --unit chars --sort left1",
  "kwic --query 的 --sample 7 --seed 3 --sort right1", "kwic --query 。 --window 3", "kwic --query 马斯克 --window 0",
  "kwic --query 2025 --by chars", "kwic --query tesla --sort date,title", "kwic --query 'Model Y'", "kwic --query '“'",
  "kwic --query 一 --by chars --where 'date < 2025-03' --sort source,script", "kwic --query '\"'", [[kwic --query '\']],
}

-- A store of several segments, of which articles were taken out and changed; left/ has the files that are left.
local function stored()
  local files = command.articles(36)
  local w = command.workspace(files)
  local names = {}
  for name in pairs(files) do names[#names + 1] = name:sub(#"corpus/" + 1) end
  table.sort(names)
  w.put("stop.txt", "的\n了\n")
  w.put("corpus/c/odd.md", "Straße ＭＯＤＥＬ　Ｙ和Model Y、model y。“价格战”價格戰价格战价格战！\n一一一一，哈哈哈哈。2025年2025\n\n" ..
    "…………他说。他说：A股A股a股\u{A0}B\u{3000}C。\u{FFFD}\u{7}坏的\u{200B}。\n")
  for i = 1, #names, 12 do
    local list = {}
    table.move(names, i, math.min(#names, i + 11), 1, list)
    local r = w.sh(("rm -rf part; mkdir part; (cd corpus && cp --parents %s ../part) && $D -q build news.dsc part")
      :format(table.concat(list, " ")))
    eq(r.status, 0, r.err)
  end
  eq(w.sh("$D -q build news.dsc corpus").status, 0) -- the odd ones
  local gone = { names[2], names[13], names[14], names[30] }
  eq(w.sh("$D -q remove news.dsc " .. table.concat(gone, " ")).status, 0)
  for _, name in ipairs(gone) do os.remove(w.dir .. "/corpus/" .. name) end
  w.put("corpus/" .. names[5], files["corpus/" .. names[6]] .. "改过了。\n")
  eq(w.sh("$D -q build news.dsc corpus").status, 0)
  return w
end

local function count(text) return select(2, text:gsub("\n", "")) end

test("files_articles_and_index_give_the_same", function()
  local w <close> = stored()
  local c <close> = ok(ds.corpus.open(w.dir .. "/news.dsc"))
  ok(#ds.corpus.about(w.dir .. "/news.dsc").segments > 2, "several segments")
  ok(c:indexed(), "this store has an index that answers")
  local rows = 0
  for i, run in ipairs(RUNS) do
    local index = w.sh("$D -f jsonl " .. run .. " news.dsc")
    eq(w.sh("$D -f jsonl " .. run .. " corpus").out, index.out, run .. ": files")
    local part = w.sh("$D " .. run .. " --shard 1/1 --state x.json news.dsc") -- reads the articles
    local read = w.sh("$D -f jsonl --merge x.json")
    eq(read.out, index.out, run .. ": articles of the store")
    eq(index.status, 0, index.err)
    has(part.err, index.err:match("%d+ articles? read"), run)
    if i % 5 == 0 then eq(w.sh("$D -j 3 " .. run .. " news.dsc").out, w.sh("$D " .. run .. " news.dsc").out, run .. ": -j 3") end
    rows = rows + count(index.out)
  end
  ok(rows > 5000, "enough was compared: " .. rows)
end)

local LOUD = [[return { tables = { t = { { "word", "string" }, { "n", "integer" } } },
  map = function(doc, ctx) error("read") end,
  index = function(articles, ctx)
    for row in articles:frequencies() do ctx:add(row.word, row.n) end
    return true
  end,
  finish = function(ctx) for word, n in ctx:totals() do ctx:emit("t", { word = word, n = n }) end end }]]

test("a_plugin_answers_without_reading_only_where_that_is_the_same", function()
  local w <close> = command.workspace { ["loud.lua"] = LOUD, ["a/x.txt"] = "价格战开始了。", ["b/y.txt"] = "价格战又来。",
    ["b/x.txt"] = "同名。", ["mine.txt"] = "战开 99999\n",
    ["own/z.conllu"] = "# text = 价格战\n1\t价格\t价格\tNN\tNN\t_\t0\troot\t_\tSpaceAfter=No\n2\t战\t战\tNN\tNN\t_\t1\tdep\t_\tSpaceAfter=No\n\n" }
  for _, line in ipairs { "one.dsc a", "two.dsc b", "own.dsc own", "other.dsc b/y.txt" } do
    eq(w.sh("$D -q build " .. line).status, 0)
  end
  eq(w.sh("cp one.dsc again.dsc").status, 0)
  local function answers(what)
    local r = w.sh("$D -f tsv ./loud.lua " .. what)
    if r.status ~= 0 then has(r.err, "read") end
    return r.status == 0
  end
  eq(answers "one.dsc", true)
  eq(answers "one.dsc --where 'id = x.txt'", true)
  eq(answers "-j 2 one.dsc", true)
  eq(answers "one.dsc other.dsc", true)
  for _, line in ipairs { "a", "one.dsc b", "one.dsc two.dsc", "one.dsc again.dsc", "own.dsc", "own.dsc one.dsc",
    "--user-dict mine.txt one.dsc", "--dedup cluster one.dsc", "--manifest m.json one.dsc", "one.dsc missing.txt" } do
    eq(answers(line), false, line)
  end
end)

test("what_index_does_wrong_is_said_and_what_it_did_not_finish_is_not_shown", function()
  local w <close> = command.workspace { ["a/x.txt"] = "价格战开始了。", ["loud.lua"] = LOUD,
    ["wrong.lua"] = (LOUD:gsub("return true", "error('no good')")), ["long.lua"] = (LOUD:gsub("return true", "while true do end")),
    ["lazy.lua"] = (LOUD:gsub("return true", "return false"):gsub('error%("read"%)', "ctx:add(doc.id, 1)")) }
  eq(w.sh("$D -q build one.dsc a").status, 0)
  local r = w.sh("$D -f jsonl ./wrong.lua one.dsc")
  eq(r.status, 3)
  has(r.err, "no good")
  has(r.err, "in hook 'index'")
  r = w.sh("$D --timeout 0.3 -f jsonl ./long.lua one.dsc")
  eq(r.status, 4)
  has(r.err, "PARTIAL")
  eq(r.out:find('"table":"t"', 1, true), nil, "no word is shown")
  r = w.sh("$D -f tsv ./lazy.lua one.dsc")
  eq(r.out, "word\tn\nx.txt\t1\n")
end)

test("what_falls_back_is_right", function()
  local w <close> = command.workspace(command.articles(10))
  w.put("mine.txt", "开始了 99999 n\n价格战开 99999 n\n")
  w.put("own/z.vrt", "<text id=\"z\">\n<s>\n价格\tn\n战\tn\n开始\tv\n</s>\n<s>\n价格\tn\n战\tn\n</s>\n</text>\n")
  for _, line in ipairs { "news.dsc corpus", "own.dsc own", "fine.dsc corpus" } do eq(w.sh("$D -q build " .. line).status, 0) end
  local function same(options, store, files)
    for _, run in ipairs { "freq", "ngrams --min 1", "collocates --node 的 --min 1", "kwic --query 价格 --sort left1", "keyness --where 'date < 2025-02' --min 1" } do
      local a, b = w.sh(("$D -f jsonl %s %s %s"):format(run, options, store)), w.sh(("$D -f jsonl %s %s %s"):format(run, options, files))
      eq(a.out, b.out, run .. " " .. options .. " " .. store)
      eq(a.status, b.status)
    end
  end
  same("--user-dict mine.txt", "news.dsc", "corpus")
  same("--dedup cluster", "news.dsc", "corpus")
  same("", "own.dsc", "own")
  same("", "own.dsc news.dsc", "own corpus")
  same("", "news.dsc own", "corpus own")
  same("", "news.dsc fine.dsc", "news.dsc corpus") -- every id twice
end)

test("a_store_keeps_its_cut", function()
  local w <close> = command.workspace(command.articles(8))
  w.put("mine.txt", "价格战开始 99999 n\n的人 99999 n\n是的 9999 n\n")
  eq(w.sh("$D -q build --user-dict mine.txt news.dsc corpus").status, 0)
  for _, run in ipairs { "freq", "ngrams --min 1", "collocates --node 的 --min 1", "kwic --query 的 --sort left1 --window 2" } do
    eq(w.sh("$D " .. run .. " --shard 1/1 --state x.json news.dsc").status, 0)
    eq(w.sh("$D -f jsonl --merge x.json").out, w.sh("$D -f jsonl " .. run .. " news.dsc").out, run)
  end
end)

test("a_damaged_store_is_answered_as_far_as_it_can_be_read", function()
  local w <close> = command.workspace(command.articles(30))
  eq(w.sh("$D -q build news.dsc corpus").status, 0)
  local bytes = w.read("news.dsc")
  local at = bytes:find("BLKS", 1, true)
  local off = ("<I8"):unpack(bytes, at + 8)
  w.put("news.dsc", bytes:sub(1, off + 200) .. string.char(bytes:byte(off + 201) ~ 255) .. bytes:sub(off + 202))
  for _, run in ipairs { "freq", "ngrams --min 1", "collocates --node 的 --min 1", "kwic --query 的", "keyness --where 'date < 2025-02'" } do
    local r = w.sh("$D -f jsonl " .. run .. " news.dsc")
    eq(r.status, 1, run)
    has(r.err, "dsrun verify", run)
  end
end)

-- ------------------------------------------------------------------ scripts

local function list(each)
  local out = {}
  for row in each do out[#out + 1] = row end
  return out
end

local function small(w)
  local out <close> = ok(ds.corpus.create(w.dir .. "/s.dsc"))
  ok(out:add { id = "b", text = "价格战，价格战。", date = "2025-01-02" })
  ok(out:add { id = "a", text = "價格戰很激烈。\n他说价格战", date = "2025-02-02" })
  ok(out:commit())
  return ok(ds.corpus.open(w.dir .. "/s.dsc"))
end

test("scripts_ask_the_index", function()
  local w <close> = command.workspace {}
  local c <close> = small(w)
  local articles = ok(c:indexed())
  local rows, totals = articles:frequencies { group = function(a) return a.date:sub(1, 7) end }
  local n = {}
  for _, row in ipairs(list(rows)) do n[row.word .. " " .. row.group] = row.n end
  eq({ n["价格战 2025-01"], n["价格战 2025-02"], n["他 2025-01"] }, { 2, 2, nil })
  table.sort(totals, function(x, y) return x.group < y.group end)
  eq({ totals[1], #totals }, { { group = "2025-01", n = 2, docs = 1 }, 2 })
  local node = ok(ds.concordance("价格战"))
  local lines = {}
  for a, found in articles:lines(node, { size = 1, reach = 1 }) do lines[a.id] = found end
  eq(#lines.b, 2)
  eq({ lines.a[1].node, lines.a[1].right, lines.a[1].behind, lines.a[2].before }, { "價格戰", "很", { "很" }, { "说" } })
  local near, t = articles:collocates(node, { left = 1, min = 1 })
  eq(t, { found = 4, docs = 2, near = 2, words = 4 })
  local by = {}
  for _, row in ipairs(list(near)) do by[row.word] = row end
  eq({ by["很"].o, by["很"].doc, by["很"].from, by["很"].to }, { 1, "a", 1, 12 })
  local grams, sums = articles:ngrams { size = 2, unit = "chars", min = 4 }
  table.sort(sums, function(x, y) return x.total < y.total end)
  eq(#list(grams), 2)
  eq({ sums[1].total, sums[1].articles }, { 13, 2 })
end)

test("where_and_mistakes", function()
  local w <close> = command.workspace {}
  local c <close> = small(w)
  local rows, totals = ok(c:indexed { where = "date < 2025-02" }):frequencies()
  eq({ #list(rows), totals[1].docs }, { 1, 1 })
  eq(select(2, c:indexed { where = "date <" }):match("column %d+"), "column 7")
  raises("unknown option", function() c:indexed { were = "x" } end)
  raises("unknown option", function() c:indexed():frequencies { bye = "word" } end)
  raises("colon", function() c:indexed().frequencies() end)
  local files <close> = ok(ds.corpus.open("corpus/articles"))
  eq({ files:indexed() }, { nil, "some articles are in no store" })
  local seg = ok(ds.segmenter())
  eq(c:indexed():lines(ok(ds.concordance("价格", { segmenter = seg })), { size = 1 }), nil)
  local articles = c:indexed()
  local near = articles:collocates(ok(ds.concordance("价格战")), { left = 1 })
  c:close()
  raises("closed", near)
end)

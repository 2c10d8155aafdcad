-- store_test.lua: a store is the same corpus as the files it was built from; building, removing, checking by command.
local T = require "testing"
local ds = require "ds"
local command = require "command"
local stock = require "stock"
local test, eq, ok, raises, has = T.test, T.eq, T.ok, T.raises, T.has

-- A workspace with a store of the corpus in it.
local function stored(n)
  local w = command.workspace(command.articles(n or 12))
  local got = w.sh("$D -q build news.dsc corpus")
  eq(got.status, 0, got.err)
  return w
end

-- ------------------------------------------------------------------ the library

test("what_goes_in_comes_out", function()
  local w <close> = command.workspace({})
  local path = w.dir .. "/x.dsc"
  local meta = { n = 3, x = 2.5, yes = true, list = { "a", "b" }, inner = { name = "值" } }
  do
    local out <close> = ok(ds.corpus.create(path))
    eq(out:add { id = "a", text = "他说：“价格战开始了。”\n\n第二段。", title = "标题", date = "2025-01-27", source = "新华网",
      author = "记者", meta = meta }, "new")
    eq(out:add { id = "b", text = "" }, "new")
    ok(out:commit())
  end
  local c <close> = ok(ds.corpus.open(path))
  local d = ok(c:doc("a"))
  eq({ d.id, d.title, d.date, d.source_name, d.author, d.text },
    { "a", "标题", "2025-01-27", "新华网", "记者", "他说：“价格战开始了。”\n\n第二段。" })
  eq(d.meta, meta)
  eq(ok(c:doc("b")).text, "")
  eq({ c:doc("c") }, { nil, "no article 'c' in this corpus" })
end)

test("an_article_is_added_once", function()
  local w <close> = command.workspace({})
  local out <close> = ok(ds.corpus.create(w.dir .. "/x.dsc"))
  eq(out:add { id = "a", text = "一" }, "new")
  eq(out:add { id = "a", text = "一" }, "same")
  eq(out:add { id = "a", text = "二" }, "changed")
  ok(out:commit())
  eq(out:add { id = "a", text = "二" }, "same")
  eq(out:add { id = "a", text = "二", title = "有了" }, "changed")
  eq(out:remove("a"), true)
  eq(out:remove("a"), false)
  ok(out:commit())
  local c <close> = ok(ds.corpus.open(w.dir .. "/x.dsc"))
  for _ in c:docs() do error("nothing should be left") end
end)

test("what_is_not_committed_is_given_up", function()
  local w <close> = command.workspace({})
  local path = w.dir .. "/x.dsc"
  do
    local out <close> = ok(ds.corpus.create(path))
    out:add { id = "a", text = "一" }
  end
  eq((ds.corpus.open(path)), nil)
end)

test("mistakes_are_named", function()
  local w <close> = command.workspace({})
  raises("a path is wanted", ds.corpus.create)
  raises("unknown option 'levle'", ds.corpus.create, "x.dsc", { levle = 3 })
  local out <close> = ok(ds.corpus.create(w.dir .. "/x.dsc"))
  raises("unknown field 'titel'; did you mean 'title'?", out.add, out, { id = "a", text = "", titel = "" })
  raises("id is a string", out.add, out, { text = "" })
  raises("an id is not empty", out.add, out, { id = "", text = "" })
  raises("a store cannot keep a function", out.add, out, { id = "a", text = "", meta = { f = print } })
  local second, message = ds.corpus.create(w.dir .. "/x.dsc")
  eq(second, nil)
  has(message, "in use")
  out:close()
  raises("closed", out.add, out, { id = "a", text = "" })
end)

test("a_store_of_another_segmenter_is_not_mixed", function()
  local w <close> = command.workspace({})
  local path = w.dir .. "/x.dsc"
  local out = ok(ds.corpus.create(path, { segmenter = ds.segmenter { style = "ud" } }))
  out:add { id = "a", text = "消费者" }
  ok(out:commit())
  out:close()
  local again, message = ds.corpus.create(path)
  eq(again, nil)
  has(message, "another segmenter")
end)

test("words_of_the_file_are_kept", function()
  local conllu = "# newdoc id = one\n# sent_id = 1\n# text = 我们爱价格战。\n" ..
    "1\t我们\t我\tPRON\tPN\t_\t2\tnsubj\t_\tSpaceAfter=No\n2\t爱\t爱\tVERB\tVV\t_\t0\troot\t_\tSpaceAfter=No\n" ..
    "3\t价格战\t价格战\tNOUN\tNN\t_\t2\tobj\t_\tSpaceAfter=No\n4\t。\t。\tPUNCT\tPU\t_\t2\tpunct\t_\t_\n\n"
  local w <close> = command.workspace { ["x.conllu"] = conllu }
  eq(w.sh("$D -q build x.dsc x.conllu").status, 0)
  local function words(path)
    local list = {}
    for d in ok(ds.corpus.open(path)):docs() do
      for t in d:tokens() do list[#list + 1] = ("%s/%s/%s/%s %d-%d"):format(t.word, t.pos, t.lemma, t.class, t.from, t.to) end
      for s in d:sentences() do list[#list + 1] = s.text end
    end
    return list
  end
  local want = words(w.dir .. "/x.conllu")
  eq(words(w.dir .. "/x.dsc"), want)
  has(want[1], "我们/")
end)

-- ------------------------------------------------------------------ plugins

for _, line in ipairs(stock) do
  test(line[1] .. "_gives_the_same_from_a_store", function()
    local w <close> = stored()
    local args = table.concat(line, " ")
    local want = w.sh("$D -q -f jsonl " .. args .. " corpus")
    eq(want.status, 0, want.err)
    for _, how in ipairs { "", "-j 3 " } do
      local got = w.sh("$D -q -f jsonl " .. how .. args .. " news.dsc")
      eq(got.status, 0, got.err)
      ok(got.out == want.out, "output of " .. how .. args)
    end
  end)
end

test("another_dictionary_cuts_again", function()
  local w <close> = command.workspace { ["corpus/a.txt"] = "低价内卷开始了。\n", ["my.dict"] = "低价内卷\n" }
  eq(w.sh("$D -q build news.dsc corpus").status, 0)
  local want = w.sh("$D -q -f tsv --user-dict my.dict freq corpus").out
  has(want, "低价内卷")
  eq(w.sh("$D -q -f tsv --user-dict my.dict freq news.dsc").out, want)
end)

test("where_and_shards_work_on_stores", function()
  local w <close> = stored()
  local where = "--where 'date >= 2025-02-01'"
  eq(w.sh("$D -q -f jsonl info " .. where .. " news.dsc").out, w.sh("$D -q -f jsonl info " .. where .. " corpus").out)
  for i = 1, 3 do eq(w.sh(("$D -q freq --shard %d/3 --state s%d news.dsc"):format(i, i)).status, 0) end
  eq(w.sh("$D -q -f tsv --merge s1 s2 s3").out, w.sh("$D -q -f tsv freq corpus").out)
end)

test("an_article_of_a_store_leads_back_to_its_file", function()
  local w <close> = command.workspace {
    ["in/a.md"] = "---\ntitle: 题\n---\n\n第一段有*重*点。\n", ["in/b.jsonl"] = '{"id":"x","text":"一"}\n{"id":"y","text":"价\\n战"}\n',
    ["in/c.txt"] = "会变的一篇。\n", ["in/d.txt"] = "会没有的一篇。\n",
  }
  eq(w.sh("$D -q build news.dsc in && gzip in/b.jsonl && gunzip in/b.jsonl").status, 0)
  w.put("in/c.txt", "变了的一篇。\n")
  os.remove(w.dir .. "/in/d.txt")
  local c <close> = ok(ds.corpus.open(w.dir .. "/news.dsc")) -- the paths are found beside it
  local d = c:doc("a.md")
  local at = d.text:find("重点")
  local path, ranges, compression, lost = d:source(at, at + #"重点" - 1)
  eq({ path, compression, lost }, { "in/a.md" })
  local file = w.read("in/a.md")
  eq({ file:sub(ranges[1][1], ranges[1][2]), file:sub(ranges[2][1], ranges[2][2]) }, { "重", "点" })
  local y = c:doc("y")
  path, ranges = y:source(1, 3)
  eq(w.read("in/b.jsonl"):sub(ranges[1][1], ranges[1][2]), "价")
  path, ranges, compression, lost = c:doc("c.txt"):source()
  eq({ path, #ranges }, { "in/c.txt", 0 })
  has(lost, "in/c.txt has changed since c.txt was stored")
  has(select(4, c:doc("d.txt"):source()), "in/d.txt is no longer there")
  do
    local out <close> = ok(ds.corpus.create(w.dir .. "/made.dsc"))
    out:add { id = "a", text = "价" }
    ok(out:commit())
  end
  local made <close> = ok(ds.corpus.open(w.dir .. "/made.dsc"))
  has(select(4, made:doc("a"):source()), "a was not read from a file")
end)

-- ------------------------------------------------------------------ commands

test("a_second_build_adds_what_is_new", function()
  local w <close> = stored(6)
  has(w.sh("$D build news.dsc corpus").out, "0 new, 0 changed, 6 already there")
  w.put("corpus/more.txt", "又一篇。\n")
  local got = w.sh("$D -f jsonl build news.dsc corpus")
  has(got.out, '"new":1,"changed":0,"same":6')
  has(got.out, '"id":"more.txt","what":"new"')
end)

-- Files of every kind whose articles share ids, some without any, some that cannot be read.
local function assorted()
  local files = command.articles(40)
  local lines, twice = {}, {}
  for i = 1, 3000 do lines[i] = ('{"id":"r%d","text":"第%d条，价格战又开始了：涨了%d元。\\n第二段。"}'):format(i % 2900, i, i) end
  lines[1700] = '{"id":"broken","text":'
  for i = 1, 60 do twice[i] = ('{"id":"r%d","title":"又","text":"另一篇，编号%d。"}'):format(i * 7, i) end
  files["corpus/a.jsonl"] = table.concat(lines, "\n") .. "\n"
  files["corpus/b.jsonl"] = table.concat(twice, "\n") .. "\n"
  files["corpus/big.jsonl"] = table.concat(lines, "\n", 1, 1000):gsub("又开始了", ("又开始了"):rep(120)) .. "\n"
  files["corpus/c.csv"] = "id,text\nr3,逗号分隔的一篇。\n,没有编号。\n"
  files["corpus/d.conllu"] = "# newdoc id = r5\n1\t价格\t价格\tNOUN\tn\t_\t0\t_\t_\t_\n2\t战\t仗\tNOUN\tn\t_\t0\t_\t_\tSpaceAfter=No\n\n"
  files["corpus/r9"] = "一篇。"
  files["corpus/bad.md"] = "坏的\xff\xfe文件"
  files["corpus/no.jsonl"] = "这不是\n" .. ("{ 坏的 }\n"):rep(12000)
  return files
end

test("any_number_of_workers_builds_the_same_bytes", function()
  local w <close> = command.workspace(assorted())
  local one = w.sh("$D -f jsonl build one.dsc corpus")
  ok(one.status == 1, one.err) -- some are refused
  for _, n in ipairs { 2, 5 } do
    local many = w.sh(("rm -f many.dsc; $D -f jsonl -j %d build many.dsc corpus"):format(n))
    eq(many.status, 1)
    eq(many.err, one.err)
    eq(many.out, (one.out:gsub("one%.dsc", "many.dsc")))
    ok(w.read("many.dsc") == w.read("one.dsc"), ("%d workers"):format(n))
  end
  w.put("corpus/more.txt", "又一篇。\n")
  w.put("corpus/c.csv", "id,text\nr3,改过的一篇。\n")
  one = w.sh("$D build one.dsc corpus")
  local two = w.sh("$D -j 3 build many.dsc corpus")
  eq(two.err, one.err)
  eq(two.out, (one.out:gsub("one%.dsc", "many.dsc")))
  has(two.out, "1 new, 1 changed, ")
  ok(w.read("many.dsc") == w.read("one.dsc"))
  eq(w.sh("$D -q verify many.dsc").status, 0)
end)

test("workers_build_from_standard_input_and_stores", function()
  local w <close> = stored(30)
  eq(w.sh("$D -q build again.dsc news.dsc").status, 0)
  eq(w.sh("$D -q -j 2 build same.dsc news.dsc").status, 0)
  ok(w.read("same.dsc") == w.read("again.dsc"))
  local lines = w.sh("$D -q -f jsonl cat news.dsc").out
  eq(w.sh("$D -q build one.dsc -", lines).status, 0)
  eq(w.sh("$D -q -j 2 build two.dsc -", lines).status, 0)
  ok(w.read("one.dsc") == w.read("two.dsc"))
  eq(w.sh("$D -q -j 2 --where 'date >= 2025-02-01' build few.dsc corpus").status, 0)
  eq(w.sh("$D -q --where 'date >= 2025-02-01' build few1.dsc corpus").status, 0)
  ok(w.read("few.dsc") == w.read("few1.dsc"))
end)

test("a_build_of_workers_that_is_stopped_keeps_the_last_commit", function()
  local w <close> = stored(6)
  local lines = {}
  for i = 1, 40000 do lines[i] = ('{"id":"x%d","text":"第%d条，价格战又开始了，这是第几回？谁也说不清。"}'):format(i, i) end
  w.put("more.jsonl", table.concat(lines, "\n") .. "\n")
  for _, signal in ipairs { "INT", "KILL" } do
    local got = w.sh(("timeout -s %s 0.5 $D -q -j 3 build news.dsc more.jsonl; echo ended"):format(signal))
    has(got.out, "ended")
    w.sh("for i in 1 2 3 4 5 6 7 8 9; do $D remove news.dsc nobody 2>&1 | grep -q 'in use' || break; sleep 0.2; done") -- it takes time to die
    if signal == "INT" then eq(w.sh("$D -q verify news.dsc").status, 0) end -- KILL leaves what lies behind the commit
    eq(ds.corpus.about(w.dir .. "/news.dsc").docs, 6)
  end
  local got = w.sh("ulimit -f 2048; $D -j 3 build news.dsc more.jsonl")
  eq(got.status, 3)
  has(got.err, "news.dsc: writing: ")
  eq(ds.corpus.about(w.dir .. "/news.dsc").docs, 6)
  has(w.sh("$D -j 2 build news.dsc more.jsonl").out, "40000 new")
  eq(w.sh("$D -q verify news.dsc").status, 0)
end)

test("remove_and_compact", function()
  local w <close> = stored(6)
  local before = ds.corpus.about(w.dir .. "/news.dsc")
  local id = ds.json.decode(w.sh("$D -q -f jsonl cat news.dsc").out:match("[^\n]*")).id
  eq(w.sh(("$D -q remove news.dsc '%s'"):format(id)).status, 0)
  local got = w.sh("$D remove news.dsc nobody")
  eq(got.status, 1)
  has(got.err, "no article 'nobody' in news.dsc")
  eq(w.sh("$D -q compact news.dsc").status, 0)
  local after = ds.corpus.about(w.dir .. "/news.dsc")
  eq({ before.docs, after.docs }, { 6, 5 })
  ok(after.bytes < before.bytes)
end)

test("verify_names_what_is_damaged_and_saves_the_rest", function()
  local w <close> = command.workspace(command.articles(4))
  eq(w.sh("$D -q build news.dsc corpus").status, 0)
  w.put("corpus/later.txt", "后来的一篇。\n")
  eq(w.sh("$D -q build news.dsc corpus").status, 0)
  eq(w.sh("$D verify news.dsc").status, 0)
  local bytes = T.read(w.dir .. "/news.dsc")
  local at = ds.corpus.about(w.dir .. "/news.dsc").segments[1].sections[1].from
  w.put("news.dsc", bytes:sub(1, at + 20) .. string.char(bytes:byte(at + 21) ~ 1) .. bytes:sub(at + 22))
  local got = w.sh("$D verify news.dsc --salvage saved.dsc")
  eq(got.status, 1)
  has(got.err, "text damaged, of a/00")
  has(got.err, "--salvage can mend it")
  eq(w.sh("$D verify saved.dsc").status, 0)
  eq(ds.corpus.about(w.dir .. "/saved.dsc").docs, 5)
  has(w.sh("$D -q -f jsonl cat saved.dsc").out, "后来的一篇")
  got = w.sh("$D -q -f jsonl info news.dsc")
  eq(got.status, 1)
  has(got.err, "see dsrun verify")
end)

test("a_full_disk_keeps_the_last_commit", function()
  local w <close> = stored(6)
  w.put("more/long.txt", ("价格战又开始了，这是第几回？\n"):rep(20000))
  local got = w.sh("ulimit -f 24; $D build news.dsc more") -- blocks of 512 bytes
  eq(got.status, 3)
  has(got.err, "news.dsc: writing: ")
  eq(w.sh("$D verify news.dsc").status, 0)
  eq(ds.corpus.about(w.dir .. "/news.dsc").docs, 6)
  has(w.sh("$D build news.dsc more").out, "1 new")
end)

test("what_is_no_store_is_told", function()
  local w <close> = command.workspace { ["x.dsc"] = "nothing of the kind, but long enough\n" }
  local got = w.sh("$D info x.dsc")
  eq(got.status, 1)
  has(got.err, "x.dsc: not a corpus store")
  eq(w.sh("$D build x.dsc x.dsc").status, 1)
  eq(T.read(w.dir .. "/x.dsc"), "nothing of the kind, but long enough\n")
  has(w.sh("$D build").err, "name the store first")
  has(w.sh("$D build y.dsc").err, "name what to read")
  has(w.sh("$D build --map y.dsc").err, "no place here")
end)

test("a_plugin_writes_no_other_store", function()
  local w <close> = command.workspace { ["p.lua"] = [[
return { about = "x", input = "none", finish = function(ctx)
  print(ds.corpus.create("other.dsc"))
  print(ds.corpus.compact("other.dsc"))
  print(ds.corpus.verify("/etc/hostname"))
end }]] }
  local got = w.sh("$D ./p.lua")
  has(got.err, "may not write there")
  has(got.err, "may not read there")
  eq(w.read("other.dsc"), nil)
end)

test("dump_shows_the_sections", function()
  local w <close> = stored(2)
  local got = w.sh("$D -q -f tsv info --dump --table sections news.dsc")
  eq(got.status, 0, got.err)
  has(got.out, "VOCB")
end)

-- Directories, files and standard input as one sequence of articles.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local TREE, OTHER = "tests/data/reader/tree", "tests/data/reader/other"

local function open(...) return ok(ds.corpus.open(...)) end

local function ids(c, opts)
  local list = {}
  for doc in c:docs(opts) do list[#list + 1] = doc.id end
  return list
end

-- A directory of the test's own, removed at its end.
local function in_directory(files, fn)
  local pipe = assert(io.popen("mktemp -d", "r"))
  local dir = pipe:read("l")
  pipe:close()
  for name, bytes in pairs(files) do
    local sub = name:match("^(.*)/")
    if sub then os.execute(("mkdir -p '%s/%s'"):format(dir, sub)) end
    local f = assert(io.open(dir .. "/" .. name, "wb"))
    f:write(bytes)
    f:close()
  end
  local passed, message = pcall(fn, dir)
  os.execute(("chmod -R u+rwx '%s'; rm -rf '%s'"):format(dir, dir))
  if not passed then error(message, 0) end
end

test("a_directory_gives_its_articles_in_bytewise_order_of_their_paths", function()
  eq(ids(open(TREE)), { "front.md", "plain.txt", "sub/digest.md", "sub/digest.md#2", "sub/digest.md#3" })
  eq(ids(open(TREE .. "//./")), ids(open(TREE)))
  in_directory({ ["a/z.txt"] = "文", ["a-b.txt"] = "文", ["B.TXT"] = "文", ["a.text"] = "文", ["a/a.markdown"] = "文",
    ["x.pdf"] = "文", ["noext"] = "文", [".x.txt"] = "文", [".git/x.txt"] = "文", ["a/.gz"] = "文", ["a/y.Pdf"] = "文" },
  function(dir)
    eq(ids(open(dir)), { "B.TXT", "a-b.txt", "a.text", "a/a.markdown", "a/z.txt" })
    eq(open(dir):passed_over(), { { ending = "", n = 1 }, { ending = ".pdf", n = 2 } })
    eq(open(dir, dir .. "/noext", dir):passed_over(), { { ending = ".pdf", n = 2 } })
    eq(ids(open(dir .. "/.x.txt")), { ".x.txt" })
    eq(ids(open(dir .. "/.git")), { "x.txt" })
  end)
end)

test("a_file_has_its_base_name_whatever_its_extension", function()
  eq(ids(open(TREE .. "/plain.txt")), { "plain.txt" })
  eq(ids(open(TREE .. "/notes.pdf")), { "notes.pdf" })
end)

test("ids_that_clash_are_lengthened_by_their_argument", function()
  eq(ids(open(OTHER .. "/plain.txt", TREE)),
    { "other/plain.txt", "front.md", "tree/plain.txt", "sub/digest.md", "sub/digest.md#2", "sub/digest.md#3" })
  in_directory({ ["a/x/1.txt"] = "文", ["b/x/1.txt"] = "文", ["c/1.txt"] = "文" }, function(dir)
    eq(ids(open(dir .. "/a/x", dir .. "/b/x", dir .. "/c/1.txt")), { "a/x/1.txt", "b/x/1.txt", "c/1.txt" })
  end)
end)

test("a_file_named_twice_is_read_once", function()
  eq(ids(open(TREE .. "/plain.txt", "./" .. TREE .. "/plain.txt", TREE .. "//plain.txt")), { "plain.txt" })
end)

test("reading_is_repeatable_and_an_article_can_be_fetched_by_id", function()
  local c = open(TREE)
  eq(ids(c), ids(c))
  eq(c:count(), 3)
  eq(c:doc("sub/digest.md#2").text, "第二条没有标题，直接写正文，而且这一段比较长，所以不会被当作标题来看待。")
  eq(c:doc("plain.txt").source_name, "示範週刊")
  local doc, message = c:doc("nope.txt")
  eq(doc, nil)
  ok(message:find("no article 'nope.txt'", 1, true))
  eq(c:doc("sub/digest.md#9"), nil)
  raises("an id (a string) is wanted", c.doc, c, 7)
end)

test("where_chooses_and_a_malformed_one_is_reported", function()
  local c = open(TREE)
  eq(ids(c, { where = "date >= 2025-03-06 and script = Hans" }), { "sub/digest.md", "sub/digest.md#2", "sub/digest.md#3" })
  eq(ids(c, { where = "tags = 降价" }), { "front.md" })
  local iter, message = c:docs { where = "date >" }
  eq(iter, nil)
  ok(message:find("column 7", 1, true), message)
  raises("unknown option 'wher'; did you mean 'where'?", c.docs, c, { wher = "x" })
end)

test("what_cannot_be_read_is_told_and_the_rest_goes_on", function()
  local c = open(OTHER, "/nonexistent/x.txt", TREE .. "/plain.txt")
  local told = {}
  eq(ids(c, { on_error = function(e) told[#told + 1] = e end }), { "other/plain.txt", "tree/plain.txt" })
  eq(#told, 2)
  eq({ told[1].path, told[2].path, told[2].id, told[2].line }, { "/nonexistent/x.txt", OTHER .. "/broken.md", "broken.md", 4 })
  ok(tostring(told[1]):find("/nonexistent/x.txt: No such file", 1, true), tostring(told[1]))
  ok(tostring(told[2]):find("broken.md: line 4: front matter: ", 1, true), tostring(told[2]))
  eq(c.errors, {})
  for _ = 1, 2 do
    eq(#ids(c), 2)
    eq(#c.errors, 2)
  end
end)

test("nothing_to_read_is_no_corpus", function()
  local c, message, detail = ds.corpus.open("/nonexistent")
  eq(c, nil)
  ok(message:find("/nonexistent: No such file", 1, true), message)
  eq(detail.path, "/nonexistent")
  in_directory({ ["x.doc"] = "文" }, function(dir)
    c, message = ds.corpus.open(dir)
    eq(c, nil)
    ok(message:find(dir .. ": a directory without articles: no file ends in .txt, .text, .md", 1, true), message)
    local both = open(dir, TREE)
    eq(#ids(both), 5)
    eq(#both.errors, 1)
  end)
  raises("a path is wanted", ds.corpus.open)
  raises("argument 2 is not a path but a number", ds.corpus.open, TREE, 7, {})
  raises("unknown option 'encodin'; did you mean 'encoding'?", ds.corpus.open, TREE, { encodin = "GBK" })
  raises("unknown encoding 'klingon'", ds.corpus.open, TREE, { encoding = "klingon" })
  raises("unknown format 'docx'", ds.corpus.open, TREE, { format = "docx" })
end)

test("bad_files_of_every_kind_leave_the_others_alone", function()
  in_directory({
    ["1.txt"] = "好的一句话。", ["2.txt"] = "坏\xFF", ["3.txt"] = "a\0b", ["4.txt"] = "", ["5.txt"] = "\xFF\xFEa\0b",
    ["6.txt"] = ("长"):rep(10000000), ["7.md"] = "---\na: [\n---\n文", ["8.txt"] = "又一句好的话。", ["sub/x.txt"] = "再一句。",
  }, function(dir)
    local c = open(dir)
    eq(ids(c), { "1.txt", "8.txt", "sub/x.txt" })
    local bad = {}
    for i, e in ipairs(c.errors) do bad[i] = e.id end
    eq(bad, { "2.txt", "3.txt", "4.txt", "5.txt", "6.txt", "7.md" })
  end)
end)

test("links_are_followed_but_loops_end", function()
  in_directory({ ["a/1.txt"] = "一句话。", ["b/2.txt"] = "一句话。" }, function(dir)
    os.execute(("cd '%s' && ln -s . loop && ln -s ../b a/b && ln -s ../a b/a && ln -s nowhere gone.txt && ln -s a/1.txt 3.txt"):format(dir))
    local c = open(dir)
    eq(ids(c), { "3.txt", "a/1.txt", "a/b/2.txt" })
    eq(#c.errors, 1)
    eq(c.errors[1].id, "gone.txt")
  end)
end)

test("a_file_that_goes_away_or_is_closed_to_us_is_told", function()
  in_directory({ ["1.txt"] = "一句话。", ["2.txt"] = "一句话。" }, function(dir)
    local c = open(dir)
    os.remove(dir .. "/1.txt")
    eq(ids(c), { "2.txt" })
    ok(tostring(c.errors[1]):find("1.txt: No such file", 1, true), tostring(c.errors[1]))
  end)
end)

test("standard_input_is_an_article", function()
  local lua = arg[-1] or "lua5.4"
  local script = "package.cpath = [[" .. BUILD .. "/?.so]] local ds = require [[ds]] local c = ds.corpus.open([[-]]) " ..
    "for i = 1, 2 do for d in c:docs() do io.write(d.id, [[ ]], d.title, [[ ]], d.text, [[;]]) end end"
  local pipe = assert(io.popen(("printf '题目\\n\\n正文一句。\\n' | %s -e '%s' 2>&1"):format(lua, script), "r"))
  local out = pipe:read("a")
  pipe:close()
  eq(out, "stdin 题目 正文一句。;stdin 题目 正文一句。;")
end)

test("a_loop_may_break_early_and_the_corpus_stays_usable", function()
  local c = open(TREE)
  for _ = 1, 2000 do
    for _ in c:docs() do break end
  end
  eq(#ids(c), 5)
end)

test("an_error_in_on_error_reaches_the_caller", function()
  local c = open(OTHER)
  raises("stop here", function()
    for _ in c:docs { on_error = function() error("stop here") end } do end
  end)
end)

test("a_closed_corpus_is_refused_and_documents_outlive_it", function()
  local kept
  do
    local c <close> = open(TREE)
    kept = c:doc("plain.txt")
    eq(tostring(c), "ds.corpus (3 files)")
  end
  eq(kept:sentence_at(1).text, "正文第一句在這裏。")
  local c = open(TREE)
  c:close()
  c:close()
  eq(tostring(c), "ds.corpus (closed)")
  raises("attempt to use a closed ds.corpus", c.docs, c)
  raises("attempt to use a closed ds.corpus", c.doc, c, "x")
  raises("with a colon", c.docs, {})
end)

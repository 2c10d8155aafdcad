-- query_test.lua: corpus:query and its hits, on stores and on directories.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local ARTICLES = {
  { id = "a", date = "2025-01-27", source = "甲报", text = "国际论坛在上海举行。价格战打到这步田地，公司降价。", meta = { column = "财经" } },
  { id = "b", date = "2025-02-03", source = "乙報", text = "國際論壇昨日開幕，馬斯克說價格戰不會停。\n他買了 Model Y。", meta = { column = "科技" } },
  { id = "c", date = "2025-02-10", source = "甲报", text = "埃隆·马斯克没有出席。公司公司公司。", meta = { column = "财经" } },
}

local function path_of(name) return ("%s/ds-query-test-%d-%s"):format(os.getenv("TMPDIR") or "/tmp", os.time(), name) end

local function with_store(fn)
  local path = path_of("s.dsc")
  os.remove(path)
  local w = assert(ds.corpus.create(path))
  for _, a in ipairs(ARTICLES) do assert(w:add(a)) end
  assert(w:commit())
  w:close()
  local c <close> = assert(ds.corpus.open(path))
  local done, message = xpcall(fn, debug.traceback, c)
  os.remove(path)
  if not done then error(message, 0) end
end

-- What a query finds: "id:text" of each hit.
local function found(c, text, opts)
  local list = {}
  for h in assert(c:query(text, opts)):each() do list[#list + 1] = h.doc .. ":" .. c:doc(h.doc).text:sub(h.from, h.to) end
  return list
end

test("a phrase finds both scripts, however they were cut", function()
  with_store(function(c)
    eq(found(c, '"国际论坛"'), { "a:国际论坛", "b:國際論壇" })
    eq(found(c, '"际论"'), { "a:际论", "b:際論" })
    eq(found(c, '"價格戰"'), { "a:价格战", "b:價格戰" })
    eq(found(c, '"model y"'), { "b:Model Y" })
    eq(found(c, '"modely"'), {})
    eq(found(c, '"司公"'), { "c:司公", "c:司公" })
  end)
end)

test("tokens, repetition and units", function()
  with_store(function(c)
    eq(found(c, '[key="公司"]{2,}'), { "c:公司公司公司" })
    eq(found(c, '[key="公司"]', { overlap = true }), { "a:公司", "c:公司", "c:公司", "c:公司" })
    eq(found(c, '[key="公司"] [key="降价"]'), { "a:公司降价" })
    eq(#found(c, '"论坛" []* "价格" within s'), 1)
    eq(#found(c, '"论坛" []* "价格"'), 2)
  end)
end)

test("entities are found by any of their names", function()
  with_store(function(c)
    eq(found(c, '[entity="musk"]'), { "b:馬斯克", "c:埃隆·马斯克" })
    eq(found(c, '[entity="马斯克"]'), found(c, '[entity="musk"]'))
  end)
end)

test("where leaves articles out", function()
  with_store(function(c)
    eq(found(c, '"公司"', { where = "column = 财经 and date < 2025-02" }), { "a:公司" })
    eq(found(c, '"论坛"', { where = "script = Hant" }), { "b:論壇" })
    local h, message = c:query('"公司"', { where = "date >" })
    ok(not h and message:find("column", 1, true), message)
  end)
end)

test("kwic lines, captures, sorting, sampling", function()
  with_store(function(c)
    local h = assert(c:query('@who:[entity="musk"] @what:[]'))
    local lines = h:kwic { size = 2 }
    eq(#lines, 2)
    local text = c:doc(lines[1].doc).text
    eq(lines[1].node, text:sub(lines[1].from, lines[1].to))
    eq(text:sub(lines[1].captures.who.from, lines[1].captures.who.to), "馬斯克")
    ok(text:find(lines[1].left .. lines[1].node .. lines[1].right, 1, true), "a line is a piece of the text")
    h = assert(c:query('"公司"'))
    eq(h:count(), 4)
    local all = h:kwic { sort = "-right1" }
    eq(all[1].right:sub(1, #"降价"), "降价")
    eq(#h:sample(2, 7):kwic {}, 2)
    eq(h:count(), 4)
    eq(h:kwic { size = 3, unit = "chars", n = 1, sample = 100, sort = "doc" }[1].left, "田地，")
    eq(#h:kwic { from = 4 }, 1)
  end)
end)

test("groups by tokens, dates and fields", function()
  with_store(function(c)
    local h = assert(c:query('"公司"'))
    eq(h:group("month"), { { name = "2025-02", n = 3 }, { name = "2025-01", n = 1 } })
    eq(h:group("source"), { { name = "甲报", n = 4 } })
    eq(h:group("column"), { { name = "财经", n = 4 } })
    eq(h:group("doc"), { { name = "c", n = 3 }, { name = "a", n = 1 } })
    local right, total = h:group("right1")
    eq(total, 4)
    eq(right[1], { name = "公司", n = 2 })
    eq(h:group("word"), { { name = "公司", n = 4 } })
    raises("did you mean", function() h:kwic { sise = 3 } end)
    raises("is no key", function() h:group("") end)
  end)
end)

test("frequencies are those of the articles", function()
  with_store(function(c)
    local list, total = assert(c:freq { query = '[key="公司|价格.*"]' })
    eq(list[1], { key = "公司", n = 4 })
    ok(total >= 5)
    local n = 0
    for d in c:docs() do for _, row in ipairs(d:freq()) do n = n + row.n end end
    local _, all = c:freq()
    eq(all, n)
    list = assert(c:freq { by = "word", where = "date < 2025-02", query = '[key="公司"]' })
    eq(list, { { word = "公司", n = 1 } })
  end)
end)

test("malformed queries name the character", function()
  with_store(function(c)
    for text, part in pairs { ['[word="a'] = "character 7", ["价格"] = "character 1: expected", ['[key="(" ]'] = "character 2",
      ['[entity="nobody"]'] = "no entity is called 'nobody'", ['[]*'] = "match nothing" } do
      local h, message = c:query(text)
      ok(not h and message:find(part, 1, true), text .. ": " .. tostring(message))
    end
    raises("a query (a string)", function() c:query(7) end)
  end)
end)

test("a directory is searched as a store is, and leaves nothing behind", function()
  local c <close> = assert(ds.corpus.open("corpus/articles"))
  local h <close> = assert(c:query('"价格战"'))
  local n = 0
  local m = ds.matcher({ "价格战" }, { variant = true })
  for d in c:docs() do for _ in m:spans(d) do n = n + 1 end end
  eq(h:count(), n)
  ok(h:explain():find("posting lists", 1, true))
  for line in h:each() do eq(ds.utf8.fold(c:doc(line.doc).text:sub(line.from, line.to)), "价格战") end
end)

test("a stopped search says that it is partial", function()
  with_store(function(c)
    local h = assert(c:query('[pos="n.*"] []{0,3} [pos="v.*"]', { timeout = 3600 }))
    local _, partial = h:count()
    eq(partial, false)
    eq(h:partial(), false)
    h = assert(c:query('[pos="n.*"] []{0,3} [pos="v.*"]', { timeout = 1e-9 }))
    local n
    n, partial = h:count()
    ok(partial and h:partial() or n == assert(c:query('[pos="n.*"] []{0,3} [pos="v.*"]')):count())
    h = assert(c:query(('"公司" '):rep(20) .. "[]{0,5}", { timeout = 1e-9 }))
    eq(h:kwic(), {})
  end)
end)

test("where says the same of a store's columns as of its articles", function()
  local path = path_of("w.dsc")
  os.remove(path)
  local w = assert(ds.corpus.create(path))
  local dates = { "2025-01-27", "2025-01", "2024", "20250203", "2025-2-7", "someday", "" }
  local tags = { { "a", "b" }, "a", 7, "7", 7.5, true, {}, { name = "a" } }
  for i = 1, 60 do
    local date, source = dates[i % 9 + 1], i % 4 > 0 and "报" .. i % 4 or nil
    assert(w:add { id = "d" .. i, text = "公司" .. i .. "。國際", date = date, source = source, title = i % 5 > 0 and "标题" .. i % 7 or nil,
      meta = { tags = tags[i % 10 + 1], n = i % 3 > 0 and i or nil } })
  end
  for i = 1, 60, 7 do assert(w:remove("d" .. i)) end
  assert(w:commit())
  w:close()
  local c <close> = assert(ds.corpus.open(path))
  local all = 0
  for _, condition in ipairs { "date >= 2025-01", "date = 2025", "date != 2025-02-03", "not date > 2024", "source = 报1", "not source = 报1",
    "source = 报1 or source = 报3 and n > 30", "n > 7 and n <= 50 and not (source = 报2 or title ~ 標題3)", "tags = a", "tags != a", "tags = 7",
    "not tags = true", "tags.name = a", "script = Hant", "title > 标题2 and date < 2025-02", "id = d9", "nothing = 1", "not nothing = 1" } do
    local want, got = {}, {}
    for d in c:docs { where = condition } do want[#want + 1] = d.id end
    for h in assert(c:query('"公司"', { where = condition })):each() do got[#got + 1] = h.doc end
    eq(got, want)
    all = all + #want
  end
  ok(all > 200)
  eq(assert(c:query('"公司"', { where = "n < 20" })):group("tags")[1].name, "")
  os.remove(path)
end)

test("hits live as long as the loop over them", function()
  with_store(function(c)
    local n = 0
    for _ in c:query('"公司"'):each() do
      collectgarbage()
      n = n + 1
    end
    eq(n, 4)
  end)
end)

test("closed hits and hits of a closed corpus raise", function()
  with_store(function(c)
    local h, other = assert(c:query('"公司"')), assert(c:query('"公司"'))
    h:close()
    raises("closed ds.hits", function() h:count() end)
    c:close()
    raises("closed", function() other:count() end)
  end)
end)

-- Records, pages, words of the file's own, encodings and compressed files: what is read, where it lies, what is refused.
local T = require "testing"
local ds = require "ds"
local reader = require "ds.reader"
local doc = require "ds.doc"
local test, eq, ok = T.test, T.eq, T.ok

local DATA = "tests/data/reader/formats/"

local function read(s, path, opts) return reader.read(s, path, path, opts) end
local function one(s, path, opts)
  local list, bad = read(s, path, opts)
  ok(#list == 1 and #bad == 0, bad[1] and tostring(bad[1]) or #list .. " articles")
  return list[1]
end
local function messages(bad)
  local list = {}
  for i, e in ipairs(bad) do list[i] = tostring(e) end
  return list
end

-- The bytes of the file that a passage of an article stands for.
local function source_of(a, s, from, to)
  local d, parts = doc.new(a), {}
  local _, ranges = d:source(from, to)
  for i, r in ipairs(ranges) do parts[i] = s:sub(r[1], r[2]) end
  return table.concat(parts)
end

-- ------------------------------------------------------------------ where text lies in the file

test("a_passage_leads_to_its_bytes_in_every_format", function()
  for _, c in ipairs {
    { "page.html", "算力便宜了" }, { "page.html", "DeepSeek" }, { "records.jsonl", "联手发券" }, { "array.json", "第一篇的正文" },
    { "table.csv", "第一段，有" }, { "table.csv", "第二段。" }, { "table.tsv", "里面有 \"引号\"" }, { "words.conllu", "DeepSeek" },
    { "words.vrt", "打折" },
  } do
    local s = T.read(DATA .. c[1])
    local list = read(s, c[1])
    local from, to = list[1].text:find(c[2], 1, true)
    eq(source_of(list[1], s, from, to), c[2], c[1])
  end
end)

test("what_is_written_otherwise_leads_to_how_it_is_written", function()
  local s = T.read(DATA .. "page.html")
  local a = one(s, "page.html")
  local from, to = a.text:find("—", 1, true)
  eq(source_of(a, s, from, to), "&mdash;")
  from, to = a.text:find("<小菜>", 1, true)
  eq(source_of(a, s, from, to), "&lt;小菜&gt;")
  s = [[{"text":"甲\u4E59\"丙\\丁\ud83d\ude00"}]]
  a = one(s, "x.jsonl")
  eq(a.text, "甲乙\"丙\\丁😀")
  for _, c in ipairs { { "乙", [[\u4E59]] }, { "\"", [[\"]] }, { "\\", [[\\]] }, { "😀", [[\ud83d\ude00]] }, { "丁", "丁" } } do
    from, to = a.text:find(c[1], 1, true)
    eq(source_of(a, s, from, to), c[2])
  end
  s = 'text\n"甲""乙"\n'
  a = one(s, "x.csv")
  eq({ a.text, source_of(a, s, 4, 4) }, { '甲"乙', '""' })
end)

test("decoded_text_leads_to_the_bytes_on_disk", function()
  for _, name in ipairs { "old-gb18030.txt", "old-big5.txt", "utf16.txt", "old-table.csv" } do
    local s = T.read(DATA .. name)
    local list, bad = read(s, name)
    eq(#bad, 0)
    for _, a in ipairs(list) do
      ok(a.meta.encoding, name)
      for from, to in ds.utf8.graphemes(a.text) do
        local char = a.text:sub(from, to)
        local got = source_of(a, s, from, to)
        if char ~= "\n" then eq(ds.utf8.decode(got, a.meta.encoding), char, name) end
      end
    end
  end
end)

test("compressed_files_read_like_the_others_and_say_so", function()
  local plain, packed = T.read(DATA .. "records.jsonl"), T.read(DATA .. "packed.jsonl.gz")
  local a, b = read(plain, "x.jsonl"), read(packed, "x.jsonl.gz")
  eq(#a, #b)
  for i = 1, #a do
    eq(a[i].text, b[i].text)
    local _, ranges, compression = doc.new(b[i]):source(1, 3)
    eq({ ranges, compression }, { select(2, doc.new(a[i]):source(1, 3)), "gzip" })
  end
  eq(#read(packed .. packed, "x.jsonl.gz"), 2 * #a, "two members are one stream")
  eq(#read(packed .. ("\0"):rep(512), "x.jsonl.gz"), #a, "zero bytes fill up a tape")
end)

-- ------------------------------------------------------------------ damage

test("a_damaged_or_cut_file_is_named_with_its_byte", function()
  for _, name in ipairs { "packed.jsonl.gz", "old-packed.txt.zst" } do
    local s = T.read(DATA .. name)
    local full = #read(s, name)
    for n = 4, #s - 1 do
      local list, bad = read(s:sub(1, n), name)
      ok(#bad >= 1 and #list <= full, name .. " cut at " .. n)
      local last = bad[#bad]
      ok(last.byte and last.byte <= n + 1 and last.message:find("cut off", 1, true), tostring(last))
    end
    local kept = 0
    for at = 12, #s do
      local c = s:byte(at)
      local list, bad = read(s:sub(1, at - 1) .. T.flip(c, 4) .. s:sub(at + 1), name)
      local last = bad[#bad]
      if not last or not last.message:find("data") then kept = kept + 1 end
      ok(#list <= full + 1)
    end
    ok(name:find("zst") or kept <= 2, name .. ": " .. kept .. " flipped bytes not noticed") -- gzip's header holds some
    local _, bad = read(s .. "junk", name)
    ok(tostring(bad[#bad]):find("counted in the compressed file", 1, true), tostring(bad[#bad]))
  end
end)

test("a_bomb_is_bounded", function()
  local all = reader.FILE_MAX
  reader.FILE_MAX = 1000
  local source = require "ds.c.source"
  local packed = T.read(DATA .. "packed.jsonl.gz")
  eq({ source.of(packed):all(10) }, { nil, "larger than 10 bytes, decompressed; split it", {} })
  local list, bad = read(("字"):rep(500), "x.txt")
  reader.FILE_MAX = all
  eq({ #list, bad[1].message }, { 0, "larger than 1000 bytes; split it" })
  local longest = reader.LINE_MAX
  reader.LINE_MAX = 100
  list, bad = read('{"text":"' .. ("长"):rep(100) .. '"}\n{"text":"短的一篇。"}\n', "x.jsonl")
  local rows, bad_rows = read('text\n"' .. ("长"):rep(100) .. '"\n短的一行。\n', "x.csv")
  reader.LINE_MAX = longest
  eq({ #list, list[1].text, bad[1].line }, { 1, "短的一篇。", 1 })
  eq({ #bad, #bad_rows >= 1, #rows <= 1 }, { 1, true, true })
end)

-- ------------------------------------------------------------------ records

test("what_cat_writes_is_read_back_as_it_was", function()
  local json = ds.json
  local text = "一行\n  缩进的代码\n\n空行后面"
  local line = json.encode({ table = "articles", id = "x#7", title = "题目", date = "2025-01", source = "某报", author = "甲",
    text = text, meta = { a = { 1, 2 }, encoding = "Big5" } }, { "table", "id" })
  local a = one(line .. "\n", "x.jsonl")
  eq({ a.id, a.title, a.date, a.source_name, a.author, a.text, a.meta.a[2], a.meta.encoding },
    { "x#7", "题目", "2025-01", "某报", "甲", text, 2, "Big5" })
end)

test("every_bad_record_is_named_and_the_others_are_read", function()
  local list, bad = read(T.read(DATA .. "records.jsonl"), "records.jsonl")
  eq(#list, 3)
  eq(messages(bad), { "records.jsonl: line 4: no text: name its field, --fields text=NAME; there are title, views",
    "records.jsonl: line 5: a string has no end" })
  eq({ bad[1].id, bad[2].id }, { "records.jsonl#3", "records.jsonl#4" })
  for _, c in ipairs {
    { '{"text":"a" "b":1}', "a comma or } is wanted" }, { '{"text":"甲"} x', "something follows the object" },
    { '{"text":"\\q"}', "an escape that JSON does not know" }, { '{"text":"\\ud800"}', "an escape that JSON does not know" },
    { '{"text":"甲","n":01}', "a value that is no JSON" }, { '{"text":"甲","n":[1,}', "a value that is no JSON" }, { '{"text":"甲","n":[1', "a bracket has no end" },
    { '["text"]', "a JSON object {...} is wanted" }, { '{"text":7}', "no text" }, { '{}', "the record is empty" },
    { '{"text":"甲\xFF"}', "not UTF-8" }, { '{"text":"　 \\n"}', "the text is empty" }, { '{text:1}', "a string in double quotes" },
  } do
    list, bad = read('{"text":"好的。"}\n' .. c[1] .. '\n{"text":"也好。"}', "x.jsonl", { encoding = "UTF-8" })
    eq({ #list, #bad, bad[1] and bad[1].line }, { 2, 1, 2 }, c[1])
    ok(bad[1].message:find(c[2], 1, true), bad[1].message)
  end
end)

test("a_file_of_another_kind_is_given_up", function()
  local list, bad = read(("没有一行是 JSON\n"):rep(500), "x.jsonl")
  eq({ #list, #bad }, { 0, 100 })
  ok(bad[100].message:find("none of the first 100 can be read: is this a file of JSON lines?", 1, true), bad[100].message)
end)

test("columns_are_known_by_their_names_or_named", function()
  local s = "文章编号,headline,body,content\n7,题目,甲文。,乙文。\n"
  local a = one(s, "x.csv")
  eq({ a.id, a.title, a.text, a.meta }, { "x.csv", "题目", "乙文。", { ["文章编号"] = 7, body = "甲文。" } })
  a = one(s, "x.csv", { fields = { text = "body", id = "文章编号", kind = "headline" } })
  eq({ a.id, a.title or false, a.text, a.meta }, { "7", false, "甲文。", { kind = "题目", content = "乙文。" } })
  local _, bad = read(s, "x.csv", { fields = { text = "bodi" } })
  eq(messages(bad), { "x.csv: line 1: --fields text=bodi: there is no such column, did you mean 'body'?" })
  _, bad = read("a,b\n1,2\n", "x.csv")
  eq(messages(bad), { "x.csv: line 1: no column is known to hold the text; name it: --fields text=NAME; the columns are a, b" })
  eq(one("title;text\n题;文。\n", "x.csv").title, "题")
  eq(one("\u{FEFF}title\ttext\r\n题\t文。\r\n", "x.csv").title, "题")
end)

test("broken_rows_are_named", function()
  for _, c in ipairs {
    { 'text,b\n"没有结尾,1\n好,2\n', "a quote that is not closed", 2, 0 },
    { 'text,b\n"甲"乙,1\n好。,2\n', "text behind a closing quote", 2, 1 },
    { 'text,b\n甲\n好。,2\n', "1 cells, where the header has 2", 2, 1 },
    { 'text,b\n甲,1,2\n好。,2\n', "3 cells, where the header has 2", 2, 1 },
  } do
    local list, bad = read(c[1], "x.csv")
    eq({ #list, #bad, bad[1].line }, { c[4], 1, c[3] }, c[1])
    ok(bad[1].message:find(c[2], 1, true), bad[1].message)
  end
end)

test("records_have_their_own_ids_and_can_be_fetched", function()
  local c = ds.corpus.open(DATA .. "records.jsonl", DATA .. "packed.jsonl.gz", DATA .. "table.csv")
  local ids = {}
  for d in c:docs() do ids[#ids + 1] = d.id end
  eq(ids, { "r-1", "records.jsonl#2", "records.jsonl#5", "r-1#2", "packed.jsonl.gz#2", "packed.jsonl.gz#5", "c1", "c4" })
  for _, id in ipairs(ids) do eq(c:doc(id) and c:doc(id).id, id) end
  local fresh = ds.corpus.open(DATA .. "records.jsonl", DATA .. "packed.jsonl.gz", DATA .. "table.csv")
  eq({ fresh:doc("c4").text, fresh:doc("r-1#2").path }, { "只有正文。", DATA .. "packed.jsonl.gz" })
  eq(fresh:doc("nope"), nil)
  for id in pairs { ["r-1"] = 1, ["records.jsonl#5"] = 1 } do -- entered in the middle of the file
    local a, b = fresh:doc(id), ds.corpus.open(DATA .. "records.jsonl"):doc(id)
    eq({ a.id, a.text, a.title, { a:source(4, 9) } }, { b.id, b.text, b.title, { b:source(4, 9) } })
  end
end)

test("files_without_articles_are_named", function()
  for _, c in ipairs { { "text,b\n", "x.csv" }, { "[]", "x.json" }, { "# newdoc\n", "x.conllu" }, { "\n\n", "x.jsonl" }, { "", "x.vrt" } } do
    local list, bad = read(c[1], c[2])
    eq({ #list, #bad }, { 0, 1 }, c[2])
  end
end)

-- ------------------------------------------------------------------ words of the file's own

test("the_files_own_words_and_sentences_are_kept", function()
  local d = doc.new(read(T.read(DATA .. "words.conllu"), "words.conllu")[1])
  local words, sentences = {}, {}
  for t in d:tokens() do
    words[#words + 1] = t.word .. "/" .. t.pos .. "/" .. (t.lemma or "")
    eq(d.text:sub(t.from, t.to), t.word)
  end
  for s in d:sentences() do sentences[#sentences + 1] = s.text end
  eq(words, { "老板/NOUN/老板", "说/VERB/说", "DeepSeek/PROPN/DeepSeek", "V3/PROPN/V3", "降价了/VERB/降价", "。/PUNCT/。",
    "不/ADV/不", "打折/VERB+NOUN/", "。/PUNCT/。" })
  eq(sentences, { "豆包不打折", "老板说DeepSeek V3降价了。", "不打折。" })
  eq(d:freq { pos = "VERB" }, { { key = "说", n = 1, pos = "VERB" }, { key = "降价了", n = 1, pos = "VERB" } })
  local own = doc.own_tokens(d)
  eq({ #own.from, own.pos[1], own.sentences[2] }, { 9, "NOUN", #"老板说DeepSeek V3降价了。" })
  eq(doc.own_tokens(doc.new { id = "x", text = "文" }), nil)
end)

test("broken_vertical_text_is_named", function()
  for _, c in ipairs {
    { "1\t词\t_\n", "x.conllu", "3 columns, not the 10 of CoNLL-U" }, { "x" .. ("\t_"):rep(9) .. "\n", "x.conllu", "no number of a word" },
    { "<doc>\n<s>\n</s>\n</doc>\n", "x.vrt", "no words in it" }, { "<doc>\n\t词\n</doc>\n", "x.vrt", "no word in column 1" },
    { "<doc>\n\xFF\n</doc>\n", "x.vrt", "not UTF-8" },
  } do
    local list, bad = read(c[1], c[2], { encoding = "UTF-8" })
    eq({ #list, #bad }, { 0, 1 }, c[1])
    ok(bad[1].message:find(c[3], 1, true), bad[1].message)
  end
end)

-- ------------------------------------------------------------------ HTML

local PROSE = "<p>这一段话足够长，有逗号，也有句号，读起来是文章。</p>"

test("the_article_is_found_on_pages_of_many_shapes", function()
  for _, c in ipairs {
    "<html><body><nav><a href=1>首页</a></nav><article>%s</article><footer>版权所有，不得转载，违者必究，谢谢合作。</footer>",
    "<html><body><div id=sidebar><p>侧栏里也有一句话，很长，也有标点，不过不是文章。</p></div><div class=artBody>%s%s</div>",
    "<html><body><table><tr><td><a href=1>导航</a><br><a href=2>新闻</a></td><td><div>%s</div></td></tr></table>",
    "<html><body><form><div>%s</div><input value=搜索></form>",
    "<html><body><div id=js_content style='visibility: hidden'><section><span>%s</span></section></div>",
    "<html><body class=nav-open><main>%s<div hidden><p>看不见的一段话，也很长，有逗号，有句号。</p></div></main>",
    "<html><body><div class='comment list'><p>评论的人说，这篇文章写得不错，我很喜欢，真的。</p></div><section>%s%s</section>",
  } do
    local want = PROSE:gsub("<[^>]*>", "")
    local n = select(2, c:gsub("%%s", ""))
    local a = one(c:format(PROSE, PROSE), "x.html")
    eq(a.text, n == 2 and want .. "\n" .. want or want, c)
  end
end)

test("titles_lose_the_name_of_the_site", function()
  for _, c in ipairs {
    { "<title>豆包又降价了_示例网</title>", "豆包又降价了" }, { "<title>豆包又降价了 - 财经 - 示例网</title>", "豆包又降价了" },
    { "<title>豆包又降价了-示例网</title>", "豆包又降价了" }, { "<title>豆包又出了-甲乙版</title>", "豆包又出了-甲乙版" },
    { "<title>豆包又降价了</title>", "豆包又降价了" }, { "<title>示例网</title><h1>豆包又降价了</h1>", "豆包又降价了" },
    { "<meta property='og:title' content='豆包又降价了｜示例网'>", "豆包又降价了" },
  } do
    eq(one("<!doctype html><html>" .. c[1] .. "<body>" .. PROSE, "x.html").title, c[2], c[1])
  end
end)

test("pages_without_an_article_are_refused", function()
  for _, s in ipairs { "<html>", "<html><body><a href=1>一</a> <a href=2>二</a>", "<html><script>var s = '文章，文章。'</script>" } do
    local list, bad = read(s, "x.html")
    eq({ #list, #bad }, { 0, 1 }, s)
    ok(bad[1].message:find("no article is found", 1, true), bad[1].message)
  end
end)

test("hostile_pages_end_in_time_and_memory", function()
  for _, s in ipairs {
    ("<div>"):rep(200000) .. "文", ("<b>"):rep(900) .. ("<p>文"):rep(20000), ("<a href=x>"):rep(50000), ("<table>"):rep(900) .. ("<td>文"):rep(3000),
    ("<font color=1><p>"):rep(50000), ("</p>"):rep(300000), ("<![CDATA["):rep(10000), ("&"):rep(300000), ("<svg><p>"):rep(900),
    "<!--" .. ("-"):rep(300000), ("<x y='"):rep(100000), ("<p a=1 b=2 c=3>"):rep(30000), "<textarea>" .. ("<div>"):rep(100000),
  } do
    local list, bad = read("<html>" .. s, "x.html")
    eq(#list + #bad, 1, s:sub(1, 20))
  end
  local _, bad = read("<html>" .. ("<div>"):rep(5000), "x.html")
  ok(bad[1].message:find("nested too deep", 1, true), bad[1].message)
end)

-- ------------------------------------------------------------------ any bytes

-- Whatever the bytes, an article is UTF-8, and each passage has a place in the file.
local function check_articles(s, name)
  local list, bad = read(s, name)
  for _, a in ipairs(list) do
    ok(ds.utf8.valid(a.text) and a.text ~= "", name)
    local _, ranges = doc.new(a):source()
    local last = 0
    for _, r in ipairs(ranges) do
      ok(r[1] > last and r[2] >= r[1] and (r[2] <= #s or a.compression), name .. ": a place outside of the file")
      last = r[2]
    end
  end
  ok(#list + #bad > 0 or s:find("^%s*$"), name .. ": neither read nor refused")
end

test("mutated_files_of_every_format_are_read_or_refused", function()
  local seed = 20250308
  local function random(n)
    seed = (seed * 1103515245 + 12345) % 2147483648
    return math.floor(seed / 256) % n
  end
  local bits = { "<", ">", "\"", ",", "\t", "\n", "\r\n", "\0", "\xFF", "{", "}", "[", "\\", "\\u", "&#", "&amp;", "<p>", "</div>", "1\t", "#",
    "<doc>", "</s>", "<!--", "\xE4", "　", "\x1F\x8B\x08", "<table>", "<script>" }
  for _, name in ipairs { "page.html", "records.jsonl", "array.json", "table.csv", "table.tsv", "words.conllu", "words.vrt", "packed.jsonl.gz",
    "old-packed.txt.zst", "old-gb18030.txt", "utf16.txt", "old-table.csv" } do
    local s = T.read(DATA .. name)
    for round = 1, 250 do
      local m = s
      for _ = 1, 1 + round % 4 do
        local at, kind = random(#m) + 1, random(4)
        if kind == 0 then m = m:sub(1, at - 1) .. string.char(random(256)) .. m:sub(at + 1)
        elseif kind == 1 then m = m:sub(1, at - 1) .. m:sub(at + 1 + random(20))
        elseif kind == 2 then m = m:sub(1, at - 1) .. bits[random(#bits) + 1] .. m:sub(at)
        else
          local from = random(#m) + 1
          m = m:sub(1, at) .. m:sub(from, from + random(60)) .. m:sub(at + 1)
        end
      end
      check_articles(m, name)
    end
    for n = 0, #s, math.max(1, math.floor(#s / 150)) do check_articles(s:sub(1, n), name) end
  end
end)

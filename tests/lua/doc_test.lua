-- Documents: sentences, words, the way back to the file, boilerplate.
local T = require "testing"
local ds = require "ds"
local doc_of = require "ds.doc"
local reader = require "ds.reader"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local function doc(s, path)
  local list, rejected = reader.read(s, path or "a.md", "a.md")
  ok(list[1], rejected[1] and tostring(rejected[1]))
  return doc_of.new(list[1], nil), s
end

local function all(iter, field)
  local list = {}
  for x in iter do list[#list + 1] = field and x[field] or x end
  return list
end

local function bytes(d, s, from, to)
  local parts, path, ranges = {}, d:source(from, to)
  for _, r in ipairs(ranges) do parts[#parts + 1] = s:sub(r[1], r[2]) end
  return table.concat(parts), path
end

test("fields_and_script", function()
  local d = doc("---\ntitle: 题目\nauthor: 甲\n---\n測試這個「繁體」句子。")
  eq({ d.id, d.title, d.author, d.script, d.path, tostring(d) }, { "a.md", "题目", "甲", "Hant", "a.md", "ds.doc (a.md)" })
  eq(d.nothing, nil)
  eq(getmetatable(d).__name, "ds.doc")
end)

test("the_title_is_the_first_sentence_and_has_no_place", function()
  local d = doc("# 题目\n\n第一句。第二句！\n\n第三句？")
  local list = all(d:sentences())
  eq(list[1], { text = "题目", part = "title" })
  eq(all(d:sentences(), "text"), { "题目", "第一句。", "第二句！", "第三句？" })
  for i = 2, #list do
    eq(d.text:sub(list[i].from, list[i].to), list[i].text)
    eq(list[i].part, "body")
  end
  eq(#all(doc("一句话。"):sentences()), 1)
end)

test("sentence_at_finds_every_position", function()
  local d = doc("第一句。第二句！\n\n第三句？")
  for s in d:sentences() do
    for pos = s.from, s.to do eq(d:sentence_at(pos), s) end
  end
  eq(d:sentence_at(0), nil)
  eq(d:sentence_at(#d.text + 1), nil)
  eq(d:sentence_at(d.text:find("\n")), nil)
  raises("an integer", d.sentence_at, d, 1.5)
end)

test("paragraphs_and_quotations", function()
  local d = doc("第一段。\n\n他说“引『内』文”。")
  eq(all(d:paragraphs(), "text"), { "第一段。", "他说“引『内』文”。" })
  local q = all(d:quotations())
  eq(#q, 2)
  eq(d.text:sub(q[1].from, q[1].to), "“引『内』文”")
  eq(d.text:sub(q[2].inner_from, q[2].inner_to), "内")
end)

test("source_leads_to_the_bytes_of_the_file", function()
  local d, s = doc("\u{FEFF}---\r\ntitle: 题目\r\n---\r\n# 题目\r\n\r\n来源：某报\r\n\r\n前**后**文 &amp; [链](http://x.y)。\r\n第二行。\r\n")
  eq(d.text, "前后文 & 链。\n第二行。")
  eq({ bytes(d, s, 1, #"前后文") }, { "前后文", "a.md" })
  eq(bytes(d, s, d.text:find("&")), "&amp;")
  eq(bytes(d, s, d.text:find("第二行")), "第二行")
  eq(bytes(d, s), "前后文 &amp; 链。\r\n第二行。")
  eq({ select(2, d:source(3, 2)) }, { {} })
  eq(bytes(d, s, -5, 999), bytes(d, s))
  raises("positions are integers", d.source, d, "x")
end)

test("source_skips_lines_that_were_taken_out", function()
  local d, s = doc("专题：某事\n来源：某报\n正文一句话。\n后一句。\n", "a.txt")
  eq(d.text, "专题：某事\n正文一句话。\n后一句。")
  eq(bytes(d, s), "专题：某事\n正文一句话。\n后一句。")
  eq(#select(2, d:source()), 2)
end)

test("items_of_a_digest_lead_to_their_own_bytes", function()
  local s = T.read("tests/data/reader/tree/sub/digest.md")
  for _, fields in ipairs(reader.read(s, "d.md", "d.md")) do
    local d = doc_of.new(fields)
    eq(bytes(d, s), d.text)
  end
end)

test("a_document_without_a_file_has_no_source", function()
  local d = doc_of.new { id = "x", text = "一句话。" }
  eq({ d:source(1, 3) }, { nil, {} })
  eq(d.meta, {})
end)

test("words_join_to_the_text_and_are_counted", function()
  local d = doc("降价又降价，價格战！")
  eq(table.concat(all(d:tokens(), "word")), d.text)
  for t in d:tokens() do eq(d.text:sub(t.from, t.to), t.word) end
  local rows = d:freq()
  eq({ rows[1].key, rows[1].n }, { "降价", 2 })
  for i = 2, #rows do ok(rows[i - 1].n > rows[i].n or rows[i - 1].key < rows[i].key) end
  for _, r in ipairs(d:freq { class = "punct" }) do ok(r.key == "，" or r.key == "," or r.key == "！" or r.key == "!", r.key) end
  local written = {}
  for _, r in ipairs(d:freq { by = "word" }) do written[r.word] = r.n end
  eq(written["降价"], 2)
  for _, r in ipairs(d:freq { pos = "v.*" }) do ok(r.pos:find("^v")) end
  raises("unknown option 'bye'", d.freq, d, { bye = 1 })
  raises("by is 'key' or 'word'", d.freq, d, { by = "pos" })
end)

local PAGES = { -- lines of an article, kinds of its lines ("-": none)
  { { "正文一句话，说完就停。", "风险提示：市场有风险，投资需谨慎。", "examplesite" }, { "-", "disclaimer", "link" } },
  { { "正文一句話，說完就停。", "版權聲明：未經授權，禁止轉載。" }, { "-", "copyright" } },
  { { "正文一句话，说完就停。", "点赞关注某某视频号", "某某网", "微信扫一扫", "取消", "，", "。" },
    { "-", "follow", "follow", "follow", "page", "page", "page" } },
  { { "正文一句话，说完就停。", "參考資料", "某報，《某某的文章》", "某網，《又一篇》" }, { "-", "list", "list", "list" } },
  { { "原创", "正文一句话，说完就停。", "他提醒大家关注账号安全。", "最后一句话很普通。" }, { "page", "-", "-", "-" } },
  { { "正文一句话，说完就停。" }, { "-" } },
}

test("boilerplate_is_found_at_the_end_and_the_top_only", function()
  for _, c in ipairs(PAGES) do
    local d = doc_of.new { id = "x", text = table.concat(c[1], "\n") }
    local got, at = {}, 1
    for i, line in ipairs(c[1]) do
      got[i] = "-"
      for _, b in ipairs(d:boilerplate()) do
        if b.from <= at and b.to >= at + #line - 1 then got[i] = b.kind end
      end
      at = at + #line + 1
    end
    eq(got, c[2], c[1][1])
  end
end)

test("every_sentence_of_the_shared_articles_leads_to_its_bytes", function()
  local c = ds.corpus.open("../shared/seeds", "../shared/dev/articles")
  if not c then T.skip("../shared is absent") end
  local count, coded = 0, 0
  for d in c:docs() do
    local s = T.read(d.path)
    for sentence in d:sentences() do
      if sentence.part == "body" then
        count = count + 1
        local got = bytes(d, s, sentence.from, sentence.to)
        if got ~= sentence.text then
          coded = coded + 1 -- an escape or a character reference, which the file writes otherwise
          eq(got:gsub("\\(%p)", "%1"), sentence.text, d.id)
        end
      end
    end
  end
  eq(#c.errors, 0)
  ok(count > 500 and coded < 10, count .. " sentences, " .. coded .. " coded")
end)

test("the_shared_articles_have_titles_dates_and_the_counted_terms", function()
  local c = ds.corpus.open("../shared/seeds", "../shared/dev/articles")
  local gold = T.read("../shared/dev/gold/pricewar.tsv")
  if not c or not gold then T.skip("../shared is absent") end
  local texts = {}
  for d in c:docs() do
    local file = d.id:gsub("#%d+$", "")
    texts[file] = (texts[file] or "") .. "\n" .. d.text
  end
  local cells = 0
  for line in gold:gmatch("[^\n]+") do
    local file, term, _, form, _, n = line:match("^([^#\t]+)\t([^\t]+)\t([^\t]+)\t([^\t]+)\t([^\t]+)\t([^\t]+)")
    if file and not term:find("^__") then
      local count, at = 0, 1
      repeat
        local from, to = texts[file]:find(form, at, true)
        if from then count, at = count + 1, to + 1 end
      until not from
      eq(count, tonumber(n), file .. " " .. form)
      cells = cells + 1
    end
  end
  ok(cells > 30)
end)

test("whole_words_are_those_whose_ends_are_borders_of_tokens", function()
  local user = os.tmpname()
  local f = assert(io.open(user, "w"))
  f:write("来了，价格\n战争。低价\n")
  f:close()
  for _, opts in ipairs { {}, { user = user } } do
    local corpus = assert(ds.corpus.open("corpus/articles"))
    if opts.user then corpus.segmenter = assert(ds.segmenter(opts)) end
    local m, seen = assert(ds.matcher { "价格", "战", "的", "AI", "，", "%", "格战", "1" }), { 0, 0 }
    for doc in corpus:docs() do
      local starts, ends, ranges = { [#doc.text + 1] = true }, { [0] = true }, {}
      for t in doc:tokens() do starts[t.from], ends[t.to] = true, true end
      for from, to in m:spans(doc) do ranges[#ranges + 1], ranges[#ranges + 2] = from, to end
      local whole = doc:whole_words(ranges)
      for i, w in ipairs(whole) do
        local from, to = ranges[2 * i - 1], ranges[2 * i]
        T.eq(w, (starts[from] and ends[to]) == true, doc.text:sub(from, to) .. " in " .. doc.id)
        seen[w and 1 or 2] = seen[w and 1 or 2] + 1
      end
    end
    T.ok(seen[1] > 500 and seen[2] > 20, seen[1] .. " and " .. seen[2])
  end
  os.remove(user)
  local doc = assert(ds.corpus.open("corpus/articles")):docs()()
  T.raises("outside of the text", doc.whole_words, doc, { 1, #doc.text + 1 })
  T.eq(doc:whole_words {}, {})
end)

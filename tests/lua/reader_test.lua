-- One file to articles: Markdown, front matter, digests, head lines, and everything that is refused.
local T = require "testing"
local ds = require "ds"
local reader = require "ds.reader"
local markdown = require "ds.c.markdown"
local yaml = require "ds.c.yaml"
local date = require "ds.date"
local headlines = require "ds.headlines"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local function read(s, path) return reader.read(s, path or "a.md", path or "a.md") end
local function one(s, path)
  local list, rejected = read(s, path)
  ok(#list == 1 and #rejected == 0, rejected[1] and tostring(rejected[1]) or #list .. " articles")
  return list[1]
end
local function refused(s, path)
  local list, rejected = read(s, path)
  eq({ #list, #rejected }, { 0, 1 })
  return rejected[1]
end

-- Every byte of the clean text leads to the same byte of the source, or to what it stands for.
local function check_map(s, text, map, drift)
  eq(drift or 0, 0, "drift")
  eq(#map, #text)
  local last = 0
  for i = 1, #text do
    for _, r in ipairs(map:pieces(i, i)) do
      local bytes = s:sub(r[1], r[2])
      ok(#bytes > 1 or bytes == text:sub(i, i) or bytes == "\r", ("byte %d: %q is not %q"):format(i, bytes, text:sub(i, i)))
      ok(r[1] >= last, "source goes back")
      last = r[1]
    end
  end
end

local CASES = { -- Markdown, clean text
  { "一*二*三**四**五", "一二三四五" },
  { "他说**“价格。”**后来", "他说“价格。”后来" },
  { "**文****/何** x", "文/何 x" },
  { "******三重******", "三重" },
  { "中__文__字 snake__case__x _斜_ 2*3 * 4", "中文字 snake__case__x 斜 2*3 * 4" },
  { "\\*\\*留\\*\\* \\_x", "**留** _x" },
  { "[文字](http://a.b \"t\") [空]( ) [x](<a b> 't') [多](a(b)c)", "文字 空 x 多" },
  { "![图 *alt*](u) 后", "后" },
  { "[![图](a)](b)\n\n下", "下" },
  { "[名][1] 与 [1] 与 [1][]\n\n[1]: http://a.b '题'", "名 与 1 与 1" },
  { "脚注[^1]。\n\n[^1]: 注的文字", "脚注[^1]。\n[^1]: 注的文字" },
  { "[注]: 这是一句话", "[注]: 这是一句话" },
  { "[[笔记/链接]]", "[[笔记/链接]]" },
  { "&amp; &lt; &copy; &#20013; &nope; &", "& < © 中 &nope; &" },
  { "`码 **x**` ``a`b`` ` `` `", "码 **x** a`b ``" },
  { "```lua\n  x = 1\n\n y\n```\n\n    缩进\n", "  x = 1\n y\n缩进" },
  { "a<!-- 注释 -->b <b>粗</b><br>换行", "ab 粗\n换行" },
  { "<div>\n<p>甲 &amp; 乙</p><p>丙</p>\n<script>var x</script>\n</div>", "甲 & 乙\n丙" },
  { "<!--\n注释\n-->\n\n文", "文" },
  { "行一  \n行二\\\n行三\n行四", "行一\n行二\n行三\n行四" },
  { "a\r\nb\r\n\r\nc\rd", "a\nb\nc\nd" },
  { "- 甲\n- 乙\n  丙\n\n1. 一\n\n   二", "甲\n乙\n丙\n一\n二" },
  { "> 引\n> 用 *强\n> 调*\n懒", "引\n用 强\n调\n懒" },
  { "标题\n===\n\n### 小 标题 ###\n\n***\n\n文", "标题\n小 标题\n文" },
  { "　　缩进两格　\n\n\u{200B}\n\n\u{200D}", "缩进两格" },
  { "| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |" },
  { "<http://a.b/?x=1&amp;y**z>", "http://a.b/?x=1&y**z" },
}

test("markdown_becomes_clean_text_and_every_byte_leads_back", function()
  for _, c in ipairs(CASES) do
    local text, map, _, drift = markdown.parse(c[1])
    eq(text, c[2], c[1])
    check_map(c[1], text, map, drift)
  end
end)

test("positions_count_from_the_start_of_the_file", function()
  local s = "---\ntitle: x\n---\n\n前**后**"
  local from = s:find("\n\n", 1, true)
  local text, map = markdown.parse(s, from, -1)
  eq(text, "前后")
  eq(map:pieces(1, -1), { { s:find("前"), s:find("前") + 2 }, { s:find("后"), s:find("后") + 2 } })
  eq({ map:origin(1, -1) }, { s:find("前"), s:find("后") + 2 })
end)

test("headings_are_listed_with_their_place", function()
  local text, _, headings = markdown.parse("# 一 *二*\n\n文\n\n## \n\n下\n二\n---\n")
  eq(text, "一 二\n文\n下 二")
  local got = {}
  for i, h in ipairs(headings) do got[i] = h.level .. text:sub(h.from, h.to) end
  eq(got, { "1一 二", "2下 二" })
end)

test("random_markdown_keeps_the_promises_of_clean_text", function()
  local words = { "*", "**", "_", "__", "中", "a b", "。", "[", "]", "](", "(u)", "![", "<", "> ", "- ", "1. ", "\n", "\n\n",
    "    ", "\t", "`", "``", "```\n", "&amp;", "&#65;", "&no;", "\\", "\\*", "# ", "===\n", "---\n", "[a]: /u\n", "[a]",
    "<b>", "<br>", "<!-- x -->", "<div>", "</div>\n", "<http://x.y>", "\"t\"", "|", "  \n", "\r\n", "\r", "[^1]: ", "　" }
  local seed = 20250101
  for round = 1, 1500 do
    local parts = {}
    for i = 1, 1 + round % 24 do
      seed = (seed * 1103515245 + 12345) % 2147483648
      parts[i] = words[math.floor(seed / 256) % #words + 1]
    end
    local s = table.concat(parts)
    local text, map = markdown.parse(s)
    ok(not text:find("\n\n") and not text:find("%s\n") and not text:find("^\n") and not text:find("%s$"), s) -- code is indented
    eq(#map, #text)
    local last = 0
    for _, r in ipairs(map:pieces(1, -1)) do
      ok(r[1] > last and r[2] <= #s, s)
      last = r[2]
    end
  end
end)

test("prose_without_marks_reads_as_it_does_beside_marks", function()
  local words = { "中文", "。", "a b", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\r", "　", "2025年", "12", "3.", "|", "-", "=", "+", "#", "~", ">",
    "!", "]", "(", ")", ":", "\f", "\v", "\u{A0}", "\u{200B}", "\u{2028}", "：", "x\t",
    "_", "a_b", "_c", "&", "& ", "&amp", ";", "<", "< ", "/", "?" }
  local seed = 20250309
  for round = 1, 8000 do
    local parts = {}
    for i = 1, 1 + round % 16 do
      seed = (seed * 1103515245 + 12345) % 2147483648
      parts[i] = words[math.floor(seed / 256) % #words + 1]
    end
    local s = table.concat(parts):gsub("<([?!/%a])", "< %1") -- not what would take in all that follows
    local text, map, headings = markdown.parse(s)
    local beside, beside_map, beside_headings = markdown.parse(s .. "\n\n*末*") -- goes through cmark
    eq(beside, text == "" and "末" or text .. "\n末", s)
    eq({ map:pieces(1, -1), #headings }, { #text > 0 and beside_map:pieces(1, #text) or {}, #beside_headings }, s)
  end
end)

test("deep_nesting_and_many_marks_end_in_time", function()
  for _, unit in ipairs { "> ", "- ", "*a ", "[", "<b>", "`a``", "\\", "&amp;", "**a** ", "[a](b) " } do
    local text = markdown.parse(unit:rep(100000))
    ok(type(text) == "string", unit)
  end
end)

test("paragraphs_that_libcmark_cannot_parse_in_time_are_refused_with_their_line", function()
  local bad = refused("文\n\n" .. ("![[]()"):rep(60000))
  ok(bad.message:find("too many images and links", 1, true), bad.message)
  eq(bad.line, 3)
end)

-- ------------------------------------------------------------------ YAML

test("yaml_types_are_kept", function()
  eq(yaml.parse('a: 1\nb: "1"\nc: 1.5\nd: true\ne: no\nf: 007\ng: 2025-01-02\nh: [1, x, ~]\ni: {k: v}\nj: ~\nk: 0x1F\nl: 1e3\nm: 99999999999999999999\nn: -3\no: .5\np: 1_000'),
    { a = 1, b = "1", c = 1.5, d = true, e = "no", f = "007", g = "2025-01-02", h = { 1, "x" }, i = { k = "v" }, k = 31,
      l = 1000.0, m = "99999999999999999999", n = -3, o = 0.5, p = "1_000" })
  eq(yaml.parse("a: |\n  x\n  y\nb: >\n  x\n  y\n"), { a = "x\ny\n", b = "x y\n" })
  eq(yaml.parse("a: &x [1, 2]\nb: *x\n"), { a = { 1, 2 }, b = { 1, 2 } })
  eq(yaml.parse(""), nil)
end)

test("yaml_hazards_are_refused_with_their_line", function()
  local bomb = { "a0: &a0 [x, x, x, x, x, x, x, x, x, x]" }
  for i = 1, 20 do
    bomb[#bomb + 1] = ("a%d: &a%d [%s]"):format(i, i, ("*a%d, "):format(i - 1):rep(10))
  end
  for _, c in ipairs {
    { table.concat(bomb, "\n"), "too many values", 5 },
    { "a: " .. ("["):rep(200) .. ("]"):rep(200), "nested too deep", 1 },
    { "a: 1\nb: 2\na: 3", "the same key a second time", 3 },
    { "a: &x [*x]", "not complete", 1 },
    { "a: 1\n? [x]\n: 2", "key of a map must be text", 2 },
    { 'a: "x\nb: 1', "unexpected end of stream", 2 },
    { "a: 1\n b: 2", "mapping values are not allowed", 2 },
    { "a: \x01", "control characters", 1 },
    { "a: 1\n--- \nb: 2", "second document", 2 },
    { "a: *nope", "anchor", 1 },
  } do
    local v, message, detail = yaml.parse(c[1])
    eq(v, nil)
    ok(message:find(c[2], 1, true), message)
    eq(detail.line, c[3], c[2])
  end
end)

-- ------------------------------------------------------------------ front matter, titles, head lines

test("front_matter_gives_the_fields_and_keeps_the_rest_in_meta", function()
  local a = one(T.read("tests/data/reader/tree/front.md"))
  eq({ a.title, a.date, a.author, a.source_name }, { "示例文章：价格又降了", "2025-03-05", "甲某、乙某", "示例日报" })
  eq(a.meta, { title = "示例文章：价格又降了", ["发布日期"] = "2025年3月5日", ["作者"] = { "甲某", "乙某" },
    ["来源"] = "示例日报", views = 1200, rating = "4.50", draft = false, geo = { city = "杭州" },
    tags = { "降价", "大模型" } })
  eq(a.text, "第一段有链接文字和“加粗的引语。”后文。\n列表一 & 实体\n列表二 *转义*\n引用的话，强调在此。\nexample")
end)

test("front_matter_needs_a_key_and_an_end", function()
  eq(one("---\n\n一句话。\n\n---\n\n另一句话。").text, "一句话。\n另一句话。")
  eq(one("---\n---\n正文一句。").text, "正文一句。")
  eq(one("\u{FEFF}---\r\ntitle: 甲\r\n---\r\n正文一句。").title, "甲")
  eq(one("---\nTITLE: 甲\ntitle: 乙\n...\n正文一句。").title, "乙")
  eq(one("---\ntitle: 2025\ndate: 昨天\n---\n正文一句。").title, "2025")
  local bad = refused("---\ntitle: 甲\n正文一句。\n")
  eq(bad.line, 1)
  ok(bad.message:find("no end", 1, true), bad.message)
end)

test("broken_front_matter_names_the_line_of_the_file", function()
  local bad = refused("---\ntitle: 甲\ntags: [a, b\ndate: 2025-01-01\n---\n正文。")
  ok(bad.message:find("front matter: ", 1, true) and bad.line >= 3 and bad.line <= 5, tostring(bad))
  bad = refused("---\na: 1\na: 2\n---\n正文。")
  eq(bad.line, 3)
  eq(tostring(bad), "a.md: line 3: front matter: the same key a second time")
end)

test("a_date_that_is_none_stays_in_meta_only", function()
  local a = one("---\ntitle: 甲\ndate: 去年冬天\n---\n正文一句。")
  eq({ a.date, a.meta.date }, { nil, "去年冬天" })
end)

test("titles_come_from_front_matter_head_line_heading_or_first_line", function()
  local long = "这里是一段足够长的正文，它以句号结束。"
  eq(one("# 题目\n\n" .. long).title, "题目")
  eq(one("引子一句。\n\n# 题目\n\n" .. long).title, "题目")
  eq(one("## 小节\n\n" .. long).title, "小节")
  eq(one("题目\n\n" .. long, "a.txt").title, "题目")
  eq(one("标题：题目\n" .. long, "a.txt").title, "题目")
  eq(one("题目怎么样？\n" .. long, "a.txt").title, "题目怎么样？")
  eq(one(long .. "\n" .. long, "a.txt").title, nil)
  eq(one("只有一行", "a.txt").title, nil)
  eq(one("只有一行", "a.txt").text, "只有一行")
  eq(one(("长"):rep(61) .. "\n" .. long, "a.txt").title, nil)
  eq(one("题目。\n" .. long, "a.txt").title, nil)
end)

test("the_title_is_not_in_the_text_however_often_the_head_repeats_it", function()
  local a = one("---\ntitle: 题目：ＡＢ　会 c\n---\n# 题目：AB会C\n\n![x](y)\n\n# 题目：AB会C\n\n正文提到题目：AB会C两次。\n")
  eq(a.text, "正文提到题目：AB会C两次。")
  eq(a.title, "题目：ＡＢ　会 c")
end)

local HEADS = { -- line, fields
  { "来源：某某网", { source = "某某网" } },
  { "文 | 甲某  編輯 | 乙某", { author = "甲某", editor = "乙某" } },
  { "文/甲某编辑/乙某", { author = "甲某", editor = "乙某" } },
  { "作者｜甲某　来源｜某报　2025年1月2日", { author = "甲某", source = "某报", date = "2025年1月2日" } },
  { "稿源：某网　｜　２０２５年２月３日　｜　责编：丙某", { source = "某网", date = "２０２５年２月３日", editor = "丙某" } },
  { "【发布】某晨报　【日期】2025/02/10　【撰稿】研究组", { publisher = "某晨报", date = "2025/02/10", author = "研究组" } },
  { "本报记者 甲某 实习生 乙某　杭州报道", { author = "甲某 实习生 乙某　杭州报道" } },
  { "某经编辑 丙某", { editor = "丙某" } },
  { "2025-03-08 07:30　来源：某报 编辑：甲某", { date = "2025-03-08 07:30", source = "某报", editor = "甲某" } },
  { "2025-03-08 是个好日子" },
  { "2025年2月10日 星期一 08:30", { date = "2025年2月10日 星期一 08:30" } },
  { "某某日報　　2025年2月13日　星期四", { source = "某某日報", date = "2025年2月13日" } },
  { "刊於《某某日報》2025 年 2 月 12 日 A15 版", { source = "某某日報", date = "2025 年 2 月 12 日 A15 版" } },
  { "發稿時間：2025-02-11 07:48　　來源：某社　　記者 丁某 發自某地",
    { date = "2025-02-11 07:48", source = "某社", author = "丁某 發自某地" } },
  { "專題：某某風波", { topic = "某某風波" } },
  { "记者：您怎么看这件事？" },
  { "来源：这是一句话。后面还有。" },
  { "时间：下周二" },
  { "作者说：这本书很好" },
  { "文章写得很好" },
  { "这一年，他跑了很多地方" },
}

test("head_lines_are_read_as_a_whole_or_not_at_all", function()
  for _, c in ipairs(HEADS) do
    local fields, got = headlines.fields(c[1]), nil
    for _, f in ipairs(fields or {}) do
      got = got or {}
      got[f.field] = f.value
    end
    eq(got, c[2], c[1])
  end
end)

test("head_lines_leave_the_text_and_enter_meta", function()
  local a = one(T.read("tests/data/reader/tree/plain.txt"), "plain.txt")
  eq({ a.title, a.author, a.source_name, a.date }, { "標題行：示範文章的題目", "丙某", "示範週刊", "2025-03-06" })
  eq(a.text, "正文第一句在這裏。第二句在這裏！\n正文第二段，說「引號裏的話。」然後結束。")
  eq(a.meta, { author = "丙某", source = "示範週刊", date = "2025-03-06" })
  a = one("題目一行\n來源：某報\n專題：某事\n正文一句話寫在這裏。\n來源：文末的來源\n", "a.txt")
  eq(a.text, "專題：某事\n正文一句話寫在這裏。")
end)

test("a_dossier_is_no_title_and_stays_in_the_text", function()
  local a = one("專題：某某風波\n來源：某報\n正文一句話寫在這裏。\n又一句話。", "a.txt")
  eq({ a.title, a.source_name, a.meta.topic }, { nil, "某報", "某某風波" })
  eq(a.text, "專題：某某風波\n正文一句話寫在這裏。\n又一句話。")
end)

test("a_label_that_begins_several_lines_is_a_speaker", function()
  local a = one("访谈题目\n记者：张三\n受访者开口说了一句话。\n记者：李四\n又说了一句话。\n", "a.txt")
  eq(a.author, nil)
  ok(a.text:find("记者：张三", 1, true), a.text)
end)

-- ------------------------------------------------------------------ digests

test("a_digest_is_split_into_its_items", function()
  local list, rejected = read(T.read("tests/data/reader/tree/sub/digest.md"))
  eq(#rejected, 0)
  local got = {}
  for i, a in ipairs(list) do got[i] = { a.id, a.date, a.title or "-", a.text } end
  eq(got, {
    { "a.md", "2025-03-07", "第一条的短标题", "第一条的正文，写了一句话。" },
    { "a.md#2", "2025-03-07", "-", "第二条没有标题，直接写正文，而且这一段比较长，所以不会被当作标题来看待。" },
    { "a.md#3", "2025-03-07", "第三条标题", "第三条正文。" },
  })
end)

test("digests_count_up_from_one_before_any_text", function()
  local function count(s) return #read(s) end
  eq(count("# 早报\n\n来源：某报\n\n## 一、\n\n甲文一句。\n\n## 二、\n\n乙文一句。"), 2)
  eq(count("## No. 1\n\n甲文一句。\n\n## No. 2\n\n乙文一句。"), 2)
  eq(count("---\ntitle: 早报\n---\n# 1\n\n甲文一句。\n\n# 2\n\n乙文一句。"), 2)
  eq(count("# 2025\n\n## 1\n\n甲文一句。\n\n## 2\n\n乙文一句。"), 2)
  eq(count("# 特写\n\n引子一段，说明来龙去脉。\n\n## 1\n\n甲文一句。\n\n## 2\n\n乙文一句。"), 1)
  eq(count("# 特写\n\n## 01\n\n甲文一句。\n\n## 02\n\n乙文一句。"), 1)
  eq(count("## 1\n\n甲文一句。\n\n## 3\n\n乙文一句。"), 1)
  eq(count("## 1\n\n甲文一句。"), 1)
  local many = {}
  for i = 1, 1200 do many[i] = ("## %d\n\n第%d条的文字。\n"):format(i, i) end
  eq(count(table.concat(many, "\n")), 1200)
  local list, rejected = read("## 1\n\n甲文一句。\n\n## 2\n\n## 3\n\n丙文一句。")
  eq({ #list, list[2].id, #rejected, rejected[1].id }, { 2, "a.md#3", 1, "a.md#2" })
end)

-- ------------------------------------------------------------------ what is plain, what is Markdown

test("plain_text_keeps_its_characters", function()
  local s = "题目\r\n\r\n　　价格* 从_2_元 &amp; [起] 1. 不变。  \r\n- 第二行 `x`。\r\n"
  local a = one(s, "a.txt")
  eq(a.text, "价格* 从_2_元 &amp; [起] 1. 不变。\n- 第二行 `x`。")
  eq(one("题目\n\n有**重点**的一句。", "a.txt").text, "有重点的一句。")
  eq(one("有 * 星号 * 的一句。", "b.txt").text, "有 * 星号 * 的一句。")
end)

-- ------------------------------------------------------------------ what is refused

local BAD = { -- bytes, part of the message, byte, line
  { "中文字\xB5\xC4", "not UTF-8 (byte 0xB5); ", 10 },
  { "文\xFF", "not UTF-8 (byte 0xFF); if you know its encoding, name it: --encoding GB18030", 4 },
  { "\xFF\xFEa\0b\0c", "it looks like UTF-16LE, but ", 7 },
  { "\xFF\xFEa\0\0\xD8b\0", "it looks like UTF-16LE, but ", 5 },
  { "一些文字，然后\0一个零字节", "a NUL byte", #"一些文字，然后" + 1 },
  { "", "the file is empty" },
  { "%PDF-1.7\n文", "a PDF file; extract its text first: pdftotext" },
  { "PK\3\4文", "a ZIP archive" },
  { " \n　\n\u{FEFF}\n", "nothing but white space" },
  { "\u{FEFF}", "nothing but white space" },
  { "![图](u)\n", "nothing but white space and markup" },
  { "---\ntitle: 甲\n---\n", "no text after the front matter" },
  { "# 题目\n", "no text besides title" },
}

test("bad_files_are_refused_with_place_and_advice", function()
  for _, c in ipairs(BAD) do
    local bad = refused(c[1])
    ok(bad.message:find(c[2], 1, true), bad.message)
    eq({ bad.byte or 0, bad.line or 0, bad.path }, { c[3] or 0, c[4] or 0, "a.md" }, c[2])
  end
end)

test("a_line_beyond_the_limit_is_refused_a_long_text_is_not", function()
  local line = ("字"):rep(math.floor(reader.LINE_MAX / 3) + 1)
  local bad = refused("一\n二\n" .. line)
  eq({ bad.line, bad.byte }, { 3, 9 })
  ok(bad.message:find("a line of " .. #line .. " bytes", 1, true), bad.message)
  local many = ("这一行有一些字，用来凑成一个大文件。\n"):rep(400000)
  ok(#many > reader.LINE_MAX)
  eq(#one(many, "a.txt").text, #many - 1)
end)

-- ------------------------------------------------------------------ dates

test("dates_are_read_in_the_usual_forms", function()
  for _, c in ipairs {
    { "2025年1月27日", "2025-01-27" }, { "2025/1/7", "2025-01-07" }, { "2025.01.27", "2025-01-27" },
    { "2025-02-11 09:41:13", "2025-02-11" }, { "2025-02-11T09:41:13+08:00", "2025-02-11" }, { "20250127", "2025-01-27" },
    { "2025年1月", "2025-01" }, { "2025-01", "2025-01" }, { " 2025 年 1 月 27 日 周一", "2025-01-27" },
    { "２０２５年２月１３日", "2025-02-13" }, { "民國114年2月3日", "2025-02-03" }, { "2024-02-29", "2024-02-29" },
    { "2025-02-29" }, { "2025-13-01" }, { "2025-00-01" }, { "2025" }, { "昨天" }, { "" }, { "1月27日" }, { "27/1/2025" },
    { "2025-01-271" }, { "January 27, 2025" },
  } do
    eq(date.parse(c[1]), c[2], c[1])
  end
  eq(date.parse(nil), nil)
end)

test("buckets_follow_the_calendar_and_iso_weeks", function()
  for _, c in ipairs {
    { "2025-01-27", "week", "2025-W05" }, { "2024-12-30", "week", "2025-W01" }, { "2027-01-03", "week", "2026-W53" },
    { "2021-01-03", "week", "2020-W53" }, { "2025-01-27", "month", "2025-01" }, { "2025-01-27", "year", "2025" },
    { "2025-02-30", "week" }, { "2025-13", "month" }, { "2025-02-30", "month" }, { "2024-02-29", "week", "2024-W09" },
    { "2025-01-27", "day", "2025-01-27" }, { "2025-01", "month", "2025-01" }, { "2025-01", "week" }, { "2025-01", "day" },
  } do
    eq(ds.date.bucket(c[1], c[2]), c[3], c[1] .. " " .. c[2])
  end
  eq(ds.date.bucket(nil, "week"), nil)
  raises("unit 'weeks'", ds.date.bucket, "2025-01-27", "weeks")
  for day = 0, 400 do -- against the C library
    local t = os.time { year = 2023, month = 11, day = 1 + day, hour = 12 }
    eq(date.bucket(os.date("%Y-%m-%d", t), "week"), os.date("%G-W%V", t))
  end
end)

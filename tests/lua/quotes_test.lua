-- quotes_test.lua: who says what.  The sentences are made up for these tests.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local finder = assert(ds.quotes())

local function found(text, wanted)
  for _, r in ipairs(finder:find_in(text)) do
    if r.text:find(wanted, 1, true) and r.type ~= "indirect" then return r end
  end
  error("no quotation holds " .. wanted, 2)
end

local cases = {
  -- text, part of the quotation, type, speaker, role
  { "周明远说：“今年不会降价。”", "今年", "direct", "周明远" },
  { "“今年不会降价。”周明远说。", "今年", "direct", "周明远" },
  { "“今年不会降价，”财务总监周明远表示，“明年再说吧。”", "今年", "direct", "周明远", "财务总监" },
  { "“今年不会降价，”财务总监周明远表示，“明年再说吧。”", "明年", "direct", "周明远", "财务总监" },
  { "周明远在会上宣布了新的价格。他强调：“质量不打折扣。”", "质量", "direct", "周明远" },
  { "山海科技首席执行官周明远对记者表示：「我們不會跟進。」", "我們", "direct", "周明远", "山海科技首席执行官" },
  { "財務總監周明遠坦言：「今年很難。」", "今年很難", "direct", "周明遠", "財務總監" },
  { "据山海科技首席经济学家卡尔·温特(Karl Winter)介绍，“需求比想象的大得多。”", "需求", "direct", "卡尔·温特", "山海科技首席经济学家" },
  { "一位不愿具名的工程师透露：“测试还没有做完。”", "测试", "direct", "工程师" },
  { "更有网友调侃：“买一送一才算数。”", "买一送一", "direct", "网友" },
  { "多名分析师认为，这是“早就该做的事”。", "早就", "direct", "分析师" },
  { "周明远称，新工厂是“最大的赌注”，年底投产。", "最大的赌注", "direct", "周明远" },
  { "公司以“合同已经到期”为由，停止供货。", "合同已经到期", "direct", "公司" },
  { "在周明远看来，这只是“按计划走路”。", "按计划走路", "direct", "周明远" },
  { "新车型被称为“平民跑车”。", "平民跑车", "scare" },
  { "这家“价格屠夫”又出手了。", "价格屠夫", "scare" },
  { "他写过一本名为“雪线”的小说。", "雪线", "title" },
  { "他寫過一本名為「雪線」的小說。", "雪線", "title" },
  { "這就是所謂「平民跑車」的由來，周明遠說。", "平民跑車", "scare" },
  { "公司以「合約已經到期」為由，停止供貨。", "合約", "direct", "公司" },
  { "據「山海觀察」報道，工廠已經停工。", "山海觀察", "none" },
  { "据“山海观察”报道，工厂已经停工。", "山海观察", "none" },
  { "周明远\"先拿份额，再谈利润\"的策略失败了。", "先拿份额", "scare" },
  { "周明远说:\"先拿份额,再谈利润.\"", "先拿份额", "direct", "周明远" },
}

test("cases_of_speakers", function()
  for _, c in ipairs(cases) do
    local r = found(c[1], c[2])
    eq(r.type, c[3], c[1])
    eq(r.speaker, c[4], c[1])
    eq(r.role, c[5], c[1])
  end
end)

test("a_quotation_without_a_verb_goes_on_with_the_speaker", function()
  local text = "周明远表示，公司今年不会裁员。“这句话我负责。”"
  eq(found(text, "负责").speaker, "周明远")
end)

test("a_listed_name_with_a_dot_stays_whole", function()
  for _, text in ipairs { "亚历山大·王上周说：“我不信。”", "亞歷山大·王上周說：「我不信。」" } do
    eq(finder:find_in(text)[1].name, "亚历山大·王", text)
  end
end)

test("a_paper_speaks_when_nobody_stands_before_it", function()
  local r = finder:find_in("報告稱，全國有三萬家麵包店。")
  eq({ #r, r[1].type, r[1].speaker, r[1].text }, { 1, "indirect", "報告", "全國有三萬家麵包店。" })
  eq(finder:find_in("周明远的报告称，全国有三万家面包店。")[1].speaker, "周明远")
end)

test("what_is_denied_is_not_reported", function()
  for _, text in ipairs { "公司发言人没有回应，工厂仍在开工。", "公司發言人拒絕透露，工廠仍在開工。", "公司发言人尚未说明，工厂仍在开工。" } do
    eq(#finder:find_in(text), 0, text)
  end
  eq(finder:find_in("公司发言人回应，工厂仍在开工。")[1].type, "indirect")
  for _, r in ipairs(finder:find_in("街坊把这称作“面包自由”。")) do ok(r.type ~= "indirect", r.text) end
end)

test("a_pronoun_is_followed_to_its_name", function()
  local text = "周明远在杭州长大。他说：“小时候家里没有电话。”"
  eq(found(text, "电话").speaker, "周明远")
end)

test("the_object_of_a_preposition_does_not_speak", function()
  eq(found("周明远对李若水说：“别急。”", "别急").speaker, "周明远")
  eq(found("面对记者，周明远说：“别急。”", "别急").speaker, "周明远")
end)

test("a_stretch_that_only_looks_like_a_name_does_not_speak", function()
  eq(found("令人意外的是，GPT-9说：“不知道答案是什么。”", "不知道").speaker, nil)
end)

test("turns_of_a_conversation", function()
  local text = "阿岚：今天聊什么？\n老何：聊聊价格吧。\n阿岚：为什么又降了？\n老何：因为别人先降的。"
  local rows = finder:find_in(text)
  eq(#rows, 4)
  eq({ rows[1].type, rows[1].speaker, rows[1].text }, { "dialogue", "阿岚", "今天聊什么？" })
  eq(rows[4].speaker, "老何")
end)

test("labels_of_a_page_are_no_turns", function()
  eq(#finder:find_in("来源：山海观察。\n编辑：李若水。\n来源：山海观察。\n编辑：李若水。"), 0)
end)

test("a_paragraph_behind_a_colon_is_a_block", function()
  local rows = finder:find_in("工程师周明远在博客上写道：\n这一版的代码比上一版干净得多。\n后来他删了。")
  eq({ rows[1].type, rows[1].speaker, rows[1].role, rows[1].text },
     { "block", "周明远", "工程师", "这一版的代码比上一版干净得多。" })
end)

test("reported_speech", function()
  local rows = finder:find_in("周明远透露，公司明年会建第二座工厂。")
  eq(#rows, 1)
  eq({ rows[1].type, rows[1].speaker, rows[1].verb, rows[1].text },
     { "indirect", "周明远", "透露", "公司明年会建第二座工厂。" })
end)

test("a_report_ends_before_the_next_speaker", function()
  local rows = finder:find_in("周明远表示公司今年不会裁员，李若水则认为公司根本没有选择的余地。")
  eq(#rows, 2)
  eq({ rows[1].speaker, rows[1].text }, { "周明远", "公司今年不会裁员，" })
  eq(rows[2].speaker, "李若水")
end)

test("verbs_in_other_words_report_nothing", function()
  eq(#finder:find_in("小说的名称和学说都据说要改，大众的批评很多。"), 0)
end)

test("the_second_of_two_joined_quotations_goes_with_the_first", function()
  local text = "支持者高喊“不许涨价”、“还我利息”的口号。"
  eq(found(text, "不许").speaker, "支持者")
  eq(found(text, "利息").speaker, "支持者")
end)

test("spellings_count_under_one_name", function()
  eq(found("馬斯克說：「明天見。」", "明天見").name, "马斯克")
  eq(found("財務總監周明遠坦言：「今年很難。」", "今年很難").name, "周明远")
end)

test("offsets_lead_to_the_text_and_the_cue", function()
  local text = "前面一句。財務總監周明遠坦言：「今年很難。」後面一句。"
  for _, r in ipairs(finder:find_in(text)) do
    eq(text:sub(r.from, r.to), r.text)
    if r.cue_from then eq(text:sub(r.cue_from, r.cue_to), r.verb) end
  end
end)

test("doc_quotes_takes_a_passage", function()
  local path = os.tmpname() .. ".txt"
  local f = assert(io.open(path, "wb"))
  f:write("标题：无关\n\n周明远说：“今年不会降价。”\n\n李若水说：“明年也不会降价。”\n")
  f:close()
  for doc in assert(ds.corpus.open(path)):docs() do
    local all = doc:quotes()
    eq(#all, 2)
    eq(#doc:quotes(all[2].from, all[2].to), 1)
    raises("integers", doc.quotes, doc, "1")
  end
  os.remove(path)
end)

test("unknown_options_are_named", function()
  raises("did you mean 'aliases'", ds.quotes, { aliasses = "x" })
  local none, message = ds.quotes { verbs = "/nonexistent/verbs.tsv" }
  eq(none, nil)
  ok(message:find("verbs.tsv", 1, true))
end)

-- Properties on made-up sequences of the pieces that quotations are made of.
local PIECES = { "周明远", "李若水", "他", "她们", "说", "表示", "称", "报道", "在", "对", "的", "被", "这位", "工程师", "首席执行官", "公司",
                 "“", "”", "「", "」", "『", "』", "‘", "’", "\"", "'", "：", "，", "。", "！", "？", ":", ",", ".", "……", "——", "\n",
                 "\n\n", "（", "）", "(", ")", "《", "》", "·", " ", "·温特", "卡尔", "GPT-4o", "Karl Winter", "价格战", "不会降价", "𠮷",
                 "\xff", "\xe5\x91", "一", "为由", "看来", "据", "問：", "答：", "阿岚：" }

local function random_text(state)
  local parts = {}
  for i = 1, 3 + state(40) do parts[i] = PIECES[state(#PIECES)] end
  return table.concat(parts)
end

-- A generator of its own, so that the sequence is the same on every machine.
local function generator(seed)
  local x = seed
  return function(n)
    x = (x * 1103515245 + 12345) % 2147483648
    return math.floor(x / 256) % n + 1
  end
end

test("any_text_gives_records_that_lie_in_it_and_the_same_ones_twice", function()
  local types = { direct = true, indirect = true, block = true, dialogue = true, scare = true, title = true, none = true }
  local seed = 20250129
  local state = generator(seed)
  for round = 1, 1500 do
    local text = random_text(state)
    local what = ("seed %d, round %d: %q"):format(seed, round, text)
    local rows, last = finder:find_in(text), 0
    for _, r in ipairs(rows) do
      ok(types[r.type], what)
      ok(r.from >= last and r.from <= r.to and r.to <= #text, what)
      eq(text:sub(r.from, r.to), r.text, what)
      if r.verb then eq(text:sub(r.cue_from, r.cue_to), r.verb, what) end
      ok(not r.speaker or r.speaker ~= "", what)
      ok(not r.speaker or text:find(r.speaker, 1, true), what)
      last = r.from
    end
    if round % 10 == 0 then eq(finder:find_in(text), rows, what) end
  end
end)

test("every_quotation_of_the_text_is_in_the_records_once", function()
  local state = generator(77)
  for _ = 1, 300 do
    local text = random_text(state)
    local at = {}
    for _, r in ipairs(finder:find_in(text)) do
      if r.type ~= "indirect" and r.type ~= "block" and r.type ~= "dialogue" then at[r.from .. "-" .. r.to] = (at[r.from .. "-" .. r.to] or 0) + 1 end
    end
    for _, _, q in ds.utf8.quotations(text) do
      if q.inner_to >= q.inner_from then eq(at[q.inner_from .. "-" .. q.inner_to], 1, text) end
    end
  end
end)

-- entities_test.lua: who and what is named.  The sentences are made up for these tests; the labels at the end are of the bundled
-- corpus, read by a person.
local T = require "testing"
local ds = require "ds"
local command = require "command"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local finder = assert(ds.entities())

local function document(text, id, date)
  local path = os.tmpname() .. ".txt"
  command.put(path, "标题：无关\n" .. (date and "日期：" .. date .. "\n" or "") .. "\n" .. text .. "\n")
  local doc
  for d in assert(ds.corpus.open(path)):docs() do doc = d end
  os.remove(path)
  doc.id = id or doc.id
  return assert(doc)
end

local function brief(text, f)
  local out = {}
  for i, m in ipairs((f or finder):find(document(text))) do out[i] = m.type .. " " .. m.text .. (m.name ~= m.text and "=" .. m.name or "") end
  return table.concat(out, "; ")
end

local cases = {
  -- the alias file, in either script, at word borders
  { "馬斯克和奧特曼在矽谷見面。", "person 馬斯克=马斯克; person 奧特曼=奥特曼; place 矽谷=硅谷" },
  { "他要加快手续，别去北京东城。", "place 北京" },
  { "metadata里没有公司名，Metamask也不是。", "" },
  -- names with a dot, with and without blanks
  { "工程师伊内丝·莫拉莱斯昨天到了里斯本。莫拉莱斯没有带伞。",
    "person 伊内丝·莫拉莱斯; place 里斯本; person 莫拉莱斯=伊内丝·莫拉莱斯" },
  { "乔治 · 巴兰坦说，面包涨价了。", "person 乔治 · 巴兰坦=乔治·巴兰坦" },
  { "馬爾科・貝里尼開了第三家店。", "person 馬爾科・貝里尼=马尔科·贝里尼" },
  -- family name and given name, by what stands beside
  { "首席执行官龚晓岚表示，新店下月开张。龚晓岚还说，不裁员。", "person 龚晓岚; person 龚晓岚" },
  { "副教授麦咏琛认为，这不奇怪。", "person 麦咏琛" },
  { "那段时间里，双肩包卖得很好，万卡也贵。", "" },
  { "面包涨价了。（编辑：龚晓岚）", "person 龚晓岚" },
  -- bodies
  { "他在东湖大学和上海证券交易所工作过。", "org 东湖大学; org 上海证券交易所" },
  { "浙江大学的学生去了纽约大学。", "org 浙江大学; org 纽约大学" },
  { "美国大学很贵，一所中国公司也是。", "place 美国; place 中国" },
  { "法国财政部和国际开发署没有回应。", "org 法国财政部; org 国际开发署" },
  { "微软公司的股价跌了，微软研究院没有。", "org 微软; org 微软研究院" },
  { "云杉面点股份有限公司今天开业，云杉面点的门口排了队。", "org 云杉面点股份有限公司=云杉面点; org 云杉面点" },
  -- models by their codes, versions, and what only looks so
  { "实验室买了H200和RTX 5090，跑Grok 2和Claude 3.5 Sonnet。", "product H200; product RTX 5090; product Grok 2; product Claude 3.5 Sonnet" },
  { "OpenAI 3 月发布，Q3营收升5%，B2B业务第2名，5G手机涨价。", "org OpenAI" },
  { "DeepSeek这次更新，V3比R1便宜。", "org DeepSeek; product V3=DeepSeek-V3; product R1=DeepSeek-R1" },
  { "V3比R1便宜，V3好，R1也好。", "product V3; product R1; product V3; product R1" },
  -- Latin names, by what stands beside them
  { "初创公司Brightloaf宣布融资，Brightloaf只有九个人。", "org Brightloaf; org Brightloaf" },
  { "首席执行官Anna Kowalska说，API免费，AI也免费。", "person Anna Kowalska" },
  { "用的是开源模型Mistlark，CEO很满意。", "product Mistlark" },
  -- places
  { "从杭州市到内布拉斯加州，再到里斯本。", "place 杭州市=杭州; place 内布拉斯加州; place 里斯本" },
  { "东西上市了，城市里入口很多。", "" },
}

for _, c in ipairs(cases) do
  test("entities of: " .. c[1], function() eq(brief(c[1]), c[2]) end)
end

test("both scripts name the same", function()
  local text = "首席执行官龚晓岚表示，微软研究院的工程师伊内丝·莫拉莱斯在旧金山用H200训练。"
  local a, b = finder:find(document(text)), finder:find(document(ds.utf8.traditional(text)))
  eq(#a, 5)
  eq(#a, #b)
  for i, m in ipairs(a) do eq(b[i].name .. b[i].type, m.name .. m.type) end
end)

test("every_span_is_its_text_and_none_overlap", function()
  for doc in assert(ds.corpus.open("corpus/articles")):docs() do
    local behind = 0
    for _, m in ipairs(doc:entities()) do
      eq(doc.text:sub(m.from, m.to), m.text)
      ok(m.from > behind, doc.id .. ":" .. m.from)
      behind = m.to
    end
  end
end)

test("a_passage_has_its_own_entities", function()
  local doc = document("马斯克来了。奥特曼走了。")
  eq(#doc:entities(), 2)
  local first = doc:entities()[1]
  eq(#doc:entities(first.from, first.to), 1)
  raises("integers", doc.entities, doc, "x")
end)

-- ------------------------------------------------------------------ merging

-- Entities of several articles as "name: form n (how), …".
local function merged(...)
  local parts = {}
  for i, text in ipairs { ... } do
    local doc = document(text, "d" .. i, "2025-01-0" .. i)
    for key, part in pairs(ds.mentions.tally(finder, doc, finder:find(doc), "sentence")) do
      parts[key] = parts[key] and ds.mentions.add(parts[key], part) or part
    end
  end
  local keys, i = {}, 0
  for key in pairs(parts) do keys[#keys + 1] = key end
  table.sort(keys)
  local rows, together = ds.mentions.sum(finder, function()
    i = i + 1
    return keys[i], parts[keys[i]]
  end)
  local by_name = {}
  for _, e in ipairs(rows) do
    local list = {}
    for k, f in ipairs(e.forms) do list[k] = f.form .. f.n .. (f.how ~= "" and "(" .. f.how .. ")" or "") end
    by_name[e.name] = { text = table.concat(list, " "), n = e.n, docs = e.docs, first = e.first, forms = e.forms }
  end
  return by_name, together
end

test("a_homophone_is_merged_with_a_witness_and_it_is_said", function()
  local e = merged("董事长龚晓岚说，云杉科技不卖。龚晓岚和微软谈过。", "董事长龚晓兰表示，微软没有来过。")
  eq(e["龚晓岚"] and e["龚晓岚"].text, "龚晓岚2 龚晓兰1(spelling)")
  eq({ e["龚晓岚"].n, e["龚晓岚"].docs, e["龚晓岚"].first }, { 3, 2, "2025-01-01" })
  ok(e["龚晓岚"].forms[2].because:find("微软", 1, true), e["龚晓岚"].forms[2].because)
end)

test("without_a_witness_homophones_stay_apart", function()
  local e = merged("董事长龚晓岚说，不卖。", "董事长龚晓兰表示，没有来过。")
  ok(e["龚晓岚"] and e["龚晓兰"])
end)

test("who_stands_in_one_sentence_is_not_one", function()
  local e = merged("董事长龚晓岚和总裁龚晓兰都在微软。", "董事长龚晓兰说，微软来过。", "董事长龚晓岚说，微软走了。")
  ok(e["龚晓岚"] and e["龚晓兰"])
end)

test("transliterations_are_merged_by_their_consonants", function()
  local e = merged("首席执行官马尔科·贝里尼说，英伟达降价。", "首席执行官马爾科·貝利尼说，英伟达涨价。")
  local n = 0
  for _ in pairs(e) do n = n + 1 end
  eq(n, 2)
  local s = require "ds.spelling"
  for _, pair in ipairs { { "奥特曼", "阿尔特曼" }, { "奥特曼", "奥尔特曼" }, { "扎克伯格", "札克伯格" } } do
    ok(s.same_transliteration(pair[1], pair[2]), pair[1] .. " " .. pair[2])
  end
  for _, pair in ipairs { { "马斯克", "马克龙" }, { "特朗普", "特鲁多" }, { "贝索斯", "贝佐夫" }, { "马云", "马英" } } do
    ok(not s.same_transliteration(pair[1], pair[2]), pair[1] .. " " .. pair[2])
  end
  ok(s.same_chinese("梁文锋", "梁文峰") and not s.same_chinese("梁文锋", "梁文道") and not s.same_chinese("梁文锋", "凉文锋"))
  eq({ s.reading("锋"), s.reading("鋒"), s.reading("x") }, { "feng", "feng", nil })
end)

test("the_alias_file_wins_over_sound", function()
  local e = merged("伊龙·马斯克在微软。", "马斯克在微软。", "埃罗尔·马斯克在家。")
  eq(e["马斯克"].text, "伊龙·马斯克1(spelling) 马斯克1")
  ok(e["埃罗尔·马斯克"])
end)

test("a_part_belongs_to_the_only_whole", function()
  local e = merged("GPT-6x来了，模型GPT 6x很快。", "模型GPT6x也来了。")
  local n = 0
  for _ in pairs(e) do n = n + 1 end
  eq(n, 1)
end)

test("an_article_with_two_spellings_counts_once", function()
  local e, together = merged("伊龙·马斯克在微软。马斯克走了。", "马斯克在微软。")
  eq({ e["马斯克"].n, e["马斯克"].docs }, { 3, 2 })
  eq({ #together, together[1].n, together[1].docs, together[1].doc }, { 1, 2, 2, "d1" })
end)

-- ------------------------------------------------------------------ options

test("own_lists_take_the_place_of_the_bundled_ones", function()
  local names, places = os.tmpname(), os.tmpname()
  command.put(names, "小圆\t圆圆面包\tcompany\nbad line\n")
  command.put(places, "柳林渡\tcity\n乱写\tnowhere\n")
  local own = assert(ds.entities { aliases = names, places = places })
  os.remove(names)
  os.remove(places)
  eq(#own.bad_lines, 2)
  eq(brief("圆圆面包降价了，马斯克不知道。", own), "org 圆圆面包=小圆")
  local none, message = ds.entities { aliases = "/nonexistent/a.tsv" }
  eq(none, nil)
  ok(message:find("/nonexistent/a.tsv", 1, true))
  raises("did you mean 'places'", ds.entities, { place = "x" })
end)

test("mode_accurate_adds_what_the_tagger_marks", function()
  local seg = ds.segmenter { mode = "accurate" }
  if not seg then T.skip("no zh.dsnn") end
  local f = assert(ds.entities { segmenter = seg })
  local found = brief("周受资昨天去了广东佛山的麦肯锡。", f)
  ok(found:find("person 周受资", 1, true), found)
  ok(not brief("4 月 1 日起，“七七八八”的、浪费、二、", f):find("person"))
end)

test("the_saved_alias_file_is_one", function()
  local w <close> = command.workspace { ["a.txt"] = "标题\n\n董事长龚晓岚说，DeepSeek的R1不贵。龚晓岚走了。\n" }
  local r = w.sh("$D entities -q -f tsv --save names.tsv a.txt && $D network -q -f tsv --aliases names.tsv --level 1 --min 1 a.txt")
  eq(r.status, 0, r.err)
  ok(w.read("names.tsv"):find("DeepSeek-R1\tR1\tproduct\n", 1, true), w.read("names.tsv"))
  ok(r.out:find("DeepSeek\t龚晓岚\t1", 1, true), r.out)
  ok(w.sh("$D entities --type nobody a.txt").err:find("types are person", 1, true))
end)

test("trend_and_network_take_entities", function()
  local w <close> = command.workspace { ["a.txt"] = "标题\n日期：2025-01-03\n\n董事长龚晓岚说，DeepSeek的R1不贵。龚晓岚走了。\n" }
  local r = w.sh("$D trend -q -f tsv --entities 龔曉嵐,DeepSeek-R1,马斯克 --by day --per chars a.txt")
  eq(r.status, 0, r.err)
  ok(r.out:find("龔曉嵐\t\t2025-01-03\t2\t1\t1", 1, true), r.out)
  ok(r.out:find("DeepSeek-R1\t\t2025-01-03\t1\t1\t1", 1, true), r.out)
  r = w.sh("$D network -q -f tsv --entities --type person --level 1 --min 1 --table nodes a.txt")
  ok(r.out:find("龚晓岚\t2\t1", 1, true) and not r.out:find("DeepSeek"), r.out)
  ok(w.sh("$D network --entities --type x a.txt").status == 2)
  ok(w.sh("$D network --entities --words 价格 a.txt").status == 2)
end)

-- ------------------------------------------------------------------ the bundled corpus, labelled

-- Every entity that these articles name in their text, by reading them.
local LABELS = {
  ["mainland/2025-02-11-openai-bid-wire.txt"] = "马斯克 OpenAI 托伯罗夫 奥特曼 推特 微软 加州 特拉华州 xAI 软银 特拉华大学 埃莉诺·沙利文 罗伊·金 特斯拉 旧金山 X 东篱社 Eleanor·Sullivan",
  ["hongkong/2025-02-13-editorial-doge.txt"] = "马斯克 华盛顿 美国 政府效率部 国际开发署 财政部 沃克 特朗普 OpenAI DeepSeek",
  ["taiwan/2025-02-14-baidu-ernie-free.md"] = "百度 文心一言 字节跳动 豆包 DeepSeek 阿里巴巴 智谱 DeepSeek-R1 DeepSeek-V3 温亦凡 魏仲谦 马斯克 德国 xAI",
  ["mainland/2025-02-12-car-price-war.txt"] = "特斯拉 上海 闵行 Model·3 马斯克 小鹏汽车 X9 G9 P7i G6 丰田 威兰达 锋兰达 吉利 比亚迪 零跑 长安 蔚来 范以宁 DeepSeek 滕先生",
  ["mainland/2025-02-13-cloud-allinone-press.txt"] = "云栈智算 DeepSeek-R1 磐石 冉启航 DeepSeek 马斯克 清源研究院 龚可为 数城网",
}

test("labelled_articles_of_the_corpus_are_found_with_few_false_names", function()
  local right, wrong, missed, notes = 0, 0, 0, {}
  for doc in assert(ds.corpus.open("corpus/articles")):docs() do
    if LABELS[doc.id] then
      local want, seen = {}, {}
      for name in LABELS[doc.id]:gmatch("%S+") do want[name] = true end
      for _, m in ipairs(doc:entities()) do
        local name = m.name:gsub(" ", "·")
        if not seen[name] then
          seen[name] = true
          if want[name] then right = right + 1 else wrong, notes[#notes + 1] = wrong + 1, name end
        end
      end
      for name in pairs(want) do
        if not seen[name] then missed = missed + 1 end
      end
    end
  end
  print(("  entities of %d labelled articles: precision %.3f, recall %.3f (%d right, %d wrong, %d missed)")
    :format(5, right / (right + wrong), right / (right + missed), right, wrong, missed))
  ok(right / (right + wrong) >= 0.94, table.concat(notes, " "))
  ok(right / (right + missed) >= 0.70)
end)

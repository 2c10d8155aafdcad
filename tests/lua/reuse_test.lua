-- reuse_test.lua: ds.reuse: recall and precision on planted copies, kinds, clusters.
local T = require "testing"
local ds = require "ds"
local planted = require "planted"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local function find(articles, opts)
  local reuse = assert(ds.reuse(opts))
  for _, a in ipairs(articles) do reuse:add(a) end
  local found = reuse:find()
  local rows = {}
  for row in found.pairs() do rows[#rows + 1] = row end
  eq(#rows, found.matches)
  found.pairs = rows
  return found
end

-- Sentences that have nothing in common.
local SAID = "昨夜一场小雨让城里的空气忽然清爽了不少，菜市场门口修钟表的师傅收摊也比平时早了半个钟头。"
local FOOT = "本栏文字只代表作者个人的看法，读者来信请寄城东邮局三号信箱，恕不一一作答。"
local FILL = {
  "潮水退去以后，海滩上留下许多贝壳和一只旧鞋，孩子们把它当作战利品举过头顶。",
  "工程师把第三台样机搬进走廊尽头的实验室，门上贴着一张手写的纸条，谁也没有去读。",
  "老城墙根下的豆腐坊又开了张，排队的人说味道没有变，价钱倒是涨了两回。",
  "山里的信号塔修好那天，邮递员骑车走了四十里路，把一封信送到最后一户人家。",
  "她在图书馆的旧报纸里翻到祖父的名字，那一页已经发黄，边上还有铅笔画的一条线。",
  "渡船改成了每天三班，老船长说他不习惯看表，只习惯看对岸的炊烟什么时候升起来。",
}
local function article(i, text, date, source)
  return { id = ("n%02d"):format(i), text = text, date = date, source_name = source }
end

test("planted_copies_are_found", function()
  for seed, size in ipairs { 600, 1200 } do
    local articles, copies = planted.make(size, math.floor(size / 2), seed)
    local s = planted.score(copies, find(articles).pairs, 60)
    print(("  %d articles, %d planted copies: recall %.4f, precision %.4f (%d reported)"):format(size, s.planted, s.recall,
      s.precision, s.reported))
    ok(s.planted > 250, "too few planted: " .. s.planted)
    ok(s.recall >= 0.98, "recall " .. s.recall)
    ok(s.precision >= 0.98, "precision " .. s.precision)
  end
end)

test("places_and_texts_agree", function()
  local articles = planted.make(200, 100, 3)
  local by_id = {}
  for _, a in ipairs(articles) do by_id[a.id] = a.text end
  for _, r in ipairs(find(articles).pairs) do
    eq(by_id[r.a]:sub(r.a_from, r.a_to), r.a_text)
    eq(by_id[r.b]:sub(r.b_from, r.b_to), r.b_text)
    ok(r.chars >= 14 and r.similarity > 0.3 and r.similarity <= 1)
  end
end)

test("the_earlier_article_comes_first_and_the_order_of_adding_does_not_matter", function()
  local list = {
    article(1, FILL[1] .. SAID, "2025-03-02"), article(2, ds.utf8.traditional(SAID) .. FILL[2], "2025-03-01"),
    article(3, FILL[3] .. "\n" .. SAID, nil),
  }
  local found = find(list)
  eq(#found.pairs, 3)
  eq({ found.pairs[1].a, found.pairs[1].b }, { "n01", "n03" })
  eq({ found.pairs[2].a, found.pairs[2].b }, { "n02", "n01" })
  local c = found.clusters[1]
  eq({ #found.clusters, c.doc, c.date, c.articles, c.kind, c.chars }, { 1, "n02", "2025-03-01", 3, "content", 42 })
  eq(c.text, ds.utf8.traditional(SAID):gsub("。$", ""))
  eq({ found.articles[1].doc, found.articles[1].earlier, found.articles[1].shared }, { "n01", "n02", 42 })
  list[1], list[3] = list[3], list[1]
  local again = find(list)
  eq(again.pairs, found.pairs)
  eq(again.clusters, found.clusters)
end)

test("what_one_source_prints_under_many_articles_is_boilerplate", function()
  local list = {}
  for i = 1, 5 do list[i] = article(i, FILL[i]:rep(2) .. "\n" .. FILL[i % 6 + 1] .. "\n" .. FOOT, "2025-01-0" .. i, "晨报") end
  local kinds = {}
  for _, c in ipairs(find(list).clusters) do kinds[c.text] = c.kind end
  eq(kinds[(FOOT:gsub("。$", ""))], "boilerplate")
  for i = 1, 5 do list[i].source_name = "报纸" .. i end -- five sources print it once each
  kinds = {}
  for _, c in ipairs(find(list).clusters) do kinds[c.text] = c.kind end
  eq(kinds[(FOOT:gsub("。$", ""))], "content")
end)

test("a_wire_story_that_many_sources_print_is_content", function()
  local list = {}
  for i = 1, 6 do list[i] = article(i, "本报讯　" .. SAID .. "\n" .. FILL[1] .. "\n" .. FILL[2] .. "\n" .. FILL[i], "2025-01-0" .. i, "报纸" .. i) end
  local c = find(list).clusters[1]
  eq({ c.kind, c.articles, c.sources, c.doc }, { "content", 6, 6, "n01" })
end)

test("disclaimers_are_boilerplate_by_their_wording", function()
  local note = "\n风险提示：本文内容仅供参考，不构成任何投资建议，据此操作，风险自担。"
  local found = find { article(1, FILL[1] .. note), article(2, FILL[2] .. note) }
  eq({ #found.clusters, found.clusters[1].kind, #found.articles }, { 1, "boilerplate", 0 })
end)

test("disclaimers_within_an_article_are_boilerplate_and_a_word_of_theirs_is_not", function()
  local note = "市场有风险，入市需谨慎，本栏仅供参考，不构成投资建议。"
  local found = find { article(1, FILL[1] .. note .. FILL[3]:rep(3)), article(2, FILL[2] .. note .. FILL[4]:rep(3)) }
  eq({ #found.clusters, found.clusters[1].kind }, { 1, "boilerplate" })
  local said = "老人说孙女替他把照片传到网上，一夜之间有三千个人点赞，他还以为那是三千个邻居。"
  found = find { article(1, FILL[1] .. said .. "\n" .. FILL[3]:rep(3)), article(2, FILL[2] .. said .. "\n" .. FILL[4]:rep(3)) }
  eq({ #found.clusters, found.clusters[1].kind }, { 1, "content" })
end)

test("lists_of_names_are_names", function()
  for _, names in ipairs {
    "北京、上海、广州、深圳、杭州、成都、武汉、西安、南京、苏州、重庆", "微软、谷歌、亚马逊、苹果、英伟达、特斯拉和Meta",
    "百度创始人、董事长兼首席执行官李彦宏", "美国总统唐纳德·特朗普（Donald Trump）",
  } do
    local found = find { article(1, FILL[1] .. names .. "。"), article(2, FILL[2] .. names .. "，") }
    eq({ #found.clusters, found.clusters[1].kind }, { 1, "names" }, names)
  end
end)

test("statements_about_names_are_content", function()
  for _, said in ipairs { "特斯拉买下了英伟达三万块H200芯片", "王小明昨天把北京的房子卖给了李大同" } do
    local found = find { article(1, FILL[1] .. said .. "。"), article(2, FILL[2] .. said .. "，") }
    eq({ #found.clusters, found.clusters[1].kind }, { 1, "content" }, said)
  end
end)

test("misuse_raises", function()
  raises("unknown option 'mni'; did you mean 'min'?", ds.reuse, { mni = 3 })
  raises("min is a whole number", ds.reuse, { min = 0 })
  raises("id and text are strings", function() ds.reuse():add { id = "a" } end)
  eq(find({}).clusters, {})
end)

-- stance_test.lua: who judges whom.  The sentences are made up for these tests.
local T = require "testing"
local ds = require "ds"
local test, eq, ok = T.test, T.eq, T.ok

local judge = assert(ds.stance { target = "马斯克" })

-- A document of one paragraph, as the readers make them.
local function document(text, title)
  local path = os.tmpname() .. ".txt"
  local f = assert(io.open(path, "wb"))
  f:write(title and ("标题：" .. title .. "\n\n") or "标题：无关\n\n", text, "\n")
  f:close()
  local corpus = assert(ds.corpus.open(path))
  local doc
  for d in corpus:docs() do doc = d end
  os.remove(path)
  return assert(doc)
end

local function judged(text)
  local records = judge:judge(document(text))
  ok(#records > 0, "no sentence names the target")
  return records[1]
end

local cases = {
  -- text, label, voice
  { "马斯克周二抵达柏林，出席工厂的开业典礼。", "neu", "author" },
  { "马斯克又一次阴阳怪气，挖苦起了对手。", "neg", "author" },
  { "馬斯克又一次陰陽怪氣，挖苦起了對手。", "neg", "author" },
  { "习惯了画饼的马斯克再次登台。", "neg", "author" },
  { "马斯克是这一代最了不起的天才。", "pos", "author" },
  { "马斯克并不是骗子。", "pos", "author" },
  { "马斯克嘲讽奥特曼是骗子。", "neu", "author" },
  { "马斯克批评OpenAI贪婪，还抨击微软虚伪。", "neu", "author" },
  { "马斯克说：“我们的模型是世界上最伟大的杰作。”", "neu", "马斯克" },
  { "奥特曼痛斥马斯克。", "neg", "奥特曼" },
  { "特朗普在集会上盛赞马斯克。", "pos", "特朗普" },
  { "马斯克遭到多家媒体抨击。", "neg" },
  { "奥特曼说：“马斯克是个骗子。”", "neg", "奥特曼" },
  { "梁文锋才华横溢，马斯克当天没有露面。", "neu" },
}

for _, c in ipairs(cases) do
  test("label of: " .. c[1], function()
    local r = judged(c[1])
    eq(r.label, c[2], table.concat({ tostring(r.score), r.voice }, " "))
    if c[3] then eq(r.voice, c[3]) end
  end)
end

test("both scripts give the same score", function()
  eq(judged("马斯克又一次阴阳怪气，挖苦起了对手。").score, judged("馬斯克又一次陰陽怪氣，挖苦起了對手。").score)
end)

test("every cue lies where it says", function()
  local doc = document("前一句没有提到他。習慣了畫餅的馬斯克再次登台，他可真虛偽。")
  local n = 0
  for _, r in ipairs(judge:judge(doc)) do
    eq(doc.text:sub(r.from, r.to), r.text)
    for _, cue in ipairs(r.cues) do
      n = n + 1
      eq(doc.text:sub(cue.from, cue.to), cue.cue)
    end
  end
  ok(n > 0)
end)

test("title is judged as a sentence of its own, without offsets", function()
  local records = judge:judge(document("正文里没有他。", "马斯克再度画饼"))
  eq(#records, 1)
  eq(records[1].part, "title")
  eq(records[1].from, nil)
  eq(records[1].label, "neg")
end)

test("aliases name the target, longer words do not", function()
  eq(#judge:judge(document("Elon Musk抵达柏林。伊隆·马斯克也来了。")), 2)
  eq(#judge:judge(document("The Muskrat swims.")), 0)
end)

test("any target can be named, in either script", function()
  local other = assert(ds.stance { target = "輝達" })
  eq(other.target, "英伟达")
  eq(other:judge(document("英伟达遥遥领先。"))[1].label, "pos")
  local unknown = assert(ds.stance { target = "高移民率" })
  eq(#unknown:judge(document("高移民率引发争论。")), 1)
end)

test("a speech that goes on over sentences keeps its speaker", function()
  local doc = document("奥特曼说：“这件事很清楚。马斯克是个骗子。”")
  local r = judge:judge(doc)[1]
  eq(r.voice, "奥特曼")
  eq(r.label, "neg")
end)

test("article label follows the majority of its opinions", function()
  local label = function(text)
    local doc = document(text)
    return judge:article(judge:judge(doc), judge:mentions(doc)).label
  end
  eq(label("马斯克又在画饼。马斯克一向狂妄。马斯克到了柏林。"), "neg")
  eq(label("马斯克到了柏林。"), "neu")
  eq(label("这里没有他。"), "none")
end)

test("an unknown option names the nearest one", function()
  T.raises("did you mean 'target'", ds.stance, { traget = "x" })
  T.raises("name to judge", ds.stance, {})
end)

test("a bad line of a lexicon is named with file and line, and left out", function()
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  f:write("# word\tweight\tregister\tfalls\n好人\t2\tnews\tsubject\n坏人\t9\tnews\tsubject\n")
  f:close()
  local j = assert(ds.stance { target = "马斯克", sentiment = path })
  os.remove(path)
  eq(#j.bad_lines, 1)
  ok(j.bad_lines[1].message:find(path .. ":3:", 1, true), j.bad_lines[1].message)
  eq(j:judge(document("马斯克是好人。"))[1].label, "pos")
  eq(j:judge(document("马斯克是坏人。"))[1].label, "neu")
end)

test("a lexicon that cannot be read gives nil and names it", function()
  local j, message = ds.stance { target = "马斯克", sentiment = "/nonexistent/s.tsv" }
  eq(j, nil)
  ok(message:find("/nonexistent/s.tsv", 1, true), message)
end)

-- ------------------------------------------------------------------ what real articles do

local pragmatics = {
  { "concession: what follows 但 counts", "马斯克", "虽然马斯克一向傲慢，但他确实是难得的天才。", "pos" },
  { "concession the other way round", "马斯克", "马斯克固然聪明，但他太狂妄。", "neg" },
  { "concession: not wholly wrong is no blame", "马斯克", "马斯克这一回的主张不尽然是全错。", "pos neu" },
  { "irony: praise in scare quotes", "马斯克", "马斯克真不愧是“大慈善家”。", "neg" },
  { "idiom taken apart", "马斯克", "马斯克又甩了好几个锅。", "neg" },
  { "idiom taken apart, object first", "马斯克", "马斯克把牛吹上了天。", "neg" },
  { "parts of idioms that are none", "马斯克", "马斯克画了一幅画，锅里有饼。", "neu" },
  { "idiom", "马斯克", "马斯克又一次搬起石头砸自己的脚。", "neg" },
  { "third-party judgement: the judge is the voice", "马斯克", "多位分析师称赞马斯克有远见。", "pos", "分析师" },
  { "third-party judgement: in somebody's view", "马斯克", "在经济学家周维安看来，马斯克过于草率。", "neg", "周维安" },
  { "attacks by the target fall on others", "马斯克", "马斯克痛批奥特曼虚伪。", "neu" },
  { "insults by the target fall on others", "马斯克", "马斯克把竞争对手骂成骗子。", "neu" },
  { "self-praise is no praise", "马斯克", "马斯克自称是史上最伟大的工程师。", "neu" },
  { "self-praise, reported", "马斯克", "马斯克表示，自家的机器人天下无敌。", "neu" },
  { "self-praise that the text names so", "马斯克", "马斯克又开始自我吹嘘。", "neg" },
  { "parallel targets: the one that is praised", "DeepSeek", "有人夸赞DeepSeek，马斯克偏要唱反调。", "pos" },
  { "parallel targets: the one that objects", "马斯克", "有人夸赞DeepSeek，马斯克偏要唱反调。", "neg" },
  { "parallel targets: praised and blamed by one", "英伟达", "专家称赞英伟达，却批评马斯克。", "pos" },
  { "parallel targets: blamed and praised by one", "马斯克", "专家称赞英伟达，却批评马斯克。", "neg" },
  { "negation of a belief", "马斯克", "没有人认为马斯克是骗子。", "pos neu" },
  { "negation over a clause", "马斯克", "这并不是说马斯克有多无能。", "pos neu" },
  { "negation: nobody believes", "马斯克", "没人相信马斯克诚实。", "neg" },
  { "rhetorical question about praise", "马斯克", "难道马斯克是救世主吗？", "neg" },
  { "rhetorical question with a negation", "马斯克", "马斯克难道不值得尊敬吗？", "pos" },
  { "rhetorical question: who would believe", "马斯克", "谁还会相信马斯克的鬼话？", "neg" },
  { "comparison: A 不如 B, toward A", "马斯克", "论远见，马斯克不如奥特曼。", "neg" },
  { "comparison: A 不如 B, toward B", "马斯克", "奥特曼远不如马斯克。", "pos" },
  { "comparison: A 比 B, toward A", "马斯克", "马斯克比奥特曼更有远见。", "pos" },
  { "comparison: A 比 B, toward B", "马斯克", "奥特曼比马斯克更有远见。", "neg" },
  { "a target that is no name, blamed", "高移民率", "居民抱怨高移民率拖垮了学校。", "neg" },
  { "a target that is no name, praised", "高移民率", "高移民率给城市带来了活力。", "pos neu" },
}

for _, c in ipairs(pragmatics) do
  test(c[1], function()
    local r = judge:of(c[2]):judge(document(c[3]))[1]
    ok((" " .. c[4] .. " "):find(" " .. r.label .. " ", 1, true), ("%s: %s %s"):format(c[3], r.label, r.score))
    if c[5] then eq(r.voice, c[5]) end
  end)
end

test("holder and target are kept apart: what the target says of itself has its voice and no label", function()
  local r = judge:judge(document("马斯克说：“我是天才。”"))[1]
  eq({ r.voice, r.label }, { "马斯克", "neu" })
end)

test("the chain names words that fall elsewhere, and where", function()
  local j = assert(ds.stance { target = "马斯克", explain = true })
  local doc = document("马斯克傲慢，还痛批奥特曼虚伪。")
  local r = j:judge(doc)[1]
  local by_word = {}
  for _, step in ipairs(j:explain(r)) do
    eq(doc.text:sub(step.from, step.to), step.cue)
    by_word[step.cue] = step
  end
  eq({ by_word["傲慢"].rule, by_word["傲慢"].falls }, { "predicate", "subject" })
  ok(by_word["傲慢"].weight < 0)
  eq({ by_word["痛批"].rule, by_word["痛批"].weight }, { "falls on 奥特曼", 0.0 })
end)

-- ------------------------------------------------------------------ texts as a whole, and labels of the user's own

test("a text is judged on what it names in part, or not at all", function()
  local j = judge:of("放开政策")
  eq(j:text("不负责任的放开，真让人失望。").label, "neg")
  eq(j:text("今天下雨。").label, "neu")
  eq(judge:of("职场歧视"):text("她又换了公司。").label, "neg") -- the name says it
end)

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

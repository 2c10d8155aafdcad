-- stance_learn_test.lua: models of stance that the user's own labels train, and the plugin that does so (Lua 5.4 only).
local T = require "testing"
local ds = require "ds"
local test, eq, ok = T.test, T.eq, T.ok

local function put(path, bytes)
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
end

-- Labels that no rule can know: two invented words.
local function labels()
  local rows, subjects = {}, { "张三", "李四", "王五", "赵六", "钱七", "孙八", "周九", "吴十", "郑一", "冯二" }
  for i, name in ipairs(subjects) do
    rows[#rows + 1] = { "pos", name, name .. "今天又很咕噜，大家都来看。" .. i }
    rows[#rows + 1] = { "neg", name, name .. "今天又很哐当，大家都走了。" .. i }
    rows[#rows + 1] = { "neu", name, name .. "今天去了车站，天气不冷不热。" .. i }
  end
  return rows
end

local function trainer()
  local t = assert(ds.stance_trainer { seed = 3 })
  for _, row in ipairs(labels()) do assert(t:add(table.unpack(row))) end
  return t
end

test("a model learns words that the rules do not know, and shows them", function()
  local t = trainer()
  eq(t:examples(), 30)
  local path = os.tmpname()
  put(path, assert(t:train("test")))
  local j = assert(ds.stance { target = "魏武", model = path })
  os.remove(path)
  local text = "魏武今天又很哐当，大家都走了。"
  local r = j:text(text)
  eq(r.label, "neg")
  eq(assert(ds.stance { target = "魏武" }):text(text).label, "neu")
  ok(j:certainty(r) > 0 and j:certainty(r) <= 1)
  local shown = false
  for _, cue in ipairs(r.cues) do
    if cue.from then eq(text:sub(cue.from, cue.to), cue.cue) end
    shown = shown or (cue.rule:find("^model, ") and cue.cue:find("哐", 1, true)) ~= nil
  end
  ok(shown, "the word that was learned is among the cues")
end)

test("folds hold the rows of a text together; a model beats the rules there", function()
  local scores, _, held = trainer():cross_validate(5)
  eq({ scores[1].what, scores[2].what, scores[3].what }, { "rules alone", "target alone", "model" })
  ok(scores[3].macro_f1 > 0.9 and scores[1].macro_f1 < 0.5 and scores[2].macro_f1 < 0.5)
  eq(#held, 30)
  local t = assert(ds.stance_trainer {})
  for _, row in ipairs(labels()) do assert(t:add(row[1], row[2], "同一条。")) end
  local s, message = t:cross_validate(2)
  eq({ s, message }, { nil, "1 texts are too few for 2 folds" })
end)

test("same labels, same seed: the same model", function()
  eq(trainer():train("x") == trainer():train("x"), true)
end)

test("a label that nobody gave is named", function()
  local t = assert(ds.stance_trainer {})
  eq({ t:add("good", "甲", "很好。") }, { nil, "the label is pos, neg or neu, not 'good'" })
  assert(t:add("pos", "甲", "很好。"))
  eq({ t:train() }, { nil, "no row is labelled neg" })
end)

test("a file that is no model is an error that names it", function()
  local path = os.tmpname()
  put(path, ("x"):rep(100))
  local j, message = ds.stance { target = "马斯克", model = path }
  os.remove(path)
  eq(j, nil)
  ok(message:find(path, 1, true) and message:find("not a model", 1, true), message)
end)

-- ------------------------------------------------------------------ the plugin

local command = require "command"

local TABLE = "label\ttarget\ttext\npos\t甲\t甲很出色。\nneg\t乙\t乙真恶劣。\nno such row\nneu\t丙\t丙来了。\n"

test("--pairs: a record for every row, in order; a bad row is named and keeps its place", function()
  local w <close> = command.workspace { ["p.tsv"] = TABLE }
  local r = w.sh("$D -q stance --pairs p.tsv -f jsonl")
  eq(r.status, 1)
  ok(r.err:find("p.tsv:4: a line is label, target and text", 1, true), r.err)
  local got = {}
  for label in r.out:gmatch('{"table":"pairs","label":"(%l+)","score":[-%d.]+}\n') do got[#got + 1] = label end
  eq(got, { "pos", "neg", "none", "neu" })
  eq(w.sh("$D -q stance --pairs p.tsv -f jsonl -j 2").out, r.out)
end)

test("--pairs: a file without a header, Traditional, with Windows line ends", function()
  local w <close> = command.workspace { ["p.tsv"] = "\xEF\xBB\xBF?\t馬斯克\t馬斯克真虛偽。\r\n?\t馬斯克\t馬斯克來了。\r\n" }
  local r = w.sh("$D -q stance --pairs p.tsv -f tsv --table pairs")
  eq({ r.status, r.err }, { 0, "" })
  ok(r.out:find("^label\tscore\nneg\t%-0%.%d+\nneu\t0%.0\n$"), r.out)
end)

local function labelled()
  local lines = {}
  for _, row in ipairs(labels()) do lines[#lines + 1] = table.concat(row, "\t") end
  lines[#lines + 1] = "?\t甲\t还没有标。"
  return table.concat(lines, "\n") .. "\n"
end

test("--train, --save, --model, --review: the round that a user goes through", function()
  local article = "标题：无关\n\n魏武今天又很哐当，大家都走了。魏武来了。\n"
  local w <close> = command.workspace { ["l.tsv"] = labelled(), ["a.txt"] = article, ["b.txt"] = "标题：无关\n\n魏武去了车站。\n" }
  local r = w.sh("$D stance --train l.tsv --save my.model --folds 3 -f tsv --table training")
  eq({ r.status, r.err }, { 0, "" })
  ok(r.out:find("\nmodel\t30\t[%d.]+\t[%d.]+"), r.out)
  r = w.sh("$D -q stance --model my.model --target 魏武 -f jsonl a.txt")
  ok(r.out:find('"label":"neg"', 1, true) and r.out:find('"rule":"model, ', 1, true), r.out)
  local review = "$D -q stance --model my.model --target 魏武 --review 2 -f tsv --table review a.txt b.txt"
  r = w.sh(review)
  local _, lines = r.out:gsub("\n", "")
  eq({ r.status, lines, r.out:match("^[^\n]*") }, { 0, 3, "label\ttarget\ttext\tguess\tsure\tdoc\tfrom\tto" })
  eq(w.sh(review .. " -j 2").out, r.out)
  w.put("next.tsv", (r.out:gsub("%?", "neu")))
  eq(w.sh("cat l.tsv next.tsv > more.tsv; $D -q stance --train next.tsv --folds 0 --save x.model").status, 2)
  eq(w.sh("$D -q stance --train more.tsv --folds 0 --save x.model").status, 1) -- the header in the middle is no label
end)

test("options that do not go together are refused", function()
  local w <close> = command.workspace { ["l.tsv"] = labelled() }
  for _, bad in ipairs { "--save x", "--train l.tsv --folds 0", "--train l.tsv --folds 1", "--train l.tsv --review 3",
                         "--train l.tsv --pairs l.tsv", "--pairs l.tsv --explain", "--review -1", "--model l.tsv",
                         "--train none.tsv", "--pairs none.tsv", "--train l.tsv --folds 40" } do
    local r = w.sh("$D stance " .. bad)
    eq({ r.status, r.out }, { 2, "" }, bad)
    ok(r.err ~= "", bad)
  end
end)

test("voices and periods add up to the sentences", function()
  local w <close> = command.workspace {}
  local r = w.sh("$D -q stance -f jsonl -j 2")
  local n = { sentences = 0, voices = 0, periods = 0 }
  for line in r.out:gmatch("[^\n]+") do
    local row = ds.json.decode(line)
    if row.table == "sentences" then n.sentences = n.sentences + 1
    elseif n[row.table] then n[row.table] = n[row.table] + row.sentences end
  end
  ok(n.sentences > 50)
  eq(n.voices, n.sentences)
  ok(n.periods <= n.sentences and n.periods > 0)
end)

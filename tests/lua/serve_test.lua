-- serve_test.lua: dsrun --serve, requests and answers as JSON lines.
local T = require "testing"
local ds = require "ds"
local command = require "command"
local test, eq, ok, has = T.test, T.eq, T.ok, T.has
local workspace = command.workspace

-- The answers to requests, each a table or a line as it is, and the run.
local function ask(w, requests, options)
  local lines = {}
  for i, r in ipairs(requests) do lines[i] = type(r) == "string" and r or ds.json.encode(r) end
  local run = w.sh("$D --serve " .. (options or ""), table.concat(lines, "\n") .. "\n")
  local answers = {}
  for line in run.out:gmatch("[^\n]+") do answers[#answers + 1] = assert(ds.json.decode(line)) end
  return answers, run
end

test("calls_give_what_the_library_gives", function()
  local w <close> = workspace()
  local s = "ＤｅｅｐＳｅｅｋ說：“今天降價。”售價1.2萬元"
  local answers, run = ask(w, {
    { id = 1, call = "segment", text = s }, { id = "二", call = "tokens", text = s }, { call = "fold", text = s },
    { call = "simplify", text = "資訊", region = "tw" }, { call = "sentences", text = "甲。乙！" },
    { call = "spans", text = s, terms = { "降价" } }, { call = "count", text = s, terms = { ["降价"] = "x" } },
    { call = "quotes", text = s }, { call = "numbers", text = s }, { call = "stance", text = "马斯克是骗子。", target = "马斯克" },
    { call = "script", text = "價格" }, { call = "normalize", text = "e\u{301}", form = "NFC" }, { call = "version" } })
  eq({ run.status, run.err, #answers }, { 0, "", 13 })
  eq(answers[1], { id = 1, words = ds.segmenter():words(s) })
  eq({ answers[2].id, answers[2].tokens[1].word, answers[2].tokens[1].key }, { "二", "ＤｅｅｐＳｅｅｋ", "deepseek" })
  eq(answers[3].text, (ds.utf8.fold(s)))
  eq(answers[4].text, "信息")
  eq(answers[5].spans, { { from = 1, to = 6, text = "甲。" }, { from = 7, to = 12, text = "乙！" } })
  local from, to = s:find("降價", 1, true)
  eq(answers[6].spans, { { from = from, to = to, label = "降价", term = "降价", text = "降價" } })
  eq(answers[7].counts, { { label = "x", n = 1 } })
  eq(answers[8].quotes[1].text, "今天降價。")
  eq({ answers[9].numbers[2].value, answers[9].numbers[2].unit }, { 12000, "CNY" })
  eq({ answers[10].sentences[1].label, answers[10].sentences[1].from }, { "neg", 1 })
  eq(answers[12].text, "\u{e9}")
  eq(answers[13].version, ds.version)
end)

test("a_plugin_gives_its_rows_as_jsonl_does", function()
  local w <close> = workspace { ["a.txt"] = "價格戰打響，降價不斷。\n" }
  local plain = w.sh("$D -q pricewar -f jsonl a.txt")
  local answers, run = ask(w, { { id = 7, plugin = "pricewar", articles = { { id = "a.txt", text = "價格戰打響，降價不斷。" } } } })
  eq(run.status, 0)
  local rows = {}
  for line in plain.out:gmatch("[^\n]+") do rows[#rows + 1] = ds.json.decode(line) end
  eq(answers[1], { id = 7, rows = rows, read = 1 })
end)

test("articles_have_fields_and_where_chooses", function()
  local w <close> = workspace()
  local articles = { { id = "a", date = "2025-01-02", text = "降价。" }, { id = "b", date = "2024-01-02", text = "降价。" } }
  local answers = ask(w, { { plugin = "pricewar", articles = articles, options = { where = "date >= 2025" } },
    { plugin = "pricewar", articles = articles } })
  eq({ answers[1].read, answers[2].read }, { 1, 2 })
  eq({ answers[1].rows[1].doc, #answers[1].rows < #answers[2].rows }, { "a", true })
end)

test("what_is_wrong_is_told_by_line_and_the_next_line_is_read", function()
  local w <close> = workspace()
  local cases = {
    { "nonsense", "no JSON: byte" }, { "[1]", "a request is an object" }, { '{"call":"segmnt","text":"x"}', "did you mean 'segment'?" },
    { '{"call":"segment"}', "text is wanted" }, { '{"call":"segment","text":5}', "text is a string, not a number" },
    { '{"call":"segment","text":"a","moed":"x"}', "unknown key 'moed'; did you mean 'mode'?" },
    { '{"call":"segment","text":"a","mode":"fast"}', "mode is one of default, accurate" },
    { '{"call":"fold","text":"A","case":"yes"}', "option 'case' is true or false" },
    { '{"call":"spans","text":"A"}', "terms is a list" }, { '{"call":"spans","text":"A","terms":["a",1]}', "is not a string but a number" },
    { '{"call":"stance","text":"A"}', "target is wanted" }, { '{"text":"A"}', "call or plugin is wanted; calls are count" },
    { '{"plugin":"stanc","text":"a"}', "did you mean 'stance'?" }, { '{"plugin":"build","text":"a"}', "reads no articles" },
    { '{"plugin":"stance"}', "a plugin wants text, or articles" }, { '{"plugin":"stance","articles":[{}]}', "article 1 has no text" },
    { '{"plugin":"stance","text":"a","options":{"targt":"x"}}', "did you mean 'target'?" },
    { '{"plugin":"stance","text":"a","options":{"format":"tsv"}}', "no option 'format'" },
    { '{"plugin":"stance","text":"a","options":{"evidence":"many"}}', "--evidence wants an integer" },
    { '{"plugin":"stance","text":"a","options":{"aliases":"/etc/passwd"}}', "names a file, which a request may not" },
    { '{"plugin":"../x","text":"a"}', "no plugin is called" }, { '{"id":[1],"call":"version"}', "id is text, a number" },
    { '{"call":"segment","text":"\xFF"}', "no JSON: byte" },
  }
  local requests = {}
  for i, c in ipairs(cases) do requests[i] = c[1] end
  requests[#requests + 1] = '{"id":"last","call":"version"}'
  local answers, run = ask(w, requests)
  eq({ run.status, #answers }, { 1, #cases + 1 })
  for i, c in ipairs(cases) do
    has(answers[i].error, c[2])
    eq(answers[i].line, i)
    has(run.err, ("dsrun: standard input: line %d: "):format(i))
  end
  eq(answers[#answers].id, "last")
  eq(w.sh("$D --serve -q", "x\n\n \n").err, "")
end)

test("a_request_that_fails_keeps_its_id", function()
  local w <close> = workspace()
  local answers = ask(w, { '{"id":"x","call":"nothing"}' })
  eq({ answers[1].id, answers[1].line }, { "x", 1 })
end)

local GREEDY = [[
return { tables = { t = { { "n", "integer" } } },
  map = function(doc, ctx)
    print("sees " .. doc.id)
    if doc.text:find("loop") then while true do pcall(function() while true do end end) end end
    if doc.text:find("much") then local s = {} for i = 1, 1e9 do s[i] = ("x"):rep(100000) .. i end end
    if doc.text:find("write") then io.open("written", "w") end
    ctx:emit("t", { n = #doc.text })
  end }]]

test("requests_are_under_limits_and_in_the_sandbox", function()
  local w <close> = workspace { ["greedy.lua"] = GREEDY }
  local answers, run = ask(w, {
    { plugin = "greedy", articles = { { text = "loop" }, { text = "good" } } }, { plugin = "greedy", articles = { { text = "much" } } },
    { plugin = "greedy", text = "write" }, { plugin = "greedy", text = "good" } }, "--article-timeout 1 --memory 64M greedy.lua")
  eq(run.status, 1)
  eq(answers[1].rows, { { table = "t", n = 4 } })
  has(answers[1].partial[1], "greedy.lua:4: the article takes longer than --article-timeout allows")
  has(answers[2].partial[1], "more memory is wanted than --memory allows")
  has(answers[3].error, "greedy.lua:6: undeclared global 'io'")
  eq(answers[4].rows, { { table = "t", n = 4 } })
  has(run.err, "dsrun: line 4: sees text")
  ok(not w.read("written"))
end)

test("the_time_of_the_run_ends_it", function()
  local w <close> = workspace { ["greedy.lua"] = GREEDY }
  local answers, run = ask(w, { { call = "segment", text = "价格" }, { plugin = "greedy", text = "loop" }, { call = "segment", text = "价格" } },
    "--timeout 0.5 greedy.lua")
  eq({ run.status, #answers }, { 4, 2 })
  has(answers[2].partial[1], "the run takes longer than --timeout allows")
end)

test("an_answer_comes_before_the_next_request", function()
  local w <close> = workspace()
  local r = w.sh([[mkfifo to from; $D --serve < to > from & exec 3> to 4< from
    for word in 价格 降价; do echo "{\"call\":\"segment\",\"text\":\"$word\"}" >&3; timeout 10 head -n 1 <&4; done; exec 3>&-; wait $!; echo status $?]])
  eq(r.out, '{"words":["价格"]}\n{"words":["降价"]}\nstatus 0\n')
end)

test("a_reader_that_goes_away_ends_it_quietly", function()
  local w <close> = workspace()
  local r = w.sh([[yes '{"call":"segment","text":"价格"}' | $D --serve | head -n 2]])
  eq({ r.out, r.err }, { ('{"words":["价格"]}\n'):rep(2), "" })
end)

test("the_users_words_count", function()
  local w <close> = workspace { ["words.txt"] = "小米苏七\n" }
  eq(ask(w, { { call = "segment", text = "小米苏七降价" } }, "--user-dict words.txt")[1].words, { "小米苏七", "降价" })
end)

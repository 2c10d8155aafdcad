-- match_test.lua: ds.matcher, and the nearest name it suggests.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local function counts(m, s)
  local out = {}
  for i, row in ipairs(m:count(s)) do out[i] = row.label .. "=" .. row.n end
  return table.concat(out, " ")
end

local function spans(m, s)
  local out = {}
  for from, to, label, term in m:spans(s) do out[#out + 1] = { s:sub(from, to), label, term } end
  return out
end

--- Path of a temporary file with these bytes.
local function file_with(bytes)
  local path = os.tmpname()
  local f = assert(io.open(path, "wb"))
  f:write(bytes)
  f:close()
  return path
end

test("a_list_counts_in_its_own_order", function()
  local m = ds.matcher { "内卷", "低价", "免费" }
  eq(counts(m, "低價內捲，低价内卷，低價"), "内卷=2 低价=3 免费=0")
  local rows = m:count("低價")
  eq(rows.by["低价"], { label = "低价", n = 1 })
  ok(rows.by["低价"] == rows[2])
  eq(rows.by["别的"], nil)
end)

test("a_map_sums_by_label_in_bytewise_order_of_terms", function()
  local m = ds.matcher { ["补贴"] = "补贴", ["亏损"] = "亏本", ["亏本"] = "亏本" }
  eq(counts(m, "虧損又虧本，還要補貼"), "亏本=2 补贴=1")
end)

test("forms_of_one_key_under_one_label_count_once", function()
  local m = ds.matcher { ["价格战"] = "战", ["價格戰"] = "战", ["价格"] = "价" }
  eq(counts(m, "價格戰"), "价=1 战=1")
  eq(spans(m, "價格戰"), { { "價格戰", "战", "价格战" }, { "價格", "价", "价格" } })
  local exact = ds.matcher({ ["价格战"] = "战", ["價格戰"] = "战" }, { variant = false })
  eq(counts(exact, "價格戰价格战"), "战=2")
  eq(counts(ds.matcher { "价", "價", "价" }, "價"), "价=1 價=1")
end)

test("each_folding_can_be_switched_off", function()
  local s = "AI ai ＡＩ 內卷"
  eq(counts(ds.matcher { "ai", "内卷" }, s), "ai=3 内卷=1")
  eq(counts(ds.matcher({ "ai", "内卷" }, { case = false }), s), "ai=1 内卷=1")
  eq(counts(ds.matcher({ "ai", "内卷" }, { width = false }), s), "ai=2 内卷=1")
  eq(counts(ds.matcher({ "ai", "内卷" }, { variant = false, case = true }), s), "ai=3 内卷=0")
end)

test("spans_come_by_beginning_the_longer_first", function()
  local m = ds.matcher { "价", "价格", "价格战", "格战" }
  eq(spans(m, "打价格战"), {
    { "价格战", "价格战", "价格战" }, { "价格", "价格", "价格" }, { "价", "价", "价" }, { "格战", "格战", "格战" },
  })
  local at = {}
  for from, to in m:spans("打價格") do at[#at + 1] = { from, to } end
  eq(at, { { 4, 9 }, { 4, 6 } })
end)

test("a_document_is_taken_by_its_text", function()
  local m = ds.matcher { "低价" }
  eq(counts(m, { text = "低价" }), "低价=1")
  local n = 0
  for _ in m:spans { text = "低价低价" } do n = n + 1 end
  eq(n, 2)
  raises("a string or a document is needed, not a table", m.count, m, {})
  raises("a string or a document is needed, not a nil", m.count, m)
end)

test("no_terms_count_nothing", function()
  local m = ds.matcher {}
  eq(#m:count("任何"), 0)
  eq(spans(m, "任何"), {})
end)

test("a_file_of_terms_and_labels_is_read", function()
  local path = file_with("\xEF\xBB\xBF# form\tlabel\r\n价格战\t价格战\r\n\r\n价格大战\t价格战\textra\r\n补贴 \t 补贴\r\n")
  local m = assert(ds.matcher(path))
  os.remove(path)
  eq(counts(m, "價格大戰、價格戰、補貼"), "价格战=2 补贴=1")
end)

test("a_file_of_one_column_is_a_plain_list", function()
  local path = file_with("免费\n优惠\n")
  local m = assert(ds.matcher(path))
  os.remove(path)
  eq(counts(m, "免費优惠"), "免费=1 优惠=1")
end)

test("a_bad_line_is_named_by_file_and_line", function()
  local function message(bytes)
    local path = file_with(bytes)
    local m, why = ds.matcher(path)
    os.remove(path)
    eq(m, nil)
    ok(why:find(path, 1, true), why)
    return why:sub(#path + 1)
  end
  ok(message("甲\t乙\n丙\n"):find("^:2: the second column, the label of '丙', is missing"))
  ok(message("甲\t乙\n丙\t\n"):find("^:2: "))
  ok(message("甲\n丙\t丁\n"):find("^:2: a second column"))
  ok(message("#\n\t丁\n"):find("^:2: the first column, a term, is empty"))
  ok(message("甲\t乙\n\xFF\t丁\n"):find("^:2: .*UTF%-8"))
  ok(message("甲\t乙\n丙\0\t丁\n"):find("^:2: a NUL byte"))
end)

test("a_file_that_cannot_be_read_gives_nil_and_its_name", function()
  local m, why = ds.matcher("/nowhere/terms.tsv")
  eq(m, nil)
  ok(why:find("/nowhere/terms.tsv", 1, true))
  m, why = ds.matcher("/")
  eq(m, nil)
  ok(why)
end)

test("misuse_raises_and_says_what_is_right", function()
  raises("unknown option 'varient', did you mean 'variant'?", ds.matcher, {}, { varient = true })
  raises("unknown option 'zzzzzz'; there are variant, case, width", ds.matcher, {}, { zzzzzz = true })
  raises("option 'case' is true or false, not a string", ds.matcher, {}, { case = "yes" })
  raises("the options are a table, not a boolean", ds.matcher, {}, true)
  raises("a list, a map or the path of a file, not a number", ds.matcher, 12)
  raises("term 2 is empty", ds.matcher, { "a", "" })
  raises("term 1 is not a string but a table", ds.matcher, { {} })
  raises("a term is not a string but a boolean", ds.matcher, { [true] = "x" })
  raises("the label of 'a' is not a string but a boolean", ds.matcher, { a = true })
  raises("either a list or a map", ds.matcher, { "a", b = "c" })
end)

test("a_closed_matcher_raises", function()
  local m = ds.matcher { "a" }
  m:close()
  m:close()
  raises("attempt to use a closed ds.matcher", m.count, m, "a")
  raises("attempt to use a closed ds.matcher", m.spans, m, "a")
  do local n <close> = ds.matcher { "a" } end
end)

test("a_matcher_names_itself", function()
  eq(tostring(ds.matcher { ["a"] = "x", ["b"] = "x" }), "ds.matcher (2 terms, 1 labels)")
  eq(getmetatable(ds.matcher {}).__name, "ds.matcher")
end)

test("the_core_matcher_is_a_closed_type_too", function()
  local match = require "ds.c.match"
  local m <close> = match.new({ "a", "A" }, match.CASE)
  eq({ #m, m:same(1), m:same(2) }, { 2, 1, 1 })
  eq(m:find("xa"), { 2, 2, 1, 2, 2, 2 })
  raises("no term of that number", m.same, m, 3)
  local none, why, detail = match.new({ "" }, 0)
  eq(none, nil)
  eq(why, "term 1 is empty")
  eq(detail.line, 1)
  raises("flags are", match.new, {}, 8)
  raises("term 1 is not a string but a number", match.new, { 7 }, 0)
end)

test("the_nearest_name_is_found_whatever_the_order", function()
  local nearest = require("ds.names").nearest
  eq(nearest("finsh", { "setup", "map", "finish" }), "finish")
  eq(nearest("reprot", { "report", "reports" }), "report")
  eq(nearest("setpu", { "setup" }), "setup")
  eq(nearest("cat", { "bat", "hat" }), "bat")
  eq(nearest("cat", { "hat", "bat" }), "bat")
  eq(nearest("价格站", { "价格战", "内卷" }), "价格战")
  eq(nearest("x", { "y" }), nil)
  eq(nearest("completely", { "different" }), nil)
  eq(nearest("", { "a" }), nil)
  eq(nearest("abc", {}), nil)
  eq(nearest("\xFFab", { "ab" }), "ab")
end)

test("tally_counts_hits_and_whole_words_of_a_document", function()
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  f:write("公司打价格战。價格戰和补贴，价格战略不同\n低价内卷，低价\n")
  f:close()
  local doc = ds.corpus.open(path):docs()()
  os.remove(path)
  local m = ds.matcher { ["价格战"] = "价格战", ["價格戰"] = "价格战", ["补贴"] = "补贴", ["低价"] = "低价", ["内卷"] = "内卷" }
  local n, words = m:tally(doc)
  local want, want_words, ranges, labels = {}, {}, {}, {}
  for from, to, label in m:spans(doc) do
    want[label], labels[#labels + 1] = (want[label] or 0) + 1, label
    ranges[#ranges + 1] = from
    ranges[#ranges + 1] = to
  end
  for i, whole in ipairs(doc:whole_words(ranges)) do
    want_words[labels[i]] = (want_words[labels[i]] or 0) + (whole and 1 or 0)
  end
  eq(n, want)
  eq(words, want_words)
  eq(n["低价"], 2)
  raises("a document is needed", m.tally, m, "text")
end)

-- span_test.lua: ds.utf8.sentences, paragraphs, quotations.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local function texts(iterator, s)
  local out = {}
  for from, to in iterator(s) do out[#out + 1] = s:sub(from, to) end
  return out
end

test("sentences_are_cut_with_string_sub", function()
  eq(texts(ds.utf8.sentences, "他说：“价格太低。”真的吗？\n　　當然！"), { "他说：“价格太低。”", "真的吗？", "當然！" })
  eq(texts(ds.utf8.sentences, ""), {})
  eq(texts(ds.utf8.sentences, " 　\n"), {})
end)

test("sentence_offsets_count_bytes_from_1_both_included", function()
  local s, all = "一。二！", {}
  for from, to in ds.utf8.sentences(s) do all[#all + 1] = { from, to } end
  eq(all, { { 1, 6 }, { 7, 12 } })
end)

test("paragraphs_are_trimmed_lines", function()
  eq(texts(ds.utf8.paragraphs, "　一\r\n\r\n 二 \n三"), { "一", "二", "三" })
end)

test("quotations_carry_a_record", function()
  local s, all = "他说「外『裡』外」，又说“未完", {}
  for from, to, q in ds.utf8.quotations(s) do
    eq({ q.from, q.to }, { from, to })
    all[#all + 1] = { s:sub(from, to), s:sub(q.inner_from, q.inner_to), q.open, q.depth, q.closed }
  end
  eq(all, {
    { "「外『裡』外」", "外『裡』外", "「", 0, true },
    { "『裡』", "裡", "『", 1, true },
    { "“未完", "未完", "“", 0, false },
  })
end)

test("an_empty_quotation_has_an_empty_inside", function()
  for from, to, q in ds.utf8.quotations("a“”") do
    eq({ from, to, q.inner_from, q.inner_to }, { 2, 7, 5, 4 })
  end
end)

test("any_bytes_are_taken", function()
  local s = "\0。\xFF\xFE！“\xE4"
  eq(texts(ds.utf8.sentences, s), { "\0。", "\xFF\xFE！", "“\xE4" })
end)

test("an_argument_that_is_no_string_raises", function()
  raises("string expected", ds.utf8.sentences)
  raises("string expected", ds.utf8.paragraphs, {})
  raises("string expected", ds.utf8.quotations, true)
end)

test("sentences_hold_every_character_but_white_space", function()
  local s = T.read("README.md") or T.read("doc/INTERNALS.md")
  local rest, at = {}, 1
  for from, to in ds.utf8.sentences(s) do
    rest[#rest + 1] = s:sub(at, from - 1)
    at = to + 1
  end
  rest[#rest + 1] = s:sub(at)
  ok(not table.concat(rest):find("%S"), "something between sentences is no white space")
end)

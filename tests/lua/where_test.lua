-- The conditions of --where.
local T = require "testing"
require "ds"
local where = require "ds.where"
local test, eq, ok = T.test, T.eq, T.ok

local DOC = {
  id = "港聞/a.txt", title = "馬斯克的「購物車」 GPT-4o", date = "2025-01-27", source_name = "某某日報", script = "Hant",
  meta = { views = 1200, rating = "4.50", draft = false, tags = { "降价", "大模型" }, geo = { city = "杭州" },
    ["a.b"] = "x", empty = "", nested = { { "y" } } },
}

local TRUTH = { -- condition, holds
  { "date = 2025-01-27", true }, { "date = 2025-01", true }, { "date = 2025", true }, { "date = 2025-02", false },
  { "date != 2025-01", false }, { "date >= 2025-01", true }, { "date > 2025-01", false }, { "date > 2024-12", true },
  { "date < 2025-01-28", true }, { "date <= 2025-01", true }, { "date < 2025-01", false }, { "date ~ 01-2", true },
  { "source = 某某日報", true }, { "source ~ 日报", true }, { "source = 日報", false }, { "source != 别的", true },
  { "author = x", false }, { "author != x", false }, { "not author = x", true },
  { "title ~ 马斯克", true }, { "title ~ gpt-4O", true }, { "title ~ ＧＰＴ", true }, { 'title ~ "的「购"', true },
  { "script = Hant", true }, { "script = hant", false }, { "id ~ 港闻", true },
  { "views = 1200", true }, { "views > 999", true }, { "views < 999.5", false }, { "views = 1200.0", true },
  { "rating = 4.5", true }, { "rating >= 10", false }, { "rating = 4.50", true }, { "draft = false", true },
  { "tags = 降价", true }, { "tags ~ 降價", true }, { "tags = 汽车", false }, { "tags != 降价", true },
  { "geo.city = 杭州", true }, { "geo.none = 杭州", false }, { "geo = 杭州", false }, { "a.b = x", true },
  { 'empty = ""', true }, { "nested = y", false }, { "title.x = y", false },
  { "script = Hans or script = Hant", true }, { "script = Hans and script = Hant", false },
  { "script = Hans and id = x or views > 1", true }, { "script = Hans and (id = x or views > 1)", false },
  { "not script = Hans and views > 1", true }, { "not (script = Hant and views > 1)", false },
  { "NOT script = Hans AND views > 1", true }, { "not not script = Hant", true }, { "((script=Hant))", true },
  { "views>=1200 and views<=1200", true }, { 'title = "x\\"y\\\\z"', false },
}

test("conditions_hold_as_the_truth_table_says", function()
  for _, c in ipairs(TRUTH) do
    local predicate, message = where.compile(c[1])
    ok(predicate, message)
    eq(predicate(DOC), c[2], c[1])
  end
end)

test("a_date_without_a_day_compares_by_what_it_has", function()
  local doc = { date = "2025-01" }
  for _, c in ipairs { { "date = 2025-01", true }, { "date < 2025-01-15", true }, { "date >= 2025-01-15", false }, { "date > 2024", true } } do
    eq(where.compile(c[1])(doc), c[2], c[1])
  end
end)

local WRONG = { -- condition, message
  { "", "where: column 1: a field is wanted, not the end" },
  { "date", "where: column 5: one of = != < <= > >= ~ is wanted, not the end" },
  { "日期 = ", "where: column 6: a value is wanted, not the end" },
  { "date = 2025 script = Hant", "where: column 13: and or or is wanted, not 'script'" },
  { "(date = 2025", "where: column 13: and, or or ) is wanted, not the end" },
  { "date = 2025)", "where: column 12: and or or is wanted, not ')'" },
  { "标题 = \"没有完", "where: column 6: a quoted value has no closing \"" },
  { "a = \"\\n\"", "where: column 6: \\ stands only before \" and \\" },
  { "a ! b", "where: column 3: ! stands only before =" },
  { "and a = b", "where: column 1: a field is wanted, not 'and'" },
  { "a = or", "where: column 5: a value is wanted, not 'or'" },
  { "\"a\" = b", "where: column 1: a field is wanted, not 'a'" },
  { ("("):rep(300) .. "a = b", "nested too deep" },
  { ("not "):rep(300) .. "a = b", "nested too deep" },
}

test("malformed_conditions_are_named_with_their_column", function()
  for _, c in ipairs(WRONG) do
    local predicate, message = where.compile(c[1])
    eq(predicate, nil, c[1])
    ok(message:find(c[2], 1, true), ("%q, not %q"):format(message, c[2]))
  end
  eq(where.compile(7), nil)
end)

test("the_fields_of_a_condition_are_listed", function()
  local _, fields = where.compile("not (datum = 1 or geo.city = x) and date > 2025")
  eq(fields, { "datum", "geo.city", "date" })
  eq({ where.field(DOC, "geo.city"), where.field(DOC, "datum"), where.field(DOC, "source") }, { "杭州", nil, "某某日報" })
end)

test("long_conditions_compile", function()
  local parts = {}
  for i = 1, 3000 do parts[i] = "id = " .. i end
  eq(where.compile(table.concat(parts, " or "))(DOC), false)
end)

-- rows_test.lua: the encoder of rows writes what output.lua writes, or nothing and leaves the row to it.
local T = require "testing"
local ds = require "ds"
local null = ds.json.null
local output = require "ds.output"
local rows_c = require "ds.c.rows"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises

local ORDER = { "s", "i", "n", "b", "l" }
local KINDS = { "string", "integer", "number", "boolean", "list" }
local TABLE = { name = "rows", order = ORDER }

local function written(format, row)
  local parts = {}
  local w = output.new(format, { write = function(self, ...)
    for _, s in ipairs { ... } do parts[#parts + 1] = s end
    return self
  end })
  w:row(TABLE, row)
  return table.concat(parts)
end

local GOOD = {
  {}, { s = "价格战", i = 3, n = 0.1, b = true }, { s = "" }, { i = math.mininteger }, { i = math.maxinteger, n = 7 },
  { n = -0.0 }, { n = 1 / 3, b = false }, { n = 123456.789 }, { s = null, i = null, n = null, b = null, l = null }, { s = "a b;c" },
}

test("plain_rows_are_written_as_output_writes_them", function()
  for _, format in ipairs { "jsonl", "tsv", "csv" } do
    local r, want = rows_c.table(format, "rows", ORDER, KINDS), {}
    for i, row in ipairs(GOOD) do
      ok(r:put(row), ("row %d in %s"):format(i, format))
      local plain = {}
      for k, v in pairs(row) do
        if v ~= null or format == "jsonl" then plain[k] = v end
      end
      want[i] = written(format, plain)
    end
    eq(r:take(), table.concat(want), format)
    eq(r:take(), nil)
  end
end)

test("what_is_not_plain_is_refused_and_leaves_no_trace", function()
  local bad = {
    { x = 1 }, { [1] = "s" }, { s = 1 }, { i = 1.5 }, { i = 3.0 }, { n = 0 / 0 }, { n = math.huge }, { n = 1e300 }, { b = "true" },
    { l = {} }, { s = "a\"b" }, { s = "a\\b" }, { s = "a\tb" }, { s = "a\nb" }, { s = "\xFF" }, { s = print }, { s = "fine", i = "3" },
  }
  for _, format in ipairs { "jsonl", "tsv", "csv" } do
    local r = rows_c.table(format, "rows", ORDER, KINDS)
    r:add("before ", "it")
    for i, row in ipairs(bad) do ok(not r:put(row), ("row %d in %s"):format(i, format)) end
    eq(r:take(), "before it")
  end
  local r = rows_c.table("csv", "rows", ORDER, KINDS)
  ok(not r:put { s = "a,b" })
  ok(rows_c.table("tsv", "rows", ORDER, KINDS):put { s = "a,b" })
  r:add("x")
  r:clear()
  eq(r:take(), nil)
  ok(not rows_c.table("jsonl", "none", {}, {}):put {})
  raises("escape", rows_c.table, "jsonl", "a\"b", ORDER, KINDS)
end)

test("any_float_reads_back_from_json", function()
  local state = 5
  for _ = 1, 20000 do
    state = state * 6364136223846793005 + 1442695040888963407
    local x = (state >> 11) / ((state >> 40 & 0xFFFF) + 1) * 2.0 ^ -(state >> 3 & 63)
    eq(tonumber(ds.json.encode(x)), x)
  end
end)

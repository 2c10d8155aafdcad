-- stats_test.lua: exact sums.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local fsum = ds.stats.fsum

test("a_sum_of_nothing_is_zero", function()
  eq(fsum():value(), 0.0)
  eq(fsum({}):value(), 0.0)
end)

test("sums_are_exact_and_rounded_once", function()
  local s = fsum()
  for _ = 1, 10 do s:add(0.1) end
  eq(s:value(), 1.0)
  eq(fsum { 1e100, 1, -1e100 }:value(), 1.0)
  eq(fsum { 1e308, 1e308, -1e308 }:value(), 1e308)
  eq(fsum { 1e308, 1e308 }:value(), math.huge)
end)

test("integers_are_taken_as_numbers", function()
  eq(fsum():add(1):add(2):value(), 3.0)
end)

test("partials_restore_the_sum", function()
  local s = fsum { 1e16, 1, 1e-16, -1e300, 1e308, 1e308 }
  local again = fsum(s:partials())
  eq(again:add(-1e308):add(-1e308):add(1e300):value(), fsum { 1e16, 1, 1e-16 }:value())
  ok(fsum(fsum { math.huge, 1 }:partials()):value() == math.huge)
  eq(fsum():partials(), {})
end)

test("merging_in_any_grouping_gives_the_same_bits", function()
  math.randomseed(11)
  local xs, all = {}, fsum()
  for i = 1, 200 do
    xs[i] = (math.random() - 0.5) * 10.0 ^ math.random(-30, 30)
    all:add(xs[i])
  end
  for _ = 1, 20 do
    local groups = {}
    for g = 1, 7 do groups[g] = fsum() end
    for _, x in ipairs(xs) do groups[math.random(7)]:add(x) end
    local sum = fsum()
    while #groups > 0 do sum:merge(table.remove(groups, math.random(#groups))) end
    eq(("%a"):format(sum:value()), ("%a"):format(all:value()), "seed 11")
  end
end)

test("a_sum_may_be_merged_into_itself", function()
  local s = fsum { 1e100, 1, 1e-100 }
  eq(s:merge(s):value(), fsum { 2e100, 2, 2e-100 }:value())
end)

test("a_closed_sum_raises", function()
  local s = fsum()
  s:close()
  s:close()
  raises("attempt to use a closed ds.fsum", s.add, s, 1)
  raises("attempt to use a closed ds.fsum", s.value, s)
  raises("attempt to use a closed ds.fsum", s.merge, fsum(), s)
  T.leave(fsum())
end)

test("wrong_arguments_raise", function()
  raises("number expected", function() fsum():add("zwölf") end)
  raises("ds.fsum expected", function() fsum():merge({}) end)
  raises("table expected", fsum, 12)
  raises("partial sum 2 is not a number but a boolean", fsum, { 1, true })
end)

test("a_sum_names_itself", function()
  eq(tostring(fsum { 1.5 }), "ds.fsum (1.5)")
  eq(getmetatable(fsum()).__name, "ds.fsum")
end)

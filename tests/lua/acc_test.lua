-- acc_test.lua: accumulators for Lua, and values as bytes for the way between states.
local T = require "testing"
local ds = require "ds"
local pack = require "ds.c.pack"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local acc = ds.acc

test("values_of_every_kind", function()
  eq(acc.count():add():add(4):value(), 5)
  eq(acc.sum():add(1):add(2):value(), 3)
  eq(acc.sum():add(1e16):add(1):add(-1e16):value(), 1.0)
  if math.maxinteger > 2 ^ 53 then eq(acc.sum():add(math.maxinteger):add(1):value(), 0x1p63) end
  eq(acc.moments():add(1):add(2):add(4):value(),
    { n = 3, sum = 7.0, mean = 7 / 3, variance = 7 / 3, sd = math.sqrt(7 / 3), min = 1.0, max = 4.0 })
  eq(acc.moments():value(), { n = 0, sum = 0.0 })
  eq(acc.top(2):add(1, "a"):add(3, "c"):add(3, "b"):value(), { { value = 3.0, item = "b" }, { value = 3.0, item = "c" } })
  eq(acc.histogram { 0, 1, 10 }:add(0.5):add(1):add(11):value(),
    { edges = { 0.0, 1.0, 10.0 }, counts = { 1, 1 }, below = 0, above = 1 })
  eq({ acc.distinct():add("马斯克"):add("马斯克"):add(""):value() }, { 2, true })
  eq(#acc.sample(3, 7):add("a", "x"):add("b", "y"):value(), 2)
end)

test("a_sample_is_the_same_however_it_was_divided", function()
  local function draw(parts)
    local list = {}
    for i = 1, parts do list[i] = acc.sample(5, 3) end
    for i = 1, 1000 do list[i % parts + 1]:add("doc" .. i, "item " .. i) end
    for i = 2, parts do list[1]:merge(list[i]) end
    return list[1]:value()
  end
  local want = draw(1)
  for parts = 2, 9 do eq(draw(parts), want) end
  ok(want[1].item == "item " .. want[1].key:sub(4))
end)

test("saved_accumulators_load_and_damaged_ones_say_so", function()
  local a = acc.moments():add(1):add(5)
  eq(acc.load(a:save()):add(6):value(), a:add(6):value())
  local got, message = acc.load(a:save():sub(1, -2))
  eq(got, nil)
  ok(message:find("damaged accumulator", 1, true), message)
  eq({ acc.load("") }, { nil, "this is no saved accumulator", { status = "damaged or malformed data", byte = 1 } })
end)

test("misuse_is_named", function()
  raises("cannot merge top with sample", function() acc.top(1):merge(acc.sample(1)) end)
  raises("cannot merge top with top of other parameters", function() acc.top(1):merge(acc.top(2)) end)
  raises("how many items", acc.top, 0)
  raises("each greater than the last", acc.histogram, { 1, 1 })
  raises("edge 2 is no number", acc.histogram, { 1, "x" })
  raises("moments takes finite numbers only", function() acc.moments():add(0 / 0) end)
  raises("number expected", function() acc.sum():add("1") end)
  local a = acc.count()
  a:close()
  a:close()
  raises("closed ds.acc", a.add, a)
  eq(tostring(a), "ds.acc (closed)")
end)

-- ------------------------------------------------------------------ pack

test("plain_values_come_back_the_same", function()
  local values = { 0, -1, math.mininteger, math.maxinteger, 1.0, -0.0, 1e308, math.huge, "", "\0\xFF", ("x"):rep(70000), true,
    false, {}, { 1, 2, { 3 } }, { a = 1, [1] = "b", [2.5] = true, [false] = {}, [-1] = 0 }, { [3] = 1 } }
  for i, v in ipairs(values) do eq(pack.decode(pack.encode(v)), v, "value " .. i) end
  eq(pack.decode(pack.encode(nil)), nil)
  ok(1 / pack.decode(pack.encode(-0.0)) == -math.huge)
  local nan = pack.decode(pack.encode(0 / 0))
  ok(nan ~= nan)
  ok(ds.json.encode(pack.decode(pack.encode { ds.json.array {}, ds.json.null })) == "[[],null]")
  eq(pack.decode(pack.encode { x = acc.top(1):add(2, "b") }).x:value(), { { value = 2.0, item = "b" } })
end)

test("what_cannot_cross_is_named_with_its_path", function()
  raises("row: a function at a.b[2].c d cannot go from worker to worker", pack.encode, { a = { b = { 1, { ["c d"] = print } } } }, "row")
  raises("value: a thread cannot go", pack.check, coroutine.create(print))
  raises("a ds.doc at list[1]", pack.check, { list = { ds.corpus.open("corpus/articles"):docs()() } })
  raises("a ds.fsum at s", pack.check, { s = ds.stats.fsum() })
  raises("a table with a metatable at [1]", pack.check, { setmetatable({}, {}) })
  raises("a table as a key", pack.check, { [{}] = 1 })
  local cycle = {}
  cycle.me = cycle
  raises("nested too deep, or within itself", pack.encode, cycle)
end)

test("damaged_bytes_are_refused", function()
  local bytes = pack.encode { "a", { b = 1.5 }, x = { acc.count():add(3) } }
  for n = 0, #bytes - 1 do
    local got, message = pack.decode(bytes:sub(1, n))
    eq(got, nil)
    ok(message:find("damaged value", 1, true))
  end
  for i = 1, #bytes do
    for bit = 0, 7 do pack.decode(bytes:sub(1, i - 1) .. T.flip(bytes:byte(i), bit) .. bytes:sub(i + 1)) end
  end
  eq({ pack.decode(bytes .. "\0") }, { nil, ("damaged value, byte %d: bytes left over"):format(#bytes) })
end)

test("is_json_knows_what_json_brings_back", function()
  for _, v in ipairs { 1, 1.5, "文", true, { 1, 2 }, { a = { b = {} } }, ds.json.array {}, ds.json.null } do ok(pack.is_json(v)) end
  for i, v in ipairs { "\xFF", 1 / 0, -0.0, { 1, a = 2 }, { [2] = 1 }, { ["a\0"] = 1 }, { ["!x"] = 1 }, { ["\xFF"] = 1 }, print } do
    ok(not pack.is_json(v), "value " .. i)
  end
end)

test("hex_and_hash", function()
  eq(pack.hex("\0\xAB"), "00ab")
  eq(pack.unhex("00ab"), "\0\xAB")
  eq(pack.unhex("0"), nil)
  eq(pack.unhex("zz"), nil)
  ok(pack.hash("a") ~= pack.hash("b") and pack.hash("a") == pack.hash("a") and pack.hash("a", 1) ~= pack.hash("a"))
end)

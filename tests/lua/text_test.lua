-- text_test.lua: ds.text and the batch forms, against ds.utf8 and plain Lua.
local ds = require "ds"
local T = require "testing"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local u = ds.utf8

local function flat(...)
  local list = {}
  for from, to in ... do list[#list + 1] = from; list[#list + 1] = to end
  return list
end

local sample = "价格战打响了。“真的吗？”她问。\nOpenAI 说：no comment!\n\n價格戰😀e\u{301}"

test("a view has the lengths of its string", function()
  local t = ds.text(sample)
  eq(#t, u.len(sample))
  eq(t:len(), utf8.len(sample))
  eq(t:glen(), u.glen(sample))
  eq(t:glen(), #t - 1)
  eq(t:string(), sample)
end)

test("byte and char are the way there and back", function()
  local t = ds.text(sample)
  local k = 0
  for from, to in u.codes(sample) do
    k = k + 1
    eq({ t:byte(k) }, { from, to })
    eq({ t:byte(k - #t - 1) }, { from, to }, "from the end")
    for b = from, to do eq(t:char(b), k) end
  end
  eq({ t:byte(#t + 1) }, { #sample + 1, #sample })
  eq(t:char(#sample + 1), #t + 1)
  eq(t:char(-1), #t)
end)

test("there is nothing outside", function()
  local t = ds.text("价格")
  for _, k in ipairs { 0, 4, -3, math.maxinteger, math.mininteger } do eq(t:byte(k), nil, k) end
  for _, b in ipairs { 0, 8, -7, math.maxinteger, math.mininteger } do eq(t:char(b), nil, b) end
end)

test("sub is that of ds.utf8", function()
  for _, s in ipairs { sample, "", "a\xE4\xB8b\xFF\x80", ("价x"):rep(700) } do
    local t = ds.text(s)
    for _, i in ipairs { 0, 1, 2, 5, 30, 1399, 1400, 1401, -1, -2, -7, -1400, -1401, math.mininteger, math.maxinteger } do
      for _, j in ipairs { 0, 1, 4, 29, 1400, 1401, -1, -2, -8, -1400, -1402, math.mininteger, math.maxinteger } do
        eq(t:sub(i, j), u.sub(s, i, j), i .. ", " .. j)
      end
      eq(t:sub(i), u.sub(s, i))
    end
  end
  eq(ds.text(sample):sub(8, 12), "“真的吗？")
end)

test("a long text is the same as many small ones", function()
  local piece = "价格战 price 😀\xFF\n"
  local n, len = 3000, u.len(piece)
  local t = ds.text(piece:rep(n))
  eq(#t, n * len)
  for _, i in ipairs { 0, 1, 77, 1500, 2999 } do
    eq({ t:byte(i * len + 2) }, { i * #piece + 4, i * #piece + 6 })
    eq(t:char(i * #piece + 6), i * len + 2)
    eq(t:sub(i * len + 1, i * len + 3), "价格战")
  end
end)

test("sentences and paragraphs come from the table", function()
  local t = ds.text(sample)
  for _ = 1, 2 do
    eq(flat(t:sentences()), flat(u.sentences(sample)))
    eq(flat(t:paragraphs()), flat(u.paragraphs(sample)))
  end
  local n = 0
  for _ in t:sentences() do for _ in t:sentences() do n = n + 1 end end
  local count = math.floor(#flat(u.sentences(sample)) / 2)
  eq(n, count * count)
end)

test("the sentence and the paragraph at a byte", function()
  local t = ds.text(sample)
  for name, at in pairs { sentences = "sentence_at", paragraphs = "paragraph_at" } do
    local owner = {}
    for from, to in u[name](sample) do for b = from, to do owner[b] = { from, to } end end
    for b = 1, #sample + 1 do
      local from, to = t[at](t, b)
      eq(from and { from, to }, owner[b], at .. " " .. b)
    end
    eq(t[at](t, 0), nil)
    eq(t[at](t, #sample + 2), nil)
  end
end)

test("a view is an object like all others", function()
  local t = ds.text("价格")
  eq(tostring(t), "ds.text (6 bytes)")
  eq(getmetatable(t).__name, "ds.text")
  local next_one = t:sentences()
  T.leave(t)
  eq(tostring(t), "ds.text (closed)")
  for _, name in ipairs { "len", "glen", "string", "sentences", "paragraphs" } do
    raises("attempt to use a closed ds.text", t[name], t)
  end
  for _, name in ipairs { "byte", "char", "sub", "sentence_at", "paragraph_at" } do
    raises("attempt to use a closed ds.text", t[name], t, 1)
  end
  raises("attempt to use a closed ds.text", next_one)
  t:close()
end)

test("the string lives as long as its view", function()
  local views = {}
  for i = 1, 200 do views[i] = ds.text(("价"):rep(1000) .. i) end
  collectgarbage()
  for i = 1, 200 do eq(views[i]:sub(1001), tostring(i)) end
end)

test("misuse raises", function()
  raises("string expected", ds.text)
  raises("string expected", ds.text, {})
  local t = ds.text("x")
  raises("number expected", t.byte, t)
  raises("number expected", t.char, t, "y")
  raises("number expected", t.sub, t)
  raises("ds.text expected", t.len, {})
  eq(#ds.text(12), 2, "numbers are strings, as elsewhere")
end)

test("offsets fills and ends the table given", function()
  local out = {}
  eq(u.offsets("a价\xE4\xB8😀", out), 4)
  eq(out, { 1, 2, 5, 7 })
  eq(u.offsets("价x", out), 2)
  eq(out, { 1, 4 })
  eq(u.offsets("", out), 0)
  eq(out, {})
  raises("table expected", u.offsets, "x")
  raises("string expected", u.offsets, nil, {})
end)

test("sentences_into fills and ends the table given", function()
  local out = { 9, 9, 9 }
  for _, s in ipairs { sample, "一。二。", "", "三" } do
    local want = flat(u.sentences(s))
    eq(u.sentences_into(s, out), math.floor(#want / 2))
    eq(out, want)
  end
  raises("table expected", u.sentences_into, "x", "y")
  raises("string expected", u.sentences_into, {}, {})
end)

test("sub looks from the end when asked to", function()
  local s = ("价格a"):rep(500) .. "\xE4\xB8" .. ("战"):rep(100)
  for _, k in ipairs { 1, 2, 47, 48, 49, 99, 100, 101, 102, 500, 1500, 1601, 1602 } do
    eq(u.sub(s, -k), u.sub(s, math.max(1, u.len(s) - k + 1)), k)
    eq(u.sub(s, -k, -k), u.sub(s, u.len(s) - k + 1, u.len(s) - k + 1), k)
  end
end)

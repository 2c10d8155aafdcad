-- utf8_test.lua: ds.utf8 as scripts see it.
local ds = require "ds"
local T = require "testing"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local u = ds.utf8

local function collect(...)
  local rows = {}
  for a, b, c in ... do rows[#rows + 1] = { a, b, c } end
  return rows
end

test("valid says where the first ill-formed sequence starts", function()
  eq({ u.valid("价格战 price war") }, { true })
  eq({ u.valid("") }, { true })
  eq({ u.valid("价\xFFx\xFF") }, { false, 4 })
  eq({ u.valid("ab\xE4\xB8") }, { false, 3 })
end)

test("len, glen and width count code points, clusters and columns", function()
  eq(u.len("价格 e\u{301}"), 5)
  eq(u.glen("价格 e\u{301}"), 4)
  eq(u.width("价格 e\u{301}"), 6)
  eq(u.len("\xE4\xB8x"), 2)
  eq(u.glen("👨‍👩‍👧!"), 2)
  eq(u.width("👨‍👩‍👧!"), 3)
  eq(u.len(""), 0)
  eq(u.len(12), 2, "numbers are strings, as in string.len")
end)

test("sub takes code points as string.sub takes bytes", function()
  local text, bytes = "一二三四五六七八九", "123456789"
  for i = -12, 12 do
    for j = -12, 12 do
      local want = bytes:sub(i, j):gsub("%d", function(d) return u.sub(text, tonumber(d), tonumber(d)) end)
      eq(u.sub(text, i, j), want, i .. ", " .. j)
    end
    eq(#u.sub(text, i), 3 * #bytes:sub(i), "from " .. i)
  end
  eq(u.sub(text, 3, 4), "三四")
  eq(u.sub("a\xE4\xB8b", 2, 2), "\xE4\xB8")
  eq(u.sub("", 1, 5), "")
  eq(u.sub("ab", math.mininteger, math.maxinteger), "ab")
end)

test("codes gives bytes and code points, false for ill-formed parts", function()
  eq(collect(u.codes("a价\xE4\xB8😀")), { { 1, 1, 97 }, { 2, 4, 0x4EF7 }, { 5, 6, false }, { 7, 10, 0x1F600 } })
  eq(collect(u.codes("")), {})
end)

test("codes and graphemes tile the text, whatever its bytes", function()
  local seed = 42
  local function random(n)
    seed = (seed * 1103515245 + 12345) % 0x80000000
    return math.floor(seed / 256) % n + 1
  end
  local pieces = { "a", "价", "😀", "\u{200D}", "\u{FE0F}", "\xFF", "\xE4\xB8", "\r", "\n", "\0", "e\u{301}" }
  for _ = 1, 200 do
    local parts = {}
    for i = 1, 10 do parts[i] = pieces[random(#pieces)] end
    local s = table.concat(parts)
    for name, count in pairs { codes = u.len(s), graphemes = u.glen(s) } do
      local at, n = 0, 0
      for from, to in u[name](s) do
        eq(from, at + 1, name)
        ok(to >= from)
        at, n = to, n + 1
      end
      eq({ at, n }, { #s, count }, name)
    end
  end
end)

test("graphemes keeps what readers see as one character together", function()
  eq(collect(u.graphemes("e\u{301}中🇨🇳")), { { 1, 3 }, { 4, 6 }, { 7, 14 } })
end)

test("two loops over one text do not disturb one another", function()
  local s, n = "中文", 0
  for _ in u.codes(s) do for _ in u.codes(s) do n = n + 1 end end
  eq(n, 4)
end)

test("fold makes one key of all ways to write a word", function()
  eq((u.fold("ＯｐｅｎＡＩ 的價格戰")), "openai 的价格战")
  eq((u.fold("看著裡面")), (u.fold("看着里面")))
  eq((u.fold("OpenAI的價格戰", { case = true })), "openai的價格戰")
  eq((u.fold("OpenAI的價格戰", { variant = true })), "OpenAI的价格战")
  eq((u.fold("ＡI　x", { width = true })), "AI x")
  eq((u.fold("ＡI的價", {})), "ＡI的價")
  eq((u.fold("ＡI的價", { case = false, variant = true })), "ＡI的价")
  eq((u.fold("")), "")
  eq((u.fold("\xFF價\0")), "\xFF价\0")
end)

test("map:origin leads from folded bytes to the original's", function()
  local s = "ＡＢ價ß戰"
  local folded, map = u.fold(s)
  eq(folded, "ab价ss战")
  eq(#map, #folded)
  local function original(part)
    local i, j = folded:find(part, 1, true)
    local from, to = map:origin(i, j)
    return s:sub(from, to)
  end
  eq(original("a"), "Ａ")
  eq(original("b价"), "Ｂ價")
  eq(original("ss"), "ß")
  eq(original("s战"), "ß戰")
  eq(original(folded), s)
  eq({ map:origin(1) }, { 1, 3 })
end)

test("map:origin takes empty ranges and refuses what lies outside", function()
  local _, map = u.fold("Ａb")
  eq({ map:origin(2, 1) }, { 4, 3 })
  eq({ map:origin(3, 2) }, { 5, 4 })
  raises("outside", map.origin, map, 0, 1)
  raises("outside", map.origin, map, 4, 4)
  raises("outside", map.origin, map, 1, 3)
  raises("before", map.origin, map, 2, 0)
  raises("ds.map", map.origin, {}, 1, 1)
end)

test("a map is an object like all others", function()
  local _, map = u.fold("ＡB")
  eq(getmetatable(map).__name, "ds.map")
  eq(tostring(map), "ds.map (2 bytes, 2 runs)")
  T.leave(map)
  eq(tostring(map), "ds.map (closed)")
  raises("attempt to use a closed ds.map", map.origin, map, 1)
  raises("attempt to use a closed ds.map", function() return #map end)
  map:close()
end)

test("wrong options are named, with the nearest right one", function()
  raises("unknown option 'varient', did you mean 'variant'?", u.fold, "x", { varient = true })
  raises("unknown option 'wdith', did you mean 'width'?", u.fold, "x", { wdith = true })
  raises("unknown option 'language'; there are: case, width, variant", u.fold, "x", { language = "zh" })
  raises("option names are strings", u.fold, "x", { true })
  raises("option 'case' is true or false", u.fold, "x", { case = "yes" })
  raises("table expected", u.fold, "x", "case")
  raises(("unknown option '%s'; there are:"):format(("x"):rep(100)), u.fold, "x", { [("x"):rep(100)] = true })
end)

test("script names the script and counts the characters that tell", function()
  local name, counts = u.script("价格战打响，馬斯克發聲 OpenAI")
  eq(name, "mixed")
  eq(counts, { hans = 2, hant = 3, han = 10, latin = 6, kana = 0, hangul = 0, cyrillic = 0, other = 0 })
  eq((u.script("馬斯克發聲")), "Hant")
  eq((u.script("马斯克发声")), "Hans")
  eq((u.script("Elon Musk")), "Latn")
  eq((u.script("2025")), "Zyyy")
end)

test("misuse raises", function()
  for _, name in ipairs { "valid", "len", "glen", "width", "sub", "codes", "graphemes", "fold", "script" } do
    raises("string expected", u[name])
    raises("string expected", u[name], {})
  end
  raises("number expected", u.sub, "x", "y")
  raises("number expected", u.sub, "x")
end)

test("maps count for the collector, though their memory is not Lua's", function()
  local ballast = ("x"):rep(0x1000000) -- a full heap: the collector would wait for another 16 MiB of strings
  local s, alive, most = ("Ａ"):rep(2000), setmetatable({}, { __mode = "v" }), 0
  collectgarbage()
  for i = 1, 6000 do -- 48 KiB each, 280 MiB together
    local _, map = u.fold(s)
    alive[i] = map
  end
  for _ in pairs(alive) do most = most + 1 end
  ok(#ballast > 0 and most < 5000, most .. " maps alive")
end)

test("script says how sure it is", function()
  local function sure(s) return (select(3, u.script(s))) end
  ok(sure("们说这个国家发展") > 0.7)
  ok(sure("們說這個國家發展") > 0.7)
  ok(sure("们说們說这這") == sure("这這们們说說"))
  ok(sure("这") < sure("这个国家们说"))
  ok(sure("人大") == 0 and sure("") == 0)
  ok(sure("hello world") > 0.8)
end)

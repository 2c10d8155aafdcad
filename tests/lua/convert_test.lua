-- convert_test.lua: ds.utf8.simplify and ds.utf8.traditional with the real tables.  Each comparison with OpenCC needs the
-- program `opencc`; the development texts beside the checkout are used when they are there.
local T = require "testing"
local ds = require "ds"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local u = ds.utf8

local CHAINS = {
  { "t2s", "simplify" }, { "tw2sp", "simplify", "tw" }, { "hk2s", "simplify", "hk" },
  { "s2t", "traditional" }, { "s2twp", "traditional", "tw" }, { "s2hk", "traditional", "hk" },
}

-- Sentences of our own in both scripts, with what is hard for the chains: phrases next to phrases, vocabulary that
-- phrases cut, characters of the regions, rare characters, other scripts.
local SAMPLE = [[
改变量子比特的状态，少数组织被发明的人后来走了。
他理发后头发很短，皇后在后面的干净房间里吃面条，一只猫看着。
信息软件和网络打印机的默认设置，文件系统的内核支持多线程编程。
出租车司机说：“台湾的公里标志只有这一种。” 𠀀𠮷😀 é ＡＢＣ ｶﾞ
为了群众，峰会在台北柜台前启动；说服温州卫生局。
資訊軟體與網路印表機的預設設定，檔案系統的核心支援多執行緒程式設計。
計程車司機說：「臺灣的公里標誌只有這一種。」著名著作，看著乾隆皇帝很乾淨。
衞生署説，枱面上裏外的羣眾為什麼憑藉着線路？重覆、答覆、覆蓋，瞭解瞭望。
SQL注入攻擊 U盘 PN结 ActiveX控件 API接口
]]

local function shell_quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

local function has_opencc()
  local ran = os.execute("command -v opencc >/dev/null 2>&1")
  if not ran then T.skip("the program opencc is not installed") end
end

--- What the program opencc makes of `text`.
local function opencc(config, text)
  local from, to = os.tmpname(), os.tmpname()
  local f = assert(io.open(from, "wb"))
  f:write(text)
  f:close()
  local ran = os.execute(("opencc -c %s.json -i %s -o %s"):format(config, shell_quote(from), shell_quote(to)))
  local result = ran and T.read(to)
  os.remove(from)
  os.remove(to)
  return ok(result, "opencc failed")
end

local function compare_with_opencc(text, what)
  for _, c in ipairs(CHAINS) do
    local got, want = u[c[2]](text, { region = c[3], mode = "opencc" }), opencc(c[1], text)
    if got ~= want then
      local at = 1
      while got:byte(at) == want:byte(at) do at = at + 1 end
      error(("%s of %s: byte %d: got %s, want %s"):format(c[1], what, at, got:sub(at - 12, at + 24), want:sub(at - 12, at + 24)))
    end
  end
end

test("mode opencc gives what the program opencc gives", function()
  has_opencc()
  compare_with_opencc(SAMPLE, "the sample")
end)

local function files(pattern)
  local list = {}
  local pipe = assert(io.popen("ls " .. pattern .. " 2>/dev/null"))
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

test("mode opencc gives what opencc gives on the development texts", function()
  local list = files("../shared/dev/articles/*.txt ../shared/seeds/*.txt ../shared/dev/seg/*.raw")
  if #list == 0 then T.skip("no development texts in ../shared") end
  has_opencc()
  for _, path in ipairs(list) do compare_with_opencc(T.read(path), path) end
end)

local function traps()
  local list = {}
  for line in io.lines("tests/data/convert-traps.tsv") do
    if line:sub(1, 1) ~= "#" then
      local to, region, source, want, why = line:match("^(%l+)\t(%S+)\t([^\t]+)\t([^\t]+)\t(.+)$")
      ok(why, "a trap is direction, region, source, result, reason: " .. line)
      list[#list + 1] = { to = to, region = region ~= "-" and region or nil, source = source, want = want }
    end
  end
  return list
end

-- A floor against falling back, not a measure: whoever wrote the list knew the tables.
test("word-aware conversion passes the traps", function()
  local right, wrong, list = 0, {}, traps()
  ok(#list >= 150, "too few traps")
  for _, t in ipairs(list) do
    local got = u[t.to](t.source, { region = t.region })
    if got == t.want then right = right + 1 else wrong[#wrong + 1] = got .. " for " .. t.want end
  end
  print(("  traps: %d of %d right by words"):format(right, #list))
  ok(right * 100 >= #list * 98, ("only %d of %d traps are right: %s"):format(right, #list, table.concat(wrong, "; ")))
end)

local function round_trip(text, region)
  local opts = { region = region }
  local back = u.simplify((u.traditional(text, opts)), opts)
  local a, b, lost = {}, {}, 0
  for _, code in utf8.codes(text) do a[#a + 1] = code end
  for _, code in utf8.codes(back) do b[#b + 1] = code end
  eq(#b, #a, "characters")
  for i = 1, #a do if a[i] ~= b[i] then lost = lost + 1 end end
  return lost, #a
end

test("Simplified to Traditional and back returns the text", function()
  local text = SAMPLE:match("^(.-)資訊")
  for _, region in ipairs { false, "hk" } do
    local lost = round_trip(text, region or nil)
    eq(lost, 0)
  end
end)

test("Simplified to Traditional and back returns 99.9 % of the development texts", function()
  for _, name in ipairs { "pku.raw", "gsdsimp-dev.raw" } do
    local text = T.read("../shared/dev/seg/" .. name)
    if not text then T.skip("no development texts in ../shared") end
    for _, region in ipairs { false, "hk" } do
      local lost, all = round_trip(text, region or nil)
      ok(lost * 1000 <= all, ("%s: %d of %d characters lost"):format(name, lost, all))
    end
  end
end)

--- How many characters of `a` and `b`, of which one was made of the other, differ: their edit distance.
local function distance(a, b)
  local x, y = { utf8.codepoint(a, 1, -1) }, { utf8.codepoint(b, 1, -1) }
  local row = {}
  for j = 0, #y do row[j] = j end
  for i = 1, #x do
    local before = row[0]
    row[0] = i
    for j = 1, #y do
      local cost = math.min(row[j] + 1, row[j - 1] + 1, before + (x[i] == y[j] and 0 or 1))
      before, row[j] = row[j], cost
    end
  end
  return row[#y]
end

-- Of text in the mainland's words: what is Taiwan's already (肯亚, 资讯), as in the other development text, comes back as
-- the mainland's, and is meant to.
test("words of Taiwan come back, too, for 99.9 % of the characters", function()
  local text = T.read("../shared/dev/seg/pku.raw")
  if not text then T.skip("no development texts in ../shared") end
  local lost, all = 0, utf8.len(text)
  for line in text:gmatch("[^\n]+") do
    local back = u.simplify((u.traditional(line, { region = "tw" })), { region = "tw" })
    if back ~= line then lost = lost + distance(line, back) end
  end
  print(("  tw: %.3f %% of %d characters come back"):format(100 - 100 * lost / all, all))
  ok(lost * 1000 <= all, ("%d of %d characters lost"):format(lost, all))
end)

test("the map leads from converted bytes to whole characters of the text", function()
  for _, c in ipairs(CHAINS) do
    for _, mode in ipairs { "words", "opencc" } do
      local out, map = u[c[2]](SAMPLE, { region = c[3], mode = mode })
      eq(#map, #out)
      local last = 0
      for from, to in u.codes(out) do
        local i, j = map:origin(from, to)
        ok(i <= j and i >= last, "the origin of byte " .. from .. " lies before that of an earlier one, or is empty")
        ok(utf8.offset(SAMPLE, 0, i) == i, "an origin begins inside a character")
        ok(j == #SAMPLE or utf8.offset(SAMPLE, 0, j + 1) == j + 1, "an origin ends inside a character")
        last = i
      end
      eq({ map:origin(1, #out) }, { 1, #SAMPLE })
    end
  end
end)

test("what was replaced as a whole leads back to all of it", function()
  local out, map = u.traditional("坐出租车去", { region = "tw" })
  eq(out, "坐計程車去")
  eq({ map:origin(4, 6) }, { 4, 6 })
  out, map = u.traditional("程序员走了", { region = "tw" })
  eq(out, "程式設計師走了")
  eq({ map:origin(7, 9) }, { 1, 9 })
end)

test("invalid UTF-8 and empty text pass", function()
  for _, mode in ipairs { "words", "opencc" } do
    eq((u.traditional("\xFF头\xE4\xB8x", { mode = mode })), "\xFF頭\xE4\xB8x")
    eq((u.simplify("", { mode = mode })), "")
  end
end)

test("options are checked and the nearest valid name is offered", function()
  raises("unknown option 'regio', did you mean 'region'?", u.simplify, "x", { regio = "tw" })
  raises("option 'region' is \"tw\" or \"hk\", not 'cn'", u.traditional, "x", { region = "cn" })
  raises("option 'mode' is \"words\" or \"opencc\", not 'word', did you mean 'words'?", u.traditional, "x", { mode = "word" })
  raises("options are a table", u.traditional, "x", "tw")
  raises("the text is a string", u.traditional, nil)
end)

test("a closed converter says so", function()
  local paths = require "ds.paths"
  local conv = ok(require("ds.c.convert").open(paths.find("zh.dsconv"), paths.find("zh.dslex")))
  eq(tostring(conv), "ds.converter")
  conv:close()
  conv:close()
  eq(tostring(conv), "ds.converter (closed)")
  raises("attempt to use a closed ds.converter", conv.convert, conv, "x", "simplified")
  eq(select("#", require("ds.c.convert").open("/nowhere/zh.dsconv", "x")), 3)
end)

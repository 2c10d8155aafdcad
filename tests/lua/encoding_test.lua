-- encoding_test.lua: ds.utf8.detect and ds.utf8.decode on whole articles and on small pieces of them.
local ds = require "ds"
local T = require "testing"
local test, eq, ok, raises = T.test, T.eq, T.ok, T.raises
local detect, decode = ds.utf8.detect, ds.utf8.decode

local function have(program) return os.execute("command -v " .. program .. " >/dev/null 2>&1") end

--- What a command makes of `input`.
local function through(command, input)
  local from, to = os.tmpname(), os.tmpname()
  local f = assert(io.open(from, "wb"))
  f:write(input)
  f:close()
  os.execute(("%s <%s >%s 2>/dev/null"):format(command, from, to))
  local output = T.read(to)
  os.remove(from)
  os.remove(to)
  return output
end

--- The texts in another encoding, or another script, with one run of the command.
local function each_through(command, texts)
  local mark, list = "\n@@@@\n", {}
  for part in (through(command, table.concat(texts, mark) .. mark)):gmatch("(.-)" .. mark) do list[#list + 1] = part end
  ok(#list == #texts, command .. " gave " .. #list .. " texts of " .. #texts)
  return list
end

local function encode(texts, encoding) return each_through("iconv -c -f UTF-8 -t " .. encoding, texts) end

local function need_programs()
  for _, p in ipairs { "iconv", "opencc" } do if not have(p) then T.skip(p .. " is not installed") end end
end

--- Texts of the files that a shell pattern names.
local function texts_of(pattern)
  local texts = {}
  for path in assert(io.popen("ls -d " .. pattern .. " 2>/dev/null")):lines() do texts[#texts + 1] = T.read(path) end
  return texts
end

-- ---------------------------------------------------------------- pieces

--- Bytes of the character at `at`, from its first two bytes.
local function char_len(s, at, encoding)
  local a, b = s:byte(at, at + 1)
  if a < 0x80 then return 1 end
  if encoding == "UTF-8" then return a < 0xE0 and 2 or a < 0xF0 and 3 or 4 end
  return encoding == "GB18030" and b >= 0x30 and b <= 0x39 and 4 or 2
end

--- Calls fn(piece) for each piece of at most 200 bytes that has at least 20 characters besides ASCII.
local function each_piece(s, encoding, fn)
  local from, at, wide = 1, 1, 0
  while at <= #s do
    local n = char_len(s, at, encoding)
    if at + n - from > 200 then
      if wide >= 20 then fn(s:sub(from, at - 1)) end
      from, wide = at, 0
    end
    if n > 1 then wide = wide + 1 end
    at = at + n
  end
  if wide >= 20 then fn(s:sub(from)) end
end

--- Whole texts must all be right, pieces to 99 %; every `step`th piece is tried.
local function check_texts(texts, encoding, step)
  local all, right, seen = 0, 0, 0
  for _, s in ipairs(texts) do
    local name, confidence = detect(s)
    eq(name, encoding, s:sub(1, 60))
    ok(confidence > 0.9, confidence)
    ok(ds.utf8.valid(assert(decode(s, encoding))))
    each_piece(s, encoding, function(piece)
      seen = seen + 1
      if seen % step ~= 0 then return end
      all = all + 1
      if detect(piece) == encoding then right = right + 1 end
    end)
  end
  ok(all > 0 and right / all >= 0.99, ("%s: %d of %d pieces"):format(encoding, right, all))
end

local function check_all(texts, step)
  local hans, hant = each_through("opencc -c t2s.json", texts), each_through("opencc -c s2t.json", texts)
  check_texts(texts, "UTF-8", step)
  check_texts(encode(hans, "GB18030"), "GB18030", step)
  check_texts(encode(hant, "GB18030"), "GB18030", step)
  check_texts(encode(hant, "BIG5-HKSCS"), "Big5", step)
end

test("articles and their pieces are told apart in both scripts", function()
  need_programs()
  local texts = texts_of("corpus/articles/*/*.*")
  ok(#texts >= 16)
  check_all(texts, 1)
end)

test("UTF-16 without a mark is told from all others", function()
  need_programs()
  local texts = texts_of("corpus/articles/*/*.*")
  for _, encoding in ipairs { "UTF-16LE", "UTF-16BE" } do
    for _, s in ipairs(texts) do
      eq((detect(through("iconv -f UTF-8 -t " .. encoding, s))), encoding)
    end
  end
end)

for _, pattern in ipairs { "../shared/seeds/*.txt", "../shared/dev/articles/*.txt", "../shared/dev/seg/*.raw" } do
  test("so are " .. pattern, function()
    need_programs()
    local texts = texts_of(pattern)
    if #texts == 0 then T.skip("there is no " .. pattern) end
    check_all(texts, pattern:find("seg", 1, true) and 7 or 1)
  end)
end

-- ---------------------------------------------------------------- neighbours of Chinese

local japanese = {
  "人工知能の開発競争が激しさを増している。中国の新興企業が公開した言語モデルは、従来の十分の一ほどの費用で訓練できたとされ、米国の半導体株が大きく値を下げた。市場関係者は「想定外の安さだ」と驚きを隠さない。",
  "昨日は朝から雨だったので、駅前の喫茶店でコーヒーを飲みながら古い小説を読んだ。主人公は海辺の町に住む元船員で、いつも同じベンチに座り、カモメの数を数えている。",
  "総務省統計局発表、消費者物価指数前年同月比二・三％上昇。生鮮食品除く総合指数、三カ月連続上昇。政府、電気料金補助再開検討。",
  "ソフトウェアをインストールする前に、パソコンのメモリーとハードディスクの空き容量を確認してください。エラーメッセージが表示された場合は、サポートセンターへご連絡ください。",
  "「ねえ、本当に行くの？」と彼女は小さな声でたずねた。わたしはうなずいて、ゆっくりとドアを開けた。外はもう暗くなりはじめていた。",
  "東京証券取引所は二十七日、半導体関連銘柄を中心に全面安の展開となった。日経平均株価終値は前営業日比三百六十円安。",
  "ﾊﾝｶｸｶﾅのﾃｷｽﾄも時々見かけます。ｺﾝﾋﾟｭｰﾀの古いﾌｧｲﾙでは特に多いようです。",
  "鍋に水１リットルを入れ、昆布を三十分つけておく。中火にかけ、沸騰する直前に昆布を取り出したら、かつお節をひとつかみ加える。",
}

local korean = {
  "중국의 한 신생 기업이 내놓은 인공지능 모델이 세계 증시를 흔들었다. 훈련 비용이 미국 경쟁사의 십분의 일에 불과하다는 소식에 반도체 회사의 주가가 하루 만에 크게 떨어졌다.",
  "어제는 하루 종일 비가 와서 집에서 책을 읽었다. 창밖으로 보이는 골목길에는 우산을 쓴 아이들이 뛰어다니고 있었고, 고양이 한 마리가 처마 밑에서 졸고 있었다.",
  "소프트웨어를 설치하기 전에 컴퓨터의 메모리와 저장 공간을 확인해 주십시오. 오류가 나타나면 고객 센터로 문의하시기 바랍니다.",
  "\"정말 갈 거야?\" 그녀가 작은 목소리로 물었다. 나는 고개를 끄덕이고 천천히 문을 열었다. 밖은 벌써 어두워지고 있었다.",
  "金 의원은 18일 國會에서 열린 토론회에서 \"韓美 양국의 協力이 중요하다\"고 강조했다. 大統領의 訪美 일정은 아직 정해지지 않았다.",
  "냄비에 물 1리터를 붓고 다시마를 삼십 분 담가 둔다. 중불에 올려 끓기 직전에 다시마를 건지고 가다랑어포를 한 줌 넣는다.",
}

--- Every text whole, and every stretch of 30 characters of it.
local function check_foreign(texts, name, iconv_name)
  local whole = encode(texts, iconv_name)
  local stretches = {}
  for i, s in ipairs(texts) do
    eq((detect(whole[i])), name, s)
    eq(decode(whole[i], name), s)
    for k = 1, ds.utf8.len(s) - 29, 3 do stretches[#stretches + 1] = ds.utf8.sub(s, k, k + 29) end
  end
  for i, s in ipairs(encode(stretches, iconv_name)) do
    local got = detect(s)
    ok(got ~= "GB18030" and got ~= "Big5", ("%s is taken for %s"):format(stretches[i], got))
  end
end

test("Japanese and Korean are not taken for Chinese", function()
  need_programs()
  check_foreign(japanese, "Shift_JIS", "CP932")
  check_foreign(japanese, "EUC-JP", "EUC-JP-MS")
  check_foreign(korean, "EUC-KR", "CP949")
end)

-- ---------------------------------------------------------------- the functions

test("detect gives name, confidence and the mark", function()
  eq({ detect("") }, { "US-ASCII", 1.0, {} })
  eq({ detect("plain") }, { "US-ASCII", 1.0, {} })
  eq({ detect("\xEF\xBB\xBF") }, { "UTF-8", 1.0, { bom = 3 } })
  eq({ detect("\xFF\xFE\x2D\x4E", "Big5") }, { "UTF-16LE", 1.0, { bom = 2 } })
  eq({ detect("\xE9t\xE9 \xE0 No\xEBl") }, { "unknown", 0.0, {} })
end)

test("a declared name is a hint", function()
  eq((detect("\xD2\xBB", "gbk")), "GB18030")
  eq((detect("\xD2\xBB", "utf-8")), "UTF-8")
  eq((detect("价格战", "gbk")), "UTF-8", "it does not win against the bytes")
  eq((detect("价格战", "no such name")), "UTF-8")
  eq((detect("价格战", nil)), "UTF-8")
  eq((detect("<html><meta charset='gb2312'><p>\xD2\xBB")), "GB18030")
end)

test("decode gives UTF-8, or says which byte is wrong", function()
  eq(decode("\xBC\xDB\xB8\xF1", "GBK"), "价格")
  eq(decode("\xBB\xF9\xAE\xE6", "cp950"), "價格")
  eq(decode("\xFE\xFF\x4E\x2D", "UTF-16"), "中", "the mark tells the byte order")
  eq(decode("\x2D\x4E", "UTF-16"), "中")
  eq(decode("\xEF\xBB\xBFx", "UTF-8"), "x")
  eq(decode("a\0b", "Big5"), "a\0b")
  eq(decode("", "GB18030"), "")
  eq({ decode("\xBC\xDBab\xFF", "GB18030") },
    { nil, "the bytes FF are not GB18030; is it another encoding, or damaged?", 5 })
  eq({ decode("ab\xBC", "GB18030") },
    { nil, "it ends within a character: the bytes BC are not GB18030; was it cut off?", 3 })
end)

test("an encoding that is not known is no error of the script's", function()
  local text, message, byte = decode("x", "EBCDIC")
  eq({ text, byte }, {})
  ok(message:find("unknown encoding 'EBCDIC'; there are: US-ASCII, UTF-8,", 1, true), message)
  eq((decode("x", "unknown")), nil)
end)

test("what detect says, decode takes", function()
  for _, s in ipairs { "plain", "价格战", "\xBC\xDB\xB8\xF1\xD5\xBD", "\xFF\xFE\x2D\x4E" } do ok(decode(s, (detect(s)))) end
end)

test("the map of decode_mapped leads to the bytes of the file", function()
  local text, map = require("ds.c.encoding").decode_mapped("a\xBC\xDB\xB8\xF1b", "GB18030")
  eq(text, "a价格b")
  eq({ #map, map:origin(1, 1) }, { 8, 1, 1 })
  eq({ map:origin(2, 4) }, { 2, 3 })
  eq({ map:origin(2, 7) }, { 2, 5 })
  eq({ map:origin(8, 8) }, { 6, 6 })
  eq(map:pieces(3, 8), { { 2, 6 } })
  eq({ require("ds.c.encoding").decode_mapped("\xFF", "Big5") },
    { nil, "the bytes FF are not Big5; is it another encoding, or damaged?", 1 })
end)

test("misuse raises", function()
  raises("string expected", detect)
  raises("string expected", detect, {})
  raises("string expected", detect, "x", {})
  raises("string expected", decode, "x")
  raises("string expected", decode, nil, "UTF-8")
end)

-- ---------------------------------------------------------------- the generated table

test("charfreq.h is what its generator writes today", function()
  local dict = os.getenv("DATA_JIEBA") or "/usr/lib/python3/dist-packages/jieba/dict.txt"
  local built = T.read("build/gen/charfreq.h")
  if not built then T.skip("build/gen/charfreq.h is not built") end
  if not T.read(dict) then T.skip("there is no " .. dict) end
  local out = os.tmpname()
  ok(os.execute(("%s core/gen/charfreq.lua %s %s"):format(T.lua54(), dict, out)))
  ok(T.read(out) == built, "build/gen/charfreq.h differs; remove it and build again")
  ok(built:match("^/%* Generated by core/gen/charfreq%.lua from jieba's dict%.txt %([^\n]+%*/\n"), "line 1 names its origin")
  os.remove(out)
end)

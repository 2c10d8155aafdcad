-- mkconvert.lua OPENCC_DICT DATA_DIR JIEBA_DICT WORDS OUT: lists the entries of every conversion table, from OpenCC's
-- dictionaries, the lexicon's own spellings and core/gen/convert-words.tsv, for mkconvert.c to compile.
local opencc_dict, dir, jieba, words_path, out = arg[1], arg[2], arg[3], arg[4], arg[5]

local function die(format, ...)
  io.stderr:write("core/gen/mkconvert.lua: ", format:format(...), "\n")
  os.exit(1)
end

if not out then die("usage: mkconvert.lua OPENCC_DICT DATA_DIR JIEBA_DICT WORDS OUT") end

-- ---------------------------------------------------------------- reading

local here = arg[0]:match("^.*/") or ""
local dictionary = assert(loadfile(here .. "opencc.lua"))(opencc_dict, dir, out .. ".opencc.txt", die)

local function sorted(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b)
    local la, lb = utf8.len(a), utf8.len(b)
    if la ~= lb then return la < lb end -- single characters first
    return a < b
  end)
  return keys
end

--- { key -> first value } of dictionaries; the earlier one's entry stays.
local function first_of(...)
  local t = {}
  for _, entries in ipairs { ... } do
    for k, list in pairs(entries) do if t[k] == nil then t[k] = list[1] end end
  end
  return t
end

local function longest_key(t)
  local n = 0
  for k in pairs(t) do n = math.max(n, utf8.len(k)) end
  return n
end

--- Longest match from the left.
local function convert(s, t, longest)
  local parts, offsets = {}, {}
  for at in utf8.codes(s) do offsets[#offsets + 1] = at end
  offsets[#offsets + 1] = #s + 1
  local i, n = 1, #offsets - 1
  while i <= n do
    local stop, value
    for k = math.min(n, i + longest - 1), i, -1 do
      value = t[s:sub(offsets[i], offsets[k + 1] - 1)]
      if value then stop = k break end
    end
    parts[#parts + 1] = value or s:sub(offsets[i], offsets[i + 1] - 1)
    i = (stop or i) + 1
  end
  return table.concat(parts)
end

local function converter(t)
  local longest = longest_key(t)
  return function(s) return convert(s, t, longest) end
end

--- convert-words.tsv as { kind -> list of fields }.
local function read_words(path)
  local rows, n = {}, 0
  for line in io.lines(path) do
    n = n + 1
    if line ~= "" and line:sub(1, 1) ~= "#" then
      local kind, a, b = line:match("^([^\t]+)\t([^\t]+)\t?([^\t]*)$")
      if not kind then die("%s:%d: a line is kind, fields, with tabs between", path, n) end
      rows[kind] = rows[kind] or {}
      table.insert(rows[kind], { a, b, where = path .. ":" .. n })
    end
  end
  return rows
end

-- ---------------------------------------------------------------- writing

local TABLES = { ST = 0, TS = 1, TWP = 2, TWV = 3, HKV = 4, TWR = 5, HKR = 6, WST = 7, WTS = 8, WTV = 9, WSV = 10 }
local lines = {}

local function put(name, entries, rank)
  for _, key in ipairs(sorted(entries)) do
    local r = type(rank) == "function" and rank(key) or rank or 0
    lines[#lines + 1] = ("%d\t%d\t%s\t%s"):format(TABLES[name], r, key, entries[key])
  end
end

--- A group of dictionaries, of which the first that matches wins.
local function put_group(name, ...)
  local ranks, all = {}, first_of(...)
  for i, entries in ipairs { ... } do
    for key in pairs(entries) do ranks[key] = ranks[key] or i - 1 end
  end
  put(name, all, function(key) return ranks[key] end)
end

local d = {}
for _, name in ipairs { "STCharacters", "STPhrases", "TSCharacters", "TSPhrases", "TWPhrases", "TWPhrasesRev",
                        "TWVariants", "TWVariantsRev", "TWVariantsRevPhrases", "HKVariants", "HKVariantsRev",
                        "HKVariantsRevPhrases" } do
  d[name] = dictionary(name)
end
local words = read_words(words_path)
local st, ts = first_of(d.STPhrases, d.STCharacters), first_of(d.TSPhrases, d.TSCharacters)
local tw_form, tw_standard = converter(first_of(d.TWVariants)), first_of(d.TWVariantsRev)

put("ST", st)
put("TS", ts)
put("TWP", first_of(d.TWPhrases))
put("TWV", first_of(d.TWVariants))
put("HKV", first_of(d.HKVariants))
put_group("TWR", d.TWPhrasesRev, d.TWVariantsRevPhrases, d.TWVariantsRev)
put_group("HKR", d.HKVariantsRevPhrases, d.HKVariantsRev)

-- ---------------------------------------------------------------- Simplified to Traditional, by words

local wst = first_of(d.STPhrases, d.STCharacters)
for _, row in ipairs(words.st or {}) do wst[row[1]] = row[2] end
local marks = { numeral = 0xFDD0, surname = 0xFDD1, alone = 0xFDD2 }
for kind, mark in pairs(marks) do
  for _, row in ipairs(words[kind] or {}) do wst[utf8.char(mark) .. row[1]] = row[2] end
end
put("WST", wst)

-- ---------------------------------------------------------------- Traditional to Simplified, by words

local freq = {}
for line in io.lines(jieba) do
  local word, n = line:match("^(%S+) (%d+)")
  if word then freq[word] = tonumber(n) end
end

local wts = first_of(d.TSCharacters)
-- A region's character that TSCharacters lacks (衞, 着 written 著) goes the way of its standard form; so does one that is
-- rarer in Simplified text than a standard form that stays as it is (痺: 痹, but not 抬: 擡).  One that only
-- STCharacters knows (揹, 牠) goes back to the Simplified character that gave it.
for _, standards in ipairs { tw_standard, first_of(d.HKVariantsRev) } do
  for _, region in ipairs(sorted(standards)) do
    local standard = standards[region]
    local to = (d.TSCharacters[standard] or {})[1] or
               (standard == "着" or (freq[standard] or 0) > (freq[region] or 0)) and standard
    if to and to ~= region and not d.TSCharacters[region] and not d.STCharacters[region] then wts[region] = to end
  end
end
for _, key in ipairs(sorted(d.STCharacters)) do
  for _, t in ipairs(d.STCharacters[key]) do
    if t ~= key and not d.TSCharacters[t] and not d.STCharacters[t] and not wts[t] then wts[t] = key end
  end
end
local function simplify_chars(s) return (s:gsub(utf8.charpattern, wts)) end

--- Adds a phrase unless its characters give it anyway.
local function add_phrase(key, value)
  if utf8.len(key) > 1 then wts[key] = value end
end

-- The lexicon spells its words in Simplified characters: where one keeps a character that would be replaced (著名,
-- 乾坤), the word keeps it, when that is its commoner spelling.  Its words with frequency 4 and less are often
-- Traditional ones with their characters replaced one by one, and prove nothing.
local MIN_FREQ, COMMONER = 5, 4
local kept = {}
for word, n in pairs(freq) do
  if n >= MIN_FREQ and utf8.len(word) > 1 and simplify_chars(word) ~= word then kept[#kept + 1] = word end
end
table.sort(kept)
local to_traditional = converter(st)
for _, word in ipairs(kept) do
  if freq[word] > (freq[simplify_chars(word)] or 0) then
    local key = to_traditional(word)
    add_phrase(key, word)
    add_phrase(tw_form(key), word)
  end
end
local to_simplified = converter(ts)
for _, key in ipairs(sorted(d.TWVariantsRevPhrases)) do
  if key:find("著", 1, true) then add_phrase(key, to_simplified(key)) end
end
for _, key in ipairs(sorted(d.TSPhrases)) do
  add_phrase(key, d.TSPhrases[key][1])
  add_phrase(tw_form(key), d.TSPhrases[key][1])
end
-- A word that STPhrases wrote with a character of its own (批复: 批覆) comes back as it was, unless what its characters
-- give is a word, too, and not far rarer.
for _, word in ipairs(sorted(d.STPhrases)) do
  for _, key in ipairs { d.STPhrases[word][1], tw_form(d.STPhrases[word][1]) } do
    local other = simplify_chars(key)
    local n = freq[word] or 0
    if not wts[key] and other ~= word and n >= MIN_FREQ and n >= COMMONER * (freq[other] or 0) then
      add_phrase(key, word)
    end
  end
end
for _, row in ipairs(words.ts or {}) do wts[row[1]] = row[2] end
put("WTS", wts)

-- ---------------------------------------------------------------- vocabulary, by words

local CLASSES = { plain = 0, tech = 1, weak = 2, common = 3, never = false }

--- { word -> class } of the lines `prefix-CLASS`.
local function classes(prefix)
  local class = {}
  for name, number in pairs(CLASSES) do
    for _, row in ipairs(words[prefix .. name] or {}) do
      for word in row[1]:gmatch("%S+") do
        if class[word] ~= nil then die("%s: %s has a class already", row.where, word) end
        class[word] = number
      end
    end
  end
  return class
end

--- Takes out what has the class "never"; each of the others has a class afterwards.
local function settle(entries, class)
  for key in pairs(entries) do
    if class[key] == nil then class[key] = CLASSES.tech end
    if not class[key] then entries[key] = nil end
  end
end

local class, wtv = classes("s-"), {}
for _, key in ipairs(sorted(d.TWPhrases)) do wtv[to_simplified(key)] = tw_form(d.TWPhrases[key][1]) end
for _, row in ipairs(words.tw or {}) do
  wtv[row[1]] = row[2]
  class[row[1]] = class[row[1]] or CLASSES.plain
end
settle(wtv, class)

local back, wsv = classes("t-"), {}
for _, key in ipairs(sorted(d.TWPhrasesRev)) do
  local value = to_simplified(d.TWPhrasesRev[key][1])
  wsv[key], wsv[tw_form(key)] = value, value
  back[tw_form(key)] = back[tw_form(key)] == nil and back[key] or back[tw_form(key)]
end
for _, row in ipairs(words.fromtw or {}) do
  wsv[row[1]] = row[2]
  if back[row[1]] == nil then back[row[1]] = CLASSES.plain end
end
settle(wsv, back)

-- Where Taiwan's word is, in Simplified characters, so much commoner than what would replace it (建立 and 创建, 核心 and
-- 内核), it may stay: nobody would miss the other one, and mostly it does not mean that.
local KNOWN = 40
for word, value in pairs(wsv) do
  local n = freq[simplify_chars(word)] or 0
  if back[word] ~= CLASSES.plain and n >= KNOWN and n >= COMMONER * (freq[value] or 0) then wsv[word] = nil end
end
-- What is taken back in sentences about computing only, or never, is replaced no more readily: else 数据 in any sentence
-- would become 資料, and stay so.
for word, value in pairs(wtv) do
  local lost = wsv[value] == nil and simplify_chars(value) ~= word
  if lost or (wsv[value] == word and back[value] >= CLASSES.weak) then
    class[word] = math.max(class[word], class[word] == CLASSES.plain and CLASSES.common or CLASSES.weak)
  end
end
put("WTV", wtv, function(key) return class[key] end)
put("WSV", wsv, function(key) return back[key] end)

-- ---------------------------------------------------------------- the file

local f, message = io.open(out .. ".part", "wb")
if not f then die("%s", message) end
f:write("conversion tables: OpenCC's dictionaries of Debian's libopencc-data (Apache-2.0), spellings of ",
        jieba:match("[^/]+$"), " of python3-jieba (MIT), convert-words.tsv\n", table.concat(lines, "\n"), "\n")
if not f:close() then die("cannot write %s", out) end
assert(os.rename(out .. ".part", out))

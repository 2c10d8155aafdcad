-- entity_rules.lua: the rules by which entities are found that no list has: persons by what names are made of and what stands
-- beside them, places by list and ending.  Each takes what the rules before it have left.

local quote_words = require "ds.quote_words"
local words = require "ds.entity_words"

local M = {}

local CHAR = "[%z\1-\127\194-\244][\128-\191]*"
local DOTS = { "·", "・", "•", "‧" }

local function char_count(s) return utf8.len(s) or #s end

local function ends_in(set, key)
  local last3, last6 = key:sub(-3), key:sub(-6)
  return set[last3] or set[last6] or false
end

-- ------------------------------------------------------------------ names with a dot

--- Where the part before a dot begins.
local function dotted_begin(v, at)
  local text, stop = v.text, at - 1
  if text:byte(stop) == 0x20 then stop = stop - 1 end
  local begin = stop + 1
  for _ = 1, 6 do
    local char = text:sub(math.max(1, begin - 4), begin - 1):match(CHAR .. "$")
    if not char or #char < 3 or not quote_words.in_dotted(char) then break end
    begin = begin - #char
  end
  local dot = v:at(at)
  if begin > stop and v.from[dot] < at and v.pos[dot]:find("^nr") and v.from[dot] + 24 > stop then
    return v.from[dot] -- 乔治·…, which the segmenter knows for a name
  end
  if begin > stop and dot > 1 and v.from[dot] == at and v.to[dot - 1] == stop and v.pos[dot - 1]:find("^nr") and #v.word[dot - 1] >= 6 then
    return v.from[dot - 1]
  end
  if begin > stop then
    begin = text:sub(math.max(1, stop - 20), stop):find("%a+$")
    begin = begin and begin + math.max(1, stop - 20) - 1
  end
  if not begin or begin > stop then return nil end
  -- a word before the one with the dot comes in whole or not at all
  local i = v:at(begin)
  if i < dot and v.from[i] < begin then
    if v.pos[i]:find("^n[rs]") and #v.word[i] <= 15 then return v.from[i] end
    if char_count(v.word[i]) > 1 then return v.from[i + 1] < at and v.from[i + 1] or nil end
  end
  while i < dot and v.pos[i]:find("^[vpdcur]") and not v.taken[i] and v.from[i] >= begin do
    i = i + 1
    begin = v.from[i]
  end
  return begin <= stop and begin or nil
end

--- Where the part behind a dot ends.
local function dotted_end(v, at)
  if v.text:byte(at) == 0x20 then at = at + 1 end
  local i = v:at(at)
  if i > v.n or v.from[i] > at or v.class[i] == "punct" or v.class[i] == "number" then return nil end
  if v.from[i] < at and v.to[i] >= at then -- the dot is inside this word
    return v.to[i]
  end
  local last = i
  while v:touch(last) and v.class[last + 1] == "han" and not v.pos[last + 1]:find("^[vdpcurf]")
        and quote_words.all_translit(v.key[last + 1]) and v.to[last + 1] - at < 24 do
    last = last + 1
  end
  return v.to[last]
end

--- Where a name ends that may go on behind further dots: 埃德加·爱伦·坡.
local function chain_end(v, at, dot)
  local to = dotted_end(v, at + #dot)
  while to and v.text:sub(to + 1, to + #dot) == dot do
    local more = dotted_end(v, to + 1 + #dot)
    if not more then break end
    to = more
  end
  return to
end

--- Whether a name with a dot is more than what has been found in its place.
local function swallows(v, from, to)
  for i = v:at(from), v:at(to) do
    local m = v.taken[i]
    if m and (m.from < from or m.to > to or m.to - m.from == to - from) then return false end
  end
  return v.text:sub(from, to):find("[\228-\233]") ~= nil
end

--- 德米斯·哈萨比斯, 亚历山大 · 王
function M.dotted(v)
  for _, dot in ipairs(DOTS) do
    local at = v.text:find(dot, 1, true)
    while at do
      local from, to, behind = dotted_begin(v, at), chain_end(v, at, dot), at + #dot
      if from and to and swallows(v, from, to) then
        v:release(from, to)
        v:take(from, to, "person", "dotted")
        behind = to + 1
      end
      at = v.text:find(dot, behind, true)
    end
  end
end

-- ------------------------------------------------------------------ what the neural tagger says

local TAGGED = { PER = "person", LOC = "place", ORG = "org" }

--- All words are Han, and none a verb, an adverb or the like.
local function is_plain(v, i, last)
  for k = i, last do
    local dot = v.word[k] == "·"
    if not dot and (v.class[k] ~= "han" or v.pos[k]:find("^[vdpcurmt]") and #v.word[k] > 3) then return false end
  end
  return true
end

-- What the network marks is believed when its form agrees.
local TAGGED_FINE = {
  person = function(_, v, i, last)
    local key = table.concat(v.key, "", i, last)
    local length = char_count(key)
    if not is_plain(v, i, last) or length < 2 or length > 12 or words.role[key] then return false end
    return quote_words.has_surname(key) and length >= 3 or (quote_words.all_translit((key:gsub("·", ""))) and length >= 3)
      or (quote_words.has_surname(key) and v.pos[i]:find("^nr") ~= nil)
  end,
  place = function(self, v, i, last)
    local key = table.concat(v.key, "", i, last)
    return is_plain(v, i, last) and #key >= 6 and not words.no_place[key]
      and (v.pos[last] == "ns" or self.places[v.key[last]] ~= nil or ends_in(words.place_end, key) and #key >= 9)
  end,
  org = function(_, v, i, last)
    local key = table.concat(v.key, "", i, last)
    if not is_plain(v, i, last) or #key < 9 or #key > 60 or words.department[key] then return false end
    for k = i, last do
      if words.describing[v.key[k]] then return false end
    end
    return words.head[v.key[last]] or i < last and words.firm[v.key[last]] or v.pos[i]:find("^n[rtz]") ~= nil
      or (i == last and ends_in(words.body_end, key) ~= false)
  end,
}

--- Stretches that the segmenter's mode "accurate" has marked.
function M.tagged(self, v)
  local i = 1
  while i <= v.n do
    local type = TAGGED[v.tag[i]]
    local last = i
    if type and v.begins[i] then
      while v.tag[last + 1] == v.tag[i] and not v.begins[last + 1] and v:near(last) do last = last + 1 end
      if TAGGED_FINE[type](self, v, i, last) and v:is_free(v.from[i], v.to[last]) and not self.common[v.key[i]] then
        v:take(v.from[i], v.to[last], type, "tagger")
      end
    end
    i = last + 1
  end
end

-- ------------------------------------------------------------------ persons

local function role_before(v, i)
  if i <= 1 or not v:near(i - 1) then return false end
  local key = v.key[i - 1]
  if words.byline_mark[v.word[i - 1]] then return i > 2 and words.byline[v.key[i - 2]] == true end
  if words.role[key] then return true end
  return v.class[i - 1] == "han" and #key >= 9 and quote_words.holder(key) == "person"
end

local function says_after(v, j)
  local k = j + 1
  while k <= j + 2 and v.key[k] and (v.pos[k] == "d" or v.pos[k] == "p" or v.pos[k] == "t") do k = k + 1 end
  return v.key[k] ~= nil and words.says[v.key[k]] == true
end

local function person_beside(v, i, j)
  local function is_person(k, step)
    local mark = v.word[k]
    if mark ~= "、" and v.key[k] ~= "和" and v.key[k] ~= "与" then return false end
    local m = v.taken[k + step]
    return m ~= nil and m.type == "person"
  end
  return is_person(i - 1, -1) or is_person(j + 1, 1)
end

--- Whether the given name is a word of its own, which names are not: 段|时间.
local function is_common_given(self, v, key, surname)
  local given = key:sub(#surname + 1)
  if #given < 6 then return false end
  local known = self.given[given]
  if known == nil then
    local toks = self:segmenter_of():cut(given)
    local _, _, _, _, pos = toks:get(1)
    known = #toks == 1 and not pos:find("^n[rs]") and pos ~= "x"
    self.given[given] = known
  end
  return known
end

--- How much speaks for words i .. j being a person's name.
local function score_person(self, v, i, j, key, count)
  local score = 0
  if role_before(v, i) then score = score + 2 end
  if v:touch(j) and words.address[v.key[j + 1]] then score = score + 2 end
  if says_after(v, j) then score = score + 1 end
  if person_beside(v, i, j) then score = score + 1 end
  local chinese = quote_words.has_surname(key)
  if chinese and #key >= 9 and not is_common_given(self, v, key, quote_words.double_surname[key:sub(1, 6)] and key:sub(1, 6) or key:sub(1, 3)) then
    score = score + 1
    if count[key] > 1 then score = score + 1 end
  elseif #key >= 9 and quote_words.all_translit(key) then
    score = score + 1
    if count[key] > 1 and v.pos[i]:find("^nr") then score = score + 1 end
  end
  return score
end

local function has_function_char(key)
  for c in key:gmatch(CHAR) do
    if words.function_char[c] then return true end
  end
  return false
end

--- Whether a word may be a name as a whole.
local function is_name_shape(self, v, i)
  local key = v.key[i]
  if v.class[i] ~= "han" or v.taken[i] or not v.pos[i]:find("^nr") or #key < 6 or #key > 18 then return false end
  if self.common[key] or words.role[key] or self.places[key] then return false end
  return quote_words.has_surname(key) or quote_words.all_translit(key)
end

--- The last word of a Chinese name that the segmenter has cut to pieces: 记者|麦|咏|琛.
local function pieces_end(v, i)
  if v.class[i] ~= "han" or v.taken[i] or #v.key[i] ~= 3 or not quote_words.surname[v.key[i]] then return nil end
  local j, bytes = i, 3
  while v:touch(j) and v.class[j + 1] == "han" and not v.taken[j + 1] and bytes + #v.key[j + 1] <= 9
        and not has_function_char(v.key[j + 1]) and not v.pos[j + 1]:find("^[dpcur]") do
    j = j + 1
    bytes = bytes + #v.key[j]
  end
  if bytes == 9 and j > i then return j end
end

--- Two characters of a name, whose third is a word of its own: 龚晓|澜|表示.
local function is_cut_short(v, i)
  local key, j = v.key[i], i + 1
  if #key == 6 and not v.taken[i] and quote_words.surname[quote_words.first_char(key)] and v:touch(i) and v.class[j] == "han" and #v.key[j] == 3
     and not v.taken[j] and not words.function_char[v.key[j]] and v.pos[j]:find("^[nxgaz]") and role_before(v, i) and says_after(v, j) then
    return j
  end
end

--- Transliterated names in pieces behind a title: 律师|托|伯|罗夫.
local function after_roles(v)
  for i = 2, v.n do
    if words.role[v.key[i - 1]] and v:touch(i - 1) and not v.taken[i] and #v.key[i - 1] >= 6 then
      local last, bytes = i - 1, 0
      while v.class[last + 1] == "han" and (last < i or v:touch(last)) and not v.taken[last + 1] and #v.key[last + 1] <= 9
            and not v.pos[last + 1]:find("^[dpcurfm]") and quote_words.all_translit(v.key[last + 1]) do
        last = last + 1
        bytes = bytes + #v.key[last]
      end
      if last > i and bytes >= 9 and bytes <= 18 and says_after(v, last) then v:take(v.from[i], v.to[last], "person", "name") end
    end
  end
end

--- Names of persons, by what they are made of and by what stands beside them.
function M.persons(self, v)
  local count, key = {}, v.key
  for _, i in ipairs(v.nr) do count[key[i]] = (count[key[i]] or 0) + 1 end
  for _ = 1, 2 do -- the second time for names beside those of the first
    for _, i in ipairs(v.nr) do
      local j = is_cut_short(v, i)
      if j and v:is_free(v.from[i], v.to[j]) then
        v:take(v.from[i], v.to[j], "person", "name")
      elseif is_name_shape(self, v, i) and score_person(self, v, i, i, key[i], count) >= 2 and v:is_free(v.from[i], v.to[i]) then
        v:take(v.from[i], v.to[i], "person", "name")
      end
    end
  end
  for _, i in ipairs(v.single) do
    local j = i > 1 and words.role[key[i - 1]] and #key[i - 1] >= 6 and v.class[i - 1] == "han" and v:near(i - 1) and pieces_end(v, i)
    local plain = not words.word_surname[key[i]]
    if j and (says_after(v, j) or not v:touch(j) or v.class[j + 1] == "punct" or plain and v.pos[j + 1]:find("^[pd]")) then
      v:take(v.from[i], v.to[j], "person", "name")
    end
  end
  after_roles(v)
end

-- ------------------------------------------------------------------ places

--- Places of the list, and those that their last character shows.
function M.places(self, v)
  local known = self.places
  for i = 1, v.n do
    local key, pos = v.key[i], v.pos[i]
    if (pos == "ns" or known[key]) and v.class[i] == "han" and not v.taken[i] and v:is_free(v.from[i], v.to[i]) then
      local of_firm = v:touch(i) and words.firm[v.key[i + 1]] and not self.countries[key]
      if self.places[key] and pos:find("^[njx]") and not of_firm then
        local last = i
        if v:touch(i) and words.place_level[v.key[i + 1]] and not v.taken[i + 1] then last = i + 1 end
        v:take(v.from[i], v.to[last], "place", "list", self.places[key])
      elseif pos == "ns" and #key >= 9 and ends_in(words.place_end, key) and not words.no_place[key] then
        local level = words.place_level[key:sub(-3)] and self.places[key:sub(1, -4)]
        v:take(v.from[i], v.to[i], "place", "ending", level or nil)
      end
    end
  end
end

return M

-- quote_np.lua: the people and bodies that a sentence names, as noun phrases with their titles, and which of them is the
-- subject of a reporting verb.  Words and tags come from the segmenter, names also from the alias file.

local match_c = require "ds.c.match"
local words = require "ds.quote_words"

local FOLD_ALL = 7
local MAX_ROLE = 90 -- bytes of a title before a name

---@class ds.quote.np
---@field from integer byte in the sentence, from 1: of the name
---@field to integer
---@field text string the name as written
---@field kind "person"|"body"|"latin"|"holder"|"document"|"pronoun"
---@field role string? the title before the name
---@field start integer where the whole phrase begins
---@field clause integer number of its clause, from 1
---@field weak boolean? an object or a possessor: speaks only when nobody else can
---@field this boolean? 这位用户: somebody named before

local Parser = {}
Parser.__index = Parser

-- ------------------------------------------------------------------ items: words, names joined

-- Tags of words that may stand before a noun in its phrase.
local MODIFIER = {}
for tag in ("n nz nt ns nr nrt nrfg ng nx a ad an ag b j l i m q g h k s vn"):gmatch("%S+") do MODIFIER[tag] = true end

--- Whether a word may stand before a noun in its phrase.
local function modifies(item)
  if item.kind then return item.kind ~= "pronoun" end
  return MODIFIER[item.pos] == true or item.word == "前" or item.word == "副"
end

-- First letters of parts of speech.
local byte = string.byte
local N <const>, U <const>, V <const> = 110, 117, 118
local address, nickname, document, pronoun = words.address, words.nickname, words.document, words.pronoun

-- Dots between the parts of a transliterated name.
local DOTS = { "·", "・", "•", "‧" }
local NOT_IN_NAME = { v = true, d = true, p = true, c = true, u = true, uj = true, ul = true, ug = true, r = true, f = true }
local OPEN = { ["（"] = true, ["("] = true, ["〔"] = true, ["["] = true }
local CLOSE = { ["）"] = true, [")"] = true, ["〕"] = true, ["]"] = true }

--- The words of s without blanks and without what stands in brackets.
local function items_of(self, s)
  local toks, out, n, depth = self.segmenter:cut(s), {}, 0, 0
  local get = toks.get
  for i = 1, #toks do
    local word, key, from, to, pos, class = get(toks, i)
    if class == "punct" and OPEN[word] then depth = depth + 1
    elseif class == "punct" and CLOSE[word] then depth = depth > 0 and depth - 1 or 0
    elseif depth == 0 and class ~= "space" then
      n = n + 1
      -- room for all that is found out later, so that the table need not grow
      out[n] = { word = word, key = key, from = from, to = to, pos = pos, class = class, kind = nil, clause = nil }
    end
  end
  if depth > 0 then return items_of(self, (s:gsub("[%(%[]", " "):gsub("（", "   "):gsub("〔", "   "))) end
  return out
end

local function is_capital(word) return word:find("^[A-Z]") ~= nil end

--- Joins items i..j into one of a kind.
local function join(items, s, i, j, kind)
  local first = items[i]
  local item = { from = first.from, to = items[j].to, kind = kind, pos = "nr", class = first.class }
  item.word = s:sub(item.from, item.to)
  item.key = item.word
  return item
end

local ALIAS_KIND = { person = "person", holder = "holder", company = "body", institution = "body", place = "place",
                     product = "product" }

--- Names of the alias file: the words they cover become one.
local function join_aliases(self, items, s)
  local hits = self.aliases:find(s)
  if #hits == 0 then return items end
  local out, i, h = {}, 1, 1
  while i <= #items do
    while hits[h] and hits[h] < items[i].from do h = h + 3 end
    local from, to, id = hits[h], hits[h + 1], hits[h + 2]
    local j = i
    if from == items[i].from then
      while j < #items and items[j].to < to do j = j + 1 end
    end
    if from == items[i].from and items[j].to == to then
      local type = self.alias_type[id]
      if type == "holder" and j == i then out[#out + 1] = items[i]
      else out[#out + 1] = join(items, s, i, j, ALIAS_KIND[type]) end
      i = j + 1
    else
      out[#out + 1] = items[i]
      i = i + 1
    end
  end
  return out
end

local CHAR_END = "[%z\1-\127\194-\244][\128-\191]*$"

--- Where the part of a dotted name before byte `at` begins: the characters of transliterated names before it.
local function name_begin(s, at)
  local stop = at - 1
  while stop > 0 and s:byte(stop) == 0x20 do stop = stop - 1 end
  local begin = stop + 1
  while begin > 1 do
    local char = s:sub(math.max(1, begin - 4), begin - 1):match(CHAR_END)
    if not char or not words.in_dotted(char) then break end
    begin = begin - #char
  end
  if begin > stop then -- Alan·图灵
    begin = s:sub(1, stop):find("%a+$") or begin
  end
  return begin <= stop and begin or nil
end

--- Where the part behind a dot ends: one character at least, then words of such characters.
local function name_end(items, i, at)
  local item = items[i]
  while item and item.to < at do
    i = i + 1
    item = items[i]
  end
  if not item or item.class == "punct" then return nil end
  local last = item.to
  while items[i + 1] and items[i + 1].from == last + 1 and items[i + 1].class == "han" and not items[i + 1].kind
        and not NOT_IN_NAME[items[i + 1].pos] and words.all_translit(items[i + 1].key) do
    i = i + 1
    last = items[i].to
  end
  return last
end

--- 亚历|山大 · 王: a name's part that the segmenter takes for one word goes in as a whole.
local function whole_word(items, from, dot_at)
  for _, item in ipairs(items) do
    if item.from < from and item.to >= from then
      return item.to < dot_at and (item.pos == "ns" or item.pos:find("^nr")) and item.from or from
    end
    if item.from >= from then break end
  end
  return from
end

--- The item list with one name in place of what lies in [from, to].
local function put_name(items, s, from, to)
  local out, put = {}, false
  for _, item in ipairs(items) do
    if item.to < from then out[#out + 1] = item
    else
      if item.from < from then
        local head = { word = s:sub(item.from, from - 1), from = item.from, to = from - 1, pos = "n", class = item.class }
        head.key = head.word
        out[#out + 1] = head
      end
      if not put then
        put = true
        local name = s:sub(from, to)
        out[#out + 1] = { word = name, key = name, from = from, to = to, kind = "person", pos = "nr", class = "han" }
      end
      if item.from > to then out[#out + 1] = item end
    end
  end
  return out
end

--- 德米斯·哈萨比斯, 亚历山大 · 王
local function join_dotted(items, s)
  for _, dot in ipairs(DOTS) do
    local at = s:find(dot, 1, true)
    while at do
      local from = name_begin(s, at)
      local i = 1
      while items[i] and items[i].to < at do i = i + 1 end
      local to = items[i] and name_end(items, i, at + #dot)
      if from and to then
        from = whole_word(items, from, at)
        local before = items[i - 1]
        if before and before.kind == "person" and before.to + 1 >= at and before.from < from then from = before.from end
        items = put_name(items, s, from, to)
      end
      at = s:find(dot, at + #dot, true)
    end
  end
  return items
end

--- Runs of Latin words with capitals: names of people, companies, products.
local function join_latin(items, s)
  local out, i = {}, 1
  while i <= #items do
    local j = i
    if items[i].class == "latin" and not items[i].kind and (is_capital(items[i].word) or #items[i].word > 1) then
      while items[j + 1] and items[j + 1].class == "latin" and not items[j + 1].kind and items[j + 1].from - items[j].to <= 3
            and is_capital(items[j + 1].word) do
        j = j + 1
      end
      if #items[i].word > 1 or j > i then
        local joined = join(items, s, i, j, "latin")
        joined.class = "latin"
        -- GPT-4o, o3: models, not people
        if joined.word:find("%d") or not is_capital(joined.word) then joined.kind = nil end
        out[#out + 1] = joined
      else
        out[#out + 1] = items[i]
      end
    else
      out[#out + 1] = items[i]
    end
    i = j + 1
  end
  return out
end

--- Kind of a single word: a name by the tagger, a noun for people or bodies, a pronoun; nil for all others.
local function kind_of(self, key, pos)
  local p = pos:sub(1, 1)
  if pronoun[key] then return "pronoun" end
  if document[key] then return (p == "n" or p == "v") and "document" or nil end
  if self.holders[key] then return "holder" end
  if pos == "nt" then return "body" end
  if pos == "ns" then return "place" end
  if pos == "nr" or pos == "nrt" or pos == "nrfg" then
    if #key < 6 or words.no_holder[key] then return nil end
    if words.has_surname(key) or words.all_translit(key) then return "person" end
    if #key == 6 and nickname[words.first_char(key)] then return "person" end
    return words.holder(key) == "body" and "body" or nil
  end
  if pos == "t" and #key == 6 and nickname[words.first_char(key)] and words.surname[words.last_char(key)] then return "person" end
  if p == "n" or p == "l" or p == "j" then
    local holder = words.holder(key)
    return holder == "body" and "body" or holder and "holder" or nil
  end
end

local MEMO_MAX = 50000 -- words

--- kind_of, remembered: texts say the same words again and again.
local function classify(self, item)
  if item.kind or item.class ~= "han" then return end
  local of_pos = self.memo[item.pos]
  if not of_pos then
    of_pos = {}
    self.memo[item.pos] = of_pos
  end
  local kind = of_pos[item.key]
  if kind == nil then
    kind = kind_of(self, item.key, item.pos) or false
    self.memo_size = self.memo_size + 1
    if self.memo_size > MEMO_MAX then self.memo, self.memo_size = {}, 0 else of_pos[item.key] = kind end
  end
  item.kind = kind or nil
end


--- A transliterated name that was cut into a longer part and a single character: 布|林肯, 卢比|奥.
local function join_halves(items, s)
  local out = {}
  for _, item in ipairs(items) do
    local last = out[#out]
    local touch = last and last.to + 1 == item.from and last.class == "han" and item.class == "han"
    local whole, half = last, item
    if touch and #last.word <= 3 then whole, half = item, last end
    if touch and whole.kind == "person" and #half.word <= 3 and half.pos:find("^nr") and not half.kind
       and words.all_translit(whole.key) and words.translit[half.key] then
      local joined = { from = last.from, to = item.to, kind = "person", pos = "nr", class = "han", word = last.word .. item.word,
                       key = last.key .. item.key }
      out[#out] = joined
    else
      out[#out + 1] = item
    end
  end
  return out
end

local ROLE_LATIN = { CEO = true, CTO = true, CFO = true, COO = true, CMO = true, VP = true, CIO = true, CSO = true }

--- Whether an item is a title or ends one.
local function is_role(item)
  return item and (item.kind == "holder" or ROLE_LATIN[item.word] or (item.kind == "latin" and ROLE_LATIN[item.word:match("%S+$")])
    or item.key == "家")
end

local NO_NAME = {}
for c in ("对在向就也则还曾都又说称指认表告却便更再把被与和及的了是"):gmatch("[\194-\244][\128-\191]*") do NO_NAME[c] = true end

--- A Chinese name in single characters behind a title: 副教授|麦|咏|琛.
local function chinese_name(items, i)
  local first = items[i]
  if not first or first.class ~= "han" or first.kind or not words.surname[words.first_char(first.key)] or #first.key > 6 then return nil end
  local j, bytes = i, #first.word
  while items[j + 1] and items[j + 1].class == "han" and not items[j + 1].kind and items[j + 1].from == items[j].to + 1
        and bytes + #items[j + 1].word <= 9 and not NO_NAME[items[j + 1].key] do
    j = j + 1
    bytes = bytes + #items[j].word
  end
  if j > i and bytes >= 6 then return j end
end

--- 滕先生, 小吴
local function join_addresses(items, s)
  local any, before = false, nil
  for k = 1, #items do
    local key = items[k].key
    if nickname[before] or k > 1 and address[key] then
      any = true
      break
    end
    before = key
  end
  if not any then return items end
  local out, i = {}, 1
  while i <= #items do
    local item, after = items[i], items[i + 1]
    local touch = after and after.from == item.to + 1
    if touch and item.class == "han" and #item.key == 3 and words.surname[item.key] and address[after.key] then
      out[#out + 1] = join(items, s, i, i + 1, "person")
      i = i + 2
    elseif touch and nickname[item.key] and #after.key == 3 and words.surname[after.key]
           and not after.kind then
      out[#out + 1] = join(items, s, i, i + 1, "person")
      i = i + 2
    else
      out[#out + 1] = item
      i = i + 1
    end
  end
  return out
end

--- Transliterated names that the dictionary has not, behind a title: 首席执行官克里希纳.
local function name_after_role(items, s, i)
  local j = i
  local function fits(item)
    if not item or item.class ~= "han" or item.kind and item.kind ~= "person" then return false end
    if item.from ~= items[i].from and item.from ~= items[j].to + 1 then return false end
    if item.pos:find("^nr") then return true end
    if item.pos:find("^[dpcu]") and #item.word > 3 then return false end
    return words.all_translit(item.key) and not item.pos:find("^[pdcu]")
  end
  if not fits(items[i]) then return chinese_name(items, i) end
  while fits(items[j + 1]) do j = j + 1 end
  local bytes = items[j].to - items[i].from + 1
  if bytes >= 6 and bytes <= 27 then return j end
  return chinese_name(items, i)
end

local function join_after_roles(items, s)
  local any = false
  for k = 1, #items do
    local item = items[k]
    if (item.kind or item.class == "latin" or item.key == "家") and is_role(item) then
      any = true
      break
    end
  end
  if not any then return items end
  local out, i = {}, 1
  while i <= #items do
    local last
    local item, role = items[i], items[i - 1]
    if role and (role.kind or role.class == "latin" or role.key == "家") and is_role(role) and item.from <= role.to + 2
       and item.kind ~= "latin" then
      last = name_after_role(items, s, i)
    end
    if last then
      out[#out + 1] = join(items, s, i, last, "person")
      i = last + 1
    else
      out[#out + 1] = items[i]
      i = i + 1
    end
  end
  return out
end

-- ------------------------------------------------------------------ phrases

local CLAUSE_END = { ["，"] = true, [","] = true, ["；"] = true, [";"] = true, ["："] = true, [":"] = true, ["。"] = true, ["！"] = true,
                     ["？"] = true, ["!"] = true, ["?"] = true, ["—"] = true, ["——"] = true, ["…"] = true, ["……"] = true,
                     ["\n"] = true }

local function number_clauses(items)
  local clause = 1
  for i, item in ipairs(items) do
    item.clause, item.index = clause, i
    if item.class == "punct" and CLAUSE_END[item.word] then clause = clause + 1 end
  end
end

local function is_de(item) return item and (item.key == "的" or item.key == "之") end

--- Whether the word before a phrase makes it a relative clause's noun: 接触过幻方 | 的 | 人士.
local function closes_relative(item)
  return item ~= nil and (byte(item.pos) == V and item.pos ~= "vn" or byte(item.pos) == U and not is_de(item)
    or item.pos == "d" or (item.pos == "p" and not words.agent[item.key]))
end

--- Index of the first item of the phrase whose head is item h; second: the first that belongs to the text of it.
local function phrase_start(items, h)
  local i, text = h - 1, h
  while items[i] do
    local item = items[i]
    if item.class == "punct" or item.clause ~= items[h].clause then break end
    if is_de(item) then
      local k = i - 1
      while items[k] and items[k].class ~= "punct" and modifies(items[k]) do k = k - 1 end
      if k == i - 1 then break end
      if closes_relative(items[k]) then return k + 1, text, true end
      i = k
      text = k + 1
    elseif modifies(item) then
      text = i
      i = i - 1
    elseif words.this[item.key] then
      i = i - 1
    elseif words.title_verb[item.key] then
      text = i
      i = i - 1
    else
      break
    end
  end
  return i + 1, text, false
end

local DETERMINER = { ["一些"] = true, ["多"] = true, ["有"] = true, ["某"] = true, ["多名"] = true, ["多位"] = true, ["不少"] = true,
                     ["一位"] = true, ["一名"] = true, ["部分"] = true, ["许多"] = true, ["很多"] = true, ["几"] = true, ["数"] = true }

--- Leaves out 一位, 多名, 这些 at the beginning.
local function skip_determiners(items, from, head)
  local this = false
  while from < head do
    local item = items[from]
    if words.this[item.key] then this = true
    elseif not (DETERMINER[item.key] or item.pos == "m" or item.pos == "q" and from < head) then break end
    from = from + 1
  end
  return from, this
end

--- The person or body that a paper belongs to: CNN的一篇报道.
local function owner(items, text, h)
  for i = h - 1, text, -1 do
    local item = items[i]
    if item.kind and item.kind ~= "document" and item.kind ~= "pronoun" and (is_de(items[i + 1]) or i + 1 == h) then return item end
  end
end

local function weakness(items, start, h)
  local before, after = items[start - 1], items[h + 1]
  if before and before.clause == items[h].clause then
    if words.preposition[before.key] and not words.agent[before.key] then return "pp" end
    if before.key == "在" then
      for k = h + 1, #items do
        if items[k].clause ~= items[h].clause then break end
        if items[k].pos == "f" or items[k].key == "时" or items[k].key == "期间" then return "pp" end
        if items[k].key == "看来" then return nil end
      end
      return "pp"
    end
    if byte(before.pos) == V and before.pos ~= "vn" and not words.agent[before.key] then return "object" end
    if byte(before.pos) == U and not is_de(before) then return "object" end
  end
  if is_de(after) then return "possessor" end
  if after and after.pos == "f" and before and before.key ~= "据" then return "pp" end
end

local HEAD = { person = true, body = true, latin = true, holder = true, document = true, pronoun = true }

--- The noun phrase with head item h.
local function phrase(items, s, h)
  local item = items[h]
  local start, text, relative = phrase_start(items, h)
  local np = { from = item.from, to = item.to, kind = item.kind, clause = item.clause, start = items[start].from, index = h,
               weak = not relative and weakness(items, start, h) or nil, first = start }
  local first, this = skip_determiners(items, text, h)
  np.this = this or (items[start] ~= items[h] and words.this[items[start].key]) or false
  if item.kind == "person" or (item.kind == "latin" and h > first and is_role(items[h - 1])) then
    np.kind = "person"
    if first < h and items[h - 1] and not is_de(items[h - 1]) or (first < h and is_de(items[h - 1]) and is_role(items[h - 2])) then
      local last = is_de(items[h - 1]) and h - 2 or h - 1
      local role = s:sub(items[first].from, items[last].to)
      if #role <= MAX_ROLE and is_role(items[last]) then np.role = role end
    end
  elseif item.kind == "holder" or item.kind == "body" then
    np.from = items[first].from
  elseif item.kind == "document" then
    local who = owner(items, text, h)
    if who then
      np.from, np.to, np.kind = who.from, who.to, who.kind
    end
  end
  -- …的软银，: the noun of a relative clause that fills its clause is its subject
  np.final = is_de(items[start - 1]) and items[h + 1] ~= nil and items[h + 1].class == "punct"
  for i = first - 1, math.max(1, first - 6), -1 do
    if items[i].class == "punct" or items[i].clause ~= item.clause then break end
    if words.this[items[i].key] then np.this = true end
    if byte(items[i].pos) == V then break end
  end
  np.text = s:sub(np.from, np.to):gsub("^%s+", ""):gsub("%s+$", "")
  return np
end

--- Whether an item is the head of its phrase: the next word does not go on with it.
local function is_head(self, items, h)
  local item, after = items[h], items[h + 1]
  if not HEAD[item.kind] then return false end
  if not after or after.class == "punct" or item.kind == "pronoun" then return true end
  if item.kind == "person" and after.kind == "person" then return false end
  if item.kind == "person" then return true end
  if after.kind and after.kind ~= "pronoun" and after.kind ~= "document" then return false end
  if after.kind == "document" then return false end
  return not (after.class == "han" and byte(after.pos) == N and not self.verbs[after.key])
end

--- 上海闵行: part of a place, no name.
local function unname_places(items)
  for i = 2, #items do
    local item, before = items[i], items[i - 1]
    if item.kind == "person" and before.kind == "place" and #item.key == 6 and before.to + 1 == item.from
       and item.pos:find("^nr") and not words.all_translit(item.key) then
      item.kind = nil
    end
  end
end

--- The words of a sentence with names joined and kinds given.
local function named_items(self, s)
  local items = join_dotted(join_aliases(self, items_of(self, s), s), s)
  local person, latin = false, false
  for i = 1, #items do
    local item = items[i]
    if item.class == "han" then
      classify(self, item)
      person = person or item.kind == "person"
    elseif item.class == "latin" then
      latin = true
    end
  end
  if person then
    unname_places(items)
    items = join_halves(items, s)
  end
  if latin then items = join_latin(items, s) end
  items = join_after_roles(join_addresses(items, s), s)
  local before = items[1]
  for i = 2, #items do
    local item = items[i]
    if item.kind and before.kind and self.verbs[item.key] and before.class ~= "punct" then item.kind = nil end
    before = item
  end
  return items
end

--- All noun phrases of a sentence that can speak, from left to right.
---@param s string quotations blanked
---@return ds.quote.np[]
---@return table[] items the words, with index and clause
function Parser:phrases(s)
  local items = named_items(self, s)
  number_clauses(items)
  items.text = s
  local out = {}
  for h = 1, #items do
    if HEAD[items[h].kind] and is_head(self, items, h) then
      local np = phrase(items, s, h)
      -- a possessor inside this phrase is no phrase of its own
      while out[#out] and out[#out].index >= np.first and np.kind ~= "pronoun" and not (out[#out].kind == "person" and np.kind == "latin") do
        out[#out] = nil
      end
      out[#out + 1] = np
    end
  end
  return out, items
end

--- Index of the last of a list by `from` that begins at or before `pos`, 0 for none.
local function index_at(list, pos)
  local low, high = 0, #list
  while low < high do
    local mid = (low + high + 1) // 2
    if list[mid].from <= pos then low = mid else high = mid - 1 end
  end
  return low
end

--- The last item that ends before `pos`.
local function last_before(items, pos)
  local i = index_at(items, pos - 1)
  while i > 0 and items[i].to >= pos do i = i - 1 end
  return i
end

--- The places that speak for a government stand as subjects right before the verb: 白宫称, 美国表示.
local function place_before(items, pos)
  local i = last_before(items, pos)
  while items[i] and items[i].pos == "d" do i = i - 1 end
  local item = items[i]
  if item and item.kind == "place" and not (items[i - 1] and words.preposition[items[i - 1].key]) then
    return { from = item.from, to = item.to, text = item.word, kind = "body", start = item.from, clause = item.clause, index = i,
             first = i }
  end
end

--- Subjects that are neither names nor nouns for people, right before the verb: 四家说, 潮汐财经写道.
local function bare_before(items, s, pos)
  local last = last_before(items, pos)
  while items[last] and items[last].pos == "d" do last = last - 1 end
  local item = items[last]
  if not item or item.class == "punct" then return nil end
  local first = last
  local counted = item.pos == "q" or item.pos == "m"
  while items[first - 1] and items[first - 1].clause == item.clause and items[first - 1].class ~= "punct"
        and (counted and items[first - 1].pos == "m" or not counted and byte(items[first].pos) == N) do
    first = first - 1
  end
  if counted then
    if first == last then return nil end
  else
    local begins = items[first - 1] == nil or items[first - 1].class == "punct"
    if not begins or item.to - items[first].from < 8 then return nil end
    for i = first, last do
      if byte(items[i].pos) ~= N or items[i].kind == "document" or words.abstract[items[i].key] or words.no_holder[items[i].key] then return nil end
    end
  end
  return { from = items[first].from, to = item.to, text = s:sub(items[first].from, item.to), kind = counted and "holder" or "body",
           start = items[first].from, clause = item.clause, index = last, first = first }
end

local CLAUSES_BACK, PHRASES_BACK = 8, 40 -- how far a subject is looked for

--- The subject of a verb at byte `pos`: in its clause the nearest, else in the clause before, and so on.
---@param nps ds.quote.np[]
---@param items table[]
---@param pos integer
---@param least? integer do not look before this byte
---@return ds.quote.np? subject
---@return boolean? same_clause
function Parser:subject(nps, items, pos, least)
  local at = index_at(items, pos)
  local clause = at > 0 and items[at].clause or 1
  local best, best_rank
  local last = index_at(nps, pos - 1)
  for i = last, math.max(1, last - PHRASES_BACK), -1 do
    local np = nps[i]
    if best_rank == 0 or np.clause < clause - CLAUSES_BACK or (best and best_rank < 100 and np.clause < best.clause) then break end
    if np.to < pos and (not least or np.from >= least) then
      local rank = (clause - np.clause) * 2 + (np.weak == "object" and 1 or 0)
      if np.weak == "possessor" then rank = rank + 100 end
      local usable = np.weak ~= "pp" and (np.weak ~= "possessor" or np.kind == "person")
        and (np.weak ~= "object" or np.clause == clause)
      local earlier = best and np.clause == best.clause and np.clause < clause and rank <= best_rank and not best.final
      if usable and (not best or rank < best_rank or earlier) then best, best_rank = np, rank end
    end
  end
  if not best or best.clause ~= clause then
    local place = place_before(items, pos)
    place = place or bare_before(items, items.text, pos)
    if place and (not least or place.from >= least) then return place, true end
  end
  return best, best and best.clause == clause
end

---@param opts {segmenter: ds.segmenter, aliases: table[], holders: string[], verbs: table<string, any>}
---@return table
local function new(opts)
  local terms, types, seen, holders = {}, {}, {}, {}
  for _, row in ipairs(opts.aliases) do
    for _, name in ipairs { row.name, row.alias } do
      if not seen[name] then
        seen[name] = true
        terms[#terms + 1], types[#types + 1] = name, row.type
      end
    end
  end
  for _, word in ipairs(opts.holders) do
    holders[word] = true
    if not seen[word] then
      seen[word] = true
      terms[#terms + 1], types[#types + 1] = word, "holder"
    end
  end
  return setmetatable({ segmenter = opts.segmenter, aliases = match_c.new(terms, FOLD_ALL), alias_type = types, holders = holders,
                        verbs = opts.verbs, memo = {}, memo_size = 0 }, Parser)
end

return { new = new, index_at = index_at }

-- planted.lua: articles with passages copied from one to another, and changed on the way, for the tests of reuse.
local ds = require "ds"

local P = {}

local chars_pattern = utf8.charpattern

local function chars_of(s)
  local list = {}
  for c in s:gmatch(chars_pattern) do list[#list + 1] = c end
  return list
end

local function is_letter(c) return #c == 3 and c >= "一" or c:find("^%w$") ~= nil end

local function count_letters(s)
  local n = 0
  for c in s:gmatch(chars_pattern) do
    if is_letter(c) then n = n + 1 end
  end
  return n
end

--- Words of the bundled corpus, each with those that follow it there.
function P.bigrams()
  local after, first = {}, {}
  for doc in ds.corpus.open("corpus/articles"):docs() do
    local before
    for t in doc:tokens() do
      if t.class ~= "space" and t.class ~= "bad" then
        local word = ds.utf8.simplify(t.word)
        if before then
          after[before] = after[before] or {}
          table.insert(after[before], word)
        end
        first[#first + 1], before = word, word
      end
    end
  end
  return { after = after, first = first }
end

--- An article of about `letters` letters that nobody wrote.
function P.article(b, letters)
  local parts, n, word = {}, 0, b.first[math.random(#b.first)]
  while n < letters do
    parts[#parts + 1] = word
    n = n + count_letters(word)
    local choices = b.after[word] or b.first
    word = choices[math.random(#choices)]
    if math.random(12) == 1 then word = b.first[math.random(#b.first)] end -- less alike than bigrams alone
  end
  return table.concat(parts)
end

-- ------------------------------------------------------------------ changes

local PUNCT = { ["，"] = ",", ["。"] = ".", ["“"] = "「", ["”"] = "」", ["：" ] = ":", ["、"] = ",", ["；"] = ";" }

local change = {}
P.changes = { "script", "taiwan", "punctuation", "breaks", "marks", "trim", "width", "splice", "cut", "words" }

function change.script(s) return ds.utf8.traditional(s) end
function change.taiwan(s) return ds.utf8.traditional(s, { region = "tw" }) end
function change.punctuation(s) return (s:gsub(chars_pattern, PUNCT)) end
function change.width(s)
  return (s:gsub("%w", function(c) return utf8.char(c:byte() + 0xFEE0) end))
end

local function sprinkle(s, every, what)
  local out = {}
  for i, c in ipairs(chars_of(s)) do
    out[#out + 1] = c
    if i % every == every - 1 then out[#out + 1] = what end
  end
  return table.concat(out)
end

function change.breaks(s) return sprinkle(s, 23, "\n　　") end
function change.marks(s) return "**" .. sprinkle(s, 31, "**") .. "**" end

function change.trim(s)
  local list = chars_of(s)
  return table.concat(list, "", 1 + math.random(0, 5), #list - math.random(0, 5))
end

-- Puts a stranger's words in, every forty characters or so.
function change.splice(s)
  local out = {}
  for i, c in ipairs(chars_of(s)) do
    out[#out + 1] = c
    if i % 40 == 25 then out[#out + 1] = ({ "据悉", "他还说", "记者了解到", "换句话说吧" })[math.random(4)] end
  end
  return table.concat(out)
end

-- Leaves some out.
function change.cut(s)
  local out, list, i = {}, chars_of(s), 1
  while i <= #list do
    if i % 45 == 30 then i = i + math.random(2, 6) end
    out[#out + 1] = list[i]
    i = i + 1
  end
  return table.concat(out)
end

-- Puts other characters in the place of some.
function change.words(s)
  local out = chars_of(s)
  for i = 20, #out - 20, 33 do
    if is_letter(out[i]) then out[i] = "鑫" end
  end
  return table.concat(out)
end

--- Articles with copies planted: `n` articles, `copies` of their passages in others; `seed` of the random numbers.
---@return {id: string, text: string, date: string}[] articles
---@return {a: string, b: string, a_from: integer, a_to: integer, b_from: integer, b_to: integer, letters: integer, how: string}[] planted
function P.make(n, copies, seed, longest)
  math.randomseed(seed)
  local b, articles, planted = P.bigrams(), {}, {}
  for i = 1, n do
    articles[i] = { id = ("%05d"):format(i), text = P.article(b, 330), date = ("2025-%02d-%02d"):format(math.floor(i * 12 / (n + 1)) + 1, i % 28 + 1) }
  end
  local order, half = {}, math.floor(n / 2)
  for i = 1, n do order[i] = i end
  for i = n, 2, -1 do
    local k = math.random(i)
    order[i], order[k] = order[k], order[i]
  end
  for i = 1, copies do -- from an article that stays as it is to one that nothing else goes to
    local from, into = articles[order[i % half + 1]], articles[order[half + (i - 1) % (n - half) + 1]]
    if not into.taken then
      local list = chars_of(from.text)
      local len = math.random(75, math.min(longest or 300, #list - 1))
      local at = math.random(1, #list - len)
      local passage, how = table.concat(list, "", at, at + len - 1), {}
      local copy = passage
      for _ = 1, math.random(1, 3) do
        local name = P.changes[math.random(#P.changes)]
        how[#how + 1] = name
        copy = change[name](copy)
      end
      local own = chars_of(into.text)
      local cut = math.random(#own)
      local before = table.concat(own, "", 1, cut)
      into.text, into.taken = before .. copy .. table.concat(own, "", cut + 1), true
      local a_from = #table.concat(list, "", 1, at - 1) + 1
      planted[#planted + 1] = { a = from.id, b = into.id, a_from = a_from, a_to = a_from + #passage - 1, b_from = #before + 1,
        b_to = #before + #copy, letters = count_letters(passage), how = table.concat(how, "+") }
    end
  end
  return articles, planted
end

-- Share of [from, to] that lies in ranges, a flat list.
local function overlap(from, to, f, t) return math.max(0, math.min(to, t) - math.max(from, f) + 1) end

--- Recall and precision of rows of pairs with at least `least` letters in common: a planted copy is found when
--- four fifths of it on either side are in pairs of its two articles; a pair is right when half of it is planted.
function P.score(planted, rows, least)
  local by_pair, hits, right, seen, missed, wrong = {}, 0, 0, 0, {}, {}
  for _, r in ipairs(rows) do
    local sides = { r }
    if r.a > r.b then
      sides[1] = { a = r.b, b = r.a, a_from = r.b_from, a_to = r.b_to, b_from = r.a_from, b_to = r.a_to, chars = r.chars, row = r }
    end
    local key = sides[1].a .. " " .. sides[1].b
    by_pair[key] = by_pair[key] or {}
    table.insert(by_pair[key], sides[1])
  end
  local copies = {}
  for _, p in ipairs(planted) do
    local x = p.a <= p.b and p or { a = p.b, b = p.a, a_from = p.b_from, a_to = p.b_to, b_from = p.a_from, b_to = p.a_to }
    local key = x.a .. " " .. x.b
    copies[key] = copies[key] or {}
    table.insert(copies[key], x)
    if p.letters >= least then
      seen = seen + 1
      local got_a, got_b = 0, 0
      for _, r in ipairs(by_pair[key] or {}) do
        got_a, got_b = got_a + overlap(x.a_from, x.a_to, r.a_from, r.a_to), got_b + overlap(x.b_from, x.b_to, r.b_from, r.b_to)
      end
      if got_a >= 0.8 * (x.a_to - x.a_from + 1) and got_b >= 0.8 * (x.b_to - x.b_from + 1) then hits = hits + 1
      else missed[#missed + 1] = p end
    end
  end
  local reported = 0
  for key, list in pairs(by_pair) do
    for _, r in ipairs(list) do
      if r.chars >= least then
        reported = reported + 1
        local good = false
        for _, x in ipairs(copies[key] or {}) do
          good = good or (2 * overlap(x.a_from, x.a_to, r.a_from, r.a_to) >= r.a_to - r.a_from + 1 and
            2 * overlap(x.b_from, x.b_to, r.b_from, r.b_to) >= r.b_to - r.b_from + 1)
        end
        if good then right = right + 1 else wrong[#wrong + 1] = r end
      end
    end
  end
  return { planted = seen, found = hits, recall = hits / math.max(1, seen), reported = reported,
           precision = right / math.max(1, reported), missed = missed, wrong = wrong }
end

return P

-- compare_groups.lua: which claims of different articles are about one quantity.
--
-- Two claims may belong together when their units are the same, their values near each other, and no date or direction tells
-- them apart.  Whether they do is a matter of odds.  Values of one unit spread over decades about evenly in their logarithm
-- (Benford 1938), so two of them are as near as these by chance with a probability that follows from their ratio and their
-- digits: 557.6 twice is seldom chance, 5 % twice often.  Words and names that both sentences have speak for one thing by how rare
-- they are among the articles (inverse document frequency).  The sum of both, in natural logarithms, has to beat the number of
-- claims that a claim could have met, by `odds`.  Pairs are joined from the strongest on; a group never spans more than `within`,
-- nor does it take two values that one article tells apart.

local names = require "ds.names"
local order = require "ds.order"

local COMMON <const> = 200 -- words that more claims than this have lead to no pairs
local SHARED <const> = 4 -- words in common that count, the rarest
local known = { "docs", "within", "odds" }

--- Inverse document frequencies of the words of a list of claims, over articles.
local function rarity(claims)
  local df, docs, n = {}, {}, 0
  for _, c in ipairs(claims) do
    if not docs[c.doc] then docs[c.doc], n = {}, n + 1 end
    for term in pairs(c.terms) do
      if not docs[c.doc][term] then docs[c.doc][term], df[term] = true, (df[term] or 0) + 1 end
    end
  end
  local idf = {}
  for term, times in pairs(df) do idf[term] = math.log((n + 1) / times) end
  return idf
end

--- The sum of the largest SHARED numbers of a list.
local function sum_of_largest(list)
  local sum = 0
  table.sort(list)
  for i = #list, math.max(1, #list - SHARED + 1), -1 do sum = sum + list[i] end
  return sum
end

local function weigh(claims, idf)
  for _, c in ipairs(claims) do
    c.weights = {}
    local list = {}
    for term, weight in pairs(c.terms) do
      c.weights[term] = weight * idf[term]
      list[#list + 1] = c.weights[term]
    end
    c.most = sum_of_largest(list)
  end
end

--- What the words in common say.
local function overlap(a, b)
  local list = {}
  for term, x in pairs(a.weights) do
    local y = b.weights[term]
    if y then list[#list + 1] = math.min(x, y) end
  end
  return sum_of_largest(list)
end

local function middle(c) return (c.value + c.value_to) / 2 end

local function digits_of(value)
  local digits = ("%.12g"):format(math.abs(value)):gsub("[eE].*$", ""):gsub("%.", ""):gsub("^0+", ""):gsub("0+$", "")
  return #digits
end

local function tell_apart(a, b)
  if a.direction and b.direction and a.direction ~= b.direction then return true end
  if (a.per or "") ~= (b.per or "") then return true end
  if #a.dates == 0 or #b.dates == 0 then return false end
  for _, x in ipairs(a.dates) do
    for _, y in ipairs(b.dates) do
      if x == y or x:sub(1, #y) == y or y:sub(1, #x) == x then return false end
    end
  end
  return true
end

--- Small numbers are told of anything: two of them are one only when they count the same noun.
local function same_noun(a, b)
  local x, y = a.about or "", b.about or ""
  return #x >= 6 and #y >= 6 and x:sub(-6) == y:sub(-6)
end

local SMALL <const> = 12
local ROUND <const> = 0.3 -- decades that numbers of one digit are apart, on the average

--- How many decades the values of a list spread over, the outermost twentieths aside.
local function spread(claims)
  local logs = {}
  for _, c in ipairs(claims) do
    local m = math.abs(middle(c))
    if m > 0 then logs[#logs + 1] = math.log(m, 10) end
  end
  table.sort(logs)
  local cut = #logs // 20
  return math.max(1, (logs[#logs - cut] or 0) - (logs[1 + cut] or 0))
end

--- The same unit; a bare number (557萬) may be money whose currency is not said.
local function one_unit(a, b) return a.unit == b.unit or a.unit == "" or b.unit == "" end

--- How much two claims speak for one quantity, beyond what chance and `odds` ask for; nil when that is not enough.
local function link(a, b, opts, decades, asked)
  if a.doc == b.doc or not one_unit(a, b) or tell_apart(a, b) then return nil end
  local x, y = math.abs(middle(a)), math.abs(middle(b))
  local least, most = math.min(x, y), math.max(x, y)
  if least == 0 or most / least > opts.within or a.value * b.value <= 0 then return nil end
  if most <= SMALL and a.kind ~= "money" and a.kind ~= "percent" and not same_noun(a, b) then return nil end
  local digits = math.min(digits_of(a.value), digits_of(b.value), 6)
  local chance = math.min(1, (2 * math.log(most / least, 10) + ROUND * 10 ^ (1 - digits)) / decades)
  local need = asked + math.log(chance)
  if a.most < need or b.most < need then return nil end
  local words = overlap(a, b)
  return words > 0 and words >= need and words - need or nil
end

--- Pairs of claims that share a word which is not too common, as { a, b, sum }, the strongest first.
local function links(claims, opts)
  local postings, list, seen = {}, {}, {}
  local decades, asked = spread(claims), math.log(#claims) + math.log(opts.odds)
  local size, within = {}, opts.within
  for i, c in ipairs(claims) do
    size[i] = math.abs(middle(c))
    for term in pairs(c.weights) do
      postings[term] = postings[term] or {}
      table.insert(postings[term], i)
    end
  end
  for _, term in ipairs(order.keys(postings)) do
    local places = postings[term]
    for p = 1, #places <= COMMON and #places or 0 do
      for q = p + 1, #places do
        local i, k = places[p], places[q]
        local x, y, id = size[i], size[k], i * (#claims + 1) + k
        if x <= y * within and y <= x * within and not seen[id] then
          seen[id] = true
          local sum = link(claims[i], claims[k], opts, decades, asked)
          if sum then list[#list + 1] = { a = i, b = k, sum = sum } end
        end
      end
    end
  end
  table.sort(list, function(x, y)
    if x.sum ~= y.sum then return x.sum > y.sum end
    return x.a < y.a or (x.a == y.a and x.b < y.b)
  end)
  return list
end

local NEAR <const> = 1.05 -- an article that names figures so near each other may be comparing what others say

--- Whether two claims of one article are two things.
local function are_apart(a, b)
  if a.low <= b.high and a.high >= b.low then return false end
  local x, y = math.abs(middle(a)), math.abs(middle(b))
  return math.max(x, y) > math.min(x, y) * NEAR
end

--- Joins claims by their links; the list of groups of more than one.
local function join(claims, opts)
  local head, members = {}, {}
  for i in ipairs(claims) do head[i], members[i] = i, { i } end
  local function fits(a, b)
    for _, i in ipairs(members[a]) do -- what one article tells apart is not one thing
      for _, k in ipairs(members[b]) do
        local x, y = claims[i], claims[k]
        if not one_unit(x, y) or x.doc == y.doc and are_apart(x, y) then return false end
      end
    end
    local least, most = math.huge, 0
    for _, list in ipairs { members[a], members[b] } do
      for _, i in ipairs(list) do
        least, most = math.min(least, math.abs(middle(claims[i]))), math.max(most, math.abs(middle(claims[i])))
      end
    end
    return most <= least * opts.within
  end
  for _, l in ipairs(links(claims, opts)) do
    local a, b = head[l.a], head[l.b]
    if a ~= b and fits(a, b) then
      for _, i in ipairs(members[b]) do
        head[i] = a
        table.insert(members[a], i)
      end
      members[b] = nil
    end
  end
  local out = {}
  for i in ipairs(claims) do
    if members[i] and #members[i] > 1 then
      local list = {}
      for k, m in ipairs(members[i]) do list[k] = claims[m] end
      out[#out + 1] = list
    end
  end
  return out
end

-- ------------------------------------------------------------------ what a group says

local function most_frequent(list)
  local n, best = {}, nil
  for _, x in ipairs(list) do n[x] = (n[x] or 0) + 1 end
  for _, x in ipairs(order.keys(n)) do
    if not best or n[x] > n[best] or (n[x] == n[best] and #x > #best) then best = x end
  end
  return best
end

--- The words that most of the claims share.
local function shared_terms(list)
  local sum, n = {}, {}
  for _, c in ipairs(list) do
    for _, term in ipairs(order.keys(c.weights)) do
      sum[term], n[term] = (sum[term] or 0) + c.weights[term], (n[term] or 0) + 1
    end
  end
  local terms = {}
  for _, term in ipairs(order.keys(sum)) do
    if n[term] > 1 and n[term] * 2 >= #list then terms[#terms + 1] = term end
  end
  table.sort(terms, function(x, y)
    if sum[x] ~= sum[y] then return sum[x] > sum[y] end
    return x < y
  end)
  local out, seen = {}, {}
  for _, term in ipairs(terms) do
    local plain = term:gsub("^[@=]", "")
    if not seen[plain:lower()] and #out < 5 then out[#out + 1], seen[plain:lower()] = plain, true end
  end
  return out
end

local function describe(list)
  table.sort(list, function(x, y)
    local a, b = middle(x), middle(y)
    if a ~= b then return a < b end
    if x.doc ~= y.doc then return x.doc < y.doc end
    return x.from < y.from
  end)
  local low, high, least, most = -math.huge, math.huge, math.huge, 0
  local unit = ""
  for _, c in ipairs(list) do unit = c.unit ~= "" and c.unit or unit end
  local docs, sources, abouts, n_docs, n_sources, same = {}, {}, {}, 0, 0, true
  for _, c in ipairs(list) do
    low, high = math.max(low, c.low), math.min(high, c.high)
    local m = math.abs(middle(c))
    least, most = math.min(least, m), math.max(most, m)
    same = same and c.value == list[1].value and c.value_to == list[1].value_to and c.approx == list[1].approx
    if not docs[c.doc] then docs[c.doc], n_docs = true, n_docs + (c.weight or 1) end
    local source = c.source or c.doc
    if not sources[source] then sources[source], n_sources = true, n_sources + (c.weight or 1) end
    if c.about then abouts[#abouts + 1] = c.about end
  end
  local fits = low <= high
  return { about = most_frequent(abouts) or "", terms = shared_terms(list), unit = unit, kind = list[1].kind,
    verdict = same and "same" or fits and "compatible" or "conflict", low = fits and low or nil, high = fits and high or nil,
    differ = (most - least) / most, docs = n_docs, sources = n_sources, claims = list, first = list[1] }
end

local RANK <const> = { conflict = 1, compatible = 2, same = 3 }

local function before(x, y)
  if RANK[x.verdict] ~= RANK[y.verdict] then return RANK[x.verdict] < RANK[y.verdict] end
  local a, b = math.sqrt(x.differ) * (x.sources - 0.5), math.sqrt(y.differ) * (y.sources - 0.5)
  if a ~= b then return a > b end
  if x.docs ~= y.docs then return x.docs > y.docs end
  if x.first.doc ~= y.first.doc then return x.first.doc < y.first.doc end
  return x.first.from < y.first.from
end

--- See ds.compare:groups.
---@param claims ds.claim[]
---@param opts? table
---@return ds.claim_group[]
return function(claims, opts)
  opts = opts or {}
  for name in pairs(opts) do
    names.check("compare:groups: unknown option", name, known)
  end
  opts = { docs = opts.docs or 2, within = opts.within or 1.5, odds = opts.odds or 10 }
  local sorted = table.move(claims, 1, #claims, 1, {})
  table.sort(sorted, function(x, y)
    if x.doc ~= y.doc then return x.doc < y.doc end
    if x.from ~= y.from then return x.from < y.from end
    return x.to < y.to
  end)
  weigh(sorted, rarity(sorted))
  local by_unit, out = {}, {}
  for _, c in ipairs(sorted) do
    local key = (c.kind == "money" or c.kind == "number" and c.unit == "") and "money" or c.kind .. " " .. c.unit
    by_unit[key] = by_unit[key] or {}
    table.insert(by_unit[key], c)
  end
  for _, key in ipairs(order.keys(by_unit)) do
    for _, list in ipairs(join(by_unit[key], opts)) do
      local group = describe(list)
      if group.docs >= opts.docs then out[#out + 1] = group end
    end
  end
  table.sort(out, before)
  return out
end

-- mentions.lua: mentions of entities added up over articles: `tally` makes partial values of an article, `add` combines two,
-- whichever article they come from, and `sum` makes entities, forms and pairs of them all.

local order = require "ds.order"

local M = {}

-- Which rule counts when a form was found by several: the surest.
local RULES = { "alias", "list", "dotted", "part", "name", "ending", "model", "latin", "tagger" }
local RANK = {}
for i, rule in ipairs(RULES) do RANK[rule] = i end

-- ------------------------------------------------------------------ one article

--- Iterates the units of a document that names can stand together in.
local UNITS = {
  sentence = function(doc) return function(m) return doc:sentence_at(m.from) end end,
  article = function(doc)
    local whole = { from = 1, to = #doc.text }
    return function() return whole end
  end,
}
UNITS.paragraph = function(doc)
  local next_one = doc:paragraphs()
  local here = next_one()
  return function(m) -- mentions come from left to right
    while here and here.to < m.from do here = next_one() end
    return here
  end
end

--- The names that stand in each unit, sorted: { from, to, names } from left to right.
---@param doc ds.doc
---@param mentions ds.mention[] by their beginning
---@param unit "sentence"|"paragraph"|"article"
---@return {from: integer, to: integer, names: string[]}[]
function M.units(doc, mentions, unit)
  local unit_of, out, seen = UNITS[unit](doc), {}, {}
  for _, m in ipairs(mentions) do
    local u = unit_of(m)
    if u then
      local last = out[#out]
      if not last or last.from ~= u.from then
        last, seen = { from = u.from, to = u.to, names = {} }, {}
        out[#out + 1] = last
      end
      if not seen[m.name] then
        seen[m.name] = true
        table.insert(last.names, m.name)
      end
    end
  end
  for _, u in ipairs(out) do table.sort(u.names) end
  return out
end

local function tally_names(doc, mentions, parts, weight)
  local names = {}
  for _, m in ipairs(mentions) do
    local key = "n\t" .. m.name
    local t = parts[key]
    if not t then
      t = { n = 0, docs = weight, first = doc.date, types = {}, forms = {} }
      parts[key], names[#names + 1] = t, m.name
    end
    t.n, t.types[m.type] = t.n + weight, (t.types[m.type] or 0) + weight
    local form = t.forms[m.text] or { n = 0, docs = weight, rule = RANK[m.rule] }
    form.n, form.rule = form.n + weight, math.min(form.rule, RANK[m.rule])
    t.forms[m.text] = form
  end
  table.sort(names)
  return names
end

--- The partial values of an article: key to value, for ctx:add.
---@param finder ds.entities
---@param doc ds.doc
---@param mentions ds.mention[]
---@param unit "sentence"|"paragraph"|"article" what stands in one of these is a pair
---@param weight? number of the article, ctx:weight(); 1 unless told
---@return table<string, table>
function M.tally(finder, doc, mentions, unit, weight)
  local parts = {}
  weight = weight or 1
  local names = tally_names(doc, mentions, parts, weight)
  for _, list in ipairs(finder:alike(names)) do parts["s\t" .. table.concat(list, "\t")] = { n = weight } end
  for _, u in ipairs(M.units(doc, mentions, unit)) do
    for i, a in ipairs(u.names) do
      for k = i + 1, #u.names do
        local key = "p\t" .. a .. "\t" .. u.names[k]
        local pair = parts[key] or { n = 0, docs = weight, doc = doc.id, from = u.from, to = u.to }
        parts[key], pair.n = pair, pair.n + weight
      end
    end
  end
  return parts
end

-- ------------------------------------------------------------------ adding up

local function add_counts(into, from)
  for key, n in pairs(from) do into[key] = (into[key] or 0) + n end
end

local function add_forms(into, from)
  for text, f in pairs(from) do
    local old = into[text]
    into[text] = old and { n = old.n + f.n, docs = old.docs + f.docs, rule = math.min(old.rule, f.rule) } or f
  end
end

--- Two partial values of one key as one.
---@param a table is changed and returned
---@param b table
---@return table
function M.add(a, b)
  if a.doc and (b.doc < a.doc or (b.doc == a.doc and b.from < a.from)) then a.doc, a.from, a.to = b.doc, b.from, b.to end
  a.n, a.docs = a.n + b.n, a.docs and a.docs + b.docs
  if b.first and (not a.first or b.first < a.first) then a.first = b.first end
  if a.types then
    add_counts(a.types, b.types)
    add_forms(a.forms, b.forms)
  end
  return a
end

local function split(s)
  local list = {}
  for part in (s .. "\t"):gmatch("(.-)\t") do list[#list + 1] = part end
  return list
end

--- What partial values say: sums by name with who stands near, pairs, and lists of names that met in one article.
local function read(totals)
  local sums, by_name, pairs_found, met = {}, {}, {}, {}
  for key, t in totals do
    local kind, rest = key:match("^([nps])\t(.*)$")
    if kind == "n" then
      by_name[rest] = { name = rest, types = t.types, forms = t.forms, near = {}, n = t.n, docs = t.docs, first = t.first }
      sums[#sums + 1] = by_name[rest]
    elseif kind == "p" then
      local names = split(rest)
      pairs_found[#pairs_found + 1] = { a = names[1], b = names[2], t = t }
    elseif kind == "s" then
      met[#met + 1] = { names = split(rest), n = t.n }
    end
  end
  for _, p in ipairs(pairs_found) do
    by_name[p.a].near[p.b], by_name[p.b].near[p.a] = p.t.n, p.t.n
  end
  return sums, by_name, pairs_found, met
end

--- An article that has several names of one entity is one article.
local function count_once(entities, canonical, met)
  for _, m in ipairs(met) do
    local times = {}
    for _, name in ipairs(m.names) do times[canonical[name]] = (times[canonical[name]] or 0) + 1 end
    for head, n in pairs(times) do entities[head].docs = entities[head].docs - (n - 1) * m.n end
  end
end

local function join_pairs(pairs_found, canonical)
  local joined = {}
  for _, p in ipairs(pairs_found) do
    local a, b = canonical[p.a], canonical[p.b]
    if b < a then a, b = b, a end
    if a ~= b then
      local key = a .. "\t" .. b
      joined[key] = joined[key] and M.add(joined[key], p.t)
        or { a = a, b = b, n = p.t.n, docs = p.t.docs, doc = p.t.doc, from = p.t.from, to = p.t.to }
    end
  end
  local list = {}
  for _, key in ipairs(order.keys(joined)) do list[#list + 1] = joined[key] end
  table.sort(list, function(x, y)
    if x.n ~= y.n then return x.n > y.n end
    return x.a < y.a or (x.a == y.a and x.b < y.b)
  end)
  return list
end

--- The forms of an entity, the most frequent first, each with how it came to it.
local function forms_of(finder, entity, by_name)
  local list, by_text = {}, {}
  local function add(sum, how, why)
    for _, text in ipairs(order.keys(sum.forms)) do
      local f, row = sum.forms[text], by_text[text]
      if row then -- R1: in one article a part of DeepSeek-R1, in another alone
        row.n, row.docs, row.because = row.n + f.n, row.docs + f.docs, row.because or why
      else
        row = { form = text, n = f.n, docs = f.docs, how = how or finder:how(text, sum.name, RULES[f.rule]), because = why, rule = RULES[f.rule] }
        by_text[text], list[#list + 1] = row, row
      end
    end
  end
  add(by_name[entity.name])
  for _, m in ipairs(entity.members) do add(by_name[m.name], m.how, m.because) end
  table.sort(list, function(x, y)
    if x.n ~= y.n then return x.n > y.n end
    return x.form < y.form
  end)
  return list
end

---@class ds.entity.row
---@field name string
---@field type string
---@field n integer mentions
---@field docs integer articles
---@field first string? earliest date of these
---@field listed boolean
---@field forms {form: string, n: integer, docs: integer, how: string, because: string?, rule: string}[]

--- Entities, the most frequent first, and pairs that stand together, likewise, of all partial values.
---@param finder ds.entities
---@param totals fun(): string, table as ctx:totals() gives them
---@return ds.entity.row[] entities
---@return {a: string, b: string, n: integer, docs: integer, doc: string, from: integer, to: integer}[] pairs
---@return table<string, string> canonical from the name of a mention to that of its entity
function M.sum(finder, totals)
  local sums, by_name, pairs_found, met = read(totals)
  local merged, canonical = finder:merge(sums)
  local entities = {}
  for i, e in ipairs(merged) do
    local row = { name = e.name, type = e.type, listed = e.listed, n = 0, docs = 0, forms = forms_of(finder, e, by_name) }
    merged[i], entities[e.name] = row, row
  end
  for _, sum in ipairs(sums) do
    local e = entities[canonical[sum.name]]
    e.n, e.docs = e.n + sum.n, e.docs + sum.docs
    if sum.first and (not e.first or sum.first < e.first) then e.first = sum.first end
  end
  count_once(entities, canonical, met)
  table.sort(merged, function(x, y)
    if x.n ~= y.n then return x.n > y.n end
    return x.name < y.name
  end)
  return merged, join_pairs(pairs_found, canonical), canonical
end

return M

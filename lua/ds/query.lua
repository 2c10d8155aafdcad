-- query.lua: corpus:query(text), its hits, and corpus:freq.
--
-- The language is in doc/QUERY.md.  Stores are asked through their index; what of a corpus is no store is first made
-- one, in a temporary file that goes with the corpus: worth it for some megabytes, for more `dsrun build` does it once.

local colon = require "ds.colon"
local date = require "ds.date"
local lexicon = require "ds.lexicon"
local names = require "ds.names"
local query_c = require "ds.c.query"
local store = require "ds.store"
local utf8c = require "ds.c.utf8"
local where = require "ds.where"

local M = {}

---@class ds.hits
local Hits = {}
local meta = { __name = "ds.hits", __index = Hits }
local own = setmetatable({}, { __mode = "k" })

local function live(self)
  local o = own[self]
  if not o then error("attempt to use a closed ds.hits", 3) end
  if rawget(o.corpus, "closed") then error("attempt to use the hits of a closed ds.corpus", 3) end
  return o
end

-- Raises for options that there are none of.
local function check_options(what, opts, known)
  for name in pairs(opts) do names.check(what .. ": unknown option", name, known, 4) end
  return opts
end

-- ------------------------------------------------------------------ stores

-- A temporary store of what is no store; it goes with the corpus.
local function make_store(corpus, loose)
  local path = query_c.temporary()
  local w, message = store.create(path, { level = 1, segmenter = corpus.segmenter })
  if not w then return nil, message end
  for d in loose do
    local done
    done, message = w:add(d)
    if not done then break end
    message = nil
  end
  local done = not message
  if done then done, message = w:commit() end
  w:close()
  local s
  if done then s, message = store.open(path) end
  os.remove(path) -- open files stay readable
  return s, message
end

-- The stores of a corpus, in the order of its files.
local function stores_of(corpus)
  local list, seen = {}, {}
  for _, item in ipairs(corpus.items) do
    local s = item.part and corpus.stores[item.path]
    if s and not seen[s] then seen[s], list[#list + 1] = true, s end
  end
  local loose = require "ds.corpus".loose(corpus)
  if loose and not corpus.made then
    local s, message = make_store(corpus, loose)
    if not s then return nil, message end
    corpus.made = s
  end
  list[#list + 1] = corpus.made
  return list
end

-- Calls fn(store, segment, docs) for each segment of all stores.
local function each_segment(stores, fn)
  for i, s in ipairs(stores) do
    for k, segment in ipairs(s:info().segments) do fn(s, k, segment.docs, i) end
  end
end

-- ------------------------------------------------------------------ articles

-- An article as conditions see it: fields from its row; the script from its text when it is asked for.
function M.article(s, segment, number)
  local row, message = s:row(segment, number)
  if not row then error(message, 0) end
  local d = { id = row.id, title = row.title, date = row.date, source_name = row.source, author = row.author,
    meta = row.meta or {} }
  return setmetatable(d, { __index = function(_, name)
    if name == "text" then return (s:text(segment, number)) end
    if name == "script" then return (utf8c.script(s:text(segment, number) or "")) end
  end })
end

-- The fields that are columns of their own in an article's row, by what they are called in conditions; others are in meta.
local COLUMNS = { id = "id", title = "title", date = "date", source = "source", author = "author" }

-- A number from ds.c.query as the date that is written so.
local function date_string(v)
  local y, m, d = v // 10000, v // 100 % 100, v % 100
  if m == 0 then return ("%04d"):format(y) end
  return d == 0 and ("%04d-%02d"):format(y, m) or ("%04d-%02d-%02d"):format(y, m, d)
end

-- A field of all articles: numbers by segment, and the values that they stand for; raises for damaged stores.
local function column(stores, field)
  local numbers, values = query_c.column(stores, COLUMNS[field] or field, not COLUMNS[field])
  if not numbers then error(values, 0) end
  if field == "date" then
    for i = 1, #values do
      if math.type(values[i]) == "integer" then values[i] = date_string(values[i]) end
    end
  end
  return { numbers = numbers, values = values }
end

-- For each number of a column whether a test holds: "\0" or "\1".
local function truth_of(test, col)
  local d, truth = { meta = {} }, {}
  local holder, name = d.meta, test.field
  if COLUMNS[name] then holder, name = d, name == "source" and "source_name" or name end
  for i = 0, #col.values do
    holder[name] = col.values[i]
    truth[i + 1] = test.holds(d) and "\1" or "\0"
  end
  return table.concat(truth)
end

-- The bits of the articles that a function of them keeps, a string a segment.
local function chosen_one_by_one(stores, keep)
  local docs = {}
  each_segment(stores, function(s, segment, n)
    local bytes = {}
    for first = 1, n, 8 do
      local byte = 0
      for k = 0, math.min(7, n - first) do
        if not s:deleted(segment, first + k) and keep(M.article(s, segment, first + k)) then byte = byte + 2 ^ k end
      end
      bytes[#bytes + 1] = string.char(math.floor(byte))
    end
    docs[#docs + 1] = table.concat(bytes)
  end)
  return docs
end

local TESTS_MAX = 64
local OPS = { ["and"] = string.char(TESTS_MAX), ["or"] = string.char(TESTS_MAX + 1), ["not"] = string.char(TESTS_MAX + 2) }

-- A tree of tests, each part behind its parts; tests as they come are added to the list.
local function postfix(node, tests)
  if node.field then
    tests[#tests + 1] = node
    return string.char((#tests - 1) % TESTS_MAX)
  end
  local code = { postfix(node[1], tests), node.op == "not" and OPS["not"] or "" }
  for i = 2, #node do code[#code + 1] = postfix(node[i], tests) .. OPS[node.op] end
  return table.concat(code)
end

-- The bits of the articles for which the condition holds.  A test is asked once for each value that there is of its field; a
-- condition that looks into texts or nested metadata, article by article.
local function chosen_docs(stores, condition)
  local keep, named, tree = where.compile(condition)
  if not keep then return nil, named end
  for _, name in ipairs(named) do
    if name == "script" or name:find(".", 1, true) then return chosen_one_by_one(stores, keep) end
  end
  local tests, known, numbers, truths = {}, {}, {}, {}
  local program = postfix(tree, tests)
  if #tests > TESTS_MAX then return chosen_one_by_one(stores, keep) end
  for i, test in ipairs(tests) do
    known[test.field] = known[test.field] or column(stores, test.field)
    numbers[i], truths[i] = known[test.field].numbers, truth_of(test, known[test.field])
  end
  return query_c.select(stores, program, numbers, truths)
end

-- ------------------------------------------------------------------ labels

local UNITS = { day = true, week = true, month = true, year = true }

-- Numbers for the different names that articles have, in the order of the names; "" where there is none.
local function label(col, name_of)
  local names, list, of = { [0] = "" }, {}, {}
  for i, v in ipairs(col.values) do names[i] = name_of(v) end
  for i = 0, #col.values do
    if not of[names[i]] then of[names[i]], list[#list + 1] = true, names[i] end
  end
  table.sort(list)
  for i, name in ipairs(list) do of[name] = string.pack("<I4", i - 1) end
  local map = {}
  for i = 0, #col.values do map[i + 1] = of[names[i]] end
  return { labels = query_c.relabel(col.numbers, table.concat(map)), names = list }
end

-- What the texts of all articles say of themselves.
local function script_column(stores)
  local numbers, values, of = {}, {}, {}
  each_segment(stores, function(s, segment, n)
    local row = {}
    for k = 1, n do
      local v = M.article(s, segment, k).script
      if not of[v] then of[v], values[#values + 1] = #values + 1, v end
      row[k] = string.pack("<I4", of[v])
    end
    numbers[#numbers + 1] = table.concat(row)
  end)
  return { numbers = numbers, values = values }
end

local function written(v)
  if type(v) ~= "table" then return tostring(v) end
  local items = {}
  for i, item in ipairs(v) do items[i] = type(item) == "table" and "{}" or tostring(item) end
  return table.concat(items, ", ")
end

-- What the articles are called by a field or a unit of their dates; worked out once.
local function labels(o, field)
  local known = o.labels[field]
  if known then return known end
  if UNITS[field] then
    known = label(column(o.stores, "date"), function(v) return date.bucket(v, field) or "" end)
  else
    known = label(field == "script" and script_column(o.stores) or column(o.stores, field), written)
  end
  o.labels[field] = known
  return known
end

-- ------------------------------------------------------------------ keys

local ATTRS = { word = true, key = true, pos = true, lemma = true, class = true }

-- "right1", "left2.pos", "node.word", "doc", "month", a field; "-" before it: falling.
local function parse_key(o, text, default)
  local falling, name, attr = text:match("^(%-?)([%a_][%w_]*)%.?(%a*)$")
  if not name then error(("hits: '%s' is no key; write right1, left1, node, doc, a field or a unit of dates"):format(text), 4) end
  local side, n = name:match("^(%a+)(%d+)$")
  if side == "left" or side == "right" or name == "node" or ATTRS[name] then
    if ATTRS[name] then name, attr = "node", name end
    if attr == "" then attr = default end
    if not ATTRS[attr] then error(("hits: '%s' is no attribute of a token; there are word, key, pos, lemma, class"):format(attr), 4) end
    return { by = n and side or "node", n = tonumber(n), attr = attr, falling = falling == "-" }
  end
  if attr ~= "" then error(("hits: '%s': only left, right and node have attributes of tokens"):format(text), 4) end
  if name == "doc" then return { by = "doc", falling = falling == "-" } end
  local l = labels(o, name)
  return { by = "label", labels = l.labels, label_count = math.max(1, #l.names), names = l.names, falling = falling == "-" }
end

local function parse_keys(o, keys)
  local list = {}
  for key in (type(keys) == "table" and table.concat(keys, ",") or tostring(keys)):gmatch("[^,%s]+") do
    list[#list + 1] = parse_key(o, key, "key")
  end
  return list
end

-- ------------------------------------------------------------------ hits

-- All hits are found, in the order that was asked for.
local function fill(o, n)
  local have, partial, detail = o.query:fill(n)
  if not have then error(partial, 0) end
  o.partial = o.partial or partial == true
  return have, detail
end

--- How many hits there are.  Until hits have been looked at they are counted without being found one by one.
---@return integer n
---@return boolean partial the search was stopped: there may be more
function Hits:count()
  local o = live(self)
  local n, partial = o.query:count()
  if not n then error(partial, 2) end
  o.partial = o.partial or partial
  return n, partial
end

--- Whether the search was stopped (see `timeout`): what there is, is not all.
---@return boolean
function Hits:partial() return live(self).partial end

--- Sorts by several keys, the first one first: left1, right1, right2 … (tokens beside the hit, by their keys; left1.word,
--- right1.pos … by what is named), node, doc, day, week, month, year, source, author, title, or a field of the articles'
--- metadata.  A "-" before a key: falling.  Equal hits stay in the order of the text.
---@param keys string|string[] comma or blank between them
---@return ds.hits self
function Hits:sort(keys)
  local o = live(self)
  local list = parse_keys(o, keys)
  fill(o)
  local done, message = o.query:sort(list)
  if not done then error(message, 2) end
  return self
end

--- Keeps n hits, drawn by a seed: the same ones for the same hits.
---@param n integer
---@param seed? integer
---@return ds.hits self
function Hits:sample(n, seed)
  local o = live(self)
  if math.type(n) ~= "integer" or n < 0 then error("hits:sample: a number of hits is wanted", 2) end
  fill(o)
  o.query:sample(n, seed)
  return self
end

-- The article of a hit, its row read once while hits of the same one follow each other.
local function article_of(o, s, segment, number)
  local last = o.last
  if last.s ~= s or last.segment ~= segment or last.number ~= number then
    o.last = { s = s, segment = segment, number = number, article = M.article(o.stores[s], segment, number) }
  end
  return o.last.article
end

local function record(o, i)
  local s, segment, number, from, to = o.query:at(i)
  if not s then error(segment, 0) end
  local d = article_of(o, s, segment, number)
  return { doc = d.id, date = d.date, source = d.source_name, title = d.title, from = from, to = to }
end

local KWIC = { "size", "unit", "from", "n", "sort", "sample", "seed", "left", "right" }

-- So many characters from the end, or the beginning, of a text.
local function cut(text, n, from_end)
  if n == 0 then return "" end
  if from_end then return text:sub(utf8.offset(text, -n) or 1) end
  local behind = utf8.offset(text, n + 1)
  return behind and text:sub(1, behind - 1) or text
end

local function line(o, i, left, right, unit)
  local r = record(o, i)
  local captures
  r.left, r.node, r.right, captures = o.query:line(i, left, right)
  if not r.left then error(r.node, 0) end
  if unit == "chars" then r.left, r.right = cut(r.left, left, true), cut(r.right, right, false) end
  if captures then
    r.captures = {}
    for k = 1, #captures, 3 do r.captures[captures[k]] = { from = captures[k + 1], to = captures[k + 2] } end
  end
  return r
end

--- A page of the concordance: hits with what stands on either side.
---@param opts? {size: integer?, left: integer?, right: integer?, unit: "words"|"chars"|nil, from: integer?, n: integer?, sort: string|string[]|nil, sample: integer?, seed: integer?} size: of the context on either side, 5 unless told (left, right: of one side); unit: what it counts; from: the first hit shown, 1; n: how many, 25; sort, sample, seed: as the methods
---@return {doc: string, date: string?, source: string?, title: string?, from: integer, to: integer, left: string, node: string, right: string, captures: table<string, {from: integer, to: integer}>?}[] lines from, to: bytes of the article's text
function Hits:kwic(opts)
  local o = live(self)
  opts = check_options("hits:kwic", opts or {}, KWIC)
  local size = opts.size or 5
  local left, right = opts.left or size, opts.right or size
  if opts.unit ~= nil and opts.unit ~= "words" and opts.unit ~= "chars" then
    error(("hits:kwic: unit is 'words' or 'chars', not '%s'"):format(tostring(opts.unit)), 2)
  end
  if opts.sample then self:sample(opts.sample, opts.seed) end
  if opts.sort then self:sort(opts.sort) end
  local first, n, lines = opts.from or 1, opts.n or 25, {}
  fill(o, first + n - 1)
  for i = first, math.min(first + n - 1, o.query:shown()) do lines[#lines + 1] = line(o, i, left, right, opts.unit) end
  return lines
end

--- Iterates the hits in their order.
---@return fun(): {doc: string, date: string?, source: string?, title: string?, from: integer, to: integer}?
function Hits:each()
  local i, have = 0, 0
  live(self)
  return function()
    local o = live(self) -- so that the hits live as long as the loop
    i = i + 1
    if i > have then have = math.min(fill(o, i + 1000), o.query:shown()) end
    if i > have then return nil end
    return record(o, i)
  end
end

-- Names that a group by labels has.
local function named(flat, step, name_of)
  local list = {}
  for i = 1, #flat, step do list[#list + 1] = { name = name_of(i), n = flat[i + step - 1] } end
  return list
end

--- Counts hits by what they have in common, the largest group first.
---@param by string word, key, pos, lemma, class (of the hit's own tokens), left1, right1.pos …, doc, day, week, month, year, source, author, title, or a field of the articles' metadata
---@return {name: string, n: integer}[] groups "": hits without it
---@return integer total
function Hits:group(by)
  local o = live(self)
  if type(by) ~= "string" then error("hits:group: by what? A string is wanted, such as \"month\"", 2) end
  local key = parse_key(o, by, "key")
  fill(o)
  local flat, total = o.query:group(key)
  if not flat then error(total, 2) end
  if key.by == "label" then return named(flat, 2, function(i) return key.names[flat[i] + 1] end), total end
  if key.by == "doc" then
    return named(flat, 4, function(i) return M.article(o.stores[flat[i]], flat[i + 1], flat[i + 2]).id end), total
  end
  return named(flat, 2, function(i) return flat[i] end), total
end

--- The plan of the search, in words: the elements, how rare they are, where it begins.
---@return string
function Hits:explain() return live(self).query:explain() end

--- Gives up what the hits hold; later use raises.
function Hits:close()
  local o = own[self]
  own[self] = nil
  if o then o.query:close() end
end

meta.__close, meta.__gc = Hits.close, Hits.close
function meta.__tostring(self) return own[self] and ("ds.hits (%s)"):format(own[self].text) or "ds.hits (closed)" end
colon(Hits, "hits", meta)

-- ------------------------------------------------------------------ making them

local function fold(s) return (utf8c.fold(s)) end

-- The ways to write the entities that a query names, from the alias list: an entity is called by any of its names.
local function forms_of(text, aliases)
  local wanted, message, detail = query_c.entities(text)
  if not wanted then return nil, message, detail end
  if #wanted == 0 then return {} end
  local canonical, of = {}, {}
  for _, row in ipairs(lexicon.aliases(aliases)) do
    canonical[fold(row.alias)], canonical[fold(row.name)] = row.name, row.name
    of[row.name] = of[row.name] or { row.name }
    table.insert(of[row.name], row.alias)
  end
  local forms = {}
  for _, name in ipairs(wanted) do forms[name] = of[canonical[name]] end
  return forms
end

local QUERY = { "where", "aliases", "overlap", "timeout" }

--- What is looked for: see doc/QUERY.md.
---@param corpus ds.corpus
---@param text string
---@param opts? table
function M.new(corpus, text, opts)
  if type(text) ~= "string" then error("corpus:query: a query (a string) is wanted", 3) end
  opts = check_options("corpus:query", opts or {}, QUERY)
  local forms, message, detail = forms_of(text, opts.aliases)
  if not forms then return nil, message, detail end
  local stores, docs
  stores, message = stores_of(corpus)
  if not stores then return nil, message end
  if opts.where then
    docs, message = chosen_docs(stores, opts.where)
    if not docs then return nil, message end
  end
  local q
  q, message, detail = query_c.new(stores, text, { forms = forms, docs = docs, overlap = opts.overlap, timeout = opts.timeout })
  if not q then return nil, message, detail end
  local hits = setmetatable({}, meta)
  own[hits] = { query = q, stores = stores, corpus = corpus, text = text, labels = {}, last = {}, partial = false }
  return hits
end

local FREQ = { "by", "query", "where" }

--- Frequencies over the corpus.
---@param corpus ds.corpus
---@param opts? table
function M.freq(corpus, opts)
  opts = check_options("corpus:freq", opts or {}, FREQ)
  local by = opts.by or "key"
  if not ATTRS[by] then error(("corpus:freq: by is word, key, pos, lemma or class, not '%s'"):format(tostring(by)), 3) end
  local text = opts.query or '[class!="punct"]'
  local hits, message, detail = M.new(corpus, text, { where = opts.where })
  if not hits then return nil, message, detail end
  local o = own[hits]
  local flat, total
  flat, total, detail = query_c.freq(o.stores, by, o.query)
  hits:close()
  if not flat then return nil, total, detail end
  local list = {}
  for i = 1, #flat, 2 do list[#list + 1] = { [by] = flat[i], n = flat[i + 1] } end
  return list, total
end

return M

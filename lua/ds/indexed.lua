-- indexed.lua: the articles of stores, counted through their index without being read: corpus:indexed().
--
-- What it gives is what reading the articles gives, and it is there only where that is so: every article is in a store,
-- none has brought its own words, no --user-dict cuts them anew, and ids do not repeat in several stores.

local colon = require "ds.colon"
local env = require "ds.env"
local inputs = require "ds.inputs"
local names = require "ds.names"
local query = require "ds.query"
local tally_m = require "ds.tally"
local where = require "ds.where"
local words_c = require "ds.c.words"

local M = {}

local NONE <const> = 0xFFFFFFFF -- the label of an article that does not count

---@class ds.indexed
local Indexed = {}
local meta = { __name = "ds.indexed", __index = Indexed }

-- ------------------------------------------------------------------ which articles

-- The stores of a corpus; nil and why when it has other articles.
local function stores_of(corpus)
  local list, seen = {}, {}
  if #corpus.missing > 0 then return nil, "not all of the corpus can be opened" end
  if corpus.recut then return nil, "the words are to be found anew" end
  for _, item in ipairs(corpus.items) do
    local s = item.part and corpus.stores[item.path]
    if not s then return nil, "some articles are in no store" end
    if not seen[s] then seen[s], list[#list + 1] = true, s end
  end
  if #list == 0 then return nil, "there are no stores" end
  local plain, message = words_c.plain(list)
  if plain == nil then return nil, message end
  return plain and list or nil, "some articles have brought their own words"
end

-- Calls fn(article, segment, number) for what is not deleted; segments are counted over all stores.
local function each_article(stores, fn)
  local at = 0
  for _, s in ipairs(stores) do
    for segment, about in ipairs(s:info().segments) do
      at = at + 1
      for number = 1, about.docs do
        if not s:deleted(segment, number) then fn(query.article(s, segment, number), at, number) end
      end
    end
  end
end

-- Whether an id stands in two of the stores; reading would give the second one another.
local function ids_repeat(stores)
  local seen, twice = {}, false
  if #stores == 1 then return false end
  each_article(stores, function(a) twice, seen[a.id] = twice or seen[a.id] ~= nil, true end)
  return twice
end

-- What passes, by segment and number.
local function sift(self, passes)
  self.chosen = {}
  each_article(self.stores, function(a, segment, number)
    self.chosen[segment] = self.chosen[segment] or {}
    self.chosen[segment][number] = passes(a) == true
  end)
end

--- The articles of a corpus that is all stores.
---@param corpus ds.corpus
---@param passes (fun(a: table): boolean)? which count
---@param all boolean? the others, too; groups tell them apart
---@return ds.indexed?
---@return string? why not
function M.open(corpus, passes, all)
  local stores, why = stores_of(corpus)
  if not stores then return nil, why end
  local fine, self = pcall(function()
    if ids_repeat(stores) then return nil end
    local o = setmetatable({ stores = stores, corpus = corpus, all = all, skipped = {} }, meta)
    if passes then sift(o, passes) end
    return o
  end)
  if not fine then return nil, tostring(self) end -- a row cannot be read
  return self, not self and "an id is in two stores" or nil
end

-- ------------------------------------------------------------------ groups

-- The label of each article, packed by segment, and the names of the groups; nil when all are in one.
local function labels_of(self, group)
  if not group and (not self.chosen or self.all) then return nil, {} end
  local rows, list, number = {}, {}, {}
  local function label(a, segment, n)
    local chosen = self.chosen and self.chosen[segment][n]
    if self.chosen and not chosen and not self.all then return NONE end
    if not group then return 0 end
    local name, reason = group(a, chosen)
    if reason then self.skipped[reason] = (self.skipped[reason] or 0) + 1 end
    if name == nil then return NONE end
    if not number[name] then list[#list + 1], number[name] = name, #list end
    return number[name]
  end
  local at = 0
  for _, s in ipairs(self.stores) do
    for _, about in ipairs(s:info().segments) do
      at = at + 1
      rows[at] = {}
      for n = 1, about.docs do rows[at][n] = "\xFF\xFF\xFF\xFF" end
    end
  end
  each_article(self.stores, function(a, segment, n) rows[segment][n] = ("<I4"):pack(label(a, segment, n)) end)
  for i, row in ipairs(rows) do rows[i] = table.concat(row) end
  return rows, list
end

-- What a call of the binding gave.  Damage is noted: reading may get further.
local function checked(self, result, message)
  if not result then self.damaged = message or true end
  return result
end

-- The steps of an iterator of the binding; what cannot be read ends them with an error that the runner knows.
local function guarded(self, step)
  return function()
    local found = table.pack(pcall(step))
    if not found[1] then
      self.damaged = tostring(found[2])
      error(found[2], 0)
    end
    return table.unpack(found, 2, found.n)
  end
end

local function check_options(what, opts, known)
  for name in pairs(opts) do names.check("articles:" .. what .. ": unknown option", name, known, 4) end
  return opts
end

-- ------------------------------------------------------------------ words

-- The parts of speech that a Lua pattern allows; nil: all.
local function tags_like(self, pos)
  if not pos then return nil end
  local set = {}
  for _, tag in ipairs(words_c.tags(self.stores) or {}) do
    if tag:find("^" .. pos .. "$") then set[tag] = true end
  end
  return set
end

--- How often each word stands in each group, and in how many articles: what doc:freq gives, added up.
---@param opts? {by: "key"|"word"|nil, pos: string?, class: string?, group: (fun(a: table, chosen: boolean?): string?, string?)?} by, pos, class: as in doc:freq; group: the name of an article's group (a: its fields; chosen: whether `where` holds), nil to leave it out, and why
---@return (fun(): {word: string, group: string?, n: integer, docs: integer, pos: string}?)? rows in no order; pos: the first by bytes of what its first occurrence in each article has; nil: the index cannot be read
---@return {group: string?, n: integer, docs: integer}[]? totals
function Indexed:frequencies(opts)
  opts = check_options("frequencies", opts or {}, { "by", "pos", "class", "group" })
  local labels, groups = labels_of(self, opts.group)
  local counts = checked(self, words_c.counts(self.stores, { by = opts.by, class = opts.class, tags = tags_like(self, opts.pos),
    labels = labels, groups = #groups }))
  if not counts then return nil end
  local totals = {}
  for i = 1, opts.group and #groups or 1 do
    local n, docs = counts:total(i)
    totals[i] = { group = groups[i], n = n, docs = docs }
  end
  local step = counts:each()
  return function()
    local word, g, n, docs, pos = step()
    return word and { word = word, group = groups[g], n = n, docs = docs, pos = pos } or nil
  end, totals
end

--- Sequences of words or characters in each group, as the plugin ngrams counts them: folded, not over punctuation and line
--- ends.
---@param opts {size: integer, unit: "words"|"chars"|nil, min: integer?, group: (fun(a: table, chosen: boolean?): string?, string?)?} min: occurrences in a group, at least; group: as in frequencies
---@return (fun(): {ngram: string, group: string?, n: integer, docs: integer}?)? rows in no order; nil: the index cannot be read
---@return {group: string?, total: integer, articles: integer, different: integer}[]? totals
function Indexed:ngrams(opts)
  check_options("ngrams", opts, { "size", "unit", "min", "group" })
  local labels, groups = labels_of(self, opts.group)
  local found = checked(self, words_c.ngrams(self.stores, { size = opts.size, chars = opts.unit == "chars", labels = labels,
    groups = #groups }))
  if not found then return nil end
  local totals = {}
  for i = 1, opts.group and #groups or 1 do
    local total, articles, different = found:total(i)
    totals[i] = { group = groups[i], total = total, articles = articles, different = different }
  end
  local step = found:each(opts.min)
  return function()
    local text, g, n, docs = step()
    return text and { ngram = text, group = groups[g], n = n, docs = docs } or nil
  end, totals
end

-- ------------------------------------------------------------------ places

-- The places of a concordance, where the index finds the same ones.
local function places_of(self, concordance)
  local text, whole = concordance:plain()
  if not text then return nil end
  return (words_c.places(self.stores, { text = text, whole_words = whole, labels = (labels_of(self)) }))
end

--- The lines of a concordance, article by article, as concordance:lines gives them.
---@param concordance ds.concordance
---@param opts {size: integer, unit: "words"|"chars"|nil, reach: integer?} as in concordance:lines
---@return (fun(): table?, ds.concordance.line[]?)? next an article's fields, its lines; nil: they have to be read
function Indexed:lines(concordance, opts)
  check_options("lines", opts, { "size", "unit", "reach" })
  local p = places_of(self, concordance)
  if not p then return nil end
  local i, n = 1, p:count()
  local function line(k)
    local from, to, left, node, right, before, behind = p:line(k, math.max(0, opts.size), opts.unit or "words", opts.reach or 0)
    if not from then error(to, 0) end
    return { from = from, to = to, left = left, node = node, right = right, before = before, behind = behind }
  end
  return guarded(self, function()
    if i > n then return nil end
    local s, segment, number = p:at(i)
    local a, lines = query.article(self.stores[s], segment, number), {}
    repeat
      lines[#lines + 1] = line(i)
      i = i + 1
      local s2, segment2, number2
      if i <= n then s2, segment2, number2 = p:at(i) end
    until s2 ~= s or segment2 ~= segment or number2 ~= number
    if self.seed then env.seed(self.seed, a.id) end
    return a, lines
  end)
end

--- What stands near the places of a concordance.
---@param concordance ds.concordance
---@param opts {left: integer?, right: integer?, min: integer?} left, right: words on either side, nil: the sentence; min: how often a word stands near, at least
---@return (fun(): {word: string, o: integer, c: integer, docs: integer, doc: string, from: integer, to: integer}?)? rows in no order: places near, in all, articles with such, the first of them by id and the bytes of node and word there; nil: the articles have to be read
---@return {found: integer, docs: integer, near: integer, words: integer}? totals
function Indexed:collocates(concordance, opts)
  check_options("collocates", opts, { "left", "right", "min" })
  local p = places_of(self, concordance)
  local found = p and checked(self, p:collocates { left = opts.left, right = opts.right })
  if not found then return nil end
  local n, docs = p:count()
  local near, words = found:totals()
  local step = guarded(self, found:each(opts.min))
  return function()
    local word, o, c, d, doc, from, to = step()
    return word and { word = word, o = o, c = c, docs = d, doc = doc, from = from, to = to } or nil
  end, { found = n, docs = docs, near = near, words = words }
end

colon(Indexed, "articles", meta)
function meta.__tostring(self) return ("ds.indexed (%d stores)"):format(#self.stores) end

-- ------------------------------------------------------------------ for scripts and runs

--- For corpus:indexed.
---@param corpus ds.corpus
---@param opts? {where: string?}
---@return ds.indexed?
---@return string?
function M.of_corpus(corpus, opts)
  opts = opts or {}
  for name in pairs(opts) do names.check("corpus:indexed: unknown option", name, { "where" }, 4) end
  local passes, message
  if opts.where ~= nil then
    passes, message = where.compile(opts.where)
    if not passes then return nil, message end
  end
  return M.open(corpus, passes)
end

-- Whether nothing of the run wants the articles themselves.
local function may_answer(run, corpus)
  local v = run.values
  return corpus ~= nil and run.plugin.hooks.index ~= nil and v.dedup == "off" and not run.digest and not run.manifest and
    not run.shuffle and next(corpus.stores) ~= nil
end

-- The articles with what --where says of them; counts them in `t` as reading would.
local function sifted(run, corpus, t)
  local all, passes = run.plugin.needs.all, run.values.where and inputs.sifter(run.values.where, t.sieve)
  local self = M.open(corpus, passes, all)
  if not self then return nil end
  for _, s in ipairs(self.stores) do
    for _, segment in ipairs(s:info().segments) do t.read = t.read + segment.docs - segment.deleted end
  end
  if passes then
    t.sieve.ended = true
    if not all then t.read = t.sieve.passed end
  end
  return self
end

-- The dates of the articles that count, which a page tells; reading notes them as it goes.
local function note_dates(self, t)
  each_article(self.stores, function(a, segment, number)
    if self.all or not self.chosen or self.chosen[segment][number] then tally_m.date(t, a.date) end
  end)
end

--- Lets a plugin's `index` answer for all articles of the run, where it can.
---@param worker ds.Mapper nothing has been mapped yet
---@param corpus ds.corpus?
---@return boolean done false: the articles are to be read
function M.answer(worker, corpus)
  local run, t = worker.run, worker.tally
  if not may_answer(run, corpus) then return false end
  local self = sifted(run, corpus, t)
  local fine, result = true, false
  if self then
    self.seed = run.values.seed
    fine, result = pcall(worker.call, worker, "index", {}, self, worker.ctx)
  end
  if fine and result then
    for reason, n in pairs(self.skipped) do tally_m.skip_many(t, reason, n) end
    if run.values.format == "html" then note_dates(self, t) end
    return true
  end
  t.read, t.sieve = 0, inputs.sieve() -- as if nothing had been asked: some of the words would look like all of them
  worker.totals.cells = {}
  if not fine and not self.damaged then error(result, 0) end
  return false
end

return M

-- reuse.lua: ds.reuse(opts), passages that articles share, and what they are.
--
-- core/reuse.h finds them; here they are put together to clusters, the same passage in all articles that have it, and judged:
--   boilerplate  what belongs to the page or the desk and not to the news: where ds.boilerplate says so; a passage that
--                one source prints at the edge of article after article; a formula that a great many articles have
--   names        a list of names, titles, numbers: nothing is said in it
--   content      all else
-- Spread is judged by cluster: that twenty sources print a wire story once makes it news, that one source prints a
-- paragraph under twenty stories makes it a footer.

local boilerplate = require "ds.boilerplate"
local colon = require "ds.colon"
local names = require "ds.names"
local core = require "ds.c.reuse"

---@class ds.reuse
local Reuse = {}

local meta = { __name = "ds.reuse", __index = Reuse }
function meta.__tostring(self) return ("ds.reuse (%d articles)"):format(#self._articles) end
function meta.__close(self) self._articles = {} end
meta.__gc = meta.__close

local OPTIONS = { "min", "segmenter" }

-- Letters that must be in common, unless told: in a larger corpus longer passages are alike by chance.  The length that
-- chance reaches grows with the logarithm of the number of pairs of places (Karlin and Altschul 1990), measured here in
-- letters of about 1.7 bits, those of text that repeats its phrases.
local LEAST <const>, SMALL <const>, PER_DOUBLING <const> = 14, 300000, 1.2

-- Spread that makes boilerplate.
local EDGE_ARTICLES <const>, EDGE_SHARE <const>, EDGE_REPEATS <const> = 3, 2 / 3, 2
local FORMULA_ARTICLES <const> = 20
local PART <const> = 0.3 -- of an article: what makes up more of it is no footer
-- Composition that makes a list of names.
local NAMED <const>, SAYING <const> = 0.5, 0.1
-- Of a list with marks between short items more words may be tagged as if they said something: 微软 is an adjective, too.
local ITEMS <const>, ITEM <const>, LISTED <const> = 4, 6, 0.25
local BETWEEN = { ["、"] = true, ["，"] = true, [","] = true, ["/"] = true, ["；"] = true }

local function check_options(opts)
  for name in pairs(opts) do names.check("ds.reuse: unknown option", name, OPTIONS, 3) end
  if opts.min ~= nil and (math.type(opts.min) ~= "integer" or opts.min < 1) then
    error("ds.reuse: min is a whole number above 0", 3)
  end
end

--- Makes a finder.
---@param opts? {min: integer?, segmenter: ds.segmenter?} min: Han characters in common, two letters or digits of an alphabet counting as one; 14 unless told, more in a corpus above 300 KB (16 in 1 MB, 20 in 10 MB, 24 in 100 MB); segmenter: the default one unless told
---@return ds.reuse? reuse
---@return string? message
local function new(opts)
  opts = opts or {}
  check_options(opts)
  local seg, message = opts.segmenter, nil
  if not seg then
    seg, message = require "ds.segmenter" {}
    if not seg then return nil, message end
  end
  return setmetatable({ _min = opts.min, _segmenter = seg, _articles = {} }, meta)
end

--- Adds an article: a document, or a table with these fields.
---@param article {id: string, text: string, date: string?, source_name: string?}
function Reuse:add(article)
  if type(article.id) ~= "string" or type(article.text) ~= "string" then error("reuse:add: id and text are strings", 2) end
  self._articles[#self._articles + 1] = { id = article.id, text = article.text, date = article.date,
    source = article.source_name }
end

-- ------------------------------------------------------------------ finding

-- The earliest first: what has no date comes last.
local function by_date(x, y)
  local dx, dy = x.date or "9", y.date or "9"
  if dx ~= dy then return dx < dy end
  return x.id < y.id
end

-- A passage in one article; `beg`, `fin` are letters, from 0, half-open.  The same object stands in all matches with it.
local function passage(passages, article, beg, fin)
  local own = passages[article]
  if not own then
    own = { at = {} }
    passages[article] = own
  end
  local key = beg * 0x100000000 + fin
  local p = own.at[key]
  if not p then
    p = { article = article, beg = beg, fin = fin }
    own.at[key], own[#own + 1] = p, p
  end
  return p
end

local function least_of(articles)
  local bytes = 0
  for _, a in ipairs(articles) do bytes = bytes + #a.text end
  return bytes <= SMALL and LEAST or LEAST + math.floor(PER_DOUBLING * math.log(bytes / SMALL, 2))
end

-- All matches, and the passages by number of the article.
local function find_matches(articles, min)
  local index = core.new { min = min }
  for _, a in ipairs(articles) do index:add(a.text) end
  index:build()
  local matches, passages = {}, {}
  for b = 1, #articles do
    for _, m in ipairs(index:find(b)) do
      matches[#matches + 1] = { a = passage(passages, m.a, m.a_beg, m.a_end), b = passage(passages, b, m.b_beg, m.b_end),
        common = m.common }
    end
  end
  for i, a in ipairs(articles) do a.size = index:size(i) end
  local memory = index:memory()
  index:close()
  return matches, passages, memory
end

-- ------------------------------------------------------------------ clusters

local function root(p)
  while p.parent do
    if p.parent.parent then p.parent = p.parent.parent end
    p = p.parent
  end
  return p
end

local function before(p, q)
  if p.article ~= q.article then return p.article < q.article end
  if p.beg ~= q.beg then return p.beg < q.beg end
  return p.fin < q.fin
end

local function unite(p, q)
  p, q = root(p), root(q)
  if p == q then return end
  if before(q, p) then p, q = q, p end
  q.parent = p
end

-- Passages of one article are the same when they overlap by half of the longer one.
local function unite_overlaps(list)
  table.sort(list, before)
  local open = {} -- one passage for each that is still going on
  for _, p in ipairs(list) do
    local kept, same = {}, false
    for _, q in ipairs(open) do
      local overlap = math.min(p.fin, q.fin) - p.beg
      if overlap > 0 then
        kept[#kept + 1] = q
        if 2 * overlap >= math.max(p.fin - p.beg, q.fin - q.beg) then
          unite(p, q)
          same = true
        end
      end
    end
    if not same then kept[#kept + 1] = p end
    open = kept
  end
end

-- Places in the text, for all passages of an article at once.
local function locate(article, list)
  local ranges = {}
  for i, p in ipairs(list) do ranges[2 * i - 1], ranges[2 * i] = p.beg, p.fin end
  local places = core.places(article.text, ranges)
  for i, p in ipairs(list) do p.from, p.to = places[2 * i - 1], places[2 * i] end
end

-- The clusters in the order of their earliest passages; passages by root.
local function gather(articles, passages)
  for i = 1, #articles do
    if passages[i] then unite_overlaps(passages[i]) end
  end
  local clusters = {}
  for i = 1, #articles do
    for _, p in ipairs(passages[i] or {}) do
      local top = root(p)
      local c = top.cluster
      if not c then
        c = { passages = {}, articles = 0, sources = 0, seen = {} }
        top.cluster, clusters[#clusters + 1] = c, c
      end
      c.passages[#c.passages + 1] = p
      local source = articles[i].source or "\0" .. articles[i].id
      if not c.seen[i] then c.articles, c.seen[i] = c.articles + 1, true end
      if not c.seen[source] then c.sources, c.seen[source] = c.sources + 1, true end
    end
    if passages[i] then locate(articles[i], passages[i]) end
  end
  for _, c in ipairs(clusters) do c.seen = nil end
  return clusters
end

-- ------------------------------------------------------------------ what a passage is

-- Whether half of the passage is what ds.boilerplate calls so, or all of it by its wording.
local function marked(article, p)
  if boilerplate.is_worded(article.text:sub(p.from, p.to)) then return true end
  article.boilerplate = article.boilerplate or boilerplate.find(article.text)
  local bytes = 0
  for _, s in ipairs(article.boilerplate) do
    bytes = bytes + math.max(0, math.min(s.to, p.to) - math.max(s.from, p.from) + 1)
  end
  return 2 * bytes >= p.to - p.from + 1
end

-- Whether it stands in the first or the last paragraph.
local function at_edge(article, p)
  if not article.last then
    article.first, article.last = article.text:find("\n", 1, true) or #article.text, 1
    for at in article.text:gmatch("\n()[^\n%s]") do article.last = at end
  end
  return p.from <= article.first or p.to >= article.last
end

local function is_part(article, p) return p.fin - p.beg < PART * article.size end

-- How many passages of a cluster fulfil a condition, as a share.
local function share(articles, cluster, holds)
  local n = 0
  for _, p in ipairs(cluster.passages) do
    if holds(articles[p.article], p) then n = n + 1 end
  end
  return n / #cluster.passages
end

local function is_boilerplate(articles, c)
  if share(articles, c, marked) >= 0.5 then return true end
  if c.articles < EDGE_ARTICLES or share(articles, c, is_part) < EDGE_SHARE then return false end
  if c.articles >= FORMULA_ARTICLES then return true end
  local unknown = c.sources == c.articles and not articles[c.passages[1].article].source
  return (unknown or c.articles >= EDGE_REPEATS * c.sources) and share(articles, c, at_edge) >= EDGE_SHARE
end

-- Tags of words that name, and of words without which nothing is said.
local NAMES = { nr = true, nrt = true, nrfg = true, ns = true, nt = true, nz = true, nx = true, m = true, mq = true, x = true, j = true }
local SAYS = { v = true, vi = true, vg = true, vq = true, vd = true, a = true, ad = true, d = true, p = true, r = true, rr = true,
  ul = true, uz = true, ug = true, ud = true, uv = true, y = true, i = true, l = true, z = true }

-- Verbs that join titles.
local JOINS = { ["兼"] = true, ["兼任"] = true, ["包括"] = true }

local function is_list_of_names(segmenter, text)
  local letters, named, words, saying, items = 0, 0, 0, 0, 1
  for t in segmenter:tokens(text) do
    if t.class == "punct" then
      if BETWEEN[t.word] then items = items + 1 end
    elseif t.class ~= "space" then
      local n = utf8.len(t.word) or #t.word
      letters, words = letters + n, words + 1
      if NAMES[t.pos] then named = named + n end
      if SAYS[t.pos] and not JOINS[t.key] then saying = saying + 1 end
    end
  end
  local most = items >= ITEMS and letters <= ITEM * items and LISTED or SAYING
  return saying == 0 or (named >= NAMED * letters and saying <= most * words)
end

local function judge(self, articles, clusters)
  for _, c in ipairs(clusters) do
    local p = c.passages[1]
    if is_boilerplate(articles, c) then c.kind = "boilerplate"
    elseif is_list_of_names(self._segmenter, articles[p.article].text:sub(p.from, p.to)) then c.kind = "names"
    else c.kind = "content" end
  end
end

-- ------------------------------------------------------------------ results

local ORDER = { content = 1, names = 2, boilerplate = 3 }

-- Content first, then what has spread furthest.
local function by_spread(x, y)
  if x.kind ~= y.kind then return ORDER[x.kind] < ORDER[y.kind] end
  if x.articles ~= y.articles then return x.articles > y.articles end
  local p, q = x.passages[1], y.passages[1]
  if p.fin - p.beg ~= q.fin - q.beg then return p.fin - p.beg > q.fin - q.beg end
  return before(p, q)
end

-- By id and place of the earlier article, then of the later one.
local function by_place(articles)
  return function(m, n)
    local x, y = articles[m.a.article].id, articles[n.a.article].id
    if x ~= y then return x < y end
    if m.a.from ~= n.a.from then return m.a.from < n.a.from end
    x, y = articles[m.b.article].id, articles[n.b.article].id
    if x ~= y then return x < y end
    if m.b.from ~= n.b.from then return m.b.from < n.b.from end
    return m.a.to < n.a.to or (m.a.to == n.a.to and m.b.to < n.b.to)
  end
end

local function pair_row(articles, m)
  local p, q, c = m.a, m.b, root(m.a).cluster
  local a, b = articles[p.article], articles[q.article]
  return { a = a.id, a_from = p.from, a_to = p.to, a_text = a.text:sub(p.from, p.to),
           b = b.id, b_from = q.from, b_to = q.to, b_text = b.text:sub(q.from, q.to), chars = m.common,
           similarity = 2 * m.common / (p.fin - p.beg + q.fin - q.beg), kind = c.kind, cluster = c.number }
end

-- Iterates the rows, made one by one: there may be millions.
local function each_pair(articles, matches)
  local i = 0
  return function()
    i = i + 1
    return matches[i] and pair_row(articles, matches[i])
  end
end

local function cluster_rows(articles, clusters)
  local rows = {}
  for i, c in ipairs(clusters) do
    local p = c.passages[1]
    local a = articles[p.article]
    rows[i] = { cluster = i, kind = c.kind, articles = c.articles, sources = c.sources, chars = p.fin - p.beg, doc = a.id,
                date = a.date, from = p.from, to = p.to, text = a.text:sub(p.from, p.to) }
  end
  return rows
end

-- How many letters the ranges cover together.
local function covered(ranges)
  local n, behind = 0, 0
  table.sort(ranges, function(x, y) return x.beg < y.beg or (x.beg == y.beg and x.fin < y.fin) end)
  for _, r in ipairs(ranges) do
    if r.fin > behind then n, behind = n + r.fin - math.max(r.beg, behind), r.fin end
  end
  return n
end

-- For each article with content of earlier ones how much of it, and whose most of all.
local function article_rows(articles, matches)
  local taken, rows = {}, {}
  for _, m in ipairs(matches) do
    if root(m.a).cluster.kind == "content" then
      local t = taken[m.b.article]
      if not t then
        t = { ranges = {}, of = {} }
        taken[m.b.article] = t
      end
      table.insert(t.ranges, m.b)
      t.of[m.a.article] = (t.of[m.a.article] or 0) + m.common
    end
  end
  for i, a in ipairs(articles) do
    local t, best = taken[i], nil
    if t then
      for of, n in pairs(t.of) do
        if not best or n > t.of[best] or (n == t.of[best] and of < best) then best = of end
      end
      local n = covered(t.ranges)
      rows[#rows + 1] = { doc = a.id, date = a.date, chars = a.size, shared = n, share = n / a.size, earlier = articles[best].id,
                          earlier_date = articles[best].date }
    end
  end
  table.sort(rows, function(x, y) return x.doc < y.doc end)
  return rows
end

---@class ds.reuse.found
---@field pairs fun(): fun(): table? iterates the passages of two articles: a, the earlier one, a_from, a_to, a_text, b …, chars, similarity, kind, cluster
---@field matches integer how many these are
---@field clusters table[] cluster, kind, articles, sources, chars, doc (the earliest), date, from, to, text
---@field articles table[] doc, date, chars, shared, share, earlier, earlier_date: what is taken from earlier articles
---@field min integer Han characters in common, at least
---@field memory integer bytes of the index

--- Finds what the articles share.
---@return ds.reuse.found
---@nodiscard
function Reuse:find()
  local articles = self._articles
  table.sort(articles, by_date)
  local min = self._min or least_of(articles)
  local matches, passages, memory = find_matches(articles, min)
  for _, m in ipairs(matches) do unite(m.a, m.b) end
  local clusters = gather(articles, passages)
  judge(self, articles, clusters)
  table.sort(clusters, by_spread)
  for i, c in ipairs(clusters) do c.number = i end
  table.sort(matches, by_place(articles))
  return { pairs = function() return each_pair(articles, matches) end, matches = #matches,
           clusters = cluster_rows(articles, clusters), articles = article_rows(articles, matches), min = min, memory = memory }
end

colon(Reuse, "reuse", meta)

return new

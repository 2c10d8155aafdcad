-- dedup.lua: --dedup, which articles are copies of one another.
--
-- An article is a copy when COPIED of its letters stand in earlier articles, as content (ds.reuse; what is boilerplate there
-- does not count); it belongs to the cluster of the earlier one with which it shares most.  A copy of a copy leads to the
-- same article, the earliest by date, then by id.
--
-- cluster: only the earliest stays.  weight: all stay, and the articles of a cluster weigh one together.  Weights are whole
-- multiples of 2^-20, what is left over going to the earliest: so sums of weights times counts are exact up to 2^33 in
-- whatever order they are added, and the weights of a cluster make 1 to the last bit.
local inputs = require "ds.inputs"
local reuse = require "ds.reuse"

local dedup = {}

local COPIED <const>, MIN <const> = 0.7, 30
local UNIT <const> = 1 << 20

-- What the articles of a corpus take from earlier ones.
local function shared(corpus, expr)
  local finder, dates = assert(reuse { min = MIN, segmenter = corpus.segmenter }), {}
  for doc in inputs.articles(corpus, expr, function() end, inputs.sieve()) do -- rejected when mapped
    finder:add(doc)
    dates[doc.id] = doc.date
  end
  return finder:find().articles, dates
end

--- The copies among the articles of a corpus, which is read for this.
---@param corpus ds.corpus
---@param expr string? of --where: only among these
---@return table<string, boolean> copies by id
---@return integer n how many
function dedup.copies(corpus, expr)
  local copies, n = {}, 0
  for _, a in ipairs((shared(corpus, expr))) do
    if a.share >= COPIED then copies[a.doc], n = true, n + 1 end
  end
  return copies, n
end

-- The articles of each cluster, the earliest first.
local function clusters_of(articles, dates)
  local earlier, of, list = {}, {}, {}
  for _, a in ipairs(articles) do
    if a.share >= COPIED then earlier[a.doc] = a.earlier end
  end
  local function root(id)
    while earlier[id] do id = earlier[id] end -- each step leads to an earlier article
    return id
  end
  for _, a in ipairs(articles) do
    local top = earlier[a.doc] and root(a.doc)
    if top and not of[top] then
      of[top] = { top }
      list[#list + 1] = of[top]
    end
    if top then table.insert(of[top], a.doc) end
  end
  for _, cluster in ipairs(list) do
    table.sort(cluster, function(x, y)
      local dx, dy = dates[x] or "9", dates[y] or "9"
      if dx ~= dy then return dx < dy end
      return x < y
    end)
  end
  return list
end

--- The weights of the articles of a corpus that are copies or have some; all others weigh 1.
---@param corpus ds.corpus
---@param expr string?
---@return table<string, number> weights by id
---@return integer articles how many these are
---@return integer clusters
function dedup.weights(corpus, expr)
  local weights, n, list = {}, 0, clusters_of(shared(corpus, expr))
  for _, cluster in ipairs(list) do
    local each, left = UNIT // #cluster, UNIT % #cluster
    for i, id in ipairs(cluster) do
      weights[id], n = (each + (i <= left and 1 or 0)) / UNIT, n + 1
    end
  end
  return weights, n, #list
end

return dedup

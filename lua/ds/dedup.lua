-- dedup.lua: --dedup cluster, which articles are copies of earlier ones.
--
-- An article is a copy when COPIED of its letters stand in earlier articles, as content (ds.reuse; what is boilerplate there
-- does not count).  The earliest of a cluster stays, by date, then by id; a copy of a copy leads to the same article.
local inputs = require "ds.inputs"
local reuse = require "ds.reuse"

local dedup = {}

local COPIED <const>, MIN <const> = 0.7, 30

--- The copies among the articles of a corpus, which is read for this.
---@param corpus ds.corpus
---@param expr string? of --where: only among these
---@return table<string, boolean> copies by id
---@return integer n how many
function dedup.copies(corpus, expr)
  local finder, copies, n = assert(reuse { min = MIN, segmenter = corpus.segmenter }), {}, 0
  for doc in inputs.articles(corpus, expr, function() end, inputs.sieve()) do finder:add(doc) end -- rejected when mapped
  for _, a in ipairs(finder:find().articles) do
    if a.share >= COPIED then copies[a.doc], n = true, n + 1 end
  end
  return copies, n
end

return dedup

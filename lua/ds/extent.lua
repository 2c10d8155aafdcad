-- extent.lua: how large a corpus is, and how much of it lies before an article: for the time that is left.
local docs = require "ds.doc"
local sys = require "ds.c.sys"

local extent = {}

local STORED <const> = 2000 -- bytes for an article of a store

--- About how many bytes an item of a corpus is.
---@param item table
---@return integer
function extent.of_item(item)
  if item.part then return (item.part.to - item.part.from + 1) * STORED end
  local found = item.path ~= "-" and sys.stat(item.path)
  return found and found.size or 0
end

--- The same of the whole corpus.
---@param corpus ds.corpus
---@return integer
function extent.of(corpus)
  local n = 0
  for _, item in ipairs(corpus.items) do n = n + extent.of_item(item) end
  return n
end

--- Counts along as a corpus is read: which share of it lies before an article, 0 to 1.
---@param corpus ds.corpus
---@return fun(doc: ds.doc): number
function extent.reader(corpus)
  local total, before, at, within, places = math.max(1, extent.of(corpus)), 0, 1, 0, corpus.places
  return function(doc)
    local order, item = docs.order(doc), corpus.items[at]
    while item.order ~= order and corpus.items[at + 1] do
      before, at, within = before + extent.of_item(item), at + 1, 0
      item = corpus.items[at]
    end
    within = within + STORED
    local behind = item.part and within or places[doc.id] or extent.of_item(item) -- read as a whole, if it is not records
    return math.min(1, (before + behind) / total)
  end
end

return extent

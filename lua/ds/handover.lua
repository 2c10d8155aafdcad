-- handover.lua: articles on their way to a store.
--
-- What a plugin's `map` hands on by ctx:write(doc), its `write` gets: the same document when one state does both; with
-- several workers what a cutter has made of it, for the words are then found by the worker, and the state that has the
-- store only takes them in.  An article that brings its own words, and one that the store has already, goes as it is.
local docs = require "ds.doc"
local names = require "ds.names"
local order_m = require "ds.order"
local pack = require "ds.c.pack"
local store_c = require "ds.c.store"

local handover = {}

local TOGETHER <const> = 1024 * 1024 -- bytes of articles that are sent at once

-- What an article holds besides its public fields.
local own = setmetatable({}, { __mode = "k" })
local meta = { __name = "ds.handed" }
function meta.__tostring(self) return ("ds.handed (%s)"):format(self.id) end
function meta.__index(_, key)
  if key ~= "id" and key ~= "bytes" then names.check("an article that was handed on has no field", key, { "id", "bytes" }, 2) end
end

---@class ds.handed an article for writer:add
---@field id string
---@field bytes integer of its text

local function handed(id, bytes, what)
  local self = setmetatable({ id = id, bytes = bytes }, meta)
  own[self] = what
  return self
end

--- An article for `write` in the same state.
---@param doc ds.doc
---@return ds.handed
function handover.here(doc) return handed(doc.id, #doc.text, { doc = doc }) end

--- What writer:add needs to know of such an article: {doc=}, {batch=, at=} or {row=, text=, date=, own=}; nil for any other table.
---@param article table
---@return table?
function handover.inside(article) return own[article] end

-- ------------------------------------------------------------------ in a worker

---@class ds.Cutter
local Cutter = {}
Cutter.__index = Cutter

--- Cuts articles for a store in another state.
---@param segmenter ds.segmenter
---@param path string of the store; what it has already is not cut
---@return ds.Cutter
function handover.cutter(segmenter, path)
  local base = require("ds.store").open(path) -- nil: it is new
  return setmetatable({ batch = store_c.batch(segmenter), base = base, list = {}, plain = 0, cut = 0 }, Cutter)
end

--- Adds a document.
---@param doc ds.doc
function Cutter:add(doc)
  local row, text, date, words = require("ds.store").parts(doc)
  local entry = { id = doc.id, bytes = #text, order = docs.order(doc) }
  if not words and self.batch:add(row, text, date, self.base) then
    self.cut = self.cut + 1
    entry.at = self.cut
  else -- also what cannot be cut: the writer says why
    entry.row, entry.text, entry.date, entry.own = row, text, date, words
    self.plain = self.plain + #text
  end
  self.list[#self.list + 1] = entry
end

--- About how many bytes wait.
---@return integer
function Cutter:size() return self.plain + self.batch:bytes() end

--- Everything that was added, as plain data.
---@return {list: table[], cut: string?}
function Cutter:take()
  local out = { list = self.list, cut = self.cut > 0 and self.batch:take() or nil }
  self.list, self.plain, self.cut = {}, 0, 0
  return out
end

--- ctx:write of a worker: cuts the article, and sends what waits when that is much.
---@param mapper ds.Mapper
---@param cutter ds.Cutter
---@param port userdata of bind_worker.c
---@param current {number: integer} the job at hand
---@return fun(doc: ds.doc)
function handover.hand_on(mapper, cutter, port, current)
  return function(doc)
    cutter:add(doc)
    local t = mapper.tally
    t.events[#t.events + 1] = { "write" }
    if cutter:size() < TOGETHER then return end
    local tally = require "ds.tally"
    local out = tally.part(tally.recording())
    out.number, out.more, out.events, out.ids, out.rows, out.handed = current.number, true, t.events, {}, {}, cutter:take()
    t.events = {}
    port:send(pack.encode(out), current.number)
  end
end

-- ------------------------------------------------------------------ in the state that has the store

-- Iterates the articles of what a cutter has given; `name` gives them their ids.
local function articles(taken, name)
  local i, batch = 0, taken.cut and { bytes = taken.cut } or nil
  return function()
    i = i + 1
    local e = taken.list[i]
    local id = name(e.id, e.order)
    if e.at then return handed(id, e.bytes, { batch = batch, at = e.at, id = id }) end
    e.row[1][2] = id -- the first field
    return handed(id, e.bytes, { row = e.row, text = e.text, date = e.date, own = e.own })
  end
end

---@class ds.Delivery puts the parts of workers in the order of reading
local Delivery = {}
Delivery.__index = Delivery

---@param mapper ds.Mapper whose plugin has `write`
---@param corpus ds.corpus
---@param pool userdata of bind_worker.c
---@param take fun(part: table) what is done with a part besides
---@return ds.Delivery
function handover.delivery(mapper, corpus, pool, take)
  local self = setmetatable({ mapper = mapper, pool = pool, take_part = take, next = 1, waiting = {}, gave_up = {} }, Delivery)
  local taken, name = {}, require("ds.corpus").name
  function self.name(id, order) return name(corpus, taken, id, corpus.items[order]) end
  pool:due(1)
  return self
end

-- A part whose turn it is.
local function take(self, part)
  local piece = part.piece
  if not (piece and self.gave_up[piece.order]) then
    local each, mapper = articles(part.handed, self.name), self.mapper
    mapper.tally.write = function() mapper:write(each()) end
    self.take_part(part)
  end
  if piece and piece.gave_up then self.gave_up[piece.order] = true end
  self.pool:release(part.size)
end

--- Takes in a part that has come, or keeps it until those before it have.
---@param part table
---@param size integer bytes of its message
function Delivery:come(part, size)
  local list = self.waiting[part.number] or {}
  self.waiting[part.number], part.size, list[#list + 1] = list, size, part
  while self.waiting[self.next] do
    local whole
    list, self.waiting[self.next] = self.waiting[self.next], nil
    for i = 1, #list do
      whole = not list[i].more
      take(self, list[i])
      list[i] = false
    end
    if not whole then return end
    self.next = self.next + 1
    self.pool:due(self.next)
  end
end

--- Takes in what has come behind a part that never will.
function Delivery:rest()
  for _, number in ipairs(order_m.keys(self.waiting)) do
    for _, part in ipairs(self.waiting[number]) do take(self, part) end
  end
end

return handover

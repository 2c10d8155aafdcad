-- corpus.lua: directories, files and standard input as one sequence of articles.
--
-- corpus_files.lua finds the files and gives them their ids.  The further articles of a file have #2, #3 … appended.  A
-- record (JSON, CSV, CoNLL-U, VRT) has its own id where it brings one; when an earlier article has that id, #2 … is
-- appended.
--
-- Order is that of the arguments.  Reading is lazy: one file, or of a file of records a part, is in memory at a time.

local corpus_files = require "ds.corpus_files"
local doc = require "ds.doc"
local names = require "ds.names"
local order = require "ds.order"
local reader = require "ds.reader"
local store = require "ds.store"
local sys = require "ds.c.sys"
local where = require "ds.where"

local M = {}

M.DEPTH_MAX = corpus_files.DEPTH_MAX

-- ------------------------------------------------------------------ reading

---@class ds.corpus
local Corpus = {}
local meta = { __name = "ds.corpus", __index = Corpus }

local function live(c)
  if getmetatable(c) ~= meta then error("a ds.corpus is wanted; call its methods with a colon", 3) end
  if rawget(c, "closed") then error("attempt to use a closed ds.corpus", 3) end
  return c
end

-- Standard input, which can be read but once.
local function stdin_bytes(c)
  if not c.stdin then c.stdin = table.pack(sys.read_fd(0)) end
  return c.stdin[1], c.stdin[2]
end

-- The open store of an item; a worker opens it again.
local function store_of(c, item)
  if item.store then return item.store end
  c.stores[item.path] = c.stores[item.path] or assert(store.open(item.path))
  return c.stores[item.path]
end

-- How a piece of a file of JSON lines is read.
local function piece_reading(c, item)
  return { format = "jsonl", encoding = "UTF-8", fields = c.reading and c.reading.fields, start = item.start }
end

-- Iterates the documents of a file: nil and what was rejected, nil alone at the end.  Ids are made unique, and those that
-- records bring are noted for Corpus:doc.
local function open_item(c, item, taken)
  local content, message = item.bytes, nil
  if item.path == "-" and not content then
    content, message = stdin_bytes(c)
    if not content then return function() local e = message; message = nil; return nil, e and reader.rejected("-", item.id, e) end end
  end
  local read
  if item.part then read = store.articles(item.path, store_of(c, item), item.part)
  else read = reader.open(item.path, item.id, content, item.start and piece_reading(c, item) or c.reading) end
  return function()
    local a, rejected = read()
    if item.start then require("ds.chunks").shift(item.start, a, rejected) end
    if not a then return nil, rejected end
    a.order = item.order
    if c.fed then return doc.new(a, c) end -- what its id becomes is decided where all files are known
    local id = M.name(c, taken, a.id, item)
    a.id = id
    if a.byte then c.places[id] = a.byte end
    return doc.new(a, c)
  end
end

local OPTIONS = { "where", "on_error" }
local function check_options(opts)
  for name in pairs(opts) do names.check("corpus:docs: unknown option", name, OPTIONS, 3) end
end

local function always() return true end

-- What the loop closes: once it is closed, no more is read.
local cursor_meta = { __name = "ds.corpus.cursor", __close = function(self) self.read, self.at = nil, math.huge end }

--- Iterates the articles.  Those that cannot be read are told to `on_error`, or collected in `corpus.errors`.
---@param opts? {where: string?, on_error: (fun(e: ds.Rejected))?}
---@return (fun(): ds.doc?)? next nil when `where` is malformed
---@return string? message
---@return nil
---@return table? closing
function Corpus:docs(opts)
  live(self)
  opts = opts or {}
  check_options(opts)
  local keep, message = always, nil
  if opts.where ~= nil then
    keep, message = where.compile(opts.where)
    if not keep then return nil, message end
  end
  self.errors = {}
  local report = opts.on_error or function(e) self.errors[#self.errors + 1] = e end
  local cursor, taken = setmetatable({ at = 0 }, cursor_meta), {}
  return function()
    if cursor.at == 0 then
      cursor.at = 1
      for _, e in ipairs(self.missing) do report(e) end
    end
    while true do
      if not cursor.read then
        local item = self.items and self.items[cursor.at]
        if not item then return nil end
        cursor.at = cursor.at + 1
        cursor.read = open_item(self, item, taken)
      end
      local d, rejected = cursor.read()
      if d and keep(d) then return d end
      if rejected then report(rejected) end
      if not d and not rejected then
        cursor.read = nil
        if not self.items[cursor.at] then self.taken = taken end -- every id has been seen
      end
    end
  end, nil, nil, cursor
end

-- The article of an id that a store has, without reading the others.
local function stored(self, id)
  for _, path in ipairs(order.keys(self.stores)) do
    local a, problem = store.article(path, self.stores[path], id)
    if a then return doc.new(a, self) end
    if problem then return nil, tostring(problem) end
  end
end

-- The file in which an id is: that of its name, or the one in which a first reading has found it.
local function item_of(self, id)
  local item = self.index[id] or self.index[(id:gsub("#%d+$", ""))]
  if item then return item end
  if not self.taken then
    for _ in self:docs { on_error = function() end } do end
  end
  return self.taken and self.taken[id]
end

-- The ids that the files before this one have given away.
local function taken_before(self, item)
  return setmetatable({}, { __index = function(_, id)
    local first = self.taken and self.taken[id]
    return first and first.order < item.order and first or nil
  end })
end

--- The article of an id, read again from its file.
---@param id string
---@return ds.doc? doc
---@return string? message
function Corpus:doc(id)
  live(self)
  if type(id) ~= "string" then error("corpus:doc: an id (a string) is wanted", 2) end
  local found, message = stored(self, id)
  if found or message then return found, message end
  local item = item_of(self, id)
  if not item then return nil, ("no article '%s' in this corpus"):format(id) end
  if self.places[id] and self.taken then
    local a = reader.record(item.path, id, self.places[id], item.path == "-" and self.stdin[1] or nil, self.reading)
    if a then return doc.new(a, self) end
  end
  local first
  local read = open_item(self, item, taken_before(self, item))
  while true do
    local d, rejected = read()
    if d and d.id == id then return d end
    first = first or rejected
    if not d and not rejected then break end
  end
  return nil, first and tostring(first) or ("no article '%s' in %s"):format(id, item.path)
end

--- How many files there are, and articles in stores: at least as many as articles, but for files of several articles and what
--- cannot be read.
---@return integer
function Corpus:count()
  local n = 0
  for _, item in ipairs(live(self).items) do n = n + (item.part and item.part.to - item.part.from + 1 or 1) end
  return n
end

--- The files of its directories that are no articles by their endings and first bytes; hidden ones are left out.
---@return {ending: string, n: integer}[] list sorted by ending, "" for files without one
function Corpus:passed_over()
  local count, list = {}, {}
  for _, e in pairs(live(self).passed) do count[e] = (count[e] or 0) + 1 end
  for e, n in pairs(count) do list[#list + 1] = { ending = e, n = n } end
  table.sort(list, function(a, b) return a.ending < b.ending end)
  return list
end

-- Iterates the articles that are in no store; nil when there are none.
local function loose(c)
  local items = {}
  for _, item in ipairs(c.items) do
    if not item.part then items[#items + 1] = item end
  end
  if #items == 0 then return nil end
  local at, read, taken = 0, nil, {}
  return function()
    while true do
      local d, rejected
      if read then d, rejected = read() end
      if d then return d end
      if rejected then c.errors[#c.errors + 1] = rejected
      else
        at = at + 1
        if not items[at] then return nil end
        read = open_item(c, items[at], taken)
      end
    end
  end
end

--- Looks for words and phrases; doc/QUERY.md has the language.  '"价格战"' is a phrase, however it was cut into words and
--- written; '[key="价格"] []{0,3} [pos="v.*"] within s' are tokens.  Stores are searched by their index; articles that
--- are in none are first put into a temporary one.
---@param text string
---@param opts? {where: string?, aliases: string?, overlap: boolean?, timeout: number?} where: a condition on articles, as in docs; aliases: the list that [entity="…"] looks into, lexicons/aliases.tsv unless told; overlap: a hit for every place where one can begin; timeout: seconds, after which hits:partial() is true
---@return ds.hits? hits nil when the query is malformed
---@return string? message with the column, in characters
---@return table? detail
function Corpus:query(text, opts)
  live(self)
  return require "ds.query".new(self, text, opts)
end

--- How often each word stands in the corpus, the most frequent first, equals by bytes; from the index where there is a store.
---@param opts? {by: "key"|"word"|"pos"|"lemma"|"class"|nil, query: string?, where: string?} by: key unless told; query: tokens that count, such as '[pos="n.*"]', all but punctuation unless told; where: as in docs
---@return table[]? list {key|word|pos|lemma|class = string, n = integer}
---@return integer|string total or a message
---@return table? detail
function Corpus:freq(opts)
  live(self)
  return require "ds.query".freq(self, opts)
end

--- The articles, to be counted through the index of their stores without being read: only where that gives what reading
--- gives, so that every article is in a store, none has brought its own words, and no id is in two stores.
---@param opts? {where: string?} where: as in docs
---@return ds.indexed? articles
---@return string? why not, or what is wrong with `where`
function Corpus:indexed(opts)
  live(self)
  return require "ds.indexed".of_corpus(self, opts)
end

--- What the corpus takes for the bytes of standard input.
---@param corpus ds.corpus
---@param bytes string
function M.give_input(corpus, bytes) corpus.stdin = { bytes } end

--- Gives up what the corpus holds; later use raises.  Documents stay usable.
function Corpus:close()
  if rawget(self, "closed") then return end
  for _, s in pairs(self.stores) do s:close() end
  if self.made then self.made:close() end
  self.closed, self.items, self.index, self.stdin, self.taken = true, {}, {}, nil, nil
end

meta.__close = function(self) Corpus.close(self) end
meta.__gc = meta.__close
meta.__tostring = function(self)
  return rawget(self, "closed") and "ds.corpus (closed)" or ("ds.corpus (%d files)"):format(#self.items)
end

local READING = { encoding = "string", format = "string", fields = "table" }

-- The options at the end of the arguments, checked.
local function take_reading(args)
  local reading = args[args.n]
  if type(reading) ~= "table" then return {} end
  args[args.n], args.n = nil, args.n - 1
  for name, value in pairs(reading) do
    names.check("ds.corpus.open: unknown option", name, { "encoding", "format", "fields" }, 3)
    if type(value) ~= READING[name] then error(("ds.corpus.open: %s is a %s"):format(name, READING[name]), 3) end
  end
  local problem = reader.problem(reading)
  if problem then error("ds.corpus.open: " .. problem, 3) end
  return reading
end

-- Opens the stores among the items, which then stand for their parts; one that cannot be opened is an error.
local function open_stores(items, errors)
  local stores, all = {}, {}
  for _, item in ipairs(items) do
    local s, message, detail
    local is_store = item.path ~= "-" and store.is_one(item.path)
    if is_store then s, message, detail = store.open(item.path) end
    if s then stores[item.path] = s
    elseif is_store then errors[#errors + 1] = reader.rejected(item.path, nil, message, detail)
    else all[#all + 1] = item end
    for _, part in ipairs(s and store.pieces(s) or {}) do
      all[#all + 1] = { path = item.path, id = item.id, arg = item.arg, rel = item.rel, store = s, part = part }
    end
  end
  return stores, all
end

--- Opens directories, files and "-" (standard input) as one corpus.  A table behind them says how to read: encoding, the
--- name of one; format, one of text, markdown, html, jsonl, json, csv, tsv, conllu, vrt; fields, {text = "content", …}.
---@param ... string|ds.Reading
---@return ds.corpus? corpus nil when there is nothing to read in any of them
---@return string? message
---@return ds.Rejected? detail the first reason; `errors` in it lists all
function M.open(...)
  local args = table.pack(...)
  local reading = take_reading(args)
  if args.n == 0 then error("ds.corpus.open: a path is wanted", 2) end
  for i = 1, args.n do
    if type(args[i]) ~= "string" then error(("ds.corpus.open: argument %d is not a path but a %s"):format(i, type(args[i])), 2) end
  end
  local items, errors, passed_over = corpus_files.find(args, reading)
  if #items == 0 then
    local first = errors[1]
    first.errors = errors
    return nil, tostring(first), first
  end
  corpus_files.give_ids(items)
  local stores
  stores, items = open_stores(items, errors)
  if #items == 0 and not next(stores) then
    errors[1].errors = errors
    return nil, tostring(errors[1]), errors[1]
  end
  local index = {}
  for i, item in ipairs(items) do
    if not item.part then index[item.id] = item end
    item.order = i
    passed_over[item.path] = nil -- named itself beside its directory
  end
  return setmetatable({ items = items, index = index, missing = errors, passed = passed_over, errors = {},
    reading = reading, stores = stores, places = {}, closed = false }, meta)
end

--- What standard input holds, for workers; nil when it cannot be read.
---@param c ds.corpus
---@return string?
function M.stdin_bytes(c) return (stdin_bytes(c)) end

--- The name that an article of a file gets, whose id an earlier one may have taken; and takes it.
---@param c ds.corpus
---@param taken table<string, any>
---@param wanted string
---@param item table of the corpus
---@return string id
function M.name(c, taken, wanted, item)
  local id, n = wanted, 1
  while taken[id] or (c.index[id] and c.index[id] ~= item) do
    n = n + 1
    id = ("%s#%d"):format(wanted, n)
  end
  taken[id] = item
  return id
end

--- A corpus for a worker, which is fed the files that another corpus has found.
---@param reading ds.Reading? how the files are to be read
---@param raw boolean? leave ids as files have them; M.name makes them what they are to be
---@return ds.corpus
function M.share(reading, raw)
  return setmetatable({ reading = reading, fed = raw or false, items = {}, index = {}, missing = {}, passed = {}, errors = {}, closed = false,
    places = {}, stores = {} }, meta)
end

--- Gives such a corpus the next files.
---@param c ds.corpus
---@param items {path: string, id: string, bytes: string?, start: table?}[]
function M.feed(c, items) c.items, c.taken = items, nil end

--- The ids that records of these files have brought, which another file may have, too.
---@param c ds.corpus
---@return string[]
function M.own_ids(c)
  local list = {}
  for id, item in next, c.taken or {} do
    if id ~= item.id and id:gsub("#%d+$", "") ~= item.id then list[#list + 1] = id end
  end
  return list
end

M.loose = loose
M.create = store.create
M.about = store.about
M.compact = store.compact
M.verify = store.verify
M.survivors = store.survivors

return M

-- partials.lua: what a part of a run leaves for the whole: lines of KEY<TAB>JSON, of which `sort` makes no nonsense.
--
--   aID     {"s":PART,"n":N,"rows":{TABLE:[ROW,…],…}}   an article: its place in the part and its rows
--   tKEY    {"s":PART,"v":CELL}                         a total, as Totals:export has it
--   zPART   {"s":PART,"t":CONTENT,"articles":N,"totals":N,"counts":{…},"plugin":{…},"options":{…},"version":…}
--                                                       the end: what the part consists of and what made it
--
-- PART names a part by where it begins, CONTENT is a hash of all of it.  A part that comes twice is counted once: the
-- same lines come again.  Parts that share articles but are not the same are refused, and so is one without its end.
-- Keys are printable ASCII: bytes up to space and "!" are written "!XX", those from "~" on "~XX", in hexadecimal, so
-- that any sort by bytes, characters or UTF-16 gives the order of the ids' own bytes.  Values that JSON would not
-- bring back the same (ds.c.pack) are written as {"!pack": hexadecimal}.
local c = require "ds.c.json"
local failure = require "ds.failure"
local order = require "ds.order"
local pack = require "ds.c.pack"
local sys = require "ds.c.sys"

local partials = {}

-- ------------------------------------------------------------------ keys and values

local function escape(byte) return (byte < "~" and "!%02X" or "~%02X"):format(byte:byte()) end

--- A key of the lines: letters of its kind, then the bytes of a string.
---@param kind string
---@param s string
---@return string
function partials.key(kind, s) return kind .. s:gsub("[\0-!~-\xFF]", escape) end

local function unkey(s)
  return (s:gsub("[!~](%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function total_key(key)
  if type(key) == "string" then return partials.key("ts", key) end
  if type(key) == "boolean" then return "tb" .. tostring(key) end
  if math.type(key) == "integer" then return "ti" .. key end
  return "tf" .. pack.hex(pack.encode(key))
end

local function total_of_key(s)
  local kind, rest = s:sub(2, 2), s:sub(3)
  if kind == "s" then return unkey(rest) end
  if kind == "b" and (rest == "true" or rest == "false") then return rest == "true" end
  if kind == "i" then return math.tointeger(tonumber(rest)) end
  local bytes = kind == "f" and pack.unhex(rest)
  return bytes and pack.decode(bytes) or nil
end

--- A value in JSON, from which partials.value makes the same one.
---@param v any
---@return string
function partials.json(v)
  if pack.is_json(v) then return c.encode(v) end
  return c.encode { ["!pack"] = pack.hex(pack.encode(v, "ctx:add")) }
end

local function value(v)
  if type(v) ~= "table" or v["!pack"] == nil then return v end
  local bytes = type(v["!pack"]) == "string" and pack.unhex(v["!pack"])
  if not bytes then return nil, "no packed value" end
  return pack.decode(bytes)
end

-- ------------------------------------------------------------------ who made it

--- The plugin as a partial names it.
---@param run ds.Run
---@return {name: string, hash: string}
function partials.plugin(run)
  local source = sys.read_file(run.plugin.path) or ""
  return { name = run.plugin.name, hash = ("%016x"):format(pack.hash(source)) }
end

local function signature(option, v)
  if option.type == "file" then
    local bytes = sys.read_file(v)
    return bytes and ("content %016x"):format(pack.hash(bytes)) or v
  end
  if option.type == "where" then return require("ds.where").text(v) end
  return tostring(v)
end

local HOST <const> = { { "where" }, { "seed" }, { "user-dict", type = "file" }, { "from" }, { "encoding" }, { "fields" } }

--- The options that results depend on, as text: files by their content.
---@param run ds.Run
---@return table<string, string>
function partials.options(run)
  local out = {}
  for _, list in ipairs { HOST, run.plugin.options } do
    for _, o in ipairs(list) do
      local v = run.values[o[1]]
      if v ~= nil and o.type ~= "output" then out[o[1]] = signature(o, v) end
    end
  end
  return out
end

-- ------------------------------------------------------------------ writing

---@class ds.PartWriter
local Part = {}
Part.__index = Part

--- Writes the lines of a part.
---@param run ds.Run
---@param write fun(line: string)
---@return ds.PartWriter
function partials.writer(run, write) return setmetatable({ run = run, put = write, articles = 0, totals = 0 }, Part) end

--- An article, with the rows by table (nil: none).
function Part:article(id, rows)
  self.articles = self.articles + 1
  self.put(('%s\t{"s":"%s","n":%d%s}\n'):format(partials.key("a", id), self.name, self.articles,
    rows and ',"rows":' .. partials.json(rows) or ""))
end

--- All totals and the end.  `content` is a hash of the whole part.
---@param mapper ds.Mapper
---@param content string
---@param more table? further fields of the end
function Part:finish(mapper, content, more)
  local t, cells = mapper.tally, mapper.totals:export()
  for _, key in ipairs(order.keys(cells)) do
    self.totals = self.totals + 1
    self.put(('%s\t{"s":"%s","v":%s}\n'):format(total_key(key), self.name, partials.json(cells[key])))
  end
  local s = t.sieve
  local last = { s = self.name, t = content, articles = self.articles, totals = self.totals,
    counts = { read = t.read, skipped = t.skipped, reasons = t.reasons, rejected = t.rejected - mapper.setup_rejected, passed_over = t.passed_over,
      limits = t.limits, named = c.array(t.named), first = t.first, last = t.last,
      sieve = { seen = s.seen, passed = s.passed, lacking = s.lacking, known = s.known } },
    plugin = partials.plugin(self.run), options = partials.options(self.run), version = self.run.ds.version }
  for name, v in next, more or {} do last[name] = v end
  self.put(("%s\t%s\n"):format(partials.key("z", self.name), partials.json(last)))
end

-- ------------------------------------------------------------------ reading

---@class ds.PartReader
---@field parts table<string, {articles: integer, totals: integer, last: table?}>
local Reader = {}
Reader.__index = Reader

--- Collects lines of any number of parts, in any order.
---@param run ds.Run
---@param mapper ds.Mapper that gets totals
---@return ds.PartReader
function partials.reader(run, mapper)
  return setmetatable({ run = run, mapper = mapper, parts = {}, seen = {}, list = {} }, Reader)
end

local function damaged(where, what)
  failure.raise(failure.INPUT, "%s: %s; these are no partials of `dsrun --map`, or they are damaged", where, what)
end

local function part_of(self, name)
  local p = self.parts[name] or { articles = 0, totals = 0 }
  self.parts[name] = p
  return p
end

local function take_article(self, key, v, where)
  if math.type(v.n) ~= "integer" then damaged(where, "an article without its number") end
  local id = unkey(key:sub(2))
  local at = v.s .. " " .. v.n
  local first = self.seen[id]
  if first == at or self.seen[id .. "\0" .. at] then return end -- the part was processed twice
  if first and first:match("^%S+") ~= v.s then
    failure.raise(failure.INPUT, "%s: article '%s' is in two parts that are not the same part: each article must be processed "
      .. "in one of them, under an id of its own", where, id)
  end
  if first then self.seen[id .. "\0" .. at] = true else self.seen[id] = at end
  local rows, message = value(v.rows)
  if message then damaged(where, message) end
  local p = part_of(self, v.s)
  p.articles = p.articles + 1
  if rows then self.list[#self.list + 1] = { id = id, n = v.n, rows = rows } end
end

local function take_total(self, key, v, where)
  local mark = key .. "\0" .. v.s
  if self.seen[mark] then return end
  self.seen[mark] = true
  local name = total_of_key(key)
  local cell, message = value(v.v)
  if name == nil or cell == nil then damaged(where, message or "a total that is none") end
  local p = part_of(self, v.s)
  p.totals = p.totals + 1
  failure.protect({ path = self.run.plugin.path, phase = "merge" }, self.mapper.totals.take, self.mapper.totals, name, cell)
end

local function differing(mine, theirs)
  for _, name in ipairs(order.keys(mine)) do
    if mine[name] ~= theirs[name] then return name end
  end
  for _, name in ipairs(order.keys(theirs)) do
    if mine[name] == nil then return name end
  end
end

local function check_maker(self, v, where)
  self.plugin, self.options = self.plugin or partials.plugin(self.run), self.options or partials.options(self.run)
  local theirs = type(v.plugin) == "table" and v.plugin or {}
  if theirs.hash ~= self.plugin.hash then
    failure.raise(failure.INPUT, "%s: a partial of plugin '%s'%s, not of %s", where, tostring(theirs.name),
      theirs.name == self.plugin.name and " in another version" or "", self.run.plugin.path)
  end
  if v.version ~= self.run.ds.version then
    failure.raise(failure.INPUT, "%s: a partial of dsrun %s, this is %s", where, tostring(v.version), self.run.ds.version)
  end
  local name = differing(self.options, type(v.options) == "table" and v.options or {})
  if name then
    failure.raise(failure.INPUT, "%s: a partial made with another --%s (%s, here %s): give all steps the same options", where,
      name, tostring(v.options and v.options[name]), tostring(self.options[name]))
  end
end

local function take_end(self, _, v, where)
  if type(v.t) ~= "string" or type(v.counts) ~= "table" then damaged(where, "an end that is none") end
  local p = part_of(self, v.s)
  if p.last and p.last.t ~= v.t then
    failure.raise(failure.INPUT, "%s: two parts begin with the same article and are not the same part", where)
  end
  check_maker(self, v, where)
  p.last = v
end

local TAKE <const> = { a = take_article, t = take_total, z = take_end }

--- Takes a line.
---@param line string
---@param where string names it, for messages
function Reader:line(line, where)
  local key, json = line:match("^([atz][!-~]*)\t(.*)$")
  if not key then damaged(where, "not KEY<TAB>JSON") end
  local v, message = c.decode(json)
  if type(v) ~= "table" or type(v.s) ~= "string" then damaged(where, message or "no part is named") end
  TAKE[key:sub(1, 1)](self, key, v, where)
end

--- Checks that every part is complete, and gives the mapper their rows and numbers.
---@param sink ds.Sink
function Reader:finish(sink)
  local mapper, run = self.mapper, self.run
  for _, name in ipairs(order.keys(self.parts)) do
    local p = self.parts[name]
    local last = p.last
    if not last or last.articles ~= p.articles or last.totals ~= p.totals then
      failure.raise(failure.INPUT, "part %s is not complete: %s; was its task killed, or a file cut short?", name,
        last and ("%d of %s articles, %d of %s totals"):format(p.articles, last.articles, p.totals, last.totals)
        or "its last line is missing")
    end
    mapper.tally.rejected = mapper.tally.rejected + last.counts.rejected
    mapper.tally.passed_over = mapper.tally.passed_over or last.counts.passed_over
    require("ds.tally").add(mapper.tally, last.counts)
  end
  table.sort(self.list, function(a, b)
    if a.id ~= b.id then return a.id < b.id end
    return a.n < b.n
  end)
  for _, article in ipairs(self.list) do
    sink.begin(article.id)
    for _, t in ipairs(run.plugin.tables) do
      for _, row in ipairs(article.rows[t.name] or {}) do sink.emit(t, row) end
    end
    require("ds.rows").add(mapper.batches, article.id, sink.done())
  end
end

return partials

-- where.lua: conditions on articles, as --where and corpus:docs{where=} take them.
--
--   date >= 2025-01-01 and script = Hant
--   (source = 信報 or source ~ "早報") and not tags = 汽车
--
-- FIELD OP VALUE; OP is = != < <= > >= ~; joined by and, or, not and parentheses, `and` before `or`.  VALUE is one word
-- or "quoted", with \" and \\ inside.  FIELD is id, title, date, source, author, script, or a key of the article's
-- metadata, a.b for a key inside another.  A comparison with a missing field is false, != too; with a list it holds
-- when it holds for any item.  Two numbers compare as numbers, all else by bytes.  A date compares by as many
-- characters as the value has: date = 2025-01 holds for all of January, date > 2025-01 from February on.  ~ holds when the
-- value is part of the field, whatever case, width and script (Traditional or Simplified) either is written in.

local utf8c = require "ds.c.utf8"

local M = {}

local DEPTH_MAX = 100
local WORDS = { ["and"] = true, ["or"] = true, ["not"] = true }

-- ------------------------------------------------------------------ words

-- Columns are characters from 1.
local function column(s, at) return (utf8.len(s, 1, at - 1, true) or at - 1) + 1 end

local function fail(s, at, message) error({ where = ("column %d: %s"):format(column(s, at), message) }, 0) end

local function quoted(s, at)
  local parts, i = {}, at + 1
  while true do
    local stop = s:find('["\\]', i)
    if not stop then fail(s, at, 'a quoted value has no closing "') end
    parts[#parts + 1] = s:sub(i, stop - 1)
    if s:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
    local c = s:sub(stop + 1, stop + 1)
    if c ~= '"' and c ~= "\\" then fail(s, stop, '\\ stands only before " and \\') end
    parts[#parts + 1] = c
    i = stop + 2
  end
end

-- The list of tokens {kind, text, at}; kind is "op", "(", ")", "and", "or", "not", "word", "quoted" or "end".
local function tokens(s)
  local list, at = {}, 1
  local function add(kind, text, next_at)
    list[#list + 1] = { kind = kind, text = text, at = at }
    at = next_at
  end
  while true do
    at = s:find("%S", at)
    if not at then break end
    local c = s:sub(at, at)
    local op = s:match("^[<>!]=", at) or s:match("^[=<>~]", at)
    if op then add("op", op, at + #op)
    elseif c == "(" or c == ")" then add(c, c, at + 1)
    elseif c == '"' then add("quoted", quoted(s, at))
    elseif c == "!" then fail(s, at, "! stands only before =")
    else
      local word = s:match('^[^%s()=<>!~"]+', at)
      add(WORDS[word:lower()] and word:lower() or "word", word, at + #word)
    end
  end
  list[#list + 1] = { kind = "end", text = "the end", at = #s + 1 }
  return list
end

-- ------------------------------------------------------------------ comparing

local function compare(a, b, op)
  if op == "=" then return a == b end
  if op == "!=" then return a ~= b end
  if op == "<" then return a < b end
  if op == "<=" then return a <= b end
  if op == ">" then return a > b end
  return a >= b
end

local function holds(x, op, v)
  if op == "~" then return utf8c.fold(tostring(x)):find(v.folded, 1, true) ~= nil end
  local n = type(x) == "number" and x or tonumber(x)
  if n and v.number then return compare(n, v.number, op) end
  return compare(tostring(x), v.text, op)
end

--- Fields that every article may have, besides its metadata.
M.FIELDS = { "id", "title", "date", "source", "author", "script" }

--- The field of an article: a value or nil.
---@param doc ds.doc
---@param name string
---@return any
function M.field(doc, name)
  if name == "id" or name == "title" or name == "date" or name == "author" or name == "script" then return doc[name] end
  if name == "source" then return doc.source_name end
  local meta = doc.meta or {}
  if meta[name] ~= nil then return meta[name] end
  local v = meta
  for key in name:gmatch("[^.]+") do
    if type(v) ~= "table" then return nil end
    v = v[key]
  end
  return v
end

local function test(name, op, value)
  local v = { text = value, number = tonumber(value), folded = utf8c.fold(value) }
  if name == "date" then v.number = nil end
  return function(doc)
    local x = M.field(doc, name)
    if x == nil then return false end
    if name == "date" and op ~= "~" then return compare(tostring(x):sub(1, #value), value, op) end
    if type(x) ~= "table" then return holds(x, op, v) end
    for _, item in ipairs(x) do
      if type(item) ~= "table" and holds(item, op, v) then return true end
    end
    return false
  end
end

-- ------------------------------------------------------------------ grammar

local Parser = {}
Parser.__index = Parser

function Parser:take(kind)
  local t = self.list[self.at]
  if kind and t.kind ~= kind then return nil end
  self.at = self.at + 1
  return t
end

function Parser:wanted(what)
  local t = self.list[self.at]
  fail(self.source, t.at, ("%s is wanted, not %s"):format(what, t.kind == "end" and t.text or "'" .. t.text .. "'"))
end

function Parser:comparison()
  local name = self:take("word") or self:wanted("a field")
  local op = self:take("op") or self:wanted("one of = != < <= > >= ~")
  local value = self:take("quoted") or self:take("word") or self:wanted("a value")
  self.fields[#self.fields + 1] = name.text
  return { field = name.text, holds = test(name.text, op.text, value.text) }
end

function Parser:primary(depth)
  if depth > DEPTH_MAX then fail(self.source, self.list[self.at].at, "nested too deep") end
  if self:take("not") then
    return { op = "not", self:primary(depth + 1) }
  end
  if not self:take("(") then return self:comparison() end
  local inner = self:any(depth + 1)
  if not self:take(")") then self:wanted("and, or or )") end
  return inner
end

-- A list of parts joined by `op`.
function Parser:joined(part, op, depth)
  local list = { op = op, self[part](self, depth) }
  while self:take(op) do list[#list + 1] = self[part](self, depth) end
  return #list == 1 and list[1] or list
end

function Parser:all(depth) return self:joined("primary", "and", depth) end
function Parser:any(depth) return self:joined("all", "or", depth) end

-- The function that says whether a tree of tests holds for an article.
local function predicate(node)
  if node.field then return node.holds end
  local parts = {}
  for i, inner in ipairs(node) do parts[i] = predicate(inner) end
  if node.op == "not" then
    return function(doc) return not parts[1](doc) end
  end
  local stop = node.op == "or" -- the result of the first part that equals it decides
  return function(doc)
    for _, f in ipairs(parts) do
      if f(doc) == stop then return stop end
    end
    return not stop
  end
end

local texts = setmetatable({}, { __mode = "k" })

--- What a condition was compiled from.
---@param predicate function from compile
---@return string
function M.text(predicate) return texts[predicate] end

--- Compiles a condition.
---@param expr string
---@return (fun(doc: ds.doc): boolean)? predicate
---@return string[]|string fields that it compares; or a message with the column (in characters, from 1)
---@return table? tree {op = "and"|"or"|"not", parts…}, or a test {field, holds = function(doc)}
function M.compile(expr)
  if type(expr) ~= "string" then return nil, "where: a string is wanted, not a " .. type(expr) end
  local fields = {}
  local ok, result = pcall(function()
    local p = setmetatable({ source = expr, list = tokens(expr), at = 1, fields = fields }, Parser)
    local f = p:any(1)
    if not p:take("end") then p:wanted("and or or") end
    return f
  end)
  if ok then
    local keep = predicate(result)
    texts[keep] = expr
    return keep, fields, result
  end
  if type(result) == "table" and result.where then return nil, "where: " .. result.where end
  error(result, 0)
end

return M

-- inputs.lua: from the operands of the command line to articles or lines; what cannot be read is told to `reject`,
-- and the rest goes on.
local failure = require "ds.failure"
local order = require "ds.order"
local paths = require "ds.paths"
local sys = require "ds.c.sys"
local where = require "ds.where"

local inputs = {}

---@class ds.Rejected
---@field path string
---@field id string?
---@field byte integer? from 1
---@field line integer? from 1
---@field message string

--- A rejected input as one line: "path: line 3: message".
---@param e ds.Rejected
---@return string
function inputs.describe(e)
  local message = e.message or "cannot be read"
  local parts, name = {}, e.path == "-" and "standard input" or e.path
  if name and message:sub(1, #name) ~= name then parts[#parts + 1] = name .. ":" end
  if e.line then parts[#parts + 1] = ("line %d:"):format(e.line)
  elseif e.byte then parts[#parts + 1] = ("byte %d:"):format(e.byte) end
  parts[#parts + 1] = message
  return table.concat(parts, " ")
end

--- The segmenter with the words of --user-dict; lines that it cannot take are rejected one by one.
---@param ds table
---@param path string? nil: no words, no segmenter
---@param reject fun(e: ds.Rejected)
---@return ds.segmenter?
function inputs.user_segmenter(ds, path, reject)
  if not path then return nil end
  local seg, message = ds.segmenter { user = path }
  if not seg then failure.usage("--user-dict: %s", message) end
  for _, bad in ipairs(seg:bad_lines()) do reject { path = path, line = bad.line, message = bad.message } end
  return seg
end

--- How the host's options say that files are to be read.
---@param values table<string, any>
---@return ds.Reading
function inputs.reading(values)
  local opts = { encoding = values.encoding, format = values.from }
  local problem = require("ds.reader").problem(opts)
  if problem then failure.usage("--encoding: %s", problem) end
  if values.fields then
    local mapping, message = require("ds.fields").parse(values.fields)
    opts.fields = mapping or failure.usage("--fields: %s", message)
  end
  return opts
end

--- Opens the corpus that the operands name: "-" is standard input, none at all the bundled one.
---@param ds table
---@param operands string[]
---@param segmenter ds.segmenter? for its documents, instead of the default one
---@param reject fun(e: ds.Rejected)
---@param values table<string, any>? options of the host: --encoding, --from and --fields say how to read
---@return ds.corpus? corpus nil when there is nothing to read
function inputs.corpus(ds, operands, segmenter, reject, values)
  local list = table.move(operands, 1, #operands, 1, {})
  if #list == 0 then
    local bundled, message = paths.find("corpus")
    list = { bundled or failure.usage("%s", message) }
  end
  list[#list + 1] = inputs.reading(values or {})
  local corpus, message, detail = ds.corpus.open(table.unpack(list))
  if not corpus then
    for _, e in ipairs(detail and detail.errors or { { message = message } }) do reject(e) end
    return nil
  end
  corpus.segmenter, corpus.recut = segmenter, segmenter ~= nil
  return corpus
end

---@class ds.Sieve what --where did to the articles
---@field seen integer
---@field passed integer
---@field lacking table<string, boolean> fields of the condition that no article has had so far
---@field known table<string, boolean> fields that some article has
---@field ended boolean every article has been seen
---@field good boolean? whether the condition holds for the latest article; nil without one

--- A fresh one, which stays empty without --where.
---@return ds.Sieve
function inputs.sieve() return { seen = 0, passed = 0, lacking = {}, known = {}, ended = false } end

-- Tests an article and keeps count.
local function passes(sieve, keep, fields, doc)
  sieve.seen = sieve.seen + 1
  for _, name in ipairs(fields) do
    if where.field(doc, name) ~= nil then sieve.lacking[name] = nil end
  end
  for name in next, doc.meta do sieve.known[name] = true end
  local good = keep(doc)
  sieve.good = good
  if good then sieve.passed = sieve.passed + 1 end
  return good
end

--- The test of --where; every article that it is given is counted.
---@param expr string
---@param sieve ds.Sieve
---@return fun(doc: ds.doc): boolean
function inputs.sifter(expr, sieve)
  local keep, fields = where.compile(expr)
  if not keep then failure.usage("--where: %s", (fields:gsub("^where: ", ""))) end
  sieve.seen, sieve.passed, sieve.lacking, sieve.ended = 0, 0, {}, false
  for _, name in ipairs(fields) do sieve.lacking[name] = true end
  return function(doc) return passes(sieve, keep, fields, doc) end
end

--- Iterates the articles.
---@param corpus ds.corpus? nil: none
---@param expr string? of --where
---@param reject fun(e: ds.Rejected)
---@param sieve ds.Sieve counts what `expr` lets pass
---@param all boolean? give the others too; sieve.good tells them apart
function inputs.articles(corpus, expr, reject, sieve, all)
  if not corpus then return function() end end
  if not expr then return corpus:docs { on_error = reject } end
  local sifted = inputs.sifter(expr, sieve)
  local read, _, _, closing = corpus:docs { on_error = reject }
  return function()
    local doc
    repeat doc = read() until not doc or sifted(doc) or all
    sieve.ended = doc == nil
    return doc
  end, nil, nil, closing
end

--- Says what a result that looks empty or strange may come from: a field of --where that no article has, a condition
--- that never holds, text piped to a program that was not told to read it.
---@param operands string[]
---@param sieve ds.Sieve
---@param quiet boolean? only what is most likely an error
function inputs.hints(operands, sieve, quiet)
  local known = order.keys(sieve.known) or {}
  table.move(where.FIELDS, 1, #where.FIELDS, #known + 1, known)
  for _, name in ipairs(sieve.ended and sieve.seen > 0 and order.keys(sieve.lacking) or {}) do
    failure.say(("--where: none of the articles has a field '%s'%s"):format(name, failure.hint(name, known)))
  end
  if quiet then return end
  if sieve.ended and sieve.seen > 0 and sieve.passed == 0 then
    failure.say(require("ds.messages").t("--where holds for none of %d articles"):format(sieve.seen))
  end
  if #operands == 0 and sys.waiting(0) then failure.say("standard input is not read; name it with -") end
end

--- "3 other files passed over: .htm, .json, no ending"; nil when there are none.
---@param corpus ds.corpus?
---@return string?
function inputs.passed_over(corpus)
  local n, endings = 0, {}
  for _, e in ipairs(corpus and corpus:passed_over() or {}) do
    n = n + e.n
    endings[#endings + 1] = e.ending == "" and "no ending" or e.ending
  end
  if n == 0 then return nil end
  return ("%d other %s passed over: %s"):format(n, n == 1 and "file" or "files", table.concat(endings, ", "))
end

--- Iterates line, number, ended (false: no "\n" follows) over files or standard input; numbers run on.
---@param operands string[]
---@param reject fun(e: ds.Rejected)
---@param waiting fun() called before a read that may block, so that answers are not kept back
---@return fun(): string?, integer?, boolean?
function inputs.lines(operands, reject, waiting)
  local list = #operands > 0 and operands or { "-" }
  local at, n, reader = 0, 0, nil
  local function open()
    at = at + 1
    if not list[at] then return false end
    local message
    reader, message = sys.lines(list[at] == "-" and 0 or list[at])
    if not reader then reject { path = list[at], message = message } end
    return true
  end
  return function()
    while reader or open() do
      if reader then
        if not reader:pending() then waiting() end
        local line, ended = reader:read()
        if line then
          n = n + 1
          return line, n, ended
        end
        if ended then reject { path = list[at], message = ended } end
        reader:close()
        reader = nil
      end
    end
  end
end

return inputs

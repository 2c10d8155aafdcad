-- inputs.lua: from the operands of the command line to articles or lines; what cannot be read is told to `reject`,
-- and the rest goes on.
local failure = require "ds.failure"
local paths = require "ds.paths"
local sys = require "ds.c.sys"

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
  local parts = {}
  if e.path and message:sub(1, #e.path) ~= e.path then parts[#parts + 1] = e.path .. ":" end
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

--- Opens the corpus that the operands name: "-" is standard input, none at all the bundled one.
---@param ds table
---@param operands string[]
---@param segmenter ds.segmenter? for its documents, instead of the default one
---@param reject fun(e: ds.Rejected)
---@return ds.corpus? corpus nil when there is nothing to read
function inputs.corpus(ds, operands, segmenter, reject)
  local list = operands
  if #list == 0 then
    local bundled, message = paths.find("corpus")
    list = { bundled or failure.usage("%s", message) }
  end
  local corpus, message, detail = ds.corpus.open(table.unpack(list))
  if not corpus then
    for _, e in ipairs(detail and detail.errors or { { message = message } }) do reject(e) end
    return nil
  end
  corpus.segmenter = segmenter
  return corpus
end

--- Iterates the articles.
---@param corpus ds.corpus? nil: none
---@param where string?
---@param reject fun(e: ds.Rejected)
function inputs.articles(corpus, where, reject)
  if not corpus then return function() end end
  local list = table.pack(corpus:docs { where = where, on_error = reject })
  if list[1] == nil then failure.usage("--where: %s", (tostring(list[2]):gsub("^where: ", ""))) end
  return table.unpack(list, 1, list.n)
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

-- records.lua: articles as the records of `dsrun cat -f jsonl`, one a line.
local c = require "ds.c.json"
local date = require "ds.date"
local doc = require "ds.doc"
local reader = require "ds.reader"

local records = {}

local STRINGS <const> = { "title", "date", "source", "author" }

--- The fields of an article.
---@param line string
---@return table? fields as ds.doc.new takes them
---@return string? message
function records.fields(line)
  local r, message = c.decode(line)
  if type(r) ~= "table" or c.is_array(r) then return nil, r == nil and message or "not a JSON object" end
  if type(r.id) ~= "string" or r.id == "" then return nil, "no \"id\": the record needs one of its own" end
  if type(r.text) ~= "string" or r.text == "" then return nil, "no \"text\" in the record" end
  for _, name in ipairs(STRINGS) do
    if r[name] == c.null then r[name] = nil end
    if r[name] ~= nil and type(r[name]) ~= "string" then return nil, ("\"%s\" is no string"):format(name) end
  end
  local meta = type(r.meta) == "table" and r.meta or {}
  return { id = r.id, title = r.title, date = r.date and date.parse(r.date) or nil, source_name = r.source, author = r.author,
    text = r.text, meta = meta, path = "-" }
end

--- A corpus of the records of a file descriptor, for one reading.
---@param lines ds.sys.lines
---@param owner table who keeps the segmenter and the like for its documents
---@param seen fun(line: string, fields: table?) called for every line
---@return table corpus with docs, as inputs.articles wants it
function records.corpus(lines, owner, seen)
  local self, n = {}, 0
  function self.docs(_, opts)
    return function()
      while true do
        local line, ended = lines:read()
        if not line then
          if ended then opts.on_error(reader.rejected("-", nil, ended)) end
          return nil
        end
        n = n + 1
        local fields, message
        if line:find("%S") then fields, message = records.fields(line) end
        seen(line, fields)
        if fields then return doc.new(fields, owner) end
        if message then opts.on_error(reader.rejected("-", nil, message, { line = n })) end
      end
    end
  end
  return self
end

return records

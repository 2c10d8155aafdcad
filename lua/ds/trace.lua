-- trace.lua: where an article of a store stands in the file that it was read from.
--
-- A store keeps the path, not the way back: the file is read again, and counts only as long as the text that comes of it is the
-- one that was stored, to the last byte.
local reader = require "ds.reader"
local sys = require "ds.c.sys"

local trace = {}

-- The path as it was given, or beside the store.
local function present(path, store)
  if sys.stat(path) then return path end
  local beside = path:sub(1, 1) ~= "/" and store:match("^(.*/)")
  return beside and sys.stat(beside .. path) and beside .. path or nil
end

--- Reads an article again.
---@param doc ds.doc of a store
---@param from {file: string?, store: string} the path in the store, and that of the store
---@param reading ds.Reading? how files are read
---@return table? fields as a reader gives them, with segments and map
---@return string? message why there are none
function trace.article(doc, from, reading)
  if not from.file then return nil, ("%s was not read from a file"):format(doc.id) end
  local path = present(from.file, from.store)
  if not path then return nil, ("%s is no longer there"):format(from.file) end
  local read, same, problem = reader.open(path, doc.id, nil, reading), nil, nil
  while true do
    local a, rejected = read()
    if a and a.text == doc.text and (a.id == doc.id or not same) then
      same = a
      if a.id == doc.id then return a end
    end
    problem = problem or rejected
    if not a and not rejected then break end
  end
  if same then return same end
  return nil, ("%s has changed since %s was stored%s"):format(from.file, doc.id, problem and ": " .. tostring(problem) or "")
end

return trace

-- stance_pairs.lua: tables of label, target and text, one row a line, as --pairs judges and --train learns from them.

local utf8c = require "ds.c.utf8"
local sys = require "ds.c.sys"

local M = {}

M.labels = { "neg", "neu", "pos" }
M.number = { neg = 1, neu = 2, pos = 3 }

local function split(line)
  local label, target, text = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)")
  return label, target, text
end

-- Why a line is no row, or nil.
local function wrong(line, label, target, text)
  local valid, byte = utf8c.valid(line)
  if not valid then return ("byte %d of the line is not UTF-8"):format(byte) end
  if not label then return "a line is label, target and text, separated by TABs" end
  if not target:find("%S") then return "the target is empty" end
  if not text:find("%S") then return "the text is empty" end
end

--- Reads the rows of a table.  A first line `label<TAB>target<TAB>text` is a header; columns behind the third are not read.
---@param path string
---@param bad fun(message: string) is told of lines that are no rows
---@return {label: string, target: string, text: string, line: integer}[]? rows a bad line is { line = n } alone
---@return string? message
function M.read(path, bad)
  local content, message = sys.read_file(path)
  if not content then return nil, message end
  if content:sub(1, 3) == "\xEF\xBB\xBF" then content = content:sub(4) end
  local rows, n = {}, 0
  for line in content:gmatch("([^\n]*)\n?") do
    n = n + 1
    line = line:gsub("\r$", "")
    local label, target, text = split(line)
    local header = n == 1 and label == "label" and target == "target" and text == "text"
    if line:find("%S") and not header then
      local why = wrong(line, label, target, text)
      if why then bad(("%s:%d: %s"):format(path, n, why)) end
      rows[#rows + 1] = why and { line = n } or { label = label, target = target, text = text, line = n }
    end
  end
  return rows
end

return M

-- tsv.lua: reads the plain tables of corpus/lexicons: UTF-8, TAB-separated, `#` comment lines, a BOM tolerated.

local sys = require "ds.c.sys"
local utf8c = require "ds.c.utf8"

local M = {}

local function split(line)
  local fields, at = {}, 1
  while true do
    local tab = line:find("\t", at, true)
    fields[#fields + 1] = line:sub(at, (tab or 0) - 1)
    if not tab then return fields end
    at = tab + 1
  end
end

--- Parses a table.
---@param text string the file's bytes
---@param name string what to call it in messages
---@param parse fun(fields: string[], line: integer): any?, string? makes a row; nil and a reason for a bad line
---@return any[] rows
---@return {line: integer, message: string}[] bad one entry for every line that was left out
function M.parse(text, name, parse)
  local rows, bad, n = {}, {}, 0
  if text:sub(1, 3) == "\xEF\xBB\xBF" then text = text:sub(4) end
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    n = n + 1
    line = line:gsub("\r$", "")
    if line:find("%S") and line:sub(1, 1) ~= "#" then
      local row, why
      local valid, byte = utf8c.valid(line)
      if valid then row, why = parse(split(line), n) else why = ("byte %d of the line is not UTF-8"):format(byte) end
      if row == nil then
        bad[#bad + 1] = { line = n, message = ("%s:%d: %s"):format(name, n, why or "bad line") }
      else
        rows[#rows + 1] = row
      end
    end
  end
  return rows, bad
end

--- Reads a table from a file, the bad lines left out.
---@param path string
---@param parse fun(fields: string[], line: integer): any?, string?
---@return any[]? rows nil when the file cannot be read
---@return {line: integer, message: string}[]|string bad one entry for every line that was left out; or why
function M.load(path, parse)
  local text, message = sys.read_file(path)
  if not text then return nil, message end
  return M.parse(text, path, parse)
end

--- Reads a table from a file; every line has to be good.
---@param path string
---@param parse fun(fields: string[], line: integer): any?, string?
---@return any[]? rows
---@return string? message names file and line of the first bad line
function M.read(path, parse)
  local rows, bad = M.load(path, parse)
  if not rows then return nil, bad end
  if bad[1] then
    local more = #bad > 1 and (" (and %d more bad lines)"):format(#bad - 1) or ""
    return nil, bad[1].message .. more
  end
  return rows
end

return M

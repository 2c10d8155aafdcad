-- corpus_files.lua: which files a corpus's arguments name, and their ids.
--
-- A directory is walked with all that is below it, in bytewise order of the paths inside it; files are read whose
-- ending (formats.lua) or, when it is none we know, whose first bytes tell a format; others are passed over and counted; what
-- has a name that begins with a dot is not looked at.  Links are followed, but no directory is read twice.  A file that
-- is named itself is read whatever its name; "-" is standard input.
--
-- Ids.  An article of a directory has its path inside the directory, a file its base name, standard input "stdin".
-- Where several arguments would give one id to different files, each of these gets the last part of its argument's path
-- before it ("articles/a.txt"), then one more, until they differ.  A file named twice by the same path is read once.

local bytes = require "ds.reader_bytes"
local formats = require "ds.formats"
local reader = require "ds.reader"
local source = require "ds.c.source"
local sys = require "ds.c.sys"

local M = {}

--- Directories nested deeper than this are not entered.
M.DEPTH_MAX = 100

-- ------------------------------------------------------------------ finding files

-- A path without "./", "//" and "/" at its end.
local function tidy(path)
  local s = path:gsub("/+", "/"):gsub("^%./", "")
  while s:find("/%./") do s = s:gsub("/%./", "/") end
  s = s:gsub("/%.$", "")
  if #s > 1 then s = s:gsub("/$", "") end
  return s == "" and "." or s
end

-- Whether a file begins like one of a format that we read; asked where the name tells nothing, or too little: a table
-- or a JSON file beside articles may well be no article.
local ASKED = { [""] = true, [".gz"] = true, [".zst"] = true }
local TABLES = { csv = true, tsv = true }
local function reads_like_input(path, format, reading)
  local src <close> = source.open(path)
  if not src then return true end -- reading it will tell why
  local head = src:peek(formats.HEAD)
  if format == "json" then return formats.of_content(head) ~= nil end
  if not TABLES[format] then return formats.of_content(head) ~= nil end
  local text = bytes.decode(head:match("^[^\n]*\n") or head, reading.encoding)
  return not text or require("ds.reader_records").has_text(text:sub(bytes.mark(text) + 1), format == "tsv" and "\t" or nil,
    reading.fields)
end

local function is_input(path, name, kind, reading)
  local format = reading.format or formats.of_name(name)
  if format and format ~= "json" and not TABLES[format] then return true end
  if kind ~= "file" or not (format or ASKED[formats.ending(name)]) then return false end
  return reads_like_input(path, format, reading)
end

local function walk(found, arg, dir, prefix, depth, seen)
  local path = prefix == "" and dir or dir .. "/" .. prefix:sub(1, -2)
  local real = sys.realpath(path)
  if real and seen[real] then return end
  seen[real or path] = true
  local list, message = sys.list_dir(path)
  if not list then
    found.errors[#found.errors + 1] = reader.rejected(path, nil, message)
    return
  end
  if depth > M.DEPTH_MAX then
    found.errors[#found.errors + 1] = reader.rejected(path, nil, "directories nested too deep")
    return
  end
  for _, e in ipairs(list) do
    local rel = prefix .. e.name
    if e.name:sub(1, 1) == "." then -- hidden
    elseif e.kind == "dir" then walk(found, arg, dir, rel .. "/", depth + 1, seen)
    elseif is_input(dir .. "/" .. rel, e.name, e.kind, found.reading) then
      found[#found + 1] = { arg = arg, rel = rel, path = dir .. "/" .. rel, kind = e.kind }
    elseif e.kind == "file" then
      found.passed_over[dir .. "/" .. rel] = formats.ending(e.name)
    end
  end
end

local function find_dir(items, errors, passed_over, arg, reading)
  local found = { errors = {}, passed_over = passed_over, reading = reading }
  walk(found, arg, arg, "", 1, {})
  table.sort(found, function(a, b) return a.rel < b.rel end)
  for _, item in ipairs(found) do
    if item.kind == "file" then items[#items + 1] = item
    else found.errors[#found.errors + 1] = reader.rejected(item.path, item.rel, "neither a file nor a directory, or a broken link") end
  end
  if #found == 0 and #found.errors == 0 then
    found.errors[1] = reader.rejected(arg, nil, "a directory without articles: no file ends in " .. formats.ENDINGS)
  end
  table.move(found.errors, 1, #found.errors, #errors + 1, errors)
end

local function find(args, reading)
  local items, errors, passed_over = {}, {}, {}
  for _, given in ipairs(args) do
    if given == "-" then
      items[#items + 1] = { arg = "", rel = "stdin", path = "-" }
    else
      local arg = tidy(given)
      local st, message = sys.stat(arg)
      if not st then errors[#errors + 1] = reader.rejected(given, nil, message)
      elseif st.kind == "dir" then find_dir(items, errors, passed_over, arg, reading)
      else items[#items + 1] = { arg = arg:match("^(.*)/[^/]*$") or "", rel = arg:match("[^/]*$"), path = arg } end
    end
  end
  return items, errors, passed_over
end

local function without_repeats(items)
  local seen, out = {}, {}
  for _, item in ipairs(items) do
    if not seen[item.path] then
      seen[item.path] = true
      out[#out + 1] = item
    end
  end
  return out
end

--- The files of the arguments, in their order, each once.
---@param args string[]
---@param reading ds.Reading
---@return {arg: string, rel: string, path: string}[] items
---@return ds.Rejected[] errors
---@return table<string, string> passed_over path to ending
function M.find(args, reading)
  local items, errors, passed_over = find(args, reading)
  return without_repeats(items), errors, passed_over
end

-- ------------------------------------------------------------------ ids

-- The item's id with the last `k` parts of its argument before it, and whether there are so many.
local function lengthened(item, k)
  local parts = {}
  for part in (item.arg:sub(1, 1) == "/" and "\0" .. item.arg or item.arg):gmatch("[^/]+") do
    parts[#parts + 1] = part == "\0" and "" or part
  end
  local first = math.max(1, #parts - k + 1)
  local head = table.concat(parts, "/", first)
  return (head == "" and #parts == 0) and item.rel or head .. "/" .. item.rel, first > 1
end

--- Gives each item that M.find has found its id, in field `id`.
---@param items table[]
function M.give_ids(items)
  for _, item in ipairs(items) do item.id, item.parts, item.more = item.rel, 0, true end
  local clash = true
  while clash do
    clash = false
    local groups = {}
    for _, item in ipairs(items) do
      groups[item.id] = groups[item.id] or {}
      table.insert(groups[item.id], item)
    end
    for _, item in ipairs(items) do
      if #groups[item.id] > 1 and item.more then
        item.parts, clash = item.parts + 1, true
        item.longer, item.more = lengthened(item, item.parts)
      end
    end
    for _, item in ipairs(items) do item.id, item.longer = item.longer or item.id, nil end
  end
end

return M

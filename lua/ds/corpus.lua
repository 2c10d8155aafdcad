-- corpus.lua: directories, files and standard input as one sequence of articles.
--
-- A directory is walked with all that is below it, in bytewise order of the paths inside it; files ending in .txt, .text,
-- .md or .markdown are articles, others are passed over and counted; what has a name that begins with a dot is not
-- looked at.  Links are followed, but no directory is read twice.  A file that is named itself is read whatever its name;
-- "-" is standard input.
--
-- Ids.  An article of a directory has its path inside the directory, a file its base name, standard input "stdin"; the
-- further articles of a digest have #2, #3 … appended.  Where several arguments would give one id to
-- different files, each of these gets the last part of its argument's path before it ("articles/a.txt"), then one more,
-- until they differ.  A file named twice by the same path is read once.
--
-- Order is that of the arguments.  Reading is lazy: one file is in memory at a time.

local doc = require "ds.doc"
local names = require "ds.names"
local reader = require "ds.reader"
local sys = require "ds.c.sys"
local where = require "ds.where"

local M = {}

--- Directories nested deeper than this are not entered.
M.DEPTH_MAX = 100

local EXTENSIONS = { [".txt"] = true, [".text"] = true, [".md"] = true, [".markdown"] = true }

-- ------------------------------------------------------------------ finding files

-- ".txt" of "A.TXT", "" when there is none.
local function ending(name) return (name:match("[^.](%.[^.]+)$") or ""):lower() end

-- A path without "./", "//" and "/" at its end.
local function tidy(path)
  local s = path:gsub("/+", "/"):gsub("^%./", "")
  while s:find("/%./") do s = s:gsub("/%./", "/") end
  s = s:gsub("/%.$", "")
  if #s > 1 then s = s:gsub("/$", "") end
  return s == "" and "." or s
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
    elseif EXTENSIONS[ending(e.name)] then
      found[#found + 1] = { arg = arg, rel = rel, path = dir .. "/" .. rel, kind = e.kind }
    elseif e.kind == "file" then
      found.passed_over[dir .. "/" .. rel] = ending(e.name)
    end
  end
end

local function find_dir(items, errors, passed_over, arg)
  local found = { errors = {}, passed_over = passed_over }
  walk(found, arg, arg, "", 1, {})
  table.sort(found, function(a, b) return a.rel < b.rel end)
  for _, item in ipairs(found) do
    if item.kind == "file" then items[#items + 1] = item
    else found.errors[#found.errors + 1] = reader.rejected(item.path, item.rel, "neither a file nor a directory, or a broken link") end
  end
  if #found == 0 and #found.errors == 0 then
    found.errors[1] = reader.rejected(arg, nil, "a directory without articles (.txt, .text, .md, .markdown)")
  end
  table.move(found.errors, 1, #found.errors, #errors + 1, errors)
end

local function find(args)
  local items, errors, passed_over = {}, {}, {}
  for _, given in ipairs(args) do
    if given == "-" then
      items[#items + 1] = { arg = "", rel = "stdin", path = "-" }
    else
      local arg = tidy(given)
      local st, message = sys.stat(arg)
      if not st then errors[#errors + 1] = reader.rejected(given, nil, message)
      elseif st.kind == "dir" then find_dir(items, errors, passed_over, arg)
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

local function give_ids(items)
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

-- The documents of a file, and what of it was rejected.
local function read_item(c, item)
  local st = item.path ~= "-" and sys.stat(item.path)
  if st and st.size and st.kind == "file" and st.size > reader.FILE_MAX then
    return {}, { reader.rejected(item.path, item.id, ("larger than %d bytes; split it"):format(reader.FILE_MAX)) }
  end
  local bytes, message
  if item.bytes then bytes = item.bytes
  elseif item.path ~= "-" then bytes, message = sys.read_file(item.path)
  else bytes, message = stdin_bytes(c) end
  if not bytes then return {}, { reader.rejected(item.path, item.id, message) } end
  local list, rejected = reader.read(bytes, item.path, item.id)
  for i, fields in ipairs(list) do list[i] = doc.new(fields, c) end
  return list, rejected
end

local OPTIONS = { "where", "on_error" }
local function check_options(opts)
  for name in pairs(opts) do
    if name ~= "where" and name ~= "on_error" then
      local near = type(name) == "string" and names.nearest(name, OPTIONS)
      error(("corpus:docs: unknown option '%s'%s"):format(tostring(name),
        near and (", did you mean '" .. near .. "'?") or "; there are where, on_error"), 3)
    end
  end
end

local function always() return true end

-- What the loop closes: once it is closed, no more is read.
local cursor_meta = { __name = "ds.corpus.cursor", __close = function(self) self.queue, self.at = {}, math.huge end }

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
  local cursor = setmetatable({ at = 0, queue = {}, front = 1 }, cursor_meta)
  return function()
    if cursor.at == 0 then
      cursor.at = 1
      for _, e in ipairs(self.missing) do report(e) end
    end
    while true do
      local d = cursor.queue[cursor.front]
      if d then
        cursor.queue[cursor.front], cursor.front = false, cursor.front + 1
        if keep(d) then return d end
      else
        local item = self.items and self.items[cursor.at]
        if not item then return nil end
        local rejected
        cursor.at = cursor.at + 1
        cursor.queue, rejected = read_item(self, item)
        cursor.front = 1
        for _, e in ipairs(rejected) do report(e) end
      end
    end
  end, nil, nil, cursor
end

--- The article of an id, read again from its file.
---@param id string
---@return ds.doc? doc
---@return string? message
function Corpus:doc(id)
  live(self)
  if type(id) ~= "string" then error("corpus:doc: an id (a string) is wanted", 2) end
  local item = self.index[id] or self.index[id:gsub("#%d+$", "")]
  if not item then return nil, ("no article '%s' in this corpus"):format(id) end
  local list, rejected = read_item(self, item)
  for _, d in ipairs(list) do
    if d.id == id then return d end
  end
  return nil, rejected[1] and tostring(rejected[1]) or ("no article '%s' in %s"):format(id, item.path)
end

--- How many files there are: at least as many as articles, but for digests and what cannot be read.
---@return integer
function Corpus:count() return #live(self).items end

--- The files of its directories that are no articles by their endings; hidden ones are left out.
---@return {ending: string, n: integer}[] list sorted by ending, "" for files without one
function Corpus:passed_over()
  local count, list = {}, {}
  for _, e in pairs(live(self).passed) do count[e] = (count[e] or 0) + 1 end
  for e, n in pairs(count) do list[#list + 1] = { ending = e, n = n } end
  table.sort(list, function(a, b) return a.ending < b.ending end)
  return list
end

--- Gives up what the corpus holds; later use raises.  Documents stay usable.
function Corpus:close()
  if rawget(self, "closed") then return end
  self.closed, self.items, self.index, self.stdin = true, {}, {}, nil
end

meta.__close = function(self) Corpus.close(self) end
meta.__gc = meta.__close
meta.__tostring = function(self)
  return rawget(self, "closed") and "ds.corpus (closed)" or ("ds.corpus (%d files)"):format(#self.items)
end

--- Opens directories, files and "-" (standard input) as one corpus.
---@param ... string
---@return ds.corpus? corpus nil when there is nothing to read in any of them
---@return string? message
---@return ds.Rejected? detail the first reason; `errors` in it lists all
function M.open(...)
  local args = table.pack(...)
  if args.n == 0 then error("ds.corpus.open: a path is wanted", 2) end
  for i = 1, args.n do
    if type(args[i]) ~= "string" then error(("ds.corpus.open: argument %d is not a path but a %s"):format(i, type(args[i])), 2) end
  end
  local items, errors, passed_over = find(args)
  items = without_repeats(items)
  if #items == 0 then
    local first = errors[1]
    first.errors = errors
    return nil, tostring(first), first
  end
  give_ids(items)
  local index = {}
  for _, item in ipairs(items) do
    index[item.id] = item
    passed_over[item.path] = nil -- named itself beside its directory
  end
  return setmetatable({ items = items, index = index, missing = errors, passed = passed_over, errors = {},
    closed = false }, meta)
end

--- What standard input holds, for workers; nil when it cannot be read.
---@param c ds.corpus
---@return string?
function M.stdin_bytes(c) return (stdin_bytes(c)) end

--- A corpus for a worker, which is fed the files that another corpus has found.
---@return ds.corpus
function M.share()
  return setmetatable({ items = {}, index = {}, missing = {}, passed = {}, errors = {}, closed = false }, meta)
end

--- Gives such a corpus the next files.
---@param c ds.corpus
---@param items {path: string, id: string, bytes: string?}[]
function M.feed(c, items) c.items = items end

return M

-- paths.lua: where the data lies.  Never looked up through the current directory: first beside the program or
-- ds.so, then under PREFIX/share/ds (the PREFIX of the build and the one the program stands in), then in DS_DATA.
local sys = require "ds.c.sys"

local paths = {}
local cached

local function add(list, dir)
  for _, d in ipairs(list) do
    if d == dir then return end
  end
  list[#list + 1] = dir
end

--- The data directories, in the order in which they are searched.
---@return string[]
function paths.dirs()
  if cached then return cached end
  local list = {}
  local here = sys.module_dir()
  if here then
    add(list, here)
    local prefix = here:match("^(.*)/bin$") or here:match("^(.*)/lib/lua/5%.%d$")
    if prefix then add(list, prefix .. "/share/ds") end
  end
  add(list, sys.prefix .. "/share/ds")
  local env = os.getenv("DS_DATA")
  if env and env ~= "" then add(list, env) end
  cached = list
  return list
end

--- Path of a data file or directory such as "zh.dslex", "corpus" or "lexicons/aliases.tsv".
---@param name string relative to the data directories
---@return string? path
---@return string? message that says where it was looked for
function paths.find(name)
  for _, dir in ipairs(paths.dirs()) do
    local path = dir .. "/" .. name
    if sys.stat(path) then return path end
  end
  return nil, ("%s: not found beside the program or in %s; set DS_DATA to the directory that holds it")
    :format(name, table.concat(paths.dirs(), ", "))
end

return paths

-- segmenter.lua: ds.segmenter{user=…}, over the compiled lexicon.

local seg_c = require "ds.c.segment"
local sys = require "ds.c.sys"
local paths = require "ds.paths"
local names = require "ds.names"

local known = { "user" }

--- A segmenter for mixed Chinese/Latin/numeric text.
---@param opts? {user: string?} user: path of a user dictionary (`word [freq] [pos]` a line)
---@return ds.segmenter? segmenter
---@return string? message
---@return table? detail
return function(opts)
  opts = opts or {}
  for name in pairs(opts) do
    if name ~= "user" then
      local near = type(name) == "string" and names.nearest(name, known)
      error(("ds.segmenter: unknown option '%s'%s"):format(tostring(name), near and (", did you mean '" .. near .. "'?") or ""), 2)
    end
  end
  local lexicon, why = paths.find("zh.dslex")
  if not lexicon then return nil, why end
  local user
  if opts.user ~= nil then
    local message
    user, message = sys.read_file(opts.user)
    if not user then return nil, message end
  end
  return seg_c.new(lexicon, user)
end

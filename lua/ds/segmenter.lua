-- segmenter.lua: ds.segmenter{user=…}, over the compiled lexicon.

local seg_c = require "ds.c.segment"
local sys = require "ds.c.sys"
local paths = require "ds.paths"
local names = require "ds.names"

local known = { "user", "mode", "style" }
local choices = { mode = { "default", "accurate", "search", "full" }, style = { "news", "ud", "fine" } }

local function check_choice(name, value)
  for _, c in ipairs(choices[name]) do
    if value == c then return value end
  end
  local near = type(value) == "string" and names.nearest(value, choices[name])
  error(("ds.segmenter: %s is %s, not '%s'%s"):format(name, table.concat(choices[name], ", "), tostring(value),
    near and ("; did you mean '" .. near .. "'?") or ""), 3)
end

--- A segmenter for mixed Chinese/Latin/numeric text.
---@param opts? {user: string?, mode: "default"|"accurate"|"search"|"full"|nil, style: "news"|"ud"|"fine"|nil}
---  user: path of a user dictionary (`word [freq] [pos]` a line); mode and style: doc/SEGMENTER.md
---@return ds.segmenter? segmenter
---@return string? message
---@return table? detail
return function(opts)
  opts = opts or {}
  for name in pairs(opts) do
    if name ~= "user" and not choices[name] then
      local near = type(name) == "string" and names.nearest(name, known)
      error(("ds.segmenter: unknown option '%s'%s"):format(tostring(name), near and (", did you mean '" .. near .. "'?") or ""), 2)
    end
  end
  local mode, style = check_choice("mode", opts.mode or "default"), check_choice("style", opts.style or "news")
  local lexicon, why = paths.find("zh.dslex")
  if not lexicon then return nil, why end
  local tagger
  if mode == "accurate" then
    tagger, why = paths.find("zh.dsnn")
    if not tagger then
      return nil, why .. "; the mode 'accurate' needs it: a build makes it where Debian's python3-jieba is installed"
    end
  end
  local user
  if opts.user ~= nil then
    local message
    user, message = sys.read_file(opts.user)
    if not user then return nil, message end
  end
  return seg_c.new(lexicon, user, mode, style, tagger)
end

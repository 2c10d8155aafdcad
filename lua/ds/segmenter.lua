-- segmenter.lua: ds.segmenter{user=…}, over the compiled lexicon.

local seg_c = require "ds.c.segment"
local sys = require "ds.c.sys"
local paths = require "ds.paths"
local names = require "ds.names"

local known = { "user", "mode", "style", "model" }
local choices = { mode = { "default", "accurate", "search", "full", "trained" }, style = { "news", "ud", "fine" } }

local function check_choice(name, value)
  for _, c in ipairs(choices[name]) do
    if value == c then return value end
  end
  local near = type(value) == "string" and names.nearest(value, choices[name])
  error(("ds.segmenter: %s is %s, not '%s'%s"):format(name, table.concat(choices[name], ", "), tostring(value),
    near and ("; did you mean '" .. near .. "'?") or ""), 3)
end

--- A segmenter for mixed Chinese/Latin/numeric text.
---@param opts? {user: string?, mode: "default"|"accurate"|"search"|"full"|"trained"|nil, style: "news"|"ud"|"fine"|nil, model: string?}
---  user: path of a user dictionary (`word [freq] [pos]` a line); mode and style: doc/SEGMENTER.md; model: path of a
---  standard that was learned from gold, for the mode "trained", which is then the default, and whose style it has
---@return ds.segmenter? segmenter
---@return string? message
---@return table? detail
return function(opts)
  opts = opts or {}
  for name in pairs(opts) do
    names.check("ds.segmenter: unknown option", name, known)
  end
  local mode = check_choice("mode", opts.mode or (opts.model and "trained" or "default"))
  local style = check_choice("style", opts.style or "news")
  if opts.model ~= nil and type(opts.model) ~= "string" then error("ds.segmenter: model is the path of a file", 2) end
  if (mode == "trained") ~= (opts.model ~= nil) then
    error("ds.segmenter: mode 'trained' and a model go together: ds.segmenter { model = \"my.seg\" }", 2)
  end
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
  return seg_c.new(lexicon, user, mode, style, tagger, opts.model)
end

-- convert.lua: ds.utf8.simplify and ds.utf8.traditional.  The tables are opened at the first call and kept.

require "ds.c.utf8" -- the class of the maps
local convert_c = require "ds.c.convert"
local paths = require "ds.paths"
local names = require "ds.names"

local M = {}
local choices = { region = { "tw", "hk" }, mode = { "words", "opencc" } }

local function quoted(list) return '"' .. table.concat(list, '" or "') .. '"' end

local function check_value(name, value, where)
  for _, choice in ipairs(choices[name]) do
    if value == choice then return value end
  end
  local near = type(value) == "string" and names.nearest(value, choices[name])
  error(("%s: option '%s' is %s, not '%s'%s"):format(where, name, quoted(choices[name]), tostring(value),
    near and (", did you mean '" .. near .. "'?") or ""), 4)
end

--- Region and mode of an options table; raises in the name of the public function `where`.
local function check_options(opts, where)
  if opts == nil then return "none", "words" end
  if type(opts) ~= "table" then error(where .. ": options are a table, not a " .. type(opts), 4) end
  for name in pairs(opts) do
    if not choices[name] then
      local near = type(name) == "string" and names.nearest(name, { "region", "mode" })
      error(("%s: unknown option '%s'%s"):format(where, tostring(name),
        near and (", did you mean '" .. near .. "'?") or "; there are: region, mode"), 4)
    end
  end
  return opts.region ~= nil and check_value("region", opts.region, where) or "none",
    opts.mode ~= nil and check_value("mode", opts.mode, where) or "words"
end

local converter

--- The converter, opened once.  The tables belong to the program: that they are missing is an error of the installation.
local function open()
  if converter then return converter end
  local tables, why = paths.find("zh.dsconv")
  local lexicon, why_not = paths.find("zh.dslex")
  if not tables or not lexicon then error(why or why_not, 4) end
  local message
  converter, message = convert_c.open(tables, lexicon)
  if not converter then error(message, 4) end
  return converter
end

local function convert(s, to, opts, where)
  if type(s) ~= "string" and type(s) ~= "number" then
    error(("%s: the text is a string, not a %s"):format(where, type(s)), 3)
  end
  local region, mode = check_options(opts, where)
  return open():convert(s, to, region, mode)
end

--- Simplified Chinese of a text in Traditional Chinese, word by word: 乾淨 gives 干净, 乾隆 stays 乾隆.  The characters of
--- every region are known.
---@param s string
---@param opts? {region: "tw"|"hk"|nil, mode: "words"|"opencc"|nil} region "tw": Taiwan's vocabulary too (資訊 gives 信息);
---  mode "opencc": OpenCC's result for t2s, tw2sp or hk2s
---@return string simplified
---@return ds.map map leads back to the bytes of s
---@nodiscard
function M.simplify(s, opts) return convert(s, "simplified", opts, "ds.utf8.simplify") end

--- Traditional Chinese of a text in Simplified Chinese, word by word: 头发 gives 頭髮, 发明 gives 發明.
---@param s string
---@param opts? {region: "tw"|"hk"|nil, mode: "words"|"opencc"|nil} region: its characters, for "tw" its vocabulary too
---  (信息 gives 資訊); mode "opencc": OpenCC's result for s2t, s2twp or s2hk
---@return string traditional
---@return ds.map map leads back to the bytes of s
---@nodiscard
function M.traditional(s, opts) return convert(s, "traditional", opts, "ds.utf8.traditional") end

return M

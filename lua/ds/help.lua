-- help.lua: what --help and --list print; the help of a plugin is made from what it declares.
local options = require "ds.options"
local t = require("ds.messages").t

local help = {}

local function option_head(o)
  local word = o.value or options.TYPES[o.type]
  if o.type == "choice" then word = table.concat(o.choices, "|") end
  local short = o.short and ("-%s, "):format(o.short) or "    "
  return ("  %s--%s%s"):format(short, o[1], word and " " .. word or "")
end

local function option_default(o)
  if o.required then return t("(needed)") end
  if o.default == nil or o.default == false then return nil end
  if o.default == true then return t("(on; --no-%s turns it off)"):format(o[1]) end
  return t("(default: %s)"):format(o.default)
end

-- Two columns; a head that is too long stands on a line of its own.
local function columns(rows, width)
  local out = {}
  for _, row in ipairs(rows) do
    local head, tail = row[1], row[2]
    if tail == "" then out[#out + 1] = head
    elseif #head <= width then out[#out + 1] = head .. (" "):rep(width + 2 - #head) .. tail
    else
      out[#out + 1] = head
      out[#out + 1] = (" "):rep(width + 2) .. tail
    end
  end
  return table.concat(out, "\n")
end

--- What is said of an option: its help and its default.
---@param o ds.Option
---@return string
function help.option_text(o)
  local parts = { o.help and t(o.help) }
  parts[#parts + 1] = option_default(o)
  return table.concat(parts, " ")
end

local function option_list(list)
  local rows = {}
  for i, o in ipairs(list) do rows[i] = { option_head(o), help.option_text(o) } end
  return columns(rows, 28)
end

local function table_list(p)
  local rows = {}
  for _, t in ipairs(p.tables) do
    rows[#rows + 1] = { "  " .. t.name, "" }
    for _, column in ipairs(t.columns) do
      local tail = column.type .. (column.help and ": " .. column.help or "")
      rows[#rows + 1] = { "      " .. column.name, tail }
    end
  end
  return columns(rows, 28)
end

help.OPERANDS = {
  articles = "[CORPUS…]", lines = "[FILE…]", none = "[ARGUMENT…]",
}
local INPUT_NOTE = {
  articles = "CORPUS: directories, files or - (standard input); none means the bundled corpus.\n" ..
    "Of a directory the files of known formats are read: text, Markdown, HTML, JSON, CSV, TSV,\n" ..
    "CoNLL-U and VRT, also with .gz or .zst; hidden ones are left out.  A file that you name is\n" ..
    "read whatever its ending.",
  lines = "FILE: read line by line, no bytes touched; none or - means standard input.",
  none = nil,
}

help.INTRODUCTION =
  "Runs an analysis over Chinese news text.  PLUGIN is a path to a .lua file, or a name from --list."

--- What the exit statuses mean.
help.STATUSES = {
  { 0, "done" }, { 1, "some input was rejected, or the output could not be written" }, { 2, "wrong usage" },
  { 3, "the plugin failed" }, { 4, "a limit was reached; the results are partial and say so" },
}

--- Help of the program.
---@return string
function help.host()
  return table.concat({
    t("usage: dsrun [options] PLUGIN [options] [CORPUS…]"),
    t("       dsrun [options] -e CODE [CORPUS…]"),
    "",
    t(help.INTRODUCTION),
    t(INPUT_NOTE.articles),
    "",
    t("Options, on either side of PLUGIN:"),
    option_list(options.host),
    "",
    t("dsrun PLUGIN --help tells the options and tables of one plugin."),
    t("Exit status: 0 done; 1 some input was rejected, or the output could not be written; 2 wrong usage; 3 the plugin\n" ..
      "failed; 4 a limit was reached, the results are partial and say so."),
    "",
  }, "\n")
end

--- Help of a plugin.
---@param p ds.LoadedPlugin
---@return string
function help.plugin(p)
  local parts = { t("usage: dsrun %s [options] %s"):format(p.name, help.OPERANDS[p.input]) }
  if p.about then parts[#parts + 1] = "\n" .. p.about end
  if p.example then parts[#parts + 1] = "\n" .. t("Example:") .. "\n  " .. p.example:gsub("\n", "\n  ") end
  if #p.options > 0 then parts[#parts + 1] = "\n" .. t("Options of this plugin:") .. "\n" .. option_list(p.options) end
  if #p.tables > 0 then parts[#parts + 1] = "\n" .. t("Tables, as -f tsv, csv and jsonl write them:") .. "\n" .. table_list(p) end
  if INPUT_NOTE[p.input] then parts[#parts + 1] = "\n" .. t(INPUT_NOTE[p.input]) end
  parts[#parts + 1] = t("Options of the host: dsrun --help") .. "\n"
  return table.concat(parts, "\n")
end

--- Help of a plain script, which declares nothing.
---@param path string
---@return string
function help.script(path)
  return table.concat({ t("usage: dsrun %s [options] %s"):format(path, help.OPERANDS.articles), "",
    t("A plain script: it declares no options of its own."), t("Options of the host: dsrun --help"), "" }, "\n")
end

--- The plugins that can be called by name, with what each is about.
---@param list {name: string, about: string}[]
---@return string
function help.list(list)
  local rows = {}
  for i, p in ipairs(list) do rows[i] = { "  " .. p.name, p.about } end
  return columns(rows, 16) .. "\n"
end

return help

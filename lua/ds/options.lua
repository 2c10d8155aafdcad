-- options.lua: the command line: the host's options, those a plugin declares, their values.
local failure = require "ds.failure"
local getopt = require "ds.c.getopt"
local names = require "ds.names"
local sys = require "ds.c.sys"

local options = {}

---@class ds.Option
---@field [1] string name, as in --name
---@field type "string"|"integer"|"number"|"boolean"|"file"|"dir"|"output"|"choice"|"where"
---@field default any? value when the option is not given; `file` and `dir`: beside the plugin or in the data directories
---@field choices string[]? of type "choice"
---@field help string?
---@field required boolean?
---@field short string? one letter; the host's options only
---@field value string? the word that stands for the value in --help; the host's options only

--- Types of options, with the word that stands for the value in --help.
options.TYPES = {
  string = "TEXT", integer = "N", number = "NUMBER", boolean = false, file = "FILE", dir = "DIR", output = "FILE",
  choice = "NAME", where = "EXPR", size = "SIZE", seconds = "S",
}

options.host = {
  { "format", short = "f", type = "choice", choices = { "text", "tsv", "csv", "jsonl", "html" }, default = "text",
    help = "a report to read, as text or as one html page; or data: one table as tsv or csv, every table as jsonl" },
  { "output", short = "o", type = "output", help = "write there instead of standard output; whole or not at all" },
  { "table", type = "string", value = "NAME", help = "the table that tsv and csv write (default: the first by name)" },
  { "bom", type = "boolean", help = "begin csv and tsv with a byte order mark, by which spreadsheet programs know UTF-8" },
  { "where", type = "string", value = "EXPR",
    help = "only articles for which EXPR holds: date >= 2025-01-01 and script = Hant" },
  { "from", type = "choice", choices = require("ds.formats").NAMES,
    help = "the format of every file, instead of what its name and content tell" },
  { "encoding", type = "string", value = "NAME", help = "the encoding of every file, instead of what its bytes tell" },
  { "fields", type = "string", value = "FIELD=COLUMN,…",
    help = "which key or column is which: text=content,date=pubdate (CSV, TSV, JSON)" },
  { "dedup", type = "choice", choices = { "off", "cluster", "weight" }, default = "off",
    help = "of articles that copy one another, cluster: only the earliest counts; weight: together they count as one" },
  { "user-dict", type = "file", help = "words of your own, a line each: word [freq] [pos]" },
  { "jobs", short = "j", type = "integer", default = 1,
    help = "workers: threads that read and map articles; 0: one for each processor" },
  { "check-determinism", type = "boolean",
    help = "map with one worker and again with several in another order, and say where results differ" },
  { "map", type = "boolean", help = "one task of many: articles as JSON lines on standard input to partials (doc/SCALE.md)" },
  { "reduce", type = "boolean", help = "the partials of all tasks on standard input to the result" },
  { "shard", type = "string", value = "I/N", help = "map every N-th file of the corpus, from the I-th on" },
  { "state", type = "output", help = "what --shard writes" },
  { "merge", type = "boolean", help = "no PLUGIN: the states of all shards to the result" },
  { "manifest", type = "output", help = "write there what the result was made of; `dsrun verify --manifest FILE` makes it again" },
  { "seed", type = "integer", default = 1, help = "where math.random starts" },
  { "on-error", type = "choice", choices = { "skip", "collect", "stop" }, default = "skip",
    help = "input that cannot be read: name it and go on, list all at the end, or stop" },
  { "timeout", type = "seconds", help = "end the run after S seconds and keep what there is" },
  { "article-timeout", type = "seconds",
    help = "end an article after S seconds of processor time and go on with the next" },
  { "memory", type = "size", help = "what each worker may use, as 512M or 2G (default: three quarters of the machine's)" },
  { "trust", type = "boolean", help = "let the plugin do what Lua can: files, programs, modules" },
  { "quiet", short = "q", type = "boolean", help = "no summary and no progress on standard error" },
  { "no-progress", type = "boolean", help = "no progress on standard error" },
  { "eval", short = "e", type = "string", value = "CODE",
    help = "run CODE instead of a plugin, with `ds`, `corpus` and `arg`" },
  { "list", type = "boolean", help = "list the plugins that can be called by name" },
  { "watch", type = "boolean", help = "run again whenever the plugin's file changes" },
  { "interactive", short = "i", type = "boolean", help = "a prompt, with `ds` and `corpus`" },
  { "serve", type = "boolean",
    help = "no PLUGIN: a request a line on standard input, an answer a line on standard output, in JSON (doc/HOSTS.md)" },
  { "completion", type = "choice", choices = { "bash", "fish", "zsh" }, help = "print a completion script for the shell" },
  { "man", type = "boolean", help = "print the man page, or after PLUGIN that of the plugin" },
  { "help", short = "h", type = "boolean", help = "this, or after PLUGIN what it can do" },
  { "version", type = "boolean", help = "print the version" },
}

--- The names that --NAME may have for the declared options: booleans can be switched off by --no-NAME.
local function spellings(option)
  local list = { option[1] }
  if option.type == "boolean" and not option.short and not option[1]:find("^no%-") then
    list[2] = "no-" .. option[1]
  end
  return list
end

--- Words that a plugin's option may not be called, as a set.
---@return table<string, boolean>
function options.reserved()
  local set = {}
  for _, o in ipairs(options.host) do
    for _, name in ipairs(spellings(o)) do set[name] = true end
    set["no-" .. o[1]] = true
  end
  return set
end

-- ------------------------------------------------------------------ values

local function want_integer(text)
  return text:find("^[+-]?%d+$") and math.tointeger(tonumber(text)) or nil, "an integer"
end

local function want_number(text)
  local n = not text:find("[xXnN]") and tonumber(text) or nil
  return n and n - n == 0 and n or nil, "a number"
end

local function want_choice(text, option)
  for _, c in ipairs(option.choices) do
    if c == text then return text end
  end
  local near = names.nearest(text, option.choices)
  return nil, "one of " .. table.concat(option.choices, ", ") .. (near and (" (did you mean %s?)"):format(near) or "")
end

-- The path is opened exactly as given; that it can be is known before any article is read.
local function want_path(text, option)
  local found, message = sys.stat(text)
  if not found then return nil, message end
  if option.type == "dir" and found.kind ~= "dir" then return nil, text .. ": not a directory" end
  if option.type == "file" then
    if found.kind == "dir" then return nil, text .. ": is a directory, not a file" end
    local reader
    reader, message = sys.lines(text)
    if not reader then return nil, message end
    reader:close()
  end
  return text:find("/", 1, true) and text or "./" .. text -- never mistaken for the name of a bundled file
end

local function want_seconds(text)
  local n = want_number(text)
  return n and n > 0 and n or nil, "a number of seconds above 0"
end

local function want_size(text)
  local sandbox = require "ds.sandbox"
  local n = sandbox.size(text)
  return n and n >= sandbox.MEMORY_LEAST and n or nil, "a size of at least 16M, such as 512M or 2G"
end

local CONVERT = { seconds = want_seconds, size = want_size, integer = want_integer, number = want_number, choice = want_choice }

--- The value that `text` stands for, or the run ends with a usage message.
---@param option ds.Option
---@param text string
local function convert(option, text)
  if option.type == "file" or option.type == "dir" then
    local path, message = want_path(text, option)
    return path or failure.usage("--%s: %s", option[1], message)
  end
  if option.type == "where" then
    local keep, message = require("ds.where").compile(text)
    return keep or failure.usage("--%s: %s", option[1], (message:gsub("^where: ", "")))
  end
  local want = CONVERT[option.type]
  if not want then return text end
  local value, wanted = want(text, option)
  if value == nil then failure.usage("--%s wants %s, not '%s'", option[1], require("ds.messages").t(wanted), text) end
  return value
end

-- ------------------------------------------------------------------ parsing

local function spec_of(declared, spec, by_name)
  for _, o in ipairs(declared) do
    for i, name in ipairs(spellings(o)) do
      spec[#spec + 1] = { name = name, short = o.short, arg = o.type ~= "boolean" }
      by_name[name] = { option = o, negated = i == 2 }
    end
  end
end

local function bad_word(problem, word, spec, advice)
  if problem ~= "unknown" then failure.usage("option %s %s", word, problem) end
  local list = {}
  for _, s in ipairs(spec) do list[#list + 1] = "--" .. s.name end
  local near, t = names.nearest(word, list), require("ds.messages").t
  if not near then -- an abbreviation is far in letters and yet clear
    for _, name in ipairs(list) do
      if #word > 3 and name:sub(1, #word) == word then near = name break end
    end
  end
  failure.usage("unknown option %s%s%s", word, near and t("; did you mean %s?"):format(near) or "", t(advice or ""))
end

--- Reads options into `values`, by name; the run ends when one is unknown or its value is wrong.
---@param args string[]
---@param declared ds.Option[][] the host's options, the plugin's
---@param values table<string, any> filled
---@param stop boolean? leave everything from the first operand on unread
---@param advice string? what to add to "unknown option"
---@return string[] operands
function options.parse(args, declared, values, stop, advice)
  local spec, by_name = {}, {}
  for _, list in ipairs(declared) do spec_of(list, spec, by_name) end
  local given, operands, word = getopt.parse(args, spec, stop)
  if not given then bad_word(operands, word, spec, advice) end
  for _, g in ipairs(given) do
    local o = by_name[g.name].option
    if o.type == "boolean" then values[o[1]] = not by_name[g.name].negated
    else values[o[1]] = convert(o, g.value) end
  end
  return operands
end

--- Options as plain data, to be sent to a worker: conditions, which are functions, as the text they were made from.
---@param declared ds.Option[] the plugin's
---@param values table<string, any>
---@return table<string, any>
function options.plain(declared, values)
  local out = {}
  for name, value in next, values do out[name] = value end
  for _, o in ipairs(declared) do
    if o.type == "where" and values[o[1]] then out[o[1]] = require("ds.where").text(values[o[1]]) end
  end
  return out
end

--- The other way round.
---@param declared ds.Option[]
---@param plain table<string, any>
---@return table<string, any> values
function options.from_plain(declared, plain)
  for _, o in ipairs(declared) do
    if o.type == "where" and plain[o[1]] then plain[o[1]] = convert(o, plain[o[1]]) end
  end
  return plain
end

-- A default file lies beside the plugin or in a data directory.
local function default_path(option, beside)
  local path = beside and beside .. "/" .. option.default
  if path and sys.stat(path) then return path end
  local message
  path, message = require("ds.paths").find(option.default)
  if path then return path end
  failure.usage("--%s: %s%s", option[1], beside and ("not beside the plugin, in %s; "):format(beside) or "", message)
end

--- Puts defaults where no value was given.
---@param declared ds.Option[]
---@param values table<string, any>
---@param beside string? directory of the plugin
function options.defaults(declared, values, beside)
  for _, o in ipairs(declared) do
    local name = o[1]
    if values[name] == nil and o.default ~= nil then
      values[name] = o.default
      if o.type == "file" or o.type == "dir" then values[name] = default_path(o, beside) end
    elseif values[name] == nil and o.type == "boolean" then
      values[name] = false
    end
    if values[name] == nil and o.required then failure.usage("option --%s is needed", name) end
  end
end

return options

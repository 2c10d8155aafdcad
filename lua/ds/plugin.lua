-- plugin.lua: loads a plugin file and checks the table it returns, before any article is read.
local env = require "ds.env"
local failure = require "ds.failure"
local options = require "ds.options"
local order = require "ds.order"
local paths = require "ds.paths"
local sys = require "ds.c.sys"

local plugin = {}

local KEYS = {
  about = "string", input = "string", options = "table", tables = "table", needs = "table", example = "string",
  target = "string", weighs = "boolean",
  setup = "function", map = "function", merge = "function", finish = "function", report = "function",
  render = "function", write = "function", index = "function",
}
local OPTION_KEYS = { type = true, default = true, choices = true, help = true, required = true }
local INPUTS = { articles = true, lines = true, none = true }
local COLUMN_TYPES = { string = true, integer = true, number = true, boolean = true, list = true, object = true }
local TARGETS = { store = true }
local NEEDS = { corpus = true, all = true }

---@class ds.Column
---@field name string
---@field type "string"|"integer"|"number"|"boolean"|"list"|"object"
---@field help string?

---@class ds.Table
---@field name string
---@field columns ds.Column[] in the order declared
---@field types table<string, string>
---@field order string[] names of the columns
---@field weighs boolean? rows of `map` carry the article's weight (--dedup weight)

---@class ds.LoadedPlugin
---@field path string
---@field name string as it is called
---@field hooks table<string, function>
---@field input "articles"|"lines"|"none"
---@field options ds.Option[]
---@field tables ds.Table[] sorted by name
---@field by_name table<string, ds.Table>
---@field needs table<string, boolean>
---@field about string?
---@field example string?
---@field target "store"? the first operand is not read but written
---@field weighs boolean `map` multiplies what it counts by ctx:weight()

-- ------------------------------------------------------------------ finding

--- Directories that hold plugins called by name.
local function plugin_dirs()
  local list = {}
  for _, dir in ipairs(paths.dirs()) do list[#list + 1] = dir .. "/plugins" end
  return list
end

--- What to say when there are none: this program lies away from its data.
---@return string
function plugin.none()
  return ("no plugins in %s; set DS_DATA to the directory that holds `plugins`"):format(table.concat(plugin_dirs(), ", "))
end

--- The plugins that can be called by name.
---@return {name: string, path: string}[] sorted by name
function plugin.list()
  local by_name = {}
  for _, dir in ipairs(plugin_dirs()) do
    for _, e in ipairs(sys.list_dir(dir) or {}) do
      local name = e.kind == "file" and e.name:match("^(.+)%.lua$")
      if name and not by_name[name] then by_name[name] = dir .. "/" .. e.name end
    end
  end
  local list = {}
  for _, name in ipairs(order.keys(by_name)) do list[#list + 1] = { name = name, path = by_name[name] } end
  return list
end

local function unknown_plugin(word)
  local known = {}
  for _, p in ipairs(plugin.list()) do known[#known + 1] = p.name end
  local hint = failure.hint(word, known)
  for _, file in ipairs { word, word .. ".lua" } do
    local found = sys.stat(file)
    if found and found.kind ~= "dir" then hint = ("; to run the file write ./%s"):format(file) end
  end
  if #known == 0 then failure.usage("no plugin is called '%s'%s\n  there are %s", word, hint, plugin.none()) end
  failure.usage("no plugin is called '%s'%s\n  there are: %s", word, hint, table.concat(known, ", "))
end

--- Path of the plugin that the command line names: a path, or a name.
---@param word string
---@return string
function plugin.find(word)
  if word:find("/", 1, true) or word:find("%.lua$") then return word end
  for _, dir in ipairs(plugin_dirs()) do
    local path = dir .. "/" .. word .. ".lua"
    if sys.stat(path) then return path end
  end
  return unknown_plugin(word)
end

-- ------------------------------------------------------------------ checking

local function wrong(p, message, ...)
  failure.raise(failure.SCRIPT, "%s: %s", p.path, message:format(...))
end

-- "unknown WHAT 'x'; did you mean 'y'?" unless key is in `known`, a set.
local function check_known(p, what, key, known)
  if known[key] then return end
  local list = order.keys(known)
  wrong(p, "unknown %s '%s'%s", what, tostring(key), failure.hint(key, list, "; known are " .. table.concat(list, ", ")))
end

local function check_keys(p, t)
  for key in next, t do check_known(p, "key", key, KEYS) end
  for _, key in ipairs(order.keys(KEYS)) do
    if t[key] ~= nil and type(t[key]) ~= KEYS[key] then
      wrong(p, "'%s' must be a %s, not a %s", key, KEYS[key], type(t[key]))
    end
  end
end

local VALUE_TYPE = {
  string = "string", file = "string", dir = "string", output = "string", choice = "string", integer = "number",
  number = "number", boolean = "boolean",
}

local function check_default(p, o)
  if o.default == nil then return end
  local ok = type(o.default) == VALUE_TYPE[o.type] and (o.type ~= "integer" or math.type(o.default) == "integer")
  if o.type == "choice" then
    ok = false
    for _, c in ipairs(o.choices) do ok = ok or c == o.default end
  end
  if not ok then wrong(p, "option '%s': the default %s is no %s", o[1], tostring(o.default), o.type) end
end

local function check_choices(p, o)
  if (o.type == "choice") ~= (o.choices ~= nil) then
    wrong(p, "option '%s': `choices` belongs to type \"choice\", and only to it", o[1])
  end
  if o.choices == nil then return end
  if type(o.choices) ~= "table" or #o.choices == 0 then wrong(p, "option '%s': `choices` must be a list", o[1]) end
  for _, c in ipairs(o.choices) do
    if type(c) ~= "string" then wrong(p, "option '%s': the choices must be strings", o[1]) end
  end
end

local function check_option(p, o, i, seen)
  if type(o) ~= "table" or type(o[1]) ~= "string" then
    wrong(p, "option %d must be a table that begins with its name: { \"top\", type=\"integer\", … }", i)
  end
  if not o[1]:find("^[%l%d][%l%d-]+$") then
    wrong(p, "option '%s': a name has small letters, digits and hyphens, two at least", o[1])
  end
  for key in next, o do
    if key ~= 1 then check_known(p, ("key in option '%s':"):format(o[1]), key, OPTION_KEYS) end
  end
  if o.type == nil then o.type = "string" end
  local types = {}
  for name in next, VALUE_TYPE do types[name] = true end
  types.where = true
  check_known(p, ("type of option '%s':"):format(o[1]), o.type, types)
  if options.reserved()[o[1]] then wrong(p, "option '%s' is one of the host's: choose another name", o[1]) end
  if seen[o[1]] then wrong(p, "option '%s' is declared twice", o[1]) end
  seen[o[1]] = true
  if o.type == "boolean" then seen["no-" .. o[1]] = true end
  if o.help ~= nil and type(o.help) ~= "string" then wrong(p, "option '%s': `help` must be a string", o[1]) end
  check_choices(p, o)
  check_default(p, o)
end

local function check_column(p, name, i, c, types)
  if type(c) ~= "table" or type(c[1]) ~= "string" or type(c[2]) ~= "string" then
    wrong(p, "table '%s': column %d must be { name, type, help }", name, i)
  end
  check_known(p, ("type of column '%s' in table '%s':"):format(c[1], name), c[2], COLUMN_TYPES)
  if c[1] == "table" then
    wrong(p, "table '%s': a column cannot be called 'table', the field that names the table", name)
  end
  if types[c[1]] then wrong(p, "table '%s': column '%s' is declared twice", name, c[1]) end
  if c[3] ~= nil and type(c[3]) ~= "string" then
    wrong(p, "table '%s': the help of column '%s' must be a string", name, c[1])
  end
  return { name = c[1], type = c[2], help = c[3] }
end

local function check_table(p, name, columns)
  if type(name) ~= "string" or type(columns) ~= "table" or #columns == 0 then
    wrong(p, "tables: '%s' must be a name with a list of columns", tostring(name))
  end
  local t = { name = name, columns = {}, types = {}, order = {} }
  for i, c in ipairs(columns) do
    local column = check_column(p, name, i, c, t.types)
    t.columns[i], t.types[column.name], t.order[i] = column, column.type, column.name
  end
  return t
end

local function check_input(p, t)
  p.input = t.input or "articles"
  check_known(p, "input", p.input, INPUTS)
  if p.input == "none" then
    if t.map then wrong(p, "with input = \"none\" there is nothing to map: use `finish`") end
    if not t.finish then wrong(p, "`finish` is missing: with input = \"none\" it does the work") end
  elseif not t.map then
    wrong(p, "`map` is missing: the function that is called for every %s", p.input == "lines" and "line" or "article")
  end
  if t.target then check_known(p, "target", t.target, TARGETS) end
  if t.target and p.input == "lines" then wrong(p, "`target` does not go with input = \"lines\"") end
  p.target = t.target
  if t.weighs and p.input ~= "articles" then wrong(p, "`weighs` belongs to input = \"articles\"") end
  p.weighs = t.weighs or false
  if t.render and p.input ~= "lines" then wrong(p, "`render` belongs to input = \"lines\"; write a `report`") end
  if t.render and t.report then
    wrong(p, "`render` writes each line as it comes, `report` at the end: declare one of them")
  end
  if t.index and p.input ~= "articles" then wrong(p, "`index` belongs to input = \"articles\"") end
  p.needs = {}
  for _, need in ipairs(t.needs or {}) do
    check_known(p, "need", need, NEEDS)
    if p.input ~= "articles" then wrong(p, "needs = { \"%s\" } belongs to input = \"articles\"", need) end
    p.needs[need] = true
  end
end

local function check(p, t)
  check_keys(p, t)
  check_input(p, t)
  local seen = {}
  p.options = t.options or {}
  for i, o in ipairs(p.options) do check_option(p, o, i, seen) end
  p.tables, p.by_name = {}, {}
  local table_names, bad = order.keys(t.tables or {})
  if not table_names then wrong(p, "tables: a name must be a string, not a %s", type(bad)) end
  for _, name in ipairs(table_names) do
    local checked = check_table(p, name, t.tables[name])
    p.tables[#p.tables + 1], p.by_name[name] = checked, checked
  end
  p.about, p.example, p.hooks = t.about, t.example, {}
  for key, kind in next, KEYS do
    if kind == "function" then p.hooks[key] = t[key] end
  end
  return p
end

local IS_ID = { doc = true, id = true }

--- Makes the tables ready for --dedup weight: what is counted may have fractions, and a table of articles or places in
--- them, which begins with `doc` or `id`, gets a column `weight`.
---@param p ds.LoadedPlugin
function plugin.weigh(p)
  for _, t in ipairs(p.tables) do
    for name, kind in next, t.types do
      if kind == "integer" then t.types[name] = "weighed" end
    end
    if IS_ID[t.order[1]] and not t.types.weight then
      t.columns[#t.columns + 1] = { name = "weight", type = "number", help = "of the article: 1 divided by how many are its copies" }
      t.types.weight, t.order[#t.order + 1], t.weighs = "number", "weight", true
    end
  end
end

-- ------------------------------------------------------------------ loading

--- Runs the file: a plugin, or a plain script (which is thereby done; then nil).
---@param path string
---@param name string
---@param globals table from env.new
---@return ds.LoadedPlugin?
function plugin.load(path, name, globals)
  local source, message = sys.read_file(path)
  if not source then failure.usage("%s", message) end
  source = source:gsub("^\u{FEFF}", ""):gsub("^#[^\n]*", "") -- a byte order mark, a #! line
  if source:sub(1, 1) == "\27" then wrong({ path = path }, "compiled Lua is not accepted, only source text") end
  local chunk, why = load(source, "@" .. path, "t", globals)
  if not chunk then failure.raise(failure.SCRIPT, "%s", failure.syntax(why, path)) end
  local result = table.pack(failure.protect({ path = path, phase = "load" }, chunk))
  if result.n == 0 then return nil end
  local p = { path = path, name = name }
  if type(result[1]) ~= "table" then
    wrong(p, "a plugin returns a table (and a plain script nothing), not a %s", type(result[1]))
  end
  env.close(globals)
  return check(p, result[1])
end

return plugin

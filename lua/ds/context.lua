-- context.lua: `ctx`, what a plugin's hooks are given.
local c = require "ds.c.json"
local colon = require "ds.colon"
local failure = require "ds.failure"
local order = require "ds.order"
local sys = require "ds.c.sys"

---@class ds.Context
---@field options table<string, any> the values of the declared options; reading an undeclared one raises
---@field state table the plugin's own, one per worker
---@field args string[] the operands, with input = "none"
---@field seed integer of --seed
---@field format string "text", "tsv", "csv", "jsonl" or "html"
---@field user_dict string? path of --user-dict
local Context = {}

local context = {}

-- ------------------------------------------------------------------ checked rows

local DEPTH <const> = 50

-- The keys of a table are strings, or 1 .. n: JSON has no other.
local function check_keys(v, is_list, level)
  for k in next, v do
    if type(k) ~= "string" and not is_list then
      error(("ctx:emit: the keys of an object are strings, not %s %s (a list has the keys 1, 2, 3 … and no others)")
        :format(type(k) == "number" and "the number" or "a " .. type(k) .. ":", tostring(k)), level + 1)
    end
  end
end

-- A copy of a list or object, so that the plugin may go on using its own table.  `kind` is the column's when v is its
-- value.
local function deep_copy(v, depth, level, kind)
  if type(v) == "number" and v - v ~= 0 then
    error("ctx:emit: a row cannot hold NaN or an infinite number", level + 1)
  end
  if type(v) == "function" or type(v) == "thread" or (type(v) == "userdata" and v ~= c.null) then
    error(("ctx:emit: a row cannot hold a %s"):format(type(v)), level + 1)
  end
  if type(v) ~= "table" then return v end
  if depth > DEPTH then error("ctx:emit: a table nested so deep (or within itself) cannot be written", level + 1) end
  check_keys(v, kind == "list" or (kind ~= "object" and c.is_array(v)), level + 1)
  local out = {}
  for k, item in next, v do
    if type(item) ~= "string" then item = deep_copy(item, depth + 1, level + 1) end
    out[k] = item
  end
  return (depth == 1 or not c.is_array(v)) and out or c.array(out) -- the column says what the outermost one is
end

local function describe(v)
  if v ~= v then return "NaN" end
  if type(v) == "number" then return ("the %s %s"):format(math.type(v), v) end
  if type(v) == "string" then return ("the string %q"):format(#v > 40 and v:sub(1, 40) .. "…" or v) end
  if type(v) == "table" and not c.is_array(v) then return "a table with other keys than 1, 2, 3 …" end
  return "a " .. type(v)
end

local CHECK = {
  string = function(v) return type(v) == "string" and v or nil end,
  integer = function(v) return type(v) == "number" and math.tointeger(v) or nil end,
  number = function(v) return type(v) == "number" and v - v == 0 and v or nil end,
  weighed = function(v) return type(v) == "number" and v - v == 0 and (math.tointeger(v) or v) or nil end,
  boolean = function(v) if type(v) == "boolean" then return v end end,
  list = function(v, level)
    local out = type(v) == "table" and deep_copy(v, 1, level + 1, "list")
    return out and (next(out) == nil or c.is_array(out)) and c.array(out) or nil -- keys 1 .. n and no others
  end,
  object = function(v, level) return type(v) == "table" and deep_copy(v, 1, level + 1, "object") or nil end,
}

local ARTICLE = { integer = "an integer", object = "an object" }

local function unknown_column(t, key, level)
  error(("ctx:emit: table '%s' has no column '%s'%s"):format(t.name, tostring(key),
    failure.hint(key, t.order, "; it has " .. table.concat(t.order, ", "))), level + 1)
end

-- The row as it will be written: declared columns only, of the declared types.
local function checked_row(t, row, level)
  local out = {}
  for key, value in next, row do
    local kind = t.types[key]
    if not kind then unknown_column(t, key, level + 1) end
    if value ~= c.null then
      local ok = CHECK[kind](value, level + 1)
      if ok == nil then
        error(("ctx:emit: column '%s' of table '%s' wants %s, not %s"):format(key, t.name,
          ARTICLE[kind] or "a " .. kind, describe(value)), level + 1)
      end
      out[key] = ok
    end
  end
  return out
end

local function find_table(self, name, what, level)
  local t = self._plugin.by_name[name]
  if t then return t end
  error(("%s: table '%s' is not declared%s"):format(what, tostring(name),
    failure.hint(name, order.keys(self._plugin.by_name))), level + 1)
end

-- ------------------------------------------------------------------ methods

--- Adds a row to a declared table.  A column that the row leaves out is null.  The row is copied.
---@param name string of the table
---@param row table<string, any>
function Context:emit(name, row)
  local t = self._tables[name] or find_table(self, name, "ctx:emit", 2)
  local encoder = type(row) == "table" and not t.weighs and self._encoders[t]
  if encoder and encoder:put(row) then return end
  if type(row) ~= "table" then error(("ctx:emit: a row is a table, not %s"):format(describe(row)), 2) end
  local checked = checked_row(t, row, 2)
  if t.weighs then checked.weight = self._weights[row[t.order[1]]] or 1 end
  self._emit(t, checked)
end

--- Adds a value to the total of a key: an exact sum, or what the plugin's `merge` makes of it.
---@param key string|number|boolean
---@param value any
function Context:add(key, value)
  if not self._adding then error("ctx:add: totals are added to in `map` only", 2) end
  self._totals:add(key, value, 2)
end

--- The accumulator of a key, one for all articles, made when it is first asked for; add to it in `map` only.
---@param key string|number|boolean
---@param kind "count"|"sum"|"moments"|"top"|"histogram"|"distinct"|"sample"
---@param ... any what ds.acc of that kind takes: how many items of a top or a sample, edges of a histogram; the seed of a
---  sample is --seed unless another follows
---@return ds.acc
function Context:acc(key, kind, ...)
  if not self._adding then error("ctx:acc: totals are added to in `map` only", 2) end
  if kind == "sample" and select("#", ...) == 1 then return self._totals:acc(key, kind, 2, (...), self.seed) end
  return self._totals:acc(key, kind, 2, ...)
end

--- Iterates key, value of the totals in the order of the keys; in `finish` and `report`.
---@return fun(): any, any
function Context:totals()
  if not self._done then error("ctx:totals: the totals are complete only in `finish` and `report`", 2) end
  return self._totals:each()
end

--- Counts the article at hand as skipped.  What was emitted for it stays; leave `map` after it.
---@param reason string
function Context:skip(reason)
  if type(reason) ~= "string" then error("ctx:skip: say why: a string is wanted", 2) end
  if not self._skip then error("ctx:skip: only `map` has an article to skip", 2) end
  self._skip(reason)
end

--- Whether --where holds for the article at hand; in `map` of a plugin with needs = { "all" }, which gets every article.
---@return boolean? chosen nil: no --where was given
function Context:chosen()
  if not self._plugin.needs.all then error('ctx:chosen: declare needs = { "all" } to get every article', 2) end
  if not self._adding then error("ctx:chosen: only in `map`", 2) end
  return self._chosen()
end

--- What the article at hand counts, in `map` of a plugin that declares weighs = true: 1, or less with --dedup weight. Multiply
--- by it whatever you count: sums of products with whole numbers are exact in any order.
---@return number weight the integer 1 unless the article is in a cluster of --dedup weight
function Context:weight()
  if not self._plugin.weighs then error("ctx:weight: declare weighs = true to weigh articles", 2) end
  if not self._adding then error("ctx:weight: only `map` has an article to weigh", 2) end
  return self._weight
end

--- Names a bad input that is not an article, such as a line of a term list, on standard error.  The run goes on
--- and ends with exit status 1, or stops here with --on-error stop.
---@param message string with file and line
function Context:reject(message)
  if type(message) ~= "string" then error("ctx:reject: a message is wanted", 2) end
  self._reject(message)
end

--- Says in `setup` of a plugin with input = "lines" that this run reads none: `map` is not called, operands are refused.
function Context:no_input()
  if self._plugin.input ~= "lines" then error("ctx:no_input: it belongs to plugins with input = \"lines\"", 2) end
  rawset(self, "_no_input", true)
end

--- Ends the run because the command line asks for something the plugin cannot do: exit status 2.
---@param message string what to write instead
function Context:usage(message)
  failure.usage("%s: %s", self._plugin.name, tostring(message))
end

--- All rows of a table, sorted; in `report`.
---@param name string
---@return table[]
function Context:rows(name)
  local t = find_table(self, name, "ctx:rows", 2)
  if not self._rows then error("ctx:rows: the rows are complete only in `report`", 2) end
  local rows = self._rows(t)
  self._table_of[rows] = t
  return rows
end

--- An article that was read, in `finish` and `report` of a plugin with needs = { "corpus" }.
---@param id string
---@return ds.Doc?
function Context:doc(id)
  if not self._plugin.needs.corpus then error('ctx:doc: declare needs = { "corpus" } to read articles again', 2) end
  if not self._done then error("ctx:doc: only in `finish` and `report`", 2) end
  return self._corpus and self._corpus:doc(id) or nil
end

---@class ds.OutputFile a file that comes into being when the run has succeeded
local OutputFile = {}
OutputFile.__index = OutputFile

--- Appends strings and numbers.
function OutputFile:write(...)
  failure.check_write(self.writer:write(...))
  return self
end

local given_by_user = setmetatable({}, { __mode = "k" }) -- options by context: a plugin can change ctx.options, not these

--- The file of an option of type "output".  It appears under its name when the run has succeeded, whole or not
--- at all.  A file that the user named is replaced; one of the default name is never overwritten.
---@param name string of the option
---@param default string? a file name in the current directory, when the option was not given
---@return ds.OutputFile
function Context:output(name, default)
  local declared
  for _, o in ipairs(self._plugin.options) do declared = declared or (o[1] == name and o.type == "output") end
  if not declared then error(("ctx:output: no option '%s' of type \"output\" is declared"):format(tostring(name)), 2) end
  if self._output then self._output() end
  local given = given_by_user[self][name]
  if not given and default and (type(default) ~= "string" or default:find("[/%z]") or default == "") then
    error("ctx:output: the default must be a plain file name", 2)
  end
  local path = given or default
  if not path then failure.usage("option --%s FILE is needed", name) end
  local writer, message, kind = sys.open_atomic(path, not given)
  if kind == "exists" then
    failure.raise(failure.INPUT, "%s: is there already and is never overwritten; --%s FILE writes elsewhere", path, name)
  end
  if not writer then failure.raise(failure.INPUT, "%s", message) end
  self._outputs[#self._outputs + 1] = writer
  return setmetatable({ writer = writer, path = path }, OutputFile)
end

--- Opens for writing the store that the command line names first, for a plugin with target = "store"; or that of an option
--- of type "output".
---@param option string? name of the option
---@param opts {level: integer?}? see ds.corpus.create
---@return ds.corpus.writer? writer nil in a worker, whose articles go to the writer by ctx:write
function Context:store(option, opts)
  if not option and self._worker then return nil end
  local path = self._target
  if option then path = self.options[option] end
  if not path then
    error(option and ("ctx:store: option '%s' is not given"):format(option) or "ctx:store: declare target = \"store\"", 2)
  end
  if self._output then self._output() end
  sys.allow(path)
  sys.allow_write(path)
  local writer, message = require("ds.store").create(path, { segmenter = self._segmenter or nil, level = opts and opts.level })
  return writer or failure.raise(failure.INPUT, "%s", message)
end

--- Hands an article on from `map` to `write`, which is called in the process that has the store, for one article after the
--- other in the order of reading.
---@param doc ds.doc
function Context:write(doc)
  if not self._plugin.hooks.write then error("ctx:write: the plugin has no `write`", 2) end
  if not self._adding then error("ctx:write: in `map` only", 2) end
  self._write(doc)
end

--- The path of that store.
---@return string?
function Context:target() return self._target or nil end

--- The stores among the inputs: what each says of itself.
---@return {path: string, info: table}[]
function Context:stores()
  local list, stores = {}, self._corpus and self._corpus.stores or {}
  for _, path in ipairs(order.keys(stores)) do list[#list + 1] = { path = path, info = stores[path]:info() } end
  return list
end

colon(Context, "ctx", Context)
colon(OutputFile, "file", OutputFile)

-- ------------------------------------------------------------------ making

local PUBLIC = { "options", "state", "args", "seed", "format", "user_dict" }

-- Methods are looked up without a call; for what is none of them the function behind says what there is.
local lookup = {}
for name, method in next, Context do
  if name:sub(1, 2) ~= "__" then lookup[name] = method end
end
Context.__index = setmetatable(lookup, { __index = function(_, key)
  if key == "user_dict" or (type(key) == "string" and key:sub(1, 1) == "_") then return Context[key] end
  local known = { table.unpack(PUBLIC) }
  for _, name in ipairs(order.keys(lookup)) do
    if name:sub(1, 1) ~= "_" then known[#known + 1] = name end
  end
  error(("ctx has no '%s'%s"):format(tostring(key),
    failure.hint(key, known, "; what is the plugin's own lives in ctx.state")), 2)
end })

function Context.__newindex(_, key)
  error(("ctx.%s cannot be set: what is the plugin's own lives in ctx.state"):format(tostring(key)), 2)
end

-- Reading an option that is not declared raises.
local function checked_options(plugin, values)
  local declared = {}
  for _, o in ipairs(plugin.options) do declared[o[1]] = true end
  local out = {}
  for name in next, declared do out[name] = values[name] end
  return setmetatable(out, { __index = function(_, name)
    if declared[name] then return nil end
    error(("option '%s' is not declared%s"):format(tostring(name), failure.hint(name, order.keys(declared))), 2)
  end })
end

--- A context for one worker.  Fields that begin with _ are the runner's.
---@param plugin ds.LoadedPlugin
---@param values table<string, any> of all options
---@param totals ds.Totals
---@param args string[]
---@return ds.Context
function context.new(plugin, values, totals, args)
  local ctx = {
    options = checked_options(plugin, values), state = {}, args = args, seed = values.seed, format = values.format,
    user_dict = values["user-dict"],
    _plugin = plugin, _totals = totals, _outputs = {}, _corpus = false, _done = false,
    _table_of = setmetatable({}, { __mode = "k" }), -- the table that a list of ctx:rows belongs to
    _tables = plugin.by_name, _emit = false, _encoders = {}, _adding = false, _chosen = false, _skip = false, _reject = false,
    _rows = false, _target = false, _segmenter = false, _weights = {}, _weight = 1, _write = false,
    _worker = false, -- whether the store is another state's
    _output = false, -- raises where no file may be opened
  }
  given_by_user[ctx] = values
  return setmetatable(ctx, Context)
end

return context

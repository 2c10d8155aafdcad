-- serve_calls.lua: what a request of dsrun --serve can call besides plugins: functions of a text.
--
-- Each takes the request and gives the fields of the answer.  `from` and `to` are bytes of the request's text, from 1,
-- both ends included, as everywhere.
local json = require "ds.c.json"
local messages = require "ds.messages"
local names = require "ds.names"
local order = require "ds.order"

local calls = {}

-- ------------------------------------------------------------------ what is wrong with a request

local Refusal = { __name = "ds.Refusal" }
function Refusal:__tostring() return self.message end

--- Ends a request.
function calls.refuse(message, ...)
  message = messages.t(message)
  if select("#", ...) > 0 then message = message:format(...) end
  error(setmetatable({ message = message }, Refusal), 0)
end

--- What an error inside a call is for whoever asked: the message without the place in the library's code.
---@param e any
---@return any
function calls.refusal(e)
  if type(e) ~= "string" then return e end
  return (e:gsub("^ds/[%w_]+%.lua:%d+: ", ""))
end

--- The text of a request.
---@param request table
---@return string
function calls.text(request)
  local text = request.text
  if text == nil then calls.refuse("text is wanted") end
  if type(text) ~= "string" then calls.refuse("text is a string, not a %s", type(text)) end
  return text
end

local function one_of(request, key, choices, otherwise)
  local value = request[key]
  if value == nil then return otherwise end
  for _, c in ipairs(choices) do
    if c == value then return value end
  end
  calls.refuse("%s is one of %s", key, table.concat(choices, ", "))
end

-- ------------------------------------------------------------------ the calls

local function segmenter(self, request)
  local mode = one_of(request, "mode", { "default", "accurate", "search", "full" }, "default")
  local style = one_of(request, "style", { "news", "ud", "fine" }, "news")
  local key = mode .. " " .. style
  self.segmenters = self.segmenters or {}
  if not self.segmenters[key] then
    local seg, message = self.ds.segmenter { mode = mode, style = style, user = self.values["user-dict"] }
    self.segmenters[key] = seg or calls.refuse("%s", message)
  end
  return self.segmenters[key]
end

-- What finds quotations and numbers is kept with the segmenter's holder.
local function document(self, request)
  if request.title ~= nil and type(request.title) ~= "string" then calls.refuse("title is a string") end
  self.holder = self.holder or { segmenter = segmenter(self, {}) }
  return require("ds.doc").new({ id = "text", text = calls.text(request), title = request.title, meta = {} }, self.holder)
end

local JUDGES_MAX <const> = 64 -- targets whose judges are kept

local function judge(self, target)
  if type(target) ~= "string" then calls.refuse("target is wanted: whom the stance is toward") end
  if not self.judges or self.judges.n >= JUDGES_MAX then self.judges = { n = 0, by_target = {} } end
  local kept = self.judges
  if not kept.by_target[target] then
    local made, message = self.ds.stance { target = target, segmenter = segmenter(self, {}) }
    kept.by_target[target], kept.n = made or calls.refuse("%s", message), kept.n + 1
  end
  return kept.by_target[target]
end

local function spans(request, each)
  local text, list = calls.text(request), json.array {}
  for from, to in each(text) do list[#list + 1] = { from = from, to = to, text = text:sub(from, to) } end
  return { spans = list }
end

local function matcher(self, request)
  if type(request.terms) ~= "table" then calls.refuse("terms is a list of strings, or an object: term to label") end
  local m, message = self.ds.matcher(request.terms)
  return m or calls.refuse("%s", message)
end

-- name = { function(self, request), further keys of the request }
local CALLS = {
  version = { function(self)
    return { version = self.ds.version, calls = json.array(calls.names()), plugins = json.array(order.keys(self.paths)) }
  end },
  segment = { function(self, request)
    return { words = json.array(segmenter(self, request):words(calls.text(request))) }
  end, "mode", "style" },
  tokens = { function(self, request)
    local list = json.array {}
    for t in segmenter(self, request):tokens(calls.text(request)) do
      list[#list + 1] = { word = t.word, key = t.key, from = t.from, to = t.to, pos = t.pos, class = t.class }
    end
    return { tokens = list }
  end, "mode", "style" },
  fold = { function(self, request)
    local how = { case = request.case, width = request.width, variant = request.variant }
    return { text = (self.ds.utf8.fold(calls.text(request), next(how) and how or nil)) }
  end, "case", "width", "variant" },
  simplify = { function(self, request)
    return { text = self.ds.utf8.simplify(calls.text(request), { region = request.region, mode = request.mode }) }
  end, "region", "mode" },
  traditional = { function(self, request)
    return { text = self.ds.utf8.traditional(calls.text(request), { region = request.region, mode = request.mode }) }
  end, "region", "mode" },
  normalize = { function(self, request)
    return { text = self.ds.utf8.normalize(calls.text(request), one_of(request, "form", { "NFC", "NFD", "NFKC", "NFKD" }, "NFC")) }
  end, "form" },
  script = { function(self, request) return { script = (self.ds.utf8.script(calls.text(request))) } end },
  sentences = { function(self, request) return spans(request, self.ds.utf8.sentences) end },
  paragraphs = { function(self, request) return spans(request, self.ds.utf8.paragraphs) end },
  spans = { function(self, request)
    local text, list = calls.text(request), json.array {}
    for from, to, label, term in matcher(self, request):spans(text) do
      list[#list + 1] = { from = from, to = to, label = label, term = term, text = text:sub(from, to) }
    end
    return { spans = list }
  end, "terms" },
  count = { function(self, request)
    return { counts = json.array(matcher(self, request):count(calls.text(request))) }
  end, "terms" },
  quotes = { function(self, request) return { quotes = json.array(document(self, request):quotes()) } end },
  numbers = { function(self, request) return { numbers = json.array(document(self, request):numbers()) } end },
  stance = { function(self, request)
    return { sentences = json.array(judge(self, request.target):judge(document(self, request))) }
  end, "target", "title" },
}

--- The names of all calls.
---@return string[]
function calls.names() return order.keys(CALLS) end

--- Does what a request without a plugin asks.
---@param self table
---@param request table
---@return table fields of the answer
function calls.run(self, request)
  local name = request.call
  if name == nil then calls.refuse("call or plugin is wanted; calls are %s", table.concat(calls.names(), ", ")) end
  local entry = CALLS[name]
  if not entry then
    local near = type(name) == "string" and names.nearest(name, calls.names())
    calls.refuse("there is no call %s%s", json.encode { name }:sub(2, -2), near and ("; did you mean '%s'?"):format(near) or
      "; there are " .. table.concat(calls.names(), ", "))
  end
  local keys = { "call", "id", "text", table.unpack(entry, 2) }
  for key in next, request do names.check("unknown key", key, keys, 0) end
  return entry[1](self, request)
end

return calls

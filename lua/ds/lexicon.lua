-- lexicon.lua: the word tables of corpus/lexicons as Lua tables.  Users copy and edit the files; a line that cannot be
-- taken is left out and named with file and line in the second result, which plugins hand to ctx:reject.

local paths = require "ds.paths"
local tsv = require "ds.tsv"

local M = {}

local function locate(name)
  if name:find("/", 1, true) then return name end
  return paths.find("lexicons/" .. name)
end

--- Reads a lexicon file.
---@param name string a path with a slash, or the name of a bundled file such as "sentiment.tsv"
---@param parse fun(fields: string[], line: integer): any?, string?
---@return any[]? rows nil when the file cannot be read
---@return {line: integer, message: string}[]|string bad the lines left out; or why there are no rows
function M.read(name, parse)
  local path, why = locate(name)
  if not path then return nil, why end
  return tsv.load(path, parse)
end

local function one_of(set)
  local is = {}
  for word in set:gmatch("%S+") do is[word] = true end
  return is
end

local registers = one_of "news internet idiom"
local falls = one_of "subject object clause"

--- Sentiment words: word, weight (-3..3), register, falls (on whom: subject, object, clause).
---@param name? string default "sentiment.tsv"
function M.sentiment(name)
  return M.read(name or "sentiment.tsv", function(f)
    local weight = tonumber(f[2])
    if #f ~= 4 then return nil, "a line is word, weight, register, falls" end
    if not weight or weight == 0 or weight < -3 or weight > 3 then return nil, "weight is a number from -3 to 3, not 0" end
    if not registers[f[3]] then return nil, "register is news, internet or idiom" end
    if not falls[f[4]] then return nil, "falls is subject, object or clause" end
    return { word = f[1], weight = weight, register = f[3], falls = f[4] }
  end)
end

local modifier_kinds = one_of "negation degree doubt contrast concession question comparison"

--- Words that change what stands near them: word, kind, value.
---@param name? string default "modifiers.tsv"
function M.modifiers(name)
  return M.read(name or "modifiers.tsv", function(f)
    local value = tonumber(f[3])
    if #f ~= 3 or not value then return nil, "a line is word, kind, value" end
    if not modifier_kinds[f[2]] then return nil, "unknown kind '" .. f[2] .. "'" end
    return { word = f[1], kind = f[2], value = value }
  end)
end

local verb_kinds = one_of "say claim praise blame ask"

--- Reporting verbs: word, kind.
---@param name? string default "reporting-verbs.tsv"
function M.reporting_verbs(name)
  return M.read(name or "reporting-verbs.tsv", function(f)
    if #f ~= 2 or not verb_kinds[f[2]] then return nil, "a line is word, kind (say, claim, praise, blame or ask)" end
    return { word = f[1], kind = f[2] }
  end)
end

--- Aliases of people, companies, products, places: name, alias, type.
---@param name? string default "aliases.tsv"
function M.aliases(name)
  return M.read(name or "aliases.tsv", function(f)
    if #f ~= 3 or f[1] == "" or f[2] == "" then return nil, "a line is name, alias, type" end
    return { name = f[1], alias = f[2], type = f[3] }
  end)
end

local place_kinds = one_of "country city area"

--- Places: name, kind (country, city, area).
---@param name? string default "places.tsv"
function M.places(name)
  return M.read(name or "places.tsv", function(f)
    if #f ~= 2 or f[1] == "" or not place_kinds[f[2]] then return nil, "a line is name, kind (country, city or area)" end
    return { name = f[1], kind = f[2] }
  end)
end

--- Terms with their forms: term, core (0 or 1), forms separated by "/".
---@param name? string default "pricewar.tsv"
function M.terms(name)
  return M.read(name or "pricewar.tsv", function(f)
    if #f ~= 3 or f[1] == "" or f[3] == "" then return nil, "a line is term, core (0 or 1), forms separated by /" end
    if f[2] ~= "0" and f[2] ~= "1" then return nil, "core is 0 or 1" end
    local forms = {}
    for form in f[3]:gmatch("[^/]+") do forms[#forms + 1] = form end
    return { term = f[1], core = f[2] == "1", forms = forms }
  end)
end

--- A plain list of words, one a line.
---@param name string
---@return string[]? words
---@return table[]|string bad
function M.words(name)
  return M.read(name, function(f)
    if #f ~= 1 then return nil, "a line is one word" end
    return f[1]
  end)
end

--- Words that frequency lists leave out, as a set.
---@param name? string default "stopwords.tsv"
---@return table<string, boolean>? set
---@return table[]|string bad
function M.stopwords(name)
  local rows, bad = M.words(name or "stopwords.tsv")
  if not rows then return nil, bad end
  local set = {}
  for _, word in ipairs(rows) do set[word] = true end
  return set, bad
end

-- Universal parts of speech of our tags; doc/SEGMENTER.md has the same table with examples.
local upos = {}
for name, tags in pairs {
  NOUN = "n ng an vn q qe qg s t tg j", PROPN = "nr nrt nrfg ns nt nz nx", VERB = "v vg vi vq i l",
  ADJ = "a ag b bg z", ADV = "d dg df ad vd", PRON = "r rg rr rz", NUM = "m mg mq", ADP = "p f", CCONJ = "c",
  AUX = "ul uz ug", PART = "u uj uv ud y yg h k", INTJ = "e o", PUNCT = "w", X = "g x zg",
} do
  for tag in tags:gmatch("%S+") do upos[tag] = name end
end

--- The Universal POS tag (universaldependencies.org) of one of our parts of speech.
---@param tag string a token's `pos`
---@return string upos "NOUN", "VERB" …; "X" for a tag that is none of ours, such as a user dictionary's own
function M.upos(tag) return upos[tag] or "X" end

--- The full checksum pass over a compiled lexicon.
---@param path string
---@return integer? words how many it holds
---@return string source where they come from; or what is wrong
---@return {byte: integer?}? detail where
function M.verify(path) return require "ds.c.segment".verify(path) end

return M

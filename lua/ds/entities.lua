-- entities.lua: who and what a text names.  `ds.entities():find(doc)` gives a record for every mention of a person, a body
-- (company, institution), a product or a place: by the alias file, by the dictionary's and the tagger's classes, by rules
-- (entity_bodies.lua, entity_rules.lua, entity_latin.lua).  `merge` joins over articles what is one entity under several spellings.

local bodies = require "ds.entity_bodies"
local latin = require "ds.entity_latin"
local lexicon = require "ds.lexicon"
local make_matcher = require "ds.matcher"
local merge = require "ds.entity_merge"
local names = require "ds.names"
local rules = require "ds.entity_rules"
local utf8c = require "ds.c.utf8"
local view = require "ds.entity_view"

local function simplified(s) return (utf8c.fold(s, { variant = true })) end
local function fold(s) return (utf8c.fold(s)) end

--- 马克・古尔曼, 亚历山大 · 王: with the dot that names have.
local function one_dot(name)
  for _, dot in ipairs { "・", "•", "‧" } do name = name:gsub("%s*" .. dot .. "%s*", "·") end
  return (name:gsub("%s*·%s*", "·"))
end

---@class ds.entities
---@field bad_lines {line: integer, message: string}[] lines of the lexicons that were left out
local Entities = {}
Entities.__index = Entities
Entities.__name = "ds.entities"
function Entities:__tostring() return "ds.entities" end

--- Types of entities, and the types of the alias file that are so called here.
local TYPE_OF = { person = "person", company = "org", institution = "org", org = "org", product = "product", place = "place" }
local known = { "aliases", "places", "segmenter" }

-- Words that rules take for no names: reporting verbs would do harm, nouns for people are no people.
local COMMON = "令人 多达 一家 大家 专家 公司 集团 大学 城市 东西 深度 关联 吉利 上市 普及 福利"

local function read_lists(self, opts)
  local rows, bad = lexicon.aliases(opts.aliases)
  if not rows then return nil, bad end
  local places, bad_places = lexicon.places(opts.places)
  if not places then return nil, bad_places end
  local holders, bad_holders = lexicon.words("holders.tsv")
  if not holders then return nil, bad_holders end
  for _, list in ipairs { bad, bad_places, bad_holders } do table.move(list, 1, #list, #self.bad_lines + 1, self.bad_lines) end
  local forms = {}
  for _, row in ipairs(rows) do
    local type = TYPE_OF[row.type]
    if type then
      forms[row.alias], forms[row.name] = forms[row.alias] or row.name, row.name
      self.type_of[row.name] = type
      self.listed[row.name] = self.listed[row.name] or {}
      table.insert(self.listed[row.name], row.alias)
      self.name_of[fold(row.alias)], self.name_of[fold(row.name)] = self.name_of[fold(row.alias)] or row.name, row.name
    end
  end
  for _, row in ipairs(places) do
    local key = fold(row.name)
    self.places[key] = self.name_of[key] or row.name
    if row.kind == "country" then self.countries[key] = true end
  end
  for _, word in ipairs(holders) do self.common[fold(word)] = true end
  for word in COMMON:gmatch("%S+") do self.common[word] = true end
  self.matcher = make_matcher(forms)
  for name, type in pairs(self.type_of) do
    local brand, code = name:match("^(.+)[%- ](%a?%d[%w%.]*)$")
    if type == "product" and brand and not code:find("^%d") then
      local key = fold(code)
      self.brand_of[key] = self.brand_of[key] == nil and { brand = brand, name = name } or false
    end
  end
  return true
end

--- A finder of entities.
---@param opts? {aliases: string?, places: string?, segmenter: ds.segmenter?}
---  aliases, places: paths of lexicon files to use in place of the bundled ones; segmenter: cuts the text anew, with mode
---  "accurate" its marks of persons, places and institutions count; else the document's own words are taken
---@return ds.entities? finder
---@return string? message names the file that could not be read
local function new(opts)
  opts = opts or {}
  for name in pairs(opts) do
    names.check("ds.entities: unknown option", name, known)
  end
  local self = setmetatable({ bad_lines = {}, type_of = {}, name_of = {}, listed = {}, brand_of = {}, places = {}, countries = {},
                              common = {}, given = {}, segmenter = opts.segmenter }, Entities)
  local done, message = read_lists(self, opts)
  if not done then return nil, message end
  return self
end

--- The segmenter that given names are looked at with.
function Entities:segmenter_of()
  if not self.segmenter and not self.plain then self.plain = assert(require "ds.segmenter" {}) end
  return self.segmenter or self.plain
end

--- The name that mentions of a form have: the alias file's, else the form in Simplified characters.
---@param form string in either script
---@return string
function Entities:name(form) return self.name_of[fold(form)] or one_dot(simplified(form)) end

-- ------------------------------------------------------------------ a document

--- The names of the alias file.  One of two Han characters has to stand between word borders: 快手 is not in 加快手续.
local function take_listed(self, v)
  for from, to, name in self.matcher:names(v.text) do
    local short = to - from < 6 and v.text:byte(from) >= 0x80
    if (not short or v:on_borders(from, to)) and v:is_free(from, to) then v:take(from, to, self.type_of[name], "alias", name) end
  end
end

--- Further places of names that were found by rule.
local function take_again(self, v)
  local forms, list = {}, {}
  for _, m in ipairs(v.mentions) do
    if m.rule ~= "alias" and m.rule ~= "list" and not forms[m.text] then
      forms[m.text] = m
      list[#list + 1] = m
      if m.short and not forms[m.short] then -- 云栈智算 of 云栈智算股份有限公司
        m.name = self:name(m.short)
        forms[m.short] = m
        list[#list + 1] = { text = m.short, type = m.type, rule = "part", name = m.name, from = m.from }
      end
    end
  end
  table.sort(list, function(a, b) return #a.text > #b.text or (#a.text == #b.text and a.from < b.from) end)
  for _, m in ipairs(list) do
    local at = v.text:find(m.text, 1, true)
    local long = #m.text >= 9 and m.text:byte(1) >= 0x80
    while at do
      local to = at + #m.text - 1
      if v:is_free(at, to) and (long or v:on_borders(at, to)) then v:take(at, to, m.type, m.rule, m.name) end
      at = v.text:find(m.text, to + 1, true)
    end
  end
end

--- The last part of a name: 哈萨比斯 of 德米斯·哈萨比斯, R1 of DeepSeek-R1.
local function last_part(name)
  local at = name:match(".*()·")
  if at then return name:sub(at + #"·") end
  return name:match("[%- ]([%w%.]+)$")
end

--- Codes that are the last part of one product in the alias file, whose brand the article names: V3 is DeepSeek-V3 beside DeepSeek.
local function resolve_codes(self, v)
  local said = {}
  for _, m in ipairs(v.mentions) do said[m.name] = true end
  for _, m in ipairs(v.mentions) do
    local brand = m.rule == "model" and self.brand_of[fold(m.text)]
    if brand and said[brand.brand] then m.name, m.rule = brand.name, "part" end
  end
end

--- Short names that stand for a longer one of the same article, when it is the only one.
local function resolve_parts(v)
  local full = {}
  for _, m in ipairs(v.mentions) do
    local part = last_part(one_dot(m.text))
    if part and (m.type == "person" or m.type == "product") then
      local key = fold(part)
      if full[key] == nil then full[key] = m elseif full[key] and full[key].name ~= m.name then full[key] = false end
    end
  end
  if next(full) == nil then return end
  for i = 1, v.n do -- words that no rule has taken
    local m = full[v.key[i]]
    if m and not v.taken[i] and #v.word[i] >= 6 and m.type == "person" then
      v:take(v.from[i], v.to[i], "person", "part", m.name)
    end
  end
  for _, m in ipairs(v.mentions) do
    local whole = m.rule ~= "alias" and full[fold(m.text)]
    if whole and whole ~= m and whole.type == m.type and whole.name ~= m.name then m.name, m.rule = whole.name, "part" end
  end
end

---@class ds.mention
---@field from integer first byte in doc.text
---@field to integer last byte
---@field text string as it is written
---@field name string the name that the alias file gives; else the text in Simplified characters, or the longer name it is a part of
---@field type "person"|"org"|"product"|"place"
---@field short string? of a company: its name without 股份有限公司
---@field rule "alias"|"list"|"dotted"|"name"|"ending"|"model"|"latin"|"part"|"tagger" how it was found

--- The entities that a document names, by their beginning.
---@param doc ds.doc
---@param from? integer byte in doc.text, from 1
---@param to? integer
---@return ds.mention[]
function Entities:find(doc, from, to)
  local cut = self.segmenter and self.segmenter:cut(doc.text) or require("ds.doc").cut(doc)
  local v = view.new(doc.text, cut)
  take_listed(self, v)
  rules.dotted(v)
  bodies.find(self, v)
  rules.tagged(self, v)
  rules.persons(self, v)
  rules.places(self, v)
  latin.find(v, self.brand_of)
  take_again(self, v)
  for _, m in ipairs(v.mentions) do
    m.name = m.name or self:name(m.text)
  end
  resolve_parts(v)
  resolve_codes(self, v)
  local out = {}
  for _, m in ipairs(v.mentions) do
    if m.from >= (from or 1) and m.to <= (to or #doc.text) then out[#out + 1] = m end
  end
  table.sort(out, function(a, b) return a.from < b.from end)
  return out
end

-- ------------------------------------------------------------------ over articles

---@class ds.entity.sum what is known of a name over the articles
---@field name string
---@field types table<string, integer> mentions by type
---@field forms table<string, {n: integer, docs: integer, rule: string}> by spelling
---@field near table<string, integer>? names that stand in one sentence with it

---@class ds.entity.merged
---@field name string
---@field type string
---@field listed boolean the alias file has it
---@field members {name: string, how: "part"|"spelling", because: string}[] names that were joined to it, the alias file's and scripts' aside

--- Joins names that are one entity: 哈萨比斯 and 德米斯·哈萨比斯, 梁文锋 and 梁文峰, GPT 4o and GPT-4o.  Names that the alias
--- file tells apart stay apart, and a spelling needs a witness: a third name beside both.
---@param sums ds.entity.sum[]
---@return ds.entity.merged[] merged in the order of `sums`
---@return table<string, string> canonical from the name of each sum to that of its entity
function Entities:merge(sums) return merge.merge(sums, self.listed) end

--- Lists of names of one article that `merge` might join, so that the article is not counted for each.
---@param list string[] sorted
---@return string[][]
function Entities:alike(list) return merge.alike(list) end

--- How a form came to its name: "" as it stands, "script", "alias", "part".
---@param form string as written
---@param name string
---@param rule string of a mention
---@return string
function Entities:how(form, name, rule)
  if form == name then return "" end
  if simplified(form) == name or fold(form) == fold(name) then return "script" end
  if rule == "part" then return "part" end
  return self.name_of[fold(form)] and "alias" or rule
end

return new

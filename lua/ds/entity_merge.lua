-- entity_merge.lua: which names of a corpus are one entity.  Script and the alias file have done their part when names come
-- here; what is left is a part for the whole (哈萨比斯, 德米斯·哈萨比斯), blanks and hyphens (GPT 4o, GPT-4o), and spellings
-- of one sound (梁文锋, 梁文峰; 奥特曼, 阿尔特曼).  The last is a guess, so it needs a witness: a third name, no place, that
-- stands in one sentence with either; and two names that stand in one sentence themselves are told apart by whoever wrote it.

local order = require "ds.order"
local quote_words = require "ds.quote_words"
local spelling = require "ds.spelling"

local DOT <const> = "·"

--- The type with most mentions, of equals the first in this order.
local TYPES = { "person", "org", "product", "place" }
local function type_of(sum)
  local best
  for _, type in ipairs(TYPES) do
    if (sum.types[type] or 0) > (best and sum.types[best] or 0) then best = type end
  end
  return best
end

local function total(sum)
  local n = 0
  for _, times in pairs(sum.types) do n = n + times end
  return n
end

local function parts_of(name)
  local list = {}
  for part in (name .. DOT):gmatch("(.-)" .. DOT) do list[#list + 1] = part end
  return list
end

-- ------------------------------------------------------------------ groups

local Groups = {}
Groups.__index = Groups

--- The head of a name's group.
function Groups:head(name)
  while self.parent[name] ~= name do name = self.parent[name] end
  return name
end

--- The better name of two for an entity: the alias file's, the longer one with a dot, the more frequent.
local function better(self, a, b)
  local x, y = self.by_name[a], self.by_name[b]
  local function rank(name, sum) return (self.listed[name] and 4 or 0) + (name:find(DOT, 1, true) and 2 or 0), total(sum) end
  local rank_a, n_a = rank(a, x)
  local rank_b, n_b = rank(b, y)
  if rank_a ~= rank_b then return rank_a > rank_b end
  if n_a ~= n_b then return n_a > n_b end
  if #a ~= #b then return #a > #b end
  return a < b
end

--- Joins two names, unless the alias file has both or their types differ.
function Groups:join(a, b, how, because)
  a, b = self:head(a), self:head(b)
  if a == b or (self.listed[a] and self.listed[b]) or self.type[a] ~= self.type[b] then return end
  if better(self, b, a) then a, b = b, a end
  self.parent[b] = a
  local members = self.members[a]
  members[#members + 1] = { name = b, how = how, because = because }
  for _, m in ipairs(self.members[b]) do members[#members + 1] = m end
  self.members[b] = {}
end

--- A third name that stands beside both, the most frequent; nil when there is none or they stand side by side.
local function witness(self, a, b)
  local x, y = self.by_name[a].near or {}, self.by_name[b].near or {}
  if x[b] or y[a] then return nil end
  local best, most = nil, 0
  for _, name in ipairs(order.keys(x)) do
    local n = math.min(x[name], y[name] or 0)
    if n > most and self.type[name] ~= "place" then best, most = name, n end
  end
  return best
end

--- Lists of names by a key.
local function by_key(self, key_of)
  local keys, lists = {}, {}
  for _, name in ipairs(self.names) do
    local key = key_of(name)
    if key then
      if not lists[key] then keys[#keys + 1], lists[key] = key, {} end
      table.insert(lists[key], name)
    end
  end
  table.sort(keys)
  return keys, lists
end

-- ------------------------------------------------------------------ rules

--- GPT 4o, GPT-4o, GPT4o
local function join_latin(self)
  local keys, lists = by_key(self, function(name)
    return not name:find("[\194-\244]") and self.type[name] .. name:lower():gsub("[ %-]", "") or nil
  end)
  for _, key in ipairs(keys) do
    local list = lists[key]
    for i = 2, #list do self:join(list[1], list[i], "spelling", "blanks, hyphens and case aside, one name") end
  end
end

--- 伊隆·马斯克 is the listed 马斯克 when the file has a 埃隆·马斯克 that sounds like it.
local function listed_full(self, full, part)
  local first = spelling.skeleton(parts_of(full)[1])
  for _, alias in ipairs(self.listed[part]) do
    local parts = parts_of(alias)
    if #parts > 1 and first and first ~= "" and spelling.skeleton(parts[1]) == first then return alias end
  end
end

--- Parts that stand for the whole.
local function join_parts(self)
  local wholes = {}
  for _, name in ipairs(self.names) do
    local part
    if self.type[name] == "person" then
      local parts = parts_of(name)
      part = #parts > 1 and parts[#parts] or nil
    elseif self.type[name] == "product" then
      part = name:match("[%- ](%a[%w%.]*)$")
      part = part and part:find("%d") and part or nil
    end
    if part and self.by_name[part] then
      wholes[part] = wholes[part] or {}
      table.insert(wholes[part], name)
    end
  end
  for _, part in ipairs(order.keys(wholes)) do
    local list, heads, n = wholes[part], {}, 0
    for _, whole in ipairs(list) do
      local head = self:head(whole)
      if not heads[head] then heads[head], n = true, n + 1 end
    end
    for _, whole in ipairs(list) do
      if self.listed[part] then
        local alias = listed_full(self, whole, part)
        if alias then self:join(part, whole, "spelling", "sounds like " .. alias) end
      elseif n == 1 then
        self:join(whole, part, "part", "the only name that ends in it is " .. whole)
      end
    end
  end
end

--- Names with dots whose parts sound alike, one of them written alike.
local function join_dotted(self)
  local keys, lists = by_key(self, function(name)
    local parts = parts_of(name)
    if self.type[name] ~= "person" or #parts < 2 then return nil end
    for i, part in ipairs(parts) do
      parts[i] = spelling.skeleton(part)
      if not parts[i] or #parts[i] < 2 then return nil end
    end
    return table.concat(parts, DOT)
  end)
  for _, key in ipairs(keys) do
    for i, a in ipairs(lists[key]) do
      for k = i + 1, #lists[key] do
        local b = lists[key][k]
        local x, y, same = parts_of(a), parts_of(b), nil
        for p = 1, #x do same = same or (x[p] == y[p] and x[p]) end
        if same then
          self:join(a, b, "spelling", "sounds like it, and has " .. same)
        else
          local third = witness(self, a, b)
          if third then self:join(a, b, "spelling", "sounds like it, and either stands beside " .. third) end
        end
      end
    end
  end
end

--- Names without dots that sound alike.
local function join_alike(self)
  local keys, lists = by_key(self, function(name)
    if self.type[name] ~= "person" or name:find(DOT, 1, true) or name:find("%a") then return nil end
    local count = utf8.len(name) or 0
    return count >= 3 and count <= 8 and spelling.skeleton(name) or nil
  end)
  for _, key in ipairs(keys) do
    for i, a in ipairs(lists[key]) do
      for k = i + 1, #lists[key] do
        local b = lists[key][k]
        local alike = spelling.same_chinese(a, b)
          or (quote_words.all_translit(a) and quote_words.all_translit(b) and spelling.same_transliteration(a, b))
        local third = alike and witness(self, a, b)
        if third then self:join(a, b, "spelling", "sounds like it, and either stands beside " .. third) end
      end
    end
  end
end

local SOUND_MAX <const> = 50000 -- names remembered
local sounds, sound_count = {}, 0

--- By which names may be joined: letters without blanks and hyphens, or the consonants of the last part.
local function sound(name)
  local known = sounds[name]
  if known == nil then
    local parts = parts_of(name)
    known = name:find("^[%z\1-\127]+$") and (name:match("[%- ](%a[%w%.]*)$") or name):lower():gsub("[ %-]", "")
      or spelling.skeleton(parts[#parts]) or name
    if sound_count >= SOUND_MAX then sounds, sound_count = {}, 0 end
    sounds[name], sound_count = known, sound_count + 1
  end
  return known
end

local M = {}

--- Of the names of one article those that `merge` might join: lists of two names and more.
---@param names string[] sorted
---@return string[][]
function M.alike(names)
  local keys, lists = {}, {}
  for _, name in ipairs(names) do
    local key = sound(name)
    if not lists[key] then keys[#keys + 1], lists[key] = key, {} end
    table.insert(lists[key], name)
  end
  local out = {}
  for _, key in ipairs(keys) do
    if #lists[key] > 1 then out[#out + 1] = lists[key] end
  end
  return out
end

--- See ds.entities:merge.
---@param sums ds.entity.sum[]
---@param listed table<string, string[]> the names of the alias file with their aliases
---@return ds.entity.merged[]
---@return table<string, string>
function M.merge(sums, listed)
  local self = setmetatable({ by_name = {}, parent = {}, members = {}, type = {}, names = {}, listed = listed }, Groups)
  for i, sum in ipairs(sums) do
    self.by_name[sum.name], self.parent[sum.name], self.members[sum.name] = sum, sum.name, {}
    self.type[sum.name], self.names[i] = type_of(sum), sum.name
  end
  table.sort(self.names)
  join_latin(self)
  join_dotted(self)
  join_parts(self)
  join_alike(self)
  local merged, canonical = {}, {}
  for _, sum in ipairs(sums) do
    local head = self:head(sum.name)
    canonical[sum.name] = head
    if head == sum.name then
      merged[#merged + 1] = { name = head, type = self.type[head], listed = listed[head] ~= nil, members = self.members[head] }
    end
  end
  return merged, canonical
end

return M

-- entity_bodies.lua: companies and institutions by their last word: X大学, X公司, X股份有限公司, 财政部.

local words = require "ds.entity_words"

local M = {}

local function ends_in(set, key) return set[key:sub(-3)] or set[key:sub(-6)] or false end

local PROPER = { nr = true, nrt = true, nrfg = true, ns = true, nt = true, nz = true, nx = true }

--- Whether a word names something by itself: the first word of a body's name.
local function is_proper(self, v, i)
  local m = v.taken[i]
  if m then return m.type == "org" or m.type == "place" or m.type == "person", m end
  if v.class[i] == "latin" then return v.word[i]:find("^%u") ~= nil and not words.no_name[v.key[i]] end
  return v.class[i] == "han" and PROPER[v.pos[i]] and #v.key[i] >= 6 and not self.common[v.key[i]]
end

--- Whether a word may stand between the first and the last.
local function may_stand_between(v, i)
  return v.class[i] == "han" and (v.pos[i]:find("^n") ~= nil or v.pos[i] == "vn" or v.pos[i] == "j" or v.pos[i] == "b")
    and not words.describing[v.key[i]] and not v.taken[i] and #v.key[i] >= 3 and not words.role[v.key[i]]
end

--- The first word of the name that ends in word h; second: the mention of a list that it begins with.
local function body_begin(self, v, h, reach)
  local first, known
  local i = h - 1
  while i >= 1 and h - i <= reach and v:touch(i) and v.class[i] ~= "punct" do
    local proper, m = is_proper(self, v, i)
    if proper then
      first, known = m and v:at(m.from) or i, m
      i = first - 1
    elseif words.wide[v.key[i]] and ends_in(words.office, v.key[h]) then
      first = i
      i = i - 1
    elseif may_stand_between(v, i) then
      i = i - 1
    else
      break
    end
  end
  return first, known
end

local function take_body(v, first, last)
  v:release(v.from[first], v.to[last])
  v:take(v.from[first], v.to[last], "org", "ending")
end

local LIMITED <const> = { ["有限公司"] = true, ["股份公司"] = true, ["有限责任公司"] = true }

--- 云栈智算股份有限公司: whatever the name is made of; it goes by the part before, too.
local function take_limited(v, h)
  local first = h
  while first > 1 and h - first < 5 and v:touch(first - 1) and v.class[first - 1] == "han" and not v.pos[first - 1]:find("^[pcudrf]")
        and not words.says[v.key[first - 1]] and v.to[h] - v.from[first - 1] < 60 do
    first = first - 1
  end
  local last = h - 1
  while last > first and (v.key[last] == "股份" or v.key[last] == "责任" or v.key[last] == "有限") do last = last - 1 end
  if last < first or v.to[last] - v.from[first] < 5 then return end
  v:release(v.from[first], v.to[h])
  local m = v:take(v.from[first], v.to[h], "org", "ending")
  m.short = v.text:sub(v.from[first], v.to[last])
end

--- Whether words first .. h - 1 are nothing but a country.
local function only_country(self, v, first, h) return first == h - 1 and self.countries[v.key[first]] end

--- Whether a word of firm h is one that names firms by itself: 公司, 集团, or 科技 and 资本, or one before 公司.
local function names_firm(v, h)
  local key = v.key[h]
  return key == "公司" or key == "集团" or key == "科技" or key == "资本" or v.key[h + 1] == "公司"
end

--- X大学 with any name before; a country alone makes a name of some: 美国国会, but not 美国大学.
local function take_institution(self, v, h)
  local key = v.key[h]
  local first = body_begin(self, v, h, 4) or (v.pos[h] == "nt" and #key >= 9 and not words.department[key] and h) or nil
  if first and not (words.common_head[key] and only_country(self, v, first, h)) then take_body(v, first, h) end
end

--- X公司 with a name of its own before, or with words of its trade between: not 微软公司, which is 微软, nor 美国公司.
local function take_firm(self, v, h)
  local first, known = body_begin(self, v, h, 3)
  if not first or not names_firm(v, h) then return end
  for k = first + 1, h - 1 do
    if not words.trade[v.key[k]] and not (known and v.taken[k] == known) then return end
  end
  local is_place = v.pos[first] == "ns" or self.places[v.key[first]] or (known and known.type == "place")
  local is_known_alone = known and v:at(known.to) == h - 1
  if not is_place and not is_known_alone and v.class[first] == "han" and v.pos[first]:find("^n[rzt]") then take_body(v, first, h) end
end

--- 共和党, 法国财政部: what the dictionary has for a body, with the country before.
local function take_known(v, h)
  if #v.key[h] < 9 or not ends_in(words.body_end, v.key[h]) or words.department[v.key[h]] then return end
  local first, before = h, h > 1 and v:touch(h - 1) and v.taken[h - 1]
  if before and before.type == "place" then first = v:at(before.from)
  elseif h > 1 and v:touch(h - 1) and v.pos[h - 1] == "ns" and #v.key[h - 1] >= 6 then first = h - 1 end
  take_body(v, first, h)
end

--- Bodies, by their last word.
---@param self ds.entities
---@param v ds.entity.view
function M.find(self, v)
  local head, firm = words.head, words.firm
  for h = 1, v.n do
    local key = v.key[h]
    local limited = LIMITED[key] or (key == "公司" and v.key[h - 1] == "有限" and v:touch(h - 1))
    local wanted = limited or head[key] or firm[key] or v.pos[h] == "nt"
    if wanted and v.class[h] == "han" and not v.taken[h] and not (v:touch(h) and words.meeting[v.key[h + 1]]) then
      if limited then take_limited(v, h)
      elseif head[key] then take_institution(self, v, h)
      elseif firm[key] then take_firm(self, v, h)
      else take_known(v, h) end
    end
  end
end

return M

-- entity_latin.lua: entities in Latin letters that no list has: models by their codes (GPT-4o, H100, Grok 2), companies, products
-- and persons by what stands beside them.

local words = require "ds.entity_words"

local M = {}

local function is_version(word) return word:find("^%d%d?%d?%d?$") or word:find("^%d%d?%.%d%d?$") end

--- Whether word i, a number, is a version and counts nothing: Grok 2, but not OpenAI 3 月.
local function is_version_word(v, i)
  if not v.word[i] or v.class[i] ~= "number" or not is_version(v.word[i]) then return false end
  local key, pos = v.key[i + 1], v.pos[i + 1]
  if not key or not v:near(i) or v.class[i + 1] == "punct" then return true end
  if v.class[i + 1] == "percent" or v.class[i + 1] == "number" then return false end
  return not (words.counts[key] or pos == "q" or pos == "m" or pos == "t" or words.counts[key:match("^[\194-\244][\128-\191]*") or ""])
end

local SUFFIX = { pro = true, max = true, mini = true, ultra = true, turbo = true, plus = true, sonnet = true, opus = true, haiku = true,
                 flash = true, preview = true, lite = true, air = true, se = true, ti = true, super = true, nano = true }

--- Behind a version: Pro, Max, mini.
local function suffixes_end(v, last)
  while v.word[last + 1] and v:near(last) and not v.taken[last + 1] and SUFFIX[v.key[last + 1]] do last = last + 1 end
  return last
end

--- A code of letters and digits: H100, GPT-4o, R1.
local function is_code(word, key)
  if words.no_model[key] or not word:find("%d") or not word:find("^%a") or #word > 24 then return false end
  return word:find("^%u") ~= nil or word:find("^%l+%u") ~= nil or word:find("^o%d") ~= nil
end

--- Known products with the version behind them: Grok + 2, Claude + 3.5 + Sonnet; and codes behind a company: DeepSeek + V2.5.
local function extend_known(v)
  for _, i in ipairs(v.latin) do
    local m = v.taken[i]
    if m and m.to == v.to[i] and v.class[i] == "latin" and (m.type == "product" or m.type == "org") and v:near(i) and not v.taken[i + 1] then
      local last
      if m.type == "product" and is_version_word(v, i + 1) then last = suffixes_end(v, i + 1)
      elseif v.class[i + 1] == "latin" and is_code(v.word[i + 1], v.key[i + 1]) then
        last = suffixes_end(v, i + 1)
        if is_version_word(v, last + 1) then last = last + 1 end
      elseif m.type == "product" and SUFFIX[v.key[i + 1]] then last = suffixes_end(v, i + 1) end
      local division = not last and m.type == "org" and v.class[i + 1] == "latin" and v.word[i + 1]:find("^%u%l+$")
        and v.class[i + 2] ~= "latin"
        and not words.no_name[v.key[i + 1]] and not words.role[v.key[i + 1]]
      if last or division then
        v:release(m.from, v.to[last or i + 1])
        v:take(m.from, v.to[last or i + 1], division and "org" or "product", division and "latin" or "model")
      end
    end
  end
end

--- The last word of a run of names and versions that begins at i.
local function run_end(v, i)
  local last = i
  while last - i < 3 and v.word[last + 1] and v:near(last) and not v.taken[last + 1] do
    local word, key = v.word[last + 1], v.key[last + 1]
    if v.class[last + 1] == "latin" and (word:find("^%u") or SUFFIX[key]) and not words.no_name[word] then last = last + 1
    elseif last > i - 1 and is_version_word(v, last + 1) and not words.no_version[v.key[last]] and not v.word[last]:find("%d") then last = last + 1
    else break end
  end
  return last
end

--- What the words beside a run say of it: "org", "product", "person", or nil.
local function beside(v, i, j, n_words)
  local before = i > 1 and v:near(i - 1) and v.key[i - 1]
  local after = v:near(j) and v.key[j + 1]
  if n_words >= 2 and before and words.role[before] and before ~= "用户" and before ~= "网友" then return "person" end
  if after and words.says[after] and n_words >= 2 then return "person" end
  if before and words.beside_product[before] then return "product" end
  if after and words.beside_product[after] then return "product" end
  if after and words.beside_org[after] then return "org" end
  if before and words.beside_org[before] and not words.says[before] then return "org" end
end

local function has_digit_code(v, i, j)
  for k = i, j do
    if v.class[k] == "latin" and is_code(v.word[k], v.key[k]) then return true end
  end
  return false
end

--- Votes for what each run is; a short code (R1) needs a second word for it, or to be said twice.
local function collect(v)
  local runs, votes, behind = {}, {}, 0
  for _, i in ipairs(v.latin) do
    if i > behind and not v.taken[i] and (v.word[i]:find("^%u") or is_code(v.word[i], v.key[i]))
       and v.text:sub(v.from[i] - 1, v.from[i] - 1) ~= "@" and not v.word[i]:find("[_#@/]") then
      local last = run_end(v, i)
      behind = last
      local code = has_digit_code(v, i, last)
      local version = last > i and v.class[last] == "number"
      if not (last == i and (words.no_name[v.key[i]] or (#v.word[i] < 2))) then
        local text = v.text:sub(v.from[i], v.to[last])
        local vote = votes[text] or { n = 0, org = 0, product = 0, person = 0 }
        votes[text] = vote
        vote.n = vote.n + 1
        vote.code = vote.code or code or (version and not v.word[last]:find("^[12][09]%d%d$") and not words.no_name[v.key[i]])
        vote.words = last - i + 1
        local kind = beside(v, i, last, last - i + 1)
        if kind and not ((code or version) and kind ~= "product") then vote[kind] = vote[kind] + 1 end
        runs[#runs + 1] = { from = v.from[i], to = v.to[last], text = text }
      end
    end
  end
  return runs, votes
end

--- The type that the votes give, nil for none.
local function decide(text, vote, is_branded)
  if vote.code then
    local short = #text <= 2
    if not short or is_branded or vote.product > 0 or vote.n > 1 then return "product" end
    return nil
  end
  if vote.person > 0 and vote.person >= vote.org and vote.person >= vote.product and not text:find("%d") then return "person" end
  if vote.org >= vote.product and vote.org > 0 and not text:find(" %d") then return "org" end
  if vote.product > 0 then return "product" end
end

--- Names in Latin letters.
---@param v ds.entity.view
---@param brand_of table<string, {brand: string, name: string}|false> by code, folded: R1 is DeepSeek's
function M.find(v, brand_of)
  extend_known(v)
  local said = {}
  local runs, votes = collect(v)
  for _, m in ipairs(v.mentions) do said[m.name or ""] = true end
  for _, run in ipairs(runs) do
    local brand = brand_of[run.text:lower()]
    local type = decide(run.text, votes[run.text], brand and said[brand.brand])
    if type and v:is_free(run.from, run.to) then v:take(run.from, run.to, type, votes[run.text].code and "model" or "latin") end
  end
end

return M

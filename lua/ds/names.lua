-- names.lua: the valid name that a misspelt one most likely stands for.

local M = {}

--- The characters of s: code points, or bytes where s is not UTF-8.
local function characters(s)
  if utf8.len(s) then return { utf8.codepoint(s, 1, -1) } end
  return { s:byte(1, -1) }
end

--- Insertions, deletions, substitutions and swaps of neighbours between a and b (Damerau-Levenshtein, no character
--- edited twice); stops with limit + 1 once it must exceed limit.
local function distance(a, b, limit)
  if math.abs(#a - #b) > limit then return limit + 1 end
  local older, old, row = {}, {}, {}
  for j = 0, #b do old[j] = j end
  for i = 1, #a do
    row[0] = i
    local least = i
    for j = 1, #b do
      local d = math.min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (a[i] == b[j] and 0 or 1))
      if i > 1 and j > 1 and a[i] == b[j - 1] and a[i - 1] == b[j] then d = math.min(d, older[j - 2] + 1) end
      row[j] = d
      if d < least then least = d end
    end
    if least > limit then return limit + 1 end
    older, old, row = old, row, older
  end
  return old[#b]
end

--- The nearest candidate, at most 1 + #word/4 edits away and closer than writing it anew; of several equally near the
--- bytewise smallest, whatever the order of the list.
---@param word string
---@param candidates string[]
---@return string? nearest
function M.nearest(word, candidates)
  if #word > 200 then return nil end -- no misspelling
  local best, best_d
  local chars, limit = characters(word), 1 + math.floor(#word / 4)
  for _, name in ipairs(candidates) do
    local theirs = characters(name)
    local d = distance(chars, theirs, limit)
    if d <= limit and d < #theirs and (not best_d or d < best_d or (d == best_d and name < best)) then
      best, best_d = name, d
    end
  end
  return best
end

--- Raises for a name that is none of `known`, with the nearest of them, or all.
---@param what string whose it would be: "ds.reuse: unknown option"
---@param name any
---@param known string[]
---@param level? integer of error(), 2 unless told: the caller of the function that calls this one
function M.check(what, name, known, level)
  for _, k in ipairs(known) do
    if k == name then return end
  end
  local near = type(name) == "string" and M.nearest(name, known)
  error(("%s '%s'%s"):format(what, tostring(name),
    near and ("; did you mean '" .. near .. "'?") or "; there are " .. table.concat(known, ", ")), (level or 2) + 1)
end

return M

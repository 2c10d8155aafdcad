-- order.lua: the order of keys that everything of ds that leaves a table follows: numbers ascending, strings by
-- bytes, then false and true.  Other values have none.
local order = {}

local RANK = { number = 1, string = 2, boolean = 3 }

--- True when a key has a place in the order.
function order.has(key) return RANK[type(key)] ~= nil and key == key end

--- The comparison, for table.sort.
function order.before(a, b)
  local ra, rb = RANK[type(a)], RANK[type(b)]
  if ra ~= rb then return ra < rb end
  if ra == 3 then return not a and b end
  return a < b
end

--- The keys of a table, sorted; or nil and the first key without an order.
---@param t table
---@return any[]? keys
---@return any? bad
function order.keys(t)
  local keys, n = {}, 0
  for k in next, t do
    if not RANK[type(k)] then return nil, k end
    n = n + 1
    keys[n] = k
  end
  table.sort(keys, order.before)
  return keys
end

return order

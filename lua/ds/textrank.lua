-- textrank.lua: ds.textrank, the words of a text by how they hang together: Mihalcea and Tarau (2004), "TextRank: Bringing
-- Order into Text".
--
-- Words are linked to those that follow within a window, an edge weighs as much as there are such places, and the rank of
-- a word is R(a) = (1 - d) + d sum over neighbours b of w(ab) / (sum of w(b·)) R(b), d = 0.85: PageRank of Brin and Page
-- (1998) on an undirected graph, iterated until no rank changes by more than 1e-14 of it.

local order = require "ds.order"

local M = {}

local DAMPING <const>, ROUNDS <const>, PRECISION <const> = 0.85, 1000, 1e-14

--- The links of a list of words, as a table from "a\tb" (a before b by bytes) to the number of places.
---@param words (string|false)[] false: a place that links nothing, a word that was filtered out
---@param window? integer words that a word is linked to: itself and those that follow; 5 unless told
---@param weight? number what a place counts; 1 unless told
---@return table<string, number> links
---@nodiscard
function M.links(words, window, weight)
  local links = {}
  for i, a in ipairs(words) do
    for k = i + 1, a and math.min(#words, i + (window or 5) - 1) or i do
      local b = words[k]
      if b and b ~= a then
        local key = a < b and a .. "\t" .. b or b .. "\t" .. a
        links[key] = (links[key] or 0) + (weight or 1)
      end
    end
  end
  return links
end

local function graph_of(links)
  local nodes, by_word = {}, {}
  local function node(word)
    local n = by_word[word]
    if not n then
      n = { word = word, edges = {}, weight = 0, rank = 1.0 }
      by_word[word], nodes[#nodes + 1] = n, n
    end
    return n
  end
  for _, key in ipairs(order.keys(links)) do
    local a, b = key:match("^(.-)\t(.*)$")
    local x, y, w = node(a), node(b), links[key]
    x.edges[#x.edges + 1], y.edges[#y.edges + 1] = { y, w }, { x, w }
    x.weight, y.weight = x.weight + w, y.weight + w
  end
  return nodes
end

-- One round; returns the largest relative change.
local function iterate(nodes)
  local most = 0
  for _, n in ipairs(nodes) do
    local sum = 0.0
    for _, e in ipairs(n.edges) do sum = sum + e[2] / e[1].weight * e[1].rank end
    n.next = 1 - DAMPING + DAMPING * sum
  end
  for _, n in ipairs(nodes) do
    most = math.max(most, math.abs(n.next - n.rank) / n.next)
    n.rank = n.next
  end
  return most
end

--- Ranks the words that links connect.
---@param links table<string, number> as M.links gives them, or sums of such
---@return {word: string, rank: number}[] list the highest rank first, equals by bytes
---@nodiscard
function M.rank(links)
  local nodes, rounds, list = graph_of(links), 0, {}
  repeat rounds = rounds + 1 until iterate(nodes) <= PRECISION or rounds == ROUNDS
  for i, n in ipairs(nodes) do list[i] = { word = n.word, rank = n.rank } end
  table.sort(list, function(a, b) return a.rank > b.rank or (a.rank == b.rank and a.word < b.word) end)
  return list
end

return M

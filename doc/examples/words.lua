-- A program of plain Lua: lua5.4 words.lua FILE… prints the most frequent nouns of the files, and where each first stands.
-- Lua 5.3 and LuaJIT run it as well.
local ds = require "ds"

local corpus = assert(ds.corpus.open((table.unpack or unpack)(arg)))
local count, first = {}, {}
for doc in corpus:docs() do
  for t in doc:tokens() do
    if t.pos:find("^n") and t.class == "han" and #t.key > 3 then
      count[t.key] = (count[t.key] or 0) + 1
      first[t.key] = first[t.key] or ("%s:%d-%d"):format(doc.id, t.from, t.to)
    end
  end
end

local words = {}
for word in pairs(count) do words[#words + 1] = word end
table.sort(words, function(a, b)
  if count[a] ~= count[b] then return count[a] > count[b] end
  return a < b
end)
for i = 1, math.min(10, #words) do print(count[words[i]], words[i], first[words[i]]) end

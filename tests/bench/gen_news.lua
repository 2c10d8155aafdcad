-- dsrun -q tests/bench/gen_news.lua BYTES [SEED [text|jsonl]] -- writes news that nobody wrote, for benchmarks.
--
-- Word follows word as often as in the bundled corpus (bigrams), and articles are as long as its articles are; every
-- article has an id and a date of its own.  The same SEED gives the same text.  Text: a paragraph a line.

-- The host takes what looks like a corpus out of the arguments; numbers and names of formats stay.
local bytes, seed, format = tonumber(arg[1]) or 1000000, math.tointeger(tonumber(arg[2])) or 1, arg[3] or "text"

local state = seed * 2 + 1

--- A whole number from 1 to n.
local function draw(n)
  state = state * 6364136223846793005 + 1442695040888963407
  return (state >> 33) % n + 1
end

local after, lengths, first = {}, {}, {}

local function learn(doc)
  local before, n = nil, 0
  for token in doc:tokens() do
    if token.class ~= "space" and token.class ~= "bad" then
      if before then
        after[before] = after[before] or {}
        table.insert(after[before], token.word)
      else
        first[#first + 1] = token.word
      end
      before, n = token.word, n + 1
    end
  end
  lengths[#lengths + 1] = n
end

-- The words of an article, a paragraph a string.
local function paragraphs()
  local out, line, word = {}, {}, first[draw(#first)]
  for _ = 1, lengths[draw(#lengths)] do
    line[#line + 1] = word
    if word == "。" and #line > 60 then
      out[#out + 1] = table.concat(line)
      line = {}
    end
    local choices = after[word] or first
    local latin = word:find("[%w]$")
    word = choices[draw(#choices)]
    if latin and word:find("^[%w]") then line[#line + 1] = " " end
  end
  out[#out + 1] = table.concat(line)
  return out
end

local function date(n)
  return ("%04d-%02d-%02d"):format(2000 + n // 336 % 100, n // 28 % 12 + 1, n % 28 + 1)
end

for doc in ds.corpus.open("corpus/articles"):docs() do learn(doc) end
local written, n = 0, 0
while written < bytes do
  n = n + 1
  local body = table.concat(paragraphs(), "\n")
  local line = body
  if format == "jsonl" then
    line = ds.json.encode { id = ("gen-%d-%07d"):format(seed, n), date = date(n), title = body:match("^[^\n]*"):sub(1, 60), text = body }
  end
  print(line)
  written = written + #line + 1
end

-- dsrun --trust -q tests/bench/gen_articles.lua ARTICLES SEED jsonl > FILE
-- dsrun --trust -q tests/bench/gen_articles.lua ARTICLES SEED markdown DIR | sh
--
-- Articles of 2,000 characters that nobody wrote, for benchmarks of the host: plain bodies, cut from the text of
-- gen_news.lua (words follow one another as often as in the bundled corpus), each with its own id and date.  Markdown
-- comes as a script of shell, for a plain script writes no files.
local n, seed, format, dir = tonumber(arg[1]) or 1000, math.tointeger(tonumber(arg[2])) or 1, arg[3] or "jsonl", arg[4]
local CHARS <const> = 2000

local state = seed * 2 + 1

local function draw(k)
  state = state * 6364136223846793005 + 1442695040888963407
  return (state >> 33) % k + 1
end

local after, first = {}, {}
for doc in ds.corpus.open("corpus/articles"):docs() do
  local before
  for token in doc:tokens() do
    if token.class ~= "space" and token.class ~= "bad" then
      if before then
        after[before] = after[before] or {}
        table.insert(after[before], token.word)
      else first[#first + 1] = token.word end
      before = token.word
    end
  end
end

local function body()
  local parts, chars, word, since = {}, 0, first[draw(#first)], 0
  while chars < CHARS do
    parts[#parts + 1] = word
    local k = ds.utf8.len(word)
    chars, since = chars + k, since + k
    if word == "。" and since > 120 then
      parts[#parts + 1], since, chars = "\n", 0, chars + 1
    end
    local choices = after[word] or first
    word = choices[draw(#choices)]
  end
  return table.concat(parts)
end

for i = 1, n do
  local id = ("gen-%d-%06d"):format(seed, i)
  local date = ("%04d-%02d-%02d"):format(2000 + i // 336 % 100, i // 28 % 12 + 1, i % 28 + 1)
  local text = body()
  if format == "jsonl" then
    print(ds.json.encode({ id = id, date = date, title = "第" .. i .. "篇", text = text }, { "id", "title", "date", "text" }))
  else
    print(("cat > %s/%s.md <<'END'\n---\ntitle: 第%d篇\ndate: %s\nsource: 本站\n---\n\n%s\nEND"):format(dir, id, i, date,
      (text:gsub("\n", "\n\n"))))
  end
end

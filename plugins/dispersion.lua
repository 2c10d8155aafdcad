---@type ds.Plugin
-- How evenly words are spread over the articles, sources or days of a corpus.

local PARTS = {
  article = function(doc) return doc.id end,
  source = function(doc) return doc.source_name or "(none)" end,
  day = function(doc) return ds.date.bucket(doc.date, "day") end,
}
local NO_WORD = { space = true, punct = true, bad = true }

-- What is kept of an article: how many words it has, and position, word, position, word … of those that are wanted.
local function every_word(doc)
  local at, size = {}, 0
  for t in doc:tokens() do
    if not NO_WORD[t.class] then
      size = size + 1
      at[2 * size - 1] = size -- in this order: a list without holes takes the least memory
      at[2 * size] = t.key
    end
  end
  return at, size
end

-- The same for the words and phrases of --words, of which the segmenter may make one word or several.
local function listed_words(doc, list)
  local at, words = {}, list[1].concordance:words(doc)
  for _, wanted in ipairs(list) do
    for _, hit in ipairs((wanted.concordance:find(doc, words))) do
      if hit.first <= hit.last then
        at[#at + 1] = hit.first
        at[#at + 1] = wanted.word
      end
    end
  end
  return at, words.n
end

-- Adds an article behind the `before` words of those with smaller ids.
local function add_article(words, article, before)
  local at, part = article.at, article.part
  for i = 1, #at, 2 do
    local w = words[at[i + 1]]
    if not w then
      w = { n = 0, places = {}, parts = {} }
      words[at[i + 1]] = w
    end
    w.places[#w.places + 1] = before + at[i]
    w.n, w.parts[part] = w.n + article.weight, (w.parts[part] or 0) + article.weight
  end
end

-- The row of a word.  `parts` has every part with n = 0, in a list and by name, and has so again afterwards.  Where articles
-- weigh less than 1, distances between places have no meaning.
local function measure(word, w, parts, size, weighed)
  for part, n in pairs(w.parts) do parts[part].n = n end
  local m, n = ds.stats.dispersion(parts), w.n
  for part in pairs(w.parts) do parts[part].n = 0 end
  return { word = word, n = n, per_million = n * 1e6 / math.max(size, 1), range = m.range, parts = m.parts, dp = m.dp,
           juilland_d = m.juilland_d, dp_norm = m.dp_norm, arf = not weighed and ds.stats.arf(w.places, size) or nil }
end

return {
  about = "Measures how evenly words are spread over articles, sources or days",
  example = "dsrun dispersion --words 价格战,马斯克 --by source articles/",
  weighs = true,
  options = {
    { "words", type = "string", help = "these words, comma between, in either script; every word unless told" },
    { "by", type = "choice", choices = { "article", "source", "day" }, default = "article", help = "what a part is" },
    { "min", type = "integer", default = 10, help = "how often a word occurs, at least; those of --words: once" },
    { "sort", type = "choice", choices = { "n", "range", "juilland_d", "dp", "dp_norm", "arf" }, default = "n",
      help = "the measure that ranks, the largest first" },
    { "top", type = "integer", default = 30, help = "rows of the report; data formats have all" },
  },
  tables = {
    dispersion = {
      { "word", "string", "the word, folded" },
      { "n", "integer", "occurrences" },
      { "per_million", "number", "per million words" },
      { "range", "integer", "parts in which it occurs" },
      { "parts", "integer", "parts in all" },
      { "juilland_d", "number", "1 is even, 0 one part only (Juilland and others 1970); empty with one part" },
      { "dp", "number", "deviation of proportions, 0 is even (Gries 2008)" },
      { "dp_norm", "number", "the same, 1 is one part only (Lijffijt and Gries 2012); empty with one part" },
      { "arf", "number", "average reduced frequency, n is even (Savický and Hlaváčová 2002); articles by id; empty with --dedup weight" },
    },
    parts = {
      { "word", "string", "a word of --words" },
      { "part", "string", "article, source or day" },
      { "n", "integer", "occurrences in it" },
      { "size", "integer", "words in it" },
      { "per_million", "number", "n per million of them" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.min < 1 or o.top < 0 then ctx:usage("--min is at least 1, --top not below 0") end
    local list, segmenter = {}, assert(ds.segmenter { user = ctx.user_dict })
    for word in (o.words or ""):gsub("，", ","):gmatch("[^,]+") do
      local c = ds.concordance(word, { segmenter = segmenter })
      if c then list[#list + 1] = { word = ds.utf8.fold(word:match("^%s*(.-)%s*$")), concordance = c } end
    end
    if o.words and #list == 0 then ctx:usage("--words: no word is given") end
    ctx.state.list = o.words and list
  end,

  map = function(doc, ctx)
    local part, list = PARTS[ctx.options.by](doc), ctx.state.list
    if not part then return ctx:skip("no day") end
    local at, size
    if list then at, size = listed_words(doc, list) else at, size = every_word(doc) end
    ctx:add(doc.id, { part = part, size = size, at = at, weight = ctx:weight() })
  end,

  merge = function(_, a) return a end, -- an article comes once

  finish = function(ctx)
    local o, words, sizes, size, parts, rows, weighed = ctx.options, {}, {}, 0, {}, {}, false
    for _, wanted in ipairs(ctx.state.list or {}) do words[wanted.word] = { n = 0, places = {}, parts = {} } end
    for _, article in ctx:totals() do
      add_article(words, article, size)
      local words_here = article.size * article.weight
      size, sizes[article.part] = size + words_here, (sizes[article.part] or 0) + words_here
      weighed = weighed or article.weight < 1
    end
    for part, n in pairs(sizes) do
      parts[part] = { part = part, n = 0, size = n }
      parts[#parts + 1] = parts[part]
    end
    for word, w in pairs(words) do
      if o.words or w.n >= o.min then rows[#rows + 1] = measure(word, w, parts, size, weighed) end
      for _, p in ipairs(o.words and parts or {}) do
        local n = w.parts[p.part] or 0
        ctx:emit("parts", { word = word, part = p.part, n = n, size = p.size,
                            per_million = p.size > 0 and n * 1e6 / p.size or nil })
      end
    end
    table.sort(rows, function(a, b)
      local x, y = a[o.sort] or -1, b[o.sort] or -1
      return x > y or (x == y and a.word < b.word)
    end)
    for _, row in ipairs(rows) do ctx:emit("dispersion", row) end
  end,

  report = function(ctx, r)
    local bars, by = {}, ctx.options.by
    for _, row in ipairs(ctx:rows("parts")) do
      bars[row.word] = bars[row.word] or {}
      table.insert(bars[row.word], { row.part, row.per_million or 0 })
    end
    r:heading("Dispersion by " .. by)
    r:table("dispersion", { title = "Words", limit = ctx.options.top, find = "word" })
    for word, items in pairs(bars) do
      r:bars(items, { title = ("%s, per million words of each %s"):format(word, by), limit = 30, sort = by ~= "day",
                      rows = { table = "parts", column = "part", where = { word = word } } })
    end
  end,
}

---@type ds.Plugin
-- How evenly words are spread over the articles, sources or days of a corpus.

local PARTS = {
  article = function(doc) return doc.id end,
  source = function(doc) return doc.source_name or "(none)" end,
  day = function(doc) return ds.date.bucket(doc.date, "day") end,
}
local NO_WORD = { space = true, punct = true, bad = true }

-- Where each word stands in an article, counted in words, and how many there are.
local function every_word(doc)
  local at, size = {}, 0
  for t in doc:tokens() do
    if not NO_WORD[t.class] then
      size = size + 1
      at[t.key] = at[t.key] or {}
      table.insert(at[t.key], size)
    end
  end
  return at, size
end

-- The same for the words and phrases of --words, of which the segmenter may make one word or several.
local function listed_words(doc, list)
  local at, words = {}, list[1].concordance:words(doc.text)
  for _, wanted in ipairs(list) do
    local places = {}
    for _, hit in ipairs((wanted.concordance:find(doc.text, words))) do
      if hit.first <= hit.last then places[#places + 1] = hit.first end
    end
    at[wanted.word] = #places > 0 and places or nil
  end
  return at, words.n
end

-- Positions of a word in the whole corpus, its articles one after the other by id.
local function positions_of(at, before)
  local list = {}
  for id, places in pairs(at) do
    for _, i in ipairs(places) do list[#list + 1] = before[id] + i end
  end
  return list
end

-- Measures of a word.  `parts` are all parts, n being 0, and by name; they are so again afterwards.
local function measure(t, parts, before, sum)
  for part, n in pairs(t.parts) do parts[part].n = n end
  local row = ds.stats.dispersion(parts)
  for part in pairs(t.parts) do parts[part].n = 0 end
  row.n, row.size, row.carroll_d2, row.rosengren_s = t.n, nil, nil, nil
  row.per_million, row.arf = t.n * 1e6 / math.max(sum, 1), ds.stats.arf(positions_of(t.at, before), sum)
  return row
end

return {
  about = "Measures how evenly words are spread over articles, sources or days",
  example = "dsrun dispersion --words 价格战,马斯克 --by source articles/",
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
      { "arf", "number", "average reduced frequency, n is even (Savický and Hlaváčová 2002); articles by id" },
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
    ctx:add("", { n = size, parts = { [part] = size }, at = { [doc.id] = size } }) -- sizes; no word is empty
    for word, a in pairs(at) do ctx:add(word, { n = #a, parts = { [part] = #a }, at = { [doc.id] = a } }) end
  end,

  merge = function(_, a, b)
    for part, n in pairs(b.parts) do a.parts[part] = (a.parts[part] or 0) + n end
    for id, places in pairs(b.at) do a.at[id] = places end -- an article comes once
    a.n = a.n + b.n
    return a
  end,

  finish = function(ctx)
    local o, words, before, sum, parts, rows = ctx.options, {}, {}, 0, {}, {}
    for _, wanted in ipairs(ctx.state.list or {}) do words[wanted.word] = { n = 0, parts = {}, at = {} } end
    for word, t in ctx:totals() do words[word] = t end
    for id, size in pairs(words[""] and words[""].at or {}) do before[id], sum = sum, sum + size end
    for part, size in pairs(words[""] and words[""].parts or {}) do
      parts[#parts + 1] = { n = 0, size = size, part = part }
      parts[part] = parts[#parts]
    end
    words[""] = nil
    for word, t in pairs(words) do
      if o.words or t.n >= o.min then
        local row = measure(t, parts, before, sum)
        row.word, rows[#rows + 1] = word, row
      end
      for _, p in ipairs(o.words and parts or {}) do
        local n = t.parts[p.part] or 0
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
    r:table("dispersion", { title = "Words", limit = ctx.options.top })
    for word, items in pairs(bars) do
      r:bars(items, { title = ("%s, per million words of each %s"):format(word, by), limit = 30, sort = by ~= "day" })
    end
  end,
}

---@type ds.Plugin
-- What an article, or a group of articles, is about: its words by TF-IDF and by TextRank.

local function is_within(spans, t)
  for _, s in ipairs(spans) do
    if t.from >= s.from and t.to <= s.to then return true end
  end
  return false
end

-- The words that may be key words, false for the others; disclaimers and other boilerplate left out.
local function candidates(doc, ctx)
  local list, o, stop, spans = {}, ctx.options, ctx.state.stop, doc:boilerplate()
  for t in doc:tokens() do
    if t.class ~= "space" and not is_within(spans, t) then
      local good = (t.class == "han" or t.class == "latin") and t.pos:find("^" .. o.pos .. "$") and not stop[t.key]
      list[#list + 1] = good and (utf8.len(t.key) or 0) >= 2 and t.key
    end
  end
  return list
end

local function add_all(into, counts)
  for key, n in pairs(counts) do into[key] = (into[key] or 0) + n end
end

local function ranked(rows, by)
  table.sort(rows, function(a, b)
    local x, y = a[by] or 0, b[by] or 0
    return x > y or (x == y and a.word < b.word)
  end)
  return rows
end

return {
  about = "Finds the key words of articles, sources or periods by TF-IDF and TextRank",
  example = "dsrun keywords --per source --top 10 articles/",
  weighs = true,
  options = {
    { "per", type = "choice", choices = { "article", "source", "day", "week", "month", "all" }, default = "article",
      help = "whose key words" },
    { "method", type = "choice", choices = { "tfidf", "textrank" }, default = "tfidf", help = "what ranks" },
    { "pos", type = "string", default = "[na].*", help = "parts of speech, a Lua pattern: nouns, names and adjectives; [nav].* verbs too" },
    { "window", type = "integer", default = 5, help = "words within which two are linked, for TextRank" },
    { "stopwords", type = "file", default = "lexicons/stopwords.tsv", help = "words to leave out, one a line, in either script" },
    { "count", type = "integer", default = 10, help = "key words of each" },
    { "top", type = "integer", default = 60, help = "rows of the report; data formats have all" },
  },
  tables = {
    keywords = {
      { "group", "string", "article, source or period" },
      { "rank", "integer", "1 is the first" },
      { "word", "string", "the word, folded" },
      { "n", "integer", "occurrences in the group" },
      { "docs", "integer", "articles of the corpus with it" },
      { "tfidf", "number", "n / words of the group, times ln((articles + 1) / docs) (Spärck Jones 1972), times 1000" },
      { "textrank", "number", "(Mihalcea and Tarau 2004); 1 is the mean; empty for a word without a link" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.count < 1 or o.top < 0 or o.window < 2 then ctx:usage("--count is at least 1, --window 2, --top not below 0") end
    if not pcall(string.find, "nz", "^" .. o.pos .. "$") then ctx:usage("--pos: '" .. o.pos .. "' is no pattern") end
    local stop, bad = ds.lexicon.stopwords(o.stopwords)
    if not stop then ctx:usage("--stopwords: " .. bad) end
    for _, line in ipairs(bad) do ctx:reject(line.message) end
    ctx.state.stop, ctx.state.group = stop, ds.grouping(o.per)
  end,

  map = function(doc, ctx)
    local group, reason = ctx.state.group(doc)
    if not group then return ctx:skip(reason) end
    local words, n, docs, size, weight = candidates(doc, ctx), {}, {}, 0, ctx:weight()
    for _, word in ipairs(words) do
      if word then n[word], docs[word] = (n[word] or 0) + weight, weight end
      size = size + weight
    end
    ctx:add("g" .. group, { n = n, links = ds.textrank.links(words, ctx.options.window, weight), size = size })
    ctx:add("", { n = docs, links = {}, size = weight })
  end,

  merge = function(_, a, b)
    add_all(a.n, b.n)
    add_all(a.links, b.links)
    a.size = a.size + b.size
    return a
  end,

  finish = function(ctx)
    local o, docs, articles = ctx.options, {}, 0
    for key, t in ctx:totals() do
      if key == "" then docs, articles = t.n, t.size end
    end
    for key, t in ctx:totals() do
      if key ~= "" then
        local rows, rank = {}, {}
        for _, r in ipairs(ds.textrank.rank(t.links)) do rank[r.word] = r.rank end
        for word, n in pairs(t.n) do
          rows[#rows + 1] = { group = key ~= "g" and key:sub(2) or "(all)", word = word, n = n, docs = docs[word], textrank = rank[word],
                              tfidf = 1000 * n / t.size * math.log((articles + 1) / docs[word]) }
        end
        for i, row in ipairs(ranked(rows, o.method)) do
          if i > o.count then break end
          row.rank = i
          ctx:emit("keywords", row)
        end
      end
    end
  end,

  report = function(ctx, r)
    local lines, order, o = {}, {}, ctx.options
    for _, row in ipairs(ctx:rows("keywords")) do
      if not lines[row.group] then lines[row.group], order[#order + 1] = {}, row.group end
      table.insert(lines[row.group], row.word)
    end
    for i, group in ipairs(order) do order[i] = { [o.per] = group, words = table.concat(lines[group], " ") } end
    r:heading("Key words by " .. o.method)
    r:table(order, { title = "Key words", columns = { o.per, "words" }, limit = o.top })
    if #order == 1 then
      local bars = {}
      for i, row in ipairs(ctx:rows("keywords")) do bars[i] = { row.word, row[o.method] or 0 } end
      r:bars(bars, { title = o.method, limit = 20 })
    end
    r:table("keywords", { title = "Measures", limit = o.top, find = "word" })
  end,
}

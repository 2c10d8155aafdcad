---@type ds.Plugin
-- How often each word occurs, and in how many articles.

-- Lua finds what is wrong with a pattern only where matching gets to, so it is tried on every tag of one or two letters.
local function pattern_problem(pos)
  local letters = "abcdefghijklmnopqrstuvwxyz"
  for first in letters:gmatch(".") do
    for second in (" " .. letters):gmatch(".") do
      local ok, message = pcall(string.find, (first .. second):gsub(" ", ""), "^" .. pos)
      if not ok then return message end
    end
  end
end

return {
  about = "Counts the words of a corpus",
  example = "dsrun freq --pos 'n.*' --top 20 articles/",
  weighs = true,
  options = {
    { "by", type = "choice", choices = { "key", "word" }, default = "key",
      help = "count folded forms (價格 with 价格), or words as they are written" },
    { "pos", type = "string", help = "only parts of speech like this Lua pattern: n.* for nouns" },
    { "class", type = "choice",
      choices = { "han", "latin", "number", "money", "percent", "date", "url", "emoji", "punct", "bad" },
      help = "one class only; else all but punct" },
    { "stopwords", type = "file", help = "words to leave out, one a line, in either script" },
    { "top", type = "integer", default = 40, help = "rows of the report; data formats have all" },
  },
  tables = {
    words = {
      { "word", "string", "the word" },
      { "pos", "string", "its part of speech" },
      { "n", "integer", "how often it occurs" },
      { "per_million", "number", "the same per million words counted" },
      { "docs", "integer", "articles in which it occurs" },
    },
  },

  setup = function(ctx)
    if ctx.options.top < 0 then ctx:usage("--top is a number of rows, not below 0") end
    local problem = ctx.options.pos and pattern_problem(ctx.options.pos)
    if problem then ctx:usage(("--pos '%s': %s"):format(ctx.options.pos, problem)) end
    local path = ctx.options.stopwords
    local stop, bad = {}, {}
    if path then stop, bad = ds.lexicon.stopwords(path) end
    if not stop then error(bad, 0) end
    for _, line in ipairs(bad) do ctx:reject(line.message) end
    ctx.state.stop = stop
  end,

  map = function(doc, ctx)
    local o, weight = ctx.options, ctx:weight()
    for _, row in ipairs(doc:freq { by = o.by, pos = o.pos, class = o.class }) do
      local word = row[o.by]
      if not ctx.state.stop[word] then ctx:add(word, { n = row.n * weight, docs = weight, pos = row.pos }) end
    end
  end,

  index = function(articles, ctx)
    local o = ctx.options
    local rows = articles:frequencies { by = o.by, pos = o.pos, class = o.class }
    if not rows then return false end
    for row in rows do
      if not ctx.state.stop[row.word] then ctx:add(row.word, row) end
    end
    return true
  end,

  merge = function(_, a, b)
    return { n = a.n + b.n, docs = a.docs + b.docs, pos = a.pos < b.pos and a.pos or b.pos }
  end,

  finish = function(ctx)
    local rows, sum = {}, 0
    for word, t in ctx:totals() do
      rows[#rows + 1] = { word = word, pos = t.pos, n = t.n, docs = t.docs }
      sum = sum + t.n
    end
    table.sort(rows, function(a, b) return a.n > b.n or (a.n == b.n and a.word < b.word) end)
    for _, row in ipairs(rows) do
      row.per_million = row.n * 1e6 / sum
      ctx:emit("words", row)
    end
  end,

  report = function(ctx, r)
    local rows, bars = ctx:rows("words"), {}
    for i, row in ipairs(rows) do bars[i] = { row.word, row.n } end
    r:figures({ { #rows, "different words" } }, { note = #rows .. " different words." })
    r:bars(bars, { title = "The most frequent", limit = 20, rows = { table = "words", column = "word" } })
    r:table("words", { title = "Words", limit = ctx.options.top, find = "word" })
  end,
}

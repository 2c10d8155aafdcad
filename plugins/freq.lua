---@type ds.Plugin
-- How often each word occurs, and in how many articles; over all of them, or by article, source or period.

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
    { "per", type = "choice", choices = { "all", "article", "source", "day", "week", "month", "year" }, default = "all",
      help = "counted over all articles, or over groups of them" },
    { "stopwords", type = "file", help = "words to leave out, one a line, in either script" },
    { "top", type = "integer", default = 40, help = "rows of the report; data formats have all" },
  },
  tables = {
    words = {
      { "word", "string", "the word" },
      { "pos", "string", "its part of speech" },
      { "n", "integer", "how often it occurs" },
      { "per_million", "number", "the same per million words counted in the group" },
      { "docs", "integer", "articles in which it occurs" },
      { "group", "string", "article, source or period; empty with --per all" },
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
    ctx.state.stop, ctx.state.group = stop, ds.grouping(ctx.options.per)
  end,

  map = function(doc, ctx)
    local o, weight, group, reason = ctx.options, ctx:weight(), ctx.state.group(doc)
    if not group then return ctx:skip(reason) end
    for _, row in ipairs(doc:freq { by = o.by, pos = o.pos, class = o.class }) do
      local word = row[o.by]
      if not ctx.state.stop[word] then ctx:add(group .. "\t" .. word, { n = row.n * weight, docs = weight, pos = row.pos }) end
    end
  end,

  index = function(articles, ctx)
    local o = ctx.options
    local rows = articles:frequencies { by = o.by, pos = o.pos, class = o.class, group = o.per ~= "all" and ctx.state.group or nil }
    if not rows then return false end
    for row in rows do
      if not ctx.state.stop[row.word] then ctx:add((row.group or "") .. "\t" .. row.word, row) end
    end
    return true
  end,

  merge = function(_, a, b)
    return { n = a.n + b.n, docs = a.docs + b.docs, pos = a.pos < b.pos and a.pos or b.pos }
  end,

  finish = function(ctx)
    local rows, sum = {}, {}
    for key, t in ctx:totals() do
      local group, word = key:match("^(.-)\t(.*)$")
      rows[#rows + 1] = { word = word, pos = t.pos, n = t.n, docs = t.docs, group = group }
      sum[group] = (sum[group] or 0) + t.n
    end
    table.sort(rows, function(a, b)
      if a.group ~= b.group then return a.group < b.group end
      return a.n > b.n or (a.n == b.n and a.word < b.word)
    end)
    for _, row in ipairs(rows) do
      row.per_million = row.n * 1e6 / sum[row.group]
      row.group = row.group ~= "" and row.group or nil
      ctx:emit("words", row)
    end
  end,

  report = function(ctx, r)
    local rows, bars, order, different = ctx:rows("words"), {}, {}, {}
    for _, row in ipairs(rows) do
      local group = row.group or "The most frequent"
      if not bars[group] then bars[group], order[#order + 1] = {}, group end
      table.insert(bars[group], { row.word, row.n })
      different[row.word] = true
    end
    local n = 0
    for _ in pairs(different) do n = n + 1 end
    r:figures({ { n, "different words" } }, { note = n .. " different words." })
    for _, group in ipairs(order) do
      r:bars(bars[group], { title = group, limit = ctx.options.per == "all" and 20 or 8, rows = { table = "words", column = "word" } })
    end
    local columns = { "word", "pos", "n", "per_million", "docs", ctx.options.per ~= "all" and "group" or nil }
    r:table("words", { title = "Words", limit = ctx.options.top, find = "word", columns = columns })
  end,
}

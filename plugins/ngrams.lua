---@type ds.Plugin
-- Sequences of words or characters, counted over the corpus or by article, source or period.

local BREAK = { punct = true, bad = true }

-- What is between two breaks, as lists of units, folded: words, or Han characters with words of an alphabet and numbers as
-- one unit each.
local function runs_of(doc, unit)
  local runs, run = {}, {}
  for t in doc:tokens() do
    if BREAK[t.class] then
      runs[#runs + 1], run = run, {}
    elseif t.class ~= "space" then
      if unit == "words" or t.class ~= "han" then run[#run + 1] = t.key
      else
        for _, cp in utf8.codes(t.key, true) do run[#run + 1] = utf8.char(cp) end
      end
    elseif t.word:find("\n", 1, true) then
      runs[#runs + 1], run = run, {}
    end
  end
  runs[#runs + 1] = run
  return runs
end

return {
  about = "Counts sequences of words or characters",
  example = "dsrun ngrams --size 3 --unit words --per source --where 'date >= 2025-02' articles/",
  weighs = true,
  options = {
    { "size", type = "integer", default = 2, help = "words or characters of a sequence" },
    { "unit", type = "choice", choices = { "words", "chars" }, default = "words", help = "what a sequence is made of; chars: a Latin word or a number counts as one" },
    { "per", type = "choice", choices = { "all", "article", "source", "day", "week", "month", "year" }, default = "all",
      help = "counted over all articles, or over groups of them" },
    { "min", type = "integer", default = 3, help = "occurrences in a group, at least" },
    { "top", type = "integer", default = 30, help = "rows of the report; data formats have all" },
  },
  tables = {
    ngrams = {
      { "group", "string", "article, source or period; empty with --per all" },
      { "ngram", "string", "the sequence, folded; a blank between words, none between characters" },
      { "n", "integer", "occurrences" },
      { "per_million", "number", "per million sequences of this size in the group" },
      { "docs", "integer", "articles of the group with it" },
    },
    totals = {
      { "group", "string", "as above" },
      { "articles", "integer", "articles" },
      { "total", "integer", "sequences" },
      { "different", "integer", "different ones" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.size < 1 or o.size > 20 then ctx:usage("--size is 1 to 20") end
    if o.min < 1 or o.top < 0 then ctx:usage("--min is at least 1, --top not below 0") end
    ctx.state.group = ds.grouping(o.per)
  end,

  map = function(doc, ctx)
    local o, count, total, weight = ctx.options, {}, 0, ctx:weight()
    local group, reason = ctx.state.group(doc)
    local glue = o.unit == "words" and " " or ""
    if not group then return ctx:skip(reason) end
    for _, run in ipairs(runs_of(doc, o.unit)) do
      for i = 1, #run - o.size + 1 do
        local ngram = table.concat(run, glue, i, i + o.size - 1)
        count[ngram], total = (count[ngram] or 0) + 1, total + 1
      end
    end
    for ngram, n in pairs(count) do ctx:add(group .. "\t" .. ngram, { n = n * weight, docs = weight }) end
    ctx:add(group .. "\t", { n = total * weight, docs = weight }) -- no sequence is empty
  end,

  index = function(articles, ctx)
    local o, group = ctx.options, ctx.options.per ~= "all" and ctx.state.group or nil
    local rows, totals = articles:ngrams { size = o.size, unit = o.unit, min = o.min, group = group }
    if not rows then return false end
    for row in rows do ctx:add((row.group or "") .. "\t" .. row.ngram, { n = row.n, docs = row.docs }) end
    for _, t in ipairs(totals) do
      if t.articles > 0 then
        ctx:add((t.group or "") .. "\t", { n = t.total, docs = t.articles, different = t.different })
      end
    end
    return true
  end,

  merge = function(_, a, b)
    a.n, a.docs = a.n + b.n, a.docs + b.docs
    return a
  end,

  finish = function(ctx)
    local groups, by_name = {}, {}
    for key, t in ctx:totals() do
      local name, ngram = key:match("^(.-)\t(.*)$")
      local g = by_name[name]
      if not g then
        g = { name = name, rows = {}, different = 0 }
        by_name[name], groups[#groups + 1] = g, g
      end
      if ngram == "" then g.total, g.articles, g.in_all = t.n, t.docs, t.different
      else
        g.different = g.different + 1
        if t.n >= ctx.options.min then g.rows[#g.rows + 1] = { ngram = ngram, n = t.n, docs = t.docs } end
      end
    end
    for _, g in ipairs(groups) do
      local name = g.name ~= "" and g.name or nil
      table.sort(g.rows, function(a, b) return a.n > b.n or (a.n == b.n and a.ngram < b.ngram) end)
      for _, row in ipairs(g.rows) do
        row.group, row.per_million = name, row.n * 1e6 / g.total
        ctx:emit("ngrams", row)
      end
      ctx:emit("totals", { group = name, articles = g.articles, total = g.total, different = g.in_all or g.different })
    end
  end,

  report = function(ctx, r)
    local o, by_group, order = ctx.options, {}, {}
    for _, row in ipairs(ctx:rows("ngrams")) do
      local name = row.group or ""
      if not by_group[name] then by_group[name], order[#order + 1] = {}, name end
      table.insert(by_group[name], row)
    end
    r:heading(("Sequences of %d %s"):format(o.size, o.unit))
    r:table("totals", { title = "Groups", limit = o.top })
    for _, name in ipairs(order) do
      local bars = {}
      for i, row in ipairs(by_group[name]) do bars[i] = { row.ngram, row.n } end
      r:bars(bars, { title = name ~= "" and name or "The most frequent", limit = name == "" and 20 or 8,
                     rows = { table = "ngrams", column = "ngram", where = name ~= "" and { group = name } or nil } })
    end
    r:table("ngrams", { title = "Sequences", limit = o.top, find = "ngram" })
  end,
}

---@type ds.Plugin
-- Which words tell two groups of articles apart: those for which --where holds, against those of --ref.

local SHOWN = { "word", "n", "n_ref", "per_million", "per_million_ref", "ll", "p_bh", "log_ratio", "log_ratio_low",
  "log_ratio_high" }

-- "a", the focus group; "b", the reference; nil, neither.  Without --where the focus is what is not in the reference,
-- without --ref the reference is what is not in the focus.
local function group_of(ctx, doc, chosen)
  local ref = ctx.options.ref
  if chosen == nil and not ref then ctx:usage("two groups are needed: give --where EXPR, --ref EXPR, or both") end
  if chosen == nil then return ref(doc) and "b" or "a" end
  if chosen then return "a" end
  if not ref or ref(doc) then return "b" end
  return nil, "in neither group"
end

-- What a word, or all of an article, adds to its group.
local function cell(group, n, docs)
  local a = group == "a"
  return { a = a and n or 0, b = a and 0 or n, docs_a = a and docs or 0, docs_b = a and 0 or docs }
end

-- The strongest of the focus group first, then the strongest of the reference; equals by bytes.
local function ranked_by(sort)
  local function strength(row)
    local value = row[sort] or math.huge -- what the reference lacks altogether
    return row.key == "-" and sort ~= "ll" and -value or value
  end
  return function(a, b)
    if a.key ~= b.key then return a.key < b.key end -- "+" < "-"
    local x, y = strength(a), strength(b)
    return x > y or (x == y and a.word < b.word)
  end
end

-- The strongest words of either group by their frequencies; none at all counts as half an occurrence, as in log_ratio.
local function scatter(ctx, r)
  local points, size, sides, rows = {}, {}, { ["+"] = 0, ["-"] = 0 }, ctx:rows("keywords")
  for _, t in ipairs(ctx:rows("totals")) do size[t.group] = t.words end
  for _, row in ipairs(rows) do
    if sides[row.key] < 150 then
      sides[row.key] = sides[row.key] + 1
      points[#points + 1] = { row.word, math.max(row.n_ref, 0.5) * 1e6 / size.reference, math.max(row.n, 0.5) * 1e6 / size.focus,
                              group = row.key == "+" and "focus group" or "reference", ll = row.ll }
    end
  end
  table.sort(points, function(a, b) return a.ll > b.ll or (a.ll == b.ll and a[1] < b[1]) end)
  r:scatter(points, { title = "Words of the two groups", x = "per million words, reference", y = "per million words, focus group",
                      log = true, diagonal = true, rows = { table = "keywords", column = "word" } })
  if #points < #rows then r:note(#points, " of ", #rows, " words are drawn, the strongest of each group.") end
end

return {
  about = "Finds the key words of one group of articles against another",
  example = "dsrun keyness --where 'script = Hant' --ref 'script = Hans' articles/",
  needs = { "all" },
  weighs = true,
  options = {
    { "ref", type = "where", help = "the reference: articles for which EXPR holds and --where does not; else all others" },
    { "min", type = "integer", default = 5, help = "how often a word occurs in both groups together, at least" },
    { "sort", type = "choice", choices = { "ll", "log_ratio", "diff", "odds_ratio", "simple_maths" }, default = "ll",
      help = "the measure that ranks" },
    { "constant", type = "number", default = 100, help = "of simple maths: 1 favours rare words, 1000 common ones" },
    { "top", type = "integer", default = 25, help = "rows of each table of the report; data formats have all" },
  },
  tables = {
    keywords = {
      { "word", "string", "the word, folded" },
      { "key", "string", "+ when it is more frequent in the focus group, - in the reference" },
      { "n", "integer", "occurrences in the focus group" },
      { "n_ref", "integer", "in the reference" },
      { "per_million", "number", "per million words of the focus group" },
      { "per_million_ref", "number", "of the reference" },
      { "docs", "integer", "articles of the focus group with it" },
      { "docs_ref", "integer", "of the reference" },
      { "ll", "number", "log-likelihood (Rayson and Garside 2000)" },
      { "p", "number", "probability of such a ll by chance" },
      { "p_bonferroni", "number", "p, adjusted for as many tests as there are rows (Bonferroni)" },
      { "p_bh", "number", "p, adjusted to the false discovery rate (Benjamini and Hochberg 1995)" },
      { "bic", "number", "above 2 positive evidence, above 6 strong, above 10 very strong (Wilson 2013)" },
      { "log_ratio", "number", "log2 of the two relative frequencies, 0 taken as half an occurrence (Hardie 2014)" },
      { "log_ratio_low", "number", "its interval of 95 %, lower end" },
      { "log_ratio_high", "number", "upper end" },
      { "diff", "number", "%DIFF (Gabrielatos and Marchi 2011); empty when the reference lacks the word" },
      { "odds_ratio", "number", "(Pojanapunya and Watson Todd 2018); empty when the reference lacks the word" },
      { "simple_maths", "number", "(per_million + constant) / (per_million_ref + constant) (Kilgarriff 2009)" },
    },
    totals = {
      { "group", "string", "focus or reference" },
      { "docs", "integer", "articles" },
      { "words", "integer", "words" },
    },
  },

  setup = function(ctx)
    local o = ctx.options
    if o.min < 1 or o.top < 0 then ctx:usage("--min is at least 1, --top not below 0") end
    if o.constant <= 0 then ctx:usage("--constant is above 0") end
  end,

  map = function(doc, ctx)
    local group, reason = group_of(ctx, doc, ctx:chosen())
    local weight = ctx:weight()
    if not group then return ctx:skip(reason) end
    ctx:add("", cell(group, 0, weight)) -- counts articles; no word is empty
    for _, row in ipairs(doc:freq()) do ctx:add(row.key, cell(group, row.n * weight, weight)) end
  end,

  index = function(articles, ctx)
    local rows, totals = articles:frequencies { group = function(a, chosen) return group_of(ctx, a, chosen) end }
    if not rows then return false end
    for _, t in ipairs(totals) do ctx:add("", cell(t.group, 0, t.docs)) end
    for row in rows do ctx:add(row.word, cell(row.group, row.n, row.docs)) end
    return true
  end,

  merge = function(_, x, y)
    x.a, x.b, x.docs_a, x.docs_b = x.a + y.a, x.b + y.b, x.docs_a + y.docs_a, x.docs_b + y.docs_b
    return x
  end,

  finish = function(ctx)
    local words, docs, c, d, rows, p = {}, { docs_a = 0, docs_b = 0 }, 0, 0, {}, {}
    for word, w in ctx:totals() do
      if word == "" then docs = w else words[word], c, d = w, c + w.a, d + w.b end
    end
    ctx:emit("totals", { group = "focus", docs = docs.docs_a, words = c })
    ctx:emit("totals", { group = "reference", docs = docs.docs_b, words = d })
    if c == 0 then return print "keyness: no words in the focus group" end
    if d == 0 then return print "keyness: no words in the reference" end
    for word, w in pairs(words) do
      if w.a + w.b >= ctx.options.min then
        local row = ds.stats.keyness { a = w.a, c = c, b = w.b, d = d, k = ctx.options.constant }
        row.word, row.n, row.n_ref, row.docs, row.docs_ref = word, w.a, w.b, w.docs_a, w.docs_b
        row.per_million, row.per_million_ref = w.a * 1e6 / c, w.b * 1e6 / d
        row.key = w.a * d >= w.b * c and "+" or "-"
        rows[#rows + 1], p[#p + 1] = row, row.p
      end
    end
    for i, adjusted in ipairs(ds.stats.adjust(p, "bonferroni")) do rows[i].p_bonferroni = adjusted end
    for i, adjusted in ipairs(ds.stats.adjust(p, "bh")) do rows[i].p_bh = adjusted end
    table.sort(rows, ranked_by(ctx.options.sort))
    for _, row in ipairs(rows) do ctx:emit("keywords", row) end
  end,

  report = function(ctx, r)
    local sides, bars, sort = { ["+"] = {}, ["-"] = {} }, {}, ctx.options.sort
    for _, row in ipairs(ctx:rows("keywords")) do
      local shown = {}
      for _, column in ipairs(SHOWN) do shown[column] = row[column] end
      shown.p_bh = ctx.format == "html" and row.p_bh or ("%.2g"):format(row.p_bh) -- two decimals would be 0.00
      table.insert(sides[row.key], shown)
    end
    for i, row in ipairs(sides["+"]) do bars[i] = { row.word, math.max(0, row[sort] or 0) } end
    r:heading("Key words")
    if ctx.format == "html" then scatter(ctx, r) end
    r:table("totals", { title = "Groups" })
    r:bars(bars, { title = "Focus group, by " .. sort, limit = 15, rows = { table = "keywords", column = "word" } })
    for _, side in ipairs { { "+", "More frequent in the focus group" }, { "-", "More frequent in the reference" } } do
      r:table(sides[side[1]], { title = side[2], limit = ctx.options.top, columns = SHOWN, heat = { "ll" }, find = "word" })
    end
  end,
}

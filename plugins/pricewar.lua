---@type ds.Plugin
-- How often each article uses the words of a price war.  Traditional and Simplified count together, overlapping terms
-- each for themselves (低价内卷 is one 低价 and one 内卷).

-- Where a term, or any (""), stands in an article; its rows come one after another.
local function places(doc, state, wanted)
  if state.found_in ~= doc then
    state.found_in, state.found = doc, { [""] = {} }
    for from, to, term in state.matcher:spans(doc) do
      local place = { from = from, to = to }
      state.found[term] = state.found[term] or {}
      table.insert(state.found[term], place)
      table.insert(state.found[""], place)
    end
  end
  return state.found[wanted] or {}
end

local function per_10k(n, chars)
  return chars > 0 and n * 10000 / chars or 0.0
end

return {
  about = "Counts price-war terms in every article",
  example = "dsrun pricewar -f csv articles/ > pricewar.csv",
  weighs = true,
  options = {
    { "terms", type = "file", default = "lexicons/pricewar.tsv",
      help = "term list: headword, core (0 or 1), forms separated by /" },
  },
  tables = {
    articles = {
      { "doc", "string", "article id" },
      { "term", "string", "headword, Simplified" },
      { "n", "integer", "occurrences of its forms in the body, as `grep -o` would count them" },
      { "n_words", "integer", "those of them that begin and end where words do" },
      { "chars", "integer", "characters of the body" },
      { "per_10k", "number", "n per 10,000 characters" },
    },
    totals = {
      { "term", "string", "headword" },
      { "core", "boolean", "strict price-war vocabulary, not context" },
      { "n", "integer", "occurrences in all articles" },
      { "docs", "integer", "articles that use it" },
      { "per_10k", "number", "n per 10,000 characters of all articles" },
    },
  },

  setup = function(ctx)
    local terms, bad = ds.lexicon.terms(ctx.options.terms)
    if not terms then error(bad, 0) end
    for _, line in ipairs(bad) do ctx:reject(line.message) end
    if #terms == 0 then ctx:reject(ctx.options.terms .. ": no terms") end
    local forms = {}
    for _, t in ipairs(terms) do
      for _, form in ipairs(t.forms) do forms[form] = t.term end
    end
    ctx.state.terms, ctx.state.matcher = terms, ds.matcher(forms)
  end,

  map = function(doc, ctx)
    local chars = ds.utf8.len(doc.text)
    ctx:add("chars", chars * ctx:weight())
    ctx:add("articles", ctx:weight())
    local n, n_words = ctx.state.matcher:tally(doc)
    for _, t in ipairs(ctx.state.terms) do
      local hits = n[t.term]
      if hits then
        ctx:emit("articles", { doc = doc.id, term = t.term, n = hits, n_words = n_words[t.term], chars = chars,
                               per_10k = per_10k(hits, chars) })
        ctx:add("n " .. t.term, hits * ctx:weight())
        ctx:add("docs " .. t.term, ctx:weight())
      end
    end
  end,

  finish = function(ctx)
    local sum = {}
    for key, value in ctx:totals() do sum[key] = value end
    for _, t in ipairs(ctx.state.terms) do
      local n = sum["n " .. t.term] or 0
      ctx:emit("totals", { term = t.term, core = t.core, n = n, docs = sum["docs " .. t.term] or 0,
                           per_10k = per_10k(n, sum.chars or 0) })
    end
  end,

  report = function(ctx, r)
    local articles, core, all, sum = {}, 0, 0, {}
    for key, value in ctx:totals() do sum[key] = value end
    local totals, bars = ctx:rows("totals"), {}
    for _, t in ipairs(totals) do
      all, core = all + t.n, core + (t.core and t.n or 0)
      if t.n > 0 then bars[#bars + 1] = { t.term, t.n } end
    end
    local by_doc = {}
    for _, row in ipairs(ctx:rows("articles")) do
      local a = by_doc[row.doc]
      if not a then
        a = { doc = row.doc, n = 0, terms = 0, per_10k = 0.0, most = row.term, most_n = 0 }
        by_doc[row.doc], articles[#articles + 1] = a, a
      end
      a.n, a.terms, a.per_10k = a.n + row.n, a.terms + 1, a.per_10k + row.per_10k
      if row.n > a.most_n then a.most, a.most_n = row.term, row.n end
    end
    r:heading("Price-war terms")
    r:figures({ { all, "hits" }, { core, "core vocabulary" }, { #articles, "articles with a hit" },
                { sum.articles or 0, "articles read" }, { sum.chars or 0, "characters" } },
              { note = all .. " hits, " .. core .. " of them core vocabulary, in " .. #articles .. " of " .. (sum.articles or 0) ..
                " articles with " .. (sum.chars or 0) .. " characters." })
    r:bars(bars, { title = "Hits of each term", sort = true, heat = true, rows = { table = "Each term in each article", column = "term" } })
    r:table("totals", { title = "Totals", sort = { "-n", "term" }, limit = 30 })
    r:table(articles, { title = "Articles, densest first (per 10,000 characters)", sort = { "-per_10k", "doc" },
                        columns = { "doc", "n", "terms", "per_10k", "most" }, limit = 30, heat = { "per_10k" },
                        places = function(doc) return places(doc, ctx.state, "") end })
    if ctx.format == "html" then
      r:table("articles", { title = "Each term in each article", heat = { "n" },
                            places = function(doc, row) return places(doc, ctx.state, row.term) end })
    end
  end,
}
